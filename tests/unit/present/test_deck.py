import re
from html.parser import HTMLParser

import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.present import deck
from kinerja_sim.present.across import capacity_duels, speed_cases
from kinerja_sim.present.findings import all_findings, limits_finding, null_finding
from kinerja_sim.present.saved import Saved
from kinerja_sim.present.text import CODES, verdict_word

KINDS = ["opening", "region", "region", "two_by_two", "region", "capacity", "goodhart", "null", "sources", "limits"]


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
    """Title, one slide per region, the two explanations, the comparisons across regions, the limits last."""
    assert [f.kind for f in all_findings(saved, lang)] == KINDS


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_region_title_is_worded_by_the_ladder(saved, lang):
    """Each region's title holds words of a rung and a range."""
    words = {verdict_word(code, lang) for code in CODES}
    for finding in all_findings(saved, lang):
        if finding.kind == "region":
            assert any(word in finding.title for word in words)
            assert (" to " if lang == "en" else " sampai ") in finding.title
            assert finding.figure is not None


def test_a_finding_whose_policies_were_not_run_is_left_out(saved):
    """Without the speed-only policy, the officer and the null there are no slides about them."""
    names = ["speed_only", "one_more_officer", "null"]
    manifest = saved.manifest | {
        "scenarios": {r: [s for s in found if s not in names] for r, found in saved.manifest["scenarios"].items()},
        "policies": {k: v for k, v in saved.manifest["policies"].items() if k not in names},
    }
    tables = {k: t[~t["scenario"].isin(names)] for k, t in (("contrasts", saved.contrasts), ("results", saved.results))}
    kinds = [f.kind for f in all_findings(changed(saved, manifest=manifest, **tables), "en")]
    assert kinds == [k for k in KINDS if k not in ("capacity", "goodhart", "null")]


def test_a_null_policy_that_is_not_neutral_is_said_to_be_so(saved):
    """A planted difference turns the proof into a warning."""
    contrasts = saved.contrasts.copy()
    contrasts.loc[contrasts.index[contrasts["scenario"] == "null"][0], ["delta_mean", "all_equal"]] = [0.1, False]
    n = (contrasts["scenario"] == "null").sum()
    assert f"is not neutral: only {n - 1} of {n}" in null_finding(changed(saved, contrasts=contrasts), "en").title


def test_own_policy_and_officer_are_compared_by_their_own_contrast(saved):
    """The direct contrast is own policy minus officer, pair by pair."""
    duels = capacity_duels(saved.contrasts, saved.results, saved.manifest)
    assert len(duels) == 3
    for duel in duels:
        assert duel.direct["delta_mean"] == pytest.approx(duel.own["delta_mean"] - duel.officer["delta_mean"])


def test_the_gap_is_reported_minus_true(saved):
    """Under the speed-only policy the gap grows by what reports gain over reality."""
    for case in speed_cases(saved.contrasts, saved.results, saved.manifest):
        at = (saved.contrasts["unit"] == case.unit) & (saved.contrasts["region"] == case.region)
        rows = saved.contrasts[
            at & (saved.contrasts["scenario"] == "speed_only") & (saved.contrasts["window"] == "after")
        ]
        change = rows.set_index("metric")["delta_mean"]
        expected = change["reported_on_time_share"] - change["on_time_share"]
        assert case.gap["delta_mean"] == pytest.approx(expected)


def test_the_limits_say_how_much_is_estimated(saved):
    """The share of estimates is counted over the region files."""
    assert limits_finding(saved.manifest, "en").title.startswith("75% of the regions' numbers are estimates")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_deck_is_one_file_that_asks_for_nothing(saved, lang):
    """No script, style, image or link points outside the file, and the licence of reveal.js is inside."""
    path = deck.write_deck(saved.folder, lang)
    html = path.read_text(encoding="utf-8")
    assert path == saved.folder / lang / "deck.html"
    parser = Addresses()
    parser.feed(html)
    assert len(parser.found) > len(KINDS) / 2
    assert [address for address in parser.found if not address.startswith("data:")] == []
    assert re.findall(r"@import|sourceMappingURL|url\((?!['\"]?data:)[^)]*\)", " ".join(parser.styles)) == []
    assert "MIT" in html
    assert html.count("<section") == len(KINDS)


def test_the_same_tables_give_the_same_deck(saved):
    """A deck carries no date and no random name."""
    first = deck.write_deck(saved.folder, "en").read_bytes()
    assert deck.write_deck(saved.folder, "en").read_bytes() == first


def test_a_missing_extra_is_named(saved, monkeypatch):
    """Without the wheel that holds reveal.js, the error says what to install."""
    monkeypatch.setattr(deck, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'kinerja-sim\[slides\]'"):
        deck.write_deck(saved.folder, "en")
