"""A counter in Ciw, fed with a trace: arrivals, services and patience are given, nothing is drawn."""

from __future__ import annotations

from typing import Any

import ciw
import numpy as np

from tests.peers.traces import Trace


class Given(ciw.dists.Distribution):
    """Hands out one given number per customer, by the order of arrival."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values.tolist()

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        """Return the customer's number."""
        return self.values[ind.id_number - 1]


def serve_in_ciw(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """Return waits (until service, or until leaving) and who left, from Ciw."""
    classes = {"urgent": trace.urgent, "ordinary": ~trace.urgent}
    arrivals = {
        name: [ciw.dists.Sequential([*np.diff(trace.arrivals[who], prepend=0.0).tolist(), np.inf])]
        for name, who in classes.items()
    }
    impatient = np.isfinite(trace.patience).any()
    network = ciw.create_network(
        arrival_distributions=arrivals,
        service_distributions={name: [Given(trace.work)] for name in classes},
        reneging_time_distributions={name: [Given(trace.patience) if impatient else None] for name in classes},
        priority_classes={"urgent": 0, "ordinary": 1},
        number_of_servers=[trace.n_servers],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(trace.arrivals.size, method="Finish")
    waits, left = np.full(trace.arrivals.size, np.nan), np.zeros(trace.arrivals.size, bool)
    for record in simulation.get_all_records():
        waits[record.id_number - 1] = record.waiting_time
        left[record.id_number - 1] = record.record_type == "renege"
    return waits, left
