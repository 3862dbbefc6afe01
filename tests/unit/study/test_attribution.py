"""Why an effect came about: parts add up, repeat the comparison, and never come from other numbers."""

import re

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

import kinerja_sim as ks
from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.schema import CONTRAST_EXTRAS, CONTRAST_KEYS, CONTRAST_VALUES, METRICS
from kinerja_sim.study import attribution, subsets
from kinerja_sim.study import execute as ex
from kinerja_sim.study.attribution import attribute
from kinerja_sim.study.parts import Game, Question, divide
from tests import fake_model

BASE = ks.load_policy("baseline")
PAIR = BASE.replace(name="pair", appraisal__stakes=1.0, capacity__extra_officers=1)  # the fake feels both alike
MIXED = ks.load_policy("arcamanik").replace(name="mixed", capacity__extra_officers=2)
METRIC, UNIT = "wait_minutes_mean", "sukamiskin"


def compare(policies, regions="arcamanik", model=fake_model.simulate_block, **options):
    """Compare with a fake model."""
    options = {"replications": 12, "months": 3, "pre_months": 1} | options
    return ks.compare(regions, policies, simulate_block=model, **options)


def explain(comparison, metric=METRIC, unit=UNIT, model=fake_model.simulate_block, **options):
    """Ask why, of the same fake model."""
    return attribute(comparison, metric, unit, simulate_block=model, **options)


def changes(found, part):
    """Return the changes of one kind of part, [replication, group]."""
    rows = found.draws[found.draws["part"] == part]
    return rows.pivot_table(index="replication", columns="group", values="change")


@pytest.fixture(scope="module")
def mixed():
    """Return a policy of six mechanisms, of which the fake feels two, compared and taken apart."""
    comparison = compare([MIXED, "null"], replications=6)
    return comparison, explain(comparison, scenario="mixed")


@pytest.mark.parametrize("metric", [m for m in METRICS if m in ("wait_minutes_p90", "motivation_z", METRIC)])
def test_parts_add_up_to_the_comparisons_own_effect_in_every_replication(mixed, metric):
    """Shares sum to the total to 1e-9, and the total is the contrast that the comparison shows."""
    comparison, _ = mixed
    found = explain(comparison, metric, scenario="mixed")
    total = changes(found, "total")[""]

    assert (total != 0).any()
    assert (changes(found, "share").sum(axis=1) - total).abs().max() < 1e-9
    contrast = comparison.contrasts.query(
        "scenario == 'mixed' and unit == @UNIT and metric == @metric and window == 'after'"
    ).iloc[0]
    whole = found.table[found.table["part"] == "total"].iloc[0]
    shown = [*CONTRAST_KEYS, *CONTRAST_VALUES, *CONTRAST_EXTRAS]
    pd.testing.assert_series_equal(whole[shown], contrast[shown], check_names=False, check_dtype=False, rtol=1e-12)


def test_a_window_that_begins_with_another_scenario_is_the_same_window_here():
    """Where a slower policy was compared too, parts cover the months of the contrasts table."""
    slow = BASE.replace(name="slow", capacity__extra_officers=1, phase_in_months=2)
    comparison = compare([PAIR, slow], months=5)
    shown = comparison.contrasts.query("scenario == 'pair' and unit == @UNIT and metric == @METRIC")
    shown = shown.set_index("window")["delta_mean"]

    assert shown["after"] != shown["all"]
    for window in ("after", "all"):
        total = explain(comparison, scenario="pair", window=window).table.iloc[-1]
        assert total["delta_mean"] == pytest.approx(shown[window], rel=1e-12)


def test_a_mechanism_that_the_model_does_not_feel_gets_exactly_zero(mixed):
    """Groups without effect have share and effect alone of exactly 0, and the words say unchanged."""
    _, found = mixed
    felt = found.table["group"].isin(["appraisal", "capacity"])
    idle = found.table[found.table["part"].isin(["share", "alone"]) & ~felt]

    assert set(idle["group"]) == {"channels_feedback", "goals", "training", "socialisation"}
    assert idle["all_equal"].all()
    assert not idle[["delta_mean", "low", "high", "ci_low", "ci_high"]].to_numpy().any()
    assert not found.table[felt]["all_equal"].any()
    rest = found.pairwise[~(found.pairwise["group_a"].eq("appraisal") & found.pairwise["group_b"].eq("capacity"))]
    assert rest["all_equal"].all()
    assert len(rest) == 14


def test_interaction_is_the_total_less_what_each_does_alone(mixed):
    """The interaction column closes the account, and with two mechanisms at work their pair carries it all."""
    _, found = mixed
    alone, total = changes(found, "alone").sum(axis=1), changes(found, "total")[""]
    interaction = changes(found, "interaction")[""]

    assert np.allclose(interaction, total - alone, rtol=0, atol=1e-12)
    assert (interaction.abs() > 1e-6).any()
    pair = found.pairwise[~found.pairwise["all_equal"]].iloc[0]
    row = found.table[found.table["part"] == "interaction"].iloc[0]
    assert pair["delta_mean"] == pytest.approx(row["delta_mean"], abs=1e-12)


def test_mechanisms_that_do_the_same_have_the_same_part():
    """Stakes and an extra officer push the fake alike, so each carries half and neither is the largest."""
    found = explain(compare(PAIR))
    share = changes(found, "share")

    assert np.allclose(share["appraisal"], share["capacity"], rtol=0, atol=1e-12)
    assert np.allclose(share.sum(axis=1) / 2, share["capacity"], rtol=0, atol=1e-12)
    assert "Which part is the largest cannot be told." in found.sentences("en")


def refuse(*_, **__):
    """Stand for a model that must not be reached."""
    pytest.fail("something was run")


def test_a_policy_of_one_mechanism_gives_it_the_whole_without_a_run():
    """One group carries exactly the effect that the comparison holds, and nothing is simulated."""
    found = explain(compare("one_more_officer"), model=refuse)
    rows = found.table.set_index("part")

    assert rows.loc["share", "group"] == "capacity"
    assert (changes(found, "share")["capacity"] == changes(found, "total")[""]).all()
    assert rows.loc["share", "probability_largest"] == 1
    assert not changes(found, "interaction").to_numpy().any()
    assert found.sentences("en")[1] == "Only one group of blocks differs, capacity: the whole effect is its part."


def test_blocks_that_have_one_part_are_explained_and_others_are_not(mixed):
    """Only where groups are written with a + does a note say that they are valid together alone."""
    joined = attribution._notes(Game(("appraisal+goals", "training"), (UNIT,), np.arange(2), np.arange(2), None, 0), 2)

    assert [note.en for note in joined] == ["Blocks written with a + are valid only together, so they have one part."]
    assert mixed[1].notes == ()


def test_a_policy_that_equals_the_baseline_is_unchanged():
    """No mechanism, no run, an exact zero, and the words say so in both languages."""
    found = explain(compare("null"), model=refuse)

    assert found.table["part"].tolist() == ["interaction", "total"]
    assert found.table["all_equal"].all()
    assert "is unchanged: all 12 pairs are exactly equal" in found.sentences("en")[0]
    assert "tidak berubah" in found.sentences("id")[0]
    assert "in no block: there is nothing to divide" in found.sentences("en")[1]
    assert len(found.pairwise) == 0


def test_a_second_question_about_a_policy_runs_nothing(mixed):
    """Another metric or unit is answered from the runs that were made."""
    comparison, _ = mixed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subsets, "execute", refuse)
        assert explain(comparison, "motivation_z", "cisaranten-endah", scenario="mixed").unit == "cisaranten-endah"


def test_the_number_of_workers_changes_no_part(monkeypatch):
    """Parts made by worker processes are those made here, bit by bit."""
    here, handed, start = explain(compare(PAIR)), [], ex._on_workers
    monkeypatch.setattr(ex, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(ex, "BLOCK_SECONDS", 1e-9)
    monkeypatch.setattr(ex, "_on_workers", lambda tasks, *rest: handed.extend(tasks) or start(tasks, *rest))
    there = explain(compare(PAIR), model=fake_model.ByPath("simulate_block"), workers=2)

    assert len(handed) == 12 - 2  # two blocks of one were timed here first
    pd.testing.assert_frame_equal(here.table, there.table, check_exact=True)


def test_fewer_replications_are_the_comparisons_first_and_are_told():
    """Parts come from the first replications, the manifest counts them and a note says so."""
    comparison = compare(PAIR)
    found, whole = explain(comparison, replications=5), explain(comparison)

    assert sorted(set(found.draws["replication"])) == [0, 1, 2, 3, 4]
    pd.testing.assert_frame_equal(changes(found, "share"), changes(whole, "share").loc[:4])
    assert found.table["n_replications"].unique().tolist() == [5]
    assert found.manifest["replications"] == 5
    assert [note.en for note in found.notes] == ["From the first 5 of the comparison's 12 replications."]
    assert whole.notes == ()


def test_at_most_fifty_replications_are_taken_unless_asked_for():
    """A comparison of many replications is taken apart on its first fifty."""
    assert subsets.replications_used(None, 100) == 50
    assert subsets.replications_used(None, 30) == 30
    assert subsets.replications_used(80, 100) == 80
    few = explain(compare("one_more_officer"), model=refuse, replications=5)
    assert few.table["n_replications"].unique().tolist() == [5]


def test_failed_replications_are_left_out_and_counted():
    """What failed in the comparison, or in a subset, enters no part."""
    comparison = compare(PAIR, model=fake_model.failing_block)
    found = explain(comparison, model=fake_model.failing_block)

    assert not {2, 5} & set(found.draws["replication"])
    assert found.table["n_failed"].unique().tolist() == [2]
    assert found.notes[0].en == "2 replications failed and are left out."
    later = attribute(compare(PAIR), METRIC, UNIT, simulate_block=fake_model.failing_block)
    assert later.table["n_replications"].unique().tolist() == [10]


def test_numbers_that_do_not_come_out_again_are_not_taken_apart():
    """Another model than that of the comparison is found out, whatever it says of the subsets between."""

    def other(region, policies, **options):
        block = fake_model.simulate_block(region, policies, **options)
        block.results.loc[block.results["unit"] == "cisaranten-endah", "visits"] += 1
        return block

    with pytest.raises(RunError, match="'pair' in 'arcamanik' do not come out again"):
        explain(compare(PAIR), model=other)


TWO = ["arcamanik", "tebing-tinggi"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"metric": "wait_minutes_p99"},
            "`metric` must be one of those in the comparison; got 'wait_minutes_p99'.",
        ),
        ({"unit": "sukamisken"}, "Did you mean `sukamiskin`?"),
        ({"unit": "sukamisken", "region": "arcamanik"}, "Did you mean `sukamiskin`?"),
        ({"region": "arcamanak"}, "Did you mean `arcamanik`?"),
        ({"region": "lampung"}, "`region` must be one of those in the comparison; got 'lampung'. Known: arcamanik"),
        ({"unit": UNIT, "region": "tebing-tinggi"}, "`unit` must be one of those in the comparison; got 'sukamiskin'"),
        ({"scenario": "pairs"}, "Did you mean `pair`?"),
        ({"scenario": "baseline"}, "`scenario` must be another policy than the reference 'baseline'"),
        ({"scenario": None}, "`scenario` must be named; got none where several would do in region 'arcamanik'. Choose"),
        ({"window": "pre"}, "`window` must be one of those in the comparison; got 'pre'. Known: after, all."),
        ({"replications": 13}, "`replications` must be at most those of the comparison, 12; got 13"),
        ({"replications": 0}, "`replications` must be a whole number of at least 1; got 0"),
        ({"workers": 0}, "`workers` must be a whole number of at least 1; got 0"),
        ({"metric": "grade_validity"}, "`metric` must have been observed at unit 'sukamiskin'"),
    ],
    ids=lambda value: None if isinstance(value, str) else "-".join(value),
)
def test_mistakes_are_refused_by_name(two_regions, options, message):
    """A wrong name is one clear error with the nearest right one, before anything is run."""
    model = fake_model.simulate_block if "observed" in message else refuse
    with pytest.raises(InputError) as caught:
        explain(two_regions, **{"metric": METRIC, "unit": UNIT, "scenario": "pair", "model": model} | options)

    assert message in str(caught.value)


@pytest.fixture(scope="module")
def two_regions():
    """Return a comparison of two policies in two regions."""
    return compare([PAIR, "one_more_officer"], regions=TWO)


def test_every_scenario_and_region_has_its_own_parts(two_regions):
    """What was run for one policy or region is never the answer for another."""
    for region, unit in (("arcamanik", UNIT), ("tebing-tinggi", "ktp")):
        for scenario in ("pair", "one_more_officer"):
            whole = explain(two_regions, unit=unit, region=region, scenario=scenario).table.iloc[-1]
            contrast = two_regions.contrasts.query(
                "scenario == @scenario and region == @region and unit == @unit and metric == @METRIC "
                "and window == 'after'"
            )
            assert whole["delta_mean"] == pytest.approx(contrast["delta_mean"].item(), rel=1e-12)


def test_what_is_left_out_is_filled_in_where_only_one_thing_fits(two_regions):
    """The region that has the unit, and the region's own policy or the only one that acts."""
    assert explain(two_regions, unit="ktp", scenario="pair").region == "tebing-tinggi"
    own = compare(["arcamanik", "null", "one_more_officer"], replications=2)
    assert explain(own, model=fake_model.simulate_block).scenario == "arcamanik"
    assert explain(compare(["null", "one_more_officer"]), model=refuse).scenario == "one_more_officer"


def test_a_unit_that_several_regions_have_needs_its_region():
    """Two regions with a unit of the same name: which one is asked for, not guessed."""
    both = [r for r in ks.list_regions() if "ktp" in ks.load_region(r).units]

    assert len(both) > 1
    with pytest.raises(InputError, match=f"`region` must be named; .*Choose one of: {', '.join(both)}"):
        explain(compare("one_more_officer", regions=both, replications=2), unit="ktp")


def test_long_work_is_announced_with_its_time_and_short_work_is_not(monkeypatch):
    """Before a run of minutes there is one warning at the caller's line, in both languages."""
    told, small = [], {"months": 1, "pre_months": 0, "replications": 2}
    explain(compare(MIXED, **small), notify=told.append)
    assert told == []

    monkeypatch.setattr(subsets, "SECONDS_PER_CASE", 1e-3)
    explain(compare(MIXED, **small), notify=told.append)
    assert "64 combinations of mechanisms × 2 replications: about" in told[0].en
    assert "64 gabungan mekanisme × 2 replikasi" in told[0].id

    def stop(*_, **__):
        raise RunError("stopped before the run")

    monkeypatch.setattr(subsets, "execute", stop)
    comparison = compare(MIXED, **small)
    for workers in (1, 2):
        with pytest.raises(RunError, match="before the run"):
            explain(comparison, workers=workers, notify=told.append)
    minutes = [int(re.search(r"about (\d+) min", text.en)[1]) for text in told[-2:]]
    assert minutes[0] == pytest.approx(2 * minutes[1], abs=1)
    with pytest.warns(UserWarning, match="64 combinations") as caught, pytest.raises(RunError, match="before the run"):
        comparison.why(METRIC, UNIT)
    assert [w.filename for w in caught] == [__file__]


def test_the_largest_part_is_counted_over_draws_and_ties_are_shared():
    """Of four draws one group leads in two and a half, so no rung is reached; bounds are Wilson's."""
    first, second = np.array([4.0, 1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0, 1.0])
    total = first + second
    outcomes = np.stack([np.zeros(4), first, second, total])[:, None, :, None] * np.ones(len(METRICS))
    game = Game(("goals", "training"), (UNIT,), np.arange(4), np.arange(4), -outcomes, 0)
    table = divide(game, Question("arcamanik", UNIT, METRIC, "pair", "after"), "baseline").table

    assert table["probability_largest"].tolist()[:2] == [0.625, 0.375]
    wilson = proportion_confint(2.5, 4, method="wilson")
    assert table.loc[0, ["largest_low", "largest_high"]].tolist() == pytest.approx(wilson)
    assert table["probability_largest"][2:].isna().all()


def test_an_outcome_that_one_subset_lacks_leaves_that_replication_out_and_counts_it():
    """Shares rest on the replications that all subsets observed; what is left out is counted, the rest stands."""
    outcomes = np.array([0.0, 1.0, 2.0, 3.0])[:, None, None, None] * np.ones((1, 5, len(METRICS)))
    outcomes[1, 0, 4] = np.nan
    game = Game(("goals", "training"), (UNIT,), np.arange(5), np.arange(5), outcomes, 0)
    table = divide(game, Question("arcamanik", UNIT, METRIC, "pair", "after"), "baseline").table

    assert table["delta_mean"].tolist() == [1.0, 2.0, 1.0, 2.0, 0.0, 3.0]
    assert table["n_undefined"].tolist() == [1, 1, 1, 0, 1, 0]  # 'training' alone and the whole were observed
    assert table["probability_largest"].tolist()[:2] == [0.0, 1.0]


def test_the_own_model_repeats_a_saved_comparison(tmp_path):
    """Regions and policies come back from the manifest, subsets run, and parts add up to the saved contrast."""
    policy = ks.load_policy("training_only").replace(name="course", goals="specific")
    made = ks.compare("arcamanik", policy, replications=3, months=3, pre_months=1)
    saved = ks.load_comparison(made.save(tmp_path / "out"))
    one, two = (c.why("turnaround_days_mean", UNIT) for c in (made, saved))

    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)
    total = changes(one, "total")[""]
    assert (total != 0).all()
    assert (changes(one, "share").sum(axis=1) - total).abs().max() < 1e-9
    assert one.manifest["run_id"] == made.run_id


@pytest.mark.parametrize("name", ks.list_regions())
def test_regions_and_policies_come_back_from_a_manifest(name):
    """What a manifest describes is the region and the policies that were compared, title aside."""
    from kinerja_sim.study.compare import make_jobs
    from kinerja_sim.study.execute import Options
    from kinerja_sim.study.manifest import make_manifest, read_policy, read_region

    jobs, reference = make_jobs(name, [p for p in ks.list_policies() if p != "baseline"])
    options = Options(seed=0, months=3, pre_months=1, parameters="ledger")
    manifest = make_manifest(jobs, options, replications=1, reference=reference)

    assert read_region(manifest, name) == jobs[0].region
    assert [read_policy(manifest, p.name) for p in jobs[0].policies] == list(jobs[0].policies)
