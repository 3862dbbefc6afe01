"""A counter in SimPy, fed with a trace: officers are processes that call the next visitor from one sorted line."""

from __future__ import annotations

import heapq
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from tests.peers.traces import Trace

Events = Generator[simpy.Event, Any, None]
ARRIVES, FREE, LEAVES = 2, 4, 1_000_000
"""Order of events at one moment, after SimPy's own 0 and 1: urgent visitors, ordinary ones, officers by number,
and last those whose patience ends: who can be served at that moment is served."""


def after(env: simpy.Environment, minutes: float, order: int) -> simpy.Event:
    """Return an event in `minutes` that, among events of one moment, waits its turn."""
    event = env.event()
    event._ok, event._value = True, None  # as simpy.Timeout does
    env.schedule(event, order, minutes)
    return event


@dataclass
class Day:
    """One day at the counter: a line of (is ordinary, customer), and what becomes of the customers."""

    env: simpy.Environment
    line: simpy.PriorityStore
    trace: Trace
    waits: np.ndarray
    left: np.ndarray

    def visitor(self, k: int) -> Events:
        """Join the line, and leave it when patience ends first."""
        place = (not self.trace.urgent[k], k)
        yield after(self.env, self.trace.arrivals[k] - self.env.now, ARRIVES + place[0])
        self.line.put(place)
        if np.isfinite(self.trace.patience[k]):
            yield after(self.env, self.trace.patience[k], LEAVES)
            if place in self.line.items:
                self.line.items.remove(place)
                heapq.heapify(self.line.items)
                self.waits[k], self.left[k] = self.env.now - self.trace.arrivals[k], True

    def officer(self, number: int, offset: float) -> Events:
        """Come, then serve one visitor after the other."""
        yield after(self.env, offset, FREE + number)
        while True:
            _, k = yield self.line.get()
            self.waits[k] = self.env.now - self.trace.arrivals[k]
            yield after(self.env, self.trace.work[k] / self.trace.speed[number], FREE + number)


def serve_in_simpy(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """Return waits (until service, or until leaving) and who left, from SimPy, each day afresh."""
    waits, left = np.full(trace.arrivals.size, np.nan), np.zeros(trace.arrivals.size, bool)
    for d in trace.days():
        env = simpy.Environment(initial_time=trace.start[d])
        day = Day(env, simpy.PriorityStore(env), trace, waits, left)
        for number in np.flatnonzero(trace.offset[d] < trace.start[d + 1] - trace.start[d]):
            env.process(day.officer(int(number), trace.offset[d, number]))
        for k in range(*trace.day(d).indices(trace.arrivals.size)):
            env.process(day.visitor(k))
        env.run()
    return waits, left
