"""The two effects of a policy in two places as a table: what differs, the parts of it, and how well it is known.

Reads arrays and region files only. Most open to dispute: what counts as one block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.fields import GRADES
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.schema import CONTRAST_EXTRAS, CONTRAST_VALUES, METRICS
from kinerja_sim.study.contrasts import describe_differences
from kinerja_sim.study.shapley import shapley_shares
from kinerja_sim.study.statistics import Floats, units_of

BLOCKS: dict[str, tuple[str, ...]] = {
    "size": ("arrivals.per_day", "counter.officers", "processing.officers"),
    "workload": ("counter.minutes", "processing.minutes", "backlog"),
    "rhythm": ("day_minutes", "arrivals.half_hour", "arrivals.weekday", "arrivals.month", "counter.staffing"),
    "rules": (
        "supply", "standard", "tickets_per_day", "priority_line", "complaint_clock", "restriction_days", "rework_days",
    ),
    "skill": ("counter.complexity", "processing.complexity", "error_share", "satisfaction_base"),
    "people": ("urban", "ledger", "resistance_cause"),
}  # fmt: skip
"""What is swapped together. Size is how many come and how many officers serve; workload how busy these are."""
PARTS = ("effect_a", "effect_b", "gap", "share")
TABLE_COLUMNS = ["part", "block", "metric", *CONTRAST_VALUES, *CONTRAST_EXTRAS]
GRADE_COLUMNS = ["block", "region", "n_values", "n_estimates"]


@dataclass(frozen=True, eq=False)
class Transfer:
    """How the effect of a policy in one place becomes that in another.

    Attributes
    ----------
    table : DataFrame
        `part` is 'effect_a', 'effect_b' (of the unit of B on A's random numbers), 'gap' (B less
        A) or 'share' (one row a block; shares add up to the gap), with the numbers of the
        contrasts table.
    draws : DataFrame
        The same, replication by replication.
    grades : DataFrame
        Values behind every block in either region, and how many of them are estimates.
    blocks : tuple of str
        Blocks in which the two units differ; the others change nothing.
    """

    table: pd.DataFrame
    draws: pd.DataFrame
    grades: pd.DataFrame
    blocks: tuple[str, ...]
    policy: Policy
    reference: Policy
    a: Region
    b: Region
    unit_a: str
    unit_b: str
    metric: str
    manifest: Mapping[str, Any]


def describe(
    levels: Floats, effects: Floats, blocks: tuple[str, ...], draws: np.ndarray, metric: str, n_failed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the effects, their gap and its shares as rows of the contrasts table, and each replication's."""
    shares = shapley_shares(effects) if blocks else np.empty((0, effects.shape[1]))
    delta = np.stack([effects[0], effects[-1], effects[-1] - effects[0], *shares])
    base = np.stack([levels[0], levels[-1], *[levels[0]] * (len(delta) - 2)])
    numbers = describe_differences(
        delta[:, None], base[:, None], np.isnan(delta)[:, None], units_of(draws), [METRICS[metric]]
    )
    names = {"part": [*PARTS[:3], *["share"] * len(blocks)], "block": ["", "", "", *blocks]}
    counts = {"n_draws": len(np.unique(draws)), "n_replications": len(draws), "n_failed": n_failed}
    table = pd.DataFrame({**names, "metric": metric, **{k: v[:, 0] for k, v in numbers.items()}}).assign(**counts)
    each = pd.DataFrame(
        {k: np.repeat(np.array(v, dtype=object), len(draws)) for k, v in names.items()}
        | {"draw": np.tile(draws, len(delta)), "change": delta.ravel()}
    )
    return table[TABLE_COLUMNS], each


def count_grades(region: Region, unit: str) -> pd.DataFrame:
    """Return how many values stand behind each block of a region's unit, and how many are estimates."""
    data = region.units[unit].model_dump(mode="python")
    rows = []
    for block, paths in BLOCKS.items():
        grades = [g for path in paths if path != "resistance_cause" for g in _grades_in(value_at(data, path))]
        estimates = sum(g == GRADES[-1] for g in grades)
        rows.append({"block": block, "region": region.name, "n_values": len(grades), "n_estimates": estimates})
    return pd.DataFrame(rows, columns=GRADE_COLUMNS)


def _grades_in(value: Any) -> list[str]:
    if not isinstance(value, Mapping):
        return []
    return [value["grade"]] if "grade" in value else [g for part in value.values() for g in _grades_in(part)]


def value_at(data: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a dotted path of a unit's values, or None where a step is absent."""
    here: Any = data
    for step in path.split("."):
        here = None if here is None else here[step]
    return here
