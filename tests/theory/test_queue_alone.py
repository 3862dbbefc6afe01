"""The queue kernel against mathematics: exact theory, four standard errors, each at most one percent."""

from collections.abc import Callable
from math import log, sqrt

import numpy as np
import pytest

from kinerja_sim.model.fcfs import fcfs_waits
from kinerja_sim.model.queueing import wait_mdc, wait_mg1, wait_mmc
from kinerja_sim.model.rng import stream

N_CUSTOMERS, WARM_UP = 150_000, 15_000
Draw = Callable[[np.random.Generator, int], np.ndarray]


def exponential(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return exponential services with mean 1."""
    return rng.standard_exponential(n)


def constant(_rng: np.random.Generator, n: int) -> np.ndarray:
    """Return services of exactly 1."""
    return np.ones(n)


def lognormal(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return lognormal services with mean 1 and coefficient of variation 1.2."""
    variance = log(1 + 1.2**2)
    return rng.lognormal(-variance / 2, sqrt(variance), n)


def two_kinds(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return services with mean 1, most short and some long; coefficient of variation 1 (a two-point law)."""
    return np.where(rng.random(n) < 0.8, 0.5, 3.0)


def check_mean_wait(
    draw: Draw, load: float, n_servers: int, expected: float, *, key: str, speed: float = 1.0,
    n_replications: int = 0,
) -> None:  # fmt: skip
    """Fail unless simulated waits agree with `expected` within 4 standard errors, each at most 1 % of it.

    `speed` plants a bug: services are that much faster than the theory believes. Many servers need
    more replications (0: as many as usual), because few customers wait at all.
    """
    n_replications = n_replications or (100 if n_servers < 20 else 300)
    means = np.empty(n_replications)
    for replication in range(n_replications):
        rng = stream(7, "theory", key, load, n_servers, replication)
        arrivals = np.cumsum(rng.standard_exponential(N_CUSTOMERS) / load)
        means[replication] = fcfs_waits(arrivals, draw(rng, N_CUSTOMERS) / speed, n_servers)[WARM_UP:].mean()
    error = means.std(ddof=1) / sqrt(n_replications)
    z = (means.mean() - expected) / error
    assert abs(z) < 4, f"bias: {means.mean():.6g} is {z:.1f} standard errors from {expected:.6g}"
    assert error <= 0.01 * expected, f"precision: standard error is {error / expected:.2%} of {expected:.6g}"


MMC = [(0.5, 1), (0.8, 1), (1.6, 2), (2.55, 3), (3.4, 4), (8.5, 10), (14.8, 17), (45.0, 50)]


@pytest.mark.parametrize(("load", "n_servers"), MMC)
def test_mean_wait_agrees_with_erlang_c(load: float, n_servers: int) -> None:
    """The M/M/c mean wait is within four standard errors of Erlang C, each at most one percent."""
    check_mean_wait(exponential, load, n_servers, wait_mmc(load, 1.0, n_servers), key="mmc")


@pytest.mark.parametrize("speed", [1.03, 1 / 1.03])
@pytest.mark.parametrize(("load", "n_servers"), MMC)
def test_a_service_rate_wrong_by_three_percent_is_caught(load: float, n_servers: int, speed: float) -> None:
    """The same check fails for its bias, not its precision, when servers work 3 % too fast or too slowly."""
    with pytest.raises(AssertionError, match="bias: "):
        check_mean_wait(exponential, load, n_servers, wait_mmc(load, 1.0, n_servers), key="mmc", speed=speed)


def test_a_run_too_short_to_tell_is_caught() -> None:
    """The same check fails for its precision when replications are too few."""
    with pytest.raises(AssertionError, match="precision: "):
        check_mean_wait(exponential, 2.85, 3, wait_mmc(2.85, 1.0, 3), key="short", n_replications=4)


@pytest.mark.parametrize(("draw", "cv"), [(constant, 0.0), (lognormal, 1.2), (two_kinds, 1.0)])
@pytest.mark.parametrize("load", [0.6, 0.85])
def test_mean_wait_agrees_with_pollaczek_khinchine(draw: Draw, cv: float, load: float) -> None:
    """The M/G/1 mean wait depends on service only through its mean and variance."""
    check_mean_wait(draw, load, 1, wait_mg1(load, 1.0, cv), key=f"mg1 {draw.__name__}")


@pytest.mark.parametrize(("load", "n_servers"), [(1.7, 2), (2.7, 3), (9.0, 10), (18.0, 20)])
def test_mean_wait_agrees_with_crommelin(load: float, n_servers: int) -> None:
    """The M/D/c mean wait is within four standard errors of Crommelin's."""
    check_mean_wait(constant, load, n_servers, wait_mdc(load, 1.0, n_servers), key="mdc")
