"""Teachers: people who are appraised but serve no queue; a lesson is given at its hour, or missed.

Each lesson of the timetable belongs to one teacher. It is missed where the teacher is away
at that minute, or stays away, which happens the less the better the teacher works. A missed
lesson is lost demand. Most open to dispute: that presence follows performance, for which the
ledger has an estimate only. Left out: what pupils learn, and substitutes without an added teacher.
"""

from __future__ import annotations

import numpy as np

from kinerja_sim.know.schema import TURNAROUND_EDGES
from kinerja_sim.model.demand import UnitMonth
from kinerja_sim.model.records import COHORT, FLOW, MISSED, OFFICER
from kinerja_sim.model.rng import keyed_uniforms


def give_lessons(
    month: UnitMonth, offset: np.ndarray, missed: np.ndarray, n_posted: int, minutes: float, restriction_days: float,
    flow: np.ndarray, cohort: np.ndarray, officers: np.ndarray,
) -> None:  # fmt: skip
    """Give or miss a month's lessons under one policy; sums are added in place.

    Parameters
    ----------
    month : UnitMonth
        Cases are the lessons that are due.
    offset : float [D, teachers]
        Minute of each day from which a teacher is there.
    missed : float [teachers]
        Share of lessons that a teacher who is there stays away from.
    n_posted : int
        Teachers of the timetable; those after them, added by a policy, stand in for any who are away.
    minutes : float
        Of one lesson.
    restriction_days : float
        What a missed lesson counts as turnaround.
    flow, cohort : float [N_FLOW], [N_COHORT]
        The month's rows.
    officers : float [teachers, len(OFFICER)]
    """
    days, demand = month.days, month.demand
    n_lessons, n = demand.key.size, missed.size
    day = np.repeat(np.arange(days.start.size), np.diff(days.first_case))
    minute = demand.arrival - days.start[day]
    teacher = np.arange(n_lessons) % n_posted
    for extra in range(n_posted, n):
        stands_in = (minute < offset[day, teacher]) & (minute >= offset[day, extra])
        teacher = np.where(stands_in, extra, teacher)
    is_there = minute >= offset[day, teacher]
    is_held = is_there & (keyed_uniforms(demand.key, MISSED) >= missed[teacher])
    due, held = (np.bincount(teacher[which], minlength=n) for which in (slice(None), is_held))
    for name, values in (("busy_minutes", minutes * held), ("cases", held), ("on_time", held), ("finished", due)):
        officers[:, OFFICER.index(name)] += values
    n_held = float(held.sum())
    for name, value in (
        ("throughput_cases", n_held), ("attempts", n_held), ("lost_demand_cases", n_lessons - n_held),
    ):  # fmt: skip
        flow[FLOW.index(name)] += value
    for name, value in (
        ("turnaround_cases", n_lessons), ("turnaround_days_sum", restriction_days * (n_lessons - n_held)),
        ("on_time_cases", n_held),
    ):  # fmt: skip
        cohort[COHORT.index(name)] += value
    at = len(COHORT)
    cohort[at] += n_held
    cohort[at + int(np.searchsorted(TURNAROUND_EDGES, restriction_days, side="right")) - 1] += n_lessons - n_held
