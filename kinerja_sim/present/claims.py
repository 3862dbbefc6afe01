"""Numbers that know where they come from: a text, its numbers, and the table cell behind each of them.

A `Line` is a text with its claims. Every number in it either stands in a name (of a
metric, a policy, a source) or is written by a claim: table, keys, column, style. What is
neither is unbound, and a deck with an unbound number is not written. Most open to
dispute: numbers inside names are taken as they are, for they are no results.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kinerja_sim.present.changes import (
    amount_text,
    display_scale,
    level_text,
    median_text,
    metric_of,
    shown_places,
    signed_text,
)
from kinerja_sim.present.i18n import Translator

Row: TypeAlias = Mapping[str, Any]
TOKEN = re.compile(r"(?:(?<!\w)(?!Rp\d)|(?<=\bRp))[+\-−]?(?:[.,](?=\d))?\w*\d\w*(?:[.,]\w*\d\w*)*")
"""A number as it is seen: sign, digits, separators, and letters that stick to them (P90, a run id) but not `Rp`.

No digit is left out: whatever stands before it, a number starts there, at the latest.
"""
_MINUS = str.maketrans({"-": "−", "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " "})


def tokens(text: str) -> list[str]:
    """Return the numbers in `text`, in order, with one kind of minus sign.

    Examples
    --------
    >>> tokens("Waktu tunggu P90 mungkin menurun 1.234,5 menit (-14 sampai +3; n = 100)")
    ['P90', '1.234,5', '−14', '+3', '100']
    >>> tokens("Rp12.000 per jam, RpX9; r=.56, -.22")
    ['12.000', 'RpX9', '.56', '−.22']
    """
    return [m.group() for m in TOKEN.finditer(text.translate(_MINUS))]


@dataclass(frozen=True)
class Claim:
    """One shown number: the cell it comes from and how it is written.

    `column` may be the difference of two columns, ``a-b``: half of an error bar. `style` is
    a name in `STYLES`, with its argument behind a colon.
    """

    table: str
    keys: tuple[str, ...]
    column: str
    style: str

    def write(self, row: Row, t: Translator) -> str:
        """Return the number as `row`, the claim's row of its table, has it now."""
        name, _, argument = self.style.partition(":")
        return STYLES[name](row, self.column, argument, t)

    def plain(self) -> dict[str, Any]:
        """Return the claim as JSON knows it."""
        return {"table": self.table, "keys": list(self.keys), "column": self.column, "style": self.style}

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Claim:
        """Return the claim that `plain` wrote."""
        return cls(entry["table"], tuple(entry["keys"]), entry["column"], entry["style"])


def number_in(row: Row, column: str) -> float:
    """Return a column's value, or the difference of two columns."""
    first, _, second = column.partition("-")
    return float(row[first]) - (float(row[second]) if second else 0.0)


def six_digits(value: float) -> str:
    """Return `value` as chart data hold it: six significant digits, no language.

    Examples
    --------
    >>> six_digits(-1234567.0), six_digits(0.1 + 0.2)
    ('-1234570', '0.3')
    """
    return "" if math.isnan(value) else repr(float(f"{value:.6g}")).removesuffix(".0")


def _change(row: Row, column: str, _: str, t: Translator) -> str:
    return median_text(row, t) if column == "median" else signed_text(row, number_in(row, column), t)


def _amount(row: Row, column: str, _: str, t: Translator) -> str:
    value = number_in(row, column)
    return amount_text(t, abs(value * display_scale(metric_of(row["metric"]))), shown_places(row, value))


def _level(row: Row, column: str, _: str, t: Translator) -> str:
    return (tokens(level_text(float(row[column]), row["metric"], t.lang)) or ["–"])[0]


def _millions(row: Row, column: str, _: str, t: Translator) -> str:
    value = number_in(row, column)
    return t.signed(value / 1e6, 0 if abs(value) >= 99.5e6 else 1)


STYLES: dict[str, Callable[[Row, str, str, Translator], str]] = {
    "change": _change,
    "amount": _amount,
    "level": _level,
    "millions": _millions,
    "number": lambda row, column, places, t: t.number(number_in(row, column), int(places or 0)),
    "signed": lambda row, column, places, t: t.signed(number_in(row, column), int(places or 0)),
    "hundred": lambda row, column, places, t: t.number(100 * number_in(row, column), int(places or 0)),
    "points": lambda row, column, places, t: t.signed(100 * number_in(row, column), int(places or 0)),
    "rest": lambda row, column, places, t: t.number(100 * (1 - number_in(row, column)), int(places or 0)),
    "text": lambda row, column, _, t: str(row[column]),
    "data": lambda row, column, scale, t: six_digits(number_in(row, column) * float(scale or 1)),
}
"""How a claim is written. Shares are written without their per cent sign, which is no part of a number."""


class Line(str):
    """A text with the claims that may have written its numbers and the names that may hold further ones.

    `parts` are lines that stand inside it, in order; their numbers are theirs.
    """

    claims: tuple[Claim, ...]
    names: tuple[str, ...]
    parts: tuple[str, ...]

    def __new__(
        cls, text: str, claims: Iterable[Claim] = (), names: Iterable[str] = (), parts: Iterable[str] = ()
    ) -> Line:
        """Return `text` with its claims, in the order in which they are expected."""
        line = super().__new__(cls, text)
        line.claims, line.names, line.parts = tuple(claims), tuple(names), tuple(parts)
        return line


@dataclass(frozen=True)
class Number:
    """A number as shown: written by a claim, or (None) standing in a name."""

    shown: str
    claim: Claim | None = None

    def plain(self) -> dict[str, Any]:
        """Return the number as JSON knows it."""
        return {"shown": self.shown, **(self.claim.plain() if self.claim else {"name": True})}

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Number:
        """Return the number that `plain` wrote."""
        return cls(entry["shown"], None if "name" in entry else Claim.read(entry))


def numbers_of(line: str, write: Callable[[Claim], str]) -> tuple[list[Number], list[str]]:
    """Return the numbers of a line with their claims, and those that nothing accounts for.

    Parameters
    ----------
    line : str
        A `Line`; a plain text has neither claims nor names.
    write : callable
        Returns what a claim writes.

    Examples
    --------
    >>> line = Line("P90: 6 (−14; n = 30)", [Claim("c", (), "mean", "number"), Claim("c", (), "n", "number")], ["P90"])
    >>> found, unbound = numbers_of(line, lambda claim: {"mean": "6", "n": "30"}[claim.column])
    >>> [n.shown for n in found], unbound
    (['P90', '6', '30'], ['−14'])
    """
    pool = [(claim, _written(claim, write)) for claim in getattr(line, "claims", ())]
    names = getattr(line, "names", ())
    found: list[Number] = []
    unbound: list[str] = []
    for text, part in _segments(line):
        if part is not None:
            inside, lost = numbers_of(part, write)
            found, unbound = found + inside, unbound + lost
            continue
        spans = _spans(text, names)
        for match in TOKEN.finditer(text):
            shown = match.group()
            if any(start < match.end() and match.start() < end for start, end in spans):
                found.append(Number(shown))
                continue
            at = next((i for i, (_, written) in enumerate(pool) if written == shown), None)
            if at is None:
                unbound.append(shown)
            else:
                claim = pool[at][0]
                found.append(Number(shown, claim))
                # An effect is said once, with its sign or without: the other way of writing it is out.
                pool = [p for i, p in enumerate(pool) if i != at and not _is_other_way(p[0], claim)]
    return found, unbound


def _written(claim: Claim, write: Callable[[Claim], str]) -> str:
    """Return what a claim writes; nothing where its table lacks the column, as one of an earlier version may."""
    try:
        return write(claim).translate(_MINUS)
    except KeyError:
        return ""


def _is_other_way(a: Claim, b: Claim) -> bool:
    same_cell = (a.table, a.keys, a.column) == (b.table, b.keys, b.column)
    return same_cell and {a.style, b.style} == {"amount", "change"}


def _segments(line: str) -> Iterator[tuple[str, str | None]]:
    """Yield the text between the parts of a line, and the parts."""
    start = 0
    for part in getattr(line, "parts", ()):
        at = line.index(part, start)
        yield line[start:at].translate(_MINUS), None
        yield "", part
        start = at + len(part)
    yield line[start:].translate(_MINUS), None


def _spans(text: str, names: Sequence[str]) -> list[tuple[int, int]]:
    """Return where names stand in `text`."""
    wanted = [name.translate(_MINUS) for name in names if name]
    return [m.span() for name in wanted for m in re.finditer(re.escape(name), text)]


def joined(text: str, *parts: str, claims: Iterable[Claim] = (), names: Iterable[str] = ()) -> Line:
    """Return a filled-in message as a line, with the lines that went into it and claims and names of its own."""
    return Line(text, claims, names, parts)


def joined_lines(lines: Iterable[str]) -> Line:
    """Return lines one after the other, in the white space in which readers find them."""
    texts = [one for one in lines if one.split()]
    return Line(" ".join(texts), parts=texts)
