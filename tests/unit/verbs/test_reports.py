"""`kinerja report`: options checked before anything runs, one line for a mistake, JSON for machines."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import kinerja_sim as ks
from kinerja_sim import cli
from kinerja_sim.present import report as rooms
from kinerja_sim.present.notebooks import NotebookOutcome
from kinerja_sim.present.region_report import RegionReport
from tests.fake_sweep import write_sweep
from tests.fakes import save_fakes


def invoke(*arguments):
    """Run the command line in this process."""
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


@pytest.fixture
def folder(tmp_path):
    """Return a folder of fake tables."""
    return save_fakes(tmp_path / "compare")


@pytest.fixture
def fake_runs(monkeypatch):
    """Let every notebook end at once; those on budgets fail."""

    def run(jobs, workers=1, progress=None):
        for job in jobs:
            job.target.parent.mkdir(parents=True, exist_ok=True)
        errors = {"40_budget": "cell 3: no money"}
        return [NotebookOutcome(j.name, j.region, j.target, errors.get(j.name), page=j.page) for j in jobs]

    monkeypatch.setattr(rooms, "run_jobs", run)


def test_help_shows_an_example():
    """`--help` shows how the verb is used and its option for machines."""
    done = invoke("report", "--help")
    assert done.exit_code == 0
    assert "kinerja report build/compare" in done.stdout
    assert "--json" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "n_replicatoins=5"], "`n_replicatoins` must be a parameter"),
        (["--set", "n_replications=lima"], "`n_replications` must be a whole number of at least 2; got 'lima'"),
        (["--set", "n_replications"], "`--set` must be NAME=VALUE"),
        (["--workers", "0"], "`workers` must be a whole number of at least 1; got 0"),
        (["--notebooks", "10,99"], "`notebooks` must be notebooks that fit the folder; got '99'"),
        (["--regions", "nowhere"], "`regions` must be regions that the tables hold"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(folder, fake_runs, arguments, message):
    """A wrong option is refused by name, and no report is begun."""
    done = invoke("report", folder, *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not (folder / "report").exists()


def test_a_sweep_that_was_never_finished_is_refused_before_anything_runs(tmp_path, fake_runs):
    """Tables beside a manifest that knows none of them are left by a sweep that was stopped: one line, no report."""
    folder = write_sweep(tmp_path / "sweep", np.zeros((1, 0)), [], lambda *_: {"satisfaction_index": 1.0})
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    del manifest["tables"]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    done = invoke("report", folder)

    assert done.exit_code == 2
    assert "hold tables that were written to the end" in done.stderr
    assert not (folder / "report").exists()


def test_a_failure_is_named_and_the_rest_is_there(folder, fake_runs):
    """A failed notebook means exit code 1, a line that says why, and an index that links its page."""
    done = invoke("report", folder, "--notebooks", "40,60", "--regions", "arcamanik", "--lang", "en")
    assert done.exit_code == 1
    assert "40_budget arcamanik: cell 3: no money" in done.stdout
    index = (folder / "report" / "en" / "index.html").read_text(encoding="utf-8")
    assert "1 notebook failed; its page says why." in index
    assert 'href="40_budget/arcamanik.html"' in index
    assert 'href="60_rating/arcamanik.html"' in index


def test_json_lists_every_notebook(folder, fake_runs):
    """Machines get the index, and for every notebook its page, copy and error."""
    done = invoke("report", folder, "--notebooks", "60", "--lang", "id", "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert found["index"].endswith("index.html")
    assert [n["region"] for n in found["notebooks"]] == ["tangerang-selatan", "tebing-tinggi", "arcamanik"]
    assert {n["error"] for n in found["notebooks"]} == {None}


def test_a_comparison_without_the_own_policy_is_reported(tmp_path):
    """Where the region's own policy was not run, the months of the first that was are shown."""
    comparison = ks.compare("arcamanik", "speed_only", replications=2, months=3, pre_months=1)
    report = RegionReport(comparison.save(tmp_path / "out"), "en", "arcamanik")

    assert report.months().png() == report.months("speed_only").png()
