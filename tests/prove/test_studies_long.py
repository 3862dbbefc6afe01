"""Sensitivity, selection and information against closed forms and published settings, many times over."""

import numpy as np
import pytest
from SALib.sample import sobol
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

from kinerja_sim.study.indices import sobol_indices
from kinerja_sim.study.selection import select_from_table
from kinerja_sim.study.voi import evpi, evppi
from tests.known_answers import (
    G_COEFFICIENTS,
    PROBLEM,
    ishigami,
    ishigami_indices,
    sobol_g,
    sobol_g_indices,
    two_options,
    worth_of_knowing,
)

SEEDS, CHOICES = 50, 200
CUBE = {"num_vars": 8, "names": [f"x{i}" for i in range(8)], "bounds": [[0.0, 1.0]] * 8}
FUNCTIONS = {"Ishigami": (PROBLEM, ishigami, ishigami_indices), "Sobol' g": (CUBE, sobol_g, sobol_g_indices)}
DELTA = 10**-0.5
CONFIGURATIONS = {
    "slippage": np.r_[DELTA, np.zeros(9)],
    "monotone decreasing means": -DELTA * np.arange(10),
}  # ten normal systems of variance 1, delta = 1 / sqrt(10): Kim and Nelson 2001, section 5


@pytest.mark.parametrize("name", FUNCTIONS)
def test_intervals_of_sobol_indices_hold_the_analytic_ones(proof, name):
    """Over 50 seeds at least 90 % of the 95 % intervals of every index hold its analytic value."""
    problem, function, truth = FUNCTIONS[name]
    held = np.zeros((2, problem["num_vars"]))
    for seed in range(1, SEEDS + 1):
        y = function(sobol.sample(problem, 1024, calc_second_order=False, seed=seed))
        table = sobol_indices(y, problem["names"]).table
        for i, (index, value) in enumerate(zip(("first", "total"), truth(), strict=True)):
            held[i] += (table[f"{index}_low"] <= value) & (value <= table[f"{index}_high"])
    proof.amount = f"{SEEDS} samples of 1,024 blocks, {held.size} indices"
    proof.worst = f"coverage of the worst index {held.min() / SEEDS:.2f}, of all {held.mean() / SEEDS:.3f}"

    assert (held / SEEDS >= 0.90).all()
    assert len(G_COEFFICIENTS) == CUBE["num_vars"]


def equal_shares(k: int, delta: float) -> int:
    """Return the runs of k options of variance 1 together that equal shares need for 95 % (Bechhofer 1954)."""

    def right(h: float) -> float:
        return quad(lambda z: norm.cdf(z + h) ** (k - 1) * norm.pdf(z), -8, 8)[0]

    return k * int(np.ceil((brentq(lambda h: right(h) - 0.95, 0.0, 20.0) / delta) ** 2))


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_sequential_selection_keeps_its_promise_with_fewer_runs(proof, name):
    """Kim and Nelson's procedure is right as often as stated, with fewer runs than equal shares need for the same."""
    means, right, runs, n = CONFIGURATIONS[name], 0, [], 2000
    for seed in range(n):
        rng = np.random.default_rng(seed)
        order = rng.permutation(10)
        found = select_from_table(means[order][:, None] + rng.normal(size=(10, 2000)), DELTA)
        right += order[found.survivors[0]] == 0
        runs.append(found.total_runs)
    equal = equal_shares(10, DELTA)
    error = 3 * (0.95 * 0.05 / n) ** 0.5
    proof.amount = f"{n} selections among 10"
    proof.worst = f"right {right / n:.3f} (stated 0.95), {np.mean(runs):.0f} runs against {equal} in equal shares"

    assert right / n >= 0.95 - error
    assert np.mean(runs) + 3 * np.std(runs) / n**0.5 < equal


@pytest.mark.parametrize("what", ["everything", "one parameter", "the other"])
def test_the_worth_of_information_agrees_with_its_closed_form(proof, what):
    """Over 200 problems of two options at least 90 % of the stated 95 % intervals hold the unit normal loss."""
    held, off = 0, []
    for seed in range(CHOICES):
        benefit, draws, theta, psi = two_options(seed)
        means = benefit.mean(axis=2)
        truth, found = {
            "everything": lambda b=benefit, d=draws: (np.hypot(1.0, 0.7), evpi(b.reshape(2, -1), d)),
            "one parameter": lambda m=means, x=theta: (1.0, evppi(m, x[:, None])),
            "the other": lambda m=means, x=psi: (0.7, evppi(m, x[:, None])),
        }[what]()
        value = worth_of_knowing(0.3, truth)
        held += found.low <= value <= found.high
        off.append((found.value + found.optimistic) / 2 / value - 1)
    proof.amount = f"{CHOICES} problems of 400 draws"
    proof.worst = f"coverage {held / CHOICES:.3f}, middle of the two figures off by {np.mean(off):+.1%} on average"

    assert held / CHOICES >= 0.90
    assert abs(np.mean(off)) < 0.05
