"""Maps over weights: planted winners, exact distances, and mixes that cannot be told."""

import itertools

import numpy as np
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.study.weight_map import criteria_map, maps_of, weight_map
from tests.fake_sweep import write_sweep

SOURCES = ("results", "citizens", "supervisor")
FACTORS = [{"name": f"policy.appraisal.weights.{s}", "kind": "policy"} for s in SOURCES]
MIXES = np.array([(a, b, 10 - a - b) for a, b in itertools.product(range(11), repeat=2) if a + b <= 10]) / 10
PAIRS = [(d, d) for d in range(20)]


def by_citizens(place, policy, draw, _replication):
    """Return an effect that is good only above 34 % for citizens; in every draw the same, up to a little luck."""
    level = 2.0 + 0.5 * np.sin(draw)
    if policy == "baseline":
        return {"turnaround_days_mean": level, "satisfaction_index": 70.0, "cost_idr": 1e6}
    citizens = place["policy.appraisal.weights.citizens"]
    return {
        "turnaround_days_mean": level - (citizens - 0.34) + 1e-3 * np.cos(draw), "satisfaction_index": 70.0,
        "cost_idr": 1e6 + 1e6 * citizens,
    }  # fmt: skip


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Return the folder of a sweep over all mixes in steps of a tenth, of the own policy of Arcamanik."""
    folder = tmp_path_factory.mktemp("swept")
    return write_sweep(folder, MIXES, FACTORS, by_citizens, method="grid", policies=["arcamanik"], pairs=PAIRS)


def test_the_map_says_where_the_policy_wins_and_how_far_it_is(swept):
    """From 30 % for citizens the nearest mix that wins gives them 40 %: 0.1 of the weight must change hands."""
    found = weight_map(swept, "turnaround_days_mean")
    wins = found.table.set_index(list(SOURCES))["winner"]

    assert found.names == SOURCES
    assert {(winner, round(citizens, 1) >= 0.4) for (_, citizens, _), winner in wins.items()} == {
        ("policy", True), ("reference", False),
    }  # fmt: skip
    assert ((found.table["lead"] > 0) == (found.table["winner"] == "policy")).all()
    assert found.stated["citizens"] == pytest.approx(0.3)
    assert (found.winner, found.flip_to) == ("reference", "policy")
    assert found.flip_distance == pytest.approx(0.1)
    assert found.flip_at["citizens"] == pytest.approx(0.4)
    assert found.resolution == pytest.approx(0.1)


def test_a_mix_is_described_as_any_contrast(swept):
    """Each mix carries its paired difference with both intervals."""
    row = weight_map(swept, "turnaround_days_mean").table.iloc[0]

    assert row["delta_mean"] == pytest.approx(0.34 + 1e-3 * np.cos(np.arange(20)).mean())
    assert row["low"] < row["delta_mean"] < row["high"]
    assert (row["n_draws"], row["n_replications"]) == (20, 20)


def test_other_levers_are_averaged_and_a_mix_that_failed_has_no_winner(tmp_path):
    """An effect of 0 and −2 under two doses is −1; a mix without numbers is won by nobody and flips nothing."""

    def outcome(place, policy, _draw, _replication):
        if policy != "baseline" and place[FACTORS[0]["name"]] == 1:
            return {}
        return {"turnaround_days_mean": 4.0 - 2 * place["policy.dose"] * (policy != "baseline")}

    x = np.array([(*mix, dose) for mix in MIXES for dose in (0.0, 1.0)])
    folder = write_sweep(
        tmp_path / "doses", x, [*FACTORS, {"name": "policy.dose", "kind": "policy"}], outcome, method="grid",
        policies=["not-in-the-library"], regions=["here", "there"], pairs=PAIRS,
    )  # fmt: skip
    found = weight_map(folder, "turnaround_days_mean", region="here")
    won = found.table[found.table["results"] < 1]

    assert found.table.set_index("results").loc[1.0, "winner"] == ""
    assert set(won["winner"]) == {"policy"}
    assert won["delta_mean"].to_numpy() == pytest.approx(-1.0)
    assert np.isnan(found.flip_distance)
    assert max(found.stated.values()) == pytest.approx(0.4)  # a policy without weights of its own: the middle
    assert [m.region for m in maps_of(folder, "turnaround_days_mean")] == ["here", "there"]


def test_a_difference_within_chance_is_no_win(tmp_path):
    """Where luck hides the difference, nobody wins."""
    luck = np.random.default_rng(1)
    folder = write_sweep(
        tmp_path / "luck", MIXES[:12], FACTORS, lambda *_: {"satisfaction_index": float(luck.normal())},
        method="grid", policies=["arcamanik"], pairs=PAIRS,
    )  # fmt: skip

    assert (weight_map(folder, "satisfaction_index").table["winner"] == "unsure").sum() >= 9


def test_where_one_wins_everywhere_nothing_flips(tmp_path):
    """A ranking that no mix changes has no distance."""
    folder = write_sweep(
        tmp_path / "always", MIXES, FACTORS,
        lambda _place, policy, draw, _r: {"satisfaction_index": 70.0 + (policy != "baseline") + 1e-6 * draw},
        method="grid", policies=["arcamanik"], pairs=PAIRS,
    )  # fmt: skip
    found = weight_map(folder, "satisfaction_index")

    assert found.flip_to == ""
    assert np.isnan(found.flip_distance)


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Return the folder of a sweep of a fast, a pleasant and a cheap option."""
    outcome = {
        "fast": {"turnaround_days_mean": 1.0, "satisfaction_index": 70.0, "cost_idr": 10e6},
        "pleasant": {"turnaround_days_mean": 3.0, "satisfaction_index": 80.0, "cost_idr": 10e6},
        "cheap": {"turnaround_days_mean": 3.0, "satisfaction_index": 70.0, "cost_idr": 0.0},
    }
    folder = tmp_path_factory.mktemp("three")
    return write_sweep(
        folder, np.array([[0.0]]), [{"name": "policy.dose", "kind": "policy"}], lambda _x, p, _d, _r: outcome[p],
        method="grid", policies=list(outcome), reference=None, pairs=PAIRS,
    )  # fmt: skip


METRICS = ("turnaround_days_mean", "satisfaction_index", "cost_idr")


def test_the_distance_to_another_ranking_is_exact(three):
    """Each option scores its own weight: from 50:30:20 the first leads by 0.2, so 0.1 must change hands."""
    found = criteria_map(three, METRICS, dict(zip(METRICS, (0.5, 0.3, 0.2), strict=True)))

    assert (found.winner, found.flip_to) == ("fast", "pleasant")
    assert found.flip_distance == pytest.approx(0.1)
    assert found.flip_at == pytest.approx(dict(zip(METRICS, (0.4, 0.4, 0.2), strict=True)))
    here = np.isclose(found.table[list(METRICS)], [0.5, 0.3, 0.2]).all(axis=1)
    assert found.table.loc[here, "lead"].to_numpy() == pytest.approx([0.2])


def test_each_corner_belongs_to_the_option_that_is_best_there(three):
    """At each corner wins the option that is best on that metric, and all mixes are on the map."""
    table = criteria_map(three, METRICS).table.set_index(list(METRICS))["winner"]

    assert (table[(1.0, 0.0, 0.0)], table[(0.0, 1.0, 0.0)], table[(0.0, 0.0, 1.0)]) == ("fast", "pleasant", "cheap")
    assert len(table) == 21 * 22 / 2


def test_an_option_best_on_everything_never_loses(three):
    """Without the cheap option's advantage the fast and pleasant one is ahead at all weights."""
    found = criteria_map(
        three, ("turnaround_days_mean", "satisfaction_index"), {"turnaround_days_mean": 1.0, "satisfaction_index": 0.0}
    )

    assert found.winner == "fast"
    assert found.flip_distance == pytest.approx(0.5)


def test_a_twin_of_the_winner_is_no_other_ranking(tmp_path):
    """Two options with the same outcomes count as one: the distance is that to the next option that differs."""
    outcome = {"one": (1.0, 70.0), "twin": (1.0, 70.0), "other": (3.0, 80.0)}
    folder = write_sweep(
        tmp_path / "twins", np.array([[0.0]]), [{"name": "policy.dose", "kind": "policy"}],
        lambda _x, p, _d, _r: dict(zip(METRICS, outcome[p], strict=False)), method="grid", policies=list(outcome),
        reference=None, pairs=PAIRS,
    )  # fmt: skip
    found = criteria_map(folder, METRICS[:2], {METRICS[0]: 0.7, METRICS[1]: 0.3})

    assert (found.winner, found.flip_to) == ("one", "other")
    assert found.flip_distance == pytest.approx(0.2)


def test_maps_follow_what_the_sweep_varied(swept, three):
    """A sweep of weights gets both maps, one of options only that of criteria."""
    assert [m.kind for m in maps_of(swept, "turnaround_days_mean")] == ["appraisal", "criteria"]
    assert [m.kind for m in maps_of(three, "turnaround_days_mean")] == ["criteria"]
    assert maps_of(three, "turnaround_days_mean")[0].names == METRICS


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: weight_map(f, "turnaround_days_mean"), "`design` must vary at least two"),
        (lambda f: criteria_map(f, METRICS[:1]), "`metrics` must be two or three"),
        (lambda f: criteria_map(f, METRICS[:2], {METRICS[0]: 0.5, METRICS[1]: 0.4}), "`weights` must sum to 1"),
        (lambda f: criteria_map(f, (METRICS[0], "utilisation")), "`metric` must be one of those in the sweep"),
    ],
)  # fmt: skip
def test_maps_that_make_no_sense_are_refused(three, call, message):
    """A map without weights, or with weights that do not sum to 1, is refused."""
    with pytest.raises(InputError, match=message):
        call(three)
