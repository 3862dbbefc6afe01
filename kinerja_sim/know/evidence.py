"""The evidence ledger: every coefficient of the model as a prior with a source and a grade.

Two files hold it: `evidence.csv` (read in the literature) and `evidence_estimates.csv`
(this project's own estimates, wide on purpose). `low` and `high` are the 2.5 % and
97.5 % quantiles of the stated distribution; a row where they are not is refused. Most
open to dispute: `effect_discount`, a judgement that scales most effects.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtr, ndtri

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import Grade
from kinerja_sim.know.files import PathLike, label_of, read_rows
from kinerja_sim.know.library import data_file
from kinerja_sim.know.messages import did_you_mean, sentence, show

COLUMNS = ("name", "link", "unit", "point", "low", "high", "distribution", "source", "verified", "notes")
FILES = ("evidence.csv", "evidence_estimates.csv")
MARKS = ("verified", "unverified", "judgment (no source for the number)")
TOLERANCE = 0.01  # of the printed width; the printed quantiles are rounded to four digits
_FAMILIES = {"Normal": 2, "LogNormal": 2, "Beta": 2, "Uniform": 2, "TruncNormal": 4}
_NOTE_PARTS = ("WIDTH", "MEANING", "MAP", "CAVEAT", "URL")


@dataclass(frozen=True)
class Distribution:
    """A prior: family and arguments as they are written in the ledger.

    `Normal(mean, sd)`, `LogNormal(mean of log, sd of log)`, `Beta(a, b)`, `Uniform(low,
    high)`, `TruncNormal(mean, sd, low, high)` with the mean and sd of the untruncated normal.
    """

    family: str
    args: tuple[float, ...]

    def __str__(self) -> str:
        return f"{self.family}({', '.join(f'{x:g}' for x in self.args)})"

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Return the quantiles at `u`, an array of probabilities in [0, 1], in its shape.

        Raises
        ------
        ValueError
            If a probability lies outside [0, 1] or is NaN.

        Examples
        --------
        >>> Distribution("Uniform", (2.0, 4.0)).ppf([0.0, 0.5, 1.0])
        array([2., 3., 4.])
        """
        p = np.asarray(u, dtype=np.float64)
        if not np.all((p >= 0) & (p <= 1)):
            raise ValueError("`u` must hold probabilities between 0 and 1")
        a, b, *ends = self.args
        if self.family == "Normal":
            q = a + b * ndtri(p)
        elif self.family == "LogNormal":
            q = np.exp(a + b * ndtri(p))
        elif self.family == "Uniform":
            q = a + (b - a) * p
        elif self.family == "Beta":
            q = betaincinv(a, b, p)
        else:
            bottom, top = ends
            low, high = ndtr((bottom - a) / b), ndtr((top - a) / b)
            q = np.clip(a + b * ndtri(low + p * (high - low)), bottom, top)
        return np.asarray(q, dtype=np.float64)


@dataclass(frozen=True)
class Parameter:
    """One row of the ledger: a coefficient, its prior, where it comes from and how far to trust it."""

    name: str
    link: str
    unit: str
    point: float
    low: float
    high: float
    distribution: Distribution
    source: str
    grade: Grade
    unverified: bool
    notes: str
    width: str
    meaning: str
    maps_to: str
    caveat: str
    url: str

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Return the prior's quantiles at probabilities `u`, in the shape of `u` and in `unit`."""
        return self.distribution.ppf(u)


@dataclass(frozen=True)
class Ledger:
    """All parameters by name, in the order of the files."""

    rows: Mapping[str, Parameter]

    def __getitem__(self, name: str) -> Parameter:
        """Return the parameter called `name`, or raise `InputError` with the nearest name."""
        try:
            return self.rows[name]
        except KeyError:
            remedy = did_you_mean(name, self.rows, instead="`Ledger.rows` lists them.")
            raise InputError(sentence("parameter", "be in the evidence ledger", show(name), remedy=remedy)) from None

    def __reduce__(self) -> tuple[Any, ...]:
        return _ledger, (dict(self.rows),)  # a mapping proxy cannot be pickled, and workers need the ledger


def _ledger(rows: dict[str, Parameter]) -> Ledger:
    return Ledger(MappingProxyType(rows))


@lru_cache(maxsize=1)
def load_ledger() -> Ledger:
    """Return the shipped ledger.

    Examples
    --------
    >>> row = load_ledger().rows["effect_discount"]
    >>> row.grade, round(float(row.ppf(0.5)), 3)
    ('estimate', 0.5)
    """
    return read_ledger(*(data_file(name) for name in FILES))


def read_ledger(*paths: PathLike) -> Ledger:
    """Return the ledger that CSV files in the columns `COLUMNS` hold together.

    Raises
    ------
    InputError
        If a file cannot be read, a name occurs twice, or a row breaks a rule.
    """
    rows: dict[str, Parameter] = {}
    places: dict[str, str] = {}
    for path in paths:
        for line, cells in read_rows(path, COLUMNS):
            where = f"in {label_of(path)} line {line}"
            name = cells["name"]
            if name in rows:
                raise InputError(sentence(name, "be in the ledger once", f"it again after {places[name]}", where))
            rows[name] = _parse_row(cells, where)
            places[name] = where.removeprefix("in ")
    return _ledger(rows)


def parse_distribution(text: str) -> Distribution:
    """Return the distribution that `text` writes, such as 'Beta(4,4)'.

    Raises
    ------
    ValueError
        If the family is unknown, or its arguments are too few, not finite or impossible.
    """
    match = re.fullmatch(r"\s*(\w+)\(([^()]*)\)\s*", text)
    if match is None or match[1] not in _FAMILIES:
        near = did_you_mean(match[1] if match else text.split("(")[0], _FAMILIES)
        raise ValueError(f"be one of {', '.join(_FAMILIES)} with its arguments; {near}")
    family, wanted = match[1], _FAMILIES[match[1]]
    try:
        args = tuple(float(part) for part in match[2].split(","))
    except ValueError:
        raise ValueError("have numbers as its arguments; ") from None
    if len(args) != wanted or not all(map(math.isfinite, args)):
        raise ValueError(f"have {wanted} finite arguments; ")
    a, b = args[:2]
    possible = {
        "Uniform": a < b,
        "Beta": a > 0 and b > 0,
        "TruncNormal": b > 0 and args[-2] < args[-1] and args[-2] - 8 * b < a < args[-1] + 8 * b,
    }
    if not possible.get(family, b > 0):
        raise ValueError("have arguments that make a distribution; ")
    return Distribution(family, args)


def _parse_row(cells: Mapping[str, str], where: str) -> Parameter:
    name = cells["name"]

    def refuse(column: str, rule: str, got: str, remedy: str = "") -> InputError:
        return InputError(sentence(f"{name or 'row'}.{column}", rule, got, where, remedy))

    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise refuse("name", "be small letters, digits and '_'", show(name))
    for column in ("link", "unit", "source", "notes"):
        if not cells[column].strip():
            raise refuse(column, "be given", "nothing")
    numbers = {}
    for column in ("point", "low", "high"):
        try:
            numbers[column] = float(cells[column])
        except ValueError:
            raise refuse(column, "be a number", show(cells[column])) from None
        if not math.isfinite(numbers[column]):
            raise refuse(column, "be a finite number", show(cells[column]))
    point, low, high = numbers["point"], numbers["low"], numbers["high"]
    if not low < high:
        raise refuse("low", f"be less than high ({high:g})", f"{low:g}")
    if not low <= point <= high:
        raise refuse("point", f"lie between low {low:g} and high {high:g}", f"{point:g}")
    try:
        distribution = parse_distribution(cells["distribution"])
    except ValueError as error:
        rule, _, remedy = str(error).partition("; ")
        raise refuse("distribution", rule, show(cells["distribution"]), remedy) from None
    for column, p in (("low", 0.025), ("high", 0.975)):
        true = float(distribution.ppf(p))
        if abs(true - numbers[column]) > TOLERANCE * (high - low):
            rule = f"be the {100 * p:g} % quantile of {cells['distribution']}, {true:.4g}"
            raise refuse(column, rule, f"{numbers[column]:g}", f"Write {true:.4g}.")
    if cells["verified"] not in MARKS:
        raise refuse("verified", f"be one of {', '.join(MARKS)}", show(cells["verified"]))
    parts = _split_notes(cells["notes"])
    return Parameter(
        name, cells["link"], cells["unit"], point, low, high, distribution, cells["source"],
        _grade(cells["verified"], cells["source"], parts["WIDTH"]), cells["verified"] == "unverified", cells["notes"],
        parts["WIDTH"], parts["MEANING"], parts["MAP"], parts["CAVEAT"], parts["URL"],
    )  # fmt: skip


def _grade(mark: str, source: str, width: str) -> Grade:
    """Return the grade of a row: the ledger's mark in the words that region files use too."""
    if mark == MARKS[2]:
        return "estimate"
    if mark == MARKS[0] and ("derived" in source.lower() or "derived" in width.lower()):
        return "derived"
    return "published"


def _split_notes(notes: str) -> dict[str, str]:
    """Return the labelled parts of a note; a part that is absent is ''."""
    pieces = re.split(rf"\b({'|'.join(_NOTE_PARTS)}): ", notes)
    found = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    return {part: found.get(part, "").strip() for part in _NOTE_PARTS}
