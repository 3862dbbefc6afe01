"""A counter in SimPy, fed with a trace: one process per customer, officers in a store by free time and number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import simpy

from tests.peers.traces import Trace

FINISHES, LEAVES = 2, 1_000_000
"""Priorities among events of one moment, after SimPy's own 0 and 1: officers in order of number, then the impatient."""


def after(env: simpy.Environment, minutes: float, priority: int) -> simpy.Event:
    """Return an event in `minutes` that, among events of one moment, waits its turn."""
    event = env.event()
    event._ok, event._value = True, None  # as simpy.Timeout does
    env.schedule(event, priority, minutes)
    return event


def visit(
    env: simpy.Environment, officers: simpy.PriorityStore, trace: Trace, k: int, waits: np.ndarray, left: np.ndarray
) -> Iterator[simpy.Event]:
    """Come, wait for an officer as long as patience lasts, be served, and hand the officer back."""
    yield env.timeout(trace.arrivals[k] - env.now)
    turn = officers.get()
    if np.isfinite(trace.patience[k]):
        yield turn | after(env, trace.patience[k], LEAVES)
    else:
        yield turn
    waits[k], left[k] = env.now - trace.arrivals[k], not turn.triggered
    if left[k]:
        turn.cancel()
        return
    _, number = turn.value
    yield after(env, trace.work[k] / trace.speed[number], FINISHES + number)
    officers.put((env.now, number))


def come(env: simpy.Environment, officers: simpy.PriorityStore, minutes: float, number: int) -> Iterator[simpy.Event]:
    """Let an officer come to the counter."""
    yield after(env, minutes, FINISHES + number)
    officers.put((env.now, number))


def serve_in_simpy(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """Return waits (until service, or until leaving) and who left, from SimPy, each day afresh."""
    waits, left = np.full(trace.arrivals.size, np.nan), np.zeros(trace.arrivals.size, bool)
    for d in trace.days():
        env = simpy.Environment(initial_time=trace.start[d])
        officers = simpy.PriorityStore(env)
        for number in np.flatnonzero(trace.offset[d] < trace.start[d + 1] - trace.start[d]):
            env.process(come(env, officers, trace.offset[d, number], int(number)))
        for k in range(*trace.day(d).indices(trace.arrivals.size)):
            env.process(visit(env, officers, trace, k, waits, left))
        env.run()
    return waits, left
