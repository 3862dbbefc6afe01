"""What the notebooks say, from fake tables: every section has words of the ladder and its numbers from the tables."""

import re

import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.library import load_region
from kinerja_sim.present.across_report import AcrossReport
from kinerja_sim.present.budget_report import BudgetReport
from kinerja_sim.present.changes import metric_of
from kinerja_sim.present.goodhart_report import SHARES, GoodhartReport, speed_mixes
from kinerja_sim.present.markdown import effects_table, limits
from kinerja_sim.present.page import markdown_table
from kinerja_sim.present.rating_report import RatingReport
from kinerja_sim.present.scenarios_report import ScenariosReport
from kinerja_sim.present.tables import effect_cell
from kinerja_sim.present.tour_report import Tour
from tests.fakes import save_fakes

REGION = "tebing-tinggi"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder of fake tables."""
    return save_fakes(tmp_path_factory.mktemp("texts"))


@pytest.mark.parametrize("kind", [ScenariosReport, BudgetReport, RatingReport, GoodhartReport])
def test_an_unknown_region_or_language_is_refused(folder, kind):
    """A wrong name stops the notebook at its first cell, with one line."""
    with pytest.raises(InputError, match="`region` must be one of"):
        kind(folder, "en", "nowhere")
    with pytest.raises(InputError, match="`lang` must be one of"):
        kind(folder, "fr", REGION)


def test_pairs_are_their_own_contrasts(folder):
    """Every policy stands against every other: the matrix has no empty cell but its diagonal, and mirrors its signs."""
    text = ScenariosReport(folder, "en", REGION).pairs()
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    cells = [[c.strip() for c in line.strip("|").split("|")][1:] for line in lines]
    assert all(row[i] == "–" for i, row in enumerate(cells))
    assert sum(cell == "–" for row in cells for cell in row) == len(cells)
    assert all(("better" in cells[i][j]) == ("worse" in cells[j][i]) for i in range(len(cells)) for j in range(i))
    for cell in (cell for row in cells for cell in row if cell != "–"):
        assert re.fullmatch(r"[^()]+ (\(median [^()]+\) )?\([^()]+ … [^()]+\): [a-z ()]+( \\?\*)?", cell), cell
    assert "plausible range; n = 20." in text


def test_waits_are_told_for_everyone_and_the_worst_served(folder):
    """Counters have a table with both groups; a priority line that nobody used has no column."""
    text = ScenariosReport(folder, "en", REGION).whom()
    assert "Worst-served tenth" in text
    assert "Everyone" in text
    assert "Priority line" not in text


@pytest.mark.parametrize(
    ("lang", "text"), [("en", "finished within 1 working day |"), ("id", "selesai dalam 1 hari kerja |")]
)
def test_a_promise_of_one_day_is_no_plural(lang, text):
    """Arcamanik promises its papers within a day, and the tour says a day."""
    assert text in Tour(load_region("arcamanik"), lang).place()


@pytest.mark.parametrize(("budget", "kept"), [(0.0, 2), (40e6, 4), (1e9, 5)])
def test_a_budget_keeps_what_it_can_pay(folder, budget, kept):
    """The fake courses cost 36 million and the officers 96: the larger the budget, the more policies remain."""
    report = BudgetReport(folder, "en", REGION)
    assert len(report.affordable(budget)) == kept


def test_a_choice_beyond_the_regulation_is_called_a_test_case(folder):
    """When the speed-only policy leads, the text says that it is no proposal, and puts the best one within first."""
    report = BudgetReport(folder, "en", REGION)
    report.__dict__["benefits"] = report.benefits.assign(
        net_benefit_idr_mean=report.benefits["net_benefit_idr_mean"].where(report.benefits.index != "speed_only", 1e12)
    )
    text = report.choice(1e9)
    first, second = text.index("Highest mean net benefit among 4 policies"), text.index("A test case, not a proposal: ")
    assert first < text.index("Own policy") < second < text.index("Speed only (beyond the regulation)")


def test_a_policy_without_a_price_is_left_out_of_the_choice_and_named(folder):
    """What ends a shortage for nothing would always win; it is said to have no price instead."""
    report = BudgetReport(folder, "en", REGION)
    priced, entry = report.affordable(1e9), report.manifest["policies"]["no_supply_outage"]
    entry["capacity"] = {"no_shortage": True}
    try:
        assert set(priced) - set(report.affordable(1e9)) == {"no_supply_outage"}
        assert "has no price (supplies, guarantees, support): No blank-card shortage." in report.choice(1e9)
    finally:
        del entry["capacity"]


def test_nothing_affordable_is_said(tmp_path, monkeypatch):
    """With no policy within the budget the text says so instead of choosing one."""
    report = BudgetReport(save_fakes(tmp_path / "x"), "en", REGION)
    monkeypatch.setattr(BudgetReport, "affordable", lambda *_: [])
    assert "None of the policies within the regulation stays within this budget" in report.choice(1.0)


def test_the_only_affordable_policy_is_not_the_best_of_one(folder, monkeypatch):
    """Where one policy is left, no language calls it the highest among 1."""
    for lang, word in (("id", "Satu-satunya kebijakan"), ("en", "The only policy")):
        report = BudgetReport(folder, lang, REGION)
        only = report.affordable(1e9)[:1]
        monkeypatch.setattr(BudgetReport, "affordable", lambda *_, only=only: only)
        text = report.choice(1e9)
        monkeypatch.undo()
        assert word in text
        assert not re.search(r"\b1 (kebijakan|polic)", text)


def test_mixes_run_from_citizens_to_speed():
    """Weights of the dial sum to 1, and stakes and targets stay those of the speed-only policy."""
    from kinerja_sim import load_policy

    speed = load_policy("speed_only")
    mixes = speed_mixes(speed)
    assert [p.appraisal.weights.get("results", 0.0) for p in mixes] == list(SHARES)
    assert {p.appraisal.stakes for p in mixes} == {speed.appraisal.stakes}
    assert {p.appraisal.targets for p in mixes} == {speed.appraisal.targets}


def test_the_rating_is_described_in_levels_and_changes(folder):
    """Today's quality has a plausible range; grades that were never given make the table say so."""
    report = RatingReport(folder, "en", REGION)
    assert "Share misgraded" in report.today()
    assert "…" in report.today()
    report.__dict__["pooled"] = report.pooled.assign(misgraded_share=float("nan"))
    assert "No appraisal was held here" in report.grades()


@pytest.mark.parametrize("lang", ["id", "en"])
def test_what_is_reported_stands_beside_what_is_true_with_ranges(folder, lang):
    """Today has levels; every policy has changes with their ranges, and words but where the office writes it down."""
    lines = [r.strip("|").split("|") for r in RatingReport(folder, lang, REGION).reports().splitlines() if r[:1] == "|"]
    heads, today, policies = lines[0], lines[2], lines[3:]

    assert ["IKM" in head for head in heads] == [False, False, lang == "id", False, False]
    assert not any("…" in cell for cell in today)
    assert all(re.search(r"\(\S+ … \S+\): [a-z]+", cell) for row in policies for cell in row[1:4])
    assert all(re.search(r"\(\S+ … \S+\) *$", row[4]) for row in policies)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_regions_stand_side_by_side_without_a_ranking(folder, lang):
    """One row per region, with its own metric; the caution against ranking is there."""
    report = AcrossReport(folder, lang)
    rows = [line for line in report.answers().splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 3
    assert ("peringkat" if lang == "id" else "ranking") in report.opening()
    assert report.figure().axes
    assert metric_of("turnaround_days_mean").label.in_(lang) in report.figure().alt  # that of most primary hypotheses
    duels = [line.split("|")[-2] for line in report.capacity().splitlines() if line.startswith("|")][2:]
    assert len(duels) == 3
    assert all(re.search(r"\([^()]+ … [^()]+\): [a-z ]+", cell) for cell in duels)
    asked = "`kinerja transfer tangerang-selatan --from tangerang-selatan --to tebing-tinggi`"
    assert asked in report.answers()  # why it works here and not there stands in another report
    for region in list(report.manifest["regions"])[1:]:
        del report.manifest["regions"][region]
    assert "kinerja transfer" not in report.answers()


@pytest.mark.parametrize("lang", ["id", "en"])
def test_what_the_office_writes_down_has_no_words(folder, lang):
    """The same numbers may not be called a rise when reported and a loss when true: the reported ones get no word."""
    rows = [line for line in GoodhartReport(folder, lang, REGION).saved_case().splitlines() if line.startswith("|")]
    cells = [row.strip("|").split("|") for row in rows[2:]]
    assert all(re.fullmatch(r"[^()]+\([^()]+\) *|[ –]+", row[-1]) for row in cells)
    assert any(re.search(r"\): [a-z]", row[-2]) for row in cells)


def test_few_runs_show_nothing_rather_than_that_there_is_nothing(folder):
    """Where no mix parts speed and quality, the text says what so many runs cannot show."""
    report = GoodhartReport(folder, "en", REGION)
    row = report.saved.contrasts.iloc[:1].assign(n_replications=7)
    assert "n = 7 cannot show for any of the mixes run" in report.parting(row)


def test_every_notebook_closes_with_the_same_two_lines():
    """Own limits come first; that nothing was observed and nobody is rated is always said."""
    text = limits("en", "First.")
    assert text.index("First.") < text.index("nothing here was observed") < text.index("not for rating individuals")


def test_columns_of_numbers_stand_to_the_right():
    """A column with words reads from the left; numbers align; the first column is always a label."""
    assert markdown_table([("a", "b", "c"), ("1", "2", "word")]).splitlines()[1] == "| :-- | --: | :-- |"


def test_a_cell_whose_mean_points_the_other_way_is_starred_and_explained():
    """Words from most pairs beside a mean of the other sign carry a star, and the table says what it means."""
    row = {
        "metric": "turnaround_days_mean", "reference_mean": 1.0, "delta_mean": 0.4, "low": -0.3, "high": 9.0,
        "all_equal": False, "probability_low": 0.7, "probability_high": 0.9, "n_draws": 30, "n_replications": 30,
    }  # fmt: skip
    text = effect_cell(row, "en")
    assert text.endswith("likely falls *")
    assert effect_cell(row | {"delta_mean": -0.4}, "en").endswith("likely falls")
    assert "a skewed difference" in effects_table([("a", "b"), ("x", text)], "en")
    assert "a skewed difference" not in effects_table([("a", "b"), ("x", "y")], "en")
