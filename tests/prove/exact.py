"""A counter whose arrivals change through the day, solved numerically: M(t)/M/c with or without patience."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import pdtr, pdtrc

N_STATES = 400
"""People present at most; the days solved here hold fewer than half of them, ever."""


@dataclass(frozen=True)
class Day:
    """What one day brings on average: visitors, minutes they wait, visitors who leave, visitors who wait at all."""

    visitors: float
    wait_minutes: float
    left: float
    waited: float


def solve_day(rates: np.ndarray, interval: float, service_rate: float, n_servers: int, patience_rate: float) -> Day:
    """Return a day's sums for a counter that starts empty and whose arrival rate is constant within intervals.

    Parameters
    ----------
    rates : array of float, visitors a minute in each interval
    interval : float, minutes
    service_rate, patience_rate : float, per minute; patience_rate 0 is endless patience
    n_servers : int

    The chances of the numbers present move by uniformisation: a Poisson number of steps of a
    chain at the fastest rate. Its sums give the chances at the end of an interval and their
    integral over it, which is what arriving visitors see. A visitor who finds everybody busy
    waits through the departures of those ahead, each sooner or later than the own patience.
    """
    present = np.arange(N_STATES)
    leaving = np.minimum(present, n_servers) * service_rate + np.maximum(present - n_servers, 0) * patience_rate
    # Mean wait and chance of leaving by the place in line (1 is next), the visitor included.
    place_wait, place_left = [0.0], [0.0]
    for place in range(1, N_STATES):
        ahead = n_servers * service_rate + (place - 1) * patience_rate
        total = ahead + patience_rate
        place_wait.append((1.0 + ahead * place_wait[-1]) / total)
        place_left.append((patience_rate + ahead * place_left[-1]) / total)
    place = np.maximum(present - n_servers + 1, 0)
    wait, left = np.array(place_wait)[place], np.array(place_left)[place]
    chance = np.zeros(N_STATES)
    chance[0] = 1.0
    sums = np.zeros(4)
    for rate in rates.tolist():
        fastest = rate + leaving.max()
        steps = np.arange(int(fastest * interval + 12 * np.sqrt(fastest * interval) + 30))
        at_end, within = np.zeros(N_STATES), np.zeros(N_STATES)
        mass = pdtr(steps, fastest * interval)
        mass[1:] = np.diff(mass)
        still = pdtrc(steps, fastest * interval) / fastest
        for exactly, beyond in zip(mass, still, strict=True):
            at_end += exactly * chance
            within += beyond * chance
            up, down = chance * rate / fastest, chance * leaving / fastest
            chance = chance - up - down
            chance[1:] += up[:-1]
            chance[:-1] += down[1:]
            chance[-1] += up[-1]
        chance = at_end
        sums += rate * np.array([interval, within @ wait, within @ left, within[n_servers:].sum()])
    assert chance[N_STATES // 2 :].sum() < 1e-12
    return Day(*sums.tolist())
