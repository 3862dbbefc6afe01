"""Optional libraries: where they are missing, one line names the extra that brings them."""

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import kinerja_sim
from tests.fake_sweep import write_sweep
from tests.fakes import save_fakes

ROOT = Path(kinerja_sim.__file__).parents[1]
BLOCKED = (
    "SALib", "charset_normalizer", "defusedxml", "distributed", "ema_workbench", "ipykernel", "ipywidgets", "lxml",
    "nbconvert", "nbformat", "openpyxl", "papermill", "pptx", "pypdf", "sphinx_revealjs", "typst", "voila",
)  # fmt: skip
CALLS = {
    "sweep morris.yaml -o out": "uq",
    "sweep saltelli.yaml -o out": "uq",
    "sweep grid.yaml -o out --dask tcp://127.0.0.1:1": "cluster",
    "sensitivity morris --metric satisfaction_index": "uq",
    "sensitivity saltelli --metric satisfaction_index": "uq",
    "discover morris --where satisfaction_index>=70.4": "uq",
    "explore --regions arcamanik -o out": "app",
    "report cmp": "notebooks",
    "slides cmp": "slides",
    "verify deck.pdf": "slides",
    "verify deck.pptx": "slides",
    "compare --regions arcamanik --policies null -n 2 -o out": "slides",
    "import a.xlsx --guess": "field",
    "import a.xes --guess": "field",
    "import latin.csv --guess": "field",
}
RUN = f"""
import json, sys
sys.modules |= dict.fromkeys({BLOCKED!r})
from typer.testing import CliRunner
from kinerja_sim.cli import app
found = {{}}
for line in sys.stdin.read().splitlines():
    done = CliRunner().invoke(app, [*line.split(), "--lang", "id"])
    found[line] = [done.exit_code, done.stdout, done.stderr]
print(json.dumps(found))
"""
DESIGN = """
regions: [arcamanik]
policies: [own]
method: {method}
factors:
  policy.appraisal.stakes: {levels}
draws: 2
months: 2
metrics: [turnaround_days_mean]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with one of each thing that needs a library."""
    path = tmp_path_factory.mktemp("extras")
    for method in ("morris", "saltelli"):
        levels = "{low: 0.2, high: 0.8}\nn: 4"
        (path / f"{method}.yaml").write_text(DESIGN.format(method=method, levels=levels), "utf-8")
        x = np.array([[0.0], [0.5], [1.0], [0.5]] * 12)[:, :1]
        factors = [{"name": "policy.dose", "kind": "policy"}]
        write_sweep(
            path / method,
            x,
            factors,
            lambda place, *_: {"satisfaction_index": 70 + place["policy.dose"]},
            method=method,
        )
    (path / "grid.yaml").write_text(DESIGN.format(method="grid", levels="[0.2, 0.8]"), "utf-8")
    save_fakes(path / "cmp")
    for name in ("deck.pdf", "deck.pptx"):
        (path / name).write_bytes(b"%PDF-1.7")
    book = openpyxl.Workbook()
    book.active.append(["datang", "mulai"])
    book.save(path / "a.xlsx")
    (path / "a.xes").write_text("<?xml version='1.0'?><log><trace></trace></log>", "utf-8")
    (path / "latin.csv").write_bytes("datang;jenis\n2026-01-05 09:00;r\xe9sum\xe9\n".encode("latin-1"))
    return path


def test_without_its_extra_a_verb_says_what_to_install(folder):
    """No verb ends in an ImportError, and none has written anything, where every optional library is missing."""
    done = subprocess.run(
        [sys.executable, "-c", RUN], input="\n".join(CALLS), capture_output=True, text=True, cwd=folder, check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )  # fmt: skip
    for line, (code, out, err) in json.loads(done.stdout).items():
        named = re.fullmatch(r"`(\w+)` harus dipasang .* Pasang dengan: pip install 'kinerja-sim\[(\w+)\]'\.\n", err)
        assert (code, out) == (2, ""), (line, err)
        assert named is not None, (line, err)
        assert named.groups() == (CALLS[line], CALLS[line])
    assert not (folder / "out").exists()


def needs():
    """Yield (extra, module) of every call of `need` in the package."""
    for file in (ROOT / "kinerja_sim").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "need":
                words = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
                extra, *modules = words
                yield from ((extra, module) for module in modules if not module.startswith("."))


def test_the_extra_that_is_named_brings_what_is_missing():
    """Every library that a part asks for stands in the extra that it names."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    brought = {name: {re.split(r"[>=]", one)[0].lower() for one in many} for name, many in extras.items()}
    homes = importlib.metadata.packages_distributions()
    found = set(needs())

    assert {"uq", "cluster", "field", "notebooks", "slides", "app"} == {extra for extra, _ in found}
    for extra, module in found:
        assert {home.lower() for home in homes[module]} & brought[extra], (extra, module)
