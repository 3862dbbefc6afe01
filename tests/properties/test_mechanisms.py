"""No branch of the model is dead: every mechanism matters somewhere, in the direction that it should."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.know.fields import Profile, Quantity
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.know.pooling import metric_value
from kinerja_sim.know.regions import OwnRows, Region, Supply
from kinerja_sim.know.schema import METRICS, TURNAROUND_BINS, WAIT_BINS
from kinerja_sim.model import simulate
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.simulate import simulate_block

TECHNICAL = {"kind": "technical", "hours_jp": 20}
RESULTS_ONLY = {
    "goals": "specific",
    "appraisal__weights": {"results": 1.0},
    "appraisal__targets": {"quantity": 1, "on_time": 0},
}
POLICIES: dict[str, tuple[str, str, dict[str, Any], str, int]] = {
    # mechanism: region, unit, changes to baseline, metric, sign of the effect
    "training teaches speed": ("tebing-tinggi", "documents", {"training": [TECHNICAL]}, "turnaround_days_mean", -1),
    "training teaches accuracy": ("tebing-tinggi", "documents", {"training": [TECHNICAL]}, "rework_share", -1),
    "training takes officers off the counter": (
        "tebing-tinggi", "ktp", {"training": [{"kind": "communication", "hours_jp": 120, "every_months": 1}]},
        "wait_minutes_mean", 1,
    ),
    "communication training raises courtesy": (
        "arcamanik", "sukamiskin", {"training": [{"kind": "communication", "hours_jp": 20}]}, "satisfaction_index", 1,
    ),
    "managerial training": (
        "tebing-tinggi", "documents", {"training": [{"kind": "managerial", "hours_jp": 20}]}, "service_rate_index", 1,
    ),
    "goals": ("lampung", "general", {"goals": "generic"}, "wait_minutes_mean", -1),
    "feedback talks": ("lampung", "general", {"feedback": {"to_officers": True}}, "service_rate_index", 1),
    "talks take time": ("lampung", "general", {"feedback": {"to_officers": True}}, "appraisal_hours", 1),
    "citizens' ratings shown to officers": (
        "lampung", "general", {"feedback": {"citizens_visible": True}}, "service_rate_index", 1,
    ),
    "monitoring strains": ("lampung", "general", {"feedback": {"monitoring": True}}, "rework_share", 1),
    "award": ("lampung", "general", {"recognition": {"share": 0.2}}, "service_rate_index", 1),
    "praise motivates": ("lampung", "general", {"recognition": {"share": 0.2}}, "motivation_z", 1),
    "coaching": ("lampung", "general", {"coaching": {"trigger": "everyone"}}, "service_rate_index", 1),
    "stakes make grades hurt": (
        "lampung", "general", {"appraisal__stakes": 0.8, "appraisal__period": "semester"}, "motivation_z", -1,
    ),
    "surprise raises resistance": ("lampung", "general", {"appraisal__stakes": 0.8}, "resistance_z", 1),
    "participation answers habit": (
        "tebing-tinggi", "ktp", {"socialisation": {"kind": "participatory", "waves": 3}}, "resistance_z", -1,
    ),
    "guarantees answer fear": (
        "lampung", "general", {"socialisation": {"kind": "one_way", "guarantees": True}}, "resistance_z", -1,
    ),
    "support answers pressure": (
        "tangerang-selatan", "ktp", {"socialisation": {"kind": "one_way", "support": True}}, "resistance_z", -1,
    ),
    "pay under the optimistic prior": (
        "lampung", "general", {"allowance": {"prior": "optimistic", "share": 1.0}}, "service_rate_index", 1,
    ),
    "pay under the negative prior": (
        "lampung", "general", {"allowance": {"prior": "negative", "share": 1.0}}, "service_rate_index", -1,
    ),
    "pay crowds motivation out": (
        "lampung", "general", {"allowance": {"prior": "optimistic", "share": 1.0}}, "motivation_z", -1,
    ),
    "counting quantity costs care": (
        "lampung", "general", {**RESULTS_ONLY, "appraisal__stakes": 0.9}, "rework_share", 1,
    ),
    "records grade truer than impressions": ("lampung", "general", RESULTS_ONLY, "grade_validity", 1),
    "peers grade truer than one supervisor": (
        "tangerang-selatan", "ktp", {"appraisal__weights": {"supervisor": 0.4, "peers": 0.6}}, "grade_validity", 1,
    ),
    "several raters an office": ("tangerang-selatan", "ktp", {"appraisal__rater_span": 2}, "grade_validity", 0),
    "rotation changes raters": ("tangerang-selatan", "ktp", {"appraisal__rotation_months": 6}, "grade_validity", 0),
    "a strict scale spreads grades": (
        "tangerang-selatan", "ktp", {"appraisal__leniency": "calibrated"}, "grade_entropy_bits", 1,
    ),
    "a forced distribution spreads grades": (
        "tangerang-selatan", "ktp", {"appraisal__forced_distribution": "needs_improvement"}, "grade_entropy_bits", 1,
    ),
    "the other scheme": ("tangerang-selatan", "ktp", {"appraisal__scheme": "pp30"}, "misgraded_share", 0),
    "an app hears the contented": (
        "lampung", "general", {"channels": ["paper", "app"]}, "satisfaction_index_measured", 0,
    ),
    "one officer more": ("lampung", "general", {"capacity": {"extra_officers": 1}}, "wait_minutes_mean", -1),
    "no breakdowns": (
        "tebing-tinggi", "documents", {"capacity": {"no_offline_days": True}}, "turnaround_days_mean", -1,
    ),
    "no shortage": ("tebing-tinggi", "ktp", {"capacity": {"no_shortage": True}}, "turnaround_days_mean", -1),
    "a complaint line hears who is not content": (
        "lampung", "general", {"channels": ["paper", "complaint"]}, "satisfaction_index_measured", -1,
    ),
    "subordinates beside the supervisor": (
        "tangerang-selatan", "ktp", {"appraisal__weights": {"supervisor": 0.4, "subordinates": 0.6}},
        "grade_validity", 1,
    ),
    "trained raters grade truer": (
        "tangerang-selatan", "ktp", {"rater_training": {"hours_jp": 8}}, "grade_validity", 1,
    ),
    "newcomers are slower": ("lampung", "general", {"turnover": {"share": 0.6}}, "service_rate_index", -1),
    "empty posts lengthen the queue": ("lampung", "general", {"turnover": {"share": 0.6}}, "wait_minutes_mean", 1),
    "who is graded low leaves": (
        "tangerang-selatan", "ktp",
        {"turnover": {"share": 1.0, "who": "below_expectation"}, "appraisal__forced_distribution": "needs_improvement"},
        "service_rate_index", -1,
    ),
    "coaching takes time": ("lampung", "general", {"coaching": {"trigger": "everyone"}}, "training_hours", 1),
    "a workshop takes time": (
        "lampung", "general", {"socialisation": {"kind": "participatory"}}, "training_hours", 1,
    ),
    "online queue": ("lampung", "general", {"capacity": {"online_queue": True}}, "wait_minutes_mean", -1),
}  # fmt: skip


def office(region: str, unit: str) -> Region:
    """Return a region with one office only."""
    full = load_region(region)
    return full.model_copy(update={"units": {unit: full.units[unit]}})


def value(results: pd.DataFrame, metric: str) -> float:
    """Return a metric pooled over all months and replications of a scenario."""
    sums = results.select_dtypes("number").sum()
    histograms = {"wait": sums[WAIT_BINS].to_numpy(), "turnaround": sums[TURNAROUND_BINS].to_numpy()}
    return float(metric_value(METRICS[metric], {k: np.asarray(v) for k, v in sums.items()}, histograms))


@pytest.mark.parametrize("mechanism", POLICIES)
def test_every_lever_matters_and_pulls_the_right_way(mechanism: str) -> None:
    """At the ledger's points each lever moves its metric, in the direction of its evidence (0: it moves at all)."""
    region, unit, changes, metric, sign = POLICIES[mechanism]
    base = load_policy("baseline")
    policies = [base, base.replace(name="lever", **changes)]
    block = simulate_block(
        office(region, unit), policies, seed=2, replications=range(2), months=18, pre_months=0, parameters="point"
    )
    before, after = (value(block.results[block.results["scenario"] == p.name], metric) for p in policies)

    assert after != before
    assert sign == 0 or np.sign(after - before) == sign


OFFICES: dict[str, tuple[str, str, dict[str, Any], str, int]] = {
    # feature of a service unit: region, unit, changes to the unit, metric, sign
    "tickets run out": ("lampung", "general", {"tickets_per_day": 60}, "baulked_visits", 1),
    "tickets lose people": ("lampung", "general", {"tickets_per_day": 100}, "lost_demand_cases", 1),
    "a priority line": ("lampung", "general", {"priority_line": False}, "priority_visits", -1),
    "deadlines by kind": ("tangerang-selatan", "complaints", {"complaint_clock": False}, "on_time_share", 0),
    "triage": ("tangerang-selatan", "complaints", {"complaint_clock": False}, "triaged_out_cases", -1),
    "breakdowns": ("tebing-tinggi", "documents", {"offline": 40}, "turnaround_days_mean", 1),
    "a printer's limit": ("tebing-tinggi", "documents", {"limit": 150}, "turnaround_days_mean", 1),
    "rework": ("tebing-tinggi", "documents", {"error_share": 0.4}, "turnaround_days_mean", 1),
    "a backlog at the start": ("tebing-tinggi", "documents", {"backlog": 3000}, "turnaround_days_mean", 1),
    "officers who come and go": ("lampung", "general", {"staffing": 0.8}, "wait_minutes_mean", 1),
    "less patience than elsewhere": ("lampung", "general", {"patience_median_min": 5.0}, "reneged_share", 1),
    "digital reach": ("arcamanik", "sukamiskin", {"urban": False}, "measured_ratings", -1),
}  # fmt: skip


def changed(region: Region, changes: dict[str, Any]) -> Region:
    """Return the region with its one office changed."""
    name, unit = next(iter(region.units.items()))
    unit_changes: dict[str, Any] = {}
    for key, new in changes.items():
        if key in ("offline", "limit"):
            field = "offline_days_per_year" if key == "offline" else "limit_per_day"
            label = "days per year" if key == "offline" else "cases per working day"
            number = Quantity.model_construct(value=float(new), unit=label, source="test", grade="estimate")
            supply = unit.supply or Supply(offline_days_per_year=None)
            supply = supply.model_copy(update={field: number})
            unit_changes["supply"] = supply
        elif key == "staffing" and unit.counter:
            shares = (float(new),) * len(unit.arrivals.half_hour.values)
            row = Profile(values=shares, unit="share of officers", source="test", grade="estimate")
            unit_changes["counter"] = unit.counter.model_copy(update={"staffing": row})
        elif key in OwnRows.model_fields:
            row = Quantity.model_construct(value=new, unit="", source="test", grade="estimate")
            unit_changes["ledger"] = OwnRows.model_construct(**{key: row})
        elif key in ("tickets_per_day", "error_share", "backlog"):
            unit_changes[key] = Quantity.model_construct(value=new, unit="", source="test", grade="estimate")
        else:
            unit_changes[key] = new
    return region.model_copy(update={"units": {name: unit.model_copy(update=unit_changes)}})


@pytest.mark.parametrize("feature", OFFICES)
def test_every_feature_of_an_office_matters(feature: str) -> None:
    """Changing one feature of an office moves its metric, in the direction that it should."""
    name, unit, changes, metric, sign = OFFICES[feature]
    usual = office(name, unit)
    policy = load_policy("app_channel_only")
    values = []
    for region in (usual, changed(usual, changes)):
        results = simulate_block(
            region, [policy], seed=2, replications=range(2), months=6, pre_months=0, parameters="point"
        ).results
        values.append(value(results, metric) if metric in METRICS else float(results[metric].sum()))

    assert values[1] != values[0]
    assert sign == 0 or np.sign(values[1] - values[0]) == sign


PARAMETERS: dict[str, tuple[str, str, float, str, int]] = {
    # coefficient of the ledger: region, unit, another value, metric, sign
    "load_speedup_elast": ("lampung", "general", 0.0, "wait_minutes_mean", 0),
    "overwork_error_elast": ("tangerang-selatan", "ktp", 3.0, "rework_share", 1),
    "strain_overwork_d": ("tangerang-selatan", "ktp", 40.0, "service_rate_index", -1),
    "patience_median_min": ("lampung", "general", 20.0, "reneged_share", 1),
    "patience_shape": ("lampung", "general", 3.0, "reneged_share", -1),
    "patience_return_prob": ("lampung", "general", 0.2, "lost_demand_cases", 1),
    "arrival_day_cv": ("lampung", "general", 0.5, "wait_minutes_mean", 1),
    "service_cv": ("lampung", "general", 0.3, "wait_minutes_mean", -1),
    "leave_days_per_year": ("lampung", "general", 40.0, "wait_minutes_mean", 1),
    "rework_work_share": ("tebing-tinggi", "documents", 1.0, "turnaround_days_mean", 1),
    "wait_sat_slope": ("lampung", "general", -0.5, "satisfaction_index", -1),
    "wait_sat_slope_rushed": ("lampung", "general", -0.9, "satisfaction_index", -1),
    "sat_late_points": ("tebing-tinggi", "ktp", -30.0, "satisfaction_index", -1),
    "sat_error_points": ("tebing-tinggi", "ktp", -30.0, "satisfaction_index", -1),
    "sat_lost_points": ("lampung", "general", -60.0, "satisfaction_index", -1),
    "gaming_share": ("tangerang-selatan", "complaints", 1.0, "reported_on_time_share", 1),
    "gaming_slope": ("tangerang-selatan", "complaints", 1.0, "reported_on_time_share", -1),
    "near_miss_factor": ("tangerang-selatan", "complaints", 1.6, "reported_on_time_share", 1),
}


LEVERS: dict[str, tuple[dict[str, Any], float, str, int]] = {
    # coefficient that acts with a lever only: changes to baseline, another value, metric, sign
    "courtesy_strain_d": ({"feedback": {"monitoring": True}}, -2.0, "satisfaction_index", -1),
    "courtesy_focus_d": ({**RESULTS_ONLY, "appraisal__stakes": 0.9}, 2.0, "satisfaction_index", -1),
    "justice_causal_share": ({"appraisal__stakes": 0.8, "appraisal__period": "semester"}, 0.5, "motivation_z", -1),
    "coaching_hours_month": ({"coaching": {"trigger": "everyone"}}, 20.0, "wait_minutes_mean", 1),
    "coach_accuracy_share": ({"coaching": {"trigger": "everyone"}}, 1.0, "rework_share", -1),
    "socialisation_wave_minutes": ({"socialisation": {"kind": "participatory"}}, 1800.0, "wait_minutes_mean", 1),
    "socialisation_one_way_time_share": ({"socialisation": {"kind": "one_way"}}, 1.0, "training_hours", 1),
    "socialisation_repeat_mult": (
        {"socialisation": {"kind": "participatory", "waves": 3, "every_months": 1}}, 1.0, "resistance_z", -1,
    ),
    "booking_hold_minutes": ({"capacity": {"online_queue": True}}, 6.0, "wait_minutes_mean", 1),
    "complaint_tilt": ({"channels": ["paper", "complaint"]}, -3.0, "satisfaction_index_measured", -1),
    "subordinate_raters": ({"appraisal__weights": {"subordinates": 1.0}}, 6.0, "grade_validity", 1),
    "newcomer_gap_d": ({"turnover": {"share": 0.6}}, 2.0, "service_rate_index", -1),
    "newcomer_halflife_months": ({"turnover": {"share": 0.6}}, 12.0, "service_rate_index", -1),
    "vacancy_months": ({"turnover": {"share": 0.6}}, 6.0, "wait_minutes_mean", 1),
    "pp30_points_per_sd": (
        {"appraisal__scheme": "pp30", "appraisal__period": "monthly"}, 12.0, "grade_entropy_bits", 1,
    ),
    "irr_supervisor_admin": ({}, 0.9, "grade_validity", 1),
    "subj_obj_r": ({}, 0.7, "grade_validity", 1),
    "irr_peer": ({"appraisal__weights": {"peers": 1.0}}, 0.9, "grade_validity", 1),
    "skill_use_share": ({"training": [{"kind": "managerial", "hours_jp": 20, "every_months": 0}]}, 0.0,
                        "service_rate_index", -1),
}  # fmt: skip


@pytest.mark.parametrize("name", LEVERS)
def test_every_coefficient_of_a_lever_matters(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another value of a lever's coefficient moves its metric, in the direction that it should."""
    changes, other, metric, sign = LEVERS[name]
    policy = load_policy("baseline").replace(name="lever", **changes)
    point = draw_parameters(0, [0], "point")[0]
    values = []
    for params in (point, {**point, name: other}):
        monkeypatch.setattr(simulate, "draw_parameters", partial(_fixed, params))
        results = simulate_block(
            office("lampung", "general"), [policy], seed=6, replications=range(3), months=18, pre_months=0,
            parameters="point",
        ).results  # fmt: skip
        values.append(value(results, metric))

    assert np.sign(values[1] - values[0]) == sign


def _fixed(params: dict[str, float], _seed: int, draws: Sequence[int], _mode: str) -> list[dict[str, float]]:
    """Stand in for the ledger's draws with one fixed vector."""
    return [params for _ in draws]


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_coefficient_of_the_office_matters(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another value of a coefficient moves its metric, in the direction that it should."""
    name_of, unit, other, metric, sign = PARAMETERS[name]
    region = office(name_of, unit)
    if "overwork" in name:  # only an office that its peak months push beyond saturation is overworked
        arrivals = region.units[unit].arrivals
        more = arrivals.model_copy(update={"per_day": arrivals.per_day.model_copy(update={"value": 475.0})})
        region = region.model_copy(update={"units": {unit: region.units[unit].model_copy(update={"arrivals": more})}})
    policy = load_policy(
        "baseline"
        if "overwork" in name
        else "tangerang-selatan"
        if metric == "reported_on_time_share"
        else "speed_only"
    )
    games = {"gaming_share": 0.0 if name == "gaming_share" else 1.0} if metric == "reported_on_time_share" else {}
    point = draw_parameters(0, [0], "point")[0] | games
    values = []
    for params in (point, {**point, name: other}):
        monkeypatch.setattr(simulate, "draw_parameters", partial(_fixed, params))
        results = simulate_block(
            region, [policy], seed=4, replications=range(2), months=8, pre_months=0, parameters="point"
        ).results
        values.append(value(results, metric))

    assert values[1] != values[0]
    assert sign == 0 or np.sign(values[1] - values[0]) == sign


def test_nobody_games_without_stakes_or_without_near_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offices that would game report what is so without stakes, or where a near miss is within once the standard."""
    point = draw_parameters(0, [0], "point")[0] | {"gaming_share": 1.0}
    punctual = {"goals": "specific", "appraisal__weights": {"results": 1.0}}
    flattered = []
    for stakes, factor in ((0.0, 1.25), (0.8, 1.0), (0.8, 1.25)):
        monkeypatch.setattr(simulate, "draw_parameters", partial(_fixed, point | {"near_miss_factor": factor}))
        policy = load_policy("baseline").replace(name="punctual", appraisal__stakes=stakes, **punctual)
        results = simulate_block(
            load_region("tangerang-selatan"), [policy], seed=4, replications=[0], months=6, pre_months=0,
            parameters="point",
        ).results  # fmt: skip
        flattered.append(value(results, "reported_on_time_share") - value(results, "on_time_share"))

    assert flattered[:2] == [0, 0]
    assert flattered[2] > 0


def test_each_office_games_or_not_on_its_own() -> None:
    """In a region of several offices some report more on time than is so, and others in the same replication do not."""
    policy = load_policy("tangerang-selatan")
    results = simulate_block(
        load_region("tangerang-selatan"), [policy], seed=0, replications=range(12), months=6, pre_months=0,
        parameters="point",
    ).results  # fmt: skip
    more = (results["reported_on_time_cases"] > results["on_time_cases"]).groupby(
        [results["replication"], results["unit"]]
    )
    offices_gaming = more.any().groupby("replication").sum()
    assert ((offices_gaming > 0) & (offices_gaming < results["unit"].nunique())).any()


def test_a_stopped_policy_keeps_what_was_learnt_and_nothing_else() -> None:
    """After a stop goals no longer pull, while trained skill stays."""
    base = load_policy("baseline")
    policies = [
        base,
        base.replace(name="goals", goals="specific", stop_month=6),
        base.replace(name="skill", training=[TECHNICAL], stop_month=6),
    ]
    results = simulate_block(
        office("lampung", "general"), policies, seed=0, replications=[0], months=12, pre_months=0, parameters="point"
    ).results
    late, early = results[results["period"] >= 8], results[results["period"].between(2, 5)]
    rates = {}
    for policy in policies:
        parts = [part[part["scenario"] == policy.name] for part in (early, late)]
        rates[policy.name] = [value(part, "service_rate_index") for part in parts]

    assert rates["goals"][0] > 1.02
    assert abs(rates["goals"][1] - rates["baseline"][1]) < 1e-9
    assert rates["skill"][1] > 1.02
