"""Where a condition holds, in words and as a table: the boxes of `study.discover`.

A box is told with how much of what was looked for it holds (coverage) and how pure it is
(density). Most open to dispute: a box that is not dense enough is told too, as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.changes import digits_needed
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.page import Page, Table
from kinerja_sim.present.sensitivity import factor_label
from kinerja_sim.present.sweep_figures import place_name
from kinerja_sim.study.discover import LEAST_DENSITY, Discovery

if TYPE_CHECKING:
    import pandas as pd


def discovery_sentences(found: Discovery, lang: str) -> list[str]:
    """Return how many points meet the condition, one sentence a box, and what was left out."""
    t = translator(lang)
    whole = found.n_points - found.n_failed
    unit = place_name(found.manifest, found.region, found.unit, lang)
    said = [
        t("{where} at {unit}: {n} of {all} points of the design ({share}).",
          where=" and ".join(map(str, found.where)), unit=unit, n=t.number(found.n_meeting), all=t.number(whole),
          share=t.percent(found.n_meeting / whole))
    ]  # fmt: skip
    if found.n_meeting in (0, whole):
        none = t("No point meets it") if found.n_meeting == 0 else t("Every point meets it")
        said.append(t("{none}: nothing that this design varies decides it, and there is no box to find.", none=none))
        said += [_range_sentence(found, metric, t) for metric in found.seen]
    said += [_box_sentence(found, box, t) for _, box in found.boxes.iterrows()]
    if found.n_failed:
        said.append(t.plural("{n} point failed or was not observed and is left out.",
                             "{n} points failed or were not observed and are left out.", found.n_failed))  # fmt: skip
    return said


def _range_sentence(found: Discovery, metric: str, t: Translator) -> str:
    """Return between which values a metric of the condition lies, and a bound inside them."""
    low, middle, high = found.seen[metric]
    places = METRICS[metric].decimals + digits_needed(high - low, 1) if high > low else METRICS[metric].decimals
    values = {name: t.number(value, min(places, 6)) for name, value in
              (("low", low), ("middle", middle), ("high", high))}  # fmt: skip
    if low == high:
        return t("{metric} is {low} at every point.", metric=metric, **values)
    return t("{metric} lies between {low} and {high} over the points; a bound inside, such as {middle}, parts them.",
             metric=metric, **values)  # fmt: skip


def _box_sentence(found: Discovery, box: pd.Series, t: Translator) -> str:
    """Return a box with its bounds, purity and coverage."""
    bounds = found.table[found.table["box"] == box["box"]]
    values: dict[str, object] = {
        "bounds": "; ".join(bound_text(row, t) for _, row in bounds.iterrows()), "n": t.number(box["n"]),
        "density": t.percent(box["density"]), "coverage": t.percent(box["coverage"]),
        "least": t.percent(LEAST_DENSITY),
    }  # fmt: skip
    if bounds.empty:
        return t("No box of factors holds more of it than the whole design does.")
    if box["is_dense"]:
        return t("It holds where {bounds}: in {density} of {n} points there, {coverage} of all that meet it.", **values)
    return t("The purest box, {bounds}, has only {density} of its {n} points meeting it (under {least}).", **values)


def bound_text(row: pd.Series, t: Translator) -> str:
    """Return one bound: the side or sides on which a box is narrower than the design."""
    name = factor_label(str(row["factor"]), t.lang)
    if row["values"]:
        return t("{factor} is one of {values}", factor=name, values=row["values"])
    low, high = (_digits(float(row[end]), t) for end in ("low", "high"))
    if np.isclose(row["low"], row["design_low"]):
        return t("{factor} ≤ {high}", factor=name, high=high)
    if np.isclose(row["high"], row["design_high"]):
        return t("{factor} ≥ {low}", factor=name, low=low)
    return t("{factor} from {low} to {high}", factor=name, low=low, high=high)


def discovery_page(found: Discovery, lang: str) -> Page:
    """Return sentences and bounds."""
    t, rows = translator(lang), []
    for _, row in found.table.iterrows():
        inside, outside = row["values"], "–"
        if not inside:
            inside, outside = (
                t("{low} … {high}", low=_digits(row[f"{of}low"], t), high=_digits(row[f"{of}high"], t))
                for of in ("", "design_")
            )
        rows.append(
            (t.number(row["box"]), factor_label(row["factor"], lang), inside, outside, t.number(row["quasi_p"], 3))
        )  # fmt: skip
    heads = (t("Box"), t("Factor"), t("Bounds"), t("Bounds of the design"), t("Quasi p-value"))
    note = t("Points: means of {replications}. Boxes: PRIM; bounds that chance could explain are dropped.",
             replications=t.replications(found.n_replications))  # fmt: skip
    return Page(discovery_sentences(found, lang), [Table(heads, rows)] if rows else [], [note])


def _digits(value: float, t: Translator) -> str:
    """Return a number with about four digits."""
    places = 0 if value == 0 else max(0, 3 - int(np.floor(np.log10(abs(value)))))
    return t.number(value, min(places, 4))
