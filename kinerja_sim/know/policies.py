"""An evaluation policy: how officers are appraised, and what follows.

A policy is data. Every block can be left out, and left out means "as in today's
practice" (`baseline`).
Most open to dispute: `stakes`, the strength with which staff feel the consequences.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from kinerja_sim.know.fields import Frozen, FrozenDict, Slug, Text
from kinerja_sim.know.messages import Breach, number
from kinerja_sim.know.yamlfile import replaced

Source = Literal["results", "citizens", "civil_society", "supervisor", "peers", "team", "subordinates", "community"]
SOURCES: tuple[str, ...] = (
    "results", "citizens", "civil_society", "supervisor", "peers", "team", "subordinates", "community",
)  # fmt: skip
"""Who is heard; 'community' is engagement with it, appraised of teachers alone (elsewhere its weight is results')."""
RESULT_SOURCES = ("results", "citizens", "civil_society", "team", "community")  # the regulation's results dimension
Channel = Literal["app", "kiosk", "sms", "phone", "paper", "civil_society", "complaint"]
CHANNELS: tuple[str, ...] = ("app", "kiosk", "sms", "phone", "paper", "civil_society", "complaint")
CITIZEN_CHANNELS = ("app", "kiosk", "sms", "phone", "paper")
"""Channels that give citizens' scores. Who complains is no sample of citizens: a complaint line alone gives none."""
Period = Literal["monthly", "quarterly", "semester", "annual"]
MONTHS_OF: dict[str, int] = {"monthly": 1, "quarterly": 3, "semester": 6, "annual": 12}
Share = Annotated[float, Field(ge=0.0, le=1.0)]


def _which_to_move(total: float, parts: Mapping[Any, float]) -> str:
    """Return the remedy for shares that do not sum to 1."""
    listed = ", ".join(f"{name} {number(share)}" for name, share in parts.items())
    return f"{'Lower' if total > 1 else 'Raise'} one of: {listed}."


def is_beyond_regulation(weights: Mapping[Any, float]) -> bool:
    """Return whether a mix has a split results : behaviour that PP 30/2019 art 41 does not know.

    It knows 70:30, and 60:40 where peers and direct subordinates are heard. Most officers at a
    counter have no subordinates, so a mix that hears peers passes; `misses_subordinates` says so.

    Examples
    --------
    >>> [is_beyond_regulation({"results": share, "supervisor": 1 - share}) for share in (0.7, 0.6)]
    [False, True]
    >>> is_beyond_regulation({"results": 0.6, "supervisor": 0.3, "peers": 0.1})
    False
    """
    share = sum(v for k, v in weights.items() if k in RESULT_SOURCES)
    return abs(share - 0.7) > 1e-9 and not (abs(share - 0.6) <= 1e-9 and weights.get("peers", 0.0) > 1e-9)


def whole_mix(base: Mapping[Any, float], given: Mapping[Any, float]) -> dict[Any, float]:
    """Return a mix in which some weights are given and the others of `base` share what is left, in proportion."""
    rest = {name: share for name, share in base.items() if name not in given}
    left, total = max(0.0, 1.0 - sum(given.values())), sum(rest.values())
    return {name: share * left / total for name, share in rest.items() if total > 0} | dict(given)


class ResultsTargets(Frozen):
    """What the results source counts; shares sum to 1."""

    quantity: Share = 0.5
    on_time: Share = 0.5

    @model_validator(mode="after")
    def _check_sum(self) -> Self:
        total = self.quantity + self.on_time
        if abs(total - 1) > 1e-9:
            raise Breach("sum to 1", number(total), _which_to_move(total, self.model_dump()), name="targets")
        return self


class Appraisal(Frozen):
    """How a grade comes about."""

    period: Period = "annual"
    scheme: Literal["pp30", "permenpan6"] = "permenpan6"
    weights: Annotated[dict[Source, Share], Field(min_length=1), AfterValidator(FrozenDict)]
    targets: ResultsTargets = ResultsTargets()
    stakes: Share = 0.0  # 0: the form is filled without consequence; 1: pay and career hang on it
    leniency: Literal["lenient", "calibrated"] = "lenient"
    forced_distribution: Literal["outstanding", "good", "needs_improvement", "poor", "very_poor"] | None = None
    # the organisation's own grade, which SE MenPANRB 3/2023 turns into shares of grades; None: no distribution
    rater_span: int | None = Field(default=None, ge=1, le=200)  # officers per rater; None: one rater an office
    rotation_months: int = Field(default=0, ge=0, le=60)  # months until raters change; 0: never

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        total = sum(self.weights.values())
        if abs(total - 1) > 1e-9:
            remedy = _which_to_move(total, self.weights)
            raise Breach("sum to 1", number(total), remedy, at=("weights",), name="weights")
        return self

    @property
    def results_share(self) -> float:
        """Total weight of the regulation's results dimension (PP 30/2019 art 41)."""
        return sum(v for k, v in self.weights.items() if k in RESULT_SOURCES)

    @property
    def beyond_regulation(self) -> bool:
        """Whether the split results : behaviour is neither 70:30 nor, with peers heard, 60:40."""
        return is_beyond_regulation(self.weights)

    @property
    def misses_subordinates(self) -> bool:
        """Whether the split is 60:40 and peers are heard, but direct subordinates are not."""
        is_360 = not self.beyond_regulation and abs(self.results_share - 0.6) <= 1e-9
        return is_360 and not self.weights.get("subordinates", 0.0)


class Feedback(Frozen):
    """What officers hear about their own work."""

    to_officers: bool = False  # a talk about results after every appraisal
    citizens_visible: bool = False  # citizens' ratings are shown to the officers they are about
    monitoring: bool = False  # work is tracked electronically (an app, a dashboard)


class Training(Frozen):
    """One training programme; officers are off their post meanwhile. 1 JP is 45 minutes."""

    kind: Literal["technical", "communication", "managerial"]
    hours_jp: float = Field(gt=0, le=120)
    format: Literal["individual", "team"] = "individual"
    first_month: int = Field(default=0, ge=0, le=120)
    every_months: int = Field(default=12, ge=0, le=120)  # 0: once


class RaterTraining(Frozen):
    """Training of raters in a common frame of reference: what they add of their own shrinks. 1 JP is 45 minutes."""

    hours_jp: float = Field(default=8.0, gt=0, le=40)
    first_month: int = Field(default=0, ge=0, le=120)
    every_months: int = Field(default=12, ge=0, le=120)  # 0: once


class Turnover(Frozen):
    """Officers who leave because of the policy and are replaced; the post is empty meanwhile, newcomers learn."""

    share: float = Field(gt=0, le=1)  # of officers a year ('anybody'), or of those graded below 'good' at an appraisal
    who: Literal["anybody", "below_expectation"] = "anybody"


class Socialisation(Frozen):
    """Explaining the policy to staff; each cause of resistance answers to its own intervention."""

    kind: Literal["participatory", "one_way"]  # against habit; one-way telling does little
    guarantees: bool = False  # against fear: no grade of the first year can cost anybody the post
    support: bool = False  # against pressure: help with the workload of the change
    waves: int = Field(default=1, ge=1, le=12)
    first_month: int = Field(default=0, ge=0, le=120)
    every_months: int = Field(default=3, ge=1, le=60)


class Recognition(Frozen):
    """A symbolic award for the best-graded officers of each unit after every appraisal."""

    share: float = Field(gt=0, le=0.5)


class Allowance(Frozen):
    """Pay that hangs on the grade, or a rise that hangs on nothing.

    The literature disagrees about its effect by half a standard deviation: one of its
    camps is chosen, never an average of them.
    """

    prior: Literal["sceptical", "optimistic", "negative", "tax_office", "unconditional"] = "sceptical"
    share: Share = 0.3  # how much of the allowance hangs on the grade


class Coaching(Frozen):
    """Six months of coaching for officers who fall below a threshold at an appraisal."""

    trigger: Literal["below_target", "below_expectation", "everyone"]
    # below_target: results under `target` per cent of the office's mean; below_expectation: a grade under 'good'
    target: float = Field(default=95.0, gt=0, le=120)


class Capacity(Frozen):
    """Levers that add capacity instead of effort; kept apart from HR levers on every output."""

    extra_officers: int = Field(default=0, ge=0, le=5)  # at the busier stage of every unit
    no_shortage: bool = False
    no_offline_days: bool = False
    online_queue: bool = False  # citizens with digital access may book a slot, spread evenly over the day


class Policy(Frozen):
    """An evaluation policy: one file, one frozen object."""

    name: Slug
    title: Text
    description: Text
    author: str = Field(min_length=2)
    sources: tuple[str, ...] = Field(min_length=1)
    appraisal: Appraisal
    channels: tuple[Channel, ...] = ("paper",)
    goals: Literal["none", "generic", "specific"] = "none"
    feedback: Feedback = Feedback()
    training: tuple[Training, ...] = ()
    rater_training: RaterTraining | None = None
    socialisation: Socialisation | None = None
    recognition: Recognition | None = None
    coaching: Coaching | None = None
    allowance: Allowance | None = None
    turnover: Turnover | None = None
    capacity: Capacity = Capacity()
    dose: Share = 1.0
    start_month: int = Field(default=0, ge=0, le=120)
    phase_in_months: int = Field(default=0, ge=0, le=60)  # months of growing dose before the full one
    stop_month: int | None = Field(default=None, ge=1, le=240)  # first month without the policy
    left_out: tuple[Text, ...] = ()  # parts of the source text that lie outside the model

    @model_validator(mode="after")
    def _check_span(self) -> Self:
        full = self.start_month + self.phase_in_months
        if self.stop_month is not None and self.stop_month <= full:
            rule = f"be after the policy is in full force (month {full})"
            raise Breach(rule, str(self.stop_month), "Move the stop, or shorten the start.", at=("stop_month",))
        return self

    def dose_in(self, period: int) -> float:
        """Return the dose in a month since the comparison's start: 0 before the start and after the stop.

        Examples
        --------
        >>> from kinerja_sim import load_policy
        >>> slow = load_policy("training_only").replace(phase_in_months=2)
        >>> [round(slow.dose_in(m), 2) for m in (-1, 0, 1, 2)]
        [0.0, 0.33, 0.67, 1.0]
        """
        since = period - self.start_month
        if since < 0 or (self.stop_month is not None and period >= self.stop_month):
            return 0.0
        return self.dose * min(1.0, (since + 1) / (self.phase_in_months + 1))

    @model_validator(mode="after")
    def _check_channels(self) -> Self:
        twice = [c for i, c in enumerate(self.channels) if c in self.channels[:i]]
        if twice:
            raise Breach("name each channel once", f"{twice[0]} twice", at=("channels",))
        w = self.appraisal.weights
        got = ", ".join(self.channels) or "none"
        if w.get("civil_society", 0) > 0 and "civil_society" not in self.channels:
            rule = "include civil_society when its weight is above 0"
            raise Breach(rule, got, "Add the channel, or set the weight to 0.", at=("channels",))
        if w.get("citizens", 0) > 0 and not set(self.channels) & set(CITIZEN_CHANNELS):
            rule = "include a channel for citizens when their weight is above 0"
            raise Breach(rule, got, f"Add one of {', '.join(CITIZEN_CHANNELS)}.", at=("channels",))
        return self

    def replace(self, **changes: Any) -> Policy:
        """Return a new policy with `changes`; `appraisal__period=` reaches into a block.

        Raises
        ------
        InputError
            If a name is unknown ("did you mean ...") or the result breaks a rule.

        Examples
        --------
        >>> from kinerja_sim import load_policy
        >>> load_policy("baseline").replace(name="q", appraisal__period="quarterly").appraisal.period
        'quarterly'
        """
        return replaced(self, changes, f"in replace() of policy '{self.name}'")
