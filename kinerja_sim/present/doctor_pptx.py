"""What is wrong with a PowerPoint deck: geometry, type, colour, links, charts without ranges or units."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from kinerja_sim.present.claims_bound import Inventory
from kinerja_sim.present.doctor import LEAST_CONTRAST, Fault, contrast
from kinerja_sim.present.doctor_fit import height_of
from kinerja_sim.present.verify_pptx import ungrouped

LEAST, LEAST_FOOTER = 14.0, 12.0  # points on a slide of 13.3 inches
DEFAULT = 18.0
PER_POINT = 12700
SLACK = 1.06  # text may be so much higher than its box before it is called an overflow


def faults_of(path: Path, inventory: Inventory) -> Iterator[Fault]:
    """Yield the faults of the deck at `path`."""
    from pptx import Presentation

    deck: Any = Presentation(str(path))
    if abs(deck.slide_width / deck.slide_height - 16 / 9) > 0.01:
        yield Fault("format", "deck", f"{deck.slide_width / 914400:.1f} x {deck.slide_height / 914400:.1f}")
    slides = list(deck.slides)
    for i, slide in enumerate(slides, start=1):
        name = slide._element.cSld.get("name") or f"slide-{i}"
        yield from _slide_faults(slide, name, deck)
    seen = [slide for slide in slides if slide._element.get("show") != "0"]
    if not seen or seen[-1]._element.cSld.get("name") != "limits":
        yield Fault("no_limits", f"slide-{len(slides)}")
    for part in deck.part.package.iter_parts():
        for relation in part.rels.values():
            if relation.is_external:
                yield Fault("remote", str(part.partname), relation.target_ref)


def _slide_faults(slide: Any, name: str, deck: Any) -> Iterator[Fault]:
    from pptx.oxml.ns import qn

    title = slide.shapes.title
    if title is None or not title.text_frame.text.strip():
        yield Fault("no_title", name)
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is None or not notes.text.strip():
        yield Fault("no_notes", name)
    if not any(p.get("type") == "sldNum" for p in slide._element.iter(qn("p:ph"))):
        yield Fault("no_number", name)
    boxes = []
    for shape in slide.shapes:
        where = f"{name}/{shape.name}"
        if shape.left is None or shape.width is None:
            continue  # placed by the layout
        right, bottom = shape.left + shape.width, shape.top + shape.height
        if shape.left < 0 or shape.top < 0 or right > deck.slide_width or bottom > deck.slide_height:
            yield Fault("outside", where)
        for part in ungrouped([shape]):
            if part.has_text_frame and part.text_frame.text.strip():
                yield from _text_faults(part, f"{name}/{part.name}")
        if getattr(shape, "has_table", False):
            yield from _table_faults(shape, where)
            bottom = shape.top + sum(row.height for row in shape.table.rows)
        if getattr(shape, "has_chart", False):
            yield from _chart_faults(shape.chart, where)
        if not shape.has_text_frame and not shape._element.find(f".//{qn('p:cNvPr')}").get("descr"):
            yield Fault("no_alt", where)
        if not shape.has_text_frame or shape.text_frame.text.strip():
            boxes.append((where, shape.left, shape.top, right, bottom))
    for (a, left, top, right, bottom), (b, left2, top2, right2, bottom2) in combinations(boxes, 2):
        edge = 5 * PER_POINT
        if left < right2 - edge and left2 < right - edge and top < bottom2 - edge and top2 < bottom - edge:
            yield Fault("overlap", a, b)


def _text_faults(shape: Any, where: str) -> Iterator[Fault]:
    frame = shape.text_frame
    least = LEAST_FOOTER if shape.name == "footer" or (shape.is_placeholder and "title" not in shape.name) else LEAST
    yield from _runs(frame, where, least, _fill(shape.fill))
    sizes = [run.font.size.pt for p in frame.paragraphs for run in p.runs if run.font.size is not None]
    bold = any(run.font.bold for p in frame.paragraphs for run in p.runs)
    texts = [p.text for p in frame.paragraphs]
    inset = (frame.margin_left or 0) + (frame.margin_right or 0)
    indent = max((int(p._p.pPr.get("marL", "0")) if p._p.pPr is not None else 0 for p in frame.paragraphs), default=0)
    size = max(sizes, default=DEFAULT)
    height = height_of(texts, size, (shape.width - inset - indent) / PER_POINT, bold=bold, gap=6)
    if height > shape.height / PER_POINT * SLACK:
        yield Fault("overflow", where, f"{height:.0f} > {shape.height / PER_POINT:.0f} pt")


def _runs(frame: Any, where: str, least: float, ground: str) -> Iterator[Fault]:
    from pptx.enum.dml import MSO_COLOR_TYPE

    for run in (run for paragraph in frame.paragraphs for run in paragraph.runs):
        if run.font.size is not None and run.font.size.pt < least:
            yield Fault("tiny", where, f"{run.font.size.pt:g} pt")
        colour = run.font.color
        if colour is not None and colour.type == MSO_COLOR_TYPE.RGB:
            ratio = contrast(str(colour.rgb), ground)
            if ratio < LEAST_CONTRAST:
                yield Fault("contrast", where, f"{ratio:.1f} : 1")


def _fill(fill: Any) -> str:
    """Return the colour behind a text, white where none is set."""
    from pptx.enum.dml import MSO_COLOR_TYPE, MSO_FILL

    if fill.type == MSO_FILL.SOLID and fill.fore_color.type == MSO_COLOR_TYPE.RGB:
        return str(fill.fore_color.rgb)
    return "FFFFFF"


def _table_faults(shape: Any, where: str) -> Iterator[Fault]:
    for i, row in enumerate(shape.table.rows):
        for j, cell in enumerate(row.cells):
            at = f"{where}/{i}.{j}"
            yield from _runs(cell.text_frame, at, LEAST, _fill(cell.fill))
            sizes = [r.font.size.pt for p in cell.text_frame.paragraphs for r in p.runs if r.font.size is not None]
            width = (shape.table.columns[j].width - cell.margin_left - cell.margin_right) / PER_POINT
            height = height_of([cell.text], max(sizes, default=DEFAULT), width, bold=i == 0)
            if height > row.height / PER_POINT * SLACK:
                yield Fault("overflow", at, cell.text[:40])


def _chart_faults(chart: Any, where: str) -> Iterator[Fault]:
    """Yield what a native chart lacks: data, a named axis, error bars, room for them, type large enough."""
    from pptx.oxml.ns import qn

    space = chart._chartSpace
    if chart.part.chart_workbook.xlsx_part is None:
        yield Fault("no_data", where)
    axis = chart.value_axis
    if not axis.has_title or not axis.axis_title.text_frame.text.strip():
        yield Fault("no_unit", where)
    is_stacked = any(g.get("val") == "stacked" for g in space.iter(qn("c:grouping")))
    series = list(space.iter(qn("c:ser")))
    if not is_stacked and any(one.find(qn("c:errBars")) is None for one in series):
        yield Fault("no_interval", where)
    for low, high in [] if is_stacked else _ends(series):
        if (axis.minimum_scale is not None and low < axis.minimum_scale - 1e-6) or (
            axis.maximum_scale is not None and high > axis.maximum_scale + 1e-6
        ):
            yield Fault("cut", where, f"{low:g} … {high:g}")
            break
    for tag in ("a:rPr", "a:defRPr"):
        for properties in space.iter(qn(tag)):
            size = properties.get("sz")
            if size is not None and int(size) / 100 < LEAST:
                yield Fault("tiny", where, f"{int(size) / 100:g} pt")
            for colour in properties.iter(qn("a:srgbClr")):
                if contrast(colour.get("val"), "FFFFFF") < LEAST_CONTRAST:
                    yield Fault("contrast", where, colour.get("val"))


def _ends(series: list[Any]) -> Iterator[tuple[float, float]]:
    """Yield how far the intervals of every point reach."""
    from pptx.oxml.ns import qn

    def numbers(holder: Any) -> dict[str, float]:
        points = [] if holder is None else holder.iter(qn("c:pt"))
        return {p.get("idx"): float(p.find(qn("c:v")).text) for p in points}

    for one in series:
        bars = one.find(qn("c:errBars"))
        minus, plus = (numbers(bars.find(qn(f"c:{part}"))) if bars is not None else {} for part in ("minus", "plus"))
        for at, value in numbers(one.find(qn("c:val"))).items():
            yield value - minus.get(at, 0.0), value + plus.get(at, 0.0)
