"""What is served in the benchmarks: queues and whole months, drawn anew for every repetition.

A short trace served again and again would be learnt by heart by the processor's branch predictor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kinerja_sim.model import records
from kinerja_sim.model.rng import base_key, stream

LOAD, DAY_MINUTES, HALF_HOURS, MEAN_WORK = 0.9, 450.0, 15, 10.0
KINDS = ("counter", "both")


def draw_queue(n: int, n_servers: int, repetition: int) -> tuple[np.ndarray, np.ndarray]:
    """Return arrivals and services of `n` customers at 90 % load."""
    rng = stream(31, "queue", n, n_servers, repetition)
    return np.cumsum(rng.exponential(1.0 / (LOAD * n_servers), n)), rng.exponential(1.0, n)


def _calendar(n_cases: int, n_servers: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return when the days start and how many new cases each brings."""
    per_day = LOAD * n_servers * DAY_MINUTES / MEAN_WORK / 1.09  # rework and returns come on top
    start = DAY_MINUTES * np.arange(max(1, round(n_cases / per_day)))
    return start, rng.poisson(per_day, start.size)


def draw_office_demand(n_cases: int, n_servers: int, repetition: int, *, kind: str = "counter") -> records.Demand:
    """Return an office's demand alone: what is drawn per case, once for all policies."""
    rng = stream(31, "demand", n_cases, n_servers, kind, repetition)
    start, counts = _calendar(n_cases, n_servers, rng)
    n = int(counts.sum())
    arrival = np.sort(np.repeat(start, counts) + DAY_MINUTES * rng.random(n))
    sigma = np.sqrt(np.log1p(0.6**2))
    work = [MEAN_WORK * np.exp(sigma * rng.standard_normal(n) - 0.5 * sigma**2) for _ in range(1 + (kind == "both"))]
    with np.errstate(over="ignore"):
        keys = base_key(31, n_cases, n_servers, repetition) + np.arange(n, dtype=np.uint64)
    patience = 60.0 * rng.standard_exponential(n) ** (1 / 0.8)
    return records.Demand(keys, arrival, work[0], work[1] if kind == "both" else np.zeros(n), patience)


@dataclass
class Office:
    """A unit in one long month of ordinary days, and empty tables for its sums."""

    days: records.Days
    demand: records.Demand
    staff: records.Staff
    rules: records.Rules
    channels: records.Channels

    @property
    def n_officers(self) -> int:
        """Return the number of officers of all stages."""
        return int(self.staff.speed.size)

    def tables(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return new tables: free times, flow, cohort and officers' sums."""
        return (
            np.zeros(self.n_officers - self.staff.n_counter), np.zeros((2, records.N_FLOW)),
            np.zeros((2, records.N_COHORT)), np.zeros((self.n_officers, len(records.OFFICER))),
        )  # fmt: skip


def draw_office(n_cases: int, n_servers: int, repetition: int, *, kind: str = "counter") -> Office:
    """Return an office of `n_servers` officers a stage with about `n_cases` cases in a month of whole days.

    Speeds differ, each officer is late or away now and then, a tenth has priority, some visitors
    leave and come back, some cases fail and are done again, and citizens answer through three channels.
    """
    with_processing = kind == "both"
    n_officers = n_servers * (1 + with_processing)
    start, counts = _calendar(n_cases, n_servers, stream(31, "demand", n_cases, n_servers, kind, repetition))
    demand, n_days = draw_office_demand(n_cases, n_servers, repetition, kind=kind), start.size
    rng = stream(31, "office", n_cases, n_servers, kind, repetition)
    offset = np.where(rng.random((n_days, n_officers)) < 0.03, 60.0, 0.0)
    if n_servers > 1:
        offset[np.arange(n_days), rng.integers(0, n_officers, n_days)] = np.where(
            rng.random(n_days) < 0.1, DAY_MINUTES, 0.0
        )
    speed = rng.lognormal(0.0, 0.2, n_officers)
    speed /= speed.mean()
    days = records.Days(
        start, np.full(n_days, DAY_MINUTES), np.ones(n_days), np.full(n_days, 2**40), np.linspace(0, 1, HALF_HOURS + 1),
        np.concatenate([[0], np.cumsum(counts)]),
    )  # fmt: skip
    staff = records.Staff(
        speed, rng.uniform(0.03, 0.09, n_officers), rng.standard_normal(n_officers), offset, n_servers
    )
    rules = records.Rules(
        has_processing=with_processing, day_minutes=DAY_MINUTES, patience_scale=60.0, patience_shape=0.8,
        return_prob=0.7, max_visits=4, rework_minutes=DAY_MINUTES, rework_share=0.6, max_attempts=3,
        standard_is_wait=not with_processing, kind_cumulative=np.array([0.6, 1.0]),
        kind_standard=np.array([450.0, 900.0]) if with_processing else np.array([15.0, 20.0]),
        response_minutes=900.0, triage_share=0.02, priority_share=0.1, ticket_cap=2**40, near_factor=1.25,
        restriction_days=20.0, rushed_minutes=5.0, base=np.linspace(74.0, 86.0, records.N_ELEMENTS), base_mean=80.0,
        slope_normal=0.1, slope_rushed=0.2, late_points=-4.0, error_points=-6.0, lost_points=-15.0,
        courtesy_points=2.0, person_sd=9.0, element_sd=12.0, element_rho=0.5, access=0.8,
    )  # fmt: skip
    channels = records.Channels(
        share=np.array([0.08, 0.15, 0.02]), intercept=np.array([-1.0, 0.0, -0.5]), kappa=np.array([0.4, 0.2, 0.0]),
        tilt=np.array([-0.3, 0.1, 0.2]), digital=np.array([1, 0, 0]), group=np.array([0, 0, 1]),
    )  # fmt: skip
    return Office(days, demand, staff, rules, channels)
