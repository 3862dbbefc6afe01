"""What a region's notebook says: its text from the catalogue, its numbers from the saved tables.

The notebook itself holds no label and no number: it calls these methods in order, so
that the Indonesian and the English notebook are the same notebook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.answers import caption, exploratory_note, hypotheses_list, hypothesis_sentence
from kinerja_sim.present.economics import acceptability_figure, worth_page
from kinerja_sim.present.figures import effect_figure
from kinerja_sim.present.markdown import Report, limits
from kinerja_sim.present.page import bullets, paragraphs
from kinerja_sim.present.paths import month_figure
from kinerja_sim.present.queues import queue_page
from kinerja_sim.present.saved import title
from kinerja_sim.present.tables import effect_tables, star_notes
from kinerja_sim.present.two_by_two import two_by_two

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class RegionReport(Report):
    """The report of one region in one language."""

    def answer(self) -> str:
        """Return the primary hypothesis answered in one sentence of the ladder."""
        text = hypothesis_sentence(self.saved.contrasts, self.manifest, self.region, self.lang)
        return paragraphs("## " + self.t("The question and its answer"), f"**{text}**")

    def other_answers(self) -> str:
        """Return the other hypotheses of the region's text, called exploratory and counted."""
        t, of = self.t, (self.saved.contrasts, self.manifest, self.region)
        shown = sum(len(table.rows) for table in effect_tables(*of, self.lang))
        answers = [t("{claim}: {answer}", claim=claim, answer=text) for claim, text in hypotheses_list(*of, self.lang)]
        heading = "## " + t("Further hypotheses (exploratory)")
        return paragraphs(heading, exploratory_note(*of, shown, self.lang), bullets(answers))

    def effects_table(self) -> str:
        """Return the paired effects of every policy, and what the columns mean."""
        of = (self.saved.contrasts, self.manifest, self.region, self.lang)
        tables = effect_tables(*of)
        notes = [*caption(*of), *star_notes(tables, self.lang)]
        return paragraphs(*(table.markdown() for table in tables), bullets(notes))

    def effects(self) -> Figure:
        """Return the effects of every policy on the primary metric, unit by unit."""
        _, metric, window = self.aim
        return effect_figure(self.saved.contrasts, self.manifest, self.region, metric, self.lang, window=window)

    def satisfaction(self) -> Figure:
        """Return the effects of every policy on true satisfaction, unit by unit."""
        return effect_figure(self.saved.contrasts, self.manifest, self.region, "satisfaction_index", self.lang)

    def months(self, scenario: str = "") -> Figure:
        """Return the effect on the primary metric month by month, of `scenario`, else of the own or the first policy.

        Raises
        ------
        InputError
            If `scenario` was not run in this region.
        """
        known = self.manifest["scenarios"][self.region]
        if scenario and scenario not in known:
            raise InputError(f"`scenario` must be one of {', '.join(known)}; got {scenario!r} in {self.region}.")
        own, first = self.manifest["regions"][self.region]["preset"], known[-1 if len(known) == 1 else 1]
        chosen = scenario or (own if own in known else first)
        return month_figure(self.here, self.manifest, self.region, self.aim[1], self.lang, scenario=chosen)

    def explanations(self) -> str:
        """Return the two explanations of the change, or a sentence that the region has only one."""
        t = self.t
        heading = "## " + t("Two explanations: the policy, or the end of the shortage")
        cells = two_by_two(self.saved.contrasts, self.here, self.manifest, self.region, self.lang)
        if cells is None:
            only = t("No service unit here has a shortage of supplies that could explain the change instead.")
            return paragraphs(heading, only)
        return paragraphs(heading, cells.page().markdown())

    def worth(self) -> str:
        """Return extra cost, hours of waiting saved and net benefit of every policy, and what they leave out."""
        return worth_page(self.here, self.manifest, self.region, self.lang).markdown()

    def acceptability(self) -> Figure:
        """Return the chance that each policy is worth its cost, over values of an hour of waiting."""
        return acceptability_figure(self.here, self.manifest, self.region, self.lang)

    def queues(self) -> str:
        """Return whether the queues of today's practice are sane, with closed forms beside the simulation."""
        table = self.saved.queues
        return "" if table is None else queue_page(table, self.manifest, self.region, self.lang).markdown()

    def limits(self) -> str:
        """Return what this report does not show, and how well its inputs are known."""
        t, entry = self.t, self.manifest["regions"][self.region]
        known = t(
            "{estimates} of the {total} numbers in the region's file are estimates.",
            estimates=t.number(entry["grades"].get("estimate", 0)), total=t.number(sum(entry["grades"].values())),
        )  # fmt: skip
        warnings = [title(w, self.lang) for w in self.manifest["warnings"]]
        policies = [self.manifest["policies"][s] for s in self.manifest["scenarios"][self.region]]
        missing = [h["not_modelled"] for h in entry["hypotheses"] if h["not_modelled"]]
        missing += [part for thing in (entry, *policies) for part in thing["left_out"]]
        return paragraphs(
            limits(self.lang, known, *dict.fromkeys(title(part, self.lang) for part in missing)),
            "### " + t("Warnings of the whole run") if warnings else "",
            bullets(warnings),
        )
