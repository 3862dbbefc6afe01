"""From a user's file and a mapping to a table of the data folder, streaming; every row accounted for.

A row without its essential time or identifier is left out, a cell that cannot be read is
left empty; both are listed by row number and reason, never by content. A file of which
most rows cannot be read, or most times run backwards, is refused: then the mapping is
wrong, not the data. Nothing is repaired here; that is the doctor's, who says so.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

import kinerja_sim
from kinerja_sim.field.convert import Converter, Tally
from kinerja_sim.field.mapping import FieldMapping, columns_of, describe, find_column, targets
from kinerja_sim.field.privacy import Key, load_key
from kinerja_sim.field.rows import Progress, Rows, open_rows
from kinerja_sim.field.tables import COLUMNS, TIME, check_field_folder, check_table, write_field
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.files import PathLike, check_file
from kinerja_sim.know.messages import sentence
from kinerja_sim.study.store import check_folder

FORMAT = 1
LEFT_OUT = ["table", "source_row", "what", "reason"]
"""Columns of the list: `what` is 'row', or the column whose cell was left empty."""
MOST = 0.5  # share of rows that must be readable and in order; below it the mapping is wrong
JITTER_SECONDS = 60.0


@dataclass(frozen=True)
class Imported:
    """One file as a table, and what happened to its rows."""

    kind: str
    table: pd.DataFrame = field(repr=False)
    left_out: pd.DataFrame = field(repr=False)
    record: dict[str, Any]


def import_file(
    path: PathLike, mapping: FieldMapping, folder: PathLike, *, key_file: PathLike, progress: Progress | None = None
) -> dict[str, Any]:
    """Import a file into a data folder and return the folder's manifest.

    Parameters
    ----------
    path : CSV, .xlsx or XES, also gzipped
    mapping : what its columns are
    folder : new, empty, or a data folder made with the same key, to which the table is added
    key_file : holds the secret of the hashes; made when absent, outside `folder`
    progress : called with bytes done and in all

    Raises
    ------
    InputError
        If the file, the folder or the key cannot be used, or the mapping does not fit the
        file; nothing is written then.
    """
    older = check_field_folder(check_folder(folder))
    key = load_key(key_file, folder)
    if older is not None and older["key_id"] != key.id:
        got, remedy = "another", "Name the key file that was used then with --key."
        raise InputError(sentence("key", "be the one that the folder was made with", got, remedy=remedy))
    digest = _digest(path)
    imports: dict[str, Any] = dict(older["imports"]) if older else {}
    if mapping.kind in imports and imports[mapping.kind]["sha256"] != digest:
        rule, remedy = f"hold no table `{mapping.kind}` of another file", "Put the files together, or use another -o."
        raise InputError(sentence("output", rule, "one", remedy=remedy))
    done = read_file(path, mapping, key, progress)
    imports[mapping.kind] = {"sha256": digest, **done.record}
    tables = {f"{mapping.kind}.parquet": done.table}
    lists = [done.left_out]
    for kind in imports:
        if kind != mapping.kind:
            tables[f"{kind}.parquet"] = pd.read_parquet(Path(folder) / f"{kind}.parquet")
    if older is not None:
        listed = pd.read_parquet(Path(folder) / "left_out.parquet")
        lists.append(listed[listed["table"] != mapping.kind])
    left_out = pd.concat(lists).sort_values(LEFT_OUT[:2], ignore_index=True, kind="stable")
    key.save()
    manifest = {
        "format": FORMAT,
        "version": kinerja_sim.__version__,
        "key_id": key.id,
        "kinds": sorted(imports),
        "imports": imports,
    }
    write_field(folder, tables | {"left_out.parquet": left_out, "left_out.csv": left_out}, manifest)
    return cast(dict[str, Any], check_field_folder(folder))


def read_file(path: PathLike, mapping: FieldMapping, key: Key, progress: Progress | None = None) -> Imported:
    """Return a file as a checked table with the list of what was left out.

    Raises
    ------
    InputError
        If the file cannot be read, or the mapping does not fit it.
    """
    with open_rows(path, mapping.file, progress) as rows:
        names = {name for target in targets(mapping).values() for name in columns_of(target)}
        places = {name: find_column(name, rows.header, rows.label) for name in sorted(names)}
        tally, parts, read = Tally(), [], 0
        for chunk in rows.chunks:
            read += len(chunk.numbers) + len(chunk.broken)
            for reason in {reason for _, reason in chunk.broken}:
                tally.add(np.array([n for n, r in chunk.broken if r == reason], np.int64), "row", reason)
            if chunk.numbers:
                parts.append(Converter(mapping, key, places, chunk, tally).table())
    table = pd.concat(parts, ignore_index=True) if parts else None
    left_out = tally.table(mapping.kind)
    _check_sense(mapping, table, left_out, read, rows)
    record = {
        "form": rows.form,
        "mapping": describe(mapping, places),
        "rows_read": read,
        "rows_kept": len(cast(pd.DataFrame, table)),
        "reasons": _reasons(left_out),
    }
    return Imported(mapping.kind, check_table(mapping.kind, cast(pd.DataFrame, table)), left_out, record)


def _check_sense(
    mapping: FieldMapping, table: pd.DataFrame | None, left_out: pd.DataFrame, read: int, rows: Rows
) -> None:
    """Refuse a mapping under which most rows are unreadable or most times run backwards."""
    lost = left_out[(left_out["what"] == "row") & ~left_out["reason"].isin(["empty_row", "ignored_outcome"])]
    if read == 0:
        raise InputError(sentence(rows.label, "hold rows below its header", "none"))
    if table is None or not len(table) or len(lost) > MOST * read:
        reason, n = Counter(lost["reason"]).most_common(1)[0] if len(lost) else ("ignored_outcome", read)
        first = f", first in row {lost['source_row'].iloc[0]}" if len(lost) else ""
        got = f"{len(lost)} of {read} unreadable ({n} times {reason}{first})"
        remedy = "Check columns and formats in the mapping."
        raise InputError(sentence("rows", "be readable for the most part", got, f"in {rows.label}", remedy))
    for target in targets(mapping):
        wrong = left_out[(left_out["what"] == target) & (left_out["reason"] == "unreadable")]
        if len(wrong) > MOST * read:
            got = f"{len(wrong)} of {read} unreadable, first in row {wrong['source_row'].iloc[0]}"
            remedy = f"Check `columns.{target}` in the mapping."
            raise InputError(sentence(target, "be readable for the most part", got, f"in {rows.label}", remedy))
    times = [name for name, dtype in COLUMNS[mapping.kind].items() if dtype == TIME]
    for earlier, later in pairwise(times):
        gap = (table[later] - table[earlier]).dt.total_seconds()
        if (gap < -JITTER_SECONDS).sum() > MOST * max(1, int(gap.notna().sum())):
            got = f"most of them before {earlier}"
            remedy = f"Are `columns.{earlier}` and `columns.{later}` swapped in the mapping?"
            raise InputError(sentence(later, f"follow {earlier}", got, f"in {rows.label}", remedy))


def _reasons(left_out: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Return how many rows and cells did not come through, by what and reason."""
    counts: dict[str, dict[str, int]] = {}
    for (what, reason), n in sorted(Counter(zip(left_out["what"], left_out["reason"], strict=True)).items()):
        counts.setdefault(what, {})[reason] = n
    return counts


def _digest(path: PathLike) -> str:
    """Return the sha256 of a file, which is checked to be one first."""
    check_file(path)
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
