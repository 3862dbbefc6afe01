"""A million rows of a queue log (CSV) and of an event log (XES): seconds and peak memory of `kinerja import`.

Every import is a new process, so that its start and nobody else's memory is counted.
`python -m benchmarks.intake [ROWS]` measures this part alone.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from kinerja_sim.model.rng import stream

MAPS = {
    "log.csv": """kind: cases
columns:
  case_id: ticket
  unit: {column: service, values: {KTP: ktp, KK: kk}}
  arrived: arrived
  started: started
  finished: finished
  outcome: {constant: served}
  officer: officer
""",
    "log.xes": """kind: events
columns:
  case_id: case:concept:name
  unit: permits
  activity: {column: concept:name, values: {Check: Check, Print: Print}}
  time: time:timestamp
  officer: org:resource
""",
}


IMPORT = """import atexit, sys
from pathlib import Path
from kinerja_sim.cli import main
status = Path("/proc/self/status")
atexit.register(lambda: sys.stderr.write(status.read_text() if status.exists() else ""))
main()
"""
"""`kinerja`, telling at its end how much memory it held: what the parent reads of it would count the parent's own."""


def write_logs(folder: Path, rows: int) -> None:
    """Write a queue log and an event log of so many rows, officers and times drawn, a thousand rows a day."""
    rng = stream(0, "intake")
    begin, day = pd.Timestamp("2020-01-06 08:00"), np.arange(rows) // 1000
    within = np.cumsum(rng.exponential(28.0, (rows // 1000, 1000)), axis=1).ravel()
    arrived = begin + pd.to_timedelta(day * 86_400 + within, unit="s")
    started = arrived + pd.to_timedelta(rng.exponential(600.0, rows), unit="s")
    officers = [f"Officer {n}" for n in rng.integers(200, size=rows)]
    table = pd.DataFrame(
        {
            "ticket": np.arange(rows), "service": np.where(rng.random(rows) < 0.5, "KTP", "KK"), "arrived": arrived,
            "started": started, "finished": started + pd.to_timedelta(rng.exponential(400.0, rows), unit="s"),
            "officer": officers, "note": "x" * 20,
        }
    )  # fmt: skip
    table.to_csv(folder / "log.csv", index=False, date_format="%Y-%m-%d %H:%M:%S")
    with (folder / "log.xes").open("w", encoding="utf-8") as file:
        file.write('<log xes.version="1.0">\n')
        for n, when in enumerate(arrived.strftime("%Y-%m-%dT%H:%M:%S+07:00")):
            if n % 5 == 0:
                file.write(f'<trace><string key="concept:name" value="case {n // 5}"/>\n')
            file.write(
                f'<event><string key="concept:name" value="{"Print" if n % 5 else "Check"}"/><date key="time:timestamp"'
                f' value="{when}"/><string key="org:resource" value="{officers[n]}"/></event>\n'
            )
            if n % 5 == 4:
                file.write("</trace>\n")
        file.write("</log>\n")


def measure(rows: int) -> dict[str, tuple[float, float]]:
    """Return seconds and peak megabytes of importing each log; NaN megabytes where the system does not say.

    Parameters
    ----------
    rows : thousands

    Raises
    ------
    RuntimeError
        If an import fails, or loses a row.
    """
    found = {}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_logs(folder, rows)
        for name, mapping in MAPS.items():
            described, out = folder / "map.yaml", folder / f"{name}-data"
            described.write_text(mapping, encoding="utf-8")
            command: list[str | Path] = [
                sys.executable,
                "-c",
                IMPORT,
                "import",
                folder / name,
                "--map",
                described,
                "-o",
                out,
            ]
            begin = time.perf_counter()
            done = subprocess.run([*command, "--key", folder / "key", "--json"], capture_output=True, text=True)
            seconds, peak = time.perf_counter() - begin, re.search(r"VmHWM:\s+(\d+) kB", done.stderr)
            kept = sum(i["rows_kept"] for i in json.loads(done.stdout)["manifest"]["imports"].values())
            if done.returncode or kept != rows:
                raise RuntimeError(f"importing {name} ended with {done.returncode} and {kept} of {rows} rows")
            found[name] = (seconds, int(peak[1]) / 1024 if peak else np.nan)
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000)) + "\n")
