"""Little's law in every random month: what waits over time is what visitors and cases waited."""

import numpy as np
import pytest

from tests.offices import draw_office, serve_compiled
from tests.properties.test_month_identities import JOINED, OFFICES, flow_sum, without_ticket


def area_under_the_number_present(come: np.ndarray, go: np.ndarray) -> float:
    """Return the integral over time of how many are present."""
    moments = np.concatenate([come, go])
    steps = np.concatenate([np.ones(come.size), -np.ones(go.size)])
    order = np.argsort(moments, kind="stable")
    present = np.cumsum(steps[order])[:-1]
    return float((present * np.diff(moments[order])).sum())


def test_the_line_over_time_is_what_its_visitors_waited() -> None:
    """The number waiting at the counter, integrated over time, equals the minutes waited that the month's sums hold."""
    waited = 0.0
    for number in OFFICES:
        area = 0.0
        for month in serve_compiled(draw_office(number)):  # sums grow from month to month
            events = month.events
            visits = events[np.isin(events["kind"], JOINED) & ~without_ticket(events)]
            area += area_under_the_number_present(visits["time"], visits["begin"]) if visits.size else 0.0
            assert area == pytest.approx(flow_sum(month.flow, "wait_minutes_sum"), rel=1e-9, abs=1e-6)
        waited += area
    assert waited > 0
