"""Sweeps at full size: killed and restarted, on a cluster, their cost beside the model, and what pairing saves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

import kinerja_sim as ks
from kinerja_sim.know.library import list_regions
from kinerja_sim.model.simulate import simulate_block
from kinerja_sim.study.design import Study
from kinerja_sim.study.summary import pool_metrics
from tests.prove.report import Proof
from tests.sweeping import bytes_of, make_study

ROOT = Path(__file__).resolve().parents[2]
N_TASKS = 10_000
ENV = os.environ | {"PYTHONPATH": str(ROOT)}
SWEEP = [sys.executable, "-m", "tests.sweeping"]


def count(folder: Path) -> int:
    """Return how many tasks have a file."""
    return len(list((folder / "tasks").glob("*.parquet")))


def start(folder: Path, workers: int, address: str = "") -> subprocess.Popen[bytes]:
    """Start a sweep of ten thousand tasks of about ten milliseconds in a process of its own."""
    return subprocess.Popen([*SWEEP, str(folder), str(N_TASKS), str(workers), address], cwd=ROOT, env=ENV)


def wait_for(folder: Path, n: int, child: subprocess.Popen[bytes]) -> None:
    """Wait until a sweep has done so many tasks, or has ended."""
    while child.poll() is None and count(folder) < n:
        time.sleep(0.1)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an undisturbed sweep in one process."""
    folder = tmp_path_factory.mktemp("calm") / "out"
    assert start(folder, 1).wait() == 0
    return folder


def test_ten_thousand_tasks_survive_three_kills(calm: Path, tmp_path: Path, proof: Proof) -> None:
    """A sweep killed with signal 9 at three moments ends with the tables of an undisturbed one, byte for byte."""
    folder, seen = tmp_path / "out", []
    for share in (0.13, 0.47, 0.81):
        child = start(folder, 2)
        wait_for(folder, int(share * N_TASKS), child)
        child.send_signal(signal.SIGKILL)
        child.wait()
        seen.append(count(folder))
    assert start(folder, 2).wait() == 0
    assert seen == sorted(seen)
    assert seen[-1] < N_TASKS
    assert count(folder) == N_TASKS
    assert bytes_of(folder) == bytes_of(calm)
    proof.amount = f"{N_TASKS:,} tasks, killed at {', '.join(f'{n:,}' for n in seen)}"
    proof.worst = "none: equal to the byte"


@contextmanager
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Give the address of a Dask scheduler, and its process with those of two workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    running = [scheduler(port), worker(address), worker(address)]
    try:
        yield address, running
    finally:
        for process in running:
            process.kill()
            process.wait()


def scheduler(port: int | str) -> subprocess.Popen[bytes]:
    """Start a Dask scheduler."""
    return _dask("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")


def worker(address: str) -> subprocess.Popen[bytes]:
    """Start a Dask worker of one thread."""
    return _dask("worker", address, "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard", "--no-nanny")


def _dask(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]], env=ENV, stderr=subprocess.DEVNULL
    )


def test_dask_loses_a_worker_and_its_scheduler(calm: Path, tmp_path: Path, proof: Proof) -> None:
    """Through Dask, a worker killed and the scheduler restarted once: the same tables, byte for byte."""
    folder = tmp_path / "out"
    with cluster() as (address, running):
        child = start(folder, 1, address)
        wait_for(folder, int(0.3 * N_TASKS), child)
        running[1].kill()
        running[1].wait()
        killed = count(folder)
        running[1] = worker(address)
        wait_for(folder, int(0.6 * N_TASKS), child)
        for process in running:
            process.kill()
            process.wait()
        stopped = count(folder)
        time.sleep(2)
        running[:] = [scheduler(address.rsplit(":", 1)[1]), worker(address), worker(address)]
        assert child.wait() == 0
    assert killed < stopped < N_TASKS
    assert bytes_of(folder) == bytes_of(calm)
    proof.amount = f"{N_TASKS:,} tasks; a worker killed at {killed:,}, the scheduler at {stopped:,}"
    proof.worst = "none: equal to the byte"


COPY = """
import sys
from kinerja_sim.model.simulate import simulate_block
from kinerja_sim.study.plan import settings_of
from tests.prove.test_sweeps_long import study_of_seconds
study = study_of_seconds(1)
group, s, done = study.group(study.members[0]), settings_of(study), 0
while True:
    simulate_block(group.region, group.policies, seed=s.seed, replications=[done, done + 1, done + 2],
                   months=s.months, pre_months=s.pre_months, parameters="point")
    done += 3
    open(sys.argv[1], "w").write(str(done))
"""
RUN = """
import sys
from kinerja_sim.study.executors import make_executor
from kinerja_sim.study.sweep import sweep
from tests.prove.test_sweeps_long import study_of_seconds
if __name__ == "__main__":
    sweep(study_of_seconds(int(sys.argv[2])), sys.argv[1], executor=make_executor(2))
"""
LEVERS, SLOT = 15, 4.0  # seconds in which sweep and copies take turns, so that a busy machine slows both alike


def study_of_seconds(replications: int) -> Study:
    """Return a study of one group: fifteen levels of one lever and the reference, in the smallest region."""
    factors = {"policy.appraisal.stakes": [round(i / LEVERS, 4) for i in range(LEVERS)]}
    return make_study(factors=factors, replications=replications, months=24, pre_months=6)


def in_turn(ours: subprocess.Popen[bytes], theirs: list[subprocess.Popen[bytes]]) -> tuple[float, float]:
    """Let a sweep and two copies run by turns until the sweep ends; return the seconds that each side had."""
    had, running = [0.0, 0.0], 0
    for copy in theirs:
        os.killpg(copy.pid, signal.SIGSTOP)
    while True:
        begin = time.perf_counter()
        while time.perf_counter() - begin < SLOT and ours.poll() is None:
            time.sleep(0.01)
        had[running] += time.perf_counter() - begin
        if ours.poll() is not None:
            return had[0], had[1]
        for pids, is_next in (([ours.pid], running == 1), ([c.pid for c in theirs], running == 0)):
            for pid in pids:
                os.killpg(pid, signal.SIGCONT if is_next else signal.SIGSTOP)
        running = 1 - running


@pytest.mark.quiet
def test_two_processes_keep_up_with_two_copies_of_the_model(tmp_path: Path, proof: Proof) -> None:
    """A sweep on two processes, start and tables included, reaches 90 % of two independent copies of the model."""
    replications, files = 700, [tmp_path / "a", tmp_path / "b"]
    apart = {"cwd": ROOT, "env": ENV, "start_new_session": True}
    script = tmp_path / "run.py"
    script.write_text(RUN)
    copies = [subprocess.Popen([sys.executable, "-c", COPY, str(f)], **apart) for f in files]
    try:
        while not all(f.exists() and f.read_text() for f in files):
            time.sleep(0.05)
        before = sum(int(f.read_text()) for f in files)
        ours = subprocess.Popen([sys.executable, str(script), str(tmp_path / "out"), str(replications)], **apart)
        seconds, theirs = in_turn(ours, copies)
        done = sum(int(f.read_text()) for f in files) - before
    finally:
        for copy in copies:
            os.killpg(copy.pid, signal.SIGKILL)
            copy.wait()
    ratio = (replications / seconds) / (done / theirs)
    proof.amount = f"{replications} replications of 16 policies in {seconds:.0f} s, turn by turn with the copies"
    proof.worst = f"{100 * ratio:.0f} % of the copies' rate"
    assert ours.returncode == 0
    assert seconds > 60
    assert ratio >= 0.9


@pytest.mark.quiet
def test_everything_but_the_model_is_a_twentieth(tmp_path: Path, proof: Proof) -> None:
    """Of the CPU time of a sweep with tasks of a second, at most 5 % is spent outside the model."""
    from kinerja_sim.study.executors import run_here
    from kinerja_sim.study.sweep import sweep

    inside = 0.0

    def timed(*things: object, **options: object) -> object:
        nonlocal inside
        begin = time.process_time()
        block = simulate_block(*things, **options)  # type: ignore[arg-type]
        inside += time.process_time() - begin
        return block

    begin = time.process_time()
    sweep(study_of_seconds(150), tmp_path / "out", executor=run_here, model=timed)
    spent = time.process_time() - begin
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    proof.amount = f"150 replications of 16 policies, {manifest['plan']['block']['arcamanik']} a task, {spent:.0f} s"
    proof.worst = f"{100 * (1 - inside / spent):.1f} % outside the model"
    assert 1 - inside / spent <= 0.05


MEMORY = """
import resource, sys
from pathlib import Path
from itertools import product
import pandas as pd
from kinerja_sim.study.tasks import to_bytes
from tests.sweeping import make_study, run

def stub(batches, work):  # the parent's part alone: files come from nowhere
    for task, in batches:
        rows = [(p, u, *pair, 1.0, 2.0) for p, u, pair in product(sorted(task.group.points), sorted(units), task.pairs)]
        names = ["point", "unit", "draw", "replication", *task.settings.metrics]
        yield task.key, to_bytes(pd.DataFrame(rows, columns=names), task.key, [])

points, replications = map(int, sys.argv[2:4])
factors = {"parameter.effect_discount": {"low": 0.1, "high": 0.9}}
study = make_study(method="latin_hypercube", n=points, factors=factors, replications=replications)
units = study.bases.regions["arcamanik"].units
run(Path(sys.argv[1]), 1, study=study, executor=stub)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def test_the_parent_s_memory_is_flat(tmp_path: Path, proof: Proof) -> None:
    """The parent of 100,000 tasks needs at most 15 % more memory than that of 10,000, tables included."""
    peaks = []
    for replications in (20, 200):
        command = [sys.executable, "-c", MEMORY, str(tmp_path / str(replications)), "500", str(replications)]
        done = subprocess.run(command, cwd=ROOT, env=ENV, stdout=subprocess.PIPE, check=True)
        peaks.append(float(done.stdout))
        assert count(tmp_path / str(replications)) == 500 * replications
    proof.amount = "10,000 and 100,000 tasks of 500 design points and their references"
    proof.worst = f"{peaks[0]:.0f} MB and {peaks[1]:.0f} MB"
    assert peaks[1] <= 1.15 * peaks[0]


def pooled_pair(region: ks.Region, unit: str, parameters: str, n: int) -> pd.DataFrame:
    """Return a region under today's practice, and with the counter of one unit 3 % faster, on the same citizens."""
    policy, tables = ks.load_policy("baseline"), []
    minutes = region.units[unit].counter.minutes.value
    faster = region.replace(**{f"units__{unit}__counter__minutes__value": minutes / 1.03})
    for name, place in (("baseline", region), ("faster", faster)):
        block = simulate_block(
            place, [policy.replace(name=name)], seed=1, replications=range(n), months=12, pre_months=1,
            parameters=parameters,
        )  # fmt: skip
        tables.append(pool_metrics(block.results, "all"))
    pooled = pd.concat(tables, ignore_index=True)
    return pooled[pooled["unit"] == unit]


def times_fewer(pairs: pd.DataFrame) -> float:
    """Return by how much pairing divides the variance of a difference, and so the replications; 0 without a spread."""
    apart, paired = pairs.var().sum(), (pairs["faster"] - pairs["baseline"]).var()
    return float(apart / paired) if paired > 0 else 0.0


WAITS = ("wait_minutes_mean", "wait_minutes_p90")
SHOWN = (*WAITS, "turnaround_days_mean", "satisfaction_index", "utilisation")
COUNTERS = [(r, u) for r in list_regions() for u, content in ks.load_region(r).units.items() if content.counter]


@pytest.mark.parametrize(("region", "unit"), COUNTERS, ids=[f"{r}, {u}" for r, u in COUNTERS])
def test_pairing_saves_ten_times_at_a_counter(region: str, unit: str, proof: Proof) -> None:
    """For officers 3 % faster at a counter, common citizens need at least ten times fewer replications."""
    fewer = {}
    for parameters in ("point", "ledger"):
        pooled = pooled_pair(ks.load_region(region), unit, parameters, 30)
        fewer[parameters] = {m: times_fewer(pooled.pivot_table(m, "replication", "scenario")) for m in SHOWN}
    found = [f"{m}: {fewer['point'][m]:.0f} and {fewer['ledger'][m]:.0f}" for m in SHOWN if fewer["point"][m] > 0]
    proof.amount = f"times fewer at point parameters, and with the ledger drawn: {'; '.join(found)}"
    proof.worst = f"{min(fewer['point'][m] for m in WAITS):.0f} times fewer for a wait, at point parameters"
    assert min(fewer["point"][m] for m in WAITS) >= 10
