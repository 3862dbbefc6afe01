"""`kinerja diff` and `kinerja new-region`: policies and regions in plain language."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.terminal import print_all, print_json
from kinerja_sim.verbs.options import JsonOption, LangOption, example, in_help, language, say

if TYPE_CHECKING:
    from kinerja_sim.know.policies import Policy
    from kinerja_sim.know.regions import Region

DIFF_HELP = example(
    in_help(
        en="Say in plain language in which settings two policies (or two regions) differ.",
        id="Sebutkan dalam bahasa sehari-hari pengaturan mana yang berbeda antara dua kebijakan (atau dua wilayah).",
    ),
    "kinerja diff baseline quarterly_kpi --lang id",
)
NEARLY_FULL = 0.9  # load from which on queues are long on usual days
IN_ONE_LINE = 3  # so many changes are one sentence; more are a list
NameArgument = Annotated[
    str, typer.Argument(help=in_help(en="Name in the library or path.", id="Nama dalam pustaka atau jalur berkas."))
]


def diff(
    before: NameArgument,
    after: NameArgument,
    regions: Annotated[
        bool,
        typer.Option(
            "--regions",
            help=in_help(
                en="The names are of regions (a path is recognised by itself).",
                id="Nama itu nama wilayah (jalur berkas dikenali sendiri).",
            ),
        ),
    ] = False,
    results: Annotated[
        Path | None,
        typer.Option(
            help=in_help(
                en="A saved comparison that ran both policies: adds what the change did to each primary metric.",
                id="Perbandingan tersimpan yang memuat kedua kebijakan: menambahkan pengaruhnya pada ukuran utama.",
            )
        ),
    ] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print every setting that differs, and what the difference did where it was simulated."""
    lang = language(lang)
    from kinerja_sim.present.plain import differences, in_one_sentence

    a, b = _read(before, regions), _read(after, regions)
    if type(a) is not type(b):
        raise InputError(
            f"`{after}` must be of the same kind as `{before}`; got a policy and a region. "
            "Compare two policies or two regions."
        )
    changes = differences(a, b, lang)
    said = [] if results is None else _results(results, a, b, lang)
    if as_json:
        listed = [{"path": c.path, "label": c.what, "before": c.before, "after": c.after} for c in changes]
        told = [{"region": region, "sentence": text} for region, text in said]
        beyond = [thing.name for thing in (a, b) if _is_beyond(thing)]
        found = {"before": a.name, "after": b.name, "changes": listed, "results": told, "beyond_regulation": beyond}
        print_json(found)
        return
    from kinerja_sim.present.saved import beyond_note, marked

    titles = [thing.title.in_(lang) for thing in (a, b)]
    if titles[0] == titles[1] and a.name != b.name:  # a copy with a new name keeps its title
        titles = [f"{title} ({thing.name})" for title, thing in zip(titles, (a, b), strict=True)]
    heading = " → ".join(marked(title, _is_beyond(thing), lang) for title, thing in zip(titles, (a, b), strict=True))
    few = [in_one_sentence(changes, lang)]
    lines = few if len(changes) <= IN_ONE_LINE else [f"- {change.line(lang)}" for change in changes]
    note = [beyond_note(lang)] if _is_beyond(a) or _is_beyond(b) else []
    print_all(heading, *lines, *note, *([""] if said else []), *[text for _, text in said])


def _is_beyond(thing: Policy | Region) -> bool:
    from kinerja_sim.know.policies import Policy

    return isinstance(thing, Policy) and thing.appraisal.beyond_regulation


def _read(name: str, is_region: bool) -> Policy | Region:
    """Return the policy or region of a name; a file is a region when it has service units."""
    from kinerja_sim.know.library import load_policy, load_region
    from kinerja_sim.know.yamlfile import read_yaml

    if not is_region and name.lower().endswith((".yaml", ".yml")) and "+" not in name:
        is_region = "units" in read_yaml(name).data
    return load_region(name) if is_region else load_policy(name)


def _results(folder: Path, a: Policy | Region, b: Policy | Region, lang: str) -> list[tuple[str, str]]:
    """Return (region, sentence) for the policies of a saved comparison, paired with each other."""
    from kinerja_sim.know.messages import did_you_mean
    from kinerja_sim.know.policies import Policy
    from kinerja_sim.present.plain import result_sentences
    from kinerja_sim.study.comparison import load_comparison
    from kinerja_sim.study.manifest import NAMING, read_policy

    comparison = load_comparison(folder)
    known: list[Any] = list(comparison.manifest["policies"])
    for thing in (a, b):
        if not isinstance(thing, Policy) or thing.name not in known:
            remedy = did_you_mean(thing.name, known, instead=f"It holds: {', '.join(known)}.")
            raise InputError(f"`results` must have run both policies; got none called '{thing.name}'. {remedy}")
        if read_policy(comparison.manifest, thing.name).model_dump(exclude=NAMING) != thing.model_dump(exclude=NAMING):
            raise InputError(
                f"`results` must have run the policy of this file; got another '{thing.name}' in it. "
                "Run `kinerja compare` again."
            )
    return result_sentences(comparison.against(a.name), comparison.manifest, b.name, lang)


NEW_HELP = example(
    in_help(
        en="Write a region file from ten answers; every number in it is graded as an estimate.",
        id="Tulis berkas wilayah dari sepuluh jawaban; setiap angkanya ditandai sebagai perkiraan.",
    ),
    "kinerja new-region kota-x --answers answers.yaml -o kota-x.yaml",
)
ASKED = {
    "title": ("Nama wilayah", "Name of the region"),
    "level": ("Tingkat: province, city, atau district", "Level: province, city or district"),
    "population": ("Jumlah penduduk", "Residents"),
    "service": ("Layanan yang dilihat", "Service to look at"),
    "cases_per_day": ("Permohonan per hari kerja", "Cases per working day"),
    "counter_officers": ("Pegawai di loket (0 bila tanpa loket)", "Officers at the counter (0: no counter)"),
    "counter_minutes": ("Menit per permohonan di loket", "Minutes per case at the counter"),
    "processing_officers": ("Pegawai di pemrosesan (0 bila tanpa)", "Officers in processing (0: none)"),
    "processing_minutes": ("Menit per permohonan di pemrosesan", "Minutes per case in processing"),
    "promise": ("Janji layanan, misalnya '30 menit' atau '1 hari kerja'", "Promise, such as '30 minutes' or '1 day'"),
}


def _asks(question: str) -> str:
    return in_help(id=ASKED[question][0], en=ASKED[question][1])


def new_region(
    name: Annotated[str, typer.Argument(help=in_help(en="Name of the new region.", id="Nama wilayah baru."))],
    answers: Annotated[
        Path | None,
        typer.Option(help=in_help(en="YAML file with the answers.", id="Berkas YAML berisi jawaban.")),
    ] = None,
    title: Annotated[str | None, typer.Option(help=_asks("title"))] = None,
    level: Annotated[str | None, typer.Option(help=_asks("level"))] = None,
    population: Annotated[float | None, typer.Option(help=_asks("population"))] = None,
    service: Annotated[str | None, typer.Option(help=_asks("service"))] = None,
    cases_per_day: Annotated[float | None, typer.Option(help=_asks("cases_per_day"))] = None,
    counter_officers: Annotated[int | None, typer.Option(help=_asks("counter_officers"))] = None,
    counter_minutes: Annotated[float | None, typer.Option(help=_asks("counter_minutes"))] = None,
    processing_officers: Annotated[int | None, typer.Option(help=_asks("processing_officers"))] = None,
    processing_minutes: Annotated[float | None, typer.Option(help=_asks("processing_minutes"))] = None,
    promise: Annotated[str | None, typer.Option(help=_asks("promise"))] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=in_help(en="File to write.", id="Berkas keluaran."))
    ] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask ten questions (or take the answers from a file or options) and write a region file."""
    lang = language(lang)
    from datetime import date

    from kinerja_sim.know.new_region import default_path, read_answers, region_text, write_region

    given: dict[str, Any] = {
        "title": title, "level": level, "population": population, "service": service, "cases_per_day": cases_per_day,
        "counter_officers": counter_officers, "counter_minutes": counter_minutes,
        "processing_officers": processing_officers, "processing_minutes": processing_minutes, "promise": promise,
    }  # fmt: skip
    if answers is None and _is_terminal():
        _ask(given, lang)
    found = read_answers(given, answers)
    text = region_text(name, found, date.today().isoformat())
    path = write_region(text, output or default_path(name))
    busy = _offered(text, found.cases_per_day)
    if as_json:
        print_json({"file": str(path), "busy": busy})
        return
    t = translator(lang)
    load = say(
        lang,
        id="Beban kerja tahap tersibuk dalam simulasi: {load} dari waktu petugasnya, termasuk kunjungan ulang dan "
        "pekerjaan yang diulang (n = {n}).",
        en="Work offered to the busier stage in simulation: {load} of its officers' time, repeat visits and repeated "
        "work included (n = {n}).",
    )
    lines = [load.format(load=t.percent(busy["load"]), n=t.number(busy["n_draws"]))]
    if busy["n_unstable"]:
        growing = say(
            lang,
            id="Dalam {part} dari {whole} simulasi, lebih banyak yang datang daripada yang bisa dilayani: antrean "
            "tumbuh terus. Periksa jawabannya.",
            en="In {part} of {whole} simulations more comes in than can be served: the queue grows without end. Check "
            "the answers.",
        )
        lines.append(growing.format(part=t.number(busy["n_unstable"]), whole=t.number(busy["n_draws"])))
    elif busy["load"] >= NEARLY_FULL:
        lines.append(
            say(
                lang,
                id="Kantor ini hampir tidak sanggup: orang pergi sebelum dilayani, atau petugas pulang terlambat. "
                "Periksa jawabannya.",
                en="This office can hardly cope: people leave before they are served, or officers work past closing. "
                "Check the answers.",
            )
        )
    wrote = say(lang, id="Ditulis: {path}. Coba: kinerja simulate {path} baseline",
                en="Wrote {path}. Try: kinerja simulate {path} baseline").format(path=path)  # fmt: skip
    print_all(*lines, wrote)


def _offered(text: str, cases_per_day: float) -> dict[str, float]:
    """Return the load of a region file's busier stage, and in how many draws it cannot cope, as `compare` has it."""
    from kinerja_sim.know.library import load_policy
    from kinerja_sim.know.regions import Region
    from kinerja_sim.know.yamlfile import parse_yaml, validate_document
    from kinerja_sim.model.simulate import simulate_block
    from kinerja_sim.study.queues import queue_table

    region = validate_document(Region, parse_yaml(text, "region"))
    months = min(12, max(1, int(12_000 / cases_per_day)))  # a crowd needs less time to be known
    run = simulate_block(
        region, [load_policy("baseline")], seed=0, replications=range(5), months=months, pre_months=0,
        parameters="ledger",
    )  # fmt: skip
    row = queue_table(run.results, {region.name: region}, months=months, pre_months=0).iloc[0]
    return {"load": float(row["load"]), "n_unstable": int(row["n_unstable"]), "n_draws": int(row["n_draws"])}


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _ask(given: dict[str, Any], lang: str) -> None:
    """Ask at the terminal for every answer that was not given, the minutes of a stage only where it has officers."""
    kinds: dict[str, type] = dict.fromkeys(("counter_officers", "processing_officers"), int)
    kinds |= dict.fromkeys(("population", "cases_per_day", "counter_minutes", "processing_minutes"), float)
    for i, (question, (indonesian, english)) in enumerate(ASKED.items(), 1):
        stage = question.removesuffix("_minutes")
        if given[question] is not None or (stage != question and not given[f"{stage}_officers"]):
            continue
        text = say(lang, id=indonesian, en=english)
        given[question] = typer.prompt(f"{i}/{len(ASKED)} {text}", type=kinds.get(question, str))


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(help=DIFF_HELP)(diff)
    app.command(name="new-region", help=NEW_HELP)(new_region)
