"""One month of one service unit in plain Python, written from docs/kernel.md alone.

Whoever wrote this page had not read `kernel.py` below its declarations. It keeps lists of
cases and of events, loops, and favours the specification's words over speed.
"""

from __future__ import annotations

from math import inf, log

from kinerja_sim.model import records
from kinerja_sim.model.rng import keyed_uniform
from tests.reference_outcomes import Case, Event, Sums, bin_of

__all__ = ["Case", "Event", "Month", "bin_of"]


class Month(Sums):
    """A month being served, day by day: who is served when, by whom, and what becomes of the case."""

    def serve(self) -> None:
        """Serve the month day by day."""
        for d in range(len(self.days.start)):
            completed = self.serve_counter(d) if self.staff.n_counter else []
            if self.rules.has_processing:
                self.serve_processing(d, completed)

    def start(self, d: int) -> float:
        """Return the working minute at which day `d` opens."""
        return float(self.days.start[d])

    def end(self, d: int) -> float:
        """Return the working minute at which day `d` closes."""
        return float(self.days.start[d] + self.days.length[d])

    def new_cases(self, d: int) -> list[Case]:
        """Return the day's new cases in order of arrival, without those who are triaged out."""
        demand, taken = self.demand, []
        for i in range(self.days.first_case[d], self.days.first_case[d + 1]):
            if keyed_uniform(demand.key[i], records.TRIAGE, 0) < self.rules.triage_share:
                self.flow[self.period, "triaged_out_cases"] += 1
                continue
            work = float(demand.counter_work[i]), float(demand.processing_work[i])
            taken.append(Case(demand.key[i], float(demand.arrival[i]), *work, self.period, float(demand.patience[i])))
        return taken

    def take_from_pool(self, stage: int, d: int) -> list[Case]:
        """Remove from the pool, in its order, the cases of `stage` that are due before the day's end."""
        taken = [case for case in self.pool if case.stage == stage and case.due < self.end(d)]
        self.pool = [case for case in self.pool if not (case.stage == stage and case.due < self.end(d))]
        return taken

    def minute_of(self, u: float) -> float:
        """Return the minute of a normal day by which a share `u` of the day's arrivals has come."""
        profile = self.days.profile
        for h in range(len(profile) - 1):
            if u <= profile[h + 1]:
                return float(30 * (h + (u - profile[h]) / (profile[h + 1] - profile[h])))
        raise ValueError("the profile must end at 1")

    def officers_there(self, d: int, stage: int) -> list[int]:
        """Return the officers of a stage who are not away all day."""
        numbers = range(self.staff.n_counter) if stage == 0 else range(self.staff.n_counter, len(self.staff.speed))
        return [o for o in numbers if self.staff.offset[d, o] < self.days.length[d]]

    def visitors(self, d: int) -> list[tuple[float, Case]]:
        """Return the day's visitors with their times, in order of time."""
        visitors = [(case.arrival, case) for case in self.new_cases(d)]
        for case in self.take_from_pool(0, d):
            minute = self.minute_of(keyed_uniform(case.key, records.RETURN_TIME, case.visit))
            case.patience = self.later_patience(case)
            visitors.append((self.start(d) + float(self.days.length_factor[d]) * minute, case))
        return sorted(visitors, key=lambda visitor: visitor[0])

    def serve_counter(self, d: int) -> list[Case]:
        """Serve the day's visitors; return those who go on to processing, in order of service."""
        visitors = self.visitors(d)
        free = {o: self.start(d) + float(self.staff.offset[d, o]) for o in self.officers_there(d, 0)}
        for t, case in visitors[self.rules.ticket_cap :]:
            self.flow[self.period, "baulked_visits"] += 1
            self.send_away(case, records.BAULKED, t, t, d)
        to_come = visitors[: self.rules.ticket_cap]
        priority: list[tuple[float, Case]] = []
        ordinary: list[tuple[float, Case]] = []
        completed = []
        while to_come or priority or ordinary:
            o = min(free, key=lambda number: (free[number], number))
            now = free[o] if priority or ordinary else max(free[o], to_come[0][0])
            begin = max(free[o], (priority or ordinary or to_come)[0][0])
            if begin < inf and not self.is_at_counter(o, d, self.half_hour(d, begin)):
                free[o] = self.next_at_counter(o, d, self.half_hour(d, begin))
                continue
            while to_come and to_come[0][0] <= now:
                (priority if self.is_priority(to_come[0][1]) else ordinary).append(to_come.pop(0))
            t, case = (priority or ordinary).pop(0)
            begin = max(t, free[o])
            if begin - t > case.patience:
                self.renege(case, t, d)
                continue
            minutes = case.counter_work / float(self.staff.speed[o])
            free[o] = begin + minutes
            self.count_visit(case, begin - t)
            case.waited += begin - t
            if case.visit == 0:
                case.first_wait = begin - t
            case.officer, case.rushed = o, minutes <= self.rules.rushed_minutes
            self.count_service(o, minutes)
            self.note(case, records.SERVED, t, begin, free[o], o)
            if self.rules.has_processing:
                case.stage, case.entry = 1, min(free[o], self.end(d))
                completed.append(case)
            else:
                self.end_attempt(case, free[o], o, d)
        return completed

    def half_hours(self, d: int) -> list[float]:
        """Return when each half-hour of day `d` begins."""
        width = 30.0 * float(self.days.length_factor[d])
        return [self.start(d) + width * h for h in range(max(1, self.staff.at_post.shape[1]))]

    def half_hour(self, d: int, t: float) -> int:
        """Return in which half-hour of day `d` a moment lies; the last one has no end."""
        return max(h for h, begin in enumerate(self.half_hours(d)) if begin <= t)

    def is_at_counter(self, o: int, d: int, h: int) -> bool:
        """Return whether officer `o` is at the counter in half-hour `h`."""
        return self.staff.at_post.size == 0 or bool(self.staff.at_post[d, h, o])

    def next_at_counter(self, o: int, d: int, h: int) -> float:
        """Return when officer `o` is next at the counter after half-hour `h`, infinite if no more that day."""
        later = enumerate(self.half_hours(d)[h + 1 :], start=h + 1)
        return next((begin for number, begin in later if self.is_at_counter(o, d, number)), inf)

    def later_patience(self, case: Case) -> float:
        """Return the patience of a visit after the first."""
        spent = -log(keyed_uniform(case.key, records.PATIENCE, case.visit))
        return self.rules.patience_scale * spent ** (1 / self.rules.patience_shape)

    def renege(self, case: Case, t: float, d: int) -> None:
        """Let a visitor leave who has lost patience."""
        self.flow[self.period, "reneged_visits"] += 1
        self.count_visit(case, case.patience)
        case.waited += case.patience
        self.send_away(case, records.RENEGED, t, t + case.patience, d)

    def send_away(self, case: Case, kind: int, t: float, leaves: float, d: int) -> None:
        """Let a visitor go unserved, to come back another day or never."""
        returns = keyed_uniform(case.key, records.RETURN, case.visit) < self.rules.return_prob
        returns = returns and case.visit + 1 < self.rules.max_visits
        self.note(case, kind if returns else records.LOST, t, leaves, leaves, -1)
        if returns:
            case.visit, case.due, case.stage = case.visit + 1, self.end(d), 0
            self.pool.append(case)
        else:
            self.lose(case)

    def serve_processing(self, d: int, completed: list[Case]) -> None:
        """Let the day's entries join the queue, then serve it as far as officers, supplies and time go."""
        entries = self.take_from_pool(1, d)
        for case in entries:
            case.entry = max(case.due, self.start(d))
        if not self.staff.n_counter:
            for case in self.new_cases(d):
                case.entry, case.stage = case.arrival, 1
                entries.append(case)
        self.queue += sorted(entries + completed, key=lambda case: case.entry)
        first = self.staff.n_counter
        there = self.officers_there(d, 1)
        for o in there:
            self.free_at[o - first] = max(self.free_at[o - first], self.start(d) + float(self.staff.offset[d, o]))
        begun = 0
        while self.queue and begun < self.days.limit[d] and there:
            o = min(there, key=lambda number: (self.free_at[number - first], number))
            begin = max(self.queue[0].entry, self.free_at[o - first])
            if begin >= self.end(d):
                break
            case = self.queue.pop(0)
            minutes = case.processing_work / float(self.staff.speed[o])
            self.free_at[o - first] = begin + minutes
            begun += 1
            self.count_service(o, minutes)
            self.note_answer(case, begin)
            self.note(case, records.PROCESSED, case.entry, begin, begin + minutes, o)
            self.end_attempt(case, begin + minutes, o, d)

    def end_attempt(self, case: Case, finish: float, o: int, d: int) -> None:
        """Decide whether the attempt failed, and send the case back or finish it."""
        rules = self.rules
        period = self.period + (finish > self.end(len(self.days.start) - 1))
        self.flow[period, "attempts"] += 1
        fails = keyed_uniform(case.key, records.ERROR, case.attempt) < self.staff.error[o]
        if fails and case.attempt + 1 < rules.max_attempts:
            self.flow[period, "failed_attempts"] += 1
            self.officers[o, "failed"] += 1
            if case.attempt == 0:
                case.counter_work *= rules.rework_share
                case.processing_work *= rules.rework_share
            case.attempt += 1
            case.due, case.stage = max(self.end(d), finish + rules.rework_minutes), 1
            if not rules.has_processing:
                case.stage, case.visit = 0, case.visit + 1
            self.pool.append(case)
        else:
            self.flow[period, "throughput_cases"] += 1
            self.finish(case, finish, o)
