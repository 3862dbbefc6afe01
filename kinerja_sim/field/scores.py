"""How good a forecast was: absolute error, coverage and interval score, with days as the blocks of chance.

Half-hours of one day share their crowd and their staff, so means are bootstrapped by day, never by half-hour. Most
open to dispute: with few test days such an interval is itself rough; it is printed with the number of days.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import bootstrap

from kinerja_sim.model.rng import stream

LEVEL = 0.9
"""Nominal level of every interval of this room: forecasts and estimates alike."""
Floats = NDArray[np.float64]


class Interval(NamedTuple):
    """A value with the ends of its 90 % interval."""

    value: float
    low: float
    high: float


def interval_score(actual: Floats, low: Floats, high: Floats) -> Floats:
    """Return the interval score of 90 % intervals, elementwise and in the unit of `actual`; smaller is better.

    Parameters
    ----------
    actual, low, high : float arrays of one shape

    Source
    ------
    Gneiting and Raftery (2007), JASA 102: 359-378, equation 43.

    Examples
    --------
    >>> interval_score(np.array([1.0, 3.0]), np.zeros(2), np.full(2, 2.0)).round(6).tolist()
    [2.0, 22.0]
    """
    miss = np.maximum(low - actual, 0.0) + np.maximum(actual - high, 0.0)
    return (high - low) + 2.0 / (1.0 - LEVEL) * miss


def by_day(top: Floats, bottom: Floats, *, key: str, n_resamples: int = 1999) -> Interval:
    """Return sum(top) / sum(bottom) over days and its percentile interval, resampling whole days.

    Parameters
    ----------
    top, bottom : float arrays, shape (n_days,)
    key : str
        Names the stream of the resampling.

    Returns
    -------
    Interval
        Its ends are NaN with fewer than two days.
    """
    value = float(top.sum() / bottom.sum()) if bottom.sum() else float("nan")
    if len(top) < 2 or not np.isfinite(value):
        return Interval(value, float("nan"), float("nan"))

    def ratio(t: Floats, b: Floats, axis: int) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(t.sum(axis=axis) / b.sum(axis=axis))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # days that divide nothing by nothing have no interval: its ends are NaN
        found = bootstrap(
            (top, bottom), ratio, paired=True, vectorized=True, n_resamples=n_resamples, confidence_level=LEVEL,
            method="percentile", rng=stream(0, "scores", key),
        )  # fmt: skip
    return Interval(value, float(found.confidence_interval.low), float(found.confidence_interval.high))


def score_table(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return error, coverage, score and skill of every forecaster.

    Parameters
    ----------
    forecasts : DataFrame, one row a forecaster, grain, metric, day and half-hour
        Columns `forecaster, grain, metric, day, half_hour, point, low, high, actual`. Only cells that every forecaster
        has are compared, so that nobody gains by keeping silent.

    Returns
    -------
    DataFrame, one row a grain, metric and forecaster
        `n_cells, n_days`, and `mae, coverage, interval_score, skill_mae, skill_score` with `_low` and `_high`:
        90 % percentile intervals over days. Skill is 1 - score / score of the forecaster `naive`.
    """
    forecasts = forecasts.dropna(subset=["point", "low", "high", "actual"]).copy()
    actual, low, high = (forecasts[c].to_numpy(float) for c in ("actual", "low", "high"))
    forecasts["error"] = (forecasts["point"] - forecasts["actual"]).abs()
    forecasts["score"] = interval_score(actual, low, high)
    forecasts["inside"] = ((actual >= low) & (actual <= high)).astype(float)
    rows = []
    for (grain, metric), part in forecasts.groupby(["grain", "metric"], sort=False):
        names = list(dict.fromkeys(part["forecaster"]))
        common = part.groupby(["day", "half_hour"])["forecaster"].transform("nunique") == len(names)
        days = {name: part[common & (part["forecaster"] == name)].groupby("day") for name in names}
        sums = {name: g[["error", "score", "inside"]].sum().assign(n=g.size()) for name, g in days.items()}
        for name in names:
            own = sums[name]
            row = {"grain": grain, "metric": metric, "forecaster": name, "n_cells": int(own["n"].sum())}
            row |= {"n_days": len(own)}
            for label, column in (("mae", "error"), ("coverage", "inside"), ("interval_score", "score")):
                row |= _ends(label, by_day(own[column].to_numpy(float), own["n"].to_numpy(float), key=label))
            for label, column in (("skill_mae", "error"), ("skill_score", "score")):
                ratio = by_day(own[column].to_numpy(float), sums["naive"][column].to_numpy(float), key=label)
                row |= _ends(label, Interval(1 - ratio.value, 1 - ratio.high, 1 - ratio.low))
            rows.append(row)
    return pd.DataFrame(rows)


def _ends(label: str, found: Interval) -> dict[str, float]:
    return {label: found.value, f"{label}_low": found.low, f"{label}_high": found.high}


def conformal_margin(excess: Floats) -> float:
    """Return by how much one end of 90 % intervals must move out (below 0: in) to have left out 5 % of the past.

    Parameters
    ----------
    excess : float array, shape (n,)
        How far the past lay beyond that end, in comparable units; negative inside. Each end has its own margin,
        because a wait cannot fall below zero and says nothing about the upper end there.

    Returns
    -------
    float
        0 without any past; never below 0 where the past is too short to know what 5 % is.

    Source
    ------
    Romano, Patterson and Candes (2019), Conformalized quantile regression, NeurIPS 32, theorem 2.

    Examples
    --------
    >>> conformal_margin(np.arange(-15.0, 5.0)), conformal_margin(np.array([-2.0, -1.0]))
    (4.0, 0.0)
    """
    rank = int(np.ceil((0.5 + LEVEL / 2) * (len(excess) + 1)))
    if rank > len(excess):
        return max(float(excess.max(initial=0.0)), 0.0)
    return float(np.sort(excess)[rank - 1])
