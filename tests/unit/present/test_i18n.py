import re
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir

import kinerja_sim.present
from kinerja_sim.know.errors import InputError
from kinerja_sim.present.answers import provenance
from kinerja_sim.present.i18n import default_language, load_catalogue, translator
from tests.fakes import make_manifest

SOURCE = Path(kinerja_sim.present.__file__).parent
KEYWORDS = {"t": None, "plural": (1, 2)}


def used_messages() -> set[str]:
    """Return every message of the source; of a plural, its singular."""
    found = extract_from_dir(SOURCE, method_map=[("**.py", "python")], keywords=KEYWORDS)
    return {m if isinstance(m, str) else m[0] for _, _, m, _, _ in found}


def translations() -> dict[str, str]:
    """Return message to Indonesian text; of a plural, its only form."""
    return {
        (m.id if isinstance(m.id, str) else m.id[0]): (m.string if isinstance(m.string, str) else m.string[0])
        for m in load_catalogue("id")
        if m.id
    }


def test_the_source_is_searched_for_messages():
    """The search for messages finds the ladder's words, so an empty comparison cannot pass."""
    assert {"likely falls", "cannot tell"} <= used_messages()


def test_every_message_is_translated_and_none_is_left_over():
    """The catalogue holds exactly the messages of the source, each with a text."""
    known = {k for k, v in translations().items() if v}
    assert known == used_messages()


@pytest.mark.parametrize(("message", "text"), sorted(translations().items()))
def test_a_translation_names_the_same_places(message, text):
    """A translation fills in the same named values as its message."""
    places = [{name for _, name, _, _ in Formatter().parse(s) if name} for s in (message, text)]
    assert places[0] == places[1]


TWINS = {
    "undian": "simulasi, penarikan", "tarikan": "penarikan, simulasi", "setidaknya": "sedikitnya",
    "penjajakan": "eksploratif", "pengerjaan ulang": "kerja ulang", "kisaran": "rentang", "dengan kata": "kesimpulan",
    "ketelitian monte": "presisi Monte", "kebijakan sendiri": "kebijakan wilayah",
    "di bawah kebijakan": "dengan kebijakan",
    "tambah satu pegawai": "satu pegawai tambahan", "rp ": "Rp12.000",
}  # fmt: skip
"""A second word for a thing that has one, and the one."""


@pytest.mark.parametrize("twin", TWINS)
def test_one_thing_has_one_indonesian_word(twin):
    """No message of the catalogue uses a second word for a thing that has one."""
    found = [text for text in translations().values() if re.search(rf"\b{twin}", text, re.IGNORECASE)]
    assert found == [], f"write {TWINS[twin]}"


def test_indonesian_has_one_plural_form():
    """The plural header is Indonesian's own: one form for every number."""
    assert load_catalogue("id").num_plurals == 1


def test_the_catalogue_is_in_the_package():
    """The catalogues of messages and of errors travel as text with the package; nothing is compiled."""
    folder = files("kinerja_sim.present").joinpath("locale", "id", "LC_MESSAGES")
    assert sorted(entry.name for entry in folder.iterdir()) == ["errors.po", "kinerja.po"]


@pytest.mark.parametrize(
    ("n", "english", "indonesian"),
    [(1, "and 1 more source,", "dan 1 sumber lain"), (1200, "and 1,200 more sources,", "dan 1.200 sumber lain")],
)
def test_plurals_follow_the_language(n, english, indonesian):
    """English tells one from many, Indonesian does not, and n is written as the language writes it."""
    one, many = "and {n} more source, in the speaker notes", "and {n} more sources, in the speaker notes"
    assert english in translator("en").plural(one, many, n)
    assert indonesian in translator("id").plural(one, many, n)


@pytest.mark.parametrize(
    ("lang", "value", "decimals", "text"),
    [
        ("id", 1234.56, 2, "1.234,56"),
        ("en", 1234.56, 2, "1,234.56"),
        ("id", -14.0, 0, "−14"),
        ("en", -0.04, 1, "0.0"),
        ("en", float("nan"), 1, "–"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(lang, value, decimals, text):
    """Separators, the minus sign, a rounded zero and a missing number come out as stated."""
    assert translator(lang).number(value, decimals) == text


def test_an_unknown_language_is_refused_by_name():
    """A language that is neither Indonesian nor English is a user's mistake."""
    with pytest.raises(InputError, match="`lang` must be one of id, en; got 'fr'"):
        translator("fr")


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({"LANG": "id_ID.UTF-8"}, "id"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "id_ID"}, "id"),
        ({"LANG": "id_ID", "KINERJA_LANG": "en"}, "en"),
    ],
)
def test_the_language_follows_the_environment(monkeypatch, variables, lang):
    """KINERJA_LANG comes before the locale, and any locale but an Indonesian one means English."""
    for name in ("KINERJA_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert default_language() == lang


def test_a_wrong_language_in_the_environment_is_named_by_its_variable(monkeypatch):
    """Whoever never typed --lang is told which variable to mend."""
    monkeypatch.setenv("KINERJA_LANG", "xx")
    with pytest.raises(InputError, match="`KINERJA_LANG` must be one of id, en, or unset; got 'xx'"):
        default_language()


def test_one_month_is_no_plural():
    """Under a table of one month and one replication stands no '1 months'."""
    en = translator("en")
    assert (en.months(1), en.months(24), translator("id").months(1)) == ("1 month", "24 months", "1 bulan")
    assert (en.replications(1), en.replications(2)) == ("1 replication", "2 replications")
    assert "· 1 month ·" in provenance(make_manifest(months=1), "en")
