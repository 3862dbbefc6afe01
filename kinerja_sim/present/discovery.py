"""Where a condition holds, in words and as a table: the boxes of `study.discover`.

A box is told with how much of what was looked for it holds (coverage) and how pure it is
(density). Most open to dispute: a box that is not dense enough is told too, as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.sensitivity import factor_label
from kinerja_sim.present.sweep_figures import place_name
from kinerja_sim.study.discover import LEAST_DENSITY, Discovery

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType


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
        said.append(t("Nothing that this design varies decides it: there is no box to find. Move the bound."))
    said += [_box_sentence(found, box, t) for _, box in found.boxes.iterrows()]
    if found.n_failed:
        said.append(t("{n} points failed or were not observed and are left out.", n=t.number(found.n_failed)))
    return said


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
    name = factor_label(str(row["factor"]))
    if row["values"]:
        return t("{factor} is one of {values}", factor=name, values=row["values"])
    low, high = (_digits(float(row[end]), t) for end in ("low", "high"))
    if np.isclose(row["low"], row["design_low"]):
        return t("{factor} ≤ {high}", factor=name, high=high)
    if np.isclose(row["high"], row["design_high"]):
        return t("{factor} ≥ {low}", factor=name, low=low)
    return t("{factor} from {low} to {high}", factor=name, low=low, high=high)


def discovery_table(found: Discovery, lang: str) -> RenderableType:
    """Return sentences and bounds for a terminal."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text as Line

    t = translator(lang)
    table = Table(box=None, header_style="underline", padding=(0, 1))
    for head in (t("Box"), t("Factor"), t("Bounds"), t("Bounds of the design"), t("Quasi p-value")):
        table.add_column(head)
    for _, row in found.table.iterrows():
        inside = row["values"] or t("{low} … {high}", low=_digits(row["low"], t), high=_digits(row["high"], t))
        outside = "–"
        if not row["values"]:
            ends = {"low": _digits(row["design_low"], t), "high": _digits(row["design_high"], t)}
            outside = t("{low} … {high}", **ends)
        table.add_row(
            t.number(row["box"]), factor_label(row["factor"]), inside, outside, t.number(row["quasi_p"], 3)
        )  # fmt: skip
    said = discovery_sentences(found, lang)
    note = t("Points: means of {n} replications. Boxes: PRIM; bounds that chance could explain are dropped.",
             n=t.number(found.n_replications))  # fmt: skip
    return Group(Line(said[0], style="bold"), *map(Line, said[1:]), Line(), table, Line(note, style="dim"))


def _digits(value: float, t: Translator) -> str:
    """Return a number with about four digits."""
    places = 0 if value == 0 else max(0, 3 - int(np.floor(np.log10(abs(value)))))
    return t.number(value, min(places, 4))
