"""Demand: its mean, its shape, its independence; supplies that run short."""

from __future__ import annotations

import numpy as np
import pytest

from kinerja_sim.know.calendar import load_calendar
from kinerja_sim.know.library import load_region
from kinerja_sim.model.demand import UnitMonth, draw_months, weibull_scale
from kinerja_sim.model.feedback import channel_shares, krejcie_morgan, make_channels
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.plan import UnitPlan, make_plan
from kinerja_sim.model.rng import base_key, keyed_normal, keyed_uniform, stream, uniform_of

POINT = draw_parameters(0, [0], "point")[0]
PLAN = make_plan(load_region("tebing-tinggi"))
KTP = next(u for u in PLAN.units if u.name == "ktp")


def months_of(n: int, seed: int = 0, plan: UnitPlan = KTP, replication: int = 0) -> list[UnitMonth]:
    """Return the first months of a unit's demand."""
    calendar = load_calendar().months(2026, 1, n)
    return list(draw_months(plan, "tebing-tinggi", calendar, POINT, seed=seed, replication=replication))


def test_demand_follows_the_region_file() -> None:
    """Cases a day, their half-hours and their work agree with the region file within four standard errors."""
    months = [m for r in range(12) for m in months_of(12, replication=r)]
    per_day = np.concatenate([np.diff(m.days.first_case) for m in months])
    work = np.concatenate([m.demand.counter_work for m in months])
    counter = KTP.unit.counter
    assert counter is not None
    yearly = per_day.reshape(12, -1).mean(axis=1)

    assert (
        abs(yearly.mean() - KTP.unit.arrivals.per_day.value)
        < 4 * yearly.std(ddof=1) / np.sqrt(12) + 0.01 * yearly.mean()
    )
    assert abs(work.mean() - counter.minutes.value) < 4 * work.std() / np.sqrt(work.size)
    assert work.std() / work.mean() == pytest.approx(POINT["service_cv"], rel=0.05)


def test_arrivals_come_in_order_within_the_doors_hours() -> None:
    """Every arrival lies in its own day, before the doors close, in order of time."""
    half_hours = len(KTP.unit.arrivals.half_hour.values)
    for month in months_of(6):
        arrival, days = month.demand.arrival, month.days
        day = np.repeat(np.arange(days.start.size), np.diff(days.first_case))

        assert (np.diff(arrival) >= 0).all()
        assert (arrival >= days.start[day]).all()
        assert (arrival <= days.start[day] + 30.0 * half_hours * days.length_factor[day] + 1e-9).all()


def test_half_hours_follow_the_profile() -> None:
    """The share of arrivals in each half-hour of a normal day is that of the profile."""
    minutes = []
    for month in months_of(24):
        day = np.repeat(np.arange(month.days.start.size), np.diff(month.days.first_case))
        normal = month.days.length_factor[day] == 1.0
        minutes.append((month.demand.arrival - month.days.start[day])[normal])
    shares = np.histogram(np.concatenate(minutes), 30.0 * np.arange(len(KTP.unit.arrivals.half_hour.values) + 1))[0]
    expected = np.asarray(KTP.unit.arrivals.half_hour.values)
    expected = expected / expected.sum()
    n = shares.sum()

    assert (np.abs(shares / n - expected) < 4 * np.sqrt(expected * (1 - expected) / n)).all()


def test_shortage_takes_the_share_of_days_that_the_file_says() -> None:
    """Over many years the days without supplies are `lasting / (every + lasting)` of all."""
    supply = KTP.unit.supply
    assert supply is not None
    assert supply.shortage is not None
    shares = [np.concatenate([m.shortage for m in months_of(36, replication=r)]).mean() for r in range(150)]
    every, lasting = supply.shortage.every_days.value, supply.shortage.lasting_days.value

    assert abs(np.mean(shares) - lasting / (every + lasting)) < 4 * np.std(shares) / np.sqrt(150)


def test_supplies_in_a_shortage_add_up_to_their_share_of_demand() -> None:
    """Whole cards a day add up to the share of mean demand that still arrives."""
    supply = KTP.unit.supply
    assert supply is not None
    assert supply.shortage is not None
    scarce = np.concatenate([m.scarce for m in months_of(24)])
    share = supply.shortage.supply_share.value * KTP.unit.arrivals.per_day.value

    assert scarce.sum() == pytest.approx(share * scarce.size, abs=1.0)


def test_half_of_all_visitors_are_less_patient_than_the_median() -> None:
    """Patience has the ledger's median, whatever its shape."""
    patience = np.concatenate([m.demand.patience for m in months_of(12)])
    share = (patience < POINT["patience_median_min"]).mean()

    assert abs(share - 0.5) < 4 * 0.5 / np.sqrt(patience.size)
    assert weibull_scale(10.0, 1.0) == pytest.approx(10.0 / np.log(2))


def test_streams_belong_to_their_key_and_to_nothing_else() -> None:
    """The same key gives the same numbers, another key others; seed 0 is a seed."""
    assert stream(0, "a", 1).random() == stream(0, "a", np.int64(1)).random()
    assert stream(0, "a", 1).random() != stream(1, "a", 1).random()
    assert stream(0, "a", 11).random() != stream(0, "a1", 1).random()
    assert uniform_of(0, 1, "x") != uniform_of(0, 2, "x")


def test_keyed_draws_are_uniform_and_independent() -> None:
    """Uniforms keyed by neighbouring cases, purposes and attempts show no pattern in mean, spread or correlation."""
    first = int(base_key(0, "cases"))
    keys = [np.uint64((first + i) % 2**64) for i in range(40_000)]
    columns = np.array([[keyed_uniform(k, p, a) for p, a in ((1, 0), (1, 1), (2, 0))] for k in keys])
    normal = np.array([keyed_normal(k, 5, 0) for k in keys])
    correlation = np.corrcoef(np.vstack([columns.T, np.roll(columns[:, 0], 1), normal]))

    assert np.abs(columns.mean(axis=0) - 0.5).max() < 4 * np.sqrt(1 / 12 / len(keys))
    assert np.abs(correlation - np.eye(5)).max() < 4.5 / np.sqrt(len(keys))
    assert abs(normal.mean()) < 4 / np.sqrt(len(keys))
    assert normal.std() == pytest.approx(1.0, abs=0.02)


def test_channels_answer_at_their_rate_and_hear_the_extremes() -> None:
    """Every voluntary channel's mean response is the ledger's rate; the app hears more of the contented."""
    channels = make_channels(POINT, 10_000)
    z = np.clip(np.random.Generator(np.random.PCG64(3)).standard_normal(400_000), -3, 3)
    for c, name in enumerate(("app", "kiosk", "sms", "phone")):
        answer = 1 / (1 + np.exp(-(channels.intercept[c] + channels.kappa[c] * z**2 + channels.tilt[c] * z)))

        assert answer.mean() == pytest.approx(POINT[f"rr_{name}"], rel=0.02)
        assert answer[np.abs(z) > 2].mean() > answer[np.abs(z) < 1].mean()
    assert channels.tilt[0] > 0


def test_channels_open_with_the_dose() -> None:
    """A channel is open to a share of the public between today's and the policy's; at dose 0 exactly today's."""
    policy, usual = np.array([[True, False, True]]), np.array([False, True, True])

    assert channel_shares(policy, usual, np.array([0.0])).tolist() == [[0.0, 1.0, 1.0]]
    assert channel_shares(policy, usual, np.array([0.25])).tolist() == [[0.25, 0.75, 1.0]]
    assert round(krejcie_morgan(500)) == 217
