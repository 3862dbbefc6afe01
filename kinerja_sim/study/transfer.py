"""Why does a policy work in A and not in B? The two effects' difference, divided among what differs between the places.

A service unit of A is turned into one of B block by block, in every order (Shapley), on A's
random numbers, so shares add up exactly to the difference. Sizes are swapped as ratios: a
large town's demand at a village counter would only show a queue that never ends. Most open
to dispute: what counts as one block, and that all orders of swapping count the same.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.know.messages import did_you_mean, sentence, show
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region, ServiceUnit, staffed_minutes
from kinerja_sim.know.schema import METRICS
from kinerja_sim.know.yamlfile import validate_mapping
from kinerja_sim.study.compare import check_options, whole_number
from kinerja_sim.study.execute import Job, Options, Parameters, Progress, execute
from kinerja_sim.study.statistics import Floats
from kinerja_sim.study.subsets import PooledModel
from kinerja_sim.study.summary import cubes
from kinerja_sim.study.transfer_parts import BLOCKS, Transfer, count_grades, describe, value_at


def transfer(
    policy: str | os.PathLike[str] | Policy, a: str | os.PathLike[str] | Region, b: str | os.PathLike[str] | Region, *,
    metric: str | None = None, unit_a: str | None = None, unit_b: str | None = None, reference: str = "baseline",
    replications: int = 20, seed: int = 0, months: int = 24, pre_months: int = 6, parameters: Parameters = "ledger",
    progress: Progress | None = None,
) -> Transfer:  # fmt: skip
    """Return why a policy's effect differs between a service unit of A and one of B.

    Parameters
    ----------
    policy : name, path or object
    a, b : name, path or object
        Regions.
    metric, unit_a : str, optional
        Those of A's primary hypothesis when left out.
    unit_b : str, optional
        When left out, the first unit of B with the same stages, one of the same service before others.
    reference : str
        Policy that the effect is measured from.
    replications, seed, months, pre_months, parameters
        As for `compare`.
    progress : callable, optional
        Called as ``progress(done, total)``.

    Raises
    ------
    InputError
        If a name is unknown, the units have different stages, or the metric is not observed in both.
    RunError
        If every replication failed somewhere on the way.
    """
    options = Options(**vars(check_options(seed=seed, months=months, pre_months=pre_months, parameters=parameters)))
    n = whole_number("replications", replications, 2)
    a, b = (place if isinstance(place, Region) else load_region(place) for place in (a, b))
    policy = policy if isinstance(policy, Policy) else load_policy(policy)
    base = load_policy(reference)
    if policy.name == base.name:
        raise InputError(sentence("policy", f"be another policy than the reference '{base.name}'", show(policy.name)))
    metric = metric or str(a.primary.metric)
    if metric not in METRICS:
        raise InputError(sentence("metric", "be a metric", show(metric), remedy=did_you_mean(metric, METRICS)))
    unit_a = _unit(a, unit_a or str(a.primary.unit))
    unit_b = _unit(b, unit_b) if unit_b else _like(a.units[unit_a], b)
    if (a.name, unit_a) == (b.name, unit_b):
        got, remedy = f"{show(a.name)} twice", "Name another region, or another unit with --unit-to."
        raise InputError(sentence("to", "be another place than `from`", got, remedy=remedy))
    _check_stages(a.units[unit_a], b.units[unit_b], unit_a, unit_b)
    game, blocks, draws, n_failed = _play(a, b, unit_a, unit_b, (base, policy), options, n, metric, progress)
    levels, effects = game[..., 0], game[..., 1] - game[..., 0]  # [subset, replication]
    if np.isnan(effects[[0, -1]]).all(axis=1).any():
        rule = "have been observed in both units"
        raise InputError(sentence("metric", rule, show(metric), remedy="Choose another metric, or other units."))
    table, each = describe(levels, effects, blocks, draws, metric, n_failed)
    manifest = {
        "tool": "kinerja_sim", "kind": "transfer", "policy": policy.name, "reference": base.name, "a": a.name,
        "b": b.name, "unit_a": unit_a, "unit_b": unit_b, "metric": metric, "replications": n, **vars(options),
    }  # fmt: skip
    grades = pd.concat([count_grades(a, unit_a), count_grades(b, unit_b)], ignore_index=True)
    return Transfer(table, each, grades, blocks, policy, base, a, b, unit_a, unit_b, metric, manifest)


def hybrid(a: Region, b: Region, unit_a: str, unit_b: str, taken: frozenset[str]) -> Region:
    """Return region A with one unit only, of which the blocks in `taken` are those of B's unit.

    Minutes a case, tickets, printers and backlog follow from ratios: how busy officers are, and
    how many there are for each case that comes.
    """
    here, there = a.units[unit_a].model_dump(mode="python"), b.units[unit_b].model_dump(mode="python")
    made = {k: (dict(v) if isinstance(v, dict) else v) for k, v in here.items()}
    for block in taken:
        for path in BLOCKS[block]:
            if path != "resistance_cause":
                _set(made, path, value_at(there, path))
    old = {block: (there if block in taken else here) for block in BLOCKS}
    per_day = _number(made, "arrivals.per_day")
    for stage in ("counter", "processing"):
        if made[stage] is not None:
            source = old["workload"]
            busy = _number(source, "arrivals.per_day") * _number(source, f"{stage}.minutes")
            busy /= _number(source, f"{stage}.officers") * _post_minutes(source, stage)
            minutes = busy * _number(made, f"{stage}.officers") * _post_minutes(made, stage) / per_day
            minutes = float(f"{minutes:.12g}")  # back to the file's own number where nothing was swapped
            _set(made, f"{stage}.minutes", value_at(source, f"{stage}.minutes") | {"value": minutes})
    _scale(made, "backlog", old["workload"], per_day, whole=True)
    _scale(made, "tickets_per_day", old["rules"], per_day, whole=True)
    if made["supply"] and made["supply"].get("limit_per_day"):
        _scale(made, "supply.limit_per_day", old["rules"], per_day)
    unit = validate_mapping(ServiceUnit, made, f"in a mix of '{unit_a}' and '{unit_b}'")
    cause = b.resistance_cause if "people" in taken else a.resistance_cause
    return a.model_copy(update={"units": {unit_a: unit}, "resistance_cause": cause})  # hypotheses play no part here


def _play(
    a: Region, b: Region, unit_a: str, unit_b: str, policies: tuple[Policy, Policy], options: Options, n: int,
    metric: str, progress: Progress | None,
) -> tuple[Floats, tuple[str, ...], np.ndarray, int]:  # fmt: skip
    """Return the metric for every subset of blocks, [subset, replication, policy], with labels and failures."""
    from kinerja_sim.model.simulate import simulate_block

    base, policy = (p.model_copy(update={"name": name}) for p, name in zip(policies, ("0", "1"), strict=True))
    start = _bare(hybrid(a, b, unit_a, unit_b, frozenset()))
    blocks = tuple(x for x in BLOCKS if _bare(hybrid(a, b, unit_a, unit_b, frozenset([x]))) != start)
    model = PooledModel(policies[1].start_month + policies[1].phase_in_months, simulate_block)
    column, found = list(METRICS).index(metric), []
    for subset in range(1 << len(blocks)):
        region = hybrid(a, b, unit_a, unit_b, frozenset(x for i, x in enumerate(blocks) if subset >> i & 1))
        done = execute([Job(region, (base, policy))], options, replications=n, simulate_block=model)
        results = done.results[["scenario", "region", "unit", "draw", "replication", *METRICS]]
        (cube,) = cubes({"after": results})
        pairs = sorted(set(zip(results["draw"], results["replication"], strict=True)))
        values = cube.values[:, 0, :, column].T  # noqa: PD011  # a cube's own array
        found.append(pd.DataFrame(values, index=pd.MultiIndex.from_tuples(pairs)))
        if progress is not None:
            progress(subset + 1, 1 << len(blocks))
    common = found[0].index
    for part in found[1:]:
        common = common.intersection(part.index)
    if common.empty:
        raise RunError("every replication failed in some mix of the two units; nothing can be compared")
    game = np.stack([part.loc[common].to_numpy(float) for part in found])
    return game, blocks, common.get_level_values(0).to_numpy(), n - len(common)


def _bare(region: Region) -> Any:
    """Return what of a region can change a run: every value without its words and origin."""

    def values(data: Any) -> Any:
        if isinstance(data, Mapping):
            return {k: values(v) for k, v in data.items() if k not in ("source", "grade", "unit", "title", "service")}
        return data

    return values(region.model_dump(mode="python", include={"units", "resistance_cause"}))


def _unit(region: Region, name: str) -> str:
    if name not in region.units:
        remedy = did_you_mean(name, region.units, instead=f"Known: {', '.join(region.units)}.")
        raise InputError(sentence("unit", f"be one of region '{region.name}'", show(name), remedy=remedy))
    return name


def _like(unit: ServiceUnit, region: Region) -> str:
    """Return the unit of a region that is most like `unit`."""
    same = [name for name, other in region.units.items() if _stages(other) == _stages(unit)]
    if not same:
        got = f"none in region '{region.name}'"
        raise InputError(sentence("unit", f"have the same stages ({', '.join(_stages(unit))}) in both regions", got))
    return next((name for name in same if region.units[name].service == unit.service), same[0])


def _stages(unit: ServiceUnit) -> tuple[str, ...]:
    return tuple(stage for stage in ("counter", "processing") if getattr(unit, stage) is not None)


def _check_stages(a: ServiceUnit, b: ServiceUnit, name_a: str, name_b: str) -> None:
    if _stages(a) != _stages(b):
        got = f"{' and '.join(_stages(a))} at '{name_a}', {' and '.join(_stages(b))} at '{name_b}'"
        raise InputError(sentence("units", "have the same stages", got, remedy="Name another unit."))


def _set(data: dict[str, Any], path: str, value: Any) -> None:
    *steps, last = path.split(".")
    here = data
    for step in steps:
        if here[step] is None:  # a stage that neither unit has
            return
        here[step] = dict(here[step])
        here = here[step]
    here[last] = value


def _post_minutes(data: Mapping[str, Any], stage: str) -> float:
    day, staffing = _number(data, "day_minutes"), data[stage].get("staffing")
    return staffed_minutes(staffing["values"], day) if staffing else day


def _number(data: Mapping[str, Any], path: str) -> float:
    return float(value_at(data, path)["value"])


def _scale(made: dict[str, Any], path: str, source: Mapping[str, Any], per_day: float, *, whole: bool = False) -> None:
    """Set a number that goes with the number of cases to the source's ratio of the two."""
    quantity = value_at(source, path)
    if quantity is not None:
        value = quantity["value"] / _number(source, "arrivals.per_day") * per_day
        _set(made, path, quantity | {"value": round(value) if whole else value})
