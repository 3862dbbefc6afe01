"""Grades: from what officers did to a score, a grade, and how good that grade is.

Raters' views come from `raters`, results from the unit's own records, citizens' scores
from the ratings actually received. Rules are data with article numbers. Most open to
dispute: cut-points are calibrated to the national split of grades.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kinerja_sim.know.arguments import NUMBER, TRUTH, takes
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import show
from kinerja_sim.know.policies import RESULT_SOURCES, SOURCES
from kinerja_sim.model.distribution import GRADES, distribute
from kinerja_sim.model.plan import Levers, RegionPlan
from kinerja_sim.model.raters import VIEWS, RaterDraws, community_view, first_of_pool, views_of

EXPECTATIONS = ("above", "meets", "below")
MATRIX = {
    ("above", "above"): "excellent",
    ("above", "meets"): "good",
    ("meets", "above"): "good",
    ("meets", "meets"): "good",
    ("below", "above"): "needs_improvement",
    ("below", "meets"): "needs_improvement",
    ("above", "below"): "poor",
    ("meets", "below"): "poor",
    ("below", "below"): "very_poor",
}
"""(work result, work behaviour) -> grade; PermenPANRB 6/2022, the 3 × 3 table."""
_MATRIX_INDEX = np.array([[GRADES.index(MATRIX[r, b]) for b in EXPECTATIONS] for r in EXPECTATIONS])
PP30_BANDS = ("excellent", "good", "fair", "poor", "very_poor")
CALIBRATED_CUTS, CALIBRATED_CENTRE = (1.0, -1.0), 95.0  # ours: strict grading, in SD and in points of PP 30/2019


def grade(result: str, behaviour: str) -> str:
    """Return the grade of a work result and a work behaviour.

    Parameters
    ----------
    result, behaviour : {'above', 'meets', 'below'}
        Against expectation.

    Returns
    -------
    str
        One of `GRADES`.

    Raises
    ------
    InputError
        If either is not one of the three expectations.

    Source
    ------
    PermenPANRB 6/2022, grades from the 3 × 3 table.

    Examples
    --------
    >>> grade("above", "meets"), grade("below", "above"), grade("meets", "below")
    ('good', 'needs_improvement', 'poor')
    """
    for name, value in (("result", result), ("behaviour", behaviour)):
        if value not in EXPECTATIONS:
            raise InputError(f"`{name}` must be one of {', '.join(EXPECTATIONS)}; got {show(value)}.")
    return MATRIX[result, behaviour]


@takes(score=NUMBER, new_idea=TRUTH)
def band_pp30(score: float, *, new_idea: bool = False) -> str:
    """Return the band of a numeric score under PP 30/2019.

    Parameters
    ----------
    score : float, 0 to 120
    new_idea : bool
        Whether the officer created a new idea; without one, 110 and above is 'good'.

    Returns
    -------
    str
        'excellent', 'good', 'fair', 'poor' or 'very_poor'.

    Raises
    ------
    InputError
        If the score is not a number between 0 and 120.

    Source
    ------
    PP 30/2019, article 41(5).

    Examples
    --------
    >>> band_pp30(115), band_pp30(115, new_idea=True), band_pp30(89.9), band_pp30(49)
    ('good', 'excellent', 'fair', 'very_poor')
    """
    if not 0 <= score <= 120:
        raise InputError(f"`score` must be between 0 and 120; got {score}.")
    return PP30_BANDS[int(_pp30_index(np.array([score]), np.array([new_idea]))[0])]


def _pp30_index(score: np.ndarray, new_idea: np.ndarray) -> np.ndarray:
    """Return indices into `PP30_BANDS` (and, in the same order, `GRADES`)."""
    index = np.select([score >= 90, score >= 70, score >= 50], [1, 2, 3], default=4)
    return np.where((score >= 110) & new_idea, 0, index)


@dataclass(frozen=True)
class Grading:
    """One appraisal of all officers, [S, O]."""

    score: np.ndarray  # weighted score, SD
    truth: np.ndarray  # true performance within the office, SD
    results: np.ndarray  # result dimension, SD
    true_results: np.ndarray  # what true performance would show as results, SD
    grade: np.ndarray  # index into GRADES
    true_grade: np.ndarray  # the grade that true performance would earn on the same scale


def centred(plan: RegionPlan, values: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Return values minus their office's mean over those present (bool, [S, O]); 0 for the absent."""
    return _less_mean(values, present, plan.offices)


def _less_mean(values: np.ndarray, present: np.ndarray, groups: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return values less the mean of their group over those present; `groups` are its starts and sizes."""
    starts, sizes = groups
    kept = np.where(present, values, 0.0)
    n = np.maximum(np.add.reduceat(present, starts, axis=1, dtype=float), 1.0)
    mean = np.add.reduceat(kept, starts, axis=1) / n
    return np.where(present, kept - np.repeat(mean, sizes, axis=1), 0.0)


def _stage_centred(plan: RegionPlan, values: np.ndarray, present: np.ndarray) -> np.ndarray:
    """As `centred`, within each stage: counters and back offices do different work."""
    return _less_mean(values, present, plan.stages)


def _share(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


def source_scores(
    plan: RegionPlan, sums: np.ndarray, truth: np.ndarray, staffed: np.ndarray, draws: RaterDraws, levers: Levers,
    params: Mapping[str, float], sdp: np.ndarray, dose: np.ndarray, trained: np.ndarray | None = None,
) -> np.ndarray:  # fmt: skip
    """Return every source's score, [sources, S, O], in SD.

    Parameters
    ----------
    sums : float [S, O, len(kernel.OFFICER)]
        What the records say of the period.
    truth : float [S, O]
        True performance, centred in the office.
    staffed : float [S, O]
        Minutes at the post; officers with none are absent.
    trained : float [S], optional
        How far raters are trained (`raters.views_of`); not at all when left out.
    """
    present = staffed > 0
    cases = _share(sums[:, :, 1], staffed)
    mean_cases = cases - _stage_centred(plan, cases, present)
    quantity = np.clip(_share(cases - mean_cases, mean_cases) / sdp, -3.0, 3.0)
    on_time_share = _share(sums[:, :, 2], sums[:, :, 8])
    on_time = np.clip(_stage_centred(plan, on_time_share, present) / params["on_time_between_sd"], -3.0, 3.0)
    targets = levers.targets
    measured = targets[:, :1] * quantity + targets[:, 1:] * on_time

    untrained = np.zeros(truth.shape[0])
    views = dict(zip(VIEWS, views_of(truth, draws, params, untrained if trained is None else trained), strict=True))

    within = params["sat_person_sd"]
    between = within * np.sqrt(params["citizen_single_rating_icc"])
    citizens = []
    for group in (0, 1):
        n = sums[:, :, 5 + 2 * group]
        mean = _share(sums[:, :, 4 + 2 * group], n)
        heard = n > 0
        spread = np.sqrt(between**2 + within**2 / np.maximum(n, 1.0))
        citizens.append(np.where(heard, centred(plan, mean, heard) / spread, 0.0))
    # Without stated goals the supervisor's own view of attainment stands for results.
    stated = ((levers.goals > 0) * dose)[:, None]
    results = views["attainment"] + stated * (measured - views["attainment"])
    scores = {
        "results": results,
        "citizens": citizens[0],
        "civil_society": citizens[1],
        "supervisor": views["behaviour"],
        "peers": views["peers"],
        "subordinates": views["subordinates"],
        "community": np.where(plan.teaches, community_view(draws, params), results),
        "team": np.zeros_like(truth),  # one score for the office: it tells its officers nothing apart
    }
    return np.stack([scores[name] for name in SOURCES])


def grade_officers(
    plan: RegionPlan, scores: np.ndarray, truth: np.ndarray, present: np.ndarray, levers: Levers,
    params: Mapping[str, float], draws: RaterDraws, dose: np.ndarray,
) -> Grading:  # fmt: skip
    """Turn source scores into dimension scores, a total and a grade under each policy's scheme."""
    weights = levers.weights_baseline + dose[:, None] * (levers.weights - levers.weights_baseline)
    is_result = np.array([s in RESULT_SOURCES for s in SOURCES])
    weighted = weights.T[:, :, None] * scores
    total = weighted.sum(axis=0)
    result_weight, behaviour_weight = weights[:, is_result].sum(axis=1), weights[:, ~is_result].sum(axis=1)
    results = np.where(
        result_weight[:, None] > 0, weighted[is_result].sum(axis=0) / np.maximum(result_weight, 1e-9)[:, None], total
    )
    behaviour = np.where(
        behaviour_weight[:, None] > 0,
        weighted[~is_result].sum(axis=0) / np.maximum(behaviour_weight, 1e-9)[:, None],
        total,
    )
    # Raters are kinder when something hangs on the grade, and some are kinder than others; records are not.
    kinder = (
        params["rater_intercept_sd"] * draws.intercept + (levers.stakes * dose * params["leniency_admin_sd"])[:, None]
    )
    judged = weights[:, 0] * (1.0 - (levers.goals > 0) * dose)  # citizens and records know no leniency of a rater
    seen = np.divide(judged, result_weight, out=np.ones_like(dose), where=result_weight > 0)
    kinder_results = seen[:, None] * kinder
    shift = result_weight[:, None] * kinder_results + behaviour_weight[:, None] * kinder
    cuts = np.array([[params["grade_cut_above_z"], params["grade_cut_below_z"]], CALIBRATED_CUTS])
    strict = (levers.calibrated * dose)[:, None]
    cut = cuts[0] + strict * (cuts[1] - cuts[0])
    centre = params["pp30_centre"] + strict[:, :1] * (CALIBRATED_CENTRE - params["pp30_centre"])

    def graded(r: np.ndarray, b: np.ndarray, t: np.ndarray, *, by_rater: bool) -> np.ndarray:
        rows = [np.select([x >= cut[:, :1], x < cut[:, 1:]], [0, 2], default=1) for x in (r, b)]
        matrix = _MATRIX_INDEX[rows[0], rows[1]]
        numeric = np.clip(centre + params["pp30_points_per_sd"] * t, 0.0, 120.0)
        ideas = np.broadcast_to(draws.new_idea < params["new_idea_share"], t.shape)
        grades = np.where((levers.pp30 & (dose > 0))[:, None], _pp30_index(numeric, ideas), matrix)
        return _forced(plan, grades, t, present, levers, draws, dose, by_rater=by_rater)

    return Grading(
        score=total + shift,
        truth=truth,
        results=results,
        true_results=truth,
        grade=graded(results + kinder_results, behaviour + kinder, total + shift, by_rater=True),
        true_grade=graded(truth, truth, truth, by_rater=False),
    )


def _forced(
    plan: RegionPlan, grades: np.ndarray, score: np.ndarray, present: np.ndarray, levers: Levers, draws: RaterDraws,
    dose: np.ndarray, *, by_rater: bool,
) -> np.ndarray:  # fmt: skip
    """Put grades into the organisation's distribution where a policy asks for it.

    Each rater fills the seats among the rater's own officers; what performance warrants is
    judged over the whole office (as Evans and Bae 2019 do).
    """
    out = grades.copy()
    for s, policy in enumerate(levers.policies):
        organisation = policy.appraisal.forced_distribution
        if organisation is None or dose[s] <= 0:
            continue
        pool = first_of_pool(plan, policy.appraisal.rater_span if by_rater else None)
        for first in np.unique(pool):
            here = np.flatnonzero((pool == first) & present[s])
            if here.size:
                out[s, here] = distribute(score[s, here], organisation, draws.tie[here])
    return out
