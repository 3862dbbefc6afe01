"""Months pool by counts, and replications by their mean."""

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.know.schema import COUNTS, KEYS, METRICS, RESULT_COLUMNS, TURNAROUND_BINS, WAIT_BINS
from kinerja_sim.model.simulate import simulate_block
from kinerja_sim.study.summary import SERIES_KEYS, pool_metrics, pool_windows, sort_table, summarise
from tests import fake_model


def rows(**columns):
    """Return a results table of one series with the given columns; other counts are 0."""
    n = len(next(iter(columns.values())))
    keys = {"scenario": "a", "region": "r", "unit": "u", "draw": 0, "replication": 0, "period": range(n)}
    zeros = dict.fromkeys([*COUNTS, *WAIT_BINS, *TURNAROUND_BINS], 0.0)
    return pd.DataFrame({**zeros, **keys, **columns}, index=range(n)).reindex(columns=RESULT_COLUMNS)


@pytest.fixture(scope="module")
def results():
    """Return fake results of two policies."""
    policies = [load_policy("baseline"), load_policy("one_more_officer")]
    options = {"seed": 1, "replications": range(8), "months": 4, "pre_months": 2, "parameters": "ledger"}
    return fake_model.simulate_block(load_region("arcamanik"), policies, **options).results


def test_ratios_pool_by_numerator_and_denominator():
    """The mean wait of two months weighs the busy month more."""
    pooled = pool_metrics(rows(wait_minutes_sum=[100.0, 20.0], visits=[10.0, 20.0]), "all")

    assert pooled["wait_minutes_mean"].tolist() == [4.0]


def test_states_average_and_flows_add():
    """Backlog is averaged over months; finished cases add."""
    pooled = pool_metrics(rows(backlog_cases=[4.0, 8.0], throughput_cases=[4.0, 8.0]), "all")

    assert pooled[["backlog_cases", "throughput_cases"]].to_numpy().tolist() == [[6.0, 12.0]]


def test_a_quantile_of_months_is_the_quantile_of_their_histogram():
    """Nine short waits in one month and one long in another put P90 at the end of the short bin."""
    first, last = WAIT_BINS[0], WAIT_BINS[-1]
    pooled = pool_metrics(rows(**{first: [9.0, 0.0], last: [0.0, 1.0]}), "all")
    longer = pool_metrics(rows(**{first: [9.0, 0.0], last: [0.0, 2.0]}), "all")

    assert pooled["wait_minutes_p90"].tolist() == [1.0]
    assert longer["wait_minutes_p90"].tolist() == [400.0]  # the open bin's lower edge


def test_correlations_pool_by_their_sums():
    """Grade validity of two appraisals comes from the sums of both."""
    pooled = pool_metrics(rows(validity_sxy=[1.0, 2.0], validity_sxx=[4.0, 5.0], validity_syy=[1.0, 3.0]), "all")

    assert pooled["grade_validity"].tolist() == [3.0 / 6.0]


def test_nothing_to_divide_by_is_nan():
    """A unit without a counter has no mean wait, and no 90th percentile of it."""
    pooled = pool_metrics(rows(visits=[0.0, 0.0]), "all")

    assert pooled[["wait_minutes_mean", "wait_minutes_p90"]].isna().all(axis=None)


def test_a_month_not_observed_is_left_out_of_its_metric_only():
    """NaN in one part of a ratio drops that month from that ratio and from nothing else."""
    table = rows(wait_minutes_sum=[100.0, np.nan], visits=[10.0, 20.0], reneged_visits=[1.0, 2.0])
    pooled = pool_metrics(table, "all")

    assert pooled["wait_minutes_mean"].tolist() == [10.0]
    assert pooled["reneged_share"].tolist() == [0.1]


def test_a_metric_never_observed_is_nan():
    """A window in which every month is NaN has no value, also for sums and means."""
    pooled = pool_metrics(rows(backlog_cases=[np.nan] * 2, throughput_cases=[np.nan] * 2), "all")

    assert pooled[["backlog_cases", "throughput_cases"]].isna().all(axis=None)


def test_windows_part_at_the_start_of_the_policy():
    """'pre' holds the months below 0, 'all' and 'after' those from 0."""
    table = rows(throughput_cases=[1.0, 2.0, 4.0, 8.0]).assign(period=[-2, -1, 0, 1])

    found = {w: pool_metrics(table, w)["throughput_cases"].tolist() for w in ("pre", "all", "after")}
    assert found == {"pre": [3.0], "all": [12.0], "after": [12.0]}


def test_a_window_without_months_has_no_rows():
    """Without pre months there is nothing to say about them."""
    assert pool_metrics(rows(visits=[1.0]), "pre").empty


def test_pooling_does_not_depend_on_the_order_of_rows(results):
    """A shuffled table pools to the same numbers, exactly."""
    shuffled = results.sample(frac=1, random_state=4)

    pd.testing.assert_frame_equal(pool_metrics(shuffled, "all"), pool_metrics(results, "all"), check_exact=True)


def test_every_series_and_metric_is_pooled(results):
    """The pooled table has one row per series and a column for each metric of the schema."""
    pooled = pool_metrics(results, "all")

    assert list(pooled.columns) == [*SERIES_KEYS, *METRICS]
    assert len(pooled) == len(results[SERIES_KEYS].drop_duplicates())


def test_sorting_keeps_equal_rows_in_their_order():
    """Rows with the same keys stay as they were."""
    table = rows(visits=[1.0, 2.0, 3.0]).assign(period=[1, 0, 1])

    assert sort_table(table, KEYS)["visits"].tolist() == [2.0, 1.0, 3.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="visits"), "without visits"),
        (lambda t: t.drop(index=t.index[0]), "same units and replications"),
    ],
    ids=["column", "row of a series"],
)
def test_tables_that_cannot_be_paired_are_refused(results, change, message):
    """A missing column, or a series that only some scenarios have, is refused."""
    with pytest.raises(InputError, match=message):
        summarise(change(results[results["period"] == 0]))


def test_an_unknown_window_is_refused(results):
    """A window that the schema does not know is refused by name."""
    with pytest.raises(InputError, match="must be one of after, all, pre; got 'later'"):
        pool_metrics(results, "later")


def test_summary_means_and_counts(results):
    """The summary's mean is that of the pooled replications, with its counts beside it."""
    table = summarise(results, {"arcamanik": 3})
    pooled = pool_metrics(results, "after").query("scenario == 'baseline'")
    pooled = pooled[pooled["unit"] == pooled["unit"].iloc[0]]
    row = table.query("scenario == 'baseline' and metric == 'wait_minutes_mean'").iloc[0]

    assert row["mean"] == pytest.approx(pooled["wait_minutes_mean"].mean(), rel=1e-12)
    assert row[["n_draws", "n_replications", "n_failed"]].tolist() == [8, 8, 3]
    assert row["ci_low"] < row["mean"] < row["ci_high"]
    assert row["low"] < row["ci_low"]


def test_summary_has_a_row_for_every_metric_and_window(results):
    """Rows are complete and sorted: scenario, region, unit, then metric and window as in the schema."""
    table = summarise(results)
    units = results["unit"].nunique()

    assert len(table) == 2 * units * len(METRICS) * 3
    assert table["metric"].iloc[: 3 * len(METRICS)].tolist() == [m for m in METRICS for _ in range(3)]
    assert table["window"].iloc[:3].tolist() == ["after", "all", "pre"]


def test_after_starts_when_every_scenario_is_in_full_force():
    """With a policy phased in over three months, 'after' leaves those months out for all scenarios; 'all' does not."""
    region = load_region("arcamanik")
    unit = next(iter(region.units))
    small = region.model_copy(update={"units": {unit: region.units[unit]}})
    slow = load_policy("training_only").replace(name="slow", phase_in_months=3)
    options = {"seed": 0, "replications": [0], "months": 6, "pre_months": 0, "parameters": "point"}
    results = simulate_block(small, [load_policy("baseline"), slow], **options).results
    pooled = pool_windows(results)
    rows = results[results["scenario"] == "baseline"]
    late = rows[rows["period"] >= 3]

    base = {
        w: table[table["scenario"] == "baseline"]["throughput_cases"].item()
        for w, table in pooled.items()
        if w != "pre"
    }
    assert base["after"] == late["throughput_cases"].sum()
    assert base["all"] == rows["throughput_cases"].sum()
