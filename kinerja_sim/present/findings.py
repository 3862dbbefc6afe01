"""What the deck says: one finding per slide, its figure, and the notes behind it.

Every title is worded by the ladder (`present.text`) or counts contrasts that reach a
rung of it. A finding whose scenarios were not run is left out, never filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinerja_sim.present.answers import (
    exploratory_note,
    hypotheses_list,
    hypothesis_row,
    hypothesis_sentence,
    null_proof,
    provenance,
)
from kinerja_sim.present.figures import SLIDE, effect_figure
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.saved import (
    Manifest,
    Saved,
    policy_title,
    primary_hypothesis,
    region_title,
    short,
    short_region_title,
    short_unit_title,
    shown_scenarios,
    title,
)
from kinerja_sim.present.tables import effect_blocks
from kinerja_sim.present.text import metric_of, sentence
from kinerja_sim.present.two_by_two import two_by_two

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SOURCES_SHOWN = 9
LIMITS_SHOWN = 3
POLICIES_SHOWN = 6


@dataclass(frozen=True)
class Finding:
    """One slide: kicker, title (a finding), a figure or a table, lines below it, speaker notes."""

    kind: str
    kicker: str
    title: str
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    figure: Figure | None = None
    table: tuple[tuple[str, ...], ...] = ()


def all_findings(saved: Saved, lang: str) -> list[Finding]:
    """Return the findings of a comparison in the order of the slides."""
    from kinerja_sim.present.across_findings import capacity_finding, goodhart_finding

    found: list[Finding | None] = [opening(saved.manifest, lang)]
    for region in saved.manifest["regions"]:
        found += [region_finding(saved, region, lang), two_by_two_finding(saved, region, lang)]
    found += [capacity_finding(saved, lang), goodhart_finding(saved, lang), null_finding(saved, lang)]
    found += [sources_finding(saved.manifest, lang), limits_finding(saved.manifest, lang)]
    return [f for f in found if f is not None]


def opening(manifest: Manifest, lang: str) -> Finding:
    """Return the title slide."""
    t = translator(lang)
    regions = [short_region_title(manifest, r, lang) for r in manifest["regions"]]
    return Finding(
        kind="opening",
        kicker=t("A simulation, not a measurement"),
        title=t("What changes for citizens when the way officers are appraised changes?"),
        lines=(
            " · ".join(regions),
            t("Every policy met exactly the same citizens on the same days"),
            provenance(manifest, lang),
        ),
        notes=tuple(title(w, lang) for w in manifest["warnings"]),
    )


def region_finding(saved: Saved, region: str, lang: str) -> Finding | None:
    """Return the answer to a region's primary hypothesis; None when its own policy was not run."""
    t, manifest, contrasts = translator(lang), saved.manifest, saved.contrasts
    row, h = hypothesis_row(contrasts, manifest, region), primary_hypothesis(manifest, region)
    if row is None:
        return None
    answer = sentence(row, lang, unit_title=short_unit_title(manifest, region, h["unit"], lang), show_n=False)
    others = [
        t("{claim}: {answer}", claim=claim, answer=text)
        for claim, text in hypotheses_list(contrasts, manifest, region, lang)
    ]
    shown = sum(len(b.rows) for b in effect_blocks(contrasts, manifest, region, lang))
    preset = policy_title(manifest, manifest["regions"][region]["preset"], lang)
    name = short_region_title(manifest, region, lang)
    n_policies = len(shown_scenarios(manifest, region))
    lines = [t("Hypothesis fixed before the run: {claim}", claim=title(h["claim"], lang))]
    if n_policies > POLICIES_SHOWN:
        lines.append(t("Shown: {n} of {total} policies", n=POLICIES_SHOWN, total=n_policies))
    observed = bool(row["delta_mean"] == row["delta_mean"])
    return Finding(
        kind="region",
        kicker=t("{region} · own policy: {policy}", region=name, policy=short(preset)),
        title=answer,
        lines=tuple(lines),
        notes=(
            hypothesis_sentence(contrasts, manifest, region, lang),
            *others,
            exploratory_note(contrasts, manifest, region, shown, lang),
        ),
        figure=effect_figure(
            contrasts,
            manifest,
            region,
            h["metric"],
            lang,
            unit=h["unit"],
            window=h["window"],
            size=SLIDE,
            most=POLICIES_SHOWN,
        )
        if observed
        else None,
    )  # fmt: skip


def two_by_two_finding(saved: Saved, region: str, lang: str) -> Finding | None:
    """Return which of two explanations carries the change; None where the region has not two."""
    from kinerja_sim.present.across_figures import parts_figure

    t, manifest = translator(lang), saved.manifest
    cells = two_by_two(saved.contrasts, saved.results, manifest, region, lang)
    if cells is None:
        return None
    levels = " · ".join(t("{cell}: {level}", cell=cell, level=level) for cell, level in cells.cells())
    return Finding(
        kind="two_by_two",
        kicker=t(
            "{region} · two explanations for {metric}",
            region=region_title(manifest, region, lang),
            metric=metric_of(cells.metric).label.in_(lang),
        ),
        title=cells.headline(),
        lines=(t("{levels} ({measure})", levels=levels, measure=metric_of(cells.metric).unit.in_(lang)),),
        notes=(*cells.sentences(), cells.heading(), t("The size of the shortage was fitted to the text: an estimate.")),
        figure=parts_figure(cells, SLIDE),
    )


def null_finding(saved: Saved, lang: str) -> Finding | None:
    """Return the proof that a policy that changes nothing shows nothing; None when it was not run."""
    t, manifest = translator(lang), saved.manifest
    equal, total = null_proof(saved.contrasts, manifest)
    if not total:
        return None
    shown: dict[str, object] = {"equal": t.number(equal), "total": t.number(total)}
    if equal == total:
        text = t("The null policy changes nothing: {equal} of {total} contrasts are exactly zero", **shown)
    else:
        text = t("The null policy is not neutral: only {equal} of {total} contrasts are exactly zero", **shown)
    rows = [(t("Region"), t("Contrasts"), t("Exactly zero"))]
    for region in manifest["regions"]:
        same, of = null_proof(saved.contrasts, manifest, region)
        rows.append((region_title(manifest, region, lang), t.number(of), t.number(same)))
    return Finding(
        kind="null",
        kicker=t("Proof that the comparison itself adds nothing"),
        title=text,
        lines=(t("The null policy is today's practice under another name, run through the whole model."),),
        notes=(provenance(manifest, lang),),
        table=tuple(rows),
    )


def sources_finding(manifest: Manifest, lang: str) -> Finding:
    """Return where the numbers come from, each with its grade; the full list is in the notes."""
    t, sources = translator(lang), manifest["evidence"]["sources"]
    listed: dict[str, tuple[str, ...]] = {}
    for entry in sorted(sources, key=lambda e: _GRADE_ORDER.index(e["grade"])):
        listed.setdefault(entry["source"], (_shorten(entry["source"]), grade_word(entry["grade"], lang)))
    grades = manifest["evidence"]["grades"]
    backed = sum(grades.get(g, 0) for g in ("measured", "published"))
    rows = list(listed.values())
    rest = len(rows) - SOURCES_SHOWN
    more = (t.plural("and {n} more source, in the speaker notes", "and {n} more sources, in the speaker notes", rest),)
    return Finding(
        kind="sources",
        kicker=t("Sources, from the evidence ledger"),
        title=t(
            "{backed} of {total} coefficients of the model have a published or measured source",
            backed=t.number(backed), total=t.number(sum(grades.values())),
        ),
        lines=more if rest > 0 else (),
        notes=tuple(
            t("{name}: {source} ({grade})", name=e["name"], source=e["source"], grade=grade_word(e["grade"], lang))
            for e in sources
        ),
        table=((t("Source"), t("Grade")), *rows[:SOURCES_SHOWN]),
    )  # fmt: skip


_GRADE_ORDER = ("measured", "published", "derived", "estimate")


def limits_finding(manifest: Manifest, lang: str) -> Finding:
    """Return what the comparison does not show, and how many of its inputs are estimates."""
    from kinerja_sim.present.across_figures import grades_figure

    t, regions = translator(lang), manifest["regions"]
    estimates = sum(r["grades"].get("estimate", 0) for r in regions.values())
    total = sum(sum(r["grades"].values()) for r in regions.values())
    reasons: dict[str, None] = {}
    for entry in regions.values():
        reasons |= {title(h["not_modelled"], lang): None for h in entry["hypotheses"] if h["not_modelled"]}
    left_out = [title(x, lang) for r in regions.values() for x in r["not_yet_modelled"]]
    left_out += [title(x, lang) for p in manifest["policies"].values() for x in p["not_yet_modelled"]]
    return Finding(
        kind="limits",
        kicker=t("What this does not show"),
        title=t(
            "{share} of the regions' numbers are estimates; the effects are simulated, not observed",
            share=t.percent(estimates / total) if total else "–",
        ),
        lines=(
            t("Training and goals: the evidence is of means; harm in a single office is not ruled out"),
            *list(reasons)[:LIMITS_SHOWN],
            t.plural(
                "{n} part of the source texts is not yet modelled (see the notes)",
                "{n} parts of the source texts are not yet modelled (see the notes)",
                len(dict.fromkeys(left_out)),
            ),
            t("This tool is not for rating individuals."),
        ),
        notes=(*reasons, *dict.fromkeys(left_out)),
        figure=grades_figure(manifest, lang),
    )  # fmt: skip


def grade_word(grade: str, lang: str) -> str:
    """Return the name of an evidence grade."""
    t = translator(lang)
    return {
        "measured": t("measured"),
        "published": t("published"),
        "derived": t("derived"),
        "estimate": t("estimate"),
    }[grade]


def _shorten(text: str, width: int = 78) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip(" ,;") + "…"
