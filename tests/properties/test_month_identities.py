"""What must hold in every month of every office, whatever the numbers."""

from collections.abc import Iterator

import numpy as np
import pytest

from kinerja_sim.know.schema import ELEMENTS
from kinerja_sim.model import records
from kinerja_sim.model.rng import keyed_uniforms, stream
from tests.offices import Office, draw_office, serve_compiled

OFFICES = range(2000, 2200)
ALL_DAY = np.zeros(1)
JOINED = (records.SERVED, records.RENEGED, records.LOST)


def flow_sum(flow: np.ndarray, column: str) -> float:
    """Return a flow summed over periods."""
    return float(flow[:, records.FLOW.index(column)].sum())


def test_no_case_appears_or_vanishes() -> None:
    """New cases and those carried in are triaged out, finished, lost, in the pool or in the queue: none twice."""
    triaged = 0.0
    for number in OFFICES:
        office = draw_office(number)
        come = {case.key for case in office.pool + office.queue}
        for (_, demand, _), month in zip(office.months, serve_compiled(office), strict=True):
            come |= set(demand.key)
            unfinished = [*month.pool["key"], *month.queue["key"]]
            ways = ("triaged_out_cases", "throughput_cases", "lost_demand_cases")
            ended = sum(flow_sum(month.flow, way) for way in ways)
            assert len(unfinished) == len(set(unfinished))
            assert set(unfinished) <= come
            assert len(come) == ended + len(unfinished)
        triaged += flow_sum(month.flow, "triaged_out_cases")
    assert triaged > 300


def without_ticket(events: np.ndarray) -> np.ndarray:
    """Return which events are of visitors without a ticket: they leave at once, to come back or not."""
    at_once = (events["kind"] == records.LOST) & (events["begin"] == events["time"])
    return (events["kind"] == records.BAULKED) | at_once


def test_every_visit_and_attempt_is_counted_once() -> None:
    """Visits are those served, reneged or lost with a ticket; attempts fail or finish; each visit is in one bin."""
    for number in OFFICES:
        office = draw_office(number)
        kinds, baulked = [], 0
        for month in serve_compiled(office):
            refused = without_ticket(month.events)
            kinds += month.events["kind"][~refused].tolist()
            baulked += int(refused.sum())
            bins = month.flow[:, len(records.FLOW) :]
            assert flow_sum(month.flow, "visits") == sum(kinds.count(kind) for kind in JOINED) == bins.sum()
            assert flow_sum(month.flow, "baulked_visits") == baulked
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


def test_every_citizen_is_counted_with_every_element() -> None:
    """The index summed is the mean of the elements summed; as many citizens have one as finished or gave up."""
    at = records.WAIT_AT - 2 * len(ELEMENTS)
    for number in OFFICES:
        office = draw_office(number)
        for month in serve_compiled(office):
            latent, answers = month.flow[:, at : records.WAIT_AT].reshape(-1, 2, len(ELEMENTS)).sum(axis=0)
            assert flow_sum(month.flow, "satisfaction_sum") == pytest.approx(latent.mean(), rel=1e-9)
            assert flow_sum(month.flow, "measured_sum") == pytest.approx(answers.mean(), rel=1e-9)
            ended = flow_sum(month.flow, "throughput_cases") + flow_sum(month.flow, "lost_demand_cases")
            assert flow_sum(month.flow, "satisfaction_cases") == ended
            for values, count in ((latent, ended), (answers, flow_sum(month.flow, "measured_ratings"))):
                assert (values >= 25 * count - 1e-9).all()
                assert (values <= 100 * count + 1e-9).all()


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
    """At the counter nobody overtakes within a line; in processing nobody ever does."""
    overtaken = 0
    for number in OFFICES:
        office = draw_office(number)
        events, _ = all_events(office)
        processed = events[events["kind"] == records.PROCESSED]
        assert (np.diff(processed["time"]) >= 0).all()
        assert (np.diff(processed["begin"]) >= 0).all()
        for days, _, d in days_of(office):
            opens, closes = days.start[d], days.start[d] + days.length[d]
            served = events[(events["kind"] == records.SERVED) & (events["time"] >= opens) & (events["time"] < closes)]
            assert (np.diff(served["begin"]) >= 0).all()
            first = has_priority(office, served)
            for line in (served[first], served[~first]):
                assert (np.diff(line["time"]) >= 0).all()
            overtaken += int((np.diff(served["time"]) < 0).sum())
    assert overtaken > 30


def has_priority(office: Office, events: np.ndarray) -> np.ndarray:
    """Return which events are of cases with a right to the priority line."""
    return keyed_uniforms(events["key"], records.PRIORITY) < office.rules.priority_share


def test_no_ordinary_visitor_is_called_while_a_priority_visitor_waits() -> None:
    """Whenever an ordinary visitor's service begins, nobody is waiting in the priority line."""
    beside = 0
    for number in OFFICES:
        office = draw_office(number)
        events, _ = all_events(office)
        for days, _, d in days_of(office):
            opens, closes = days.start[d], days.start[d] + days.length[d]
            visits = events[np.isin(events["kind"], JOINED) & (events["time"] >= opens) & (events["time"] < closes)]
            first = has_priority(office, visits)
            called = visits["begin"][~first & (visits["kind"] == records.SERVED)]
            waiting = (visits["time"][first, None] <= called) & (called < visits["begin"][first, None])
            assert not waiting.any(), f"office {number}, day {d}"
            beside += min(called.size, int(first.sum()))
    assert beside > 300


def test_tickets_go_to_the_first_of_the_day() -> None:
    """Nobody gets a ticket after one was refused on the same day, and no more tickets are given than there are."""
    refused_days = 0
    for number in OFFICES:
        office = draw_office(number)
        events, _ = all_events(office)
        for days, _, d in days_of(office):
            opens, closes = days.start[d], days.start[d] + days.length[d]
            at_counter = (events["kind"] != records.PROCESSED) & (events["time"] >= opens) & (events["time"] < closes)
            visits = events[at_counter]
            refused = without_ticket(visits)
            given = visits["time"][~refused]
            assert given.size <= office.rules.ticket_cap
            if refused.any():
                assert given.size == office.rules.ticket_cap
                assert given.max(initial=opens) <= visits["time"][refused].min()
                refused_days += 1
    assert refused_days > 100


def test_triage_is_the_only_way_to_vanish_without_a_trace() -> None:
    """Cases without an event are those that are triaged out, and those that have not been served yet."""
    for number in OFFICES:
        office = draw_office(number)
        months = list(serve_compiled(office))
        new = np.concatenate([demand.key for _, demand, _ in office.months])
        seen = np.concatenate([*(month.events["key"] for month in months), months[-1].queue["key"]])
        triaged = keyed_uniforms(new, records.TRIAGE) < office.rules.triage_share
        assert np.array_equal(~np.isin(new, seen), triaged)


def idle_beside_a_queue(
    services: np.ndarray, waiting: np.ndarray, there: np.ndarray, available: np.ndarray, closes: float,
    begins: np.ndarray = ALL_DAY, at_post: np.ndarray | None = None,
) -> list[float]:  # fmt: skip
    """Return the moments at which an officer who is there is idle while someone waits, and check nobody serves two.

    `services` are events; `waiting` are rows of (from, until); `available` is from when each of the
    officers `there` is at the post, `at_post` in which of the half-hours that begin at `begins`; moments
    up to `closes` are looked at, halfway between any two changes.
    """
    ends = [services["begin"], services["finish"], waiting.ravel(), available, begins, [closes]]
    changes = np.unique(np.concatenate(ends))
    moments = ((changes[1:] + changes[:-1]) / 2)[changes[1:] <= closes]
    during = (services["begin"][:, None] < moments) & (moments < services["finish"][:, None])
    in_service = (services["officer"] == there[:, None]).astype(int) @ during
    assert (in_service <= 1).all()
    queueing = ((waiting[:, :1] < moments) & (moments < waiting[:, 1:])).any(axis=0)
    idle = (in_service == 0) & (available[:, None] < moments)
    if at_post is not None:
        idle &= at_post[np.searchsorted(begins, moments) - 1].T
    idle = idle.any(axis=0)
    return moments[queueing & idle].tolist()


def half_hours(days: records.Days, d: int) -> np.ndarray:
    """Return when the half-hours of day `d` begin."""
    return np.asarray(days.start[d] + 30.0 * days.length_factor[d] * np.arange(days.profile.size - 1))


def at_counter(days: records.Days, staff: records.Staff, d: int) -> np.ndarray:
    """Return who is at the counter in the half-hours of day `d`, bool [H, officers]."""
    return staff.at_post[d] if staff.at_post.size else np.ones((days.profile.size - 1, staff.n_counter), bool)


def test_no_visitor_is_called_by_an_officer_who_is_away() -> None:
    """Every service at the counter begins in a half-hour in which its officer is there."""
    stepped_in = away = 0
    for number in OFFICES:
        office = draw_office(number)
        events, _ = all_events(office)
        for days, staff, d in days_of(office):
            opens, closes = days.start[d], days.start[d] + days.length[d]
            served = events[(events["kind"] == records.SERVED) & (events["time"] >= opens) & (events["time"] < closes)]
            h = np.searchsorted(half_hours(days, d), served["begin"], side="right") - 1
            shifts = at_counter(days, staff, d)
            assert shifts[h, served["officer"]].all(), f"office {number}, day {d}"
            away += int((~shifts).sum())
            stepped_in += int(np.isin(served["begin"], half_hours(days, d)[1:]).sum())
    assert min(stepped_in, away) > 100


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
                shifts = half_hours(days, d), at_counter(days, staff, d)[:, there]
                idle = idle_beside_a_queue(served, waiting, there, available, np.inf, *shifts)
                assert not idle, f"office {number}, day {d}"
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
