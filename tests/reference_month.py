"""One month of one service unit in plain Python, written from docs/kernel.md alone.

Whoever wrote this page had not read `kernel.py` below its declarations. It keeps lists of
cases and of events, loops, and favours the specification's words over speed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import exp, inf, log

import numpy as np

from kinerja_sim.know.schema import TURNAROUND_EDGES, WAIT_EDGES
from kinerja_sim.model import records
from kinerja_sim.model.rng import keyed_normal, keyed_uniform


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
class Month:
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

    def serve(self) -> None:
        """Serve the month day by day."""
        for d in range(len(self.days.start)):
            completed = self.serve_counter(d) if self.staff.n_counter else []
            if self.rules.has_processing:
                self.serve_processing(d, completed)

    def start(self, d: int) -> float:
        """Return the working minute at which day `d` opens."""
        return float(self.days.start[d])

    def end(self, d: int) -> float:
        """Return the working minute at which day `d` closes."""
        return float(self.days.start[d] + self.days.length[d])

    def new_cases(self, d: int) -> list[Case]:
        """Return the day's new cases in order of arrival."""
        demand = self.demand
        return [
            Case(
                demand.key[i], float(demand.arrival[i]), float(demand.counter_work[i]),
                float(demand.processing_work[i]), self.period, float(demand.patience[i]),
            )
            for i in range(self.days.first_case[d], self.days.first_case[d + 1])
        ]  # fmt: skip

    def take_from_pool(self, stage: int, d: int) -> list[Case]:
        """Remove from the pool, in its order, the cases of `stage` that are due before the day's end."""
        taken = [case for case in self.pool if case.stage == stage and case.due < self.end(d)]
        self.pool = [case for case in self.pool if not (case.stage == stage and case.due < self.end(d))]
        return taken

    def minute_of(self, u: float) -> float:
        """Return the minute of a normal day by which a share `u` of the day's arrivals has come."""
        profile = self.days.profile
        for h in range(len(profile) - 1):
            if u <= profile[h + 1]:
                return float(30 * (h + (u - profile[h]) / (profile[h + 1] - profile[h])))
        raise ValueError("the profile must end at 1")

    def officers_there(self, d: int, stage: int) -> list[int]:
        """Return the officers of a stage who are not away all day."""
        numbers = range(self.staff.n_counter) if stage == 0 else range(self.staff.n_counter, len(self.staff.speed))
        return [o for o in numbers if self.staff.offset[d, o] < self.days.length[d]]

    def serve_counter(self, d: int) -> list[Case]:
        """Serve the day's visitors; return those who go on to processing, in order of service."""
        visitors = [(case.arrival, case) for case in self.new_cases(d)]
        for case in self.take_from_pool(0, d):
            minute = self.minute_of(keyed_uniform(case.key, records.RETURN_TIME, case.visit))
            case.patience = self.later_patience(case)
            visitors.append((self.start(d) + float(self.days.length_factor[d]) * minute, case))
        visitors.sort(key=lambda visitor: visitor[0])
        free = {o: self.start(d) + float(self.staff.offset[d, o]) for o in self.officers_there(d, 0)}
        completed = []
        for t, case in visitors:
            o = min(free, key=lambda number: (free[number], number))
            begin = max(t, free[o])
            if begin - t > case.patience:
                self.renege(case, t, d)
                continue
            minutes = case.counter_work / float(self.staff.speed[o])
            free[o] = begin + minutes
            self.count_visit(begin - t)
            case.waited += begin - t
            if case.visit == 0:
                case.first_wait = begin - t
            case.officer, case.rushed = o, minutes <= self.rules.rushed_minutes
            self.serve_by(case, o, minutes)
            self.note(case, records.SERVED, t, begin, free[o], o)
            if self.rules.has_processing:
                case.entry = min(free[o], self.end(d))
                completed.append(case)
            else:
                self.end_attempt(case, free[o], o, d)
        return completed

    def later_patience(self, case: Case) -> float:
        """Return the patience of a visit after the first."""
        spent = -log(keyed_uniform(case.key, records.PATIENCE, case.visit))
        return self.rules.patience_scale * spent ** (1 / self.rules.patience_shape)

    def renege(self, case: Case, t: float, d: int) -> None:
        """Let a visitor leave, to come back another day or never."""
        self.flow[self.period, "reneged_visits"] += 1
        self.count_visit(case.patience)
        case.waited += case.patience
        returns = keyed_uniform(case.key, records.RETURN, case.visit) < self.rules.return_prob
        returns = returns and case.visit + 1 < self.rules.max_visits
        self.note(case, records.RENEGED if returns else records.LOST, t, t + case.patience, t + case.patience, -1)
        if returns:
            case.visit, case.due, case.stage = case.visit + 1, self.end(d), 0
            self.pool.append(case)
        else:
            self.lose(case)

    def serve_processing(self, d: int, completed: list[Case]) -> None:
        """Let the day's entries join the queue, then serve it as far as officers, supplies and time go."""
        entries = self.take_from_pool(1, d)
        for case in entries:
            case.entry = max(case.due, self.start(d))
        if not self.staff.n_counter:
            for case in self.new_cases(d):
                case.entry, case.stage = case.arrival, 1
                entries.append(case)
        self.queue += sorted(entries + completed, key=lambda case: case.entry)
        first = self.staff.n_counter
        there = self.officers_there(d, 1)
        for o in there:
            self.free_at[o - first] = max(self.free_at[o - first], self.start(d) + float(self.staff.offset[d, o]))
        begun = 0
        while self.queue and begun < self.days.limit[d] and there:
            o = min(there, key=lambda number: (self.free_at[number - first], number))
            begin = max(self.queue[0].entry, self.free_at[o - first])
            if begin >= self.end(d):
                break
            case = self.queue.pop(0)
            minutes = case.processing_work / float(self.staff.speed[o])
            self.free_at[o - first] = begin + minutes
            begun += 1
            self.serve_by(case, o, minutes)
            self.note(case, records.PROCESSED, case.entry, begin, begin + minutes, o)
            self.end_attempt(case, begin + minutes, o, d)

    def end_attempt(self, case: Case, finish: float, o: int, d: int) -> None:
        """Decide whether the attempt failed, and send the case back or finish it."""
        rules = self.rules
        period = self.period + (finish > self.end(len(self.days.start) - 1))
        self.flow[period, "attempts"] += 1
        fails = keyed_uniform(case.key, records.ERROR, case.attempt) < self.staff.error[o]
        if fails and case.attempt + 1 < rules.max_attempts:
            self.flow[period, "failed_attempts"] += 1
            self.officers[o, "failed"] += 1
            if case.attempt == 0:
                case.counter_work *= rules.rework_share
                case.processing_work *= rules.rework_share
            case.attempt += 1
            case.due, case.stage = max(self.end(d), finish + rules.rework_minutes), 1
            if not rules.has_processing:
                case.stage, case.visit = 0, case.visit + 1
            self.pool.append(case)
        else:
            self.flow[period, "throughput_cases"] += 1
            self.finish(case, finish, o)

    def finish(self, case: Case, finish: float, o: int) -> None:
        """Count what a finished case is worth to its cohort, its citizen and its officers."""
        rules = self.rules
        turnaround = finish - case.arrival
        wait = case.first_wait  # whoever was not served on the first visit never counts as served in time
        quantity = wait if rules.standard_is_wait else turnaround
        on_time = quantity <= rules.standard_minutes
        near = not on_time and quantity <= rules.near_factor * rules.standard_minutes
        self.count_cohort(case, turnaround / rules.day_minutes, on_time, near)
        facing = case.officer if self.staff.n_counter else o
        for number in {facing, o}:
            self.officers[number, "on_time"] += on_time
            self.officers[number, "finished"] += 1
        latent = self.latent(
            case,
            -(rules.slope_rushed if case.rushed else rules.slope_normal) * case.waited
            + rules.late_points * (not on_time)
            + rules.error_points * (case.attempt > 0)
            + rules.courtesy_points * float(self.staff.courtesy[facing]),
        )
        self.answer(case, latent, facing)

    def lose(self, case: Case) -> None:
        """Count a case that has given up for good."""
        self.flow[self.period, "lost_demand_cases"] += 1
        self.count_cohort(case, inf, False, False)
        self.latent(case, -self.rules.slope_normal * case.waited + self.rules.lost_points)

    def latent(self, case: Case, points: float) -> float:
        """Return latent satisfaction, counted in the month being served."""
        value = self.rules.base + points + self.rules.person_sd * keyed_normal(case.key, records.PERSON, 0)
        value = min(max(value, 25.0), 100.0)
        self.flow[self.period, "satisfaction_sum"] += value
        self.flow[self.period, "satisfaction_cases"] += 1
        return value

    def answer(self, case: Case, latent: float, o: int) -> None:
        """Let the citizen answer some of the channels."""
        channels = self.channels
        z = min(max((latent - self.rules.base) / self.rules.person_sd, -3.0), 3.0)
        for c in range(len(channels.share)):
            if channels.share[c] <= 0:
                continue
            if channels.digital[c] and keyed_uniform(case.key, records.ACCESS, 0) >= self.rules.access:
                continue
            tendency = channels.intercept[c] + channels.kappa[c] * z**2 + channels.tilt[c] * z
            if keyed_uniform(case.key, records.CHANNEL + c, 0) < channels.share[c] / (1 + exp(-tendency)):
                self.flow[self.period, "measured_sum"] += latent
                self.flow[self.period, "measured_ratings"] += 1
                self.officers[o, f"rating_sum_{channels.group[c]}"] += latent
                self.officers[o, f"ratings_{channels.group[c]}"] += 1

    def count_visit(self, wait: float) -> None:
        """Count a visit's wait in the month being served."""
        self.flow[self.period, "visits"] += 1
        self.flow[self.period, "wait_minutes_sum"] += wait
        self.flow[self.period, bin_of(WAIT_EDGES, wait)] += 1

    def count_cohort(self, case: Case, days: float, on_time: bool, near: bool) -> None:
        """Count an ended case in its cohort; endless `days` stand for a lost case."""
        if case.cohort >= 0:
            restricted = min(days, self.rules.restriction_days)
            self.cohort[case.cohort, "turnaround_cases"] += 1
            self.cohort[case.cohort, "turnaround_days_sum"] += restricted
            self.cohort[case.cohort, bin_of(TURNAROUND_EDGES, restricted if days == inf else days)] += 1
            self.cohort[case.cohort, "on_time_cases"] += on_time
            self.cohort[case.cohort, "near_miss_cases"] += near

    def serve_by(self, case: Case, o: int, minutes: float) -> None:
        """Count a service for its officer."""
        self.officers[o, "busy_minutes"] += minutes
        self.officers[o, "cases"] += 1

    def note(self, case: Case, kind: int, time: float, begin: float, finish: float, officer: int) -> None:
        """Write down what happened to a case."""
        self.events.append(Event(int(case.key), kind, time, begin, finish, officer, case.attempt, case.visit))


def bin_of(edges: np.ndarray, value: float) -> int:
    """Return the bin of `value`: the last edge that is not above it."""
    return max(b for b in range(len(edges) - 1) if edges[b] <= value)
