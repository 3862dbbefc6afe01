"""What the notebook across regions says: one table and one faceted figure, never a ranking of places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kinerja_sim.present.across import capacity_duels, count_better, speed_cases
from kinerja_sim.present.answers import hypothesis_row, provenance
from kinerja_sim.present.equity import cell
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.markdown import effects_table, limits, paragraphs
from kinerja_sim.present.saved import (
    Saved,
    load_saved,
    primary_hypothesis,
    region_title,
    short_region_title,
    short_unit_title,
)
from kinerja_sim.present.small_multiples import regions_figure
from kinerja_sim.present.tables import compact_range
from kinerja_sim.present.text import (
    change_text,
    change_unit,
    comparison_word,
    level_text,
    mean_disagrees,
    metric_of,
    verdict,
    verdict_word,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kinerja_sim.present.text import Row


@dataclass(frozen=True)
class AcrossReport:
    """All regions of a comparison beside each other; text methods return Markdown.

    Raises
    ------
    InputError
        If the folder holds no comparison, or the language is unknown.
    """

    results_folder: str | Path
    lang: str

    @cached_property
    def saved(self) -> Saved:
        """The tables."""
        return load_saved(self.results_folder)

    @property
    def t(self) -> Translator:
        """Texts in this language."""
        return translator(self.lang)

    def opening(self) -> str:
        """Return which regions there are and where the numbers came from."""
        t, manifest = self.t, self.saved.manifest
        names = "; ".join(region_title(manifest, r, self.lang) for r in manifest["regions"])
        caution = t("Regions differ in services, staffing and question: what follows is no ranking of places.")
        return paragraphs(
            t("Regions: {names}.", names=names), f"**{self._count()}**", caution, provenance(manifest, self.lang)
        )

    def _count(self) -> str:
        manifest = self.saved.manifest
        rows = [hypothesis_row(self.saved.contrasts, manifest, r) for r in manifest["regions"]]
        found = [row for row in rows if row is not None]
        better, worse = count_better(found)
        t = self.t
        return t(
            "Against today's practice, the region's own policy is at least likely better on the primary metric in "
            "{better} of {total} regions and at least likely worse in {worse}.",
            better=t.number(better), worse=t.number(worse), total=t.number(len(found)),
        )  # fmt: skip

    def answers(self) -> str:
        """Return the primary metric of every region in one table."""
        t, manifest = self.t, self.saved.manifest
        heads = (t("Region"), t("Primary metric"), t("Today"), t("Effect"), t("Plausible range"), t("In words"))
        rows = []
        for region in manifest["regions"]:
            row, h = hypothesis_row(self.saved.contrasts, manifest, region), primary_hypothesis(manifest, region)
            if row is None:
                continue
            metric = metric_of(h["metric"])
            what = t("{unit} · {metric}, change in {measure}", metric=metric.label.in_(self.lang),
                     unit=short_unit_title(manifest, region, h["unit"], self.lang),
                     measure=change_unit(metric, self.lang))  # fmt: skip
            rows.append(
                (short_region_title(manifest, region, self.lang), what,
                 level_text(row["reference_mean"], h["metric"], self.lang), *_effect(row, self.lang))
            )  # fmt: skip
        return paragraphs(
            "## " + t("Each region's own policy on its own question"), effects_table([heads, *rows], self.lang)
        )

    def figure(self, metric: str = "") -> Figure:
        """Return one metric in small multiples, the same policies in every region.

        Raises
        ------
        InputError
            If the metric is unknown or was observed nowhere.
        """
        return regions_figure(
            self.saved.contrasts, self.saved.manifest, metric or "turnaround_days_mean", self.lang
        )  # fmt: skip

    def capacity(self) -> str:
        """Return the region's own policy beside one more officer, by their own paired contrast."""
        t, manifest, heading = self.t, self.saved.manifest, "## " + self.t("Own policy or one more officer?")
        duels = capacity_duels(self.saved.contrasts, self.saved.results, manifest)
        if not duels:
            return paragraphs(heading, t("One more officer was not run beside the regions' own policies."))
        heads = (t("Region"), t("Own policy"), t("One more officer"), t("Own policy, in words:"))
        rows = [
            (short_region_title(manifest, d.region, self.lang),
             *(cell(row, self.lang) for row in (d.own, d.officer)), comparison_word(verdict(d.direct), self.lang))
            for d in duels
        ]  # fmt: skip
        note = t("On the primary metric, in its own unit. Neither an officer nor a policy is free; costs stand in the "
                 "notebook on budgets.")  # fmt: skip
        return paragraphs(heading, effects_table([heads, *rows], self.lang), note)

    def speed(self) -> str:
        """Return what counting only speed does to every service unit."""
        t, manifest, heading = self.t, self.saved.manifest, "## " + self.t("When only speed counts")
        cases = speed_cases(self.saved.contrasts, manifest)
        if not cases:
            return paragraphs(heading, t("The policy in which only speed counts was not run."))
        metrics = [metric_of(row["metric"]) for row in (cases[0].speed, cases[0].satisfaction, cases[0].rework)]
        named = [t("{metric}, {measure}", metric=m.label.in_(self.lang), measure=change_unit(m, self.lang))
                 for m in metrics]  # fmt: skip
        rows = [
            (t("{region}: {unit}", region=short_region_title(manifest, c.region, self.lang),
               unit=short_unit_title(manifest, c.region, c.unit, self.lang)),
             *(cell(row, self.lang) for row in (c.speed, c.satisfaction, c.rework)))
            for c in cases
        ]  # fmt: skip
        return paragraphs(heading, effects_table([(t("Service"), *named), *rows], self.lang))

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t = self.t
        return limits(
            self.lang,
            t("Regions share the model's coefficients: agreement between them is no independent confirmation."),
            t("Effects of different metrics have different units and cannot be added up or averaged."),
        )


def _effect(row: Row, lang: str) -> tuple[str, str, str]:
    word = verdict_word(verdict(row), lang)
    starred = translator(lang)("{word} *", word=word) if mean_disagrees(row) else word
    return change_text(row, lang), compact_range(row, lang), starred
