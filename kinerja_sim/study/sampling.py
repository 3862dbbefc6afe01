"""The rows of a design: which value every factor takes at every design point.

Random methods work on the unit cube with generators keyed by the design's seed and map
each column: a range linearly, a list by equal shares, a prior by its quantile function.
Latin hypercube and Sobol' points are scipy's, Morris and Saltelli SALib's, whose row order
is kept. Most open to dispute: a Morris grid touches 0 and 1, where most priors are
infinite, so its priors span their central 95 %.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kinerja_sim.know.designs import Design, Factor
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.extras import need
from kinerja_sim.know.messages import sentence
from kinerja_sim.model.rng import stream
from kinerja_sim.study.statistics import Floats

CENTRAL = (0.025, 0.975)
"""Quantiles between which a prior is moved where it has no others: a Morris grid, the ends of one at a time."""
EDGE = 1e-9
"""How near to 0 or 1 a quantile may come: a scrambled sequence may hit an end exactly."""
BASE = object()
"""Stands for a factor that keeps its base value."""


@dataclass(frozen=True)
class Sample:
    """Values by factor (`columns`), one for each row, and positions in the unit cube where there are any."""

    columns: dict[str, list[Any]]
    positions: dict[str, Floats]
    groups: list[str] | None  # one a factor, for SALib
    n: int


def draw_sample(design: Design) -> Sample:
    """Return the rows of a design before it is crossed with regions and policies.

    Raises
    ------
    InputError
        If groups by grade are asked for beside a factor without a grade.
    """
    factors = design.factors
    if design.method == "list":
        names = list(design.points[0])
        return Sample({name: [p[name] for p in design.points] for name in names}, {}, None, len(design.points))
    if design.method in ("grid", "zip"):
        listed = {name: _listed(name, factor) for name, factor in factors.items()}
        rows = list(
            zip(*listed.values(), strict=True) if design.method == "zip" else itertools.product(*listed.values())
        )
        values = {name: [row[j] for row in rows] for j, name in enumerate(listed)}
        return Sample(values, _quantiles(factors, values), None, len(rows))
    if design.method == "one_at_a_time":
        moves = [(name, value) for name, factor in factors.items() for value in _listed(name, factor)]
        values = {f: [BASE, *[value if f == name else BASE for name, value in moves]] for f in factors}
        return Sample(values, {}, None, len(moves) + 1)
    groups = _groups(design)
    cube = _unit_cube(design, groups)
    values = {name: _spread(name, f, cube[:, j], design.method) for j, (name, f) in enumerate(factors.items())}
    return Sample(values, {name: cube[:, j] for j, name in enumerate(factors)}, groups, len(cube))


def _listed(name: str, factor: Factor) -> list[Any]:
    """Return the values of a factor that are tried one by one."""
    if factor.values is not None:
        return list(factor.values)
    if factor.simplex is not None:
        return list(simplex_mixes(factor.simplex, factor.steps))
    if factor.low is not None and factor.high is not None:
        return [int(v) if factor.integer else v for v in (factor.low, factor.high)]
    row = load_ledger()[name.removeprefix("parameter.")]
    return [float(v) for v in row.ppf(np.array(factor.quantiles or CENTRAL))]


def simplex_mixes(names: Sequence[str], steps: int) -> list[dict[str, float]]:
    """Return every mix of shares that are whole multiples of 1 / `steps` and sum to 1, the first name falling last.

    Examples
    --------
    >>> simplex_mixes(["a", "b"], 2)
    [{'a': 0.0, 'b': 1.0}, {'a': 0.5, 'b': 0.5}, {'a': 1.0, 'b': 0.0}]
    """
    whole = [m for m in itertools.product(range(steps + 1), repeat=len(names) - 1) if sum(m) <= steps]
    return [{n: round(k / steps, 12) for n, k in zip(names, (*m, steps - sum(m)), strict=True)} for m in whole]


def _quantiles(factors: Mapping[str, Factor], values: Mapping[str, list[Any]]) -> dict[str, Floats]:
    """Return the quantile behind every listed value of a prior."""
    found = {}
    for name, factor in factors.items():
        if factor.quantiles is not None:
            of = dict(zip(_listed(name, factor), factor.quantiles, strict=True))
            found[name] = np.array([of[value] for value in values[name]])
    return found


def _unit_cube(design: Design, groups: list[str] | None) -> Floats:
    """Return the design's points in the unit cube, [row, factor]."""
    k, n = len(design.factors), design.n or 1
    rng = stream(design.seed, "design", design.method)
    if design.method in ("latin_hypercube", "sobol"):
        from scipy.stats import qmc

        engine = qmc.LatinHypercube(k, rng=rng) if design.method == "latin_hypercube" else qmc.Sobol(k, rng=rng)
        return np.asarray(engine.random(n), np.float64)
    problem = {"num_vars": k, "names": list(design.factors), "bounds": [[0.0, 1.0]] * k}
    if groups:
        problem["groups"] = groups
    need("uq", "SALib")
    with warnings.catch_warnings():  # SALib's own use of NumPy, nothing a user could change
        warnings.simplefilter("ignore")
        if design.method == "morris":
            from SALib.sample import morris

            return np.asarray(morris.sample(problem, n, num_levels=design.levels, seed=rng), np.float64)
        from SALib.sample import sobol

        return np.asarray(sobol.sample(problem, n, calc_second_order=False, seed=rng), np.float64)


def _spread(name: str, factor: Factor, u: Floats, method: str) -> list[Any]:
    """Return a factor's values at positions `u` of the unit cube."""
    if factor.prior:
        low, high = CENTRAL if method == "morris" else (0.0, 1.0)
        p = np.clip(low + u * (high - low), EDGE, 1 - EDGE)
        return [float(v) for v in load_ledger()[name.removeprefix("parameter.")].ppf(p)]
    if factor.low is not None and factor.high is not None:
        if not factor.integer:
            return [float(v) for v in factor.low + u * (factor.high - factor.low)]
        n = round(factor.high - factor.low) + 1
        return [int(factor.low + min(int(x * n), n - 1)) for x in u]
    listed = _listed(name, factor)
    return [listed[min(int(x * len(listed)), len(listed) - 1)] for x in u]


def _groups(design: Design) -> list[str] | None:
    """Return the group of each factor, or None."""
    if design.groups is None:
        return None
    if isinstance(design.groups, Mapping):
        of = {name: group for group, members in design.groups.items() for name in members}
        return [of[name] for name in design.factors]
    levers = [name for name in design.factors if not name.startswith("parameter.")]
    if levers:
        rule, got = "hold parameters of the ledger only where groups are grades", f"'{levers[0]}'"
        raise InputError(sentence("factors", rule, got, remedy="Name the groups one by one."))
    return [load_ledger()[name.removeprefix("parameter.")].grade for name in design.factors]
