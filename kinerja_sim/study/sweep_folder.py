"""A sweep's folder: its design and manifest written before anything runs, and read when it goes on.

The manifest holds the regions and policies in full, so a folder can be looked at, enlarged
and finished without the files that it was made from. A manifest without tables means that
the sweep is not complete.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from kinerja_sim.know.designs import Design
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.files import PathLike, label_of
from kinerja_sim.know.library import load_policy
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.yamlfile import validate_mapping
from kinerja_sim.study.design import Bases, Study, digest
from kinerja_sim.study.execute import Job, Options
from kinerja_sim.study.manifest import make_manifest, read_policy, read_region
from kinerja_sim.study.plan import Plan, study_key
from kinerja_sim.study.store import MANIFEST, check_folder, is_ours, write_atomic

DESIGN = "design.yaml"
KIND = "sweep"
"""What the manifest of a sweep's folder says it is."""


def reopen(folder: PathLike) -> Study:
    """Return the study that a sweep's folder holds, with the regions and policies as they were.

    Raises
    ------
    InputError
        If `folder` holds no sweep.
    """
    manifest = read_own_manifest(Path(folder)) if is_ours(Path(folder), KIND) else None
    if manifest is None:
        remedy = "Run `kinerja sweep` first."
        raise InputError(sentence("folder", "hold a sweep", "none", f"in {label_of(folder)}", remedy))
    where = f"in the manifest of {label_of(folder)}"
    design = validate_mapping(Design, manifest["design"]["file"], where)
    regions = {name: read_region(manifest, name) for name in manifest["regions"]}
    named = manifest["design"]["policies"]
    policies = {region: tuple(read_policy(manifest, name) for name in named[region]) for region in regions}
    reference = None if design.reference is None else read_policy(manifest, manifest["baseline"])
    return Study(design, Bases(regions, policies, reference), label_of(folder))


def read_own_manifest(path: Path) -> dict[str, Any] | None:
    """Return the manifest of an earlier run, None for a new folder; refuse anything else."""
    if not is_ours(check_folder(path, KIND)):
        return None
    manifest: dict[str, Any] = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def describe(study: Study) -> dict[str, Any]:
    """Return the record of a sweep: everything that decides its numbers, and what SALib needs to read its points."""
    design, bases = study.design, study.bases
    reference = bases.reference or load_policy("baseline")
    jobs = [
        Job(region, (reference, *(p for p in bases.policies[name] if p.name != reference.name)))
        for name, region in bases.regions.items()
    ]
    options = Options(design.seed, design.months, design.pre_months, design.parameters)
    made = make_manifest(jobs, options, replications=design.replications, reference=reference.name)
    asked = design.model_dump(mode="json")
    described = {
        "file": asked,
        "title": asked["title"],
        "method": design.method,
        "n": design.n,
        "levels": design.levels,
        "rows": study.sample.n,
        "seed": design.seed,
        "factors": study.describe_factors(),
        "groups": study.sample.groups,
        "policies": {name: [p.name for p in found] for name, found in bases.policies.items()},
        "reference": design.reference and reference.name,
        "metrics": list(design.metrics),
        "window": design.window,
    }
    run_id = digest([made["run_id"], asked, list(design.factors)])[:10]  # their order decides the sampler's points
    return {**made, "kind": KIND, "run_id": run_id, "draws": design.draws, "design": described}


def write_manifest(
    path: Path, manifest: dict[str, Any], study: Study, plan: Plan, tables: dict[str, str] | None = None
) -> None:
    """Write manifest and design; a manifest without tables means that the sweep is not complete."""
    data = {**manifest, "plan": {"study": study_key(study), **vars(plan)}}
    if tables is not None:
        data["tables"] = tables
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    stream = io.BytesIO()
    yaml = YAML()  # which keeps the order of factors: it is the order of the sampler's columns
    yaml.default_flow_style = None
    yaml.dump(_short(manifest["design"]["file"]), stream)
    path.mkdir(parents=True, exist_ok=True)
    write_atomic(path / MANIFEST, text.encode())  # first: whatever stops us now, the folder is known as ours
    write_atomic(path / DESIGN, stream.getvalue())


def _short(design: dict[str, Any]) -> dict[str, Any]:
    """Return a design without what it leaves out; no `reference` is said, as leaving it out means another one."""
    return {
        name: _short(value) if isinstance(value, dict) else value
        for name, value in design.items()
        if name == "reference" or (value is not None and value != [] and value is not False)
    }
