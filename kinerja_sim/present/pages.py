"""Executed notebooks as HTML pages that need no network, and the index that links them.

A page shows what a notebook says, not its code, which stays in the executed copy beside
it. nbconvert turns the cells into HTML; the page around them is ours, so that no script
and no font is asked for.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kinerja_sim.present.answers import hypothesis_sentence, provenance
from kinerja_sim.present.errors import in_language
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.questions import question
from kinerja_sim.present.saved import Saved, region_title, short_region_title

if TYPE_CHECKING:
    import nbformat

    from kinerja_sim.present.notebooks import NotebookOutcome

HIDDEN = {"question", "parameters", "injected-parameters", "papermill-error-cell-tag"}
"""Tags of cells that a page leaves out: it says the question itself, and parameters stay in the copy."""
_FAILURE = re.compile(r"cell (?P<n>\d+): (?P<kind>\w+): (?P<what>.*)", re.DOTALL)
_TOGETHER = re.compile(r"(?<=\d) (?=%)|(?<=\bn) (?== \d)|(?<=\bn =) (?=\d)")
"""Spaces at which no line may break: before a per cent sign, and in 'n = 20'."""


def notebook_page(book: nbformat.NotebookNode | None, name: str, region: str, lang: str, error: str | None) -> str:
    """Return an executed notebook as one HTML text.

    Parameters
    ----------
    book : NotebookNode or None
        None where nothing was left of it.
    name : str
        Name of the shipped notebook.
    region : str
        Region that it is about, or "".
    lang : {'id', 'en'}
    error : str or None
        What failed.
    """
    return _template("report_page.html.j2").render(
        lang=lang, question=question(name, lang), body=_body(book) if book is not None else "",
        error=_told(error, lang), copy=f"{region or 'all'}.ipynb", style=_style(), **_words(lang),
    )  # fmt: skip


def _body(book: nbformat.NotebookNode) -> str:
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    options: dict[str, Any] = {
        "HTMLExporter": {
            "template_name": "basic", "exclude_input": True, "exclude_input_prompt": True,
            "exclude_output_prompt": True, "exclude_anchor_links": True,
        },
        "TagRemovePreprocessor": {"enabled": True, "remove_cell_tags": HIDDEN},
    }  # fmt: skip
    book = copy.deepcopy(book)
    for cell in book.cells:  # what failed is told in one line above; the traceback stays in the copy beside the page
        cell["outputs"] = [output for output in cell.get("outputs", []) if output["output_type"] != "error"]
    body, _ = HTMLExporter(config=Config(options)).from_notebook_node(book)
    body = _TOGETHER.sub("\N{NO-BREAK SPACE}", body)
    parts = re.split(r'(?=<div class="[^"]*output_subarea)', body)
    # tables and figures wider than a phone scroll by themselves, which takes a place for the keyboard
    return "".join(
        part.replace('">', '" tabindex="0">', 1) if re.search("<table|<img", part) else part for part in parts
    )


def _told(error: str | None, lang: str) -> str | None:
    """Return what failed in the reader's language: the cell, and a user's mistake without the name of its class."""
    found = _FAILURE.fullmatch(error or "")
    if found is None:
        return error
    what = in_language(found["what"], lang) if found["kind"] == "InputError" else f"{found['kind']}: {found['what']}"
    t = translator(lang)
    return t("cell {n}: {what}", n=found["n"], what=what)


def index_page(saved: Saved | None, outcomes: Sequence[NotebookOutcome], lang: str) -> str:
    """Return the page that links every notebook of a report, each region's answer first.

    Parameters
    ----------
    saved : Saved or None
        The comparison that the report is about; None for a sweep.
    outcomes : sequence of NotebookOutcome
        In the order in which they are listed.
    lang : {'id', 'en'}
    """
    t = translator(lang)
    groups: dict[str, list[NotebookOutcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.name, []).append(outcome)
    answers = []
    if saved is not None:
        regions = [r for r in saved.manifest["regions"] if any(o.region == r for o in outcomes)]
        answers = [
            (region_title(saved.manifest, r, lang), hypothesis_sentence(saved.contrasts, saved.manifest, r, lang))
            for r in regions
        ]
    n_failed = sum(o.error is not None for o in outcomes)
    return _template("report_index.html.j2").render(
        lang=lang, style=_style(), answers=answers,
        title=t("What the simulation says, question by question"),
        source=provenance(saved.manifest, lang) if saved is not None else "",
        failed=t.plural("{n} notebook failed; its page says why.", "{n} notebooks failed; their pages say why.",
                        n_failed) if n_failed else "",
        groups=[(question(name, lang), [_link(o, saved, lang) for o in group]) for name, group in groups.items()],
        **_words(lang),
    )  # fmt: skip


def _link(outcome: NotebookOutcome, saved: Saved | None, lang: str) -> dict[str, str | None]:
    """Return the label of a notebook's link, where it leads, and what failed."""
    t = translator(lang)
    label = short_region_title(saved.manifest, outcome.region, lang) if saved and outcome.region else t("Open")
    return {
        "label": label,
        "page": f"{outcome.name}/{outcome.region or 'all'}.html",
        "error": _told(outcome.error, lang),
    }


def _words(lang: str) -> dict[str, str]:
    """Return the words of the frame around every page."""
    t = translator(lang)
    return {
        "answers_head": t("The answer to each region's own question"),
        "back": t("All questions"),
        "code": t("notebook with the code"),
        "failed_head": t("This notebook failed"),
        "failed_text": t("What it had shown until then stands below. The other notebooks are not affected."),
        "kicker": t("A simulation, not a measurement"),
        "people": t("This tool is not for rating individuals."),
    }


def _style() -> str:
    return files("kinerja_sim.present").joinpath("templates", "report.css").read_text(encoding="utf-8")


def _template(name: str) -> Any:
    from jinja2 import Environment, PackageLoader

    return Environment(loader=PackageLoader("kinerja_sim.present", "templates"), autoescape=True).get_template(name)
