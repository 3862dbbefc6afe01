"""One offline reveal.js file per language, built from the findings of the saved tables.

The assets of reveal.js come from the installed `sphinx-revealjs` wheel (extra `slides`)
and are written into the file with their licence; nothing is fetched when it is shown.
Most open to dispute: figures are drawn with their text as shapes, so that every machine
shows the same slide; the picture's description says every number in it.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from kinerja_sim.know.extras import need
from kinerja_sim.present.charts import Shares, draw
from kinerja_sim.present.claims_book import Book
from kinerja_sim.present.claims_bound import bind, dump
from kinerja_sim.present.doctor_html import height_without_picture, table_height
from kinerja_sim.present.findings import Finding
from kinerja_sim.present.style import SLIDE
from kinerja_sim.present.verify_html import read_html

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TALL = replace(SLIDE, height=460, base=22, wrap=24)  # where there are many lines, or three panels
TALLER = ("capacity", "goodhart", "cost")
HALF = replace(SLIDE, width=620)
LOWEST = 320.0  # pixels: below that a figure cannot be read


def write_html(book: Book, findings: Sequence[Finding], target: Path, assets: dict[str, str]) -> Path:
    """Write the findings as one HTML file with its list of bindings."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    slides = [_slide(finding, book) for finding in findings]
    try:
        partial.write_text(_render(slides, book, assets, "{}"), encoding="utf-8")
        bindings = dump(bind(read_html(partial), findings, book))
        partial.write_text(_render(slides, book, assets, bindings), encoding="utf-8")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def load_assets() -> dict[str, str]:
    """Return the texts of reveal.js (script, style, notes plugin, licence) from the installed wheel."""
    need("slides", "sphinx_revealjs")
    root = files("sphinx_revealjs").joinpath("_static", "revealjs")
    names = {
        "reset_css": "dist/reset.css", "reveal_css": "dist/reveal.css", "reveal_js": "dist/reveal.js",
        "notes_js": "plugin/notes/notes.js", "licence": "LICENSE",
    }  # fmt: skip
    texts = {k: root.joinpath(*name.split("/")).read_text(encoding="utf-8") for k, name in names.items()}
    # A source map would be asked for over the network; "</script" inside a script would end it.
    return {k: re.sub(r"//# sourceMappingURL=\S*", "", v).replace("</script", "<\\/script") for k, v in texts.items()}


def _slide(finding: Finding, book: Book) -> dict[str, object]:
    """Return what the template needs of a finding: the picture of its chart, and that picture in words."""
    if finding.chart is None:
        used = height_without_picture(finding.kind + " tabled", finding.title, finding.lines)
        is_dense = used + table_height(finding.table, finding.kind) > 720
        return {"finding": finding, "image": "", "alt": "", "height": 0, "dense": is_dense}
    size = HALF if isinstance(finding.chart, Shares) else TALL if finding.kind in TALLER else SLIDE
    if not isinstance(finding.chart, Shares):  # a long title takes its room from the picture
        used = height_without_picture(finding.kind, finding.title, finding.lines)
        size = replace(size, height=max(min(size.height, 720 - used), LOWEST))
        if finding.kind == "region" and len(finding.chart.panels[0].marks) > size.height / 80:  # low rows, long labels
            size = replace(size, base=19, wrap=34)
    picture = image_uri(draw(finding.chart, book, size))
    return {"finding": finding, "image": picture, "alt": " ".join(finding.chart.alts(book)), "height": int(size.height)}


def _render(slides: list[dict[str, object]], book: Book, assets: dict[str, str], bindings: str) -> str:
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("kinerja_sim.present", "templates"), autoescape=True)
    style = files("kinerja_sim.present").joinpath("templates", "deck.css").read_text(encoding="utf-8")
    return environment.get_template("deck.html.j2").render(
        slides=slides, title=deck_title(book), lang=book.lang, assets=assets, style=style, bindings=bindings
    )


def deck_title(book: Book) -> str:
    """Return what a deck of these tables is called."""
    return book.t("What changes when appraisal changes")


def image_uri(figure: Figure) -> str:
    """Return a figure as an SVG data address, with text as shapes and without a date."""
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "kinerja"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue().encode()).decode()
