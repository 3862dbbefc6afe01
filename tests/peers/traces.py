"""Random traces of a counter with times on a grid of 1/1024, and what this simulator makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kinerja_sim.model import kernel, records
from kinerja_sim.model.rng import keyed_uniform, stream

PRIORITY_SHARE = 0.3
GRID = 1024.0
"""Sums and differences of times on this grid are exact, in whatever order a program adds them up."""
Features = frozenset[str]


@dataclass(frozen=True)
class Trace:
    """Customers and officers of a counter over some days; times in minutes, customers' keys are their places."""

    arrivals: np.ndarray  # [N], sorted
    work: np.ndarray  # [N] minutes at speed 1
    patience: np.ndarray  # [N], infinite for the patient
    urgent: np.ndarray  # bool [N]: in the priority line
    speed: np.ndarray  # [O]
    start: np.ndarray  # [D], and one more for the end of the last day
    offset: np.ndarray  # [D, O] minutes after opening from which an officer is there

    @property
    def n_servers(self) -> int:
        """Return the number of officers."""
        return int(self.speed.size)

    def day(self, d: int) -> slice:
        """Return the places of day `d`'s customers."""
        return slice(*np.searchsorted(self.arrivals, self.start[d : d + 2]).tolist())

    def days(self) -> Iterator[int]:
        """Yield the days' numbers."""
        yield from range(self.start.size - 1)


def on_grid(values: np.ndarray) -> np.ndarray:
    """Return times rounded down to the grid, at least one step."""
    return np.maximum(np.floor(values * GRID), 1.0) / GRID


def draw_trace(number: int, features: Features, n_customers: int = 60) -> Trace:
    """Return one trace; `features` may be patience, priority, speeds, ties, closing, late.

    Loads lie between 0.6 and 1.6, so that some queues hardly form and others never empty. With `ties` times are
    whole minutes; with `closing` a trace has several short days, work lasts beyond them, and with `late` some
    officers come late or not at all. Patience ends half a grid step beside everything else unless there are ties.
    """
    rng = stream(41, "trace", number, *sorted(features))
    n_servers = int(rng.choice([1, 2, 3, 4, 5, 7, 10, 17, 24])) if number % 2 else int(rng.integers(1, 5))
    n_days = int(rng.integers(2, 5)) if "closing" in features else 1
    mean_work = float(rng.choice([2.0, 8.0]))
    load = float(rng.choice([0.6, 0.9, 1.1, 1.6]))
    shape = float(rng.choice([0.5, 1.0, 4.0]))
    round_off = np.floor if "ties" in features else on_grid
    gaps = rng.exponential(mean_work / (load * n_servers), n_customers)
    arrivals = round_off(np.cumsum(gaps))
    work = np.maximum(round_off(rng.gamma(shape, mean_work / shape, n_customers)), 1.0 / GRID)
    patience = np.full(n_customers, np.inf)
    if "patience" in features:
        impatient = rng.random(n_customers) < 0.7
        drawn = round_off(rng.exponential(2.0 * mean_work, n_customers)) + 0.5 / GRID * ("ties" not in features)
        patience[impatient] = drawn[impatient]
    urgent = np.zeros(n_customers, bool)
    if "priority" in features:
        urgent = np.array(
            [keyed_uniform(np.uint64(k), records.PRIORITY, 0) < PRIORITY_SHARE for k in range(n_customers)]
        )
    length = np.ceil((arrivals[-1] + 1.0) / n_days)
    offset = np.zeros((n_days, n_servers))
    if "late" in features:
        late = rng.random((n_days, n_servers)) < 0.4
        offset[late] = np.ceil(rng.random(int(late.sum())) * length)
        offset[rng.random((n_days, n_servers)) < 0.15] = length  # away all day
        offset[np.arange(n_days), rng.integers(0, n_servers, n_days)] = 0.0
    speed = np.ones(n_servers)
    if "speeds" in features:
        speed = rng.choice([0.5, 1.0, 2.0], n_servers) if "ties" in features else rng.lognormal(0.0, 0.4, n_servers)
    return Trace(arrivals, work, patience, urgent, speed, length * np.arange(n_days + 1.0), offset)


def has_ties(trace: Trace, waits: np.ndarray, left: np.ndarray) -> bool:
    """Return whether two things happen at one moment: arrivals, ends of service, ends of patience."""
    served = ~left
    finishes = (trace.arrivals + waits)[served] + trace.work[served]
    moments = np.concatenate([trace.arrivals, finishes, (trace.arrivals + waits)[left]])
    return bool(np.unique(moments).size < moments.size)


def serve_trace(trace: Trace, *, faster: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return waits (until service, or until leaving) and who left, from the month kernel's counter.

    `faster` plants a bug: officers are that much faster than the trace says.
    """
    n, n_days, length = trace.arrivals.size, trace.start.size - 1, np.diff(trace.start)
    first_case = np.searchsorted(trace.arrivals, trace.start).astype(np.int64)
    days = records.Days(
        trace.start[:-1], length, np.ones(n_days), np.full(n_days, 2**40), np.linspace(0, 1, 3), first_case
    )
    demand = records.Demand(np.arange(n, dtype=np.uint64), trace.arrivals, trace.work, np.zeros(n), trace.patience)
    none = np.zeros(trace.n_servers)
    staff = records.Staff(trace.speed * faster, none, none, trace.offset, trace.n_servers)
    rules = records.Rules(
        has_processing=False, day_minutes=float(length[0]), patience_scale=1.0, patience_shape=1.0, return_prob=0.0,
        max_visits=1, rework_minutes=0.0, rework_share=1.0, max_attempts=1, standard_is_wait=False,
        kind_cumulative=np.ones(1), kind_standard=np.ones(1), response_minutes=np.inf, triage_share=0.0,
        priority_share=PRIORITY_SHARE if trace.urgent.any() else 0.0, ticket_cap=n, near_factor=1.0,
        restriction_days=1.0, rushed_minutes=0.0, base=np.full(records.N_ELEMENTS, 80.0), base_mean=80.0,
        slope_normal=0.0, slope_rushed=0.0, late_points=0.0, error_points=0.0, lost_points=0.0, courtesy_points=0.0,
        person_sd=1.0, element_sd=1.0, element_rho=0.5, access=1.0,
    )  # fmt: skip
    nothing, whole = np.zeros(1), np.zeros(1, dtype=np.int64)
    channels = records.Channels(nothing, nothing, nothing, nothing, whole, whole)
    nobody, log = np.zeros(0, records.CASE), np.zeros(n, records.EVENT)
    _, _, n_log = kernel.serve_month(
        days, demand, staff, rules, channels, nobody, nobody, np.zeros(0), 0, np.zeros((2, records.N_FLOW)),
        np.zeros((2, records.N_COHORT)), np.zeros((trace.n_servers, len(records.OFFICER))), log,
    )  # fmt: skip
    assert n_log == n
    by_customer = log[np.argsort(log["key"])]
    return by_customer["begin"] - by_customer["time"], by_customer["kind"] != records.SERVED
