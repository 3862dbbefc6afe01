"""Small random offices, and what the compiled kernel makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kinerja_sim.model import kernel, records
from kinerja_sim.model.rng import base_key, stream
from tests.reference_month import Case


@dataclass(frozen=True)
class Office:
    """A small unit over a few months, with what it starts from; `kind` names its stages."""

    kind: str
    months: list[tuple[records.Days, records.Demand, records.Staff]]
    rules: records.Rules
    channels: records.Channels
    pool: list[Case]
    queue: list[Case]


def draw_office(number: int) -> Office:
    """Return one office: one or two stages, mixed speeds, absences, shortages, rework, patience, backlog, ties."""
    rng = stream(21, "office", number)
    kind = ("counter", "processing", "both")[number % 3]
    on_grid = number % 2 == 0  # whole minutes and speeds in powers of two: times tie
    n_half_hours = int(rng.integers(2, 7))
    day_minutes = 30.0 * n_half_hours
    n_counter = 0 if kind == "processing" else int(rng.integers(1, 5))
    n_officers = n_counter + (0 if kind == "counter" else int(rng.integers(1, 5)))
    load = rng.choice([0.5, 1.0, 1.6])
    mean_work = (max(n_counter, 1), max(n_officers - n_counter, 1))
    profile = np.concatenate([[0.0], np.cumsum(rng.dirichlet(np.ones(n_half_hours)))])
    profile[-1] = 1.0
    first_key, n_before, now, months = base_key(21, number), 0, 0.0, []

    def rounded(values: np.ndarray) -> np.ndarray:
        return np.maximum(np.round(values), 1.0) if on_grid else values

    speed = 2.0 ** rng.integers(-1, 2, n_officers) if on_grid else rng.lognormal(0, 0.4, n_officers)
    error, courtesy = rng.choice([0.0, 0.1, 0.5]) * rng.random(n_officers), rng.normal(size=n_officers)
    for _ in range(int(rng.integers(1, 4))):
        n_days = int(rng.integers(1, 6))
        factor = rng.choice([1.0, 0.75], n_days, p=[0.8, 0.2])
        length = day_minutes * factor
        start = now + np.concatenate([[0.0], np.cumsum(length)[:-1]])
        now = float(start[-1] + length[-1])
        counts = rng.poisson(8.0, n_days)
        n = int(counts.sum())
        minute = np.floor(rng.random(n) * day_minutes) if on_grid else rng.random(n) * day_minutes
        arrival = np.sort(np.repeat(start, counts) + np.repeat(factor, counts) * minute)
        work = [rounded(rng.exponential(load * day_minutes / 8 * servers, n)) for servers in mean_work]
        if kind == "counter":
            work[1][:] = 0.0
        offset = np.where(rng.random((n_days, n_officers)) < 0.2, rounded(rng.random((n_days, n_officers)) * 40), 0.0)
        offset[rng.random((n_days, n_officers)) < 0.2] = day_minutes
        if n_counter:
            offset[np.arange(n_days), rng.integers(0, n_counter, n_days)] = 0.0
        limit = rng.choice([2**40, 0, 3, 6], n_days, p=[0.6, 0.1, 0.1, 0.2])
        with np.errstate(over="ignore"):
            key = first_key + np.arange(n_before, n_before + n, dtype=np.uint64)
        n_before += n
        months.append(
            (
                records.Days(start, length, factor, limit, profile, np.concatenate([[0], np.cumsum(counts)])),
                records.Demand(key, arrival, work[0], work[1], rounded(rng.exponential(day_minutes / 3, n))),
                records.Staff(speed, error, courtesy, offset, n_counter),
            )
        )
    rules = records.Rules(
        has_processing=kind != "counter", day_minutes=day_minutes,
        patience_scale=day_minutes / 3, patience_shape=float(rng.choice([1.0, 0.8, 2.0])),
        return_prob=float(rng.choice([0.0, 0.7, 1.0])), max_visits=int(rng.integers(1, 5)),
        rework_minutes=float(rng.choice([0.0, 45.0, 3 * day_minutes])), rework_share=float(rng.choice([0.5, 1.0])),
        max_attempts=int(rng.integers(1, 5)), standard_is_wait=bool(rng.random() < 0.5),
        standard_minutes=float(rng.choice([10.0, day_minutes, 2 * day_minutes])), near_factor=1.5,
        restriction_days=3.0, rushed_minutes=float(rng.choice([0.0, 10.0])), base=80.0, slope_normal=0.2,
        slope_rushed=0.4, late_points=-6.0, error_points=-5.0, lost_points=-20.0, courtesy_points=2.0,
        person_sd=9.0, access=0.6,
    )  # fmt: skip
    n_channels = int(rng.integers(1, 4))
    channels = records.Channels(
        rng.choice([0.0, 0.3, 1.0], n_channels), rng.normal(size=n_channels), rng.random(n_channels),
        rng.normal(size=n_channels), rng.integers(0, 2, n_channels), rng.integers(0, 2, n_channels),
    )  # fmt: skip
    pool, queue = [], []
    for i in range(int(rng.integers(0, 12))):  # cases from before the first month, of no cohort
        with np.errstate(over="ignore"):
            key = first_key - np.uint64(1 + i)
        works = rounded(rng.exponential(day_minutes / 4, 2)).tolist()
        case = Case(
            key, -30.0 * i, works[0], works[1] * (kind != "counter"), -1, due=float(rng.choice([-5.0, 0.0, 70.0]))
        )
        case.stage = int(kind != "counter" and (kind == "processing" or rng.random() < 0.5))
        if case.stage and rng.random() < 0.5:
            case.officer = 0 if n_counter else -1
            queue.append(case)
        else:
            case.visit, case.attempt, case.officer = 1, int(rng.integers(0, 2)), 0 if n_counter else -1
            pool.append(case)
    for case in queue:
        case.due = case.entry = 0.0
    return Office(kind, months, rules, channels, pool, queue)


def as_records(cases: list[Case]) -> np.ndarray:
    """Return plain cases as the records that the compiled kernel carries."""
    rows = np.zeros(len(cases), records.CASE)
    for row, case in zip(rows, cases, strict=True):
        for name in records.CASE.names:
            row[name] = getattr(case, name)
    return rows


@dataclass(frozen=True)
class Served:
    """What one month left behind, compiled or plain, in one shape."""

    events: np.ndarray
    pool: np.ndarray
    queue: np.ndarray
    free_at: np.ndarray
    officers: np.ndarray
    flow: np.ndarray
    cohort: np.ndarray


def serve_compiled(office: Office, *, log: bool = True) -> Iterator[Served]:
    """Yield what the compiled kernel makes of each month, with or without a log of events."""
    n_periods = len(office.months) + 1
    flow, cohort = np.zeros((n_periods, records.N_FLOW)), np.zeros((n_periods, records.N_COHORT))
    pool, queue = as_records(office.pool), as_records(office.queue)
    staff = office.months[0][2]
    free_at = np.zeros(len(staff.speed) - staff.n_counter)
    for period, (days, demand, staff) in enumerate(office.months):
        officers = np.zeros((len(staff.speed), len(records.OFFICER)))
        room = 2 * (len(demand.key) + len(pool) + len(queue)) * (len(days.start) + 1)
        events = np.zeros(room if log else 0, records.EVENT)
        pool, queue, n = kernel.serve_month(
            days, demand, staff, office.rules, office.channels, pool, queue, free_at, period,
            flow, cohort, officers, events,
        )  # fmt: skip
        yield Served(events[:n], pool, queue, free_at.copy(), officers, flow.copy(), cohort.copy())
