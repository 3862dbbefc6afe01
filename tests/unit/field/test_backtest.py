"""Backtests on made logs: nothing of the test days leaks, intervals cover, mistakes are told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.field.backtest import backtest_log
from kinerja_sim.field.judge import _cut, backtest_tables
from kinerja_sim.field.queuelog import make_log
from kinerja_sim.know.errors import InputError
from tests.made_logs import Truth, made_log

UNTIL = np.datetime64("2026-01-20")


@pytest.fixture(scope="module")
def cases():
    """Return three weeks of cases with a moderate line."""
    return made_log(Truth(n_days=15, per_day=220, n_officers=6), 11)[0]


@pytest.fixture(scope="module")
def done(cases):
    """Return a backtest of them."""
    return backtest_log(make_log(cases, ["counter"]), UNTIL, replications=30)


def test_every_forecaster_is_scored_on_the_same_cells(done):
    """Five forecasters, two grains; Erlang A forecasts no arrivals."""
    names = done.scores.groupby(["grain", "metric"])["forecaster"].agg(set)

    assert all(len(found) == (3 if metric == "arrivals" else 5) for (_, metric), found in names.items())
    assert done.scores.groupby(["grain", "metric"])["n_cells"].nunique().eq(1).all()
    assert done.scores.query("forecaster == 'naive'")["skill_score"].eq(0).all()


def test_coverage_is_earned_inside_the_training_span(done):
    """On training days left out, nine in ten half-hours fall into intervals that the other days widened."""
    half_hours = done.inside.query("grain == 'half_hour'")

    assert half_hours["coverage_widened"].between(0.85, 0.97).all()
    assert half_hours["n_cells"].min() > 100


def test_an_office_in_which_nobody_leaves_is_forecast_too():
    """Most offices' logs know only who was served: nobody leaves in any forecast, and waits are judged."""
    patient = made_log(Truth(n_days=15, per_day=220, n_officers=6, patience_median=1e6), 11)[0]
    assert not patient["outcome"].eq("abandoned").any()
    found = backtest_log(make_log(patient, ["counter"]), UNTIL, replications=30)

    shares, waits = (found.forecasts.query(f"metric == '{m}'") for m in ("abandoned_share", "wait_minutes_mean"))
    assert shares.query("forecaster == 'simulation'")["high"].eq(0).all()
    assert np.isfinite(waits["point"]).all()
    mine = waits.query("forecaster == 'simulation' and grain == 'half_hour'")
    assert (mine["actual"].between(mine["low"], mine["high"])).mean() > 0.75


def test_the_test_days_teach_nothing(cases, done):
    """Another end of the log changes what came, and no forecast."""
    other = cases.copy()
    late = other["arrived"] >= pd.Timestamp(UNTIL) + pd.Timedelta(days=1)
    other.loc[late, "finished"] += pd.Timedelta(minutes=3)
    again = backtest_log(make_log(other[~late | (other["source_row"] % 2 == 0)], ["counter"]), UNTIL, replications=30)
    keys = ["forecaster", "grain", "metric", "day", "half_hour"]
    both = done.forecasts.merge(again.forecasts, on=keys, suffixes=("", "_again"))

    assert len(both) > 100
    for column in ("point", "low", "high"):
        assert np.array_equal(both[column], both[f"{column}_again"])
    assert not both["actual"].equals(both["actual_again"])


def test_points_lie_in_their_intervals_and_shares_in_theirs(done):
    """No interval is upside down, no wait negative, no share above one."""
    table = done.forecasts

    assert (table["low"] <= table["high"]).all()
    assert (table["low"] >= 0).all()
    assert (table.query("metric == 'abandoned_share'")["high"] <= 1).all()


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2026-02-30", "be a day or a share"),
        ("soon", "be a day or a share"),
        ("2030-01-01", "Leave days"),
    ],
)
def test_a_wrong_cut_is_told(cases, until, words):
    """A day that does not exist, no day at all, and a day after the log: one line each."""
    with pytest.raises(InputError, match=words):
        backtest_tables({"cases": cases}, until)


def test_a_negative_seed_is_refused(cases):
    """A seed that no other verb takes is refused before anything is forecast."""
    with pytest.raises(InputError, match="`seed` must be"):
        backtest_tables({"cases": cases}, "2026-01-13", seed=-1)


def test_a_share_cuts_by_cases(cases):
    """'60%' ends with the case before which six tenths came."""
    cut = _cut("60%", cases["arrived"])

    assert (cases["arrived"] <= cut).mean() == pytest.approx(0.6, abs=0.001)


def test_too_little_to_learn_from_is_told():
    """A log of which too few but not hardly any people left cannot be forecast, and says why."""
    quiet = made_log(replace(Truth(), per_day=60, n_days=5), 2)[0]

    with pytest.raises(InputError, match="hardly anybody who left it or at least 20"):
        backtest_tables({"cases": quiet}, "2026-01-07")


def test_days_without_rows_are_not_judged_but_counted(cases):
    """A holiday or a lost day among those to come is no day on which nobody came."""
    day = cases["arrived"].dt.normalize()
    lost = sorted(day.unique())[13]
    whole, gappy = (
        backtest_log(make_log(table, ["counter"]), UNTIL, replications=10) for table in (cases, cases[day != lost])
    )

    assert (whole.notes["empty_test_days"], gappy.notes["empty_test_days"]) == (0, 1)
    assert gappy.notes["test_days"] == whole.notes["test_days"] - 1
    assert lost not in set(gappy.forecasts["day"])
