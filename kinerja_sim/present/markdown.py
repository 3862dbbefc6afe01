"""Markdown for notebooks: paragraphs, tables, lists, and how every one of them opens and closes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kinerja_sim.present.answers import provenance
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.saved import Manifest, Saved, load_saved, policy_title, region_title
from kinerja_sim.present.tables import EffectRow, column_names

if TYPE_CHECKING:
    import pandas as pd


def paragraphs(*parts: str) -> str:
    """Return the parts that hold anything as paragraphs."""
    return "\n\n".join(part for part in parts if part)


def bullets(lines: Iterable[str]) -> str:
    """Return lines as a list; an asterisk in a line stays one."""
    return "\n".join("- " + line.replace("*", "\\*") for line in lines)


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    r"""Return rows as a Markdown table, the first as its head, columns of numbers to the right.

    Examples
    --------
    >>> print(markdown_table([("a", "b"), ("c|d", "1")]))
    | a | b |
    | :-- | --: |
    | c\|d | 1 |
    """
    is_text = [i == 0 or any(c.isalpha() for row in rows[1:] for c in row[i]) for i in range(len(rows[0]))]
    rule = "| " + " | ".join(":--" if text else "--:" for text in is_text) + " |"
    lines = ["| " + " | ".join(cell.replace("|", "\\|").replace("*", "\\*") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], rule, *lines[1:]])


def effects_table(rows: Sequence[Sequence[str]], lang: str) -> str:
    """Return `markdown_table`, and below it what the star means where a cell has one."""
    note = translator(lang)("* The words hold in most pairs, while the mean points the other way: a skewed difference.")
    is_starred = any(cell.endswith("*") for row in rows for cell in row)
    return paragraphs(markdown_table(rows), note.replace("*", "\\*") if is_starred else "")


def effects_html(blocks: Sequence[tuple[str, Sequence[EffectRow]]], lang: str, first: str = "") -> str:
    """Return blocks of paired effects (heading, rows) as HTML tables; `first` names what a row is, if no policy."""
    from jinja2 import Environment, PackageLoader

    names = column_names(lang)
    environment = Environment(loader=PackageLoader("kinerja_sim.present", "templates"), autoescape=True)
    return environment.get_template("effects.html.j2").render(
        blocks=blocks, columns=(first or names[0], *names[1:], translator(lang)("Error of the range's ends (s.e.)")),
        caption=(),
    )  # fmt: skip


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
    """What a notebook about one region of a saved comparison says, in one language.

    Raises
    ------
    InputError
        If the folder holds no comparison, or the region or language is unknown.
    """

    results_folder: str | Path
    region: str
    lang: str

    def __post_init__(self) -> None:
        """Refuse an unknown region or language before anything is drawn."""
        self.t("cannot tell")
        region_title(self.manifest, self.region, self.lang)

    @cached_property
    def saved(self) -> Saved:
        """The tables of the region."""
        return load_saved(self.results_folder, self.region)

    @property
    def manifest(self) -> Manifest:
        """What the tables hold."""
        return self.saved.manifest

    @property
    def t(self) -> Translator:
        """Texts in this language."""
        return translator(self.lang)

    @cached_property
    def here(self) -> pd.DataFrame:
        """The results of this region."""
        return self.saved.results

    def opening(self, *lines: str) -> str:
        """Return the region, what was compared, and where the numbers came from."""
        names = [policy_title(self.manifest, s, self.lang) for s in self.manifest["scenarios"][self.region]]
        compared = self.t("Policies compared on the same citizens and the same days: {policies}.",
                          policies="; ".join(names))  # fmt: skip
        title = region_title(self.manifest, self.region, self.lang)
        return paragraphs("## " + title, *lines, compared, provenance(self.manifest, self.lang))
