"""Figures over months: how the paired effect of a policy comes about after it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.figures import axis_label, finish, number_axis
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.saved import Manifest, policy_title, unit_title
from kinerja_sim.present.style import FAINT, INK, NOTEBOOK, in_house_style, new_figure, style_of, tidy
from kinerja_sim.present.text import change_unit, display_scale, metric_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@in_house_style
def month_figure(
    results: pd.DataFrame, manifest: Manifest, region: str, metric: str, lang: str, *, scenario: str | None = None
) -> Figure:
    """Return the paired effect month by month, one panel per service unit.

    Parameters
    ----------
    results : DataFrame
        The results table.
    scenario : str, optional
        The policy to follow; None takes the region's own.

    Returns
    -------
    Figure
        Line: mean difference of the month; dark band its Monte Carlo precision; light band
        the plausible range. Month 0 is the first month of the policy.
    """
    t, measured, size = translator(lang), metric_of(metric), NOTEBOOK
    scenario = scenario or manifest["regions"][region]["preset"]
    panels = _month_panels(results, manifest, region, metric, scenario)
    if not panels:
        raise InputError(
            f"`metric` must have been observed in region '{region}'; got {metric!r}. Choose another metric."
        )
    columns = min(2, len(panels))
    lines = -(-len(panels) // columns)
    height = 190.0 * lines + 60
    figure = new_figure(size.width, height)
    axes = figure.subplots(lines, columns, sharex=True, squeeze=False)
    colour, _ = style_of(manifest, region, scenario)
    for ax, (unit, series) in zip(axes.flat, panels.items(), strict=False):
        months, mean, ci_low, ci_high, low, high = series
        ax.fill_between(months, low, high, color=colour, alpha=0.16, lw=0)
        ax.fill_between(months, ci_low, ci_high, color=colour, alpha=0.45, lw=0)
        ax.plot(months, mean, color=colour, lw=1.6)
        ax.axhline(0, color=INK, lw=0.8)
        ax.axvline(-0.5, color=FAINT, lw=0.9, ls=":")
        ax.set_title(unit_title(manifest, region, unit, lang), fontsize=size.base, loc="left", fontweight="bold")
        ax.set_ylabel(change_unit(measured, lang), fontsize=size.base, color=INK)
        number_axis(ax.yaxis, t)
        tidy(ax, size)
        ax.tick_params(axis="y", labelsize=size.base, colors=INK)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for ax in axes.flat[max(0, len(panels) - columns) : len(panels)]:  # the lowest panel of each column
        ax.set_xlabel(t("Month since the policy starts"), fontsize=size.base, color=INK)
        ax.tick_params(labelbottom=True)
    what, policy = axis_label(measured, t, upright=True), policy_title(manifest, scenario, lang)
    figure.suptitle(
        t("{policy}: {what}", what=what, policy=policy),
        fontsize=size.base + 1, x=0.008, ha="left", color=INK,
    )  # fmt: skip
    note = t("Line: mean; dark band: Monte Carlo precision; light band: plausible range; dotted: the policy starts.")
    finish(figure, manifest, lang, size, height, note)
    return figure


def _month_panels(
    results: pd.DataFrame, manifest: Manifest, region: str, metric: str, scenario: str
) -> dict[str, tuple[np.ndarray, ...]]:
    """Return per unit (months, mean, ci_low, ci_high, low, high) of the paired monthly difference, as shown."""
    from kinerja_sim.study.statistics import central_range, mean_interval, units_of

    here = results[(results["region"] == region) & results["scenario"].isin([scenario, manifest["baseline"]])]
    scale = display_scale(metric_of(metric))
    panels: dict[str, tuple[np.ndarray, ...]] = {}
    for unit in manifest["regions"][region]["units"]:
        keyed = here[here["unit"] == unit].set_index(["scenario", "period", "draw", "replication"])[metric]
        wide = keyed.unstack(["draw", "replication"])  # noqa: PD010  (pivot_table would average duplicates silently)
        if scenario not in wide.index.get_level_values("scenario"):
            continue
        delta = scale * (wide.loc[scenario] - wide.loc[manifest["baseline"]])
        if not delta.notna().any(axis=None):
            continue
        values = delta.to_numpy(dtype=float)
        mean = mean_interval(values, units_of(wide.columns.get_level_values("draw").to_numpy()))
        spread = central_range(values)
        months = delta.index.to_numpy(dtype=float)
        panels[unit] = (months, mean.value, mean.low, mean.high, spread.low, spread.high)
    return panels
