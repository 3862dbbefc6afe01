"""The mapping file: which column of a user's file is what, and how its cells are to be read.

A text column is kept only where the file lists the values that may pass (`values`): what
is not listed becomes `other`, so nothing that somebody typed into a cell can travel on.
Columns are named by their header or by position (`'#4'`). Left out: free text, names and
citizens' identifiers, for which there is no target to map them to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from kinerja_sim.field.tables import CHOICES, KINDS, Kind
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import Frozen, Slug
from kinerja_sim.know.files import PathLike
from kinerja_sim.know.messages import Breach, did_you_mean, nearest, sentence, show
from kinerja_sim.know.schema import ELEMENTS
from kinerja_sim.know.yamlfile import Document, read_yaml, validate_document

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


class FileFormat(Frozen):
    """How the file is written; what is left out is found out from its first rows."""

    encoding: str | None = None
    separator: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal: Literal[".", ","] = "."
    header_row: Annotated[int, Field(ge=1, le=1000)] = 1
    sheet: str | None = None

    @model_validator(mode="after")
    def _known(self) -> FileFormat:
        import codecs

        try:
            codecs.lookup(self.encoding or "utf-8")
        except LookupError:
            remedy = "Such as utf-8, utf-16 or cp1252."
            raise Breach("be an encoding that Python knows", show(self.encoding), remedy, at=("encoding",)) from None
        return self


class FieldMapping(Frozen):
    """What a mapping file of any kind holds."""

    kind: Kind
    time_zone: Zone = "WIB"  # the office's clock; a time that carries its own offset is moved to it
    written_in: Zone | None = None  # the clock of times without offset, where that is another one
    file: FileFormat = FileFormat()
    columns: Columns
    answers: Mapping[str, Annotated[int, Field(ge=1, le=4)]] = Field(default_factory=dict)  # words of a survey

    @model_validator(mode="after")
    def _choices(self) -> FieldMapping:
        for name, target in targets(self).items():
            allowed = CHOICES.get((self.kind, name))
            if allowed is None or not isinstance(target, Category):
                continue
            given = {("columns", name, "values", text): value for text, value in target.values.items()}
            for at, value in (given | {("columns", name, "constant"): target.constant or IGNORE}).items():
                if value not in (*allowed, IGNORE):
                    rule = f"be one of {', '.join(allowed)}, {IGNORE}"
                    raise Breach(rule, show(value), did_you_mean(value, [*allowed, IGNORE]), at=at)
        return self


class CasesMapping(FieldMapping):
    """Mapping of a queue or ticket log."""

    columns: CaseColumns


class EventsMapping(FieldMapping):
    """Mapping of an event log."""

    columns: EventColumns


class SurveyMapping(FieldMapping):
    """Mapping of a satisfaction survey."""

    columns: SurveyColumns


class ComplaintsMapping(FieldMapping):
    """Mapping of an extract of complaints."""

    columns: ComplaintColumns


class StaffMapping(FieldMapping):
    """Mapping of a staff list."""

    columns: StaffColumns


Target = Id | When | Category | Activity | Numeric | Answer
MAPPINGS: dict[str, type[FieldMapping]] = {
    "cases": CasesMapping, "events": EventsMapping, "survey": SurveyMapping, "complaints": ComplaintsMapping,
    "staff": StaffMapping,
}  # fmt: skip


def load_mapping(path: PathLike) -> FieldMapping:
    """Return the mapping that a YAML file describes.

    Raises
    ------
    InputError
        If the file cannot be read or breaks a rule; one line for every breach, with file,
        line, rule, value and remedy.
    """
    return check_mapping(read_yaml(path))


def check_mapping(document: Document) -> FieldMapping:
    """Return the mapping of a document, checked as its `kind` demands."""
    kind = document.data.get("kind")
    if not isinstance(kind, str) or kind not in MAPPINGS:
        remedy = did_you_mean(kind, KINDS) if isinstance(kind, str) else ""
        raise InputError(
            sentence("kind", f"be one of {', '.join(KINDS)}", show(kind), document.where(("kind",)), remedy)
        )
    return validate_document(MAPPINGS[kind], document)


def targets(mapping: FieldMapping) -> dict[str, Target]:
    """Return the targets that a mapping fills, by the name of the table's column."""
    fields = type(mapping.columns).model_fields
    found = {field.alias or name: getattr(mapping.columns, name) for name, field in fields.items()}
    return {name: target for name, target in found.items() if target is not None}


def columns_of(target: Target) -> tuple[str, ...]:
    """Return the names of the file's columns that a target reads."""
    if isinstance(target, Id):
        return target.column
    names = (getattr(target, part, None) for part in ("column", "date", "clock", "clock_of_date", "duration"))
    return tuple(name for name in names if name is not None)


def find_column(name: str, header: Sequence[str], label: str) -> int:
    """Return the place of a column, 0 for the first, from its header or a position such as '#4'.

    Headers agree when they differ only in blanks around them and in capitals. No header is
    ever printed: people's names stand there, too.

    Raises
    ------
    InputError
        If there is none, or more than one, of that name.
    """
    position = re.fullmatch(r"#(\d{1,5})", name)
    if position and 1 <= int(position[1]) <= len(header):
        return int(position[1]) - 1
    known = [_folded(text) for text in header]
    places = [n for n, text in enumerate(known) if text == _folded(name)]
    if len(places) == 1:
        return places[0]
    near = nearest(_folded(name), known)
    remedy = f"Did you mean column '#{known.index(near) + 1}'?" if near and not places else "Name it by its position."
    got = f"{len(places)} of that name" if places else f"none of that name among {len(header)}"
    raise InputError(sentence(f"column {show(name)}", "be one of the file's columns", got, f"in {label}", remedy))


def describe(mapping: FieldMapping, places: Mapping[str, int]) -> dict[str, Any]:
    """Return a mapping as a manifest may show it: positions for headers, and no text of the file.

    Parameters
    ----------
    mapping : FieldMapping
    places : from the names of columns to their places, 0 for the first
    """
    columns: dict[str, Any] = {}
    for name, target in targets(mapping).items():
        entry: dict[str, Any] = {"columns": [places[c] + 1 for c in columns_of(target)]}
        if isinstance(target, When):
            entry |= {"after": target.after, "unit": target.unit} if target.after else {"format": list(target.format)}
        if isinstance(target, Category | Activity):
            entry["values"] = sorted(set(target.values.values()))
        columns[name] = entry
    return {
        "kind": mapping.kind,
        "time_zone": mapping.time_zone,
        "written_in": mapping.written_in,
        "file": {"header_row": mapping.file.header_row, "decimal": mapping.file.decimal},
        "columns": columns,
    }


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
