"""What the notebook on counting says: what is counted, what is meant, and the mix at which they part.

The dial runs from an appraisal in which only citizens count to one in which only speed
does. Most open to dispute: the dial keeps high stakes throughout, so that what moves is
what is counted and not how much hangs on it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from kinerja_sim.know.policies import Policy
from kinerja_sim.present.across import GOODHART, HIDDEN, MEANT, SPEED
from kinerja_sim.present.equity import cell
from kinerja_sim.present.figures import axis_label, finish, number_axis
from kinerja_sim.present.markdown import Report, effects_table, limits, paragraphs
from kinerja_sim.present.saved import Manifest, one_contrast, primary_hypothesis, short_unit_title, unit_title
from kinerja_sim.present.style import BAND, INK, NOTEBOOK, in_house_style, look, new_figure, tidy
from kinerja_sim.present.text import change_unit, display_scale, metric_of, verdict

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Weight of speed in the appraisal; citizens have the rest."""
BETTER, WORSE = ("falls", "rises"), ("worsens",)


def speed_mixes(speed_only: Policy) -> list[Policy]:
    """Return policies that count citizens and speed in every mix of `SHARES`.

    Parameters
    ----------
    speed_only : Policy
        The policy in which only speed counts; its stakes and targets are kept.

    Examples
    --------
    >>> from kinerja_sim import load_policy
    >>> [dict(p.appraisal.weights) for p in speed_mixes(load_policy("speed_only"))][:2]
    [{'citizens': 1.0}, {'results': 0.25, 'citizens': 0.75}]
    """
    mixes = []
    for share in SHARES:
        weights = {k: v for k, v in (("results", share), ("citizens", 1 - share)) if v > 0}
        mixes.append(speed_only.replace(name=_name(share), appraisal__weights=weights))
    return mixes


def _name(share: float) -> str:
    return f"speed_{round(100 * share)}"


class GoodhartReport(Report):
    """What happens in one region when only speed counts; text methods return Markdown."""

    @cached_property
    def unit(self) -> str:
        """The service unit of the primary hypothesis."""
        return str(primary_hypothesis(self.manifest, self.region)["unit"])

    def saved_case(self) -> str:
        """Return what counting only speed does to every service unit, from the saved comparison."""
        t, heading = self.t, "## " + self.t("When only speed counts")
        if GOODHART not in self.manifest["scenarios"][self.region]:
            return paragraphs(heading, t("The policy in which only speed counts was not run."))
        metrics = [metric_of(m) for m in (SPEED, MEANT, HIDDEN, "reported_on_time_share", "on_time_share")]
        lines = [(t("Service"), *(t("{metric}, {measure}", metric=m.label.in_(self.lang),
                                    measure=change_unit(m, self.lang)) for m in metrics))]  # fmt: skip
        for unit in self.manifest["regions"][self.region]["units"]:
            rows = [one_contrast(self.saved.contrasts, self.region, unit, m.name, GOODHART) for m in metrics]
            cells = [cell(row, self.lang) for row in rows]
            lines.append((short_unit_title(self.manifest, self.region, unit, self.lang), *cells))
        note = t("On time as reported has no better direction: it is what the office writes down.")
        return paragraphs(heading, effects_table(lines, self.lang), note)

    def parting(self, contrasts: pd.DataFrame) -> str:
        """Return the weight of speed at which what is counted and what is meant part.

        Parameters
        ----------
        contrasts : DataFrame
            Contrasts of the mixes of `speed_mixes`, run for the notebook.
        """
        t, heading = self.t, "## " + self.t("At which weight do they part?")
        heads = (t("Counted: speed"), t("Meant: satisfaction"), t("Hidden: rework"))
        lines: list[tuple[str, ...]] = [(t("Weight of speed in the appraisal"), *heads)]
        parted = []
        for share in SHARES:
            rows = [one_contrast(contrasts, self.region, self.unit, m, _name(share)) for m in (SPEED, MEANT, HIDDEN)]
            lines.append((t.percent(share), *(cell(row, self.lang) for row in rows)))
            codes = ["" if row is None else verdict(row) for row in rows]
            if codes[0].endswith(BETTER) and any(code.endswith(WORSE) for code in codes[1:]):
                parted.append(share)
        where = unit_title(self.manifest, self.region, self.unit, self.lang)
        if parted:
            said = t("At {unit}, from a weight of {share} on (of the mixes run) work at least likely speeds up while "
                     "satisfaction or rework at least likely gets worse.", unit=where,
                     share=t.percent(min(parted)))  # fmt: skip
        else:
            said = t("At {unit}, none of the mixes run at least likely speeds work up while satisfaction or rework at "
                     "least likely gets worse.", unit=where)  # fmt: skip
        return paragraphs(heading, f"**{said}**", effects_table(lines, self.lang))

    def dial(self, contrasts: pd.DataFrame, manifest: Manifest) -> Figure:
        """Return what is counted, meant and hidden over the weight of speed.

        Parameters
        ----------
        contrasts, manifest
            Of the mixes of `speed_mixes`, run for the notebook.
        """
        return dial_figure(contrasts, manifest, self.region, self.unit, self.lang)

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t = self.t
        return limits(
            self.lang,
            t("How far officers shift effort to what is counted is set by the ledger, mostly from other countries."),
            t("Other numbers can be gamed in other ways; only speed was put to the test."),
        )


@in_house_style
def dial_figure(contrasts: pd.DataFrame, manifest: Manifest, region: str, unit: str, lang: str) -> Figure:
    """Return three panels over the weight of speed: counted, meant, hidden, each with both intervals."""
    from kinerja_sim.present.i18n import translator

    t, size, height = translator(lang), NOTEBOOK, 300.0
    figure = new_figure(size.width, height)
    heads = (t("Counted: speed"), t("Meant: satisfaction"), t("Hidden: rework"))
    axes: Sequence = figure.subplots(1, 3, sharex=True)
    for i, (ax, head, name) in enumerate(zip(axes, heads, (SPEED, MEANT, HIDDEN), strict=True)):
        metric, (colour, marker) = metric_of(name), look(i)
        scale = display_scale(metric)
        rows = [(100 * s, one_contrast(contrasts, region, unit, name, _name(s))) for s in SHARES]
        seen = [(x, row) for x, row in rows if row is not None]
        x = [at for at, _ in seen]
        low, high, ci_low, ci_high, mean = (
            [scale * row[k] for _, row in seen] for k in ("low", "high", "ci_low", "ci_high", "delta_mean")
        )
        ax.axhspan(-metric.matters * scale, metric.matters * scale, color=BAND, lw=0, zorder=0)
        ax.fill_between(x, low, high, color=colour, alpha=0.16, lw=0)
        ax.fill_between(x, ci_low, ci_high, color=colour, alpha=0.45, lw=0)
        ax.plot(x, mean, color=colour, marker=marker, ms=6, mec="white", lw=1.6)
        ax.axhline(0, color=INK, lw=0.8)
        ax.set_title(head, fontsize=size.base, loc="left", fontweight="bold")
        ax.set_ylabel(textwrap.fill(axis_label(metric, t, upright=True), 34), fontsize=size.small, color=INK)
        ax.set_xlabel(t("Weight of speed, %"), fontsize=size.base, color=INK)
        tidy(ax, size)
        ax.tick_params(axis="y", labelsize=size.base)
        number_axis(ax.yaxis, t, ticks=5)
    note = t("Line: mean; dark band: Monte Carlo precision; light band: plausible range; grey: too small to matter.")
    finish(figure, manifest, lang, size, height, note)
    return figure
