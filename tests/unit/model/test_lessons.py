"""Teachers: lessons are given at their hour or missed, and engagement draws effort from them alone."""

from __future__ import annotations

import numpy as np
import pytest

from kinerja_sim.know.calendar import load_calendar
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.model.demand import draw_months
from kinerja_sim.model.lessons import give_lessons
from kinerja_sim.model.officers import State, draw_officers
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.plan import make_levers, make_plan
from kinerja_sim.model.records import COHORT, FLOW, N_COHORT, N_FLOW, OFFICER
from kinerja_sim.model.simulate import simulate_block
from kinerja_sim.model.workforce import conduct_of

POINT = draw_parameters(0, [0], "point")[0]
REGION = load_region("lampung")
PLAN = make_plan(REGION)
UNIT = next(u for u in PLAN.units if u.name == "teachers")
MONTH = next(draw_months(UNIT, "lampung", load_calendar().months(2026, 5, 1), POINT, seed=0, replication=0))


def given(offset: np.ndarray, missed: np.ndarray) -> tuple[dict[str, float], dict[str, float], np.ndarray]:
    """Return the sums of a month of lessons: flow and cohort by name, and teachers' columns."""
    flow, cohort, officers = np.zeros(N_FLOW), np.zeros(N_COHORT), np.zeros((missed.size, len(OFFICER)))
    give_lessons(MONTH, offset, missed, sum(UNIT.posted), 45.0, 1.0, flow, cohort, officers)
    return dict(zip(FLOW, flow[: len(FLOW)], strict=True)), dict(zip(COHORT, cohort, strict=False)), officers


def test_every_lesson_is_given_or_missed() -> None:
    """Held and missed lessons add up to the timetable; who is there and never stays away gives every lesson."""
    n, due = sum(UNIT.posted), float(MONTH.demand.key.size)
    there = np.zeros((MONTH.days.start.size, n))
    for missed in (0.0, 0.3):
        flow, cohort, officers = given(there, np.full(n, missed))

        assert flow["throughput_cases"] + flow["lost_demand_cases"] == due == cohort["turnaround_cases"]
        assert officers[:, OFFICER.index("cases")].sum() == flow["throughput_cases"] == cohort["on_time_cases"]
        assert flow["lost_demand_cases"] / due == pytest.approx(missed, abs=0.03)


def test_a_teacher_who_is_away_gives_no_lesson() -> None:
    """Lessons of a teacher who is away all day are missed; the others' lessons are as before."""
    n = sum(UNIT.posted)
    there = np.zeros((MONTH.days.start.size, n))
    away = there.copy()
    away[:, 3] = MONTH.days.length
    _, _, before = given(there, np.full(n, 0.1))
    _, _, after = given(away, np.full(n, 0.1))
    held = OFFICER.index("cases")

    assert after[3, held] == 0 < before[3, held]
    assert np.array_equal(np.delete(after, 3, axis=0), np.delete(before, 3, axis=0))


def test_an_added_teacher_stands_in_for_those_who_are_away() -> None:
    """Lessons of a teacher who is away are given by the added one, who gives no others."""
    n = sum(UNIT.posted)
    offset = np.zeros((MONTH.days.start.size, n + 1))
    offset[:, 3] = MONTH.days.length
    flow, _, officers = given(offset, np.zeros(n + 1))
    held = OFFICER.index("cases")

    assert flow["lost_demand_cases"] == 0
    assert officers[3, held] == 0
    assert officers[n, held] == np.count_nonzero(np.arange(MONTH.demand.key.size) % n == 3)


def test_better_work_gives_more_lessons() -> None:
    """Goals make teachers miss fewer lessons; at no presence effect they miss the ledger's share."""
    levers, dose = make_levers([load_policy("baseline").replace(name="goals", goals="specific")]), np.ones(1)
    for slope in (0.0, 0.4):
        params = POINT | {"lesson_presence_d": slope}
        officers = draw_officers(PLAN, params, seed=0, replication=0, draw=0, is_point=True)
        conduct = conduct_of(State.before(officers, 1), officers, levers, params, dose, np.zeros(1))
        missed = conduct.missed[0, UNIT.officers][: sum(UNIT.posted)].mean()

        if slope:
            assert missed < 0.95 * params["lesson_missed_share"]
        else:
            assert missed == pytest.approx(params["lesson_missed_share"], rel=1e-12)


def test_engagement_draws_effort_from_teachers_and_from_nobody_else() -> None:
    """A weight on the community with stakes costs lessons; for clerks it is the same as a weight on results."""
    base = load_policy("baseline")
    stakes = {"appraisal__stakes": 1.0, "appraisal__period": "quarterly"}
    policies = [
        base.replace(name="results", **stakes),
        base.replace(
            name="community", **stakes, appraisal__weights={"results": 0.2, "community": 0.5, "supervisor": 0.3}
        ),
    ]  # fmt: skip
    results = simulate_block(
        REGION, policies, seed=0, replications=[0], months=9, pre_months=0, parameters="point"
    ).results.set_index(["unit", "scenario"])
    clerks = ["education", "general"]
    rate = {p.name: results.loc[("teachers", p.name), "rate_sum"].sum() for p in policies}

    assert rate["community"] < rate["results"]
    for unit in clerks:
        for column in ("rate_sum", "throughput_cases", "validity_sxy"):
            a, b = (results.loc[(unit, p.name), column].to_numpy() for p in policies)
            assert a == pytest.approx(b, rel=1e-12)
