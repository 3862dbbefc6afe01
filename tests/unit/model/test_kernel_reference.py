"""The compiled month against the plain one, case by case, on a thousand small offices."""

from collections import Counter

import numpy as np
import pytest

from kinerja_sim.model import records
from kinerja_sim.model.rng import keyed_uniforms
from tests.offices import draw_office, first_difference_in, serve_compiled, serve_plainly
from tests.prove.large_offices import draw_large_office
from tests.reference_month import Month


@pytest.mark.parametrize("block", range(10))
def test_every_case_ends_as_in_the_plain_model(block: int) -> None:
    """Events, cases carried over, officers' and cohorts' sums equal those of the plain model, month by month."""
    for number in range(block * 100, block * 100 + 100):
        difference = first_difference_in(draw_office(number))
        assert not difference, f"office {number}, {difference}"


def test_offices_of_many_officers_end_as_in_the_plain_model() -> None:
    """A tournament of up to forty officers, ties included, finds who is free first as the plain model does."""
    sizes = []
    for number in range(12):
        office = draw_large_office(number)
        sizes += [office.months[0][2].n_counter, office.months[0][2].speed.size - office.months[0][2].n_counter]
        difference = first_difference_in(office)
        assert not difference, f"office {number}, {difference}"
    assert max(sizes) > 32


def count_tied_returns(events: np.ndarray) -> int:
    """Return how many came back at the very moment at which a new visitor came."""
    at_counter = events[events["kind"] != records.PROCESSED]
    again = at_counter["visit"] > 0
    return int(np.isin(at_counter["time"][again], at_counter["time"][~again]).sum())


def test_elements_reach_every_answer_and_both_ends() -> None:
    """Elements are cut at both ends, fall exactly between two answers, and every answer from 1 to 4 is given."""
    seen: Counter[tuple[str, float]] = Counter()

    class Watched(Month):
        def count_elements(self, name: str, values: list[float]) -> None:
            seen.update((name, value) for value in values)
            super().count_elements(name, values)

    for number in range(300):
        assert list(serve_plainly(draw_office(number), Watched))
    wanted = [("measured", answer) for answer in (25, 50, 75, 100)]
    wanted += [("satisfaction", value) for value in (25, 100, 37.5, 62.5, 87.5)]
    assert min(seen[value] for value in wanted) >= 50, [(value, seen[value]) for value in wanted]


def test_the_offices_contain_what_they_should() -> None:
    """The thousand offices contain every way a case can go, ties, absences, shortages, lines and carry-over."""
    seen: Counter[str] = Counter()
    for number in range(300):
        office = draw_office(number)
        for (days, demand, staff), month in zip(office.months, serve_compiled(office), strict=True):
            events, kinds = month.events, month.events["kind"]
            processed = events[kinds == records.PROCESSED]
            seen["tied arrival and return"] += count_tied_returns(events)
            seen["returns with a ticket refused"] += int(((kinds == records.BAULKED) & (events["visit"] > 0)).sum())
            seen["baulked and lost"] += int(((kinds == records.LOST) & (events["begin"] == events["time"])).sum())
            seen["overtaken"] += int((np.diff(events["time"][kinds == records.SERVED]) < 0).sum())
            for kind, share in enumerate(office.rules.kind_cumulative[:-1]):
                seen[f"kind after {kind}"] += int((keyed_uniforms(demand.key, records.KIND) >= share).sum())
            seen["away all day"] += int((staff.offset >= days.length[:, None]).sum())
            seen["late to the counter"] += int(((staff.offset > 0) & (staff.offset < days.length[:, None])).sum())
            seen["waited"] += int(((events["begin"] > events["time"]) & (kinds == records.SERVED)).sum())
            seen["served after closing"] += int((month.events["finish"] > days.start[-1] + days.length[-1]).sum())
            seen["tied finish"] += int((np.diff(np.sort(processed["finish"])) == 0).sum())
            for name, kind in {
                "reneged": records.RENEGED,
                "baulked": records.BAULKED,
                "lost": records.LOST,
                "processed": records.PROCESSED,
            }.items():
                seen[name] += int((kinds == kind).sum())
            seen["came again"] += int(((events["visit"] > 0) & (kinds == records.SERVED)).sum())
            seen["third visit"] += int((events["visit"] > 1).sum())
            seen["third attempt"] += int((events["attempt"] > 1).sum())
            seen["carried in the pool"] += len(month.pool)
            seen["carried in the queue"] += len(month.queue)
            seen["no supplies"] += int((days.limit == 0).sum())
            for column in range(1, len(records.OFFICER)):
                seen[records.OFFICER[column]] += int(month.officers[:, column].sum())
        for name, table in {"flow": month.flow, "cohort": month.cohort}.items():
            columns = {"flow": records.FLOW, "cohort": records.COHORT}[name]
            for column, label in enumerate(columns):
                seen[label] += int(table[:, column].sum())
            seen[f"bins of {name}"] = max(
                seen[f"bins of {name}"], int((table[:, len(columns) :].sum(axis=0) > 0).sum())
            )
        seen["finish next period"] += int(month.flow[-1, records.FLOW.index("attempts")])
    assert min(seen.values()) >= 10, seen.most_common()[-5:]
