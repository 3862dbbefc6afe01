"""`kinerja diff` and `kinerja new-region` on the command line."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

import kinerja_sim as ks
from kinerja_sim import cli

ANSWERS = [
    "--title", "Kota X", "--level", "city", "--population", "100000", "--service", "KTP", "--cases-per-day", "60",
    "--counter-officers", "3", "--counter-minutes", "16", "--processing-officers", "0", "--promise", "30 menit",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder of a small comparison."""
    comparison = ks.compare("arcamanik", ["speed_only", "one_more_officer"], replications=2, months=2, pre_months=1)
    return comparison.save(tmp_path_factory.mktemp("saved") / "out")


def invoke(*arguments):
    """Run the command line in this process."""
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


@pytest.mark.parametrize("verb", ["diff", "new-region"])
def test_help_shows_an_example(verb):
    """`--help` shows how the verb is used and its option for machines."""
    done = invoke(verb, "--help")
    assert done.exit_code == 0
    assert f"kinerja {verb}" in done.stdout
    assert "--json" in done.stdout


def test_diff_speaks_the_language_asked_for():
    """The same difference in Indonesian and English, titles first."""
    indonesian, english = (invoke("diff", "baseline", "quarterly_kpi", "--lang", lang).stdout for lang in ("id", "en"))
    assert "evaluasi tahunan → triwulanan" in indonesian
    assert "evaluation annual → quarterly" in english
    assert indonesian.startswith("Praktik saat ini → ")


def test_diff_tells_two_policies_of_one_title_apart(tmp_path):
    """A copy that keeps its title is headed by name too, and few changes are one sentence."""
    text = (ks.load_policy("baseline").model_dump_json()).replace('"name":"baseline"', '"name":"mine"')
    weights = {"results": 0.6, "citizens": 0.1, "supervisor": 0.3}
    mine = json.loads(text) | {"appraisal": json.loads(text)["appraisal"] | {"weights": weights}}
    (tmp_path / "mine.yaml").write_text(json.dumps(mine), encoding="utf-8")
    lines = invoke("diff", "baseline", tmp_path / "mine.yaml", "--lang", "id").stdout.splitlines()

    assert lines[0].startswith("Praktik saat ini (baseline) → Praktik saat ini (mine)")
    assert lines[1].startswith("bobot hasil kerja 70 % → 60 %; bobot umpan balik masyarakat 0 % → 10 %")


def test_diff_attaches_what_the_change_did(folder):
    """With a saved comparison the pair's own contrast is told, n included; for machines as data."""
    done = invoke("diff", "speed_only", "one_more_officer", "--results", folder, "--lang", "en")
    assert done.exit_code == 0, done.stderr
    assert "Arcamanik District" in done.stdout
    assert "n = 2" in done.stdout
    data = json.loads(invoke("diff", "speed_only", "one_more_officer", "--results", folder, "--json").stdout)
    assert {change["path"] for change in data["changes"]} >= {"appraisal.period", "capacity.extra_officers"}
    assert [each["region"] for each in data["results"]] == ["arcamanik"]


def test_diff_knows_files_and_regions(tmp_path):
    """A path is read as what it holds; names of regions are asked for."""
    done = invoke("diff", "arcamanik", "lampung", "--regions", "--lang", "en")
    assert "level district → province" in done.stdout
    copy = tmp_path / "tebing-tinggi.yaml"
    copy.write_text((ks.know.library.data_file("regions") / "tebing-tinggi.yaml").read_text())
    assert invoke("diff", copy, copy, "--lang", "en").stdout.splitlines()[-1] == "no difference"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["baseline", "quaterly_kpi"], "Did you mean `quarterly_kpi`?"),
        (["baseline", "training_only", "--results", "{folder}"], "must have run both policies"),
        (["baseline", "{region}"], "must be of the same kind"),
    ],
)
def test_diff_refuses_what_cannot_be_compared(folder, tmp_path, arguments, message):
    """Unknown names, policies that were not run, and a policy beside a region: one line, exit code 2."""
    region = tmp_path / "arcamanik.yaml"
    region.write_text((ks.know.library.data_file("regions") / "arcamanik.yaml").read_text())
    done = invoke("diff", *[a.format(folder=folder, region=region) for a in arguments])
    assert done.exit_code == 2
    assert message in done.stderr


def test_diff_refuses_another_policy_of_the_same_name(folder, tmp_path):
    """Results of a policy that has changed since are not told as those of this file."""
    path = tmp_path / "speed_only.yaml"
    path.write_text((ks.know.library.data_file("policies") / "speed_only.yaml").read_text().replace("0.9", "0.8"))
    done = invoke("diff", "baseline", path, "--results", folder)
    assert done.exit_code == 2
    assert "got another 'speed_only'" in done.stderr


def test_new_region_writes_a_file_that_other_verbs_take(tmp_path):
    """From options alone: the file, how busy it is, and a run of it."""
    path = tmp_path / "kota-x.yaml"
    done = invoke("new-region", "kota-x", *ANSWERS, "-o", path, "--lang", "id")
    assert done.exit_code == 0, done.stderr
    assert "Beban kerja tahap tersibuk dalam simulasi: 9" in done.stdout
    assert "hampir tidak sanggup" in done.stdout
    assert invoke("simulate", path, "baseline", "--months", "1", "--pre-months", "0").exit_code == 0
    again = invoke("new-region", "kota-x", *ANSWERS, "-o", path)
    assert again.exit_code == 2
    assert "must be a new file" in again.stderr


def test_new_region_warns_of_an_office_that_cannot_keep_up(tmp_path):
    """More work than officers: written all the same, with the warning; machines get the load."""
    path = tmp_path / "kota-y.yaml"
    done = invoke("new-region", "kota-y", *ANSWERS, "--counter-minutes", "40", "-o", path, "--lang", "en")
    assert "the queue grows without end" in done.stdout
    path.unlink()
    data = json.loads(invoke("new-region", "kota-y", *ANSWERS, "--counter-minutes", "40", "-o", path, "--json").stdout)
    assert data["busy"]["load"] > 1
    assert data["busy"]["n_unstable"] == data["busy"]["n_draws"]


def test_new_region_tells_the_load_that_a_comparison_finds(tmp_path):
    """66 cases a day fill 87 % of three officers' time on paper; said is what `compare` writes in queues.csv."""
    path = tmp_path / "kota-v.yaml"
    given = ["--cases-per-day", "66", "--counter-minutes", "17", "-o", path, "--json"]
    busy = json.loads(invoke("new-region", "kota-v", *ANSWERS, *given).stdout)["busy"]
    options = {"replications": 5, "months": 12, "pre_months": 3}
    saved = ks.compare(path, ["one_more_officer"], **options).save(tmp_path / "out")
    queues = pd.read_csv(saved / "queues.csv").set_index("scenario")

    assert busy["load"] > 1.1
    assert busy["load"] == pytest.approx(queues.loc["baseline", "load"], rel=0.05)


def test_new_region_without_answers_names_them_all(tmp_path):
    """Away from a terminal nothing is asked: every missing answer is named, nothing is written."""
    done = invoke("new-region", "kota-z", "-o", tmp_path / "kota-z.yaml")
    assert done.exit_code == 2
    assert done.stderr.count("must be given") == 8
    assert not (tmp_path / "kota-z.yaml").exists()


def test_new_region_asks_at_a_terminal(tmp_path, monkeypatch):
    """At a terminal the ten questions are asked in order, minutes only where there are officers."""
    monkeypatch.setattr("kinerja_sim.verbs.plain._is_terminal", lambda: True)
    typed = "Kota W\ncity\n50000\nKTP\n40\n2\n15\n0\n30 minutes\n"
    path = tmp_path / "kota-w.yaml"
    done = CliRunner().invoke(cli.app, ["new-region", "kota-w", "-o", str(path), "--lang", "en"], input=typed)
    assert done.exit_code == 0, done.output
    assert "9/10" not in done.stdout
    assert ks.load_region(path).units["ktp"].counter.minutes.value == 15
