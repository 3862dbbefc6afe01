"""What tests of sweeps share: designs in a few words, folders compared byte for byte, a sweep in a process to kill."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from kinerja_sim.know.designs import Design
from kinerja_sim.know.yamlfile import validate_mapping
from kinerja_sim.study.design import Study, load_bases
from kinerja_sim.study.executors import make_executor
from kinerja_sim.study.plan import Plan
from kinerja_sim.study.sweep import Swept, sweep
from tests.fake_model import ByPath

TABLES = ("points.parquet", "outcomes.parquet", "contrasts.parquet", "failures.parquet")
BASE: dict[str, Any] = {
    "regions": ["arcamanik"],
    "policies": ["own"],
    "method": "grid",
    "factors": {"policy.appraisal.stakes": [0.1, 0.5, 0.9]},
    "parameters": "point",
    "replications": 6,
    "months": 2,
    "pre_months": 1,
    "metrics": ["turnaround_days_mean", "satisfaction_index"],
}


def make_study(**changes: Any) -> Study:
    """Return the study of a small design with changes."""
    design = validate_mapping(Design, BASE | changes, "in a test")
    return Study(design, load_bases(design), "a test")


def run(folder: Path, block: int = 2, model: str = "tiny", *, study: Study | None = None, **options: Any) -> Swept:
    """Run a small sweep with the tiny model, `block` replications a task."""
    study = study or make_study()
    plan = Plan(dict.fromkeys(study.bases.regions, block))
    plan.grow(study.design.draws, study.design.replications)
    return sweep(study, folder, plan=plan, model=ByPath(model), **options)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return the compacted tables of a folder."""
    names = [*TABLES, *(["draws.parquet"] if (folder / "draws.parquet").exists() else [])]
    return {name: (folder / name).read_bytes() for name in names}


def main(folder: str, replications: str, workers: str, address: str = "") -> None:
    """Run a sweep of tasks of about ten milliseconds, one replication each; for a process that a test kills."""
    study = make_study(replications=int(replications))
    run(Path(folder), 1, "tiny_slow", study=study, executor=make_executor(int(workers), address or None))


if __name__ == "__main__":
    main(*sys.argv[1:])
