"""Every design point makes a sound region and policy, or one line says which does not."""

import numpy as np
import pytest

from kinerja_sim.know.errors import InputError
from tests.sweeping import make_study

STAKES = {"policy.appraisal.stakes": [0.1, 0.5]}


def policies(study):
    """Return the policy of every point, in order."""
    made = {p: q for g in study.groups() for p, q in zip(g.points, g.policies, strict=True)}
    return [made[p] for p in range(study.n_all)]


def test_points_of_a_context_share_a_group_with_their_reference():
    """Points with equal region values and parameters run together with one reference; others apart."""
    factors = STAKES | {"region.units.sukamiskin.counter.officers": [2, 3]}
    study = make_study(factors=factors)

    assert study.members == [(4, 0, 2), (5, 1, 3)]
    assert [study.reference_of(p) for p in range(4)] == [4, 5, 4, 5]
    assert [g.region.units["sukamiskin"].counter.officers.value for g in study.groups()] == [2, 3]


def test_large_contexts_are_cut_into_groups():
    """Sixteen policies at most share one run; the reference is run once."""
    study = make_study(factors={"policy.appraisal.stakes": np.linspace(0, 1, 40).tolist()})

    assert [len(points) for points in study.members] == [16, 16, 9]
    assert sum(study.n_points in points for points in study.members) == 1


def test_regions_and_policies_are_crossed_in_order():
    """Rows of the sample follow each other within a policy, policies within a region."""
    study = make_study(regions=["arcamanik", "lampung"], policies=["own", "speed_only"], factors=STAKES)
    table = study.table()

    assert table["region"].tolist() == ["arcamanik"] * 4 + ["lampung"] * 4 + ["arcamanik", "lampung"]
    assert table["policy"].tolist()[:4] == ["arcamanik", "arcamanik", "speed_only", "speed_only"]
    assert table["policy.appraisal.stakes"].tolist()[:4] == [0.1, 0.5, 0.1, 0.5]


def test_a_weight_makes_room_for_itself_only_when_asked():
    """With `rescale` the weights that no factor sets shrink in proportion; without it the sum is refused."""
    factors = {"policy.appraisal.weights.citizens": [0.0, 0.4]}
    weights = [p.appraisal.weights for p in policies(make_study(factors=factors, rescale=True))[:2]]

    assert weights[0] == pytest.approx({"results": 0.35 / 0.75, "citizens": 0, "supervisor": 1 / 3, "peers": 0.2})
    assert weights[1] == pytest.approx({"results": 0.28, "citizens": 0.4, "supervisor": 0.2, "peers": 0.12})
    with pytest.raises(InputError, match=r"`weights` must sum to 1; got 0.75 at point 0"):
        make_study(factors=factors)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"factors": {"policy.apraisal.stakes": [0.1]}}, "Did you mean `appraisal`"),
        ({"factors": {"policy.appraisal.stakes": [1.5]}}, r"`appraisal.stakes` must be at most 1; got 1.5 at point 0"),
        ({"factors": {"policy.appraisal.period": ["yearly"]}}, "must be one of monthly"),
        ({"factors": {"region.units.sukamisikn.counter.officers": [2]}}, "Did you mean `sukamiskin`"),
        ({"factors": {"region.units.sukamiskin.counter.officers": [2.5]}}, "be a whole number; got 2.5"),
        ({"factors": {"policy.training.3.hours_jp": [20]}}, "reach into a list of 1"),
        ({"factors": {"policy.appraisal.weights.citizens": [1.2]}, "rescale": True}, "leave room for the shares"),
        ({"factors": {"policy.start_month": [0, 2]}}, "`months` must reach beyond month 2"),
        ({"factors": {}, "window": "pre", "pre_months": 0}, "`pre_months` must be at least 1"),
        ({"regions": ["arcamanik", "arcamanik"]}, "`regions` must have different names"),
        ({"policies": ["own", "arcamanik"]}, "`policies` must have different names"),
        ({"policies": ["owm"]}, "`policy` must be in the library"),
    ],
)
def test_a_point_that_breaks_a_rule_is_named_before_anything_runs(changes, message):
    """Unknown fields, values out of bounds and windows without months are refused when the design is read."""
    with pytest.raises(InputError, match=message):
        make_study(**changes)


def test_the_window_begins_with_the_slowest_policy_of_a_region():
    """Window 'after' begins when every point of the region is in full force, whichever runs beside it."""
    study = make_study(factors={"policy.phase_in_months": [0, 3]}, months=12)

    assert study.first_month("arcamanik") == 3


def test_keys_follow_from_what_decides_the_numbers():
    """A group's hash moves with a lever, a region value and a parameter, and not with a title."""
    factors = STAKES | {"parameter.effect_discount": {"quantiles": [0.5]}}
    keys = {
        name: tuple(make_study(**changes).group_keys)
        for name, changes in {
            "base": {"factors": factors},
            "titled": {"factors": factors, "title": {"id": "a", "en": "b"}},
            "lever": {"factors": factors | {"policy.appraisal.stakes": [0.1, 0.6]}},
            "region": {"factors": factors | {"region.units.sukamiskin.counter.officers": [2]}},
            "parameter": {"factors": factors | {"parameter.effect_discount": {"quantiles": [0.6]}}},
        }.items()
    }

    assert keys["base"] == keys["titled"]
    assert len({keys[name] for name in ("base", "lever", "region", "parameter")}) == 4


def test_a_design_without_reference_has_levels_only():
    """`reference: null` runs no reference point."""
    study = make_study(reference=None)

    assert study.n_all == study.n_points == 3
    assert not study.table()["is_reference"].any()
