"""The kernels against mathematics, ten times as precise as in `make test`, and days whose demand changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import sqrt

import numpy as np
import pytest

from kinerja_sim.model import kernel, records
from kinerja_sim.model.fcfs import fcfs_waits
from kinerja_sim.model.queueing import cobham, erlang_a, wait_mdc, wait_mg1, wait_mmc
from kinerja_sim.model.rng import base_key, keyed_uniforms, stream
from tests.offices import plain_rules
from tests.prove.exact import solve_day
from tests.prove.report import PLANTED, Planted, Proof

MOST_RELATIVE_ERROR = 0.005
N_ALONE, N_REPLICATIONS, N_LONG_DAY, LONG_DAYS, N_DAYS = 400_000, 300, 200_000, 100, 60_000
Draw = Callable[[np.random.Generator, int], np.ndarray]


def check_means(values: np.ndarray, expected: dict[str, float], proof: Proof) -> None:
    """Fail unless every column's mean is within four standard errors of theory, each at most 0.5 % of it."""
    words = []
    for column, (name, value) in zip(values.T, expected.items(), strict=True):
        error = column.std(ddof=1) / sqrt(column.size)
        z = (column.mean() - value) / error
        words.append(f"{name}: z {z:+.1f}, standard error {100 * error / value:.2f} %")
        assert abs(z) < 4, f"bias: {name} {column.mean():.6g} is {z:.1f} standard errors from {value:.6g}"
        assert error <= MOST_RELATIVE_ERROR * value, f"precision: standard error of {name} is {error / value:.2%}"
    proof.worst = "; ".join(words)


def exponential(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return exponential services with mean 1."""
    return rng.standard_exponential(n)


def constant(_rng: np.random.Generator, n: int) -> np.ndarray:
    """Return services of exactly 1."""
    return np.ones(n)


def gamma(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return gamma services with mean 1 and coefficient of variation 0.5."""
    return rng.gamma(4.0, 0.25, n)


def two_kinds(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return services with mean 1, most short and some long; coefficient of variation 1."""
    return np.where(rng.random(n) < 0.8, 0.5, 3.0)


def alone(draw: Draw, load: float, n_servers: int, expected: float, proof: Proof, *, speed: float = 1.0) -> None:
    """Compare `fcfs_waits` with theory."""
    means = []
    for replication in range(N_REPLICATIONS):
        rng = stream(44, draw.__name__, load, n_servers, replication)
        arrivals = np.cumsum(rng.standard_exponential(N_ALONE) / load)
        means.append([fcfs_waits(arrivals, draw(rng, N_ALONE) / speed, n_servers)[N_ALONE // 10 :].mean()])
    proof.amount = f"{N_REPLICATIONS} runs of {N_ALONE:,} customers"
    check_means(np.array(means), {"wait": expected}, proof)


def serve_days(
    start: np.ndarray, length: float, counts: np.ndarray, demand: records.Demand, n_servers: int,
    *, speed: float, priority_share: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """Return the log of days at a counter, in order of the customers' keys: no rework, nobody returns."""
    n_days = start.size
    days = records.Days(
        start, np.full(n_days, length), np.ones(n_days), np.full(n_days, 2**40), np.linspace(0, 1, 3),
        np.concatenate([[0], np.cumsum(counts)]),
    )  # fmt: skip
    none, nothing, whole = np.zeros(n_servers), np.zeros(1), np.zeros(1, dtype=np.int64)
    staff = records.Staff(np.full(n_servers, speed), none, none, np.zeros((n_days, n_servers)), n_servers)
    channels = records.Channels(nothing, nothing, nothing, nothing, whole, whole)
    nobody, log = np.zeros(0, records.CASE), np.zeros(demand.key.size, records.EVENT)
    rules = plain_rules(day_minutes=length, priority_share=priority_share)
    kernel.serve_month(
        days, demand, staff, rules, channels, nobody, nobody, np.zeros(0), 0, np.zeros((2, records.N_FLOW)),
        np.zeros((2, records.N_COHORT)), np.zeros((n_servers, len(records.OFFICER))), log,
    )  # fmt: skip
    return log[np.argsort(log["key"] - demand.key[0])]


def steady(load: float, n_servers: int, replication: int, *, speed: float, patience_rate: float = 0.0,
           priority_share: float = 0.0) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return the log of one endless day of M/M/c at the counter, warmed up, and who is urgent."""
    rng = stream(44, "day", load, n_servers, patience_rate, priority_share, replication)
    arrivals = np.cumsum(rng.standard_exponential(N_LONG_DAY) / load)
    with np.errstate(over="ignore"):
        keys = base_key(44, "day", replication) + np.arange(N_LONG_DAY, dtype=np.uint64)
    patience = rng.standard_exponential(N_LONG_DAY) / patience_rate if patience_rate else np.full(N_LONG_DAY, np.inf)
    demand = records.Demand(keys, arrivals, rng.standard_exponential(N_LONG_DAY), np.zeros(N_LONG_DAY), patience)
    log = serve_days(
        np.zeros(1), 2.0 * arrivals[-1], np.array([N_LONG_DAY]), demand, n_servers,
        speed=speed, priority_share=priority_share,
    )  # fmt: skip
    urgent = keyed_uniforms(keys, records.PRIORITY) < priority_share
    return log[N_LONG_DAY // 10 :], urgent[N_LONG_DAY // 10 :]


def impatient(load: float, n_servers: int, patience_rate: float, proof: Proof, *, speed: float = 1.0) -> None:
    """Compare the counter's impatient visitors with Erlang A."""
    theory, means = erlang_a(load, 1.0, n_servers, patience_rate), []
    for replication in range(LONG_DAYS):
        log, _ = steady(load, n_servers, replication, speed=speed, patience_rate=patience_rate)
        wait = log["begin"] - log["time"]
        means.append([wait.mean(), (wait > 0).mean(), (log["kind"] == records.LOST).mean()])
    expected = {"wait": theory.wait_mean, "waits at all": theory.wait_probability, "leaves": theory.reneged_share}
    proof.amount = f"{LONG_DAYS} days of {N_LONG_DAY:,} visitors"
    check_means(np.array(means), expected, proof)


def two_classes(load: float, n_servers: int, share: float, proof: Proof, *, speed: float = 1.0) -> None:
    """Compare the waits of the priority and the ordinary line with Cobham."""
    urgent_wait, ordinary_wait = cobham([share * load, (1 - share) * load], 1.0, n_servers)
    means = []
    for replication in range(2 * LONG_DAYS):
        log, urgent = steady(load, n_servers, replication, speed=speed, priority_share=share)
        wait = log["begin"] - log["time"]
        means.append([wait[urgent].mean(), wait[~urgent].mean()])
    proof.amount = f"{2 * LONG_DAYS} days of {N_LONG_DAY:,} visitors"
    check_means(np.array(means), {"urgent": urgent_wait, "ordinary": ordinary_wait}, proof)


def changing(n_servers: int, patience_rate: float, proof: Proof, *, speed: float = 1.0) -> None:
    """Compare whole days, empty at opening and with a rush, with the numerical solution."""
    interval, service_rate = 30.0, 0.1
    rates = n_servers * service_rate * np.array([0.5, 1.2, 1.4, 1.1, 0.8, 0.4, 0.3, 0.9, 1.2, 0.9, 0.6, 0.2])
    exact = solve_day(rates, interval, service_rate, n_servers, patience_rate)
    rng, length = stream(44, "changing", n_servers, patience_rate), interval * rates.size
    per_interval = rng.poisson(rates * interval, (N_DAYS, rates.size))
    counts, start = per_interval.sum(axis=1), length * np.arange(N_DAYS)
    opens = (start[:, None] + interval * np.arange(rates.size)).ravel()
    arrivals = np.sort(np.repeat(opens, per_interval.ravel()) + interval * rng.random(int(counts.sum())))
    n = arrivals.size
    patience = rng.standard_exponential(n) / patience_rate if patience_rate else np.full(n, np.inf)
    work = rng.standard_exponential(n) / service_rate
    demand = records.Demand(np.arange(n, dtype=np.uint64), arrivals, work, np.zeros(n), patience)
    log = serve_days(start, length, counts, demand, n_servers, speed=speed)
    wait, day = log["begin"] - log["time"], np.repeat(np.arange(N_DAYS), counts)
    columns = {"wait": (wait, exact.wait_minutes), "waits at all": (wait > 1e-7, exact.waited)}
    if patience_rate:
        columns["leaves"] = (log["kind"] == records.LOST, exact.left)
    sums = [np.bincount(day, weights=values, minlength=N_DAYS) for values, _ in columns.values()]
    proof.amount = f"{N_DAYS:,} days, {n:,} visitors"
    check_means(np.array(sums).T, {name: value for name, (_, value) in columns.items()}, proof)


ALONE = [
    *[
        ("M/M/c", exponential, load, c, wait_mmc(load, 1.0, c))
        for load, c in [(0.8, 1), (2.55, 3), (8.5, 10), (45.0, 50)]
    ],
    *[("M/D/c", constant, load, c, wait_mdc(load, 1.0, c)) for load, c in [(1.7, 2), (9.0, 10), (18.0, 20)]],
    ("M/G/1, gamma", gamma, 0.85, 1, wait_mg1(0.85, 1.0, 0.5)),
    ("M/G/1, two kinds", two_kinds, 0.85, 1, wait_mg1(0.85, 1.0, 1.0)),
]
IMPATIENT = [(0.9, 1, 0.5), (2.8, 3, 0.2), (4.0, 3, 1.0), (9.0, 8, 0.5)]
CLASSES = [(0.8, 1, 0.3), (2.5, 3, 0.2), (4.0, 5, 0.5)]
CHANGING = [(1, 0.0), (4, 0.0), (10, 0.0), (4, 0.05)]
EXACT: dict[str, Callable[..., None]] = {
    **{f"{name}, load {a:g}, {c} servers": partial(alone, draw, a, c, wait) for name, draw, a, c, wait in ALONE},
    **{f"M/M/c+M, load {a:g}, {c} officers, patience {1 / t:g}": partial(impatient, a, c, t) for a, c, t in IMPATIENT},
    **{f"two classes, load {a:g}, {c} officers, {s:.0%} urgent": partial(two_classes, a, c, s) for a, c, s in CLASSES},
    **{f"M(t)/M/c{'+M' if t else ''}, {c} officers": partial(changing, c, t) for c, t in CHANGING},
}


@pytest.mark.parametrize("case", EXACT)
def test_waits_agree_with_theory(case: str, proof: Proof) -> None:
    """Waits, who waits at all and who leaves agree with closed forms, and with numerical solutions for M(t)."""
    EXACT[case](proof)


@pytest.mark.parametrize("speed", [1.03, 1 / 1.03], ids=["3 % too fast", "3 % too slow"])
@pytest.mark.parametrize("case", EXACT)
def test_a_service_rate_wrong_by_three_percent_is_caught(case: str, speed: float) -> None:
    """The same checks fail for their bias when service is 3 % too fast or too slow."""
    unused = Proof("")
    with pytest.raises(AssertionError, match=r"bias: ") as caught:
        EXACT[case](unused, speed=speed)
    PLANTED.append(
        Planted(f"service 3 % too {'fast' if speed > 1 else 'slow'}", case, str(caught.value).splitlines()[0])
    )
