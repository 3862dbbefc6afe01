"""The no-code page in a real browser with the network off: every control, by mouse and by keyboard, without faults.

Times are reported (`-rP`), not asserted beyond what keeps a broken page from hanging the
suite: machines that run tests are slow and shared.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 240_000  # milliseconds until a page that does not answer counts as broken; both cores may be taken
CHART, SENTENCE = ".kinerja-chart img", ".kinerja-sentence"
CHANGED = "old => { const e = document.querySelector('.kinerja-chart img'); return e && e.dataset.code !== old; }"


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """The page of one region, served as `kinerja explore` serves it."""
    pytest.importorskip("voila", reason="Voilà is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("explore")
    command = [
        sys.executable, "-m", "kinerja_sim.cli", "explore", "--regions", "arcamanik", "--port", str(port),
        "-o", str(folder / "grid"), "--lang", "id",
    ]  # fmt: skip
    log = folder / "log.txt"
    with log.open("w") as stream:
        process = subprocess.Popen(
            command, stdout=stream, stderr=stream, start_new_session=True, cwd=Path(__file__).resolve().parents[2]
        )
    for _ in range(600):  # a GET would start a kernel, so only the port is asked
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert process.poll() is None, log.read_text()
        time.sleep(0.5)
    yield f"http://127.0.0.1:{port}/"
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=30)


@pytest.fixture
def opened(browser, address):
    """Return what opens the page in a window of so many pixels; requests to anywhere else are refused and kept."""
    contexts = []

    def open_page(width, height):
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.outside, page.errors = [], []

        def gate(route):
            if route.request.url.startswith((address, "data:", "blob:")):
                route.continue_()
            else:
                page.outside.append(route.request.url)
                route.abort()

        page.route("**/*", gate)
        page.on("console", lambda m: page.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        started = time.monotonic()
        page.goto(address)
        try:
            page.wait_for_selector(CHART, state="visible", timeout=PATIENCE)
        except Exception as error:
            raise AssertionError(f"{error}\n{page.inner_text('body')[:1000]}\n{page.errors}\n{page.outside}") from error
        sys.stdout.write(f"loaded in {time.monotonic() - started:.1f} s at {width} px\n")
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:  # as a visitor leaves it: a context that is closed does not tell the page
            page.unroute_all()
            page.goto("about:blank")
        context.close()


def changed_by(page, move, what):
    """Move a control, wait for the chart of another choice, and return its sentence."""
    before, picture = page.get_attribute(CHART, "data-code"), page.get_attribute(CHART, "src")
    started = time.monotonic()
    move()
    page.wait_for_function(CHANGED, arg=before, timeout=PATIENCE)
    sys.stdout.write(f"{what}: new chart after {time.monotonic() - started:.2f} s\n")
    assert page.get_attribute(CHART, "src") != picture
    return page.inner_text(SENTENCE)


def press(page, label, key):
    """Move a slider by its label with one key."""
    page.locator(f'.noUi-handle[aria-label="{label}"]').focus()
    page.keyboard.press(key)


def test_every_control_changes_the_chart_and_the_sentence_agrees(opened):
    """Each control gives a new chart whose words begin with the very sentence; nothing is fetched or goes wrong."""
    page = opened(1280, 900)
    boxes = page.locator(".kinerja-page input[type=checkbox]:not([disabled])")
    for i in range(boxes.count()):
        before = page.get_attribute(CHART, "data-code")
        changed_by(page, boxes.nth(i).click, f"box {i + 1}")
        changed_by(page, boxes.nth(i).click, f"box {i + 1} again")
        assert page.get_attribute(CHART, "data-code") == before
    labels = page.locator(".noUi-handle").evaluate_all("all => all.map(e => e.getAttribute('aria-label'))")
    assert len(labels) >= 12
    for label in labels:
        changed_by(page, lambda label=label: press(page, label, "ArrowRight"), label)
        assert page.get_attribute(CHART, "alt").startswith(page.inner_text(SENTENCE))
    changed_by(page, lambda: page.get_by_label("Masa evaluasi").select_option(label="bulanan"), "period")
    changed_by(page, lambda: page.get_by_label("Aplikasi", exact=True).check(), "channel")
    changed_by(page, lambda: page.get_by_label("Antrean daring").check(), "online queue")
    text = changed_by(page, lambda: page.get_by_label("Ukuran").select_option(label="Kepuasan sebenarnya"), "metric")
    assert text.startswith("Kepuasan sebenarnya")
    text = changed_by(
        page, lambda: page.get_by_label("Layanan").select_option(label="Loket Kelurahan Sukamiskin"), "unit"
    )
    assert "Sukamiskin" in text
    sliders = page.locator(".widget-slider").filter(has_text=re.compile("^Bobot"))
    assert sum(int(n) for n in sliders.locator(".widget-readout").all_inner_texts()) == 100
    assert page.get_attribute(CHART, "alt").startswith(page.inner_text(SENTENCE))
    text = changed_by(page, lambda: page.get_by_role("button", name="Kembali ke kebijakan wilayah").click(), "reset")
    changed_by(page, lambda: page.get_by_role("button", name="Urungkan").click(), "undo")
    changed_by(page, lambda: page.get_by_label("Bahasa").select_option(label="English"), "language")
    assert page.locator("h1:visible").inner_text() == "What would this evaluation policy do?"
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.outside == []
    assert page.errors == []


def test_downloads_are_the_chart_and_its_numbers(opened, tmp_path):
    """The links save a PNG, the numbers as CSV and the state, and the state opens again."""
    page = opened(1280, 900)
    saved = {}
    for name in ("Grafik (PNG)", "Data (CSV)", "Keadaan halaman ini (JSON)"):
        with page.expect_download() as info:
            page.get_by_role("link", name=name).click()
        saved[name] = tmp_path / info.value.suggested_filename
        info.value.save_as(saved[name])
    assert saved["Grafik (PNG)"].read_bytes().startswith(b"\x89PNG")
    assert "delta_mean" in saved["Data (CSV)"].read_text().splitlines()[0]
    changed_by(page, lambda: press(page, "Pegawai tambahan", "ArrowRight"), "officers")
    handle = page.locator('.noUi-handle[aria-label="Pegawai tambahan"]')
    assert handle.get_attribute("aria-valuetext") == "1"

    def upload():
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name=re.compile("Buka keadaan")).click()
        chooser.value.set_files(saved["Keadaan halaman ini (JSON)"])

    changed_by(page, upload, "upload")
    assert handle.get_attribute("aria-valuetext") == "0"
    assert page.errors == []


def test_the_keyboard_alone_reaches_everything(opened):
    """Tab visits every list, box, slider, button and link, and what has the focus is seen to have it."""
    page = opened(1280, 900)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('.kinerja-page select, .kinerja-page input:not([type=file]),'
          + '.kinerja-page button:not([disabled]), .kinerja-page .noUi-handle, .kinerja-page a, .kinerja-page summary')]
          .filter(e => e.offsetParent !== null).map((e, i) => { e.dataset.at = i; return i; })"""
    )
    assert len(wanted) > 25
    reached, unseen = set(), []
    for _ in range(3 * len(wanted)):
        page.keyboard.press("Tab")
        at = page.evaluate("() => document.activeElement?.dataset?.at ?? null")
        if at is None:
            continue
        reached.add(int(at))
        outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
        if outline == "none":
            unseen.append(page.evaluate("() => document.activeElement.outerHTML.slice(0, 120)"))
    assert set(wanted) - reached == set()
    assert unseen == []


def test_the_page_fits_a_phone(opened):
    """In a window 375 px wide nothing scrolls sideways, labels are whole and the narrow chart is shown."""
    page = opened(375, 800)
    wide = page.evaluate(
        "() => [...document.querySelectorAll('body, body *')]"
        ".filter(e => e.clientWidth > 0 && e.scrollWidth > innerWidth + 1).map(e => e.className)"
    )
    assert wide == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(f"document.querySelector('{CHART}').currentSrc === "
                         "document.querySelector('.kinerja-chart source').srcset")  # fmt: skip


@pytest.mark.parametrize("width", [1280, 375])
def test_axe_finds_no_serious_fault(opened, width):
    """The accessibility rules of axe-core find nothing serious or critical, on a desk or a phone."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = opened(width, 900)
    found = axe.Axe().run(page).response
    assert len(found["passes"]) > 20
    faults = {
        v["id"]: v["nodes"][0]["html"][:200] for v in found["violations"] if v["impact"] in ("serious", "critical")
    }
    assert faults == {}


def test_a_page_that_is_left_ends_its_kernel(browser, address):
    """Nothing goes on being simulated for a page that nobody looks at any more."""
    context = browser.new_context()
    page, kernel = context.new_page(), "JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"
    page.goto(address)
    page.wait_for_selector(CHART, timeout=PATIENCE)
    running = f"{address}api/kernels/{page.evaluate(kernel)}"
    assert context.request.get(running).status == 200
    page.goto("about:blank")
    until = time.monotonic() + PATIENCE / 1000
    while context.request.get(running).status == 200 and time.monotonic() < until:
        time.sleep(0.5)
    assert context.request.get(running).status == 404
    context.close()


def test_a_widget_that_came_too_late_opens_the_page_anew(opened):
    """Where a renderer gave up waiting for its widget, the page loads again and draws; not more than three times."""
    page = opened(1280, 900)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p class=kinerja-mark></p>')")
    planted = "<div class=jupyter-widgets>Error displaying widget: model not found</div>"
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', '{planted}')")
    page.wait_for_selector(".kinerja-mark", state="detached", timeout=PATIENCE)
    page.wait_for_selector(CHART, state="visible", timeout=PATIENCE)
    page.wait_for_function("sessionStorage.getItem('kinerja-reloads') === null", timeout=PATIENCE)
    page.evaluate("sessionStorage.setItem('kinerja-reloads', 3)")
    page.evaluate("document.querySelector('.kinerja-page').remove()")  # else its chart would begin the count again
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', '<p class=kinerja-mark></p>{planted}')")
    page.wait_for_timeout(500)
    assert page.locator(".kinerja-mark").count() == 1


def test_a_broken_rule_is_told_on_the_page(opened):
    """Without a channel for citizens the page names the rule and shows no old numbers; undo brings them back."""
    page = opened(1280, 900)
    page.get_by_label("Formulir kertas").uncheck()
    page.get_by_label("Mesin penilaian di pintu keluar").uncheck()
    page.wait_for_selector('[role="alert"]', timeout=PATIENCE)
    assert page.locator(CHART).count() == 0
    page.get_by_role("button", name="Urungkan").click()
    page.wait_for_selector(CHART, timeout=PATIENCE)
    assert page.locator('[role="alert"]').count() == 0
    assert page.errors == []
