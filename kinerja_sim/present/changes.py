"""How a change is printed: its unit, decimals, sign, range, and the median where draws that cannot cope carry the mean.

No word of the ladder is chosen here (`present.text` does). Most open to dispute: two digits of the largest number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.schema import METRICS, Metric
from kinerja_sim.present.i18n import Translator, translator

if TYPE_CHECKING:
    import pandas as pd

    Row: TypeAlias = Mapping[str, Any] | pd.Series[Any]

ENDLESS = ("turnaround_days_mean", "turnaround_days_p90", "backlog_cases")  # grow as long as a queue that cannot cope
NOISE = 1e-9  # what rounding leaves of a difference that is none
MANY_UNSTABLE = 0.05  # from this share of draws that cannot cope on, they lie within the plausible range


def metric_of(name: str) -> Metric:
    """Return the schema's metric called `name`, or raise `InputError`."""
    if name not in METRICS:
        raise InputError(f"`metric` must be a metric of the schema; got {name!r}. Known: {', '.join(METRICS)}.")
    return METRICS[name]


def change_unit(metric: Metric, lang: str) -> str:
    """Return the unit in which a change of `metric` is told.

    Examples
    --------
    >>> change_unit(METRICS["on_time_share"], "id"), change_unit(METRICS["satisfaction_index"], "en")
    ('poin persen', 'points')
    """
    t = translator(lang)
    if metric.is_share:
        return t("percentage points")
    if metric.unit.en == "index":
        return t("index points")
    return metric.unit.in_(lang).split(" (")[0]


def display_scale(metric: Metric) -> float:
    """Return the factor from table values to shown values: 100 for shares, else 1."""
    return 100.0 if metric.is_share else 1.0


def level_text(value: float, metric_name: str, lang: str) -> str:
    """Return a level (not a change) of a metric without its unit; shares as per cent."""
    metric, t = metric_of(metric_name), translator(lang)
    if metric.is_share:
        return t.percent(value, metric.decimals)
    return t.number(value, metric.decimals)


def change_decimals(row: Row) -> int:
    """Return how many decimals a change and its range are shown with.

    Two digits of the largest number, one more when the mean or the width of the range would
    lose its first digit, and at most as many as the schema gives the metric (at least one).
    """
    metric = metric_of(row["metric"])
    scale = display_scale(metric)
    values = [abs(row[k]) * scale for k in ("delta_mean", "low", "high") if not is_nan(row[k])]
    if not any(values):
        return 0
    wanted = digits_needed(max(values), 2)
    spread = 0.0 if is_nan(row["high"] - row["low"]) else (row["high"] - row["low"]) * scale
    finer = max([digits_needed(v, 1) for v in (values[0], spread) if v > 0], default=0)
    return min(max(metric.decimals, 1), max(wanted, min(finer, wanted + 1)))


def shown_places(row: Row, value: float, low: float | None = None, high: float | None = None) -> int:
    """Return the decimals of one number of a change: its row's, more where its first digit would be lost.

    The latter where the whole range (`low` to `high`, else the plausible one) lies on one side of no change, and
    the change is more than slight: on which side a trifle lies does not matter.
    """
    low, high = row["low"] if low is None else low, row["high"] if high is None else high
    shown = abs(value) * display_scale(metric_of(row["metric"]))
    is_apart = shown > NOISE and (low > NOISE or high < -NOISE) and not is_slight(row)
    return max(change_decimals(row), digits_needed(shown, 1) if is_apart else 0)


def is_slight(row: Row) -> bool:
    """Return whether the whole plausible range lies within the smallest change that matters."""
    matters = metric_of(row["metric"]).matters
    return bool(-matters < row["low"] and row["high"] < matters)


def is_small(row: Row) -> bool:
    """Return whether the estimate that is shown is below the smallest change that matters, whatever its range."""
    shown = row["median"] if is_unsteady(row) else row["delta_mean"]
    return bool(abs(shown) < metric_of(row["metric"]).matters)


def signed_text(row: Row, value: float, t: Translator) -> str:
    """Return the mean or an end of the plausible range of a change, with its sign."""
    return t.signed(value * display_scale(metric_of(row["metric"])), shown_places(row, value))


def median_text(row: Row, t: Translator) -> str:
    """Return the median change with its sign; it always shows a digit, for it stands beside a larger mean."""
    shown = row["median"] * display_scale(metric_of(row["metric"]))
    return t.signed(shown, max(change_decimals(row), digits_needed(abs(shown), 1) if abs(shown) > NOISE else 0))


def is_unsteady(row: Row) -> bool:
    """Return whether draws that cannot cope carry a mean: its median then leads, and their number stands beside it.

    Where a queue grows without end, a mean tells how long was simulated (`ENDLESS`). So it is
    said where such draws are many (`MANY_UNSTABLE`), or where there are any and the mean is
    twice the median or has another sign.
    """
    unstable, median = row.get("n_unstable", math.nan), row.get("median", math.nan)
    if row["metric"] not in ENDLESS or bool(row["all_equal"]) or any(map(is_nan, (unstable, median, row["low"]))):
        return False
    return unstable > 0 and bool(unstable >= MANY_UNSTABLE * row["n_draws"] or row["delta_mean"] * median < 0
                or abs(row["delta_mean"]) >= 2 * abs(median))  # fmt: skip


def drawn(row: Row) -> dict[str, float]:
    """Return what a figure draws of a change: the mean; where `is_unsteady`, the median, which has no precision."""
    shown = {k: float(row[k]) for k in ("delta_mean", "low", "high", "ci_low", "ci_high")}
    if is_unsteady(row):
        shown |= {"delta_mean": float(row["median"]), "ci_low": math.nan, "ci_high": math.nan}
    return shown


def digits_needed(value: float, digits: int) -> int:
    """Return the decimals that show `digits` significant digits of a value above 0.

    Examples
    --------
    >>> digits_needed(14.2, 2), digits_needed(0.31, 1)
    (0, 1)
    """
    return max(0, digits - 1 - math.floor(math.log10(value)))


def change_text(row: Row, lang: str) -> str:
    """Return the mean change with its sign, without unit.

    Examples
    --------
    >>> change_text({"metric": "on_time_share", "delta_mean": 0.034, "low": -0.01, "high": 0.08}, "id")
    '+3,4'
    """
    return signed_text(row, row["delta_mean"], translator(lang))


def range_text(row: Row, lang: str) -> str:
    """Return the plausible range as 'low to high' with signs; an en dash where there is none."""
    t = translator(lang)
    if is_nan(row["low"]) or is_nan(row["high"]):
        return "–"
    return t("{low} to {high}", low=signed_text(row, row["low"], t), high=signed_text(row, row["high"], t))


def amount_text(t: Translator, value: float, places: int) -> str:
    """Return an amount before a unit in the plural: one is written 1.0, which takes the plural."""
    return t.number(value, 1 if places == 0 and 0.5 <= value < 1.5 else places)


def is_nan(value: Any) -> bool:
    """Return whether a cell is missing."""
    return value is None or math.isnan(value)
