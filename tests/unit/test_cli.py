"""The verbs: what they print, what they refuse, and the exit code that says so."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import kinerja_sim as ks
from kinerja_sim import cli
from kinerja_sim.know import trials as know_trials
from kinerja_sim.study import compare as study_compare
from tests import fake_model

SMALL = ["--regions", "arcamanik", "-n", "2", "--months", "2", "--pre-months", "1", "--no-notebooks"]


def invoke(*arguments):
    """Run the command line in this process."""
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


def run(*arguments, **environment):
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "kinerja_sim.cli", *map(str, arguments)],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, **environment},
    )  # fmt: skip


def modules_of(statement):
    """Return the modules that are loaded after a statement in a fresh Python."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.split())


ROOT = Path(ks.__file__).parents[1]  # so that a checkout works without being installed
HEAVY = {"numpy", "pandas", "scipy", "numba", "matplotlib", "pydantic", "pyarrow", "papermill", "statsmodels", "babel"}


def test_help_and_the_package_import_nothing_heavy():
    """`import kinerja_sim` and `kinerja --help` load none of the libraries that take long to load."""
    helped = "from typer.testing import CliRunner; from kinerja_sim.cli import app; CliRunner().invoke(app, ['--help'])"

    assert "kinerja_sim" in modules_of("import kinerja_sim")
    assert "kinerja_sim.cli" in modules_of(helped)
    assert not HEAVY & modules_of("import kinerja_sim")
    assert not HEAVY & modules_of(helped)


@pytest.mark.parametrize("name", [*ks.__all__, "__version__"])
def test_every_public_name_is_there(name):
    """Each name of the interface can be fetched and is listed."""
    assert getattr(ks, name) is not None
    assert name in dir(ks)


def test_unknown_names_of_the_package_are_refused():
    """A name that does not exist raises AttributeError as any module does."""
    with pytest.raises(AttributeError, match="has no attribute 'compere'"):
        ks.compere  # noqa: B018


@pytest.mark.parametrize("verb", ["compare", "simulate", "regions", "policies", "check", "trials", "why"])
def test_every_verb_has_help_with_an_example_and_json(verb):
    """`--help` shows an example of that verb and the option for machines, with exit code 0."""
    done = invoke(verb, "--help")

    assert done.exit_code == 0
    assert f"kinerja {verb}" in done.stdout
    assert "--json" in done.stdout


def test_no_verb_at_all_shows_help():
    """`kinerja` alone lists the verbs."""
    done = invoke()

    assert done.exit_code == 0
    assert "compare" in done.stdout


def test_compare_prints_a_table_writes_tables_and_says_where(tmp_path):
    """A small comparison ends with 0, prints the region's answer and names every file it wrote."""
    done = invoke("compare", *SMALL, "--policies", "arcamanik", "-o", tmp_path / "out")

    assert done.exit_code == 0, done.stderr
    assert "Arcamanik District" in done.stdout
    assert "Files at the kelurahan are finished faster" in done.stdout
    assert "Note: 2 months hold fewer than 3 appraisals" in done.stdout
    for name in ("results.parquet", "summary.csv", "contrasts.csv", "contrasts.parquet", "manifest.json"):
        assert str(tmp_path / "out" / name) in done.stdout
        assert (tmp_path / "out" / name).is_file()
    assert done.stderr == ""


def test_compare_without_policies_takes_each_regions_own_list(tmp_path):
    """Left out, the policies are those of the region, the 2x2 included where supplies run short."""
    options = ["--regions", "arcamanik,tebing-tinggi", *SMALL[2:], "--json"]
    done = invoke("compare", *options, "-o", tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))

    assert done.exit_code == 0, done.stderr
    assert manifest["scenarios"]["arcamanik"][:3] == ["baseline", "null", "arcamanik"]
    assert "tebing-tinggi+no_supply_outage" in manifest["scenarios"]["tebing-tinggi"]


def test_compare_as_json_is_one_document(tmp_path):
    """`--json` prints nothing but JSON: files, warnings and contrasts, NaN as null."""
    done = invoke("compare", *SMALL, "--policies", "null", "--json", "-o", tmp_path / "out")
    data = json.loads(done.stdout)

    assert data["folder"] == str(tmp_path / "out")
    assert {Path(f).name for f in data["files"]} >= {"results.parquet", "manifest.json"}
    assert {row["delta_mean"] for row in data["contrasts"]} == {0.0, None}
    assert all(row["all_equal"] is True for row in data["contrasts"])
    assert data["failed_replications"] == []


@pytest.mark.parametrize(
    ("options", "environment", "expected"),
    [
        (["--lang", "id"], "en", "Perhatian:"),
        ([], "id", "Perhatian:"),
        (["--lang", "en"], "id", "Note:"),
    ],
)
def test_the_language_is_chosen_by_option_then_by_environment(tmp_path, monkeypatch, options, environment, expected):
    """`--lang` wins over KINERJA_LANG."""
    monkeypatch.setenv("KINERJA_LANG", environment)
    done = invoke("compare", *SMALL, "--policies", "null", "-o", tmp_path / "out", *options)

    assert expected in done.stdout


BROKEN = """name: mine
title: {id: a, en: a}
description: {id: a, en: a}
author: me
sources: [mine]
appraisal:
  weights: {results: 0.6, supervisor: 0.5}
"""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare", "-n", "0"], "`replications` must be a whole number of at least 1; got 0"),
        (["compare", "--months", "0"], "`months` must be a whole number of at least 1; got 0"),
        (["compare", "--months", "100000"], "calendar"),
        (["compare", "--pre-months", "-1"], "`pre_months` must be"),
        (["compare", "--seed", "-3"], "`seed` must be"),
        (["compare", "--workers", "0"], "`workers` must be"),
        (["compare", "--parameters", "guess"], "`parameters` must be ledger or point"),
        (["compare", "--lang", "jv"], "`lang` must be one of id, en; got 'jv'"),
        (["compare", "--regions", "arcamanak"], "Did you mean `arcamanik`?"),
        (["compare", "--regions", ","], "`regions` must hold at least one name"),
        (["compare", "--regions", "arcamanik,arcamanik"], "'arcamanik' twice"),
        (["compare", "--policies", "speedonly"], "Did you mean `speed_only`?"),
        (["compare", "--policies", "broken.yaml"], "`weights` must sum to 1; got 1.10 in broken.yaml line 7"),
        (["compare", "--policies", "absent.yaml"], "no such file"),
        (["compare", "--policies", "baseline"], "at least one policy beside the baseline"),
        (["compare", "-n", "many"], "Invalid value for '--replications' / '-n'"),
        (["compare", "--replicatoins", "3"], "No such option: --replicatoins"),
        (["compar"], "Did you mean 'compare'?"),
        (["simulate", "arcamanik"], "Missing argument 'POLICY'"),
        (["simulate", "arcamanak", "baseline"], "Did you mean `arcamanik`?"),
        (["check", "--regions", "arcamanak"], "Did you mean `arcamanik`?"),
        (["check", "-n", "0"], "`replications` must be"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_users_mistake_is_one_line_and_exit_code_2(tmp_path, monkeypatch, arguments, message):
    """One clear line on stderr, nothing on stdout, no traceback and no output folder."""
    monkeypatch.chdir(tmp_path)
    Path("broken.yaml").write_text(BROKEN, "utf-8")
    if arguments[0] == "compare":
        arguments = [*arguments, "--no-notebooks", "-o", "out"]
        if "--regions" not in arguments:
            arguments += ["--regions", "arcamanik"]
    done = invoke(*arguments)

    assert done.exit_code == 2, done.stderr
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
    assert not Path("out").exists()


@pytest.mark.parametrize("kind", ["file", "other files"])
def test_an_output_folder_that_is_not_ours_is_refused_before_the_run(tmp_path, monkeypatch, kind):
    """A file, or a folder with something else in it, is refused and the model is not reached."""
    monkeypatch.setattr(study_compare, "execute", lambda *_, **__: pytest.fail("something was run"))
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("x")
    else:
        out.mkdir()
        (out / "thesis.docx").write_text("x")
    done = invoke("compare", *SMALL, "-o", out)

    assert done.exit_code == 2
    assert "`output` must be" in done.stderr


def test_a_mistake_has_no_traceback_in_a_process_of_its_own(tmp_path):
    """The installed command behaves as the one in this process: exit code 2, one line."""
    done = run("compare", "-n", "0", "-o", tmp_path / "out")

    assert done.returncode == 2
    assert done.stderr == "`replications` must be a whole number of at least 1; got 0.\n"
    assert not (tmp_path / "out").exists()


def test_no_progress_bar_where_output_is_no_terminal(tmp_path):
    """A run whose stderr is a pipe writes nothing to it."""
    done = run("compare", *SMALL, "--policies", "null", "-o", tmp_path / "out")

    assert done.returncode == 0
    assert done.stderr == ""


def test_failed_replications_end_with_1_and_keep_what_worked(tmp_path, monkeypatch):
    """Tables are written from what worked, the loss is told, and the exit code is 1."""
    monkeypatch.setattr("kinerja_sim.study.execute._own_model", lambda: fake_model.failing_block)
    done = invoke("compare", *SMALL, "-n", "4", "--policies", "null", "-o", tmp_path / "out")

    assert done.exit_code == 1
    assert "1 of 4 replications failed in arcamanik" in done.stdout
    assert (tmp_path / "out" / "contrasts.csv").is_file()


def test_a_notebook_or_deck_that_fails_leaves_the_tables_and_ends_with_1(tmp_path, monkeypatch):
    """What could not be shown is named with its reason; tables, the rest and their places are there."""
    from kinerja_sim.present.notebooks import NotebookOutcome

    def one_fails(folder, regions, lang, workers, progress):
        return [
            NotebookOutcome("10_region", region, folder / "notebooks" / f"{region}.ipynb", "cell 3: KeyError")
            for region in regions
        ]

    def no_deck(book, findings, target, assets):
        raise KeyError(book.lang)

    monkeypatch.setattr("kinerja_sim.present.notebooks.run_region_notebooks", one_fails)
    monkeypatch.setattr("kinerja_sim.present.shows.write_html", no_deck)
    done = invoke("compare", *SMALL[:-1], "--policies", "null", "-o", tmp_path / "out")

    assert done.exit_code == 1
    assert "arcamanik.ipynb: cell 3: KeyError" in done.stdout
    assert f"{Path('id', 'deck.html')}: KeyError: 'id'" in done.stdout
    assert str(tmp_path / "out" / "contrasts.csv") in done.stdout


def test_a_run_in_which_all_fails_ends_with_1_and_writes_nothing(tmp_path, monkeypatch):
    """Nothing to show: one line, exit code 1, no folder."""
    monkeypatch.setattr("kinerja_sim.study.execute._own_model", lambda: fake_model.broken_block)
    done = invoke("compare", *SMALL, "--policies", "null", "-o", tmp_path / "out")

    assert done.exit_code == 1
    assert "all 2 replications failed" in done.stderr
    assert "nothing works" in done.stderr
    assert not (tmp_path / "out").exists()


def test_simulate_prints_the_levels_of_every_unit():
    """One replication is a table with a column for each unit, and says that it is one possibility."""
    done = invoke("simulate", "arcamanik", "baseline", "--months", "2", "--pre-months", "1")

    assert done.exit_code == 0, done.stderr
    assert "Mean turnaround" in done.stdout
    assert "One replication: one possibility" in done.stdout


def test_simulate_as_json_has_a_record_for_each_unit():
    """For machines there is one record a unit with every metric."""
    done = invoke("simulate", "arcamanik", "baseline", "--months", "2", "--pre-months", "1", "--json")
    records = json.loads(done.stdout)

    assert {r["unit"] for r in records} == set(ks.load_region("arcamanik").units)
    assert all(r["throughput_cases"] > 0 for r in records)


@pytest.mark.parametrize(("verb", "names"), [("regions", ks.list_regions()), ("policies", ks.list_policies())])
def test_the_library_is_listed(verb, names):
    """Every region and policy appears, in words and as JSON."""
    text, data = invoke(verb, "--lang", "id").stdout, json.loads(invoke(verb, "--json").stdout)

    assert all(name in text for name in names)
    assert [entry["name"] for entry in data] == names


def test_check_ends_with_0_when_every_proof_holds():
    """The check prints its claims and its verdict."""
    options = ["--regions", "arcamanik", "--policies", "null,speed_only", "--months", "2", "--pre-months", "1"]
    done, data = invoke("check", *options), json.loads(invoke("check", *options, "--json").stdout)

    assert done.exit_code == 0, done.stderr
    assert "Dose 0 changes nothing" in done.stdout
    assert "Every proof holds." in done.stdout
    assert data["passed"] is True


def test_check_ends_with_1_when_a_proof_fails(monkeypatch):
    """A model in which dose 0 does something is found out."""

    def leaky(region, policies, **options):
        block = fake_model.simulate_block(region, policies, **options)
        block.results.loc[block.results["scenario"].str.contains("dose-0"), "visits"] += 1
        return block

    monkeypatch.setattr("kinerja_sim.study.execute._own_model", lambda: leaky)
    done = invoke("check", "--regions", "arcamanik", "--policies", "null", "--months", "2", "--lang", "id")

    assert done.exit_code == 1
    assert "Ada bukti yang gagal." in done.stdout


def test_trials_prints_writes_its_page_and_gives_json(tmp_path, monkeypatch):
    """`kinerja trials` lists verdicts and reasons, writes a dated page when asked, and prints JSON for machines."""
    published = know_trials.load_trials()
    few = published.model_copy(update={"trials": (published["asmus-2015"], published["de-ree-2018"])})
    monkeypatch.setattr(know_trials, "load_trials", lambda: few)
    page = tmp_path / "docs" / "trials.md"
    options = ["trials", "-n", "40", "--workers", "1"]
    done = invoke(*options, "--page", page, "--lang", "id")

    assert done.exit_code == 0, done.stderr
    assert "pengulangan masukan" in done.stdout
    assert "1 prediksi: 0 tepat" in done.stdout
    assert page.read_text("utf-8").startswith("# Uji yang telah terbit")
    data = json.loads(invoke(*options, "--json").stdout)
    assert data["summary"]["all"]["predictions"] == 1
    assert [trial["judged"]["verdict"] for trial in data["trials"]] == ["miss", ""]
    assert data["also"][0]["verdict"] == "hit"


def test_trials_with_too_few_draws_is_a_users_mistake():
    """Too few draws end in one line and exit code 2."""
    done = run("trials", "-n", "3")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("`draws` must be")
