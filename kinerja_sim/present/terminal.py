"""Writing to a terminal: renderables, JSON for machines, a progress bar that knows when to stay away."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PATIENCE_SECONDS = 2.0
"""A progress bar appears for work that takes longer than this."""
PLAIN_WIDTH = 120
"""Width of tables, in characters, where output is not a terminal."""


def print_all(*things: RenderableType) -> None:
    """Print renderables to stdout; text is printed as it is, however long, without markup."""
    console = _console()
    for thing in things:
        console.print(thing, markup=False, soft_wrap=isinstance(thing, str))


def print_json(data: object) -> None:
    """Print plain data to stdout as JSON; NaN becomes null."""
    from kinerja_sim.study.store import plain  # heavy, and help prints no JSON

    sys.stdout.write(json.dumps(plain(data), ensure_ascii=False, indent=1, allow_nan=False) + "\n")


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """Give a callback ``(done, total)`` that draws a bar with the time left; None where stderr is no terminal.

    The bar appears only once the work has taken `PATIENCE_SECONDS`, and is gone when it ends.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=_console(stderr=True), transient=True)
    task, started = bar.add_task(label), time.monotonic()

    def advance(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)
        if time.monotonic() - started > PATIENCE_SECONDS:
            bar.start()

    try:
        yield advance
    finally:
        bar.stop()


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    return console
