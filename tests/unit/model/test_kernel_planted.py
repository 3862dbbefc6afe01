"""Rules that are a little wrong, planted in the plain month: each must make it differ from the compiled one."""

from collections.abc import Callable

import pytest

from kinerja_sim.model import records
from tests.offices import draw_office, first_difference_in
from tests.reference_month import Case, Month

Change = Callable[[records.Rules], dict[str, object]]

RULES: dict[str, Change] = {
    "one ticket more": lambda rules: {"ticket_cap": rules.ticket_cap + 1},
    "nobody has priority": lambda rules: {"priority_share": 0.0},
    "nobody is triaged out": lambda rules: {"triage_share": 0.0},
    "standards in reverse": lambda rules: {"kind_standard": rules.kind_standard[::-1]},
    "more cases of the first kind": lambda rules: {"kind_cumulative": rules.kind_cumulative + 0.05},
    "half an hour more for the first answer": lambda rules: {"response_minutes": rules.response_minutes + 30},
    "elements in reverse": lambda rules: {"base": rules.base[::-1]},
    "elements more alike": lambda rules: {"element_rho": min(1.0, rules.element_rho + 0.1)},
    "elements closer together": lambda rules: {"element_sd": 0.99 * rules.element_sd},
    "the wait matters less": lambda rules: {"slope_normal": 0.99 * rules.slope_normal},
    "the wait matters less after a rushed service": lambda rules: {"slope_rushed": 0.99 * rules.slope_rushed},
    "lateness matters less": lambda rules: {"late_points": 0.99 * rules.late_points},
    "failure matters less": lambda rules: {"error_points": 0.99 * rules.error_points},
    "courtesy matters less": lambda rules: {"courtesy_points": 0.99 * rules.courtesy_points},
    "loss matters less": lambda rules: {"lost_points": 0.99 * rules.lost_points},
}


def with_rules(change: Change) -> type[Month]:
    """Return a plain model that goes by changed rules."""

    class Changed(Month):
        def serve(self) -> None:
            self.rules = self.rules._replace(**change(self.rules))
            super().serve()

    return Changed


class ReturnsFirst(Month):
    """Of those who come at the same moment the ones who return go first."""

    def visitors(self, d: int) -> list[tuple[float, Case]]:
        """Return the day's visitors in the other order."""
        return sorted(super().visitors(d), key=lambda visitor: (visitor[0], visitor[1].visit == 0))


class BaulkingIsWaiting(Month):
    """Who gets no ticket waits a minute."""

    def send_away(self, case: Case, kind: int, t: float, leaves: float, d: int) -> None:
        """Add a minute to the wait of those who baulk."""
        case.waited += kind == records.BAULKED
        super().send_away(case, kind, t, leaves, d)


class HalvesUp(Month):
    """Between two answers the citizen takes the higher one."""

    def answer(self, case: Case, latent: list[float], o: int) -> None:
        """Answer with a hair more than the latent satisfaction."""
        super().answer(case, [value + 1e-12 for value in latent], o)


class ReworkAnswers(Month):
    """Work that begins again counts as a first answer too."""

    def note_answer(self, case: Case, begin: float) -> None:
        """Take every attempt for the first."""
        attempt, case.attempt = case.attempt, 0
        super().note_answer(case, begin)
        case.attempt = attempt


class RightOnFirstVisits(Month):
    """The right to the priority line is forgotten on later visits."""

    def is_priority(self, case: Case) -> bool:
        """Return whether a case on its first visit is of priority."""
        return super().is_priority(case) and case.visit == 0


class StaysOn(Month):
    """Who is away when the next case would begin goes on a half-hour longer."""

    def is_at_counter(self, o: int, d: int, h: int) -> bool:
        """Return whether the officer is at the counter in this half-hour or was in the one before."""
        return super().is_at_counter(o, d, h) or (h > 0 and super().is_at_counter(o, d, h - 1))


class ComesBackLate(Month):
    """Who steps in does so half a minute after the half-hour has begun."""

    def next_at_counter(self, o: int, d: int, h: int) -> float:
        """Return when the officer is next at the counter, a little later."""
        return super().next_at_counter(o, d, h) + 0.5


MODELS = [
    ReturnsFirst, BaulkingIsWaiting, HalvesUp, ReworkAnswers, RightOnFirstVisits, StaysOn, ComesBackLate,
]  # fmt: skip
PLANTED = {name: with_rules(change) for name, change in RULES.items()} | {model.__doc__: model for model in MODELS}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_rule_is_caught(bug: str) -> None:
    """Each wrong rule shows in at least three of the first hundred offices."""
    caught = 0
    for number in range(100):
        caught += bool(first_difference_in(draw_office(number), PLANTED[bug]))
        if caught == 3:
            return
    raise AssertionError(f"caught in {caught} offices")
