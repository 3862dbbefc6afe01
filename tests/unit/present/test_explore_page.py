"""The no-code page without a browser: every control reaches the numbers, and words and chart agree."""

import asyncio
import base64
import csv
import datetime
import io
import json

import pytest
from comm import get_comm_manager
from comm.base_comm import BaseComm

import kinerja_sim as ks
from kinerja_sim.present import explore_page
from kinerja_sim.present.explore_page import Page
from kinerja_sim.present.explore_state import policy_of, state_of
from kinerja_sim.present.explore_view import row_of
from kinerja_sim.present.text import sentence
from kinerja_sim.study.explore import Bench
from tests import fake_model

REGION = ks.load_region("arcamanik")


class CommOfNobody(BaseComm):
    """A line to a browser that is not there."""

    def publish_msg(self, *_, **__):
        """Send nothing."""


@pytest.fixture
def page(monkeypatch):
    """A page on a model that is quick, looking once and not refining."""
    monkeypatch.setattr(explore_page, "FIRST_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(explore_page, "DRAWN_AT", (5, 8))
    return Page(lambda region, _: Bench(region, simulate_block=fake_model.simulate_block), "arcamanik", "id")


def uploaded(name, text):
    """Return what the browser sends for a file."""
    content = memoryview(text.encode())
    now = datetime.datetime.now(tz=datetime.UTC)
    return ({"name": name, "type": "", "size": len(content), "content": content, "last_modified": now},)


def shown(page):
    """Return everything that the page shows of a choice."""
    o = page.shown
    return o.sentence.value, o.chart.value, o.table.value, o.change.value, o.downloads.value


def test_the_page_opens_on_the_regions_own_policy(page):
    """At first the own policy and the primary metric are shown, with n and the range."""
    assert page.state == state_of(REGION)
    assert "n = 4" in page.shown.sentence.value
    assert "Persis seperti" in page.shown.change.value


def test_the_sentence_says_the_charts_numbers(page):
    """The sentence is the ladder's sentence on the very contrast that the chart and the CSV show."""
    row = row_of(page.bench.contrasts(policy_of(page.state)), page.state.unit, page.state.metric)
    assert sentence(row, "id", unit_title="Loket Kelurahan Cisaranten Kulon") in page.shown.sentence.value
    (link,) = [part for part in page.shown.downloads.value.split('href="') if part.startswith("data:text/csv")]
    text = base64.b64decode(link.split("base64,")[1].split('"')[0]).decode()
    first = next(csv.DictReader(io.StringIO(text)))
    assert first["label"] == "Pilihan Anda"
    assert float(first["delta_mean"]) == row["delta_mean"]


def test_under_voila_nothing_is_simulated_until_a_browser_has_fetched_the_page(monkeypatch):
    """The kernel of a page made beforehand stays idle, and answers at once; then it simulates, after a pause."""
    monkeypatch.setenv("VOILA_PREHEAT", "True")
    monkeypatch.setattr(explore_page, "FETCH_SECONDS", 0.05)
    monkeypatch.setattr(explore_page, "DRAWN_AT", (5, 8))
    control = CommOfNobody(target_name="jupyter.widget.control", primary=False)

    async def visit():
        page = Page(lambda region, _: Bench(region, simulate_block=fake_model.simulate_block), "arcamanik", "id")
        known = page.bench.known(policy_of(page.state))
        await asyncio.sleep(0.3)
        assert page.bench.known(policy_of(page.state)) == known
        assert known < 8
        get_comm_manager().targets["jupyter.widget.control"](control, {"metadata": {"version": "1.0.0"}})
        assert page.bench.known(policy_of(page.state)) == known
        for _ in range(400):
            await asyncio.sleep(0.05)
            if page.bench.known(policy_of(page.state)) == 8:
                return
        raise AssertionError("the page was fetched and nothing was simulated")

    asyncio.run(visit())


@pytest.mark.parametrize(
    ("move", "check"),
    [
        (lambda c: setattr(c.weights["citizens"], "value", 60), lambda p: p.appraisal.weights["citizens"] == 0.6),
        (lambda c: setattr(c.period, "value", "monthly"), lambda p: p.appraisal.period == "monthly"),
        (lambda c: setattr(c.channels["app"], "value", True), lambda p: "app" in p.channels),
        (lambda c: setattr(c.training["managerial"], "value", 15), lambda p: p.training[-1].hours_jp == 15),
        (lambda c: setattr(c.extra_officers, "value", 3), lambda p: p.capacity.extra_officers == 3),
        (lambda c: setattr(c.no_shortage, "value", True), lambda p: p.capacity.no_shortage),
        (lambda c: setattr(c.online_queue, "value", True), lambda p: p.capacity.online_queue),
        (lambda c: setattr(c.start, "value", "speed_only"), lambda p: p.appraisal.stakes == 0.9),
    ],
    ids=["weight", "period", "channel", "training", "officers", "shortage", "queue", "start"],
)
def test_every_lever_moves_the_policy_and_the_page(page, move, check):
    """A control that is moved changes the policy that is simulated, and what is shown."""
    before = shown(page)
    move(page.controls)
    assert check(policy_of(page.state))
    assert shown(page) != before
    assert sum(slider.value for slider in page.controls.weights.values()) == 100


def test_region_unit_and_metric_can_be_chosen(page):
    """Choosing another region opens its own policy; unit and metric change what is told."""
    page.controls.metric.value = "satisfaction_index"
    assert "Kepuasan" in page.shown.sentence.value
    page.controls.unit.value = "sukamiskin"
    assert "Sukamiskin" in page.shown.sentence.value
    page.controls.region.value = "lampung"
    assert page.state == state_of(ks.load_region("lampung"))
    assert [value for _, value in page.controls.unit.options] == list(ks.load_region("lampung").units)


def test_a_unit_without_the_metric_falls_back(page):
    """A metric that the new unit lacks is replaced by the unit's own first one."""
    page.controls.region.value = "tangerang-selatan"
    page.controls.unit.value = "outpatient"
    page.controls.metric.value = "wait_minutes_p90"
    page.controls.unit.value = "complaints"
    assert "wait" not in page.state.metric


def test_undo_goes_back_step_by_step_and_reset_to_the_own_policy(page):
    """Undo restores each earlier choice and its numbers; reset is itself undone."""
    own = shown(page)
    page.controls.period.value = "monthly"
    page.controls.extra_officers.value = 2
    page.controls.reset.click()
    assert page.state == state_of(REGION)
    page.controls.undo.click()
    assert page.state.extra_officers == 2
    page.controls.undo.click()
    page.controls.undo.click()
    assert shown(page) == own
    assert page.controls.undo.disabled


def test_a_named_what_if_stays_in_the_chart(page):
    """A kept choice is drawn beside the next one, can be chosen again and removed."""
    page.controls.extra_officers.value = 2
    page.controls.name.value = "Dua pegawai"
    page.controls.keep.click()
    page.controls.reset.click()
    assert "Dua pegawai" in page.shown.chart.value
    page.controls.kept.value = "Dua pegawai"
    assert page.state.extra_officers == 2
    page.controls.forget.click()
    assert page.kept == {}


def test_an_impossible_choice_shows_the_rule_and_no_old_picture(page):
    """Weights for citizens without a channel: the rule in an alert, and no stale numbers beside it."""
    for channel in ("paper", "kiosk"):
        page.controls.channels[channel].value = False
    assert 'role="alert"' in page.shown.error.value
    assert shown(page) == ("", "", "", "", "")
    page.controls.undo.click()
    assert page.shown.error.value == ""
    assert page.shown.sentence.value


def test_a_saved_state_is_opened(page):
    """An uploaded file brings back the choice and the what-ifs; a broken one is refused and changes nothing."""
    page.controls.extra_officers.value = 1
    page.keep("satu")
    text = explore_page.write_states(page.state, page.kept, "id")
    page.kept = {}
    page.reset()
    page.controls.upload.value = uploaded("a.json", text)
    assert page.state.extra_officers == 1
    assert list(page.kept) == ["satu"]
    before = page.state
    page.controls.upload.value = uploaded("b.json", "{}")
    assert page.state == before
    assert "b.json" in page.shown.error.value


def test_one_switch_changes_every_language(page):
    """In English every label, the sentence, the table and the numbers are English."""
    page.controls.lang.value = "en"
    labels = [w.description for w in (page.controls.region, page.controls.undo, page.controls.weights["peers"])]
    assert labels == ["Region", "Undo", "Weight of peers, %"]
    assert "Mean turnaround" in page.shown.sentence.value
    assert 'data-lang="en"' in page.shown.title.value
    page.controls.lang.value = "id"
    assert "Waktu penyelesaian" in page.shown.sentence.value


def test_every_control_has_a_label(page):
    """No control is left without text, in either language."""
    for lang in ("id", "en"):
        page.controls.lang.value = lang
        c = page.controls
        widgets = [*c.levers(), *c.weights.values(), c.lang, c.region, c.unit, c.start, c.undo, c.reset, c.name, c.keep,
                   c.kept, c.forget, c.upload]  # fmt: skip
        assert all(widget.description.strip() for widget in widgets)


def test_the_simulation_refines_in_the_background(page):
    """Left alone, the page goes on to the most replications; n and the sentence follow."""
    asyncio.run(page._work(looked=False, after=0))
    assert page.n == 8
    assert "n = 8" in page.shown.sentence.value
    assert "8 dari 8" in page.shown.progress.value
    assert page.bench.known(ks.load_policy("one_more_officer")) == 8
    assert "Satu pegawai tambahan" in page.shown.chart.value


def test_a_moved_slider_stops_the_refinement_of_the_last_choice(page):
    """Moving on cancels what was being simulated: only the last choice is refined."""

    async def move_twice():
        page.controls.extra_officers.value = 1
        first = page._task
        page.controls.extra_officers.value = 2
        await asyncio.sleep(0)
        await page._task
        return first

    assert asyncio.run(move_twice()).cancelled()
    assert page.bench.known(policy_of(page.state)) == 8
    assert page.bench.known(policy_of(page.state.model_copy(update={"extra_officers": 1}))) == 0


def test_the_chart_has_its_words(page):
    """The picture's alternative text holds the sentence and every other line of it; nothing is fetched."""
    chart = page.shown.chart.value
    assert 'alt="Waktu penyelesaian' in chart
    assert "Satu pegawai tambahan" not in chart  # nothing is known of it on this bench
    assert 'src="http' not in chart


def test_the_state_file_offered_is_the_choice(page):
    """The link to the state holds what is chosen now."""
    page.controls.extra_officers.value = 4
    link = page.shown.downloads.value.split("data:application/json;base64,")[1].split('"')[0]
    assert json.loads(base64.b64decode(link))["state"]["extra_officers"] == 4
