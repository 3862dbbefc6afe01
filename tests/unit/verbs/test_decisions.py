"""The verbs of decisions and exports at the command line."""

import json
import re

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


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--value-idr", "30000"], "`value_idr` must weigh metrics that the sweep kept; got no waiting_hours, cost"),
        (["--budget-idr", "1"], "`budget_idr` must weigh metrics that the sweep kept; got no cost_idr"),
    ],
)
def test_money_without_costs_is_refused_by_the_name_that_was_typed(grid, options, said):
    """A value or a budget that a sweep cannot use is neither ignored nor told of as a metric."""
    done = run("decide", grid, *options, "--lang", "en")

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(said)
    assert "Add them to `metrics` of the design" in done.stderr


def test_a_value_of_an_hour_is_refused_beside_a_metric(tmp_path):
    """What is judged by a metric weighs no hours."""
    outcomes = {"waiting_hours": 5.0, "cost_idr": 1e6, "satisfaction_index": 70.0}
    x = np.array([[0.1], [0.9]])
    sweep = write_sweep(tmp_path / "s", x, FACTORS[:1], lambda *_: outcomes, method="grid", pairs=[(0, 0), (0, 1)])
    done = run("decide", sweep, "--metric", "satisfaction_index", "--value-idr", "30000", "--lang", "id")

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("`value_idr` harus diberikan tanpa ukuran; didapat 'satisfaction_index'")


def test_no_policy_is_carried_to_where_it_is():
    """`transfer` from a place to itself is refused before anything is run."""
    done = run("transfer", "quarterly_kpi", "--from", "arcamanik", "--to", "arcamanik", "--lang", "en")

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("`to` must be another place than `from`; got 'arcamanik' twice.")


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
    assert "erbaik: policy (dosis kebijakan 90 %)" in shown.stdout
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


@pytest.fixture
def mixes(tmp_path):
    """Return the folder of a grid of mixes in which more weight on results is always better."""
    names = ("results", "supervisor")
    factors = [{"name": f"policy.appraisal.weights.{name}", "kind": "policy"} for name in names]
    x = np.array([[share, 1 - share] for share in np.linspace(0, 1, 41)])

    def gain(place, policy, draw, _replication):
        share = 0.0 if policy == "baseline" else place["policy.appraisal.weights.results"]
        satisfaction = 80.0 + share + 0.01 * draw
        return {"satisfaction_index": satisfaction, "waiting_hours": 100.0 - 10 * share, "cost_idr": 1e6 * (1 + share)}

    return write_sweep(tmp_path / "mixes", x, factors, gain, method="grid", pairs=[(d, 0) for d in range(40)])


def test_a_choice_beyond_the_regulation_is_marked_beside_the_best_lawful_one(mixes):
    """100:0 is ahead and marked wherever it is named; 70:30 is named as the best that the regulation knows."""
    done = run("decide", mixes, "--metric", "satisfaction_index", "--lang", "en")
    text = " ".join(done.stdout.split())

    assert done.exit_code == 0, done.stderr
    assert "settles on policy (results 100%, supervisor 0%) (beyond the regulation)" in text
    assert "Within the regulation the best on average is policy (results 70%, supervisor 30%)" in text
    assert "policy (results 100%, supervisor 0%) ‡" in text
    assert "40 of 41 design points have a mix beyond the regulation" in " ".join(
        run("discover", mixes, "--where", "satisfaction_index >= 80.5", "--lang", "en").stdout.split()
    )


def test_acceptability_is_printed_where_a_sweep_kept_hours_and_costs(mixes, grid):
    """The chance of being worth its cost is told at three values of an hour; without costs, nothing is."""
    with_costs, without = (run("decide", folder, "--lang", "en").stdout for folder in (mixes, grid))

    assert with_costs.count("an hour at IDR") == 3
    assert "acceptability" not in without


def test_a_grid_has_no_indices_and_the_error_names_the_shipped_designs(mixes):
    """Whoever asks a grid for sensitivity is told which design answers, by command."""
    done = run("sensitivity", mixes, "--metric", "satisfaction_index", "--lang", "en")

    assert done.exit_code == 2
    assert "`kinerja sweep screening -o build/screening`" in done.stderr


def test_a_condition_that_every_point_meets_is_said_to_be_met_everywhere_with_a_bound_inside(mixes):
    """The range over the points is told, and a bound between its ends."""
    done = run("discover", mixes, "--where", "satisfaction_index >= 76.61", "--lang", "en")
    text = " ".join(done.stdout.split())

    assert "Every point meets it" in text
    low, high, bound = map(
        float, re.search(r"between (\S+) and (\S+) over the points; .* such as (\S+),", text).groups()
    )
    assert (low, high) == pytest.approx((80.195, 81.195), abs=0.01)
    assert low < bound < high
    assert "No point meets it" in run("discover", mixes, "--where", "satisfaction_index > 90", "--lang", "en").stdout


def test_regions_that_are_judged_together_are_said_to_be_mixed(tmp_path):
    """A choice over several regions says that 'own' is another policy in each, and how to ask for one region."""
    x = np.array([[0.1], [0.9]])
    folder = write_sweep(tmp_path / "two", x, FACTORS[:1], lambda *_: {"satisfaction_index": 70.0}, method="grid",
                         regions=("here", "there"), pairs=[(0, 0), (0, 1)])  # fmt: skip
    path = folder / "manifest.json"
    titles = {name: {"preset": "policy", "title": {"id": name, "en": name}} for name in ("here", "there")}
    manifest = json.loads(path.read_text(encoding="utf-8")) | {"regions": titles}
    path.write_text(json.dumps(manifest), encoding="utf-8")

    assert "Regions are mixed here (here; there)" in run("decide", folder, "--lang", "en").stdout
    assert "Regions are mixed" not in run("decide", folder, "--region", "here", "--lang", "en").stdout
