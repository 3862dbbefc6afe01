"""Names, paths and compositions of the library."""

import shutil

import pytest

from kinerja_sim.know import library
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.library import data_file, list_policies, list_regions, load_policy, load_region
from tests.unit.know.inputs import POLICY, REGION, broken

REGIONS = ["arcamanik", "lampung", "tangerang-selatan", "tebing-tinggi", "tenayan-raya"]
LEVERS = ["name", "title", "description", "author", "sources", "left_out"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty folder, so that paths are printed as a user gives them."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def content(policy):
    """Return what a policy does, without its name and texts."""
    return policy.model_dump(exclude=set(LEVERS))


def test_the_five_regions_load_with_their_presets():
    """Each region's file holds its own name and units, and its preset is a policy of the library."""
    assert list_regions() == REGIONS
    for name in REGIONS:
        region = load_region(name)

        assert region.name == name
        assert region.preset == name
        assert region.primary.unit in region.units
        assert load_policy(region.preset).name == name


def test_every_policy_of_the_library_loads_under_its_own_name():
    """Every listed policy loads, and `baseline` is listed first."""
    names = list_policies()

    assert names[0] == "baseline"
    assert {"null", "speed_only", "one_more_officer", "no_supply_outage", *REGIONS} <= set(names)
    assert [load_policy(name).name for name in names] == names


def test_null_is_baseline_under_another_name():
    """The zero-dose proof needs a policy that says exactly what `baseline` says."""
    assert content(load_policy("null")) == content(load_policy("baseline"))


def test_a_path_loads_a_user_s_own_file(here):
    """Anything with a separator or a YAML ending is a path, also one with a plus sign in it."""
    (here / "sub").mkdir()
    for name in ("mine.yaml", "mine.yml", "sub/mine+yours.yaml"):
        (here / name).write_text(POLICY)

        assert load_policy(name).name == "mine"
        assert load_policy(here / name) == load_policy(name)
    (here / "city.yaml").write_text(REGION)

    assert load_region("city.yaml").units["ktp"].counter.officers.value == 2


@pytest.mark.parametrize(
    ("load", "name", "message"),
    [
        (load_policy, "basline", "`policy` must be in the library, or a path to a file; got 'basline'. "
                                 "Did you mean `baseline`? Known: baseline, "),
        (load_policy, "null+basline", "got 'basline'. Did you mean `baseline`?"),
        (load_policy, "zzz", "got 'zzz'. Known: baseline, "),
        (load_policy, "", "got ''. Known: baseline, "),
        (load_policy, "../data/policies/baseline", "`../data/policies/baseline` must be a file that exists"),
        (load_policy, "mine.yaml", "`mine.yaml` must be a file that exists; got no such file. Check the path."),
        (load_policy, "my+own.yaml", "`my+own.yaml` must be a file that exists"),
        (load_policy, "baseline+own.yaml", "`own.yaml` must be a file that exists"),
        (load_region, "Tebing Tinggi", "`region` must be in the library, or a path to a file; got 'Tebing Tinggi'. "
                                       f"Did you mean `tebing-tinggi`? Known: {', '.join(REGIONS)}."),
        (load_region, ".", "got '.'. Known: arcamanik"),
        (load_region, "./", "must be a file; got a folder"),
    ],
)  # fmt: skip
def test_an_unknown_name_lists_the_known_ones(here, load, name, message):
    """A name that is not in the library gets the nearest one and the list; a path gets the file's own complaint."""
    with pytest.raises(InputError) as caught:
        load(name)

    assert message in str(caught.value)


@pytest.mark.parametrize("value", [None, 5, ["baseline"]])
def test_a_name_that_is_no_text_is_refused(value):
    """A number or a list is no name: a user's mistake, not a traceback."""
    for load in (load_policy, load_region):
        with pytest.raises(InputError, match="must be a name or a path"):
            load(value)


def test_an_unknown_preset_is_refused_with_its_line(here):
    """A region whose preset is no policy of the library says so, with line and nearest name."""
    (here / "city.yaml").write_text(broken(REGION, "preset: baseline", "preset: basline"))

    with pytest.raises(InputError) as caught:
        load_region("city.yaml")

    assert str(caught.value) == (
        "`preset` must be the name of a policy in the library; got 'basline' in city.yaml line 6. "
        "Did you mean `baseline`?"
    )


def test_a_library_file_is_called_as_its_policy(tmp_path, monkeypatch):
    """A file of the library whose name differs from the name inside is refused: lists show file names."""
    (tmp_path / "know").mkdir()
    shutil.copytree(data_file("policies"), tmp_path / "_data" / "policies")
    shutil.copytree(data_file("regions"), tmp_path / "_data" / "regions")
    (tmp_path / "_data" / "policies" / "yours.yaml").write_text(POLICY)
    monkeypatch.setattr(library, "_PACKAGE", tmp_path)

    with pytest.raises(InputError, match=r"`name` must be 'yours', as the file is called; got 'mine'"):
        load_policy("yours")


def test_a_data_file_that_is_not_there_is_named():
    """Asking for a data file that was not shipped is a clear error."""
    with pytest.raises(InputError, match=r"`nosuch\.csv` must be a shipped data file"):
        data_file("nosuch.csv")


def test_a_composition_holds_what_both_parts_change():
    """`a+b` takes each lever from the part that moves it, joins the titles, and is called `a+b`."""
    both, first, second = (
        load_policy(n) for n in ("tebing-tinggi+no_supply_outage", "tebing-tinggi", "no_supply_outage")
    )

    assert content(both) == content(first) | {"capacity": second.capacity.model_dump()}
    assert both.name == "tebing-tinggi+no_supply_outage"
    assert both.title.en == f"{first.title.en} + {second.title.en}"
    assert set(first.sources) | set(second.sources) == set(both.sources)
    assert both.left_out == first.left_out


def test_capacity_levers_of_two_parts_are_joined_within_their_block():
    """Two parts that change different keys of one block both keep theirs."""
    both = load_policy("one_more_officer+no_supply_outage").capacity

    assert (both.extra_officers, both.no_shortage) == (1, True)


def test_composition_ignores_order_and_what_changes_nothing():
    """a+b does what b+a does, and adding `null` or `baseline` or a part twice changes nothing."""
    for a, b in [("training_only", "no_supply_outage"), ("quarterly_kpi", "one_more_officer")]:
        assert content(load_policy(f"{a}+{b}")) == content(load_policy(f"{b}+{a}"))
        for idle in ("null", "baseline", a):
            assert content(load_policy(f"{a}+{idle}")) == content(load_policy(a))
            assert content(load_policy(f"{idle}+{a}")) == content(load_policy(a))
    assert load_policy("null+training_only+no_supply_outage").name == "null+training_only+no_supply_outage"


def test_two_values_for_one_lever_are_refused_by_name():
    """Where two parts set the same lever differently both values are named, and nothing is chosen."""
    with pytest.raises(InputError) as caught:
        load_policy("tebing-tinggi+speed_only")

    assert str(caught.value) == (
        "`appraisal.period` must be set by one part of a composition; got quarterly in tebing-tinggi and monthly in "
        "speed_only in 'tebing-tinggi+speed_only'. Leave one part out."
    )


def test_weights_are_taken_whole(here):
    """Weights that two parts move differently are a conflict, never a mixture that no longer sums to 1."""
    (here / "a.yaml").write_text(broken(POLICY, "quarterly", "annual").replace("stakes: 0.3", "stakes: 0"))

    with pytest.raises(
        InputError, match=r"`appraisal\.weights` must be set by one part .* results 0\.5, supervisor 0\.3"
    ):
        load_policy("citizen_heavy+a.yaml")


def test_a_dose_is_composed_only_when_both_parts_agree(here):
    """One dose scales the whole composition: two doses are refused, unless one part changes nothing else."""
    (here / "half.yaml").write_text(f"{POLICY}dose: 0.5\n")
    (here / "off.yaml").write_text(f"{POLICY}dose: 0\n".replace("name: mine", "name: off"))

    assert load_policy("null+half.yaml").dose == 0.5
    assert load_policy("off.yaml+baseline").dose == 0
    with pytest.raises(InputError) as caught:
        load_policy("no_supply_outage+half.yaml")
    assert str(caught.value) == (
        "`dose` must be the same in both parts of a composition; got 1 in no_supply_outage and 0.5 in mine "
        "in 'no_supply_outage+mine'."
    )
