"""Plain Python models that the compiled ones are held against."""

from __future__ import annotations

import heapq
from collections.abc import Iterable


def heap_waits(arrivals: Iterable[float], services: Iterable[float], n_servers: int) -> list[float]:
    """Return first-come, first-served waits from a heap of free times."""
    free_times = [0.0] * n_servers
    waits = []
    for arrival, service in zip(arrivals, services, strict=True):
        start = max(arrival, free_times[0])
        heapq.heapreplace(free_times, start + service)
        waits.append(start - arrival)
    return waits
