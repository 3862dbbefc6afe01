"""What the notebook on ratings says: how well grades follow true performance, and what reports hide.

Everything is counted over offices and months; no row is about a person, and none can be
made from these tables. Most open to dispute: 'true performance' exists in a simulation only.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from kinerja_sim.present.changes import level_text, metric_of
from kinerja_sim.present.figures import effect_figure
from kinerja_sim.present.markdown import Report, limits
from kinerja_sim.present.page import paragraphs
from kinerja_sim.present.saved import one_contrast
from kinerja_sim.present.tables import change_cell
from kinerja_sim.study.statistics import central_range, mean_interval, units_of
from kinerja_sim.study.summary import pool_metrics

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUALITY = ("grade_validity", "misgraded_share", "rater_variance_share")
TRUTHS = ("satisfaction_index", "satisfaction_index_measured", "on_time_share", "reported_on_time_share")
GRADES = ("excellent", "good", "needs_improvement", "poor", "very_poor")


class RatingReport(Report):
    """How good the rating of officers is in one region."""

    @property
    def unit(self) -> str:
        """The service unit of the primary hypothesis."""
        return self.aim[0]

    @property
    def all_policies(self) -> list[str]:
        """Today's practice, then the policies shown."""
        return [self.manifest["baseline"], *self.shown]

    @cached_property
    def pooled(self) -> pd.DataFrame:
        """Every metric of every replication, pooled over the months under the policy."""
        return pool_metrics(self.here[self.here["unit"] == self.unit], "after")

    @property
    def is_graded(self) -> bool:
        """Whether today's practice held an appraisal at the unit in the months compared."""
        today = self.pooled["scenario"] == self.manifest["baseline"]
        return not self.pooled.loc[today, "misgraded_share"].isna().all()

    def _ungraded(self, heading: str) -> str:
        return paragraphs(heading, self.t("No appraisal was held here in the months compared."))

    def today(self) -> str:
        """Return how good today's rating is: level, plausible range, what it means."""
        t, now, lines = self.t, self.pooled[self.pooled["scenario"] == self.manifest["baseline"]], []
        heading = "## " + t("Today's rating at {unit}", unit=self.unit_title(self.unit))
        for name, meaning in self._meaning().items():
            values, metric = now[name].to_numpy(float), metric_of(name)
            if not pd.isna(values).all():
                level, ends = mean_interval(values, units_of(now["draw"].to_numpy())).value, central_range(values)
                mean, low, high = (level_text(float(x), name, self.lang) for x in (level, ends.low, ends.high))
                lines.append((metric.label.in_(self.lang), mean, t("{low} … {high}", low=low, high=high), meaning))
        heads = (t("Measure of the rating"), t("Today"), t("Plausible range"), t("What it means"))
        return paragraphs(heading, self.table(heads, lines)) if self.is_graded else self._ungraded(heading)

    def _meaning(self) -> dict[str, str]:
        t = self.t
        return {
            "grade_validity": t("correlation of score and true performance within the office; 1 would be perfect"),
            "misgraded_share": t("grades that true performance would not have earned on the same scale"),
            "rater_variance_share": t("what raters and chance put into the score"),
            "grade_entropy_bits": t("in bits; 0: everybody has the same grade"),
            "false_coaching_share": t("of those called to coaching, not due"),
            "missed_coaching_share": t("of those due for coaching, not called"),
        }

    def grades(self) -> str:
        """Return how grades are spread under every policy, in per cent of all grades given."""
        t = self.t
        words = {"excellent": t("excellent"), "good": t("good"), "needs_improvement": t("needs improvement"),
                 "poor": t("poor"), "very_poor": t("very poor")}  # fmt: skip
        after = self.here[(self.here["unit"] == self.unit) & (self.here["period"] >= 0)]
        sums = after.groupby("scenario")[[f"grade_{g}" for g in GRADES]].sum().to_dict("index")
        lines = []
        for s in self.all_policies:
            given, total = sums[s], sum(sums[s].values())
            shares = [t.percent(given[f"grade_{g}"] / total) if total else "–" for g in GRADES]
            lines.append((self.label(s), *shares))
        note = t("Share of all grades given in all replications; a level, no comparison of policies.")
        heading = "## " + t("How grades are spread")
        table = self.table((t("Policy"), *(words[g] for g in GRADES)), lines)
        return paragraphs(heading, table, note) if self.is_graded else self._ungraded(heading)

    def changes(self) -> str:
        """Return what every policy does to the quality of the rating."""
        t, names = self.t, [m for m in QUALITY if not self.pooled[m].isna().all()]
        lines = [(self.label(s), *(self.effect(self.unit, m, s) for m in names)) for s in self.shown]
        heading, heads = "## " + t("What each policy does to the rating"), (t("Policy"), *self.changes_of(names))
        return paragraphs(heading, self.table(heads, lines)) if self.is_graded else self._ungraded(heading)

    def validity(self) -> list[Figure]:
        """Return the effect of every policy on the validity of grades, unit by unit; no figure without grades."""
        made = self.saved.contrasts
        made = made[(made["metric"] == "grade_validity") & (made["window"] == "after")]
        if made.loc[made["scenario"].isin(self.shown), "delta_mean"].isna().all():
            return []
        return [effect_figure(self.saved.contrasts, self.manifest, self.region, "grade_validity", self.lang)]

    def reports(self) -> str:
        """Return what is reported beside what is true, under every policy."""
        t, baseline = self.t, self.manifest["baseline"]
        now = self.pooled.loc[self.pooled["scenario"] == baseline, list(TRUTHS)].mean()
        lines = [(self.label(baseline), *(level_text(float(now[m]), m, self.lang) for m in TRUTHS))]
        for s in self.shown:
            reported = one_contrast(self.saved.contrasts, self.region, self.unit, TRUTHS[-1], s)
            lines.append((self.label(s), *(self.effect(self.unit, m, s) for m in TRUTHS[:-1]),
                          change_cell(reported, self.lang)))  # fmt: skip
        heads = (t("Policy"), *self.changes_of(TRUTHS))
        note = t("Measured: by those who answer, through the channels that the policy opens. Reported: as the office "
                 "writes it down, so it has no words. First line: mean level today; below it: change, plausible range, "
                 "words; n = {n}.",
                 n=t.number(self.manifest["replications"]))  # fmt: skip
        return paragraphs("## " + t("What is reported, and what is true"), self.table(heads, lines), note)

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t = self.t
        return limits(
            self.lang,
            t("True performance is known in a simulation only; no office can check a grade against it."),
            t("How raters err comes from studies of other offices, mostly abroad."),
            t("Nothing here says how good one officer's grade is; small offices make grades noisier still."),
        )
