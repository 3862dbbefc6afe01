"""What is declared, locked, shipped and imported is the same thing everywhere."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

USED_BY_NAME = {"ipykernel", "jupyterlab", "pyarrow", "sphinx-revealjs", "voila"}
"""Used without an import statement: servers of pages and notebooks, pandas' Parquet engine, reveal.js."""


@pytest.fixture(scope="module")
def project(root) -> dict:
    """Return pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


def declared(project: dict) -> dict[str, str]:
    """Return name and version rule of every requirement: core, extras and dev group."""
    core = project["project"]["dependencies"]
    extras = project["project"]["optional-dependencies"].values()
    texts = [*core, *(text for extra in extras for text in extra), *project["dependency-groups"]["dev"]]
    return {canonicalize_name(r.name): str(r.specifier) for r in map(Requirement, texts)}


def test_environment_agrees_with_pyproject(root, project):
    """environment.yml asks for what pyproject.toml declares, in the same words."""
    environment = YAML(typ="safe").load(root / "environment.yml")
    from_conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    from_pip = [line for block in environment["dependencies"] if isinstance(block, dict) for line in block["pip"]]
    asked = {canonicalize_name(r.name): str(r.specifier) for r in map(Requirement, from_conda + from_pip[:-1])}

    assert asked.pop("python") == project["project"]["requires-python"]
    asked.pop("pip")
    assert asked == declared(project)
    assert from_pip[-1] == "--editable ."
    assert environment["channels"] == ["conda-forge", "nodefaults"]


def test_lock_satisfies_pyproject(root, project):
    """requirements.lock holds a fitting version of everything declared, hashed, and names no place to get it."""
    text = (root / "requirements.lock").read_text("utf-8")
    pins = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text, flags=re.MULTILINE))
    unfit = {
        name: pins.get(name)
        for name, rule in declared(project).items()
        if name not in pins or not Requirement(name + rule).specifier.contains(pins[name])
    }

    assert unfit == {}
    assert "://" not in text
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def third_party(file: Path) -> set[str]:
    """Return the top-level names of the libraries that a module imports, late imports included."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"kinerja_sim"}


def test_declared_libraries_are_the_imported_ones(root, project, python_files):
    """The package imports nothing that it does not declare, and declares nothing that it does not use."""
    owners = {name: {canonicalize_name(d) for d in found} for name, found in packages_distributions().items()}
    package = [file for file in python_files if file.is_relative_to(root / "kinerja_sim")]
    imported = {name for file in package for name in third_party(file)}
    used = {distribution for name in imported for distribution in owners.get(name, {name})} | USED_BY_NAME
    dev = {canonicalize_name(Requirement(text).name) for text in project["dependency-groups"]["dev"]}

    assert sorted(used) == sorted(set(declared(project)) - dev)


def test_packages_are_the_folders(root, project):
    """The packages named in pyproject.toml are the folders of the package that hold code."""
    folders = {file.parent.relative_to(root) for file in (root / "kinerja_sim").rglob("__init__.py")}
    listed = {name for name in project["tool"]["setuptools"]["packages"] if "._" not in name}

    assert {".".join(folder.parts) for folder in folders} == listed


@pytest.fixture(scope="module")
def wheel(root, repository_files, tmp_path_factory) -> Path:
    """Build a wheel from a copy of the committed files, with the build tools that are installed here."""
    copy = tmp_path_factory.mktemp("source")
    for file in repository_files:
        target = copy / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    built = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(built),
    ]
    done = subprocess.run([*command, str(copy)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(built.glob("*.whl"))


def test_wheel_holds_everything(root, repository_files, wheel):
    """The wheel ships code, data, notebooks, catalogue, styles and templates: all of it and nothing else."""
    homes = {"kinerja_sim": "kinerja_sim", "data": "kinerja_sim/_data", "notebooks": "kinerja_sim/_notebooks"}
    committed = {
        (Path(homes[top]) / inside).as_posix()
        for file in repository_files
        for top, *rest in [file.relative_to(root).parts]
        if top in homes
        for inside in [Path(*rest)]
    }
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert shipped == committed


def test_wheel_works_away_from_the_repository(wheel, tmp_path):
    """Installed from the wheel, the package finds its regions and policies without the repository."""
    unpacked = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(unpacked)
    code = "import kinerja_sim as ks; print(ks.__file__); [ks.load_region(r) for r in ks.list_regions()]; " \
           "[ks.load_policy(p) for p in ks.list_policies()]; print(len(ks.list_regions()))"  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    where, n_regions = done.stdout.split()
    assert Path(where).is_relative_to(unpacked)
    assert int(n_regions) == 5
