"""The community-satisfaction survey as the regulation counts it: nine elements, one index, four categories.

PermenPANRB 14/2017: each of nine elements is answered on a scale of 1 to 4; the index is
25 times the weighted sum of the elements' means, every weight exactly one ninth. Most open
to dispute: how to round, and what to do with a missing answer, on which the texts seen are
silent. Left out: who is asked and who answers (`feedback`). The annex itself was not
found: scale, formula and bands are those that public offices print with their results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor, isfinite
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import FrozenDict
from kinerja_sim.know.messages import did_you_mean, sentence, show
from kinerja_sim.know.schema import ELEMENTS

if TYPE_CHECKING:
    import pandas as pd

ANSWERS = (1, 2, 3, 4)
CATEGORIES = (("A", 88.31), ("B", 76.61), ("C", 65.0), ("D", 25.0))
"""Category and its lowest index: sangat baik, baik, kurang baik, tidak baik."""


@dataclass(frozen=True)
class Index:
    """A satisfaction index and what it is made of.

    Attributes
    ----------
    value : float, 25 to 100
        Rounded to two decimals.
    category : str
        'A' (sangat baik), 'B' (baik), 'C' (kurang baik) or 'D' (tidak baik).
    elements : mapping of element to mean answer, 1 to 4
        In the order of `ELEMENTS`.
    missing : mapping of element to the number of answers left out, or None
        None when means were given: what is missing from them is not known.
    """

    value: float
    category: str
    elements: Mapping[str, float]
    missing: Mapping[str, int] | None = None


def satisfaction_index(scores: Mapping[str, float] | pd.DataFrame) -> Index:
    """Return the satisfaction index (IKM) of element means or of single answers.

    Parameters
    ----------
    scores : mapping or DataFrame
        Mapping: element -> mean answer, 1 to 4, all nine elements. DataFrame: one row per
        respondent, one column per element, answers 1, 2, 3 or 4. A missing answer (NaN,
        None) is left out of its element's mean and counted in `Index.missing`; the
        respondent's other answers stay.

    Returns
    -------
    Index
        `.value` (25 to 100, two decimals), `.category` ('A' to 'D'), `.elements`, `.missing`.

    Raises
    ------
    InputError
        If an element is unknown, missing or without any answer, a mean lies outside 1 to 4,
        or an answer is not 1, 2, 3 or 4.

    Notes
    -----
    Our readings: the index is computed without rounding on the way, rounded half up to two
    decimals, and only then banded, because the bands are printed with two decimals and leave
    gaps (76.60 | 76.61). The weight is 1/9, not the printed 0.11 or 0.111, with which a
    perfect 4.00 would give 99.00 or 99.90.

    Source
    ------
    PermenPANRB 14/2017, annex (formula and bands as printed by public offices; annex text not seen).

    Examples
    --------
    >>> found = satisfaction_index(dict.fromkeys(ELEMENTS, 3.064))
    >>> found.value, found.category
    (76.6, 'C')
    """
    if isinstance(scores, Mapping):
        _check_names(list(scores))
        means = {element: _mean(element, scores[element]) for element in ELEMENTS}
        missing = None
    else:
        means, missing = _means_of_answers(scores)
    hundredths = _hundredths(sum(means.values(), Fraction(0)) * 25 / len(ELEMENTS))
    elements = FrozenDict({element: float(mean) for element, mean in means.items()})
    return Index(hundredths / 100, _category(hundredths), elements, missing)


def satisfaction_category(value: float) -> str:
    """Return the category of a satisfaction index, rounded half up to two decimals first.

    Parameters
    ----------
    value : float, 25 to 100

    Returns
    -------
    str
        'A' 88.31-100.00, 'B' 76.61-88.30, 'C' 65.00-76.60, 'D' 25.00-64.99.

    Raises
    ------
    InputError
        If the value is not a number from 25 to 100.

    Source
    ------
    PermenPANRB 14/2017, annex (bands as printed by public offices; annex text not seen).

    Examples
    --------
    >>> [satisfaction_category(value) for value in (64.99, 65, 76.6, 76.61, 88.3, 88.31)]
    ['D', 'C', 'C', 'B', 'B', 'A']
    """
    return _category(_hundredths(_exact("value", value, 25, 100)))


def krejcie_morgan(population: float) -> float:
    """Return the sample size of Krejcie and Morgan's table for a finite population.

    Parameters
    ----------
    population : float, persons or cases, > 0

    Returns
    -------
    float, persons or cases
        Not rounded; the printed table shows the nearest whole number.

    Raises
    ------
    InputError
        If the population is not a finite number above 0.

    Source
    ------
    Krejcie and Morgan (1970), Educational and Psychological Measurement 30:607-610; chi-square
    3.841, P = .5, d = .05. PermenPANRB 14/2017, annex, points to the table (annex text not seen).

    Examples
    --------
    >>> [round(krejcie_morgan(n)) for n in (100, 1000, 10000)]
    [80, 278, 370]
    """
    if not (isfinite(population) and population > 0):
        raise InputError(sentence("population", "be a finite number above 0", show(float(population))))
    return 3.841 * population * 0.25 / (0.0025 * (population - 1) + 0.96025)


def _category(hundredths: int) -> str:
    return next(category for category, lowest in CATEGORIES if hundredths >= round(100 * lowest))


def _hundredths(value: Fraction) -> int:
    """Return `value` in hundredths, halves upwards."""
    return floor(value * 100 + Fraction(1, 2))


def _exact(name: str, value: object, low: int, high: int) -> Fraction:
    """Return the decimal number that the user sees (3.064 is 3064/1000), or refuse it."""
    rule = f"be a number from {low} to {high}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real) or not isfinite(value):
        raise InputError(sentence(name, rule, _shown(value)))
    exact = Fraction(str(value))
    if not low <= exact <= high:
        raise InputError(sentence(name, rule, _shown(value)))
    return exact


def _mean(element: str, value: object) -> Fraction:
    return _exact(f"scores['{element}']", value, ANSWERS[0], ANSWERS[-1])


def _shown(value: object) -> str:
    return show(value.item() if isinstance(value, np.generic) else value)


def _check_names(names: list[object]) -> None:
    """Refuse names that are unknown, given twice or missing."""
    known = f"Known elements: {', '.join(ELEMENTS)}."
    for name in names:
        if name not in ELEMENTS:
            remedy = did_you_mean(name, ELEMENTS, instead=known)
            raise InputError(sentence("scores", "name only elements of the survey", _shown(name), remedy=remedy))
        if names.count(name) > 1:
            raise InputError(sentence("scores", "name each element once", f"'{name}' {names.count(name)} times"))
    absent = [element for element in ELEMENTS if element not in names]
    if absent:
        remedy = f"Add {', '.join(f'`{element}`' for element in absent)}."
        raise InputError(sentence("scores", "hold all nine elements", str(len(names)), remedy=remedy))


def _means_of_answers(answers: object) -> tuple[dict[str, Fraction], Mapping[str, int]]:
    """Return the exact mean of each element's answers, and how many are missing."""
    import pandas as pd  # only here: means need no table

    if not isinstance(answers, pd.DataFrame):
        remedy = "Give means by element, or one row of answers per respondent."
        raise InputError(
            sentence("scores", "be a mapping or a DataFrame", f"a {type(answers).__name__}", remedy=remedy)
        )
    _check_names(list(answers.columns))
    means, missing = {}, {}
    for element in ELEMENTS:
        column = answers[element]
        given = column[column.notna()]
        for row, answer in zip(given.index, given.tolist(), strict=True):
            if isinstance(answer, bool | np.bool_) or not isinstance(answer, Real) or answer not in ANSWERS:
                where = f"in row {row}, column '{element}'"
                raise InputError(sentence("scores", "hold answers 1, 2, 3 or 4", _shown(answer), where))
        if given.empty:
            where = f"among {len(column)} row(s)"
            raise InputError(sentence(f"scores['{element}']", "have at least one answer", "none", where))
        means[element] = Fraction(sum(int(answer) for answer in given), len(given))
        missing[element] = len(column) - len(given)
    return means, FrozenDict(missing)
