"""A sweep's folder: damaged, foreign and changed files are named and never read as data."""

import shutil

import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.study.sweep import status
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
