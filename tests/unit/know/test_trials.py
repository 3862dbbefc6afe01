"""Published trials: all load, and no class can pass for another."""

from collections import Counter

import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.trials import Trials, load_trials
from kinerja_sim.know.yamlfile import validate_mapping

TRIALS = load_trials()


def changed(name: str, **changes: object) -> Trials:
    """Return the trials as a user's file would give them, with changes to one."""
    data = TRIALS.model_dump(mode="python")
    data["trials"] = [{**row, **changes} if row["id"] == name else row for row in data["trials"]]
    return validate_mapping(Trials, data, "in a test")


def test_every_class_is_there():
    """The file holds predictions, reproductions of an input and what cannot be compared."""
    kinds = Counter(trial.kind for trial in TRIALS.trials)

    assert len(TRIALS.trials) == kinds.total()
    assert kinds["prediction"] >= 15
    assert kinds["reproduction"] >= 5
    assert kinds["not_comparable"] >= 5


@pytest.mark.parametrize("trial", TRIALS.trials, ids=lambda trial: trial.id)
def test_a_trial_says_what_was_done_what_came_out_and_why_it_counts_or_not(trial):
    """Each trial has both languages, rows of the ledger, and either a run or a reason against one."""
    assert (trial.prediction is None) == (trial.why is not None)
    assert set(trial.rows) <= set(load_ledger().rows)
    for text in (trial.setting, trial.done, trial.outcome, trial.printed.text):
        assert text.id != text.en or len(text.en) < 15
    if trial.prediction is not None:
        assert set(trial.prediction.removed) == set(trial.rows)
        assert trial.printed.estimate is not None


def test_outcome_rows_of_the_ledger_have_their_trial():
    """Rows that only check the model, never feed it, are each the printed effect of some trial."""
    checks = {"scorecard_ontime_rel", "phone_monitor_rel", "target_wait_minutes", "mgmt_monitoring_per_sd",
              "objective_linked_pay_sd", "subjective_linked_pay_increment_sd", "pfp_small_team"}  # fmt: skip

    assert checks <= {row for trial in TRIALS.trials for row in trial.rows}


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("de-ree-2018", {"prediction": TRIALS["asmus-2015"].prediction}, "go with the kind 'prediction'"),
        ("de-ree-2018", {"kind": "prediction"}, "go with the kind 'prediction'"),
        ("de-ree-2018", {"rows": ()}, "name the row that is the input"),
        (
            "de-ree-2018",
            {"verdict_seen": "hit", "explanation": {"id": "a", "en": "b"}},
            "be given for predictions only",
        ),
        ("de-ree-2018", {"why": None}, "be given where a trial is no prediction"),
        ("asmus-2015", {"rows": ("award_output",)}, "hold exactly the rows that the trial feeds"),
        ("asmus-2015", {"printed": {"text": {"id": "a", "en": "b"}}}, "be given for a prediction"),
        ("asmus-2015", {"verdict_seen": None}, "come with an explanation"),
        ("de-ree-2018", {"rows": ("uncond_pay",)}, "Did you mean `uncond_pay_sd`"),
        ("de-ree-2018", {"id": "asmus-2015"}, "occur once"),
    ],
)
def test_a_trial_of_the_wrong_class_is_refused(name, changes, message):
    """A reproduction cannot be run, a prediction needs a size and its rows removed, and a slip is named."""
    with pytest.raises(InputError, match=message):
        changed(name, **changes)


def test_an_unknown_trial_is_named():
    """A trial that does not exist is refused with the nearest name."""
    with pytest.raises(InputError, match=r"`trial` must be one .* 'mattson-2025'\. Did you mean `mattsson-2025`"):
        TRIALS["mattson-2025"]
