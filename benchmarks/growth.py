"""How cost grows with the work: with cases, officers, replications and policies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.timing import Prepare, side_by_side, slope
from benchmarks.whole_month import serve_here
from benchmarks.workload import draw_office
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.model.simulate import simulate_block

CASES = (3_000, 10_000, 30_000, 100_000, 300_000)  # in a month; each size serves as many months as make 300,000
OFFICERS = (16, 32, 64, 128, 256)
REPLICATIONS = (8, 16, 32, 64)
POLICIES = (8, 16, 32, 64)
REGION = "arcamanik"


def _total_seconds(runs: Mapping[int, Prepare], rounds: int) -> dict[int, float]:
    """Return the median seconds of each size, all sizes in each round."""
    times = side_by_side({str(size): ready for size, ready in runs.items()}, rounds)
    return {size: times.median(str(size)) / 1e9 for size in runs}


def in_cases(rounds: int) -> tuple[float, dict[int, float]]:
    """Return the slope of log time over log cases of one month, and nanoseconds a case by size."""

    def of(n: int) -> Prepare:
        def ready(repetition: int) -> tuple[Callable[[], object], float]:
            offices = [draw_office(n, 3, 100 * repetition + i) for i in range(CASES[-1] // n)]
            cases = sum(office.demand.key.size for office in offices)
            return lambda: [serve_here(office) for office in offices], cases / n

        return ready

    seconds = _total_seconds({n: of(n) for n in CASES}, rounds)
    return slope(list(CASES), list(seconds.values())), {n: 1e9 * s / n for n, s in seconds.items()}


def in_officers(rounds: int) -> tuple[float, dict[int, float]]:
    """Return how much a doubling of the officers above 16 adds to a case's cost, as a share, and nanoseconds a case."""

    def of(n_servers: int) -> Prepare:
        def ready(repetition: int) -> tuple[Callable[[], object], float]:
            offices = [draw_office(20_000, n_servers, 10 * repetition + i) for i in range(3)]
            return lambda: [serve_here(office) for office in offices], sum(o.demand.key.size for o in offices)

        return ready

    times = side_by_side({str(c): of(c) for c in OFFICERS}, rounds)
    cost = {c: times.median(str(c)) for c in OFFICERS}
    added = np.polyfit([math.log2(c) for c in OFFICERS], list(cost.values()), 1)[0]
    return float(added / cost[OFFICERS[0]]), cost


def _block(n_replications: int, n_policies: int, months: int) -> Prepare:
    """Return what simulates replications of a region under the baseline and copies of its own policy."""
    region = load_region(REGION)
    own = load_policy(region.preset)
    policies = [load_policy("baseline"), *(own.replace(name=f"copy-{i}") for i in range(n_policies - 1))]

    def ready(repetition: int) -> tuple[Callable[[], object], float]:
        numbers = range(100 * (repetition + 1), 100 * (repetition + 1) + n_replications)
        return lambda: simulate_block(
            region, policies, seed=5, replications=numbers, months=months, pre_months=2, parameters="ledger"
        ), 1

    return ready


def in_replications(rounds: int) -> tuple[float, dict[int, float]]:
    """Return the slope of log time over log replications, and seconds by number."""
    seconds = _total_seconds({n: _block(n, 2, 6) for n in REPLICATIONS}, rounds)
    return slope(list(REPLICATIONS), list(seconds.values())), seconds


def in_policies(rounds: int) -> tuple[float, dict[int, float]]:
    """Return the slope of log time over log policies, and seconds by number (demand is drawn once for all)."""
    seconds = _total_seconds({n: _block(2, n, 6) for n in POLICIES}, rounds)
    return slope(list(POLICIES), list(seconds.values())), seconds
