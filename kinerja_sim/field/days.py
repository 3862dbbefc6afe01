"""Days without rows and gaps within days: which a calendar explains, and which the log cannot tell.

A weekday counts as worked where at least half of its days in the log have rows. Public
holidays and collective leave come from the calendar, for the years it covers. A gap is a
run of empty half-hours in which at least `EXPECTED` rows were to be expected from other
days of that weekday, on a day as busy as the rest of this one: at a Poisson rate that is
one in 20,000; where rows come in bursts, so many times more must be missing as their
variance exceeds a Poisson one. Open to dispute: a day on which nothing was recorded looks like one on which
nobody worked, unless the log breaks off before it or resumes late after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kinerja_sim.know.calendar import load_calendar

WORKED = 0.5
EXPECTED = 10.0
HALF_HOUR = pd.Timedelta(minutes=30)


@dataclass(frozen=True)
class Days:
    """Days of a log, from its first to its last.

    Without rows are `closed` (a weekday that is not worked), `holidays`, `outages` (the log
    breaks off before, or resumes late after) and `missing`, of which nothing is known; of
    those in `uncovered` the calendar does not know the holidays. `unusual` are days with
    rows on a holiday or a weekday that is not worked. `gaps` has one row a gap: `start`,
    `end`, and whether it lies `inside` the day, with rows before and after it.
    """

    all: pd.DatetimeIndex
    closed: pd.DatetimeIndex
    holidays: pd.DatetimeIndex
    outages: pd.DatetimeIndex
    missing: pd.DatetimeIndex
    uncovered: pd.DatetimeIndex
    unusual: pd.DatetimeIndex
    gaps: pd.DataFrame


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
    has = every.isin(day)
    share = pd.Series(has, index=every).groupby(every.day_of_week).mean()
    worked = share.reindex(every.day_of_week).to_numpy() >= WORKED
    calendar = load_calendar()
    spans = [span for span in calendar.spans if span.kind != "ramadan"]
    free = every.isin(pd.DatetimeIndex([day for span in spans for day in span.days()]))
    covered = (every.year >= calendar.first_year) & (every.year <= calendar.last_year)
    gaps = _gaps(times, every[has])
    broken = np.zeros(len(every), dtype=bool)  # worked days that touch a day cut short on that side
    edges = gaps[~gaps["inside"]]
    for start, end in zip(edges["start"], edges["end"], strict=True):
        at, step = int(np.flatnonzero(every == start.normalize())[0]), 1 if end == end.normalize() else -1
        while 0 <= (at := at + step) < len(every) and not has[at]:
            broken[at] = worked[at] and not free[at]
    unknown = ~has & worked & ~free & ~broken
    return Days(
        every, every[~has & ~worked], every[~has & worked & free], every[broken], every[unknown & covered],
        every[unknown & ~covered], every[has & (free | ~worked)], gaps,
    )  # fmt: skip


def _gaps(times: pd.Series[pd.Timestamp], days: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the runs of empty half-hours of days with rows in which many rows were to be expected."""
    day = times.dt.normalize()
    slot = (times - day) // HALF_HOUR
    counts = pd.crosstab(day, slot).reindex(index=days, columns=range(48), fill_value=0).to_numpy(float)
    weekday, found = days.day_of_week, []
    apart = counts - pd.DataFrame(counts).groupby(weekday).transform("mean").to_numpy()
    freedom = 1 - len(set(weekday)) / max(len(days), len(set(weekday)) + 1)
    burst = max(1.0, (apart**2).sum() / counts.sum() / freedom)
    for d, date in enumerate(days):
        others = np.flatnonzero((weekday == date.day_of_week) & (days != date))
        others = others if len(others) else np.flatnonzero(days != date)
        if not len(others):
            break
        usual = counts[others].mean(axis=0)
        full = np.flatnonzero(counts[d])
        for first, last in zip([0, *(full + 1)], [*full, 48], strict=True):
            expected = usual[first:last].sum()
            rest = usual.sum() - expected
            if expected and expected * min(1.0, counts[d].sum() / max(rest, 1e-9)) >= EXPECTED * burst:
                inside = bool(len(full) and first > full[0] and last <= full[-1])
                found.append((date + first * HALF_HOUR, date + last * HALF_HOUR, inside))
    types = {"start": "datetime64[us]", "end": "datetime64[us]", "inside": "bool"}
    return pd.DataFrame(found, columns=list(types)).astype(types)
