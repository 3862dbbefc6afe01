"""The ledger loads, draws and refuses."""

import csv
import math
import pickle

import numpy as np
import pytest
from scipy import stats

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import COLUMNS, Distribution, load_ledger, parse_distribution, read_ledger
from kinerja_sim.know.library import data_file

ROW = {
    "name": "half",
    "link": "a -> b",
    "unit": "share",
    "point": "0.5",
    "low": "0.1841",
    "high": "0.8159",
    "distribution": "Beta(4,4)",
    "source": "Someone 2020",
    "verified": "verified",
    "notes": "WIDTH: judgment. MEANING: half. MAP: x = half. CAVEAT: none: really. URL: https://example.org/a: b",
}


def reference(distribution):
    """Return the distribution as scipy.stats has it."""
    a, b, *ends = distribution.args
    if distribution.family == "TruncNormal":
        return stats.truncnorm((ends[0] - a) / b, (ends[1] - a) / b, loc=a, scale=b)
    if distribution.family == "LogNormal":
        return stats.lognorm(b, scale=math.exp(a))
    return {"Normal": stats.norm(a, b), "Beta": stats.beta(a, b), "Uniform": stats.uniform(a, b - a)}[
        distribution.family
    ]


def write(folder, *rows, name="ledger.csv", columns=COLUMNS):
    """Write a ledger and return its path."""
    path = folder / name
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows([[row[c] for c in COLUMNS] for row in rows])
    return path


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty folder, so that paths are printed as a user gives them."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_row_of_both_files_is_loaded():
    """The ledger holds each row of the published evidence and of the estimates once, in their order."""
    names = [
        row["name"]
        for file in ("evidence.csv", "evidence_estimates.csv")
        for row in csv.DictReader(data_file(file).read_text(encoding="utf-8").splitlines())
    ]

    assert list(load_ledger().rows) == names
    assert len(names) >= 100


def test_every_row_draws_within_its_own_support():
    """Every prior gives finite values, rising with u, that lie where the distribution has mass."""
    u = np.array([[1e-9, 0.025, 0.2], [0.5, 0.975, 1 - 1e-9]])
    for row in load_ledger().rows.values():
        q = row.ppf(u)
        bottom, top = reference(row.distribution).support()

        assert q.shape == u.shape, row.name
        assert np.isfinite(q).all(), row.name
        assert (np.diff(q.ravel()) > 0).all(), row.name
        assert bottom <= q.min() < q.max() <= top, row.name
        assert row.low <= row.point <= row.high, row.name


def test_quantiles_agree_with_scipy():
    """Every prior's quantiles equal those of scipy.stats to 1e-9."""
    u = np.linspace(0.001, 0.999, 37)
    for row in load_ledger().rows.values():
        np.testing.assert_allclose(
            row.ppf(u),
            reference(row.distribution).ppf(u),
            rtol=1e-9,
            atol=1e-9 * (row.high - row.low),
            err_msg=row.name,
        )


def test_all_five_families_are_in_the_ledger():
    """No family of the parser goes without a row that the two tests above look at."""
    families = {row.distribution.family for row in load_ledger().rows.values()}

    assert families == {"Normal", "LogNormal", "Beta", "Uniform", "TruncNormal"}


@pytest.mark.parametrize(
    ("name", "grade", "unverified"),
    [
        ("sdp_routine", "published", False),
        ("sdp_medium", "published", True),
        ("effect_discount", "estimate", False),
        ("fb_d_between_sd", "derived", False),
        ("internet_access_rural", "derived", False),
        ("subjective_linked_pay_increment_sd", "published", False),
        ("error_share_base", "estimate", False),
    ],
)
def test_marks_become_grades(name, grade, unverified):
    """The ledger's three marks become the grades of the region files, with `unverified` beside them."""
    row = load_ledger().rows[name]

    assert (row.grade, row.unverified) == (grade, unverified)


def test_an_unverified_derivation_is_not_graded_derived(here):
    """`derived` is for arithmetic on numbers that were read; an unread source stays `published`, unverified."""
    row = read_ledger(write(here, ROW | {"verified": "unverified", "source": "Derived from Someone"})).rows["half"]

    assert (row.grade, row.unverified) == ("published", True)


def test_notes_are_split_into_their_parts(here):
    """The labelled parts of a note become fields; a colon inside a part does not end it."""
    row = read_ledger(write(here, ROW)).rows["half"]

    assert (row.width, row.meaning, row.maps_to) == ("judgment.", "half.", "x = half.")
    assert (row.caveat, row.url) == ("none: really.", "https://example.org/a: b")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"high": "0.83"}, "`half.high` must be the 97.5 % quantile of Beta(4,4), 0.8159; got 0.83 in ledger.csv line"
                           " 2. Write 0.8159."),
        ({"low": "0.9"}, "`half.low` must be less than high (0.8159); got 0.9 in ledger.csv line 2."),
        ({"point": "0.1"}, "`half.point` must lie between low 0.1841 and high 0.8159; got 0.1 in ledger.csv line 2."),
        ({"point": "nan"}, "`half.point` must be a finite number; got 'nan' in ledger.csv line 2."),
        ({"point": "half"}, "`half.point` must be a number; got 'half' in ledger.csv line 2."),
        ({"name": "Half"}, "`Half.name` must be small letters, digits and '_'; got 'Half' in ledger.csv line 2."),
        ({"source": " "}, "`half.source` must be given; got nothing in ledger.csv line 2."),
        ({"verified": "yes"}, "`half.verified` must be one of verified, unverified, judgment (no source for the"
                              " number); got 'yes' in ledger.csv line 2."),
        ({"distribution": "Betta(4,4)"}, "`half.distribution` must be one of Normal, LogNormal, Beta, Uniform,"
                                         " TruncNormal with its arguments; got 'Betta(4,4)' in ledger.csv line 2."
                                         " Did you mean `Beta`?"),
        ({"distribution": "Beta(4)"}, "`half.distribution` must have 2 finite arguments; got 'Beta(4)' in ledger.csv"
                                      " line 2."),
        ({"distribution": "Beta(4,b)"}, "`half.distribution` must have numbers as its arguments; got 'Beta(4,b)' in"
                                        " ledger.csv line 2."),
        ({"distribution": "Normal(0.5,0)"}, "`half.distribution` must have arguments that make a distribution;"
                                            " got 'Normal(0.5,0)' in ledger.csv line 2."),
        ({"distribution": "__import__('os')"}, "`half.distribution` must be one of Normal, LogNormal, Beta, Uniform,"
                                               " TruncNormal with its arguments; got '__import__('os')' in ledger.csv"
                                               " line 2."),
    ],
)  # fmt: skip
def test_a_broken_row_gets_one_clear_line(here, change, message):
    """Each way to break a row gives exactly its line."""
    with pytest.raises(InputError) as caught:
        read_ledger(write(here, ROW | change))

    assert str(caught.value) == message


def test_a_name_may_occur_once_over_all_files(here):
    """A row that repeats a name of another file is refused, and both places are named."""
    paths = [write(here, ROW), write(here, ROW | {"name": "other"}, ROW, name="more.csv")]

    with pytest.raises(InputError) as caught:
        read_ledger(*paths)

    assert str(caught.value) == (
        "`half` must be in the ledger once; got it again after ledger.csv line 2 in more.csv line 3."
    )


def test_a_table_saved_by_a_spreadsheet_loads(here):
    """A byte order mark and foreign line ends do no harm."""
    path = write(here, ROW)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert list(read_ledger(path).rows) == ["half"]


def test_a_table_of_another_shape_is_refused(here):
    """A wrong header, a short row and an empty file each get their line."""
    (here / "short.csv").write_text(",".join(COLUMNS) + "\nhalf,a\n")
    (here / "empty.csv").write_text("")
    (here / "quote.csv").write_text(",".join(COLUMNS) + '\n"half\n')
    expected = {
        write(here, ROW, columns=("name", "lnk", *COLUMNS[2:])).name: f"`header` must be {', '.join(COLUMNS)}; "
        "got 'lnk' in ledger.csv line 1. Did you mean `link`?",
        "short.csv": "`row` must hold 10 cells; got 2 in short.csv line 2.",
        "empty.csv": "`empty.csv` must hold a header and rows; got an empty file.",
        "quote.csv": "`quote.csv` must be a comma-separated table; got unexpected end of data in quote.csv line 2.",
    }
    got = {}
    for name in expected:
        with pytest.raises(InputError) as caught:
            read_ledger(name)
        got[name] = str(caught.value)

    assert got == expected


@pytest.mark.parametrize("text", ["TruncNormal(0,1,5,4)", "TruncNormal(0,1,50,60)", "Uniform(1,1)", "Beta(0,1)",
                                  "LogNormal(0,-1)", "Normal(nan,1)", "Normal(0,inf)", "Normal", ""])  # fmt: skip
def test_impossible_distributions_are_refused(text):
    """Arguments that make no distribution, or one without mass inside its bounds, are refused."""
    with pytest.raises(ValueError, match=r"arguments"):
        parse_distribution(text)


@pytest.mark.parametrize("u", [-0.1, 1.1, math.nan, [0.5, 2.0]])
def test_a_probability_outside_0_to_1_is_refused(u):
    """Quantiles exist for probabilities only."""
    with pytest.raises(ValueError, match=r"between 0 and 1"):
        Distribution("Normal", (0.0, 1.0)).ppf(u)


def test_the_ledger_is_frozen_and_travels_to_workers():
    """No row can be replaced, and a pickled copy is equal."""
    ledger = load_ledger()

    assert pickle.loads(pickle.dumps(ledger)) == ledger
    with pytest.raises(TypeError):
        ledger.rows["fb_d_mean"] = ledger.rows["msf_d"]
    with pytest.raises(AttributeError):
        ledger.rows["fb_d_mean"].point = 1.0


def test_an_unknown_parameter_names_the_nearest():
    """Asking for a misspelt coefficient is a user's mistake with a remedy."""
    with pytest.raises(InputError, match=r"got 'fb_mean'\. Did you mean `fb_d_mean`\?"):
        load_ledger()["fb_mean"]
