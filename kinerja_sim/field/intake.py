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
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from kinerja_sim.field import values
from kinerja_sim.field.mapping import (
    IGNORE,
    Activity,
    Answer,
    Category,
    FieldMapping,
    Id,
    Numeric,
    When,
    columns_of,
    describe,
    find_column,
    targets,
)
from kinerja_sim.field.privacy import Key, load_key
from kinerja_sim.field.rows import Chunk, Progress, Rows, open_rows
from kinerja_sim.field.tables import (
    BOUNDS,
    COLUMNS,
    ESSENTIAL,
    OTHER,
    TEXT,
    TIME,
    WHOLE,
    check_field_folder,
    check_table,
    write_field,
)
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.files import PathLike, check_file
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.schema import ELEMENTS
from kinerja_sim.study.store import check_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = 1
LEFT_OUT = ["table", "source_row", "what", "reason"]
"""Columns of the list: `what` is 'row', or the column whose cell was left empty."""
MOST = 0.5  # share of rows that must be readable and in order; below it the mapping is wrong
JITTER_SECONDS = 60.0
DEFAULTS = {"cases": {"outcome": "unknown"}, "events": {"lifecycle": "complete"}, "complaints": {"outcome": "unknown"}}
"""Where the mapping has no such column."""
UNLISTED = {"outcome": "unknown"}


@dataclass(frozen=True)
class Imported:
    """One file as a table, and what happened to its rows."""

    kind: str
    table: pd.DataFrame = field(repr=False)
    left_out: pd.DataFrame = field(repr=False)
    record: dict[str, Any]


@dataclass
class _Tally:
    """Rows and cells that did not come through: number, what, reason."""

    rows: list[NDArray[np.int64]] = field(default_factory=list)
    what: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def add(self, rows: NDArray[np.int64], what: str, reason: str) -> None:
        if len(rows):
            self.rows.append(rows)
            self.what.append(what)
            self.reasons.append(reason)

    def table(self, kind: str) -> pd.DataFrame:
        sizes = [len(rows) for rows in self.rows]
        columns = {
            "table": kind,
            "source_row": np.concatenate(self.rows) if self.rows else np.array([], np.int64),
            "what": np.repeat(np.array(self.what, dtype=object), sizes),
            "reason": np.repeat(np.array(self.reasons, dtype=object), sizes),
        }
        table = pd.DataFrame(columns).astype({"table": "str", "what": "str", "reason": "str"})
        return table.sort_values(["source_row", "what", "reason"], ignore_index=True)


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
    manifest = {"format": FORMAT, "key_id": key.id, "kinds": sorted(imports), "imports": imports}
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
        tally, parts, read = _Tally(), [], 0
        for chunk in rows.chunks:
            read += len(chunk.numbers) + len(chunk.broken)
            for reason in {reason for _, reason in chunk.broken}:
                tally.add(np.array([n for n, r in chunk.broken if r == reason], np.int64), "row", reason)
            if chunk.numbers:
                parts.append(_Converter(mapping, key, places, chunk, tally).table())
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


class _Converter:
    """One chunk of rows on its way to the table."""

    def __init__(self, mapping: FieldMapping, key: Key, places: dict[str, int], chunk: Chunk, tally: _Tally) -> None:
        self.mapping, self.key, self.places, self.chunk, self.tally = mapping, key, places, chunk, tally
        self.targets = targets(mapping)
        self.numbers = np.array(chunk.numbers, dtype=np.int64)
        self.keep = np.ones(len(self.numbers), dtype=bool)
        self.times: dict[str, values.Times] = {}

    def table(self) -> pd.DataFrame:
        """Return the rows that can be kept, in the table's columns."""
        kind = self.mapping.kind
        made: dict[str, Any] = {}
        for name, dtype in COLUMNS[kind].items():
            if name == "source_row":
                made[name] = self.numbers
            elif dtype == TIME:
                made[name] = self.times[name] = self.when(name)
            else:
                made[name] = self.plain(name, dtype)
        if kind == "cases":
            self.end_of_the_abandoned(made)
        if "case_id" in made and "case_id" not in self.targets:
            made["case_id"] = np.array([self.key.hash("case", f"row {n}") for n in self.numbers], dtype=object)
        if kind in ("cases", "complaints"):
            self.leave_out(made["outcome"] == IGNORE, "ignored_outcome")
        for name in ESSENTIAL[kind]:
            lacks = np.isnat(made[name]) if COLUMNS[kind][name] == TIME else made[name] == ""
            self.leave_out(np.asarray(lacks, dtype=bool), f"no_{name}")
        if kind == "survey":
            self.leave_out(np.all(np.isnan([made[name] for name in ELEMENTS]), axis=0), "no_answer")
        frame = pd.DataFrame(made)[self.keep]
        return frame.astype({name: "str" for name, dtype in COLUMNS[kind].items() if dtype == TEXT})

    def leave_out(self, rows: NDArray[np.bool_], reason: str) -> None:
        """Leave rows out, for the first reason that is found."""
        self.tally.add(self.numbers[self.keep & rows], "row", reason)
        self.keep &= ~rows

    def cells(self, name: str) -> values.Texts:
        return self.chunk.columns[self.places[name]]

    def blank(self, flags: NDArray[np.bool_], name: str, reason: str) -> None:
        """Note cells that were left empty; in an essential column the whole row goes, for this reason."""
        if name in ESSENTIAL[self.mapping.kind]:
            self.leave_out(flags, f"{reason}_{name}")
        else:
            self.tally.add(self.numbers[flags], name, reason)

    def plain(self, name: str, dtype: str) -> NDArray[Any]:
        """Return a column that is no time."""
        target, n = self.targets.get(name), len(self.numbers)
        if isinstance(target, Id):
            domain = "officer" if name == "officer" else "case"
            hashed = lambda text: self.key.hash(domain, text)  # noqa: E731
            return values.read_ids([self.cells(c) for c in target.column], target.empty, hashed)
        if isinstance(target, Category | Activity):
            if isinstance(target, Category) and target.constant is not None:
                return np.full(n, target.constant, dtype=object)
            other = UNLISTED.get(name, OTHER)
            found, unlisted = values.read_categories(self.cells(cast(str, target.column)), target.values, other)
            self.blank(unlisted, name, "unlisted")
            return np.where(found == "", self.default(name), found) if self.default(name) else found
        if isinstance(target, Numeric | Answer):
            return self.number(name, target, dtype)
        if dtype == TEXT:
            return np.full(n, self.default(name), dtype=object)
        return np.zeros(n, np.int64) if dtype == WHOLE else np.full(n, np.nan)

    def default(self, name: str) -> str:
        return DEFAULTS.get(self.mapping.kind, {}).get(name, "")

    def number(self, name: str, target: Numeric | Answer, dtype: str) -> NDArray[Any]:
        """Return numbers within the column's bounds; those outside are left empty."""
        empty = target.empty if isinstance(target, Numeric) else ()
        texts = self.cells(target.column)
        found, unread = values.read_numbers(texts, empty, self.mapping.file.decimal)
        if isinstance(target, Answer) and self.mapping.answers:
            words, unlisted = values.read_categories(texts, self.mapping.answers, np.nan)
            found = np.where(unread & ~unlisted, np.where(words == "", np.nan, words).astype(float), found)
            unread = unread & unlisted
        low, high = BOUNDS[name]
        with np.errstate(invalid="ignore"):
            outside = (found < low) | (found > high) | (np.mod(found, 1) != 0 if dtype == WHOLE else False)
        outside &= ~np.isnan(found)
        self.blank(unread, name, "unreadable")
        self.blank(outside, name, "out_of_bounds")
        found = np.where(outside, np.nan, found)
        return np.nan_to_num(found).astype(np.int64) if dtype == WHOLE else found

    def when(self, name: str) -> values.Times:
        """Return the moments of a column on the office's clock."""
        target = cast(When | None, self.targets.get(name))
        nothing = np.full(len(self.numbers), np.datetime64("NaT", "us"), dtype="datetime64[us]")
        if target is None:
            return nothing
        mapping = self.mapping
        if target.after is not None:
            seconds, unread = values.read_durations(
                self.cells(cast(str, target.duration)), target.empty, target.unit, mapping.file.decimal
            )
            self.blank(unread, name, "unreadable")
            self.blank(np.abs(np.nan_to_num(seconds)) > 1e9, name, "out_of_bounds")
            seconds = np.where(np.abs(np.nan_to_num(seconds)) > 1e9, np.nan, seconds)
            start = self.times.get(target.after, nothing)
            whole = np.nan_to_num(seconds * 1e6).astype("timedelta64[us]")
            return np.where(np.isnan(seconds), np.datetime64("NaT", "us"), start + whole).astype("datetime64[us]")
        of_clock = () if target.clock else target.empty
        texts = self.cells(cast(str, target.column or target.date))
        times, unread = values.read_times(texts, target.format, of_clock, mapping.time_zone, mapping.written_in)
        if target.clock is not None:
            clock, bad = values.read_clocks(self.cells(target.clock), target.empty)
            unread |= bad
            if target.clock_of_date is not None:
                reference, _ = values.read_clocks(self.cells(target.clock_of_date), ())
                clock = clock + values.after_midnight(clock, reference)
            whole = np.nan_to_num(clock * 1e6).astype("timedelta64[us]")
            times = np.where(np.isnan(clock), np.datetime64("NaT", "us"), times + whole).astype("datetime64[us]")
            times = self.next_day(times)
        self.blank(unread, name, "unreadable")
        return times

    def next_day(self, times: values.Times) -> values.Times:
        """Move moments to the next day where they would lie half a day before the last one that was observed."""
        last: values.Times = np.full(len(times), np.datetime64("NaT", "us"), dtype="datetime64[us]")
        for earlier in self.times.values():
            last = np.fmax(last, earlier)
        back = (last - times) > np.timedelta64(int(values.HALF_DAY), "s")
        return np.where(back, times + np.timedelta64(1, "D"), times).astype("datetime64[us]")

    def end_of_the_abandoned(self, made: dict[str, Any]) -> None:
        """Where somebody left, `left` is when; such a visit has no start of service."""
        if "left" not in self.targets:
            return
        gone = made["outcome"] == "abandoned"
        nothing = np.datetime64("NaT", "us")
        made["started"] = np.where(gone, nothing, made["started"])
        made["finished"] = np.where(gone, self.when("left"), made["finished"])


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
