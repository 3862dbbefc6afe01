"""Decisions from sweeps whose best option, cost and unknowns are planted."""

import json

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.study.decisions import NET_BENEFIT, decide
from kinerja_sim.study.economics import acceptability
from tests.fake_sweep import write_sweep

LEVER = [{"name": "policy.dose", "kind": "policy", "grade": None}]
N, R = 60, 2
PAIRS = [(d, d * R + r) for d in range(N) for r in range(R)]
RNG = np.random.default_rng(7)
KNOWN = pd.DataFrame({"draw": np.arange(N), "sdp_medium": RNG.normal(size=N), "effect_discount": RNG.random(N)})
LUCK = RNG.normal(size=(N, R))


def planted(place, policy, draw, replication):
    """Return a policy whose dose saves hours if sdp_medium is above 0 and costs a million a tenth in any case."""
    luck = 5.0 * LUCK[draw, replication % R]
    hours, cost = 1000.0 + luck, 1e6
    if policy != "baseline":
        hours -= 100.0 * place["policy.dose"] * KNOWN["sdp_medium"][draw]
        cost += 1e7 * place["policy.dose"]
    return {"waiting_hours": hours, "cost_idr": cost, "satisfaction_index": 76.0 + hours / 1000}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Return the folder of a sweep of three doses."""
    x = np.array([[0.1], [0.3], [0.5]])
    folder = tmp_path_factory.mktemp("swept")
    return write_sweep(folder, x, LEVER, planted, method="grid", pairs=PAIRS, draws=KNOWN)


def benefits(value):
    """Return the planted net benefit of doses 0, .1, .3, .5 in every draw, [option, draw]."""
    dose = np.array([0.0, 0.1, 0.3, 0.5])[:, None]
    return value * 100.0 * dose * KNOWN["sdp_medium"].to_numpy() - 1e7 * dose


def test_net_benefit_regret_and_chance_of_best_are_the_planted_ones(swept):
    """Means, regrets and shares of states follow from the planted benefits; shared luck cancels."""
    found = decide(swept, value_idr=200_000)
    table = found.table.set_index("option")
    truth = benefits(200_000)
    names = ["baseline", "policy (dose=0.1)", "policy (dose=0.3)", "policy (dose=0.5)"]
    regret = truth.max(axis=0) - truth

    assert (found.metric, found.n_states, found.n_replications) == (NET_BENEFIT, N, R)
    assert table.loc[names, "mean"].to_list() == pytest.approx(truth.mean(axis=1).tolist())
    assert table.loc[names, "regret_mean"].to_list() == pytest.approx(regret.mean(axis=1).tolist())
    assert table.loc[names, "regret_max"].to_list() == pytest.approx(regret.max(axis=1).tolist())
    best = [(truth.argmax(axis=0) == i).mean() for i in range(4)]
    assert table.loc[names, "probability_best"].to_list() == pytest.approx(best)
    assert table.loc[names[1:], "sd_chance"].to_list() == pytest.approx([0, 0, 0], abs=1e-3)
    assert table.loc[names[3], "sd_knowledge"] == pytest.approx(truth[3].std(ddof=1))


def test_chance_and_what_is_not_known_are_told_apart(tmp_path):
    """Of a difference that varies by 3 from draw to draw and by 4 from run to run, both are found again."""
    rng = np.random.default_rng(11)
    level = 3.0 * rng.normal(size=400)

    def outcome(_place, policy, draw, _replication):
        return {"satisfaction_index": 0.0 if policy == "baseline" else level[draw] + 4.0 * rng.normal()}

    pairs = [(d, 2 * d + r) for d in range(400) for r in range(2)]
    folder = write_sweep(tmp_path / "parts", np.array([[0.5]]), LEVER, outcome, method="grid", pairs=pairs)
    row = decide(folder, "satisfaction_index").table.set_index("option").loc["policy"]

    assert row["sd_knowledge"] == pytest.approx(3.0, rel=0.12)
    assert row["sd_chance"] == pytest.approx(4.0, rel=0.1)


def test_acceptability_is_that_of_the_economics_room(swept):
    """The curve agrees with `study.economics` on the same runs told month by month."""
    found = decide(swept, value_idr=200_000).acceptability
    outcomes = pd.read_parquet(swept / "outcomes.parquet").drop(columns="region")
    points = pd.read_parquet(swept / "points.parquet")
    kept = points[((points["policy"] == "baseline") & (points["policy.dose"] == 0.1)) |
                  ((points["policy"] == "policy") & (points["policy.dose"] == 0.5))]  # fmt: skip
    rows = outcomes.merge(kept, on="point")
    monthly = rows.assign(
        scenario=rows["policy"], region="here", period=0, wait_minutes_sum=60 * rows["waiting_hours"],
        lost_demand_cases=0.0, satisfaction_sum=1.0, satisfaction_cases=1.0,
        **dict.fromkeys(
            ["cost_training_idr", "cost_staff_time_idr", "cost_reward_idr", "cost_channel_idr",
             "cost_socialisation_idr", "cost_capacity_idr"], 0.0,
        ),
    )  # fmt: skip
    mine = found[found["option"] == "policy (dose=0.5)"]
    theirs = acceptability(monthly)

    assert mine["probability_positive"].to_list() == theirs["probability_positive"].to_list()
    assert mine["probability_low"].to_list() == theirs["probability_low"].to_list()
    assert 0 < mine["probability_positive"].max() < 1


def test_information_is_worth_most_about_the_parameter_that_decides(swept):
    """Learning sdp_medium is worth as much as learning everything; the other parameter nothing."""
    found = decide(swept, value_idr=200_000).information
    truth = benefits(200_000)
    whole = truth.max(axis=0).mean() - truth.mean(axis=1).max()

    assert found["unknown"][:2].to_list() == ["", "sdp_medium"]
    assert found["low"][0] <= whole <= found["high"][0]
    assert found["low"][1] <= whole <= found["high"][1]
    assert found.set_index("unknown").loc["effect_discount", "low"] == 0
    assert found["grade"][1] == "published"


def test_a_budget_bars_options_and_their_regret(swept):
    """An option beyond the budget is shown, never best, and nobody's regret is measured from it."""
    found = decide(swept, value_idr=200_000, budget_idr=3.5e6)
    table = found.table.set_index("option")

    assert table["is_affordable"].to_dict() == {
        "baseline": True, "policy (dose=0.1)": True, "policy (dose=0.3)": True, "policy (dose=0.5)": False,
    }  # fmt: skip
    assert table.loc["policy (dose=0.5)", "probability_best"] == 0
    truth = benefits(200_000)[:3]
    assert table.loc["policy (dose=0.3)", "regret_mean"] == pytest.approx((truth.max(axis=0) - truth[2]).mean())
    assert "policy (dose=0.5)" not in found.selected


def test_an_option_that_is_never_better_is_dominated(tmp_path):
    """Where an option is worse in every state, the table names the one that beats it; its reverse stays free."""

    def worse(place, policy, draw, replication):
        base = 70.0 + LUCK[draw, replication % R]
        return {"satisfaction_index": base if policy == "baseline" else base - place["policy.dose"]}

    folder = write_sweep(tmp_path / "worse", np.array([[0.1], [0.5]]), LEVER, worse, method="grid", pairs=PAIRS)
    table = decide(folder, "satisfaction_index").table.set_index("option")["dominated_by"]

    assert table.to_dict() == {"baseline": "", "policy (dose=0.1)": "baseline", "policy (dose=0.5)": "baseline"}


def test_lower_is_better_where_the_metric_says_so(tmp_path):
    """For a waiting time the option with less of it is best, and its mean stays in minutes."""

    def waits(place, policy, draw, replication):
        return {"wait_minutes_mean": 30.0 - (0.0 if policy == "baseline" else 10 * place["policy.dose"])}

    folder = write_sweep(tmp_path / "waits", np.array([[0.5]]), LEVER, waits, method="grid", pairs=PAIRS)
    table = decide(folder, "wait_minutes_mean").table

    assert table["option"][0] == "policy"
    assert table["mean"][0] == 25.0
    assert table["regret_mean"].to_list() == [0.0, 5.0]


def test_good_enough_counts_states(swept):
    """The share of states that meet a condition is told with its Wilson bounds."""
    found = decide(swept, "satisfaction_index", where="satisfaction_index >= 77").table.set_index("option")
    hours = 1000 + 5 * LUCK.mean(axis=1) - 100 * 0.5 * KNOWN["sdp_medium"]
    row = found.loc["policy (dose=0.5)"]

    assert row["satisficing"] == pytest.approx((hours >= 1000).mean())
    assert row["satisficing_low"] < row["satisficing"] < row["satisficing_high"]


def test_cost_front_holds_what_nothing_beats(swept):
    """At a high value of an hour, an option that costs more and brings less is off the front."""
    table = decide(swept, value_idr=0.0).table.set_index("option")

    assert table["is_pareto"].to_dict() == {
        "baseline": True, "policy (dose=0.1)": False, "policy (dose=0.3)": False, "policy (dose=0.5)": False,
    }  # fmt: skip


def test_regions_are_judged_together_by_all_their_states(tmp_path):
    """Without a region, states of all regions count: what is best in neither may be best over both."""
    gain = {("here", "left"): 4.0, ("there", "left"): -4.0, ("here", "right"): -4.0, ("there", "right"): 4.0}

    def outcome(place, policy, draw, _replication):
        return {"satisfaction_index": 70.0 + draw % 3 + gain.get((place["region"], policy), 1.0)}

    folder = write_sweep(
        tmp_path / "two", np.array([[0.5]]), LEVER, outcome, method="grid", policies=["left", "right", "middle"],
        reference=None, regions=("here", "there"), pairs=PAIRS,
    )  # fmt: skip
    one, both = decide(folder, "satisfaction_index", region="here"), decide(folder, "satisfaction_index")
    table = both.table.set_index("option")

    assert one.table["option"][0] == "left"
    assert (both.region, both.n_states) == ("all", 2 * N)
    assert both.table["option"][0] == "middle"
    assert table.loc["middle", "regret_max"] == pytest.approx(3.0)
    assert table["probability_best"].to_dict() == pytest.approx({"left": 0.5, "right": 0.5, "middle": 0.0})
    assert set(table["dominated_by"]) == {""}


def test_each_regions_own_policy_is_one_option(tmp_path):
    """The presets of two regions, of different names, are the option 'own' when the regions are judged together."""
    x, rows = np.array([[0.5]]), {"satisfaction_index": 70.0}
    folder = write_sweep(
        tmp_path / "own", x, LEVER, lambda _x, p, d, _r: {"satisfaction_index": rows["satisfaction_index"] + d +
                                                          (p == "mine")}, method="grid", policies=["mine", "same"],
        regions=("here", "there"), pairs=PAIRS,
    )  # fmt: skip
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["regions"] = {"here": {"preset": "mine"}, "there": {"preset": "mine"}}
    path.write_text(json.dumps(manifest), encoding="utf-8")

    assert set(decide(folder, "satisfaction_index").table["option"]) == {"own", "same", "baseline"}
    manifest["regions"]["there"]["preset"] = "same"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert set(decide(folder, "satisfaction_index").table["option"]) == {"own", "baseline"}


def test_options_that_met_different_states_are_refused(tmp_path):
    """A Latin hypercube over levers and uncertainties at once leaves nothing to compare, and is refused as such."""
    factors = [*LEVER, {"name": "parameter.sdp_medium", "kind": "parameter", "grade": "published"}]
    x = np.random.default_rng(1).random((30, 2))
    folder = write_sweep(
        tmp_path / "apart", x, factors, lambda *_: {"satisfaction_index": 1.0}, reference=None, pairs=[(0, 0)]
    )

    with pytest.raises(InputError, match="options that all met the same states"):
        decide(folder, "satisfaction_index")


def test_states_that_lack_an_option_are_left_out_and_counted(tmp_path):
    """A failed replication costs its state for every option; too many are refused."""

    def fails(until):
        def outcome(place, policy, draw, replication):
            lost = policy == "policy" and draw < until and replication % R
            return {} if lost else {"satisfaction_index": 70.0}

        return outcome

    x = np.array([[0.5]])
    few = decide(write_sweep(tmp_path / "few", x, LEVER, fails(6), pairs=PAIRS), "satisfaction_index")

    assert (few.n_states, few.n_dropped) == (54, 6)
    with pytest.raises(RunError, match="only 40 of 60 states"):
        decide(write_sweep(tmp_path / "many", x, LEVER, fails(20), pairs=PAIRS), "satisfaction_index")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"metric": "reported_on_time_share"}, "`metric` must be one of those in the sweep"),
        ({"budget_idr": -1.0}, "`budget_idr` must be an amount of rupiah"),
        ({"value_idr": float("nan")}, "`value_idr` must be an amount of rupiah"),
        ({"where": "satisfaction_index"}, "`where` must be comparisons"),
        ({"region": "nowhere"}, "`region` must be one of those in the sweep"),
    ],
)
def test_wrong_arguments_are_refused(swept, call, message):
    """A wrong name, amount or condition is the user's mistake."""
    with pytest.raises(InputError, match=message):
        decide(swept, **call)
