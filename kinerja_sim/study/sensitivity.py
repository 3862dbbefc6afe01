"""Which unknowns carry the spread of a result: Morris and Sobol' indices with intervals, also by evidence grade.

Points are means over the same replications, so that chance mostly cancels between them;
what is left of it is told as a share. The indices are those of `study.indices`. Reads
tables only. Most open to dispute: draws that are no factor of the design count as chance.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import GRADES
from kinerja_sim.know.files import label_of
from kinerja_sim.know.messages import sentence, show
from kinerja_sim.study.indices import SHARE_COLUMNS, Indices, morris_indices, sobol_indices
from kinerja_sim.study.statistics import Floats, unit_means, units_of
from kinerja_sim.study.sweep_tables import CHOICE, Factor, Response, SweepTables, open_sweep

GRADE_ORDER = (*GRADES, CHOICE)


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """How the spread of one result divides among the design's factors.

    Attributes
    ----------
    table : DataFrame
        One row a factor (or a group of them), the largest share first: `kind`, `grade`, the
        indices of the method with 95 % intervals, and `SHARE_COLUMNS`, which add up to 1.
    grades : DataFrame
        The shares by evidence grade.
    n_blocks, n_used : int
        Trajectories or Saltelli blocks of the design, and those without a failed point.
    noise_share : float
        Share of the variance between points that is chance left in their means; NaN with a
        single replication a point, where it cannot be told.
    mean, spread : float
        Mean and standard deviation over points, in the unit of the metric.
    """

    table: pd.DataFrame
    grades: pd.DataFrame
    method: str
    metric: str
    unit: str
    region: str
    policy: str
    on: str
    n_blocks: int
    n_used: int
    n_points: int
    n_failed: int
    n_replications: int
    noise_share: float
    mean: float
    spread: float
    manifest: Mapping[str, Any]

    @property
    def coverage(self) -> float:
        """Share of blocks that came through whole."""
        return self.n_used / self.n_blocks


def sensitivity(
    folder: str | os.PathLike[str], metric: str, unit: str | None = None, *, region: str | None = None,
    policy: str | None = None, on: str = "contrast",
) -> Sensitivity:  # fmt: skip
    """Return how the spread of one metric divides among the factors of a Morris or Saltelli design.

    Parameters
    ----------
    folder : path
        A compacted sweep.
    metric : str
    unit, region, policy : str, optional
        May be left out where there is only one.
    on : {'contrast', 'level'}
        The policy's effect, or the level itself.

    Raises
    ------
    InputError
        If a name is unknown, or the design is of another method.
    RunError
        If too many blocks have a failed point.
    """
    sweep = open_sweep(folder)
    method = str(sweep.design["method"])
    if method not in ("morris", "saltelli"):
        remedy = (
            "Give the design `method: saltelli` or `method: morris`. Shipped: `kinerja sweep screening -o "
            "build/screening` (levers), `kinerja sweep what_matters -o build/what_matters` (grades of evidence)."
        )
        where = f"in {label_of(folder)}"
        raise InputError(sentence("method", "be saltelli or morris for this analysis", show(method), where, remedy))
    response = sweep.response(metric, unit, region=region, policy=policy, on=on)
    factors = list(sweep.factors)
    names, members = _groups(sweep, factors)
    y = np.where(response.is_complete, _point_means(response), np.nan)
    x = response.points[[f.column for f in factors]].to_numpy(float)
    block = len(names) + (2 if method == "saltelli" else 1)
    if len(y) == 0 or len(y) % block:
        rule, got = f"hold whole blocks of {block} points", f"{len(y)} points of policy '{response.policy}'"
        raise InputError(sentence("points.parquet", rule, got, f"in {label_of(folder)}", "Finish the sweep."))
    if method == "saltelli":
        found = sobol_indices(y, names)
    else:
        found = morris_indices(x, y, _problem(factors, sweep), int(sweep.design.get("levels", 4)))
    labels = pd.DataFrame({"factor": names, **_labels(factors, members)})
    table = pd.concat([labels, found.table.drop(columns="factor")], axis=1)
    grades = _by_grade(found, labels["grade"].to_list())
    whole = np.repeat(~np.isnan(y.reshape(-1, block)).any(axis=1), block)
    return Sensitivity(
        table.sort_values("share", ascending=False, kind="stable", ignore_index=True),
        grades, method, metric, response.unit, response.region, response.policy, on,
        found.n_blocks, found.n_used, len(y), int(np.isnan(y).sum()), len(response.replications),
        noise_share(response, whole), float(y[whole].mean()), float(y[whole].std(ddof=1)), sweep.manifest,
    )  # fmt: skip


def noise_share(response: Response, whole: np.ndarray) -> float:
    """Return the share of the variance between points' means that is chance, by two-way analysis of variance.

    All points share their replications, so what a replication adds to every point alike is
    no spread between them; only what it adds to one point and not to another is. Parameter
    draws that are no factor of the design count as chance here.
    """
    outcomes = response.values[whole]  # noqa: PD011  # an array of its own
    values = unit_means(outcomes, units_of(response.draws))
    n_points, n = values.shape
    if n < 2 or n_points < 2:
        return float("nan")
    means = values.mean(axis=1, keepdims=True)
    left = values - means - values.mean(axis=0) + values.mean()
    between = float(means.var(ddof=1))
    within = float((left**2).sum() / ((n_points - 1) * (n - 1)) / n)
    return 0.0 if between == 0 else min(1.0, within / between)


def _point_means(response: Response) -> Floats:
    """Return each point's mean over draws, of which each is a mean over its replications, [point]."""
    return np.asarray(unit_means(response.values, units_of(response.draws)).mean(axis=1))


def _by_grade(found: Indices, grades: Sequence[str]) -> pd.DataFrame:
    """Return the joint share of the factors of each grade, strongest evidence first."""
    order = [*GRADE_ORDER, *dict.fromkeys(g for g in grades if g not in GRADE_ORDER)]
    rows = []
    for grade in (g for g in order if g in grades):
        members = [i for i, g in enumerate(grades) if g == grade]
        share = dict(zip(SHARE_COLUMNS, found.share_of(members), strict=True))
        rows.append({"grade": grade, "n_factors": len(members), **share})
    return pd.DataFrame(rows)


def _groups(sweep: SweepTables, factors: Sequence[Factor]) -> tuple[list[str], list[list[Factor]]]:
    """Return what the design moved by itself: factors, or groups of them, with their members."""
    groups = sweep.design.get("groups") or [f.name for f in factors]
    names = list(dict.fromkeys(groups))
    return names, [[f for f, g in zip(factors, groups, strict=True) if g == name] for name in names]


def _labels(factors: Sequence[Factor], members: Sequence[Sequence[Factor]]) -> dict[str, list[str]]:
    """Return the kind and the grade of each group; where members differ, joined by '+'."""
    return {
        part: ["+".join(dict.fromkeys(str(getattr(f, part)) for f in group)) for group in members]
        for part in ("kind", "grade")
    }


def _problem(factors: Sequence[Factor], sweep: SweepTables) -> dict[str, Any]:
    """Return the design as SALib's `problem`."""
    problem: dict[str, Any] = {
        "num_vars": len(factors),
        "names": [f.name for f in factors],
        "bounds": [[f.low, f.high] for f in factors],
    }
    if sweep.design.get("groups"):
        problem["groups"] = list(sweep.design["groups"])
    return problem
