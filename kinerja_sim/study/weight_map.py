"""Maps over weights that sum to 1: who wins where, and how far weights must move before somebody else does.

Two kinds of weights, one map. `weight_map` is about the weights of an appraisal, a lever:
every mix that a sweep ran, with its effect. `criteria_map` is about how much each outcome
counts for the reader: options keep their outcomes, and the ranking changes with the eye.
The distance is the weight that must change hands. Reads tables only. Most open to dispute:
for criteria, that outcomes trade off linearly between the best and the worst option.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.library import list_policies, load_policy
from kinerja_sim.know.messages import number, sentence, show
from kinerja_sim.know.schema import METRICS
from kinerja_sim.study.contrasts import describe_differences
from kinerja_sim.study.states import read_states
from kinerja_sim.study.statistics import Floats, units_of
from kinerja_sim.study.sweep_tables import WEIGHTS, Response, open_sweep

CRITERIA = ("waiting_hours", "satisfaction_index", "cost_idr")
"""What counts beside the metric in question, unless others are named."""
STEPS = 20
"""Steps of the grid on which criteria are mapped; the distance itself is exact."""


@dataclass(frozen=True, eq=False)
class WeightMap:
    """A map over weights.

    Attributes
    ----------
    table : DataFrame
        One row a mix: the weights by name, `winner`, `lead` over the next best, for appraisal
        weights the numbers of the contrasts table, and for criteria `n_states`.
    names : tuple of str
        The weights: sources of an appraisal, or metrics.
    stated : dict
        The mix that the distance is measured from.
    winner, flip_to : str
        Who is ahead there, and who is where the ranking first changes; '' where it never does.
    flip_distance : float
        Weight that must change hands (half the sum of absolute changes); NaN where no mix
        changes the ranking. For appraisal weights it is the nearest mix that was run.
    flip_at : dict
        The mix where it changes.
    resolution : float
        Distance between neighbouring mixes of an appraisal map; 0 where the distance is exact.
    """

    table: pd.DataFrame
    names: tuple[str, ...]
    kind: str  # appraisal or criteria
    stated: Mapping[str, float]
    winner: str
    flip_to: str
    flip_distance: float
    flip_at: Mapping[str, float]
    resolution: float
    metric: str
    unit: str
    region: str
    policy: str
    manifest: Mapping[str, Any]
    beyond: frozenset[str] = frozenset()  # options, of a map of criteria, whose mix is beyond the regulation


def weight_map(
    folder: str | os.PathLike[str], metric: str, unit: str | None = None, *, region: str | None = None,
    policy: str | None = None,
) -> WeightMap:  # fmt: skip
    """Return the effect of every mix of appraisal weights that a sweep ran.

    Here the ranking is between the policy and the reference by their mean: `winner` of a mix is
    'policy', 'reference', or 'unsure' where the 95 % interval of the mean difference holds 0
    (what single draws say is in the other columns). The distance is from the policy's own
    weights (or the middle of the map where its
    file is not in the library) to the nearest mix with another winner.

    Parameters
    ----------
    folder : path
        A compacted sweep whose levers are at least two of `appraisal.weights`.
    metric : str
        One of which less or more is better.
    unit, region, policy : str, optional
        May be left out where there is only one.

    Raises
    ------
    InputError
        If a name is unknown, or the weights of the design do not vary.
    """
    sweep = open_sweep(folder)
    columns = [f.name for f in sweep.factors if f.name.startswith(WEIGHTS)]
    names = tuple(c.removeprefix(WEIGHTS) for c in columns)
    if len(names) < 2 or len(sweep.points.drop_duplicates(columns)) < 3:
        rule, remedy = "vary at least two of appraisal.weights", "See data/designs/weights.yaml."
        raise InputError(sentence("design", rule, f"{len(names)} of them", remedy=remedy))
    response = sweep.response(metric, unit, region=region, policy=policy)
    if response.metric.better == "neither":
        remedy = "Choose one of which more or less is better."
        raise InputError(sentence("metric", "have a better direction", show(metric), remedy=remedy))
    table = _mixes(response, columns)
    weights = table[list(names)].to_numpy(float)
    at = _own_weights(response.policy, names, weights)
    distance = np.abs(weights - weights[at]).sum(axis=1) / 2
    winners = table["winner"].to_numpy(dtype=object)
    others = np.flatnonzero((winners != winners[at]) & (winners != ""))
    first = int(others[np.argmin(distance[others])]) if len(others) else -1
    apart = np.abs(weights[:, None] - weights[None]).sum(axis=2) / 2
    return WeightMap(
        table, names, "appraisal", dict(zip(names, weights[at].tolist(), strict=True)), str(winners[at]),
        str(winners[first]) if first >= 0 else "", float(distance[first]) if first >= 0 else float("nan"),
        dict(zip(names, weights[first].tolist(), strict=True)) if first >= 0 else {},
        float(apart[apart > 1e-12].min()), metric, response.unit, response.region, response.policy, sweep.manifest,
    )  # fmt: skip


def criteria_map(
    folder: str | os.PathLike[str], metrics: Sequence[str], weights: Mapping[str, float] | None = None,
    unit: str | None = None, *, region: str | None = None,
) -> WeightMap:  # fmt: skip
    """Return which option is best for every mix of how much two or three metrics count.

    Each metric is put on a scale from 0 (the worst option's mean) to 1 (the best one's).
    `flip_distance` is exact: the least weight that must change hands before another option
    is as good, by linear programming.

    Parameters
    ----------
    folder : path
    metrics : sequence of str
        Two or three metrics of which less or more is better.
    weights : mapping, optional
        Where the distance is measured from; equal weights when left out.
    unit, region : str, optional
        May be left out where there is only one.

    Raises
    ------
    InputError
        If a metric is unknown or has no direction, or weights do not sum to 1.
    """
    names = tuple(dict.fromkeys(metrics))
    if not 2 <= len(names) <= 3:
        raise InputError(sentence("metrics", "be two or three", str(len(names))))
    sweep = open_sweep(folder)
    place = sweep.region(region)
    at = dict(weights) if weights is not None else dict.fromkeys(names, 1 / len(names))
    if set(at) != set(names) or min(at.values()) < 0 or abs(sum(at.values()) - 1) > 1e-9:
        got = ", ".join(f"{k} {number(v)}" for k, v in at.items())
        raise InputError(sentence("weights", f"sum to 1 over {', '.join(names)}", got))
    states = [read_states(sweep, place, sweep.metric(m).name, unit, None) for m in names]
    if any(METRICS[m].better == "neither" for m in names):
        raise InputError(sentence("metrics", "have a better direction", ", ".join(names)))
    means = np.stack([s.means.mean(axis=1) for s in states], axis=1)  # [option, metric], more is better
    span = np.ptp(means, axis=0)
    score = np.divide(means - means.min(axis=0), span, out=np.zeros_like(means), where=span > 0)
    labels = states[0].labels
    mixes = np.array([m for m in np.ndindex(*[STEPS + 1] * len(names)) if sum(m) == STEPS], float) / STEPS
    value = mixes @ score.T
    order = np.sort(value, axis=1)
    table = pd.DataFrame(mixes, columns=list(names)).assign(
        winner=[labels[i] for i in value.argmax(axis=1)], lead=order[:, -1] - order[:, -2],
        n_states=states[0].means.shape[1],
    )  # fmt: skip
    here = np.array([at[m] for m in names])
    best = int((score @ here).argmax())
    # An option with the same outcomes is no other ranking (a lever may do nothing to a policy).
    rivals = [i for i in range(len(labels)) if not np.allclose(score[i], score[best], atol=1e-12)]
    flips = [(i, *_least_shift(here, score[best] - score[i])) for i in rivals]
    to, distance, where = min(flips, key=lambda flip: flip[1], default=(best, np.inf, here))
    never = not np.isfinite(distance)
    return WeightMap(
        table, names, "criteria", at, labels[best], "" if never else labels[to], float("nan") if never else distance,
        {} if never else dict(zip(names, where.tolist(), strict=True)), 0.0, "", unit or "", place, "", sweep.manifest,
        frozenset(option for option, is_beyond in zip(labels, states[0].options["beyond_regulation"], strict=True)
                  if is_beyond),
    )  # fmt: skip


def maps_of(
    folder: str | os.PathLike[str], metric: str, unit: str | None = None, *, region: str | None = None
) -> list[WeightMap]:
    """Return the maps that a sweep allows: of its appraisal weights, and of how much what it kept counts.

    Parameters
    ----------
    folder : path
    metric : str
        What is decided by; where it is no metric of the sweep (a net benefit), appraisal weights are
        mapped on the design's first one of which more or less is better.
    unit, region : str, optional
    """
    sweep = open_sweep(folder)
    places = list(dict.fromkeys(sweep.points["region"])) if region is None else [sweep.region(region)]
    varied = [f for f in sweep.factors if f.name.startswith(WEIGHTS)]
    first = [metric] if metric in sweep.metrics else []
    mapped = first or [m for m in sweep.design["metrics"] if METRICS[m].better != "neither"][:1]
    kept = list(dict.fromkeys(m for m in (*first, *CRITERIA) if m in sweep.metrics))[:3]
    made = []
    for place in places:
        run = sweep.points[(sweep.points["region"] == place) & ~sweep.points["is_reference"]]
        if len(varied) > 1 and mapped:
            made += [weight_map(folder, mapped[0], unit, region=place, policy=p) for p in dict.fromkeys(run["policy"])]
        if len(kept) > 1:
            made.append(criteria_map(folder, kept, unit=unit, region=place))
    return made


def _mixes(response: Response, columns: Sequence[str]) -> pd.DataFrame:
    """Return one row a mix with the numbers of its paired difference; other levers are averaged over."""
    rows = response.points.groupby(list(columns), sort=True).indices
    outcomes = response.values  # noqa: PD011  # an array of its own
    values = np.stack([outcomes[at].mean(axis=0) for at in rows.values()])[:, None]  # NaN where a point failed
    undefined = np.isnan(values)
    base = np.full(values.shape, np.nan)
    numbers = describe_differences(values, base, undefined, units_of(response.draws), [response.metric])
    table = pd.DataFrame(list(rows), columns=[c.removeprefix(WEIGHTS) for c in columns])
    table = table.assign(**{k: v[:, 0] for k, v in numbers.items() if k != "reference_mean"})
    better = -1.0 if response.metric.better == "lower" else 1.0
    ends = better * table[["ci_low", "ci_high"]].to_numpy(float)
    winner = np.where(ends.min(axis=1) > 0, "policy", np.where(ends.max(axis=1) < 0, "reference", "unsure"))
    winner = np.where(np.isnan(ends).any(axis=1), "", winner)
    return table.assign(
        metric=response.metric.name, winner=winner, lead=better * table["delta_mean"], n_replications=values.shape[2],
        n_draws=len(np.unique(response.draws)),
    )  # fmt: skip


def _own_weights(policy: str, names: Sequence[str], weights: Floats) -> int:
    """Return the mix nearest to a library policy's own weights, else to the middle of the map."""
    wanted = weights.mean(axis=0)
    if policy in list_policies():
        own = {str(k): v for k, v in load_policy(policy).appraisal.weights.items()}
        wanted = np.array([own.get(name, 0.0) for name in names])
    return int(np.abs(weights - wanted).sum(axis=1).argmin())


def _least_shift(at: Floats, lead: Floats) -> tuple[float, Floats]:
    """Return the least weight that must change hands until `lead` @ weights is 0 or less, and where that is."""
    from scipy.optimize import linprog

    k = len(at)
    # weights w = at + up - down, with up, down >= 0: minimise sum(up), which equals sum(down)
    found = linprog(
        np.r_[np.ones(k), np.zeros(k)],
        A_ub=np.r_[lead, -lead][None],
        b_ub=[-float(lead @ at)],
        A_eq=np.r_[np.ones(k), -np.ones(k)][None],
        b_eq=[0.0],
        bounds=[(0.0, 1.0)] * k + [(0.0, float(a)) for a in at],
    )
    if not found.success:
        return float("inf"), at
    return float(found.fun), at + found.x[:k] - found.x[k:]
