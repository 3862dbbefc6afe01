"""How a metric's value comes from its counts: one rule each, for one month or many.

Months pool by adding counts first; the model uses this for a single month and the
study for a window. Most open to dispute: within a histogram's bin values are taken as
evenly spread; in the last, open bin its lower edge stands.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kinerja_sim.know.schema import METRICS, TURNAROUND_EDGES, WAIT_EDGES, Metric

_EDGES = {"wait": WAIT_EDGES, "turnaround": TURNAROUND_EDGES}


def histogram_quantile(counts: np.ndarray, edges: np.ndarray, share: float) -> np.ndarray:
    """Return the quantile of histograms, [...], from counts, [..., bins]; NaN where a histogram is empty.

    Examples
    --------
    >>> histogram_quantile(np.array([[10.0, 10.0, 0.0]]), np.array([0.0, 1.0, 2.0, np.inf]), 0.75).tolist()
    [1.5]
    """
    counts = np.asarray(counts, float)
    cumulative = np.cumsum(counts, axis=-1)
    total = cumulative[..., -1]
    target = share * total
    index = (cumulative < target[..., None]).sum(axis=-1).clip(0, counts.shape[-1] - 1)
    inside = np.take_along_axis(counts, index[..., None], axis=-1)[..., 0]
    before = np.take_along_axis(cumulative, index[..., None], axis=-1)[..., 0] - inside
    low, high = edges[index], edges[index + 1]
    width = np.where(np.isfinite(high), high, low) - low
    with np.errstate(invalid="ignore", divide="ignore"):
        value = low + width * (target - before) / inside
    return np.where(total > 0, value, np.nan)


def metric_value(
    metric: Metric,
    counts: Mapping[str, np.ndarray],
    histograms: Mapping[str, np.ndarray],
    n_periods: np.ndarray | float = 1.0,
) -> np.ndarray:
    """Return a metric's values from pooled counts; NaN where there is nothing to divide by.

    Parameters
    ----------
    metric : Metric
    counts : mapping of column to array [...]
        Sums over the periods of a window.
    histograms : mapping of 'wait' and 'turnaround' to array [..., bins]
    n_periods : array or float
        Periods in the window; metrics that are states (backlog) are averaged over them.
    """
    if metric.pool == "quantile":
        return histogram_quantile(histograms[metric.parts[0]], _EDGES[metric.parts[0]], metric.quantile)
    first = np.asarray(counts[metric.parts[0]], float)
    if metric.pool == "sum":
        return np.asarray(first * metric.scale)
    if metric.pool == "mean":
        return first / n_periods
    if metric.pool == "entropy":
        return _entropy(np.stack([np.asarray(counts[part], float) for part in metric.parts]))
    if metric.pool == "ratio":
        bottom = np.asarray(counts[metric.parts[1]], float)
    else:
        bottom = np.sqrt(counts[metric.parts[1]] * counts[metric.parts[2]])
    top = np.asarray(first * metric.scale, float)
    value = np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=np.asarray(bottom) > 0)
    return 1.0 - value**2 if metric.pool == "unexplained" else value


def _entropy(counts: np.ndarray) -> np.ndarray:
    """Return the entropy in bits of counts by kind, [kinds, ...]; NaN where there are none."""
    total = counts.sum(axis=0)
    share = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    bits = -(share * np.log2(np.where(share > 0, share, 1.0))).sum(axis=0)
    return np.where(total > 0, bits, np.nan)


def metric_values(counts: Mapping[str, np.ndarray], histograms: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return every metric of the schema from one period's counts, in the schema's order."""
    return {name: metric_value(metric, counts, histograms) for name, metric in METRICS.items()}
