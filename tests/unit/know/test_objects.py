"""Policies and regions as objects: frozen, hashable, and changed only through `replace`."""

import copy
import math
import pickle
import subprocess
import sys

import numpy as np
import pytest
from pydantic import ValidationError

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import FrozenDict
from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.know.policies import Feedback, Policy
from kinerja_sim.know.yamlfile import validate_mapping


def test_objects_cannot_be_changed():
    """Neither a field nor a mapping inside a policy or region can be set."""
    policy, region = load_policy("baseline"), load_region("arcamanik")
    for change in (
        lambda: setattr(policy, "dose", 0.5),
        lambda: setattr(policy.appraisal, "stakes", 0.5),
        lambda: setattr(region.population, "value", 1.0),
    ):
        with pytest.raises(ValidationError, match="frozen"):
            change()
    for change in (
        lambda: policy.appraisal.weights.update(results=0.1),
        lambda: policy.appraisal.weights.__setitem__("results", 0.1),
        lambda: region.units.pop("sukamiskin"),
        lambda: region.units.clear(),
    ):
        with pytest.raises(TypeError, match="frozen"):
            change()


@pytest.mark.parametrize(
    "thing", [load_policy("tebing-tinggi"), load_region("tebing-tinggi")], ids=["policy", "region"]
)
def test_objects_can_be_hashed_copied_and_sent_to_workers(thing):
    """Equal objects have equal hashes, also after pickling and copying."""
    for other in (pickle.loads(pickle.dumps(thing)), copy.deepcopy(thing), copy.copy(thing)):
        assert other == thing
        assert hash(other) == hash(thing)


def test_a_frozen_dict_is_equal_to_its_content():
    """Order does not matter to equality or to the hash."""
    assert FrozenDict(a=1, b=2) == {"b": 2, "a": 1}
    assert hash(FrozenDict(a=1, b=2)) == hash(FrozenDict(b=2, a=1))


def test_replace_reaches_into_blocks_and_leaves_the_original_alone():
    """`block__key=` changes one key, makes an absent block, and gives a new object."""
    base = load_policy("baseline")
    changed = base.replace(
        name="quarterly",
        appraisal__period="quarterly",
        appraisal__weights={"results": 0.5, "citizens": 0.2, "supervisor": 0.3},
        socialisation__kind="participatory",
        dose=np.float64(0.5),
        channels=["app", "paper"],
        capacity__extra_officers=np.int64(1),
        feedback=Feedback(to_officers=True),
    )

    assert (changed.appraisal.period, changed.appraisal.results_share) == ("quarterly", 0.7)
    assert (changed.socialisation.kind, changed.socialisation.waves) == ("participatory", 1)
    assert (changed.dose, changed.channels, changed.feedback.to_officers) == (0.5, ("app", "paper"), True)
    assert changed.capacity.extra_officers == 1
    assert base == load_policy("baseline")
    assert base.replace() == base


def test_replace_leaves_the_caller_s_own_block_alone():
    """A block that is given and then reached into is copied, not edited."""
    block = {"to_officers": True}

    assert load_policy("baseline").replace(feedback=block, feedback__monitoring=True).feedback.monitoring
    assert block == {"to_officers": True}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"appraisal__perod": "annual"}, "`appraisal.perod` must be a key that is known here; got 'perod' in replace() "
                                         "of policy 'baseline'. Did you mean `period`?"),
        ({"apraisal__period": "annual"}, "`apraisal` must be a key that is known here; got 'apraisal' in replace() "
                                         "of policy 'baseline'. Did you mean `appraisal`?"),
        ({"turnover": {"share": 2}}, "`turnover.share` must be at most 1; got 2 in replace() of policy 'baseline'. "
                                     "Write 0.02 for 2 percent."),
        ({"dose": "0.5"}, "`dose` must be a number; got '0.5' in replace() of policy 'baseline'. "
                            "Write it without quotes."),
        ({"dose": True}, "`dose` must be a number; got true in replace() of policy 'baseline'."),
        ({"dose": math.nan}, "`dose` must be a finite number; got nan in replace() of policy 'baseline'."),
        ({"dose": 10**5000}, "`dose` must be a number; got an integer of thousands of digits in replace() of policy "
                             "'baseline'."),
        ({"dose": None}, "`dose` must be a number; got nothing in replace() of policy 'baseline'."),
        ({"appraisal__weights__citizens": 0.2}, "`weights` must sum to 1; got 1.20 in replace() of policy 'baseline'. "
                                                "Lower one of: results 0.70, supervisor 0.30, citizens 0.20."),
        ({"appraisal__targets": {"quantity": 0.5, "on_time": 0.6}}, "`targets` must sum to 1; got 1.10 in replace() of "
                                                                    "policy 'baseline'. Lower one of: quantity 0.50, "
                                                                    "on_time 0.60."),
        ({"channels": {"app"}}, "`channels` must be a list; got a set in replace() of policy 'baseline'."),
        ({"appraisal__weights": {1: 1.0}}, "`appraisal.weights[1]` must be one of results, citizens, civil_society, "
                                           "supervisor, peers, team, subordinates, community; got 1 in replace() of "
                                           "policy 'baseline'."),
        ({"training__0__hours_jp": 2}, "`training` must be a list; got a block in replace() of policy 'baseline'."),
    ],
)  # fmt: skip
def test_replace_refuses_what_a_file_may_not_say(changes, message):
    """Each wrong change gives exactly its line, and names the policy that it was asked of."""
    with pytest.raises(InputError) as caught:
        load_policy("baseline").replace(**changes)

    assert str(caught.value) == message


def test_a_region_is_replaced_in_the_same_way():
    """A region's `replace` reaches into its units and holds them to their bounds."""
    region = load_region("arcamanik")

    assert region.replace(units__sukamiskin__counter__officers__value=5).units["sukamiskin"].counter.officers.value == 5
    with pytest.raises(
        InputError, match=r"`units\.sukamiskin\.counter\.officers\.value` must be between 1 and 200; got 0"
    ):
        region.replace(units__sukamiskin__counter__officers__value=0)


def test_data_that_holds_itself_is_refused():
    """A mapping that contains itself ends in an error, not in endless work."""
    data = {"name": "mine"}
    data["title"] = data

    with pytest.raises(InputError, match="must nest at most 40 levels"):
        validate_mapping(Policy, data, "in a test")


def test_this_floor_stays_light():
    """Importing the library loads no pandas, numba, matplotlib, scipy.stats, statsmodels or papermill."""
    heavy = ["pandas", "numba", "matplotlib", "scipy.stats", "statsmodels", "papermill"]
    code = (
        "import sys; import kinerja_sim.know.library, kinerja_sim.know.evidence, kinerja_sim.know.calendar; "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
