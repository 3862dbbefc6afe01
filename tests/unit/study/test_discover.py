"""Conditions that are read and never run, and boxes that PRIM must find again."""

import numpy as np
import pytest

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.study.discover import discover, parse_where
from tests.fake_sweep import write_sweep

FACTORS = [
    {"name": "policy.appraisal.stakes", "kind": "policy"},
    {"name": "parameter.sdp_medium", "kind": "parameter", "grade": "published"},
    {"name": "parameter.effect_discount", "kind": "parameter", "grade": "estimate"},
]


def corner(place, *_):
    """Return a result that is good in one corner of the design only."""
    is_good = place["policy.appraisal.stakes"] > 0.6 and place["parameter.sdp_medium"] < 0.4
    return {"satisfaction_index": 80.0 if is_good else 70.0, "backlog_cases": 5.0}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Return the folder of a sweep that is good where stakes > 0.6 and sdp_medium < 0.4."""
    x = np.random.default_rng(1).random((600, 3))
    return write_sweep(tmp_path_factory.mktemp("swept"), x, FACTORS, corner, method="latin_hypercube", reference=None)


def test_the_box_of_a_planted_corner_is_found(swept):
    """The two factors that decide are found with their bounds, and the third is left alone."""
    found = discover(swept, "satisfaction_index >= 76.61")
    bounds = found.table[found.table["box"] == 1].set_index("factor")

    assert set(bounds.index) == {"policy.appraisal.stakes", "parameter.sdp_medium"}
    assert bounds.loc["policy.appraisal.stakes", "low"] == pytest.approx(0.6, abs=0.03)
    assert bounds.loc["parameter.sdp_medium", "high"] == pytest.approx(0.4, abs=0.03)
    box = found.boxes.iloc[0]
    assert box["is_dense"]
    assert box["coverage"] > 0.95
    assert box["density"] == pytest.approx(box["n_meeting"] / box["n"])
    x = np.random.default_rng(1).random((600, 3))
    assert found.n_meeting == ((x[:, 0] > 0.6) & (x[:, 1] < 0.4)).sum()


def test_a_result_that_no_factor_decides_has_no_dense_box(tmp_path):
    """Where chance decides, the purest box is told as not dense enough."""
    rng = np.random.default_rng(2)
    folder = write_sweep(
        tmp_path / "chance", rng.random((300, 3)), FACTORS,
        lambda *_: {"satisfaction_index": float(rng.random() < 0.3)}, reference=None,
    )  # fmt: skip

    assert not discover(folder, "satisfaction_index > 0").boxes["is_dense"].any()


def test_several_clauses_must_all_hold(swept):
    """Clauses joined by 'and' leave only the points that meet all of them."""
    one = discover(swept, "satisfaction_index >= 76.61")
    both = discover(swept, "satisfaction_index >= 76.61 and backlog_cases < 6")

    assert both.n_meeting == one.n_meeting
    assert discover(swept, "satisfaction_index >= 76.61 and backlog_cases < 5").n_meeting == 0


@pytest.mark.parametrize(
    "text",
    ["", "satisfaction_index", "satisfaction_index == 3", "__import__('os') > 1", "satisfaction_index >= x",
     "satisfaction_index >= 1 or 2", "satisfaction_index >= 1;", "satisfaction_index >= 1 and"],
)  # fmt: skip
def test_a_condition_that_is_not_one_is_refused(text):
    """Anything but metric, comparison and number is refused, and nothing of it is ever run."""
    with pytest.raises(InputError, match="`where` must be comparisons"):
        parse_where(text)


def test_signs_keep_their_meaning():
    """Each comparison holds on its own side of the bound, and NaN meets none."""
    values = np.array([1.0, 2.0, 3.0, np.nan])
    held = {sign: parse_where(f"backlog_cases {sign} 2")[0].holds(values).tolist() for sign in (">=", "<=", ">", "<")}

    assert held == {
        ">=": [False, True, True, False], "<=": [True, True, False, False],
        ">": [False, False, True, False], "<": [True, False, False, False],
    }  # fmt: skip


@pytest.mark.parametrize(("where", "n"), [("satisfaction_index > 1", 600), ("satisfaction_index > 100", 0)])
def test_everything_or_nothing_has_no_box(swept, where, n):
    """A bound that all or none of the points meet is answered without a box, not refused."""
    found = discover(swept, where)

    assert found.n_meeting == n
    assert found.boxes.empty
    assert found.table.empty


def test_failed_points_are_left_out_and_counted(tmp_path):
    """A few failed points are counted; too many are refused."""
    x = np.random.default_rng(1).random((100, 3))

    def fails(share):
        return lambda place, *_: {} if place["parameter.effect_discount"] < share else corner(place)

    few = discover(write_sweep(tmp_path / "few", x, FACTORS, fails(0.1), reference=None), "satisfaction_index > 76")

    assert few.n_failed == int((x[:, 2] < 0.1).sum()) > 0
    with pytest.raises(RunError, match="points came through"):
        discover(write_sweep(tmp_path / "many", x, FACTORS, fails(0.4), reference=None), "satisfaction_index > 76")


def test_a_small_design_is_refused(tmp_path):
    """Boxes from a handful of points are refused."""
    folder = write_sweep(tmp_path / "few", np.random.default_rng(1).random((20, 3)), FACTORS, corner, reference=None)

    with pytest.raises(InputError, match="at least 40 points"):
        discover(folder, "satisfaction_index > 76")
