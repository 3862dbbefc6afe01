"""The complaint clock."""

import numpy as np
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.model.deadlines import DEADLINES, is_late


@pytest.mark.parametrize(
    ("kind", "days"), [("verification", 3), ("information", 5), ("complaint", 14), ("supervisory", 60)]
)
def test_the_last_day_is_in_time_and_anything_beyond_it_is_not(kind: str, days: int) -> None:
    """Each clock runs to the end of its last working day, for one report and for many alike."""
    asked = np.array([[0.0, days - 0.5, days], [days + 0.5, days + 1, 1_000]])
    late = is_late(kind, asked)

    assert late.tolist() == [[False] * 3, [True] * 3]
    assert [is_late(kind, float(day)) for day in asked.ravel()] == late.ravel().tolist()
    assert is_late(kind, days) is False
    assert is_late(kind, np.array([days, days + 1])).dtype == np.bool_


def test_every_deadline_says_what_it_is_and_where_it_comes_from() -> None:
    """There are the four clocks of the regulation, titled in both languages, none of them read in the article."""
    assert {kind: deadline.working_days for kind, deadline in DEADLINES.items()} == {
        "verification": 3, "information": 5, "complaint": 14, "supervisory": 60,
    }  # fmt: skip
    for deadline in DEADLINES.values():
        assert deadline.title.id != deadline.title.en
        assert "article text not found" in deadline.source


@pytest.mark.parametrize(
    ("kind", "days", "message"),
    [
        ("complaints", 3, "`kind` must be one of verification, information, complaint, supervisory; got 'complaints'. "
                          "Did you mean `complaint`?"),
        ("complaint", -1, "`working_days` must be finite and at least 0; got -1."),
        ("complaint", np.array([3.0, np.nan]), "`working_days` must be finite and at least 0; got nan."),
        ("complaint", float("inf"), "`working_days` must be finite and at least 0; got inf."),
        ("complaint", "3", "`working_days` must be a number of working days; got '3'."),
        ("complaint", True, "`working_days` must be a number of working days; got true."),
    ],
    ids=["kind", "negative", "nan", "infinite", "text", "truth"],
)  # fmt: skip
def test_what_no_clock_can_show_is_refused(kind: str, days: float, message: str) -> None:
    """An unknown kind and a duration that is no duration are refused with the rule."""
    with pytest.raises(InputError) as caught:
        is_late(kind, days)

    assert str(caught.value) == message
