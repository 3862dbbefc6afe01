from fractions import Fraction
from math import exp, factorial

import numpy as np
import pytest

from kinerja_sim.model import queueing

LOADS = [(0.8, 1), (1.9, 2), (5.0, 10), (9.9, 10), (45.0, 50), (900.0, 1000), (999.0, 1000)]


def exact_erlang_b(load: float, n_servers: int) -> float:
    """Return Erlang's loss formula summed term by term in exact fractions, largest term first."""
    ratio, total = Fraction(1), Fraction(1)
    for n in range(n_servers, max(0, n_servers - 400), -1):
        ratio *= Fraction(n) / Fraction(load)
        total += ratio
    return float(1 / total)


def poisson_tail(mean: float, start: int) -> tuple[float, float]:
    """Return P(N >= start) and E[(N - start)+] of a Poisson variable, term by term."""
    terms = [exp(-mean) * mean**n / factorial(n) for n in range(start, start + 80)]
    return sum(terms), sum(n * term for n, term in enumerate(terms))


@pytest.mark.parametrize(("load", "n_servers"), LOADS)
def test_erlang_b_equals_its_definition(load: float, n_servers: int) -> None:
    """The recursion equals the loss formula summed in exact fractions, up to 1,000 servers."""
    assert queueing.erlang_b(load * 2.5, 2.5, n_servers) == pytest.approx(exact_erlang_b(load, n_servers), rel=1e-10)


@pytest.mark.parametrize(("load", "n_servers"), LOADS)
def test_erlang_c_and_its_wait_follow_from_the_loss_formula(load: float, n_servers: int) -> None:
    """The share that waits is c B / (c - a (1 - B)), and each of them waits 1 / (c mu - lambda) on average."""
    blocked = exact_erlang_b(load, n_servers)
    waits = n_servers * blocked / (n_servers - load * (1 - blocked))
    assert queueing.erlang_c(load, 1.0, n_servers) == pytest.approx(waits, rel=1e-10)
    assert queueing.wait_mmc(load * 3, 3.0, n_servers) == pytest.approx(waits / (n_servers - load) / 3, rel=1e-10)


def test_one_and_two_servers_have_their_textbook_waits() -> None:
    """M/M/1 waits rho / (mu - lambda); of M/M/2, a share 2 rho^2 / (1 + rho) waits."""
    assert queueing.wait_mmc(3.0, 4.0, 1) == pytest.approx(0.75)
    assert queueing.erlang_c(1.2, 1.0, 2) == pytest.approx(2 * 0.36 / 1.6)


@pytest.mark.parametrize(("load", "n_servers"), [(0.5, 1), (3.0, 2), (8.0, 10), (20.0, 12)])
def test_erlang_a_is_poisson_when_patience_equals_service(load: float, n_servers: int) -> None:
    """When reneging is as fast as service, the number present is Poisson: any load, any servers."""
    present, queue_length = poisson_tail(load, n_servers)
    result = queueing.erlang_a(load * 2, 2.0, n_servers, 2.0)
    assert result.wait_probability == pytest.approx(present, rel=1e-9)
    assert result.queue_length_mean == pytest.approx(queue_length, rel=1e-9)
    assert result.wait_mean == pytest.approx(queue_length / (load * 2), rel=1e-9)
    assert result.reneged_share == pytest.approx(queue_length / load, rel=1e-9)
    assert result.utilisation == pytest.approx(load * (1 - queue_length / load) / n_servers, rel=1e-9)


@pytest.mark.parametrize("patience_rate", [0.01, 0.3, 5.0])
@pytest.mark.parametrize(("arrival_rate", "n_servers"), [(2.0, 3), (2.99, 3), (4.0, 3), (60.0, 50)])
def test_erlang_a_solves_its_birth_death_chain(arrival_rate: float, n_servers: int, patience_rate: float) -> None:
    """The five numbers equal those of the birth-death chain summed state by state from an empty system."""
    weights = [Fraction(1)] if n_servers < 10 else [1.0]
    kind = type(weights[0])
    for n in range(1, n_servers + 2000):
        death = min(n, n_servers) + max(0, n - n_servers) * patience_rate
        weights.append(weights[-1] * kind(arrival_rate / death))
        if kind is Fraction and n > 60:  # fractions guard the start, floats carry the long tail
            weights, kind = [float(w) for w in weights], float
    share = np.array(weights, dtype=float) / sum(weights)
    waiting = np.maximum(np.arange(share.size) - n_servers, 0)
    result = queueing.erlang_a(arrival_rate, 1.0, n_servers, patience_rate)
    assert result.wait_probability == pytest.approx(share[n_servers:].sum(), rel=1e-9)
    assert result.queue_length_mean == pytest.approx((share * waiting).sum(), rel=1e-9)
    assert result.reneged_share == pytest.approx((share * waiting).sum() * patience_rate / arrival_rate, rel=1e-9)
    busy = (share * np.minimum(np.arange(share.size), n_servers)).sum() / n_servers
    assert result.utilisation == pytest.approx(busy, rel=1e-9)


def test_erlang_a_lies_between_waiting_for_ever_and_not_at_all() -> None:
    """Endless patience gives Erlang C and no patience Erlang B, without losing digits on the way."""
    patient, impatient = queueing.erlang_a(45.0, 1.0, 50, 1e-12), queueing.erlang_a(45.0, 1.0, 50, 1e12)
    assert patient.wait_mean == pytest.approx(queueing.wait_mmc(45.0, 1.0, 50), rel=1e-8)
    assert patient.wait_probability == pytest.approx(queueing.erlang_c(45.0, 1.0, 50), rel=1e-8)
    assert impatient.reneged_share == pytest.approx(queueing.erlang_b(45.0, 1.0, 50), rel=1e-8)


def test_erlang_a_serves_to_capacity_under_overload() -> None:
    """Far above capacity nearly all servers are busy and the excess reneges."""
    result = queueing.erlang_a(2000.0, 1.0, 1000, 0.01)
    assert result.reneged_share == pytest.approx(0.5, rel=1e-9)
    assert result.queue_length_mean == pytest.approx(100_000, rel=1e-9)
    assert result.wait_probability == pytest.approx(1.0)
    assert result.utilisation == pytest.approx(1.0)


@pytest.mark.parametrize(("load", "n_servers"), [(0.3, 1), (0.95, 1), (1.5, 2), (1.96, 2), (2.4, 3), (7.0, 8)])
def test_constant_service_waits_solve_the_embedded_chain(load: float, n_servers: int) -> None:
    """The M/D/c wait equals Little's law on the chain of the number present one service time apart."""
    size = 800
    arriving = np.zeros(size)
    arriving[0] = exp(-load)
    for n in range(1, size):
        arriving[n] = arriving[n - 1] * load / n
    share = np.full(size, 1 / size)
    moves = np.array([np.concatenate([np.zeros(max(0, n - n_servers)), arriving])[:size] for n in range(size)])
    moves /= moves.sum(axis=1, keepdims=True)
    balance = np.vstack([moves.T - np.eye(size), np.ones(size)])
    share = np.linalg.lstsq(balance, np.concatenate([np.zeros(size), [1.0]]), rcond=None)[0]
    queue_length = (share * np.maximum(np.arange(size) - n_servers, 0)).sum()
    assert queueing.wait_mdc(load * 4, 4.0, n_servers) == pytest.approx(queue_length / load / 4, rel=1e-7)


@pytest.mark.parametrize("n_servers", [1, 2, 5, 30, 300])
def test_both_ways_to_the_constant_service_wait_meet(n_servers: int) -> None:
    """Where the sum hands over to the roots, the wait goes on without a step."""
    low, high = 0.5, 1.0
    for _ in range(60):  # the utilisation at which the terms of the sum fall by exp(-0.01)
        middle = (low + high) / 2
        low, high = (middle, high) if n_servers * (middle - 1 - np.log(middle)) > 0.01 else (low, middle)
    by_sum = queueing.wait_mdc(n_servers * low * (1 - 1e-9), 1.0, n_servers)
    by_roots = queueing.wait_mdc(n_servers * high * (1 + 1e-9), 1.0, n_servers)
    assert by_roots == pytest.approx(by_sum, rel=1e-6)
    assert by_roots > by_sum


def test_mg1_spans_constant_to_exponential_service() -> None:
    """Constant service waits half as long as exponential service, and both are special cases of M/G/1."""
    assert queueing.wait_mg1(1.8, 2.0, 1.0) == pytest.approx(queueing.wait_mmc(1.8, 2.0, 1))
    assert queueing.wait_mg1(1.8, 2.0, 0.0) == pytest.approx(queueing.wait_mdc(1.8, 2.0, 1), rel=1e-12)
    assert queueing.wait_mg1(1.8, 2.0, 2.0) == pytest.approx(0.9 / (2 - 1.8) * 2.5)


def test_approximations_are_exact_where_they_should_be() -> None:
    """Kingman is exact for M/G/1, Allen-Cunneen for M/M/c, and even flow means no wait."""
    assert queueing.kingman(0.7, 1.0, 1.0, 0.4) == pytest.approx(queueing.wait_mg1(0.7, 1.0, 0.4))
    assert queueing.allen_cunneen(2.1, 1.0, 3, 1.0, 1.0) == pytest.approx(queueing.wait_mmc(2.1, 1.0, 3))
    assert queueing.allen_cunneen(2.1, 1.0, 3, 0.0, 0.0) == 0.0


def solve_two_classes(rates: tuple[float, float], service_rate: float, n_servers: int, size: int) -> list[float]:
    """Return each class's wait by solving the priority queue's own Markov chain, cut at `size` waiting per class."""
    from scipy.sparse import coo_array, csc_array, vstack
    from scipy.sparse.linalg import spsolve

    def at(first: int, second: int) -> int:
        return n_servers + first * size + second  # all servers busy, with these waiting; below, nobody waits

    moves: list[tuple[int, int, float]] = []
    for busy in range(n_servers):
        moves.append((busy, busy + 1 if busy + 1 < n_servers else at(0, 0), sum(rates)))
        if busy:
            moves.append((busy, busy - 1, busy * service_rate))
    for first in range(size):
        for second in range(size):
            here = at(first, second)
            if first + 1 < size:
                moves.append((here, at(first + 1, second), rates[0]))
            if second + 1 < size:
                moves.append((here, at(first, second + 1), rates[1]))
            if first:
                then = at(first - 1, second)
            else:
                then = at(0, second - 1) if second else n_servers - 1
            moves.append((here, then, n_servers * service_rate))
    n_states = n_servers + size * size
    source, target, rate = map(np.array, zip(*moves, strict=True))
    flow = csc_array(coo_array((rate, (target, source)), shape=(n_states, n_states)))
    balance = flow - csc_array(coo_array((flow.sum(axis=0), (np.arange(n_states), np.arange(n_states)))))
    system = csc_array(vstack([balance.tocsr()[:-1], np.ones((1, n_states))]))
    share = spsolve(system, np.eye(1, n_states, n_states - 1)[0])[n_servers:].reshape(size, size)
    waiting = np.arange(size)
    return [(share.sum(axis=1) * waiting).sum() / rates[0], (share.sum(axis=0) * waiting).sum() / rates[1]]


@pytest.mark.parametrize(("rates", "n_servers"), [((0.3, 0.3), 1), ((0.2, 0.9), 2), ((1.2, 0.6), 3)])
def test_cobham_solves_the_priority_queue(rates: tuple[float, float], n_servers: int) -> None:
    """Two-class waits equal those of the priority queue's Markov chain, solved numerically."""
    expected = solve_two_classes(rates, 1.0, n_servers, 60)
    assert queueing.cobham(rates, 1.0, n_servers) == pytest.approx(expected, rel=1e-6)


def test_priority_moves_waits_between_classes_only() -> None:
    """The arrival-weighted mean wait is that of the queue without priorities, and one class is that queue."""
    rates = [0.5, 0.9, 0.7]
    waits = queueing.cobham(rates, 1.0, 3)
    assert list(waits) == sorted(waits)
    assert np.average(waits, weights=rates) == pytest.approx(queueing.wait_mmc(2.1, 1.0, 3))
    assert queueing.cobham([2.1], 1.0, 3)[0] == pytest.approx(queueing.wait_mmc(2.1, 1.0, 3))


def test_waits_and_numbers_present_agree_by_littles_law() -> None:
    """The mean number waiting is the arrival rate times the mean wait."""
    result = queueing.erlang_a(4.0, 1.0, 3, 0.5)
    assert 4.0 * result.wait_mean == pytest.approx(result.queue_length_mean)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("erlang_c", (3.0, 1.0, 3)),
        ("wait_mmc", (3.1, 1.0, 3)),
        ("wait_mg1", (1.0, 1.0, 0.5)),
        ("wait_mdc", (3.0, 1.0, 3)),
        ("kingman", (1.2, 1.0, 1.0, 1.0)),
        ("allen_cunneen", (3.0, 1.0, 3, 1.0, 1.0)),
        ("cobham", ([1.0, 2.0], 1.0, 3)),
    ],
)
def test_unstable_queues_are_refused(name: str, arguments: tuple) -> None:
    """A queue without a steady state is refused, with its utilisation and two ways out."""
    with pytest.raises(ValueError, match=r"`utilisation` must be < 1 .* got 1.* Raise n_servers or lower"):
        getattr(queueing, name)(*arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "rule"),
    [
        ("wait_mmc", (0.0, 1.0, 1), "`arrival_rate` must be a finite number > 0; got 0.0"),
        ("wait_mmc", (-1.0, 1.0, 1), "`arrival_rate` must be a finite number > 0; got -1.0"),
        ("erlang_b", (1.0, float("nan"), 1), "`service_rate` must be a finite number > 0; got nan"),
        ("erlang_b", ("x", 1.0, 1), "`arrival_rate` must be a finite number > 0; got 'x'"),
        ("erlang_c", (1.0, 1.0, 1.5), "`n_servers` must be a whole number >= 1; got 1.5"),
        ("erlang_a", (1.0, 1.0, 1, 0.0), "`patience_rate` must be a finite number > 0; got 0.0"),
        ("erlang_a", (1.0, 1.0, 1, float("inf")), "`patience_rate` must be a finite number > 0; got inf"),
        ("wait_mg1", (0.5, 1.0, -0.1), "`service_cv` must be a finite number >= 0; got -0.1"),
        ("kingman", (0.5, 1.0, -0.1, 1.0), "`arrival_cv` must be a finite number >= 0; got -0.1"),
        ("cobham", ([], 1.0, 1), "`arrival_rates` must be one rate per class; got none"),
        ("cobham", ([0.1, -0.1], 1.0, 1), r"`arrival_rates\[1\]` must be a finite number > 0; got -0.1"),
    ],
)
def test_impossible_arguments_are_refused_by_name(name: str, arguments: tuple, rule: str) -> None:
    """An argument outside its range is refused with its name, the rule and the value."""
    with pytest.raises(ValueError, match=rule):
        getattr(queueing, name)(*arguments)
