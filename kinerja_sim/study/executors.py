"""Where tasks run: in this process, on processes of this machine, or on a Dask cluster.

All three take batches of tasks lazily and give finished files back as they come, in any
order, with a bounded number of batches under way, so that the parent's memory does not
grow with the sweep. A worker that dies costs nothing but time: what it had is run again,
and a task that kills its worker whenever it runs is reported as lost with that reason. Most
open to dispute: how long a lost scheduler is waited for.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.extras import need
from kinerja_sim.know.interrupts import ended_by_interrupt, held_back
from kinerja_sim.know.messages import sentence, show
from kinerja_sim.study.execute import worker_pool
from kinerja_sim.study.tasks import Task, Work, lost_file

Batch = tuple[Task, ...]
Files = Iterator[tuple[str, bytes]]
Executor = Callable[[Iterable[Batch], Work], Files]

UNDER_WAY = 3
"""Batches under way for each worker: one running, two waiting so that none idles."""
CONNECT_SECONDS = 5.0
"""How long one attempt to reach a scheduler may take."""
RECONNECT_SECONDS = 120.0
"""How long a Dask scheduler that went away is waited for."""
WORKER_DIED = "the worker process died while it ran this task; memory may have run out"


def make_executor(workers: int = 1, dask: str | None = None) -> Executor:
    """Return the executor for an address of a Dask scheduler, or for a number of processes.

    Raises
    ------
    InputError
        If there is no scheduler at `dask`.
    """
    if dask is not None:
        need("cluster", "distributed")
        with _quiet():
            _reach(dask).close(timeout=5)  # before anything is written for it
        return partial(run_on_dask, address=dask)
    return run_here if workers == 1 else partial(run_on_processes, workers=workers)


def run_here(batches: Iterable[Batch], work: Work) -> Files:
    """Run batches one after another in this process."""
    for batch in batches:
        yield from work(batch)


def run_on_processes(batches: Iterable[Batch], work: Work, *, workers: int) -> Files:
    """Run batches on worker processes; those of a worker that died are run again, each task by itself."""
    source, waiting = iter(batches), dict[Future[list[tuple[str, bytes]]], Batch]()
    pool = worker_pool(workers)
    try:
        while True:
            for batch in itertools.islice(source, UNDER_WAY * workers - len(waiting)):
                with held_back():  # a process half-started would be known to nobody
                    waiting[pool.submit(work, batch)] = batch
            if not waiting:
                return
            broken: list[Batch] = []
            with ended_by_interrupt(pool):
                done = wait(waiting, return_when=FIRST_COMPLETED).done
            for future in done:
                batch = waiting.pop(future)
                try:
                    yield from future.result()
                except BrokenProcessPool:
                    broken.append(batch)
            if broken:
                broken += waiting.values()
                waiting.clear()
                pool.shutdown(cancel_futures=True)
                for task in itertools.chain.from_iterable(broken):
                    yield from _alone(task, work)
                pool = worker_pool(workers)
    finally:
        pool.shutdown(cancel_futures=True)


def _alone(task: Task, work: Work) -> list[tuple[str, bytes]]:
    """Run one task in a process of its own, so that its death is nobody else's."""
    with worker_pool(1) as pool:
        try:
            return pool.submit(work, (task,)).result()
        except BrokenProcessPool:
            return [(task.key, lost_file(task, WORKER_DIED))]


def run_on_dask(batches: Iterable[Batch], work: Work, *, address: str) -> Files:
    """Run batches on the workers of a Dask scheduler; a lost worker or a restarted scheduler loses nothing.

    Raises
    ------
    InputError
        If there is no scheduler at `address`.
    RunError
        If the scheduler goes away and does not come back, or workers cannot load this package.
    """
    with _quiet(), closing(_Cluster(batches, work, address)) as cluster:
        yield from cluster.run()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from telling of every lost connection with a traceback; what it means is said once, by us."""
    import distributed

    found = [distributed.__name__, *(n for n in logging.root.manager.loggerDict if n.startswith("distributed."))]
    levels = {name: logging.getLogger(name).level for name in found}
    try:
        for name in levels:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


class _Cluster:
    """Batches on their way to and from a Dask scheduler."""

    def __init__(self, batches: Iterable[Batch], work: Work, address: str) -> None:
        self.source, self.work, self.address = iter(batches), work, address
        self.client = _reach(address)
        self.again: list[Batch] = []
        self.waiting: dict[Any, Batch] = {}
        self.room = UNDER_WAY

    def run(self) -> Files:
        """Yield files until nothing is left."""
        while True:
            if self.client.status != "running":
                self._reconnect()
            self._submit()
            if not self.waiting and not self.again:
                return
            ended = [future for future in self.waiting if future.done()]
            for future in ended:
                batch = self.waiting.pop(future)
                files = _result(future, batch)
                if files is None:
                    self.again += [(task,) for task in batch]  # alone, so that one that kills its worker is found
                else:
                    yield from files
            if not ended:
                time.sleep(0.01)

    def _submit(self) -> None:
        """Send batches while there is room for them, first those that are sent again."""
        from distributed.client import ClosedClientError

        while len(self.waiting) < self.room:
            batch = self.again.pop() if self.again else next(self.source, None)
            if batch is None:
                return
            try:
                self.room = UNDER_WAY * max(1, sum(self.client.nthreads().values()))
                self.waiting[self.client.submit(self.work, batch, pure=False, retries=3)] = batch
            except (OSError, ClosedClientError):  # the connection broke just now, which the status will tell
                self.again.append(batch)
                time.sleep(0.1)
                return

    def _reconnect(self) -> None:
        """Wait for a scheduler that went away; whatever it had been given is sent again."""
        self.again += self.waiting.values()
        self.waiting.clear()
        self.client.close(timeout=1)
        self.client = _connect(self.address, RECONNECT_SECONDS)
        if self.client is None:
            remedy = "Run the same sweep again: what is done is kept"
            raise RunError(f"the scheduler at {self.address} went away and did not come back. {remedy}.")

    def close(self) -> None:
        """Leave the scheduler."""
        if self.client is not None:
            self.client.close(timeout=5)


def _reach(address: str) -> Any:
    """Return a client of the scheduler at `address`, or raise `InputError` when nobody answers there."""
    client = _connect(address, 0.0)
    if client is None:
        got, remedy = f"no answer at {show(address)}", "Start `dask scheduler`, and `dask worker ADDRESS`."
        raise InputError(sentence("dask", "be the address of a scheduler", got, remedy=remedy))
    return client


def _connect(address: str, patience: float) -> Any:
    """Return a client of the scheduler at `address`, or None when nobody answers within `patience` seconds."""
    from distributed import Client

    until = time.monotonic() + patience
    while True:
        try:
            return Client(address, timeout=CONNECT_SECONDS)
        except ValueError as error:
            raise InputError(sentence("dask", "be an address like tcp://host:8786", show(address))) from error
        except OSError:
            if time.monotonic() >= until:
                return None
            time.sleep(0.5)


def _result(future: Any, batch: Batch) -> list[tuple[str, bytes]] | None:
    """Return the files of a batch that ended, or None when the cluster lost it."""
    if future.status == "finished":
        try:
            files: list[tuple[str, bytes]] = future.result(timeout=60)
        except Exception:  # the worker that held the result, or the scheduler, is gone
            return None
        return files
    if future.status != "error":
        return None
    error = future.exception()
    if isinstance(error, RunError):
        raise error
    if isinstance(error, ImportError):
        raise RunError(f"the Dask workers cannot load kinerja_sim: {error}. Install this version of it there.")
    killed = type(error).__name__ == "KilledWorker"
    if killed and len(batch) > 1:  # one of them did it: find out which
        return None
    reason = WORKER_DIED if killed else " ".join(f"{type(error).__name__}: {error}".split())
    return [(task.key, lost_file(task, reason)) for task in batch]
