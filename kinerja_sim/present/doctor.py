"""The deck doctor: what would embarrass a presenter, found before the meeting.

Text that does not fit, type too small for the back of a room, faint colours, links to the
network, a number without its range or unit, a star that nothing explains, missing
descriptions, notes or slide numbers.
Geometry is judged from the file, with the metrics of one font (`doctor_fit`); a rendering
in a browser or office program is what the tests look at beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kinerja_sim.know.errors import RunError
from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.changes import change_unit
from kinerja_sim.present.claims import tokens
from kinerja_sim.present.claims_bound import Inventory
from kinerja_sim.present.i18n import LANGUAGES, Translator
from kinerja_sim.present.text import MOVES, comparison_word, verdict_word
from kinerja_sim.present.verify import read_shown

LEAST_CONTRAST = 4.5  # WCAG 2.2, level AA, for text that is not large
CODES = (
    "outside", "overflow", "overlap", "tiny", "contrast", "remote", "no_alt", "no_notes", "no_interval", "no_unit",
    "no_title", "no_number", "format", "cut", "no_data", "no_limits", "no_language", "no_fonts", "no_star",
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """One fault: its code, the slide or page and part, and what was found there."""

    code: str
    where: str
    found: str = ""


def diagnose(path: str | Path, inventory: Inventory | None = None) -> list[Fault]:
    """Return the faults of a deck or brief.

    Parameters
    ----------
    path : path
        A .pptx, .html or .pdf.
    inventory : Inventory, optional
        What the file shows, when it was read before.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    file = Path(path)
    shown = inventory or read_shown(file)
    if file.suffix.lower() == ".pptx":
        from kinerja_sim.present.doctor_pptx import faults_of
    elif file.suffix.lower() == ".html":
        from kinerja_sim.present.doctor_html import faults_of
    else:
        from kinerja_sim.present.doctor_pdf import faults_of
    found = [*faults_of(file, shown), *_claims_without_range(shown), *_unexplained_stars(shown)]
    return list(dict.fromkeys(found))


def check_built(path: Path) -> None:
    """Raise `RunError` when a file that was just written has faults."""
    faults = diagnose(path)
    if faults:
        listed = "; ".join(f"{f.where}: {f.code} {f.found}".strip() for f in faults[:5])
        raise RunError(f"{path.name} is not fit to be shown: {listed}")


def fault_text(code: str, t: Translator) -> str:
    """Return what a code means, in words."""
    return {
        "outside": t("reaches beyond the slide or page"),
        "overflow": t("text does not fit its box"),
        "overlap": t("lies over another part"),
        "tiny": t("type too small to read"),
        "contrast": t("too little contrast"),
        "remote": t("points to something outside the file"),
        "no_alt": t("has no description for screen readers"),
        "no_notes": t("has no speaker notes"),
        "no_interval": t("says a number without its range"),
        "no_unit": t("says a number without its unit"),
        "no_title": t("has no title"),
        "no_number": t("has no slide number"),
        "format": t("has the wrong page size"),
        "cut": t("an axis cuts off data"),
        "no_data": t("the chart cannot be edited: its data are missing"),
        "no_limits": t("the last slide does not say what is not shown"),
        "no_language": t("does not say its language"),
        "no_fonts": t("fonts are not inside the file"),
        "no_star": t("has starred words, and nothing says what the star means"),
    }[code]


def _claims_without_range(inventory: Inventory) -> Iterator[Fault]:
    """Yield texts that show an effect without both ends of its range, or a title without its unit."""
    bindings = inventory.bindings or {}
    for address, entry in bindings.get("texts", {}).items():
        text = inventory.texts.get(address)
        if text is None:
            continue
        seen = tokens(text)
        for effect in (n for n in entry["numbers"] if n.get("column") == "delta_mean" and n["shown"] in seen):
            ends = [
                n for n in entry["numbers"] if n.get("keys") == effect["keys"] and n.get("table") == effect["table"]
            ]
            said = {n["column"] for n in ends if n["shown"] in seen}
            if effect.get("ranged") and not {"low", "high"} <= said:
                yield Fault("no_interval", address, effect["shown"])
            metric = METRICS.get(effect["keys"][2]) if len(effect["keys"]) > 2 else None
            if address.endswith("/title") and metric is not None and change_unit(metric, bindings["lang"]) not in text:
                yield Fault("no_unit", address, effect["shown"])


def _unexplained_stars(inventory: Inventory) -> Iterator[Fault]:
    """Yield slides and pages whose starred words (`text.shown_word`) stand without any text about the star.

    The figures of a PDF are in no order of pages: for them a text on any page will do.
    """
    said = {word(move, lang) for word in (verdict_word, comparison_word) for move in MOVES for lang in LANGUAGES}
    last = {text.split()[-1] for text in said}
    words = re.compile(rf"\b(?:{'|'.join(sorted(last))})(?: \([a-z]+\))? \*")  # '(median)' may stand between
    starred, told = dict[str, str](), set[str]()
    for address, text in inventory.texts.items():
        place, _, part = address.partition("/")
        found = words.search(text)
        if found and not part.startswith("notes"):
            starred.setdefault(place, found.group())
        if "*" in words.sub("", text) and not part.startswith("notes") and not part.endswith("alt"):
            told.add(place)
    for place, word in starred.items():
        if place not in told and not (place.startswith("figure-") and told):
            yield Fault("no_star", place, word)


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, given as six hexadecimal digits (WCAG 2.2, relative luminance).

    Examples
    --------
    >>> round(contrast("000000", "FFFFFF"), 1), round(contrast("#777777", "#ffffff"), 2)
    (21.0, 4.48)
    """
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(part, 16) / 255 for part in re.findall("..", colour.lstrip("#"))[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
