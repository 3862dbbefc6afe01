"""Queue logs made by the day kernel from known officers, patience and arrivals, as `import` would leave them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kinerja_sim.model import kernel, records
from kinerja_sim.model.demand import weibull_scale
from kinerja_sim.model.rng import base_key, keyed_uniforms, stream
from kinerja_sim.model.staffing import at_posts
from tests.offices import plain_rules

OPENS = 8 * 60.0
PROFILE = np.array([0.6, 1.0, 1.4, 1.5, 1.3, 1.1, 1.0, 0.8, 0.7, 0.9, 1.1, 1.0, 0.9, 0.7])
MONDAY = np.datetime64("2026-01-05")


@dataclass(frozen=True)
class Truth:
    """What a log was made with; times in minutes."""

    officer_log_sd: float = 0.35
    n_officers: int = 12
    per_day: float = 520.0
    day_cv: float = 0.2
    patience_median: float = 15.0
    patience_shape: float = 1.3
    service_mean: float = 7.0  # of an officer of effect 0
    service_log_sd: float = 0.8
    n_days: int = 15
    side_work_share: float = 0.0  # of the officers' time, on things that no log shows
    staffing: tuple[float, ...] = ()  # share of officers at their posts by half-hour; nothing: all


def made_log(truth: Truth, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the `cases` table of a counter over weekdays, and the officers' effects on log service minutes."""
    rng = stream(seed, "made log")
    effect = rng.normal(0.0, truth.officer_log_sd, truth.n_officers)
    length = 30.0 * PROFILE.size
    n_days = truth.n_days
    gamma = rng.gamma(truth.day_cv**-2, truth.day_cv**2, n_days) if truth.day_cv else np.ones(n_days)
    counts = rng.poisson(truth.per_day * gamma[:, None] * PROFILE / PROFILE.sum(), (n_days, PROFILE.size))
    slots = np.repeat(np.tile(np.arange(PROFILE.size), n_days), counts.ravel())
    day = np.repeat(np.arange(n_days), counts.sum(axis=1))
    n = len(day)
    minute = 30.0 * (slots + rng.random(n))
    work = truth.service_mean * np.exp(truth.service_log_sd * rng.standard_normal(n))
    patience = weibull_scale(truth.patience_median, truth.patience_shape) * rng.standard_exponential(n) ** (
        1.0 / truth.patience_shape
    )
    is_side = np.zeros(n, bool)
    if truth.side_work_share:
        n_side = rng.poisson(truth.side_work_share * truth.n_officers * length * n_days / 10.0)
        side_day = rng.integers(n_days, size=n_side)
        day, minute = np.concatenate([day, side_day]), np.concatenate([minute, length * rng.random(n_side)])
        work = np.concatenate([work, 10.0 * rng.standard_exponential(n_side)])
        patience = np.concatenate([patience, np.full(n_side, np.inf)])
        is_side = np.concatenate([is_side, np.ones(n_side, bool)])
    arrival = length * day + minute
    order = np.argsort(arrival, kind="stable")
    arrival, work, patience, is_side, day = (x[order] for x in (arrival, work, patience, is_side, day))
    keys = _keys(is_side, seed)
    demand = records.Demand(keys, arrival, work, np.zeros(len(keys)), patience)
    everybody = np.ones((n_days, truth.n_officers), bool)
    at_post = at_posts(np.array(truth.staffing), everybody, 0) if truth.staffing else records.ALWAYS
    return _table(_serve(demand, day, length, n_days, effect, at_post), is_side, keys, length), effect


def _keys(urgent: np.ndarray, seed: int) -> np.ndarray:
    """Return keys of which exactly the `urgent` ones have a right to the priority line (share one half)."""
    with np.errstate(over="ignore"):
        pool = base_key(seed, "keys") + np.arange(4 * len(urgent) + 100, dtype=np.uint64)
    high = keyed_uniforms(pool, records.PRIORITY) < 0.5
    out = np.empty(len(urgent), np.uint64)
    out[urgent], out[~urgent] = pool[high][: urgent.sum()], pool[~high][: (~urgent).sum()]
    return out


def _serve(
    demand: records.Demand, day: np.ndarray, length: float, n_days: int, effect: np.ndarray, at_post: np.ndarray
) -> np.ndarray:
    """Return the kernel's log of the days; who leaves does not come back."""
    n, officers = demand.key.size, effect.size
    days = records.Days(
        length * np.arange(n_days), np.full(n_days, length), np.ones(n_days), np.full(n_days, 2**40),
        np.linspace(0, 1, 3), np.concatenate([[0], np.cumsum(np.bincount(day, minlength=n_days))]),
    )  # fmt: skip
    none, nothing, whole = np.zeros(officers), np.zeros(1), np.zeros(1, dtype=np.int64)
    staff = records.Staff(np.exp(-effect), none, none, np.zeros((n_days, officers)), officers, at_post)
    channels = records.Channels(nothing, nothing, nothing, nothing, whole, whole)
    nobody, log = np.zeros(0, records.CASE), np.zeros(n, records.EVENT)
    kernel.serve_month(
        days, demand, staff, plain_rules(day_minutes=length, priority_share=0.5), channels, nobody, nobody,
        np.zeros(0), 0, np.zeros((2, records.N_FLOW)), np.zeros((2, records.N_COHORT)),
        np.zeros((officers, len(records.OFFICER))), log,
    )  # fmt: skip
    return log


def _table(log: np.ndarray, is_side: np.ndarray, keys: np.ndarray, length: float) -> pd.DataFrame:
    """Return the kernel's log as the `cases` table, side work left out."""
    log = log[~np.isin(log["key"], keys[is_side])]
    day = (log["time"] // length).astype(np.int64)
    date = MONDAY + day + 2 * (day // 5)
    wall = {name: log[name] - length * day + OPENS for name in ("time", "begin", "finish")}
    when = {name: date.astype("datetime64[us]") + (60e6 * x).astype("timedelta64[us]") for name, x in wall.items()}
    served = log["kind"] == records.SERVED
    table = pd.DataFrame(
        {
            "case_id": [f"{k:016x}" for k in log["key"].tolist()], "unit": "counter", "arrived": when["time"],
            "started": np.where(served, when["begin"], np.datetime64("NaT")), "finished": when["finish"],
            "outcome": np.where(served, "served", "abandoned"),
            "officer": np.where(served, [f"o{i:02d}" for i in log["officer"].tolist()], ""),
            "priority": np.int64(0), "channel": "", "service": "",
        }
    )  # fmt: skip
    return table.sort_values("arrived", ignore_index=True).assign(
        source_file=1, source_row=np.arange(1, len(table) + 1)
    )
