"""How officers work this month: speed, errors, courtesy, from what policies did to them.

A policy acts through components (training, goals, feedback, ...) that are each scaled
by dose and by the officer's response, and combined so that overlapping mechanisms are
not counted twice. Most open to dispute: `effect_discount`, which scales them all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kinerja_sim.know.policies import SOURCES
from kinerja_sim.model.officers import Officers, State, bounded_response
from kinerja_sim.model.plan import Levers

GOAL = 4  # position of the goal among the components
LOWEST_RATE = 0.3  # no draw of the ledger may turn an officer's speed negative
CAUSAL_SHARE = 0.5  # at most half of a correlation is taken as causal (docs/sources.md 1, rule 2)
SATURATION = 0.93  # utilisation above which load slows people down (Berry Jaeker and Tucker 2017)


@dataclass(frozen=True)
class Conduct:
    """How officers work in one month, [S, O]."""

    rate: np.ndarray  # speed relative to the officer's own baseline
    speed: np.ndarray
    error: np.ndarray
    missed: np.ndarray  # share of lessons that a teacher stays away from
    courtesy: np.ndarray
    performance: np.ndarray  # true performance, SD
    response: np.ndarray
    motivation: np.ndarray
    resistance: np.ndarray


def combine(components: np.ndarray) -> np.ndarray:
    """Combine overlapping components, [K, ...]: the largest plus half of the rest, gains and losses apart.

    Goals, feedback and scorecards share mechanisms; adding them up counts those twice
    (docs/sources.md 1, rule 3).

    Examples
    --------
    >>> round(combine(np.array([0.3, 0.1, -0.2])).item(), 12)
    0.15
    """
    gains, losses = np.maximum(components, 0.0), np.minimum(components, 0.0)
    best, worst = gains.max(axis=0), losses.min(axis=0)
    return best + 0.5 * (gains.sum(axis=0) - best) + worst + 0.5 * (losses.sum(axis=0) - worst)


def _components(
    state: State, officers: Officers, levers: Levers, params: Mapping[str, float], dose: np.ndarray, age: np.ndarray,
    response: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return every component of the change in performance, SD, [K, S, O]."""
    discount = params["effect_discount"]
    goal = np.array([0.0, params["goal_d_generic"], params["goal_d_specific_difficult"]])[levers.goals] * discount
    frequency = params["fb_freq_mult"] ** (np.log(12.0 / levers.months_between) / math.log(12.0))
    heard = np.minimum(state.talks, dose[:, None]) * levers.to_officers[:, None]
    citizens = params["citizen_effect"] * params["citizen_scorecard_sd"] * params["citizen_scorecard_scale"]
    acting = dose[:, None] * response
    # Being watched loses its effect, good or bad, unless it leads anywhere (Callen and others 2020).
    fading = 2.0 ** (-age / params["monitor_decay_halflife"])
    monitored = (levers.monitoring * fading * params["monitor_perf_d"])[:, None]
    return np.stack(
        [
            state.skill("speed"),
            state.skill("communication"),
            state.skill("managerial") / officers.sdp,
            state.skill("coached"),
            goal[:, None] * acting,
            heard * frequency[:, None] * officers.feedback_d * response,
            heard * levers.is_multisource[:, None] * params["msf_d"] * response,
            citizens * levers.citizens_visible[:, None] * acting,
            state.award * response / officers.sdp,
            _pay(officers, levers, params) * acting,
            monitored * acting,
        ]
    )


def _pay(officers: Officers, levers: Levers, params: Mapping[str, float]) -> np.ndarray:
    """Return what pay does to performance, SD, [S, O], under the prior that the policy names."""
    discount = params["effect_discount"]
    in_sd = np.array(
        [
            0.0,
            params["pfp_field_corrected_d"],
            params["pfp_psych_d"] * discount,
            params["pfp_negative_d"] * discount,
            0.0,
            params["uncond_pay_sd"],
        ]
    )[levers.allowance_prior]
    in_output = np.where(levers.allowance_prior == 4, math.expm1(params["pfp_tax_logpts"]), 0.0)
    share = levers.allowance_share[:, None]
    return share * (in_sd[:, None] + in_output[:, None] / officers.sdp)


def load_factor(load: np.ndarray, usual: np.ndarray, elasticity: float) -> np.ndarray:
    """Return how much longer a case takes under a load than under the usual one, [S, O].

    People speed up as the queue grows, until saturation; beyond it they slow down.

    Examples
    --------
    >>> usual = np.array([0.8])
    >>> load_factor(usual, usual, -0.2).item()
    1.0
    >>> bool(load_factor(np.array([0.9]), usual, -0.2) < 1 < load_factor(np.array([1.3]), usual, -0.2))
    True
    """
    below = np.clip(np.minimum(load, SATURATION) / np.minimum(usual, SATURATION), 0.5, 2.0)
    above = np.clip(np.maximum(load, SATURATION) / np.maximum(usual, SATURATION), 0.5, 2.0)
    return below**elasticity * above**-elasticity


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
    state: State, officers: Officers, levers: Levers, params: Mapping[str, float], dose: np.ndarray, age: np.ndarray
) -> Conduct:
    """Return how officers work this month, given each policy's dose and its age in months, [S]."""
    officers = officers.at_post(state.generation)
    motivation = state.motivation(params)
    response = bounded_response(state.resisting(params), officers.resistance_mean, params) * officers.response_scale
    components = _components(state, officers, levers, params, dose, age, response)
    gain = combine(components)
    gain = gain + CAUSAL_SHARE * params["im_perf_rho"] * motivation
    gain = gain - CAUSAL_SHARE * abs(params["exhaustion_perf_r"]) * state.strain - state.lag
    focus = focus_of(levers, params, dose, response)
    # Effort that teachers move to the community is missing in class, as much as effort moved to care is in speed.
    community = levers.weights[:, SOURCES.index("community")] * levers.stakes * dose
    elsewhere = params["focus_strength"] * community[:, None] * response * officers.teaches
    moved = 1.0 + params["focus_rate_gain"] * (focus - elsewhere)
    rate = np.maximum(LOWEST_RATE, 1.0 + officers.sdp * gain) * moved
    # Care suffers from the quantity that is asked for: effort moved to it, and goals set on it.
    on_quantity = (levers.weights[:, 0] * levers.targets[:, 0] * (levers.goals > 0))[:, None]
    goal = components[GOAL]
    quantity = moved * (1.0 + officers.sdp * np.maximum(goal, 0.0) * on_quantity)
    accuracy = state.skill("accuracy") + params["coach_accuracy_share"] * state.skill("coached") - state.lag
    # A talk about counts alone tells nobody about errors.
    heard = np.minimum(state.talks, dose[:, None])
    audit = np.log(params["audit_rr_noncompliance"]) * params["effect_discount"] * heard * (1.0 - on_quantity)
    log_error = (
        params["error_skill_d"] * accuracy
        + params["error_strain_d"] * state.strain
        + params["error_motivation_d"] * motivation
        - params["quality_tradeoff_elast"] * np.log(quantity)
        + audit * levers.to_officers[:, None]
        + np.log1p(params["overwork_error_elast"] * state.overwork)
    )
    return Conduct(
        rate=rate,
        speed=officers.speed * rate / load_factor(state.load, officers.load, params["load_speedup_elast"]),
        error=np.clip(officers.error * np.exp(log_error), 0.0, 0.95),
        missed=np.clip(officers.missed * np.exp(-params["lesson_presence_d"] * (rate - 1.0) / officers.sdp), 0.0, 0.95),
        courtesy=state.skill("communication")
        - params["courtesy_focus_d"] * focus
        + params["courtesy_strain_d"] * state.strain,
        performance=officers.ability + gain,
        response=response,
        motivation=motivation,
        resistance=state.resisting(params),
    )
