"""`kinerja sweep`, `status`, `expand` and `plan`: designs run, looked at, enlarged, and planned."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinerja_sim.present.terminal import print_all, print_json, progress_bar
from kinerja_sim.verbs.options import JsonOption, LangOption, WorkersOption, example, in_help, language, say

if TYPE_CHECKING:
    from kinerja_sim.know.fields import Text
    from kinerja_sim.study.design import Study
    from kinerja_sim.study.executors import Executor

SWEEP = example(
    in_help(
        en="Run a design: every point, draw and replication. Run it again and only what is missing is run.",
        id="Jalankan rancangan: semua titik, penarikan, dan replikasi. Dijalankan lagi, hanya yang belum ada.",
    ),
    "kinerja sweep designs/weights.yaml -o build/weights --workers 2",
)
STATUS = example(
    in_help(en="Look at a sweep: done, failed, missing, and why.", id="Lihat sapuan: selesai, gagal, belum."),
    "kinerja status build/weights",
)
EXPAND = example(
    in_help(en="Add replications or draws to a sweep.", id="Tambahkan replikasi atau penarikan pada sapuan."),
    "kinerja expand build/weights --add-replications 50",
)
PLAN = example(
    in_help(
        en="How many replications does a difference need, and how long do they take?",
        id="Berapa replikasi yang diperlukan suatu selisih, dan berapa lama?",
    ),
    "kinerja plan designs/weights.yaml --metric turnaround_days_mean --half-width 0.1",
)
DesignArgument = Annotated[
    str,
    typer.Argument(
        metavar="DESIGN",
        help=in_help(
            en="Name of a design in the library, or path to a file.", id="Nama rancangan di pustaka, atau jalur berkas."
        ),
    ),
]
FolderArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help=in_help(en="A sweep's folder.", id="Folder suatu sapuan."))
]
DaskOption = Annotated[
    str | None,
    typer.Option(
        "--dask",
        help=in_help(
            en="Address of a Dask scheduler, instead of processes here.",
            id="Alamat penjadwal Dask, sebagai ganti proses di sini.",
        ),
    ),
]


def sweep(
    design: DesignArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help=in_help(en="Folder to write.", id="Folder keluaran."))],
    workers: WorkersOption = 2,
    dask: DaskOption = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=in_help(
                en="Check everything and print size and time; run only a pilot.",
                id="Periksa semuanya dan cetak ukuran serta waktu; hanya percobaan kecil yang dijalankan.",
            ),
        ),
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run what a design's folder lacks, and write its tables."""
    lang = language(lang)
    from kinerja_sim.present.sweeps import size_text
    from kinerja_sim.study.planner import measure
    from kinerja_sim.study.store import check_folder, is_ours
    from kinerja_sim.study.sweep import prepare
    from kinerja_sim.study.sweep_folder import KIND

    executor = _executor(workers, dask)
    check_folder(output, KIND)
    study = prepare(design)
    if is_ours(output) and not dry_run:  # the folder remembers its own plan
        _run(study, output, executor, lang, as_json)
        return
    size, plan = measure(study)
    if dry_run:
        if as_json:
            print_json(vars(size))
        else:
            print_all(size_text(size, lang))
        return
    _tell(size_text(size, lang))
    _run(study, output, executor, lang, as_json, plan=plan)


def status(folder: FolderArgument, lang: LangOption = None, as_json: JsonOption = False) -> None:
    """Print how many tasks are done, failed or missing, why, and which files are not sound."""
    lang = language(lang)
    from kinerja_sim.present.sweeps import status_lines
    from kinerja_sim.study.sweep import status as look

    found = look(folder)
    if as_json:
        print_json({**vars(found), "total": found.total})
        return
    print_all(*status_lines(found, lang))


def expand(
    folder: FolderArgument,
    add_replications: Annotated[
        int, typer.Option(help=in_help(en="More replications of each draw.", id="Tambahan replikasi per penarikan."))
    ] = 0,
    add_draws: Annotated[
        int, typer.Option(help=in_help(en="More draws of the ledger.", id="Tambahan penarikan dari buku bukti."))
    ] = 0,
    workers: WorkersOption = 2,
    dask: DaskOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add replications or draws to a sweep and run them; what is done stays as it is."""
    lang = language(lang)
    from kinerja_sim.study.sweep import expand as enlarge

    executor = _executor(workers, dask)
    study = enlarge(folder, add_replications=add_replications, add_draws=add_draws)
    _run(study, folder, executor, lang, as_json)


def plan(
    design: DesignArgument,
    metric: Annotated[str, typer.Option(help=in_help(en="Metric of the design.", id="Ukuran dalam rancangan."))],
    half_width: Annotated[
        float,
        typer.Option(
            help=in_help(
                en="Half of the 95% interval wanted, in the metric's unit.",
                id="Setengah selang 95 % yang diinginkan, dalam satuan ukuran itu.",
            )
        ),
    ],
    unit: Annotated[
        str | None, typer.Option(help=in_help(en="Service unit; left out: all.", id="Unit layanan; kosong: semua."))
    ] = None,
    pilot: Annotated[int, typer.Option(help=in_help(en="Replications to try.", id="Replikasi percobaan."))] = 20,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print how many replications a difference needs, paired and unpaired, and the minutes they take."""
    lang = language(lang)
    from kinerja_sim.present.sweeps import plan_table
    from kinerja_sim.study.planner import plan_precision
    from kinerja_sim.study.sweep import prepare

    study = prepare(design)
    with progress_bar(say(lang, id="Percobaan", en="Pilot")) as progress:
        found = plan_precision(study, metric, half_width, unit=unit, pilot=pilot, progress=progress)
    if as_json:
        print_json(found.to_dict("records"))
        return
    is_drawn = study.design.parameters == "ledger"
    print_all(plan_table(found, metric, half_width, pilot, is_drawn, lang))


def _run(study: Study, folder: Path, executor: Executor, lang: str, as_json: bool, **options: Any) -> None:
    """Run a study's missing tasks and print what was done; exit code 1 when something failed."""
    from kinerja_sim.present.sweeps import done_text
    from kinerja_sim.study.sweep import sweep as run

    def notify(text: Text) -> None:
        _tell(text.in_(lang))

    with progress_bar(say(lang, id="Sapuan", en="Sweep")) as progress:
        done = run(study, folder, executor=executor, progress=progress, notify=notify, **options)
    files = sorted(str(file) for file in folder.glob("*.*"))
    if as_json:
        counts = {name: getattr(done, name) for name in ("run_now", "failures", "draws", "replications")}
        print_json({"folder": str(folder), "files": files, **counts})
    else:
        print_all(done_text(done, lang), say(lang, id="Berkas:", en="Files:"), *files)
    if done.failures:
        raise typer.Exit(1)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _executor(workers: int, dask: str | None) -> Executor:
    from kinerja_sim.study.compare import whole_number
    from kinerja_sim.study.executors import make_executor

    return make_executor(whole_number("workers", workers, 1), dask)


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(help=SWEEP)(sweep)
    app.command(help=STATUS)(status)
    app.command(help=EXPAND)(expand)
    app.command(help=PLAN)(plan)
