"""An effect divided among mechanisms: from the outcome of every subset to a table of parts.

Reads arrays only, and could divide the effect of any game of subsets. Parts are taken
within each replication and described as every paired difference is. Most open to
dispute: calling one part the largest, for which the same ladder stands as for any claim.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import sentence, show
from kinerja_sim.know.schema import CONTRAST_EXTRAS, CONTRAST_KEYS, CONTRAST_VALUES, METRICS
from kinerja_sim.study.contrasts import describe_differences
from kinerja_sim.study.shapley import effects_alone, pair_interactions, shapley_shares
from kinerja_sim.study.statistics import Floats, Ints, mean_interval, share_interval, unit_means, units_of

LARGEST = ["probability_largest", "largest_low", "largest_high"]
_NUMBERS = [*CONTRAST_KEYS, *CONTRAST_VALUES, *CONTRAST_EXTRAS]
PART_COLUMNS = ["part", "group", *_NUMBERS, *LARGEST]
PAIR_COLUMNS = ["group_a", "group_b", *_NUMBERS]


@dataclass(frozen=True)
class Question:
    """What is asked: one policy's effect on one metric of one service unit."""

    region: str
    unit: str
    metric: str
    scenario: str
    window: str


@dataclass(frozen=True, eq=False)
class Game:
    """Pooled outcomes of one policy's subsets of groups; `outcomes` is [subset, unit, replication, metric]."""

    groups: tuple[str, ...]
    units: tuple[str, ...]
    draws: Ints
    replications: Ints
    outcomes: Floats
    n_failed: int


@dataclass(frozen=True, eq=False)
class Parts:
    """How an effect divides: parts, pairs, and the change behind each of them in every replication."""

    table: pd.DataFrame
    pairwise: pd.DataFrame
    draws: pd.DataFrame


def divide(game: Game, question: Question, reference: str) -> Parts:
    """Return how the effect that `question` asks for divides among the groups of `game`.

    Parameters
    ----------
    game : Game
    question : Question
    reference : str
        Name of the policy that the effect is measured from.

    Returns
    -------
    Parts
        In `table`, `part` is 'share' (Shapley's, one row a group; they add up to the total),
        'alone' (the group and no other), 'interaction' (the total less the sum of what groups
        do alone) or 'total', with the numbers of the contrasts table for each. `LARGEST` says
        in which share of draws a group's share was the largest in the direction of the effect.

    Raises
    ------
    InputError
        If the metric was not observed in the unit.
    """
    values = game.outcomes[:, game.units.index(question.unit), :, list(METRICS).index(question.metric)]
    if np.isnan(values).all():
        rule = f"have been observed at unit '{question.unit}'"
        raise InputError(sentence("metric", rule, show(question.metric), remedy="Choose another metric."))
    shares, alone, total = shapley_shares(values), effects_alone(values), values[-1] - values[0]
    delta = np.stack([*shares, *alone, total - alone.sum(axis=0), total])
    names: dict[str, Any] = {
        "part": ["share"] * len(shares) + ["alone"] * len(alone) + ["interaction", "total"],
        "group": [*game.groups, *game.groups, "", ""],
    }
    largest = np.full((len(delta), len(LARGEST)), np.nan)
    largest[: len(shares)] = _chance_of_largest(shares, total, units_of(game.draws))
    table = _describe(names | dict(zip(LARGEST, largest.T, strict=True)), delta, values, game, question, reference)
    pairs, together = pair_interactions(values)
    pair_names = {"group_a": [game.groups[i] for i, _ in pairs], "group_b": [game.groups[j] for _, j in pairs]}
    pairwise = _describe(pair_names, together, values, game, question, reference)
    draws = pd.DataFrame(
        {name: np.repeat(np.array(column, dtype=object), len(game.draws)) for name, column in names.items()}
        | {"draw": np.tile(game.draws, len(delta)), "replication": np.tile(game.replications, len(delta))}
        | {"change": delta.ravel()}
    )
    return Parts(table[PART_COLUMNS], pairwise[PAIR_COLUMNS], draws)


def _describe(
    names: dict[str, Any], delta: Floats, values: Floats, game: Game, question: Question, reference: str
) -> pd.DataFrame:
    """Return one row for each of `delta` [row, replication], told as a contrast of `values` [subset, replication]."""
    undefined = np.isnan(delta) & ~np.isnan(values).all(axis=0)
    metrics, units = [METRICS[question.metric]], units_of(game.draws)
    numbers = describe_differences(delta[:, None], values[:1], undefined[:, None], units, metrics)
    counts = {
        "n_draws": len(np.unique(game.draws)), "n_replications": len(game.draws), "n_failed": game.n_failed,
    }  # fmt: skip
    columns = {name: column[:, 0] for name, column in numbers.items()}
    return pd.DataFrame({**names, **columns}).assign(reference=reference, **vars(question), **counts)


def _chance_of_largest(shares: Floats, total: Floats, units: Ints) -> Floats:
    """Return, for each group, how often its share is the largest in the direction of the mean effect, with bounds.

    Equal largest shares divide a replication between them; the bounds are Wilson's 95 %
    over draws. NaN where the effect has no direction.
    """
    mean = mean_interval(total, units).value
    if not len(shares) or np.isnan(mean) or mean == 0:
        return np.full((len(shares), 3), np.nan)
    toward = shares * np.sign(mean)
    first = (toward == toward.max(axis=0)).astype(float)
    first = np.where(np.isnan(shares).any(axis=0), np.nan, first / np.maximum(first.sum(axis=0), 1))
    n = (~np.isnan(unit_means(first, units))).sum(axis=-1)
    return np.stack(share_interval(mean_interval(first, units).value, n), axis=-1)
