"""Designs fill space as their method says, in the order that SALib reads, the same for the same seed."""

import numpy as np
import pytest
from SALib.analyze import morris as analyze_morris
from SALib.analyze import sobol as analyze_sobol

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.study.sampling import BASE, simplex_mixes
from tests.sweeping import make_study

RANGE = {"low": 0, "high": 1}
THREE = {
    "policy.appraisal.stakes": RANGE,
    "policy.dose": RANGE,
    "parameter.effect_discount": "prior",
}


def sample(method, factors=THREE, **changes):
    """Return the sample of a small design."""
    return make_study(method=method, factors=factors, **changes).sample


def test_a_grid_is_every_combination_and_a_zip_pairs_values():
    """The last factor of a grid moves fastest; a zip takes the first values together, then the second."""
    factors = {"policy.appraisal.stakes": [0.1, 0.2], "policy.dose": [0.5, 1]}
    grid, zipped = sample("grid", factors), sample("zip", factors)

    assert list(zip(*grid.columns.values(), strict=True)) == [(0.1, 0.5), (0.1, 1), (0.2, 0.5), (0.2, 1)]
    assert list(zip(*zipped.columns.values(), strict=True)) == [(0.1, 0.5), (0.2, 1)]


def test_one_at_a_time_moves_one_factor_from_the_base():
    """After the base point, each point moves one factor to one end; a prior to the ends of its central 95 %."""
    found = sample("one_at_a_time")
    moved = [[name for name in THREE if found.columns[name][i] is not BASE] for i in range(found.n)]
    row = load_ledger()["effect_discount"]

    assert moved == [[], *([name] for name in THREE for _ in range(2))]
    assert found.columns["parameter.effect_discount"][-2:] == pytest.approx(row.ppf([0.025, 0.975]).tolist())


@pytest.mark.parametrize(("method", "n"), [("latin_hypercube", 40), ("sobol", 32)])
def test_space_is_filled_evenly_and_mapped_by_the_ledger(method, n):
    """Every slice of each factor holds its share of points, and a parameter is its prior's quantile at its position."""
    found = sample(method, n=n)
    cells = 40 if method == "latin_hypercube" else 16

    for name in THREE:
        counts = np.bincount((found.positions[name] * cells).astype(int), minlength=cells)
        assert (counts == n // cells).all()
    u, values = found.positions["parameter.effect_discount"], found.columns["parameter.effect_discount"]
    assert values == pytest.approx(load_ledger()["effect_discount"].ppf(u).tolist())


def test_the_same_seed_is_the_same_design():
    """A design is its seed's: equal for equal seeds, different for others."""
    one, two, other = (sample("latin_hypercube", n=8, seed=seed).columns for seed in (3, 3, 4))

    assert one == two
    assert one != other


def test_whole_numbers_are_equally_likely():
    """A range of whole numbers takes each of them equally often, both ends included."""
    factors = {"region.units.sukamiskin.counter.officers": {"low": 2, "high": 5, "integer": True}}
    values = sample("sobol", factors, n=64).columns["region.units.sukamiskin.counter.officers"]

    assert np.bincount(values).tolist() == [0, 0, 16, 16, 16, 16]
    assert all(type(v) is int for v in values)


def test_salib_reads_saltelli_rows_in_their_order():
    """Total indices from the rows as they come equal what the function is made of: 4 : 1, nothing from the third."""
    found = sample("saltelli", n=512)
    x = np.column_stack([found.positions[name] for name in THREE])
    problem = {"num_vars": 3, "names": list(THREE), "bounds": [[0, 1]] * 3}
    indices = analyze_sobol.analyze(problem, 2 * x[:, 0] + x[:, 1], calc_second_order=False, seed=1)

    assert found.n == 512 * 5
    assert indices["ST"] == pytest.approx([0.8, 0.2, 0.0], abs=0.02)


def test_salib_reads_morris_rows_in_their_order():
    """Elementary effects of a linear function are its slopes, without any spread."""
    found = sample("morris", n=10)
    x = np.column_stack([found.positions[name] for name in THREE])
    problem = {"num_vars": 3, "names": list(THREE), "bounds": [[0, 1]] * 3}
    effects = analyze_morris.analyze(problem, x, 2 * x[:, 0] + x[:, 1], seed=1)

    assert np.asarray(effects["mu"]).tolist() == pytest.approx([2, 1, 0])
    assert np.asarray(effects["sigma"]).tolist() == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_morris_grid_keeps_priors_finite():
    """Where the grid touches 0 and 1, a prior is at the ends of its central 95 %."""
    found = sample("morris", n=20)
    values, row = found.columns["parameter.effect_discount"], load_ledger()["effect_discount"]

    assert sorted(set(found.positions["parameter.effect_discount"])) == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert [min(values), max(values)] == pytest.approx(row.ppf([0.025, 0.975]).tolist())


def test_groups_by_grade_move_together():
    """Grouped by grade, a block has one row for each grade that occurs, and the group of every factor is its grade."""
    factors = {f"parameter.{n}": "prior" for n in ("effect_discount", "sdp_medium", "train_d_job")}
    found = sample("saltelli", factors, n=4, groups="grade")
    grades = [load_ledger()[n].grade for n in ("effect_discount", "sdp_medium", "train_d_job")]

    assert found.groups == grades
    assert found.n == 4 * (len(set(grades)) + 2)
    with pytest.raises(InputError, match="Name the groups one by one"):
        sample("saltelli", factors | {"policy.dose": RANGE}, n=4, groups="grade")


def test_mixes_cover_the_simplex():
    """All mixes of three shares in tenths: 66 of them, each sums to 1, none twice."""
    mixes = simplex_mixes(["a", "b", "c"], 10)

    assert len({tuple(m.values()) for m in mixes}) == 66
    assert all(sum(m.values()) == pytest.approx(1) for m in mixes)
