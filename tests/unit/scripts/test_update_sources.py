"""The fingerprints of the data files: renewed, added, and complained about."""

import hashlib
import importlib.util
from pathlib import Path

import pytest
from ruamel.yaml import YAML

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "update_sources.py"
ROW = {"file": "a.csv", "source": "a count, of: things", "licence": "MIT", "date": "2026-01-31"}


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Return the script as a module that works on an empty data folder."""
    spec = importlib.util.spec_from_file_location("update_sources", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "DATA", tmp_path)
    return module


def rows_of(folder):
    """Return the rows of the folder's SOURCES.yaml."""
    return YAML(typ="safe").load(folder / "SOURCES.yaml")


def test_fingerprints_are_renewed_and_the_rest_is_kept(script, tmp_path):
    """A changed file gets a new sha256, and its row keeps source, licence and date."""
    (tmp_path / "a.csv").write_text("1")
    assert script.update_sources(tmp_path, ROW) == []

    (tmp_path / "a.csv").write_text("2")
    assert script.update_sources(tmp_path) == []

    assert rows_of(tmp_path) == [ROW | {"sha256": hashlib.sha256(b"2").hexdigest()}]


def test_files_without_a_row_and_rows_without_a_file_are_named(script, tmp_path, monkeypatch, capsys):
    """What a person must still do is printed, and the exit code is 2 until it is done."""
    (tmp_path / "regions").mkdir()
    (tmp_path / "regions" / "b.yaml").write_text("1")
    script.update_sources(tmp_path, dict(ROW))
    monkeypatch.setattr("sys.argv", ["update_sources.py"])

    assert script.main() == 2
    assert capsys.readouterr().out.splitlines() == [
        "`regions/b.yaml` must have a row; add it with --add, --source, --licence and --date.",
        "`a.csv` must exist; remove its row from SOURCES.yaml.",
    ]


def test_a_row_is_added_from_the_command_line(script, tmp_path, monkeypatch):
    """--add with its three companions writes the row; without them it is refused with exit code 2."""
    (tmp_path / "a.csv").write_text("1")
    command = ["update_sources.py", "--add", "a.csv", "--source", ROW["source"], "--licence", "MIT"]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit) as caught:
        script.main()
    assert caught.value.code == 2

    monkeypatch.setattr("sys.argv", [*command, "--date", ROW["date"]])

    assert script.main() == 0
    assert rows_of(tmp_path) == [ROW | {"sha256": hashlib.sha256(b"1").hexdigest()}]
