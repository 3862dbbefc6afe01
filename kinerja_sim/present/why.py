"""How an effect divides among mechanisms, in words, as a table and as one figure.

The words are those of the ladder. A part is called the largest only as surely as it was
the largest in the draws, and only where the whole effect is sure enough to have a
direction. Most open to dispute: naming a largest part at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kinerja_sim.present.answers import interval_lines
from kinerja_sim.present.changes import change_text, change_unit, metric_of
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.page import Page, Table
from kinerja_sim.present.saved import Manifest, policy_title, short_unit_title, unit_title
from kinerja_sim.present.tables import SHOWN, block_heading, effect_cells, effect_heads, star_notes
from kinerja_sim.present.text import MOVES, RUNGS, evidence_text, mean_disagrees, sentence, verdict, verdict_word

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from kinerja_sim.know.fields import Text
    from kinerja_sim.present.figures import Dot


def group_labels(lang: str) -> dict[str, str]:
    """Return the label of every group of blocks, by its code."""
    t = translator(lang)
    return {
        "appraisal": t("appraisal"),
        "channels_feedback": t("channels and feedback"),
        "goals": t("goals"),
        "training": t("training"),
        "socialisation": t("socialisation"),
        "rewards": t("recognition, pay and turnover"),
        "coaching": t("coaching"),
        "capacity": t("capacity"),
        "timing": t("timing and dose"),
    }


def group_label(group: str, lang: str) -> str:
    """Return the label of a group; groups that hold only together are joined by '+'.

    Examples
    --------
    >>> group_label("appraisal+channels_feedback", "id")
    'penilaian + saluran dan umpan balik'
    """
    labels = group_labels(lang)
    return " + ".join(labels[code] for code in group.split("+"))


def _head(text: str) -> str:
    """Return a label as the first word of a line."""
    return text[:1].upper() + text[1:]


def part_rows(table: pd.DataFrame, part: str) -> list[pd.Series]:
    """Return the rows of one kind of part: 'share', 'alone', 'interaction' or 'total'."""
    return [row for _, row in table[table["part"] == part].iterrows()]


def why_sentences(table: pd.DataFrame, manifest: Manifest, lang: str) -> list[str]:
    """Return what may be said: the whole effect, its largest part, then every part and the interaction.

    Parameters
    ----------
    table : DataFrame
        Columns of `study.parts.PART_COLUMNS`.
    manifest : mapping
    lang : {'id', 'en'}
    """
    t, (whole,), shares = translator(lang), part_rows(table, "total"), part_rows(table, "share")
    unit = short_unit_title(manifest, whole["region"], whole["unit"], lang)
    title = policy_title(manifest, whole["scenario"], lang)
    said = [
        sentence(whole, lang, unit_title=unit, scenario_title=title),
        _largest_sentence(whole, shares, manifest, lang),
    ]
    for row in shares if len(shares) > 1 else []:
        label = t("Part of {group}", group=group_label(row["group"], lang))
        said.append(sentence(row, lang, unit_title=unit, scenario_title=label))
    if len(shares) > 1:
        (row,) = part_rows(table, "interaction")
        said.append(
            t(
                "Interaction, what groups do together beyond each alone: {change} {measure} ({range})",
                **_numbers(row, lang),
            )
        )
    return [f"{text}." for text in said]


def _largest_sentence(whole: pd.Series, shares: Sequence[pd.Series], manifest: Manifest, lang: str) -> str:
    """Return which part is the largest, as surely as the draws allow."""
    t = translator(lang)
    if not shares:
        reference = policy_title(manifest, manifest["baseline"], lang)
        return t("The policy differs from “{reference}” in no block: there is nothing to divide", reference=reference)
    if len(shares) == 1:
        group = group_label(shares[0]["group"], lang)
        return t("Only one group of blocks differs, {group}: the whole effect is its part", group=group)
    if not verdict(whole).endswith(MOVES) or mean_disagrees(whole):
        return t("The effect as a whole is too small or too unsure to name its largest part")
    first = max(shares, key=lambda row: float(row["largest_low"]))
    hedge = next((hedge for rung, hedge in RUNGS if first["largest_low"] >= rung), None)
    values = {"group": group_label(first["group"], lang), **_numbers(first, lang)}
    if hedge is None:
        return t("Which part is the largest cannot be told")
    return {
        "": t("The largest part is that of {group}, {change} {measure} ({range})", **values),
        "very_likely_": t("The largest part is very likely that of {group}, {change} {measure} ({range})", **values),
        "likely_": t("The largest part is likely that of {group}, {change} {measure} ({range})", **values),
    }[hedge]


def _numbers(row: pd.Series, lang: str) -> dict[str, str]:
    measure = change_unit(metric_of(row["metric"]), lang)
    return {"change": change_text(row, lang), "measure": measure, "range": evidence_text(row, lang)}


def why_page(table: pd.DataFrame, manifest: Manifest, notes: Sequence[Text], lang: str) -> Page:
    """Return two sentences, the parts with the whole, what each group does alone, and what a part is."""
    t, (whole,), (beyond,) = translator(lang), part_rows(table, "total"), part_rows(table, "interaction")
    shares, alone = (
        [effect_cells(row, _head(group_label(row["group"], lang)), lang) for row in part_rows(table, part)]
        for part in ("share", "alone")
    )
    title = unit_title(manifest, whole["region"], whole["unit"], lang)
    heading = block_heading(t, title, str(whole["metric"]), whole["reference_mean"])
    heads = effect_heads(lang, t("Part"))
    tables = [Table(heads, [*shares, effect_cells(whole, t("Whole policy"), lang)], heading)]
    if len(shares) > 1:
        # An interaction is no effect of any policy, so that no chance and no word of the ladder fits it.
        cells = [*effect_cells(beyond, t("Interaction"), lang)]
        cells[4:6] = "–", ""
        tables.append(Table(heads, [*alone, cells], t("Each group alone, and what they do together beyond that")))
    part = t(
        "Part: what a group of blocks adds on average over all orders in which the groups could be introduced "
        "(Shapley). Parts add up to the whole effect in every replication; a part is not what the group would do alone."
    )
    read = [part, *interval_lines(manifest, lang), *star_notes(tables, lang), *(note.in_(lang) for note in notes)]
    return Page(why_sentences(table, manifest, lang)[:2], [table.first(SHOWN) for table in tables], read)


def why_figure(table: pd.DataFrame, manifest: Manifest, lang: str) -> Figure:
    """Return one figure of the parts, and below them the whole effect with the interaction."""
    from kinerja_sim.present.figures import Dot, dot_figure
    from kinerja_sim.present.style import INK, NOTEBOOK

    t, (whole,), (beyond,) = translator(lang), part_rows(table, "total"), part_rows(table, "interaction")
    dots = [_dot(row, lang) for row in part_rows(table, "share")]
    sums = [Dot(t("Whole policy"), whole, INK, "o", verdict_word(verdict(whole), lang))]
    head = t("The whole")
    if len(dots) > 1:
        sums.append(Dot(t("Interaction"), beyond, INK, "X", ""))
        head = t("The whole, and the interaction")
    panels = {t("Parts, which add up to the whole"): dots, head: sums}
    shown = {title: panel for title, panel in panels.items() if panel}
    figure = dot_figure(list(shown.values()), list(shown), metric_of(whole["metric"]), manifest, lang, NOTEBOOK)
    unit = unit_title(manifest, whole["region"], whole["unit"], lang)
    policy = policy_title(manifest, whole["scenario"], lang)
    figure.suptitle(t("{policy} · {unit}", policy=policy, unit=unit), fontsize=NOTEBOOK.base, color=INK)
    return figure


def _dot(row: pd.Series, lang: str) -> Dot:
    """Return the dot of one share; a group has one colour and one marker in every figure."""
    from kinerja_sim.present.figures import Dot
    from kinerja_sim.present.style import look

    at = list(group_labels(lang)).index(row["group"].split("+")[0])
    words = verdict_word(verdict(row), lang)
    return Dot(_head(group_label(row["group"], lang)), row, *look(at), words)
