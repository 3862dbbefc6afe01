"""Days on which an office was closed, or its log is missing: a log's calendar, from counts a day.

A weekday counts as worked where at least half of its days in the log have rows. Public
holidays and collective leave come from the calendar, for the years it covers. A gap of
hours is one in which at least `EXPECTED` arrivals were to be expected from the same weekday
and half-hour of other weeks, and none came: at a Poisson rate that is one in 20,000.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kinerja_sim.know.calendar import load_calendar

WORKED = 0.5
EXPECTED = 10.0


@dataclass(frozen=True)
class Days:
    """Days of a log, from its first to its last.

    `closed` are days without rows on a weekday that is not worked or a holiday; `missing` are
    others without rows; `unusual` are days with rows on such a weekday or holiday.
    `silent` are half-hours without rows in which many were to be expected.
    """

    all: pd.DatetimeIndex
    closed: pd.DatetimeIndex
    missing: pd.DatetimeIndex
    unusual: pd.DatetimeIndex
    silent: pd.DatetimeIndex


def days_of(times: pd.Series[pd.Timestamp]) -> Days:
    """Return the days of a log; `times` are arrivals or events, without NaT, at least one.

    Examples
    --------
    >>> worked = pd.date_range("2027-02-01 09:00", "2027-02-26 09:00", freq="B").drop(pd.Timestamp("2027-02-10 09:00"))
    >>> days_of(pd.Series(worked)).missing.strftime("%Y-%m-%d").tolist()
    ['2027-02-10']
    """
    day = times.dt.normalize()
    every = pd.date_range(day.min(), day.max(), freq="D")
    counts = day.value_counts().reindex(every, fill_value=0)
    has = counts.to_numpy() > 0
    share = pd.Series(has, index=every).groupby(every.day_of_week).mean()
    worked = share.reindex(every.day_of_week).to_numpy() >= WORKED
    open_day = worked & ~every.isin(_holidays(every))
    return Days(
        every, every[~has & ~open_day], every[~has & open_day], every[has & ~open_day], _silent(times, every[has])
    )


def _holidays(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    spans = [span for span in load_calendar().spans if span.kind != "ramadan"]
    return pd.DatetimeIndex([day for span in spans for day in span.days()]).intersection(days)


def _silent(times: pd.Series[pd.Timestamp], days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the half-hours of days with rows that are empty though others of their kind are full."""
    if len(times) < EXPECTED:
        return pd.DatetimeIndex([])
    slot = times.dt.floor("30min").value_counts()
    slots = pd.DatetimeIndex((days.to_numpy()[:, None] + np.arange(48) * np.timedelta64(30, "m")).ravel())
    counts = slot.reindex(slots, fill_value=0)
    usual = counts.groupby([slots.day_of_week, slots.hour, slots.minute]).transform("median")
    return slots[(counts.to_numpy() == 0) & (usual.to_numpy() >= EXPECTED)]
