"""Forced distribution: how many of an office's people may hold each grade, and who gets which.

SE MenPANRB 3/2023 ties the spread of personal grades to the grade of the organisation. The
five items of its guidance are data below, read in a press copy (naikpangkat.com), not in the
letter itself. The letter leaves much open; each of our readings is a line under `seats`. Most
open to dispute: "others may be", which decides how kind the curve is. Left out: how an
organisation earns its grade, and the right of its head to depart from the pattern.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import did_you_mean, sentence, show

GRADES = ("excellent", "good", "needs_improvement", "poor", "very_poor")
"""PermenPANRB 6/2022, best first: Sangat Baik, Baik, Butuh Perbaikan, Kurang, Sangat Kurang."""


@dataclass(frozen=True)
class Pattern:
    """What the letter asks of the people of an organisation with one grade; shares in per cent."""

    item: int  # of the letter's guidance on the pattern of distribution
    leading: str
    share: int  # of the leading grade
    is_ceiling: bool  # whether `share` is the most (items 1 and 2) or the least (items 3 to 5)
    others: tuple[tuple[str, int], ...]  # grades the rest may hold, best first, each with its ceiling
    must: tuple[str, ...] = ()  # one of these has to be there, mildest first
    must_share: int = 0  # at least this much of them; 0 where the letter says no number


PATTERNS = {
    "outstanding": Pattern(
        1, "excellent", 70, True, (("good", 100), ("needs_improvement", 100), ("poor", 100), ("very_poor", 100))
    ),
    "good": Pattern(
        2, "good", 70, True, (("excellent", 100), ("very_poor", 100)), must=("needs_improvement", "poor")
    ),
    "needs_improvement": Pattern(
        3, "needs_improvement", 60, False, (("excellent", 10), ("good", 100), ("poor", 100), ("very_poor", 100))
    ),
    "poor": Pattern(
        4, "poor", 60, False, (("excellent", 10), ("good", 100), ("very_poor", 100)),
        must=("needs_improvement",), must_share=10,
    ),
    "very_poor": Pattern(
        5, "very_poor", 60, False, (("good", 100),), must=("needs_improvement", "poor"), must_share=10
    ),
}  # fmt: skip
"""SE MenPANRB 3/2023, items 1-5: organisation Istimewa, Baik, Butuh Perbaikan, Kurang, Sangat Kurang."""
SOME = {"one": 0, "tenth": 10}
"""Readings of "some must be there" where the letter says no number: per cent of the office, at least one person."""


def seats(n_people: int, organisation_grade: str, *, some: str = "one") -> NDArray[np.int64]:
    """Return how many people of an office hold each grade.

    Parameters
    ----------
    n_people : int, >= 0
    organisation_grade : {'outstanding', 'good', 'needs_improvement', 'poor', 'very_poor'}
    some : {'one', 'tenth'}
        Reading of "some must be there" (see Notes).

    Returns
    -------
    int64 array [5], people
        In the order of `GRADES`, best first; sums to `n_people`.

    Raises
    ------
    InputError
        If an argument is not one of those above.

    Notes
    -----
    What the letter leaves open, and our reading:

    - Whole people. A ceiling is rounded down and a floor rounded up, so that no office breaks a
      share. In an office of five to nine, 10 % is one person as a floor and nobody as a ceiling.
    - "Most (at most 70 %)", items 1 and 2, is the largest number of people within the ceiling.
    - "Some must be there", item 2, is at least one person: where the letter wants a share it says
      so (items 4 and 5). `some="tenth"` reads it as the 10 % of those items instead; up to ten
      people the two are the same. Where either of two grades will do, it is the milder one.
    - "Others may be" goes to the best grade allowed, up to its ceiling, as offices in fact grade.
    - Too few people. In an office of two, the grade that must be there is seated before the
      leading grade. One person alone holds the organisation's leading grade.

    Source
    ------
    SE MenPANRB 3/2023, guidance on the pattern of distribution, items 1-5 (press copy); PermenPANRB
    6/2022, articles 24-25 (second-hand).

    Examples
    --------
    >>> seats(7, "good").tolist(), seats(20, "poor").tolist()
    ([2, 4, 1, 0, 0], [2, 4, 2, 12, 0])
    """
    n = _people(n_people)
    pattern = PATTERNS[_one_of("organisation_grade", organisation_grade, PATTERNS)]
    open_share = SOME[_one_of("some", some, SOME)]
    count = dict.fromkeys(GRADES, 0)
    if n == 1:
        count[pattern.leading] = 1
    left = n if n > 1 else 0
    if left and pattern.must:
        count[pattern.must[0]] = max(1, _up(n, pattern.must_share or open_share))
        left -= count[pattern.must[0]]
    lead = min(left, _down(n, pattern.share) if pattern.is_ceiling else _up(n, pattern.share))
    count[pattern.leading] += lead
    left -= lead
    for grade, ceiling in pattern.others:
        more = min(left, _down(n, ceiling))
        count[grade] += more
        left -= more
    return np.array([count[grade] for grade in GRADES], np.int64)


def distribute(scores: ArrayLike, organisation_grade: str, keys: ArrayLike, *, some: str = "one") -> NDArray[np.int64]:
    """Return each person's grade when the seats of the letter are filled from the best score down.

    Parameters
    ----------
    scores : float [n], any unit, higher is better
    organisation_grade : {'outstanding', 'good', 'needs_improvement', 'poor', 'very_poor'}
    keys : float [n]
        Each person's own draw; of two equal scores the lower key ranks first, whatever the order
        of the arrays. No two may be equal.
    some : {'one', 'tenth'}
        Reading of "some must be there" (see `seats`).

    Returns
    -------
    int64 array [n]
        Indices into `GRADES`; the number of people with each is `seats(n, ...)`.

    Raises
    ------
    InputError
        If scores and keys are not finite rows of one length, two keys are equal, or a word is unknown.

    Source
    ------
    As for `seats`. That seats go by rank, and ties by lot, is our reading: the letter leaves both to the head.

    Examples
    --------
    >>> distribute([0.3, 1.2, 0.3, 0.5, 0.8], "good", [0.9, 0.1, 0.2, 0.5, 0.7]).tolist()
    [2, 0, 1, 1, 1]
    """
    score, key = _row("scores", scores), _row("keys", keys)
    if score.shape != key.shape:
        raise InputError(sentence("keys", f"hold one key per score ({score.size})", str(key.size)))
    if np.unique(key).size < key.size:
        remedy = "Draw one for each person, such as rng.random(n)."
        raise InputError(sentence("keys", "differ from person to person", "equal keys", remedy=remedy))
    count = seats(score.size, organisation_grade, some=some)
    grades = np.empty(score.size, np.int64)
    grades[np.lexsort((key, -score))] = np.repeat(np.arange(len(GRADES)), count)
    return grades


def _people(value: int) -> int:
    try:
        n = -1 if isinstance(value, bool | np.bool_) else operator.index(value)
    except TypeError:
        n = -1
    if n < 0:
        raise InputError(f"`n_people` must be a whole number >= 0; got {value!r}. Write 7, not 7.0 or '7'.")
    return n


def _down(n: int, percent: int) -> int:
    """Return `percent` of `n` people as a ceiling; integers, because 0.7 * 90 is below 63."""
    return n * percent // 100


def _up(n: int, percent: int) -> int:
    """Return `percent` of `n` people as a floor."""
    return -(-n * percent // 100)


def _one_of(name: str, word: str, options: dict[str, Pattern] | dict[str, int]) -> str:
    if word not in options:
        rule = f"be one of {', '.join(options)}"
        raise InputError(sentence(name, rule, show(word), remedy=did_you_mean(word, options)))
    return word


def _row(name: str, values: ArrayLike) -> NDArray[np.float64]:
    try:
        row = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise InputError(sentence(name, "be one row of numbers", show(values))) from None
    if row.ndim != 1:
        raise InputError(sentence(name, "be one row of numbers", f"{row.ndim} dimensions"))
    if not np.isfinite(row).all():
        raise InputError(sentence(name, "be finite", f"{row[~np.isfinite(row)][0]:g}", "for one person"))
    return row
