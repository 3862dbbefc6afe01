"""Paired differences between policies that met exactly the same citizens.

Scenario minus reference is taken within each replication, then described twice: how
precisely its mean is known (`ci_low, ci_high`) and where one realisation of this office
would fall (`low, high`). Reads tables only. Most open to dispute: relative changes are
means of ratios per pair, not a ratio of means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.schema import CONTRAST_EXTRAS, CONTRAST_KEYS, CONTRAST_VALUES, METRICS, Metric
from kinerja_sim.study.statistics import (
    Floats,
    Ints,
    central_range,
    mean_interval,
    median,
    share_interval,
    unit_means,
    units_of,
)
from kinerja_sim.study.summary import PLACE, Cube, Failed, Pooled, counts, cubes, label_axes, pool_windows, stack

_SIGN_OF_BETTER = {"lower": -1.0, "higher": 1.0, "neither": np.nan}


def contrast(
    results: pd.DataFrame,
    reference: str = "baseline",
    failed: Failed | None = None,
    *,
    pooled: Pooled | None = None,
) -> pd.DataFrame:
    """Return the paired differences of every scenario from `reference`.

    Parameters
    ----------
    results : DataFrame
        As for `summary.pool_metrics`.
    reference : str
        Scenario to subtract; regions that do not have it give no row.
    failed : mapping, optional
        Failed replications by region; they are in no row of `results`.
    pooled : mapping, optional
        `summary.pool_windows(results)`, if it is at hand.

    Returns
    -------
    DataFrame
        One row per scenario, reference, region, unit, metric and window, in the unit of the
        metric. A pair is one replication of both scenarios:

        - a pair that is NaN on both sides counts as equal and enters no number; a pair that
          is NaN on one side only enters no number and is counted in `n_undefined`;
        - `all_equal`: every pair is exactly equal, or NaN on both sides;
        - `low, high` (central 95 % of the differences) and `ci_low, ci_high` (95 % t-interval
          of their mean, clustered by draw) are NaN with fewer than two pairs; `low_se,
          high_se` are the Monte Carlo standard errors of `low` and `high`;
        - `delta_rel_*`: difference over reference, per pair; no change from 0 is 0, and any
          other change from 0 leaves the row without relative numbers;
        - `probability_better`: share of pairs that are better plus half the share that are
          equal; `probability_low, probability_high` its 95 % Wilson bounds over draws;
        - `n_draws`, `n_replications`: draws and pairs compared; `n_failed`: lost before;
        - `median`: of the differences (`with_unstable` adds `n_unstable`).

    Raises
    ------
    InputError
        If no region has `reference`, or replications cannot be paired.
    """
    parts = [
        _contrast_cube(cube, reference, failed)
        for cube in cubes(pooled or pool_windows(results))
        if reference in cube.scenarios
    ]
    if not parts:
        known = ", ".join(sorted(set(results["scenario"])))
        raise InputError(f"`reference` must be a scenario of the table; got '{reference}'. Known: {known}.")
    return stack(parts, [*CONTRAST_KEYS, *CONTRAST_VALUES, *CONTRAST_EXTRAS, "median"], CONTRAST_KEYS[:4])


def _contrast_cube(cube: Cube, reference: str, failed: Failed | None) -> pd.DataFrame:
    """Return the contrasts of one region and window, laid out as [scenario, unit, metric]."""
    at = cube.scenarios.index(reference)
    others = [s for s in cube.scenarios if s != reference]
    values = np.moveaxis(cube.values, 3, 2)
    base = values[at]
    scenario = np.delete(values, at, axis=0)
    delta = scenario - base  # NaN where either side is
    undefined = np.isnan(scenario) != np.isnan(base)
    columns = describe_differences(delta, base, undefined, units_of(cube.draws), list(METRICS.values()))
    return pd.DataFrame(
        label_axes(cube, others)
        | {"reference": reference}
        | {name: value.ravel() for name, value in columns.items()}
        | {"median": median(delta).ravel()}
        | counts(cube, failed)
    )


def with_unstable(contrasts: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return `contrasts` with `n_unstable`: draws in which the policy or its reference cannot cope.

    Parameters
    ----------
    contrasts : DataFrame
        From `contrast`.
    table : DataFrame
        From `summary.series`.
    """
    rows = table[table["unstable"].astype(bool)]
    failing = {place: frozenset(part["draw"]) for place, part in rows.groupby(PLACE)}
    none = frozenset[int]()
    keys = contrasts[["region", "unit", "scenario", "reference"]].drop_duplicates()
    found = [len(failing.get((r, u, s), none) | failing.get((r, u, base), none)) for r, u, s, base in keys.to_numpy()]
    return contrasts.merge(keys.assign(n_unstable=found), how="left", validate="many_to_one")


def describe_differences(
    delta: Floats, base: Floats, undefined: NDArray[np.bool_], units: Ints, metrics: Sequence[Metric]
) -> dict[str, NDArray[Any]]:
    """Return the numbers of `contrast` for paired differences, whatever they are differences of.

    Parameters
    ----------
    delta : array, shape (..., n_metrics, n_replications)
        NaN where a pair gives no number.
    base : array, shape (..., n_metrics, n_replications)
        Level that each difference is from; may lack leading axes of `delta`.
    undefined : bool array, shape of `delta`
        Pairs that give no number though something of them was observed.
    units : int array, shape (n_replications,)
        From `statistics.units_of`.
    metrics : sequence of Metric

    Returns
    -------
    dict
        From column to array of shape (..., n_metrics).
    """
    # A change relative to a quantity whose zero is arbitrary (a z-score, a correlation) means nothing.
    has_zero = np.array([m.bounds[0] >= 0 for m in metrics])
    sign = np.array([_SIGN_OF_BETTER[m.better] for m in metrics])
    mean, spread = mean_interval(delta, units), central_range(delta)
    relative = _relative(delta, np.broadcast_to(base, delta.shape), has_zero)
    relative_mean, relative_spread = mean_interval(relative, units), central_range(relative)
    chance = _chance_of_better(delta, units, sign)
    return {
        "reference_mean": np.broadcast_to(mean_interval(base, units).value, delta.shape[:-1]),
        "delta_mean": mean.value,
        "low": spread.low,
        "high": spread.high,
        "ci_low": mean.low,
        "ci_high": mean.high,
        "delta_rel_mean": relative_mean.value,
        "delta_rel_low": relative_spread.low,
        "delta_rel_high": relative_spread.high,
        "probability_better": chance[0],
        "probability_low": chance[1],
        "probability_high": chance[2],
        "low_se": spread.low_se,
        "high_se": spread.high_se,
        "all_equal": ~(undefined | (np.nan_to_num(delta) != 0)).any(axis=-1),
        "n_undefined": undefined.sum(axis=-1),
    }


def _relative(delta: Floats, base: Floats, has_zero: NDArray[np.bool_]) -> Floats:
    """Return `delta` over `base` per pair; a row in which that is not defined for some change is all NaN."""
    defined = ~np.isnan(delta)
    impossible = (defined & (delta != 0) & (base <= 0)).any(axis=-1) | ~has_zero
    ratio = np.divide(delta, base, out=np.where(defined, 0.0, np.nan), where=defined & (base > 0))
    return np.where(impossible[..., None], np.nan, ratio)


def _chance_of_better(delta: Floats, units: Ints, sign: Floats) -> Sequence[Floats]:
    """Return the probability that a pair is better (ties count half) and its Wilson bounds."""
    score = np.where(np.isnan(delta), np.nan, 0.5 + 0.5 * np.sign(delta * sign[:, None]))
    per_unit = unit_means(score, units)
    return share_interval(mean_interval(score, units).value, (~np.isnan(per_unit)).sum(axis=-1))
