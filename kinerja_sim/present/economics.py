"""Is a policy worth its cost: the table of net benefits and the acceptability curve, in words of the ladder.

Net benefit is a difference in rupiah at a stated value of an hour of waiting; the curve
shows the chance that it is above nil for every other value. What has no value in it
(satisfaction) or no price (the end of a shortage) is said beside the numbers.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.schema import PRICE_YEAR
from kinerja_sim.present.figures import finish
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.page import Page, Table
from kinerja_sim.present.saved import Manifest, ordered_scenarios, policy_label, shown_scenarios
from kinerja_sim.present.style import (
    BAND,
    INK,
    NOTEBOOK,
    Chart,
    Size,
    in_house_style,
    line_of,
    new_figure,
    style_of,
    tidy,
)
from kinerja_sim.present.tables import star_notes
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


def worth_page(results: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> Page:
    """Return one line of finished cells for each policy shown, at the ledger's value of an hour, and how to read it.

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
    table = Table(heads, [_cells(rows[s], s, manifest, region, t) for s in ordered_scenarios(manifest, region)])
    intro = t(
        "Over {months} and all service units here, in rupiah of {year}. An hour of waiting at the counter "
        "is stated at IDR {value}; the figure below shows other values.",
        months=t.months(manifest["months"]), year=str(PRICE_YEAR), value=t.number(stated_value()),
    )  # fmt: skip
    notes = [
        t("Only hours of waiting at the counter are valued; turnaround, errors, satisfaction and people who give up "
          "are not. A policy that makes haste saves hours too."),
        t("Nearly all prices are estimates. Hours of staff are counted in full, though salaries are paid in any case."),
        *star_notes([table], lang),
    ]  # fmt: skip
    unpriced = [s for s in shown_scenarios(manifest, region) if is_unpriced(manifest["policies"][s])]
    if unpriced:
        names = "; ".join(policy_label(manifest, region, s, lang) for s in unpriced)
        notes.insert(
            1,
            t(
                "Too cheap here, because a part of it has no price (supplies, guarantees, support): {names}.",
                names=names,
            ),
        )
    return Page([intro], [table], notes, t("Is it worth its cost?"))


def _cells(row: Row, scenario: str, manifest: Manifest, region: str, t: Translator) -> tuple[str, ...]:
    return (
        policy_label(manifest, region, scenario, t.lang),
        millions(row["extra_cost_idr_mean"], t),
        t.signed(row["hours_saved_mean"]),
        millions(row["net_benefit_idr_mean"], t),
        t("{low} … {high}", low=millions(row["low"], t), high=millions(row["high"], t)),
        t.share(*(row[f"probability_{k}"] for k in ("positive", "low", "high"))),
        worth_word(row, t.lang),
        t.signed(row["satisfaction_points_mean"], 1),
    )


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
    shown = ordered_scenarios(manifest, region)
    if not shown:
        raise InputError(f"`region` must have been run with a policy beside the baseline; got only that in '{region}'.")
    values = VALUES[VALUES > 0]
    table = acceptability(results[results["region"] == region], values, manifest["baseline"])
    curves = [
        Curve(policy_label(manifest, region, s, lang), table[table["scenario"] == s], *style_of(manifest, region, s),
              line_of(manifest, region, s))
        for s in shown
    ]  # fmt: skip
    figure, height = chance_figure(curves, stated_value(), lang, size)
    note = t("Line: pairs with a net benefit above nil; band: 95% Wilson; dotted, grey: stated value and its range.")
    finish(figure, manifest, lang, size, height, note)
    return figure


class Curve(NamedTuple):
    """One line of `chance_figure`: rows of value_idr and probability_positive with low and high, and its look."""

    label: str
    rows: pd.DataFrame
    colour: str
    marker: str
    line: Any


def chance_figure(curves: Sequence[Curve], value_idr: float, lang: str, size: Size) -> tuple[Chart, float]:
    """Return a figure of chances with their bounds over values of an hour, without its footer, and its height."""
    t, height = translator(lang), size.height or 34.0 * size.base
    figure = new_figure(size.width, height)
    ax = figure.subplots()
    prior = load_ledger()["value_of_waiting_hour_idr"]
    ax.axvspan(prior.low, prior.high, color=BAND, lw=0, zorder=0)
    ax.axvline(value_idr, color=INK, lw=1.0, ls=":", zorder=1)
    for i, curve in enumerate(curves):
        values, low, high, chance = (
            curve.rows[k].to_numpy(float)
            for k in ("value_idr", "probability_low", "probability_high", "probability_positive")
        )
        first = i * len(values) // (MARKERS_PER_LINE * len(curves))  # staggered, so that lines that coincide all show
        ax.fill_between(values, 100 * low, 100 * high, color=curve.colour, alpha=0.10, lw=0)
        ax.plot(
            values, 100 * chance, color=curve.colour, lw=1.8, marker=curve.marker, ms=6, mec="white", ls=curve.line,
            markevery=(first, max(1, len(values) // MARKERS_PER_LINE)), label=textwrap.fill(curve.label, size.wrap),
        )  # fmt: skip
    _axes(ax, t, size)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=size.base)
    return figure, height


def _axes(ax: Axes, t: Translator, size: Size) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    ax.set_xscale("log")
    ax.margins(x=0)
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


def is_unpriced(policy: Mapping[str, Any]) -> bool:
    """Return whether a part of a policy costs money that the ledger has no price for."""
    capacity, explaining = policy.get("capacity") or {}, policy.get("socialisation") or {}
    parts = [capacity.get("no_shortage"), capacity.get("no_offline_days"), explaining.get("guarantees")]
    return any([*parts, explaining.get("support")])


def millions(rupiah: float, t: Translator) -> str:
    """Return a change in millions with its sign."""
    return t.signed(rupiah / 1e6, 0 if abs(rupiah) >= 99.5e6 else 1)
