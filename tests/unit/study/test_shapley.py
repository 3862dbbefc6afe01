"""Shapley's division: it adds up, leaves nothing to what does nothing, and treats equals equally."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kinerja_sim.study.shapley import effects_alone, pair_interactions, shapley_shares

NUMBERS = st.floats(-1e3, 1e3, allow_nan=False, width=64)
GAMES = st.integers(0, 5).flatmap(lambda k: arrays(float, (2**k, 3), elements=NUMBERS))


def by_orders(game):
    """Return the shares by their definition: what each group adds, averaged over all orders."""
    k = len(game).bit_length() - 1
    shares, orders = np.zeros((k, *game.shape[1:])), list(permutations(range(k)))
    for order in orders:
        subset = 0
        for i in order:
            shares[i] += (game[subset | 1 << i] - game[subset]) / len(orders)
            subset |= 1 << i
    return shares


@given(GAMES)
def test_shares_add_up_to_the_whole_in_every_replication(game):
    """The sum of the shares is the whole effect, to 1e-9."""
    assert np.abs(shapley_shares(game).sum(axis=0) - (game[-1] - game[0])).max() < 1e-9


@given(GAMES)
def test_shares_are_the_mean_over_all_orders(game):
    """Weights over subsets give what averaging over every order of introduction gives."""
    assert np.allclose(shapley_shares(game), by_orders(game), rtol=0, atol=1e-9)


@given(GAMES, st.integers(0, 5))
def test_a_group_that_does_nothing_gets_exactly_zero(game, at):
    """A group whose presence changes no outcome has share, effect alone and interactions of exactly 0."""
    k = len(game).bit_length()  # one group more than the game has
    at = min(at, k - 1)
    low = (1 << at) - 1
    wider = np.array([game[(s & low) | (s >> 1 & ~low)] for s in range(1 << k)])

    assert (shapley_shares(wider)[at] == 0).all()
    assert (effects_alone(wider)[at] == 0).all()
    pairs, index = pair_interactions(wider)
    assert (index[[at in pair for pair in pairs]] == 0).all()
    rest = [i for i in range(k) if i != at]
    assert np.allclose(shapley_shares(wider)[rest], shapley_shares(game), rtol=0, atol=1e-9)


@given(st.integers(2, 5).flatmap(lambda k: arrays(float, (2, k + 1), elements=NUMBERS)))
def test_groups_that_do_the_same_get_the_same(values):
    """Where only the number of groups counts, every share and every pair is equal."""
    k = values.shape[1] - 1
    game = np.array([values[:, s.bit_count()] for s in range(1 << k)])
    shares, (_, index) = shapley_shares(game), pair_interactions(game)

    assert np.allclose(shares, (game[-1] - game[0]) / k, rtol=0, atol=1e-9)
    assert np.allclose(index, index[:1], rtol=0, atol=1e-9)


def test_one_group_gets_the_whole_and_none_gets_nothing():
    """With one group its share is the whole effect, bit by bit; without groups there is no share."""
    game = np.array([[0.1, -3.0], [0.4, 1e6 / 3]])

    assert (shapley_shares(game) == game[1] - game[0]).all()
    assert shapley_shares(game[:1]).shape == (0, 2)
    assert pair_interactions(game)[1].shape == (0, 2)


def test_pairs_touch_only_where_they_do_more_together():
    """Two groups that add 4 together interact by 4; a third that only adds interacts with neither."""
    game = np.array([(s & 1) + 2 * (s >> 1 & 1) + 4 * (s & 3 == 3) + 8 * (s >> 2) for s in range(8)], float)
    pairs, index = pair_interactions(game)

    assert dict(zip(pairs, index.tolist(), strict=True)) == {(0, 1): 4.0, (0, 2): 0.0, (1, 2): 0.0}


def test_an_outcome_that_was_not_observed_leaves_that_replication_without_shares():
    """NaN in one subset makes all shares of that replication NaN, and no other's."""
    game = np.arange(8.0).reshape(4, 2)
    game[1, 0] = np.nan
    shares = shapley_shares(game)

    assert np.isnan(shares[:, 0]).all()
    assert not np.isnan(shares[:, 1]).any()


@pytest.mark.parametrize("n", [0, 3, 12])
def test_a_game_without_every_subset_is_refused(n):
    """The number of outcomes must be a power of 2."""
    with pytest.raises(ValueError, match=f"a power of 2; got {n}"):
        shapley_shares(np.zeros(n))
