"""Help: in one language, typer's own words included, and the language that the command line names."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import typer.main

import kinerja_sim
from kinerja_sim import cli

ROOT = Path(kinerja_sim.__file__).parents[1]
VERBS = sorted(info.name or info.callback.__name__ for info in cli.app.registered_commands)
ENGLISH = r"\b(usage|options?|arguments?|args|commands?|default|required|show this|message|exit|help)\b"
ALL = """
import json
from typer.testing import CliRunner
from kinerja_sim.cli import app
print(json.dumps({verb: CliRunner().invoke(app, [verb, "--help"] if verb else []).stdout for verb in VERBS}))
"""


def helped(arguments, **environment):
    """Return what Python prints, with nothing in the environment that chooses a language but what is given."""
    kept = {name: value for name, value in os.environ.items() if name not in ("LANG", "LC_ALL", "LC_MESSAGES")}
    kept |= {"KINERJA_LANG": "en"} | environment
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT, env=kept)


def test_no_english_word_of_typer_is_left_in_indonesian_help():
    """The help of every verb, and of `kinerja` alone, is Indonesian throughout."""
    done = helped(["-c", f"VERBS = {['', *VERBS]!r}\n{ALL}"], KINERJA_LANG="id")

    for verb, text in json.loads(done.stdout).items():
        words = re.sub(r"--?\w[\w-]*|`[^`]*`|^ +kinerja .*$", "", text, flags=re.MULTILINE)  # options and examples
        assert re.findall(ENGLISH, words, re.IGNORECASE) == [], verb
        assert "Path" not in text, verb  # a word of Python
        for word in ("Pemakaian: kinerja", "Pilihan:", "--help", "Tampilkan bantuan ini."):
            assert word in text, verb


@pytest.mark.parametrize("chosen", [["--lang", "id"], ["--lang=id"]])
def test_the_option_chooses_the_language_of_help_and_of_mistakes(chosen):
    """`--lang id` wins over the environment before any verb runs: in help, and where an option is wrong."""
    shown = helped(["-m", "kinerja_sim.cli", "compare", "--help", *chosen])
    wrong = helped(["-m", "kinerja_sim.cli", "compare", *chosen, "--replicatoins", "3"])

    assert "Bandingkan kebijakan" in shown.stdout
    assert "Pilihan:" in shown.stdout
    assert wrong.stderr == "Tidak ada pilihan --replicatoins (yang mungkin: --policies, --regions, --replications)\n"


def test_the_language_may_stand_before_the_verb():
    """`kinerja --lang id VERB` speaks Indonesian in help, results and mistakes; after the verb it wins."""
    shown = helped(["-m", "kinerja_sim.cli", "--lang", "id", "--help"])
    listed = helped(["-m", "kinerja_sim.cli", "--lang", "id", "regions"])
    wrong = helped(["-m", "kinerja_sim.cli", "--lang=id", "compare", "--regions", "nowhere"])
    later = helped(["-m", "kinerja_sim.cli", "--lang", "id", "compare", "--lang", "en", "--regions", "nowhere"])

    assert "Pemakaian: " in shown.stdout
    assert "--lang" in shown.stdout
    assert "Wilayah" in listed.stdout
    assert "harus" in wrong.stderr
    assert "must" in later.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["compare", "--regions"], "Pilihan '--regions' membutuhkan nilai."),
        (["compare", "--no-notebooks=1"], "Pilihan '--no-notebooks' tidak menerima nilai."),
        (["survey", "x", "--population", "0"], "Nilai tidak sah untuk '--population': harus paling sedikit 1"),
        (["calibrate", "x"], "Pilihan '--region' belum diberikan."),
        (["transfer"], "Argumen 'policy' belum diberikan."),
    ],
)
def test_what_typer_complains_of_is_indonesian(monkeypatch, capsys, arguments, told):
    """A wrong command line is told in the language of help."""
    monkeypatch.setattr("kinerja_sim.verbs.options.HELP_LANG", "id")
    with pytest.raises(SystemExit) as ended:
        cli.app(arguments)

    assert ended.value.code == 2
    assert capsys.readouterr().err == f"{told}\n"


def commands():
    """Yield (place, command line) of every `kinerja ...` in help, README and docs."""
    pages = [*ROOT.glob("README*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("CONTRIBUTING*.md")]
    texts = {page.name: page.read_text("utf-8") for page in pages}
    texts |= {f"{one.name} --help": str(one.help) for one in typer.main.get_command(cli.app).commands.values()}
    for place, text in texts.items():
        lines = re.findall(r"^ *(?:\$ )?(kinerja [a-z].*)$", text, re.MULTILINE)
        lines += re.findall(r"`(kinerja [a-z][^`]*)`", text)
        yield from ((place, line.split("#")[0].strip()) for line in lines)


@pytest.mark.parametrize(("place", "line"), sorted(set(commands())))
def test_every_command_that_is_shown_can_be_typed(place, line):
    """Verbs, options and arguments of a command in help, README or docs exist and are read."""
    group = typer.main.get_command(cli.app)
    _, verb, *words = shlex.split(line.replace("…", "x"))

    assert verb in group.commands, place
    if words:  # a verb alone is a name, not a command
        group.commands[verb].make_context(verb, words)
