"""One month of one service unit in SimPy: the model of docs/kernel.md as a SimPy user would write it.

Officers are processes that call the next case from a store; cases are objects; sums are
lists. Everything that is drawn comes from the same keyed uniforms, so outcomes equal the
kernel's. An attempt's outcome is settled when its service begins, as the specification
orders it. No log of events.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, inf, log, sqrt

import numpy as np
import simpy

from benchmarks.workload import Office
from kinerja_sim.know.schema import TURNAROUND_EDGES, WAIT_EDGES
from kinerja_sim.model import records
from kinerja_sim.model.records import MEASURED_AT, N_ELEMENTS, TRUE_AT, TURNAROUND_AT, WAIT_AT
from kinerja_sim.model.rng import keyed_bits, keyed_normal, keyed_uniform

ARRIVES, FREE, LEAVES = 2, 4, 1_000_000
"""Order of events at one moment: urgent visitors, ordinary ones, officers by number, those whose patience ends."""
WAITS, DAYS = WAIT_EDGES[:-1].tolist(), TURNAROUND_EDGES[:-1].tolist()
WEIGHTS = records.WEIGHTS.tolist()


@dataclass(slots=True)
class Case:
    """A case, as docs/kernel.md lists it."""

    key: np.uint64
    arrival: float
    due: float
    counter_work: float
    processing_work: float
    patience: float
    cohort: int
    waited: float = 0.0
    first_wait: float = inf
    attempt: int = 0
    visit: int = 0
    stage: int = 1
    officer: int = -1
    rushed: bool = False


def after(env: simpy.Environment, minutes: float, order: int) -> simpy.Event:
    """Return an event in `minutes` that, among events of one moment, waits its turn."""
    event = env.event()
    event._ok, event._value = True, None  # as simpy.Timeout does
    env.schedule(event, order, minutes)
    return event


class MonthInSimPy:
    """A month being served: what it is given, what is carried over, and what is counted."""

    def __init__(self, office: Office, pool: list[Case], queue: list[Case], free_at: list[float], period: int) -> None:
        self.days, self.demand, self.staff = office.days, office.demand, office.staff
        self.rules, self.channels, self.period = office.rules, office.channels, period
        self.pool, self.queue, self.free_at = pool, queue, free_at
        self.flow = [[0.0] * records.N_FLOW for _ in range(period + 2)]
        self.cohort = [[0.0] * records.N_COHORT for _ in range(period + 2)]
        self.officers = [[0.0] * len(records.OFFICER) for _ in range(office.n_officers)]
        self.speed, self.error = self.staff.speed.tolist(), self.staff.error.tolist()
        self.courtesy, self.base = self.staff.courtesy.tolist(), self.rules.base.tolist()
        self.month_end = float(self.days.start[-1] + self.days.length[-1])

    def serve(self) -> None:
        """Serve the month day by day."""
        for d in range(self.days.start.size):
            self.start, self.end = float(self.days.start[d]), float(self.days.start[d] + self.days.length[d])
            entries = [case for case in self.pool if case.due < self.end and case.stage == 1]
            returns = [case for case in self.pool if case.due < self.end and case.stage == 0]
            self.pool = [case for case in self.pool if case.due >= self.end]
            for case in entries:
                case.due = max(case.due, self.start)
            if self.staff.n_counter:
                entries += self.serve_counter(d, returns)
            else:
                entries += self.new_cases(d)
            if self.rules.has_processing:
                self.queue += sorted(entries, key=lambda case: case.due)
                self.serve_processing(d)

    def new_cases(self, d: int) -> list[Case]:
        """Return the day's new cases that are not triaged out."""
        cases = []
        for i in range(self.days.first_case[d], self.days.first_case[d + 1]):
            arrival, key = float(self.demand.arrival[i]), self.demand.key[i]
            if self.rules.triage_share > 0 and keyed_uniform(key, records.TRIAGE, 0) < self.rules.triage_share:
                self.flow[self.period][14] += 1
                continue
            counter_work, processing_work = float(self.demand.counter_work[i]), float(self.demand.processing_work[i])
            patience = float(self.demand.patience[i])
            cases.append(Case(key, arrival, arrival, counter_work, processing_work, patience, self.period))
        return cases

    def comes_back_at(self, case: Case, d: int) -> float:
        """Return when a returning visitor comes, and draw the patience of this visit."""
        spent = -log(keyed_uniform(case.key, records.PATIENCE, case.visit))
        case.patience = self.rules.patience_scale * spent ** (1.0 / self.rules.patience_shape)
        u, profile = keyed_uniform(case.key, records.RETURN_TIME, case.visit), self.days.profile
        h = min(bisect_right(profile, u) - 1, profile.size - 2)
        width = profile[h + 1] - profile[h]
        return self.start + float(self.days.length_factor[d] * 30.0 * (h + ((u - profile[h]) / width if width else 0)))

    # The counter.

    def serve_counter(self, d: int, returns: list[Case]) -> list[Case]:
        """Serve the day's visitors; return those who go on to processing, in order of service."""
        visitors = [(case.arrival, case) for case in self.new_cases(d)]
        visitors += [(self.comes_back_at(case, d), case) for case in returns]
        visitors.sort(key=lambda visitor: visitor[0])
        for _, case in visitors[self.rules.ticket_cap :]:
            self.flow[self.period][11] += 1
            self.leave(case)
        env = simpy.Environment(initial_time=self.start)
        line, onwards = simpy.PriorityStore(env), []
        for o in range(self.staff.n_counter):
            if self.staff.offset[d, o] < self.days.length[d]:
                env.process(self.counter_officer(env, line, o, float(self.staff.offset[d, o]), onwards))
        for number, (t, case) in enumerate(visitors[: self.rules.ticket_cap]):
            env.process(self.visitor(env, line, number, t, case))
        env.run()
        return onwards

    def visitor(
        self, env: simpy.Environment, line: simpy.PriorityStore, number: int, t: float, case: Case
    ) -> Iterator[simpy.Event]:
        """Join the line, and leave it when patience ends first."""
        share = self.rules.priority_share
        ordinary = not (share > 0 and keyed_uniform(case.key, records.PRIORITY, 0) < share)
        yield after(env, t - env.now, ARRIVES + ordinary)
        place = (ordinary, number, t, case)
        line.put(place)
        yield after(env, case.patience, LEAVES)
        if place in line.items:
            line.items.remove(place)
            heapq.heapify(line.items)
            self.count_visit(case, case.patience, ordinary)
            self.flow[self.period][2] += 1
            self.leave(case)

    def counter_officer(
        self, env: simpy.Environment, line: simpy.PriorityStore, o: int, offset: float, onwards: list[Case]
    ) -> Iterator[simpy.Event]:
        """Come, then serve one visitor after the other."""
        yield after(env, offset, FREE + o)
        while True:
            ordinary, _, t, case = yield line.get()
            minutes = case.counter_work / self.speed[o]
            self.count_visit(case, env.now - t, ordinary)
            if case.visit == 0:
                case.first_wait = env.now - t
            case.officer, case.rushed = o, minutes <= self.rules.rushed_minutes
            self.officers[o][0] += minutes
            self.officers[o][1] += 1
            if self.rules.has_processing:
                case.due = min(env.now + minutes, self.end)
                onwards.append(case)
            else:
                self.end_attempt(case, env.now + minutes, o)
            yield after(env, minutes, FREE + o)

    def count_visit(self, case: Case, wait: float, ordinary: bool) -> None:
        """Count a visit's wait."""
        row = self.flow[self.period]
        row[0] += 1
        row[1] += wait
        row[WAIT_AT + bisect_right(WAITS, wait) - 1] += 1
        if not ordinary:
            row[12] += 1
            row[13] += wait
        case.waited += wait

    def leave(self, case: Case) -> None:
        """Let a visitor go unserved, to come back another day or never."""
        returns = keyed_uniform(case.key, records.RETURN, case.visit) < self.rules.return_prob
        if returns and case.visit + 1 < self.rules.max_visits:
            case.visit, case.stage, case.due = case.visit + 1, 0, self.end
            self.pool.append(case)
            return
        points = [-self.rules.slope_normal * case.waited, 0.0, 0.0, 0.0]
        self.flow[self.period][3] += 1
        self.count_elements(self.elements(case, points, self.rules.lost_points))
        if case.cohort >= 0:
            self.count_turnaround(case, self.rules.restriction_days)

    # Processing.

    def serve_processing(self, d: int) -> None:
        """Serve the queue as far as officers, supplies and time go."""
        env = simpy.Environment(initial_time=min(self.start, self.queue[0].due) if self.queue else self.start)
        store, self.refused, self.begun = simpy.Store(env), [], 0
        env.process(self.entries(env, store, self.queue))
        for p in range(len(self.free_at)):
            offset = float(self.staff.offset[d, self.staff.n_counter + p])
            if offset < self.days.length[d]:
                self.free_at[p] = max(self.free_at[p], self.start + offset)
                env.process(self.processing_officer(env, store, p, int(self.days.limit[d])))
        env.run(until=self.end)
        n_taken = self.begun
        self.queue = self.queue[n_taken:]

    def entries(self, env: simpy.Environment, store: simpy.Store, cases: list[Case]) -> Iterator[simpy.Event]:
        """Let the cases enter in order, each at its time."""
        for case in cases:
            if case.due > env.now:
                yield after(env, case.due - env.now, ARRIVES)
            store.put(case)

    def processing_officer(
        self, env: simpy.Environment, store: simpy.Store, p: int, limit: int
    ) -> Iterator[simpy.Event]:
        """Come, then take one case after the other from the head of the queue until supplies are used up."""
        o = self.staff.n_counter + p
        yield after(env, self.free_at[p] - env.now, FREE + p)
        while self.begun < limit:
            case = yield store.get()
            if self.begun >= limit:
                return  # another officer took the last of the supplies at this moment
            self.begun += 1
            minutes = case.processing_work / self.speed[o]
            self.free_at[p] = env.now + minutes
            self.officers[o][0] += minutes
            self.officers[o][1] += 1
            if case.attempt == 0 and case.cohort >= 0 and env.now - case.arrival <= self.rules.response_minutes:
                self.cohort[case.cohort][4] += 1
            self.end_attempt(case, self.free_at[p], o)
            yield after(env, minutes, FREE + p)

    # The end of an attempt.

    def end_attempt(self, case: Case, finish: float, o: int) -> None:
        """Decide whether the attempt failed, and send the case back or finish it."""
        rules, ends = self.rules, self.flow[self.period + (finish > self.month_end)]
        ends[5] += 1
        failed = keyed_uniform(case.key, records.ERROR, case.attempt) < self.error[o]
        if not failed or case.attempt + 1 >= rules.max_attempts:
            ends[4] += 1
            self.finish(case, finish, o)
            return
        ends[6] += 1
        self.officers[o][3] += 1
        if case.attempt == 0:
            case.counter_work *= rules.rework_share
            case.processing_work *= rules.rework_share
        case.attempt += 1
        case.visit += not rules.has_processing
        case.stage, case.due = int(rules.has_processing), max(self.end, finish + rules.rework_minutes)
        self.pool.append(case)

    def finish(self, case: Case, finish: float, o: int) -> None:
        """Count what a finished case is worth to its cohort, its citizen and its officers."""
        rules, minutes = self.rules, finish - case.arrival
        u = keyed_uniform(case.key, records.KIND, 0) if rules.kind_standard.size > 1 else 0.0
        kind = min(bisect_right(rules.kind_cumulative, u), rules.kind_standard.size - 1)
        standard = float(rules.kind_standard[kind])
        quantity = case.first_wait if rules.standard_is_wait else minutes
        on_time = quantity <= standard
        if case.cohort >= 0:
            self.count_turnaround(case, minutes / rules.day_minutes)
            self.cohort[case.cohort][2] += on_time
            self.cohort[case.cohort][3] += not on_time and quantity <= rules.near_factor * standard
        server = case.officer if case.officer >= 0 else o
        for number in {server, o}:
            self.officers[number][2] += on_time
            self.officers[number][8] += 1
        points = [
            -(rules.slope_rushed if case.rushed else rules.slope_normal) * case.waited,
            0.0 if on_time else rules.late_points,
            rules.error_points if case.attempt else 0.0,
            rules.courtesy_points * self.courtesy[server],
        ]
        latent = self.elements(case, points, 0.0)
        self.answer(case, latent, self.count_elements(latent), server)

    def elements(self, case: Case, points: list[float], lost: float) -> list[float]:
        """Return the nine elements of a citizen's satisfaction."""
        rules, bits = self.rules, int(keyed_bits(case.key, records.ELEMENT, 0))
        common, own_part = (
            sqrt(rules.element_rho) * keyed_normal(case.key, records.PERSON, 0),
            sqrt(1 - rules.element_rho),
        )
        latent = []
        for e in range(N_ELEMENTS):
            own = sqrt(3.0) * (2.0 * ((bits >> 7 * e & 127) + 0.5) / 128.0 - 1.0)
            effect = sum(p * w for p, w in zip(points, WEIGHTS[e], strict=True)) + lost
            value = self.base[e] + effect + rules.element_sd * (common + own_part * own)
            latent.append(min(max(value, 25.0), 100.0))
        return latent

    def count_elements(self, latent: list[float]) -> float:
        """Count elements and index in the month being served; return the index."""
        row, index = self.flow[self.period], sum(latent) / N_ELEMENTS
        for e, value in enumerate(latent):
            row[TRUE_AT + e] += value
        row[7] += index
        row[8] += 1
        return index

    def count_turnaround(self, case: Case, days: float) -> None:
        """Count an ended case in its cohort."""
        row = self.cohort[case.cohort]
        row[0] += 1
        row[1] += min(days, self.rules.restriction_days)
        row[TURNAROUND_AT + bisect_right(DAYS, days) - 1] += 1

    def answer(self, case: Case, latent: list[float], index: float, o: int) -> None:
        """Let the citizen answer some of the channels."""
        channels, row = self.channels, self.flow[self.period]
        z = min(max((index - self.rules.base_mean) / self.rules.person_sd, -3.0), 3.0)
        for c in range(channels.share.size):
            if channels.share[c] <= 0:
                continue
            if channels.digital[c] and keyed_uniform(case.key, records.ACCESS, 0) >= self.rules.access:
                continue
            tendency = channels.intercept[c] + channels.kappa[c] * z * z + channels.tilt[c] * z
            if keyed_uniform(case.key, records.CHANNEL + c, 0) >= channels.share[c] / (1.0 + exp(-tendency)):
                continue
            answers = [25.0 * round(value / 25.0) for value in latent]
            for e, value in enumerate(answers):
                row[MEASURED_AT + e] += value
            rating = sum(answers) / N_ELEMENTS
            row[9] += rating
            row[10] += 1
            self.officers[o][4 + 2 * int(channels.group[c])] += rating
            self.officers[o][5 + 2 * int(channels.group[c])] += 1
