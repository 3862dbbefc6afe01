"""Decks and briefs of a comparison: each written aside, looked at by the doctor, then put in its place."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kinerja_sim.know.extras import need
from kinerja_sim.present.claims_book import Book
from kinerja_sim.present.deck import load_assets, write_html
from kinerja_sim.present.findings import Finding, all_findings
from kinerja_sim.present.saved import load_saved
from kinerja_sim.study.store import file_sum, write_atomic

FILES = ("deck.html", "deck.pptx", "brief.pdf")


@dataclass(frozen=True)
class Shown:
    """One file: where it is, and why it is not there (empty when it is)."""

    path: Path
    error: str = ""


def check_packages() -> None:
    """Refuse early what writing would refuse late: a package of the extra `slides` that is not installed.

    Raises
    ------
    InputError
        If one is missing; it says what to install.
    """
    need("slides", "sphinx_revealjs", "pptx", "lxml", "openpyxl", "typst", "pypdf")
    load_assets()


def write_shows(
    folder: str | Path, lang: str, *, output: str | Path | None = None, files: Sequence[str] = FILES
) -> list[Shown]:
    """Write deck.html, deck.pptx and brief.pdf of the comparison in `folder`.

    Parameters
    ----------
    folder : path
        Output folder of `kinerja compare`.
    lang : {'id', 'en'}
    output : path, optional
        Where to; None is `folder/<lang>`. Anywhere else a manifest.json is left beside the files.
    files : sequence of str
        Which of `FILES`.

    Returns
    -------
    list of Shown
        One for each file. What fails leaves the others, and an older file of its name, as they are.

    Raises
    ------
    InputError
        If the folder holds no comparison, the language is unknown or a package is missing.
    """
    check_packages()
    book = Book(load_saved(folder), lang)
    target = Path(folder) / book.t.lang if output is None else Path(output)
    target.mkdir(parents=True, exist_ok=True)
    findings = all_findings(book)
    if output is not None:
        _leave_manifest(target, book, [])  # first: whatever stops us now, the folder is known as ours
    made = [_write_one(name, target, book, findings) for name in files]
    if output is not None:
        _leave_manifest(target, book, [one for one in made if not one.error])
    return made


def _write_one(name: str, target: Path, book: Book, findings: list[Finding]) -> Shown:
    from kinerja_sim.present.doctor import check_built

    path = target / name
    try:
        with tempfile.TemporaryDirectory(dir=target, prefix=".kinerja-") as aside:
            fresh = Path(aside) / name
            _write(fresh, book, findings)
            check_built(fresh)
            fresh.replace(path)
    except Exception as error:  # the tables are safe: say what is missing, and go on with the rest
        return Shown(path, f"{type(error).__name__}: {error}")
    return Shown(path)


def _write(path: Path, book: Book, findings: list[Finding]) -> None:
    if path.suffix == ".html":
        write_html(book, findings, path, load_assets())
    elif path.suffix == ".pptx":
        from kinerja_sim.present.pptx_deck import write_pptx

        write_pptx(book, findings, path)
    else:
        from kinerja_sim.present.brief import write_brief

        write_brief(book, path)


def _leave_manifest(target: Path, book: Book, made: list[Shown]) -> None:
    """Write what was made from which run; no time and no place in it."""
    content = {
        "tool": "kinerja_sim",
        "kind": "slides",
        "run_id": book.manifest["run_id"],
        "lang": book.lang,
        "files": {one.path.name: file_sum(one.path) for one in made},
    }
    write_atomic(target / "manifest.json", (json.dumps(content, indent=1) + "\n").encode())
