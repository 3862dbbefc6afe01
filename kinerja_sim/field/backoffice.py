"""A back office from its event log: arrivals, office hours, rework, stops; minutes only where steps have a start.

A log of completions alone cannot tell work from waiting, so service minutes and officers then stay as they were. Most
open to dispute: a case comes back (rework) when a step is done again after another one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kinerja_sim.field.arrivals import Arrivals, fit_arrivals, mean_interval, month_factors, weekdays_of
from kinerja_sim.field.queuelog import SLOT_MINUTES, SLOTS
from kinerja_sim.field.regionfile import FILE, REPORT, Estimates, held_over, measured, own_row, shared_fields, title_of
from kinerja_sim.field.rework import Clock, Rework, cases_of, find_clock, find_stops
from kinerja_sim.field.scores import LEVEL, Interval
from kinerja_sim.field.turnaround import STATISTICS, bootstrap_weeks, km_quantiles
from kinerja_sim.know.regions import ServiceUnit

Floats = NDArray[np.float64]
Notes = list[tuple[str, str, float]]
WORKING_DAYS = 240.0  # a year


def arrival_fields(
    counts: Floats, days: NDArray[np.datetime64], fitted: Arrivals, hours: NDArray[np.int64], like: ServiceUnit,
    source: str, unit: str, estimates: Estimates, kept: list[str], notes: Notes, *, new_share: float = 1.0,
) -> dict[str, Any]:  # fmt: skip
    """Return the `arrivals` block from counts in opening `hours` (half-hours), `new_share` of which are new cases."""
    weekday = weekdays_of(days)
    inside = counts[:, hours].sum(axis=1)
    office = fitted.open_days & (weekday < 5)
    n = int(inside[office].sum())
    per_day = mean_interval(inside[office])
    estimates.add(unit, "arrivals_per_day", per_day, int(office.sum()), "mean of open days, t", FILE, "cases a day")
    estimates.add(
        unit, "arrival_day_cv", fitted.day_cv, int(fitted.open_days.sum()),
        "day totals beyond Poisson, Q-profile", FILE, "ratio",
    )  # fmt: skip
    estimates.add(
        unit,
        "arrival_half_hour_cv",
        fitted.slot_cv,
        n,
        "moments within days, days resampled",
        REPORT,
        "ratio",
    )
    weekend = float(inside[fitted.open_days & (weekday >= 5)].sum().round())  # the mean stands in for a burst
    if weekend:
        notes.append(("weekend", unit, weekend))
    if bursts := int(fitted.bursts.sum()):
        notes.append(("bursts", unit, float(bursts)))
    half_hour = counts[office][:, hours].mean(axis=0)
    half_hour = np.round(half_hour / half_hour.mean(), 4)
    expected = np.array([fitted.expected(w)[hours].sum() for w in range(5)])
    doc = {
        "half_hour": measured(half_hour.tolist(), "relative rate", source, n),
    }
    if (expected > 0).all():
        doc["weekday"] = measured(np.round(expected / expected.mean(), 4).tolist(), "relative rate", source, n)
    else:
        doc["weekday"] = held_over(like.arrivals.weekday)
        kept.append("arrivals.weekday")
    months = month_factors(counts[:, hours], days, fitted)
    if months is not None:
        doc["month"] = measured(np.round(months, 4).tolist(), "relative rate", source, n)
    else:
        doc["month"] = held_over(like.arrivals.month)
        kept.append("arrivals.month")
    # The file's mean is that of a year: the months that were seen keep their level, whatever months do.
    factors = np.array(doc["month"]["values"], float)
    seen = float((factors / factors.mean())[days[office].astype("datetime64[M]").astype(np.int64) % 12].mean())
    new = round(per_day.value * new_share / seen, 4)
    if new_share != 1.0:
        source += f"; {100 * new_share:.1f} % of {per_day.value:.4g} visits a day, the others by the ledger repeats"
    if abs(seen - 1.0) > 1e-9:
        source += f"; over {seen:.4g}, the factor of the months seen"
    doc["per_day"] = measured(new, "cases per working day", source, int(office.sum()), per_day)
    if new != round(per_day.value, 4):
        doc["per_day"]["grade"] = "derived"
    return doc


def arrival_curve(counts: Floats, fitted: Arrivals, hours: NDArray[np.int64]) -> pd.DataFrame:
    """Return arrivals by half-hour: the days' mean and central 90 %, and what the fit expects."""
    own = counts[:, hours]
    expected = np.mean([fitted.expected(w)[hours] for w in range(5) if fitted.day_type[w] >= 0], axis=0)
    ends = np.quantile(own, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
    return pd.DataFrame(
        {"half_hour": hours, "mean": own.mean(axis=0), "low": ends[0], "high": ends[1], "fitted": expected,
         "n_days": len(own)}
    )  # fmt: skip


def rework_fields(unit: str, found: Rework | None, source: str, estimates: Estimates) -> dict[str, Any]:
    """Return how often cases come back and when, as a region file writes it; nothing where no event log says so."""
    if found is None:
        return {}
    estimates.add(
        unit, "rework_share", found.share, found.n_cases, "cases in which a step came back, Wilson", FILE, "share"
    )
    doc = {
        "error_share": measured(
            round(found.share.value, 4), "share of first attempts", source, found.n_cases, found.share
        )
    }
    if found.n_looped and found.days.value > 0:
        estimates.add(unit, "rework_days", found.days, found.n_looped, "mean until a step came back, cases resampled",
                      FILE, "working days")  # fmt: skip
        doc["rework_days"] = measured(round(found.days.value, 4), "working days", source, found.n_looped, found.days)
    return doc


def processing_unit(
    events: pd.DataFrame, unit: str, like: ServiceUnit, source: str, estimates: Estimates,
    notes: Notes, figures: dict[str, pd.DataFrame],
) -> tuple[dict[str, Any], list[str]]:  # fmt: skip
    """Return one back office as a region file writes it, and the paths that come from the base."""
    kept: list[str] = []
    cases = cases_of(events)
    times = events["time"].to_numpy("datetime64[us]")
    clock = find_clock(times)
    started = cases["started"].to_numpy("datetime64[us]")
    day = started.astype("datetime64[D]")
    days = np.arange(day.min(), day.max() + 1)
    minute = (started - day) / np.timedelta64(1, "m")
    place = np.searchsorted(days, day) * SLOTS + (minute // SLOT_MINUTES).astype(np.int64)
    counts = np.bincount(place, minlength=len(days) * SLOTS).reshape(-1, SLOTS).astype(float)
    fitted = fit_arrivals(counts, days)
    hours = np.arange(int(clock.opens * 2), max(int(clock.closes * 2), int(clock.opens * 2) + 1))
    doc: dict[str, Any] = {"title": title_of(unit), "service": unit}
    doors = SLOT_MINUTES * len(hours)
    doc["day_minutes"] = measured(doors, "minutes", f"hours in which 98 % of events fall; {source}", len(events))
    if outside := float(counts.sum() - counts[:, hours].sum()):
        notes.append(("outside_hours", unit, outside))
    open_office = fitted.open_days & (weekdays_of(days) < 5)
    doc["arrivals"] = arrival_fields(counts, days, fitted, hours, like, source, unit, estimates, kept, notes)
    stage = (like.processing or like.counter).model_dump(mode="json")  # type: ignore[union-attr]
    processing = {
        "officers": held_over(stage["officers"]),
        "minutes": held_over(stage["minutes"]),
        "complexity": stage["complexity"],
    }
    work = _touch_minutes(events, clock)
    if work is not None:
        estimates.add(
            unit, "processing_minutes", work[0], work[1], "start to complete in office hours, t", FILE, "minutes"
        )
        processing["minutes"] = measured(round(work[0].value, 4), "minutes per case", source, work[1], work[0])
    else:
        kept.append("processing.minutes")
        notes.append(("no_starts", unit, 0.0))
    seen = events[events["officer"] != ""]
    heads = np.asarray(seen.groupby(seen["time"].dt.floor("D"))["officer"].nunique(), dtype=float)
    if len(heads) >= 5:
        estimates.add(
            unit,
            "heads_seen_a_day",
            mean_interval(heads),
            len(heads),
            "different officers a day, t",
            REPORT,
            "officers",
        )
        notes.append(("heads_are_not_servers", unit, float(heads.mean())))
    kept.append("processing.officers")
    doc["processing"] = processing
    _add_stops(events, cases, unit, clock, estimates, notes)
    p, hours_used = np.array(list(STATISTICS.values())), cases["turnaround_hours"].to_numpy(float)
    found = km_quantiles(hours_used, cases["finished"].to_numpy(bool), np.ones(len(cases)), p)
    ends = bootstrap_weeks(cases, "turnaround_hours", np.inf, "calibrate")
    ends = np.quantile(ends, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)  # NaN where a resample does not come so far
    ends[:, ends[0] == ends[1]] = np.nan  # a single week cannot be resampled
    method = "Kaplan-Meier, calendar hours; weeks resampled"
    for label, value, low, high in zip(STATISTICS, found.tolist(), *ends.tolist(), strict=True):
        estimates.add(
            unit, f"turnaround_hours_{label}", Interval(value, low, high), len(cases), method, REPORT, "hours"
        )
    if unfinished := int((~cases["finished"]).sum()):
        notes.append(("censored", unit, float(unfinished)))
    doc |= shared_fields(like, kept)
    doc["ledger"] = {"arrival_day_cv": own_row(fitted.day_cv, "SD / mean", source, int(fitted.open_days.sum()))}
    if doc["standard"]["quantity"] == "wait":  # a promise about waits needs a counter
        days_promised = {"value": 1, "unit": "working days", "grade": "estimate", "source": "assumed: next working day"}
        doc["standard"] = {"quantity": "turnaround", "value": days_promised}
    figures[f"{unit}.arrivals"] = arrival_curve(counts[open_office], fitted, hours)
    return doc, kept


def _touch_minutes(events: pd.DataFrame, clock: Clock) -> tuple[Interval, int] | None:
    """Return working minutes a case from pairs of start and complete; None where the log has no starts."""
    known = events[events["lifecycle"].isin(("start", "complete"))]
    known = known.sort_values(["case_id", "activity", "time", "source_row"], kind="stable")
    keys = [known["case_id"], known["activity"]]
    opened = (known["lifecycle"].groupby(keys).shift() == "start") & (known["lifecycle"] == "complete")
    begun = known["time"].groupby(keys).shift()
    pairs = known[opened]
    if pairs["case_id"].nunique() < 30:
        return None
    worked = clock.hours(pairs["time"].to_numpy("datetime64[us]")) - clock.hours(
        begun[opened].to_numpy("datetime64[us]")
    )
    total = pd.Series(worked * 60.0).groupby(pairs["case_id"].to_numpy()).sum().to_numpy(float)
    return (mean_interval(np.asarray(total)), len(total)) if total.mean() > 0 else None


def _add_stops(
    events: pd.DataFrame, cases: pd.DataFrame, unit: str, clock: Clock, estimates: Estimates, notes: Notes
) -> None:
    """Add the days on which work stood still, where the log is busy enough to tell; holidays cannot be told apart."""
    times = events["time"].to_numpy("datetime64[us]")
    days = np.arange(times.min().astype("datetime64[D]"), times.max().astype("datetime64[D]"))
    days = days[np.is_busday(days, weekmask=clock.weekdays.tolist())]
    begun = np.sort(cases["started"].to_numpy("datetime64[D]"))
    ended = np.sort(cases.loc[cases["finished"], "last"].to_numpy("datetime64[D]"))
    waiting = np.searchsorted(begun, days, side="right") - np.searchsorted(ended, days, side="left")
    share = find_stops(times, waiting.astype(float), days)
    if np.isnan(share.value):
        notes.append(("stops_unknown", unit, 0.0))
        return
    a_year = Interval(*(WORKING_DAYS * x for x in share))
    method = "weekdays with open cases but no event, holidays among them, Wilson"
    estimates.add(unit, "days_without_any_event_a_year", a_year, len(days), method, REPORT, "days a year")
    notes.append(("stops_with_holidays", unit, a_year.value))
