"""The queue alone: `fcfs_waits` beside C, SimPy, Ciw, a heap in Python and, where R is, simmer and queuecomputer."""

from __future__ import annotations

import heapq
import shutil
import subprocess
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

import ciw
import numpy as np
import simpy

from benchmarks.native import c_waits, compilers
from benchmarks.timing import Prepare, Times, side_by_side
from benchmarks.workload import draw_queue
from kinerja_sim.model.fcfs import fcfs_waits

Events = Generator[simpy.Event, Any, None]
Waits = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
SERVERS = (1, 3, 10, 50)
CUSTOMERS = {"ours": 1_000_000, "heap": 100_000, "SimPy": 20_000, "Ciw": 2_000}
"""How many customers each serves; C serves as many as we do. Peers get the head of the same trace."""


def heap_waits(arrivals: np.ndarray, services: np.ndarray, n_servers: int) -> np.ndarray:
    """Return waits from a heap of free times in pure Python."""
    free_times, waits = [0.0] * n_servers, []
    for arrival, service in zip(arrivals.tolist(), services.tolist(), strict=True):
        start = max(arrival, free_times[0])
        heapq.heapreplace(free_times, start + service)
        waits.append(start - arrival)
    return np.array(waits)


def simpy_waits(arrivals: np.ndarray, services: np.ndarray, n_servers: int) -> np.ndarray:
    """Return waits from SimPy: one process a customer, one resource."""
    env = simpy.Environment()
    servers, waits = simpy.Resource(env, n_servers), np.empty(arrivals.size)

    def customer(k: int, service: float) -> Events:
        came = env.now
        with servers.request() as turn:
            yield turn
            waits[k] = env.now - came
            yield env.timeout(service)

    def doors() -> Events:
        given = zip(arrivals.tolist(), services.tolist(), strict=True)
        for k, (arrival, service) in enumerate(given):
            yield env.timeout(arrival - env.now)
            env.process(customer(k, service))

    env.process(doors())
    env.run()
    return waits


class _Given(ciw.dists.Distribution):
    """Hands out one given number per customer, by the order of arrival."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values.tolist()

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        """Return the customer's number."""
        return self.values[ind.id_number - 1]


def ciw_waits(arrivals: np.ndarray, services: np.ndarray, n_servers: int) -> np.ndarray:
    """Return waits from Ciw."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*np.diff(arrivals, prepend=0.0).tolist(), np.inf])],
        service_distributions=[_Given(services)],
        number_of_servers=[n_servers],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(arrivals.size, method="Finish")
    waits = np.empty(arrivals.size)
    for record in simulation.get_all_records():
        waits[record.id_number - 1] = record.waiting_time
    return waits


def r_packages() -> str:
    """Say which of R's queueing packages are here; they are measured only where both are."""
    if shutil.which("Rscript") is None:
        return "R is not installed on this machine: simmer and queuecomputer were not measured"
    code = 'cat(all(c("simmer", "queuecomputer") %in% rownames(installed.packages())))'
    found = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True).stdout
    if found.strip() != "TRUE":
        return "R is installed without simmer and queuecomputer: they were not measured"
    return "R with simmer and queuecomputer is installed, but this run does not call it"


def implementations() -> dict[str, Waits]:
    """Return every implementation that this machine can run."""
    named: dict[str, Waits] = {"ours": fcfs_waits}
    for compiler in compilers():
        named[f"C ({compiler})"] = partial(c_waits, compiler=compiler)
    return {**named, "heap": heap_waits, "SimPy": simpy_waits, "Ciw": ciw_waits}


def measure(n_servers: int, rounds: int, scale: float) -> Times:
    """Time every implementation on the same traces, after checking that all waits agree."""
    named = implementations()
    n_ours = int(CUSTOMERS["ours"] * scale)

    def prepare(name: str, waits: Waits) -> Prepare:
        n = int(CUSTOMERS.get(name, CUSTOMERS["ours"]) * scale)

        def ready(repetition: int) -> tuple[Callable[[], object], float]:
            arrivals, services = (times[:n].copy() for times in draw_queue(n_ours, n_servers, repetition))
            return lambda: waits(arrivals, services, n_servers), n

        return ready

    arrivals, services = (times[:1000] for times in draw_queue(n_ours, n_servers, rounds))
    expected = heap_waits(arrivals, services, n_servers)
    for name, waits in named.items():
        found = waits(arrivals, services, n_servers)
        if not np.allclose(found, expected, rtol=1e-9, atol=1e-9):
            raise RuntimeError(f"waits of {name} differ from those of the heap at {n_servers} servers")
    return side_by_side({name: prepare(name, waits) for name, waits in named.items()}, rounds)
