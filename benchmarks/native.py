"""The C programs of the benchmarks: compiled on the spot, called through ctypes."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from kinerja_sim.know.schema import TURNAROUND_EDGES, WAIT_EDGES
from kinerja_sim.model import records

HERE = Path(__file__).parent
COMPILERS = ("clang", "gcc", "cc")
FLAGS = [
    "-O3",
    "-march=native",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-shared",
    "-fPIC",
]  # no fused sums: results stay equal
CASE = np.dtype(
    [
        ("key", np.uint64), ("arrival", np.float64), ("due", np.float64), ("counter_work", np.float64),
        ("processing_work", np.float64), ("waited", np.float64), ("first_wait", np.float64), ("officer", np.int16),
        ("cohort", np.int16), ("attempt", np.uint8), ("visit", np.uint8), ("stage", np.uint8), ("rushed", np.uint8),
    ]
)  # fmt: skip
"""A carried case as the C program stores it."""


def compilers() -> list[str]:
    """Return the C compilers of this machine, `cc` only where it is the only one."""
    found = [name for name in COMPILERS if shutil.which(name)]
    return [name for name in found if name != "cc"] or found


@cache
def build(source: str, compiler: str) -> ctypes.CDLL:
    """Compile one C file of this folder and load it; a process compiles each once."""
    library = Path(tempfile.mkdtemp(prefix="kinerja-bench-")) / f"{Path(source).stem}-{compiler}.so"
    command = [compiler, *FLAGS, "-o", str(library), str(HERE / source), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    loaded = ctypes.CDLL(str(library))
    shutil.rmtree(library.parent)
    return loaded


def c_waits(arrivals: np.ndarray, services: np.ndarray, n_servers: int, compiler: str) -> np.ndarray:
    """Return first-come, first-served waits from the C program."""
    waits = np.empty(arrivals.size)
    call = build("fcfs.c", compiler).fcfs_waits
    call.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p]
    if call(arrivals.ctypes.data, services.ctypes.data, arrivals.size, n_servers, waits.ctypes.data):
        raise MemoryError
    return waits


_WHOLE = [
    "n_days", "n_half_hours", "n_counter", "n_processing", "n_channels", "n_kinds", "period",
    "has_processing", "max_visits", "max_attempts", "standard_is_wait", "ticket_cap",
]  # fmt: skip
_NUMBERS = [
    "day_minutes", "patience_scale", "patience_shape", "return_prob", "rework_minutes", "rework_share",
    "response_minutes", "triage_share", "priority_share", "near_factor", "restriction_days", "rushed_minutes",
    "base_mean", "slope_normal", "slope_rushed", "late_points", "error_points", "lost_points", "courtesy_points",
    "person_sd", "element_sd", "element_rho", "access",
]  # fmt: skip
_ARRAYS = [
    "start", "length", "length_factor", "profile", "limit", "first_case", "key", "arrival", "counter_work",
    "processing_work", "patience", "speed", "error", "courtesy", "offset", "share", "intercept", "kappa", "tilt",
    "digital", "group", "kind_cumulative", "kind_standard", "base", "weights",
    "wait_edges", "turnaround_edges", "free_at", "flow", "cohort", "officers",
]  # fmt: skip


class _Month(ctypes.Structure):
    """The struct `Month` of month.c."""

    _fields_ = (
        [(name, ctypes.c_int64) for name in _WHOLE]
        + [(name, ctypes.c_double) for name in _NUMBERS]
        + [(name, ctypes.c_void_p) for name in _ARRAYS]
    )


@dataclass
class MonthInC:
    """One month of one unit, ready to be served again and again by the C program."""

    days: records.Days
    demand: records.Demand
    staff: records.Staff
    rules: records.Rules
    channels: records.Channels
    pool_in: np.ndarray
    queue_in: np.ndarray
    free_at: np.ndarray
    period: int
    flow: np.ndarray
    cohort: np.ndarray
    officers: np.ndarray
    compiler: str

    def __post_init__(self) -> None:
        """Lay the struct out once; its arrays live as long as this object."""
        room = self.pool_in.size + self.queue_in.size + self.demand.key.size + 1
        self.pool, self.queue, self.counts = np.empty(room, CASE), np.empty(room, CASE), np.zeros(2, np.int64)
        whole = {
            "n_days": self.days.start.size, "n_half_hours": self.days.profile.size - 1,
            "n_counter": self.staff.n_counter, "n_processing": self.staff.speed.size - self.staff.n_counter,
            "n_channels": self.channels.share.size, "n_kinds": self.rules.kind_standard.size, "period": self.period,
        }  # fmt: skip
        given = {**self.rules._asdict(), **whole}
        self._arrays = {
            **self.days._asdict(), **self.demand._asdict(), **self.staff._asdict(), **self.channels._asdict(),
            **self.rules._asdict(), "weights": records.WEIGHTS, "free_at": self.free_at,
            "wait_edges": WAIT_EDGES, "turnaround_edges": TURNAROUND_EDGES.astype(float),
            "flow": self.flow, "cohort": self.cohort, "officers": self.officers,
        }  # fmt: skip
        for name in _ARRAYS:
            kind = np.int64 if name in ("limit", "first_case", "digital", "group") else self._arrays[name].dtype
            array = np.ascontiguousarray(self._arrays[name], kind)
            assert array is self._arrays[name] or name not in ("free_at", "flow", "cohort", "officers")
            self._arrays[name] = array
        self._month = _Month(
            *(given[name] for name in _WHOLE + _NUMBERS), *(self._arrays[name].ctypes.data for name in _ARRAYS)
        )
        self._call = build("month.c", self.compiler).serve_month
        self._call.argtypes = [ctypes.c_void_p] * 2 + [ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p]

    def serve(self) -> tuple[np.ndarray, np.ndarray]:
        """Serve the month, adding to `flow`, `cohort` and `officers`; return the pool and the queue left."""
        for target, given in ((self.pool, self.pool_in), (self.queue, self.queue_in)):
            for name in CASE.names or ():
                target[name][: given.size] = given[name]
        status = self._call(
            ctypes.addressof(self._month), self.pool.ctypes.data, self.pool_in.size,
            self.queue.ctypes.data, self.queue_in.size, self.counts.ctypes.data,
        )  # fmt: skip
        if status:
            raise MemoryError
        n_pool, n_queue = self.counts
        return self.pool[:n_pool], self.queue[:n_queue]
