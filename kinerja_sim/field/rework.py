"""What an event log tells about cases: how long they take, which steps come back, and when work stood still.

A step that returns after another step is a loop; the same step twice in a row is not. Most open to dispute: a case is
finished when its silence makes that 95 % sure, given how often its last step was the end of other cases and how long
they paused there; otherwise it is censored at its last event. Left out: service minutes, where the log has no starts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import bootstrap
from statsmodels.stats.proportion import proportion_confint  # ships no types

from kinerja_sim.field.scores import LEVEL, Interval
from kinerja_sim.model.rng import stream

Floats = NDArray[np.float64]
SURE = 0.95  # probability from which on a silent case counts as finished
SETTLED = 0.99  # quantile of all pauses: cases silent for longer show how often a step is the end
HOUR = np.timedelta64(3_600_000_000, "us")


@dataclass(frozen=True)
class Clock:
    """Office hours as events show them: the same hours on every working weekday.

    Attributes
    ----------
    opens, closes : float, hours of the day
    weekdays : bool array, [7], Monday first
    """

    opens: float
    closes: float
    weekdays: NDArray[np.bool_]

    def hours(self, times: NDArray[np.datetime64]) -> Floats:
        """Return working hours since 1970 at `times`; between two times their difference is time worked."""
        days = times.astype("datetime64[D]")
        mask = self.weekdays.tolist()
        whole = np.busday_count(np.datetime64("1970-01-01"), days, weekmask=mask)
        inside = np.clip((times - days) / HOUR - self.opens, 0.0, self.closes - self.opens)
        return np.asarray(whole * (self.closes - self.opens) + np.where(np.is_busday(days, weekmask=mask), inside, 0.0))


def find_clock(times: NDArray[np.datetime64]) -> Clock:
    """Return the office hours in which 98 % of events fall, on weekdays with at least 2 % of them."""
    days = times.astype("datetime64[D]")
    weekday = (days.astype(np.int64) + 3) % 7
    hour = (times - days) / HOUR
    low, high = np.quantile(hour, [0.01, 0.99])
    opens, closes = float(np.floor(2 * low) / 2), float(np.ceil(2 * high) / 2)
    return Clock(opens, max(closes, opens + 0.5), np.bincount(weekday, minlength=7) >= 0.02 * len(times))


def cases_of(events: pd.DataFrame, *, until: pd.Timestamp | None = None) -> pd.DataFrame:
    """Return one row a case from its events, as they were known at `until`.

    Parameters
    ----------
    events : DataFrame
        The `events` table of a data folder.
    until : Timestamp, optional
        Later events are not looked at; left out: all are.

    Returns
    -------
    DataFrame, sorted by start
        `case_id, unit, channel, started, last, n_events, finished, turnaround_hours, working_hours`; hours run to the
        last event, and are a lower bound where `finished` is False.
    """
    known = events if until is None else events[events["time"] <= until]
    known = known.sort_values(["case_id", "time", "source_row"], kind="stable").reset_index(drop=True)
    end = known["time"].max() if until is None else until
    pause = known.groupby("case_id")["time"].shift(-1) - known["time"]
    last = known[pause.isna()]
    sure = _sure(known["activity"], pause, end - known["time"])[pause.isna()] >= SURE
    first = known.groupby("case_id", sort=False).agg(
        unit=("unit", "first"), channel=("channel", "first"), started=("time", "min"), last=("time", "max"),
        n_events=("time", "size"),
    )  # fmt: skip
    first["finished"] = pd.Series(sure.to_numpy(), index=last["case_id"].to_numpy())
    clock = find_clock(known["time"].to_numpy("datetime64[us]"))
    begin, close = (first[c].to_numpy("datetime64[us]") for c in ("started", "last"))
    first["turnaround_hours"] = (close - begin) / HOUR
    first["working_hours"] = clock.hours(close) - clock.hours(begin)
    return first.reset_index().sort_values(["started", "case_id"], kind="stable").reset_index(drop=True)


def _sure(activity: pd.Series, pause: pd.Series, silence: pd.Series) -> pd.Series:
    """Return for each event how probable it is that nothing follows it, given that nothing did for so long."""
    settled = silence > pause.quantile(SETTLED)
    out = pd.Series(0.0, index=activity.index)
    for _, rows in activity.groupby(activity).groups.items():
        seen = pause[rows].dropna().sort_values().to_numpy()
        ends = int(pause[rows][settled[rows]].isna().sum())
        share = ends / max(int(settled[rows].sum()), 1)
        longer = 1.0 - np.searchsorted(seen, silence[rows].to_numpy(), side="right") / (len(seen) + 1.0)
        out[rows] = share / np.maximum(share + (1.0 - share) * longer, 1e-12)
    return out


def find_loops(events: pd.DataFrame) -> pd.DataFrame:
    """Return the steps that come back after another step.

    Returns
    -------
    DataFrame, one row a step that did, most frequent first
        `activity, n_cases, n_looped, share, share_low, share_high, days_median, after`: cases with the step, those in
        which it came back (with a 90 % Wilson interval), median working days until it did, and the commonest step
        before its return.
    """
    known = events.sort_values(["case_id", "time", "source_row"], kind="stable")
    known = known[known["activity"] != known.groupby("case_id")["activity"].shift()]  # the same step in a row is one
    clock = find_clock(known["time"].to_numpy("datetime64[us]"))
    hours = pd.Series(clock.hours(known["time"].to_numpy("datetime64[us]")), index=known.index)
    keys = [known["case_id"], known["activity"]]
    since = hours - hours.groupby(keys).shift()
    before = known.groupby("case_id")["activity"].shift()
    again = since.notna()
    n_cases = known.groupby("activity")["case_id"].nunique()
    rows = []
    for activity, part in known[again].groupby("activity"):
        looped = part["case_id"].nunique()
        low, high = proportion_confint(looped, n_cases[activity], alpha=1 - LEVEL, method="wilson")
        days = since[part.index].median() / (clock.closes - clock.opens)
        rows.append(
            {
                "activity": activity, "n_cases": int(n_cases[activity]), "n_looped": looped,
                "share": looped / n_cases[activity], "share_low": low, "share_high": high, "days_median": days,
                "after": before[part.index].mode().iloc[0],
            }
        )  # fmt: skip
    columns = ["activity", "n_cases", "n_looped", "share", "share_low", "share_high", "days_median", "after"]
    found = pd.DataFrame(rows, columns=columns)
    return found.sort_values(["n_looped", "activity"], ascending=[False, True]).reset_index(drop=True)


@dataclass(frozen=True)
class Rework:
    """How often cases come back, and after how long.

    Attributes
    ----------
    share : Interval
        Cases with at least one loop (Wilson).
    days : Interval
        Mean working days between a step and its return (bootstrap by case); NaN without loops.
    n_cases, n_looped : int
    """

    share: Interval
    days: Interval
    n_cases: int
    n_looped: int


def fit_rework(events: pd.DataFrame) -> Rework:
    """Return the share of cases with a loop and the delay until a step comes back."""
    known = events.sort_values(["case_id", "time", "source_row"], kind="stable")
    known = known[known["activity"] != known.groupby("case_id")["activity"].shift()]
    clock = find_clock(known["time"].to_numpy("datetime64[us]"))
    hours = pd.Series(clock.hours(known["time"].to_numpy("datetime64[us]")), index=known.index)
    since = hours - hours.groupby([known["case_id"], known["activity"]]).shift()
    delay = (since / (clock.closes - clock.opens))[since.notna()].groupby(known["case_id"]).mean()
    n, k = known["case_id"].nunique(), len(delay)
    low, high = proportion_confint(k, n, alpha=1 - LEVEL, method="wilson")
    days = Interval(float(delay.mean()) if k else float("nan"), float("nan"), float("nan"))
    if k > 1:
        found = bootstrap(
            (delay.to_numpy(float),),
            np.mean,
            confidence_level=LEVEL,
            n_resamples=1999,
            method="percentile",
            rng=stream(0, "rework"),
        ).confidence_interval
        days = Interval(days.value, float(found.low), float(found.high))
    return Rework(Interval(k / n, float(low), float(high)), days, n, k)


def find_stops(done: NDArray[np.datetime64], waiting: Floats, days: NDArray[np.datetime64]) -> Interval:
    """Return the share of working days on which nothing was finished though work was waiting, with a Wilson interval.

    Parameters
    ----------
    done : datetime64 array
        When pieces of work were finished.
    waiting : float array, [D]
        Cases open in the morning of each of `days`.
    days : datetime64[D] array, [D]
        Working days. On a day on which chance alone would finish nothing in one of twenty such days, a stop is not
        told from a slow day: those days do not count.
    """
    finished = np.searchsorted(np.sort(done.astype("datetime64[D]")), days, side="right")
    finished = finished - np.searchsorted(np.sort(done.astype("datetime64[D]")), days, side="left")
    rate = finished.sum() / max(waiting.sum(), 1.0)
    telling = np.exp(-rate * waiting) < 0.05
    n, k = int(telling.sum()), int((finished[telling] == 0).sum())
    if n == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    low, high = proportion_confint(k, n, alpha=1 - LEVEL, method="wilson")
    return Interval(k / n, float(low), float(high))
