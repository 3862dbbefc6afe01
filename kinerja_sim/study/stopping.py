"""When a sweep with a precision target stops: the same number of replications however it was run.

The rule looks at replications in the order of their numbers, so that the size of batches
and the order in which workers finish do not enter. All contrasts of the target's metric,
at every point and in every unit asked for, must be short enough. Most open to dispute: all
points stop together, at the size that the noisiest of them needs.
"""

from __future__ import annotations

import numpy as np

from kinerja_sim.study.compact import chunks
from kinerja_sim.study.plan import Tasks
from kinerja_sim.study.precision import running_half_width, stop_after
from kinerja_sim.study.statistics import Floats

GROWTH = 0.25
"""Share by which a sweep grows from look to look, at least ten."""


def next_size(tasks: Tasks) -> tuple[int, int] | None:
    """Return the draws and replications to go on with, or None when the target is met, or at its largest, or absent."""
    target, n = tasks.study.design.precision, tasks.plan.draws if _is_drawn(tasks) else tasks.plan.replications
    if target is None or n >= target.largest or _stop(tasks) is not None:
        return None
    more = min(target.largest, n + max(10, round(GROWTH * n)))
    return (more, tasks.plan.replications) if _is_drawn(tasks) else (tasks.plan.draws, more)


def stopping_size(tasks: Tasks) -> tuple[int, int]:
    """Return the draws and replications that enter the tables: all that were run unless a rule stopped earlier."""
    plan = tasks.plan
    stop = _stop(tasks) if tasks.study.design.precision is not None else None
    if stop is None:
        return plan.draws, plan.replications
    return (stop, plan.replications) if _is_drawn(tasks) else (plan.draws, stop)


def widest(tasks: Tasks, draws: int, replications: int) -> float:
    """Return the half-width of the least precise contrast of the target's metric."""
    values = _differences(tasks, draws, replications)
    return float(np.nanmax(running_half_width(values)[:, -1])) if len(values) else float("nan")


def _is_drawn(tasks: Tasks) -> bool:
    return tasks.settings.parameters == "ledger"


def _stop(tasks: Tasks) -> int | None:
    design = tasks.study.design
    assert design.precision is not None
    first = design.draws if _is_drawn(tasks) else design.replications
    values = _differences(tasks, tasks.plan.draws, tasks.plan.replications)
    return stop_after(values, design.precision.half_width, first)


def _differences(tasks: Tasks, draws: int, replications: int) -> Floats:
    """Return the target's metric minus the reference's, [point and unit, independent value in its order]."""
    target = tasks.study.design.precision
    assert target is not None
    m = tasks.settings.metrics.index(target.metric)
    parts = []
    for chunk, base in chunks(tasks, draws, replications, {}):
        if base is None:
            break
        delta = chunk.cells[:, :, m] - base.cells[:, :, m]
        units = [u for u, name in enumerate(chunk.units) if target.unit in (None, name)]
        delta = delta[:, units].reshape(len(chunk.points) * len(units), draws, replications)
        with np.errstate(invalid="ignore"):
            defined = (~np.isnan(delta)).sum(axis=2)
            mean = np.divide(np.nansum(delta, axis=2), defined, out=np.full(defined.shape, np.nan), where=defined > 0)
        parts.append(mean if _is_drawn(tasks) else delta[:, 0])
    return np.concatenate(parts) if parts else np.empty((0, draws))
