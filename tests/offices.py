"""Small random offices, what the compiled kernel and the plain model make of them, and where the two differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace

import numpy as np

from kinerja_sim.know.schema import N_BINS
from kinerja_sim.model import kernel, records
from kinerja_sim.model.rng import base_key, keyed_uniform, stream
from tests.reference_month import Case, Month


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
    """Return one office: one or two stages, mixed speeds, absences, shortages, rework, patience, backlog, ties.

    Some turn cases down on arrival, give out few tickets, have a priority line or several kinds of case.
    """
    rng = stream(21, "office", number)
    kind = ("counter", "processing", "both")[number % 3]
    on_grid = number % 2 == 0  # whole minutes and speeds in powers of two: times tie
    n_half_hours = int(rng.integers(2, 7))
    day_minutes = 30.0 * n_half_hours
    n_counter = 0 if kind == "processing" else int(rng.integers(1, 5))
    n_officers = n_counter + (0 if kind == "counter" else int(rng.integers(1, 5)))
    load = rng.choice([0.5, 1.0, 1.6])
    mean_work = (max(n_counter, 1), max(n_officers - n_counter, 1))
    shares = rng.dirichlet(np.ones(n_half_hours)) * (rng.random(n_half_hours) < 0.8)  # nobody comes in some half-hours
    shares[int(rng.integers(n_half_hours))] += 0.01
    profile = np.concatenate([[0.0], np.cumsum(shares) / shares.sum()])
    profile[profile == profile[-1]] = 1.0
    first_key, n_before, now, months = base_key(21, number), 0, 0.0, []

    def rounded(values: np.ndarray) -> np.ndarray:
        return np.maximum(np.round(values), 1.0) if on_grid else values

    errors = rng.choice([0.0, 0.1, 0.5])
    for _ in range(int(rng.integers(1, 4))):
        n_days = int(rng.integers(1, 6))
        speed = 2.0 ** rng.integers(-1, 2, n_officers) if on_grid else rng.lognormal(0, 0.4, n_officers)
        error, courtesy = errors * rng.random(n_officers), np.round(4 * rng.normal(size=n_officers)) / 4
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
    n_kinds = int(rng.integers(1, 5))
    alike = rng.random() < 0.3  # every citizen is the same: elements fall exactly between two answers
    base = 12.5 * rng.integers(3, 9, records.N_ELEMENTS) if alike else rng.uniform(30, 100, records.N_ELEMENTS)
    rules = plain_rules(
        has_processing=kind != "counter", day_minutes=day_minutes,
        patience_scale=day_minutes / 3, patience_shape=float(rng.choice([1.0, 0.8, 2.0])),
        return_prob=float(rng.choice([0.0, 0.7, 1.0])), max_visits=int(rng.integers(1, 5)),
        rework_minutes=float(rng.choice([0.0, 45.0, 3 * day_minutes])), rework_share=float(rng.choice([0.5, 1.0])),
        max_attempts=int(rng.integers(1, 5)), standard_is_wait=bool(rng.random() < 0.5),
        kind_cumulative=np.cumsum(rng.dirichlet(np.ones(n_kinds))) * rng.choice([1.0, 0.9]),
        kind_standard=rng.choice([10.0, day_minutes, 2 * day_minutes], n_kinds),
        response_minutes=float(rng.choice([0.0, 20.0, day_minutes, np.inf])),
        triage_share=float(rng.choice([0.0, 0.2])), priority_share=float(rng.choice([0.0, 0.2, 0.6, 1.0])),
        ticket_cap=int(rng.choice([2**40, 0, 3, 6], p=[0.6, 0.05, 0.15, 0.2])), near_factor=1.5, restriction_days=3.0,
        rushed_minutes=float(rng.choice([0.0, 10.0])), base=base, base_mean=float(base.mean()), slope_normal=0.125,
        slope_rushed=0.25, late_points=-6.0, error_points=-5.0, lost_points=-20.0, courtesy_points=2.0, person_sd=9.0,
        element_sd=0.0 if alike else 12.0, element_rho=float(rng.choice([0.0, 0.4, 1.0])), access=0.6,
    )  # fmt: skip
    n_channels = int(rng.integers(1, 4))
    channels = records.Channels(
        rng.choice([0.0, 0.3, 1.0], n_channels), rng.normal(size=n_channels), rng.random(n_channels),
        rng.normal(size=n_channels), rng.integers(0, 2, n_channels), rng.integers(-1, 2, n_channels),
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
            case.officer = int(rng.integers(-1, n_counter))
            queue.append(case)
        else:
            case.visit, case.attempt, case.officer = 1, int(rng.integers(0, 2)), int(rng.integers(-1, n_counter))
            pool.append(case)
    for case in queue:
        case.due = case.entry = 0.0
    if n_counter:
        come_with_those_who_return(months[0], pool)
        come_and_go(months, number)
    return Office(kind, months, rules, channels, pool, queue)


def come_and_go(months: list[tuple[records.Days, records.Demand, records.Staff]], number: int) -> None:
    """Let the counter officers of two offices in five be at their posts in some half-hours only, in no tidy shifts."""
    rng = stream(21, "come and go", number)
    if rng.random() >= 0.4:
        return
    share = rng.choice([0.3, 0.6, 0.9])
    for i, (days, demand, staff) in enumerate(months):
        shape = (days.start.size, days.profile.size - 1, staff.n_counter)
        months[i] = (days, demand, staff._replace(at_post=rng.random(shape) < share))


def plain_rules(**changes: object) -> records.Rules:
    """Return the rules of an office where nothing happens but service at a counter, with `changes`."""
    rules = records.Rules(
        has_processing=False, day_minutes=450.0, patience_scale=1.0, patience_shape=1.0, return_prob=0.0, max_visits=1,
        rework_minutes=0.0, rework_share=1.0, max_attempts=1, standard_is_wait=False, kind_cumulative=np.ones(1),
        kind_standard=np.ones(1), response_minutes=np.inf, triage_share=0.0, priority_share=0.0, ticket_cap=2**40,
        near_factor=1.0, restriction_days=1.0, rushed_minutes=0.0, base=np.full(records.N_ELEMENTS, 80.0),
        base_mean=80.0, slope_normal=0.0, slope_rushed=0.0, late_points=0.0, error_points=0.0, lost_points=0.0,
        courtesy_points=0.0, person_sd=1.0, element_sd=1.0, element_rho=0.5, access=1.0,
    )  # fmt: skip
    return rules._replace(**changes)


def come_with_those_who_return(month: tuple[records.Days, records.Demand, records.Staff], pool: list[Case]) -> None:
    """Let the first of the first day's new cases come at the very moment at which somebody returns."""
    days, demand, _ = month
    coming = [case for case in pool if case.stage == 0 and case.due < days.length[0]]
    today = slice(0, int(days.first_case[1]))
    for i, case in zip(range(today.stop), coming, strict=False):
        u = keyed_uniform(case.key, records.RETURN_TIME, case.visit)
        demand.arrival[i] = days.start[0] + days.length_factor[0] * kernel.profile_minute(days.profile, u)
    order = np.argsort(demand.arrival[today], kind="stable")
    for values in demand:
        values[today] = values[today][order]


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


def as_table(sums: Counter, n_rows: int, columns: list[str], n_bins: int) -> np.ndarray:
    """Return sums keyed by (row, column or bin) as the table that the compiled kernel adds to."""
    table = np.zeros((n_rows, len(columns) + n_bins))
    for (row, column), value in sums.items():
        table[row, columns.index(column) if isinstance(column, str) else len(columns) + column] += value
    return table


def serve_plainly(office: Office, model: type[Month] = Month) -> Iterator[Served]:
    """Yield what the plain model, or one like it, makes of each month."""
    n_periods = len(office.months) + 1
    staff = office.months[0][2]
    flow, cohort = Counter(), Counter()
    pool, queue = [replace(case) for case in office.pool], [replace(case) for case in office.queue]
    free_at = [0.0] * (len(staff.speed) - staff.n_counter)
    for period, (days, demand, staff) in enumerate(office.months):
        month = model(days, demand, staff, office.rules, office.channels, period, pool, queue, free_at, flow, cohort)
        month.serve()
        pool, queue = month.pool, month.queue
        for case in queue:
            case.due = case.entry  # a carried record has no other place for it
        yield Served(
            np.array([astuple(event) for event in month.events], records.EVENT),
            as_records(pool),
            as_records(queue),
            np.array(free_at),
            as_table(month.officers, len(staff.speed), records.OFFICER, 0),
            as_table(flow, n_periods, records.FLOW, N_BINS),
            as_table(cohort, n_periods, records.COHORT, N_BINS),
        )


def first_difference(compiled: Served, plain: Served) -> str:
    """Return where two months differ: whole numbers exactly, minutes and sums beyond 1e-9; or nothing."""
    for name in ("events", "pool", "queue"):
        ours, theirs = getattr(compiled, name), getattr(plain, name)
        if ours.size != theirs.size:
            return f"{name}: {ours.size} compiled, {theirs.size} plain"
        for column in ours.dtype.names:
            a, b = ours[column], theirs[column]
            same = np.isclose(a, b, rtol=1e-9, atol=1e-9) if a.dtype.kind == "f" else a == b
            if not same.all():
                at = int(np.argmin(same))
                return f"{name} {at}, {column}: {ours[at]} compiled, {theirs[at]} plain"
    for name in ("free_at", "officers", "flow", "cohort"):
        ours, theirs = getattr(compiled, name), getattr(plain, name)
        same = np.isclose(ours, theirs, rtol=1e-9, atol=1e-9)
        if not same.all():
            at = np.unravel_index(np.argmin(same), same.shape)
            return f"{name} {tuple(int(i) for i in at)}: {ours[at]} compiled, {theirs[at]} plain"
    return ""


def first_difference_in(office: Office, model: type[Month] = Month) -> str:
    """Return where the first month differs in which the compiled and the plain model disagree; or nothing."""
    for period, (compiled, plain) in enumerate(zip(serve_compiled(office), serve_plainly(office, model), strict=True)):
        if difference := first_difference(compiled, plain):
            return f"month {period}: {difference}"
    return ""
