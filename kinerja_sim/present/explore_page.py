"""The no-code page: controls, a chart, a sentence and a table that follow each other, in either language.

`make explore` shows it through Voilà, JupyterLab shows the same widgets. Whatever is known
of a choice is shown at once; then further replications run between two events of the page,
one at a time, and the picture is drawn anew at a few counts. Everything that is computed
lives elsewhere; this module only lays out and reacts.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from kinerja_sim.know.errors import KinerjaError
from kinerja_sim.know.library import list_policies, list_regions
from kinerja_sim.know.policies import SOURCES
from kinerja_sim.present import explore_parts as parts
from kinerja_sim.present.errors import in_language
from kinerja_sim.present.explore_state import (
    State,
    grid_policies,
    metrics_of,
    policy_called,
    policy_of,
    read_states,
    region_called,
    state_of,
    with_weight,
    write_states,
)
from kinerja_sim.present.explore_view import Series, alternative_text, make_view
from kinerja_sim.present.i18n import Translator, default_language, translator
from kinerja_sim.present.style import INK, look

if TYPE_CHECKING:
    import pandas as pd

    from kinerja_sim.know.policies import Policy
    from kinerja_sim.know.regions import Region

FIRST_LOOK_SECONDS = 0.4  # simulated before the first picture of a choice that nothing is known of
LEAST = 4  # replications of that picture, however long they take
DRAWN_AT = (10, 25, 50, 100)  # replications at which the picture is drawn anew
SETTLE_SECONDS = 0.06  # a slider held down moves many times: only its last place is simulated
LISTENING = 0.2  # of a replication's time: kept after it for what the page asks, so that messages do not queue up
FETCH_SECONDS = 1.0  # a page that has just opened fetches its widgets before anything is simulated
MOST_UNDO = 50
MOST_KEPT = 5
CHOSEN = (INK, "p")  # colour and marker of what is chosen; the others look as in every figure
FIRST_KEPT = 3  # after the own policy, speed alone and one more officer
SPAN = {"months": 24, "seed": 0, "parameters": "ledger"}


class BenchLike(Protocol):
    """What the page asks of a region's bench (`study.explore.Bench`)."""

    def known(self, policy: Policy) -> int:
        """Return how many replications of a policy are known."""

    def advance(self, policy: Policy, *, until: int = ...) -> int:
        """Run one more replication and return how many are known."""

    def contrasts(self, policy: Policy, scenario: str = ...) -> pd.DataFrame:
        """Return the paired differences from today's practice."""


Opens = Callable[["Region", Sequence["Policy"]], BenchLike]


class Page:
    """The page of one visitor.

    Parameters
    ----------
    opens : callable
        Gives the bench of a region, from the region and the policies run beforehand.
    region : str, optional
        The first of the library when left out.
    lang : {'id', 'en', ''}
        As `KINERJA_LANG` or the locale says, when empty.
    """

    def __init__(self, opens: Opens, region: str = "", lang: str = "") -> None:
        self.lang = translator(lang).lang if lang else default_language()
        self._opens, self._benches = opens, dict[str, BenchLike]()
        self.state = state_of(region_called(region or list_regions()[0]))
        self.kept: dict[str, State] = {}
        self.history: list[State] = []
        self.n = 0
        self._quiet = False
        self._task: asyncio.Task[None] | None = None
        self.controls = parts.make_controls()
        self.shown = parts.make_outputs()
        self.box = parts.lay_out(self.controls, self.shown)
        self._listen()
        self._relabel()
        self.first_look()
        if "VOILA_PREHEAT" in os.environ:  # Voilà makes the page before anybody opens it
            parts.when_opened(lambda: self._later(looked=self._task is None, after=FETCH_SECONDS))
        else:
            self._later(looked=True)

    @property
    def t(self) -> Translator:
        """The translator of the page's language."""
        return translator(self.lang)

    @property
    def region(self) -> Region:
        """The region that is looked at."""
        return region_called(self.state.region)

    @property
    def bench(self) -> BenchLike:
        """The bench of the region that is looked at."""
        name = self.state.region
        if name not in self._benches:
            self._benches[name] = self._opens(self.region, grid_policies(self.region))
        return self._benches[name]

    # From a control to a state

    def _listen(self) -> None:
        c = self.controls
        for source in SOURCES:
            c.weights[source].observe(lambda change, s=source: self._moved_weight(s, change["new"]), "value")
        for widget in c.levers():
            widget.observe(lambda _: self._moved(), "value")
        c.region.observe(lambda change: self._go(state_of(region_called(change["new"]))), "value")
        c.unit.observe(lambda change: self._moved_unit(change["new"]), "value")
        c.start.observe(lambda change: self._moved_start(change["new"]), "value")
        c.lang.observe(lambda change: self._switch(change["new"]), "value")
        c.undo.on_click(lambda _: self.undo())
        c.reset.on_click(lambda _: self.reset())
        c.keep.on_click(lambda _: self.keep(c.name.value))
        c.forget.on_click(lambda _: self.forget(c.kept.value))
        c.kept.observe(lambda change: self._go(self.kept.get(change["new"], self.state)), "value")
        c.upload.observe(lambda change: self._uploaded(change["new"]), "value")

    def _moved_weight(self, source: str, value: int) -> None:
        if not self._quiet:
            self._go(with_weight(self.state, source, value))

    def _moved(self) -> None:
        if not self._quiet:
            self._go(self.state.model_copy(update=self.controls.levers_chosen()))

    def _moved_unit(self, unit: str) -> None:
        offered = metrics_of(self.region, unit) if unit else []
        if not self._quiet and offered:
            metric = self.state.metric if self.state.metric in offered else offered[0]
            self._go(self.state.model_copy(update={"unit": unit, "metric": metric}))

    def _moved_start(self, start: str) -> None:
        if not self._quiet:
            self._go(state_of(self.region, start, unit=self.state.unit, metric=self.state.metric))

    def _go(self, state: State) -> None:
        """Take over a new state, remember the old one, and show what it does."""
        if self._quiet or state == self.state:
            return
        self.history = [*self.history[-MOST_UNDO:], self.state]
        self._take(state)

    def _take(self, state: State) -> None:
        self.state = state
        self._relabel()
        self._later()

    def undo(self) -> None:
        """Go back to the state before the last change."""
        if self.history:
            self._take(self.history.pop())

    def reset(self) -> None:
        """Go to the region's own policy."""
        self._go(state_of(self.region))

    def keep(self, name: str) -> None:
        """Keep what is chosen under a name; it stays in the chart as long as its region is looked at."""
        name = name.strip()[:40] or self.t("What-if {n}", n=self.t.number(len(self.kept) + 1))
        kept = {**self.kept, name: self.state}
        self.kept = dict(list(kept.items())[-MOST_KEPT:])
        self._relabel()
        self._draw()

    def forget(self, name: str) -> None:
        """Drop a named what-if."""
        self.kept.pop(name, None)
        self._relabel()
        self._draw()

    def _switch(self, lang: str) -> None:
        if lang != self.lang:
            self.lang = lang
            self._relabel()
            self._draw()

    def _uploaded(self, files: Any) -> None:
        for file in files:
            try:
                state, kept = read_states(bytes(file["content"]).decode("utf-8", errors="replace"), str(file["name"]))
            except KinerjaError as error:
                self._complain(error)
                return
            self.kept = kept
            self._go(state)
            self._relabel()
            self._draw()

    # From a state to what is seen

    def first_look(self) -> None:
        """Show what is known of the choice; where that is nothing, simulate a little first."""
        try:
            policy, until = policy_of(self.state), time.monotonic() + FIRST_LOOK_SECONDS
            while self.bench.known(policy) < LEAST or (
                self.bench.known(policy) < DRAWN_AT[0] and time.monotonic() < until
            ):
                self.bench.advance(policy, until=DRAWN_AT[0])
        except KinerjaError as error:
            self._complain(error)
            return
        self._draw()

    def refine(self) -> Iterator[int]:
        """Yield after every further replication: of the choice first, then of every other line of the chart."""
        chosen = policy_of(self.state)
        for policy in (chosen, *(policy for _, policy, _ in self._others(chosen))):
            while self.bench.known(policy) < DRAWN_AT[-1]:
                n = self.bench.advance(policy)
                if n in DRAWN_AT:
                    self._draw()
                else:
                    self._tell_progress()
                yield n

    def _later(self, *, looked: bool = False, after: float = SETTLE_SECONDS) -> None:
        """Simulate once the page is quiet; in a plain script, without an event loop, at once."""
        if self._task is not None:
            self._task.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            if not looked:
                self.first_look()
            return
        self._task = loop.create_task(self._work(looked=looked, after=after))

    async def _work(self, *, looked: bool, after: float) -> None:
        await asyncio.sleep(after)
        if not looked:
            self.first_look()
        if self.shown.error.value:
            return
        started = time.monotonic()
        for _ in self.refine():
            await asyncio.sleep(LISTENING * (time.monotonic() - started))  # whatever was clicked meanwhile comes first
            started = time.monotonic()

    def _others(self, chosen: Policy) -> list[tuple[str, Policy, tuple[str, str]]]:
        """Return label, policy and look of what stands below the choice: what-ifs, own policy, one more officer."""
        t = self.t
        found = [
            (name, policy_of(state), look(FIRST_KEPT + i))
            for i, (name, state) in enumerate(self.kept.items())
            if state.region == self.state.region and state != self.state
        ]
        fixed = ((t("Own policy"), self.region.preset, 0), (t("One more officer"), "one_more_officer", 2))
        found += [(label, policy_called(n), look(place)) for label, n, place in fixed if n in list_policies()]
        same = chosen.model_dump(exclude={"name"})
        return [each for each in found if each[1].model_dump(exclude={"name"}) != same]

    def _series(self) -> list[Series]:
        """Return what the chart shows, lines of which nothing is known yet left out."""
        chosen = policy_of(self.state)
        found = [Series(self.t("Your choice"), self.bench.contrasts(chosen), CHOSEN)]
        for label, policy, style in self._others(chosen):
            contrasts = self.bench.contrasts(policy)
            if not contrasts.empty:
                found.append(Series(label, contrasts, style))
        return found

    def _draw(self) -> None:
        try:
            series = self._series()
            view = make_view(self.region, self.state, series, parts.short_hash(self.state), SPAN, self.lang)
        except KinerjaError as error:
            self._complain(error)
            return
        self.n = view.n
        alt = alternative_text(series, self.state, view.sentence, self.lang)
        self.shown.error.value = ""
        self.shown.sentence.value = parts.sentence_html(view.sentence)
        self.shown.change.value = parts.change_html(view, self.t)
        self.shown.chart.value = parts.chart_html(view, alt, f"{parts.short_hash(self.state)}-{self.lang}")
        self.shown.table.value = view.table
        text = write_states(self.state, self.kept, self.lang)
        self.shown.downloads.value = parts.downloads_html(view, text, self.state, self.t)
        self._tell_progress()

    def _tell_progress(self) -> None:
        n, t = self.bench.known(policy_of(self.state)), self.t
        most = t.number(DRAWN_AT[-1])
        done = t("{n} of {most} replications", n=t.number(n), most=most)
        self.shown.progress.value = parts.progress_html(
            done if n >= DRAWN_AT[-1] else t("{done}; more are being simulated", done=done)
        )

    def _complain(self, error: KinerjaError) -> None:
        """Show a user's mistake; the picture of the last choice that worked is taken away, not left to mislead."""
        shown = self.shown
        for widget in (shown.sentence, shown.change, shown.chart, shown.table, shown.progress, shown.downloads):
            widget.value = ""
        shown.error.value = parts.error_html(in_language(str(error), self.lang))

    @contextmanager
    def _silently(self) -> Iterator[None]:
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _relabel(self) -> None:
        """Write every control's label in the page's language and its value from the state."""
        with self._silently():
            parts.label_controls(self.controls, self.region, self.state, self.kept, self.lang, bool(self.history))
            self.shown.headings(self.t)
