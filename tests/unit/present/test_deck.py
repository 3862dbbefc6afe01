import re
from html.parser import HTMLParser

import pytest

from kinerja_sim.know import extras
from kinerja_sim.know.errors import InputError
from kinerja_sim.present import shows
from kinerja_sim.present.across import capacity_duels
from kinerja_sim.present.across_findings import capacity_finding
from kinerja_sim.present.claims_book import CONTRAST, FACTS, Book
from kinerja_sim.present.findings import all_findings
from kinerja_sim.present.findings_limits import limits_finding, null_finding
from kinerja_sim.present.saved import Saved, load_saved
from kinerja_sim.present.shows import write_shows
from kinerja_sim.present.text import CODES, star_note, verdict_word
from tests.fakes import save_fakes

KINDS = [
    "opening", "region", "region", "two_by_two", "region", "capacity", "goodhart", "null", "estimates", "losers",
    "cost", "sources", "limits",
]  # fmt: skip


class Addresses(HTMLParser):
    """Every address that a tag of a page asks for, and the text of its styles."""

    def __init__(self):
        super().__init__()
        self.found, self.styles, self._in_style = [], [], False

    def handle_starttag(self, tag, attrs):
        """Keep addresses; remember that a style has begun."""
        self.found += [value for name, value in attrs if name in ("src", "href", "poster", "srcset")]
        self._in_style = tag == "style"

    def handle_data(self, data):
        """Keep the text of styles."""
        if self._in_style:
            self.styles.append(data)

    def handle_endtag(self, tag):
        """Remember that a style has ended."""
        self._in_style = False


def changed(saved, **tables):
    """Return the saved tables with some of them replaced."""
    other = Saved(saved.folder, tables.pop("manifest", saved.manifest))
    other.__dict__.update({"contrasts": saved.contrasts, "results": saved.results} | tables)
    return other


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_deck_has_its_slides_in_order(saved, lang):
    """Title, one slide per region, the two explanations, the comparisons across regions, backups, the limits last."""
    assert [f.kind for f in all_findings(Book(saved, lang))] == KINDS


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_region_title_is_worded_by_the_ladder(saved, lang):
    """Each region's title holds words of a rung and a range."""
    words = {verdict_word(code, lang) for code in CODES}
    for finding in all_findings(Book(saved, lang)):
        if finding.kind == "region":
            assert any(word in finding.title for word in words)
            assert (" to " if lang == "en" else " sampai ") in finding.title
            assert finding.chart is not None


def test_a_finding_whose_policies_were_not_run_is_left_out(saved):
    """Without the speed-only policy, the officer and the null there are no slides about them."""
    names = ["speed_only", "one_more_officer", "null"]
    manifest = saved.manifest | {
        "scenarios": {r: [s for s in found if s not in names] for r, found in saved.manifest["scenarios"].items()},
        "policies": {k: v for k, v in saved.manifest["policies"].items() if k not in names},
    }
    tables = {k: t[~t["scenario"].isin(names)] for k, t in (("contrasts", saved.contrasts), ("results", saved.results))}
    kinds = [f.kind for f in all_findings(Book(changed(saved, manifest=manifest, **tables), "en"))]
    assert kinds == [k for k in KINDS if k not in ("capacity", "goodhart", "null")]


def only(saved, region):
    """Return the saved tables of one region."""
    parts = {k: {region: saved.manifest[k][region]} for k in ("regions", "scenarios")}
    tables = {k: t[t["region"] == region] for k, t in (("contrasts", saved.contrasts), ("results", saved.results))}
    return changed(saved, manifest=saved.manifest | parts, **tables)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_single_region_has_sentences_instead_of_counts(saved, lang):
    """A deck of one region says what holds there; it does not count one region out of one."""
    found = all_findings(Book(only(saved, "tebing-tinggi"), lang))
    titles = {f.kind: f.title for f in found}

    assert [f.kind for f in found] == [k for i, k in enumerate(KINDS) if i not in (1, 4)]
    for kind in ("capacity", "estimates", "cost"):
        assert not re.search(r"\b[01] (of|dari) 1\b", titles[kind])


def test_a_null_policy_that_is_not_neutral_is_said_to_be_so(saved):
    """A planted difference turns the proof into a warning."""
    contrasts = saved.contrasts.copy()
    contrasts.loc[contrasts.index[contrasts["scenario"] == "null"][0], ["delta_mean", "all_equal"]] = [0.1, False]
    n = (contrasts["scenario"] == "null").sum()
    title = null_finding(Book(changed(saved, contrasts=contrasts), "en")).title
    assert f"is not neutral: only {n - 1} of {n}" in title


def test_own_policy_and_officer_are_compared_by_their_own_contrast(saved):
    """The direct contrast is own policy minus officer, pair by pair."""
    duels = capacity_duels(saved.contrasts, saved.results, saved.manifest)
    assert len(duels) == 3
    for duel in duels:
        assert duel.direct["delta_mean"] == pytest.approx(duel.own["delta_mean"] - duel.officer["delta_mean"])


def test_speed_is_shown_beside_what_it_costs_in_quality(saved):
    """Under the speed-only policy every panel holds its own metric, and none is empty."""
    finding = next(f for f in all_findings(Book(saved, "en")) if f.kind == "goodhart")
    metrics = [{m.keys[2] for m in panel.marks} for panel in finding.chart.panels]

    assert metrics == [{"service_rate_index"}, {"satisfaction_index"}, {"rework_share"}]
    assert all(any(abs(m.values[0]) > 0 for m in panel.marks) for panel in finding.chart.panels)


def test_what_likely_gets_worse_comes_first(saved):
    """The backup slide about losers lists what the ladder calls worse before anything else."""
    book = Book(saved, "en")
    finding = next(f for f in all_findings(book) if f.kind == "losers")
    worse = [row[3].endswith("gets worse") for row in finding.table[1:]]

    assert worse == sorted(worse, reverse=True)
    assert sum(worse) == min(book.fact("losers"), len(worse))


def test_one_replication_makes_no_finding(tmp_path):
    """With n = 1 no title counts effects, and none says that nobody loses."""
    book = Book(load_saved(save_fakes(tmp_path, replications=1)), "en")
    titles = {f.kind: f.title for f in all_findings(book)}

    assert titles["capacity"].startswith("Own policy or one more officer: neither likely helps more in any of")
    assert titles["goodhart"].startswith("In none of")
    assert titles["losers"].endswith(f"; {book.fact('risks_open')} of {book.fact('risks')} cannot be told")
    assert 0 < book.fact("risks_open") <= book.fact("risks")


def test_the_commoner_answer_about_capacity_comes_first(saved, monkeypatch):
    """The title about capacity is about whichever of the two helps more in more regions."""
    for better, worse, subject in ((2, 1, "The region's own policy"), (1, 2, "One more officer")):
        monkeypatch.setitem(FACTS, "capacity_better", lambda _, n=better: n)
        monkeypatch.setitem(FACTS, "capacity_worse", lambda _, n=worse: n)
        assert capacity_finding(Book(saved, "en")).title.startswith(f"{subject} likely helps more")


def test_a_word_that_the_mean_contradicts_is_starred_and_explained(saved):
    """Where most pairs go one way and the mean the other, chart and slide say so."""
    keys, table = Book(saved, "en").own("tebing-tinggi"), saved.contrasts.copy()
    at = (table[list(CONTRAST)].astype(str) == list(keys)).all(axis=1)
    table.loc[at, ["delta_mean", "probability_low", "probability_high"]] = [0.4, 0.9, 1.0]
    found = all_findings(Book(changed(saved, contrasts=table), "en"))
    finding = next(f for f in found if f.name == "region-tebing-tinggi")

    assert finding.chart.panels[0].marks[0].words.endswith(" *")
    assert finding.lines[-1] == star_note("en")
    assert star_note("en") not in next(f for f in found if f.kind == "null").lines


def test_fixed_parameters_cannot_tell_about_wrong_estimates(saved):
    """A run at the points does not claim to have varied anything."""
    manifest = saved.manifest | {"parameters": "point"}
    finding = next(f for f in all_findings(Book(changed(saved, manifest=manifest), "en")) if f.kind == "estimates")
    assert "cannot tell" in finding.title


def test_the_limits_say_how_much_is_estimated_and_what(saved):
    """The share of estimates is counted over the region files, and the notes name them."""
    finding = limits_finding(Book(saved, "en"))

    assert finding.title.startswith("75% of the regions' numbers are estimates")
    assert any("Estimates in the evidence ledger (40): effect_discount" in note for note in finding.notes)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_deck_is_one_file_that_asks_for_nothing(built, lang):
    """No script, style, image or link points outside the file, and the licence of reveal.js is inside."""
    html = (built / lang / "deck.html").read_text(encoding="utf-8")
    parser = Addresses()
    parser.feed(html)
    assert len(parser.found) > len(KINDS) / 2
    assert [address for address in parser.found if not address.startswith("data:")] == []
    assert re.findall(r"@import|sourceMappingURL|url\((?!['\"]?data:)[^)]*\)", " ".join(parser.styles)) == []
    assert "MIT" in html
    assert html.count("<section") == len(KINDS)


def test_the_same_tables_give_the_same_deck(built, tmp_path):
    """A deck carries no date and no random name."""
    (made,) = write_shows(built, "en", output=tmp_path, files=["deck.html"])
    assert made.error == ""
    assert made.path.read_bytes() == (built / "en" / "deck.html").read_bytes()


def test_a_file_that_fails_leaves_the_others_and_the_older_one(copied, monkeypatch):
    """One format that cannot be written is named; the rest is there, and so is what was there before."""
    folder = copied()
    before = (folder / "en" / "deck.html").read_bytes()

    def broken(*_):
        raise KeyError("planted")

    monkeypatch.setattr(shows, "write_html", broken)
    made = write_shows(folder, "en")

    assert [one.error for one in made] == ["KeyError: 'planted'", "", ""]
    assert (folder / "en" / "deck.html").read_bytes() == before
    assert sorted(f.name for f in (folder / "en").iterdir()) == ["brief.pdf", "deck.html", "deck.pptx"]


def test_a_missing_extra_is_named(built, monkeypatch):
    """Without the packages of the extra, the error says what to install."""
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "typst" else object())
    with pytest.raises(InputError, match=r"without typst.*pip install 'kinerja-sim\[slides\]'"):
        write_shows(built, "en")
