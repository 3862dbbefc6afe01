"""IKM with intervals, and what is said of officers: their spread, never one of them."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from kinerja_sim.field import survey
from kinerja_sim.field.privacy import K
from kinerja_sim.field.survey import FEWEST_ANSWERS, channel_bias, officer_spread, read_survey
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.schema import ELEMENTS
from kinerja_sim.model.rng import stream
from kinerja_sim.model.survey import satisfaction_index


def answers(n=300, *, n_officers=12, officer_sd=0.0, key=0, **columns):
    """Return whole answers whose officers differ by so much on the scale of 1 to 4."""
    rng = stream(6, "answers", key)
    officer = rng.integers(n_officers, size=n)
    level = 3.0 + officer_sd * rng.standard_normal(n_officers)[officer] + 0.3 * rng.standard_normal(n)
    given = {e: np.clip(np.round(level + 0.4 * rng.standard_normal(n)), 1, 4) for e in ELEMENTS}
    table = pd.DataFrame({"unit": "ktp", "officer": [f"o{i}" for i in officer], "channel": "paper", **given})
    return table.assign(answered_on=pd.NaT, source_file=1, source_row=np.arange(1, n + 1)).assign(**columns)


def test_the_index_is_the_regulations_and_its_interval_covers():
    """Value and category are those of `satisfaction_index`; the population's index lies in most intervals."""
    table = answers()
    row = read_survey(table).index.iloc[0]
    truth = read_survey(answers(30_000, key=99)).index["value"].iloc[0]
    covered = [i.low <= truth <= i.high for i in (read_survey(answers(key=k)).index.iloc[0] for k in range(12))]

    assert row["value"] == satisfaction_index(table[list(ELEMENTS)]).value
    assert row["low"] < row["value"] < row["high"]
    assert sum(covered) >= 9


def test_asking_nearly_everybody_narrows_the_design_interval():
    """With 300 of 320 people asked there is little left to chance; with 300 of a million there is."""
    near, far = (read_survey(answers(), population={"ktp": n}).index.iloc[0] for n in (320, 1_000_000))
    width = [row["design_high"] - row["design_low"] for row in (near, far)]

    assert width[0] == pytest.approx(width[1] * np.sqrt(20 / 320), rel=0.01)
    assert np.isnan(read_survey(answers()).index["design_low"].iloc[0])


def test_few_answers_have_no_index_and_one_officer_has_none_either():
    """Below thirty answers nothing is stated; nor is it for a unit in which one officer alone was rated."""
    few = read_survey(answers(FEWEST_ANSWERS - 1))
    alone = read_survey(answers(officer="o1"))

    assert np.isnan(few.index["value"]).all()
    assert few.elements["mean"].isna().all()
    assert np.isnan(alone.index["value"]).all()
    assert alone.elements.empty


def test_a_missing_answer_leaves_the_respondents_others():
    """Partial answers count where they were given."""
    table = answers()
    table.loc[:99, "time"] = np.nan
    elements = read_survey(table).elements.set_index("element")

    assert elements.loc["time", "n"] == 200
    assert elements.loc["cost", "n"] == 300


def test_officers_who_differ_are_told_and_those_who_do_not_cannot_be_ranked():
    """A spread of 10 points is found; without one, nobody can be ranked however many answers there are."""
    differ = officer_spread(answers(1200, n_officers=20, officer_sd=0.4, key=3))
    alike = officer_spread(answers(1200, n_officers=20, key=4))

    assert differ.sd.low < 10.0 < differ.sd.high
    assert 0 < differ.icc.low < differ.icc.value < differ.icc.high < 1
    assert differ.can_rank
    assert differ.shrunk_sd < 1.1 * differ.sd.high
    assert not alike.can_rank
    assert alike.sd.low == 0.0


def test_too_few_answers_rank_nobody():
    """Four answers per officer: a true spread, but no ranking, and how many answers it would take."""
    spread = officer_spread(answers(80, n_officers=20, officer_sd=0.15, key=5))

    assert not spread.can_rank
    assert spread.answers_needed > 4


def test_the_spread_of_four_officers_is_not_stated():
    """Below the number that the privacy room states, officers' spread is not computed."""
    assert officer_spread(answers(n_officers=4)) is None


def test_channels_are_compared_with_the_census():
    """A channel whose answers are half a point higher shows a bias of about 12.5 index points against everybody's."""
    census, app = answers(400, key=1, channel="census"), answers(200, key=2, channel="app")
    app[list(ELEMENTS)] = np.clip(app[list(ELEMENTS)] + 0.5, 1, 4)
    bias = channel_bias(pd.concat([census, app], ignore_index=True), "census")

    assert bias["channel"].tolist() == ["app"]
    assert bias["low"].iloc[0] < bias["bias"].iloc[0] < bias["high"].iloc[0]
    assert 8 < bias["bias"].iloc[0] < 14
    with pytest.raises(InputError, match="be a channel of the survey"):
        channel_bias(census, "post")


def test_a_survey_without_answers_is_told():
    """Nine empty columns are no survey."""
    with pytest.raises(InputError, match="hold answers"):
        read_survey(answers().assign(**dict.fromkeys(ELEMENTS, np.nan)))


def test_an_index_says_why_there_is_none():
    """A question that hardly anybody answered, nearly all answers about one officer, and answers all alike."""
    rare, mostly, alike = answers(), answers(), answers().assign(**dict.fromkeys(ELEMENTS, 3.0))
    rare.loc[FEWEST_ANSWERS - 1 :, "complaints"] = np.nan
    mostly["officer"] = ["o1"] * 296 + ["o2"] * 4
    rows = [read_survey(table).index.iloc[0] for table in (rare, mostly, alike, answers())]

    assert [row["why"] for row in rows] == ["few_to_a_question", "one_officer", "alike", ""]
    assert [bool(np.isnan(row["value"])) for row in rows] == [True, True, False, False]
    assert rows[2]["value"] == 75.0
    assert np.isnan(rows[2]["low"])


def test_many_answers_have_the_interval_that_resampling_would_give(monkeypatch):
    """The limit for large surveys agrees with the bootstrap to a tenth of the width, missing answers or not."""
    table = answers(1500, n_officers=40)
    table.loc[::3, "cost"] = np.nan
    slow = read_survey(table).index.iloc[0]
    monkeypatch.setattr(survey, "MANY_ANSWERS", 1000)
    fast = read_survey(table).index.iloc[0]

    for end in ("low", "high"):
        assert fast[end] != slow[end]
        assert fast[end] == pytest.approx(slow[end], abs=0.1 * (slow["high"] - slow["low"]))


def of(unit, channel, officer, n):
    """Return so many whole answers about one officer."""
    return answers(n, n_officers=1, key=len(unit) + n).assign(unit=unit, channel=channel, officer=officer)


@pytest.fixture
def four_units():
    """Return a unit that may be shown, two that are nearly one officer's, and one of three answers."""
    parts = [of("ktp", "desk", f"o{i}", 60) for i in range(6)]
    parts += [of("akta", "desk", "a1", 40), of("sik", "app", "s1", 38), of("sik", "app", "o1", 2)]
    return pd.concat([*parts, of("kk", "desk", "a1", 3)], ignore_index=True)


def given_away(table, shown):
    """Return the parts of a table that sums and differences of shown cells tell of, and that no cell may tell of."""
    atoms = list(table.groupby(["unit", "channel"]))
    holds = np.array([[cell[0] in (u, "all") and cell[1] in (c, "all") for (u, c), _ in atoms] for cell in shown])
    signs = np.array(list(product((-1, 0, 1), repeat=len(shown))), np.int8)
    found = np.unique(signs @ holds.astype(np.int8), axis=0)
    bad = []
    for region in found[((found == 0) | (found == 1)).all(axis=1) & found.any(axis=1)]:
        rows = pd.concat([part for taken, (_, part) in zip(region, atoms, strict=True) if taken])
        if len(rows) - rows["officer"].value_counts().iloc[0] < K:
            bad.append([name for taken, (name, _) in zip(region, atoms, strict=True) if taken])
    return bad


def test_no_difference_of_shown_cells_tells_of_one_officer(four_units):
    """Totals that would give away akta, sik or kk are kept back with their n; ktp's and the whole office's stay."""
    found = read_survey(four_units)
    index = found.index[found.index["n"].notna()]
    shown = list(index[["unit", "channel"]].itertuples(index=False, name=None))
    desk = found.index.set_index(["unit", "channel"]).loc[("all", "desk")]

    assert given_away(four_units, shown) == []
    assert ("ktp", "all") in shown
    assert ("all", "all") in shown
    assert desk["why"] == "difference"
    assert np.isnan([desk["n"], desk["value"], desk["low"]]).all()
    assert set(found.elements["unit"]) == {"all", "ktp"}


def test_no_difference_tells_of_one_officer_in_any_table():
    """Whatever three units, two channels and answers without a channel hold, nothing is given away."""
    for key in range(25):
        rng = stream(6, "tables", key)
        parts = [
            of(unit, channel, f"o{rng.integers(4)}", int(rng.choice([1, 2, 4, 8, 40])))
            for unit in ("a", "b", "c") for channel in ("app", "desk", "") for _ in range(rng.integers(5))
        ]  # fmt: skip
        table = pd.concat(parts, ignore_index=True)
        assert given_away(table, sorted(survey.told_apart(table))) == [], key


def test_an_element_asked_of_one_officers_visitors_is_kept_back(four_units):
    """A question that akta alone left out is not told over units; nor is the index, the mean of all nine."""
    four_units.loc[four_units["unit"].isin(["akta", "kk"]), "cost"] = np.nan
    found = read_survey(four_units)
    elements = found.elements.set_index(["unit", "element"])
    whole = found.index.set_index(["unit", "channel"]).loc[("all", "all")]

    assert np.isnan(elements.loc[("all", "cost"), ["n", "mean"]].to_numpy(float)).all()
    assert np.isfinite(elements.loc[("all", "time"), "mean"])
    assert np.isnan(whole["value"])
    assert whole["why"] == "difference"


def test_no_bias_is_told_of_a_cell_that_is_not_shown():
    """Two channels of one officer's unit are not compared: with the census, the bias would tell of that officer."""
    alone = pd.concat([of("akta", "census", "a1", 40), of("akta", "app", "a1", 40)], ignore_index=True)
    assert channel_bias(alone, "census").empty
