"""Two explanations of one change: the evaluation policy, or the end of a shortage of supplies.

Four cells were simulated on the same random numbers: neither, the policy alone, the end
of the shortage alone, both. A factor's part is its Shapley value: the mean of what it
adds when it comes first and when it comes second, so that the two parts add up to the
whole. The interaction is shown beside them. Parts are taken pair by pair, so their
ranges come from the same paired replications as every other range here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinerja_sim.present.i18n import translator
from kinerja_sim.present.saved import (
    Manifest,
    policy_title,
    primary_hypothesis,
    region_title,
    short_unit_title,
    unit_title,
)
from kinerja_sim.present.tables import compact_range, precision_text
from kinerja_sim.present.text import (
    MOVES,
    change_text,
    change_unit,
    evidence_text,
    level_text,
    metric_of,
    sentence,
    verdict,
    verdict_word,
)

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

SUPPLY = "no_supply_outage"


@dataclass(frozen=True)
class TwoByTwo:
    """The four cells of a region's two explanations and how the change divides between them.

    `levels` are means over replications of the cells 'neither', 'policy', 'supply', 'both';
    `parts` are contrast rows of 'policy', 'supply', 'interaction' and 'total'; `share` is the
    policy's share of the total (mean, low, high of its 95 % interval), or None where a share
    would mislead: when the total cannot be told, or the parts pull in opposite directions.
    """

    manifest: Manifest
    region: str
    unit: str
    metric: str
    lang: str
    levels: dict[str, float]
    parts: dict[str, pd.Series]
    share: tuple[float, float, float] | None

    def sentence(self) -> str:
        """Return which share each explanation carries, in words of the ladder."""
        return " ".join(f"{s}." for s in self.sentences())

    def sentences(self) -> list[str]:
        """Return the same as `sentence`, one claim each: the whole, the two parts, interaction, shares."""
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
        """Return the two shares of the total with their interval, or why none are given."""
        t = translator(self.lang)
        if self.share is None:
            return t("Shares are not given: the total cannot be told, or the two parts pull in opposite directions")
        mean, low, high = self.share
        return t(
            "The evaluation policy carries {policy} of the change and the end of the shortage {supply} "
            "(95% interval of the policy's share: {low} to {high})",
            policy=t.percent(mean), supply=t.percent(1 - mean), low=t.percent(low), high=t.percent(high),
        )  # fmt: skip

    def headline(self) -> str:
        """Return the finding as a slide's title: the two shares where they are certain enough, else the larger part."""
        t = translator(self.lang)
        if self.share is None or self.share[1] < 0 or self.share[2] > 1:
            larger = max(("policy", "supply"), key=lambda k: abs(self.parts[k]["delta_mean"]))
            unit = short_unit_title(self.manifest, self.region, self.unit, self.lang)
            return sentence(
                self.parts[larger], self.lang, unit_title=unit, scenario_title=self.factor(larger), show_n=False
            )
        mean, low, high = self.share
        return t(
            "Of the change, {supply} comes from the end of the shortage and {policy} "
            "from the evaluation policy ({low} to {high})",
            policy=t.percent(mean), supply=t.percent(1 - mean), low=t.percent(low), high=t.percent(high),
        )  # fmt: skip

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
        """Return (cell title, level) of the four cells."""
        t = translator(self.lang)
        titles = {
            "neither": policy_title(self.manifest, self.manifest["baseline"], self.lang),
            "policy": t("Own policy alone"),
            "supply": t("{policy} alone", policy=policy_title(self.manifest, SUPPLY, self.lang)),
            "both": t("Both together"),
        }
        return [(titles[k], level_text(v, self.metric, self.lang)) for k, v in self.levels.items()]

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Return (part, effect, plausible range, Monte Carlo precision, words); the interaction carries no word."""
        return [
            (
                self.factor(k),
                change_text(row, self.lang),
                compact_range(row, self.lang),
                precision_text(row, self.lang),
                "" if k == "interaction" else verdict_word(verdict(row), self.lang),
            )
            for k, row in self.parts.items()
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

    def table(self) -> RenderableType:
        """Return cells, parts and sentences for a terminal."""
        from rich import box
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        t = translator(self.lang)
        cells, parts = Table(box=box.SIMPLE_HEAD), Table(box=box.SIMPLE_HEAD)
        for cell_title, _ in self.cells():
            cells.add_column(cell_title, justify="right", overflow="fold")
        cells.add_row(*(level for _, level in self.cells()))
        heads = (t("Part"), t("Effect"), t("Plausible range"), t("Monte Carlo precision"), t("In words"))
        for i, name in enumerate(heads):
            parts.add_column(name, justify="right" if 0 < i < 4 else "left", overflow="fold")
        for row in self.rows():
            parts.add_row(*row)
        return Group(Text(self.heading(), style="bold"), cells, parts, Text(f"{self.share_sentence()}."))


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
    from kinerja_sim.study.statistics import mean_interval, units_of
    from kinerja_sim.study.summary import pool_metrics

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
    parts = {k: made.loc[k] for k in changes}
    share = None
    means = {k: float(row["delta_mean"]) for k, row in parts.items()}
    if verdict(parts["total"]).endswith(MOVES) and means["policy"] * means["supply"] >= 0 and means["total"] != 0:
        ratio = means["policy"] / means["total"]
        # Linearised ratio of two means (delta method): its residual carries the whole sampling error.
        residual = (changes["policy"] - ratio * changes["total"]) / means["total"]
        spread = mean_interval(residual, units_of(of["neither"]["draw"].to_numpy()))
        share = (ratio, ratio + float(spread.low), ratio + float(spread.high))
    levels = {k: float(mean_interval(v, units_of(of["neither"]["draw"].to_numpy())).value) for k, v in cell.items()}
    return TwoByTwo(manifest, region, unit, metric, lang, levels, parts, share)


def _concat(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the tables as one, sorted as pooled tables are."""
    import pandas as pd

    keys = ["scenario", "region", "unit", "draw", "replication"]
    return pd.concat(tables).sort_values(keys, kind="stable", ignore_index=True)
