"""Does a text fit its box? Lines counted with the metrics of a font that every machine has.

DejaVu Sans comes with matplotlib and runs wider than the Arial of the slides, so the answer
is on the safe side; `ARIAL` narrows it to what renderings show.
"""

from __future__ import annotations

from functools import cache

ARIAL = (
    0.89  # width of Arial (Liberation Sans) over DejaVu Sans, measured over both languages' titles; regular and bold
)
LEADING = 1.2  # height of a line over the font size


@cache
def text_width(text: str, points: float, *, bold: bool = False) -> float:
    """Return the width of `text` in points.

    Examples
    --------
    >>> text_width("mungkin", 20) < text_width("mungkin", 20, bold=True) < text_width("mungkin menurun", 20)
    True
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal", size=points)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    return float(width) * ARIAL


def count_lines(text: str, points: float, width: float, *, bold: bool = False) -> int:
    """Return how many lines `text` takes in a box of `width` points; a word that is wider than the box counts twice.

    Examples
    --------
    >>> count_lines("one two", 20, 500), count_lines("one two", 20, 50), count_lines("", 20, 50)
    (1, 2, 0)
    """
    lines, current = 0, ""
    for word in text.split():
        longer = f"{current} {word}" if current else word
        if current and text_width(longer, points, bold=bold) > width:
            lines, longer = lines + 1, word
        current = longer
        if text_width(word, points, bold=bold) > width:
            lines += 1
    return lines + bool(current)


def height_of(paragraphs: list[str], points: float, width: float, *, bold: bool = False, gap: float = 0.0) -> float:
    """Return the height in points of paragraphs in a box of `width` points, with `gap` points between them."""
    lines = sum(max(count_lines(p, points, width, bold=bold), 1) for p in paragraphs)
    return lines * points * LEADING + gap * max(len(paragraphs) - 1, 0)


def largest_that_fits(text: str, sizes: tuple[float, ...], width: float, height: float, *, bold: bool = False) -> float:
    """Return the first of `sizes` (largest first) at which `text` fits its box; the last when none does."""
    return next((s for s in sizes if height_of([text], s, width, bold=bold) <= height), sizes[-1])
