"""What can be wrong with a log, row by row: each check marks rows, and says what a cleaned copy does with them.

A row is left out only where it cannot be what it says (a copy, a date far from the rest, an
end before the arrival). Where only a duration is impossible, its ends are emptied and the
visit still counts as an arrival. What may be true, such as an officer at two desks, is
kept. Bounds are rules of thumb, stated here; open to dispute is that a wait of over
twelve hours and ten times the 99th percentile is taken to be a forgotten ticket.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from kinerja_sim.know.schema import ELEMENTS

if TYPE_CHECKING:
    from kinerja_sim.field.tables import Kind

Severity = Literal["error", "warning", "info"]
JITTER = 60.0
"""Seconds by which two clocks of one office may differ before a row is called impossible."""
LONG_SECONDS, LONG_TIMES, LONG_QUANTILE = 12 * 3600.0, 10.0, 0.99
FAR = pd.Timedelta(days=730)
"""A date further than this outside the middle 98 % of dates is a slip of the pen."""
STEP = (30.0, 86_400.0)
"""Seconds by which times jump back where a clock was set: less is disorder, more another list."""
ORDERED = 0.95
"""A file of which fewer neighbours are in order is not in the order of time; no clock steps can be seen in it."""


@dataclass(frozen=True)
class Mark:
    """What one check found: `rows` is a mask over its table.

    `empties` names the columns whose cells a cleaned copy leaves empty in these rows;
    `leaves_out` says that it lacks them altogether.
    """

    check: str
    severity: Severity
    rows: pd.Series[bool]
    empties: tuple[str, ...] = ()
    leaves_out: bool = False
    of: pd.Series[bool] | None = None  # the rows that the check could look at; all where None


def marks(kind: Kind, table: pd.DataFrame, *, has_id: bool) -> Iterator[Mark]:
    """Yield what every check finds in a table.

    Parameters
    ----------
    kind : of the table
    table : in the columns of its kind
    has_id : whether `case_id` comes from the source; else rows that agree may be different visits
    """
    yield from _copies(kind, table, has_id)
    if kind == "cases":
        yield from _cases(table)
    elif kind == "events":
        yield from _events(table)
    elif kind == "survey":
        yield from _survey(table)
    elif kind == "complaints":
        yield from _complaints(table)
    else:
        yield from _staff(table)


def resolution(times: pd.Series[pd.Timestamp]) -> float:
    """Return the seconds to which times are recorded: 60 where nearly all are whole minutes, else 1.

    Examples
    --------
    >>> resolution(pd.Series(pd.to_datetime(["2026-01-05 08:01", "2026-01-05 09:30"])))
    60.0
    """
    known = times.dropna()
    return 60.0 if len(known) and float((known.dt.second == 0).mean()) > 0.99 else 1.0


def _copies(kind: Kind, table: pd.DataFrame, has_id: bool) -> Iterator[Mark]:
    same = table.duplicated([c for c in table if c != "source_row" and (has_id or c != "case_id")])
    if kind == "survey" or ("case_id" in table and not has_id):
        yield Mark("same_values", "info", same)
        return
    yield Mark("duplicate_row", "error", same, leaves_out=True)
    if kind in ("cases", "complaints"):
        yield Mark("repeated_case_id", "warning", table.duplicated("case_id", keep=False) & ~same)


def _far(times: pd.Series[pd.Timestamp]) -> Iterator[Mark]:
    known = times.dropna().astype("int64")  # microseconds
    if len(known):
        low, high = (pd.Timestamp(int(known.quantile(q)), unit="us") for q in (0.01, 0.99))
        yield Mark("far_from_the_rest", "error", (times < low - FAR) | (times > high + FAR), leaves_out=True)


def _steps(times: pd.Series[pd.Timestamp]) -> Iterator[Mark]:
    change = times.diff().dt.total_seconds()
    if (change >= 0).sum() >= ORDERED * max(1, len(change) - 1):
        yield Mark("clock_step", "warning", (change < -STEP[0]) & (change >= -STEP[1]))


def _cases(t: pd.DataFrame) -> Iterator[Mark]:
    yield from _far(t["arrived"])
    yield from _steps(t["arrived"])
    wait = (t["started"].fillna(t["finished"]) - t["arrived"]).dt.total_seconds()
    service = (t["finished"] - t["started"]).dt.total_seconds()
    seen, done = wait.notna(), service.notna()
    yield Mark("before_arrival", "error", wait < -JITTER, leaves_out=True, of=seen)
    yield Mark("clock_jitter", "info", (wait < 0) & (wait >= -JITTER), of=seen)
    yield Mark("negative_service", "error", service < 0, ("started", "finished"), of=done)
    coarse = resolution(t["finished"]) > 1
    zero = (service == 0) & (t["outcome"] == "served")
    yield Mark("zero_service", "info" if coarse else "warning", zero, () if coarse else ("finished",), of=done)
    yield Mark("impossible_wait", "warning", _long(wait), ("started", "finished"), of=seen)
    yield Mark("impossible_service", "warning", _long(service), ("finished",), of=done)
    served = t["outcome"] == "served"
    yield Mark(
        "officer_in_two_places", "warning", _overlaps(t, resolution(t["started"])), of=done & (t["officer"] != "")
    )
    yield Mark("no_officer", "info", served & (t["officer"] == ""), of=served)
    yield Mark("service_not_seen", "info", served & ~done, of=served)
    yield Mark("abandoned_with_service", "warning", (t["outcome"] == "abandoned") & t["started"].notna())
    yield Mark("not_finished", "info", t["finished"].isna() & ~served)


def _events(t: pd.DataFrame) -> Iterator[Mark]:
    yield from _far(t["time"])
    yield from _steps(t["time"])
    earlier = t.groupby("case_id", sort=False)["time"].shift()
    yield Mark("backwards_in_case", "warning", t["time"] < earlier, of=earlier.notna())
    yield Mark("one_event_case", "info", ~t.duplicated("case_id", keep=False))
    yield Mark("no_officer", "info", t["officer"] == "")
    first, last = (t.groupby("case_id", sort=False)["time"].transform(how) for how in ("min", "max"))
    long = (last - first).quantile(0.9)
    ends = t["time"].eq(last) & ~t.duplicated(["case_id", "time"], keep="last")
    yield Mark("may_be_unfinished", "info", ends & (last > t["time"].max() - long), of=ends)
    if (t["lifecycle"] == "start").any():
        pairs = _pairs(t)
        yield Mark("start_without_end", "info", pairs["started"].notna() & pairs["finished"].isna())
        overlap = _overlaps(pairs, resolution(pairs["started"]))
        yield Mark("officer_in_two_places", "warning", overlap, of=pairs["started"].notna() & pairs["finished"].notna())


def _survey(t: pd.DataFrame) -> Iterator[Mark]:
    answers = t[list(ELEMENTS)]
    whole = answers.notna().all(axis=1)
    yield Mark("partial_answers", "info", ~whole)
    yield Mark("all_answers_alike", "info", whole & (answers.max(axis=1) == answers.min(axis=1)), of=whole)
    yield from _far(t["answered_on"])


def _complaints(t: pd.DataFrame) -> Iterator[Mark]:
    yield from _far(t["arrived"])
    for name in ("first_response", "closed"):
        seconds = (t[name] - t["arrived"]).dt.total_seconds()
        yield Mark(f"{name}_before_arrival", "error", seconds < -JITTER, (name,), of=seconds.notna())
    yield Mark("not_finished", "info", t["closed"].isna())


def _staff(t: pd.DataFrame) -> Iterator[Mark]:
    yield Mark("until_before_from", "error", t["until"] < t["from"], leaves_out=True)
    spells = pd.DataFrame({
        "officer": t["officer"], "started": t["from"].fillna(pd.Timestamp("1980-01-01")),
        "finished": t["until"].fillna(pd.Timestamp("2099-12-31")),
    })  # fmt: skip
    yield Mark("overlapping_spells", "warning", _overlaps(spells, 86_400.0))


def _long(seconds: pd.Series[float]) -> pd.Series[bool]:
    """Return which durations are longer than any that is plausible in this log."""
    usual = float(seconds.quantile(LONG_QUANTILE)) if seconds.notna().any() else 0.0
    return seconds > max(LONG_SECONDS, LONG_TIMES * usual)


def _overlaps(t: pd.DataFrame, tolerance: float) -> pd.Series[bool]:
    """Return which spans start before the same officer's earlier ones have ended, by more than `tolerance` seconds."""
    spans = t[(t["officer"] != "") & t["started"].notna() & (t["finished"] > t["started"])]
    spans = spans.sort_values(["officer", "started", "finished"], kind="stable")
    running = spans["finished"].astype("int64").groupby(spans["officer"], sort=False).cummax()
    before = running.groupby(spans["officer"], sort=False).shift()
    late = (before - spans["started"].astype("int64")) / 1e6 > tolerance
    return late.reindex(t.index, fill_value=False).astype(bool)


def _pairs(t: pd.DataFrame) -> pd.DataFrame:
    """Return for every start event when its activity was completed: the n-th end belongs to the n-th start."""
    key = ["case_id", "activity"]
    frame = t[[*key, "officer"]].assign(started=t["time"].where(t["lifecycle"] == "start"))
    turn = t.groupby([*key, "lifecycle"], sort=False).cumcount()
    starts, ends = t["lifecycle"] == "start", t["lifecycle"] == "complete"
    ended = t[ends].assign(turn=turn[ends]).set_index([*key, "turn"])["time"]
    at = pd.MultiIndex.from_frame(t.loc[starts, key].assign(turn=turn[starts]))
    frame["finished"] = pd.Series(pd.NaT, index=t.index, dtype="datetime64[us]")
    frame.loc[starts, "finished"] = ended.reindex(at).to_numpy()
    return frame
