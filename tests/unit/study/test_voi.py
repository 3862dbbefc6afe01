"""The worth of information against the closed form of a choice of two, and what chance may not add to it."""

import numpy as np
import pytest

from kinerja_sim.study.voi import evpi, evppi
from tests.known_answers import two_options, worth_of_knowing

BOTH = np.hypot(1.0, 0.7)


def test_the_closed_form_lies_within_the_stated_interval():
    """Of 30 intervals, for perfect information and each parameter alone, at least 27 hold the unit normal loss."""
    held = []
    for seed in range(10):
        benefit, draws, theta, psi = two_options(seed)
        means = benefit.mean(axis=2)
        found = {
            worth_of_knowing(0.3, BOTH): evpi(benefit.reshape(2, -1), draws),
            worth_of_knowing(0.3, 1.0): evppi(means, theta[:, None]),
            worth_of_knowing(0.3, 0.7): evppi(means, psi[:, None]),
        }
        held += [worth.low <= truth <= worth.high for truth, worth in found.items()]
        widths = [worth.high - worth.low for worth in found.values()]

        assert max(widths) < 0.3  # an interval that holds everything would prove nothing

    assert len(held) == 30
    assert sum(held) >= 27


def test_knowing_both_is_worth_what_knowing_everything_is():
    """Two parameters learnt together are worth more than either, and as much as everything."""
    benefit, draws, theta, psi = two_options(3, n=2000)
    means = benefit.mean(axis=2)
    alone, both = evppi(means, theta[:, None]).value, evppi(means, np.column_stack([theta, psi])).value
    everything = evpi(benefit.reshape(2, -1), draws)

    assert alone < everything.value
    assert everything.value <= both <= everything.high


def test_a_parameter_that_changes_nothing_is_worth_nothing():
    """Learning what has no effect is worth nothing, up to the interval."""
    benefit, *_ = two_options(1, known=0.0, other=0.0, mean=1.0)
    worth = evppi(benefit.mean(axis=2), np.random.default_rng(0).normal(size=(400, 1)))

    assert worth.value == 0
    assert worth.low == 0


def test_fitting_noise_earns_nothing():
    """Where nothing is worth knowing, choices judged on runs of their own look worth far more than honest ones."""
    noise = np.random.default_rng(0).normal(size=(30, 400, 1))
    found = [evppi(two_options(s, known=0.0, other=1.0, mean=0.0)[0].mean(axis=2), noise[s]) for s in range(30)]

    assert np.mean([w.value for w in found]) < 0.6 * np.mean([w.optimistic for w in found])


def test_chance_is_not_taken_for_knowledge():
    """Where only chance varies, foresight of it counts in the optimistic figure and not in the value."""
    benefit, draws, *_ = two_options(2, known=0.0, other=0.0, mean=0.0, chance=5.0)
    worth = evpi(benefit.reshape(2, -1), draws)

    assert worth.optimistic > 0.5
    assert worth.value < 0.2


def test_one_replication_a_draw_gives_a_bound_only():
    """With one replication a draw no value is stated, only the bound."""
    benefit, draws, *_ = two_options(2, replications=1)
    worth = evpi(benefit.reshape(2, -1), draws)

    assert np.isnan(worth.value)
    assert worth.optimistic > 0


def test_a_parameter_of_few_levels_is_taken_level_by_level():
    """A parameter that is either 0 or 1 is worth what the better choice at each gains."""
    rng = np.random.default_rng(4)
    works = rng.integers(0, 2, 1000).astype(float)
    means = np.stack([np.zeros(1000), 3.0 * works - 1.0 + 0.1 * rng.normal(size=1000)])
    worth = evppi(means, works[:, None])

    assert worth.low <= 0.5 <= worth.high  # with 1/2 lose 1, which knowing saves
    assert worth.high - worth.low < 0.2


def test_too_few_draws_are_refused():
    """A regression on a handful of draws is refused."""
    with pytest.raises(ValueError, match="at least 40 draws"):
        evppi(np.zeros((2, 20)), np.zeros((20, 1)))
