"""What ends a case or an attempt, compiled: counting, satisfaction, ratings, rework.

The specification is docs/kernel.md, from *End of an attempt* on. Most open to dispute:
satisfaction adds up its causes, and everybody feels them alike.

All are inlined into the kernel: handing `Rules` and `Staff` over by value at every call
doubles a case's cost.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from kinerja_sim.know.schema import TURNAROUND_EDGES
from kinerja_sim.model.records import ACCESS, CHANNEL, ERROR, PERSON, Channels, Rules, Staff
from kinerja_sim.model.rng import keyed_normal, keyed_uniform


@nb.njit(cache=True, inline="always")
def bin_of(edges: np.ndarray, value: float) -> int:
    """Return the bin of `value`: the last edge that is not above it."""
    low, high = 0, edges.size - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if edges[middle] <= value:
            low = middle
        else:
            high = middle
    return low


@nb.njit(cache=True, inline="always")
def write_event(log: np.ndarray, n_log: int, case: np.ndarray, kind: int, time: float, begin: float, finish: float,
           officer: int) -> int:  # fmt: skip
    """Append an event to the log, if there is one; return the new length."""
    if log.size == 0:
        return 0
    event = log[n_log]
    event["key"], event["kind"], event["time"], event["begin"] = case["key"], kind, time, begin
    event["finish"], event["officer"] = finish, officer
    event["attempt"], event["visit"] = case["attempt"], case["visit"]
    return n_log + 1


@nb.njit(cache=True, inline="always")
def count_lost(case: np.ndarray, rules: Rules, flow: np.ndarray, cohort: np.ndarray) -> None:
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
        row[4 + bin_of(TURNAROUND_EDGES, rules.restriction_days)] += 1


@nb.njit(cache=True, inline="always")
def count_finished(case: np.ndarray, finish: float, ender: int, staff: Staff, rules: Rules, channels: Channels,
            flow: np.ndarray, cohort: np.ndarray, officers: np.ndarray) -> None:  # fmt: skip
    """Count a finished case: turnaround, standard, satisfaction, ratings."""
    minutes = finish - case["arrival"]
    quantity = case["first_wait"] if rules.standard_is_wait else minutes
    on_time = quantity <= rules.standard_minutes
    near = not on_time and quantity <= rules.near_factor * rules.standard_minutes
    if case["cohort"] >= 0:
        row = cohort[case["cohort"]]
        days = minutes / rules.day_minutes
        row[0] += 1
        row[1] += min(days, rules.restriction_days)
        row[2] += on_time
        row[3] += near
        row[4 + bin_of(TURNAROUND_EDGES, days)] += 1
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


@nb.njit(cache=True, inline="always")
def end_attempt(case: np.ndarray, stage: int, finish: float, day_end: float, ender: int, period: int, month_end: float,
                staff: Staff, rules: Rules, channels: Channels, flow: np.ndarray, cohort: np.ndarray,
                officers: np.ndarray) -> bool:  # fmt: skip
    """Count an attempt that ended at `finish`; return whether the case has to come back for rework."""
    ends = period if finish <= month_end else period + 1
    flow[ends, 5] += 1
    failed = keyed_uniform(case["key"], ERROR, case["attempt"]) < staff.error[ender]
    if not failed or case["attempt"] + 1 >= rules.max_attempts:
        flow[ends, 4] += 1
        count_finished(case, finish, ender, staff, rules, channels, flow[period], cohort, officers)
        return False
    flow[ends, 6] += 1
    officers[ender, 3] += 1
    if case["attempt"] == 0:
        case["counter_work"] *= rules.rework_share
        case["processing_work"] *= rules.rework_share
    case["attempt"] += 1
    case["visit"] += stage == 0
    case["stage"] = stage
    case["due"] = max(day_end, finish + rules.rework_minutes)
    return True
