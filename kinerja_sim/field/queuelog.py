"""A queue log as the fits read it: minutes, half-hours and pools of units that share officers.

Most open to dispute: units whose cases are served by the same people are one pool, because an officer busy with one
is not free for the other. Left out: cases without an arrival.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import sentence

SLOTS = 48
SLOT_MINUTES = 30.0
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Log:
    """The cases of one pool, sorted by arrival, [N] each; NaN where not observed.

    Attributes
    ----------
    days : datetime64[D] array, [D]
        Every calendar day from the first arrival to the last, closed ones included.
    day, slot : int arrays, [N]
        Day (index into `days`) and half-hour of the day in which the case arrived.
    minute : float array, [N]
        Minute of the day of the arrival; `wait` and `service` are minutes too.
    served, abandoned : bool arrays, [N]
    kind, officer : str arrays, [N]
        Kind of service (the unit, where the log names none); officer is '' where it names none.
    priority : int array, [N]
    """

    name: str
    days: NDArray[np.datetime64]
    day: Ints
    minute: Floats
    wait: Floats
    service: Floats
    served: NDArray[np.bool_]
    abandoned: NDArray[np.bool_]
    kind: NDArray[np.str_]
    officer: NDArray[np.str_]
    priority: Ints

    @property
    def slot(self) -> Ints:
        """Half-hour of the day, 0 to 47."""
        return (self.minute // SLOT_MINUTES).astype(np.int64)

    def cells(self, values: NDArray[np.generic] | None = None) -> Floats:
        """Return sums of `values` (left out: the number of cases) by day and half-hour, [D, 48]; NaN adds nothing."""
        weights = None if values is None else np.nan_to_num(np.asarray(values, float))
        flat = np.bincount(self.day * SLOTS + self.slot, weights=weights, minlength=len(self.days) * SLOTS)
        return flat.reshape(-1, SLOTS).astype(float)

    def between(self, first: np.datetime64, last: np.datetime64) -> Log:
        """Return the cases that arrived from day `first` to day `last`, both included."""
        keep = (self.days[self.day] >= first) & (self.days[self.day] <= last)
        return self._take(keep, self.days[(self.days >= first) & (self.days <= last)])

    def _take(self, keep: NDArray[np.bool_], days: NDArray[np.datetime64]) -> Log:
        names = ("minute", "wait", "service", "served", "abandoned", "kind", "officer", "priority")
        parts = {name: getattr(self, name)[keep] for name in names}
        day = np.searchsorted(days, self.days[self.day[keep]])
        return Log(self.name, days, day, **parts)


def pools_of(cases: pd.DataFrame) -> list[list[str]]:
    """Return the units that share officers, as lists, the busiest pool first.

    A unit belongs to a pool when at least a tenth of its served cases were served by officers of that pool's others.
    """
    units = cases["unit"].value_counts().index.tolist()
    known = cases[cases["officer"] != ""]
    if known.empty or len(units) == 1:
        return [[u] for u in units]
    table = pd.crosstab(known["unit"], known["officer"]).reindex(units, fill_value=0).to_numpy(float)
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1.0)
    overlap = np.minimum(share[:, None, :], share[None, :, :]).sum(axis=2) >= 0.1
    _, label = connected_components(coo_array(overlap), directed=False)
    found = [[u for u, k in zip(units, label, strict=True) if k == c] for c in dict.fromkeys(label.tolist())]
    size = cases["unit"].value_counts().to_dict()
    return sorted(found, key=lambda pool: -sum(size[u] for u in pool))


def make_log(cases: pd.DataFrame, units: list[str]) -> Log:
    """Return the log of one pool; a wait below zero by at most a minute counts as none.

    Raises
    ------
    InputError
        If no case of `units` has an arrival.
    """
    part = cases[cases["unit"].isin(units) & cases["arrived"].notna() & (cases["outcome"] != "unknown")]
    part = part.sort_values(["arrived", "source_row"], kind="stable")
    if part.empty:
        raise InputError(sentence("cases", "hold arrivals", f"none in {', '.join(units)}"))
    arrived = part["arrived"].to_numpy("datetime64[us]")
    day = arrived.astype("datetime64[D]")
    days = np.arange(day.min(), day.max() + 1)
    served, abandoned = ((part["outcome"] == kind).to_numpy(bool) for kind in ("served", "abandoned"))
    started, finished = (part[c].to_numpy("datetime64[us]") for c in ("started", "finished"))
    left = np.where(served, started, np.where(abandoned, finished, np.datetime64("NaT")))
    wait = _minutes(left - arrived)
    wait = np.where(wait < -1.0, np.nan, np.maximum(wait, 0.0))
    service = np.where(served, _minutes(finished - started), np.nan)
    return Log(
        units[0] if len(units) == 1 else "+".join(units), days, np.searchsorted(days, day), _minutes(arrived - day),
        wait, np.where(service < 0, np.nan, service), served, abandoned,
        part["service"].where(part["service"] != "", part["unit"]).to_numpy(str),
        part["officer"].to_numpy(str), part["priority"].to_numpy(np.int64),
    )  # fmt: skip


def _minutes(span: NDArray[np.timedelta64]) -> Floats:
    """Return minutes, NaN for NaT."""
    return np.asarray(span / np.timedelta64(1, "m"), dtype=float)
