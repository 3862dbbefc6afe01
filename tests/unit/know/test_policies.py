"""What the regulation knows of a policy's mix."""

import pytest

from kinerja_sim.know.library import list_policies, load_policy
from kinerja_sim.know.policies import is_beyond_regulation, whole_mix


@pytest.mark.parametrize(
    ("mix", "is_beyond"),
    [
        ({"results": 0.5, "citizens": 0.2, "supervisor": 0.3}, False),
        ({"results": 0.6, "supervisor": 0.3, "peers": 0.1}, False),
        ({"results": 0.6, "supervisor": 0.4}, True),
        ({"results": 0.6, "supervisor": 0.4, "peers": 0.0}, True),
        ({"results": 0.65, "supervisor": 0.25, "peers": 0.1}, True),
        ({"results": 1.0}, True),
    ],
)
def test_sixty_to_forty_asks_for_peers_and_seventy_to_thirty_for_nobody(mix, is_beyond):
    """PP 30/2019 art 41 knows 70:30, and 60:40 only where peers are heard."""
    assert is_beyond_regulation(mix) is is_beyond
    assert load_policy("baseline").replace(appraisal__weights=mix).appraisal.beyond_regulation is is_beyond


def test_of_the_library_only_the_goodhart_case_is_beyond_the_regulation():
    """Arcamanik's 60:40 hears peers and names no subordinates: lawful here, with a word about them."""
    appraisals = {name: load_policy(name).appraisal for name in list_policies()}

    assert [name for name, a in appraisals.items() if a.beyond_regulation] == ["speed_only"]
    assert [name for name, a in appraisals.items() if a.misses_subordinates] == ["arcamanik"]


def test_weights_that_nobody_gives_share_what_is_left():
    """Given weights stay; the others shrink in proportion, to nothing where nothing is left."""
    base = {"results": 0.6, "supervisor": 0.3, "peers": 0.1}

    assert whole_mix(base, {"results": 0.2}) == pytest.approx({"results": 0.2, "supervisor": 0.6, "peers": 0.2})
    assert whole_mix(base, {"results": 1.0}) == pytest.approx({"results": 1.0, "supervisor": 0.0, "peers": 0.0})
    assert whole_mix({}, {"results": 0.7, "supervisor": 0.3}) == {"results": 0.7, "supervisor": 0.3}
