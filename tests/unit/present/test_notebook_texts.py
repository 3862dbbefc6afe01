"""What the notebooks say, from fake tables: every section has words of the ladder and its numbers from the tables."""

import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.across_report import AcrossReport
from kinerja_sim.present.budget_report import BudgetReport
from kinerja_sim.present.goodhart_report import SHARES, GoodhartReport, speed_mixes
from kinerja_sim.present.markdown import effects_table, limits
from kinerja_sim.present.page import markdown_table
from kinerja_sim.present.rating_report import RatingReport
from kinerja_sim.present.scenarios_report import ScenariosReport
from kinerja_sim.present.tables import effect_cell
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


def test_waits_are_told_for_everyone_and_the_worst_served(folder):
    """Counters have a table with both groups; a priority line that nobody used has no column."""
    text = ScenariosReport(folder, "en", REGION).whom()
    assert "Worst-served tenth" in text
    assert "Everyone" in text
    assert "Priority line" not in text


@pytest.mark.parametrize(("budget", "kept"), [(0.0, 2), (40e6, 4), (1e9, 5)])
def test_a_budget_keeps_what_it_can_pay(folder, budget, kept):
    """The fake courses cost 36 million and the officers 96: the larger the budget, the more policies remain."""
    report = BudgetReport(folder, "en", REGION)
    assert len(report.affordable(budget)) == kept


def test_a_choice_beyond_the_regulation_is_called_a_test_case(folder):
    """When the speed-only policy leads, the text says that it is no proposal, and names the best one within."""
    report = BudgetReport(folder, "en", REGION)
    report.__dict__["benefits"] = report.benefits.assign(
        net_benefit_idr_mean=report.benefits["net_benefit_idr_mean"].where(report.benefits.index != "speed_only", 1e12)
    )
    text = report.choice(1e9)
    assert "a test case of what haste does, not a proposal" in text
    assert "Within the regulation it would be" in text


def test_nothing_affordable_is_said(tmp_path, monkeypatch):
    """With no policy within the budget the text says so instead of choosing one."""
    report = BudgetReport(save_fakes(tmp_path / "x"), "en", REGION)
    monkeypatch.setattr(BudgetReport, "affordable", lambda *_: [])
    assert "None of the policies stays within this budget" in report.choice(1.0)


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
def test_regions_stand_side_by_side_without_a_ranking(folder, lang):
    """One row per region, with its own metric; the caution against ranking is there."""
    report = AcrossReport(folder, lang)
    rows = [line for line in report.answers().splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 3
    assert ("peringkat" if lang == "id" else "ranking") in report.opening()
    assert report.figure().axes


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
