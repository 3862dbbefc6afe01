"""Replications of a region under several policies at once: demand shared, policies paired.

Months of a warm-up are run and dropped; then `pre_months` under today's practice, then
the policy. A few months more are run out, so that every case counted has been followed
for its unit's full restriction time. Most open to dispute: officers' states react to a
month as a whole, so nothing changes within it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kinerja_sim.know.calendar import FIRST_YEAR, MonthDays, load_calendar
from kinerja_sim.know.interrupts import held_back
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.pooling import metric_values
from kinerja_sim.know.regions import Region
from kinerja_sim.know.schema import COST_ITEMS, COUNTS, DOSE, N_BINS, RESULT_COLUMNS, TURNAROUND_BINS, WAIT_BINS
from kinerja_sim.model.appraisal import GRADES, Grading, centred, grade_officers, source_scores
from kinerja_sim.model.consequences import appraisal_minutes, awards_given, follow_up
from kinerja_sim.model.costs import make_prices, month_costs
from kinerja_sim.model.dynamics import advance, scattered_minutes, training_minutes
from kinerja_sim.model.feedback import channel_shares, make_channels
from kinerja_sim.model.officers import MOST_SUCCESSORS, State, draw_officers
from kinerja_sim.model.parameters import Parameters, draw_parameters
from kinerja_sim.model.plan import Levers, RegionPlan, make_levers, make_plan
from kinerja_sim.model.raters import Raters
from kinerja_sim.model.records import COHORT, FLOW, OFFICER
from kinerja_sim.model.rng import stream
from kinerja_sim.model.turnover import Departures, replace_leavers
from kinerja_sim.model.unitrun import UnitRun
from kinerja_sim.model.workforce import Conduct, conduct_of

WARM_UP_MONTHS = 3
DAYS_OF_SHORTEST_MONTH = 14  # working days; sizes the run-out
WORKING_DAYS_A_YEAR = 240.0

_OF_OFFICERS = [
    "motivation_sum", "resistance_sum", "rate_sum", "officer_months", "graded", "misgraded", "validity_sxy",
    "validity_sxx", "validity_syy", "coaching_called", "coaching_due", "coaching_false", "coaching_missed",
]  # fmt: skip
"""What officers are, and how they were graded: not observed where that would be one officer's row."""
_OFFICE_COUNTS = [
    "busy_minutes", "staffed_minutes", *_OF_OFFICERS, "appraisal_hours_sum", "training_hours_sum", "backlog_cases",
    *COST_ITEMS, "cost_idr",
]  # fmt: skip


@dataclass(frozen=True)
class Block:
    """Tables of some replications of one region: `results`, `appraisals`, and the kernel's log when asked for."""

    results: pd.DataFrame
    appraisals: pd.DataFrame
    cases: pd.DataFrame | None = None


@dataclass(frozen=True)
class Span:
    """The months of a run: warm-up, pre, after, run-out."""

    months: list[MonthDays]
    first: int  # position of the first reported month
    pre: int
    after: int

    @property
    def reported(self) -> slice:
        """Positions of the reported months."""
        return slice(self.first, self.first + self.pre + self.after)

    def period(self, position: int) -> int:
        """Return the month since the policy's start, negative before it."""
        return position - self.first - self.pre


def make_span(region: Region, months: int, pre_months: int) -> Span:
    """Lay out the months of a run of a region."""
    longest = max(unit.restriction_days.value for unit in region.units.values())
    run_out = math.ceil(longest / DAYS_OF_SHORTEST_MONTH)
    total = WARM_UP_MONTHS + pre_months + months + run_out
    return Span(load_calendar().months(FIRST_YEAR - 1, 13 - WARM_UP_MONTHS, total), WARM_UP_MONTHS, pre_months, months)


@dataclass
class _Totals:
    """What officers did since their last appraisal, per policy."""

    sums: np.ndarray  # [S, O, len(OFFICER)]
    staffed: np.ndarray  # [S, O]

    def forget(self, held: np.ndarray) -> None:
        """Start afresh where an appraisal was held."""
        self.sums[held] = 0.0
        self.staffed[held] = 0.0


class _Replication:
    """One replication of a region under all policies."""

    def __init__(
        self, plan: RegionPlan, levers: Levers, span: Span, params: dict[str, float], *, seed: int, replication: int,
        draw: int, is_point: bool, with_log: bool,
    ) -> None:  # fmt: skip
        self.plan, self.levers, self.span, self.params = plan, levers, span, params
        region, shape = plan.region, (len(levers.policies), plan.n_officers)
        self.departures = Departures(plan, levers, seed, replication)
        self.officers = draw_officers(
            plan, params, seed=seed, replication=replication, draw=draw, is_point=is_point,
            n_successors=MOST_SUCCESSORS if self.departures.has_any else 0,
        )  # fmt: skip
        self.raters = Raters(plan, seed, replication)
        # A gaming office relabels a share of its near misses; whether it games is drawn once an office.
        games = stream(seed, region.name, replication, "gaming").random(len(plan.units)) < params["gaming_share"]
        self.relabels = np.where(games, params["gaming_within_share"], 0.0)
        self.units = [
            UnitRun(
                u, region.name, span.months, levers, params,
                make_channels(params, u.unit.arrivals.per_day.value * WORKING_DAYS_A_YEAR, levers.channels_used),
                seed, replication, with_log,
            )
            for u in plan.units
        ]  # fmt: skip
        self.prices = make_prices(plan, params, WORKING_DAYS_A_YEAR)
        self.state = State.before(self.officers, shape[0])
        self.office = np.zeros((shape[0], len(plan.units), len(span.months), len(_OFFICE_COUNTS)))
        self.grades = np.zeros((shape[0], len(plan.units), len(span.months), len(GRADES)))
        self.arrivals = np.zeros((shape[0], len(plan.units), len(span.months)))
        self.near_misses_relabelled = np.zeros((shape[0], len(plan.units), len(span.months)))

    def run(self) -> None:
        """Run all months."""
        levers, span, params, plan = self.levers, self.span, self.params, self.plan
        shape = self.state.shape
        total = _Totals(np.zeros((*shape, len(OFFICER))), np.zeros(shape))
        talks = np.zeros(shape[0])
        at_work = np.zeros(shape, bool)
        for unit in self.units:
            for s, (slots, _) in enumerate(unit.at_work):
                at_work[s, slots] = True
        for position in range(len(span.months)):
            period = span.period(position)
            if period == 0:
                for unit in self.units:
                    unit.begin_policy(position)
            dose = levers.doses(period)
            conduct = conduct_of(self.state, self.officers, levers, params, dose, levers.age(period))
            training = training_minutes(levers, dose, period)
            learning = scattered_minutes(levers, self.state, params, dose, period)
            shares = channel_shares(levers.channels, levers.channels_baseline, dose)
            sums, staffed = np.zeros((*shape, len(OFFICER))), np.zeros(shape)
            for i, unit in enumerate(self.units):
                month = next(unit.months)
                self.arrivals[:, i, position] = month.demand.key.size
                unit.serve(
                    position, conduct, levers, shares, dose, training, talks[:, None] + learning,
                    self.state.vacant > 0, sums, staffed, month,
                )  # fmt: skip
            self.state.note_load(plan, sums[:, :, 0], staffed)
            total.sums += sums
            total.staffed += staffed
            # An extra officer belongs to the office only where and while the policy acts.
            counted = at_work & (plan.posted | (dose[:, None] > 0))
            held = levers.is_held(period, dose)
            draws = self.raters.next_month(levers, dose, period)
            officer_minutes, rater_minutes = appraisal_minutes(levers, held, params, dose)
            learning = learning + training[:, None]
            self._count_office(position, sums, staffed, counted, conduct, learning, officer_minutes + rater_minutes)
            grade = None
            awards = np.zeros((shape[0], len(plan.units)))
            if held.any():
                present = counted & (total.staffed > 0)
                truth = centred(plan, conduct.performance, present)
                scores = source_scores(
                    plan, total.sums, truth, total.staffed, draws, levers, params, self.officers.sdp, dose,
                    np.minimum(self.state.rater_skill, dose),
                )  # fmt: skip
                grading = grade_officers(plan, scores, truth, present, levers, params, draws, dose)
                self._count_grades(position, grading, held, present)
                called, due = follow_up(plan, self.state, grading, held, present, levers, params, dose)
                self._count_coaching(position, called, due)
                awards, grade = awards_given(plan, levers, held, present, dose), grading.grade
                total.forget(held)
            talks = officer_minutes
            finished = np.stack([u.flow[:, position, FLOW.index("throughput_cases")] for u in self.units], axis=1)
            costs = month_costs(
                plan, levers, self.prices, self.state, period=period, dose=dose, counted=counted, shares=shares,
                minutes=(officer_minutes + rater_minutes)[:, None] + learning, finished=finished, awards=awards,
            )  # fmt: skip
            for name, cost in costs.items():
                self.office[:, :, position, _OFFICE_COUNTS.index(name)] = cost
            advance(plan, self.state, self.officers, conduct, levers, params, dose, period)
            at_post = counted & (self.state.vacant <= 0)
            leaving = self.departures.next_month(levers, dose, held, grade, at_post)
            replace_leavers(self.state, self.officers, leaving, params)
            total.forget(leaving)
            pressure = np.minimum(1.0, params["gaming_slope"] * levers.stakes * levers.weight_on_time * dose)
            for i, unit in enumerate(self.units):
                self.near_misses_relabelled[:, i, position] = self.relabels[i] * pressure
                self.office[:, i, position, _OFFICE_COUNTS.index("backlog_cases")] = unit.backlog(position)
        for unit in self.units:
            unit.count_unfinished()

    def _count_office(
        self, position: int, sums: np.ndarray, staffed: np.ndarray, counted: np.ndarray, conduct: Conduct,
        learning: np.ndarray, appraisal: np.ndarray,
    ) -> None:  # fmt: skip
        """Add a month's sums over each unit's officers to the office table; `learning` are minutes, [S, O]."""
        posted = self.plan.posted  # an extra officer's own character is no effect of a policy
        self._note(
            position,
            busy_minutes=sums[:, :, 0],
            staffed_minutes=staffed,
            motivation_sum=np.where(posted, conduct.motivation, 0.0),
            resistance_sum=np.where(posted, conduct.resistance, 0.0),
            rate_sum=np.where(posted, conduct.rate, 0.0),
            officer_months=np.broadcast_to(posted, counted.shape),
            appraisal_hours_sum=counted * (appraisal / 60.0)[:, None],
            training_hours_sum=np.where(counted, learning, 0.0) / 60.0,
        )

    def _note(self, position: int, **values: np.ndarray) -> None:
        """Add up values over each unit's officers, [S, O], and write them into the month's office table."""
        starts, _ = self.plan.offices
        for name, value in values.items():
            column = _OFFICE_COUNTS.index(name)
            self.office[:, :, position, column] = np.add.reduceat(value, starts, axis=1, dtype=float)

    def _count_coaching(self, position: int, called: np.ndarray, due: np.ndarray) -> None:
        """Add to the office table who was called to coaching, and who by true performance should have been."""
        self._note(
            position,
            coaching_called=called,
            coaching_due=due,
            coaching_false=called & ~due,
            coaching_missed=due & ~called,
        )

    def _count_grades(self, position: int, grading: Grading, held: np.ndarray, present: np.ndarray) -> None:
        """Add an appraisal's quality to the office table; scores and truth are compared within the office."""
        here = present & held[:, None]
        x, y = np.where(here, centred(self.plan, grading.score, present), 0.0), np.where(here, grading.truth, 0.0)
        self._note(
            position,
            graded=here,
            misgraded=here & (grading.grade != grading.true_grade),
            validity_sxy=x * y,
            validity_sxx=x * x,
            validity_syy=y * y,
        )
        starts, _ = self.plan.offices
        for g in range(len(GRADES)):
            self.grades[:, :, position, g] = np.add.reduceat(here & (grading.grade == g), starts, axis=1, dtype=float)


def _tables(runs: Sequence[_Replication], replications: Sequence[int], draws: Sequence[int]) -> Block:
    """Turn replications into tidy tables, [replication, policy, unit, period] flattened."""
    plan, levers, span = runs[0].plan, runs[0].levers, runs[0].span
    window = span.reported
    n_periods = span.pre + span.after

    def stack(read: object) -> np.ndarray:
        return np.stack([read(run)[:, :, window] for run in runs])  # type: ignore[operator]

    flow = stack(lambda run: np.stack([u.flow for u in run.units], axis=1))
    cohort = stack(lambda run: np.stack([u.cohort for u in run.units], axis=1))
    office, grades = stack(lambda run: run.office), stack(lambda run: run.grades)
    relabelled = stack(lambda run: run.near_misses_relabelled)
    n = flow[..., 0].size
    shape = flow.shape[:4]
    index = np.indices(shape).reshape(4, n)
    names = np.array([p.name for p in levers.policies], dtype=object)
    keys = {
        "scenario": names[index[1]],
        "region": np.full(n, plan.region.name, dtype=object),
        "unit": np.array([u.name for u in plan.units], dtype=object)[index[2]],
        "draw": np.asarray(draws, np.int64)[index[0]],
        "replication": np.asarray(replications, np.int64)[index[0]],
        "period": (index[3] - span.pre).astype(np.int64),
    }
    counts = {name: flow[..., j].reshape(n) for j, name in enumerate(FLOW)}
    counts |= {name: cohort[..., j].reshape(n) for j, name in enumerate(COHORT)}
    counts |= {name: office[..., j].reshape(n) for j, name in enumerate(_OFFICE_COUNTS)}
    counts |= {f"grade_{name}": grades[..., g].reshape(n) for g, name in enumerate(GRADES)}
    is_hidden = ~np.array([u.unit.shows_officers for u in plan.units])[index[2]]
    for name in (*_OF_OFFICERS, *(f"grade_{grade}" for grade in GRADES)):
        counts[name] = np.where(is_hidden, np.nan, counts[name])
    near = counts.pop("near_miss_cases")
    doses = np.array([levers.doses(period) for period in range(-span.pre, span.after)])  # [period, S]
    has_clock = np.array([u.unit.complaint_clock for u in plan.units])[index[2]]
    counts["clocked_cases"] = counts["turnaround_cases"] * has_clock
    counts["arrivals_cases"] = stack(lambda run: run.arrivals).reshape(n)
    counts["reported_on_time_cases"] = counts["on_time_cases"] + near * relabelled.reshape(n)
    histograms = {
        "wait": flow[..., len(FLOW) :].reshape(n, N_BINS),
        "turnaround": cohort[..., len(COHORT) :].reshape(n, N_BINS),
    }
    metrics = metric_values(counts, histograms)
    columns: dict[str, np.ndarray] = {
        **keys,
        DOSE: doses[index[3], index[1]],
        **{k: v for k, v in metrics.items() if k not in COUNTS},
        **counts,
    }
    for bins, name in ((WAIT_BINS, "wait"), (TURNAROUND_BINS, "turnaround")):
        columns |= {column: histograms[name][:, j].astype(np.int32) for j, column in enumerate(bins)}
    results = pd.DataFrame({name: columns[name] for name in RESULT_COLUMNS})
    given = {name: np.nan_to_num(counts[f"grade_{name}"]).astype(np.int64) for name in GRADES}
    appraisals = pd.DataFrame({**keys, **given, "grade_validity": metrics["grade_validity"]})
    appraisals = appraisals[np.sum(list(given.values()), axis=0) > 0].reset_index(drop=True)
    assert len(results) == n_periods * shape[0] * shape[1] * shape[2]
    return Block(results, appraisals)


def simulate_block(
    region: Region,
    policies: Sequence[Policy],
    *,
    seed: int,
    replications: Sequence[int],
    months: int,
    pre_months: int,
    parameters: Parameters,
    cases: bool = False,
    vectors: Sequence[dict[str, float]] | None = None,
    draws: Sequence[int] | None = None,
) -> Block:
    """Run replications of a region under all policies and return their tables.

    Parameters
    ----------
    region : Region
    policies : sequence of Policy
        Names must differ; every policy runs through its own code path, equal ones too.
    seed : int, >= 0
    replications : sequence of int, >= 0
        Each carries its own parameter draw, of the same number unless `draws` says otherwise.
    months, pre_months : int
        Months from the policy's start; months before it.
    parameters : {'ledger', 'point'}
        Draw the ledger's priors, or switch knowledge off.
    cases : bool
        Also return the kernel's log of events (only for a few replications).
    vectors : sequence of dict, optional
        One joint vector of the ledger a replication, used instead of drawing; what a vector lacks, nothing may read.
    draws : sequence of int, optional
        The parameter draw of each replication: replications of one draw share its parameters and its office's luck.

    Returns
    -------
    Block
        `results` with exactly `schema.RESULT_COLUMNS`, sorted by replication, policy, unit, period.
    """
    plan, levers = make_plan(region), make_levers(policies)
    span = make_span(region, months, pre_months)
    draws = replications if draws is None else draws
    params = draw_parameters(seed, draws, parameters) if vectors is None else vectors
    runs = []
    for replication, draw, vector in zip(replications, draws, params, strict=True):
        run = _Replication(
            plan,
            levers,
            span,
            vector,
            seed=seed,
            replication=replication,
            draw=draw,
            is_point=parameters == "point",
            with_log=cases,
        )
        with held_back():
            run.run()
        runs.append(run)
    block = _tables(runs, replications, draws)
    return Block(block.results, block.appraisals, _log_table(runs, replications) if cases else None)


def _log_table(runs: Sequence[_Replication], replications: Sequence[int]) -> pd.DataFrame:
    """Return every event of every case, with its scenario, unit, replication and period."""
    parts = []
    for run, replication in zip(runs, replications, strict=True):
        n_policies = len(run.levers.policies)
        for unit in run.units:
            for i, (position, log) in enumerate(unit.logs):
                part = pd.DataFrame(log)
                part.insert(0, "period", run.span.period(position))
                part.insert(0, "replication", replication)
                part.insert(0, "unit", unit.plan.name)
                part.insert(0, "scenario", run.levers.policies[i % n_policies].name)
                parts.append(part)
    return pd.concat(parts, ignore_index=True)
