"""What must hold in every month of every office, whatever the numbers."""

from collections.abc import Iterator

import numpy as np
import pytest

from kinerja_sim.model import records
from kinerja_sim.model.rng import stream
from tests.offices import Office, draw_office, serve_compiled

OFFICES = range(2000, 2200)
JOINED = (records.SERVED, records.RENEGED, records.LOST)


def flow_sum(flow: np.ndarray, column: str) -> float:
    """Return a flow summed over periods."""
    return float(flow[:, records.FLOW.index(column)].sum())


def test_no_case_appears_or_vanishes() -> None:
    """New cases and those carried in are finished, lost, in the pool or in the queue: nowhere else, none twice."""
    for number in OFFICES:
        office = draw_office(number)
        come = {case.key for case in office.pool + office.queue}
        for (_, demand, _), month in zip(office.months, serve_compiled(office), strict=True):
            come |= set(demand.key)
            unfinished = [*month.pool["key"], *month.queue["key"]]
            ended = flow_sum(month.flow, "throughput_cases") + flow_sum(month.flow, "lost_demand_cases")
            assert len(unfinished) == len(set(unfinished))
            assert set(unfinished) <= come
            assert len(come) == ended + len(unfinished)


def test_every_visit_and_attempt_is_counted_once() -> None:
    """Visits are those served, reneged or lost; attempts fail or finish; each visit is in one bin."""
    for number in OFFICES:
        office = draw_office(number)
        kinds: list[int] = []
        for month in serve_compiled(office):
            kinds += month.events["kind"].tolist()
            bins = month.flow[:, len(records.FLOW) :]
            assert flow_sum(month.flow, "visits") == sum(kinds.count(kind) for kind in JOINED) == bins.sum()
            left = kinds.count(records.RENEGED) + kinds.count(records.LOST)
            assert flow_sum(month.flow, "reneged_visits") == left
            ended = flow_sum(month.flow, "throughput_cases") + flow_sum(month.flow, "failed_attempts")
            last_stage = records.PROCESSED if office.rules.has_processing else records.SERVED
            assert flow_sum(month.flow, "attempts") == ended == kinds.count(last_stage)


def test_busy_minutes_are_work_over_speed() -> None:
    """Each officer's busy minutes are the work of the cases served, rework shortened, over the officer's speed."""
    for number in OFFICES:
        office = draw_office(number)
        work = {
            case.key: (case.counter_work, case.processing_work, case.attempt) for case in office.pool + office.queue
        }
        for (_, demand, staff), month in zip(office.months, serve_compiled(office), strict=True):
            zeros = [0] * len(demand.key)
            work |= dict(
                zip(demand.key, zip(demand.counter_work, demand.processing_work, zeros, strict=True), strict=True)
            )
            busy = np.zeros(len(staff.speed))
            for event in month.events[month.events["officer"] >= 0]:
                counter, processing, attempt = work[event["key"]]
                minutes = processing if event["kind"] == records.PROCESSED else counter
                if event["attempt"] > 0 and attempt == 0:
                    minutes *= office.rules.rework_share
                busy[event["officer"]] += minutes / staff.speed[event["officer"]]
            assert busy == pytest.approx(month.officers[:, records.OFFICER.index("busy_minutes")], rel=1e-9, abs=1e-9)


def days_of(office: Office) -> Iterator[tuple[records.Days, records.Staff, int]]:
    """Yield every day of the office with its month's days and staff."""
    for days, _, staff in office.months:
        for d in range(len(days.start)):
            yield days, staff, d


def all_events(office: Office) -> tuple[np.ndarray, np.ndarray]:
    """Return the events of all months, and those still queueing at the end."""
    months = list(serve_compiled(office))
    return np.concatenate([month.events for month in months]), months[-1].queue


def test_service_starts_in_order_of_arrival() -> None:
    """At the counter, of the day's visitors who are served, nobody overtakes; in processing nobody ever does."""
    for number in OFFICES:
        office = draw_office(number)
        events, _ = all_events(office)
        processed = events[events["kind"] == records.PROCESSED]
        assert (np.diff(processed["time"]) >= 0).all()
        assert (np.diff(processed["begin"]) >= 0).all()
        for days, _, d in days_of(office):
            opens, closes = days.start[d], days.start[d] + days.length[d]
            served = events[(events["kind"] == records.SERVED) & (events["time"] >= opens) & (events["time"] < closes)]
            assert (np.diff(served["time"]) >= 0).all()
            assert (np.diff(served["begin"]) >= 0).all()


def idle_beside_a_queue(
    services: np.ndarray, waiting: np.ndarray, there: np.ndarray, available: np.ndarray, closes: float
) -> list[float]:
    """Return the moments at which an officer who is there is idle while someone waits, and check nobody serves two.

    `services` are events; `waiting` are rows of (from, until); `available` is from when each of the
    officers `there` is at the post; moments up to `closes` are looked at, halfway between any two changes.
    """
    changes = np.unique(np.concatenate([services["begin"], services["finish"], waiting.ravel(), available, [closes]]))
    moments = ((changes[1:] + changes[:-1]) / 2)[changes[1:] <= closes]
    during = (services["begin"][:, None] < moments) & (moments < services["finish"][:, None])
    in_service = (services["officer"] == there[:, None]).astype(int) @ during
    assert (in_service <= 1).all()
    queueing = ((waiting[:, :1] < moments) & (moments < waiting[:, 1:])).any(axis=0)
    idle = ((in_service == 0) & (available[:, None] < moments)).any(axis=0)
    return moments[queueing & idle].tolist()


def test_no_counter_officer_is_idle_while_a_visitor_waits() -> None:
    """At the counter, as long as anybody waits, every officer who is there is serving one visitor."""
    waited = 0
    for number in OFFICES:
        office = draw_office(number)
        events, _ = all_events(office)
        for days, staff, d in days_of(office):
            there = np.flatnonzero(staff.offset[d, : staff.n_counter] < days.length[d])
            opens, closes = days.start[d], days.start[d] + days.length[d]
            visits = events[np.isin(events["kind"], JOINED) & (events["time"] >= opens) & (events["time"] < closes)]
            waiting = np.column_stack([visits["time"], visits["begin"]])
            served = visits[visits["kind"] == records.SERVED]
            if there.size:
                available = opens + staff.offset[d, there]
                assert not idle_beside_a_queue(served, waiting, there, available, np.inf), f"office {number}, day {d}"
            waited += int((waiting[:, 1] > waiting[:, 0]).sum())
    assert waited > 1000


def test_no_processing_officer_is_idle_while_a_case_waits() -> None:
    """In processing, while a case waits every officer there works, until the day's supplies are used up."""
    supplies_ran_out = 0
    for number in OFFICES:
        office = draw_office(number)
        if not office.rules.has_processing:
            continue
        events, queue = all_events(office)
        processed = events[events["kind"] == records.PROCESSED]
        entered = np.concatenate([processed["time"], queue["due"]])
        waiting = np.column_stack([entered, np.concatenate([processed["begin"], np.full(len(queue), np.inf)])])
        for days, staff, d in days_of(office):
            opens, closes = days.start[d], days.start[d] + days.length[d]
            officers = np.arange(staff.n_counter, len(staff.speed))
            there = officers[staff.offset[d, officers] < days.length[d]]
            today = processed["begin"][(processed["begin"] >= opens) & (processed["begin"] < closes)]
            assert len(today) <= days.limit[d]
            until = closes
            if len(today) == days.limit[d]:
                until, supplies_ran_out = today.max(initial=opens), supplies_ran_out + 1
            available = opens + staff.offset[d, there]
            idle = idle_beside_a_queue(processed, waiting, there, available, until)
            assert not idle, f"office {number}, day {d}: {idle[0]}"
    assert supplies_ran_out > 50


def test_a_case_changes_nothing_before_it_comes() -> None:
    """When a case brings more work and less patience, everything that began before it came stays as it was."""
    changed = 0
    for number in OFFICES:
        office = draw_office(number)
        days, demand, staff = office.months[0]
        if not len(demand.key):
            continue
        k = int(stream(22, "change", number).integers(len(demand.key)))
        heavier = demand._replace(**{name: getattr(demand, name).copy() for name in demand._fields})
        for work in (heavier.counter_work, heavier.processing_work):
            work[k] *= 5
        heavier.patience[k] /= 5
        before, _ = all_events(office)
        office.months[0] = (days, heavier, staff)
        after, _ = all_events(office)
        kept = [events[events["begin"] < demand.arrival[k]] for events in (before, after)]
        assert np.array_equal(*kept)
        changed += not np.array_equal(before, after)
    assert changed > 100


def test_keeping_a_log_changes_nothing() -> None:
    """Without room for a log, every sum and every case carried over is the same."""
    for number in OFFICES[:60]:
        office = draw_office(number)
        for with_log, without in zip(serve_compiled(office), serve_compiled(office, log=False), strict=True):
            assert without.events.size == 0
            for name in ("pool", "queue", "free_at", "officers", "flow", "cohort"):
                assert np.array_equal(getattr(with_log, name), getattr(without, name)), name
