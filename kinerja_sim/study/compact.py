"""From the files of tasks to the tables of a sweep: sorted, streamed, the same bytes whoever ran what when.

Points are taken in chunks whose size follows from the design, so that memory does not grow
with the sweep and row groups do not depend on how it was run. Differences are taken within
each pair of draw and replication that both a point and its reference have. Most open to
dispute: pairs beyond those that a stopping rule asked for are left out, though they were run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kinerja_sim.know.schema import CONTRAST_EXTRAS, CONTRAST_VALUES, METRICS
from kinerja_sim.study.contrasts import describe_differences
from kinerja_sim.study.plan import Tasks
from kinerja_sim.study.statistics import Floats, Ints, units_of
from kinerja_sim.study.store import file_sum
from kinerja_sim.study.tasks import Lost

CHUNK_ROWS = 100_000
"""Rows of outcomes held at once, about."""
OUTCOME_KEYS = ["point", "region", "unit", "draw", "replication"]
CONTRAST_KEYS = ["point", "scenario", "reference", "region", "unit", "metric", "window"]
_COUNTED = ("n_draws", "n_replications", "n_failed", "n_undefined")


class Chunk(NamedTuple):
    """Outcomes of consecutive points of one region; `cells` is [point, unit, metric, pair], NaN where absent."""

    points: list[int]
    region: str
    units: list[str]
    cells: Floats
    held: np.ndarray  # [point, pair]: whether the pair was run and did not fail


def compact(tasks: Tasks, folder: Path, draws: int, replications: int) -> dict[str, Any]:
    """Write points, outcomes, contrasts and failures, and return their sha256 with the number of failures.

    Parameters
    ----------
    tasks : Tasks
        All of them have a sound file.
    folder : Path
    draws, replications : int
        Pairs that enter the tables.
    """
    study, names = tasks.study, ["points.parquet", "outcomes.parquet", "contrasts.parquet", "failures.parquet"]
    with tempfile.TemporaryDirectory(dir=folder, prefix=".compact-") as made:
        temporary = Path(made)
        lost = _write_long(tasks, temporary, draws, replications)
        frames = {"points.parquet": study.table(), "failures.parquet": _failures(lost)}
        if study.design.parameters == "ledger":
            frames["draws.parquet"] = _draws(tasks, draws)
            names.append("draws.parquet")
        for name, frame in frames.items():
            frame.to_parquet(temporary / name, index=False, compression="zstd")
        sums = {name: file_sum(temporary / name) for name in names}
        for name in names:
            (temporary / name).replace(folder / name)
    return {"tables": sums, "failures": len(lost)}


def _write_long(tasks: Tasks, folder: Path, draws: int, replications: int) -> list[tuple[str, Lost]]:
    """Write outcomes and contrasts chunk by chunk; return what failed."""
    metrics = list(tasks.settings.metrics)
    lost: dict[Lost, str] = {}
    with (
        pq.ParquetWriter(folder / "outcomes.parquet", _outcome_schema(metrics), compression="zstd") as outcomes,
        pq.ParquetWriter(folder / "contrasts.parquet", _contrast_schema(), compression="zstd") as contrasts,
    ):
        for chunk, base in chunks(tasks, draws, replications, lost):
            outcomes.write_table(_outcome_rows(chunk, metrics, replications, outcomes.schema))
            if base is not None:
                frame = _contrast_rows(tasks, chunk, base, draws, replications)
                contrasts.write_table(pa.Table.from_pandas(frame, contrasts.schema, preserve_index=False))
    counted = [(key, one) for one, key in lost.items() if one.draw < draws and one.replication < replications]
    return sorted(counted, key=lambda item: (item[1].point, item[1].draw, item[1].replication))


def chunks(tasks: Tasks, draws: int, replications: int, lost: dict[Lost, str]) -> Iterator[tuple[Chunk, Chunk | None]]:
    """Yield the outcomes of all points in order, each chunk with the reference of each of its points.

    The reference's own points come last and have none. What failed is noted in `lost`.
    """
    study, start = tasks.study, 0
    while start < study.n_all:
        region = study.region_of(start)
        units = sorted(study.bases.regions[region].units)
        size = max(1, CHUNK_ROWS // (len(units) * draws * replications))
        last = study.n_points if start < study.n_points else study.n_all
        points = [p for p in range(start, min(start + size, last)) if study.region_of(p) == region]
        if study.bases.reference is None or start >= study.n_points:
            yield _read_points(tasks, points, draws, replications, lost), None
        else:
            wanted = [study.reference_of(p) for p in points]
            both = [*points, *dict.fromkeys(wanted)]  # read together: they share files
            found = _read_points(tasks, both, draws, replications, lost)
            yield _take(found, range(len(points))), _take(found, [both.index(r, len(points)) for r in wanted])
        start = points[-1] + 1


def _take(chunk: Chunk, at: Sequence[int]) -> Chunk:
    """Return some points of a chunk."""
    i = np.array(at)
    return Chunk([chunk.points[n] for n in at], chunk.region, chunk.units, chunk.cells[i], chunk.held[i])


def _read_points(tasks: Tasks, points: list[int], draws: int, replications: int, lost: dict[Lost, str]) -> Chunk:
    """Return the outcomes of some points of one region."""
    study, metrics = tasks.study, list(tasks.settings.metrics)
    region = study.region_of(points[0])
    units = sorted(study.bases.regions[region].units)
    at = {p: i for i, p in enumerate(points)}
    values = np.full((len(points), len(units), len(metrics), draws * replications), np.nan)
    held = np.zeros((len(points), draws * replications), bool)
    for group in dict.fromkeys(study.group_of[p] for p in points):
        rows, failed = tasks.read(group, points)
        lost.update({one: key for key, one in failed})
        rows = rows[(rows["draw"] < draws) & (rows["replication"] < replications)]
        i = rows["point"].map(at).to_numpy(np.int64)
        j = np.searchsorted(units, rows["unit"].to_numpy(object).astype(str))
        k = (rows["draw"] * replications + rows["replication"]).to_numpy(np.int64)
        values[i, j, :, k] = rows[metrics].to_numpy(float)
        held[i, k] = True
    return Chunk(points, region, units, values, held)


def _outcome_rows(chunk: Chunk, metrics: list[str], replications: int, schema: pa.Schema) -> pa.Table:
    n_units = len(chunk.units)
    kept = np.repeat(chunk.held[:, None, :], n_units, axis=1)
    i, j, k = np.nonzero(kept)
    columns = {
        "point": np.array(chunk.points, dtype=np.int64)[i],
        "region": np.full(len(i), chunk.region, dtype=object),
        "unit": np.array(chunk.units, dtype=object)[j],
        "draw": k // replications,
        "replication": k % replications,
        **{name: chunk.cells[i, j, m, k] for m, name in enumerate(metrics)},
    }
    return pa.Table.from_pandas(pd.DataFrame(columns), schema, preserve_index=False)


def _contrast_rows(tasks: Tasks, chunk: Chunk, base: Chunk, draws: int, replications: int) -> pd.DataFrame:
    """Return the paired differences of a chunk's points from their references."""
    study, metrics = tasks.study, list(tasks.settings.metrics)
    assert study.bases.reference is not None
    both = chunk.held & base.held
    patterns, pattern_of = np.unique(both, axis=0, return_inverse=True)
    parts = []
    for pattern in range(len(patterns)):
        rows = np.flatnonzero(pattern_of.reshape(-1) == pattern)
        pairs = np.flatnonzero(patterns[pattern])
        described = _describe(
            chunk.cells[rows][..., pairs], base.cells[rows][..., pairs], pairs // replications, metrics
        )
        shape = (len(rows), len(chunk.units), len(metrics))
        index = np.indices(shape).reshape(3, -1)
        points = np.array(chunk.points)[rows]
        parts.append(
            pd.DataFrame(
                {
                    "point": points[index[0]],
                    "scenario": np.array([study.policy_of(p) for p in points], dtype=object)[index[0]],
                    "reference": study.bases.reference.name,
                    "region": chunk.region,
                    "unit": np.array(chunk.units, dtype=object)[index[1]],
                    "metric": np.array(metrics, dtype=object)[index[2]],
                    "window": tasks.settings.window,
                    **{name: np.broadcast_to(value, shape).reshape(-1) for name, value in described.items()},
                    "n_draws": len(np.unique(pairs // replications)),
                    "n_replications": len(pairs),
                    "n_failed": draws * replications - len(pairs),
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    order = frame["metric"].map({m: i for i, m in enumerate(metrics)})
    return frame.assign(order=order).sort_values(["point", "unit", "order"], ignore_index=True).drop(columns="order")


def _describe(values: Floats, base: Floats, draws: Ints, metrics: list[str]) -> dict[str, Any]:
    """Return the columns of contrasts for [point, unit, metric, pair]."""
    if not values.shape[-1]:  # every pair failed
        nothing = np.full(values.shape[:3], np.nan)
        empty: dict[str, Any] = {name: nothing for name in (*CONTRAST_VALUES, *CONTRAST_EXTRAS) if name not in _COUNTED}
        return empty | {"all_equal": np.zeros(values.shape[:3], bool), "n_undefined": np.zeros(values.shape[:3], int)}
    undefined = np.isnan(values) != np.isnan(base)
    return describe_differences(values - base, base, undefined, units_of(draws), [METRICS[m] for m in metrics])


def _outcome_schema(metrics: list[str]) -> pa.Schema:
    kinds = {"region": pa.string(), "unit": pa.string()}
    keys = [(key, kinds.get(key, pa.int64())) for key in OUTCOME_KEYS]
    return pa.schema([*keys, *((name, pa.float64()) for name in metrics)])


def _contrast_schema() -> pa.Schema:
    kinds = {"all_equal": pa.bool_(), **dict.fromkeys(_COUNTED, pa.int64())}
    values = [(name, kinds.get(name, pa.float64())) for name in (*CONTRAST_VALUES, *CONTRAST_EXTRAS)]
    return pa.schema([("point", pa.int64()), *((name, pa.string()) for name in CONTRAST_KEYS[1:]), *values])


def _failures(lost: list[tuple[str, Lost]]) -> pd.DataFrame:
    """Return one row for each replication of a point that failed."""
    return pd.DataFrame(
        {
            "task": pd.Series([key for key, _ in lost], dtype="str"),
            **{
                name: pd.Series([getattr(x, name) for _, x in lost], dtype="int64")
                for name in ("point", "draw", "replication")
            },
            "reason": pd.Series([x.reason for _, x in lost], dtype="str"),
        }
    )


def _draws(tasks: Tasks, draws: int) -> pd.DataFrame:
    """Return the value of every ledger parameter in every draw; a factor's own value is in the points."""
    from kinerja_sim.model.parameters import draw_parameters

    table = pd.DataFrame(draw_parameters(tasks.settings.seed, range(draws), "ledger"))
    table.insert(0, "draw", np.arange(draws, dtype=np.int64))
    return table
