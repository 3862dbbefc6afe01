"""Net benefit and acceptability from tables whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.schema import COST_ITEMS, PRICE_YEAR
from kinerja_sim.study.compare import compare
from kinerja_sim.study.economics import VALUES, acceptability, item_costs, net_benefits, pair_up, stated_value
from kinerja_sim.study.statistics import share_interval
from tests.fake_model import failing_block, simulate_block

GRID = [0.0, 500.0, 999.0, 1001.0, 1999.0, 2001.0, 5000.0]


def table(
    saved_hours, extra_cost, *, draws=None, region="here", scenario="policy", lost=0.0, points=0.0, units=("a", "b")
):
    """Return results of a baseline and one policy that saves so many hours a replication at so much extra cost.

    Each replication has two months in each unit (and one before the start that differs wildly), over which the
    differences spread evenly; the cost is half training, half staff time.
    """
    n = len(saved_hours)
    rows = []
    for name, factor in (("baseline", 0.0), (scenario, 1.0)):
        for r in range(n):
            for unit in units:
                for period in (-1, 0, 1):
                    part = factor / (2 * len(units))
                    cost = 40.0 + part * extra_cost[r] if period >= 0 else 1e9 * factor
                    wait = 60.0 * (100.0 - part * saved_hours[r]) if period >= 0 else 1e9 * factor
                    rows.append(
                        {
                            "scenario": name, "region": region, "unit": unit, "draw": r if draws is None else draws[r],
                            "replication": r, "period": period, "wait_minutes_sum": wait,
                            "lost_demand_cases": 1.0 + part * lost, "satisfaction_cases": 10.0,
                            "satisfaction_sum": 10.0 * (80.0 + factor * points), **dict.fromkeys(COST_ITEMS, 0.0),
                            "cost_training_idr": cost / 2, "cost_staff_time_idr": cost / 2, "cost_idr": cost,
                        }
                    )  # fmt: skip
    return pd.DataFrame(rows)


def test_net_benefit_is_value_times_hours_minus_cost():
    """Ten hours saved at 1,000 an hour against 4,000 is 6,000, and so replication by replication."""
    row = net_benefits(table([10.0, 12.0, 2.0], [4000.0, 2000.0, 9000.0], lost=3.0, points=-1.5), 1000.0).iloc[0]

    assert (row["scenario"], row["reference"], row["region"]) == ("policy", "baseline", "here")
    assert (row["price_year"], row["value_idr"]) == (PRICE_YEAR, 1000.0)
    assert row["extra_cost_idr_mean"] == pytest.approx(5000)
    assert row["hours_saved_mean"] == pytest.approx(8)
    assert row["net_benefit_idr_mean"] == pytest.approx((6000 + 10_000 - 7000) / 3)
    assert row["probability_positive"] == pytest.approx(2 / 3)
    assert row["lost_cases_mean"] == pytest.approx(3)
    assert row["satisfaction_points_mean"] == pytest.approx(-1.5)
    half = 4.302653 * np.std([6000, 10_000, -7000], ddof=1) / np.sqrt(3)  # t with 2 degrees of freedom
    assert (row["ci_high"] - row["ci_low"]) / 2 == pytest.approx(half)
    assert (row["low"], row["high"]) == pytest.approx((-7000, 10_000))
    assert (row["n_draws"], row["n_replications"], row["n_undefined"], row["n_failed"]) == (3, 3, 0, 0)


def test_the_curve_crosses_where_cost_per_hour_is_reached():
    """Two pairs that break even at 1,000 and 2,000 an hour: the chance is 0, then a half, then 1."""
    curve = acceptability(table([1.0, 1.0], [1000.0, 2000.0]), GRID)

    assert curve["probability_positive"].tolist() == [0, 0, 0, 0.5, 0.5, 1, 1]
    expected = share_interval(curve["probability_positive"].to_numpy(), 2)
    assert curve["probability_low"].to_numpy() == pytest.approx(expected.low)
    assert curve["probability_high"].to_numpy() == pytest.approx(expected.high)


@pytest.mark.parametrize("sign", [1, -1], ids=["waiting falls", "waiting rises"])
def test_acceptability_is_monotone_when_waiting_moves_one_way(sign):
    """Where a policy saves waiting in every pair, a dearer hour never makes it worth less; where it adds, more."""
    rng = np.random.default_rng(5)  # a table made for the test
    n = 60
    hours, cost = sign * rng.gamma(2.0, 50.0, n), sign * rng.normal(1e6, 1e6, n)
    chance = acceptability(table(hours.tolist(), cost.tolist()))["probability_positive"].to_numpy()
    steps = sign * np.diff(chance)

    assert len(chance) == len(VALUES)
    assert (steps >= 0).all()
    assert chance.max() - chance.min() > 0.5


def test_with_mixed_waiting_the_curve_may_turn():
    """Monotony is no law of the curve: a pair that loses hours drops out as the hour gets dearer."""
    curve = acceptability(table([10.0, -10.0], [5000.0, -5000.0]), [0.0, 400.0, 600.0])

    assert curve["probability_positive"].tolist() == [0.5, 0.5, 0.5]
    assert acceptability(table([10.0, -10.0], [500.0, -5000.0]), [0.0, 400.0, 600.0])[
        "probability_positive"
    ].tolist() == [0.5, 1.0, 0.5]


def test_a_policy_that_changes_nothing_is_never_worth_more_than_nothing():
    """Exactly nil on both sides: net benefit 0 with no minus sign, and no chance of being above it."""
    row = net_benefits(table([0.0, 0.0], [0.0, 0.0]), 5000.0).iloc[0]

    assert str(row["net_benefit_idr_mean"]) == str(row["hours_saved_mean"]) == "0.0"
    assert row["probability_positive"] == 0


def test_replications_of_one_draw_count_once():
    """Bounds are over draws: four replications of two draws have the bounds of two."""
    hours, cost = [1.0, 1.0, 1.0, 1.0], [500.0, 500.0, 2000.0, 2000.0]
    row = acceptability(table(hours, cost, draws=[0, 0, 1, 1]), [1000.0]).iloc[0]

    assert (row["n_draws"], row["n_replications"]) == (2, 4)
    assert row["probability_positive"] == 0.5
    assert row["probability_low"] == pytest.approx(share_interval(np.array(0.5), 2).low)


def test_regions_are_taken_one_by_one_and_units_together():
    """Two regions give two rows; two units of one region give one."""
    results = pd.concat([table([8.0, 8.0], [0.0, 0.0]), table([2.0, 2.0], [0.0, 0.0], region="there", units=("c",))])
    rows = net_benefits(results, 1.0).set_index("region")

    assert rows["hours_saved_mean"].to_dict() == pytest.approx({"here": 8.0, "there": 2.0})


def test_the_order_of_rows_changes_no_digit():
    """A shuffled table gives the same numbers to the last bit."""
    results = table([10.1, 12.7, 2.3], [4000.3, 2000.7, 9000.9], units=tuple("abcdefghij"))
    spread = 10.0 ** np.random.default_rng(6).uniform(0, 12, len(results))  # a table made for the test
    results["wait_minutes_sum"] *= spread
    expected = net_benefits(results, 7.7)

    for i in range(5):
        shuffled = results.sample(frac=1.0, random_state=i)
        pd.testing.assert_frame_equal(expected, net_benefits(shuffled, 7.7), check_exact=True)


def test_what_was_not_observed_is_counted_and_left_out():
    """A replication with a missing wait says nothing: it is counted, and the others stand."""
    results = table([10.0, 12.0, 2.0], [0.0, 0.0, 0.0])
    gap = (results["replication"] == 2) & (results["period"] == 1) & (results["scenario"] == "policy")
    results.loc[gap & (results["unit"] == "a"), "wait_minutes_sum"] = np.nan
    row = net_benefits(results, 1.0).iloc[0]

    assert (row["n_replications"], row["n_undefined"]) == (3, 1)
    assert row["net_benefit_idr_mean"] == pytest.approx(11)


def test_another_scenario_can_be_the_reference():
    """Turned round, hours, cost and benefit change their sign."""
    results = table([10.0, 12.0], [4000.0, 2000.0])
    there, back = net_benefits(results, 1000.0).iloc[0], net_benefits(results, 1000.0, "policy").iloc[0]

    assert back["scenario"] == "baseline"
    for name in ("extra_cost_idr_mean", "hours_saved_mean", "net_benefit_idr_mean"):
        assert back[name] == pytest.approx(-there[name])


def test_items_add_up_to_the_total():
    """The mean extra costs of the items are those of the whole."""
    rows = item_costs(table([1.0, 1.0], [4000.0, 2000.0])).set_index("item")

    assert rows["delta_mean"].to_dict() == pytest.approx(
        dict.fromkeys(COST_ITEMS, 0.0)
        | {"cost_training_idr": 1500, "cost_staff_time_idr": 1500, "cost_idr": 3000}
    )  # fmt: skip
    assert rows.loc["cost_idr", "reference_mean"] == pytest.approx(160)
    assert rows.loc["cost_idr", ["low", "high"]].tolist() == pytest.approx([2000, 4000])


def test_the_value_left_out_is_the_ledgers_and_is_never_drawn():
    """Without a stated value the ledger's point is taken, for every replication alike."""
    results = table([10.0, 12.0], [0.0, 0.0])

    assert stated_value() == load_ledger()["value_of_waiting_hour_idr"].point
    assert net_benefits(results).iloc[0]["net_benefit_idr_mean"] == pytest.approx(11 * stated_value())


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "many", None, True, [1, 2]])
def test_a_value_that_is_no_amount_is_refused(value):
    """A negative, missing or infinite value of an hour is a user's mistake."""
    with pytest.raises(InputError, match="`values_idr` must be an amount of rupiah of at least 0"):
        acceptability(table([1.0], [1.0]), [5.0, value])


def test_wrong_tables_are_refused():
    """No values, columns missing, an unknown reference and unpaired replications are named."""
    results = table([1.0, 1.0], [1.0, 1.0])
    with pytest.raises(InputError, match="`values_idr` must hold at least one value"):
        acceptability(results, [])
    with pytest.raises(InputError, match="`value_idr` must be an amount of rupiah of at least 0; got -5"):
        net_benefits(results, -5)
    with pytest.raises(InputError, match="got a table without cost_idr"):
        net_benefits(results.drop(columns="cost_idr"))
    with pytest.raises(InputError, match="`reference` must be a scenario of the table; got 'nobody'"):
        list(pair_up(results, "nobody"))
    with pytest.raises(InputError, match="must hold the same replications for every scenario"):
        net_benefits(results[(results["scenario"] == "baseline") | (results["replication"] == 0)])


def test_a_comparison_shows_its_net_benefits():
    """A comparison hands its own tables, baseline and failures on."""
    options = {"replications": 4, "months": 2, "pre_months": 1}
    comparison = compare("arcamanik", ["speed_only"], simulate_block=simulate_block, **options)
    lame = compare("arcamanik", ["speed_only"], simulate_block=failing_block, **options)
    rows = comparison.net_benefit(2000.0)

    assert rows["scenario"].tolist() == ["speed_only"]
    assert rows["reference"].tolist() == ["baseline"]
    assert rows["hours_saved_mean"].iloc[0] > 0
    assert rows["net_benefit_idr_mean"].iloc[0] == pytest.approx(2000 * rows["hours_saved_mean"].iloc[0])
    assert comparison.net_benefit()["value_idr"].iloc[0] == stated_value()
    assert comparison.net_benefit(reference="speed_only")["scenario"].tolist() == ["baseline"]
    assert comparison.acceptability([1.0, 2.0])["value_idr"].tolist() == [1.0, 2.0]
    assert comparison.costs()["item"].tolist() == [*COST_ITEMS, "cost_idr"]
    assert (lame.net_benefit()["n_failed"].item(), lame.net_benefit()["n_replications"].item()) == (1, 3)
