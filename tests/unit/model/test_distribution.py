"""Forced distribution: the letter's shares for every office size, and who gets which seat."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinerja_sim.know.errors import InputError
from kinerja_sim.model.distribution import GRADES, PATTERNS, SOME, distribute, seats

people = st.lists(st.integers(-3, 3), min_size=1, max_size=40)  # few values: many ties


def shares(n: int, organisation: str, some: str) -> dict[str, Fraction]:
    """Return the share of each grade in an office of `n`."""
    return {grade: Fraction(int(k), n) for grade, k in zip(GRADES, seats(n, organisation, some=some), strict=True)}


def breaches(organisation: str, share: dict[str, Fraction], some: Fraction) -> list[str]:
    """Return which demands of the letter an office breaks, written out from its five items."""
    excellent, good, improve, poor, very_poor = (share[grade] for grade in GRADES)
    most, least, tenth = Fraction(70, 100), Fraction(60, 100), Fraction(10, 100)
    demands = {
        "outstanding": {"at most 70 % excellent": excellent <= most, "excellent leads": excellent >= 1 - excellent},
        "good": {
            "at most 70 % good": good <= most,
            "good leads": good == max(share.values()),
            "some needs improvement or poor": improve + poor > 0 and improve + poor >= some,
        },
        "needs_improvement": {"at least 60 %": improve >= least, "at most 10 % excellent": excellent <= tenth},
        "poor": {
            "at least 60 %": poor >= least,
            "at least 10 % needs improvement": improve >= tenth,
            "at most 10 % excellent": excellent <= tenth,
        },
        "very_poor": {
            "at least 60 %": very_poor >= least,
            "at least 10 % poor or needs improvement": improve + poor >= tenth,
            "nobody excellent": excellent == 0,
        },
    }
    return [name for name, kept in demands[organisation].items() if not kept]


@pytest.mark.parametrize("some", SOME)
@pytest.mark.parametrize("organisation", PATTERNS)
def test_every_office_of_two_to_two_hundred_keeps_the_letter(organisation: str, some: str) -> None:
    """Seats sum to the people and keep every share of the letter, offices of two under two floors aside."""
    at_least = Fraction(SOME[some], 100)
    for n in range(2, 201):
        share = shares(n, organisation, some)
        allowed = {"at least 60 %"} if n == 2 and organisation in ("poor", "very_poor") else set()

        assert sum(share.values()) == 1
        assert min(share.values()) >= 0
        assert set(breaches(organisation, share, at_least)) == allowed, n


def test_ceilings_are_filled_and_floors_are_not_exceeded() -> None:
    """One more leader would break 70 %, one fewer 60 %, and one fewer in a grade that must be there 10 %."""
    for n in range(3, 201):
        for organisation, grade in (("outstanding", "excellent"), ("good", "good")):
            assert shares(n, organisation, "one")[grade] + Fraction(1, n) > Fraction(70, 100), n
        for organisation in ("needs_improvement", "poor", "very_poor"):
            assert shares(n, organisation, "one")[organisation] - Fraction(1, n) < Fraction(60, 100), n
        for organisation in ("poor", "very_poor"):
            assert shares(n, organisation, "one")["needs_improvement"] - Fraction(1, n) < Fraction(10, 100), n


def test_the_guard_sees_an_office_that_breaks_the_letter() -> None:
    """The check above sees too many leaders, nobody below them, and a grade that must not be there."""
    all_good = {**dict.fromkeys(GRADES, Fraction(0)), "good": Fraction(1)}

    assert breaches("good", all_good, Fraction(0)) == ["at most 70 % good", "some needs improvement or poor"]
    assert "at least 60 %" in breaches("poor", all_good, Fraction(0))
    assert breaches("very_poor", {**all_good, "excellent": Fraction(1)}, Fraction(0))[-1] == "nobody excellent"


@pytest.mark.parametrize("organisation", PATTERNS)
def test_seats_go_only_to_grades_that_the_letter_names(organisation: str) -> None:
    """No seat goes to a grade that the pattern's item does not allow, and one or no person needs no pattern."""
    pattern = PATTERNS[organisation]
    named = {pattern.leading, *pattern.must, *(grade for grade, _ in pattern.others)}
    for n in (2, 5, 9, 30, 200):
        held = {grade for grade, k in zip(GRADES, seats(n, organisation), strict=True) if k}
        assert held <= named
    assert seats(1, organisation).tolist() == [int(grade == pattern.leading) for grade in GRADES]
    assert seats(0, organisation).tolist() == [0] * 5


def test_patterns_are_the_five_items_of_the_letter() -> None:
    """Items 1 to 5 stand in order, worse organisations lead with worse grades, and the two readings part above ten."""
    leading = [pattern.leading for pattern in PATTERNS.values()]

    assert [pattern.item for pattern in PATTERNS.values()] == [1, 2, 3, 4, 5]
    assert leading == list(GRADES)
    for n in range(2, 11):
        assert seats(n, "good", some="one").tolist() == seats(n, "good", some="tenth").tolist()
    assert seats(11, "good", some="one").tolist() != seats(11, "good", some="tenth").tolist()


@given(people, st.sampled_from(list(PATTERNS)), st.sampled_from(list(SOME)), st.randoms(use_true_random=False))
def test_better_scores_never_get_worse_grades(values: list[int], organisation: str, some: str, shuffle: Random) -> None:
    """Grades fall with the score, fill the seats exactly, and between equals the lower key comes first."""
    keys = list(range(len(values)))
    shuffle.shuffle(keys)
    grades = distribute(values, organisation, keys, some=some)
    by_rank = sorted(range(len(values)), key=lambda i: (-values[i], keys[i]))

    assert np.bincount(grades, minlength=5).tolist() == seats(len(values), organisation, some=some).tolist()
    assert (np.diff(grades[by_rank]) >= 0).all()


@given(people, st.sampled_from(list(PATTERNS)), st.randoms(use_true_random=False))
def test_the_order_of_the_list_decides_nothing(values: list[int], organisation: str, shuffle: Random) -> None:
    """People carry their grade with them when score and key are listed in another order."""
    keys = [i / 7 for i in range(len(values))]
    shuffle.shuffle(keys)
    order = list(range(len(values)))
    shuffle.shuffle(order)
    straight = distribute(values, organisation, keys)
    mixed = distribute([values[i] for i in order], organisation, [keys[i] for i in order])

    assert mixed.tolist() == straight[order].tolist()


def test_inputs_stay_as_they_were() -> None:
    """Neither scores nor keys are changed, and nobody to grade gives nobody graded."""
    scores, keys = np.array([0.1, 0.9, 0.4]), np.array([0.3, 0.1, 0.2])
    distribute(scores, "good", keys)

    assert scores.tolist() == [0.1, 0.9, 0.4]
    assert keys.tolist() == [0.3, 0.1, 0.2]
    assert distribute([], "good", []).tolist() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], "goood", [0.1]), "`organisation_grade` must be one of outstanding, good, needs_improvement, poor, "
                                  "very_poor; got 'goood'. Did you mean `good`?"),
        (([1.0, np.nan], "good", [0.1, 0.2]), "`scores` must be finite; got nan for one person."),
        (([1.0, 2.0], "good", [0.1, np.inf]), "`keys` must be finite; got inf for one person."),
        (([[1.0, 2.0]], "good", [0.1, 0.2]), "`scores` must be one row of numbers; got 2 dimensions."),
        ((["a", "b"], "good", [0.1, 0.2]), "`scores` must be one row of numbers; got a list."),
        (([1.0, 2.0], "good", [0.1]), "`keys` must hold one key per score (2); got 1."),
        (([1.0, 2.0], "good", [0.1, 0.1]), "`keys` must differ from person to person; got equal keys. "
                                           "Draw one for each person, such as rng.random(n)."),
    ],
    ids=["grade", "nan", "infinite", "matrix", "text", "short", "equal"],
)  # fmt: skip
def test_what_cannot_be_ranked_is_refused(arguments: tuple, message: str) -> None:
    """Scores or keys that give no ranking are refused with the rule."""
    with pytest.raises(InputError) as caught:
        distribute(*arguments)

    assert str(caught.value) == message


@pytest.mark.parametrize("n", [-1, 2.0, "3", True, None])
def test_people_are_counted_in_whole_numbers(n: object) -> None:
    """A negative, fractional or non-numeric office is refused, and so is an unknown reading."""
    with pytest.raises(InputError, match="`n_people` must be a whole number >= 0"):
        seats(n, "good")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="`some` must be one of one, tenth; got 'two'"):
        seats(3, "good", some="two")
