"""Blocks, workers, failures: what comes out depends on none of them."""

import os
import signal

import pandas as pd
import pytest

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.know.schema import KEYS, RESULT_COLUMNS
from kinerja_sim.study import execute as ex
from kinerja_sim.study.execute import Job, Options, Task, execute, run_task
from tests import fake_model

OPTIONS = Options(seed=3, months=3, pre_months=1, parameters="ledger")


@pytest.fixture(scope="module")
def jobs():
    """Return two regions with three policies each."""
    policies = tuple(load_policy(n) for n in ("baseline", "null", "one_more_officer"))
    return [Job(load_region(r), policies) for r in ("arcamanik", "tebing-tinggi")]


def run(jobs, model=fake_model.simulate_block, **options):
    """Run eight replications with a fake model."""
    return execute(jobs, OPTIONS, **{"replications": 8, "simulate_block": model} | options)


def test_rows_are_complete_and_sorted(jobs):
    """Every scenario, unit, replication and month has one row, sorted by the keys."""
    table = run(jobs).results

    assert list(table.columns) == RESULT_COLUMNS
    assert len(table) == sum(3 * len(job.region.units) * 8 * 4 for job in jobs)
    pd.testing.assert_frame_equal(table[KEYS], table[KEYS].sort_values(KEYS, ignore_index=True))
    assert not table.duplicated(KEYS).any()


def test_a_worker_that_has_begun_ignores_ctrl_c():
    """Also where nothing is inherited, Ctrl-C is the business of the process that the user started."""
    with ex.worker_pool(1) as pool:
        assert pool.submit(signal.getsignal, signal.SIGINT).result() is signal.SIG_IGN


def test_no_number_of_workers_floods_the_machine(monkeypatch):
    """A hundred million processes asked for are a few for each processor; `workers` is how many at most."""
    asked = []
    monkeypatch.setattr(ex, "ProcessPoolExecutor", lambda n, *_, **__: asked.append(n))
    ex.worker_pool(10**8)

    assert 1 <= asked[0] <= 61 or asked[0] == 4 * os.cpu_count()


@pytest.mark.parametrize("seconds", [1e-9, 1e9], ids=["one by one", "all at once"])
def test_blocks_do_not_show(jobs, monkeypatch, seconds):
    """Blocks of one replication and of all of them give the same tables, exactly."""
    expected = run(jobs)
    monkeypatch.setattr(ex, "BLOCK_SECONDS", seconds)

    pd.testing.assert_frame_equal(run(jobs).results, expected.results, check_exact=True)


def test_one_and_two_workers_give_the_same_tables(jobs, monkeypatch):
    """Results, appraisals and failures are equal with worker processes and without."""
    here = run(jobs, fake_model.failing_block)
    monkeypatch.setattr(ex, "WORTH_SECONDS", 0.0)
    there = run(jobs, fake_model.ByPath("failing_block"), workers=2)

    pd.testing.assert_frame_equal(there.results, here.results, check_exact=True)
    pd.testing.assert_frame_equal(there.appraisals, here.appraisals, check_exact=True)
    assert there.failures == here.failures


def test_small_runs_start_no_workers(jobs, monkeypatch):
    """Work that is soon done stays in this process, however many workers are allowed."""
    monkeypatch.setattr(ex, "_on_workers", lambda *_: pytest.fail("workers were started"))

    assert len(run(jobs, workers=4).results)


def test_workers_are_started_for_long_runs(jobs, monkeypatch):
    """Work that would take long goes to workers."""
    handed = []
    monkeypatch.setattr(ex, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(ex, "BLOCK_SECONDS", 1e-9)
    monkeypatch.setattr(ex, "_on_workers", lambda tasks, *_: handed.extend(tasks) or iter(()))
    run(jobs, workers=2)

    assert sum(len(task.replications) for task in handed) == 16 - 2  # two blocks of one were timed here first


def test_a_failed_replication_is_left_out_for_every_policy_and_counted(jobs):
    """Replications 2 and 5 fail: they are in no table, their neighbours are, and the reasons are kept."""
    done = run(jobs, fake_model.failing_block)

    assert sorted(set(done.results["replication"])) == [0, 1, 3, 4, 6, 7]
    assert [(f.region, f.replication) for f in done.failures] == [
        (r, n) for r in ("arcamanik", "tebing-tinggi") for n in (2, 5)
    ]
    assert "ZeroDivisionError in failing_block line" in done.failures[0].reason
    assert "replication 2 divides by zero" in done.failures[0].reason


def test_a_block_that_fails_loses_only_its_culprit(jobs):
    """In a block of four the one that fails is found by running them one by one."""
    outcome = run_task(Task(jobs[0], (1, 2, 3, 4)), OPTIONS, fake_model.failing_block)

    assert [f.replication for f in outcome.failures] == [2]
    assert sorted(r for table in outcome.results for r in set(table["replication"])) == [1, 3, 4]


def test_a_run_in_which_everything_fails_is_an_error(jobs):
    """Without any result there is nothing to show: a RunError with the first reason."""
    with pytest.raises(RunError, match=r"all 16 replications failed; the first, in arcamanik: .*nothing works"):
        run(jobs, fake_model.broken_block)


def test_a_users_mistake_found_by_the_model_is_not_a_failure(jobs):
    """An InputError is the same in every replication and goes straight to the user."""

    def refuse(*_, **__):
        raise InputError("`months` must be covered by the calendar; got 900.")

    with pytest.raises(InputError, match="calendar"):
        run(jobs, refuse)


def test_progress_ends_at_its_total(jobs):
    """Progress rises from block to block and ends at the total."""
    seen = []
    run(jobs, progress=lambda done, total: seen.append((done, total)))

    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]
    assert len({total for _, total in seen}) == 1


def test_blocks_grow_to_their_target(jobs):
    """After a block of known length the next one fills about `BLOCK_SECONDS`."""
    plan = ex._Plan(jobs, 100)
    first = plan.next_task()
    plan.learn(first, seconds=0.05)

    assert len(first.replications) == 1
    assert len(plan.next_task().replications) == round(ex.BLOCK_SECONDS / 0.05)


def test_a_dead_worker_leaves_nothing_undone(jobs, monkeypatch):
    """When the pool breaks, what is left runs in this process, and the user is told."""
    monkeypatch.setattr(ex, "WORTH_SECONDS", 0.0)
    with pytest.warns(RuntimeWarning, match="worker processes died"):
        done = run(jobs, fake_model.ByPath("dying_block"), workers=2)

    pd.testing.assert_frame_equal(done.results, run(jobs).results, check_exact=True)
