"""One task of a sweep: some replications of some design points, from inputs to the bytes of one Parquet file.

A task is pure: its key is a hash of all that decides its numbers, and its file carries the
key, so that a file under another name or from another sweep is recognised. A replication
that fails is tried point by point; what still fails is kept with its reason. Most open to
dispute: replication r of draw d has its own citizens, so that draws are independent; it is
numbered d + r * 2^20, which makes the first replication of every draw the one that
`kinerja compare` runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kinerja_sim.know.errors import RunError
from kinerja_sim.study.design import Group, code_key, digest
from kinerja_sim.study.execute import Parameters, reason_of
from kinerja_sim.study.summary import pool_metrics

Pair = tuple[int, int]
"""A draw and a replication of it."""
NEXT = 1 << 20
"""Step between the numbers of two replications of one draw."""
FORMAT = 1
OTHER_VERSION = (
    "a worker has another version of kinerja_sim, or of its data, than the sweep that it works for. Install the same "
    "on every worker, leave its files alone while a sweep runs, and run the sweep again: what is done is kept."
)
_META = b"kinerja_task"
KEYS = ["point", "unit", "draw", "replication"]


@dataclass(frozen=True)
class Settings:
    """What all tasks of a sweep have in common."""

    seed: int
    months: int
    pre_months: int
    parameters: Parameters
    window: str
    metrics: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """A block of replications of a group of points; `first` is the month from which window 'after' pools."""

    key: str
    group: Group
    pairs: tuple[Pair, ...]
    first: int
    settings: Settings
    code: str


@dataclass(frozen=True)
class Lost:
    """One replication of one point that failed, and why."""

    point: int
    draw: int
    replication: int
    reason: str


Work = Callable[[Sequence[Task]], list[tuple[str, bytes]]]


def task_key(group_key: str, pairs: Iterable[Pair], first: int, settings: Settings) -> str:
    """Return the name of a task: a hash of its inputs, the model and the ledger."""
    return digest([FORMAT, code_key(), group_key, list(pairs), first, vars(settings)])


def run_batch(tasks: Sequence[Task], model: Callable[..., Any] | None = None) -> list[tuple[str, bytes]]:
    """Run tasks one after another and return the file of each with its key."""
    return [(task.key, run_task(task, model)) for task in tasks]


def run_task(task: Task, model: Callable[..., Any] | None = None) -> bytes:
    """Run a task and return its file; the same task gives the same bytes.

    Parameters
    ----------
    task : Task
    model : callable, optional
        Something with the signature of `model.simulate.simulate_block`, which is the default.

    Raises
    ------
    RunError
        If this process has another model or ledger than the one that made the task.
    """
    if task.code != code_key():
        raise RunError(OTHER_VERSION)
    from kinerja_sim.model.simulate import simulate_block

    tables, lost = _run(task, model or simulate_block)
    table = pd.concat(tables, ignore_index=True) if tables else _empty(task.settings.metrics)
    return to_bytes(table.sort_values(KEYS, ignore_index=True), task.key, lost)


def lost_file(task: Task, reason: str) -> bytes:
    """Return the file of a task that gave nothing at all."""
    lost = [Lost(p, d, r, reason) for p in task.group.points for d, r in task.pairs]
    return to_bytes(_empty(task.settings.metrics), task.key, lost)


def _run(task: Task, model: Callable[..., Any]) -> tuple[list[pd.DataFrame], list[Lost]]:
    """Run a task whole; where that fails replication by replication, and then point by point."""
    try:
        return [_simulate(task, model)], []
    except Exception as error:  # whatever goes wrong in one replication must not take the others with it
        smaller = [replace(task, pairs=(pair,)) for pair in task.pairs]
        if len(smaller) == 1:
            group = task.group
            if len(group.points) == 1:
                return [], [Lost(group.points[0], *task.pairs[0], reason_of(error))]
            alone = [
                Group((p,), group.region, (q,), group.fixed) for p, q in zip(group.points, group.policies, strict=True)
            ]
            smaller = [replace(task, group=one) for one in alone]
        tables: list[pd.DataFrame] = []
        lost: list[Lost] = []
        for part in smaller:
            more, failed = _run(part, model)
            tables, lost = tables + more, lost + failed
        return tables, lost


def _simulate(task: Task, model: Callable[..., Any]) -> pd.DataFrame:
    from kinerja_sim.model.parameters import draw_parameters

    group, s = task.group, task.settings
    draws = [d for d, _ in task.pairs]
    numbers = [d + r * NEXT if s.parameters == "ledger" else r for d, r in task.pairs]
    block = model(
        group.region, group.policies, seed=s.seed, replications=numbers, draws=draws, months=s.months,
        pre_months=s.pre_months, parameters=s.parameters,
        vectors=draw_parameters(s.seed, draws, s.parameters, group.fixed) if group.fixed else None,
    )  # fmt: skip
    rows = block.results
    if s.window == "after":
        rows = rows[rows["period"] >= task.first]
    pooled = pool_metrics(rows, "pre" if s.window == "pre" else "all", s.metrics)
    point_of = {policy.name: point for point, policy in zip(group.points, group.policies, strict=True)}
    of_number = dict(zip(numbers, (r for _, r in task.pairs), strict=True))
    return pd.DataFrame(
        {
            "point": pooled["scenario"].map(point_of).astype(np.int64),
            "unit": pooled["unit"].astype(str),
            "draw": pooled["draw"].astype(np.int64),
            "replication": pooled["replication"].map(of_number).astype(np.int64),
            **{name: pooled[name].astype(float) for name in s.metrics},
        }
    )


def _empty(metrics: Sequence[str]) -> pd.DataFrame:
    kinds: Mapping[str, str] = {"unit": "str"}
    return pd.DataFrame(
        {k: pd.Series(dtype=kinds.get(k, "int64")) for k in KEYS} | {m: pd.Series(dtype="float64") for m in metrics}
    )


# --- the file


def to_bytes(table: pd.DataFrame, key: str, lost: Sequence[Lost]) -> bytes:
    """Return a task's Parquet file: its rows, its key and what failed, with a checksum on every page."""
    made = pa.Table.from_pandas(table, schema=file_schema(list(table.columns[len(KEYS) :])), preserve_index=False)
    told = {"format": FORMAT, "key": key, "rows": len(table), "lost": [vars(one) for one in lost]}
    made = made.replace_schema_metadata({_META: json.dumps(told, ensure_ascii=False).encode()})
    stream = BytesIO()
    pq.write_table(made, stream, compression="zstd", write_page_checksum=True)
    return stream.getvalue()


def file_schema(metrics: Sequence[str]) -> pa.Schema:
    """Return the columns of a task's file: point, unit, draw, replication, metrics."""
    kinds = [("point", pa.int64()), ("unit", pa.string()), ("draw", pa.int64()), ("replication", pa.int64())]
    return pa.schema([*kinds, *((name, pa.float64()) for name in metrics)])


class BadFileError(Exception):
    """A file in the place of a task's that is damaged, or belongs to something else."""


def read_task(path: Path, key: str) -> tuple[pd.DataFrame, list[Lost]]:
    """Return the rows of a task's file and what failed in it.

    Parameters
    ----------
    path : Path
    key : str
        The task that the file should be of.

    Raises
    ------
    FileNotFoundError
        If there is no file.
    BadFileError
        If the file is damaged (footer, page checksum, number of rows) or carries another key.
    """
    try:
        return read_bytes(path.read_bytes(), key)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BadFileError(error.strerror or "it cannot be read") from None


def read_bytes(data: bytes, key: str) -> tuple[pd.DataFrame, list[Lost]]:
    """Return what a task's file says: its rows and what failed; `BadFileError` unless it is sound and of this task."""
    try:
        with pq.ParquetFile(BytesIO(data), page_checksum_verification=True) as file:
            told = json.loads((file.schema_arrow.metadata or {}).get(_META, b"{}"))
            if told.get("key") != key or told.get("format") != FORMAT:
                raise BadFileError("it is not the file of this task")
            lost = [Lost(**one) for one in told["lost"]]
            if file.metadata.num_rows != told["rows"]:
                raise BadFileError("rows are missing")
            return file.read().to_pandas(), lost
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise BadFileError(f"it cannot be read ({type(error).__name__})") from None
