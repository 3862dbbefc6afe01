"""The rules of the regulations, case by case: every YAML file beside this one is read and run."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import kinerja_sim as ks
from kinerja_sim.know.calendar import RAMADAN_WEEK_HOURS, WEEK_HOURS, load_calendar
from kinerja_sim.know.policies import Appraisal
from kinerja_sim.know.yamlfile import Document, parse_yaml, read_yaml, validate_mapping
from kinerja_sim.model.deadlines import is_late
from kinerja_sim.model.distribution import GRADES, distribute, seats
from kinerja_sim.model.survey import ELEMENTS, Index, krejcie_morgan, satisfaction_category

BASES = ("read", "second-hand", "derived", "from memory", "our reading")
"""How well the text behind a case is known; 'read' means read in a copy of the page that the case names."""
SHARED = ("rule", "regulation", "article", "basis")  # a file may state these once for all of its cases
KEYS = {*SHARED, "title", "input", "expected", "refused"}


def appraisal_of(weights: dict[str, float]) -> Appraisal:
    """Return an appraisal with these source weights, checked as a policy file is."""
    return validate_mapping(Appraisal, {"weights": weights}, "in a case")


def index_of(
    *,
    means: dict[str, float] | None = None,
    every_element: float = math.nan,
    answers: dict[str, list[int | None]] | None = None,
) -> Index:
    """Return the index of nine means, of one mean for all elements, or of single answers."""
    if answers is not None:
        return ks.satisfaction_index(pd.DataFrame(answers))
    return ks.satisfaction_index(dict.fromkeys(ELEMENTS, every_element) if means is None else means)


def index_and_category(**given: Any) -> dict[str, object]:
    """Return the two things that an office publishes."""
    found = index_of(**given)
    return {"value": found.value, "category": found.category}


def hours_of_month(year: int, month: int) -> list[float]:
    """Return the different weekly hours that the working days of a month belong to."""
    (days,) = load_calendar().months(year, month, 1)
    return sorted({WEEK_HOURS * factor for factor in days.length_factor.tolist()})


def days_off(year: int, kind: str) -> int:
    """Return the number of days on the year's list, those on weekends included."""
    return sum(len(s.days()) for s in load_calendar().spans if s.first.year == year and s.kind == kind)


RULES: dict[str, Callable[..., Any]] = {
    "band_pp30": ks.appraisal.band_pp30,
    "grade": ks.appraisal.grade,
    "beyond_regulation": lambda weights: appraisal_of(weights).beyond_regulation,
    "results_share": lambda weights: appraisal_of(weights).results_share,
    "seats": lambda people, organisation, **some: dict(
        zip(GRADES, seats(people, organisation, **some).tolist(), strict=True)
    ),
    "distribute": lambda scores, organisation, keys: [GRADES[i] for i in distribute(scores, organisation, keys)],
    "satisfaction_index": index_and_category,
    "satisfaction_category": satisfaction_category,
    "answers_left_out": lambda answers: {k: n for k, n in (index_of(answers=answers).missing or {}).items() if n},
    "sample_size": lambda population: round(krejcie_morgan(population)),
    "is_late": is_late,
    "week_hours": lambda ramadan: RAMADAN_WEEK_HOURS if ramadan else WEEK_HOURS,
    "hours_of_month": hours_of_month,
    "days_off": days_off,
    "working_days": lambda year: sum(month.n_days for month in load_calendar().months(year, 1, 12)),
}
"""Name of a rule in the YAML files -> the function that must obey it."""


@dataclass(frozen=True)
class Case:
    """One case with what its file states for all; `name` is its test id, `where` its file and line."""

    name: str
    where: str
    content: dict[str, Any]


def cases_of(document: Document, stem: str) -> list[Case]:
    """Return the cases of one file."""
    shared = {key: value for key, value in document.data.items() if key != "cases"}
    return [
        Case(
            f"{stem}/{re.sub(r'[^a-z0-9]+', '-', str(case.get('title', n)).lower()).strip('-')}",
            document.where(("cases", n)),
            {**shared, **case},
        )
        for n, case in enumerate(document.data.get("cases", ()))
    ]


def faults(case: dict[str, Any]) -> list[str]:
    """Return what keeps a case from being a statement about the law."""
    found = [f"`{key}` is missing" for key in ("title", *SHARED) if not str(case.get(key) or "").strip()]
    found += [f"`{key}` is no key of a case" for key in case if key not in KEYS]
    if case.get("rule") and case["rule"] not in RULES:
        found.append(f"rule `{case['rule']}` is unknown")
    basis, _, detail = str(case.get("basis", "")).partition(": ")
    if case.get("basis") and (basis not in BASES or not detail):
        found.append(f"`basis` must be one of {', '.join(BASES)}, a colon and the source")
    if "input" not in case or ("expected" in case) == ("refused" in case):
        found.append("needs `input`, and either `expected` or `refused`")
    return found


def plain(value: Any) -> Any:
    """Return `value` with tuples as lists, as YAML shows it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def agree(found: object, expected: object) -> bool:
    """Return whether two plain values are the same; numbers to twelve digits, and true is not 1."""
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and found.keys() == expected.keys()
            and all(agree(found[key], item) for key, item in expected.items())
        )
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(agree(a, b) for a, b in zip(found, expected, strict=True))
        )
    if isinstance(expected, bool) or isinstance(found, bool):
        return found is expected
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return math.isclose(found, expected, rel_tol=1e-12)
    return found == expected


FILES = sorted(Path(__file__).parent.glob("*.yaml"))
CASES = [case for file in FILES for case in cases_of(read_yaml(file), file.stem)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_code_follows_the_regulation(case: Case) -> None:
    """What the code returns, or refuses, is what the case says that the regulation says."""
    assert faults(case.content) == [], case.where
    rule, given = RULES[case.content["rule"]], plain(case.content["input"])
    if "refused" in case.content:
        with pytest.raises(ValueError, match=re.escape(case.content["refused"])):
            rule(**given)
    else:
        found = plain(rule(**given))
        assert agree(found, plain(case.content["expected"])), f"{case.where}: got {found}"


def test_the_regulations_are_covered() -> None:
    """There are at least sixty cases, no two of one name, and none of the runner's rules is without a case."""
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)
    assert {case.content.get("rule") for case in CASES} == set(RULES)


GOOD = {
    "rule": "grade", "regulation": "R", "article": "art 1", "basis": "read: here", "title": "T",
    "input": {"result": "above", "behaviour": "above"}, "expected": "excellent",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"rule": "grades"}, "rule `grades` is unknown"),
        ({"rule": None}, "`rule` is missing"),
        ({"article": ""}, "`article` is missing"),
        ({"regulation": None}, "`regulation` is missing"),
        ({"basis": "verified: yes"}, "`basis` must be one of"),
        ({"basis": "read"}, "`basis` must be one of"),
        ({"refused": "no"}, "either `expected` or `refused`"),
        ({"expectd": "good"}, "`expectd` is no key of a case"),
    ],
    ids=["rule", "no-rule", "article", "regulation", "basis", "no-source", "two-verdicts", "key"],
)
def test_the_guard_sees_an_unfit_case(change: dict[str, Any], complaint: str) -> None:
    """A case with an unknown rule, without article or source, or without a verdict is refused."""
    assert faults(GOOD) == []
    assert any(complaint in fault for fault in faults({**GOOD, **change}))


@pytest.mark.parametrize(
    ("found", "expected"),
    [(True, 1), (1, True), (0.70001, 0.7), ({"a": 1}, {"a": 1, "b": 2}), (["x"], ["x", "y"]), ("good", "poor")],
)
def test_the_guard_sees_a_wrong_answer(found: object, expected: object) -> None:
    """A wrong number, a missing part and a truth value in place of a number do not agree."""
    assert agree(expected, expected)
    assert not agree(found, expected)


def test_a_case_inherits_and_overrides_what_its_file_states() -> None:
    """What a file states holds for all of its cases, unless a case says otherwise."""
    text = "rule: grade\nbasis: 'read: a'\ncases:\n  - {title: First one}\n  - {title: '2nd', basis: 'derived: b'}\n"
    first, second = cases_of(parse_yaml(text, "x.yaml"), "x")

    assert (first.name, first.where) == ("x/first-one", "in x.yaml line 4")
    assert (first.content["rule"], first.content["basis"]) == ("grade", "read: a")
    assert second.content["basis"] == "derived: b"
