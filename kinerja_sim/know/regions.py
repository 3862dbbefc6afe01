"""A region and its service units: what is there before any policy.

A *service unit* is an office for one service, with a counter stage, a processing
stage (back office), or both. Every number carries unit, source and grade. Most open
to dispute: the capacities, which are estimates almost everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from kinerja_sim.know.fields import Count, Frozen, FrozenDict, Profile, Quantity, Slug, Text, within
from kinerja_sim.know.messages import Breach, did_you_mean, show
from kinerja_sim.know.schema import METRICS
from kinerja_sim.know.yamlfile import replaced

Level = Literal["province", "city", "district"]
Cause = Literal["pressure", "fear", "habit"]


def _check_metric(name: str) -> str:
    if name not in METRICS:
        remedy = did_you_mean(name, METRICS, instead=f"Metrics: {', '.join(METRICS)}.")
        raise Breach("be a metric", show(name), remedy)
    return name


Metric = Annotated[str, AfterValidator(_check_metric)]
Residents = Annotated[Quantity, AfterValidator(within(1, 400_000_000, "residents"))]
Officers = Annotated[Count, AfterValidator(within(1, 200, "officers"))]
Cases = Annotated[Count, AfterValidator(within(0, 1_000_000, "cases"))]
PerDay = Annotated[Quantity, AfterValidator(within(0, 100_000, "cases per working day", above=True))]
CaseMinutes = Annotated[Quantity, AfterValidator(within(0, 10_000, "minutes per case", above=True))]
DayMinutes = Annotated[Quantity, AfterValidator(within(30, 1440, "minutes"))]
Promise = Annotated[Quantity, AfterValidator(within(0, 2_500, "minutes", "working days", above=True))]
Days = Annotated[Quantity, AfterValidator(within(0, 2_500, "working days", above=True))]  # ten years
DaysPerYear = Annotated[Quantity, AfterValidator(within(0, 230, "working days per year"))]
FailureShare = Annotated[Quantity, AfterValidator(within(0, 1, "share of first attempts"))]
SupplyShare = Annotated[Quantity, AfterValidator(within(0, 1, "share of mean daily demand"))]
Patience = Annotated[Quantity, AfterValidator(within(0, 10_000, "minutes", above=True))]
Shape = Annotated[Quantity, AfterValidator(within(0.1, 20, "shape of a Weibull distribution"))]
Variation = Annotated[Quantity, AfterValidator(within(0.001, 20, "SD / mean"))]
Points = Annotated[Quantity, AfterValidator(within(25, 100, "index 25-100"))]


def _check_shares(profile: Profile) -> Profile:
    for i, share in enumerate(profile.values):
        if share > 1:
            remedy = f"Write {share / 100:g} for {share:g} percent." if share <= 100 else ""
            raise Breach("be between 0 and 1", f"{share:g}", remedy, at=("values", i))
    return profile


Shares = Annotated[Profile, AfterValidator(_check_shares)]


class Arrivals(Frozen):
    """New applications: how many a day, and when."""

    per_day: PerDay  # new cases per working day, long-run mean
    half_hour: Profile  # relative arrival rate in each half-hour after opening; its length fixes the doors' hours
    weekday: Profile  # five factors, Monday to Friday; normalised to mean 1
    month: Profile  # twelve factors, January to December; normalised to mean 1

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        for name, n in (("weekday", 5), ("month", 12)):
            got = len(getattr(self, name).values)
            if got != n:
                raise Breach(f"hold {n} factors", str(got), at=(name, "values"))
        doors = len(self.half_hour.values)
        if doors > 48:
            raise Breach("hold at most 48 factors, one for each half-hour", str(doors), at=("half_hour", "values"))
        return self


def staffed_minutes(shares: Sequence[float], day_minutes: float) -> float:
    """Return the minutes of a normal day at the post, from shares by half-hour; the last one holds until closing."""
    return 30.0 * sum(shares) + shares[-1] * (day_minutes - 30.0 * len(shares))


class Stage(Frozen):
    """Officers working in parallel on one step of a service."""

    officers: Officers  # people posted here (>= 1)
    minutes: CaseMinutes  # working minutes a case takes an officer of average speed (> 0)
    complexity: Literal["routine", "medium"]  # picks `sdp_routine` or `sdp_medium`

    def at_post_minutes(self, day_minutes: float) -> float:
        """Return the minutes of a normal day for which an officer is at the post."""
        return day_minutes


class Counter(Stage):
    """Officers at a counter, of whom not all may be at their posts all day."""

    staffing: Shares | None = None  # share of those at work who are at their posts, by half-hour; None: all, all day

    def at_post_minutes(self, day_minutes: float) -> float:
        """Return the minutes of a normal day for which an officer is at the post."""
        return staffed_minutes(self.staffing.values, day_minutes) if self.staffing is not None else day_minutes


class Shortage(Frozen):
    """Spells without supplies (blank cards): exponential lengths, drawn once, shared by all policies."""

    every_days: Days  # mean working days from the end of one spell to the start of the next
    lasting_days: Days  # mean working days of one spell
    supply_share: SupplyShare  # supplies that still arrive in a spell, as a share of mean daily demand (0 to 1)


class Supply(Frozen):
    """What a case in processing needs besides an officer."""

    limit_per_day: PerDay | None = None  # cases a day that the machines can finish (printers)
    shortage: Shortage | None = None
    offline_days_per_year: DaysPerYear | None = None  # working days a year on which processing stands still


class Standard(Frozen):
    """The promise to citizens that `on_time_share` is held against."""

    quantity: Literal["wait", "turnaround"]
    value: Promise  # minutes when the quantity is a wait; working days when it is a turnaround

    @model_validator(mode="after")
    def _check_unit(self) -> Self:
        wanted = "minutes" if self.quantity == "wait" else "working days"
        if self.value.unit != wanted:
            got, remedy = show(self.value.unit), f"Give the value in {wanted}."
            raise Breach(f"be '{wanted}' for a {self.quantity}", got, remedy, at=("value", "unit"))
        return self


class OwnRows(Frozen):
    """Rows of the evidence ledger, by its names, that a unit's own data replace; the others keep their priors."""

    patience_median_min: Patience | None = None
    patience_shape: Shape | None = None
    service_cv: Variation | None = None
    arrival_day_cv: Variation | None = None

    @property
    def given(self) -> dict[str, float]:
        """The rows that are given, by name."""
        rows = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: quantity.value for name, quantity in rows.items() if quantity is not None}


FEWEST_OFFICERS = 2
"""With fewer, a unit's row of motivation or grades would be a row about one person."""


class ServiceUnit(Frozen):
    """An office for one service."""

    title: Text
    service: Slug  # kind of service, e.g. 'ktp', 'outpatient', 'complaints'
    day_minutes: DayMinutes  # working minutes in a normal day (Ramadan days are shorter by the calendar)
    arrivals: Arrivals
    counter: Counter | None = None
    processing: Stage | None = None
    supply: Supply | None = None
    standard: Standard
    error_share: FailureShare | None = None  # share of first attempts that fail; None takes the ledger's prior
    rework_days: Days | None = None  # working days until a failed case is taken up again; None: the ledger
    backlog: Cases | None = None  # cases waiting in processing at the start
    tickets_per_day: Cases | None = None  # visitors who get a ticket; None: everybody
    priority_line: bool = False  # elderly, disabled and pregnant visitors go first
    complaint_clock: bool = False  # SP4N-LAPOR deadlines by kind of complaint, and triage on arrival
    lessons: bool = False  # cases are lessons of a timetable, each of one teacher: given at its hour, or missed
    restriction_days: Days  # horizon (working days) of the restricted mean turnaround
    satisfaction_base: Points  # satisfaction index (25-100) of a case without wait, lateness or error
    ledger: OwnRows | None = None  # rows of the ledger that hold here alone; None: the ledger's
    urban: bool = True  # digital reach by `internet_access_urban` or `internet_access_rural`

    @property
    def shows_officers(self) -> bool:
        """Whether what its officers are, and how they are graded, may stand in a table."""
        return sum(stage.officers.value for stage in (self.counter, self.processing) if stage) >= FEWEST_OFFICERS

    @model_validator(mode="after")
    def _check_stages(self) -> Self:
        if self.counter is None and self.processing is None:
            raise Breach("have a `counter`, a `processing` stage, or both", "neither")
        if self.supply is not None and self.processing is None:
            raise Breach("belong to a unit with a `processing` stage", "a unit without one", at=("supply",))
        if self.standard.quantity == "wait" and self.counter is None:
            raise Breach("be 'turnaround' in a unit without a counter", "'wait'", at=("standard", "quantity"))
        if self.counter is None and (self.priority_line or self.tickets_per_day is not None):
            at = "priority_line" if self.priority_line else "tickets_per_day"
            raise Breach("belong to a unit with a counter", "a unit without one", at=(at,))
        if self.backlog is not None and self.processing is None:
            raise Breach("belong to a unit with a `processing` stage", "a unit without one", at=("backlog",))
        if self.complaint_clock and (self.processing is None or self.counter is not None):
            raise Breach("belong to a unit with processing only", "another kind of unit", at=("complaint_clock",))
        if self.lessons and (self.processing is None or self.counter is not None or self.supply is not None):
            raise Breach("belong to a unit with processing only, without supply", "another kind", at=("lessons",))
        if self.lessons and self.complaint_clock:
            raise Breach("not belong to a unit with a complaint clock", "both", at=("lessons",))
        n_half_hours = len(self.arrivals.half_hour.values)
        if self.counter is not None and self.counter.staffing is not None:
            got = len(self.counter.staffing.values)
            if got != n_half_hours:
                rule = f"hold {n_half_hours} shares, one for each half-hour of `half_hour`"
                raise Breach(rule, str(got), at=("counter", "staffing", "values"))
        doors = 30 * n_half_hours
        if doors > self.day_minutes.value:
            rule = f"be at least the {doors} minutes for which `half_hour` keeps the doors open"
            raise Breach(rule, f"{self.day_minutes.value:g}", at=("day_minutes", "value"))
        return self


class Hypothesis(Frozen):
    """One claim of the region's text, with the metric that tests it, or why none does."""

    claim: Text
    phrase: str = Field(min_length=3)  # the words of the source text, in Indonesian, a few words only
    unit: str | None = None
    metric: Metric | None = None
    window: Literal["after", "all"] = "after"
    direction: Literal["falls", "rises"] | None = None
    target: float | None = None  # the level that the text promises, in the metric's unit, where it promises one
    primary: bool = False
    not_modelled: Text | None = None

    @model_validator(mode="after")
    def _check_tested_or_not(self) -> Self:
        if (self.not_modelled is None) == (self.metric is None):
            got = "neither" if self.metric is None else "both"
            raise Breach("name either a `metric` or why it is `not_modelled`", got)
        if self.metric is not None and (self.unit is None or self.direction is None):
            raise Breach("name its `unit` and `direction` when it names a metric", "a metric alone")
        if self.target is not None and self.metric is None:
            raise Breach("go with a `metric`, whose level it is", "a level alone", at=("target",))
        return self


class Region(Frozen):
    """A region: its service units, its own policy preset and the hypotheses of its text."""

    name: Slug
    title: Text
    level: Level
    population: Residents
    resistance_cause: Cause
    preset: str  # name of the policy that the region's text describes
    left_out: tuple[Text, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = Field(min_length=1)
    units: Annotated[dict[Slug, ServiceUnit], Field(min_length=1), AfterValidator(FrozenDict)]

    @model_validator(mode="after")
    def _check_hypotheses(self) -> Self:
        primary = [h for h in self.hypotheses if h.primary and h.metric is not None]
        if len(primary) != 1 or sum(h.primary for h in self.hypotheses) != 1:
            raise Breach("mark one tested hypothesis as `primary`", str(len(primary)), at=("hypotheses",))
        for i, h in enumerate(self.hypotheses):
            if h.unit is not None and h.unit not in self.units:
                remedy = did_you_mean(h.unit, self.units)
                raise Breach(f"be one of {', '.join(self.units)}", show(h.unit), remedy, at=("hypotheses", i, "unit"))
        return self

    def replace(self, **changes: Any) -> Region:
        """Return a new region with `changes`; `population__value=` reaches into a block.

        Raises
        ------
        InputError
            If a name is unknown ("did you mean ...") or the result breaks a rule.

        Examples
        --------
        >>> from kinerja_sim import load_region
        >>> load_region("arcamanik").replace(population__value=80_000).population.value
        80000.0
        """
        return replaced(self, changes, f"in replace() of region '{self.name}'")

    @property
    def primary(self) -> Hypothesis:
        """The one hypothesis fixed as primary before anything is run."""
        return next(h for h in self.hypotheses if h.primary)
