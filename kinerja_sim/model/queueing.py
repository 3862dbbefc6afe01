"""Closed forms of queueing theory: the yardstick that the simulator is held against.

Rates are in cases per unit of time, and every wait comes back in that same unit of time.
Waits exclude service and are long-run means over all who arrive. Everything is summed by
recursions or in logarithms, so 1,000 servers neither overflow nor lose digits. Most open
to dispute: exponential service, which real counters do not have. Left out: opening hours,
rates that change through the day, servers of unequal speed. `kingman` and `allen_cunneen`
are approximations, to be reported beside a simulation and never asserted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from kinerja_sim.know.arguments import NUMBERS, takes
from kinerja_sim.know.errors import InputError
from kinerja_sim.model.queue_checks import check_number, offered_load


def erlang_b(arrival_rate: float, service_rate: float, n_servers: int) -> float:
    """Return the share of arrivals that find every server busy in an M/M/c/c loss system.

    Parameters
    ----------
    arrival_rate, service_rate : float, cases per unit of time (per server), > 0
    n_servers : int, >= 1

    Returns
    -------
    float, share in [0, 1]. No stability is needed: those who find no server are lost.

    Raises
    ------
    ValueError
        If a rate is not a finite number > 0 or `n_servers` is not a whole number >= 1.

    Source
    ------
    Erlang (1918), Post Office Electrical Engineers' Journal 10: 189-197; here by recursion on the servers.

    Examples
    --------
    >>> erlang_b(2.0, 1.0, 2)
    0.4
    """
    load, count = offered_load(arrival_rate, service_rate, n_servers, stable=False)
    blocked = 1.0
    for n in range(1, count + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(arrival_rate: float, service_rate: float, n_servers: int) -> float:
    """Return the share of arrivals that wait in an M/M/c system.

    Parameters
    ----------
    arrival_rate, service_rate : float, cases per unit of time (per server), > 0
    n_servers : int, >= 1

    Returns
    -------
    float, share in [0, 1]

    Raises
    ------
    ValueError
        As for `erlang_b`, and if utilisation >= 1, where no steady state exists.

    Source
    ------
    Erlang (1918), as for `erlang_b`; C = B / (1 - rho (1 - B)).

    Examples
    --------
    >>> round(erlang_c(2.0, 1.0, 3), 6)
    0.444444
    """
    load, count = offered_load(arrival_rate, service_rate, n_servers, stable=True)
    blocked = erlang_b(arrival_rate, service_rate, count)
    return blocked / (1 - load / count * (1 - blocked))


def wait_mmc(arrival_rate: float, service_rate: float, n_servers: int) -> float:
    """Return the mean wait in queue of an M/M/c system.

    Parameters
    ----------
    arrival_rate, service_rate : float, cases per unit of time (per server), > 0
    n_servers : int, >= 1

    Returns
    -------
    float, units of time. Excludes service; long-run mean over all arrivals.

    Raises
    ------
    ValueError
        As for `erlang_c`.

    Source
    ------
    Erlang (1918), as for `erlang_b`; C / (c mu - lambda).

    Examples
    --------
    >>> round(wait_mmc(0.8, 1.0, 1), 6)
    4.0
    """
    return erlang_c(arrival_rate, service_rate, n_servers) / (n_servers * service_rate - arrival_rate)


@dataclass(frozen=True)
class ErlangA:
    """Steady state of an M/M/c queue whose customers lose patience.

    `wait_mean` (units of time) and `wait_probability` are over all who join; for those who
    renege, the wait is the time until they left. `reneged_share` is the share of all who
    join. `queue_length_mean` counts those waiting, over time. `utilisation` is the share of
    server time in service, below 1 whatever the load.
    """

    wait_probability: float
    reneged_share: float
    wait_mean: float
    queue_length_mean: float
    utilisation: float


def erlang_a(arrival_rate: float, service_rate: float, n_servers: int, patience_rate: float) -> ErlangA:
    """Return the steady state of an M/M/c+M system: waits, reneging, utilisation.

    Parameters
    ----------
    arrival_rate, service_rate : float, cases per unit of time (per server), > 0
    n_servers : int, >= 1
    patience_rate : float, per unit of time, > 0
        One over the mean patience. The work grows with `arrival_rate / patience_rate`.

    Returns
    -------
    ErlangA, a frozen record of five numbers. Reneging keeps any load stable.

    Raises
    ------
    ValueError
        If a rate is not a finite number > 0 or `n_servers` is not a whole number >= 1.

    Source
    ------
    The birth-death chain of Palm's model, summed; see Zeltyn and Mandelbaum (2005), Queueing
    Systems 51: 361-402, doi 10.1007/s11134-005-3699-8, for the general M/M/n+G.

    Examples
    --------
    >>> queue = erlang_a(1.0, 1.0, 1, 1.0)      # the number present is Poisson(1)
    >>> round(queue.wait_probability, 6), round(queue.reneged_share, 6)
    (0.632121, 0.367879)
    """
    load, count = offered_load(arrival_rate, service_rate, n_servers, stable=False)
    patience = check_number("patience_rate", patience_rate)
    capacity = count * float(service_rate)
    blocked = erlang_b(arrival_rate, service_rate, count)
    # States c + j, j = 0, 1, ..., relative to state c. The weights peak where reneging takes up the
    # excess, then fall like a Gaussian of width sqrt(arrival/patience), or geometrically when that is sooner.
    width = 12 * sqrt(arrival_rate / patience)
    if load < count:
        width = min(width, 40 / -log(load / count))
    n_waiting = np.arange(1, int(max(0.0, (arrival_rate - capacity) / patience) + width) + 61)
    log_weight = np.concatenate([[0.0], np.cumsum(np.log(arrival_rate / (capacity + n_waiting * patience)))])
    peak = log_weight.max()
    weight = np.exp(log_weight - peak)
    # `blocked` is the weight of state c among the states 0..c, so 1 / blocked is all of them together.
    total = exp(-peak) + blocked * weight[1:].sum()
    queue_length = float(blocked * (n_waiting * weight[1:]).sum() / total)
    reneged = min(patience * queue_length / arrival_rate, 1.0)
    return ErlangA(
        wait_probability=min(float(blocked * weight.sum() / total), 1.0),
        reneged_share=reneged,
        wait_mean=queue_length / arrival_rate,
        queue_length_mean=queue_length,
        utilisation=min(load * (1 - reneged) / count, 1.0),
    )


def wait_mg1(arrival_rate: float, service_rate: float, service_cv: float) -> float:
    """Return the mean wait in queue of an M/G/1 system.

    Parameters
    ----------
    arrival_rate, service_rate : float, cases per unit of time, > 0
        `service_rate` is one over the mean service time.
    service_cv : float, >= 0
        Coefficient of variation of service time: 0 is constant (M/D/1), 1 is as in M/M/1.

    Returns
    -------
    float, units of time. Excludes service; long-run mean over all arrivals.

    Raises
    ------
    ValueError
        If an argument is out of range or utilisation >= 1.

    Source
    ------
    Pollaczek-Khinchine mean-value formula.

    Examples
    --------
    >>> round(wait_mg1(0.8, 1.0, 0.0), 6)
    2.0
    """
    return kingman(arrival_rate, service_rate, 1.0, service_cv)


def wait_mdc(arrival_rate: float, service_rate: float, n_servers: int) -> float:
    """Return the mean wait in queue of an M/D/c system (constant service times).

    Served in order of arrival and each for the same time, customer n meets the server that
    customer n - c left. So each server is a queue of its own with arrivals c apart, whose mean
    wait is the sum over k of E[(k D - Gamma(k c))+] / k (Spitzer's identity).

    Parameters
    ----------
    arrival_rate, service_rate : float, cases per unit of time (per server), > 0
        `service_rate` is one over the service time.
    n_servers : int, >= 1

    Returns
    -------
    float, units of time. Excludes service; accurate to about 1e-9 of the value.

    Raises
    ------
    ValueError
        As for `erlang_c`.

    Source
    ------
    Crommelin (1932), Post Office Electrical Engineers' Journal 25: 41-50. Derived here as above.

    Examples
    --------
    >>> round(wait_mdc(0.8, 1.0, 1), 6)         # half the wait of M/M/1
    2.0
    """
    from scipy.special import gammainc  # not needed by the other closed forms, and slow to import

    load, count = offered_load(arrival_rate, service_rate, n_servers, stable=True)
    decay = count * (load / count - 1 - log(load / count))  # the terms of the sum fall like exp(-decay k)
    if decay > 0.01:
        k = np.arange(1.0, 41 / decay + 1)
        excess = gammainc(k * count, k * load) - gammainc(k * count + 1, k * load) * count / load
        return float(np.maximum(excess, 0.0).sum()) / service_rate
    # Near saturation the sum is long, and Crommelin's roots of z**c = exp(load (z - 1)) inside the unit
    # circle are few: a few steps of the contraction, then Newton.
    angle = 2j * np.pi * np.arange(1, count)
    z = np.exp(angle / count) * 0.9
    for step in range(60):
        image = np.exp((load * (z - 1) + angle) / count)
        z = image if step < 10 else z - (z - image) / (1 - load / count * image)
    queue_length = (load**2 - count * (count - 1)) / (2 * (count - load)) + float((1 / (1 - z)).sum().real)
    return queue_length / arrival_rate


def kingman(arrival_rate: float, service_rate: float, arrival_cv: float, service_cv: float) -> float:
    """Return Kingman's approximate mean wait in queue of a G/G/1 system (exact for M/G/1).

    Parameters
    ----------
    arrival_rate, service_rate : float, cases per unit of time, > 0
    arrival_cv, service_cv : float, >= 0
        Coefficients of variation of the gaps between arrivals and of service times.

    Returns
    -------
    float, units of time. An approximation, close in heavy traffic.

    Raises
    ------
    ValueError
        If an argument is out of range or utilisation >= 1.

    Source
    ------
    Kingman (1961), The single server queue in heavy traffic, Proc. Cambridge Philosophical Society.

    Examples
    --------
    >>> round(kingman(0.8, 1.0, 0.5, 0.5), 6)
    1.0
    """
    return allen_cunneen(arrival_rate, service_rate, 1, arrival_cv, service_cv)


def allen_cunneen(
    arrival_rate: float, service_rate: float, n_servers: int, arrival_cv: float, service_cv: float
) -> float:
    """Return Allen and Cunneen's approximate mean wait in queue of a G/G/c system.

    Parameters
    ----------
    arrival_rate, service_rate : float, cases per unit of time (per server), > 0
    n_servers : int, >= 1
    arrival_cv, service_cv : float, >= 0
        Coefficients of variation of the gaps between arrivals and of service times.

    Returns
    -------
    float, units of time. The M/M/c wait times the mean of the two squared coefficients.

    Raises
    ------
    ValueError
        If an argument is out of range or utilisation >= 1.

    Source
    ------
    The Allen-Cunneen formula (named after A. O. Allen and J. Cunneen); equals `wait_mmc` when both are 1.

    Examples
    --------
    >>> round(allen_cunneen(0.8, 1.0, 1, 1.0, 0.5), 6)
    2.5
    """
    variability = check_number("arrival_cv", arrival_cv, zero=True) ** 2
    variability += check_number("service_cv", service_cv, zero=True) ** 2
    return wait_mmc(arrival_rate, service_rate, n_servers) * variability / 2


@takes(arrival_rates=NUMBERS)
def cobham(arrival_rates: Sequence[float], service_rate: float, n_servers: int) -> tuple[float, ...]:
    """Return each class's mean wait in an M/M/c queue with non-preemptive priorities.

    Parameters
    ----------
    arrival_rates : sequence of float, cases per unit of time, > 0, shape (n_classes,)
        The class served first stands first; all classes have the same service rate.
    service_rate : float, cases per unit of time per server, > 0
    n_servers : int, >= 1

    Returns
    -------
    tuple of float, units of time, one per class in the same order

    Raises
    ------
    ValueError
        If there is no class, a rate is out of range or total utilisation >= 1.

    Source
    ------
    Cobham (1954), Operations Research 2: 70-76, doi 10.1287/opre.2.1.70, equation 6.

    Examples
    --------
    >>> [round(wait, 6) for wait in cobham([1 / 6, 1 / 6], 0.5, 1)]
    [2.0, 6.0]
    """
    if not len(arrival_rates):
        raise InputError("`arrival_rates` must be one rate per class; got none. Write [urgent, ordinary].")
    rates = [check_number(f"arrival_rates[{i}]", rate) for i, rate in enumerate(arrival_rates)]
    waiting = erlang_c(sum(rates), service_rate, n_servers)
    capacity = n_servers * service_rate
    ahead = np.concatenate([[0.0], np.cumsum(rates)]) / capacity
    return tuple((waiting / capacity / ((1 - ahead[:-1]) * (1 - ahead[1:]))).tolist())
