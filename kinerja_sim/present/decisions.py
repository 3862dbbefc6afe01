"""Which option to choose, in words of the ladder's strength, and as a table.

'Best' is said only as surely as the lower bound of the share of states in which it was.
Chance and what is not known are told apart. Most open to dispute: the option that is best
on average comes first, whatever its worst case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.changes import change_unit, digits_needed, display_scale
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.page import Page, Table
from kinerja_sim.present.saved import beyond_note, marked, short_region_title
from kinerja_sim.present.sensitivity import factor_label, grade_label
from kinerja_sim.present.text import RUNGS
from kinerja_sim.present.weights import option_label
from kinerja_sim.study.decisions import NET_BENEFIT, Decision

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS, MOST_CURVES = 15, 6
MILLION = 1e6


def decision_sentences(found: Decision, lang: str) -> list[str]:
    """Return what may be said about the choice, the surest first, then what limits it."""
    t, table = translator(lang), found.table
    said = [*_mixed_sentence(found, t), _best_sentence(found, t), *_lawful_sentence(found, t), _judged_by(found, t)]
    affordable = table[table["is_affordable"]]
    cautious = affordable.sort_values("regret_max", kind="stable").iloc[0]
    said.append(
        t("Smallest regret in the worst state: {option}, at most {amount} {measure} short of the best.",
          option=_option_name(found, cautious, lang), amount=_amount(found, cautious["regret_max"], t),
          measure=measure(found, lang))
    )  # fmt: skip
    dominated = table[table["dominated_by"] != ""]
    if len(dominated):
        said.append(
            t.plural(
                "{n} of {all} options is beaten or equalled in every state by another one and need not be looked at.",
                "{n} of {all} options are beaten or equalled in every state by another one and need not be looked at.",
                len(dominated), all=t.number(len(table)))
        )  # fmt: skip
    if "satisficing" in table:
        good = affordable.sort_values("satisficing", ascending=False, kind="stable").iloc[0]
        said.append(
            t("Good enough ({where}) most often: {option}, in {share} ({low}–{high}) of the states.",
              where=", ".join(map(str, found.where)), option=_option_name(found, good, lang),
              share=t.percent(good["satisficing"]), low=t.number(100 * good["satisficing_low"]),
              high=t.number(100 * good["satisficing_high"]))
        )  # fmt: skip
    if found.budget_idr is not None:
        said.append(
            t.plural(
                "{n} of {all} options costs more than IDR {budget} million beyond the reference and is not chosen "
                "from.",
                "{n} of {all} options cost more than IDR {budget} million beyond the reference and are not chosen "
                "from.",
                int((~table["is_affordable"]).sum()), all=t.number(len(table)),
                budget=t.number(found.budget_idr / MILLION))
        )  # fmt: skip
    return [*said, *_information_sentences(found, t), *_selection_sentence(found, t), _noise_sentence(found, t)]


def _option_name(found: Decision, row: pd.Series, lang: str) -> str:
    """Return what an option is called, marked where its mix is beyond the regulation."""
    name = option_label(str(row["option"]), found.manifest, found.region, lang)
    return marked(name, bool(row["beyond_regulation"]), lang)


def option_cell(found: Decision, row: pd.Series, lang: str) -> str:
    """Return an option for a narrow cell, with the mark that `footer` explains."""
    name = option_label(str(row["option"]), found.manifest, found.region, lang)
    return f"{name} ‡" if row["beyond_regulation"] else name


def _mixed_sentence(found: Decision, t: Translator) -> list[str]:
    """Return that several regions are judged as one, and what 'own policy' stands for then."""
    names = [short_region_title(found.manifest, r, t.lang) for r in found.manifest.get("regions", {})]
    if found.region != "all" or not names:
        return []
    return [t("Regions are mixed here ({regions}): a state is one region in one possible world, and “Own policy” is "
              "another policy in each. To choose for one region, name it with --region.",
              regions="; ".join(names))]  # fmt: skip


def _lawful_sentence(found: Decision, t: Translator) -> list[str]:
    """Return which option is best on average within the regulation, where an option beyond it comes first."""
    table = found.table[found.table["is_affordable"]]
    if not table.iloc[0]["beyond_regulation"] and not any(
        table.loc[table["option"] == name, "beyond_regulation"].any() for name in found.selected[:1]
    ):
        return []
    lawful = table[~table["beyond_regulation"]]
    if lawful.empty:
        return [beyond_note(t.lang), t("No option here lies within the regulation.")]
    best = lawful.iloc[0]
    return [
        beyond_note(t.lang),
        t("Within the regulation the best on average is {option}: at most {amount} {measure} short of the best in any "
          "state.", option=_option_name(found, best, t.lang), amount=_amount(found, best["regret_max"], t),
          measure=measure(found, t.lang)),
    ]  # fmt: skip


def _judged_by(found: Decision, t: Translator) -> str:
    """Return what options are judged by, and what a state and a regret are."""
    if found.value_idr is None:
        return t("Judged by {metric}, higher or lower as is better. A state is one possible world of what is not "
                 "known; regret is what an option falls short of the best one in it.",
                 metric=METRICS[found.metric].label.in_(t.lang))  # fmt: skip
    return t("Judged by net benefit: hours of waiting saved, at IDR {value} an hour, less the extra cost. A state is "
             "one possible world of what is not known; regret is what an option falls short of the best one in it.",
             value=t.number(found.value_idr))  # fmt: skip


def _best_sentence(found: Decision, t: Translator) -> str:
    """Return which option is best, as surely as the states allow."""
    table = found.table[found.table["is_affordable"]]
    first = table.sort_values("best_low", ascending=False, kind="stable").iloc[0]
    values: dict[str, object] = {
        "option": _option_name(found, first, t.lang), "share": t.percent(first["probability_best"]),
        "low": t.number(100 * first["best_low"]), "high": t.number(100 * first["best_high"]),
        "n": t.number(found.n_states),
    }  # fmt: skip
    hedge = next((hedge for rung, hedge in RUNGS if first["best_low"] >= rung), None)
    if hedge is None:
        values["option"] = _option_name(found, table.iloc[0], t.lang)
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
        "value": _amount(found, whole["value"], t), "bound": _amount(found, whole["optimistic"], t),
    }  # fmt: skip
    if whole["optimistic"] == 0 and whole["high"] == 0:
        return [t("Knowing all parameters before choosing would change nothing: one option is best in every state.")]
    if np.isnan(whole["value"]):
        said = [t("Knowing all parameters is worth at most {bound} {measure} a decision (one replication a draw: "
                  "foresight of chance is in it).", **values)]  # fmt: skip
    else:
        said = [t("Knowing all parameters before choosing is worth {low} to {high} {measure} a decision: {value} by an "
                  "estimate that errs downwards, {bound} by one that errs upwards.", **values)]  # fmt: skip
    if len(parts) and parts.iloc[0]["low"] > 0:
        best = parts.iloc[0]
        said.append(
            t("Worth most to learn first, of {n} unknowns: {unknown} ({grade}), {low} to {high} {measure}.",
              n=t.number(len(parts)), unknown=factor_label(best["unknown"], t.lang), measure=unit,
              grade=grade_label(best["grade"], t.lang) if best["grade"] else "–",
              low=_amount(found, best["low"], t), high=_amount(found, best["high"], t))
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
        "option": _called(found, found.selected[0], t.lang), "n": t.number(len(found.selected)),
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


def _called(found: Decision, option: str, lang: str) -> str:
    return _option_name(found, found.table[found.table["option"] == option].iloc[0], lang)


def _noise_sentence(found: Decision, t: Translator) -> str:
    """Return how much of the spread of differences is chance, and how much is not known."""
    others = found.table[~found.table["is_reference"]]
    if others.empty or np.isnan(others["sd_chance"]).all():
        return t("One replication a state: chance and what is not known cannot be told apart.")
    first = others.iloc[0]
    return t(
        "Difference of {option} from the reference: standard deviation {knowledge} from what is not known, {chance} "
        "{measure} from chance in one run.",
        option=_option_name(found, first, t.lang), knowledge=_amount(found, first["sd_knowledge"], t),
        chance=_amount(found, first["sd_chance"], t), measure=measure(found, t.lang),
    )  # fmt: skip


def decision_page(found: Decision, lang: str) -> Page:
    """Return sentences, the options, best on average first, and where the numbers come from."""
    t, heads, rows = translator(lang), *decision_cells(found, lang)
    n_more = len(rows) - MOST_ROWS
    more = [t.plural("… and {n} more option.", "… and {n} more options.", n_more)] if n_more > 0 else []
    tables = [Table(heads, rows[:MOST_ROWS]), *_worth_table(found, t)]
    return Page(decision_sentences(found, lang), tables, [*more, footer(found, t)])


def _worth_table(found: Decision, t: Translator) -> list[Table]:
    """Return the chance that the first options are worth their cost, at the ledger's values of an hour of waiting."""
    curves, prior = found.acceptability, load_ledger()["value_of_waiting_hour_idr"]
    if curves.empty:
        return []
    grid = curves["value_idr"].unique()
    values = [
        grid[np.abs(grid - wanted).argmin()] for wanted in (prior.low, found.value_idr or prior.point, prior.high)
    ]
    at = curves.set_index(["option", "value_idr"])
    columns = ("probability_positive", "probability_low", "probability_high")
    shown = [row for _, row in found.table.iterrows() if row["option"] in at.index][:MOST_CURVES]
    rows = [(option_cell(found, row, t.lang),
             *(t.share(*at.loc[(row["option"], value), list(columns)]) for value in values))
            for row in shown]  # fmt: skip
    heads = (t("Option"), *(t("an hour at IDR {value}", value=t.number(value)) for value in values))
    title = t("Chance that an option is worth its cost (acceptability), by the value of an hour of waiting")
    return [Table(heads, rows, title)]


def decision_cells(found: Decision, lang: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return heads and one row of finished cells an option."""
    t = translator(lang)
    unit = measure(found, lang)
    has_cost = "extra_cost_idr_mean" in found.table
    has_front = has_cost and found.metric != NET_BENEFIT  # which has the cost in it already
    heads = (
        t("Option"), t("Mean, {measure}", measure=unit), t("Plausible range"), t("Mean regret"), t("Worst regret"),
        t("Best in"), *((t("Extra cost, IDR million"),) if has_cost else ()),
        *((t("On the cost front"),) if has_front else ()),
        *((t("Good enough in"),) if "satisficing" in found.table else ()),
    )  # fmt: skip
    rows = []
    for _, row in found.table.iterrows():
        mark = "" if row["is_affordable"] else " †"
        cells = [
            f"{option_cell(found, row, lang)}{mark}", _level(found, row["mean"], t),
            t("{low} … {high}", low=_level(found, row["low"], t), high=_level(found, row["high"], t)),
            _amount(found, row["regret_mean"], t), _amount(found, row["regret_max"], t),
            t.share(row["probability_best"], row["best_low"], row["best_high"]),
        ]  # fmt: skip
        if has_cost:
            cells.append(t.signed(row["extra_cost_idr_mean"] / MILLION, 1))
        if has_front:
            cells.append(t("yes") if row["is_pareto"] else t("no"))
        if "satisficing" in found.table:
            cells.append(t.percent(row["satisficing"]))
        rows.append(tuple(cells))
    return heads, rows


def footer(found: Decision, t: Translator) -> str:
    """Return states, replications, what was left out, seed and run id as one line."""
    return t(
        "{states} states ({dropped} left out), replications each: {n} · plausible range: central 95% over states · "
        "† beyond the budget · ‡ beyond the regulation · seed {seed} · run {run}",
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
