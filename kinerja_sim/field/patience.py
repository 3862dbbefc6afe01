"""How long people stay: who was served had more patience than their wait, so those waits are censored.

Kaplan-Meier (statsmodels) says what was seen without a formula; a Weibull with censoring (scipy) carries it past the
longest wait. Most open to dispute: patience is independent of the wait that is offered. Left out: who was served at
once, who says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import CensoredData, norm, weibull_min
from statsmodels.stats.proportion import proportion_confint  # ships no types

from kinerja_sim.field.queuelog import Log
from kinerja_sim.field.scores import LEVEL, Interval

Floats = NDArray[np.float64]
FEWEST_LEFT = 20  # abandonments below which patience stays with its prior
HARDLY_ANY = 0.01  # share of all who come; where fewer leave, forecasts let everybody stay
INSTANT = 1.0 / 120.0  # minutes: leaving at once is leaving within half a second
CHECKED = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)  # minutes at which the Weibull is held against Kaplan-Meier


@dataclass(frozen=True)
class Patience:
    """Patience of one pool or type, in minutes.

    Attributes
    ----------
    median, shape : Interval
        Of the Weibull; on log scales from the observed information.
    seen_median : Interval
        Of Kaplan-Meier (Greenwood on the log(-log) scale); NaN where fewer than half were seen to leave.
    at_once : Interval
        Share of those who waited at all that left within `INSTANT` (Wilson).
    longest : float
        Longest wait seen: beyond it the Weibull extrapolates.
    n, n_left : int
        Cases that waited at all; those that left.
    curve : DataFrame
        Kaplan-Meier: `minutes, staying, low, high` and the fitted `weibull`.
    """

    median: Interval
    shape: Interval
    seen_median: Interval
    at_once: Interval
    longest: float
    n: int
    n_left: int
    curve: pd.DataFrame

    def outside(self) -> dict[float, float]:
        """Return by how much the Weibull is outside Kaplan-Meier's band, at those minutes `CHECKED` where it is."""
        seen = self.curve
        found: dict[float, float] = {}
        scale = self.median.value / np.log(2) ** (1 / self.shape.value)
        for minutes in CHECKED:
            place = int(np.searchsorted(seen["minutes"], minutes, side="right")) - 1
            if 0 <= place < len(seen) - 1:
                stays = float(np.exp(-((minutes / scale) ** self.shape.value)))
                beyond = max(seen["low"].iloc[place] - stays, stays - seen["high"].iloc[place])
                found |= {minutes: float(beyond)} if beyond > 0 else {}
        return found

    def draw(self, u: Floats) -> Floats:
        """Return patience at uniforms `u`: Kaplan-Meier where it was seen, the Weibull's tail beyond."""
        seen = self.curve
        stays, at = seen["staying"].to_numpy(float), seen["minutes"].to_numpy(float)
        place = np.searchsorted(-stays, -u, side="left")  # the first time at which no more than u stay
        found = np.where(place < len(at), at[np.minimum(place, len(at) - 1)], np.inf)
        scale = self.median.value / np.log(2) ** (1 / self.shape.value)
        beyond = (at[-1] / scale) ** self.shape.value - np.log(np.maximum(u, 1e-12) / max(stays[-1], 1e-12))
        tail = scale * np.maximum(beyond, 0.0) ** (1 / self.shape.value)
        return np.where(np.isfinite(found), found, np.maximum(tail, at[-1]))


def fit_patience(log: Log, keep: NDArray[np.bool_] | None = None) -> Patience | None:
    """Fit patience; None with fewer than `FEWEST_LEFT` abandonments, where the prior says more.

    Parameters
    ----------
    log : Log
    keep : bool array, [N], optional
        The cases to use; left out: all.
    """
    from statsmodels.duration.survfunc import SurvfuncRight  # ships no types

    use = (log.served | log.abandoned) & np.isfinite(log.wait) & (log.abandoned | (log.wait > 0))
    use &= True if keep is None else keep
    time, left = np.maximum(log.wait[use], INSTANT), log.abandoned[use]
    if left.sum() < FEWEST_LEFT or left.sum() == len(left):
        return None
    data = CensoredData(uncensored=time[left], right=time[~left])
    shape, _, scale = weibull_min.fit(data, floc=0)
    log_k, log_s = float(np.log(shape)), float(np.log(scale))
    log_median = log_s + np.log(np.log(2)) / shape
    covariance = _covariance(time, left, log_k, log_s)
    slope = np.array([-np.log(np.log(2)) / shape, 1.0])  # of the log median in (log shape, log scale)
    z = float(norm.ppf(0.5 + LEVEL / 2))
    median = _lognormal(log_median, z * float(np.sqrt(slope @ covariance @ slope)))
    km = SurvfuncRight(time, left.astype(int))
    at, stays, error = (np.asarray(x) for x in (km.surv_times, km.surv_prob, km.surv_prob_se))
    gone = error > 0
    curve = pd.DataFrame({"minutes": at, "staying": stays})[gone]
    # on the log(-log) scale, which keeps the band inside [0, 1]
    inner = np.log(-np.log(stays[gone]))
    half = z * error[gone] / np.abs(stays[gone] * np.log(stays[gone]))
    curve = curve.assign(low=np.exp(-np.exp(inner + half)), high=np.exp(-np.exp(inner - half)))
    curve = curve.assign(weibull=np.exp(-((curve["minutes"] / scale) ** shape))).reset_index(drop=True)
    spread = z * float(np.sqrt(covariance[0, 0]))
    half_left = (curve["minutes"][curve[name] <= 0.5].min() for name in ("staying", "low", "high"))
    seen = Interval(*(float(minutes) for minutes in half_left))
    gone_at_once = int((left & (time <= INSTANT)).sum())
    ends = proportion_confint(gone_at_once, len(time), alpha=1 - LEVEL, method="wilson")
    at_once = Interval(gone_at_once / len(time), *(float(x) for x in ends))
    return Patience(
        median, _lognormal(log_k, spread), seen, at_once, float(time.max()), len(time), int(left.sum()), curve
    )


def hardly_anybody_leaves(log: Log) -> bool:
    """Return whether the share of those who leave is below `HARDLY_ANY`: most offices' logs know nobody who left."""
    return bool(log.served.any() and log.abandoned.sum() < HARDLY_ANY * log.served.sum())


def stays(u: Floats) -> Floats:
    """Return the patience of people who wait as long as it takes, in the shape of `u`."""
    return np.full(u.shape, np.inf)


def _lognormal(centre: float, half: float) -> Interval:
    return Interval(*(float(np.exp(centre + x)) for x in (0.0, -half, half)))


def _covariance(time: Floats, left: NDArray[np.bool_], log_k: float, log_s: float) -> Floats:
    """Return the inverse observed information of the censored Weibull in (log shape, log scale)."""
    k = np.exp(log_k)
    z = k * (np.log(time) - log_s)
    e = np.exp(z)
    kk = ((z * left) - z * e - z**2 * e).sum()
    ks = (-k * left + k * e + k * z * e).sum()
    ss = -(k**2 * e).sum()
    return np.asarray(np.linalg.inv(-np.array([[kk, ks], [ks, ss]])))
