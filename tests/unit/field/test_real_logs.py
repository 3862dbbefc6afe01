"""The two real logs, where they are: what a good calibration should find in them. Skipped where they are not."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kinerja_sim as ks
from kinerja_sim.field.arrivals import fit_arrivals, weekdays_of
from kinerja_sim.field.availability import fit_availability
from kinerja_sim.field.backtest import backtest_log
from kinerja_sim.field.calibrate import calibrate
from kinerja_sim.field.queuelog import make_log, pools_of
from kinerja_sim.field.rework import find_loops
from kinerja_sim.field.service import fit_service
from kinerja_sim.field.turnaround import backtest_turnaround
from kinerja_sim.model.simulate import simulate_block

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("KINERJA_SHARED_DATA", ROOT.parent / "shared" / "data"))


def shared(name):
    """Return a shared file, or skip."""
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"the real log {name} is not here (KINERJA_SHARED_DATA, or ../shared/data beside the repository)")
    return path


@pytest.fixture(scope="module")
def cases():
    """Return the call centre's cases, waits and services by the log's own seconds."""
    raw = pd.read_csv(shared("call_centre_1999-02-01_14.csv"))
    raw = raw[raw["outcome"] != "PHANTOM"]
    arrived = pd.to_datetime(raw["date"].astype(str), format="%y%m%d") + pd.to_timedelta(raw["vru_exit"])
    served = (raw["outcome"] == "AGENT").to_numpy()
    left = arrived + pd.to_timedelta(raw["q_time"], unit="s")
    return pd.DataFrame(
        {
            "case_id": raw["call_id"].astype(str), "unit": "calls", "service": raw["type"].str.lower(),
            "arrived": arrived, "started": left.where(served),
            "finished": left.where(~served, left + pd.to_timedelta(raw["ser_time"], unit="s")),
            "outcome": np.where(served, "served", "abandoned"),
            "officer": raw["server"].where(raw["server"] != "NO_SERVER", ""), "priority": raw["priority"],
            "channel": "", "source_row": np.arange(2, len(raw) + 2),
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def calls(cases):
    """Return the call centre as one pool."""
    return make_log(cases, pools_of(cases)[0])


def test_the_call_centre_simulates_itself(cases, calls):
    """From its own region file, in the month of the log, callers wait and leave as in the log."""
    region = calibrate({"cases": cases}, "calls", ks.load_region("arcamanik"), source="log").region
    results = simulate_block(
        region, [ks.load_policy("baseline")], seed=0, replications=range(10), months=2, pre_months=0, parameters="point"
    ).results
    february = results[results["period"] == 1]
    usual = ~fit_arrivals(calls.cells(), calls.days).bursts[calls.day, calls.slot]
    office = usual & (weekdays_of(calls.days)[calls.day] < 5) & np.isfinite(calls.wait)
    visits = february["visits"].sum()

    assert february["wait_minutes_sum"].sum() / visits == pytest.approx(calls.wait[office].mean(), rel=0.25)
    assert february["reneged_visits"].sum() / visits == pytest.approx(calls.abandoned[office].mean(), abs=0.03)


def test_officers_of_the_call_centre_differ_as_published(calls):
    """REML finds a log-SD between .30 and .45 with an interval around it; services vary by about 1.2 means."""
    service = fit_service(calls)

    assert 0.30 < service.log_sd.value < 0.45
    assert service.log_sd.low < service.log_sd_raw < service.log_sd.high
    assert 1.15 < service.cv.value < 1.30


def test_agents_seen_are_not_agents_available(calls):
    """While callers wait, about two thirds of the agents seen in the half-hour are serving."""
    found = fit_availability(calls)

    assert 0.55 < found.share.value < 0.75
    assert found.share.high - found.share.low < 0.1


def test_the_call_centre_is_forecast_with_intervals_that_hold(calls):
    """Trained on 1-9 February, the half-hours of 10-14 fall into 90 % intervals 80 to 97 times in a hundred."""
    found = backtest_log(calls, np.datetime64("1999-02-09"), replications=100)
    ours = found.scores.query("forecaster == 'simulation' and grain == 'half_hour'").set_index("metric")

    assert ours["coverage"].between(0.80, 0.97).all()
    assert ours["n_days"].eq(5).all()
    assert ours.loc["arrivals", "skill_mae"] > 0


def test_permits_come_back_and_are_forecast():
    """Loops are found where advice is asked again; the forecast from the first 70 % states its misses."""
    raw = pd.read_csv(shared("permit_receipts.csv"))
    time = pd.to_datetime(raw["time:timestamp"], utc=True, format="mixed").dt.tz_convert("Europe/Amsterdam")
    events = pd.DataFrame(
        {
            "case_id": raw["case:concept:name"], "activity": raw["concept:name"], "officer": raw["org:resource"],
            "time": time.dt.tz_localize(None).astype("datetime64[us]"), "lifecycle": "complete",
            "channel": raw["case:channel"], "unit": "permits", "source_row": np.arange(2, len(raw) + 2),
        }
    )  # fmt: skip
    start = events.groupby("case_id")["time"].min().sort_values()
    found = backtest_turnaround(events, start.iloc[int(0.7 * len(start)) - 1])
    loops = find_loops(events).set_index("activity")

    assert loops["n_looped"].iloc[0] > 50
    assert loops.index[0].startswith("T06")
    assert (found.n_train, found.n_test) == (1003, 431)
    assert found.n_test_censored > 0
    assert found.table["inside"].any()
    assert not found.table["inside"].all()
