"""A sweep's folder: damaged, foreign and changed files are named and never read as data."""

import contextlib
import json
import shutil
from itertools import count

import pandas as pd
import pytest

from kinerja_sim.know.designs import read_design
from kinerja_sim.know.errors import InputError
from kinerja_sim.study.design import Study, load_bases
from kinerja_sim.study.plan import Plan, study_key
from kinerja_sim.study.sensitivity import sensitivity
from kinerja_sim.study.sweep import status
from kinerja_sim.study.sweep_folder import describe, reopen, write_manifest
from kinerja_sim.study.sweep_tables import open_sweep
from tests.killing import dies_at
from tests.sweeping import bytes_of, make_study, run


def flip_a_byte(path):
    """Damage one byte in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(data)


def cut_short(path):
    """Lose the end of a file."""
    path.write_bytes(path.read_bytes()[:-40])


def swap(path):
    """Put another task's file in the place of this one."""
    other = next(p for p in sorted(path.parent.glob("*.parquet")) if p != path)
    shutil.copy(other, path)


@pytest.mark.parametrize("harm", [flip_a_byte, cut_short, swap])
def test_a_damaged_file_is_named_and_run_again(harm, undisturbed, tmp_path):
    """A file that is damaged, or of another task, is named, put aside and never read as data."""
    folder, told = run(tmp_path / "out").folder, []
    path = sorted((folder / "tasks").glob("*.parquet"))[1]
    harm(path)
    named = status(folder).named
    again = run(folder, notify=lambda text: told.append(text.en))

    assert [name for name, _ in named] == [f"tasks/{path.name}"]
    assert path.name in told[0]
    assert again.run_now == 1
    assert path.with_name(path.name + ".refused").exists()
    assert bytes_of(folder) == bytes_of(undisturbed)


def test_a_foreign_file_is_named_and_left_alone(undisturbed, tmp_path):
    """A file that belongs to no task is named, stays where it is, and moves no number."""
    folder, told = run(tmp_path / "out").folder, []
    foreign = folder / "tasks" / "notes.parquet"
    foreign.write_bytes(b"mine")
    run(folder, notify=lambda text: told.append(text.en))

    assert status(folder).others == ("tasks/notes.parquet",)
    assert "notes.parquet" in told[0]
    assert foreign.read_bytes() == b"mine"
    assert bytes_of(folder) == bytes_of(undisturbed)


def test_a_changed_design_keeps_the_folder_and_says_so(tmp_path):
    """Another design in the same folder runs anew, says what is of no use, and its tables are its own."""
    folder, told = run(tmp_path / "out").folder, []
    other = make_study(factors={"policy.appraisal.stakes": [0.2]})
    run(folder, study=other, notify=lambda text: told.append(text.en))

    assert "has changed" in told[0]
    assert "3 files" in told[1]
    assert bytes_of(folder) == bytes_of(run(tmp_path / "fresh", study=other).folder)


@pytest.mark.parametrize("is_new", [True, False], ids=["new folder", "over another design"])
def test_a_sweep_killed_at_any_write_goes_on_to_the_same_bytes(is_new, undisturbed, tmp_path):
    """Whatever write it dies at, nobody reads its tables until it was started again, which ends as if left alone."""
    study, old = make_study(), run(tmp_path / "old", study=make_study(factors={"policy.appraisal.stakes": [0.2]}))
    for write in count(1):
        folder = tmp_path / str(write)
        folder.mkdir() if is_new else shutil.copytree(old.folder, folder)
        is_dead = dies_at(write, folder, lambda to=folder: run(to, 6, study=study))
        if is_dead:
            with contextlib.suppress(InputError):
                open_sweep(folder)
                assert bytes_of(folder) in (bytes_of(undisturbed), bytes_of(old.folder))
        run(folder, 6, study=study)
        assert bytes_of(folder) == bytes_of(undisturbed)
        if not is_dead:
            break
    assert write > 20


def test_what_a_killed_sweep_leaves_behind_is_no_obstacle(undisturbed, tmp_path):
    """Empty folders and half-written files are ours; one file of anybody else is not."""
    (tmp_path / "out" / "tasks").mkdir(parents=True)
    (tmp_path / "out" / ".manifest.123.tmp").write_bytes(b"{")

    assert bytes_of(run(tmp_path / "out").folder) == bytes_of(undisturbed)
    (tmp_path / "other" / "tasks").mkdir(parents=True)
    (tmp_path / "other" / "tasks" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        run(tmp_path / "other")


@pytest.mark.parametrize("name", ["outcomes", "points", "draws"])
def test_a_changed_table_is_named_and_made_again(name, tmp_path):
    """A table that is not the one compacted is refused by every analysis; running the sweep again restores it."""
    study = make_study(parameters="ledger", draws=2, replications=2)
    folder = run(tmp_path / "out", study=study).folder
    before, path = bytes_of(folder), folder / f"{name}.parquet"
    table = pd.read_parquet(path)
    table.iloc[::-1].to_parquet(path, index=False)

    with pytest.raises(InputError, match=rf"got a changed {name}\.parquet .* Run `kinerja sweep` on its design again"):
        sensitivity(folder, "satisfaction_index")
    assert run(folder, study=study).run_now == 0
    assert bytes_of(folder) == before
    assert len(open_sweep(folder).points) == 4


RANGES = {
    "region.units.sukamiskin.counter.officers": {"low": 2, "high": 4, "integer": True},
    "policy.appraisal.stakes": {"low": 1e-05, "high": 1},
    "parameter.effect_discount": {"low": 0.2, "high": 0.6},
}
LISTS = {
    "region.units.sukamiskin.counter.officers": [2, 4],
    "policy.appraisal.stakes": [0.5, 0.1],
    "parameter.effect_discount": [0.6, 0.2],
}


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "grid", "factors": LISTS},
        {"method": "zip", "factors": LISTS},
        {
            "method": "list",
            "factors": {},
            "points": [dict(zip(LISTS, v, strict=True)) for v in zip(*LISTS.values(), strict=True)],
        },
        {"method": "one_at_a_time", "factors": RANGES},
        {"method": "latin_hypercube", "n": 4, "factors": RANGES},
        {"method": "sobol", "n": 4, "factors": RANGES},
        {"method": "morris", "n": 2, "factors": RANGES, "groups": {"z": list(RANGES)[:1], "a": list(RANGES)[1:]}},
        {"method": "saltelli", "n": 2, "factors": RANGES},
        {"method": "grid", "factors": LISTS, "reference": None},
    ],
    ids=lambda c: c["method"] if c.get("reference", "") is not None else "no reference",
)
def test_the_design_that_a_sweep_leaves_is_the_design_that_was_run(changes, tmp_path):
    """Its factors keep their order, so every method draws the same points from it, and what was run counts as done."""
    study, plan = make_study(**changes), Plan({"arcamanik": 6})
    plan.grow(1, 6)
    write_manifest(tmp_path / "out", describe(study), study, plan)
    again = read_design(tmp_path / "out" / "design.yaml")[0]

    assert json.dumps(again.model_dump(mode="json")) == json.dumps(study.design.model_dump(mode="json"))
    for other in (Study(again, load_bases(again)), reopen(tmp_path / "out")):
        assert table_bytes(other, tmp_path) == table_bytes(study, tmp_path)
        assert describe(other)["run_id"] == describe(study)["run_id"]
        assert study_key(other) == study_key(study)


def test_the_order_of_factors_names_another_run():
    """A sampler's columns follow the order of factors: another order gives other numbers and so another run."""
    changes = {"method": "sobol", "n": 4}
    one = make_study(**changes, factors=RANGES)
    other = make_study(**changes, factors=dict(reversed(RANGES.items())))
    assert describe(one)["run_id"] != describe(other)["run_id"]


def table_bytes(study, tmp_path):
    """Return the points of a study as the file that a sweep would leave."""
    study.table().to_parquet(tmp_path / "points.parquet", index=False)
    return (tmp_path / "points.parquet").read_bytes()


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    """A folder that holds a comparison, or other files, is not written into."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        run(tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "manifest.json").write_text('{"tool": "kinerja_sim"}')
    with pytest.raises(InputError, match="another verb wrote"):
        run(tmp_path / "b")
