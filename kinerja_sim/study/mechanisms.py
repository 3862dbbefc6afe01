"""A policy taken apart: the groups of blocks in which it differs from its reference.

Every subset of the groups is a policy of its own, the reference with those groups taken
over. Blocks that the rules allow only together (a weight on a civil-society survey needs
that channel) are kept in one group. Most open to dispute: which blocks count as one
mechanism.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.library import load_policy
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.yamlfile import validate_mapping
from kinerja_sim.study.manifest import NAMING

MOST_GROUPS = 8
HR_GROUPS: dict[str, tuple[str, ...]] = {
    "appraisal": ("appraisal", "rater_training"),
    "channels_feedback": ("channels", "feedback"),
    "goals": ("goals",),
    "training": ("training",),
    "socialisation": ("socialisation",),
    "rewards": ("recognition", "allowance", "turnover"),
    "coaching": ("coaching",),
}
"""Blocks that change how officers are appraised, and what follows; each group is one mechanism."""
TIMING = ("dose", "start_month", "phase_in_months", "stop_month")
_LISTED = {*NAMING, *TIMING, *(name for names in HR_GROUPS.values() for name in names)}
GROUPS: dict[str, tuple[str, ...]] = HR_GROUPS | {
    "capacity": tuple(name for name in Policy.model_fields if name not in _LISTED)
}
"""All groups; the last holds every other block: what the office has and how its queue is run."""


@dataclass(frozen=True)
class Mechanisms:
    """The groups in which a policy differs from its reference, and the policy of every subset of them.

    Attributes
    ----------
    groups : tuple of str
        Codes of `GROUPS`, or 'timing'; codes joined by '+' are kept together.
    policies : tuple of Policy, length 2**k
        Bit i of the index says whether group i is taken over; all have names of their own.
    """

    groups: tuple[str, ...]
    policies: tuple[Policy, ...]


def take_apart(policy: Policy, reference: Policy) -> Mechanisms:
    """Return the groups in which `policy` differs from `reference`, with the policy of every subset.

    Dose, start, phasing in and stop are the policy's own in every subset: without a
    mechanism they do nothing. Only where the reference itself acts are they one more group.

    Raises
    ------
    InputError
        If there are more than eight groups.

    Examples
    --------
    >>> take_apart(load_policy("training_only+coaching_only"), load_policy("baseline")).groups
    ('training', 'coaching')
    """
    base, own = reference.model_dump(), policy.model_dump()
    groups = {code: names for code, names in GROUPS.items() if _differ(base, own, names)}
    if _acts(reference) and _differ(base, own, TIMING):
        groups["timing"] = TIMING
    else:
        base |= {name: own[name] for name in TIMING}
    if len(groups) > MOST_GROUPS:
        rule, got = f"differ from '{reference.name}' in at most {MOST_GROUPS} groups of blocks", f"{len(groups)} groups"
        remedy = f"Give it the timing of '{reference.name}'."
        raise InputError(sentence("scenario", rule, got, f"in policy '{policy.name}'", remedy))
    while True:
        made = [_with_groups(base, own, groups, subset) for subset in range(1 << len(groups))]
        valid = [p for p in made if p is not None]
        if len(valid) == len(made):
            return Mechanisms(tuple(groups), tuple(valid))
        groups = _keep_together(groups, made)


def _differ(base: Mapping[str, Any], own: Mapping[str, Any], names: Sequence[str]) -> bool:
    return any(base[name] != own[name] for name in names)


def _acts(reference: Policy) -> bool:
    """Return whether a reference is more than today's practice, so that its own timing matters."""
    today = load_policy("baseline").model_dump()
    return any(_differ(today, reference.model_dump(), names) for names in GROUPS.values())


def _with_groups(
    base: Mapping[str, Any], own: Mapping[str, Any], groups: Mapping[str, Sequence[str]], subset: int
) -> Policy | None:
    """Return the reference with the groups of `subset` taken over; None where the rules forbid that."""
    taken = [name for i, names in enumerate(groups.values()) if subset >> i & 1 for name in names]
    data = {**base, **{name: own[name] for name in taken}, "name": f"subset-{subset:03d}"}
    try:
        return validate_mapping(Policy, data, f"in a part of policy '{own['name']}'")
    except InputError:
        return None


def _keep_together(groups: Mapping[str, tuple[str, ...]], made: Sequence[Policy | None]) -> dict[str, tuple[str, ...]]:
    """Return `groups` with those joined that the smallest forbidden subset needs to be allowed."""

    def smallest(subsets: Sequence[int]) -> int:
        return min(subsets, key=lambda s: (s.bit_count(), s))

    forbidden = smallest([s for s, policy in enumerate(made) if policy is None])
    whole = smallest([s for s, policy in enumerate(made) if policy is not None and s & forbidden == forbidden])
    joined = [code for i, code in enumerate(groups) if whole >> i & 1]
    together = tuple(name for code in joined for name in groups[code])
    kept: dict[str, tuple[str, ...]] = {}
    for code, names in groups.items():
        kept |= {"+".join(joined): together} if code in joined else {code: names}
    return kept
