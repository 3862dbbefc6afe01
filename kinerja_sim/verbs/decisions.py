"""`kinerja sensitivity`, `discover`, `decide` and `transfer`: what a sweep says, and why places differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kinerja_sim.present.terminal import print_all, print_json, progress_bar
from kinerja_sim.verbs.options import (
    JsonOption,
    LangOption,
    MonthsOption,
    ParametersOption,
    PreMonthsOption,
    RepeatsOption,
    SeedOption,
    example,
    in_help,
    language,
    say,
)

SweepArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help=in_help(en="A finished sweep.", id="Sapuan yang sudah selesai."))
]
_ONLY = in_help(en="Left out: the only one.", id="Bila kosong: satu-satunya.")
MetricOption = Annotated[str, typer.Option(help=in_help(en="Metric of the sweep.", id="Ukuran dalam sapuan."))]
UnitOption = Annotated[
    str | None,
    typer.Option(
        help=in_help(
            en="Service unit. Left out: the only one, or that of the region's primary hypothesis.",
            id="Unit layanan. Bila kosong: satu-satunya, atau unit hipotesis utama wilayah itu.",
        )
    ),
]
RegionOption = Annotated[str | None, typer.Option(help=in_help(en="Region. ", id="Wilayah. ") + _ONLY)]
PolicyOption = Annotated[str | None, typer.Option(help=in_help(en="Policy. ", id="Kebijakan. ") + _ONLY)]
OnOption = Annotated[
    str,
    typer.Option(
        help=in_help(
            en="contrast: difference from the reference; level: the value itself.",
            id="contrast: selisih dari acuan; level: nilai itu sendiri.",
        )
    ),
]
WhereOption = Annotated[
    str,
    typer.Option(
        help=in_help(
            en='Comparisons such as "satisfaction_index >= 76.61", joined by "and".',
            id='Perbandingan seperti "satisfaction_index >= 76.61", disambung dengan "and".',
        )
    ),
]


def sensitivity(
    folder: SweepArgument, metric: MetricOption, unit: UnitOption = None, region: RegionOption = None,
    policy: PolicyOption = None, on: OnOption = "contrast", lang: LangOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Print which factors, and which grades of evidence, carry the spread of a metric."""
    lang = language(lang)
    from kinerja_sim.present.sensitivity import sensitivity_page, sensitivity_sentences
    from kinerja_sim.present.sweep_figures import beyond_lines
    from kinerja_sim.study.sensitivity import sensitivity as analyse
    from kinerja_sim.study.sweep_tables import open_sweep

    sweep = open_sweep(folder)
    regions = [region] if region else sweep.regions
    each = [analyse(folder, metric, unit, region=one, policy=policy, on=on) for one in regions]
    if not as_json:
        print_all(*(sensitivity_page(found, lang) for found in each), *beyond_lines(sweep, lang))
        return
    names = ("method", "metric", "unit", "region", "policy", "on", "n_blocks", "n_used", "n_points", "n_failed",
             "n_replications", "noise_share", "mean", "spread")  # fmt: skip
    print_json(
        [
            {name: getattr(found, name) for name in names}
            | {"coverage": found.coverage}
            | {"sentences": sensitivity_sentences(found, lang) + beyond_lines(sweep, lang)}
            | {"grades": found.grades.to_dict("records"), "factors": found.table.to_dict("records")}
            for found in each
        ]
    )


def discover(
    folder: SweepArgument, where: WhereOption, unit: UnitOption = None, region: RegionOption = None,
    policy: Annotated[
        str | None, typer.Option(help=in_help(en="Left out: all of them.", id="Bila kosong: semuanya."))
    ] = None,
    on: OnOption = "level", lang: LangOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Print the boxes of the design in which a condition holds."""
    lang = language(lang)
    from kinerja_sim.present.discovery import discovery_page, discovery_sentences
    from kinerja_sim.present.sweep_figures import beyond_lines
    from kinerja_sim.study.discover import discover as search
    from kinerja_sim.study.discover import parse_where
    from kinerja_sim.study.sweep_tables import open_sweep

    parse_where(where)  # a wrong condition is told before a wrong folder
    sweep = open_sweep(folder)
    regions = [region] if region else sweep.regions
    each = [search(folder, where, unit, region=one, policy=policy, on=on) for one in regions]
    if not as_json:
        print_all(*(discovery_page(found, lang) for found in each), *beyond_lines(sweep, lang))
        return
    names = ("on", "unit", "region", "n_points", "n_failed", "n_meeting", "n_replications")
    print_json(
        [
            {name: getattr(found, name) for name in names}
            | {"where": [str(clause) for clause in found.where]}
            | {"sentences": discovery_sentences(found, lang) + beyond_lines(sweep, lang)}
            | {"boxes": found.boxes.to_dict("records"), "bounds": found.table.to_dict("records")}
            for found in each
        ]
    )


def decide(
    folder: SweepArgument,
    metric: Annotated[
        str | None,
        typer.Option(
            help=in_help(
                en="Judge by this metric. Left out: net benefit, or the design's first metric.",
                id="Nilai menurut ukuran ini. Bila kosong: manfaat bersih, atau ukuran pertama rancangan.",
            )
        ),
    ] = None,
    unit: UnitOption = None,
    region: Annotated[
        str | None, typer.Option(help=in_help(en="Left out: all together.", id="Bila kosong: semuanya bersama."))
    ] = None,
    budget_idr: Annotated[
        float | None,
        typer.Option(
            "--budget-idr",
            help=in_help(en="Extra cost at most, rupiah.", id="Biaya tambahan paling banyak, rupiah."),
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(help=in_help(en="What counts as good enough.", id="Yang dianggap cukup baik.")),
    ] = None,
    value_idr: Annotated[
        float | None,
        typer.Option(
            "--value-idr",
            help=in_help(
                en="Value of an hour of waiting, rupiah. Left out: the ledger's.",
                id="Nilai satu jam menunggu, rupiah. Bila kosong: dari buku bukti.",
            ),
        ),
    ] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print regret, satisficing, dominance, cost, the worth of more knowledge and the map over weights."""
    lang = language(lang)
    from kinerja_sim.present.decisions import decision_page, decision_sentences
    from kinerja_sim.present.weights import weight_sentences
    from kinerja_sim.study.decisions import decide as judge
    from kinerja_sim.study.weight_map import maps_of

    found = judge(folder, metric, unit, region=region, budget_idr=budget_idr, where=where, value_idr=value_idr)
    maps = maps_of(folder, found.metric, unit, region=region)
    weights = [text for one in maps for text in weight_sentences(one, lang)]
    if not as_json:
        head = [say(lang, id="Peta bobot", en="Maps over weights")] if maps else []
        print_all(decision_page(found, lang), *head, *weights)
        return
    chosen = None if found.selection is None else vars(found.selection) | {"selected": found.selected}
    names = (
        "metric", "unit", "region", "reference", "value_idr", "budget_idr", "n_states", "n_replications", "n_dropped",
    )  # fmt: skip
    print_json(
        {name: getattr(found, name) for name in names}
        | {"sentences": decision_sentences(found, lang) + weights, "options": found.table.to_dict("records")}
        | {"information": found.information.to_dict("records"), "selection": chosen}
        | {"acceptability": found.acceptability.to_dict("records")}
        | {
            "weights": [
                {n: getattr(m, n) for n in ("kind", "names", "stated", "winner", "flip_to", "flip_distance", "flip_at")}
                for m in maps
            ]
        }
    )


def transfer(
    policy: Annotated[str, typer.Argument(help=in_help(en="Name or path.", id="Nama atau jalur."))],
    a: Annotated[str, typer.Option("--from", help=in_help(en="Region where it works.", id="Wilayah asal."))],
    b: Annotated[str, typer.Option("--to", help=in_help(en="Region to compare.", id="Wilayah tujuan."))],
    metric: Annotated[
        str | None,
        typer.Option(
            help=in_help(en="Left out: the first region's primary one.", id="Bila kosong: ukuran utama wilayah asal.")
        ),
    ] = None,
    unit_a: Annotated[
        str | None, typer.Option("--unit-from", help=in_help(en="Its service unit.", id="Unit layanan asal."))
    ] = None,
    unit_b: Annotated[
        str | None, typer.Option("--unit-to", help=in_help(en="The other's unit.", id="Unit layanan tujuan."))
    ] = None,
    replications: RepeatsOption = 20,
    seed: SeedOption = 0,
    months: MonthsOption = 24,
    pre_months: PreMonthsOption = 6,
    parameters: ParametersOption = "ledger",
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print why the effect of a policy differs between two places."""
    lang = language(lang)
    from kinerja_sim.present.transfer import transfer_page, transfer_sentences
    from kinerja_sim.study.transfer import transfer as compare_places

    options: Any = {"seed": seed, "months": months, "pre_months": pre_months, "parameters": parameters}
    with progress_bar(say(lang, id="Menukar blok", en="Swapping blocks")) as progress:
        found = compare_places(
            policy, a, b, metric=metric, unit_a=unit_a, unit_b=unit_b, replications=replications, progress=progress,
            **options,
        )  # fmt: skip
    if not as_json:
        print_all(transfer_page(found, lang))
        return
    print_json(
        {"run": found.manifest, "blocks": found.blocks, "sentences": transfer_sentences(found, lang)}
        | {"parts": found.table.to_dict("records"), "grades": found.grades.to_dict("records")}
    )


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(
        help=example(
            in_help(
                en="Divide the spread of a metric among the factors of a Morris or Saltelli design, and "
                "among grades of evidence.",
                id="Bagi sebaran suatu ukuran di antara faktor rancangan Morris atau Saltelli, dan menurut mutu bukti.",
            ),
            "kinerja sensitivity build/what_matters --metric turnaround_days_mean",
        )
    )(sensitivity)
    app.command(
        help=example(
            in_help(
                en="Find the boxes of a design in which a condition holds (PRIM).",
                id="Cari bagian rancangan tempat suatu syarat terpenuhi (PRIM).",
            ),
            'kinerja discover build/weights --where "satisfaction_index >= 76.61"',
        )
    )(discover)
    app.command(
        help=example(
            in_help(
                en="Choose among the options of a sweep: regret, dominance, cost, worth of more knowledge, weights.",
                id="Pilih di antara opsi suatu sapuan: sesal, dominasi, biaya, nilai pengetahuan tambahan, bobot.",
            ),
            "kinerja decide build/weights --budget-idr 500000000",
        )
    )(decide)
    app.command(
        help=example(
            in_help(
                en="Why does a policy work in one place and not in another? Swaps what differs, block by block.",
                id="Mengapa kebijakan berhasil di satu tempat dan tidak di tempat lain? Bloknya ditukar satu-satu.",
            ),
            "kinerja transfer quarterly_kpi --from arcamanik --to tebing-tinggi -n 10",
        )
    )(transfer)
