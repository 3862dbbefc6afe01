"""Who of those at work is at the counter in which half-hour: shares made whole officers, and shifts that take turns.

A region file gives the share of officers at their posts by half-hour. Nothing is drawn: what rounding takes from one
half-hour it gives to a later one, and from day to day the rounding and the first in turn move on, so that over days
every half-hour has its share and every officer the same minutes. Most open to dispute: whoever has been at the counter
longest goes first, and a talk or course at the start of the day costs nothing to those whose turn comes later.
"""

from __future__ import annotations

import numpy as np

GOLDEN = (5.0**0.5 - 1.0) / 2.0  # multiples of it fill [0, 1) evenly, however many days are looked at


def at_posts(share: np.ndarray, is_there: np.ndarray, first_day: int) -> np.ndarray:
    """Return who is at the counter when, bool [D, H, officers].

    Parameters
    ----------
    share : float array, [H]
        Share of the officers there who are at their posts, 0 to 1.
    is_there : bool array, [D, officers]
        Who came to work.
    first_day : int
        Days before these: where the turns stand.

    Examples
    --------
    >>> two_of_four = at_posts(np.array([0.5, 1.0]), np.ones((1, 4), bool), 0)
    >>> two_of_four[0].sum(axis=1).tolist()
    [2, 4]
    """
    n_days, n_officers = is_there.shape
    found = np.zeros((n_days, share.size, n_officers), bool)
    for d in range(n_days):
        there = np.flatnonzero(is_there[d])
        if not there.size:
            continue
        due = np.cumsum(share * there.size) + (GOLDEN * (first_day + d)) % 1.0
        number = np.minimum(np.diff(np.floor(due), prepend=0.0), there.size)
        gone = np.cumsum(np.maximum(-np.diff(number, prepend=0.0), 0.0))  # who came first goes first
        turn = (np.arange(there.size) - first_day - d) % there.size
        found[d][:, there] = (turn - gone[:, None]) % there.size < number[:, None]
    return found


def minutes_away(at_post: np.ndarray, offset: np.ndarray, length: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Return each counter officer's minutes at work but away from the counter, [officers].

    Parameters
    ----------
    at_post : bool array, [D, H, officers]
    offset : float array, [D, officers]
        Minutes after opening from which the officer is at work.
    length, width : float arrays, [D]
        Minutes of the day, and of one of its half-hours; the last one goes on until closing.
    """
    begin = width[:, None] * np.arange(at_post.shape[1])
    end = np.append(begin[:, 1:], length[:, None], axis=1)
    minutes = np.maximum(end[:, :, None] - np.maximum(begin[:, :, None], offset[:, None, :]), 0.0)
    return np.asarray(np.where(at_post, 0.0, minutes).sum(axis=(0, 1)))
