"""One chunk of rows on its way into a table: each target's cells read, each loss noted.

What a row lacks decides: without its essential time or identifier it is left out, else
the cell is left empty. Both are noted by row number and reason, never by content.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from kinerja_sim.field import values
from kinerja_sim.field.mapping import FieldMapping, targets
from kinerja_sim.field.privacy import Key
from kinerja_sim.field.rows import Chunk
from kinerja_sim.field.tables import BOUNDS, COLUMNS, ESSENTIAL, OTHER, TEXT, TIME, WHOLE
from kinerja_sim.field.targets import IGNORE, Activity, Answer, Category, Id, Numeric, When
from kinerja_sim.know.schema import ELEMENTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEFAULTS = {"cases": {"outcome": "unknown"}, "events": {"lifecycle": "complete"}, "complaints": {"outcome": "unknown"}}
"""Where the mapping has no such column."""
UNLISTED = {"outcome": "unknown"}


@dataclass
class Tally:
    """Rows and cells that did not come through: number, what, reason."""

    rows: list[NDArray[np.int64]] = field(default_factory=list)
    what: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def add(self, rows: NDArray[np.int64], what: str, reason: str) -> None:
        """Note rows, or cells of the column `what` in them."""
        if len(rows):
            self.rows.append(rows)
            self.what.append(what)
            self.reasons.append(reason)

    def table(self, kind: str, file: int) -> pd.DataFrame:
        """Return all that was noted of a file, in the order of rows."""
        sizes = [len(rows) for rows in self.rows]
        columns = {
            "table": kind,
            "source_file": file,
            "source_row": np.concatenate(self.rows) if self.rows else np.array([], np.int64),
            "what": np.repeat(np.array(self.what, dtype=object), sizes),
            "reason": np.repeat(np.array(self.reasons, dtype=object), sizes),
        }
        types = {"table": "str", "source_file": "int64", "what": "str", "reason": "str"}
        table = pd.DataFrame(columns).astype(types)
        return table.sort_values(["source_row", "what", "reason"], ignore_index=True)


class Converter:
    """One chunk of rows on its way to the table."""

    def __init__(
        self, mapping: FieldMapping, key: Key, places: dict[str, int], chunk: Chunk, tally: Tally, file: int
    ) -> None:
        self.mapping, self.key, self.places, self.chunk, self.tally, self.file = (
            mapping, key, places, chunk, tally, file,
        )  # fmt: skip
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
            elif name == "source_file":
                made[name] = np.full(len(self.numbers), self.file)
            elif dtype == TIME:
                made[name] = self.times[name] = self.when(name)
            else:
                made[name] = self.plain(name, dtype)
        if kind == "cases":
            self.end_of_the_abandoned(made)
        if "case_id" in made and "case_id" not in self.targets:
            of = "" if self.file == 1 else f"file {self.file} "
            made["case_id"] = np.array([self.key.hash("case", f"{of}row {n}") for n in self.numbers], dtype=object)
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
        """Return the cells of a column of the file."""
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
        """Return what stands in a column that the mapping does not fill."""
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
