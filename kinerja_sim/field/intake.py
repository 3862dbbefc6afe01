"""From a user's files and a mapping to a table of the data folder, streaming; every row accounted for.

A row without its essential time or identifier is left out, a cell that cannot be read is
left empty; both are listed by row number and reason, never by content. A file of which
most rows cannot be read, or most times run backwards, is refused: then the mapping is
wrong, not the data. What two files both hold counts once, as the later one has it. Nothing
is repaired here; that is the doctor's, who says so.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

import kinerja_sim
from kinerja_sim.field.checks import resolution
from kinerja_sim.field.convert import Converter, Tally
from kinerja_sim.field.mapping import FieldMapping, columns_of, describe, find_column, targets
from kinerja_sim.field.privacy import K, Key, load_key
from kinerja_sim.field.rows import Progress, Rows, open_rows
from kinerja_sim.field.tables import COLUMNS, TIME, check_field_folder, check_table, write_field
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.files import PathLike, check_file, label_of
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.schema import ELEMENTS
from kinerja_sim.study.store import check_tables

FORMAT = 1
LEFT_OUT = ["table", "source_file", "source_row", "what", "reason"]
"""Columns of the list: `what` is 'row', or the column whose cell was left empty."""
SAME = {"cases": ["case_id", "arrived"], "complaints": ["case_id", "arrived"], "staff": ["officer", "unit", "from"]}
"""What makes rows of two files the same one, where it comes from the source; else all columns do."""
MOST = 0.5  # share of rows that must be readable and in order; below it the mapping is wrong
SLIPS = 0.05  # share of a question's answers that may lie outside 1 to 4, if `K` may not; above it the scale is another
JITTER_SECONDS = 60.0


@dataclass(frozen=True)
class Imported:
    """One file as a table, and what happened to its rows."""

    kind: str
    table: pd.DataFrame = field(repr=False)
    left_out: pd.DataFrame = field(repr=False)
    record: dict[str, Any]


def import_files(
    paths: Sequence[PathLike], mapping: FieldMapping, folder: PathLike, *, key_file: PathLike,
    progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Import files of one kind into a data folder and return the folder's manifest.

    Parameters
    ----------
    paths : CSV, .xlsx or XES, also gzipped; of what two files both hold, the later one counts
    mapping : what their columns are
    folder : new, empty, or a data folder made with the same key, to which the table is added
    key_file : holds the secret of the hashes; made when absent, outside `folder`
    progress : called with thousandths of files done and in all

    Raises
    ------
    InputError
        If a file, the folder or the key cannot be used, the mapping does not fit a file, or
        the folder holds rows of files that are not named; nothing is written then.
    """
    older = check_field_folder(folder)
    key = load_key(key_file, folder)
    if older is not None and older["key_id"] != key.id:
        got, remedy = "another", "Name the key file that was used then with --key."
        raise InputError(sentence("key", "be the one that the folder was made with", got, remedy=remedy))
    digests = [_digest(path) for path in paths]
    if len(set(digests)) < len(digests):
        raise InputError(sentence("files", "differ from each other", "the same rows twice", remedy="Name each once."))
    imports: dict[str, Any] = dict(older["imports"]) if older else {}
    others = [f"{kind}.parquet" for kind in imports if kind != mapping.kind]
    if older is not None:
        check_tables(Path(folder), older, others, "Import the source of that table again first.")
    if not {file["sha256"] for file in imports.get(mapping.kind, {"files": ()})["files"]} <= set(digests):
        rule = f"hold no table `{mapping.kind}` of other files"
        remedy = "Name all files in one command, those imported before too: kinerja import jan.csv feb.csv ..."
        raise InputError(sentence("output", rule, "one", remedy=remedy))
    done = []
    for n, path in enumerate(paths):
        tell = partial(_tell, progress, n, len(paths)) if progress else None
        done.append(read_file(path, mapping, key, tell, number=n + 1))
        if _digest(path) != digests[n]:
            rule, remedy = "stay as it is while it is read", "Copy it first, and import the copy."
            raise InputError(sentence(label_of(path), rule, "one that changed", remedy=remedy))
    table, again = _joined(mapping, [part.table for part in done])
    tables = {f"{mapping.kind}.parquet": table}
    lists = [*(part.left_out for part in done), again]
    reasons = _reasons(pd.concat(lists))
    imports[mapping.kind] = {
        "files": [{"sha256": digest, **part.record} for digest, part in zip(digests, done, strict=True)],
        "rows_read": sum(part.record["rows_read"] for part in done),
        "rows_kept": len(table),
        "reasons": reasons,
    }
    if older is not None:
        tables |= {name: pd.read_parquet(Path(folder) / name) for name in others}
        listed = pd.read_parquet(Path(folder) / "left_out.parquet")
        lists.append(listed[listed["table"] != mapping.kind])
    left_out = pd.concat(lists).sort_values(LEFT_OUT[:3], ignore_index=True, kind="stable")
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


def _tell(progress: Progress, n: int, files: int, done: int, of: int) -> None:
    progress(1000 * n + 1000 * done // max(of, 1), 1000 * files)


def _joined(mapping: FieldMapping, parts: list[pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of all files, each once as the latest file has it, and the list of the others.

    Rows without a number of their own are the same only if they agree in all, to the second: without seconds, two
    visits may look alike.
    """
    kind, table = mapping.kind, pd.concat(parts, ignore_index=True)
    named = "case_id" in targets(mapping) or kind == "staff"
    times = [name for name, dtype in COLUMNS[kind].items() if dtype == TIME]
    again = np.zeros(len(table), dtype=bool)
    if len(parts) > 1 and (named or resolution(table[times[0]]) == 1):
        own = [c for c in COLUMNS[kind] if not c.startswith("source_") and (named or c != "case_id")]
        same = SAME.get(kind, own) if named else own
        turn = table.groupby([*same, "source_file"], dropna=False, sort=False).cumcount()
        again = table[same].assign(turn=turn).duplicated(keep="last").to_numpy()
    rows = table.loc[again, ["source_file", "source_row"]]
    left_out = rows.assign(table=kind, what="row", reason="again_in_a_later_file")[LEFT_OUT]
    return table[~again].reset_index(drop=True), left_out.reset_index(drop=True)


def read_file(
    path: PathLike, mapping: FieldMapping, key: Key, progress: Progress | None = None, *, number: int = 1
) -> Imported:
    """Return a file as a checked table with the list of what was left out; `number` is its place among the files.

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
                parts.append(Converter(mapping, key, places, chunk, tally, number).table())
    table = pd.concat(parts, ignore_index=True) if parts else None
    left_out = tally.table(mapping.kind, number)
    _check_sense(mapping, table, left_out, read, rows)
    record = {
        "form": rows.form,
        "mapping": describe(mapping, places),
        "rows_read": read,
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
        got = "none: the outcome of every row is one to ignore"
        if len(lost):
            often, first = Counter(lost["reason"]).most_common(1)[0][0], lost["source_row"].iloc[0]
            got = f"{len(lost)} of {read} left out, most often `{often}`, first in row {first}"
        remedy = "Check columns and formats in the mapping."
        raise InputError(sentence("rows", "be readable for the most part", got, f"in {rows.label}", remedy))
    for target in targets(mapping):
        outside = left_out[(left_out["what"] == target) & (left_out["reason"] == "out_of_bounds")]
        if target in ELEMENTS and len(outside) > max(SLIPS * read, K):
            got = f"{len(outside)} of {read} outside, first in row {outside['source_row'].iloc[0]}"
            remedy = "Answers on another scale cannot be turned into this one."
            raise InputError(sentence(target, "be answered from 1 to 4", got, f"in {rows.label}", remedy))
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
