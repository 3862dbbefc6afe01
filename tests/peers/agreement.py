"""Which traces are put before which peer, and what it means that all waits are equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from kinerja_sim.model.fcfs import fcfs_waits
from tests.peers.traces import Features, Trace, draw_trace, has_ties, serve_trace

TOLERANCE = 1e-9  # minutes
Server = Callable[[Trace], tuple[np.ndarray, np.ndarray]]

CIW: Sequence[Features] = [
    frozenset(), frozenset({"patience"}), frozenset({"priority"}), frozenset({"patience", "priority"}),
]  # fmt: skip
"""What Ciw does as we do: equal speeds, patience, two classes; nothing at the same moment."""
SIMPY: Sequence[Features] = [
    frozenset(text.split())
    for text in (
        "", "patience", "priority", "patience priority", "ties", "ties patience", "ties priority", "speeds",
        "speeds ties", "closing", "closing ties late", "speeds patience closing priority",
        "speeds ties patience closing late priority",
    )
]  # fmt: skip
"""The same in SimPy, and mixed speeds, ties, short days with work beyond closing, officers late or away."""


def traces(kinds: Sequence[Features], numbers: Iterable[int], n_customers: int = 60) -> Iterator[tuple[str, Trace]]:
    """Yield named traces, each kind in turn; where ties are not meant, a trace that has any is drawn anew."""
    for number in numbers:
        kind = kinds[number % len(kinds)]
        trace, again = draw_trace(number, kind, n_customers), 0
        while not kind & {"ties", "late", "closing"} and has_ties(trace, *serve_trace(trace)):
            again += 1
            trace = draw_trace(number + 1_000_003 * again, kind, n_customers)
        yield f"trace {number} ({' '.join(sorted(kind)) or 'plain'}, {trace.n_servers} officers)", trace


def needs_the_month(trace: Trace) -> bool:
    """Return whether a trace needs more than `fcfs_waits` knows: patience, priority, mixed speeds, late officers."""
    patient, equal = np.isinf(trace.patience).all(), (trace.speed == 1.0).all()
    return not (patient and equal) or bool(trace.offset.any() or trace.urgent.any())


def worst_difference(kinds: Sequence[Features], numbers: Iterable[int], peer: Server, ours: Server = serve_trace,
                     n_customers: int = 60) -> tuple[float, int]:  # fmt: skip
    """Return the largest difference of any wait and the number of customers, or fail at the first trace that differs.

    The month's counter must agree with the peer in every wait and in who leaves; with equal
    speeds, endless patience and one day, so must `fcfs_waits`.
    """
    worst, customers = 0.0, 0
    for name, trace in traces(kinds, numbers, n_customers):
        (waits, left), (theirs, leave) = ours(trace), peer(trace)
        assert np.array_equal(left, leave), f"{name}: customer {np.argmax(left != leave)} leaves here or there only"
        difference = np.abs(waits - theirs)
        at = int(np.argmax(difference))
        assert difference[at] <= TOLERANCE, f"{name}: customer {at} waits {waits[at]}, there {theirs[at]}"
        if not needs_the_month(trace):
            for d in trace.days():
                day = trace.day(d)
                alone = fcfs_waits(trace.arrivals[day] - trace.start[d], trace.work[day], trace.n_servers)
                assert np.array_equal(alone, waits[day]), f"{name}: `fcfs_waits` differs"
        worst, customers = max(worst, float(difference[at])), customers + waits.size
    return worst, customers
