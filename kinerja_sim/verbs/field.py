"""`kinerja import` and `kinerja doctor`: a user's own data, brought in and looked over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.terminal import print_all, print_json, progress_bar
from kinerja_sim.verbs.options import DataArgument, JsonOption, LangOption, example, in_help, language, say

IMPORT_HELP = example(
    in_help(
        en="Bring a queue log, an event log (CSV, XES), a survey, complaints or a staff list into a data folder. "
        "Identifiers become keyed hashes; free text is never read.",
        id="Masukkan log antrean, log kejadian (CSV, XES), survei, pengaduan, atau daftar pegawai ke folder data. "
        "Pengenal menjadi hash berkunci; teks bebas tidak pernah dibaca.",
    ),
    "kinerja import jan.csv --guess -o mapping.yaml\n  kinerja import jan.csv feb.csv --map mapping.yaml -o data/mine",
)


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help=in_help(
                en="CSV, .xlsx or XES, also .gz; several of one kind, such as one a month, together.",
                id="CSV, .xlsx, atau XES, juga .gz; beberapa yang sejenis, misalnya per bulan, sekaligus.",
            ),
        ),
    ],
    mapping: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help=in_help(en="The mapping file.", id="Berkas pemetaan.")),
    ] = None,
    guess: Annotated[
        bool,
        typer.Option(
            "--guess",
            help=in_help(
                en="Propose a mapping instead of importing; -o names its file.",
                id="Usulkan pemetaan, tanpa memasukkan data; -o menamai berkasnya.",
            ),
        ),
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help=in_help(en="Data folder.", id="Folder data."))
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=in_help(
                en="The secret of the hashes; left out: in your configuration folder. Made when absent.",
                id="Rahasia hash; bila kosong: di folder konfigurasi Anda. Dibuat bila belum ada.",
            ),
        ),
    ] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import a file by its mapping, or propose one."""
    lang = language(lang)
    from kinerja_sim.know.files import label_of
    from kinerja_sim.know.messages import sentence

    if guess == (mapping is not None):
        raise InputError(sentence("import", "be given --map or --guess", "both" if guess else "neither"))
    if guess:
        if len(files) > 1:
            remedy = "One mapping serves all that look alike."
            raise InputError(sentence("--guess", "be asked of one file", f"{len(files)}", remedy=remedy))
        _guess(files[0], output, lang, as_json)
        return
    if output is None or mapping is None:
        raise InputError(sentence("-o", "name the data folder", "nothing", remedy="Such as -o data/mine."))
    from kinerja_sim.field.intake import import_files
    from kinerja_sim.field.mapping import load_mapping
    from kinerja_sim.present.field import import_lines

    described = load_mapping(mapping)
    key = key or Path(typer.get_app_dir("kinerja")) / "field.key"
    with progress_bar(say(lang, id="Memasukkan data", en="Importing")) as progress:
        manifest = import_files(files, described, output, key_file=key, progress=progress)
    if as_json:
        print_json({"folder": str(output), "manifest": manifest})
    else:
        print_all(*import_lines(manifest, described.kind, label_of(output), lang))


def _guess(file: Path, output: Path | None, lang: str, as_json: bool) -> None:
    """Print a proposed mapping, or write it into a new file."""
    from dataclasses import asdict

    from kinerja_sim.know.files import label_of
    from kinerja_sim.know.messages import sentence

    if output is not None and output.exists():
        remedy = "Name another with -o."
        raise InputError(sentence("mapping", "be a new file", "one that exists", f"at {label_of(output)}", remedy))
    from kinerja_sim.field.guess import guess_mapping
    from kinerja_sim.present.field import mapping_text

    found = guess_mapping(file)
    text = mapping_text(found, lang)
    if output is not None:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            got, where = error.strerror or "an error", f"at {label_of(output)}"
            raise InputError(sentence("mapping", "be a file that can be written", got, where)) from None
    if as_json:
        print_json(asdict(found) | {"text": text})
    elif output is None:
        print_all(text.rstrip("\n"))
    else:
        where = label_of(output)
        ask = f"kinerja import {label_of(file)} --map {where} -o data/mine"
        print_all(
            say(
                lang,
                id=f"Usulan pemetaan: {where}. Baca dan perbaiki setiap baris, lalu: {ask}",
                en=f"Proposed mapping: {where}. Read and mend every line, then: {ask}",
            )
        )


DOCTOR_HELP = example(
    in_help(
        en="Look a data folder over: what cannot be, what is doubtful, what to know. Writes a cleaned copy and a list "
        "of all that it lacks; nothing is corrected.",
        id="Periksa folder data: yang mustahil, yang meragukan, yang perlu diketahui. Menulis salinan bersih dan "
        "daftar semua yang tidak disertakan; tidak ada yang diperbaiki.",
    ),
    "kinerja doctor data/mine",
)


def doctor(
    folder: DataArgument,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print findings on a data folder, and write them with a cleaned copy below it."""
    lang = language(lang)
    from kinerja_sim.field.doctor import examine, write_examined
    from kinerja_sim.know.files import label_of
    from kinerja_sim.present.field import doctor_lines, doctor_table

    examined = examine(folder)
    written = write_examined(examined)
    kept = {kind: (len(table), examined.checked[kind]) for kind, table in examined.cleaned.items()}
    if as_json:
        rows = {kind: {"kept": n, "checked": all_rows} for kind, (n, all_rows) in kept.items()}
        print_json({"folder": str(written), "rows": rows, "findings": examined.findings.to_dict("records")})
        return
    table = [doctor_table(examined.findings, lang)] if len(examined.findings) else []
    print_all(*table, *doctor_lines(examined.findings, kept, label_of(written), lang))


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command("import", help=IMPORT_HELP)(import_)
    app.command("doctor", help=DOCTOR_HELP)(doctor)
