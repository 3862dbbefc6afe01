"""What a region and its policies look like to the simulator: index ranges and arrays.

Officers of all units share one axis `[O]`; policies share one axis `[S]`. The axis of
officers is the same whatever policies are compared, so that a sum over it cannot depend
on which other policies are in the run. Most open to dispute: an extra officer joins the
stage with the higher load in the region file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kinerja_sim.know.library import load_policy
from kinerja_sim.know.policies import CHANNELS, MONTHS_OF, SOURCES, Policy
from kinerja_sim.know.regions import Region, ServiceUnit, Stage

EXTRA_SLOTS = 5  # room for `capacity.extra_officers` in each unit
GOALS = ("none", "generic", "specific")
ALLOWANCES = ("none", "sceptical", "optimistic", "negative", "tax_office", "unconditional")


@dataclass(frozen=True)
class UnitPlan:
    """One service unit's place on the axis of officers: counter first, then processing."""

    name: str
    unit: ServiceUnit
    first: int  # position of the first officer slot on the region's axis
    posted: tuple[int, int]  # officers posted at counter and processing
    slots: tuple[int, int]  # slots at counter and processing, extra ones included
    extra_stage: int  # where an extra officer goes: 0 counter, 1 processing

    @property
    def officers(self) -> slice:
        """All slots of the unit."""
        return slice(self.first, self.first + sum(self.slots))

    def stage(self, index: int) -> slice:
        """All slots of one stage."""
        first = self.first + (self.slots[0] if index else 0)
        return slice(first, first + self.slots[index])

    def at_work(self, extra: int) -> tuple[np.ndarray, int]:
        """Return the slots that a policy with `extra` officers uses, and how many of them are at the counter."""
        counts = [n + (extra if i == self.extra_stage else 0) for i, n in enumerate(self.posted)]
        slots = [np.arange(self.stage(i).start, self.stage(i).start + n) for i, n in enumerate(counts)]
        return np.concatenate(slots), counts[0]


@dataclass(frozen=True)
class RegionPlan:
    """A region on the axis of officers."""

    region: Region
    units: tuple[UnitPlan, ...]
    n_officers: int
    posted: np.ndarray  # bool [O]: officers of the region file, as opposed to empty extra slots
    medium: np.ndarray  # bool [O]: case work of medium complexity
    teaches: np.ndarray  # bool [O]: teachers, who serve no queue

    @cached_property
    def offices(self) -> tuple[np.ndarray, np.ndarray]:
        """Starts and sizes of the offices on the axis of officers."""
        return np.array([u.first for u in self.units]), np.array([sum(u.slots) for u in self.units])

    @cached_property
    def stages(self) -> tuple[np.ndarray, np.ndarray]:
        """Starts and sizes of the stages that have officers."""
        found = [(u.stage(i).start, u.slots[i]) for u in self.units for i in (0, 1) if u.slots[i]]
        starts, sizes = np.array(found).T
        return starts, sizes

    def by_unit(self, values: np.ndarray) -> np.ndarray:
        """Spread one value a unit, [..., U], over the officers, [..., O]."""
        return np.repeat(values, [sum(u.slots) for u in self.units], axis=-1)


def _load(stage: Stage | None) -> float:
    """Return the work per officer of a stage, in minutes a case."""
    return stage.minutes.value / stage.officers.value if stage else 0.0


def make_plan(region: Region) -> RegionPlan:
    """Lay the region's officers out on one axis."""
    units, first = [], 0
    for name, unit in region.units.items():
        stages = (unit.counter, unit.processing)
        posted = tuple(stage.officers.value if stage else 0 for stage in stages)
        extra_stage = int(_load(unit.processing) > _load(unit.counter))
        slots = tuple(n + (EXTRA_SLOTS if i == extra_stage else 0) for i, n in enumerate(posted))
        plan = UnitPlan(name, unit, first, (posted[0], posted[1]), (slots[0], slots[1]), extra_stage)
        units.append(plan)
        first += sum(slots)
    is_posted, medium, teaches = (np.zeros(first, bool) for _ in range(3))
    for plan in units:
        teaches[plan.officers] = plan.unit.lessons
        for i, stage in enumerate((plan.unit.counter, plan.unit.processing)):
            if stage is not None:
                begin = plan.stage(i).start
                is_posted[begin : begin + plan.posted[i]] = True
                medium[plan.stage(i)] = stage.complexity == "medium"
    return RegionPlan(region, tuple(units), first, is_posted, medium, teaches)


@dataclass(frozen=True)
class Levers:
    """The policies as arrays, [S] unless said otherwise."""

    policies: tuple[Policy, ...]
    dose: np.ndarray
    stakes: np.ndarray
    weights: np.ndarray  # [S, sources]
    weights_baseline: np.ndarray  # [sources]
    targets: np.ndarray  # [S, 2]: quantity, on time
    goals: np.ndarray  # index into GOALS
    months_between: np.ndarray  # months from one appraisal to the next
    months_between_baseline: int
    pp30: np.ndarray  # bool
    calibrated: np.ndarray  # bool
    to_officers: np.ndarray  # bool
    citizens_visible: np.ndarray
    monitoring: np.ndarray
    channels: np.ndarray  # bool [S, channels]
    channels_baseline: np.ndarray  # bool [channels]
    recognition: np.ndarray  # share, 0 for none
    extra_officers: np.ndarray
    no_shortage: np.ndarray
    no_offline_days: np.ndarray
    online_queue: np.ndarray
    allowance_share: np.ndarray  # 0 for none
    allowance_prior: np.ndarray  # index into ALLOWANCES

    @property
    def weight_on_time(self) -> np.ndarray:
        """Weight of punctuality in the score where it is stated as a goal: what an office would game for."""
        return self.weights[:, SOURCES.index("results")] * self.targets[:, 1] * (self.goals > 0)

    @property
    def channels_used(self) -> list[str]:
        """Names of the channels that any policy or today's practice uses."""
        used = self.channels.any(axis=0) | self.channels_baseline
        return [name for name, is_used in zip(CHANNELS, used, strict=True) if is_used]

    @property
    def is_pay_conditional(self) -> np.ndarray:
        """Whether a part of pay hangs on the grade."""
        return (self.allowance_prior > 0) & (self.allowance_prior != ALLOWANCES.index("unconditional"))

    @property
    def is_multisource(self) -> np.ndarray:
        """Whether officers hear what several sources, peers among them, think of their work."""
        return self.to_officers & (self.weights[:, SOURCES.index("peers")] > 0)

    def doses(self, period: int) -> np.ndarray:
        """Return each policy's dose in `period`, [S]; before the comparison's start all are 0."""
        return np.array([p.dose_in(period) if period >= 0 else 0.0 for p in self.policies])

    def age(self, period: int) -> np.ndarray:
        """Return the months since each policy started, [S]; 0 before."""
        return np.array([max(0, period - p.start_month) for p in self.policies], float)

    def is_held(self, period: int, dose: np.ndarray) -> np.ndarray:
        """Return, for each policy, whether an appraisal closes `period` (bool [S]).

        Today's appraisal goes on in every scenario; a policy's further ones are held only where it acts.
        """
        usual = (period + 1) % self.months_between_baseline == 0
        own = (period + 1) % self.months_between == 0
        return np.where(dose > 0, own, usual)


def _weights(policy: Policy) -> list[float]:
    return [policy.appraisal.weights.get(source, 0.0) for source in SOURCES]  # type: ignore[call-overload]


def make_levers(policies: Sequence[Policy]) -> Levers:
    """Return the policies as arrays beside today's practice, the library's `baseline`."""
    base = load_policy("baseline")

    def collect(read: object, dtype: type) -> np.ndarray:
        return np.array([read(p) for p in policies], dtype=dtype)  # type: ignore[operator]

    return Levers(
        policies=tuple(policies),
        dose=collect(lambda p: p.dose, float),
        stakes=collect(lambda p: p.appraisal.stakes, float),
        weights=np.array([_weights(p) for p in policies]),
        weights_baseline=np.array(_weights(base)),
        targets=np.array([(p.appraisal.targets.quantity, p.appraisal.targets.on_time) for p in policies]),
        goals=collect(lambda p: GOALS.index(p.goals), int),
        months_between=collect(lambda p: MONTHS_OF[p.appraisal.period], int),
        months_between_baseline=MONTHS_OF[base.appraisal.period],
        pp30=collect(lambda p: p.appraisal.scheme == "pp30", bool),
        calibrated=collect(lambda p: p.appraisal.leniency == "calibrated", bool),
        to_officers=collect(lambda p: p.feedback.to_officers, bool),
        citizens_visible=collect(lambda p: p.feedback.citizens_visible, bool),
        monitoring=collect(lambda p: p.feedback.monitoring, bool),
        channels=np.array([[c in p.channels for c in CHANNELS] for p in policies]),
        channels_baseline=np.array([c in base.channels for c in CHANNELS]),
        recognition=collect(lambda p: p.recognition.share if p.recognition else 0.0, float),
        extra_officers=collect(lambda p: p.capacity.extra_officers, int),
        no_shortage=collect(lambda p: p.capacity.no_shortage, bool),
        no_offline_days=collect(lambda p: p.capacity.no_offline_days, bool),
        online_queue=collect(lambda p: p.capacity.online_queue, bool),
        allowance_share=collect(lambda p: p.allowance.share if p.allowance else 0.0, float),
        allowance_prior=collect(lambda p: ALLOWANCES.index(p.allowance.prior) if p.allowance else 0, int),
    )


def mean_daily_cases(unit: ServiceUnit) -> float:
    """Return the unit's new cases on a mean working day."""
    return float(unit.arrivals.per_day.value)


def normalised(values: Sequence[float]) -> np.ndarray:
    """Return factors with mean 1."""
    array = np.asarray(values, float)
    return array / math.fsum(array) * array.size
