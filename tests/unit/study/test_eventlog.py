"""The event log against the tables of the same run, and its times against the calendar."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.know.calendar import load_calendar
from kinerja_sim.know.errors import InputError
from kinerja_sim.study.eventlog import MINING_COLUMNS, VIDIGI_COLUMNS, event_log
from kinerja_sim.study.run import simulate

UNIT = "sukamiskin"


@pytest.fixture(scope="module")
def log():
    """Return the log of one unit's first two months."""
    return event_log("arcamanik", "arcamanik", UNIT, months=2)


def test_every_new_case_that_was_touched_is_in_the_log(log):
    """Cases number the arrivals of the months, but for the few still untouched when the run ends."""
    results = simulate("arcamanik", "arcamanik", months=2, pre_months=0).results
    arrivals = results.loc[(results["unit"] == UNIT) & results["period"].between(0, 1), "arrivals_cases"].sum()
    cases = log.table["case:concept:name"].nunique()

    assert list(log.table.columns) == MINING_COLUMNS
    assert 0.97 * arrivals <= cases <= arrivals


def test_waits_on_the_clock_are_those_of_the_kernel(log):
    """Start less schedule at the counter adds up to the kernel's own waits, to a second a visit."""
    table = log.table[log.table["concept:name"] == "counter"]
    wide = table.pivot(  # noqa: PD010  # each visit once
        index=["case:concept:name", "visit", "attempt"], columns="lifecycle:transition"
    )["time:timestamp"].dropna()
    waits = (wide["start"] - wide["schedule"]).dt.total_seconds() / 60
    cases = simulate("arcamanik", "arcamanik", months=2, pre_months=0, cases=True).cases
    here = cases[(cases["unit"] == UNIT)].sort_values("time", kind="stable")
    first = here.drop_duplicates("key")
    new = set(first.loc[first["period"].between(0, 1), "key"])
    served = here[here["key"].isin(new) & (here["kind"] == 0)]

    assert len(waits) == len(served) > 1000
    assert (waits >= 0).all()
    assert waits.sum() == pytest.approx((served["begin"] - served["time"]).sum(), abs=len(waits) / 60)


def test_time_never_runs_backwards_within_a_case(log):
    """Events of a case stand in the order of their times."""
    order = log.table.groupby("case:concept:name")["time:timestamp"].diff().dropna()

    assert (order >= pd.Timedelta(0)).all()


def test_events_fall_on_working_days_and_not_before_opening(log):
    """No event is on a weekend, a holiday or before 08:00."""
    times = log.table["time:timestamp"]
    free = {day for span in load_calendar().spans if span.kind != "ramadan" for day in span.days()}

    assert (times.dt.day_of_week < 5).all()
    assert not set(times.dt.date) & free
    assert times.dt.time.min() >= dt.time(8)
    assert times.dt.year.min() == 2026


def test_nobody_is_named(log):
    """Resources are officers of the unit by number, and cases count up by arrival."""
    resources = set(log.table["org:resource"]) - {""}
    first = log.table.drop_duplicates("case:concept:name")

    assert resources <= {f"{UNIT}/officer-{i}" for i in range(1, 8)}
    assert len(resources) >= 4
    assert first["case:concept:name"].is_monotonic_increasing
    assert first["time:timestamp"].is_monotonic_increasing


def test_vidigi_gets_an_arrival_and_a_departure_for_every_case(log):
    """Each entity arrives once, leaves once, and uses a numbered resource from use to end."""
    vidigi = log.vidigi
    counts = vidigi["event"].value_counts()
    uses = vidigi[vidigi["event_type"] == "resource_use"]

    assert list(vidigi.columns) == VIDIGI_COLUMNS
    assert counts["arrival"] == counts["depart"] == vidigi["entity_id"].nunique()
    assert len(uses) == (vidigi["event_type"] == "resource_use_end").sum()
    assert uses["resource_id"].min() >= 1
    assert vidigi["time"].min() == 0
    assert not np.isnan(vidigi["time"]).any()


def test_the_folder_says_that_it_is_simulated(log, tmp_path):
    """Tables and manifest are written, and the manifest says that nobody is meant."""
    folder = log.save(tmp_path / "log")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))

    assert {p.name for p in folder.iterdir()} == {"events.csv", "events.parquet", "vidigi.csv", "manifest.json"}
    assert "no person" in manifest["note"]
    assert len(pd.read_csv(folder / "events.csv")) == len(log.table)


def test_the_same_seed_gives_the_same_log():
    """Two logs of the same run are equal, and those of two replications are not."""
    logs = [event_log("arcamanik", "baseline", UNIT, months=1, replication=r).table for r in (0, 0, 1)]

    assert logs[0].equals(logs[1])
    assert not logs[0].equals(logs[2])


def test_an_unknown_unit_is_refused_before_anything_runs():
    """A misspelt unit is the user's mistake."""
    with pytest.raises(InputError, match="Did you mean `sukamiskin`"):
        event_log("arcamanik", "baseline", "sukamiskn")
