"""Excel workbooks (.xlsx) as rows of text, read row by row; bombs and entities are refused first."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinerja_sim.field.rows import (
    CHUNK,
    FREE_BYTES,
    MAX_CELL,
    MAX_LINE,
    MAX_PACKED_RATIO,
    Progress,
    Rows,
    check_header,
    chunked,
    too_long,
)
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.extras import need
from kinerja_sim.know.messages import sentence, show

if TYPE_CHECKING:
    from kinerja_sim.field.mapping import FileFormat

MAX_PARTS = 10_000
MAX_STRINGS = 256 * 2**20  # bytes of the shared strings, which are held in memory


@contextmanager
def excel_rows(path: Path, label: str, file: FileFormat, progress: Progress | None) -> Iterator[Rows]:
    """Give the header and rows of one sheet: the one that `file` names, else the first.

    Raises
    ------
    InputError
        If the workbook is damaged, unpacks beyond reason, holds a document type definition,
        has no such sheet or no header there.
    """
    _check_package(path, label)
    need("field", "openpyxl")
    from openpyxl import load_workbook

    with path.open("rb") as stream, ExitStack() as stack:
        try:  # a stream, since openpyxl goes by a path's ending
            book = stack.enter_context(closing(load_workbook(stream, read_only=True, data_only=True, keep_links=False)))
        except Exception:  # damaged workbooks make openpyxl raise many kinds; none may reach the user
            remedy = "Save it again."
            raise InputError(sentence(label, "be an Excel workbook", "a damaged one", remedy=remedy)) from None
        names = book.sheetnames
        if file.sheet is not None and file.sheet not in names:
            rule, got, remedy = "be one of the workbook's", f"{len(names)} others", "Correct `file.sheet`."
            raise InputError(sentence(f"sheet {show(file.sheet)}", rule, got, f"in {label}", remedy))
        if not book.worksheets:
            raise InputError(sentence(label, "hold a sheet of rows", "none", remedy="Save it again."))
        sheet = book[file.sheet] if file.sheet else book.worksheets[0]
        sheet.reset_dimensions()  # a file may claim any size
        rows = _cells(_unmerged(sheet, label), label)
        header: list[str] = []
        for _ in range(file.header_row):
            header = next(rows, [])
        header = check_header(header, label)
        n, done = len(header), count(1)

        def tell() -> None:
            if progress is not None:  # how many rows there are is not known before the last
                progress(at := CHUNK * next(done), max(at + CHUNK, 2**20))

        padded = (cells + [""] * (n - len(cells)) for cells in rows)
        yield Rows(label, "excel", header, chunked(padded, n, file.header_row, tell), {})


def _check_package(path: Path, label: str) -> None:
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            size = sum(part.file_size for part in parts)
            strings = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
            if len(parts) > MAX_PARTS or strings > MAX_STRINGS:
                raise InputError(sentence(label, "be an Excel workbook of reasonable size", "a far larger one"))
            if size > max(FREE_BYTES, MAX_PACKED_RATIO * path.stat().st_size):
                got = f"more than {MAX_PACKED_RATIO} times its size"
                raise InputError(sentence(label, f"unpack to at most {MAX_PACKED_RATIO} times its size", got))
            if "xl/workbook.xml" not in package.namelist():
                got, remedy = "another zip file", "Unpack it and name the file inside."
                raise InputError(sentence(label, "be CSV, .xlsx or XES", got, remedy=remedy))
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and _declares_types(package, part):
                    raise InputError(sentence(label, "hold no document type definition", "one"))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(sentence(label, "be an Excel workbook", "a damaged one", remedy="Copy it again.")) from None


def _declares_types(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with package.open(part) as stream:
        start = stream.read(65_536).replace(b"\0", b"")  # UTF-16 holds the same letters with NUL between
    return b"<!DOCTYPE" in start.upper() or b"<!ENTITY" in start.upper()


def _unmerged(sheet: Any, label: str) -> Iterator[tuple[Any, ...]]:
    """Yield rows in which every row of cells merged downwards holds their value, as it looks in the workbook."""
    spans: dict[int, list[tuple[int, int]]] = {}  # from a first row to columns and last rows
    for first_column, first, last in _merged(sheet, label):
        spans.setdefault(first, []).append((first_column, last))
    running: dict[int, tuple[int, Any]] = {}  # from a column to the last row and the value
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        running = {column: held for column, held in running.items() if held[0] >= number}
        cells = list(row)
        for column, (_, value) in running.items():
            cells += [None] * (column + 1 - len(cells))
            cells[column] = value
        running |= {c: (last, cells[c]) for c, last in spans.get(number, ()) if c < len(cells)}
        yield tuple(cells)


def _merged(sheet: Any, label: str) -> Iterator[tuple[int, int, int]]:
    """Yield column, first and last row of the cells that are merged downwards; they stand behind the rows."""
    from openpyxl.utils import range_boundaries

    with sheet._get_source() as stream:  # openpyxl reads them only together with the whole sheet
        rest = b""
        while data := stream.read(MAX_LINE):
            if len(data) == MAX_LINE and b"<" not in data:
                raise too_long(label, 1)  # one tag of such a length would be read again and again
            for found in re.finditer(rb'<mergeCell ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"', rest + data):
                column, first, _, last = range_boundaries(found[1].decode())
                if last > first:
                    yield column - 1, first, last
            rest = data[-60:]


def _cells(rows: Iterator[tuple[Any, ...]], label: str) -> Iterator[list[str]]:
    number = 0
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except InputError:
            raise
        except Exception:
            remedy = "Copy it again, or save it as CSV."
            raise InputError(
                sentence(label, "be readable to its end", f"damage after row {number - 1}", remedy=remedy)
            ) from None
        cells = [_text(value) for value in row]
        if any(len(cell) > MAX_CELL for cell in cells):
            raise too_long(label, number)
        yield cells


def _text(value: Any) -> str:
    """Return a cell's value as it would stand in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")  # Excel has no dates, only midnights
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()
