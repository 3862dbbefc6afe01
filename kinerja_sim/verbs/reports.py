"""`kinerja report`: notebooks times regions on saved tables, as pages that need no network, with an index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.parameters import PARAMETERS
from kinerja_sim.present.terminal import print_all, print_json, progress_bar
from kinerja_sim.verbs.options import JsonOption, LangOption, WorkersOption, example, in_help, language, say

HELP = example(
    in_help(
        en="Run the notebooks on saved tables and write pages with an index. What has not changed is not run again.",
        id="Jalankan notebook pada tabel tersimpan dan tulis halaman beserta daftar isinya. Yang tidak berubah tidak "
        "dijalankan lagi.",
    ),
    "kinerja report build/compare --notebooks 10,20 --regions arcamanik --lang id",
)


def report(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help=in_help(en="A saved comparison or sweep.", id="Perbandingan atau sapuan tersimpan."),
        ),
    ],
    notebooks: Annotated[
        str,
        typer.Option(
            help=in_help(
                en="Names or leading numbers, separated by commas; or `all`.",
                id="Nama atau nomor depan, dipisah koma; atau `all`.",
            )
        ),
    ] = "all",
    regions: Annotated[
        str,
        typer.Option(
            help=in_help(
                en="Regions in the tables, separated by commas; or `all`.",
                id="Wilayah dalam tabel, dipisah koma; atau `all`.",
            )
        ),
    ] = "all",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help=in_help(
                en="A parameter of the notebooks, such as n_replications=50; may be repeated.",
                id="Satu parameter notebook, misalnya n_replications=50; boleh diulang.",
            ),
        ),
    ] = None,
    workers: WorkersOption = 2,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a report and print where it is, and what failed."""
    lang = language(lang)
    from kinerja_sim.present.report import write_report

    values = dict(_read(setting) for setting in settings or ())
    with progress_bar(say(lang, id="Notebook", en="Notebooks")) as progress:
        found = write_report(
            folder, lang, notebooks=_names(notebooks), regions=_names(regions), values=values,
            workers=PARAMETERS["workers"].check(workers), progress=progress,
        )  # fmt: skip
    failed = [f"{o.name} {o.region}: {o.error}" for o in found.failed]
    if as_json:
        listed = [
            {"notebook": o.name, "region": o.region, "page": str(o.page), "copy": str(o.path), "error": o.error,
             "is_cached": o.is_cached}
            for o in found.outcomes
        ]  # fmt: skip
        print_json({"index": str(found.index), "notebooks": listed})
    else:
        head = say(lang, id="Daftar isi:", en="Index:")
        print_all(*failed, f"{head} {found.index}")
    if failed:
        raise typer.Exit(1)


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    return [] if names == ["all"] else names


def _read(setting: str) -> tuple[str, Any]:
    """Return the name and value of one `--set`; a name that nobody knows is refused where the notebooks are known."""
    name, separator, text = setting.partition("=")
    if not separator:
        raise InputError(f"`--set` must be NAME=VALUE; got {setting!r}. Write for example --set n_replications=50.")
    known = PARAMETERS.get(name.strip())
    return name.strip(), known.read(text) if known is not None else text


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command(help=HELP)(report)
