"""Notebooks run side by side: parameters checked first, what has not changed left alone, a failure kept to itself.

A notebook is run again only when its source, its parameters, the tables it reads or the
package have changed since: the key of all four is kept in the executed copy. A copy is
written whole or not at all, so a run that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.interrupts import deaf_children, ended_by_interrupt
from kinerja_sim.know.parameters import check_parameters as check_against
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.kernels import WarmKernel, papermill
from kinerja_sim.study.store import write_atomic

if TYPE_CHECKING:
    import nbformat

REGION_NOTEBOOK, ACROSS_NOTEBOOK = "10_region.ipynb", "30_across.ipynb"
INTERACTIVE = ("explore",)  # needs a reader: it is no report
FOLDERS = ("results_folder", "sweep_folder")
"""Parameters that name where tables are; not part of a key, for the tables themselves are."""


@dataclass(frozen=True)
class Job:
    """One notebook to be run: where it comes from, where its copies go, with what, and the key of all that."""

    name: str
    region: str  # "" for a notebook that is about no single region
    source: Path
    target: Path
    parameters: dict[str, Any]
    key: str
    page: Path | None = None  # the HTML page, where one is wanted
    lang: str = "en"


@dataclass(frozen=True)
class NotebookOutcome:
    """What became of one notebook; `error` is None when it ran to its end."""

    name: str
    region: str
    path: Path
    error: str | None
    is_cached: bool = False
    page: Path | None = field(default=None)


def notebook_path(name: str = REGION_NOTEBOOK) -> Path:
    """Return where a shipped notebook is: inside an installed package, or in the repository's `notebooks/`."""
    for folder in _folders():
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"`notebook` must be a shipped notebook; got {name!r}. Reinstall kinerja-sim.")


def shipped_notebooks() -> list[str]:
    """Return the names (without .ipynb) of the notebooks that can be run as a report, in order."""
    found = next((sorted(f.glob("*.ipynb")) for f in _folders() if any(f.glob("*.ipynb"))), [])
    return [path.stem for path in found if path.stem not in INTERACTIVE]


def _folders() -> tuple[Path, Path]:
    package = Path(__file__).resolve().parents[1]
    return package / "_notebooks", package.parent / "notebooks"


def declared_parameters(notebook: Path) -> dict[str, str]:
    """Return name to declared type ('str', 'int', ...) of a notebook's parameters."""
    return dict(_declared(notebook.resolve(), notebook.stat().st_mtime_ns))


@cache
def _declared(notebook: Path, _changed: int) -> tuple[tuple[str, str], ...]:
    found = papermill().inspect_notebook(str(notebook))
    return tuple((name, str(entry["inferred_type_name"])) for name, entry in found.items())


def check_parameters(notebook: str | Path, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters for a notebook, or refuse those it does not declare and values that break a rule.

    Parameters
    ----------
    notebook : path
        A notebook with one cell tagged `parameters`, each line `name: type = default  # what it is`.
    params : mapping
        Parameter name to value.

    Raises
    ------
    InputError
        Naming the first wrong parameter, with the nearest known name or the rule it breaks.
    """
    return check_against(params, declared_parameters(Path(notebook)), f"for {Path(notebook).name}")


def make_job(
    name: str, region: str, target: Path, values: Mapping[str, Any], tables: str, lang: str, page: Path | None = None
) -> Job:
    """Return the job of one shipped notebook, its parameters checked.

    Parameters
    ----------
    name : str
        Name of a shipped notebook, without .ipynb.
    region : str
        Region that it is about, or "".
    target : path
        Where the executed copy goes.
    values : mapping
        Parameters; those that the notebook does not declare are left out.
    tables : str
        Fingerprint of the tables that it reads.
    lang : {'id', 'en'}
    page : path, optional
        Where its HTML page goes.
    """
    source = notebook_path(f"{name}.ipynb")
    declared = declared_parameters(source)
    known = {"region": region, "lang": lang, **values}
    parameters = check_parameters(source, {k: v for k, v in known.items() if k in declared})
    decided = {k: v for k, v in parameters.items() if k not in FOLDERS}
    # A notebook that reads no table does not grow old when tables change.
    read = tables if set(FOLDERS) & set(declared) else ""
    parts = [source.read_bytes(), json.dumps(decided, sort_keys=True).encode(), read.encode(), package_key().encode()]
    key = hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    return Job(name, region, source, target, parameters, key, page, lang)


@cache
def package_key() -> str:
    """Return a fingerprint of the package as it is on this disk: code, catalogue, templates and data."""
    package = Path(__file__).resolve().parents[1]
    data = next(f for f in (package / "_data", package.parent / "data") if f.is_dir())
    total = hashlib.sha256()
    for root in (package, data):
        for path in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix not in (".pyc", ".nbi", ".nbc")):
            total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def tables_key(folder: Path) -> str:
    """Return a fingerprint of the tables and the manifest in a folder."""
    total = hashlib.sha256()
    for path in sorted([*folder.glob("*.parquet"), *folder.glob("*.csv"), *folder.glob("manifest.json")]):
        with path.open("rb") as stream:
            total.update(path.name.encode() + hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()


def run_jobs(
    jobs: Sequence[Job], workers: int = 1, progress: Callable[[int, int], None] | None = None
) -> list[NotebookOutcome]:
    """Run every job that is not up to date, each worker keeping one kernel warm.

    Parameters
    ----------
    jobs : sequence of Job
    workers : int, >= 1
        Notebooks at the same time.
    progress : callable, optional
        Called with (done, total) after each notebook.

    Returns
    -------
    list of NotebookOutcome
        In the order of `jobs`; a failed notebook carries its error, its copy is kept.
    """
    done: dict[int, NotebookOutcome] = {}

    def tell(i: int, error: str | None, is_cached: bool = False) -> None:
        job = jobs[i]
        done[i] = NotebookOutcome(job.name, job.region, job.target, error, is_cached, job.page)
        if progress is not None:
            progress(len(done), len(jobs))

    todo = [i for i, job in enumerate(jobs) if not _is_up_to_date(job)]
    for i in sorted(set(range(len(jobs))) - set(todo)):
        tell(i, None, True)
    if not todo:
        return [done[i] for i in range(len(jobs))]
    # A fresh process each: a fork of a process with threads (numba, progress bars) may hang.
    with ProcessPoolExecutor(max(1, min(workers, len(todo))), mp_context=get_context("spawn")) as pool:
        try:
            with ended_by_interrupt(pool):
                with deaf_children():
                    futures = {pool.submit(_run_one, jobs[i]): i for i in todo}
                for future in as_completed(futures):
                    failure = future.exception()
                    if isinstance(failure, BrokenProcessPool):
                        tell(futures[future], "the process that ran it was ended; run the report again")
                    else:
                        tell(futures[future], f"{type(failure).__name__}: {failure}" if failure else future.result())
        except KeyboardInterrupt:
            for target in [jobs[i].target for i in todo]:
                for partial in target.parent.glob(f".{target.stem}.*.ipynb"):
                    partial.unlink()
            raise
    return [done[i] for i in range(len(jobs))]


def _is_up_to_date(job: Job) -> bool:
    if not job.target.is_file() or (job.page is not None and not job.page.is_file()):
        return False
    try:
        metadata = json.loads(job.target.read_text(encoding="utf-8"))["metadata"]
    except (ValueError, KeyError):  # half a file, or somebody else's
        return False
    return bool(metadata.get("kinerja", {}).get("key") == job.key)


@cache
def _kernel() -> WarmKernel:
    return WarmKernel()


def _run_one(job: Job) -> str | None:
    """Run one notebook in this process; return one line about what failed, or None."""
    job.target.parent.mkdir(parents=True, exist_ok=True)
    partial = job.target.with_name(f".{job.target.stem}.{os.getpid()}.ipynb")
    try:
        book, error = _kernel().run(job.source, partial, job.parameters)
        if book is not None:
            _write(_cleaned(book, "" if error else job.key), job.target)
        if job.page is not None:
            from kinerja_sim.present.pages import notebook_page

            text = notebook_page(book, job.name, job.region, job.lang, error)
            write_atomic(job.page, text.encode())
    finally:
        partial.unlink(missing_ok=True)
    return error


def _cleaned(book: nbformat.NotebookNode, key: str) -> nbformat.NotebookNode:
    """Return the executed notebook with its key and without paths of this machine and times of day."""
    parameters = book.metadata.get("papermill", {}).get("parameters", {})
    book.metadata["papermill"] = {"parameters": parameters}
    book.metadata["kinerja"] = {"key": key}
    for cell in book.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
    return book


def _write(book: nbformat.NotebookNode, target: Path) -> None:
    import nbformat

    write_atomic(target, nbformat.writes(book).encode())


def run_region_notebooks(
    folder: str | Path,
    regions: Sequence[str],
    lang: str,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[NotebookOutcome]:
    """Run the notebooks that a comparison brings along: one per region, and one across regions.

    Parameters
    ----------
    folder : path
        Output folder of `kinerja compare`; the copies go to `folder/notebooks/<region>.ipynb` and
        `folder/notebooks/across.ipynb`.
    regions : sequence of str
        Region names that the tables hold.
    lang : {'id', 'en'}
    workers : int, >= 1
        Notebooks at the same time.
    progress : callable, optional
        Called with (done, total) after each notebook.

    Returns
    -------
    list of NotebookOutcome
        In the order of `regions`, the one across them last; a failed notebook carries its error.

    Raises
    ------
    InputError
        If a parameter is refused; nothing has been run then.
    """
    translator(lang)
    path = Path(folder).resolve()
    # Relative to the folder of the copies, so that the whole output folder can be moved.
    values, tables = {"results_folder": ".."}, tables_key(path)
    wanted = [(REGION_NOTEBOOK, region, region) for region in regions] + [(ACROSS_NOTEBOOK, "", "across")]
    return run_jobs(
        [
            make_job(Path(name).stem, region, path / "notebooks" / f"{stem}.ipynb", values, tables, lang)
            for name, region, stem in wanted
        ],
        workers,
        progress,
    )
