"""Findings across regions: capacity beside HR policy, and what happens when only speed counts."""

from __future__ import annotations

from kinerja_sim.present.across import GOODHART, capacity_duels, count_better, speed_cases
from kinerja_sim.present.across_figures import capacity_figure, speed_figure
from kinerja_sim.present.findings import Finding
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.saved import Saved, policy_title, primary_hypothesis, region_title, short_unit_title
from kinerja_sim.present.text import sentence

CASES_SHOWN = 5


def capacity_finding(saved: Saved, lang: str) -> Finding | None:
    """Return how the regions' own policies stand beside one more officer; None when neither was run."""
    t, manifest = translator(lang), saved.manifest
    duels = capacity_duels(saved.contrasts, saved.results, manifest)
    if not duels:
        return None
    better, worse = count_better([d.direct for d in duels])
    return Finding(
        kind="capacity",
        kicker=t("Capacity beside the evaluation of officers"),
        title=t(
            "One more officer likely helps more than the region's own policy in {worse} of {total} regions, "
            "less in {better}",
            worse=t.number(worse), better=t.number(better), total=t.number(len(duels)),
        ),
        lines=(t("Costs stand in each region's notebook, not here; neither an officer nor a policy is free."),),
        notes=tuple(
            t("{region}, own policy against one more officer: {claim}",
              region=region_title(manifest, d.region, lang),
              claim=sentence(d.direct, lang, unit_title=short_unit_title(manifest, d.region, d.unit, lang)))
            for d in duels
        ),
        figure=capacity_figure(duels, manifest, lang),
    )  # fmt: skip


def goodhart_finding(saved: Saved, lang: str) -> Finding | None:
    """Return what counting speed alone does to speed, to what is meant and to reports; None when it was not run."""
    t, manifest = translator(lang), saved.manifest
    cases = speed_cases(saved.contrasts, saved.results, manifest)
    if not cases:
        return None
    primary = {(r, primary_hypothesis(manifest, r)["unit"]) for r in manifest["regions"]}
    shown = sorted(cases, key=lambda c: (c.region, c.unit) not in primary)[:CASES_SHOWN]
    return Finding(
        kind="goodhart",
        kicker=t("When only speed counts: {policy}", policy=policy_title(manifest, GOODHART, lang)),
        title=t(
            "Work likely speeds up in {faster} of {total} units, satisfaction likely rises in {happier}, "
            "reports likely run ahead of reality in {ahead}",
            faster=count_better([c.speed for c in cases])[0],
            happier=count_better([c.satisfaction for c in cases])[0],
            ahead=count_better([c.gap for c in cases])[1],
            total=t.number(len(cases)),
        ),
        lines=(
            t("Shown: {shown} of {total} units, those of the primary hypotheses first",
              shown=t.number(len(shown)), total=t.number(len(cases))),
        ),
        notes=tuple(
            t("{region}: {claim}", region=region_title(manifest, c.region, lang),
              claim=sentence(row, lang, unit_title=short_unit_title(manifest, c.region, c.unit, lang)))
            for c in shown
            for row in (c.speed, c.satisfaction)
        ),
        figure=speed_figure(shown, manifest, lang),
    )  # fmt: skip
