"""From the text of cells to times, numbers, categories and hashes, a chunk of rows at once.

Every function works on the distinct texts of a chunk and says which cells it could not
read; none guesses. Month names are read in Indonesian and English (CLDR, by Babel). A
clock time more than twelve hours before the moment it should follow belongs to the next
day: that is the one assumption here, and what makes logs over midnight readable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kinerja_sim.field.targets import AS_WRITTEN, SECONDS, ZONES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Texts = Sequence[str]
    Times = NDArray[np.datetime64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

EMPTY = frozenset({"", "-", "null", "n/a", "#n/a", "nan", "none", "nil", "\\n"})
"""Texts that mean 'nothing' in any column, in small letters."""
FIRST_YEAR, LAST_YEAR = 1980, 2099
HALF_DAY = 43_200.0
_OFFSET = re.compile(r"\d[:.]\d\d(?:[:.]\d\d(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d|[+-]\d\d|UTC|GMT|WIB|WITA|WIT)$")
"""What follows a clock time: the end of a date such as 01-02-2026 is none."""
_OFFSETS = {"WIB": "+07:00", "WITA": "+08:00", "WIT": "+09:00", "UTC": "+00:00", "GMT": "+00:00", "Z": "+00:00"}
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{0,15})?([eE][+-]?[0-9]{1,2})?")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,6})\d*)?)?\s*([AaPp])?\.?[Mm]?\.?")


def distinct(texts: Texts) -> tuple[NDArray[np.int64], list[str]]:
    """Return for every cell the place of its text, without blanks around it, among the distinct ones."""
    codes, found = pd.factorize(np.array([text.strip() for text in texts], dtype=object))
    return codes.astype(np.int64), [str(text) for text in found]


def are_empty(found: Texts, empty: Sequence[str]) -> Flags:
    """Return which of the distinct texts mean 'nothing': everywhere, or by the mapping's own list."""
    own = {text.strip().casefold() for text in empty}
    return np.array([text.casefold() in EMPTY or text.casefold() in own for text in found], dtype=bool)


def read_times(
    texts: Texts, formats: Sequence[str], empty: Sequence[str], zone: str, written_in: str | None
) -> tuple[Times, Flags]:
    """Return the moments of cells on the office's wall clock, and which cells could not be read.

    Parameters
    ----------
    texts : cells
    formats : codes of `strftime`, or 'iso'; tried in this order
    empty : texts that mean 'not observed'
    zone : the office's zone; `as-written` keeps every cell's own clock
    written_in : the zone of cells without offset, where that is another one

    Returns
    -------
    times : datetime64[us], NaT where empty or unreadable
    unread : bool

    Examples
    --------
    >>> times, unread = read_times(["17 Agustus 2026 08.30", "?"], ["%d %B %Y %H.%M"], [], "WIB", None)
    >>> str(times[0]), unread.tolist()
    ('2026-08-17T08:30:00.000000', [False, True])
    >>> str(read_times(["2026-08-17T01:00Z"], ["iso"], [], "WITA", None)[0][0])
    '2026-08-17T09:00:00.000000'
    """
    codes, found = distinct(texts)
    nothing = are_empty(found, empty)
    times = np.full(len(found), np.datetime64("NaT", "us"), dtype="datetime64[us]")
    for form in formats:
        todo = np.flatnonzero(np.isnat(times) & ~nothing)
        if len(todo):
            times[todo] = _parse([found[n] for n in todo], form, zone, written_in)
    unread = np.isnat(times) & ~nothing
    return times[codes] if len(found) else times, unread[codes] if len(found) else unread


def read_clocks(texts: Texts, empty: Sequence[str]) -> tuple[Floats, Flags]:
    """Return the seconds after midnight of clock times such as 7:31:45, 07.31 or 1:05 PM, and which are unreadable.

    Examples
    --------
    >>> read_clocks(["7:31:45", "07.31", "1:05 PM", "25:00"], [])[0].tolist()
    [27105.0, 27060.0, 47100.0, nan]
    """
    return _by_text(texts, empty, _clock)


def read_numbers(texts: Texts, empty: Sequence[str], decimal: str) -> tuple[Floats, Flags]:
    """Return numbers written with `decimal` as their decimal mark, and which cells are none.

    Examples
    --------
    >>> read_numbers(["1.234,5", "3,25", "tiga"], [], ",")[0].tolist()
    [1234.5, 3.25, nan]
    """
    groups = r"\.(?=\d{3}(\D|$))" if decimal == "," else r",(?=\d{3}(\D|$))"

    def parse(text: str) -> float:
        plain = re.sub(groups, "", text).replace(decimal, ".")
        return float(plain) if _NUMBER.fullmatch(plain) else np.nan

    return _by_text(texts, empty, parse)


def read_durations(texts: Texts, empty: Sequence[str], unit: str, decimal: str) -> tuple[Floats, Flags]:
    """Return durations in seconds, and which cells are none; unit 'clock' reads 1:05:30 as hours, minutes, seconds."""
    if unit == "clock":
        return read_clocks(texts, empty)
    values, unread = read_numbers(texts, empty, decimal)
    return values * SECONDS[unit], unread


def read_categories(texts: Texts, values: Mapping[str, Any], other: Any) -> tuple[NDArray[np.object_], Flags]:
    """Return what the mapping's `values` make of cells, and which hold a text that is not listed.

    An unlisted text becomes `other`; an empty cell becomes '' unless the list says otherwise.

    Examples
    --------
    >>> read_categories(["Loket", "loket ", "Budi", ""], {"loket": "desk"}, "other")[0].tolist()
    ['desk', 'desk', 'other', '']
    """
    codes, found = distinct(texts)
    listed = {text.strip().casefold(): value for text, value in values.items()}
    nothing = are_empty(found, ())
    made = [listed.get(text.casefold(), "" if none else other) for text, none in zip(found, nothing, strict=True)]
    unlisted = np.array([text.casefold() not in listed for text in found], dtype=bool) & ~nothing
    if not found:
        return np.array([], dtype=object), unlisted
    return np.array(made, dtype=object)[codes], unlisted[codes]


def read_ids(parts: Sequence[Texts], empty: Sequence[str], hashed: Callable[[str], str]) -> NDArray[np.object_]:
    """Return the keyed hash of what columns identify together; '' where all of them are empty."""
    columns = [[text.strip() for text in part] for part in parts]
    joined = columns[0] if len(columns) == 1 else ["\x1f".join(cells) for cells in zip(*columns, strict=True)]
    codes, found = distinct(joined)
    nothing = are_empty([text.replace("\x1f", "") for text in found], empty)
    made = ["" if none else hashed(text) for text, none in zip(found, nothing, strict=True)]
    return np.array(made, dtype=object)[codes] if found else np.array([], dtype=object)


def after_midnight(clock: Floats, reference: Floats) -> Floats:
    """Return seconds to add to `clock` where it lies more than half a day before `reference`: one day."""
    with np.errstate(invalid="ignore"):
        return np.where(clock < reference - HALF_DAY, 86_400.0, 0.0)


def _by_text(texts: Texts, empty: Sequence[str], parse: Callable[[str], float]) -> tuple[Floats, Flags]:
    codes, found = distinct(texts)
    nothing = are_empty(found, empty)
    made = np.array([np.nan if none else parse(t) for t, none in zip(found, nothing, strict=True)], dtype=float)
    unread = np.isnan(made) & ~nothing
    return (made[codes], unread[codes]) if found else (made, unread)


def _clock(text: str) -> float:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return np.nan
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[5]:
        if not 1 <= hours <= 12:
            return np.nan
        hours = hours % 12 + (12 if match[5] in "Pp" else 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return np.nan
    return hours * 3600 + minutes * 60 + seconds + float(f"0.{match[4] or 0}")


def _parse(texts: list[str], form: str, zone: str, written_in: str | None) -> Times:
    """Return the moments of distinct texts in one format; NaT where a text does not fit it."""
    names = re.search("%[bBaA]", form)
    if names:
        texts, form = [_without_names(text) for text in texts], _without_names(re.sub("%[bB]", "%m", form), "%[aA]")
    marks = [_OFFSET.search(text) for text in texts]
    times = np.full(len(texts), np.datetime64("NaT", "us"), dtype="datetime64[us]")
    for with_offset in (False, True):
        at = [n for n, mark in enumerate(marks) if (mark is not None) == with_offset]
        if not at:
            continue
        if with_offset:
            some = [texts[n][: m.start(1)].rstrip() + _OFFSETS.get(m[1], m[1]) for n in at if (m := marks[n])]
            if zone == AS_WRITTEN:
                some = [texts[n][: m.start(1)].rstrip() for n in at if (m := marks[n])]
        else:
            some = [texts[n] for n in at]
        times[at] = _naive(some, form, zone, written_in, with_offset and zone != AS_WRITTEN)
    years = times.astype("datetime64[Y]").astype(np.int64) + 1970
    times[~((years >= FIRST_YEAR) & (years <= LAST_YEAR))] = np.datetime64("NaT")
    return times


def _naive(texts: list[str], form: str, zone: str, written_in: str | None, with_offset: bool) -> Times:
    if form == "iso":
        kind = "ISO8601"
    else:
        kind = form.replace("%z", "").replace("%Z", "").rstrip() + ("%z" if with_offset else "")
    try:
        parsed = pd.Series(
            pd.to_datetime(pd.Series(texts, dtype=object), format=kind, errors="coerce", utc=with_offset)
        )
        if with_offset:
            parsed = parsed.dt.tz_convert(ZONES.get(zone, zone)).dt.tz_localize(None)
        elif written_in is not None and zone != AS_WRITTEN and written_in != zone:
            moved = parsed.dt.tz_localize(ZONES.get(written_in, written_in), ambiguous="NaT", nonexistent="NaT")
            parsed = moved.dt.tz_convert(ZONES.get(zone, zone)).dt.tz_localize(None)
        return parsed.to_numpy(dtype="datetime64[us]")
    except (ValueError, OverflowError):  # a format that Python does not know, or a year that no clock holds
        return np.full(len(texts), np.datetime64("NaT", "us"), dtype="datetime64[us]")


def _without_names(text: str, codes: str = "") -> str:
    """Return `text` with month names as two digits and names of weekdays dropped."""
    text = re.sub("['’]" + (f"|{codes}" if codes else ""), "", text)
    words = _names()
    text = re.sub(r"[^\W\d_]{3,}\.?", lambda m: words.get(m[0].rstrip(".").casefold(), m[0]), text)
    return re.sub(r"\s+", " ", text.replace(",", " ")).strip()


@cache
def _names() -> dict[str, str]:
    """Return what names of months and weekdays stand for: '01' to '12', or nothing."""
    from babel import Locale

    words = {"agustus": "08", "ags": "08", "agt": "08", "nop": "11", "nopember": "11", "pebruari": "02"}
    for lang in ("id", "en", "en_GB"):
        locale = Locale.parse(lang)
        for width in ("wide", "abbreviated"):
            words.update({str(n).rstrip(".").casefold(): f"{m:02d}" for m, n in locale.months["format"][width].items()})
            words.update({str(n).rstrip(".").casefold(): "" for n in locale.days["format"][width].values()})
    return words
