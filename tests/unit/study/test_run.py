"""One replication through the public name."""

import pandas as pd
import pytest

import kinerja_sim as ks
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.schema import RESULT_COLUMNS

SHORT = {"months": 2, "pre_months": 1}


def test_a_run_is_that_replication_of_a_comparison():
    """Replication 1 alone equals replication 1 among others: demand is keyed, not consumed."""
    alone = ks.simulate("arcamanik", "one_more_officer", replication=1, **SHORT).results
    among = ks.compare("arcamanik", "one_more_officer", replications=2, **SHORT).results
    among = among.query("replication == 1 and scenario == 'one_more_officer'")

    keys = ["unit", "period"]
    pd.testing.assert_frame_equal(
        alone.sort_values(keys, ignore_index=True), among.sort_values(keys, ignore_index=True), check_exact=True
    )
    assert list(alone.columns) == RESULT_COLUMNS


def test_cases_are_kept_when_asked_for():
    """Without asking there are no cases; with it there is a row for each."""
    assert ks.simulate("arcamanik", "baseline", **SHORT).cases is None
    assert len(ks.simulate("arcamanik", "baseline", cases=True, **SHORT).cases) > 100


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"replication": -1}, {"months": 0}, {"parameters": "points"}])
def test_mistakes_are_refused(wrong):
    """Wrong options are a user's mistake."""
    with pytest.raises(InputError, match=f"`{next(iter(wrong))}` must be"):
        ks.simulate("arcamanik", "baseline", **wrong)


def test_units_stand_in_one_order_everywhere():
    """A run's tables are sorted as a comparison's are, not as the region file lists its units."""
    run = ks.simulate("tangerang-selatan", "baseline", months=12, pre_months=0, parameters="point")
    for table in (run.results, run.appraisals):
        assert list(dict.fromkeys(table["unit"])) == ["complaints", "ktp", "outpatient"]
