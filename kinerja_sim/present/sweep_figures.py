"""What figures and sentences of a sweep share: a unit's title, named axes, and a footer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinerja_sim.know.schema import Metric
from kinerja_sim.present.figures import number_axis
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.saved import Manifest, beyond_note, short_unit_title
from kinerja_sim.present.style import FAINT, INK, Chart, Size, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kinerja_sim.study.sweep_tables import SweepTables


def place_name(manifest: Manifest, region: str, unit: str, lang: str) -> str:
    """Return the short title of a service unit, or its name where the manifest does not describe it."""
    units = manifest.get("regions", {}).get(region, {}).get("units", {})
    return short_unit_title(manifest, region, unit, lang) if unit in units else unit


def beyond_lines(sweep: SweepTables, lang: str) -> list[str]:
    """Return how many points of a sweep have a mix beyond the regulation, and what that is; nothing for none."""
    t, tried = translator(lang), ~sweep.points["is_reference"].to_numpy(bool)
    count = int(sweep.is_beyond[tried].sum())
    if not count:
        return []
    said = t.plural("{n} of {all} design points has a mix beyond the regulation.",
                    "{n} of {all} design points have a mix beyond the regulation.", count,
                    all=t.number(int(tried.sum())))  # fmt: skip
    return [t("{first} {second}", first=said, second=beyond_note(lang))]


def inside_sentence(metric: Metric, t: Translator) -> str:
    """Return a metric's label as it stands inside a sentence."""
    label = metric.label.in_(t.lang)
    return label[:1].lower() + label[1:]


def name_axes(ax: Axes, x: str, y: str, t: Translator, size: Size) -> None:
    """Give both axes a name and numbers as the language writes them."""
    tidy(ax, size)
    ax.grid(visible=True, axis="y", lw=0.6)
    ax.tick_params(axis="y", labelsize=size.base, colors=INK)
    for axis in (ax.xaxis, ax.yaxis):
        number_axis(axis, t, is_signed=False)
    ax.set_xlabel(x, fontsize=size.base, color=INK)
    ax.set_ylabel(y, fontsize=size.base, color=INK)


def finish_sweep(figure: Chart, note: str, line: str, size: Size, height: float) -> None:
    """Lay a figure of a sweep out and write its footer: what it shows, and where the numbers came from."""
    figure.text(
        0.006, 6 / height, f"{note}\n{line}", fontsize=size.small, color=FAINT, va="bottom", ha="left", linespacing=1.35
    )
    bottom = (2.9 * size.small + 6) / height
    figure.set_layout_engine("constrained", rect=(0.004, bottom, 0.992, 0.995 - bottom), h_pad=0.06, w_pad=0.06)
