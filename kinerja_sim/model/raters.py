"""Raters: who rates whom, what they see of true performance, and what they add of their own.

One measurement model for all of them. What two raters of one kind agree on is the published
inter-rater reliability; what kinds agree on, their published correlation; and what of that is
measured performance, the published correlation of ratings with output. The rest is split into
a lasting view and fresh error (Scullen, Mount and Goff 2000). Most open to dispute: that
whatever raters agree on and output does not show is no performance (decision 0060).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kinerja_sim.model.plan import Levers, RegionPlan
from kinerja_sim.model.rng import stream

VIEWS = ("attainment", "behaviour", "peers", "subordinates")
"""Views that raters form of an officer; the first two are the same supervisor's."""


@dataclass(frozen=True)
class RaterDraws:
    """What raters bring to one month's appraisal; the same in every scenario that has the same raters."""

    engagement: np.ndarray  # [O] with the community, as those who see it agree
    engagement_error: np.ndarray  # [1, O] this period's error about it
    common: np.ndarray  # [O] what all kinds of raters see alike and output does not show
    perspective: np.ndarray  # [4, 1, O] what one kind of raters sees alike: supervisor (twice the same), ...
    halo: np.ndarray  # [4, S, O] lasting view of a rater of this officer: supervisor (twice the same), ...
    error: np.ndarray  # [4, 1, O] this period's error
    intercept: np.ndarray  # [S, O] the rater's leniency, the same for all the rater's officers
    new_idea: np.ndarray  # [O] uniforms
    tie: np.ndarray  # [O] uniforms that order equal scores


class Raters:
    """Lasting and fresh rater draws of one replication; drawn every month so that no policy can shift them."""

    def __init__(self, plan: RegionPlan, seed: int, replication: int) -> None:
        """Prepare the streams."""
        self._plan, self._key = plan, (seed, plan.region.name, replication)
        self._fresh = stream(*self._key, "raters", "fresh")
        self._fresh_below = stream(*self._key, "raters", "fresh", "subordinates")
        self._lasting: dict[int, np.ndarray] = {}
        self._pools: dict[int | None, np.ndarray] = {}
        self._community = stream(*self._key, "raters", "community")
        self._engagement = self._community.standard_normal(plan.n_officers)
        seen = stream(*self._key, "raters", "perspective").standard_normal((4, plan.n_officers))
        self._common, supervisor, peers, below = seen
        self._perspective = np.stack([supervisor, supervisor, peers, below])[:, None]

    def _raters_of(self, rotation: int) -> np.ndarray:
        """Return halo of supervisor and peers, leniency, halo of subordinates, [4, O], after `rotation` changes."""
        if rotation not in self._lasting:
            n = self._plan.n_officers
            three = stream(*self._key, "raters", "lasting", rotation).standard_normal((3, n))
            below = stream(*self._key, "raters", "lasting", rotation, "subordinates").standard_normal((1, n))
            self._lasting[rotation] = np.concatenate([three, below])
        return self._lasting[rotation]

    def next_month(self, levers: Levers, dose: np.ndarray, period: int) -> RaterDraws:
        """Draw this month's errors, used or not, and find out who rates whom under each policy."""
        n = self._plan.n_officers
        error = np.concatenate([self._fresh.standard_normal((3, 1, n)), self._fresh_below.standard_normal((1, 1, n))])
        new_idea, tie = self._fresh.random((2, n))
        halo, intercept = np.empty((len(VIEWS), dose.size, n)), np.empty((dose.size, n))
        for s, policy in enumerate(levers.policies):
            rotation, span = 0, None
            if dose[s] > 0:
                every, span = policy.appraisal.rotation_months, policy.appraisal.rater_span
                rotation = (period - policy.start_month) // every if every else 0
            supervisor, peers, leniency, below = self._raters_of(rotation)
            halo[:, s] = supervisor, supervisor, peers, below
            if span not in self._pools:
                self._pools[span] = first_of_pool(self._plan, span)
            intercept[s] = leniency[self._pools[span]]
        heard = self._community.standard_normal((1, n))
        return RaterDraws(
            self._engagement, heard, self._common, self._perspective, halo, error, intercept, new_idea, tie
        )


def first_of_pool(plan: RegionPlan, span: int | None) -> np.ndarray:
    """Return for every officer the first of those who share a rater, [O]: the office, or `span` people of it."""
    first = np.empty(plan.n_officers, int)
    for u in plan.units:
        slots = np.arange(u.officers.start, u.officers.stop)
        people = np.concatenate([slots[plan.posted[slots]], slots[~plan.posted[slots]]])  # empty slots come last
        place = np.arange(people.size)
        first[people] = people[place // span * span] if span else people[0]
    return first


@dataclass(frozen=True)
class Shares:
    """Shares of the variance of one rating, by kind of rater, [4]; they add up to 1 over the first five."""

    performance: np.ndarray  # measured performance
    common: np.ndarray  # what all kinds see alike beyond it
    perspective: np.ndarray  # what one kind sees alike
    lasting: np.ndarray  # a rater's own lasting view
    fresh: np.ndarray  # error of the moment
    raters: np.ndarray  # whose mean is taken; lasting and fresh are divided by it


def rating_shares(params: Mapping[str, float]) -> Shares:
    """Return the shares of a rating's variance that the ledger's rows imply.

    Notes
    -----
    With reliability r (two raters of one kind), ρ (two kinds, corrected) and v (a kind and
    output, corrected): performance r v², common r (ρ − v²), perspective r (1 − ρ), own 1 − r.
    Where v² > ρ, kinds agree on performance alone. A rater's own part is split as Scullen,
    Mount and Goff (2000) split theirs, normalised when their shares add up to more than 1.

    Examples
    --------
    >>> from kinerja_sim.model.parameters import draw_parameters
    >>> shares = rating_shares(draw_parameters(0, [0], "point")[0])
    >>> [round(float(x[0]), 3) for x in (shares.performance, shares.common, shares.perspective)]
    [0.068, 0.211, 0.171]
    """
    agreement = np.array([params["irr_supervisor_admin"], params["irr_supervisor_admin"]] + [params["irr_peer"]] * 2)
    seen = np.clip(params["subj_obj_r"], 0.0, 1.0) ** 2
    kinds = min(max(params["sup_peer_rho"], seen), 1.0)
    own, total = 1.0 - agreement, max(1.0, params["var_true"] + params["var_idiosyncratic"])
    lasting, rest = (
        params["var_idiosyncratic"] / total,
        1.0 - (params["var_true"] + params["var_idiosyncratic"]) / total,
    )
    share = lasting / (lasting + rest)
    return Shares(
        performance=agreement * seen,
        common=agreement * (kinds - seen),
        perspective=agreement * (1.0 - kinds),
        lasting=own * share,
        fresh=own * (1.0 - share),
        raters=np.array([1.0, 1.0, params["peer_raters"], params["subordinate_raters"]]),
    )


def views_of(truth: np.ndarray, draws: RaterDraws, params: Mapping[str, float], trained: np.ndarray) -> np.ndarray:
    """Return what raters think of officers, SD, [4, S, O], in the order of `VIEWS`.

    Parameters
    ----------
    truth : float [S, O]
        True performance, centred in the office.
    draws : RaterDraws
    params : mapping
    trained : float [S]
        How far each policy's raters are trained, 0 to 1: their own part shrinks.
    """
    shares = rating_shares(params)
    wide = (slice(None), None, None)
    shared = (
        np.sqrt(shares.performance)[wide] * truth
        + np.sqrt(shares.common)[wide] * draws.common
        + np.sqrt(shares.perspective)[wide] * draws.perspective
    )
    own = np.sqrt(shares.lasting / shares.raters)[wide] * draws.halo
    own = own + np.sqrt(shares.fresh / shares.raters)[wide] * draws.error
    return np.asarray(shared + (1.0 - params["rater_training_error_cut"] * trained)[:, None] * own)


def community_view(draws: RaterDraws, params: Mapping[str, float]) -> np.ndarray:
    """Return what the community's people say of an officer's engagement, SD, [1, O]; it tells nothing of the work."""
    seen = params["irr_peer"]
    return np.asarray(
        np.sqrt(seen) * draws.engagement + np.sqrt((1.0 - seen) / params["peer_raters"]) * draws.engagement_error
    )
