"""What the notebook on counting says: what is counted, what is meant, and the mix at which they part.

The dial runs from an appraisal in which only citizens count to one in which only speed
does. Most open to dispute: the dial keeps high stakes throughout, so that what moves is
what is counted and not how much hangs on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kinerja_sim.know.policies import Policy
from kinerja_sim.present.across import BETTER, GOODHART, HIDDEN, MEANT, SPEED, WORSE
from kinerja_sim.present.bands import Band, band_figure, band_note
from kinerja_sim.present.changes import display_scale, metric_of
from kinerja_sim.present.figures import axis_label
from kinerja_sim.present.markdown import Report, limits
from kinerja_sim.present.page import paragraphs
from kinerja_sim.present.saved import Manifest, one_contrast, short_unit_title
from kinerja_sim.present.style import style_of
from kinerja_sim.present.tables import change_cell, effect_cell
from kinerja_sim.present.text import verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Weight of speed in the appraisal; citizens have the rest."""


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
    """What happens in one region when only speed counts."""

    @property
    def unit(self) -> str:
        """The service unit of the primary hypothesis."""
        return self.aim[0]

    def saved_case(self) -> str:
        """Return what counting only speed does to every service unit, from the saved comparison."""
        t, heading = self.t, "## " + self.t("When only speed counts")
        if GOODHART not in self.manifest["scenarios"][self.region]:
            return paragraphs(heading, t("The policy in which only speed counts was not run."))
        metrics, reported = (SPEED, MEANT, HIDDEN, "on_time_share"), "reported_on_time_share"
        rows = [
            (short_unit_title(self.manifest, self.region, unit, self.lang),
             *(self.effect(unit, metric, GOODHART) for metric in metrics),
             change_cell(one_contrast(self.saved.contrasts, self.region, unit, reported, GOODHART), self.lang))
            for unit in self.manifest["regions"][self.region]["units"]
        ]  # fmt: skip
        note = t("On time as reported has no better direction and so no words: it is what the office writes down.")
        return paragraphs(heading, self.table((t("Service"), *self.changes_of((*metrics, reported))), rows), note)

    def parting(self, contrasts: pd.DataFrame) -> str:
        """Return the weight of speed at which what is counted and what is meant part.

        Parameters
        ----------
        contrasts : DataFrame
            Contrasts of the mixes of `speed_mixes`, run for the notebook.
        """
        t, heading = self.t, "## " + self.t("At which weight do they part?")
        heads = (t("Weight of speed in the appraisal"), *self._heads())
        lines, parted = [], []
        for share in SHARES:
            rows = [one_contrast(contrasts, self.region, self.unit, m, _name(share)) for m in (SPEED, MEANT, HIDDEN)]
            lines.append((t.percent(share), *(effect_cell(row, self.lang) for row in rows)))
            codes = ["" if row is None else verdict(row) for row in rows]
            if codes[0].endswith(BETTER) and any(code.endswith(WORSE) for code in codes[1:]):
                parted.append(share)
        where = self.unit_title(self.unit)
        if parted:
            said = t("At {unit}, from a weight of {share} on (of the mixes run) work at least likely speeds up while "
                     "satisfaction or rework at least likely gets worse.", unit=where,
                     share=t.percent(min(parted)))  # fmt: skip
        else:
            n = int(contrasts["n_replications"].max())
            said = t("At {unit}, n = {n} cannot show for any of the mixes run that work at least likely speeds up "
                     "while satisfaction or rework at least likely gets worse.", unit=where, n=t.number(n))  # fmt: skip
        return paragraphs(heading, f"**{said}**", self.table(heads, lines))

    def dial(self, contrasts: pd.DataFrame, manifest: Manifest) -> Figure:
        """Return what is counted, meant and hidden over the weight of speed.

        Parameters
        ----------
        contrasts, manifest
            Of the mixes of `speed_mixes`, run for the notebook.
        """
        t, bands = self.t, []
        for head, name in zip(self._heads(), (SPEED, MEANT, HIDDEN), strict=True):
            metric, (colour, marker) = metric_of(name), style_of(self.manifest, self.region, GOODHART)
            made = {100 * s: one_contrast(contrasts, self.region, self.unit, name, _name(s)) for s in SHARES}
            rows = pd.DataFrame({x: row for x, row in made.items() if row is not None}).T
            scale = display_scale(metric)
            bands.append(Band(head, rows.index, rows, colour, scale, marker=marker, matters=metric.matters * scale,
                              label=axis_label(metric, t, upright=True)))  # fmt: skip
        return band_figure(
            bands, manifest, self.lang, title=self.unit_title(self.unit), columns=3,
            across=t("Weight of speed, %"), note=band_note(t), is_shared=False,
        )  # fmt: skip

    def _heads(self) -> tuple[str, str, str]:
        t = self.t
        return t("Counted: speed"), t("Meant: satisfaction"), t("Unseen: rework")

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t = self.t
        return limits(
            self.lang,
            t("How far officers shift effort to what is counted is set by the ledger, mostly from other countries."),
            t("Other numbers can be gamed in other ways; only speed was put to the test."),
        )
