"""One notebook per region, run by papermill in parallel processes, parameters checked first.

papermill itself only warns about a parameter that the notebook does not declare and
checks no type, so both are refused here before a kernel starts. A notebook that fails
is kept with its error and named; the others are finished.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.i18n import translator

REGION_NOTEBOOK = "10_region.ipynb"
_ACCEPTED: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "list": (list,),
    "dict": (dict,),
}


@dataclass(frozen=True)
class NotebookOutcome:
    """What became of one region's notebook; `error` is None when it ran to its end."""

    region: str
    path: Path
    error: str | None


def notebook_path(name: str = REGION_NOTEBOOK) -> Path:
    """Return where a shipped notebook is: inside an installed package, or in the repository's `notebooks/`."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_notebooks", package.parent / "notebooks"):
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"`notebook` must be a shipped notebook; got {name!r}. Reinstall kinerja-sim.")


def check_parameters(notebook: str | Path, params: Mapping[str, Any]) -> None:
    """Refuse parameters that the notebook does not declare, or of another type than it declares.

    Parameters
    ----------
    notebook : path
        A notebook with one cell tagged `parameters`, each line `name: type = default  # what it is`.
    params : mapping
        Parameter name to value.

    Raises
    ------
    InputError
        Naming the first wrong parameter, with the nearest known name or the expected type.
    """
    declared = declared_parameters(Path(notebook))
    name_of_file = Path(notebook).name
    for name, value in params.items():
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"It declares: {', '.join(declared)}."
            raise InputError(
                f"`{name}` must be a parameter of the notebook; got an unknown name in {name_of_file}. {hint}"
            )
        wanted = declared[name]
        accepted = _ACCEPTED.get(wanted)
        is_bool = isinstance(value, bool)
        if accepted is not None and (not isinstance(value, accepted) or is_bool != (wanted == "bool")):
            raise InputError(
                f"`{name}` must be of type {wanted}; got {value!r} of type {type(value).__name__} for {name_of_file}. "
                f"Give a value of type {wanted}."
            )


def declared_parameters(notebook: Path) -> dict[str, str]:
    """Return name to declared type ('str', 'int', ...) of a notebook's parameters."""
    return dict(_declared(notebook.resolve(), notebook.stat().st_mtime_ns))


@cache
def _declared(notebook: Path, _changed: int) -> tuple[tuple[str, str], ...]:
    found = _papermill().inspect_notebook(str(notebook))
    return tuple((name, str(entry["inferred_type_name"])) for name, entry in found.items())


def _papermill() -> Any:
    """Return papermill, imported without the optional grammar package that costs seconds in every process."""
    # jsonschema imports rfc3987_syntax only for a format check that no notebook uses; None makes it give up at once.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    try:
        import papermill
    except ImportError:
        raise InputError(
            "`notebooks` must be installed to run notebooks; got an environment without papermill. "
            "Install it with: pip install 'kinerja-sim[notebooks]'."
        ) from None
    return papermill


def run_region_notebooks(
    folder: str | Path,
    regions: Sequence[str],
    lang: str,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[NotebookOutcome]:
    """Run the region notebook for every region and keep the executed copies.

    Parameters
    ----------
    folder : path
        Output folder of `kinerja compare`; the copies go to `folder/notebooks/<region>.ipynb`.
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
        In the order of `regions`; a failed notebook carries its error, its copy is kept.

    Raises
    ------
    InputError
        If a parameter is refused; nothing has been run then.
    """
    translator(lang)
    source, target = notebook_path(), Path(folder).resolve() / "notebooks"
    # Relative to the folder of the copies, so that the whole output folder can be moved.
    jobs = {region: {"region": region, "results_folder": "..", "lang": lang} for region in regions}
    for parameters in jobs.values():
        check_parameters(source, parameters)
    target.mkdir(parents=True, exist_ok=True)
    done: dict[str, NotebookOutcome] = {}
    # A fresh process each: a fork of a process with threads (numba, progress bars) may hang.
    with ProcessPoolExecutor(max(1, min(workers, len(jobs))), mp_context=get_context("spawn")) as pool:
        futures = {
            pool.submit(_run_one, str(source), str(target / f"{region}.ipynb"), parameters): region
            for region, parameters in jobs.items()
        }
        for future in as_completed(futures):
            region = futures[future]
            failure = future.exception()
            error = f"{type(failure).__name__}: {failure}" if failure else future.result()
            done[region] = NotebookOutcome(region, target / f"{region}.ipynb", error)
            if progress is not None:
                progress(len(done), len(jobs))
    return [done[region] for region in regions]


def _run_one(source: str, target: str, parameters: dict[str, Any]) -> str | None:
    """Run one notebook in this process; return one line about what failed, or None."""
    # This environment's kernel, even where the user has registered another one called python3.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():  # run from a checkout: the kernel reads the same code
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(checkout), os.environ.get("PYTHONPATH")]))
    papermill = _papermill()
    from traitlets.config import Config

    try:
        papermill.execute_notebook(
            source,
            target,
            parameters=parameters,
            kernel_name="python3",
            progress_bar=False,
            start_timeout=120,
            cwd=str(Path(target).parent),
            extra_arguments=["--log-level=50"],  # a kernel that is told to stop would report an interrupt as an error
            # Without it every kernel warns that its local connection is not encrypted.
            config=Config({"AsyncKernelManager": {"transport_encryption": "auto"}}),
        )
    except papermill.PapermillExecutionError as error:
        return f"cell {error.exec_count}: {error.ename}: {error.evalue}"
    except Exception as error:  # a dead kernel, a full disk: this notebook failed, the others go on
        return f"{type(error).__name__}: {error}"
    return None
