"""What becomes of a case in the SimPy month: attempts, turnaround, satisfaction, ratings (docs/kernel.md)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import exp, inf, sqrt

import numpy as np

from benchmarks.workload import Office
from kinerja_sim.know.schema import TURNAROUND_EDGES
from kinerja_sim.model import records
from kinerja_sim.model.records import MEASURED_AT, N_ELEMENTS, TRUE_AT, TURNAROUND_AT
from kinerja_sim.model.rng import keyed_bits, keyed_normal, keyed_uniform

DAYS = TURNAROUND_EDGES[:-1].tolist()
WEIGHTS = records.WEIGHTS.tolist()


@dataclass(slots=True)
class Case:
    """A case, as docs/kernel.md lists it."""

    key: np.uint64
    arrival: float
    due: float
    counter_work: float
    processing_work: float
    patience: float
    cohort: int
    waited: float = 0.0
    first_wait: float = inf
    attempt: int = 0
    visit: int = 0
    stage: int = 1
    officer: int = -1
    rushed: bool = False


class Outcomes:
    """A month: what it is given, what is carried over, what is counted, and how cases end."""

    start: float
    end: float

    def __init__(self, office: Office, pool: list[Case], queue: list[Case], free_at: list[float], period: int) -> None:
        self.days, self.demand, self.staff = office.days, office.demand, office.staff
        self.rules, self.channels, self.period = office.rules, office.channels, period
        self.pool, self.queue, self.free_at = pool, queue, free_at
        self.flow = [[0.0] * records.N_FLOW for _ in range(period + 2)]
        self.cohort = [[0.0] * records.N_COHORT for _ in range(period + 2)]
        self.officers = [[0.0] * len(records.OFFICER) for _ in range(office.n_officers)]
        self.speed, self.error = self.staff.speed.tolist(), self.staff.error.tolist()
        self.courtesy, self.base = self.staff.courtesy.tolist(), self.rules.base.tolist()
        self.month_end = float(self.days.start[-1] + self.days.length[-1])

    def leave(self, case: Case) -> None:
        """Let a visitor go unserved, to come back another day or never."""
        returns = keyed_uniform(case.key, records.RETURN, case.visit) < self.rules.return_prob
        if returns and case.visit + 1 < self.rules.max_visits:
            case.visit, case.stage, case.due = case.visit + 1, 0, self.end
            self.pool.append(case)
            return
        points = [-self.rules.slope_normal * case.waited, 0.0, 0.0, 0.0]
        self.flow[self.period][3] += 1
        self.count_elements(self.elements(case, points, self.rules.lost_points))
        if case.cohort >= 0:
            self.count_turnaround(case, self.rules.restriction_days)

    def end_attempt(self, case: Case, finish: float, o: int) -> None:
        """Decide whether the attempt failed, and send the case back or finish it."""
        rules, ends = self.rules, self.flow[self.period + (finish > self.month_end)]
        ends[5] += 1
        failed = keyed_uniform(case.key, records.ERROR, case.attempt) < self.error[o]
        if not failed or case.attempt + 1 >= rules.max_attempts:
            ends[4] += 1
            self.finish(case, finish, o)
            return
        ends[6] += 1
        self.officers[o][3] += 1
        if case.attempt == 0:
            case.counter_work *= rules.rework_share
            case.processing_work *= rules.rework_share
        case.attempt += 1
        case.visit += not rules.has_processing
        case.stage, case.due = int(rules.has_processing), max(self.end, finish + rules.rework_minutes)
        self.pool.append(case)

    def finish(self, case: Case, finish: float, o: int) -> None:
        """Count what a finished case is worth to its cohort, its citizen and its officers."""
        rules, minutes = self.rules, finish - case.arrival
        u = keyed_uniform(case.key, records.KIND, 0) if rules.kind_standard.size > 1 else 0.0
        kind = min(bisect_right(rules.kind_cumulative, u), rules.kind_standard.size - 1)
        standard = float(rules.kind_standard[kind])
        quantity = case.first_wait if rules.standard_is_wait else minutes
        on_time = quantity <= standard
        if case.cohort >= 0:
            self.count_turnaround(case, minutes / rules.day_minutes)
            self.cohort[case.cohort][2] += on_time
            self.cohort[case.cohort][3] += not on_time and quantity <= rules.near_factor * standard
            self.cohort[case.cohort][4] += not self.staff.n_counter and case.first_wait <= rules.response_minutes
        server = case.officer if case.officer >= 0 else o
        for number in {server, o}:
            self.officers[number][2] += on_time
            self.officers[number][8] += 1
        points = [
            -(rules.slope_rushed if case.rushed else rules.slope_normal) * case.waited,
            0.0 if on_time else rules.late_points,
            rules.error_points if case.attempt else 0.0,
            rules.courtesy_points * self.courtesy[server],
        ]
        latent = self.elements(case, points, 0.0)
        self.answer(case, latent, self.count_elements(latent), server)

    def elements(self, case: Case, points: list[float], lost: float) -> list[float]:
        """Return the nine elements of a citizen's satisfaction."""
        rules, bits = self.rules, int(keyed_bits(case.key, records.ELEMENT, 0))
        common, own_part = (
            sqrt(rules.element_rho) * keyed_normal(case.key, records.PERSON, 0),
            sqrt(1 - rules.element_rho),
        )
        latent = []
        for e in range(N_ELEMENTS):
            own = sqrt(3.0) * (2.0 * ((bits >> 7 * e & 127) + 0.5) / 128.0 - 1.0)
            effect = sum(p * w for p, w in zip(points, WEIGHTS[e], strict=True)) + lost
            value = self.base[e] + effect + rules.element_sd * (common + own_part * own)
            latent.append(min(max(value, 25.0), 100.0))
        return latent

    def count_elements(self, latent: list[float]) -> float:
        """Count elements and index in the month being served; return the index."""
        row, index = self.flow[self.period], sum(latent) / N_ELEMENTS
        for e, value in enumerate(latent):
            row[TRUE_AT + e] += value
        row[7] += index
        row[8] += 1
        return index

    def count_turnaround(self, case: Case, days: float) -> None:
        """Count an ended case in its cohort."""
        row = self.cohort[case.cohort]
        row[0] += 1
        row[1] += min(days, self.rules.restriction_days)
        row[TURNAROUND_AT + bisect_right(DAYS, days) - 1] += 1

    def answer(self, case: Case, latent: list[float], index: float, o: int) -> None:
        """Let the citizen answer some of the channels."""
        channels, row = self.channels, self.flow[self.period]
        z = min(max((index - self.rules.base_mean) / self.rules.person_sd, -3.0), 3.0)
        for c in range(channels.share.size):
            if channels.share[c] <= 0:
                continue
            if channels.digital[c] and keyed_uniform(case.key, records.ACCESS, 0) >= self.rules.access:
                continue
            tendency = channels.intercept[c] + channels.kappa[c] * z * z + channels.tilt[c] * z
            if keyed_uniform(case.key, records.CHANNEL + c, 0) >= channels.share[c] / (1.0 + exp(-tendency)):
                continue
            answers = [25.0 * round(value / 25.0) for value in latent]
            for e, value in enumerate(answers):
                row[MEASURED_AT + e] += value
            rating = sum(answers) / N_ELEMENTS
            row[9] += rating
            row[10] += 1
            if channels.group[c] >= 0:
                self.officers[o][4 + 2 * int(channels.group[c])] += rating
                self.officers[o][5 + 2 * int(channels.group[c])] += 1
