"""Saved tables for tests of notebooks: fake ones, and small real ones."""

from pathlib import Path

import pytest

from kinerja_sim.present.saved import Saved, load_saved
from tests.fakes import save_fakes
from tests.small import save_comparison, save_sweep


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """Fake tables as `kinerja compare` saves them."""
    return load_saved(save_fakes(tmp_path_factory.mktemp("compare")))


@pytest.fixture(scope="session")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small comparison of two regions."""
    return save_comparison(tmp_path_factory.mktemp("compared") / "out")


@pytest.fixture(scope="session")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sweep of appraisal weights."""
    return save_sweep(tmp_path_factory.mktemp("swept") / "out")
