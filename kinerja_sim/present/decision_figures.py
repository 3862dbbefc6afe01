"""Two figures of a decision: what options cost and bring, and the chance that they are worth it.

Cost stands on the x axis in millions of rupiah beyond the reference. Most open to dispute:
only the first `MOST_CURVES` options by their mean are drawn as curves, so that they can be
told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.changes import display_scale
from kinerja_sim.present.decisions import MILLION, MOST_CURVES, footer, option_cell
from kinerja_sim.present.economics import Curve, chance_figure
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
from kinerja_sim.study.decisions import NET_BENEFIT, Decision
from kinerja_sim.study.economics import stated_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
    named: list[tuple[float, float]] = []
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    for _, row in front.iterrows():
        x, y = row["extra_cost_idr_mean"] / MILLION, row["mean"] * scale
        at = (x - left) / (right - left), (y - low) / (high - low)
        if any(abs(at[0] - there[0]) < 0.35 and abs(at[1] - there[1]) < 0.07 for there in named):
            continue  # two names on top of each other cannot be read; all of them are in the table
        named.append(at)
        is_right = at[0] > 0.5
        ax.annotate(
            option_cell(found, row, lang), (x, y), xytext=(-7, -16) if is_right else (7, 7), textcoords="offset points",
            ha="right" if is_right else "left", fontsize=size.small, color=INK,
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
    t, table = translator(lang), found.acceptability
    if table.empty:
        raise ValueError("`found` must hold acceptability curves; keep waiting_hours and cost_idr in the design")
    table, known = table[table["value_idr"] > 0], set(table["option"])
    shown = [row for _, row in found.table.iterrows() if row["option"] in known][:MOST_CURVES]
    curves = [
        Curve(option_cell(found, row, lang), table[table["option"] == row["option"]], *look(i), LINES[i % len(LINES)])
        for i, row in enumerate(shown)
    ]  # fmt: skip
    figure, height = chance_figure(curves, found.value_idr or stated_value(), lang, size)
    note = t("Line: runs with a net benefit above nil; band: 95% Wilson over states; dotted, grey: stated value and "
             "its range.")  # fmt: skip
    finish_sweep(figure, note, footer(found, t), size, height)
    return figure


def _outcome_name(found: Decision, t: Translator) -> str:
    if found.metric == NET_BENEFIT:
        return t("Net benefit, IDR million")
    metric = METRICS[found.metric]
    return t("{metric}, {measure}", metric=metric.label.in_(t.lang), measure=metric.unit.in_(t.lang))
