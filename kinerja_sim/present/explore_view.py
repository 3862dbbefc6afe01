"""What the no-code page shows for a choice: one chart, one sentence, one table, the data behind them.

All of it comes from the same contrast, so that words and picture cannot disagree. The first
line of the chart is what is chosen; below it stand named what-ifs, the region's own policy
and one more officer, each with its own n where that differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from kinerja_sim.know.library import BASELINE
from kinerja_sim.present.changes import change_text, change_unit, level_text, metric_of
from kinerja_sim.present.explore_state import State, metrics_of, policy_called, policy_of
from kinerja_sim.present.figures import Dot, dot_figure
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.plain import differences, in_one_sentence
from kinerja_sim.present.saved import beyond_note, marked, short
from kinerja_sim.present.style import NOTEBOOK, Chart
from kinerja_sim.present.tables import compact_range, effect_text
from kinerja_sim.present.text import evidence_text, mark_notes, sentence, shown_word

if TYPE_CHECKING:
    from kinerja_sim.know.regions import Region
    from kinerja_sim.present.text import Row

DESK = replace(NOTEBOOK, width=760, row=40, wrap=26)
PHONE = replace(NOTEBOOK, width=350, row=44, base=11, small=7.5, wrap=14)


@dataclass(frozen=True)
class Series:
    """One line of the chart: its label, its contrasts with today's practice, its colour and marker."""

    label: str
    contrasts: pd.DataFrame
    look: tuple[str, str]


@dataclass(frozen=True)
class View:
    """Everything that is shown of one choice."""

    sentence: str
    against_start: str
    against_today: list[str]
    desk: bytes
    phone: bytes
    table: str
    csv: str
    n: int


@dataclass(frozen=True)
class TableRow:
    """One metric of the table, every cell in words and numbers of one language."""

    metric: str
    today: str
    change: str
    plausible: str
    words: str


def row_of(contrasts: pd.DataFrame, unit: str, metric: str) -> Row | None:
    """Return the contrast of one unit and metric, or None when there is none."""
    if contrasts.empty:
        return None
    rows = contrasts[(contrasts["unit"] == unit) & (contrasts["metric"] == metric)]
    return None if rows.empty else rows.iloc[0]


def make_view(
    region: Region, state: State, series: Sequence[Series], run_id: str, span: dict[str, Any], lang: str
) -> View:
    """Return what the page shows.

    Parameters
    ----------
    region : Region
    state : State
    series : sequence of Series
        What is chosen comes first; a series without numbers for this unit and metric is left out.
    run_id : str
        Short hash of what was chosen, for the figure's footer.
    span : dict
        `months`, `seed` and `parameters` of the runs, for the footer.
    lang : {'id', 'en'}
    """
    t, unit = translator(lang), short(region.units[state.unit].title.in_(lang))
    row = row_of(series[0].contrasts, state.unit, state.metric)
    assert row is not None  # the caller has run at least one pair
    n = int(row["n_replications"])
    found = [(s, row_of(s.contrasts, state.unit, state.metric)) for s in series]
    shown = [(s, r) for s, r in found if r is not None and r["delta_mean"] == r["delta_mean"]]
    manifest = span | {"replications": n, "run_id": run_id}
    dots = [Dot(_label(s.label, r, n, t), r, *s.look, shown_word(r, lang)) for s, r in shown]
    said = sentence(row, lang, unit_title=unit)
    if int(row["n_failed"]):
        said = t("{claim} {failed} replications failed and are left out.", claim=said, failed=str(row["n_failed"]))
    chosen, start = policy_of(state), policy_called(state.start)
    moved = differences(start, chosen, lang)
    title = marked(start.title.in_(lang), start.appraisal.beyond_regulation, lang)
    told = t("Exactly as “{title}”.", title=title)
    if moved:
        told = t("Changed against “{title}”: {changes}.", title=title, changes=in_one_sentence(moved, lang))
    if chosen.appraisal.beyond_regulation:
        told = t("{first} {second}", first=told, second=beyond_note(lang))
    return View(
        sentence=said,
        against_start=told,
        against_today=[change.line(lang) for change in differences(policy_called(BASELINE), chosen, lang)],
        desk=_png(dots, state, manifest, lang, phone=False),
        phone=_png(dots, state, manifest, lang, phone=True),
        table=_table(region, state, series[0].contrasts, t),
        csv=_csv(shown),
        n=n,
    )


def _label(text: str, row: Row, n: int, t: Translator) -> str:
    own = int(row["n_replications"])
    return text if own == n else t("{label} (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{n})", label=text, n=t.number(own))


def _png(dots: list[Dot], state: State, manifest: dict[str, Any], lang: str, *, phone: bool) -> bytes:
    """Return the chart; on a phone without the words at the right, which the sentence below it says."""
    if not dots:
        return b""
    shown = [replace(dot, words="") for dot in dots] if phone else dots
    figure = dot_figure([shown], [""], metric_of(state.metric), manifest, lang, PHONE if phone else DESK)
    assert isinstance(figure, Chart)
    return figure.png()


def _table(region: Region, state: State, contrasts: pd.DataFrame, t: Translator) -> str:
    """Return the choice's effect on every metric of the unit that was observed, as HTML."""
    from jinja2 import Environment, PackageLoader

    rows = []
    for name in metrics_of(region, state.unit):
        row, metric = row_of(contrasts, state.unit, name), metric_of(name)
        if row is None or row["delta_mean"] != row["delta_mean"]:
            continue
        rows.append(TableRow(metric.label.in_(t.lang), *_amounts(row, t), shown_word(row, t.lang)))
    environment = Environment(loader=PackageLoader("kinerja_sim.present", "templates"), autoescape=True)
    return environment.get_template("explore_table.html.j2").render(
        rows=rows,
        note=" ".join(mark_notes((text for row in rows for text in (row.change, row.words)), t.lang)),
        columns=(t("Metric"), t("Today"), t("Effect"), t("Plausible range"), t("In words")),
        caption=t("Your choice against today's practice, {unit}", unit=region.units[state.unit].title.in_(t.lang)),
    )


def _amounts(row: Row, t: Translator) -> tuple[str, str, str]:
    """Return today's level, the change and its range as told; rupiah in their short form."""
    metric = metric_of(row["metric"])
    if metric.unit.en == "rupiah":
        values = (row["delta_mean"], row["low"], row["high"])
        mean, low, high = (f"+{t.rupiah(value)}" if value > 0 else t.rupiah(value) for value in values)
        return t.rupiah(row["reference_mean"]), mean, t("{low} to {high}", low=low, high=high)
    amount = t("{change} {measure}", change=effect_text(row, t.lang), measure=change_unit(metric, t.lang))
    return level_text(row["reference_mean"], row["metric"], t.lang), amount, compact_range(row, t.lang)


def _csv(shown: list[tuple[Series, Row]]) -> str:
    """Return the numbers of the chart at full precision, one row a line of it."""
    rows = [{"label": s.label, **dict(row)} for s, row in shown]
    return pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")


def alternative_text(series: Sequence[Series], state: State, said: str, lang: str) -> str:
    """Return the chart in words for those who cannot see it: the sentence, then every other line's numbers."""
    t, lines = translator(lang), [said]
    for each in series[1:]:
        row = row_of(each.contrasts, state.unit, state.metric)
        if row is not None and row["delta_mean"] == row["delta_mean"]:
            words, number = shown_word(row, lang), change_text(row, lang)
            evidence = evidence_text(row, lang)
            lines.append(
                t("{label}: {words}, {change} ({range})", label=each.label, words=words, change=number, range=evidence)
            )
    return ". ".join(lines)
