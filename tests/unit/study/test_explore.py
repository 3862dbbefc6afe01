"""The bench behind the no-code page: a grid made once, one policy refined, and the numbers of `compare`."""

import pandas as pd
import pytest

import kinerja_sim as ks
from kinerja_sim.know.errors import RunError
from kinerja_sim.study import explore
from kinerja_sim.study.explore import GRID_REPLICATIONS, Bench, grid_file, make_grid, open_benches, policy_key
from tests import fake_model

REGION = ks.load_region("arcamanik")
BASE = ks.load_policy("baseline")
MORE = BASE.replace(name="more", capacity__extra_officers=2)


def test_a_policy_is_known_by_what_it_decides():
    """Name, title and description change no key; a lever does."""
    renamed = BASE.replace(name="other", author="somebody")
    assert policy_key(renamed) == policy_key(BASE) != policy_key(MORE)


def test_the_grid_is_made_once_and_anew_when_its_inputs_change(tmp_path):
    """The same inputs find the file; another policy or another region file makes a new one and drops the old."""
    calls = []

    def counted(*things, **options):
        calls.append(1)
        return fake_model.simulate_block(*things, **options)

    first = make_grid(REGION, [MORE], tmp_path, simulate_block=counted)
    before = len(calls)
    assert make_grid(REGION, [MORE], tmp_path, simulate_block=counted) == first
    assert len(calls) == before
    other = REGION.replace(population__value=90_000)
    assert grid_file(other, [MORE], tmp_path) != first != grid_file(REGION, [BASE], tmp_path)
    second = make_grid(other, [MORE], tmp_path, simulate_block=counted)
    assert [path.name for path in tmp_path.iterdir()] == [second.name]


def test_the_grid_is_read_back(tmp_path):
    """What the grid holds is known at once; what it does not hold is not."""
    make_grid(REGION, [MORE], tmp_path, simulate_block=fake_model.simulate_block)
    bench = open_benches(tmp_path)(REGION, [MORE])
    assert bench.known(MORE) == bench.known(BASE) == GRID_REPLICATIONS
    assert bench.known(BASE.replace(appraisal__stakes=0.9)) == 0
    alone = Bench(REGION, simulate_block=fake_model.simulate_block)
    while alone.known(MORE) < GRID_REPLICATIONS:
        alone.advance(MORE)
    pd.testing.assert_frame_equal(bench.contrasts(MORE), alone.contrasts(MORE))


def test_the_page_prints_the_numbers_of_a_comparison():
    """At equal n and seed the bench and `compare` give the same contrasts, in the real model."""
    bench = Bench(REGION)
    for _ in range(2):
        bench.advance(MORE)
    span = {"months": explore.OPTIONS.months, "pre_months": explore.OPTIONS.pre_months}
    whole = ks.compare(REGION, [MORE], replications=2, **span).contrasts
    wanted = whole[whole["window"] == "after"].reset_index(drop=True)
    pd.testing.assert_frame_equal(bench.contrasts(MORE, "more"), wanted)


def test_copies_of_the_baseline_change_nothing():
    """A policy that only has another name is exactly equal to today's practice."""
    bench = Bench(REGION, simulate_block=fake_model.simulate_block)
    for _ in range(3):
        bench.advance(BASE.replace(name="copy"))
    assert bench.contrasts(BASE.replace(name="copy"))["all_equal"].all()


def test_refining_stops_where_it_was_told_to():
    """`advance` runs one replication at a time and none beyond `until`."""
    bench = Bench(REGION, simulate_block=fake_model.simulate_block)
    assert [bench.advance(MORE, until=2) for _ in range(4)] == [1, 2, 2, 2]


def test_failed_replications_are_counted_and_left_out():
    """A replication that fails is in no pair, and the contrasts say how many there were."""
    bench = Bench(REGION, simulate_block=fake_model.failing_block)
    for _ in range(6):
        bench.advance(MORE)
    table = bench.contrasts(MORE)
    assert set(table["n_replications"]) == {4}
    assert set(table["n_failed"]) == {2}


def test_a_model_that_never_works_is_a_failed_run():
    """Nothing to show is said with the first reason, not shown as nothing."""
    bench = Bench(REGION, simulate_block=fake_model.broken_block)
    assert bench.contrasts(MORE).empty
    bench.advance(MORE)
    with pytest.raises(RunError, match="nothing works"):
        bench.contrasts(MORE)
