"""Demand and surroundings of one service unit: drawn once, shared by every policy.

New cases follow a Poisson process with half-hour, weekday and month factors and a
gamma day effect; work content is lognormal, patience Weibull. One stream a purpose,
drawn in monthly blocks. Most open to dispute: the coefficient of variation is one
number for all services.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kinerja_sim.know.calendar import MonthDays
from kinerja_sim.model.plan import EXTRA_SLOTS, UnitPlan, mean_daily_cases, normalised
from kinerja_sim.model.records import Days, Demand
from kinerja_sim.model.rng import base_key, stream

NO_LIMIT = 2**40  # cases a day, where nothing but officers limits processing


@dataclass(frozen=True)
class UnitMonth:
    """One month of one unit before any policy: days, new cases, and what happens around them."""

    days: Days  # with the limit of a day without shortage or breakdown
    demand: Demand
    away: np.ndarray  # bool [D, slots]: on leave
    shortage: np.ndarray  # bool [D]: a spell without supplies
    scarce: np.ndarray  # int64 [D]: cases that supplies allow on a day of shortage
    offline: np.ndarray  # bool [D]: processing stands still
    lift: np.ndarray  # [D, 3] uniforms: at which dose a policy lifts shortage, breakdown, or an extra officer comes


def weibull_scale(median: float, shape: float) -> float:
    """Return the scale of a Weibull distribution from its median and shape (shape 1: exponential)."""
    return float(median / math.log(2) ** (1.0 / shape))


def _cumulative_profile(plan: UnitPlan) -> np.ndarray:
    shares = np.asarray(plan.unit.arrivals.half_hour.values, float)
    return np.concatenate([[0.0], np.cumsum(shares) / shares.sum()])


def _spells(plan: UnitPlan, n_days: int, rng: np.random.Generator) -> np.ndarray:
    """Return for each working day whether supplies are short; spells start in their stationary state."""
    short = np.zeros(n_days, bool)
    supply = plan.unit.supply
    if supply is None or supply.shortage is None:
        return short
    between, lasting = supply.shortage.every_days.value, supply.shortage.lasting_days.value
    is_short = rng.random() < lasting / (between + lasting)
    day = 0.0
    while day < n_days:
        length = rng.exponential(lasting if is_short else between)
        if is_short:
            short[round(day) : round(day + length)] = True
        day += length
        is_short = not is_short
    return short


def draw_months(
    plan: UnitPlan,
    region: str,
    calendar: Sequence[MonthDays],
    params: Mapping[str, float],
    *,
    seed: int,
    replication: int,
) -> Iterator[UnitMonth]:
    """Yield the unit's months in order; no policy enters.

    Parameters
    ----------
    plan : UnitPlan
    region : str
        Name of the region, part of every stream's key.
    calendar : sequence of MonthDays
    params : mapping
        One joint draw of the ledger.
    seed, replication : int
    """
    unit, key = plan.unit, (region, plan.name, replication)
    rngs = {
        purpose: stream(seed, *key, purpose)
        for purpose in ("days", "minutes", "counter_work", "processing_work", "patience", "leave", "supply", "lift")
    }
    profile = _cumulative_profile(plan)
    weekday, month_factor = normalised(unit.arrivals.weekday.values), normalised(unit.arrivals.month.values)
    day_minutes = unit.day_minutes.value
    sigma = math.sqrt(math.log1p(params["service_cv"] ** 2))
    means = [stage.minutes.value if stage else 0.0 for stage in (unit.counter, unit.processing)]
    patience_shape = params["patience_shape"]
    patience_scale = weibull_scale(params["patience_median_min"], patience_shape)
    shape = 1.0 / params["arrival_day_cv"] ** 2
    leave_share = 0.0 if unit.lessons else params["leave_days_per_year"] / 240.0  # teachers' leave is the holidays
    first_key, n_before, now = base_key(seed, *key, "cases"), 0, 0.0
    short = _spells(plan, sum(m.weekday.size for m in calendar), rngs["supply"])
    n_days_before, scarce_credit = 0, 0.0
    for month in calendar:
        n_days = month.weekday.size
        length = day_minutes * month.length_factor
        start = now + np.concatenate([[0.0], np.cumsum(length)[:-1]])
        now = float(start[-1] + length[-1])

        effect = rngs["days"].gamma(shape, 1.0 / shape, n_days)
        expected = mean_daily_cases(unit) * weekday[month.weekday] * month_factor[month.month - 1] * effect
        counts = rngs["days"].poisson(expected)
        n = int(counts.sum())
        day_of = np.repeat(np.arange(n_days), counts)
        minute = np.interp(rngs["minutes"].random(n), profile, 30.0 * np.arange(profile.size))
        arrival = np.sort(start[day_of] + month.length_factor[day_of] * minute)
        work = [
            mean * np.exp(sigma * rngs[name].standard_normal(n) - 0.5 * sigma**2) if mean else np.zeros(n)
            for mean, name in zip(means, ("counter_work", "processing_work"), strict=True)
        ]
        with np.errstate(over="ignore"):  # keys count round the 64-bit clock
            keys = first_key + np.arange(n_before, n_before + n, dtype=np.uint64)
        n_before += n

        spent = rngs["patience"].standard_exponential(n)
        supply = unit.supply
        per_day = supply.limit_per_day.value if supply and supply.limit_per_day else NO_LIMIT
        limit = np.floor(per_day * month.length_factor).astype(np.int64)
        share = supply.shortage.supply_share.value if supply and supply.shortage else 0.0
        credit = scarce_credit + share * mean_daily_cases(unit) * np.arange(1, n_days + 1)
        scarce = np.diff(np.floor(np.concatenate([[scarce_credit], credit]))).astype(np.int64)
        scarce_credit = float(credit[-1] % 1.0)
        offline_share = supply.offline_days_per_year.value / 240.0 if supply and supply.offline_days_per_year else 0.0
        yield UnitMonth(
            days=Days(start, length, month.length_factor, limit, profile, np.concatenate([[0], np.cumsum(counts)])),
            demand=Demand(keys, arrival, work[0], work[1], patience_scale * spent ** (1.0 / patience_shape)),
            away=rngs["leave"].random((n_days, sum(plan.posted) + EXTRA_SLOTS)) < leave_share,
            shortage=short[n_days_before : n_days_before + n_days],
            scarce=np.minimum(scarce, limit),
            offline=rngs["supply"].random(n_days) < offline_share,
            lift=rngs["lift"].random((n_days, 3)),
        )
        n_days_before += n_days
