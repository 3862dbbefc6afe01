"""Which option to choose, in words of the ladder's strength, and as a table.

'Best' is said only as surely as the lower bound of the share of states in which it was.
Chance and what is not known are told apart. Most open to dispute: the option that is best
on average comes first, whatever its worst case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.sensitivity import factor_label, grade_label
from kinerja_sim.present.text import RUNGS, change_unit, digits_needed, display_scale
from kinerja_sim.study.decisions import NET_BENEFIT, Decision

if TYPE_CHECKING:
    from rich.console import RenderableType

MOST_ROWS = 15
MILLION = 1e6


def decision_sentences(found: Decision, lang: str) -> list[str]:
    """Return what may be said about the choice, the surest first, then what limits it."""
    t, table = translator(lang), found.table
    said = [_best_sentence(found, t)]
    affordable = table[table["is_affordable"]]
    cautious = affordable.sort_values("regret_max", kind="stable").iloc[0]
    said.append(
        t("Smallest regret in the worst state: {option}, at most {amount} {measure} short of the best.",
          option=cautious["option"], amount=_amount(found, cautious["regret_max"], t), measure=measure(found, lang))
    )  # fmt: skip
    dominated = table[table["dominated_by"] != ""]
    if len(dominated):
        said.append(
            t("{n} of {all} options are beaten or equalled in every state by another one and need not be looked at.",
              n=t.number(len(dominated)), all=t.number(len(table)))
        )  # fmt: skip
    if "satisficing" in table:
        good = affordable.sort_values("satisficing", ascending=False, kind="stable").iloc[0]
        said.append(
            t("Good enough ({where}) most often: {option}, in {share} ({low}–{high}) of the states.",
              where=" and ".join(map(str, found.where)), option=good["option"], share=t.percent(good["satisficing"]),
              low=t.number(100 * good["satisficing_low"]), high=t.number(100 * good["satisficing_high"]))
        )  # fmt: skip
    if found.budget_idr is not None:
        said.append(
            t("{n} of {all} options cost more than IDR {budget} million beyond the reference and are not chosen from.",
              n=t.number(int((~table["is_affordable"]).sum())), all=t.number(len(table)),
              budget=t.number(found.budget_idr / MILLION))
        )  # fmt: skip
    return [*said, *_information_sentences(found, t), *_selection_sentence(found, t), _noise_sentence(found, t)]


def _best_sentence(found: Decision, t: Translator) -> str:
    """Return which option is best, as surely as the states allow."""
    table = found.table[found.table["is_affordable"]]
    first = table.sort_values("best_low", ascending=False, kind="stable").iloc[0]
    values: dict[str, object] = {
        "option": first["option"], "share": t.percent(first["probability_best"]),
        "low": t.number(100 * first["best_low"]), "high": t.number(100 * first["best_high"]),
        "n": t.number(found.n_states),
    }  # fmt: skip
    hedge = next((hedge for rung, hedge in RUNGS if first["best_low"] >= rung), None)
    if hedge is None:
        values["option"] = table.iloc[0]["option"]
        return t("Which option is best cannot be told; on average it is {option} (n = {n} states).", **values)
    return {
        "": t("Best: {option}, in {share} ({low}–{high}) of {n} states.", **values),
        "very_likely_": t("Very likely best: {option}, in {share} ({low}–{high}) of {n} states.", **values),
        "likely_": t("Likely best: {option}, in {share} ({low}–{high}) of {n} states.", **values),
    }[hedge]


def _information_sentences(found: Decision, t: Translator) -> list[str]:
    """Return what knowing everything is worth, and which unknown is worth most."""
    table = found.information
    if table.empty:
        return [t("Too few states to say what more knowledge is worth.")]
    whole, parts = table.iloc[0], table.iloc[1:]
    unit = measure(found, t.lang)
    values: dict[str, object] = {
        "low": _amount(found, whole["low"], t), "high": _amount(found, whole["high"], t), "measure": unit,
        "bound": _amount(found, whole["optimistic"], t),
    }  # fmt: skip
    if np.isnan(whole["value"]):
        said = [t("Knowing all parameters is worth at most {bound} {measure} a decision (one replication a draw: "
                  "foresight of chance is in it).", **values)]  # fmt: skip
    else:
        said = [t("Knowing all parameters before choosing is worth {low} to {high} {measure} a decision.", **values)]
    if len(parts) and parts.iloc[0]["low"] > 0:
        best = parts.iloc[0]
        said.append(
            t("Worth most to learn first, of {n} unknowns: {unknown} ({grade}), {low} to {high} {measure}.",
              n=t.number(len(parts)), unknown=factor_label(best["unknown"]), grade=grade_label(best["grade"], t.lang)
              if best["grade"] else "–", low=_amount(found, best["low"], t), high=_amount(found, best["high"], t),
              measure=unit)
        )  # fmt: skip
    elif len(parts):
        said.append(t("No single one of {n} unknowns can be shown to be worth learning.", n=t.number(len(parts))))
    return said


def _selection_sentence(found: Decision, t: Translator) -> list[str]:
    """Return whether the runs were enough to choose."""
    chosen = found.selection
    if chosen is None:
        return []
    values: dict[str, object] = {
        "delta": _amount(found, chosen.delta, t), "measure": measure(found, t.lang),
        "share": t.percent(chosen.probability), "runs": t.number(chosen.total_runs),
        "option": found.selected[0], "n": t.number(len(found.selected)),
    }  # fmt: skip
    if chosen.is_decided:
        return [
            t("Sequential selection settles on {option} after {runs} runs: with at least {share} probability nothing "
              "is better on average by {delta} {measure} or more.", **values)
        ]  # fmt: skip
    return [
        t("Sequential selection is not settled: {n} options are still in the running ({share} probability, difference "
          "of {delta} {measure}). Add replications.", **values)
    ]  # fmt: skip


def _noise_sentence(found: Decision, t: Translator) -> str:
    """Return how much of the spread of differences is chance, and how much is not known."""
    others = found.table[~found.table["is_reference"]]
    if others.empty or np.isnan(others["sd_chance"]).all():
        return t("One replication a state: chance and what is not known cannot be told apart.")
    first = others.iloc[0]
    return t(
        "Difference of {option} from the reference: standard deviation {knowledge} from what is not known, {chance} "
        "{measure} from chance in one run.",
        option=first["option"], knowledge=_amount(found, first["sd_knowledge"], t),
        chance=_amount(found, first["sd_chance"], t), measure=measure(found, t.lang),
    )  # fmt: skip


def decision_table(found: Decision, lang: str) -> RenderableType:
    """Return sentences and the options, best on average first, for a terminal."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text as Line

    t = translator(lang)
    heads, rows = decision_cells(found, lang)
    table = Table(box=None, header_style="underline", padding=(0, 1), caption_justify="left")
    for i, head in enumerate(heads):
        table.add_column(head, justify="left" if i == 0 else "right", overflow="fold")
    for row in rows[:MOST_ROWS]:
        table.add_row(*row)
    more = [Line(t("… and {n} more options.", n=t.number(len(rows) - MOST_ROWS)))] if len(rows) > MOST_ROWS else []
    said = decision_sentences(found, lang)
    return Group(
        Line(said[0], style="bold"), *map(Line, said[1:]), Line(), table, *more, Line(footer(found, t), style="dim")
    )


def decision_cells(found: Decision, lang: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return heads and one row of finished cells an option."""
    t = translator(lang)
    unit = measure(found, lang)
    has_cost = "extra_cost_idr_mean" in found.table
    heads = (
        t("Option"), t("Mean, {measure}", measure=unit), t("Plausible range"), t("Mean regret"), t("Worst regret"),
        t("Best in"), *((t("Extra cost, IDR million"), t("On the cost front")) if has_cost else ()),
        *((t("Good enough in"),) if "satisficing" in found.table else ()),
    )  # fmt: skip
    rows = []
    for _, row in found.table.iterrows():
        mark = "" if row["is_affordable"] else " †"
        cells = [
            f"{row['option']}{mark}", _level(found, row["mean"], t),
            t("{low} … {high}", low=_level(found, row["low"], t), high=_level(found, row["high"], t)),
            _amount(found, row["regret_mean"], t), _amount(found, row["regret_max"], t),
            t("{share} ({low}–{high})", share=t.percent(row["probability_best"]), low=t.number(100 * row["best_low"]),
              high=t.number(100 * row["best_high"])),
        ]  # fmt: skip
        if has_cost:
            cells += [t.signed(row["extra_cost_idr_mean"] / MILLION, 1), t("yes") if row["is_pareto"] else t("no")]
        if "satisficing" in found.table:
            cells.append(t.percent(row["satisficing"]))
        rows.append(tuple(cells))
    return heads, rows


def footer(found: Decision, t: Translator) -> str:
    """Return states, replications, what was left out, seed and run id as one line."""
    return t(
        "{states} states ({dropped} left out), {n} replications each · plausible range: central 95% over states · "
        "† beyond the budget · seed {seed} · run {run}",
        states=t.number(found.n_states), dropped=t.number(found.n_dropped), n=t.number(found.n_replications),
        seed=str(found.manifest.get("seed", "–")), run=str(found.manifest.get("run_id", "–")),
    )  # fmt: skip


def measure(found: Decision, lang: str) -> str:
    """Return the unit in which a decision's amounts are told."""
    t = translator(lang)
    return t("IDR million") if found.metric == NET_BENEFIT else change_unit(METRICS[found.metric], lang)


def _level(found: Decision, value: float, t: Translator) -> str:
    if found.metric == NET_BENEFIT:
        return t.number(value / MILLION, 1)
    metric = METRICS[found.metric]
    return t.number(value * display_scale(metric), metric.decimals)


def _amount(found: Decision, value: float, t: Translator) -> str:
    """Return an amount of the benefit without its unit, with two digits that count."""
    shown = abs(value) * (1 / MILLION if found.metric == NET_BENEFIT else display_scale(METRICS[found.metric]))
    return t.number(shown, min(4, digits_needed(shown, 2)) if shown > 0 else 0)
