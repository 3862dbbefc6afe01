"""Options and words that the verbs share: what `--help` says, in the reader's language.

Typer reads help when a module is imported, so its language is fixed then, from the command
line itself. Nothing heavy is imported here: the few words of typer's own are translated on
the spot, not by the catalogue.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.parameters import PARAMETERS
from kinerja_sim.present.i18n import default_language, translator


def _help_language(arguments: list[str]) -> str:
    words = [word for one in arguments for word in (one.split("=", 1) if one.startswith("--lang=") else [one])]
    asked = dict(pairwise(words)).get("--lang")
    try:
        return default_language() if asked is None else translator(asked).lang
    except InputError:  # told when a verb runs; help must always work
        return "en"


HELP_LANG = _help_language(sys.argv[1:])


def say(lang: str, *, id: str, en: str) -> str:
    """Return one of two texts."""
    return id if lang == "id" else en


def in_help(*, id: str, en: str) -> str:
    """Return one of two texts in the language of `--help`."""
    return say(HELP_LANG, id=id, en=en)


_WORDS = {
    "Usage: ": "Pemakaian: ", "[OPTIONS]": "[PILIHAN]", "COMMAND [ARGS]...": "PERINTAH [ARGUMEN]...",
    "Arguments": "Argumen", "Options": "Pilihan", "Commands": "Perintah",
    "[default: ": "[bawaan: ", "required]": "wajib]", "Show this message and exit.": "Tampilkan bantuan ini.",
}  # fmt: skip
_Context: Any = typer.core.TyperCommand.context_class  # where typer leaves the form of its help to others


def _in_help(text: str) -> str:
    """Return what typer itself says in help, in the language of help."""
    for english, indonesian in _WORDS.items() if HELP_LANG == "id" else ():
        text = text.replace(english, indonesian)
    return text


class _Help(_Context.formatter_class):
    """Help of which every word is in one language, typer's own words too."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, _in_help(args), _in_help("Usage: "))

    def write_heading(self, heading: str) -> None:
        super().write_heading(_in_help(heading))

    def write_dl(self, rows: list[tuple[str, str]], *spacing: int) -> None:
        super().write_dl([(name.replace("list[Path]", "path"), _in_help(text)) for name, text in rows], *spacing)


class _VerbContext(_Context):
    formatter_class = _Help


class Verb(typer.core.TyperCommand):
    """A verb with help in one language."""

    context_class = _VerbContext


PLACES = in_help(
    en="Names of the library or paths to files, separated by commas; or `all`.",
    id="Nama dari pustaka atau jalur berkas, dipisah koma; atau `all`.",
)
_LANG = in_help(
    en="Language: id or en; else KINERJA_LANG or the locale decides.",
    id="Bahasa: id atau en; bila kosong, KINERJA_LANG atau locale yang menentukan.",
)
RegionsOption = Annotated[str, typer.Option("--regions", help=PLACES)]


def _help(name: str) -> str:
    return PARAMETERS[name].help(HELP_LANG)


SeedOption = Annotated[int, typer.Option(help=_help("seed"))]
MonthsOption = Annotated[int, typer.Option(help=_help("months"))]
RepeatsOption = Annotated[
    int, typer.Option("--replications", "-n", help=in_help(en="Replications.", id="Banyaknya replikasi."))
]
PreMonthsOption = Annotated[int, typer.Option(help=_help("pre_months"))]
ParametersOption = Annotated[str, typer.Option(help=_help("parameters"))]
DataArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help=in_help(en="A data folder.", id="Sebuah folder data."))
]
WorkersOption = Annotated[int, typer.Option(help=_help("workers"))]
LangOption = Annotated[str | None, typer.Option("--lang", help=_LANG)]
JsonOption = Annotated[
    bool, typer.Option("--json", help=in_help(en="Print JSON for machines.", id="Cetak JSON untuk mesin."))
]


def example(text: str, line: str) -> str:
    """Return the help of a verb with its example on a line of its own."""
    return f"{text}\n\n\b\n{in_help(en='Example', id='Contoh')}:\n  {line}"


_asked: list[str] = []  # the language of the verb that is running; errors come out in it


def language(lang: str | None) -> str:
    """Return the language asked for by `--lang` after the verb, before it, or the environment; errors follow it."""
    if lang is not None or not _asked:
        _asked[:] = [default_language() if lang is None else translator(lang).lang]
    return _asked[0]


def spoken() -> str:
    """Return the language of the running verb; that of `--help` before a verb has chosen one."""
    return _asked[0] if _asked else HELP_LANG


def forget_language() -> None:
    """Begin a command line anew."""
    _asked.clear()
