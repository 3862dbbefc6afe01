"""What the notebook across regions says: one table and one faceted figure, never a ranking of places."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kinerja_sim.present.across import HIDDEN, MEANT, SPEED, capacity_duels, count_answers, speed_cases
from kinerja_sim.present.answers import hypothesis_row, provenance
from kinerja_sim.present.changes import change_unit, level_text, metric_of
from kinerja_sim.present.markdown import Report, limits
from kinerja_sim.present.page import paragraphs
from kinerja_sim.present.saved import primary_hypothesis, region_title, short_region_title, short_unit_title
from kinerja_sim.present.small_multiples import regions_figure
from kinerja_sim.present.tables import compact_range, effect_cell, effect_text
from kinerja_sim.present.text import shown_comparison, shown_word

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class AcrossReport(Report):
    """All regions of a comparison beside each other."""

    def opening(self) -> str:
        """Return which regions there are, in how many the own policy helps, and where the numbers came from."""
        t, manifest, lang = self.t, self.manifest, self.lang
        names = "; ".join(region_title(manifest, r, lang) for r in manifest["regions"])
        caution = t("Regions differ in services, staffing and question: what follows is no ranking of places.")
        rows = [hypothesis_row(self.saved.contrasts, manifest, r) for r in manifest["regions"]]
        found = [row for row in rows if row is not None]
        kinds = {kind: t.number(n) for kind, n in count_answers(found)._asdict().items()}
        count = t(
            "Against today's practice, the region's own policy is at least likely better on the primary metric in "
            "{better} of {total} regions and at least likely worse in {worse}; in {open} it cannot be told.",
            total=t.number(len(found)), **kinds,
        )  # fmt: skip
        return paragraphs(t("Regions: {names}.", names=names), f"**{count}**", caution, provenance(manifest, lang))

    def answers(self) -> str:
        """Return the primary metric of every region in one table."""
        t, lang, rows = self.t, self.lang, []
        heads = (t("Region"), t("Primary metric"), t("Today"), t("Effect"), t("Plausible range"), t("In words"))
        for region in self.manifest["regions"]:
            row = hypothesis_row(self.saved.contrasts, self.manifest, region)
            h = primary_hypothesis(self.manifest, region)
            if row is None:
                continue
            metric = metric_of(h["metric"])
            what = t("{unit} · {metric}, change in {measure}", metric=metric.label.in_(lang),
                     unit=short_unit_title(self.manifest, region, h["unit"], lang),
                     measure=change_unit(metric, lang))  # fmt: skip
            rows.append(
                (self._name(region), what, level_text(row["reference_mean"], h["metric"], lang), effect_text(row, lang),
                 compact_range(row, lang), shown_word(row, lang))
            )  # fmt: skip
        heading = "## " + t("Each region's own policy on its own question")
        return paragraphs(heading, self.table(heads, rows), self._why())

    def _why(self) -> str:
        """Return how to ask why a policy works in one region and not in another; nothing about one region."""
        first, *others = self.manifest["regions"]
        if not others:
            return ""
        policy = self.manifest["regions"][first]["preset"]
        command = f"`kinerja transfer {policy} --from {first} --to {others[0]}`"
        return self.t("Why a policy works in one region and not in another is taken apart by {command}, for service "
                      "units with the same stages.", command=command)  # fmt: skip

    def figure(self, metric: str = "") -> Figure:
        """Return one metric in small multiples, the same policies in every region; "": that of most hypotheses.

        Raises
        ------
        InputError
            If the metric is unknown or was observed nowhere.
        """
        primary = Counter(primary_hypothesis(self.manifest, r)["metric"] for r in self.manifest["regions"])
        return regions_figure(self.saved.contrasts, self.manifest, metric or primary.most_common(1)[0][0], self.lang)

    def capacity(self) -> str:
        """Return the region's own policy beside one more officer, by their own paired contrast."""
        t, heading = self.t, "## " + self.t("Own policy or one more officer?")
        duels = capacity_duels(self.saved.contrasts, self.saved.results, self.manifest)
        if not duels:
            return paragraphs(heading, t("One more officer was not run beside the regions' own policies."))
        heads = (t("Region"), t("Own policy"), t("One more officer"), t("Own policy against one more officer"))
        rows = [
            (self._name(d.region), *(effect_cell(row, self.lang) for row in (d.own, d.officer)),
             effect_cell(d.direct, self.lang, shown_comparison))
            for d in duels
        ]  # fmt: skip
        note = t("On the primary metric, in its own unit. Neither an officer nor a policy is free; costs stand in the "
                 "notebook on budgets.")  # fmt: skip
        return paragraphs(heading, self.table(heads, rows), note)

    def speed(self) -> str:
        """Return what counting only speed does to every service unit."""
        t, heading = self.t, "## " + self.t("When only speed counts")
        cases = speed_cases(self.saved.contrasts, self.manifest)
        if not cases:
            return paragraphs(heading, t("The policy in which only speed counts was not run."))
        rows = [
            (t("{region}: {unit}", region=self._name(c.region),
               unit=short_unit_title(self.manifest, c.region, c.unit, self.lang)),
             *(effect_cell(row, self.lang) for row in (c.speed, c.satisfaction, c.rework)))
            for c in cases
        ]  # fmt: skip
        return paragraphs(heading, self.table((t("Service"), *self.changes_of((SPEED, MEANT, HIDDEN))), rows))

    def _name(self, region: str) -> str:
        return short_region_title(self.manifest, region, self.lang)

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t = self.t
        return limits(
            self.lang,
            t("Regions share the model's coefficients: agreement between them is no independent confirmation."),
            t("Effects of different metrics have different units and cannot be added up or averaged."),
        )
