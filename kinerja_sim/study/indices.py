"""Morris and Sobol' indices of a design's outputs with intervals and shares, by SALib.

A point that failed takes its whole block with it, and below `LEAST_COVERAGE` of the blocks
nothing is said. Arrays in, a table out. Most open to dispute: the share of a factor,
halfway between its first-order and its total index, which is Shapley's as long as no more
than two factors interact.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import RunError
from kinerja_sim.know.extras import need
from kinerja_sim.study.statistics import LEVEL, Floats

LEAST_COVERAGE = 0.8
"""Share of blocks that must have come through whole; below it indices would bend in a direction nobody knows."""
RESAMPLES = 1000
_SEED = 1  # of SALib's bootstrap: the same tables give the same intervals (and it takes seed 0 for none)
_HALF = 1.959963984540054  # of a 95 % normal interval, in standard errors
SOBOL_COLUMNS = ["first", "first_low", "first_high", "total", "total_low", "total_high"]
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
        # A sampled share may be a little below 0: its interval then holds it all the same.
        return value, float(np.clip(low, min(0.0, value), 1)), float(np.clip(high, 0, max(1.0, value)))


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
    need("uq", "SALib")
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
    need("uq", "SALib")
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
