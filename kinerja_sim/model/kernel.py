"""One month of one service unit as a pure function, compiled: `serve_month`.

The specification is docs/kernel.md. Cases are records in one array, nothing is made per
customer. Most open to dispute: officers away in the middle of a case finish it in the
time it takes; people inside at closing time are all served.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from kinerja_sim.know.schema import WAIT_EDGES
from kinerja_sim.model.outcomes import bin_of, end_attempt, is_priority, leaves, mark_lost, take_in, write_event
from kinerja_sim.model.records import (
    BAULKED,
    CASE,
    PATIENCE,
    PROCESSED,
    RENEGED,
    RETURN_TIME,
    SERVED,
    WAIT_AT,
    Channels,
    Days,
    Demand,
    Rules,
    Staff,
)  # fmt: skip
from kinerja_sim.model.rng import keyed_uniform

# Numba counts references to arrays, also where a tuple's array is merely read: atomic additions that made up three
# quarters of the time. Without the counting a function may not make or return arrays; it is handed all it needs.
_UNCOUNTED = {"cache": True, "_nrt": False}


@nb.njit(**_UNCOUNTED)
def profile_minute(profile: np.ndarray, u: float) -> float:
    """Return the minute of a normal day by which a share `u` of the day's arrivals has come."""
    low = bin_of(profile, u)
    width = profile[low + 1] - profile[low]
    inside = (u - profile[low]) / width if width > 0 else 0.0
    return 30.0 * (low + inside)


@nb.njit(**_UNCOUNTED)
def _plant(tree: np.ndarray, free: np.ndarray, n: int) -> None:
    """Fill the tournament tree over the first `n` of `free`: `tree[1]` is the smallest, of equals the lowest number."""
    size = tree.size >> 1
    for i in range(size):
        tree[size + i] = min(i, n - 1)  # leaves beyond repeat the last officer, who never beats an equal to the left
    for k in range(size - 1, 0, -1):
        left, right = tree[2 * k], tree[2 * k + 1]
        tree[k] = right if free[right] < free[left] else left


@nb.njit(**_UNCOUNTED)
def _replay(tree: np.ndarray, free: np.ndarray, o: int) -> None:
    """Play the matches on the way from officer `o`, whose free time has changed, to the root."""
    k = ((tree.size >> 1) + o) >> 1
    while k > 0:
        left, right = tree[2 * k], tree[2 * k + 1]
        tree[k] = right if free[right] < free[left] else left
        k >>= 1


@nb.njit(**_UNCOUNTED)
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


@nb.njit(**_UNCOUNTED)
def _order_by_time(order: np.ndarray, times: np.ndarray, n: int) -> None:
    """Fill the first `n` of `order` with the places of `times` from early to late, stable."""
    for i in range(n):
        j = i - 1
        while j >= 0 and times[order[j]] > times[i]:
            order[j + 1] = order[j]
            j -= 1
        order[j + 1] = i


@nb.njit(**_UNCOUNTED)
def _back_at(at_post: np.ndarray, opens: float, width: float, o: int, now: float) -> float:
    """Return `now` if officer `o` is at the counter, else when the officer is next; `at_post` is the day's [H, O]."""
    last = at_post.shape[0] - 1
    h = 0
    while h < last and opens + width * (h + 1) <= now:
        h += 1
    if at_post[h, o]:
        return now
    while h < last:
        h += 1
        if at_post[h, o]:
            return opens + width * h
    return np.inf


@nb.njit(**_UNCOUNTED)
def _serve_days(
    days: Days, demand: Demand, staff: Staff, rules: Rules, channels: Channels,
    cases: np.ndarray, n_pool: int, n_queue: int, places: np.ndarray, times: np.ndarray, free: np.ndarray,
    counter_tree: np.ndarray, processing_tree: np.ndarray,
    free_at: np.ndarray, period: int, flow: np.ndarray, cohort: np.ndarray, officers: np.ndarray, log: np.ndarray,
) -> tuple[int, int, int]:  # fmt: skip
    """Serve the month's days in given room; return the lengths of pool (`places[0]`), queue (`places[1]`) and log."""
    n_days, n_counter = days.start.size, staff.n_counter
    n_processing = staff.speed.size - n_counter
    month_end = days.start[n_days - 1] + days.length[n_days - 1]
    first_new = n_pool + n_queue
    pool, queue, visitors, entries = places[0], places[1], places[2], places[3]
    line, ordinary, priority, by_time = places[4], places[5], places[6], places[7]
    visit_time, line_time = times[0], times[1]
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
        _order_by_time(by_time, visit_time, n_returns)

        n_line = 0
        if n_counter > 0:
            # Merge two sorted runs; a new case goes before a return at the same minute.
            i, last, b = days.first_case[d], days.first_case[d + 1], 0
            while i < last or b < n_returns:
                if b >= n_returns or (i < last and demand.arrival[i] <= visit_time[by_time[b]]):
                    place, t = first_new + i, demand.arrival[i]
                    is_triaged = take_in(cases[place], demand, i, period, rules, row)
                    i += 1
                    if is_triaged:
                        continue
                else:
                    place, t = visitors[by_time[b]], visit_time[by_time[b]]
                    b += 1
                if n_line >= rules.ticket_cap:
                    row[11] += 1
                    n_log = write_event(log, n_log, cases[place], BAULKED, t, t, t, -1)
                    if leaves(cases[place], end, rules, row, cohort):
                        pool[n_pool] = place
                        n_pool += 1
                    else:
                        mark_lost(log, n_log)
                    continue
                line[n_line], line_time[n_line] = place, t
                n_line += 1
            for o in range(n_counter):
                free[o] = start + staff.offset[d, o] if staff.offset[d, o] < length else np.inf
            _plant(counter_tree, free, n_counter)
        else:
            for i in range(days.first_case[d], days.first_case[d + 1]):
                if not take_in(cases[first_new + i], demand, i, period, rules, row):
                    entries[n_entries] = first_new + i
                    n_entries += 1

        # Two lines: `ordinary` and `priority` hold positions in `line`; [head, tail) of each is waiting.
        joined, ordinary_head, ordinary_tail, priority_head, priority_tail = 0, 0, 0, 0, 0
        while joined < n_line or ordinary_head < ordinary_tail or priority_head < priority_tail:
            o = counter_tree[1]
            until = free[o]
            if ordinary_head == ordinary_tail and priority_head == priority_tail:
                until = max(until, line_time[joined])
            if staff.at_post.size > 0 and until < np.inf:  # where nobody is at the counter any more, patience ends
                now = max(until, line_time[joined - 1]) if joined > 0 else until  # some may have come after `until`
                back = _back_at(staff.at_post[d], start, 30.0 * days.length_factor[d], o, now)
                if back > now:
                    free[o] = back
                    _replay(counter_tree, free, o)
                    continue
            while joined < n_line and line_time[joined] <= until:
                if rules.priority_share > 0 and is_priority(cases[line[joined]]["key"], rules):
                    priority[priority_tail] = joined
                    priority_tail += 1
                else:
                    ordinary[ordinary_tail] = joined
                    ordinary_tail += 1
                joined += 1
            in_priority = priority_head < priority_tail
            if in_priority:
                v = priority[priority_head]
                priority_head += 1
            else:
                v = ordinary[ordinary_head]
                ordinary_head += 1
            place, t = line[v], line_time[v]
            case = cases[place]
            if case["visit"] == 0:
                patience = demand.patience[place - first_new]
            else:
                spent = -np.log(keyed_uniform(case["key"], PATIENCE, case["visit"]))
                patience = rules.patience_scale * spent ** (1.0 / rules.patience_shape)
            begin = max(t, free[o])
            wait = min(begin - t, patience)
            row[0] += 1
            row[1] += wait
            row[WAIT_AT + bin_of(WAIT_EDGES, wait)] += 1
            if in_priority:
                row[12] += 1
                row[13] += wait
            case["waited"] += wait
            if begin - t > patience:
                row[2] += 1
                n_log = write_event(log, n_log, case, RENEGED, t, t + patience, t + patience, -1)
                if leaves(case, end, rules, row, cohort):
                    pool[n_pool] = place
                    n_pool += 1
                else:
                    mark_lost(log, n_log)
                continue
            minutes = case["counter_work"] / staff.speed[o]
            finish = begin + minutes
            free[o] = finish
            _replay(counter_tree, free, o)
            if case["visit"] == 0:
                case["first_wait"] = wait
            case["officer"] = o
            case["rushed"] = minutes <= rules.rushed_minutes
            officers[o, 0] += minutes
            officers[o, 1] += 1
            n_log = write_event(log, n_log, case, SERVED, t, begin, finish, o)
            if rules.has_processing:
                case["due"], case["stage"] = min(finish, end), 1
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
            is_there = offset < length
            if is_there:
                free_at[j] = max(free_at[j], start + offset)
            free[j] = free_at[j] if is_there else np.inf
        _plant(processing_tree, free, n_processing)
        head = 0
        while head < n_queue and head < days.limit[d]:
            p = processing_tree[1]
            place = queue[head]
            case = cases[place]
            begin = max(case["due"], free[p])
            if begin >= end:  # endless where nobody is there
                break
            o = n_counter + p
            minutes = case["processing_work"] / staff.speed[o]
            finish = begin + minutes
            free_at[p] = free[p] = finish
            _replay(processing_tree, free, p)
            officers[o, 0] += minutes
            officers[o, 1] += 1
            if n_counter == 0 and case["attempt"] == 0:
                case["first_wait"] = begin - case["arrival"]  # until the first answer
            n_log = write_event(log, n_log, case, PROCESSED, case["due"], begin, finish, o)
            if end_attempt(case, 1, finish, end, o, period, month_end, staff, rules, channels, flow, cohort, officers):
                pool[n_pool] = place
                n_pool += 1
            head += 1
        for j in range(head, n_queue):
            queue[j - head] = queue[j]
        n_queue -= head

    return n_pool, n_queue, n_log


@nb.njit(cache=True)
def _tree_size(n: int) -> int:
    """Return the room for a tournament tree over `n` officers."""
    leaves = 1
    while leaves < n:
        leaves *= 2
    return 2 * leaves


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
    n_pool, n_queue = pool_in.size, queue_in.size
    capacity = n_pool + n_queue + demand.arrival.size
    # Every case has one place in `cases`; pool, queue and the day's lists hold places.
    cases, places, times = np.empty(capacity, CASE), np.empty((8, capacity), np.int64), np.empty((2, capacity))
    cases[:n_pool] = pool_in
    cases[n_pool : n_pool + n_queue] = queue_in
    places[0, :n_pool] = np.arange(n_pool)
    places[1, :n_queue] = np.arange(n_pool, n_pool + n_queue)
    counter_tree = np.empty(_tree_size(staff.n_counter), np.int64)
    processing_tree = np.empty(_tree_size(staff.speed.size - staff.n_counter), np.int64)
    n_pool, n_queue, n_log = _serve_days(
        days, demand, staff, rules, channels, cases, n_pool, n_queue, places, times, np.empty(staff.speed.size),
        counter_tree, processing_tree, free_at, period, flow, cohort, officers, log,
    )  # fmt: skip
    return cases[places[0, :n_pool]], cases[places[1, :n_queue]], n_log
