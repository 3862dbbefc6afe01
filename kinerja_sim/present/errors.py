"""What went wrong, in the user's language: the one place where complaints are translated.

Complaints are worded in English where a rule is checked, in one form (`know.messages`).
Here a finished line is taken apart by that form and each part looked up in
`locale/id/LC_MESSAGES/errors.po`, whose messages are the English texts with `{}` where a
value stands. A part that the catalogue lacks stays English; a test names every one of them.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_FORM = re.compile(r"`(?P<name>.+?)` must (?P<rule>.+?); got (?P<rest>.+)", re.DOTALL)
_PLACE = re.compile(r" (?=(?:in|at|after|on|for) )")
_SENTENCE = re.compile(r"(?<=[.?]) (?=[A-Z`'0-9])")


def in_language(message: str, lang: str) -> str:
    """Return an error's message, one or several lines of it, in `lang`.

    Examples
    --------
    >>> in_language("`lang` must be one of id, en; got 'fr'. Use --lang id or --lang en.", "id")
    "`lang` harus salah satu dari id, en; didapat 'fr'. Pakai --lang id atau --lang en."
    >>> in_language("`weights` must sum to 1; got 1.10 in mine.yaml line 12. Lower one of: results 0.60.", "id")
    '`weights` harus berjumlah 1; didapat 1.10 di mine.yaml baris 12. Turunkan salah satu: results 0.60.'
    """
    if lang == "en":
        return message
    return "\n".join(_line(line) for line in message.split("\n"))


def _line(line: str) -> str:
    found = _FORM.fullmatch(line)
    whole = _look_up(line, whole=found is not None)
    if whole is not None or found is None:
        return whole or line
    core, remedy = _split_remedy(found["rest"])
    got, where = _split_place(core)
    said = {"name": found["name"], "rule": _part(found["rule"]), "got": " ".join(filter(None, [got, where]))}
    return "`{name}` harus {rule}; didapat {got}. {remedy}".format(**said, remedy=remedy).rstrip()


def _split_remedy(rest: str) -> tuple[str, str]:
    """Return what was found, still English, and the remedy, already translated."""
    ends = [m.start() for m in re.finditer(r"\. (?=[A-Z`'0-9])", rest)]
    for end in ends:
        remedy = _sentences(rest[end + 2 :])
        if remedy is not None:
            return rest[:end], remedy
    if ends:
        return rest[: ends[0]], rest[ends[0] + 2 :]
    return rest.removesuffix("."), ""


def _sentences(text: str) -> str | None:
    """Return a remedy of one or more sentences, or None when one of them is unknown."""
    whole = _look_up(text)
    if whole is not None:
        return whole
    found = [_look_up(each) for each in _SENTENCE.split(text)]
    return None if None in found else " ".join(filter(None, found))


def _split_place(core: str) -> tuple[str, str]:
    """Return what was found and where, both translated; the place begins at the last preposition outside quotes."""
    for found in reversed(list(_PLACE.finditer(core))):
        got, where = core[: found.start()], core[found.end() :]
        place = _look_up(where)
        if place is not None and got.count("'") % 2 == 0:
            return _part(got), place
    return _part(core), ""


def _part(text: str) -> str:
    known = _look_up(text)
    return text if known is None else known


def _look_up(text: str, *, whole: bool = False) -> str | None:
    """Return the translation of `text` by the most particular message that fits it, or None.

    `whole` asks for messages that are a complaint of their own, not a part of one.
    """
    for message, pattern, template in _patterns():
        if whole and "; got " not in message:
            continue
        found = pattern.fullmatch(text)
        if found is not None:
            return template.format(*found.groups())
    return None


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], str]]:
    """Return (English message, pattern, Indonesian template), those with most letters of their own first."""
    ordered = sorted(load_errors().items(), key=lambda pair: -len(pair[0].replace("{}", "")))
    return [
        (message, re.compile("(.+?)".join(map(re.escape, message.split("{}"))), re.DOTALL), text)
        for message, text in ordered
    ]


@cache
def load_errors() -> dict[str, str]:
    """Return English to Indonesian of the catalogue of errors."""
    from babel.messages.pofile import read_po

    path = files("kinerja_sim.present").joinpath("locale", "id", "LC_MESSAGES", "errors.po")
    with path.open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, locale="id") if m.id and m.string}
