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
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kinerja_sim.field import values, words
from kinerja_sim.field.columns import Column, has_clock, has_decimal_comma, read_sample
from kinerja_sim.field.proposals import Proposal, Proposer
from kinerja_sim.field.tables import Kind
from kinerja_sim.field.targets import AS_WRITTEN
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.files import PathLike
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.schema import ELEMENTS

USUAL = {("encoding", "utf-8"), ("separator", ",")}
OFFICE_ZONES = {"+07:00": "WIB", "+08:00": "WITA", "+09:00": "WIT"}


@dataclass(frozen=True)
class Guess:
    """A proposed mapping, and what was not proposed."""

    kind: Kind
    file: Mapping[str, Any]
    time_zone: Proposal
    columns: tuple[Proposal, ...]
    unused: tuple[str, ...]  # columns that nothing was made of
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


class _Guesser(Proposer):
    """A mapping's targets, by what each kind needs."""

    def guess(self, file: Mapping[str, Any]) -> Guess:
        """Return the proposal."""
        kind = self.kind()
        getattr(self, kind)()
        order = {name: n for n, name in enumerate(("case_id", "unit", "arrived", "started", "finished", "left"))}
        made = sorted(self.made, key=lambda p: order.get(p.target, len(order)))
        unused = tuple(c.name for c in sorted(self.free, key=lambda c: c.place))
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
        arrived = self.moment("arrived", clocks, dates) or self.moment("arrived", clocks, dates, "moment")
        if arrived is None:
            self.missing("a column with the time of arrival")
        started = self.lasting("started", "wait", "arrived") or self.moment("started", clocks, dates)
        started = started or self.lasting("started", "wait", "arrived", by_clock=True)
        finished = self.lasting("finished", "duration", "started") if started else None
        finished = finished or self.moment("finished", clocks, dates)
        if started and finished is None:
            finished = self.lasting("finished", "duration", "started", by_clock=True)
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

    def unit(self, *, with_service: bool) -> None:
        """Propose the unit: by a column, unless the same officers work across its values; then it is one office."""
        column = self.take("service", lambda c: not c.format and not c.is_number and 1 < len(c.counts) <= 50)
        kept = self.proposed(column, "unit", {}, words.SERVICES) if column is not None else {}
        shared = column is not None and bool(kept) and self.officers is not None and _shared(self.officers, column)
        if column is not None and kept and not shared:
            self.add("unit", {"column": column.name, "values": kept}, column, "service")
            return
        others = self.unlisted.pop("unit", 0)
        if column is not None and shared and with_service:
            self.add("service", {"column": column.name, "values": kept}, column, "service")
            self.unlisted |= {"service": others} if others else {}
        elif column is not None:
            self.free.append(column)
        self.one_office("shared_officers" if shared else "one_office")

    def one_office(self, why: str) -> None:
        """Propose one unit for all rows: named by a column of a single value, else to be named by the user."""
        single = self.take("service", lambda c: not c.format and not c.is_number and len(c.counts) == 1)
        kept = self.proposed(single, "unit", {}, words.SERVICES) if single is not None else {}
        if single is not None and kept:
            self.add("unit", {"column": single.name, "values": kept}, single, "service", "one_value")
            return
        self.unlisted.pop("unit", None)
        if single is not None:
            self.free.append(single)
            why = "one_value_not_shown"
        sure = "likely" if why == "shared_officers" else "unsure"
        self.made.append(Proposal("unit", {"constant": "office"}, sure, why))

    def case_id(self) -> None:
        """Propose the column, or the two columns, that tell cases apart: with the day where numbers begin anew."""
        column = self.take("case_id", lambda c: not c.format and not c.is_clock)
        if column is None:
            return
        n = len(column.cells)
        once = sum(column.counts.values()) >= 0.99 * n
        if any(p.target == "activity" for p in self.made) or (once and len(column.counts) >= 0.999 * n):
            self.add("case_id", column.name, column, "case_id")
            return
        arrived = [p.value for p in self.made if p.target == "arrived"]
        days = {str(v.get("date", v.get("column")) if isinstance(v, Mapping) else v) for v in arrived}
        free = [c for c in self.free if len(c.counts) < n / 2 and not re.fullmatch(words.PERSON, c.words)]
        for other in [*(c for c in self.columns if c.name in days), *(c for c in free if not c.is_number)]:
            pairs = {pair for pair in zip(column.cells, other.cells, strict=True) if all(pair)}
            if len(pairs) >= 0.999 * sum(map(bool, column.cells)):
                self.free = [c for c in self.free if c is not other]
                self.made.append(Proposal("case_id", {"column": [other.name, column.name]}, "likely", "two_columns"))
                return
        self.made.append(Proposal("case_id", column.name, "unsure", "repeated"))

    def zone(self) -> Proposal:
        """Propose the office's time zone from the offsets that times carry, or from what their headers say."""
        offsets = set()
        for column in self.columns:
            if column.format:
                offsets |= {m[1] for t in column.tried if (m := re.search(r"\d ?([+-]\d\d:\d\d|Z|WIB|WITA?)$", t))}
        named = {z for c in self.columns for z in OFFICE_ZONES.values() if z.casefold() in c.words.split()}
        if not offsets:
            if len(named) == 1:
                return Proposal("time_zone", named.pop(), "sure", "named_zone")
            return Proposal("time_zone", "WIB", "unsure", "no_offset")
        if len(offsets) == 1:
            offset = offsets.pop()
            only = offset if offset in OFFICE_ZONES.values() else OFFICE_ZONES.get(offset)
            return Proposal("time_zone", only or AS_WRITTEN, "sure" if only else "unsure", "one_offset")
        return Proposal("time_zone", AS_WRITTEN, "likely", "several_offsets", {"n": len(offsets)})


def _shared(officers: Column, services: Column) -> bool:
    """Return whether most rows belong to officers who work in more than one of the services."""
    work: dict[str, Counter[str]] = {}
    for officer, service in zip(officers.cells, services.cells, strict=True):
        if officer.strip().casefold() not in values.EMPTY:
            work.setdefault(officer, Counter())[service] += 1
    rows = sum(sum(c.values()) for c in work.values())
    across = sum(sum(c.values()) for c in work.values() if c.most_common(1)[0][1] < 0.95 * sum(c.values()))
    return across > rows / 2
