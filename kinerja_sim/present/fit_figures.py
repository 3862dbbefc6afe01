"""Figures of fits and forecasts: what was seen beside what the fit says, and forecasts with their intervals.

Reads tables only; half-hours that would show a single officer are not in them. Left out: residual plots by officer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kinerja_sim.present.figures import number_axis
from kinerja_sim.present.fit import metric_label
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.style import BAND, FAINT, INK, LINES, NOTEBOOK, Chart, in_house_style, look, new_figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

HEIGHT = 360.0
FULL_DAYS = 7
"""Most test days that one figure of half-hours shows."""


@in_house_style
def fit_figure(name: str, table: pd.DataFrame, source: str, lang: str) -> Chart:
    """Return the diagnostic figure of one fit.

    Parameters
    ----------
    name : str
        `<unit>.<kind>` as in `Calibration.figures`; kind is arrivals, service, patience or servers.
    table : DataFrame
    source : str
        Where the data come from, for the footer.
    lang : 'id' or 'en'
    """
    t = translator(lang)
    unit, _, kind = name.rpartition(".")
    figure = new_figure(NOTEBOOK.width, HEIGHT)
    ax = figure.subplots()
    draw = {"arrivals": _arrivals, "service": _service, "patience": _patience, "servers": _servers}[kind]
    n = draw(ax, table, t)
    if ax.get_yscale() == "linear":
        number_axis(ax.yaxis, t, is_signed=False)
    ax.set_title(unit, fontsize=NOTEBOOK.base, loc="left", color=INK, fontweight="bold")
    ax.legend(frameon=False, fontsize=NOTEBOOK.small)
    return _finish(figure, t("{n} · {source}", n=n, source=source))


def _arrivals(ax: Axes, table: pd.DataFrame, t: Translator) -> str:
    hour = table["half_hour"].to_numpy(float) / 2
    ax.fill_between(hour, table["low"], table["high"], color=BAND, step="post", label=t("central 90% of days"))
    _line(ax, hour, table["mean"], 0, t("mean of days"), drawstyle="steps-post")
    _line(ax, hour, table["fitted"], 1, t("fitted"), drawstyle="steps-post")
    _hours(ax, t)
    ax.set_ylabel(t("arrivals in a half-hour"))
    days = int(table["n_days"].iloc[0])
    return t.plural("{n} day", "{n} days", days)


def _service(ax: Axes, table: pd.DataFrame, t: Translator) -> str:
    from scipy.special import ndtri

    log = np.log(table["minutes"].to_numpy(float))
    z = ndtri(table["probability"].to_numpy(float))
    slope, level = np.polyfit(z, log, 1)
    ax.plot(
        np.exp(level + slope * z), np.exp(log), look(0)[1], color=look(0)[0], ms=4, label=t("percentiles of the log")
    )
    _line(ax, np.exp(level + slope * z), np.exp(level + slope * z), 1, t("a lognormal would lie here"))
    ax.set(xscale="log", yscale="log")
    ax.set_xlabel(t("lognormal service time, minutes"))
    ax.set_ylabel(t("service time, minutes"))
    return t("percentiles 1 to 99")


def _patience(ax: Axes, table: pd.DataFrame, t: Translator) -> str:
    at = table["minutes"].to_numpy(float)
    ax.fill_between(at, table["low"], table["high"], color=BAND, step="post", label=t("90% interval"))
    _line(ax, at, table["staying"], 0, t("still waiting (Kaplan-Meier)"), drawstyle="steps-post")
    _line(ax, at, table["weibull"], 1, t("Weibull"))
    ax.set(ylim=(0, 1))
    ax.set_xlabel(t("minutes waited"))
    ax.set_ylabel(t("share who would still wait"))
    number_axis(ax.xaxis, t, is_signed=False)
    left, n = t.number(int(table["n_left"].iloc[0])), t.number(int(table["n"].iloc[0]))
    return t("{left} of {n} who waited left", left=left, n=n)


def _servers(ax: Axes, table: pd.DataFrame, t: Translator) -> str:
    hour = table["half_hour"].to_numpy(float) / 2
    _line(ax, hour, table["heads"], 0, t("officers seen"), drawstyle="steps-post")
    _line(ax, hour, table["effective"], 1, t("officers who really serve"), drawstyle="steps-post")
    ax.set(ylim=(0, None))
    _hours(ax, t)
    ax.set_ylabel(t("officers"))
    return t("half-hours with two officers or more")


@in_house_style
def forecast_figure(forecasts: pd.DataFrame, metric: str, source: str, lang: str) -> Chart:
    """Return simulated forecasts with 90 % intervals and what came, by half-hour, one panel a day.

    Parameters
    ----------
    forecasts : DataFrame
        Of one unit, as in `backtest.Backtest`.
    metric : str
    source : str
    lang : 'id' or 'en'
    """
    t = translator(lang)
    part = forecasts[(forecasts["grain"] == "half_hour") & (forecasts["metric"] == metric)]
    days = sorted(set(part["day"]))[:FULL_DAYS]
    figure = new_figure(NOTEBOOK.width, 70 + 110 * len(days))
    axes = figure.subplots(len(days), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for ax, day in zip(axes, days, strict=True):
        own = part[(part["day"] == day) & (part["forecaster"] == "simulation")].sort_values("half_hour")
        last = part[(part["day"] == day) & (part["forecaster"] == "naive")].sort_values("half_hour")
        hour = own["half_hour"].to_numpy(float) / 2
        ax.fill_between(
            hour, own["low"], own["high"], color=BAND, step="post", label=t("90% interval of the simulation")
        )
        _line(ax, hour, own["point"], 0, t("simulation"), drawstyle="steps-post")
        _line(
            ax, last["half_hour"].to_numpy(float) / 2, last["point"], 1, t("last time (naive)"), drawstyle="steps-post"
        )
        ax.plot(hour + 0.25, own["actual"], look(2)[1], color=INK, ms=4, ls="none", label=t("what came"))
        ax.set_title(f"{day:%Y-%m-%d}", fontsize=NOTEBOOK.small, loc="left", color=INK)
    axes[0].legend(frameon=False, fontsize=NOTEBOOK.small, ncols=4, loc="lower left", bbox_to_anchor=(0.15, 1.0))
    _hours(axes[-1], t)
    number_axis(axes[-1].yaxis, t, 4, is_signed=False)
    figure.supylabel(metric_label(metric, t), fontsize=NOTEBOOK.base)
    return _finish(
        figure,
        t(
            "{n} · {source}",
            n=t.plural("{n} half-hour", "{n} half-hours", len(part[part["forecaster"] == "simulation"])),
            source=source,
        ),
    )


@in_house_style
def turnaround_figure(quantiles: pd.DataFrame, clock: str, source: str, lang: str) -> Chart:
    """Return forecast against actual quantiles of turnaround on log axes.

    Parameters
    ----------
    quantiles : DataFrame
        Of one unit, as in `turnaround.TurnaroundTest`.
    clock : 'turnaround_hours' or 'working_hours'
    source : str
    lang : 'id' or 'en'
    """
    t = translator(lang)
    part = quantiles[(quantiles["clock"] == clock) & quantiles["actual"].notna()]
    smallest = 1.0 / 60.0
    figure = new_figure(NOTEBOOK.width * 0.62, 460)
    ax = figure.subplots()
    for i, (column, label) in enumerate(
        (("recent", t("recent cases count more")), ("naive", t("all past cases (naive)")))
    ):
        colour, marker = look(i)
        x, y = part[column].to_numpy(float) + smallest, part["actual"].to_numpy(float) + smallest
        ax.plot(x, y, marker, color=colour, ms=5, ls="none", label=label)
    ends = [smallest, float(np.nanmax(part[["recent", "naive", "actual"]].to_numpy()))]
    ax.plot(ends, ends, color=FAINT, lw=1.0)
    ax.set(xscale="log", yscale="log")
    hours = {"turnaround_hours": t("calendar hours"), "working_hours": t("working hours")}[clock]
    ax.set_xlabel(t("forecast quantile, {hours}", hours=hours))
    ax.set_ylabel(t("quantile that came, {hours}", hours=hours))
    ax.legend(frameon=False, fontsize=NOTEBOOK.small)
    return _finish(figure, t("one minute added to each · {source}", source=source))


def _hours(ax: Axes, t: Translator) -> None:
    """Give the lower axis whole hours, every other one."""
    from matplotlib.ticker import MultipleLocator, StrMethodFormatter

    ax.xaxis.set_major_locator(MultipleLocator(2))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    ax.set_xlabel(t("hour of the day"))


def _line(ax: Axes, x: Any, y: Any, place: int, label: str, **options: Any) -> None:
    ax.plot(x, y, color=look(place)[0], ls=LINES[place], lw=1.8, label=label, **options)


def _finish(figure: Chart, footer: str) -> Chart:
    """Lay the figure out and write where its numbers come from."""
    height = figure.get_figheight() * 72
    figure.text(0.006, 6 / height, footer, fontsize=NOTEBOOK.small, color=FAINT, va="bottom", ha="left")
    bottom = (1.6 * NOTEBOOK.small + 6) / height
    figure.set_layout_engine("constrained", rect=(0.004, bottom, 0.992, 0.995 - bottom))
    return figure
