"""What the tests of sweeps share."""

import pytest

from tests.sweeping import run


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Return the folder of a sweep that ran in one go in this process."""
    return run(tmp_path_factory.mktemp("undisturbed") / "out").folder
