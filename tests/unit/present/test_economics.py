import numpy as np
import pandas as pd
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.claims_book import is_worth
from kinerja_sim.present.economics import acceptability_figure, worth_page, worth_word
from kinerja_sim.present.region_report import RegionReport
from kinerja_sim.present.style import SLIDE
from kinerja_sim.study.economics import acceptability, net_benefits
from tests.unit.present.test_figures import outside, texts

ROW = {"n_replications": 100, "low": -1e6, "high": 1e6}


@pytest.mark.parametrize(
    ("low", "high", "mean", "english", "indonesian"),
    [
        (0.96, 1.0, 1e6, "worth its cost", "sepadan dengan biayanya"),
        (0.86, 0.97, 1e6, "very likely worth its cost", "sangat mungkin sepadan dengan biayanya"),
        (0.61, 0.80, 1e6, "likely worth its cost", "mungkin sepadan dengan biayanya"),
        (0.61, 0.80, -1e6, "likely worth its cost *", "mungkin sepadan dengan biayanya *"),
        (0.40, 0.60, 1e6, "cannot tell", "belum dapat dipastikan"),
        (0.20, 0.40, -1e6, "likely not worth its cost", "mungkin tidak sepadan dengan biayanya"),
        (0.20, 0.40, 1e6, "likely not worth its cost *", "mungkin tidak sepadan dengan biayanya *"),
        (0.03, 0.15, -1e6, "very likely not worth its cost", "sangat mungkin tidak sepadan dengan biayanya"),
        (0.00, 0.04, -1e6, "not worth its cost", "tidak sepadan dengan biayanya"),
    ],
)
def test_the_words_climb_the_ladder_by_the_wilson_bounds(low, high, mean, english, indonesian):
    """Words about worth follow the rungs, starred and counted for neither where the mean points the other way."""
    row = ROW | {"probability_low": low, "probability_high": high, "net_benefit_idr_mean": mean}
    assert (worth_word(row, "en"), worth_word(row, "id")) == (english, indonesian)
    is_open = english.endswith("*") or english == "cannot tell"
    assert is_worth(row) == (0 if is_open else -1 if "not" in english else 1)


def test_one_replication_or_no_change_says_so():
    """One replication tells nothing about worth, and a policy that changes nothing is called unchanged."""
    sure = {"probability_low": 0.99, "probability_high": 1.0, "net_benefit_idr_mean": 1.0}
    nothing = {"probability_low": 0.0, "probability_high": 0.03, "net_benefit_idr_mean": 0.0, "low": 0.0, "high": 0.0}
    assert worth_word(ROW | sure | {"n_replications": 1}, "en") == "cannot tell"
    assert worth_word(ROW | nothing, "en") == "unchanged"


@pytest.mark.parametrize(("lang", "cost", "chance"), [("en", "+48.0", "0% (0–16)"), ("id", "+48,0", "0 % (0–16)")])
def test_the_table_shows_what_the_tables_hold(saved, lang, cost, chance):
    """Each policy has its line, the region's own first; an officer's 8 million over 6 months are 48 a unit."""
    (table,) = worth_page(saved.results, saved.manifest, "arcamanik", lang).tables
    officer = table.rows[-1]
    rows = net_benefits(saved.results).set_index(["region", "scenario"])
    own = rows.loc["arcamanik", "arcamanik"]
    assert len(table.rows) == 3
    assert {len(line) for line in table.rows} == {len(table.heads)}
    assert (officer[1], officer[5]) == (cost, chance)
    assert table.rows[0][2].replace(",", "").replace(".", "") == f"{own['hours_saved_mean']:+.0f}"
    assert not np.isclose(own["hours_saved_mean"], 0)


def test_only_the_regions_own_rows_count(saved):
    """The table of one region is the same whether or not other regions are in the file."""
    alone = saved.results[saved.results["region"] == "arcamanik"]
    assert worth_page(alone, saved.manifest, "arcamanik", "en") == worth_page(
        saved.results, saved.manifest, "arcamanik", "en"
    )


def test_notes_name_policies_whose_parts_have_no_price(saved):
    """A policy that ends a shortage or offers help is said to look too cheap; others are not."""
    policies = saved.manifest["policies"]
    priced = {"no_supply_outage": policies["no_supply_outage"] | {"capacity": {"no_shortage": True}}}
    manifest = saved.manifest | {"policies": policies | priced}
    notes = worth_page(saved.results, manifest, "tebing-tinggi", "en").notes
    assert [n for n in notes if n.startswith("Too cheap here")] == [
        "Too cheap here, because a part of it has no price (supplies, guarantees, support): No blank-card shortage."
    ]
    assert not any("Too cheap" in n for n in worth_page(saved.results, saved.manifest, "tebing-tinggi", "en").notes)
    assert any("satisfaction" in n for n in notes)


def test_the_star_is_explained_where_it_stands(saved, monkeypatch):
    """The note about a skewed difference stands under a table with a star, shown and not read as a list."""
    assert "\n- \\* The words hold" not in RegionReport(saved.folder, "en", "arcamanik").worth()
    monkeypatch.setattr("kinerja_sim.present.economics.worth_word", lambda *_: "likely worth its cost *")
    assert "\n- \\* The words hold" in RegionReport(saved.folder, "en", "arcamanik").worth()


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("size", [None, SLIDE], ids=["notebook", "slide"])
def test_the_curve_says_value_year_n_seed_and_run(saved, lang, size):
    """The acceptability figure carries the price year, the provenance and every policy; nothing sticks out."""
    options = {} if size is None else {"size": size}
    figure = acceptability_figure(saved.results, saved.manifest, "tebing-tinggi", lang, **options)
    shown = " ".join(texts(figure))
    for part in ("2026", "n = 20", "fa4e0001", "Wilson", {"id": "ribu rupiah", "en": "thousand rupiah"}[lang]):
        assert part in shown
    assert len(figure.legends[0].get_texts()) == 5
    assert outside(figure) == []


def test_the_curve_draws_the_numbers_of_the_table(saved):
    """The line of the region's own policy is the chance at each value, in per cent, within its bounds."""
    figure = acceptability_figure(saved.results, saved.manifest, "arcamanik", "en")
    ax = figure.axes[0]
    line = next(x for x in ax.lines if x.get_label() == "Own policy")
    curve = acceptability(saved.results[saved.results["region"] == "arcamanik"], line.get_xdata())
    own = curve[curve["scenario"] == "arcamanik"]
    assert line.get_ydata() == pytest.approx(100 * own["probability_positive"])
    assert ax.get_xscale() == "log"
    bands = [band for band in ax.collections if band.get_paths()]
    ends = [(b.get_paths()[0].vertices[:, 1].min(), b.get_paths()[0].vertices[:, 1].max()) for b in bands]
    assert (100 * own["probability_low"].min(), 100 * own["probability_high"].max()) in [pytest.approx(e) for e in ends]


def test_a_region_without_policies_has_no_curve(saved):
    """A figure of nothing is a user's mistake."""
    manifest = saved.manifest | {"scenarios": {"arcamanik": ["baseline", "null"]}}
    with pytest.raises(InputError, match="must have been run with a policy beside the baseline"):
        acceptability_figure(saved.results, manifest, "arcamanik", "en")


@pytest.mark.parametrize(("lang", "heading"), [("en", "Is it worth its cost?"), ("id", "Sepadankah dengan biayanya?")])
def test_the_report_has_a_section_on_worth(saved, lang, heading):
    """The notebook's section has its heading, the stated value and a table."""
    report = RegionReport(saved.folder, lang, "arcamanik")
    text = report.worth()
    assert text.startswith(f"## {heading}")
    assert "12,000" in text or "12.000" in text
    assert "\n| :-- | --: |" in text
    assert report.acceptability().png().startswith(b"\x89PNG")


def test_lines_of_one_colour_differ_in_their_dashes(saved):
    """There are six colours: a seventh policy has the first one's colour and another kind of line."""
    extra = {"extra_a": "speed_only", "extra_b": "speed_only"}
    policies = saved.manifest["policies"] | {n: saved.manifest["policies"][like] for n, like in extra.items()}
    scenarios = {"tebing-tinggi": [*saved.manifest["scenarios"]["tebing-tinggi"], *extra]}
    copies = [saved.results[saved.results["scenario"] == like].assign(scenario=n) for n, like in extra.items()]
    results = pd.concat([saved.results, *copies])
    figure = acceptability_figure(
        results, saved.manifest | {"policies": policies, "scenarios": scenarios}, "tebing-tinggi", "en"
    )
    lines = [line for line in figure.axes[0].lines if not line.get_label().startswith("_")]
    looks = [(line.get_color(), line.get_linestyle()) for line in lines]
    assert len(looks) == 7
    assert len(set(looks)) == 7
    assert len({colour for colour, _ in looks}) == 6
