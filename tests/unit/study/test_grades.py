"""Spread by grade of evidence for one effect, from a sweep that leaves nothing behind."""

import tempfile
from pathlib import Path

import pytest

import kinerja_sim as ks
from kinerja_sim.know.fields import GRADES
from kinerja_sim.study.grades import spread_by_grade


@pytest.mark.slow
def test_shares_by_grade_add_up_and_no_folder_is_left(tmp_path, monkeypatch):
    """Every grade of the ledger has a share, shares add up to 1, and the sweep's folder is gone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    region = ks.load_region("arcamanik")
    own, base = ks.load_policy(region.preset), ks.load_policy("baseline")
    found = spread_by_grade(region, own, base, "turnaround_days_mean", "sukamiskin", n=4, replications=1, months=2)
    assert set(found.grades["grade"]) <= set(GRADES)
    assert found.grades["share"].sum() == pytest.approx(1.0)
    assert found.unit == "sukamiskin"
    assert list(Path(tmp_path).iterdir()) == []
