"""The compiled month against the plain one, case by case, on a thousand small offices."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, replace

import numpy as np
import pytest

from kinerja_sim.know.schema import N_BINS
from kinerja_sim.model import records
from tests.offices import Office, Served, as_records, draw_office, serve_compiled
from tests.reference_month import Month


def as_table(sums: Counter, n_rows: int, columns: list[str], n_bins: int) -> np.ndarray:
    """Return sums keyed by (row, column or bin) as the table that the compiled kernel adds to."""
    table = np.zeros((n_rows, len(columns) + n_bins))
    for (row, column), value in sums.items():
        table[row, columns.index(column) if isinstance(column, str) else len(columns) + column] += value
    return table


def serve_plainly(office: Office) -> Iterator[Served]:
    """Yield what the plain model makes of each month."""
    n_periods = len(office.months) + 1
    staff = office.months[0][2]
    flow, cohort = Counter(), Counter()
    pool, queue = [replace(case) for case in office.pool], [replace(case) for case in office.queue]
    free_at = [0.0] * (len(staff.speed) - staff.n_counter)
    for period, (days, demand, staff) in enumerate(office.months):
        month = Month(days, demand, staff, office.rules, office.channels, period, pool, queue, free_at, flow, cohort)
        month.serve()
        pool, queue = month.pool, month.queue
        for case in queue:
            case.due = case.entry  # a carried record has no other place for it
        yield Served(
            np.array([astuple(event) for event in month.events], records.EVENT),
            as_records(pool),
            as_records(queue),
            np.array(free_at),
            as_table(month.officers, len(staff.speed), records.OFFICER, 0),
            as_table(flow, n_periods, records.FLOW, N_BINS),
            as_table(cohort, n_periods, records.COHORT, N_BINS),
        )


def first_difference(compiled: Served, plain: Served) -> str:
    """Return where two months differ: whole numbers exactly, minutes and sums beyond 1e-9; or nothing."""
    for name in ("events", "pool", "queue"):
        ours, theirs = getattr(compiled, name), getattr(plain, name)
        if ours.size != theirs.size:
            return f"{name}: {ours.size} compiled, {theirs.size} plain"
        for column in ours.dtype.names:
            a, b = ours[column], theirs[column]
            same = np.isclose(a, b, rtol=1e-9, atol=1e-9) if a.dtype.kind == "f" else a == b
            if not same.all():
                at = int(np.argmin(same))
                return f"{name} {at}, {column}: {ours[at]} compiled, {theirs[at]} plain"
    for name in ("free_at", "officers", "flow", "cohort"):
        ours, theirs = getattr(compiled, name), getattr(plain, name)
        same = np.isclose(ours, theirs, rtol=1e-9, atol=1e-9)
        if not same.all():
            at = np.unravel_index(np.argmin(same), same.shape)
            return f"{name} {tuple(int(i) for i in at)}: {ours[at]} compiled, {theirs[at]} plain"
    return ""


@pytest.mark.parametrize("block", range(10))
def test_every_case_ends_as_in_the_plain_model(block: int) -> None:
    """Events, cases carried over, officers' and cohorts' sums equal those of the plain model, month by month."""
    for number in range(block * 100, block * 100 + 100):
        office = draw_office(number)
        for period, (compiled, plain) in enumerate(zip(serve_compiled(office), serve_plainly(office), strict=True)):
            difference = first_difference(compiled, plain)
            assert not difference, f"office {number}, month {period}: {difference}"


def test_the_offices_contain_what_they_should() -> None:
    """The thousand offices contain every way a case can go, ties, absences, shortages and carry-over."""
    seen: Counter[str] = Counter()
    for number in range(300):
        office = draw_office(number)
        for (days, _, staff), month in zip(office.months, serve_compiled(office), strict=True):
            events, kinds = month.events, month.events["kind"]
            processed = events[kinds == records.PROCESSED]
            seen["away all day"] += int((staff.offset >= days.length[:, None]).sum())
            seen["late to the counter"] += int(((staff.offset > 0) & (staff.offset < days.length[:, None])).sum())
            seen["waited"] += int(((events["begin"] > events["time"]) & (kinds == records.SERVED)).sum())
            seen["served after closing"] += int((month.events["finish"] > days.start[-1] + days.length[-1]).sum())
            seen["tied finish"] += int((np.diff(np.sort(processed["finish"])) == 0).sum())
            for name, kind in {
                "reneged": records.RENEGED,
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
