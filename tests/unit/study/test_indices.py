"""Indices against closed forms, and points that failed."""

import numpy as np
import pytest
from SALib.sample import morris, sobol

from kinerja_sim.know.errors import RunError
from kinerja_sim.study.indices import morris_indices, sobol_indices
from tests.known_answers import PROBLEM, ishigami, ishigami_indices

UNIT_CUBE = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}


def test_sobol_intervals_hold_the_known_indices_of_ishigami():
    """Each 95 % interval of the indices and of the shares holds the closed form, in ten samples of ten."""
    first, total = ishigami_indices()
    for seed in range(1, 11):
        x = sobol.sample(PROBLEM, 512, calc_second_order=False, seed=seed)
        table = sobol_indices(ishigami(x), PROBLEM["names"]).table

        for name, truth in (("first", first), ("total", total), ("share", (first + total) / 2)):
            assert ((table[f"{name}_low"] <= truth) & (truth <= table[f"{name}_high"])).all(), (seed, name)


def test_a_share_lies_halfway_between_the_two_indices():
    """Ishigami's third factor acts only together with the first: half of what they do together is its share."""
    first, total = ishigami_indices()
    x = sobol.sample(PROBLEM, 4096, calc_second_order=False, seed=1)

    share = sobol_indices(ishigami(x), PROBLEM["names"]).table["share"].to_numpy()
    np.testing.assert_allclose(share, (first + total) / 2, atol=0.01)


def test_a_share_below_nothing_lies_in_its_interval():
    """In small samples a weak factor's share may come out below 0, and its interval is not cut off above it."""
    below = 0
    for seed in range(1, 21):
        x = sobol.sample(UNIT_CUBE, 16, calc_second_order=False, seed=seed)
        table = sobol_indices(x @ np.array([1.0, 0.1, 0.5]), UNIT_CUBE["names"]).table.query("share < 0")
        assert (table["share_low"] <= table["share"]).all()
        below += len(table)
    assert below > 0


def test_one_nan_among_2048_outputs_costs_its_block_and_no_more():
    """With one output of 2,560 missing, its five rows go, and the others give the indices they give alone."""
    x = sobol.sample(PROBLEM, 512, calc_second_order=False, seed=1)
    y = ishigami(x)
    y[1234] = np.nan
    found = sobol_indices(y, PROBLEM["names"])
    block = 1234 // 5
    alone = sobol_indices(np.delete(y.reshape(-1, 5), block, axis=0).ravel(), PROBLEM["names"])

    assert (found.n_used, found.n_blocks) == (511, 512)
    assert found.table.equals(alone.table)


def test_too_many_failures_are_refused():
    """With a fifth of the blocks gone the indices stand; with more they are refused by number."""
    y = ishigami(sobol.sample(PROBLEM, 64, calc_second_order=False, seed=1)).reshape(-1, 5)
    y[:12, 0] = np.nan

    assert sobol_indices(y.ravel(), PROBLEM["names"]).coverage == 52 / 64

    y[:13, 0] = np.nan
    with pytest.raises(RunError, match=r"only 51 of 64 blocks .* at least 80%"):
        sobol_indices(y.ravel(), PROBLEM["names"])


def test_a_failed_point_costs_morris_its_trajectory():
    """One missing output takes one trajectory, and the mean effect is that of the others."""
    x = morris.sample(UNIT_CUBE, 10, num_levels=4, seed=2)
    y = x @ np.array([1.0, 2.0, 3.0])
    y[5] = np.nan
    found = morris_indices(x, y, UNIT_CUBE, 4)

    assert (found.n_used, found.n_blocks) == (9, 10)
    assert found.table["mu_star"].to_list() == pytest.approx([1, 2, 3])
