"""Paired differences: exact zeros, ties, missing values, few pairs, relative changes."""

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.know.schema import CONTRAST_EXTRAS, CONTRAST_KEYS, CONTRAST_VALUES, METRICS
from kinerja_sim.study.contrasts import contrast
from kinerja_sim.study.summary import pool_metrics
from tests import fake_model

KEYS = ["scenario", "region", "unit", "draw", "replication"]


def results_of(*names, replications=30, **options):
    """Return fake results of the named policies in one region."""
    options = {"seed": 1, "months": 3, "pre_months": 2, "parameters": "ledger"} | options
    policies = [load_policy(n) for n in names]
    return fake_model.simulate_block(
        load_region("arcamanik"), policies, replications=range(replications), **options
    ).results


def pairs(base, scenario, metric="wait_minutes_mean", draws=None):
    """Return the contrast row of one metric from plain lists of paired values."""
    n = len(base)
    draws = range(n) if draws is None else draws
    tables = []
    for name, values in (("base", base), ("other", scenario)):
        keys = {"scenario": name, "region": "r", "unit": "u", "draw": draws, "replication": range(n)}
        tables.append(pd.DataFrame({**keys, **dict.fromkeys(METRICS, 0.0), metric: values}, index=range(n)))
    pooled = {"after": pd.concat(tables).sort_values(KEYS, ignore_index=True)}
    table = contrast(pooled["after"], "base", pooled=pooled)
    return table[table["metric"] == metric].iloc[0]


def test_columns_are_the_contract():
    """The table has exactly the columns of the schema, in order."""
    table = contrast(results_of("baseline", "one_more_officer", replications=3))

    assert list(table.columns) == [*CONTRAST_KEYS, *CONTRAST_VALUES, *CONTRAST_EXTRAS, "median"]
    assert len(table) == len(load_region("arcamanik").units) * len(METRICS) * 3


def test_a_policy_that_changes_nothing_differs_by_exactly_zero():
    """Null against baseline: every delta is exactly 0.0, or NaN where both were not observed."""
    table = contrast(results_of("baseline", "null"))

    assert table["all_equal"].all()
    assert not table["n_undefined"].any()
    assert table["delta_mean"].isin([0.0]).eq(table["reference_mean"].notna()).all()
    assert not table[["low", "high", "ci_low", "ci_high"]].to_numpy()[table["delta_mean"].notna()].any()
    assert table["probability_better"].dropna().eq(0.5).all()


def test_pre_months_are_equal_and_later_ones_are_not():
    """A policy that acts leaves the pre window exactly unchanged."""
    table = contrast(results_of("baseline", "one_more_officer")).query("metric == 'wait_minutes_mean'")

    assert table.set_index("window")["all_equal"].groupby(level=0).all().to_dict() == {
        "pre": True, "all": False, "after": False,
    }  # fmt: skip


def test_pairing_is_by_replication():
    """The mean difference is that of pairs, far narrower than unpaired spread would allow."""
    table = results_of("baseline", "one_more_officer")
    table = table[table["unit"] == table["unit"].iloc[0]]
    row = contrast(table).query("metric == 'wait_minutes_mean' and window == 'all'").iloc[0]
    pooled = pool_metrics(table, "all").set_index(["scenario", "replication"])
    wide = pooled["wait_minutes_mean"].unstack("scenario")  # noqa: PD010  (no value occurs twice)
    delta = wide["one_more_officer"] - wide["baseline"]

    assert row["delta_mean"] == pytest.approx(delta.mean(), rel=1e-12)
    assert row["low"] == pytest.approx(np.quantile(delta, 0.025, method="median_unbiased"), rel=1e-12)
    assert row["ci_high"] - row["ci_low"] < 0.5 * 4 * np.hypot(*wide.std() / np.sqrt(len(wide)))


def test_shuffled_rows_give_the_same_table():
    """The contrasts do not depend on the order of the results' rows."""
    table = results_of("baseline", "one_more_officer", replications=5)

    pd.testing.assert_frame_equal(contrast(table.sample(frac=1, random_state=2)), contrast(table), check_exact=True)


@pytest.mark.parametrize(
    ("metric", "delta", "expected"),
    [
        ("wait_minutes_mean", [-1, -1, -1, 1], 0.75),
        ("satisfaction_index", [-1, -1, -1, 1], 0.25),
        ("wait_minutes_mean", [0, 0, -1, 1], 0.5),
        ("wait_minutes_mean", [0, 0, 0, -1], 0.625),
    ],
    ids=["lower is better", "higher is better", "ties and a draw", "ties count half"],
)
def test_probability_of_better(metric, delta, expected):
    """Better pairs count one, equal pairs one half, in the metric's own direction."""
    row = pairs([10.0] * 4, 10.0 + np.array(delta), metric)

    assert row["probability_better"] == expected
    assert row["probability_low"] < expected < row["probability_high"]


def test_a_metric_without_a_better_direction_has_no_probability():
    """Utilisation is neither better nor worse."""
    row = pairs([0.5, 0.6], [0.6, 0.7], "utilisation")

    assert np.isnan(row[["probability_better", "probability_low", "probability_high"]].astype(float)).all()
    assert row["delta_mean"] == pytest.approx(0.1)


def test_wilson_bounds_count_draws_and_not_replications():
    """Ten replications of two draws are two observations: the bounds stay as wide as those of two."""
    row = pairs([5.0] * 10, [4.0] * 10, draws=[0] * 5 + [1] * 5)
    two = pairs([5.0] * 2, [4.0] * 2)

    assert row["n_draws"] == 2
    assert row["n_replications"] == 10
    assert row["probability_low"] == pytest.approx(two["probability_low"])


def test_one_pair_has_no_interval():
    """With one replication the mean stands and every interval is NaN."""
    row = pairs([5.0], [4.0])
    intervals = ["low", "high", "ci_low", "ci_high", "low_se", "high_se", "delta_rel_low", "delta_rel_high"]

    assert row["delta_mean"] == -1.0
    assert row[intervals].isna().all()
    assert row["n_replications"] == 1


def test_pairs_missing_on_both_sides_are_equal_and_enter_nothing():
    """A replication in which neither was observed changes no number and is no undefined pair."""
    row, without = pairs([5.0, np.nan, 7.0], [4.0, np.nan, 5.0]), pairs([5.0, 7.0], [4.0, 5.0])

    assert row[["delta_mean", "low", "high"]].tolist() == without[["delta_mean", "low", "high"]].tolist()
    assert row["n_undefined"] == 0
    assert not row["all_equal"]
    assert pairs([5.0, np.nan], [5.0, np.nan])["all_equal"]


def test_pairs_missing_on_one_side_are_counted():
    """A replication observed under one policy only is undefined: counted, and never called equal."""
    row = pairs([5.0, np.nan, 7.0], [5.0, 4.0, 7.0])

    assert row["n_undefined"] == 1
    assert not row["all_equal"]
    assert row["delta_mean"] == 0.0


def test_relative_changes_are_per_pair():
    """The relative mean is the mean of ratios."""
    assert pairs([10.0, 20.0], [5.0, 20.0])["delta_rel_mean"] == -0.25


def test_no_change_from_zero_is_zero_and_any_other_is_undefined():
    """0 to 0 is a relative change of 0; 0 to 3 leaves the row without relative numbers."""
    assert pairs([0.0, 20.0], [0.0, 10.0])["delta_rel_mean"] == -0.25
    assert np.isnan(pairs([0.0, 20.0], [3.0, 10.0])["delta_rel_mean"])


def test_quantities_with_an_arbitrary_zero_have_no_relative_change():
    """Motivation in standard deviations has a difference but no ratio."""
    row = pairs([1.0, 2.0], [2.0, 3.0], "motivation_z")

    assert row["delta_mean"] == 1.0
    assert np.isnan(row["delta_rel_mean"])


def test_another_reference_reverses_the_sign():
    """Baseline against the policy is minus the policy against baseline."""
    table = results_of("baseline", "one_more_officer", replications=5)
    forth, back = contrast(table), contrast(table, "one_more_officer")

    assert back["scenario"].unique().tolist() == ["baseline"]
    np.testing.assert_allclose(back["delta_mean"], -forth["delta_mean"])


def test_an_unknown_reference_is_refused():
    """A reference that is not in the table is refused with the scenarios that are."""
    with pytest.raises(InputError, match=r"got 'basline'\. Known: baseline, null"):
        contrast(results_of("baseline", "null", replications=2), "basline")


def test_failed_replications_are_counted_in_their_region():
    """`n_failed` comes from outside, because failed replications are in no row."""
    assert contrast(results_of("baseline", "null", replications=2), failed={"arcamanik": 4})["n_failed"].eq(4).all()
