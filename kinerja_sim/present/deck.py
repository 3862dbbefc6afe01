"""One offline reveal.js file per language, built from the saved tables.

The assets of reveal.js come from the installed `sphinx-revealjs` wheel (extra `slides`)
and are written into the file with their licence; nothing is fetched when it is shown.
Most open to dispute: figures are drawn with their text as shapes, so that every machine
shows the same slide; the sentence beside each figure is its text.
"""

from __future__ import annotations

import base64
import io
import re
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.findings import Finding, all_findings
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.saved import load_saved

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_deck(folder: str | Path, lang: str) -> Path:
    """Write `folder/<lang>/deck.html` from the tables saved in `folder`.

    Parameters
    ----------
    folder : path
        Output folder of `kinerja compare`.
    lang : {'id', 'en'}

    Returns
    -------
    Path
        The deck: one file, 1280 x 720, that needs no network.

    Raises
    ------
    InputError
        If the folder holds no comparison, the language is unknown, or the extra with the
        assets of reveal.js is not installed.
    """
    t = translator(lang)
    assets = load_assets()
    saved = load_saved(folder)
    html = render_deck(all_findings(saved, lang), t("What changes when appraisal changes"), lang, assets)
    target = Path(folder) / lang / "deck.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_text(html, encoding="utf-8")
    partial.replace(target)
    return target


def load_assets() -> dict[str, str]:
    """Return the texts of reveal.js (script, style, notes plugin, licence) from the installed wheel."""
    if find_spec("sphinx_revealjs") is None:
        raise InputError(
            "`slides` must be installed to write a deck; got an environment without the package sphinx-revealjs. "
            "Install it with: pip install 'kinerja-sim[slides]'."
        )
    root = files("sphinx_revealjs").joinpath("_static", "revealjs")
    names = {
        "reset_css": "dist/reset.css", "reveal_css": "dist/reveal.css", "reveal_js": "dist/reveal.js",
        "notes_js": "plugin/notes/notes.js", "licence": "LICENSE",
    }  # fmt: skip
    texts = {k: root.joinpath(*name.split("/")).read_text(encoding="utf-8") for k, name in names.items()}
    # A source map would be asked for over the network; "</script" inside a script would end it.
    return {k: re.sub(r"//# sourceMappingURL=\S*", "", v).replace("</script", "<\\/script") for k, v in texts.items()}


def render_deck(findings: list[Finding], title: str, lang: str, assets: dict[str, str]) -> str:
    """Return the deck as one HTML text."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("kinerja_sim.present", "templates"), autoescape=True)
    slides = [
        {
            "finding": f,
            "image": image_uri(f.figure) if f.figure is not None else "",
            "alt": " ".join((f.title, *f.lines)),
        }
        for f in findings
    ]
    style = files("kinerja_sim.present").joinpath("templates", "deck.css").read_text(encoding="utf-8")
    return environment.get_template("deck.html.j2").render(
        slides=slides, title=title, lang=lang, assets=assets, style=style
    )


def image_uri(figure: Figure) -> str:
    """Return a figure as an SVG data address, with text as shapes and without a date."""
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "kinerja"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue().encode()).decode()
