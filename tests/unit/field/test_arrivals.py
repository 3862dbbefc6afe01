"""Arrivals: day types, shrinkage of weekdays, bursts and over-dispersion, on counts that were drawn."""

import numpy as np
import pytest

from kinerja_sim.field.arrivals import fit_arrivals, month_factors, q_profile, weekdays_of
from kinerja_sim.model.rng import stream

SHAPE = np.where((np.arange(48) >= 16) & (np.arange(48) < 32), 20.0, 0.0)


def counts_of(n_days, *, factor=None, cv=0.0, key=0):
    """Return days from Monday 2026-01-05 and Poisson counts [n_days, 48] with gamma days."""
    rng = stream(3, "arrivals", key)
    days = np.datetime64("2026-01-05") + np.arange(n_days)
    by_weekday = np.array([1, 1, 1, 1, 1, 0, 0]) if factor is None else np.asarray(factor)
    gamma = rng.gamma(cv**-2, cv**2, n_days) if cv else np.ones(n_days)
    return days, rng.poisson(by_weekday[weekdays_of(days)][:, None] * gamma[:, None] * SHAPE).astype(float)


def test_weekdays_of_one_kind_share_a_profile_and_a_short_day_does_not():
    """Four full days are one type, a half-day Friday is its own, a closed weekend has none."""
    days, counts = counts_of(28, factor=[1, 1, 1, 1, 0.3, 0, 0])
    fitted = fit_arrivals(counts, days)

    assert len(set(fitted.day_type[:4])) == 1
    assert fitted.day_type[4] not in (fitted.day_type[0], -1)
    assert fitted.day_type[5:].tolist() == [-1, -1]
    assert fitted.expected(4).sum() == pytest.approx(0.3 * SHAPE.sum(), rel=0.1)


def test_few_weeks_pool_weekdays_and_many_tell_them_apart():
    """A Monday 30 % above the rest is hardly believed after two noisy weeks, and nearly fully after forty."""
    factor = [1.3, 1, 1, 1, 1, 0, 0]
    few, many = (fit_arrivals(*reversed(counts_of(n, factor=factor, cv=0.15))) for n in (14, 280))
    excess = [f.expected(0).sum() / f.expected(2).sum() for f in (few, many)]

    assert 1.0 <= excess[0] < 1.3
    assert excess[1] == pytest.approx(1.3, abs=0.07)
    assert excess[0] < excess[1]


def test_a_burst_is_counted_and_kept_out_of_the_profile():
    """Four hundred arrivals in one half-hour change nothing but the list of bursts."""
    days, counts = counts_of(28)
    counts[1, 20] = 400.0
    fitted = fit_arrivals(counts, days)

    assert np.argwhere(fitted.bursts).tolist() == [[1, 20]]
    assert fitted.expected(1)[20] == pytest.approx(20.0, rel=0.15)


def test_a_holiday_is_no_slow_day():
    """A weekday with almost nobody is closed and does not lower the profile."""
    days, counts = counts_of(28)
    counts[9] = 0.0
    fitted = fit_arrivals(counts, days)

    assert not fitted.open_days[9]
    assert fitted.expected(2).sum() == pytest.approx(SHAPE.sum(), rel=0.05)


def test_the_spread_of_days_beyond_chance_is_found():
    """A gamma day effect of CV 0.2 is found on average and lies in most intervals; without one, none above 0.06."""
    found = [fit_arrivals(*reversed(counts_of(140, cv=0.2, key=key))).day_cv for key in range(10)]
    none = fit_arrivals(*reversed(counts_of(140))).day_cv

    assert np.mean([f.value for f in found]) == pytest.approx(0.2, abs=0.015)
    assert sum(f.low < 0.2 < f.high for f in found) >= 7
    assert none.high < 0.06


def test_months_are_told_only_when_all_were_seen():
    """Eleven months leave the base region's factors alone; a year gives twelve with mean 1."""
    days, counts = counts_of(300)
    assert month_factors(counts, days, fit_arrivals(counts, days)) is None

    days, counts = counts_of(371)
    counts[days.astype("datetime64[M]").astype(int) % 12 == 6] *= 2.0
    factors = month_factors(counts, days, fit_arrivals(counts, days))
    assert factors.mean() == pytest.approx(1.0)
    assert factors.argmax() == 6


def test_a_variance_of_nothing_is_zero_and_one_value_tells_none():
    """Q-profile: values no further apart than their errors give 0; a single value gives no variance at all."""
    assert q_profile(np.array([1.0, 1.1, 0.9]), np.full(3, 1.0)).value == 0.0
    assert np.isnan(q_profile(np.array([1.0]), np.array([1.0])).value)
