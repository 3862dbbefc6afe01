"""Officers who leave because of a policy, and those who follow them.

A post stays empty for some months; then somebody else sits there, with an own ability and
resistance and without what the predecessor was taught, behind at first and catching up.
Most open to dispute: whoever leaves is drawn by lot, so the able are no quicker to go. Left
out: today's turnover, which is the same under every policy.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kinerja_sim.model.dynamics import usual_resistance
from kinerja_sim.model.officers import Officers, State
from kinerja_sim.model.plan import Levers, RegionPlan
from kinerja_sim.model.rng import stream


class Departures:
    """Lots of one replication, drawn by month so that no policy can shift them."""

    def __init__(self, plan: RegionPlan, levers: Levers, seed: int, replication: int) -> None:
        """Prepare the stream; nothing is drawn where no policy has turnover."""
        self._n = plan.n_officers
        self._rng = stream(seed, plan.region.name, replication, "departures")
        self.has_any = any(policy.turnover is not None for policy in levers.policies)

    def next_month(
        self, levers: Levers, dose: np.ndarray, held: np.ndarray, grade: np.ndarray | None, present: np.ndarray
    ) -> np.ndarray:
        """Return who leaves at the end of this month, bool [S, O].

        Parameters
        ----------
        dose : float [S]
        held : bool [S]
            Policies that held an appraisal this month.
        grade : int [S, O] or None
            Grades of this month's appraisal, indices into `appraisal.GRADES`.
        present : bool [S, O]
            Officers at their post; an empty post cannot be left.
        """
        leaving = np.zeros(present.shape, bool)
        if not self.has_any:
            return leaving
        lot = self._rng.random(self._n)
        for s, policy in enumerate(levers.policies):
            if policy.turnover is None or dose[s] <= 0:
                continue
            share = policy.turnover.share * dose[s]
            if policy.turnover.who == "anybody":
                leaving[s] = lot < 1.0 - (1.0 - share) ** (1.0 / 12.0)
            elif held[s] and grade is not None:
                leaving[s] = (grade[s] >= 2) & (lot < share)
        return leaving & present


def replace_leavers(state: State, officers: Officers, leaving: np.ndarray, params: Mapping[str, float]) -> None:
    """Empty the posts of those who leave and let newcomers follow; `state` is changed in place."""
    if not leaving.any():
        return
    state.generation[leaving] += 1
    for taught in (state.kept, state.fading):
        taught[:, leaving] = 0.0
    for felt in (state.praise, state.unfairness, state.strain, state.coaching_left, state.coaching_done):
        felt[leaving] = 0.0
    state.lag[leaving] = params["newcomer_gap_d"]
    state.vacant[leaving] = max(1.0, round(params["vacancy_months"]))
    usual = np.broadcast_to(usual_resistance(officers, state), state.resistance.shape)
    state.resistance[:, leaving] = usual[:, leaving]
