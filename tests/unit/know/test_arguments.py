"""Public functions refuse arguments of another kind in the words of the house, whatever they are given."""

import math

import pytest

import kinerja_sim as ks
from kinerja_sim.know.arguments import NUMBER, takes

ANSWERS = dict.fromkeys(
    ["requirements", "procedure", "time", "cost", "product", "competence", "behaviour", "facilities", "complaints"], 3.0
)
SMALL = {"months": 1, "pre_months": 0}
PLACE = {"region": "arcamanik", "unit": "sukamiskin"}
PUBLIC = {
    "appraisal.band_pp30": {"score": 90.0, "new_idea": True},
    "appraisal.grade": {"result": "above", "behaviour": "meets"},
    "compare": {"regions": "arcamanik", "policies": "null", "baseline": "baseline", "replications": 2, "seed": 0}
    | {"parameters": "point", "workers": 1, "progress": lambda done, total: None, **SMALL},
    "simulate": {"region": "arcamanik", "policy": "null", "seed": 0, "replication": 0, "parameters": "point", **SMALL},
    "load_region": {"name_or_path": "arcamanik"},
    "load_policy": {"name_or_path": "null"},
    "load_comparison": {"folder": "saved"},
    "fcfs_waits": {"arrivals": [1, 2], "services": [1, 1], "n_servers": 1},
    "satisfaction_index": {"scores": ANSWERS},
    "queueing.cobham": {"arrival_rates": [0.1, 0.1], "service_rate": 1.0, "n_servers": 1},
    "queueing.erlang_a": {"arrival_rate": 0.1, "service_rate": 1.0, "n_servers": 1, "patience_rate": 1.0},
    "queueing.wait_mg1": {"arrival_rate": 0.1, "service_rate": 1.0, "service_cv": 1.0},
    "queueing.wait_mmc": {"arrival_rate": 0.1, "service_rate": 1.0, "n_servers": 1},
    "comparison.why": {"metric": "turnaround_days_mean", "scenario": "null", "window": "after", **PLACE},
    "comparison.plot": {"metric": "turnaround_days_mean", "window": "after", "lang": "id", **PLACE},
    "comparison.save": {"folder": "out"},
    "comparison.against": {"reference": "baseline"},
    "comparison.acceptability": {"values_idr": [1.0, 2.0], "reference": "baseline"},
    "comparison.costs": {"reference": "baseline"},
    "comparison.net_benefit": {"value_idr": 30000.0, "reference": "baseline"},
    "region.replace": {"population": 1.0},
    "policy.replace": {"dose": 0.5},
}
WRONG = [None, object(), [], {}, math.nan, -1, "\0"]


@pytest.fixture(scope="module")
def homes():
    """Return the objects that the public functions belong to."""
    made = ks.compare("arcamanik", "null", replications=2, **SMALL)
    return {"comparison": made, "region": ks.load_region("arcamanik"), "policy": ks.load_policy("baseline"), "": ks}


@pytest.mark.parametrize(("name", "argument"), [(name, one) for name, given in PUBLIC.items() for one in given])
def test_a_wrong_argument_is_told_or_allowed(homes, monkeypatch, tmp_path, name, argument):
    """Nothing, an object, empty things, NaN and negative numbers: an InputError or a result, never another error."""
    monkeypatch.chdir(tmp_path)
    place, _, function = name.rpartition(".")
    call = getattr(homes.get(place) or getattr(ks, place), function)
    told = []
    for wrong in WRONG:
        try:
            call(**PUBLIC[name] | {argument: wrong})
        except ks.InputError as error:
            told.append(str(error))
        except ks.RunError:
            pass
    assert told
    assert all("; got " in text for text in told)


def test_every_public_function_is_asked():
    """A function that becomes public is given wrong arguments here, too."""
    functions = {name for name in ks.__all__ if callable(getattr(ks, name)) and not isinstance(getattr(ks, name), type)}

    assert functions - {"list_policies", "list_regions"} == {name for name in PUBLIC if "." not in name}


def test_what_may_be_left_out_may_be_nothing():
    """None is refused unless it is what stands for an argument that was left out."""

    @takes(a=NUMBER, b=NUMBER)
    def add(a, *, b=None):
        return a + (b or 0)

    assert add(1, b=None) == 1
    with pytest.raises(ks.InputError, match="`a` must be a number; got nothing"):
        add(None)
    with pytest.raises(ks.InputError, match="`b` must be a number; got true"):
        add(1, b=True)
    with pytest.raises(TypeError, match="unexpected keyword"):
        add(1, c=2)
