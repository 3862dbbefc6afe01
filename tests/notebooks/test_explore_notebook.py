"""The explorer notebook outside the page: it runs from top to bottom and ends in widgets."""

import papermill
import pytest

from kinerja_sim.present.notebooks import declared_parameters, notebook_path


def test_its_parameters_are_declared():
    """Region, language and cache are parameters, each of type text."""
    declared = declared_parameters(notebook_path("explore.ipynb"))
    assert declared == {"region": "str", "lang": "str", "grid_folder": "str"}


@pytest.mark.slow
def test_run_all_succeeds(tmp_path):
    """Run as JupyterLab's Run All does, the last cell shows the page's widget; nothing fails, nothing is written."""
    book = papermill.execute_notebook(
        notebook_path("explore.ipynb"), tmp_path / "out.ipynb", kernel_name="python3", progress_bar=False,
        parameters={"region": "arcamanik", "lang": "en", "grid_folder": str(tmp_path / "none")}, cwd=tmp_path,
        start_timeout=120,
    )  # fmt: skip
    shown = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in shown)
    assert [output for output in shown if output["output_type"] == "error"] == []
    assert [path.name for path in tmp_path.iterdir()] == ["out.ipynb"]
