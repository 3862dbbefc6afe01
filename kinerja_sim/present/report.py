"""A report on saved tables: notebooks times regions, executed, as pages that need no network, with an index.

What the folder holds decides which notebooks there are: a comparison, or a sweep.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinerja_sim import __version__
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import did_you_mean, sentence, show
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.notebooks import (
    FOLDERS,
    Job,
    NotebookOutcome,
    declared_parameters,
    make_job,
    notebook_path,
    run_jobs,
    shipped_notebooks,
    tables_key,
)
from kinerja_sim.present.pages import index_page
from kinerja_sim.present.saved import Saved, load_saved
from kinerja_sim.study.sweep_tables import open_sweep

RESULTS, SWEEP = FOLDERS


@dataclass(frozen=True)
class Report:
    """What was run: the index page, and what became of every notebook."""

    folder: Path
    index: Path
    outcomes: tuple[NotebookOutcome, ...]

    @property
    def failed(self) -> list[NotebookOutcome]:
        """Notebooks that failed; their pages say why."""
        return [o for o in self.outcomes if o.error is not None]


def write_report(
    folder: str | Path,
    lang: str,
    *,
    notebooks: Sequence[str] = (),
    regions: Sequence[str] = (),
    values: Mapping[str, Any] | None = None,
    workers: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Run notebooks on the tables in `folder` and write pages, executed copies and an index.

    Parameters
    ----------
    folder : path
        Output folder of `kinerja compare` or `kinerja sweep`. Pages go to
        `folder/report/<lang>/<notebook>/<region>.html`, the index to `folder/report/<lang>/index.html`.
    lang : {'id', 'en'}
    notebooks : sequence of str
        Names or leading numbers; none means all that fit the folder.
    regions : sequence of str
        None means all that the tables hold.
    values : mapping, optional
        Parameters for every notebook that declares them.
    workers : int, >= 1
        Notebooks at the same time.
    progress : callable, optional
        Called with (done, total) after each notebook.

    Returns
    -------
    Report
        A failed notebook keeps its page, its copy and its error, and stops no other.

    Raises
    ------
    InputError
        If a name or a parameter is refused; nothing has been run or written then.
    """
    translator(lang)
    path = Path(folder).resolve()
    is_sweep = (path / "manifest.json").is_file() and "design" in _manifest(path)
    if is_sweep:
        open_sweep(path)  # an unfinished or changed one is told before anything is run
    saved = None if is_sweep else load_saved(path)
    fitting = [n for n in shipped_notebooks() if (SWEEP if is_sweep else RESULTS) in _declared(n) or not _reads(n)]
    chosen = choose_notebooks(notebooks, fitting)
    places = _choose_regions(regions, saved)
    jobs = _jobs(path, chosen, places, dict(values or {}), lang, SWEEP if is_sweep else RESULTS)
    outcomes = run_jobs(jobs, workers, progress)
    target = path / "report" / lang
    index = target / "index.html"
    index.write_text(index_page(saved, outcomes, lang), encoding="utf-8", newline="\n")
    listed = [
        {"notebook": job.name, "region": job.region, "key": job.key, "parameters": job.parameters, "error": o.error}
        for job, o in zip(jobs, outcomes, strict=True)
    ]
    record = {"tool": "kinerja_sim", "version": __version__, "lang": lang, "notebooks": listed}
    text = json.dumps(record, ensure_ascii=False, indent=1) + "\n"
    (target / "manifest.json").write_text(text, encoding="utf-8", newline="\n")
    return Report(path, index, tuple(outcomes))


def choose_notebooks(asked: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the names of notebooks asked for by name or leading number; all of them when none is.

    Raises
    ------
    InputError
        If one is unknown, or does not fit the folder.

    Examples
    --------
    >>> choose_notebooks(["30", "10_region"], ["10_region", "20_scenarios", "30_across"])
    ['10_region', '30_across']
    """
    by_number = {name.split("_")[0]: name for name in known}
    for name in asked:
        if name not in known and name not in by_number:
            remedy = did_you_mean(name, known, instead=f"Known here: {', '.join(known)}.")
            raise InputError(sentence("notebooks", "be notebooks that fit the folder", show(name), remedy=remedy))
    wanted = {by_number.get(name, name) for name in asked}
    return [name for name in known if name in wanted or not asked]


def _jobs(
    path: Path, chosen: Sequence[str], places: Sequence[str], values: dict[str, Any], lang: str, folder: str
) -> list[Job]:
    """Return the jobs in the order in which the index lists them."""
    everywhere = {p: kind for name in chosen for p, kind in _declared(name).items()}
    unknown = [name for name in values if name not in everywhere or name in ("region", "lang", *FOLDERS)]
    if unknown:
        open_to = [p for p in everywhere if p not in ("region", "lang", *FOLDERS)]
        remedy = did_you_mean(unknown[0], open_to, instead=f"Known here: {', '.join(open_to)}.")
        got = show(values[unknown[0]])
        raise InputError(sentence(unknown[0], "be a parameter of the notebooks that are run", got, remedy=remedy))
    # Relative to the folder of the copies, so that the whole output folder can be moved.
    values, tables, target = values | {folder: "../../.."}, tables_key(path), path / "report" / lang
    jobs = []
    for name in chosen:
        for region in places if "region" in _declared(name) else [""]:
            stem = target / name / (region or "all")
            page = stem.with_suffix(".html")
            jobs.append(make_job(name, region, stem.with_suffix(".ipynb"), values, tables, lang, page))
    return jobs


def _choose_regions(asked: Sequence[str], saved: Saved | None) -> list[str]:
    known = list(saved.manifest["regions"]) if saved is not None else []
    for name in asked:
        if name not in known:
            remedy = did_you_mean(name, known, instead=f"Known here: {', '.join(known) or 'none'}.")
            raise InputError(sentence("regions", "be regions that the tables hold", show(name), remedy=remedy))
    return [name for name in known if name in asked or not asked]


def _declared(name: str) -> dict[str, str]:
    return declared_parameters(notebook_path(f"{name}.ipynb"))


def _reads(name: str) -> bool:
    return bool(set(FOLDERS) & set(_declared(name)))


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    except ValueError as error:
        rule, got = "be valid JSON", f"an error: {error}"
        raise InputError(sentence("manifest.json", rule, got, f"in {path.name}")) from None
    return found
