"""How many officers really serve: counted while somebody waits, not by heads seen.

While the line is not empty nobody who is available is idle, so the mean number busy then *is* the number of effective
servers; an officer seen in the half-hour but away from the counter does not count. Most open to dispute: an officer who
writes up a case between two services counts as partly there. Left out: who may serve which type.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from kinerja_sim.field.queuelog import SLOT_MINUTES, SLOTS, Log
from kinerja_sim.field.scores import Interval, by_day

Floats = NDArray[np.float64]
STEP = 1.0 / 15.0  # minutes between two looks at the office
LONGEST_LINE = 8  # people waiting; longer lines count as this
FEWEST_HEADS = 2.0
"""Fewer officers seen in a half-hour would show one of them."""
SETTLED = 0.1  # minutes: shorter waits are the log's rounding, not a line


@dataclass(frozen=True)
class Availability:
    """Servers of one pool by day and half-hour, [D, 48].

    Attributes
    ----------
    effective : float array
        Effective servers: busy while somebody waits; else `share` x heads, and no fewer than are busy.
    heads : float array
        Different officers seen serving in the half-hour.
    line_minutes : float array
        Minutes in which somebody waited.
    busy : float array
        Mean number busy, line or not.
    share : Interval
        Effective servers per head seen, while somebody waits; resampled by day.
    response : float array, [LONGEST_LINE + 1]
        Busy servers over `share` x heads when so many wait: people in the house turn to a long line. Never falling.
    n_days : int
        Days with a line.
    """

    effective: Floats
    heads: Floats
    line_minutes: Floats
    busy: Floats
    share: Interval
    response: Floats
    n_days: int

    def met_by(self, arrivals: Floats, days: NDArray[np.bool_]) -> Floats:
        """Return the servers that people met by half-hour, [48]: the mean over `days`, weighted by those who came.

        Where fewer than two officers were seen their number stands for what was measured, which would be one person's.
        """
        nobody_told = self.heads.mean(axis=0, where=days[:, None]) < FEWEST_HEADS
        servers = np.where(nobody_told, self.share.value * self.heads, self.effective)[days]
        weight = np.where(arrivals[days].sum(axis=0) > 0, arrivals[days], 1.0)
        return np.asarray((weight * servers).sum(axis=0) / weight.sum(axis=0))


def fit_availability(log: Log) -> Availability | None:
    """Count effective servers; None when no start of service was logged or nobody ever waited."""
    served = log.served & np.isfinite(log.wait) & (log.service > 0)
    if not served.any():
        return None
    arrival = log.day * 1440.0 + log.minute
    start = arrival + np.nan_to_num(log.wait)
    finish = start + np.nan_to_num(log.service)
    waited = (served | log.abandoned) & (np.nan_to_num(log.wait) > SETTLED)
    ticks = np.arange(0.0, len(log.days) * 1440.0, STEP)
    busy = _present(start[served], finish[served], ticks)
    length = _present(arrival[waited] + SETTLED / 2, start[waited] - SETTLED / 2, ticks)
    line = length > 0
    cell = np.minimum((ticks // SLOT_MINUTES).astype(np.int64), len(log.days) * SLOTS - 1)

    def summed(values: Floats) -> Floats:
        flat = np.bincount(cell, weights=values, minlength=len(log.days) * SLOTS)
        return np.asarray(flat.reshape(-1, SLOTS) * STEP, float)

    heads = _heads(log, start, finish, served)
    line_minutes, busy_in_line = summed(line.astype(float)), summed(np.where(line, busy, 0.0))
    by_heads = np.where(heads > 0, line_minutes, 0.0) * heads
    days = by_heads.sum(axis=1) > 0
    if not days.any():
        return None
    top = np.where(heads > 0, busy_in_line, 0.0).sum(axis=1)
    share = by_day(top[days], by_heads.sum(axis=1)[days], key="availability", n_resamples=999)
    guess = share.value * heads
    at_least = np.where(line, busy, np.maximum(busy, guess.ravel()[cell]))  # nobody waits: no fewer than are busy
    effective = np.where((heads > 0) | (line_minutes > 1), summed(at_least) / SLOT_MINUTES, 0.0)
    response = _response(length[line], busy[line], guess.ravel()[cell][line])
    return Availability(effective, heads, line_minutes, summed(busy) / SLOT_MINUTES, share, response, int(days.sum()))


def _response(length: Floats, busy: Floats, usual: Floats) -> Floats:
    """Return busy over usual servers by length of the line, smoothed so that it never falls."""
    place = np.minimum(length, LONGEST_LINE).astype(np.int64)
    top, bottom = (np.bincount(place, weights=x, minlength=LONGEST_LINE + 1)[1:] for x in (busy, usual))
    known = bottom > 0
    raised = isotonic_regression(np.where(known, top / np.where(known, bottom, 1.0), 1.0), weights=bottom + 1e-9).x
    return np.concatenate([raised[:1], raised])


def _present(begin: Floats, end: Floats, ticks: Floats) -> Floats:
    """Return how many intervals cover each tick."""
    begun = np.searchsorted(np.sort(begin), ticks, side="right")
    return (begun - np.searchsorted(np.sort(end), ticks, side="right")).astype(float)


def _heads(log: Log, start: Floats, finish: Floats, served: NDArray[np.bool_]) -> Floats:
    """Return the officers seen by day and half-hour; without names, the largest number busy at once is all there is."""
    named = served & (log.officer != "")
    if not named.any():
        ticks = np.arange(0.0, len(log.days) * 1440.0, 1.0)
        return _present(start[served], finish[served], ticks).reshape(-1, SLOTS, int(SLOT_MINUTES)).max(axis=2)
    _, who = np.unique(log.officer[named], return_inverse=True)
    first = (start[named] // SLOT_MINUTES).astype(np.int64)
    last = (finish[named] // SLOT_MINUTES).astype(np.int64)
    pairs = [np.stack([first + i, who])[:, first + i <= last] for i in range(int(min(np.max(last - first), 8)) + 1)]
    seen = np.unique(np.concatenate(pairs, axis=1), axis=1)[0]
    n = len(log.days) * SLOTS
    return np.bincount(seen[seen < n], minlength=n).reshape(-1, SLOTS).astype(float)
