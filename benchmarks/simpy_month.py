"""One month of one service unit in SimPy: the model of docs/kernel.md as a SimPy user would write it.

Officers are processes that call the next case from a store; cases are objects; sums are
lists. Everything that is drawn comes from the same keyed uniforms, so outcomes equal the
kernel's. An attempt's outcome is settled when its service begins, as the specification
orders it. No log of events.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Generator
from math import log
from typing import Any

import simpy

from benchmarks.simpy_outcomes import Case, Outcomes
from kinerja_sim.know.schema import WAIT_EDGES
from kinerja_sim.model import records
from kinerja_sim.model.records import WAIT_AT
from kinerja_sim.model.rng import keyed_uniform

Events = Generator[simpy.Event, Any, None]
ARRIVES, FREE, LEAVES = 2, 4, 1_000_000
"""Order of events at one moment: urgent visitors, ordinary ones, officers by number, those whose patience ends."""
WAITS = WAIT_EDGES[:-1].tolist()


def after(env: simpy.Environment, minutes: float, order: int) -> simpy.Event:
    """Return an event in `minutes` that, among events of one moment, waits its turn."""
    event = env.event()
    event._ok, event._value = True, None  # as simpy.Timeout does
    env.schedule(event, order, minutes)
    return event


class MonthInSimPy(Outcomes):
    """A month being served, day by day."""

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
        line = simpy.PriorityStore(env)
        onwards: list[Case] = []
        for o in range(self.staff.n_counter):
            if self.staff.offset[d, o] < self.days.length[d]:
                env.process(self.counter_officer(env, line, o, float(self.staff.offset[d, o]), onwards))
        for number, (t, case) in enumerate(visitors[: self.rules.ticket_cap]):
            env.process(self.visitor(env, line, number, t, case))
        env.run()
        return onwards

    def visitor(self, env: simpy.Environment, line: simpy.PriorityStore, number: int, t: float, case: Case) -> Events:
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
    ) -> Events:
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

    # Processing.

    def serve_processing(self, d: int) -> None:
        """Serve the queue as far as officers, supplies and time go."""
        env = simpy.Environment(initial_time=min(self.start, self.queue[0].due) if self.queue else self.start)
        store, self.begun = simpy.Store(env), 0
        env.process(self.entries(env, store, self.queue))
        for p in range(len(self.free_at)):
            offset = float(self.staff.offset[d, self.staff.n_counter + p])
            if offset < self.days.length[d]:
                self.free_at[p] = max(self.free_at[p], self.start + offset)
                env.process(self.processing_officer(env, store, p, int(self.days.limit[d])))
        env.run(until=self.end)
        self.queue = self.queue[self.begun :]

    def entries(self, env: simpy.Environment, store: simpy.Store, cases: list[Case]) -> Events:
        """Let the cases enter in order, each at its time."""
        for case in cases:
            if case.due > env.now:
                yield after(env, case.due - env.now, ARRIVES)
            store.put(case)

    def processing_officer(self, env: simpy.Environment, store: simpy.Store, p: int, limit: int) -> Events:
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
            if not self.staff.n_counter and case.attempt == 0:
                case.first_wait = env.now - case.arrival  # until the first answer
            self.end_attempt(case, self.free_at[p], o)
            yield after(env, minutes, FREE + p)
