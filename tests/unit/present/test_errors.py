"""What went wrong, in Indonesian: every complaint of the source has its text, and finished lines are found."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import kinerja_sim
import kinerja_sim as ks
from kinerja_sim.know import messages
from kinerja_sim.know.errors import InputError
from kinerja_sim.present.errors import in_language, load_errors

PACKAGE = Path(kinerja_sim.__file__).parent
ROOMS = ("cli.py", "know", "study", "field", "present", "verbs")
"""Where a user's mistakes are worded; those of `model` are told to programmers, in English."""
PARTS = {"sentence": (1, 2, 3, 4), "Breach": (0, 1, 2), "InputError": (0,), "RunError": (0,), "did_you_mean": ()}
SKIPPED = {"at", "name", "location"}


def templates(node: ast.expr) -> Iterator[str]:
    """Yield the texts that an expression may be, with `{}` where a value stands."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*templates(node.body), *templates(node.orelse))


def worded(source: str) -> set[str]:
    """Return every piece of a complaint that a module words, named rules and remedies included."""
    tree, found = ast.parse(source), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in PARTS:
                given = [node.args[i] for i in PARTS[name] if i < len(node.args)]
                given += [k.value for k in node.keywords if k.arg not in SKIPPED]
                found |= {text for each in given for text in templates(each)}
        elif isinstance(node, ast.Assign):
            names = {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            if names & {"rule", "remedy"}:
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                found |= {text for each in values for text in templates(each)}
    return {text for text in found if any(c.isalpha() for c in text.replace("{}", ""))}


def needed() -> set[str]:
    """Return every text that a user may be told."""
    files = [
        f for room in ROOMS for f in ([PACKAGE / room] if room.endswith(".py") else (PACKAGE / room).rglob("*.py"))
    ]
    found = set().union(*(worded(file.read_text("utf-8")) for file in files))
    found |= set(messages._KINDS.values()) | {words for _, words in messages._BOUNDS.values()}
    return found | {words for _, words in messages._LENGTHS.values()}


def test_the_search_finds_what_is_worded():
    """Rules, remedies and whole lines are found, also inside a choice, with values left open."""
    source = """
raise InputError(f"`x` must be {y}; got {z}.")
rule = f"hold {n} things" if n else "hold none"
raise Breach(rule, "nothing", "Add one.", at=("where",))
sentence("name", "be new", show(x), where=f"at {label}")
"""
    assert worded(source) == {
        "`x` must be {}; got {}.", "hold {} things", "hold none", "nothing", "Add one.", "be new", "at {}",
    }  # fmt: skip


def test_every_complaint_has_an_indonesian_text():
    """No rule, remedy, finding or place that a user may read is missing from the catalogue."""
    known = {text.replace("{}", "") for text in load_errors()}
    assert sorted(text for text in needed() if text.replace("{}", "") not in known) == []


@pytest.mark.parametrize(("english", "indonesian"), sorted(load_errors().items()))
def test_a_translation_has_the_same_places(english, indonesian):
    """A translation leaves as many places open as its message, and ends alike."""
    places = [sum(name is not None for _, name, _, _ in Formatter().parse(text)) for text in (english, indonesian)]
    assert places[0] == places[1]
    assert english.endswith(".") == indonesian.endswith(".")


@pytest.mark.parametrize(
    ("english", "indonesian"),
    [
        (
            "`weights` must sum to 1; got 1.10 in policies/mine.yaml line 12. Lower one of: results 0.60, peers 0.30.",
            "`weights` harus berjumlah 1; didapat 1.10 di policies/mine.yaml baris 12. "
            "Turunkan salah satu: results 0.60, peers 0.30.",
        ),
        (
            "`region` must be in the library, or a path to a file; got 'x'. Did you mean `y`? Known: a.",
            "`region` harus ada dalam pustaka, atau berupa jalur berkas; didapat 'x'. Maksudnya `y`? Yang dikenal: a.",
        ),
        (
            "`dose` must be the same in both parts of a composition; got 0.5 in a and 1 in b in 'a+b'.",
            "`dose` harus sama di kedua bagian gabungan; didapat 0.5 dalam a dan 1 dalam b di 'a+b'.",
        ),
        ("something that nobody has worded", "something that nobody has worded"),
    ],
)
def test_a_finished_line_is_told_in_indonesian(english, indonesian):
    """Rule, finding, place and remedy are each told; what is unknown stays as it was, and English stays English."""
    assert in_language(english, "id") == indonesian
    assert in_language(english, "en") == english


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: ks.load_region("arcamanic"),
        lambda: ks.load_policy("baseline").replace(appraisal__weights={"results": 0.7}),
        lambda: ks.load_policy("baseline").replace(appraisal__period="weekly", dose=7.0, channels=("paper", "paper")),
        lambda: ks.load_policy("baseline").replace(apraisal__period="annual"),
        lambda: ks.load_region("no/such/file.yaml"),
        lambda: ks.compare("arcamanik", "baseline"),
        lambda: ks.compare("arcamanik", "null", replications=0),
    ],
    ids=["region", "sum", "several", "key", "file", "nothing", "number"],
)
def test_real_mistakes_are_told_in_indonesian(mistake):
    """Mistakes made for real come out without an English sentence left in them."""
    with pytest.raises(InputError) as caught:
        mistake()
    told = in_language(str(caught.value), "id")
    assert told != str(caught.value)
    assert not [word for word in (" must ", "; got ", " line ", "Did you mean", " be ") if word in told], told
