"""Did a number move? A figure of the golden summary changes only with a line in the CHANGELOG under Numbers."""

from __future__ import annotations

import pandas as pd

from tests.snapshot.golden import METRICS, load_golden, make_golden


def test_no_number_has_moved() -> None:
    """Every policy in every region gives the figures it gave; after a wanted change run scripts/update_snapshots.py."""
    held, now = load_golden(), make_golden()

    pd.testing.assert_frame_equal(now, held, check_dtype=False, rtol=1e-9, atol=1e-9)


def test_the_golden_summary_tells_policies_apart() -> None:
    """A figure that no policy moves would hold nothing: each differs between some policies of some region."""
    held = load_golden()
    spread = held.groupby(["region", "unit"])[METRICS].agg(lambda column: column.max() - column.min())

    assert (spread.max() > 0).all()
    assert held["scenario"].nunique() > 15
