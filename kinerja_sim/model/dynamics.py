"""What a month does to officers: training, socialisation, coaching, wear and recovery.

Half-lives come from the ledger. Trained skill that daily use keeps alive does not
fade; the rest does, accuracy faster than speed (Tatel and Ackerman). Most open to
dispute: socialisation, for which no causal estimate exists.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kinerja_sim.know.policies import Policy, Training
from kinerja_sim.model.demand import UnitMonth
from kinerja_sim.model.officers import (
    CAUSES,
    FULL_COACHING_MONTHS,
    OVERWORK_MONTHS,
    SKILLS,
    Officers,
    State,
    cause_weight,
)
from kinerja_sim.model.plan import Levers, RegionPlan, UnitPlan
from kinerja_sim.model.workforce import SATURATION, Conduct

MINUTES_PER_JP = 45.0


def _half(months: float) -> float:
    """Return the share that is left after one month of a half-life."""
    return float(2.0 ** (-1.0 / months))


def is_due(first: int, every: int, period: int) -> bool:
    """Return whether something that starts in month `first` and repeats every `every` months falls in `period`."""
    since = period - first
    return since == 0 or (since > 0 and every > 0 and since % every == 0)


def trainings_in(policy: Policy, since: int) -> list[Training]:
    """Return the training programmes held `since` months after the policy's start."""
    return [t for t in policy.training if is_due(t.first_month, t.every_months, since)]


def training_minutes(levers: Levers, dose: np.ndarray, period: int) -> np.ndarray:
    """Return the minutes of training per officer in `period`, [S]."""
    hours = [sum(t.hours_jp for t in trainings_in(p, period - p.start_month)) * p.dose for p in levers.policies]
    return np.array(hours) * MINUTES_PER_JP * (dose > 0)


def is_wave_due(policy: Policy, waves: float, since: int) -> bool:
    """Return whether a wave of socialisation is held `since` months after the policy's start, `waves` having passed."""
    plan = policy.socialisation
    return plan is not None and waves < plan.waves and is_due(plan.first_month, plan.every_months, since)


def scattered_minutes(
    levers: Levers, state: State, params: Mapping[str, float], dose: np.ndarray, period: int
) -> np.ndarray:
    """Return the minutes that coaching and socialisation take each officer off the post this month, [S, O].

    Coaching takes the officer's time as long as the coach's; a wave takes everybody's.
    """
    minutes = 60.0 * params["coaching_hours_month"] * dose[:, None] * (state.coaching_left > 0)
    for s, policy in enumerate(levers.policies):
        if dose[s] > 0 and is_wave_due(policy, state.waves[s, 0], period - policy.start_month):
            one_way = policy.socialisation is not None and policy.socialisation.kind == "one_way"
            share = params["socialisation_one_way_time_share"] if one_way else 1.0
            minutes[s] += policy.dose * share * params["socialisation_wave_minutes"]
    return minutes


def minutes_off(
    plan: UnitPlan,
    month: UnitMonth,
    at_work: np.ndarray,
    n_counter: int,
    *,
    training: float,
    scattered: np.ndarray,
    vacant: np.ndarray,
    extra_dose: float,
) -> np.ndarray:
    """Return from which minute of each day each officer is there, [D, officers].

    Training takes whole days in a row, staggered over the office; talks, ratings, coaching
    and workshops (`scattered`, minutes of the month, [officers]) take a few minutes of every
    day. Nobody sits at a vacant post (`vacant`, bool [officers]). Somebody always stays: with
    all of a stage away, its first officer works.
    """
    n_days, n = month.days.start.size, at_work.size
    length = month.days.length
    offset = np.minimum((scattered / n_days)[None, :], length[:, None])
    if training > 0:
        days_needed = int(np.ceil(training / length.min()))
        first = (np.arange(n) * max(1, days_needed)) % max(1, n_days - days_needed + 1)
        for j in range(n):
            left = training
            for d in range(first[j], min(first[j] + days_needed, n_days)):
                minutes = min(left, length[d])
                offset[d, j] = min(length[d], offset[d, j] + minutes)
                left -= minutes
    away = month.away[:, at_work - plan.first] | vacant
    offset = np.where(away, length[:, None], offset)
    for first_slot, stop, posted in (
        (0, n_counter, plan.posted[0]),
        (n_counter, n, plan.posted[1]),
    ):
        for j in range(first_slot + posted, stop):  # an extra officer, there in proportion to the dose
            offset[:, j] = np.where(month.lift[:, 2] < extra_dose, offset[:, j], length)
        if stop > first_slot:
            nobody = (offset[:, first_slot:stop] >= length[:, None]).all(axis=1)
            offset[nobody, first_slot] = 0.0
    return offset


def usual_resistance(officers: Officers, state: State) -> np.ndarray:
    """Return the resistance that those at the posts return to, by cause, [3, S, O] or [3, 1, O]."""
    own = officers.at_post(state.generation).resistance
    return own[:, None, :] if own.ndim == 2 else own


def _larger(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return the larger of two effects by size, sign kept."""
    return np.where(np.abs(new) > np.abs(old), new, old)


def _train(
    state: State, policy: Policy, s: int, since: int, params: Mapping[str, float], response: np.ndarray, dose: float
) -> None:
    """Add what this month's training taught; a repeat restores what has faded and adds nothing on top."""
    for training in trainings_in(policy, since):
        scale = dose * min(1.0, training.hours_jp / params["train_full_jp"]) * params["effect_discount"]
        if training.format == "team":
            scale *= params["train_team_mult"]
        gain = scale * response
        taught: tuple[str, ...]
        if training.kind == "technical":
            gain = gain * params["train_d_job"]
            taught = ("speed", "accuracy")
        elif training.kind == "communication":
            gain, taught = params["train_bmt_behaviour_d"] * gain, ("communication",)
        else:
            course = params["train_managerial_output"] * params["train_managerial_course_mult"]  # relative output
            gain, taught = course * gain, ("managerial",)
        used = params["skill_use_share"]
        for i in map(SKILLS.index, taught):
            state.kept[i, s] = _larger(state.kept[i, s], used * gain)
            state.fading[i, s] = _larger(state.fading[i, s], (1.0 - used) * gain)


def _socialise(
    state: State, policy: Policy, s: int, since: int, params: Mapping[str, float], region: RegionPlan, dose: float
) -> None:
    """Lower resistance, cause by cause, by one wave of socialisation; each further wave does less."""
    plan = policy.socialisation
    if plan is None or not is_wave_due(policy, state.waves[s, 0], since):
        return
    strength = {
        "habit": params["one_way_share"] if plan.kind == "one_way" else 1.0,
        "pressure": float(plan.support),
        "fear": float(plan.guarantees),
    }
    for c, cause in enumerate(CAUSES):
        own = strength[cause]
        other = max(value for name, value in strength.items() if name != cause)
        # What is meant for another cause does a little for this one too.
        effect = max(own, params["resistance_mismatch"] * other) * cause_weight(cause, region, params)
        again = params["socialisation_repeat_mult"] ** state.waves[s, 0]
        state.resistance[c, s] += dose * params["resist_social_d"] * effect * again
    state.waves[s, 0] += 1.0


def advance(
    plan: RegionPlan,
    state: State,
    officers: Officers,
    conduct: Conduct,
    levers: Levers,
    params: Mapping[str, float],
    dose: np.ndarray,
    period: int,
) -> None:
    """Let one month pass: `state` is changed in place."""
    left = {name: _half(params[f"{name}_reversion_months"]) for name in ("motivation", "strain", "resistance")}
    state.praise *= left["motivation"]
    state.unfairness *= left["motivation"]
    excess = np.maximum(0.0, state.load / SATURATION - 1.0) - np.maximum(0.0, officers.load / SATURATION - 1.0)
    state.overwork += (excess - state.overwork) / OVERWORK_MONTHS
    watched = 2.0 * params["epm_stress_r"] * (levers.monitoring * dose)[:, None]
    aim = watched + params["strain_overwork_d"] * state.overwork
    state.strain[:] = aim + (state.strain - aim) * left["strain"]
    usual = usual_resistance(officers, state)
    state.resistance[:] = usual + (state.resistance - usual) * left["resistance"]
    state.paid[:] = (levers.is_pay_conditional * levers.allowance_share * dose)[:, None]
    # Accuracy goes faster than everything else that is not used (Tatel and Ackerman).
    fades = [params["decay_halflife_accuracy" if s == "accuracy" else "decay_halflife_speed"] for s in SKILLS]
    state.fading *= np.array([_half(months) for months in fades])[:, None, None]
    state.rater_skill *= _half(params["decay_halflife_accuracy"])  # who rates once a year does not use it
    state.lag *= np.where(state.vacant > 0, 1.0, _half(params["newcomer_halflife_months"]))
    state.vacant = np.maximum(state.vacant - 1.0, 0.0)
    state.award *= _half(params["award_halflife_months"])
    learning = state.coaching_left > 0
    course = params["coach_skill_d"] * params["effect_discount"] / FULL_COACHING_MONTHS
    taught, used, i = (
        learning * course * conduct.response * dose[:, None],
        params["skill_use_share"],
        SKILLS.index("coached"),
    )
    state.kept[i] += used * taught
    state.fading[i] += (1.0 - used) * taught
    state.coaching_left -= learning
    state.coaching_done += learning
    cause = CAUSES.index(plan.region.resistance_cause)
    for s, policy in enumerate(levers.policies):
        # One-off measures reach everybody the policy is meant for, however slowly the rest is phased in.
        reach, since = policy.dose * (dose[s] > 0), period - policy.start_month
        _train(state, policy, s, since, params, conduct.response[s], reach)
        raters = policy.rater_training
        if raters is not None and is_due(raters.first_month, raters.every_months, since):
            state.rater_skill[s] = max(state.rater_skill[s], reach)
        _socialise(state, policy, s, since, params, plan, reach)
        if since == 0 and (policy.socialisation is None or policy.socialisation.first_month > 0):
            state.resistance[cause, s] += reach * levers.stakes[s] * params["resistance_surprise"]
