"""The one ladder of words: what a contrast may be called, and the sentence that says it.

A sentence never claims more than its interval allows: the first rung that fits decides.
`L` is the lower 95 % Wilson bound of the
probability of improvement over the draws, so a handful of draws cannot sound certain.
Most open to dispute: the rungs .95, .85 and .60 themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from kinerja_sim.present.changes import (
    amount_text,
    change_unit,
    display_scale,
    is_nan,
    is_slight,
    is_small,
    is_unsteady,
    median_text,
    metric_of,
    range_text,
    shown_places,
    signed_text,
)  # fmt: skip
from kinerja_sim.present.i18n import Translator, translator

if TYPE_CHECKING:
    import pandas as pd

    Row: TypeAlias = Mapping[str, Any] | pd.Series[Any]

Reason = Literal["", "one_replication", "not_observed", "no_range", "both_directions"]
RUNGS = ((0.95, ""), (0.85, "very_likely_"), (0.60, "likely_"))
MOVES = ("falls", "rises", "worsens")
CODES = (
    "unchanged", "practically_unchanged", "cannot_tell", *(f"{hedge}{move}" for _, hedge in RUNGS for move in MOVES),
)  # fmt: skip


def verdict(row: Row) -> str:
    """Return the code of the first rung of the ladder that `row` reaches.

    Parameters
    ----------
    row : mapping
        One row of the contrasts table (a Series will do).

    Returns
    -------
    str
        One of `CODES`. "falls" and "rises" name an improvement by the direction in which it
        goes, "worsens" its mirror image. A metric that is better in neither direction only
        ever falls or rises.

    Examples
    --------
    >>> verdict({"metric": "wait_minutes_p90", "delta_mean": -6.0, "low": -14.0, "high": 3.0, "all_equal": False,
    ...          "probability_low": 0.71, "probability_high": 0.88, "n_draws": 100, "n_replications": 100})
    'likely_falls'
    """
    metric = metric_of(row["metric"])
    if is_nan(row["delta_mean"]):
        return "cannot_tell"
    if bool(row["all_equal"]):
        return "unchanged"
    if row["n_replications"] < 2 or is_nan(row["low"]) or is_nan(row["high"]):
        return "cannot_tell"
    if is_slight(row):
        return "practically_unchanged"
    if metric.better == "neither":
        return _climb(*_bounds_of_rise(row), "rises", "falls")
    better_move = "falls" if metric.better == "lower" else "rises"
    return _climb(row["probability_low"], row["probability_high"], better_move, "worsens")


def reason(row: Row) -> Reason:
    """Return why nothing can be told from `row`; empty when something can."""
    if verdict(row) != "cannot_tell":
        return ""
    if is_nan(row["delta_mean"]):
        return "not_observed"
    if row["n_replications"] < 2:
        return "one_replication"
    return "no_range" if is_nan(row["low"]) or is_nan(row["high"]) else "both_directions"


def _climb(lower: float, upper: float, up: str, down: str) -> str:
    """Return the highest rung for a probability of `up` within [`lower`, `upper`]."""
    for rung, hedge in RUNGS:
        if lower >= rung:
            return hedge + up
        if 1 - upper >= rung:
            return hedge + down
    return "cannot_tell"


def _bounds_of_rise(row: Row) -> tuple[float, float]:
    """Return Wilson bounds of P(rise) where the table has no probability, from what `low` and `high` imply.

    When the 2.5 % quantile of n differences is above 0, interpolation between neighbours leaves
    room for at most floor(.025 (n - 1)) + 1 differences that are not; `high` below 0 mirrors
    it. A range that spans 0 says nothing here.
    """
    if row["low"] <= 0 <= row["high"]:
        return 0.0, 1.0
    from kinerja_sim.study.statistics import share_interval

    n = int(row["n_replications"])
    share = max(0.0, 1 - (math.floor(0.025 * (n - 1)) + 1) / n)
    n_units = int(row["n_draws"]) if row["n_draws"] > 1 else n  # one draw only: chance alone varies
    bound = float(share_interval(np.array(share), n_units).low)
    return (bound, 1.0) if row["low"] > 0 else (0.0, 1 - bound)


def verdict_word(code: str, lang: str) -> str:
    """Return the words of a rung, as tables show them.

    Examples
    --------
    >>> verdict_word("very_likely_worsens", "id"), verdict_word("falls", "en")
    ('sangat mungkin memburuk', 'falls')
    """
    t = translator(lang)
    return {
        "unchanged": t("unchanged"),
        "practically_unchanged": t("practically no change"),
        "falls": t("falls"),
        "rises": t("rises"),
        "worsens": t("gets worse"),
        "very_likely_falls": t("very likely falls"),
        "very_likely_rises": t("very likely rises"),
        "very_likely_worsens": t("very likely gets worse"),
        "likely_falls": t("likely falls"),
        "likely_rises": t("likely rises"),
        "likely_worsens": t("likely gets worse"),
        "cannot_tell": t("cannot tell"),
    }[code]


def comparison_word(code: str, lang: str) -> str:
    """Return the words of a rung where a policy is compared with another one instead of with today.

    Examples
    --------
    >>> comparison_word("likely_falls", "en"), comparison_word("very_likely_worsens", "id")
    ('likely better', 'sangat mungkin lebih buruk')
    """
    t = translator(lang)
    strength, move = code.rpartition("_")[0], code.rpartition("_")[2]
    if move in ("falls", "rises"):
        return {"": t("better"), "very_likely": t("very likely better"), "likely": t("likely better")}[strength]
    if move == "worsens":
        return {"": t("worse"), "very_likely": t("very likely worse"), "likely": t("likely worse")}[strength]
    return {
        "unchanged": t("equal"),
        "practically_unchanged": t("practically equal"),
        "cannot_tell": t("cannot tell"),
    }[code]


def sentence(row: Row, lang: str, *, unit_title: str, scenario_title: str | None = None, show_n: bool = True) -> str:
    """Return `row` as one sentence: the claim, its number, its range, n and the unit of measure.

    Parameters
    ----------
    row : mapping
        One row of the contrasts table.
    lang : {'id', 'en'}
    unit_title : str
        Title of the service unit in `lang`.
    scenario_title : str, optional
        Title of the policy; when given, it opens the sentence.
    show_n : bool
        False leaves n out, for a slide's title whose figure says it.

    Examples
    --------
    >>> row = {"metric": "wait_minutes_p90", "delta_mean": -6.0, "low": -14.0, "high": 3.0, "all_equal": False,
    ...        "probability_low": 0.71, "probability_high": 0.88, "n_draws": 100, "n_replications": 100}
    >>> sentence(row, "id", unit_title="loket KTP")
    'Waktu tunggu P90 di loket KTP mungkin menurun 6 menit (−14 sampai +3; n = 100)'
    """
    t = translator(lang)
    text = _claim(row, t, unit_title, show_n)
    return text if scenario_title is None else t("{scenario}: {claim}", scenario=scenario_title, claim=text)


def _claim(row: Row, t: Translator, unit_title: str, show_n: bool) -> str:
    """Return the claim without the policy's name; where it moves by less than what matters, it says so."""
    claim = _moved(row, t, unit_title, show_n)
    if _moves_little(row):
        return t("{claim}, less than the smallest change that matters", claim=claim)
    return claim


def _moved(row: Row, t: Translator, unit_title: str, show_n: bool) -> str:
    """Return what the row's rung says of it, with its number and range."""
    metric, code = metric_of(row["metric"]), verdict(row)
    amount, places = abs(row["delta_mean"] * display_scale(metric)), shown_places(row, row["delta_mean"])
    values: dict[str, object] = {
        "metric": metric.label.in_(t.lang),
        "unit": unit_title,
        "amount": amount_text(t, amount, places),
        "change": signed_text(row, row["delta_mean"], t),
        "measure": change_unit(metric, t.lang),
        "range": evidence_text(row, t.lang) if show_n else range_text(row, t.lang),
        "n": t.number(row["n_replications"]),
        "verdict": verdict_word(code, t.lang),
    }
    if is_unsteady(row):
        values |= {"median": median_text(row, t), "unstable": t.number(row["n_unstable"])}
        return t(
            "{metric} at {unit}: {verdict}, median {median} {measure} ({range}); mean {change}, "
            "for in {unstable} of {draws} simulations the queue keeps growing",
            draws=t.number(row["n_draws"]), **values)  # fmt: skip
    if code == "cannot_tell":
        return _cannot_tell(row, t, values)
    if code == "unchanged":
        if row["n_replications"] < 2:
            return t(
                "{metric} at {unit} is unchanged in the only pair (n = {n}; one replication gives no range)", **values
            )
        return t("{metric} at {unit} is unchanged: all {n} pairs are exactly equal", **values)
    if mean_disagrees(row):
        return t("{metric} at {unit}: {verdict} in most pairs, mean {change} {measure} ({range})", **values)
    return {
        "practically_unchanged": t(
            "{metric} at {unit} shows practically no change, {change} {measure} ({range})", **values),
        "falls": t("{metric} at {unit} falls by {amount} {measure} ({range})", **values),
        "rises": t("{metric} at {unit} rises by {amount} {measure} ({range})", **values),
        "worsens": t("{metric} at {unit} gets worse by {amount} {measure} ({range})", **values),
        "very_likely_falls": t("{metric} at {unit} very likely falls by {amount} {measure} ({range})", **values),
        "very_likely_rises": t("{metric} at {unit} very likely rises by {amount} {measure} ({range})", **values),
        "very_likely_worsens": t(
            "{metric} at {unit} very likely gets worse by {amount} {measure} ({range})", **values),
        "likely_falls": t("{metric} at {unit} likely falls by {amount} {measure} ({range})", **values),
        "likely_rises": t("{metric} at {unit} likely rises by {amount} {measure} ({range})", **values),
        "likely_worsens": t("{metric} at {unit} likely gets worse by {amount} {measure} ({range})", **values),
    }[code]  # fmt: skip


def _cannot_tell(row: Row, t: Translator, values: dict[str, object]) -> str:
    """Return the sentence that says nothing can be told, and why."""
    return {
        "not_observed": t("{metric} at {unit}: cannot tell, it was not observed (n = {n})", **values),
        "one_replication": t(
            "{metric} at {unit}: cannot tell from one replication, {change} {measure} (n = {n})", **values),
        "no_range": t("{metric} at {unit}: cannot tell, the range is missing ({change} {measure}; n = {n})", **values),
        "both_directions": t(
            "{metric} at {unit}: cannot tell, {change} {measure} ({range})", **values),
    }[reason(row)]  # fmt: skip


def evidence_text(row: Row, lang: str) -> str:
    """Return what stands in a claim's brackets: the range, n, and pairs in which nothing could be compared."""
    t = translator(lang)
    values: dict[str, object] = {"range": range_text(row, lang), "n": t.number(row["n_replications"])}
    undefined = int(row.get("n_undefined", 0) or 0)
    if undefined:
        return t("{range}; n = {n}, {undefined} of them undefined", undefined=t.number(undefined), **values)
    return t("{range}; n = {n}", **values)


def mean_disagrees(row: Row) -> bool:
    """Return whether the shown mean is zero or points the other way than the words (a skewed difference)."""
    metric, code = metric_of(row["metric"]), verdict(row)
    if not code.endswith(MOVES):
        return False
    mean = round(row["delta_mean"] * display_scale(metric), shown_places(row, row["delta_mean"]))
    upward = code.endswith("rises") or (code.endswith("worsens") and metric.better == "lower")
    return bool(mean <= 0 if upward else mean >= 0)


def shown_word(row: Row, lang: str) -> str:
    """Return the words of `row`'s rung as tables and charts show them: starred where the mean disagrees.

    Examples
    --------
    >>> shown_word({"metric": "satisfaction_index", "delta_mean": 0.7, "low": 0.09, "high": 2.1, "all_equal": False,
    ...             "probability_low": 0.96, "probability_high": 1.0, "n_draws": 100, "n_replications": 100}, "en")
    'rises (slightly)'
    """
    t, word = translator(lang), _sized_word(row, lang)
    return t("{word} *", word=word) if mean_disagrees(row) else word


def _sized_word(row: Row, lang: str) -> str:
    """Return the words of a rung, marked where they name a move of less than the smallest change that matters."""
    t, word = translator(lang), verdict_word(verdict(row), lang)
    return t("{word} (slightly)", word=word) if _moves_little(row) else word


def _moves_little(row: Row) -> bool:
    return verdict(row).endswith(MOVES) and is_small(row) and not mean_disagrees(row)


def shown_comparison(row: Row, lang: str) -> str:
    """Return `comparison_word` of `row`'s rung as tables and charts show it, with the marks of `mark_notes`."""
    t, word = translator(lang), comparison_word(verdict(row), lang)
    word = t("{word} (median)", word=word) if is_unsteady(row) else word
    return t("{word} *", word=word) if mean_disagrees(row) else word


def mark_word(row: Row, lang: str) -> str:
    """Return the words beside a mark of a figure, which stands at the median where draws that cannot cope carry a mean.

    Examples
    --------
    >>> mark_word({"metric": "backlog_cases", "delta_mean": -19.0, "median": -12.0, "low": -30.0, "high": -1.0,
    ...            "all_equal": False, "probability_low": 0.96, "probability_high": 1.0, "n_draws": 100,
    ...            "n_replications": 100, "n_unstable": 8}, "en")
    'falls (median)'
    """
    t = translator(lang)
    return t("{word} (median)", word=_sized_word(row, lang)) if is_unsteady(row) else shown_word(row, lang)


def star_note(lang: str) -> str:
    """Return what the star behind words means."""
    t = translator(lang)
    return t("* The words hold in most pairs, while the mean points the other way: a skewed difference.")


def median_note(lang: str) -> str:
    """Return why a median stands where a mean would: the mean of a queue without end depends on the run's length."""
    t = translator(lang)
    return t("Median: in some simulations the queue keeps growing, under this policy or the one it is compared with; "
             "a mean depends on how long was simulated.")  # fmt: skip


def mark_notes(words: Iterable[str], lang: str) -> list[str]:
    """Return what the star and '(median)' in words or cells mean, where any of them has one.

    Examples
    --------
    >>> mark_notes(["falls"], "en"), mark_notes(["falls *"], "en") == [star_note("en")]
    ([], True)
    """
    shown = list(words)
    notes = {star_note(lang): any(word.endswith("*") for word in shown),
             median_note(lang): any("(median" in word for word in shown)}  # fmt: skip
    return [note for note, is_needed in notes.items() if is_needed]
