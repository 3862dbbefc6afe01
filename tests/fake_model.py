"""Models that are no simulator: counts drawn per (region, unit, replication, month), moved a little by each policy.

They keep the contract of `simulate_block`: the same seed and replication give the same
rows in any block, policies share their draws, and a policy that changes nothing changes
no number.
"""

from __future__ import annotations

import multiprocessing
import operator
import os
import runpy
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.schema import COUNTS, RESULT_COLUMNS, TURNAROUND_BINS, WAIT_BINS
from kinerja_sim.model.rng import uniform_of

APPRAISAL_COLUMNS = ["scenario", "region", "unit", "draw", "replication", "period", "good"]


@dataclass(frozen=True)
class FakeBlock:
    """What a model returns."""

    results: pd.DataFrame
    appraisals: pd.DataFrame


def push_of(policy: Policy) -> float:
    """Return how strongly a policy moves the numbers: 0 for anything that changes nothing."""
    return policy.dose * (policy.appraisal.stakes + policy.capacity.extra_officers)


def simulate_block(
    region: Region,
    policies: Sequence[Policy],
    *,
    seed: int,
    replications: Sequence[int],
    months: int,
    pre_months: int,
    parameters: str,
) -> FakeBlock:
    """Return tables that obey the contract, without simulating anything."""
    frames = [
        _rows(region.name, unit, policy, seed, r, months, pre_months, parameters)
        for policy in policies
        for unit in region.units
        for r in replications
    ]
    results = pd.concat(frames, ignore_index=True)
    appraisals = results.loc[results["period"] % 12 == 11, APPRAISAL_COLUMNS[:-1]].assign(good=3)
    return FakeBlock(results, appraisals)


def failing_block(
    region: Region, policies: Sequence[Policy], *, replications: Sequence[int], **options: int
) -> FakeBlock:
    """Return the same tables, but fail whenever replication 2 or 5 of a region is asked for."""
    lost = [r for r in replications if r in (2, 5)]
    if lost:
        raise ZeroDivisionError(f"replication {lost[0]} divides by zero")
    return simulate_block(region, policies, replications=replications, **options)  # type: ignore[arg-type]


def broken_block(region: Region, policies: Sequence[Policy], **options: int) -> FakeBlock:
    """Fail always."""
    raise RuntimeError("nothing works")


def _rows(
    region: str, unit: str, policy: Policy, seed: int, replication: int, months: int, pre_months: int, parameters: str
) -> pd.DataFrame:
    periods = np.arange(-pre_months, months)
    key = [seed, replication, *region.encode(), *unit.encode()]
    rng = np.random.default_rng(key)  # a fake draws outside the simulator
    load = rng.gamma(8.0, 10.0, len(periods))
    effect = rng.normal(0.1, 0.05)
    speed = 1 + np.where(periods >= 0, push_of(policy) * effect, 0.0)
    n = np.round(load * 10)
    counts = dict.fromkeys(COUNTS, np.zeros(len(periods)))
    counts |= {
        "arrivals_cases": n, "visits": n, "wait_minutes_sum": n * load / 10 / speed, "throughput_cases": n,
        "backlog_cases": load, "turnaround_cases": n, "turnaround_days_sum": n * 2 / speed, "on_time_cases": n / 2,
        "satisfaction_sum": n * 80, "satisfaction_cases": n, "busy_minutes": n, "staffed_minutes": 2 * n,
        "motivation_sum": speed - 1.1, "rate_sum": speed, "officer_months": np.ones(len(periods)),
    }  # fmt: skip
    bins = dict.fromkeys([*WAIT_BINS, *TURNAROUND_BINS], np.zeros(len(periods)))
    at = np.clip((load / 10 / speed).astype(int), 0, 39)
    for i in range(40):
        bins[WAIT_BINS[i]] = np.where(at == i, n, 0.0)
        bins[TURNAROUND_BINS[i]] = np.where(at == i, n, 0.0)
    draw = 0 if parameters == "point" else replication
    keys = {"scenario": policy.name, "region": region, "unit": unit, "draw": draw, "replication": replication}
    dose = [policy.dose_in(period) for period in periods.tolist()]
    frame = pd.DataFrame({**counts, **bins, "period": periods, "dose": dose}).assign(**keys)
    return frame.reindex(columns=RESULT_COLUMNS)


def dying_block(region: Region, policies: Sequence[Policy], **options: int) -> FakeBlock:
    """Kill the process when it is a worker, as the system does when memory runs out."""
    if multiprocessing.parent_process() is not None:
        os._exit(1)
    return simulate_block(region, policies, **options)  # type: ignore[arg-type]


def tiny(
    region: Region,
    policies: Sequence[Policy],
    *,
    seed: int,
    replications: Sequence[int],
    draws: Sequence[int],
    months: int,
    pre_months: int,
    parameters: str,
    vectors: Sequence[dict[str, float]] | None = None,
) -> FakeBlock:
    """Return one month per policy, unit and replication: the cheapest model, for sweeps.

    What a sweep must pass on shows in its numbers: seed, replication and unit in the noise, draw
    and parameters in the level, the policy's stakes in the effect.
    """
    keys = [(p, u, i) for p in policies for u in region.units for i in range(len(replications))]
    table = pd.DataFrame(np.zeros((len(keys), len(RESULT_COLUMNS))), columns=RESULT_COLUMNS)
    table["scenario"], table["region"] = [p.name for p, _, _ in keys], region.name
    table["unit"] = [u for _, u, _ in keys]
    table["draw"] = np.array([draws[i] for _, _, i in keys], dtype=np.int64)
    table["replication"] = np.array([replications[i] for _, _, i in keys], dtype=np.int64)
    table["period"] = np.zeros(len(keys), dtype=np.int64)
    levels = []
    for p, u, i in keys:
        level = 10 * uniform_of(seed, region.name, u, replications[i]) + uniform_of(seed, draws[i], "parameters")
        level += region.units[u].counter.officers.value if region.units[u].counter else 0
        level += sum((vectors[i] if vectors else {}).values()) / 1e3
        effect = p.appraisal.stakes * (1 + uniform_of(seed, "effect", u, replications[i]))
        levels.append(level - effect)
    table["turnaround_cases"] = table["satisfaction_cases"] = 1.0
    table["turnaround_days_sum"], table["satisfaction_sum"] = levels, 80.0
    return FakeBlock(table, pd.DataFrame())


def tiny_slow(region: Region, policies: Sequence[Policy], **options: object) -> FakeBlock:
    """Take about ten milliseconds."""
    until = time.perf_counter() + 0.008
    block = tiny(region, policies, **options)  # type: ignore[arg-type]
    while time.perf_counter() < until:
        pass
    return block


def tiny_failing(region: Region, policies: Sequence[Policy], **options: object) -> FakeBlock:
    """Fail for design point 1 in replication 2, whatever runs beside it."""
    if "p1" in [p.name for p in policies] and 2 in options["replications"]:  # type: ignore[operator]
        raise ZeroDivisionError("point 1 divides by zero")
    return tiny(region, policies, **options)  # type: ignore[arg-type]


def tiny_unreferenced(region: Region, policies: Sequence[Policy], **options: object) -> FakeBlock:
    """Fail for the reference (point 3 of a small design) in replication 2."""
    if "p3" in [p.name for p in policies] and 2 in options["replications"]:  # type: ignore[operator]
        raise ZeroDivisionError("the reference divides by zero")
    return tiny(region, policies, **options)  # type: ignore[arg-type]


def tiny_deadly(region: Region, policies: Sequence[Policy], **options: object) -> FakeBlock:
    """Kill the process that runs replication 3, as the system does when memory runs out."""
    if 3 in options["replications"]:  # type: ignore[operator]
        os._exit(9)
    return tiny(region, policies, **options)  # type: ignore[arg-type]


class ByPath:
    """A model of this file that a worker process loads by path: its `tests` may be somebody else's package."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *things: object, **options: object) -> FakeBlock:
        """Run the model of that name."""
        block: FakeBlock = globals()[self.name](*things, **options)
        return block

    def __reduce__(self) -> tuple[object, ...]:
        return operator.getitem, (_Contents(), self.name)


class _Contents:
    def __reduce__(self) -> tuple[object, ...]:
        return runpy.run_path, (__file__,)
