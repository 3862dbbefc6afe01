import dataclasses
import io

import numpy as np
import pytest
from rich.console import Console

from kinerja_sim.present.two_by_two import two_by_two
from kinerja_sim.study.summary import pool_metrics

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
    """The policy's share lies inside its own 95 % interval, and the sentence prints all three."""
    mean, low, high = cells.share
    assert low < mean < high
    assert f"{round(100 * mean)}%" in cells.share_sentence()


def test_opposite_parts_get_no_shares(saved):
    """Where the parts pull in opposite directions the shares are withheld, and the text says why."""
    results = saved.results.copy()
    harmed = results["scenario"].str.startswith("tebing-tinggi") & (results["period"] >= 0)
    results.loc[harmed, "turnaround_days_sum"] *= 1.5
    cells = two_by_two(saved.contrasts, results, saved.manifest, "tebing-tinggi", "en")
    assert cells.share is None
    assert "Shares are not given" in cells.sentence()
    assert "%" not in cells.headline()


def test_a_share_that_could_be_nothing_makes_no_title(cells):
    """When the interval of the policy's share reaches below 0, the title is the larger part in words of the ladder."""
    assert cells.headline().startswith("Of the change, 96% comes from the end of the shortage")
    unsure = dataclasses.replace(cells, share=(0.2, -0.06, 0.45))
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
    console = Console(file=io.StringIO(), width=110, color_system=None)
    console.print(cells.table())
    text = console.file.getvalue()
    for part in ("Today's practice", "Both together", "Interaction", "95% interval of"):
        assert part in text
    assert next(row for row in cells.rows() if row[0] == "Interaction")[-1] == ""


def test_levels_are_those_of_the_summary(cells):
    """The four levels are means over replications, so the baseline is the largest in the fakes."""
    assert np.argmax(list(cells.levels.values())) == 0
