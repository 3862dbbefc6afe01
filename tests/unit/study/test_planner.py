"""A plan says, from a pilot, what each difference needs, and refuses what it cannot plan."""

import pytest

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.study.planner import plan_precision
from tests.fake_model import ByPath
from tests.sweeping import make_study

TINY = ByPath("tiny")
METRIC = "turnaround_days_mean"


def test_every_unit_has_a_plan_and_pairing_saves():
    """One row per unit: noise that policies share costs nothing paired; a third of the width costs much more."""
    study = make_study(replications=1)
    wide, narrow = (plan_precision(study, METRIC, h, model=TINY, pilot=30) for h in (0.3, 0.1))

    assert wide["unit"].tolist() == sorted(study.bases.regions["arcamanik"].units)
    assert (wide["unpaired"] > 20 * wide["needed"]).all()
    assert (narrow["needed"] / wide["needed"]).between(4, 10).all()
    assert (narrow["minutes"] > 0).all()


def test_drawn_parameters_make_the_draw_the_unit():
    """Where parameters are drawn, minutes count every replication of every draw."""
    study = make_study(parameters="ledger", draws=2, replications=3)
    found = plan_precision(study, METRIC, 0.3, unit="sukamiskin", model=TINY)

    assert found["unit"].tolist() == ["sukamiskin"]
    assert (found["safe"] >= found["needed"]).all()


@pytest.mark.parametrize(
    ("changes", "asked", "message"),
    [
        ({"reference": None}, {}, "`reference` must be named"),
        ({}, {"metric": "turnaround_days_men"}, "Did you mean `turnaround_days_mean`"),
        ({}, {"half_width": 0.0}, "`half_width` must be greater than 0"),
        ({}, {"pilot": 4}, "`pilot` must be from 5 to"),
        ({}, {"pilot": 10**11}, "`pilot` must be from 5 to"),
        ({}, {"unit": "sukamisikn"}, "Did you mean `sukamiskin`"),
    ],
)
def test_what_cannot_be_planned_is_refused(changes, asked, message):
    """No reference, an unknown metric or unit, a width of nothing and a pilot of too few: one clear line each."""
    with pytest.raises(InputError, match=message):
        plan_precision(make_study(**changes), **({"metric": METRIC, "half_width": 0.1} | asked), model=TINY)


def test_a_pilot_that_fails_says_why():
    """A failing pilot is an error with its reason, not a plan from what was left."""
    with pytest.raises(RunError, match="the pilot failed: 1 of 40 runs; the first: ZeroDivisionError"):
        plan_precision(make_study(), METRIC, 0.1, model=ByPath("tiny_failing"))
