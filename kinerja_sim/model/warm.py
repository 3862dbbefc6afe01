"""Compile the kernels once, at set-up: `python -m kinerja_sim.model.warm`.

Numba keeps compiled code beside the sources and renews it when the file of a function
changes, but not when a function that was inlined from another file does. So compiled
code that is older than any source of this folder is dropped first.
"""

from __future__ import annotations

from pathlib import Path


def drop_stale(folder: Path) -> int:
    """Delete compiled kernels of `folder` that are older than its newest source; return how many."""
    newest = max(source.stat().st_mtime for source in folder.glob("*.py"))
    stale = [p for p in (folder / "__pycache__").glob("*.nb[ci]") if p.stat().st_mtime < newest]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def main() -> None:
    """Compile every kernel with the types that the package calls it with."""
    drop_stale(Path(__file__).parent)
    import numpy as np

    from kinerja_sim.know.library import load_policy, load_region
    from kinerja_sim.model.fcfs import fcfs_waits
    from kinerja_sim.model.simulate import simulate_block

    for n_servers in (1, 2, 20):
        fcfs_waits(np.array([0.0, 1.0]), np.array([1.0, 1.0]), n_servers)
    simulate_block(
        load_region("arcamanik"), [load_policy("baseline")],
        seed=0, replications=[0], months=1, pre_months=0, parameters="point",
    )  # fmt: skip


if __name__ == "__main__":
    main()
