"""Which unknowns carry the spread of a result: Morris and Sobol' indices with intervals, also by evidence grade.

The estimators are SALib's. Here is what stands around them: points are means over the same
replications, so that chance mostly cancels between them, and what is left of it is told as
a share; a point that failed takes its whole block with it, and below `LEAST_COVERAGE` of
the blocks nothing is said. Reads tables only. Most open to dispute: the share of a factor,
halfway between its first-order and its total index, which is Shapley's as long as no more
than two factors interact.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.fields import GRADES
from kinerja_sim.know.files import label_of
from kinerja_sim.know.messages import sentence, show
from kinerja_sim.study.statistics import LEVEL, Floats, unit_means, units_of
from kinerja_sim.study.sweep_tables import CHOICE, Factor, Response, SweepTables, open_sweep

LEAST_COVERAGE = 0.8
"""Share of blocks that must have come through whole; below it indices would bend in a direction nobody knows."""
RESAMPLES = 1000
_SEED = 1  # of SALib's bootstrap: the same tables give the same intervals (and it takes seed 0 for none)
_HALF = 1.959963984540054  # of a 95 % normal interval, in standard errors
GRADE_ORDER = (*GRADES, CHOICE)
SOBOL_COLUMNS = ["first", "first_low", "first_high", "total", "total_low", "total_high"]
MORRIS_COLUMNS = ["mu", "mu_star", "mu_star_low", "mu_star_high", "sigma"]
SHARE_COLUMNS = ["share", "share_low", "share_high"]


@dataclass(frozen=True, eq=False)
class Indices:
    """Indices by factor, and the replicates of the factors' shares behind their intervals, [replicate, factor]."""

    table: pd.DataFrame
    shares: Floats
    is_jackknife: bool
    n_blocks: int
    n_used: int

    @property
    def coverage(self) -> float:
        """Share of blocks that came through whole."""
        return self.n_used / self.n_blocks

    def share_of(self, members: Sequence[int]) -> tuple[float, float, float]:
        """Return the joint share of some factors with its 95 % interval."""
        value = float(self.table["share"].to_numpy()[list(members)].sum())
        replicates = self.shares[:, list(members)].sum(axis=1)
        if self.is_jackknife:
            n = len(replicates)
            half = _HALF * np.sqrt((n - 1) / n * ((replicates - replicates.mean()) ** 2).sum())
            low, high = value - half, value + half
        else:
            low, high = np.quantile(replicates, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
        return value, float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1))


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """How the spread of one result divides among the design's factors.

    Attributes
    ----------
    table : DataFrame
        One row a factor (or a group of them), the largest share first: `kind`, `grade`, the
        indices of the method with 95 % intervals, and `SHARE_COLUMNS`, which add up to 1.
    grades : DataFrame
        The shares by evidence grade.
    n_blocks, n_used : int
        Trajectories or Saltelli blocks of the design, and those without a failed point.
    noise_share : float
        Share of the variance between points that is chance left in their means; NaN with a
        single replication a point, where it cannot be told.
    mean, spread : float
        Mean and standard deviation over points, in the unit of the metric.
    """

    table: pd.DataFrame
    grades: pd.DataFrame
    method: str
    metric: str
    unit: str
    region: str
    policy: str
    on: str
    n_blocks: int
    n_used: int
    n_points: int
    n_failed: int
    n_replications: int
    noise_share: float
    mean: float
    spread: float
    manifest: Mapping[str, Any]

    @property
    def coverage(self) -> float:
        """Share of blocks that came through whole."""
        return self.n_used / self.n_blocks


def sensitivity(
    folder: str | os.PathLike[str], metric: str, unit: str | None = None, *, region: str | None = None,
    policy: str | None = None, on: str = "contrast",
) -> Sensitivity:  # fmt: skip
    """Return how the spread of one metric divides among the factors of a Morris or Saltelli design.

    Parameters
    ----------
    folder : path
        A compacted sweep.
    metric : str
    unit, region, policy : str, optional
        May be left out where there is only one.
    on : {'contrast', 'level'}
        The policy's effect, or the level itself.

    Raises
    ------
    InputError
        If a name is unknown, or the design is of another method.
    RunError
        If too many blocks have a failed point.
    """
    sweep = open_sweep(folder)
    method = str(sweep.design["method"])
    if method not in ("morris", "saltelli"):
        remedy = "Give the design `method: saltelli` or `method: morris`."
        where = f"in {label_of(folder)}"
        raise InputError(sentence("method", "be saltelli or morris for this analysis", show(method), where, remedy))
    response = sweep.response(metric, unit, region=region, policy=policy, on=on)
    factors = list(sweep.factors)
    names, members = _groups(sweep, factors)
    y = np.where(response.is_complete, _point_means(response), np.nan)
    x = response.points[[f.column for f in factors]].to_numpy(float)
    block = len(names) + (2 if method == "saltelli" else 1)
    if len(y) == 0 or len(y) % block:
        rule, got = f"hold whole blocks of {block} points", f"{len(y)} points of policy '{response.policy}'"
        raise InputError(sentence("points.parquet", rule, got, f"in {label_of(folder)}", "Finish the sweep."))
    if method == "saltelli":
        found = sobol_indices(y, names)
    else:
        found = morris_indices(x, y, _problem(factors, sweep), int(sweep.design.get("levels", 4)))
    labels = pd.DataFrame({"factor": names, **_labels(factors, members)})
    table = pd.concat([labels, found.table.drop(columns="factor")], axis=1)
    grades = _by_grade(found, labels["grade"].to_list())
    whole = np.repeat(~np.isnan(y.reshape(-1, block)).any(axis=1), block)
    return Sensitivity(
        table.sort_values("share", ascending=False, kind="stable", ignore_index=True),
        grades, method, metric, response.unit, response.region, response.policy, on,
        found.n_blocks, found.n_used, len(y), int(np.isnan(y).sum()), len(response.replications),
        noise_share(response, whole), float(y[whole].mean()), float(y[whole].std(ddof=1)), sweep.manifest,
    )  # fmt: skip


def sobol_indices(y: Floats, names: Sequence[str]) -> Indices:
    """Return first-order and total indices of outputs in the order of SALib's Sobol' sample without second order.

    Parameters
    ----------
    y : array, shape (n_blocks * (n_factors + 2),)
        NaN where a point failed: its block is left out.
    names : sequence of str
        Factors, or groups of them.

    Returns
    -------
    Indices
        Intervals of the indices are SALib's (1.96 standard deviations of a bootstrap over
        blocks); those of the shares are percentiles of the same bootstrap.

    Raises
    ------
    RunError
        If fewer than `LEAST_COVERAGE` of the blocks came through.

    Source
    ------
    Saltelli et al. 2010, Computer Physics Communications 181:259-270 (estimators); Owen 2014,
    SIAM/ASA J. Uncertainty Quantification 2:245-251 (a Shapley share lies between the two
    indices, and in the middle where at most two factors interact).
    """
    blocks, n_blocks = _whole_blocks(y, len(names) + 2)
    problem = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    if np.ptp(blocks) == 0:
        nothing = dict.fromkeys([*SOBOL_COLUMNS, *SHARE_COLUMNS], np.nan)
        table = pd.DataFrame([{"factor": name, **nothing} for name in names])
        return Indices(table, np.full((2, len(names)), np.nan), False, n_blocks, len(blocks))
    from SALib.analyze import sobol  # ships none

    with warnings.catch_warnings():  # a resample of which every output is equal
        warnings.simplefilter("ignore")
        found = sobol.analyze(
            problem, blocks.ravel(), calc_second_order=False, num_resamples=RESAMPLES, keep_resamples=True, seed=_SEED
        )
    middle = (found["S1"] + found["ST"]) / 2
    replicates = (found["S1_conf_all"] + found["ST_conf_all"]) / 2
    columns = {
        "first": found["S1"], "first_low": found["S1"] - found["S1_conf"], "first_high": found["S1"] + found["S1_conf"],
        "total": found["ST"], "total_low": found["ST"] - found["ST_conf"], "total_high": found["ST"] + found["ST_conf"],
        "share": middle / middle.sum(),
    }  # fmt: skip
    shares = replicates / replicates.sum(axis=1, keepdims=True)
    return _with_intervals(names, columns, shares, False, n_blocks, len(blocks))


def morris_indices(x: Floats, y: Floats, problem: Mapping[str, Any], levels: int) -> Indices:
    """Return elementary effects of a Morris design, each over the factor's whole range.

    Parameters
    ----------
    x : array, shape (n_points, n_factors)
        Positions of the points; only the direction of each step is used.
    y : array, shape (n_points,)
        NaN where a point failed: its trajectory is left out.
    problem : mapping
        As SALib takes it, with `groups` where factors were moved together.
    levels : int
        Levels of the design's grid.

    Returns
    -------
    Indices
        `mu_star` with SALib's bootstrap interval. A share is one of the summed `mu_star`, a
        screening measure and no part of a variance; its interval is a jackknife's.

    Raises
    ------
    RunError
        If fewer than `LEAST_COVERAGE` of the trajectories came through, or fewer than two.
    """
    names = list(dict.fromkeys(problem.get("groups") or problem["names"]))
    size = len(names) + 1
    blocks, n_blocks = _whole_blocks(y, size)
    whole = ~np.isnan(y.reshape(-1, size)).any(axis=1)
    if len(blocks) < 2:
        raise RunError(f"a Morris analysis needs at least two whole trajectories; got {len(blocks)} of {n_blocks}")
    moved = x.reshape(n_blocks, size, -1)[whole]
    from SALib.analyze import morris

    def analysed(keep: np.ndarray, resamples: int) -> Any:
        return morris.analyze(
            dict(problem), moved[keep].reshape(-1, moved.shape[2]), blocks[keep].ravel(), num_levels=levels,
            num_resamples=resamples, seed=_SEED,
        )  # fmt: skip

    everyone = np.arange(len(blocks))
    with warnings.catch_warnings():  # the spread of a single trajectory left over by the jackknife
        warnings.simplefilter("ignore")
        found = analysed(everyone, RESAMPLES)
        left_out = np.array([analysed(np.delete(everyone, i), 2)["mu_star"] for i in everyone], float)
    star, half = np.asarray(found["mu_star"], float), np.asarray(found["mu_star_conf"], float)
    columns = {
        "mu": np.asarray(found["mu"], float), "mu_star": star, "mu_star_low": star - half, "mu_star_high": star + half,
        "sigma": np.asarray(found["sigma"], float), "share": _parts(star[None])[0],
    }  # fmt: skip
    return _with_intervals(names, columns, _parts(left_out), True, n_blocks, len(blocks))


def noise_share(response: Response, whole: np.ndarray) -> float:
    """Return the share of the variance between points' means that is chance, by two-way analysis of variance.

    All points share their replications, so what a replication adds to every point alike is
    no spread between them; only what it adds to one point and not to another is. Parameter
    draws that are no factor of the design count as chance here.
    """
    outcomes = response.values[whole]  # noqa: PD011  # an array of its own
    values = unit_means(outcomes, units_of(response.draws))
    n_points, n = values.shape
    if n < 2 or n_points < 2:
        return float("nan")
    means = values.mean(axis=1, keepdims=True)
    left = values - means - values.mean(axis=0) + values.mean()
    between = float(means.var(ddof=1))
    within = float((left**2).sum() / ((n_points - 1) * (n - 1)) / n)
    return 0.0 if between == 0 else min(1.0, within / between)


def _point_means(response: Response) -> Floats:
    """Return each point's mean over draws, of which each is a mean over its replications, [point]."""
    return np.asarray(unit_means(response.values, units_of(response.draws)).mean(axis=1))


def _whole_blocks(y: Floats, size: int) -> tuple[Floats, int]:
    """Return the blocks without a failed point, [block, size], and how many there were in all."""
    blocks = y.reshape(-1, size)
    whole = ~np.isnan(blocks).any(axis=1)
    if whole.mean() < LEAST_COVERAGE:
        raise RunError(
            f"only {int(whole.sum())} of {len(blocks)} blocks of the design came through without a failed or "
            f"unobserved point; at least {LEAST_COVERAGE:.0%} are needed, or the indices would bend unseen. "
            "`kinerja status` says what failed and why."
        )
    return blocks[whole], len(blocks)


def _with_intervals(
    names: Sequence[str], columns: Mapping[str, Floats], shares: Floats, is_jackknife: bool, n_blocks: int, n_used: int
) -> Indices:
    """Return the indices with the interval of every share."""
    table = pd.DataFrame({"factor": list(names), **columns})
    bare = Indices(table, shares, is_jackknife, n_blocks, n_used)
    ends = np.array([bare.share_of([i])[1:] for i in range(len(names))])
    return Indices(
        table.assign(share_low=ends[:, 0], share_high=ends[:, 1]), shares, is_jackknife, n_blocks, n_used
    )  # fmt: skip


def _parts(star: Floats) -> Floats:
    """Return rows as shares of their sums; NaN where a row is all 0."""
    total = star.sum(axis=1, keepdims=True)
    return np.divide(star, total, out=np.full(star.shape, np.nan), where=total > 0)


def _by_grade(found: Indices, grades: Sequence[str]) -> pd.DataFrame:
    """Return the joint share of the factors of each grade, strongest evidence first."""
    order = [*GRADE_ORDER, *dict.fromkeys(g for g in grades if g not in GRADE_ORDER)]
    rows = []
    for grade in (g for g in order if g in grades):
        members = [i for i, g in enumerate(grades) if g == grade]
        share = dict(zip(SHARE_COLUMNS, found.share_of(members), strict=True))
        rows.append({"grade": grade, "n_factors": len(members), **share})
    return pd.DataFrame(rows)


def _groups(sweep: SweepTables, factors: Sequence[Factor]) -> tuple[list[str], list[list[Factor]]]:
    """Return what the design moved by itself: factors, or groups of them, with their members."""
    groups = sweep.design.get("groups") or [f.name for f in factors]
    names = list(dict.fromkeys(groups))
    return names, [[f for f, g in zip(factors, groups, strict=True) if g == name] for name in names]


def _labels(factors: Sequence[Factor], members: Sequence[Sequence[Factor]]) -> dict[str, list[str]]:
    """Return the kind and the grade of each group; where members differ, joined by '+'."""
    return {
        part: ["+".join(dict.fromkeys(str(getattr(f, part)) for f in group)) for group in members]
        for part in ("kind", "grade")
    }


def _problem(factors: Sequence[Factor], sweep: SweepTables) -> dict[str, Any]:
    """Return the design as SALib's `problem`."""
    problem: dict[str, Any] = {
        "num_vars": len(factors),
        "names": [f.name for f in factors],
        "bounds": [[f.low, f.high] for f in factors],
    }
    if sweep.design.get("groups"):
        problem["groups"] = list(sweep.design["groups"])
    return problem
