"""The mapping file: which column of a user's file is what, and how its cells are to be read.

A text column is kept only where the file lists the values that may pass (`values`): what
is not listed becomes `other`, so nothing that somebody typed into a cell can travel on.
Columns are named by their header or by position (`'#4'`), and neither a header nor a cell
of the file is ever printed or written into a manifest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from kinerja_sim.field.tables import CHOICES, KINDS, Kind
from kinerja_sim.field.targets import (
    AS_WRITTEN,
    IGNORE,
    Activity,
    CaseColumns,
    Category,
    Columns,
    ComplaintColumns,
    EventColumns,
    Id,
    StaffColumns,
    SurveyColumns,
    Target,
    When,
    Zone,
)
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import Frozen
from kinerja_sim.know.files import PathLike
from kinerja_sim.know.messages import Breach, did_you_mean, nearest, sentence, show
from kinerja_sim.know.yamlfile import Document, read_yaml, validate_document


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
    def _one_clock(self) -> FieldMapping:
        if self.written_in is not None and AS_WRITTEN in (self.written_in, self.time_zone):
            rule, remedy = "be left out where times stay as written", "Name the office's zone in `time_zone`."
            raise Breach(rule, show(self.written_in), remedy, at=("written_in",))
        return self

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
