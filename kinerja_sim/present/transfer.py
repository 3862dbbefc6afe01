"""Why a policy does more in one place than in another: sentences, a table and one figure.

The effect in either place is told by the ladder; parts of the difference are no effects of
a policy, so they get numbers and ranges and no such words. Most open to dispute: naming
the block that carries most of the difference, which is done only as surely as its range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinerja_sim.know.regions import Region
from kinerja_sim.present.changes import change_text, change_unit, display_scale, metric_of, range_text
from kinerja_sim.present.figures import Dot, draw_dots, number_axis
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.page import Page, Table
from kinerja_sim.present.style import INK, NOTEBOOK, Chart, Size, in_house_style, look, new_figure
from kinerja_sim.present.sweep_figures import finish_sweep
from kinerja_sim.present.text import evidence_text, sentence, verdict, verdict_word
from kinerja_sim.study.transfer_parts import BLOCKS, Transfer

if TYPE_CHECKING:
    import pandas as pd


def block_label(block: str, lang: str) -> str:
    """Return the label of a block.

    Examples
    --------
    >>> block_label("workload", "id")
    'beban kerja petugas'
    """
    t = translator(lang)
    return {
        "size": t("size: how many come, how many officers"),
        "workload": t("workload: how busy officers are"),
        "rhythm": t("rhythm: hours and peaks"),
        "rules": t("rules, supplies and promises"),
        "skill": t("skill, errors and starting satisfaction"),
        "people": t("people: cause of resistance, digital reach"),
    }[block]


def transfer_sentences(found: Transfer, lang: str) -> list[str]:
    """Return the effect in both places, the difference, what carries it, and what is borrowed."""
    t = translator(lang)
    a, b, gap = (_row(found, part) for part in ("effect_a", "effect_b", "gap"))
    said = [
        f"{sentence(row, lang, unit_title=_place(region, unit, lang), scenario_title=found.policy.title.in_(lang))}."
        for row, region, unit in ((a, found.a, found.unit_a), (b, found.b, found.unit_b))
    ]
    values: dict[str, object] = {
        "change": change_text(gap, lang), "measure": _measure(found, lang), "range": evidence_text(gap, lang),
    }  # fmt: skip
    if not found.blocks:
        return [*said, t("The two units differ in nothing that the model knows."), *_borrowed(found, t)]
    if gap["ci_low"] <= 0 <= gap["ci_high"]:
        said.append(
            t("Whether the effect differs between the two cannot be told: {change} {measure} ({range}).", **values)
        )
    else:
        said.append(t("Difference of the two effects (second less first): {change} {measure} ({range}).", **values))
        said.append(_largest(found, t))
    return [*said, *_borrowed(found, t)]


def _largest(found: Transfer, t: Translator) -> str:
    """Return which block carries most of the difference, where the precision of the means allows it."""
    gap = _row(found, "gap")["delta_mean"]
    shares = [row for _, row in found.table[found.table["part"] == "share"].iterrows()]
    sign = 1.0 if gap > 0 else -1.0
    first = max(shares, key=lambda row: float(sign * row["delta_mean"]))
    others = [max(sign * row["ci_low"], sign * row["ci_high"]) for row in shares if row["block"] != first["block"]]
    lowest = min(sign * first["ci_low"], sign * first["ci_high"])
    values: dict[str, object] = {
        "block": block_label(first["block"], t.lang), "change": change_text(first, t.lang),
        "measure": _measure(found, t.lang), "range": evidence_text(first, t.lang),
    }  # fmt: skip
    if not others or lowest > max(others):
        return t("Most of it goes with {block}: {change} {measure} ({range}).", **values)
    return t(
        "Which block carries most of it cannot be told; first here is {block}: {change} {measure} ({range}).", **values
    )


def _borrowed(found: Transfer, t: Translator) -> list[str]:
    """Return how many of the values that differ are estimates in either region."""
    rows = found.grades[found.grades["block"].isin(found.blocks)].groupby("region", sort=False)
    said = []
    for region, part in rows[["n_values", "n_estimates"]].sum().iterrows():
        title = next(r for r in (found.a, found.b) if r.name == region).title.in_(t.lang)
        said.append(
            t.plural(
                "In {region}, {n} of the {all} values in which the two places differ is an estimate, not measured "
                "there.",
                "In {region}, {n} of the {all} values in which the two places differ are estimates, not measured "
                "there.",
                part["n_estimates"], region=title, all=t.number(part["n_values"]))
        )  # fmt: skip
    said.append(t("Coefficients of the evidence ledger are the same for both: they were measured in neither."))
    return said


def transfer_page(found: Transfer, lang: str) -> Page:
    """Return sentences and every part with its ranges."""
    t, rows = translator(lang), []
    for _, row in found.table.iterrows():
        words = verdict_word(verdict(row), lang) if str(row["part"]).startswith("effect") else ""
        rows.append((_part_label(found, row, t), change_text(row, lang), range_text(row, lang), words))
    heads = (t("Part"), t("Change, {measure}", measure=_measure(found, lang)), t("Plausible range"), t("In words"))
    return Page(transfer_sentences(found, lang), [Table(heads, rows)], transfer_notes(found, t))


def transfer_notes(found: Transfer, t: Translator) -> list[str]:
    """Return what a part is and where the numbers come from."""
    return [
        t("A part is what swapping one block of the first unit for the second's changes in the effect, averaged over "
          "all orders of swapping (Shapley); parts add up to the difference."),
        t("Both effects are on the first region's random numbers. Sizes are swapped as ratios."),
        _footer(found, t),
    ]  # fmt: skip


@in_house_style
def transfer_figure(found: Transfer, lang: str, *, size: Size = NOTEBOOK) -> Chart:
    """Return both effects and, below, the parts of their difference, on one axis."""
    t = translator(lang)
    metric = metric_of(found.metric)
    rows = [row for _, row in found.table.iterrows()]
    effects = [_dot(found, row, t) for row in rows if str(row["part"]).startswith("effect")]
    parts = [_dot(found, row, t) for row in rows if row["part"] in ("gap", "share")]
    height = size.height or size.row * (len(rows) + 3) + 7.5 * size.base
    figure = new_figure(size.width, height)
    ratios = {"height_ratios": [len(effects), len(parts)]}
    upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw=ratios)
    for ax, dots, title in (
        (upper, effects, t("Effect of the policy")),
        (lower, parts, t("Why they differ: parts of the difference (second less first)")),
    ):
        draw_dots(ax, dots, display_scale(metric), size)
        ax.set_title(title, fontsize=size.base, loc="left", color=INK, fontweight="bold")
    name = t("{metric}, change in {measure}", metric=metric.label.in_(lang), measure=_measure(found, lang))
    lower.set_xlabel(name, fontsize=size.base, color=INK)
    number_axis(lower.xaxis, t)
    note = t("Thin line: plausible range; thick: Monte Carlo precision of the mean.")
    finish_sweep(figure, note, _footer(found, t), size, height)
    return figure


def _dot(found: Transfer, row: pd.Series, t: Translator) -> Dot:
    """Return one line of the figure; blocks keep one look in every figure."""
    is_effect = str(row["part"]).startswith("effect")
    colour, marker = (INK, "o") if is_effect or row["part"] == "gap" else look(list(BLOCKS).index(row["block"]))
    words = verdict_word(verdict(row), t.lang) if is_effect else ""
    return Dot(_part_label(found, row, t), row, colour, marker, words)


def _part_label(found: Transfer, row: pd.Series, t: Translator) -> str:
    """Return what a row of the table is."""
    return {
        "effect_a": _place(found.a, found.unit_a, t.lang),
        "effect_b": _place(found.b, found.unit_b, t.lang),
        "gap": t("Difference"),
    }.get(row["part"]) or block_label(row["block"], t.lang)


def _place(region: Region, unit: str, lang: str) -> str:
    return f"{region.units[unit].title.in_(lang)}, {region.title.in_(lang).split(',')[0]}"


def _measure(found: Transfer, lang: str) -> str:
    return change_unit(metric_of(found.metric), lang)


def _row(found: Transfer, part: str) -> pd.Series:
    return found.table[found.table["part"] == part].iloc[0]


def _footer(found: Transfer, t: Translator) -> str:
    manifest = found.manifest
    values: dict[str, object] = {
        "n": t.number(manifest["replications"]), "months": t.months(manifest["months"]), "seed": str(manifest["seed"]),
    }  # fmt: skip
    if manifest["parameters"] == "point":
        return t("n = {n} · {months} · seed {seed} · parameters fixed at their points", **values)
    return t("n = {n} · {months} · seed {seed} · parameters drawn from the ledger", **values)
