"""What is wrong with a PDF brief: size of paper and type, text off the page, links, fonts, descriptions, colour."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kinerja_sim.present.claims_bound import Inventory
from kinerja_sim.present.doctor import LEAST_CONTRAST, Fault, contrast

LEAST = 8.9  # points on paper
A4 = (595.28, 841.89)
EDGE = 20.0  # points of margin at least


def faults_of(path: Path, inventory: Inventory) -> Iterator[Fault]:
    """Yield the faults of the brief at `path`."""
    from pypdf import PdfReader

    from kinerja_sim.present.verify_pdf import alternatives

    reader = PdfReader(path)
    root: Any = reader.trailer["/Root"]
    if not root.get("/Lang"):
        yield Fault("no_language", path.name)
    if not (reader.metadata and reader.metadata.title):
        yield Fault("no_title", path.name)
    if "/OpenAction" in root or "/AA" in root:
        yield Fault("remote", path.name, "/OpenAction")
    alts = alternatives(reader)
    for i, alt in enumerate(alts, start=1):
        if not alt.strip():
            yield Fault("no_alt", f"figure-{i}")
    expected = (inventory.bindings or {}).get("pictures", {})
    if expected and len(reader.pages) > len(expected):
        yield Fault("overflow", path.name, f"{len(reader.pages)} > {len(expected)}")
    drawn = 0
    for i, page in enumerate(reader.pages, start=1):
        yield from _page_faults(page, f"page-{i}")
        drawn += len(_images(page))
    if drawn and not alts:
        yield Fault("no_alt", path.name)


def _page_faults(page: Any, where: str) -> Iterator[Fault]:
    width, height = float(page.mediabox.width), float(page.mediabox.height)
    if abs(width - A4[0]) > 2 or abs(height - A4[1]) > 2:
        yield Fault("format", where, f"{width:.0f} x {height:.0f} pt")
    for annotation in page.get("/Annots") or []:
        action = annotation.get_object().get("/A", {})
        if action.get("/URI") or action.get("/S") in ("/Launch", "/JavaScript", "/GoToR"):
            yield Fault("remote", where, str(action.get("/URI", action.get("/S"))))
    for font in ((page.get("/Resources") or {}).get("/Font") or {}).values():
        if not _is_embedded(font.get_object()):
            yield Fault("no_fonts", where, str(font.get_object().get("/BaseFont")))
    found: list[Fault] = []
    colour = ["000000"]

    def on_text(text: str, cm: Any, tm: Any, _font: Any, size: Any) -> None:
        if not text.strip():
            return
        scale = abs(cm[3] * tm[3]) or abs(cm[1] * tm[1])
        points = float(size) * scale
        x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        if points < LEAST:
            found.append(Fault("tiny", where, f"{points:.1f} pt"))
        if x < EDGE or y < EDGE or x > width - EDGE or y > height - EDGE:
            found.append(Fault("outside", where, text.strip()[:40]))

    def on_operand(operator: bytes, operands: Any, _cm: Any, _tm: Any) -> None:
        if operator in (b"rg", b"g", b"sc", b"scn", b"k"):
            colour[0] = _hex([float(o) for o in operands if not isinstance(o, str)])
        elif operator in (b"Tj", b"TJ") and contrast(colour[0], "FFFFFF") < LEAST_CONTRAST:
            found.append(Fault("contrast", where, f"#{colour[0]}"))

    page.extract_text(visitor_text=on_text, visitor_operand_before=on_operand)
    yield from dict.fromkeys(found)


def _hex(values: list[float]) -> str:
    """Return a fill colour (grey, RGB or CMYK, parts of 1) as six hexadecimal digits."""
    if len(values) == 1:
        values = values * 3
    if len(values) == 4:
        cyan, magenta, yellow, black = values
        values = [(1 - c) * (1 - black) for c in (cyan, magenta, yellow)]
    return "".join(f"{min(max(round(255 * v), 0), 255):02X}" for v in values[:3]) if len(values) >= 3 else "000000"


def _images(page: Any) -> list[str]:
    return list(((page.get("/Resources") or {}).get("/XObject") or {}).keys())


def _is_embedded(font: Any) -> bool:
    """Return whether a font's outlines travel in the file."""
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    descriptor = inner.get("/FontDescriptor")
    if descriptor is None:
        return bool(inner.get("/Subtype") == "/Type3")
    return any(key in descriptor.get_object() for key in ("/FontFile", "/FontFile2", "/FontFile3"))
