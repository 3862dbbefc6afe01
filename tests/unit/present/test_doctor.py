"""The deck doctor finds every planted fault, one at a time, and nothing in what we write."""

import re

import pytest
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from kinerja_sim.know.errors import RunError
from kinerja_sim.present.doctor import CODES, check_built, diagnose, fault_text
from kinerja_sim.present.doctor_fit import count_lines, largest_that_fits
from kinerja_sim.present.i18n import translator


def codes(path):
    """Return the codes of a file's faults."""
    return {fault.code for fault in diagnose(path)}


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("name", ["deck.pptx", "deck.html", "brief.pdf"])
def test_what_we_write_has_no_fault(built, lang, name):
    """Decks and briefs of plausible tables are fit to be shown as they are."""
    assert diagnose(built / lang / name) == []
    check_built(built / lang / name)


def slide_of(deck, name):
    """Return the slide of a finding."""
    return next(s for s in deck.slides if s._element.cSld.get("name") == name)


def shape_of(deck, slide, name):
    """Return a shape by its name."""
    return next(s for s in slide_of(deck, slide).shapes if s.name == name)


def chart_of(deck):
    """Return the native chart of the first region."""
    return shape_of(deck, "region-tebing-tinggi", "chart-0").chart


def outside(deck):
    """Push a box over the edge."""
    shape_of(deck, "region-tebing-tinggi", "lines").left = Inches(12)


def overflow(deck):
    """Write more than a box holds."""
    frame = shape_of(deck, "region-tebing-tinggi", "lines").text_frame
    frame.paragraphs[0].runs[0].text = "many words that do not end " * 20


def overflowing_cell(deck):
    """Write more than a table's cell holds."""
    cell = shape_of(deck, "null", "table").table.cell(1, 0)
    cell.text_frame.paragraphs[0].runs[0].text = "a name that does not end " * 12


def overlap(deck):
    """Lay a box over the chart."""
    shape_of(deck, "region-tebing-tinggi", "lines").top = Inches(3)


def tiny(deck):
    """Set a line in nine points."""
    shape_of(deck, "region-tebing-tinggi", "lines").text_frame.paragraphs[0].runs[0].font.size = Pt(9)


def tiny_axis(deck):
    """Set a chart's labels in eight points."""
    chart_of(deck).value_axis.tick_labels.font.size = Pt(8)


def faint(deck):
    """Set a title in light grey."""
    run = slide_of(deck, "capacity").shapes.title.text_frame.paragraphs[0].runs[0]
    run.font.color.rgb = RGBColor.from_string("BBBBBB")


def faint_cell(deck):
    """Set white text on a white cell."""
    cell = shape_of(deck, "null", "table").table.cell(1, 0)
    cell.text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor.from_string("FFFFFF")


def linked(deck):
    """Link a text to the network."""
    run = shape_of(deck, "region-tebing-tinggi", "lines").text_frame.paragraphs[0].runs[0]
    run.hyperlink.address = "https://example.org/"


def undescribed(deck):
    """Take a chart's description away."""
    shape_of(deck, "capacity", "chart-0")._element.nvGraphicFramePr.cNvPr.set("descr", "")


def without_notes(deck):
    """Empty the speaker notes of a slide."""
    slide_of(deck, "capacity").notes_slide.notes_text_frame.text = ""


def without_bars(deck):
    """Take a chart's error bars away."""
    for bars in list(chart_of(deck)._chartSpace.iter(qn("c:errBars"))):
        bars.getparent().remove(bars)


def without_range(deck):
    """Shorten a title to its effect."""
    title = slide_of(deck, "region-tebing-tinggi").shapes.title
    title.text = re.sub(r" \(.*\)", "", title.text)


def without_unit(deck):
    """Take the unit out of a title."""
    title = slide_of(deck, "region-tebing-tinggi").shapes.title
    title.text = title.text.replace("working days", "")


def nameless_axis(deck):
    """Take the name of a chart's axis away."""
    chart_of(deck).value_axis.has_title = False


def untitled(deck):
    """Empty a title."""
    slide_of(deck, "capacity").shapes.title.text = ""


def unnumbered(deck):
    """Take a slide's number away."""
    number = next(p for p in slide_of(deck, "capacity")._element.iter(qn("p:ph")) if p.get("type") == "sldNum")
    shape = number.getparent().getparent().getparent()
    shape.getparent().remove(shape)


def narrow(deck):
    """Make the slides 4:3."""
    deck.slide_height = Inches(10)


def cut(deck):
    """Let an axis end before its bars do."""
    axis = chart_of(deck).value_axis
    axis.minimum_scale = axis.minimum_scale / 10


def without_data(deck):
    """Take the workbook away from a chart."""
    space = chart_of(deck)._chartSpace
    space.remove(space.find(qn("c:externalData")))


def without_limits(deck):
    """Take the last slide away."""
    ids = deck.slides._sldIdLst
    deck.part.drop_rel(ids[-1].rId)
    ids.remove(ids[-1])


def without_limits_shown(deck):
    """Hide the last slide."""
    deck.slides[len(deck.slides) - 1]._element.set("show", "0")


def tiny_in_a_group(deck):
    """Hide small type in a group."""
    box = slide_of(deck, "null").shapes.add_group_shape().shapes.add_textbox(0, 0, Inches(4), Inches(1))
    box.text_frame.text = "a footnote"
    box.text_frame.paragraphs[0].runs[0].font.size = Pt(6)


PPTX = [
    (outside, "outside"), (overflow, "overflow"), (overflowing_cell, "overflow"), (overlap, "overlap"), (tiny, "tiny"),
    (tiny_axis, "tiny"), (faint, "contrast"), (faint_cell, "contrast"), (linked, "remote"), (undescribed, "no_alt"),
    (without_notes, "no_notes"), (without_bars, "no_interval"), (without_range, "no_interval"),
    (without_unit, "no_unit"), (nameless_axis, "no_unit"), (untitled, "no_title"), (unnumbered, "no_number"),
    (narrow, "format"), (cut, "cut"), (without_data, "no_data"), (without_limits, "no_limits"),
    (without_limits_shown, "no_limits"), (tiny_in_a_group, "tiny"),
]  # fmt: skip


@pytest.mark.parametrize(("plant", "code"), PPTX, ids=[plant.__name__ for plant, _ in PPTX])
def test_a_fault_planted_in_the_pptx_is_found(built, tmp_path, plant, code):
    """Each planted fault is found by its name, and the build would stop."""
    deck, path = Presentation(str(built / "en" / "deck.pptx")), tmp_path / "deck.pptx"
    plant(deck)
    deck.save(str(path))

    assert code in codes(path)
    with pytest.raises(RunError, match="not fit to be shown"):
        check_built(path)


HTML = {
    "remote": ("</section>", '<img data-k="logo" src="https://example.org/logo.png" alt="logo"></section>'),
    "remote style": ("<style>", "<style>@import 'https://example.org/a.css';"),
    "remote script": (
        '<script id="kinerja-bindings"',
        '<script src="https://example.org/a.js"></script><script id="kinerja-bindings"',
    ),
    "tiny": ('<div class="lines" data-k="lines"><p>', '<div class="lines" data-k="lines"><p style="font-size: 11px">'),
    "tiny style": ("font-size: 34px", "font-size: 12px"),
    "contrast": (
        '<div class="lines" data-k="lines"><p>',
        '<div class="lines" data-k="lines"><p style="color: #bbbbbb">',
    ),
    "tiny second style": ("</style>", "</style><style>.kicker {font-size: 8px}</style>"),
    "contrast hidden": ('<h2 data-k="title"', '<h2 hidden data-k="title"'),
    "contrast style": ("--ink: #1d2733", "--ink: #c0c0c0"),
    "no_alt": (' alt="Chart', ' alt="" title="Chart'),
    "no_title": ('<h2 data-k="title"', '<h2 data-k="heading"'),
    "no_notes": ('<aside class="notes" data-k="notes">', '<aside class="notes" data-k="note">'),
    "no_language": ('<html lang="en">', "<html>"),
    "overflow": (
        '<div class="lines" data-k="lines"><p>',
        '<div class="lines" data-k="lines"><p>' + "many words " * 120,
    ),
    "overflow of paragraphs": (
        '<div class="lines" data-k="lines"><p>',
        '<div class="lines" data-k="lines"><p>' + "one line</p><p>" * 12,
    ),
    "no_limits": ('id="limits"', 'id="thanks"'),
}


@pytest.mark.parametrize("plant", HTML)
def test_a_fault_planted_in_the_html_is_found(built, tmp_path, plant):
    """Each planted fault of the reveal.js deck is found by its name."""
    html, (old, new) = (built / "en" / "deck.html").read_text("utf-8"), HTML[plant]
    start = html.rindex("<style>", 0, html.index("House style of the deck")) if "style" in plant else 0
    path = tmp_path / "deck.html"
    assert old in html[start:]
    path.write_text(html[:start] + html[start:].replace(old, new, 1), encoding="utf-8")

    assert plant.split()[0] in codes(path)


def test_a_title_without_its_range_is_found_in_the_html(built, tmp_path):
    """A title cut down to its effect is found there too."""
    html, path = (built / "en" / "deck.html").read_text("utf-8"), tmp_path / "deck.html"
    start = html.index('id="region-tebing-tinggi"')
    path.write_text(html[:start] + re.sub(r" \([^()]*\)</h2>", "</h2>", html[start:], count=1), encoding="utf-8")

    assert "no_interval" in codes(path)


def linked_page(writer):
    """Put a link on a page."""
    writer.add_annotation(0, Link(rect=(50, 50, 100, 100), url="https://example.org/"))


def large_page(writer):
    """Make a page larger than A4."""
    writer.pages[0].mediabox.upper_right = (700, 900)


def undescribed_figure(writer):
    """Empty the description of every figure."""

    def empty(node):
        if node.get("/S") == "/Figure":
            node[NameObject("/Alt")] = TextStringObject("")
        children = node.get("/K", [])
        for child in children if isinstance(children, list) else [children]:
            found = child.get_object() if hasattr(child, "get_object") else child
            if hasattr(found, "get"):
                empty(found)

    empty(writer._root_object["/StructTreeRoot"].get_object())


def speechless(writer):
    """Take the language away."""
    del writer._root_object[NameObject("/Lang")]


def scripted(writer):
    """Let the file do something when it is opened."""
    action = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("1")})
    writer._root_object[NameObject("/OpenAction")] = action


def one_page_more(writer):
    """Let the text run over to another page."""
    writer.add_page(writer.pages[-1])


def shrunk(writer):
    """Scale a page's contents down without scaling the page."""
    page = writer.pages[0]
    contents = page.get_contents()
    contents.set_data(b"0.5 0 0 0.5 0 0 cm " + contents.get_data())
    page[NameObject("/Contents")] = writer._add_object(contents)


def shifted(writer):
    """Move a page's contents over the edge."""
    page = writer.pages[0]
    contents = page.get_contents()
    contents.set_data(b"1 0 0 1 -60 0 cm " + contents.get_data())
    page[NameObject("/Contents")] = writer._add_object(contents)


def pale(writer):
    """Set a page's dark ink in light grey."""
    page = writer.pages[0]
    contents = page.get_contents()
    data = contents.get_data()
    inked = re.sub(rb"0\.11\d* 0\.15\d* 0\.2 scn", b"0.8 0.8 0.8 scn", data)
    assert inked != data
    contents.set_data(inked)
    page[NameObject("/Contents")] = writer._add_object(contents)


def fontless(writer):
    """Take a font's outlines out of the file."""
    for reference in writer.pages[0]["/Resources"]["/Font"].values():
        descriptor = reference.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for key in ("/FontFile2", "/FontFile3"):
            descriptor.pop(NameObject(key), None)


PDF = [
    (linked_page, "remote"), (scripted, "remote"), (large_page, "format"), (undescribed_figure, "no_alt"),
    (speechless, "no_language"), (one_page_more, "overflow"), (shrunk, "tiny"), (shifted, "outside"),
    (pale, "contrast"), (fontless, "no_fonts"),
]  # fmt: skip


@pytest.mark.parametrize(("plant", "code"), PDF, ids=[plant.__name__ for plant, _ in PDF])
def test_a_fault_planted_in_the_pdf_is_found(built, tmp_path, plant, code):
    """Each planted fault of the brief is found by its name."""
    writer, path = PdfWriter(clone_from=built / "en" / "brief.pdf"), tmp_path / "brief.pdf"
    plant(writer)
    writer.write(path)

    assert code in codes(path)


def test_every_fault_has_words_in_both_languages():
    """A code is told in words, and in other words in the other language."""
    for code in CODES:
        assert fault_text(code, translator("id")) != fault_text(code, translator("en"))
    planted = {"no_star"} | {code for _, code in [*PPTX, *PDF]} | {plant.split()[0] for plant in HTML}
    assert planted == set(CODES)


def test_lines_are_counted_as_they_break():
    """More words, larger type and bold take more lines; the largest size that fits is taken."""
    text = "Waktu penyelesaian rata-rata di loket sangat mungkin menurun"

    assert count_lines(text, 20, 300) < count_lines(text, 30, 300)
    assert count_lines(text, 20, 300) <= count_lines(text, 20, 300, bold=True)
    assert largest_that_fits(text, (60.0, 12.0), 800, 20) == 12.0
