"""The day kernel's counter against mathematics, on one endless day with officers of equal speed."""

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest

from kinerja_sim.model import kernel, records
from kinerja_sim.model.fcfs import fcfs_waits
from kinerja_sim.model.queueing import erlang_a, wait_mg1, wait_mmc
from kinerja_sim.model.rng import stream

N_VISITORS, WARM_UP = 60_000, 6_000
Draw = Callable[[np.random.Generator, int], np.ndarray]


def serve_one_day(
    arrivals: np.ndarray, work: np.ndarray, patience: np.ndarray, n_servers: int, *, speed: float = 1.0
) -> np.ndarray:
    """Return the events of one day at a counter: no rework, nobody returns, nobody is away."""
    n, length = arrivals.size, float(arrivals[-1]) + 1.0
    days = records.Days(
        np.zeros(1), np.array([length]), np.ones(1), np.array([2**40]), np.linspace(0, 1, 3), np.array([0, n])
    )
    demand = records.Demand(np.arange(n, dtype=np.uint64), arrivals, work, np.zeros(n), patience)
    officers = np.full(n_servers, speed)
    staff = records.Staff(officers, np.zeros(n_servers), np.zeros(n_servers), np.zeros((1, n_servers)), n_servers)
    rules = records.Rules(
        has_processing=False, day_minutes=length, patience_scale=1.0, patience_shape=1.0, return_prob=0.0,
        max_visits=1, rework_minutes=0.0, rework_share=1.0, max_attempts=1, standard_is_wait=False,
        standard_minutes=1.0, near_factor=1.0, restriction_days=1.0, rushed_minutes=0.0, base=80.0, slope_normal=0.0,
        slope_rushed=0.0, late_points=0.0, error_points=0.0, lost_points=0.0, courtesy_points=0.0, person_sd=1.0,
        access=1.0,
    )  # fmt: skip
    nothing, whole = np.zeros(1), np.zeros(1, dtype=np.int64)
    channels = records.Channels(nothing, nothing, nothing, nothing, whole, whole)
    nobody, log = np.zeros(0, records.CASE), np.zeros(n, records.EVENT)
    _, _, n_log = kernel.serve_month(
        days, demand, staff, rules, channels, nobody, nobody, np.zeros(0), 0, np.zeros((2, records.N_FLOW)),
        np.zeros((2, records.N_COHORT)), np.zeros((n_servers, len(records.OFFICER))), log,
    )  # fmt: skip
    assert n_log == n
    return log


def check_means(values: np.ndarray, expected: dict[str, float]) -> None:
    """Fail unless each column's mean agrees with theory within 4 standard errors, each at most 1 % of it."""
    for column, (name, value) in zip(values.T, expected.items(), strict=True):
        error = column.std(ddof=1) / sqrt(column.size)
        z = (column.mean() - value) / error
        assert abs(z) < 4, f"bias: {name} {column.mean():.6g} is {z:.1f} standard errors from {value:.6g}"
        assert error <= 0.01 * value, f"precision: standard error of {name} is {error / value:.2%} of {value:.6g}"


def check_wait(draw: Draw, load: float, n_servers: int, expected: float, *, key: str, speed: float = 1.0) -> None:
    """Compare the mean wait of patient visitors, over independent days, with theory."""
    means = []
    for replication in range(45):
        rng = stream(8, "day", key, load, n_servers, replication)
        arrivals = np.cumsum(rng.standard_exponential(N_VISITORS) / load)
        log = serve_one_day(arrivals, draw(rng, N_VISITORS), np.full(N_VISITORS, np.inf), n_servers, speed=speed)
        means.append([(log["begin"] - log["time"])[WARM_UP:].mean()])
    check_means(np.array(means), {"wait": expected})


def check_erlang_a(load: float, n_servers: int, patience_rate: float, *, speed: float = 1.0) -> None:
    """Compare waits and reneging of impatient visitors, over independent days, with Erlang A."""
    theory = erlang_a(load, 1.0, n_servers, patience_rate)
    means = []
    for replication in range(25):
        rng = stream(8, "erlang_a", load, n_servers, patience_rate, replication)
        arrivals = np.cumsum(rng.standard_exponential(N_VISITORS) / load)
        work, patience = rng.standard_exponential(N_VISITORS), rng.standard_exponential(N_VISITORS) / patience_rate
        log = serve_one_day(arrivals, work, patience, n_servers, speed=speed)[WARM_UP:]
        wait = log["begin"] - log["time"]
        means.append([wait.mean(), (wait > 0).mean(), (log["kind"] == records.LOST).mean()])
    check_means(
        np.array(means),
        {
            "wait": theory.wait_mean,
            "share that waits": theory.wait_probability,
            "share that leaves": theory.reneged_share,
        },
    )


def exponential(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return exponential work with mean 1."""
    return rng.standard_exponential(n)


def constant(_rng: np.random.Generator, n: int) -> np.ndarray:
    """Return work of exactly 1."""
    return np.ones(n)


def gamma(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return gamma work with mean 1 and coefficient of variation 0.5."""
    return rng.gamma(4.0, 0.25, n)


@pytest.mark.parametrize("n_servers", [1, 2, 5, 12])
def test_a_day_without_impatience_is_the_queue_alone(n_servers: int) -> None:
    """With equal speeds and endless patience the day's waits equal those of `fcfs_waits`, to the bit."""
    rng = stream(8, "same", n_servers)
    arrivals = np.cumsum(np.round(rng.standard_exponential(5000) / n_servers * 64) / 64)
    work = rng.standard_exponential(5000)
    log = serve_one_day(arrivals, work, np.full(5000, np.inf), n_servers)
    assert np.array_equal(log["begin"] - log["time"], fcfs_waits(arrivals, work, n_servers))


@pytest.mark.parametrize(("load", "n_servers"), [(0.8, 1), (2.5, 3), (4.5, 6)])
def test_mean_wait_agrees_with_erlang_c(load: float, n_servers: int) -> None:
    """The M/M/c mean wait at the counter is within four standard errors of Erlang C."""
    check_wait(exponential, load, n_servers, wait_mmc(load, 1.0, n_servers), key="mmc")


@pytest.mark.parametrize(("draw", "cv"), [(constant, 0.0), (gamma, 0.5)])
def test_mean_wait_agrees_with_pollaczek_khinchine(draw: Draw, cv: float) -> None:
    """The M/D/1 and M/G/1 mean waits at the counter are within four standard errors of theory."""
    check_wait(draw, 0.8, 1, wait_mg1(0.8, 1.0, cv), key=f"mg1 {draw.__name__}")


ERLANG_A = [(0.9, 1, 0.5), (2.8, 3, 0.2), (4.0, 3, 1.0), (9.0, 8, 0.5)]


@pytest.mark.parametrize(("load", "n_servers", "patience_rate"), ERLANG_A)
def test_impatient_visitors_agree_with_erlang_a(load: float, n_servers: int, patience_rate: float) -> None:
    """Waits, the share that waits and the share that leaves are within four standard errors of Erlang A."""
    check_erlang_a(load, n_servers, patience_rate)


@pytest.mark.parametrize("speed", [1.03, 1 / 1.03])
def test_officers_three_percent_too_fast_or_slow_are_caught(speed: float) -> None:
    """The same checks fail for their bias when officers work 3 % too fast or too slowly."""
    with pytest.raises(AssertionError, match="bias: wait"):
        check_wait(exponential, 2.5, 3, wait_mmc(2.5, 1.0, 3), key="mmc", speed=speed)
    for load, n_servers, patience_rate in ERLANG_A:
        with pytest.raises(AssertionError, match="bias: wait"):
            check_erlang_a(load, n_servers, patience_rate, speed=speed)
