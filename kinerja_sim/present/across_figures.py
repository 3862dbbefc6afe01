"""Figures of the deck that are not one metric of one unit: pairs across regions, parts, grades.

A pair figure shows two contrasts per line, one above the other, so that what belongs
together is read together; the words at the right are about the pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.across import Duel, Gap, relative
from kinerja_sim.present.figures import (
    FAINT,
    INK,
    SLIDE,
    STYLES,
    Dot,
    Size,
    dot_figure,
    draw_interval,
    finish,
    interval_note,
    label_rows,
    new_figure,
    number_axis,
    style_of,
    tidy,
)
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.saved import Manifest, region_title, short_unit_title
from kinerja_sim.present.text import comparison_word, metric_of, verdict, verdict_word
from kinerja_sim.present.two_by_two import SUPPLY, TwoByTwo

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kinerja_sim.present.text import Row

GRADE_COLOURS = {"measured": "#0B3C5D", "published": "#0072B2", "derived": "#8FC1E3", "estimate": "#E3B23C"}


@dataclass(frozen=True)
class Pair:
    """One line of a pair figure: its label, two contrasts and the words about them."""

    label: str
    first: Row
    second: Row
    words: str


def pair_figure(
    pairs: Sequence[Pair], names: tuple[str, str], axis: str, words_head: str, note: str, manifest: Manifest, lang: str
) -> Figure:
    """Return two contrasts per line on one axis in per cent or percentage points, for a slide."""
    size, t = SLIDE, translator(lang)
    figure = new_figure(size.width, size.height)
    ax = figure.subplots()
    for y, pair in enumerate(pairs):
        if y % 2 == 0:  # stripes hold the two lines of a pair together
            ax.axhspan(y - 0.5, y + 0.5, color="#F3F5F7", lw=0, zorder=0)
        for row, shift, (colour, marker), name in zip(
            (pair.first, pair.second), (-0.2, 0.2), STYLES[:2], names, strict=True
        ):
            draw_interval(ax, row, y + shift, colour, marker, 100.0, size, label=name if y == 0 else None)
        ax.annotate(
            pair.words, (1.01, y), xycoords=("axes fraction", "data"), va="center", fontsize=size.base, color=INK
        )
    ax.annotate(words_head, (1.01, 1.02), xycoords="axes fraction", va="bottom", fontsize=size.small, color=FAINT)
    ax.axvline(0, color=INK, lw=1.0, zorder=1)
    ax.set_ylim(len(pairs) - 0.5, -0.5)
    label_rows(ax, [p.label for p in pairs], size)
    ax.set_xlabel(axis, fontsize=size.base, color=INK)
    number_axis(ax.xaxis, t)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=size.base, handletextpad=0.3)
    finish(figure, manifest, lang, size, size.height, note)
    return figure


def capacity_figure(duels: Sequence[Duel], manifest: Manifest, lang: str) -> Figure:
    """Return own policy and one more officer per region, as a change of today's value in per cent."""
    t = translator(lang)
    pairs = [
        Pair(region_title(manifest, d.region, lang).split(",")[0], relative(d.own), relative(d.officer),
             comparison_word(verdict(d.direct), lang))
        for d in duels
    ]  # fmt: skip
    metrics = {d.metric for d in duels}
    if len(metrics) == 1:
        axis = t("{metric}, change in % of today's value", metric=metric_of(metrics.pop()).label.in_(lang))
    else:
        axis = t("Primary metric of the region, change in % of today's value")
    note = t("Line: plausible range of the relative change; words: own policy against one more officer, paired.")
    head = t("Own policy is")
    return pair_figure(pairs, (t("Own policy"), t("One more officer")), axis, head, note, manifest, lang)


def gap_figure(gaps: Sequence[Gap], manifest: Manifest, lang: str) -> Figure:
    """Return reported and true punctuality per unit, and whether the gap between them widens."""
    t = translator(lang)
    units = [short_unit_title(manifest, g.region, g.unit, lang) for g in gaps]
    labels = [
        t("{unit}, {region}", unit=u, region=region_title(manifest, g.region, lang)) if units.count(u) > 1 else u
        for u, g in zip(units, gaps, strict=True)
    ]
    pairs = [
        Pair(label, g.reported, g.true, verdict_word(verdict(g.gap), lang))
        for label, g in zip(labels, gaps, strict=True)
    ]
    names = t("Share on time as reported"), t("True share on time")
    axis = t("Change in percentage points")
    return pair_figure(pairs, names, axis, t("Gap"), interval_note(t, band=False), manifest, lang)


def parts_figure(cells: TwoByTwo, size: Size) -> Figure:
    """Return the parts of a change that has two explanations, with the interaction and the total."""
    names = {"policy": cells.manifest["regions"][cells.region]["preset"], "supply": SUPPLY}
    dots = []
    for k, row in cells.parts.items():
        style = style_of(cells.manifest, cells.region, names[k]) if k in names else (INK, "d")
        words = "" if k == "interaction" else verdict_word(verdict(row), cells.lang)
        dots.append(Dot(cells.factor(k), row, *style, words))
    return dot_figure([dots], [""], METRICS[cells.metric], cells.manifest, cells.lang, size)


def grades_figure(manifest: Manifest, lang: str) -> Figure:
    """Return how the inputs divide into grades of evidence: the ledger and each region file."""
    from kinerja_sim.present.findings import grade_word

    t, size = translator(lang), SLIDE
    bars = {t("Evidence ledger"): manifest["evidence"]["grades"]}
    bars |= {region_title(manifest, r, lang).split(",")[0]: e["grades"] for r, e in manifest["regions"].items()}
    width, height = 560.0, 430.0
    figure = new_figure(width, height)
    ax = figure.subplots()
    left = [0.0] * len(bars)
    for grade, colour in GRADE_COLOURS.items():
        shares = [100 * g.get(grade, 0) / max(sum(g.values()), 1) for g in bars.values()]
        ax.barh(range(len(bars)), shares, left=left, color=colour, edgecolor="white", label=grade_word(grade, lang))
        left = [a + b for a, b in zip(left, shares, strict=True)]
    ax.set_yticks(range(len(bars)), list(bars), fontsize=size.small, color=INK)
    ax.invert_yaxis()
    tidy(ax, size)
    ax.tick_params(axis="x", labelsize=size.small)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, 100)
    ax.set_xlabel(t("% of the numbers"), fontsize=size.small, color=INK)
    figure.legend(loc="outside upper center", ncols=4, frameon=False, fontsize=size.small - 1, columnspacing=0.9,
                  handlelength=1.0, handletextpad=0.3)  # fmt: skip
    figure.set_layout_engine("constrained")
    return figure
