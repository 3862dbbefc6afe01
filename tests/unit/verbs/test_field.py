"""`kinerja import` and `kinerja doctor`: a file in, a folder and a table out, in two languages."""

import json

import pytest
from typer.testing import CliRunner

from kinerja_sim import cli
from kinerja_sim.field.mapping import load_mapping
from tests.unit.field.logs import QUEUE, QUEUE_MAP, written


def invoke(*arguments):
    """Run the command line in this process."""
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


@pytest.fixture
def ask(tmp_path):
    """Return the arguments that import the small queue log into a new folder."""
    log, described = written(tmp_path / "log.csv", QUEUE + "\n"), written(tmp_path / "m.yaml", QUEUE_MAP)
    return ["import", log, "--map", described, "-o", tmp_path / "mine", "--key", tmp_path / "key"]


@pytest.mark.parametrize(
    ("verb", "line"), [("import", "--guess -o mapping.yaml"), ("doctor", "kinerja doctor data/mine")]
)
def test_help_shows_an_example(verb, line):
    """`--help` shows how the verb is used and its option for machines."""
    done = invoke(verb, "--help")

    assert done.exit_code == 0
    assert line in done.stdout
    assert "--json" in done.stdout


def test_an_import_tells_rows_and_reasons_in_the_language_asked_for(ask, tmp_path):
    """Rows kept, left out and why, in Indonesian and English; the folder is there."""
    done = invoke(*ask, "--lang", "id")

    assert done.exit_code == 0
    assert "4 dari 5 baris dimasukkan sebagai `cases`" in done.stdout
    assert "1 baris tidak disertakan: baris kosong" in done.stdout
    assert "4 of 5 rows imported" in invoke(*ask, "--lang", "en").stdout
    assert (tmp_path / "mine" / "cases.parquet").exists()


def test_what_is_not_listed_is_told_by_what_it_became(ask, tmp_path):
    """An outcome that the mapping does not list is unknown, a channel is other; both are said as they are."""
    written(tmp_path / "m.yaml", QUEUE_MAP.replace("Selesai: served, ", "").replace(", Online: online", ""))
    done = invoke(*ask, "--lang", "en")

    assert "2 cells of `outcome` are `unknown`: a value that the mapping does not list" in done.stdout
    assert "1 cell of `channel` is `other`: a value that the mapping does not list" in done.stdout


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("arrived: datang", "arrived: petugas"), "paling sering `unreadable_arrived`, pertama di baris"),
        (("Selesai: served, Batal: abandoned, Menunggu: open", "Selesai: ignore, Batal: ignore, Menunggu: ignore"),
         "hasil setiap baris diabaikan oleh pemetaan"),
        (("started: panggil", "started: kanal"), "4 dari 5 tidak terbaca, pertama di baris 2"),
    ],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_is_told_in_indonesian(ask, tmp_path, change, told):
    """How many rows came to nothing, and where the first is, without an English word."""
    written(tmp_path / "m.yaml", QUEUE_MAP.replace(*change))
    done = invoke(*ask, "--lang", "id")

    assert done.exit_code == 2
    assert told in done.stderr
    assert not (tmp_path / "mine").exists()


def test_json_is_for_machines(ask, tmp_path):
    """Import, guess and doctor print one JSON document each."""
    imported = json.loads(invoke(*ask, "--json").stdout)
    guessed = json.loads(invoke("import", ask[1], "--guess", "--json").stdout)
    examined = json.loads(invoke("doctor", tmp_path / "mine", "--json").stdout)

    assert imported["manifest"]["imports"]["cases"]["rows_kept"] == 4
    assert guessed["kind"] == "cases"
    assert examined["rows"] == {"cases": {"kept": 4, "checked": 4}}


def test_a_proposal_is_printed_or_written_once(ask, tmp_path):
    """Without -o the proposal goes to the terminal and is a mapping; a file that exists is not overwritten."""
    told = invoke("import", ask[1], "--guess")
    path = tmp_path / "proposed.yaml"
    assert load_mapping(written(tmp_path / "told.yaml", told.stdout)).kind == "cases"
    done = invoke("import", ask[1], "--guess", "-o", path, "--lang", "id")
    assert (done.exit_code, f"--map {path} -o data/mine" in done.stdout) == (0, True)  # what comes next
    before = path.read_text(encoding="utf-8")
    again = invoke("import", ask[1], "--guess", "-o", path)

    assert "yakin" in before
    assert again.exit_code == 2
    assert path.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("wrong", [[], ["--guess", "--map", "m.yaml"], ["--map", "m.yaml"]])
def test_import_needs_one_of_two_ways(ask, wrong):
    """Neither or both of --map and --guess, or --map without -o, is the user's mistake."""
    done = invoke("import", ask[1], *wrong)

    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1


def test_the_doctor_shows_findings_and_where_they_are(ask, tmp_path):
    """A table of findings with what was done, then rows of the copy and the list; nothing else than data is refused."""
    invoke(*ask)
    done = invoke("doctor", tmp_path / "mine", "--lang", "en")

    assert done.exit_code == 0
    assert "no end recorded (censored)" in done.stdout
    assert "`cases`: 4 of 4 rows in the cleaned copy." in done.stdout
    assert (tmp_path / "mine" / "doctor" / "findings.csv").exists()
    assert invoke("doctor", tmp_path).exit_code == 2
