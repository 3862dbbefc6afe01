"""Tables of paired effects, and a region's answer to its own question.

Per service unit a few headline metrics, the primary hypothesis first, and for each policy
the effect, its plausible range and, kept apart, the Monte Carlo precision of the mean.
Most open to dispute: which metrics are headline metrics where no hypothesis names one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.answers import caption, exploratory_note, hypothesis_sentence
from kinerja_sim.present.changes import (
    change_decimals,
    change_text,
    change_unit,
    digits_needed,
    display_scale,
    is_unsteady,
    level_text,
    median_text,
    metric_of,
    shown_places,
)
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.page import Page, Table
from kinerja_sim.present.saved import (
    Manifest,
    is_idle,
    library_scenarios,
    one_contrast,
    policy_label,
    primary_hypothesis,
    region_title,
    short_unit_title,
    shown_scenarios,
    unit_title,
)
from kinerja_sim.present.text import mark_notes, shown_word

if TYPE_CHECKING:
    import pandas as pd

    from kinerja_sim.present.text import Row

HEADLINES = ("turnaround_days_mean", "wait_minutes_p90", "satisfaction_index")
PER_UNIT, SHOWN = 2, 6


def headline_pairs(contrasts: pd.DataFrame, manifest: Manifest, region: str) -> list[tuple[str, str, str]]:
    """Return (unit, metric, window) of the shown metrics: primary, then unit by unit what the hypotheses name.

    Usual metrics fill up to `PER_UNIT`; a lesson has no turnaround worth a table.
    """
    entry = manifest["regions"][region]
    tested = sorted((h for h in entry["hypotheses"] if h["metric"]), key=lambda h: not h["primary"])
    pairs = [(h["unit"], h["metric"], h["window"]) for h in tested[:1]]
    for unit in sorted(entry["units"], key=lambda u: u != tested[0]["unit"]):
        named = [(h["unit"], h["metric"], h["window"]) for h in tested[1:] if h["unit"] == unit]
        headlines = HEADLINES[1:] if entry["units"][unit].get("lessons") else HEADLINES
        usual = [(unit, m, "after") for m in headlines if _is_observed(contrasts, region, unit, m)]
        candidates = [p for p in dict.fromkeys([*named, *usual]) if p not in pairs]
        pairs += candidates[: max(PER_UNIT, len(named))]
    return pairs


def _is_observed(contrasts: pd.DataFrame, region: str, unit: str, metric: str) -> bool:
    at = (contrasts["region"] == region) & (contrasts["unit"] == unit) & (contrasts["metric"] == metric)
    return bool(contrasts.loc[at, "reference_mean"].notna().any())


def effect_tables(contrasts: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> list[Table]:
    """Return the region's paired effects, one table for each unit and headline metric, the primary hypothesis first.

    Where the library was run, its rest follows on the primary metric, as one compact table.
    """
    t, primary, tables = translator(lang), primary_hypothesis(manifest, region), []
    for unit, metric, window in headline_pairs(contrasts, manifest, region):
        made = [
            (s, one_contrast(contrasts, region, unit, metric, s, window)) for s in shown_scenarios(manifest, region)
        ]
        found = [(s, row) for s, row in made if row is not None]
        if not found:
            continue
        title = block_heading(t, unit_title(manifest, region, unit, lang), metric, found[0][1]["reference_mean"])
        if (unit, metric) == (primary["unit"], primary["metric"]):
            title = t("{heading} [primary]", heading=title)
        title = with_unstable(t, title, [row for _, row in found])
        rows = [effect_cells(row, policy_label(manifest, region, s, lang), lang) for s, row in found]
        tables.append(Table(effect_heads(lang), rows, title))
    return [*tables, *_library_table(contrasts, manifest, region, lang)]


def most_unstable(rows: Sequence[Row]) -> Row | None:
    """Return the row whose mean is carried by the most draws that cannot cope; None where no mean is."""
    return max(filter(is_unsteady, rows), key=lambda row: int(row["n_unstable"]), default=None)


def with_unstable(t: Translator, heading: str, rows: Sequence[Row]) -> str:
    """Return the heading of a block, with how many draws cannot cope where they carry a mean of it."""
    row = most_unstable(rows)
    if row is None:
        return heading
    return t("{heading} · the queue keeps growing in up to {unstable} of {draws} simulations", heading=heading,
             unstable=t.number(row["n_unstable"]), draws=t.number(row["n_draws"]))  # fmt: skip


def _library_table(contrasts: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> list[Table]:
    """Return the policies that are not shown in detail, in the order of the library and never by size of effect."""
    t, h, today, n = translator(lang), primary_hypothesis(manifest, region), math.nan, 0
    rows: list[tuple[str, ...]] = []
    for scenario in library_scenarios(manifest, region):
        row = one_contrast(contrasts, region, h["unit"], h["metric"], scenario, h["window"])
        label = policy_label(manifest, region, scenario, lang)
        if row is not None and is_idle(manifest, region, h["unit"], scenario):
            rows.append((label, "–", "–", "–", "–", t("does not apply: no counter"), "–"))
        elif row is not None:
            rows.append(effect_cells(row, label, lang))
            today, n = row["reference_mean"], row["n_replications"]
    if not rows:
        return []
    heading = block_heading(t, short_unit_title(manifest, region, h["unit"], lang), h["metric"], today)
    title = t("The rest of the policy library · {heading}, n = {n}", heading=heading, n=t.number(n))
    return [Table(effect_heads(lang), rows, title)]


def effect_heads(lang: str, first: str = "") -> tuple[str, ...]:
    """Return the heads of a table of effects; `first` names what a row is, if no policy."""
    t = translator(lang)
    return (
        first or t("Policy"), t("Effect"), t("Plausible range"), t("Monte Carlo precision"), t("Chance of improvement"),
        t("In words"), t("Error of the range's ends (s.e.)"),
    )  # fmt: skip


def effect_cells(row: Row, label: str, lang: str) -> tuple[str, ...]:
    """Return one row of the contrasts table as finished cells under `effect_heads`."""
    t, metric = translator(lang), metric_of(row["metric"])
    errors = [t.number(row[k] * display_scale(metric), metric.decimals + 1) for k in ("low_se", "high_se")]
    return (
        label, effect_text(row, lang), compact_range(row, lang), precision_text(row, lang),
        t.share(*(row[k] for k in ("probability_better", "probability_low", "probability_high"))),
        shown_word(row, lang), "–" if row["all_equal"] else t("{low}; {high}", low=errors[0], high=errors[1]),
    )  # fmt: skip


def effect_text(row: Row, lang: str) -> str:
    """Return the mean change for a table's cell, its median beside it where draws that cannot cope carry the mean."""
    t = translator(lang)
    if not is_unsteady(row):
        return change_text(row, lang)
    return t("{change} (median {median})", change=change_text(row, lang), median=median_text(row, t))


def effect_cell(row: Row | None, lang: str, word: Callable[[Row, str], str] = shown_word) -> str:
    """Return one contrast for a narrow cell: change, range and word; an en dash where it was not observed."""
    if row is None or math.isnan(row["reference_mean"]):
        return "–"
    t, values = translator(lang), {"change": effect_text(row, lang), "range": compact_range(row, lang)}
    return t("{change} ({range}): {word}", word=word(row, lang), **values)


def change_cell(row: Row | None, lang: str) -> str:
    """Return one contrast for a narrow cell without words: change and range; an en dash where it was not observed."""
    if row is None or math.isnan(row["reference_mean"]):
        return "–"
    t = translator(lang)
    return t("{change} ({range})", change=effect_text(row, lang), range=compact_range(row, lang))


def compact_range(row: Row, lang: str) -> str:
    """Return the plausible range for a narrow cell; an en dash where there is none."""
    return _ends(row["low"], row["high"], 0, row, lang)


def precision_text(row: Row, lang: str) -> str:
    """Return the interval of the mean for a narrow cell, with two digits of its half width."""
    metric, half = metric_of(row["metric"]), (row["ci_high"] - row["ci_low"]) / 2
    shown = half * display_scale(metric)
    places = min(max(metric.decimals, 1), digits_needed(shown, 2)) if shown > 0 else change_decimals(row)
    return _ends(row["ci_low"], row["ci_high"], places, row, lang)


def _ends(low: float, high: float, places: int, row: Row, lang: str) -> str:
    t, scale = translator(lang), display_scale(metric_of(row["metric"]))
    if math.isnan(low) or math.isnan(high):
        return "–"
    ends = [t.signed(end * scale, max(places, shown_places(row, end, low, high))) for end in (low, high)]
    return t("{low} … {high}", low=ends[0], high=ends[1])


def block_heading(t: Translator, unit: str, metric_name: str, today: float) -> str:
    """Return what a block is about: unit, metric, the unit of its change and the level today."""
    metric = METRICS[metric_name]
    level = level_text(today, metric_name, t.lang)
    return t(
        "{unit} · {metric}, change in {measure} (today {level})",
        unit=unit, metric=metric.label.in_(t.lang), measure=change_unit(metric, t.lang), level=level,
    )  # fmt: skip


def region_page(contrasts: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> Page:
    """Return the answer to the primary hypothesis and the region's paired effects.

    Parameters
    ----------
    contrasts : DataFrame
        The contrasts table.
    manifest : mapping
        Content of manifest.json.
    region : str
    lang : {'id', 'en'}
    """
    tables = effect_tables(contrasts, manifest, region, lang)
    notes = [
        exploratory_note(contrasts, manifest, region, sum(len(table.rows) for table in tables), lang),
        *caption(contrasts, manifest, region, lang),
        *star_notes(tables, lang),
    ]
    answer = hypothesis_sentence(contrasts, manifest, region, lang)
    # Errors of the range's ends are for notebooks; a terminal has no room for them.
    return Page([answer], [table.first(SHOWN) for table in tables], notes, region_title(manifest, region, lang))


def star_notes(tables: Sequence[Table], lang: str) -> list[str]:
    """Return what the star and '(median)' mean, where a cell has one."""
    return mark_notes((cell for table in tables for row in table.rows for cell in row), lang)
