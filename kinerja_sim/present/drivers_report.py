"""What the notebook on drivers says: which mechanism carried the effect, and which grade of evidence its spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinerja_sim.present.answers import hypothesis_sentence
from kinerja_sim.present.markdown import Report, limits
from kinerja_sim.present.page import Table, bullets, paragraphs
from kinerja_sim.present.sensitivity import sensitivity_cells, sensitivity_sentences
from kinerja_sim.present.why import why_sentences

if TYPE_CHECKING:
    from kinerja_sim.study.attribution import Attribution
    from kinerja_sim.study.sensitivity import Sensitivity


class DriversReport(Report):
    """What drives the effect of one region's own policy."""

    def answer(self) -> str:
        """Return the effect that is taken apart."""
        text = hypothesis_sentence(self.saved.contrasts, self.manifest, self.region, self.lang)
        return paragraphs("## " + self.t("The effect that is taken apart"), text)

    def mechanisms(self, found: Attribution) -> str:
        """Return which mechanism carried the effect.

        Parameters
        ----------
        found : Attribution
            From `comparison.why`, run for the notebook.
        """
        said = why_sentences(found.table, found.manifest, self.lang)
        # The whole of this smaller run comes first: its parts add up to it, and not to the answer above.
        return paragraphs("## " + self.t("Which mechanism carries it?"), said[0], said[1], bullets(said[2:]))

    def evidence(self, found: Sensitivity) -> str:
        """Return how much of the spread rests on which grade of evidence.

        Parameters
        ----------
        found : Sensitivity
            From `study.grades.spread_by_grade`, run for the notebook.
        """
        t = self.t
        size = t("A small design of its own: {points} points, {replications} each, {months}.",
                 points=t.number(found.n_points), replications=t.replications(found.n_replications),
                 months=t.months(found.manifest["months"]))  # fmt: skip
        return paragraphs(
            "## " + t("How much of the spread rests on estimates?"), " ".join(sensitivity_sentences(found, self.lang)),
            Table(*sensitivity_cells(found, self.lang)).markdown(), size,
        )  # fmt: skip

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t = self.t
        return limits(
            self.lang,
            t("A part is what a group of blocks adds on average over all orders, not what it would do alone."),
            t("What the model leaves out adds spread that no share here counts."),
        )
