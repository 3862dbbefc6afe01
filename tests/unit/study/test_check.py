"""The check finds what is planted, and passes what is sound."""

import numpy as np
import pandas as pd
import pytest

import kinerja_sim as ks
from kinerja_sim.study import check as ck
from kinerja_sim.study import queues
from tests import fake_model

NAMES = ["baseline", "null", "one_more_officer"]


@pytest.fixture
def results():
    """Return fake results with every policy also at dose 0; backlog keeps the books."""
    policies = list(ck.with_dose_0([ks.load_policy(n) for n in NAMES]))
    options = {"seed": 1, "replications": range(3), "months": 4, "pre_months": 2, "parameters": "ledger"}
    table = fake_model.simulate_block(ks.load_region("arcamanik"), policies, **options).results
    table["throughput_cases"] = table["arrivals_cases"] - 5.0
    table["backlog_cases"] = 5.0 * (table["period"] + 20)
    return table


def verdicts(findings, code=None):
    """Return (unit, scenario, value, verdict) of the findings of one check."""
    return [(f.unit, f.scenario, f.value, f.verdict) for f in findings if code in (None, f.check)]


def test_a_sound_table_passes(results):
    """Dose 0 and pre months differ in no cell; the policy that acts is seen to act; null is proof as well."""
    found = list(ck.proofs(results, "arcamanik", nulls={"null"}))

    assert {f.verdict for f in found} == {"ok"}
    assert {(f.check, f.scenario) for f in found} == {
        ("zero_dose", "null"), ("zero_dose", "one_more_officer"), ("pre_months", "null"),
        ("pre_months", "one_more_officer"), ("acts", "one_more_officer"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("scenario", "period", "code"),
    [("one_more_officer-at-dose-0", 3, "zero_dose"), ("one_more_officer", -1, "pre_months"), ("null", 2, "zero_dose")],
)
def test_a_planted_difference_is_found(results, scenario, period, code):
    """One cell that is off by the smallest number fails the proof and is named."""
    at = results.index[(results["scenario"] == scenario) & (results["period"] == period)][0]
    results.loc[at, "visits"] += 1e-12 * results.loc[at, "visits"]
    failed = [f for f in ck.proofs(results, "arcamanik", nulls={"null"}) if f.verdict == "failed"]

    assert [(f.check, f.value) for f in failed] == [(code, 1)]
    assert failed[0].detail == f"visits, replication 0, month {period}"


def test_nan_against_a_number_is_a_difference(results):
    """A cell that is NaN on one side only fails; NaN on both sides is equal."""
    at = results.index[results["scenario"] == "one_more_officer-at-dose-0"][0]
    results.loc[at, "grade_validity"] = 0.5

    assert [f.check for f in ck.proofs(results, "arcamanik") if f.verdict == "failed"] == ["zero_dose"]


def test_a_policy_that_never_acts_is_worth_a_warning(results):
    """An empty proof is noticed: a policy that changes nothing at full dose either."""
    found = [f for f in ck.proofs(results, "arcamanik") if f.check == "acts"]

    assert verdicts(found)[0] == ("", "null", 0, "warning")


def test_a_lost_case_breaks_the_books(results):
    """One case missing in one month is found in its unit."""
    baseline = results[results["scenario"] == "baseline"].copy()
    assert {f.verdict for f in ck.conservation(baseline)} == {"ok"}
    unit = baseline["unit"].iloc[0]
    baseline.loc[baseline.index[2], "throughput_cases"] -= 1

    assert [f for f in verdicts(ck.conservation(baseline)) if f[3] == "failed"] == [(unit, "", 1.0, "failed")]


def test_draws_that_cannot_cope_are_counted_and_named(results):
    """A draw that finishes under 97 per cent of what arrives is unstable, and only that draw."""
    baseline = results[results["scenario"] == "baseline"].copy()
    baseline["throughput_cases"] = baseline["arrivals_cases"]
    assert {f.verdict for f in ck.stability(baseline)} == {"ok"}
    unit = baseline["unit"].iloc[0]
    baseline.loc[(baseline["draw"] == 2) & (baseline["unit"] == unit), "throughput_cases"] *= 0.9
    flagged = [f for f in ck.stability(baseline) if f.verdict == "warning"]

    assert [(f.unit, f.value, f.detail) for f in flagged] == [(unit, 1, "draw 2 of 3")]


def test_a_backlog_that_belies_the_turnaround_is_flagged(results):
    """Backlog must be what arrivals a day and mean turnaround imply, within a day."""
    baseline = results[results["scenario"] == "baseline"].copy()
    baseline["backlog_cases"] = baseline["arrivals_cases"] / 20 * 2.0
    days = 80  # four months of twenty
    assert {f.verdict for f in ck.littles_law(baseline, days)} == {"ok"}
    baseline["backlog_cases"] *= 4

    assert {f.verdict for f in ck.littles_law(baseline, days)} == {"warning"}


def test_officers_that_drift_without_a_policy_are_flagged(results):
    """A service rate that grows month by month under the baseline is a drift of several changes that matter."""
    baseline = results[results["scenario"] == "baseline"].assign(**dict.fromkeys(queues.STATES, 0.5))
    assert {f.verdict for f in ck.drift(baseline)} == {"ok"}
    baseline["service_rate_index"] = 1 + 0.01 * baseline["period"]
    found = list(ck.drift(baseline))

    assert {(f.verdict, f.detail) for f in found} == {("warning", "service_rate_index")}
    assert found[0].value == pytest.approx(5)


def test_a_start_unlike_a_year_later_is_flagged():
    """Turnaround that begins a day above the same months a year later is no settled start; a season is none."""
    rows = pd.DataFrame(
        [(r, p, 3 + np.sin(np.pi * p / 6) + 0.01 * r) for r in range(4) for p in range(-6, 24)],
        columns=["replication", "period", "turnaround_days_mean"],
    ).assign(region="arcamanik", unit="loket")
    assert {f.verdict for f in ck.warm_up(rows)} == {"ok"}
    assert not list(ck.warm_up(rows[rows["period"] < 10]))  # no whole half-year to compare with
    rows["turnaround_days_mean"] += np.exp(-(rows["period"] + 6) / 2.0) * (1 + 0.1 * rows["replication"])
    (found,) = ck.warm_up(rows)

    assert (found.unit, found.verdict) == ("loket", "warning")
    assert found.value == pytest.approx(1.15 * np.exp(-np.arange(6) / 2).mean() / 0.1, rel=0.01)


def test_short_horizons_are_flagged():
    """An annual appraisal within two years is held twice, which is too few."""
    found = ck.appraisals([ks.load_policy("baseline"), ks.load_policy("quarterly_kpi")], 24)

    assert (found.value, found.verdict, found.detail) == (1, "warning", "baseline")


def test_the_simulator_passes():
    """The real model holds every proof, with a policy of each kind."""
    found = ck.check("arcamanik", ["null", "arcamanik", "one_more_officer"], months=3, pre_months=1)

    assert found.is_passed
    assert list(found.table.columns) == list(ck.Finding.__annotations__)
    assert set(found.table["check"]) == set(ck.CODES) - {"replication", "warm_up"}  # three months are too few for it
    acting = found.table.query("check == 'acts' and verdict == 'ok'")["scenario"]
    assert set(acting) == {"arcamanik", "one_more_officer"}


def test_a_failed_replication_fails_the_check(monkeypatch):
    """What could not be run is not proved."""
    real = ck.execute
    monkeypatch.setattr(ck, "execute", lambda *a, **k: real(*a, **k | {"simulate_block": fake_model.failing_block}))
    found = ck.check("arcamanik", ["null"], months=3, pre_months=1, replications=4)

    assert not found.is_passed
    assert isinstance(found.table, pd.DataFrame)
    assert found.findings[0].check == "replication"
