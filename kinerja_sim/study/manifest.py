"""The record of a run: what went in, under which versions; enough to run it again.

Everything in it follows from the inputs and the installed software: no time, no host, no
number of workers. Regions and policies are written out in full, so a saved comparison
stays readable when the library has moved on.
"""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import kinerja_sim
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import FILES as LEDGER_FILES
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.fields import GRADES
from kinerja_sim.know.library import data_file, load_policy
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region, ServiceUnit
from kinerja_sim.know.yamlfile import validate_mapping
from kinerja_sim.study.execute import Job, Options
from kinerja_sim.study.notices import changes_grade_only
from kinerja_sim.study.store import sha256_of

TOOL = "kinerja_sim"
FORMAT = 1
LIBRARIES = ("numba", "numpy", "pandas", "pyarrow", "scipy")
NAMING = {"name", "title", "description", "author", "sources", "left_out"}
"""Parts of a policy file that name it and change nothing."""

Manifest = Mapping[str, Any]


def make_manifest(jobs: Sequence[Job], options: Options, *, replications: int, reference: str) -> dict[str, Any]:
    """Return the record of a comparison as plain data.

    Parameters
    ----------
    jobs : sequence of Job
    options : Options
    replications : int
    reference : str
        Scenario that the others are compared with; in every job.

    Returns
    -------
    dict
        ``run_id`` is a short hash of everything that decides the numbers: package version,
        options, regions, policies, ledger and calendar.
    """
    policies = {p.name: p for job in jobs for p in job.policies}
    regions = {job.region.name: _describe_region(job) for job in jobs}
    described = {name: _describe_policy(p, policies[reference]) for name, p in policies.items()}
    _tell_titles_apart(described)
    asked = {"replications": replications, **asdict(options), "baseline": reference}
    scenarios = {job.region.name: [p.name for p in job.policies] for job in jobs}
    inputs = {
        name: hashlib.sha256(data_file(name).read_bytes()).hexdigest() for name in (*LEDGER_FILES, "calendar.csv")
    }
    own = kinerja_sim.__version__
    contents = [{name: entry["sha256"] for name, entry in part.items()} for part in (regions, described)]
    return {
        "tool": TOOL,
        "format": FORMAT,
        "run_id": sha256_of([own, asked, scenarios, inputs, contents])[:10],
        "version": own,
        **asked,
        "scenarios": scenarios,
        "inputs": inputs,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "machine": platform.machine(),  # bytes agree on one kind of processor, numbers to 1e-9 on any
        "git_commit": git_commit(),
        "regions": regions,
        "policies": described,
        "evidence": _describe_evidence(),
    }


def read_region(manifest: Manifest, name: str) -> Region:
    """Return the region that a manifest describes, as it was when the comparison was run.

    Raises
    ------
    InputError
        If this version knows other rules for a region file than the one that wrote the manifest.
    """
    entry = manifest["regions"][name]
    units = {unit: _only(ServiceUnit, content) for unit, content in entry["units"].items()}
    return validate_mapping(Region, _only(Region, entry) | {"units": units}, f"in region '{name}' of the manifest")


def read_policy(manifest: Manifest, name: str) -> Policy:
    """Return the policy that a manifest describes, as it was when the comparison was run.

    Raises
    ------
    InputError
        If this version knows other rules for a policy file than the one that wrote the manifest.
    """
    return validate_mapping(Policy, _only(Policy, manifest["policies"][name]), f"in policy '{name}' of the manifest")


def _only(model: type[BaseModel], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a described thing stood in its file."""
    return {key: value for key, value in entry.items() if key in model.model_fields}


def kind_of(policy: Policy, reference: Policy) -> str:
    """Return what sort of change `policy` is.

    'baseline' is the reference itself, 'null' differs from it in name only, 'capacity' adds
    capacity and nothing else, 'hr' changes how officers are appraised and what follows,
    'both' does both.
    """
    if policy.name == reference.name:
        return "baseline"
    outside = NAMING | {"capacity"}
    changes_staff = policy.model_dump(exclude=outside) != reference.model_dump(exclude=outside)
    if policy.capacity != reference.capacity:
        return "both" if changes_staff else "capacity"
    return "hr" if changes_staff else "null"


def git_commit() -> str | None:
    """Return the commit of this package's own repository, '+' added when files differ; None without one."""
    here = Path(__file__)

    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(["git", "-C", str(here.parent), *words], capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    # Installed below somebody else's repository, this file is not tracked there: not our commit.
    if git("ls-files", "--error-unmatch", here.name) is None:
        return None
    commit = git("rev-parse", "--verify", "HEAD")
    return f"{commit}+" if commit and git("status", "--porcelain", "--untracked-files=no") else commit


def _describe_region(job: Job) -> dict[str, Any]:
    region, names = job.region, [p.name for p in job.policies]
    content = region.model_dump(mode="json")
    grades: Counter[str] = Counter(_grades(content))
    described = content | {"sha256": sha256_of(content), "grades": {g: grades[g] for g in GRADES}}
    if region.preset not in names:
        described["preset"] = _preset_name(region.preset)
    described["units"] = {
        name: content["units"][name]
        | {
            "stages": [s for s in ("counter", "processing") if getattr(unit, s) is not None],
            "shortage": unit.supply is not None and unit.supply.shortage is not None,
        }
        for name, unit in region.units.items()
    }
    return described


def _preset_name(preset: str) -> str:
    """Return the name by which tables know a region's own policy, which the region file may give as a path."""
    try:
        return load_policy(preset).name
    except InputError:  # no such file, so it was not run either
        return preset


def _describe_policy(policy: Policy, reference: Policy) -> dict[str, Any]:
    content = policy.model_dump(mode="json")
    return content | {
        "sha256": sha256_of(content),
        "kind": kind_of(policy, reference),
        "beyond_regulation": policy.appraisal.beyond_regulation,
        "grade_only": changes_grade_only(policy, reference),
    }


def _tell_titles_apart(policies: Mapping[str, dict[str, Any]]) -> None:
    """Add its name to the title of every policy that kept another one's, as `Policy.replace` does."""
    titles = Counter(item for entry in policies.values() for item in entry["title"].items())
    for name, entry in policies.items():
        if entry["kind"] != "baseline" and any(titles[item] > 1 for item in entry["title"].items()):
            entry["title"] = {lang: f"{text} ({name})" for lang, text in entry["title"].items()}


def _describe_evidence() -> dict[str, Any]:
    """Return how strong the ledger is, and every row's source with its grade."""
    rows = load_ledger().rows.values()
    grades: Counter[str] = Counter(row.grade for row in rows)
    return {
        "rows": len(rows),
        "grades": {g: grades[g] for g in GRADES},
        "unverified": sum(row.unverified for row in rows),
        "sources": [{"name": r.name, "grade": r.grade, "source": r.source, "unverified": r.unverified} for r in rows],
    }


def _grades(data: object) -> Iterator[str]:
    """Yield the grade of every number in a region's plain data."""
    if isinstance(data, Mapping):
        if "grade" in data:
            yield data["grade"]
        for value in data.values():
            yield from _grades(value)
