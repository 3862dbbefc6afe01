"""Service, patience and availability from logs of the day kernel with known truth (400 repetitions: tests/prove)."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.field.availability import fit_availability
from kinerja_sim.field.patience import fit_patience
from kinerja_sim.field.queuelog import make_log, pools_of
from kinerja_sim.field.service import FEWEST_OFFICERS, fit_service
from tests.made_logs import Truth, made_log

TRUTH = Truth(n_days=10)


@pytest.fixture(scope="module")
def made():
    """Return a log and its officers' effects."""
    cases, effect = made_log(TRUTH, 5)
    return make_log(cases, ["counter"]), effect


def test_officers_effects_are_found_and_shrunk(made):
    """Each officer's effect is close to the truth, up to the common level; the spread's interval covers it."""
    log, effect = made
    service = fit_service(log)
    found = np.array([service.effects[f"o{i:02d}"][0] for i in range(TRUTH.n_officers)])

    assert np.corrcoef(found, effect)[0, 1] > 0.99
    assert service.log_sd.low < effect.std(ddof=1) < service.log_sd.high
    assert service.n_officers == TRUTH.n_officers
    assert found.std() < effect.std(ddof=1) * 1.1


def test_service_minutes_and_their_spread_are_found(made):
    """The CV within officers is that of the lognormal; the mean is that of the log."""
    log, _ = made
    service = fit_service(log)

    assert service.mean.value == pytest.approx(log.service[log.served].mean())
    assert service.cv_within.low < np.sqrt(np.expm1(TRUTH.service_log_sd**2)) < service.cv_within.high
    assert service.cv.value > service.cv_within.value


def test_no_spread_is_stated_of_few_officers():
    """Four officers: the mean is told, how they differ is not."""
    cases, _ = made_log(Truth(n_officers=FEWEST_OFFICERS - 1, per_day=150, n_days=5), 1)
    service = fit_service(make_log(cases, ["counter"]))

    assert np.isnan(service.log_sd.value)
    assert service.mean.value > 0


def test_patience_is_found_through_censoring(made):
    """Nine tenths were served before their patience ended; the Weibull is found all the same."""
    log, _ = made
    patience = fit_patience(log)

    assert log.abandoned.mean() < 0.35
    assert patience.median.low < TRUTH.patience_median < patience.median.high
    assert patience.shape.low < TRUTH.patience_shape < patience.shape.high


def hasty(cases):
    """Return the log in which every sixth of those who waited leaves at once instead."""
    wait = (cases["started"] - cases["arrived"]).dt.total_seconds()
    who = cases.index[wait > 1.0][::6]
    changed = {"outcome": "abandoned", "officer": "", "started": pd.NaT, "finished": cases.loc[who, "arrived"]}
    return cases.assign(**{name: cases[name].mask(cases.index.isin(who), value) for name, value in changed.items()})


def test_a_weibull_that_does_not_describe_patience_is_told(made):
    """Kaplan-Meier agrees with the Weibull of a log made by one; leaving at once takes the Weibull out of its band."""
    log, _ = made
    fine, odd = fit_patience(log), fit_patience(make_log(hasty(made_log(TRUTH, 5)[0]), ["counter"]))

    assert fine.seen_median.value == pytest.approx(TRUTH.patience_median, rel=0.15)
    assert odd.seen_median.low < odd.seen_median.value < odd.seen_median.high
    assert fine.at_once.value < 0.01
    assert fine.outside() == {}
    assert odd.at_once.low < odd.at_once.value < odd.at_once.high
    assert odd.at_once.value > 0.1
    assert odd.seen_median.value == odd.curve["minutes"][odd.curve["staying"] <= 0.5].iloc[0]
    assert odd.outside()
    assert min(odd.outside().values()) > 0


def test_draws_follow_the_curve_where_it_was_seen(made):
    """Patience drawn from Kaplan-Meier and its tail has the Weibull's quartile and no end."""
    patience = fit_patience(made[0])
    drawn = patience.draw((np.arange(20_000) + 0.5) / 20_000)
    scale = TRUTH.patience_median / np.log(2) ** (1 / TRUTH.patience_shape)

    assert np.quantile(drawn, 0.25) == pytest.approx(scale * (-np.log(0.75)) ** (1 / TRUTH.patience_shape), rel=0.1)
    assert np.isfinite(drawn).all()


def test_without_people_who_leave_patience_stays_with_its_prior():
    """Fewer than twenty abandonments are no fit."""
    cases, _ = made_log(Truth(per_day=60, n_days=5), 2)

    assert fit_patience(make_log(cases, ["counter"])) is None


def test_presence_is_not_availability():
    """Officers who spend 30 % of their time on what no log shows are nearly all seen, and about 30 % fewer serve."""
    cases, _ = made_log(Truth(per_day=420, n_days=10, side_work_share=0.3), 3)
    found = fit_availability(make_log(cases, ["counter"]))
    busy = found.line_minutes > 10.0

    assert found.heads[busy].mean() > 0.9 * TRUTH.n_officers
    assert found.share.value == pytest.approx(0.7, abs=0.08)
    assert found.effective[busy].mean() == pytest.approx(0.7 * TRUTH.n_officers, rel=0.1)


def test_everybody_there_is_everybody_available(made):
    """Without side work the officers seen and those who serve are the same while somebody waits."""
    found = fit_availability(made[0])

    assert found.share.value == pytest.approx(1.0, abs=0.02)


def test_units_that_share_officers_are_one_pool():
    """Two windows of the same people are one pool; a third with its own people is not."""
    first, second, third = (made_log(Truth(per_day=60, n_days=3), i)[0] for i in range(3))
    second["unit"], third["unit"] = "window-2", "window-3"
    third["officer"] = third["officer"].where(third["officer"] == "", "x" + third["officer"])
    pools = pools_of(pd.concat([first, second, third], ignore_index=True))
    assert sorted(map(sorted, pools)) == [["counter", "window-2"], ["window-3"]]


def test_a_kind_of_one_officer_is_not_told_nor_what_is_left_of_the_others(made):
    """A kind that one officer serves is kept back, and the smallest other with it: the difference would tell it."""
    log, _ = made
    kind = np.where(log.officer == "o00", "passport", np.where(np.arange(len(log.officer)) % 3, "card", "letter"))
    types = fit_service(replace(log, kind=kind)).types.set_index("kind")

    assert types.loc["passport", "n"] > 30
    assert types["is_told"].to_dict() == {"card": True, "letter": False, "passport": False}
    assert fit_service(log).types["is_told"].all()
