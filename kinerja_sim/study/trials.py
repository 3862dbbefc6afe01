"""Does the model predict published trials? Each with its own ledger row removed; only predictions count.

A prediction hits when the printed estimate lies in the central 95 % of the simulated
effect. A hit in a wide interval says little, so width is judged too. Most open to
dispute: an interval of the model is compared with a printed point; the trial's own
error, rarely printed where it was read, is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import RunError
from kinerja_sim.know.fields import Text
from kinerja_sim.know.interrupts import ended_by_interrupt, held_back
from kinerja_sim.know.parameters import PARAMETERS
from kinerja_sim.know.trials import Also, Kind, Trial, Trials, load_trials
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.study.compare import whole_number
from kinerja_sim.study.execute import Progress, worker_pool
from kinerja_sim.study.statistics import Floats, central_range, mean_interval
from kinerja_sim.study.trial_runs import Vector, prepare, simulate_effects

DRAWS, OFFICE_DRAWS, ALSO_DRAWS, FEWEST_DRAWS = 300, 120, 60, 40
"""Draws of the ledger: of a trial; times service units, where queues are run; where nothing counts; at least."""
MOST_DRAWS = 10_000  # all of them are held in memory
TRIAL_DESIGNS = ("experiment", "quasi_experiment")
Width = Literal["narrow", "wide", ""]
Verdict = Literal["hit", "miss", ""]


@dataclass(frozen=True)
class Interval:
    """A simulated effect in the printed unit: mean, its Monte Carlo bounds, central 95 % and its Monte Carlo errors."""

    mean: float
    ci_low: float
    ci_high: float
    low: float
    high: float
    low_se: float
    high_se: float
    n_draws: int


_NAN = float("nan")
NOTHING = Interval(_NAN, _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, 0)


@dataclass(frozen=True)
class Outcome:
    """One trial, as judged.

    `is_edge`: the printed estimate lies within two Monte Carlo errors of a bound, so that another
    seed may turn the verdict. `also` holds the same trial under other assumptions, never counted.
    """

    id: str
    kind: Kind
    design: str
    printed: float
    interval: Interval
    width: Width
    verdict: Verdict
    is_edge: bool
    also: tuple[tuple[Text, Interval, Verdict], ...] = ()


@dataclass(frozen=True)
class TrialResults:
    """All trials as judged."""

    outcomes: tuple[Outcome, ...]
    draws: int
    seed: int

    @property
    def table(self) -> pd.DataFrame:
        """One row a trial: class, design, printed estimate, simulated effect, width and verdict."""
        rows = [
            {"id": o.id, "kind": o.kind, "design": o.design, "printed": o.printed, **asdict(o.interval),
             "width": o.width, "verdict": o.verdict, "is_edge": o.is_edge}
            for o in self.outcomes
        ]  # fmt: skip
        return pd.DataFrame(rows)

    @property
    def summary(self) -> dict[str, dict[str, int]]:
        """Predictions, hits, hits in a narrow interval and misses: of all, and of experiments; and the rest."""
        counted = [o for o in self.outcomes if o.verdict]
        groups = {"all": counted, "experiments": [o for o in counted if o.design in TRIAL_DESIGNS]}
        counts = {
            name: {
                "predictions": len(group),
                "hits": sum(o.verdict == "hit" for o in group),
                "narrow_hits": sum(o.verdict == "hit" and o.width == "narrow" for o in group),
                "misses": sum(o.verdict == "miss" for o in group),
                "edges": sum(o.is_edge for o in group),
            }
            for name, group in groups.items()
        }
        kinds = ("reproduction", "not_comparable")
        return counts | {"not_counted": {kind: sum(o.kind == kind for o in self.outcomes) for kind in kinds}}

    @property
    def alternatives(self) -> pd.DataFrame:
        """One row for each trial under another assumption; none of them counts."""
        rows = [
            {"id": o.id, "label_id": label.id, "label_en": label.en, **asdict(interval), "verdict": verdict}
            for o in self.outcomes
            for label, interval, verdict in o.also
        ]
        columns = ["id", "label_id", "label_en", *Interval.__annotations__, "verdict"]
        return pd.DataFrame(rows, columns=columns)


def judge(printed: float, interval: Interval) -> tuple[Verdict, bool]:
    """Return hit or miss, and whether the bound that decides is within its own Monte Carlo error.

    Examples
    --------
    >>> judge(0.1, Interval(0.1, 0.09, 0.11, 0.0, 0.2, 0.001, 0.001, 500))
    ('hit', False)
    """
    verdict: Verdict = "hit" if interval.low <= printed <= interval.high else "miss"
    edges = ((interval.low, interval.low_se), (interval.high, interval.high_se))
    return verdict, any(abs(printed - bound) <= 2.0 * error for bound, error in edges)


def judge_width(printed: float, interval: Interval, matters: float) -> Width:
    """Return 'wide' where a hit would say little, else 'narrow'.

    Wide is an interval longer than from nothing to twice the printed effect (or twice the smallest
    effect that matters, where that is larger), or one that holds both the printed effect and none.

    Examples
    --------
    >>> judge_width(0.1, Interval(0.1, 0.09, 0.11, 0.05, 0.2, 0.001, 0.001, 500), 0.01)
    'narrow'
    >>> judge_width(0.1, Interval(0.1, 0.09, 0.11, -0.02, 0.15, 0.001, 0.001, 500), 0.01)
    'wide'
    """
    is_long = interval.high - interval.low > 2.0 * max(abs(printed), matters)
    is_hit = interval.low <= printed <= interval.high
    is_blind = is_hit and abs(printed) >= matters and interval.low <= 0.0 <= interval.high
    return "wide" if is_long or is_blind else "narrow"


def summarise(effects: Floats, name: str = "trial") -> Interval:
    """Return mean and central 95 % of simulated effects, one for each draw of the ledger.

    A draw without a defined effect (an office that cannot be compared) is left out and not counted.

    Raises
    ------
    RunError
        If none is defined: nothing can be said of the trial called `name`.
    """
    drawn, effects = effects.size, effects[np.isfinite(effects)]
    if not effects.size:
        raise RunError(f"{name}: none of its {drawn} simulated effects is defined, so that it cannot be judged")
    mean, spread = mean_interval(effects, np.arange(effects.size)), central_range(effects)
    return Interval(
        mean=float(mean.value), ci_low=float(mean.low), ci_high=float(mean.high), low=float(spread.low),
        high=float(spread.high), low_se=float(spread.low_se), high_se=float(spread.high_se), n_draws=effects.size,
    )  # fmt: skip


def run_trials(
    *, draws: int = DRAWS, seed: int = 0, workers: int = 1, trials: Trials | None = None,
    progress: Progress | None = None,
) -> TrialResults:  # fmt: skip
    """Predict every published trial with its own ledger row removed, and judge it.

    Parameters
    ----------
    draws : int, >= 40
        Joint draws of the ledger; fewer where queues of many offices are run.
    seed : int, >= 0
    workers : int, >= 1
        Processes at most; their number changes nothing in the result.
    trials : Trials, optional
        Those of the library when left out.
    progress : callable (done, total), optional

    Raises
    ------
    InputError
        If `draws`, `seed` or `workers` breaks a rule.
    """
    draws, seed = whole_number("draws", draws, FEWEST_DRAWS, MOST_DRAWS), PARAMETERS["seed"].check(seed)
    workers = whole_number("workers", workers, 1)
    chosen = trials or load_trials()
    judge_one = partial(_predict_anew, trials=chosen, draws=draws, seed=seed)
    tell = progress or (lambda done, total: None)
    if workers == 1:
        found = [_told(judge_one(trial), i, len(chosen.trials), tell) for i, trial in enumerate(chosen.trials)]
        return TrialResults(tuple(found), draws, seed)
    with worker_pool(workers) as pool:
        # The long ones first, so that no worker is left with one at the end.
        order = sorted(range(len(chosen.trials)), key=lambda i: _is_short(chosen.trials[i]))
        with ended_by_interrupt(pool):
            with held_back():  # a process half-started would be known to nobody
                futures = {i: pool.submit(judge_one, chosen.trials[i]) for i in order}
            found = [_told(futures[i].result(), i, len(chosen.trials), tell) for i in range(len(chosen.trials))]
    return TrialResults(tuple(found), draws, seed)


def _told(outcome: Outcome, i: int, total: int, tell: Progress) -> Outcome:
    tell(i + 1, total)
    return outcome


def _is_short(trial: Trial) -> bool:
    return trial.prediction is None or trial.prediction.path != "office"


def _predict_anew(trial: Trial, trials: Trials, draws: int, seed: int) -> Outcome:
    """As `predict`, for a worker process: it draws the ledger itself."""
    return predict(trial, trials, draw_parameters(seed, range(draws), "ledger") if trial.prediction else [], seed)


def predict(trial: Trial, trials: Trials, vectors: Sequence[Vector], seed: int) -> Outcome:
    """Return one trial as judged; one that is no prediction has no interval and no verdict."""
    printed = _NAN if trial.printed.estimate is None else trial.printed.estimate
    if trial.prediction is None:
        return Outcome(trial.id, trial.kind, trial.design, printed, NOTHING, "", "", False)
    interval = _simulate(trial, trials, vectors, seed, None)
    verdict, is_edge = judge(printed, interval)
    others = [(a.label, _simulate(trial, trials, vectors, seed, a)) for a in trial.prediction.also]
    return Outcome(
        trial.id, trial.kind, trial.design, printed, interval,
        judge_width(printed, interval, trial.prediction.matters), verdict, is_edge,
        tuple((label, other, judge(printed, other)[0]) for label, other in others),
    )  # fmt: skip


def _simulate(trial: Trial, trials: Trials, vectors: Sequence[Vector], seed: int, also: Also | None) -> Interval:
    prediction = trial.prediction
    assert prediction is not None
    name = also.office if also and also.office else prediction.office
    most = ALSO_DRAWS if also else len(vectors)
    if prediction.path == "office":
        most = max(FEWEST_DRAWS, min(most, OFFICE_DRAWS // len(trials.offices[name].loads)))
    used = vectors[:most]
    given = prepare(used, prediction.removed, also.fixed if also else {}, seed)
    policies = prediction.policies(also.policy if also else None)
    return summarise(simulate_effects(prediction, name, trials.offices[name], policies, given, seed), trial.id)
