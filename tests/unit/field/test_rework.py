"""Event logs: what is a loop, when a case is finished, working time, stops, and forecasts of turnaround."""

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.field.rework import Clock, cases_of, find_clock, find_loops, find_stops, fit_rework
from kinerja_sim.field.turnaround import backtest_turnaround, km_quantiles
from kinerja_sim.know.errors import InputError
from kinerja_sim.model.rng import stream
from kinerja_sim.present.errors import in_language

WEEK = np.array([True] * 5 + [False] * 2)


def event_log(paths, *, start="2026-01-05 09:00", gap="1h"):
    """Return events of cases that walk these steps an hour apart, one case a day."""
    rows = []
    for i, path in enumerate(paths):
        begin = pd.Timestamp(start) + pd.Timedelta(days=i)
        for j, step in enumerate(path):
            rows.append((f"c{i:04d}", step, begin + j * pd.Timedelta(gap), "o1", "complete", "desk", "permits"))
    columns = ["case_id", "activity", "time", "officer", "lifecycle", "channel", "unit"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(time=table["time"].astype("datetime64[us]"), source_row=np.arange(1, len(table) + 1))


def many_cases(n=400, *, hours=10.0, key=0, change=1.0):
    """Return a log of cases with lognormal turnaround, the second half `change` times as long."""
    rng = stream(9, "cases", key)
    begin = pd.Timestamp("2026-01-05") + pd.to_timedelta(np.sort(rng.random(n)) * 200, unit="D")
    length = hours * np.exp(rng.standard_normal(n)) * np.where(np.arange(n) < n // 2, 1.0, change)
    rows = []
    for i in range(n):
        for step, hour in (("receive", 0.0), ("check", length[i] / 2), ("send", length[i])):
            rows.append((f"c{i:04d}", step, begin[i] + pd.Timedelta(hours=hour), "o1", "complete", "desk", "permits"))
    table = pd.DataFrame(rows, columns=["case_id", "activity", "time", "officer", "lifecycle", "channel", "unit"])
    return table.assign(time=table["time"].astype("datetime64[us]"), source_row=np.arange(1, len(table) + 1))


def test_a_step_that_comes_back_is_a_loop_and_a_repeated_one_is_not():
    """check-fix-check is rework once; check-check is one check."""
    loops = find_loops(event_log(["acfcd", "accd", "acd", "acd"]))

    assert loops[["activity", "n_cases", "n_looped", "after"]].to_numpy().tolist() == [["c", 4, 1, "f"]]
    assert loops["share_low"].iloc[0] < 0.25 < loops["share_high"].iloc[0]
    assert fit_rework(event_log(["acfcd", "accd", "acd", "acd"])).share.value == 0.25


def test_working_hours_leave_out_nights_and_weekends():
    """From Friday noon to Monday noon passes one working day."""
    clock = Clock(8.0, 16.0, WEEK)
    friday, monday = np.array(["2026-01-09T12:00", "2026-01-12T12:00"], "datetime64[us]")

    assert clock.hours(np.array([monday]))[0] - clock.hours(np.array([friday]))[0] == 8.0
    assert find_clock(event_log(["abcdefg"] * 30)["time"].to_numpy("datetime64[us]")).opens == 9.0


def test_a_case_is_finished_only_when_its_silence_says_so():
    """Cases that stopped long ago at the usual last step are finished; the newest at its first step is not."""
    cases = cases_of(many_cases())

    assert cases["finished"].iloc[:300].mean() > 0.97
    early = cases_of(many_cases(hours=100.0), until=pd.Timestamp("2026-04-01 00:00"))
    open_now = early[early["n_events"] < 3]
    assert len(open_now) > 0
    assert open_now["finished"].mean() < 0.3


def test_nothing_after_the_cut_is_known():
    """At the cut, later events do not exist: cases end where they were seen."""
    cut = pd.Timestamp("2026-03-01")

    assert cases_of(many_cases(), until=cut)["last"].max() <= cut


def test_censored_times_are_not_taken_for_finished_ones():
    """Kaplan-Meier puts the median above that of the raw times when the longest are censored."""
    hours = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    finished = np.array([True, False, True, False, True, True])

    found = km_quantiles(hours, finished, np.ones(6), np.array([0.5]))
    assert found[0] == 5.0


def test_steady_turnaround_is_forecast_within_its_interval():
    """Where nothing changes, most medians and P90s of later cases fall into their intervals."""
    tables = [backtest_turnaround(many_cases(key=key), pd.Timestamp("2026-05-20")).table for key in range(4)]
    ours = pd.concat(tables).query("forecaster == 'recent' and clock == 'turnaround_hours'")

    assert ours["inside"].sum() >= 6
    assert (ours["low"] <= ours["point"]).all()
    assert (ours["point"] <= ours["high"]).all()


def test_a_recent_change_is_followed_by_recent_cases():
    """When cases became ten times as quick, forecasts in which recent ones count more come closer than last time's."""
    log = many_cases(800, change=0.1)
    found = backtest_turnaround(log, pd.Timestamp("2026-06-10"))
    median = found.table.query("statistic == 'median' and clock == 'turnaround_hours'").set_index("forecaster")

    assert found.half_life_weeks["turnaround_hours"] < np.inf
    error = np.log(median["point"] / median["actual"]).abs()
    assert error["recent"] < error["naive"]


def test_stops_are_told_from_slow_days():
    """Three empty days among forty busy ones are stops; with one piece of work a day nothing can be told."""
    days = np.arange(np.datetime64("2026-01-01"), np.datetime64("2026-02-10"))
    done = np.repeat(np.delete(days, [5, 6, 20]), 8)

    found = find_stops(done, np.full(len(days), 50.0), days)
    assert found.value == pytest.approx(3 / 40)
    assert found.low < 3 / 40 < found.high
    assert np.isnan(find_stops(days[::2], np.ones(len(days)), days).value)


def test_too_few_cases_are_told():
    """Ten cases cannot be trained on."""
    with pytest.raises(InputError, match="at least 50 cases that start before it") as told:
        backtest_turnaround(many_cases(60), pd.Timestamp("2026-01-30"))
    assert "sampai hari itu" in in_language(str(told.value), "id")
