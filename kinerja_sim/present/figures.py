"""Figures of paired effects: point, two intervals, unit on the axis, and where the numbers came from.

In every figure the point is the mean paired difference, the thick line its Monte Carlo
precision (`ci_low, ci_high`), the thin line the plausible range (`low, high`); the grey
band is the smallest change that matters. Where draws that cannot cope carry the mean, the
point is the median, as in the sentences, and there is no thick line (`changes.drawn`).
Colours, markers and sizes come from `style`; no statistics beyond `study.statistics`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.schema import Metric
from kinerja_sim.present.answers import provenance
from kinerja_sim.present.changes import (
    change_unit,
    display_scale,
    drawn,
    is_unsteady,
    median_text,
    metric_of,
    signed_text,
)
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.saved import Manifest, one_contrast, ordered_scenarios, policy_label, unit_title
from kinerja_sim.present.style import (
    BAND,
    FAINT,
    INK,
    NOTEBOOK,
    Size,
    in_house_style,
    new_figure,
    style_of,
    tidy,
)
from kinerja_sim.present.text import mark_notes, mark_word

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from kinerja_sim.present.text import Row


DESK_WIDTH = 700  # points; a narrower figure is made for a phone


@dataclass(frozen=True)
class Dot:
    """One line of a dot figure: a label, the contrast it shows, its style and the words at the right."""

    label: str
    row: Row
    colour: str
    marker: str
    words: str


@in_house_style
def effect_figure(
    contrasts: pd.DataFrame,
    manifest: Manifest,
    region: str,
    metric: str,
    lang: str,
    *,
    unit: str | None = None,
    window: str = "after",
) -> Figure:
    """Return the effects of every policy on one metric, one panel per service unit.

    Parameters
    ----------
    contrasts : DataFrame
        The contrasts table.
    manifest : mapping
    region : str
    metric : str
        Name in the schema; the axis carries its unit.
    lang : {'id', 'en'}
    unit : str, optional
        One service unit; None draws every unit in which the metric was observed.
    window : {'after', 'all', 'pre'}

    Raises
    ------
    InputError
        If the metric is unknown, or was observed in none of the units.
    """
    measured = metric_of(metric)
    units = [unit] if unit else list(manifest["regions"][region]["units"])
    panels = {u: _dots(contrasts, manifest, region, u, metric, lang, window) for u in units}
    panels = {u: dots for u, dots in panels.items() if dots}
    if not panels:
        raise InputError(
            f"`metric` must have been observed in region '{region}'; got {metric!r}. Choose another metric."
        )
    titles = [unit_title(manifest, region, u, lang) if len(panels) > 1 else "" for u in panels]
    return dot_figure(list(panels.values()), titles, measured, manifest, lang, NOTEBOOK)


def _dots(
    contrasts: pd.DataFrame, manifest: Manifest, region: str, unit: str, metric: str, lang: str, window: str
) -> list[Dot]:
    dots = []
    for scenario in ordered_scenarios(manifest, region):
        row = one_contrast(contrasts, region, unit, metric, scenario, window)
        if row is not None and not np.isnan(row["delta_mean"]):
            label, words = policy_label(manifest, region, scenario, lang), mark_word(row, lang)
            dots.append(Dot(label, row, *style_of(manifest, region, scenario), words))
    return dots


@in_house_style
def dot_figure(
    panels: Sequence[Sequence[Dot]], titles: Sequence[str], metric: Metric, manifest: Manifest, lang: str, size: Size
) -> Figure:
    """Return panels of dots with both intervals, one below the other, sharing the axis of `metric`."""
    t = translator(lang)
    n_rows = sum(len(p) + (1.1 if title else 0) for p, title in zip(panels, titles, strict=True))
    lines = 7.5 if size.width >= DESK_WIDTH else 13  # a narrow figure's axis label and footer take more lines
    height = size.height or size.row * n_rows + lines * size.base
    figure = new_figure(size.width, height)
    axes = figure.subplots(
        len(panels), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": [len(p) for p in panels]}
    )[:, 0]
    for ax, dots, title in zip(axes, panels, titles, strict=True):
        draw_dots(ax, dots, display_scale(metric), size)
        matters_band(ax, metric)
        if title:
            ax.set_title(title, fontsize=size.base, loc="left", color=INK, fontweight="bold")
    room = size.width * (1.0 if size.width >= DESK_WIDTH else 0.62)  # beside the labels of a narrow figure
    label = "\n".join(wrapped(axis_label(metric, t), room, size.base))
    axes[-1].set_xlabel(label, fontsize=size.base, color=INK)
    number_axis(axes[-1].xaxis, t)
    stars = mark_notes((dot.words for dots in panels for dot in dots), lang)
    is_precise = not all(is_unsteady(dot.row) for dots in panels for dot in dots)
    finish(figure, manifest, lang, size, height, " ".join([interval_note(t, precise=is_precise), *stars]))
    figure.alt = " ".join([*_in_words(panels, titles, metric, lang), *stars, provenance(manifest, lang)])
    return figure


def _in_words(panels: Sequence[Sequence[Dot]], titles: Sequence[str], metric: Metric, lang: str) -> list[str]:
    """Return what dots show as sentences: the axis, then every line with its range and words."""
    t = translator(lang)
    said = [t("Chart: {axis}.", axis=axis_label(metric, t))]
    for dots, title in zip(panels, titles, strict=True):
        said += [f"{title}."] if title else []
        said += [effect_in_words(dot.label, dot.row, dot.words, lang) for dot in dots]
    return said


def effect_in_words(label: str, row: Row, words: str, lang: str) -> str:
    """Return one line of a figure as a screen reader says it: effect, plausible range, the words beside it if any."""
    t = translator(lang)
    mean = median_text(row, t) if is_unsteady(row) else signed_text(row, row["delta_mean"], t)
    values = {"label": label, "mean": mean, **{k: signed_text(row, row[k], t) for k in ("low", "high")}}
    if not words:
        return t("{label}: {mean} ({low} to {high}).", **values)
    return t("{label}: {mean} ({low} to {high}), {words}.", words=words, **values)


def draw_dots(ax: Axes, dots: Sequence[Dot], scale: float, size: Size) -> None:
    """Draw one panel of dots, each with its words at the right."""
    for y, dot in enumerate(dots):
        draw_interval(ax, drawn(dot.row), y, dot.colour, dot.marker, scale, size)
        ax.annotate(
            dot.words, (1.01, y), xycoords=("axes fraction", "data"), va="center", fontsize=size.base, color=INK
        )
    ax.axvline(0, color=INK, lw=1.0, zorder=1)
    ax.set_ylim(len(dots) - 0.4, -0.6)
    label_rows(ax, [d.label for d in dots], size)


def draw_interval(ax: Axes, row: Row, y: float, colour: str, marker: str, scale: float, size: Size) -> None:
    """Draw one contrast: thin plausible range, thick precision of the mean, point."""
    weight = size.base / 11
    ax.plot([row["low"] * scale, row["high"] * scale], [y, y], color=colour, lw=1.3 * weight, zorder=2)
    ax.plot(
        [row["ci_low"] * scale, row["ci_high"] * scale], [y, y],
        color=colour, lw=4.5 * weight, solid_capstyle="butt", alpha=0.55, zorder=3,
    )  # fmt: skip
    ax.plot(
        row["delta_mean"] * scale, y, marker, color=colour, mec="white", mew=0.8 * weight, ms=7 * weight, zorder=4,
        ls="none",
    )  # fmt: skip


def label_rows(ax: Axes, labels: Sequence[str], size: Size) -> None:
    """Write one label per row beside the axis, broken into lines that fit."""
    texts = [textwrap.fill(label, size.wrap, break_on_hyphens=False) for label in labels]
    ax.set_yticks(range(len(labels)), texts, fontsize=size.base, color=INK, linespacing=1.0)
    tidy(ax, size)
    ax.tick_params(axis="y", length=0)


def matters_band(ax: Axes, metric: Metric, *, across: bool = True) -> None:
    """Shade the changes that are too small to matter."""
    width = metric.matters * display_scale(metric)
    (ax.axvspan if across else ax.axhspan)(-width, width, color=BAND, zorder=0, lw=0)


def axis_label(metric: Metric, t: Translator, *, upright: bool = False) -> str:
    """Return 'metric: change in unit', with an arrow to where it is better along the axis (`upright`: the y axis)."""
    values = {"metric": metric.label.in_(t.lang), "measure": change_unit(metric, t.lang)}
    if metric.better == "neither":
        return t("{metric}, change in {measure}", **values)
    if upright:
        arrow = "\N{DOWNWARDS ARROW}" if metric.better == "lower" else "\N{UPWARDS ARROW}"
        return t("{arrow} better · {metric}, change in {measure}", arrow=arrow, **values)
    if metric.better == "lower":
        return t("← better · {metric}, change in {measure}", **values)
    return t("{metric}, change in {measure} · better →", **values)


def number_axis(axis: object, t: Translator, ticks: int = 6, *, is_signed: bool = True) -> None:
    """Give an axis few ticks with numbers, signed or not, as the language writes them."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    locator = MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10])
    axis.set_major_locator(locator)  # type: ignore[attr-defined]

    def show(value: float, _position: int | None) -> str:
        places = max((_places(tick) for tick in locator() if tick), default=0)
        return t.signed(value, places) if is_signed else t.number(value, places)

    axis.set_major_formatter(FuncFormatter(show))  # type: ignore[attr-defined]


def _places(value: float) -> int:
    """Return the fewest decimals (at most 4) that write `value`."""
    return next((d for d in range(4) if np.isclose(round(value, d), value, rtol=1e-9, atol=1e-12)), 4)


def interval_note(t: Translator, band: bool = True, *, precise: bool = True) -> str:
    """Return what the lines of a dot figure mean: the thick ones (`precise`) and the grey band where there are any."""
    if not precise:
        return t("Thin line: plausible range; grey: too small to matter.") if band else t("Thin line: plausible range.")
    if not band:
        return t("Thin line: plausible range; thick: Monte Carlo precision of the mean.")
    return t("Thin line: plausible range; thick: Monte Carlo precision of the mean; grey: too small to matter.")


def wrapped(text: str, width: float, font: float) -> list[str]:
    """Return `text` in lines that fit a figure of `width` points in letters of `font` points, on the average."""
    return textwrap.wrap(text, max(20, int(width / (0.56 * font))))


def finish(figure: Figure, manifest: Manifest, lang: str, size: Size, height: float, note: str) -> None:
    """Lay the figure out and write its footer: what the intervals mean, n, seed, parameters, run."""
    lines = [line for text in (note, provenance(manifest, lang)) for line in wrapped(text, size.width, size.small)]
    footer = "\n".join(lines)
    figure.text(0.006, 6 / height, footer, fontsize=size.small, color=FAINT, va="bottom", ha="left", linespacing=1.35)
    bottom = (1.45 * len(lines) * size.small + 6) / height
    figure.set_layout_engine("constrained", rect=(0.004, bottom, 0.992, 0.995 - bottom), h_pad=0.06, w_pad=0.06)
