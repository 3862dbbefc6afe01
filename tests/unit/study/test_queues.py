"""The panel of queues says what the closed forms and the tables say, and sees what is planted."""

import numpy as np
import pytest

import kinerja_sim as ks
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.model import queueing
from kinerja_sim.study import queues
from kinerja_sim.study.contrasts import contrast, with_unstable
from kinerja_sim.study.summary import PLACE, series
from tests import fake_model

SPAN = {"months": 4, "pre_months": 2}


@pytest.fixture(scope="module")
def region():
    """Return a small region with counters and processing."""
    return ks.load_region("arcamanik")


@pytest.fixture
def results(region):
    """Return fake results of two policies, three draws."""
    policies = [ks.load_policy(n) for n in ("baseline", "one_more_officer")]
    return fake_model.simulate_block(
        region, policies, seed=1, replications=range(3), parameters="ledger", **SPAN
    ).results


def test_one_row_for_every_queue(results, region):
    """Each unit and scenario has one row, and only today's practice is asked whether officers drift."""
    results = results.assign(**dict.fromkeys(queues.STATES, 0.5))
    table = queues.queue_table(results, {"arcamanik": region}, **SPAN)

    assert len(table) == len(region.units) * 2
    assert not table.duplicated(PLACE).any()
    assert set(table.loc[table["drift"].notna(), "scenario"]) == {"baseline"}


def test_closed_forms_are_those_of_the_library(results, region):
    """M/M/c beside the simulation is `ks.queueing` at the simulated visits and the region file's officers."""
    results["visits"], results["rate_sum"] = 600.0, results["officer_months"]
    name, unit = next(iter(region.units.items()))
    table = queues.queue_table(results, {"arcamanik": region}, **SPAN).set_index(["unit", "scenario"])
    full = sum(month.length_factor.sum() for month in queues.span_days(**SPAN))
    arrivals = 600.0 * SPAN["months"] / full / (30 * len(unit.arrivals.half_hour.values))
    rate = (1 - load_ledger()["leave_days_per_year"].point / 240) / unit.counter.minutes.value

    assert table.loc[(name, "baseline"), "wait_mmc"] == pytest.approx(
        queueing.wait_mmc(arrivals, rate, unit.counter.officers.value), rel=1e-9
    )


def test_a_counter_whose_officers_come_and_go_is_held_against_no_even_day(results, region):
    """Load counts minutes at the post; forms for an even day are left out; Erlang A lies between two numbers."""
    results["visits"], results["rate_sum"] = 600.0, results["officer_months"]
    name, unit = next(iter(region.units.items()))
    n = len(unit.arrivals.half_hour.values)
    row = {"values": (0.75,) * n, "unit": "share of officers", "source": "a test", "grade": "estimate"}
    shorter = {f"units__{name}__day_minutes__value": 30.0 * n, f"units__{name}__processing__minutes__value": 0.01}
    tables = []
    for staffing, officers in ((None, 2), (row, 2), (None, 1)):
        changed = {f"units__{name}__counter__staffing": staffing, f"units__{name}__counter__officers__value": officers}
        made = region.replace(**shorter, **changed)
        tables.append(queues.queue_table(results, {"arcamanik": made}, **SPAN).set_index(["unit", "scenario"]))
    all_day, part, one = (table.loc[(name, "baseline")] for table in tables)

    assert part["load"] == pytest.approx(all_day["load"] / 0.75)
    assert part[["wait_mmc", "wait_allen_cunneen", "turnaround_theory"]].isna().all()
    assert part["wait_erlang_a"] == pytest.approx((all_day["wait_erlang_a"] + one["wait_erlang_a"]) / 2)
    assert not all_day[["wait_mmc", "wait_allen_cunneen", "wait_erlang_a"]].isna().any()


def test_an_extra_officer_lightens_the_load_of_theory(results, region):
    """A scenario that adds officers is compared with queues that have them."""
    results["rate_sum"] = results["officer_months"]
    results["attempts"], results["failed_attempts"] = 300.0, 0.0
    plain = queues.queue_table(results, {"arcamanik": region}, **SPAN)
    more = queues.queue_table(results, {"arcamanik": region}, extra={"one_more_officer": 1}, **SPAN)
    changed = plain["relaxation_days"] > more["relaxation_days"]

    assert set(plain.loc[changed, "scenario"]) == {"one_more_officer"}


def test_a_repeat_counts_as_its_share_of_a_case(results, region, monkeypatch):
    """Where 40 % of attempts fail and a repeat is 30 % of the work, 100 attempts weigh as 60 + 40 × 0.3 cases."""
    point = queues._point
    monkeypatch.setattr(queues, "_point", lambda row, *unit: 0.3 if row == "rework_work_share" else point(row, *unit))
    results["rate_sum"], results["visits"], results["attempts"] = results["officer_months"], 1.0, 300.0
    loads = []
    for failed in (0.0, 120.0):
        table = queues.queue_table(results.assign(failed_attempts=failed), {"arcamanik": region}, **SPAN)
        loads.append(table.set_index(["unit", "scenario"]).loc[(next(iter(region.units)), "baseline"), "load"])

    assert loads[1] / loads[0] == pytest.approx(0.6 + 0.4 * 0.3, rel=1e-9)


def test_a_run_that_is_short_for_its_queue_is_named(results, region):
    """A processing queue near full load forgets too slowly for four months; a light one does not."""
    results["rate_sum"] = results["officer_months"]
    results["visits"] = 1.0
    name, unit = next(iter(region.units.items()))
    per_day = unit.processing.officers.value * unit.day_minutes.value / unit.processing.minutes.value
    for load, short in ((0.5, False), (0.99, True)):
        present = 1 - load_ledger()["leave_days_per_year"].point / 240
        full = sum(month.length_factor.sum() for month in queues.span_days(**SPAN)) / SPAN["months"]
        results["attempts"], results["failed_attempts"] = load * present * per_day * full, 0.0
        table = queues.queue_table(results, {"arcamanik": region}, **SPAN).set_index(["unit", "scenario"])

        assert bool(table.loc[(name, "baseline"), "is_short"]) is short
        assert table.loc[(name, "baseline"), "load"] == pytest.approx(load, rel=1e-9)


@pytest.mark.parametrize(("column", "factor"), [("throughput_cases", 0.9), ("busy_minutes", 0.99 / 0.5)])
def test_draws_that_cannot_cope_are_counted_by_place(results, column, factor):
    """One draw of one unit that finishes too little, or has no free minute, is counted there and nowhere else."""
    results["throughput_cases"] = results["arrivals_cases"]
    results["triaged_out_cases"], results["busy_minutes"] = 0.0, 0.5 * results["staffed_minutes"]
    unit = results["unit"].iloc[0]
    at = (results["draw"] == 2) & (results["unit"] == unit) & (results["scenario"] == "baseline")
    results.loc[at, column] *= factor
    found = queues.stability(series(results))
    hit = found[found["n_unstable"] > 0]

    assert hit[["unit", "scenario", "unstable"]].to_numpy().tolist() == [[unit, "baseline", "2"]]


def test_one_replication_is_not_judged_by_littles_law(results):
    """Without a second replication nothing is allowed for chance, so nothing is judged."""
    alone = queues.littles_law(series(results[results["draw"] == 0]), 80)

    assert np.isnan(alone["little_allowed"]).all()


def test_a_contrast_counts_draws_in_which_either_policy_cannot_cope(results):
    """Draw 0 fails under today's practice and draw 2 under the policy: two draws of that unit, none of the others."""
    unit = results["unit"].iloc[0]
    for scenario, draw in (("baseline", 0), ("one_more_officer", 2)):
        at = (results["unit"] == unit) & (results["scenario"] == scenario) & (results["draw"] == draw)
        results.loc[at, ["throughput_cases", "lost_demand_cases"]] = 0
    sane = results["unit"] != unit
    results.loc[sane, "throughput_cases"] = results.loc[sane, "arrivals_cases"]
    whole = (results["unit"] == unit) & (results["throughput_cases"] > 0)
    results.loc[whole, "throughput_cases"] = results.loc[whole, "arrivals_cases"]
    results["busy_minutes"] = 0.5 * results["staffed_minutes"]
    table = with_unstable(contrast(results), series(results))

    assert (table.loc[table["unit"] == unit, "n_unstable"] == 2).all()
    assert (table.loc[table["unit"] != unit, "n_unstable"] == 0).all()


def test_the_median_of_a_contrast_is_that_of_the_pairs(results):
    """Beside every mean stands the median of the same paired differences."""
    table = contrast(results).set_index(["unit", "metric", "window"])["median"]
    pooled = series(results)
    by = {name: part["backlog_cases"].to_numpy() for name, part in pooled.groupby("scenario")}
    units = pooled.loc[pooled["scenario"] == "baseline", "unit"].to_numpy()
    delta = by["one_more_officer"] - by["baseline"]
    for unit in set(units):
        assert table[(unit, "backlog_cases", "all")] == pytest.approx(np.median(delta[units == unit]))
