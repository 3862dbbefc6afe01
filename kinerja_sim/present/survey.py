"""What the terminal says of a satisfaction survey: the index with intervals, elements, channels, and officers as one.

Reads tables only. Most open to dispute: a category is shown with the categories at both ends of its interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from kinerja_sim.present.fit import plain_table, ranged, spread_of
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.labels import word

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table


def survey_tables(index: pd.DataFrame, elements: pd.DataFrame, lang: str) -> list[Table]:
    """Return the index by unit and channel, and the elements by unit."""
    t = translator(lang)
    first = plain_table(t("Unit"), t("Channel"), "n", t("IKM (90% interval)"), t("IKM, design interval"), t("Category"))
    for row in index.to_dict("records"):
        n = t.number(row["n"])
        grade = row["category"]
        if grade and row["category_low"] != row["category_high"]:
            grade = t("{grade} ({low} to {high})", grade=grade, low=row["category_low"], high=row["category_high"])
        design = ranged(row, t, "value", "design_low", "design_high") if isfinite(row["design_low"]) else "–"
        first.add_row(row["unit"], _channel(row, t), n, ranged(row, t), design, grade)
    second = plain_table(t("Unit"), t("Element"), "n", t("Mean answer, 1 to 4"))
    for row in elements.to_dict("records"):
        second.add_row(row["unit"], element_label(row["element"], t), t.number(row["n"]), ranged(row, t, "mean"))
    return [first, second]


def index_lines(index: pd.DataFrame, fewest: int, lang: str) -> list[str]:
    """Return why a unit or channel has no index, or no interval."""
    t = translator(lang)
    n = t.number(fewest)
    why = {
        "few_answers": t("fewer than {n} answered", n=n),
        "few_to_a_question": t("fewer than {n} answered one of the nine questions", n=n),
        "one_officer": t("nearly all answers are about one officer"),
        "difference": t("with the other rows it would give away one that is not shown"),
        "alike": t("everybody answered alike, which leaves no interval"),
    }
    rows = index[index["why"] != ""].to_dict("records")
    return [
        t("{unit}, {channel}: {reason}.", unit=row["unit"], channel=_channel(row, t), reason=why[row["why"]])
        for row in rows
    ]


def _channel(row: Mapping[Any, Any], t: Translator) -> str:
    return t("all") if row["channel"] == "all" else word(row["channel"], "channels", t)


def element_label(name: str, t: Translator) -> str:
    """Return the name of a survey element."""
    return {
        "requirements": t("requirements"), "procedure": t("procedure"), "time": t("time"), "cost": t("cost"),
        "product": t("product"), "competence": t("competence"), "behaviour": t("behaviour"),
        "facilities": t("facilities"), "complaints": t("complaints"),
    }[name]  # fmt: skip


def officer_lines(spreads: Mapping[str, Mapping[str, Any] | None], fewest: int, lang: str) -> list[str]:
    """Return, for each unit, how far officers differ and whether answers are enough to rank anyone; nobody is named."""
    t = translator(lang)
    lines = []
    for unit, spread in spreads.items():
        if spread is None:
            lines.append(
                t("{unit}: fewer than {n} officers were rated; no spread is stated.", unit=unit, n=t.number(fewest))
            )
            continue
        n = {name: t.number(spread[name]) for name in ("n_officers", "n_answers")}
        sd = spread_of(spread["sd"], t)
        reliability = t.number(spread["reliability"], 2)
        lines.append(
            t(
                "{unit}: {n_officers} officers, {n_answers} answers; SD between officers, points: {sd}; reliability of "
                "an officer's mean {reliability}.",
                unit=unit, sd=sd, reliability=reliability, **n,
            )
        )  # fmt: skip
        if spread["can_rank"]:
            verdict = t("Answers suffice to tell some officers apart; the tool is not for rating individuals.")
        elif isfinite(spread["answers_needed"]):
            needed = t.number(spread["answers_needed"])
            verdict = t("Too few answers to rank anyone: it would take about {needed} per officer.", needed=needed)
        else:
            verdict = t("Officers cannot be told apart at all: nobody can be ranked.")
        lines.append(verdict)
    return lines


def bias_table(bias: pd.DataFrame, lang: str) -> Table:
    """Return how far each channel lies from the census."""
    t = translator(lang)
    shown = plain_table(t("Unit"), t("Channel"), "n", t("Census, n"), t("Bias, index points (90% interval)"))
    for row in bias.to_dict("records"):
        shown.add_row(
            row["unit"], _channel(row, t), t.number(row["n"]), t.number(row["n_census"]), ranged(row, t, "bias")
        )
    return shown
