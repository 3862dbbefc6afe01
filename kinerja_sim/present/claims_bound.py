"""The list of bindings that travels inside a deck or brief: for every number shown, the cell it comes from.

Built from what a reader really finds in the written file, so writing and verifying look at
the same thing. A number that no finding accounts for stops the build.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kinerja_sim.know.errors import RunError
from kinerja_sim.present.charts import Effects
from kinerja_sim.present.claims import Line, Number, joined_lines, numbers_of, tokens
from kinerja_sim.present.claims_book import Book
from kinerja_sim.present.findings import Finding
from kinerja_sim.study.store import file_sum

FORMAT = 1
TABLES = ("contrasts.parquet", "results.parquet")


@dataclass
class Inventory:
    """What a file shows, by address: texts, the data of native charts, pictures by their sha256.

    `bindings` is the list found inside, None when there is none.
    """

    texts: dict[str, str] = field(default_factory=dict)
    data: dict[str, list[str]] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    bindings: dict[str, Any] | None = None

    def add(self, address: str, text: str) -> None:
        """Add a text; a second one at the same address gets an address of its own."""
        if text.strip():
            self.texts[_free(address, self.texts)] = " ".join(text.split())


def _free(address: str, taken: Mapping[str, object]) -> str:
    n = 2
    free = address
    while free in taken:
        free, n = f"{address}#{n}", n + 1
    return free


def lines_of(finding: Finding, book: Book) -> dict[str, Line]:
    """Return every text of a finding by its address."""
    at: dict[str, Line] = {}
    name = finding.name
    parts = {"kicker": finding.kicker, "title": finding.title, "footer": finding.footer}
    at |= {f"{name}/{part}": line for part, line in parts.items()}
    for part, lines in (("lines", finding.lines), ("notes", finding.notes)):
        at[f"{name}/{part}"] = joined_lines(lines)
    if finding.table:
        at[f"{name}/table/alt"] = finding.table_alt
    for i, row in enumerate(finding.table):
        at |= {f"{name}/table/{i}.{j}": cell for j, cell in enumerate(row)}
    if finding.chart is not None:
        alts = finding.chart.alts(book)
        at[f"{name}/chart/alt"] = joined_lines(alts)
        for i, alt in enumerate(alts):
            at[f"{name}/chart-{i}/alt"] = alt
        if isinstance(finding.chart, Effects):
            for i, panel in enumerate(finding.chart.panels):
                labels = [mark.label for mark in panel.marks]
                at[f"{name}/chart-{i}/labels"] = Line("", names=labels)
                at[f"{name}/chart-{i}/axis"] = Line(panel.axis, names=[panel.axis])
                at[f"{name}/head-{i}"] = Line(panel.title, names=[panel.title])
        else:
            at[f"{name}/chart-0/labels"] = Line("", names=finding.chart.labels)
            at[f"{name}/chart-0/axis"] = Line(finding.chart.axis, names=[finding.chart.axis])
    return at


def data_of(finding: Finding) -> dict[str, list[Number]]:
    """Return the data of a finding's chart by address: per series its values and what its error bars reach."""
    if finding.chart is None:
        return {}
    if isinstance(finding.chart, Effects):
        charts = [finding.chart.series(panel) for panel in finding.chart.panels]
    else:
        charts = [finding.chart.series()]
    return {
        f"{finding.name}/chart-{i}/{j}.{part}": numbers
        for i, chart in enumerate(charts)
        for j, series in enumerate(chart)
        for part, numbers in (("values", series.values), ("minus", series.minus), ("plus", series.plus))
        if numbers
    }


def bind(inventory: Inventory, findings: Iterable[Finding], book: Book) -> dict[str, Any]:
    """Return the list of bindings of a written deck.

    Raises
    ------
    RunError
        If the file shows a number that no finding accounts for, or chart data that are not the finding's.
    """
    expected: dict[str, Line] = {}
    data: dict[str, list[Number]] = {}
    for finding in findings:
        expected |= lines_of(finding, book)
        data |= data_of(finding)
    texts, faults = {}, []
    for address, shown in inventory.texts.items():
        known = expected.get(address, Line(""))
        line = known if " ".join(known.split()) == shown else Line(shown, known.claims, known.names)
        numbers, unbound = numbers_of(line, book.write)
        faults += [f"{address}: {number}" for number in unbound]
        texts[address] = {"text": shown, "numbers": [entry_of(n, book) for n in numbers]}
    for address, values in inventory.data.items():
        known_data = [n.shown for n in data.get(address, ())]
        if values != known_data:
            faults.append(f"{address}: {values} instead of {known_data}")
    drawn = {a: {"sha256": h, "numbers": _drawn(a, data)} for a, h in inventory.pictures.items()}
    check_faults(faults)
    native = {a: [n.plain() for n in data[a]] for a in inventory.data}
    return heading(book) | {"texts": texts, "data": native, "pictures": drawn}


def entry_of(number: Number, book: Book) -> dict[str, Any]:
    """Return a number as JSON, and of an effect whether it has a range that must stand beside it."""
    entry = number.plain()
    if number.claim is not None and number.claim.column == "delta_mean" and not number.claim.style.startswith("data"):
        row = book.row(number.claim.table, number.claim.keys)
        entry["ranged"] = bool(row["low"] == row["low"] and not row["all_equal"])
    return entry


def check_faults(faults: list[str]) -> None:
    """Raise `RunError` when a written file shows numbers that nothing accounts for."""
    if faults:
        raise RunError(f"a number in the deck comes from nowhere: {'; '.join(faults[:5])}")


def _drawn(address: str, data: Mapping[str, list[Number]]) -> list[dict[str, Any]]:
    """Return the numbers that the picture at `address` was drawn from."""
    slide = address.partition("/")[0]
    return [n.plain() for a, numbers in data.items() if a.startswith(f"{slide}/chart-") for n in numbers]


def bind_page(text: str, lines: Iterable[Line], book: Book) -> tuple[dict[str, Any], list[str]]:
    """Return the binding of a page whose text came in an order of its own, and the numbers nothing accounts for."""
    pool: list[Number] = []
    for line in lines:
        numbers, unbound = numbers_of(line, book.write)
        if unbound:
            return {}, unbound
        pool += numbers
    found, faults = [], []
    for shown in tokens(text):
        at = next((i for i, n in enumerate(pool) if n.shown == shown), None)
        if at is None:
            faults.append(shown)
        else:
            found.append(entry_of(pool.pop(at), book))
    return {"text": text, "numbers": found}, faults + [f"{n.shown} is not shown" for n in pool]


def heading(book: Book) -> dict[str, Any]:
    """Return what a list of bindings says of itself: language, run and the tables' sha256."""
    folder = book.saved.folder
    sums = {name: file_sum(folder / name) for name in TABLES}
    return {
        "tool": "kinerja_sim",
        "format": FORMAT,
        "lang": book.lang,
        "run_id": book.manifest["run_id"],
        "tables": sums,
    }


def dump(bindings: Mapping[str, Any]) -> str:
    """Return a list of bindings as JSON that may stand inside HTML."""
    return json.dumps(bindings, ensure_ascii=False, separators=(",", ":"), sort_keys=True).replace("</", "<\\/")
