"""Event logs in XES (IEEE 1849), plain or gzipped, read streaming as the columns of process mining.

An attribute of a trace becomes the column `case:<key>`, one of an event `<key>`, as other
tools write them to CSV; so one mapping reads both. Document type definitions are refused,
and with them every entity bomb. Left out: nested attributes, lists and extensions' own
rules; columns are those of the first events and of the log's declared globals.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any

from kinerja_sim.field.rows import CHUNK, MAX_CELL, MAX_LINE, Chunk, Rows, check_header, too_long
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.extras import need
from kinerja_sim.know.messages import printable, sentence

FIRST = 10_000  # events whose attributes decide the columns
VALUED = {"string", "date", "int", "float", "boolean", "id"}
Event = tuple[dict[str, str], dict[str, str]]  # of the trace, of the event


def xes_rows(stream: io.BufferedIOBase, label: str, tell: Callable[[], None]) -> Rows:
    """Return the events of an XES log as rows, numbered in the order of the document.

    Raises
    ------
    InputError
        If the document is not well-formed, holds a document type definition or no events.
    """
    declared: dict[str, None] = {}
    events = _events(stream, label, declared)
    first = list(islice(events, FIRST))
    for case, event in first:
        declared.update(dict.fromkeys([f"case:{key}" for key in case] + list(event)))
    if not first:
        raise InputError(sentence(label, "be an event log", "no events"))
    header = check_header(list(declared), label)
    return Rows(label, "xes", header, _chunks(chain(first, events), header, tell), {})


def _chunks(events: Iterator[Event], header: list[str], tell: Callable[[], None]) -> Iterator[Chunk]:
    at = 0
    while batch := list(islice(events, CHUNK)):
        columns = []
        for name in header:
            of_case, key = name.startswith("case:"), name.removeprefix("case:")
            columns.append([(case if of_case else event).get(key if of_case else name, "") for case, event in batch])
        yield Chunk(list(range(at + 1, at + len(batch) + 1)), list(columns), [])
        at += len(batch)
        tell()


class _Fed:
    """A stream that is refused once `MAX_LINE` bytes hold no tag: a parser would read such a cell again and again."""

    def __init__(self, stream: io.BufferedIOBase, label: str) -> None:
        self._stream, self._label = stream, label
        self.since_tag, self.count = 0, 0

    def read(self, n: int) -> bytes:
        self.since_tag += n
        if self.since_tag > MAX_LINE:
            raise too_long(self._label, self.count + 1)
        return self._stream.read(n)


def _events(stream: io.BufferedIOBase, label: str, declared: dict[str, None]) -> Iterator[Event]:
    """Yield the attributes of every event with those of its trace; fill `declared` with the globals' columns."""
    from xml.etree.ElementTree import ParseError

    need("field", "defusedxml")
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    path: list[Any] = []
    case: dict[str, str] = {}
    fed, count = _Fed(stream, label), 0
    try:
        for moment, element in iterparse(fed, events=("start", "end"), forbid_dtd=True):
            fed.since_tag = 0
            if moment == "start":
                path.append(element)
                if len(path) > 50:
                    raise InputError(sentence(label, "nest at most 50 levels", "more"))
                if len(path) == 1 and _name(element) != "log":
                    raise InputError(sentence(label, "be an XES event log", "another kind of XML"))
                continue
            path.pop()
            name = _name(element)
            if name == "event":
                count = fed.count = count + 1
                event = _attributes(element, label, count)
                if not path or _name(path[-1]) != "trace":
                    raise InputError(sentence(label, "hold its events in traces", "one outside", f"at event {count}"))
                case.update(_attributes(path[-1], label, count))
                yield case, event
                path[-1].clear()
            elif name == "trace":
                case = {}
            elif name == "global" and element.get("scope") in ("trace", "event"):
                prefix = "case:" if element.get("scope") == "trace" else ""
                declared.update(dict.fromkeys(prefix + key for key in _attributes(element, label, count)))
            if len(path) == 1:
                path[0].clear()  # what was read of the log is not kept
    except ParseError as error:
        line = error.position[0] if error.position else 0
        got, where = printable(str(error).split(":")[0]), f"in line {line}"
        raise InputError(sentence(label, "be whole, well-formed XML", got, where, "Export it again.")) from None
    except DefusedXmlException:
        rule, got = "hold no document type definition", "one"
        raise InputError(sentence(label, rule, got, remedy="Export it again as plain XES.")) from None
    except (LookupError, UnicodeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(sentence(label, "be XML in an encoding it names", "other bytes")) from None


def _attributes(element: Any, label: str, count: int) -> dict[str, str]:
    found = {}
    for child in element:
        if _name(child) in VALUED:
            key, value = child.get("key", ""), child.get("value", "")
            if len(key) > MAX_CELL or len(value) > MAX_CELL:
                raise too_long(label, count)
            found[key] = value
    return found


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
