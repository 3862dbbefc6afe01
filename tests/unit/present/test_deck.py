import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from kinerja_sim.know import extras
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.trials import load_trials
from kinerja_sim.present import shows
from kinerja_sim.present.across import capacity_duels, count_answers
from kinerja_sim.present.across_findings import capacity_finding
from kinerja_sim.present.charts import grade_shares
from kinerja_sim.present.claims import numbers_of
from kinerja_sim.present.claims_book import CONTRAST, GRADES, Book
from kinerja_sim.present.findings import all_findings, region_finding
from kinerja_sim.present.findings_limits import limits_finding, null_finding
from kinerja_sim.present.saved import Saved, load_saved
from kinerja_sim.present.shows import write_shows
from kinerja_sim.present.style import style_of
from kinerja_sim.present.text import CODES, star_note, verdict_word
from kinerja_sim.study.summary import pool_metrics
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
    looks = {(m.colour, m.marker) for panel in finding.chart.panels for m in panel.marks}
    assert looks == {style_of(saved.manifest, "tebing-tinggi", "speed_only")}
    assert "Tebing Tinggi City: KTP-el" in [m.label for m in finding.chart.panels[0].marks]
    assert all(any(abs(m.values[0]) > 0 for m in panel.marks) for panel in finding.chart.panels)


def test_the_parts_that_are_drawn_add_up_to_the_whole(saved):
    """The interaction, which the two parts hold already, is left to the notes."""
    finding = next(f for f in all_findings(Book(saved, "en")) if f.kind == "two_by_two")
    policy, supply, total = (mark.values[0] for mark in finding.chart.panels[0].marks)

    assert total == pytest.approx(policy + supply)
    assert any("Interaction" in note for note in finding.notes)


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

    assert titles["capacity"].endswith("likely better in 0 of 3 regions, likely worse in 0; 3 cannot be told")
    n = book.fact("speed_units")
    assert titles["goodhart"].endswith(f"; cannot be told: {n}, {n} and {n}")
    assert titles["losers"].endswith(f"; {book.fact('risks_open')} of {book.fact('risks')} cannot be told")
    assert 0 < book.fact("risks_open") <= book.fact("risks")


def skewed(duel, **changes):
    """Return a duel that the own policy wins in most pairs, with a long tail the other way."""
    direct = duel.direct.copy()
    tail = {"low": -1.3, "high": 16.3, "probability_low": 0.65, "probability_high": 0.8, "median": -0.1}
    for name, value in (tail | changes).items():
        direct[name] = value
    return replace(duel, direct=direct)


@pytest.mark.parametrize(("mean", "n_unstable", "answer"), [(0.5, 0, "open"), (-0.5, 0, "better"), (0.5, 4, "open")])
def test_a_contrast_that_the_mean_contradicts_counts_for_neither(saved, mean, n_unstable, answer):
    """Own policy beats the officer in most pairs but not in the mean: starred, counted as open, and drawn as worded."""
    book = Book(saved, "en")
    first, *rest = book.duels
    book.__dict__["duels"] = [skewed(first, delta_mean=mean, n_unstable=n_unstable), *rest]
    counts = count_answers([duel.direct for duel in book.duels])
    mark = capacity_finding(book).chart.panels[0].marks[0]
    other = count_answers([duel.direct for duel in rest])

    assert getattr(counts, answer) == getattr(other, answer) + 1
    assert mark.words == "likely better" + " (median)" * (n_unstable > 0) + " *" * (answer == "open")
    assert mark.columns[0] == "delta_rel_mean"  # the fake regions have different primary metrics


def test_a_mark_worded_by_the_median_stands_there(saved):
    """A chart of own policy against officer shows the median where its sentence leads with it."""
    book = Book(only(saved, "tebing-tinggi"), "en")
    (duel,) = book.duels
    book.__dict__["duels"] = [skewed(duel, delta_mean=0.5, n_unstable=4)]
    finding = capacity_finding(book)

    assert "median −0.1" in finding.title
    assert finding.chart.panels[0].marks[0].values[:3] == (-0.1, -1.3, 16.3)


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
    assert list(finding.chart.values) == list(GRADES)
    regions = [(label, keys) for label, keys in zip(finding.chart.labels, finding.chart.keys, strict=True) if keys]
    shares = grade_shares(Book(saved, "en"), regions, finding.chart.names)
    assert list(shares.values) == list(GRADES[1:])  # nothing is measured there, so the legend has no such grade
    assert "Estimates in the evidence ledger: 40 of 100 coefficients, each with its reason in the file" in finding.notes
    assert not any("effect_discount" in note for note in finding.notes)


def test_the_limits_hold_the_external_record(saved):
    """Every prediction of a published trial is counted, as a hit or as a miss."""
    predicted = [trial for trial in load_trials().trials if trial.prediction is not None]
    hits = sum(trial.verdict_seen == "hit" for trial in predicted)

    said = f"Of {len(predicted)} predictions of published trials {hits} hit and {len(predicted) - hits} missed"
    assert any(line.startswith(said) for line in limits_finding(Book(saved, "en")).lines)


def test_a_level_that_the_text_promises_is_held_against_the_runs(saved):
    """Levels with ranges, how many replications reach the promise, and that the shortage was fitted to the text."""
    book = Book(saved, "en")
    levels = pool_metrics(saved.results[saved.results["unit"] == "ktp"].query("region == 'tebing-tinggi'"), "after")
    own = levels.loc[levels["scenario"] == "tebing-tinggi", "turnaround_days_mean"]
    lines = region_finding(book, "tebing-tinggi").lines

    assert 0 < (own <= 5).sum() < len(own)
    assert f"under the own policy {own.mean():.2f} (" in lines[1]
    assert f"the text's 5 is reached in {(own <= 5).sum()} of {len(own)} replications" in lines[1]
    assert "fitted to the text, so it verifies nothing" in lines[1]
    assert not any("is reached in" in line for line in region_finding(book, "arcamanik").lines)


@pytest.mark.parametrize(("fall", "is_said"), [(-3.0, True), (-0.9, False), (3.0, False)])
def test_a_survey_that_goes_against_the_truth_is_announced(saved, fall, is_said):
    """Where measured satisfaction moves against the true one by what matters, both stand in one line with ranges."""
    table = saved.contrasts.copy()
    own = (table["region"] == "arcamanik") & (table["scenario"] == "arcamanik") & (table["window"] == "after")
    table.loc[own & (table["metric"] == "satisfaction_index"), ["delta_mean", "low", "high"]] = [1.5, 1.2, 1.9]
    measured = own & (table["metric"] == "satisfaction_index_measured")
    table.loc[measured, ["delta_mean", "low", "high"]] = [fall, fall - 1, fall + 1]
    book = Book(changed(saved, contrasts=table), "en")
    said = [line for line in region_finding(book, "arcamanik").lines if line.startswith("A survey may report")]

    assert len(said) == is_said
    if is_said:
        assert "(by the means in 1 of 1 units): Measured satisfaction index" in said[0]
        assert "by 3.0 points (−4.0 to −2.0; n = 20); true satisfaction there +1.5 (+1.2 to +1.9)" in said[0]
        assert numbers_of(said[0], book.write)[1] == []


def test_the_slide_on_coefficients_says_what_is_never_varied(saved):
    """Draws vary the ledger; the share of estimates in the region files stays as it is."""
    finding = next(f for f in all_findings(Book(saved, "en")) if f.kind == "estimates")

    assert "wrong coefficients" in finding.title
    assert "The numbers of the region files, 75% of them estimates, are never varied" in finding.lines[0]


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
