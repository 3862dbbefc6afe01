"""The cheapest model that obeys the contract of `simulate_block`: one month, numbers that follow from the keys.

What a sweep must pass on shows in its numbers: seed, replication and unit in the noise, draw
and parameters in the level, the policy's stakes in the effect.
"""

from __future__ import annotations

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
from kinerja_sim.know.schema import RESULT_COLUMNS
from kinerja_sim.model.rng import uniform_of


@dataclass(frozen=True)
class Block:
    """What a model returns."""

    results: pd.DataFrame


def simulate_block(
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
) -> Block:
    """Return one month per policy, unit and replication."""
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
    return Block(table)


def slow_block(region: Region, policies: Sequence[Policy], **options: object) -> Block:
    """Take about ten milliseconds."""
    until = time.perf_counter() + 0.008
    block = simulate_block(region, policies, **options)  # type: ignore[arg-type]
    while time.perf_counter() < until:
        pass
    return block


def failing_block(region: Region, policies: Sequence[Policy], **options: object) -> Block:
    """Fail for design point 1 in replication 2, whatever runs beside it."""
    if "p1" in [p.name for p in policies] and 2 in options["replications"]:  # type: ignore[operator]
        raise ZeroDivisionError("point 1 divides by zero")
    return simulate_block(region, policies, **options)  # type: ignore[arg-type]


def unreferenced_block(region: Region, policies: Sequence[Policy], **options: object) -> Block:
    """Fail for the reference (point 3 of a small design) in replication 2."""
    if "p3" in [p.name for p in policies] and 2 in options["replications"]:  # type: ignore[operator]
        raise ZeroDivisionError("the reference divides by zero")
    return simulate_block(region, policies, **options)  # type: ignore[arg-type]


def broken_block(region: Region, policies: Sequence[Policy], **options: object) -> Block:
    """Fail always."""
    raise RuntimeError("nothing works")


def deadly_block(region: Region, policies: Sequence[Policy], **options: object) -> Block:
    """Kill the process that runs replication 3, as the system does when memory runs out."""
    if 3 in options["replications"]:  # type: ignore[operator]
        os._exit(9)
    return simulate_block(region, policies, **options)  # type: ignore[arg-type]


class ByPath:
    """A model of this file that a worker process loads by path: its `tests` may be somebody else's package."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *things: object, **options: object) -> Block:
        """Run the model of that name."""
        block: Block = globals()[self.name](*things, **options)
        return block

    def __reduce__(self) -> tuple[object, ...]:
        return operator.getitem, (_Contents(), self.name)


class _Contents:
    def __reduce__(self) -> tuple[object, ...]:
        return runpy.run_path, (__file__,)
