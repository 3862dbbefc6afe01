"""A design: one file that says what a sweep varies, how, how often, and what it keeps.

Factors are named by where they live: `policy.appraisal.stakes` (a lever),
`region.units.<unit>.counter.officers` (what is there before any policy) and
`parameter.sdp_medium` (a row of the evidence ledger). This floor checks form; whether every
design point makes a region and a policy is checked where they are made, before anything
runs. Most open to dispute: with `rescale` the shares that no factor sets shrink or grow in
proportion, which is one of many ways to make room for another weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.fields import Frozen, FrozenDict, Slug, Text
from kinerja_sim.know.files import PathLike
from kinerja_sim.know.library import data_file
from kinerja_sim.know.messages import Breach, did_you_mean, sentence, show
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Metric
from kinerja_sim.know.yamlfile import Document, read_yaml, validate_document

KINDS = ("policy", "region", "parameter")
OWN = "own"
"""Name of a policy in a design: each region's own."""
EVERY_PARAMETER = "parameter.*"
BY_HAND = ("grid", "list", "zip", "one_at_a_time")
Method = Literal["grid", "list", "zip", "one_at_a_time", "latin_hypercube", "sobol", "morris", "saltelli"]
Share = Annotated[float, Field(gt=0, lt=1)]


class Factor(Frozen):
    """The values that one factor may take: listed, a range, a prior of the ledger, or mixes that sum to 1."""

    values: Annotated[tuple[Any, ...], Field(min_length=1)] | None = None
    low: float | None = None
    high: float | None = None
    integer: bool = False  # of a range: whole numbers only, both ends included
    prior: bool = False  # the ledger's own distribution, by quantile
    quantiles: Annotated[tuple[Share, ...], Field(min_length=1)] | None = None  # of the prior, listed
    simplex: Annotated[tuple[str, ...], Field(min_length=2)] | None = None  # names that share 1 among them
    steps: int = Field(default=10, ge=1, le=100)  # of a simplex: each share is a whole number of 1 / steps

    @model_validator(mode="before")
    @classmethod
    def _read_short_forms(cls, data: Any) -> Any:
        """Take a plain list as values, and the word 'prior' as itself."""
        if isinstance(data, list | tuple):
            return {"values": tuple(data)}
        return {"prior": True} if data == "prior" else data

    @model_validator(mode="after")
    def _check_one_form(self) -> Self:
        forms = {
            "values": self.values is not None,
            "low and high": self.low is not None or self.high is not None,
            "prior": self.prior,
            "quantiles": self.quantiles is not None,
            "simplex": self.simplex is not None,
        }
        given = [name for name, is_given in forms.items() if is_given]
        if len(given) != 1:
            raise Breach(f"have one of {', '.join(forms)}", " and ".join(given) or "none")
        if forms["low and high"]:
            if self.low is None or self.high is None or self.low >= self.high:
                got = f"low {show(self.low)} and high {show(self.high)}"
                raise Breach("have a `low` below its `high`", got)
            if self.integer and not (self.low.is_integer() and self.high.is_integer()):
                raise Breach("have whole numbers as the ends of whole numbers", f"{self.low:g} and {self.high:g}")
        if self.values is not None and any(v in self.values[:i] for i, v in enumerate(self.values)):
            raise Breach("list each value once", "one of them twice", at=("values",))
        return self


class Precision(Frozen):
    """When to stop: every contrast of the metric known to within the half-width of its 95 % interval."""

    metric: Metric
    half_width: float = Field(gt=0)  # in the metric's unit
    unit: Slug | None = None  # service unit; None: each of them
    largest: int = Field(default=1000, ge=2)  # replications (draws, where parameters are drawn) at most


def _check_factor_name(name: str) -> str:
    kind, _, path = name.partition(".")
    if kind not in KINDS:
        rule = "begin with policy., region. or parameter."
        raise Breach(rule, show(name), f"Did you mean `policy.{name}`?" if kind in Policy.model_fields else "")
    if not path or "" in path.split("."):
        raise Breach("name a field after its first dot", show(name))
    rows = load_ledger().rows
    if kind == "parameter" and path not in rows and name != EVERY_PARAMETER:
        near = did_you_mean(path, rows, instead="`parameter.*` takes all of the ledger.")
        raise Breach("be in the evidence ledger", show(path), near)
    return name


FactorName = Annotated[str, AfterValidator(_check_factor_name)]


class Design(Frozen):
    """One sweep: a base, what varies around it, and how often each point is run."""

    title: Text | None = None
    regions: Annotated[tuple[str, ...], Field(min_length=1)]  # names of the library, or paths
    policies: Annotated[tuple[str, ...], Field(min_length=1)]  # names, paths, 'a+b', or 'own'
    reference: str | None = "baseline"  # what every point is compared with; None: levels only
    method: Method
    factors: Annotated[dict[FactorName, Factor], AfterValidator(FrozenDict)] = FrozenDict()
    points: tuple[Annotated[dict[FactorName, Any], AfterValidator(FrozenDict)], ...] = ()  # of a list
    n: int | None = Field(default=None, ge=1, le=1_000_000)  # points, trajectories (morris) or base samples (saltelli)
    levels: int = Field(default=4, ge=2, le=20)  # of a Morris grid
    groups: Literal["grade"] | Annotated[dict[str, tuple[str, ...]], AfterValidator(FrozenDict)] | None = None
    rescale: bool = False  # weights or targets that no factor sets make room for those that one sets
    parameters: Literal["ledger", "point"] = "ledger"  # of what is no factor: drawn, or fixed at its point
    draws: int = Field(default=1, ge=1, le=1_000_000)
    replications: int = Field(default=1, ge=1, le=1_000_000)  # of each draw
    months: int = Field(default=24, ge=1, le=240)
    pre_months: int = Field(default=6, ge=0, le=60)
    window: Literal["after", "all", "pre"] = "after"
    metrics: Annotated[tuple[Metric, ...], Field(min_length=1)]
    seed: int = Field(default=0, ge=0)
    precision: Precision | None = None

    @field_validator("factors", mode="before")
    @classmethod
    def _take_whole_ledger(cls, value: Any) -> Any:
        """Replace `parameter.*` by every row of the ledger that is not named beside it."""
        if not isinstance(value, Mapping) or EVERY_PARAMETER not in value:
            return value
        rest = {f"parameter.{name}": value[EVERY_PARAMETER] for name in load_ledger().rows}
        return {
            **{k: v for k, v in value.items() if k != EVERY_PARAMETER},
            **{k: v for k, v in rest.items() if k not in value},
        }

    @model_validator(mode="after")
    def _check_draws(self) -> Self:
        if self.parameters == "point" and self.draws != 1:
            remedy = "Raise `replications`, or write `parameters: ledger`."
            raise Breach("be 1 where parameters are fixed at their points", str(self.draws), remedy, at=("draws",))
        if self.parameters == "ledger" and self.draws == 1:
            remedy = "Raise it, or write `parameters: point`."
            raise Breach("be at least 2 where parameters are drawn from the ledger", "1", remedy, at=("draws",))
        twice = next((m for i, m in enumerate(self.metrics) if m in self.metrics[:i]), None)
        if twice is not None:
            raise Breach("name each metric once", f"{twice} twice", at=("metrics",))
        if self.precision is not None:
            if self.precision.metric not in self.metrics:
                got = show(self.precision.metric)
                raise Breach("be one of the design's `metrics`", got, at=("precision", "metric"))
            if self.reference is None:
                raise Breach("be left out of a design without a reference", "one", at=("precision",))
            of_unit, first = (
                ("draws", self.draws) if self.parameters == "ledger" else ("replications", self.replications)
            )
            if self.precision.largest < first:
                rule = f"be at least the design's `{of_unit}` ({first})"
                raise Breach(rule, show(self.precision.largest), at=("precision", "largest"))
        return self

    @model_validator(mode="after")
    def _check_method(self) -> Self:
        if (self.method == "list") != bool(self.points):
            rule = "be given, and only, with `method: list`"
            raise Breach(rule, f"{len(self.points)} of them with `method: {self.method}`", at=("points",))
        if self.method == "list" and self.factors:
            raise Breach("be left out of a list, whose points name them", "some", at=("factors",))
        if self.method != "list" and not self.factors and self.method != "grid":
            raise Breach("hold at least one factor", "none", at=("factors",))
        keys = [set(point) for point in self.points]
        if any(k != keys[0] for k in keys):
            raise Breach("set the same factors in every point of a list", "different ones", at=("points",))
        if (self.n is None) != (self.method in BY_HAND):
            need = "be left out of" if self.method in BY_HAND else "be given for"
            raise Breach(f"{need} `method: {self.method}`", show(self.n), at=("n",))
        if self.method in ("sobol", "saltelli") and self.n is not None and self.n & (self.n - 1):
            near = 1 << (self.n.bit_length() - 1)
            remedy = f"Write {near} or {2 * near}."
            raise Breach("be a power of two, or the points are not balanced", str(self.n), remedy, at=("n",))
        if self.method == "morris" and self.levels % 2:
            raise Breach("be even, as Morris's steps are half the grid", str(self.levels), at=("levels",))
        for name, factor in self.factors.items():
            at = ("factors", name)
            if (factor.prior or factor.quantiles) and not name.startswith("parameter."):
                raise Breach("be listed or a range: only parameters have a prior", "prior or quantiles", at=at)
            if self.method in ("grid", "zip") and not (factor.values or factor.quantiles or factor.simplex):
                raise Breach(f"list its values in `method: {self.method}`", "a range or a prior", at=at)
        lengths = {name: len(f.values or f.quantiles or ()) for name, f in self.factors.items()}
        if self.method == "zip" and len(set(lengths.values())) > 1:
            got = ", ".join(f"{name} {n}" for name, n in lengths.items())
            raise Breach("list equally many values for every factor of a zip", got, at=("factors",))
        return self

    @model_validator(mode="after")
    def _check_groups(self) -> Self:
        if self.groups is None:
            return self
        if self.method not in ("morris", "saltelli"):
            raise Breach("be left out unless the method is morris or saltelli", "groups", at=("groups",))
        if isinstance(self.groups, str):
            return self
        members = [name for group in self.groups.values() for name in group]
        for name in members:
            if name not in self.factors:
                raise Breach("hold factors of the design", show(name), did_you_mean(name, self.factors), at=("groups",))
        missing = [name for name in self.factors if members.count(name) != 1]
        if missing:
            raise Breach("hold every factor once", f"'{missing[0]}' {members.count(missing[0])} times", at=("groups",))
        return self


def list_designs() -> list[str]:
    """Return the names of the library's designs, in alphabetical order."""
    return sorted(path.stem for path in data_file("designs").glob("*.yaml"))


def read_design(name_or_path: PathLike) -> tuple[Design, Document]:
    """Return a design and its document, which knows the line of every factor.

    A path that does not exist falls back on the library's file of that name, so that
    `designs/weights.yaml` works from any folder.

    Raises
    ------
    InputError
        If the name is unknown ("did you mean ..."), or the file cannot be read or breaks a rule.

    Examples
    --------
    >>> read_design("weights")[0].method
    'grid'
    """
    from kinerja_sim.know.errors import InputError

    text = str(name_or_path)
    path, known = Path(text), list_designs()
    if path.suffix.lower() not in (".yaml", ".yml") and text not in known:
        remedy = f"{did_you_mean(text, known)} Known: {', '.join(known)}.".lstrip()
        raise InputError(sentence("design", "be in the library, or a path to a file", show(text), remedy=remedy))
    if text in known or (not path.exists() and path.parent == Path("designs") and path.stem in known):
        path = data_file(f"designs/{path.stem}.yaml")
    document = read_yaml(path)
    return validate_document(Design, document), document
