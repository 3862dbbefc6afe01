"""What the fitting verbs read of a data folder besides tables, and how they write what they found.

Left out: the tables themselves (`tables`). Nothing written here names a row of the source or an officer.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

import kinerja_sim
from kinerja_sim.field.tables import Field
from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.fields import Text
from kinerja_sim.know.files import label_of
from kinerja_sim.know.messages import sentence
from kinerja_sim.study.store import TOOL, plain, write_tables

_TIMES = {"cases": "arrived", "events": "time", "survey": "answered_on"}


def table_of(data: Field, kind: str) -> pd.DataFrame:
    """Return a table of a data folder.

    Raises
    ------
    InputError
        If the folder has none of that kind.
    """
    if kind not in data.tables:
        got, remedy = f"none in {label_of(data.folder)}", "Import one."
        raise InputError(sentence("folder", f"hold a {kind} table", got, remedy=remedy))
    return data.tables[kind]


def source_of(data: Field, lang: str = "en") -> str:
    """Return how the data are named in a region file (in English) and under figures: kinds, span, whether cleaned."""
    kinds = {
        "cases": Text(id="log antrean, {} sampai {}", en="queue log, {} to {}"),
        "events": Text(id="log kejadian, {} sampai {}", en="event log, {} to {}"),
    }
    spans = []
    for kind, name in kinds.items():
        if kind in data.tables and len(data.tables[kind]):
            times = data.tables[kind][_TIMES[kind]]
            spans.append(name.in_(lang).format(f"{times.min():%Y-%m-%d}", f"{times.max():%Y-%m-%d}"))
    cleaned = Text(id="dibersihkan `kinerja doctor`", en="cleaned by `kinerja doctor`")
    state = cleaned if data.cleaned else Text(id="sebagaimana diimpor", en="as imported")
    return "; ".join([*spans, state.in_(lang)])


def people_served(data: Field, answers: pd.DataFrame, given: int | None) -> dict[str, int]:
    """Return the people served by unit: as given for a survey of one unit, else counted while the survey ran.

    Raises
    ------
    InputError
        If a number is given and the survey has several units, or more answers than that.
    """
    units = sorted(set(answers["unit"]))
    if given is not None:
        if len(units) > 1:
            raise InputError(sentence("--population", "belong to a survey of one unit", f"{len(units)} units"))
        if given < len(answers):
            raise InputError(sentence("--population", f"be at least the {len(answers)} answers", str(given)))
        return {units[0]: given}
    cases = data.tables.get("cases")
    when = answers["answered_on"]
    if cases is None or when.isna().all():
        return {}
    day = cases["arrived"].dt.floor("D")
    served = cases[(cases["outcome"] == "served") & day.between(when.min().floor("D"), when.max())]
    counts = served["unit"].value_counts()
    return {unit: int(counts[unit]) for unit in units if unit in counts.index}


def save(folder: Path, tables: Mapping[str, pd.DataFrame], data: Field, facts: Mapping[str, Any]) -> Path:
    """Write tables as Parquet, and small ones as CSV too, with a manifest that names their inputs.

    Raises
    ------
    InputError
        If `folder` must not be written.
    RunError
        If writing fails half-way.
    """
    files = {f"{name}.parquet": table for name, table in tables.items()}
    files |= {f"{name}.csv": table for name, table in tables.items() if len(table) <= 2_000}
    record = {"tool": TOOL, "kind": "fit", "version": kinerja_sim.__version__, "cleaned": data.cleaned}
    inputs = {"inputs": data.manifest.get("tables", {}), **facts}
    return write_tables(folder, files, {**record, **plain(inputs)})


def write_figures(folder: Path, figures: Mapping[str, bytes]) -> None:
    """Write figures as PNG beside the tables.

    Raises
    ------
    RunError
        If one cannot be written.
    """
    try:
        for name, png in figures.items():
            (folder / f"{name}.png").write_bytes(png)
    except OSError as error:
        raise RunError(f"could not write the figures: {error.strerror or error} at {label_of(folder)}") from None
