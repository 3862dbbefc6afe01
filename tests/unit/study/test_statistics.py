"""Intervals against the libraries that compute them one series at a time."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from kinerja_sim.study.statistics import central_range, mean_interval, share_interval, unit_means, units_of


@pytest.fixture
def x():
    """Return 3 x 4 skewed series of 60 values."""
    return np.random.default_rng(5).gamma(2.0, 3.0, (3, 4, 60))


def test_mean_interval_is_the_t_interval(x):
    """Mean and bounds equal scipy's t-interval in every series."""
    found = mean_interval(x, units_of(np.arange(60)))
    low, high = stats.t.interval(0.95, 59, loc=x.mean(-1), scale=stats.sem(x, axis=-1))

    np.testing.assert_allclose([found.value, found.low, found.high], [x.mean(-1), low, high], rtol=1e-12)


def test_mean_interval_is_clustered_by_draw(x):
    """Replications of one draw count as one observation: the interval is that of the draws' means."""
    draws = np.repeat(np.arange(20), 3)
    found = mean_interval(x, units_of(draws))
    means = x.reshape(3, 4, 20, 3).mean(-1)
    low, high = stats.t.interval(0.95, 19, loc=means.mean(-1), scale=stats.sem(means, axis=-1))

    np.testing.assert_allclose([found.low, found.high], [low, high], rtol=1e-12)


def test_draws_need_not_be_sorted_or_of_one_size():
    """The means of draws do not depend on the order of replications, and draws may differ in size."""
    values, draws = np.array([[1.0, 10.0, 3.0, 20.0, 5.0]]), np.array([8, 2, 8, 2, 8])

    assert unit_means(values, units_of(draws)).tolist() == [[15.0, 3.0]]


def test_one_draw_leaves_chance_between_replications(x):
    """With parameters fixed at their points there is one draw, and replications are the units."""
    assert np.array_equal(
        mean_interval(x, units_of(np.zeros(60, int))).low, mean_interval(x, units_of(np.arange(60))).low
    )


def test_missing_values_are_left_out_series_by_series(x):
    """A NaN changes only its own series, which is that of the values left."""
    x[1, 2, 7:30] = np.nan
    left = np.delete(x[1, 2], np.s_[7:30])
    units = units_of(np.arange(60))

    assert mean_interval(x, units).low[1, 2] == pytest.approx(mean_interval(left[None], units_of(np.arange(37))).low[0])
    assert central_range(x).low[1, 2] == central_range(left[None]).low[0]
    assert not np.isnan(central_range(x).low).any()


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_values_have_no_interval(n):
    """One value has a mean but no interval; none has neither."""
    x = np.full((1, 5), np.nan)
    x[0, :n] = 3.0
    mean, spread = mean_interval(x, units_of(np.arange(5))), central_range(x)

    assert np.isnan([mean.low, mean.high, *spread]).all()
    assert np.isnan(mean.value[0]) == (n == 0)


def test_central_range_is_the_median_unbiased_quantile(x):
    """Both ends equal numpy's type-8 quantiles."""
    found = central_range(x)
    expected = np.quantile(x, [0.025, 0.975], axis=-1, method="median_unbiased")

    np.testing.assert_allclose([found.low, found.high], expected, rtol=1e-14)


def test_quantile_errors_agree_with_the_bootstrap(x):
    """The closed-form error of each end is near the bootstrap's in the middle of many samples."""
    closed = central_range(x)
    ratios = []
    for series, low_se, high_se in zip(x.reshape(12, 60), closed.low_se.ravel(), closed.high_se.ravel(), strict=True):
        for p, mine in ((0.025, low_se), (0.975, high_se)):
            drawn = stats.bootstrap(
                (series,),
                lambda s, axis, p=p: np.quantile(s, p, axis=axis, method="median_unbiased"),
                n_resamples=2000, method="percentile", vectorized=True, rng=np.random.default_rng(3),
            )  # fmt: skip
            ratios.append(mine / drawn.standard_error)

    assert 0.8 < np.median(ratios) < 1.25


def test_quantile_errors_match_the_sampling_spread():
    """Over many samples the mean reported error is the true spread of the upper end, within 15 per cent."""
    samples = np.random.default_rng(11).normal(size=(4000, 100))
    found = central_range(samples)

    assert found.high_se.mean() == pytest.approx(found.high.std(), rel=0.15)
    assert found.low_se.mean() == pytest.approx(found.low.std(), rel=0.15)


def test_equal_values_have_a_range_of_exactly_that_value():
    """A series of zeros has mean, bounds and errors of exactly 0.0."""
    zeros = np.zeros((2, 30))

    assert not np.any([*mean_interval(zeros, units_of(np.arange(30))), *central_range(zeros)])


@pytest.mark.parametrize(("count", "n"), [(0, 20), (13, 20), (20, 20), (97, 100)])
def test_share_interval_is_wilsons(count, n):
    """Bounds of whole counts equal those of statsmodels."""
    found = share_interval(np.array(count / n), np.array(n))

    np.testing.assert_allclose([found.low, found.high], proportion_confint(count, n, method="wilson"), atol=1e-12)


def test_no_unit_gives_no_bounds():
    """A share of nothing has no bounds."""
    assert np.isnan(share_interval(np.array([np.nan]), np.array([0])).low).all()
