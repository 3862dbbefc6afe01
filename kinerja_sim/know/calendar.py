"""Working days and their length: Indonesian holidays, collective leave and Ramadan.

Civil servants work 37.5 hours a week from Monday to Friday, 32.5 hours in Ramadan
(Perpres 21/2023 art 4). Lists of 2025 and 2026 are the published ones; dates of later
years are computed and graded `estimate` where the moon or the government decides them.
Left out: rosters of units that open on holidays, and hours that a region sets itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import GRADES, Grade, Text
from kinerja_sim.know.files import PathLike, label_of, read_rows
from kinerja_sim.know.library import data_file
from kinerja_sim.know.messages import sentence, show

COLUMNS = ("first", "last", "kind", "name_id", "name_en", "source", "grade")
KINDS = ("national", "collective", "ramadan")
WEEK_HOURS = 37.5  # Perpres 21/2023 art 4
RAMADAN_WEEK_HOURS = 32.5  # the same article
FIRST_YEAR = 2026  # every comparison's pre span starts in January of this year


@dataclass(frozen=True)
class Span:
    """A holiday, a day of collective leave or a Ramadan: from `first` to `last`, both included."""

    first: date
    last: date
    kind: Literal["national", "collective", "ramadan"]
    name: Text
    source: str
    grade: Grade

    def days(self) -> list[date]:
        """Return every date of the span."""
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class MonthDays:
    """The working days of one month, in order.

    `weekday` is 0 (Monday) to 4 (Friday), shape [n_days]; `length_factor` is the day's
    working time relative to a normal day, shape [n_days]: 1, or 32.5/37.5 in Ramadan.
    """

    year: int
    month: int
    weekday: NDArray[np.int64]
    length_factor: NDArray[np.float64]

    @property
    def n_days(self) -> int:
        """Number of working days."""
        return len(self.weekday)


@dataclass(frozen=True)
class Calendar:
    """All spans, in the order of their first day; whole years from `first_year` to `last_year`."""

    spans: tuple[Span, ...]

    @property
    def first_year(self) -> int:
        """First year that the calendar covers."""
        return self.spans[0].first.year

    @property
    def last_year(self) -> int:
        """Last year that the calendar covers."""
        return self.spans[-1].first.year

    def months(self, first_year: int, first_month: int, n_months: int) -> list[MonthDays]:
        """Return the working days of `n_months` months in a row.

        Parameters
        ----------
        first_year : int, a year that the calendar covers
        first_month : int, 1 to 12
        n_months : int, >= 0

        Raises
        ------
        InputError
            If a month lies outside the calendar's years, or an argument is out of bounds.

        Examples
        --------
        >>> [m.n_days for m in load_calendar().months(2026, 1, 3)]
        [20, 18, 17]
        """
        if not 1 <= first_month <= 12:
            raise InputError(sentence("first_month", "be between 1 and 12", show(first_month)))
        if n_months < 0:
            raise InputError(sentence("n_months", "be at least 0", show(n_months)))
        start = first_year * 12 + first_month - 1
        last = (start + max(n_months, 1) - 1) // 12
        if first_year < self.first_year or last > self.last_year:
            rule = f"lie between {self.first_year}-01 and {self.last_year}-12, the years of the calendar"
            got = f"{n_months} month(s) from {first_year}-{first_month:02d}"
            remedy = "Simulate fewer months, or extend data/calendar.csv."
            raise InputError(sentence("months", rule, got, remedy=remedy))
        free = {day for span in self.spans if span.kind != "ramadan" for day in span.days()}
        fasting = {day for span in self.spans if span.kind == "ramadan" for day in span.days()}
        return [_month(*divmod(n, 12), free, fasting) for n in range(start, start + n_months)]


def _month(year: int, index: int, free: set[date], fasting: set[date]) -> MonthDays:
    """Return the working days of the month at `index` (0 to 11)."""
    first = date(year, index + 1, 1)
    dates = [d for n in range(31) if (d := first + timedelta(n)).month == first.month]
    work = [d for d in dates if d.weekday() < 5 and d not in free]
    factor = RAMADAN_WEEK_HOURS / WEEK_HOURS
    return MonthDays(
        year,
        index + 1,
        np.array([d.weekday() for d in work], dtype=np.int64),
        np.array([factor if d in fasting else 1.0 for d in work], dtype=np.float64),
    )


@lru_cache(maxsize=1)
def load_calendar() -> Calendar:
    """Return the shipped calendar."""
    return read_calendar(data_file("calendar.csv"))


def read_calendar(path: PathLike) -> Calendar:
    """Return the calendar that a CSV file in the columns `COLUMNS` holds.

    Raises
    ------
    InputError
        If the file cannot be read, holds no rows, or a row breaks a rule.
    """
    label = label_of(path)
    spans = [_parse_span(cells, f"in {label} line {line}") for line, cells in read_rows(path, COLUMNS)]
    if not spans:
        raise InputError(sentence(label, "hold at least one row", "none"))
    return Calendar(tuple(sorted(spans, key=lambda s: (s.first, s.last, s.kind))))


def _parse_span(cells: dict[str, str], where: str) -> Span:
    ends = []
    for column in ("first", "last"):
        try:
            ends.append(date.fromisoformat(cells[column]))
        except ValueError:
            raise InputError(sentence(column, "be a date like 2026-08-17", show(cells[column]), where)) from None
    if not ends[0] <= ends[1] <= ends[0] + timedelta(31):
        rule = f"be within 31 days from first ({ends[0]})"
        raise InputError(sentence("last", rule, str(ends[1]), where))
    for column, choices in (("kind", KINDS), ("grade", GRADES)):
        if cells[column] not in choices:
            raise InputError(sentence(column, f"be one of {', '.join(choices)}", show(cells[column]), where))
    for column in ("name_id", "name_en", "source"):
        if not cells[column].strip():
            raise InputError(sentence(column, "be given", "nothing", where))
    kind = cast(Literal["national", "collective", "ramadan"], cells["kind"])
    name = Text(id=cells["name_id"], en=cells["name_en"])
    return Span(ends[0], ends[1], kind, name, cells["source"], cast(Grade, cells["grade"]))
