"""Findings across regions: capacity beside HR policy, and what happens when only speed counts."""

from __future__ import annotations

from collections.abc import Iterator

from kinerja_sim.present.across import CAPACITY, GOODHART, Duel
from kinerja_sim.present.changes import change_unit, metric_of
from kinerja_sim.present.charts import RELATIVE, Effects, Mark, Panel, effect_mark, plain_note
from kinerja_sim.present.claims import Line, joined
from kinerja_sim.present.claims_book import CASES_SHOWN, Book
from kinerja_sim.present.figures import axis_label
from kinerja_sim.present.findings import Finding, chart_footer, reading_notes
from kinerja_sim.present.saved import short_region_title, short_unit_title
from kinerja_sim.present.style import look, style_of
from kinerja_sim.present.text import comparison_word, verdict


def capacity_finding(book: Book) -> Finding | None:
    """Return how the regions' own policies stand beside one more officer; None when neither was run."""
    t, manifest, lang = book.t, book.manifest, book.lang
    if not book.duels:
        return None
    run, note = book.provenance(), t("Thin line: plausible range.")
    (worse, a), (total, b), (better, c) = (book.count(f"capacity_{k}") for k in ("worse", "regions", "better"))
    title, notes = Line(_capacity_text(book, worse, better, total), [a, b, c]), []
    for duel in book.duels:
        name, unit = (
            short_region_title(manifest, duel.region, lang),
            short_unit_title(manifest, duel.region, duel.unit, lang),
        )
        claim = book.sentence("duels", (duel.region,), unit=unit)
        text = t("{region}, own policy against one more officer: {claim}", region=name, claim=claim)
        notes.append(joined(text, claim, names=[name]))
        if len(book.duels) == 1:
            claim = book.sentence("duels", (duel.region,), unit=unit, n=False)
            title = joined(t("Own policy against one more officer: {claim}", claim=claim), claim)
    return Finding(
        kind="capacity",
        name="capacity",
        kicker=Line(t("Capacity beside the evaluation of officers")),
        title=title,
        lines=(Line(t("What each costs stands on the backup slide; neither an officer nor a policy is free.")),),
        notes=(*notes, *reading_notes(book)),
        chart=_capacity_chart(book),
        footer=joined(f"{note} {run}", run),
    )  # fmt: skip


def _capacity_text(book: Book, worse: str, better: str, total: str) -> str:
    """Return in how many regions which of the two likely helps more, the commoner answer first."""
    t, n_better, n_worse = book.t, book.fact("capacity_better"), book.fact("capacity_worse")
    if n_better == n_worse == 0:
        return t("Own policy or one more officer: neither likely helps more in any of {total} regions", total=total)
    if n_better > n_worse:
        return t("The region's own policy likely helps more than one more officer in {better} of {total} regions, "
                 "less in {worse}", worse=worse, better=better, total=total)  # fmt: skip
    return t("One more officer likely helps more than the region's own policy in {worse} of {total} regions, "
             "less in {better}", worse=worse, better=better, total=total)  # fmt: skip


def _capacity_chart(book: Book) -> Effects:
    """Return own policy and one more officer per region: in the metric's unit, or in per cent where units differ."""
    t, metrics = book.t, {duel.metric for duel in book.duels}
    marks = [mark for duel in book.duels for mark in _pair(book, duel, is_relative=len(metrics) > 1)]
    label = t("Primary metric of the region, change in % of today's value")
    axis = axis_label(metric_of(metrics.pop()), t) if len(metrics) == 1 else label
    return Effects((Panel(tuple(marks), axis, t("Own policy, in words:")),), plain_note(book))


def _pair(book: Book, duel: Duel, *, is_relative: bool) -> Iterator[Mark]:
    """Yield the marks of own policy and one more officer; the words are about the two."""
    t, manifest = book.t, book.manifest
    words = comparison_word(verdict(duel.direct), book.lang)
    keys, group = book.own(duel.region), short_region_title(manifest, duel.region, book.lang)
    for scenario, label, said in ((keys[3], t("Own policy"), words), (CAPACITY, t("One more officer"), "")):
        at, style = (*keys[:3], scenario, keys[4]), style_of(manifest, duel.region, scenario)
        if is_relative:
            yield effect_mark(book, "contrasts", at, label, style, group=group, words=said, columns=RELATIVE,
                              scale=100.0, style="points")  # fmt: skip
        else:
            yield effect_mark(book, "contrasts", at, label, style, group=group, words=said)


def goodhart_finding(book: Book) -> Finding | None:
    """Return what counting speed alone does to speed, to what is meant and to quality; None when it was not run."""
    t, manifest, lang = book.t, book.manifest, book.lang
    if not book.cases:
        return None
    shown = book.cases[:CASES_SHOWN]
    counts = [book.count(f"speed_{k}") for k in ("faster", "units", "happier", "rework")]
    (faster, _), (total, _), (happier, _), (rework, _) = counts
    said = t("Work likely speeds up in {faster} of {total} units, satisfaction likely rises in {happier}, "
             "rework likely grows in {rework}", faster=faster, happier=happier, rework=rework, total=total)  # fmt: skip
    if not any(book.fact(f"speed_{k}") for k in ("faster", "happier", "rework")):
        said = t("In none of {total} units is work likely faster, satisfaction likely higher or rework likely greater",
                 total=total)  # fmt: skip
    panels, notes = [], []
    columns = {"speed": t("Counted: speed"), "satisfaction": t("Meant: satisfaction"), "rework": t("Unseen: rework")}
    for i, (part, head) in enumerate(columns.items()):
        marks = []
        for case in shown:
            row = getattr(case, part)
            unit = short_unit_title(manifest, case.region, case.unit, lang)
            keys = (case.region, case.unit, row["metric"], GOODHART, "after")
            marks.append(effect_mark(book, "contrasts", keys, unit, look(i)))
            claim, name = book.sentence("contrasts", keys, unit=unit), short_region_title(manifest, case.region, lang)
            notes.append(joined(t("{region}: {claim}", region=name, claim=claim), claim, names=[name]))
        panels.append(Panel(tuple(marks), change_unit(metric_of(marks[0].keys[2]), lang), head))
    note: tuple[Line, ...] = ()
    if len(shown) < len(book.cases):
        (few, a), (all_, b) = book.count("speed_shown"), book.count("speed_units")
        text = t("Shown: {shown} of {total} units, those of the primary hypotheses first", shown=few, total=all_)
        note = (Line(text, [a, b]),)
    return Finding(
        kind="goodhart",
        name="goodhart",
        kicker=Line(t("When only speed counts")),
        title=Line(said, [claim for _, claim in counts]),
        lines=note,
        notes=(*notes, *reading_notes(book)),
        chart=Effects(tuple(panels), plain_note(book)),
        footer=chart_footer(book),
    )  # fmt: skip
