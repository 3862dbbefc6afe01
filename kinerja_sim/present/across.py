"""What only shows across regions: capacity beside HR policy, and speed beside what it costs in quality.

Two policies are compared by their own paired contrast, never by whether each differs
from today's practice. Most open to dispute: capacity and HR levers cost different money,
and nothing here counts it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kinerja_sim.present.saved import Manifest, one_contrast, primary_hypothesis
from kinerja_sim.present.text import mean_disagrees, verdict

if TYPE_CHECKING:
    import pandas as pd

    from kinerja_sim.present.text import Row

CAPACITY, GOODHART = "one_more_officer", "speed_only"
SPEED, MEANT, HIDDEN = "service_rate_index", "satisfaction_index", "rework_share"
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
    """One service unit under the speed-only policy: what is counted, what is meant, what must be done again."""

    region: str
    unit: str
    speed: pd.Series
    satisfaction: pd.Series
    rework: pd.Series


def capacity_duels(contrasts: pd.DataFrame, results: pd.DataFrame, manifest: Manifest) -> list[Duel]:
    """Return one duel per region in which both the own policy and one more officer were run."""
    from kinerja_sim.study.contrasts import contrast, with_unstable
    from kinerja_sim.study.summary import series

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
        made = with_unstable(contrast(rows, CAPACITY), series(rows))
        direct = one_contrast(made, *at, preset, h["window"])
        if direct is not None:
            duels.append(Duel(*at, own, officer, direct))
    return duels


class Count(NamedTuple):
    """How many contrasts are at least likely better, how many at least likely worse, and how many stay open."""

    better: int
    worse: int
    open: int


def count_answers(rows: Sequence[Row]) -> Count:
    """Return how contrasts divide: one whose mean points the other way than its words stays open (`Count`).

    What is unchanged, or practically so, is none of the three.
    """
    codes = ["cannot_tell" if mean_disagrees(row) else verdict(row) for row in rows]
    return Count(*(sum(c.endswith(ends) for c in codes) for ends in (BETTER, WORSE, "cannot_tell")))


def speed_cases(contrasts: pd.DataFrame, manifest: Manifest) -> list[SpeedCase]:
    """Return what the speed-only policy does to every unit in which speed, satisfaction and rework are observed."""
    found = []
    for region, entry in manifest["regions"].items():
        for unit in entry["units"]:
            rows = [one_contrast(contrasts, region, unit, metric, GOODHART) for metric in (SPEED, MEANT, HIDDEN)]
            observed = [row for row in rows if row is not None and not math.isnan(row["delta_mean"])]
            if len(observed) == len(rows):
                found.append(SpeedCase(region, unit, *observed))
    return found
