"""What the notebook on policies says: which is better, when it shows, when it pays, and for whom."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kinerja_sim.know.library import load_policy
from kinerja_sim.present.changes import change_unit, metric_of
from kinerja_sim.present.equity import access_tables, waiting_tables
from kinerja_sim.present.figures import effect_figure
from kinerja_sim.present.markdown import Report, limits
from kinerja_sim.present.page import Table, bullets, paragraphs
from kinerja_sim.present.paths import (
    monthly_contrasts,
    path_figure,
    path_sentences,
    payback,
    payback_figure,
    payback_sentences,
)
from kinerja_sim.present.saved import one_contrast
from kinerja_sim.present.tables import effect_cell, star_notes
from kinerja_sim.present.text import shown_comparison
from kinerja_sim.study.contrasts import contrast
from kinerja_sim.study.equity import tail_contrasts

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class ScenariosReport(Report):
    """The policies of one region side by side."""

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """Paired contrasts of every month on the primary metric."""
        return monthly_contrasts(self.here, self.manifest["baseline"], *self.aim[:2])

    @cached_property
    def paid(self) -> pd.DataFrame:
        """Net benefits up to every month, of the policies shown."""
        reference = str(self.manifest["baseline"])
        return payback(self.here[self.here["scenario"].isin([reference, *self.shown])], reference)

    def effects(self) -> Figure:
        """Return the effect of every policy on the primary metric."""
        unit, metric, window = self.aim
        return effect_figure(
            self.saved.contrasts, self.manifest, self.region, metric, self.lang, unit=unit, window=window
        )

    def pairs(self) -> str:
        """Return every policy against every other one, by their own paired contrasts."""
        t, (unit, metric, window) = self.t, self.aim
        table = self.here[self.here["unit"] == unit]
        # Contrasts are made in pairs of policies; a window begins with the slowest of all of them.
        against = {s: contrast(table, s) for s in self.shown}

        def compared(s: str, other: str) -> str:
            row = None if s == other else one_contrast(against[other], self.region, unit, metric, s, window)
            return effect_cell(row, self.lang, shown_comparison)

        rows = [(self.label(s), *(compared(s, other) for other in self.shown)) for s in self.shown]
        measured = metric_of(metric)
        read = t("Row against column: {metric} at {unit}, change in {measure} with its plausible range; n = {n}.",
                 metric=measured.label.in_(self.lang), unit=self.unit_title(unit),
                 measure=change_unit(measured, self.lang), n=t.number(self.manifest["replications"]))  # fmt: skip
        note = t("Two policies differ when their own paired contrast says so, not when one differs from today's "
                 "practice and the other does not. All of this is exploratory.")  # fmt: skip
        return paragraphs(
            "## " + t("Each policy against each other"),
            read,
            self.table((self.t("Policy"), *map(self.label, self.shown)), rows),
            note,
        )

    def when(self) -> str:
        """Return from which month on each effect can be told."""
        said = path_sentences(self.monthly, self.manifest, self.region, self.lang)
        return paragraphs("## " + self.t("When does it show?"), bullets(f"{text}." for text in said))

    def path(self) -> Figure:
        """Return the effects month by month."""
        return path_figure(self.monthly, self.manifest, self.region, self.lang)

    def pays(self) -> str:
        """Return from which month on each policy has paid for itself."""
        t, said = self.t, payback_sentences(self.paid, self.manifest, self.region, self.lang)
        note = t("Only hours of waiting at the counter are valued; turnaround, errors, satisfaction and people who "
                 "give up are not. A policy that makes haste saves hours too.")  # fmt: skip
        return paragraphs("## " + t("When does it pay?"), bullets(f"{text}." for text in said), note)

    def pays_path(self) -> Figure:
        """Return the net benefit since the start, month after month."""
        return payback_figure(self.paid, self.manifest, self.region, self.lang)

    def whom(self) -> str:
        """Return the waits of everyone, of the worst-served tenth and in the priority line."""
        t, tails = self.t, tail_contrasts(self.here, self.manifest["baseline"])
        blocks = waiting_tables(self.saved.contrasts, tails, self.manifest, self.region, self.lang)
        if not blocks:
            return paragraphs("## " + t("For whom?"), t("No service here has a counter queue: nobody waits in line."))
        note = t("Worst-served tenth: the mean wait of the tenth of visits that waited longest, from the counted bins; "
                 "the very longest waits are understated.")  # fmt: skip
        return paragraphs("## " + t("For whom?"), *self._tables(blocks), note)

    def access(self, table: pd.DataFrame) -> str:
        """Return the waits of people with and without digital access.

        Parameters
        ----------
        table : DataFrame
            From `study.access.access_contrasts`, run for the notebook.
        """
        t = self.t
        # The comparison's own manifest does not know the policies that were run beside it.
        run, own = list(dict.fromkeys(table["scenario"])), str(self.manifest["regions"][self.region]["preset"])
        titles = {s: self._title(s) for s in sorted(run, key=lambda s: s != own)}
        units = {u: self.unit_title(u) for u in dict.fromkeys(table["unit"])}
        blocks = access_tables(table, titles, units, self.lang)
        if not blocks:
            return ""
        n = int(table["n_replications"].max())
        note = t.plural("A small run of its own: {n} replication; waits of those who were served.",
                        "A small run of its own: {n} replications; waits of those who were served.", n)  # fmt: skip
        return paragraphs("## " + t("With and without digital access"), *self._tables(blocks), note)

    def _title(self, scenario: str) -> str:
        """Return the title of a policy that need not be in the comparison."""
        if scenario in self.manifest["policies"]:
            return self.label(scenario)
        return load_policy(scenario).title.in_(self.lang)

    def _tables(self, blocks: list[Table]) -> list[str]:
        notes = [note.replace("*", "\\*") for note in star_notes(blocks, self.lang)]
        return [*(block.markdown() for block in blocks), *notes]

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t = self.t
        return limits(
            self.lang,
            t("How people who are old, disabled or far away get to the counter at all is not modelled."),
            t("Costs and hours are of the months simulated; what comes after is not counted."),
        )
