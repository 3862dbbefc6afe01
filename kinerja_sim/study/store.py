"""A folder of tables, written whole or not at all, and never over somebody else's files.

Tables go into a temporary sibling first and are moved together, the manifest last. It holds
their sha256, so tables of a writer that was killed half-way, or that somebody changed, are
named and not read; a new folder gets a manifest without tables first, so that the same
command may be started again. The same tables give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.files import label_of
from kinerja_sim.know.messages import sentence

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"
TOOL = "kinerja_sim"
SHOWN = (
    "notebooks/*.ipynb", "id/deck.*", "en/deck.*", "id/brief.pdf", "en/brief.pdf",
    "report/*/*.html", "report/*/*.json", "report/*/*/*.html", "report/*/*/*.ipynb",
)  # fmt: skip
"""Files that `present` made from the tables; out of date, hence removed, once the tables change."""


def check_folder(folder: str | os.PathLike[str], kind: str | None = None) -> Path:
    """Return `folder` as a path if tables may be written there, leaving nothing behind.

    Parameters
    ----------
    folder : path
    kind : what its manifest says of the tables, such as 'sweep'; None for a comparison

    Raises
    ------
    InputError
        If it is a file, cannot be written, or holds anything but an earlier run of the same kind.
    """
    path, label = Path(folder), label_of(folder)
    remedy = "Name another folder with -o."
    try:
        if "\0" in str(folder):
            raise ValueError
        if path.exists() and not path.is_dir():
            raise InputError(sentence("output", "be a folder", "a file", f"at {label}", remedy))
        if path.is_dir() and _holds_files(path) and not is_ours(path, kind):
            got = "a folder that another verb wrote" if is_ours(path) else "a folder that holds other files"
            raise InputError(sentence("output", "be new, empty or an earlier output", got, f"at {label}", remedy))
        nearest = next(p for p in (path.absolute(), *path.absolute().parents) if p.exists())
        if not nearest.is_dir():
            raise InputError(sentence("output", "be a folder", "a path below a file", f"at {label}", remedy))
        with tempfile.TemporaryDirectory(dir=nearest, prefix=".kinerja-"):  # the only sure test of a right to write
            pass
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        got = getattr(error, "strerror", None) or "a path that cannot be used"
        raise InputError(sentence("output", "be a folder that can be written", got, f"at {label}", remedy)) from None
    return path


def check_place(file: str | os.PathLike[str]) -> Path:
    """Return `file` as a path if one file may be written there, leaving nothing behind.

    Raises
    ------
    InputError
        If it is a folder, or lies where no folder can be.
    """
    path, where = Path(file), f"at {label_of(file)}"
    if path.is_dir():
        raise InputError(sentence("page", "be a file", "a folder", where, "Name the file itself."))
    nearest = next(p for p in path.absolute().parents if p.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise InputError(sentence("page", "be a file that can be written", "a path that cannot be used", where))
    return path


def is_ours(folder: Path, *kinds: str | None) -> bool:
    """Return whether `folder` holds a manifest that this tool wrote, of one of `kinds` where some are named."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return bool(manifest.get("tool") == TOOL and (not kinds or manifest.get("kind") in kinds))
    except (OSError, ValueError, AttributeError):
        return False


def _holds_files(folder: Path) -> bool:
    """Return whether a folder holds any file but one that a killed process of ours left half-written."""
    found = (path for path in folder.rglob("*") if not path.is_dir())
    return any(not (path.name.startswith(".") and path.suffix == ".tmp") for path in found)


def write_tables(
    folder: str | os.PathLike[str], tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]
) -> Path:
    """Write tables and manifest into `folder` in one step and return its path.

    Parameters
    ----------
    folder : path
        Made when absent; must pass `check_folder`.
    tables : mapping
        From file name to table; the ending, .parquet or .csv, is the format.
    manifest : mapping
        Plain data; the sha256 of every table is added under ``tables``.

    Raises
    ------
    InputError
        If `folder` must not be written.
    RunError
        If writing fails half-way; nothing of it is left, an older comparison stays as it was.
    """
    path = check_folder(folder, manifest.get("kind"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as made:
            temporary = Path(made)
            for name, table in tables.items():
                _write(table, temporary / name)
            sums = {name: file_sum(temporary / name) for name in tables}
            text = json.dumps({**manifest, "tables": sums}, indent=1, ensure_ascii=False) + "\n"
            (temporary / MANIFEST).write_text(text, encoding="utf-8")
            path.mkdir(exist_ok=True)
            if not is_ours(path):
                started = {"tool": TOOL, "kind": manifest.get("kind")}
                write_atomic(path / MANIFEST, json.dumps(started).encode())
            for stale in [file for pattern in SHOWN for file in path.glob(pattern)]:
                stale.unlink()
            for name in [*tables, MANIFEST]:
                (temporary / name).replace(path / name)
    except OSError as error:
        raise RunError(f"could not write the tables: {error.strerror or error} at {label_of(folder)}") from None
    return path


def read_manifest(folder: str | os.PathLike[str], remedy: str = "Run `kinerja compare` again.") -> dict[str, Any]:
    """Return the manifest of a saved comparison, or of other tables; `remedy` is told where they are not sound.

    Raises
    ------
    InputError
        If `folder` holds none, or one of its tables is missing or another one.
    """
    path = Path(folder)
    if not is_ours(path):
        first = "Run `kinerja compare` first."
        raise InputError(sentence("folder", "hold a saved comparison", "none", f"in {label_of(folder)}", first))
    manifest: dict[str, Any] = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    check_tables(path, manifest, manifest.get("tables", ()), remedy)
    return manifest


def check_tables(folder: Path, manifest: Mapping[str, Any], names: Iterable[str], remedy: str) -> None:
    """Refuse those tables of `names` that are not the ones that a manifest was written with, by their sha256.

    A CSV copy of a Parquet table may be changed: nobody reads it as data, and spreadsheets save what they open.

    Raises
    ------
    InputError
        If the manifest is of tables that were never finished, or one of them is missing or another file.
    """
    sums, where = manifest.get("tables"), f"in {label_of(folder)}"
    if sums is None:
        rule = "hold tables that were written to the end"
        raise InputError(sentence("folder", rule, "some that were not", where, remedy))
    known = [name for name in names if name in sums]
    missing = [name for name in known if not (folder / name).is_file()]
    if missing:
        rule, got = "hold every table that its manifest names", f"none called {', '.join(missing)}"
        raise InputError(sentence("folder", rule, got, where, remedy))
    read = [name for name in known if name.endswith(".parquet") or name.replace(".csv", ".parquet") not in sums]
    changed = [name for name in read if file_sum(folder / name) != sums[name]]
    if changed:
        rule, got = "hold the tables that were written into it", f"a changed {', '.join(changed)}"
        raise InputError(sentence("folder", rule, got, where, remedy))


def file_sum(path: Path) -> str:
    """Return a file's sha256."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_table(folder: str | os.PathLike[str], name: str, **options: Any) -> pd.DataFrame:
    """Return one Parquet table of a saved comparison; `options` go to `pandas.read_parquet`.

    Raises
    ------
    InputError
        If the table is missing or cannot be read.
    """
    import pandas as pd

    try:
        return pd.read_parquet(Path(folder) / f"{name}.parquet", **options)
    except (OSError, ValueError) as error:  # pyarrow's errors are of these kinds
        got = f"a {name}.parquet that cannot be read ({type(error).__name__})"
        remedy = "Run `kinerja compare` again."
        raise InputError(sentence("folder", "hold a saved comparison", got, f"in {label_of(folder)}", remedy)) from None


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: under another name, to the disk, then renamed."""
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp")
    with temporary.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def sha256_of(data: object) -> str:
    """Return the hash of plain data, whatever the order of its keys."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value: Any) -> Any:
    """Return `value` as JSON knows it; NaN and infinities become null.

    Examples
    --------
    >>> plain({"a": (float("nan"), 1.5)})
    {'a': [None, 1.5]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not isfinite(value) else value


def _write(table: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        table.to_csv(path, index=False, lineterminator="\n")
    else:
        table.to_parquet(path, index=False, compression="zstd")
