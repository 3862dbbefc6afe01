"""The tables that a claim may name, and the counts made from them: one place that recomputes what is shown.

A deck is written from the book of its folder, and `verify` reads the same book: what a
number should be now is what its row says now. Derived tables (the two explanations, own
policy against one more officer, net benefits) are made from the saved ones when asked for.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from kinerja_sim.know.schema import CONTRAST_DRAWS
from kinerja_sim.know.trials import load_trials
from kinerja_sim.present.across import WORSE, Duel, SpeedCase, capacity_duels, count_answers, speed_cases
from kinerja_sim.present.answers import null_proof, provenance, survey_against, target_levels
from kinerja_sim.present.changes import metric_of
from kinerja_sim.present.claims import Claim, Line, Row
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.saved import (
    Manifest,
    Saved,
    all_scenarios,
    is_idle,
    library_scenarios,
    primary_hypothesis,
    shown_scenarios,
)
from kinerja_sim.present.text import MOVES, RUNGS, sentence, verdict
from kinerja_sim.present.two_by_two import TwoByTwo, two_by_two

if TYPE_CHECKING:
    import pandas as pd

CONTRAST = ("region", "unit", "metric", "scenario", "window")
GRADES = ("measured", "published", "derived", "estimate")
OUTCOMES = (
    "wait_minutes_p90", "priority_wait_minutes_mean", "turnaround_days_p90", "on_time_share", "rework_share",
    "reneged_share", "lost_demand_cases", "satisfaction_index",
)  # fmt: skip
"""What citizens feel: in these measures somebody may lose."""
TAILS = ("wait_minutes_p90", "turnaround_days_p90")
"""In table 'tails' these stand for the mean of the worst-served tenth, whose unit they have."""
POLICIES_SHOWN, CASES_SHOWN, SOURCES_SHOWN, LOSERS_SHOWN = 5, 5, 8, 5


class Risk(NamedTuple):
    """An outcome that may get worse for somebody: the table and the keys of its contrast with today."""

    table: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Book:
    """The tables of one folder in one language, by the names that claims use."""

    saved: Saved
    lang: str

    @property
    def t(self) -> Translator:
        """Messages and numbers in the book's language."""
        return translator(self.lang)

    @property
    def manifest(self) -> Manifest:
        """The manifest of the folder."""
        return self.saved.manifest

    def row(self, table: str, keys: Sequence[str]) -> Row:
        """Return the row that a claim names.

        Raises
        ------
        KeyError
            If the tables do not hold it (any more).
        """
        if table == "facts":
            return {"value": FACTS[keys[0]](self, *keys[1:])}
        found: Row = TABLES[table](self)[tuple(keys)]
        return found

    def write(self, claim: Claim) -> str:
        """Return the number of a claim as the tables have it now."""
        return claim.write(self.row(claim.table, claim.keys), self.t)

    def fact(self, name: str, *keys: str) -> Any:
        """Return a count or an option of the run."""
        return FACTS[name](self, *keys)

    def count(self, name: str, *keys: str, style: str = "number") -> tuple[str, Claim]:
        """Return a fact as it is written, with its claim."""
        claim = Claim("facts", (name, *keys), "value", style)
        return self.write(claim), claim

    def contrast(self, region: str, unit: str, metric: str, scenario: str, window: str = "after") -> Row | None:
        """Return a row of the contrasts table, or None when that contrast was not made."""
        return self.contrasts.get((region, unit, metric, scenario, window))

    def sentence(self, table: str, keys: Sequence[str], *, unit: str, n: bool = True) -> Line:
        """Return a contrast as one sentence of the ladder, with its claims."""
        row = self.row(table, keys)
        text = sentence(row, self.lang, unit_title=unit, show_n=n)
        named = [metric_of(row["metric"]).label.in_(self.lang), unit]
        return Line(text, contrast_claims(table, keys), named)

    def provenance(self) -> Line:
        """Return n, months, seed, parameter mode and run id as one line."""
        styles = {"replications": "number", "months": "number", "seed": "text", "run_id": "text"}
        claims = [Claim("facts", (name,), "value", style) for name, style in styles.items()]
        return Line(provenance(self.manifest, self.lang), claims)

    # --- the tables

    @cached_property
    def contrasts(self) -> Mapping[tuple[str, ...], Row]:
        """The contrasts table by region, unit, metric, scenario and window."""
        return _keyed(self.saved.contrasts)

    @cached_property
    def duels(self) -> list[Duel]:
        """Own policy beside one more officer, by region."""
        return capacity_duels(self.saved.contrasts, self.saved.results, self.manifest)

    @cached_property
    def cases(self) -> list[SpeedCase]:
        """Units under the speed-only policy, those of primary hypotheses first."""
        primary = {(r, primary_hypothesis(self.manifest, r)["unit"]) for r in self.manifest["regions"]}
        found = speed_cases(self.saved.contrasts, self.manifest)
        return sorted(found, key=lambda c: (c.region, c.unit) not in primary)

    @cached_property
    def cells(self) -> Mapping[str, TwoByTwo]:
        """The two explanations of every region that has two."""
        found = {
            r: two_by_two(self.saved.contrasts, self.saved.results, self.manifest, r, self.lang)
            for r in self.manifest["regions"]
        }
        return {region: cells for region, cells in found.items() if cells is not None}

    @cached_property
    def targets(self) -> Mapping[tuple[str, ...], Row]:
        """Levels beside the one that the primary hypothesis names, by region."""
        found = {(r,): target_levels(self.saved, r) for r in self.answered}
        return {keys: row for keys, row in found.items() if row is not None}

    @cached_property
    def worth(self) -> Mapping[tuple[str, ...], Row]:
        """Net benefits by region and scenario, at the ledger's value of an hour."""
        from kinerja_sim.study.economics import net_benefits

        found = net_benefits(self.saved.results, None, self.manifest["baseline"]).to_dict("records")
        return {(str(r["region"]), str(r["scenario"])): {str(k): v for k, v in r.items()} for r in found}

    @cached_property
    def tails(self) -> Mapping[tuple[str, ...], Row]:
        """Contrasts of the worst-served tenth, keyed as the contrasts are."""
        from kinerja_sim.study.equity import tail_contrasts

        return _keyed(tail_contrasts(self.saved.results, self.manifest["baseline"]))

    @cached_property
    def risks(self) -> list[Risk]:
        """What citizens feel under each region's own policy: what likely gets worse, then by region in turn."""
        asked = [("contrasts", metric) for metric in OUTCOMES] + [("tails", metric) for metric in TAILS]
        found: list[Risk] = []
        for region, entry in self.manifest["regions"].items():
            for unit in entry["units"]:
                for table, metric in asked:
                    keys = (region, str(unit), metric, str(entry["preset"]), "after")
                    row = TABLES[table](self).get(keys)
                    if row is not None and not math.isnan(row["delta_mean"]) and not row["all_equal"]:
                        found.append(Risk(table, keys))
        found.sort(key=lambda risk: _risk_order(self.row(*risk)))
        ranks = Counter[str]()
        order: dict[Risk, tuple[bool, int, tuple[bool, float]]] = {}
        for risk in found:
            row, rank = self.row(*risk), ranks[risk.keys[0]]
            ranks[risk.keys[0]] += 1
            order[risk] = (not verdict(row).endswith("worsens"), rank, _risk_order(row))
        return sorted(found, key=lambda risk: order[risk])

    def own(self, region: str) -> tuple[str, ...]:
        """Return the keys of the contrast that answers a region's primary hypothesis."""
        h = primary_hypothesis(self.manifest, region)
        return (region, h["unit"], h["metric"], self.manifest["regions"][region]["preset"], h["window"])

    @property
    def answered(self) -> list[str]:
        """Regions whose own policy was run."""
        return [r for r in self.manifest["regions"] if self.own(r) in self.contrasts]


Rows: TypeAlias = Mapping[tuple[str, ...], Row]


def _keyed(contrasts: pd.DataFrame) -> Rows:
    """Return a table of contrasts by region, unit, metric, scenario and window."""
    records = contrasts.to_dict("records")
    return {tuple(str(r[k]) for k in CONTRAST): _plain(r) for r in records}


def _parts(book: Book) -> Rows:
    return {(r, k): _plain(row) for r, cells in book.cells.items() for k, row in cells.parts.items()}


def _plain(row: pd.Series | Mapping[Hashable, Any]) -> Row:
    """Return a row by name of column; derived tables, and folders of earlier versions, lack what a mean may hide."""
    return dict.fromkeys(CONTRAST_DRAWS, math.nan) | {str(name): value for name, value in row.items()}


def _shares(book: Book) -> Rows:
    return {(r,): cells.share._asdict() for r, cells in book.cells.items() if cells.share is not None}


def _levels(book: Book) -> Rows:
    rows = {(r, k): (c.metric, c.levels[k], *c.ranges[k]) for r, c in book.cells.items() for k in c.levels}
    return {keys: dict(zip(("metric", "value", "low", "high"), row, strict=True)) for keys, row in rows.items()}


def _grades(book: Book) -> Rows:
    counted: dict[tuple[str, ...], Mapping[str, int]] = {(): book.manifest["evidence"]["grades"]}
    counted |= {(r,): entry["grades"] for r, entry in book.manifest["regions"].items()}
    return {k: {g: n.get(g, 0) / max(sum(n.values()), 1) for g in GRADES} for k, n in counted.items()}


TABLES: dict[str, Callable[[Book], Rows]] = {
    "contrasts": lambda book: book.contrasts,
    "tails": lambda book: book.tails,
    "duels": lambda book: {(d.region,): _plain(d.direct) for d in book.duels},
    "parts": _parts,
    "shares": _shares,
    "levels": _levels,
    "targets": lambda book: book.targets,
    "worth": lambda book: book.worth,
    "grades": _grades,
}
"""Every table that a claim may name (beside `FACTS`), by the keys of its rows."""


def contrast_claims(table: str, keys: Sequence[str]) -> list[Claim]:
    """Return what a sentence about a contrast may show, in the order in which it does."""
    at = tuple(keys)
    columns = [("delta_mean", "amount"), ("delta_mean", "change"), ("low", "change"), ("high", "change")]
    counts = [("n_replications", "number"), ("n_undefined", "number"), ("n_draws", "number")]
    carried = [("median", "change"), ("n_unstable", "number")]  # said only where `text.is_unsteady`
    return [Claim(table, at, column, style) for column, style in (*columns, *counts, *carried)]


def _risk_order(row: Row) -> tuple[bool, float]:
    """Return the place of an outcome among those that may get worse: what hardly moves comes last."""
    return verdict(row) == "practically_unchanged", float(row["probability_better"])


def is_worth(row: Row) -> int:
    """Return 1 when a policy is at least likely worth its cost, -1 when it is likely not, else 0.

    0 also where the mean points the other way.
    """
    rung = RUNGS[-1][0]
    if row["n_replications"] < 2:
        return 0
    sign = int(row["probability_low"] >= rung) - int(1 - row["probability_high"] >= rung)
    return sign if sign * row["net_benefit_idr_mean"] > 0 else 0


def _own_worth(book: Book) -> list[Row]:
    presets = {r: entry["preset"] for r, entry in book.manifest["regions"].items()}
    return [row for (region, scenario), row in book.worth.items() if scenario == presets[region]]


def _grade_total(book: Book, *grades: str) -> int:
    """Return how many rows of the ledger have one of the grades."""
    return sum(book.manifest["evidence"]["grades"].get(g, 0) for g in grades)


def _estimated(book: Book) -> float:
    """Return the share of the regions' numbers that are estimates."""
    counted = [entry["grades"] for entry in book.manifest["regions"].values()]
    total = sum(sum(grades.values()) for grades in counted)
    return sum(grades.get("estimate", 0) for grades in counted) / total if total else math.nan


def _sure(book: Book, rung: int) -> int:
    """Return in how many regions the primary answer keeps its direction over the draws, on a rung or above."""
    rows = [book.contrasts[book.own(r)] for r in book.answered]
    sureness = [max(row["probability_low"], 1 - row["probability_high"]) for row in rows]
    return sum(verdict(row).endswith(MOVES) and s >= RUNGS[rung][0] for row, s in zip(rows, sureness, strict=True))


def _further(book: Book, region: str) -> int:
    """Return how many contrasts a region's slide and notes show beside the primary one."""
    others = [h for h in book.manifest["regions"][region]["hypotheses"] if h["metric"] and not h["primary"]]
    return int(FACTS["policies_shown"](book, region)) - 1 + len(others)


def library_keys(book: Book) -> list[tuple[str, ...]]:
    """Return the contrasts of the rest of the library with today's practice, on each region's primary metric."""
    found = []
    for region in book.manifest["regions"]:
        _, unit, metric, _, window = book.own(region)
        found += [(region, unit, metric, s, window) for s in library_scenarios(book.manifest, region)
                  if not is_idle(book.manifest, region, unit, s)]  # fmt: skip
    return [keys for keys in found if keys in book.contrasts]


def _losers(book: Book, risks: Sequence[Risk]) -> int:
    """Return how many outcomes likely get worse, also where the mean disagrees: for losers that is on the safe side."""
    return sum(verdict(book.row(*risk)).endswith(WORSE) for risk in risks)


def _library_rows(book: Book, *policy: str) -> list[Row]:
    return [book.contrasts[keys] for keys in library_keys(book) if keys[3] in policy or not policy]


def _waiting_hour(book: Book) -> float:
    """Return the value of an hour of waiting (rupiah) that net benefits are stated at."""
    return float(next(iter(book.worth.values()))["value_idr"])


def sources_listed(book: Book) -> list[Mapping[str, Any]]:
    """Return the ledger's sources, each once, the strongest grade first."""
    listed: dict[str, Mapping[str, Any]] = {}
    for entry in sorted(book.manifest["evidence"]["sources"], key=lambda e: GRADES.index(e["grade"])):
        listed.setdefault(entry["source"], entry)
    return list(listed.values())


def _region_sources(book: Book, region: str) -> int:
    """Return how many sources a region's file names for what is no estimate."""
    from kinerja_sim.present.findings_limits import sources_of

    return len(sources_of(book, region))


def left_out(manifest: Manifest) -> list[Mapping[str, str]]:
    """Return the parts of the source texts that are not modelled yet, each once."""
    texts = [x for r in manifest["regions"].values() for x in r["left_out"]]
    texts += [x for p in manifest["policies"].values() for x in p["left_out"]]
    return list({x["en"]: x for x in texts}.values())


FACTS: dict[str, Callable[..., Any]] = {
    "replications": lambda b: b.manifest["replications"],
    "months": lambda b: b.manifest["months"],
    "seed": lambda b: b.manifest["seed"],
    "run_id": lambda b: b.manifest["run_id"],
    "policies": lambda b, region: len(shown_scenarios(b.manifest, region)),
    "policies_shown": lambda b, region: min(POLICIES_SHOWN, len(shown_scenarios(b.manifest, region))),
    "contrasts": lambda b, region: sum(keys[0] == region for keys in b.contrasts),
    "null_equal": lambda b, *region: null_proof(b.saved.contrasts, b.manifest, *region)[0],
    "null_total": lambda b, *region: null_proof(b.saved.contrasts, b.manifest, *region)[1],
    "capacity_regions": lambda b: len(b.duels),
    "capacity": lambda b, kind: getattr(count_answers([d.direct for d in b.duels]), kind),
    "speed_units": lambda b: len(b.cases),
    "speed_shown": lambda b: min(CASES_SHOWN, len(b.cases)),
    "speed": lambda b, part, kind: getattr(count_answers([getattr(c, part) for c in b.cases]), kind),
    "answered": lambda b: len(b.answered),
    "sure": lambda b: _sure(b, 1),
    "likely_sure": lambda b: _sure(b, 2),
    "risks": lambda b: len(b.risks),
    "risks_shown": lambda b: min(LOSERS_SHOWN, len(b.risks)),
    "risks_open": lambda b: sum(verdict(b.row(*risk)) == "cannot_tell" for risk in b.risks),
    "losers": lambda b: _losers(b, b.risks),
    "region_risks": lambda b, region: sum(risk.keys[0] == region for risk in b.risks),
    "region_losers": lambda b, region: _losers(b, [risk for risk in b.risks if risk.keys[0] == region]),
    "further": _further,
    "compared": lambda b, region: len(all_scenarios(b.manifest, region)),
    "library": lambda b: len(library_keys(b)),
    "library_better": lambda b, *policy: count_answers(_library_rows(b, *policy)).better,
    "library_worse": lambda b, *policy: count_answers(_library_rows(b, *policy)).worse,
    "library_equal": lambda b, *policy: sum(verdict(row).endswith("unchanged") for row in _library_rows(b, *policy)),
    "library_open": lambda b, *policy: count_answers(_library_rows(b, *policy)).open,
    "library_policies": lambda b: len({keys[3] for keys in library_keys(b)}),
    "waiting_hour": _waiting_hour,
    "worth": lambda b: sum(is_worth(row) > 0 for row in _own_worth(b)),
    "not_worth": lambda b: sum(is_worth(row) < 0 for row in _own_worth(b)),
    "worth_open": lambda b: sum(is_worth(row) == 0 for row in _own_worth(b)),
    "worth_regions": lambda b: len(_own_worth(b)),
    "ledger_rows": lambda b: _grade_total(b, *GRADES),
    "ledger_backed": lambda b: _grade_total(b, "measured", "published"),
    "ledger_estimates": lambda b: _grade_total(b, "estimate"),
    "sources_more": lambda b: len(sources_listed(b)) - SOURCES_SHOWN,
    "region_numbers": lambda b, region: sum(b.manifest["regions"][region]["grades"].values()),
    "region_estimates": lambda b, region: b.manifest["regions"][region]["grades"].get("estimate", 0),
    "region_sources": _region_sources,
    "estimated_share": _estimated,
    "survey_against": lambda b, region: len(survey_against(b.saved.contrasts, b.manifest, region)[0]),
    "survey_units": lambda b, region: survey_against(b.saved.contrasts, b.manifest, region)[1],
    "trials": lambda b, *verdict: sum(n for v, n in load_trials().verdicts.items() if v in verdict or not verdict),
    "left_out": lambda b: len(left_out(b.manifest)),
}  # fmt: skip
"""Counts and options of a run that a deck may show."""
