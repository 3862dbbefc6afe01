"""Look a data folder over: findings with counts, shares and examples, and a cleaned copy that says what it left out.

The imported tables stay as they are. The cleaned copy differs from them only in rows and
cells that are listed with their reason; nothing is filled in, moved or corrected. Examples
are row numbers of the source, so that a person can look there, or days and hours; nothing
of a row is shown, and no finding is about one officer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.field.checks import Mark, marks
from kinerja_sim.field.days import days_of
from kinerja_sim.field.intake import LEFT_OUT
from kinerja_sim.field.tables import TOOL, Field, Kind, read_field
from kinerja_sim.know.files import PathLike
from kinerja_sim.study.store import check_folder, write_tables

EXAMPLES = 5
ORDER = {"error": 0, "warning": 1, "info": 2}
TIMES: dict[Kind, str] = {"cases": "arrived", "events": "time", "complaints": "arrived"}


@dataclass(frozen=True)
class Examined:
    """What the doctor says of a data folder.

    `findings` has one row a check that found something: table, check, severity, count,
    `unit` (rows, days or gaps), share of those looked at, action (kept, emptied,
    left_out) and examples. `left_out` lists every row and cell that the cleaned copy
    lacks, those of the import among them.
    """

    folder: Path
    findings: pd.DataFrame
    left_out: pd.DataFrame
    cleaned: dict[str, pd.DataFrame]
    checked: dict[str, int]


def examine(folder: PathLike) -> Examined:
    """Return the findings on a data folder and its cleaned tables, without writing anything.

    Raises
    ------
    InputError
        If `folder` is no data folder, or its tables are broken.
    """
    data = read_field(folder, cleaned=False)
    findings: list[dict[str, Any]] = []
    listed: list[pd.DataFrame] = [pd.read_parquet(data.folder / "left_out.parquet").assign(by="import")]
    cleaned: dict[str, pd.DataFrame] = {}
    for kind, table in data.tables.items():
        has_id = "case_id" in data.manifest["imports"][kind]["files"][0]["mapping"]["columns"]
        found = list(marks(kind, table, has_id=has_id)) if len(table) else []  # type: ignore[arg-type]
        findings += [_finding(kind, table, mark) for mark in found]
        findings += list(_day_findings(kind, table))
        cleaned[kind], lists = _clean(kind, table, found)
        listed += lists
    findings += list(_across(data))
    columns = ["table", "check", "severity", "count", "unit", "share", "action", "examples"]
    shown = pd.DataFrame([f for f in findings if f["count"]], columns=columns)
    shown["severity"] = pd.Categorical(shown["severity"], list(ORDER), ordered=True)
    shown = shown.sort_values(["severity", "table", "check"], ignore_index=True).astype({"severity": "str"})
    left_out = pd.concat(listed, ignore_index=True).sort_values(LEFT_OUT[:3], ignore_index=True, kind="stable")
    return Examined(data.folder, shown, left_out, cleaned, {kind: len(table) for kind, table in data.tables.items()})


def write_examined(examined: Examined) -> Path:
    """Write findings, list and cleaned tables into the folder's `doctor`, and return its path.

    Raises
    ------
    InputError
        If the folder cannot be written.
    RunError
        If writing fails half-way.
    """
    folder = examined.folder / "doctor"
    check_folder(folder, "doctor")
    of = {k: n for k, n in read_field(examined.folder, cleaned=False).manifest["tables"].items() if "left" not in k}
    sources = {name.removesuffix(".parquet"): digest for name, digest in of.items()}
    lists = {name: getattr(examined, name) for name in ("findings", "left_out")}
    manifest = {"tool": TOOL, "kind": "doctor", "of": sources, "checked": examined.checked}
    tables = {f"{name}.{ending}": table for name, table in lists.items() for ending in ("parquet", "csv")}
    write_tables(folder, tables, manifest)
    copies = {f"{kind}.parquet": table for kind, table in examined.cleaned.items()}
    write_tables(folder / "cleaned", copies, {"tool": TOOL, "kind": "cleaned", "of": sources})
    return folder


def _finding(kind: str, table: pd.DataFrame, mark: Mark) -> dict[str, Any]:
    looked_at = len(table) if mark.of is None else int(mark.of.sum())
    action = "left_out" if mark.leaves_out else "emptied" if mark.empties else "kept"
    return _entry(kind, mark.check, mark.severity, _rows(table, mark.rows), "rows", looked_at, action)


def _rows(table: pd.DataFrame, flags: pd.Series[bool]) -> list[str]:
    """Return the rows of the source, such as 17, or 2:17 where it is a later file's."""
    rows = table.loc[flags.to_numpy(), ["source_file", "source_row"]].itertuples(index=False)
    return [str(row) if file == 1 else f"{file}:{row}" for file, row in rows]


def _entry(
    kind: str, check: str, severity: str, found: list[str], unit: str, looked_at: int, action: str = "kept"
) -> dict[str, Any]:
    share = len(found) / looked_at if looked_at else float("nan")
    return {
        "table": kind, "check": check, "severity": severity, "count": len(found), "unit": unit, "share": share,
        "action": action, "examples": ", ".join(found[:EXAMPLES]),
    }  # fmt: skip


def _day_findings(kind: str, table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield findings about days without rows and gaps within days; their examples are dates and hours."""
    name = TIMES.get(kind)  # type: ignore[call-overload]
    if name is None or not len(table):
        return
    days = days_of(table[name])
    for check, severity, found in (
        ("outage_day", "warning", days.outages), ("missing_day", "warning", days.missing),
        ("missing_day_uncovered", "warning", days.uncovered), ("closed_holiday", "info", days.holidays),
        ("closed_weekday", "info", days.closed), ("open_on_closed_day", "info", days.unusual),
    ):  # fmt: skip
        yield _entry(kind, check, severity, found.strftime("%Y-%m-%d").tolist(), "days", len(days.all))
    for check, gaps in (("gap_in_day", days.gaps[days.gaps["inside"]]), ("short_day", days.gaps[~days.gaps["inside"]])):
        ends = gaps["end"].dt.strftime("%H:%M").replace("00:00", "24:00")
        spans = (gaps["start"].dt.strftime("%Y-%m-%d %H:%M") + "-" + ends).tolist()
        yield _entry(kind, check, "warning", spans, "gaps", len(days.all))


def _clean(kind: str, table: pd.DataFrame, found: list[Mark]) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Return the cleaned table and what it lacks, each row and cell for the first reason that was found."""
    keep, lists = np.ones(len(table), dtype=bool), []
    cleaned = table.copy()

    def note(rows: np.ndarray[Any, np.dtype[np.bool_]], what: str, reason: str) -> None:
        at = table.loc[rows, ["source_file", "source_row"]]
        lists.append(at.assign(table=kind, what=what, reason=reason, by="doctor")[[*LEFT_OUT, "by"]])

    for mark in (m for m in found if m.leaves_out):
        rows = mark.rows.to_numpy(bool) & keep
        note(rows, "row", mark.check)
        keep &= ~rows
    for mark in (m for m in found if m.empties):
        for name in mark.empties:
            rows = mark.rows.to_numpy(bool) & keep & cleaned[name].notna().to_numpy()
            note(rows, name, mark.check)
            cleaned.loc[rows, name] = pd.NaT
    return cleaned[keep].reset_index(drop=True), [each for each in lists if len(each)]


def _across(data: Field) -> Iterator[dict[str, Any]]:
    """Yield what two tables say of each other: officers at work who are on no staff list."""
    staff = data.tables.get("staff")
    if staff is None:
        return
    for kind in ("cases", "events"):
        table = data.tables.get(kind)
        if table is not None:
            named = table[table["officer"] != ""]
            rows = _rows(named, ~named["officer"].isin(staff["officer"]))
            yield _entry(kind, "officer_not_on_staff_list", "warning", rows, "rows", len(named))
