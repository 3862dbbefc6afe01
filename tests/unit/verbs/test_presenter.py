"""`kinerja slides` and `kinerja verify`: what they write and print, and the exit code that says whether it holds."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kinerja_sim import cli
from kinerja_sim.present import shows
from kinerja_sim.present.shows import FILES
from kinerja_sim.study.store import TOOL
from tests.fakes import save_fakes


def invoke(*arguments):
    """Run the command line in this process."""
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A saved comparison with the Indonesian decks, written by the verb itself."""
    made = save_fakes(tmp_path_factory.mktemp("compare"))
    done = invoke("slides", made, "--lang", "id", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"files": [str(made / "id" / name) for name in FILES], "failed_files": []}
    return made


def test_slides_may_go_elsewhere_with_a_manifest(folder, tmp_path):
    """With -o the three files stand in the folder named, beside a manifest that says of which run they are."""
    done = invoke("slides", folder, "--lang", "en", "-o", tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))

    assert done.exit_code == 0, done.output
    assert {f.name for f in (tmp_path / "out").iterdir()} == {*FILES, "manifest.json"}
    assert (manifest["run_id"], manifest["lang"], set(manifest["files"])) == ("fa4e0001", "en", set(FILES))
    assert invoke("verify", tmp_path / "out" / "deck.pptx", "--results", folder).exit_code == 0


def test_slides_do_not_touch_a_folder_of_other_things(folder, tmp_path):
    """A folder that holds somebody's files is refused with exit code 2, and stays as it was."""
    (tmp_path / "mine.txt").write_text("mine")
    done = invoke("slides", folder, "-o", tmp_path)

    assert done.exit_code == 2
    assert "be new, empty or an earlier output" in done.stderr
    assert [f.name for f in tmp_path.iterdir()] == ["mine.txt"]


def test_slides_that_were_killed_are_written_again_by_the_same_command(folder, tmp_path, monkeypatch):
    """A folder that holds only the first of the three files is still taken for one of slides."""

    def die_at_the_second(name, target, *_):
        if name != FILES[0]:
            raise KeyboardInterrupt
        (target / name).write_text("deck")
        return shows.Shown(target / name)

    with monkeypatch.context() as patched:
        patched.setattr(shows, "_write_one", die_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            shows.write_shows(folder, "en", output=tmp_path / "out")
    assert (tmp_path / "out" / FILES[0]).exists()
    monkeypatch.setattr(shows, "_write_one", lambda name, target, *_: shows.Shown(target / name, "left out"))

    assert "left out" in invoke("slides", folder, "--lang", "en", "-o", tmp_path / "out").stdout


def test_slides_may_be_sent_to_where_they_stand_anyway(folder):
    """-o with the results' own folder of the language is as good as without -o; another language's is refused."""
    again = invoke("slides", folder, "--lang", "id", "-o", folder / "id", "--json")
    wrong = invoke("slides", folder, "--lang", "en", "-o", folder / "id")

    assert again.exit_code == 0, again.stderr
    assert json.loads(again.stdout)["files"] == [str(folder / "id" / name) for name in FILES]
    assert not (folder / "id" / "manifest.json").exists()
    assert wrong.exit_code == 2
    assert wrong.stderr.endswith("Add --lang id, or leave -o out.\n")


def test_slides_never_take_the_place_of_results(folder):
    """Sent into a comparison's own folder they would replace its manifest, and are refused."""
    path = folder / "manifest.json"
    written = path.read_bytes()
    path.write_text(json.dumps({**json.loads(written), "tool": TOOL}))  # as `kinerja compare` signs it
    before = path.read_bytes()
    done = invoke("slides", folder, "--lang", "en", "-o", folder)
    after = path.read_bytes()
    path.write_bytes(written)

    assert done.exit_code == 2
    assert "got a folder that another verb wrote" in done.stderr
    assert after == before


@pytest.mark.parametrize(
    ("lang", "words"),
    [("id", "Setiap angka yang tampak sesuai dengan hasil."), ("en", "Every number shown is what the results say.")],
)
@pytest.mark.parametrize("name", FILES)
def test_verify_says_that_all_holds(folder, name, lang, words):
    """A fresh file ends with 0 and says how many numbers were recomputed, in the reader's language."""
    done = invoke("verify", folder / "id" / name, "--lang", lang)

    assert done.exit_code == 0, done.output
    assert words in done.stdout
    assert str(folder) in done.stdout


def test_verify_ends_with_1_and_says_which_number(folder):
    """One digit edited: exit code 1, the place, what stands there and what the results say; JSON says the same."""
    path = folder / "id" / "edited.html"
    html = (folder / "id" / "deck.html").read_text("utf-8")
    path.write_text(html.replace("(−", "(−9", 1), encoding="utf-8")
    done, as_json = invoke("verify", path, "--lang", "en"), invoke("verify", path, "--json")
    checks = [c for c in json.loads(as_json.stdout)["checks"] if c["fails"]]

    assert done.exit_code == as_json.exit_code == 1
    assert len(checks) == 1
    assert (
        f"{checks[0]['where']}: {checks[0]['shown']} is not what the results say, {checks[0]['expected']}"
        in done.stdout
    )
    assert "1 number or word does not hold." in done.stdout


def test_verify_runs_the_doctor_too(folder):
    """A fault of layout alone ends with 1 and is told in words, though every number holds."""
    path = folder / "id" / "linked.html"
    html = (folder / "id" / "deck.html").read_text("utf-8")
    path.write_text(html.replace("</body>", '<img src="https://example.org/a.png" alt="a"></body>'), encoding="utf-8")
    done = invoke("verify", path, "--lang", "en")

    assert done.exit_code == 1
    assert "Every number shown is what the results say." in done.stdout
    assert "points to something outside the file https://example.org/a.png" in done.stdout


@pytest.mark.parametrize(("verb", "argument"), [("slides", "nowhere"), ("verify", "nowhere.pptx")])
def test_a_path_that_is_not_there_is_one_line_and_exit_code_2(verb, argument, tmp_path):
    """What is missing is named without a traceback."""
    done = invoke(verb, tmp_path / argument)

    assert done.exit_code == 2
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("verb", ["slides", "verify"])
def test_help_shows_an_example(verb):
    """`--help` shows an example of the verb and the option for machines."""
    done = invoke(verb, "--help")

    assert f"kinerja {verb} build/compare" in done.stdout
    assert "--json" in done.stdout
