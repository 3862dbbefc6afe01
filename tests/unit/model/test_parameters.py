"""Joint draws of the ledger: what is drawn beside its rows."""

import numpy as np

from kinerja_sim.model.parameters import draw_parameters


def test_citizens_pressure_works_as_often_as_its_row_says_whatever_the_row() -> None:
    """Over many draws pressure works with the probability drawn, where that is low as where it is high."""
    draws = draw_parameters(4, range(4000), "ledger")
    share, works = np.array([(p["prob_citizen_channel_effective"], p["citizen_effect"]) for p in draws]).T
    low = share < np.median(share)
    for some in (low, ~low):
        error = (share[some] * (1 - share[some])).mean() ** 0.5 / some.sum() ** 0.5
        assert abs(works[some].mean() - share[some].mean()) < 4 * error
