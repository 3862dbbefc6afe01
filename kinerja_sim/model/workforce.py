"""Officers: who they are, how they work this month, and how they change.

State is kept in standard deviations of performance, [S, O] (policies by officers). A
policy acts through components (training, goals, feedback, ...) that are each scaled by
dose and by the officer's response, and combined so that overlapping mechanisms are
not counted twice. Most open to dispute: `effect_discount`, which scales them all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from kinerja_sim.know.regions import Cause
from kinerja_sim.model.plan import Levers, RegionPlan
from kinerja_sim.model.rng import stream

FULL_COACHING_MONTHS = 6  # PP 30/2019: six months to improve
GOAL = 4  # position of the goal among the components
LOWEST_RATE = 0.3  # no draw of the ledger may turn an officer's speed negative


@dataclass(frozen=True)
class Officers:
    """Fixed traits and person-level draws, [O]; the same in every scenario."""

    ability: np.ndarray
    speed: np.ndarray  # at baseline; the posted officers of a stage average the region's capacity
    sdp: np.ndarray  # SD of output over mean output
    error: np.ndarray  # share of attempts that fail, at baseline
    resistance: np.ndarray  # at baseline
    response_scale: np.ndarray  # makes the response average 1 over the office at baseline
    resistance_mean: np.ndarray  # of the office's posted officers
    feedback_d: np.ndarray  # effect of a yearly feedback talk, drawn once an office, discounted


def _office_mean(plan: RegionPlan, values: np.ndarray) -> np.ndarray:
    """Return each office's mean over its posted officers, spread over its slots."""
    return plan.by_unit(np.array([values[u.officers][plan.posted[u.officers]].mean() for u in plan.units]))


def draw_officers(
    plan: RegionPlan, params: Mapping[str, float], *, seed: int, replication: int, draw: int, is_point: bool
) -> Officers:
    """Draw the region's officers for one replication."""
    region = plan.region
    n = plan.n_officers
    ability, resistance, speed = np.empty(n), np.empty(n), np.empty(n)
    capacity, feedback = np.empty(len(plan.units)), np.empty(len(plan.units))
    sdp = np.where(plan.medium, params["sdp_medium"], params["sdp_routine"])
    for i, u in enumerate(plan.units):
        rng = stream(seed, region.name, u.name, replication, "persons")
        for stage in (0, 1):
            ability[u.stage(stage)] = rng.standard_normal(u.slots[stage])
            resistance[u.stage(stage)] = rng.standard_normal(u.slots[stage])
        # Once an office and parameter draw: per person it would average away (evidence.md section 1, rule 7).
        z_capacity, z_feedback = stream(seed, region.name, u.name, draw, "office").standard_normal(2)
        capacity[i] = 1.0 if is_point else math.exp(params["capacity_log_sd"] * z_capacity)
        spread = 0.0 if is_point else params["fb_d_between_sd"] * z_feedback
        feedback[i] = (params["fb_d_mean"] + spread) * params["effect_discount"]
    sigma = np.sqrt(np.log1p(sdp**2))
    relative = np.exp(sigma * ability)
    for i, u in enumerate(plan.units):
        for stage in (0, 1):
            where = u.stage(stage)
            if u.posted[stage]:
                speed[where] = relative[where] / relative[where][: u.posted[stage]].mean() * capacity[i]
            else:
                speed[where] = capacity[i]
    base_error = np.array([_base_error(u.unit.error_share, params) for u in plan.units])
    skill_error = np.exp(params["error_skill_d"] * ability)
    error = plan.by_unit(base_error) * skill_error / _office_mean(plan, skill_error)
    cause: Cause = region.resistance_cause
    resistance = params["resistance_sd"] * resistance + params[f"resistance_start_{cause}"]
    mean = _office_mean(plan, resistance)
    response = _bounded_response(resistance, mean, params)
    return Officers(
        ability=ability,
        speed=speed,
        sdp=sdp,
        error=np.clip(error, 0.0, 0.95),
        resistance=resistance,
        response_scale=1.0 / _office_mean(plan, response),
        resistance_mean=mean,
        feedback_d=plan.by_unit(feedback),
    )


def _base_error(share: object, params: Mapping[str, float]) -> float:
    return params["error_share_base"] if share is None else float(share.value)  # type: ignore[attr-defined]


def _bounded_response(resistance: np.ndarray, mean: np.ndarray, params: Mapping[str, float]) -> np.ndarray:
    return np.clip(1.0 - params["response_slope"] * (resistance - mean), 0.0, 1.5)


@dataclass
class State:
    """What changes from month to month, [S, O] unless said otherwise; zero is the baseline."""

    shape: tuple[int, int]
    resistance: np.ndarray
    speed_kept: np.ndarray = field(init=False)  # trained speed that use keeps alive
    speed_fading: np.ndarray = field(init=False)
    accuracy_kept: np.ndarray = field(init=False)
    accuracy_fading: np.ndarray = field(init=False)
    communication: np.ndarray = field(init=False)
    managerial: np.ndarray = field(init=False)
    coached: np.ndarray = field(init=False)
    coaching_left: np.ndarray = field(init=False)  # months
    coaching_done: np.ndarray = field(init=False)  # months, at most one full course
    praise: np.ndarray = field(init=False)  # motivation from an award received
    unfairness: np.ndarray = field(init=False)  # of the last grade, in mean gaps of a random grade
    strain: np.ndarray = field(init=False)
    award: np.ndarray = field(init=False)  # relative output
    award_rounds: np.ndarray = field(init=False)  # [S, 1]
    talks: np.ndarray = field(init=False)  # [S, 1]: dose of feedback talks, 0 before the first
    waves: np.ndarray = field(init=False)  # [S, 1]: socialisation waves so far

    def __post_init__(self) -> None:
        for name in (
            "speed_kept", "speed_fading", "accuracy_kept", "accuracy_fading", "communication", "managerial", "coached",
            "coaching_left", "coaching_done", "praise", "unfairness", "strain", "award",
        ):  # fmt: skip
            setattr(self, name, np.zeros(self.shape))
        for name in ("award_rounds", "talks", "waves"):
            setattr(self, name, np.zeros((self.shape[0], 1)))

    def motivation(self, params: Mapping[str, float]) -> np.ndarray:
        """Return motivation, SD, [S, O]: raised by praise, lowered by a grade that felt unfair."""
        return self.praise - params["procedural_justice_r"] * self.unfairness

    def resisting(self, params: Mapping[str, float]) -> np.ndarray:
        """Return resistance to change, SD, [S, O], what unfair grades add included."""
        return self.resistance + params["resistance_unfair"] * self.unfairness


@dataclass(frozen=True)
class Conduct:
    """How officers work in one month, [S, O]."""

    rate: np.ndarray  # speed relative to the officer's own baseline
    speed: np.ndarray
    error: np.ndarray
    courtesy: np.ndarray
    performance: np.ndarray  # true performance, SD
    response: np.ndarray
    motivation: np.ndarray
    resistance: np.ndarray


def combine(components: np.ndarray) -> np.ndarray:
    """Combine overlapping components, [K, ...]: the largest plus half of the rest, gains and losses apart.

    Goals, feedback and scorecards share mechanisms; adding them up counts those twice
    (evidence.md section 1, rule 3).

    Examples
    --------
    >>> round(combine(np.array([0.3, 0.1, -0.2])).item(), 12)
    0.15
    """
    gains, losses = np.maximum(components, 0.0), np.minimum(components, 0.0)
    best, worst = gains.max(axis=0), losses.min(axis=0)
    return best + 0.5 * (gains.sum(axis=0) - best) + worst + 0.5 * (losses.sum(axis=0) - worst)


def _components(
    state: State,
    officers: Officers,
    levers: Levers,
    params: Mapping[str, float],
    dose: np.ndarray,
    response: np.ndarray,
) -> np.ndarray:
    """Return every component of the change in performance, SD, [K, S, O]."""
    discount = params["effect_discount"]
    goal = np.array([0.0, params["goal_d_generic"], params["goal_d_specific_difficult"]])[levers.goals] * discount
    frequency = params["fb_freq_mult"] ** (np.log(12.0 / levers.months_between) / math.log(12.0))
    heard = state.talks * levers.to_officers[:, None]
    citizens = params["citizen_effect"] * params["citizen_scorecard_sd"] * params["citizen_scorecard_scale"]
    acting = dose[:, None] * response
    return np.stack(
        [
            state.speed_kept + state.speed_fading,
            state.communication,
            state.managerial,
            state.coached,
            goal[:, None] * acting,
            heard * frequency[:, None] * officers.feedback_d * response,
            heard * levers.is_multisource[:, None] * params["msf_d"] * response,
            citizens * levers.citizens_visible[:, None] * acting,
            state.award * response / officers.sdp,
        ]
    )


def focus_of(levers: Levers, params: Mapping[str, float], dose: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Return the shift of effort towards what is scored, −1 (care) to 1 (speed), [S, O].

    Staff shift in proportion to weight × measurability × stakes × response (Holmstrom and Milgrom 1991).
    Results count as measured only where goals are stated.
    """
    counted = levers.weights[:, 0] * (levers.goals > 0)
    heard = (levers.weights[:, 1] + levers.weights[:, 2]) * params["goal_measurability_citizens"]
    pull = params["focus_strength"] * levers.stakes * (counted - heard) * dose
    return np.clip(pull[:, None] * response, -1.0, 1.0)


def conduct_of(
    state: State, officers: Officers, levers: Levers, params: Mapping[str, float], dose: np.ndarray
) -> Conduct:
    """Return how officers work this month, given the policy's dose, [S]."""
    motivation = state.motivation(params)
    response = _bounded_response(state.resisting(params), officers.resistance_mean, params) * officers.response_scale
    components = _components(state, officers, levers, params, dose, response)
    gain = combine(components)
    gain = gain + 0.5 * params["im_perf_rho"] * motivation
    gain = gain - 0.5 * abs(params["exhaustion_perf_r"]) * state.strain
    focus = focus_of(levers, params, dose, response)
    moved = 1.0 + params["focus_rate_gain"] * focus
    rate = np.maximum(LOWEST_RATE, 1.0 + officers.sdp * gain) * moved
    # Care suffers from the quantity that is asked for: effort moved to it, and goals set on it.
    on_quantity = (levers.weights[:, 0] * levers.targets[:, 0] * (levers.goals > 0))[:, None]
    goal = components[GOAL]
    quantity = moved * (1.0 + officers.sdp * np.maximum(goal, 0.0) * on_quantity)
    accuracy = state.accuracy_kept + state.accuracy_fading + 0.5 * state.coached
    # A talk about counts alone tells nobody about errors.
    audit = np.log(params["audit_rr_noncompliance"]) * params["effect_discount"] * state.talks * (1.0 - on_quantity)
    log_error = (
        params["error_skill_d"] * accuracy
        + params["error_strain_d"] * state.strain
        + params["error_motivation_d"] * motivation
        - params["quality_tradeoff_elast"] * np.log(quantity)
        + audit * levers.to_officers[:, None]
    )
    return Conduct(
        rate=rate,
        speed=officers.speed * rate,
        error=np.clip(officers.error * np.exp(log_error), 0.0, 0.95),
        courtesy=state.communication - focus,
        performance=officers.ability + gain,
        response=response,
        motivation=motivation,
        resistance=state.resisting(params),
    )
