"""What a month of appraising officers costs: quantities used, times prices of the ledger, by item.

Every policy pays for the whole of its appraisal system, today's practice included: a paired
difference is the extra cost, and at dose 0 it is exactly nil. All prices are rupiah of
`schema.PRICE_YEAR`, without inflation or discounting over the run. Most open to dispute:
hours of staff are valued in full, though salaries are paid anyway and the longer waits
that absent officers cause are counted as waits. Left out, for want of any price: the end of
a shortage or of offline days, and the guarantees and support of a socialisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kinerja_sim.know.policies import CHANNELS
from kinerja_sim.know.schema import COST_ITEMS
from kinerja_sim.model.dynamics import MINUTES_PER_JP, is_due, is_wave_due, trainings_in
from kinerja_sim.model.feedback import sample_share
from kinerja_sim.model.officers import State
from kinerja_sim.model.plan import ALLOWANCES, Levers, RegionPlan

PER_CONTACT = ("sms", "phone", "paper", "civil_society", "complaint")
"""Channels that pay for each message, call, form, interview or complaint."""


@dataclass(frozen=True)
class Prices:
    """Prices of one draw, rupiah of `schema.PRICE_YEAR`."""

    jp: float  # a training hour of 45 minutes and its participant
    jp_managerial: float
    hour: float  # of staff
    coaching_hours: float  # of the coach, an officer and month
    award: float
    allowance: float  # a month
    new_money: float  # share of a conditional allowance that was not paid before
    wave: float  # of participatory socialisation, an officer
    one_way: float  # the same of one-way socialisation
    officer: float  # one officer more, a month
    online_queue: float  # a unit and month
    running: np.ndarray  # [C] a channel, unit and month
    contact: np.ndarray  # [C] a message, call, form or interview
    contacts_per_case: np.ndarray  # [U, C] of them for each finished case


def make_prices(plan: RegionPlan, params: Mapping[str, float], working_days: float) -> Prices:
    """Return the prices of one draw of the ledger.

    Parameters
    ----------
    plan : RegionPlan
    params : mapping of name to value
    working_days : float
        Of a year; with the region's arrivals they size the surveys.
    """
    jp = params["train_cost_jp_idr"] * params["price_index_2017_2026"]
    contacts = np.zeros((len(plan.units), len(CHANNELS)))
    for i, u in enumerate(plan.units):
        asked = sample_share(u.unit.arrivals.per_day.value * working_days)
        online = params["internet_access_urban" if u.unit.urban else "internet_access_rural"]
        share = {"sms": online, "phone": 1.0, "paper": asked, "civil_society": asked,
                 "complaint": params["rr_complaint"]}  # fmt: skip
        contacts[i] = [share.get(channel, 0.0) for channel in CHANNELS]
    return Prices(
        jp=jp,
        jp_managerial=jp * params["train_managerial_price_mult"],
        hour=params["staff_hour_idr"],
        coaching_hours=params["coaching_hours_month"],
        award=params["award_cost_idr"],
        allowance=params["allowance_month_idr"],
        new_money=params["allowance_new_money_share"],
        wave=params["socialisation_cost_idr"],
        one_way=params["socialisation_cost_idr"] * params["socialisation_one_way_cost_share"],
        officer=params["officer_month_idr"],
        online_queue=params["online_queue_year_idr"] / 12.0,
        running=np.array([params[f"channel_{c}_year_idr"] for c in CHANNELS]) / 12.0,
        contact=np.array([params[f"channel_{c}_each_idr"] if c in PER_CONTACT else 0.0 for c in CHANNELS]),
        contacts_per_case=contacts,
    )


def _training(levers: Levers, prices: Prices, reach: np.ndarray, period: int) -> np.ndarray:
    """Return what this month's training costs for each officer, [S]."""
    price = {"technical": prices.jp, "communication": prices.jp, "managerial": prices.jp_managerial}
    held = [trainings_in(policy, period - policy.start_month) for policy in levers.policies]
    return reach * np.array([sum(t.hours_jp * price[t.kind] for t in programmes) for programmes in held], float)


def _socialisation(levers: Levers, prices: Prices, state: State, reach: np.ndarray, period: int) -> np.ndarray:
    """Return what this month's wave of socialisation costs for each officer, [S]."""
    cost = np.zeros(len(levers.policies))
    for s, policy in enumerate(levers.policies):
        plan = policy.socialisation
        if plan is not None and is_wave_due(policy, state.waves[s, 0], period - policy.start_month):
            cost[s] = reach[s] * (prices.one_way if plan.kind == "one_way" else prices.wave)
    return cost


def _rater_training(plan: RegionPlan, levers: Levers, prices: Prices, reach: np.ndarray, period: int) -> np.ndarray:
    """Return what training an office's raters costs this month, their hours included, [S, U]."""
    cost = np.zeros((len(levers.policies), len(plan.units)))
    for s, policy in enumerate(levers.policies):
        course, span = policy.rater_training, policy.appraisal.rater_span
        if course is not None and is_due(course.first_month, course.every_months, period - policy.start_month):
            raters = [1 if span is None else -(-sum(u.posted) // span) for u in plan.units]
            hour = prices.jp + prices.hour * MINUTES_PER_JP / 60.0
            cost[s] = reach[s] * course.hours_jp * hour * np.array(raters)
    return cost


def _channels(prices: Prices, shares: np.ndarray, finished: np.ndarray) -> np.ndarray:
    """Return what the channels cost, [S, U]; added one by one, so that company in the run changes no digit."""
    cost = np.zeros(finished.shape)
    for c in np.flatnonzero(shares.any(axis=0)):
        per_contact = prices.contact[c] * prices.contacts_per_case[:, c] * finished
        cost += shares[:, c, None] * (prices.running[c] + per_contact)
    return cost


def month_costs(
    plan: RegionPlan,
    levers: Levers,
    prices: Prices,
    state: State,
    *,
    period: int,
    dose: np.ndarray,
    counted: np.ndarray,
    minutes: np.ndarray,
    shares: np.ndarray,
    finished: np.ndarray,
    awards: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return a month's cost by item and in all, each [S, U], rupiah of `schema.PRICE_YEAR`.

    Parameters
    ----------
    plan, levers, prices
    state : State
        After the month's appraisal and before `dynamics.advance`.
    period : int
        Months since the comparison's start.
    dose : float [S]
    counted : bool [S, O]
        Officers who belong to the office, extra ones where and while the policy acts.
    minutes : float [S, O]
        Of appraisal, talks, training, coaching and workshops; supervisors' minutes included.
    shares : float [S, C]
        How far each channel is open (`feedback.channel_shares`).
    finished : float [S, U]
        Cases finished in the month.
    awards : float [S, U]
        Awards given (`consequences.awards_given`).
    """
    first = [u.first for u in plan.units]
    officers = np.add.reduceat(counted, first, axis=1, dtype=float)
    hours = np.add.reduceat(np.where(counted, minutes, 0.0), first, axis=1) / 60.0
    coached = np.add.reduceat(counted & (state.coaching_left > 0), first, axis=1, dtype=float)
    posted = np.add.reduceat(plan.posted, first, dtype=float)
    # One-off measures reach everybody the policy is meant for, however slowly the rest is phased in.
    reach = np.array([policy.dose for policy in levers.policies]) * (dose > 0)
    new_money = np.where(levers.allowance_prior == ALLOWANCES.index("unconditional"), 1.0, prices.new_money)
    allowance = levers.allowance_share * dose * new_money * prices.allowance
    has_counter = np.array([u.unit.counter is not None for u in plan.units], float)
    extra, booking = levers.extra_officers * dose * prices.officer, levers.online_queue * dose * prices.online_queue
    coaching_hours = prices.coaching_hours * dose[:, None] * coached
    items = {
        "cost_training_idr": officers * _training(levers, prices, reach, period)[:, None]
        + _rater_training(plan, levers, prices, reach, period),
        "cost_staff_time_idr": (hours + coaching_hours) * prices.hour,
        "cost_reward_idr": awards * prices.award + posted * allowance[:, None],
        "cost_channel_idr": _channels(prices, shares, finished),
        "cost_socialisation_idr": officers * _socialisation(levers, prices, state, reach, period)[:, None],
        "cost_capacity_idr": extra[:, None] + booking[:, None] * has_counter,
    }
    return items | {"cost_idr": sum((items[name] for name in COST_ITEMS), np.zeros(officers.shape))}
