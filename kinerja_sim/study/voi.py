"""What is it worth to know more before choosing? EVPI and EVPPI from runs that exist, chance kept apart from knowledge.

Perfect information is about parameters, never about chance: a choice made with the same
replications that it is judged by would seem to foresee both. So choices are made on one
part of the runs and judged on another, which errs downwards, and the figure that errs
upwards stands beside it. Arrays in, numbers out. Most open to dispute: parameters are
taken to act smoothly and, when several are known at once, without interaction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kinerja_sim.study.statistics import Floats, Ints, mean_interval

FOLDS = 10
LEAST_DRAWS = 40
SPLINE_DF, FEW_LEVELS = 7, 5


@dataclass(frozen=True)
class Worth:
    """What information is worth on average, in the unit of the benefit.

    `value` comes from choices judged on runs that they were not made with and errs downwards;
    `optimistic` from choices judged on their own runs and errs upwards. `low` is the lower end
    of the 95 % t-interval of the first, `high` lies as far above the second.
    """

    value: float
    low: float
    high: float
    optimistic: float
    n: int


def evpi(benefit: Floats, draws: Ints) -> Worth:
    """Return the expected value of perfect information about the parameters.

    Parameters
    ----------
    benefit : array, shape (n_options, n_pairs)
        Benefit of each option in each pair of draw and replication, more being better.
    draws : int array, shape (n_pairs,)
        Parameter draw of each pair.

    Returns
    -------
    Worth
        `value` is NaN with fewer than two replications a draw, where foresight of chance
        cannot be told from knowledge; `optimistic` then is an upper bound only.

    Source
    ------
    Raiffa and Schlaifer 1961, Applied Statistical Decision Theory (the definition).
    """
    found, at = np.unique(draws, return_inverse=True)
    order = np.array([int((at[:i] == at[i]).sum()) for i in range(len(at))])  # replication within its draw
    means = _means_by(benefit, at, len(found))
    best = int(means.mean(axis=1).argmax())
    optimistic = float((means.max(axis=0) - means[best]).mean())
    if np.bincount(at).min() < 2:
        return Worth(float("nan"), float("nan"), float("nan"), optimistic, len(found))
    a, b = (_means_by(benefit[:, order % 2 == half], at[order % 2 == half], len(found)) for half in (0, 1))
    gains = [judged[made.argmax(axis=0), np.arange(len(found))] - judged[best] for made, judged in ((a, b), (b, a))]
    return _worth(np.mean(gains, axis=0), optimistic)


def evppi(benefit: Floats, unknowns: Floats) -> Worth:
    """Return the expected value of learning some parameters exactly, by regression on runs that exist.

    Parameters
    ----------
    benefit : array, shape (n_options, n_draws)
        Mean benefit of each option in each draw.
    unknowns : array, shape (n_draws, n_parameters)
        The parameters that would be learnt; the others stay as uncertain as they are.

    Raises
    ------
    ValueError
        With fewer than `LEAST_DRAWS` draws.

    Source
    ------
    Strong, Oakley and Brennan 2014, Medical Decision Making 34:311-326 (regression of net
    benefit on the parameters of interest); here with cubic splines, additive over
    parameters, fitted on nine tenths of the draws and judged on the last tenth.
    """
    n = benefit.shape[1]
    if n < LEAST_DRAWS:
        raise ValueError(f"`benefit` must hold at least {LEAST_DRAWS} draws; got {n}")
    best = int(benefit.mean(axis=1).argmax())
    relative = (benefit - benefit[best]).T  # differences, so that what options share needs no fitting
    basis = _basis(unknowns)
    fold = np.arange(n) % FOLDS
    expected = np.empty_like(relative)
    for k in range(FOLDS):
        fitted = np.linalg.lstsq(basis[fold != k], relative[fold != k], rcond=None)[0]
        expected[fold == k] = basis[fold == k] @ fitted
    chosen = expected.argmax(axis=1)
    everything = basis @ np.linalg.lstsq(basis, relative, rcond=None)[0]
    return _worth(relative[np.arange(n), chosen], max(0.0, float(everything.max(axis=1).mean())))


def _basis(unknowns: Floats) -> Floats:
    """Return the intercept and the splines of every parameter, [draw, column]; a step for each of a few levels."""
    from statsmodels.gam.api import BSplines

    n_levels = np.array([len(np.unique(column)) for column in unknowns.T])
    parts = [np.ones((len(unknowns), 1))]
    for column in unknowns[:, (n_levels > 1) & (n_levels <= FEW_LEVELS)].T:
        parts.append((column[:, None] == np.unique(column)[1:]).astype(float))
    smooth = unknowns[:, n_levels > FEW_LEVELS]
    if smooth.shape[1]:
        k = smooth.shape[1]
        parts.append(np.asarray(BSplines(smooth, df=[SPLINE_DF] * k, degree=[3] * k).basis))
    return np.hstack(parts)


def _means_by(benefit: Floats, at: Ints, n: int) -> Floats:
    """Return the mean over the pairs of each draw, [option, draw]."""
    total = np.array([np.bincount(at, weights=row, minlength=n) for row in benefit])
    return np.asarray(total / np.bincount(at, minlength=n))


def _worth(gains: Floats, optimistic: float) -> Worth:
    """Return the mean of what each draw gains; information is never worth less than nothing."""
    mean = mean_interval(gains, np.arange(len(gains)))
    value = max(0.0, float(mean.value))
    above = max(optimistic, value)
    return Worth(value, max(0.0, float(mean.low)), above + float(mean.high - mean.value), above, len(gains))
