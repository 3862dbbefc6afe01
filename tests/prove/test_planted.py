"""Bugs planted in the kernel's own source: each must be caught by the peers or by the plain month."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kinerja_sim.model import kernel
from tests.offices import draw_office, first_difference_in
from tests.peers.agreement import SIMPY, worst_difference
from tests.peers.simpy_counter import serve_in_simpy
from tests.prove.large_offices import draw_large_office
from tests.prove.report import PLANTED, Planted

MODEL = Path(kernel.__file__).parent
FILES = ("kernel", "outcomes")
BUGS = {
    "of officers free at one moment the last is taken": (
        "kernel", "if free[right] < free[left]", "if free[right] <= free[left]",
    ),
    "who would be served as patience ends leaves": ("kernel", "if begin - t > patience:", "if begin - t >= patience:"),
    "the priority line is served last": (
        "kernel", "in_priority = priority_head < priority_tail", "in_priority = ordinary_head == ordinary_tail",
    ),
    "a new case goes after a return of the same minute": (
        "kernel", "demand.arrival[i] <= visit_time", "demand.arrival[i] < visit_time",
    ),
    "one visitor too many gets a ticket": ("kernel", "n_line >= rules.ticket_cap", "n_line > rules.ticket_cap"),
    "a case due at closing comes the same day": ("kernel", 'if case["due"] >= end:', 'if case["due"] > end:'),
    "processing begins at closing time": ("kernel", "if begin >= end:", "if begin > end:"),
    "work beyond closing enters processing when it ends": ("kernel", "min(finish, end)", "finish"),
    "supplies allow one more": ("kernel", "head < days.limit[d]", "head <= days.limit[d]"),
    "an officer who is late begins the day on time": (
        "kernel", "free_at[j] = max(free_at[j], start + offset)", "free_at[j] = max(free_at[j], start)",
    ),
    "service is 3 % too fast": (
        "kernel", 'case["counter_work"] / staff.speed[o]', 'case["counter_work"] / (1.03 * staff.speed[o])',
    ),
    "a later wait replaces the first": (
        "kernel",
        'if case["visit"] == 0:\n                case["first_wait"]', 'if True:\n                case["first_wait"]',
    ),
    "an officer who is away is called": (
        "kernel", "if at_post[h, o]:\n        return now", "if True:\n        return now",
    ),
    "whether an officer is there is asked as the last case ends": (
        "kernel", "now = max(until, line_time[joined - 1]) if joined > 0 else until", "now = until",
    ),
    "an officer comes back as the half-hour ends": (
        "kernel", "return opens + width * h", "return opens + width * (h + 1)",
    ),
    "a standard met to the minute is missed": ("outcomes", "quantity <= standard", "quantity < standard"),
    "one attempt too many": (
        "outcomes", 'case["attempt"] + 1 >= rules.max_attempts', 'case["attempt"] >= rules.max_attempts',
    ),
    "one visit too many": ("outcomes", 'case["visit"] + 1 < rules.max_visits', 'case["visit"] < rules.max_visits'),
    "a value on an edge falls into the bin below": ("outcomes", "edges[middle] <= value", "edges[middle] < value"),
    "an attempt that ends with the month counts in the next": ("outcomes", "finish <= month_end", "finish < month_end"),
    "rework is shortened every time": (
        "outcomes", 'if case["attempt"] == 0:\n        case["counter_work"]', 'if True:\n        case["counter_work"]',
    ),
    "rework comes back before the day is over": (
        "outcomes", "max(day_end, finish + rules.rework_minutes)", "finish + rules.rework_minutes",
    ),
    "a rating counts for whoever ended the case": (
        "outcomes", "officers[server, 5 + 2 * channels", "officers[ender, 5 + 2 * channels",
    ),
}  # fmt: skip
"""What is planted: in which file, which words, and what they become."""


@pytest.fixture
def planted(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Compile a copy of the kernel with one bug, and let the tests' offices and traces be served by it."""
    file, right, wrong = BUGS[request.param]
    package = f"planted_{list(BUGS).index(request.param)}"
    folder = tmp_path / package
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name in FILES:
        source = (MODEL / f"{name}.py").read_text("utf-8")
        if name == file:
            assert right in source, f"`{right}` is no longer in {name}.py: plant this bug anew"
            source = source.replace(right, wrong)
        for other in FILES:
            source = source.replace(f"kinerja_sim.model.{other} import", f"{package}.{other} import")
        (folder / f"{name}.py").write_text(source, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(kernel, "serve_month", importlib.import_module(f"{package}.kernel").serve_month)
    yield request.param
    for name in [package, *(f"{package}.{file}" for file in FILES)]:
        sys.modules.pop(name, None)


def first_sign() -> tuple[str, str]:
    """Return what notices first that something is wrong, and how it says so; nothing where nobody does."""
    try:
        worst_difference(SIMPY, range(4 * len(SIMPY)), serve_in_simpy)
    except AssertionError as error:
        return "SimPy, same traces", str(error).splitlines()[0]
    for size, draw, numbers in (("small", draw_office, range(150)), ("large", draw_large_office, range(60))):
        for number in numbers:
            if difference := first_difference_in(draw(number)):
                return "the plain-Python month", f"{size} office {number}, {difference}"
    return "", ""


@pytest.mark.parametrize("planted", BUGS, indirect=True)
def test_a_bug_planted_in_the_kernel_is_caught(planted: str) -> None:
    """With the bug the counter differs from SimPy, or an office from the plain month."""
    caught_by, how = first_sign()
    assert caught_by, f"nobody noticed: {planted}"
    PLANTED.append(Planted(planted, caught_by, how))


def test_without_a_bug_nothing_is_noticed() -> None:
    """The same look at the kernel as it is finds nothing."""
    assert first_sign() == ("", "")
