"""One month of one service unit as a pure function, compiled: `serve_month`.

The specification is docs/kernel.md. Cases are records in arrays, nothing is made per
customer. Most open to dispute: officers away in the middle of a case finish it in the
time it takes; people inside at closing time are all served.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np

from kinerja_sim.know.schema import N_BINS, TURNAROUND_EDGES, WAIT_EDGES
from kinerja_sim.model.rng import keyed_normal, keyed_uniform

ERROR, RETURN, RETURN_TIME, PATIENCE, PERSON, ACCESS, CHANNEL = 1, 2, 3, 4, 5, 6, 16
"""Purposes of keyed draws; channel `c` uses `CHANNEL + c`."""

CASE = np.dtype(
    [
        ("key", np.uint64), ("arrival", np.float64), ("due", np.float64),
        ("counter_work", np.float64), ("processing_work", np.float64),
        ("waited", np.float64), ("first_wait", np.float64), ("attempt", np.int64), ("visit", np.int64),
        ("cohort", np.int64), ("stage", np.int64), ("officer", np.int64), ("rushed", np.int64),
    ]
)  # fmt: skip
"""A case that is carried over: in the pool until due, or in the processing queue."""

EVENT = np.dtype(
    [
        ("key", np.uint64), ("kind", np.int64), ("time", np.float64), ("begin", np.float64), ("finish", np.float64),
        ("officer", np.int64), ("attempt", np.int64), ("visit", np.int64),
    ]
)  # fmt: skip
"""One line of the optional log: what happened to a case, and when."""
SERVED, RENEGED, LOST, PROCESSED = 0, 1, 2, 3  # kinds of event

FLOW = [
    "visits", "wait_minutes_sum", "reneged_visits", "lost_demand_cases", "throughput_cases", "attempts",
    "failed_attempts", "satisfaction_sum", "satisfaction_cases", "measured_sum", "measured_ratings",
]  # fmt: skip
"""First columns of `flow` (by period of the event); the wait histogram follows."""
COHORT = ["turnaround_cases", "turnaround_days_sum", "on_time_cases", "near_miss_cases"]
"""First columns of `cohort` (by period of first arrival); the turnaround histogram follows."""
OFFICER = [
    "busy_minutes", "cases", "on_time", "failed", "rating_sum_0", "ratings_0", "rating_sum_1", "ratings_1", "finished",
]  # fmt: skip
"""Columns of `officers`."""
N_FLOW, N_COHORT = len(FLOW) + N_BINS, len(COHORT) + N_BINS


class Days(NamedTuple):
    """The month's days, [D] each, and the day's arrival profile."""

    start: np.ndarray  # working minute at which the day starts
    length: np.ndarray  # working minutes of the day
    length_factor: np.ndarray  # share of a normal day
    limit: np.ndarray  # int64: cases that processing may begin
    profile: np.ndarray  # [H + 1] cumulative share of arrivals at the ends of half-hours, from 0 to 1
    first_case: np.ndarray  # int64 [D + 1]: where each day's new cases start


class Demand(NamedTuple):
    """The month's new cases, [N] each, in order of arrival."""

    key: np.ndarray
    arrival: np.ndarray
    counter_work: np.ndarray
    processing_work: np.ndarray
    patience: np.ndarray


class Staff(NamedTuple):
    """The officers of the unit in this month: counter first, then processing, [O] each."""

    speed: np.ndarray
    error: np.ndarray
    courtesy: np.ndarray
    offset: np.ndarray  # [D, O] minutes after opening from which the officer is there
    n_counter: int


class Rules(NamedTuple):
    """What holds for the unit in this month and scenario."""

    has_processing: bool
    day_minutes: float
    patience_scale: float
    patience_shape: float
    return_prob: float
    max_visits: int
    rework_minutes: float
    rework_share: float
    max_attempts: int
    standard_is_wait: bool
    standard_minutes: float
    near_factor: float
    restriction_days: float
    rushed_minutes: float
    base: float
    slope_normal: float
    slope_rushed: float
    late_points: float
    error_points: float
    lost_points: float
    courtesy_points: float
    person_sd: float
    access: float


class Channels(NamedTuple):
    """The citizens' channels, [C] each."""

    share: np.ndarray
    intercept: np.ndarray
    kappa: np.ndarray
    tilt: np.ndarray
    digital: np.ndarray  # int64
    group: np.ndarray  # int64: 0 citizens, 1 civil society


@nb.njit(cache=True)
def _bin_of(edges: np.ndarray, value: float) -> int:
    """Return the bin of `value`: the last edge that is not above it."""
    low, high = 0, edges.size - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if edges[middle] <= value:
            low = middle
        else:
            high = middle
    return low


@nb.njit(cache=True)
def profile_minute(profile: np.ndarray, u: float) -> float:
    """Return the minute of a normal day by which a share `u` of the day's arrivals has come."""
    low, high = 0, profile.size - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if profile[middle] <= u:
            low = middle
        else:
            high = middle
    width = profile[low + 1] - profile[low]
    inside = (u - profile[low]) / width if width > 0 else 0.0
    return 30.0 * (low + inside)


@nb.njit(cache=True)
def _sort_by_time(order: np.ndarray, time: np.ndarray, n: int) -> None:
    """Sort the first `n` entries of `order` by `time`, stable; fast when nearly sorted."""
    for i in range(1, n):
        item = order[i]
        t = time[item]
        j = i - 1
        while j >= 0 and time[order[j]] > t:
            order[j + 1] = order[j]
            j -= 1
        order[j + 1] = item


@nb.njit(cache=True)
def _write(log: np.ndarray, n_log: int, case: np.ndarray, kind: int, time: float, begin: float, finish: float,
           officer: int) -> int:  # fmt: skip
    """Append an event to the log, if there is one; return the new length."""
    if log.size == 0:
        return 0
    event = log[n_log]
    event["key"], event["kind"], event["time"], event["begin"] = case["key"], kind, time, begin
    event["finish"], event["officer"] = finish, officer
    event["attempt"], event["visit"] = case["attempt"], case["visit"]
    return n_log + 1


@nb.njit(cache=True)
def _lose(case: np.ndarray, rules: Rules, flow: np.ndarray, cohort: np.ndarray) -> None:
    """Count a case that has given up for good."""
    flow[3] += 1
    person = keyed_normal(case["key"], PERSON, 0)
    latent = rules.base - rules.slope_normal * case["waited"] + rules.lost_points + rules.person_sd * person
    flow[7] += min(max(latent, 25.0), 100.0)
    flow[8] += 1
    if case["cohort"] >= 0:
        row = cohort[case["cohort"]]
        row[0] += 1
        row[1] += rules.restriction_days
        row[4 + _bin_of(TURNAROUND_EDGES, rules.restriction_days)] += 1


@nb.njit(cache=True)
def _finish(case: np.ndarray, finish: float, ender: int, staff: Staff, rules: Rules, channels: Channels,
            flow: np.ndarray, cohort: np.ndarray, officers: np.ndarray) -> None:  # fmt: skip
    """Count a finished case: turnaround, standard, satisfaction, ratings."""
    minutes = finish - case["arrival"]
    first_visit = case["visit"] == 0
    quantity = case["first_wait"] if rules.standard_is_wait else minutes
    eligible = first_visit or not rules.standard_is_wait
    on_time = eligible and quantity <= rules.standard_minutes
    near = eligible and not on_time and quantity <= rules.near_factor * rules.standard_minutes
    if case["cohort"] >= 0:
        row = cohort[case["cohort"]]
        days = minutes / rules.day_minutes
        row[0] += 1
        row[1] += min(days, rules.restriction_days)
        row[2] += on_time
        row[3] += near
        row[4 + _bin_of(TURNAROUND_EDGES, days)] += 1
    server = case["officer"] if case["officer"] >= 0 else ender
    officers[server, 8] += 1
    officers[server, 2] += on_time
    if ender != server:
        officers[ender, 8] += 1
        officers[ender, 2] += on_time
    slope = rules.slope_rushed if case["rushed"] else rules.slope_normal
    latent = rules.base - slope * case["waited"] + rules.courtesy_points * staff.courtesy[server]
    if not on_time:
        latent += rules.late_points
    if case["attempt"] > 0:
        latent += rules.error_points
    latent += rules.person_sd * keyed_normal(case["key"], PERSON, 0)
    latent = min(max(latent, 25.0), 100.0)
    flow[7] += latent
    flow[8] += 1
    z = min(max((latent - rules.base) / rules.person_sd, -3.0), 3.0)
    for c in range(channels.share.size):
        if channels.share[c] <= 0:
            continue
        if channels.digital[c] and keyed_uniform(case["key"], ACCESS, 0) >= rules.access:
            continue
        logit = channels.intercept[c] + channels.kappa[c] * z * z + channels.tilt[c] * z
        if keyed_uniform(case["key"], CHANNEL + c, 0) < channels.share[c] / (1.0 + np.exp(-logit)):
            flow[9] += latent
            flow[10] += 1
            officers[server, 4 + 2 * channels.group[c]] += latent
            officers[server, 5 + 2 * channels.group[c]] += 1


@nb.njit(cache=True)
def serve_month(
    days: Days, demand: Demand, staff: Staff, rules: Rules, channels: Channels,
    pool_in: np.ndarray, queue_in: np.ndarray, free_at: np.ndarray, period: int,
    flow: np.ndarray, cohort: np.ndarray, officers: np.ndarray, log: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, int]:  # fmt: skip
    """Serve one month of one unit and return what is left: pool, queue, log length.

    Parameters
    ----------
    days, demand, staff, rules, channels
        The month as docs/kernel.md describes it.
    pool_in, queue_in : record arrays of dtype CASE
        Cases carried over; not changed.
    free_at : float64 [processing officers]
        Free times carried over; updated in place.
    period : int
        Index of this month; a finish after the month's end counts in `period + 1`.
    flow : float64 [periods, N_FLOW], cohort : float64 [periods, N_COHORT], officers : float64 [O, len(OFFICER)]
        Sums, added to in place.
    log : record array of dtype EVENT
        Room for one event a visit and one a processing step, or length 0 for no log.

    Returns
    -------
    pool, queue : record arrays of dtype CASE
    n_log : int
    """
    n_days, n_new = days.start.size, demand.arrival.size
    n_counter = staff.n_counter
    n_processing = staff.speed.size - n_counter
    capacity = pool_in.size + queue_in.size + n_new + 1
    month_end = days.start[n_days - 1] + days.length[n_days - 1]

    pool = np.empty(capacity, CASE)
    pool[: pool_in.size] = pool_in
    n_pool = pool_in.size
    # The queue is written once per entry (rework re-enters), so it is compacted at the start of a day.
    queue = np.empty(2 * capacity, CASE)
    queue[: queue_in.size] = queue_in
    head, tail = 0, queue_in.size

    visitors = np.empty(capacity, CASE)
    visit_time = np.empty(capacity)
    order = np.empty(capacity, np.int64)
    entries = np.empty(capacity, CASE)
    entry_time = np.empty(capacity)
    free = np.empty(max(n_counter, 1))
    n_log = 0

    for d in range(n_days):
        start, length = days.start[d], days.length[d]
        end = start + length
        n_visitors, n_entries = 0, 0

        # New cases first, so that ties in time keep the order the specification names.
        for i in range(days.first_case[d], days.first_case[d + 1]):
            case = visitors[n_visitors] if n_counter > 0 else entries[n_entries]
            case["key"], case["arrival"], case["due"] = demand.key[i], demand.arrival[i], demand.arrival[i]
            case["counter_work"], case["processing_work"] = demand.counter_work[i], demand.processing_work[i]
            case["waited"], case["first_wait"], case["attempt"], case["visit"] = 0.0, 0.0, 0, 0
            case["cohort"], case["stage"] = period, 0 if n_counter > 0 else 1
            case["officer"], case["rushed"] = -1, 0
            if n_counter > 0:
                visit_time[n_visitors] = demand.arrival[i]
                n_visitors += 1
            else:
                n_entries += 1
        n_new_entries = n_entries
        kept = 0
        for i in range(n_pool):
            case = pool[i]
            if case["due"] >= end:
                if kept != i:
                    pool[kept] = pool[i]
                kept += 1
            elif case["stage"] == 0:
                visitors[n_visitors] = pool[i]
                u = keyed_uniform(case["key"], RETURN_TIME, case["visit"])
                visit_time[n_visitors] = start + days.length_factor[d] * profile_minute(days.profile, u)
                n_visitors += 1
            else:
                entries[n_entries] = pool[i]
                entries[n_entries]["due"] = max(case["due"], start)
                n_entries += 1
        n_pool = kept

        if n_counter > 0:
            # Two sorted runs: sort the returns among themselves, then merge (new cases come first on ties).
            first_case = days.first_case[d]
            n_fresh = days.first_case[d + 1] - first_case
            n_returns = n_visitors - n_fresh
            returns = order[n_fresh:n_visitors]
            if n_returns > 1:
                by_time = np.argsort(visit_time[n_fresh:n_visitors], kind="mergesort")
                for j in range(n_returns):
                    returns[j] = n_fresh + by_time[j]
            elif n_returns == 1:
                returns[0] = n_fresh
            for o in range(n_counter):
                free[o] = start + staff.offset[d, o] if staff.offset[d, o] < length else np.inf
            a, b = 0, 0
            while a < n_fresh or b < n_returns:
                if b >= n_returns or (a < n_fresh and visit_time[a] <= visit_time[returns[b]]):
                    v = a
                    a += 1
                else:
                    v = returns[b]
                    b += 1
                case, t = visitors[v], visit_time[v]
                o = 0
                for j in range(1, n_counter):
                    if free[j] < free[o]:
                        o = j
                begin = max(t, free[o])
                if case["visit"] == 0:
                    patience = demand.patience[first_case + v]
                else:
                    spent = -np.log(keyed_uniform(case["key"], PATIENCE, case["visit"]))
                    patience = rules.patience_scale * spent ** (1.0 / rules.patience_shape)
                row = flow[period]
                row[0] += 1
                if begin - t > patience:
                    row[1] += patience
                    row[11 + _bin_of(WAIT_EDGES, patience)] += 1
                    row[2] += 1
                    case["waited"] += patience
                    returning = keyed_uniform(case["key"], RETURN, case["visit"]) < rules.return_prob
                    if returning and case["visit"] + 1 < rules.max_visits:
                        n_log = _write(log, n_log, case, RENEGED, t, t + patience, t + patience, -1)
                        case["visit"] += 1
                        case["due"] = end
                        case["stage"] = 0
                        pool[n_pool] = visitors[v]
                        n_pool += 1
                    else:
                        n_log = _write(log, n_log, case, LOST, t, t + patience, t + patience, -1)
                        _lose(case, rules, row, cohort)
                    continue
                minutes = case["counter_work"] / staff.speed[o]
                finish = begin + minutes
                free[o] = finish
                row[1] += begin - t
                row[11 + _bin_of(WAIT_EDGES, begin - t)] += 1
                case["waited"] += begin - t
                if case["visit"] == 0:
                    case["first_wait"] = begin - t
                case["officer"] = o
                case["rushed"] = minutes <= rules.rushed_minutes
                officers[o, 0] += minutes
                officers[o, 1] += 1
                n_log = _write(log, n_log, case, SERVED, t, begin, finish, o)
                if rules.has_processing:
                    entries[n_entries] = visitors[v]
                    entries[n_entries]["due"] = min(finish, end)
                    n_entries += 1
                    continue
                ends = period if finish <= month_end else period + 1
                flow[ends, 5] += 1
                failed = keyed_uniform(case["key"], ERROR, case["attempt"]) < staff.error[o]
                if failed and case["attempt"] + 1 < rules.max_attempts:
                    flow[ends, 6] += 1
                    officers[o, 3] += 1
                    if case["attempt"] == 0:
                        case["counter_work"] *= rules.rework_share
                    case["attempt"] += 1
                    case["visit"] += 1
                    case["due"] = max(end, finish + rules.rework_minutes)
                    pool[n_pool] = visitors[v]
                    n_pool += 1
                else:
                    flow[ends, 4] += 1
                    _finish(case, finish, o, staff, rules, channels, row, cohort, officers)

        if not rules.has_processing:
            continue
        # Stable order of entry: pool cases before new ones, then the counter's completions.
        n_pooled = 0
        if n_counter == 0:
            n_pooled = n_entries - n_new_entries
            for j in range(n_pooled):
                order[j] = n_new_entries + j
            for j in range(n_new_entries):
                order[n_pooled + j] = j
        else:
            for j in range(n_entries):
                order[j] = j
        for j in range(n_entries):
            entry_time[j] = entries[j]["due"]
        _sort_by_time(order, entry_time, n_entries)
        if head > 0:
            for j in range(tail - head):
                queue[j] = queue[head + j]
            tail -= head
            head = 0
        for j in range(n_entries):
            queue[tail] = entries[order[j]]
            tail += 1
        for j in range(n_processing):
            offset = staff.offset[d, n_counter + j]
            if offset < length:
                free_at[j] = max(free_at[j], start + offset)
        begun = 0
        while head < tail and begun < days.limit[d]:
            p = -1
            for j in range(n_processing):
                if staff.offset[d, n_counter + j] < length and (p < 0 or free_at[j] < free_at[p]):
                    p = j
            if p < 0:
                break
            case = queue[head]
            begin = max(case["due"], free_at[p])
            if begin >= end:
                break
            o = n_counter + p
            minutes = case["processing_work"] / staff.speed[o]
            finish = begin + minutes
            free_at[p] = finish
            begun += 1
            officers[o, 0] += minutes
            officers[o, 1] += 1
            n_log = _write(log, n_log, case, PROCESSED, case["due"], begin, finish, o)
            ends = period if finish <= month_end else period + 1
            flow[ends, 5] += 1
            failed = keyed_uniform(case["key"], ERROR, case["attempt"]) < staff.error[o]
            if failed and case["attempt"] + 1 < rules.max_attempts:
                flow[ends, 6] += 1
                officers[o, 3] += 1
                if case["attempt"] == 0:
                    case["counter_work"] *= rules.rework_share
                    case["processing_work"] *= rules.rework_share
                case["attempt"] += 1
                case["stage"] = 1
                case["due"] = max(end, finish + rules.rework_minutes)
                pool[n_pool] = queue[head]
                n_pool += 1
            else:
                flow[ends, 4] += 1
                _finish(case, finish, o, staff, rules, channels, flow[period], cohort, officers)
            head += 1

    return pool[:n_pool].copy(), queue[head:tail].copy(), n_log
