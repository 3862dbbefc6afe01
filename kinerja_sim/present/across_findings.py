"""Findings across regions: capacity beside HR policy, and what happens when only speed counts."""

from __future__ import annotations

from kinerja_sim.present.across import capacity_duels, count_better, goodhart_gaps
from kinerja_sim.present.across_figures import capacity_figure, gap_figure
from kinerja_sim.present.findings import Finding
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.saved import Saved, policy_title, primary_hypothesis, region_title, unit_title
from kinerja_sim.present.text import sentence, verdict

GAPS_SHOWN = 5


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
        lines=(t("Costs are not counted: an officer is paid every month, an evaluation policy is not free either."),),
        notes=tuple(
            t("{region}, own policy against one more officer: {claim}",
              region=region_title(manifest, d.region, lang),
              claim=sentence(d.direct, lang, unit_title=unit_title(manifest, d.region, d.unit, lang)))
            for d in duels
        ),
        figure=capacity_figure(duels, manifest, lang),
    )  # fmt: skip


def goodhart_finding(saved: Saved, lang: str) -> Finding | None:
    """Return what counting speed alone does to reports and to reality; None when it was not run."""
    t, manifest = translator(lang), saved.manifest
    gaps = goodhart_gaps(saved.contrasts, saved.results, manifest)
    if not gaps:
        return None
    wider = sum(verdict(g.gap).endswith("rises") for g in gaps)
    primary = {(r, primary_hypothesis(manifest, r)["unit"]) for r in manifest["regions"]}
    shown = sorted(gaps, key=lambda g: (g.region, g.unit) not in primary)[:GAPS_SHOWN]
    return Finding(
        kind="goodhart",
        kicker=t("When only speed counts: {policy}", policy=policy_title(manifest, "speed_only", lang)),
        title=t(
            "Reports run ahead of reality: the gap in punctuality likely widens in {wider} of {total} service units",
            wider=t.number(wider), total=t.number(len(gaps)),
        )
        if wider
        else t(
            "Counting only speed does not visibly widen the gap between reports and reality in any of {total} units",
            total=t.number(len(gaps)),
        ),
        lines=(
            t("Shown: the unit of each region's primary hypothesis and others, {n} in all", n=t.number(len(shown))),
        ),
        notes=tuple(
            sentence(row, lang, unit_title=unit_title(manifest, g.region, g.unit, lang))
            for g in shown
            for row in (g.reported, g.true)
        ),
        figure=gap_figure(shown, manifest, lang),
    )  # fmt: skip
