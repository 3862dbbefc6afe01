"""For whom does a policy work? Everyone beside the priority line, the worst-served tenth, and people offline.

Each group is contrasted with itself under today's practice; a policy that helps the
average and not the group shows as two different cells in one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinerja_sim.present.changes import level_text
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.page import Table
from kinerja_sim.present.saved import Manifest, one_contrast, policy_label, shown_scenarios, unit_title
from kinerja_sim.present.tables import effect_cell

if TYPE_CHECKING:
    import pandas as pd

    from kinerja_sim.present.text import Row


def waiting_tables(
    contrasts: pd.DataFrame, tails: pd.DataFrame, manifest: Manifest, region: str, lang: str
) -> list[Table]:
    """Return per counter table: the wait of everyone, of the worst-served tenth, in the priority line.

    Parameters
    ----------
    contrasts : DataFrame
        The contrasts table.
    tails : DataFrame
        From `study.equity.tail_contrasts`.
    manifest : mapping
    region : str
    lang : {'id', 'en'}
    """
    t = translator(lang)
    groups = (
        (t("Everyone"), contrasts, "wait_minutes_mean"),
        (t("Worst-served tenth"), tails, "wait_minutes_p90"),
        (t("Priority line"), contrasts, "priority_wait_minutes_mean"),
    )
    tables = []
    for unit in manifest["regions"][region]["units"]:
        seen = [(head, table, metric) for head, table, metric in groups
                if _observed(one_contrast(table, region, unit, metric, _first(manifest, region)))]  # fmt: skip
        if seen:
            rows = [
                (policy_label(manifest, region, s, lang),
                 *(effect_cell(one_contrast(table, region, unit, metric, s), lang) for _, table, metric in seen))
                for s in shown_scenarios(manifest, region)
            ]  # fmt: skip
            today = [one_contrast(table, region, unit, metric, _first(manifest, region)) for _, table, metric in seen]
            levels = (t("Today, minutes"), *(_level(row, lang) for row in today))
            heads = (t("Change in mean wait, minutes"), *(head for head, _, _ in seen))
            tables.append(Table(heads, [levels, *rows], unit_title(manifest, region, unit, lang)))
    return tables


def access_tables(table: pd.DataFrame, titles: dict[str, str], units: dict[str, str], lang: str) -> list[Table]:
    """Return per counter table: the wait of people with and without digital access.

    Parameters
    ----------
    table : DataFrame
        From `study.access.access_contrasts`.
    titles, units : dict
        Policy and service unit to title; policies are shown in this order.
    lang : {'id', 'en'}
    """
    t = translator(lang)
    heads = (t("Change in mean wait, minutes"), t("With digital access"), t("Without digital access"))
    tables = []
    for unit in dict.fromkeys(table["unit"]):
        here = table[table["unit"] == unit]
        rows = {(row["group"], row["scenario"]): row for _, row in here.iterrows()}
        groups = ("with_access", "without_access")
        body = [(titles[s], *(effect_cell(rows[g, s], lang) for g in groups)) for s in titles]
        today = (t("Today, minutes"), *(_level(rows[g, here["scenario"].iloc[0]], lang) for g in groups))
        tables.append(Table(heads, [today, *body], units[str(unit)]))
    return tables


def _level(row: Row | None, lang: str) -> str:
    return "–" if row is None else level_text(row["reference_mean"], row["metric"], lang)


def _observed(row: Row | None) -> bool:
    return row is not None and row["reference_mean"] == row["reference_mean"]


def _first(manifest: Manifest, region: str) -> str:
    return shown_scenarios(manifest, region)[0]
