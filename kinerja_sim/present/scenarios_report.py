"""What the notebook on policies says: which is better, when it shows, when it pays, and for whom."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kinerja_sim.know.library import load_policy
from kinerja_sim.present.equity import Block, access_blocks, waiting_blocks
from kinerja_sim.present.figures import effect_figure
from kinerja_sim.present.markdown import Report, bullets, effects_table, limits, paragraphs
from kinerja_sim.present.paths import (
    monthly_contrasts,
    path_figure,
    path_sentences,
    payback,
    payback_figure,
    payback_sentences,
)
from kinerja_sim.present.saved import (
    one_contrast,
    policy_label,
    primary_hypothesis,
    shown_scenarios,
    unit_title,
)
from kinerja_sim.present.text import change_text, change_unit, comparison_word, mean_disagrees, metric_of, verdict
from kinerja_sim.study.contrasts import contrast
from kinerja_sim.study.equity import tail_contrasts

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class ScenariosReport(Report):
    """The policies of one region side by side; text methods return Markdown."""

    @cached_property
    def aim(self) -> tuple[str, str, str]:
        """Unit, metric and window of the primary hypothesis."""
        h = primary_hypothesis(self.manifest, self.region)
        return h["unit"], h["metric"], h["window"]

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """Paired contrasts of every month on the primary metric."""
        return monthly_contrasts(self.here, self.manifest["baseline"], *self.aim[:2])

    @cached_property
    def paid(self) -> pd.DataFrame:
        """Net benefits up to every month."""
        return payback(self.here, self.manifest["baseline"])

    def effects(self) -> Figure:
        """Return the effect of every policy on the primary metric."""
        unit, metric, window = self.aim
        return effect_figure(
            self.saved.contrasts, self.manifest, self.region, metric, self.lang, unit=unit, window=window
        )

    def pairs(self) -> str:
        """Return every policy against every other one, by their own paired contrasts."""
        t, shown = self.t, shown_scenarios(self.manifest, self.region)
        unit, metric, window = self.aim
        table = self.here[self.here["unit"] == unit]
        # Contrasts are made in pairs of policies; a window begins with the slowest of all of them.
        against = {s: contrast(table, s) for s in shown}
        label = {s: policy_label(self.manifest, self.region, s, self.lang) for s in shown}
        rows = [("", *(label[s] for s in shown))]
        for s in shown:
            cells = []
            for other in shown:
                row = None if s == other else one_contrast(against[other], self.region, unit, metric, s, window)
                if row is None:
                    cells.append("–")
                    continue
                word = comparison_word(verdict(row), self.lang)
                text = t("{word} ({change})", word=word, change=change_text(row, self.lang))
                cells.append(t("{word} *", word=text) if mean_disagrees(row) else text)
            rows.append((label[s], *cells))
        measured = metric_of(metric)
        read = t("Row against column: {metric} at {unit}, change in {measure}.", metric=measured.label.in_(self.lang),
                 unit=unit_title(self.manifest, self.region, unit, self.lang),
                 measure=change_unit(measured, self.lang))  # fmt: skip
        note = t("Two policies differ when their own paired contrast says so, not when one differs from today's "
                 "practice and the other does not. All of this is exploratory.")  # fmt: skip
        return paragraphs("## " + t("Each policy against each other"), read, effects_table(rows, self.lang), note)

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
        blocks = waiting_blocks(self.saved.contrasts, tails, self.manifest, self.region, self.lang)
        if not blocks:
            return paragraphs("## " + t("For whom?"), t("No service here has a counter queue: nobody waits in line."))
        note = t("Worst-served tenth: the mean wait of the tenth of visits that waited longest, from the counted bins; "
                 "the very longest waits are understated.")  # fmt: skip
        return paragraphs("## " + t("For whom?"), *_tables(blocks, self.lang), note)

    def access(self, table: pd.DataFrame) -> str:
        """Return the waits of people with and without digital access.

        Parameters
        ----------
        table : DataFrame
            From `study.access.access_contrasts`, run for the notebook.
        """
        t = self.t
        # The comparison's own manifest does not know the policies that were run beside it.
        run, own = list(dict.fromkeys(table["scenario"])), self.manifest["regions"][self.region]["preset"]
        titles = {s: self._title(s) for s in sorted(run, key=lambda s: s != own)}
        units = {u: unit_title(self.manifest, self.region, u, self.lang) for u in dict.fromkeys(table["unit"])}
        blocks = access_blocks(table, titles, units, self.lang)
        if not blocks:
            return ""
        n = int(table["n_replications"].max())
        note = t.plural("A small run of its own: {n} replication; waits of those who were served.",
                        "A small run of its own: {n} replications; waits of those who were served.", n)  # fmt: skip
        return paragraphs("## " + t("With and without digital access"), *_tables(blocks, self.lang), note)

    def _title(self, scenario: str) -> str:
        """Return the title of a policy that need not be in the comparison."""
        if scenario in self.manifest["policies"]:
            return policy_label(self.manifest, self.region, scenario, self.lang)
        return load_policy(scenario).title.in_(self.lang)

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t = self.t
        return limits(
            self.lang,
            t("How people who are old, disabled or far away get to the counter at all is not modelled."),
            t("Costs and hours are of the months simulated; what comes after is not counted."),
        )


def _tables(blocks: list[Block], lang: str) -> list[str]:
    return [part for heading, rows in blocks for part in (f"**{heading}**", effects_table(rows, lang))]
