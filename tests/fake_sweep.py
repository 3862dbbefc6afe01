"""A sweep's folder without a simulator: points, outcomes and manifest in the format that `kinerja sweep` leaves."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.schema import METRICS

Outcome = Callable[[Mapping[str, Any], str, int, int], Mapping[str, float]]


def write_sweep(
    folder: Path,
    x: np.ndarray,
    factors: Sequence[Mapping[str, object]],
    outcome: Outcome,
    *,
    method: str = "saltelli",
    policies: Sequence[str] = ("policy",),
    reference: str | None = "baseline",
    regions: Sequence[str] = ("here",),
    units: Sequence[str] = ("counter",),
    pairs: Sequence[tuple[int, int]] = ((0, 0),),
    draws: pd.DataFrame | None = None,
    more: Mapping[str, object] | None = None,
) -> Path:
    """Write a sweep and return its folder.

    Parameters
    ----------
    folder : path
    x : array, shape (n_points, n_factors)
        Run under every policy, and under the reference where there is one.
    factors : sequence of dict
        As in the manifest: name, kind, grade, bounds.
    outcome : callable
        From (factors of the point and its region, policy, draw, replication) to metrics; one left out is NaN.
    pairs : sequence of (draw, replication)
    """
    names = [str(f["name"]) for f in factors]
    runs = [(where, policy, x_row) for where in regions for policy in policies for x_row in x]
    runs += [(where, reference, x_row) for where in regions for x_row in x if reference]
    points, rows = [], []
    for number, (where, policy, values) in enumerate(runs):
        place = dict(zip(names, values, strict=True))
        points.append({"point": number, "region": where, "policy": policy, "is_reference": policy == reference} | place)
        for unit in units:
            for draw, replication in pairs:
                keys = {"point": number, "region": where, "unit": unit, "draw": draw, "replication": replication}
                rows.append(keys | dict(outcome(place | {"region": where}, str(policy), draw, replication)))
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(points).to_parquet(folder / "points.parquet", index=False)
    pd.DataFrame(rows).to_parquet(folder / "outcomes.parquet", index=False)
    if draws is not None:
        draws.to_parquet(folder / "draws.parquet", index=False)
    design = {"method": method, "factors": [dict(f) for f in factors], "seed": 1}
    design |= {"metrics": [c for c in pd.DataFrame(rows).columns if c in METRICS], **(more or {})}
    manifest = {"tool": "kinerja_sim", "run_id": "abc123", "seed": 1, "design": design, "tables": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
