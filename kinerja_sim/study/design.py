"""A design made concrete: every design point's region, policy and parameters, checked before anything runs.

Points come in the sampler's order, region by region and policy by policy; the reference's
points follow them, one for each context, that is for each combination of region values and
parameters. Points of one context run together and share their citizens. Most open to
dispute: at most `GROUP_SIZE` points share them at once, which keeps tasks short.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel

import kinerja_sim
from kinerja_sim.know.designs import OWN, Design
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import FILES, load_ledger
from kinerja_sim.know.library import data_file, load_policy, load_region
from kinerja_sim.know.messages import did_you_mean, number, sentence, show
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.yamlfile import validate_mapping
from kinerja_sim.study.manifest import NAMING
from kinerja_sim.study.sampling import BASE, Sample, draw_sample

GROUP_SIZE = 16
"""Policies that one task runs on the same citizens, at most."""
SHARES = (("appraisal", "weights"), ("appraisal", "targets"))
"""Blocks whose values sum to 1."""
_CODE = ("model", "know/pooling.py", "know/schema.py")


@dataclass(frozen=True)
class Bases:
    """What a design varies around: regions and policies as they are in their files."""

    regions: dict[str, Region]
    policies: dict[str, tuple[Policy, ...]]  # by region
    reference: Policy | None


@dataclass(frozen=True)
class Group:
    """Design points that share region values and parameters, hence citizens."""

    points: tuple[int, ...]
    region: Region
    policies: tuple[Policy, ...]
    fixed: Mapping[str, float]


def load_bases(design: Design) -> Bases:
    """Return the regions, policies and reference that a design names.

    Raises
    ------
    InputError
        If a name is unknown, given twice, or the reference is also a policy without any lever to move it.
    """
    regions: dict[str, Region] = {}
    policies: dict[str, tuple[Policy, ...]] = {}
    reference = None if design.reference is None else load_policy(design.reference)
    for place in design.regions:
        region = load_region(place)
        if region.name in regions:
            raise InputError(sentence("regions", "have different names", f"'{region.name}' twice"))
        regions[region.name] = region
        found = [load_policy(region.preset if name == OWN else name) for name in design.policies]
        twice = next((p.name for i, p in enumerate(found) if p.name in [q.name for q in found[:i]]), None)
        if twice is not None:
            raise InputError(sentence("policies", "have different names", f"'{twice}' twice in '{region.name}'"))
        policies[region.name] = tuple(found)
    return Bases(regions, policies, reference)


class Study:
    """The design points of a design, made when they are needed and never all at once.

    Raises
    ------
    InputError
        If a point names something unknown or breaks a rule of its region or policy.
    """

    def __init__(self, design: Design, bases: Bases, label: str = "the design") -> None:
        self.design, self.bases, self.label = design, bases, label
        self.sample: Sample = draw_sample(design)
        names = list(self.sample.columns)
        self._levers = [n for n in names if n.startswith("policy.")]
        self._places = [n for n in names if n.startswith("region.")]
        self._unknowns = [n for n in names if n.startswith("parameter.")]
        self._blocks = [(region, policy) for region in bases.regions for policy in bases.policies[region]]
        self.n_points = len(self._blocks) * self.sample.n
        self._find_contexts()
        self.group_keys = [self._check(group) for group in self.groups()]
        self._check_window()

    @property
    def n_all(self) -> int:
        """Number of points with the reference's."""
        return self.n_points + (len(self._contexts) if self.bases.reference is not None else 0)

    def reference_of(self, point: int) -> int:
        """Return the reference's point with the same region values and parameters."""
        return self.n_points + self._context_of[point]

    def region_of(self, point: int) -> str:
        """Return the name of a point's region."""
        return self._block(point)[0]

    def policy_of(self, point: int) -> str:
        """Return the name of a point's base policy."""
        return self._block(point)[1].name

    def groups(self) -> Iterator[Group]:
        """Yield the points that run together, made and checked."""
        for points in self.members:
            yield self.group(points)

    def group(self, points: tuple[int, ...]) -> Group:
        """Return the region, policies and parameters of points that share a context."""
        policies = tuple(self._policy(p).model_copy(update={"name": f"p{p}"}) for p in points)
        fixed = {n.removeprefix("parameter."): self._value(n, points[0]) for n in self._unknowns}
        given = {name: float(v) for name, v in fixed.items() if v is not BASE}
        return Group(points, self._region(points[0]), policies, given)

    def first_month(self, region: str) -> int:
        """Return the month from which all policies of a region are in full force, as window 'after' begins."""
        return self._full_force[region]

    def table(self) -> pd.DataFrame:
        """Return one row a design point: point, region, policy, is_reference, factors in natural units, positions."""
        points = range(self.n_all)
        columns: dict[str, Any] = {
            "point": np.arange(self.n_all, dtype=np.int64),
            "region": [self.region_of(p) for p in points],
            "policy": [self.policy_of(p) for p in points],
            "is_reference": np.arange(self.n_all) >= self.n_points,
        }
        for name in self.sample.columns:
            columns |= _columns(name, [self._shown(name, p) for p in points])
        for name, u in self.sample.positions.items():
            rows = [self._context_row(p) if p >= self.n_points else p % self.sample.n for p in points]
            position = u[np.array(rows)]
            columns[f"u.{name}"] = (
                np.where(columns["is_reference"], np.nan, position) if name in self._levers else position
            )
        return pd.DataFrame(columns)

    def describe_factors(self) -> list[dict[str, Any]]:
        """Return name, kind, grade and bounds or levels of every factor column of the points, in their order."""
        described = []
        for name, values in self.sample.columns.items():
            kind, _, path = name.partition(".")
            factor = self.design.factors.get(name)
            for column, shown in _columns(name, [v for v in values if v is not BASE]).items():
                entry: dict[str, Any] = {"name": column, "kind": kind, "grade": self._grade(kind, path)}
                if factor is not None and factor.low is not None:
                    entry["bounds"] = [factor.low, factor.high]
                elif factor is not None and factor.prior:
                    entry["prior"] = str(load_ledger()[path].distribution)
                else:
                    entry["levels"] = list(dict.fromkeys(shown))
                described.append(entry)
        return described

    def _grade(self, kind: str, path: str) -> str | None:
        """Return how strong the evidence for a factor's base value is; None for a lever."""
        if kind == "parameter":
            return load_ledger()[path].grade
        here: Any = next(iter(self.bases.regions.values())).model_dump(mode="python") if kind == "region" else None
        for step in path.split("."):
            if isinstance(here, dict) and "grade" in here and "value" in here:
                break
            here = _step(here, step)
        return here.get("grade") if isinstance(here, dict) else None

    # --- how points are made

    def _block(self, point: int) -> tuple[str, Policy]:
        if point < self.n_points:
            return self._blocks[point // self.sample.n]
        assert self.bases.reference is not None
        return self._block(self._contexts[point - self.n_points])[0], self.bases.reference

    def _context_row(self, point: int) -> int:
        return self._contexts[point - self.n_points] % self.sample.n

    def _value(self, name: str, point: int) -> Any:
        """Return what the sample sets a factor to, or BASE."""
        if point < self.n_points:
            return self.sample.columns[name][point % self.sample.n]
        return BASE if name.startswith("policy.") else self.sample.columns[name][self._context_row(point)]

    def _shown(self, name: str, point: int) -> Any:
        """Return the value that a factor has at a point, its base value where the sample leaves it."""
        value = self._value(name, point)
        if value is not BASE:
            return value
        kind, _, path = name.partition(".")
        if kind == "parameter":
            return load_ledger()[path].point if self.design.parameters == "point" else None
        owner: BaseModel = self._policy(point) if kind == "policy" else self.bases.regions[self.region_of(point)]
        here: Any = owner.model_dump(mode="python")
        for step in path.split("."):
            here = _step(here, step)
        if here is None and path.startswith("appraisal.weights."):
            return 0.0  # a source that is not heard
        return here["value"] if isinstance(here, dict) and "value" in here else here

    def _find_contexts(self) -> None:
        shared = [*self._places, *self._unknowns]
        numbers: dict[tuple[str, ...], int] = {}
        self._context_of: list[int] = []
        self._contexts: list[int] = []  # the first point of each
        members: list[list[int]] = []
        for point in range(self.n_points):
            key = (self.region_of(point), *[_text(self._value(n, point)) for n in shared])
            context = numbers.setdefault(key, len(numbers))
            if context == len(self._contexts):
                self._contexts.append(point)
                members.append([])
            self._context_of.append(context)
            members[context].append(point)
        if self.bases.reference is not None:
            for context, found in enumerate(members):
                found.insert(0, self.n_points + context)
        self.members = [tuple(found[i : i + GROUP_SIZE]) for found in members for i in range(0, len(found), GROUP_SIZE)]
        self.group_of = {point: g for g, points in enumerate(self.members) for point in points}

    def _policy(self, point: int) -> Policy:
        region, base = self._block(point)
        changes = {n: v for n in self._levers if (v := self._value(n, point)) is not BASE}
        if not changes:
            return base
        data = base.model_dump(mode="python")
        for name, value in changes.items():
            data = _put(data, name.split(".")[1:], value)
        where = self._where(changes, point, region)
        if self.design.rescale:
            for block in SHARES:
                _rescale(data, block, changes, where)
        return validate_mapping(Policy, data, where)

    def _region(self, point: int) -> Region:
        base = self.bases.regions[self.region_of(point)]
        changes = {n: v for n in self._places if (v := self._value(n, point)) is not BASE}
        return (
            _changed_region(base, tuple(changes.items()), self._where(changes, point, base.name)) if changes else base
        )

    def _where(self, changes: Mapping[str, Any], point: int, region: str) -> str:
        told = ", ".join(f"{n} {show(v)}" for n, v in list(changes.items())[:4])
        return f"at point {point} of {self.label} ({region}; {told})"

    def _check(self, group: Group) -> str:
        """Return the hash of all that decides a group's numbers but options, having made it."""
        policies = [p.model_dump(mode="json", exclude=NAMING - {"name"}) for p in group.policies]
        return digest([group.points, _region_text(group.region), policies, dict(group.fixed)])

    def _check_window(self) -> None:
        """Find the months of full force, and refuse a window that has no month."""
        self._full_force = dict.fromkeys(self.bases.regions, 0)
        for points in self.members:
            region = self.region_of(points[0])
            full = [q.start_month + q.phase_in_months for q in map(self._policy, points) if q.dose > 0]
            self._full_force[region] = max([self._full_force[region], *full])
        design = self.design
        latest = max(self._full_force.values())
        if design.window == "after" and latest >= design.months:
            rule = f"reach beyond month {latest}, from which every policy is in full force"
            raise InputError(sentence("months", rule, str(design.months), f"in {self.label}"))
        if design.window == "pre" and design.pre_months == 0:
            raise InputError(sentence("pre_months", "be at least 1 where the window is pre", "0", f"in {self.label}"))


def digest(data: object) -> str:
    """Return a short hash of plain data."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=1)
def code_key() -> str:
    """Return a hash of the package's version, its model and its ledger: what every task rests on."""
    here = data_file("evidence.csv").parent
    own = [kinerja_sim.__version__]
    package = Path(kinerja_sim.__file__).parent
    sources = [f for part in _CODE for f in (sorted((package / part).glob("*.py")) or [package / part])]
    files = [*sources, *(here / name for name in (*FILES, "calendar.csv"))]
    return digest([own, [hashlib.sha256(f.read_bytes()).hexdigest() for f in files]])


@lru_cache(maxsize=64)
def _changed_region(base: Region, changes: tuple[tuple[str, Any], ...], where: str) -> Region:
    data = base.model_dump(mode="python")
    for name, value in changes:
        data = _put(data, name.split(".")[1:], value, is_closed=f"`{name}`")
    return validate_mapping(Region, data, where)


@lru_cache(maxsize=64)
def _region_text(region: Region) -> str:
    return region.model_dump_json(exclude={"title", "preset", "hypotheses", "left_out"})


def _put(data: Any, path: list[str], value: Any, is_closed: str = "") -> Any:
    """Return a copy of plain data with the value at `path`; with `is_closed` every step must exist."""
    step, *rest = path
    if isinstance(data, list | tuple):
        at = int(step) if step.isdecimal() and int(step) < len(data) else None
        if at is None:
            rule = f"reach into a list of {len(data)} by its number from 0"
            raise InputError(sentence(step, rule, show(step), f"in {is_closed or 'a lever'}"))
        return tuple(
            _put(v, rest, value, is_closed) if i == at and rest else value if i == at else v for i, v in enumerate(data)
        )
    if not isinstance(data, dict):
        data = {}
    if is_closed and step not in data:
        known = did_you_mean(step, data, instead=f"Known: {', '.join(data)}." if data else "")
        raise InputError(sentence(step, "be a field of the region", show(step), f"in the factor {is_closed}", known))
    if rest:
        return data | {step: _put(data.get(step), rest, value, is_closed)}
    old = data.get(step)
    return data | {step: old | {"value": value} if isinstance(old, dict) and "value" in old else value}


def _step(data: Any, step: str) -> Any:
    """Return what lies one step below, or None."""
    if isinstance(data, list | tuple):
        return data[int(step)] if step.isdecimal() and int(step) < len(data) else None
    return data.get(step) if isinstance(data, dict) else None


def _rescale(data: dict[str, Any], block: tuple[str, str], changes: Mapping[str, Any], where: str) -> None:
    """Scale the shares of a block that no factor sets so that all of them sum to 1."""
    prefix = f"policy.{'.'.join(block)}."
    given = {n.removeprefix(prefix): v for n, v in changes.items() if n.startswith(prefix)}
    if not given:
        return
    shares = dict(data[block[0]][block[1]])
    rest = {name: share for name, share in shares.items() if name not in given}
    total, left = sum(given.values()), sum(rest.values())
    if total > 1 + 1e-9 or (left <= 0 and abs(total - 1) > 1e-9):
        rule = "leave room for the shares that no factor sets" if left > 0 else "leave one share free to make room"
        raise InputError(sentence(block[1], rule, number(total), where, "Lower the factors' upper ends."))
    scaled = {name: share * max(0.0, 1 - total) / left for name, share in rest.items()} if left > 0 else rest
    data[block[0]] = data[block[0]] | {block[1]: shares | scaled}


def _text(value: Any) -> str:
    return "" if value is BASE else repr(value)


def _columns(name: str, values: list[Any]) -> dict[str, list[Any]]:
    """Return the column of a factor, or one for each key where its values are blocks."""
    if any(isinstance(v, Mapping) for v in values):
        keys = dict.fromkeys(k for v in values if isinstance(v, Mapping) for k in v)
        parts = {f"{name}.{k}": [v.get(k) if isinstance(v, Mapping) else None for v in values] for k in keys}
        if all(isinstance(x, int | float) or x is None for column in parts.values() for x in column):
            return {k: [0.0 if x is None else float(x) for x in column] for k, column in parts.items()}
        return parts
    if all(v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in values):
        return {name: values}
    if all(isinstance(v, bool) for v in values):
        return {name: values}
    return {
        name: [None if v is None else ", ".join(map(str, v)) if isinstance(v, list | tuple) else str(v) for v in values]
    }
