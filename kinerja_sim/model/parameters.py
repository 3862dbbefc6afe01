"""Joint draws of the evidence ledger, one value a parameter and draw.

Every parameter has its own stream, so that a new row in the ledger moves no other.
With `parameters="point"` knowledge is off: every draw is the ledger's point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.model.rng import uniform_of

Parameters = Literal["ledger", "point"]


def draw_parameters(
    seed: int, draws: Sequence[int], parameters: Parameters, fixed: Mapping[str, float] | None = None
) -> list[dict[str, float]]:
    """Return one joint vector of the ledger for each draw.

    Parameters
    ----------
    seed : int
    draws : sequence of int
    parameters : {'ledger', 'point'}
    fixed : mapping, optional
        Rows that take a given value in every draw.

    Returns
    -------
    list of dict
        Values by name, and `citizen_effect`: 1 where citizens' pressure works at all in this
        draw, else 0 (at the point: its probability).

    Examples
    --------
    >>> draw_parameters(0, [0, 1], "point")[1]["train_d_job"]
    0.62
    """
    rows = load_ledger().rows
    out: list[dict[str, float]] = [{} for _ in draws]
    for name, row in rows.items():
        if parameters == "point":
            values = np.full(len(draws), row.point)
        else:
            values = np.asarray(row.ppf(np.array([uniform_of(seed, draw, name) for draw in draws])))
        for vector, value in zip(out, values, strict=True):
            vector[name] = float(value)
    for vector in out:
        vector.update(fixed or {})
    for vector, draw in zip(out, draws, strict=True):
        share = vector["prob_citizen_channel_effective"]
        works = float(uniform_of(seed, draw, "citizen_effect") < share)
        vector["citizen_effect"] = share if parameters == "point" else works
    return out
