"""The pieces of the no-code page: its controls with their labels, and its output as HTML.

Every control carries its label as text, every picture its words. Weights move in steps of
five per cent, so that an arrow key moves them too. Nothing here knows how numbers come about.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import ipywidgets as w  # type: ignore[import-untyped]  # ships no types
from comm import get_comm_manager

from kinerja_sim.know.fields import FrozenDict
from kinerja_sim.know.library import list_policies, list_regions
from kinerja_sim.know.policies import CHANNELS, MONTHS_OF, SOURCES
from kinerja_sim.present.changes import metric_of
from kinerja_sim.present.explore_state import KINDS, STEP, State, metrics_of, policy_called, region_called
from kinerja_sim.present.i18n import LANGUAGES, Translator, translator
from kinerja_sim.present.labels import POLICY, VALUES

if TYPE_CHECKING:
    from kinerja_sim.know.regions import Region
    from kinerja_sim.present.explore_view import View

LANGUAGE_NAMES = dict(zip(LANGUAGES, ("Bahasa Indonesia", "English"), strict=True))
WIDE = {"width": "100%"}
LABEL = {"description_width": "46%"}


@dataclass
class Controls:
    """Every control of the page."""

    lang: w.Dropdown
    region: w.Dropdown
    unit: w.Dropdown
    metric: w.Dropdown
    start: w.Dropdown
    weights: dict[str, w.IntSlider]
    period: w.Dropdown
    channels: dict[str, w.Checkbox]
    training: dict[str, w.IntSlider]
    extra_officers: w.IntSlider
    no_shortage: w.Checkbox
    online_queue: w.Checkbox
    undo: w.Button
    reset: w.Button
    name: w.Text
    keep: w.Button
    kept: w.Dropdown
    forget: w.Button
    upload: w.FileUpload
    heads: dict[str, w.HTML]

    def levers(self) -> list[Any]:
        """Return the controls whose values go into the state as they are."""
        return [
            self.metric, self.period, *self.channels.values(), *self.training.values(), self.extra_officers,
            self.no_shortage, self.online_queue,
        ]  # fmt: skip

    def levers_chosen(self) -> dict[str, Any]:
        """Return what those controls say, as parts of a state."""
        return {
            "metric": self.metric.value,
            "period": self.period.value,
            "channels": tuple(c for c in CHANNELS if self.channels[c].value),
            "training": FrozenDict({k: self.training[k].value for k in KINDS}),
            "extra_officers": self.extra_officers.value,
            "no_shortage": self.no_shortage.value,
            "online_queue": self.online_queue.value,
        }


@dataclass
class Outputs:
    """Everything on the page that is not a control."""

    title: w.HTML
    error: w.HTML
    sentence: w.HTML
    change: w.HTML
    progress: w.HTML
    chart: w.HTML
    downloads: w.HTML
    table: w.HTML
    note: w.HTML

    def headings(self, t: Translator) -> None:
        """Write the texts that never depend on a number."""
        asked = t("What would this evaluation policy do?")
        how = t("Choose a service and move the levers; chart and sentence follow.")
        self.title.value = f'<h1 data-lang="{t.lang}">{html.escape(asked)}</h1><p>{html.escape(how)}</p>'
        said = t("A simulation on estimates, not a forecast. {individuals}",
                 individuals=t("This tool is not for rating individuals."))  # fmt: skip
        self.note.value = f'<p class="kinerja-progress">{html.escape(said)}</p>'


def make_controls() -> Controls:
    """Return the controls, still without labels."""

    def choice() -> w.Dropdown:
        return w.Dropdown(style=LABEL, layout=WIDE)

    def slider(most: int, step: int) -> w.IntSlider:
        return w.IntSlider(0, 0, most, step, continuous_update=False, style=LABEL, layout=WIDE)

    def box() -> w.Checkbox:
        return w.Checkbox(indent=False, layout=WIDE)

    def button() -> w.Button:
        return w.Button(layout={"width": "auto", "min_width": "9em", "height": "34px"})

    heads = ("look", "weights", "appraisal", "channels", "training", "capacity", "versions", "file")
    return Controls(
        lang=choice(), region=choice(), unit=choice(), metric=choice(), start=choice(),
        weights={s: slider(100, STEP) for s in SOURCES}, period=choice(),
        channels={c: box() for c in CHANNELS}, training={k: slider(60, 5) for k in KINDS},
        extra_officers=slider(5, 1), no_shortage=box(), online_queue=box(),
        undo=button(), reset=button(), name=w.Text(style=LABEL, layout=WIDE), keep=button(), kept=choice(),
        forget=button(), upload=w.FileUpload(accept=".json", multiple=False, layout={"width": "auto"}),
        heads={name: w.HTML() for name in heads},
    )  # fmt: skip


def make_outputs() -> Outputs:
    """Return the outputs, still empty."""
    found = Outputs(*(w.HTML(layout=WIDE) for _ in range(9)))
    for name in ("error", "sentence", "progress", "chart", "downloads", "change", "table"):
        getattr(found, name).add_class(f"kinerja-out-{name}")
    return found


def lay_out(c: Controls, o: Outputs) -> w.VBox:
    """Return the whole page: controls beside the outputs, one below the other where it is narrow."""
    h, row = c.heads, {"flex_flow": "row wrap", "width": "100%"}
    left = w.VBox([
        c.lang, h["look"], c.region, c.unit, c.metric, c.start,
        h["weights"], *c.weights.values(), h["appraisal"], c.period, h["channels"], *c.channels.values(),
        h["training"], *c.training.values(), h["capacity"], c.extra_officers, c.no_shortage, c.online_queue,
        h["versions"], w.HBox([c.undo, c.reset], layout=row), c.name, w.HBox([c.keep], layout=row), c.kept,
        w.HBox([c.forget], layout=row), h["file"], c.upload,
    ])  # fmt: skip
    right = w.VBox([o.progress, o.chart, o.downloads, o.change, o.table, o.note])
    left.add_class("kinerja-controls")
    right.add_class("kinerja-outputs")
    css = files("kinerja_sim.present").joinpath("templates", "explore.css").read_text(encoding="utf-8")
    body = w.HBox([left, right], layout={"flex_flow": "row wrap", "width": "100%", "align_items": "flex-start"})
    body.add_class("kinerja-body")
    page = w.VBox([w.HTML(f"<style>{css}</style>"), o.title, o.error, o.sentence, body], layout=WIDE)
    page.add_class("kinerja-page")
    return page


def label_controls(
    c: Controls, region: Region, state: State, kept: Mapping[str, State], lang: str, can_undo: bool
) -> None:
    """Write every label in `lang` and every value from the state; the caller keeps observers silent."""
    t = translator(lang)
    _set(c.lang, t("Language"), {name: code for code, name in LANGUAGE_NAMES.items()}, lang)
    _set(c.region, t("Region"), {region_called(r).title.in_(lang): r for r in list_regions()}, state.region)
    _set(c.unit, t("Service"), {u.title.in_(lang): name for name, u in region.units.items()}, state.unit)
    metrics = metrics_of(region, state.unit)
    _set(c.metric, t("Look at"), {metric_of(m).label.in_(lang): m for m in metrics}, state.metric)
    starts = {p: policy_called(p).title.in_(lang) for p in list_policies() if p != "null"}
    _set(c.start, t("Start from"), {title: p for p, title in starts.items()}, state.start)
    for source in SOURCES:
        _slide(
            c.weights[source], t("{what}, %", what=_head(f"appraisal.weights.{source}", lang)), state.weights[source]
        )
    _set(c.period, t("Evaluation period"), {VALUES[p].in_(lang): p for p in MONTHS_OF}, state.period)
    for channel in CHANNELS:
        c.channels[channel].description = _first(VALUES[channel].in_(lang))
        c.channels[channel].value = channel in state.channels
    for kind in KINDS:
        what = _first(VALUES[kind].in_(lang))
        _slide(c.training[kind], t("{what}, JP a year", what=what), state.training[kind])
    _slide(c.extra_officers, _head("capacity.extra_officers", lang), state.extra_officers)
    for box, path in ((c.no_shortage, "capacity.no_shortage"), (c.online_queue, "capacity.online_queue")):
        box.description, box.value = _head(path, lang), getattr(state, path.rpartition(".")[2])
    c.undo.description, c.undo.disabled = t("Undo"), not can_undo
    c.reset.description = t("Reset to the own policy")
    c.name.description, c.keep.description = t("Name of this what-if"), t("Keep in the chart")
    here = [name for name, each in kept.items() if each == state]
    _set(c.kept, t("Kept what-ifs"), {t("(none chosen)"): "", **{n: n for n in kept}}, here[0] if here else "")
    c.forget.description, c.forget.disabled = t("Remove from the chart"), not here
    c.upload.description = t("Open a saved state")
    heads = {
        "look": t("What to look at"), "weights": t("Weights in the appraisal (always 100% together)"),
        "appraisal": t("Appraisal"), "channels": t("How citizens are heard"),
        "training": t("Training (1 JP is 45 minutes)"), "capacity": t("Capacity"), "versions": t("Versions"),
        "file": t("Share this"),
    }  # fmt: skip
    for name, text in heads.items():
        c.heads[name].value = f"<h2>{html.escape(text)}</h2>"


def _set(widget: w.Dropdown, label: str, options: Mapping[str, str], value: str) -> None:
    widget.description = label
    pairs = tuple(options.items())
    if widget.options != pairs:
        widget.options = pairs
    widget.value = value


def _slide(widget: w.IntSlider, label: str, value: int) -> None:
    widget.description, widget.value = label, value


def _head(path: str, lang: str) -> str:
    return _first(POLICY[path].in_(lang))


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]


def short_hash(state: State) -> str:
    """Return a short code of a state, for the footer of its chart and the names of its files."""
    return hashlib.sha256(state.model_dump_json().encode()).hexdigest()[:8]


def when_opened(call: Callable[[], None]) -> None:
    """Call back whenever a browser begins to fetch the widgets of a page that was made before it came.

    A kernel that is busy then answers too late: the browser gives up after two seconds and shows an error for ever,
    or after four asks for every widget by itself.
    """

    def opened(comm: Any, message: Any) -> None:
        w.Widget.handle_control_comm_opened(comm, message)
        call()

    get_comm_manager().register_target("jupyter.widget.control", opened)


def sentence_html(sentence: str) -> str:
    """Return the claim as HTML that screen readers announce."""
    return f'<div role="status" aria-live="polite"><p class="kinerja-sentence">{html.escape(sentence)}</p></div>'


def change_html(view: View, t: Translator) -> str:
    """Return what was changed against the start, and behind a heading everything that today's practice has not."""
    items = "".join(f"<li>{html.escape(line)}</li>" for line in view.against_today)
    today = html.escape(t("Everything that differs from today's practice"))
    return f"<p>{html.escape(view.against_start)}</p><details><summary>{today}</summary><ul>{items}</ul></details>"


def progress_html(text: str) -> str:
    """Return how far the simulation has come."""
    return f'<p class="kinerja-progress">{html.escape(text)}</p>'


def chart_html(view: View, alt: str, code: str) -> str:
    """Return the chart with its words; a narrow window gets a drawing of its own, with text as large.

    `code` names the choice that is drawn, for whatever drives the page from outside.
    """
    if not view.desk:
        return ""
    sources = [data_url("image/png", png) for png in (view.phone, view.desk)]
    return (
        f'<div class="kinerja-chart"><picture><source media="(max-width: 640px)" srcset="{sources[0]}">'
        f'<img src="{sources[1]}" data-code="{code}" alt="{html.escape(alt, quote=True)}"></picture></div>'
    )


def downloads_html(view: View, states: str, state: State, t: Translator) -> str:
    """Return links that save chart, numbers and state; they hold the files themselves, so no server is asked."""
    offered = {
        t("Chart (PNG)"): ("png", "image/png", view.desk),
        t("Data (CSV)"): ("csv", "text/csv", view.csv.encode()),
        t("State of this page (JSON)"): ("json", "application/json", states.encode()),
    }
    name = f"kinerja-{state.region}-{state.unit}-{short_hash(state)}"
    links = [
        f'<a download="{name}.{ending}" href="{data_url(kind, data)}">{html.escape(text)}</a>'
        for text, (ending, kind, data) in offered.items()
        if data
    ]
    lead = t("Download:")
    return f'<p class="kinerja-downloads">{html.escape(lead)} {" ".join(links)}</p>'


def data_url(kind: str, data: bytes) -> str:
    """Return a link that holds the file itself."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def error_html(message: str) -> str:
    """Return a user's mistake so that screen readers announce it at once."""
    return f'<div role="alert" class="kinerja-error">{html.escape(message)}</div>'
