"""What every queue asks of its arguments: whole servers, finite rates, a steady state.

Used by the closed forms and by the queue kernel, so that both refuse the same input in the
same words. Left out: anything about one particular queue.
"""

from __future__ import annotations

import operator
from math import isfinite

import numpy as np

from kinerja_sim.know.errors import InputError


def check_servers(n_servers: int) -> int:
    """Return `n_servers` as an int, or raise `InputError` when it is not a whole number >= 1."""
    try:
        count = operator.index(n_servers)
    except TypeError:
        count = 0
    if count < 1 or isinstance(n_servers, bool | np.bool_):
        raise InputError(f"`n_servers` must be a whole number >= 1; got {n_servers!r}. Write 3, not 3.0 or '3'.")
    return count


def check_number(name: str, value: float, *, zero: bool = False) -> float:
    """Return `value` as a finite float above zero (or from zero, when `zero` is True)."""
    rule = "a finite number >= 0" if zero else "a finite number > 0"
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(f"`{name}` must be {rule}; got {value!r}. Give one number.") from None
    if not isfinite(number) or number < 0 or (number == 0 and not zero):
        raise InputError(f"`{name}` must be {rule}; got {number}. Check its unit and its sign.")
    return number


def offered_load(arrival_rate: float, service_rate: float, n_servers: int, *, stable: bool) -> tuple[float, int]:
    """Return the offered load in erlangs and the servers; with `stable`, refuse utilisation >= 1."""
    count = check_servers(n_servers)
    load = check_number("arrival_rate", arrival_rate) / check_number("service_rate", service_rate)
    if stable and load / count >= 1:
        raise InputError(
            f"`utilisation` must be < 1 for a steady state; got {load / count:.6g} with arrival_rate {arrival_rate:g}, "
            f"service_rate {service_rate:g}, n_servers {count}. Raise n_servers or lower arrival_rate."
        )
    return load, count
