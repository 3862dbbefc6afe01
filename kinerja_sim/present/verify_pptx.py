"""What a PowerPoint deck shows, read from the file: texts, tables, notes, the data of native charts."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from kinerja_sim.present.claims import six_digits
from kinerja_sim.present.claims_bound import Inventory

BINDINGS_PART = "/customXml/kinerja-bindings.xml"


def read_pptx(path: Path) -> Inventory:
    """Return what the deck at `path` shows.

    Raises
    ------
    Exception
        Whatever python-pptx raises for a file that is no deck.
    """
    from pptx import Presentation

    deck, inventory = Presentation(str(path)), Inventory()
    for i, slide in enumerate(deck.slides, start=1):
        name = slide._element.cSld.get("name") or f"slide-{i}"
        for shape in ungrouped(slide.shapes):
            _read_shape(shape, name, inventory)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            inventory.add(f"{name}/notes", slide.notes_slide.notes_text_frame.text)
    inventory.bindings = _bindings(deck)
    return inventory


def ungrouped(shapes: Any) -> Iterator[Any]:
    """Yield shapes, those inside groups too."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from ungrouped(shape.shapes)
        else:
            yield shape


def _read_shape(shape: Any, slide: str, inventory: Inventory) -> None:
    from pptx.oxml.ns import qn

    address = f"{slide}/{shape.name}"
    placeholder = shape._element.find(f".//{qn('p:ph')}")
    if placeholder is not None and placeholder.get("type") == "sldNum":
        return  # a field that PowerPoint fills
    if placeholder is not None and placeholder.get("type") in ("title", "ctrTitle"):
        address = f"{slide}/title"  # some programs rename shapes; a title stays a title
    described = shape._element.find(f".//{qn('p:cNvPr')}")
    if described is not None and described.get("descr"):
        inventory.add(f"{address}/alt", described.get("descr"))
    if shape.has_text_frame:
        inventory.add(address, shape.text_frame.text)
    if getattr(shape, "has_table", False):
        for i, row in enumerate(shape.table.rows):
            for j, cell in enumerate(row.cells):
                inventory.add(f"{address}/{i}.{j}", cell.text)
    if getattr(shape, "has_chart", False):
        _read_chart(shape.chart, address, inventory)
    if hasattr(shape, "image"):
        inventory.pictures[address] = hashlib.sha256(shape.image.blob).hexdigest()


def _read_chart(chart: Any, address: str, inventory: Inventory) -> None:
    """Read what a chart draws (its cached values) and what its workbook holds, which must say the same."""
    from pptx.oxml.ns import qn

    space = chart._chartSpace
    names = [series.name for series in chart.plots[0].series]
    inventory.add(f"{address}/labels", " ".join([*(str(c) for c in chart.plots[0].categories), *names]))
    if chart.has_title:
        inventory.add(f"{address}/title", chart.chart_title.text_frame.text)
    titles = [t.text or "" for ax in space.iter(qn("c:valAx"), qn("c:catAx")) for t in ax.iter(qn("a:t"))]
    inventory.add(f"{address}/axis", " ".join(titles))
    # text that somebody typed on a point or in a text box inside the chart
    typed = [t.text or "" for label in space.iter(qn("c:dLbl")) for t in label.iter(qn("a:t"))]
    inventory.add(f"{address}/data-labels", " ".join(typed))
    drawn = _drawn(space)
    columns = _workbook(chart)
    for (part, values), column in zip(drawn.items(), [*columns, *([[]] * len(drawn))], strict=False):
        differing = [f"{a} (workbook: {b})" for a, b in zip_longest(values, column, fillvalue="–") if a != b]
        inventory.data[f"{address}/{part}"] = differing or values


def _drawn(space: Any) -> dict[str, list[str]]:
    """Return a chart's cached values: those of every series, then the reaches of its error bars, as in the workbook."""
    from pptx.oxml.ns import qn

    values, reaches = {}, {}
    for i, series in enumerate(space.iter(qn("c:ser"))):
        values[f"{i}.values"] = _points(series.find(qn("c:val")))
        bars = series.find(qn("c:errBars"))
        for part in ("minus", "plus") if bars is not None else ():
            reaches[f"{i}.{part}"] = _points(bars.find(qn(f"c:{part}")))
    return values | reaches


def _points(holder: Any) -> list[str]:
    """Return cached values as six digits, empty where a point has none."""
    from pptx.oxml.ns import qn

    if holder is None:
        return []
    count = next(holder.iter(qn("c:ptCount")), None)
    found = [""] * (int(count.get("val")) if count is not None else 0)
    for point in holder.iter(qn("c:pt")):
        at, value = int(point.get("idx")), six_digits(float(point.find(qn("c:v")).text))
        found += [""] * (at + 1 - len(found))
        found[at] = value
    return found


def _workbook(chart: Any) -> list[list[str]]:
    """Return the number columns of a chart's workbook; none when there is no workbook."""
    from openpyxl import load_workbook

    part = chart.part.chart_workbook.xlsx_part
    if part is None:
        return []
    sheet = load_workbook(io.BytesIO(part.blob), data_only=True).active
    columns = list(sheet.iter_cols(min_col=2, min_row=2, values_only=True))
    return [[_cell(value) for value in column] for column in columns]


def _cell(value: object) -> str:
    return six_digits(float(value)) if isinstance(value, int | float) else "" if value is None else str(value)


def _bindings(deck: Any) -> dict[str, Any] | None:
    from lxml import etree

    for part in deck.part.package.iter_parts():
        if str(part.partname) == BINDINGS_PART or (
            str(part.partname).startswith("/customXml/") and b"urn:kinerja-sim:bindings" in part.blob
        ):
            found: dict[str, Any] = json.loads(etree.fromstring(part.blob).text or "{}")
            return found
    return None
