"""Grades: the rules of the regulations, the measurement model, the national split."""

from __future__ import annotations

import numpy as np
import pytest

import kinerja_sim.model.appraisal as appraisal
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.know.policies import SOURCES, Policy
from kinerja_sim.model.appraisal import band_pp30, grade, grade_officers, source_scores
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.plan import Levers, make_levers, make_plan
from kinerja_sim.model.raters import Raters, rating_shares, views_of
from kinerja_sim.model.records import OFFICER
from kinerja_sim.model.simulate import simulate_block

PLAN = make_plan(load_region("tangerang-selatan"))
POINT = draw_parameters(0, [0], "point")[0]


def test_every_cell_of_the_matrix() -> None:
    """The nine cells of the 3 × 3 table are those of PermenPANRB 6/2022."""
    cells = {
        "above": ("excellent", "good", "poor"),
        "meets": ("good", "good", "poor"),
        "below": ("needs_improvement", "needs_improvement", "very_poor"),
    }
    for result, row in cells.items():
        for behaviour, expected in zip(("above", "meets", "below"), row, strict=True):
            assert grade(result, behaviour) == expected


@pytest.mark.parametrize(
    ("score", "new_idea", "expected"),
    [
        (120, True, "excellent"), (110, True, "excellent"), (110, False, "good"), (109.99, True, "good"),
        (90, False, "good"), (89.99, False, "fair"), (70, False, "fair"), (69.99, False, "poor"), (50, False, "poor"),
        (49.99, False, "very_poor"), (0, True, "very_poor"),
    ],
)  # fmt: skip
def test_bands_of_pp30(score: float, new_idea: bool, expected: str) -> None:
    """Each edge of the bands of PP 30/2019 article 41(5) falls on the side the article names."""
    assert band_pp30(score, new_idea=new_idea) == expected


def test_values_outside_the_rules_are_refused() -> None:
    """An unknown expectation and a score outside 0-120 are refused with the rule."""
    with pytest.raises(ValueError, match="`result` must be one of above, meets, below; got 'great'"):
        grade("great", "meets")
    for score in (-1, 121, float("nan")):
        with pytest.raises(ValueError, match="`score` must be between 0 and 120"):
            band_pp30(score)


def views(n: int, levers: Levers, sums: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return truth and scores, [sources, n, O], over `n` offices' worth of raters."""
    rng = np.random.Generator(np.random.PCG64(1))
    shape = (1, PLAN.n_officers)
    truths, scores = [], []
    present = PLAN.posted[None, :]
    for replication in range(n):
        truth = np.where(present, rng.standard_normal(shape), 0.0)
        draws = Raters(PLAN, 4, replication).next_month(levers, np.ones(1), 0)
        records = np.zeros((*shape, len(OFFICER))) if sums is None else sums
        staffed = np.where(present, 9_000.0, 0.0)
        truths.append(truth)
        scores.append(
            source_scores(PLAN, records, truth, staffed, draws, levers, POINT, np.full(shape[1], 0.2), np.ones(1))
        )
    return np.stack(truths), np.stack(scores)


def test_ratings_carry_what_the_ledgers_rows_say() -> None:
    """Two raters agree by the published reliability, kinds of raters and output by theirs: ratings say little."""
    truth, scores = views(4_000, make_levers([load_policy("baseline")]))
    posted = PLAN.posted
    y = truth[:, 0][:, posted].ravel()
    x = {s: scores[:, SOURCES.index(s), 0][:, posted].ravel() for s in ("supervisor", "peers", "subordinates")}
    for source, row, n in (
        ("supervisor", "irr_supervisor_admin", 1.0),
        ("peers", "irr_peer", POINT["peer_raters"]),
        ("subordinates", "irr_peer", POINT["subordinate_raters"]),
    ):
        agreement = POINT[row] / (POINT[row] + (1 - POINT[row]) / n)  # reliability of the mean of n raters
        seen = np.corrcoef(x[source], y)[0, 1]
        across = np.corrcoef(x["supervisor"], x[source])[0, 1]

        assert seen == pytest.approx(np.sqrt(agreement) * POINT["subj_obj_r"], abs=0.01)
        if source != "supervisor":
            corrected = across / np.sqrt(POINT["irr_supervisor_admin"] * agreement)
            assert corrected == pytest.approx(POINT["sup_peer_rho"], abs=0.02)


def test_shares_of_a_rating_add_up_whatever_is_drawn() -> None:
    """Shares add up to one and none is negative, also where published shares exceed one or kinds agree too little."""
    hard = {"var_true": 0.6, "var_idiosyncratic": 0.7, "sup_peer_rho": 0.1, "subj_obj_r": 0.5}
    for params in (POINT, POINT | hard, POINT | {"sup_peer_rho": 1.2}, *draw_parameters(1, range(20), "ledger")):
        shares = rating_shares(params)
        parts = [shares.performance, shares.common, shares.perspective, shares.lasting, shares.fresh]

        assert np.min(parts) >= 0
        assert np.sum(parts, axis=0) == pytest.approx(np.ones(4), abs=1e-12)


def test_training_raters_shrinks_their_own_part_only() -> None:
    """Trained raters' scores are closer to truth; dose 0 of training changes nothing."""
    truth, draws = np.zeros((1, PLAN.n_officers)), Raters(PLAN, 4, 0).next_month(
        make_levers([load_policy("baseline")]), np.ones(1), 0
    )  # fmt: skip
    plain, trained = (views_of(truth, draws, POINT, np.array([dose])) for dose in (0.0, 1.0))
    shared = views_of(truth, draws, POINT | {"rater_training_error_cut": 1.0}, np.ones(1))
    cut = POINT["rater_training_error_cut"]

    assert trained == pytest.approx(shared + (1 - cut) * (plain - shared))
    assert (views_of(truth, draws, POINT | {"rater_training_error_cut": 0.9}, np.zeros(1)) == plain).all()


def test_citizens_scores_are_as_reliable_as_their_number() -> None:
    """Without ratings citizens say nothing; the score of few ratings is pulled in by its own noise."""
    sums = np.zeros((1, PLAN.n_officers, len(OFFICER)))
    levers = make_levers([load_policy("citizen_heavy")])
    _, silent = views(1, levers, sums)
    office = PLAN.units[0].stage(0)
    spread = []
    for n in (2, 200):
        sums[0, office, OFFICER.index("ratings_0")] = n
        sums[0, office, OFFICER.index("rating_sum_0")] = n * 80.0
        sums[0, office.start, OFFICER.index("rating_sum_0")] = n * 83.0
        _, scores = views(1, levers, sums)
        spread.append(scores[0, SOURCES.index("citizens"), 0, office.start])

    assert (silent[0, SOURCES.index("citizens")] == 0).all()
    assert 0 < spread[0] < spread[1]


def test_baseline_grades_follow_the_national_split() -> None:
    """Calibration, not evidence: 88.5 % good, 11.3 % excellent, 0.3 % lower under today's practice."""
    region, base = load_region("arcamanik"), load_policy("baseline")
    shares = np.zeros(5)
    plan, levers = make_plan(region), make_levers([base])
    rng = np.random.Generator(np.random.PCG64(2))
    n = 4_000
    for replication in range(n):
        truth = np.where(plan.posted, rng.standard_normal((1, plan.n_officers)), 0.0)
        draws = Raters(plan, 9, replication).next_month(levers, np.zeros(1), 0)
        staffed = np.where(plan.posted, 9_000.0, 0.0)[None, :]
        sums = np.zeros((1, plan.n_officers, len(OFFICER)))
        scores = source_scores(
            plan, sums, truth, staffed, draws, levers, POINT, np.full(plan.n_officers, 0.2), np.zeros(1)
        )
        grading = grade_officers(plan, scores, truth, plan.posted[None, :], levers, POINT, draws, np.zeros(1))
        shares += np.bincount(grading.grade[0, plan.posted], minlength=5)
    shares /= shares.sum()

    assert shares[0] == pytest.approx(0.113, abs=0.01)
    assert shares[1] == pytest.approx(0.885, abs=0.01)
    assert shares[2:].sum() == pytest.approx(0.003, abs=0.002)


def test_averaging_raters_makes_grades_truer_and_rarer_at_the_ends() -> None:
    """More independent sources raise the validity of grades and leave fewer excellent ones."""
    region = load_region("arcamanik")
    policies = [load_policy("baseline"), load_policy("full_360")]
    block = simulate_block(region, policies, seed=1, replications=range(6), months=12, pre_months=0, parameters="point")
    rows = block.results.groupby("scenario")[["validity_sxy", "validity_sxx", "validity_syy"]].sum()
    validity = rows["validity_sxy"] / np.sqrt(rows["validity_sxx"] * rows["validity_syy"])
    grades = block.appraisals.groupby("scenario")[list(appraisal.GRADES)].sum()
    excellent = grades["excellent"] / grades.sum(axis=1)

    assert validity["full_360"] > validity["baseline"]
    assert excellent["full_360"] < excellent["baseline"]


def graded(policy: Policy, n: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return grades, true grades and scores of posted officers, [n, posted], under a policy in full force."""
    plan, levers = make_plan(load_region("tangerang-selatan")), make_levers([policy])
    rng = np.random.Generator(np.random.PCG64(7))
    out = []
    sdp = np.full(plan.n_officers, 0.2)
    for replication in range(n):
        truth = np.where(plan.posted, rng.standard_normal((1, plan.n_officers)), 0.0)
        draws = Raters(plan, 3, replication).next_month(levers, np.ones(1), 0)
        staffed = np.where(plan.posted, 9_000.0, 0.0)[None, :]
        sums = np.zeros((1, plan.n_officers, len(OFFICER)))
        scores = source_scores(plan, sums, truth, staffed, draws, levers, POINT, sdp, np.ones(1))
        grading = grade_officers(plan, scores, truth, plan.posted[None, :], levers, POINT, draws, np.ones(1))
        out.append([x[0, plan.posted] for x in (grading.grade, grading.true_grade, grading.score)])
    grades, true_grades, values = np.moveaxis(np.array(out), 1, 0)
    return grades, true_grades, values


def test_a_forced_distribution_fills_its_seats_and_misgrades_more_among_few_officers() -> None:
    """Seats follow the organisation's grade in every office; a rater of few misgrades more (Evans and Bae 2019)."""
    base = load_policy("baseline").replace(name="forced", appraisal__forced_distribution="good")
    one, small = graded(base), graded(base.replace(name="small", appraisal__rater_span=2))
    per_grade = [(one[0] == g).sum(axis=1) for g in range(5)]

    assert all(np.unique(count).size == 1 for count in per_grade)
    assert (one[0] >= 2).any()
    assert (small[0] != small[1]).mean() > (one[0] != one[1]).mean() > 0


def test_a_rater_of_few_adds_leniency_to_the_differences_within_an_office() -> None:
    """With several raters in an office their different leniency spreads the scores; with one it cancels."""
    base = load_policy("baseline")
    office = slice(0, sum(make_plan(load_region("tangerang-selatan")).units[0].posted))
    spread = [
        graded(base.replace(name="x", appraisal__rater_span=span), 2_000)[2][:, office].std(axis=1).mean()
        for span in (None, 1)
    ]

    assert spread[1] > spread[0] * 1.02


def test_rotation_gives_new_raters_on_time_and_not_before() -> None:
    """Raters stay for `rotation_months` and are others afterwards; without rotation they stay."""
    rotating = make_levers([load_policy("baseline").replace(name="rotating", appraisal__rotation_months=12)])
    fixed = make_levers([load_policy("baseline")])
    raters = Raters(PLAN, 1, 1)
    first, still, later = (raters.next_month(rotating, np.ones(1), m).halo for m in (0, 11, 12))

    assert np.array_equal(first, still)
    assert not np.array_equal(first, later)
    assert np.array_equal(raters.next_month(fixed, np.ones(1), 24).halo, first)
