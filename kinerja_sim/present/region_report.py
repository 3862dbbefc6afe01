"""What a region's notebook says: its text from the catalogue, its numbers from the saved tables.

The notebook itself holds no label and no number: it calls these methods in order, so
that the Indonesian and the English notebook are the same notebook.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.answers import exploratory_note, hypotheses_list, hypothesis_sentence
from kinerja_sim.present.economics import acceptability_figure, worth_intro, worth_notes, worth_table
from kinerja_sim.present.figures import effect_figure
from kinerja_sim.present.markdown import Report, bullets, markdown_table, paragraphs
from kinerja_sim.present.months import month_figure
from kinerja_sim.present.queues import queue_line, queue_notes, queue_table
from kinerja_sim.present.saved import primary_hypothesis, title
from kinerja_sim.present.tables import effect_blocks, region_table_html
from kinerja_sim.present.two_by_two import TwoByTwo, two_by_two

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class RegionReport(Report):
    """The report of one region in one language; text methods return Markdown."""

    def answer(self) -> str:
        """Return the primary hypothesis answered in one sentence of the ladder."""
        t = self.t
        text = hypothesis_sentence(self.saved.contrasts, self.saved.manifest, self.region, self.lang)
        return paragraphs("## " + t("The question and its answer"), f"**{text}**")

    def other_answers(self) -> str:
        """Return the other hypotheses of the region's text, called exploratory and counted."""
        t, manifest, contrasts = self.t, self.saved.manifest, self.saved.contrasts
        shown = sum(len(b.rows) for b in effect_blocks(contrasts, manifest, self.region, self.lang))
        answers = hypotheses_list(contrasts, manifest, self.region, self.lang)
        items = [t("{claim}: {answer}", claim=claim, answer=text) for claim, text in answers]
        return paragraphs(
            "## " + t("Further hypotheses (exploratory)"),
            exploratory_note(contrasts, manifest, self.region, shown, self.lang),
            "\n".join(f"- {item}" for item in items),
        )

    def table(self) -> str:
        """Return the table of paired effects as HTML."""
        return region_table_html(self.saved.contrasts, self.saved.manifest, self.region, self.lang)

    def effects(self) -> Figure:
        """Return the effects of every policy on the primary metric, unit by unit."""
        h = primary_hypothesis(self.saved.manifest, self.region)
        return effect_figure(
            self.saved.contrasts, self.saved.manifest, self.region, h["metric"], self.lang, window=h["window"]
        )

    def satisfaction(self) -> Figure:
        """Return the effects of every policy on true satisfaction, unit by unit."""
        return effect_figure(self.saved.contrasts, self.saved.manifest, self.region, "satisfaction_index", self.lang)

    def months(self, scenario: str = "") -> Figure:
        """Return the effect on the primary metric month by month, of `scenario` or of the region's own policy.

        Raises
        ------
        InputError
            If `scenario` was not run in this region.
        """
        known = self.saved.manifest["scenarios"][self.region]
        if scenario and scenario not in known:
            raise InputError(f"`scenario` must be one of {', '.join(known)}; got {scenario!r} in {self.region}.")
        metric = primary_hypothesis(self.saved.manifest, self.region)["metric"]
        return month_figure(
            self.saved.results, self.saved.manifest, self.region, metric, self.lang, scenario=scenario or None
        )

    def explanations(self) -> str:
        """Return the two explanations of the change as Markdown, or a sentence that the region has only one."""
        t, cells = self.t, self._cells()
        heading = "## " + t("Two explanations: the policy, or the end of the shortage")
        if cells is None:
            return t("No service unit here has a shortage of supplies that could explain the change instead.")
        heads = (t("Part"), t("Effect"), t("Plausible range"), t("Monte Carlo precision"), t("In words"))
        levels = cells.cells()
        return paragraphs(
            heading,
            cells.heading(),
            markdown_table([tuple(c for c, _ in levels), tuple(level for _, level in levels)]),
            markdown_table([heads, *cells.rows()]),
            "\n".join(f"- {claim}." for claim in cells.sentences()),
            t("The size of the shortage was fitted to the text: an estimate."),
        )

    def worth(self) -> str:
        """Return extra cost, hours of waiting saved and net benefit of every policy, and what they leave out."""
        t, manifest = self.t, self.saved.manifest
        table = worth_table(self.saved.results, manifest, self.region, self.lang)
        notes = worth_notes(manifest, self.region, self.lang, table)
        return paragraphs(
            "## " + t("Is it worth its cost?"),
            worth_intro(manifest, self.lang),
            markdown_table(table),
            bullets(notes),
        )

    def acceptability(self) -> Figure:
        """Return the chance that each policy is worth its cost, over values of an hour of waiting."""
        return acceptability_figure(self.saved.results, self.saved.manifest, self.region, self.lang)

    def queues(self) -> str:
        """Return whether the queues of today's practice are sane, with closed forms beside the simulation."""
        t, table = self.t, self.saved.queues
        if table is None:
            return ""
        return paragraphs(
            "## " + t("Are the queues sane?"),
            queue_line(table, self.saved.manifest, self.region, self.lang),
            markdown_table(queue_table(table, self.saved.manifest, self.region, self.lang)),
            "\n".join(f"- {note}" for note in queue_notes(self.lang)),
        )

    def limits(self) -> str:
        """Return what this report does not show, and how well its inputs are known."""
        t, entry = self.t, self.saved.manifest["regions"][self.region]
        grades = entry["grades"]
        total = sum(grades.values())
        known = t(
            "{estimates} of the {total} numbers in the region's file are estimates.",
            estimates=t.number(grades.get("estimate", 0)), total=t.number(total),
        )  # fmt: skip
        warnings = [title(w, self.lang) for w in self.saved.manifest["warnings"]]
        policies = [self.saved.manifest["policies"][s] for s in self.saved.manifest["scenarios"][self.region]]
        missing = [title(h["not_modelled"], self.lang) for h in entry["hypotheses"] if h["not_modelled"]]
        missing += [title(x, self.lang) for x in entry["left_out"]]
        missing += [title(x, self.lang) for p in policies for x in p["left_out"]]
        return paragraphs(
            "## " + t("What this does not show"),
            known,
            t("Effects are simulated from published coefficients and estimates; nothing here was observed."),
            "\n".join(f"- {item}" for item in dict.fromkeys(missing)),
            t("This tool is not for rating individuals."),
            "### " + t("Warnings of the whole run") if warnings else "",
            "\n".join(f"- {item}" for item in warnings),
        )

    def _cells(self) -> TwoByTwo | None:
        return two_by_two(self.saved.contrasts, self.saved.results, self.saved.manifest, self.region, self.lang)


def load_report(results_folder: str | Path, region: str, lang: str) -> RegionReport:
    """Return the report of `region` from the tables saved in `results_folder`.

    Raises
    ------
    InputError
        If the folder holds no comparison, or the region or language is unknown.
    """
    return RegionReport(str(results_folder), region, lang)
