"""Mixes of two service units, and an effect's difference divided among what differs."""

import numpy as np
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import Profile
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.study.compare import compare
from kinerja_sim.study.shapley import shapley_shares
from kinerja_sim.study.transfer import hybrid, transfer
from kinerja_sim.study.transfer_parts import BLOCKS
from tests import fake_model

A, B = load_region("arcamanik"), load_region("tebing-tinggi")
UNIT_A, UNIT_B = "cisaranten-kulon", "documents"
EVERY = frozenset(BLOCKS)


def busy(unit, stage):
    """Return the utilisation of a stage as the region file implies it."""
    at = getattr(unit, stage)
    return unit.arrivals.per_day.value * at.minutes.value / (at.officers.value * unit.day_minutes.value)


def values(unit):
    """Return every value of a unit without words and origins."""
    return unit.model_dump(exclude={"title", "service"})


@pytest.fixture(scope="module")
def found():
    """Return a small transfer between two units of documents."""
    return transfer("quarterly_kpi", "arcamanik", "tebing-tinggi", replications=3, months=4, pre_months=1)


def test_taking_nothing_is_the_first_unit_and_taking_everything_the_second():
    """The ends of the way from A to B are A's unit and B's unit, to the last value."""
    start, end = (hybrid(A, B, UNIT_A, UNIT_B, taken).units[UNIT_A] for taken in (frozenset(), EVERY))

    assert values(start) == values(A.units[UNIT_A])
    assert values(end) == values(B.units[UNIT_B])
    afraid = B.model_copy(update={"resistance_cause": "fear"})
    assert hybrid(A, afraid, UNIT_A, UNIT_B, EVERY).resistance_cause == "fear"
    assert hybrid(A, afraid, UNIT_A, UNIT_B, EVERY - {"people"}).resistance_cause == A.resistance_cause != "fear"


def test_size_changes_no_utilisation_and_workload_changes_nothing_else():
    """With B's size officers are as busy as at A; with B's workload as busy as at B, in A's size."""
    sized = hybrid(A, B, UNIT_A, UNIT_B, frozenset(["size"])).units[UNIT_A]
    loaded = hybrid(A, B, UNIT_A, UNIT_B, frozenset(["workload"])).units[UNIT_A]

    assert sized.arrivals.per_day.value == B.units[UNIT_B].arrivals.per_day.value
    assert loaded.arrivals.per_day.value == A.units[UNIT_A].arrivals.per_day.value
    for stage in ("counter", "processing"):
        assert busy(sized, stage) == pytest.approx(busy(A.units[UNIT_A], stage))
        assert busy(loaded, stage) == pytest.approx(busy(B.units[UNIT_B], stage))
        assert getattr(loaded, stage).officers == getattr(A.units[UNIT_A], stage).officers


@pytest.mark.parametrize("taken", ["size", "workload", "rules"])
def test_what_goes_with_the_number_of_cases_follows_its_own_blocks_ratio(taken):
    """For each case that comes, the backlog is that of the workload, tickets and printers that of the rules."""
    a, b = (
        place.replace(units__ktp__tickets_per_day={
            "value": n, "unit": "cases", "source": "a test", "grade": "estimate"
        })
        for place, n in ((load_region("tangerang-selatan"), 700), (B, 90))
    )  # fmt: skip
    mix = hybrid(a, b, "ktp", "ktp", frozenset([taken])).units["ktp"]

    def ratios(unit):
        found = unit.backlog.value, unit.tickets_per_day.value, unit.supply.limit_per_day.value
        return np.array(found) / unit.arrivals.per_day.value

    of_b = np.array([taken == "workload", taken == "rules", taken == "rules"])
    expected = np.where(of_b, ratios(b.units["ktp"]), ratios(a.units["ktp"]))
    np.testing.assert_allclose(ratios(mix), expected, atol=0.5 / mix.arrivals.per_day.value)


def test_officers_at_the_counter_for_half_of_the_day_get_half_of_the_minutes():
    """With B's rhythm officers are as busy while they are at their posts as at A."""
    unit = B.units[UNIT_B]
    half = (0.5,) * len(unit.arrivals.half_hour.values)
    row = Profile(values=half, unit="share of officers", source="a test", grade="estimate")
    counter = unit.counter.model_copy(update={"staffing": row})
    part = B.model_copy(update={"units": {UNIT_B: unit.model_copy(update={"counter": counter})}})
    mix = hybrid(A, part, UNIT_A, UNIT_B, frozenset(["rhythm"])).units[UNIT_A]
    shorter = counter.at_post_minutes(unit.day_minutes.value) / A.units[UNIT_A].day_minutes.value

    assert shorter < 0.7
    assert mix.counter.minutes.value == pytest.approx(shorter * A.units[UNIT_A].counter.minutes.value)


def test_both_effects_are_those_that_a_comparison_of_the_unit_shows():
    """At either end the effect, its sign, months and reference are those of the contrasts table of that unit alone."""
    slow = load_policy("quarterly_kpi").replace(name="slow", phase_in_months=2)
    run = {"replications": 3, "months": 4, "pre_months": 1}
    rows = transfer(slow, A, B, **run).table.set_index("part")
    for part, taken in (("effect_a", frozenset()), ("effect_b", EVERY)):
        alone = compare(hybrid(A, B, UNIT_A, UNIT_B, taken), slow, **run).contrasts
        row = alone[(alone["metric"] == "turnaround_days_mean") & (alone["window"] == "after")].iloc[0]
        for column in ("delta_mean", "reference_mean", "low", "ci_high"):
            assert rows.loc[part, column] == pytest.approx(row[column], rel=1e-9)


def test_replications_that_fail_in_a_mix_are_left_out_everywhere_and_counted(monkeypatch):
    """One of four replications fails: three remain in every part, and one is counted."""
    monkeypatch.setattr("kinerja_sim.model.simulate.simulate_block", fake_model.failing_block)
    table = transfer("quarterly_kpi", A, B, replications=4, months=2, pre_months=1).table

    assert set(zip(table["n_replications"], table["n_failed"], strict=True)) == {(3, 1)}


def test_parts_add_up_to_the_difference_in_every_replication(found):
    """Shares of the blocks sum to the effect in B less that in A, replication by replication."""
    each = found.draws.set_index(["part", "draw"])["change"]
    gap = each.loc["effect_b"] - each.loc["effect_a"]

    assert found.blocks
    np.testing.assert_allclose(each.loc["share"].groupby("draw").sum(), gap, atol=1e-9)
    np.testing.assert_allclose(each.loc["gap"], gap, atol=1e-12)


def test_blocks_that_do_not_differ_play_no_part(found):
    """Only blocks with another value somewhere are swapped: these two units work to the same hours."""
    assert set(found.blocks) == {"size", "workload", "rules"}
    assert found.table["part"].to_list() == ["effect_a", "effect_b", "gap", "share", "share", "share"]


def test_a_place_compared_with_itself_has_no_difference():
    """From a unit to its copy elsewhere nothing is swapped and nothing differs."""
    twin = A.model_copy(update={"name": "twin"})
    same = transfer("quarterly_kpi", A, twin, unit_b=UNIT_A, replications=2, months=3, pre_months=1)

    assert same.blocks == ()
    assert same.table.set_index("part").loc["gap", "all_equal"]


def test_values_behind_blocks_are_counted_with_their_estimates(found):
    """Every block's values are counted in both regions, and those that are estimates."""
    table = found.grades.set_index(["region", "block"])
    for place, unit in ((A.name, A.units[UNIT_A]), (B.name, B.units[UNIT_B])):
        size = [unit.arrivals.per_day, unit.counter.officers, unit.processing.officers]
        assert table.loc[(place, "size"), "n_values"] == 3
        assert table.loc[(place, "size"), "n_estimates"] == sum(q.grade == "estimate" for q in size)
    assert (table["n_estimates"] <= table["n_values"]).all()


def test_the_unit_left_out_is_the_primary_one_and_its_like(found):
    """Without names, A's primary unit meets the first unit of B with the same stages and service."""
    assert (found.unit_a, found.unit_b, found.metric) == (UNIT_A, UNIT_B, "turnaround_days_mean")


def test_shapley_shares_of_an_additive_difference_are_its_terms():
    """Where blocks add up, each share is the block's own change: the division this room relies on."""
    game = np.array([[sum(x for i, x in enumerate((1.0, 2.0, 4.0)) if s >> i & 1)] for s in range(8)])

    assert shapley_shares(game)[:, 0].tolist() == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"policy": "baseline"}, "`policy` must be another policy than the reference"),
        ({"metric": "turnaround_day_mean"}, "Did you mean `turnaround_days_mean`"),
        ({"unit_a": "sukamiskn"}, "Did you mean `sukamiskin`"),
        ({"b": "tangerang-selatan", "unit_b": "complaints"}, "`units` must have the same stages"),
        ({"replications": 1}, "`replications` must be"),
        ({"metric": "answered_in_time_share", "replications": 2, "months": 1}, "observed in both units"),
    ],
)
def test_questions_that_cannot_be_answered_are_refused(call, message):
    """A wrong name, units of different stages or a metric that is not there are the user's mistake."""
    with pytest.raises(InputError, match=message):
        transfer(**{"policy": "quarterly_kpi", "a": "arcamanik", "b": "tebing-tinggi", "pre_months": 1, **call})
