"""`kinerja survey`, `calibrate` and `backtest`: what a user's own data say, and how well forecasts from them hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kinerja_sim.present.terminal import print_all, print_json, progress_bar
from kinerja_sim.verbs.options import DataArgument, JsonOption, LangOption, SeedOption, example, in_help, language, say

Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help=in_help(en="Folder for tables and figures.", id="Folder tabel dan gambar.")),
]
Census = Annotated[
    str | None,
    typer.Option(
        metavar="CHANNEL",
        help=in_help(
            en="The survey's channel by which everybody was asked; others are compared with it.",
            id="Kanal survei yang menanyai semua orang; kanal lain dibandingkan dengannya.",
        ),
    ),
]
SURVEY_HELP = example(
    in_help(
        en="IKM by regulation with intervals, by unit, channel and element, and whether answers could rank anyone.",
        id="IKM menurut peraturan dengan selang, per unit, kanal, dan unsur, dan apakah jawaban cukup untuk peringkat.",
    ),
    "kinerja survey data/mine",
)
CALIBRATE_HELP = example(
    in_help(
        en="Write a region file from your logs: measured where they tell, kept from a base region where not.",
        id="Tulis berkas wilayah dari log Anda: terukur bila data menunjukkannya, selain itu dari wilayah dasar.",
    ),
    "kinerja calibrate data/mine --region my-city -o data/regions/my-city.yaml",
)
BACKTEST_HELP = example(
    in_help(
        en="Train on a log's first part, forecast the rest with intervals, and score it against simpler forecasts.",
        id="Latih pada awal log, ramalkan sisanya dengan selang, dan nilai terhadap ramalan yang lebih sederhana.",
    ),
    "kinerja backtest data/mine --train-until 2026-06-30",
)


def survey(
    folder: DataArgument,
    population: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=in_help(
                en="People served, for a survey of one unit; left out: counted in the queue log, if there is one.",
                id="Banyaknya yang dilayani, bila survei satu unit; bila kosong: dihitung dari log antrean, bila ada.",
            ),
        ),
    ] = None,
    census: Census = None,
    output: Output = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the index, the elements and the spread between officers."""
    lang = language(lang)
    from dataclasses import asdict

    from kinerja_sim.field.folder import people_served, save, table_of
    from kinerja_sim.field.survey import FEWEST_ANSWERS, FEWEST_OFFICERS, channel_bias, read_survey
    from kinerja_sim.field.tables import read_field
    from kinerja_sim.present.survey import bias_table, index_lines, officer_lines, survey_tables
    from kinerja_sim.study.store import check_folder

    if output is not None:
        check_folder(output, "fit")
    data = read_field(folder)
    answers = table_of(data, "survey")
    found = read_survey(answers, population=people_served(data, answers, population))
    bias = channel_bias(answers, census) if census is not None else None
    spreads: dict[str, Any] = {
        u: None if s is None else asdict(s) | {"sd": s.sd._asdict(), "icc": s.icc._asdict()}
        for u, s in found.officers.items()
    }
    if output is not None:
        tables = {"index": found.index, "elements": found.elements} | ({} if bias is None else {"bias": bias})
        save(output, tables, data, {"verb": "survey", "officers": spreads})
    if as_json:
        rows = {"index": found.index.to_dict("records"), "elements": found.elements.to_dict("records")}
        print_json(rows | {"officers": spreads, "bias": None if bias is None else bias.to_dict("records")})
        return
    lines = [*index_lines(found.index, FEWEST_ANSWERS, lang), *officer_lines(spreads, FEWEST_OFFICERS, lang)]
    print_all(
        *survey_tables(found.index, found.elements, lang), *([] if bias is None else [bias_table(bias, lang)]), *lines
    )


def calibrate(
    folder: DataArgument,
    region: Annotated[str, typer.Option(help=in_help(en="Name of the new region.", id="Nama wilayah baru."))],
    output: Annotated[
        Path, typer.Option("-o", "--output", help=in_help(en="Region file to write.", id="Berkas wilayah keluaran."))
    ],
    base: Annotated[
        str,
        typer.Option(
            help=in_help(
                en="Region that lends what the data cannot tell.",
                id="Wilayah yang meminjamkan apa yang tidak terbaca dari data.",
            )
        ),
    ] = "arcamanik",
    census: Census = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit everything the data identify; write the region file, and estimates and figures below the data folder."""
    lang = language(lang)
    from kinerja_sim.field.calibrate import calibrate as run
    from kinerja_sim.field.folder import save, source_of, write_figures
    from kinerja_sim.field.regionfile import check_output, region_text, write_region
    from kinerja_sim.field.tables import read_field
    from kinerja_sim.know.library import load_region
    from kinerja_sim.present.fit import estimates_table, note_lines
    from kinerja_sim.present.fit_figures import fit_figure
    from kinerja_sim.study.store import check_folder

    check_output(output, region)
    check_folder(folder / "calibration", "fit")
    lender = load_region(base)
    data = read_field(folder)
    source = source_of(data)
    found = run(dict(data.tables), region, lender, source=source, census=census)
    written = write_region(output, region_text(found.region, lender.name, found.kept))
    notes = [list(note) for note in found.notes]
    facts = {"verb": "calibrate", "region": written.name, "base": lender.name, "kept": found.kept, "notes": notes}
    place = save(folder / "calibration", {"estimates": found.estimates, **found.figures}, data, facts)
    shown = source_of(data, lang)
    figures = {name: fit_figure(name, table, shown, lang).png() for name, table in found.figures.items()}
    write_figures(place, figures)
    if as_json:
        print_json(
            {"region_file": str(output), "folder": str(place), **facts, "estimates": found.estimates.to_dict("records")}
        )
        return
    print_all(
        estimates_table(found.estimates, lang), *note_lines(found.notes, found.kept, lender.name, lang),
        say(lang, id="Berkas:", en="Files:"), str(output), str(place),
    )  # fmt: skip


def backtest(
    folder: DataArgument,
    train_until: Annotated[
        str,
        typer.Option(
            metavar="DAY",
            help=in_help(
                en="Last day of training, or a share of the cases such as 70%.",
                id="Hari latihan terakhir, atau bagian kasus seperti 70%.",
            ),
        ),
    ],
    output: Output = None,
    seed: SeedOption = 0,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forecast what was kept aside and print the scores of every forecaster."""
    lang = language(lang)
    from kinerja_sim.field.folder import save, source_of, write_figures
    from kinerja_sim.field.judge import backtest_tables
    from kinerja_sim.field.tables import read_field
    from kinerja_sim.present.fit import backtest_lines, loops_table, scores_table, turnaround_table
    from kinerja_sim.present.fit_figures import forecast_figure, turnaround_figure
    from kinerja_sim.study.store import check_folder

    if output is not None:
        check_folder(output, "fit")
    data = read_field(folder)
    with progress_bar(say(lang, id="Uji mundur", en="Backtest")) as progress:
        found = backtest_tables(data.tables, train_until, seed=seed, progress=progress)
    names = ("forecasts", "scores", "inside", "turnaround", "quantiles", "loops")
    tables = {name: table for name in names if len(table := getattr(found, name))}
    facts = {
        "verb": "backtest",
        "train_until": train_until,
        "seed": seed,
        "notes": found.notes,
        "left_out": found.left_out,
    }
    if output is not None:
        place = save(output, tables, data, facts)
        source, figures = source_of(data, lang), {}
        for unit in dict.fromkeys(found.forecasts.get("unit", [])):
            part = found.forecasts[found.forecasts["unit"] == unit]
            for metric in ("wait_minutes_mean", "abandoned_share", "arrivals"):
                figures[f"{unit}.{metric}"] = forecast_figure(part, metric, source, lang).png()
        for unit in dict.fromkeys(found.quantiles.get("unit", [])):
            part = found.quantiles[found.quantiles["unit"] == unit]
            for clock in ("turnaround_hours", "working_hours"):
                figures[f"{unit}.{clock}"] = turnaround_figure(part, clock, source, lang).png()
        write_figures(place, figures)
    if as_json:
        shown = ("scores", "inside", "turnaround", "loops")
        print_json(facts | {name: tables[name].to_dict("records") for name in shown if name in tables})
        return
    drawn = {"scores": scores_table, "turnaround": turnaround_table, "loops": loops_table}
    print_all(*[draw(tables[name], lang) for name, draw in drawn.items() if name in tables],
              *backtest_lines(found.notes, found.left_out, lang))  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(help=SURVEY_HELP)(survey)
    app.command(help=CALIBRATE_HELP)(calibrate)
    app.command(help=BACKTEST_HELP)(backtest)
