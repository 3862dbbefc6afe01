"""What a mapping file may say of one column: a moment, an identifier, a category, a number, an answer.

Each kind of table has its own class of targets. A category keeps only the values that it
lists, and an activity's name may hold nothing that a spreadsheet would compute. Left out:
free text, names and citizens' identifiers, for which there is no target.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from kinerja_sim.know.fields import Frozen, Slug
from kinerja_sim.know.messages import Breach, did_you_mean, show
from kinerja_sim.know.schema import ELEMENTS

ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
AS_WRITTEN = "as-written"
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
IGNORE = "ignore"
"""An outcome whose rows are left out, and counted."""
Header = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[tuple[str, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)]


def _check_zone(name: str) -> str:
    from zoneinfo import ZoneInfo, available_timezones

    if name in ZONES or name == AS_WRITTEN:
        return name
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        remedy = did_you_mean(name, [*ZONES, *available_timezones()])
        rule = f"be WIB, WITA, WIT, a zone like Asia/Jakarta, or {AS_WRITTEN}"
        raise Breach(rule, show(name), remedy) from None
    return name


def _check_activity(text: str) -> str:
    """Return a name of an activity: it may hold blanks, and nothing that a spreadsheet would compute."""
    if not re.fullmatch(r"[^\W_][\w .,:/()&-]{0,79}", text):
        rule = "start with a letter or digit and hold at most 80 letters, digits, blanks and . , : / ( ) & -"
        raise Breach(rule, show(text))
    return text


Zone = Annotated[str, AfterValidator(_check_zone)]
Label = Annotated[str, AfterValidator(_check_activity)]


def _short(name: str) -> BeforeValidator:
    """Let a block with one line be written as that line's value."""
    return BeforeValidator(lambda value: {name: value} if isinstance(value, str) else value)


class Id(Frozen):
    """Columns that together identify something; only a keyed hash of them is kept."""

    column: Words
    empty: Words = ()  # texts that mean 'nobody', besides an empty cell


class When(Frozen):
    """A moment: in one column, in a date and a clock column, or so long after another moment."""

    column: Header | None = None
    date: Header | None = None
    clock: Header | None = None
    clock_of_date: Header | None = None  # the clock time to which `date` belongs, where it is not this one
    after: Literal["arrived", "started"] | None = None
    duration: Header | None = None
    unit: Literal["seconds", "minutes", "hours", "days", "clock"] = "seconds"
    format: Words = ("iso",)
    empty: Words = ()

    @model_validator(mode="after")
    def _one_way(self) -> When:
        ways = [self.column is not None, self.date is not None, self.after is not None]
        whole = self.after is None or self.duration is not None
        if sum(ways) != 1 or not whole or (self.clock is not None and self.date is None):
            rule = "be `column`, or `date` with `clock`, or `after` with `duration`"
            raise Breach(rule, "another combination")
        for text in self.format:
            if text != "iso" and "%" not in text:
                raise Breach("be iso or hold codes such as %d/%m/%Y", show(text), at=("format",))
        return self


class Category(Frozen):
    """A column of which only the listed values pass, or one value for the whole file."""

    column: Header | None = None
    values: Mapping[str, Slug] = Field(default_factory=dict)
    constant: Slug | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Category:
        if (self.column is None) == (self.constant is None):
            raise Breach("be `column` with `values`, or `constant`", "both or neither")
        if self.column is not None and not self.values:
            remedy = "List the values that may pass: text in the file, colon, short name."
            raise Breach("be given for a column", "none", remedy, at=("values",), name="values")
        return self


class Activity(Frozen):
    """The column of an event log that says what was done."""

    column: Header
    values: Mapping[str, Label] = Field(min_length=1)


class Numeric(Frozen):
    """A column of numbers."""

    column: Header
    empty: Words = ()


class Answer(Frozen):
    """A column of answers to one question: 1 to 4, or words that stand for them."""

    column: Header


IdColumn = Annotated[Id, _short("column")]
WhenColumn = Annotated[When, _short("column")]
NumericColumn = Annotated[Numeric, _short("column")]
AnswerColumn = Annotated[Answer, _short("column")]
Unit = Annotated[Category, _short("constant")]


class Columns(Frozen):
    """Base of the targets of each kind."""

    unit: Unit


class CaseColumns(Columns):
    """Targets of a queue or ticket log: one row a visit."""

    case_id: IdColumn | None = None
    arrived: WhenColumn
    started: WhenColumn | None = None
    finished: WhenColumn | None = None
    left: WhenColumn | None = None  # of the abandoned, whose `started` and `finished` are then not read
    outcome: Category | None = None
    officer: IdColumn | None = None
    priority: NumericColumn | None = None
    channel: Category | None = None
    service: Category | None = None


class EventColumns(Columns):
    """Targets of an event log: one row an activity."""

    case_id: IdColumn
    activity: Activity
    time: WhenColumn
    officer: IdColumn | None = None
    lifecycle: Category | None = None
    channel: Category | None = None


class SurveyColumns(Columns):
    """Targets of a satisfaction survey: one row a respondent, elements by name."""

    officer: IdColumn | None = None
    answered_on: WhenColumn | None = None
    channel: Category | None = None
    requirements: AnswerColumn | None = None
    procedure: AnswerColumn | None = None
    time: AnswerColumn | None = None
    cost: AnswerColumn | None = None
    product: AnswerColumn | None = None
    competence: AnswerColumn | None = None
    behaviour: AnswerColumn | None = None
    facilities: AnswerColumn | None = None
    complaints: AnswerColumn | None = None

    @model_validator(mode="after")
    def _some(self) -> SurveyColumns:
        if all(getattr(self, name) is None for name in ELEMENTS):
            raise Breach("hold at least one element", "none", f"Elements: {', '.join(ELEMENTS)}.")
        return self


class ComplaintColumns(Columns):
    """Targets of an extract of complaints: one row a complaint."""

    case_id: IdColumn | None = None
    arrived: WhenColumn
    first_response: WhenColumn | None = None
    closed: WhenColumn | None = None
    outcome: Category | None = None


class StaffColumns(Columns):
    """Targets of a staff list: one row a spell of an officer in a unit."""

    officer: IdColumn
    role: Category | None = None
    from_: WhenColumn | None = Field(default=None, alias="from")
    until: WhenColumn | None = None
    full_time_share: NumericColumn | None = None


Target = Id | When | Category | Activity | Numeric | Answer
