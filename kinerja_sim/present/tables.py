"""Tables of paired effects, and a region's answer to its own question.

One layout (`effect_blocks`) serves the terminal (rich) and the notebook (HTML): per
service unit a few headline metrics, the primary hypothesis first, and for each policy
the effect, its plausible range and, kept apart, the Monte Carlo precision of the mean.
Most open to dispute: which metrics are headline metrics where no hypothesis names one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.answers import caption, exploratory_note, hypothesis_sentence
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.saved import (
    Manifest,
    one_contrast,
    policy_title,
    primary_hypothesis,
    region_title,
    shown_scenarios,
    unit_title,
)
from kinerja_sim.present.text import (
    change_text,
    change_unit,
    display_scale,
    level_text,
    metric_of,
    range_text,
    verdict,
    verdict_word,
)

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from kinerja_sim.present.text import Row

HEADLINES = ("turnaround_days_mean", "wait_minutes_p90", "satisfaction_index")
PER_UNIT = 2


@dataclass(frozen=True)
class EffectRow:
    """One policy's effect, every cell already in words and numbers of one language."""

    policy: str
    effect: str
    plausible: str
    precision: str
    chance: str
    verdict: str
    end_error: str  # Monte Carlo standard errors of the two ends of the plausible range
    code: str


@dataclass(frozen=True)
class EffectBlock:
    """The effects of all policies on one metric of one service unit."""

    unit: str
    metric: str
    heading: str
    is_primary: bool
    rows: tuple[EffectRow, ...]


def headline_pairs(contrasts: pd.DataFrame, manifest: Manifest, region: str) -> list[tuple[str, str, str]]:
    """Return (unit, metric, window) of the shown metrics: primary, then per unit, at most `PER_UNIT` more each."""
    entry = manifest["regions"][region]
    tested = sorted((h for h in entry["hypotheses"] if h["metric"]), key=lambda h: not h["primary"])
    pairs = [(h["unit"], h["metric"], h["window"]) for h in tested[:1]]
    for unit in sorted(entry["units"], key=lambda u: u != tested[0]["unit"]):
        named = [(h["unit"], h["metric"], h["window"]) for h in tested[1:] if h["unit"] == unit]
        usual = [(unit, m, "after") for m in HEADLINES if _is_observed(contrasts, region, unit, m)]
        candidates = [p for p in dict.fromkeys([*named, *usual]) if p not in pairs]
        pairs += candidates[:PER_UNIT]
    return pairs


def _is_observed(contrasts: pd.DataFrame, region: str, unit: str, metric: str) -> bool:
    at = (contrasts["region"] == region) & (contrasts["unit"] == unit) & (contrasts["metric"] == metric)
    return bool(contrasts.loc[at, "reference_mean"].notna().any())


def effect_blocks(contrasts: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> list[EffectBlock]:
    """Return the region's table as blocks of finished cells, the primary hypothesis first."""
    t, primary = translator(lang), primary_hypothesis(manifest, region)
    blocks = []
    for unit, metric, window in headline_pairs(contrasts, manifest, region):
        found = [
            (s, one_contrast(contrasts, region, unit, metric, s, window)) for s in shown_scenarios(manifest, region)
        ]
        rows = tuple(effect_row(row, policy_title(manifest, s, lang), lang) for s, row in found if row is not None)
        if not rows:
            continue
        today = next(row["reference_mean"] for _, row in found if row is not None)
        blocks.append(
            EffectBlock(
                unit=unit,
                metric=metric,
                heading=_heading(t, unit_title(manifest, region, unit, lang), metric, today),
                is_primary=(unit, metric) == (primary["unit"], primary["metric"]),
                rows=rows,
            )
        )
    return blocks


def effect_row(row: Row, policy: str, lang: str) -> EffectRow:
    """Return one row of the contrasts table as finished cells."""
    t, metric = translator(lang), metric_of(row["metric"])
    code = verdict(row)
    places = metric.decimals + 1
    errors = [t.number(row[k] * display_scale(metric), places) for k in ("low_se", "high_se")]
    return EffectRow(
        policy=policy,
        effect=change_text(row, lang),
        plausible=range_text(row, lang),
        precision=range_text(row, lang, "ci_low", "ci_high"),
        chance=_chance(row, t),
        verdict=verdict_word(code, lang),
        end_error=t("{low}; {high}", low=errors[0], high=errors[1]),
        code=code,
    )


def _chance(row: Row, t: Translator) -> str:
    """Return the probability of improvement with its Wilson bounds; an en dash where none is defined."""
    if math.isnan(row["probability_better"]):
        return "–"
    return t(
        "{share} ({low}–{high})",
        share=t.percent(row["probability_better"]),
        low=t.number(100 * row["probability_low"]),
        high=t.number(100 * row["probability_high"]),
    )


def _heading(t: Translator, unit: str, metric_name: str, today: float) -> str:
    metric = METRICS[metric_name]
    level = level_text(today, metric_name, t.lang)
    return t(
        "{unit} · {metric}, change in {measure} (today {level})",
        unit=unit, metric=metric.label.in_(t.lang), measure=change_unit(metric, t.lang), level=level,
    )  # fmt: skip


def column_names(lang: str) -> tuple[str, ...]:
    """Return the six column heads of the effects table."""
    t = translator(lang)
    return (
        t("Policy"),
        t("Effect"),
        t("Plausible range"),
        t("Monte Carlo precision"),
        t("Chance of improvement"),
        t("In words"),
    )


def region_table(contrasts: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> RenderableType:
    """Return the region's table of paired effects for a terminal.

    Parameters
    ----------
    contrasts : DataFrame
        The contrasts table.
    manifest : mapping
        Content of manifest.json.
    region : str
    lang : {'id', 'en'}

    Returns
    -------
    rich renderable
        The answer to the primary hypothesis, one block per unit and headline metric, the caption.
    """
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [
        Text(region_title(manifest, region, lang), style="bold underline"),
        Text(hypothesis_sentence(contrasts, manifest, region, lang), style="bold"),
    ]
    blocks = effect_blocks(contrasts, manifest, region, lang)
    for i, block in enumerate(blocks):
        parts.append(Text())
        parts.append(Text(marked_heading(block, lang), style="bold" if block.is_primary else ""))
        parts.append(_rich_block(block, lang, show_header=i == 0))
    parts.append(Text())
    shown = sum(len(b.rows) for b in blocks)
    parts.append(Text(exploratory_note(contrasts, manifest, region, shown, lang)))
    parts += [Text(line, style="dim") for line in caption(contrasts, manifest, region, lang)]
    return Group(*parts)


def marked_heading(block: EffectBlock, lang: str) -> str:
    """Return the block's heading, marked when it is the primary hypothesis."""
    t = translator(lang)
    return t("{heading} [primary]", heading=block.heading) if block.is_primary else block.heading


def _rich_block(block: EffectBlock, lang: str, show_header: bool) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, expand=True, show_header=show_header, header_style="underline", padding=(0, 1))
    # Equal ratios in every block keep the columns of all blocks aligned.
    for name, ratio, right in zip(column_names(lang), (28, 9, 19, 19, 15, 24), (0, 1, 1, 1, 1, 0), strict=True):
        table.add_column(name, ratio=ratio, justify="right" if right else "left", overflow="fold")
    for row in block.rows:
        table.add_row(row.policy, row.effect, row.plausible, row.precision, row.chance, row.verdict)
    return table


def region_table_html(contrasts: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> str:
    """Return the region's table of paired effects as HTML for a notebook, with errors of the range's ends."""
    from jinja2 import Environment, PackageLoader

    t = translator(lang)
    environment = Environment(loader=PackageLoader("kinerja_sim.present", "templates"), autoescape=True)
    return environment.get_template("effects.html.j2").render(
        blocks=[(marked_heading(b, lang), b.rows) for b in effect_blocks(contrasts, manifest, region, lang)],
        columns=(*column_names(lang), t("Error of the range's ends (s.e.)")),
        caption=caption(contrasts, manifest, region, lang),
    )
