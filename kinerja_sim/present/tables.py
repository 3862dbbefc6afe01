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
    policy_label,
    primary_hypothesis,
    region_title,
    shown_scenarios,
    unit_title,
)
from kinerja_sim.present.text import (
    change_decimals,
    change_text,
    change_unit,
    digits_needed,
    display_scale,
    level_text,
    mean_disagrees,
    metric_of,
    verdict,
    verdict_word,
)

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table

    from kinerja_sim.present.text import Row

HEADLINES = ("turnaround_days_mean", "wait_minutes_p90", "satisfaction_index")
PER_UNIT = 2
WIDE = 100  # characters from which on six columns fit


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
        rows = tuple(
            effect_row(row, policy_label(manifest, region, s, lang), lang) for s, row in found if row is not None
        )
        if not rows:
            continue
        today = next(row["reference_mean"] for _, row in found if row is not None)
        blocks.append(
            EffectBlock(
                unit=unit,
                metric=metric,
                heading=block_heading(t, unit_title(manifest, region, unit, lang), metric, today),
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
    word = verdict_word(code, lang)
    return EffectRow(
        policy=policy,
        effect=change_text(row, lang),
        plausible=compact_range(row, lang),
        precision=precision_text(row, lang),
        chance=_chance(row, t),
        verdict=t("{word} *", word=word) if mean_disagrees(row) else word,
        end_error=t("{low}; {high}", low=errors[0], high=errors[1]),
    )


def compact_range(row: Row, lang: str) -> str:
    """Return the plausible range for a narrow cell; an en dash where there is none."""
    return _ends(row["low"], row["high"], change_decimals(row), row, lang)


def precision_text(row: Row, lang: str) -> str:
    """Return the interval of the mean for a narrow cell, with two digits of its half width."""
    metric, half = metric_of(row["metric"]), (row["ci_high"] - row["ci_low"]) / 2
    shown = half * display_scale(metric)
    places = min(max(metric.decimals, 1), digits_needed(shown, 2)) if shown > 0 else change_decimals(row)
    return _ends(row["ci_low"], row["ci_high"], max(places, change_decimals(row)), row, lang)


def _ends(low: float, high: float, places: int, row: Row, lang: str) -> str:
    t, scale = translator(lang), display_scale(metric_of(row["metric"]))
    if math.isnan(low) or math.isnan(high):
        return "–"
    return t("{low} … {high}", low=t.signed(low * scale, places), high=t.signed(high * scale, places))


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


def block_heading(t: Translator, unit: str, metric_name: str, today: float) -> str:
    """Return what a block is about: unit, metric, the unit of its change and the level today."""
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
        parts.append(BlockTable(block, lang, show_header=i == 0))
    parts.append(Text())
    shown = sum(len(b.rows) for b in blocks)
    parts.append(Text(exploratory_note(contrasts, manifest, region, shown, lang)))
    parts += [Text(line, style="dim") for line in caption(contrasts, manifest, region, lang)]
    return Group(*parts)


def marked_heading(block: EffectBlock, lang: str) -> str:
    """Return the block's heading, marked when it is the primary hypothesis."""
    t = translator(lang)
    return t("{heading} [primary]", heading=block.heading) if block.is_primary else block.heading


@dataclass(frozen=True)
class BlockTable:
    """One block on a terminal: a table where it fits, two lines per policy where the terminal is narrow."""

    block: EffectBlock
    lang: str
    show_header: bool
    first: str = ""  # head of the first column; 'Policy' when left out

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the layout that the width allows."""
        if options.max_width >= WIDE:
            yield self._table()
            return
        from rich.padding import Padding

        for row in self.block.rows:
            yield Padding(f"{row.policy}: {row.verdict}", (0, 0, 0, 1))
            yield Padding(self._numbers(row), (0, 0, 0, 5))

    def _numbers(self, row: EffectRow) -> str:
        t = translator(self.lang)
        return t(
            "{effect} ({plausible}); precision {precision}; chance {chance}",
            effect=row.effect, plausible=row.plausible, precision=row.precision, chance=row.chance,
        )  # fmt: skip

    def _table(self) -> Table:
        from rich.table import Table

        table = Table(box=None, expand=True, show_header=self.show_header, header_style="underline", padding=(0, 1))
        # Equal widths and ratios in every block keep the columns of all blocks aligned.
        names = column_names(self.lang)
        table.add_column(self.first or names[0], ratio=26)
        for name, width in zip(names[1:5], (8, 15, 16, 14), strict=True):
            table.add_column(name, width=width, justify="right")
        table.add_column(names[5], ratio=24)
        for row in self.block.rows:
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
