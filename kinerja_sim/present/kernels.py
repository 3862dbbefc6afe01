"""One notebook run by papermill in a kernel that stays warm: what a worker process does.

Imports are most of the time of a short notebook, so a worker keeps its kernel and clears its
names between notebooks; after a failure it starts a fresh one. Most open to dispute: a
notebook that changes a module's own state would be seen by the next (decision 0043).
"""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path
from typing import Any

from kinerja_sim.know.extras import need

CLEAR = "__import__('os').chdir({folder!r}); get_ipython().reset(new_session=True); __import__('gc').collect();"
"""Run before every notebook: the next one has no names of the last, and its cells are counted from 1."""
START_SECONDS = 120


def papermill() -> Any:
    """Return papermill, imported without the optional grammar package that costs seconds in every process.

    Raises
    ------
    InputError
        If it is not installed, or what goes with it.
    """
    # jsonschema imports rfc3987_syntax only for a format check that no notebook uses; None makes it give up at once.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    need("notebooks", "papermill", "nbconvert", "ipykernel")
    import papermill

    return papermill


class WarmKernel:
    """A kernel of this process: started when first needed, kept until it fails or the process ends."""

    def __init__(self) -> None:
        self._manager: Any = None
        self._clients: list[Any] = []  # connections to the kernel that are still open
        atexit.register(self.stop)

    def run(self, source: Path, partial: Path, parameters: dict[str, Any]) -> tuple[Any, str | None]:
        """Run a notebook in the folder of `partial`, where it is kept while unfinished.

        Parameters
        ----------
        source : path
            The notebook as shipped.
        partial : path
            Removed when the notebook ran to its end; after a failure it holds what was run.
        parameters : dict

        Returns
        -------
        tuple
            The executed notebook, None where nothing of it is left, and one line about what failed, or None.
        """
        runner = papermill()
        try:
            self._clear(partial.parent)
            # Nothing is saved cell by cell: a run that is killed leaves no file that looks finished.
            return runner.execute_notebook(
                str(source), str(partial), parameters=parameters, kernel_name="python3", progress_bar=False,
                cwd=str(partial.parent), km=self._manager, request_save_on_cell_execute=False,
            ), None  # fmt: skip
        except runner.PapermillExecutionError as error:
            self.stop()
            return _read(partial), f"cell {error.exec_count}: {error.ename}: {error.evalue}"
        except Exception as error:  # a dead kernel, a full disk: this notebook failed, the others go on
            self.stop()
            return _read(partial), f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        finally:
            self._hang_up()

    def stop(self) -> None:
        """End the kernel; the next notebook gets a fresh one."""
        from jupyter_core.utils import run_sync

        self._hang_up()
        manager, self._manager = self._manager, None
        if manager is not None and manager.has_kernel:
            run_sync(manager.shutdown_kernel)(now=True)

    def _hang_up(self) -> None:
        """Close the connections that running a notebook left open."""
        while self._clients:
            self._clients.pop().stop_channels()

    def _clear(self, folder: Path) -> None:
        """Start the kernel if there is none, and clear what the last notebook left in it."""
        import nbformat
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient

        if self._manager is None:
            _prepare_environment()
            # Without encryption every kernel warns that its local connection is not encrypted.
            self._manager = AsyncKernelManager(kernel_name="python3", transport_encryption="auto")
            connect = self._manager.client

            def remembered(**options: Any) -> Any:  # nbclient leaves connections to a kernel that it does not own open
                self._clients.append(connect(**options))
                return self._clients[-1]

            self._manager.client = remembered
        cell = nbformat.v4.new_code_cell(CLEAR.format(folder=str(folder)))
        # At log level 50 a kernel that is told to stop does not report an interrupt as an error.
        options = {"startup_timeout": START_SECONDS, "extra_arguments": ["--log-level=50"]}
        NotebookClient(nbformat.v4.new_notebook(cells=[cell]), km=self._manager, **options).execute()


def _prepare_environment() -> None:
    """Let the kernel be this environment's and read this code."""
    # This environment's kernel, even where the user has registered another one called python3.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():  # run from a checkout: the kernel reads the same code
        paths = [str(checkout), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(filter(None, paths)))


def _read(partial: Path) -> Any:
    import nbformat

    return nbformat.read(partial, as_version=4) if partial.is_file() else None
