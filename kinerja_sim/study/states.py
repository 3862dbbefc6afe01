"""Options and states of the world from a sweep: who met what, as arrays.

An option is a policy with its levers; a state is everything else that a design varies
within a region (region values, structural alternatives, parameters) with its draw. A
state that one option lacks is left out for all of them and counted. Reads tables only.
Most open to dispute: hours of waiting and money are summed over all units of a region.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.schema import METRICS
from kinerja_sim.study.discover import Clause
from kinerja_sim.study.indices import LEAST_COVERAGE
from kinerja_sim.study.statistics import Floats
from kinerja_sim.study.sweep_tables import SweepTables

COST_METRICS = ("waiting_hours", "cost_idr")
"""What a net benefit is made of."""


@dataclass(frozen=True, eq=False)
class States:
    """Every option in every state of one region, [option, state, replication]; more benefit is better."""

    region: str
    options: pd.DataFrame  # label, policy, is_reference, beyond_regulation and the levers that vary
    worlds: pd.DataFrame  # one row a state: region values, parameters and draw
    outcomes: Mapping[str, Floats]  # metric -> [option, state, replication]
    benefit: Floats
    n_dropped: int

    @property
    def labels(self) -> list[str]:
        """Names of the options."""
        return [str(label) for label in self.options["option"]]

    @property
    def means(self) -> Floats:
        """Benefit in each state with chance averaged out, [option, state]."""
        return np.asarray(self.benefit.mean(axis=2))


def read_states(
    sweep: SweepTables, region: str, metric: str | None, unit: str | None, value_idr: float | None,
    clauses: Sequence[Clause] = (), *, needs_cost: bool = False,
) -> States:  # fmt: skip
    """Return every option in every state of a region.

    Raises
    ------
    InputError
        If options did not meet the same states, or a metric that is needed was not kept.
    RunError
        If too many states lack an outcome.
    """
    needed = dict.fromkeys([*([metric] if metric else COST_METRICS), *(c.metric for c in clauses)])
    needed |= dict.fromkeys(m for m in COST_METRICS if m in sweep.outcomes or (needs_cost and m == "cost_idr"))
    for name in needed:
        sweep.metric(name)
    points = sweep.points[sweep.points["region"] == region]
    levers = varying(points[~points["is_reference"]], [f.name for f in sweep.factors if f.kind == "policy"])
    world = varying(points, [f.name for f in sweep.factors if f.kind != "policy"])
    points = points.assign(
        option=_labels(points, levers, _own_policy(sweep, region)),
        world=points.groupby(world, dropna=False).ngroup() if world else 0,
    )
    points = points.assign(beyond_regulation=sweep.is_beyond[points.index])
    points = points.drop_duplicates(["option", "world"])  # a reference may be run beside every lever
    options = points.drop_duplicates("option")[["option", "policy", "is_reference", "beyond_regulation", *levers]]
    options = options.sort_values("is_reference", ascending=False, kind="stable", ignore_index=True)
    outcomes, at = {}, sweep.unit(unit, region) if metric or clauses else ""
    index: pd.MultiIndex | None = None
    for name in needed:
        rows = sweep.outcomes.merge(points[["point", "option", "world"]], on="point")
        keys = ["option", "world", "draw", "replication"]
        if name in COST_METRICS and name != metric:  # money and hours are those of the whole region
            series = rows.groupby(keys)[name].sum(min_count=1)
        else:
            series = rows[rows["unit"] == at].set_index(keys)[name]
        wide = series.unstack("option")  # noqa: PD010  # a repeated key must raise, not be averaged
        outcomes[name] = wide.reindex(columns=options["option"])
        index = outcomes[name].index if index is None else index.union(outcomes[name].index)
    assert index is not None
    return _states(
        region, options, points[["world", *world]].drop_duplicates("world"), outcomes, index, metric, value_idr
    )


def varying(table: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return which of the named columns hold more than one value."""
    return [name for name in names if len(table[name].unique()) > 1]


def _states(
    region: str, options: pd.DataFrame, worlds: pd.DataFrame, outcomes: Mapping[str, pd.DataFrame],
    index: pd.MultiIndex, metric: str | None, value_idr: float | None,
) -> States:  # fmt: skip
    """Return the states that every option met whole, as arrays."""
    tables = {name: table.reindex(index) for name, table in outcomes.items()}
    missing = np.any([t.isna().any(axis=1).to_numpy() for t in tables.values()], axis=0)
    keys = index.to_frame(index=False).assign(missing=missing)
    by_state = keys.groupby(["world", "draw"], sort=True)
    size = by_state["replication"].transform("size")
    whole = ~by_state["missing"].transform("any") & (size == size.max())
    n_all, n_whole = by_state.ngroups, int(keys[whole].groupby(["world", "draw"]).ngroups)
    if n_whole < LEAST_COVERAGE * n_all:
        lonely = min(t.notna().any().mean() * t.notna().any(axis=1).mean() for t in tables.values())
        if keys["missing"].mean() > 0.5 and lonely > 0:
            rule, got = "hold options that all met the same states", "some that each met their own"
            remedy = "Cross the levers with the uncertainties (grid or list of levers, drawn parameters)."
            raise InputError(sentence("design", rule, got, f"in region '{region}'", remedy))
        raise RunError(
            f"only {n_whole} of {n_all} states in region '{region}' came through for every option; at least "
            f"{LEAST_COVERAGE:.0%} are needed. `kinerja status` says what failed and why."
        )
    kept = keys[whole]
    shape = (len(options), n_whole, int(size.max()))
    arrays = {name: t.to_numpy(float)[whole.to_numpy()].T.reshape(shape) for name, t in tables.items()}
    if metric is None:
        assert value_idr is not None
        saved, extra = (arrays[m] - arrays[m][:1] for m in COST_METRICS)
        benefit = -value_idr * saved - extra
    else:
        benefit = arrays[metric] * (1.0 if METRICS[metric].better == "higher" else -1.0)
    states = kept.drop_duplicates(["world", "draw"])[["world", "draw"]].merge(worlds, on="world", how="left")
    return States(region, options, states.assign(region=region), arrays, benefit, n_all - n_whole)


def _own_policy(sweep: SweepTables, region: str) -> str:
    """Return the region's own policy where a sweep has several regions: one option under one name in all of them."""
    regions = sweep.manifest.get("regions", {})
    return str(regions[region].get("preset", "")) if region in regions and len(set(sweep.points["region"])) > 1 else ""


def _labels(points: pd.DataFrame, levers: Sequence[str], own: str) -> list[str]:
    """Return what each point's option is called: its policy, and its levers where they vary."""
    labels = []
    for row in points.to_dict("records"):
        shown = [f"{lever.split('.')[-1]}={_number(row[lever])}" for lever in levers if not row["is_reference"]]
        name = "own" if row["policy"] == own else str(row["policy"])
        labels.append(f"{name} ({', '.join(shown)})" if shown else name)
    return labels


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def join_states(parts: Sequence[States]) -> States:
    """Return the states of several regions as one, for the options that were run in all of them."""
    common = [label for label in parts[0].labels if all(label in p.labels for p in parts[1:])]
    if len(common) < 2:
        rule, got = "share at least two options", f"regions that share {len(common)}"
        raise InputError(sentence("regions", rule, got, remedy="Name one with --region."))
    n = min(p.benefit.shape[2] for p in parts)
    rows = [[p.labels.index(label) for label in common] for p in parts]
    pairs = list(zip(parts, rows, strict=True))
    outcomes = {m: np.concatenate([p.outcomes[m][at][:, :, :n] for p, at in pairs], axis=1) for m in parts[0].outcomes}
    beyond = np.any([p.options["beyond_regulation"].to_numpy()[at] for p, at in pairs], axis=0)  # own: one a region
    return States(
        "all", parts[0].options.iloc[rows[0]].reset_index(drop=True).assign(beyond_regulation=beyond),
        pd.concat([p.worlds for p in parts], ignore_index=True), outcomes,
        np.concatenate([p.benefit[at][:, :, :n] for p, at in pairs], axis=1), sum(p.n_dropped for p in parts),
    )  # fmt: skip
