"""The contract of parameters: one place for type, bounds and help."""

import numpy as np
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.parameters import PARAMETERS, check_parameters


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        ("seed", np.int64(3), 3), ("budget_idr", 5, 5.0), ("lang", "id", "id"), ("parameters", "point", "point"),
        ("n_replications", 2, 2),
    ],
)  # fmt: skip
def test_a_fitting_value_comes_back_in_the_type(name, value, result):
    """Whole numbers of numpy become ints, whole numbers become floats where a number is asked for."""
    checked = PARAMETERS[name].check(value)
    assert checked == result
    assert type(checked) is type(result)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("seed", "lima", r"`seed` must be a whole number of at least 0; got 'lima'\."),
        ("seed", True, r"`seed` must be a whole number of at least 0; got true\."),
        ("seed", 1.5, r"`seed` must be a whole number of at least 0; got 1\.5\."),
        ("n_replications", 1, r"`n_replications` must be a whole number of at least 2; got 1\."),
        ("budget_idr", float("nan"), r"`budget_idr` must be a number of at least 0"),
        ("budget_idr", -1, r"`budget_idr` must be a number of at least 0; got -1\."),
        ("region", 5, r"`region` must be text; got 5\."),
        ("parameters", "leger", r"`parameters` must be ledger or point; got 'leger'\. Did you mean `ledger`\?"),
    ],
)
def test_a_value_that_breaks_its_rule_is_named(name, value, message):
    """A wrong type, bound or choice is a user's mistake in one line."""
    with pytest.raises(InputError, match=message):
        PARAMETERS[name].check(value)


@pytest.mark.parametrize(
    ("name", "text", "result"),
    [("n_replications", "50", 50), ("budget_idr", "5e8", 5e8), ("scenario", "12", "12")],
)
def test_text_of_a_command_line_is_read_in_the_type(name, text, result):
    """Typed text becomes the number or text that the parameter is."""
    assert PARAMETERS[name].read(text) == result


def test_text_that_is_no_number_is_refused_as_text():
    """A word where a number belongs is shown as it was typed."""
    with pytest.raises(InputError, match="`n_replications` must be a whole number of at least 2; got 'many'"):
        PARAMETERS["n_replications"].read("many")


def test_an_unknown_name_is_refused_with_the_nearest():
    """A misspelt name stops the run and says what was probably meant."""
    with pytest.raises(InputError, match=r"`n_replicatoins` must be a known parameter; got 5.*`n_replications`"):
        check_parameters({"n_replicatoins": 5}, {"n_replications": "int"}, "here")


def test_every_parameter_is_explained_in_both_languages():
    """Each has a help of its own in Indonesian and English."""
    assert [p.name for p in PARAMETERS.values() if not p.id or not p.en or p.id == p.en] == []
