"""How long things take to start, each in a new process, beside what they stand on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.timing import Prepare, Times, side_by_side

KINERJA = str(Path(sys.executable).parent / "kinerja")
COMMANDS = {
    "bare Python": [sys.executable, "-c", "pass"],
    "import typer": [sys.executable, "-c", "import typer"],
    "import pandas": [sys.executable, "-c", "import pandas"],
    "import pandas, numba": [sys.executable, "-c", "import pandas, numba"],
    "import kinerja_sim": [sys.executable, "-c", "import kinerja_sim"],
    "kinerja --help": [KINERJA, "--help"],
    "kinerja simulate arcamanik baseline": [KINERJA, "simulate", "arcamanik", "baseline"],
}


def measure(rounds: int) -> Times:
    """Start every command once a round, after a round that fills the caches; times are nanoseconds."""

    def of(command: list[str]) -> Prepare:
        return lambda _: (lambda: subprocess.run(command, capture_output=True, check=True), 1)

    return side_by_side({name: of(command) for name, command in COMMANDS.items()}, rounds)
