"""Lines with two bands in panels: a mean, its precision and the plausible range, over months or over weights."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from kinerja_sim.present.figures import finish, number_axis
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.saved import Manifest
from kinerja_sim.present.style import BAND, FAINT, INK, NOTEBOOK, Chart, in_house_style, new_figure, tidy

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LINE, LEAST, WRAP = 165.0, 300.0, 34
"""Height of one line of panels and of a figure in points, and letters of an axis's name in one line."""


@dataclass(frozen=True)
class Band:
    """One panel: rows of `mean`, low, high, ci_low and ci_high over `x`, times `scale`.

    `matters` is half the width of what is too small to matter, as shown; `label` names the y axis.
    """

    title: str
    x: Sequence[float] | pd.Series[Any] | pd.Index[Any]
    rows: pd.DataFrame
    colour: str
    scale: float = 1.0
    mean: str = "delta_mean"
    marker: str = ""
    matters: float = 0.0
    label: str = ""


@in_house_style
def band_figure(
    bands: Sequence[Band], manifest: Manifest, lang: str, *, title: str, across: str, note: str, columns: int = 2,
    is_shared: bool = True, start: float | None = None,
) -> Chart:  # fmt: skip
    """Return one panel for each of `bands`, with what the lines mean and where the numbers come from below.

    Parameters
    ----------
    bands : sequence of Band
    manifest : mapping
    lang : {'id', 'en'}
    title, across, note : str
        Above the panels, along the x axis, and below the figure.
    columns : int
        Panels side by side at most.
    is_shared : bool
        Whether all panels have one y axis.
    start : float, optional
        Where a dotted line marks the start of the policy.
    """
    t, size = translator(lang), NOTEBOOK
    columns = min(columns, len(bands))
    lines = -(-len(bands) // columns)
    height = max(LINE * lines + 75, LEAST)
    figure = new_figure(size.width, height)
    axes = np.asarray(figure.subplots(lines, columns, sharex=True, sharey=is_shared, squeeze=False)).ravel()
    for ax in axes[len(bands) :]:
        ax.set_axis_off()
    for ax, band in zip(axes, bands, strict=False):
        _draw(ax, band, across, t)
        if start is not None:
            ax.axvline(start, color=FAINT, lw=0.9, ls=":")
    figure.suptitle(title, fontsize=size.base + 1, x=0.008, ha="left", color=INK)
    finish(figure, manifest, lang, size, height, note)
    return figure


def _draw(ax: Axes, band: Band, across: str, t: Translator) -> None:
    low, high, ci_low, ci_high, mean = (
        band.scale * band.rows[name].to_numpy(float) for name in ("low", "high", "ci_low", "ci_high", band.mean)
    )
    ax.axhspan(-band.matters, band.matters, color=BAND, lw=0, zorder=0)
    ax.fill_between(band.x, low, high, color=band.colour, alpha=0.16, lw=0)
    ax.fill_between(band.x, ci_low, ci_high, color=band.colour, alpha=0.45, lw=0)
    ax.plot(band.x, mean, color=band.colour, lw=1.6, marker=band.marker, ms=6, mec="white")
    ax.axhline(0, color=INK, lw=0.8)
    ax.set_title(band.title, fontsize=NOTEBOOK.base, loc="left", fontweight="bold")
    ax.set_ylabel(textwrap.fill(band.label, WRAP), fontsize=NOTEBOOK.small, color=INK)
    ax.set_xlabel(across, fontsize=NOTEBOOK.base, color=INK)
    tidy(ax, NOTEBOOK)
    ax.tick_params(axis="both", labelsize=NOTEBOOK.base, labelbottom=True, labelleft=True)
    ax.margins(x=0.02)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    number_axis(ax.yaxis, t, ticks=5)


def band_note(t: Translator) -> str:
    """Return what line, bands and grey mean in a figure of effects."""
    return t("Line: mean; dark band: Monte Carlo precision; light band: plausible range; grey: too small to matter.")
