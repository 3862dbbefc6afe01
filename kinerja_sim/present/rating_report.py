"""What the notebook on ratings says: how well grades follow true performance, and what reports hide.

Everything is counted over offices and months; no row is about a person, and none can be
made from these tables. Most open to dispute: 'true performance' exists in a simulation only.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from kinerja_sim.present.equity import cell
from kinerja_sim.present.figures import effect_figure
from kinerja_sim.present.markdown import Report, effects_table, limits, markdown_table, paragraphs
from kinerja_sim.present.saved import (
    one_contrast,
    policy_label,
    primary_hypothesis,
    shown_scenarios,
    unit_title,
)
from kinerja_sim.present.text import change_unit, level_text, metric_of
from kinerja_sim.study.statistics import central_range, mean_interval, units_of
from kinerja_sim.study.summary import pool_metrics

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUALITY = ("grade_validity", "misgraded_share", "rater_variance_share", "grade_entropy_bits",
           "false_coaching_share", "missed_coaching_share")  # fmt: skip
TRUTHS = (("satisfaction_index", "satisfaction_index_measured"), ("on_time_share", "reported_on_time_share"))
GRADES = ("excellent", "good", "needs_improvement", "poor", "very_poor")


class RatingReport(Report):
    """How good the rating of officers is in one region; text methods return Markdown."""

    @cached_property
    def unit(self) -> str:
        """The service unit of the primary hypothesis."""
        return str(primary_hypothesis(self.manifest, self.region)["unit"])

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
        t, rows = self.t, self.pooled[self.pooled["scenario"] == self.manifest["baseline"]]
        meaning = self._meaning()
        lines = [(t("Measure of the rating"), t("Today"), t("Plausible range"), t("What it means"))]
        for name in QUALITY:
            values = rows[name].to_numpy(float)
            if not pd.isna(values).all():
                level = mean_interval(values, units_of(rows["draw"].to_numpy())).value
                ends = central_range(values)
                low, high = (level_text(float(end), name, self.lang) for end in (ends.low, ends.high))
                lines.append((metric_of(name).label.in_(self.lang), level_text(float(level), name, self.lang),
                              t("{low} … {high}", low=low, high=high), meaning[name]))  # fmt: skip
        heading = "## " + t("Today's rating at {unit}",
                            unit=unit_title(self.manifest, self.region, self.unit, self.lang))  # fmt: skip
        return paragraphs(heading, markdown_table(lines)) if self.is_graded else self._ungraded(heading)

    def _meaning(self) -> dict[str, str]:
        t = self.t
        return {
            "grade_validity": t("correlation of score and true performance within the office; 1 would be perfect"),
            "misgraded_share": t("grades that true performance would not have earned on the same scale"),
            "rater_variance_share": t("what raters and chance put into the score"),
            "grade_entropy_bits": t("0: everybody has the same grade"),
            "false_coaching_share": t("of those called to coaching, not due"),
            "missed_coaching_share": t("of those due for coaching, not called"),
        }

    def grades(self) -> str:
        """Return how grades are spread under every policy, in per cent of all grades given."""
        t = self.t
        words = {"excellent": t("excellent"), "good": t("good"), "needs_improvement": t("needs improvement"),
                 "poor": t("poor"), "very_poor": t("very poor")}  # fmt: skip
        after = self.here[(self.here["unit"] == self.unit) & (self.here["period"] >= 0)]
        sums = after.groupby("scenario")[[f"grade_{g}" for g in GRADES]].sum()
        lines = [(t("Policy"), *(words[g] for g in GRADES))]
        for s in [self.manifest["baseline"], *shown_scenarios(self.manifest, self.region)]:
            total = sums.loc[s].sum()
            shares = [t.percent(sums.loc[s, f"grade_{g}"] / total) if total else "–" for g in GRADES]
            lines.append((policy_label(self.manifest, self.region, s, self.lang), *shares))
        note = t("Share of all grades given in all replications; a level, no comparison of policies.")
        heading = "## " + t("How grades are spread")
        return paragraphs(heading, markdown_table(lines), note) if self.is_graded else self._ungraded(heading)

    def changes(self) -> str:
        """Return what every policy does to the quality of the rating."""
        t = self.t
        names = [m for m in QUALITY[:3] if not self.pooled[m].isna().all()]
        heads = [t("{metric}, {measure}", metric=metric_of(m).label.in_(self.lang),
                   measure=change_unit(metric_of(m), self.lang)) for m in names]  # fmt: skip
        lines = [(t("Policy"), *heads)]
        for s in shown_scenarios(self.manifest, self.region):
            cells = [cell(one_contrast(self.saved.contrasts, self.region, self.unit, m, s), self.lang) for m in names]
            lines.append((policy_label(self.manifest, self.region, s, self.lang), *cells))
        heading = "## " + t("What each policy does to the rating")
        return paragraphs(heading, effects_table(lines, self.lang)) if self.is_graded else self._ungraded(heading)

    def validity(self) -> list[Figure]:
        """Return the effect of every policy on the validity of grades, unit by unit; no figure without grades."""
        made = self.saved.contrasts
        made = made[(made["metric"] == "grade_validity") & (made["window"] == "after")]
        if made.loc[made["scenario"].isin(shown_scenarios(self.manifest, self.region)), "delta_mean"].isna().all():
            return []
        return [effect_figure(self.saved.contrasts, self.manifest, self.region, "grade_validity", self.lang)]

    def reports(self) -> str:
        """Return what is reported beside what is true, under every policy."""
        t = self.t
        heads = (t("Policy"), t("Satisfaction: true"), t("measured"), t("On time: true"), t("reported"))
        lines: list[tuple[str, ...]] = [heads]
        means = self.pooled.groupby("scenario")[[m for pair in TRUTHS for m in pair]].mean()
        for s in [self.manifest["baseline"], *shown_scenarios(self.manifest, self.region)]:
            cells = [level_text(float(means.loc[s, m]), m, self.lang) for pair in TRUTHS for m in pair]
            lines.append((policy_label(self.manifest, self.region, s, self.lang), *cells))
        note = t("Measured: by those who answer, through the channels that the policy opens. Reported: as the office "
                 "writes it down. Means over the replications, no comparison of policies.")  # fmt: skip
        return paragraphs("## " + t("What is reported, and what is true"), markdown_table(lines), note)

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t = self.t
        return limits(
            self.lang,
            t("True performance is known in a simulation only; no office can check a grade against it."),
            t("How raters err comes from studies of other offices, mostly abroad."),
            t("Nothing here says how good one officer's grade is; small offices make grades noisier still."),
        )
