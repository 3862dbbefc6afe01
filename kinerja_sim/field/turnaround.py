"""How long cases to come will take: Kaplan-Meier of past cases, in which recent ones may count more.

How much more (a half-life in weeks, or none) is chosen inside the training span by forecasting its later parts from its
earlier ones; the errors made there are the interval. Most open to dispute: that offices change no faster in the test
span than they did in the training span. Left out: Erlang A, which needs arrivals, service and servers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kinerja_sim.field.rework import cases_of
from kinerja_sim.field.scores import LEVEL, Interval
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import sentence
from kinerja_sim.model.rng import stream

Floats = NDArray[np.float64]
HALF_LIVES = (2.0, 4.0, 8.0, 16.0, np.inf)  # weeks
STATISTICS = {"median": 0.5, "p90": 0.9}
CLOCKS = ("turnaround_hours", "working_hours")
SMALLEST = 1.0 / 60.0  # hours, added before logs are taken: a case of one event took no time
ORIGINS = (0.4, 0.5, 0.6, 0.7)  # shares of the training cases after which the next ones are forecast, to learn errors
N_BOOT = 400
WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True)
class TurnaroundTest:
    """Forecast and outcome of turnaround.

    Attributes
    ----------
    table : DataFrame
        `clock, statistic, forecaster, point, low, high, actual, actual_low, actual_high, inside`, in hours.
    quantiles : DataFrame
        `clock, probability, recent, naive, actual`, for the quantile-quantile figure.
    half_life_weeks : float
    n_train, n_test, n_train_censored, n_test_censored : int
    """

    table: pd.DataFrame
    quantiles: pd.DataFrame
    half_life_weeks: dict[str, float]
    n_train: int
    n_test: int
    n_train_censored: int
    n_test_censored: int


def km_quantiles(hours: Floats, finished: NDArray[np.bool_], weight: Floats, p: Floats) -> Floats:
    """Return quantiles of a weighted Kaplan-Meier curve (statsmodels); NaN where it does not come down so far."""
    from statsmodels.duration.survfunc import SurvfuncRight  # ships no types

    curve = SurvfuncRight(hours, finished.astype(int), freq_weights=weight)
    at, gone = np.asarray(curve.surv_times), 1.0 - np.asarray(curve.surv_prob)
    place = np.searchsorted(gone + 1e-12, p)
    return np.where(place < len(at), at[np.minimum(place, len(at) - 1)], np.nan)


def _weights(started: NDArray[np.datetime64], half_life: float) -> Floats:
    """Return weights that halve every `half_life` weeks before the last start."""
    if np.isinf(half_life):
        return np.ones(len(started))
    return np.asarray(0.5 ** ((started.max() - started) / WEEK / half_life))


def _quantiles(cases: pd.DataFrame, clock: str, half_life: float, p: Floats) -> Floats:
    hours, finished = cases[clock].to_numpy(float), cases["finished"].to_numpy(bool)
    return km_quantiles(hours, finished, _weights(cases["started"].to_numpy("datetime64[us]"), half_life), p)


def _learn(events: pd.DataFrame, train: pd.DataFrame, clock: str) -> tuple[float, dict[float, Floats]]:
    """Return the best half-life and each half-life's log errors, [origins, statistics], inside the training span."""
    p = np.array(list(STATISTICS.values()))
    errors: dict[float, list[Floats]] = {h: [] for h in HALF_LIVES}
    for share in ORIGINS:
        cut = train["started"].iloc[int(share * len(train))]
        early = cases_of(events, until=cut)
        later = train[train["started"] > cut]
        came = _quantiles(later, clock, np.inf, p)
        for h in HALF_LIVES:
            errors[h].append(np.log(came + SMALLEST) - np.log(_quantiles(early, clock, h, p) + SMALLEST))
    stacked = {h: np.array(rows) for h, rows in errors.items()}
    return min(HALF_LIVES, key=lambda h: float(np.nansum(np.abs(stacked[h])))), stacked


def bootstrap_weeks(cases: pd.DataFrame, clock: str, half_life: float, key: str) -> Floats:
    """Return quantiles of cases resampled by week of start, [N_BOOT, statistics]: weeks share their staff."""
    week = ((cases["started"].to_numpy("datetime64[us]") - cases["started"].min().to_datetime64()) / WEEK).astype(int)
    weeks = [np.flatnonzero(week == w) for w in np.unique(week)]
    rng, p = stream(0, "turnaround", key), np.array(list(STATISTICS.values()))
    hours, finished = cases[clock].to_numpy(float), cases["finished"].to_numpy(bool)
    weight = _weights(cases["started"].to_numpy("datetime64[us]"), half_life)
    out = []
    for _ in range(N_BOOT):
        chosen = np.concatenate([weeks[i] for i in rng.integers(len(weeks), size=len(weeks))])
        out.append(km_quantiles(hours[chosen], finished[chosen], weight[chosen], p))
    return np.array(out)


def backtest_turnaround(events: pd.DataFrame, cut: pd.Timestamp) -> TurnaroundTest:
    """Forecast the turnaround of cases that start after `cut` from what was known then.

    Parameters
    ----------
    events : DataFrame
        The `events` table of one unit.
    cut : Timestamp
        Nothing after it is used for the forecast.

    Raises
    ------
    InputError
        If fewer than 50 cases start before, or fewer than 20 after.
    """
    train, everything = cases_of(events, until=cut), cases_of(events)
    test = everything[everything["started"] > cut]
    remedy = "Choose another day."
    if len(train) < 50:
        rule = "leave at least 50 cases that start before it"
        raise InputError(sentence("--train-until", rule, str(len(train)), remedy=remedy))
    if len(test) < 20:
        rule = "leave at least 20 cases that start after it"
        raise InputError(sentence("--train-until", rule, str(len(test)), remedy=remedy))
    p, grid = np.array(list(STATISTICS.values())), np.arange(0.02, 0.99, 0.02)
    rows, curves, half_lives = [], [], {}
    for clock in CLOCKS:
        best, errors = _learn(events, train, clock)
        half_lives[clock] = best
        came = _quantiles(test, clock, np.inf, p)
        weeks = bootstrap_weeks(test, clock, np.inf, "test")
        spread = np.nanquantile(weeks, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
        for name, half_life in (("recent", best), ("naive", np.inf)):
            point = _quantiles(train, clock, half_life, p)
            noise = np.log(bootstrap_weeks(train, clock, half_life, name) + SMALLEST) - np.log(point + SMALLEST)
            ends = [_ends(point[i], noise[:, i], errors[half_life][:, i]) for i in range(len(p))]
            rows += _rows(clock, name, ends, came, spread)
        rows += _rows(clock, "regression", _regression(train, test, clock), came, spread)
        curves.append(
            pd.DataFrame(
                {
                    "clock": clock, "probability": grid, "recent": _quantiles(train, clock, best, grid),
                    "naive": _quantiles(train, clock, np.inf, grid), "actual": _quantiles(test, clock, np.inf, grid),
                }
            )
        )  # fmt: skip
    return TurnaroundTest(
        pd.DataFrame(rows), pd.concat(curves, ignore_index=True), half_lives, len(train), len(test),
        int((~train["finished"]).sum()), int((~test["finished"]).sum()),
    )  # fmt: skip


def _ends(point: float, noise: Floats, errors: Floats) -> Interval:
    """Return a point with its interval: sampling noise, moved by each error this forecaster made before, or none."""
    errors = np.append(errors[np.isfinite(errors)], 0.0)
    moved = (noise[np.isfinite(noise)][:, None] + errors[None, :]).ravel()
    low, high = np.quantile(moved, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return Interval(float(point), *(max(float((point + SMALLEST) * np.exp(x) - SMALLEST), 0.0) for x in (low, high)))


def _regression(train: pd.DataFrame, test: pd.DataFrame, clock: str) -> list[Interval]:
    """Return quantile regressions of log turnaround on the date (statsmodels), averaged over the test span."""
    from statsmodels.regression.quantile_regression import QuantReg  # ships no types

    done = train[train["finished"]]
    origin = train["started"].min()
    week = [(c["started"] - origin).dt.total_seconds().to_numpy() / 604_800 for c in (done, test)]
    y = np.log(done[clock].to_numpy(float) + SMALLEST)
    out = []
    for p in STATISTICS.values():
        fit = QuantReg(y, np.column_stack([np.ones(len(y)), week[0]])).fit(q=p)
        at = np.array([1.0, float(week[1].mean())])
        middle, se = float(at @ fit.params), float(np.sqrt(at @ fit.cov_params() @ at))
        half = 1.645 * se
        out.append(Interval(*(max(float(np.exp(middle + x) - SMALLEST), 0.0) for x in (0.0, -half, half))))
    return out


def _rows(clock: str, name: str, ends: list[Interval], came: Floats, spread: Floats) -> list[dict[str, object]]:
    return [
        {
            "clock": clock, "statistic": statistic, "forecaster": name, "point": end.value, "low": end.low,
            "high": end.high, "actual": float(came[i]), "actual_low": float(spread[0, i]),
            "actual_high": float(spread[1, i]), "inside": bool(end.low <= came[i] <= end.high),
        }
        for i, (statistic, end) in enumerate(zip(STATISTICS, ends, strict=True))
    ]  # fmt: skip
