"""Two explanations of one change: the evaluation policy, or the end of a shortage of supplies.

Four cells were simulated on the same random numbers: neither, the policy alone, the end
of the shortage alone, both. A factor's part is its Shapley value: the mean of what it
adds when it comes first and when it comes second, so that the two parts add up to the
whole. The interaction is shown beside them. Parts are taken pair by pair, so their
ranges come from the same paired replications as every other range here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kinerja_sim.present.changes import change_text, change_unit, level_text, metric_of
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.page import Page, Table
from kinerja_sim.present.saved import (
    Manifest,
    policy_title,
    primary_hypothesis,
    region_title,
    short_unit_title,
    unit_title,
)
from kinerja_sim.present.tables import compact_range, precision_text, star_notes
from kinerja_sim.present.text import MOVES, RUNGS, evidence_text, sentence, shown_word, verdict

if TYPE_CHECKING:
    import pandas as pd

    from kinerja_sim.study.statistics import Floats, Ints

SUPPLY = "no_supply_outage"


class Share(NamedTuple):
    """The policy's share of the mean change, and which of the two parts is the larger one.

    `low, high` is the central 95 % of the pairs' own shares, `ci_low, ci_high` the 95 %
    interval of `mean`; `larger` is the part with the larger mean ('policy' or 'supply') and
    `surely` the lower 95 % Wilson bound of the probability that it is the larger one in a pair.
    """

    mean: float
    low: float
    high: float
    ci_low: float
    ci_high: float
    larger: str
    surely: float


@dataclass(frozen=True)
class TwoByTwo:
    """The four cells of a region's two explanations and how the change divides between them.

    `levels` are means over replications of the cells 'neither', 'policy', 'supply', 'both', `ranges` their plausible
    ranges;
    `parts` are contrast rows of 'policy', 'supply', 'interaction' and 'total'; `share` is the
    policy's share of the total, or None where a share would mislead: when the total cannot be
    told, or the parts pull in opposite directions.
    """

    manifest: Manifest
    region: str
    unit: str
    metric: str
    lang: str
    levels: dict[str, float]
    ranges: dict[str, tuple[float, float]]
    parts: dict[str, pd.Series]
    share: Share | None

    def sentences(self) -> list[str]:
        """Return which share each explanation carries: the whole, the two parts, interaction, shares."""
        t, lang = translator(self.lang), self.lang
        unit = short_unit_title(self.manifest, self.region, self.unit, lang)
        claims = [
            sentence(self.parts[k], lang, unit_title=unit, scenario_title=self.factor(k))
            for k in ("total", "policy", "supply")
        ]
        row = self.parts["interaction"]
        claims.append(
            t("Interaction of the two: {change} {measure} ({range})", change=change_text(row, lang),
              measure=change_unit(metric_of(self.metric), lang), range=evidence_text(row, lang))
        )  # fmt: skip
        claims.append(self.share_sentence())
        return claims

    def share_sentence(self) -> str:
        """Return the two shares of the mean change with both intervals, or why none are given."""
        t, share = translator(self.lang), self.share
        if share is None:
            return t("Shares are not given: the total cannot be told, or the two parts pull in opposite directions")
        names = ("low", "high", "ci_low", "ci_high")
        return t(
            "The evaluation policy carries {policy} of the mean change and the end of the shortage {supply} (plausible "
            "range of the policy's share, from pair to pair: {low} to {high}; Monte Carlo precision: {ci_low} to "
            "{ci_high})",
            policy=t.percent(share.mean), supply=t.percent(1 - share.mean),
            **{name: t.percent(getattr(share, name)) for name in names},
        )  # fmt: skip

    def headline(self) -> str:
        """Return the finding as a slide's title: which part is the larger one, as surely as the pairs allow."""
        t, share = translator(self.lang), self.share
        hedge = None if share is None else next((hedge for rung, hedge in RUNGS if share.surely >= rung), None)
        if share is None or hedge is None:
            larger = max(("policy", "supply"), key=lambda k: abs(self.parts[k]["delta_mean"]))
            unit = short_unit_title(self.manifest, self.region, self.unit, self.lang)
            return sentence(
                self.parts[larger], self.lang, unit_title=unit, scenario_title=self.factor(larger), show_n=False
            )
        ends = (share.mean, share.low, share.high)
        if share.larger == "supply":
            ends = (1 - share.mean, 1 - share.high, 1 - share.low)
        factor = {"policy": t("the evaluation policy"), "supply": t("the end of the shortage")}[share.larger]
        mean, low, high = (t.percent(value) for value in ends)
        values = {"factor": factor, "share": mean, "low": low, "high": high}
        return {
            "": t("The larger part is that of {factor}: {share} of the mean change ({low} to {high})", **values),
            "very_likely_": t(
                "The larger part is very likely that of {factor}: {share} of the mean change ({low} to {high})",
                **values),
            "likely_": t(
                "The larger part is likely that of {factor}: {share} of the mean change ({low} to {high})", **values),
        }[hedge]  # fmt: skip

    def fitted_note(self) -> str:
        """Return that the shortage's size came from the text whose claim it would otherwise seem to confirm."""
        t = translator(self.lang)
        return t("The size of the shortage was fitted to the text: this verifies nothing.")

    def factor(self, name: str) -> str:
        """Return the title of a part: the policy, the end of the shortage, the interaction or the total."""
        t = translator(self.lang)
        return {
            "policy": t("Part of the evaluation policy"),
            "supply": t("Part of the end of the shortage"),
            "interaction": t("Interaction"),
            "total": t("Both together"),
        }[name]

    def cells(self) -> list[tuple[str, str]]:
        """Return (cell title, level with its plausible range) of the four cells."""
        t = translator(self.lang)
        titles = {
            "neither": policy_title(self.manifest, self.manifest["baseline"], self.lang),
            "policy": t("Own policy alone"),
            "supply": t("{policy} alone", policy=policy_title(self.manifest, SUPPLY, self.lang)),
            "both": t("Both together"),
        }
        shown = {k: [level_text(v, self.metric, self.lang) for v in (self.levels[k], *self.ranges[k])] for k in titles}
        return [
            (titles[k], mean if "–" in (low, high) else t("{mean} ({low}–{high})", mean=mean, low=low, high=high))
            for k, (mean, low, high) in shown.items()
        ]

    def heading(self) -> str:
        """Return what the cells are about: region, unit, metric and its unit."""
        t, metric = translator(self.lang), metric_of(self.metric)
        return t(
            "{region} · {unit} · {metric} ({measure})",
            region=region_title(self.manifest, self.region, self.lang),
            unit=unit_title(self.manifest, self.region, self.unit, self.lang),
            metric=metric.label.in_(self.lang),
            measure=metric.unit.in_(self.lang),
        )

    def page(self) -> Page:
        """Return the levels of the four cells, the parts (the interaction carries no word) and the shares."""
        t, lang, levels = translator(self.lang), self.lang, self.cells()
        parts = [
            (self.factor(k), change_text(row, lang), compact_range(row, lang), precision_text(row, lang),
             "" if k == "interaction" else shown_word(row, lang))
            for k, row in self.parts.items()
        ]  # fmt: skip
        heads = (t("Part"), t("Effect"), t("Plausible range"), t("Monte Carlo precision"), t("In words"))
        tables = [Table([title for title, _ in levels], [[level for _, level in levels]]), Table(heads, parts)]
        notes = [*(f"{claim}." for claim in self.sentences()), self.fitted_note(), *star_notes(tables, lang)]
        return Page([self.heading()], tables, notes)


def two_by_two(
    contrasts: pd.DataFrame, results: pd.DataFrame, manifest: Manifest, region: str, lang: str
) -> TwoByTwo | None:
    """Return how the change divides between the region's own policy and the end of its shortage.

    Parameters
    ----------
    contrasts : DataFrame
        The contrasts table; says whether the region's cells were run.
    results : DataFrame
        The results table: the parts are taken per replication.
    manifest : mapping
    region : str
    lang : {'id', 'en'}

    Returns
    -------
    TwoByTwo or None
        None where the region has no unit with a shortage, or a cell was not run.
    """
    from kinerja_sim.study.contrasts import contrast
    from kinerja_sim.study.statistics import central_range, mean_interval, units_of
    from kinerja_sim.study.summary import pool_metrics, series

    entry, primary = manifest["regions"][region], primary_hypothesis(manifest, region)
    short = [u for u, unit in entry["units"].items() if unit["shortage"]]
    baseline, preset = manifest["baseline"], entry["preset"]
    names = {"neither": baseline, "policy": preset, "supply": SUPPLY, "both": f"{preset}+{SUPPLY}"}
    run = set(contrasts.loc[contrasts["region"] == region, "scenario"]) | {baseline}
    if not short or not set(names.values()) <= run:
        return None
    unit = primary["unit"] if primary["unit"] in short else short[0]
    rows = results[(results["region"] == region) & (results["unit"] == unit) & results["scenario"].isin(names.values())]
    pooled = pool_metrics(rows, primary["window"])
    of = {k: pooled[pooled["scenario"] == name].reset_index(drop=True) for k, name in names.items()}
    metric = primary["metric"]
    cell = {k: table[metric].to_numpy() for k, table in of.items()}
    first, second = cell["policy"] - cell["neither"], cell["both"] - cell["supply"]
    supply_first, supply_second = cell["supply"] - cell["neither"], cell["both"] - cell["policy"]
    changes = {
        "policy": (first + second) / 2,
        "supply": (supply_first + supply_second) / 2,
        "interaction": second - first,
        "total": cell["both"] - cell["neither"],
    }
    tables = [of["neither"].assign(scenario="neither")]
    tables += [of["neither"].assign(scenario=k, **{metric: cell["neither"] + change}) for k, change in changes.items()]
    stacked = _concat(tables)
    made = contrast(stacked, "neither", pooled={primary["window"]: stacked})
    made = made[made["metric"] == metric].set_index("scenario", drop=False)
    # A part rests on all four cells, so a draw that cannot cope in any of them counts.
    of_cells = series(rows)
    made["n_unstable"] = of_cells.loc[of_cells["unstable"], "draw"].nunique()
    parts = {k: made.loc[k] for k in changes}
    share = None
    means = {k: float(row["delta_mean"]) for k, row in parts.items()}
    if verdict(parts["total"]).endswith(MOVES) and means["policy"] * means["supply"] >= 0 and means["total"] != 0:
        share = _share(changes, units_of(of["neither"]["draw"].to_numpy()))
    levels = {k: float(mean_interval(v, units_of(of["neither"]["draw"].to_numpy())).value) for k, v in cell.items()}
    ranges = {k: (float(central_range(v).low), float(central_range(v).high)) for k, v in cell.items()}
    return TwoByTwo(manifest, region, unit, metric, lang, levels, ranges, parts, share)


def _share(changes: dict[str, Floats], units: Ints) -> Share:
    """Return the policy's share of the total, both parts having the same sign in the mean."""
    import numpy as np

    from kinerja_sim.study.statistics import central_range, mean_interval, share_interval

    policy, supply, total = (changes[k] for k in ("policy", "supply", "total"))
    ratio = float(np.mean(policy) / np.mean(total))
    # Linearised ratio of two means (delta method): its residual carries the whole sampling error.
    spread = mean_interval((policy - ratio * total) / np.mean(total), units)
    own = np.divide(policy, total, out=np.full(total.shape, math.nan), where=total != 0)
    ends = central_range(own[None])
    ahead = np.sign((policy - supply) * np.sign(np.mean(total))) * (1 if ratio > 0.5 else -1)
    chance = mean_interval(0.5 + 0.5 * ahead, units).value
    surely = float(share_interval(chance, len(np.unique(units))).low)
    return Share(ratio, float(ends.low[0]), float(ends.high[0]), ratio + float(spread.low), ratio + float(spread.high),
                 "policy" if ratio > 0.5 else "supply", surely)  # fmt: skip


def _concat(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the tables as one, sorted as pooled tables are."""
    import pandas as pd

    keys = ["scenario", "region", "unit", "draw", "replication"]
    return pd.concat(tables).sort_values(keys, kind="stable", ignore_index=True)
