"""The panel of queues says what the closed forms and the tables say, and sees what is planted."""

import numpy as np
import pytest

import kinerja_sim as ks
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.model import queueing
from kinerja_sim.study import queues
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
    assert not table.duplicated(queues.PLACE).any()
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


def test_an_extra_officer_lightens_the_load_of_theory(results, region):
    """A scenario that adds officers is compared with queues that have them."""
    results["rate_sum"] = results["officer_months"]
    results["attempts"], results["failed_attempts"] = 300.0, 0.0
    plain = queues.queue_table(results, {"arcamanik": region}, **SPAN)
    more = queues.queue_table(results, {"arcamanik": region}, extra={"one_more_officer": 1}, **SPAN)
    changed = plain["relaxation_days"] > more["relaxation_days"]

    assert set(plain.loc[changed, "scenario"]) == {"one_more_officer"}


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


def test_draws_that_cannot_cope_are_counted_by_place(results):
    """One draw of one unit that finishes too little is counted there and nowhere else."""
    results["throughput_cases"] = results["arrivals_cases"]
    results["triaged_out_cases"], results["busy_minutes"] = 0.0, 0.5 * results["staffed_minutes"]
    unit = results["unit"].iloc[0]
    at = (results["draw"] == 2) & (results["unit"] == unit) & (results["scenario"] == "baseline")
    results.loc[at, "throughput_cases"] *= 0.9
    found = queues.stability(queues.series(results))
    hit = found[found["n_unstable"] > 0]

    assert hit[["unit", "scenario", "unstable"]].to_numpy().tolist() == [[unit, "baseline", "2"]]


def test_one_replication_is_not_judged_by_littles_law(results):
    """Without a second replication nothing is allowed for chance, so nothing is judged."""
    alone = queues.littles_law(queues.series(results[results["draw"] == 0]), 80)

    assert np.isnan(alone["little_allowed"]).all()
