"""The PowerPoint deck: native charts and tables that can be edited, notes, numbers, descriptions."""

import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from pptx import Presentation
from pptx.oxml.ns import qn

from kinerja_sim.present.changes import median_text
from kinerja_sim.present.claims_book import CONTRAST, Book
from kinerja_sim.present.findings import all_findings
from kinerja_sim.present.pptx_deck import write_pptx
from kinerja_sim.present.saved import load_saved
from kinerja_sim.present.shows import write_shows
from kinerja_sim.present.text import median_note
from kinerja_sim.present.verify import verify
from tests.fakes import save_fakes


@pytest.fixture(scope="module", params=["id", "en"])
def deck(request, built):
    """The deck in one language, with its findings."""
    return Presentation(str(built / request.param / "deck.pptx")), request.param


def charts(deck):
    """Return (slide name, chart) of every native chart."""
    return [
        (slide._element.cSld.get("name"), shape.chart)
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_chart
    ]


def test_every_finding_is_a_slide_of_its_name(deck, saved):
    """Slides are the findings in their order, titles and tables word for word."""
    slides, findings = list(deck[0].slides), all_findings(Book(saved, deck[1]))

    assert [s._element.cSld.get("name") for s in slides] == [f.name for f in findings]
    assert [s.shapes.title.text for s in slides] == [str(f.title) for f in findings]
    for slide, finding in zip(slides, findings, strict=True):
        tables = [[[c.text for c in row.cells] for row in s.table.rows] for s in slide.shapes if s.has_table]
        assert tables == ([[[str(c) for c in row] for row in finding.table]] if finding.table else [])


def test_slides_are_wide_numbered_noted_and_described(deck):
    """16:9; every slide has a number and notes; every chart and table has a description."""
    assert deck[0].slide_width / deck[0].slide_height == pytest.approx(16 / 9, abs=0.001)
    for slide in deck[0].slides:
        assert len(slide.notes_slide.notes_text_frame.text) > 20
        assert [p.get("type") for p in slide._element.iter(qn("p:ph"))].count("sldNum") == 1
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                assert len(shape._element.nvGraphicFramePr.cNvPr.get("descr")) > 20


def test_only_panels_side_by_side_have_heads(deck, saved, tmp_path):
    """A head above a chart tells panels apart; a chart that stands alone has none, as in the HTML deck."""
    heads = {s._element.cSld.get("name"): sum(x.name[:5] == "head-" for x in s.shapes) for s in deck[0].slides}
    assert {name: n for name, n in heads.items() if n} == {"goodhart": 3}

    book = Book(saved, deck[1])
    finding = next(f for f in all_findings(book) if f.name == "capacity")
    headed = replace(finding.chart, panels=(replace(finding.chart.panels[0], title="Own policy, in words:"),))
    made = Presentation(write_pptx(book, [replace(finding, chart=headed)], tmp_path / "one.pptx"))
    assert [x.name for x in made.slides[0].shapes if x.name[:5] == "head-"] == []


def test_no_chart_is_a_picture(deck):
    """Every figure of the findings is a native chart, and no slide holds a picture."""
    assert len(charts(deck[0])) >= 8
    assert not [s for slide in deck[0].slides for s in slide.shapes if hasattr(s, "image")]


def test_error_bars_refer_to_the_charts_own_workbook(deck):
    """Error bars show both intervals where there are two, and point at columns that hold their values."""
    for name, chart in charts(deck[0]):
        bars = list(chart._chartSpace.iter(qn("c:errBars")))
        if name == "limits":
            assert bars == []  # counted, not estimated: no interval
            continue
        assert len(bars) == len(list(chart._chartSpace.iter(qn("c:ser"))))
        sheet = load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active
        for reference in (r for bar in bars for r in bar.iter(qn("c:numRef"))):
            cells = [c.value for (c,) in sheet[reference.find(qn("c:f")).text.partition("!")[2].replace("$", "")]]
            cached = [float(v.text) for v in reference.iter(qn("c:v"))]
            assert cached == [c for c in cells if c is not None]
    assert sum(len(list(c._chartSpace.iter(qn("c:errBars")))) == 2 for _, c in charts(deck[0])) >= 5


def test_a_charts_bars_are_the_contrasts(deck, saved):
    """The first bar of a region's chart is its own policy's effect, its error bar the plausible range."""
    book = Book(saved, deck[1])
    native = dict(charts(deck[0]))
    for region in saved.manifest["regions"]:
        row, chart = book.contrasts[book.own(region)], native[f"region-{region}"]
        bar = next(chart._chartSpace.iter(qn("c:errBars")))
        minus, plus = (float(next(bar.find(qn(f"c:{p}")).iter(qn("c:v"))).text) for p in ("minus", "plus"))
        value = chart.plots[0].series[0].values[0]
        assert (value, value - minus, value + plus) == pytest.approx(
            (row["delta_mean"], row["low"], row["high"]), rel=1e-4, abs=1e-5
        )


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_bar_stands_at_the_median_where_the_title_does(tmp_path, lang):
    """Where draws that cannot cope carry a mean, title, bar, alternative text and picture show the median; all hold."""
    folder, region = save_fakes(tmp_path), "tangerang-selatan"
    keys, table = Book(load_saved(folder), lang).own(region), load_saved(folder).contrasts.copy()
    at = (table[list(CONTRAST)].astype(str) == list(keys)).all(axis=1)
    table.loc[at, ["delta_mean", "median", "low", "high", "n_unstable"]] = [-4.0, -0.75, -9.0, 2.0, 9]
    table.to_parquet(folder / "contrasts.parquet", index=False)
    made = write_shows(folder, lang, files=["deck.pptx", "deck.html"])

    book = Book(load_saved(folder), lang)
    told = f"{median_text(book.contrasts[keys], book.t)} ("
    finding = next(f for f in all_findings(book) if f.name == f"region-{region}")
    slide = next(s for s in Presentation(made[0].path).slides if s._element.cSld.get("name") == finding.name)
    chart = next(shape for shape in slide.shapes if shape.has_chart)
    effect, precision = chart.chart.plots[0].series
    reach = [dict(p.items()) for p in precision._element.find(qn("c:errBars")).find(qn("c:plus")).iter(qn("c:pt"))]

    assert "median" in finding.title
    assert effect.values[0] == -0.75
    assert "0" not in [p["idx"] for p in reach]  # the precision is that of a mean
    assert len(reach) == len(effect.values) - 1
    assert told in chart._element.nvGraphicFramePr.cNvPr.get("descr")
    assert chart.chart.plots[0].categories[0].endswith("(median)")
    assert median_note(lang) in finding.notes
    assert median_note(lang) not in finding.lines  # the title says why
    assert finding.chart.panels[0].marks[0].values[:3] == (-0.75, -9.0, 2.0)
    assert all(verify(one.path).holds for one in made)


def test_axis_numbers_are_the_same_in_every_language(deck):
    """No axis groups its digits, and none needs a decimal mark where it reaches half a unit."""
    for name, chart in charts(deck[0]):
        axis = chart.value_axis
        assert "," not in axis.tick_labels.number_format, name
        if max(abs(axis.minimum_scale), abs(axis.maximum_scale)) >= 1:
            assert "." not in axis.tick_labels.number_format, name
            assert axis.major_unit is None or float(axis.major_unit).is_integer(), name


def test_axes_name_their_unit_and_cut_nothing(deck):
    """Every value axis has a title, and spans all intervals."""
    for name, chart in charts(deck[0]):
        assert len(chart.value_axis.axis_title.text_frame.text) > 3, name
        assert chart.value_axis.minimum_scale <= min(0.0, *(v for s in chart.plots[0].series for v in s.values))


def test_the_sources_with_their_grades_are_in_the_notes(deck, saved):
    """The speaker finds every row of the ledger under the sources."""
    sources = next(s for s in deck[0].slides if s._element.cSld.get("name") == "sources")

    for entry in saved.manifest["evidence"]["sources"]:
        assert f"{entry['name']}: {entry['source']}" in sources.notes_slide.notes_text_frame.text


def test_nothing_makes_powerpoint_repair_or_repaint(deck):
    """Shape ids are unique on a slide, and a bar below zero keeps its colour."""
    for slide in deck[0].slides:
        ids = [e.get("id") for e in slide._element.iter(qn("p:cNvPr"))]
        assert len(ids) == len(set(ids))
    for _, chart in charts(deck[0]):
        for holder in chart._chartSpace.iter(qn("c:dPt"), qn("c:ser")):
            assert [e.get("val") for e in holder.findall(qn("c:invertIfNegative"))] == ["0"]
