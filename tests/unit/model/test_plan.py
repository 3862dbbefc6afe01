"""Policies as arrays: when they started."""

from kinerja_sim.know.library import load_policy
from kinerja_sim.model.plan import make_levers


def test_a_policy_ages_from_its_own_start() -> None:
    """Months are counted from each policy's own first month, and none before it."""
    base = load_policy("baseline")
    levers = make_levers([base.replace(name=f"start-{month}", start_month=month) for month in (0, 4)])

    assert [levers.age(period).tolist() for period in (-2, 3, 6)] == [[0, 0], [3, 0], [6, 2]]
