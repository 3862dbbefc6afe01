"""What is wrong with a reveal.js deck, judged from the file alone: links, type, colour, height of each slide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

from kinerja_sim.present.claims_bound import Inventory
from kinerja_sim.present.doctor import LEAST_CONTRAST, Fault, contrast
from kinerja_sim.present.doctor_fit import count_lines

LEAST, LEAST_FOOTER = 24.0, 18.0  # pixels on a slide of 1280 x 720
HEIGHT, WIDTH, FOOTER = 720.0, 1160.0, 56.0
OURS = "House style of the deck"
ASKING = ("src", "href", "poster", "srcset", "data", "action", "xlink:href")
SIZE = re.compile(r"font-size:\s*([\d.]+)(px|pt|em|rem|%)?")
UNSEEN = re.compile(r"display:\s*none|visibility:\s*hidden|opacity:\s*0(?:\.0*)?(?![.\d])")
COLOUR = re.compile(r"(?<![-\w])(color|background(?:-color)?):\s*#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")


class _Page(HTMLParser):
    """Collects addresses, inline styles, styles, pictures and sections."""

    def __init__(self) -> None:
        super().__init__()
        self.language, self.section = "", "outside"
        self.asked: list[tuple[str, str]] = []
        self.inline: list[tuple[str, str]] = []
        self.pictures: list[tuple[str, str]] = []
        self.sections: list[tuple[str, str]] = []
        self.styles: list[str] = []
        self.unseen: list[str] = []
        self.heights: dict[str, float] = {}
        self.lines: dict[str, list[str]] = {}
        self.tag, self.part = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tag, self.part = tag, found.get("data-k", "" if tag == "section" else self.part)
        if tag == "p" and self.part == "lines":
            self.lines.setdefault(self.section, []).append("")
        if tag == "html":
            self.language = found.get("lang", "")
        if tag == "section":
            self.section = found.get("id", "unnamed")
            self.sections.append((self.section, found.get("class", "")))
        if tag == "style":
            self.styles.append("")
        if tag == "img":
            self.pictures.append((self.section, found.get("alt", "")))
            height = re.search(r"height:\s*([\d.]+)px", found.get("style", ""))
            self.heights[self.section] = float(height[1]) if height else HEIGHT / 2
        self.asked += [(self.section, found[name]) for name in ASKING if name in found]
        if "data-k" in found and ("hidden" in found or UNSEEN.search(found.get("style", ""))):
            self.unseen.append(f"{self.section}/{found['data-k']}")
        if "style" in found:
            self.inline.append((f"{self.section}/{found.get('data-k', tag)}", found["style"]))

    def handle_data(self, data: str) -> None:
        if self.tag == "style" and self.styles:
            self.styles[-1] += data
        if self.tag == "p" and self.part == "lines":
            self.lines[self.section][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.tag = "" if tag == self.tag else self.tag


def faults_of(path: Path, inventory: Inventory) -> Iterator[Fault]:
    """Yield the faults of the deck at `path`."""
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    if not page.language:
        yield Fault("no_language", path.name)
    for section, address in page.asked:
        if address and not address.startswith(("data:", "#")):
            yield Fault("remote", section, address[:80])
    for style in [*page.styles, *(style for _, style in page.inline)]:
        for address in re.findall(r"@import[^;]*|url\((?!['\"]?data:)[^)]*\)", style):
            yield Fault("remote", "style", address[:80])
    for section, alt in page.pictures:
        if not alt.strip():
            yield Fault("no_alt", section)
    for where in page.unseen:
        yield Fault("contrast", where, "hidden")
    for where, style in page.inline:
        yield from _style_faults(where, style)
    for style in page.styles[next((i for i, s in enumerate(page.styles) if OURS in s), 0) :]:  # before: reveal.js's own
        yield from _style_faults("style", style, least=LEAST_FOOTER)
        for name, value in re.findall(r"--(ink|faint|accent):\s*#([0-9a-fA-F]{6})", style):
            if contrast(value, "ffffff") < LEAST_CONTRAST:
                yield Fault("contrast", f"style/{name}", f"#{value}")
    for section, kind in page.sections:
        if not inventory.texts.get(f"{section}/title"):
            yield Fault("no_title", section)
        if not inventory.texts.get(f"{section}/notes"):
            yield Fault("no_notes", section)
        height = _height(section, kind, inventory, page)
        if height > HEIGHT:
            yield Fault("overflow", section, f"{height:.0f} > {HEIGHT:.0f} px")
    if not page.sections or page.sections[-1][0] != "limits":
        yield Fault("no_limits", page.sections[-1][0] if page.sections else path.name)


def _style_faults(where: str, style: str, least: float = LEAST) -> Iterator[Fault]:
    for size, unit in SIZE.findall(style):
        pixels = float(size) * {"pt": 4 / 3, "em": 24.0, "rem": 16.0, "%": 0.24}.get(unit, 1.0)
        if pixels < least:
            yield Fault("tiny", where, f"{size}{unit}")
    for block in style.split("}"):
        colours = {name.partition("-")[0]: _six(value) for name, value in COLOUR.findall(block)}
        if "color" in colours and contrast(colours["color"], colours.get("background", "ffffff")) < LEAST_CONTRAST:
            yield Fault("contrast", where, f"#{colours['color']}")


def _six(colour: str) -> str:
    return colour if len(colour) == 6 else "".join(2 * c for c in colour)


def height_without_picture(kind: str, title: str, paragraphs: Sequence[str]) -> float:
    """Return the height of a slide as the house style lays it out, its picture or table left out, in pixels."""
    size = 56.0 if "opening" in kind else 27.0 if len(title) > 140 else 30.0 if len(title) > 108 else 34.0
    lines = count_lines(title, size, WIDTH, bold=True)
    used = 36 + 37 + max(lines * size * 1.2, 0 if "tabled" in kind else 82) + 18 + 20
    used += 132 if "opening" in kind else 0
    if "limits" in kind:
        return used + sum(12 + count_lines(text, 24, 488) * 24 * 1.3 for text in paragraphs)
    return used + sum(12 + count_lines(text, 24, WIDTH) * 24 * 1.3 for text in paragraphs)


def _height(section: str, kind: str, inventory: Inventory, page: _Page) -> float:
    used = height_without_picture(kind, inventory.texts.get(f"{section}/title", ""), page.lines.get(section, ()))
    if "limits" in kind:
        return used
    cells: dict[int, list[str]] = {}
    for address, shown in inventory.texts.items():
        match = re.fullmatch(rf"{re.escape(section)}/table/(\d+)\.(\d+)", address)
        if match:
            cells.setdefault(int(match[1]), []).append(shown)
    return used + table_height(list(cells.values()), kind) + page.heights.get(section, 0.0)


def table_height(rows: Sequence[Sequence[str]], kind: str) -> float:
    """Return the height of a table whose columns share the width by their longest text, and of the footer below."""
    if not rows:
        return 0.0
    size, padding = 20 if "dense" in kind else 24, 9 if "losers" in kind else 13
    n = max(len(row) for row in rows)
    longest = [max((len(row[j]) for row in rows if j < len(row)), default=1) for j in range(n)]
    width = (WIDTH - 24 * n) / sum(longest)
    tall = [max(count_lines(text, size, width * longest[j]) for j, text in enumerate(row)) for row in rows]
    return FOOTER + sum(max(lines, 1) * size * 1.25 + padding for lines in tall)
