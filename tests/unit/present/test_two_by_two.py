import copy
import dataclasses

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from kinerja_sim.present.brief import ROOMS, behind
from kinerja_sim.present.claims_book import Book
from kinerja_sim.present.findings import two_by_two_finding
from kinerja_sim.present.two_by_two import _share, two_by_two
from kinerja_sim.study.summary import pool_metrics
from tests.fakes import printed

METRIC = "turnaround_days_mean"


@pytest.fixture
def cells(saved):
    """The four cells of the fake Tebing Tinggi."""
    return two_by_two(saved.contrasts, saved.results, saved.manifest, "tebing-tinggi", "en")


def test_the_two_parts_add_up_to_the_whole(cells):
    """Shapley parts are additive: policy plus end of the shortage is the change with both."""
    means = {k: row["delta_mean"] for k, row in cells.parts.items()}
    assert means["policy"] + means["supply"] == pytest.approx(means["total"], abs=1e-12)


def test_parts_are_the_mean_of_the_two_orders(cells, saved):
    """A part is what the factor adds when it comes first and when it comes second, averaged."""
    pooled = pool_metrics(saved.results, "after")
    here = pooled[(pooled["region"] == "tebing-tinggi") & (pooled["unit"] == "ktp")]
    mean = here.groupby("scenario")[METRIC].mean()
    first = mean["tebing-tinggi"] - mean["baseline"]
    second = mean["tebing-tinggi+no_supply_outage"] - mean["no_supply_outage"]
    assert cells.parts["policy"]["delta_mean"] == pytest.approx((first + second) / 2)
    assert cells.parts["interaction"]["delta_mean"] == pytest.approx(second - first)
    assert cells.levels["both"] == pytest.approx(mean["tebing-tinggi+no_supply_outage"])


def test_ranges_come_from_the_paired_replications(cells, saved):
    """The total's range is the range of the direct contrast of the combined policy."""
    contrasts = saved.contrasts
    at = (contrasts["scenario"] == "tebing-tinggi+no_supply_outage") & (contrasts["unit"] == "ktp")
    direct = contrasts[at & (contrasts["metric"] == METRIC) & (contrasts["window"] == "after")].iloc[0]
    for name in ("delta_mean", "low", "high", "ci_low", "ci_high"):
        assert cells.parts["total"][name] == pytest.approx(direct[name])


def test_shares_have_an_interval_around_them(cells):
    """The share's precision is narrower than its plausible range, and the sentence names and prints both."""
    share, said = cells.share, cells.share_sentence()
    assert share.low < share.ci_low < share.mean < share.ci_high < share.high
    for value in (share.mean, share.low, share.high, share.ci_low, share.ci_high):
        assert f"{round(100 * value)}%".replace("-", "−") in said
    assert "plausible range of the policy's share" in said
    assert "Monte Carlo precision" in said


def test_the_title_brackets_the_plausible_range_and_uses_the_ladder(cells, saved):
    """The bracket is the range of the pairs' own shares, and the larger part is called so only on its rung."""
    pooled = pool_metrics(saved.results, "after")
    here = pooled[(pooled["region"] == "tebing-tinggi") & (pooled["unit"] == "ktp")]
    by = {name: part[METRIC].to_numpy() for name, part in here.groupby("scenario")}
    own, none, both = by["tebing-tinggi"], by["no_supply_outage"], by["tebing-tinggi+no_supply_outage"]
    shares = ((own - by["baseline"]) + (both - none)) / 2 / (both - by["baseline"])
    low, high = np.quantile(shares, [0.025, 0.975], method="median_unbiased")
    ends = [f"{round(100 * (1 - end))}%" for end in (high, low)]

    assert cells.headline().startswith("The larger part is likely that of the end of the shortage: 96% of the mean")
    assert cells.headline().endswith(f"({ends[0]} to {ends[1]})")
    surer = dataclasses.replace(cells, share=cells.share._replace(surely=0.96))
    assert surer.headline().startswith("The larger part is that of the end of the shortage")


def test_the_fitted_shortage_is_said_on_every_face(cells, saved):
    """Slide, brief and terminal say that the shortage's size was fitted to the text, not its notes alone."""
    note = "fitted to the text: this verifies nothing"
    book = Book(saved, "en")
    assert any(note in line for line in two_by_two_finding(book, "tebing-tinggi").lines)
    assert any(note in line for line in behind(book, "tebing-tinggi", ROOMS[-1]).lead)
    assert note in printed(cells.page())


def test_opposite_parts_get_no_shares(saved):
    """Where the parts pull in opposite directions the shares are withheld, and the text says why."""
    results = saved.results.copy()
    harmed = results["scenario"].str.startswith("tebing-tinggi") & (results["period"] >= 0)
    results.loc[harmed, "turnaround_days_sum"] *= 1.5
    cells = two_by_two(saved.contrasts, results, saved.manifest, "tebing-tinggi", "en")
    assert cells.share is None
    assert "Shares are not given" in cells.share_sentence()
    assert "%" not in cells.headline()


def test_a_share_that_could_be_nothing_makes_no_title(cells):
    """Where no rung says which part is the larger one, the title is the larger mean part's own sentence."""
    unsure = dataclasses.replace(cells, share=cells.share._replace(low=-0.06, high=0.45, surely=0.59))
    assert unsure.headline().startswith("Part of the end of the shortage: Mean turnaround at KTP-el likely falls")
    assert "−6% to 45%" in unsure.share_sentence()


def test_a_region_without_a_shortage_has_one_explanation(saved):
    """Where no unit lacks supplies there is nothing to divide."""
    assert two_by_two(saved.contrasts, saved.results, saved.manifest, "arcamanik", "en") is None


def test_a_cell_that_was_not_run_is_not_made_up(saved):
    """Without the combined policy there are no four cells."""
    contrasts = saved.contrasts[~saved.contrasts["scenario"].str.contains("+", regex=False)]
    assert two_by_two(contrasts, saved.results, saved.manifest, "tebing-tinggi", "en") is None


def test_the_table_shows_cells_parts_and_shares(cells):
    """The terminal shows four levels, four parts, and the interaction without a verb."""
    text = printed(cells.page())
    for part in ("Today's practice", "Both together", "Interaction", "Monte Carlo precision:"):
        assert part in text
    assert next(row for row in cells.page().tables[1].rows if row[0] == "Interaction")[-1] == ""


def test_levels_are_those_of_the_summary(cells):
    """The four levels are means over replications, each with its range; the baseline is the largest in the fakes."""
    assert np.argmax(list(cells.levels.values())) == 0
    assert all(low < cells.levels[k] < high for k, (low, high) in cells.ranges.items())
    shown = [level.replace(",", "").split(" ") for _, level in cells.cells()]
    assert [float(mean) for mean, _ in shown] == pytest.approx(list(cells.levels.values()), abs=0.005)
    ends = [tuple(map(float, text.strip("()").split("–"))) for _, text in shown]
    assert ends == [pytest.approx(pair, abs=0.005) for pair in cells.ranges.values()]


def test_the_larger_part_is_told_with_its_own_share_and_how_often_it_leads(cells):
    """Of four pairs the shortage's part leads in three and ties in one; shares are the same in hours and in days."""
    policy, supply = -np.array([1.0, 2.0, 3.0, 4.0]), -np.array([3.0, 2.0, 5.0, 6.0])
    changes = {"policy": policy, "supply": supply, "total": policy + supply}
    share = _share(changes, np.arange(4))
    in_hours = _share({k: 24 * v for k, v in changes.items()}, np.arange(4))
    told = dataclasses.replace(cells, share=share._replace(surely=1.0)).headline()

    assert share.mean == pytest.approx(2.5 / 6.5)
    assert (in_hours.ci_low, in_hours.ci_high) == pytest.approx((share.ci_low, share.ci_high))
    assert (share.larger, share.surely) == ("supply", pytest.approx(proportion_confint(3.5, 4, method="wilson")[0]))
    assert told.endswith("that of the end of the shortage: 62% of the mean change (50% to 75%)")


def test_of_several_units_with_a_shortage_the_primary_one_is_divided(saved):
    """Where another unit lacks supplies too, the cells stay those of the unit of the primary hypothesis."""
    manifest = copy.deepcopy(saved.manifest)
    for unit in manifest["regions"]["tebing-tinggi"]["units"].values():
        unit["shortage"] = True
    units = [
        two_by_two(saved.contrasts, saved.results, m, "tebing-tinggi", "en").unit for m in (saved.manifest, manifest)
    ]

    assert units == ["ktp", "ktp"]


def test_a_draw_that_cannot_cope_in_any_cell_counts_in_every_part(saved):
    """A part rests on all four cells, so trouble under the end of the shortage alone is told beside each."""
    results = saved.results.assign(
        throughput_cases=saved.results["arrivals_cases"], busy_minutes=0.5 * saved.results["staffed_minutes"]
    )
    at = (results["scenario"] == "no_supply_outage") & (results["draw"] == results["draw"].max())
    results.loc[at, "throughput_cases"] *= 0.9
    parts = two_by_two(saved.contrasts, results, saved.manifest, "tebing-tinggi", "en").parts

    assert [row["n_unstable"] for row in parts.values()] == [1, 1, 1, 1]
