"""Is a policy worth its cost: the table of net benefits and the acceptability curve, in words of the ladder.

Net benefit is a difference in rupiah at a stated value of an hour of waiting; the curve
shows the chance that it is above nil for every other value. What has no value in it
(satisfaction) or no price (the end of a shortage) is said beside the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.schema import PRICE_YEAR
from kinerja_sim.present.figures import finish
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.saved import Manifest, policy_label, shown_scenarios
from kinerja_sim.present.style import (
    BAND,
    INK,
    NOTEBOOK,
    Size,
    in_house_style,
    line_of,
    new_figure,
    style_of,
    tidy,
    usual_policies,
)
from kinerja_sim.present.text import RUNGS
from kinerja_sim.study.economics import VALUES, acceptability, net_benefits, stated_value

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from kinerja_sim.present.text import Row

MARKERS_PER_LINE = 6


def worth_word(row: Row, lang: str) -> str:
    """Return whether a net benefit is above nil, in words that its Wilson bounds allow.

    Parameters
    ----------
    row : mapping
        One row of `study.economics.net_benefits`.
    lang : {'id', 'en'}

    Examples
    --------
    >>> worth_word({"low": -9e6, "high": 3e6, "net_benefit_idr_mean": -4e6, "probability_low": 0.02,
    ...             "probability_high": 0.12, "n_replications": 100}, "en")
    'very likely not worth its cost'
    """
    t = translator(lang)
    if row["n_replications"] >= 2 and row["low"] == 0 == row["high"]:
        return t("unchanged")
    code = "cannot_tell"
    for rung, hedge in RUNGS if row["n_replications"] >= 2 else ():
        if row["probability_low"] >= rung or 1 - row["probability_high"] >= rung:
            code = hedge + ("worth" if row["probability_low"] >= rung else "not_worth")
            break
    word = {
        "worth": t("worth its cost"),
        "very_likely_worth": t("very likely worth its cost"),
        "likely_worth": t("likely worth its cost"),
        "not_worth": t("not worth its cost"),
        "very_likely_not_worth": t("very likely not worth its cost"),
        "likely_not_worth": t("likely not worth its cost"),
        "cannot_tell": t("cannot tell"),
    }[code]
    is_skewed = code != "cannot_tell" and (row["net_benefit_idr_mean"] > 0) == code.endswith("not_worth")
    return t("{word} *", word=word) if is_skewed else word


def worth_table(results: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> list[tuple[str, ...]]:
    """Return heads and one line of finished cells for each policy shown, at the ledger's value of an hour.

    Parameters
    ----------
    results : DataFrame
        The results table.
    manifest : mapping
    region : str
    lang : {'id', 'en'}
    """
    t = translator(lang)
    heads = (
        t("Policy"),
        t("Extra cost, IDR million"),
        t("Hours of waiting saved"),
        t("Net benefit, IDR million"),
        t("Plausible range"),
        t("Chance that it pays"),
        t("In words"),
        t("Not valued: satisfaction, points"),
    )
    found = net_benefits(results[results["region"] == region], None, manifest["baseline"])
    rows = {row["scenario"]: row for _, row in found.iterrows()}
    return [heads, *(_cells(rows[s], s, manifest, region, t) for s in _ordered(manifest, region))]


def _cells(row: Row, scenario: str, manifest: Manifest, region: str, t: Translator) -> tuple[str, ...]:
    chance = "–"
    if not np.isnan(row["probability_positive"]):
        ends = {"low": t.number(100 * row["probability_low"]), "high": t.number(100 * row["probability_high"])}
        chance = t("{share} ({low}–{high})", share=t.percent(row["probability_positive"]), **ends)
    return (
        policy_label(manifest, region, scenario, t.lang),
        _millions(row["extra_cost_idr_mean"], t),
        t.signed(row["hours_saved_mean"]),
        _millions(row["net_benefit_idr_mean"], t),
        t("{low} … {high}", low=_millions(row["low"], t), high=_millions(row["high"], t)),
        chance,
        worth_word(row, t.lang),
        t.signed(row["satisfaction_points_mean"], 1),
    )


def worth_intro(manifest: Manifest, lang: str) -> str:
    """Return what the table of net benefits is over, and at which value of an hour."""
    t = translator(lang)
    return t(
        "Over {months} months and all service units here, in rupiah of {year}. An hour of waiting at the counter "
        "is stated at IDR {value}; the figure below shows other values.",
        months=t.number(manifest["months"]), year=str(PRICE_YEAR), value=t.number(stated_value()),
    )  # fmt: skip


def worth_notes(manifest: Manifest, region: str, lang: str, table: Sequence[tuple[str, ...]]) -> list[str]:
    """Return what has to be read beside the net benefits of `table`."""
    t = translator(lang)
    notes = [
        t("Only hours of waiting at the counter are valued; turnaround, errors, satisfaction and people who give up "
          "are not. A policy that makes haste saves hours too."),
        t("Nearly all prices are estimates. Hours of staff are counted in full, though salaries are paid in any case."),
    ]  # fmt: skip
    if any(cell.endswith(" *") for row in table for cell in row):
        notes.append(t("* The words hold in most pairs, while the mean points the other way: a skewed difference."))
    unpriced = [s for s in shown_scenarios(manifest, region) if _is_unpriced(manifest["policies"][s])]
    if unpriced:
        names = "; ".join(policy_label(manifest, region, s, lang) for s in unpriced)
        notes.insert(
            1,
            t(
                "Too cheap here, because a part of it has no price (supplies, guarantees, support): {names}.",
                names=names,
            ),
        )
    return notes


@in_house_style
def acceptability_figure(
    results: pd.DataFrame, manifest: Manifest, region: str, lang: str, *, size: Size = NOTEBOOK
) -> Figure:
    """Return the chance that each policy is worth its cost, over values of an hour of waiting.

    Parameters
    ----------
    results : DataFrame
        The results table.
    manifest : mapping
    region : str
    lang : {'id', 'en'}
    size : Size

    Returns
    -------
    Figure
        Lines with their 95 % Wilson bounds; the stated value and the ledger's range for it are marked.

    Raises
    ------
    InputError
        If nothing but the baseline and its copies was run in the region.
    """
    t = translator(lang)
    shown = _ordered(manifest, region)
    if not shown:
        raise InputError(f"`region` must have been run with a policy beside the baseline; got only that in '{region}'.")
    values = VALUES[VALUES > 0]
    curves = acceptability(results[results["region"] == region], values, manifest["baseline"])
    height = size.height or 34.0 * size.base
    figure = new_figure(size.width, height)
    ax = figure.subplots()
    prior = load_ledger()["value_of_waiting_hour_idr"]
    ax.axvspan(prior.low, prior.high, color=BAND, lw=0, zorder=0)
    ax.axvline(stated_value(), color=INK, lw=1.0, ls=":", zorder=1)
    for i, scenario in enumerate(shown):
        curve = curves[curves["scenario"] == scenario]
        colour, marker = style_of(manifest, region, scenario)
        first = i * len(values) // (MARKERS_PER_LINE * len(shown))  # staggered, so that lines that coincide all show
        ax.fill_between(
            values, 100 * curve["probability_low"], 100 * curve["probability_high"], color=colour, alpha=0.10, lw=0
        )
        ax.plot(
            values, 100 * curve["probability_positive"], color=colour, lw=1.8, marker=marker, ms=6, mec="white",
            ls=line_of(manifest, region, scenario), markevery=(first, len(values) // MARKERS_PER_LINE),
            label=policy_label(manifest, region, scenario, lang),
        )  # fmt: skip
    _axes(ax, values, t, size)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=size.base)
    note = t("Line: pairs with a net benefit above nil; band: 95% Wilson; dotted, grey: stated value and its range.")
    finish(figure, manifest, lang, size, height, note)
    return figure


def _axes(ax: Axes, values: np.ndarray, t: Translator, size: Size) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    ax.set_xscale("log")
    ax.set_xlim(values[0], values[-1])
    ax.set_ylim(-3, 103)
    tidy(ax, size)
    ax.tick_params(axis="y", labelsize=size.base, colors=INK)
    ax.xaxis.set_major_locator(LogLocator(base=10.0, subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: t.number(value / 1000)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: t.percent(value / 100)))
    ax.set_xlabel(
        t("Value of an hour of waiting, thousand rupiah of {year} (log scale)", year=str(PRICE_YEAR)),
        fontsize=size.base, color=INK,
    )  # fmt: skip
    ax.set_ylabel(t("Chance that it pays"), fontsize=size.base, color=INK)


def _ordered(manifest: Manifest, region: str) -> list[str]:
    """Return the policies shown: the region's own and the usual ones first, as in every figure."""
    run, usual = shown_scenarios(manifest, region), usual_policies(manifest, region)
    return [*(s for s in usual if s in run), *(s for s in run if s not in usual)]


def _is_unpriced(policy: Mapping[str, Any]) -> bool:
    """Return whether a part of a policy costs money that the ledger has no price for."""
    capacity, explaining = policy.get("capacity") or {}, policy.get("socialisation") or {}
    parts = [capacity.get("no_shortage"), capacity.get("no_offline_days"), explaining.get("guarantees")]
    return any([*parts, explaining.get("support")])


def _millions(rupiah: float, t: Translator) -> str:
    """Return a change in millions with its sign."""
    return t.signed(rupiah / 1e6, 0 if abs(rupiah) >= 99.5e6 else 1)
