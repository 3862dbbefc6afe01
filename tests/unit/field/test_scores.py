"""Interval score, coverage and skill: worked examples, and the same for every forecaster."""

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.field.scores import by_day, conformal_margin, interval_score, score_table


def forecasts(**points):
    """Return a table of forecasters that forecast 10 half-hours of 4 days; what came is 0."""
    rows = [
        {"forecaster": name, "grain": "day", "metric": "m", "day": d, "half_hour": h, "point": point,
         "low": point - 1.0, "high": point + 1.0, "actual": 0.0}
        for name, point in points.items() for d in range(4) for h in range(10)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_miss_costs_twenty_times_its_size():
    """Outside a 90 % interval each unit costs 2 / 0.1, and inside only the width counts."""
    found = interval_score(np.array([0.0, -0.5]), np.zeros(2), np.full(2, 2.0))

    assert found.tolist() == pytest.approx([2.0, 12.0])


def test_skill_is_measured_against_last_time():
    """Half the reference's error is a skill of one half, with an interval of no width where days are alike."""
    table = score_table(forecasts(naive=2.0, ours=1.0)).set_index("forecaster")

    assert table.loc["ours", "skill_mae"] == pytest.approx(0.5)
    assert table.loc["ours", ["skill_mae_low", "skill_mae_high"]].tolist() == pytest.approx([0.5, 0.5])
    assert table.loc["naive", "coverage"] == 0.0
    assert table.loc["ours", "coverage"] == 1.0


def test_nobody_gains_by_keeping_silent():
    """A cell that one forecaster leaves out is taken from all."""
    table = forecasts(naive=2.0, ours=1.0)
    silent = table[~((table["forecaster"] == "ours") & (table["half_hour"] == 3))]

    assert set(score_table(silent)["n_cells"]) == {36}


def test_days_are_resampled_whole():
    """The interval of a mean knows only days: one bad day among four makes it wide."""
    found = by_day(np.array([0.0, 0.0, 0.0, 40.0]), np.full(4, 10.0), key="t")

    assert found.value == 1.0
    assert found.low == 0.0
    assert found.high > 1.9


def test_a_short_past_cannot_narrow_an_interval():
    """With fewer than 19 errors nobody knows where 5 % lie: the end may move out, never in."""
    assert conformal_margin(np.full(18, -1.0)) == 0.0
    assert conformal_margin(np.full(19, -1.0)) == -1.0
    assert conformal_margin(np.array([0.5])) == 0.5
