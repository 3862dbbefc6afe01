"""What is said about a sweep has its numbers in the language asked for, and a warm-up has a figure."""

import numpy as np
import pandas as pd
import pytest

import kinerja_sim as ks
from kinerja_sim.model.rng import stream
from kinerja_sim.present.sweeps import done_text, plan_table, size_text, status_lines, time_text, warm_up_figure
from kinerja_sim.study.planner import PLAN_COLUMNS, Size
from kinerja_sim.study.sweep import Status, Swept


@pytest.mark.parametrize(
    ("seconds", "en", "id"), [(0.2, "1 s", "1 detik"), (600, "10 min", "10 menit"), (9000, "2.5 h", "2,5 jam")]
)
def test_time_is_rounded_as_an_estimate_deserves(seconds, en, id):
    """Seconds, minutes or hours, whichever reads best."""
    assert (time_text(seconds, "en"), time_text(seconds, "id")) == (en, id)


def test_size_counts_every_run():
    """Points and references, times draws, times replications, with separators of the language."""
    size = Size(points=100, references=10, draws=20, replications=5, tasks=1234, seconds=3600.0)

    assert "(100 + 10) × 20 × 5 = 11,000 runs; tasks: 1,234; about 60 min" in size_text(size, "en")
    assert "= 11.000 jalan; tugas: 1.234; kira-kira 60 menit" in size_text(size, "id")


def test_status_names_reasons_and_files(tmp_path):
    """What failed, why and how often; which file is not read; and what to do next."""
    lines = status_lines(Status(7, 2, 1, {"ZeroDivisionError": 2}, (("tasks/x.parquet", "damaged"),)), "en")

    assert lines == [
        "7 of 10 tasks done, 2 failed, 1 missing. The tables are not complete.",
        "Failed tasks: 2: ZeroDivisionError",
        "tasks/x.parquet: not read, damaged",
        "Run `kinerja sweep` again for what failed and what is missing.",
    ]
    assert len(status_lines(Status(10, 0, 0, is_compacted=True), "id")) == 1
    missed = {"metric": "wait_minutes_p90", "target": 0.5, "largest": 25, "half_width": 1.25, "is_met": False}
    told = status_lines(Status(10, 0, 0, is_compacted=True, precision=missed), "id")[1:]
    assert told == [
        "Target ± 0,5 untuk wait_minutes_p90 tidak tercapai dengan 25, batas terbesarnya: "
        "yang paling tidak teliti ± 1,25."
    ]
    assert "Gagal: 3." in done_text(Swept(tmp_path, 5, 3, 20, 1), "id")


def test_a_plan_says_what_cannot_be_reached():
    """Numbers of replications with separators; what nobody would run is called too many."""
    rows = [("r", "p", "u", 0.5, 1200, 1500, 40_000, 12.5), ("r", "p", "v", 9.0, 10**8, 10**8, 10**8, 1e9)]
    table = plan_table(pd.DataFrame(rows, columns=PLAN_COLUMNS), "turnaround_days_mean", 0.05, 20, True, "id")
    cells = [list(column.cells) for column in table.columns]

    assert cells[4] == ["1.200", "terlalu banyak"]
    assert cells[7] == ["12,5", "–"]
    assert "± 0,05 hari kerja" in table.title


def test_a_warm_up_is_drawn_with_its_cut():
    """The figure has the mean, Welch's average and, where there is one, MSER-5's cut, in the language asked for."""
    manifest = ks.compare("arcamanik", "null", replications=2, months=1, pre_months=0).manifest
    months = np.arange(60)
    settling = 5 * np.exp(-months / 3) + stream(1, "figure").normal(0, 0.2, (8, 60))
    drifting = np.cumsum(np.ones((8, 60)), axis=1)
    steady = np.tile([1.0, 2.0], (8, 30))
    steady[0, 3] = np.nan
    series = (settling, drifting, steady)
    figures = [warm_up_figure(x, "backlog_cases", manifest, "id") for x in series]
    texts = [" ".join(t.get_text() for t in figure.texts) for figure in figures]

    assert [len(figure.axes[0].lines) for figure in figures] == [3, 2, 2]
    assert "MSER-5: buang" in texts[0]
    assert "terlalu pendek" in texts[1]
    assert "tidak ada bulan" in texts[2]
