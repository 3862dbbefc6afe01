"""`kinerja eventlog`: simulated cases in the columns of process mining, and as vidigi animates them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kinerja_sim.present.i18n import translator
from kinerja_sim.present.terminal import print_all, print_json
from kinerja_sim.verbs.options import (
    JsonOption,
    LangOption,
    ParametersOption,
    SeedOption,
    example,
    in_help,
    language,
    say,
)

HELP = example(
    in_help(
        en="Write the simulated cases of one replication as an event log (process mining, vidigi). Numbers of officers "
        "are simulated places in the unit; a unit with one officer has none.",
        id="Tulis permohonan tersimulasi dari satu replikasi sebagai catatan peristiwa (process mining, vidigi). Nomor "
        "petugas adalah tempat tersimulasi di unit; unit dengan satu petugas tidak memilikinya.",
    ),
    "kinerja eventlog arcamanik baseline --months 2 -o build/eventlog",
)


def eventlog(
    region: Annotated[str, typer.Argument(help=in_help(en="Name or path.", id="Nama atau jalur."))],
    policy: Annotated[str, typer.Argument(help=in_help(en="Name or path.", id="Nama atau jalur."))],
    output: Annotated[Path, typer.Option("--output", "-o", help=in_help(en="Folder.", id="Folder."))],
    unit: Annotated[
        str | None, typer.Option(help=in_help(en="Left out: all units.", id="Bila kosong: semua unit."))
    ] = None,
    months: Annotated[int, typer.Option(help=in_help(en="Months of arrivals.", id="Bulan kedatangan."))] = 3,
    pre_months: Annotated[int, typer.Option(help=in_help(en="Months before.", id="Bulan sebelumnya."))] = 0,
    seed: SeedOption = 0,
    replication: Annotated[int, typer.Option(help=in_help(en="Its number.", id="Nomornya."))] = 0,
    parameters: ParametersOption = "ledger",
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the event log and print what is in it."""
    lang = language(lang)
    from kinerja_sim.study.eventlog import NOTE, event_log
    from kinerja_sim.study.store import check_folder

    check_folder(output, "eventlog")
    options: Any = {"months": months, "pre_months": pre_months, "parameters": parameters}
    log = event_log(region, policy, unit, seed=seed, replication=replication, **options)
    log.save(output)
    n_cases, n_events = int(log.table["case:concept:name"].nunique()), len(log.table)
    if as_json:
        print_json({"folder": str(output), "cases": n_cases, "events": n_events, "note": NOTE})
        return
    cases, events = (translator(lang).number(n) for n in (n_cases, n_events))
    print_all(
        say(
            lang,
            id=f"{cases} permohonan dan {events} peristiwa ditulis ke {output}: events.csv, events.parquet, "
            "vidigi.csv. Semuanya tersimulasi; nomor permohonan bukan warga, nomor petugas hanya tempat di unit (tanpa "
            "nomor bila petugasnya satu). Buka pukul 08.00 diandaikan.",
            en=f"{cases} cases and {events} events written to {output}: events.csv, events.parquet, "
            "vidigi.csv. All simulated: numbers of cases are no citizens, those of officers are places in the unit "
            "(none in a unit with one officer). Opening at 08:00 is assumed.",
        )
    )


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command(help=HELP)(eventlog)
