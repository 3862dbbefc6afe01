"""Whole months of offices of the size of real ones: the compiled kernel equals the plain month."""

from __future__ import annotations

import numpy as np

from tests.offices import first_difference, serve_compiled, serve_plainly
from tests.prove.large_offices import draw_large_office
from tests.prove.report import Proof

N_OFFICES = 200


def test_every_case_ends_as_in_the_plain_model(proof: Proof) -> None:
    """Events, cases carried over and all sums equal those of the plain-Python month."""
    worst, n_months, n_events = 0.0, 0, 0
    for number in range(5_000, 5_000 + N_OFFICES):
        office = draw_large_office(number)
        for period, (compiled, plain) in enumerate(zip(serve_compiled(office), serve_plainly(office), strict=True)):
            difference = first_difference(compiled, plain)
            assert not difference, f"office {number}, month {period}: {difference}"
            for name in ("free_at", "officers", "flow", "cohort"):
                ours, theirs = getattr(compiled, name), getattr(plain, name)
                relative = np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1.0)
                worst = max(worst, float(relative.max(initial=0.0)))
            n_months, n_events = n_months + 1, n_events + compiled.events.size
    proof.amount = f"{n_months} months of {N_OFFICES} offices, {n_events:,} visits and processing steps"
    proof.worst = f"{worst:.1e} of a sum" if worst else "none: equal to the bit"
