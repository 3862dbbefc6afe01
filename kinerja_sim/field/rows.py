"""A user's file as chunks of text: CSV, Excel and event logs, read streaming and without trusting them.

What a file is follows from its first bytes, not from its name. Every row keeps its
number, as a spreadsheet counts rows (in an event log: the number of the event), so that
whatever is left out later can be found again. Nothing here looks at what cells mean, and
no cell is ever printed. Left out: the old .xls, and files packed with anything but gzip.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.extras import need
from kinerja_sim.know.files import PathLike, check_file
from kinerja_sim.know.messages import sentence

if TYPE_CHECKING:
    from kinerja_sim.field.mapping import FileFormat

Progress = Callable[[int, int], None]
CHUNK = 50_000  # rows converted at once
MAX_CELL = 131_072  # characters; the limit of Python's csv, too
MAX_LINE = 1_000_000
MAX_COLUMNS = 2_000
SAMPLE = 262_144  # bytes looked at to find out how a file is written
MAX_PACKED_RATIO = 100  # real logs shrink 4 to 26 times, forty columns that say the same 80; workbooks less than 25
FREE_BYTES = 64 * 2**20  # unpacked bytes before that ratio counts: bare dates of one service shrink 350 times
SEPARATORS = ",;\t|"
USUAL = "cp1252"  # of Windows in Indonesia; taken where it is as likely as its many cousins


class NoHeaderError(InputError):
    """The row that should hold the header does not."""


@dataclass(frozen=True)
class Chunk:
    """Some rows: `columns[c][i]` is the cell of column c in the row numbered `numbers[i]`."""

    numbers: list[int]
    columns: list[Sequence[str]]
    broken: list[tuple[int, str]]  # rows that cannot be read, and why


@dataclass(frozen=True)
class Rows:
    """An open file: its header, and its rows as chunks."""

    label: str
    form: str  # csv, excel or xes
    header: list[str]
    chunks: Iterator[Chunk]
    facts: dict[str, str]  # how it is written, as a mapping file would say it


class Guard(io.RawIOBase):
    """The unpacked bytes of a gzip file; refuses one that grows beyond reason."""

    def __init__(self, packed: io.BufferedReader, size: int, label: str) -> None:
        self._packed, self._size, self._label, self._read = packed, size, label, 0
        self._unpacked = gzip.GzipFile(fileobj=packed)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into `buffer`; raises `InputError` on a bomb or a damaged file."""
        try:
            data = self._unpacked.read(len(buffer))
        except (OSError, EOFError, zlib.error):
            raise _broken(self._label, "be a whole gzip file", "a damaged or truncated one") from None
        self._read += len(data)
        if self._read > max(FREE_BYTES, MAX_PACKED_RATIO * self._size):
            got = f"more than {MAX_PACKED_RATIO} times its size"
            raise _broken(self._label, f"unpack to at most {MAX_PACKED_RATIO} times its size", got)
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def open_rows(path: PathLike, file: FileFormat, progress: Progress | None = None) -> Iterator[Rows]:
    """Give the header and the rows of a CSV file, an Excel workbook or an event log, and close it at the end.

    Parameters
    ----------
    path : a file that the user named
    file : how it is written; what it leaves out is found out from the first rows
    progress : called with bytes done and in all

    Raises
    ------
    InputError
        If it cannot be read, is none of these, is packed beyond reason, or has no header;
        while chunks are taken: if a row or cell is too long, or the file ends half-way.
    """
    label = check_file(path)
    size = Path(path).stat().st_size
    with Path(path).open("rb") as raw, ExitStack() as stack:
        head = raw.peek(8)[:8]
        if not head:
            raise _broken(label, "hold rows", "an empty file")
        if head.startswith(b"\xd0\xcf\x11\xe0"):
            raise _broken(label, "be CSV, .xlsx or XES", "an old .xls workbook", "Save it as .xlsx or CSV.")
        if head.startswith(b"PK"):
            from kinerja_sim.field.excel import excel_rows

            yield stack.enter_context(excel_rows(Path(path), label, file, progress))
            return
        stream: io.BufferedIOBase = raw
        if head.startswith(b"\x1f\x8b"):
            stream = stack.enter_context(io.BufferedReader(Guard(raw, size, label), SAMPLE))
        sample = _sample(stream)
        encoding = file.encoding or _encoding(sample, label)
        text = _decoded(sample, encoding, label)
        whole = stack.enter_context(io.BufferedReader(_Again(sample, stream), SAMPLE))

        def tell() -> None:
            if progress is not None:
                progress(raw.tell(), size)

        if text.lstrip("\ufeff \t\r\n").startswith("<"):
            from kinerja_sim.field.xes import xes_rows

            yield xes_rows(whole, label, tell)
            return
        separator = file.separator or _separator(text)
        lines = _Lines(stack.enter_context(io.TextIOWrapper(whole, encoding=encoding, newline="")), label)
        reader = csv.reader(lines, delimiter=separator, strict=True)
        header = _header(reader, file.header_row, label)
        below = _csv_rows(reader, lines, len(header), file.header_row, label)
        chunks = chunked(below, len(header), file.header_row, tell)
        yield Rows(label, "csv", header, chunks, {"encoding": encoding, "separator": separator})


def check_header(header: Sequence[str], label: str) -> list[str]:
    """Return a header without blanks around its cells and without empty cells at its end."""
    cells = [str(cell).strip() for cell in header]
    while cells and not cells[-1]:
        cells.pop()
    if not cells or len(cells) > MAX_COLUMNS:
        rule, remedy = f"have a header of 1 to {MAX_COLUMNS} columns", "Set `file.header_row`."
        raise NoHeaderError(sentence(label, rule, str(len(cells)), remedy=remedy))
    return cells


def fitted(cells: Sequence[str], n: int) -> Sequence[str] | None:
    """Return `cells` as exactly `n`: empty ones at the end are dropped; None where that cannot be."""
    if len(cells) > n and not any(cells[n:]):
        return cells[:n]
    return cells if len(cells) == n else None


def chunked(rows: Iterable[Sequence[str]], n: int, row: int, tell: Callable[[], None]) -> Iterator[Chunk]:
    """Yield rows of `n` cells as chunks, those that are empty or of another length noted; `row` is the header's."""
    numbers: list[int] = []
    kept: list[Sequence[str]] = []
    broken: list[tuple[int, str]] = []
    for number, cells in enumerate(rows, row + 1):
        fit = fitted(cells, n)
        if fit is not None and any(fit):
            numbers.append(number)
            kept.append(fit)
        else:
            broken.append((number, "wrong_number_of_cells" if any(cells) else "empty_row"))
        if len(kept) == CHUNK:
            yield Chunk(numbers, list(zip(*kept, strict=True)), broken)
            numbers, kept, broken = [], [], []
            tell()
    yield Chunk(numbers, list(zip(*kept, strict=True)) if kept else [()] * n, broken)
    tell()


def too_long(label: str, row: int) -> InputError:
    """Return the complaint about a cell that is longer than anything a log holds."""
    rule, remedy = f"hold at most {MAX_CELL} characters in a cell", "Is a quotation mark left open?"
    return InputError(sentence(label, rule, "a longer one", f"in row {row}", remedy))


def _broken(label: str, rule: str, got: str, remedy: str = "") -> InputError:
    return InputError(sentence(label, rule, got, remedy=remedy))


def _sample(stream: io.BufferedIOBase) -> bytes:
    parts, left = [], SAMPLE
    while left > 0 and (data := stream.read(left)):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)


class _Again(io.RawIOBase):
    """A stream whose first bytes were read already, from its start."""

    def __init__(self, first: bytes, rest: io.BufferedIOBase) -> None:
        self._first, self._rest = memoryview(first), rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._first[: len(buffer)] if self._first else self._rest.read(len(buffer))
        self._first = self._first[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


def _encoding(sample: bytes, label: str) -> str:
    """Return the encoding of a sample: by its byte order mark, UTF-8 where it fits, else the likeliest."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    ):  # fmt: skip
        if sample.startswith(mark):
            return name
    if b"\0" in sample:
        odd, even = sample[1::2].count(0), sample[::2].count(0)
        if max(odd, even) > 0.4 * len(sample) / 2 and min(odd, even) < 0.01 * len(sample):
            return "utf-16-le" if odd > even else "utf-16-be"
        raise _broken(label, "be CSV, .xlsx or XES", "binary data")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)  # a character cut off by the sample's end is fine
        return "utf-8"
    except UnicodeDecodeError:
        pass
    need("field", "charset_normalizer")
    from charset_normalizer import from_bytes

    found = from_bytes(sample)
    best = found.best()
    if best is None:
        raise _broken(label, "be CSV, .xlsx or XES", "binary data", "Set `file.encoding` if it is text.")
    return USUAL if any(USUAL in match.could_be_from_charset for match in found) else str(best.encoding)


def _decoded(sample: bytes, encoding: str, label: str) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(sample)
    except (UnicodeError, LookupError):
        raise _not_text(label, encoding, 1) from None


def _not_text(label: str, encoding: str, row: int) -> InputError:
    remedy = "Set `file.encoding`, or save the file as UTF-8."
    return InputError(sentence(label, f"be text in {encoding}", "other bytes", f"after row {row}", remedy))


def _separator(text: str) -> str:
    """Return the separator that gives most of the first lines the same number of cells, and more than one."""
    lines = text.splitlines()[:50]
    lines = lines[: max(1, len(lines) - 1)]
    best, score = SEPARATORS[0], (0.0, 0)
    for mark in SEPARATORS:
        try:
            counts = Counter(len(cells) for cells in csv.reader(lines, delimiter=mark) if cells)
        except csv.Error:
            continue
        cells, rows = max(counts.items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
        if cells > 1 and (rows / len(lines), cells) > score:
            best, score = mark, (rows / len(lines), cells)
    return best


class _Lines:
    """The lines of a text; one that is too long, not text or holds NUL is refused."""

    def __init__(self, stream: io.TextIOWrapper, label: str) -> None:
        self._stream, self._label, self._n = stream, label, 0
        self.ends_whole = True  # whether the last line ends with a line break

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        try:
            line = self._stream.readline(MAX_LINE)
        except UnicodeError:
            raise _not_text(self._label, self._stream.encoding, self._n) from None
        if not line:
            raise StopIteration
        self._n += 1
        if len(line) >= MAX_LINE:
            raise too_long(self._label, self._n)
        if "\0" in line:
            raise InputError(sentence(self._label, "be text", "binary data", f"in line {self._n}"))
        self.ends_whole = line[-1] in "\r\n"
        return line


def _next(reader: Iterator[list[str]], row: int, label: str) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        if "limit" in str(error):
            raise too_long(label, row) from None
        rule, remedy = "be a table with closed quotation marks", "Was the copy interrupted? Set `file.separator`."
        raise InputError(sentence(label, rule, "an open or misplaced one", f"in row {row}", remedy)) from None


def _header(reader: Iterator[list[str]], row: int, label: str) -> list[str]:
    cells: list[str] | None = []
    for number in range(1, row + 1):
        cells = _next(reader, number, label)
    return check_header(cells or [], label)


def _csv_rows(
    reader: Iterator[list[str]], lines: _Lines, n: int, row: int, label: str
) -> Iterator[Sequence[str]]:  # fmt: skip
    """Yield the rows below the header; raises `InputError` where the file ends within the last of them."""
    last: list[str] = []
    while (cells := _next(reader, row + 1, label)) is not None:
        row, last = row + 1, cells
        yield cells
    if any(last) and fitted(last, n) is None and not lines.ends_whole:
        rule, remedy = f"end with a whole row of {n} cells", "Was the copy interrupted? Else delete that row."
        raise InputError(sentence(label, rule, "part of one", f"in row {row}", remedy))
