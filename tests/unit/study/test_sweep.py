"""A sweep gives the same tables however it is run, loses nothing, and reads nothing that is not its own."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pandas as pd
import pytest

import kinerja_sim as ks
from kinerja_sim.know.designs import read_design
from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.study import executors, plan, planner
from kinerja_sim.study.executors import WORKER_DIED, make_executor, run_here
from kinerja_sim.study.plan import Plan
from kinerja_sim.study.planner import measure
from kinerja_sim.study.store import write_atomic
from kinerja_sim.study.sweep import expand, reopen, status, sweep
from tests.fake_model import ByPath
from tests.sweeping import bytes_of, make_study, run

ROOT = Path(__file__).resolve().parents[3]


class Interrupted(Exception):
    """Somebody stopped the sweep."""


def stopping_after(n):
    """Return an executor that is interrupted after `n` tasks."""

    def execute(batches, work):
        yield from islice(run_here(batches, work), n)
        raise Interrupted

    return execute


def test_workers_and_blocks_change_no_byte(undisturbed, tmp_path):
    """Two processes, and tasks of another size, give the same bytes in every table."""
    two = run(tmp_path / "two", 1, executor=make_executor(2))
    whole = run(tmp_path / "whole", 6)

    assert bytes_of(two.folder) == bytes_of(undisturbed)
    assert bytes_of(whole.folder) == bytes_of(undisturbed)
    assert (two.run_now, whole.run_now) == (6, 1)


def test_an_interrupted_sweep_goes_on_where_it_stopped(undisturbed, tmp_path):
    """After an interruption only what is missing is run, and the tables are the same; nothing is run a third time."""
    with pytest.raises(Interrupted):
        run(tmp_path / "out", 1, executor=stopping_after(4))
    before = status(tmp_path / "out")
    again, third = run(tmp_path / "out", 1), run(tmp_path / "out", 1)

    assert (before.done, before.missing, before.is_compacted) == (4, 2, False)
    assert (again.run_now, third.run_now) == (2, 0)
    assert bytes_of(tmp_path / "out") == bytes_of(undisturbed)


def workers_of(pid):
    """Return the processes below a process, as far as this system tells."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            found.append((int(path.parent.name), int(fields[1])))
    below = {pid}
    for _ in range(3):
        below |= {child for child, parent in found if parent in below}
    return below - {pid}


def wait_until_gone(pids):
    """Wait until none of the processes runs any more; a test that waits too long has found orphans."""
    until = time.monotonic() + 60
    while left := [p for p in pids if Path(f"/proc/{p}").exists()]:
        assert time.monotonic() < until, f"orphans: {left}"
        time.sleep(0.05)


def test_a_sweep_survives_kill_9(tmp_path):
    """Killed twice without warning, a sweep of 300 tasks leaves no orphan and ends as one left alone."""
    command = [sys.executable, "-m", "tests.sweeping"]
    subprocess.run([*command, tmp_path / "calm", "300", "1"], cwd=ROOT, check=True)
    for enough in (60, 180):
        child = subprocess.Popen([*command, tmp_path / "killed", "300", "2"], cwd=ROOT, stderr=subprocess.DEVNULL)
        while child.poll() is None and len(list(tmp_path.glob("killed/tasks/*.parquet"))) < enough:
            time.sleep(0.01)
        workers = workers_of(child.pid)
        child.send_signal(signal.SIGKILL)
        child.wait()
        wait_until_gone(workers)
    done = status(tmp_path / "killed").done
    subprocess.run([*command, tmp_path / "killed", "300", "2"], cwd=ROOT, check=True)

    assert 180 <= done < 300
    assert bytes_of(tmp_path / "killed") == bytes_of(tmp_path / "calm")
    assert len(list(tmp_path.glob("killed/tasks/*.parquet"))) == 300


def test_a_failure_is_isolated_kept_and_tried_again(undisturbed, tmp_path):
    """One replication of one point fails: all others are there, the reason is kept, and the next run tries it again."""
    done = run(tmp_path / "out", 6, "tiny_failing")
    failures = pd.read_parquet(done.folder / "failures.parquet")
    outcomes = pd.read_parquet(done.folder / "outcomes.parquet")
    contrasts = pd.read_parquet(done.folder / "contrasts.parquet")
    seen = status(done.folder)

    assert failures[["point", "draw", "replication"]].to_numpy().tolist() == [[1, 0, 2]]
    assert "ZeroDivisionError" in failures["reason"][0]
    assert outcomes.groupby("point")["replication"].nunique().tolist() == [6, 5, 6, 6]
    assert contrasts.groupby("point")["n_failed"].max().tolist() == [0, 1, 0]
    assert (seen.failed, len(seen.reasons)) == (1, 1)
    assert run(done.folder, 6).run_now == 1
    assert bytes_of(done.folder) == bytes_of(undisturbed)


def test_a_pilot_that_fails_everywhere_stops_before_anything_is_written(tmp_path):
    """A model that never works is told after the pilot, not after ten thousand tasks."""
    with pytest.raises(RunError, match=r"the pilot failed in every point .* nothing works"):
        sweep(make_study(), tmp_path / "out", model=ByPath("broken_block"))
    assert not (tmp_path / "out").exists()


def test_a_task_that_kills_its_worker_is_lost_alone(tmp_path):
    """The task whose worker always dies is reported as such; all others are done."""
    done = run(tmp_path / "out", 1, "tiny_deadly", executor=make_executor(2))
    failures = pd.read_parquet(done.folder / "failures.parquet")

    assert set(failures["replication"]) == {3}
    assert set(failures["reason"]) == {WORKER_DIED}
    assert len(pd.read_parquet(done.folder / "outcomes.parquet")) == 4 * 4 * 5


@pytest.mark.parametrize(("draws", "replications"), [(2, 5), (4, 3), (4, 5)])
def test_an_expanded_sweep_equals_one_of_that_size(draws, replications, tmp_path):
    """Adding draws, replications or both gives the tables of a sweep that had them at once, and reruns nothing."""
    small = make_study(parameters="ledger", draws=2, replications=3)
    large = make_study(parameters="ledger", draws=draws, replications=replications)
    folder = run(tmp_path / "small", study=small).folder
    names = set((folder / "tasks").iterdir())
    bigger = expand(folder, add_draws=draws - 2, add_replications=replications - 3)
    sweep(bigger, folder, model=ByPath("tiny"))

    assert bytes_of(folder) == bytes_of(run(tmp_path / "large", study=large).folder)
    assert names <= set((folder / "tasks").iterdir())


def test_draws_share_parameters_and_replications_do_not_share_citizens(tmp_path):
    """Replications of a draw have its parameters and their own citizens; another draw has other citizens."""
    seen = []

    def spy(region, policies, *, replications, draws, vectors, **options):
        seen.extend(zip(draws, replications, [v["sdp_medium"] for v in vectors], strict=True))
        return ByPath("tiny")(region, policies, replications=replications, draws=draws, **options)

    factors = {"policy.appraisal.stakes": [0.1, 0.5], "parameter.effect_discount": [0.4]}
    study = make_study(parameters="ledger", draws=3, replications=2, factors=factors)
    sweep(study, tmp_path / "out", model=spy)
    by_draw = {draw: {value for d, _, value in seen if d == draw} for draw in range(3)}

    assert all(len(values) == 1 for values in by_draw.values())
    assert len(set.union(*by_draw.values())) == 3
    assert len({number for _, number, _ in seen}) == 6


def test_the_first_replications_are_those_of_compare(tmp_path):
    """With one replication a draw the real model gives exactly what `compare` gives, draw by draw."""
    study = make_study(parameters="ledger", draws=3, replications=1, factors={})
    done = sweep(study, tmp_path / "out")
    ours = pd.read_parquet(done.folder / "contrasts.parquet").query("metric == 'turnaround_days_mean'")
    compared = ks.compare("arcamanik", "arcamanik", replications=3, months=2, pre_months=1).contrasts
    theirs = compared.query("metric == 'turnaround_days_mean' and window == 'after'")

    assert ours["delta_mean"].tolist() == theirs["delta_mean"].tolist()
    assert ours["low"].tolist() == theirs["low"].tolist()


def test_a_policy_that_changes_nothing_differs_nowhere(tmp_path):
    """Every point of the zero-dose policy equals its reference exactly, whatever the region and parameters are."""
    factors = {
        "region.units.sukamiskin.counter.officers": [2, 4],
        "parameter.effect_discount": {"quantiles": [0.1, 0.9]},
    }
    study = make_study(policies=["null"], factors=factors, replications=2)
    done = sweep(study, tmp_path / "out")
    contrasts = pd.read_parquet(done.folder / "contrasts.parquet")
    outcomes = pd.read_parquet(done.folder / "outcomes.parquet")

    assert contrasts["all_equal"].all()
    assert contrasts["point"].nunique() == 4
    levels = outcomes.query("unit == 'sukamiskin' and replication == 0")["turnaround_days_mean"]
    assert levels.nunique() >= 2


def test_points_table_says_what_each_point_is(tmp_path):
    """Factors stand in natural units, quantiles beside parameters, and the reference's own values at its points."""
    factors = {
        "policy.appraisal.weights": {"simplex": ["results", "citizens", "supervisor"], "steps": 1},
        "parameter.effect_discount": {"quantiles": [0.5]},
    }
    done = run(tmp_path / "out", study=make_study(factors=factors))
    points = pd.read_parquet(done.folder / "points.parquet")
    mixes = points[[f"policy.appraisal.weights.{s}" for s in ("results", "citizens", "supervisor")]]

    assert points["point"].tolist() == [0, 1, 2, 3]
    assert points["is_reference"].tolist() == [False, False, False, True]
    assert mixes.to_numpy().tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0], [0.7, 0, 0.3]]
    assert points["u.parameter.effect_discount"].tolist() == [0.5] * 4
    assert points["parameter.effect_discount"].round(3).tolist() == [0.5] * 4


def test_manifest_and_design_say_how_to_read_the_points(tmp_path):
    """The manifest lists factors with kind, grade and bounds; design.yaml is the design that was run."""
    factors = {
        "policy.appraisal.stakes": {"low": 0, "high": 1},
        "region.units.sukamiskin.counter.officers": {"low": 2, "high": 4, "integer": True},
        "parameter.effect_discount": "prior",
    }
    study = make_study(method="saltelli", n=2, factors=factors, replications=2)
    done = run(tmp_path / "out", study=study)
    manifest = json.loads((done.folder / "manifest.json").read_text())
    described = manifest["design"]["factors"]

    assert [(f["kind"], f["grade"]) for f in described] == [
        ("policy", None), ("region", "estimate"), ("parameter", "estimate"),
    ]  # fmt: skip
    assert described[0]["bounds"] == [0.0, 1.0]
    assert manifest["design"]["rows"] == 2 * (3 + 2)
    assert read_design(str(done.folder / "design.yaml"))[0] == study.design
    assert reopen(done.folder).design == study.design


def test_a_target_is_met_by_the_same_replications_however_they_are_run(tmp_path):
    """A precision target stops at the same number of replications for any start of the folder and any workers."""
    target = {"metric": "turnaround_days_mean", "half_width": 0.12, "largest": 200}
    study = make_study(precision=target, replications=10)
    one = run(tmp_path / "one", 3, study=study)
    two = run(tmp_path / "two", 7, study=study, executor=make_executor(2))
    contrasts = pd.read_parquet(one.folder / "contrasts.parquet").query("metric == 'turnaround_days_mean'")
    half = (contrasts["ci_high"] - contrasts["ci_low"]) / 2

    before = bytes_of(one.folder)
    assert before == bytes_of(two.folder)
    assert (run(one.folder, 3, study=study).run_now, bytes_of(one.folder) == before) == (0, True)
    assert 10 < one.replications < 200
    assert half.max() <= 0.12
    assert set(contrasts["n_replications"]) == {one.replications}


def test_a_target_met_from_the_start_still_looks_ahead(tmp_path):
    """A target that thirty replications meet easily is looked at for five more, which are in the tables."""
    target = {"metric": "turnaround_days_mean", "half_width": 50.0, "largest": 200}
    done = run(tmp_path / "out", 10, study=make_study(precision=target, replications=30))

    assert done.replications == 35
    assert (status(done.folder).precision["is_met"], status(done.folder).missed) == (True, None)


def test_a_pair_without_its_reference_is_lost_to_every_point(tmp_path):
    """Where the reference fails no point has that pair: it is counted as failed, and enters no difference."""
    done = run(tmp_path / "out", 6, "tiny_unreferenced")
    contrasts = pd.read_parquet(done.folder / "contrasts.parquet")

    assert set(contrasts["n_failed"]) == {1}
    assert set(contrasts["n_replications"]) == {5}
    assert set(contrasts["n_undefined"]) == {0}


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    """Until the last step the old file is untouched."""
    path = tmp_path / "x.parquet"
    write_atomic(path, b"old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_atomic(path, b"new")

    assert path.read_bytes() == b"old"


def test_a_target_out_of_reach_ends_at_its_largest(tmp_path):
    """A target that cannot be met stops at its largest number, everything run is used, and its status tells."""
    target = {"metric": "turnaround_days_mean", "half_width": 1e-6, "largest": 25}
    told = []
    done = run(tmp_path / "out", study=make_study(precision=target), notify=lambda text: told.append(text.en))
    manifest = json.loads((done.folder / "manifest.json").read_text())

    assert done.replications == 25
    assert not manifest["precision"]["is_met"]
    assert "was not met with 25" in told[0]
    found = status(done.folder)
    assert (found.missed.en, found.precision["half_width"] > 1e-6, found.precision["target"]) == (told[0], True, 1e-6)


@pytest.mark.parametrize(
    ("do", "message"),
    [
        (lambda f: run(f, study=make_study(replications=3)), "be at least the 1 × 6 .*; got 1 × 3"),
        (lambda f: expand(f), "`expand` must add something"),
        (lambda f: expand(f, add_draws=2), "`add_draws` must be 0 where parameters are fixed"),
        (lambda f: status(f / "tasks"), "`folder` must hold a sweep; got none|holds other files"),
    ],
)
def test_what_cannot_be_done_is_refused(do, message, undisturbed):
    """Fewer replications than there are, an empty expansion, draws without a ledger, and no sweep: one clear line."""
    with pytest.raises(InputError, match=message):
        do(undisturbed)


def test_a_dask_address_without_a_scheduler_is_one_clear_line(tmp_path, monkeypatch):
    """Nobody at the address, or no address at all, is the user's mistake and leaves nothing behind."""
    monkeypatch.setattr(executors, "CONNECT_SECONDS", 0.5)
    for address, message in (("tcp://127.0.0.1:9", "no answer at"), ("nonsense://", "an address like")):
        with pytest.raises(InputError, match=message):
            run(tmp_path / "out", executor=make_executor(1, address))
    assert not (tmp_path / "out").exists()


def test_a_worker_with_another_version_stops_the_sweep(tmp_path, monkeypatch):
    """A worker whose model or ledger differs from that of the sweep makes no numbers: one line, and nothing is kept."""
    monkeypatch.setattr(plan, "code_key", lambda: "another")
    with pytest.raises(RunError, match="another version of kinerja_sim"):
        run(tmp_path / "out")
    assert list((tmp_path / "out" / "tasks").iterdir()) == []


def test_dask_changes_no_byte(undisturbed, tmp_path):
    """Through a Dask scheduler, in batches of two, the tables are those of one process."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        study = make_study()
        found = Plan({"arcamanik": 1}, batch=2)
        found.grow(1, 6)
        executor = make_executor(1, cluster.scheduler_address)
        done = sweep(study, tmp_path / "out", plan=found, executor=executor, model=ByPath("tiny"))

    assert done.run_now == 6
    assert bytes_of(done.folder) == bytes_of(undisturbed)


def test_the_pilot_sizes_tasks_by_the_second(monkeypatch):
    """Runs of five milliseconds make tasks of 200; runs of two microseconds one task of all of them."""
    study = make_study(replications=1000)
    for seconds, block, tasks in ((5e-3, 200, 5), (2e-6, 1000, 1)):
        monkeypatch.setattr(planner, "_time", lambda *_, s=seconds: s)
        size, plan = measure(study)

        assert (plan.block["arcamanik"], size.tasks) == (block, tasks)
        assert size.seconds == pytest.approx(seconds * 1000)
        assert (size.points, size.references) == (3, 1)
