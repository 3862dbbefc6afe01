"""A folder is written whole or not at all, and never over somebody else's files."""

import contextlib
import json
import os
from itertools import count

import pandas as pd
import pytest

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.study import store
from kinerja_sim.study.store import check_folder, read_manifest, write_tables
from tests.killing import dies_at

TABLE = pd.DataFrame({"scenario": ["a", "b"], "value": [1.0, float("nan")]})
FILES = {"t.parquet": TABLE, "t.csv": TABLE}
MANIFEST = {"tool": "kinerja_sim", "run_id": "x"}


def save(folder):
    """Write the small tables into `folder`."""
    return write_tables(folder, FILES, MANIFEST)


def test_tables_and_manifest_are_there(tmp_path):
    """The folder holds the tables and a manifest with their hashes, and nothing else is left beside it."""
    folder = save(tmp_path / "deep" / "out")

    assert sorted(p.name for p in folder.iterdir()) == ["manifest.json", "t.csv", "t.parquet"]
    assert [p.name for p in folder.parent.iterdir()] == ["out"]
    assert set(read_manifest(folder)["tables"]) == set(FILES)
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "t.parquet"), TABLE)
    assert (folder / "t.csv").read_bytes() == b"scenario,value\na,1.0\nb,\n"


def test_the_same_tables_are_the_same_bytes(tmp_path):
    """Two writings of one table differ in no byte."""
    one, two = save(tmp_path / "one"), save(tmp_path / "two")

    assert all((one / p.name).read_bytes() == p.read_bytes() for p in two.iterdir())


def test_an_older_comparison_is_replaced_with_what_was_made_from_it(tmp_path):
    """Tables are replaced; notebooks and decks of the old ones go; a user's own file stays."""
    folder = save(tmp_path / "out")
    for name in ("notebooks/arcamanik.ipynb", "id/deck.html", "id/notes.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("old")
    save(folder)

    assert not (folder / "notebooks" / "arcamanik.ipynb").exists()
    assert not (folder / "id" / "deck.html").exists()
    assert (folder / "id" / "notes.txt").read_text() == "old"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: p.write_text("x"), "must be a folder; got a file"),
        (lambda p: (p.mkdir(), (p / "thesis.docx").write_text("x")), "got a folder that holds other files"),
        (
            lambda p: (p.mkdir(), (p / "manifest.json").write_text('{"tool": "other"}')),
            "got a folder that holds other files",
        ),
        (lambda p: (p.mkdir(), (p / "manifest.json").write_text("[1")), "got a folder that holds other files"),
    ],
    ids=["file", "other files", "another tool's manifest", "broken manifest"],
)
def test_what_is_not_ours_is_not_written(tmp_path, make, message):
    """A file, or a folder that holds anything but a saved comparison, is refused and stays as it was."""
    path = tmp_path / "out"
    make(path)
    before = sorted(str(p) for p in tmp_path.rglob("*"))

    for attempt in (check_folder, save):
        with pytest.raises(InputError, match=message):
            attempt(path)
    assert sorted(str(p) for p in tmp_path.rglob("*")) == before


def test_a_path_below_a_file_is_refused(tmp_path):
    """A folder cannot be made below a file."""
    (tmp_path / "file").write_text("x")

    with pytest.raises(InputError, match="must be a folder; got a path below a file"):
        check_folder(tmp_path / "file" / "out")


def test_a_place_without_the_right_to_write_is_refused(tmp_path, monkeypatch):
    """Where the system refuses a new file the folder is refused before anything is run."""

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store.tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(InputError, match="must be a folder that can be written; got Permission denied"):
        check_folder(tmp_path / "out")


def test_an_impossible_path_is_refused():
    """A path with a NUL byte is a user's mistake, not a crash."""
    with pytest.raises(InputError, match="must be a folder that can be written"):
        check_folder("a\0b")


def test_checking_a_folder_makes_nothing(tmp_path):
    """A new folder is accepted without being made; an empty one is accepted as it is."""
    check_folder(tmp_path / "a" / "b")
    check_folder(tmp_path)

    assert not any(tmp_path.iterdir())


def test_a_failure_half_way_leaves_the_older_comparison(tmp_path, monkeypatch):
    """When a table cannot be written, no new file appears and the older folder is untouched."""
    folder = save(tmp_path / "out")
    before = {p.name: p.read_bytes() for p in folder.iterdir()}

    def fail(table, path):
        if path.suffix == ".csv":
            raise OSError(28, "No space left on device")
        path.write_bytes(b"new")

    monkeypatch.setattr(store, "_write", fail)
    with pytest.raises(RunError, match="No space left on device"):
        save(folder)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert os.listdir(tmp_path) == ["out"]  # noqa: PTH208


@pytest.mark.parametrize("is_new", [True, False], ids=["new folder", "over an older one"])
def test_tables_killed_at_any_write_are_refused_until_they_are_written_again(is_new, tmp_path):
    """Half of the tables, or new beside old ones, are never read; the same command ends as if it had run alone."""
    whole = {p.name: p.read_bytes() for p in save(tmp_path / "whole").iterdir()}
    for write in count(1):
        folder = tmp_path / str(write)
        if not is_new:
            write_tables(folder, dict.fromkeys(FILES, TABLE.iloc[:1]), MANIFEST | {"run_id": "old"})
        is_dead = dies_at(write, folder, lambda to=folder: save(to))
        if is_dead and (folder / "manifest.json").exists():
            with contextlib.suppress(InputError):
                shown = (read_manifest(folder)["run_id"], len(pd.read_parquet(folder / "t.parquet")))
                assert shown in [("x", 2), ("old", 1)]
        save(folder)
        assert {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.startswith(".")} == whole
        if not is_dead:
            break
    assert write > 3


def test_a_changed_table_is_named_unless_it_is_a_copy_for_people(tmp_path):
    """A Parquet table that is not the one written is refused; its CSV copy may have been through a spreadsheet."""
    folder = save(tmp_path / "out")
    (folder / "t.csv").write_text("scenario;value", encoding="utf-8")
    assert read_manifest(folder)["run_id"] == "x"
    TABLE.iloc[::-1].to_parquet(folder / "t.parquet", index=False)

    with pytest.raises(InputError, match=r"got a changed t\.parquet .* Run `kinerja compare` again"):
        read_manifest(folder)


def test_a_folder_without_a_comparison_is_refused(tmp_path):
    """Reading needs a manifest of ours and every table that it names."""
    with pytest.raises(InputError, match="must hold a saved comparison; got none"):
        read_manifest(tmp_path)
    folder = save(tmp_path / "out")
    (folder / "t.csv").unlink()
    with pytest.raises(InputError, match=r"got none called t\.csv"):
        read_manifest(folder)


def test_the_manifest_is_readable_text(tmp_path):
    """The manifest is indented JSON with Indonesian letters as they are."""
    folder = write_tables(tmp_path / "out", {}, MANIFEST | {"title": "é–…"})

    assert "é–…" in (folder / "manifest.json").read_text("utf-8")
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["run_id"] == "x"
