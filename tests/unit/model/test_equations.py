"""Sections 7.3, 7.4 and 7.11 of docs/model_odd.md once more, officer by officer in plain Python."""

from __future__ import annotations

from math import e, exp, expm1, log
from typing import Any

import numpy as np
import pytest

from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.model.dynamics import advance
from kinerja_sim.model.officers import SKILLS, Officers, State, draw_officers
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.plan import make_levers, make_plan
from kinerja_sim.model.rng import stream
from kinerja_sim.model.workforce import conduct_of

PLAN = make_plan(load_region("lampung"))
ALL = {
    "appraisal__weights": {"results": 0.5, "citizens": 0.1, "community": 0.1, "supervisor": 0.2, "peers": 0.1},
    "appraisal__period": "quarterly", "appraisal__stakes": 0.7, "goals": "specific", "start_month": 1,
    "feedback": {"to_officers": True, "citizens_visible": True, "monitoring": True},
}  # fmt: skip
POLICIES = [
    load_policy("baseline").replace(
        name=f"p-{prior.replace('_', '-')}", allowance={"prior": prior, "share": 0.6}, **ALL
    )
    for prior in ("sceptical", "optimistic", "negative", "tax_office", "unconditional")
]
LEVERS = make_levers(POLICIES)
AGE, DOSE = 5.0, 0.8


def drawn(draw: int) -> tuple[dict[str, float], Officers, State]:
    """Return a draw of the ledger, its officers, and a state in which nothing is nil."""
    params = draw_parameters(9, [draw], "ledger")[0]
    # Replication and draw differ, as in a sweep: what is known belongs to the draw.
    officers = draw_officers(PLAN, params, seed=9, replication=100 + draw, draw=draw, is_point=False)
    state, rng = State.before(officers, len(POLICIES)), stream(9, "equations", draw)
    for name in ("praise", "unfairness", "paid", "strain", "overwork", "award", "lag"):
        setattr(state, name, rng.uniform(0.1, 0.6, state.shape))
    state.kept, state.fading = rng.normal(0, 0.2, (2, *state.kept.shape))
    state.resistance = state.resistance + rng.normal(0, 0.3, state.resistance.shape)
    state.load = rng.uniform(0.6, 1.2, state.shape)
    state.talks[:] = 0.5
    state.rater_skill[:] = 0.5
    return params, officers, state


def conduct_written_out(p: dict[str, float], of: Officers, st: State, s: int, o: int) -> dict[str, float]:
    """Return section 7.4 for one policy and officer."""
    skill = {name: st.kept[i, s, o] + st.fading[i, s, o] for i, name in enumerate(SKILLS)}
    sdp, discount = of.sdp[o], p["effect_discount"]
    resisting = st.resistance[:, s, o].sum() + p["resistance_unfair"] * st.unfairness[s, o]
    cut = 1 - p["response_slope"] * (resisting - of.resistance_mean[o])
    response = min(max(cut, 0.0), 1.5) * of.response_scale[o]
    heard = min(0.5, DOSE)
    pay = {
        "sceptical": p["pfp_field_corrected_d"], "optimistic": p["pfp_psych_d"] * discount,
        "negative": p["pfp_negative_d"] * discount, "tax_office": expm1(p["pfp_tax_logpts"]) / sdp,
        "unconditional": p["uncond_pay_sd"],
    }[POLICIES[s].allowance.prior]  # fmt: skip
    parts = [
        skill["speed"], skill["communication"], skill["managerial"] / sdp, skill["coached"],
        goals := DOSE * response * discount * p["goal_d_specific_difficult"],
        heard * of.feedback_d[o] * p["fb_freq_mult"] ** (log(12 / 3) / log(12)) * response,
        heard * p["msf_d"] * response,
        DOSE * response * p["citizen_effect"] * p["citizen_scorecard_sd"] * p["citizen_scorecard_scale"],
        st.award[s, o] * response / sdp,
        DOSE * response * 0.6 * pay,
        DOSE * response * p["monitor_perf_d"] * 2 ** (-AGE / p["monitor_decay_halflife"]),
    ]  # fmt: skip
    gains, losses = [x for x in parts if x > 0], [x for x in parts if x < 0]
    motivation = (
        st.praise[s, o] - p["justice_causal_share"] * p["procedural_justice_r"] * st.unfairness[s, o]
        + p["crowd_out_d"] * discount * st.paid[s, o]
    )  # fmt: skip
    gain = (max(gains, default=0) + sum(gains)) / 2 + (min(losses, default=0) + sum(losses)) / 2
    gain += 0.5 * p["im_perf_rho"] * motivation - 0.5 * abs(p["exhaustion_perf_r"]) * st.strain[s, o] - st.lag[s, o]
    focus = min(
        max(p["focus_strength"] * 0.7 * (0.5 - 0.1 * p["goal_measurability_citizens"]) * DOSE * response, -1), 1
    )
    elsewhere = p["focus_strength"] * 0.7 * 0.1 * DOSE * response * PLAN.teaches[o]
    moved = 1 + p["focus_rate_gain"] * (focus - elsewhere)
    rate = max(0.3, 1 + sdp * gain) * moved
    load, usual, saturated = st.load[s, o], of.load[o], 0.93
    busy = min(max(min(load, saturated) / min(usual, saturated), 0.5), 2) ** p["load_speedup_elast"]
    busy *= min(max(max(load, saturated) / max(usual, saturated), 0.5), 2) ** -p["load_speedup_elast"]
    q = 0.5 * 0.5
    x = (
        p["error_skill_d"] * (skill["accuracy"] + p["coach_accuracy_share"] * skill["coached"] - st.lag[s, o])
        + p["error_strain_d"] * st.strain[s, o] + p["error_motivation_d"] * motivation
        - p["quality_tradeoff_elast"] * log(moved * (1 + sdp * max(goals, 0) * q))
        + log(p["audit_rr_noncompliance"]) * discount * heard * (1 - q)
        + log(1 + p["overwork_error_elast"] * st.overwork[s, o])
    )  # fmt: skip
    return {
        "rate": rate, "speed": of.speed[o] * rate / busy, "error": min(max(of.error[o] * e**x, 0), 0.95),
        "missed": min(max(of.missed[o] * exp(-p["lesson_presence_d"] * (rate - 1) / sdp), 0), 0.95),
        "courtesy": skill["communication"] - p["courtesy_focus_d"] * focus + p["courtesy_strain_d"] * st.strain[s, o],
        "performance": of.ability[o] + gain, "response": response, "motivation": motivation, "resistance": resisting,
    }  # fmt: skip


@pytest.mark.parametrize("draw", range(8))
def test_officers_work_as_the_page_says(draw: int) -> None:
    """Rate, speed, errors, courtesy and all else of every officer are the equations of section 7.4."""
    params, officers, state = drawn(draw)
    now = conduct_of(state, officers, LEVERS, params, np.full(len(POLICIES), DOSE), np.full(len(POLICIES), AGE))
    for s in range(len(POLICIES)):
        for o in np.flatnonzero(PLAN.posted):
            for name, value in conduct_written_out(params, officers, state, s, o).items():
                assert getattr(now, name)[s, o] == pytest.approx(value, rel=1e-11, abs=1e-12), (name, s, o)


@pytest.mark.parametrize("draw", range(4))
def test_what_a_month_wears_off_has_its_own_half_life(draw: int) -> None:
    """Every state of section 7.11 moves by its own row of the ledger in a month in which nothing is held."""
    params, officers, state = drawn(draw)
    doses, month = np.full(len(POLICIES), DOSE), 7
    before: dict[str, Any] = {name: np.copy(value) for name, value in vars(state).items() if name != "shape"}
    now = conduct_of(state, officers, LEVERS, params, doses, LEVERS.age(month))
    advance(PLAN, state, officers, now, LEVERS, params, doses, month)

    def left(row: str) -> float:
        return 2 ** (-1 / params[row])

    accurate, strain_left = SKILLS.index("accuracy"), left("strain_reversion_months")
    for i in range(len(SKILLS)):
        fades = left("decay_halflife_accuracy" if i == accurate else "decay_halflife_speed")
        assert state.fading[i] == pytest.approx(before["fading"][i] * fades, rel=1e-12)
    for name in ("praise", "unfairness"):
        assert getattr(state, name) == pytest.approx(before[name] * left("motivation_reversion_months"), rel=1e-12)
    assert state.award == pytest.approx(before["award"] * left("award_halflife_months"), rel=1e-12)
    assert state.lag == pytest.approx(before["lag"] * left("newcomer_halflife_months"), rel=1e-12)
    assert state.rater_skill == pytest.approx(before["rater_skill"] * left("decay_halflife_accuracy"), rel=1e-12)
    excess = np.maximum(0, before["load"] / 0.93 - 1) - np.maximum(0, officers.load / 0.93 - 1)
    assert state.overwork == pytest.approx(before["overwork"] + (excess - before["overwork"]) / 3, rel=1e-12)
    aim = 2 * params["epm_stress_r"] * DOSE + params["strain_overwork_d"] * state.overwork
    assert state.strain == pytest.approx(aim + (before["strain"] - aim) * strain_left, rel=1e-12)
    start = officers.resistance[:, None]
    gap = (before["resistance"] - start) * left("resistance_reversion_months")
    assert state.resistance == pytest.approx(start + gap, rel=1e-12)


def test_what_is_known_of_an_office_belongs_to_the_draw() -> None:
    """Replications of one draw share the office's capacity and its luck with feedback; their officers differ."""
    params = draw_parameters(9, [3], "ledger")[0]
    one, other = (draw_officers(PLAN, params, seed=9, replication=r, draw=3, is_point=False) for r in (0, 1))
    stage = PLAN.units[1].stage(0)
    posted = slice(stage.start, stage.start + PLAN.units[1].posted[0])
    assert np.array_equal(one.feedback_d, other.feedback_d)
    assert one.speed[posted].mean() == pytest.approx(other.speed[posted].mean(), rel=1e-12)
    assert one.speed[posted].mean() != pytest.approx(1.0, abs=1e-4)
    assert not np.array_equal(one.ability, other.ability)


@pytest.mark.parametrize("draw", range(4))
def test_officers_at_the_start_are_as_the_page_says(draw: int) -> None:
    """The usual load of every stage follows from the region file and the leave of the draw."""
    params, officers, _ = drawn(draw)
    for u in PLAN.units:
        for i, stage in enumerate((u.unit.counter, u.unit.processing)):
            if stage is None:
                continue
            own = u.unit.error_share.value if u.unit.error_share else params["error_share_base"]
            again = 1 + own * params["rework_work_share"] if i == 1 or u.unit.processing is None else 1
            time = stage.officers.value * u.unit.day_minutes.value * (1 - params["leave_days_per_year"] / 240)
            expected = min(1, u.unit.arrivals.per_day.value * stage.minutes.value * again / time)
            assert officers.load[u.stage(i)] == pytest.approx(expected, rel=1e-12)
