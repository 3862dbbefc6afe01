"""Saved fake tables, made once for all tests of what is shown."""

import pytest

from kinerja_sim.present.saved import Saved, load_saved
from tests.fakes import save_fakes


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """Fake tables as `kinerja compare` saves them."""
    return load_saved(save_fakes(tmp_path_factory.mktemp("compare")))
