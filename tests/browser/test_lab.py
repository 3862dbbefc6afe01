"""JupyterLab with the network off: every shipped notebook opens, and Run All runs it to its end."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from kinerja_sim.present.notebooks import notebook_path, shipped_notebooks
from tests.small import save_comparison, save_sweep

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
SMALL = {"n_replications": "2", "n_draws": "40", "months": "2", "region": '"arcamanik"'}
PATIENCE = 240  # seconds until a notebook that does not finish counts as hanging
STALLED = 30  # seconds after which cells that a page sent before it was fully connected are sent again


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Path:
    """A folder as a user has it: notebooks beside the tables, with parameters that make a quick run."""
    room = tmp_path_factory.mktemp("lab")
    (room / "notebooks").mkdir()
    (room / "build").mkdir()
    for name in shipped_notebooks():
        book = nbformat.read(notebook_path(f"{name}.ipynb"), as_version=4)
        cell = next(c for c in book.cells if "parameters" in c.metadata.get("tags", []))
        for parameter, value in SMALL.items():
            cell.source = re.sub(rf"^({parameter}: \w+ = )\S+", rf"\g<1>{value}", cell.source, flags=re.MULTILINE)
        nbformat.write(book, room / "notebooks" / f"{name}.ipynb")
    save_comparison(room / "build" / "compare")
    save_sweep(room / "build" / "weights")
    return room


@pytest.fixture(scope="module")
def address(room) -> Iterator[str]:
    """A JupyterLab on the folder, with settings and workspaces of its own."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{kind}_DIR": str(room / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own |= {f"JUPYTERLAB_{kind}_DIR": str(room / kind.lower()) for kind in ("SETTINGS", "WORKSPACES")}
    command = [
        sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", "--IdentityProvider.token=", f"--ServerApp.root_dir={room}",
    ]  # fmt: skip
    environment = os.environ | own | {"PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1"}
    with (room / "log.txt").open("w") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, start_new_session=True, env=environment)
    for _ in range(240):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert process.poll() is None, (room / "log.txt").read_text()
        time.sleep(0.5)
    yield f"http://127.0.0.1:{port}"
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=60)


def answer(page) -> None:
    """Cancel the question that is on the page, if any: a machine that saves slowly asks whether a file has changed."""
    buttons = page.locator(".jp-Dialog .jp-mod-reject")
    if not buttons.count():
        buttons = page.locator(".jp-Dialog .jp-Dialog-footer button")
    if buttons.count():
        buttons.last.click(force=True)


def run_all(page) -> None:
    """Choose Run All Cells in the menu."""
    page.click(".lm-MenuBar-item:has-text('Run')")
    page.click("li[data-command='runmenu:run-all']")


@pytest.mark.parametrize("name", shipped_notebooks())
def test_run_all_succeeds_offline(browser, address, room, name):
    """Every cell has run, in order, without an error, and nothing but this machine was asked for anything."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page, asked = context.new_page(), []
    page.add_locator_handler(page.locator(".jp-Dialog"), lambda: answer(page))  # keys alone do not call it
    page.on("request", lambda request: asked.append(request.url))
    page.route(re.compile(r"^(?!http://127\.0\.0\.1)https?:"), lambda route: route.abort())
    page.goto(f"{address}/lab/tree/notebooks/{name}.ipynb?reset")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=1000 * PATIENCE)
    page.wait_for_load_state("networkidle")  # the kernel says idle once before the page has connected to it
    run_all(page)
    deadline, asked_again, seen = time.monotonic() + PATIENCE, time.monotonic() + STALLED, 0
    while True:  # the saved file says what has run; cells outside the window are not on the page
        page.wait_for_timeout(2000)
        answer(page)
        page.keyboard.press("Control+s")
        page.wait_for_timeout(500)
        book = nbformat.read(room / "notebooks" / f"{name}.ipynb", as_version=4)
        code = [cell for cell in book.cells if cell.cell_type == "code"]
        errors = [o for cell in code for o in cell.outputs if o.output_type == "error"]
        if errors or all(cell.execution_count for cell in code):
            break
        n_run = sum(cell.execution_count is not None for cell in code)
        if n_run > seen:
            asked_again, seen = time.monotonic() + STALLED, n_run
        elif n_run <= 1 and time.monotonic() > asked_again:
            run_all(page)
            asked_again = time.monotonic() + STALLED
        assert time.monotonic() < deadline, f"{name} did not finish"
    assert [(e.ename, e.evalue) for e in errors] == []
    counts = [cell.execution_count for cell in code]
    assert counts == sorted(set(counts))
    assert any(o.output_type == "display_data" for cell in code for o in cell.outputs)
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    context.close()
