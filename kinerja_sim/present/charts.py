"""What a chart shows, as data: one source for the picture (matplotlib) and for the native chart of a slide.

An `Effects` chart holds marks with two intervals, in panels side by side; a `Shares` chart
holds bars that add up to 100. Each number is a claim on a table, so the picture, the native
chart and the text that describes them cannot disagree.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from kinerja_sim.present.changes import display_scale, is_unsteady, metric_of
from kinerja_sim.present.claims import Claim, Line, Number, joined_lines, six_digits
from kinerja_sim.present.claims_book import GRADES, Book
from kinerja_sim.present.figures import draw_interval, finish, interval_note, label_rows, number_axis
from kinerja_sim.present.i18n import Translator
from kinerja_sim.present.style import BAND, FAINT, INK, Size, in_house_style, new_figure, tidy
from kinerja_sim.present.text import mark_word

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EFFECT = ("delta_mean", "low", "high", "ci_low", "ci_high")
MEDIAN = ("median", "low", "high", "", "")
RELATIVE = ("delta_rel_mean", "delta_rel_low", "delta_rel_high", "", "")
CHANCE = ("probability_better", "probability_low", "probability_high", "", "")
NET_BENEFIT = ("net_benefit_idr_mean", "low", "high", "ci_low", "ci_high")
PLACES = 32  # letters in a line of a label that names region and unit
GRADE_COLOURS = {"measured": "#0B3C5D", "published": "#0072B2", "derived": "#B5D8EE", "estimate": "#C08219"}


@dataclass(frozen=True)
class Mark:
    """One point with its intervals: mean, plausible range, and the precision of the mean where there is one.

    `columns` are those of mean, low, high, ci_low, ci_high in the row that `table` and `keys`
    name ("" where there is none), `raw` their numbers and `scale` the factor to what is shown.
    """

    label: str
    words: str
    table: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    scale: float
    raw: tuple[float, ...]
    colour: str
    marker: str
    style: str

    def data(self, column: str) -> Number:
        """Return a number of the chart's data (a column, or the difference of two), as six digits with its claim."""
        first, _, second = column.partition("-")
        raw = self.row[first] - (self.row[second] if second else 0.0)
        return Number(six_digits(raw * self.scale), Claim(self.table, self.keys, column, f"data:{self.scale!r}"))

    @property
    def row(self) -> dict[str, float]:
        """The mark's numbers as the table has them, by column."""
        return dict(zip(self.columns, self.raw, strict=True))

    @property
    def values(self) -> tuple[float, ...]:
        """Mean, low, high, ci_low, ci_high as shown; NaN where there is none."""
        return tuple(value * self.scale for value in self.raw)


@dataclass(frozen=True)
class Series:
    """One series of a native chart: values, and how far its error bars reach below and above (none: no bars)."""

    name: str
    values: list[Number]
    minus: list[Number] = field(default_factory=list)
    plus: list[Number] = field(default_factory=list)


@dataclass(frozen=True)
class Panel:
    """Marks on one axis; `band` is half the width of the changes too small to matter (0: none drawn)."""

    marks: tuple[Mark, ...]
    axis: str
    title: str = ""
    band: float = 0.0
    zero: float = 0.0
    signed: bool = True


@dataclass(frozen=True)
class Effects:
    """Panels side by side that share their lines, and what their lines mean."""

    panels: tuple[Panel, ...]
    note: str
    names: tuple[str, ...] = field(default=())

    @property
    def words(self) -> Iterator[str]:
        """What the chart says beside its marks; where panels stand side by side it says nothing."""
        return (mark.words for panel in self.panels for mark in panel.marks if len(self.panels) == 1)

    def alts(self, book: Book) -> list[Line]:
        """Return every panel in words: its axis, and each mark with its range and what stands beside it."""
        return [self._alt(panel, book) for panel in self.panels]

    def _alt(self, panel: Panel, book: Book) -> Line:
        t = book.t
        what = t("{label}: {words}", label=panel.title, words=panel.axis) if len(self.panels) > 1 else panel.axis
        said = [Line(t("Chart: {axis}.", axis=what), names=[what, *self.names])]
        for mark in panel.marks:
            claims = [Claim(mark.table, mark.keys, c, mark.style) for c in mark.columns[:3]]
            mean, low, high = (book.write(claim) for claim in claims)
            text = t("{label}: {mean} ({low} to {high}).", label=mark.label, mean=mean, low=low, high=high)
            if mark.words and len(self.panels) == 1:
                values = {"mean": mean, "low": low, "high": high, "words": mark.words}
                text = t("{label}: {mean} ({low} to {high}), {words}.", label=mark.label, **values)
            said.append(Line(text, claims, [mark.label, *self.names]))
        return joined_lines(said)

    def series(self, panel: Panel) -> list[Series]:
        """Return a panel's data as a native chart has them.

        The effect with the plausible range, and the same effect again with the precision of its mean.
        """
        found = [_series("", list(panel.marks), 1, 2)]
        if any(mark.columns[3] for mark in panel.marks):
            found.append(_series("", list(panel.marks), 3, 4))
        return found


def _series(name: str, marks: Sequence[Mark], below: int, above: int) -> Series:
    """Return marks as a series whose error bars reach to two of a mark's columns."""
    return Series(
        name,
        [m.data(m.columns[0]) for m in marks],
        [m.data(f"{m.columns[0]}-{m.columns[below]}") if m.columns[below] else Number("") for m in marks],
        [m.data(f"{m.columns[above]}-{m.columns[0]}") if m.columns[above] else Number("") for m in marks],
    )


@dataclass(frozen=True)
class Shares:
    """Bars that add up to 100 %: per line of `labels` the share of each grade of evidence."""

    labels: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    names: Mapping[str, str]
    values: Mapping[str, tuple[float, ...]]
    axis: str

    def series(self) -> list[Series]:
        """Return the data as a native chart has them, by grade."""
        return [
            Series(
                self.names[grade],
                [
                    Number(six_digits(v), Claim("grades", keys, grade, "data:100"))
                    for v, keys in zip(values, self.keys, strict=True)
                ],
            )
            for grade, values in self.values.items()
        ]

    def alts(self, book: Book) -> list[Line]:
        """Return the chart in words."""
        t = book.t
        said = [Line(t("Chart: {axis}.", axis=self.axis))]
        for label, keys in zip(self.labels, self.keys, strict=True):
            claim = Claim("grades", keys, "estimate", "hundred")
            text = t("{label}: {share}% are estimates.", label=label, share=book.write(claim))
            said.append(Line(text, [claim], [label]))
        return [joined_lines(said)]


Chart: TypeAlias = Effects | Shares


def effect_mark(
    book: Book, table: str, keys: Sequence[str], label: str, look: tuple[str, str], *,
    columns: tuple[str, ...] = EFFECT, words: str | None = None, style: str = "change",
    scale: float | None = None,
) -> Mark:  # fmt: skip
    """Return the mark of one row of a table, worded by the ladder unless `words` are given.

    Where the ladder leads with the median, so does the mark.
    """
    row = book.row(table, keys)
    if columns == EFFECT and is_unsteady(row):
        columns = MEDIAN
    factor = display_scale(metric_of(row["metric"])) if scale is None else scale
    raw = tuple(float(row[c]) if c else math.nan for c in columns)
    said = mark_word(row, book.lang) if words is None else words
    return Mark(label, said, table, tuple(keys), columns, factor, raw, *look, style)


def grade_shares(book: Book, labels: Sequence[tuple[str, tuple[str, ...]]], names: Mapping[str, str]) -> Shares:
    """Return how numbers divide into grades of evidence; `labels` are (label, keys of table 'grades')."""
    rows = [book.row("grades", keys) for _, keys in labels]
    values = {g: tuple(100 * float(row[g]) for row in rows) for g in GRADES if any(row[g] for row in rows)}
    texts = tuple(label for label, _ in labels)
    return Shares(texts, tuple(k for _, k in labels), names, values, book.t("% of the numbers"))


@in_house_style
def draw(chart: Chart, book: Book, size: Size) -> Figure:
    """Return the chart as a picture of the given size."""
    figure = new_figure(size.width, size.height)
    if isinstance(chart, Shares):
        _draw_shares(figure, chart, size)
        figure.set_layout_engine("constrained")
        return figure
    axes = figure.subplots(1, len(chart.panels), sharey=True, squeeze=False)[0]
    for ax, panel in zip(axes, chart.panels, strict=True):
        _draw_panel(ax, panel, book.t, size, alone=len(chart.panels) == 1)
    finish(figure, book.manifest, book.lang, size, size.height, chart.note)
    return figure


def _draw_panel(ax: Axes, panel: Panel, t: Translator, size: Size, *, alone: bool) -> None:
    """Draw one panel, a line for each mark."""
    for y, mark in enumerate(panel.marks):
        draw_interval(ax, dict(zip(EFFECT, mark.values, strict=True)), y, mark.colour, mark.marker, 1.0, size)
        if mark.words and alone:
            at, words = (1.01, y), textwrap.fill(mark.words, size.wrap)
            ax.annotate(words, at, xycoords=("axes fraction", "data"), va="center", fontsize=size.base, color=INK)
    if not alone:
        for y in range(0, len(panel.marks), 2):
            ax.axhspan(y - 0.5, y + 0.5, color="#F3F5F7", lw=0, zorder=0)
    elif panel.band:
        ax.axvspan(-panel.band, panel.band, color=BAND, zorder=0, lw=0)
    ax.axvline(panel.zero, color=INK, lw=1.0, zorder=1)
    ax.set_ylim(len(panel.marks) - 0.45, -0.55)
    label_rows(ax, [mark.label for mark in panel.marks], size if alone else replace(size, base=size.small, wrap=PLACES))
    if panel.title and not alone:
        ax.set_title(panel.title, fontsize=size.base - 2, loc="left", color=INK, fontweight="bold")
    ax.set_xlabel(panel.axis, fontsize=size.base, color=INK)
    number_axis(ax.xaxis, t, ticks=6 if alone else 3)
    if not panel.signed:
        ax.set_xlim(0, 104)
        ax.xaxis.set_major_formatter(lambda value, _: t.number(value))


def _draw_shares(figure: Figure, chart: Shares, size: Size) -> None:
    ax = figure.subplots()
    left = [0.0] * len(chart.labels)
    for grade, shares in chart.values.items():
        ax.barh(
            range(len(left)), shares, left=left, color=GRADE_COLOURS[grade], edgecolor="white",
            label=chart.names[grade],
        )  # fmt: skip
        left = [a + b for a, b in zip(left, shares, strict=True)]
    ax.set_yticks(range(len(chart.labels)), list(chart.labels), fontsize=size.base - 4, color=INK)
    ax.invert_yaxis()
    tidy(ax, size)
    ax.tick_params(axis="x", labelsize=size.small)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, 100)
    ax.set_xlabel(chart.axis, fontsize=size.small, color=FAINT)
    figure.legend(loc="outside upper center", ncols=4, frameon=False, fontsize=size.small - 1, columnspacing=0.9,
                  handlelength=1.0, handletextpad=0.3)  # fmt: skip


def plain_note(book: Book, marks: Iterable[Mark], *, band: bool = False) -> str:
    """Return what the lines of a chart mean."""
    return interval_note(book.t, band=band, precise=any(mark.columns[3] for mark in marks))
