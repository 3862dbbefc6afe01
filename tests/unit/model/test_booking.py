"""Online queue: booked citizens move to even slots, nobody else moves, nobody is lost."""

from __future__ import annotations

import numpy as np

from kinerja_sim.know.calendar import load_calendar
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.model.booking import book_slots
from kinerja_sim.model.demand import draw_months
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.plan import make_plan
from kinerja_sim.model.records import STAYS_AWAY
from kinerja_sim.model.rng import keyed_uniforms
from kinerja_sim.model.simulate import simulate_block

POINT = draw_parameters(0, [0], "point")[0]
PLAN = make_plan(load_region("tebing-tinggi")).units[0]
MONTH = next(draw_months(PLAN, "tebing-tinggi", load_calendar().months(2026, 5, 1), POINT, seed=0, replication=0))


def test_at_dose_zero_nothing_moves() -> None:
    """Through its own code path, a policy at dose 0 leaves the month as it was, to the last bit."""
    days, demand = book_slots(MONTH.days, MONTH.demand, POINT, access=0.8, dose=0.0)

    assert all(np.array_equal(a, b) for a, b in zip(demand, MONTH.demand, strict=True))
    assert np.array_equal(days.first_case, MONTH.days.first_case)


def test_those_who_book_come_evenly_and_everybody_still_comes() -> None:
    """Every case keeps its work and patience; those who book are spread evenly, the others come as before."""
    params = {**POINT, "booking_adoption": 1.0, "booking_no_show": 0.0}
    days, demand = book_slots(MONTH.days, MONTH.demand, params, access=1.0, dose=1.0)
    before, after = np.argsort(MONTH.demand.key), np.argsort(demand.key)
    day = np.repeat(np.arange(days.start.size), np.diff(days.first_case))
    share = (demand.arrival - days.start[day]) / (30.0 * (days.profile.size - 1) * days.length_factor[day])

    assert np.array_equal(MONTH.demand.counter_work[before], demand.counter_work[after])
    assert np.array_equal(MONTH.demand.patience[before], demand.patience[after])
    assert (np.diff(demand.arrival) >= 0).all()
    assert np.abs(np.quantile(share, [0.25, 0.5, 0.75]) - [0.25, 0.5, 0.75]).max() < 2.5 / np.sqrt(share.size)
    assert share.min() >= 0
    assert share.max() <= 1


def test_who_stays_away_comes_on_the_next_day() -> None:
    """An empty slot moves its citizen to the next working day, on the last day of the month to the same day."""
    params = {**POINT, "booking_adoption": 1.0, "booking_no_show": 1.0, "booking_hold_minutes": 0.0}
    days, demand = book_slots(MONTH.days, MONTH.demand, params, access=1.0, dose=1.0)
    counts, moved = np.diff(MONTH.days.first_case), np.diff(days.first_case)

    assert moved[0] == 0
    assert np.array_equal(moved[1:-1], counts[:-2])
    assert moved[-1] == counts[-2] + counts[-1]
    assert demand.key.size == MONTH.demand.key.size


def test_an_empty_slot_costs_minutes_once() -> None:
    """Every slot that stays empty adds the minutes of waiting to the next visitor of that day, if there is one."""
    params = {**POINT, "booking_adoption": 1.0, "booking_no_show": 0.3, "booking_hold_minutes": 7.0}
    _, free = book_slots(MONTH.days, MONTH.demand, params | {"booking_hold_minutes": 0.0}, access=1.0, dose=1.0)
    _, held = book_slots(MONTH.days, MONTH.demand, params, access=1.0, dose=1.0)
    added = held.counter_work - free.counter_work
    counts = np.diff(MONTH.days.first_case)
    empty = (keyed_uniforms(MONTH.demand.key, STAYS_AWAY) < 0.3)[: counts[:-1].sum()].sum()  # not on the last day

    assert np.array_equal(held.arrival, free.arrival)
    assert np.allclose(added / 7.0, np.round(added / 7.0))
    assert added.min() >= 0
    assert 0.95 * empty <= added.sum() / 7.0 <= empty  # after the last visitor nobody is kept waiting


def test_an_online_queue_shortens_waits_at_a_busy_counter() -> None:
    """Spreading arrivals over the day shortens the counter's waits, on the same citizens."""
    region, policies = load_region("tangerang-selatan"), [load_policy("baseline"), load_policy("online_queue")]
    unit = {"outpatient": region.units["outpatient"]}
    block = simulate_block(
        region.model_copy(update={"units": unit}), policies,
        seed=0, replications=range(3), months=6, pre_months=0, parameters="point",
    )  # fmt: skip
    waits = block.results.groupby("scenario")[["wait_minutes_sum", "visits"]].sum()
    mean = waits["wait_minutes_sum"] / waits["visits"]

    assert mean["online_queue"] < 0.95 * mean["baseline"]
