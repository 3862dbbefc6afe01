"""The same traces served here, in Ciw and in SimPy: every wait equal. `make prove` does it with ten times as many."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tests.peers.agreement import CIW, SIMPY, Server, worst_difference
from tests.peers.ciw_counter import serve_in_ciw
from tests.peers.simpy_counter import serve_in_simpy
from tests.peers.traces import Trace, draw_trace, serve_trace

N_TRACES = 200


def test_every_wait_equals_that_of_ciw() -> None:
    """With equal speeds and nothing at the same moment, all waits and all who leave are Ciw's, two classes or one."""
    _, customers = worst_difference(CIW, range(N_TRACES), serve_in_ciw)
    assert customers == 60 * N_TRACES


@pytest.mark.parametrize("kind", SIMPY, ids=lambda kind: " ".join(sorted(kind)) or "plain")
def test_every_wait_equals_that_of_simpy(kind: frozenset[str]) -> None:
    """With mixed speeds, ties, late officers and work beyond closing too, all waits and all who leave are SimPy's."""
    worst_difference([kind], range(N_TRACES // len(SIMPY)), serve_in_simpy)


def impatient_sooner(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """Plant a bug: whoever would be served at the very end of patience leaves."""
    return serve_trace(replace(trace, patience=np.nextafter(trace.patience, 0.0)))


def nobody_late(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """Plant a bug: every officer is there from opening."""
    return serve_trace(replace(trace, offset=np.zeros_like(trace.offset)))


def one_line(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """Plant a bug: nobody goes before anybody."""
    return serve_trace(replace(trace, urgent=np.zeros_like(trace.urgent)))


def highest_number_first(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """Plant a bug: of officers who are free at the same moment the one with the highest number serves."""
    return serve_trace(replace(trace, speed=trace.speed[::-1], offset=trace.offset[:, ::-1]))


PLANTED: dict[str, tuple[Server, str]] = {
    "officers 3 % too fast": (partial(serve_trace, faster=1.03), ""),
    "patience ends a moment too soon": (impatient_sooner, "ties patience"),
    "late officers are there from opening": (nobody_late, "closing ties late"),
    "urgent visitors wait in the one line": (one_line, "priority"),
    "ties go to the highest number": (highest_number_first, "speeds ties"),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_caught(bug: str) -> None:
    """Each planted bug breaks the equality within a few traces."""
    ours, kind = PLANTED[bug]
    with pytest.raises(AssertionError, match=r"leaves here or there only|waits"):
        worst_difference([frozenset(kind.split())], range(20), serve_in_simpy, ours)


def test_the_traces_contain_what_they_should() -> None:
    """Queues, empty counters, people who leave, ties, overtime and officers away all occur, often."""
    seen = dict.fromkeys(
        ("waited", "at once", "left", "urgent", "overtaken", "tied arrivals", "overtime", "away", "many officers"), 0
    )
    for number in range(N_TRACES):
        trace = draw_trace(number, SIMPY[number % len(SIMPY)])
        waits, left = serve_trace(trace)
        seen["waited"] += int((waits > 0).sum())
        seen["at once"] += int((waits == 0).sum())
        seen["left"] += int(left.sum())
        seen["urgent"] += int(trace.urgent.sum())
        seen["overtaken"] += int((np.diff((trace.arrivals + waits)[~left]) < 0).sum())
        seen["tied arrivals"] += int((np.diff(trace.arrivals) == 0).sum())
        seen["away"] += int((trace.offset >= trace.start[1]).sum())
        seen["many officers"] += trace.n_servers > 16
        for d in trace.days():
            seen["overtime"] += int(((trace.arrivals + waits)[trace.day(d)] > trace.start[d + 1]).sum())
    assert min(seen.values()) >= 20, seen
