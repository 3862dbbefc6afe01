"""Forecasters that the simulation has to beat: last time, Erlang A, and regression.

Each gives a point by day and half-hour and learns its interval from its own errors on training days left out one by
one, so that no rival is judged with intervals that we chose for it. Most open to dispute: Erlang A takes each half-hour
as a steady state by itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

from kinerja_sim.field.arrivals import weekdays_of
from kinerja_sim.field.forecast import Pool
from kinerja_sim.field.queuelog import SLOTS, Log
from kinerja_sim.model.queueing import erlang_a

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Cells = dict[str, Floats]  # metric -> [D, 48]
METRICS = ("wait_minutes_mean", "abandoned_share", "arrivals")
A_DAY = 480.0  # minutes of patience that Erlang A is given where nobody leaves
SMALLEST_WAIT = 0.05  # minutes, added before logs are taken


@dataclass(frozen=True)
class Past:
    """What was seen by day and half-hour, [D, 48], of all days of a log."""

    days: NDArray[np.datetime64]
    count: Floats
    wait_sum: Floats
    left: Floats

    def metrics(self) -> Cells:
        """Return the metrics; NaN where nobody came."""
        return ratios(self.count, self.wait_sum, self.left)


def ratios(count: Floats, wait_sum: Floats, left: Floats) -> Cells:
    """Return mean wait, share who left and arrivals; NaN where nobody came."""
    nobody = np.where(count > 0, count, np.nan)
    return dict(zip(METRICS, (wait_sum / nobody, left / nobody, count), strict=True))


def look_back(log: Log) -> Past:
    """Return what the log saw; a case without a wait counts as an arrival but not in the mean wait's sum."""
    return Past(log.days, log.cells(), log.cells(log.wait), log.cells(log.abandoned))


def naive(pool: Pool, past: Past, use: NDArray[np.bool_], days: NDArray[np.datetime64]) -> Cells:
    """Forecast what the same weekday and half-hour brought on average; a weekday never seen takes its type's."""
    mean = {name: np.zeros((len(days), SLOTS)) for name in METRICS}
    past_weekday, weekday = weekdays_of(past.days), weekdays_of(days)
    kinds = pool.arrivals.day_type
    for d, w in enumerate(weekday.tolist()):
        same = use & (past_weekday == w)
        if not same.any():
            same = use & (kinds[past_weekday] == kinds[w])
        n = max(int(same.sum()), 1)
        found = ratios(past.count[same].sum(axis=0), past.wait_sum[same].sum(axis=0), past.left[same].sum(axis=0))
        for name in METRICS:
            mean[name][d] = np.nan_to_num(found[name]) / (n if name == "arrivals" else 1)
    return mean


def erlang(servers: Floats) -> Callable[[Pool, Past, NDArray[np.bool_], NDArray[np.datetime64]], Cells]:
    """Return a forecaster by Erlang A with servers [D, 48] of the past: heads seen, or those who really served."""

    def forecast(pool: Pool, past: Past, use: NDArray[np.bool_], days: NDArray[np.datetime64]) -> Cells:
        means = naive(pool, past, use, days)
        log, past_weekday = pool.log, weekdays_of(past.days)
        mine = use[log.day]
        service_rate = 1.0 / float(log.service[mine & (log.service > 0)].mean())
        left = int(log.abandoned[mine].sum())  # where nobody leaves, overload has no steady state: a day's patience
        patience_rate = left / float(np.nansum(log.wait[mine])) if left else 1.0 / A_DAY
        kinds = pool.arrivals.day_type
        known: dict[tuple[float, int], tuple[float, float]] = {}
        for d, w in enumerate(weekdays_of(days).tolist()):
            same = use & (past_weekday == w)
            if not same.any():
                same = use & (kinds[past_weekday] == kinds[w])
            mean = servers[same].mean(axis=0) if same.any() else np.zeros(SLOTS)
            for h in np.flatnonzero(means["arrivals"][d] > 0):
                key = (float(means["arrivals"][d, h]) / 30.0, max(1, round(float(mean[h]))))
                if key not in known:
                    found = erlang_a(key[0], service_rate, key[1], patience_rate)
                    known[key] = (found.wait_mean, found.reneged_share)
                means["wait_minutes_mean"][d, h], means["abandoned_share"][d, h] = known[key]
        return means

    return forecast


def regression(pool: Pool, past: Past, use: NDArray[np.bool_], days: NDArray[np.datetime64]) -> Cells:
    """Forecast by statsmodels: smooth in the time of day, levels by type of day.

    Arrivals: Poisson GLM; share who leave: binomial GLM; wait: least squares on its log.
    """
    import statsmodels.api as sm  # ships no types

    kinds = pool.arrivals.day_type
    seen = use[:, None] & (past.count > 0)
    row, slot = np.nonzero(seen)
    past_kind, new_kind = kinds[weekdays_of(past.days)][row], np.repeat(kinds[weekdays_of(days)], SLOTS)
    ends, levels = (int(slot.min()), int(slot.max()) + 1), np.unique(past_kind)[1:]
    train = _design(past_kind, slot, ends, levels)
    new = _design(new_kind, np.clip(np.tile(np.arange(SLOTS), len(days)), ends[0], ends[1] - 1), ends, levels)
    count, wait, left = past.count[seen], past.wait_sum[seen] / past.count[seen], past.left[seen]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a half-hour in which nobody ever left separates perfectly
        arrivals = sm.GLM(count, train, family=sm.families.Poisson()).fit_regularized(alpha=1e-4, L1_wt=0.0)
        leaves = sm.GLM(
            left / count, train, family=sm.families.Binomial(), var_weights=count
        ).fit_regularized(alpha=1e-4, L1_wt=0.0)  # fmt: skip
    waits = sm.WLS(np.log(wait + SMALLEST_WAIT), train, weights=count).fit()
    shape = (len(days), SLOTS)
    found = (
        np.maximum(np.exp(new @ np.asarray(waits.params)) - SMALLEST_WAIT, 0.0),
        1.0 / (1.0 + np.exp(-(new @ np.asarray(leaves.params)))),
        np.exp(np.minimum(new @ np.asarray(arrivals.params), 20.0)),
    )
    return {name: values.reshape(shape) for name, values in zip(METRICS, found, strict=True)}


def _design(kind: Ints, slot: Ints, ends: tuple[int, int], levels: Ints) -> Floats:
    """Return a cubic spline in the time of day between `ends`, and one level for each further type of day."""
    knots = np.concatenate([np.full(3, ends[0]), np.linspace(*ends, 6), np.full(3, ends[1])])
    spline = BSpline.design_matrix(slot + 0.5, knots, 3).toarray()
    return np.column_stack([spline, (kind[:, None] == levels[None, :]).astype(float)])
