"""The deck doctor finds starred words whose explanation somebody deleted by hand."""

import pytest
from pptx import Presentation

from kinerja_sim.present.claims_book import CONTRAST, Book
from kinerja_sim.present.doctor import diagnose
from kinerja_sim.present.saved import load_saved
from kinerja_sim.present.shows import write_shows
from kinerja_sim.present.text import star_note
from kinerja_sim.present.verify_pdf import read_pdf
from tests.fakes import save_fakes


@pytest.fixture(scope="module", params=["id", "en"])
def starred(request, tmp_path_factory):
    """Decks and a brief in one language whose first region's mean points the other way; what the star means, twice."""
    folder, lang = save_fakes(tmp_path_factory.mktemp("starred")), request.param
    keys, table = Book(load_saved(folder), lang).own("tebing-tinggi"), load_saved(folder).contrasts.copy()
    at = (table[list(CONTRAST)].astype(str) == list(keys)).all(axis=1)
    table.loc[at, ["delta_mean", "probability_low", "probability_high"]] = [0.4, 0.9, 1.0]
    table.to_parquet(folder / "contrasts.parquet", index=False)
    assert [one.error for one in write_shows(folder, lang)] == [""] * 3
    return folder / lang, star_note(lang)


def places(path):
    """Return where a star is found that nothing explains."""
    return [fault.where for fault in diagnose(path) if fault.code == "no_star"]


def test_a_star_whose_explanation_was_deleted_is_found_in_the_pptx(starred, tmp_path):
    """The starred slide alone is named; an explanation in other words is one."""
    deck, path = Presentation(str(starred[0] / "deck.pptx")), tmp_path / "deck.pptx"
    slide = next(s for s in deck.slides if s._element.cSld.get("name") == "region-tebing-tinggi")
    last = next(s for s in slide.shapes if s.name == "lines").text_frame.paragraphs[-1]
    assert last.text == starred[1]
    for text, found in (("* a few pairs pull the mean the other way", []), ("", ["region-tebing-tinggi"])):
        last.runs[0].text = text
        deck.save(str(path))
        assert places(path) == found


def test_a_star_whose_explanation_was_deleted_is_found_in_the_html(starred, tmp_path):
    """The words are drawn, so they are read from the picture's description."""
    html, path = (starred[0] / "deck.html").read_text("utf-8"), tmp_path / "deck.html"
    assert places(starred[0] / "deck.html") == []
    bare = html.replace(f"<p>{starred[1]}</p>", "")
    for marked in (bare, bare.replace(" *.", " (median) *.")):
        path.write_text(marked, encoding="utf-8")
        assert places(path) == ["region-tebing-tinggi"]


def test_a_star_whose_explanation_was_deleted_is_found_in_the_brief(starred, monkeypatch):
    """Pages and figures are looked at; the page's text is changed as an editor of PDF files would."""
    path = starred[0] / "brief.pdf"
    assert places(path) == []
    shown = read_pdf(path)
    for address, text in shown.texts.items():
        shown.texts[address] = text.replace(starred[1], "")
    monkeypatch.setattr("kinerja_sim.present.doctor.read_shown", lambda _: shown)
    assert places(path) == ["page-4", "figure-3"]
