"""Online queue: citizens who can and want to book a slot come at an even pace instead of in the morning.

A pure function of demand, so that policies still meet the same citizens. Most open to
dispute: adoption and empty slots, of which only reports exist (Pekanbaru closed its online
queue again in 2020). Left out: a slot that stays empty when nobody else is there costs as much.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kinerja_sim.model.records import ACCESS, BOOKS, SLOT, STAYS_AWAY, Days, Demand
from kinerja_sim.model.rng import keyed_uniforms


def book_slots(
    days: Days, demand: Demand, params: Mapping[str, float], *, access: float, dose: float
) -> tuple[Days, Demand]:
    """Return the month with booked cases moved to their slots.

    Parameters
    ----------
    days, demand : Days, Demand
        The month as citizens would come by themselves; not changed.
    params : mapping
        One joint draw of the ledger (`booking_adoption`, `booking_no_show`, `booking_hold_minutes`).
    access : float
        Share of citizens with digital access.
    dose : float
        Share of the policy in force; at 0 the month comes back as it was.

    Notes
    -----
    Whoever books gets a slot on the same day, uniform over the opening hours. Where nobody
    comes, the officer calls the number and waits: those minutes are added to the work of the
    visitor who is next that day. The citizen comes at the same minute of the next working day
    (of the month; on its last day, the same day, and costs nothing).
    """
    keys = demand.key
    books = (keyed_uniforms(keys, ACCESS) < access) & (keyed_uniforms(keys, BOOKS) < params["booking_adoption"] * dose)
    day = np.repeat(np.arange(days.start.size), np.diff(days.first_case))
    away = books & (keyed_uniforms(keys, STAYS_AWAY) < params["booking_no_show"])
    day = np.where(away, np.minimum(day + 1, days.start.size - 1), day)
    minutes = 30.0 * (days.profile.size - 1) * keyed_uniforms(keys, SLOT)
    arrival = np.where(books, days.start[day] + days.length_factor[day] * minutes, demand.arrival)
    work = _with_holds(days, demand, arrival, day, away, minutes, params["booking_hold_minutes"])
    order = np.argsort(arrival, kind="stable")
    first_case = np.concatenate([[0], np.cumsum(np.bincount(day, minlength=days.start.size))])
    moved = Demand(keys[order], arrival[order], work[order], demand.processing_work[order], demand.patience[order])
    return days._replace(first_case=first_case), moved


def _with_holds(
    days: Days, demand: Demand, arrival: np.ndarray, day: np.ndarray, away: np.ndarray, minutes: np.ndarray, hold: float
) -> np.ndarray:
    """Return counter work with the minutes lost on each empty slot added to the next visitor of that day."""
    booked_day = np.repeat(np.arange(days.start.size), np.diff(days.first_case))
    empty = away & (day != booked_day)
    work = demand.counter_work.copy()
    slot = (days.start[booked_day] + days.length_factor[booked_day] * minutes)[empty]
    order = np.argsort(arrival, kind="stable")
    after = np.searchsorted(arrival[order], slot, side="left")
    found = after < order.size
    next_one = order[after[found]]
    same_day = day[next_one] == booked_day[empty][found]
    np.add.at(work, next_one[same_day], hold)
    return work
