"""Numbers and what they are bound to: found in a text, matched with claims, written again from the tables."""

import dataclasses

import pytest

from kinerja_sim.know.errors import RunError
from kinerja_sim.present.brief import ROOMS, behind
from kinerja_sim.present.claims import Claim, Line, Number, joined, joined_lines, numbers_of, tokens
from kinerja_sim.present.claims_book import FACTS, TABLES, Book, Risk
from kinerja_sim.present.claims_bound import Inventory, bind, bind_page, data_of, lines_of
from kinerja_sim.present.findings import all_findings, region_finding
from kinerja_sim.present.findings_backup import losers_finding, risk_line
from kinerja_sim.present.findings_limits import sources_finding


def write(claim: Claim) -> str:
    """Return what a test's claim writes: its column."""
    return claim.column


def a_claim(column: str, style: str = "number", key: str = "a") -> Claim:
    """Return a claim that writes `column`."""
    return Claim("t", (key,), column, style)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("P90 di loket 3: −14,5 sampai +1.234,5 (n = 30).", ["P90", "3", "−14,5", "+1.234,5", "30"]),
        ("a hyphen-minus -3 is a minus; 2025-2026 are two years", ["−3", "2025", "2026"]),
        ("75–90 %, 12.3%; run 9f4a0b1c2d; art. 14/2017", ["75", "90", "12.3", "9f4a0b1c2d", "14", "2017"]),
        ("R2=.319; r=.56, (-.22), jama.2015 ...7 ,8", ["R2", ".319", ".56", "−.22", "2015", ".7", ",8"]),
        ("no number here", []),
    ],
)
def test_numbers_are_found_with_their_signs_and_separators(text, found):
    """Signs, separators and letters that stick to digits belong to a number; dashes between numbers do not."""
    assert tokens(text) == found


def test_every_number_is_bound_once_and_in_order():
    """Two claims that write the same text take the two places in their order; a third place is unbound."""
    line = Line("3 and 3 and 3", [a_claim("3", key="first"), a_claim("3", key="second")])
    found, unbound = numbers_of(line, write)

    assert [n.claim.keys for n in found] == [("first",), ("second",)]
    assert unbound == ["3"]


def test_a_number_inside_a_name_is_no_result():
    """P90 in a metric's name is taken as it is; the same digits outside it are not."""
    found, unbound = numbers_of(Line("P90 rises to 90, not P90x", names=["P90 "]), write)

    assert found == [Number("P90")]
    assert unbound == ["90", "P90x"]


def test_numbers_of_a_part_belong_to_that_part():
    """A claim that one line did not use cannot be taken by a number of the next line."""
    first, second = Line("1 of many", [a_claim("1"), a_claim("2")]), Line("2 of many")

    assert numbers_of(joined_lines([first, second]), write)[1] == ["2"]
    assert numbers_of(joined("A 2: 1 of many", first, claims=[a_claim("2", key="own")]), write)[1] == []


def test_an_effect_written_without_sign_is_not_written_again_with_it():
    """When the amount is said, an equal number beside it is the end of the range, not the signed effect."""
    line = Line("6 (+6)", [a_claim("6", "amount"), Claim("t", ("a",), "6", "change"), a_claim("high", "change")])
    found, _ = numbers_of(line, lambda claim: "6" if claim.style == "amount" else "+6")

    assert [n.claim.column for n in found] == ["6", "high"]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_number_of_every_finding_is_bound(saved, lang):
    """No text of the deck holds a number that neither a table nor a name accounts for."""
    book = Book(saved, lang)
    for finding in all_findings(book):
        for address, line in lines_of(finding, book).items():
            assert numbers_of(line, book.write)[1] == [], address


def test_chart_data_are_the_contrasts_themselves(saved):
    """A chart's values and reaches are the contrasts' mean, low and high in the unit of the axis."""
    book = Book(saved, "en")
    finding = next(f for f in all_findings(book) if f.kind == "region")
    data = data_of(finding)
    row = book.contrasts[book.own(saved.manifest["regions"] and next(iter(saved.manifest["regions"])))]

    assert float(data[f"{finding.name}/chart-0/0.values"][0].shown) == pytest.approx(row["delta_mean"], rel=1e-5)
    assert float(data[f"{finding.name}/chart-0/0.minus"][0].shown) == pytest.approx(
        row["delta_mean"] - row["low"], rel=1e-5
    )
    assert float(data[f"{finding.name}/chart-0/1.plus"][0].shown) == pytest.approx(
        row["ci_high"] - row["delta_mean"], rel=1e-5
    )


def test_a_number_from_nowhere_stops_the_build(saved):
    """A text with a number that no finding holds raises, and says where it stands."""
    book = Book(saved, "en")
    inventory = Inventory()
    inventory.add("opening/title", "Waiting falls by 17 minutes")

    with pytest.raises(RunError, match="opening/title: 17"):
        bind(inventory, all_findings(book), book)


def test_a_page_that_loses_a_number_is_noticed(saved):
    """Numbers that were set but are not on the page count as a fault, like those that nobody set."""
    book = Book(saved, "en")
    lines = [Line("n = 20", [Claim("facts", ("replications",), "value", "number")])]

    assert bind_page("n = 20", lines, book)[1] == []
    assert bind_page("n = 21", lines, book)[1] == ["21", "20 is not shown"]


def test_every_claim_names_a_known_table(saved):
    """Tables and facts that bindings name are those that the book knows."""
    book = Book(saved, "id")
    lines = [line for f in all_findings(book) for line in lines_of(f, book).values()]
    claims = {n.claim for line in lines for n in numbers_of(line, book.write)[0] if n.claim is not None}

    assert {c.table for c in claims} >= {"contrasts", "facts", "parts", "shares", "worth", "grades"}
    assert {c.table for c in claims} <= {*TABLES, "facts"}
    assert {c.keys[0] for c in claims if c.table == "facts"} <= set(FACTS)
    assert all(Claim.read(c.plain()) == c for c in claims)


def test_a_claim_on_a_column_that_an_older_table_lacks_has_written_nothing():
    """The line's other numbers are found all the same, and a number only that claim could explain stays unbound."""
    older = {"mean": "6"}
    line = Line("6 (7)", [Claim("c", (), "median", "number"), Claim("c", (), "mean", "number")])
    found, unbound = numbers_of(line, lambda claim: older[claim.column])
    assert ([n.claim.column for n in found], unbound) == (["mean"], ["7"])


@pytest.mark.parametrize("lang", ["id", "en"])
def test_numbers_about_draws_that_cannot_cope_are_bound_too(saved, lang):
    """Median, mean and count of such draws come from the table, on slides and in the brief's tables."""
    contrasts = saved.contrasts.assign(n_unstable=4)
    book = Book(dataclasses.replace(saved), lang)
    book.saved.__dict__["contrasts"] = contrasts
    word = {"id": "antrean terus tumbuh", "en": "the queue keeps growing"}[lang]
    finding = region_finding(book, "tangerang-selatan")
    lines = [*lines_of(finding, book).values(), *behind(book, "tangerang-selatan", ROOMS[-1]).lines()]

    assert word in finding.title
    assert any(word in line for line in behind(book, "tangerang-selatan", ROOMS[-1]).lines())
    for line in lines:
        assert numbers_of(line, book.write)[1] == [], line


@pytest.mark.parametrize(("lang", "period"), [("id", "selama masa kebijakan"), ("en", "over the policy's months")])
def test_a_sum_says_over_which_months_it_adds_up(saved, lang, period):
    """Cases lost are so many over the policy's months; a mean or a share has no such period."""
    book, keys = Book(saved, lang), ("arcamanik", "sukamiskin")
    lost, again = (
        risk_line(book, Risk("contrasts", (*keys, metric, "arcamanik", "after")))
        for metric in ("lost_demand_cases", "rework_share")
    )
    assert period in lost
    assert period not in again


def test_who_loses_is_said_of_the_regions_own_policies(saved):
    """The slide's face names the policies that it is about, whether somebody loses or nobody is shown to."""
    book = Book(saved, "en")
    assert "own policies" in losers_finding(book).title
    for risk in book.risks:  # as if every outcome were hopeful
        row = book.row(*risk)
        row |= {"probability_low": 0.7, "probability_high": 0.9}
    title = losers_finding(book).title
    assert title.startswith("Under the regions' own policies no outcome is shown likely to get worse")


def test_sources_are_said_to_be_quoted_as_recorded(saved):
    """An Indonesian reader is told why sources stand there in English."""
    book = Book(saved, "id")
    assert sources_finding(book).notes[0] == "Sumber dikutip dalam bahasa catatannya."
    assert "dikutip dalam bahasa catatannya" in behind(book, "arcamanik", ROOMS[0]).small_head
