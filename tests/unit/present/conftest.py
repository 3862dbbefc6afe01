"""Saved fake tables, made once for all tests of what is shown."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kinerja_sim.present.saved import Saved, load_saved
from kinerja_sim.present.shows import write_shows
from tests.fakes import save_fakes


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """Fake tables as `kinerja compare` saves them."""
    return load_saved(save_fakes(tmp_path_factory.mktemp("compare")))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved comparison with its decks and briefs in both languages; never changed by a test."""
    folder = save_fakes(tmp_path_factory.mktemp("built"))
    made = [one for lang in ("id", "en") for one in write_shows(folder, lang)]
    assert [one.error for one in made] == [""] * 6
    return folder


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Callable[[], Path]:
    """Make a copy of that comparison, to be changed."""
    return lambda: Path(shutil.copytree(built, tmp_path / "compare"))
