"""Published trials are predicted without their own rows, and judged by a rule that can fail."""

from dataclasses import replace as changed

import numpy as np
import pytest

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.evidence import Ledger, load_ledger, parse_distribution
from kinerja_sim.know.trials import Trials, load_trials
from kinerja_sim.model import parameters
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.rng import stream
from kinerja_sim.study import trials as study
from kinerja_sim.study.trial_runs import prepare, simulate_effects
from kinerja_sim.study.trials import Interval, TrialResults, judge, judge_width, predict, run_trials, summarise

TRIALS = load_trials()
PREDICTED = [trial for trial in TRIALS.trials if trial.prediction is not None]
VECTORS = draw_parameters(5, range(3), "ledger")


def effects(trial, vectors, removed=None):
    """Return the simulated effects of a trial, its own rows removed unless told otherwise."""
    p = trial.prediction
    given = prepare(vectors, p.removed if removed is None else removed, {}, 5)
    p = p.model_copy(update={"months": min(p.months, 2)})
    return simulate_effects(p, p.office, TRIALS.offices[p.office], p.policies(), given, 5)


def moved(rows):
    """Return the vectors with some rows moved far away."""
    return [{**vector, **{row: 7.0 * vector[row] + 3.0 for row in rows}} for vector in VECTORS]


@pytest.mark.parametrize("trial", [t for t in PREDICTED if t.rows], ids=lambda trial: trial.id)
def test_a_removed_row_has_no_say_in_its_trial(trial):
    """Whatever the value of the rows that a trial feeds, its prediction stays the same to the last bit."""
    here = effects(trial, VECTORS)

    assert np.isfinite(here).all()
    assert (effects(trial, moved(trial.rows)) == here).all()


@pytest.mark.parametrize("name", ["kosfeld-neckermann-2011", "azulai-2020-team"])
def test_a_row_that_is_not_removed_would_have_a_say(name):
    """The check above can fail: left in, the row that a trial feeds moves its prediction."""
    trial = TRIALS[name]

    assert (effects(trial, moved(trial.rows), {}) != effects(trial, VECTORS, {})).all()


def test_the_prior_of_a_removed_row_changes_nothing(monkeypatch):
    """With another prior in the ledger, a trial's interval stays the same, and that of a trial it may inform moves."""
    before = [predict(TRIALS[n], TRIALS, draw_parameters(2, range(40), "ledger"), 2) for n in AWARDS]
    row = changed(load_ledger()["award_output"], distribution=parse_distribution("Normal(0.9,0.01)"))
    ledger = Ledger({**load_ledger().rows, "award_output": row})
    monkeypatch.setattr(parameters, "load_ledger", lambda: ledger)
    after = [predict(TRIALS[n], TRIALS, draw_parameters(2, range(40), "ledger"), 2) for n in AWARDS]

    assert after[0] == before[0]
    assert after[1].interval.mean > 2 * before[1].interval.mean


AWARDS = ("kosfeld-neckermann-2011", "ashraf-bandiera-jack-2014")
"""The trial that the award's row comes from, and another one of awards."""


def test_a_row_that_is_taken_out_cannot_be_read():
    """A row that nothing may read is absent from the vector, so that reading it would be an error."""
    given = prepare(VECTORS, {"scorecard_ontime_rel": None, "award_output": 0.0}, {"effect_discount": 1.0}, 5)

    assert all("scorecard_ontime_rel" not in vector for vector in given)
    assert {(vector["award_output"], vector["effect_discount"]) for vector in given} == {(0.0, 1.0)}


def test_a_trial_tests_one_programme():
    """Feedback's luck is drawn once a trial: its spread between offices is gone, and its mean differs by draw."""
    given = prepare(VECTORS, {}, {}, 5)

    assert {vector["fb_d_between_sd"] for vector in given} == {0.0}
    assert len({vector["fb_d_mean"] - old["fb_d_mean"] for vector, old in zip(given, VECTORS, strict=True)}) == 3


def test_the_interval_covers_what_it_is_made_from():
    """Estimates drawn as the simulated effects are hit 95 times in 100, and shifted by three SD hardly ever."""
    rng, n = stream(8, "coverage"), 400
    hits, shifted = 0, 0
    for _ in range(n):
        interval, printed = summarise(rng.normal(0.1, 0.05, 300)), rng.normal(0.1, 0.05)
        hits += judge(printed, interval)[0] == "hit"
        shifted += judge(printed + 0.15, interval)[0] == "hit"

    assert abs(hits / n - 0.95) < 4 * np.sqrt(0.95 * 0.05 / n)
    assert shifted / n < 0.25


def test_undefined_effects_are_left_out_and_not_counted():
    """An office that cannot be compared in some draw does not spoil the others."""
    interval = summarise(np.array([0.0, np.nan, 1.0, np.inf]))

    assert (interval.mean, interval.n_draws) == (0.5, 2)


def test_a_trial_without_any_defined_effect_is_named_and_counted(monkeypatch):
    """Where no draw has an effect the run fails in one line, in the trial's name, with the number of draws."""
    monkeypatch.setattr(study, "simulate_effects", lambda *_: np.full(3, np.nan))

    with pytest.raises(RunError, match=f"^{PREDICTED[0].id}: none of its 3 simulated effects is defined"):
        predict(PREDICTED[0], TRIALS, VECTORS, 5)


def interval(low, high, error=0.001):
    """Return an interval with these bounds and Monte Carlo errors."""
    return Interval((low + high) / 2, low, high, low, high, error, error, 100)


@pytest.mark.parametrize(
    ("printed", "low", "high", "expected"),
    [
        (0.1, 0.05, 0.2, ("hit", "narrow", False)),
        (0.1, 0.0501, 0.0989, ("miss", "narrow", True)),  # the bound is about one Monte Carlo error away
        (0.1, 0.02, 0.3, ("hit", "wide", False)),  # longer than from nothing to twice the effect
        (0.1, -0.02, 0.15, ("hit", "wide", False)),  # holds the effect and none
        (1.0, -0.02, 0.02, ("miss", "narrow", False)),  # surely wrong
        (0.0, -0.03, 0.03, ("hit", "wide", False)),  # nil is printed, and what matters is 0.01
        (0.0, -0.008, 0.008, ("hit", "narrow", False)),
    ],
)
def test_verdict_and_width_follow_the_interval(printed, low, high, expected):
    """Hit, miss, wide and at the edge are what the page says they are."""
    simulated = interval(low, high)
    verdict, is_edge = judge(printed, simulated)

    assert (verdict, judge_width(printed, simulated, 0.01), is_edge) == expected


@pytest.mark.parametrize("trial", [t for t in TRIALS.trials if t.prediction is None], ids=lambda trial: trial.id)
def test_what_is_no_prediction_has_no_verdict(trial):
    """A reproduction of an input, or what cannot be compared, is never a hit."""
    outcome = predict(trial, TRIALS, [], 0)

    assert (outcome.verdict, outcome.width, outcome.interval.n_draws) == ("", "", 0)
    results = TrialResults((outcome,), 40, 0)
    assert results.summary["all"]["predictions"] == results.summary["all"]["hits"] == 0
    assert sum(results.summary["not_counted"].values()) == 1


QUICK = Trials(offices=TRIALS.offices, trials=tuple(t for t in TRIALS.trials if t.prediction is None or
                                                    t.prediction.path != "office"))  # fmt: skip


def test_misses_are_explained_and_explanations_are_about_the_verdict():
    """Every miss without a queue has its explanation, written about that verdict (those at the edge aside)."""
    found = run_trials(draws=120, seed=0, trials=QUICK)
    for outcome in found.outcomes:
        trial = TRIALS[outcome.id]
        assert outcome.verdict != "miss" or trial.explanation is not None
        assert outcome.is_edge or not outcome.verdict or trial.verdict_seen in (None, outcome.verdict), outcome.id
    assert found.summary["all"]["hits"] + found.summary["all"]["misses"] == found.summary["all"]["predictions"]
    assert len(found.table) == len(QUICK.trials)


def test_the_number_of_workers_changes_nothing():
    """One process or two: the same numbers to the last bit, in the order of the file."""
    few = Trials(offices=TRIALS.offices, trials=(TRIALS["de-ree-2018"], TRIALS["asmus-2015"]))
    one, two = (run_trials(draws=40, seed=3, workers=workers, trials=few) for workers in (1, 2))

    assert one.table.equals(two.table)
    assert one.alternatives.equals(two.alternatives)


def test_too_few_draws_are_refused():
    """Fewer draws than a quantile needs are refused."""
    with pytest.raises(InputError, match=f"`draws` must be .*{study.FEWEST_DRAWS}"):
        run_trials(draws=5)
