"""`kinerja slides` and `kinerja verify`: decks and briefs, and whether their numbers still hold."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.terminal import print_all, print_json, progress_bar
from kinerja_sim.verbs.options import JsonOption, LangOption, example, in_help, language, say

if TYPE_CHECKING:
    from kinerja_sim.study.comparison import Comparison

SLIDES_HELP = example(
    in_help(
        en="Write deck.html (offline), deck.pptx (editable charts) and brief.pdf of a saved comparison.",
        id="Tulis deck.html (luring), deck.pptx (grafik dapat disunting), dan brief.pdf dari perbandingan tersimpan.",
    ),
    "kinerja slides build/compare --lang id",
)
VERIFY_HELP = example(
    in_help(
        en="Recompute every number of a deck or brief, list what is stale or edited, and look for faults of layout. "
        "Exit code 1 when something does not hold.",
        id="Hitung ulang setiap angka pada salindia atau ringkasan, daftar yang usang atau diubah, dan cari cacat tata "
        "letak. Kode keluar 1 bila ada yang tidak berlaku.",
    ),
    "kinerja verify build/compare/id/deck.pptx",
)


def slides(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help=in_help(en="A saved comparison.", id="Perbandingan tersimpan."))
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help=in_help(en="Left out: FOLDER/<language>.", id="Bila kosong: FOLDER/<bahasa>.")
        ),
    ] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the decks and the brief in one language."""
    lang = language(lang)
    from kinerja_sim.know.files import label_of
    from kinerja_sim.know.messages import sentence
    from kinerja_sim.present.i18n import LANGUAGES
    from kinerja_sim.present.shows import write_shows
    from kinerja_sim.study.store import check_folder

    if output is not None and output.resolve().parent == folder.resolve() and output.name in LANGUAGES:
        if output.name != lang:
            remedy = f"Add --lang {output.name}, or leave -o out."
            raise InputError(
                sentence("lang", f"be {output.name} in that folder", lang, f"at {label_of(output)}", remedy)
            )
        output = None  # where the decks stand anyway
    if output is not None:
        check_folder(output, "slides")
    made = write_shows(folder, lang, output=output)
    failed = [one for one in made if one.error]
    if as_json:
        print_json({"files": [str(one.path) for one in made if not one.error],
                    "failed_files": [{"file": str(one.path), "error": one.error} for one in failed]})  # fmt: skip
    else:
        print_all(*[f"{one.path}: {one.error}" if one.error else str(one.path) for one in made])
    if failed:
        raise typer.Exit(1)


def verify(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help=in_help(en="A .pptx, .html or .pdf.", id="Berkas .pptx, .html, atau .pdf.")
        ),
    ],
    results: Annotated[
        Path | None,
        typer.Option(
            help=in_help(
                en="The comparison's folder; left out: where the file lies, or one folder up.",
                id="Folder perbandingan; bila kosong: tempat berkas itu, atau satu folder di atasnya.",
            )
        ),
    ] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute every number and print what does not hold."""
    lang = language(lang)
    from kinerja_sim.present.doctor import diagnose
    from kinerja_sim.present.verify import verify as run
    from kinerja_sim.present.verify_shown import report_lines

    report = run(file, results)
    faults = diagnose(file, report.inventory)
    if as_json:
        print_json(
            {
                "file": str(report.path),
                "results": str(report.folder),
                "holds": report.holds,
                "n_bound": report.n_bound,
                "n_names": report.n_names,
                "checks": [asdict(check) | {"fails": check.fails} for check in report.checks],
                "faults": [asdict(fault) for fault in faults],
            }
        )
    else:
        print_all(*report_lines(report, faults, lang))
    if faults or not report.holds:
        raise typer.Exit(1)


def check_shows() -> None:
    """Refuse early what notebooks and decks would refuse late: a package that is not installed."""
    from kinerja_sim.present.notebooks import check_parameters, notebook_path
    from kinerja_sim.present.shows import check_packages

    check_packages()
    check_parameters(notebook_path(), {})


def show_in_files(comparison: Comparison, folder: Path, lang: str, workers: int) -> list[str]:
    """Write notebooks, decks and briefs of a comparison; return one line for everything that failed."""
    from kinerja_sim.present.i18n import LANGUAGES
    from kinerja_sim.present.notebooks import run_region_notebooks
    from kinerja_sim.present.shows import write_shows

    with progress_bar(say(lang, id="Notebook", en="Notebooks")) as progress:
        outcomes = run_region_notebooks(folder, comparison.regions, lang, workers, progress)
    failed = [f"{outcome.path}: {outcome.error}" for outcome in outcomes if outcome.error]
    with progress_bar(say(lang, id="Salindia", en="Slides")) as progress:
        for i, each in enumerate(LANGUAGES, start=1):
            failed += [f"{one.path}: {one.error}" for one in write_shows(folder, each) if one.error]
            if progress is not None:
                progress(i, len(LANGUAGES))
    return failed


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(help=SLIDES_HELP)(slides)
    app.command(help=VERIFY_HELP)(verify)
