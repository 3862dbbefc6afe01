"""The long proofs: run only by `make prove` (`pytest -m prove`), which writes what it found to docs/proofs.md."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.prove.report import PLANTED, PROOFS, Proof, write_report

HERE, ROOT, BEGIN = Path(__file__).parent, Path(__file__).resolve().parents[2], time.time()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and leave them out unless the marker is asked for by name; timings come last."""
    mine = [item for item in items if item.path.is_relative_to(HERE)]
    for item in mine:
        item.add_marker(pytest.mark.prove)
    expression = config.option.markexpr
    if "prove" not in expression.replace("not prove", ""):
        items[:] = [item for item in items if item not in mine]
        config.hook.pytest_deselected(items=mine)
    items.sort(key=lambda item: item.get_closest_marker("quiet") is not None)


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Iterator[Proof]:
    """Give a test a line of the report, whose first words are the test's own claim."""
    claim = " ".join((request.function.__doc__ or "").split())
    case = getattr(request.node, "callspec", None)
    line = Proof(claim, case.id if case else "")
    PROOFS.append(line)
    begin = time.perf_counter()
    yield line
    line.seconds = time.perf_counter() - begin


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the report which proofs failed."""
    report = yield
    if report.failed and "proof" in getattr(item, "funcargs", {}):
        item.funcargs["proof"].failed = str(report.longrepr.reprcrash.message).splitlines()[0][:200]
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write docs/proofs.md, but only when nothing was left out."""
    config = session.config
    whole = config.args_source == pytest.Config.ArgsSource.TESTPATHS and not config.option.keyword
    if PROOFS and whole and config.option.markexpr == "prove":
        write_report(ROOT / "docs" / "proofs.md", PROOFS, PLANTED, (time.time() - BEGIN) / 60)
