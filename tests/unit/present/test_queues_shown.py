"""The panel of queues shows the table's numbers, warns of what is wrong, and is silent otherwise."""

import pandas as pd
import pytest

from kinerja_sim.present.queues import queue_line, queue_page, queue_warnings

ROW = {
    "region": "arcamanik", "unit": "sukamiskin", "scenario": "baseline", "load": 0.83, "n_unstable": 0, "n_draws": 40,
    "little_gap": -0.35, "little_allowed": 1.1, "wait_simulated": 19.07, "wait_low": 16.8, "wait_high": 21.33,
    "wait_mmc": float("nan"), "wait_allen_cunneen": 46.31, "wait_erlang_a": 9.64, "turnaround_simulated": 1.0,
    "turnaround_low": 0.86, "turnaround_high": 1.15, "turnaround_theory": 0.53, "relaxation_days": 4.16,
    "is_short": False, "drift_state": "motivation_z", "drift": 0.1, "is_drifting": False,
}  # fmt: skip


def panel(**changes):
    """Return a table of one queue."""
    return pd.DataFrame([ROW | changes])


@pytest.mark.parametrize(("lang", "wait"), [("en", "19.1 (16.8–21.3)"), ("id", "19,1 (16,8–21,3)")])
def test_the_panel_shows_the_tables_numbers(saved, lang, wait):
    """One line a unit; a mean with its interval, and an en dash where theory has no steady state."""
    page = queue_page(panel(), saved.manifest, "arcamanik", lang)
    (table,), (line,) = page.tables, page.tables[0].rows

    assert len(table.heads) == len(line)
    assert (line[4], line[5]) == (wait, "–")
    assert len(page.notes) == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n_unstable": 3}, "in 3 of 40 simulations more comes in than it can handle"),
        ({"little_gap": 2.0}, "Little's law"),
        ({"is_drifting": True}, "drift without a policy (Motivation)"),
        ({"is_short": True}, "short against the queue's memory"),
    ],
)
def test_each_fault_is_named_and_a_sane_queue_is_not(saved, changes, words):
    """Each planted fault is one warning with its unit; without it there is none."""
    assert queue_warnings(panel(), saved.manifest, "arcamanik", "en") == []
    (found,) = queue_warnings(panel(**changes), saved.manifest, "arcamanik", "en")

    assert words in found
    assert words in queue_line(panel(**changes), saved.manifest, "arcamanik", "en")


def test_the_line_names_the_heaviest_load(saved):
    """A sane region has one line that names the load and says that there is nothing else."""
    line = queue_line(panel(), saved.manifest, "arcamanik", "id")

    assert "83 %" in line
    assert "beban kerja tahap tersibuk" in line  # a load of 104 % is no time that anybody works
    assert line.endswith("tidak ada catatan lain.")
