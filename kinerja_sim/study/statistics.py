"""Intervals for many series at once: the last axis is the replication, the others are series.

Two intervals are kept apart on purpose. `mean_interval` is the precision of a mean and
shrinks as more is computed; `central_range` is where one realisation falls and does not
shrink. NaN means "not observed" and is left out, series by series. Most open to dispute:
`central_range` treats all replications alike, also when several share a draw.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, ndtri, stdtrit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEVEL = 0.95


class Interval(NamedTuple):
    """A value with its lower and upper bound, each of the shape of the series."""

    value: Floats
    low: Floats
    high: Floats


class Range(NamedTuple):
    """The bounds of a central range and their Monte Carlo standard errors."""

    low: Floats
    high: Floats
    low_se: Floats
    high_se: Floats


def units_of(draws: Ints) -> Ints:
    """Return the number (0, 1, ...) of the independent unit that each replication belongs to.

    Replications that share a parameter draw are not independent, so the draw is the unit.
    Where there is one draw only (parameters at their point values) nothing but chance
    varies, and the replication is the unit.

    Examples
    --------
    >>> units_of(np.array([7, 7, 9])).tolist(), units_of(np.array([0, 0, 0])).tolist()
    ([0, 0, 1], [0, 1, 2])
    """
    found, numbers = np.unique(draws, return_inverse=True)
    return numbers if len(found) > 1 else np.arange(len(draws))


def unit_means(x: Floats, units: Ints) -> Floats:
    """Return the mean of `x` per unit, shape (..., n_units); NaN where a unit has no defined value."""
    n_units = int(units.max()) + 1
    if n_units == x.shape[-1]:
        return x[..., np.argsort(units, kind="stable")]
    order = np.argsort(units, kind="stable")
    starts = np.searchsorted(units[order], np.arange(n_units))
    defined = ~np.isnan(x)
    count = np.add.reduceat(defined[..., order].astype(float), starts, axis=-1)
    total = np.add.reduceat(np.where(defined, x, 0.0)[..., order], starts, axis=-1)
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)


def mean_interval(x: Floats, units: Ints) -> Interval:
    """Return the mean over units and its 95 % t-interval.

    Parameters
    ----------
    x : array, shape (..., n_replications)
    units : int array, shape (n_replications,)
        From `units_of`; replications of one unit are averaged first.

    Returns
    -------
    Interval
        Bounds are NaN with fewer than two units; the mean is NaN with none.
    """
    means = unit_means(x, units)
    defined = ~np.isnan(means)
    n = defined.sum(axis=-1)
    mean = _divide(np.where(defined, means, 0.0).sum(axis=-1), n)
    squares = np.where(defined, means - mean[..., None], 0.0) ** 2
    standard_error = np.sqrt(_divide(squares.sum(axis=-1), (n - 1) * n))
    half = standard_error * stdtrit(np.maximum(n - 1, 1), 0.5 + LEVEL / 2)
    return Interval(mean, mean - half, mean + half)


def central_range(x: Floats) -> Range:
    """Return the central 95 % of each series and the Monte Carlo standard errors of both ends.

    Quantiles are median-unbiased (Hyndman and Fan 1996, type 8), which does not flatter a
    small number of replications. The standard error of a quantile is that of its bootstrap
    distribution in closed form: order statistics weighted by increments of a beta
    distribution function (Maritz and Jarrett 1978, with the weights of Harrell and Davis
    1982), so nothing is resampled and the same table always gives the same error.

    Parameters
    ----------
    x : array, shape (..., n_replications)

    Returns
    -------
    Range
        NaN where a series has fewer than two defined values.
    """
    ordered = np.sort(x, axis=-1)  # NaN sorts last
    n_defined = (~np.isnan(x)).sum(axis=-1)
    ends = (0.5 - LEVEL / 2, 0.5 + LEVEL / 2)
    out = np.full((4, *n_defined.shape), np.nan)
    for n in np.unique(n_defined[n_defined >= 2]).tolist():
        of_n = n_defined == n
        values = ordered[of_n][:, :n]
        out[:2, of_n] = np.quantile(values, ends, axis=-1, method="median_unbiased")
        for row, p in enumerate(ends, start=2):
            weights = np.diff(betainc((n + 1) * p, (n + 1) * (1 - p), np.arange(n + 1) / n))
            centre = (values @ weights)[:, None]
            out[row, of_n] = np.sqrt(((values - centre) ** 2) @ weights)
    return Range(*out)


def median(x: Floats) -> Floats:
    """Return the median of each series of `x`, shape (..., n_replications); NaN where nothing is defined."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a series of which nothing is defined
        return np.asarray(np.nanmedian(x, axis=-1))


def share_interval(share: Floats, n: NDArray[np.int64] | int) -> Interval:
    """Return a share with its 95 % Wilson bounds.

    Parameters
    ----------
    share : array in [0, 1]
        May come from half counts (ties count one half), hence not from a binomial routine.
    n : int array, >= 0
        Independent units behind each share; bounds are NaN where it is 0.

    Source
    ------
    Wilson 1927, JASA 22:209-212, the score interval without continuity correction.

    Examples
    --------
    >>> [round(float(b), 3) for b in share_interval(np.array(1.0), 20)]
    [1.0, 0.839, 1.0]
    """
    n = np.where(np.asarray(n) > 0, n, np.nan)
    z2 = ndtri(0.5 + LEVEL / 2) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return Interval(share, np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0))


def _divide(top: NDArray[np.float64], bottom: NDArray[np.int64] | NDArray[np.float64]) -> Floats:
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom > 0)
