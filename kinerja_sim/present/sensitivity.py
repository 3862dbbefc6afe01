"""What carries the spread of a result, in words, as a table and as two figures: by factor and by grade of evidence.

No share is told without its interval, and where chance, failed points or a spread too
small to matter stand in the way, that is said too. Most open to dispute: from which share
of chance on the reader is warned (`NOISY`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.schema import METRICS, Metric
from kinerja_sim.present.changes import change_unit, digits_needed, display_scale
from kinerja_sim.present.figures import label_rows
from kinerja_sim.present.findings_limits import grade_word
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.labels import POLICY, REGION
from kinerja_sim.present.page import Page, Table
from kinerja_sim.present.style import INK, NOTEBOOK, Chart, Size, in_house_style, look, new_figure
from kinerja_sim.present.sweep_figures import finish_sweep, inside_sentence, place_name
from kinerja_sim.study.sensitivity import GRADE_ORDER, Sensitivity

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NOISY = 0.1
"""Share of chance in the spread between points from which the reader is warned."""
MOST_BARS = 12


def grade_label(grade: str, lang: str) -> str:
    """Return a grade of evidence in words; levers are called what they are, grades joined by '+' stay joined.

    Examples
    --------
    >>> grade_label("estimate", "id"), grade_label("published+choice", "en")
    ('perkiraan', 'published + lever of the policy')
    """
    t = translator(lang)
    return " + ".join(t("lever of the policy") if g == "choice" else grade_word(g, lang) for g in grade.split("+"))


def factor_label(factor: str, lang: str) -> str:
    """Return what a factor is called: a setting by its label and service unit, a ledger row by what it links.

    The ledger speaks English: in Indonesian a row has its name only, unless regions have a label for it.

    Examples
    --------
    >>> factor_label("parameter.sdp_medium", "en"), factor_label("policy.dose", "en")
    ('worker heterogeneity → service rate (sdp_medium)', 'dose of the policy')
    >>> factor_label("parameter.patience_shape", "id"), factor_label("parameter.sdp_medium", "id")
    ('kesabaran, bentuk Weibull (patience_shape)', 'sdp_medium')
    >>> factor_label("region.units.sukamiskin.counter.officers", "id")
    'pegawai loket (sukamiskin)'
    """
    kind, _, path = factor.partition(".")
    if kind == "region" and path.startswith("units."):
        _, unit, field = path.split(".", 2)
        label = REGION.get(f"units.*.{field}")
        return f"{label.in_(lang)} ({unit})" if label else f"{unit}.{field}"
    if kind == "parameter":
        known, row = REGION.get(f"units.*.ledger.{path}"), load_ledger().rows.get(path)
        said = known.in_(lang) if known else row.link.replace("->", "→") if row and lang == "en" else ""
        return f"{said} ({path})" if said else path
    label = {"policy": POLICY, "region": REGION}.get(kind, {}).get(path)
    return label.in_(lang) if label else path or factor


def _name(factor: str, lang: str) -> str:
    """Return what a row is called: a factor, or the grade that a design moved as a whole."""
    return grade_label(factor, lang) if factor in GRADE_ORDER else factor_label(factor, lang)


def share_text(row: Mapping[str, Any] | pd.Series, lang: str) -> str:
    """Return a share with its interval, such as '61% (48–72)'."""
    return translator(lang).share(row["share"], row["share_low"], row["share_high"])


def sensitivity_sentences(found: Sensitivity, lang: str) -> list[str]:
    """Return what may be said: the spread, what it rests on by grade, the largest factor, and what limits it."""
    t = translator(lang)
    said = [_spread(found, t)]
    if found.spread > 0:
        largest_first = found.grades.sort_values("share", ascending=False, kind="stable")
        said += [_by_grade(found, row, t) for _, row in largest_first.iterrows()]
        if set(found.table["factor"]) != set(found.grades["grade"]):  # unless the design moved whole grades at once
            said.append(_largest(found, t))
    return said + sensitivity_notes(found, lang)


def sensitivity_notes(found: Sensitivity, lang: str) -> list[str]:
    """Return what limits the shares: blocks left out, chance, a spread too small to matter, and what a share is."""
    t = translator(lang)
    notes = []
    if found.n_used < found.n_blocks:
        notes.append(
            t("Points that failed or were not observed: {failed} of {points}; blocks left out for them: {lost} of "
              "{blocks}.",
              failed=t.number(found.n_failed), points=t.number(found.n_points),
              lost=t.number(found.n_blocks - found.n_used), blocks=t.number(found.n_blocks))
        )  # fmt: skip
    if np.isnan(found.noise_share):
        notes.append(t("One replication a point: how much of the spread is chance cannot be told."))
    elif found.noise_share >= NOISY:
        notes.append(
            t("{share} of the spread is still chance: run more replications before reading small shares.",
              share=t.percent(found.noise_share))
        )  # fmt: skip
    else:
        notes.append(t("Chance left in the spread: {share}.", share=t.percent(found.noise_share, 1)))
    if found.spread > 0 and 4 * found.spread < METRICS[found.metric].matters:
        notes.append(t("The whole spread is smaller than the smallest change that matters: the shares divide trifles."))
    if found.method == "morris":
        notes.append(
            t("A share here is one of the summed elementary effects: it screens, it is no part of a variance.")
        )
    else:
        notes.append(t("A share lies halfway between the first-order and the total index; shares add up to 100%."))
        if any(_index(row, name, t) == t("too few points") for _, row in found.table.iterrows()
               for name in ("first", "total")):  # fmt: skip
            notes.append(t("Too few points: the interval of the index is wider than all that it can be, 0 to 1."))
    return notes


def _spread(found: Sensitivity, t: Translator) -> str:
    """Return the mean and the spread of the result over the design."""
    metric = METRICS[found.metric]
    scale, places = display_scale(metric), _places(found, metric)
    unit = place_name(found.manifest, found.region, found.unit, t.lang)
    what = t("Effect on {metric} at {unit}", metric=inside_sentence(metric, t), unit=unit)
    if found.on == "level":
        what = t("{metric} at {unit}", metric=metric.label.in_(t.lang), unit=unit)
    values: dict[str, object] = {
        "what": what, "mean": t.number(found.mean * scale, places), "spread": t.number(found.spread * scale, places),
        "measure": change_unit(metric, t.lang), "n": t.number(found.n_points),
    }  # fmt: skip
    if found.spread == 0:
        return t("{what}: no factor of the design changes it (mean {mean} {measure}, {n} points).", **values)
    return t("{what}: mean {mean}, standard deviation {spread} {measure} over {n} points.", **values)


def _by_grade(found: Sensitivity, row: pd.Series, t: Translator) -> str:
    """Return how much of the spread rests on evidence of one grade."""
    grade, share = row["grade"], share_text(row, t.lang)
    if found.method == "morris":
        return t("{share} of the summed effects belong to: {grade}.", share=share, grade=grade_label(grade, t.lang))
    if grade == "estimate":
        return t("{share} of the spread of this result rests on estimates.", share=share)
    if grade == "choice":
        return t("{share} of the spread is what the policy's own levers do.", share=share)
    return t("{share} of the spread rests on evidence graded: {grade}.", share=share, grade=grade_label(grade, t.lang))


def _largest(found: Sensitivity, t: Translator) -> str:
    """Return which factor is the largest, if its interval lies above that of every other."""
    first, rest = found.table.iloc[0], found.table.iloc[1:]
    values: dict[str, object] = {"factor": _name(first["factor"], t.lang), "share": share_text(first, t.lang)}
    if rest.empty or first["share_low"] > rest["share_high"].max():
        return t("The largest factor is {factor}: {share}.", **values)
    return t("Which factor is the largest cannot be told; {factor} comes first here with {share}.", **values)


def sensitivity_page(found: Sensitivity, lang: str) -> Page:
    """Return sentences, the factors with their indices, and where the numbers come from."""
    t, heads, rows = translator(lang), *sensitivity_cells(found, lang)
    return Page(sensitivity_sentences(found, lang), [Table(heads, rows)], [footer(found, t)])


def sensitivity_cells(found: Sensitivity, lang: str) -> tuple[list[str], list[list[str]]]:
    """Return heads and one row of finished cells a factor; its grade only where it is not the factor itself."""
    t, is_grades = translator(lang), found.table["factor"].isin(GRADE_ORDER).all()
    columns: list[tuple[str, Callable[[pd.Series], str]]] = [
        (t("Factor"), lambda row: _name(row["factor"], lang)),
        *([] if is_grades else [(t("Grade"), lambda row: grade_label(row["grade"], lang))]),
        (t("Share"), lambda row: share_text(row, lang)),
    ]
    if found.method == "morris":
        scale, places = display_scale(METRICS[found.metric]), _places(found, METRICS[found.metric])
        columns += [
            (t("Mean size of effect"), lambda row: t.number(row["mu_star"] * scale, places)),
            (t("95% interval"), lambda row: _ends(row, "mu_star", t, scale, places)),
            (t("SD of effects"), lambda row: t.number(row["sigma"] * scale, places)),
        ]
    else:
        columns += [
            (t("First order"), lambda row: _index(row, "first", t)),
            (t("95% interval"), lambda row: _ends(row, "first", t)),
            (t("Total"), lambda row: _index(row, "total", t)),
            (t("95% interval"), lambda row: _ends(row, "total", t)),
        ]
    return [head for head, _ in columns], [[cell(row) for _, cell in columns] for _, row in found.table.iterrows()]


def footer(found: Sensitivity, t: Translator) -> str:
    """Return the method, points, replications, seed and run id as one line."""
    method = {"saltelli": t("Sobol' indices"), "morris": t("Morris screening")}[found.method]
    return t(
        "{method} · {points} points, {used} of {blocks} blocks whole · n = {n} a point · seed {seed} · run {run}",
        method=method, points=t.number(found.n_points), used=t.number(found.n_used), blocks=t.number(found.n_blocks),
        n=t.number(found.n_replications), seed=str(found.manifest.get("seed", "–")),
        run=str(found.manifest.get("run_id", "–")),
    )  # fmt: skip


@in_house_style
def sensitivity_figure(found: Sensitivity, lang: str, *, size: Size = NOTEBOOK, most: int = MOST_BARS) -> Chart:
    """Return the shares of the largest factors as bars with their intervals, coloured and marked by grade."""
    t = translator(lang)
    rows = found.table.head(most)
    labels = [_name(name, lang) for name in rows["factor"]]
    return _bars(rows, labels, [str(g) for g in rows["grade"]], found, t, size)


@in_house_style
def grades_figure(found: Sensitivity, lang: str, *, size: Size = NOTEBOOK) -> Chart:
    """Return how much of the spread rests on each grade of evidence, as bars with their intervals."""
    t = translator(lang)
    grades = [str(g) for g in found.grades["grade"]]
    return _bars(found.grades, [grade_label(g, lang) for g in grades], grades, found, t, size)


def _bars(
    rows: pd.DataFrame, labels: Sequence[str], grades: Sequence[str], found: Sensitivity, t: Translator, size: Size
) -> Chart:
    height = size.height or size.row * len(rows) + 8.5 * size.base
    figure = new_figure(size.width, height)
    ax: Axes = figure.subplots()
    order = [*GRADE_ORDER, *dict.fromkeys(g for g in grades if g not in GRADE_ORDER)]
    for y, (grade, (_, row)) in enumerate(zip(grades, rows.iterrows(), strict=True)):
        colour, marker = look(order.index(grade))
        ax.barh(y, 100 * row["share"], color=colour, alpha=0.35, height=0.62, zorder=2)
        ax.plot([100 * row["share_low"], 100 * row["share_high"]], [y, y], color=colour, lw=2.2, zorder=3)
        shown = grade_label(grade, t.lang) if grade not in grades[:y] else None
        ax.plot(100 * row["share"], y, marker, color=colour, mec="white", ms=7, zorder=4, ls="none", label=shown)
        end = 100 * max(row["share_high"], row["share"]) + 1
        ax.annotate(share_text(row, t.lang), (end, y), va="center", fontsize=size.base, color=INK)
    label_rows(ax, labels, size)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    top = np.nanmax([*(100 * rows["share_high"]), 10.0])
    ax.set_xlim(0, 1.28 * top)
    ax.set_xticks([x for x in ax.get_xticks() if x <= 100])
    ax.xaxis.set_major_formatter(lambda value, _: t.number(value))
    metric = inside_sentence(METRICS[found.metric], t)
    name = t("Share of the spread of the effect on {metric}, %", metric=metric)
    if found.method == "morris":
        name = t("Share of the summed effects on {metric}, %", metric=metric)
    elif found.on == "level":
        name = t("Share of the spread of {metric}, %", metric=metric)
    ax.set_xlabel(name, fontsize=size.base, color=INK)
    if len(set(grades)) > 1 and list(labels) != [grade_label(g, t.lang) for g in grades]:
        figure.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=size.base)
    finish_sweep(figure, t("Bar and point: share; line: its 95% interval."), footer(found, t), size, height)
    return figure


def _index(row: pd.Series, name: str, t: Translator) -> str:
    """Return an index of Sobol', unless its interval is wider than all that an index can be, from 0 to 1."""
    return t("too few points") if row[f"{name}_high"] - row[f"{name}_low"] > 1 else t.number(row[name], 2)


def _ends(row: pd.Series, name: str, t: Translator, scale: float = 1.0, places: int = 2) -> str:
    low, high = t.number(row[f"{name}_low"] * scale, places), t.number(row[f"{name}_high"] * scale, places)
    return t("{low} … {high}", low=low, high=high)


def _places(found: Sensitivity, metric: Metric) -> int:
    """Return how many decimals show two digits of the spread."""
    return digits_needed(found.spread * display_scale(metric), 2) if found.spread > 0 else metric.decimals
