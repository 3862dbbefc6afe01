"""A region from a log: what is measured, what is kept, that it loads and runs, and whose files are safe."""

import numpy as np
import pandas as pd
import pytest

import kinerja_sim as ks
from kinerja_sim.field.calibrate import calibrate
from kinerja_sim.field.regionfile import check_output, region_text, write_region
from kinerja_sim.know.errors import InputError
from kinerja_sim.model.simulate import simulate_block
from tests.made_logs import Truth, made_log
from tests.unit.field.test_fits import hasty
from tests.unit.field.test_rework import many_cases

SHARES = (0.4, 0.5, 0.7, 0.9, 1.0, 0.9, 0.7, 0.5, 0.5, 0.7, 0.9, 0.8, 0.6, 0.5)


@pytest.fixture(scope="module")
def cases():
    """Return two weeks of a counter."""
    return made_log(Truth(n_days=10), 5)[0]


@pytest.fixture(scope="module")
def found(cases):
    """Return the region calibrated from them."""
    return calibrate({"cases": cases}, "my-city", ks.load_region("arcamanik"), source="made log")


def test_what_the_log_tells_is_measured_with_n_and_interval(found):
    """Half-hours, officers, staffing and ledger rows are measured, cases and minutes derived, all with their n."""
    unit = found.region.units["counter"]
    measured = [unit.arrivals.half_hour, unit.counter.officers, unit.counter.staffing]
    measured += [getattr(unit.ledger, name) for name in unit.ledger.given]

    assert len(unit.ledger.given) == 4
    for quantity in (*measured, unit.arrivals.per_day, unit.counter.minutes):
        assert quantity.grade == ("measured" if quantity in measured else "derived")
        assert "made log" in quantity.source
        assert "n = " in quantity.source
    assert "90 % interval" in unit.counter.minutes.source
    assert unit.counter.officers.value == round(12 / 0.95)
    assert len(unit.arrivals.half_hour.values) == 14


def test_a_weibull_that_does_not_fit_is_told_beside_it_and_in_the_file(found, cases):
    """Kaplan-Meier's median and the share leaving at once are rows and stand in the file; a misfit is a note, too."""
    odd = calibrate({"cases": hasty(cases)}, "my-city", ks.load_region("arcamanik"), source="made log")
    source = odd.region.units["counter"].ledger.patience_median_min.source
    rows = odd.estimates.set_index("quantity").loc[["patience_median_seen", "patience_at_once"]]

    assert rows.notna().all(axis=None)
    assert f"Kaplan-Meier median {rows['value'].iloc[0]:.3g}, share leaving at once" in source
    assert "Weibull outside its band at" in source
    assert "patience_misfit" in {code for code, _, _ in odd.notes}
    assert "patience_misfit" not in {code for code, _, _ in found.notes}


def test_every_estimate_has_an_interval(found):
    """A counter's and a back office's spreads, minutes and turnaround come with both ends; a single week has none."""
    base = ks.load_region("arcamanik")
    events = many_cases(400)
    back = calibrate({"events": events}, "office", base, source="made events").estimates
    week = events[events["case_id"].isin(events["case_id"].iloc[:1200:3].iloc[:60])]
    week = week.assign(time=week["time"].min() + (week["time"] - week["time"].min()) / 10)
    short = calibrate({"events": week}, "office", base, source="made events").estimates.set_index("quantity")

    for row in [*found.estimates.to_dict("records"), *back.dropna(subset="value").to_dict("records")]:
        if row["quantity"] != "patience_median_seen":  # whose upper end is where the band reaches half, if it does
            assert row["low"] - 1e-9 <= row["value"] <= row["high"], row["quantity"]
    ends = back.set_index("quantity").loc[["turnaround_hours_median", "turnaround_hours_p90"], ["low", "high"]]
    assert (ends["low"] < ends["high"]).all()
    assert np.isnan(short.loc["turnaround_hours_median", "high"])


def test_what_the_log_cannot_tell_is_kept_and_named(found):
    """Two weeks show no months; population and promise come from the base as estimates, and the list says so."""
    base, unit = ks.load_region("arcamanik"), found.region.units["counter"]

    assert {"population", "units.counter.arrivals.month", "units.counter.standard"} <= set(found.kept)
    kept = base.units["cisaranten-kulon"].arrivals.month
    assert unit.arrivals.month.model_dump(include={"values"}) == kept.model_dump(include={"values"})
    assert unit.arrivals.month.grade == "estimate"
    assert "kept from the base region" in found.region.population.source


@pytest.fixture(scope="module", params=[1, 2])
def coming_and_going(request):
    """Return a log of January in which officers come and go by half-hour, and the region calibrated from it."""
    cases = made_log(Truth(n_days=20, per_day=360.0, officer_log_sd=0.2, staffing=SHARES), request.param)[0]
    return cases, calibrate({"cases": cases}, "my-city", ks.load_region("arcamanik"), source="made log").region


def test_officers_who_come_and_go_are_found(coming_and_going):
    """The number at their posts is found by half-hour; whoever has just gone and ends a case still counts a little."""
    counter, truth = coming_and_going[1].units["counter"].counter, 12 * np.array(SHARES)
    found = 0.95 * counter.officers.value * np.array(counter.staffing.values)
    gone = np.maximum(-np.diff(truth, prepend=truth[0]), 0.0)

    assert found[gone == 0] == pytest.approx(truth[gone == 0], abs=0.6)
    assert (found - truth)[gone > 0] == pytest.approx(gone[gone > 0] / 3, abs=0.6)


def test_a_region_simulates_the_log_it_was_made_from(coming_and_going):
    """In the month of the log visits, waits and the share who leave are those of the log, as far as four weeks tell."""
    cases, region = coming_and_going
    served = cases["outcome"] == "served"
    wait = (cases["started"].where(served, cases["finished"]) - cases["arrived"]).dt.total_seconds() / 60
    results = simulate_block(
        region, [ks.load_policy("baseline")], seed=0, replications=range(10), months=1, pre_months=0, parameters="point"
    ).results
    visits = results["visits"].sum()

    assert visits / 10 == pytest.approx(len(cases), rel=0.1)
    assert results["wait_minutes_sum"].sum() / visits == pytest.approx(wait.mean(), rel=0.3)
    assert results["reneged_visits"].sum() / visits == pytest.approx(1 - served.mean(), abs=0.03)


def test_every_estimate_has_n_and_says_where_it_goes(found):
    """One row each; nothing names an officer."""
    table = found.estimates

    assert (table["n"] > 0).all()
    assert set(table["goes_to"]) == {"region", "ledger", "report"}
    assert not table.astype(str).apply(lambda column: column.str.fullmatch(r"o\d\d").any()).any()


def test_what_is_left_out_is_a_whole_number_of_arrivals(cases):
    """Also where a burst on a Saturday is replaced by a mean, nobody is told of half an arrival."""
    fridays, day = cases[cases["arrived"].dt.day_of_week == 4], pd.Timedelta(days=1)
    moments = ["arrived", "started", "finished"]
    saturdays = fridays.assign(**{name: fridays[name] + day for name in moments})
    both = pd.concat([cases, saturdays, pd.concat([saturdays.tail(1)] * 401)], ignore_index=True)
    both["case_id"] = both.index.astype(str)
    region = calibrate({"cases": both}, "my-city", ks.load_region("arcamanik"), source="made log")
    told = {code: number for code, _, number in region.notes}

    assert told["bursts"] == 1
    assert told["weekend"] == round(told["weekend"])


def test_a_log_without_people_who_leave_keeps_the_prior():
    """No patience is estimated, and the reader is told."""
    quiet = calibrate(
        {"cases": made_log(Truth(per_day=60, n_days=5), 2)[0]}, "x", ks.load_region("arcamanik"), source="s"
    )

    assert "patience_median_min" not in set(quiet.estimates["quantity"])
    assert "patience_prior" in {code for code, _, _ in quiet.notes}


def test_an_event_log_gives_a_back_office(tmp_path):
    """Rework and arrivals are measured; without starts of work, minutes and officers stay, and that is said."""
    events = many_cases(600)
    again = events[events["activity"] == "check"].iloc[::10]
    events = pd.concat([events, again.assign(time=again["time"] + pd.Timedelta(days=40))], ignore_index=True)
    events["source_row"] = np.arange(1, len(events) + 1)
    found = calibrate({"events": events}, "office", ks.load_region("arcamanik"), source="made events")
    unit = found.region.units["permits"]

    assert unit.counter is None
    assert unit.error_share.value == pytest.approx(0.1, abs=0.02)
    assert unit.error_share.grade == "measured"
    assert unit.processing.minutes.grade == "estimate"
    assert {"units.permits.processing.minutes", "units.permits.processing.officers"} <= set(found.kept)


def test_starts_of_work_give_minutes():
    """Where every step has a start and a completion an hour later, a case takes its hours of work."""
    rows = []
    for i in range(80):
        begin = pd.Timestamp("2026-01-05 09:00") + pd.Timedelta(days=i % 5 + 7 * (i // 20), minutes=i % 20)
        for step in range(2):
            for hour, kind in ((0, "start"), (1, "complete")):
                rows.append((f"c{i}", f"s{step}", begin + pd.Timedelta(hours=2 * step + hour), "o", kind, "", "back"))
    columns = ["case_id", "activity", "time", "officer", "lifecycle", "channel", "unit"]
    events = pd.DataFrame(rows, columns=columns).assign(source_row=range(1, 321))
    found = calibrate({"events": events}, "office", ks.load_region("arcamanik"), source="made events")

    assert found.region.units["back"].processing.minutes.value == pytest.approx(120.0)


def test_the_file_loads_and_runs(found, tmp_path):
    """What is written is read back as the same region, and the simulator takes it."""
    path = tmp_path / "my-city.yaml"
    written = write_region(path, region_text(found.region, "arcamanik", found.kept))
    run = ks.simulate(ks.load_region(path), "baseline", months=3, pre_months=1)

    assert written == found.region
    assert "#   population" in path.read_text(encoding="utf-8")
    assert run.results["throughput_cases"].sum() > 0


def test_other_peoples_files_are_safe(tmp_path):
    """A file that calibrate did not write is not touched; one that it did may be written again."""
    mine, theirs = tmp_path / "my-city.yaml", tmp_path / "other.yaml"
    theirs.write_text("name: other\n", encoding="utf-8")
    mine.write_text(
        "# Written by `kinerja calibrate`; what is not measured is kept from region 'x':\n", encoding="utf-8"
    )

    with pytest.raises(InputError, match="somebody else wrote"):
        check_output(theirs, "other")
    with pytest.raises(InputError, match=r"be a file called city\.yaml"):
        check_output(mine, "city")
    assert check_output(mine, "my-city") == mine


def test_too_little_is_told(cases):
    """Neither log, a census without a survey, or a handful of cases: one line."""
    base = ks.load_region("arcamanik")
    with pytest.raises(InputError, match="hold a queue log or an event log"):
        calibrate({}, "x", base, source="s")
    with pytest.raises(InputError, match="`--census` must come with a survey"):
        calibrate({"cases": cases}, "x", base, source="s", census="post")
    with pytest.raises(InputError, match="50 cases or more"):
        calibrate({"cases": cases.head(20)}, "x", base, source="s")
