"""Where in the design does a result hold? Boxes found by PRIM, with their coverage and density.

A condition such as `satisfaction_index >= 76.61` is read, not evaluated. The boxes are
ema_workbench's (patient rule induction); which box of its peeling is told, and which of its bounds are dropped, is
decided here by fixed rules. Reads tables only. Most open to dispute: a point counts as
meeting the condition by its mean over replications.
"""

from __future__ import annotations

import operator
import os
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.extras import need
from kinerja_sim.know.messages import sentence, show
from kinerja_sim.study.indices import LEAST_COVERAGE
from kinerja_sim.study.statistics import Floats, unit_means, units_of
from kinerja_sim.study.sweep_tables import SweepTables, open_sweep

LEAST_DENSITY = 0.8
"""Share of a box's points that must meet the condition before the box is worth telling."""
LEAST_POINTS = 40
MOST_BOXES = 3
_CHANCE = 0.05  # quasi p-value above which a bound is put down to chance and dropped
_OPERATORS: dict[str, Callable[[Floats, float], Any]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_CLAUSE = re.compile(
    r"\s*([a-z_][a-z0-9_]*)\s*(>=|<=|>|<)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*", re.IGNORECASE
)
TABLE_COLUMNS = ["box", "factor", "low", "high", "values", "design_low", "design_high", "quasi_p"]
BOX_COLUMNS = ["box", "n", "n_meeting", "coverage", "density", "mass", "is_dense"]


@dataclass(frozen=True)
class Clause:
    """One comparison of a metric with a number."""

    metric: str
    sign: str
    bound: float

    def holds(self, values: Floats) -> np.ndarray:
        """Return where `values` meet the clause; NaN never does."""
        return np.asarray(_OPERATORS[self.sign](values, self.bound))

    def __str__(self) -> str:
        return f"{self.metric} {self.sign} {self.bound:g}"


@dataclass(frozen=True, eq=False)
class Discovery:
    """The boxes in which a condition holds.

    Attributes
    ----------
    table : DataFrame
        One row a box and restricted factor: its bounds (or `values` of a list), the bounds of
        the design, and the quasi p-value of the bound (Bryant and Lempert 2010).
    boxes : DataFrame
        One row a box: points in it, coverage (share of all points that meet the condition),
        density (share of the box's points that do), mass (share of all points), and whether
        the density reaches `LEAST_DENSITY`.
    seen : dict
        Smallest, middle and largest value of each metric of the condition over the whole points.
    """

    table: pd.DataFrame
    boxes: pd.DataFrame
    where: tuple[Clause, ...]
    on: str
    unit: str
    region: str
    n_points: int
    n_failed: int
    n_meeting: int
    n_replications: int
    manifest: Mapping[str, Any]
    seen: Mapping[str, tuple[float, ...]]


def parse_where(text: str) -> tuple[Clause, ...]:
    """Return the clauses of a condition, joined by `and`.

    Raises
    ------
    InputError
        If a part is not `metric`, one of >= <= > <, and a number.

    Examples
    --------
    >>> [str(clause) for clause in parse_where("wait_minutes_p90 <= 45 and on_time_share >= .9")]
    ['wait_minutes_p90 <= 45', 'on_time_share >= 0.9']
    """
    clauses = []
    for part in re.split(r"\band\b", text, flags=re.IGNORECASE):
        match = _CLAUSE.fullmatch(part)
        if match is None:
            rule = "be comparisons such as 'satisfaction_index >= 76.61', joined by 'and'"
            raise InputError(sentence("where", rule, show(part.strip())))
        clauses.append(Clause(match[1], match[2], float(match[3])))
    return tuple(clauses)


def discover(
    folder: str | os.PathLike[str], where: str, unit: str | None = None, *, region: str | None = None,
    policy: str | None = None, on: str = "level",
) -> Discovery:  # fmt: skip
    """Return the boxes of the design in which `where` holds.

    Parameters
    ----------
    folder : path
        A compacted sweep of any method.
    where : str
        Such as ``"satisfaction_index >= 76.61"``; several joined by ``and``.
    unit, region : str, optional
        May be left out where there is only one.
    policy : str, optional
        All policies when left out; which one it was is then a factor too.
    on : {'level', 'contrast'}
        Compare the value itself, or its difference from the design's reference.

    Raises
    ------
    InputError
        If the condition cannot be read, a name is unknown, or there are too few points.
    RunError
        If too many points failed.

    Source
    ------
    Friedman and Fisher 1999, Statistics and Computing 9:123-143 (PRIM); Bryant and Lempert
    2010, Technological Forecasting and Social Change 77:34-49 (scenario discovery).
    """
    clauses = parse_where(where)
    sweep = open_sweep(folder)
    region = sweep.region(region)
    unit = sweep.unit(unit, region)
    x, means, is_whole, n = _points(sweep, clauses, region, unit, policy, on)
    meets = np.all([c.holds(m) for c, m in zip(clauses, means, strict=True)], axis=0)
    n_points, n_failed = len(x), int((~is_whole).sum())
    if n_points < LEAST_POINTS:
        rule, remedy = f"have at least {LEAST_POINTS} points for boxes", "Widen the design."
        raise InputError(sentence("folder", rule, f"{n_points}", remedy=remedy))
    if is_whole.mean() < LEAST_COVERAGE:
        raise RunError(f"only {n_points - n_failed} of {n_points} points came through; {LEAST_COVERAGE:.0%} are needed")
    x, y = x[is_whole].reset_index(drop=True), meets[is_whole].astype(int)
    x = x[[c for c in x if len(x[c].unique()) > 1]]
    if y.all() or not y.any():  # an answer too: nothing in this design decides it
        table, boxes = pd.DataFrame(columns=TABLE_COLUMNS), pd.DataFrame(columns=BOX_COLUMNS)
    else:
        table, boxes = _find_boxes(x, y)
    ends = np.quantile(means[:, is_whole], (0.0, 0.5, 1.0), axis=1, method="closest_observation").T
    seen = {clause.metric: tuple(row) for clause, row in zip(clauses, ends.tolist(), strict=True)}
    return Discovery(table, boxes, clauses, on, unit, region, n_points, n_failed, int(y.sum()), n, sweep.manifest, seen)


def _points(
    sweep: SweepTables, clauses: Sequence[Clause], region: str, unit: str, policy: str | None, on: str
) -> tuple[pd.DataFrame, Floats, np.ndarray, int]:
    """Return factors, means [clause, point] of the metrics, whether a point is whole, and replications a point."""
    run = sweep.points[(sweep.points["region"] == region) & ~sweep.points["is_reference"]]["policy"]
    policies = [sweep.policy(policy, region)] if policy is not None else list(dict.fromkeys(run))
    factors, means, whole, n = [], [], [], 0
    for name in policies:
        responses = [sweep.response(c.metric, unit, region=region, policy=name, on=on) for c in clauses]
        points = responses[0].points
        factors.append(points[[f.name for f in sweep.factors]].assign(policy=points["policy"]))
        means.append([unit_means(r.values, units_of(r.draws)).mean(axis=1) for r in responses])
        whole.append(np.all([r.is_complete for r in responses], axis=0))
        n = max(n, len(responses[0].replications))
    return pd.concat(factors, ignore_index=True), np.concatenate(means, axis=1), np.concatenate(whole), n


def _find_boxes(x: pd.DataFrame, y: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the bounds and the quality of up to `MOST_BOXES` boxes, each found outside those before it."""
    need("uq", "ema_workbench")
    with warnings.catch_warnings():  # of the library about its own imports and pandas
        warnings.simplefilter("ignore")
        from ema_workbench.analysis.prim import Prim  # ships none

        # Of interest is whatever lies above the threshold; a box below ours is told too, as not dense.
        prim = Prim(x, y, threshold=1e-9, peel_alpha=0.05)
        bounds: list[dict[str, Any]] = []
        boxes: list[dict[str, Any]] = []
        while len(boxes) < MOST_BOXES and prim.determine_coi(prim.yi_remaining) > 0:
            box = prim.find_box()
            at = _choose(box.peeling_trajectory)
            for factor, p in list(box.qp[at].items()):
                if max(p) > _CHANCE and len(box.qp[at]) > 1:
                    box.drop_restriction(factor, at)
                    at = len(box.peeling_trajectory) - 1
            box.select(at)
            quality = box.peeling_trajectory.loc[at]
            is_dense = bool(quality["density"] >= LEAST_DENSITY)
            if boxes and not is_dense:
                break
            number = len(boxes) + 1
            boxes.append(
                {"box": number, "n": int(quality["n"]), "n_meeting": int(quality["k"]), "is_dense": is_dense}
                | {name: float(quality[name]) for name in ("coverage", "density", "mass")}
            )
            limits = box.box_lims[at]
            bounds += [_bound(number, f, limits[f], prim.box_init[f], p) for f, p in box.qp[at].items()]
            prim._update_yi_remaining(prim)
    return pd.DataFrame(bounds, columns=TABLE_COLUMNS), pd.DataFrame(boxes)[BOX_COLUMNS]


def _choose(trajectory: pd.DataFrame) -> int:
    """Return the row of the box that holds most while dense enough; the densest where none is."""
    dense = trajectory[trajectory["density"] >= LEAST_DENSITY]
    if dense.empty:
        return int(trajectory["density"].to_numpy().argmax())
    order = dense.assign(simple=-dense["res_dim"]).sort_values(["coverage", "simple", "density"], kind="stable")
    return int(order["id"].iloc[-1])


def _bound(box: int, factor: str, limits: pd.Series, whole: pd.Series, p: Sequence[float]) -> dict[str, Any]:
    """Return one bound of a box as a row: two ends of a number, or the values of a list."""
    quasi_p = max(p)
    low, high = limits.tolist()
    if isinstance(low, set):
        values = ", ".join(sorted(map(str, low)))
        return {"box": box, "factor": factor, "low": np.nan, "high": np.nan, "values": values, "quasi_p": quasi_p}
    ends = dict(zip(("design_low", "design_high"), map(float, whole.tolist()), strict=True))
    return {
        "box": box,
        "factor": factor,
        "low": float(low),
        "high": float(high),
        "values": "",
        "quasi_p": quasi_p,
    } | ends
