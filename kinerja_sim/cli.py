"""The verbs of the command line; no logic.

Exit code 2 for a user's mistake (one clear line, no traceback, nothing written), 1 for a
failed run, 0 otherwise. Every verb imports what it needs when it runs, so that help costs
no more than typer itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
import typer.core
import typer.exceptions

from kinerja_sim.know.errors import InputError, KinerjaError
from kinerja_sim.present.terminal import print_all, print_json, progress_bar
from kinerja_sim.verbs import decisions, explore, exports, field, fit, plain, presenter, reports, sweeps, trials, why
from kinerja_sim.verbs.options import (
    PLACES,
    JsonOption,
    LangOption,
    MonthsOption,
    ParametersOption,
    PreMonthsOption,
    RegionsOption,
    RepeatsOption,
    SeedOption,
    Verb,
    WorkersOption,
    example,
    forget_language,
    in_help,
    language,
    say,
    spoken,
)

if TYPE_CHECKING:
    from kinerja_sim.study.comparison import Comparison


INTERRUPTED = 130
"""The exit code of a verb that Ctrl-C ended."""


class Verbs(typer.core.TyperGroup):
    """A group whose errors are one line on stderr with the exit code that they mean."""

    context_class = Verb.context_class

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line; an empty one asks for help."""
        return super().parse_args(ctx, args or ["--help"])

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a verb and exit with its code."""
        forget_language()
        try:
            code = super().main(*args, **(options | {"standalone_mode": False}))
        except KinerjaError as error:
            _stop(str(error), error.exit_code)
        except typer.Abort:  # a question was left unanswered
            _stop(say(spoken(), id="dibatalkan", en="aborted"), 1)
        except typer.exceptions.TyperException as error:  # a wrong verb, option or argument
            _stop(_one_line(error), getattr(error, "exit_code", 2))
        if code == INTERRUPTED:
            _stop(say(spoken(), id="dibatalkan", en="aborted"), INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


def _one_line(error: typer.exceptions.TyperException) -> str:
    """Return what typer says about a wrong option, without its usage lines."""
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    return " ".join(message.split())


def _stop(message: str, code: int) -> NoReturn:
    from kinerja_sim.present.errors import in_language

    sys.stderr.write(f"{in_language(message, spoken())}\n")
    sys.exit(code)


app = typer.Typer(
    name="kinerja",
    cls=Verbs,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=in_help(
        en="Simulate what performance-evaluation policies for civil servants do to public services.",
        id="Simulasikan dampak kebijakan evaluasi kinerja ASN pada pelayanan publik.",
    ),
)


@app.callback()
def begin(lang: LangOption = None) -> None:
    """Hear `--lang` before the verb too; after it, the verb's own wins."""
    if lang is not None:
        language(lang)


@app.command(
    help=example(
        in_help(
            en="Compare policies on the same citizens. Writes tables, notebooks and decks.",
            id="Bandingkan kebijakan pada warga yang sama. Menulis tabel, notebook, dan salindia.",
        ),
        "kinerja compare --regions arcamanik --policies arcamanik,one_more_officer -n 20 -o build/try",
    )
)
def compare(
    regions: RegionsOption = "all",
    policies: Annotated[
        str | None,
        typer.Option(
            help=PLACES
            + " "
            + in_help(
                en="Left out: each region's own policy and the library, without other regions' own policies.",
                id="Bila kosong: kebijakan wilayah itu sendiri dan pustaka, tanpa kebijakan milik wilayah lain.",
            )
        ),
    ] = None,
    replications: RepeatsOption = 100,
    seed: SeedOption = 0,
    months: MonthsOption = 24,
    pre_months: PreMonthsOption = 6,
    parameters: ParametersOption = "ledger",
    workers: WorkersOption = 2,
    lang: LangOption = None,
    no_notebooks: Annotated[
        bool,
        typer.Option(
            "--no-notebooks", help=in_help(en="Tables only: no notebooks, no decks.", id="Hanya tabel, tanpa notebook.")
        ),
    ] = False,
    output: Annotated[
        Path, typer.Option("--output", "-o", help=in_help(en="Folder to write.", id="Folder keluaran."))
    ] = Path("build/compare"),
    as_json: JsonOption = False,
) -> None:
    """Compare policies and write everything that shows the result."""
    lang = language(lang)
    from kinerja_sim.know.library import list_policies, list_regions, load_policy, load_region
    from kinerja_sim.study.compare import compare as run
    from kinerja_sim.study.compare import usual_policies
    from kinerja_sim.study.store import check_folder
    from kinerja_sim.verbs.presenter import check_shows, show_in_files

    check_folder(output)
    if not no_notebooks:
        check_shows()
    places = _names("regions", regions, list_regions)
    plans = None if policies is None else _names("policies", policies, list_policies)
    _tell_together([(load_region, places), (load_policy, plans or [])])
    chosen = [load_region(name) for name in places]
    listed = {region.name: usual_policies(region) for region in chosen} if plans is None else plans
    with progress_bar(say(lang, id="Simulasi", en="Simulating")) as progress:
        span: dict[str, Any] = {"months": months, "pre_months": pre_months, "parameters": parameters}
        comparison = run(
            chosen, listed, replications=replications, seed=seed, workers=workers, progress=progress, **span
        )
    folder = comparison.save(output)
    if not as_json:
        _show_comparison(comparison, lang)
    failed = [] if no_notebooks else show_in_files(comparison, folder, lang, workers)
    _report_comparison(comparison, folder, failed, lang, as_json)
    if failed or comparison.failures:
        raise typer.Exit(1)


@app.command(
    help=example(
        in_help(
            en="Run one policy in one region once. Prints the levels of every metric.",
            id="Jalankan satu kebijakan di satu wilayah sekali. Mencetak semua ukuran.",
        ),
        "kinerja simulate arcamanik baseline --months 12",
    )
)
def simulate(
    region: Annotated[
        str, typer.Argument(metavar="REGION", help=in_help(en="Name or path.", id="Nama atau jalur berkas."))
    ],
    policy: Annotated[
        str, typer.Argument(metavar="POLICY", help=in_help(en="Name or path.", id="Nama atau jalur berkas."))
    ],
    seed: SeedOption = 0,
    replication: Annotated[int, typer.Option(help=in_help(en="Which replication.", id="Replikasi ke berapa."))] = 0,
    months: MonthsOption = 24,
    pre_months: PreMonthsOption = 6,
    parameters: ParametersOption = "ledger",
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run one replication and print the levels of every metric since the policy's start."""
    lang = language(lang)
    from kinerja_sim.know.library import load_policy, load_region
    from kinerja_sim.study.notices import one_officer
    from kinerja_sim.study.run import simulate as run
    from kinerja_sim.study.summary import pool_metrics

    place, plan = load_region(region), load_policy(policy)
    span: dict[str, Any] = {"months": months, "pre_months": pre_months, "parameters": parameters}
    done = run(place, plan, seed=seed, replication=replication, **span)
    levels = pool_metrics(done.results, "after")
    if as_json:
        print_json(levels.to_dict("records"))
        return
    from kinerja_sim.present.listings import levels_table
    from kinerja_sim.present.saved import beyond_note, marked

    once = say(
        lang,
        id="Satu replikasi: satu kemungkinan, bukan perkiraan; jangan dibandingkan tanpa pasangan.",
        en="One replication: one possibility, not an estimate; compare policies with `kinerja compare`.",
    )
    is_beyond = plan.appraisal.beyond_regulation
    name = marked(plan.title.in_(lang), is_beyond, lang)
    alone = one_officer([place])
    notes = [once, *([beyond_note(lang)] if is_beyond else []), *([alone.in_(lang)] if alone else [])]
    print_all(f"{place.title.in_(lang)} · {name}", levels_table(levels, place, lang), *notes)


@app.command(
    help=example(
        in_help(en="List the regions of the library.", id="Daftar wilayah dalam pustaka."), "kinerja regions --json"
    )
)
def regions(lang: LangOption = None, as_json: JsonOption = False) -> None:
    """List the regions with their units, own policy and primary hypothesis."""
    lang = language(lang)
    from kinerja_sim.know.library import list_regions, load_region

    found = [load_region(name) for name in list_regions()]
    if as_json:
        print_json([region.model_dump(mode="json") for region in found])
        return
    from kinerja_sim.present.listings import regions_table

    print_all(regions_table(found, lang))


@app.command(
    help=example(
        in_help(en="List the policies of the library.", id="Daftar kebijakan dalam pustaka."),
        "kinerja policies --lang id",
    )
)
def policies(lang: LangOption = None, as_json: JsonOption = False) -> None:
    """List the policies with what they do and what is left out."""
    lang = language(lang)
    from kinerja_sim.know.library import list_policies, load_policy

    found = [load_policy(name) for name in list_policies()]
    if as_json:
        print_json([policy.model_dump(mode="json") for policy in found])
        return
    from kinerja_sim.present.listings import policies_table

    print_all(policies_table(found, lang))


@app.command(
    help=example(
        in_help(
            en="Prove that dose 0 changes nothing. Exit code 1 when a proof fails; flags are warnings.",
            id="Buktikan bahwa dosis 0 tidak mengubah apa pun. Kode keluar 1 bila ada bukti yang gagal.",
        ),
        "kinerja check --regions arcamanik",
    )
)
def check(
    regions: RegionsOption = "all",
    policies: Annotated[str, typer.Option(help=PLACES)] = "all",
    replications: RepeatsOption = 2,
    seed: SeedOption = 0,
    months: MonthsOption = 24,
    pre_months: PreMonthsOption = 6,
    parameters: ParametersOption = "ledger",
    workers: WorkersOption = 2,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run every policy at dose 0 and at full dose in every region, and look at what must hold."""
    lang = language(lang)
    from kinerja_sim.know.library import list_policies, list_regions, load_policy, load_region
    from kinerja_sim.study.check import check as run

    places, plans = _names("regions", regions, list_regions), _names("policies", policies, list_policies)
    _tell_together([(load_region, places), (load_policy, plans)])
    with progress_bar(say(lang, id="Memeriksa", en="Checking")) as progress:
        span: dict[str, Any] = {"months": months, "pre_months": pre_months, "parameters": parameters}
        found = run(places, plans, replications=replications, seed=seed, workers=workers, progress=progress, **span)
    if as_json:
        print_json({"passed": found.is_passed, "findings": found.table.to_dict("records")})
    else:
        from kinerja_sim.present.listings import check_table

        held = say(lang, id="Semua bukti berlaku.", en="Every proof holds.")
        broken = say(lang, id="Ada bukti yang gagal.", en="A proof fails.")
        print_all(check_table(found.table, lang), held if found.is_passed else broken)
    if not found.is_passed:
        raise typer.Exit(1)


for room in (why, trials, plain, presenter, reports, field, fit, explore, sweeps, decisions, exports):
    room.register(app)
for verb in app.registered_commands:
    verb.cls = Verb


def _names(option: str, text: str, everything: Callable[[], list[str]]) -> list[str]:
    """Return the names in a comma-separated option, or all of the library."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise InputError(f"`{option}` must hold at least one name; got {text!r}. `all` takes the whole library.")
    return everything() if names == ["all"] else names


def _tell_together(named: list[tuple[Callable[[str], object], list[str]]]) -> None:
    """Load every region and policy that is named, or raise one error with a line for each that cannot be."""
    told: list[str] = []
    for load, names in named:
        for name in names:
            try:
                load(name)
            except InputError as error:
                told.append(str(error))
    if told:
        raise InputError("\n".join(told))


def _show_comparison(comparison: Comparison, lang: str) -> None:
    from kinerja_sim.present.queues import queue_line
    from kinerja_sim.present.tables import region_page
    from kinerja_sim.present.two_by_two import two_by_two

    contrasts, manifest = comparison.contrasts, comparison.manifest
    for region in comparison.regions:
        cells = two_by_two(contrasts, comparison.results, manifest, region, lang)
        line = queue_line(comparison.queues, manifest, region, lang)
        print_all(region_page(contrasts, manifest, region, lang), *([cells.page()] if cells else []), line, "")


def _report_comparison(comparison: Comparison, folder: Path, failed: list[str], lang: str, as_json: bool) -> None:
    """Print warnings, failures and where the files are; or everything as JSON."""
    files = sorted(str(file) for file in folder.rglob("*") if file.is_file())
    told = [text.in_(lang) for text in comparison.warnings]
    if as_json:
        print_json(
            {
                "run_id": comparison.run_id,
                "folder": str(folder),
                "files": files,
                "warnings": told,
                "failed_files": failed,
                "failed_replications": [vars(failure) for failure in comparison.failures],
                "queues": comparison.queues.to_dict("records"),
                "contrasts": comparison.contrasts[comparison.contrasts["window"] == "after"].to_dict("records"),
            }
        )
        return
    mark = say(lang, id="Perhatian", en="Note")
    print_all(*[f"{mark}: {text}" for text in told], *failed, say(lang, id="Berkas:", en="Files:"), *files)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
