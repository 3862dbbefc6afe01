"""Run every benchmark and write docs/benchmarks.md: `python -m benchmarks [--quick]`, about 15 minutes.

Ratios within one run are what counts; nanoseconds differ by machine and hour. Nothing here is a
test: a slow machine fails nothing, and a target that is missed is written down as missed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import kinerja_sim as ks
from benchmarks import growth, intake, queue_alone, startup, study, whole_month
from benchmarks.machine import machine_lines
from benchmarks.native import FLAGS, compilers
from benchmarks.report import Target, page
from benchmarks.timing import Times

ROOT = Path(__file__).resolve().parents[1]
Section = tuple[list[str], list[Target]]


def best_c(times: Times) -> str:
    """Return the C program that was fastest in a run, or nothing where there is no compiler."""
    programs = [name for name in times.per_item if name.startswith("C (")]
    return min(programs, key=times.median, default="")


def queue_section(quick: bool) -> Section:
    """Measure the queue alone."""
    runs = {c: queue_alone.measure(c, 3 if quick else 9, 0.1 if quick else 1.0) for c in queue_alone.SERVERS}
    names = list(runs[1].per_item)
    lines = ["Nanoseconds a customer, 90 % load, all waits equal to those of a heap (1e-9); the draws are given.", ""]
    lines += ["| servers | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    lines += [f"| {c} | " + " | ".join(f"{t.median(n):,.3g}" for n in names) + " |" for c, t in runs.items()]
    targets = []
    if compilers():
        ratios = [t.ratio("ours", best_c(t)) for t in runs.values()]
        targets.append(Target.below("`fcfs_waits` against the best C, mean over 1, 3, 10, 50 servers",
                                    sum(ratios) / len(ratios), 1.3))  # fmt: skip
    for peer, least in {"SimPy": 1_500, "Ciw": 3_000}.items():
        worst = min(t.ratio(peer, "ours") for t in runs.values())
        targets.append(Target.above(f"`fcfs_waits` against {peer}, smallest over the numbers of servers", worst, least))
    return [*lines, "", f"{queue_alone.r_packages()}."], targets


def month_section(quick: bool) -> Section:
    """Measure the full model."""
    rounds = 3 if quick else 9
    runs = {(k, c): whole_month.measure(k, c, rounds) for k in whole_month.KINDS for c in whole_month.SERVERS}
    names = list(next(iter(runs.values())).per_item)
    lines = [
        "Nanoseconds a case, months of about 3,000 cases (SimPy: 600) with patience, priority, rework, absences,",
        "nine elements of satisfaction and three channels; all sums equal to 1e-9. The draws are given; `draws` is",
        "what NumPy takes to draw them, once for all policies.",
        "",
        "| unit | officers | " + " | ".join(names) + " |",
        "|---" * (len(names) + 2) + "|",
    ]
    for (kind, c), t in runs.items():
        lines.append(f"| {whole_month.KINDS[kind]} | {c} | " + " | ".join(f"{t.median(n):,.0f}" for n in names) + " |")
    targets = []
    if compilers():
        ratios = {key: t.ratio("ours", best_c(t)) for key, t in runs.items()}
        mean, worst = sum(ratios.values()) / len(ratios), max(ratios.values())
        targets.append(Target.below("the full month against C, draws given, mean over units", mean, 1.5))
        targets.append(Target.below("the same, worst unit", worst, 1.5))
    given = min(t.ratio("SimPy", "ours") for t in runs.values())
    included = min(
        (t.median("SimPy") + t.median("draws")) / (t.median("ours") + t.median("draws")) for t in runs.values()
    )
    targets.append(Target.above("the full month against SimPy, draws given, smallest", given, 1_000))
    targets.append(Target.above("the same, draws included", included, 500))
    return lines, targets


def growth_section(quick: bool) -> Section:
    """Measure how cost grows."""
    rounds = 2 if quick else 5
    lines, targets = ["| what grows | measured |", "|---|---|"], []
    measures: dict[str, Callable[[int], tuple[float, dict[int, float]]]] = {
        "cases in a month": growth.in_cases,
        "replications": growth.in_replications,
        "policies": growth.in_policies,
    }
    for name, measure in measures.items():
        found, costs = measure(rounds)
        unit = "ns a case" if name.startswith("cases") else "s"
        lines.append(f"| {name} | " + ", ".join(f"{size:,}: {cost:.3g} {unit}" for size, cost in costs.items()) + " |")
        targets.append(Target.between(f"slope of log cost over log {name}", found, 0.95, 1.05))
    added, costs = growth.in_officers(rounds)
    lines.append("| officers | " + ", ".join(f"{c}: {cost:.0f} ns a case" for c, cost in costs.items()) + " |")
    last = costs[growth.OFFICERS[-1]] / costs[growth.OFFICERS[-2]]
    first = costs[growth.OFFICERS[1]] / costs[growth.OFFICERS[0]]
    lines.append(f"\nA doubling of the officers adds {100 * added:.0f} % to a case on average.")
    targets.append(Target.below("officers, above 16: last doubling against the first (1 is logarithmic)",
                                last / first, 1.1))  # fmt: skip
    return lines, targets


def memory_section(n_cases: float) -> Section:
    """Measure how memory grows."""
    command = [sys.executable, "-m", "benchmarks.memory", str(n_cases)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    grown = json.loads(done.stdout)
    line = (
        f"{grown['cases']:,} cases in {grown['months']:,} months, aggregates only, draws included: "
        f"{grown['seconds']:.0f} s, {1e9 * grown['seconds'] / grown['cases']:.0f} ns a case."
    )
    name = f"megabytes that {grown['cases']:.0e} cases add when only aggregates are kept"
    return [line], [Target.below(name, grown["megabytes"], 10.0)]


def startup_section(quick: bool) -> Section:
    """Measure how long things take to start."""
    times = startup.measure(3 if quick else 11)
    lines = ["| new process | milliseconds |", "|---|---|"]
    lines += [f"| {name} | {times.median(name) / 1e6:.0f} |" for name in times.per_item]
    first = "kinerja simulate arcamanik baseline"
    return lines, [
        Target.below("`kinerja --help` against importing typer", times.ratio("kinerja --help", "import typer"), 2.0),
        Target.below("`import kinerja_sim` against importing pandas",
                     times.ratio("import kinerja_sim", "import pandas"), 1.3),
        Target.below(f"`{first}` against importing pandas and numba", times.ratio(first, "import pandas, numba"), 3.0),
    ]  # fmt: skip


def study_section(quick: bool) -> Section:
    """Measure a whole comparison."""
    whole = study.share_of_kernel_and_demand(ks.list_regions(), ks.list_policies(), 2 if quick else 10)
    small = study.share_of_kernel_and_demand(study.REGION, study.POLICY, 10 if quick else 50)
    speed = study.two_processes(20 if quick else 1600)
    saved = study.saved_by_pairing(20 if quick else 100).groupby("metric")["fewer"].median().sort_values()
    lines = [
        "Shares of processor time, tables saved (officers are looked after for all policies of a month at once, so the "
        "rest weighs most where offices are small and policies few):",
        "",
        "| comparison | kernel | demand |",
        "|---|---|---|",
        f"| all regions, all policies, as `make compare` runs it | {whole['kernel']:.0%} | {whole['demand']:.0%} |",
        f"| {study.REGION}, its own policy alone | {small['kernel']:.0%} | {small['demand']:.0%} |",
        "",
        f"In {study.REGION}, a run of about a minute: {speed['workers']:.1f} replications a second with two workers "
        f"(their start included), {speed['copies']:.1f} in two independent copies side by side.",
        "",
        "How many times fewer replications a contrast needs because policies meet the same citizens, by metric (median",
        "over units):",
        "",
        "| metric | times fewer |",
        "|---|---|",
        *(f"| `{metric}` | {fewer:,.1f} |" for metric, fewer in saved.items()),
    ]
    return lines, [
        Target.above(
            "kernel and demand, share of the time of a whole `compare`", whole["kernel"] + whole["demand"], 0.7
        ),
        Target.above("two processes against two independent copies", speed["workers"] / speed["copies"], 0.9),
        Target.above("fewer replications by pairing, `wait_minutes_mean`", float(saved["wait_minutes_mean"]), 10.0),
    ]


def intake_section(quick: bool) -> Section:
    """Measure how long importing a user's own log takes."""
    rows = 100_000 if quick else 1_000_000
    found = intake.measure(rows)
    lines = [
        f"`kinerja import` of {rows:,} rows in a new process: visits with three moments; events, five a case.",
        "",
        "| log | seconds | peak megabytes |",
        "|---|---|---|",
        *(f"| {name} | {seconds:.1f} | {megabytes:,.0f} |" for name, (seconds, megabytes) in found.items()),
    ]
    return lines, [
        target
        for name, (seconds, megabytes) in found.items()
        for target in (Target.below(f"seconds to import {rows:,} rows, {name}", seconds, 60.0),
                       Target.below(f"peak megabytes of the same, {name}", megabytes, 1024.0))
    ]  # fmt: skip


def main() -> None:
    """Run all sections and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first look; about 3 minutes")
    parser.add_argument("--cases", type=float, default=5e7, help="cases of the memory benchmark")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md")
    given = parser.parse_args()
    sections: dict[str, Callable[[], Section]] = {
        "Starting up": lambda: startup_section(given.quick),
        "The queue alone": lambda: queue_section(given.quick),
        "The full model": lambda: month_section(given.quick),
        "Growth": lambda: growth_section(given.quick),
        "Memory": lambda: memory_section(given.cases / 10 if given.quick else given.cases),
        "A whole comparison": lambda: study_section(given.quick),
        "Importing a log": lambda: intake_section(given.quick),
    }
    found: dict[str, Section] = {}
    for name, measure in sections.items():
        sys.stderr.write(f"{name} ...\n")
        found[name] = measure()
    built = f"- C: {', '.join(compilers())} with `{' '.join(FLAGS[:4])}`" if compilers() else "- no C compiler here"
    machine = [*machine_lines(["numpy", "numba", "simpy", "ciw", "pandas", "typer"]), built]
    machine.append(f"- {datetime.date.today().isoformat()}{', a quick look (few rounds)' if given.quick else ''}")
    given.out.write_text(page(machine, found), encoding="utf-8")
    sys.stderr.write(f"written: {given.out.name}\n")


if __name__ == "__main__":
    main()
