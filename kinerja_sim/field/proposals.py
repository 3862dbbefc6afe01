"""Propose single targets of a mapping: the column that a header names and whose cells fit, and how it is written.

Each column serves one target. No cell is shown unless it is one of the known words or a short
code that occurs often; those that are not shown are counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, NoReturn

import numpy as np

from kinerja_sim.field import values, words
from kinerja_sim.field.columns import Column, beyond_12, has_clock, proposed
from kinerja_sim.field.targets import SECONDS
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import sentence


@dataclass(frozen=True)
class Proposal:
    """One line of a proposed mapping: `sure` is sure, likely or unsure; `why` a code, with its numbers."""

    target: str
    value: Mapping[str, Any] | str
    sure: str
    why: str
    numbers: Mapping[str, float] = field(default_factory=dict)


class Proposer:
    """The columns of a file, taken one by one for targets."""

    def __init__(self, columns: list[Column], label: str) -> None:
        self.columns, self.label = columns, label
        self.free = list(columns)
        self.made: list[Proposal] = []
        self.unlisted: dict[str, int] = {}
        self.answers: dict[str, int] = {}
        self.officers: Column | None = None
        self.people = {
            token
            for c in columns if re.fullmatch(words.PERSON, c.words)
            for text in c.counts for token in re.findall(r"[^\W_]{3,}", text.casefold())
        }  # fmt: skip

    def take(self, role: str, test: Callable[[Column], bool]) -> Column | None:
        """Return the first free column whose header names `role` and whose cells pass `test`; exact names first."""
        fitting = [c for c in self.free if c.counts and c.says(role) and test(c)]
        fitting.sort(key=lambda c: not c.says_exactly(role))
        if not fitting:
            return None
        self.free.remove(fitting[0])
        return fitting[0]

    def add(self, target: str, value: Any, column: Column, role: str, why: str = "header") -> Proposal:
        """Propose `value` for a target; an exact header makes it sure."""
        sure = "unsure" if why == "first_time" else "sure" if column.says_exactly(role) else "likely"
        made = Proposal(target, value, sure, why)
        self.made.append(made)
        return made

    def moment(self, target: str, clocks: Sequence[Column], dates: Sequence[Column], role: str = "") -> Proposal | None:
        """Propose a moment: a column with both parts, else a clock column with the file's date."""
        role = role or target
        column = self.take(role, lambda c: c.format is not None and (has_clock(c) or c not in dates))
        column = column or self.take(role, lambda c: c in clocks and bool(dates))
        column = column or self.take(role, lambda c: c.format is not None)
        if column is None:
            return None
        if column.format:
            value: Any = column.name if column.format == "iso" else {"column": column.name, "format": column.format}
            why = "day_first" if re.match("%d[/.-]%m", column.format) and not beyond_12(column) else "header"
            return self.add(target, value, column, target, why if role == target else "first_time")
        date = min(dates, key=lambda c: (not c.says_exactly("date"), not c.says(target), not c.says("date")))
        value = {"date": date.name, "clock": column.name, "format": date.format}
        if date in self.free:
            self.free.remove(date)
        if target == "arrived" and clocks[0] is not column:
            value["clock_of_date"] = clocks[0].name
        zero = next((t for t in column.counts if re.fullmatch(r"0?0[:.]00([:.]00)?", t)), None)
        if zero is not None and column.counts[zero] > 0.02 * len(column.cells):
            value["empty"] = zero
        return self.add(target, value, column, target, "clock" if role == target else "first_time")

    def lasting(self, target: str, role: str, after: str, *, by_clock: bool = False) -> Proposal | None:
        """Propose a moment so long after another one, its unit checked against clock columns."""
        column = self.take(role, lambda c: c.is_short if by_clock else c.is_number)
        if column is None:
            return None
        value = {"after": after, "duration": column.name}
        if by_clock:
            return self.add(target, value | {"unit": "clock"}, column, role)
        told = next((u for u, w in words.DURATION_UNITS.items() if re.fullmatch(rf".* {w}", column.words)), None)
        if told:
            return self.add(target, value | {"unit": told}, column, role)
        unit, share = self.unit_by_clocks(column)
        if unit is None:
            self.made.append(Proposal(target, value | {"unit": "seconds"}, "unsure", "unit_assumed"))
        else:
            self.made.append(Proposal(target, value | {"unit": unit}, "sure", "unit_checked", {"share": share}))
        return self.made[-1]

    def unit_by_clocks(self, column: Column) -> tuple[str | None, float]:
        """Return the unit in which a duration is the difference of two clock columns, and the share that agrees."""
        lasting, _ = values.read_numbers(column.cells, (), ".")
        clocks = [values.read_clocks(c.cells, ())[0] for c in self.columns if c.is_clock]
        best: tuple[str | None, float] = None, 0.9
        with np.errstate(invalid="ignore"):
            for a, b in combinations(clocks, 2):
                some = (lasting > 0) & (a > 0) & (b > 0)
                for unit, seconds in SECONDS.items() if some.sum() >= 20 else ():
                    share = float(np.mean(np.abs((b - a)[some] - lasting[some] * seconds) <= seconds))
                    best = max(best, (unit, share), key=lambda pair: pair[1])
        return best

    def category(self, target: str, known: Mapping[str, str], vocabulary: frozenset[str] = frozenset()) -> None:
        """Propose a category, with the values that are known."""
        column = self.take(target, lambda c: not c.format and not c.is_clock and len(c.counts) <= 50)
        if column is None:
            return
        kept = self.proposed(column, target, known, vocabulary)
        if kept:
            self.add(target, {"column": column.name, "values": kept}, column, target)
        else:
            self.free.append(column)

    def proposed(
        self, column: Column, target: str, known: Mapping[str, str], vocabulary: frozenset[str]
    ) -> dict[str, str]:
        """Return the values of a column that may be shown; how many may not is noted."""
        kept, others = proposed(column, known, vocabulary, self.people)
        if others:
            self.unlisted[target] = others
        return kept

    def person(self, target: str) -> None:
        """Propose the column of officers, with the words in it that mean nobody."""
        column = self.officers = self.take(target, lambda c: not c.format and not c.is_clock)
        if column is None:
            return
        empty = [t for t in column.counts if t.upper().replace(" ", "_") in words.NOBODY]
        self.add(target, {"column": column.name, "empty": empty} if empty else column.name, column, target)

    def number(self, target: str) -> None:
        """Propose a column of numbers."""
        column = self.take(target, lambda c: c.is_number)
        if column is not None:
            self.add(target, column.name, column, target)

    def missing(self, what: str) -> NoReturn:
        """Refuse a file that holds nothing of what its kind needs."""
        remedy = "Describe the file in a mapping: see docs/data.md."
        raise InputError(sentence("columns", f"hold {what}", "none that is recognised", f"in {self.label}", remedy))
