"""The verbs of decisions and exports at the command line."""

import json

import numpy as np
import pytest
from SALib.sample import sobol
from typer.testing import CliRunner

from kinerja_sim.cli import app
from tests.fake_sweep import write_sweep

FACTORS = [
    {"name": "policy.dose", "kind": "policy"},
    {"name": "parameter.sdp_medium", "kind": "parameter", "grade": "published"},
]


def outcome(place, policy, _draw, replication):
    """Return an effect of both factors."""
    effect = 0.0 if policy == "baseline" else 3 * place["policy.dose"] + place["parameter.sdp_medium"]
    return {"satisfaction_index": 70.0 + replication + effect}


@pytest.fixture(scope="module")
def saltelli(tmp_path_factory):
    """Return the folder of a Saltelli sweep."""
    x = sobol.sample({"num_vars": 2, "names": list("ab"), "bounds": [[0, 1]] * 2}, 32, calc_second_order=False, seed=3)
    return write_sweep(tmp_path_factory.mktemp("s"), x, FACTORS, outcome, pairs=[(0, 0), (0, 1)])


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """Return the folder of a grid of doses."""
    factors, x = FACTORS[:1], np.array([[0.1], [0.9]])
    return write_sweep(
        tmp_path_factory.mktemp("g"), x, factors, lambda p, *rest: outcome(p | {"parameter.sdp_medium": 1}, *rest),
        method="grid", pairs=[(d, d) for d in range(50)],
    )  # fmt: skip


def run(*words):
    """Return what the command line does with `words`."""
    return CliRunner().invoke(app, [str(word) for word in words])


def test_sensitivity_prints_sentences_and_json(saltelli):
    """The table opens with the spread; the JSON holds grades, factors and the same sentences."""
    shown = run("sensitivity", saltelli, "--metric", "satisfaction_index", "--lang", "en")
    told = json.loads(run("sensitivity", saltelli, "--metric", "satisfaction_index", "--json", "--lang", "en").stdout)[
        0
    ]

    assert shown.exit_code == 0
    assert shown.stdout.startswith("Effect on true satisfaction index at counter")
    assert {row["grade"] for row in told["grades"]} == {"published", "choice"}
    assert told["coverage"] == 1
    assert sum(row["share"] for row in told["factors"]) == pytest.approx(1)


def test_discover_prints_boxes(saltelli):
    """The condition comes back with its boxes."""
    told = json.loads(run("discover", saltelli, "--where", "satisfaction_index >= 72.5", "--json").stdout)[0]

    assert told["where"] == ["satisfaction_index >= 72.5"]
    assert told["boxes"][0]["density"] >= 0.8
    assert {row["factor"] for row in told["bounds"]} <= {f["name"] for f in FACTORS}


def test_decide_prints_options_in_the_language_asked_for(grid):
    """Options come with their numbers, in Indonesian when asked for."""
    shown = run("decide", grid, "--lang", "id")
    told = json.loads(run("decide", grid, "--json").stdout)

    assert shown.exit_code == 0
    assert "Terbaik: policy (dose=0.9)" in shown.stdout or "terbaik: policy (dose=0.9)" in shown.stdout
    assert told["options"][0]["option"] == "policy (dose=0.9)"
    assert told["selection"]["selected"] == ["policy (dose=0.9)"]


def test_transfer_prints_parts_that_add_up():
    """The parts of the JSON sum to the difference."""
    options = ("-n", 2, "--months", 3, "--pre-months", 1, "--json")
    told = json.loads(run("transfer", "quarterly_kpi", "--from", "arcamanik", "--to", "tebing-tinggi", *options).stdout)
    mean = {part: [row["delta_mean"] for row in told["parts"] if row["part"] == part] for part in ("gap", "share")}

    assert sum(mean["share"]) == pytest.approx(mean["gap"][0])


def test_eventlog_writes_a_folder_once(tmp_path):
    """The folder is written, and a folder of somebody else's is refused before anything runs."""
    written = run(
        "eventlog", "arcamanik", "baseline", "--unit", "sukamiskin", "--months", 1, "-o", tmp_path / "log", "--json"
    )
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine", encoding="utf-8")
    refused = run("eventlog", "arcamanik", "baseline", "-o", tmp_path / "mine")

    assert written.exit_code == 0
    assert json.loads(written.stdout)["cases"] > 100
    assert (tmp_path / "log" / "manifest.json").is_file()
    assert refused.exit_code == 2
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("sensitivity", "nowhere", "--metric", "satisfaction_index"), "`folder` must hold a compacted sweep"),
        (("discover", "nowhere", "--where", "1 > 0"), "`where` must be comparisons"),
        (("decide", "nowhere"), "`folder` must hold a compacted sweep"),
        (("transfer", "nothing", "--from", "arcamanik", "--to", "lampung"), "nothing"),
        (("eventlog", "nowhere", "baseline", "-o", "x"), "nowhere"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(words, message, tmp_path, monkeypatch):
    """A user's mistake is told in one line without a traceback, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    found = run(*words)

    assert found.exit_code == 2
    assert message in found.stderr
    assert "Traceback" not in found.stderr
    assert not list(tmp_path.iterdir())
