"""`kinerja sweep`, `status`, `expand` and `plan`: a file in, a folder out, one line for a mistake."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from kinerja_sim import cli

DESIGN = """
regions: [arcamanik]
policies: [own]
method: grid
factors:
  policy.appraisal.stakes: [0.2, 0.8]
parameters: ledger
draws: 3
months: 2
pre_months: 1
metrics: [turnaround_days_mean, satisfaction_index]
"""


def invoke(*arguments):
    """Run the command line in this process."""
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    """Return the path of a small design."""
    path = tmp_path_factory.mktemp("design") / "small.yaml"
    path.write_text(DESIGN)
    return path


@pytest.fixture(scope="module")
def folder(design, tmp_path_factory):
    """Return the folder of that design, run by the command line."""
    out = tmp_path_factory.mktemp("swept") / "out"
    done = invoke("sweep", design, "-o", out, "--workers", "1", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["draws"] == 3
    return out


@pytest.mark.parametrize("verb", ["sweep", "status", "expand", "plan"])
def test_help_shows_an_example(verb):
    """`--help` shows how each verb is used and its option for machines."""
    done = invoke(verb, "--help")

    assert done.exit_code == 0
    assert f"kinerja {verb} " in done.stdout
    assert "--json" in done.stdout


def test_a_dry_run_prints_size_and_time_and_writes_nothing(design, tmp_path):
    """Points, runs and a time in the language asked for; the folder is not made."""
    done = invoke("sweep", design, "-o", tmp_path / "out", "--dry-run", "--lang", "id")

    assert done.exit_code == 0, done.stderr
    assert "(2 + 1) × 3 × 1 = 9 jalan" in done.stdout
    assert not (tmp_path / "out").exists()


def test_status_says_how_far_it_is(folder):
    """Tasks done of all; then, with one file lost, what is missing and what to do."""
    whole = invoke("status", folder)
    lost = next(iter((folder / "tasks").glob("*.parquet")))
    data = lost.read_bytes()
    lost.unlink()
    less = invoke("status", folder, "--lang", "id")
    lost.write_bytes(data)

    assert "0 failed, 0 missing. The tables are written." in whole.stdout
    assert "0 gagal, 1 belum" in less.stdout
    assert "Jalankan `kinerja sweep` sekali lagi" in less.stdout


def test_expand_adds_what_is_asked_for(folder):
    """More draws are run and stand in the tables; running the old design again would lose them and is refused."""
    done = invoke("expand", folder, "--add-draws", "1", "--workers", "1")

    assert done.exit_code == 0, done.stderr
    assert "in the tables: 4 × 1. Failed: 0." in done.stdout
    assert pd.read_parquet(folder / "outcomes.parquet")["draw"].nunique() == 4


def test_plan_prints_replications_and_minutes(design):
    """One line a unit with the draws needed, safe and unpaired."""
    done = invoke("plan", design, "--metric", "turnaround_days_mean", "--half-width", "0.05", "--pilot", "5")
    data = json.loads(
        invoke(
            "plan", design, "--metric", "turnaround_days_mean", "--half-width", "0.05", "--pilot", "5", "--json",
            "--unit", "sukamiskin",
        ).stdout
    )  # fmt: skip

    assert done.exit_code == 0, done.stderr
    assert "± 0.05 working days" in done.stdout
    assert "sukamiskin" in done.stdout
    assert [row["unit"] for row in data] == ["sukamiskin"]
    assert 2 <= data[0]["needed"] <= data[0]["safe"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sweep", "wieghts", "-o", "x"], "Did you mean `weights`?"),
        (["sweep", "weights", "-o", "x", "--workers", "0"], "`workers` must be a whole number of at least 1"),
        (["status", "no-such-folder"], "`folder` must hold a sweep"),
        (["expand", "no-such-folder", "--add-draws", "1"], "`folder` must hold a sweep"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, message, tmp_path, monkeypatch):
    """A wrong name, number or folder: one line on stderr, exit code 2, nothing written."""
    monkeypatch.chdir(tmp_path)
    done = invoke(*arguments)

    assert done.exit_code == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
