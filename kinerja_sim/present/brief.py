"""A PDF brief: one A4 page for the head of each region, its figures and sources on the page behind it.

Set by typst, offline, with the fonts that typst carries; figures are drawn as shapes. The
list of bindings is attached to the file.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kinerja_sim.present.changes import metric_of, range_text
from kinerja_sim.present.charts import Effects, draw
from kinerja_sim.present.claims import Claim, Line, Number, joined, joined_lines, numbers_of
from kinerja_sim.present.claims_book import POLICIES_SHOWN, Book
from kinerja_sim.present.claims_bound import bind_page, check_faults, dump, entry_of, heading
from kinerja_sim.present.deck import deck_title
from kinerja_sim.present.findings import (
    answer_lines,
    as_names,
    effects_chart,
    other_answers,
    reading_notes,
    region_finding,
    two_by_two_finding,
)
from kinerja_sim.present.findings_backup import cost_line, cost_warnings, risk_line
from kinerja_sim.present.findings_limits import estimates_in, grade_word, shorten, sources_of
from kinerja_sim.present.labels import REGION
from kinerja_sim.present.saved import ordered_scenarios, policy_label, region_title, short_unit_title, title
from kinerja_sim.present.style import SLIDE, Size
from kinerja_sim.present.tables import block_heading, effect_text, headline_pairs, most_unstable, with_unstable
from kinerja_sim.present.text import mark_notes, shown_word
from kinerja_sim.present.verify_pdf import ATTACHMENT, read_pdf

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FRONT = replace(SLIDE, width=490, height=215, base=11, small=8, wrap=30)
BEHIND = replace(FRONT, height=175, base=10)
POLICIES, REASONS, SOURCE_WIDTH = 4, 2, 76


class Room(NamedTuple):
    """How much a page may hold: other hypotheses, sources, size of type in points, tables of effects."""

    others: int
    sources: int
    points: float
    blocks: int = 4


ROOMS = (Room(4, 8, 12.0), Room(4, 6, 11.5), Room(3, 5, 11.0), Room(2, 3, 10.5), Room(1, 3, 10.0, 3))
"""Tried in turn until every region fits its two pages."""


@dataclass
class Page:
    """What one page says; every text is a `Line`."""

    kicker: Line
    title: Line
    lead: list[Line] = field(default_factory=list)
    charts: list[Effects] = field(default_factory=list)
    size: Size = FRONT
    sections: list[tuple[Line, list[Line]]] = field(default_factory=list)
    tables: list[tuple[Line, list[tuple[Line, ...]]]] = field(default_factory=list)
    small_head: Line = field(default_factory=lambda: Line(""))
    small: list[Line] = field(default_factory=list)

    def lines(self) -> Iterator[Line]:
        """Yield every text of the page."""
        yield from (self.kicker, self.title, *self.lead)
        for head, texts in self.sections:
            yield from (head, *texts)
        for head, rows in self.tables:
            yield head
            yield from (cell for row in rows for cell in row)
        yield from (self.small_head, *self.small) if self.small else ()


def write_brief(book: Book, target: Path) -> Path:
    """Write the brief of all regions whose own policy was run, with its list of bindings attached."""
    from pypdf import PdfReader, PdfWriter

    pictures: dict[str, bytes] = {}
    for room in ROOMS:
        pages = [p for region in book.answered for p in (front(book, region, room), behind(book, region, room))]
        pages = pages or [_nothing(book)]
        pdf = _compile(_data(pages, book, room, pictures), pictures)
        if len(PdfReader(io.BytesIO(pdf)).pages) == len(pages):
            break
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    try:
        partial.write_bytes(pdf)
        bindings = _bind(partial, pages, book)
        writer = PdfWriter(clone_from=partial)
        writer.add_attachment(ATTACHMENT, dump(bindings).encode("utf-8"))
        writer.write(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _compile(data: dict[str, Any], pictures: dict[str, bytes]) -> bytes:
    """Return the data set by typst; pictures go through a folder of their own, which is all that typst can read."""
    import typst

    with tempfile.TemporaryDirectory() as root:
        for i, picture in enumerate(pictures.values()):
            (Path(root) / f"figure-{i}.png").write_bytes(picture)
        main = Path(root) / "brief.typ"
        main.write_bytes(files("kinerja_sim.present").joinpath("templates", "brief.typ").read_bytes())
        inputs = {"data": json.dumps(data)}
        compiled: bytes = typst.compile(str(main), root=root, sys_inputs=inputs, ignore_system_fonts=True)
    return compiled


def front(book: Book, region: str, room: Room) -> Page:
    """Return the page for the head of a region: the answer, and what must be known beside it."""
    t, manifest, lang, keys = book.t, book.manifest, book.lang, book.own(region)
    finding, entry = region_finding(book, region), manifest["regions"][region]
    name = region_title(manifest, region, lang)
    assert finding is not None  # only regions that were answered have a page
    tested = {title(h["claim"], lang) for h in entry["hypotheses"] if h["metric"]}
    others = [line for claim, line in other_answers(book, region) if claim in tested][: room.others]
    reasons = [title(h["not_modelled"], lang) for h in entry["hypotheses"] if h["not_modelled"]][:REASONS]
    risks = _risks(book, region)
    marks = map(Line, mark_notes([*finding.words, *(line.removesuffix(".") for line in risks)], lang))
    (few, a), (many, b) = book.count("region_estimates", region), book.count("region_numbers", region)
    known = t("{estimates} of the {total} numbers in the region's file are estimates.", estimates=few, total=many)
    unseen = [Line(known, [a, b]), *(Line(reason, names=[reason]) for reason in reasons)]
    sections = [(t("What else was asked (exploratory)"), others), (t("Who loses"), risks)]
    if (region, keys[3]) in book.worth:
        sections.append((t("What it costs"), [cost_line(book, region), cost_warnings(book)[0]]))
    sections.append((t("How sure is this"), [*reading_notes(book)[:1], *marks, *_sureness(book, region)]))
    sections.append((t("What this does not show"), [*unseen, Line(t("This tool is not for rating individuals."))]))
    return Page(
        kicker=Line(
            t("A simulation, not a measurement · Brief for the head of the region · {region}", region=name),
            names=[name],
        ),
        title=finding.title,
        lead=answer_lines(book, region),
        charts=[finding.chart] if isinstance(finding.chart, Effects) else [],
        sections=[(Line(head), lines) for head, lines in sections if lines],
    )


def _risks(book: Book, region: str) -> list[Line]:
    """Return how many outcomes likely get worse in a region, and the likeliest one."""
    t, listed = book.t, [risk for risk in book.risks if risk.keys[0] == region]
    if not listed:
        return []
    (_, a), (total, b) = book.count("region_losers", region), book.count("region_risks", region)
    text = t.plural("{n} of the {total} outcomes looked at likely gets worse; likeliest of all:",
                    "{n} of the {total} outcomes looked at likely get worse; likeliest of all:",
                    book.fact("region_losers", region), total=total)  # fmt: skip
    worst = risk_line(book, listed[0])
    return [joined(f"{text} {worst}.", Line(text, [a, b]), worst)]


def _sureness(book: Book, region: str) -> list[Line]:
    """Return in which share of the draws the answer is an improvement."""
    t, keys = book.t, book.own(region)
    columns = ("probability_better", "probability_low", "probability_high")
    claims = [Claim("contrasts", keys, column, "hundred") for column in columns]
    share, low, high = (book.write(claim) for claim in claims)
    if not any(character.isdigit() for character in share):
        return []
    text = t("The primary metric improves in {share}% of the draws (95% Wilson bounds {low}–{high}%).",
             share=share, low=low, high=high)  # fmt: skip
    return [Line(text, claims, ["95% Wilson", "Wilson 95 %"])]


def behind(book: Book, region: str, room: Room) -> Page:
    """Return the page behind: a second figure, the table of effects, the sources with their grades."""
    t, manifest, lang = book.t, book.manifest, book.lang
    keys = book.own(region)
    second = two_by_two_finding(book, region)
    happy = (region, keys[1], "satisfaction_index", keys[3], "after")
    charts = []
    if second is not None and isinstance(second.chart, Effects):
        charts = [second.chart]
    elif happy in book.contrasts and book.contrasts[happy]["delta_mean"] == book.contrasts[happy]["delta_mean"]:
        charts = [effects_chart(book, region, happy)]
    name, tables = region_title(manifest, region, lang), list(_effects(book, region, room.blocks))
    total, claim = book.count("region_sources", region)
    sources = t("Sources of this region's numbers, the strongest first, {total} in all, in the language in which they "
                "are recorded", total=total)  # fmt: skip
    words: list[str] = [cell for _, rows in tables for row in rows for cell in row]
    words += [word for chart in charts for word in chart.words]
    return Page(
        kicker=Line(t("Figures and sources · {region}", region=name), names=[name]),
        title=second.title if second is not None else Line(t("The numbers behind the answer")),
        lead=[
            *([Line(book.cells[region].fitted_note())] if second is not None else []),
            *map(Line, mark_notes(words, lang)),
        ],
        charts=charts,
        size=BEHIND,
        tables=tables,
        small_head=Line(sources, [claim]),
        small=[*_sources(book, region)[: room.sources - 1], *estimates_in(book, region)],
    )


def _effects(book: Book, region: str, blocks: int) -> Iterator[tuple[Line, list[tuple[Line, ...]]]]:
    """Yield a heading and finished cells for each headline metric of the region."""
    t, manifest, lang = book.t, book.manifest, book.lang
    policies = ordered_scenarios(manifest, region)[:POLICIES]
    heads = (t("Policy"), t("Effect"), t("Plausible range"), t("Chance of improvement"), t("In words"))
    for unit, metric, window in headline_pairs(book.saved.contrasts, manifest, region)[:blocks]:
        at = [(region, unit, metric, scenario, window) for scenario in policies]
        made = [keys for keys in at if keys in book.contrasts]
        if not made:
            continue
        today = book.contrasts[made[0]]["reference_mean"]
        name = short_unit_title(manifest, region, unit, lang)
        names = [name, metric_of(metric).label.in_(lang)]
        claims = [Claim("contrasts", made[0], "reference_mean", "level")]
        rows = [book.contrasts[keys] for keys in made]
        worst = most_unstable(rows)
        for keys in (keys for keys, row in zip(made, rows, strict=True) if row is worst):
            claims += [Claim("contrasts", keys, column, "number") for column in ("n_unstable", "n_draws")]
        text = with_unstable(t, block_heading(t, name, metric, today), rows)
        head = Line(text, claims, names)
        yield head, [tuple(Line(h) for h in heads), *(_cells(book, keys) for keys in made)]


def _cells(book: Book, keys: tuple[str, ...]) -> tuple[Line, ...]:
    t, row = book.t, book.contrasts[keys]
    label = policy_label(book.manifest, keys[0], keys[3], book.lang)
    ends = [Claim("contrasts", keys, column, "change") for column in ("low", "high")]
    bounds = [Claim("contrasts", keys, f"probability_{end}", "hundred") for end in ("low", "high")]
    chance = Claim("contrasts", keys, "probability_better", "hundred")
    share, low, high = (book.write(claim) for claim in (chance, *bounds))
    text = t("{share} ({low}–{high})", share=book.t.percent(row["probability_better"]), low=low, high=high)
    text = text if share != "–" else "–"
    return (
        Line(label, names=[label]),
        Line(effect_text(row, book.lang), [Claim("contrasts", keys, k, "change") for k in ("delta_mean", "median")]),
        Line(range_text(row, book.lang), ends),
        Line(text, [chance, *bounds]),
        Line(shown_word(row, book.lang)),
    )


def _sources(book: Book, region: str) -> list[Line]:
    """Return quantity, source and grade of the region's numbers, the strongest first."""
    t = book.t
    return as_names([
        t("{name}: {source} ({grade})", name=REGION[path].in_(book.lang), source=shorten(s, SOURCE_WIDTH),
          grade=grade_word(g, book.lang))
        for s, (path, g) in sources_of(book, region).items()
    ])  # fmt: skip


def _nothing(book: Book) -> Page:
    """Return the page of a comparison in which no region's own policy was run."""
    t = book.t
    return Page(
        kicker=Line(t("A simulation, not a measurement · Brief for the head of the region · {region}", region="–")),
        title=Line(t("No region's own policy was run: there is no answer to report")),
        lead=[book.provenance()],
    )


def _data(pages: list[Page], book: Book, room: Room, pictures: dict[str, bytes]) -> dict[str, Any]:
    """Return the pages as the template reads them; `pictures` keeps what is drawn, by what it says."""
    found = []
    for page in pages:
        figures = []
        for chart in page.charts:
            alt = " ".join(chart.alts(book))
            if alt not in pictures:
                pictures[alt] = _png(draw(chart, book, _fitting(page.size, chart)))
            figures.append({"file": f"figure-{list(pictures).index(alt)}.png", "alt": alt})
        found.append({
            "kicker": page.kicker, "title": page.title, "lead": page.lead, "figures": figures,
            "sections": [{"head": head, "lines": lines} for head, lines in page.sections],
            "tables": [{"head": head, "rows": rows, "widths": [2.5, 1.5, 2.1, 1.5, 2.2]} for head, rows in page.tables],
            "small-head": page.small_head, "small": page.small,
        })  # fmt: skip
    names = {"title": deck_title(book), "lang": book.lang, "run": str(book.manifest["run_id"])}
    return {**names, "footer": str(book.provenance()), "points": room.points, "pages": found}


def _fitting(size: Size, chart: Effects) -> Size:
    """Return the size of a figure on the front page, lower where it has few lines."""
    missing = max(0, POLICIES_SHOWN - len(chart.panels[0].marks))
    return replace(size, height=size.height - 18 * missing) if size == FRONT else size


def _png(figure: Figure) -> bytes:
    """Return a figure as it is printed. Drawn as lines, its letters would make every page slow to read back."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=220, metadata={"Software": None})
    return buffer.getvalue()


def _bind(path: Path, pages: list[Page], book: Book) -> dict[str, Any]:
    """Return the list of bindings of the compiled file; raise when a number comes from nowhere or is lost."""
    inventory, texts, pictures, faults = read_pdf(path), {}, {}, []
    charts = [chart for page in pages for chart in page.charts]
    for i, page in enumerate(pages, start=1):
        counter = Line(f"{i} / {len(pages)}", names=[f"{i} / {len(pages)}"])
        shown = [*page.lines(), book.provenance(), counter]
        texts[f"page-{i}"], wrong = bind_page(inventory.texts.get(f"page-{i}", ""), shown, book)
        faults += [f"page-{i}: {fault}" for fault in wrong]
        drawn = [n.plain() for chart in page.charts for n in _drawn(chart)]
        pictures[f"page-{i}"] = {"sha256": inventory.pictures.get(f"page-{i}", ""), "numbers": drawn}
    if len(inventory.pictures) != len(pages):
        faults.append(f"{len(inventory.pictures)} pages instead of {len(pages)}")
    for i, chart in enumerate(charts, start=1):
        alts = chart.alts(book)
        line = joined_lines(alts)
        numbers, unbound = numbers_of(line, book.write)
        faults += [f"figure-{i}: {number}" for number in unbound]
        texts[f"figure-{i}/alt"] = {"text": str(line), "numbers": [entry_of(n, book) for n in numbers]}
    check_faults(faults)
    return heading(book) | {"texts": texts, "data": {}, "pictures": pictures}


def _drawn(chart: Effects) -> list[Number]:
    return [n for panel in chart.panels for s in chart.series(panel) for n in (*s.values, *s.minus, *s.plus)]
