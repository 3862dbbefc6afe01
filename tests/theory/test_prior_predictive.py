"""Each lever alone moves the service-rate index as the evidence says: the acceptance test of the model's effects.

The table is `evidence.md` section 1 (400,000 draws of the published priors). Here each
lever goes through the model's own code: a policy file's block, the officers' state, one
or more months of dynamics, and the officers' speed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.model.appraisal import Grading
from kinerja_sim.model.consequences import follow_up
from kinerja_sim.model.dynamics import advance
from kinerja_sim.model.officers import State, draw_officers
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.plan import Levers, RegionPlan, make_levers, make_plan
from kinerja_sim.model.workforce import conduct_of

N_DRAWS = 3_000
TRAINING = {"hours_jp": 120, "first_month": 0, "every_months": 0}
LEVERS: dict[str, tuple[dict[str, Any], bool, float, float]] = {
    # name: (changes to baseline, does an appraisal come first, mean %, P(effect < 0))
    "technical training": ({"training": [{"kind": "technical", **TRAINING}]}, False, 6.2, 0.00),
    "technical training, no discount": ({"training": [{"kind": "technical", **TRAINING}]}, False, 12.4, 0.00),
    "communication training": ({"training": [{"kind": "communication", **TRAINING}]}, False, 2.7, 0.00),
    "specific goals": ({"goals": "specific"}, False, 6.1, 0.00),
    "feedback, one programme": ({"feedback": {"to_officers": True}}, True, 4.1, 0.32),
    "feedback, average programme": ({"feedback": {"to_officers": True}}, True, 4.1, 0.00),
    "360 feedback beside feedback": (
        {"feedback": {"to_officers": True}, "appraisal__weights": {"results": 0.6, "supervisor": 0.2, "peers": 0.2}},
        True, 2.0, 0.09,
    ),
    "coaching": ({"coaching": {"trigger": "everyone"}}, True, 2.8, 0.01),
    "award, first round": ({"recognition": {"share": 0.1}}, True, 6.0, 0.01),
    "performance pay, sceptical": ({"allowance": {"prior": "sceptical", "share": 1.0}}, False, 0.6, 0.27),
    "performance pay, optimistic": ({"allowance": {"prior": "optimistic", "share": 1.0}}, False, 5.5, 0.00),
    "unconditional allowance": ({"allowance": {"prior": "unconditional", "share": 1.0}}, False, 0.0, 0.50),
}  # fmt: skip
"""The table's rows: one lever each, at point dose."""
HELD: dict[str, dict[str, float]] = {
    "technical training, no discount": {"effect_discount": 1.0},
    "feedback, average programme": {"fb_d_between_sd": 0.0},
    "360 feedback beside feedback": {"fb_d_mean": 0.0, "fb_d_between_sd": 0.0},  # what it adds where feedback is nil
    "award, first round": {"praise_d": 0.0},  # praise moves motivation as well; the table's row is output alone
}
"""Rows of the ledger that a row of the table leaves out."""


def rate_change(levers: Levers, appraised: bool, params: dict[str, float], plan: RegionPlan, draw: int) -> float:
    """Return the relative change of the service-rate index of routine work once the lever has worked in full."""
    policy = levers.policies[0]
    officers = draw_officers(plan, params, seed=1, replication=draw, draw=draw, is_point=False)
    shape = (1, plan.n_officers)
    state = State.before(officers, 1)
    dose, present = np.ones(1), np.broadcast_to(plan.posted, shape)
    routine = plan.posted & ~plan.medium
    if appraised:
        nothing = np.zeros(shape)
        good = np.ones(shape, int)
        grading = Grading(nothing, nothing, nothing, nothing, good, good)
        follow_up(plan, state, grading, np.array([True]), present, levers, params, dose)
    months = 6 if policy.coaching else 1 if policy.training else 0
    for month in range(months):
        now = conduct_of(state, officers, levers, params, dose, np.zeros(1))
        advance(plan, state, officers, now, levers, params, dose, month)
    rate = conduct_of(state, officers, levers, params, dose, np.zeros(1)).rate
    return float(rate[0, routine].mean() - 1.0)


def one_office() -> RegionPlan:
    """Return the plan of a region with a single office: over several, feedback's luck would average out."""
    region = load_region("arcamanik")
    name = next(iter(region.units))
    office = region.model_copy(update={"units": {name: region.units[name]}})
    return make_plan(office)


@pytest.fixture(scope="module")
def draws() -> list[dict[str, float]]:
    """Return the joint draws of the ledger that all levers share."""
    return draw_parameters(11, range(N_DRAWS), "ledger")


@pytest.mark.parametrize("name", LEVERS)
def test_lever_alone_moves_the_rate_as_the_evidence_says(name: str, draws: list[dict[str, float]]) -> None:
    """The mean effect of a lever is within four standard errors of the table, and so is the chance of harm."""
    changes, appraised, mean, harm = LEVERS[name]
    plan = one_office()
    lever = make_levers([load_policy("baseline").replace(name="lever", **changes)])
    vectors = [p | HELD.get(name, {}) for p in draws]
    effect = 100 * np.array([rate_change(lever, appraised, p, plan, i) for i, p in enumerate(vectors)])
    error = effect.std(ddof=1) / np.sqrt(N_DRAWS)
    share, share_error = (effect < 0).mean(), np.sqrt(max(harm * (1 - harm), 1 / N_DRAWS) / N_DRAWS)

    assert abs(effect.mean() - mean) < 4 * error + 0.05  # the table is rounded to 0.1
    assert abs(share - harm) < 4 * share_error + 0.005


def test_bundle_is_at_most_the_largest_component_plus_half_of_the_rest(draws: list[dict[str, float]]) -> None:
    """Training, goals and awards together do no more than the largest plus half of the rest."""
    plan, base = one_office(), load_policy("baseline")
    parts: list[tuple[dict[str, Any], bool]] = [LEVERS[n][:2] for n in ("technical training", "specific goals")]
    both = base.replace(name="both", **{k: v for changes, _ in parts for k, v in changes.items()})
    single = [(make_levers([base.replace(name="one", **changes)]), appraised) for changes, appraised in parts]
    bundled = make_levers([both])
    for i, params in enumerate(draws[:200]):
        alone = [rate_change(lever, appraised, params, plan, i) for lever, appraised in single]
        bundle = rate_change(bundled, False, params, plan, i)

        assert bundle <= max(alone) + 0.5 * (sum(alone) - max(alone)) + 1e-9


@pytest.mark.parametrize("planted", [lambda p: {**p, "train_d_job": 1.05 * p["train_d_job"]}])
def test_planted_effect_that_is_five_per_cent_too_large_is_found(
    planted: Callable[[dict[str, float]], dict[str, float]], draws: list[dict[str, float]]
) -> None:
    """A training effect 5 % too large breaks the four-standard-error rule (this check can fail)."""
    plan = one_office()
    lever = make_levers([load_policy("baseline").replace(name="lever", **LEVERS["technical training"][0])])
    effect = 100 * np.array([rate_change(lever, False, planted(p), plan, i) for i, p in enumerate(draws)])

    assert abs(effect.mean() - 6.2) > 4 * effect.std(ddof=1) / np.sqrt(N_DRAWS) + 0.05
