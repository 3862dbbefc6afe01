"""The complaint clock of SP4N-LAPOR!: how many working days each step may take.

Days are working days (`know.calendar`), and the last day is still in time ("paling lambat").
Most open to dispute: where each clock starts. The article text of PermenPANRB 62/2018 was not
found; our reading is that verification runs from the day a report is lodged and every other
clock from the day the responsible office receives it. Left out: the reporter's own time to
reply, extensions, and what becomes of a report that another office must answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import Text
from kinerja_sim.know.messages import did_you_mean, sentence, show


@dataclass(frozen=True)
class Deadline:
    """The longest time one step of a report may take."""

    working_days: int
    title: Text
    source: str


_SOURCE = "PermenPANRB 62/2018 as told by the ministry's spokesman and by city offices; article text not found"
DEADLINES = {
    "verification": Deadline(
        3, Text(id="Verifikasi dan penerusan laporan", en="Verifying and forwarding a report"), _SOURCE
    ),
    "information": Deadline(5, Text(id="Permintaan informasi", en="Request for information"), _SOURCE),
    "complaint": Deadline(
        14,
        Text(id="Pengaduan tidak berkadar pengawasan", en="Complaint that needs no examination in the field"),
        _SOURCE,
    ),
    "supervisory": Deadline(
        60,
        Text(id="Pengaduan berkadar pengawasan", en="Complaint about conduct that must be examined in the field"),
        _SOURCE,
    ),
}
"""Kind of step -> its deadline."""


@overload
def is_late(kind: str, working_days: float) -> bool: ...
@overload
def is_late(kind: str, working_days: NDArray[np.floating | np.integer]) -> NDArray[np.bool_]: ...
def is_late(kind: str, working_days: float | NDArray[np.floating | np.integer]) -> bool | NDArray[np.bool_]:
    """Return whether a step has taken longer than its deadline.

    Parameters
    ----------
    kind : {'verification', 'information', 'complaint', 'supervisory'}
    working_days : float or array of floats, working days, >= 0
        Since the clock started: until the answer or, for an open report, until today.

    Returns
    -------
    bool, or array of bool of the same shape
        False on the last day itself.

    Raises
    ------
    InputError
        If the kind is unknown, or a duration is negative or not finite.

    Source
    ------
    PermenPANRB 62/2018: 3, 5, 14 and 60 working days (second-hand; article text not found).

    Examples
    --------
    >>> is_late("complaint", 14), is_late("complaint", 15)
    (False, True)
    """
    if kind not in DEADLINES:
        rule = f"be one of {', '.join(DEADLINES)}"
        raise InputError(sentence("kind", rule, show(kind), remedy=did_you_mean(kind, DEADLINES)))
    days = np.asarray(working_days)
    if days.dtype.kind not in "iuf":
        raise InputError(sentence("working_days", "be a number of working days", show(working_days)))
    wrong = ~(np.isfinite(days) & (days >= 0))
    if wrong.any():
        raise InputError(sentence("working_days", "be finite and at least 0", f"{days[wrong].flat[0]:g}"))
    late: NDArray[np.bool_] = days > DEADLINES[kind].working_days
    return bool(late) if late.ndim == 0 else late
