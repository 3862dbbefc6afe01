"""A sweep's folder opened: factors, responses, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.study.sweep_tables import CHOICE, open_sweep
from tests.fake_sweep import write_sweep

FACTORS = [
    {"name": "policy.appraisal.weights", "kind": "policy", "grade": None},
    {"name": "parameter.sdp_medium", "kind": "parameter"},
]


@pytest.fixture
def folder(tmp_path):
    """Return a sweep of a lever and a parameter whose effect is ten times the lever."""

    def outcome(place, policy, draw, replication):
        level = 50.0 + place["parameter.sdp_medium"] + replication
        return {"satisfaction_index": level if policy == "baseline" else level + 10 * place["policy.dose"]}

    factors = [{"name": "policy.dose", "kind": "policy"}, FACTORS[1]]
    x = np.array([[0.1, 1.0], [0.2, 1.0], [0.1, 2.0]])
    made = write_sweep(tmp_path / "sweep", x, factors, outcome, pairs=[(0, 0), (0, 1)])
    points = pd.read_parquet(made / "points.parquet")
    points.loc[points["is_reference"], "policy.dose"] = 1.0  # the reference's own, whatever the lever says
    points.to_parquet(made / "points.parquet", index=False)
    return made


def test_a_contrast_is_taken_from_the_reference_with_the_same_parameters(folder):
    """The reference with the same parameter is subtracted replication by replication, whatever its lever says."""
    response = open_sweep(folder).response("satisfaction_index")

    np.testing.assert_allclose(response.values, [[1, 1], [2, 2], [1, 1]])
    assert (response.policy, response.region, response.unit) == ("policy", "here", "counter")


def test_a_level_is_the_value_itself(folder):
    """The level is what stands in the table."""
    response = open_sweep(folder).response("satisfaction_index", on="level")

    np.testing.assert_allclose(response.values, [[52, 53], [53, 54], [53, 54]])


def test_factors_know_their_grade(folder):
    """A parameter has the ledger's grade; a lever is a choice."""
    assert [f.grade for f in open_sweep(folder).factors] == [CHOICE, "published"]


def test_a_mix_of_shares_is_one_factor_a_share(tmp_path):
    """A factor whose values are mixes stands in one column a share, and is read as such."""
    names = ["policy.appraisal.weights.results", "policy.appraisal.weights.citizens"]
    folder = write_sweep(
        tmp_path / "mix", np.array([[0.2, 0.8], [0.5, 0.5]]), [{"name": n, "kind": "policy"} for n in names],
        lambda *_: {"satisfaction_index": 1.0},
    )  # fmt: skip
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["design"]["factors"] = FACTORS[:1]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    assert [f.name for f in open_sweep(folder).factors] == names


def test_a_contrast_without_a_reference_is_refused(tmp_path):
    """Where no reference was run, only the level can be asked for."""
    folder = write_sweep(
        tmp_path / "none", np.array([[0.1]]), [{"name": "policy.dose", "kind": "policy"}],
        lambda *_: {"satisfaction_index": 1.0}, reference=None,
    )  # fmt: skip

    with pytest.raises(InputError, match="`on` must be level where no reference was run"):
        open_sweep(folder).response("satisfaction_index")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "outcomes.parquet").unlink(), "got no outcomes.parquet"),
        (lambda f: (f / "outcomes.parquet").write_bytes(b"not a table"), "one that cannot be read"),
        (lambda f: (f / "manifest.json").write_text('{"tables": {}}', encoding="utf-8"), "one that cannot be read"),
        (lambda f: (f / "manifest.json").write_text('{"kind": "sweep"}', encoding="utf-8"), "written to the end"),
        (lambda f: (f / "points.parquet").write_bytes((f / "outcomes.parquet").read_bytes()), "some without policy"),
    ],
    ids=["missing", "foreign", "no design", "not finished", "another table"],
)
def test_a_damaged_folder_is_named(folder, spoil, message):
    """A missing, foreign or damaged table is the user's to mend, and is never read as data."""
    spoil(folder)

    with pytest.raises(InputError, match=message):
        open_sweep(folder)
