"""Before a sweep, from a pilot: how large it is, how long it takes, and what precision of differences costs.

For precision a few design points of every region and policy are run for some replications and compared
with their reference on the same citizens. Most open to dispute: the points tried stand for
all, and the noisiest of them is taken; a pilot of few replications knows a spread only roughly.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.messages import did_you_mean, sentence, show
from kinerja_sim.study.design import Study, code_key
from kinerja_sim.study.execute import BLOCK_SECONDS, Progress
from kinerja_sim.study.plan import Plan, Tasks, settings_of
from kinerja_sim.study.precision import plan_difference
from kinerja_sim.study.tasks import Task, read_bytes, run_task

Model = Callable[..., Any]
POINTS_TRIED = 4
"""Design points of each region and policy that a pilot runs, evenly spread over the sample."""
MOST_PILOTS = 1000
"""Replications of a pilot at most; whoever wants more runs the sweep."""
PLAN_COLUMNS = ["region", "policy", "unit", "sd", "needed", "safe", "unpaired", "minutes"]


@dataclass(frozen=True)
class Size:
    """How large a sweep is, and how long one process of this machine would take."""

    points: int
    references: int
    draws: int
    replications: int
    tasks: int
    seconds: float


def measure(study: Study, model: Model | None = None) -> tuple[Size, Plan]:
    """Run a pilot, and return the sweep's size and a plan with tasks of about a second.

    The smallest and the largest group of each region run one pair each, after one to warm up.
    """
    design, seconds, block = study.design, 0.0, {}
    plan = Plan({}, draws=0, replications=0)
    slowest = 0.0
    for region in study.bases.regions:
        own = [points for points in study.members if study.region_of(points[0]) == region]
        small, large = min(own, key=len), max(own, key=len)
        _time(study, small[:1], model)
        one, most = _time(study, small[:1], model), _time(study, large, model)
        each = max(0.0, most - one) / max(1, len(large) - 1)
        block[region] = max(1, round(BLOCK_SECONDS / max(most, 1e-6)))
        seconds += sum(one + each * (len(points) - 1) for points in own) * design.draws * design.replications
        slowest = max(slowest, most)
    plan.block = {region: min(size, design.draws * design.replications) for region, size in block.items()}
    plan.grow(design.draws, design.replications)
    n_tasks = len(Tasks(study, plan, Path()))
    longest = max(plan.block[region] for region in plan.block) * slowest
    plan.batch = max(1, min(round(BLOCK_SECONDS / max(longest, 1e-6)), n_tasks // 32, 256))
    return _size(study, plan, seconds), plan


def _time(study: Study, points: tuple[int, ...], model: Model | None) -> float:
    group = study.group(points)
    task = Task("pilot", group, ((0, 0),), study.first_month(group.region.name), settings_of(study), code_key())
    started = time.perf_counter()
    rows, lost = read_bytes(run_task(task, model), task.key)
    if rows.empty:
        raise RunError(f"the pilot failed in every point it tried; the first, in {group.region.name}: {lost[0].reason}")
    return time.perf_counter() - started


def _size(study: Study, plan: Plan, seconds: float) -> Size:
    tasks = len(Tasks(study, plan, Path()))
    return Size(study.n_points, study.n_all - study.n_points, plan.draws, plan.replications, tasks, seconds)


def plan_precision(
    study: Study, metric: str, half_width: float, *, unit: str | None = None, pilot: int = 20,
    progress: Progress | None = None, model: Model | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return how many replications each difference from the reference needs, and the minutes of one process.

    Parameters
    ----------
    study : Study
        With a reference.
    metric : str
        One of the design's.
    half_width : float, > 0
        Of the 95 % interval wanted for the paired difference, in the metric's unit.
    unit : str, optional
        One service unit; all of them when left out.
    pilot : int, >= 5
        Replications tried; each with a parameter draw of its own where parameters are drawn.

    Returns
    -------
    DataFrame
        One row per region, policy and unit, the noisiest point tried: `sd` of a paired
        difference, replications (draws, where parameters are drawn) `needed`, `safe` (from the
        upper 90 % confidence bound of the sd), `unpaired` (without common citizens), and
        `minutes` that the whole design takes at `safe`.

    Raises
    ------
    InputError
        If there is no reference, or metric, unit, half-width or pilot break a rule.
    RunError
        If the pilot fails.
    """
    _check(study, metric, half_width, unit, pilot)
    chosen = _chosen(study)
    rows, total, seconds = [], sum(map(len, chosen.values())), dict[str, list[float]]()
    for (region, policy), points in chosen.items():
        found: dict[str, list[Any]] = {}
        for point in points:
            table, spent = _pilot(study, point, pilot, model)
            seconds.setdefault(region, []).append(spent)
            for name, of_unit in table[table["unit"].isin([unit] if unit else table["unit"])].groupby("unit"):
                wide = of_unit.set_index(["number", "point"])[metric].unstack("point")  # noqa: PD010
                need = plan_difference(wide[point].to_numpy(), wide[study.reference_of(point)].to_numpy(), half_width)
                found.setdefault(str(name), []).append(need)
            if progress is not None:
                progress(sum(map(len, seconds.values())), total)
        for name, needs in found.items():
            worst = max(needs, key=lambda need: need.needed)
            rows.append({"region": region, "policy": policy, "unit": name, **vars(worst)})
    if not rows:
        raise InputError(sentence("unit", "be a service unit of the design's regions", show(unit)))
    each = {
        r: float(np.median(s)) * sum(study.region_of(p) == r for p in range(study.n_points)) for r, s in seconds.items()
    }
    of_draw = study.design.replications if study.design.parameters == "ledger" else 1
    frame = pd.DataFrame(rows)
    frame["minutes"] = frame["safe"] * of_draw * frame["region"].map(each) / 60
    return frame[PLAN_COLUMNS]


def _check(study: Study, metric: str, half_width: float, unit: str | None, pilot: int) -> None:
    if study.bases.reference is None:
        raise InputError(sentence("reference", "be named where differences are planned", "none", f"in {study.label}"))
    if metric not in study.design.metrics:
        known = study.design.metrics
        raise InputError(
            sentence(
                "metric",
                f"be one of the design's: {', '.join(known)}",
                show(metric),
                remedy=did_you_mean(metric, known),
            )
        )
    if not 0 < half_width < math.inf:
        raise InputError(sentence("half_width", "be greater than 0 and finite", show(half_width)))
    if not 5 <= pilot <= MOST_PILOTS:
        raise InputError(sentence("pilot", f"be from 5 to {MOST_PILOTS} replications", str(pilot)))
    units = [u for region in study.bases.regions.values() for u in region.units]
    if unit is not None and unit not in units:
        raise InputError(
            sentence("unit", "be a service unit of the design", show(unit), remedy=did_you_mean(unit, units))
        )


def _chosen(study: Study) -> dict[tuple[str, str], list[int]]:
    """Return a few points of each region and policy, evenly spread."""
    points = pd.DataFrame({"point": range(study.n_points)})
    keys = [[study.region_of(p) for p in points["point"]], [study.policy_of(p) for p in points["point"]]]
    return {
        (str(region), str(policy)): own["point"]
        .iloc[sorted({round(x) for x in np.linspace(0, len(own) - 1, POINTS_TRIED)})]
        .tolist()
        for (region, policy), own in points.groupby(keys, sort=False)
    }


def _pilot(study: Study, point: int, n: int, model: Model | None) -> tuple[pd.DataFrame, float]:
    """Return the outcomes of a point and its reference for `n` replications, and the seconds of one run."""
    settings, drawn = settings_of(study), study.design.parameters == "ledger"
    group = study.group((study.reference_of(point), point))
    pairs = tuple((i, 0) if drawn else (0, i) for i in range(n))
    task = Task("pilot", group, pairs, study.first_month(group.region.name), settings, code_key())
    started = time.perf_counter()
    table, lost = read_bytes(run_task(task, model), task.key)
    if lost:
        raise RunError(f"the pilot failed: {len(lost)} of {2 * n} runs; the first: {lost[0].reason}")
    spent = (time.perf_counter() - started) / (2 * n)
    return table.assign(number=table["draw"] if drawn else table["replication"]), spent
