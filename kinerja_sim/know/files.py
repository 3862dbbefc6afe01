"""Reading a file that a user named, without hanging on it or trusting it.

A missing file, a folder, a pipe, a binary, a wrong encoding or an oversized file ends
in one clear line. Paths are printed as the user gave them, and below the working
folder as relative ones.
"""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import did_you_mean, printable, sentence, show

PathLike = str | os.PathLike[str]
MAX_BYTES = 262_144  # 256 KiB: ten times our longest file, and at most some seconds for the YAML reader


def label_of(path: PathLike) -> str:
    """Return `path` as it is printed: relative when it lies below the working folder."""
    full = Path(path)
    if full.is_absolute() and full.is_relative_to(Path.cwd()):
        full = full.relative_to(Path.cwd())
    return printable(str(full))


def check_file(path: PathLike) -> str:
    """Return how `path` is printed if it is a regular file that can be read.

    Raises
    ------
    InputError
        If there is no such file, it is a folder, pipe or device, or it cannot be read.
    """
    label, mode = label_of(path), 0
    try:
        mode = Path(path).stat().st_mode
        if stat.S_ISREG(mode):  # looked at before it is opened: opening a pipe would wait for a writer
            with Path(path).open("rb"):
                pass
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(sentence(label, "be a file that exists", "no such file", remedy="Check the path.")) from None
    except OSError as error:
        got = printable(error.strerror or type(error).__name__)
        raise InputError(sentence(label, "be a file that can be read", got, remedy="Check its rights.")) from None
    except ValueError:  # a NUL inside the path itself
        raise InputError(sentence(label, "be a path", "characters that no path can hold")) from None
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
        raise InputError(sentence(label, "be a file", kind, remedy="Name the file itself."))
    return label


def read_text(path: PathLike, *, max_bytes: int = MAX_BYTES) -> str:
    """Return the text of a UTF-8 file; a byte order mark is dropped.

    Raises
    ------
    InputError
        If there is no such file, it is not a regular one (a folder, pipe or device),
        cannot be read, is larger than `max_bytes`, or is not UTF-8 text.
    """
    label = check_file(path)
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except OSError as error:
        got = printable(error.strerror or type(error).__name__)
        raise InputError(sentence(label, "be a file that can be read", got, remedy="Check its rights.")) from None
    if len(data) > max_bytes:
        raise InputError(sentence(label, f"be at most {max_bytes // 1024} KiB", "a larger file"))
    if b"\0" in data:
        raise InputError(sentence(label, "be a text file in UTF-8", "binary data", remedy="Save it as UTF-8 text."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        got = f"byte 0x{data[error.start]:02x}"
        where = f"in {label} line {line}"
        raise InputError(sentence(label, "be a text file in UTF-8", got, where, "Save it as UTF-8 text.")) from None


def read_rows(path: PathLike, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV file with the line that each of them starts on.

    Parameters
    ----------
    path : CSV file with a header, comma-separated, UTF-8
    columns : the names that the header must hold, in this order

    Raises
    ------
    InputError
        If the file cannot be read, the header differs or a row has too few or too many cells.
    """
    label = label_of(path)
    reader = csv.reader(read_text(path).splitlines(keepends=True), strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    last = 0
    try:
        for cells in reader:
            line, last = last + 1, reader.line_num
            if line == 1:
                _check_header(label, cells, columns)
            elif len(cells) != len(columns):
                where = f"in {label} line {line}"
                raise InputError(sentence("row", f"hold {len(columns)} cells", str(len(cells)), where))
            else:
                rows.append((line, dict(zip(columns, cells, strict=True))))
    except csv.Error as error:
        got, where = printable(str(error)), f"in {label} line {reader.line_num}"
        raise InputError(sentence(label, "be a comma-separated table", got, where)) from None
    if last == 0:
        raise InputError(sentence(label, "hold a header and rows", "an empty file"))
    return rows


def _check_header(label: str, cells: Sequence[str], columns: Sequence[str]) -> None:
    if list(cells) == list(columns):
        return
    wrong = next((c for c in cells if c not in columns), ", ".join(cells))
    rule = f"be {', '.join(columns)}"
    raise InputError(sentence("header", rule, show(wrong), f"in {label} line 1", did_you_mean(wrong, columns)))
