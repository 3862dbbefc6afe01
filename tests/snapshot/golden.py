"""The golden summary: what every library policy gives in every region, in one small run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kinerja_sim.know.library import list_policies, list_regions, load_policy, load_region
from kinerja_sim.model.simulate import simulate_block
from kinerja_sim.study.summary import SERIES_KEYS, pool_metrics

GOLDEN = Path(__file__).parent / "golden.csv"
METRICS = [
    "wait_minutes_mean", "turnaround_days_mean", "on_time_share", "lost_demand_cases", "satisfaction_index",
    "satisfaction_index_measured", "rework_share", "grade_validity", "motivation_z", "resistance_z",
    "service_rate_index", "appraisal_hours", "training_hours", "misgraded_share", "rater_variance_share",
    "false_coaching_share", "missed_coaching_share", "answered_in_time_share",
]  # fmt: skip
"""The figures that a reader would miss if they moved."""


def make_golden() -> pd.DataFrame:
    """Return the summary: one replication, 12 months, parameters at the ledger's points."""
    policies = [load_policy(name) for name in list_policies()]
    parts = [
        simulate_block(
            load_region(name), policies, seed=0, replications=[0], months=12, pre_months=0, parameters="point"
        ).results
        for name in list_regions()
    ]
    table = pool_metrics(pd.concat(parts, ignore_index=True), "all")
    keys = [key for key in SERIES_KEYS if key not in ("draw", "replication")]
    return table[[*keys, *METRICS]].sort_values(keys).reset_index(drop=True)


def load_golden() -> pd.DataFrame:
    """Return the summary that is held; the policy named `null` is a name, not a missing value."""
    return pd.read_csv(GOLDEN, keep_default_na=False, na_values={metric: [""] for metric in METRICS})


def save_golden() -> None:
    """Write the summary that the test holds the package to."""
    make_golden().to_csv(GOLDEN, index=False, float_format="%.12g", lineterminator="\n")
