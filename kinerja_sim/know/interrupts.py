"""Ctrl-C: heard by the process that the user started, at a moment at which it cannot be lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children


@contextmanager
def held_back() -> Iterator[None]:
    """Let Ctrl-C wait until the block has ended.

    Compiled code calls Python back for the types of what it returns, and numba turns the KeyboardInterrupt raised
    there into an error that looks like a failed replication: the run would go on.
    """
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def deaf_children() -> Iterator[None]:
    """Let processes started within the block inherit a deaf ear for Ctrl-C, where the system can do that.

    A terminal tells every process of Ctrl-C; one that is still importing would print a traceback of its own. What
    comes meanwhile is heard by this process afterwards.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # starts with the first child otherwise, and lets all hear again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def ended_by_interrupt(pool: ProcessPoolExecutor) -> Iterator[None]:
    """End a pool's processes at once when Ctrl-C comes within the block: nobody waits for what they are at."""
    others = set(active_children())
    try:
        yield
    except KeyboardInterrupt:
        for child in set(active_children()) - others:
            child.kill()
        pool.shutdown(cancel_futures=True)
        raise
