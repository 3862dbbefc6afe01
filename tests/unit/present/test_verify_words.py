"""Words of an edited deck: none may say more than the numbers beside it, and all others are the presenter's."""

import pytest
from pptx import Presentation

from kinerja_sim.present.verify import read_shown, verify
from kinerja_sim.present.verify_words import overclaims


def with_title(path, change):
    """Change the title of Arcamanik's slide, whatever the file is."""
    if path.suffix == ".html":
        html = path.read_text("utf-8")
        at = html.index('data-k="title"', html.index('id="region-arcamanik"'))
        end = html.index("</h", at)
        path.write_text(html[:at] + change(html[at:end]) + html[end:], encoding="utf-8")
        return
    deck = Presentation(path)
    slide = next(s for s in deck.slides if s._element.cSld.get("name") == "region-arcamanik")
    slide.shapes.title.text = change(slide.shapes.title.text)
    deck.save(path)


@pytest.mark.parametrize("name", ["deck.pptx", "deck.html"])
@pytest.mark.parametrize(
    ("lang", "was", "now", "said"),
    [
        ("en", "likely falls by", "falls by", ("falls", "likely falls")),
        ("en", "likely falls by", "very likely falls by", ("very likely falls", "likely falls")),
        ("en", "falls", "rises", ("likely rises", "likely falls")),
        ("en", "likely falls by", "is certainly worse by", ("worse", "likely falls")),
        ("en", "minutes", "hours", ("9 hours", "9 minutes")),
        ("id", "mungkin menurun", "menurun", ("menurun", "mungkin menurun")),
        ("id", "menurun", "meningkat", ("mungkin meningkat", "mungkin menurun")),
        ("id", "menit", "hari kerja", ("9 hari kerja", "9 menit")),
    ],
)
def test_a_title_may_not_say_more_than_its_interval(copied, name, lang, was, now, said):
    """A hedge dropped, a direction turned or another unit does not pass, and both words are told."""
    path = copied() / lang / name
    with_title(path, lambda title: title.replace(was, now))
    found = [(c.status, c.where, c.shown, c.expected) for c in verify(path).checks]

    assert found == [("overclaims", "region-arcamanik/title", *said)]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("percentile of wait at", "of a hundred waits, in many hours of the day, at"),
        ("likely falls by 9 minutes", "is likely better: 9 minutes less"),
        ("likely falls by 9 minutes", "mungkin menurun 9 menit"),
        ("likely falls by 9 minutes (−26 to +10)", "likely falls by 9 minutes (−26 minutes to +10 minutes)"),
    ],
)
def test_other_words_that_say_no_more_pass(copied, was, now):
    """Further words, a weaker or equal claim, and the other language are the presenter's to choose."""
    path = copied() / "en" / "deck.pptx"
    with_title(path, lambda title: title.replace(was, now))

    assert [(c.status, c.where) for c in verify(path).checks] == [("reworded", "region-arcamanik/title")]


@pytest.mark.parametrize(
    ("where", "was", "now", "said"),
    [
        ("deck.pptx:goodhart/title", "likely speeds up", "speeds up", ("speeds", "likely speeds")),
        ("deck.pptx:cost/title", "likely worth its", "worth its", ("worth its cost", "likely worth its cost")),
        ("deck.pptx:capacity/chart-0/labels", "likely worse", "worse", ("worse", "likely worse")),
        ("brief.pdf:page-5", "likely falls by 9", "falls by 9", ("falls", "likely falls")),
        ("brief.pdf:page-5", "9 minutes", "9 hours", ("9 hours", "9 minutes")),
    ],
)
def test_every_hedge_is_watched_wherever_it_stands(built, where, was, now, said):
    """Counts, net benefits, labels of charts and pages of the brief lose no hedge and no unit either."""
    name, _, address = where.partition(":")
    text = read_shown(built / "en" / name).texts[address]
    assert was in text

    assert said in list(overclaims(text.replace(was, now, 1), text, [], "en"))
    assert list(overclaims(text, text, [], "en")) == []


def test_what_cannot_be_told_is_not_told_by_an_edit(copied):
    """A word of the ladder in a title that said 'cannot tell' does not pass."""
    path = copied() / "en" / "deck.pptx"
    deck = Presentation(path)
    slide = next(s for s in deck.slides if s._element.cSld.get("name") == "region-tangerang-selatan")
    slide.shapes.title.text = slide.shapes.title.text.replace(": cannot tell,", " likely falls:")
    deck.save(path)

    assert [(c.status, c.shown, c.expected) for c in verify(path).checks] == [
        ("overclaims", "likely falls", "cannot tell")
    ]
