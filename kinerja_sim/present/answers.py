"""A region's answer to its own question, and the lines that belong under every table and figure.

The primary hypothesis is answered in one sentence of the ladder; whatever else was
looked at is called exploratory and counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinerja_sim.present.changes import is_nan, is_small
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.saved import (
    Manifest,
    Saved,
    all_scenarios,
    beyond_notes,
    library_scenarios,
    one_contrast,
    policy_title,
    primary_hypothesis,
    short_unit_title,
    title,
)
from kinerja_sim.present.text import sentence, verdict

if TYPE_CHECKING:
    import pandas as pd

SATISFACTION = ("satisfaction_index", "satisfaction_index_measured")  # as it is, and as a survey reports it


def null_proof(contrasts: pd.DataFrame, manifest: Manifest, region: str | None = None) -> tuple[int, int]:
    """Return (contrasts of the null policy that are exactly zero or nowhere observed, all of them)."""
    nulls = [s for s, p in manifest["policies"].items() if p["kind"] == "null"]
    rows = contrasts[contrasts["scenario"].isin(nulls)]
    if region is not None:
        rows = rows[rows["region"] == region]
    exact = rows["all_equal"].astype(bool) & ~(rows["delta_mean"].abs() > 0)
    return int(exact.sum()), len(rows)


def hypothesis_row(contrasts: pd.DataFrame, manifest: Manifest, region: str) -> pd.Series | None:
    """Return the contrast that answers the region's primary hypothesis: its own preset against the baseline."""
    h, preset = primary_hypothesis(manifest, region), manifest["regions"][region]["preset"]
    return one_contrast(contrasts, region, h["unit"], h["metric"], preset, h["window"])


def hypothesis_sentence(contrasts: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> str:
    """Return the region's primary hypothesis answered in one sentence of the ladder."""
    t, h = translator(lang), primary_hypothesis(manifest, region)
    row = hypothesis_row(contrasts, manifest, region)
    claim = title(h["claim"], lang)
    if row is None:
        return t("Hypothesis “{claim}”. Not answered: the region's own policy was not run.", claim=claim)
    preset = manifest["regions"][region]["preset"]
    answer = sentence(row, lang, unit_title=short_unit_title(manifest, region, h["unit"], lang))
    policy = policy_title(manifest, preset, lang)
    return t("Hypothesis “{claim}”. Answer under “{policy}”: {answer}.", claim=claim, policy=policy, answer=answer)


def target_levels(saved: Saved, region: str) -> dict[str, Any] | None:
    """Return levels today and under the own policy beside the level that the primary hypothesis names.

    None where it names none, or a policy was not run. `before` and `after` are means, with their plausible ranges;
    `was` and `met` the replications that reach `target`, `n` all of them.
    """
    from kinerja_sim.study.statistics import central_range
    from kinerja_sim.study.summary import pool_metrics

    h, manifest, found = primary_hypothesis(saved.manifest, region), saved.manifest, dict[str, Any]()
    if h.get("target") is None:
        return None
    rows = saved.results[(saved.results["region"] == region) & (saved.results["unit"] == h["unit"])]
    pooled = pool_metrics(rows, h["window"])
    for name, count, policy in (("before", "was", manifest["baseline"]), ("after", "met", _preset(manifest, region))):
        values = pooled.loc[pooled["scenario"] == policy, h["metric"]].to_numpy(float)
        if not len(values):
            return None
        reached = values <= h["target"] if h["direction"] == "falls" else values >= h["target"]
        ends = central_range(values)
        found |= {name: values.mean(), f"{name}_low": ends.low, f"{name}_high": ends.high, count: reached.sum()}
    return found | {"metric": h["metric"], "target": h["target"], "n": len(values)}


def survey_against(contrasts: pd.DataFrame, manifest: Manifest, region: str) -> tuple[list[str], int]:
    """Return where a survey moves against true satisfaction under the own policy, and how many units show both.

    By the means, and by no less than what matters. What the ladder can tell comes first, then the unit of the primary
    hypothesis.
    """
    found, observed, first = dict[str, bool](), 0, primary_hypothesis(manifest, region)["unit"]
    for unit in manifest["regions"][region]["units"]:
        true, said = (one_contrast(contrasts, region, unit, m, _preset(manifest, region)) for m in SATISFACTION)
        if true is None or said is None or is_nan(true["delta_mean"]) or is_nan(said["delta_mean"]):
            continue
        observed += 1
        if true["delta_mean"] * said["delta_mean"] < 0 and not is_small(said):
            found[unit] = verdict(said) == "cannot_tell"
    return sorted(found, key=lambda unit: (found[unit], unit != first)), observed


def _preset(manifest: Manifest, region: str) -> str:
    return str(manifest["regions"][region]["preset"])


def exploratory_note(contrasts: pd.DataFrame, manifest: Manifest, region: str, shown: int, lang: str) -> str:
    """Return how many of the region's contrasts are shown beside the primary one, and what the tool is not for."""
    t = translator(lang)
    note = t.plural(
        "Everything but the primary hypothesis is exploratory: {n} further contrast is shown here out of {total} made.",
        "Everything but the primary hypothesis is exploratory: "
        "{n} further contrasts are shown here out of {total} made.",
        max(shown - 1, 0),
        total=t.number(int((contrasts["region"] == region).sum())),
    )
    return t("{first} {second}", first=note, second=t("This tool is not for rating individuals."))


def hypotheses_list(contrasts: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> list[tuple[str, str]]:
    """Return (claim, answer) of the hypotheses that are not primary: a sentence of the ladder, or why none."""
    t, entry, found = translator(lang), manifest["regions"][region], []
    for h in entry["hypotheses"]:
        if h["primary"]:
            continue
        claim = title(h["claim"], lang)
        if h["not_modelled"]:
            found.append((claim, t("not modelled: {why}", why=title(h["not_modelled"], lang))))
            continue
        row = one_contrast(contrasts, region, h["unit"], h["metric"], entry["preset"], h["window"])
        if row is not None:
            unit = short_unit_title(manifest, region, h["unit"], lang)
            found.append((claim, sentence(row, lang, unit_title=unit)))
    return found


def caption(contrasts: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> list[str]:
    """Return the lines under a table: what the columns mean, n, seed, run id, the null proof and warnings."""
    t = translator(lang)
    equal, total = null_proof(contrasts, manifest, region)
    lines = [
        t("Effect: mean difference from {baseline}, month by month on the same random numbers.",
          baseline=policy_title(manifest, manifest["baseline"], lang)),
        *interval_lines(manifest, lang),
    ]  # fmt: skip
    if total:
        lines.append(
            t("Null policy: {equal} of {total} contrasts exactly zero.", equal=t.number(equal), total=t.number(total))
        )
    if library_scenarios(manifest, region):
        lines.append(selection_note(manifest, region, lang))
    return [*lines, *beyond_notes(manifest, lang)]


def selection_note(manifest: Manifest, region: str, lang: str) -> str:
    """Return that the best-looking of many policies is a selection."""
    t = translator(lang)
    return t("{n} policies are compared with today's practice here: the best-looking of so many is partly luck. No "
             "policy is named best; which of two is better, only their own paired contrast tells.",
             n=t.number(len(all_scenarios(manifest, region))))  # fmt: skip


def interval_lines(manifest: Manifest, lang: str) -> list[str]:
    """Return what the two intervals of every table mean, and where the numbers came from."""
    t = translator(lang)
    return [
        t("Plausible range: central 95% of the paired differences (chance alone; knowledge is switched off).")
        if manifest["parameters"] == "point"
        else t("Plausible range: central 95% of the paired differences (knowledge and chance; it does not shrink)."),
        t("Monte Carlo precision: 95% interval of the mean difference; it shrinks with more replications."),
        provenance(manifest, lang),
    ]


def provenance(manifest: Manifest, lang: str) -> str:
    """Return n, months, seed, parameter mode and run id as one line."""
    t = translator(lang)
    values: dict[str, object] = {
        "n": t.number(manifest["replications"]),
        "months": t.months(manifest["months"]),
        "seed": str(manifest["seed"]),
        "run": manifest["run_id"],
    }
    if manifest["parameters"] == "point":
        return t("simulation · n = {n} · {months} · seed {seed} · parameters fixed at their points · run {run}",
                 **values)  # fmt: skip
    return t("simulation · n = {n} · {months} · seed {seed} · parameters drawn from the ledger · run {run}", **values)
