"""Native charts for PowerPoint: bars with two error bars each, their data in the chart's own workbook.

The error bars refer to columns of that workbook, so whoever edits the data sees them move.
python-pptx has no error bars and gives a workbook two columns; the rest is added here.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import Any

from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.oxml.ns import qn
from pptx.util import Length, Pt

from kinerja_sim.present.charts import GRADE_COLOURS, Effects, Panel, Series, Shares
from kinerja_sim.present.claims import Number
from kinerja_sim.present.claims_book import Book

C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
INK, GREY, GRID = "222222", "5B6673", "D5D5D5"
LABEL_SIZE, AXIS_SIZE, TICK_SIZE, LABEL_WIDTH = 16, 14, 14, 40
MANY_LABELS, WIDE = 5, 50  # that many rows have room for two lines each: LibreOffice leaves out labels that touch
Box = tuple[Length, Length, Length, Length]


def add_effects(shapes: Any, chart: Effects, number: int, box: Box, book: Book) -> Any:
    """Add one panel of `chart` as a native chart and return its graphic frame; only the first carries labels."""
    t, panel = book.t, chart.panels[number]
    series, alone = chart.series(panel), len(chart.panels) == 1
    data = CategoryChartData(number_format="General")
    width = WIDE if alone and len(panel.marks) >= MANY_LABELS else LABEL_WIDTH
    labels = [textwrap.fill(m.label, width) for m in panel.marks]  # a long one would take the plot's room
    data.categories = [
        f"{label}\n{m.words}" if m.words and alone else label for label, m in zip(labels, panel.marks, strict=True)
    ]
    names = [t("Effect"), t("Monte Carlo precision")]
    for one, name in zip(series, names, strict=False):
        data.add_series(name, [_cell(n) for n in one.values])
    frame = shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *box, data)
    native = frame.chart
    plot = native.plots[0]
    plot.gap_width, plot.overlap = 60, 100
    native.has_title, native.has_legend = False, False
    columns = _extend_workbook(native, series, names, book)
    for i, (one, drawn) in enumerate(zip(series, plot.series, strict=True)):
        drawn.invert_if_negative = False  # else PowerPoint paints bars below zero white
        if i == 0:
            for at, mark in enumerate(panel.marks):
                _fill(drawn.points[at].format.fill, mark.colour)
            for point in drawn._element.iter(qn("c:dPt")):
                if point.find(qn("c:invertIfNegative")) is None:
                    point.find(qn("c:idx")).addnext(etree.Element(qn("c:invertIfNegative"), val="0"))
        else:
            drawn.format.fill.background()
        look = (_thick(panel), 5.0) if i else (INK, 1.75)
        _error_bars(drawn, one, columns[i], *look, capped=not i)
    _axes(native, panel, alone=alone, with_labels=number == 0)
    if len(panel.marks) >= MANY_LABELS:
        native.category_axis.tick_labels.font.size = Pt(TICK_SIZE)
    return frame


def _cell(number: Number) -> float | None:
    """Return a number as a cell of the workbook has it; empty where there is none."""
    return float(number.shown) if number.shown else None


def _fill(fill: Any, colour: str) -> None:
    fill.solid()
    fill.fore_color.rgb = RGBColor.from_string(_tint(colour))


def add_shares(shapes: Any, chart: Shares, box: Box, book: Book) -> Any:
    """Add bars that add up to 100 % as a native chart and return its graphic frame."""
    data = CategoryChartData(number_format="General")
    data.categories = chart.labels
    for one in chart.series():
        data.add_series(one.name, [_cell(n) for n in one.values])
    frame = shapes.add_chart(XL_CHART_TYPE.BAR_STACKED, *box, data)
    native = frame.chart
    native.plots[0].gap_width, native.plots[0].overlap = 40, 100
    for drawn, grade in zip(native.plots[0].series, chart.values, strict=True):
        drawn.invert_if_negative = False
        drawn.format.fill.solid()
        drawn.format.fill.fore_color.rgb = RGBColor.from_string(GRADE_COLOURS[grade].lstrip("#"))
    native.has_title, native.has_legend = False, True
    native.legend.position, native.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    native.legend.font.size = Pt(LABEL_SIZE)
    _axis_text(native, chart.axis)
    native.value_axis.minimum_scale, native.value_axis.maximum_scale = 0, 100
    native.category_axis.reverse_order = True
    _labels_below(native)
    return frame


def _axes(native: Any, panel: Panel, *, alone: bool, with_labels: bool) -> None:
    """Set the axis's span, so that no error bar is cut, and its texts."""
    from matplotlib.ticker import MaxNLocator

    ends = [v for m in panel.marks for v in m.values if v == v]
    low, high = (min(0.0, *ends), max(0.0, *ends)) if panel.signed else (0.0, 100.0)
    whole = max(abs(low), abs(high)) >= 0.5  # a decimal mark is written in the language of the program, not of the deck
    ticks = MaxNLocator(nbins=6 if alone else 2, steps=[1, 2, 2.5, 5, 10], integer=whole).tick_values(low, high)
    axis = native.value_axis
    axis.minimum_scale, axis.maximum_scale = float(ticks[0]), float(ticks[-1])
    if panel.zero:
        axis.crosses_at = panel.zero  # bars start where neither side has it
    axis.major_unit = float(ticks[1] - ticks[0])
    _axis_text(native, panel.axis)
    places = max(len(f"{tick:.4f}".rstrip("0").partition(".")[2]) for tick in ticks)
    digits = "0" + ("." + "0" * places if places else "")
    axis.tick_labels.number_format = f"+{digits};−{digits};0" if panel.signed else digits
    axis.tick_labels.number_format_is_linked = False
    native.category_axis.reverse_order = True
    native.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    if not with_labels:
        native.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    _labels_below(native)


def _axis_text(native: Any, text: str) -> None:
    axis, categories = native.value_axis, native.category_axis
    axis.has_title = True
    axis.axis_title.text_frame.text = text
    font = axis.axis_title.text_frame.paragraphs[0].runs[0].font
    font.size, font.bold = Pt(AXIS_SIZE), False
    font.color.rgb = RGBColor.from_string(INK)
    axis.tick_labels.font.size, categories.tick_labels.font.size = Pt(TICK_SIZE), Pt(LABEL_SIZE)
    for one in (axis, categories):
        one.tick_labels.font.color.rgb = RGBColor.from_string(INK)
    axis.has_major_gridlines = True
    axis.major_gridlines.format.line.color.rgb = RGBColor.from_string(GRID)
    axis.format.line.fill.background()
    categories.format.line.color.rgb = RGBColor.from_string(INK)
    categories.major_tick_mark = XL_TICK_MARK.NONE
    upright = axis._element.find(qn("c:txPr")).find(qn("a:bodyPr"))
    upright.set("rot", "0")
    upright.set("vert", "horz")
    skip = etree.Element(qn("c:tickLblSkip"), val="1")  # every label, however narrow the rows
    categories._element.find(qn("c:noMultiLvlLbl")).addprevious(skip)


def _labels_below(native: Any) -> None:
    """Keep the value axis below a category axis that runs from the top down."""
    crosses = native.value_axis._element.find(qn("c:crosses"))
    crosses.set("val", "max")


def _extend_workbook(native: Any, series: Sequence[Series], names: Sequence[str], book: Book) -> list[tuple[str, str]]:
    """Add what the error bars reach to the chart's workbook; return each series' two column letters."""
    from openpyxl import load_workbook
    from openpyxl.utils import get_column_letter

    part = native.part.chart_workbook.xlsx_part
    workbook = load_workbook(io.BytesIO(part.blob))
    sheet, letters = workbook.active, []
    at = sheet.max_column + 1
    for one, name in zip(series, names, strict=False):
        heads = (book.t("{name}: below", name=name), book.t("{name}: above", name=name))
        for offset, (head, numbers) in enumerate(zip(heads, (one.minus, one.plus), strict=True)):
            sheet.cell(1, at + offset, head)
            for row, number in enumerate(numbers, start=2):
                sheet.cell(row, at + offset, _cell(number))
        letters.append((get_column_letter(at), get_column_letter(at + 1)))
        at += 2
    buffer = io.BytesIO()
    workbook.save(buffer)
    native.part.chart_workbook.update_from_xlsx_blob(buffer.getvalue())
    return letters


def _error_bars(
    drawn: Any, series: Series, columns: tuple[str, str], colour: str, width: float, *, capped: bool
) -> None:  # fmt: skip
    """Give a series error bars that refer to columns of the workbook."""
    bars = etree.Element(f"{{{C}}}errBars", nsmap={"c": C, "a": A})
    for tag, value in (("errBarType", "both"), ("errValType", "cust"), ("noEndCap", "0" if capped else "1")):
        etree.SubElement(bars, f"{{{C}}}{tag}", val=value)
    for tag, numbers, column in (("plus", series.plus, columns[1]), ("minus", series.minus, columns[0])):
        reference = etree.SubElement(etree.SubElement(bars, f"{{{C}}}{tag}"), f"{{{C}}}numRef")
        etree.SubElement(reference, f"{{{C}}}f").text = f"Sheet1!${column}$2:${column}${len(numbers) + 1}"
        cache = etree.SubElement(reference, f"{{{C}}}numCache")
        etree.SubElement(cache, f"{{{C}}}formatCode").text = "General"
        etree.SubElement(cache, f"{{{C}}}ptCount", val=str(len(numbers)))
        for i, number in enumerate(numbers):
            if not number.shown:
                continue  # no interval, so no bar
            point = etree.SubElement(cache, f"{{{C}}}pt", idx=str(i))
            etree.SubElement(point, f"{{{C}}}v").text = number.shown
    line = etree.SubElement(etree.SubElement(bars, f"{{{C}}}spPr"), f"{{{A}}}ln", w=str(int(width * 12700)), cap="flat")
    etree.SubElement(etree.SubElement(line, f"{{{A}}}solidFill"), f"{{{A}}}srgbClr", val=colour)
    drawn._element.find(qn("c:cat")).addprevious(bars)


def _thick(panel: Panel) -> str:
    """Return the colour of the thick bars: the marks' own when they share one, else grey."""
    colours: Sequence[str] = list(dict.fromkeys(m.colour for m in panel.marks))
    return colours[0].lstrip("#") if len(colours) == 1 else GREY


def _tint(colour: str) -> str:
    """Return a colour halfway to white, so that error bars show on it.

    Examples
    --------
    >>> _tint("#0173b2")
    '80B9D9'
    """
    parts = [int(colour.lstrip("#")[i : i + 2], 16) for i in (0, 2, 4)]
    return "".join(f"{(p + 255 + 1) // 2:02X}" for p in parts)
