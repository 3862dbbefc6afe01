"""The policy of every subset of mechanisms, run on the citizens of a comparison.

Runs go through `study.execute` with the comparison's own seed, months and first
replications. The subsets 'none' and 'all' are run again too: unless they repeat the
comparison's numbers, nothing may be concluded from the others. Most open to dispute: the
pace by which a long run is announced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.fields import Text
from kinerja_sim.know.messages import sentence, show
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.schema import METRICS, RESULT_COLUMNS
from kinerja_sim.study.compare import whole_number
from kinerja_sim.study.execute import Executed, Job, Options, Progress, SimulateBlock, execute
from kinerja_sim.study.manifest import read_policy, read_region
from kinerja_sim.study.mechanisms import take_apart
from kinerja_sim.study.parts import Game, Question
from kinerja_sim.study.summary import SERIES_KEYS, cubes, first_full_month, pool_metrics, sort_table

if TYPE_CHECKING:
    from kinerja_sim.study.comparison import Comparison

DEFAULT_REPLICATIONS = 50
"""Replications used unless asked otherwise, or all where the comparison has fewer."""
TELL_SECONDS = 60.0
"""Work that is expected to take longer is announced before it starts."""
SECONDS_PER_CASE = 5e-7
"""Pace of one process, measured on one machine in 2026; for the announcement only."""
MONTHS_AROUND = 5
"""Months of warming up and running out that a run has beside those asked for, about."""
_PAIR = ["draw", "replication"]

Notify = Callable[[Text], object]


class PooledModel:
    """A model whose months are pooled where they were simulated: 256 policies would fill the memory month by month.

    Its results hold one period a series, whose metrics are those of all months from `first` on.
    """

    def __init__(self, first: int, model: SimulateBlock) -> None:
        self.first, self.model = first, model

    def __call__(self, region: Region, policies: Sequence[Policy], **options: Any) -> Executed:
        """Run a block and pool its months."""
        block = self.model(region, policies, **options)
        pooled = _pool_from(block.results, self.first)
        return Executed(pooled.assign(period=0).reindex(columns=RESULT_COLUMNS), block.appraisals.iloc[:0], ())


def play(
    comparison: Comparison,
    question: Question,
    n: int,
    *,
    workers: int = 1,
    progress: Progress | None = None,
    notify: Notify | None = None,
    simulate_block: SimulateBlock | None = None,
) -> Game:
    """Return the outcomes of every subset of the groups in which the policy differs from its reference.

    Parameters
    ----------
    comparison : Comparison
    question : Question
    n : int, >= 1
        Replications used: the first so many of the comparison.
    workers, progress, notify, simulate_block
        As for `attribution.attribute`.

    Raises
    ------
    InputError
        If none of the replications worked.
    RunError
        If the comparison's own numbers do not come out again.
    """
    manifest, reference = comparison.manifest, comparison.manifest["baseline"]
    parts = take_apart(read_policy(manifest, question.scenario), read_policy(manifest, reference))
    rows = comparison.results[comparison.results["region"] == question.region]
    # A window begins with the slowest scenario of the comparison, whichever is asked about.
    first = int(first_full_month(rows).get(question.region, 0)) if question.window == "after" else 0
    ends = _ends(rows, question, reference, first, n)
    if len(parts.groups) < 2:  # nothing but 'none' and 'all', which the comparison holds
        made = ends if parts.groups else ends[ends["scenario"] == "0"]
        return _game(parts.groups, made, ends, question, n)
    options = Options(**{name: manifest[name] for name in ("seed", "months", "pre_months", "parameters")})
    job = Job(read_region(manifest, question.region), parts.policies)
    _announce(job, options, n, workers, notify)
    model = PooledModel(first, simulate_block or _own_model())
    done = execute([job], options, replications=n, workers=workers, progress=progress, simulate_block=model)
    return _game(parts.groups, done.results[[*SERIES_KEYS, *METRICS]], ends, question, n)


def replications_used(asked: int | None, available: int) -> int:
    """Return how many replications are used, or raise `InputError` when more are asked for than there are."""
    if asked is None:
        return min(DEFAULT_REPLICATIONS, available)
    n = whole_number("replications", asked, 1)
    if n > available:
        rule, remedy = f"be at most those of the comparison, {available}", "Run `compare` with more."
        raise InputError(sentence("replications", rule, show(n), remedy=remedy))
    return n


def _pool_from(rows: pd.DataFrame, first: int) -> pd.DataFrame:
    """Return every metric, pooled over the months from `first` on."""
    return pool_metrics(rows[rows["period"] >= first], "all")


def _ends(rows: pd.DataFrame, question: Question, reference: str, first: int, n: int) -> pd.DataFrame:
    """Return what the comparison itself holds of 'none' (scenario '0') and 'all' (scenario '1'), months pooled."""
    names = {reference: "0", question.scenario: "1"}
    pooled = _pool_from(rows[rows["scenario"].isin(names) & (rows["replication"] < n)], first)
    if pooled.empty:
        got = f"{n} that all failed"
        raise InputError(sentence("replications", "hold one that worked", got, f"in region '{question.region}'"))
    return sort_table(pooled.assign(scenario=pooled["scenario"].map(names)), SERIES_KEYS)


def _announce(job: Job, options: Options, n: int, workers: int, notify: Notify | None) -> None:
    """Say beforehand how long a large run will take, about."""
    months = options.months + options.pre_months + MONTHS_AROUND
    seconds = job.work * months * n * SECONDS_PER_CASE / workers
    if notify is None or seconds <= TELL_SECONDS:
        return
    minutes, n_policies = max(1, round(seconds / 60)), len(job.policies)
    notify(
        Text(
            id=f"{n_policies} gabungan mekanisme × {n} replikasi: kira-kira {minutes} menit. "
            "Lebih sedikit replikasi selesai lebih cepat.",
            en=f"{n_policies} combinations of mechanisms × {n} replications: about {minutes} min. "
            "Fewer replications take less.",
        )
    )


def _own_model() -> SimulateBlock:
    """Return this package's model, imported only when something is run."""
    from kinerja_sim.model.simulate import simulate_block

    return simulate_block


def _game(groups: tuple[str, ...], made: pd.DataFrame, ends: pd.DataFrame, question: Question, n: int) -> Game:
    """Return the game of the replications that worked everywhere, once 'none' and 'all' repeat the comparison."""
    both = made[_PAIR].drop_duplicates().merge(ends[_PAIR].drop_duplicates()).sort_values(_PAIR, ignore_index=True)
    cube, old = (next(cubes({question.window: table.merge(both)})) for table in (made, ends))
    new, known = (c.values[[0, -1]] for c in (cube, old))  # noqa: PD011  # a cube's own array
    if not np.allclose(new, known, rtol=1e-9, atol=1e-12, equal_nan=True):  # what any two processors agree to
        raise RunError(
            f"the numbers of '{question.scenario}' in '{question.region}' do not come out again, so they cannot be "
            "taken apart: the comparison was made by another version, ledger or model. Run the comparison again."
        )
    draws, replications = (both[name].to_numpy(np.int64) for name in _PAIR)
    return Game(groups, tuple(cube.units), draws, replications, cube.values, n - len(both))
