"""What an appraisal of four officers adds to the office's counts, worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.model.appraisal import Grading
from kinerja_sim.model.consequences import follow_up
from kinerja_sim.model.officers import State, draw_officers
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.plan import make_levers, make_plan
from kinerja_sim.model.simulate import _OFFICE_COUNTS, GRADES, _Replication

HERE = np.array([[True, True, True, False]])
SCORE, TRUTH = np.array([[1.0, 0.0, -1.0, 9.0]]), np.array([[0.5, -1.0, 0.5, 9.0]])
GRADE, TRUE_GRADE = np.array([[1, 1, 3, 0]]), np.array([[1, 2, 1, 4]])
GRADING = Grading(SCORE, TRUTH, SCORE, TRUTH, GRADE, TRUE_GRADE)


def one_office() -> SimpleNamespace:
    """Return what the counting of a replication needs: one office of four posts, one policy, one month."""
    run = SimpleNamespace(
        plan=SimpleNamespace(offices=(np.array([0]), np.array([4]))),
        office=np.zeros((1, 1, 1, len(_OFFICE_COUNTS))), grades=np.zeros((1, 1, 1, len(GRADES))),
    )  # fmt: skip
    run._note = lambda position, **values: _Replication._note(run, position, **values)  # type: ignore[arg-type]
    return run


def counted(run: SimpleNamespace, name: str) -> float:
    """Return a count of the office's month."""
    return float(run.office[0, 0, 0, _OFFICE_COUNTS.index(name)])


def test_grades_are_counted_against_true_grades_of_those_present() -> None:
    """Of three present two have another grade than they earn; the absent fourth counts nowhere."""
    run = one_office()
    _Replication._count_grades(run, 0, GRADING, np.array([True]), HERE)  # type: ignore[arg-type]
    assert [counted(run, name) for name in ("graded", "misgraded")] == [3, 2]
    assert [counted(run, f"validity_{s}") for s in ("sxy", "sxx", "syy")] == [0.0, 2.0, 1.5]
    assert run.grades[0, 0, 0].tolist() == [0, 2, 0, 1, 0]


def test_who_is_called_to_coaching_is_held_against_who_is_due() -> None:
    """Called without need is false, due and not called is missed."""
    run = one_office()
    called, due = np.array([[True, True, True, False]]), np.array([[True, False, False, True]])
    _Replication._count_coaching(run, 0, called, due)  # type: ignore[arg-type]
    names = ("coaching_called", "coaching_due", "coaching_false", "coaching_missed")
    assert [counted(run, name) for name in names] == [3, 2, 2, 1]


def test_coaching_calls_by_grade_and_is_due_by_true_grade() -> None:
    """Below expectation is the third grade or worse: as given for the call, as earned for being due."""
    plan = make_plan(load_region("arcamanik"))
    levers = make_levers([load_policy("baseline").replace(name="c", coaching={"trigger": "below_expectation"})])
    shape, params = (1, plan.n_officers), draw_parameters(0, [0], "point")[0]
    grade, true_grade = np.ones(shape, np.int64), np.ones(shape, np.int64)
    grade[0, 0], true_grade[0, 1] = 3, 2
    flat = np.zeros(shape)
    state = State.before(draw_officers(plan, params, seed=0, replication=0, draw=0, is_point=True), 1)
    called, due = follow_up(
        plan, state, Grading(flat, flat, flat, flat, grade, true_grade), np.array([True]),
        np.ones(shape, bool), levers, params, np.array([1.0]),
    )  # fmt: skip
    assert (np.flatnonzero(called).tolist(), np.flatnonzero(due).tolist()) == ([0], [1])
