"""The queue alone: first come, first served, equal servers, given arrivals and services.

Each customer starts at the later of the own arrival and the earliest moment a server is
free. Equal servers are interchangeable, so a kernel keeps only the free times, in the
shape that suits their number: one scalar, four scalars, a sorted array, a loser tree.
All give the same bits as a heap. Most open to dispute: equal speed and endless patience.
Left out: breaks, closing, priorities, mixed speeds, which belong to the day kernel.
"""

from __future__ import annotations

import numpy as np
from numba import boolean, float64, int64, njit, types, void
from numpy.typing import ArrayLike

from kinerja_sim.know.errors import InputError
from kinerja_sim.model.queue_checks import check_servers

_GIVEN = types.Array(float64, 1, "C", readonly=True)  # accepts read-only and writable arrays alike
_OUT = float64[::1]
_SORTED_UP_TO = 16  # servers; above, the loser tree's logarithm beats the sorted array's line

# No fastmath: reordering sums would break the equality with the plain Python reference.


@njit(boolean(_GIVEN, _GIVEN), cache=True, nogil=True, error_model="numpy")
def _is_valid(arrivals: np.ndarray, services: np.ndarray) -> bool:
    """Return whether arrivals are sorted, and both finite and >= 0, in one pass (NaN fails every comparison)."""
    n = arrivals.size
    fine = True
    for k in range(n):
        fine &= (services[k] >= 0.0) & (services[k] < np.inf)
    for k in range(1, n):
        fine &= arrivals[k] >= arrivals[k - 1]
    return fine and (n == 0 or (arrivals[0] >= 0.0 and arrivals[n - 1] < np.inf))


@njit(void(_GIVEN, _GIVEN, _OUT), cache=True, nogil=True, error_model="numpy")
def _waits_one(arrivals: np.ndarray, services: np.ndarray, waits: np.ndarray) -> None:
    """Fill `waits` for a single server (Lindley's recursion)."""
    free = 0.0
    for k in range(arrivals.size):
        start = free if free > arrivals[k] else arrivals[k]
        waits[k] = start - arrivals[k]
        free = start + services[k]


@njit(void(_GIVEN, _GIVEN, int64, _OUT), cache=True, nogil=True, error_model="numpy")
def _waits_few(arrivals: np.ndarray, services: np.ndarray, n_servers: int, waits: np.ndarray) -> None:
    """Fill `waits` for up to four servers, whose sorted free times stay in registers.

    A place without a server is free never. Each place takes the middle of its old value, its
    neighbour's and the new free time, which is insertion without a branch.
    """
    first, second = 0.0, 0.0 if n_servers > 1 else np.inf
    third, fourth = 0.0 if n_servers > 2 else np.inf, 0.0 if n_servers > 3 else np.inf
    for k in range(arrivals.size):
        start = first if first > arrivals[k] else arrivals[k]
        waits[k] = start - arrivals[k]
        free = start + services[k]
        first = free if free < second else second
        low = free if free < third else third
        second = second if second > low else low
        low = free if free < fourth else fourth
        third = third if third > low else low
        fourth = fourth if fourth > free else free


@njit(void(_GIVEN, _GIVEN, int64, _OUT), cache=True, nogil=True, error_model="numpy")
def _waits_sorted(arrivals: np.ndarray, services: np.ndarray, n_servers: int, waits: np.ndarray) -> None:
    """Fill `waits` for some servers, whose free times stay sorted in an array (insertion as in `_waits_few`)."""
    times = np.zeros(n_servers + 1)
    times[n_servers] = np.inf
    for k in range(arrivals.size):
        start = times[0] if times[0] > arrivals[k] else arrivals[k]
        waits[k] = start - arrivals[k]
        free = start + services[k]
        here = times[1]
        times[0] = free if free < here else here
        for j in range(1, n_servers):
            above = times[j + 1]
            low = free if free < above else above
            times[j] = here if here > low else low
            here = above


@njit(void(_GIVEN, _GIVEN, int64, _OUT), cache=True, nogil=True, error_model="numpy")
def _waits_tree(arrivals: np.ndarray, services: np.ndarray, n_servers: int, waits: np.ndarray) -> None:
    """Fill `waits` for many servers by a loser tree: each inner node keeps the later of two free times.

    Leaves are servers, padded to a power of two by servers that are never free; only the
    path from the served leaf to the root is replayed, without a branch.
    """
    size = 1
    while size < n_servers:
        size *= 2
    loser_time, loser_leaf = np.empty(size), np.empty(size, np.int64)
    width, level = size, 1
    while level < size:  # all are free at zero: the left half wins, the leftmost leaf of the right half loses
        for node in range(level, 2 * level):
            loser_leaf[node] = (node - level) * width + width // 2
            loser_time[node] = 0.0 if loser_leaf[node] < n_servers else np.inf
        level, width = 2 * level, width // 2
    free, leaf = 0.0, 0
    for k in range(arrivals.size):
        start = free if free > arrivals[k] else arrivals[k]
        waits[k] = start - arrivals[k]
        free = start + services[k]
        node = (leaf + size) >> 1
        while node > 0:
            other_time, other_leaf = loser_time[node], loser_leaf[node]
            loses = other_time < free
            loser_time[node] = free if loses else other_time
            loser_leaf[node] = leaf if loses else other_leaf
            free = other_time if loses else free
            leaf = other_leaf if loses else leaf
            node >>= 1


def _check_times(name: str, values: ArrayLike) -> np.ndarray:
    """Return `values` as a contiguous float array, or raise `InputError` when they are not a row of numbers."""
    try:
        times = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"`{name}` must be a row of numbers; got {type(values).__name__} ({error}). Give numbers only."
        ) from error
    if times.ndim != 1:
        raise InputError(f"`{name}` must be a row of numbers; got shape {times.shape}. Flatten it first.")
    return np.ascontiguousarray(times)


def _explain(name: str, times: np.ndarray) -> None:
    """Raise `InputError` at the first time that is not finite or is negative."""
    wrong = np.flatnonzero(~(np.isfinite(times) & (times >= 0)))
    if wrong.size:
        first = wrong[0].item()
        raise InputError(
            f"`{name}` must be finite and >= 0; got {times[first].item()} at index {first} "
            f"({wrong.size} such). Drop or repair these customers."
        )


def fcfs_waits(arrivals: ArrayLike, services: ArrayLike, n_servers: int) -> np.ndarray:
    """Return each customer's wait before service in a first-come, first-served queue.

    Parameters
    ----------
    arrivals : array of float, shape (n_customers,), units of time
        When each customer joins, counted from any zero; finite, >= 0 and sorted. Those who
        arrive together are served in the order given.
    services : array of float, shape (n_customers,), the same unit of time
        How long each service takes; finite and >= 0.
    n_servers : int, >= 1
        Servers of equal speed, all free at time 0.

    Returns
    -------
    ndarray of float, shape (n_customers,), the same unit of time
        Start of service minus arrival, to the bit what a heap of free times gives.

    Raises
    ------
    ValueError
        If times are unsorted, negative, NaN, infinite or of different lengths, or if
        `n_servers` is not a whole number >= 1.

    Source
    ------
    One server: Lindley's recursion. Many: the same with the earliest of the free times.

    Examples
    --------
    >>> fcfs_waits([0.0, 1.0, 2.0], [5.0, 5.0, 5.0], 2)
    array([0., 0., 3.])
    """
    count = check_servers(n_servers)
    given_arrivals, given_services = _check_times("arrivals", arrivals), _check_times("services", services)
    n = given_arrivals.size
    if given_services.size != n:
        raise InputError(
            f"`services` must be as many as arrivals; got {given_services.size} for {n} arrivals. "
            "Give one service time per customer."
        )
    if not _is_valid(given_arrivals, given_services):
        _explain("arrivals", given_arrivals)
        _explain("services", given_services)
        first = np.flatnonzero(np.diff(given_arrivals) < 0)[0].item() + 1
        raise InputError(
            f"`arrivals` must be sorted; got {given_arrivals[first].item()} after "
            f"{given_arrivals[first - 1].item()} at index {first}. Sort the customers by arrival."
        )
    waits = np.empty(n)
    count = min(count, max(n, 1))  # more servers than customers change nothing and would only cost memory
    if count == 1:
        _waits_one(given_arrivals, given_services, waits)
    elif count <= 4:
        _waits_few(given_arrivals, given_services, count, waits)
    elif count <= _SORTED_UP_TO:
        _waits_sorted(given_arrivals, given_services, count, waits)
    else:
        _waits_tree(given_arrivals, given_services, count, waits)
    return waits
