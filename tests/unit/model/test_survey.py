"""The satisfaction index: exact arithmetic, missing answers, and what it refuses."""

import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kinerja_sim as ks
from kinerja_sim.know.errors import InputError
from kinerja_sim.model.survey import CATEGORIES, ELEMENTS, krejcie_morgan, satisfaction_category, satisfaction_index

answer = st.sampled_from([1, 2, 3, 4])
sheets = st.integers(1, 12).flatmap(
    lambda n: st.lists(st.lists(answer, min_size=9, max_size=9), min_size=n, max_size=n)
)


def sheet(rows: list[list[int]]) -> pd.DataFrame:
    """Return answers as a table, one row per respondent."""
    return pd.DataFrame(rows, columns=list(ELEMENTS))


@given(sheets)
def test_the_index_of_answers_is_the_decimal_arithmetic_of_the_form(rows: list[list[int]]) -> None:
    """For complete sheets the index is 25/9 of the mean row total, rounded half up with pencil and paper."""
    found = satisfaction_index(sheet(rows))
    total = Decimal(sum(map(sum, rows))) * 25 / (9 * len(rows))

    assert found.value == float(total.quantize(Decimal("0.01"), ROUND_HALF_UP))
    assert found.category == "DCBA"[sum(found.value >= low for low in (65.00, 76.61, 88.31))]
    assert list(found.elements) == list(ELEMENTS)
    assert found.missing == dict.fromkeys(ELEMENTS, 0)


@given(sheets, st.randoms(use_true_random=False))
def test_who_answered_first_and_which_column_stands_first_do_not_matter(rows: list[list[int]], shuffle: Random) -> None:
    """The index is keyed by name: rows and columns in any order give the same object."""
    table = sheet(rows)
    columns = list(ELEMENTS)
    shuffle.shuffle(columns)
    order = list(table.index)
    shuffle.shuffle(order)

    assert satisfaction_index(table.loc[order, columns]) == satisfaction_index(table)


def test_a_mean_is_the_decimal_number_that_was_printed() -> None:
    """An index that ends in half a hundredth is rounded up, whatever its means look like in binary."""
    for ten_thousandths in range(10_002, 40_000, 196):  # 25 times each of these ends in exactly half a hundredth
        mean = ten_thousandths / 10_000
        by_hand = (Decimal(ten_thousandths) * 25 / 10_000).quantize(Decimal("0.01"), ROUND_HALF_UP)

        assert satisfaction_index(dict.fromkeys(ELEMENTS, mean)).value == float(by_hand), mean


def test_means_and_answers_agree() -> None:
    """The element means of a sheet give the index of that sheet."""
    table = sheet([[1, 2, 3, 4, 4, 3, 2, 1, 1], [4, 4, 4, 4, 3, 3, 3, 3, 2]])
    from_answers = satisfaction_index(table)
    from_means = satisfaction_index(table.mean().to_dict())

    assert (from_means.value, from_means.category) == (from_answers.value, from_answers.category) == (70.83, "C")
    assert from_means.elements == from_answers.elements
    assert from_means.missing is None


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA], ids=["none", "nan", "na"])
def test_a_missing_answer_leaves_only_its_own_element(nothing: object) -> None:
    """A blank lowers no mean: its element is the mean of the others, and the blank is counted."""
    table = sheet([[4] * 9, [2] * 9]).astype(object)
    table.loc[1, "time"] = nothing
    found = satisfaction_index(table)

    assert found.elements["time"] == 4.0
    assert found.elements["cost"] == 3.0
    assert found.missing == {**dict.fromkeys(ELEMENTS, 0), "time": 1}
    assert found.value == 77.78  # 25 * (4 + 8 * 3) / 9


def test_whole_numbers_of_any_type_are_answers() -> None:
    """Floats without a fraction and nullable integers count as the whole numbers that they are."""
    table = sheet([[3] * 9, [4] * 9])

    assert satisfaction_index(table.astype(float)) == satisfaction_index(table)
    assert satisfaction_index(table.astype("Int64")) == satisfaction_index(table)
    assert satisfaction_index({name: np.float64(3.5) for name in ELEMENTS}).value == 87.5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tme": 3.0}, "`scores` must name only elements of the survey; got 'tme'. Did you mean `time`?"),
        (
            {"zzz": 3.0},
            "got 'zzz'. Known elements: requirements, procedure, time, cost, product, competence, behaviour",
        ),
        ({"time": 4.01}, "`scores['time']` must be a number from 1 to 4; got 4.01."),
        ({"time": 0}, "`scores['time']` must be a number from 1 to 4; got 0."),
        ({"time": float("nan")}, "`scores['time']` must be a number from 1 to 4; got nan."),
        ({"time": "3"}, "`scores['time']` must be a number from 1 to 4; got '3'."),
        ({"time": True}, "`scores['time']` must be a number from 1 to 4; got true."),
        ({"time": np.float64(0.5)}, "`scores['time']` must be a number from 1 to 4; got 0.5."),
    ],
    ids=["near", "far", "above", "below", "nan", "text", "truth", "numpy"],
)
def test_means_that_break_a_rule_are_refused(changes: dict[str, object], message: str) -> None:
    """A misspelt element and a mean off the scale are named with the rule and the value."""
    with pytest.raises(InputError) as caught:
        satisfaction_index({**dict.fromkeys(ELEMENTS, 3.0), **changes})  # type: ignore[dict-item]

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("value", "got"), [(5, "5"), (0, "0"), (2.5, "2.5"), ("4", "'4'"), (True, "true"), (np.inf, "inf")],
    ids=["five", "zero", "fraction", "text", "truth", "infinite"],
)  # fmt: skip
def test_an_answer_off_the_scale_is_refused_with_its_place(value: object, got: str) -> None:
    """An answer that is not 1, 2, 3 or 4 is named with its row and column."""
    table = sheet([[3] * 9, [3] * 9]).astype(object)
    table.loc[1, "cost"] = value

    with pytest.raises(InputError) as caught:
        satisfaction_index(table)

    assert str(caught.value) == f"`scores` must hold answers 1, 2, 3 or 4; got {got} in row 1, column 'cost'."


def test_tables_without_an_element_or_its_answers_are_refused() -> None:
    """A column that is absent, doubled, misspelt or wholly blank is named."""
    table = sheet([[3] * 9])
    cases = {
        r"must hold all nine elements; got 8\. Add `time`": table.drop(columns="time"),
        r"must name each element once; got 'time' 2 times": table[[*ELEMENTS, "time"]],
        r"must name only elements of the survey; got 'U3'": table.rename(columns={"time": "U3"}),
        r"`scores\['time'\]` must have at least one answer; got none among 1 row": table.assign(time=np.nan),
        r"`scores\['requirements'\]` must have at least one answer; got none among 0 row": table.iloc[:0],
    }
    for message, broken in cases.items():
        with pytest.raises(InputError, match=message):
            satisfaction_index(broken)


def test_anything_but_a_mapping_or_a_table_is_refused() -> None:
    """A bare list has no names to key by."""
    with pytest.raises(InputError, match="must be a mapping or a DataFrame; got a list"):
        satisfaction_index([3.0] * 9)  # type: ignore[arg-type]


@pytest.mark.parametrize(("category", "low"), CATEGORIES)
def test_each_band_starts_at_its_printed_number(category: str, low: float) -> None:
    """A band begins at its printed lower end, and half a hundredth below it still rounds into it."""
    assert satisfaction_category(low) == category
    if category != "D":
        assert satisfaction_category(low - 0.005) == category
        assert satisfaction_category(round(low - 0.0051, 4)) > category


def test_the_index_is_public_and_needs_no_table_library_for_means() -> None:
    """`ks.satisfaction_index` exists, and counting means does not import pandas."""
    code = (
        "import sys, kinerja_sim as ks; from kinerja_sim.model.survey import ELEMENTS\n"
        "ks.satisfaction_index(dict.fromkeys(ELEMENTS, 3)); sys.exit('pandas' in sys.modules)"
    )

    assert ks.satisfaction_index is satisfaction_index
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_sample_never_exceeds_its_population_and_levels_off() -> None:
    """The sample grows with the population, never beyond it, towards chi-square over 4 d squared."""
    sizes = np.array([krejcie_morgan(n) for n in (1, 10, 100, 1e4, 1e6, 1e9)])

    assert (np.diff(sizes) > 0).all()
    assert (sizes <= np.array([1, 10, 100, 1e4, 1e6, 1e9]) + 1e-9).all()
    assert sizes[-1] == pytest.approx(3.841 / (4 * 0.05**2), rel=1e-5)
    for wrong in (0, -5, float("nan"), float("inf")):
        with pytest.raises(InputError, match="`population` must be a finite number above 0"):
            krejcie_morgan(wrong)
