"""Which tasks a sweep consists of, and which of them its folder still lacks.

The plan is what a folder remembers beside the design: how many replications a task holds
(from a pilot, once) and in which steps draws and replications grew, so that growing a
sweep leaves every finished task as it is. Most open to dispute: finished files are read
through whenever a sweep goes on, about a millisecond each, so that none is trusted unseen.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from kinerja_sim.study.design import Study, code_key, digest
from kinerja_sim.study.tasks import BadFileError, Lost, Pair, Settings, Task, read_task, task_key

TASKS = "tasks"
REFUSED = ".refused"
"""Ending of a damaged or foreign file that stood in a task's place; kept for whoever wants to know."""


@dataclass
class Plan:
    """How the replications of a sweep are cut into tasks.

    `steps` are rectangles (first draw, end, first replication, end) in the order in which
    they were asked for; together they are `draws` times `replications`.
    """

    block: dict[str, int]  # pairs a task, by region
    batch: int = 1  # tasks that are sent together
    draws: int = 0
    replications: int = 0
    steps: list[tuple[int, int, int, int]] = field(default_factory=list)

    def grow(self, draws: int, replications: int) -> None:
        """Reach at least `draws` times `replications`."""
        draws, replications = max(draws, self.draws), max(replications, self.replications)
        if replications > self.replications and self.draws:
            self.steps.append((0, self.draws, self.replications, replications))
        if draws > self.draws:
            self.steps.append((self.draws, draws, 0, replications))
        self.draws, self.replications = draws, replications


class Tasks:
    """The tasks of a study under a plan, and their files in a folder."""

    def __init__(self, study: Study, plan: Plan, folder: Path) -> None:
        self.study, self.plan, self.folder = study, plan, folder / TASKS
        self.settings = settings_of(study)

    def of_group(self, group: int) -> Iterator[tuple[str, tuple[Pair, ...]]]:
        """Yield key and pairs of every task of a group, in the order of the plan."""
        study = self.study
        region = study.region_of(study.members[group][0])
        first, size = study.first_month(region), self.plan.block[region]
        for d0, d1, r0, r1 in self.plan.steps:
            pairs = list(product(range(d0, d1), range(r0, r1)))
            even = -(-len(pairs) // -(-len(pairs) // size))  # no stump at the end
            for i in range(0, len(pairs), even):
                block = tuple(pairs[i : i + even])
                yield task_key(study.group_keys[group], block, first, self.settings), block

    def __iter__(self) -> Iterator[tuple[int, str, tuple[Pair, ...]]]:
        """Yield group, key and pairs of every task."""
        for group in range(len(self.study.members)):
            for key, pairs in self.of_group(group):
                yield group, key, pairs

    def __len__(self) -> int:
        """Return the number of tasks."""
        sizes = [(d1 - d0) * (r1 - r0) for d0, d1, r0, r1 in self.plan.steps]
        blocks = [self.plan.block[self.study.region_of(points[0])] for points in self.study.members]
        return sum(-(-size // block) for size in sizes for block in blocks)

    def make(self, group: int, key: str, pairs: tuple[Pair, ...]) -> Task:
        """Return a task with all that it needs to run anywhere."""
        made = self.study.group(self.study.members[group])
        return Task(key, made, pairs, self.study.first_month(made.region.name), self.settings, code_key())

    def path(self, key: str) -> Path:
        """Return where a task's file is, or will be."""
        return self.folder / f"{key}.parquet"

    def state(self, key: str) -> tuple[str, str]:
        """Return 'done', 'failed', 'missing' or 'damaged', with the reason if there is one."""
        try:
            _, lost = read_task(self.path(key), key)
        except FileNotFoundError:
            return "missing", ""
        except BadFileError as error:
            return "damaged", str(error)
        return ("failed", lost[0].reason) if lost else ("done", "")

    def read(self, group: int, points: Iterable[int]) -> tuple[pd.DataFrame, list[tuple[str, Lost]]]:
        """Return the rows of some points of a group, and what failed in the group with the task it failed in."""
        wanted = list(points)
        tables, lost = [], []
        for key, _ in self.of_group(group):
            rows, failed = read_task(self.path(key), key)
            tables.append(rows[rows["point"].isin(wanted)])
            lost += [(key, one) for one in failed]
        return pd.concat(tables, ignore_index=True), lost

    def strangers(self, known: Iterable[str] | None = None) -> list[str]:
        """Return the names of files in the folder that belong to no task of this sweep."""
        if not self.folder.is_dir():
            return []
        names = {f"{key}.parquet" for key in (known if known is not None else (key for _, key, _ in self))}
        with os.scandir(self.folder) as entries:
            return sorted(e.name for e in entries if e.name not in names and not e.name.endswith((REFUSED, ".tmp")))


def settings_of(study: Study) -> Settings:
    """Return what all tasks of a study have in common."""
    d = study.design
    return Settings(d.seed, d.months, d.pre_months, d.parameters, d.window, d.metrics)


def study_key(study: Study) -> str:
    """Return a hash of all that decides a sweep's numbers, apart from how often each point is run."""
    firsts = {region: study.first_month(region) for region in study.bases.regions}
    return digest([code_key(), study.group_keys, firsts, vars(settings_of(study))])


def plan_from(data: dict[str, Any]) -> Plan:
    """Return the plan that a manifest holds."""
    kept = {name: data[name] for name in ("block", "batch", "draws", "replications")}
    return Plan(**kept, steps=[(int(a), int(b), int(c), int(d)) for a, b, c, d in data["steps"]])
