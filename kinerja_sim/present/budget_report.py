"""What the notebook on budgets says: what each policy costs, which can be afforded, which is worth it.

Net benefit stays a difference in rupiah at a stated value of an hour. Most open to dispute:
a policy counts as affordable when it stays within the budget in 95 % of the replications.
What has no price or lies beyond the regulation is named and not chosen.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from kinerja_sim.present.economics import acceptability_figure, is_unpriced, millions, worth_page, worth_word
from kinerja_sim.present.markdown import Report, limits
from kinerja_sim.present.page import paragraphs
from kinerja_sim.study.economics import item_costs, net_benefits, pair_up
from kinerja_sim.study.statistics import Interval, mean_interval, share_interval, units_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

WITHIN = 0.95


class BudgetReport(Report):
    """Policies of one region under a budget."""

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
        """Return the policies with a price that stay within the budget: within the regulation, best mean first."""
        within, benefit = self.within(budget_idr), self.benefits["net_benefit_idr_mean"]
        policies = self.manifest["policies"]
        kept = [s for s in self.shown if within[s].value >= WITHIN and not is_unpriced(policies[s])]
        order = {s: (policies[s]["beyond_regulation"], -float(benefit[s])) for s in kept}
        return sorted(kept, key=order.__getitem__)

    def costs(self, budget_idr: float) -> str:
        """Return what every policy costs beyond today's practice, beside the budget."""
        t, within, rows = self.t, self.within(budget_idr), []
        heads = (t("Policy"), t("Extra cost, IDR million"), t("Plausible range"), t("Chance within the budget"),
                 t("Largest item"))  # fmt: skip
        items = item_costs(self.here, self.manifest["baseline"])
        for s in self.shown:
            row: Any = self.benefits.loc[s]
            mean, low, high = (millions(row[f"extra_cost_idr_{end}"], t)
                               for end in ("mean", "low", "high"))  # fmt: skip
            share = t.share(*(float(getattr(within[s], name)) for name in ("value", "low", "high")))
            rows.append((self.label(s), mean, t("{low} … {high}", low=low, high=high), share, self._largest(items, s)))
        said = t("Budget: IDR {budget} million for all service units here over {months}.",
                 budget=t.number(budget_idr / 1e6, 0 if budget_idr % 1e6 == 0 else 1),
                 months=t.months(self.manifest["months"]))  # fmt: skip
        return paragraphs("## " + t("What does each policy cost?"), said, self.table(heads, rows))

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
        """Return the affordable policy with the highest mean net benefit, how sure that is, what is not proposed."""
        t, policies, found = self.t, self.manifest["policies"], self.affordable(budget_idr)
        kept, said = [s for s in found if not policies[s]["beyond_regulation"]], []
        name = {s: self.label(s) for s in self.shown}
        if not kept:
            said.append(t("None of the policies within the regulation stays within this budget in 95% of the "
                          "replications."))  # fmt: skip
        else:
            values = {"policy": name[kept[0]], "word": worth_word(dict(self.benefits.loc[kept[0]]), self.lang)}
            said.append(
                t("The only policy within the regulation and the budget (in at least 95% of the replications): "
                  "{policy}; beside today's practice: {word}.", **values)
                if len(kept) == 1 else
                t("Highest mean net benefit among {n} policies within the regulation and the budget (in at least 95% "
                  "of the replications): {policy}; beside today's practice: {word}.", n=t.number(len(kept)), **values)
            )  # fmt: skip
        if len(kept) > 1:
            direct: Any = net_benefits(self.here, None, kept[1]).set_index("scenario").loc[kept[0]]
            share = t.share(*(direct[f"probability_{k}"] for k in ("positive", "low", "high")))
            said.append(t("The net benefit of “{policy}” is above that of “{other}”, the next one, in {share} of the "
                          "pairs.", policy=name[kept[0]], other=name[kept[1]], share=share))  # fmt: skip
            if direct["probability_low"] <= 0.5 <= direct["probability_high"]:
                said.append(t("Which of the two is ahead cannot be told."))
        beyond = [name[s] for s in found if s not in kept]
        if beyond:
            said.append(t("A test case, not a proposal: {names}.", names="; ".join(beyond)))
        unpriced = [name[s] for s in self.shown if is_unpriced(policies[s])]
        if unpriced:
            said.append(t("Left out of the choice, because a part of it has no price (supplies, guarantees, support): "
                          "{names}.", names="; ".join(unpriced)))  # fmt: skip
        return paragraphs("## " + t("Which one, within the budget?"), " ".join(said))

    def worth(self) -> str:
        """Return extra cost, hours of waiting saved and net benefit of every policy."""
        return worth_page(self.here, self.manifest, self.region, self.lang).markdown()

    def acceptability(self) -> Figure:
        """Return the chance that each policy is worth its cost, over values of an hour of waiting."""
        return acceptability_figure(self.here, self.manifest, self.region, self.lang)

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t = self.t
        return limits(
            self.lang,
            t("The choice rests on hours of waiting alone; a policy meant for quality or trust looks poor here."),
            t("Nearly all prices are estimates, and no price is inflated or discounted."),
            t("Only the policies named above compete; a better one may not have been run."),
        )
