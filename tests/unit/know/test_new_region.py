"""A region in ten questions: estimates graded as such, a file that runs, and nothing overwritten."""

import pytest

import kinerja_sim as ks
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.new_region import QUESTIONS, Answers, read_answers, region_text, write_region
from kinerja_sim.study.eventlog import event_log

GIVEN = {
    "title": "Kota X", "level": "city", "population": 100_000.0, "service": "KTP-el: loket", "cases_per_day": 60.0,
    "counter_officers": 3, "counter_minutes": 16.0, "processing_officers": 2, "processing_minutes": 12.5,
    "promise": "1 hari kerja",
}  # fmt: skip
DATE = "2026-11-22"


def made(tmp_path, **changes):
    """Return the region that the answers describe, through a file."""
    answers = read_answers(GIVEN | changes)
    return ks.load_region(write_region(region_text("kota-x", answers, DATE), tmp_path / "kota-x.yaml"))


def test_there_are_ten_questions():
    """The office is asked ten things, and the model of the answers knows exactly these."""
    assert len(QUESTIONS) == 10
    assert set(QUESTIONS) == set(Answers.model_fields)


def test_the_answers_are_in_the_file_and_every_number_is_an_estimate(tmp_path):
    """Each answer is found again with its unit, and whatever has a grade is graded as an estimate."""
    region = made(tmp_path)
    unit = region.units["ktp-el-loket"]
    assert (region.population.value, unit.arrivals.per_day.value) == (100_000, 60)
    assert (unit.counter.officers.value, unit.counter.minutes.value) == (3, 16)
    assert (unit.processing.officers.value, unit.processing.minutes.value) == (2, 12.5)
    assert (unit.standard.quantity, unit.standard.value.value, unit.standard.value.unit) == (
        "turnaround",
        1,
        "working days",
    )

    def grades(value):
        if isinstance(value, dict):
            yield from [value["grade"]] if "grade" in value else []
            for each in value.values():
                yield from grades(each)

    found = list(grades(region.model_dump()))
    assert len(found) > 10
    assert set(found) == {"estimate"}
    assert "answer 5 of ten" in unit.arrivals.per_day.source


def test_the_result_runs(tmp_path):
    """A region written from ten answers goes through the simulator."""
    run = ks.simulate(made(tmp_path), "baseline", months=1, pre_months=0, parameters="point")
    assert (run.results["throughput_cases"] > 0).all()


def test_an_office_of_one_officer_gives_no_row_about_that_officer(tmp_path):
    """Motivation, resistance, service rate and grades are blank, no appraisal is a row, no event names an officer."""
    one = made(tmp_path, counter_officers=1, processing_officers=0, processing_minutes=None, cases_per_day=10.0)
    options = {"months": 12, "pre_months": 0, "parameters": "point"}
    run, log = ks.simulate(one, "full_360", **options), event_log(one, "full_360", months=1, parameters="point")
    hidden = ["motivation_z", "motivation_sum", "resistance_z", "service_rate_index", "grade_validity", "graded",
              "misgraded_share", "grade_excellent", "false_coaching_share"]  # fmt: skip

    assert run.results[hidden].isna().all(axis=None)
    assert run.results[["throughput_cases", "utilisation"]].notna().all(axis=None)
    assert run.appraisals.empty
    assert (log.table["org:resource"] == "").all()
    assert log.vidigi["resource_id"].isna().all()
    assert "a unit with one officer has none" in log.manifest["note"]
    comparison = ks.compare(one, "full_360", replications=2, **options)
    assert any("One officer only at kota-x/ktp-el" in text.en for text in comparison.warnings)
    assert comparison.queues["load"].notna().all()


@pytest.mark.parametrize(
    ("changes", "stages", "quantity", "metric"),
    [
        (
            {"processing_officers": 0, "processing_minutes": None, "promise": "30 menit"},
            ["counter"], "wait", "wait_minutes_mean",
        ),
        (
            {"counter_officers": 0, "counter_minutes": None, "promise": "2,5 days"},
            ["processing"], "turnaround", "turnaround_days_mean",
        ),
    ],
    ids=["counter only", "back office only"],
)  # fmt: skip
def test_an_office_may_have_one_stage(tmp_path, changes, stages, quantity, metric):
    """A stage without officers is left out, and the primary metric is one that the office has."""
    region = made(tmp_path, **changes)
    (unit,) = region.units.values()
    assert [s for s in ("counter", "processing") if getattr(unit, s)] == stages
    assert (unit.standard.quantity, region.primary.metric) == (quantity, metric)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"counter_officers": 0, "processing_officers": 0}, "`counter_officers` must be above 0"),
        ({"counter_minutes": None}, "`counter_minutes` must be given"),
        ({"promise": "soon"}, "`promise` must be a number above 0 of minutes or working days; got 'soon'"),
        ({"promise": "0 minutes"}, "`promise` must be a number above 0"),
        ({"counter_officers": 0, "promise": "30 minutes"}, "`promise` must be in working days"),
        ({"level": "village"}, "`level` must be one of province, city, district"),
        ({"cases_per_day": -1.0}, "`cases_per_day` must be greater than 0"),
    ],
)
def test_a_wrong_answer_is_refused_by_name(changes, message):
    """Each broken rule names its question."""
    with pytest.raises(InputError, match=message):
        read_answers(GIVEN | changes)


def test_options_overrule_the_file(tmp_path):
    """Answers come from a file, and what is given beside it wins."""
    file = tmp_path / "answers.yaml"
    file.write_text(
        "\n".join(f"{key}: {value}" for key, value in GIVEN.items() if key != "service") + "\nservice: KTP\n"
    )
    answers = read_answers({"counter_officers": 5, "title": None}, file)
    assert (answers.counter_officers, answers.title) == (5, "Kota X")


def test_a_file_is_never_overwritten(tmp_path):
    """Where there is a file, it stays as it was and the user is told."""
    path = tmp_path / "mine.yaml"
    path.write_text("mine")
    with pytest.raises(InputError, match="must be a new file"):
        write_region(region_text("mine", read_answers(GIVEN), DATE), path)
    assert path.read_text() == "mine"


def test_a_name_that_is_no_slug_is_refused():
    """The region's name must be able to stand in a file name."""
    with pytest.raises(InputError, match="`name` must start with a small letter"):
        region_text("Kota X", read_answers(GIVEN), DATE)
