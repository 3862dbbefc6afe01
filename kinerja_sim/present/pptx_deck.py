"""An editable PowerPoint deck: native charts and tables, speaker notes, slide numbers, alternative texts, 16:9.

Every slide is named after its finding and every box after its part, which is how `verify`
finds a number again after the deck was edited. The list of bindings travels as a custom
XML part of the package, which PowerPoint keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Length, Pt

from kinerja_sim.present.charts import Effects, Shares
from kinerja_sim.present.claims_book import Book
from kinerja_sim.present.claims_bound import bind, dump
from kinerja_sim.present.deck import deck_title
from kinerja_sim.present.doctor_fit import height_of, largest_that_fits
from kinerja_sim.present.findings import Finding
from kinerja_sim.present.pptx_deck_charts import add_effects, add_shares
from kinerja_sim.present.verify_pptx import BINDINGS_PART, read_pptx

WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
LEFT, WIDE = Inches(0.6), Inches(12.13)
ACCENT, INK, FAINT, RULE = "0B5C8A", "1D2733", "5B6673", "D5DBE1"
TITLE_SIZES, OPENING_SIZES, LINE_SIZES = (30.0, 28.0, 26.0, 24.0, 22.0, 20.0), (44.0, 40.0), (18.0, 16.0, 14.0)
KICKER_SIZE, FOOTER_SIZE = 18, 12
CELL_SIZES = (18.0, 16.0, 14.0)
PER_POINT = 12700


def write_pptx(book: Book, findings: Sequence[Finding], target: Path) -> Path:
    """Write the findings as one PowerPoint file with its list of bindings."""
    deck = _new_deck(book)
    for finding in findings:
        _add_slide(deck, finding, book)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    try:
        deck.save(str(partial))
        bindings = dump(bind(read_pptx(partial), findings, book))
        xml = etree.Element("{urn:kinerja-sim:bindings}bindings", nsmap={None: "urn:kinerja-sim:bindings"})
        xml.text = bindings
        package = deck.part.package
        part = Part(PackURI(BINDINGS_PART), "application/xml", package, etree.tostring(xml, encoding="UTF-8"))
        deck.part.relate_to(part, RT.CUSTOM_XML)
        deck.save(str(partial))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _new_deck(book: Book) -> Any:
    """Return an empty 16:9 deck with one layout: a title at the top, a slide number at the foot."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    layout = deck.slide_layouts[5]
    for other in [one for one in deck.slide_layouts if one is not layout]:
        deck.slide_layouts.remove(other)
    theme = deck.slide_master.part.part_related_by(RT.THEME)
    theme._blob = theme.blob.replace(b'typeface="Calibri"', b'typeface="Arial"')
    for owner in (deck.slide_master, layout):
        for shape in list(owner.placeholders):
            kind = shape._element.find(f".//{qn('p:ph')}").get("type")
            if kind == "title":
                _place(shape, *_TITLE)
            elif kind == "sldNum":
                _place(shape, Inches(11.73), Inches(6.98), Inches(1.0), Inches(0.32))
            else:
                shape._element.getparent().remove(shape._element)
    properties = deck.core_properties
    properties.title, properties.author, properties.language = deck_title(book), "kinerja_sim", book.lang
    properties.keywords, properties.comments = str(book.manifest["run_id"]), str(book.provenance())
    return deck


_TITLE = (LEFT, Inches(0.8), WIDE, Inches(1.12))


def _add_slide(deck: Any, finding: Finding, book: Book) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    slide._element.cSld.set("name", finding.name)
    opening = finding.kind == "opening"
    _title(slide, finding, book, opening=opening)
    top = Inches(1.5) if opening else Inches(0.38)
    _text_box(slide, "kicker", [finding.kicker], (LEFT, top, WIDE, Inches(0.42)), KICKER_SIZE, ACCENT, book, bold=True)
    if isinstance(finding.chart, Shares):
        frame = add_shares(slide.shapes, finding.chart, (Inches(6.5), Inches(2.0), Inches(6.2), Inches(4.85)), book)
        _describe(frame, "chart-0", finding.chart.alts(book)[0])
        _lines(slide, finding, (LEFT, Inches(2.15), Inches(5.7), Inches(4.6)), book, bullets=True)
    elif finding.chart is not None:
        least = height_of([str(line) for line in finding.lines], LINE_SIZES[-1], WIDE / PER_POINT, gap=6)
        room = Length(max(Inches(0.66), int(least * PER_POINT)))  # many lines take their room from the chart
        _effects(slide, finding.chart, book, Length(Inches(6.66) - room))
        _lines(slide, finding, (LEFT, Length(Inches(6.76) - room), WIDE, room), book)
    elif finding.table:
        bottom = _table(slide, finding, book)
        _lines(slide, finding, (LEFT, Length(bottom + Inches(0.2)), WIDE, Inches(0.7)), book)
    else:
        _lines(slide, finding, (LEFT, Inches(4.2), WIDE, Inches(2.4)), book)
    if finding.footer:
        box = (LEFT, Inches(6.86), Inches(11.0), Inches(0.5))
        _text_box(slide, "footer", [finding.footer], box, FOOTER_SIZE, FAINT, book)
    _slide_number(slide, deck.slide_layouts[0])
    slide.notes_slide.notes_text_frame.text = "\n".join(finding.notes)


def _title(slide: Any, finding: Finding, book: Book, *, opening: bool) -> None:
    """Fill the title's own placeholder, so that outlines and screen readers know it."""
    shape = slide.shapes.title
    shape.name = "title"
    if opening:
        _place(shape, LEFT, Inches(1.95), WIDE, Inches(1.7))
    frame = shape.text_frame
    frame.text = finding.title
    frame.vertical_anchor, frame.word_wrap = MSO_ANCHOR.TOP, True
    _no_margins(frame)
    sizes = OPENING_SIZES if opening else TITLE_SIZES
    size = largest_that_fits(finding.title, sizes, shape.width / PER_POINT, shape.height / PER_POINT, bold=True)
    _format(frame, size, INK, book, bold=True)


def _effects(slide: Any, chart: Effects, book: Book, bottom: Length) -> None:
    """Add the panels of a chart side by side; only the first one carries the labels of the lines."""
    alts, n = chart.alts(book), len(chart.panels)
    first = Inches(6.4) if n > 1 else WIDE
    rest = Length((WIDE - first) // (n - 1)) if n > 1 else Length(0)
    left, top = Length(LEFT), Inches(2.35 if n > 1 else 2.0)
    for i, panel in enumerate(chart.panels):
        width = first if i == 0 else rest
        frame = add_effects(slide.shapes, chart, i, (left, top, width, Length(bottom - top)), book)
        _describe(frame, f"chart-{i}", alts[i])
        if n > 1:
            box = (left, Inches(2.0), width, Inches(0.35))
            _text_box(slide, f"head-{i}", [panel.title], box, 16, INK, book, bold=True, align=PP_ALIGN.RIGHT)
        left = Length(left + width)


def _table(slide: Any, finding: Finding, book: Book) -> int:
    """Add the finding's table, as large as fits, and return where it ends."""
    n_rows, n_columns = len(finding.table), len(finding.table[0])
    shape = slide.shapes.add_table(n_rows, n_columns, LEFT, Inches(2.0), WIDE, Length(Inches(0.4) * n_rows))
    _describe(shape, "table", finding.table_alt)
    table = shape.table
    table.horz_banding = False
    longest = [max(len(row[j]) for row in finding.table) for j in range(n_columns)]
    widths = [int(WIDE * share) for share in _shares_of_width(longest)]
    room = Inches(4.0 if finding.lines else 4.7)
    size, heights = next(
        (s, h) for s in CELL_SIZES if sum(h := _row_heights(finding, widths, s)) <= room or s == CELL_SIZES[-1]
    )
    numbers = [not any(c.isalpha() for row in finding.table[1:] for c in row[j]) for j in range(n_columns)]
    for j, width in enumerate(widths):
        table.columns[j].width = Length(width)
    for i, row in enumerate(finding.table):
        table.rows[i].height = Length(heights[i])
        for j, text in enumerate(row):
            cell = table.cell(i, j)
            cell.text = text
            if numbers[j]:
                cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
            cell.margin_top = cell.margin_bottom = Inches(0.04)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.fill.solid()
            cell.fill.fore_color.rgb = RGBColor.from_string(ACCENT if i == 0 else "FFFFFF" if i % 2 else "F3F5F7")
            _format(cell.text_frame, size, "FFFFFF" if i == 0 else INK, book, bold=i == 0)
    return int(Inches(2.0) + sum(heights))


def _row_heights(finding: Finding, widths: Sequence[int], size: float) -> list[int]:
    """Return the height of every row, in the unit of python-pptx."""
    return [
        int(
            max(
                height_of([cell], size, (width - Inches(0.2)) / PER_POINT, bold=i == 0) * PER_POINT + Inches(0.1)
                for cell, width in zip(row, widths, strict=True)
            )
        )
        for i, row in enumerate(finding.table)
    ]


def _shares_of_width(longest: list[int]) -> list[float]:
    """Return each column's share of the width, by its longest text; none is starved."""
    wanted = [min(max(n, 14), 60) for n in longest]
    return [w / sum(wanted) for w in wanted]


def _lines(slide: Any, finding: Finding, box: tuple[Length, ...], book: Book, *, bullets: bool = False) -> None:
    if not finding.lines:
        return
    width, height = box[2] / PER_POINT - (20 if bullets else 0), box[3] / PER_POINT
    sizes = (20.0,) if finding.kind == "opening" else LINE_SIZES
    texts = [str(line) for line in finding.lines]
    size = next((s for s in sizes if height_of(texts, s, width, gap=6) <= height), sizes[-1])
    _text_box(slide, "lines", texts, box, size, INK, book, bullets=bullets)


def _text_box(
    slide: Any, name: str, texts: Sequence[str], box: tuple[Length, ...], size: float, colour: str, book: Book, *,
    bold: bool = False, bullets: bool = False, align: PP_ALIGN | None = None,
) -> None:  # fmt: skip
    shape = slide.shapes.add_textbox(*box)
    shape.name = name
    frame = shape.text_frame
    frame.word_wrap = True
    _no_margins(frame)
    for i, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        paragraph.text = text
        paragraph.space_before = Pt(6 if i else 0)
        if align is not None:
            paragraph.alignment = align
        if bullets:
            properties = paragraph._p.get_or_add_pPr()
            properties.set("marL", "228600")
            properties.set("indent", "-228600")
            etree.SubElement(properties, qn("a:buChar"), char="•")
    _format(frame, size, colour, book, bold=bold)


def _format(frame: Any, size: float, colour: str, book: Book, *, bold: bool = False) -> None:
    language = MSO_LANGUAGE_ID.INDONESIAN if book.lang == "id" else MSO_LANGUAGE_ID.ENGLISH_UK
    for run in (run for paragraph in frame.paragraphs for run in paragraph.runs):
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = RGBColor.from_string(colour)
        run.font.language_id = language
    for paragraph in frame.paragraphs:
        if paragraph.alignment is None:
            paragraph.alignment = PP_ALIGN.LEFT


def _no_margins(frame: Any) -> None:
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Emu(0)


def _place(shape: Any, left: Length, top: Length, width: Length, height: Length) -> None:
    shape.left, shape.top, shape.width, shape.height = left, top, width, height


def _describe(frame: Any, name: str, text: str) -> None:
    """Name a chart or table and give it the text that a screen reader reads."""
    frame.name = name
    frame._element.nvGraphicFramePr.cNvPr.set("descr", text)


def _slide_number(slide: Any, layout: Any) -> None:
    """Copy the layout's slide number to the slide; python-pptx leaves it out."""
    number = next(s for s in layout.placeholders if s._element.find(f".//{qn('p:ph')}").get("type") == "sldNum")
    copy = etree.fromstring(etree.tostring(number._element), parser=number._element.getroottree().parser)
    taken = [int(e.get("id")) for e in slide.shapes._spTree.iter(qn("p:cNvPr"))]
    copy.find(f".//{qn('p:cNvPr')}").set("id", str(max(taken) + 1))
    slide.shapes._spTree.append(copy)
