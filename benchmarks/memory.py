"""How memory grows with the horizon when only aggregates are kept: `python -m benchmarks.memory CASES`.

Month after month is drawn, served and forgotten; what is carried over is carried over.
Runs in a process of its own, so that nothing else's memory is counted.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.whole_month import NO_LOG, NOBODY
from benchmarks.workload import draw_office
from kinerja_sim.model import kernel, records

CASES_A_MONTH, OFFICERS = 40_000, 50


def resident_bytes() -> int:
    """Return the memory that this process holds now, or 0 where the system does not say (not Linux)."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def grow(n_cases: int) -> dict[str, float]:
    """Serve `n_cases` cases in months and return how much memory that added after the first ten months."""
    flow, cohort = np.zeros((2, records.N_FLOW)), np.zeros((2, records.N_COHORT))
    pool, queue, free_at, served, month, before = NOBODY, NOBODY, np.zeros(0), 0, 0, 0
    peak, begin = 0, time.perf_counter()
    while served < n_cases:
        office = draw_office(CASES_A_MONTH, OFFICERS, month)
        # Each month starts at minute 0: what is carried over comes back on its first days.
        pool["due"] = 0.0
        pool, queue, _ = kernel.serve_month(
            office.days, office.demand, office.staff, office.rules, office.channels, pool, queue, free_at, 0,
            flow, cohort, np.zeros((office.n_officers, len(records.OFFICER))), NO_LOG,
        )  # fmt: skip
        served, month = served + office.demand.key.size, month + 1
        if month == 10:
            before = resident_bytes()
        peak = max(peak, resident_bytes())
    return {
        "cases": served,
        "months": month,
        "megabytes": (peak - before) / 1e6,
        "carried": pool.size + queue.size,
        "seconds": time.perf_counter() - begin,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(grow(int(float(sys.argv[1])))))
