"""What the day kernel takes and gives: cases as records, the month's arrays, columns of sums.

docs/kernel.md says what each field means. Nothing here computes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kinerja_sim.know.schema import ELEMENTS, N_BINS

ERROR, RETURN, RETURN_TIME, PATIENCE, PERSON, ACCESS = 1, 2, 3, 4, 5, 6
PRIORITY, KIND, TRIAGE, ELEMENT, BOOKS, SLOT, STAYS_AWAY, MISSED, CHANNEL = 7, 8, 9, 10, 11, 12, 13, 14, 16
"""Purposes of keyed draws; channel `c` uses `CHANNEL + c`."""

N_ELEMENTS = len(ELEMENTS)
WEIGHTS = np.array(
    [  # wait, late, failed, courtesy
        [0.0, 0.0, 2.0, 0.0],
        [2.0, 2.0, 0.0, 0.0],
        [5.0, 3.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
        [0.0, 2.0, 3.0, 0.0],
        [0.0, 0.0, 4.0, 3.0],
        [0.0, 0.0, 0.0, 6.0],
        [2.0, 0.0, 0.0, 0.0],
        [0.0, 2.0, 0.0, 0.0],
    ]
)
"""How a cause of satisfaction spreads over the elements, [elements, causes]; each column adds up to 9. Ours."""

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
SERVED, RENEGED, LOST, PROCESSED, BAULKED = 0, 1, 2, 3, 4  # kinds of event

FLOW = [
    "visits", "wait_minutes_sum", "reneged_visits", "lost_demand_cases", "throughput_cases", "attempts",
    "failed_attempts", "satisfaction_sum", "satisfaction_cases", "measured_sum", "measured_ratings",
    "baulked_visits", "priority_visits", "priority_wait_minutes_sum", "triaged_out_cases",
    *[f"satisfaction_{e}_sum" for e in ELEMENTS], *[f"measured_{e}_sum" for e in ELEMENTS],
]  # fmt: skip
"""First columns of `flow` (by period of the event); the wait histogram follows."""
COHORT = ["turnaround_cases", "turnaround_days_sum", "on_time_cases", "near_miss_cases", "answered_in_time_cases"]
"""First columns of `cohort` (by period of first arrival); the turnaround histogram follows."""
OFFICER = [
    "busy_minutes", "cases", "on_time", "failed", "rating_sum_0", "ratings_0", "rating_sum_1", "ratings_1", "finished",
]  # fmt: skip
"""Columns of `officers`."""
WAIT_AT, TURNAROUND_AT = len(FLOW), len(COHORT)  # where the histograms start
TRUE_AT, MEASURED_AT = WAIT_AT - 2 * N_ELEMENTS, WAIT_AT - N_ELEMENTS  # where the elements start
N_FLOW, N_COHORT = WAIT_AT + N_BINS, TURNAROUND_AT + N_BINS


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


ALWAYS = np.ones((0, 0, 0), bool)
"""`Staff.at_post` of a unit whose officers are at the counter all day."""


class Staff(NamedTuple):
    """The officers of the unit in this month: counter first, then processing, [O] each."""

    speed: np.ndarray
    error: np.ndarray
    courtesy: np.ndarray
    offset: np.ndarray  # [D, O] minutes after opening from which the officer is there
    n_counter: int
    at_post: np.ndarray = ALWAYS  # bool [D, H, n_counter]: at the counter in this half-hour; [0, 0, 0]: always


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
    kind_cumulative: np.ndarray  # [kinds] shares of the kinds of case, added up
    kind_standard: np.ndarray  # [kinds] minutes
    response_minutes: float  # first answer promised within, infinite without a promise
    triage_share: float  # new cases that are turned down on arrival
    priority_share: float  # cases with a right to the priority line
    ticket_cap: int  # visitors a day who get a ticket
    near_factor: float
    restriction_days: float
    rushed_minutes: float
    base: np.ndarray  # [elements] satisfaction without wait, lateness or error
    base_mean: float
    slope_normal: float
    slope_rushed: float
    late_points: float
    error_points: float
    lost_points: float
    courtesy_points: float
    person_sd: float
    element_sd: float
    element_rho: float
    access: float


class Channels(NamedTuple):
    """The citizens' channels, [C] each."""

    share: np.ndarray
    intercept: np.ndarray
    kappa: np.ndarray
    tilt: np.ndarray
    digital: np.ndarray  # int64
    group: np.ndarray  # int64: 0 citizens, 1 civil society, -1 for the unit alone
