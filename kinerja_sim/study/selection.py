"""Which option is best, with a stated probability and no more runs than needed: Kim and Nelson's sequential selection.

Options that fall too far behind are dropped run by run. Differences between options on
common random numbers are what is compared, so pairing shortens the search. Arrays or a
function in, a choice out. Most open to dispute: the guarantee is exact for normal
outcomes; averages over months are near enough to that, single cases would not be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kinerja_sim.study.statistics import Floats

Sample = Callable[[int, int], float]
"""From (option, run) to its outcome, more being better; the same run number means the same random numbers."""
LEAST_RUNS = 5
FIRST_RUNS = 10
"""Runs of every option before any is dropped, unless asked otherwise (Kim and Nelson's own choice)."""


@dataclass(frozen=True)
class Selection:
    """What the procedure found.

    Attributes
    ----------
    survivors : tuple of int
        Options not ruled out; one of them when the selection came to its end.
    runs : tuple of int
        Runs made of each option.
    equal_runs : int
        Runs that all options would have taken together had none been dropped on the way.
    is_decided : bool
        Whether the stated probability was reached before runs or budget ended. Survivors that
        agree exactly in every run count as one.
    """

    survivors: tuple[int, ...]
    runs: tuple[int, ...]
    equal_runs: int
    is_decided: bool
    delta: float
    probability: float

    @property
    def total_runs(self) -> int:
        """Runs of all options together."""
        return sum(self.runs)


def select_best(
    sample: Sample, n_options: int, delta: float, *, probability: float = 0.95, first_runs: int = FIRST_RUNS,
    budget: int | None = None, most_runs: int | None = None,
) -> Selection:  # fmt: skip
    """Return the option with the largest mean, right with at least the stated probability.

    Parameters
    ----------
    sample : callable
        Called with option and run number, both from 0.
    n_options : int, >= 2
    delta : float, > 0
        Smallest difference of means that matters. Where the best leads by less, one of those
        within `delta` of it is chosen with the same probability.
    probability : float in (0.5, 1)
    first_runs : int, >= 5
        Runs of every option from which the spread of differences is learnt.
    budget : int, optional
        Runs of all options together; the procedure stops undecided rather than exceed it.
    most_runs : int, optional
        Runs of one option that exist, where outcomes come from a table.

    Raises
    ------
    ValueError
        If an argument is out of its bounds.

    Source
    ------
    Kim and Nelson 2001, ACM Transactions on Modeling and Computer Simulation 11:251-273,
    procedure KN with c = 1, whose guarantee holds under common random numbers too.
    """
    if n_options < 2 or not delta > 0 or not 0.5 < probability < 1 or first_runs < LEAST_RUNS:
        raise ValueError(
            f"needs at least 2 options, `delta` above 0, a probability between .5 and 1 and at least {LEAST_RUNS} "
            f"first runs; got {n_options}, {delta}, {probability}, {first_runs}"
        )
    limit = np.inf if most_runs is None else most_runs
    allowed = np.inf if budget is None else budget
    outcomes: list[list[float]] = [[] for _ in range(n_options)]
    alive = list(range(n_options))

    def run_once() -> bool:
        """Add one run of every option that is left; False where that would be one too many."""
        if len(outcomes[alive[0]]) >= limit or sum(map(len, outcomes)) + len(alive) > allowed:
            return False
        for i in alive:
            outcomes[i].append(float(sample(i, len(outcomes[i]))))
        return True

    started = all(run_once() for _ in range(first_runs))
    variance = _variances(outcomes) if started else np.empty((0, 0))
    beta = (1 - probability) / (n_options - 1)
    eta = 0.5 * ((2 * beta) ** (-2 / (first_runs - 1)) - 1)
    reach = 2 * eta * (first_runs - 1) * variance / delta**2  # runs after which a pair is decided whatever happens
    going = started
    while going and len(alive) > 1:
        r = len(outcomes[alive[0]])
        means = np.array([np.mean(outcomes[i]) for i in alive])
        slack = np.maximum(0.0, delta / (2 * r) * (reach[np.ix_(alive, alive)] - r))
        behind = (means[:, None] < means[None, :] - slack).any(axis=1)
        alive = [i for i, is_behind in zip(alive, behind, strict=True) if not is_behind]
        if len(alive) == 1 or _all_equal([outcomes[i] for i in alive]):
            break
        going = run_once()
    runs = tuple(map(len, outcomes))
    is_decided = started and (len(alive) == 1 or _all_equal([outcomes[i] for i in alive]))
    return Selection(tuple(alive), runs, n_options * max(runs), is_decided, delta, probability)


def select_from_table(
    outcomes: Floats, delta: float, *, probability: float = 0.95, first_runs: int = FIRST_RUNS
) -> Selection:
    """Return `select_best` on runs that exist, in their order: what would have been enough.

    Parameters
    ----------
    outcomes : array, shape (n_options, n_runs)
        More is better; a column is one run of every option on the same random numbers.
    """
    return select_best(
        lambda option, run: float(outcomes[option, run]), len(outcomes), delta, probability=probability,
        first_runs=first_runs, most_runs=outcomes.shape[1],
    )  # fmt: skip


def _variances(outcomes: list[list[float]]) -> Floats:
    """Return the variance of the differences between every two options over the first runs, [option, option]."""
    y = np.array(outcomes)
    return np.asarray((y[:, None] - y[None]).var(axis=-1, ddof=1))


def _all_equal(rows: list[list[float]]) -> bool:
    return all(row == rows[0] for row in rows[1:])
