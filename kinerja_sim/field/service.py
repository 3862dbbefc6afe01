"""How long service takes: by type, by officer, and what is left when both are known.

Log minutes = type + officer + rest; officers are random effects (REML, statsmodels `MixedLM`), because an officer seen
thirty times says less than one seen a thousand times. Most open to dispute: officers are taken as drawn from one
normal; cases as assigned regardless of who is fast. Nothing here leaves the room about a single officer.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t

from kinerja_sim.field.arrivals import q_profile
from kinerja_sim.field.privacy import K
from kinerja_sim.field.queuelog import Log
from kinerja_sim.field.scores import LEVEL, Interval

Floats = NDArray[np.float64]
FEWEST_CASES, FEWEST_OFFICERS, FEWEST_TOLD = 10, 5, 30
"""An officer enters the spread from so many cases on; below so many officers no spread is stated, below so many
cases no mean of a kind."""
LONGEST_FIT = 200_000  # cases: above, every k-th is used for the random effects only


@dataclass(frozen=True)
class Service:
    """Service minutes of one pool.

    Attributes
    ----------
    types : DataFrame, one row a type
        `kind, n, share, mean, mean_low, mean_high, geometric_mean, cv, is_told`: whether its row may be shown.
    mean : Interval
        Minutes per case over all types; the interval clusters by officer.
    cv, cv_within : Interval
        SD / mean of minutes as logged, and after dividing by what type and officer explain.
    log_sd : Interval
        Between officers, in log minutes (REML; Q-profile interval); NaN below `FEWEST_OFFICERS`.
    log_sd_raw : float
        SD of officers' mean log minutes, unadjusted, of officers with a hundred cases or more.
    n, n_officers : int
    effects : dict of officer to (log effect, its standard error)
        Shrunk; in memory only, never written.
    """

    types: pd.DataFrame
    mean: Interval
    cv: Interval
    cv_within: Interval
    log_sd: Interval
    log_sd_raw: float
    n: int
    n_officers: int
    effects: dict[str, tuple[float, float]]

    def effect_intervals(self) -> list[tuple[str, Interval]]:
        """Return officers' shrunk log effects with 90 % t-intervals: to test the method with, not to print or write."""
        half = float(t.ppf(0.5 + LEVEL / 2, max(len(self.effects) - 1, 1)))
        return [(who, Interval(b, b - half * se, b + half * se)) for who, (b, se) in self.effects.items()]


def fit_service(log: Log) -> Service | None:
    """Fit service minutes; None when the log has none. Zero minutes count as unobserved."""
    use = log.served & (log.service > 0)
    if use.sum() < FEWEST_CASES:
        return None
    minutes, unit, officer = log.service[use], log.kind[use], log.officer[use]
    y = np.log(minutes)
    units, u = np.unique(unit, return_inverse=True)
    names, o = np.unique(officer, return_inverse=True)
    count = np.bincount(o)
    named = (names != "") & (count >= FEWEST_CASES)
    effect, error, log_sd, raw = np.zeros(len(names)), np.zeros(len(names)), _NONE, float("nan")
    if named.sum() >= 2:
        known = named[o]
        fitted = _random_effects(y[known], u[known], o[known], len(units))
        effect, error, log_sd = fitted[0][: len(names)], fitted[1][: len(names)], fitted[2]
        effect, error = _padded(effect, len(names)), _padded(error, len(names))
        often = named & (count >= 100)
        means = np.bincount(o, weights=y) / count
        raw = float(means[often].std(ddof=1)) if often.sum() >= 2 else float("nan")
        if named.sum() < FEWEST_OFFICERS:
            log_sd = _NONE
    rest = y - effect[o]
    intercept = np.bincount(u, weights=rest) / np.bincount(u)
    rest = rest - intercept[u]
    explained = np.exp(intercept[u] + effect[o])
    groups = o if named.sum() >= FEWEST_OFFICERS else np.arange(len(y)) % 50
    types = pd.DataFrame(
        [_type_row(str(name), minutes[u == i], groups[u == i], len(y)) for i, name in enumerate(units)]
    )
    types["is_told"] = _told_apart(u, o, names)
    effects = {str(names[i]): (float(effect[i]), float(error[i])) for i in np.flatnonzero(named)}
    return Service(
        types, _ratio(groups, minutes, _mean), _ratio(groups, minutes, _cv),
        _ratio(groups, minutes / explained, _cv), log_sd, raw, len(y), int(named.sum()), effects,
    )  # fmt: skip


def _told_apart(u: NDArray[np.int64], o: NDArray[np.int64], names: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Return the kinds whose mean may be shown, so that neither it nor what the others leave is one officer's.

    A kind has `FEWEST_TOLD` cases and `K` of others than its busiest officer; so have all kinds kept back together,
    or the smallest shown ones are kept back with them.
    """
    count = np.zeros((u.max() + 1, len(names)), np.int64)
    np.add.at(count, (u, o), 1)

    def is_many(cases: NDArray[np.int64]) -> bool:
        return bool(cases.sum() - np.where(names == "", 0, cases).max() >= K)

    told = np.array([kind.sum() >= FEWEST_TOLD and is_many(kind) for kind in count])
    for i in np.argsort(count.sum(axis=1), kind="stable"):
        if told.all() or is_many(count[~told].sum(axis=0)):
            break
        told[i] = False
    return told


_NONE = Interval(float("nan"), float("nan"), float("nan"))


def _padded(values: Floats, n: int) -> Floats:
    return np.concatenate([values, np.zeros(n - len(values))])


def _random_effects(
    y: Floats, u: NDArray[np.int64], o: NDArray[np.int64], n_units: int
) -> tuple[Floats, Floats, Interval]:
    """Return officers' shrunk log effects and standard errors (by officer number), and the log-SD between them."""
    from statsmodels.regression.mixed_linear_model import MixedLM  # ships no types

    step = -(-len(y) // LONGEST_FIT)
    design = np.ones((len(y), 1))
    used = np.unique(u)
    for i in used[1:]:
        design = np.column_stack([design, u == i])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a spread of nearly zero is an answer here, not a failure
        fit = MixedLM(y[::step], design[::step], groups=o[::step]).fit(reml=True)
    tau2, sigma2 = float(np.asarray(fit.cov_re).ravel()[0]), float(fit.scale)
    rest = y - design @ np.asarray(fit.fe_params)
    n = np.bincount(o)
    mean = np.divide(np.bincount(o, weights=rest), n, out=np.zeros(len(n)), where=n > 0)
    shrink = np.where(n > 0, n * tau2 / (n * tau2 + sigma2), 0.0)
    ends = q_profile(mean[n > 0], sigma2 / n[n > 0])
    # effects are measured from the population's level, which few officers tell badly: its error is everybody's
    level = 1.0 / (1.0 / (tau2 + sigma2 / n[n > 0])).sum()
    error = np.sqrt(tau2 * (1 - shrink) + shrink**2 * level)
    return shrink * mean, error, Interval(float(np.sqrt(tau2)), float(np.sqrt(ends.low)), float(np.sqrt(ends.high)))


def _type_row(name: str, minutes: Floats, groups: NDArray[np.int64], total: int) -> dict[str, float | str | int]:
    """Return one kind's row; the interval of its mean is over officers, as cases of one officer are alike."""
    mean = _ratio(groups, minutes, _mean)
    sd = float(minutes.std(ddof=1)) if len(minutes) > 1 else float("nan")
    return {
        "kind": name, "n": len(minutes), "share": len(minutes) / total, "mean": mean.value, "mean_low": mean.low,
        "mean_high": mean.high, "geometric_mean": float(np.exp(np.log(minutes).mean())), "cv": sd / mean.value,
    }  # fmt: skip


def _mean(n: Floats, s: Floats, _q: Floats) -> Floats:
    return np.asarray(s / n)


def _cv(n: Floats, s: Floats, q: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(q / n - (s / n) ** 2, 0.0) * n / np.maximum(n - 1, 1)) / (s / n))


def _ratio(groups: NDArray[np.int64], x: Floats, statistic: Callable[[Floats, Floats, Floats], Floats]) -> Interval:
    """Return a positive statistic of `x` with its jackknife-t interval over officers (or blocks), on the log scale."""
    n = np.bincount(groups).astype(float)
    sums = [np.bincount(groups, weights=w)[n > 0] for w in (np.ones_like(x), x, x * x)]
    value = float(statistic(*(np.array([total.sum()]) for total in sums))[0])
    k = len(sums[0])
    if k < 2 or value <= 0:
        return Interval(value, float("nan"), float("nan"))
    without = np.log(np.maximum(statistic(*(total.sum() - total for total in sums)), 1e-12))
    error = np.sqrt((k - 1) / k * ((without - without.mean()) ** 2).sum())
    half = float(t.ppf(0.5 + LEVEL / 2, k - 1)) * float(error)
    return Interval(value, value * float(np.exp(-half)), value * float(np.exp(half)))
