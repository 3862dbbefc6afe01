"""One service unit through a replication: what it carries from month to month, per policy.

This is where the region file's numbers, a draw of the ledger and a policy's levers
become the arrays that the kernel takes. Most open to dispute: cases of the starting
backlog have exponential work left and belong to no cohort.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kinerja_sim.know.calendar import MonthDays
from kinerja_sim.know.regions import ServiceUnit
from kinerja_sim.know.schema import ELEMENTS, TURNAROUND_EDGES
from kinerja_sim.model.booking import book_slots
from kinerja_sim.model.deadlines import DEADLINES
from kinerja_sim.model.demand import NO_LIMIT, UnitMonth, draw_months, weibull_scale
from kinerja_sim.model.dynamics import minutes_off
from kinerja_sim.model.kernel import serve_month
from kinerja_sim.model.lessons import give_lessons
from kinerja_sim.model.plan import Levers, UnitPlan
from kinerja_sim.model.records import (
    ALWAYS,
    CASE,
    COHORT,
    EVENT,
    FLOW,
    N_COHORT,
    N_ELEMENTS,
    N_FLOW,
    OFFICER,
    Channels,
    Rules,
    Staff,
)  # fmt: skip
from kinerja_sim.model.rng import stream
from kinerja_sim.model.staffing import at_posts, minutes_away
from kinerja_sim.model.workforce import Conduct

MAX_VISITS, MAX_ATTEMPTS, RUSHED_MINUTES = 4, 3, 5.0
IKM_PER_POINT = 7.5  # a point on 0-10 is a tenth of the range 25-100


def element_sd(params: Mapping[str, float]) -> float:
    """Return the SD of one element's answers that gives a mean of nine the respondents' SD of the ledger."""
    shared = (1.0 + (N_ELEMENTS - 1) * params["sat_element_rho"]) / N_ELEMENTS
    return float(params["sat_person_sd"] / np.sqrt(shared))


def _standards(unit: ServiceUnit, params: Mapping[str, float]) -> tuple[list[float], list[float]]:
    """Return the standards (minutes) of a unit's kinds of case, and the kinds' shares."""
    if not unit.complaint_clock:
        scale = 1.0 if unit.standard.quantity == "wait" else unit.day_minutes.value
        return [unit.standard.value.value * scale], [1.0]
    asked, field = params["complaint_information_share"], params["complaint_field_share"]
    kinds = {"information": asked, "complaint": max(0.0, 1.0 - asked - field), "supervisory": field}
    return [DEADLINES[kind].working_days * unit.day_minutes.value for kind in kinds], list(kinds.values())


class UnitRun:
    """One unit of one replication: what it carries from month to month, per policy."""

    def __init__(
        self, plan: UnitPlan, region: str, months: list[MonthDays], levers: Levers, params: dict[str, float],
        channels: Channels, seed: int, replication: int, with_log: bool,
    ) -> None:  # fmt: skip
        n_policies, n_periods = len(levers.policies), len(months) + 1
        if plan.unit.ledger is not None:
            params = params | plan.unit.ledger.given
        self.plan, self.params, self.channels, self.with_log = plan, params, channels, with_log
        self.flow = np.zeros((n_policies, n_periods, N_FLOW))
        self.cohort = np.zeros((n_policies, n_periods, N_COHORT))
        self.at_work = [plan.at_work(int(extra)) for extra in levers.extra_officers]
        self.first_day = np.cumsum([0, *(month.weekday.size for month in months)])
        staffing = plan.unit.counter.staffing if plan.unit.counter else None
        self.staffing = np.array(staffing.values) if staffing else None
        self.months = draw_months(plan, region, months, params, seed=seed, replication=replication)
        backlog = self._backlog(seed, region, replication)
        self.pool = [np.empty(0, CASE) for _ in levers.policies]
        self.queue = [backlog.copy() for _ in levers.policies]
        self.free_at = [np.zeros(slots.size - n_counter) for slots, n_counter in self.at_work]
        self.in_service = np.zeros(n_policies)
        self.logs: list[tuple[int, np.ndarray]] = []
        unit, standard = plan.unit, plan.unit.standard
        is_wait = standard.quantity == "wait"
        day_minutes = unit.day_minutes.value
        standards, shares = _standards(unit, params)
        offsets = np.array([params[f"sat_offset_{e}"] for e in ELEMENTS])
        offsets -= offsets.mean()
        rework_days = unit.rework_days.value if unit.rework_days else params["rework_delay_days"]
        self.rules = Rules(
            has_processing=unit.processing is not None,
            day_minutes=day_minutes,
            patience_scale=weibull_scale(params["patience_median_min"], params["patience_shape"]),
            patience_shape=params["patience_shape"],
            return_prob=params["patience_return_prob"],
            max_visits=MAX_VISITS,
            rework_minutes=rework_days * day_minutes,
            rework_share=params["rework_work_share"],
            max_attempts=MAX_ATTEMPTS,
            standard_is_wait=is_wait,
            kind_cumulative=np.cumsum(shares),
            kind_standard=np.array(standards),
            response_minutes=DEADLINES["verification"].working_days * day_minutes if unit.complaint_clock else np.inf,
            triage_share=params["triage_share"] if unit.complaint_clock else 0.0,
            priority_share=params["priority_share"] if unit.priority_line else 0.0,
            ticket_cap=unit.tickets_per_day.value if unit.tickets_per_day else NO_LIMIT,
            near_factor=params["near_miss_factor"],
            restriction_days=unit.restriction_days.value,
            rushed_minutes=RUSHED_MINUTES,
            base=unit.satisfaction_base.value + offsets,
            base_mean=unit.satisfaction_base.value,
            slope_normal=-params["wait_sat_slope"] * IKM_PER_POINT / 10.0,
            slope_rushed=-params["wait_sat_slope_rushed"] * IKM_PER_POINT / 10.0,
            late_points=params["sat_late_points"],
            error_points=params["sat_error_points"],
            lost_points=params["sat_lost_points"],
            courtesy_points=params["sat_courtesy_points"],
            person_sd=params["sat_person_sd"],
            element_sd=element_sd(params),
            element_rho=params["sat_element_rho"],
            access=params["internet_access_urban" if unit.urban else "internet_access_rural"],
        )

    def _backlog(self, seed: int, region: str, replication: int) -> np.ndarray:
        """Return the cases that wait in processing at the start; they belong to no cohort."""
        unit = self.plan.unit
        n = unit.backlog.value if unit.backlog and unit.processing else 0
        cases = np.zeros(n, CASE)
        if n and unit.processing:
            rng = stream(seed, region, self.plan.name, replication, "backlog")
            cases["key"] = rng.integers(0, 2**63, n, dtype=np.uint64)
            cases["processing_work"] = rng.exponential(unit.processing.minutes.value, n)
            cases["cohort"], cases["stage"], cases["officer"] = -1, 1, -1
        return cases

    def _limit(self, month: UnitMonth, levers: Levers, s: int, dose: float) -> np.ndarray:
        """Return how many cases processing may begin each day, where a policy may lift shortage or breakdown."""
        if self.plan.unit.supply is None:
            return month.days.limit
        short = month.shortage & ~(levers.no_shortage[s] & (month.lift[:, 0] < dose))
        offline = month.offline & ~(levers.no_offline_days[s] & (month.lift[:, 1] < dose))
        return np.where(offline, 0, np.where(short, month.scarce, month.days.limit))

    def serve(
        self, position: int, conduct: Conduct, levers: Levers, shares: np.ndarray, dose: np.ndarray,
        training: np.ndarray, scattered: np.ndarray, vacant: np.ndarray, sums: np.ndarray, staffed: np.ndarray,
        month: UnitMonth,
    ) -> None:  # fmt: skip
        """Serve one month under every policy; adds to `sums` [S, O, columns] and `staffed` [S, O].

        `training` are minutes of courses [S], `scattered` of talks, coaching and the like [S, O], `vacant`
        the empty posts, bool [S, O].
        """
        length = month.days.length[:, None]
        width = 30.0 * month.days.length_factor
        there: dict[tuple[object, ...], tuple[np.ndarray, ...]] = {}  # most policies have the same people there
        for s in range(len(levers.policies)):
            slots, n_counter = self.at_work[s]
            off, empty, extra_dose = scattered[s, slots], vacant[s, slots], float(dose[s] * levers.extra_officers[s])
            case = (slots.size, n_counter, float(training[s]), off.tobytes(), empty.tobytes(), extra_dose)
            if case not in there:
                offset = minutes_off(
                    self.plan, month, slots, n_counter, training=training[s], scattered=off, vacant=empty,
                    extra_dose=dose[s],
                )  # fmt: skip
                minutes, at_post = np.maximum(length - offset, 0.0).sum(axis=0), ALWAYS
                if self.staffing is not None:
                    at_counter = offset[:, :n_counter]
                    at_post = at_posts(self.staffing, at_counter < length, int(self.first_day[position]))
                    minutes[:n_counter] -= minutes_away(at_post, at_counter, month.days.length, width)
                there[case] = offset, minutes, at_post
            offset, minutes, at_post = there[case]
            staffed[s, slots] += minutes
            officers = np.zeros((slots.size, len(OFFICER)))
            lesson = self.plan.unit.processing
            if self.plan.unit.lessons and lesson is not None:
                give_lessons(
                    month, offset, conduct.missed[s, slots], sum(self.plan.posted), lesson.minutes.value,
                    self.rules.restriction_days, self.flow[s, position], self.cohort[s, position], officers,
                )  # fmt: skip
                sums[s, slots] += officers
                continue
            days, demand = month.days, month.demand
            if levers.online_queue[s] and self.plan.unit.counter is not None:
                days, demand = book_slots(days, demand, self.params, access=self.rules.access, dose=float(dose[s]))
            n_log = 3 * (self.pool[s].size + self.queue[s].size + month.demand.key.size) * MAX_VISITS
            log = np.zeros(n_log if self.with_log else 0, EVENT)
            self.pool[s], self.queue[s], n_events = serve_month(
                days._replace(limit=self._limit(month, levers, s, float(dose[s]))),
                demand,
                Staff(
                    conduct.speed[s, slots], conduct.error[s, slots], conduct.courtesy[s, slots], offset, n_counter,
                    at_post,
                ),
                self.rules,
                self.channels._replace(share=shares[s]),
                self.pool[s], self.queue[s], self.free_at[s], position,
                self.flow[s], self.cohort[s], officers, log,
            )  # fmt: skip
            sums[s, slots] += officers
            if self.with_log:
                self.logs.append((position, log[:n_events]))

    def begin_policy(self, position: int) -> None:
        """Move the cases in hand to the first cohort of the policy, which takes them over as they stand.

        Without this a policy would act on cohorts of the pre span, where every policy equals the baseline.
        """
        for carried in (*self.pool, *self.queue):
            carried["cohort"] = np.where(carried["cohort"] >= 0, position, carried["cohort"])

    def backlog(self, position: int) -> np.ndarray:
        """Return the cases unfinished at the end of a month, those in service included, [S]."""
        carried = np.array([p.size + q.size for p, q in zip(self.pool, self.queue, strict=True)], float)
        return carried + self.flow[:, position + 1, FLOW.index("throughput_cases")]

    def count_unfinished(self) -> None:
        """Count the cases that never finished: their restricted turnaround in full."""
        days = self.rules.restriction_days
        column = len(COHORT) + int(np.searchsorted(TURNAROUND_EDGES, days, side="right")) - 1
        for s, (pool, queue) in enumerate(zip(self.pool, self.queue, strict=True)):
            cases = np.concatenate([pool, queue])
            cohorts = cases["cohort"]
            n = np.bincount(cohorts[cohorts >= 0], minlength=self.cohort.shape[1]).astype(float)
            self.cohort[s, :, 0] += n
            self.cohort[s, :, 1] += days * n
            self.cohort[s, :, column] += n
            if self.plan.unit.counter is None:  # they may have been answered all the same
                in_time = cohorts[(cohorts >= 0) & (cases["first_wait"] <= self.rules.response_minutes)]
                self.cohort[s, :, 4] += np.bincount(in_time, minlength=self.cohort.shape[1])
