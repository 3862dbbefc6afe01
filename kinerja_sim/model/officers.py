"""Officers: who they are, and what months do to them.

Traits are fixed and the same in every scenario; state is kept in standard deviations
of performance, [S, O] (policies by officers), zero meaning the baseline. Resistance
has three causes, pressure, fear and habit, each of which answers to its own
intervention. Most open to dispute: how strong each cause is to begin with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from kinerja_sim.model.plan import RegionPlan, UnitPlan
from kinerja_sim.model.rng import stream

CAUSES = ("pressure", "fear", "habit")
FULL_COACHING_MONTHS = 6  # PP 30/2019: six months to improve
OVERWORK_MONTHS = 3.0  # load has to last before it wears people out


@dataclass(frozen=True)
class Officers:
    """Fixed traits and person-level draws, [O]; the same in every scenario."""

    ability: np.ndarray
    speed: np.ndarray  # at baseline; the posted officers of a stage average the region's capacity
    sdp: np.ndarray  # SD of output over mean output
    error: np.ndarray  # share of attempts that fail, at baseline
    resistance: np.ndarray  # at baseline, by cause, [3, O]
    response_scale: np.ndarray  # makes the response average 1 over the office at baseline
    resistance_mean: np.ndarray  # of the office's posted officers
    feedback_d: np.ndarray  # effect of a yearly feedback talk, drawn once an office, discounted
    load: np.ndarray  # utilisation of the officer's stage that the region file implies


def office_mean(plan: RegionPlan, values: np.ndarray) -> np.ndarray:
    """Return each office's mean over its posted officers, spread over its slots."""
    return plan.by_unit(np.array([values[u.officers][plan.posted[u.officers]].mean() for u in plan.units]))


def bounded_response(resistance: np.ndarray, mean: np.ndarray, params: Mapping[str, float]) -> np.ndarray:
    """Return how far officers go along with a policy, 0 to 1.5, before it is scaled to average 1."""
    return np.clip(1.0 - params["response_slope"] * (resistance - mean), 0.0, 1.5)


def draw_officers(
    plan: RegionPlan, params: Mapping[str, float], *, seed: int, replication: int, draw: int, is_point: bool
) -> Officers:
    """Draw the region's officers for one replication."""
    region = plan.region
    n = plan.n_officers
    ability, person, tenure, speed = (np.empty(n) for _ in range(4))
    capacity, feedback = np.empty(len(plan.units)), np.empty(len(plan.units))
    for i, u in enumerate(plan.units):
        rng = stream(seed, region.name, u.name, replication, "persons")
        for stage in (0, 1):
            for trait in (ability, person, tenure):
                trait[u.stage(stage)] = rng.standard_normal(u.slots[stage])
        # Once an office and parameter draw: per person it would average away (evidence.md section 1, rule 7).
        z_capacity, z_feedback = stream(seed, region.name, u.name, draw, "office").standard_normal(2)
        capacity[i] = 1.0 if is_point else math.exp(params["capacity_log_sd"] * z_capacity)
        spread = 0.0 if is_point else params["fb_d_between_sd"] * z_feedback
        feedback[i] = (params["fb_d_mean"] + spread) * params["effect_discount"]
    sdp = np.where(plan.medium, params["sdp_medium"], params["sdp_routine"])
    relative = np.exp(np.sqrt(np.log1p(sdp**2)) * ability)
    for i, u in enumerate(plan.units):
        for stage in (0, 1):
            where = u.stage(stage)
            if u.posted[stage]:
                speed[where] = relative[where] / relative[where][: u.posted[stage]].mean() * capacity[i]
            else:
                speed[where] = capacity[i]
    base_error = np.array([error_share(u, params) for u in plan.units])
    skill_error = np.exp(params["error_skill_d"] * ability)
    error = plan.by_unit(base_error) * skill_error / office_mean(plan, skill_error)
    resistance = np.stack([_start(cause, plan, params) * np.ones(n) for cause in CAUSES])
    resistance[CAUSES.index(region.resistance_cause)] += params["resistance_sd"] * person
    resistance[CAUSES.index("habit")] += params["resistance_tenure_slope"] * tenure
    total = resistance.sum(axis=0)
    mean = office_mean(plan, total)
    response = bounded_response(total, mean, params)
    return Officers(
        ability=ability,
        speed=speed,
        sdp=sdp,
        error=np.clip(error, 0.0, 0.95),
        resistance=resistance,
        response_scale=1.0 / office_mean(plan, response),
        resistance_mean=mean,
        feedback_d=plan.by_unit(feedback),
        load=_implied_load(plan, params),
    )


def error_share(plan: UnitPlan, params: Mapping[str, float]) -> float:
    """Return the share of attempts that fail at baseline: the region's own number, or the ledger's."""
    own = plan.unit.error_share
    return params["error_share_base"] if own is None else own.value


def cause_weight(cause: str, plan: RegionPlan, params: Mapping[str, float]) -> float:
    """Return how strong a cause of resistance is in the region: 1 for its own, a share of that for the others."""
    return 1.0 if cause == plan.region.resistance_cause else params["resistance_other_share"]


def _start(cause: str, plan: RegionPlan, params: Mapping[str, float]) -> float:
    return cause_weight(cause, plan, params) * params[f"resistance_start_{cause}"]


def _implied_load(plan: RegionPlan, params: Mapping[str, float]) -> np.ndarray:
    """Return the utilisation that the region file implies for every officer's stage, [O]."""
    load = np.ones(plan.n_officers)
    present = 1.0 - params["leave_days_per_year"] / 240.0
    for u in plan.units:
        rework = 1.0 + error_share(u, params) * params["rework_work_share"]
        for i, stage in enumerate((u.unit.counter, u.unit.processing)):
            if stage is not None:
                taken = 1.0 - params["triage_share"] if u.unit.complaint_clock else 1.0
                returns = rework if i == 1 or u.unit.processing is None else 1.0
                work = u.unit.arrivals.per_day.value * taken * stage.minutes.value * returns
                load[u.stage(i)] = min(1.0, work / (stage.officers.value * u.unit.day_minutes.value * present))
    return load


@dataclass
class State:
    """What changes from month to month, [S, O] unless said otherwise; zero is the baseline."""

    shape: tuple[int, int]
    resistance: np.ndarray  # by cause, [3, S, O]
    load: np.ndarray  # last month's utilisation of the officer's stage
    speed_kept: np.ndarray = field(init=False)  # trained speed that use keeps alive
    speed_fading: np.ndarray = field(init=False)
    accuracy_kept: np.ndarray = field(init=False)
    accuracy_fading: np.ndarray = field(init=False)
    communication: np.ndarray = field(init=False)
    managerial: np.ndarray = field(init=False)  # relative output
    coached: np.ndarray = field(init=False)
    coaching_left: np.ndarray = field(init=False)  # months
    coaching_done: np.ndarray = field(init=False)  # months, at most one full course
    praise: np.ndarray = field(init=False)  # motivation from an award received
    unfairness: np.ndarray = field(init=False)  # of the last grade, in mean gaps of a random grade
    paid: np.ndarray = field(init=False)  # share of pay that hangs on the grade, as felt
    strain: np.ndarray = field(init=False)
    overwork: np.ndarray = field(init=False)  # lasting load above saturation, relative
    award: np.ndarray = field(init=False)  # relative output
    award_rounds: np.ndarray = field(init=False)  # [S, 1]
    talks: np.ndarray = field(init=False)  # [S, 1]: dose of feedback talks, 0 before the first
    waves: np.ndarray = field(init=False)  # [S, 1]: socialisation waves so far

    def __post_init__(self) -> None:
        """Start everything that is not given at zero."""
        for name in (
            "speed_kept", "speed_fading", "accuracy_kept", "accuracy_fading", "communication", "managerial", "coached",
            "coaching_left", "coaching_done", "praise", "unfairness", "paid", "strain", "overwork", "award",
        ):  # fmt: skip
            setattr(self, name, np.zeros(self.shape))
        for name in ("award_rounds", "talks", "waves"):
            setattr(self, name, np.zeros((self.shape[0], 1)))

    @classmethod
    def before(cls, officers: Officers, n_policies: int) -> State:
        """Return the state before any policy: stationary under today's practice."""
        shape = (n_policies, officers.ability.size)
        causes = np.broadcast_to(officers.resistance[:, None, :], (len(CAUSES), *shape)).copy()
        return cls(shape, causes, np.broadcast_to(officers.load, shape).copy())

    def motivation(self, params: Mapping[str, float]) -> np.ndarray:
        """Return motivation, SD: raised by praise, lowered by an unfair grade and by pay for what was given freely."""
        crowded_out = params["crowd_out_d"] * params["effect_discount"] * self.paid
        return self.praise - params["procedural_justice_r"] * self.unfairness + crowded_out

    def resisting(self, params: Mapping[str, float]) -> np.ndarray:
        """Return resistance to change, SD: its three causes and what unfair grades add."""
        return (
            self.resistance[0] + self.resistance[1] + self.resistance[2] + params["resistance_unfair"] * self.unfairness
        )

    def note_load(self, plan: RegionPlan, busy: np.ndarray, staffed: np.ndarray) -> None:
        """Remember this month's utilisation of every stage, [S, O]."""
        for u in plan.units:
            for stage in (0, 1):
                where = u.stage(stage)
                top = busy[:, where].sum(axis=1, keepdims=True)
                bottom = staffed[:, where].sum(axis=1, keepdims=True)
                self.load[:, where] = np.divide(top, bottom, out=self.load[:, where].copy(), where=bottom > 0)
