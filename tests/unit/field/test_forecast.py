"""The compiled queue against FCFS, Erlang A and Cobham; simulated days against the log they were fitted to."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from kinerja_sim.field.forecast import STRICT, fit_pool, serve_varying, simulate_days
from kinerja_sim.field.queuelog import make_log
from kinerja_sim.model.fcfs import fcfs_waits
from kinerja_sim.model.queueing import cobham, erlang_a
from kinerja_sim.model.rng import stream
from tests.made_logs import Truth, made_log

FLAT = np.ones(9)  # no response to the line


def serve(arrival, service, n_servers, *, patience=None, ahead=None, response=FLAT, rounding=0.0):
    """Run the queue with so many servers all day."""
    n = arrival.size
    endless = np.full(n, np.inf) if patience is None else patience
    gift = np.zeros(n) if ahead is None else ahead
    return serve_varying(
        arrival, service, endless, gift, np.full(288, float(n_servers)), np.full(288, rounding), response
    )


def draws(key, n, load, *, span=1440.0):
    """Return arrivals over a day and exponential services of mean 2 minutes at this load in erlangs."""
    rng = stream(8, "queue", key)
    return np.sort(span * rng.random(n)), rng.standard_exponential(n) * load * span / n, rng


def test_constant_servers_are_the_queue_of_the_model():
    """With servers all day, endless patience and one class, every wait is that of `fcfs_waits`."""
    arrival, service, _ = draws("fcfs", 3_000, 3.7)

    assert np.allclose(serve(arrival, service, 4), fcfs_waits(arrival, service, 4), atol=1e-9)


def test_impatience_is_erlang_a():
    """Waits and losses of many days agree with the closed form, within four standard errors."""
    theory = erlang_a(2.0, 0.5, 4, 0.25)
    found = []
    for day in range(200):
        rng = stream(8, "erlang", day)
        arrival = np.sort(1440.0 * rng.random(rng.poisson(2.0 * 1440)))
        n = arrival.size
        out = serve(arrival, 2.0 * rng.standard_exponential(n), 4, patience=4.0 * rng.standard_exponential(n))
        steady = arrival > 60.0
        found.append([np.abs(out[steady]).mean(), (out[steady] < 0).mean()])
    means, errors = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / sqrt(len(found))

    assert np.abs((means - [theory.wait_mean, theory.reneged_share]) / errors).max() < 4


def test_an_endless_head_start_is_strict_priority():
    """Waits of the class ahead and of the others agree with Cobham, within four standard errors."""
    theory = cobham([0.3, 0.5], 0.5, 2)
    found = []
    for day in range(300):
        rng = stream(8, "cobham", day)
        arrival = np.sort(1440.0 * rng.random(rng.poisson(0.8 * 1440)))
        first = rng.random(arrival.size) < 0.375
        out = serve(arrival, 2.0 * rng.standard_exponential(arrival.size), 2, ahead=np.where(first, STRICT, 0.0))
        steady = arrival > 200.0
        found.append([out[steady & first].mean(), out[steady & ~first].mean()])
    means, errors = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / sqrt(len(found))

    assert np.abs((means - theory) / errors).max() < 4


def test_a_head_start_of_minutes_is_no_more_than_that():
    """One minute ahead overtakes who came half a minute before, and nobody who came two minutes before."""
    arrival, service = np.array([0.0, 1.0, 2.5, 3.0]), np.array([10.0, 1.0, 1.0, 1.0])
    out = serve(arrival, service, 1, ahead=np.array([0.0, 0.0, 0.0, 1.0]))

    assert (arrival + out).tolist() == [0.0, 10.0, 12.0, 11.0]


def test_servers_who_leave_finish_and_servers_who_come_start():
    """Nobody is served in half-hours without servers; who waits is served when one comes."""
    servers = np.where(np.arange(288) < 6, 1.0, 0.0)
    servers[12:] = 2.0
    out = serve_varying(
        np.array([29.0, 29.5, 35.0]), np.array([20.0, 5.0, 5.0]), np.full(3, np.inf), np.zeros(3), servers,
        np.zeros(288), FLAT,
    )  # fmt: skip

    assert (np.array([29.0, 29.5, 35.0]) + out).tolist() == [29.0, 60.0, 60.0]


def test_a_long_line_draws_servers_where_the_office_responds():
    """With a response of a half more at two waiting, the second in line no longer waits for the first server."""
    response = np.array([1.0, 1.0, 1.5] + [1.5] * 6)
    arrival, service = np.array([0.0, 0.0, 1.0, 2.0]), np.full(4, 10.0)
    slow, quick = (serve(arrival, service, 2, response=r) for r in (FLAT, response))

    assert slow.tolist() == [0.0, 0.0, 9.0, 8.0]
    assert (quick <= slow).all()
    assert quick[2] < slow[2]


@pytest.fixture(scope="module")
def pool():
    """Return a fitted pool of a log with three weeks."""
    cases, _ = made_log(Truth(n_days=15), 7)
    return fit_pool(make_log(cases, ["counter"]))


def test_simulated_days_look_like_the_log(pool):
    """Arrivals, waits and losses of simulated days lie around those of the log."""
    days = pool.log.days[:5]
    count, wait, left = simulate_days(pool, days, replications=60)
    log = pool.log

    assert count.sum(axis=(1, 2)).mean() / 5 == pytest.approx(len(log.day) / 15, rel=0.1)
    assert wait.sum() / count.sum() == pytest.approx(np.nanmean(log.wait), rel=0.35)
    assert left.sum() / count.sum() == pytest.approx(log.abandoned.mean(), rel=0.35)
    assert pool.scale == pytest.approx(1.0, abs=0.15)


def test_a_closed_day_is_forecast_empty(pool):
    """Saturdays were never seen open: nobody comes."""
    count, _, _ = simulate_days(pool, np.array(["2026-01-31"], "datetime64[D]"), replications=5)

    assert count.sum() == 0


def test_the_same_seed_gives_the_same_days(pool):
    """A forecast is repeatable, and more servers shorten its waits."""
    days = pool.log.days[:2]
    first, again = (simulate_days(pool, days, replications=10, seed=4) for _ in range(2))
    more = simulate_days(replace(pool, scale=1.3 * pool.scale), days, replications=10, seed=4)

    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert more[1].sum() < first[1].sum()
