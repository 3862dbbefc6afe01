"""Is a policy worth its cost? Hours of waiting saved against extra cost, at a stated value of an hour.

Net benefit = value x hours saved - extra cost, per replication, over all service units of a
region and all months since the comparison's start. It is a difference and stays one: a ratio
of cost to hours has no interval that means anything once the hours saved may be nil. The
value is a choice that the reader states, never drawn, so the whole curve over values is
given beside it. Reads tables only. Most open to dispute: hours in the counter's queue are all
that is valued; turnaround, errors and satisfaction are not, and people who give up wait less.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.messages import sentence, show
from kinerja_sim.know.schema import COST_ITEMS, PRICE_YEAR
from kinerja_sim.study.statistics import (
    Floats,
    Interval,
    Ints,
    central_range,
    mean_interval,
    share_interval,
    unit_means,
    units_of,
)
from kinerja_sim.study.summary import Failed

VALUES = np.concatenate([[0.0], np.geomspace(1_000, 1_000_000, 61)])
"""Values of an hour (rupiah) at which the acceptability curve is drawn unless others are asked for."""
_SUMS = ("wait_minutes_sum", "lost_demand_cases", "satisfaction_sum", "satisfaction_cases", *COST_ITEMS, "cost_idr")
_KEYS = ["region", "scenario", "draw", "replication"]
COUNT_COLUMNS = ["n_draws", "n_replications", "n_undefined", "n_failed"]
NET_BENEFIT_COLUMNS = [
    "scenario", "reference", "region", "price_year", "value_idr",
    "extra_cost_idr_mean", "extra_cost_idr_low", "extra_cost_idr_high",
    "hours_saved_mean", "hours_saved_low", "hours_saved_high", "lost_cases_mean", "satisfaction_points_mean",
    "net_benefit_idr_mean", "ci_low", "ci_high", "low", "high",
    "probability_positive", "probability_low", "probability_high", *COUNT_COLUMNS,
]  # fmt: skip
CURVE_COLUMNS = [
    "scenario", "reference", "region", "value_idr", "probability_positive", "probability_low", "probability_high",
    *COUNT_COLUMNS,
]  # fmt: skip
COST_COLUMNS = [
    "scenario", "reference", "region", "item", "price_year", "reference_mean", "delta_mean", "ci_low", "ci_high", "low",
    "high", *COUNT_COLUMNS,
]  # fmt: skip


@dataclass(frozen=True)
class Pairs:
    """One policy beside the reference in one region: sums over units and months, [n], NaN where undefined."""

    region: str
    scenario: str
    draws: Ints
    reference: dict[str, Floats]
    policy: dict[str, Floats]

    def change(self, name: str) -> Floats:
        """Return policy minus reference."""
        return self.policy[name] - self.reference[name]

    def net_benefit(self, value_idr: float) -> Floats:
        """Return value x hours saved - extra cost, rupiah."""
        return value_idr * self.hours_saved - self.change("cost_idr")

    @property
    def hours_saved(self) -> Floats:
        """Hours in the counter's queue under the reference minus those under the policy."""
        return (self.reference["wait_minutes_sum"] - self.policy["wait_minutes_sum"]) / 60.0

    @property
    def satisfaction_change(self) -> Floats:
        """Change of the true satisfaction index over all cases of the region, points 25-100."""
        return _satisfaction(self.policy) - _satisfaction(self.reference)

    def chance_positive(self, value_idr: float) -> Interval:
        """Return the share of replications with a net benefit above 0, and its 95 % Wilson bounds over draws."""
        benefit, units = self.net_benefit(value_idr), units_of(self.draws)
        score = np.where(np.isnan(benefit), np.nan, benefit > 0)
        n = (~np.isnan(unit_means(score, units))).sum()
        return share_interval(mean_interval(score, units).value, n)

    def counts(self, failed: Failed | None) -> dict[str, int]:
        """Return how many draws and replications there are, and how many say nothing."""
        return {
            "n_draws": len(np.unique(self.draws)),
            "n_replications": len(self.draws),
            "n_undefined": int(np.isnan(self.net_benefit(1.0)).sum()),
            "n_failed": int((failed or {}).get(self.region, 0)),
        }


def stated_value() -> float:
    """Return the value of an hour of waiting (rupiah) that is taken when none is stated: the ledger's point."""
    return load_ledger()["value_of_waiting_hour_idr"].point


def pair_up(results: pd.DataFrame, reference: str = "baseline") -> Iterator[Pairs]:
    """Yield every policy's differences from `reference`, by region and scenario.

    Parameters
    ----------
    results : DataFrame
        The results table in any order of rows; months from 0 on count. A sum over months of
        which one is NaN is NaN, and what follows from it undefined.
    reference : str
        Scenario to subtract; regions that do not have it are left out.

    Raises
    ------
    InputError
        If columns are missing, no region has `reference`, or replications cannot be paired.
    """
    missing = [c for c in (*_KEYS, "period", *_SUMS) if c not in results]
    if missing:
        raise InputError(f"`results` must hold the columns of the schema; got a table without {', '.join(missing)}.")
    since = results.loc[results["period"] >= 0, [*_KEYS, "unit", "period", *_SUMS]]
    # Sorted first: a sum of floats depends on its order.
    since = since.sort_values([*_KEYS, "unit", "period"], kind="stable")
    sums = since.groupby(_KEYS, sort=True)[list(_SUMS)].sum(skipna=False)
    if reference not in set(results["scenario"]):
        known = ", ".join(sorted(set(results["scenario"])))
        raise InputError(f"`reference` must be a scenario of the table; got '{reference}'. Known: {known}.")
    for region in dict.fromkeys(sums.index.get_level_values("region")):
        here = sums.loc[region]
        scenarios = list(dict.fromkeys(here.index.get_level_values("scenario")))
        if reference not in scenarios:
            continue
        base = here.loc[reference]
        for scenario in (s for s in scenarios if s != reference):
            other = here.loc[scenario]
            if not other.index.equals(base.index):
                raise InputError(
                    f"`results` must hold the same replications for every scenario of a region; got others under "
                    f"'{scenario}' than under '{reference}' in region '{region}'. Compare only those that all have."
                )
            draws = base.index.get_level_values("draw").to_numpy()
            sums_of = [{name: side[name].to_numpy(float) for name in _SUMS} for side in (base, other)]
            yield Pairs(str(region), str(scenario), draws, *sums_of)


def net_benefits(
    results: pd.DataFrame, value_idr: float | None = None, reference: str = "baseline", failed: Failed | None = None
) -> pd.DataFrame:
    """Return what every policy costs more, how many hours of waiting it saves, and the net benefit.

    Parameters
    ----------
    results : DataFrame
        As for `pair_up`.
    value_idr : float, >= 0, optional
        Stated value of an hour of waiting, rupiah of `schema.PRICE_YEAR`; the ledger's point
        when left out.
    reference : str
    failed : mapping, optional
        Failed replications by region.

    Returns
    -------
    DataFrame
        One row per region and scenario: `NET_BENEFIT_COLUMNS`. `ci_low, ci_high` is the 95 %
        t-interval of the mean net benefit, clustered by draw; `low, high` its central 95 %
        over replications (as the columns of cost and hours so named); `probability_positive`
        the share of replications with a net benefit above 0. `lost_cases_mean` and
        `satisfaction_points_mean` stand beside it because they are not valued: people who give
        up wait less, and haste saves hours too.

    Raises
    ------
    InputError
        If the value is no number of at least 0, or as for `pair_up`.
    """
    value = check_value("value_idr", stated_value() if value_idr is None else value_idr)
    rows = []
    for pairs in pair_up(results, reference):
        benefit, units = pairs.net_benefit(value), units_of(pairs.draws)
        mean, spread, chance = mean_interval(benefit, units), central_range(benefit), pairs.chance_positive(value)
        cost, hours = pairs.change("cost_idr"), pairs.hours_saved
        cost_range, hours_range = central_range(cost), central_range(hours)
        rows.append(
            {
                "scenario": pairs.scenario, "reference": reference, "region": pairs.region,
                "price_year": PRICE_YEAR, "value_idr": value,
                "extra_cost_idr_mean": mean_interval(cost, units).value,
                "extra_cost_idr_low": cost_range.low, "extra_cost_idr_high": cost_range.high,
                "hours_saved_mean": mean_interval(hours, units).value,
                "hours_saved_low": hours_range.low, "hours_saved_high": hours_range.high,
                "lost_cases_mean": mean_interval(pairs.change("lost_demand_cases"), units).value,
                "satisfaction_points_mean": mean_interval(pairs.satisfaction_change, units).value,
                "net_benefit_idr_mean": mean.value, "ci_low": mean.low, "ci_high": mean.high,
                "low": spread.low, "high": spread.high,
                "probability_positive": chance.value, "probability_low": chance.low, "probability_high": chance.high,
            }
            | pairs.counts(failed)
        )  # fmt: skip
    return _table(rows, NET_BENEFIT_COLUMNS)


def acceptability(
    results: pd.DataFrame,
    values_idr: Sequence[float] | Floats | None = None,
    reference: str = "baseline",
    failed: Failed | None = None,
) -> pd.DataFrame:
    """Return the chance that the net benefit is above 0 over a range of values of an hour of waiting.

    Parameters
    ----------
    results, reference, failed
        As for `net_benefits`.
    values_idr : sequence of float, >= 0, optional
        `VALUES` when left out: 0, and 1,000 to a million rupiah in even steps of the logarithm.

    Returns
    -------
    DataFrame
        One row per region, scenario and value: `CURVE_COLUMNS`, with 95 % Wilson bounds over draws.

    Raises
    ------
    InputError
        As for `net_benefits`, or if no value is given.
    """
    values = [check_value("values_idr", v) for v in (VALUES if values_idr is None else values_idr)]
    if not values:
        raise InputError(sentence("values_idr", "hold at least one value", "none"))
    rows = []
    for pairs in pair_up(results, reference):
        same = {"scenario": pairs.scenario, "reference": reference, "region": pairs.region} | pairs.counts(failed)
        for value in values:
            chance = pairs.chance_positive(value)
            bounds = {"probability_low": chance.low, "probability_high": chance.high}
            rows.append(same | {"value_idr": value, "probability_positive": chance.value} | bounds)
    return _table(rows, CURVE_COLUMNS)


def item_costs(results: pd.DataFrame, reference: str = "baseline", failed: Failed | None = None) -> pd.DataFrame:
    """Return what every policy costs more, item by item and in all (`cost_idr`), over a region's units.

    Parameters
    ----------
    results, reference, failed
        As for `net_benefits`.

    Returns
    -------
    DataFrame
        One row per region, scenario and item: `COST_COLUMNS`, rupiah of `schema.PRICE_YEAR`. Means
        of the items add up to the mean of `cost_idr`; ends of ranges do not.
    """
    rows = []
    for pairs in pair_up(results, reference):
        units = units_of(pairs.draws)
        for item in (*COST_ITEMS, "cost_idr"):
            mean, spread = mean_interval(pairs.change(item), units), central_range(pairs.change(item))
            rows.append(
                {
                    "scenario": pairs.scenario, "reference": reference, "region": pairs.region, "item": item,
                    "price_year": PRICE_YEAR, "reference_mean": mean_interval(pairs.reference[item], units).value,
                    "delta_mean": mean.value, "ci_low": mean.low, "ci_high": mean.high,
                    "low": spread.low, "high": spread.high,
                }
                | pairs.counts(failed)
            )  # fmt: skip
    return _table(rows, COST_COLUMNS)


def check_value(name: str, value: object) -> float:
    """Return a stated value of an hour as a float, or raise `InputError`."""
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever a user states
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool | np.bool_) or not (math.isfinite(number) and number >= 0):
        raise InputError(sentence(name, "be an amount of rupiah of at least 0", show(value)))
    return number


def _satisfaction(sums: Mapping[str, Floats]) -> Floats:
    n = sums["satisfaction_cases"]
    return np.divide(sums["satisfaction_sum"], n, out=np.full(n.shape, np.nan), where=n > 0)


def _table(rows: list[dict[str, object]], columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns)
    numbers = [c for c in columns if c not in ("scenario", "reference", "region", "item")]
    return table.assign(**{c: table[c].astype(int if c.startswith(("n_", "price_")) else float) for c in numbers})
