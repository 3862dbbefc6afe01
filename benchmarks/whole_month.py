"""The full model: `serve_month` beside a C program and a SimPy program of the same month, outcomes equal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.native import MonthInC, compilers
from benchmarks.simpy_month import MonthInSimPy
from benchmarks.timing import Prepare, Times, side_by_side
from benchmarks.workload import Office, draw_office, draw_office_demand
from kinerja_sim.model import kernel, records

SERVERS = (1, 3, 10, 50)
KINDS = {"counter": "a counter", "both": "counter and processing"}
CASES = {"ours": 3_000, "SimPy": 600}
"""Cases in a month, about as in the regions' offices; C serves as many as we do."""
MONTHS = {"ours": 20, "SimPy": 1}
NOBODY, NO_LOG = np.zeros(0, records.CASE), np.zeros(0, records.EVENT)
Tables = tuple[np.ndarray, np.ndarray, np.ndarray]


def serve_here(office: Office) -> Tables:
    """Serve a month with the kernel; return flow, cohort and officers' sums."""
    free_at, flow, cohort, officers = office.tables()
    kernel.serve_month(
        office.days, office.demand, office.staff, office.rules, office.channels, NOBODY, NOBODY, free_at, 0,
        flow, cohort, officers, NO_LOG,
    )  # fmt: skip
    return flow, cohort, officers


def ready_in_c(office: Office, compiler: str) -> MonthInC:
    """Return a month laid out for the C program."""
    free_at, flow, cohort, officers = office.tables()
    return MonthInC(
        office.days, office.demand, office.staff, office.rules, office.channels, NOBODY, NOBODY, free_at, 0,
        flow, cohort, officers, compiler,
    )  # fmt: skip


def serve_in_simpy(office: Office) -> Tables:
    """Serve a month in SimPy; return flow, cohort and officers' sums."""
    free_at, _, _, _ = office.tables()
    month = MonthInSimPy(office, [], [], free_at.tolist(), 0)
    month.serve()
    return np.array(month.flow), np.array(month.cohort), np.array(month.officers)


def check_equal(n_servers: int, kind: str, repetition: int) -> float:
    """Return the largest relative difference of any sum between all implementations; fail above 1e-9."""
    office = draw_office(CASES["SimPy"], n_servers, repetition, kind=kind)
    expected, worst = serve_here(office), 0.0
    others = {"SimPy": serve_in_simpy(office)}
    for compiler in compilers():
        month = ready_in_c(office, compiler)
        month.serve()
        others[compiler] = (month.flow, month.cohort, month.officers)
    for name, tables in others.items():
        for ours, theirs in zip(expected, tables, strict=True):
            difference = float((np.abs(ours - theirs) / np.maximum(np.abs(ours), 1.0)).max())
            if difference > 1e-9:
                raise RuntimeError(f"{name} differs from the kernel by {difference:.1e} ({kind}, {n_servers} officers)")
            worst = max(worst, difference)
    return worst


def prepare_here(kind: str, n_servers: int, cases: int, months: int) -> Prepare:
    """Return what serves `months` months with the kernel."""

    def ready(repetition: int) -> tuple[Callable[[], object], float]:
        offices = draw_offices(kind, n_servers, cases, months, repetition)
        return lambda: [serve_here(office) for office in offices], sum(o.demand.key.size for o in offices)

    return ready


def draw_offices(kind: str, n_servers: int, cases: int, months: int, repetition: int) -> list[Office]:
    """Return the round's months, the same for every implementation that asks for as many cases."""
    return [draw_office(cases, n_servers, 1000 * repetition + i, kind=kind) for i in range(months)]


def measure(kind: str, n_servers: int, rounds: int) -> Times:
    """Time kernel, C and SimPy on months with the draws given, and the draws alone."""

    def in_c(compiler: str) -> Prepare:
        def ready(repetition: int) -> tuple[Callable[[], object], float]:
            offices = draw_offices(kind, n_servers, CASES["ours"], MONTHS["ours"], repetition)
            months = [ready_in_c(office, compiler) for office in offices]
            return lambda: [month.serve() for month in months], sum(o.demand.key.size for o in offices)

        return ready

    def in_simpy(repetition: int) -> tuple[Callable[[], object], float]:
        offices = draw_offices(kind, n_servers, CASES["SimPy"], MONTHS["SimPy"], repetition)
        return lambda: [serve_in_simpy(office) for office in offices], sum(o.demand.key.size for o in offices)

    def draws(repetition: int) -> tuple[Callable[[], object], float]:
        sizes = [1000 * repetition + i for i in range(MONTHS["ours"])]
        n = sum(o.demand.key.size for o in draw_offices(kind, n_servers, CASES["ours"], MONTHS["ours"], repetition))
        return lambda: [draw_office_demand(CASES["ours"], n_servers, i, kind=kind) for i in sizes], n

    check_equal(n_servers, kind, rounds)
    runs = {"ours": prepare_here(kind, n_servers, CASES["ours"], MONTHS["ours"])}
    runs |= {f"C ({compiler})": in_c(compiler) for compiler in compilers()}
    return side_by_side({**runs, "SimPy": in_simpy, "draws": draws}, rounds)
