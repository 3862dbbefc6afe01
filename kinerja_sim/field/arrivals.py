"""When people come: an inhomogeneous Poisson process by half-hour, weekday and month, with days that differ.

Weekdays of like size and shape are one *day type* with a common profile; within it a weekday's own level is shrunk
towards the type's as far as the data ask (few weeks: nearly all the way). Most open to dispute: what makes two
weekdays alike. Half-hours far above everything else the same type has seen are *bursts*: kept out of the profile and
counted. Left out: holidays known beforehand, trend.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import brentq
from scipy.stats import chi2, t

from kinerja_sim.field.queuelog import SLOTS
from kinerja_sim.field.scores import LEVEL, Interval, by_day

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SIZE_FACTOR, SHAPE_DISTANCE = 2.0, 0.25  # weekdays are alike within this factor and this share of shifted arrivals
CLOSED_SHARE = 0.25  # a day with less than this share of its weekday type's median is closed (a holiday)
FEW_A_DAY = 10.0
BURST = 6.0  # standard deviations above the profile, in the half-hour's own noise


def q_profile(y: Floats, known: Floats, weight: Floats | None = None, *, df: int | None = None) -> Interval:
    """Return the variance between `y` beyond their known variances, with its Q-profile interval.

    Parameters
    ----------
    y, known : float arrays, shape (n,)
        Estimates and their own error variances.
    weight : float array, optional
        How strongly the variance sought enters each (default 1).
    df : int, optional
        Degrees of freedom; n - 1 when left out and the common mean is estimated here, else `y` are deviations from 0.

    Source
    ------
    Viechtbauer (2007), Statistics in Medicine 26: 37-52; the point estimate is Paule and Mandel's.
    """
    scale = np.ones_like(y) if weight is None else weight
    dof = len(y) - 1 if df is None else df
    if dof < 1:
        return Interval(float("nan"), float("nan"), float("nan"))

    def q(variance: float) -> float:
        w = 1.0 / (known + scale * variance)
        centre = (w * y).sum() / w.sum() if df is None else 0.0
        return float((w * (y - centre) ** 2).sum())

    top = float(max((y**2).sum(), np.var(y) * len(y)) / scale.min()) * 20 + 1e-9

    def solve(target: float) -> float:
        if q(0.0) <= target:
            return 0.0
        upper = top
        while q(upper) > target:
            upper *= 10.0
        return float(brentq(lambda v: q(v) - target, 0.0, upper, rtol=1e-6))

    half = 0.5 + LEVEL / 2
    return Interval(solve(float(dof)), solve(float(chi2.ppf(half, dof))), solve(float(chi2.ppf(1 - half, dof))))


@dataclass(frozen=True)
class Arrivals:
    """The arrival process of one pool.

    Attributes
    ----------
    day_type : int array, [7]
        Type of each weekday (Monday first); -1 where the weekday was never seen open.
    profile : float array, [types, 48]
        Expected arrivals in each half-hour of a day of the type at weekday effect 0; 0 where closed.
    weekday : float array, [7]
        Shrunk log effect of the weekday within its type.
    log_sd, spread : float, float array [7]
        SD of log day totals beyond Poisson noise; the same with the uncertainty of the weekday's own level.
    df : int
        Degrees of freedom of `log_sd`.
    day_cv : Interval
        CV of the day effect (gamma), from the totals.
    slot_cv : Interval
        CV of a half-hour's own effect beyond Poisson and the day, days resampled.
    open_days : bool array, [D]
    bursts : bool array, [D, 48]
        Half-hours whose crowd is left out of everything else.
    """

    day_type: Ints
    profile: Floats
    weekday: Floats
    log_sd: float
    spread: Floats
    df: int
    day_cv: Interval
    slot_cv: Interval
    open_days: NDArray[np.bool_]
    bursts: NDArray[np.bool_]

    def expected(self, weekday: int) -> Floats:
        """Return the expected arrivals by half-hour of a day, [48]."""
        kind = int(self.day_type[weekday])
        return self.profile[kind] * np.exp(self.weekday[weekday]) if kind >= 0 else np.zeros(SLOTS)


def weekdays_of(days: NDArray[np.datetime64]) -> Ints:
    """Return the weekday of each day, 0 for Monday.

    Examples
    --------
    >>> weekdays_of(np.array(["1999-02-01"], "datetime64[D]")).tolist()
    [0]
    """
    return (days.astype("datetime64[D]").astype(np.int64) + 3) % 7


def _day_types(counts: Floats, weekday: Ints) -> Ints:
    """Return the type of each weekday, [7]: complete linkage on size and shape."""
    days = [counts[weekday == w].sum(axis=1) for w in range(7)]
    total = np.array([np.median(x) if len(x) else 0.0 for x in days])
    if total.max() < FEW_A_DAY:  # the median of rare events is 0 or 1 and tells no weekdays apart
        total = np.array([x.mean() if len(x) else 0.0 for x in days])
    shape = np.array([counts[weekday == w].mean(axis=0) if (weekday == w).any() else np.zeros(SLOTS) for w in range(7)])
    seen = np.flatnonzero(total > 0.01 * total.max())
    kinds = np.full(7, -1)
    if len(seen) < 2:
        kinds[seen] = 0
        return kinds
    share = shape[seen] / shape[seen].sum(axis=1, keepdims=True)
    # sampling moves two profiles apart too: about the sum of sqrt(share / n) over half-hours
    noise = np.sqrt(share * 2 / (np.pi * np.maximum(shape[seen].sum(axis=1), 1.0))[:, None]).sum(axis=1) / 2
    i, j = np.triu_indices(len(seen), 1)
    size = np.abs(np.log(total[seen][i] / total[seen][j])) / np.log(SIZE_FACTOR)
    shift = 0.5 * np.abs(share[i] - share[j]).sum(axis=1) / (SHAPE_DISTANCE + noise[i] + noise[j])
    kinds[seen] = fcluster(linkage(np.maximum(size, shift), "complete"), 1.0, "distance") - 1
    return kinds


def fit_arrivals(counts: Floats, days: NDArray[np.datetime64], *, day_type: Ints | None = None) -> Arrivals:
    """Fit the arrival process to counts by day and half-hour.

    Parameters
    ----------
    counts : float array, [D, 48]
    days : datetime64[D] array, [D]
    day_type : int array, [7], optional
        Type of each weekday; left out: found from the counts.
    """
    weekday = weekdays_of(days)
    kinds = _day_types(counts, weekday) if day_type is None else day_type
    kind = kinds[weekday]
    total = counts.sum(axis=1)
    n_kinds = int(kinds.max()) + 1
    middle = np.array([np.median(total[kind == k]) for k in range(n_kinds)])
    is_open = kind >= 0
    few = middle[np.maximum(kind, 0)] < FEW_A_DAY  # there an empty day is no sign of a closed one
    is_open &= few | (total >= CLOSED_SHARE * middle[np.maximum(kind, 0)])
    profile = np.zeros((n_kinds, SLOTS))
    clean = counts.copy()
    is_burst = np.zeros_like(counts, bool)
    for _ in range(2):  # a burst inflates its own expectation: look again once it is out
        for k in range(n_kinds):
            mine = is_open & (kind == k)
            profile[k] = clean[mine].mean(axis=0)
        level = np.where(is_open, clean.sum(axis=1) / np.maximum(profile[kind].sum(axis=1), 1e-9), 1.0)
        for d in np.flatnonzero(is_open):
            others = is_open & (kind == kind[d])
            others[d] = False
            usual = clean[others].mean(axis=0) if others.sum() > 1 else _neighbours(clean[d])
            usual = usual * max(1.0, level[d])
            is_burst[d] = counts[d] > usual + BURST * np.sqrt(usual + (0.3 * usual) ** 2 + 1.0)
            clean[d] = np.where(is_burst[d], usual, counts[d])
    rare = np.minimum(1.0 / 3.0, 0.05 * profile.max(axis=1, keepdims=True))
    profile[profile < rare] = 0.0  # fewer than one in three days: not an opening hour
    return _levels(clean, weekday, kinds, kind, is_open, profile, is_burst)


def _neighbours(row: Floats) -> Floats:
    """Return the median of the five half-hours around each."""
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(np.pad(row, 2, mode="edge"), 5), axis=1))


def _levels(
    clean: Floats, weekday: Ints, kinds: Ints, kind: Ints, is_open: NDArray[np.bool_], profile: Floats,
    bursts: NDArray[np.bool_],
) -> Arrivals:  # fmt: skip
    """Fit what days add to their profile: weekday, day and half-hour effects."""
    total = np.where(profile[kind] > 0, clean, 0.0).sum(axis=1)
    mean = profile[kind].sum(axis=1)
    used = is_open & (mean > 0) & (total > 0)
    y = np.log(total[used] / mean[used])
    k, w = kind[used], weekday[used]
    centre = np.array([y[k == i].mean() if (k == i).any() else 0.0 for i in range(len(profile))])
    deviation = y - centre[k]
    df = max(len(y) - len(np.unique(k)), 0)
    n_day = np.array([(w == i).sum() for i in range(7)])
    day_mean = np.array([deviation[w == i].mean() if n_day[i] else 0.0 for i in range(7)])
    df_within = int(len(y) - (n_day > 0).sum())
    within = float(((deviation - day_mean[w]) ** 2).sum() / df_within) if df_within > 0 else 0.0
    noise = float(np.mean(1.0 / mean[used])) if used.any() else 0.0
    overall = float((deviation**2).sum() / df) if df > 0 else 0.0
    df_between = df - df_within
    between = float((n_day * day_mean**2).sum() / df_between) if df_between > 0 else 0.0
    mean_n = float((n_day**2).sum() / max(n_day.sum(), 1))
    tau2 = max(0.0, (between - within) / max(mean_n, 1.0)) if df_within >= 3 else 0.0
    sigma2 = max((within if df_within >= 3 else overall) - noise, 1e-6)
    shrink = n_day * tau2 / (n_day * tau2 + sigma2 + noise)
    n_kind = np.array([(k == i).sum() for i in range(len(profile))])
    own = np.where(kinds >= 0, sigma2 / np.maximum(n_kind[np.maximum(kinds, 0)], 1), 0.0)
    spread = np.sqrt(sigma2 + tau2 * (1 - shrink) + own)
    level = shrink * day_mean + centre[np.maximum(kinds, 0)]
    # each weekday's (or type's) own mean is estimated, which eats as many degrees of freedom as there are means
    groups = (weekday if tau2 > 0 else kind)[used]
    means = np.array([total[used][groups == g].mean() for g in groups])
    dof = len(groups) - len(np.unique(groups))
    day2 = q_profile(total[used] - means, means, means**2, df=dof) if dof > 0 else q_profile(y[:0], y[:0])
    day_cv = Interval(*(float(np.sqrt(v)) for v in day2))
    cells = profile[kind] * (total / np.maximum(mean, 1e-9))[:, None]
    calm = used & ~bursts.any(axis=1)  # what comes before and after a burst is no usual half-hour either
    inside = calm[:, None] & (cells >= 1.0)
    fitted = n_kind[np.maximum(kind, 0)] / np.maximum(n_kind[np.maximum(kind, 0)] - 1.0, 1.0)  # the profile saw them
    says = inside.any(axis=1)
    excess = by_day(
        np.where(inside, (clean - cells) ** 2 * fitted[:, None] - cells, 0.0)[says].sum(axis=1),
        np.where(inside, cells**2, 0.0)[says].sum(axis=1), key="half-hours",
    )  # fmt: skip
    slot_cv = Interval(*(float(np.sqrt(np.maximum(v, 0.0))) for v in excess))
    return Arrivals(
        kinds, profile, np.where(kinds >= 0, level, 0.0), float(np.sqrt(sigma2)), spread, max(df, 1), day_cv,
        slot_cv, is_open, bursts,
    )  # fmt: skip


def mean_interval(values: Floats) -> Interval:
    """Return the mean of days and its 90 % t-interval."""
    n = len(values)
    mean = float(values.mean()) if n else float("nan")
    if n < 2:
        return Interval(mean, float("nan"), float("nan"))
    half = float(t.ppf(0.5 + LEVEL / 2, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return Interval(mean, mean - half, mean + half)


def month_factors(counts: Floats, days: NDArray[np.datetime64], fitted: Arrivals) -> Floats | None:
    """Return arrivals by calendar month over what weekdays promise, [12], mean 1; None unless all were seen."""
    months = days.astype("datetime64[M]").astype(np.int64) % 12
    total = counts.sum(axis=1)
    expected = np.array([fitted.expected(int(w)).sum() for w in weekdays_of(days)])
    use = fitted.open_days & (expected > 0)
    if len(np.unique(months[use])) < 12:
        return None
    ratio = np.array([total[use & (months == m)].sum() / expected[use & (months == m)].sum() for m in range(12)])
    return np.asarray(ratio / ratio.mean())
