"""Forecasts of days that were kept aside, against last time, Erlang A and regression.

Nothing of the test days is looked at before they are scored, but whether they have rows. Intervals are 90 %. A rival's
interval is the errors it made on training days left out one by one; the simulation's is midway between what it
simulates and its own such errors, then widened or narrowed until it covered those days (for arrivals, as simulated and
then widened). Most open to dispute: leaving a day out refits arrivals, staffing and opening hours, not service minutes
and patience; and a day without rows is taken to be closed or lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kinerja_sim.field.arrivals import weekdays_of
from kinerja_sim.field.forecast import Pool, fit_pool, refit_days, simulate_days
from kinerja_sim.field.queuelog import Log
from kinerja_sim.field.rivals import METRICS, Cells, Past, erlang, look_back, naive, ratios, regression
from kinerja_sim.field.scores import LEVEL, conformal_margin, score_table
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import sentence

Floats = NDArray[np.float64]
REPLICATIONS = 400
MOST_LEFT_OUT = 28  # training days left out one by one: the latest
GRAINS = ("half_hour", "day")
CEILINGS = dict(zip(METRICS, (np.inf, 1.0, np.inf), strict=True))
ADDED = dict(zip(METRICS, (0.1, 0.02, 1.0), strict=True))  # to widths, so that an interval of nothing can be widened
Key = tuple[str, str]  # grain, metric
Ahead = dict[Key, Floats]  # [3, D, 48] or [3, D, 1]: point, low, high; a rival's three are one


@dataclass(frozen=True)
class Backtest:
    """What was forecast, what came, and the scores.

    Attributes
    ----------
    forecasts : DataFrame
        `forecaster, grain, metric, day, half_hour, n, point, low, high, actual`; half-hour -1 for whole days.
    scores : DataFrame
        From `scores.score_table`.
    inside : DataFrame
        Coverage of the simulation on training days left out, as simulated and as widened.
    notes : dict
        How much was judged, how much was not (days without a row, people outside opening hours), and what was left out
        of the fit.
    """

    forecasts: pd.DataFrame
    scores: pd.DataFrame
    inside: pd.DataFrame
    notes: dict[str, float]


def backtest_log(
    log: Log, train_until: np.datetime64, *, seed: int = 0, replications: int = REPLICATIONS,
    progress: Callable[[int, int], None] | None = None,
) -> Backtest:  # fmt: skip
    """Train on the days up to `train_until`, forecast the rest, and score it.

    Parameters
    ----------
    log : Log
    train_until : datetime64[D]
        Last day of training.
    seed : int
    replications : int
        Simulated days for each day to come.
    progress : callable, optional
        Called with (done, total) days.

    Raises
    ------
    InputError
        If a part is empty, or the training days show no line or too few people who left it.
    """
    first, last = log.days[0], log.days[-1]
    if not first <= train_until < last:
        rule, remedy = f"be a day from {first} to {last - 1}", "Leave days on both sides."
        raise InputError(sentence("--train-until", rule, str(train_until), remedy=remedy))
    train, rest = log.between(first, train_until), look_back(log.between(train_until + 1, last))
    recorded = rest.count.sum(axis=1) > 0
    test = _days(rest, recorded)
    pool = fit_pool(train)
    if pool is None:
        rule = "show service, a line, and either hardly anybody who left it or at least 20 who did"
        raise InputError(sentence("training days", rule, "fewer", remedy="Train on more days."))
    past = look_back(train)
    forecasters = {
        "simulation": partial(_simulated, replications=replications, seed=seed),
        "naive": partial(_rival, naive),
        "erlang_a_heads": partial(_rival, erlang(pool.availability.heads)),
        "erlang_a_effective": partial(_rival, erlang(pool.availability.effective)),
        "regression": partial(_rival, regression),
    }
    held_out = _days_to_leave_out(pool)
    tried: dict[str, list[tuple[Ahead, Ahead]]] = {name: [] for name in forecasters}
    for i, d in enumerate(held_out):
        keep = pool.arrivals.open_days.copy()
        keep[d] = False
        less, day = refit_days(pool, keep), _days(past, slice(d, d + 1))
        came = _actual(day, less)
        for name, forecaster in forecasters.items():
            tried[name].append((forecaster(less, past, keep, day.days), came))
        if progress:
            progress(i + 1, len(held_out) + 1)
    came, rows, inside = _actual(test, pool), [], []
    for name, forecaster in forecasters.items():
        ahead = forecaster(pool, past, pool.arrivals.open_days, test.days)
        for key, triple in ahead.items():
            if key[1] == "arrivals" and name.startswith("erlang"):
                continue  # Erlang A is given arrivals, it forecasts none
            point, low, high = _with_interval(triple, tried[name], key)
            rows.append(_frame(name, key, test, np.stack([point, low, high]), came[key]))
            if name == "simulation":
                inside.append(_coverage_inside(tried[name], key))
    if progress:
        progress(len(held_out) + 1, len(held_out) + 1)
    forecasts = pd.concat(rows, ignore_index=True)
    judged = float(np.where(_open(pool, test.days), test.count, 0.0).sum())
    notes = {
        "train_days": int((past.count.sum(axis=1) > 0).sum()), "test_days": len(test.days),
        "empty_test_days": int((~recorded).sum()), "left_out_days": len(held_out),
        "test_arrivals": float(test.count.sum()), "test_arrivals_judged": judged,
        "bursts_left_out_of_the_fit": float(pool.arrivals.bursts.sum()), "server_factor": pool.scale,
    }  # fmt: skip
    return Backtest(forecasts, score_table(forecasts), pd.DataFrame(inside), notes)


def _days_to_leave_out(pool: Pool) -> list[int]:
    """Return the latest open training days whose type has another open day to forecast them with."""
    kind = pool.arrivals.day_type[weekdays_of(pool.log.days)]
    days = np.flatnonzero(pool.arrivals.open_days)
    return [int(d) for d in days if (kind[days] == kind[d]).sum() > 1][-MOST_LEFT_OUT:]


def _days(past: Past, which: NDArray[np.bool_] | slice) -> Past:
    return Past(past.days[which], past.count[which], past.wait_sum[which], past.left[which])


def _open(pool: Pool, days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Return the half-hours with people and servers, [D, 48]."""
    kind = pool.arrivals.day_type[weekdays_of(days)]
    return np.asarray((kind >= 0)[:, None] & pool.is_open[np.maximum(kind, 0)])


def _by_grain(count: Floats, wait: Floats, left: Floats) -> dict[Key, Floats]:
    """Return every metric by half-hour and by day from sums over open half-hours, [..., D, 48]."""
    out: dict[Key, Floats] = {}
    for grain in GRAINS:
        parts = [x if grain == "half_hour" else x.sum(axis=-1, keepdims=True) for x in (count, wait, left)]
        out |= {(grain, name): values for name, values in ratios(*parts).items()}
    return out


def _actual(past: Past, pool: Pool) -> Ahead:
    """Return what came in opening hours; NaN where nobody did or the office was closed."""
    is_open = _open(pool, past.days)
    out = _by_grain(*(np.where(is_open, x, 0.0) for x in (past.count, past.wait_sum, past.left)))
    out["half_hour", "arrivals"] = np.where(is_open, out["half_hour", "arrivals"], np.nan)
    return out


def _simulated(
    pool: Pool, _past: Past, _use: NDArray[np.bool_], days: NDArray[np.datetime64], *, replications: int, seed: int
) -> Ahead:
    """Return medians and central 90 % of simulated days."""
    is_open = _open(pool, days)
    sums = [np.where(is_open, x, 0.0) for x in simulate_days(pool, days, replications=replications, seed=seed)]
    out = {}
    for key, values in _by_grain(*sums).items():
        seen = np.isfinite(values).any(axis=0)
        found = np.nanquantile(np.where(seen, values, 0.0), [0.5, 0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
        out[key] = np.where(seen, found, np.nan)
    return out


def _rival(
    forecaster: Callable[[Pool, Past, NDArray[np.bool_], NDArray[np.datetime64]], Cells], pool: Pool, past: Past,
    use: NDArray[np.bool_], days: NDArray[np.datetime64],
) -> Ahead:  # fmt: skip
    """Return a rival's points, a day's as its half-hours weighted by its own arrivals."""
    cells, is_open = forecaster(pool, past, use, days), _open(pool, days)
    count = np.where(is_open, cells["arrivals"], 0.0)
    found = _by_grain(count, count * cells["wait_minutes_mean"], count * cells["abandoned_share"])
    found |= {("half_hour", name): np.where(is_open, cells[name], np.nan) for name in METRICS}
    return {key: np.stack([values] * 3) for key, values in found.items()}


def _stacked(tried: list[tuple[Ahead, Ahead]], key: Key) -> tuple[Floats, Floats]:
    """Return forecasts [3, n] and what came [n] of the days left out, where both are known."""
    if not tried:
        return np.zeros((3, 0)), np.zeros(0)
    made = np.concatenate([made[key].reshape(3, -1) for made, _ in tried], axis=1)
    came = np.concatenate([came[key].ravel() for _, came in tried])
    known = np.isfinite(came) & np.isfinite(made).all(axis=0)
    return made[:, known], came[known]


def _with_interval(triple: Floats, tried: list[tuple[Ahead, Ahead]], key: Key) -> tuple[Floats, Floats, Floats]:
    """Return point, low and high, with what the days left out teach about the width."""
    point, low, high = triple
    made, came = _stacked(tried, key)
    metric = key[1]
    if not len(came):
        return point, low, high
    tails = [0.5 - LEVEL / 2, 0.5 + LEVEL / 2]
    if np.array_equal(low, high, equal_nan=True):  # a point alone: its own errors are its interval
        scale, size = (
            np.sqrt(np.maximum(x, 1.0)) if metric == "arrivals" else np.ones_like(x) for x in (made[0], point)
        )
        below, above = np.quantile((came - made[0]) / scale, tails, method="weibull")
        low, high = point + below * size, point + above * size
    else:
        if metric != "arrivals":  # chance in the line is simulated, what else an office does shows in past errors only
            errors = np.quantile(came - made[0], tails, method="weibull")
            made = np.stack([made[0], *(0.5 * (made[i + 1] + made[0] + errors[i]) for i in range(2))])
            low, high = (0.5 * (end + point + error) for end, error in zip((low, high), errors, strict=True))
        width, size = made[2] - made[1] + ADDED[metric], high - low + ADDED[metric]
        low = low - conformal_margin((made[1] - came) / width) * size
        high = high + conformal_margin((came - made[2]) / width) * size
    low, high = np.minimum(low, high), np.maximum(low, high)
    return point, np.clip(low, 0.0, CEILINGS[metric]), np.clip(high, 0.0, CEILINGS[metric])


def _coverage_inside(tried: list[tuple[Ahead, Ahead]], key: Key) -> dict[str, object]:
    """Return the coverage on days left out, as simulated, and widened by what the *other* days left out teach."""
    made, came = _stacked(tried, key)
    n = widened = 0
    for i, one in enumerate(tried):
        ahead, real = _stacked([one], key)
        _, low, high = _with_interval(ahead, tried[:i] + tried[i + 1 :], key)
        widened += int(((real >= low) & (real <= high)).sum())
        n += len(real)
    plain = float(((came >= made[1]) & (came <= made[2])).mean()) if n else float("nan")
    return {
        "grain": key[0], "metric": key[1], "n_cells": n, "n_days": len(tried), "coverage_simulated": plain,
        "coverage_widened": widened / n if n else float("nan"),
    }  # fmt: skip


def _frame(name: str, key: Key, test: Past, ahead: Floats, came: Floats) -> pd.DataFrame:
    """Return forecasts and what came as rows; cells without either are left out."""
    day, place = np.meshgrid(np.arange(came.shape[0]), np.arange(came.shape[1]), indexing="ij")
    count = test.count if key[0] == "half_hour" else test.count.sum(axis=1, keepdims=True)
    table = pd.DataFrame(
        {
            "forecaster": name, "grain": key[0], "metric": key[1], "day": test.days[day.ravel()],
            "half_hour": place.ravel() if key[0] == "half_hour" else -1, "n": count.ravel().astype(int),
            "point": ahead[0].ravel(), "low": ahead[1].ravel(), "high": ahead[2].ravel(), "actual": came.ravel(),
        }
    )  # fmt: skip
    return table.dropna().reset_index(drop=True)
