"""Every metric of every office lies within the bounds that the schema states, in every month and window."""

import pytest

from kinerja_sim.know.library import list_regions, load_policy, load_region
from kinerja_sim.know.schema import METRICS, WINDOWS
from kinerja_sim.model.simulate import simulate_block
from kinerja_sim.study.summary import pool_windows


@pytest.mark.parametrize("name", list_regions())
def test_every_metric_lies_within_its_bounds(name: str) -> None:
    """No share is above one and nothing that cannot be negative is, month by month and pooled."""
    region = load_region(name)
    policies = [load_policy("baseline"), load_policy(region.preset)]
    results = simulate_block(
        region, policies, seed=0, replications=range(4), months=2, pre_months=2, parameters="ledger"
    ).results
    for table in (results, *pool_windows(results, WINDOWS).values()):
        for metric in (m for m in METRICS.values() if m.name in table):
            low, high = metric.bounds
            assert table[metric.name].dropna().between(low - 1e-9, high + 1e-9).all(), metric.name
