"""Who waits longest: the worst-served tenth, from the histograms that the results table carries.

A mean can fall while the longest waits grow. The mean of the longest tenth says so, and
pools over months exactly as far as the bins allow. Reads tables only. Most open to
dispute: within a bin waits are taken as evenly spread, and in the last, open one as its
lower edge, so that the very longest are understated.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kinerja_sim.know.schema import TURNAROUND_BINS, TURNAROUND_EDGES, WAIT_BINS, WAIT_EDGES
from kinerja_sim.study.contrasts import contrast
from kinerja_sim.study.summary import SERIES_KEYS, first_full_month, pool_metrics

TAILS = {
    "wait_minutes_p90": (WAIT_BINS, WAIT_EDGES),
    "turnaround_days_p90": (TURNAROUND_BINS, TURNAROUND_EDGES),
}
"""The metric whose column, unit and smallest change a tail rides in, and the histogram it is taken from."""
WORST = 0.1


def tail_mean(counts: NDArray[np.float64], edges: NDArray[np.float64], share: float = WORST) -> NDArray[np.float64]:
    """Return the mean of the largest `share` of values counted in bins.

    Parameters
    ----------
    counts : array, shape (..., n_bins)
    edges : array, shape (n_bins + 1,)
        The last may be infinite: values of that bin count as its lower edge.
    share : float in (0, 1]

    Returns
    -------
    array, shape (...,)
        In the unit of `edges`; NaN where nothing was counted.

    Examples
    --------
    >>> tail_mean(np.array([50.0, 50.0]), np.array([0.0, 10.0, 20.0]), 0.25).item()
    17.5
    """
    top = edges[1:].copy()
    top[-1] = edges[-2] if np.isinf(edges[-1]) else edges[-1]
    total = counts.sum(axis=-1, keepdims=True)
    beyond = np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1] - counts  # counted in higher bins
    taken = np.clip(share * total - beyond, 0.0, counts)
    width = top - edges[:-1]
    # Of a bin only the highest values are taken: their mean lies half their span below its top.
    part = np.divide(taken, counts, out=np.zeros(counts.shape), where=counts > 0)
    sums = (taken * (top - width * part / 2)).sum(axis=-1)
    wanted = share * total[..., 0]
    return np.divide(sums, wanted, out=np.full(sums.shape, np.nan), where=wanted > 0)


def tail_contrasts(results: pd.DataFrame, reference: str = "baseline", share: float = WORST) -> pd.DataFrame:
    """Return paired contrasts of the mean wait and turnaround of the worst-served `share`.

    Parameters
    ----------
    results : DataFrame
        The results table.
    reference : str
    share : float in (0, 1]

    Returns
    -------
    DataFrame
        Columns of the contrasts table, window 'after'; in the metrics of `TAILS`, whose unit and
        smallest change that matters they have, stand the tails and not the percentiles.
    """
    pooled = pool_metrics(results, "after")
    first = results["region"].map(first_full_month(results)).clip(lower=0)
    months = results.loc[results["period"] >= first, [*SERIES_KEYS, *WAIT_BINS, *TURNAROUND_BINS]]
    sums = months.groupby(SERIES_KEYS).sum()
    sums = sums.reindex(pd.MultiIndex.from_frame(pooled[SERIES_KEYS]))
    tails = {name: tail_mean(sums[bins].to_numpy(float), edges, share) for name, (bins, edges) in TAILS.items()}
    made = contrast(pooled, reference, pooled={"after": pooled.assign(**tails)})
    return made[made["metric"].isin(TAILS)].reset_index(drop=True)
