"""The region notebook: parameters refused before a run, executed copies complete, failures kept apart."""

import json

import nbformat
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.notebooks import (
    check_parameters,
    declared_parameters,
    notebook_path,
    run_region_notebooks,
)

OTHER_KERNEL = {"argv": ["no-such-python", "{connection_file}"], "display_name": "other", "language": "python"}
KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"regoin": "lampung"},
            r"`regoin` must be a known parameter; got 'lampung' for 10_region.*Did you mean `region`",
        ),
        ({"zzz": 1}, r"Known: region, results_folder, lang, scenario"),
        ({"region": 5}, r"`region` must be text; got 5 for 10_region"),
        ({"lang": None}, r"`lang` must be text; got nothing"),
        ({"lang": "fr"}, r"`lang` must be id or en; got 'fr'"),
        ({"scenario": ["a"]}, r"`scenario` must be text; got a list"),
    ],
)
def test_a_wrong_parameter_is_refused_before_the_run(parameters, message):
    """An unknown name or a wrong type is a user's mistake, with the nearest name or the type wanted."""
    with pytest.raises(InputError, match=message):
        check_parameters(notebook_path(), parameters)


@pytest.mark.parametrize(
    ("kind", "value", "is_fine"),
    [
        ("int", 3, True), ("int", True, False), ("int", 3.0, False), ("float", 3, True), ("float", "3", False),
        ("bool", True, True), ("bool", 1, False), ("list", [1], True), ("list", "a", False),
    ],
)  # fmt: skip
def test_types_are_checked_as_the_cell_declares_them(tmp_path, kind, value, is_fine):
    """A whole number passes for a float; a truth value passes for nothing but bool."""
    cell = nbformat.v4.new_code_cell(f"x: {kind} = None  # a value", metadata={"tags": ["parameters"]})
    path = tmp_path / "n.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": KERNELSPEC}), path)
    if is_fine:
        check_parameters(path, {"x": value})
    else:
        with pytest.raises(InputError, match=r"`x` must be (a|true)"):
            check_parameters(path, {"x": value})


def test_declared_parameters_are_typed_and_explained():
    """Every parameter of the shipped notebook has a type and a comment."""
    declared = declared_parameters(notebook_path())
    assert declared == {"region": "str", "results_folder": "str", "lang": "str", "scenario": "str"}
    cells = json.loads(notebook_path().read_text(encoding="utf-8"))["cells"]
    lines = "".join(next(c for c in cells if "parameters" in c["metadata"].get("tags", []))["source"]).splitlines()
    assert all("  # " in line for line in lines)


def test_a_wrong_language_runs_nothing(saved):
    """The language is checked before any notebook starts."""
    with pytest.raises(InputError, match="`lang` must be one of id, en"):
        run_region_notebooks(saved.folder, ["arcamanik"], "fr")
    assert not (saved.folder / "notebooks").exists()


@pytest.mark.slow
def test_notebooks_run_in_parallel_and_a_failing_one_sinks_no_other(saved, tmp_path, monkeypatch):
    """Good regions have figures and text in the language; an unknown one is named and kept with its error."""
    # A kernel that the user registered under the same name elsewhere must not be taken.
    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps(OTHER_KERNEL), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    calls = []
    regions = ["tebing-tinggi", "nowhere", "arcamanik"]
    found = run_region_notebooks(saved.folder, regions, "id", 2, lambda done, total: calls.append((done, total)))
    assert [o.region for o in found] == [*regions, ""]
    assert [o.path.stem for o in found] == [*regions, "across"]
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]
    good = {o.region: o for o in found if o.error is None}
    assert sorted(good) == ["", "arcamanik", "tebing-tinggi"]
    assert "InputError: `region` must be one of" in found[1].error
    assert found[1].path.is_file()
    notebook = nbformat.read(good["tebing-tinggi"].path, as_version=4)
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    assert sum("image/png" in o.get("data", {}) for o in outputs) == 4
    text = "\n".join(o["data"].get("text/markdown", "") for o in outputs if "data" in o)
    for part in ("Kota Tebing Tinggi", "Hipotesis", "n = 20", "Bagian kebijakan penilaian", "bukan untuk menilai"):
        assert part in text
    assert [o for o in outputs if o.output_type in ("error", "stream")] == []
    assert str(saved.folder) not in good["tebing-tinggi"].path.read_text(encoding="utf-8").replace(
        json.dumps(str(good["tebing-tinggi"].path)), ""
    )
