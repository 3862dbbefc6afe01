"""One month of one service unit as a pure function, compiled: `serve_month`.

The specification is docs/kernel.md. Cases are records in one array, nothing is made per
customer. Most open to dispute: officers away in the middle of a case finish it in the
time it takes; people inside at closing time are all served.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from kinerja_sim.know.schema import WAIT_EDGES
from kinerja_sim.model.outcomes import bin_of, count_lost, end_attempt, write_event
from kinerja_sim.model.records import (
    CASE,
    LOST,
    PATIENCE,
    PROCESSED,
    RENEGED,
    RETURN,
    RETURN_TIME,
    SERVED,
    Channels,
    Days,
    Demand,
    Rules,
    Staff,
)  # fmt: skip
from kinerja_sim.model.rng import keyed_uniform


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
def _sort_by_due(places: np.ndarray, cases: np.ndarray, n: int) -> None:
    """Sort the first `n` places by their case's `due`, stable; fast when nearly sorted."""
    for i in range(1, n):
        place = places[i]
        due = cases[place]["due"]
        j = i - 1
        while j >= 0 and cases[places[j]]["due"] > due:
            places[j + 1] = places[j]
            j -= 1
        places[j + 1] = place


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
    n_pool, n_queue = pool_in.size, queue_in.size
    capacity = n_pool + n_queue + n_new
    month_end = days.start[n_days - 1] + days.length[n_days - 1]

    # Every case has one place in `cases`; pool, queue and the day's lists hold places.
    cases = np.empty(capacity, CASE)
    cases[:n_pool] = pool_in
    cases[n_pool : n_pool + n_queue] = queue_in
    first_new = n_pool + n_queue
    pool, queue = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    for i in range(n_pool):
        pool[i] = i
    for i in range(n_queue):
        queue[i] = n_pool + i
    visitors, entries = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    visit_time = np.empty(capacity)
    free = np.empty(max(n_counter, 1))
    n_log = 0
    row = flow[period]

    for d in range(n_days):
        start, length = days.start[d], days.length[d]
        end = start + length
        n_entries = 0
        n_returns = 0

        # Who is due: returning visitors, and cases that enter processing (before the day's new ones).
        kept = 0
        for i in range(n_pool):
            place = pool[i]
            case = cases[place]
            if case["due"] >= end:
                pool[kept] = place
                kept += 1
            elif case["stage"] == 0:
                u = keyed_uniform(case["key"], RETURN_TIME, case["visit"])
                visitors[n_returns] = place
                visit_time[n_returns] = start + days.length_factor[d] * profile_minute(days.profile, u)
                n_returns += 1
            else:
                case["due"] = max(case["due"], start)
                entries[n_entries] = place
                n_entries += 1
        n_pool = kept
        by_time = np.argsort(visit_time[:n_returns], kind="mergesort")

        for i in range(days.first_case[d], days.first_case[d + 1]):
            case = cases[first_new + i]
            case["key"], case["arrival"], case["due"] = demand.key[i], demand.arrival[i], demand.arrival[i]
            case["counter_work"], case["processing_work"] = demand.counter_work[i], demand.processing_work[i]
            case["waited"], case["first_wait"], case["attempt"], case["visit"] = 0.0, np.inf, 0, 0
            case["cohort"], case["stage"], case["officer"], case["rushed"] = period, n_counter == 0, -1, 0
            if n_counter == 0:
                entries[n_entries] = first_new + i
                n_entries += 1

        if n_counter > 0:
            for o in range(n_counter):
                free[o] = start + staff.offset[d, o] if staff.offset[d, o] < length else np.inf
            # Merge two sorted runs; a new case goes before a return at the same minute.
            a, last, b = days.first_case[d], days.first_case[d + 1], 0
            while a < last or b < n_returns:
                if b >= n_returns or (a < last and demand.arrival[a] <= visit_time[by_time[b]]):
                    place, t, patience = first_new + a, demand.arrival[a], demand.patience[a]
                    case = cases[place]
                    a += 1
                else:
                    place, t = visitors[by_time[b]], visit_time[by_time[b]]
                    case = cases[place]
                    spent = -np.log(keyed_uniform(case["key"], PATIENCE, case["visit"]))
                    patience = rules.patience_scale * spent ** (1.0 / rules.patience_shape)
                    b += 1
                o = 0
                for j in range(1, n_counter):
                    if free[j] < free[o]:
                        o = j
                begin = max(t, free[o])
                wait = min(begin - t, patience)
                row[0] += 1
                row[1] += wait
                row[11 + bin_of(WAIT_EDGES, wait)] += 1
                case["waited"] += wait
                if begin - t > patience:
                    row[2] += 1
                    returning = keyed_uniform(case["key"], RETURN, case["visit"]) < rules.return_prob
                    if returning and case["visit"] + 1 < rules.max_visits:
                        n_log = write_event(log, n_log, case, RENEGED, t, t + patience, t + patience, -1)
                        case["visit"] += 1
                        case["due"] = end
                        pool[n_pool] = place
                        n_pool += 1
                    else:
                        n_log = write_event(log, n_log, case, LOST, t, t + patience, t + patience, -1)
                        count_lost(case, rules, row, cohort)
                    continue
                minutes = case["counter_work"] / staff.speed[o]
                finish = begin + minutes
                free[o] = finish
                if case["visit"] == 0:
                    case["first_wait"] = wait
                case["officer"] = o
                case["rushed"] = minutes <= rules.rushed_minutes
                officers[o, 0] += minutes
                officers[o, 1] += 1
                n_log = write_event(log, n_log, case, SERVED, t, begin, finish, o)
                if rules.has_processing:
                    case["due"] = min(finish, end)
                    entries[n_entries] = place
                    n_entries += 1
                elif end_attempt(
                    case, 0, finish, end, o, period, month_end, staff, rules, channels, flow, cohort, officers
                ):
                    pool[n_pool] = place
                    n_pool += 1

        if not rules.has_processing:
            continue
        _sort_by_due(entries, cases, n_entries)
        for j in range(n_entries):
            queue[n_queue] = entries[j]
            n_queue += 1
        for j in range(n_processing):
            offset = staff.offset[d, n_counter + j]
            if offset < length:
                free_at[j] = max(free_at[j], start + offset)
        head = 0
        while head < n_queue and head < days.limit[d]:
            p = -1
            for j in range(n_processing):
                if staff.offset[d, n_counter + j] < length and (p < 0 or free_at[j] < free_at[p]):
                    p = j
            if p < 0:
                break
            place = queue[head]
            case = cases[place]
            begin = max(case["due"], free_at[p])
            if begin >= end:
                break
            o = n_counter + p
            minutes = case["processing_work"] / staff.speed[o]
            finish = begin + minutes
            free_at[p] = finish
            officers[o, 0] += minutes
            officers[o, 1] += 1
            n_log = write_event(log, n_log, case, PROCESSED, case["due"], begin, finish, o)
            if end_attempt(case, 1, finish, end, o, period, month_end, staff, rules, channels, flow, cohort, officers):
                pool[n_pool] = place
                n_pool += 1
            head += 1
        for j in range(head, n_queue):
            queue[j - head] = queue[j]
        n_queue -= head

    return cases[pool[:n_pool]], cases[queue[:n_queue]], n_log
