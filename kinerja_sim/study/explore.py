"""Effects while one looks: some policies run beforehand, any other refined replication by replication.

A bench holds one region's pooled replications by what a policy decides, never by its name:
the same settings are the same policy. Replication i meets the citizens of replication i of
`kinerja compare` with the same seed, so at equal n both print the same numbers. The grid
is a cache: without it everything is simulated on the spot.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

import kinerja_sim
from kinerja_sim.know.errors import RunError
from kinerja_sim.know.evidence import FILES as LEDGER_FILES
from kinerja_sim.know.library import BASELINE, data_file, load_policy
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.schema import METRICS
from kinerja_sim.study.contrasts import contrast, with_unstable
from kinerja_sim.study.execute import Failure, Job, Options, Progress, SimulateBlock, Task, execute, run_task
from kinerja_sim.study.manifest import NAMING
from kinerja_sim.study.store import file_sum, sha256_of
from kinerja_sim.study.summary import SERIES_KEYS, series

if TYPE_CHECKING:
    from kinerja_sim.study.execute import Outcome

OPTIONS = Options(seed=0, months=24, pre_months=6, parameters="ledger")
GRID_REPLICATIONS = 10
MOST_REPLICATIONS = 100
_ROWS = ["unit", "draw", "replication", *METRICS, "unstable"]
_CODE = (
    "model/*.py",
    "know/schema.py",
    "know/pooling.py",
    "study/summary.py",
    "study/queues.py",
)  # what decides a pooled number


def policy_key(policy: Policy) -> str:
    """Return a short hash of everything in a policy that decides numbers.

    Examples
    --------
    >>> policy_key(load_policy("baseline")) == policy_key(load_policy("null"))
    True
    """
    return sha256_of(policy.model_dump(mode="json", exclude=NAMING))[:16]


def grid_file(region: Region, policies: Sequence[Policy], folder: str | os.PathLike[str]) -> Path:
    """Return where the grid of a region lies: a new name whenever anything that decides its numbers changes."""
    package = Path(kinerja_sim.__file__).parent
    code = [file_sum(file) for pattern in _CODE for file in sorted(package.glob(pattern))]
    inputs = [file_sum(data_file(name)) for name in (*LEDGER_FILES, "calendar.csv")]
    keys = sorted(map(policy_key, policies))
    content = [region.model_dump(mode="json"), keys, vars(OPTIONS), GRID_REPLICATIONS, inputs, code]
    return Path(folder) / f"{region.name}-{sha256_of(content)[:16]}.parquet"


def make_grid(
    region: Region,
    policies: Sequence[Policy],
    folder: str | os.PathLike[str],
    *,
    workers: int = 1,
    progress: Progress | None = None,
    simulate_block: SimulateBlock | None = None,
) -> Path:
    """Run `policies` beside the baseline in a region, unless that was done before, and return the file.

    Parameters
    ----------
    region : Region
    policies : sequence of Policy
        Copies of one another are run once.
    folder : path
        Made when absent; grids of the same region under older inputs are removed.
    workers : int, >= 1
    progress : callable, optional
    simulate_block : callable, optional
        A model to study instead of this package's own.
    """
    path = grid_file(region, policies, folder)
    if path.is_file():
        return path
    chosen = {policy_key(p): p for p in (load_policy(BASELINE), *policies)}
    named = [p.replace(name=f"grid-{i}") for i, p in enumerate(chosen.values())]
    jobs = [Job(region, tuple(named))]
    done = execute(
        jobs, OPTIONS, replications=GRID_REPLICATIONS, workers=workers, progress=progress, simulate_block=simulate_block
    )
    keys = {policy.name: key for policy, key in zip(named, chosen, strict=True)}
    pooled = series(done.results)
    table = pooled.assign(policy=pooled["scenario"].map(keys))[["policy", *_ROWS]]
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".grid-") as made:
        table.to_parquet(Path(made) / "grid.parquet", index=False, compression="zstd")
        (Path(made) / "grid.parquet").replace(path)
    for stale in path.parent.glob(f"{region.name}-" + "?" * 16 + ".parquet"):
        if stale != path:
            stale.unlink()
    return path


class Bench:
    """One region with the replications that are known so far, policy by policy.

    Parameters
    ----------
    region : Region
    grid : path, optional
        A file of `make_grid`; without it nothing is known at first.
    simulate_block : callable, optional
        A model to study instead of this package's own.
    """

    def __init__(
        self, region: Region, grid: Path | None = None, *, simulate_block: SimulateBlock | None = None
    ) -> None:
        self.region = region
        self.baseline = load_policy(BASELINE)
        self._simulate = simulate_block
        self._tables: dict[str, list[pd.DataFrame]] = {}
        self._next: dict[str, int] = {}
        self._failures: dict[str, list[Failure]] = {}
        if grid is not None and grid.is_file():
            for key, rows in pd.read_parquet(grid).groupby("policy", sort=False):
                self._tables[str(key)] = [rows[_ROWS].reset_index(drop=True)]
                self._next[str(key)] = int(rows["replication"].max()) + 1

    def known(self, policy: Policy) -> int:
        """Return how many replications of `policy` have been tried."""
        return self._next.get(policy_key(policy), 0)

    def advance(self, policy: Policy, *, until: int = MOST_REPLICATIONS) -> int:
        """Run one more replication of `policy`, and of the baseline where it lags behind; return how many are known."""
        n = self.known(policy)
        if n < until:
            for each in (policy, self.baseline):
                while self.known(each) <= n:
                    self._run(each)
        return self.known(policy)

    def contrasts(self, policy: Policy, scenario: str = "what_if") -> pd.DataFrame:
        """Return the paired differences of `policy` from the baseline over the replications that both have.

        Returns
        -------
        DataFrame
            As `study.contrasts.contrast`, window 'after' (no lever of the page is phased in);
            empty when nothing was run.

        Raises
        ------
        RunError
            If every replication failed.
        """
        ours, base = self._rows(policy), self._rows(self.baseline)
        both = set(ours["replication"]) & set(base["replication"]) if len(ours) and len(base) else set()
        lost = [f for p in (policy, self.baseline) for f in self._failures.get(policy_key(p), [])]
        if not both:
            if lost and self.known(policy):
                raise RunError(f"all {self.known(policy)} replications failed; the first: {lost[0].reason}")
            return pd.DataFrame()
        parts = [
            rows[rows["replication"].isin(both)].assign(scenario=name, region=self.region.name)
            for name, rows in ((BASELINE, base), (scenario, ours))
        ]
        table = pd.concat(parts, ignore_index=True).sort_values(SERIES_KEYS, ignore_index=True)
        failed = len({f.replication for f in lost if f.replication < self.known(policy)})
        return with_unstable(contrast(table, BASELINE, {self.region.name: failed}, pooled={"after": table}), table)

    def _rows(self, policy: Policy) -> pd.DataFrame:
        found = self._tables.get(policy_key(policy), [])
        return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_ROWS)

    def _run(self, policy: Policy) -> None:
        """Run the next replication of a policy; one that fails is counted and left out."""
        key = policy_key(policy)
        i = self._next.get(key, 0)
        outcome: Outcome = run_task(Task(Job(self.region, (policy,)), (i,)), OPTIONS, self._model())
        self._next[key] = i + 1
        self._failures.setdefault(key, []).extend(outcome.failures)
        for results in outcome.results:
            self._tables.setdefault(key, []).append(series(results)[_ROWS])

    def _model(self) -> SimulateBlock:
        if self._simulate is None:
            from kinerja_sim.model.simulate import simulate_block

            self._simulate = simulate_block
        return self._simulate


def open_benches(folder: str | os.PathLike[str]) -> Callable[[Region, Sequence[Policy]], Bench]:
    """Return what opens the bench of a region: with its grid where `folder` holds one of these policies."""

    def open_bench(region: Region, policies: Sequence[Policy]) -> Bench:
        return Bench(region, grid_file(region, policies, folder))

    return open_bench
