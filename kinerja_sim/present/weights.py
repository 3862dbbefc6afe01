"""The map over weights: who wins at which mix, and the sentence that says how far weights must move.

Three weights are drawn as a triangle, two as a line. A mix whose verdict is below "likely"
is drawn hollow and never as a win. Most open to dispute: the triangle itself, which
readers have to learn; each corner says what it stands for.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.policies import SOURCES, is_beyond_regulation, whole_mix
from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.changes import change_text, change_unit, digits_needed, display_scale
from kinerja_sim.present.figures import number_axis
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.labels import POLICY, word
from kinerja_sim.present.saved import Manifest, beyond_note, marked, policy_title, short_region_title, title
from kinerja_sim.present.style import INK, NOTEBOOK, Chart, Size, in_house_style, look, new_figure
from kinerja_sim.present.sweep_figures import finish_sweep, inside_sentence, place_name
from kinerja_sim.present.text import MOVES, evidence_text, shown_comparison, verdict
from kinerja_sim.study.weight_map import WeightMap

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 3**0.5 / 2]])


def weight_label(name: str, lang: str) -> str:
    """Return the name of a weight: a source of an appraisal, or a metric.

    Examples
    --------
    >>> weight_label("citizens", "id"), weight_label("cost_idr", "en")
    ('warga', 'Cost of the appraisal system')
    """
    t = translator(lang)
    words = {
        "results": t("results"), "citizens": t("citizens"), "civil_society": t("civil society"),
        "supervisor": t("supervisor"), "peers": t("peers"), "team": t("team"), "subordinates": t("subordinates"),
    }  # fmt: skip
    if name in words or name in SOURCES:
        return words.get(name, name)
    return METRICS[name].label.in_(lang) if name in METRICS else name


def option_label(option: str, manifest: Manifest, region: str, lang: str) -> str:
    """Return what an option of a sweep is called: its policy, and the levers that vary, in words.

    Examples
    --------
    >>> manifest = {"design": {"factors": [{"name": "policy.appraisal.weights"}, {"name": "policy.dose"}]}}
    >>> option_label("own (results=0.75, citizens=0.25)", manifest, "all", "en")
    'Own policy (results 75%, citizens 25%)'
    >>> option_label("quarterly_kpi (dose=0.5)", manifest, "all", "id")
    'quarterly_kpi (dosis kebijakan 50 %)'
    """
    t, found = translator(lang), re.fullmatch(r"(.+?)(?: \((\w+=.*)\))?", option)
    assert found is not None  # whatever is not levers is the policy's name
    name, policies = found[1], manifest.get("policies", {})
    if name in ("own", manifest.get("regions", {}).get(region, {}).get("preset")):
        name = t("Own policy")
    elif name in policies:
        name = title(policies[name]["title"], lang)
    factors = tuple(f"{f['name']}." for f in manifest["design"]["factors"]) if found[2] else ()
    paths = {path.rpartition(".")[2]: path for path in POLICY if f"policy.{path}.".startswith(factors)}
    said = []
    for lever in re.split(r", (?=\w+=)", found[2] or ""):
        key, _, value = lever.partition("=")
        path = paths.get(key, key)
        called = POLICY[path].in_(lang) if path in POLICY and ".weights." not in path else weight_label(key, lang)
        said.append(t("{name} {share}", name=called, share=word(_read(value), path, t)))
    return f"{name} ({', '.join(said)})" if found[2] else name


def _read(value: str) -> Any:
    """Return a lever's value as it was before it became part of a name."""
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return value


def weight_sentences(found: WeightMap, lang: str) -> list[str]:
    """Return who is ahead at the stated weights, how far they must move to change that, and the shares of the map."""
    t = translator(lang)
    values: dict[str, object] = {
        "mix": _mix(found, found.stated, t), "claim": _ahead(found, found.stated, found.winner, t),
        "distance": t.number(found.flip_distance, 2), "where": _mix(found, found.flip_at, t),
        "step": t.number(found.resolution, 2), "n": t.number(len(found.table)),
    }  # fmt: skip
    said = [t("{place}, at {mix}: {claim}.", place=_place_title(found, lang), **values)]
    if found.kind == "criteria":
        if not found.flip_to:
            said.append(
                t("No weights put another option ahead: it is at least as good on every one of them.", **values)
            )
        else:
            said.append(
                t(
                    "Weights must move by {distance} before {option} is as good (at {where}).",
                    option=_option(found, found.flip_to, t),
                    **values,
                )
            )
    elif not found.flip_to and found.winner == "unsure":
        said.append(t("At all {n} mixes that were run the 95% interval of the mean holds zero.", **values))
    elif not found.flip_to:
        said.append(
            t("At all {n} mixes that were run the mean lies on the same side: no weights change the ranking.", **values)
        )
    else:
        said.append(
            t("Weights must move by {distance} before the 95% interval of the mean lies elsewhere (at {where}: {to}); "
              "mixes {step} apart were run.", to=_ahead(found, found.flip_at, found.flip_to, t), **values)
        )  # fmt: skip
    return [*said, *(_best_mix(found, t) if found.kind == "appraisal" else _territory(found, t))]


def _place_title(found: WeightMap, lang: str) -> str:
    """Return the policy and service unit of an appraisal map, or the region of one of criteria."""
    if found.kind == "appraisal":
        policies = found.manifest.get("policies", {})
        policy = policy_title(found.manifest, found.policy, lang) if found.policy in policies else found.policy
        return f"{policy}, {place_name(found.manifest, found.region, found.unit, lang)}"
    known = found.region in found.manifest.get("regions", {})
    return short_region_title(found.manifest, found.region, lang) if known else found.region


def _ahead(found: WeightMap, mix: Mapping[str, float], winner: str, t: Translator) -> str:
    """Return who is ahead at a mix: the policy in the ladder's words with its range, or the option of that name."""
    if found.kind == "criteria":
        return t("{option} is ahead on the {means}", option=_option(found, winner, t), means=_means(found, t))
    if not winner:
        return t("not observed")
    apart = found.table[list(found.names)].to_numpy(float) - [mix[name] for name in found.names]
    row = found.table.iloc[int(np.abs(apart).sum(axis=1).argmin())]
    return t("compared with the reference {verdict}, {change} {measure} ({range})",
             verdict=shown_comparison(row, t.lang), change=change_text(row, t.lang),
             measure=change_unit(METRICS[found.metric], t.lang), range=evidence_text(row, t.lang))  # fmt: skip


def _means(found: WeightMap, t: Translator) -> str:
    return t.plural("mean of {n} state", "means of {n} states", int(found.table["n_states"].iloc[0]))


def _option(found: WeightMap, option: str, t: Translator) -> str:
    return marked(option_label(option, found.manifest, found.region, t.lang), option in found.beyond, t.lang)


def _best_mix(found: WeightMap, t: Translator) -> list[str]:
    """Return the mix with the best mean, and how much the mixes differ at all."""
    metric, table = METRICS[found.metric], found.table.dropna(subset=["lead"])
    best, worst = (table.iloc[int(end)] for end in (table["lead"].argmax(), table["lead"].argmin()))
    scale, gap = display_scale(metric), float(best["lead"] - worst["lead"])
    first = {n: float(best[n]) for n in found.names}
    values: dict[str, object] = {
        "mix": _mix(found, first, t), "measure": change_unit(metric, t.lang),
        "gap": t.number(gap * scale, min(4, digits_needed(gap * scale, 2)) if gap > 0 else 0),
        "metric": inside_sentence(metric, t), "matters": t.number(metric.matters * scale, max(metric.decimals, 1)),
    }  # fmt: skip
    if gap < metric.matters:
        said = t("Between the best mix ({mix}) and the worst lie {gap} {measure} of {metric}, less than the smallest "
                 "change that matters ({matters}).", **values)  # fmt: skip
    else:
        said = t("Between the best mix ({mix}) and the worst lie {gap} {measure} of {metric}.", **values)
    return [said, *(_lawful(found, table, t) if _is_beyond(found, first) else [])]


def _is_beyond(found: WeightMap, mix: Mapping[str, float]) -> bool:
    """Return whether a mix of appraisal weights, with those that the map leaves alone, is beyond the regulation."""
    entry = found.manifest.get("policies", {}).get(found.policy, {})
    return found.kind == "appraisal" and is_beyond_regulation(
        whole_mix(entry.get("appraisal", {}).get("weights", {}), mix)
    )


def _mix(found: WeightMap, mix: Mapping[str, float], t: Translator) -> str:
    return marked(mix_text(mix, t), _is_beyond(found, mix), t.lang)


def _lawful(found: WeightMap, table: pd.DataFrame, t: Translator) -> list[str]:
    """Return the best mix that the regulation knows, and what the mark means."""
    mixes = [{n: float(row[n]) for n in found.names} for _, row in table.iterrows()]
    lawful = [(float(lead), mix) for lead, mix in zip(table["lead"], mixes, strict=True) if not _is_beyond(found, mix)]
    if not lawful:
        return [beyond_note(t.lang), t("No mix that was run lies within the regulation.")]
    best = max(lawful, key=lambda pair: pair[0])[1]
    return [beyond_note(t.lang), t("Within the regulation the best mix on average is {mix}.", mix=mix_text(best, t))]


def _territory(found: WeightMap, t: Translator) -> list[str]:
    """Return how much of the map each option wins, the largest first."""
    shares = found.table["winner"].value_counts(normalize=True)
    parts = [
        t("{option} {share}", option=_option(found, str(o), t), share=t.percent(float(s))) for o, s in shares.items()
    ]
    note = [beyond_note(t.lang)] if found.beyond & set(shares.index) else []
    return [t("Of all weights: {parts}.", parts=", ".join(parts)), *note]


def mix_text(mix: Mapping[str, float], t: Translator) -> str:
    """Return a mix as 'results 60%, citizens 20%, supervisor 20%'."""
    return ", ".join(
        t("{name} {share}", name=weight_label(name, t.lang), share=t.percent(w)) for name, w in mix.items()
    )


@in_house_style
def weight_figure(found: WeightMap, lang: str, *, size: Size = NOTEBOOK) -> Chart:
    """Return the map as a triangle of three weights, or as a line of two.

    Raises
    ------
    InputError
        If there are more than three weights.
    """
    t = translator(lang)
    if len(found.names) > 3:
        raise InputError(f"`weights` must be two or three to be drawn; got {len(found.names)}. Fix some of them.")
    height = size.height or (46.0 if len(found.names) == 3 else 26.0) * size.base
    figure = new_figure(size.width, height)
    ax: Axes = figure.subplots()
    places = _places(found)
    table = found.table.reset_index(drop=True)
    if found.kind == "appraisal":
        metric = METRICS[found.metric]
        points = ax.scatter(
            places[:, 0], places[:, 1], c=table["delta_mean"] * display_scale(metric), cmap="cividis", s=size.base * 22,
            zorder=2, edgecolors="none",
        )  # fmt: skip
        bar = figure.colorbar(points, ax=ax, shrink=0.7, pad=0.02)
        name = t("{metric}, change in {measure}", metric=metric.label.in_(lang), measure=change_unit(metric, lang))
        bar.set_label(name, fontsize=size.base)
        number_axis(bar.ax.yaxis, t)
        hollow = np.array([not verdict(row).endswith(MOVES) for _, row in table.iterrows()])
        if hollow.any():
            ax.plot(
                places[hollow, 0], places[hollow, 1], "o", color="white", mec=INK, mew=0.8, ms=size.base * 0.8,
                ls="none", zorder=3, label=t("hollow: not even likely better or worse"),
            )  # fmt: skip
        note, n = t("Colour: mean effect of the policy with that mix."), int(table["n_replications"].iloc[0])
        draws = int(table["n_draws"].iloc[0])
        runs = t.plural("{n} draw × {replications} of each mix", "{n} draws × {replications} of each mix", draws,
                        replications=t.replications(n // draws))  # fmt: skip
    else:
        order = list(table["winner"].value_counts().index)
        for i, winner in enumerate(order):
            at = (table["winner"] == winner).to_numpy()
            colour, marker = look(i)
            ax.plot(
                places[at, 0], places[at, 1], marker, color=colour, ms=size.base * 0.75, mew=0, ls="none",
                label=_option(found, winner, t),
                zorder=2,
            )  # fmt: skip
        note = t("Marker: the option ahead at that mix of how much each outcome counts.")
        runs = _means(found, t)
    _mark(ax, found, t, size)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=size.small)
    run = t("{runs} · seed {seed} · run {run}", runs=runs, seed=str(found.manifest.get("seed", "–")),
            run=str(found.manifest.get("run_id", "–")))  # fmt: skip
    finish_sweep(figure, note, run, size, height)
    return figure


def _mark(ax: Axes, found: WeightMap, t: Translator, size: Size) -> None:
    """Draw the stated mix, where the ranking first changes, and the names of the corners."""
    here = _place(np.array([[found.stated[n] for n in found.names]]))[0]
    ax.plot(
        *here, "*", color="white", mec=INK, mew=1.4, ms=size.base * 1.7, ls="none", zorder=5, label=t("stated weights")
    )
    if found.flip_to:
        there = _place(np.array([[found.flip_at[n] for n in found.names]]))[0]
        ax.annotate("", there, here, arrowprops={"arrowstyle": "->", "color": INK, "lw": 1.6}, zorder=5)
    corners = _CORNERS if len(found.names) == 3 else _CORNERS[:2]
    for name, corner in zip(found.names, corners, strict=True):
        is_top = bool(corner[1])
        ax.annotate(
            t("{name} {share}", name=weight_label(name, t.lang), share=t.percent(1.0)), corner,
            xytext=(0, 14 if is_top else -22), textcoords="offset points", ha="center", fontsize=size.base, color=INK,
        )  # fmt: skip
    outline = np.vstack([corners, corners[:1]])
    ax.plot(outline[:, 0], outline[:, 1], color=INK, lw=0.8, zorder=1)
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.margins(0.14)


def _places(found: WeightMap) -> np.ndarray:
    return _place(found.table[list(found.names)].to_numpy(float))


def _place(weights: np.ndarray) -> np.ndarray:
    """Return where mixes lie in the triangle (or on the line), [mix, 2]."""
    corners = _CORNERS if weights.shape[1] == 3 else _CORNERS[:2]
    total = weights.sum(axis=1, keepdims=True)  # a map may leave out sources that keep their weight
    return np.asarray(np.divide(weights, total, out=np.zeros_like(weights), where=total > 0) @ corners)
