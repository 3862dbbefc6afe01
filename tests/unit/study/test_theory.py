"""The queue beside Erlang's formula, as the verification notebook shows it."""

import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.study.theory import COUNTERS, queue_theory


def test_intervals_hold_the_exact_waits():
    """At most one of the queues' 95 % intervals misses the closed form, and all are within 15 % of it."""
    table = queue_theory(n_replications=10, seed=1)
    held = (table["ci_low"] <= table["theory"]) & (table["theory"] <= table["ci_high"])
    assert len(table) == len(COUNTERS)
    assert held.sum() >= len(COUNTERS) - 1
    assert ((table["simulated"] / table["theory"] - 1).abs() < 0.15).all()


def test_the_same_seed_gives_the_same_table():
    """Numbers in the notebook can be had again."""
    assert queue_theory(n_replications=2, seed=3).equals(queue_theory(n_replications=2, seed=3))


def test_a_wrong_number_is_refused():
    """A seed below zero is a user's mistake."""
    with pytest.raises(InputError, match="`seed` must be a whole number of at least 0"):
        queue_theory(seed=-1)
