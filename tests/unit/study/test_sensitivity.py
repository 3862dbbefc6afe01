"""Shares by factor and grade from a sweep's tables, chance between points, and what is refused."""

import numpy as np
import pytest
from SALib.sample import morris, sobol

from kinerja_sim.know.errors import InputError
from kinerja_sim.study.sensitivity import sensitivity
from tests.fake_sweep import write_sweep

FACTORS = [
    {"name": "policy.appraisal.stakes", "kind": "policy", "grade": None},
    {"name": "parameter.sdp_medium", "kind": "parameter", "grade": "published"},
    {"name": "region.units.counter.minutes", "kind": "region", "grade": "estimate"},
]
UNIT_CUBE = {"num_vars": 3, "names": [f["name"] for f in FACTORS], "bounds": [[0.0, 1.0]] * 3}
PAIRS = [(0, r) for r in range(6)]


def saltelli(n=64):
    """Return a Saltelli sample of the unit cube."""
    return sobol.sample(UNIT_CUBE, n, calc_second_order=False, seed=3)


def additive(place, policy, _draw, replication):
    """Return an effect that is 3 times the second factor plus 4 times the third; citizens differ by replication."""
    luck = 10.0 * np.sin(replication)
    if policy == "baseline":
        return {"satisfaction_index": 70.0 + luck + place["parameter.sdp_medium"]}
    effect = 3 * place["parameter.sdp_medium"] + 4 * place["region.units.counter.minutes"]
    return {"satisfaction_index": 70.0 + luck + place["parameter.sdp_medium"] + effect}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Return the folder of a sweep whose effect is additive."""
    return write_sweep(tmp_path_factory.mktemp("swept"), saltelli(), FACTORS, additive, pairs=PAIRS)


def test_shares_add_up_and_a_factor_without_effect_has_none(swept):
    """In an additive effect shares are those of the variance, 9 to 16, and a lever that does nothing has none."""
    found = sensitivity(swept, "satisfaction_index")
    share = found.table.set_index("factor")["share"]

    assert share.sum() == pytest.approx(1)
    assert share["parameter.sdp_medium"] == pytest.approx(9 / 25, abs=0.06)
    assert share["region.units.counter.minutes"] == pytest.approx(16 / 25, abs=0.06)
    assert share["policy.appraisal.stakes"] == 0
    assert list(found.table["factor"][:1]) == ["region.units.counter.minutes"]
    assert (found.n_points, found.n_replications, found.coverage) == (320, 6, 1.0)


def test_grades_gather_their_factors(swept):
    """The share of a grade is that of its factors; a lever is a choice and no evidence."""
    found = sensitivity(swept, "satisfaction_index")
    grades = found.grades.set_index("grade")

    assert list(grades.index) == ["published", "estimate", "choice"]
    assert grades.loc["estimate", "share"] == pytest.approx(16 / 25, abs=0.06)
    assert grades.loc["estimate", "share_low"] < 16 / 25 < grades.loc["estimate", "share_high"]


def test_level_and_contrast_are_kept_apart(swept):
    """The level holds what policy and reference share; the contrast does not."""
    level = sensitivity(swept, "satisfaction_index", on="level").table.set_index("factor")["share"]

    assert level["parameter.sdp_medium"] == pytest.approx(0.5, abs=0.06)  # (1 + 3) squared against 4 squared


def test_chance_that_all_points_share_is_no_noise(swept):
    """Citizens who move every point alike leave no noise between points, however much they move them."""
    assert sensitivity(swept, "satisfaction_index", on="level").noise_share == pytest.approx(0, abs=1e-12)


def test_chance_of_single_points_is_told(tmp_path):
    """Where points differ by chance alone, nearly all of the spread is called chance."""
    rng = np.random.default_rng(5)
    folder = write_sweep(
        tmp_path / "noise", saltelli(), FACTORS, lambda *_: {"satisfaction_index": float(rng.normal())}, pairs=PAIRS
    )

    assert sensitivity(folder, "satisfaction_index").noise_share > 0.85


def test_one_replication_cannot_tell_chance(tmp_path):
    """With a single replication a point the share of chance is not made up."""
    folder = write_sweep(tmp_path / "one", saltelli(16), FACTORS, additive)

    assert np.isnan(sensitivity(folder, "satisfaction_index").noise_share)


def test_a_point_with_a_missing_replication_counts_as_failed(tmp_path):
    """A point that lacks one replication takes its block with it, and both are counted."""
    calls = []

    def once(place, policy, draw, replication):
        calls.append(policy)
        lost = policy == "policy" and calls.count("policy") == 9
        return {} if lost else additive(place, policy, draw, replication)

    pairs = [(d, 2 * d + r) for d in range(3) for r in range(2)]  # every draw of the point has another replication
    found = sensitivity(write_sweep(tmp_path / "lost", saltelli(16), FACTORS, once, pairs=pairs), "satisfaction_index")

    assert (found.n_failed, found.n_used, found.n_blocks) == (1, 15, 16)


def test_an_effect_that_nothing_changes_has_no_shares(tmp_path):
    """A result that is the same at every point has a spread of 0 and shares that are not numbers."""
    folder = write_sweep(tmp_path / "flat", saltelli(16), FACTORS, lambda *_: {"satisfaction_index": 1.0}, pairs=PAIRS)
    found = sensitivity(folder, "satisfaction_index")

    assert found.spread == 0
    assert found.table["share"].isna().all()


def test_groups_moved_together_are_analysed_together(tmp_path):
    """A design that moved factors by grade is analysed by grade, with blocks of that many points."""
    problem = UNIT_CUBE | {"groups": ["a", "b", "b"]}
    x = sobol.sample(problem, 64, calc_second_order=False, seed=3)
    folder = write_sweep(tmp_path / "groups", x, FACTORS, additive, pairs=PAIRS, more={"groups": ["a", "b", "b"]})
    found = sensitivity(folder, "satisfaction_index")

    assert found.n_blocks == 64
    assert dict(zip(found.table["factor"], found.table["share"], strict=True)) == pytest.approx({"a": 0, "b": 1})
    assert found.table["grade"][0] == "published+estimate"


def test_morris_finds_effects_over_the_whole_range(tmp_path):
    """In an additive effect every elementary effect is the factor's own, whatever the path."""
    x = morris.sample(UNIT_CUBE, 10, num_levels=4, seed=2)
    folder = write_sweep(tmp_path / "morris", x, FACTORS, additive, method="morris", pairs=PAIRS, more={"levels": 4})
    table = sensitivity(folder, "satisfaction_index").table.set_index("factor")

    assert table["mu_star"].to_dict() == pytest.approx(
        {"policy.appraisal.stakes": 0, "parameter.sdp_medium": 3, "region.units.counter.minutes": 4}, abs=1e-9
    )
    assert table["share"].sum() == pytest.approx(1)
    assert table["sigma"].max() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"metric": "wait_minutes_p90"}, "`metric` must be one of those in the sweep"),
        ({"metric": "satisfaction_index", "unit": "countre"}, "Did you mean `counter`"),
        ({"metric": "satisfaction_index", "on": "both"}, "`on` must be contrast or level"),
        ({"metric": "satisfaction_index", "region": "there"}, "`region` must be one of those in the sweep"),
    ],
)
def test_unknown_names_are_refused(swept, call, message):
    """A name that the sweep does not hold is the user's mistake, told with what it holds."""
    with pytest.raises(InputError, match=message):
        sensitivity(swept, **call)


def test_another_method_is_refused(tmp_path):
    """A grid cannot be analysed as a Saltelli design."""
    folder = write_sweep(tmp_path / "grid", saltelli(16), FACTORS, additive, method="grid")

    with pytest.raises(InputError, match="`method` must be saltelli or morris"):
        sensitivity(folder, "satisfaction_index")


def test_a_folder_without_a_sweep_is_refused(tmp_path):
    """A folder that holds no sweep is named, not read."""
    with pytest.raises(InputError, match=r"hold a compacted sweep; got no manifest.json"):
        sensitivity(tmp_path, "satisfaction_index")
