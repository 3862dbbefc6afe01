"""When does a policy show, and when does it pay? Effects month by month, net benefit month after month.

A month's effect is a paired contrast like any other, so it has the ladder's words. Most
open to dispute: 'from month X on' asks that every later month of the run reaches the rung
'likely' as well; a policy that fades later is not called late, but unsure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from kinerja_sim.present.economics import worth_word
from kinerja_sim.present.figures import axis_label, finish, matters_band, number_axis
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.saved import Manifest, policy_label, shown_scenarios, unit_title
from kinerja_sim.present.style import FAINT, INK, NOTEBOOK, in_house_style, new_figure, style_of, tidy
from kinerja_sim.present.text import RUNGS, display_scale, metric_of, verdict
from kinerja_sim.study.contrasts import contrast
from kinerja_sim.study.economics import net_benefits, stated_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LIKELY = min(rung for rung, _ in RUNGS)
BETTER, WORSE = ("falls", "rises"), ("worsens",)


def monthly_contrasts(here: pd.DataFrame, reference: str, unit: str, metric: str) -> pd.DataFrame:
    """Return the paired contrasts of every month since the start.

    Parameters
    ----------
    here : DataFrame
        Results of one region.
    reference, unit, metric : str

    Returns
    -------
    DataFrame
        Columns of the contrasts table and `period`, 0 being the first month of the policy.
    """
    rows = here[(here["unit"] == unit) & (here["period"] >= 0)]
    # A month stands in the place of a service unit: each is contrasted by itself.
    rows = rows.assign(unit=rows["period"].map("{:04d}".format))
    rows = rows.sort_values(["scenario", "region", "unit", "draw", "replication"], kind="stable", ignore_index=True)
    made = contrast(rows, reference, pooled={"after": rows})
    made = made[made["metric"] == metric]
    return made.assign(period=made["unit"].astype(int), unit=unit).sort_values(["scenario", "period"])


def holds_from(codes: Sequence[bool]) -> int | None:
    """Return the first place from which all that follows holds, or None.

    Examples
    --------
    >>> holds_from([False, True, False, True, True]), holds_from([True, False]), holds_from([])
    (3, None, None)
    """
    kept = 0
    for code in reversed(codes):
        if not code:
            break
        kept += 1
    return len(codes) - kept if kept else None


def path_sentences(monthly: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> list[str]:
    """Return for every policy from which month on its effect can be told, in every month that follows."""
    t, said = translator(lang), []
    for scenario in shown_scenarios(manifest, region):
        rows = monthly[monthly["scenario"] == scenario]
        codes = [verdict(row) for _, row in rows.iterrows()]
        better, worse = (holds_from([code.endswith(end) for code in codes]) for end in (BETTER, WORSE))
        values = {"policy": policy_label(manifest, region, scenario, lang), "months": t.number(len(codes))}
        if len(codes) and all(code == "unchanged" for code in codes):
            said.append(t("{policy}: unchanged in all {months} months", **values))
        elif better is not None:
            said.append(t("{policy}: at least likely better in every month from month {month} of {months} on",
                          month=t.number(better + 1), **values))  # fmt: skip
        elif worse is not None:
            said.append(t("{policy}: at least likely worse in every month from month {month} of {months} on",
                          month=t.number(worse + 1), **values))  # fmt: skip
        else:
            said.append(t("{policy}: there is no month of {months} from which on the effect can be told", **values))
    return said


@in_house_style
def path_figure(monthly: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> Figure:
    """Return the effect of every policy month by month, one panel per policy, on one axis.

    Parameters
    ----------
    monthly : DataFrame
        From `monthly_contrasts`.
    manifest : mapping
    region : str
    lang : {'id', 'en'}

    Returns
    -------
    Figure
        Line: mean; dark band: precision of the mean; light band: plausible range; grey: too small to matter.
    """
    t, size = translator(lang), NOTEBOOK
    metric = metric_of(monthly["metric"].iloc[0])
    scale = display_scale(metric)
    figure, axes, height = _panels(len(shown_scenarios(manifest, region)))
    for ax, scenario in zip(axes, shown_scenarios(manifest, region), strict=True):
        rows = monthly[monthly["scenario"] == scenario]
        colour, _ = style_of(manifest, region, scenario)
        month = rows["period"] + 1
        matters_band(ax, metric, across=False)
        ax.fill_between(month, scale * rows["low"], scale * rows["high"], color=colour, alpha=0.16, lw=0)
        ax.fill_between(month, scale * rows["ci_low"], scale * rows["ci_high"], color=colour, alpha=0.45, lw=0)
        ax.plot(month, scale * rows["delta_mean"], color=colour, lw=1.6)
        _finish_panel(ax, policy_label(manifest, region, scenario, lang), t("Month of the policy"))
        number_axis(ax.yaxis, t, ticks=5)
    unit = unit_title(manifest, region, str(monthly["unit"].iloc[0]), lang)
    what = t("{unit} · {what}", unit=unit, what=axis_label(metric, t, upright=True))
    figure.suptitle(what, fontsize=size.base + 1, x=0.008, ha="left", color=INK)
    note = t("Line: mean; dark band: Monte Carlo precision; light band: plausible range; grey: too small to matter.")
    finish(figure, manifest, lang, size, height, note)
    return figure


def payback(here: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Return net benefits counted from the start up to every month, at the stated value of an hour of waiting.

    Parameters
    ----------
    here : DataFrame
        Results of one region.
    reference : str

    Returns
    -------
    DataFrame
        Rows of `study.economics.net_benefits` with `month`, 1 being the first.
    """
    months = sorted(p for p in here["period"].unique() if p >= 0)
    tables = [net_benefits(here[here["period"] <= p], None, reference).assign(month=p + 1) for p in months]
    return pd.concat(tables, ignore_index=True)


def payback_sentences(table: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> list[str]:
    """Return for every policy from which month on it likely has paid for itself, and the verdict at the end."""
    t, said = translator(lang), []
    for scenario in shown_scenarios(manifest, region):
        rows = table[table["scenario"] == scenario]
        month = holds_from((rows["probability_low"] >= LIKELY).tolist())
        last = rows.iloc[-1]
        values = {"policy": policy_label(manifest, region, scenario, lang), "word": worth_word(last, lang),
                  "months": t.number(int(last["month"]))}  # fmt: skip
        if month is None or not last["net_benefit_idr_mean"] > 0:
            said.append(t("{policy}: {word} after {months} months", **values))
        else:
            said.append(t("{policy}: {word} after {months} months; likely paid back from month {month} on",
                          month=t.number(month + 1), **values))  # fmt: skip
    return said


@in_house_style
def payback_figure(table: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> Figure:
    """Return what every policy has brought in since its start, month after month, in million rupiah.

    Parameters
    ----------
    table : DataFrame
        From `payback`.
    manifest : mapping
    region : str
    lang : {'id', 'en'}
    """
    t, size = translator(lang), NOTEBOOK
    figure, axes, height = _panels(len(shown_scenarios(manifest, region)))
    for ax, scenario in zip(axes, shown_scenarios(manifest, region), strict=True):
        rows = table[table["scenario"] == scenario]
        colour, _ = style_of(manifest, region, scenario)
        low, high, mean = (rows[c] / 1e6 for c in ("low", "high", "net_benefit_idr_mean"))
        ax.fill_between(rows["month"], low, high, color=colour, alpha=0.16, lw=0)
        ax.fill_between(rows["month"], rows["ci_low"] / 1e6, rows["ci_high"] / 1e6, color=colour, alpha=0.45, lw=0)
        ax.plot(rows["month"], mean, color=colour, lw=1.6)
        _finish_panel(ax, policy_label(manifest, region, scenario, lang), t("Month of the policy"))
        number_axis(ax.yaxis, t, ticks=5)
    title = t("Net benefit since the start, million rupiah, an hour of waiting at IDR {value}",
              value=t.number(stated_value()))  # fmt: skip
    figure.suptitle(title, fontsize=size.base + 1, x=0.008, ha="left", color=INK)
    note = t("Line: mean; dark band: Monte Carlo precision; light band: plausible range; above 0: it has paid.")
    finish(figure, manifest, lang, size, height, note)
    return figure


def _panels(n: int) -> tuple[Figure, Sequence[Axes], float]:
    """Return a figure with `n` panels that share their axes, two side by side, and its height in points."""
    columns = min(2, n)
    lines = -(-n // columns)
    height = 165.0 * lines + 75
    figure = new_figure(NOTEBOOK.width, height)
    axes = np.asarray(figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)).ravel()
    for ax in axes[n:]:
        ax.set_axis_off()
    return figure, list(axes[:n]), height


def _finish_panel(ax: Axes, title: str, axis: str) -> None:
    ax.axhline(0, color=INK, lw=0.8)
    ax.set_title(title, fontsize=NOTEBOOK.base, loc="left", fontweight="bold")
    tidy(ax, NOTEBOOK)
    ax.tick_params(axis="both", labelsize=NOTEBOOK.base, labelbottom=True, labelleft=True)
    ax.set_xlabel(axis, fontsize=NOTEBOOK.base, color=FAINT)
    ax.set_xlim(left=1)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
