"""What figures and sentences of a sweep share: a unit's title, named axes, and a footer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinerja_sim.present.i18n import Translator
from kinerja_sim.present.saved import Manifest, short_unit_title
from kinerja_sim.present.style import FAINT, INK, Chart, Size, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def place_name(manifest: Manifest, region: str, unit: str, lang: str) -> str:
    """Return the short title of a service unit, or its name where the manifest does not describe it."""
    units = manifest.get("regions", {}).get(region, {}).get("units", {})
    return short_unit_title(manifest, region, unit, lang) if unit in units else unit


def name_axes(ax: Axes, x: str, y: str, t: Translator, size: Size) -> None:
    """Give both axes a name and numbers as the language writes them."""
    from matplotlib.ticker import FuncFormatter

    tidy(ax, size)
    ax.grid(visible=True, axis="y", lw=0.6)
    ax.tick_params(axis="y", labelsize=size.base, colors=INK)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda v, _: t.number(v, 0 if float(v).is_integer() else 2)))
    ax.set_xlabel(x, fontsize=size.base, color=INK)
    ax.set_ylabel(y, fontsize=size.base, color=INK)


def finish_sweep(figure: Chart, note: str, line: str, size: Size, height: float) -> None:
    """Lay a figure of a sweep out and write its footer: what it shows, and where the numbers came from."""
    figure.text(
        0.006, 6 / height, f"{note}\n{line}", fontsize=size.small, color=FAINT, va="bottom", ha="left", linespacing=1.35
    )
    bottom = (2.9 * size.small + 6) / height
    figure.set_layout_engine("constrained", rect=(0.004, bottom, 0.992, 0.995 - bottom), h_pad=0.06, w_pad=0.06)
