"""Run many replications of all policies of a region, here or on worker processes.

A task is a block of replications of one region under *all* of its policies, so demand is
drawn once and shared. A replication that fails is left out for every policy (pairs stay
pairs), kept with its reason and counted; its neighbours in the block are run again one by
one, so what survives depends neither on the blocks nor on the number of workers. The
tables are sorted by their keys: 1 and 2 workers give the same bytes. Worker processes are
started only when the work left is worth their start.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import pandas as pd

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.interrupts import deaf_children, ended_by_interrupt, held_back
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.schema import KEYS, RESULT_COLUMNS
from kinerja_sim.study.summary import sort_table

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

Parameters = Literal["ledger", "point"]
Progress = Callable[[int, int], None]

BLOCK_SECONDS = 1.0
"""Aim for the length of a task: long against dispatching (0.2 ms), short against a coffee."""
WORTH_SECONDS = 5.0
"""Work left, in seconds of one process, from which starting workers (about 2 s) pays."""
TASKS_AT_HAND = 2
"""Blocks that each worker has been given, so that it never waits for this process."""
WORKING_DAYS_A_MONTH = 20


class Tables(Protocol):
    """What the model returns for one block."""

    @property
    def results(self) -> pd.DataFrame:
        """One row per scenario, unit, replication and month."""

    @property
    def appraisals(self) -> pd.DataFrame:
        """Counts of grades, never a single officer."""


class SimulateBlock(Protocol):
    """The one call into the model; anything with this signature can be studied."""

    def __call__(
        self, region: Region, policies: Sequence[Policy], *, seed: int, replications: Sequence[int],
        months: int, pre_months: int, parameters: Parameters,
    ) -> Tables:  # fmt: skip
        """Return the tables of `replications` of `region` under each of `policies`."""


@dataclass(frozen=True)
class Options:
    """What all tasks of a run have in common."""

    seed: int
    months: int
    pre_months: int
    parameters: Parameters


@dataclass(frozen=True)
class Job:
    """One region with all the policies that are compared in it."""

    region: Region
    policies: tuple[Policy, ...]

    @property
    def work(self) -> int:
        """Cases that one replication of one month pushes through the kernel, about; for planning only."""
        per_day = sum(unit.arrivals.per_day.value for unit in self.region.units.values())
        return max(1, round(per_day * WORKING_DAYS_A_MONTH * len(self.policies)))


@dataclass(frozen=True)
class Failure:
    """A replication that failed, and why."""

    region: str
    replication: int
    reason: str


@dataclass(frozen=True)
class Task:
    """A block of replications of one job."""

    job: Job
    replications: tuple[int, ...]

    @property
    def work(self) -> int:
        """Planned work of the block."""
        return self.job.work * len(self.replications)


@dataclass
class Outcome:
    """Tables and failures of one task or, gathered, of a run."""

    results: list[pd.DataFrame] = field(default_factory=list)
    appraisals: list[pd.DataFrame] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: Outcome) -> None:
        """Take over what another outcome holds."""
        self.results += other.results
        self.appraisals += other.appraisals
        self.failures += other.failures


@dataclass(frozen=True)
class Executed:
    """All tables of a run, sorted by their keys, and every failed replication."""

    results: pd.DataFrame
    appraisals: pd.DataFrame
    failures: tuple[Failure, ...]


def execute(
    jobs: Sequence[Job],
    options: Options,
    *,
    replications: int,
    workers: int = 1,
    progress: Progress | None = None,
    simulate_block: SimulateBlock | None = None,
) -> Executed:
    """Run replications 0 to `replications` - 1 of every job and return their tables.

    Parameters
    ----------
    jobs : sequence of Job
    options : Options
    replications : int, >= 1
    workers : int, >= 1
        Upper bound of processes; the tables do not depend on it.
    progress : callable, optional
        Called as ``progress(done, total)`` after every block, in units of planned work.
    simulate_block : callable, optional
        The model; `kinerja_sim.model.simulate.simulate_block` when left out. Must be
        importable by name when `workers` > 1.

    Raises
    ------
    RunError
        If every replication of every job failed.
    InputError
        If the model refuses its input.
    """
    if _is_imported_by_a_worker():
        raise SystemExit(1)
    model = simulate_block or _own_model()
    plan = _Plan(jobs, replications)
    gathered = Outcome()

    def finish(task: Task, outcome: Outcome) -> None:
        gathered.add(outcome)
        plan.done += task.work
        if progress is not None:
            progress(plan.done, plan.total)

    while plan.left and not (workers > 1 and plan.seconds_left > WORTH_SECONDS):
        task = plan.next_task()
        outcome = run_task(task, options, model)
        plan.learn(task, outcome.seconds)
        finish(task, outcome)
    if plan.left:
        for task, outcome in _on_workers(list(plan.remaining(workers)), options, model, workers):
            finish(task, outcome)
    if not gathered.results:
        first = gathered.failures[0]
        failed = len(gathered.failures)
        raise RunError(f"all {failed} replications failed; the first, in {first.region}: {first.reason}")
    appraisals = pd.concat(gathered.appraisals, ignore_index=True)
    return Executed(
        results=sort_table(pd.concat(gathered.results, ignore_index=True)[RESULT_COLUMNS]),
        appraisals=sort_table(appraisals, [key for key in KEYS if key in appraisals]),
        failures=tuple(sorted(gathered.failures, key=lambda f: (f.region, f.replication))),
    )


def run_task(task: Task, options: Options, simulate_block: SimulateBlock) -> Outcome:
    """Run one block; when it fails, run its replications one by one and keep what works."""
    started = time.perf_counter()
    try:
        block = simulate_block(
            task.job.region,
            task.job.policies,
            seed=options.seed,
            replications=task.replications,
            months=options.months,
            pre_months=options.pre_months,
            parameters=options.parameters,
        )
        outcome = Outcome([block.results], [block.appraisals])
    except InputError:
        raise  # the user's mistake, the same in every replication
    except Exception as error:  # whatever went wrong inside one replication must not take the others with it
        outcome = Outcome()
        if len(task.replications) == 1:
            outcome.failures.append(Failure(task.job.region.name, task.replications[0], reason_of(error)))
        else:
            for replication in task.replications:
                outcome.add(run_task(Task(task.job, (replication,)), options, simulate_block))
    outcome.seconds = time.perf_counter() - started
    return outcome


class _Plan:
    """What is left to do, cut into blocks by the pace seen so far."""

    def __init__(self, jobs: Sequence[Job], replications: int) -> None:
        self._replications = replications
        self._jobs = list(jobs)
        self._at = (0, 0)  # job and replication to do next
        self._seconds_per_work: list[float] = []
        self.total = sum(job.work for job in jobs) * replications
        self.done = 0

    @property
    def left(self) -> bool:
        return self._at[0] < len(self._jobs)

    @property
    def seconds_left(self) -> float:
        """Seconds that the rest would take here; 0 until two blocks were timed (the first includes warming up)."""
        return (self.total - self.done) * self._pace if len(self._seconds_per_work) > 1 else 0.0

    @property
    def _pace(self) -> float:
        return min(self._seconds_per_work, default=float("inf"))

    def learn(self, task: Task, seconds: float) -> None:
        """Note how long a block took."""
        self._seconds_per_work.append(seconds / task.work)

    def next_task(self, largest: int | None = None) -> Task:
        """Return the next block, about `BLOCK_SECONDS` long and one replication at first."""
        job, first = self._at
        seconds = self._pace * self._jobs[job].work
        size = max(1, int(BLOCK_SECONDS / max(seconds, 1e-9)))
        size = min(size, self._replications - first, largest or self._replications)
        last = first + size
        self._at = (job, last) if last < self._replications else (job + 1, 0)
        return Task(self._jobs[job], tuple(range(first, last)))

    def remaining(self, workers: int) -> Iterator[Task]:
        """Yield all blocks that are left, at least four for each worker and job so that none waits long at the end."""
        largest = max(1, self._replications // (4 * workers))
        while self.left:
            yield self.next_task(largest)


def _on_workers(
    tasks: list[Task], options: Options, simulate_block: SimulateBlock, workers: int
) -> Iterator[tuple[Task, Outcome]]:
    """Yield every task with its outcome, as they come in.

    This process works along from the other end of the list, so that nothing waits while workers
    start; what a dying worker leaves undone is run here.
    """
    n_others = min(workers, len(tasks)) - 1
    pool = worker_pool(max(n_others, 1))
    left, waiting = deque(range(len(tasks))), dict[Future[Outcome], int]()
    try:
        with ended_by_interrupt(pool):
            while left or waiting:
                while left and len(waiting) < TASKS_AT_HAND * n_others:
                    with held_back():  # a process half-started would be known to nobody
                        future = pool.submit(run_task, tasks[left[0]], options, simulate_block)
                    waiting[future] = left.popleft()
                if left:
                    at = left.pop()
                    yield tasks[at], run_task(tasks[at], options, simulate_block)
                for future in wait(waiting, timeout=0 if left else None, return_when=FIRST_COMPLETED).done:
                    outcome = future.result()
                    yield tasks[waiting.pop(future)], outcome
    except BrokenProcessPool:
        warnings.warn(
            "worker processes died, so the rest runs in this one. A script that starts workers must keep its "
            "calls below `if __name__ == '__main__':`; else memory may have run out.",
            RuntimeWarning,
            stacklevel=2,
        )
    finally:
        pool.shutdown(cancel_futures=True)
    for at in (*waiting.values(), *left):
        yield tasks[at], run_task(tasks[at], options, simulate_block)


def _own_model() -> SimulateBlock:
    """Return this package's model, imported only when something is run."""
    from kinerja_sim.model.simulate import simulate_block

    return simulate_block


def _is_imported_by_a_worker() -> bool:
    """Return whether this is a worker that still imports the user's script, which has no main guard.

    The parent then finishes the run alone and says why; without this the worker would start
    the whole run again, and its own workers.
    """
    script = sys.modules.get("__mp_main__")  # what a worker calls the script; once imported, it is the main module
    return script is not None and script is not sys.modules["__main__"]


def worker_pool(workers: int) -> ProcessPoolExecutor:
    """Return a pool of at most `workers` processes; none outlives this one or prints a traceback at Ctrl-C.

    Where a deaf ear cannot be inherited (Windows) a worker hears Ctrl-C until it has come as far as `_begin_worker`,
    so that one which is still importing may print a traceback.
    """
    most = 61 if sys.platform == "win32" else 4 * (os.cpu_count() or 1)  # Windows waits for no more; beyond is memory
    return ProcessPoolExecutor(min(workers, most), _process_context(), initializer=_begin_worker)


def _begin_worker() -> None:
    """Set a worker process up: deaf to Ctrl-C, and gone when its parent is."""
    # Ctrl-C is the parent's business: workers that heard it too would print their own tracebacks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where `deaf_children` can do nothing
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End this process once its parent was killed; a pool's queue alone would keep it waiting for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _process_context() -> BaseContext:
    """Return a start method that is safe beside threads; a fork server loads the libraries only once."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["kinerja_sim.study.execute", "kinerja_sim.model.simulate"])
    from multiprocessing.forkserver import ensure_running

    with deaf_children():
        ensure_running()
    return context


def reason_of(error: Exception) -> str:
    """Return the error in one line with the function it came from, and no path of this machine."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return " ".join(f"{type(error).__name__} in {place.name} line {place.lineno}: {error}".split())
