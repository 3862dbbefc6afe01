"""`kinerja diff` and `kinerja new-region`: policies and regions in plain language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.terminal import print_all, print_json
from kinerja_sim.verbs.options import JsonOption, LangOption, example, in_help, language

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
        print_json({"before": a.name, "after": b.name, "changes": listed, "results": told})
        return
    heading = f"{a.title.in_(lang)} → {b.title.in_(lang)}"
    lines = [f"- {change.line(lang)}" for change in changes] or [in_one_sentence(changes, lang)]
    print_all(heading, *lines, *([""] if said else []), *[text for _, text in said])


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


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(help=DIFF_HELP)(diff)
