"""The shape of the code: one-way imports, one home of randomness, small files, clean tools."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MOST_LINES = 400
MOST_PAGE_LINES = 150
RANDOM_HOME = "kinerja_sim/model/rng.py"


def run_tool(root: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment at the top of the repository, or skip where it is not installed."""
    program = shutil.which(name, path=os.fspath(Path(sys.executable).parent))
    if program is None:
        pytest.skip(f"{name} is not installed in this environment (it is in the dev group)")
    return subprocess.run([program, *arguments], cwd=root, capture_output=True, text=True)


def test_imports_run_one_way(root):
    """Every import goes down the floors, and rooms that read tables never see the simulator."""
    done = run_tool(root, "lint-imports", "--no-cache")

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("tool", "arguments"), [("ruff", ["check"]), ("ruff", ["format", "--check"]), ("mypy", [])], ids=lambda part: None
)
def test_code_is_clean(root, tool, arguments):
    """Ruff's rules, ruff's format and mypy find nothing to say."""
    done = run_tool(root, tool, *arguments)

    assert done.returncode == 0, done.stdout + done.stderr


def random_sources(source: str) -> list[str]:
    """Return what a module uses of random-number libraries, `Generator` as a type aside."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in ("random", "numpy.random")]
        elif isinstance(node, ast.ImportFrom) and node.module in ("random", "numpy.random"):
            found += [f"{node.module}.{alias.name}" for alias in node.names if alias.name != "Generator"]
        elif isinstance(node, ast.Attribute) and node.attr != "Generator":
            written = ast.unparse(node)
            if re.fullmatch(r"(np|numpy)\.random\.\w+", written):
                found.append(written)
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import numpy as np\nx = np.random.default_rng(1)", ["np.random.default_rng"]),
        ("from numpy.random import default_rng, Generator", ["numpy.random.default_rng"]),
        ("import random", ["random"]),
        ("def f(rng: np.random.Generator): return rng.normal()", []),
    ],
    ids=["call", "from", "stdlib", "type"],
)
def test_the_guard_sees_random_sources(source, expected):
    """The guard below sees each way of making random numbers and leaves a type annotation alone."""
    assert random_sources(source) == expected


def test_generators_are_made_in_one_place(root, python_files):
    """No module but model/rng.py makes random numbers of its own (tests aside)."""
    breaches = {
        name: found
        for file in python_files
        if not (name := file.relative_to(root).as_posix()).startswith("tests/") and name != RANDOM_HOME
        if (found := random_sources(file.read_text("utf-8")))
    }

    assert breaches == {}


def test_files_stay_small(root, python_files):
    """No Python file has grown beyond 400 lines."""
    lines = {file.relative_to(root).as_posix(): len(file.read_text("utf-8").splitlines()) for file in python_files}

    assert {name: n for name, n in lines.items() if n > MOST_LINES} == {}


def test_architecture_page_lists_the_package(root, python_files):
    """docs/ARCHITECTURE.md names every module of the package with its docstring's first line, and no other."""
    page = (root / "docs" / "ARCHITECTURE.md").read_text("utf-8")
    package = root / "kinerja_sim"
    modules = [file for file in python_files if file.is_relative_to(package) and file.name != "__init__.py"]
    docstrings = {file: ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "no docstring" for file in modules}
    rows = {
        f"| `{file.relative_to(package).as_posix()}` | {text.splitlines()[0]} |" for file, text in docstrings.items()
    }

    assert set(re.findall(r"^\| `[\w/]+\.py` \|.*$", page, flags=re.MULTILINE)) == rows
    assert len(page.splitlines()) - len(rows) <= MOST_PAGE_LINES
