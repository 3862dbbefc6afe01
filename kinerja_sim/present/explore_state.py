"""What the no-code page's controls say: a state that becomes a policy, and weights that always sum to 1.

A state starts from a policy of the library and sets the levers that the page has; all
other settings stay those of the start. A state is plain data, so it can be kept in a small
file and read back, checked like any other input.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import Frozen, FrozenDict, Slug
from kinerja_sim.know.library import BASELINE, list_policies, list_regions, load_policy, load_region
from kinerja_sim.know.messages import Breach, did_you_mean, sentence, show
from kinerja_sim.know.policies import CHANNELS, CITIZEN_CHANNELS, SOURCES, Channel, Period, Policy
from kinerja_sim.know.regions import Metric, Region
from kinerja_sim.know.yamlfile import replaced, validate_mapping

STEP = 5  # per cent: the step of a weight's slider
KINDS = ("technical", "communication", "managerial")
METRIC_CHOICES = (
    "turnaround_days_mean", "wait_minutes_p90", "on_time_share", "satisfaction_index", "rework_share", "backlog_cases",
    "misgraded_share", "motivation_z", "cost_idr",
)  # fmt: skip
FORMAT = "kinerja-explore-1"

policy_called = cache(load_policy)  # reading a file takes longer than everything else that a moved slider asks for
region_called = cache(load_region)

Percent = Annotated[int, Field(ge=0, le=100)]
Hours = Annotated[int, Field(ge=0, le=60)]


def in_order(channels: Iterable[Any]) -> tuple[Any, ...]:
    """Return channels in the order of the page's boxes, so that a box ticked and cleared again changes nothing."""
    return tuple(sorted(channels, key=CHANNELS.index))


class State(Frozen):
    """What is chosen on the page."""

    region: Slug
    unit: Slug
    metric: Metric
    start: str  # policy of the library whose other settings are kept
    weights: Annotated[dict[str, Percent], AfterValidator(FrozenDict)]
    period: Period
    channels: Annotated[tuple[Channel, ...], AfterValidator(in_order)]
    training: Annotated[dict[str, Hours], AfterValidator(FrozenDict)]
    extra_officers: int = Field(ge=0, le=5)
    no_shortage: bool
    online_queue: bool

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        for field, names in (("weights", SOURCES), ("training", KINDS)):
            if set(getattr(self, field)) != set(names):
                raise Breach(f"hold {', '.join(names)}", show(", ".join(getattr(self, field))), at=(field,))
        total = sum(self.weights.values())
        if total != 100:
            raise Breach("sum to 100 per cent", str(total), at=("weights",))
        for key, name, known in (("region", self.region, list_regions()), ("start", self.start, list_policies())):
            if name not in known:
                raise Breach("be in the library", show(name), did_you_mean(name, known), at=(key,))
        units = region_called(self.region).units
        if self.unit not in units:
            raise Breach(f"be one of {', '.join(units)}", show(self.unit), did_you_mean(self.unit, units), at=("unit",))
        return self


def state_of(region: Region, start: str | None = None, *, unit: str | None = None, metric: str | None = None) -> State:
    """Return the state that shows a policy as it is; the region's own policy and primary metric when left out.

    Examples
    --------
    >>> state_of(load_region("arcamanik")).weights["citizens"], state_of(load_region("arcamanik"), "baseline").period
    (25, 'annual')
    """
    start = start or _preset(region)
    policy, primary = policy_called(start), region.primary
    weights: dict[Any, float] = dict(policy.appraisal.weights)
    return State(
        region=region.name,
        unit=unit or str(primary.unit),
        metric=metric or str(primary.metric),
        start=start,
        weights=FrozenDict({s: round(100 * weights.get(s, 0.0)) for s in SOURCES}),
        period=policy.appraisal.period,
        channels=policy.channels,
        training=FrozenDict({k: round(sum(t.hours_jp for t in policy.training if t.kind == k)) for k in KINDS}),
        extra_officers=policy.capacity.extra_officers,
        no_shortage=policy.capacity.no_shortage,
        online_queue=policy.capacity.online_queue,
    )


def policy_of(state: State) -> Policy:
    """Return the policy that a state describes.

    Raises
    ------
    InputError
        If the levers break a rule of policies, such as a weight for citizens without a channel for them.

    Examples
    --------
    >>> chosen = state_of(load_region("arcamanik")).model_copy(update={"period": "monthly"})
    >>> policy_of(chosen).appraisal.period, policy_of(chosen).goals
    ('monthly', 'specific')
    """
    start = policy_called(state.start)
    changes = {
        "name": "what_if",
        "appraisal__weights": {s: w / 100 for s, w in state.weights.items() if w},
        "appraisal__period": state.period,
        "channels": tuple(c for c in dict.fromkeys([*start.channels, *CHANNELS]) if c in state.channels),
        "training": _training(start, state.training),
        "capacity__extra_officers": state.extra_officers,
        "capacity__no_shortage": state.no_shortage,
        "capacity__online_queue": state.online_queue,
    }
    return replaced(start, changes, "")  # the page is where a broken rule was broken: no other place to name


def _training(start: Policy, hours: Mapping[str, int]) -> tuple[dict[str, Any], ...]:
    """Return the programmes: those of the start with their hours changed, and a yearly one of a kind that is new."""
    programmes = []
    for kind in dict.fromkeys([*(t.kind for t in start.training), *KINDS]):
        own = [t for t in start.training if t.kind == kind]
        before = round(sum(t.hours_jp for t in own))
        if hours[kind] == before:
            programmes += [t.model_dump() for t in own]
        elif hours[kind]:
            pattern = own[0].model_dump() if own else {"kind": kind, "first_month": 1, "every_months": 12}
            programmes.append(pattern | {"hours_jp": float(hours[kind])})
    return tuple(programmes)


def rebalance(weights: Mapping[str, int], moved: str, value: int) -> dict[str, int]:
    """Return weights that sum to 100 after one was moved; the others keep their proportions in steps of 5.

    Parameters
    ----------
    weights : mapping
        From source to per cent.
    moved : str
    value : int
        New per cent of `moved`, cut to what is possible.

    Examples
    --------
    >>> rebalance({"results": 70, "supervisor": 30, "citizens": 0}, "citizens", 20)
    {'results': 55, 'supervisor': 25, 'citizens': 20}
    """
    value = min(max(round(value / STEP) * STEP, 0), 100)
    left, others = 100 - value, {s: w for s, w in weights.items() if s != moved}
    if not any(others.values()):
        others["supervisor" if moved != "supervisor" else "results"] = 1
    exact = {s: left * w / sum(others.values()) / STEP for s, w in others.items()}
    steps = {s: int(x) for s, x in exact.items()}
    short = left // STEP - sum(steps.values())
    for source in sorted(exact, key=lambda s: (steps[s] - exact[s], list(weights).index(s)))[:short]:
        steps[source] += 1
    return {s: value if s == moved else steps[s] * STEP for s in weights}


def with_weight(state: State, moved: str, value: int) -> State:
    """Return the state after one weight was moved; who has a weight now and no channel to be heard by gets one.

    Examples
    --------
    >>> chosen = with_weight(state_of(load_region("arcamanik")), "civil_society", 10)
    >>> sum(chosen.weights.values()), "civil_society" in chosen.channels
    (100, True)
    """
    weights, channels = rebalance(state.weights, moved, value), state.channels
    if weights["civil_society"] and "civil_society" not in channels:
        channels += ("civil_society",)
    if weights["citizens"] and not set(channels) & set(CITIZEN_CHANNELS):
        channels += ("paper",)
    return state.model_copy(update={"weights": FrozenDict(weights), "channels": in_order(channels)})


def grid_policies(region: Region) -> list[Policy]:
    """Return the policies that are run beforehand: the library, and the region's own with one lever moved at a time."""
    own = state_of(region)
    moves: list[dict[str, Any]] = [{"period": p} for p in ("monthly", "quarterly", "semester", "annual")]
    moves += [{"extra_officers": 1}, {"no_shortage": True}, {"online_queue": True}]
    moves += [{"training": FrozenDict({**own.training, "technical": hours})} for hours in (0, 40)]
    moves += [{"channels": tuple(dict.fromkeys([*own.channels, "paper", "app"]))}]
    moves += [
        {"weights": FrozenDict(rebalance(own.weights, "citizens", own.weights["citizens"] + step)),
         "channels": tuple(dict.fromkeys([*own.channels, "paper"]))}
        for step in (-STEP, STEP)
    ]  # fmt: skip
    moved = [policy_of(own.model_copy(update=move)) for move in moves]
    return [*map(policy_called, list_policies()), *moved]


def metrics_of(region: Region, unit: str) -> list[str]:
    """Return the metrics that the page offers for a unit: its hypotheses' first, waits only at a counter."""
    tested = [str(h.metric) for h in region.hypotheses if h.unit == unit and h.metric]
    has_counter = region.units[unit].counter is not None
    return [m for m in dict.fromkeys([*tested, *METRIC_CHOICES]) if has_counter or "wait" not in m]


def write_states(state: State, kept: Mapping[str, State], lang: str) -> str:
    """Return the text of the small file that holds what is chosen and every named what-if."""
    content = {
        "format": FORMAT, "lang": lang, "state": state.model_dump(mode="json"),
        "what_ifs": {name: each.model_dump(mode="json") for name, each in kept.items()},
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def read_states(text: str, label: str) -> tuple[State, dict[str, State]]:
    """Return what a file of `write_states` holds.

    Raises
    ------
    InputError
        If it is no such file, or breaks a rule.
    """
    try:
        content = json.loads(text)
        is_ours = content.get("format") == FORMAT and isinstance(content.get("what_ifs"), dict)
    except (ValueError, AttributeError):
        is_ours = False
    if not is_ours:
        remedy = "Upload a file that this page has written."
        raise InputError(sentence(label, "be a state of this page", "another file", remedy=remedy))
    where = f"in {label}"
    kept = {str(name)[:40]: validate_mapping(State, each, where) for name, each in content["what_ifs"].items()}
    return validate_mapping(State, content.get("state") or {}, where), kept


def _preset(region: Region) -> str:
    """Return the region's own policy, or the baseline where that is no single policy of the library."""
    return region.preset if region.preset in list_policies() else BASELINE
