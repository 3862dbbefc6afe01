"""The columns of an undescribed file: what their headers say and what their cells could be.

Formats are tried on some hundred distinct cells; where day and month cannot be told
apart the day is taken first, as Indonesia writes it. A header is named only if it is made
of known words; else its position stands for it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from kinerja_sim.field import values, words
from kinerja_sim.field.mapping import FileFormat
from kinerja_sim.field.privacy import K, looks_personal
from kinerja_sim.field.rows import NoHeaderError, Rows, open_rows
from kinerja_sim.field.targets import AS_WRITTEN
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.files import PathLike
from kinerja_sim.know.messages import sentence

LAST_HEADER = 11  # titles stand above it in many exports
LOOKED_AT = 20_000  # rows
TRIED = 300  # distinct cells that formats are tried on
SHORT = 3 * 3600.0  # seconds; clock times mostly below it are durations
FITS = 0.95  # share of cells that must fit
DATES = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%m/%d/%Y", "%Y/%m/%d", "%d/%m/%y", "%d-%m-%y", "%d %B %Y", "%d-%b-%Y",
         "%d-%b-%y", "%A, %d %B %Y", "%Y%m%d", "%y%m%d")  # fmt: skip
CLOCKS = ("", " %H:%M:%S", " %H:%M", " %H.%M", " %H.%M.%S", " pukul %H.%M", " %I:%M:%S %p", " %I:%M %p")
COMPACT = ("%Y%m%d", "%y%m%d")  # digits alone: a date only where the header says so


class Column:
    """One column of the sample: its cells, and what they could be."""

    def __init__(self, place: int, header: str, cells: Sequence[str], *, repeats: bool = False) -> None:
        self.place, self.header, self.cells, self.repeats = place, header, cells, repeats
        self.words = re.sub(r"[^a-z0-9]+", " ", header.casefold()).strip()
        self.counts = Counter(cell.strip() for cell in cells)
        for text in [t for t in self.counts if t.casefold() in values.EMPTY]:
            del self.counts[text]
        self.tried = list(self.counts)[:TRIED]

    @property
    def name(self) -> str:
        """Return the header where it holds known words only and is the only one, else the position."""
        if self.repeats:
            return f"#{self.place + 1}"
        plain = re.fullmatch(r"[\w+:/() .-]{1,60}", self.header) and not re.search(r"\d{3}", self.header)
        tokens = set(re.findall(r"[a-z]+", self.words))
        return self.header if plain and tokens and tokens <= words.IN_HEADERS else f"#{self.place + 1}"

    def says(self, role: str) -> bool:
        """Return whether the header speaks of `role`."""
        return re.fullmatch(rf"(.* )?({words.HEADERS[role]})( .*)?", self.words) is not None

    def says_exactly(self, role: str) -> bool:
        """Return whether the header is nothing but a name of `role`."""
        return re.fullmatch(words.HEADERS[role], self.words) is not None

    @cached_property
    def is_number(self) -> bool:
        """Return whether cells are numbers."""
        return not self.is_clock and self._fits(lambda t: re.fullmatch(r"-?\d+([.,]\d+)?", t) is not None)

    @cached_property
    def is_clock(self) -> bool:
        """Return whether cells are clock times; 08.15 is one only below a header of clock times."""
        seconds, _ = values.read_clocks(self.tried, ())
        if not self.tried or float(np.mean(~np.isnan(seconds))) < FITS:
            return False
        dotted = self._fits(lambda t: re.fullmatch(r"\d{1,2}\.\d\d", t) is not None)
        return not dotted or (self.says("moment") and not self.says("wait") and not self.says("duration"))

    @property
    def is_short(self) -> bool:
        """Return whether cells look like clock times and are durations: half of them before three in the morning."""
        return self.is_clock and float(np.nanmedian(values.read_clocks(self.tried, ())[0])) < SHORT

    @cached_property
    def format(self) -> str | None:
        """Return the format in which cells are dates or times, or None."""
        if not self.tried or self.is_clock:
            return None
        if self.is_number:
            forms: Sequence[str] = COMPACT if self.says("date") else ()
        else:
            forms = ("iso", *(d + c for c in CLOCKS for d in DATES if d not in COMPACT))
        for form in forms:
            times, _ = values.read_times(self.tried, [form], (), AS_WRITTEN, None)
            if float(np.mean(~np.isnat(times))) >= FITS:
                return form
        return None

    def _fits(self, test: Callable[[str], bool]) -> bool:
        return bool(self.tried) and sum(map(test, self.tried)) >= FITS * len(self.tried)


def read_sample(path: PathLike) -> tuple[Rows, int, list[Column]]:
    """Return the file, the row of its header and its columns: the first header under which most rows are whole.

    Raises
    ------
    InputError
        If the file cannot be read, or its first rows hold no such header.
    """
    is_bare = False
    for header_row in range(1, LAST_HEADER + 1):
        try:
            with open_rows(path, FileFormat(header_row=header_row)) as rows:
                chunk = next(rows.chunks)
        except NoHeaderError:
            if is_bare:
                raise InputError(sentence(rows.label, "hold rows below its header", "none")) from None
            if header_row == LAST_HEADER:
                raise
            continue
        first = [column[0] for column in chunk.columns if len(column)]
        if not all(rows.header) and first and all(first) and not re.search(r"\d", "".join(first)):
            continue  # a header of two rows, of which the second is whole
        usable = sum(bool(cell) for cell in rows.header) > len(rows.header) / 2
        is_bare = usable and all(reason == "empty_row" for _, reason in chunk.broken) and not first
        if usable and len(chunk.numbers) > len([r for _, r in chunk.broken if r != "empty_row"]):
            cells = [column[:LOOKED_AT] for column in chunk.columns]
            headers = Counter(" ".join(header.casefold().split()) for header in rows.header)
            columns = [
                Column(n, h, c, repeats=headers[" ".join(h.casefold().split())] > 1)
                for n, (h, c) in enumerate(zip(rows.header, cells, strict=True))
            ]
            return rows, header_row, columns
    rule, remedy = "be a table under one header", "Describe it in a mapping file: see docs/data.md."
    raise InputError(sentence(rows.label, rule, "rows of different lengths", remedy=remedy))


def has_decimal_comma(columns: Sequence[Column]) -> bool:
    """Return whether numbers are written with a decimal comma more often than with a point."""
    commas = sum(c.is_number and any("," in t for t in c.tried) for c in columns)
    return commas > sum(c.is_number and any("." in t for t in c.tried) for c in columns)


def has_clock(column: Column) -> bool:
    """Return whether the cells of a column of dates hold a time of day, too."""
    return any(re.search(r"\d[:.]\d\d", re.sub(r"\d{1,2}\.\d{1,2}\.\d{4}", "", text)) for text in column.tried)


def beyond_12(column: Column) -> bool:
    """Return whether a day above 12 shows that the day comes first."""
    return any(int(m[1]) > 12 for t in column.tried if (m := re.match(r"(\d{1,2})\D", t)))


def proposed(
    column: Column, known: Mapping[str, str], vocabulary: frozenset[str], people: set[str]
) -> tuple[dict[str, str], int]:
    """Return the values of a column that may be shown, with their short names, and how many may not.

    Parameters
    ----------
    column : of categories
    known : from known values, in small letters, to what they mean
    vocabulary : words one of which a value must hold, unless all are codes of up to three capitals
    people : words of columns of people; a value that holds one is not shown
    """
    kept: dict[str, str] = {}
    codes = bool(vocabulary) and len(column.counts) <= 12
    codes = codes and all(re.fullmatch(r"[A-Z]{1,3}", text) for text in column.counts)
    for text, n in column.counts.most_common():
        plain = re.sub(r"[^a-z0-9]+", " ", text.casefold()).strip()
        tokens = set(re.findall(r"[a-z]+", plain))
        named = tokens & vocabulary and not tokens & people and not looks_personal(text)
        slug = plain.replace(" ", "-").strip("-0123456789")
        if plain in known:
            kept[text] = known[plain]
        elif n >= K and len(text) <= 80 and slug and (codes or named):
            kept[text] = slug
    return kept, len(column.counts) - len(kept)
