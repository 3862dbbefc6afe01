"""A page of a study: sentences, tables of finished cells and notes, shown alike on a terminal and in a notebook.

What is said and which cells stand in a table is decided once, by the study's own module;
here it is only laid out. Most open to dispute: what a narrow terminal shows instead of a
table with many columns, which is two lines for each row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

WIDE, FEW, CELL = 100, 5, 24
"""Characters from which on more than `FEW` columns fit, and the widest cell before it is broken into lines."""


@dataclass(frozen=True)
class Table:
    """Finished cells under their heads; the first column says what a row is."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""

    @property
    def is_text(self) -> list[bool]:
        """Say for each column whether it reads from the left: the first, and any with letters in it."""
        return [i == 0 or any(c.isalpha() for row in self.rows for c in row[i]) for i in range(len(self.heads))]

    def first(self, n_columns: int) -> Table:
        """Return the table with its first columns only."""
        return Table(self.heads[:n_columns], [row[:n_columns] for row in self.rows], self.title)

    def markdown(self) -> str:
        """Return the table as Markdown, its title in bold above it."""
        table = markdown_table([self.heads, *self.rows])
        return f"**{plain_markdown(self.title)}**\n\n{table}" if self.title else table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table for a terminal of any width."""
        yield from self.laid_out(options.max_width)

    def laid_out(self, room: int, widths: Sequence[int] = ()) -> Iterator[RenderableType]:
        """Yield the table as rich draws it within `room` characters; columns but the first take `widths` if given."""
        from rich.padding import Padding
        from rich.table import Table as Drawn
        from rich.text import Text

        if self.title:
            yield Text(self.title)
        if room < WIDE and len(self.heads) > FEW:
            for row in self.rows:
                cells = zip(self.heads[1:], row[1:], strict=True)
                yield Padding(Text(row[0]), (0, 0, 0, 1))
                yield Padding(Text("; ".join(f"{head}: {cell}" for head, cell in cells if cell)), (0, 0, 0, 5))
            return
        drawn = Drawn(box=None, expand=bool(widths), header_style="underline", padding=(0, 1))
        for i, (head, is_text) in enumerate(zip(self.heads, self.is_text, strict=True)):
            width = widths[i] if widths and i else None
            # A name that is folded within a word, or within a number, cannot be read.
            words = [len(word) for row in self.rows for word in row[0].split()]
            least = None if i else min(CELL, max(words, default=0))
            drawn.add_column(
                head, justify="left" if is_text else "right", width=width, min_width=least, overflow="fold"
            )
        for row in self.rows:
            drawn.add_row(*map(Text, row))
        yield drawn


@dataclass(frozen=True)
class Page:
    """What a study says: its finding first, then more sentences, tables, and notes on how to read them."""

    said: Sequence[str]
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    title: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the page for a terminal of any width."""
        from rich.text import Text

        if self.title:
            yield Text(self.title, style="bold underline")
        yield from (Text(text, style="" if i else "bold") for i, text in enumerate(self.said))
        for table in self.tables:
            yield Text()
            yield from table.laid_out(options.max_width, _shared_widths(self.tables))
        if self.notes:
            yield Text()
        yield from (Text(note, style="dim") for note in self.notes)

    def markdown(self) -> str:
        """Return the page as Markdown for a notebook."""
        title = f"## {plain_markdown(self.title)}" if self.title else ""
        tables = [table.markdown() for table in self.tables]
        return paragraphs(title, *map(plain_markdown, self.said), *tables, bullets(self.notes))


def _shared_widths(tables: Sequence[Table]) -> list[int]:
    """Return widths that align the columns of several tables below each other; none for one table alone."""
    if len(tables) < 2 or len({tuple(table.heads) for table in tables}) > 1:
        return []
    widths: list[int] = []
    for i, head in enumerate(tables[0].heads):
        longest = max(len(row[i]) for table in tables for row in table.rows)
        widths.append(min(CELL, max(longest, *map(len, head.split()))))
    return widths


def plain_markdown(text: str) -> str:
    """Return text whose asterisks, bars and angle brackets stay what they are."""
    return text.replace("<", "&lt;").replace("*", "\\*").replace("|", "\\|")


def paragraphs(*parts: str) -> str:
    """Return the parts that hold anything as paragraphs."""
    return "\n\n".join(part for part in parts if part)


def bullets(lines: Iterable[str]) -> str:
    """Return lines as a list; an asterisk in a line stays one."""
    return "\n".join("- " + line.replace("*", "\\*") for line in lines)


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    r"""Return rows as a Markdown table, the first as its head, columns of numbers to the right.

    Examples
    --------
    >>> print(markdown_table([("a", "b"), ("c|d", "1")]))
    | a | b |
    | :-- | --: |
    | c\|d | 1 |
    """
    rule = "| " + " | ".join(":--" if text else "--:" for text in Table(rows[0], rows[1:]).is_text) + " |"
    lines = ["| " + " | ".join(plain_markdown(cell) for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], rule, *lines[1:]])
