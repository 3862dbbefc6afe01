"""What is no readable YAML text, and that nothing but `InputError` ever comes out."""

import os
import time
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.yamlfile import load_model, parse_yaml, validate_document
from tests.unit.know.inputs import POLICY, REGION, broken


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty folder, so that paths are printed as a user gives them."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def complaint(here, text, model):
    """Return what loading `text` as `model` complains about."""
    (here / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_model("mine.yaml", model)
    return str(caught.value)


def test_files_that_are_no_yaml_text_are_refused(here):
    """A missing file, a folder, a binary, a wrong encoding, a list, a word and nothing each get their line."""
    (here / "folder.yaml").mkdir()
    contents = {
        "binary": b"\x89PNG\r\n\x1a\n\0\0",
        "latin": "name: caf\xe9\n".encode("latin-1"), "utf16": "a: 1".encode("utf-16"),
        "empty": b"", "comments": b"# nothing\n\n", "list": b"- a\n", "word": b"hello\n", "two": b"a: 1\n---\nb: 2\n",
        "old": b"%YAML 1.1\n---\na: yes\n", "huge": b"a: 1\n" * 60_000, "control": b"a: \x07\n", "deep": b"[" * 5000,
    }  # fmt: skip
    for name, data in contents.items():
        (here / f"{name}.yaml").write_bytes(data)
    expected = {
        "nosuch": "be a file that exists; got no such file. Check the path.",
        "folder": "be a file; got a folder. Name the file itself.",
        "binary": "be a text file in UTF-8; got binary data. Save it as UTF-8 text.",
        "utf16": "be a text file in UTF-8; got binary data. Save it as UTF-8 text.",
        "latin": "be a text file in UTF-8; got byte 0xe9 in latin.yaml line 1. Save it as UTF-8 text.",
        "empty": "hold `key: value` lines; got an empty file.",
        "comments": "hold `key: value` lines; got an empty file.",
        "list": "hold `key: value` lines; got a list in list.yaml line 1.",
        "word": "hold `key: value` lines; got a single value in word.yaml line 1.",
        "two": "be readable YAML 1.2; got an error (expected a single document in the stream, but found another "
        "document) in two.yaml line 2 column 1. "
        "Check indentation, quotes and colons.",
        "old": "be YAML 1.2; got '%YAML 1.1' in old.yaml. Remove the %YAML line.",
        "huge": "be at most 256 KiB; got a larger file.",
        "control": "be readable YAML 1.2; got an error (unacceptable character #x0007: special characters are not "
        "allowed) in control.yaml. Check indentation, quotes and colons.",
        "deep": "be readable YAML 1.2; got an error (blocks nested too deeply) in deep.yaml. "
        "Check indentation, quotes and colons.",
    }

    got = {}
    for name in expected:
        with pytest.raises(InputError) as caught:
            load_model(f"{name}.yaml", Policy)
        got[name] = str(caught.value)

    assert got == {name: f"`{name}.yaml` must {text}" for name, text in expected.items()}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_or_device_is_refused_without_waiting(here):
    """A named pipe without a writer, and an endless device, are refused at once."""
    os.mkfifo(here / "pipe.yaml")
    start = time.monotonic()
    for name in ("pipe.yaml", "/dev/zero"):
        with pytest.raises(InputError, match=f"`{name}` must be a file; got a pipe or device"):
            load_model(name, Policy)

    assert time.monotonic() - start < 5


def test_a_huge_file_is_not_read_whole(here):
    """Of a file of 100 MB no more than the limit is read before it is refused."""
    with (here / "huge.yaml").open("wb") as stream:
        stream.truncate(100_000_000)
    tracemalloc.start()
    with pytest.raises(InputError, match="must be at most 256 KiB; got a larger file"):
        load_model("huge.yaml", Policy)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 2_000_000


def test_a_date_stays_text(here):
    """YAML 1.2 knows no dates: an unquoted one is text, as the user typed it."""
    (here / "mine.yaml").write_text(broken(POLICY, "author: a test", "author: 2026-01-31"))

    assert load_model("mine.yaml", Policy).author == "2026-01-31"


def test_a_path_that_no_system_can_hold_is_refused():
    """A NUL, a name of thousands of letters and a file taken for a folder are a user's mistakes too."""
    for name, rule in {
        "a\0b.yaml": "be a path; got characters that no path can hold",
        "x" * 5000 + ".yaml": "be a file that can be read",
        f"{__file__}/x.yaml": "be a file that exists",
    }.items():
        with pytest.raises(InputError, match=f"must {rule}"):
            load_model(name, Policy)


def test_anchors_are_expanded_within_a_bound(here):
    """An anchor may be used twice, but neither a bomb of them nor one that holds itself is followed."""
    twice = broken(POLICY, "weights:", "weights: &w").replace("period: quarterly", "period: &p quarterly")
    (here / "mine.yaml").write_text(twice.replace("author: a test", "author: &p ab") + "goals: none\n")
    bomb = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        f"{c}: &{c} [{', '.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    limit = "must hold at most 50000 values in 40 levels, anchors expanded; got more"

    assert load_model("mine.yaml", Policy).appraisal.period == "quarterly"
    assert limit in complaint(here, bomb, Policy)
    assert limit in complaint(here, "a: &a {b: *a}\n", Policy)


def test_a_byte_order_mark_and_foreign_line_ends_do_no_harm(here):
    """A file saved on Windows loads, and its lines are counted as an editor counts them."""
    (here / "mine.yaml").write_bytes(b"\xef\xbb\xbf" + POLICY.replace("\n", "\r\n").encode())
    assert load_model("mine.yaml", Policy).name == "mine"

    (here / "mine.yaml").write_bytes(POLICY.replace("stakes: 0.3", "stakes: 3").replace("\n", "\r\n").encode())
    with pytest.raises(InputError, match=r"in mine\.yaml line 13"):
        load_model("mine.yaml", Policy)


def refuse_or_load(text, model):
    """Return the lines of the complaint about `text`, or none when it loads."""
    try:
        validate_document(model, parse_yaml(text, "any.yaml"))
    except InputError as error:
        return str(error).splitlines()
    return []


@settings(max_examples=150)
@given(st.text(max_size=200) | st.text(alphabet="ab:-{}[]&*!|>'\"%@`#,? \n\t\\0159.eE<=_~", max_size=120))
@example("? [a]\n: b")
@example("a: !!float x")
@example("a: !!map [b]")
@example("{a: 1, b")
@example("a: 0b")
@example("a: \\ud800")
@example("&a *a")
@example("%TAG ! tag:x,2000:\n---\na: !b 1")
def test_arbitrary_text_is_refused_in_whole_lines(text):
    """Whatever a file holds, only `InputError` comes out, and each of its lines states a rule."""
    lines = refuse_or_load(text, Policy)

    assert lines  # no text that short is a policy
    assert all(" must " in line or line.startswith("... and") for line in lines)


@settings(max_examples=150)
@given(st.data())
def test_a_policy_file_with_any_line_replaced_is_loaded_or_refused(data):
    """Replacing one value of a valid file by arbitrary text gives a policy or an `InputError`, nothing else."""
    lines = (POLICY if data.draw(st.booleans()) else REGION).splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    value = data.draw(st.text(max_size=20) | st.sampled_from(["~", "[]", "{}", "1e999", "-0", "true", "'", "&a", "5"]))
    lines[at] = f"{lines[at].split(':')[0]}: {value}"
    model = Region if lines[0] == "name: my-city" else Policy

    assert all(" must " in line or "is not yet" in line for line in refuse_or_load("\n".join(lines), model))


@settings(max_examples=60)
@given(data=st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(tmp_path_factory, data):
    """Whatever bytes a file holds, only `InputError` comes out."""
    path = tmp_path_factory.getbasetemp() / "bytes.yaml"
    path.write_bytes(data)
    with pytest.raises(InputError):
        load_model(path, Region)
