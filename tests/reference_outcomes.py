"""What a case is worth, in plain Python, written from docs/kernel.md alone: cohorts, citizens, officers.

The sums of one month; `tests/reference_month.py` decides what happens to whom, and when.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import exp, inf, sqrt

import numpy as np

from kinerja_sim.know.schema import ELEMENTS, TURNAROUND_EDGES, WAIT_EDGES
from kinerja_sim.model import records
from kinerja_sim.model.rng import keyed_bits, keyed_normal, keyed_uniform

WAIT, LATE, FAILED, COURTESY = records.WEIGHTS.T.tolist()


@dataclass
class Case:
    """A case, as the specification lists it; `entry` is when it joined the queue for processing."""

    key: np.uint64
    arrival: float
    counter_work: float
    processing_work: float
    cohort: int
    patience: float = inf
    due: float = 0.0
    waited: float = 0.0
    first_wait: float = inf
    attempt: int = 0
    visit: int = 0
    stage: int = 0
    officer: int = -1
    rushed: bool = False
    entry: float = 0.0


@dataclass(frozen=True)
class Event:
    """What happened to a case: `time` is when it came, `begin` and `finish` bound the service."""

    key: int
    kind: int
    time: float
    begin: float
    finish: float
    officer: int
    attempt: int
    visit: int


@dataclass
class Sums:
    """A month being served: what it is given, what is carried over, and what is counted."""

    days: records.Days
    demand: records.Demand
    staff: records.Staff
    rules: records.Rules
    channels: records.Channels
    period: int
    pool: list[Case]
    queue: list[Case]
    free_at: list[float]
    flow: Counter = field(default_factory=Counter)  # (period, column or ('bin', b)) -> sum
    cohort: Counter = field(default_factory=Counter)
    officers: Counter = field(default_factory=Counter)  # (officer, column) -> sum
    events: list[Event] = field(default_factory=list)

    def is_priority(self, case: Case) -> bool:
        """Return whether the case has a right to the priority line."""
        return keyed_uniform(case.key, records.PRIORITY, 0) < self.rules.priority_share

    def standard(self, case: Case) -> float:
        """Return the standard (minutes) of the case's kind; rounding may leave the shares a hair below 1."""
        u = keyed_uniform(case.key, records.KIND, 0)
        kinds = [k for k, share in enumerate(self.rules.kind_cumulative) if u < share]
        return float(self.rules.kind_standard[kinds[0] if kinds else -1])

    def finish(self, case: Case, finish: float, o: int) -> None:
        """Count what a finished case is worth to its cohort, its citizen and its officers."""
        rules, standard = self.rules, self.standard(case)
        turnaround = finish - case.arrival
        wait = case.first_wait  # whoever was not served on the first visit never counts as served in time
        quantity = wait if rules.standard_is_wait else turnaround
        on_time = quantity <= standard
        near = not on_time and quantity <= rules.near_factor * standard
        self.count_cohort(case, turnaround / rules.day_minutes, on_time, near)
        if case.cohort >= 0 and not self.staff.n_counter and wait <= rules.response_minutes:
            self.cohort[case.cohort, "answered_in_time_cases"] += 1
        facing = case.officer if case.officer >= 0 else o
        for number in {facing, o}:
            self.officers[number, "on_time"] += on_time
            self.officers[number, "finished"] += 1
        slope = rules.slope_rushed if case.rushed else rules.slope_normal
        points = [
            -slope * case.waited * WAIT[e]
            + rules.late_points * (not on_time) * LATE[e]
            + rules.error_points * (case.attempt > 0) * FAILED[e]
            + rules.courtesy_points * float(self.staff.courtesy[facing]) * COURTESY[e]
            for e in range(len(ELEMENTS))
        ]
        self.answer(case, self.latent(case, points), facing)

    def lose(self, case: Case) -> None:
        """Count a case that has given up for good."""
        rules = self.rules
        self.flow[self.period, "lost_demand_cases"] += 1
        self.count_cohort(case, inf, False, False)
        self.latent(case, [-rules.slope_normal * case.waited * weight + rules.lost_points for weight in WAIT])

    def latent(self, case: Case, points: list[float]) -> list[float]:
        """Return latent satisfaction with each element, counted in the month being served."""
        rules, bits = self.rules, int(keyed_bits(case.key, records.ELEMENT, 0))
        person = sqrt(rules.element_rho) * keyed_normal(case.key, records.PERSON, 0)
        values = []
        for e, more in enumerate(points):
            own = sqrt(3) * (2 * ((bits >> 7 * e) % 128 + 0.5) / 128 - 1)
            noise = rules.element_sd * (person + sqrt(1 - rules.element_rho) * own)
            values.append(min(max(float(rules.base[e]) + more + noise, 25.0), 100.0))
        self.flow[self.period, "satisfaction_cases"] += 1
        self.count_elements("satisfaction", values)
        return values

    def answer(self, case: Case, latent: list[float], o: int) -> None:
        """Let the citizen answer some of the channels."""
        channels = self.channels
        z = (sum(latent) / len(latent) - sum(self.rules.base) / len(self.rules.base)) / self.rules.person_sd
        z = min(max(z, -3.0), 3.0)
        for c in range(len(channels.share)):
            if channels.share[c] <= 0:
                continue
            if channels.digital[c] and keyed_uniform(case.key, records.ACCESS, 0) >= self.rules.access:
                continue
            tendency = channels.intercept[c] + channels.kappa[c] * z**2 + channels.tilt[c] * z
            if keyed_uniform(case.key, records.CHANNEL + c, 0) < channels.share[c] / (1 + exp(-tendency)):
                answers = [25.0 * round(value / 25) for value in latent]
                self.flow[self.period, "measured_ratings"] += 1
                self.count_elements("measured", answers)
                if channels.group[c] != -1:
                    self.officers[o, f"rating_sum_{channels.group[c]}"] += sum(answers) / len(answers)
                    self.officers[o, f"ratings_{channels.group[c]}"] += 1

    def count_elements(self, name: str, values: list[float]) -> None:
        """Count the elements and their mean, the index, in the month being served."""
        self.flow[self.period, f"{name}_sum"] += sum(values) / len(values)
        for element, value in zip(ELEMENTS, values, strict=True):
            self.flow[self.period, f"{name}_{element}_sum"] += value

    def count_visit(self, case: Case, wait: float) -> None:
        """Count a visit's wait in the month being served."""
        self.flow[self.period, "visits"] += 1
        self.flow[self.period, "wait_minutes_sum"] += wait
        self.flow[self.period, bin_of(WAIT_EDGES, wait)] += 1
        if self.is_priority(case):
            self.flow[self.period, "priority_visits"] += 1
            self.flow[self.period, "priority_wait_minutes_sum"] += wait

    def count_cohort(self, case: Case, days: float, on_time: bool, near: bool) -> None:
        """Count an ended case in its cohort; endless `days` stand for a lost case."""
        if case.cohort >= 0:
            restricted = min(days, self.rules.restriction_days)
            self.cohort[case.cohort, "turnaround_cases"] += 1
            self.cohort[case.cohort, "turnaround_days_sum"] += restricted
            self.cohort[case.cohort, bin_of(TURNAROUND_EDGES, restricted if days == inf else days)] += 1
            self.cohort[case.cohort, "on_time_cases"] += on_time
            self.cohort[case.cohort, "near_miss_cases"] += near

    def note_answer(self, case: Case, begin: float) -> None:
        """Keep the time until the first answer: without a counter, until work on the first attempt began."""
        if self.staff.n_counter == 0 and case.attempt == 0:
            case.first_wait = begin - case.arrival

    def count_service(self, o: int, minutes: float) -> None:
        """Count a service for its officer."""
        self.officers[o, "busy_minutes"] += minutes
        self.officers[o, "cases"] += 1

    def note(self, case: Case, kind: int, time: float, begin: float, finish: float, officer: int) -> None:
        """Write down what happened to a case."""
        self.events.append(Event(int(case.key), kind, time, begin, finish, officer, case.attempt, case.visit))


def bin_of(edges: np.ndarray, value: float) -> int:
    """Return the bin of `value`: the last edge that is not above it."""
    return max(b for b in range(len(edges) - 1) if edges[b] <= value)
