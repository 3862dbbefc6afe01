"""Measuring side by side: every implementation in every round, and ratios within the round."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Prepare = Callable[[int], tuple[Callable[[], object], float]]
"""Makes ready for a round, whose number it is given; returns what is timed, and how many items it serves."""


@dataclass(frozen=True)
class Times:
    """Nanoseconds an item, [rounds], by implementation."""

    per_item: Mapping[str, np.ndarray]

    def median(self, name: str) -> float:
        """Return an implementation's median nanoseconds an item."""
        return float(np.median(self.per_item[name]))

    def ratio(self, name: str, to: str) -> float:
        """Return the median over rounds of the time of `name` relative to that of `to` in the same round."""
        return float(np.median(self.per_item[name] / self.per_item[to]))


def side_by_side(runs: Mapping[str, Prepare], rounds: int) -> Times:
    """Time all implementations in each round, in a rotating order, so that a busy moment hits them alike.

    Each gets the round's own trace (a trace served again would be learnt by the branch predictor);
    a first round, not counted, compiles and warms up.
    """
    per_item: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for repetition in range(-1, rounds):
        shift = repetition % len(names)
        for name in names[shift:] + names[:shift]:
            serve, n = runs[name](repetition)
            gc.collect()
            begin = time.perf_counter_ns()
            serve()
            elapsed = time.perf_counter_ns() - begin
            if repetition >= 0:
                per_item[name].append(elapsed / n)
    return Times({name: np.array(values) for name, values in per_item.items()})


def slope(sizes: list[float], seconds: list[float]) -> float:
    """Return the slope of log time over log size: 1 where cost is linear."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
