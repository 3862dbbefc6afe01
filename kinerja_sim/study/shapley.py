"""Shapley's division of a joint effect among groups, exactly and for every replication by itself.

A *game* is an array whose first axis holds the outcome of every subset of k groups: bit i
of the index says whether group i is in. Nothing here knows what the groups are. Most open
to dispute: that every order in which groups could be introduced counts the same.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np

from kinerja_sim.study.statistics import Floats, Ints


def shapley_shares(game: Floats) -> Floats:
    """Return each group's share of the whole: the mean of what it adds over all orders of introduction.

    Parameters
    ----------
    game : array, shape (2**k, ...)

    Returns
    -------
    array, shape (k, ...)
        Shares add up to ``game[-1] - game[0]`` as closely as numbers of that size can: to
        1e-9 up to outcomes of some hundred thousand, to 1e-15 of them beyond. A group that
        never changes anything gets exactly 0. NaN where any subset was not observed.

    Source
    ------
    Shapley 1953, A value for n-person games, Contributions to the Theory of Games II.

    Examples
    --------
    >>> shapley_shares(np.array([0.0, 1.0, 2.0, 5.0])).tolist()  # both together do 2 more than each alone
    [2.0, 3.0]
    """
    k = n_groups(game)
    shares = np.empty((k, *game.shape[1:]))
    for i in range(k):
        without, size = _subsets_without(k, 1 << i)
        weight = np.array([1.0 / (k * comb(k - 1, s)) for s in range(k)])[size]
        shares[i] = np.tensordot(weight, game[without | 1 << i] - game[without], axes=1)
    return shares


def pair_interactions(game: Floats) -> tuple[list[tuple[int, int]], Floats]:
    """Return every pair of groups, and how much more the two do together than apart, over all orders.

    Parameters
    ----------
    game : array, shape (2**k, ...)

    Returns
    -------
    pairs : list of (i, j)
    index : array, shape (k (k - 1) / 2, ...)
        Above 0 where the two raise the outcome more together; 0 where they do not touch.

    Source
    ------
    Grabisch and Roubens 1999, An axiomatic approach to the concept of interaction among
    players in cooperative games, International Journal of Game Theory 28.

    Examples
    --------
    >>> pairs, index = pair_interactions(np.array([0.0, 1.0, 2.0, 5.0]))
    >>> pairs, index.tolist()
    ([(0, 1)], [2.0])
    """
    k = n_groups(game)
    pairs = list(combinations(range(k), 2))
    index = np.empty((len(pairs), *game.shape[1:]))
    for p, (i, j) in enumerate(pairs):
        a, b = 1 << i, 1 << j
        without, size = _subsets_without(k, a | b)
        weight = np.array([1.0 / ((k - 1) * comb(k - 2, s)) for s in range(k - 1)])[size]
        together = game[without | a | b] - game[without | a] - (game[without | b] - game[without])
        index[p] = np.tensordot(weight, together, axes=1)
    return pairs, index


def effects_alone(game: Floats) -> Floats:
    """Return what each group does when it is the only one, shape (k, ...)."""
    return game[[1 << i for i in range(n_groups(game))]] - game[0]


def n_groups(game: Floats) -> int:
    """Return k of a game with 2**k subsets, or raise `ValueError`."""
    n = len(game)
    if n < 1 or n & (n - 1):
        raise ValueError(f"`game` must hold every subset, a power of 2; got {n} of them.")
    return n.bit_length() - 1


def _subsets_without(k: int, bits: int) -> tuple[Ints, Ints]:
    """Return the subsets of k groups in which none of `bits` is, and how many groups each holds."""
    found = [s for s in range(1 << k) if not s & bits]
    return np.array(found), np.array([s.bit_count() for s in found])
