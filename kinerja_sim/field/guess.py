"""Propose a mapping for a file that nobody has described: from its headers, its cells, and how columns agree.

Every line of the proposal says how sure it is and why, for a person to read; nothing is
imported on a guess. No cell is shown unless it is one of the known words or a short code
that occurs often, and no header with anything in it but known words: else positions stand
for columns. Left out: elements of a survey that are numbered, since offices number them
differently, and values that are not known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, NoReturn

import numpy as np

from kinerja_sim.field import values, words
from kinerja_sim.field.columns import Column, beyond_12, has_clock, has_decimal_comma, proposed, read_sample
from kinerja_sim.field.tables import Kind
from kinerja_sim.field.targets import AS_WRITTEN, SECONDS
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.files import PathLike
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.schema import ELEMENTS

USUAL = {("encoding", "utf-8"), ("separator", ",")}
OFFICE_ZONES = {"+07:00": "WIB", "+08:00": "WITA", "+09:00": "WIT"}


@dataclass(frozen=True)
class Proposal:
    """One line of a proposed mapping: `sure` is sure, likely or unsure; `why` a code, with its numbers."""

    target: str
    value: Mapping[str, Any] | str
    sure: str
    why: str
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Guess:
    """A proposed mapping, and what was not proposed."""

    kind: Kind
    file: Mapping[str, Any]
    time_zone: Proposal
    columns: tuple[Proposal, ...]
    unused: tuple[int, ...]  # positions of columns that nothing was made of, 1 for the first
    unlisted: Mapping[str, int]  # from a target to how many of its values are not proposed
    rows: int
    answers: Mapping[str, int]  # words of a survey, and what they count


def guess_mapping(path: PathLike) -> Guess:
    """Return a proposed mapping for a file.

    Raises
    ------
    InputError
        If the file cannot be read, or holds nothing that looks like what its kind needs.
    """
    rows, header_row, sample = read_sample(path)
    file: dict[str, Any] = {name: value for name, value in rows.facts.items() if (name, value) not in USUAL}
    if header_row > 1:
        file["header_row"] = header_row
    if has_decimal_comma(sample):
        file["decimal"] = ","
    return _Guesser(sample, rows.label).guess(file)


class _Guesser:
    """The columns of a file, taken one by one for the targets of its kind."""

    def __init__(self, columns: list[Column], label: str) -> None:
        self.columns, self.label = columns, label
        self.free = list(columns)
        self.made: list[Proposal] = []
        self.unlisted: dict[str, int] = {}
        self.answers: dict[str, int] = {}
        self.people = {
            token
            for c in columns if re.fullmatch(words.PERSON, c.words)
            for text in c.counts for token in re.findall(r"[^\W_]{3,}", text.casefold())
        }  # fmt: skip

    def guess(self, file: Mapping[str, Any]) -> Guess:
        """Return the proposal."""
        kind = self.kind()
        getattr(self, kind)()
        order = {name: n for n, name in enumerate(("case_id", "unit", "arrived", "started", "finished", "left"))}
        made = sorted(self.made, key=lambda p: order.get(p.target, len(order)))
        unused = tuple(c.place + 1 for c in self.free)
        rows = len(self.columns[0].cells) if self.columns else 0
        return Guess(kind, file, self.zone(), tuple(made), unused, self.unlisted, rows, self.answers)

    def kind(self) -> Kind:
        """Return what the file most likely is."""
        elements = sum(any(c.says(e) for e in ELEMENTS if e != "time") and not c.format for c in self.columns)
        if elements >= 3:
            return "survey"
        if any(re.fullmatch(words.NUMBERED_ELEMENT, c.words) for c in self.columns):
            rule, remedy = (
                "name the elements of the survey",
                "Offices number them differently: write the mapping by hand.",
            )
            raise InputError(sentence("headers", rule, "numbers such as U1", f"in {self.label}", remedy))
        timed = [c for c in self.columns if c.format or c.is_clock]
        if any(c.says_exactly("activity") and not c.format for c in self.columns) and timed:
            return "events"
        if any(c.says("first_response") for c in timed) or any(c.says("complaints") for c in self.columns):
            return "complaints"
        if any(c.says("role") for c in self.columns) and not any(c.says("arrived") for c in timed):
            return "staff"
        return "cases"

    # --- what each kind needs

    def cases(self) -> None:
        """Propose the targets of a queue log."""
        clocks = [c for c in self.free if c.is_clock]
        dates = [c for c in self.free if c.format and not has_clock(c)]
        arrived = self.moment("arrived", clocks, dates)
        if arrived is None:
            self.missing("a column with the time of arrival")
        started = self.lasting("started", "wait", "arrived") or self.moment("started", clocks, dates)
        finished = self.lasting("finished", "duration", "started") if started else None
        finished = finished or self.moment("finished", clocks, dates)
        self.category("outcome", words.OUTCOMES)
        if finished is not None and all(p.target != "outcome" for p in self.made):
            self.made.append(Proposal("outcome", {"constant": "served"}, "unsure", "all_served"))
        if started is not None and started.value != "" and "after" in started.value:
            self.made.append(Proposal("left", started.value, started.sure, "as_waited"))
        self.person("officer")
        self.number("priority")
        self.category("channel", words.CHANNELS)
        self.unit(with_service=True)
        self.case_id()

    def events(self) -> None:
        """Propose the targets of an event log."""
        activity = self.take("activity", lambda c: not c.format and not c.is_clock)
        time = self.moment(
            "time", [c for c in self.free if c.is_clock], [c for c in self.free if c.format and not has_clock(c)]
        )
        if activity is None or time is None:
            self.missing("an activity and its time")
        kept = self.proposed(activity, "activity", {}, words.ACTIVITIES)
        if not kept:
            self.missing("an activity in known words")
        self.add("activity", {"column": activity.name, "values": {t: t for t in kept}}, activity, "activity")
        self.person("officer")
        self.category("lifecycle", words.LIFECYCLES)
        self.category("channel", words.CHANNELS)
        self.unit(with_service=False)
        self.case_id()

    def survey(self) -> None:
        """Propose the targets of a satisfaction survey."""
        self.moment("answered_on", [], [c for c in self.free if c.format])
        for element in ELEMENTS:
            role = "survey_time" if element == "time" else element
            column = self.take(role, lambda c: c.is_number or len(c.counts) <= 8)
            if column is not None:
                self.add(element, column.name, column, role)
                self.in_words(element, column)
        self.person("officer")
        self.category("channel", words.CHANNELS)
        self.unit(with_service=False)

    def in_words(self, element: str, column: Column) -> None:
        """Propose what the words of a column of answers count; those not known are noted."""
        texts = [] if column.is_number else list(column.counts)
        plain = [re.sub(r"^[a-d1-4] ", "", re.sub(r"[^a-z0-9]+", " ", text.casefold()).strip()) for text in texts]
        known = {text: words.ANSWERS[p] for text, p in zip(texts, plain, strict=True) if p in words.ANSWERS}
        self.answers |= known
        if len(known) < len(texts):
            self.unlisted[element] = len(texts) - len(known)

    def complaints(self) -> None:
        """Propose the targets of an extract of complaints."""
        dates = [c for c in self.free if c.format and not has_clock(c)]
        if self.moment("arrived", [], dates) is None:
            self.missing("a column with the time of arrival")
        self.moment("first_response", [], dates)
        self.moment("closed", [], dates)
        self.category("outcome", words.CLOSINGS)
        self.unit(with_service=False)
        self.case_id()

    def staff(self) -> None:
        """Propose the targets of a staff list."""
        self.person("officer")
        if not self.made:
            self.missing("a column that tells officers apart")
        for name in ("from", "until"):
            self.moment(name, [], [c for c in self.free if c.format])
        self.number("full_time_share")
        self.category("role", {}, words.SERVICES)
        self.unit(with_service=False)

    # --- one target at a time

    def take(self, role: str, test: Callable[[Column], bool]) -> Column | None:
        """Return the first free column whose header names `role` and whose cells pass `test`; exact names first."""
        fitting = [c for c in self.free if c.counts and c.says(role) and test(c)]
        fitting.sort(key=lambda c: not c.says_exactly(role))
        if not fitting:
            return None
        self.free.remove(fitting[0])
        return fitting[0]

    def add(self, target: str, value: Any, column: Column, role: str, why: str = "header") -> Proposal:
        made = Proposal(target, value, "sure" if column.says_exactly(role) else "likely", why)
        self.made.append(made)
        return made

    def moment(self, target: str, clocks: Sequence[Column], dates: Sequence[Column]) -> Proposal | None:
        """Propose a moment: a column with both parts, else a clock column with the file's date."""
        column = self.take(target, lambda c: c.format is not None and (has_clock(c) or c not in dates))
        column = column or self.take(target, lambda c: c in clocks and bool(dates))
        column = column or self.take(target, lambda c: c.format is not None)
        if column is None:
            return None
        if column.format:
            value: Any = column.name if column.format == "iso" else {"column": column.name, "format": column.format}
            why = "day_first" if re.match("%d[/.-]%m", column.format) and not beyond_12(column) else "header"
            return self.add(target, value, column, target, why)
        date = next((c for c in dates if c.says("date")), dates[0])
        value = {"date": date.name, "clock": column.name, "format": date.format}
        if date in self.free:
            self.free.remove(date)
        if target == "arrived" and clocks[0] is not column:
            value["clock_of_date"] = clocks[0].name
        zero = next((t for t in column.counts if re.fullmatch(r"0?0[:.]00([:.]00)?", t)), None)
        if zero is not None and column.counts[zero] > 0.02 * len(column.cells):
            value["empty"] = zero
        return self.add(target, value, column, target, "clock")

    def lasting(self, target: str, role: str, after: str) -> Proposal | None:
        """Propose a moment so long after another one, its unit checked against clock columns."""
        column = self.take(role, lambda c: c.is_number)
        if column is None:
            return None
        value = {"after": after, "duration": column.name}
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
        column = self.take(target, lambda c: not c.format and not c.is_clock)
        if column is None:
            return
        empty = [t for t in column.counts if t.upper().replace(" ", "_") in words.NOBODY]
        self.add(target, {"column": column.name, "empty": empty} if empty else column.name, column, target)

    def number(self, target: str) -> None:
        column = self.take(target, lambda c: c.is_number)
        if column is not None:
            self.add(target, column.name, column, target)

    def unit(self, *, with_service: bool) -> None:
        """Propose the unit: by a column, unless the same officers work across its values; then it is one office."""
        column = self.take("service", lambda c: not c.format and not c.is_number and 1 < len(c.counts) <= 50)
        kept: dict[str, str] = {}
        if column is not None:
            kept = self.proposed(column, "unit", {}, words.SERVICES)
        if column is None or not kept:
            self.made.append(Proposal("unit", {"constant": "office"}, "unsure", "one_office"))
            if column is not None:
                self.free.append(column)
            return
        officers = next((c for c in self.columns if c.says("officer") and c not in self.free and c is not column), None)
        if officers is not None and _shared(officers, column):
            self.made.append(Proposal("unit", {"constant": "office"}, "likely", "shared_officers"))
            if with_service:
                self.unlisted = {("service" if k == "unit" else k): n for k, n in self.unlisted.items()}
                self.add("service", {"column": column.name, "values": kept}, column, "service")
            else:
                self.free.append(column)
        else:
            self.add("unit", {"column": column.name, "values": kept}, column, "service")

    def case_id(self) -> None:
        """Propose the column, or the two columns, that tell cases apart."""
        column = self.take("case_id", lambda c: True)
        if column is None:
            return
        n = len(column.cells)
        once = sum(column.counts.values()) >= 0.99 * n
        if any(p.target == "activity" for p in self.made) or (once and len(column.counts) >= 0.999 * n):
            self.add("case_id", column.name, column, "case_id")
            return
        for other in self.free:
            if not other.is_number and len(set(zip(column.cells, other.cells, strict=True))) == n:
                self.free.remove(other)
                self.made.append(Proposal("case_id", {"column": [other.name, column.name]}, "likely", "two_columns"))
                return
        self.made.append(Proposal("case_id", column.name, "unsure", "repeated"))

    def zone(self) -> Proposal:
        """Propose the office's time zone from the offsets that times carry."""
        offsets = set()
        for column in self.columns:
            if column.format:
                offsets |= {m[1] for t in column.tried if (m := re.search(r"\d([+-]\d\d:\d\d|Z)$", t))}
        if not offsets:
            return Proposal("time_zone", "WIB", "unsure", "no_offset")
        if len(offsets) == 1:
            only = OFFICE_ZONES.get(next(iter(offsets)))
            return Proposal("time_zone", only or AS_WRITTEN, "sure" if only else "unsure", "one_offset")
        return Proposal("time_zone", AS_WRITTEN, "likely", "several_offsets", {"n": len(offsets)})

    def missing(self, what: str) -> NoReturn:
        remedy = "Describe the file in a mapping: see docs/data.md."
        raise InputError(sentence("columns", f"hold {what}", "none that is recognised", f"in {self.label}", remedy))


def _shared(officers: Column, services: Column) -> bool:
    """Return whether most rows belong to officers who work in more than one of the services."""
    work: dict[str, Counter[str]] = {}
    for officer, service in zip(officers.cells, services.cells, strict=True):
        if officer.strip().casefold() not in values.EMPTY:
            work.setdefault(officer, Counter())[service] += 1
    rows = sum(sum(c.values()) for c in work.values())
    across = sum(sum(c.values()) for c in work.values() if c.most_common(1)[0][1] < 0.95 * sum(c.values()))
    return across > rows / 2
