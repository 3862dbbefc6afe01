"""Published trials: what was done, what came out, which ledger row it feeds, and its counterpart here.

A trial is one of three classes. A *prediction* is run with its own row removed; a
*reproduction of an input* would only give back what went in; *not comparable* has no
counterpart here, or no printed size. Only predictions can hit or miss. Most open to
dispute: the stylised offices, which stand for places nobody described.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.fields import Frozen, FrozenDict, Slug, Text
from kinerja_sim.know.files import PathLike
from kinerja_sim.know.library import data_file, load_policy
from kinerja_sim.know.messages import Breach, did_you_mean, sentence, show
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.schema import METRICS
from kinerja_sim.know.yamlfile import load_model

Kind = Literal["prediction", "reproduction", "not_comparable"]
OF_OFFICERS = ("service_rate_index", "rework_share", "pupil_sd")
"""What officers alone can show, without a queue; a pupil's SD is an officer's over `citizen_scorecard_scale`."""
OF_RATINGS = ("grade_validity", "misgraded_share")
"""What one appraisal of many officers can show; misgraded against merit in the whole office, whoever the rater."""


def _check_row(name: str) -> str:
    rows = load_ledger().rows
    if name not in rows:
        raise Breach("be a row of the evidence ledger", show(name), did_you_mean(name, rows))
    return name


Row = Annotated[str, AfterValidator(_check_row)]


class Office(Frozen):
    """A stylised office: one stage, flat arrivals, one service unit for each of `loads`."""

    stage: Literal["counter", "processing"]
    complexity: Literal["routine", "medium"]
    officers: int = Field(ge=1, le=200)  # in each unit
    loads: tuple[Annotated[float, Field(gt=0, le=2)], ...] = Field(min_length=1)  # work over working time, no policy
    per_day: float = Field(gt=0)  # cases a working day and unit
    day_minutes: float = Field(default=450.0, ge=30, le=1440)
    standard: float = Field(gt=0)  # minutes of wait at a counter, working days in processing
    backlog_days: float = Field(default=0.0, ge=0)  # cases in processing at the start, in days of arrivals
    restriction_days: float = Field(gt=0)
    error_share: float | None = Field(default=None, ge=0, le=1)  # None takes the ledger's prior
    half_hour: tuple[float, ...] = (1.0,) * 14
    why: Text


class Printed(Frozen):
    """What the publication prints, in the unit of the metric here."""

    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    kind: Literal["interval", "range"] | None = None  # of `low` and `high`: a confidence interval, or several estimates
    text: Text  # as printed
    unverified: bool = False

    @model_validator(mode="after")
    def _check_ends(self) -> Self:
        ends = [self.low is None, self.high is None, self.kind is None]
        if any(ends) and not all(ends):
            raise Breach("come with its other end and its kind", "one of three", at=("low",))
        return self


class Also(Frozen):
    """The same trial under another assumption: shown, never counted."""

    label: Text
    policy: Annotated[dict[str, Any], AfterValidator(FrozenDict)] = FrozenDict()
    fixed: Annotated[dict[Row, float], AfterValidator(FrozenDict)] = FrozenDict()  # ledger rows held at a value
    office: str | None = None


class Prediction(Frozen):
    """How a trial is run here; fixed before its result was seen."""

    office: str
    path: Literal["officers", "ratings", "office"]  # officers alone, one appraisal, or the whole office with its queue
    reference: Annotated[dict[str, Any], AfterValidator(FrozenDict)] = FrozenDict()  # changes to today's practice
    policy: Annotated[dict[str, Any], AfterValidator(FrozenDict)] = FrozenDict()
    removed: Annotated[dict[Row, float | None], AfterValidator(FrozenDict)] = FrozenDict()
    # value that stands for "nothing known"; None: the row is taken out, and reading it would be an error
    metric: str
    change: Literal["relative", "absolute", "level"]
    scale: float = 1.0  # from our unit to the printed one
    unit: Text | None = None  # of the printed effect; None for relative changes and bare numbers
    months: int = Field(default=0, ge=0, le=36)  # officers: since the start; office: run, all of them counted
    matters: float = Field(gt=0)  # smallest size that matters, in the printed unit: the yardstick where none is printed
    mapping: Text
    also: tuple[Also, ...] = ()

    @model_validator(mode="after")
    def _check_metric(self) -> Self:
        known = {"officers": OF_OFFICERS, "ratings": OF_RATINGS, "office": tuple(METRICS)}[self.path]
        if self.metric not in known:
            raise Breach(
                "be a metric of that path", show(self.metric), did_you_mean(self.metric, known), at=("metric",)
            )
        if self.path == "officers" and self.change == "level":
            raise Breach("be relative or absolute for officers alone", "level", at=("change",))
        self.policies()
        return self

    def policies(self, more: Mapping[str, Any] | None = None) -> tuple[Policy, Policy]:
        """Return the reference and the trial's policy; `more` changes the latter."""
        base = load_policy("baseline")
        reference = base.replace(name="reference", **self.reference)
        return reference, base.replace(name="trial", **{**self.policy, **(more or {})})


class Trial(Frozen):
    """One published trial, or one of its outcomes."""

    id: Slug
    citation: str = Field(min_length=5)
    section: Literal["C", "E", "F", "G", "H", "3", "issue"]  # of the list of evidence; the issue that asked for it
    design: Literal["experiment", "quasi_experiment", "meta_analysis", "correlation", "before_after", "simulation"]
    setting: Text
    done: Text
    outcome: Text
    printed: Printed
    rows: tuple[Row, ...] = ()  # ledger rows that the publication feeds
    kind: Kind
    prediction: Prediction | None = None
    why: Text | None = None  # why it is no prediction
    explanation: Text | None = None  # written after the verdict was seen: of every miss, and of a hit that means little
    verdict_seen: Literal["hit", "miss"] | None = None  # the verdict that the explanation is about

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        is_prediction = self.kind == "prediction"
        if is_prediction != (self.prediction is not None):
            raise Breach("go with the kind 'prediction', and only with it", self.kind, at=("prediction",))
        if is_prediction == (self.why is not None):
            raise Breach("be given where a trial is no prediction, and only there", self.kind, at=("why",))
        if not is_prediction and self.explanation is not None:
            raise Breach("be given for predictions only", self.kind, at=("explanation",))
        if (self.explanation is None) != (self.verdict_seen is None):
            raise Breach("come with an explanation, and an explanation with it", "one of two", at=("verdict_seen",))
        if self.kind == "reproduction" and not self.rows:
            raise Breach("name the row that is the input", "nothing", at=("rows",))
        if self.prediction is not None:
            if self.printed.estimate is None:
                raise Breach("be given for a prediction", "nothing", at=("printed", "estimate"))
            if set(self.prediction.removed) != set(self.rows):
                got = ", ".join(self.prediction.removed) or "nothing"
                raise Breach("hold exactly the rows that the trial feeds", got, at=("prediction", "removed"))
        return self


class Trials(Frozen):
    """All published trials, and the stylised offices in which they are run."""

    offices: Annotated[dict[Slug, Office], AfterValidator(FrozenDict)]
    trials: tuple[Trial, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        ids = [trial.id for trial in self.trials]
        for i, trial in enumerate(self.trials):
            if trial.id in ids[:i]:
                raise Breach("occur once", show(trial.id), at=("trials", i, "id"))
            if trial.prediction is None:
                continue
            for office in (trial.prediction.office, *(a.office for a in trial.prediction.also if a.office)):
                if office not in self.offices:
                    rule = f"be one of {', '.join(self.offices)}"
                    raise Breach(rule, show(office), at=("trials", i, "prediction", "office"))
        return self

    @property
    def verdicts(self) -> Counter[str]:
        """How many predictions hit and how many missed when they were last looked at (`kinerja trials`)."""
        return Counter(trial.verdict_seen for trial in self.trials if trial.verdict_seen is not None)

    def __getitem__(self, name: str) -> Trial:
        """Return the trial called `name`, or raise `InputError` with the nearest name."""
        found = {trial.id: trial for trial in self.trials}
        if name not in found:
            raise InputError(
                sentence("trial", "be one of `kinerja trials`", show(name), remedy=did_you_mean(name, found))
            )
        return found[name]


@lru_cache(maxsize=1)
def load_trials() -> Trials:
    """Return the shipped trials.

    Examples
    --------
    >>> trial = load_trials()["mattsson-2025"]
    >>> trial.kind, trial.printed.estimate, trial.rows
    ('prediction', 0.11, ('scorecard_ontime_rel',))
    """
    return read_trials(data_file("trials.yaml"))


def read_trials(path: PathLike) -> Trials:
    """Return the trials of a YAML file.

    Raises
    ------
    InputError
        If the file cannot be read or breaks a rule.
    """
    return load_model(path, Trials)
