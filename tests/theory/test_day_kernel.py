"""The day kernel's counter and processing against mathematics, on one endless day with officers of equal speed."""

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest

from kinerja_sim.model import kernel, records
from kinerja_sim.model.fcfs import fcfs_waits
from kinerja_sim.model.queueing import cobham, erlang_a, wait_mg1, wait_mmc
from kinerja_sim.model.rng import base_key, keyed_uniforms, stream
from tests.offices import plain_rules

N_VISITORS, WARM_UP = 60_000, 6_000
Draw = Callable[[np.random.Generator, int], np.ndarray]


def serve_one_day(
    arrivals: np.ndarray, work: np.ndarray, patience: np.ndarray, n_servers: int, *, speed: float = 1.0,
    stage: str = "counter", priority_share: float = 0.0, first_key: int = 0,
) -> np.ndarray:  # fmt: skip
    """Return the events of one day in a stage, in order of arrival: no rework, nobody returns, nobody is away."""
    n, length = arrivals.size, 2.0 * float(arrivals[-1])  # processing ends with the day
    days = records.Days(
        np.zeros(1), np.array([length]), np.ones(1), np.array([2**40]), np.linspace(0, 1, 3), np.array([0, n])
    )
    at_counter, idle = stage == "counter", np.zeros(n)
    with np.errstate(over="ignore"):
        keys = np.uint64(first_key) + np.arange(n, dtype=np.uint64)
    demand = records.Demand(keys, arrivals, *((work, idle) if at_counter else (idle, work)), patience)
    none, n_counter = np.zeros(n_servers), n_servers * at_counter
    staff = records.Staff(np.full(n_servers, speed), none, none, np.zeros((1, n_servers)), n_counter)
    rules = plain_rules(day_minutes=length, has_processing=not at_counter, priority_share=priority_share)
    nothing, whole = np.zeros(1), np.zeros(1, dtype=np.int64)
    channels = records.Channels(nothing, nothing, nothing, nothing, whole, whole)
    nobody, log = np.zeros(0, records.CASE), np.zeros(n, records.EVENT)
    flow, cohort = np.zeros((2, records.N_FLOW)), np.zeros((2, records.N_COHORT))
    _, _, n_log = kernel.serve_month(
        days, demand, staff, rules, channels, nobody, nobody, np.zeros(n_servers - n_counter), 0, flow, cohort,
        np.zeros((n_servers, len(records.OFFICER))), log,
    )  # fmt: skip
    assert n_log == n
    return log[np.argsort(log["key"] - keys[0])]


def check_means(values: np.ndarray, expected: dict[str, float]) -> None:
    """Fail unless each column's mean agrees with theory within 4 standard errors, each at most 1 % of it."""
    for column, (name, value) in zip(values.T, expected.items(), strict=True):
        error = column.std(ddof=1) / sqrt(column.size)
        z = (column.mean() - value) / error
        assert abs(z) < 4, f"bias: {name} {column.mean():.6g} is {z:.1f} standard errors from {value:.6g}"
        assert error <= 0.01 * value, f"precision: standard error of {name} is {error / value:.2%} of {value:.6g}"


def check_wait(
    draw: Draw, load: float, n_servers: int, expected: float, *, key: str, speed: float = 1.0, stage: str = "counter",
    n_days: int = 45,
) -> None:  # fmt: skip
    """Compare the mean wait of the patient, over independent days, with theory."""
    means = []
    for replication in range(n_days):
        rng = stream(8, "day", key, load, n_servers, replication)
        arrivals = np.cumsum(rng.standard_exponential(N_VISITORS) / load)
        work, patience = draw(rng, N_VISITORS), np.full(N_VISITORS, np.inf)
        log = serve_one_day(arrivals, work, patience, n_servers, speed=speed, stage=stage)
        means.append([(log["begin"] - log["time"])[WARM_UP:].mean()])
    check_means(np.array(means), {"wait": expected})


def check_erlang_a(load: float, n_servers: int, patience_rate: float, *, speed: float = 1.0, n_days: int = 25) -> None:
    """Compare waits and reneging of impatient visitors, over independent days, with Erlang A."""
    theory = erlang_a(load, 1.0, n_servers, patience_rate)
    means = []
    for replication in range(n_days):
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


def check_two_lines(load: float, n_servers: int, share: float, *, speed: float = 1.0, n_days: int = 60) -> None:
    """Compare the mean waits in the priority line and in the ordinary line, over independent days, with Cobham."""
    theory = cobham([share * load, (1.0 - share) * load], 1.0, n_servers)
    means = []
    for replication in range(n_days):
        key = ("two lines", load, n_servers, share, replication)
        rng, first_key = stream(8, *key), base_key(8, *key)  # other keys, so that others have priority
        arrivals = np.cumsum(rng.standard_exponential(N_VISITORS) / load)
        work, patience = rng.standard_exponential(N_VISITORS), np.full(N_VISITORS, np.inf)
        log = serve_one_day(
            arrivals, work, patience, n_servers, speed=speed, priority_share=share, first_key=first_key
        )[WARM_UP:]
        wait, first = log["begin"] - log["time"], keyed_uniforms(log["key"], records.PRIORITY) < share
        means.append([wait[first].mean(), wait[~first].mean()])
    check_means(np.array(means), {"priority wait": theory[0], "ordinary wait": theory[1]})


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
    check_wait(exponential, load, n_servers, wait_mmc(load, 1.0, n_servers), key="counter")


PROCESSING = [(0.8, 1), (2.5, 3), (4.2, 5)]


@pytest.mark.parametrize(("load", "n_servers"), PROCESSING)
def test_mean_wait_in_processing_agrees_with_erlang_c(load: float, n_servers: int) -> None:
    """The M/M/c mean wait in an office without a counter is within four standard errors of Erlang C."""
    expected = wait_mmc(load, 1.0, n_servers)
    check_wait(exponential, load, n_servers, expected, key="processing", stage="processing")


@pytest.mark.parametrize(("draw", "cv"), [(constant, 0.0), (gamma, 0.5)])
def test_mean_wait_agrees_with_pollaczek_khinchine(draw: Draw, cv: float) -> None:
    """The M/D/1 and M/G/1 mean waits at the counter are within four standard errors of theory."""
    check_wait(draw, 0.8, 1, wait_mg1(0.8, 1.0, cv), key=f"mg1 {draw.__name__}")


ERLANG_A = [(0.9, 1, 0.5), (2.8, 3, 0.2), (4.0, 3, 1.0), (9.0, 8, 0.5)]


@pytest.mark.parametrize(("load", "n_servers", "patience_rate"), ERLANG_A)
def test_impatient_visitors_agree_with_erlang_a(load: float, n_servers: int, patience_rate: float) -> None:
    """Waits, the share that waits and the share that leaves are within four standard errors of Erlang A."""
    check_erlang_a(load, n_servers, patience_rate)


TWO_LINES = [(0.7, 1, 0.3), (2.4, 3, 0.15), (3.8, 5, 0.4)]


@pytest.mark.parametrize(("load", "n_servers", "share"), TWO_LINES)
def test_two_lines_agree_with_cobham(load: float, n_servers: int, share: float) -> None:
    """Mean waits of priority and of ordinary visitors are within four standard errors of Cobham's formula."""
    check_two_lines(load, n_servers, share)


@pytest.mark.parametrize("speed", [1.03, 1 / 1.03])
def test_officers_three_percent_too_fast_or_slow_are_caught(speed: float) -> None:
    """A third of the days suffices for the same checks to fail for their bias when officers work 3 % off."""
    for stage, cases in {"counter": [(2.5, 3)], "processing": PROCESSING}.items():
        for load, n_servers in cases:
            expected = wait_mmc(load, 1.0, n_servers)
            with pytest.raises(AssertionError, match="bias: wait"):
                check_wait(exponential, load, n_servers, expected, key=stage, speed=speed, stage=stage, n_days=15)
    for load, n_servers, patience_rate in ERLANG_A:
        with pytest.raises(AssertionError, match="bias: wait"):
            check_erlang_a(load, n_servers, patience_rate, speed=speed, n_days=8)
    for load, n_servers, share in TWO_LINES:
        with pytest.raises(AssertionError, match="bias: priority wait"):
            check_two_lines(load, n_servers, share, speed=speed, n_days=20)


def test_a_priority_line_that_is_not_one_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same check fails when everybody is served in order of arrival."""
    honest = plain_rules
    monkeypatch.setattr(f"{__name__}.plain_rules", lambda **changes: honest(**{**changes, "priority_share": 0.0}))
    with pytest.raises(AssertionError, match="bias: priority wait"):
        check_two_lines(*TWO_LINES[1])
