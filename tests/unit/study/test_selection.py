"""The sequential selection: what it guarantees, what it saves, and what it must not do."""

import numpy as np
import pytest

from kinerja_sim.study.selection import select_best, select_from_table

DELTA = 10**-0.5  # a standard deviation over the root of ten first runs: Kim and Nelson's own setting


def normals(seed, means, sds=None, n=3000):
    """Return outcomes of options, [option, run], independent and normal."""
    return np.asarray(means)[:, None] + np.random.default_rng(seed).normal(size=(len(means), n)) * np.reshape(
        1.0 if sds is None else sds, (-1, 1)
    )


def test_a_clear_winner_is_chosen_with_few_runs():
    """Where the best leads by far, the first runs settle it and the others get no more."""
    found = select_from_table(normals(0, [0, 5, 0, 0]), DELTA)

    assert found.survivors == (1,)
    assert found.is_decided
    assert found.runs == (10, 10, 10, 10)


def test_unequal_spreads_in_any_order_keep_the_guarantee():
    """The best is found at least as often as stated, however noisy the others are and wherever it stands."""
    means, sds = [0, 0, 0, 0, 1.0], [6, 6, 0.5, 0.5, 0.5]
    right = 0
    for seed in range(200):
        order = np.random.default_rng(seed).permutation(5)
        outcomes = normals(seed, np.array(means)[order], np.array(sds)[order])
        right += order[select_from_table(outcomes, 1.0).survivors[0]] == 4

    assert right >= 190


def test_common_random_numbers_shorten_the_search():
    """When options share their luck, differences are known sooner than with luck of their own."""
    shared = np.random.default_rng(3).normal(size=3000)
    apart = normals(3, [0.0, 0.3])
    paired = np.stack([shared, shared + 0.3 + 0.05 * apart[1]])

    assert select_from_table(paired, 0.3).total_runs < select_from_table(apart, 0.3).total_runs / 5


def test_the_search_ends_at_the_run_that_the_published_formula_gives():
    """Ten first runs, 95 %, two options: η = ½(0.1^(−2/9) − 1) = 0.33405, so sums 1 apart part at run 649.

    Differences 1, −1, 1, ... have S² = 10/9 in ten runs; KN's h²S²/δ² = 2 · 0.33405 · 9 · (10/9) / 0.01 = 668.1.
    A lead of 1 in the sum exceeds δ/2 · (668.1 − r) first where r is odd and above 648.1.
    """
    swings = np.where(np.arange(1000) % 2, -1.0, 1.0)
    found = select_from_table(np.stack([swings, np.zeros(1000)]), 0.1)

    assert found.survivors == (0,)
    assert found.runs == (649, 649)


def test_equal_options_end_the_search():
    """Options that agree exactly in every run (a policy and its copy) are one, and the search ends."""
    row = np.random.default_rng(1).normal(size=200)
    found = select_from_table(np.stack([row, row]), DELTA)

    assert found.is_decided
    assert found.survivors == (0, 1)
    assert found.runs == (10, 10)


def test_a_budget_is_never_exceeded():
    """With too few runs the search stops undecided, within its budget."""
    found = select_best(lambda option, run: float(np.sin(7 * option + run)), 3, 0.01, budget=50)

    assert not found.is_decided
    assert found.total_runs <= 50
    assert len(found.survivors) > 1


def test_a_budget_below_the_first_runs_decides_nothing():
    """A budget that does not even reach the first runs rules nobody out."""
    found = select_best(lambda option, _run: float(option), 3, 0.01, budget=20)

    assert not found.is_decided
    assert found.survivors == (0, 1, 2)


def test_runs_of_a_table_are_not_invented():
    """Outcomes of a table end where the table ends."""
    found = select_from_table(normals(0, [0, 0.001], n=25), 0.0001)

    assert not found.is_decided
    assert found.runs == (25, 25)


@pytest.mark.parametrize(
    "wrong", [{"n_options": 1}, {"delta": 0.0}, {"delta": float("nan")}, {"probability": 0.4}, {"first_runs": 2}]
)
def test_arguments_out_of_bounds_are_refused(wrong):
    """An argument that would void the guarantee is refused."""
    with pytest.raises(ValueError, match="needs at least 2 options"):
        select_best(lambda *_: 0.0, **{"n_options": 3, "delta": 1.0, **wrong})
