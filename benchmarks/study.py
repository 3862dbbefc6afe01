"""A whole comparison: where its time goes, what two processes bring, what pairing saves."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd

import kinerja_sim as ks
from kinerja_sim.know.schema import METRICS
from kinerja_sim.model import unitrun

REGION, POLICY = "arcamanik", "arcamanik"


def share_of_kernel_and_demand(
    regions: str | list[str], policies: str | list[str], replications: int
) -> dict[str, float]:
    """Return the shares of processor time that the kernel and the draws of demand take of a whole `compare`, saved."""
    spent = {"kernel": 0.0, "demand": 0.0}
    serve, draw = unitrun.serve_month, unitrun.draw_months

    def timed_serve(*arguments: Any) -> Any:
        begin = time.process_time()
        result = serve(*arguments)
        spent["kernel"] += time.process_time() - begin
        return result

    def timed_draw(*arguments: Any, **options: Any) -> Iterator[Any]:
        months = draw(*arguments, **options)
        while True:
            begin = time.process_time()
            month = next(months, None)
            spent["demand"] += time.process_time() - begin
            if month is None:
                return
            yield month

    with tempfile.TemporaryDirectory() as folder:
        ks.compare(REGION, POLICY, replications=2).save(Path(folder) / "first")  # everything is imported and compiled
        with mock.patch.multiple(unitrun, serve_month=timed_serve, draw_months=timed_draw):
            begin = time.process_time()
            ks.compare(regions, policies, replications=replications).save(Path(folder) / "timed")
            total = time.process_time() - begin
    return {name: seconds / total for name, seconds in spent.items()} | {"seconds": total}


_COPY = """
import sys, time, kinerja_sim as ks
ks.compare({region!r}, {policy!r}, replications=2)
print("ready", flush=True)
sys.stdin.readline()
begin = time.perf_counter()
ks.compare({region!r}, {policy!r}, replications={replications})
print(time.perf_counter() - begin)
"""


def two_processes(replications: int) -> dict[str, float]:
    """Return replications a second of `compare` with two workers, and of two independent copies with one each."""
    code = _COPY.format(region=REGION, policy=POLICY, replications=replications // 2)
    copies = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for copy in copies:
        assert copy.stdout is not None
        copy.stdout.readline()
    for copy in copies:
        assert copy.stdin is not None
        copy.stdin.write("go\n")
        copy.stdin.flush()
    seconds = [float(copy.communicate()[0]) for copy in copies]
    begin = time.perf_counter()
    ks.compare(REGION, POLICY, replications=replications, workers=2)
    return {
        "copies": sum(replications // 2 / s for s in seconds),
        "workers": replications / (time.perf_counter() - begin),
    }


def saved_by_pairing(replications: int) -> pd.DataFrame:
    """Return, per unit and metric, how many times fewer replications a contrast needs because it is paired."""
    results = ks.compare(REGION, POLICY, replications=replications).results
    months = results[results["period"] >= 0]
    metrics = [metric for metric in METRICS if metric in months]
    means = months.groupby(["unit", "scenario", "replication"])[metrics].mean()
    rows = []
    for unit, table in means.groupby(level="unit"):
        baseline, policy = (table.xs(name, level="scenario").droplevel("unit") for name in ("baseline", POLICY))
        for metric in metrics:
            paired, apart = (policy[metric] - baseline[metric]).var(), policy[metric].var() + baseline[metric].var()
            if paired > 0:
                rows.append({"unit": unit, "metric": metric, "fewer": apart / paired})
    return pd.DataFrame(rows)
