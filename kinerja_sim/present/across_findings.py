"""Findings across regions: capacity beside HR policy, and what happens when only speed counts."""

from __future__ import annotations

from typing import Any

from kinerja_sim.present.across import CAPACITY, GOODHART
from kinerja_sim.present.changes import change_unit, metric_of
from kinerja_sim.present.charts import RELATIVE, Effects, Panel, effect_mark, plain_note
from kinerja_sim.present.claims import Line, joined
from kinerja_sim.present.claims_book import CASES_SHOWN, Book
from kinerja_sim.present.findings import Finding, chart_footer, effect_panel, reading_notes
from kinerja_sim.present.saved import policy_label, short_region_title, short_unit_title
from kinerja_sim.present.style import style_of
from kinerja_sim.present.text import shown_comparison


def capacity_finding(book: Book) -> Finding | None:
    """Return the regions' own policies against one more officer, by their direct contrast; None when neither was run.

    Whether each differs from today's practice tells nothing about the two: that is left to the notes.
    """
    t, manifest, lang = book.t, book.manifest, book.lang
    if not book.duels:
        return None
    notes, marks, metrics = [], [], {duel.metric for duel in book.duels}
    relative: dict[str, Any] = {"columns": RELATIVE, "scale": 100.0, "style": "points"} if len(metrics) > 1 else {}
    for duel in book.duels:
        keys, name = book.own(duel.region), short_region_title(manifest, duel.region, lang)
        unit, looks = short_unit_title(manifest, duel.region, duel.unit, lang), style_of(manifest, duel.region, keys[3])
        marks.append(effect_mark(book, "duels", (duel.region,), name, looks, words=shown_comparison(duel.direct, lang),
                                 **relative))  # fmt: skip
        claim = book.sentence("duels", (duel.region,), unit=unit)
        text = t("{region}, own policy against one more officer: {claim}", region=name, claim=claim)
        notes.append(joined(text, claim, names=[name]))
        for scenario in (keys[3], CAPACITY):
            claim = book.sentence("contrasts", (*keys[:3], scenario, keys[4]), unit=unit)
            label = policy_label(manifest, duel.region, scenario, lang)
            text = t("{region}, {policy} against today's practice: {claim}", region=name, policy=label, claim=claim)
            notes.append(joined(text, claim, names=[name, label]))
    counts = {kind: book.count("capacity", kind) for kind in ("better", "worse", "open")}
    total, regions = book.count("capacity_regions")
    text = t("Own policy against one more officer: likely better in {better} of {total} regions, likely worse in "
             "{worse}; {open} cannot be told", total=total, **{k: n for k, (n, _) in counts.items()})  # fmt: skip
    title = Line(text, [regions, *(claim for _, claim in counts.values())])
    if len(book.duels) == 1:
        claim = book.sentence("duels", (duel.region,), unit=unit, n=False)
        title = joined(t("Own policy against one more officer: {claim}", claim=claim), claim)
    label = t("← own policy better · primary metric, in % of its value with one more officer")
    panel = Panel(tuple(marks), label) if relative else effect_panel(book, marks, duel.metric)
    chart = Effects((panel,), plain_note(book, marks, band=bool(panel.band)))
    return Finding(
        kind="capacity",
        name="capacity",
        kicker=Line(t("Add an officer or change the appraisal?")),
        title=title,
        notes=(Line(t("What each costs stands on the backup slide; neither an officer nor a policy is free.")), *notes,
               *reading_notes(book)),
        chart=chart,
        footer=chart_footer(book, chart),
    )  # fmt: skip


def goodhart_finding(book: Book) -> Finding | None:
    """Return what counting speed alone does to speed, to what is meant and to quality; None when it was not run."""
    t, manifest, lang = book.t, book.manifest, book.lang
    if not book.cases:
        return None
    shown = book.cases[:CASES_SHOWN]
    asked = {"faster": ("speed", "better"), "happier": ("satisfaction", "better"), "rework": ("rework", "worse")}
    counts = {"total": book.count("speed_units")} | {k: book.count("speed", *keys) for k, keys in asked.items()}
    counts |= {f"open_{part}": book.count("speed", part, "open") for part, _ in asked.values()}
    said = t("Of {total} units work likely speeds up in {faster}, satisfaction likely rises in {happier}, rework "
             "likely grows in {rework}; cannot be told: {open_speed}, {open_satisfaction} and {open_rework}",
             **{k: number for k, (number, _) in counts.items()})  # fmt: skip
    panels, notes = [], []
    columns = {"speed": t("Counted: speed"), "satisfaction": t("Meant: satisfaction"), "rework": t("Unseen: rework")}
    for part, head in columns.items():
        marks = []
        for case in shown:
            row = getattr(case, part)
            unit = short_unit_title(manifest, case.region, case.unit, lang)
            keys = (case.region, case.unit, row["metric"], GOODHART, "after")
            name, looks = short_region_title(manifest, case.region, lang), style_of(manifest, case.region, GOODHART)
            label = t("{region}: {unit}", region=name, unit=unit) if len(manifest["regions"]) > 1 else unit
            marks.append(effect_mark(book, "contrasts", keys, label, looks))
            claim = book.sentence("contrasts", keys, unit=unit)
            notes.append(joined(t("{region}: {claim}", region=name, claim=claim), claim, names=[name]))
        panels.append(Panel(tuple(marks), change_unit(metric_of(marks[0].keys[2]), lang), head))
    lines = [Line(t("Better: speed and satisfaction to the right, rework to the left."))]
    if len(shown) < len(book.cases):
        (few, a), (all_, b) = book.count("speed_shown"), book.count("speed_units")
        text = t("Shown: {shown} of {total} units, those of the primary hypotheses first", shown=few, total=all_)
        lines.append(Line(text, [a, b]))
    chart = Effects(tuple(panels), plain_note(book, [mark for panel in panels for mark in panel.marks]))
    return Finding(
        kind="goodhart",
        name="goodhart",
        kicker=Line(t("When only speed counts")),
        title=Line(said, [claim for _, claim in counts.values()]),
        lines=tuple(lines),
        notes=(*notes, *reading_notes(book)),
        chart=chart,
        footer=chart_footer(book, chart),
    )  # fmt: skip
