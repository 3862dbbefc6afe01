"""A policy taken apart: every subset is a valid policy, and none and all are the reference and the policy."""

import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.library import list_policies, load_policy
from kinerja_sim.know.policies import Policy
from kinerja_sim.study.manifest import NAMING
from kinerja_sim.study.mechanisms import GROUPS, MOST_GROUPS, TIMING, take_apart

BASE = load_policy("baseline")
EVERYTHING = BASE.replace(
    name="everything", appraisal__stakes=0.5, channels=("paper", "app"), goals="specific",
    training=({"kind": "technical", "hours_jp": 20.0},), socialisation={"kind": "one_way"}, recognition={"share": 0.1},
    coaching={"trigger": "everyone"}, capacity__extra_officers=1, phase_in_months=3,
)  # fmt: skip


def content(policy):
    """Return everything of a policy but what names it."""
    return policy.model_dump(exclude=NAMING)


def test_every_block_belongs_to_one_mechanism():
    """Naming, timing and the groups hold every field of a policy once, in at most eight groups."""
    listed = [*NAMING, *TIMING, *(name for names in GROUPS.values() for name in names)]

    assert sorted(listed) == sorted(Policy.model_fields)
    assert len(GROUPS) <= MOST_GROUPS


@pytest.mark.parametrize("name", list_policies())
def test_the_subsets_run_from_the_reference_to_the_policy(name):
    """Of every library policy the empty subset is today's practice, the full one the policy itself."""
    policy = load_policy(name)
    parts = take_apart(policy, BASE)

    assert len(parts.policies) == 2 ** len(parts.groups)
    assert content(parts.policies[0]) == content(BASE.replace(**{field: getattr(policy, field) for field in TIMING}))
    assert content(parts.policies[-1]) == content(policy)
    assert len({p.name for p in parts.policies}) == len(parts.policies)


def test_a_subset_takes_its_groups_and_no_other():
    """Bit i of a subset's number says whether group i is taken over."""
    parts = take_apart(EVERYTHING, BASE)

    assert parts.groups == tuple(GROUPS)
    assert len(parts.policies) == 256
    for subset, policy in enumerate(parts.policies):
        for i, code in enumerate(parts.groups):
            owner = EVERYTHING if subset >> i & 1 else BASE
            assert all(getattr(policy, field) == getattr(owner, field) for field in GROUPS[code])
        assert policy.phase_in_months == 3


def test_blocks_that_need_each_other_stay_together():
    """A weight on the civil-society survey needs its channel, so both are one group."""
    policy = BASE.replace(
        name="watched", goals="generic", channels=("paper", "civil_society"),
        appraisal__weights={"civil_society": 0.7, "supervisor": 0.3},
    )  # fmt: skip

    assert take_apart(policy, BASE).groups == ("appraisal+channels_feedback", "goals")


def test_a_reference_that_listens_may_be_left_by_appraisal_but_not_by_channels_alone():
    """The rule binds the other way round too: taking the channel away needs the weight gone."""
    heard = BASE.replace(name="heard", appraisal__weights={"citizens": 0.7, "supervisor": 0.3})
    deaf = BASE.replace(name="deaf", channels=())

    assert take_apart(deaf, heard).groups == ("appraisal+channels_feedback",)


def test_a_policy_that_changes_nothing_has_no_mechanism():
    """The null policy differs in name only, and dose alone is no mechanism."""
    assert take_apart(load_policy("null"), BASE).groups == ()
    assert take_apart(BASE.replace(name="half", dose=0.5), BASE).groups == ()


def test_timing_is_a_mechanism_only_where_the_reference_acts():
    """Against a reference that itself does something, a later start is a change of its own."""
    late = EVERYTHING.replace(name="late", start_month=6, goals="none")
    parts = take_apart(late, EVERYTHING)

    assert parts.groups == ("goals", "timing")
    assert [p.start_month for p in parts.policies] == [0, 0, 6, 6]


def test_more_than_eight_mechanisms_are_refused():
    """Nine groups would be 512 policies; the error says how to have fewer."""
    reference = load_policy("quarterly_kpi")
    with pytest.raises(InputError, match=r"at most 8 groups of blocks; got 9 groups in policy 'everything'"):
        take_apart(EVERYTHING, reference.replace(name="other", goals="generic"))
