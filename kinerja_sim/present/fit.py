"""What the terminal says of fits to a user's data: estimates, a survey, a backtest, and what the data cannot tell.

Reads tables only. Most open to dispute: three significant digits for every estimate. Nothing about a single officer
reaches this room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, isfinite, log10
from typing import TYPE_CHECKING, Any

from kinerja_sim.present.errors import in_language
from kinerja_sim.present.i18n import Translator, translator

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table


def decimals(value: float, digits: int = 3) -> int:
    """Return the decimals that show `value` to so many significant digits, at most 4.

    Examples
    --------
    >>> decimals(1361.6), decimals(2.789), decimals(0.3787)
    (0, 2, 3)
    """
    if not isfinite(value) or value == 0:
        return 0
    return min(max(digits - 1 - floor(log10(abs(value))), 0), 4)


def ranged(row: Mapping[Any, Any], t: Translator, value: str = "value", low: str = "low", high: str = "high") -> str:
    """Return 'value (low to high)' in one number of decimals; without a range the value alone."""
    places = decimals(float(row[value]))
    number = t.number(float(row[value]), places)
    if not (isfinite(row[low]) and isfinite(row[high])):
        return number
    ends = t.number(float(row[low]), places), t.number(float(row[high]), places)
    return t("{value} ({low} to {high})", value=number, low=ends[0], high=ends[1])


def spread_of(row: Mapping[Any, Any], t: Translator) -> str:
    """Return a spread with its interval, or in words where its Q-profile set is empty: chance explains all of it."""
    is_empty = row["high"] == 0 or (row["value"] == 0 and not isfinite(row["high"]))
    return t("not told apart") if is_empty else ranged(row, t)


def estimates_table(estimates: pd.DataFrame, lang: str) -> Table:
    """Return every estimate with its interval, n, estimator and where it goes."""
    t = translator(lang)
    goes = {"region": t("region file"), "ledger": t("ledger row"), "report": t("for reading")}
    shown = plain_table(t("Unit"), t("Quantity"), t("Estimate (90% interval)"), "n", t("Estimator"), t("Goes to"))
    for row in estimates.to_dict("records"):
        shown.add_row(
            row["unit"], f"{quantity_label(row['quantity'], t)} [{measure_label(row['measure'], t)}]",
            (spread_of if row["measure"] in ("ratio", "log", "share") else ranged)(row, t),
            t.number(row["n"]), method_label(row["method"], t), goes[row["goes_to"]],
        )  # fmt: skip
    return shown


def quantity_label(name: str, t: Translator) -> str:
    """Return what an estimate is called; kinds of service and channels follow their prefix."""
    labels = {
        "arrivals_per_day": t("arrivals on a working day"),
        "arrival_day_cv": t("spread of days beyond chance"),
        "arrival_half_hour_cv": t("spread of half-hours beyond chance"),
        "effective_servers": t("officers who really serve"),
        "availability_share": t("really serving, of the officers seen"),
        "service_minutes": t("service time"),
        "service_cv": t("variation of service time, as logged"),
        "service_cv_within": t("variation of service time, within kind and officer"),
        "officer_log_sd": t("spread between officers, log of service time"),
        "officer_sdp": t("spread between officers, of mean speed"),
        "patience_median_min": t("patience, median of the Weibull"),
        "patience_median_seen": t("patience, median as seen"),
        "patience_at_once": t("left at once, of those who waited at all"),
        "patience_shape": t("patience, Weibull shape"),
        "rework_share": t("cases in which a step came back"),
        "rework_days": t("time until a step came back"),
        "processing_minutes": t("work on a case"),
        "heads_seen_a_day": t("officers seen in a day"),
        "days_without_any_event_a_year": t("days on which nothing was done"),
        "turnaround_hours_median": t("turnaround, median"),
        "turnaround_hours_p90": t("turnaround, P90"),
        "rating_icc": t("share of an answer's variance between officers"),
    }
    if name in labels:
        return labels[name]
    for prefix, wording in (
        ("service_minutes_", t("service time, kind {name}", name=name.removeprefix("service_minutes_"))),
        ("channel_bias_", t("bias of channel {name}", name=name.removeprefix("channel_bias_"))),
    ):
        if name.startswith(prefix):
            return wording
    return name


def measure_label(name: str, t: Translator) -> str:
    """Return the unit of an estimate."""
    return {
        "cases a day": t("cases a day"), "ratio": t("SD / mean"), "officers": t("officers"), "share": t("share"),
        "minutes": t("minutes"), "log": t("SD of log"), "shape": t("shape"), "working days": t("working days"),
        "days a year": t("days a year"), "hours": t("hours"), "index points": t("index points"),
    }[name]  # fmt: skip


def method_label(name: str, t: Translator) -> str:
    """Return the name of an estimator."""
    return {
        "mean of open days, t": t("mean of open days, t"),
        "day totals beyond Poisson, Q-profile": t("day totals beyond Poisson, Q-profile"),
        "moments within days, days resampled": t("moments within days, days resampled"),
        "Kaplan-Meier, Greenwood": t("Kaplan-Meier, Greenwood"),
        "share, Wilson": t("share, Wilson"),
        "busy while somebody waits, t over days": t("busy while somebody waits, t over days"),
        "busy over heads seen while somebody waits, days resampled": t(
            "busy over heads seen while somebody waits, days resampled"
        ),
        "mean, jackknife t over officers": t("mean, jackknife t over officers"),
        "SD / mean as logged, jackknife t over officers": t("SD / mean as logged, jackknife t over officers"),
        "SD / mean given kind and officer, jackknife t over officers": t(
            "SD / mean given kind and officer, jackknife t over officers"
        ),
        "REML of log minutes, kinds fixed, officers random; Q-profile": t(
            "REML of log minutes, kinds fixed, officers random; Q-profile"
        ),
        "from officer_log_sd, lognormal speeds": t("from the spread of logs, lognormal speeds"),
        "Weibull with censoring, observed information": t("Weibull with censoring, observed information"),
        "cases in which a step came back, Wilson": t("share of cases, Wilson"),
        "mean until a step came back, cases resampled": t("mean, cases resampled"),
        "start to complete in office hours, t": t("start to complete in office hours, t"),
        "different officers a day, t": t("different officers a day, t"),
        "weekdays with open cases but no event, holidays among them, Wilson": t(
            "weekdays with open cases but no event, holidays among them, Wilson"
        ),
        "Kaplan-Meier, calendar hours; weeks resampled": t("Kaplan-Meier, calendar hours; weeks resampled"),
        "REML, officers random; Q-profile": t("REML, officers random; Q-profile"),
        "index minus census, respondents resampled": t("index minus census, respondents resampled"),
    }[name]  # fmt: skip


def note_lines(notes: Sequence[tuple[str, str, float]], kept: Sequence[str], base: str, lang: str) -> list[str]:
    """Return what the data could not tell, one line each; `kept` are the paths that came from region `base`."""
    t = translator(lang)
    lines = []
    for code, unit, number in notes:
        n = t.number(number, 1 if code in ("patience_beyond", "heads_are_not_servers", "stops_with_holidays") else 0)
        wording = {
            "too_few": t.plural(
                "{unit}: {n} case is too few; the unit is left out.",
                "{unit}: {n} cases are too few; the unit is left out.", number, unit=unit,
            ),
            "weekend": t.plural(
                "{unit}: {n} arrival on a Saturday or Sunday is left out; a region's week has five days.",
                "{unit}: {n} arrivals on Saturdays and Sundays are left out; a region's week has five days.",
                number, unit=unit,
            ),
            "bursts": t.plural(
                "{unit}: {n} half-hour with a burst of arrivals is left out of the fits.",
                "{unit}: {n} half-hours with a burst of arrivals are left out of the fits.", number, unit=unit,
            ),
            "outside_hours": t.plural(
                "{unit}: {n} arrival outside the opening hours is left out.",
                "{unit}: {n} arrivals outside the opening hours are left out.", number, unit=unit,
            ),
            "kept_like_same": t("{unit}: what is missing comes from the base region's unit of that name.", unit=unit),
            "kept_like_other": t("{unit}: what is missing comes from another unit of the base region.", unit=unit),
            "patience_prior": t.plural(
                "{unit}: {n} person left; patience stays with its prior.",
                "{unit}: {n} people left; patience stays with its prior.", number, unit=unit,
            ),
            "patience_beyond": t(
                "{unit}: nobody waited longer than {n} minutes; the median patience beyond is the Weibull's.",
                unit=unit, n=n,
            ),
            "patience_misfit": t(
                "{unit}: the Weibull of patience lies outside the band of Kaplan-Meier, furthest at {n} min; the "
                "median as seen is what the log says.", unit=unit, n=n,
            ),
            "one_officer": t(
                "{unit}: one officer serves nearly all cases; the region file tells of that officer's work: keep it in "
                "the office.", unit=unit,
            ),
            "no_starts": t(
                "{unit}: the log has no starts of work; minutes per case and officers stay as in the base.", unit=unit
            ),
            "heads_are_not_servers": t(
                "{unit}: {n} officers seen in a day are not {n} who work all day.", unit=unit, n=n
            ),
            "stops_unknown": t("{unit}: too few events a day to tell a stop from a slow day.", unit=unit),
            "stops_with_holidays": t(
                "{unit}: {n} days a year without any event; holidays among them, so none enters the region file.",
                unit=unit, n=n,
            ),
            "censored": t.plural(
                "{unit}: {n} case may be unfinished; it counts as censored.",
                "{unit}: {n} cases may be unfinished; they count as censored.", number, unit=unit,
            ),
            "no_census": t("No census survey was named (--census), so channels keep the ledger's biases."),
        }  # fmt: skip
        lines.append(wording[code])
    paths = ", ".join(kept)
    return [*lines, t("Not identified, kept from region {base} as estimates: {paths}.", base=base, paths=paths)]


def scores_table(scores: pd.DataFrame, lang: str) -> Table:
    """Return error, coverage, score and skill of every forecaster, by grain and metric."""
    t = translator(lang)
    grains = {"half_hour": t("half-hour"), "day": t("day")}
    shown = plain_table(
        t("Grain"), t("Metric"), t("Forecaster"), t("Cells (days)"), t("Absolute error"), t("Coverage of 90%"),
        t("Interval score"), t("Skill of the score"),
    )  # fmt: skip
    for row in scores.to_dict("records"):
        shown.add_row(
            grains[row["grain"]], metric_label(row["metric"], t), forecaster_label(row["forecaster"], t),
            t("{cells} ({days})", cells=t.number(row["n_cells"]), days=t.number(row["n_days"])),
            ranged(row, t, "mae", "mae_low", "mae_high"), t.percent(row["coverage"]),
            ranged(row, t, "interval_score", "interval_score_low", "interval_score_high"),
            ranged(row, t, "skill_score", "skill_score_low", "skill_score_high"),
        )  # fmt: skip
    return shown


def metric_label(name: str, t: Translator) -> str:
    """Return what is forecast, with its unit."""
    return {
        "wait_minutes_mean": t("mean wait, minutes"), "abandoned_share": t("share who left"),
        "arrivals": t("arrivals"),
    }[name]  # fmt: skip


def forecaster_label(name: str, t: Translator) -> str:
    """Return the name of a forecaster."""
    return {
        "simulation": t("simulation"), "naive": t("last time (naive)"), "erlang_a_heads": t("Erlang A, heads seen"),
        "erlang_a_effective": t("Erlang A, effective servers"), "regression": t("regression"),
        "recent": t("recent cases count more"),
    }[name]  # fmt: skip


def turnaround_table(table: pd.DataFrame, lang: str) -> Table:
    """Return forecast and outcome of turnaround, in hours."""
    t = translator(lang)
    clocks = {"turnaround_hours": t("calendar hours"), "working_hours": t("working hours")}
    statistics = {"median": t("median"), "p90": t("P90")}
    shown = plain_table(t("Unit"), t("Clock"), t("Statistic"), t("Forecaster"), t("Forecast"), t("Came"), t("Inside"))
    for row in table.to_dict("records"):
        shown.add_row(
            unit_label(row["unit"], t), clocks[row["clock"]], statistics[row["statistic"]],
            _case_forecaster(row["forecaster"], t),
            ranged(row, t, "point"), ranged(row, t, "actual", "actual_low", "actual_high"),
            t("yes") if row["inside"] else t("no"),
        )  # fmt: skip
    return shown


def unit_label(name: str, t: Translator) -> str:
    """Return the name of a unit; `all` stands for all of a log together."""
    return t("all") if name == "all" else name


def _case_forecaster(name: str, t: Translator) -> str:
    return t("all past cases (naive)") if name == "naive" else forecaster_label(name, t)


def loops_table(loops: pd.DataFrame, lang: str) -> Table:
    """Return the steps that came back, most frequent first."""
    t = translator(lang)
    shown = plain_table(
        t("Unit"), t("Step"), t("Cases"), t("Came back"), t("Share (90% interval)"), t("After"), t("Days")
    )
    for row in loops.to_dict("records"):
        shown.add_row(
            unit_label(row["unit"], t), row["activity"], t.number(row["n_cases"]), t.number(row["n_looped"]),
            ranged(row, t, "share", "share_low", "share_high"), row["after"],
            t.number(row["days_median"], decimals(row["days_median"])),
        )  # fmt: skip
    return shown


def backtest_lines(notes: Mapping[str, Mapping[str, float]], left_out: Mapping[str, str], lang: str) -> list[str]:
    """Return what was trained on, what was judged, and which units were not."""
    t = translator(lang)
    lines = []
    for unit, found in notes.items():
        n = {name: t.number(value, 2 if name == "server_factor" else 0) for name, value in found.items()}
        if "test_arrivals" in found:
            lines.append(
                t(
                    "{unit}: trained on {train_days} days with rows, judged on {test_days}; {test_arrivals_judged} of "
                    "{test_arrivals} arrivals came in opening hours. Days without rows, not judged: {empty_test_days}. "
                    "Bursts left out of the fit: {bursts_left_out_of_the_fit}. Factor on servers: {server_factor}.",
                    unit=unit, **n,
                )
            )  # fmt: skip
        else:
            lines.append(
                t(
                    "{unit}: trained on {train_cases} cases ({train_unfinished} censored), judged on {test_cases} "
                    "({test_unfinished} censored). Erlang A needs waits and servers, which are not logged. Steps that "
                    "came back too rarely to be shown: {rare_loops}.",
                    unit=unit_label(unit, t), **n,
                )
            )  # fmt: skip
    for unit, reason in left_out.items():
        lines.append(t("{unit} was not judged: {reason}", unit=unit_label(unit, t), reason=in_language(reason, lang)))
    if any("test_arrivals" in found for found in notes.values()):
        lines.append(
            t("Ranges are 90% intervals; those of scores resample whole days. Skill is 1 − score / score of last time.")
        )
    else:
        lines.append(t("Ranges are 90% intervals."))
    return lines


def plain_table(*heads: str) -> Table:
    """Return an empty table with these heads."""
    from rich.box import SIMPLE
    from rich.table import Table

    shown = Table(box=SIMPLE)
    for head in heads:
        shown.add_column(head)
    return shown
