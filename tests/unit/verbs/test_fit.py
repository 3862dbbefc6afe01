"""`kinerja survey`, `calibrate` and `backtest`: a data folder in, tables, figures and one region file out."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from kinerja_sim import cli
from kinerja_sim.field.folder import source_of
from kinerja_sim.field.tables import read_field, write_field
from tests.made_logs import Truth, made_log
from tests.unit.field.test_survey import answers


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a data folder with two weeks of a counter and a survey."""
    cases = made_log(Truth(n_days=10, per_day=220, n_officers=6), 5)[0]
    survey = answers(200, n_officers=6).assign(unit="counter", answered_on=pd.Timestamp("2026-01-12"))
    columns = ["unit", "officer", "answered_on", "channel", *survey.columns[3:12], "source_file", "source_row"]
    place = tmp_path_factory.mktemp("data") / "mine"
    tables = {"cases.parquet": cases, "survey.parquet": survey[columns]}
    return write_field(place, tables, {"imports": {"cases": {}, "survey": {}}})


def invoke(*arguments):
    """Run the command line in this process."""
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


@pytest.mark.parametrize("verb", ["survey", "calibrate", "backtest"])
def test_help_shows_an_example(verb):
    """`--help` shows how the verb is used and its option for machines."""
    done = invoke(verb, "--help")

    assert done.exit_code == 0
    assert f"kinerja {verb} data/mine" in done.stdout
    assert "--json" in done.stdout


def test_calibrate_writes_a_region_and_what_stands_behind_it(folder, tmp_path):
    """Region file, estimates, figures and manifest; the officers' ids are nowhere in them."""
    output = tmp_path / "my-city.yaml"
    done = invoke("calibrate", folder, "--region", "my-city", "-o", output, "--lang", "id")
    place = folder / "calibration"

    assert done.exit_code == 0, done.output
    assert "Tidak terbaca dari data" in done.stdout
    assert json.loads((place / "manifest.json").read_text())["kept"]
    assert {"counter.arrivals.png", "counter.servers.png", "counter.patience.png", "counter.service.png"} <= {
        file.name for file in place.glob("*.png")
    }
    written = output.read_text() + "".join(file.read_text() for file in place.glob("*.csv")) + done.stdout
    assert not any(f"o{i:02d}" in written for i in range(6))
    assert invoke("simulate", output, "baseline", "--months", "3", "--pre-months", "1").exit_code == 0


def test_figures_name_their_source_in_the_readers_language(folder):
    """Under figures the log is named in the language asked for; the region file names it in English."""
    data = read_field(folder)

    assert source_of(data, "id") == "log antrean, 2026-01-05 sampai 2026-01-16; sebagaimana diimpor"
    assert source_of(data) == "queue log, 2026-01-05 to 2026-01-16; as imported"


def test_backtest_writes_forecasts_and_scores(folder, tmp_path):
    """Every forecaster's score for machines and in tables, with figures of what came."""
    output = tmp_path / "bt"
    done = invoke("backtest", folder, "--train-until", "2026-01-13", "-o", output, "--json")
    data = json.loads(done.stdout)

    assert done.exit_code == 0, done.output
    assert {row["forecaster"] for row in data["scores"]} >= {"simulation", "naive", "erlang_a_effective", "regression"}
    assert (output / "counter.wait_minutes_mean.png").stat().st_size > 10_000
    assert len(pd.read_parquet(output / "forecasts.parquet")) > 100
    shown = invoke("backtest", folder, "--train-until", "2026-01-13", "--lang", "en")
    assert "simulation" in shown.stdout
    assert "trained on 7 days with rows" in shown.stdout


def test_survey_prints_the_index_and_ranks_nobody(folder, tmp_path):
    """Index with interval, elements, and a sentence on officers in which none is named."""
    done = invoke("survey", folder, "-o", tmp_path / "survey", "--lang", "en")

    assert done.exit_code == 0, done.output
    for part in ("IKM", "requirements", "6 officers", "rank"):
        assert part in done.stdout
    written = done.stdout + "".join(file.read_text() for file in (tmp_path / "survey").glob("*.*s*"))
    assert not any(f" o{i} " in written or f'"o{i}"' in written or f",o{i}," in written for i in range(6))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["backtest", "{folder}", "--train-until", "yesterday"], "must be a day or a share"),
        (["backtest", "{empty}", "--train-until", "2026-01-13"], "must hold imported data"),
        (
            ["calibrate", "{folder}", "--region", "my-city", "-o", "{empty}/other.yaml"],
            "must be a file called my-city.yaml",
        ),
        (["calibrate", "{folder}", "--region", "x", "-o", "{empty}/x.yaml", "--base", "nowhere"], "region"),
        (["survey", "{folder}", "--population", "10"], "must be at least the 200 answers"),
        (["survey", "{folder}", "--census", "post"], "must be a channel of the survey"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(folder, tmp_path, arguments, words):
    """Exit code 2, the rule, and no file."""
    done = invoke(*[a.format(folder=folder, empty=tmp_path) for a in arguments])

    assert done.exit_code == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_same_data_give_the_same_tables(folder, tmp_path):
    """Calibrating twice writes the same bytes."""
    output, made = tmp_path / "my-city.yaml", []
    for _ in range(2):
        invoke("calibrate", folder, "--region", "my-city", "-o", output)
        made.append(output.read_bytes() + (folder / "calibration" / "estimates.csv").read_bytes())

    assert made[0] == made[1]
