"""Set-up that every test shares."""

import os

import pytest
from hypothesis import settings

# A slow, shared machine must not fail a property for taking long, and a red run must be repeatable.
settings.register_profile("kinerja", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("kinerja")

# Figures are drawn without a display, and the language of messages is the test's choice, not the machine's.
os.environ["MPLBACKEND"] = "Agg"
os.environ["KINERJA_LANG"] = "en"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn a skipped browser test into a failure where a browser is required (KINERJA_REQUIRE_BROWSER=1)."""
    report = yield
    required = os.environ.get("KINERJA_REQUIRE_BROWSER") == "1"
    if report.skipped and required and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"KINERJA_REQUIRE_BROWSER=1, but this browser test was skipped: {call.excinfo.value}"
    return report
