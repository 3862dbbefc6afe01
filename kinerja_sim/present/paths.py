"""When does a policy show, and when does it pay? Effects month by month, net benefit month after month.

A month's effect is a paired contrast like any other, so it has the ladder's words. Most
open to dispute: 'from month X on' asks that every later month of the run reaches the rung
'likely' as well; a policy that fades later is not called late, but unsure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.across import BETTER, WORSE
from kinerja_sim.present.bands import Band, band_figure, band_note
from kinerja_sim.present.changes import change_unit, display_scale, metric_of
from kinerja_sim.present.economics import worth_word
from kinerja_sim.present.figures import axis_label
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.saved import Manifest, policy_label, policy_title, shown_scenarios, unit_title
from kinerja_sim.present.style import style_of
from kinerja_sim.present.text import RUNGS, verdict
from kinerja_sim.study.contrasts import contrast
from kinerja_sim.study.economics import net_benefits, stated_value
from kinerja_sim.study.statistics import central_range, mean_interval, units_of

if TYPE_CHECKING:
    from kinerja_sim.present.style import Chart

LIKELY = min(rung for rung, _ in RUNGS)


def monthly_contrasts(here: pd.DataFrame, reference: str, unit: str, metric: str) -> pd.DataFrame:
    """Return the paired contrasts of every month since the start.

    Parameters
    ----------
    here : DataFrame
        Results of one region.
    reference, unit, metric : str

    Returns
    -------
    DataFrame
        Columns of the contrasts table and `period`, 0 being the first month of the policy.
    """
    rows = here[(here["unit"] == unit) & (here["period"] >= 0)]
    # A month stands in the place of a service unit: each is contrasted by itself.
    rows = rows.assign(unit=rows["period"].map("{:04d}".format))
    rows = rows.sort_values(["scenario", "region", "unit", "draw", "replication"], kind="stable", ignore_index=True)
    made = contrast(rows, reference, pooled={"after": rows})
    made = made[made["metric"] == metric]
    return made.assign(period=made["unit"].astype(int), unit=unit).sort_values(["scenario", "period"])


def holds_from(codes: Sequence[bool]) -> int | None:
    """Return the first place from which all that follows holds, or None.

    Examples
    --------
    >>> holds_from([False, True, False, True, True]), holds_from([True, False]), holds_from([])
    (3, None, None)
    """
    kept = 0
    for code in reversed(codes):
        if not code:
            break
        kept += 1
    return len(codes) - kept if kept else None


def path_sentences(monthly: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> list[str]:
    """Return for every policy from which month on its effect can be told, in every month that follows."""
    t, said = translator(lang), []
    for scenario in shown_scenarios(manifest, region):
        rows = monthly[monthly["scenario"] == scenario]
        codes = [verdict(row) for _, row in rows.iterrows()]
        better, worse = (holds_from([code.endswith(end) for code in codes]) for end in (BETTER, WORSE))
        values = {"policy": policy_label(manifest, region, scenario, lang), "months": t.number(len(codes))}
        if len(codes) and all(code == "unchanged" for code in codes):
            said.append(t("{policy}: unchanged in all {months}", **values | {"months": t.months(len(codes))}))
        elif better is not None:
            said.append(t("{policy}: at least likely better in every month from month {month} of {months} on",
                          month=t.number(better + 1), **values))  # fmt: skip
        elif worse is not None:
            said.append(t("{policy}: at least likely worse in every month from month {month} of {months} on",
                          month=t.number(worse + 1), **values))  # fmt: skip
        else:
            said.append(t("{policy}: there is no month of {months} from which on the effect can be told", **values))
    return said


def path_figure(monthly: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> Chart:
    """Return the effect of every policy month by month, from `monthly_contrasts`, one panel per policy on one axis."""
    t, metric = translator(lang), metric_of(monthly["metric"].iloc[0])
    scale, bands = display_scale(metric), []
    for scenario in shown_scenarios(manifest, region):
        rows, label = monthly[monthly["scenario"] == scenario], policy_label(manifest, region, scenario, lang)
        colour, _ = style_of(manifest, region, scenario)
        bands.append(Band(label, rows["period"] + 1, rows, colour, scale, matters=metric.matters * scale))
    unit = unit_title(manifest, region, str(monthly["unit"].iloc[0]), lang)
    title = t("{unit} · {what}", unit=unit, what=axis_label(metric, t, upright=True))
    return band_figure(bands, manifest, lang, title=title, across=t("Month of the policy"), note=band_note(t))


def month_figure(
    results: pd.DataFrame, manifest: Manifest, region: str, metric: str, lang: str, *, scenario: str | None = None
) -> Chart:
    """Return the effect of one policy month by month, also before its start, one panel per service unit.

    Parameters
    ----------
    results : DataFrame
        The results table.
    manifest : mapping
    region, metric : str
    lang : {'id', 'en'}
    scenario : str, optional
        The policy to follow; None takes the region's own. Month 0 is its first.

    Raises
    ------
    InputError
        If the metric is unknown or was observed in none of the units.
    """
    t, measured = translator(lang), metric_of(metric)
    scenario = scenario or str(manifest["regions"][region]["preset"])
    here = results[(results["region"] == region) & results["scenario"].isin([scenario, manifest["baseline"]])]
    colour, scale, bands = style_of(manifest, region, scenario)[0], display_scale(measured), []
    for unit in manifest["regions"][region]["units"]:
        rows = _monthly(here[here["unit"] == unit], manifest["baseline"], scenario, metric)
        if rows is not None:
            bands.append(
                Band(unit_title(manifest, region, unit, lang), rows.index, rows, colour, scale,
                     matters=measured.matters * scale, label=change_unit(measured, lang))
            )  # fmt: skip
    if not bands:
        raise InputError(
            f"`metric` must have been observed in region '{region}'; got {metric!r}. Choose another metric."
        )
    what, policy = axis_label(measured, t, upright=True), policy_title(manifest, scenario, lang)
    note = t("Line: mean; dark band: Monte Carlo precision; light band: plausible range; grey: too small to matter; "
             "dotted: the policy starts.")  # fmt: skip
    return band_figure(
        bands, manifest, lang, title=t("{policy}: {what}", what=what, policy=policy), note=note, is_shared=False,
        across=t("Month since the policy starts"), start=-0.5,
    )  # fmt: skip


def _monthly(rows: pd.DataFrame, baseline: str, scenario: str, metric: str) -> pd.DataFrame | None:
    """Return mean, range and precision of the paired difference of each month; None where it was never observed."""
    keyed = rows.set_index(["scenario", "period", "draw", "replication"])[metric]
    wide: Any = keyed.unstack(["draw", "replication"])  # noqa: PD010  (pivot_table would average duplicates silently)
    if scenario not in wide.index.get_level_values("scenario"):
        return None
    delta = wide.loc[scenario] - wide.loc[baseline]
    if not delta.notna().any(axis=None):
        return None
    values = delta.to_numpy(float)
    mean = mean_interval(values, units_of(delta.columns.get_level_values("draw").to_numpy()))
    spread, columns = central_range(values), {"delta_mean": mean.value, "ci_low": mean.low, "ci_high": mean.high}
    return pd.DataFrame(columns | {"low": spread.low, "high": spread.high}, index=delta.index)


def payback(here: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Return net benefits counted from the start up to every month, at the stated value of an hour of waiting.

    Parameters
    ----------
    here : DataFrame
        Results of one region.
    reference : str

    Returns
    -------
    DataFrame
        Rows of `study.economics.net_benefits` with `month`, 1 being the first.
    """
    months = sorted(p for p in here["period"].unique() if p >= 0)
    tables = [net_benefits(here[here["period"] <= p], None, reference).assign(month=p + 1) for p in months]
    return pd.concat(tables, ignore_index=True)


def payback_sentences(table: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> list[str]:
    """Return for every policy from which month on it likely has paid for itself, and the verdict at the end."""
    t, said = translator(lang), []
    for scenario in shown_scenarios(manifest, region):
        rows = table[table["scenario"] == scenario]
        month = holds_from((rows["probability_low"] >= LIKELY).tolist())
        last = rows.iloc[-1]
        values = {"policy": policy_label(manifest, region, scenario, lang), "word": worth_word(last, lang),
                  "months": t.months(int(last["month"]))}  # fmt: skip
        if month is None or not last["net_benefit_idr_mean"] > 0:
            said.append(t("{policy}: {word} after {months}", **values))
        else:
            said.append(t("{policy}: {word} after {months}; likely paid back from month {month} on",
                          month=t.number(month + 1), **values))  # fmt: skip
    return said


def payback_figure(table: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> Chart:
    """Return what every policy has brought in since its start, from `payback`, month by month in million rupiah."""
    t, bands = translator(lang), []
    for scenario in shown_scenarios(manifest, region):
        rows, label = table[table["scenario"] == scenario], policy_label(manifest, region, scenario, lang)
        colour, _ = style_of(manifest, region, scenario)
        bands.append(Band(label, rows["month"], rows, colour, 1e-6, "net_benefit_idr_mean"))
    title = t("Net benefit since the start, million rupiah, an hour of waiting at IDR {value}",
              value=t.number(stated_value()))  # fmt: skip
    note = t("Line: mean; dark band: Monte Carlo precision; light band: plausible range; above 0: it has paid.")
    return band_figure(bands, manifest, lang, title=title, across=t("Month of the policy"), note=note)
