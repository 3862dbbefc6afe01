"""A design file is checked whole, and says in one line what is wrong with it."""

from pathlib import Path

import pytest

from kinerja_sim.know.designs import Design, list_designs, read_design
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.yamlfile import parse_yaml, validate_document, validate_mapping
from kinerja_sim.study.design import Study, load_bases

BASE = {
    "regions": ["arcamanik"],
    "policies": ["own"],
    "method": "grid",
    "factors": {"policy.appraisal.stakes": [0.1, 0.5]},
    "parameters": "point",
    "metrics": ["turnaround_days_mean"],
}
RANGE = {"low": 0, "high": 1}


def make(**changes):
    """Return a small design with changes."""
    return validate_mapping(Design, BASE | changes, "in a test")


@pytest.mark.parametrize("name", list_designs())
def test_every_design_of_the_library_is_sound(name):
    """Each shipped design loads, and has a title in both languages."""
    design = read_design(name)[0]

    assert design.title is not None
    assert design.title.id != design.title.en


def test_a_design_is_found_by_name_and_by_path(tmp_path, monkeypatch):
    """The library's name, `designs/<name>.yaml` from any folder, and a user's own path all work."""
    monkeypatch.chdir(tmp_path)
    named, by_path = read_design("weights")[0], read_design("designs/weights.yaml")[0]
    Path("mine.yaml").write_text(
        "regions: [arcamanik]\npolicies: [own]\nmethod: grid\nparameters: point\nmetrics: [on_time_share]\n"
    )

    assert named == by_path
    assert read_design("mine.yaml")[0].metrics == ("on_time_share",)
    with pytest.raises(InputError, match="Did you mean `weights`"):
        read_design("wieghts")[0]
    with pytest.raises(InputError, match="no such file"):
        read_design("other/weights.yaml")[0]


def test_one_word_takes_the_whole_ledger():
    """`parameter.*` is every row of the ledger, and a row named beside it keeps its own form."""
    factors = {"parameter.*": "prior", "parameter.effect_discount": RANGE}
    design = make(method="latin_hypercube", n=4, factors=factors)

    assert set(design.factors) == {f"parameter.{name}" for name in load_ledger().rows}
    assert design.factors["parameter.effect_discount"].high == 1
    assert design.factors["parameter.sdp_medium"].prior


def test_the_design_of_the_guide_is_sound():
    """The design printed in docs/sweeps.md is read, and every point of it can be made."""
    guide = (Path(__file__).parents[3] / "docs" / "sweeps.md").read_text(encoding="utf-8")
    text = guide.split("```yaml\n")[1].split("```")[0]
    design = validate_document(Design, parse_yaml(text, "docs/sweeps.md"))
    study = Study(design, load_bases(design))

    assert study.n_points == 64
    assert len(study.group_keys) == 64


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"factors": {"appraisal.stakes": [0.1]}}, r"begin with policy.*Did you mean `policy.appraisal.stakes`"),
        ({"factors": {"parameter.sdp_meduim": [0.1]}}, "evidence ledger.*Did you mean `sdp_medium`"),
        ({"factors": {"policy.dose": {"low": 0.5, "high": 0.5}}}, "have a `low` below its `high`"),
        ({"factors": {"policy.dose": {"values": [1], "low": 0, "high": 1}}}, "have one of .*; got values and low and"),
        ({"factors": {"policy.dose": [0.5, 0.5]}}, "list each value once"),
        ({"factors": {"policy.dose": RANGE}}, "list its values in `method: grid`"),
        ({"factors": {"policy.dose": "prior"}}, "only parameters have a prior"),
        ({"factors": {"policy.capacity.extra_officers": {"low": 0, "high": 1.5, "integer": True}}}, "whole numbers"),
        ({"method": "zip", "factors": {"policy.dose": [0, 1], "policy.start_month": [0]}}, "equally many values"),
        ({"method": "latin_hypercube"}, "`n` must be given for"),
        ({"n": 3}, "`n` must be left out of"),
        ({"method": "sobol", "n": 100, "factors": {"policy.dose": RANGE}}, "power of two.*Write 64 or 128"),
        ({"method": "morris", "n": 2, "levels": 5, "factors": {"policy.dose": RANGE}}, "`levels` must be even"),
        ({"method": "list"}, "`points` must be given, and only, with"),
        ({"points": [{"policy.dose": 1}]}, "`points` must be given, and only, with"),
        ({"method": "list", "factors": {}, "points": [{"policy.dose": 1}, {"policy.start_month": 1}]}, "same factors"),
        ({"draws": 3}, "`draws` must be 1 where parameters are fixed"),
        ({"parameters": "ledger"}, "`draws` must be at least 2"),
        ({"metrics": ["turnaround"]}, "be a metric.*Did you mean"),
        ({"metrics": ["on_time_share", "on_time_share"]}, "name each metric once"),
        ({"groups": "grade"}, "`groups` must be left out unless"),
        ({"precision": {"metric": "on_time_share", "half_width": 0.1}}, "one of the design's `metrics`"),
        ({"precision": {"metric": "turnaround_days_mean", "half_width": 0}}, "greater than 0"),
        ({"reference": None, "precision": {"metric": "turnaround_days_mean", "half_width": 1}}, "without a reference"),
        (
            {"replications": 9, "precision": {"metric": "turnaround_days_mean", "half_width": 1, "largest": 5}},
            r"be at least the design's `replications` \(9\); got 5",
        ),
        ({"replicatoins": 3}, "Did you mean `replications`"),
    ],
)
def test_a_broken_rule_is_named_with_its_remedy(changes, message):
    """Every rule of a design file is one line with the name, the rule, the value and the remedy."""
    with pytest.raises(InputError, match=message):
        make(**changes)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"a": ["policy.dose"]}, "hold every factor once; got 'policy.appraisal.stakes' 0 times"),
        ({"a": ["policy.dose", "policy.appraisal.stakes"], "b": ["policy.dose"]}, "'policy.dose' 2 times"),
        ({"a": ["policy.dsoe"]}, "Did you mean `policy.dose`"),
    ],
)
def test_groups_hold_every_factor_once(groups, message):
    """A group that forgets a factor, names one twice or misspells it is refused."""
    factors = {"policy.dose": RANGE, "policy.appraisal.stakes": RANGE}
    with pytest.raises(InputError, match=message):
        make(method="morris", n=2, factors=factors, groups=groups)
