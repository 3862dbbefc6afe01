"""Officers: who they are, and what months do to them.

Traits are fixed and the same in every scenario; state is kept in standard deviations
of performance, [S, O] (policies by officers), zero meaning the baseline. Resistance
has three causes, pressure, fear and habit, each of which answers to its own
intervention. Most open to dispute: how strong each cause is to begin with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from kinerja_sim.model.plan import RegionPlan, UnitPlan
from kinerja_sim.model.rng import stream

CAUSES = ("pressure", "fear", "habit")
FULL_COACHING_MONTHS = 6  # PP 30/2019: six months to improve
OVERWORK_MONTHS = 3.0  # load has to last before it wears people out
SKILLS = ("speed", "accuracy", "communication", "managerial", "coached")
"""What training and coaching teach: a part that daily use keeps alive, and one that fades."""
MOST_SUCCESSORS = 12  # people who may follow each other at one post; the last one stays


@dataclass(frozen=True)
class Officers:
    """Fixed traits and person-level draws, [O]; the same in every scenario."""

    ability: np.ndarray
    speed: np.ndarray  # at baseline; the posted officers of a stage average the region's capacity
    sdp: np.ndarray  # SD of output over mean output
    error: np.ndarray  # share of attempts that fail, at baseline
    missed: np.ndarray  # share of lessons that a teacher stays away from, at baseline
    teaches: np.ndarray  # bool: teachers
    resistance: np.ndarray  # at baseline, by cause, [3, O]
    response_scale: np.ndarray  # makes the response average 1 over the office at baseline
    resistance_mean: np.ndarray  # of the office's posted officers
    feedback_d: np.ndarray  # effect of a yearly feedback talk, drawn once an office, discounted
    load: np.ndarray  # utilisation of the officer's stage that the region file implies
    successors: tuple[Officers, ...] = ()  # who would follow at each post, one after the other

    def at_post(self, generation: np.ndarray) -> Officers:
        """Return those who hold the posts, traits [S, O] and resistance [3, S, O]; as they are without turnover."""
        if not self.successors:
            return self
        line = (self, *self.successors)
        who, post = np.minimum(generation, len(line) - 1), np.arange(self.ability.size)

        def chosen(name: str) -> np.ndarray:
            return np.asarray(np.stack([getattr(o, name) for o in line])[who, ..., post])

        resistance = np.moveaxis(chosen("resistance"), -1, 0)
        return replace(
            self, ability=chosen("ability"), speed=chosen("speed"), error=chosen("error"), missed=chosen("missed"),
            resistance=resistance,
        )  # fmt: skip


def office_mean(plan: RegionPlan, values: np.ndarray) -> np.ndarray:
    """Return each office's mean over its posted officers, spread over its slots."""
    return plan.by_unit(np.array([values[u.officers][plan.posted[u.officers]].mean() for u in plan.units]))


def bounded_response(resistance: np.ndarray, mean: np.ndarray, params: Mapping[str, float]) -> np.ndarray:
    """Return how far officers go along with a policy, 0 to 1.5, before it is scaled to average 1."""
    return np.clip(1.0 - params["response_slope"] * (resistance - mean), 0.0, 1.5)


def draw_officers(
    plan: RegionPlan, params: Mapping[str, float], *, seed: int, replication: int, draw: int, is_point: bool,
    n_successors: int = 0,
) -> Officers:  # fmt: skip
    """Draw the region's officers for one replication, and who would follow them where a policy has turnover."""
    region = plan.region
    n = plan.n_officers
    people = [_people(plan, seed, replication, generation) for generation in range(1 + n_successors)]
    ability, person, tenure = people[0]
    usual_speed, capacity, feedback = np.empty(n), np.empty(len(plan.units)), np.empty(len(plan.units))
    for i, u in enumerate(plan.units):
        # Once an office and parameter draw: per person it would average away (docs/sources.md 1, rule 7).
        z_capacity, z_feedback = stream(seed, region.name, u.name, draw, "office").standard_normal(2)
        capacity[i] = 1.0 if is_point else math.exp(params["capacity_log_sd"] * z_capacity)
        spread = 0.0 if is_point else params["fb_d_between_sd"] * z_feedback
        feedback[i] = (params["fb_d_mean"] + spread) * params["effect_discount"]
    sdp = np.where(plan.medium, params["sdp_medium"], params["sdp_routine"])
    relative = np.exp(np.sqrt(np.log1p(sdp**2)) * ability)
    for u in plan.units:
        for stage in (0, 1):
            where = u.stage(stage)
            usual_speed[where] = relative[where][: u.posted[stage]].mean() if u.posted[stage] else relative[where]
    capacities = plan.by_unit(capacity)
    base_error = np.array([error_share(u, params) for u in plan.units])
    skill_error = np.exp(params["error_skill_d"] * ability)
    usual_error = plan.by_unit(base_error) / office_mean(plan, skill_error)
    skill_missed = np.exp(-params["lesson_presence_d"] * ability)
    usual_missed = params["lesson_missed_share"] / office_mean(plan, skill_missed)
    resistance = _resistance(plan, params, person, tenure)
    total = resistance.sum(axis=0)
    mean = office_mean(plan, total)
    response = bounded_response(total, mean, params)
    first = Officers(
        ability=ability,
        speed=relative / usual_speed * capacities,
        sdp=sdp,
        error=np.clip(usual_error * skill_error, 0.0, 0.95),
        missed=np.clip(usual_missed * skill_missed, 0.0, 0.95),
        teaches=plan.teaches,
        resistance=resistance,
        response_scale=1.0 / office_mean(plan, response),
        resistance_mean=mean,
        feedback_d=plan.by_unit(feedback),
        load=_implied_load(plan, params),
    )
    followers = [
        replace(
            first,
            ability=a,
            speed=np.exp(np.sqrt(np.log1p(sdp**2)) * a) / usual_speed * capacities,
            error=np.clip(usual_error * np.exp(params["error_skill_d"] * a), 0.0, 0.95),
            missed=np.clip(usual_missed * np.exp(-params["lesson_presence_d"] * a), 0.0, 0.95),
            resistance=_resistance(plan, params, p, t),
        )
        for a, p, t in people[1:]
    ]
    return replace(first, successors=tuple(followers))


def _people(plan: RegionPlan, seed: int, replication: int, generation: int) -> tuple[np.ndarray, ...]:
    """Return ability, person and tenure of those who hold the posts first, or after so many have left, [O] each."""
    traits = tuple(np.empty(plan.n_officers) for _ in range(3))
    for u in plan.units:
        key = (seed, plan.region.name, u.name, replication, "persons")
        rng = stream(*key, generation) if generation else stream(*key)
        for stage in (0, 1):
            for trait in traits:
                trait[u.stage(stage)] = rng.standard_normal(u.slots[stage])
    return traits


def _resistance(plan: RegionPlan, params: Mapping[str, float], person: np.ndarray, tenure: np.ndarray) -> np.ndarray:
    """Return resistance at the start by cause, [3, O]."""
    resistance = np.stack([_start(cause, plan, params) * np.ones(person.size) for cause in CAUSES])
    resistance[CAUSES.index(plan.region.resistance_cause)] += params["resistance_sd"] * person
    resistance[CAUSES.index("habit")] += params["resistance_tenure_slope"] * tenure
    return resistance


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
                minutes = stage.officers.value * stage.at_post_minutes(u.unit.day_minutes.value)
                load[u.stage(i)] = min(1.0, work / (minutes * present))
    return load


class State:
    """What changes from month to month, [S, O] unless said otherwise; zero is the baseline."""

    def __init__(self, shape: tuple[int, int], resistance: np.ndarray, load: np.ndarray) -> None:
        """Start everything that is not given at zero."""

        def zeros(*size: int) -> np.ndarray:
            return np.zeros(size or shape)

        self.shape = shape
        self.resistance = resistance  # by cause, [3, S, O]
        self.load = load  # last month's utilisation of the officer's stage
        self.kept, self.fading = zeros(len(SKILLS), *shape), zeros(len(SKILLS), *shape)
        self.coaching_left, self.coaching_done = zeros(), zeros()  # months; done: at most one full course
        self.praise = zeros()  # motivation from an award received
        self.unfairness = zeros()  # of the last grade, in mean gaps of a random grade
        self.paid = zeros()  # share of pay that hangs on the grade, as felt
        self.strain = zeros()
        self.overwork = zeros()  # lasting load above saturation, relative
        self.award = zeros()  # relative output
        self.generation = np.zeros(shape, int)  # officers who have left the post so far
        self.vacant = zeros()  # months that the post stays empty
        self.lag = zeros()  # how far a newcomer is behind, SD
        self.award_rounds = zeros(shape[0], 1)
        self.talks = zeros(shape[0], 1)  # dose of feedback talks, 0 before the first
        self.waves = zeros(shape[0], 1)  # of socialisation so far
        self.rater_skill = zeros(shape[0])  # how far raters are trained, 0 to 1

    def skill(self, name: str) -> np.ndarray:
        """Return what was taught of a skill and is left, SD ('managerial': relative output)."""
        i = SKILLS.index(name)
        return np.asarray(self.kept[i] + self.fading[i])

    @classmethod
    def before(cls, officers: Officers, n_policies: int) -> State:
        """Return the state before any policy: stationary under today's practice."""
        shape = (n_policies, officers.ability.size)
        causes = np.broadcast_to(officers.resistance[:, None, :], (len(CAUSES), *shape)).copy()
        return cls(shape, causes, np.broadcast_to(officers.load, shape).copy())

    def motivation(self, params: Mapping[str, float]) -> np.ndarray:
        """Return motivation, SD: raised by praise, lowered by an unfair grade and by pay for what was given freely."""
        crowded_out = params["crowd_out_d"] * params["effect_discount"] * self.paid
        unfair = params["justice_causal_share"] * params["procedural_justice_r"]
        return np.asarray(self.praise - unfair * self.unfairness + crowded_out)

    def resisting(self, params: Mapping[str, float]) -> np.ndarray:
        """Return resistance to change, SD: its three causes and what unfair grades add."""
        return (
            self.resistance[0] + self.resistance[1] + self.resistance[2] + params["resistance_unfair"] * self.unfairness
        )

    def note_load(self, plan: RegionPlan, busy: np.ndarray, staffed: np.ndarray) -> None:
        """Remember this month's utilisation of every stage, [S, O]."""
        starts, sizes = plan.stages
        top, bottom = (np.add.reduceat(minutes, starts, axis=1) for minutes in (busy, staffed))
        load = np.divide(top, bottom, out=self.load[:, starts].copy(), where=bottom > 0)
        self.load = np.repeat(load, sizes, axis=1)
