"""A backtest of everything a data folder holds: counters by half-hour and day, back offices by turnaround.

Most open to dispute: one date cuts all units. Left out: units with too little on either side, which are named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kinerja_sim.field.backtest import backtest_log
from kinerja_sim.field.privacy import K
from kinerja_sim.field.queuelog import make_log, pools_of
from kinerja_sim.field.rework import find_loops
from kinerja_sim.field.turnaround import backtest_turnaround
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.parameters import PARAMETERS


@dataclass(frozen=True)
class Judged:
    """Every table of a backtest; those that do not apply are empty.

    Attributes
    ----------
    forecasts, scores, inside : DataFrame
        As in `backtest.Backtest`, with the column `unit` first.
    turnaround, quantiles, loops : DataFrame
        As in `turnaround.TurnaroundTest` and `rework.find_loops`, with `unit` first; a step that came back in fewer
        than `privacy.K` cases is counted in `notes` only.
    notes : dict of unit to counts
    left_out : dict of unit to the reason
    """

    forecasts: pd.DataFrame
    scores: pd.DataFrame
    inside: pd.DataFrame
    turnaround: pd.DataFrame
    quantiles: pd.DataFrame
    loops: pd.DataFrame
    notes: dict[str, dict[str, float]]
    left_out: dict[str, str]


def backtest_tables(
    tables: Mapping[str, pd.DataFrame], until: str, *, seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Judged:  # fmt: skip
    """Train on what came until a day, forecast the rest and score it, for every unit.

    Parameters
    ----------
    tables : mapping of kind to DataFrame
        From `tables.read_field`.
    until : str
        Last training day, such as '2026-06-30', or a share of the cases by start, such as '70%'.
    seed : int
    progress : callable, optional
        Called with (done, total).

    Raises
    ------
    InputError
        If `until` is neither, or no unit has enough on both sides.
    """
    seed = PARAMETERS["seed"].check(seed)
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in _TABLES}
    notes: dict[str, dict[str, float]] = {}
    left_out: dict[str, InputError] = {}

    def keep(name: str, unit: str, table: pd.DataFrame) -> None:
        found[name].append(pd.concat([pd.Series(unit, index=table.index, name="unit"), table], axis=1))

    if (cases := tables.get("cases")) is not None:
        cut = np.datetime64(_cut(until, cases["arrived"]), "D")
        for pool in pools_of(cases):
            log = make_log(cases, pool)
            try:
                one = backtest_log(log, cut, seed=seed, progress=progress)
            except InputError as error:
                left_out[log.name] = error
                continue
            for name in ("forecasts", "scores", "inside"):
                keep(name, log.name, getattr(one, name))
            notes[log.name] = one.notes
    if (events := tables.get("events")) is not None:
        units = sorted(set(events["unit"]))
        for unit in ["all", *units] if len(units) > 1 else units:
            part = events if unit == "all" else events[events["unit"] == unit]
            try:
                test = backtest_turnaround(part, _cut(until, part.groupby("case_id")["time"].min()))
            except InputError as error:
                left_out[unit] = error
                continue
            keep("turnaround", unit, test.table)
            keep("quantiles", unit, test.quantiles)
            loops = find_loops(part)
            told = loops["n_looped"] >= K
            keep("loops", unit, loops[told].reset_index(drop=True))
            notes[unit] = {
                "train_cases": test.n_train, "train_unfinished": test.n_train_censored, "test_cases": test.n_test,
                "test_unfinished": test.n_test_censored, "rare_loops": int((~told).sum()),
                **{f"half_life_weeks_{clock}": weeks for clock, weeks in test.half_life_weeks.items()},
            }  # fmt: skip
    if not notes and left_out:
        raise next(iter(left_out.values()))
    if not notes:
        rule = "hold a unit that can be trained and judged"
        raise InputError(sentence("folder", rule, "none", remedy="Import a log."))
    made = {name: pd.concat(parts, ignore_index=True) if parts else pd.DataFrame() for name, parts in found.items()}
    return Judged(**made, notes=notes, left_out={unit: str(error) for unit, error in left_out.items()})


_TABLES = ("forecasts", "scores", "inside", "turnaround", "quantiles", "loops")


def _cut(until: str, starts: pd.Series) -> pd.Timestamp:
    """Return the last moment of training: the end of a day, or the start of the last training case."""
    if share := re.fullmatch(r"(\d{1,2})\s*%", until.strip()):
        ordered = starts.dropna().sort_values()
        return pd.Timestamp(ordered.iloc[max(int(len(ordered) * int(share[1]) / 100) - 1, 0)])
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", until.strip()):
        try:
            return pd.Timestamp(until.strip()) + pd.Timedelta(days=1) - pd.Timedelta(microseconds=1)
        except ValueError:
            pass  # a day that no month has
    rule, remedy = "be a day or a share of the cases", "Write 2026-06-30 or 70%."
    raise InputError(sentence("--train-until", rule, f"'{until}'", remedy=remedy))
