"""Offices of the size of real ones, with the rules of the small random offices: whole months, many officers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kinerja_sim.model import records
from kinerja_sim.model.rng import base_key, stream
from tests.offices import Office, come_and_go, draw_office

N_MONTHS, N_DAYS, MOST_OFFICERS = 2, 21, 40


def draw_large_office(number: int) -> Office:
    """Return an office with the kind, rules, channels and backlog of small office `number`, and full months.

    Up to forty officers a stage, about 40 cases a day, days of eight hours; mixed speeds,
    absences, days without supplies; even numbers have times in whole minutes, which tie.
    """
    small = draw_office(number)
    rng = stream(43, "large", number)
    on_grid = number % 2 == 0
    n_counter = 0 if small.kind == "processing" else int(rng.integers(2, MOST_OFFICERS + 1))
    n_officers = n_counter + (0 if small.kind == "counter" else int(rng.integers(2, MOST_OFFICERS + 1)))
    profile, load = small.months[0][0].profile, float(rng.choice([0.7, 1.0, 1.2]))
    day_minutes = 30.0 * (profile.size - 1)
    first_key, n_before, now, months = base_key(43, number), 0, 0.0, []

    def rounded(values: np.ndarray) -> np.ndarray:
        return np.maximum(np.round(values), 1.0) if on_grid else values

    for _ in range(N_MONTHS):
        factor = rng.choice([1.0, 0.75], N_DAYS, p=[0.8, 0.2])
        length = day_minutes * factor
        start = now + np.concatenate([[0.0], np.cumsum(length)[:-1]])
        now = float(start[-1] + length[-1])
        counts = rng.poisson(40.0, N_DAYS)
        n = int(counts.sum())
        minute = day_minutes * rng.random(n)
        arrival = np.sort(
            np.repeat(start, counts) + np.repeat(factor, counts) * (np.floor(minute) if on_grid else minute)
        )
        work = [
            rounded(rng.exponential(load * day_minutes / 40 * max(servers, 1), n))
            for servers in (n_counter, n_officers - n_counter)
        ]
        if small.kind == "counter":
            work[1][:] = 0.0
        shape = (N_DAYS, n_officers)
        offset = np.where(rng.random(shape) < 0.1, rounded(rng.random(shape) * 40), 0.0)
        offset[rng.random(shape) < 0.1] = day_minutes
        if n_counter:
            offset[np.arange(N_DAYS), rng.integers(0, n_counter, N_DAYS)] = 0.0
        limit = rng.choice([2**40, 0, 20, 35], N_DAYS, p=[0.7, 0.05, 0.1, 0.15])
        speed = 2.0 ** rng.integers(-1, 2, n_officers) if on_grid else rng.lognormal(0, 0.4, n_officers)
        with np.errstate(over="ignore"):
            key = first_key + np.arange(n_before, n_before + n, dtype=np.uint64)
        n_before += n
        months.append(
            (
                records.Days(start, length, factor, limit, profile, np.concatenate([[0], np.cumsum(counts)])),
                records.Demand(key, arrival, work[0], work[1], rounded(rng.exponential(day_minutes / 3, n))),
                records.Staff(speed, 0.3 * rng.random(n_officers), rng.normal(size=n_officers), offset, n_counter),
            )
        )
    if n_counter:
        come_and_go(months, number)
    cap = small.rules.ticket_cap
    rules = small.rules._replace(ticket_cap=cap if cap > 1000 else 6 * cap)
    return replace(small, months=months, rules=rules)
