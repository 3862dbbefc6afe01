"""Are the queues behind a comparison sane: load, unstable draws, Little's law, drift, theory beside simulation.

Reads tables, region values and the ledger's points; closed forms stand beside the simulated
means and are never asserted, because the simulated day is not a steady state (a morning peak,
leave, returns, mixed speeds). Most open to dispute: when a run counts as too short.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import ceil, floor, gamma, inf, log, nan, sqrt

import numpy as np
import pandas as pd

from kinerja_sim.know.calendar import FIRST_YEAR, MonthDays, load_calendar
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.regions import Region, ServiceUnit
from kinerja_sim.know.schema import METRICS
from kinerja_sim.model.queueing import allen_cunneen, erlang_a, wait_mmc
from kinerja_sim.study.statistics import mean_interval, units_of
from kinerja_sim.study.summary import PLACE, SERIES_KEYS, series

STATES = ["service_rate_index", "motivation_z", "resistance_z"]
"""States of officers that no season moves."""
RELAXATIONS = 20.0
"""A horizon shorter than so many relaxation times of its queue is too short for a mean (ours)."""
_FORMS = ("wait_mmc", "wait_allen_cunneen", "wait_erlang_a", "turnaround_theory")


def span_days(months: int, pre_months: int) -> list[MonthDays]:
    """Return the months of a comparison from the policy's start to the end of the horizon."""
    return load_calendar().months(FIRST_YEAR, 1, pre_months + months)[pre_months:]


def stability(table: pd.DataFrame) -> pd.DataFrame:
    """Return, for each place, how many draws cannot cope, out of how many, and which.

    Parameters
    ----------
    table : DataFrame
        From `series`.

    Returns
    -------
    DataFrame
        Columns region, unit, scenario, n_unstable, n_draws, unstable (draws, joined by commas).
    """
    rows = []
    for place, part in table.groupby(PLACE, sort=True):
        draws = sorted(set(part.loc[part["unstable"], "draw"]))
        rows.append((*place, len(draws), part["draw"].nunique(), ", ".join(map(str, draws))))
    return pd.DataFrame(rows, columns=[*PLACE, "n_unstable", "n_draws", "unstable"])


def littles_law(table: pd.DataFrame, days: int) -> pd.DataFrame:
    """Return, for each place, by how many days backlog over arrivals a day differs from the mean turnaround.

    A case that takes W working days is unfinished at the close of more than W - 1 and less
    than W + 1 of them. Month ends stand for all days, so three standard errors are allowed
    on top of that day; one replication has none, and `little_allowed` is NaN.

    Parameters
    ----------
    table : DataFrame
        From `series`.
    days : int
        Working days of the horizon.
    """
    gap = table["backlog_cases"] * days / table["arrivals_cases"] - table["turnaround_days_mean"]
    rows = []
    for place, part in table.assign(gap=gap).groupby(PLACE, sort=True):
        mean = mean_interval(part["gap"].to_numpy(dtype=float)[None], units_of(part["draw"].to_numpy()))
        half = float(mean.high[0] - mean.value[0])  # half of a 95 % interval is about two s.e.
        rows.append((*place, float(mean.value[0]), 1 + 1.5 * half))
    return pd.DataFrame(rows, columns=[*PLACE, "little_gap", "little_allowed"])


def drift(results: pd.DataFrame) -> pd.DataFrame:
    """Return, for each place, the state of officers that moves furthest from the first month to the last.

    `drift` is in smallest changes that matter; `is_drifting` where it is more than one of
    them and its interval excludes nil. Worth reading under the baseline only: a policy is meant
    to move officers.
    """
    ends = [results[results["period"] == p].sort_values(SERIES_KEYS) for p in results["period"].agg(["min", "max"])]
    scale = np.array([METRICS[name].matters for name in STATES])[:, None]
    rows = []
    for (place, first), (_, last) in zip(*(e.groupby(PLACE, sort=True) for e in ends), strict=True):
        change = (last[STATES].to_numpy() - first[STATES].to_numpy()).T / scale
        mean = mean_interval(change, units_of(first["draw"].to_numpy()))
        if np.isnan(mean.low).all():  # one replication
            continue
        worst = int(np.nanargmax(np.abs(mean.value)))
        value, is_sure = float(mean.value[worst]), bool(mean.low[worst] > 0 or mean.high[worst] < 0)
        rows.append((*place, STATES[worst], value, is_sure and abs(value) > 1))
    return pd.DataFrame(rows, columns=[*PLACE, "drift_state", "drift", "is_drifting"])


def queue_table(
    results: pd.DataFrame, regions: Mapping[str, Region], *, months: int, pre_months: int, reference: str = "baseline",
    extra: Mapping[str, int] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return the sanity of every queue of a comparison, one row per region, unit and scenario.

    Parameters
    ----------
    results : DataFrame
        The results table.
    regions : mapping from name to Region
        As they were when the comparison was run.
    months, pre_months : int
        Of the comparison.
    reference : str
        Scenario whose officers must not drift.
    extra : mapping, optional
        Officers that a scenario adds to the busier stage of every unit.

    Returns
    -------
    DataFrame
        Means over replications. `load` is the busier stage's work over its officers' time,
        `wait_*` minutes at the counter (simulated with the 95 % interval of its mean, then
        closed forms: M/M/c and Allen-Cunneen for an even day, Erlang A half-hour by half-hour);
        `turnaround_theory` days that queues of officers alone explain; NaN where a stage is
        missing, a formula has no steady state, or officers come and go (all but Erlang A).
        `is_short`: fewer than `RELAXATIONS` relaxation times of the processing queue in the horizon.
    """
    span = span_days(months, pre_months)
    days, full_days = sum(m.n_days for m in span), float(sum(m.length_factor.sum() for m in span))
    table = series(results)
    names = ["utilisation", "visits", "attempts", "service_rate_index", "rework_share"]
    means = table.groupby(PLACE, sort=True)[names].mean().reset_index()
    out = means[[*PLACE, "utilisation"]].merge(stability(table), on=PLACE).merge(littles_law(table, days), on=PLACE)
    waits = _simulated(table, "wait_minutes_mean", "wait").merge(
        _simulated(table, "turnaround_days_mean", "turnaround"), on=PLACE
    )
    theory = [
        _theory(regions[r["region"]].units[r["unit"]], r, full_days, (extra or {}).get(r["scenario"], 0))
        for r in means.to_dict("records")
    ]
    out = out.merge(waits, on=PLACE).join(pd.DataFrame(theory, index=out.index))
    still = drift(results[results["scenario"] == reference])
    out["is_short"] = ~(RELAXATIONS * out["relaxation_days"] <= days)
    return out.assign(days=days).merge(still, on=PLACE, how="left")


def _simulated(table: pd.DataFrame, metric: str, name: str) -> pd.DataFrame:
    rows = []
    for place, part in table.groupby(PLACE, sort=True):
        found = mean_interval(part[metric].to_numpy(dtype=float)[None], units_of(part["draw"].to_numpy()))
        rows.append((*place, *(float(x[0]) for x in found)))
    return pd.DataFrame(rows, columns=[*PLACE, f"{name}_simulated", f"{name}_low", f"{name}_high"])


@dataclass(frozen=True)
class _Step:
    """One stage as closed forms see it: equal officers, one service rate."""

    minutes: float  # a case
    officers: int
    rate: float  # cases a minute that one officer finishes, leave taken off
    cv: float  # of service times, over cases and officers
    at_post: float  # share of the day that officers are at their posts

    @property
    def full(self) -> float:
        """Cases a minute that all officers finish."""
        return self.officers * self.rate * self.at_post

    def wait(self, arrivals: float) -> float:
        """Return Allen and Cunneen's mean wait, minutes; NaN without a steady state, or where officers come and go."""
        if self.at_post < 1.0 or not 0 < arrivals < self.full:
            return nan
        return allen_cunneen(arrivals, self.rate, self.officers, 1.0, self.cv)

    def wait_leaving(self, arrivals: float, share: float, leaving: float) -> float:
        """Return Erlang A's mean wait, minutes, where `share` of officers are at their posts: between two numbers."""
        at_post = max(1.0, share * self.officers)
        more = at_post - floor(at_post)
        few, many = (
            erlang_a(arrivals, self.rate, n, leaving).wait_mean if weight else 0.0
            for n, weight in ((floor(at_post), 1.0 - more), (ceil(at_post), more))
        )
        return (1.0 - more) * few + more * many

    def relaxation(self, arrivals: float) -> float:
        """Return the relaxation time of an M/M/c queue, minutes; infinite at full load (Morse 1955)."""
        return 1.0 / (self.full * (1.0 - sqrt(arrivals / self.full)) ** 2) if arrivals < self.full else inf


def _point(row: str, unit: ServiceUnit | None = None) -> float:
    own = unit.ledger.given if unit is not None and unit.ledger is not None else {}
    return own.get(row, load_ledger()[row].point)


def _steps(unit: ServiceUnit, speed: float, extra: int) -> list[_Step | None]:
    """Return counter and processing; extra officers join the stage with more work for each officer."""
    stages = (unit.counter, unit.processing)
    work = [stage.minutes.value / stage.officers.value if stage else 0.0 for stage in stages]
    present = 1.0 - _point("leave_days_per_year") / 240.0
    steps: list[_Step | None] = []
    for i, stage in enumerate(stages):
        if stage is None:
            steps.append(None)
            continue
        between = _point("sdp_medium" if stage.complexity == "medium" else "sdp_routine")
        cv = sqrt((1.0 + _point("service_cv", unit) ** 2) * (1.0 + between**2) - 1.0)
        officers = stage.officers.value + (extra if i == int(work[1] > work[0]) else 0)
        at_post = stage.at_post_minutes(unit.day_minutes.value) / unit.day_minutes.value
        rate = speed / stage.minutes.value * present
        steps.append(_Step(stage.minutes.value / speed, officers, rate, cv, at_post))
    return steps


def _theory(unit: ServiceUnit, means: Mapping[Hashable, float], full_days: float, extra: int) -> dict[str, float]:
    """Return what closed forms say of one unit, given its means over replications."""
    if unit.lessons:  # no queue
        load = means["utilisation"]
        return dict.fromkeys(_FORMS, nan) | {"load": load, "relaxation_days": 0.0}
    again = means["rework_share"]
    speed = means["service_rate_index"] if unit.shows_officers else 1.0  # one officer's own speed is in no table
    counter, processing = _steps(unit, speed, extra)
    day, doors = unit.day_minutes.value, 30.0 * len(unit.arrivals.half_hour.values)
    visits = means["visits"] / full_days  # a day
    # A repeat takes a share of the work: it counts as a share of a case.
    attempts = means["attempts"] / full_days * (1.0 - again * (1.0 - _point("rework_work_share")))
    found = dict.fromkeys(_FORMS, nan)
    if counter is not None and visits > 0:
        at_doors = visits / doors
        if at_doors < counter.full and counter.at_post == 1.0:
            found["wait_mmc"] = wait_mmc(at_doors, counter.rate, counter.officers)
        found["wait_allen_cunneen"] = counter.wait(at_doors)
        shape = _point("patience_shape", unit)
        leaving = 1.0 / (_point("patience_median_min", unit) / log(2) ** (1 / shape) * gamma(1 + 1 / shape))
        share = np.asarray(unit.arrivals.half_hour.values, float) / sum(unit.arrivals.half_hour.values)
        staffing = unit.counter.staffing if unit.counter else None
        at_post = np.array(staffing.values) if staffing else np.ones(share.size)
        share, at_post = share[share > 0], at_post[share > 0]
        waits = [
            counter.wait_leaving(visits * s / 30.0, p, leaving) if p > 0 else nan
            for s, p in zip(share, at_post, strict=True)
        ]
        found["wait_erlang_a"] = float(share @ waits)
    taken = [(step, n / day) for step, n in ((counter, visits), (processing, attempts)) if step is not None]
    delay = unit.rework_days.value if unit.rework_days else _point("rework_delay_days")
    return found | {
        "load": max(n / step.full for step, n in taken),
        "turnaround_theory": sum(step.wait(n) + step.minutes for step, n in taken) / day + again * delay,
        # A counter is empty every evening: only a queue that carries over has a memory.
        "relaxation_days": processing.relaxation(attempts / day) / day if processing else 0.0,
    }
