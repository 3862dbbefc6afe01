"""Officers who leave: by lot and by month, replaced by somebody else who has to learn."""

from __future__ import annotations

import numpy as np
import pytest

from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.model.dynamics import advance, scattered_minutes
from kinerja_sim.model.officers import MOST_SUCCESSORS, Officers, State, draw_officers
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.plan import Levers, make_levers, make_plan
from kinerja_sim.model.turnover import Departures, replace_leavers
from kinerja_sim.model.workforce import conduct_of

PLAN = make_plan(load_region("tebing-tinggi"))
POINT = draw_parameters(0, [0], "point")[0]
PRESENT = PLAN.posted[None, :]
BASE = load_policy("baseline")


def levers_of(**turnover: object) -> Levers:
    """Return the levers of a policy with turnover."""
    return make_levers([BASE.replace(name="leaving", turnover=turnover)])


def officers_of(n_successors: int = MOST_SUCCESSORS) -> Officers:
    """Return officers with those who would follow them."""
    return draw_officers(PLAN, POINT, seed=3, replication=0, draw=0, is_point=True, n_successors=n_successors)


@pytest.mark.parametrize("dose", [0.0, 0.5, 1.0])
def test_as_many_leave_in_a_year_as_the_policy_says(dose: float) -> None:
    """Over many years the share that leaves is the policy's share times its dose; at dose 0 nobody does."""
    levers, doses, left = levers_of(share=0.3), np.full(1, dose), 0.0
    departures = Departures(PLAN, levers, 1, 0)
    stays = np.ones(PLAN.n_officers)
    for _ in range(200):
        stays[:] = 1
        for _ in range(12):
            leaving = departures.next_month(levers, doses, np.array([False]), None, PRESENT)
            stays[leaving[0]] = 0
        left += 1 - stays[PLAN.posted].mean()

    assert left / 200 == pytest.approx(0.3 * dose, abs=0.02)


def test_only_who_is_graded_low_leaves_and_only_after_an_appraisal() -> None:
    """With the share at one everybody graded below good leaves, nobody else, and nobody between appraisals."""
    levers, dose = levers_of(share=1.0, who="below_expectation"), np.ones(1)
    departures = Departures(PLAN, levers, 1, 0)
    grade = np.arange(PLAN.n_officers)[None, :] % 5
    held = departures.next_month(levers, dose, np.array([True]), grade, PRESENT)

    assert np.array_equal(held, (grade >= 2) & PRESENT)
    assert not departures.next_month(levers, dose, np.array([False]), None, PRESENT).any()


def test_a_successor_is_somebody_else_who_knows_nothing_yet() -> None:
    """The post is empty, then held by another ability and resistance without the predecessor's skills and behind."""
    officers = officers_of()
    state = State.before(officers, 1)
    state.kept += 0.4
    state.praise += 1.0
    leaving = np.zeros((1, PLAN.n_officers), bool)
    leaving[0, 2] = True
    replace_leavers(state, officers, leaving, POINT)
    now = officers.at_post(state.generation)
    others = ~leaving[0]

    assert state.skill("speed")[0, 2] == 0 == state.praise[0, 2]
    assert state.vacant[0, 2] == round(POINT["vacancy_months"])
    assert state.lag[0, 2] == POINT["newcomer_gap_d"]
    assert now.ability[0, 2] == officers.successors[0].ability[2] != officers.ability[2]
    assert np.array_equal(now.ability[0, others], officers.ability[others])
    assert np.array_equal(state.resistance[:, 0, 2], officers.successors[0].resistance[:, 2])


def test_newcomers_catch_up_once_they_are_there() -> None:
    """The lag stays while the post is empty, then halves every half-life; output follows it."""
    params = POINT | {"newcomer_halflife_months": 2.0, "vacancy_months": 3.0}
    officers, levers, dose = officers_of(), levers_of(share=0.1), np.ones(1)
    state = State.before(officers, 1)
    leaving = np.zeros((1, PLAN.n_officers), bool)
    leaving[0, 0] = True
    replace_leavers(state, officers, leaving, params)
    lags = []
    for month in range(7):
        lags.append(float(state.lag[0, 0]))
        now = conduct_of(state, officers, levers, params, dose, levers.age(month))
        advance(PLAN, state, officers, now, levers, params, dose, month)

    assert lags[:4] == [POINT["newcomer_gap_d"]] * 4
    assert lags[6] == pytest.approx(POINT["newcomer_gap_d"] * 2.0 ** (-3 / 2))


def test_the_last_successor_stays() -> None:
    """After more people than the model draws the last one holds the post."""
    officers = officers_of(2)
    far = officers.at_post(np.full((1, PLAN.n_officers), 9))

    assert np.array_equal(far.speed[0], officers.successors[-1].speed)


def test_coaching_and_workshops_take_minutes_and_dose_zero_takes_none() -> None:
    """Who is coached loses the coach's hours, everybody the workshop's minutes; telling takes a share of them."""
    officers = officers_of(0)
    for kind, share in (("participatory", 1.0), ("one_way", POINT["socialisation_one_way_time_share"])):
        policy = BASE.replace(name="explained", socialisation={"kind": kind}, coaching={"trigger": "everyone"})
        levers = make_levers([policy])
        state = State.before(officers, 1)
        state.coaching_left[0, 1] = 4.0
        minutes = scattered_minutes(levers, state, POINT, np.ones(1), 0)
        workshop = share * POINT["socialisation_wave_minutes"]

        assert minutes[0, 0] == pytest.approx(workshop)
        assert minutes[0, 1] == pytest.approx(workshop + 60 * POINT["coaching_hours_month"])
        assert (scattered_minutes(levers, state, POINT, np.zeros(1), 0) == 0).all()
        assert (scattered_minutes(levers, state, POINT, np.ones(1), 1)[0, 0]) == 0  # the wave is over
