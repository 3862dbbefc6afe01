"""The tables of a data folder: their columns, their checks, and how they are read and written.

Times are the office's own wall clock without a zone (NaT: not observed). Identifiers are
keyed hashes, so a folder can be joined with another one only where both used one key.
Open to dispute: a wall clock repeats or skips an hour where summer time is kept; Indonesia
keeps none, and elsewhere `doctor` shows the clock steps. Left out: what a case is about,
who the citizen was, and anything that was written as free text.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.files import label_of
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.schema import ELEMENTS
from kinerja_sim.study.store import MANIFEST, TOOL, check_folder, is_ours, read_manifest, write_tables

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["cases", "events", "survey", "complaints", "staff"]
KIND = "field"
"""What the manifest of a data folder says it is."""
OTHER = "other"
"""What stands for a category that the mapping file does not list."""
OUTCOMES = ("served", "abandoned", "open", "unknown")
LIFECYCLES = ("schedule", "assign", "start", "suspend", "resume", "complete", "other")
CLOSINGS = ("resolved", "rejected", "open", "unknown")

TEXT, TIME, WHOLE, NUMBER = "text", "datetime64[us]", "int64", "float64"
COLUMNS: dict[Kind, dict[str, str]] = {
    "cases": {
        "case_id": TEXT, "unit": TEXT, "arrived": TIME, "started": TIME, "finished": TIME, "outcome": TEXT,
        "officer": TEXT, "priority": WHOLE, "channel": TEXT, "service": TEXT, "source_file": WHOLE, "source_row": WHOLE,
    },
    "events": {
        "case_id": TEXT, "activity": TEXT, "time": TIME, "officer": TEXT, "lifecycle": TEXT, "channel": TEXT,
        "unit": TEXT, "source_file": WHOLE, "source_row": WHOLE,
    },
    "survey": {
        "unit": TEXT, "officer": TEXT, "answered_on": TIME, "channel": TEXT, **dict.fromkeys(ELEMENTS, NUMBER),
        "source_file": WHOLE, "source_row": WHOLE,
    },
    "complaints": {
        "case_id": TEXT, "unit": TEXT, "arrived": TIME, "first_response": TIME, "closed": TIME, "outcome": TEXT,
        "source_file": WHOLE, "source_row": WHOLE,
    },
    "staff": {
        "officer": TEXT, "unit": TEXT, "role": TEXT, "from": TIME, "until": TIME, "full_time_share": NUMBER,
        "source_file": WHOLE, "source_row": WHOLE,
    },
}  # fmt: skip
KINDS: tuple[Kind, ...] = tuple(COLUMNS)
ESSENTIAL: dict[Kind, tuple[str, ...]] = {
    "cases": ("arrived",), "events": ("case_id", "time"), "survey": (), "complaints": ("arrived",),
    "staff": ("officer",),
}  # fmt: skip
"""Without these a row says nothing; it is left out, and listed as such."""
CHOICES: dict[tuple[Kind, str], tuple[str, ...]] = {
    ("cases", "outcome"): OUTCOMES, ("events", "lifecycle"): LIFECYCLES, ("complaints", "outcome"): CLOSINGS,
}  # fmt: skip
BOUNDS = {
    "priority": (0, 99), "full_time_share": (0, 1), "source_file": (1, 2**31), "source_row": (1, 2**53),
    **dict.fromkeys(ELEMENTS, (1, 4)),
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A data folder in memory.

    `tables` holds one DataFrame a kind, in the columns of `COLUMNS`; `cleaned` says whether
    they are the doctor's cleaned copies or the tables as they were imported.
    """

    folder: Path
    manifest: Mapping[str, Any]
    cleaned: bool
    tables: Mapping[str, pd.DataFrame] = field(repr=False)


def check_table(kind: Kind, table: pd.DataFrame) -> pd.DataFrame:
    """Return `table` in the columns and types of its kind.

    Parameters
    ----------
    kind : one of `KINDS`
    table : DataFrame that holds every column of `COLUMNS[kind]`, and no other

    Raises
    ------
    InputError
        If a column is missing or unknown, holds a value outside its choices or bounds, or
        an essential value is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> try:
    ...     check_table("staff", pd.DataFrame(columns=["officer", "unit", "role", "from", "until", "source_row"]))
    ... except InputError as error:
    ...     print(error)
    `staff` must hold the columns of its kind; got no full_time_share, source_file. Import the source again.
    """
    columns = COLUMNS[kind]
    missing, unknown = [c for c in columns if c not in table], [str(c) for c in table if c not in columns]
    if missing or unknown:
        got = " and ".join(w + ", ".join(c) for w, c in (("no ", missing), ("besides ", unknown)) if c)
        raise InputError(sentence(kind, "hold the columns of its kind", got, remedy="Import the source again."))
    table = table[list(columns)].astype({c: "str" if dtype == TEXT else dtype for c, dtype in columns.items()})
    for name, dtype in columns.items():
        values = table[name]
        if (dtype == TEXT or name in ESSENTIAL[kind]) and bool(values.isna().any()):
            raise InputError(sentence(f"{kind}.{name}", "be given in every row", f"none in {int(values.isna().sum())}"))
        allowed = CHOICES.get((kind, name))
        if allowed and not bool(values.isin(allowed).all()):
            raise InputError(sentence(f"{kind}.{name}", f"be one of {', '.join(allowed)}", "another value"))
        if name in BOUNDS and dtype != TIME and not bool((values.isna() | values.between(*BOUNDS[name])).all()):
            low, high = BOUNDS[name]
            raise InputError(sentence(f"{kind}.{name}", f"be between {low} and {high}", "a value outside"))
    return table.reset_index(drop=True)


def check_field_folder(folder: str | os.PathLike[str]) -> dict[str, Any] | None:
    """Return the manifest of an existing data folder, or None where `folder` is new, empty or was not finished.

    Raises
    ------
    InputError
        If it holds something else that this tool wrote, such as a comparison.
    """
    path = check_folder(folder, KIND)
    manifest: dict[str, Any] = json.loads((path / MANIFEST).read_text(encoding="utf-8")) if is_ours(path) else {}
    return manifest if "tables" in manifest else None


def read_field(folder: str | os.PathLike[str], *, cleaned: bool = True) -> Field:
    """Return the tables of a data folder: the doctor's cleaned copies where there are any.

    Parameters
    ----------
    folder : what `kinerja import` wrote
    cleaned : False reads the tables as they were imported

    Raises
    ------
    InputError
        If `folder` is no data folder, one of its tables is missing or broken, or the
        doctor's copies were made of older tables than those in the folder.
    """
    import pandas as pd

    path, label = Path(folder), label_of(folder)
    if not is_ours(path, KIND):
        remedy = "Run `kinerja import` first."
        raise InputError(sentence("folder", "hold imported data", "none", f"in {label}", remedy))
    remedy = "Import the source again."
    manifest = read_manifest(path, remedy)
    kinds = [kind for kind in KINDS if kind in manifest["imports"]]
    copies = path / "doctor" / "cleaned"
    use_copies = cleaned and is_ours(copies)
    remedy = "Run `kinerja doctor` again."
    of = {k: manifest["tables"][f"{k}.parquet"] for k in kinds}
    if use_copies and read_manifest(copies, remedy)["of"] != of:
        got = "copies of older tables"
        raise InputError(sentence("cleaned", "be made of the folder's tables", got, f"in {label}", remedy))
    tables: dict[str, pd.DataFrame] = {}
    for kind in kinds:
        file = (copies if use_copies else path) / f"{kind}.parquet"
        tables[kind] = check_table(kind, pd.read_parquet(file))
    return Field(path, manifest, use_copies, tables)


def write_field(
    folder: str | os.PathLike[str], tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]
) -> Path:
    """Write tables and manifest of a data folder whole or not at all, and keep the folder out of git.

    Raises
    ------
    InputError
        If `folder` must not be written.
    RunError
        If writing fails half-way.
    """
    path = write_tables(folder, tables, {"tool": TOOL, "kind": KIND, **manifest})
    (path / ".gitignore").write_text("# people's data: not for a repository\n*\n", encoding="utf-8")
    return path
