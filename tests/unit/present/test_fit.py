"""Words, tables and figures of fits: numbers with their ranges, in both languages, and nothing of one officer."""

import io

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from kinerja_sim.field.regionfile import Estimates
from kinerja_sim.field.scores import Interval
from kinerja_sim.present.fit import decimals, estimates_table, loops_table, note_lines, scores_table, turnaround_table
from kinerja_sim.present.fit_figures import fit_figure, forecast_figure, turnaround_figure
from kinerja_sim.present.survey import officer_lines


def printed(*things):
    """Return what a terminal would show."""
    console = Console(file=io.StringIO(), width=200)
    for thing in things:
        console.print(thing)
    return console.file.getvalue()


def estimate(**changes):
    """Return one row of estimates."""
    row = {
        "unit": "ktp", "quantity": "service_minutes", "value": 12.345, "low": 11.0, "high": 14.0, "measure": "minutes",
        "n": 1234, "method": "mean, jackknife t over officers", "goes_to": "region",
    }  # fmt: skip
    return pd.DataFrame([row | changes])


def test_an_estimate_shows_range_n_and_where_it_goes():
    """Three digits with their interval, in the reader's numbers."""
    english, indonesian = (printed(estimates_table(estimate(), lang)) for lang in ("en", "id"))

    assert "12.3 (11.0 to 14.0)" in english
    assert "1,234" in english
    assert "12,3 (11,0 sampai 14,0)" in indonesian
    assert "berkas wilayah" in indonesian


def test_an_estimate_without_an_interval_shows_none():
    """No range is made up."""
    assert (
        "(" not in printed(estimates_table(estimate(low=np.nan, high=np.nan, measure="hours"), "en")).split("12.3")[1]
    )


def test_a_spread_that_chance_explains_is_no_number():
    """An empty Q-profile set reads in words, for estimates and for a survey's officers; 0 to 2 does not."""
    estimates = Estimates()
    estimates.add("ktp", "officer_log_sd", Interval(0.0, 0.0, 0.0), 9, "moments within days, days resampled", "report",
                  "log")  # fmt: skip
    table = pd.DataFrame(estimates.rows)
    nil = {"n_officers": 8, "n_answers": 90, "sd": {"value": 0.4, "low": 0.0, "high": 0.0}, "reliability": 0.0,
           "can_rank": False, "answers_needed": np.inf}  # fmt: skip
    wide = nil | {"sd": {"value": 0.0, "low": 0.0, "high": 2.0}}

    assert np.isnan(table.loc[0, ["low", "high"]].to_numpy(float)).all()
    for lang, words in (("en", "not told apart"), ("id", "tidak dapat dibedakan")):
        assert words in printed(estimates_table(table, lang))
        assert words in officer_lines({"ktp": nil}, 5, lang)[0]
        assert words not in officer_lines({"ktp": wide}, 5, lang)[0]


def test_kinds_and_channels_are_named_after_their_prefix():
    """A kind of service and a channel appear by their own names."""
    table = pd.concat([estimate(quantity="service_minutes_nw"), estimate(quantity="channel_bias_app")])
    text = printed(estimates_table(table, "id"))

    assert "jenis nw" in text
    assert "bias kanal app" in text


def test_what_was_kept_is_listed():
    """The reader hears what the data could not tell."""
    lines = note_lines([("patience_prior", "ktp", 7.0)], ["population"], "arcamanik", "en")

    assert lines[0] == "ktp: 7 people left; patience stays with its prior."
    assert lines[1].endswith("population.")


@pytest.mark.parametrize("code", ["too_few", "weekend", "bursts", "outside_hours", "patience_prior", "censored"])
def test_one_case_is_no_plural(code):
    """What the data could not tell is told of one case in the singular, of two in the plural."""
    one, two = (note_lines([(code, "ktp", n)], [], "arcamanik", "en")[0] for n in (1.0, 2.0))
    assert one.startswith("ktp: 1 ")
    assert one.replace("1", "2") != two
    assert not one.split()[2].endswith("s")


def test_a_tiny_spread_of_answers_ranks_nobody():
    """Without a spread nobody can be ranked, whatever was asked."""
    spread = {
        "n_officers": 8, "n_answers": 90, "sd": {"value": 0.0, "low": 0.0, "high": 2.0}, "reliability": 0.0,
        "can_rank": False, "answers_needed": np.inf,
    }  # fmt: skip
    lines = officer_lines({"ktp": spread, "akta": None}, 5, "en")

    assert lines[1] == "Officers cannot be told apart at all: nobody can be ranked."
    assert lines[2] == "akta: fewer than 5 officers were rated; no spread is stated."


def scores():
    """Return one row of scores."""
    row = {"grain": "day", "metric": "arrivals", "forecaster": "simulation", "n_cells": 5, "n_days": 5, "coverage": 0.8}
    names = ("mae", "interval_score", "skill_score")
    return pd.DataFrame([row | {f"{n}{end}": 1.5 for n in names for end in ("", "_low", "_high")}])


def test_tables_speak_both_languages():
    """Scores, turnaround and loops in Indonesian too."""
    turnaround = {
        "unit": "all", "clock": "working_hours", "statistic": "p90", "forecaster": "naive", "point": 3.0, "low": 2.0,
        "high": 4.0, "actual": 5.0, "actual_low": 4.5, "actual_high": 5.5, "inside": False,
    }  # fmt: skip
    loop = {
        "unit": "all", "activity": "check", "n_cases": 40, "n_looped": 8, "share": 0.2, "share_low": 0.1,
        "share_high": 0.3, "days_median": 1.5, "after": "fix",
    }  # fmt: skip
    text = printed(
        scores_table(scores(), "id"), turnaround_table(pd.DataFrame([turnaround]), "id"),
        loops_table(pd.DataFrame([loop]), "id"),
    )  # fmt: skip

    assert "all" not in text.split()
    for part in ("kedatangan", "80 %", "jam kerja", "semua kasus lalu (naif)", "tidak", "0,200 (0,100 sampai 0,300)"):
        assert part in text


@pytest.mark.parametrize(("value", "places"), [(1361.6, 0), (27.9, 1), (0.0379, 4), (0.0, 0), (float("nan"), 0)])
def test_three_digits_are_shown(value, places):
    """Large numbers have no decimals, small ones at most four."""
    assert decimals(value) == places


CURVES = {
    "u.arrivals": {"half_hour": [16, 17], "mean": [3.0, 4.0], "low": [1.0, 2.0], "high": [5.0, 6.0],
                   "fitted": [3.1, 3.9], "n_days": [9, 9]},
    "u.service": {"probability": [0.25, 0.5, 0.75], "minutes": [1.0, 2.0, 5.0]},
    "u.patience": {"minutes": [1.0, 2.0], "staying": [0.9, 0.8], "low": [0.85, 0.7], "high": [0.95, 0.9],
                   "weibull": [0.9, 0.8], "n": [50, 50], "n_left": [9, 9]},
    "u.servers": {"half_hour": [16, 17], "heads": [3.0, 4.0], "effective": [2.0, 3.0]},
}  # fmt: skip


@pytest.mark.parametrize("name", CURVES)
def test_a_figure_says_where_its_numbers_come_from(name):
    """Every diagnostic figure has labelled axes, a legend and the source in its footer."""
    figure = fit_figure(name, pd.DataFrame(CURVES[name]), "queue log", "id")
    axes = figure.axes[0]

    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert len(axes.get_legend().get_texts()) >= 1
    assert "queue log" in figure.texts[0].get_text()
    assert figure.png()[:4] == b"\x89PNG"
    ticks = [tick.get_text() for tick in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    assert len(ticks) > 2
    assert not any("." in tick for tick in ticks)  # whole hours, and the decimal comma


def test_forecasts_are_drawn_with_their_interval_and_what_came():
    """One panel a day, the interval as a band."""
    rows = [
        {"forecaster": name, "grain": "half_hour", "metric": "arrivals", "day": pd.Timestamp(2026, 1, 5 + day),
         "half_hour": h, "point": 3.0, "low": 1.0, "high": 6.0, "actual": 4.0}
        for name in ("simulation", "naive") for day in range(2) for h in (16, 17)
    ]  # fmt: skip
    figure = forecast_figure(pd.DataFrame(rows), "arrivals", "queue log", "en")

    assert len(figure.axes) == 2
    assert figure.axes[0].collections
    assert "4 half-hours" in figure.texts[-1].get_text()


def test_quantiles_are_drawn_against_each_other():
    """Forecast quantiles along, actual ones up, on the same line when they agree."""
    quantiles = {"probability": [0.5, 0.9], "recent": [1.0, 9.0], "naive": [2.0, 8.0], "actual": [1.0, 9.0]}
    table = pd.DataFrame({"clock": "working_hours", **quantiles})
    figure = turnaround_figure(table, "working_hours", "event log", "id")

    assert "jam kerja" in figure.axes[0].get_xlabel()
    assert len(figure.axes[0].lines) == 3
