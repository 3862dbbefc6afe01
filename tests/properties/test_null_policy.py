"""What must be exactly nothing: policies at dose 0, all months before the start, company in the same run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.know.library import list_policies, list_regions, load_policy, load_region
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.schema import DOSE, KEYS
from kinerja_sim.model.simulate import simulate_block

VALUES_OF = {"seed": 3, "months": 13, "pre_months": 4, "parameters": "ledger"}


def small(name: str, share: float = 0.15) -> Region:
    """Return a region with less demand and fewer officers, so that proofs over all policies stay quick."""
    region = load_region(name)
    units = {}
    for key, unit in region.units.items():
        per_day = unit.arrivals.per_day
        fewer = per_day.model_copy(update={"value": max(1.0, share * per_day.value)})
        arrivals = unit.arrivals.model_copy(update={"per_day": fewer})
        units[key] = unit.model_copy(update={"arrivals": arrivals})
    return region.model_copy(update={"units": units})


def levers_of_no_file() -> list[Policy]:
    """Return policies for every lever that no file of the library pulls."""
    base = load_policy("baseline")
    every = {
        "appraisal__weights": {"results": 0.6, "supervisor": 0.2, "subordinates": 0.2},
        "appraisal__stakes": 0.5,
        "appraisal__period": "quarterly",
        "channels": ["paper", "complaint"],
        "rater_training": {"hours_jp": 8},
        "capacity": {"online_queue": True},
    }
    return [
        base.replace(name="anybody-leaves", turnover={"share": 0.5}),
        base.replace(name="all-at-once", turnover={"share": 1.0, "who": "below_expectation"}, **every),
    ]


def of(results: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """Return one scenario's rows without its name and dose."""
    return results[results["scenario"] == scenario].drop(columns=["scenario", DOSE]).reset_index(drop=True)


def equal(left: pd.DataFrame, right: pd.DataFrame) -> bool:
    """Return whether two tables are equal to the last bit, NaN where NaN."""
    numbers = left.select_dtypes("number").columns
    return bool(np.array_equal(left[numbers].to_numpy(), right[numbers].to_numpy(), equal_nan=True))


@pytest.mark.parametrize("name", list_regions())
def test_every_policy_at_dose_zero_is_the_baseline_to_the_last_bit(name: str) -> None:
    """Through its own code path, no policy at dose 0 changes any number of any metric, unit or month."""
    policies = [*(load_policy(p) for p in list_policies()), *levers_of_no_file()]
    zero = [p.replace(name=f"{p.name}-zero", dose=0.0) for p in policies if p.name != "baseline"]
    results = simulate_block(small(name), [load_policy("baseline"), *zero], replications=[0, 5], **VALUES_OF).results

    for policy in zero:
        assert equal(of(results, policy.name), of(results, "baseline")), policy.name


@pytest.mark.parametrize("name", list_regions())
def test_every_policy_equals_the_baseline_before_it_starts(name: str) -> None:
    """In the pre months every policy equals the baseline exactly; afterwards all but the null one do something."""
    policies = [*(load_policy(p) for p in list_policies()), *levers_of_no_file()]
    results = simulate_block(small(name), policies, replications=[1], **VALUES_OF).results
    before, after = results[results["period"] < 0], results[results["period"] >= 0]

    for policy in policies:
        assert equal(of(before, policy.name), of(before, "baseline")), policy.name
    assert equal(of(after, "null"), of(after, "baseline"))
    for acting in (load_region(name).preset, "anybody-leaves", "all-at-once"):
        assert not equal(of(after, acting), of(after, "baseline")), acting


def test_a_policy_does_not_depend_on_the_company_it_is_run_in() -> None:
    """A policy's numbers are the same alone, among others, and in another order."""
    region = small("tebing-tinggi")
    names = ["one_more_officer", "baseline", "speed_only", "tebing-tinggi+no_supply_outage"]
    company = [*(load_policy(n) for n in names), *levers_of_no_file()]
    together = simulate_block(region, company, replications=[2], **VALUES_OF).results

    for n in names:
        alone = simulate_block(region, [load_policy(n)], replications=[2], **VALUES_OF).results

        assert equal(of(together, n), of(alone, n)), n


def test_a_replication_does_not_depend_on_the_block_it_is_run_in() -> None:
    """A replication's numbers are the same in any block and order of replications."""
    region, policies = small("lampung"), [load_policy("baseline"), load_policy("lampung")]
    block = simulate_block(region, policies, replications=[7, 4, 5], **VALUES_OF).results
    alone = simulate_block(region, policies, replications=[5], **VALUES_OF).results
    part = block[block["replication"] == 5]

    pd.testing.assert_frame_equal(
        part.sort_values(KEYS).reset_index(drop=True), alone.sort_values(KEYS).reset_index(drop=True), check_exact=True
    )


def test_conservation_of_cases() -> None:
    """Arrivals are finished, lost, triaged out or still there: nothing else happens to a case."""
    region = small("tangerang-selatan")
    results = simulate_block(region, [load_policy("tangerang-selatan")], replications=[0], **VALUES_OF).results
    for _, unit in results.groupby("unit"):
        unit = unit.sort_values("period")
        change = unit["backlog_cases"].diff().iloc[1:]
        gone = unit["throughput_cases"] + unit["lost_demand_cases"] + unit["triaged_out_cases"]
        flow = (unit["arrivals_cases"] - gone).iloc[1:]

        assert np.array_equal(change.to_numpy(), flow.to_numpy())
        assert unit["arrivals_cases"].sum() > 0
