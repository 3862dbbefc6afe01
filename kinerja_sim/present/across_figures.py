"""Figures of the deck that are not one metric of one unit: pairs across regions, parts, grades.

A pair figure shows two contrasts per line, one above the other, so that what belongs
together is read together; the words at the right are about the pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.across import CAPACITY, Duel, SpeedCase, relative
from kinerja_sim.present.figures import (
    COLOURS,
    FAINT,
    INK,
    MARKERS,
    SLIDE,
    Dot,
    Size,
    axis_label,
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
from kinerja_sim.present.saved import Manifest, short_region_title, short_unit_title
from kinerja_sim.present.text import change_unit, comparison_word, display_scale, metric_of, verdict, verdict_word
from kinerja_sim.present.two_by_two import SUPPLY, TwoByTwo

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from kinerja_sim.present.text import Row


TALL = replace(SLIDE, height=460, base=22, wrap=24)
STYLES_OF_PANELS = tuple(zip(COLOURS[:3], MARKERS[:3], strict=True))
GRADE_COLOURS = {"measured": "#0B3C5D", "published": "#0072B2", "derived": "#8FC1E3", "estimate": "#E3B23C"}


def capacity_figure(duels: Sequence[Duel], manifest: Manifest, lang: str) -> Figure:
    """Return own policy and one more officer per region: in the metric's unit, or in per cent where units differ."""
    t, size = translator(lang), TALL
    figure = new_figure(size.width, size.height)
    ax = figure.subplots()
    names = (t("Own policy"), t("One more officer"))
    metrics = {d.metric for d in duels}
    shared = metric_of(duels[0].metric) if len(metrics) == 1 else None
    scale = display_scale(shared) if shared else 100.0
    for y, duel in enumerate(duels):
        both: tuple[Row, Row] = (duel.own, duel.officer) if shared else (relative(duel.own), relative(duel.officer))
        styles = [style_of(manifest, duel.region, s) for s in (manifest["regions"][duel.region]["preset"], CAPACITY)]
        for row, shift, (colour, marker), name in zip(both, (-0.2, 0.2), styles, names, strict=True):
            draw_interval(ax, row, y + shift, colour, marker, scale, size, label=name if y == 0 else None)
        words = comparison_word(verdict(duel.direct), lang)
        ax.annotate(words, (1.01, y), xycoords=("axes fraction", "data"), va="center", fontsize=size.base, color=INK)
    figure.text(0.995, 0.985, t("Own policy, in words:"), ha="right", va="top", fontsize=size.small, color=FAINT)
    striped_rows(ax, [short_region_title(manifest, d.region, lang) for d in duels], size)
    axis = axis_label(shared, t) if shared else t("Primary metric of the region, change in % of today's value")
    ax.set_xlabel(axis, fontsize=size.base, color=INK)
    number_axis(ax.xaxis, t)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=size.base, handletextpad=0.3)
    finish(figure, manifest, lang, size, size.height, interval_note(t, band=False))
    return figure


def striped_rows(ax: Axes, labels: Sequence[str], size: Size) -> None:
    """Set one labelled row per line of the figure, every other one shaded, with the zero line."""
    for y in range(0, len(labels), 2):
        ax.axhspan(y - 0.5, y + 0.5, color="#F3F5F7", lw=0, zorder=0)
    ax.axvline(0, color=INK, lw=1.0, zorder=1)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    label_rows(ax, labels, size)


def speed_figure(cases: Sequence[SpeedCase], manifest: Manifest, lang: str) -> Figure:
    """Return three panels per unit: what is counted, what is meant, and how far reports run ahead."""
    t, size = translator(lang), TALL
    figure = new_figure(size.width, size.height)
    axes = figure.subplots(1, 3, sharey=True)
    heads = (t("Counted: speed"), t("Meant: satisfaction"), t("Reported minus true"))
    rows = ([c.speed for c in cases], [c.satisfaction for c in cases], [c.gap for c in cases])
    for ax, head, contrasts, (colour, marker) in zip(axes, heads, rows, STYLES_OF_PANELS, strict=True):
        metric = metric_of(contrasts[0]["metric"])
        striped_rows(ax, [short_unit_title(manifest, c.region, c.unit, lang) for c in cases], size)
        for y, row in enumerate(contrasts):
            draw_interval(ax, row, y, colour, marker, display_scale(metric), size)
        ax.set_title(head, fontsize=size.base - 2, loc="left", color=INK, fontweight="bold")
        ax.set_xlabel(change_unit(metric, lang), fontsize=size.base, color=INK)
        number_axis(ax.xaxis, t, ticks=4)
    finish(figure, manifest, lang, size, size.height, interval_note(t, band=False))
    return figure


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
    bars |= {short_region_title(manifest, r, lang): e["grades"] for r, e in manifest["regions"].items()}
    width, height = 620.0, 430.0
    figure = new_figure(width, height)
    ax = figure.subplots()
    left = [0.0] * len(bars)
    for grade, colour in GRADE_COLOURS.items():
        shares = [100 * g.get(grade, 0) / max(sum(g.values()), 1) for g in bars.values()]
        ax.barh(range(len(bars)), shares, left=left, color=colour, edgecolor="white", label=grade_word(grade, lang))
        left = [a + b for a, b in zip(left, shares, strict=True)]
    ax.set_yticks(range(len(bars)), list(bars), fontsize=20, color=INK)
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
