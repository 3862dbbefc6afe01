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
from kinerja_sim.model.records import (
    ACCESS,
    CHANNEL,
    ELEMENT,
    ERROR,
    KIND,
    LOST,
    MEASURED_AT,
    N_ELEMENTS,
    PERSON,
    PRIORITY,
    RETURN,
    TRIAGE,
    TRUE_AT,
    TURNAROUND_AT,
    WEIGHTS,
    Channels,
    Demand,
    Rules,
    Staff,
)  # fmt: skip
from kinerja_sim.model.rng import keyed_bits, keyed_normal, keyed_uniform


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
def mark_lost(log: np.ndarray, n_log: int) -> None:
    """Turn the last event of the log, if there is one, into the loss of its case."""
    if log.size > 0:
        log[n_log - 1]["kind"] = LOST


@nb.njit(cache=True, inline="always")
def is_priority(key: np.uint64, rules: Rules) -> bool:
    """Return whether the case has a right to the priority line."""
    return keyed_uniform(key, PRIORITY, 0) < rules.priority_share


@nb.njit(cache=True, inline="always")
def take_in(case: np.ndarray, demand: Demand, i: int, period: int, rules: Rules, flow: np.ndarray) -> bool:
    """Make the record of new case `i`; return whether it was triaged out, which is all that happens to it."""
    case["key"], case["arrival"], case["due"] = demand.key[i], demand.arrival[i], demand.arrival[i]
    case["counter_work"], case["processing_work"] = demand.counter_work[i], demand.processing_work[i]
    case["waited"], case["first_wait"], case["attempt"], case["visit"] = 0.0, np.inf, 0, 0
    case["cohort"], case["stage"], case["officer"], case["rushed"] = period, 1, -1, 0
    is_triaged = rules.triage_share > 0 and keyed_uniform(demand.key[i], TRIAGE, 0) < rules.triage_share
    flow[14] += is_triaged
    return is_triaged


@nb.njit(cache=True, inline="always")
def standard_of(key: np.uint64, rules: Rules) -> float:
    """Return the standard (minutes) of the case's kind."""
    if rules.kind_standard.size == 1:
        return rules.kind_standard[0]
    u = keyed_uniform(key, KIND, 0)
    kind = 0
    while kind < rules.kind_standard.size - 1 and u >= rules.kind_cumulative[kind]:
        kind += 1
    return rules.kind_standard[kind]


@nb.njit(cache=True, inline="always")
def element_noise(common: float, bits: np.uint64, e: int, rules: Rules) -> float:
    """Return one respondent's deviation on element `e`: partly the respondent's, partly the element's."""
    seven = np.float64((bits >> np.uint64(7 * e)) & np.uint64(127))
    own = 1.7320508075688772 * (2.0 * (seven + 0.5) / 128.0 - 1.0)
    return rules.element_sd * (np.sqrt(rules.element_rho) * common + np.sqrt(1.0 - rules.element_rho) * own)


@nb.njit(cache=True, inline="always")
def count_lost(case: np.ndarray, rules: Rules, flow: np.ndarray, cohort: np.ndarray) -> None:
    """Count a case that has given up for good."""
    flow[3] += 1
    common, bits = keyed_normal(case["key"], PERSON, 0), keyed_bits(case["key"], ELEMENT, 0)
    index = 0.0
    for e in range(N_ELEMENTS):
        points = rules.lost_points - rules.slope_normal * case["waited"] * WEIGHTS[e, 0]
        latent = min(max(rules.base[e] + points + element_noise(common, bits, e, rules), 25.0), 100.0)
        flow[TRUE_AT + e] += latent
        index += latent
    flow[7] += index / N_ELEMENTS
    flow[8] += 1
    if case["cohort"] >= 0:
        row = cohort[case["cohort"]]
        row[0] += 1
        row[1] += rules.restriction_days
        row[TURNAROUND_AT + bin_of(TURNAROUND_EDGES, rules.restriction_days)] += 1


@nb.njit(cache=True, inline="always")
def leaves(case: np.ndarray, day_end: float, rules: Rules, flow: np.ndarray, cohort: np.ndarray) -> bool:
    """Let a visitor go unserved; return whether the case will come back (it goes to the pool) or is lost."""
    returning = keyed_uniform(case["key"], RETURN, case["visit"]) < rules.return_prob
    if returning and case["visit"] + 1 < rules.max_visits:
        case["visit"] += 1
        case["stage"] = 0
        case["due"] = day_end
        return True
    count_lost(case, rules, flow, cohort)
    return False


@nb.njit(cache=True, inline="always")
def count_finished(case: np.ndarray, finish: float, ender: int, staff: Staff, rules: Rules, channels: Channels,
            flow: np.ndarray, cohort: np.ndarray, officers: np.ndarray) -> None:  # fmt: skip
    """Count a finished case: turnaround, standard, satisfaction, ratings."""
    minutes = finish - case["arrival"]
    quantity = case["first_wait"] if rules.standard_is_wait else minutes
    standard = standard_of(case["key"], rules)
    on_time = quantity <= standard
    near = not on_time and quantity <= rules.near_factor * standard
    if case["cohort"] >= 0:
        row = cohort[case["cohort"]]
        days = minutes / rules.day_minutes
        row[0] += 1
        row[1] += min(days, rules.restriction_days)
        row[2] += on_time
        row[3] += near
        row[4] += staff.n_counter == 0 and case["first_wait"] <= rules.response_minutes
        row[TURNAROUND_AT + bin_of(TURNAROUND_EDGES, days)] += 1
    server = case["officer"] if case["officer"] >= 0 else ender
    officers[server, 8] += 1
    officers[server, 2] += on_time
    if ender != server:
        officers[ender, 8] += 1
        officers[ender, 2] += on_time
    waiting = -(rules.slope_rushed if case["rushed"] else rules.slope_normal) * case["waited"]
    late = 0.0 if on_time else rules.late_points
    failed = rules.error_points if case["attempt"] > 0 else 0.0
    courtesy = rules.courtesy_points * staff.courtesy[server]
    common, bits = keyed_normal(case["key"], PERSON, 0), keyed_bits(case["key"], ELEMENT, 0)
    index = 0.0
    for e in range(N_ELEMENTS):
        w = WEIGHTS[e]
        points = waiting * w[0] + late * w[1] + failed * w[2] + courtesy * w[3]
        latent = min(max(rules.base[e] + points + element_noise(common, bits, e, rules), 25.0), 100.0)
        flow[TRUE_AT + e] += latent
        index += latent
    index /= N_ELEMENTS
    flow[7] += index
    flow[8] += 1
    z = min(max((index - rules.base_mean) / rules.person_sd, -3.0), 3.0)
    for c in range(channels.share.size):
        if channels.share[c] <= 0:
            continue
        u = keyed_uniform(case["key"], CHANNEL + c, 0)
        if u >= channels.share[c]:  # no answer, whatever the logit: most often, so this comes first
            continue
        if channels.digital[c] and keyed_uniform(case["key"], ACCESS, 0) >= rules.access:
            continue
        logit = channels.intercept[c] + channels.kappa[c] * z * z + channels.tilt[c] * z
        if u < channels.share[c] / (1.0 + np.exp(-logit)):
            rating = 0.0
            for e in range(N_ELEMENTS):
                w = WEIGHTS[e]
                points = waiting * w[0] + late * w[1] + failed * w[2] + courtesy * w[3]
                latent = min(max(rules.base[e] + points + element_noise(common, bits, e, rules), 25.0), 100.0)
                answer = 25.0 * np.round(latent / 25.0)
                flow[MEASURED_AT + e] += answer
                rating += answer
            rating /= N_ELEMENTS
            flow[9] += rating
            flow[10] += 1
            if channels.group[c] >= 0:
                officers[server, 4 + 2 * channels.group[c]] += rating
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
