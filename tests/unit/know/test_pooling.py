"""Metrics from pooled counts, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kinerja_sim.know.pooling import metric_value
from kinerja_sim.know.schema import METRICS


@pytest.mark.parametrize(
    ("name", "counts", "value"),
    [
        ("grade_validity", {"validity_sxy": 3.0, "validity_sxx": 4.0, "validity_syy": 9.0}, 0.5),
        ("rater_variance_share", {"validity_sxy": 3.0, "validity_sxx": 4.0, "validity_syy": 9.0}, 0.75),
        ("misgraded_share", {"misgraded": 2.0, "graded": 8.0}, 0.25),
        ("false_coaching_share", {"coaching_false": 1.0, "coaching_called": 4.0}, 0.25),
        ("missed_coaching_share", {"coaching_missed": 3.0, "coaching_due": 4.0}, 0.75),
        ("waiting_hours", {"wait_minutes_sum": 90.0}, 1.5),
        ("backlog_cases", {"backlog_cases": 12.0}, 6.0),
        ("grade_validity", {"validity_sxy": 0.0, "validity_sxx": 0.0, "validity_syy": 9.0}, np.nan),
    ],
)
def test_a_metric_is_what_its_counts_say(name: str, counts: dict[str, float], value: float) -> None:
    """Shares, correlations and what they leave unexplained follow from the counts of two periods."""
    found = metric_value(METRICS[name], {k: np.asarray(v) for k, v in counts.items()}, {}, 2)
    assert found == pytest.approx(value, nan_ok=True)
