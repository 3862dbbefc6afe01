"""Policy and region files that break a rule, and the one line that each of them gets."""

import pytest

from kinerja_sim.know.errors import InputError, KinerjaError
from kinerja_sim.know.messages import MAX_LINES
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.yamlfile import load_model
from tests.unit.know.inputs import POLICY, REGION, broken

SOURCES = "results, citizens, civil_society, supervisor, peers, team, subordinates, community"

POLICIES = {
    "weights above 1": (
        "results: 0.50", "results: 0.60",
        "`weights` must sum to 1; got 1.10 in mine.yaml line 9. "
        "Lower one of: results 0.60, supervisor 0.30, citizens 0.20.",
    ),
    "weights below 1 by little": (
        "results: 0.50", "results: 0.499",
        "`weights` must sum to 1; got 0.999 in mine.yaml line 9. "
        "Raise one of: results 0.499, supervisor 0.30, citizens 0.20.",
    ),
    "no weights": (
        "  weights:\n    results: 0.50\n    supervisor: 0.30\n    citizens: 0.20\n", "  weights: {}\n",
        "`appraisal.weights` must hold at least 1 item(s); got 0 in mine.yaml line 9.",
    ),
    "unknown source": (
        "citizens: 0.20", "citizen: 0.20",
        f"`appraisal.weights.citizen` must be one of {SOURCES}; got 'citizen' in mine.yaml line 12. "
        "Did you mean `citizens`?",
    ),
    "unknown key": (
        "  period: quarterly", "  perod: quarterly",
        "`appraisal.perod` must be a key that is known here; got 'perod' in mine.yaml line 7. Did you mean `period`?",
    ),
    "unknown key, nothing near": (
        "  period: quarterly", "  zzz: 1",
        "`appraisal.zzz` must be a key that is known here; got 'zzz' in mine.yaml line 7. "
        "Known keys: period, scheme, weights, targets, stakes, leniency, forced_distribution, rater_span, "
        "rotation_months.",
    ),
    "unknown value": (
        "period: quarterly", "period: quaterly",
        "`appraisal.period` must be one of monthly, quarterly, semester, annual; got 'quaterly' in mine.yaml line 7. "
        "Did you mean `quarterly`?",
    ),
    "unknown channel": (
        "[app, paper]", "[app, papers]",
        "`channels[1]` must be one of app, kiosk, sms, phone, paper, civil_society, complaint; got 'papers' "
        "in mine.yaml line 14. Did you mean `paper`?",
    ),
    "channel twice": (
        "[app, paper]", "[app, app]",
        "`channels` must name each channel once; got app twice in mine.yaml line 14.",
    ),
    "citizens without a channel": (
        "[app, paper]", "[]",
        "`channels` must include a channel for citizens when their weight is above 0; got none in mine.yaml line 14. "
        "Add one of app, kiosk, sms, phone, paper.",
    ),
    "civil society without its channel": (
        "citizens: 0.20", "civil_society: 0.20",
        "`channels` must include civil_society when its weight is above 0; got app, paper in mine.yaml line 14. "
        "Add the channel, or set the weight to 0.",
    ),
    "text for a number": (
        "stakes: 0.3", 'stakes: "0.3"',
        "`appraisal.stakes` must be a number; got '0.3' in mine.yaml line 13. Write it without quotes.",
    ),
    "true for a number": (
        "stakes: 0.3", "stakes: true",
        "`appraisal.stakes` must be a number; got true in mine.yaml line 13.",
    ),
    "number for true": (
        "to_officers: true", "to_officers: 1",
        "`feedback.to_officers` must be true or false; got 1 in mine.yaml line 15.",
    ),
    "yes is text in YAML 1.2": (
        "to_officers: true", "to_officers: yes",
        "`feedback.to_officers` must be true or false; got 'yes' in mine.yaml line 15.",
    ),
    "nan": (
        "stakes: 0.3", "stakes: .nan",
        "`appraisal.stakes` must be a finite number; got nan in mine.yaml line 13.",
    ),
    "infinity": (
        "stakes: 0.3", "stakes: -.inf",
        "`appraisal.stakes` must be a finite number; got -inf in mine.yaml line 13.",
    ),
    "below its bound": (
        "stakes: 0.3", "stakes: -0.1",
        "`appraisal.stakes` must be at least 0; got -0.1 in mine.yaml line 13.",
    ),
    "percent for a share": (
        "stakes: 0.3", "stakes: 30",
        "`appraisal.stakes` must be at most 1; got 30 in mine.yaml line 13. Write 0.3 for 30 percent.",
    ),
    "fraction for a whole number": (
        "every_months: 6", "every_months: 6.0",
        "`training[1].every_months` must be a whole number; got 6.0 in mine.yaml line 18. Write 6.",
    ),
    "number for a text": (
        "author: a test", "author: 5",
        "`author` must be text; got 5 in mine.yaml line 4. Put it in quotes.",
    ),
    "nothing for a block": (
        "feedback: {to_officers: true}", "feedback:",
        "`feedback` must be a block of `key: value` lines; got nothing in mine.yaml line 15.",
    ),
    "one value for a list": (
        "channels: [app, paper]", "channels: app",
        "`channels` must be a list; got 'app' in mine.yaml line 14.",
    ),
    "missing key": (
        "author: a test\n", "",
        "`author` must be given; got nothing in mine.yaml. Add `author`.",
    ),
    "misspelt key that is needed": (
        "author: a test", "auther: a test",
        "`auther` must be a key that is known here; got 'auther' in mine.yaml line 4. Did you mean `author`?",
    ),
    "missing key in a block": (
        "{kind: technical, hours_jp: 20}", "{kind: technical}",
        "`training[0].hours_jp` must be given; got nothing in mine.yaml line 17. Add `hours_jp`.",
    ),
    "name": (
        "name: mine", "name: My policy",
        "`name` must start with a small letter and hold only small letters, digits, '-' and '_'; got 'My policy' "
        "in mine.yaml line 1. Write 'my-policy'.",
    ),
    "duplicate key": (
        "author: a test", "author: a test\nname: yours",
        "`name` must be given once; got it again after line 1 in mine.yaml line 5. Remove one of the two.",
    ),
    "object tag": (
        "author: a test", "author: !!python/object/apply:os.getcwd []",
        "`author` must be plain text, a number, a list or a block; got the tag !!python/object/apply:os.getcwd "
        "in mine.yaml line 4. Remove the tag.",
    ),
    "merge key": (
        "author: a test", "<<: {author: a test}",
        "`mine.yaml` must have text as its keys; got '<<' in mine.yaml line 4. Write the keys out.",
    ),
    "number as a key": (
        "results: 0.50", "1: 0.50",
        "`appraisal.weights` must have text as its keys; got '1' in mine.yaml line 10. Put the key in quotes.",
    ),
    "tab": (
        "  scheme:", "\tscheme:",
        "`mine.yaml` must be readable YAML 1.2; got an error (found character '\\t' that cannot start any token) "
        "in mine.yaml line 8 column 1. Indent with spaces.",
    ),
    "a number that Python refuses": (
        "stakes: 0.3", "stakes: " + "9" * 5000,
        "`appraisal.stakes` must be a plain value; got '" + "9" * 60 + "...' in mine.yaml line 13.",
    ),
}  # fmt: skip


def _staffed(shares: str) -> str:
    """Return the end of a counter with staffing."""
    row = f"{{values: {shares}, unit: share of officers, source: a count, grade: measured}}"
    return f"      complexity: routine\n      staffing: {row}"


REGIONS = {
    "unknown unit in a hypothesis": (
        "unit: ktp\n", "unit: kpt\n",
        "`hypotheses[0].unit` must be one of ktp; got 'kpt' in mine.yaml line 10. Did you mean `ktp`?",
    ),
    "unknown metric": (
        "turnaround_days_mean", "turnaround_day_mean",
        "`hypotheses[0].metric` must be a metric; got 'turnaround_day_mean' in mine.yaml line 11. "
        "Did you mean `turnaround_days_mean`?",
    ),
    "no primary hypothesis": (
        "primary: true", "primary: false",
        "`hypotheses` must mark one tested hypothesis as `primary`; got 0 in mine.yaml line 7.",
    ),
    "metric without a direction": (
        "    direction: falls\n", "",
        "`hypotheses[0]` must name its `unit` and `direction` when it names a metric; got a metric alone "
        "in mine.yaml line 8.",
    ),
    "level without a metric": (
        "    primary: true\n",
        "    primary: true\n  - claim: {id: Dipercaya, en: Trusted}\n    phrase: percaya\n"
        "    not_modelled: {id: tanpa ukuran, en: no measure}\n    target: 3\n",
        "`hypotheses[1].target` must go with a `metric`, whose level it is; got a level alone in mine.yaml line 17.",
    ),
    "number without origin": (
        "{value: 100000, unit: residents, source: a count, grade: measured}", "100000",
        "`population` must be a block of `key: value` lines; got 100000 in mine.yaml line 4.",
    ),
    "unknown grade": (
        "source: a survey, grade: measured", "source: a survey, grade: guess",
        "`units.ktp.satisfaction_base.grade` must be one of measured, published, derived, estimate; got 'guess' "
        "in mine.yaml line 35.",
    ),
    "another unit": (
        "{value: 6, unit: minutes per case,", "{value: 0.1, unit: hours per case,",
        "`units.ktp.processing.minutes.unit` must be 'minutes per case'; got 'hours per case' in mine.yaml line 30. "
        "Give the value in minutes per case.",
    ),
    "promise in another unit": (
        "{value: 2, unit: working days,", "{value: 2, unit: minutes,",
        "`units.ktp.standard.value.unit` must be 'working days' for a turnaround; got 'minutes' in mine.yaml line 32. "
        "Give the value in working days.",
    ),
    "percent for a share": (
        "value: 0.08", "value: 8",
        "`units.ktp.error_share.value` must be between 0 and 1; got 8 in mine.yaml line 33. "
        "Write 0.08 for 8 percent.",
    ),
    "no demand": (
        "{value: 50, unit", "{value: 0, unit",
        "`units.ktp.arrivals.per_day.value` must be greater than 0 and at most 100000; got 0 in mine.yaml line 20.",
    ),
    "six weekdays": (
        "[1.2, 1, 1, 0.9, 0.9]", "[1.2, 1, 1, 0.9, 0.9, 0]",
        "`units.ktp.arrivals.weekday.values` must hold 5 factors; got 6 in mine.yaml line 22.",
    ),
    "negative factor": (
        "[1.2, 1, 1, 0.9, 0.9]", "[1.2, 1, -1, 0.9, 0.9]",
        "`units.ktp.arrivals.weekday.values[2]` must be at least 0; got -1 in mine.yaml line 22.",
    ),
    "doors open longer than the day": (
        "{value: 450, unit", "{value: 100, unit",
        "`units.ktp.day_minutes.value` must be at least the 120 minutes for which `half_hour` keeps the doors open; "
        "got 100 in mine.yaml line 18.",
    ),
    "wait without a counter": (
        "quantity: turnaround, value: {value: 2, unit: working days",
        "quantity: wait, value: {value: 2, unit: working days",
        "`units.ktp.standard.value.unit` must be 'minutes' for a wait; got 'working days' in mine.yaml line 32. "
        "Give the value in minutes.",
    ),
    "no officer": (
        "{value: 2, unit: officers", "{value: 0, unit: officers",
        "`units.ktp.counter.officers.value` must be between 1 and 200; got 0 in mine.yaml line 25.",
    ),
    "half an officer": (
        "{value: 2, unit: officers", "{value: 1.5, unit: officers",
        "`units.ktp.counter.officers.value` must be a whole number; got 1.5 in mine.yaml line 25.",
    ),
    "staffing for another day": (
        "      complexity: routine", _staffed("[1, 1, 0.5]"),
        "`units.ktp.counter.staffing.values` must hold 4 shares, one for each half-hour of `half_hour`; got 3 "
        "in mine.yaml line 28.",
    ),
    "staffing in percent": (
        "      complexity: routine", _staffed("[1, 50, 0.5, 1]"),
        "`units.ktp.counter.staffing.values[1]` must be between 0 and 1; got 50 in mine.yaml line 28. "
        "Write 0.5 for 50 percent.",
    ),
    "nobody at the counter all day": (
        "      complexity: routine", _staffed("[0, 0, 0, 0]"),
        "`units.ktp.counter.staffing.values` must have a positive sum; got 0 in mine.yaml line 28. Raise one factor.",
    ),
    "staffing of a back office": (
        "      complexity: medium", "      complexity: medium\n      staffing: 1",
        "`units.ktp.processing.staffing` must be a key that is known here; got 'staffing' in mine.yaml line 32. "
        "Known keys: officers, minutes, complexity.",
    ),
    "unknown key deep inside": (
        "      complexity: medium", "      complexity: medium\n      oficers: 3",
        "`units.ktp.processing.oficers` must be a key that is known here; got 'oficers' in mine.yaml line 32. "
        "Did you mean `officers`?",
    ),
}  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty folder, so that paths are printed as a user gives them."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def complaint(here, text, model):
    """Return what loading `text` as `model` complains about."""
    (here / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_model("mine.yaml", model)
    return str(caught.value)


@pytest.mark.parametrize(("model", "text"), [(Policy, POLICY), (Region, REGION)])
def test_the_unbroken_files_load(here, model, text):
    """The files that the tests below break are valid before they are broken."""
    (here / "mine.yaml").write_text(text, encoding="utf-8")

    assert isinstance(load_model("mine.yaml", model), model)


@pytest.mark.parametrize("case", POLICIES)
def test_a_broken_policy_gets_one_clear_line(here, case):
    """Each way to break a policy file gives exactly its line: name, rule, value, place and remedy."""
    old, new, message = POLICIES[case]

    assert complaint(here, broken(POLICY, old, new), Policy) == message


@pytest.mark.parametrize("case", REGIONS)
def test_a_broken_region_gets_one_clear_line(here, case):
    """Each way to break a region file gives exactly its line: name, rule, value, place and remedy."""
    old, new, message = REGIONS[case]

    assert complaint(here, broken(REGION, old, new), Region) == message


def test_every_breach_is_listed_in_the_order_of_the_file(here):
    """Four mistakes in one file give four lines, first line first."""
    text = broken(broken(broken(POLICY, "hours_jp: 10", "hours_jp: -1"), "[app, paper]", "[app, pap]"), "0.3\n", "x\n")

    lines = complaint(here, text + "goals: some\n", Policy).splitlines()

    assert [line.split("`")[1] for line in lines] == [
        "appraisal.stakes",
        "channels[1]",
        "training[1].hours_jp",
        "goals",
    ]


def test_a_key_or_value_over_several_lines_is_told_in_one(here):
    """Line breaks inside a key or a value are printed as escapes."""
    text = broken(POLICY, "period: quarterly", '"pe\\nriod": 1\n  scheme: "p\\np"').replace(
        "  scheme: permenpan6\n", ""
    )

    assert [line[:70] for line in complaint(here, text, Policy).splitlines()] == [
        "`appraisal.pe\\nriod` must be a key that is known here; got 'pe\\nriod' ",
        "`appraisal.scheme` must be one of pp30, permenpan6; got 'p\\np' in mine",
    ]


def test_a_file_with_very_many_breaches_is_cut_short(here):
    """A list of a thousand wrong items gives a bounded number of lines and says how many are left out."""
    lines = complaint(here, broken(POLICY, "[app, paper]", str(["x"] * 1000)), Policy).splitlines()

    assert len(lines) == MAX_LINES + 1
    assert lines[-1] == "... and 960 more breaches of the same file."


def test_an_input_error_is_a_user_s_mistake():
    """Every complaint ends a command with exit code 2 and can be caught as a ValueError."""
    assert InputError.exit_code == 2
    assert {ValueError, KinerjaError} <= set(InputError.__mro__)
