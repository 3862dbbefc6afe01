"""The one house style of every figure: seaborn's theme and palette, sizes, one look per policy.

A policy has one colour, one marker and one line style in every figure, in a fixed order,
so that grey print tells it apart too. The colours are those of seaborn's colour-blind
palette that stand out against white (3 : 1), one of them darkened; a test looks at them as
colour-blind readers do. Left out: a dark theme.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import seaborn as sns  # ships no types
from matplotlib import rc_context
from matplotlib.figure import Figure

from kinerja_sim.present.saved import Manifest, library_scenarios, shown_scenarios, usual_policies

if TYPE_CHECKING:
    from matplotlib.axes import Axes

P = ParamSpec("P")
R = TypeVar("R")

_SAFE = sns.color_palette("colorblind").as_hex()
COLOURS = (_SAFE[0], _SAFE[3], _SAFE[2], _SAFE[4], "#7a5518", _SAFE[7])  # the fifth is seaborn's brown, darkened
MARKERS = ("o", "s", "D", "^", "v", "P", "X")  # one more than colours, so that 42 policies all differ
LINES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)))
INK, FAINT, BAND, GRID = "#222222", "#6B6B6B", "#E9E9E9", "#D5D5D5"


@dataclass(frozen=True)
class Size:
    """Page size of a figure in points and its font sizes in points; `height` 0 grows with the rows."""

    width: float
    height: float
    row: float
    base: float
    small: float
    wrap: int


NOTEBOOK = Size(width=860, height=0, row=34, base=11, small=10, wrap=30)
SLIDE = Size(width=1160, height=430, row=0, base=24, small=18, wrap=26)


@cache
def theme() -> Any:
    """Return matplotlib's settings of the house style: seaborn's white grid in our ink and one font.

    Examples
    --------
    >>> theme()["axes.spines.top"], theme()["font.sans-serif"]
    (False, ['DejaVu Sans'])
    """
    changes = {
        "font.sans-serif": ["DejaVu Sans"],  # matplotlib carries it: the same figure on every machine
        "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
        "axes.edgecolor": FAINT, "grid.color": GRID, "grid.linewidth": 0.6, "axes.linewidth": 0.8,
        "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False, "axes.axisbelow": True,
    }  # fmt: skip
    return {**sns.axes_style("whitegrid", rc=changes), **sns.plotting_context("notebook", rc={"axes.linewidth": 0.8})}


def in_house_style(draw: Callable[P, R]) -> Callable[P, R]:
    """Return `draw` as a function whose figure has the house style, leaving everybody else's settings alone."""

    @wraps(draw)
    def styled(*args: P.args, **options: P.kwargs) -> R:
        with rc_context(theme()):
            return draw(*args, **options)

    return styled


class Chart(Figure):
    """A figure that a notebook shows by itself, without pyplot's global state.

    `alt` is what a screen reader says; where nobody set it, `described` gathers the figure's own words.
    """

    alt: str = ""

    def described(self) -> str:
        """Return what a screen reader says: `alt`, else titles, axes, legends and labels as the figure has them."""
        said, legends = [self.get_suptitle()], [*self.legends, *(ax.get_legend() for ax in self.axes)]
        for ax in self.axes:
            said += [ax.get_title(loc="left"), ax.get_title(), ax.get_xlabel(), ax.get_ylabel()]
            said += [text.get_text() for text in (*ax.get_yticklabels(), *ax.texts)]
        said += [text.get_text() for legend in legends if legend is not None for text in legend.texts]
        said += [text.get_text() for text in self.texts]
        words = (" ".join(text.split()).rstrip(".") for text in said)
        listed = dict.fromkeys(text for text in words if any(c.isalpha() for c in text))
        return self.alt or ". ".join(listed) + "."

    def png(self) -> bytes:
        """Return the figure as PNG in the house style."""
        buffer = io.BytesIO()
        with rc_context(theme()):
            self.savefig(buffer, format="png")
        return buffer.getvalue()

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, bytes], dict[str, dict[str, str]]]:
        """Return the figure as Jupyter shows it, with what nbconvert gives to screen readers."""
        return {"image/png": self.png()}, {"image/png": {"alt": self.described()}}


def new_figure(width: float, height: float) -> Chart:
    """Return an empty figure of so many points."""
    return Chart(figsize=(width / 72, height / 72), dpi=110, facecolor="white")


def tidy(ax: Axes, size: Size) -> None:
    """Remove what carries no information from the frame of an axis, and set its font size."""
    sns.despine(ax=ax, left=True)
    ax.tick_params(axis="x", labelsize=size.base, colors=INK)
    ax.grid(axis="x", color=GRID, lw=0.6)
    ax.grid(visible=False, axis="y")
    ax.set_axisbelow(True)


def style_of(manifest: Manifest, region: str, scenario: str) -> tuple[str, str]:
    """Return (colour, marker) of a policy: the region's own first, so that all figures and runs agree."""
    return look(_place(manifest, region, scenario))


def line_of(manifest: Manifest, region: str, scenario: str) -> Any:
    """Return the line style of a policy, as matplotlib takes it; told apart from others without colour."""
    return LINES[_place(manifest, region, scenario) % len(LINES)]


def look(place: int) -> tuple[str, str]:
    """Return (colour, marker) of the series that comes at `place` in a fixed order.

    Examples
    --------
    >>> look(0), look(6)[0] == look(0)[0], look(6)[1] == look(0)[1]
    (('#0173b2', 'o'), True, False)
    """
    return COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]


def _place(manifest: Manifest, region: str, scenario: str) -> int:
    usual = usual_policies(manifest, region)
    shown, rest = shown_scenarios(manifest, region), library_scenarios(manifest, region)
    return [*usual, *sorted(s for s in shown if s not in usual), *sorted(rest)].index(scenario)
