"""The worst-served tenth: a tail mean from bins, contrasted like any metric."""

import numpy as np
import pytest

from kinerja_sim.know.schema import WAIT_EDGES
from kinerja_sim.study.equity import tail_contrasts, tail_mean
from tests.fakes import make_results


@pytest.mark.parametrize("share", [0.1, 0.25, 1.0])
def test_a_tail_mean_is_that_of_the_values_behind_the_bins(share):
    """With values evenly spread in their bins, the bins give the exact mean of the largest values."""
    edges = np.array([0.0, 10.0, 20.0, 60.0])
    counts = np.array([400.0, 400.0, 200.0])
    values = np.concatenate([np.linspace(a, b, int(n), endpoint=False) + (b - a) / n / 2
                             for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)])  # fmt: skip
    exact = np.sort(values)[-round(share * len(values)) :].mean()
    assert tail_mean(counts, edges, share) == pytest.approx(exact, rel=1e-9)


def test_nothing_counted_has_no_tail():
    """Without a visit there is nobody who waited longest."""
    assert np.isnan(tail_mean(np.zeros(40), WAIT_EDGES))


def test_the_open_bin_counts_as_its_lower_edge():
    """Waits beyond the last edge are understated, never infinite."""
    counts = np.zeros(40)
    counts[-1] = 7
    assert tail_mean(counts, WAIT_EDGES) == pytest.approx(WAIT_EDGES[-2])


def test_tails_are_contrasted_pair_by_pair():
    """The null policy changes no tail; more officers shorten it in the fake tables, whose counts follow from waits."""
    found = tail_contrasts(make_results(replications=6)).set_index(["scenario", "region", "unit", "metric"])
    null = found.xs("null", level="scenario")
    assert (null["delta_mean"] == 0).all()
    assert null["all_equal"].all()
    more = found.loc[("one_more_officer", "tebing-tinggi", "ktp", "wait_minutes_p90")]
    assert more["delta_mean"] < 0
    assert more["reference_mean"] > 0
