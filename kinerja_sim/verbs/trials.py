"""`kinerja trials`: published trials predicted with their own ledger row removed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kinerja_sim.present.terminal import print_all, print_json, progress_bar
from kinerja_sim.verbs.options import (
    JsonOption,
    LangOption,
    SeedOption,
    WorkersOption,
    example,
    in_help,
    language,
    say,
)  # fmt: skip

HELP = example(
    in_help(
        en="Predict published trials, each without its own evidence. Misses are shown with hits.",
        id="Ramalkan uji yang telah terbit, masing-masing tanpa buktinya sendiri. Yang meleset ikut ditunjukkan.",
    ),
    "kinerja trials --lang id",
)


def trials(
    draws: Annotated[
        int,
        typer.Option(
            "--draws", "-n", help=in_help(en="Draws of the ledger.", id="Banyaknya penarikan dari buku bukti.")
        ),
    ] = 300,
    seed: SeedOption = 0,
    workers: WorkersOption = 2,
    page: Annotated[
        Path | None,
        typer.Option(
            help=in_help(
                en="Also write a dated Markdown page to this file.",
                id="Tulis juga halaman Markdown bertanggal di sini.",
            )
        ),
    ] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print every trial with class, printed and simulated effect, width, verdict and why."""
    lang = language(lang)
    from datetime import date

    from kinerja_sim.know.trials import load_trials
    from kinerja_sim.present.trials import (
        LEGEND,
        others_table,
        predictions_table,
        reasons_table,
        summary_sentence,
        trials_page,
    )
    from kinerja_sim.study.store import check_place
    from kinerja_sim.study.trials import run_trials

    if page is not None:
        check_place(page)
    published = load_trials()
    with progress_bar(say(lang, id="Uji terbit", en="Published trials")) as progress:
        found = run_trials(draws=draws, seed=seed, workers=workers, trials=published, progress=progress)
    if page is not None:
        today = date.today().isoformat()
        text = trials_page(
            found.table, found.alternatives, found.summary, published, lang, date=today, draws=found.draws, seed=seed
        )
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8", newline="\n")
    if as_json:
        judged = {row["id"]: row for row in found.table.to_dict("records")}
        listed: list[dict[str, Any]] = [
            {**trial.model_dump(mode="json"), "judged": judged[trial.id]} for trial in published.trials
        ]
        also = found.alternatives.to_dict("records")
        print_json({"draws": found.draws, "seed": seed, "summary": found.summary, "trials": listed, "also": also})
        return
    print_all(
        predictions_table(found.table, published, lang), LEGEND.in_(lang), reasons_table(found.table, published, lang),
        others_table(published, lang), summary_sentence(found.summary, lang),
    )  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command(help=HELP)(trials)
