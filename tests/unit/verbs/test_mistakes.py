"""What a newcomer gets wrong first: each mistake is told in one line, with exit code 2 and nothing written."""

import pytest
from typer.testing import CliRunner

from kinerja_sim import cli

MAPPING = """
kind: cases
columns:
  unit: {constant: counter}
  arrived: {column: when, format: "%Y-%m-%d %H:%M"}
  outcome: {constant: served}
"""
SMALL = ["--regions", "arcamanik", "-n", "2", "--months", "2", "--pre-months", "1", "--no-notebooks"]


def told(*arguments):
    """Run a verb that must refuse, and return what it says on stderr, line by line."""
    done = CliRunner().invoke(cli.app, [str(a) for a in arguments])
    assert done.exit_code == 2, done.exception
    assert done.stdout == ""
    return done.stderr.splitlines()


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return the folder of a small comparison."""
    folder = tmp_path_factory.mktemp("saved") / "cmp"
    done = CliRunner().invoke(cli.app, ["compare", *SMALL, "--policies", "null", "-o", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


@pytest.mark.parametrize("table", ["results", "contrasts"])
@pytest.mark.parametrize(
    "verb", [["why", "--unit", "sukamiskin", "--metric", "turnaround_days_mean"], ["slides"], ["report"]]
)
def test_a_broken_table_is_told_in_one_line(saved, tmp_path, table, verb):
    """A comparison whose Parquet file is garbage is the user's mistake to mend, not a traceback."""
    for file in saved.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / f"{table}.parquet").write_bytes(b"garbage")

    (line,) = told(*verb, tmp_path, "--lang", "en")

    assert f"got a changed {table}.parquet" in line


@pytest.mark.parametrize("verb", [["status"], ["expand", "--add-replications", "1"]])
def test_a_folder_of_somebody_else_is_not_called_an_output(tmp_path, verb):
    """The verbs that open a sweep say that there is none, not where an output may go."""
    (tmp_path / "letter.txt").write_text("hello", encoding="utf-8")

    (line,) = told(*verb, tmp_path, "--lang", "en")

    assert line.startswith("`folder` must hold a sweep; got none")


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize(
    "verb",
    [["status"], ["expand", "--add-draws", "1"], ["doctor"], ["survey"], ["backtest", "--train-until", "70%"]],
    ids=lambda verb: verb[0],
)
def test_a_folder_of_another_verb_is_not_called_an_output(saved, verb, lang):
    """Verbs that read a folder speak of the folder, and of the verb that would fill it, in one language."""
    (line,) = told(verb[0], saved, *verb[1:], "--lang", lang)

    assert line.startswith({"id": "`folder` harus memuat ", "en": "`folder` must hold "}[lang])
    assert " -o" not in line
    assert ("`kinerja sweep`" in line) == (verb[0] in ("status", "expand"))
    assert not (lang == "id" and {"saved", "got", "none", "Run"} & set(line.split()))


@pytest.mark.parametrize(
    "verb",
    [
        ["sweep", "screening"],
        ["eventlog", "arcamanik", "baseline"],
        ["import", "a.csv", "--map", "mapping.yaml", "--key", "key"],
    ],
    ids=lambda verb: verb[0],
)
def test_one_verb_does_not_write_over_another(saved, tmp_path, monkeypatch, verb):
    """A comparison stays as it is when a verb that writes something else is given its folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("when\n2026-01-05 09:00\n", "utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, "utf-8")
    before = {file.name: file.read_bytes() for file in saved.iterdir()}
    (line,) = told(*verb, "-o", saved, "--lang", "id")

    assert line.startswith("`output` harus baru, kosong, atau keluaran sebelumnya; didapat folder yang ditulis ")
    assert {file.name: file.read_bytes() for file in saved.iterdir()} == before


def test_a_comparison_does_not_write_over_a_sweep(tmp_path):
    """The tables of a sweep, or an office's own data, are not lost to `compare -o`."""
    (tmp_path / "manifest.json").write_text('{"tool": "kinerja_sim", "kind": "sweep"}', "utf-8")
    (line,) = told("compare", *SMALL, "--policies", "null", "-o", tmp_path, "--lang", "en")

    assert "got a folder that another verb wrote" in line


@pytest.mark.parametrize("text", ["nomor,datang,selesai", "nomor;datang;selesai\n\n\n"])
def test_a_header_without_rows_is_called_that(tmp_path, text):
    """A file with a header and nothing else is not said to have no columns."""
    (tmp_path / "a.csv").write_text(text, "utf-8")
    (line,) = told("import", tmp_path / "a.csv", "--guess", "--lang", "en")

    assert line.endswith("must hold rows below its header; got none.")


def test_a_page_cannot_be_a_folder(tmp_path):
    """`trials --page` refuses a folder before anything is simulated."""
    (line,) = told("trials", "--page", tmp_path, "--lang", "en")

    assert line.startswith("`page` must be a file; got a folder")


def test_an_infinite_width_needs_no_plan():
    """`plan` refuses an interval without end."""
    (line,) = told(
        "plan", "screening", "--metric", "turnaround_days_mean", "--half-width", "inf", "--lang", "en"
    )  # fmt: skip

    assert line.startswith("`half_width` must be greater than 0 and finite; got inf")


def test_every_unknown_name_is_told_at_once(tmp_path):
    """Three wrong names are three lines, so that one reading is enough."""
    wrong = ["--regions", "arcamnik,tebingtinggi", "--policies", "nul"]
    lines = told("compare", *wrong, "-n", "2", "--no-notebooks", "-o", tmp_path / "x", "--lang", "en")

    assert [line.split("got ")[1].split(".")[0] for line in lines] == ["'arcamnik'", "'tebingtinggi'", "'nul'"]
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("arguments", "name", "most"),
    [
        (["compare", *SMALL, "-o", "{x}", "-n"], "replications", 1_000_000),
        (["simulate", "arcamanik", "baseline", "--replication"], "replication", 1_000_000),
        (["check", "--regions", "arcamanik", "-n"], "replications", 1_000_000),
        (["transfer", "quarterly_kpi", "--from", "arcamanik", "--to", "lampung", "-n"], "replications", 1_000_000),
        (["trials", "-n"], "draws", 10_000),
        (["sweep", "weights", "-o", "{x}", "--workers"], "workers", 1_000_000),
    ],
)
def test_no_run_is_too_long_to_be_refused(tmp_path, arguments, name, most):
    """A number that no machine can hold is refused at once."""
    given = [a.format(x=tmp_path / "x") for a in arguments]
    (line,) = told(*given, "99999999999999999999", "--lang", "en")

    assert line.startswith(f"`{name}` must be at most {most}; got 99999999999999999999")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["simulate", "arcamanik", "baseline", "--months", "x"],
            "Nilai tidak sah untuk '--months': harus bilangan bulat",
        ),
        (["simulate", "arcamanik", "baseline", "extra"], "Ada argumen yang berlebih (extra)"),
        (["decide", "x", "--budget-idr", "much"], "Nilai tidak sah untuk '--budget-idr': harus bilangan"),
    ],
)
def test_a_wrong_option_is_told_in_indonesian(monkeypatch, arguments, said):
    """What typer complains of has an Indonesian text, too."""
    monkeypatch.setattr("kinerja_sim.verbs.options.HELP_LANG", "id")

    assert told(*arguments) == [said]
