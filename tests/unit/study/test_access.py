"""Waits by digital access: split by a citizen's own key, paired like any contrast."""

import pytest

import kinerja_sim as ks
from kinerja_sim.know.errors import InputError
from kinerja_sim.study.access import GROUPS, access_contrasts


@pytest.fixture(scope="module")
def found():
    """Return contrasts of a copy of the baseline, and of the online queue, in the smallest region."""
    base = ks.load_policy("baseline")
    policies = [base, base.replace(name="copy"), ks.load_policy("online_queue")]
    return access_contrasts(ks.load_region("arcamanik"), policies, n_replications=2, months=2)


def test_both_groups_are_there_for_every_policy_and_counter(found):
    """Each policy has one row per counter and group, with a wait today."""
    assert found.groupby(["scenario", "group"]).size().nunique() == 1
    assert set(found["group"]) == set(GROUPS)
    assert (found["reference_mean"] > 0).all()


def test_a_copy_of_the_baseline_changes_nobodys_wait(found):
    """The split itself adds nothing: a policy that changes nothing shows exactly zero in both groups."""
    copy = found[found["scenario"] == "copy"]
    assert copy["all_equal"].all()
    assert (copy["delta_mean"] == 0).all()


def test_the_online_queue_moves_waits(found):
    """The policy that uses access changes waits, so the groups are not mixed up with no policy at all."""
    assert (found.loc[found["scenario"] == "online_queue", "delta_mean"] != 0).all()


def test_too_few_replications_are_refused():
    """One replication gives no range, and is refused before anything runs."""
    with pytest.raises(InputError, match="`n_replications` must be a whole number of at least 2"):
        access_contrasts(ks.load_region("arcamanik"), [ks.load_policy("baseline")], n_replications=1)
