"""Simulate how civil-servant performance-evaluation policies change public services.

The names below are the public interface; each is imported when it is first used, so that
`import kinerja_sim` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinerja_sim.know.errors import InputError, KinerjaError, RunError
    from kinerja_sim.know.library import list_policies, list_regions, load_policy, load_region
    from kinerja_sim.know.policies import Policy
    from kinerja_sim.know.regions import Region
    from kinerja_sim.model import appraisal, queueing
    from kinerja_sim.model.fcfs import fcfs_waits
    from kinerja_sim.model.survey import satisfaction_index
    from kinerja_sim.study.compare import compare
    from kinerja_sim.study.comparison import Comparison, load_comparison
    from kinerja_sim.study.run import Run, simulate

    __version__: str

__all__ = [
    "Comparison", "InputError", "KinerjaError", "Policy", "Region", "Run", "RunError", "appraisal", "compare",
    "fcfs_waits", "list_policies", "list_regions", "load_comparison", "load_policy", "load_region", "queueing",
    "satisfaction_index", "simulate",
]  # fmt: skip

_HOME = {
    "know.errors": ("InputError", "KinerjaError", "RunError"),
    "know.library": ("list_policies", "list_regions", "load_policy", "load_region"),
    "know.policies": ("Policy",),
    "know.regions": ("Region",),
    "model.fcfs": ("fcfs_waits",),
    "model.survey": ("satisfaction_index",),
    "study.compare": ("compare",),
    "study.comparison": ("Comparison", "load_comparison"),
    "study.run": ("Run", "simulate"),
}
_MODULES = {"appraisal": "model.appraisal", "queueing": "model.queueing"}
_ORIGIN = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name on first use (PEP 562)."""
    if name in _MODULES:
        value: object = import_module(f"{__name__}.{_MODULES[name]}")
    elif name in _ORIGIN:
        value = getattr(import_module(f"{__name__}.{_ORIGIN[name]}"), name)
    elif name == "__version__":
        value = _version()
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("kinerja-sim")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "unknown"


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
