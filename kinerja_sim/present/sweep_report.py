"""What the notebook on a sweep says: the map of weights, the spread by grade, the choice, and whether it travels.

What a sweep can answer depends on its design, so every section says when the design is not
made for it instead of showing nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinerja_sim.know.errors import KinerjaError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.present.decision_figures import pareto_figure, worth_figure
from kinerja_sim.present.decisions import decision_cells, decision_sentences
from kinerja_sim.present.errors import in_language
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.markdown import limits
from kinerja_sim.present.page import bullets, markdown_table, paragraphs
from kinerja_sim.present.saved import region_title
from kinerja_sim.present.sensitivity import (
    MOST_BARS,
    factor_label,
    grades_figure,
    sensitivity_cells,
    sensitivity_figure,
    sensitivity_sentences,
)
from kinerja_sim.present.sweep_figures import beyond_lines
from kinerja_sim.present.transfer import transfer_figure, transfer_notes, transfer_sentences
from kinerja_sim.present.weights import weight_figure, weight_sentences
from kinerja_sim.study.decisions import NET_BENEFIT, decide
from kinerja_sim.study.sensitivity import sensitivity
from kinerja_sim.study.sweep_tables import WEIGHTS, SweepTables, open_sweep
from kinerja_sim.study.weight_map import weight_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kinerja_sim.study.sensitivity import Sensitivity
    from kinerja_sim.study.transfer import Transfer

Section = tuple[str, tuple["Figure", ...]]
OPTIONS_SHOWN = 8
MOST_NAMED = 6


@dataclass(frozen=True)
class SweepReport:
    """What one sweep says; sections are Markdown with their figures.

    Raises
    ------
    InputError
        If the folder holds no sweep, or the language is unknown.
    """

    sweep_folder: str | Path
    lang: str
    metric: str = ""

    @cached_property
    def sweep(self) -> SweepTables:
        """The tables of the sweep."""
        return open_sweep(self.sweep_folder)

    @property
    def t(self) -> Translator:
        """Texts in this language."""
        return translator(self.lang)

    @property
    def regions(self) -> list[str]:
        """Names of the sweep's regions."""
        return list(dict.fromkeys(self.sweep.points["region"]))

    @property
    def chosen(self) -> str:
        """The metric that is looked at: the one asked for, or the design's first."""
        return self.sweep.metric(self.metric or str(self.sweep.design["metrics"][0])).name

    def opening(self) -> str:
        """Return what was varied, how often it was run, and what failed."""
        t, manifest = self.t, self.sweep.manifest
        names = "; ".join(region_title(manifest, r, self.lang) for r in self.regions)
        n_failed = int(manifest.get("n_failed", 0))
        failed = t.plural("{n} run failed and is in no number here.", "{n} runs failed and are in no number here.",
                          n_failed) if n_failed else t("No run failed.")  # fmt: skip
        names_of = [factor_label(f.name, self.lang) for f in self.sweep.factors]
        varied = "; ".join(names_of[:MOST_NAMED]) + ("; …" if len(names_of) > MOST_NAMED else "")
        n_points = int((~self.sweep.points["is_reference"]).sum())
        size = t("Method: {method}; {points} design points; factors ({n}): {factors}.",
                 method=str(self.sweep.design["method"]), points=t.number(n_points),
                 n=t.number(len(self.sweep.factors)), factors=varied)  # fmt: skip
        of_run = {"draws": t.number(manifest["draws"]), "months": t.months(manifest["months"])}
        of_run |= {"replications": t.replications(manifest["replications"])}
        of_run |= {"seed": str(manifest["seed"]), "run": manifest["run_id"]}
        if manifest["draws"] == 1:
            line = t("{replications} of each point · {months} · seed {seed} · run {run}", **of_run)
        else:
            line = t("{draws} draws × {replications} of each point · {months} · seed {seed} · run {run}", **of_run)
        return paragraphs(t("Regions: {names}.", names=names), size, failed, *beyond_lines(self.sweep, self.lang), line)

    def weights(self) -> Iterator[Section]:
        """Yield the map of appraisal weights of every region, with the distance to a different answer."""
        t, heading = self.t, "## " + self.t("Which mix of weights?")
        if sum(f.name.startswith(WEIGHTS) for f in self.sweep.factors) < 2:
            yield paragraphs(heading, t("This design does not vary the weights of the appraisal.")), ()
            return
        for region in self.regions:
            name = "### " + region_title(self.sweep.manifest, region, self.lang)
            try:
                found = weight_map(self.sweep_folder, self.chosen, region=region)
            except KinerjaError as error:  # one region's gap must not hide the others
                yield paragraphs(heading, name, in_language(str(error), self.lang)), ()
            else:
                yield (
                    paragraphs(heading, name, bullets(weight_sentences(found, self.lang))),
                    (weight_figure(found, self.lang),),
                )
            heading = ""

    def spread(self) -> Iterator[Section]:
        """Yield how the spread divides among factors and grades of evidence, region by region."""
        t, heading = self.t, "## " + self.t("What carries the spread?")
        if self.sweep.design["method"] not in ("morris", "saltelli"):
            yield paragraphs(heading, t("This design is not made for it: it takes `method: saltelli` or "
                                        "`method: morris`.")), ()  # fmt: skip
            return
        for region in self.regions:
            name = "### " + region_title(self.sweep.manifest, region, self.lang)
            try:
                found = sensitivity(self.sweep_folder, self.chosen, region=region)
            except KinerjaError as error:
                yield paragraphs(heading, name, in_language(str(error), self.lang)), ()
            else:
                heads, rows = sensitivity_cells(found, self.lang)
                said = " ".join(sensitivity_sentences(found, self.lang))
                how = t(
                    "The design moved every factor over its plausible range. A share says how much of the difference "
                    "between results comes from a factor: where better evidence would narrow the answer most."
                )
                text = paragraphs(
                    heading, name, how, said, markdown_table([heads, *rows[:MOST_BARS]]), self._names(found)
                )
                yield text, (grades_figure(found, self.lang), sensitivity_figure(found, self.lang))
            heading = ""

    def _names(self, found: Sensitivity) -> str:
        """Return what the ledger's rows in a table stand for, in the ledger's own words; nothing without any."""
        rows = load_ledger().rows
        shown = [factor_label(name, self.lang) for name in found.table["factor"].head(MOST_BARS)]
        known = [f"`{name}`: {rows[name].link.replace('->', '→')}" for name in shown if name in rows]
        return paragraphs(self.t("What the names of the ledger stand for:"), bullets(known)) if known else ""

    def choice(self, budget_idr: float) -> Iterator[Section]:
        """Yield how the options of the sweep compare, region by region."""
        t, heading = self.t, "## " + self.t("Which option?")
        for region in self.regions:
            name = "### " + region_title(self.sweep.manifest, region, self.lang)
            try:
                found = decide(self.sweep_folder, region=region, budget_idr=budget_idr or None)
                # A net benefit counts the cost already: beside cost stands what the money brings.
                brings = found if found.metric != NET_BENEFIT else decide(self.sweep_folder, self.chosen, region=region)
            except KinerjaError as error:
                why = in_language(str(error), self.lang)
                yield paragraphs(heading, name, t("No choice can be made here: {why}", why=why)), ()
            else:
                heads, rows = decision_cells(found, self.lang)
                shown = t("Shown: {n} of {total} options.", n=t.number(min(len(rows), OPTIONS_SHOWN)),
                          total=t.number(len(rows)))  # fmt: skip
                said = bullets(decision_sentences(found, self.lang))
                text = paragraphs(heading, name, said, markdown_table([heads, *rows[:OPTIONS_SHOWN]]), shown)
                figures = [pareto_figure(brings, self.lang)] if "extra_cost_idr_mean" in brings.table else []
                if found.metric == NET_BENEFIT:
                    figures.append(worth_figure(found, self.lang))
                yield text, tuple(figures)
            heading = ""

    def pairs(self) -> list[dict[str, Any]]:
        """Return between which regions a policy's effect is followed, as `study.transfer.transfer` takes it."""
        regions, manifest = self.regions, self.sweep.manifest
        same = {"policy": str(self.sweep.design["policies"][regions[0]][0]), "metric": self.chosen}
        same |= {name: manifest[name] for name in ("months", "pre_months", "seed")}
        return [same | {"a": regions[0], "b": other} for other in regions[1:]]

    def no_pairs(self) -> str:
        """Return that one region is nothing to travel between, or nothing."""
        if self.pairs():
            return ""
        head = "## " + self.t("Does it work elsewhere?")
        return paragraphs(head, self.t("The sweep holds one region only: nothing can be said about another."))

    def travels(self, found: Transfer) -> Section:
        """Return why a policy's effect differs between two regions.

        Parameters
        ----------
        found : Transfer
            From `study.transfer.transfer`, run for the notebook.
        """
        said = transfer_sentences(found, self.lang)
        text = paragraphs("## " + self.t("Does it work elsewhere?"), bullets(said),
                          bullets(transfer_notes(found, self.t)))  # fmt: skip
        return text, (transfer_figure(found, self.lang),)

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t = self.t
        return limits(
            self.lang,
            t("What was not varied is taken as it stands in the region's file and the ledger."),
            t("The best of many options looks better than it is; run it again with another seed before relying on it."),
        )
