"""What a policy costs: by hand for a small office, at dose 0, after its stop, and in rupiah of one year."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.know.policies import CHANNELS, Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.schema import COST_ITEMS, PRICE_YEAR
from kinerja_sim.model.consequences import award_places
from kinerja_sim.model.costs import Prices, make_prices, month_costs
from kinerja_sim.model.officers import State
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.plan import make_levers, make_plan
from kinerja_sim.model.simulate import simulate_block

POINT = draw_parameters(0, [0], "point")[0]
ROUND = Prices(
    jp=50.0, jp_managerial=100.0, hour=60.0, coaching_hours=2.0, award=7.0, allowance=1000.0, new_money=0.5, wave=30.0,
    one_way=10.0, officer=9000.0, online_queue=400.0,
    running=np.array([1200.0, 0.0, 300.0, 0.0, 600.0, 0.0, 0.0]) / 12,
    contact=np.array([0.0, 0.0, 2.0, 0.0, 5.0, 0.0, 0.0]),
    contacts_per_case=np.array([[0.0, 0.0, 0.8, 0.0, 0.1, 0.0, 0.0]]),
)  # fmt: skip
"""Prices for mental arithmetic."""


def office() -> Region:
    """Return a region of one office: two officers at the counter and two behind it."""
    region = load_region("arcamanik")
    return region.model_copy(update={"units": {"cisaranten-endah": region.units["cisaranten-endah"]}})


def costly(**changes: object) -> Policy:
    """Return a policy that pays for every item there is."""
    policy = load_policy("baseline").replace(
        name="costly",
        appraisal__period="quarterly",
        appraisal__stakes=0.5,
        channels=("sms", "paper"),
        feedback={"to_officers": True},
        training=[
            {"kind": "technical", "hours_jp": 10.0, "first_month": 0, "every_months": 6},
            {"kind": "managerial", "hours_jp": 4.0, "first_month": 0, "every_months": 6},
        ],
        socialisation={"kind": "one_way", "waves": 2, "first_month": 0, "every_months": 6},
        recognition={"share": 0.1},
        coaching={"trigger": "everyone"},
        allowance={"prior": "sceptical", "share": 0.4},
        capacity={"extra_officers": 1},
    )
    return policy.replace(**changes) if changes else policy


def one_month(policy: Policy, *, period: int = 0, waves: float = 0.0, coached: int = 0) -> dict[str, float]:
    """Return a month's costs of the office under `policy` at round prices: 200 cases, 90 minutes, one award."""
    plan, levers = make_plan(office()), make_levers([policy])
    state = State((1, plan.n_officers), np.zeros((3, 1, plan.n_officers)), np.ones((1, plan.n_officers)))
    state.waves[:] = waves
    slots, _ = plan.units[0].at_work(int(levers.extra_officers[0]))
    state.coaching_left[0, slots[:coached]] = 3.0
    counted = np.zeros((1, plan.n_officers), bool)
    counted[0, slots] = True
    dose = levers.doses(period)
    costs = month_costs(
        plan, levers, ROUND, state, period=period, dose=dose, counted=counted,
        minutes=np.full((1, plan.n_officers), 90.0), shares=levers.channels * dose[:, None],
        finished=np.array([[200.0]]), awards=np.array([[1.0]]),
    )  # fmt: skip
    return {name: float(value.item()) for name, value in costs.items()}


def test_a_month_of_a_small_office_costs_what_the_hand_computes() -> None:
    """Five officers (one added), two of them coached: every item is the sum written out here."""
    assert one_month(costly(), coached=2) == pytest.approx(
        {
            "cost_training_idr": 5 * (10 * 50 + 4 * 100),
            "cost_staff_time_idr": (5 * 1.5 + 2 * 2) * 60,
            "cost_reward_idr": 7 + 4 * 0.4 * 1000 * 0.5,  # the officer added came without an allowance to tie
            "cost_channel_idr": 300 / 12 + 600 / 12 + 200 * (0.8 * 2 + 0.1 * 5),
            "cost_socialisation_idr": 5 * 10,
            "cost_capacity_idr": 9000,
            "cost_idr": 4500 + 690 + 807 + 495 + 50 + 9000,
        }
    )


@pytest.mark.parametrize(
    ("item", "changes", "options", "expected"),
    [
        ("cost_training_idr", {}, {"period": 1}, 0),
        ("cost_training_idr", {}, {"period": 6}, 4500),
        ("cost_training_idr", {"phase_in_months": 3}, {}, 4500),  # a course reaches all it is meant for
        ("cost_training_idr", {"dose": 0.5}, {}, 2250),
        ("cost_training_idr", {"start_month": 2}, {"period": 2}, 4500),
        ("cost_socialisation_idr", {}, {"period": 6, "waves": 1.0}, 50),
        ("cost_socialisation_idr", {}, {"period": 12, "waves": 2.0}, 0),  # both waves are over
        ("cost_socialisation_idr", {"socialisation__kind": "participatory"}, {}, 150),
        ("cost_reward_idr", {"allowance__prior": "unconditional"}, {}, 7 + 4 * 0.4 * 1000),
        ("cost_reward_idr", {"allowance": None}, {}, 7),
        ("cost_capacity_idr", {"dose": 0.5}, {}, 4500),
        ("cost_capacity_idr", {"capacity__extra_officers": 0}, {}, 0),
        ("cost_capacity_idr", {"capacity__online_queue": True, "dose": 0.5}, {}, 4700),
        ("cost_channel_idr", {"dose": 0.5}, {}, 495 / 2),
        ("cost_idr", {"stop_month": 6}, {"period": 6}, 5 * 1.5 * 60 + 7),  # what the caller passes: minutes, an award
    ],
)
def test_each_item_follows_its_lever(item: str, changes: dict, options: dict, expected: float) -> None:
    """Repetition, phase-in, dose, start, stop, kind of wave and kind of allowance move the item they should."""
    assert one_month(costly(**changes), **options)[item] == pytest.approx(expected)


def run(*policies: Policy, months: int = 7) -> pd.DataFrame:
    """Return the results of one replication of the small office at the ledger's points."""
    options = {"seed": 2, "replications": [0], "months": months, "pre_months": 2, "parameters": "point"}
    return simulate_block(office(), [load_policy("baseline"), *policies], **options).results


def of(results: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """Return one scenario's rows by month."""
    return results[results["scenario"] == scenario].set_index("period").sort_index()


def test_a_run_puts_each_item_where_and_when_it_arises() -> None:
    """Over a run the items follow from the office's own hours, cases and calendar of measures, at ledger prices."""
    results = run(costly())
    table, base = of(results, "costly"), of(results, "baseline")
    jp = 40_000 * 1.28
    months = table.index >= 0
    course = np.isin(table.index, [0, 6])
    review = np.isin(table.index, [2, 5])
    sample = 364.7 / 7_200  # Krejcie and Morgan's size for 30 cases on each of 240 days

    for name, expected in {
        "cost_training_idr": course * 5 * (10 + 4 * 2.24) * jp,
        "cost_reward_idr": review * 250_000 + months * 4 * 0.4 * 2_500_000 * 0.5,
        "cost_socialisation_idr": course * 5 * 250_000 * 0.3,
        "cost_capacity_idr": months * 8_000_000.0,
        "cost_channel_idr": (2e6 / 12 + 11_000 * sample * table["throughput_cases"])
        + months * (3e6 / 12 + 250 * 0.822 * table["throughput_cases"]),
        # Everybody is coached from the first review on, for six months that count from its month.
        "cost_staff_time_idr": 56_000
        * (table["appraisal_hours_sum"] + table["training_hours_sum"] + 2 * 5 * (table.index >= 2)),
    }.items():
        assert table[name].to_numpy() == pytest.approx(np.asarray(expected), rel=1e-3), name
    assert table.index[table["appraisal_hours_sum"] > 0].tolist() == [-1, 2, 5]
    assert base["cost_channel_idr"].to_numpy() == pytest.approx(
        2e6 / 12 + 11_000 * sample * base["throughput_cases"].to_numpy(), rel=1e-3
    )


def test_the_total_is_the_sum_of_the_items_and_hours_are_minutes() -> None:
    """`cost_idr` is its items and nothing else, and `waiting_hours` are the minutes waited."""
    results = run(costly())

    assert results["cost_idr"].to_numpy() == pytest.approx(results[list(COST_ITEMS)].sum(axis=1).to_numpy())
    assert results["waiting_hours"].to_numpy() == pytest.approx(results["wait_minutes_sum"].to_numpy() / 60)
    assert results["waiting_hours"].sum() > 0


def test_at_dose_zero_every_item_is_the_baselines_to_the_last_digit() -> None:
    """The dearest policy at dose 0 costs exactly what today's practice costs, and at full dose more in every item."""
    results = run(costly(), costly(name="zero", dose=0.0), costly(name="late", start_month=7))
    items = [*COST_ITEMS, "cost_idr"]

    for name in ("zero", "late"):
        assert np.array_equal(of(results, name)[items].to_numpy(), of(results, "baseline")[items].to_numpy())
    assert (of(results, "costly")[items].sum() > of(results, "baseline")[items].sum()).all()
    assert of(results, "baseline")["cost_idr"].min() > 0


def test_a_policy_that_has_stopped_costs_nothing_more() -> None:
    """From the stop on, only today's items are left: no course, award, allowance, wave or officer."""
    table = of(run(costly(stop_month=4), months=9), "costly").loc[4:]
    gone = ["cost_training_idr", "cost_reward_idr", "cost_socialisation_idr", "cost_capacity_idr"]

    assert (table[gone].to_numpy() == 0).all()
    assert (table["cost_channel_idr"] > 0).all()


def test_an_online_queue_costs_only_where_people_queue() -> None:
    """A unit without a counter has no slots to book: its capacity costs nothing and nobody waits there."""
    region = load_region("tangerang-selatan")
    region = region.model_copy(update={"units": {name: region.units[name] for name in ("ktp", "complaints")}})
    options = {"seed": 1, "replications": [0], "months": 1, "pre_months": 0, "parameters": "point"}
    results = simulate_block(region, [load_policy("online_queue")], **options).results.set_index("unit")

    assert results["cost_capacity_idr"].to_dict() == pytest.approx({"ktp": 20e6 / 12, "complaints": 0.0})
    assert results.loc["complaints", "waiting_hours"] == 0 < results.loc["ktp", "waiting_hours"]


@pytest.mark.parametrize(("share", "present", "places"), [(0.1, 4, 1), (0.5, 5, 2), (0.0, 9, 0), (0.3, 0, 0)])
def test_awards_are_few_but_at_least_one(share: float, present: int, places: int) -> None:
    """A tenth of four is still one award; nobody present and no recognition give none."""
    assert award_places(np.array([share]), np.array([present])).item() == places


def test_every_price_is_of_the_price_year_and_the_tariff_of_2017_is_inflated() -> None:
    """Each row in rupiah names its year; the one that is not of the price year enters with its index."""
    rows = load_ledger().rows
    years = {name: re.findall(r"IDR (\d{4})", row.unit) for name, row in rows.items() if "IDR" in row.unit}
    prices = make_prices(make_plan(office()), POINT, 240.0)

    assert {name for name, year in years.items() if year != [str(PRICE_YEAR)]} == {"train_cost_jp_idr"}
    assert years["train_cost_jp_idr"] == ["2017"]
    assert f"price_index_2017_{PRICE_YEAR}" in rows
    assert prices.jp == pytest.approx(40_000 * 1.28)
    assert prices.jp_managerial == pytest.approx(40_000 * 1.28 * 2.24)


def test_every_channel_is_paid_for() -> None:
    """Each channel has a running cost, and those that pay for each contact have that price too."""
    prices = make_prices(make_plan(office()), POINT, 240.0)
    per_contact = {c for c, price in zip(CHANNELS, prices.contact, strict=True) if price > 0}

    assert (prices.running > 0).all()
    assert per_contact == {"sms", "phone", "paper", "civil_society", "complaint"}
    assert {c for c, n in zip(CHANNELS, prices.contacts_per_case[0], strict=True) if n > 0} == per_contact


def test_the_hour_of_staff_agrees_with_the_month_of_an_officer() -> None:
    """The ledger's two prices of work tell one story: a month over the hours at work is about an hour's price."""
    assert POINT["officer_month_idr"] / (228 * 7.5 / 12) == pytest.approx(POINT["staff_hour_idr"], rel=0.1)
