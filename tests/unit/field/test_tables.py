"""A data folder survives a kill at any write, and a table in it that is not the one imported is named."""

import contextlib
import json

import pytest

from kinerja_sim.field.intake import import_files
from kinerja_sim.field.tables import read_field
from kinerja_sim.know.errors import InputError
from tests.killing import dies_at
from tests.unit.field.logs import QUEUE, QUEUE_MAP, STAFF, STAFF_MAP, imported, mapping, written


def test_an_import_killed_at_any_write_is_started_again(tmp_path):
    """Of a first or a further kind: nothing half-written is read, and the same command ends as if left alone."""

    def bring(folder, name, described):
        import_files([tmp_path / name], mapping(described), folder, key_file=tmp_path / "key")

    written(tmp_path / "log.csv", QUEUE)
    written(tmp_path / "staff.csv", STAFF)
    steps = [("log.csv", QUEUE_MAP), ("staff.csv", STAFF_MAP)]
    wanted = []
    for step in steps:
        bring(tmp_path / "alone", *step)
        wanted.append({p.name: p.read_bytes() for p in (tmp_path / "alone").iterdir()})
    for n, write in [(n, write) for n in range(2) for write in range(1, 14)]:
        folder = tmp_path / f"{n}-{write}"
        for step in steps[:n]:
            bring(folder, *step)
        is_dead = dies_at(write, folder, lambda to=folder, step=steps[n]: bring(to, *step))
        if is_dead and (folder / "manifest.json").exists():
            with contextlib.suppress(InputError):
                tables, told = read_field(folder).tables, json.loads((folder / "manifest.json").read_text("utf-8"))
                assert {kind: len(table) for kind, table in tables.items()} == {
                    kind: entry["rows_kept"] for kind, entry in told["imports"].items()
                }
        bring(folder, *steps[n])
        left = [p for p in folder.iterdir() if p.is_file() and p.suffix != ".tmp"]
        assert {p.name: p.read_bytes() for p in left} == wanted[n]
    assert not is_dead


def test_a_changed_table_of_a_data_folder_is_named(tmp_path):
    """It is not read, nor carried over by the import of another kind; importing its own source again mends it."""
    cases = imported(tmp_path, QUEUE, QUEUE_MAP).tables["cases"]
    cases.iloc[:-1].to_parquet(tmp_path / "mine" / "cases.parquet", index=False)

    with pytest.raises(InputError, match=r"a changed cases\.parquet .* Import the source again"):
        read_field(tmp_path / "mine")
    with pytest.raises(InputError, match=r"a changed cases\.parquet .* Import the source of that table again first"):
        imported(tmp_path, STAFF, STAFF_MAP, "staff.csv")
    assert len(imported(tmp_path, QUEUE, QUEUE_MAP).tables["cases"]) == len(cases)
