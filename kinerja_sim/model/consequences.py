"""What follows from an appraisal: talks, awards, coaching, and how fair it felt.

Everything is scaled by the policy's dose, so that a policy at dose 0 leaves no trace.
Motivation follows the last grade and award, so that monthly grades do not hurt twelve
times. Most open to dispute: fairness moves motivation by a correlation.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kinerja_sim.know.policies import SOURCES, Coaching
from kinerja_sim.model.appraisal import Grading, centred
from kinerja_sim.model.officers import FULL_COACHING_MONTHS, State
from kinerja_sim.model.plan import Levers, RegionPlan

_EXPECTED_GAP = 2.0 / np.sqrt(np.pi)  # mean distance of two independent standard normals


def _standardised(plan: RegionPlan, values: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Return values less their office's mean, over its SD, among those present; 0 for others and without spread."""
    values = centred(plan, values, present)
    starts, sizes = plan.offices
    n = np.maximum(np.add.reduceat(present, starts, axis=1, dtype=float), 1.0)
    sd = np.repeat(np.sqrt(np.add.reduceat(values**2, starts, axis=1) / n), sizes, axis=1)
    return np.divide(values, sd, out=np.zeros_like(values), where=sd > 1e-12)


def award_places(share: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Return how many of the officers present in an office get an award, at least one where any is given."""
    return np.where(share > 0, np.minimum(np.maximum(1.0, np.round(share * present)), present), 0.0)


def awards_given(
    plan: RegionPlan, levers: Levers, held: np.ndarray, present: np.ndarray, dose: np.ndarray
) -> np.ndarray:
    """Return the awards that each office gives at this month's appraisal, in proportion to the dose, [S, U]."""
    n = np.stack([present[:, u.officers].sum(axis=1) for u in plan.units], axis=1)
    return (held * dose)[:, None] * award_places(levers.recognition[:, None], n)


def _best(plan: RegionPlan, score: np.ndarray, present: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the officers with the best scores of their office, at least one where any award is given, [S, O]."""
    out = np.zeros(score.shape, bool)
    for u in plan.units:
        here = present[:, u.officers]
        part = np.where(here, score[:, u.officers], -np.inf)
        rank = np.argsort(np.argsort(-part, axis=1, kind="stable"), axis=1)
        places = award_places(share, here.sum(axis=1))
        out[:, u.officers] = here & (rank < places[:, None])
    return out


def _below(coaching: Coaching, grade: np.ndarray, results: np.ndarray, params: Mapping[str, float]) -> np.ndarray:
    """Return who falls below the threshold of coaching, [O]."""
    if coaching.trigger == "everyone":
        return np.ones(grade.shape, bool)
    if coaching.trigger == "below_expectation":
        return grade >= 2
    # Results in per cent of the office's mean: one SD of results is `attainment_sd_points`.
    return 100.0 + params["attainment_sd_points"] * results < coaching.target


def follow_up(
    plan: RegionPlan, state: State, grading: Grading, held: np.ndarray, present: np.ndarray, levers: Levers,
    params: Mapping[str, float], dose: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Let a period's grades act on officers: `state` is changed in place.

    Parameters
    ----------
    held : bool [S]
        Policies that hold an appraisal now.
    present : bool [S, O]
        Officers who were at their post in the period.

    Returns
    -------
    called, due : bool [S, O]
        Who is called to coaching, and who would be if true performance were known.
    """
    acts = held * dose
    acting = held & (dose > 0)
    state.talks[:, 0] = np.maximum(state.talks[:, 0], acts * levers.to_officers)

    # An award moves the office that hopes for it, less each time it is repeated (Kosfeld and Neckermann 2011).
    awarded = acting & (levers.recognition > 0)
    novelty = params["award_repeat_mult"] ** state.award_rounds
    level = params["award_output"] * params["effect_discount"] * novelty * acts[:, None]
    state.award[:] = np.where(awarded[:, None] & (np.abs(level) > np.abs(state.award)), level, state.award)
    state.award_rounds[:, 0] += awarded

    praised = acting[:, None] & _best(plan, grading.score, present, levers.recognition)
    praise = (params["praise_d"] * params["effect_discount"] * acts)[:, None]
    state.praise[:] = np.where(praised, np.maximum(praise, state.praise), state.praise)

    called, due = np.zeros(present.shape, bool), np.zeros(present.shape, bool)
    for s, policy in enumerate(levers.policies):
        if policy.coaching is not None and acting[s]:
            called[s] = present[s] & _below(policy.coaching, grading.grade[s], grading.results[s], params)
            due[s] = present[s] & _below(policy.coaching, grading.true_grade[s], grading.true_results[s], params)
    new = called & (state.coaching_left + state.coaching_done < 1)
    state.coaching_left[:] = np.where(new, FULL_COACHING_MONTHS, state.coaching_left)

    gap = np.abs(_standardised(plan, grading.score, present) - _standardised(plan, grading.truth, present))
    unfair = np.where(present, gap, 0.0) / _EXPECTED_GAP * (acts * levers.stakes)[:, None]
    state.unfairness[:] = np.where(acting[:, None], unfair, state.unfairness)
    return called, due


def appraisal_minutes(
    levers: Levers, held: np.ndarray, params: Mapping[str, float], dose: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the minutes an appraisal takes each officer off the post, and each supervisor per officer, [S].

    Today's yearly form takes the supervisor's time only; talks and rating colleagues take officers'.
    """
    peers, below = (levers.weights[:, SOURCES.index(source)] > 0 for source in ("peers", "subordinates"))
    talks = levers.to_officers * params["review_meeting_minutes"]
    forms = peers * params["peer_raters"] + below * params["subordinate_raters"]
    ratings = forms * params["rater_minutes"]
    officer = held * dose * (talks + ratings)
    return officer, held * params["rater_minutes"] + held * dose * talks
