"""Ctrl-C in a verb: one line, exit code 130, nothing half-written, nobody left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import kinerja_sim
from kinerja_sim import cli

ROOT = Path(kinerja_sim.__file__).parents[1]
DESIGN = """
regions: [tangerang-selatan]
policies: [own]
method: grid
factors: {policy.appraisal.stakes: [0.2, 0.4, 0.6, 0.8]}
draws: 400
months: 24
metrics: [turnaround_days_mean]
"""


def processes(session):
    """Return the ids of a session's processes that still live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of_session = stat.read_text().rpartition(")")[2].split()[:4]
        except (OSError, ProcessLookupError):
            continue
        if int(of_session) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted in /proc")
@pytest.mark.parametrize(
    ("verb", "line"),
    [
        (["compare", "--regions", "tangerang-selatan", "-n", "3000", "--no-notebooks", "--lang", "id"], "dibatalkan"),
        (["sweep", "design.yaml", "--lang", "en"], "aborted"),
    ],
    ids=["compare", "sweep"],
)
def test_ctrl_c_while_workers_start_is_one_line(tmp_path, verb, line):
    """A terminal tells every process of Ctrl-C; one line comes out, and neither files half-written nor workers stay."""
    (tmp_path / "design.yaml").write_text(DESIGN, "utf-8")
    command = [sys.executable, "-m", "kinerja_sim.cli", *verb, "-o", "out"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True,
        env=environment,
    ) as process:  # fmt: skip
        while process.poll() is None and len(processes(process.pid)) < 3:  # itself, a tracker, the server of workers
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=120)

    assert process.returncode == 130, err
    assert err.splitlines()[-1:] == [line], err
    assert "Traceback" not in err, err
    assert out == ""
    while left := processes(process.pid):  # the tracker of semaphores goes last
        time.sleep(0.02)
    assert not left
    assert not [p for p in tmp_path.rglob("*") if p.name.startswith(".") or p.suffix == ".csv"]
    assert (tmp_path / "out").exists() == (verb[0] == "sweep")  # a sweep keeps what is done, and goes on from there


def test_ctrl_c_without_workers_is_told_too(monkeypatch, capsys):
    """Whatever a verb is at, the line is in its language and the exit code is 130."""

    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("kinerja_sim.study.run.simulate", stopped)
    with pytest.raises(SystemExit) as ended:
        cli.app(["simulate", "arcamanik", "baseline", "--lang", "id"])

    assert ended.value.code == 130
    assert capsys.readouterr().err == "dibatalkan\n"
