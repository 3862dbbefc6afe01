"""What the notebooks about a saved comparison share: their tables, names, and how every one opens and closes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kinerja_sim.present.answers import provenance
from kinerja_sim.present.changes import change_unit, metric_of
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.page import Table, bullets, paragraphs
from kinerja_sim.present.saved import (
    Manifest,
    Saved,
    is_void,
    library_scenarios,
    load_saved,
    one_contrast,
    policy_label,
    policy_title,
    primary_hypothesis,
    region_title,
    shown_scenarios,
    unit_title,
)
from kinerja_sim.present.tables import effect_cell, star_notes

if TYPE_CHECKING:
    import pandas as pd


def effects_table(rows: Sequence[Sequence[str]], lang: str) -> str:
    """Return `markdown_table`, and below it what the star means where a cell has one."""
    table = Table(rows[0], rows[1:])
    return paragraphs(table.markdown(), *(note.replace("*", "\\*") for note in star_notes([table], lang)))


def limits(lang: str, *points: str) -> str:
    """Return what a notebook does not show; its own points first, then those that hold for all of them."""
    t = translator(lang)
    always = (
        t("Effects are simulated from published coefficients and estimates; nothing here was observed."),
        t("This tool is not for rating individuals."),
    )
    return paragraphs("## " + t("What this does not show"), bullets((*points, *always)))


@dataclass(frozen=True)
class Report:
    """What a notebook about a saved comparison says in one language: about one region, or about all ("").

    Text methods return Markdown.

    Raises
    ------
    InputError
        If the folder holds no comparison, or the region or language is unknown.
    """

    results_folder: str | Path
    lang: str
    region: str = ""

    def __post_init__(self) -> None:
        """Refuse an unknown region or language before anything is drawn."""
        self.t("cannot tell")
        if self.region:
            region_title(self.manifest, self.region, self.lang)

    @cached_property
    def saved(self) -> Saved:
        """The tables, of the region where there is one."""
        return load_saved(self.results_folder, self.region)

    @property
    def manifest(self) -> Manifest:
        """What the tables hold."""
        return self.saved.manifest

    @property
    def t(self) -> Translator:
        """Texts in this language."""
        return translator(self.lang)

    @property
    def here(self) -> pd.DataFrame:
        """The results table."""
        return self.saved.results

    @property
    def shown(self) -> list[str]:
        """The policies of the region whose effects are shown."""
        return shown_scenarios(self.manifest, self.region)

    @property
    def aim(self) -> tuple[str, str, str]:
        """Unit, metric and window of the region's primary hypothesis."""
        h = primary_hypothesis(self.manifest, self.region)
        return h["unit"], h["metric"], h["window"]

    def label(self, scenario: str) -> str:
        """Return the short title of a policy."""
        return policy_label(self.manifest, self.region, scenario, self.lang)

    def unit_title(self, unit: str) -> str:
        """Return the title of a service unit."""
        return unit_title(self.manifest, self.region, unit, self.lang)

    def effect(self, unit: str, metric: str, scenario: str) -> str:
        """Return one contrast for a narrow cell: change, range and word."""
        return effect_cell(one_contrast(self.saved.contrasts, self.region, unit, metric, scenario), self.lang)

    def changes_of(self, metrics: Sequence[str]) -> list[str]:
        """Return heads for columns of effects: metric and unit of its change."""
        measured = [metric_of(name) for name in metrics]
        return [self.t("{metric}, {measure}", metric=m.label.in_(self.lang), measure=change_unit(m, self.lang))
                for m in measured]  # fmt: skip

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        """Return finished cells as Markdown, and below them what a star means where there is one."""
        return effects_table([heads, *rows], self.lang)

    def opening(self) -> str:
        """Return the region, what was compared, and where the numbers came from."""
        rest = library_scenarios(self.manifest, self.region)
        void = [s for s in self.manifest["scenarios"][self.region] if is_void(self.manifest, self.region, s)]
        run = [s for s in self.manifest["scenarios"][self.region] if s not in (*rest, *void)]
        names = [policy_title(self.manifest, s, self.lang) for s in run]
        compared = self.t("Policies compared on the same citizens and the same days: {policies}.",
                          policies="; ".join(names))  # fmt: skip
        if rest:
            more = self.t.plural("{n} more policy of the library is in one table of the region's notebook.",
                                 "{n} more policies of the library are in one table of the region's notebook.",
                                 len(rest))  # fmt: skip
            compared = self.t("{first} {second}", first=compared, second=more)
        title = region_title(self.manifest, self.region, self.lang)
        return paragraphs("## " + title, compared, provenance(self.manifest, self.lang))
