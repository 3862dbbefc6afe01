"""How many replications are enough: for a difference, for a stopping rule, for a warm-up.

All of it is about paired differences, whose spread is what common random numbers make
small. Stopping as soon as an interval looks short enough makes it a little too short on
average; the guard is the look-ahead of Hoad, Robinson and Davies (2010, Journal of the
Operational Research Society 61:1632-1644): the interval must stay short for some
replications more, which are run and used. Most open to dispute: normal theory for means of
skewed differences.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, t

from kinerja_sim.study.statistics import LEVEL, Floats

if TYPE_CHECKING:
    import pandas as pd

LOOK_AHEAD = 5
"""Replications for which an interval must stay short, up to 100; 5 % of them beyond."""
LEAST = 10
"""Fewest independent units before a rule may stop."""
FAR = 100_000_000
"""More replications than anybody runs: an answer above it is 'never'."""
_TAIL = 0.5 + LEVEL / 2


def look_ahead(n: int) -> int:
    """Return for how many more replications an interval must stay short after `n`.

    Examples
    --------
    >>> look_ahead(40), look_ahead(400)
    (5, 20)
    """
    return LOOK_AHEAD if n <= 100 else LOOK_AHEAD * n // 100


def running_half_width(x: Floats) -> Floats:
    """Return the half-width of the 95 % t-interval of the mean after 1, 2, ... values.

    Parameters
    ----------
    x : array, shape (..., n)
        Independent values; NaN is left out.

    Returns
    -------
    array, shape (..., n)
        Infinite while fewer than two values are defined.

    Examples
    --------
    >>> running_half_width(np.array([1.0, 2.0, 3.0])).round(2).tolist()
    [inf, 6.35, 2.48]
    """
    defined = np.asarray(~np.isnan(x))
    n = np.cumsum(defined, axis=-1)
    centre = np.nan_to_num(np.take_along_axis(x, np.argmax(defined, axis=-1, keepdims=True), axis=-1))
    shifted = np.where(defined, x - centre, 0.0)  # a spread far below the level would drown in its square
    total, squares = np.cumsum(shifted, axis=-1), np.cumsum(shifted**2, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.maximum(0.0, squares - total**2 / n) / (n - 1)
        half = t.ppf(_TAIL, np.maximum(n - 1, 1)) * np.sqrt(variance / n)
    return np.where(n < 2, np.inf, half)


def stop_after(x: Floats, half_width: float, first: int = LEAST) -> int | None:
    """Return after how many values every series is known to `half_width`, look-ahead included; None when not yet.

    Parameters
    ----------
    x : array, shape (series, n)
        Independent values in the order of their numbers, whatever order they were run in.
    half_width : float, > 0
    first : int
        Fewest values before stopping.
    """
    defined: NDArray[np.bool_] = ~np.isnan(x)
    observed = x[defined.any(axis=-1)]
    if not len(observed):
        return None
    is_short: NDArray[np.bool_] = running_half_width(observed) <= half_width
    wide = np.flatnonzero(~is_short.all(axis=0))  # numbers at which some interval is still too wide
    for n in range(max(first, LEAST), x.shape[-1] + 1):
        last = n + look_ahead(n)
        if last <= x.shape[-1] and not ((wide >= n - 1) & (wide < last)).any():
            return last
    return None


def replications_needed(sd: float, half_width: float) -> int:
    """Return the fewest independent values whose 95 % t-interval has at most `half_width`.

    Parameters
    ----------
    sd : float, >= 0
        Standard deviation of one value, in the unit of `half_width`.
    half_width : float, > 0

    Examples
    --------
    >>> replications_needed(1.0, 0.5), replications_needed(0.0, 0.5)
    (18, 2)
    """
    if not math.isfinite(sd) or sd / half_width > math.sqrt(FAR) / 2:
        return FAR

    def is_short(n: int) -> bool:
        return float(t.ppf(_TAIL, n - 1)) * sd / math.sqrt(n) <= half_width

    low, high = 1, 2
    while not is_short(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_short(middle) else (middle, high)
    return high


@dataclass(frozen=True)
class Need:
    """Replications needed for one difference: the estimate, the safe upper end, and how many without pairing."""

    sd: float
    needed: int
    safe: int
    unpaired: int


def plan_difference(scenario: Floats, reference: Floats, half_width: float) -> Need:
    """Return how many replications a paired difference needs, from a pilot.

    Parameters
    ----------
    scenario, reference : arrays, shape (n,)
        Pilot values of independent units, paired; n >= 3.
    half_width : float, > 0

    Returns
    -------
    Need
        `needed` from the pilot's standard deviation; `safe` from its upper 90 % confidence
        bound (chi-square), because a pilot that happens to be calm promises too much.
    """
    is_pair = ~(np.isnan(scenario) | np.isnan(reference))
    x, y = scenario[is_pair], reference[is_pair]
    if len(x) < 3:
        return Need(math.nan, FAR, FAR, FAR)
    sd = float(np.std(x - y, ddof=1))
    apart = math.sqrt(float(np.var(x, ddof=1) + np.var(y, ddof=1)))
    upper = sd * math.sqrt((len(x) - 1) / float(chi2.ppf(0.1, len(x) - 1)))
    needed, safe, unpaired = (replications_needed(s, half_width) for s in (sd, upper, apart))
    return Need(sd, needed, safe, unpaired)


def monthly(rows: pd.DataFrame, metric: str) -> Floats:
    """Return one unit's metric under one policy month by month, [replication, month], from a results table."""
    table = rows.pivot(index="replication", columns="period", values=metric)  # noqa: PD010  # a repeated key must raise
    return table.to_numpy(float)


def mser5(series: Sequence[float] | Floats) -> int | None:
    """Return how many observations of a series to drop as warm-up, by MSER-5; None when the run is too short.

    Parameters
    ----------
    series : array, shape (n,)
        Mean of replications in each period, from the start; n >= 20.

    Returns
    -------
    int or None
        A multiple of 5, at most half of the series; None when the best cut is that half, so that
        nothing says that a warm-up has ended: the run is too short.

    Source
    ------
    White, Cobb and Spratt 2000, Proceedings of the Winter Simulation Conference, 755-760:
    batches of five, the cut that minimises the squared standard error of what is left.

    Examples
    --------
    >>> mser5([9.0, 8, 7, 6, 5, *[1.0, 2.0] * 20])
    5
    """
    x = np.asarray(series, np.float64)
    n = len(x) // 5
    if n < 4 or np.isnan(x).any():
        return None
    batch = x[: 5 * n].reshape(n, 5).mean(axis=1)
    kept = np.arange(n, n - n // 2 - 1, -1)  # batches left after each cut; the last few always look calm
    errors = np.array([np.square(batch[-k:] - batch[-k:].mean()).sum() / k**2 for k in kept])
    cut = int(np.argmin(errors))
    return None if cut == n // 2 else 5 * cut


def welch_means(series: Floats, window: int) -> Floats:
    """Return Welch's moving average of the mean over replications, whose flat part is the steady state.

    Parameters
    ----------
    series : array, shape (replications, periods)
    window : int, >= 1
        Half of the moving window; near the start the window shrinks to what there is on both sides.

    Returns
    -------
    array, shape (periods - window,)

    Source
    ------
    Welch 1983, in Lavenberg (ed.), The Computer Performance Modeling Handbook, chapter 6.

    Examples
    --------
    >>> welch_means(np.array([[4.0, 2.0, 3.0, 1.0]]), 1).tolist()
    [4.0, 3.0, 2.0]
    """
    mean = np.asarray(series, np.float64).mean(axis=0)
    half = [min(i, window) for i in range(len(mean) - window)]
    return np.array([mean[i - h : i + h + 1].mean() for i, h in enumerate(half)])
