"""From logs to a region file: what the data identify is measured, the rest stays as it was, and both are said.

The file can hold only what a region has: one staffing by half-hour for every day, five weekdays, one kind of service a
unit. Patience, variation of service and of days are rows of the evidence ledger in the model: the unit gets its own.
The spread between officers is written beside the file as an estimate. Most open to dispute: which visits are repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kinerja_sim.field.arrivals import fit_arrivals, mean_interval, weekdays_of
from kinerja_sim.field.availability import FEWEST_HEADS, Availability, fit_availability
from kinerja_sim.field.backoffice import Notes, arrival_curve, arrival_fields, processing_unit, rework_fields
from kinerja_sim.field.patience import fit_patience
from kinerja_sim.field.queuelog import SLOT_MINUTES, Log, make_log, pools_of
from kinerja_sim.field.regionfile import (
    FILE,
    LEDGER,
    REPORT,
    Estimates,
    held_over,
    lender_of,
    measured,
    own_row,
    region_doc,
    shared_fields,
    slug_of,
    title_of,
)
from kinerja_sim.field.rework import fit_rework
from kinerja_sim.field.scores import Interval
from kinerja_sim.field.service import Service, fit_service
from kinerja_sim.field.survey import channel_bias, officer_spread
from kinerja_sim.field.visits import first_visits
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import Slug
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.regions import Region, ServiceUnit
from kinerja_sim.know.yamlfile import validate_mapping

Floats = NDArray[np.float64]
PRESENT = 0.95  # of the posted officers: the model takes about 12 days of leave off 240
FEWEST_CASES = 50  # a unit with fewer is left out


@dataclass(frozen=True)
class Calibration:
    """A region made from data.

    Attributes
    ----------
    region : Region
    estimates : DataFrame
        `unit, quantity, value, low, high, measure, n, method, goes_to`: `region` (in the file), `ledger` (a row of the
        evidence ledger that no unit can have for itself, to be fixed in a design) or `report` (for reading only).
    kept : list of str
        Paths in the region file whose values come from the base region.
    notes : list of (code, unit, number)
        What the reader must be told; worded by `present.fit`.
    figures : dict of table name to DataFrame
        What the diagnostic figures draw.
    """

    region: Region
    estimates: pd.DataFrame
    kept: list[str]
    notes: Notes
    figures: dict[str, pd.DataFrame]


def calibrate(
    tables: dict[str, pd.DataFrame], name: Slug, base: Region, *, source: str, census: str | None = None
) -> Calibration:
    """Return a region whose units are measured from the tables of a data folder.

    Parameters
    ----------
    tables : dict of kind to DataFrame
        From `tables.read_field`.
    name : slug of the new region
    base : Region
        Where everything comes from that the data do not identify.
    source : str
        How the region file names the data, such as 'queue log, 1999-02-01 to 1999-02-14'.
    census : str, optional
        Channel of the survey by which everybody was asked.

    Raises
    ------
    InputError
        If there are neither cases nor events, or a census is named without a survey.
    """
    cases, events = tables.get("cases"), tables.get("events")
    if cases is None and events is None:
        rule, remedy = "hold a queue log or an event log", "Import one."
        raise InputError(sentence("folder", rule, "neither", remedy=remedy))
    if census is not None and "survey" not in tables:
        raise InputError(sentence("--census", "come with a survey in the data folder", "none", remedy="Import one."))
    estimates = Estimates()
    notes: Notes = []
    figures: dict[str, pd.DataFrame] = {}
    units: dict[str, dict[str, Any]] = {}
    kept: list[str] = []
    rework = {str(u): fit_rework(part) for u, part in events.groupby("unit")} if events is not None else {}
    if cases is not None:
        for pool in pools_of(cases):
            log = make_log(cases, pool)
            unit = slug_of(log.name)
            if len(log.day) < FEWEST_CASES:
                notes.append(("too_few", unit, float(len(log.day))))
                continue
            like, is_same = lender_of(base, unit, "counter")
            again = rework_fields(unit, rework.get(pool[0]), source, estimates)
            doc, held = _counter_unit(log, unit, like, source, estimates, notes, figures, again)
            units[unit] = doc
            kept += [f"units.{unit}.{path}" for path in held]
            notes.append(("kept_like_same" if is_same else "kept_like_other", unit, 0.0))
    if events is not None:
        for name_of, part in events.groupby("unit"):
            unit = slug_of(str(name_of))
            if unit in units:
                continue
            if (n := part["case_id"].nunique()) < FEWEST_CASES:
                notes.append(("too_few", unit, float(n)))
                continue
            like, _ = lender_of(base, unit, "processing")
            doc, held = processing_unit(part, unit, like, source, estimates, notes, figures)
            units[unit] = doc | rework_fields(unit, rework[str(name_of)], source, estimates)
            kept += [f"units.{unit}.{path}" for path in held]
    if (answers := tables.get("survey")) is not None:
        _survey_estimates(answers, census, estimates, notes)
    if not units:
        raise InputError(sentence("folder", f"hold a unit with {FEWEST_CASES} cases or more", "none"))
    region = validate_mapping(Region, region_doc(name, base, units, kept), f"in the calibrated region '{name}'")
    return Calibration(region, pd.DataFrame(estimates.rows), kept, notes, figures)


def _counter_unit(
    log: Log, unit: str, like: ServiceUnit, source: str, estimates: Estimates,
    notes: Notes, figures: dict[str, pd.DataFrame], rework: dict[str, Any],
) -> tuple[dict[str, Any], list[str]]:  # fmt: skip
    """Return one counter as a region file writes it, and the paths that come from the base."""
    kept: list[str] = []
    counts = log.cells()
    fitted = fit_arrivals(counts, log.days)
    counts = np.where(fitted.bursts, np.nan, counts)  # a burst is no usual half-hour: the others stand in for it
    counts = np.where(fitted.bursts, np.nanmean(counts, axis=0), counts)
    availability, service = fit_availability(log), fit_service(log)
    if service is not None and service.n_officers == 1:
        notes.append(("one_officer", unit, 1))
    office = fitted.open_days & (weekdays_of(log.days) < 5)
    if not office.any():
        raise InputError(sentence("cases", "hold days from Monday to Friday", f"none in unit '{unit}'"))
    mean = counts[office].mean(axis=0)
    staffed = mean > 0 if availability is None else (availability.effective[office] > 0).mean(axis=0) >= 0.5
    busy = staffed & (mean >= max(1.0 / 3.0, 0.25 * float(np.median(mean[staffed])) if staffed.any() else 0.0))
    places = np.flatnonzero(busy) if busy.any() else np.flatnonzero(mean > 0)
    hours = np.arange(places[0], places[-1] + 1)
    outside = float((counts.sum() - counts[:, hours].sum()).round())
    if outside:
        notes.append(("outside_hours", unit, outside))
    doc: dict[str, Any] = {"title": title_of(unit), "service": unit}
    doors = SLOT_MINUTES * len(hours)
    doc["day_minutes"] = measured(doors, "minutes", f"doors as the arrivals show them; {source}", int(counts.sum()))
    usual = ~fitted.bursts[log.day, log.slot]
    ended = usual & (log.served | log.abandoned)
    left = float(log.abandoned[ended].mean()) if ended.any() else 0.0
    first = first_visits(left, rework["error_share"]["value"] if rework else None)
    doc["arrivals"] = arrival_fields(
        counts, log.days, fitted, hours, like, source, unit, estimates, kept, notes, new_share=first.share
    )
    own = {"arrival_day_cv": own_row(fitted.day_cv, "SD / mean", source, int(fitted.open_days.sum()))}
    stage = (like.counter or like.processing).model_dump(mode="json")  # type: ignore[union-attr]
    counter = {
        "officers": held_over(stage["officers"]),
        "minutes": held_over(stage["minutes"]),
        "complexity": stage["complexity"],
    }
    if availability is not None:
        weight = counts[office][:, hours]
        servers = availability.effective[office][:, hours]
        daily = (weight * servers).sum(axis=1) / np.maximum(weight.sum(axis=1), 1.0)
        estimates.add(unit, "effective_servers", mean_interval(daily), len(daily),
                      "busy while somebody waits, t over days", FILE, "officers")  # fmt: skip
        estimates.add(unit, "availability_share", availability.share, availability.n_days,
                      "busy over heads seen while somebody waits, days resampled", REPORT, "share")  # fmt: skip
        counter |= _people(availability, counts, log, office, hours, unit, source, estimates)
        figures[f"{unit}.servers"] = _server_curve(availability.effective[office], availability.heads[office], hours)
    else:
        kept.append("counter.officers")
    if service is not None:
        _service_estimates(unit, service, estimates)
        work = f"{source}; {first.work:.4g} x {service.mean.value:.4g} of a visit: by the ledger, repeats are lighter"
        mean = round(first.work * service.mean.value, 4)
        counter["minutes"] = measured(mean, "minutes per case", work, service.n, service.mean) | {"grade": "derived"}
        own["service_cv"] = own_row(service.cv_within, "SD / mean", source, service.n)
        minutes = np.sort(log.service[log.served & (log.service > 0)])
        p = (np.arange(1, 100) - 0.5) / 99
        figures[f"{unit}.service"] = pd.DataFrame({"probability": p, "minutes": np.quantile(minutes, p)})
    else:
        kept.append("counter.minutes")
    doc["counter"] = counter
    patience = fit_patience(log, usual)
    if patience is not None:
        misfit = patience.outside()
        seen = f"{patience.seen_median.value:.3g}" if patience.seen_median.value > 0 else "not reached"
        at = ", ".join(f"{minutes:g}" for minutes in misfit)
        said = f"{source}; Kaplan-Meier median {seen}, share leaving at once {patience.at_once.value:.3g}"
        said += f"; Weibull outside its band at {at} minutes" if misfit else ""
        own["patience_median_min"] = own_row(patience.median, "minutes", said, patience.n_left)
        own["patience_shape"] = own_row(patience.shape, "shape of a Weibull distribution", said, patience.n_left)
        if misfit:
            notes.append(("patience_misfit", unit, max(misfit, key=misfit.__getitem__)))
        method = "Weibull with censoring, observed information"
        estimates.add(unit, "patience_median_min", patience.median, patience.n_left, method, FILE, "minutes")
        estimates.add(unit, "patience_shape", patience.shape, patience.n_left, method, FILE, "shape")
        estimates.add(unit, "patience_median_seen", patience.seen_median, patience.n, "Kaplan-Meier, Greenwood",
                      REPORT, "minutes")  # fmt: skip
        estimates.add(unit, "patience_at_once", patience.at_once, patience.n, "share, Wilson", REPORT, "share")
        figures[f"{unit}.patience"] = patience.curve.assign(n=patience.n, n_left=patience.n_left)
        if patience.median.value > patience.longest:
            notes.append(("patience_beyond", unit, patience.longest))
    else:
        notes.append(("patience_prior", unit, float(log.abandoned.sum())))
    waited = log.priority[np.nan_to_num(log.wait) > 0.1]
    doc["priority_line"] = bool(len(waited) and waited.max() > 0)
    doc |= shared_fields(like, kept) | rework
    doc["ledger"] = own
    figures[f"{unit}.arrivals"] = arrival_curve(counts[office], fitted, hours)
    return doc, kept


def _people(
    availability: Availability, counts: Floats, log: Log, office: NDArray[np.bool_], hours: NDArray[np.int64],
    unit: str, source: str, estimates: Estimates,
) -> dict[str, Any]:  # fmt: skip
    """Return a counter's officers and the share of them at their posts by half-hour, as a region file writes them.

    Posted are those who are seen on a day, and at least as many as the busiest half-hour needs; how many changes
    little, because the shares are of them.
    """
    met = availability.met_by(counts, office)[hours]
    seen = pd.DataFrame({"day": log.day, "officer": log.officer})[office[log.day] & (log.officer != "")]
    found, a_day = None, mean_interval(np.asarray(seen.groupby("day")["officer"].nunique(), float))
    n_days = int(office.sum())
    posted, how = max(1, int(np.ceil(met.max() / PRESENT - 1e-9))), "in the busiest half-hour"
    if a_day.value / PRESENT > posted:
        posted, how, found = round(a_day.value / PRESENT), "seen a day", a_day
        estimates.add(unit, "heads_seen_a_day", a_day, n_days, "different officers a day, t", FILE, "officers")
    shares = np.round(np.minimum(met / (PRESENT * posted), 1.0), 4).tolist()
    share = f"effective servers, weighted by arrivals, of the {PRESENT:g} present"
    return {
        "officers": measured(posted, "officers", f"{source}: {how} / {PRESENT:g} present", n_days, found),
        "staffing": measured(shares, "share of officers", f"{source}: {share}", n_days),
    }


def _service_estimates(unit: str, service: Service, estimates: Estimates) -> None:
    n = service.n
    estimates.add(unit, "service_minutes", service.mean, n, "mean, jackknife t over officers", FILE, "minutes")
    estimates.add(unit, "service_cv", service.cv, n, "SD / mean as logged, jackknife t over officers", REPORT, "ratio")
    estimates.add(unit, "service_cv_within", service.cv_within, n,
                  "SD / mean given kind and officer, jackknife t over officers", FILE, "ratio")  # fmt: skip
    estimates.add(unit, "officer_log_sd", service.log_sd, service.n_officers,
                  "REML of log minutes, kinds fixed, officers random; Q-profile", REPORT, "log")  # fmt: skip
    sdp = Interval(*(float(np.sqrt(np.expm1(x**2))) for x in service.log_sd))
    estimates.add(
        unit, "officer_sdp", sdp, service.n_officers, "from officer_log_sd, lognormal speeds", LEDGER, "ratio"
    )
    for row in service.types.to_dict("records"):
        if row["is_told"]:
            found = Interval(row["mean"], row["mean_low"], row["mean_high"])
            estimates.add(
                unit,
                f"service_minutes_{row['kind'] or 'unnamed'}",
                found,
                row["n"],
                "mean, jackknife t over officers",
                REPORT,
                "minutes",
            )


def _server_curve(effective: Floats, heads: Floats, hours: NDArray[np.int64]) -> pd.DataFrame:
    """Return mean servers and heads by half-hour; half-hours with fewer than two heads would show one officer."""
    table = pd.DataFrame(
        {"half_hour": hours, "heads": heads[:, hours].mean(axis=0), "effective": effective[:, hours].mean(axis=0)}
    )
    return table[table["heads"] >= FEWEST_HEADS].reset_index(drop=True)


def _survey_estimates(answers: pd.DataFrame, census: str | None, estimates: Estimates, notes: Notes) -> None:
    """Add the spread of officers' ratings and, with a census, every channel's bias."""
    for name, part in answers.groupby("unit"):
        spread = officer_spread(part)
        if spread is not None:
            method = "REML, officers random; Q-profile"
            estimates.add(str(name), "rating_icc", spread.icc, spread.n_answers, method, REPORT, "share")
    if census is None:
        notes.append(("no_census", "", 0.0))
        return
    for row in channel_bias(answers, census).to_dict("records"):
        found = Interval(row["bias"], row["low"], row["high"])
        estimates.add(str(row["unit"]), f"channel_bias_{row['channel']}", found, int(row["n"]),
                      "index minus census, respondents resampled", REPORT, "index points")  # fmt: skip
