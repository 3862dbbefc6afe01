"""How many replications are enough: formulas agree with their definitions, and a stopping rule keeps its word."""

import numpy as np
import pytest
from scipy import stats

from kinerja_sim.model.rng import stream
from kinerja_sim.study.precision import (
    FAR,
    look_ahead,
    mser5,
    plan_difference,
    replications_needed,
    running_half_width,
    stop_after,
    welch_means,
)


def test_running_half_width_is_that_of_each_prefix():
    """After every value the half-width is scipy's t-interval of the values so far; NaN is left out."""
    x = 1e6 + stream(1, "running").normal(size=(2, 30))
    x[1, [0, 4]] = np.nan
    running = running_half_width(x)

    for row in range(2):
        for n in (3, 5, 30):
            seen = x[row, :n][~np.isnan(x[row, :n])]
            low, high = stats.t.interval(0.95, len(seen) - 1, seen.mean(), stats.sem(seen)) if len(seen) > 1 else (0, 0)
            expected = (high - low) / 2 if len(seen) > 1 else np.inf
            assert running[row, n - 1] == pytest.approx(expected, rel=1e-6)


def test_a_rule_stops_only_where_all_series_stay_short():
    """The answer is the first number at which every series is short and stays so for the look-ahead, which is used."""
    x = stream(2, "stop").normal(size=(3, 400))
    stop = stop_after(x, 0.25)
    n = next(k for k in range(10, 400) if stop == k + look_ahead(k))
    short = (running_half_width(x) <= 0.25).all(axis=0)

    assert short[n - 1 : stop].all()
    assert all(not short[k - 1 : k + look_ahead(k)].all() for k in range(10, n))
    assert stop_after(x[:, :40], 0.25) is None
    assert stop_after(x, 0.25, 300) == 300 + look_ahead(300)


def test_a_series_that_is_never_observed_does_not_hold_a_sweep_up():
    """A metric without any value has no interval to wait for; a sweep without any other never meets its target."""
    x = stream(3, "nan").normal(size=(2, 100))
    x[1] = np.nan

    assert stop_after(x, 0.5) == stop_after(x[:1], 0.5)
    assert stop_after(x[1:], 0.5) is None


def test_look_ahead_repairs_the_coverage_of_stopping():
    """Over 4,000 stopped runs at least 93.5 % of intervals hold the truth, and more than without the look-ahead."""
    x = stream(4, "coverage").normal(size=(4_000, 1, 500))
    held, bare = [], []
    for series in x:
        n = stop_after(series, 0.3)
        first = 9 + int(np.argmax(running_half_width(series)[0, 9:] <= 0.3)) + 1
        for k, out in ((n, held), (first, bare)):
            out.append(abs(series[0, :k].mean()) <= running_half_width(series)[0, k - 1])

    assert np.mean(held) >= 0.935
    assert np.mean(held) > np.mean(bare)


@pytest.mark.parametrize(("sd", "half_width"), [(1.0, 0.5), (1.0, 0.05), (0.3, 2.0), (7.0, 0.11)])
def test_replications_needed_is_the_smallest_number(sd, half_width):
    """The t-interval of that many values is short enough, and that of one fewer is not."""
    n = replications_needed(sd, half_width)

    def half(k):
        return stats.t.ppf(0.975, k - 1) * sd / np.sqrt(k)

    assert half(n) <= half_width
    assert n == 2 or half(n - 1) > half_width
    assert replications_needed(float("nan"), 1.0) == replications_needed(1e9, 1e-3) == FAR


def test_a_plan_keeps_its_promise():
    """In nine of ten pilots the safe number is enough for the true spread; common citizens save what they share."""
    rng = stream(5, "plan")
    common = rng.normal(size=(1_000, 20))
    plans = [plan_difference(c + rng.normal(0, 0.2, 20), c + rng.normal(0, 0.2, 20), 0.05) for c in common]
    true = replications_needed(np.sqrt(2) * 0.2, 0.05)

    assert np.mean([p.safe >= true for p in plans]) == pytest.approx(0.9, abs=0.03)
    assert all(p.needed <= p.safe for p in plans)
    assert np.median([p.unpaired / p.needed for p in plans]) == pytest.approx(1.04 / 0.04, rel=0.15)
    assert plan_difference(np.array([1.0, np.nan, 2.0]), np.array([1.0, 1.0, np.nan]), 1.0).needed == FAR


def test_mser5_finds_a_warm_up_and_says_when_it_cannot():
    """A decaying start is dropped, a flat series keeps everything, and a series that only drifts is no answer."""
    rng = stream(7, "mser")
    noise = rng.normal(0, 0.3, 200)
    decaying = 8 * np.exp(-np.arange(200) / 8) + noise

    assert 10 <= mser5(decaying) <= 40
    assert mser5(noise) <= 20
    assert mser5(np.arange(200.0)) is None
    assert mser5(noise[:15]) is None


def test_welch_means_average_what_is_on_both_sides():
    """Each point is the mean of a window centred on it, which shrinks towards the start."""
    series = stream(8, "welch").normal(size=(6, 40))
    smooth, mean = welch_means(series, 4), series.mean(axis=0)

    assert len(smooth) == 36
    assert smooth[0] == mean[0]
    assert smooth[2] == pytest.approx(mean[:5].mean())
    assert smooth[20] == pytest.approx(mean[16:25].mean())
