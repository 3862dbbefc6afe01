"""The PDF brief: one A4 page for the head of each region, figures and sources behind it."""

import pytest
from pypdf import PdfReader

from kinerja_sim.present.brief import ROOMS, behind, write_brief
from kinerja_sim.present.claims_book import Book
from kinerja_sim.present.findings import answer_lines
from kinerja_sim.present.findings_backup import cost_warnings
from kinerja_sim.present.saved import Saved
from kinerja_sim.present.verify_pdf import ATTACHMENT, alternatives


@pytest.mark.parametrize("lang", ["id", "en"])
def test_each_region_has_a_page_and_a_page_behind_it(built, saved, lang):
    """Two A4 pages a region, its answer on the first, its figures and sources on the second."""
    reader, book = PdfReader(built / lang / "brief.pdf"), Book(saved, lang)
    texts = [" ".join(page.extract_text().split()) for page in reader.pages]

    assert len(texts) == 2 * len(book.answered)
    assert all(abs(float(p.mediabox.width) - 595.28) < 1 and abs(float(p.mediabox.height) - 841.89) < 1
               for p in reader.pages)  # fmt: skip
    for region, front, back in zip(book.answered, texts[::2], texts[1::2], strict=True):
        answer = book.sentence("contrasts", book.own(region), unit=_unit(book, region), n=False)
        assert answer in front
        assert front.startswith(book.t("A simulation, not a measurement"))
        cost = front.partition(book.t("What it costs"))[2]
        assert f"{book.t.months(book.fact('months'))}:" in cost
        assert cost_warnings(book)[0] in cost
        assert all(line in front for line in answer_lines(book, region))
        assert book.t("This tool is not for rating individuals.") in front
        assert book.t("Plausible range") in back


def _unit(book, region):
    return book.manifest["regions"][region]["units"][book.own(region)[1]]["title"][book.lang]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_brief_says_its_language_and_what_its_figures_show(built, lang):
    """Language, title, descriptions of figures and the list of bindings are inside."""
    reader = PdfReader(built / lang / "brief.pdf")

    assert str(reader.trailer["/Root"]["/Lang"]).startswith(lang)
    assert reader.metadata.title
    assert all(alternatives(reader))
    assert len(alternatives(reader)) == len(reader.pages)
    assert list(reader.attachments) == [ATTACHMENT]


def test_an_indonesian_brief_quotes_sources_and_names_estimates(saved):
    """A source is named as it is called; an estimate has none, and its English reasons are not printed.

    Nor is the place in the project's own notes, which no reader has; how many sources there are stands above them.
    """
    graded = {"population": {"value": 1, "grade": "published", "source": "Kepmenkes 129/2008; docs/sources.md 6, 7"},
              "level": {"value": 2, "grade": "estimate", "source": "shape assumed"}}  # fmt: skip
    regions = saved.manifest["regions"] | {"arcamanik": saved.manifest["regions"]["arcamanik"] | graded}
    other = Saved(saved.folder, saved.manifest | {"regions": regions})
    page = behind(Book(other, "id"), "arcamanik", ROOMS[0])
    assert "yang terkuat dahulu, 1 semuanya," in page.small_head
    assert page.small == [
        "penduduk: Kepmenkes 129/2008 (publikasi)", "Perkiraan di Kecamatan Arcamanik: tingkat",
    ]  # fmt: skip


def test_without_an_answer_the_brief_says_so(saved, tmp_path):
    """A comparison that ran no region's own policy gives one page that says there is nothing to report."""
    regions = list(saved.manifest["regions"])
    other = Saved(saved.folder, saved.manifest)
    kept = saved.contrasts[~saved.contrasts["scenario"].isin(regions)]
    other.__dict__.update({"contrasts": kept, "results": saved.results})
    path = write_brief(Book(other, "en"), tmp_path / "brief.pdf")

    (page,) = PdfReader(path).pages
    assert "there is no answer to report" in " ".join(page.extract_text().split())


def test_the_same_tables_give_the_same_pages(built, saved, tmp_path):
    """No date and no random name decide what is on a page."""
    again = PdfReader(write_brief(Book(saved, "id"), tmp_path / "brief.pdf"))

    for a, b in zip(again.pages, PdfReader(built / "id" / "brief.pdf").pages, strict=True):
        assert a.get_contents().get_data() == b.get_contents().get_data()
