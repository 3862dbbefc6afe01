"""Set-up that every test shares."""

import os
import signal

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


@pytest.fixture(scope="session", autouse=True)
def hears_ctrl_c():
    """Let tests, and what they start, hear Ctrl-C: a run in the background of a script ignores it, children and all."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
