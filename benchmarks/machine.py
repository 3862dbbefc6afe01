"""What a measurement or a proof was run on: machine, Python, versions, state of the sources."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def processor() -> str:
    """Return the processor's name, where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def commit() -> str:
    """Return the commit that the sources are at, with a word on changes; `unknown` outside a repository."""
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        return "unknown"
    changes = subprocess.run(
        ["git", "status", "--porcelain", "--", "kinerja_sim"], cwd=ROOT, capture_output=True, text=True
    )
    return done.stdout.strip() + (" with changes to the package" if changes.stdout.strip() else "")


def machine_lines(packages: Sequence[str]) -> list[str]:
    """Return two lines of Markdown that name the machine and the versions."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return [
        f"- machine: {processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"- Python {platform.python_version()}, {versions}; commit {commit()}",
    ]
