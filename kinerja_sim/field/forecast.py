"""Days to come, simulated: calibrated arrivals, services and patience meet the servers that the log shows.

The queue is compiled and takes what the month kernel leaves out: servers that come and go by half-hour, and a line in
which some are moved ahead by minutes. Most open to dispute: staffing of a day to come is a past day of its type, drawn
at random; one factor on all servers makes past waits come out right on average, and thereby absorbs what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numba as nb
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from kinerja_sim.field.arrivals import Arrivals, fit_arrivals, weekdays_of
from kinerja_sim.field.availability import Availability, fit_availability
from kinerja_sim.field.patience import fit_patience, hardly_anybody_leaves, stays
from kinerja_sim.field.queuelog import SLOT_MINUTES, SLOTS, Log
from kinerja_sim.model.rng import stream

Floats = NDArray[np.float64]
Draw = Callable[[Floats], Floats]
Ints = NDArray[np.int64]
HEAD_STARTS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, np.inf)  # minutes by which a class may be moved ahead
SEATS_PER_SLOT = 6  # servers come and go every five minutes
SEAT_MINUTES = SLOT_MINUTES / SEATS_PER_SLOT
SMOOTHED = 5  # half-hours over which a day's own staffing is averaged
EDGE = 0.25  # half-hours with less than this share of the type's usual crowd are no opening hours
STRICT = 1e6  # minutes: ahead of everybody of a lower class


@nb.njit(cache=True)
def serve_varying(
    arrival: np.ndarray, service: np.ndarray, patience: np.ndarray, ahead: np.ndarray, servers: np.ndarray,
    rounding: np.ndarray, response: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return each customer's minutes until service, or minus the minutes until leaving (-inf: at once).

    Parameters
    ----------
    arrival : float array, [N], sorted, minutes of the day
    service, patience : float arrays, [N], minutes
    ahead : float array, [N]
        Minutes that the place in line is moved forward.
    servers, rounding : float arrays, [288]
        Servers in every five minutes, and the uniforms that round them down or up; who is in service when servers go
        is finished. At the end of the day the last positive number stays.
    response : float array, [longest line + 1]
        Factor on servers by the number waiting.
    """
    n = arrival.size
    out = np.empty(n)
    last = 1.0
    for h in range(servers.size):
        if servers[h] >= 1.0:
            last = servers[h]
    finish = np.full(int(servers.max() * max(response.max(), 1.0)) + 3, np.inf)
    waiting = np.empty(n, np.int64)
    n_busy, n_waiting, i = 0, 0, 0
    now = 0.0
    end = SEAT_MINUTES * servers.size
    while i < n or n_waiting > 0:
        slot = int(now // SEAT_MINUTES)
        while n_waiting > 0:
            answer = response[min(n_waiting, response.size - 1)]
            if slot < servers.size:
                capacity = int(servers[slot] * answer + rounding[slot])
            else:
                capacity = int(last)
            if n_busy >= capacity:
                break
            best = -1
            kept = 0
            for j in range(n_waiting):
                k = waiting[j]
                if arrival[k] + patience[k] < now:
                    out[k] = -patience[k] if patience[k] > 0 else -np.inf
                    continue
                waiting[kept] = k
                if best < 0 or arrival[k] - ahead[k] < arrival[waiting[best]] - ahead[waiting[best]]:
                    best = kept
                kept += 1
            n_waiting = kept
            if best < 0:
                break
            k = waiting[best]
            out[k] = now - arrival[k]
            for j in range(best, n_waiting - 1):
                waiting[j] = waiting[j + 1]
            n_waiting -= 1
            finish[n_busy] = now + service[k]
            n_busy += 1
        # the next thing that happens: somebody comes, a service ends, a half-hour begins
        first = -1
        for j in range(n_busy):
            if first < 0 or finish[j] < finish[first]:
                first = j
        boundary = SEAT_MINUTES * (slot + 1) if now < end else np.inf
        then = boundary
        if first >= 0 and finish[first] <= then:
            then = finish[first]
        if i < n and arrival[i] < then:
            now = arrival[i]
            waiting[n_waiting] = i
            n_waiting += 1
            i += 1
            continue
        now = then
        if first >= 0 and finish[first] <= then:
            n_busy -= 1
            finish[first] = finish[n_busy]
            finish[n_busy] = np.inf
    return out


@dataclass(frozen=True)
class Pool:
    """Everything that a forecast of one pool needs; `scale` multiplies all servers."""

    log: Log
    arrivals: Arrivals
    work: dict[str, Floats]  # service minutes by kind, of whoever served; '' holds all
    patience: dict[str, Draw]  # minutes at uniforms, by kind
    availability: Availability
    staffing: Floats  # [D, 48] servers of past days, smoothed
    is_open: NDArray[np.bool_]  # [types, 48]: half-hours with people and servers
    head_start: Floats  # [classes] minutes ahead by class
    classes: dict[str, Floats]  # shares of the classes among those who waited, by kind
    scale: float


def fit_pool(log: Log) -> Pool | None:
    """Fit everything to a log; None where it shows no line, no service or no patience."""
    arrivals = fit_arrivals(log.cells(), log.days)
    usual = ~arrivals.bursts[log.day, log.slot]
    availability, everybody = fit_availability(log), fit_patience(log, usual)
    if availability is None or (everybody is None and not hardly_anybody_leaves(log)):
        return None
    kinds = np.unique(log.kind)
    done = log.served & (log.service > 0)
    work = {"": log.service[done]} | {str(k): log.service[done & (log.kind == k)] for k in kinds}
    work = {k: minutes for k, minutes in work.items() if len(minutes)}
    own = {str(k): fit_patience(log, usual & (log.kind == k)) for k in kinds}
    usual_patience = everybody.draw if everybody else stays
    patience: dict[str, Draw] = {k: fitted.draw if fitted else usual_patience for k, fitted in own.items()}
    n_classes = int(log.priority.max()) + 1
    waited = np.nan_to_num(log.wait) > 0.1  # a log may know a caller's class only once the caller waits
    shares = {str(k): _shares(log.priority[waited & (log.kind == k)], n_classes) for k in kinds}
    pool = refit_days(
        Pool(
            log, arrivals, work, patience, availability, availability.effective, np.zeros((0, SLOTS), bool),
            _head_start(log), shares, 1.0,
        ),
        np.ones(len(log.days), bool),
    )  # fmt: skip
    return replace(pool, scale=_scale(pool))


def refit_days(pool: Pool, keep: NDArray[np.bool_]) -> Pool:
    """Return the pool with arrivals, staffing and opening hours of the days `keep` alone."""
    days = np.flatnonzero(keep)
    types = pool.arrivals.day_type  # what kind of day a weekday is stays known when its only example is left out
    arrivals = fit_arrivals(pool.log.cells()[days], pool.log.days[days], day_type=types)
    kind = arrivals.day_type[weekdays_of(pool.log.days)]
    open_days = np.zeros(len(keep), bool)
    open_days[days] = arrivals.open_days
    is_open = np.zeros_like(arrivals.profile, bool)
    effective = pool.availability.effective
    staffing = effective.copy()
    for k, profile in enumerate(arrivals.profile):
        mine = open_days & (kind == k)
        if mine.any():
            staffed = (effective[mine] > 0).mean(axis=0) >= 0.5
            busy = staffed & (profile > 0)
            is_open[k] = busy & (profile >= EDGE * np.median(profile[busy])) if busy.any() else busy
            staffing[mine] = _smoothed(effective[mine])
    bursts = np.zeros((len(keep), SLOTS), bool)
    bursts[days] = arrivals.bursts
    arrivals = replace(arrivals, open_days=open_days, bursts=bursts)
    return replace(pool, arrivals=arrivals, is_open=is_open, staffing=staffing)


def _smoothed(effective: Floats) -> Floats:
    """Return servers by day and half-hour, [d, 48]: the mean of the days times a running mean of each day's own factor.

    A single half-hour's count is too rough to be taken for its staffing; what two and a half hours share is not.
    """
    mean = effective.mean(axis=0)
    seen = (effective > 0) & (mean > 0)
    factor = np.where(seen, np.log(np.where(seen, effective, 1.0) / np.where(mean > 0, mean, 1.0)), 0.0)
    padded = np.pad(factor, ((0, 0), (SMOOTHED // 2, SMOOTHED // 2)), mode="edge")
    return np.asarray(mean * np.exp(np.lib.stride_tricks.sliding_window_view(padded, SMOOTHED, axis=1).mean(axis=2)))


def _shares(priority: Ints, n_classes: int) -> Floats:
    count = np.bincount(np.maximum(priority, 0), minlength=n_classes).astype(float)
    return count / count.sum() if count.sum() else np.eye(n_classes)[0]


def _head_start(log: Log) -> Floats:
    """Return the minutes by which each class is moved ahead: those that explain most choices of the office."""
    n_classes = int(log.priority.max()) + 1
    found = np.zeros(n_classes)
    if n_classes == 1:
        return found
    at = log.day * 1440.0 + log.minute
    leaves = at + np.nan_to_num(log.wait)
    picked = np.flatnonzero(log.served & (np.nan_to_num(log.wait) > 0.05))[:20_000]
    for c in range(1, n_classes):
        hits = np.zeros(len(HEAD_STARTS))
        for i in picked:
            low, high = np.searchsorted(at, [leaves[i] - 60.0, leaves[i]])
            others = np.arange(low, high)
            others = others[(leaves[others] > leaves[i]) & (at[others] < leaves[i] - 0.02)]
            mixed = others[(log.priority[others] == c) != (log.priority[i] == c)]
            mixed = mixed[(log.priority[mixed] == c) | (log.priority[mixed] < c)]
            if log.priority[i] > c or not len(mixed):
                continue
            for j, ahead in enumerate(HEAD_STARTS):
                gift = min(ahead, STRICT)
                mine = at[i] - gift * (log.priority[i] == c)
                hits[j] += (at[mixed] - gift * (log.priority[mixed] == c) >= mine - 0.02).sum()
        found[c] = min(HEAD_STARTS[int(hits.argmax())], STRICT)
    return found


def _scale(pool: Pool, rounds: int = 4) -> float:
    """Return the factor on all servers with which the days of the log, replayed, wait as long as they did."""
    log, days = pool.log, np.flatnonzero(pool.arrivals.open_days & ~pool.arrivals.bursts.any(axis=1))[-28:]
    judged = np.isin(log.day, days) & _in_hours(pool) & np.isfinite(log.wait)
    target = float(log.wait[judged].mean()) if judged.any() else 0.0

    def excess(scale: float) -> float:
        trial, total, n = replace(pool, scale=scale), 0.0, 0
        for d in days:
            mine = np.flatnonzero(judged & (log.day == d))
            for r in range(rounds):
                rng = stream(0, "replay", int(d), r)
                wait, _ = _play(trial, rng, log.minute[mine], log.kind[mine], int(d))
                total, n = total + float(wait.sum()), n + len(mine)
        return total / max(n, 1) - target

    if target <= 0 or excess(0.6) <= 0:
        return 1.0 if target <= 0 else 0.6
    return 2.0 if excess(2.0) >= 0 else float(brentq(excess, 0.6, 2.0, xtol=0.005))


def _in_hours(pool: Pool) -> NDArray[np.bool_]:
    """Return which cases came in an open half-hour."""
    kind = pool.arrivals.day_type[weekdays_of(pool.log.days)][pool.log.day]
    return np.asarray((kind >= 0) & pool.is_open[np.maximum(kind, 0), pool.log.slot])


def _play(
    pool: Pool, rng: np.random.Generator, minute: Floats, kind: NDArray[np.str_], staffed_like: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return wait (minutes, of those who left too) and who left, for people arriving on a day staffed like another."""
    n = len(minute)
    # a fraction of a server is one who is there part of the time, minutes and not half-hours at a stretch
    kind_of_day = int(pool.arrivals.day_type[weekdays_of(pool.log.days[staffed_like : staffed_like + 1])[0]])
    hours = np.flatnonzero(pool.is_open[kind_of_day])
    by_slot = pool.staffing[staffed_like] * pool.scale
    by_slot[hours[-1] + 1 :] = max(by_slot[hours[-1]], 1.0)  # doors close: who is inside is served
    servers = np.repeat(by_slot, SEATS_PER_SLOT)
    u = rng.random((3, n))
    work, patience, ahead = np.empty(n), np.empty(n), np.zeros(n)
    for name in np.unique(kind):
        mine = kind == name
        past_work = pool.work.get(str(name), pool.work[""])
        work[mine] = past_work[(u[0][mine] * len(past_work)).astype(np.int64)]
        draw = pool.patience.get(str(name)) or next(iter(pool.patience.values()))
        patience[mine] = draw(u[1][mine])
        shares = pool.classes.get(str(name))
        if shares is not None:
            ahead[mine] = pool.head_start[np.searchsorted(np.cumsum(shares)[:-1], u[2][mine], side="right")]
    found = serve_varying(minute, work, patience, ahead, servers, rng.random(servers.size), pool.availability.response)
    left = found < 0
    return np.where(left, np.where(np.isinf(found), 0.0, -found), found), left


def simulate_days(
    pool: Pool, days: NDArray[np.datetime64], *, replications: int, seed: int = 0
) -> tuple[Floats, Floats, Floats]:
    """Simulate days to come.

    Parameters
    ----------
    pool : Pool
    days : datetime64[D] array, [D]
    replications : int
    seed : int

    Returns
    -------
    count, wait, left : float arrays, [replications, D, 48]
        Arrivals, summed minutes of waiting and people who left, by half-hour of arrival.
    """
    out = np.zeros((3, replications, len(days), SLOTS))
    weekday = weekdays_of(days)
    kinds, share = np.unique(pool.log.kind, return_counts=True)
    type_of_past = pool.arrivals.day_type[weekdays_of(pool.log.days)]
    for d, w in enumerate(weekday.tolist()):
        kind = int(pool.arrivals.day_type[w])
        past = np.flatnonzero(pool.arrivals.open_days & (type_of_past == kind))
        if kind < 0 or not len(past) or not pool.is_open[kind].any():
            continue
        mean = np.where(pool.is_open[kind], pool.arrivals.expected(w), 0.0)
        for r in range(replications):
            rng = stream(seed, "forecast", str(days[d]), r)
            counts = rng.poisson(mean * _shocks(pool.arrivals, w, rng))
            minute = np.sort(
                np.repeat(np.arange(SLOTS), counts) * SLOT_MINUTES + SLOT_MINUTES * rng.random(counts.sum())
            )
            who = kinds[np.searchsorted(np.cumsum(share / share.sum())[:-1], rng.random(len(minute)), side="right")]
            wait, left = _play(pool, rng, minute, who, int(rng.choice(past)))
            slot = (minute // SLOT_MINUTES).astype(np.int64)
            for row, weights in zip(out, (None, wait, left.astype(float)), strict=True):
                row[r, d] = np.bincount(slot, weights=weights, minlength=SLOTS)
    return out[0], out[1], out[2]


def _shocks(arrivals: Arrivals, weekday: int, rng: np.random.Generator) -> Floats:
    """Return the day's and the half-hours' factors on expected arrivals, [48]."""
    day = np.exp(arrivals.spread[weekday] * np.clip(rng.standard_t(arrivals.df), -4, 4))
    shape = 1.0 / max(1e-3, arrivals.slot_cv.value) ** 2  # in this order: NaN, no busy half-hour seen, is none
    slots = rng.gamma(shape, 1.0 / shape, SLOTS)
    return np.asarray(day * slots)
