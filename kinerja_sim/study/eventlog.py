"""Simulated cases as an event log: in the columns of process mining, and as vidigi animates them.

Cases are numbered in order of arrival and officers by their place in the unit; both are
simulated and stand for nobody. The model's clock runs in working minutes, so its minutes
are laid on the calendar's working days from `OPENING` on. Most open to dispute: that hour,
which no region file holds; and breaks, which the model does not know.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.calendar import MonthDays, load_calendar
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.know.messages import did_you_mean, sentence, show
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.study.compare import check_options, whole_number
from kinerja_sim.study.execute import Parameters
from kinerja_sim.study.statistics import Floats, Ints
from kinerja_sim.study.store import TOOL, write_tables

OPENING = timedelta(hours=8)
MINING_COLUMNS = [
    "case:concept:name", "concept:name", "lifecycle:transition", "time:timestamp", "org:resource", "case:unit",
    "case:scenario", "attempt", "visit",
]  # fmt: skip
VIDIGI_COLUMNS = ["entity_id", "event_type", "event", "time", "resource_id", "run_number", "pathway"]
NOTE = (
    "simulated: numbers of cases are no citizens, and those of officers are places in the unit, no persons; a unit "
    "with one officer has none; the hour of opening (08:00) is assumed"
)
_SERVED, _RENEGED, _LOST, _PROCESSED, _BAULKED = range(5)
_ACTIVITY = {
    _SERVED: "counter", _RENEGED: "left the queue", _LOST: "gave up", _PROCESSED: "processing", _BAULKED: "turned away",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class EventLog:
    """Events of one replication.

    Attributes
    ----------
    table : DataFrame
        One row an event, in the columns that process-mining tools read (`MINING_COLUMNS`):
        `schedule` when a case joins a queue, `start`, and `complete`.
    vidigi : DataFrame
        The same events as vidigi reads them; `time` in working minutes from the first month.
    """

    table: pd.DataFrame
    vidigi: pd.DataFrame
    manifest: Mapping[str, Any]

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write both tables and a manifest into `folder` and return it."""
        tables = {
            "events.csv": self.table, "events.parquet": self.table,
            "vidigi.csv": self.vidigi,
        }  # fmt: skip
        return write_tables(folder, tables, self.manifest)


def event_log(
    region: str | os.PathLike[str] | Region, policy: str | os.PathLike[str] | Policy, unit: str | None = None, *,
    seed: int = 0, replication: int = 0, months: int = 3, pre_months: int = 0, parameters: Parameters = "ledger",
) -> EventLog:  # fmt: skip
    """Return the event log of one replication of one policy in one region.

    Parameters
    ----------
    region, policy : name, path or object
    unit : str, optional
        One service unit; all of them when left out.
    seed, replication : int, >= 0
    months, pre_months : int
        Cases that arrived in these months are in the log, with all that happened to them.
    parameters : {'ledger', 'point'}

    Raises
    ------
    InputError
        If any argument, file or name breaks a rule.

    Examples
    --------
    >>> log = event_log("arcamanik", "baseline", "sukamiskin", months=1)
    >>> log.table.columns[0], sorted(set(log.table["lifecycle:transition"]))
    ('case:concept:name', ['complete', 'schedule', 'start'])
    """
    options = check_options(seed=seed, months=months, pre_months=pre_months, parameters=parameters)
    replication = whole_number("replication", replication, 0)
    region = region if isinstance(region, Region) else load_region(region)
    policy = policy if isinstance(policy, Policy) else load_policy(policy)
    if unit is not None and unit not in region.units:
        remedy = did_you_mean(unit, region.units, instead=f"Known: {', '.join(region.units)}.")
        raise InputError(sentence("unit", "be one of the region's", show(unit), remedy=remedy))

    from kinerja_sim.model.simulate import make_span, simulate_block

    block = simulate_block(region, [policy], replications=[replication], cases=True, **vars(options))
    assert block.cases is not None
    span = make_span(region, months, pre_months)
    log = block.cases if unit is None else block.cases[block.cases["unit"] == unit]
    shows = log["unit"].map({name: each.shows_officers for name, each in region.units.items()})
    log = log.assign(shows=shows.astype(bool))
    parts = []
    for name, rows in log.groupby("unit", sort=False):
        starts = _day_starts(span.months, region.units[str(name)].day_minutes.value)
        parts.append(_numbered(rows, str(name), months, pre_months, starts))
    events = pd.concat(parts, ignore_index=True)
    table, vidigi = _mining(events, _work_days(span.months)), _vidigi(events)
    manifest = {
        "tool": TOOL, "kind": "eventlog", "region": region.name, "policy": policy.name, "unit": unit,
        "replication": replication, **vars(options), "note": NOTE,
    }  # fmt: skip
    return EventLog(table, vidigi, manifest)


def _numbered(rows: pd.DataFrame, unit: str, months: int, pre_months: int, starts: Floats) -> pd.DataFrame:
    """Return the events of a unit's cases that arrived in the span, numbered by arrival, with the day of each."""
    rows = rows.sort_values(["time", "begin"], kind="stable")
    first = rows.groupby("key", sort=False)[["time", "period"]].transform("first")
    kept = (first["period"] >= -pre_months) & (first["period"] < months)
    rows = rows[kept].assign(number=pd.factorize(rows.loc[kept, "key"])[0] + 1, unit=unit)
    for name in ("time", "begin", "finish"):
        # The end of a day is the start of the next, to rounding.
        day = np.searchsorted(starts, rows[name].to_numpy() + 1e-6, side="right") - 1
        if name == "time":
            joined = day
        # Work at a counter past closing belongs to the evening of the day on which the visitor came.
        is_counter = rows["kind"].to_numpy() != _PROCESSED
        at = np.where(is_counter, joined, day).clip(0, len(starts) - 1)
        rows[f"{name}_day"], rows[f"{name}_minute"] = at, rows[name].to_numpy() - starts[at]
    return rows


def _mining(events: pd.DataFrame, dates: list[date]) -> pd.DataFrame:
    """Return the log in the columns of process mining, one row an event, in order of time within a case."""
    morning = pd.to_datetime(pd.Series(dates)) + OPENING

    def clock(name: str) -> pd.Series:
        minutes = pd.to_timedelta((events[f"{name}_minute"] * 60).round(), unit="s")
        return pd.Series(morning.to_numpy()[events[f"{name}_day"]] + minutes.to_numpy(), index=events.index)

    shared = pd.DataFrame(
        {
            "case:concept:name": events["unit"] + "-" + events["number"].astype(str).str.zfill(6),
            "concept:name": events["kind"].map(_ACTIVITY),
            "case:unit": events["unit"], "case:scenario": events["scenario"],
            "attempt": events["attempt"], "visit": events["visit"],
        }
    )  # fmt: skip
    was_served = events["officer"] >= 0
    queued = was_served | (events["begin"] > events["time"])  # who is turned away at once joins no queue
    officer = events["unit"] + "/officer-" + (events["officer"] + 1).astype(str)
    officer = officer.where(was_served & events["shows"], "")
    joined = shared.assign(order=0).where(was_served, shared.assign(order=0, **{"concept:name": _ACTIVITY[_SERVED]}))
    parts = []
    for rows, step, name, resource in (
        (joined[queued], "schedule", "time", ""),
        (shared[was_served].assign(order=1), "start", "begin", officer),
        (shared.assign(order=2), "complete", "finish", officer),
    ):
        part = rows.copy()
        part["lifecycle:transition"], part["time:timestamp"], part["org:resource"] = step, clock(name), resource
        parts.append(part)
    table = pd.concat(parts).rename_axis("row").reset_index()
    keys = ["case:unit", "case:concept:name", "row", "order"]
    return table.sort_values(keys, kind="stable", ignore_index=True)[MINING_COLUMNS]


def _vidigi(events: pd.DataFrame) -> pd.DataFrame:
    """Return the log as vidigi reads it: arrival, queue, use of a resource and its end, departure."""
    shared = pd.DataFrame(
        {"entity_id": _entity_numbers(events), "run_number": events["replication"], "pathway": events["unit"]}
    )
    with_officer = events[events["officer"] >= 0]
    activity = with_officer["kind"].map(_ACTIVITY)
    resource = (with_officer["officer"] + 1).astype("Int64").where(with_officer["shows"])
    left = events[events["officer"] < 0]
    waited = left[left["begin"] > left["time"]]

    def part(
        rows: pd.DataFrame, kind: str, event: Any, time: pd.Series, order: int, resources: Any = pd.NA
    ) -> pd.DataFrame:
        columns: dict[str, Any] = {
            "event_type": kind,
            "event": event,
            "time": time,
            "resource_id": resources,
            "order": order,
        }
        return shared.loc[rows.index].assign(**columns)

    first, last = events.drop_duplicates(["unit", "number"]), events.drop_duplicates(["unit", "number"], keep="last")
    table = pd.concat(
        [
            part(first, "arrival_departure", "arrival", first["time"], 0),
            part(with_officer, "queue", activity + "_queue", with_officer["time"], 1),
            part(with_officer, "resource_use", activity, with_officer["begin"], 2, resource),
            part(with_officer, "resource_use_end", activity + "_end", with_officer["finish"], 3, resource),
            part(waited, "queue", _ACTIVITY[_SERVED] + "_queue", waited["time"], 1),
            part(left, "queue", left["kind"].map(_ACTIVITY), left["begin"], 3),
            part(last, "arrival_departure", "depart", last["finish"], 4),
        ]
    ).astype({"resource_id": "Int64"})
    table = table.sort_values(["entity_id", "time", "order"], kind="stable", ignore_index=True)
    return table.assign(time=(table["time"] - table["time"].min()).round(6))[VIDIGI_COLUMNS]


def _entity_numbers(events: pd.DataFrame) -> Ints:
    """Return one whole number a case over all units."""
    return np.asarray(pd.factorize(events["unit"] + events["number"].astype(str))[0] + 1, np.int64)


def _day_starts(months: list[MonthDays], day_minutes: float) -> Floats:
    """Return the working minute at which every day of a run starts, as `model.demand` lays them out."""
    lengths = day_minutes * np.concatenate([month.length_factor for month in months])
    return np.concatenate([[0.0], np.cumsum(lengths)[:-1]])


def _work_days(months: list[MonthDays]) -> list[date]:
    """Return the date of every working day of a run."""
    free = {day for span in load_calendar().spans if span.kind != "ramadan" for day in span.days()}
    days = []
    for month in months:
        first = date(month.year, month.month, 1)
        every = [first + timedelta(n) for n in range(31)]
        days += [d for d in every if d.month == month.month and d.weekday() < 5 and d not in free]
    return days
