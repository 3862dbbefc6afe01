"""Two figures of a decision: what options cost and bring, and the chance that they are worth it.

Cost stands on the x axis in millions of rupiah beyond the reference. Most open to dispute:
only the first `MOST_CURVES` options by their mean are drawn as curves, so that they can be
told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.decisions import MILLION, footer
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.style import (
    INK,
    LINES,
    NOTEBOOK,
    Chart,
    Size,
    in_house_style,
    look,
    new_figure,
)
from kinerja_sim.present.sweep_figures import finish_sweep, name_axes
from kinerja_sim.present.text import display_scale
from kinerja_sim.study.decisions import NET_BENEFIT, Decision

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_CURVES = 6


@in_house_style
def pareto_figure(found: Decision, lang: str, *, size: Size = NOTEBOOK) -> Chart:
    """Return the options by extra cost and outcome; those that no other beats on both are joined by a line."""
    t = translator(lang)
    height = size.height or 34.0 * size.base
    figure = new_figure(size.width, height)
    ax: Axes = figure.subplots()
    scale = 1 / MILLION if found.metric == NET_BENEFIT else display_scale(METRICS[found.metric])
    table = found.table.sort_values("extra_cost_idr_mean", kind="stable")
    front = table[table["is_pareto"]]
    colour, marker = look(0)
    other, cross = look(1)
    ax.plot(front["extra_cost_idr_mean"] / MILLION, front["mean"] * scale, color=colour, lw=1.4, zorder=2)
    for is_on, rows in ((True, front), (False, table[~table["is_pareto"]])):
        shown, shape = (colour, marker) if is_on else (other, cross)
        x, y = rows["extra_cost_idr_mean"] / MILLION, rows["mean"] * scale
        ax.vlines(x, rows["ci_low"] * scale, rows["ci_high"] * scale, color=shown, lw=2.5, alpha=0.45, zorder=2)
        name = t("no option is both cheaper and better") if is_on else t("another option is cheaper and better")
        ax.plot(x, y, shape, color=shown, mec="white", ms=8, ls="none", zorder=3, label=name)
    for _, row in front.iterrows() if len(front) <= MOST_CURVES else ():
        ax.annotate(
            row["option"], (row["extra_cost_idr_mean"] / MILLION, row["mean"] * scale), xytext=(7, 7),
            textcoords="offset points", fontsize=size.small, color=INK,
        )  # fmt: skip
    name_axes(ax, t("Extra cost, IDR million"), _outcome_name(found, t), t, size)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=size.base)
    finish_sweep(
        figure, t("Point: mean over states; thick line: 95% interval of that mean."), footer(found, t), size, height
    )
    return figure


@in_house_style
def worth_figure(found: Decision, lang: str, *, size: Size = NOTEBOOK) -> Chart:
    """Return the chance that options are worth their cost, over values of an hour of waiting.

    Raises
    ------
    ValueError
        If the sweep did not keep hours of waiting and cost.
    """
    t, curves = translator(lang), found.acceptability
    if curves.empty:
        raise ValueError("`found` must hold acceptability curves; keep waiting_hours and cost_idr in the design")
    height = size.height or 34.0 * size.base
    figure = new_figure(size.width, height)
    ax: Axes = figure.subplots()
    shown = [o for o in found.table["option"] if o in set(curves["option"])][:MOST_CURVES]
    for i, option in enumerate(shown):
        curve = curves[(curves["option"] == option) & (curves["value_idr"] > 0)]
        colour, marker = look(i)
        x = curve["value_idr"] / 1000
        ax.fill_between(
            x, 100 * curve["probability_low"], 100 * curve["probability_high"], color=colour, alpha=0.1, lw=0
        )
        ax.plot(
            x, 100 * curve["probability_positive"], color=colour, marker=marker, ls=LINES[i % len(LINES)], lw=1.8,
            markevery=(i, 8), ms=6, mec="white", label=option,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_ylim(-3, 103)
    name_axes(ax, t("Value of an hour of waiting, thousand rupiah (log scale)"), t("Chance that it pays, %"), t, size)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=size.base)
    finish_sweep(
        figure,
        t("Line: runs with a net benefit above nil; band: 95% Wilson over states."),
        footer(found, t),
        size,
        height,
    )
    return figure


def _outcome_name(found: Decision, t: Translator) -> str:
    if found.metric == NET_BENEFIT:
        return t("Net benefit, IDR million")
    metric = METRICS[found.metric]
    return t("{metric}, {measure}", metric=metric.label.in_(t.lang), measure=metric.unit.in_(t.lang))
