"""What the notebook on budgets says: what each policy costs, which can be afforded, which is worth it.

Net benefit stays a difference in rupiah at a stated value of an hour. Most open to dispute:
a policy counts as affordable when it stays within the budget in 95 % of the replications.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from kinerja_sim.present.economics import acceptability_figure, worth_intro, worth_notes, worth_table, worth_word
from kinerja_sim.present.markdown import Report, bullets, limits, markdown_table, paragraphs
from kinerja_sim.present.saved import policy_label, shown_scenarios
from kinerja_sim.study.economics import item_costs, net_benefits, pair_up
from kinerja_sim.study.statistics import Interval, mean_interval, share_interval, units_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

WITHIN = 0.95


class BudgetReport(Report):
    """Policies of one region under a budget; text methods return Markdown."""

    @cached_property
    def benefits(self) -> pd.DataFrame:
        """Net benefits, a row per policy."""
        return net_benefits(self.here, None, self.manifest["baseline"]).set_index("scenario", drop=False)

    def within(self, budget_idr: float) -> dict[str, Interval]:
        """Return in which share of replications each policy's extra cost stays within the budget, with its bounds."""
        found = {}
        for pairs in pair_up(self.here, self.manifest["baseline"]):
            is_within, units = (pairs.change("cost_idr") <= budget_idr).astype(float), units_of(pairs.draws)
            found[pairs.scenario] = share_interval(mean_interval(is_within, units).value, units.max() + 1)
        return found

    def affordable(self, budget_idr: float) -> list[str]:
        """Return the policies that stay within the budget, highest mean net benefit first."""
        within, benefit = self.within(budget_idr), self.benefits["net_benefit_idr_mean"]
        kept = [s for s in shown_scenarios(self.manifest, self.region) if within[s].value >= WITHIN]
        return sorted(kept, key=lambda s: -float(benefit[s]))

    def costs(self, budget_idr: float) -> str:
        """Return what every policy costs beyond today's practice, beside the budget."""
        t, within = self.t, self.within(budget_idr)
        heads = (t("Policy"), t("Extra cost, IDR million"), t("Plausible range"), t("Chance within the budget"),
                 t("Largest item"))  # fmt: skip
        items = item_costs(self.here, self.manifest["baseline"])
        rows = []
        for s in shown_scenarios(self.manifest, self.region):
            row: Any = self.benefits.loc[s]
            low, high = (t.signed(row[f"extra_cost_idr_{end}"] / 1e6, 1) for end in ("low", "high"))
            rows.append(
                (policy_label(self.manifest, self.region, s, self.lang), t.signed(row["extra_cost_idr_mean"] / 1e6, 1),
                 t("{low} … {high}", low=low, high=high), self._chance(within[s]), self._largest(items, s))
            )  # fmt: skip
        millions = t.number(budget_idr / 1e6, 0 if budget_idr % 1e6 == 0 else 1)
        said = t("Budget: IDR {budget} million for all service units here over {months} months.",
                 budget=millions, months=t.number(self.manifest["months"]))  # fmt: skip
        return paragraphs("## " + t("What does each policy cost?"), said, markdown_table([heads, *rows]))

    def _chance(self, share: Interval) -> str:
        t = self.t
        low, high = (t.number(100 * float(end)) for end in (share.low, share.high))
        return t("{share} ({low}–{high})", share=t.percent(float(share.value)), low=low, high=high)

    def _largest(self, items: pd.DataFrame, scenario: str) -> str:
        t = self.t
        names = {
            "cost_training_idr": t("courses"), "cost_staff_time_idr": t("staff hours"), "cost_reward_idr": t("awards"),
            "cost_channel_idr": t("channels for citizens"), "cost_socialisation_idr": t("explaining"),
            "cost_capacity_idr": t("officers"),
        }  # fmt: skip
        rows = items[(items["scenario"] == scenario) & items["item"].isin(names)]
        changes = dict(zip(rows["item"], rows["delta_mean"], strict=True))
        first = max(changes, key=lambda item: abs(changes[item]))
        return names[first] if changes[first] != 0 else "–"

    def choice(self, budget_idr: float) -> str:
        """Return the affordable policy with the highest mean net benefit, and how sure that is."""
        t, kept = self.t, self.affordable(budget_idr)
        heading = "## " + t("Which one, within the budget?")
        if not kept:
            return paragraphs(heading, t("None of the policies stays within this budget in 95% of the replications."))
        name = {s: policy_label(self.manifest, self.region, s, self.lang) for s in kept}
        first = kept[0]
        said = [t("Highest mean net benefit among {n} policies within the budget: {policy}; beside today's practice "
                  "it is {word}.", n=t.number(len(kept)), policy=name[first],
                  word=worth_word(dict(self.benefits.loc[first]), self.lang))]  # fmt: skip
        if self.manifest["policies"][first]["beyond_regulation"]:
            said.append(t("It lies beyond the regulation: a test case of what haste does, not a proposal."))
            inside = next((s for s in kept if not self.manifest["policies"][s]["beyond_regulation"]), None)
            if inside is not None:
                said.append(t("Within the regulation it would be: {policy}, {word}.", policy=name[inside],
                              word=worth_word(dict(self.benefits.loc[inside]), self.lang)))  # fmt: skip
        if len(kept) > 1:
            direct: Any = net_benefits(self.here, None, kept[1]).set_index("scenario").loc[first]
            values = {"policy": name[first], "other": name[kept[1]], "share": t.percent(direct["probability_positive"]),
                      "low": t.number(100 * direct["probability_low"]),
                      "high": t.number(100 * direct["probability_high"])}  # fmt: skip
            said.append(t("The net benefit of “{policy}” is above that of “{other}”, the next one, in "
                          "{share} ({low}–{high}) of the pairs.", **values))  # fmt: skip
            if direct["probability_low"] <= 0.5 <= direct["probability_high"]:
                said.append(t("Which of the two is ahead cannot be told."))
        return paragraphs(heading, " ".join(said))

    def worth(self) -> str:
        """Return extra cost, hours of waiting saved and net benefit of every policy."""
        t, table = self.t, worth_table(self.saved.results, self.manifest, self.region, self.lang)
        notes = worth_notes(self.manifest, self.region, self.lang, table)
        intro = worth_intro(self.manifest, self.lang)
        return paragraphs("## " + t("Is it worth its cost?"), intro, markdown_table(table), bullets(notes))

    def acceptability(self) -> Figure:
        """Return the chance that each policy is worth its cost, over values of an hour of waiting."""
        return acceptability_figure(self.saved.results, self.manifest, self.region, self.lang)

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t = self.t
        return limits(
            self.lang,
            t("The choice rests on hours of waiting alone; a policy meant for quality or trust looks poor here."),
            t("Nearly all prices are estimates, and no price is inflated or discounted."),
            t("Only the policies of this comparison compete; a better one may not have been run."),
        )
