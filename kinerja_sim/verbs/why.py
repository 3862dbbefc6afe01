"""`kinerja why`: which mechanism of a policy carried its effect, from a saved comparison."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kinerja_sim.present.terminal import print_all, print_json, progress_bar
from kinerja_sim.verbs.options import JsonOption, LangOption, WorkersOption, example, in_help, language, say

if TYPE_CHECKING:
    from kinerja_sim.know.fields import Text

HELP = example(
    in_help(
        en="Divide a policy's effect among its mechanisms: Shapley shares that add up, with their intervals.",
        id="Bagi pengaruh suatu kebijakan di antara mekanismenya: bagian Shapley yang dapat dijumlahkan, beserta "
        "selangnya.",
    ),
    "kinerja why build/compare --region arcamanik --unit sukamiskin --metric turnaround_days_mean",
)


def why(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help=in_help(en="A saved comparison.", id="Perbandingan tersimpan."))
    ],
    unit: Annotated[str, typer.Option(help=in_help(en="Service unit.", id="Unit layanan."))],
    metric: Annotated[str, typer.Option(help=in_help(en="Metric of the tables.", id="Ukuran dalam tabel."))],
    region: Annotated[
        str | None,
        typer.Option(
            help=in_help(
                en="Left out: the region that has the unit.", id="Bila kosong: wilayah yang memiliki unit itu."
            )
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(help=in_help(en="Left out: the region's own policy.", id="Bila kosong: kebijakan wilayah itu.")),
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications",
            "-n",
            help=in_help(
                en="The first so many; left out: at most 50.", id="Sekian yang pertama; bila kosong: paling banyak 50."
            ),
        ),
    ] = None,
    workers: WorkersOption = 2,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run every combination of a policy's mechanisms and print how its effect divides among them."""
    lang = language(lang)
    from kinerja_sim.present.why import why_page, why_sentences
    from kinerja_sim.study.attribution import attribute
    from kinerja_sim.study.comparison import load_comparison

    def announce(text: Text) -> None:
        sys.stderr.write(f"{text.in_(lang)}\n")

    comparison = load_comparison(folder)
    with progress_bar(say(lang, id="Membagi pengaruh", en="Dividing the effect")) as progress:
        found = attribute(
            comparison, metric, unit, region=region, scenario=scenario, replications=replications, workers=workers,
            progress=progress, notify=announce,
        )  # fmt: skip
    if not as_json:
        print_all(why_page(found.table, found.manifest, found.notes, lang))
        return
    print_json(
        {
            "run_id": comparison.run_id,
            "n_replications": found.manifest["replications"],
            "sentences": why_sentences(found.table, found.manifest, lang),
            "notes": [note.in_(lang) for note in found.notes],
            "parts": found.table.to_dict("records"),
            "pairwise": found.pairwise.to_dict("records"),
        }
    )


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command(help=HELP)(why)
