"""Officers: anchored capacity, response to change, components that are not counted twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.model.dynamics import advance
from kinerja_sim.model.officers import SKILLS, Officers, State, draw_officers
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.plan import Levers, make_levers, make_plan
from kinerja_sim.model.workforce import Conduct, combine, conduct_of

PLAN = make_plan(load_region("tebing-tinggi"))
PARAMS = draw_parameters(5, range(30), "ledger")
POINT = draw_parameters(0, [0], "point")[0]


def officers_of(draw: int, params: dict[str, float] | None = None, *, is_point: bool = False) -> Officers:
    """Return the officers of one draw."""
    return draw_officers(PLAN, params or PARAMS[draw], seed=5, replication=draw, draw=draw, is_point=is_point)


def start(changes: dict[str, Any], officers: Officers, dose: float = 1.0) -> tuple[Levers, State]:
    """Return the levers of `baseline` with changes, and officers' state before it starts."""
    levers = make_levers([load_policy("baseline").replace(name="changed", **{"dose": dose, **changes})])
    return levers, State.before(officers, 1)


def after(changes: dict[str, Any], months: int, params: dict[str, float] = POINT, dose: float = 1.0) -> Conduct:
    """Return officers' conduct after some months of a policy that is `baseline` with changes."""
    officers = officers_of(0, params, is_point=True)
    levers, state = start(changes, officers, dose)
    doses = np.full(1, dose)
    for month in range(months):
        now = conduct_of(state, officers, levers, params, doses, levers.age(month))
        advance(PLAN, state, officers, now, levers, params, doses, month)
    return conduct_of(state, officers, levers, params, doses, levers.age(months))


@pytest.mark.parametrize("draw", range(10))
def test_posted_officers_of_a_stage_average_the_capacity_of_the_office(draw: int) -> None:
    """Whoever is drawn, the posted officers' mean speed is the office's capacity, one number for both its stages."""
    officers = officers_of(draw)
    for unit in PLAN.units:
        means = [officers.speed[unit.stage(i)][: unit.posted[i]].mean() for i in (0, 1) if unit.posted[i]]

        assert means == pytest.approx([means[0]] * len(means), rel=1e-12)
        assert means[0] > 0
    assert officers_of(draw, POINT, is_point=True).speed[PLAN.units[0].stage(0)][
        : PLAN.units[0].posted[0]
    ].mean() == pytest.approx(1.0)


@pytest.mark.parametrize("draw", range(10))
def test_response_averages_one_over_the_office_at_baseline(draw: int) -> None:
    """Resistance redistributes an effect over the office and does not discount it a second time."""
    officers = officers_of(draw)
    levers, state = start({}, officers)
    response = conduct_of(state, officers, levers, PARAMS[draw], np.ones(1), np.zeros(1)).response[0]
    for unit in PLAN.units:
        posted = PLAN.posted[unit.officers]

        assert response[unit.officers][posted].mean() == pytest.approx(1.0)
        assert (response >= 0).all()


def test_baseline_officers_work_at_their_own_speed() -> None:
    """Under today's practice every officer's rate is exactly 1, for years."""
    assert (after({}, 30).rate == 1.0).all()


def test_socialisation_alone_changes_resistance_and_no_speed() -> None:
    """Explaining a policy lowers resistance, wave by wave less, and by itself moves no service rate."""
    one, three = (after({"socialisation": {"kind": "participatory", "waves": n, "every_months": 1}}, n) for n in (1, 3))
    told = after({"socialisation": {"kind": "one_way", "waves": 1}}, 1)
    start_level = after({}, 0).resistance.mean()
    drop_one, drop_three, drop_told = (start_level - c.resistance.mean() for c in (one, three, told))

    assert (one.rate == 1.0).all()
    assert 0 < drop_told < drop_one < drop_three < 1.75 * drop_one
    assert one.response[0][PLAN.posted].mean() > 1.0


def test_trained_speed_fades_only_in_the_part_that_is_not_used() -> None:
    """Skill that daily use keeps alive stays and the rest fades; a repeat adds nothing on top."""
    training = {"kind": "technical", "hours_jp": 40, "first_month": 0, "every_months": 0}
    fresh, later = after({"training": [training]}, 1), after({"training": [training]}, 60)
    again = after({"training": [{**training, "every_months": 1}]}, 12)
    gain, kept = fresh.rate - 1, later.rate - 1
    posted = PLAN.posted

    assert (gain[0, posted] > 0).all()
    assert kept[0, posted] == pytest.approx(POINT["skill_use_share"] * gain[0, posted], rel=0.05)
    assert again.rate[0, posted] == pytest.approx(fresh.rate[0, posted], rel=0.01)
    assert (fresh.error[0, posted] < after({}, 1).error[0, posted]).all()


@pytest.mark.parametrize(
    ("changes", "skill"),
    [
        ({"training": [{"kind": "communication", "hours_jp": 20, "every_months": 0}]}, "communication"),
        ({"training": [{"kind": "managerial", "hours_jp": 20, "every_months": 0}]}, "managerial"),
        ({"coaching": {"trigger": "everyone"}}, "coached"),
    ],
)
def test_whatever_was_taught_fades_where_it_is_not_used(changes: dict[str, Any], skill: str) -> None:
    """Of courses and coaching alike the unused part halves with the half-life of speed; what is used stays."""
    params = POINT | {"skill_use_share": 0.6, "decay_halflife_speed": 12.0}
    officers = officers_of(0, params, is_point=True)
    levers, state = start(changes, officers)
    if skill == "coached":
        state.coaching_left[:] = 6.0
    taught = []
    for month in range(19):
        now = conduct_of(state, officers, levers, params, np.ones(1), levers.age(month))
        advance(PLAN, state, officers, now, levers, params, np.ones(1), month)
        i = SKILLS.index(skill)
        taught.append((state.kept[i, 0].mean(), state.fading[i, 0].mean()))

    assert taught[6][0] == taught[18][0] > 0
    assert taught[18][1] == pytest.approx(taught[6][1] / 2)


def test_team_training_does_less_than_individual_training() -> None:
    """A course for the whole office at once has a fraction of the effect of individual training."""
    rates = [
        after({"training": [{"kind": "technical", "hours_jp": 40, "format": f}]}, 1).rate[0, PLAN.posted].mean() - 1
        for f in ("individual", "team")
    ]

    assert rates[1] == pytest.approx(POINT["train_team_mult"] * rates[0])


def test_dose_scales_an_effect_and_zero_leaves_no_trace() -> None:
    """Half the dose is half the effect of a goal; no dose is exactly none."""
    full, half, none = (after({"goals": "specific"}, 2, dose=d).rate - 1 for d in (1.0, 0.5, 0.0))

    assert half[0, PLAN.posted] == pytest.approx(0.5 * full[0, PLAN.posted])
    assert (none == 0.0).all()


def test_counting_only_quantity_moves_effort_from_care_to_speed() -> None:
    """With high stakes on counts officers are faster, fail more and are less courteous; on citizens, the reverse."""
    counts = {
        "goals": "specific",
        "appraisal__weights": {"results": 1.0},
        "appraisal__targets": {"quantity": 1, "on_time": 0},
    }
    loose, tight = (after({**counts, "appraisal__stakes": s}, 0) for s in (0.0, 0.9))
    kind = after({"appraisal__weights": {"citizens": 0.7, "supervisor": 0.3}, "appraisal__stakes": 0.9}, 0)
    posted = PLAN.posted

    assert (tight.rate[0, posted] > loose.rate[0, posted]).all()
    assert (tight.error[0, posted] > loose.error[0, posted]).all()
    assert (tight.courtesy[0, posted] < 0).all()
    assert (kind.courtesy[0, posted] > 0).all()
    assert (kind.rate[0, posted] < 1).all()


def test_monitoring_strains_and_strain_slows() -> None:
    """Electronic monitoring raises strain, which costs a little speed and some errors, and nothing else."""
    watched = after({"feedback": {"monitoring": True}}, 12)

    assert (watched.rate[0, PLAN.posted] < 1).all()
    assert (watched.rate > 0.97).all()
    assert (watched.error > after({}, 12).error).all()


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=9))
def test_a_bundle_lies_between_its_worst_and_the_sum_of_its_parts(parts: list[float]) -> None:
    """A bundle's gain is at least its largest part and at most the largest plus half of the rest; losses likewise."""
    components = np.array(parts)
    gains, losses = components[components > 0], components[components < 0]
    upper = gains.max() + 0.5 * (gains.sum() - gains.max()) if gains.size else 0.0
    lower = losses.min() + 0.5 * (losses.sum() - losses.min()) if losses.size else 0.0

    assert combine(components) == pytest.approx(upper + lower)
    assert combine(np.append(components, 0.0)) == pytest.approx(combine(components))


def test_feedback_luck_belongs_to_the_office_and_not_to_the_person() -> None:
    """One draw of the feedback effect holds for everybody in an office, another for the next office."""
    officers = officers_of(3)
    per_office = [np.unique(officers.feedback_d[u.officers]) for u in PLAN.units]

    assert all(values.size == 1 for values in per_office)
    assert per_office[0] != per_office[1]
