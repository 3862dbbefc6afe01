"""What the no-code page's controls say: policies, weights that sum to 1, and the file that keeps them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kinerja_sim as ks
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.policies import SOURCES
from kinerja_sim.present.explore_state import (
    STEP,
    grid_policies,
    metrics_of,
    policy_of,
    read_states,
    rebalance,
    state_of,
    with_weight,
    write_states,
)

REGION = ks.load_region("arcamanik")
NAMING = {"name", "title", "description", "author", "sources"}
STEPS = st.lists(st.integers(0, 20), min_size=len(SOURCES) - 1, max_size=len(SOURCES) - 1)


@given(cuts=STEPS, moved=st.sampled_from(SOURCES), value=st.integers(-20, 120))
def test_weights_always_sum_to_one(cuts, moved, value):
    """Whatever slider goes wherever, all weights are steps of five per cent and sum to 100."""
    edges = [0, *sorted(cuts), 20]
    before = {s: STEP * (b - a) for s, a, b in zip(SOURCES, edges, edges[1:], strict=False)}
    after = rebalance(before, moved, value)
    assert sum(after.values()) == 100
    assert all(w >= 0 and w % STEP == 0 for w in after.values())
    assert after[moved] == min(max(round(value / STEP) * STEP, 0), 100)


def test_the_others_keep_their_proportions():
    """Making room for citizens takes from the others in proportion, and nothing from those without weight."""
    assert rebalance({"results": 60, "supervisor": 20, "peers": 20, "citizens": 0, "team": 0}, "citizens", 50) == {
        "results": 30, "supervisor": 10, "peers": 10, "citizens": 50, "team": 0,
    }  # fmt: skip


def test_a_single_source_gives_way_to_the_supervisor():
    """Where one source had everything, what is left goes to the supervisor; to results when it was the supervisor."""
    alone = dict.fromkeys(SOURCES, 0) | {"results": 100}
    assert rebalance(alone, "results", 80)["supervisor"] == 20
    assert rebalance(dict.fromkeys(SOURCES, 0) | {"supervisor": 100}, "supervisor", 80)["results"] == 20


@pytest.mark.parametrize("name", ks.list_policies())
def test_a_state_is_the_policy_it_started_from(name):
    """Every policy of the library, taken as a state and back, decides exactly what it did."""
    again = policy_of(state_of(REGION, name))
    assert again.model_dump(exclude=NAMING) == ks.load_policy(name).model_dump(exclude=NAMING)


def test_levers_end_up_in_the_policy():
    """Each lever of the page sets its setting, and the rest stays that of the start."""
    start = state_of(REGION)
    moved = start.model_copy(
        update={"period": "monthly", "training": {"technical": 40, "communication": 10, "managerial": 0},
                "channels": ("app", "paper"), "extra_officers": 2, "no_shortage": True, "online_queue": True}
    )  # fmt: skip
    policy, own = policy_of(moved), ks.load_policy(REGION.preset)
    assert policy.appraisal.period == "monthly"
    assert [(t.kind, t.hours_jp, t.first_month) for t in policy.training] == [
        ("technical", 40, 1),
        ("communication", 10, 1),
    ]
    assert set(policy.channels) == {"app", "paper"}
    assert (policy.capacity.extra_officers, policy.capacity.no_shortage, policy.capacity.online_queue) == (
        2,
        True,
        True,
    )
    assert (policy.goals, policy.socialisation) == (own.goals, own.socialisation)


def test_a_choice_against_the_rules_is_refused_by_the_rule():
    """A weight for citizens without a channel for them is refused as it is in a file."""
    with pytest.raises(InputError, match="include a channel for citizens"):
        policy_of(state_of(REGION).model_copy(update={"channels": ()}))


@pytest.mark.parametrize("name", ks.list_regions())
def test_the_grid_holds_what_one_click_reaches(name):
    """Beforehand every library policy is run, and the region's own with each lever moved once; all are valid."""
    region = ks.load_region(name)
    found = [p.model_dump(exclude=NAMING) for p in grid_policies(region)]
    assert ks.load_policy("speed_only").model_dump(exclude=NAMING) in found
    own = state_of(region)
    for change in ({"period": "quarterly"}, {"extra_officers": 1}, {"online_queue": True}):
        assert policy_of(own.model_copy(update=change)).model_dump(exclude=NAMING) in found


def test_waits_are_offered_only_where_somebody_waits():
    """A unit without a counter has no waiting time to look at; its tested metrics come first."""
    region = ks.load_region("tangerang-selatan")
    assert not [m for m in metrics_of(region, "complaints") if "wait" in m]
    assert "wait_minutes_p90" in metrics_of(region, "outpatient")
    tested = [h.metric for h in region.hypotheses if h.unit == "complaints" and h.metric]
    assert metrics_of(region, "complaints")[: len(set(tested))] == list(dict.fromkeys(tested))


def test_a_saved_file_brings_everything_back():
    """The small file holds the choice and the named what-ifs, and reading it gives the same."""
    state, other = state_of(REGION), state_of(REGION, "speed_only")
    assert read_states(write_states(state, {"cepat": other}, "id"), "state.json") == (state, {"cepat": other})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "be a state of this page"),
        ('{"format": "something"}', "be a state of this page"),
        ("[1]", "be a state of this page"),
        ('{"format": "kinerja-explore-1", "what_ifs": {}, "state": {"region": "arcamanik"}}', "`unit` must be given"),
    ],
)
def test_a_broken_file_is_a_users_mistake(text, message):
    """A file that is no state, or breaks a rule, is refused in one line and changes nothing."""
    with pytest.raises(InputError, match=message):
        read_states(text, "mine.json")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("unit", "nowhere", "`unit` must be one of"),
        ("region", "atlantis", "`region` must be in the library"),
        ("weights", {"results": 100}, "`weights` must hold"),
        ("weights", dict.fromkeys(SOURCES, 50), "`weights` must sum to 100"),
        ("extra_officers", 99, "`extra_officers` must be at most 5"),
    ],
)
def test_a_file_cannot_smuggle_in_what_the_page_refuses(key, value, message):
    """Names, sums and bounds of an uploaded state are checked."""
    import json

    content = json.loads(write_states(state_of(REGION), {}, "id"))
    content["state"][key] = value
    with pytest.raises(InputError, match=message):
        read_states(json.dumps(content), "mine.json")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("start", ["baseline", "arcamanik"])
def test_every_weight_that_is_moved_gives_a_policy(start, source):
    """Who gets a weight gets a channel to be heard by, so that no slider breaks a rule."""
    state = with_weight(state_of(REGION, start), source, 40)
    assert policy_of(state).appraisal.weights[source] == pytest.approx(0.4)


def test_a_box_ticked_and_cleared_again_is_the_same_state():
    """The order in which channels were ticked is no choice."""
    state = state_of(REGION)
    again = state.model_validate(state.model_dump() | {"channels": tuple(reversed(state.channels))})
    assert len(state.channels) > 1
    assert again == state


def test_a_broken_rule_names_the_control_and_no_function():
    """What the page says is for people who have never seen the code."""
    state = state_of(REGION).model_copy(update={"channels": ()})
    with pytest.raises(InputError) as caught:
        policy_of(state)
    assert str(caught.value).startswith("`channels` must")
    assert "replace" not in str(caught.value)
