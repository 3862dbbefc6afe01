"""From names to a comparison: everything is refused before the run, and what comes out is paired."""

import json

import numpy as np
import pandas as pd
import pytest

import kinerja_sim as ks
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.library import data_file
from kinerja_sim.study import execute as ex
from kinerja_sim.study.compare import make_jobs, usual_policies
from tests import fake_model


def run(regions="arcamanik", policies="one_more_officer", model=fake_model.simulate_block, **options):
    """Compare with a fake model."""
    options = {"replications": 4, "months": 3, "pre_months": 1} | options
    return ks.compare(regions, policies, simulate_block=model, **options)


def refuse(*_, **__):
    """Stand for a model that must not be reached."""
    pytest.fail("something was run")


def test_the_baseline_is_added_and_comes_first():
    """A list without the baseline gets it; a list with it keeps one."""
    for given in (["one_more_officer"], ["one_more_officer", "baseline"], "one_more_officer"):
        jobs, reference = make_jobs("arcamanik", given)

        assert [p.name for p in jobs[0].policies] == ["baseline", "one_more_officer"]
        assert reference == "baseline"


def test_names_paths_and_objects_are_the_same(tmp_path):
    """A policy by name, by path and as an object gives the same job."""
    path = tmp_path / "mine.yaml"
    path.write_text((data_file("policies/one_more_officer.yaml")).read_text("utf-8"), "utf-8")
    by_name, _ = make_jobs("arcamanik", "one_more_officer")

    for given in (path, str(path), ks.load_policy("one_more_officer")):
        assert make_jobs([ks.load_region("arcamanik")], given)[0] == by_name


def test_each_region_may_have_its_own_policies():
    """A mapping gives every region its own list."""
    jobs, _ = make_jobs(["arcamanik", "lampung"], {"arcamanik": ["null"], "lampung": ["speed_only", "null"]})

    assert [[p.name for p in job.policies] for job in jobs] == [
        ["baseline", "null"], ["baseline", "speed_only", "null"],
    ]  # fmt: skip


def test_another_baseline_is_the_reference():
    """The reference may be any policy, in the list or not."""
    comparison = run(policies=["null", "one_more_officer"], baseline="null")

    assert comparison.contrasts["reference"].unique().tolist() == ["null"]
    assert comparison.contrasts["scenario"].unique().tolist() == ["one_more_officer"]


BASE = ks.load_policy("baseline")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replications": 0}, "`replications` must be a whole number of at least 1; got 0"),
        ({"replications": 2.5}, "`replications` must be a whole number of at least 1; got 2.5"),
        ({"replications": True}, "`replications` must be a whole number of at least 1; got true"),
        ({"months": 0}, "`months` must be a whole number of at least 1; got 0"),
        ({"pre_months": -1}, "`pre_months` must be a whole number of at least 0; got -1"),
        ({"seed": -1}, "`seed` must be a whole number of at least 0; got -1"),
        ({"seed": "1"}, "`seed` must be a whole number of at least 0; got '1'"),
        ({"workers": 0}, "`workers` must be a whole number of at least 1; got 0"),
        ({"parameters": "leger"}, "`parameters` must be ledger or point; got 'leger'. Did you mean `ledger`?"),
        ({"regions": "arcamanak"}, "Did you mean `arcamanik`?"),
        ({"regions": []}, "`regions` must hold at least one name; got none"),
        ({"regions": ["arcamanik", "arcamanik"]}, "`regions` must have different names; got 'arcamanik' twice"),
        ({"regions": [7]}, "`regions` must hold names, paths or Region objects; got 7"),
        ({"policies": "speedonly"}, "Did you mean `speed_only`?"),
        ({"policies": []}, "`policies` must hold at least one name; got none"),
        ({"policies": "baseline"}, "at least one policy beside the baseline"),
        ({"policies": ["null", "null"]}, "`policies` must have different names; got 'null' twice"),
        (
            {"policies": [BASE.replace(appraisal__period="quarterly"), "null"]},
            "`policies` must have different names; got 'baseline' twice",
        ),
        ({"policies": {"lampung": ["null"]}}, "`policies` must be keyed by the regions compared; got 'lampung'"),
        (
            {"regions": ["arcamanik", "lampung"], "policies": {"lampung": ["null"]}},
            "`policies` must have a list for every region; got none for arcamanik",
        ),
        (
            {
                "regions": ["arcamanik", "lampung"],
                "policies": {"lampung": ["null"], "arcamanik": [ks.load_policy("speed_only").replace(name="null")]},
            },
            "`policies` must have different names; got 'null' twice",
        ),
        ({"baseline": "basline"}, "Did you mean `baseline`?"),
    ],
    ids=lambda value: None if isinstance(value, str) else "-".join(f"{k}" for k in value),
)
def test_mistakes_are_refused_before_anything_runs(options, message):
    """Every wrong argument is one clear error, and the model is never reached."""
    options = dict(options)
    if message.endswith("'baseline' twice"):
        options["baseline"] = BASE
    with pytest.raises(InputError) as caught:
        run(model=refuse, **options)

    assert message in str(caught.value)


def test_numpy_integers_are_whole_numbers():
    """A count from numpy is as good as an int, and the manifest holds plain numbers."""
    comparison = run(replications=np.int64(2), seed=np.int32(5))

    assert json.loads(json.dumps(comparison.manifest))["seed"] == 5


def test_the_usual_policies_hold_the_proof_the_preset_and_the_comparators():
    """Where supplies run short the fourth cell of the 2x2 is among them; then the library without others' own."""
    usual, elsewhere = (usual_policies(ks.load_region(name)) for name in ("tebing-tinggi", "lampung"))
    own = {ks.load_region(name).preset for name in ks.list_regions()}

    assert usual[:7] == [
        "baseline", "null", "tebing-tinggi", "speed_only", "one_more_officer", "no_supply_outage",
        "tebing-tinggi+no_supply_outage",
    ]  # fmt: skip
    assert usual[7:] == [name for name in ks.list_policies() if name not in own and name not in usual[:7]]
    assert "lampung+no_supply_outage" not in elsewhere
    assert set(elsewhere) & own == {"lampung"}


def test_a_policy_from_which_nothing_follows_is_said_to_change_the_grade_alone():
    """More citizens at stakes 0 get the notice by their own name; stakes, goals or a talk take it away."""
    mix = {"results": 0.5, "citizens": 0.2, "supervisor": 0.3}
    idle = ks.load_policy("baseline").replace(name="idle", appraisal__weights=mix)
    acting = [{"appraisal__stakes": 0.4}, {"goals": "specific"}, {"feedback__to_officers": True}]
    found = run(policies=idle)
    told = [text.en for text in found.warnings if text.en.startswith("Nothing follows")]

    assert {name: entry["grade_only"] for name, entry in found.manifest["policies"].items()} == {
        "baseline": False, "idle": True,
    }  # fmt: skip
    assert len(told) == 1
    assert "“Today's practice (idle)”" in told[0]
    assert "stakes" not in told[0]  # a slide shows it: a reader knows no field of a file
    for changes in acting:
        assert not any(t.en.startswith("Nothing follows") for t in run(policies=idle.replace(**changes)).warnings)


def test_the_same_input_has_the_same_run_id_and_any_other_another():
    """The run id changes with seed, options, policies and regions, and with nothing else."""
    first = run().run_id

    assert run(workers=2).run_id == first
    others = [run(seed=1), run(months=4), run(policies="null"), run("lampung"), run(parameters="point")]
    assert len({first, *(c.run_id for c in others)}) == 6


def test_warnings_are_in_both_languages():
    """A short horizon, a policy beyond the regulation and fixed parameters are all told."""
    comparison = run(policies=["speed_only", "arcamanik"], parameters="point")
    english = " ".join(text.en for text in comparison.warnings)
    indonesian = " ".join(text.id for text in comparison.warnings)

    assert "Parameters are fixed at their point values: ranges hold chance only" in english
    assert "--" not in english + indonesian  # slides show them: no options of a command
    assert "3 months hold fewer than 3 appraisals under: “Today's practice”, " in english
    assert "Beyond the regulation" in english
    assert "Outside the model, of policies “File indicators and 360-degree appraisal (Arcamanik)”" in english
    assert "Di luar peraturan" in indonesian


def test_a_long_horizon_of_regular_policies_needs_no_warning():
    """Nothing is said where there is nothing to say."""
    policy = BASE.replace(name="monthly", appraisal__period="monthly")
    base = BASE.replace(name="base", appraisal__period="monthly")
    region = ks.load_region("arcamanik").model_copy(update={"left_out": ()})

    assert run(region, policy, baseline=base).warnings == ()


def test_failures_are_told_counted_and_kept():
    """Lost replications appear in a warning, in `n_failed` and in the manifest with their reasons."""
    comparison = run(model=fake_model.failing_block, replications=8)

    assert comparison.contrasts["n_failed"].eq(2).all()
    assert comparison.contrasts["n_replications"].eq(6).all()
    assert [f.replication for f in comparison.failures] == [2, 5]
    assert "2 of 8 replications failed in arcamanik" in comparison.warnings[-1].en


def test_two_policies_are_compared_by_their_own_pairs():
    """`against` subtracts another scenario, replication by replication."""
    comparison = run(policies=["one_more_officer", "null"])
    rows = comparison.against("one_more_officer")

    assert sorted(rows["scenario"].unique()) == ["baseline", "null"]


def test_the_simulator_obeys_the_contract_on_any_number_of_workers(tmp_path, monkeypatch):
    """The real model: null is exactly zero, pre months are equal, and two workers save the same bytes."""
    options = {"replications": 4, "months": 3, "pre_months": 1}
    here = ks.compare("arcamanik", ["null", "arcamanik"], **options)
    monkeypatch.setattr(ex, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(ex, "BLOCK_SECONDS", 1e-9)
    there = ks.compare("arcamanik", ["null", "arcamanik"], workers=2, **options)

    null, pre = here.contrasts.query("scenario == 'null'"), here.contrasts.query("window == 'pre'")
    assert null["all_equal"].all()
    assert pre["all_equal"].all()
    assert not here.contrasts["all_equal"].all()
    one, two = here.save(tmp_path / "one"), there.save(tmp_path / "two")
    names = sorted(p.name for p in one.iterdir())
    assert len(names) == 8
    assert [n for n in names if (one / n).read_bytes() != (two / n).read_bytes()] == []


def test_a_comparison_reads_back_as_it_was_saved(tmp_path):
    """Tables, manifest and warnings survive the way through files."""
    comparison = run(model=fake_model.failing_block, replications=8)
    again = ks.load_comparison(comparison.save(tmp_path / "out"))

    for name in ("results", "summary", "contrasts", "appraisals"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(comparison, name), check_exact=True)
    assert again.manifest == json.loads(json.dumps(comparison.manifest))
    assert again.warnings == comparison.warnings
    assert again.failures == comparison.failures


def test_the_manifest_names_what_decided_the_numbers():
    """Seed, options, hashes of ledger, calendar, regions and policies, versions, and the kind of every policy."""
    manifest = run(policies=["null", "one_more_officer", "speed_only", "speed_only+one_more_officer"]).manifest

    assert {name: p["kind"] for name, p in manifest["policies"].items()} == {
        "baseline": "baseline", "null": "null", "one_more_officer": "capacity", "speed_only": "hr",
        "speed_only+one_more_officer": "both",
    }  # fmt: skip
    assert set(manifest["inputs"]) == {"evidence.csv", "evidence_estimates.csv", "calendar.csv"}
    assert len(manifest["regions"]["arcamanik"]["sha256"]) == 64
    assert manifest["versions"]["pandas"] == pd.__version__
    assert not {"time", "date", "host", "workers", "user"} & set(manifest)


def test_a_preset_given_as_a_path_is_known_by_its_name(tmp_path):
    """A region file may name its own policy by a path; tables and manifest know it by the name inside."""
    path = tmp_path / "ours.yaml"
    text = data_file("policies/speed_only.yaml").read_text("utf-8")
    path.write_text(text.replace("name: speed_only", "name: ours"), "utf-8")
    region = ks.load_region("tebing-tinggi").model_copy(update={"preset": str(path)})
    manifest = run(region, usual_policies(region)).manifest

    assert manifest["regions"]["tebing-tinggi"]["preset"] == "ours"
    assert "ours+no_supply_outage" in manifest["scenarios"]["tebing-tinggi"]


def test_a_region_that_failed_altogether_leaves_the_others(tmp_path):
    """Its failure is told and counted; tables and words of the other regions stand."""

    def half(region, policies, **options):
        if region.name == "lampung":
            raise RuntimeError("no such province")
        return fake_model.simulate_block(region, policies, **options)

    comparison = run(["arcamanik", "lampung"], "arcamanik", model=half)

    assert comparison.contrasts["region"].unique().tolist() == ["arcamanik"]
    assert "4 of 4 replications failed in lampung" in comparison.warnings[-1].en
    assert "Lampung" in repr(comparison)


def test_a_changed_policy_is_told_from_the_one_it_was_made_from():
    """A policy made by `replace` keeps its title, so its name is added; the baseline's title stays."""
    manifest = run(policies=[BASE.replace(name="quarterly", appraisal__period="quarterly"), "null"]).manifest

    assert manifest["policies"]["quarterly"]["title"]["en"] == f"{BASE.title.en} (quarterly)"
    assert manifest["policies"]["baseline"]["title"]["en"] == BASE.title.en
    assert manifest["policies"]["null"]["title"]["en"] == ks.load_policy("null").title.en


def test_a_comparison_draws_and_shows_itself():
    """`plot` is a Figure with the run id in its footer, and text and Markdown hold its table."""
    comparison = ks.compare("arcamanik", "arcamanik", replications=3, months=2, pre_months=1)
    figure = comparison.plot("wait_minutes_p90")

    assert any(comparison.run_id in text.get_text() for text in figure.texts)
    assert "Arcamanik" in repr(comparison)
    assert "| :-- | --: |" in comparison._repr_markdown_()
    with pytest.raises(InputError, match="wait_minutes_p99"):
        comparison.plot("wait_minutes_p99")
