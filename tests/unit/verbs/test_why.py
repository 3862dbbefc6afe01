"""`kinerja why`: a saved comparison in, parts and sentences out, one line for a mistake."""

import json
import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner

import kinerja_sim as ks
from kinerja_sim import cli
from kinerja_sim.study import subsets

ASK = ["--unit", "sukamiskin", "--metric", "turnaround_days_mean"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder of a small comparison of one policy with two mechanisms."""
    policy = ks.load_policy("training_only+one_more_officer")
    comparison = ks.compare("arcamanik", [policy, "null"], replications=3, months=2, pre_months=1)
    return comparison.save(tmp_path_factory.mktemp("saved") / "out")


def invoke(*arguments):
    """Run the command line in this process."""
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


def test_help_shows_an_example():
    """`--help` shows how the verb is used and its option for machines."""
    done = invoke("why", "--help")

    assert done.exit_code == 0
    assert "kinerja why build/compare" in done.stdout
    assert "--json" in done.stdout


def test_the_parts_are_printed_in_the_language_asked_for(folder):
    """Whole, parts and interaction in Indonesian, with n; nothing but that."""
    done = invoke("why", folder, *ASK, "--lang", "id")

    assert done.exit_code == 0, done.stderr
    for part in ("Pelatihan", "Kapasitas", "Seluruh kebijakan", "Interaksi", "Shapley", "n = 3"):
        assert part in done.stdout
    assert done.stderr == ""


def test_json_holds_parts_that_add_up(folder):
    """For machines: run, n, sentences, parts and pairs, and the shares are the total."""
    done = invoke("why", folder, *ASK, "--region", "arcamanik", "-n", "2", "--json")
    data = json.loads(done.stdout)
    means = {kind: [p["delta_mean"] for p in data["parts"] if p["part"] == kind] for kind in ("share", "total")}

    assert done.exit_code == 0, done.stderr
    assert data["n_replications"] == 2
    assert data["run_id"] == ks.load_comparison(folder).run_id
    assert sum(means["share"]) == pytest.approx(means["total"][0], abs=1e-9)
    assert means["total"][0] != 0
    assert len(data["pairwise"]) == 1
    assert data["notes"] == ["From the first 2 of the comparison's 3 replications."]
    assert len(data["sentences"]) == 5


def test_long_work_is_announced_on_stderr_before_it_starts(folder, monkeypatch):
    """The expected time comes first and leaves stdout to the result."""
    monkeypatch.setattr(subsets, "SECONDS_PER_CASE", 1.0)
    done = invoke("why", folder, *ASK, "--lang", "id")

    assert "4 gabungan mekanisme × 3 replikasi: kira-kira" in done.stderr
    assert "gabungan" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--unit", "sukamisken", "--metric", "turnaround_days_mean"], "Did you mean `sukamiskin`?"),
        (["--unit", "sukamiskin", "--metric", "turnaround_days_men"], "Did you mean `turnaround_days_mean`?"),
        ([*ASK, "--region", "arcamanak"], "Did you mean `arcamanik`?"),
        ([*ASK, "--scenario", "nul"], "Did you mean `null`?"),
        ([*ASK, "-n", "4"], "`replications` must be at most those of the comparison, 3; got 4"),
        ([*ASK, "--workers", "0"], "`workers` must be"),
        ([*ASK, "--lang", "jv"], "`lang` must be one of id, en"),
        (["--unit", "sukamiskin"], "Missing option '--metric'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_users_mistake_is_one_line_and_exit_code_2(folder, arguments, message):
    """One clear line on stderr, nothing on stdout, no traceback."""
    done = invoke("why", folder, *arguments)

    assert done.exit_code == 2, done.stderr
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_a_folder_without_a_comparison_is_refused(tmp_path):
    """The error says what to run first."""
    done = invoke("why", tmp_path, *ASK)

    assert done.exit_code == 2
    assert "Run `kinerja compare` first." in done.stderr


@pytest.mark.parametrize("command", [("why", *ASK), ("slides",), ("report",)], ids=lambda c: c[0])
@pytest.mark.parametrize("name", ["results", "contrasts"])
def test_a_changed_table_is_named_and_not_read(folder, tmp_path, command, name):
    """Whoever reads a comparison refuses a table that is not the one it wrote, and says how to get it again."""
    changed = shutil.copytree(folder, tmp_path / "changed")
    pd.read_parquet(folder / f"{name}.parquet").iloc[::-1].to_parquet(changed / f"{name}.parquet", index=False)
    done = invoke(command[0], changed, *command[1:])

    assert done.exit_code == 2, done.output
    assert f"got a changed {name}.parquet" in done.stderr
    assert "Run `kinerja compare` again." in done.stderr


def test_numbers_of_another_version_end_with_1(folder, tmp_path, monkeypatch):
    """A comparison that does not come out again is a failed run, told in one line."""
    comparison = ks.load_comparison(folder)
    comparison.results["turnaround_days_sum"] *= 1.01
    done = invoke("why", comparison.save(tmp_path / "old"), *ASK)

    assert done.exit_code == 1
    assert "do not come out again" in done.stderr
