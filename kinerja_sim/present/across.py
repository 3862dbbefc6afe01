"""What only shows across regions: capacity beside HR policy, and reports beside reality.

Two policies are compared by their own paired contrast, never by whether each differs
from today's practice. Most open to dispute: capacity and HR levers cost different money,
and nothing here counts it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinerja_sim.present.saved import Manifest, one_contrast, primary_hypothesis
from kinerja_sim.present.text import verdict

if TYPE_CHECKING:
    import pandas as pd

CAPACITY, GOODHART = "one_more_officer", "speed_only"
REPORTED, TRUE, GAP = "reported_on_time_share", "on_time_share", "misgraded_share"
SPEED, MEANT = "service_rate_index", "satisfaction_index"
BETTER, WORSE = ("falls", "rises"), ("worsens",)


@dataclass(frozen=True)
class Duel:
    """A region's own policy beside one more officer, on the region's primary metric.

    `own` and `officer` are each contrasted with the baseline, `direct` is the own policy
    contrasted with one more officer.
    """

    region: str
    unit: str
    metric: str
    own: pd.Series
    officer: pd.Series
    direct: pd.Series


@dataclass(frozen=True)
class SpeedCase:
    """One service unit under the speed-only policy: what is counted, what is meant, what is reported.

    `gap` contrasts reported minus true punctuality with the baseline.
    """

    region: str
    unit: str
    speed: pd.Series
    satisfaction: pd.Series
    gap: pd.Series


def capacity_duels(contrasts: pd.DataFrame, results: pd.DataFrame, manifest: Manifest) -> list[Duel]:
    """Return one duel per region in which both the own policy and one more officer were run."""
    from kinerja_sim.study.contrasts import contrast

    duels = []
    for region, entry in manifest["regions"].items():
        h, preset = primary_hypothesis(manifest, region), entry["preset"]
        at = (region, h["unit"], h["metric"])
        own, officer = (one_contrast(contrasts, *at, scenario, h["window"]) for scenario in (preset, CAPACITY))
        if own is None or officer is None:
            continue
        rows = results[
            (results["region"] == region)
            & (results["unit"] == h["unit"])
            & results["scenario"].isin([preset, CAPACITY])
        ]
        direct = one_contrast(contrast(rows, CAPACITY), *at, preset, h["window"])
        if direct is not None:
            duels.append(Duel(*at, own, officer, direct))
    return duels


def count_better(rows: list[pd.Series]) -> tuple[int, int]:
    """Return how many contrasts reach at least 'likely' for better, and how many for worse."""
    codes = [verdict(row) for row in rows]
    return sum(c.endswith(BETTER) for c in codes), sum(c.endswith(WORSE) for c in codes)


def speed_cases(contrasts: pd.DataFrame, results: pd.DataFrame, manifest: Manifest) -> list[SpeedCase]:
    """Return what the speed-only policy does to every unit in which speed, satisfaction and reports are observed.

    The gap (reported minus true share on time) is taken per replication and contrasted like any metric.
    """
    from kinerja_sim.study.contrasts import contrast
    from kinerja_sim.study.summary import pool_metrics

    baseline, found = manifest["baseline"], []
    rows = results[results["scenario"].isin([baseline, GOODHART])]
    regions = [r for r in manifest["regions"] if GOODHART in manifest["scenarios"][r]]
    if not regions:
        return []
    pooled = pool_metrics(rows[rows["region"].isin(regions)], "after")
    # The contrast of the gap rides in the column of a share that is better low and matters from 2 points on.
    gaps = contrast(pooled, baseline, pooled={"after": pooled.assign(**{GAP: pooled[REPORTED] - pooled[TRUE]})})
    for region in regions:
        for unit in manifest["regions"][region]["units"]:
            speed, satisfaction = (one_contrast(contrasts, region, unit, m, GOODHART) for m in (SPEED, MEANT))
            gap = one_contrast(gaps, region, unit, GAP, GOODHART)
            if speed is None or satisfaction is None or gap is None:
                continue
            if not any(math.isnan(row["delta_mean"]) for row in (speed, satisfaction, gap)):
                found.append(SpeedCase(region, unit, speed, satisfaction, gap))
    return found


def relative(row: pd.Series) -> dict[str, float]:
    """Return a contrast relative to the reference, pair by pair (1 = 100 %); there is no precision of that mean."""
    nan = float("nan")
    return {
        "delta_mean": row["delta_rel_mean"], "low": row["delta_rel_low"], "high": row["delta_rel_high"],
        "ci_low": nan, "ci_high": nan,
    }  # fmt: skip
