"""One published trial run here: its policy against its reference, with its own ledger row taken out.

Three ways lead to an effect. Where the outcome is officers' own (speed, errors,
performance) officers alone are run, month by month, without a queue. Where it is the
quality of ratings, many officers are appraised once. Where it is the office's (on time,
minutes) the whole simulator runs a stylised office. Most open to dispute: officers alone
have no grades, so their fairness (at most 0.03 SD) is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from kinerja_sim.know.fields import Count, Grade, Profile, Quantity
from kinerja_sim.know.library import load_region
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Arrivals, Counter, Region, ServiceUnit, Stage, Standard
from kinerja_sim.know.trials import Office, Prediction
from kinerja_sim.model.appraisal import Grading, centred, grade_officers, source_scores
from kinerja_sim.model.consequences import follow_up
from kinerja_sim.model.dynamics import advance
from kinerja_sim.model.officers import State, draw_officers
from kinerja_sim.model.plan import Levers, RegionPlan, make_levers, make_plan
from kinerja_sim.model.raters import Raters
from kinerja_sim.model.records import OFFICER
from kinerja_sim.model.rng import uniform_of
from kinerja_sim.model.simulate import simulate_block
from kinerja_sim.model.workforce import Conduct, conduct_of
from kinerja_sim.study.statistics import Floats
from kinerja_sim.study.summary import pool_metrics

Vector = dict[str, float]
_PLACE = "arcamanik"  # the region whose surroundings a stylised office borrows; its own units are left out
_PRESENT, _REWORK = 0.95, 1.04  # officers at their post; work with rework, as in the region files
_GRADE: Grade = "estimate"


def prepare(
    vectors: Sequence[Vector], removed: Mapping[str, float | None], fixed: Mapping[str, float], seed: int
) -> list[Vector]:
    """Return joint vectors of the ledger without a trial's own rows, with one programme for all its offices.

    Parameters
    ----------
    vectors : from `draw_parameters`
    removed : rows and what stands for each; None takes the row out, so that reading it is an error
    fixed : rows that are held at a value
    seed : int

    Notes
    -----
    Feedback differs from programme to programme (`fb_d_between_sd`). A trial tests one programme in
    many offices, so its luck is drawn once a vector and not once an office.
    """
    out = []
    for draw, vector in enumerate(vectors):
        z = float(ndtri(uniform_of(seed, draw, "programme of a trial")))
        mean = vector["fb_d_mean"] + vector["fb_d_between_sd"] * z
        given = {name: value for name, value in removed.items() if value is not None}
        kept = {name: value for name, value in vector.items() if name not in removed}
        out.append({**kept, "fb_d_mean": mean, "fb_d_between_sd": 0.0, **given, **fixed})
    return out


def make_region(name: str, office: Office) -> Region:
    """Return a stylised office as a region: one service unit for each of its loads."""

    def sourced(value: float, unit: str) -> Quantity:
        return Quantity(value=value, unit=unit, source="stylised office of a published trial", grade=_GRADE)

    def factors(values: Sequence[float]) -> Profile:
        return Profile(values=tuple(values), unit="relative rate", source="stylised: flat", grade=_GRADE)

    units = {}
    for i, load in enumerate(office.loads):
        rework = _REWORK if office.stage == "processing" and office.error_share is None else 1.0
        minutes = load * office.officers * office.day_minutes * _PRESENT / (office.per_day * rework)
        stage = (Counter if office.stage == "counter" else Stage)(
            officers=Count(value=office.officers, unit="officers", source="stylised office", grade=_GRADE),
            minutes=sourced(minutes, "minutes per case"),
            complexity=office.complexity,
        )
        is_counter = isinstance(stage, Counter)
        backlog = round(office.backlog_days * office.per_day)
        units[f"office-{i + 1}"] = ServiceUnit(
            title=office.why,
            service="trial",
            day_minutes=sourced(office.day_minutes, "minutes"),
            arrivals=Arrivals(
                per_day=sourced(office.per_day, "cases per working day"),
                half_hour=factors(office.half_hour),
                weekday=factors([1.0] * 5),
                month=factors([1.0] * 12),
            ),
            counter=stage if isinstance(stage, Counter) else None,
            processing=None if is_counter else stage,
            standard=Standard(
                quantity="wait" if is_counter else "turnaround",
                value=sourced(office.standard, "minutes" if is_counter else "working days"),
            ),
            backlog=Count(value=backlog, unit="cases", source="stylised office", grade=_GRADE) if backlog else None,
            error_share=None if office.error_share is None else sourced(office.error_share, "share of first attempts"),
            restriction_days=sourced(office.restriction_days, "working days"),
            satisfaction_base=sourced(85.0, "index 25-100"),
        )
    return load_region(_PLACE).model_copy(update={"name": f"trial-{name}", "units": units})


def simulate_effects(
    prediction: Prediction, name: str, office: Office, policies: tuple[Policy, Policy], vectors: Sequence[Vector],
    seed: int,
) -> Floats:  # fmt: skip
    """Return the effect of a trial in the unit that it was printed in, one value for each vector."""
    region = make_region(name, office)
    if prediction.path == "office":
        before, after = _of_office(prediction, region, policies, vectors, seed)
    else:
        plan, levers = make_plan(region), make_levers(policies)
        if prediction.path == "officers":
            ends = [_of_officers(prediction, plan, levers, v, seed, i) for i, v in enumerate(vectors)]
        else:
            alone = make_levers([p.replace(appraisal__rater_span=None) for p in policies])
            ends = [_of_ratings(prediction, plan, levers, alone, v, seed, i) for i, v in enumerate(vectors)]
        before, after = np.array(ends).T
    if prediction.change == "relative":
        after = after / before - 1.0
    elif prediction.change == "absolute":
        after = after - before
    return np.asarray(after * prediction.scale, np.float64)


def _of_officers(
    prediction: Prediction, plan: RegionPlan, levers: Levers, params: Vector, seed: int, draw: int
) -> tuple[float, float]:
    """Return the outcome under reference and policy after some months of officers' dynamics, without a queue."""
    officers = draw_officers(plan, params, seed=seed, replication=draw, draw=draw, is_point=False)
    shape = (2, plan.n_officers)
    state, present = State.before(officers, 2), np.broadcast_to(plan.posted, shape)
    nothing, alike = np.zeros(shape), np.ones(shape, int)
    grading = Grading(
        score=nothing, truth=nothing, results=nothing, true_results=nothing, grade=alike, true_grade=alike
    )  # every grade alike: nobody is treated unfairly
    for month in range(prediction.months + 1):
        dose = levers.doses(month)
        now = conduct_of(state, officers, levers, params, dose, levers.age(month))
        if month < prediction.months:
            held = levers.is_held(month, dose)
            follow_up(plan, state, grading, held, present, levers, params, dose)
            advance(plan, state, officers, now, levers, params, dose, month)
    before, after = (_read(prediction.metric, now, params)[:, plan.posted].mean(axis=1)).tolist()
    return before, after


def _read(metric: str, conduct: Conduct, params: Vector) -> Floats:
    """Return an outcome of officers, [S, O]."""
    if metric == "service_rate_index":
        return conduct.rate
    if metric == "rework_share":
        return conduct.error
    return conduct.performance / params["citizen_scorecard_scale"]


def _of_ratings(
    prediction: Prediction, plan: RegionPlan, levers: Levers, alone: Levers, params: Vector, seed: int, draw: int
) -> tuple[float, float]:
    """Return the quality of one appraisal under reference and policy; nothing is known but raters' views.

    `alone` holds the same policies with one rater for the whole office.
    """
    officers = draw_officers(plan, params, seed=seed, replication=draw, draw=draw, is_point=False)
    shape, dose = (2, plan.n_officers), np.ones(2)
    present = np.broadcast_to(plan.posted, shape)
    conduct = conduct_of(State.before(officers, 2), officers, levers, params, dose, np.zeros(2))
    truth = centred(plan, conduct.performance, present)
    no_cases, staffed = np.zeros((*shape, len(OFFICER))), present.astype(float)

    def graded(levers: Levers) -> Grading:
        draws = Raters(plan, seed, draw).next_month(levers, dose, 0)
        scores = source_scores(plan, no_cases, truth, staffed, draws, levers, params, officers.sdp, dose)
        return grade_officers(plan, scores, truth, present, levers, params, draws, dose)

    given = graded(levers)
    if prediction.metric == "misgraded_share":
        # Merit knows no raters: what everybody's true performance would earn in the office as a whole.
        merit = graded(alone).true_grade
        before, after = (given.grade != merit)[:, plan.posted].mean(axis=1).tolist()
        return before, after
    score = centred(plan, given.score, present)
    before, after = ((score * truth).sum(axis=1) / np.sqrt((score**2).sum(axis=1) * (truth**2).sum(axis=1))).tolist()
    return before, after


def _of_office(
    prediction: Prediction, region: Region, policies: tuple[Policy, Policy], vectors: Sequence[Vector], seed: int
) -> tuple[Floats, Floats]:
    """Return a metric of all the offices together under reference and policy, one value for each vector."""
    given = list(vectors)
    block = simulate_block(
        region, policies, seed=seed, replications=range(len(given)), months=prediction.months, pre_months=1,
        parameters="ledger", vectors=given,
    )  # fmt: skip
    pooled: pd.DataFrame = pool_metrics(block.results.assign(unit="all"), "after")
    by_scenario = [pooled[pooled["scenario"] == policy.name].sort_values("replication") for policy in policies]
    before, after = (rows[prediction.metric].to_numpy(np.float64) for rows in by_scenario)
    return before, after
