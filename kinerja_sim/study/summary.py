"""Tables in, tables out: months pool into windows, replications into means with intervals.

Months pool by the sums and histograms that the results table carries (`know.pooling`), so
a 90th percentile of 24 months is one percentile of 24 months of waits and not a mean of
24 percentiles. Nothing here can see a simulator. Most open to dispute: a month in which a
part of a metric was not observed is left out of that metric, not the whole window.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.pooling import metric_value
from kinerja_sim.know.schema import DOSE, KEYS, METRICS, TURNAROUND_BINS, WAIT_BINS, WINDOWS, Metric
from kinerja_sim.study.statistics import Floats, Ints, central_range, mean_interval, units_of

SERIES_KEYS = KEYS[:5]
"""What one pooled value belongs to: scenario, region, unit, draw, replication."""
SUMMARY_COLUMNS = [
    "scenario", "region", "unit", "metric", "window",
    "mean", "ci_low", "ci_high", "low", "high", "n_draws", "n_replications", "n_failed",
]  # fmt: skip
PLACE = ["region", "unit", "scenario"]
SHORT_OF_FLOW, FULL_LOAD = 0.97, 0.98
"""An office cannot cope where it finishes under this share of what arrives, or is busy above this share of time."""
_HISTOGRAMS = {"wait": WAIT_BINS, "turnaround": TURNAROUND_BINS}

Failed = Mapping[str, int]
Pooled = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Cube:
    """Pooled metrics of one region in one window; `values` is [scenario, unit, replication, metric]."""

    region: str
    window: str
    scenarios: list[str]
    units: list[str]
    draws: Ints
    values: Floats


def sort_table(table: pd.DataFrame, keys: Sequence[str] = KEYS) -> pd.DataFrame:
    """Return `table` sorted by `keys`, rows with equal keys in their old order, with a fresh index."""
    code = _row_codes(table, keys)
    if (np.diff(code) >= 0).all():
        return table.reset_index(drop=True)
    return table.take(np.argsort(code, kind="stable")).reset_index(drop=True)


def pool_metrics(results: pd.DataFrame, window: str, metrics: Sequence[str] = tuple(METRICS)) -> pd.DataFrame:
    """Return metrics of the schema, pooled over the months of `window`.

    Parameters
    ----------
    results : DataFrame
        One row per scenario, region, unit, draw, replication and period, with the columns
        of `know.schema.RESULT_COLUMNS`; row order does not matter.
    window : {'after', 'all', 'pre'}
        'pre' is every month before the policy starts; 'all' every month since; 'after' the
        months from which every scenario of the region is in full force (column 'dose').
    metrics : sequence of str, optional
        Which metrics; all of them when left out.

    Returns
    -------
    DataFrame
        One row per scenario, region, unit, draw and replication, sorted by these, with one
        column per metric. A month in which any part of a metric is NaN (not observed) is
        left out of that metric; a metric without any observed month, or with nothing to
        divide by, is NaN. No row at all when the window holds no month.

    Raises
    ------
    InputError
        If `window` is unknown or `results` lacks a column.
    """
    return pool_windows(results, [window], metrics)[window]


def pool_windows(
    results: pd.DataFrame, windows: Sequence[str] = WINDOWS, metrics: Sequence[str] = tuple(METRICS)
) -> dict[str, pd.DataFrame]:
    """Return `pool_metrics` of each window, sorting the table only once."""
    needed = [*KEYS, *_columns_needed(metrics)]
    missing = [c for c in needed if c not in results]
    if missing:
        raise InputError(f"`results` must hold the columns of the schema; got a table without {', '.join(missing)}.")
    unknown = [w for w in windows if w not in WINDOWS]
    if unknown:
        raise InputError(f"`window` must be one of {', '.join(WINDOWS)}; got {unknown[0]!r}.")
    table = sort_table(results[[*needed, *([DOSE] if DOSE in results else [])]])
    code = _row_codes(table, SERIES_KEYS)
    period = table["period"].to_numpy()
    full = _full_force(table) if "after" in windows else np.zeros(len(table), dtype=np.int64)
    months = {"pre": period < 0, "all": period >= 0, "after": (period >= 0) & (period >= full)}
    if (full <= 0).all():  # nothing is phased in, so 'after' and 'all' are the same months and are pooled once
        sides = {w == "pre" for w in windows}
        halves = {is_pre: _pool(table, code, months["pre"] == is_pre, metrics) for is_pre in sides}
        return {w: halves[w == "pre"] for w in windows}
    return {w: _pool(table, code, months[w], metrics) for w in windows}


def series(results: pd.DataFrame, pooled: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return pooled metrics of each series since the start, with the arrivals taken in (not triaged out).

    `unstable` says which cannot cope: too little is finished, or officers have no free minute.
    `pooled` is ``pool_metrics(results, "all")``, if it is at hand.
    """
    after = results[results["period"] >= 0]
    taken = after["arrivals_cases"] - after["triaged_out_cases"]
    columns = {"arrivals_cases": taken, "visits": after["visits"], "attempts": after["attempts"]}
    sums = after[SERIES_KEYS].assign(**columns).groupby(SERIES_KEYS, as_index=False).sum()
    table = (pool_metrics(results, "all") if pooled is None else pooled).merge(sums, on=SERIES_KEYS)
    finished = table["throughput_cases"] + table["lost_demand_cases"]
    fails = (finished < SHORT_OF_FLOW * table["arrivals_cases"]) | (table["utilisation"] > FULL_LOAD)
    return table.assign(unstable=fails)


def first_full_month(table: pd.DataFrame) -> pd.Series:
    """Return, for every region, the month from which all of its scenarios are in full force.

    One month a region, so that every scenario and the reference are compared over the same
    months. A table without doses (from another simulator, or from real life) starts at 0.
    """
    if DOSE not in table:
        return pd.Series(0, index=pd.unique(table["region"]))
    after = table.loc[table["period"] >= 0, ["region", "scenario", "period", DOSE]].drop_duplicates()
    most = after.groupby(["region", "scenario"])[DOSE].transform("max")
    first = after[after[DOSE] >= most].groupby(["region", "scenario"])["period"].min().groupby("region").max()
    return first.astype(np.int64)


def _full_force(table: pd.DataFrame) -> Ints:
    """Return for every row the month from which all of its region's scenarios are in full force."""
    return table["region"].map(first_full_month(table)).fillna(0).to_numpy(dtype=np.int64)


def summarise(results: pd.DataFrame, failed: Failed | None = None, *, pooled: Pooled | None = None) -> pd.DataFrame:
    """Return the mean of every pooled metric over replications, with both intervals.

    Parameters
    ----------
    results : DataFrame
        As for `pool_metrics`.
    failed : mapping, optional
        Failed replications by region; they are in no row of `results`.
    pooled : mapping, optional
        `pool_windows(results)`, if it is at hand.

    Returns
    -------
    DataFrame
        One row per scenario, region, unit, metric and window. `ci_low, ci_high` is the 95 %
        t-interval of the mean (clustered by draw), `low, high` the central 95 % of the
        replications; NaN with fewer than two replications.
    """
    parts = []
    for cube in cubes(pooled or pool_windows(results)):
        values = np.moveaxis(cube.values, 3, 2)  # [scenario, unit, metric, replication]
        mean, spread = mean_interval(values, units_of(cube.draws)), central_range(values)
        parts.append(
            pd.DataFrame(
                label_axes(cube, cube.scenarios)
                | {"mean": mean.value.ravel(), "ci_low": mean.low.ravel(), "ci_high": mean.high.ravel()}
                | {"low": spread.low.ravel(), "high": spread.high.ravel()}
                | counts(cube, failed)
            )
        )
    return stack(parts, SUMMARY_COLUMNS, ["scenario", "region", "unit"])


def cubes(pooled: Pooled) -> Iterator[Cube]:
    """Yield one `Cube` per region and window that has months.

    Raises
    ------
    InputError
        If the scenarios of a region do not share the same units and replications, so that
        nothing can be paired.
    """
    for window, table in pooled.items():
        for region, rows in table.groupby("region", sort=True):
            scenarios, units = np.unique(rows["scenario"].astype(object)), np.unique(rows["unit"].astype(object))
            pairs = np.unique(rows[["draw", "replication"]].to_numpy(), axis=0)
            shape = (len(scenarios), len(units), len(pairs))
            if len(rows) != np.prod(shape) or rows.duplicated(SERIES_KEYS).any():
                raise InputError(
                    f"`results` must hold the same units and replications for every scenario of a region; got "
                    f"{len(rows)} series where {np.prod(shape)} were expected in region '{region}'. "
                    "Compare only replications that all scenarios have."
                )
            # Rows are sorted by scenario, unit, draw, replication: a plain reshape is the cube.
            values = rows[list(METRICS)].to_numpy().reshape(*shape, len(METRICS))
            yield Cube(str(region), window, scenarios.tolist(), units.tolist(), pairs[:, 0], values)


def label_axes(cube: Cube, scenarios: Sequence[str]) -> dict[str, object]:
    """Return the key columns of a table laid out as [scenario, unit, metric]."""
    metrics = list(METRICS)
    block = len(cube.units) * len(metrics)
    return {
        "scenario": np.repeat(np.array(scenarios, dtype=object), block),
        "region": cube.region,
        "unit": np.tile(np.repeat(np.array(cube.units, dtype=object), len(metrics)), len(scenarios)),
        "metric": np.tile(np.array(metrics, dtype=object), len(scenarios) * len(cube.units)),
        "window": cube.window,
    }


def counts(cube: Cube, failed: Failed | None) -> dict[str, int]:
    """Return how many draws and replications a region's rows rest on, and how many failed."""
    return {
        "n_draws": len(np.unique(cube.draws)),
        "n_replications": len(cube.draws),
        "n_failed": int((failed or {}).get(cube.region, 0)),
    }


def stack(parts: list[pd.DataFrame], columns: list[str], keys: list[str]) -> pd.DataFrame:
    """Return `parts` as one table sorted by `keys`, then metric and window in the schema's order."""
    if not parts:
        return pd.DataFrame({c: [] for c in columns})
    table = pd.concat(parts, ignore_index=True)
    order = table.assign(
        metric=table["metric"].map({m: i for i, m in enumerate(METRICS)}),
        window=table["window"].map({w: i for i, w in enumerate(WINDOWS)}),
    )
    return table.loc[order.sort_values([*keys, "metric", "window"], kind="stable").index, columns].reset_index(
        drop=True
    )


def _pool(table: pd.DataFrame, code: Ints, in_window: np.ndarray, metrics: Sequence[str]) -> pd.DataFrame:
    rows = np.flatnonzero(in_window)
    if not len(rows):
        return table.loc[[], SERIES_KEYS].assign(**{m: np.empty(0) for m in metrics})
    starts = np.concatenate([[0], np.flatnonzero(np.diff(code[rows])) + 1])
    pooled = table.iloc[rows[starts]][SERIES_KEYS].reset_index(drop=True)
    return pooled.assign(**{name: _metric(table, rows, starts, METRICS[name]) for name in metrics})


def _metric(table: pd.DataFrame, rows: Ints, starts: Ints, metric: Metric) -> Floats:
    """Return a metric of each series from the months in `rows`; a series begins at each of `starts`."""
    columns = _HISTOGRAMS[metric.parts[0]] if metric.pool == "quantile" else list(metric.parts)
    values = table[columns].to_numpy(dtype=float)[rows]
    observed = ~np.isnan(values).any(axis=1)
    if not observed.all():
        values[~observed] = 0.0
    sums = np.add.reduceat(values, starts, axis=0)
    months = np.add.reduceat(observed.astype(float), starts)
    sums[months == 0], months[months == 0] = np.nan, np.nan
    if metric.pool == "quantile":
        return metric_value(metric, {}, {metric.parts[0]: sums})
    return metric_value(metric, dict(zip(columns, sums.T, strict=True)), {}, months)


def _columns_needed(metrics: Sequence[str]) -> list[str]:
    found = [METRICS[name] for name in metrics]
    columns = [_HISTOGRAMS[m.parts[0]] if m.pool == "quantile" else list(m.parts) for m in found]
    return list(dict.fromkeys(itertools.chain.from_iterable(columns)))


def _row_codes(table: pd.DataFrame, keys: Sequence[str]) -> Ints:
    """Return one integer per row that orders rows as `keys` do."""
    code = np.zeros(len(table), dtype=np.int64)
    for key in keys:
        part, found = pd.factorize(table[key], sort=True)
        code = code * max(len(found), 1) + part
    return code
