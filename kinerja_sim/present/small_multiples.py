"""Small multiples: one metric, the same policies, one panel per region, drawn by seaborn.

Every region shows the unit of its primary hypothesis, or its first unit that observed the
metric. All panels share one axis, so that lengths can be compared; what one region's
circumstances make large is therefore large here too.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import seaborn.objects as so  # ships no types

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import show
from kinerja_sim.present.changes import display_scale, drawn, metric_of
from kinerja_sim.present.figures import (
    axis_label,
    effect_in_words,
    finish,
    interval_note,
    matters_band,
    number_axis,
)
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.saved import (
    USUAL,
    Manifest,
    one_contrast,
    ordered_scenarios,
    policy_label,
    primary_hypothesis,
    short_region_title,
    short_unit_title,
)
from kinerja_sim.present.style import INK, NOTEBOOK, in_house_style, new_figure, style_of, theme, tidy
from kinerja_sim.present.text import mark_notes, mark_word

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 2


@in_house_style
def regions_figure(contrasts: pd.DataFrame, manifest: Manifest, metric: str, lang: str) -> Figure:
    """Return the effect of each region's own policy and of the usual comparators, one panel per region.

    Where none of them was run, the first policies that were.

    Parameters
    ----------
    contrasts : DataFrame
        The contrasts table.
    manifest : mapping
    metric : str
        Name in the schema.
    lang : {'id', 'en'}

    Raises
    ------
    InputError
        If the metric is unknown, or was observed in no region.
    """
    measured, t = metric_of(metric), translator(lang)
    table = _rows(contrasts, manifest, metric, lang)
    if table.empty:
        raise InputError(f"`metric` must have been observed in a region; got {show(metric)}. Choose another metric.")
    panels, policies = list(dict.fromkeys(table["panel"])), list(dict.fromkeys(table["policy"]))
    looks = table.drop_duplicates("policy").set_index("policy")[["colour", "marker"]]
    lines = -(-len(panels) // COLUMNS)
    size = NOTEBOOK
    height = lines * (0.85 * size.row * len(policies) + 4 * size.base) + 6 * size.base
    figure, weight = new_figure(size.width, height), size.base / 11
    plot = (
        so.Plot(table, y="policy", color="policy", marker="policy")
        .facet("panel", wrap=COLUMNS, order=panels)
        .add(so.Range(linewidth=1.3 * weight), xmin="low", xmax="high", legend=False)
        .add(so.Range(linewidth=4.5 * weight, alpha=0.55), xmin="ci_low", xmax="ci_high", legend=False)
        .add(so.Dot(pointsize=7 * weight, edgecolor="white"), x="delta_mean", legend=False)
        .scale(
            color=so.Nominal(list(looks["colour"]), order=policies),
            marker=so.Nominal(list(looks["marker"]), order=policies),
            y=so.Nominal(order=policies),
        )
        .label(x="", y="")
        .theme(theme())
    )
    with warnings.catch_warnings():  # seaborn 0.13 still passes pandas an argument that does nothing any more
        warnings.filterwarnings("ignore", "The copy keyword is deprecated")
        plot.on(figure).plot()
    for ax, panel in zip(figure.axes, panels, strict=True):
        ax.set_title("")  # seaborn's own, centred
        ax.set_title(panel, fontsize=size.base, loc="left", color=INK, fontweight="bold")
        ax.axvline(0, color=INK, lw=1.0, zorder=1)
        matters_band(ax, measured)
        tidy(ax, size)
        ax.tick_params(axis="y", labelsize=size.base, length=0)
        number_axis(ax.xaxis, t, ticks=5)
    figure.suptitle(axis_label(measured, t), fontsize=size.base + 1, x=0.008, ha="left", color=INK)
    note = interval_note(t, precise=bool(table["ci_low"].notna().any()))
    marks = mark_notes((text.removesuffix(".") for text in table["said"]), lang)
    finish(figure, manifest, lang, size, height, " ".join([note, *(m for m in marks if m[0] != "*")]))
    told = [(f"{panel}.", *table["said"][table["panel"] == panel]) for panel in panels]
    said = " ".join([t("Chart: {axis}.", axis=axis_label(measured, t)), *(text for texts in told for text in texts)])
    figure.alt = " ".join([*said.split(), *marks])
    return figure


def _rows(contrasts: pd.DataFrame, manifest: Manifest, metric: str, lang: str) -> pd.DataFrame:
    """Return what is drawn: one row a region and policy, in shown units."""
    scale, found = display_scale(metric_of(metric)), []
    for region, entry in manifest["regions"].items():
        units = dict.fromkeys([primary_hypothesis(manifest, region)["unit"], *entry["units"]])
        run = ordered_scenarios(manifest, region)
        told = [s for s in run if s in (entry["preset"], *USUAL[:2])] or run[:3]
        for unit in units:
            rows = {s: one_contrast(contrasts, region, unit, metric, s) for s in told}
            seen = {s: row for s, row in rows.items() if row is not None and not np.isnan(row["delta_mean"])}
            if seen:
                break
        place = short_region_title(manifest, region, lang)
        panel = f"{place}\n{short_unit_title(manifest, region, unit, lang)}"
        for scenario, row in seen.items():
            colour, marker = style_of(manifest, region, scenario)
            values: dict[str, Any] = {k: value * scale for k, value in drawn(row).items()}
            label = policy_label(manifest, region, scenario, lang)
            said = effect_in_words(label, row, mark_word(row, lang), lang)
            found.append({"panel": panel, "policy": label, "said": said, "colour": colour, "marker": marker, **values})
    return pd.DataFrame(found)
