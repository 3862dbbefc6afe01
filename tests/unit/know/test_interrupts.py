"""Ctrl-C: never lost in compiled code, never heard by workers, and nobody waits for those."""

import multiprocessing
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import pytest

import kinerja_sim as ks
from kinerja_sim.know.interrupts import deaf_children, ended_by_interrupt, held_back
from kinerja_sim.model import simulate


def interrupted():
    """Receive Ctrl-C and swallow what it raises, as compiled code does."""
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        return "swallowed"
    return "went on"


def test_what_compiled_code_would_swallow_comes_when_it_has_ended():
    """Within the block nothing is raised; after it KeyboardInterrupt is, and the usual handler is back."""
    usual, said = signal.getsignal(signal.SIGINT), []
    with pytest.raises(KeyboardInterrupt), held_back():
        said.append(interrupted())

    assert said == ["went on"]
    assert signal.getsignal(signal.SIGINT) is usual
    assert interrupted() == "swallowed"


def test_a_process_that_ignores_ctrl_c_goes_on_ignoring_it(monkeypatch):
    """A worker, deaf already, stays deaf within the block."""
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with held_back():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, usual)


def test_a_replication_is_not_cut_short(monkeypatch):
    """Ctrl-C during a replication ends the run after it, and is not taken for its failure."""
    heard = []
    monkeypatch.setattr(simulate._Replication, "run", lambda self: heard.append(interrupted()))
    with pytest.raises(KeyboardInterrupt):
        ks.compare("arcamanik", "null", replications=3, months=1, pre_months=1)

    assert heard == ["went on"]


@pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot inherit a deaf ear")
def test_processes_started_within_the_block_are_deaf():
    """A child inherits the deaf ear; its parent hears Ctrl-C again after the block."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as pool:
        with deaf_children():
            future = pool.submit(signal.pthread_sigmask, signal.SIG_BLOCK, ())
        assert signal.SIGINT in future.result()

    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_nobody_waits_for_workers_after_ctrl_c():
    """Workers in the middle of something long are gone when the interrupt leaves the block."""

    def work():
        pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        with ended_by_interrupt(pool):
            future = pool.submit(time.sleep, 3600)
            pool.submit(time.sleep, 3600)
            while not future.running():
                time.sleep(0.01)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()

    assert multiprocessing.active_children() == []
