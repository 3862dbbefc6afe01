"""A sweep's folder opened for analysis: design points, outcomes, and one response as an array.

Reads tables only; who made them does not matter. A response is one metric of one service
unit at every design point, replication by replication, so that points stay paired. Most
open to dispute: a point that lacks one replication which others have counts as failed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.files import label_of
from kinerja_sim.know.library import list_regions, load_region
from kinerja_sim.know.messages import did_you_mean, sentence, show
from kinerja_sim.know.policies import is_beyond_regulation, whole_mix
from kinerja_sim.know.schema import METRICS, Metric
from kinerja_sim.study.statistics import Floats, Ints
from kinerja_sim.study.store import check_tables

WEIGHTS = "policy.appraisal.weights."
POINT_COLUMNS = ("point", "region", "policy", "is_reference")
CHOICE = "choice"
"""Grade of a factor that is no evidence at all: a lever of the policy, which somebody decides."""


@dataclass(frozen=True)
class Factor:
    """One column of the design: what it varies, between which values, and what is known about it."""

    name: str
    kind: str  # policy, region or parameter
    grade: str  # of the ledger or the region file; CHOICE for levers
    column: str  # where its position stands: quantile where it was drawn by quantile, else its value
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Response:
    """One metric at the points of one policy in one region, [point, replication]; NaN where there is nothing.

    `points` are rows of the design in its own order; `draws` and `replications` label the columns.
    """

    region: str
    unit: str
    policy: str
    metric: Metric
    points: pd.DataFrame
    draws: Ints
    replications: Ints
    values: Floats

    @property
    def is_complete(self) -> np.ndarray:
        """Whether each point has every replication that any point has, [point]."""
        return np.asarray(~np.isnan(self.values).any(axis=1))


@dataclass(frozen=True, eq=False)
class SweepTables:
    """The compacted tables of one sweep."""

    folder: Path
    manifest: Mapping[str, Any]
    points: pd.DataFrame
    outcomes: pd.DataFrame

    @property
    def design(self) -> Mapping[str, Any]:
        """What the manifest says about the design: method, factors, groups, seed."""
        design: Mapping[str, Any] = self.manifest["design"]
        return design

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The factors in the order of the design's columns."""
        return tuple(f for entry in self.design["factors"] for f in _factors(entry, self.points))

    @cached_property
    def is_beyond(self) -> np.ndarray:
        """Whether each point's appraisal mix is one that the regulation does not know, [point]."""
        levers = [str(c) for c in self.points if str(c).startswith(WEIGHTS)]
        found = []
        for row in self.points.to_dict("records"):
            base = self.manifest.get("policies", {}).get(row["policy"], {}).get("appraisal", {}).get("weights", {})
            is_set = [] if row["is_reference"] else [c for c in levers if pd.notna(row[c])]
            mix = whole_mix(base, {c.removeprefix(WEIGHTS): float(row[c]) for c in is_set})
            found.append(bool(mix) and is_beyond_regulation(mix))
        return np.array(found, dtype=bool)

    @cached_property
    def draws(self) -> pd.DataFrame | None:
        """Every parameter's value by draw, where parameters were drawn."""
        path = self.folder / "draws.parquet"
        return pd.read_parquet(path) if path.is_file() else None

    @property
    def metrics(self) -> list[str]:
        """Metrics that the sweep kept."""
        return [m for m in METRICS if m in self.outcomes]

    @property
    def regions(self) -> list[str]:
        """Regions of the sweep in the order of its points."""
        return list(dict.fromkeys(self.points["region"]))

    def one(self, name: str, value: str | None, known: Sequence[str]) -> str:
        """Return `value` if it is one of `known`, or the only one of them when it was left out.

        Raises
        ------
        InputError
            If it is unknown, or several would do.
        """
        listed = f"Known: {', '.join(known)}."
        if value is None:
            if len(known) == 1:
                return known[0]
            raise InputError(sentence(name, "be named", "none where several would do", self._where, listed))
        if value not in known:
            remedy = f"{did_you_mean(value, known)} {listed}".strip()
            raise InputError(sentence(name, "be one of those in the sweep", show(value), self._where, remedy))
        return value

    @property
    def _where(self) -> str:
        return f"in {label_of(self.folder)}"

    def metric(self, name: str) -> Metric:
        """Return a metric that the sweep kept, or raise `InputError`."""
        return METRICS[self.one("metric", name, self.metrics)]

    def region(self, name: str | None) -> str:
        """Return a region of the sweep; the only one when left out."""
        return self.one("region", name, self.regions)

    def unit(self, name: str | None, region: str) -> str:
        """Return a service unit of a region; when left out the only one, or that of the region's primary hypothesis."""
        there = set(self.points.loc[self.points["region"] == region, "point"])
        units = list(dict.fromkeys(self.outcomes.loc[self.outcomes["point"].isin(there), "unit"]))
        if name is None and len(units) > 1 and region in list_regions():
            name = load_region(region).primary.unit
        return self.one("unit", name, units)

    def policy(self, name: str | None, region: str) -> str:
        """Return a policy run in a region beside the reference; the only one when left out."""
        rows = self.points[(self.points["region"] == region) & ~self.points["is_reference"]]
        return self.one("policy", name, list(dict.fromkeys(rows["policy"])))

    def response(
        self, metric: str, unit: str | None = None, *, region: str | None = None, policy: str | None = None,
        on: str = "contrast",
    ) -> Response:  # fmt: skip
        """Return a metric at every design point of a policy, or what it differs by from the reference.

        Parameters
        ----------
        metric : str
        unit, region, policy : str, optional
            May be left out where there is only one.
        on : {'contrast', 'level'}
            Difference from the design's reference policy with the same region values,
            parameters and replications; or the value itself.

        Raises
        ------
        InputError
            If a name is unknown, or a contrast is asked for where no reference was run.
        """
        if on not in ("contrast", "level"):
            raise InputError(sentence("on", "be contrast or level", show(on)))
        measured = self.metric(metric)
        region = self.region(region)
        unit = self.unit(unit, region)
        policy = self.policy(policy, region)
        here = self.points["region"] == region
        rows = self.points[here & (self.points["policy"] == policy) & ~self.points["is_reference"]]
        rows = rows.sort_values("point", ignore_index=True)
        wanted = self.outcomes[self.outcomes["unit"] == unit]
        wide = wanted.pivot(  # noqa: PD010  # a repeated key must raise, not be averaged
            index="point", columns=["draw", "replication"], values=metric
        ).sort_index(axis=1)
        values = wide.reindex(rows["point"]).to_numpy(float)
        if on == "contrast":
            values = values - wide.reindex(self._reference_of(rows, region)).to_numpy(float)
        columns = np.array(wide.columns.to_list(), dtype=np.int64).reshape(-1, 2)
        is_used = ~np.isnan(values).all(axis=0)  # pairs that only another policy or region has
        return Response(
            region, unit, policy, measured, rows, columns[is_used, 0], columns[is_used, 1], values[:, is_used]
        )

    def _reference_of(self, rows: pd.DataFrame, region: str) -> Ints:
        """Return the reference's point for each of `rows`: the one with equal region values and parameters."""
        references = self.points[(self.points["region"] == region) & self.points["is_reference"]]
        if references.empty:
            remedy = "Ask for the level, or name a reference in the design."
            raise InputError(sentence("on", "be level where no reference was run", "contrast", self._where, remedy))
        shared = [f.name for f in self.factors if f.kind != "policy"]
        if len(references) == 1 or not shared:
            return np.full(len(rows), references["point"].iloc[0], dtype=np.int64)
        paired = rows[shared].merge(
            references.drop_duplicates(shared)[[*shared, "point"]], on=shared, how="left", validate="many_to_one"
        )
        return paired["point"].fillna(-1).to_numpy(np.int64)  # -1 is no point: the contrast is NaN, hence failed


def _factors(entry: Mapping[str, Any], points: pd.DataFrame) -> list[Factor]:
    """Return one factor of the manifest, or one for each share where its values are mixes."""
    name, kind = str(entry["name"]), str(entry["kind"])
    names = [name] if name in points else [str(c) for c in points if str(c).startswith(f"{name}.")]
    grade = entry.get("grade")
    if not grade:
        grade = load_ledger()[name.removeprefix("parameter.")].grade if kind == "parameter" else CHOICE
    return [_factor(column, kind, str(grade), points) for column in names]


def _factor(name: str, kind: str, grade: str, points: pd.DataFrame) -> Factor:
    column = f"u.{name}" if f"u.{name}" in points else name
    low, high = (0.0, 1.0) if column != name else (np.nan, np.nan)
    if column == name and pd.api.types.is_numeric_dtype(points[name]):
        low, high = points[name].min(), points[name].max()
    return Factor(name, kind, grade, column, float(low), float(high))


def open_sweep(folder: str | os.PathLike[str]) -> SweepTables:
    """Return the tables of the sweep saved in `folder`.

    Raises
    ------
    InputError
        If the folder holds no compacted sweep, or a table that cannot be read or is not the one compacted.
    """
    path, remedy = Path(folder), "Run `kinerja sweep` first, to its end."
    where = f"in {label_of(folder)}"
    absent = [name for name in ("manifest.json", "points.parquet", "outcomes.parquet") if not (path / name).is_file()]
    if absent:
        raise InputError(sentence("folder", "hold a compacted sweep", f"no {absent[0]}", where, remedy))
    try:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        remedy = "Run `kinerja sweep` on its design again: the tables are made anew from tasks/."
        check_tables(path, manifest, (f"{name}.parquet" for name in ("points", "outcomes", "draws")), remedy)
        tables = [pd.read_parquet(path / f"{name}.parquet") for name in ("points", "outcomes")]
        if "factors" not in manifest["design"]:
            raise KeyError("factors")
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        got = f"one that cannot be read ({type(error).__name__})"
        raise InputError(sentence("folder", "hold a compacted sweep", got, where, remedy)) from None
    missing = [c for c in POINT_COLUMNS if c not in tables[0]]
    missing += [c for c in ("point", "unit", "draw", "replication") if c not in tables[1]]
    if missing:
        rule, got = "hold tables of a sweep", f"some without {', '.join(missing)}"
        raise InputError(sentence("folder", rule, got, where, remedy))
    return SweepTables(path, manifest, *tables)
