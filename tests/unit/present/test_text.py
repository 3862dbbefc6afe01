import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.changes import NOISE, change_decimals, is_slight, range_text
from kinerja_sim.present.tables import effect_text, precision_text
from kinerja_sim.present.text import CODES, MOVES, reason, sentence, shown_word, verdict, verdict_word

NAN = float("nan")
IMPROVING = ("falls", "rises", "meningkat", "menurun")


def row(metric="wait_minutes_p90", **changes):
    """Return a contrast in which nothing can be told, with `changes`."""
    plain = {
        "metric": metric, "delta_mean": -6.0, "low": -14.0, "high": 3.0, "ci_low": -7.0, "ci_high": -5.0,
        "probability_better": 0.5, "probability_low": 0.4, "probability_high": 0.6, "all_equal": False,
        "n_draws": 100, "n_replications": 100, "n_undefined": 0,
    }  # fmt: skip
    return plain | changes


@st.composite
def contrasts(draw):
    """Draw a contrast row: any metric, ties, NaN and n = 1 among them."""
    metric = METRICS[draw(st.sampled_from(sorted(METRICS)))]
    n = draw(st.integers(1, 400))
    size = metric.matters * draw(st.sampled_from([0.1, 0.9, 1.0, 1.1, 3.0, 40.0]))
    ends = sorted(draw(st.tuples(st.floats(-1, 1), st.floats(-1, 1))))
    low, high = size * ends[0], size * ends[1]
    mean = draw(st.floats(-1, 1)) * size
    better = draw(st.floats(0, 1))
    half = draw(st.floats(0, 0.3))
    bounds = max(0.0, better - half), min(1.0, better + half)
    found = row(metric.name, delta_mean=mean, low=low, high=high, n_draws=n, n_replications=n,
                probability_better=better, probability_low=bounds[0], probability_high=bounds[1])  # fmt: skip
    if metric.better == "neither":
        found |= {"probability_better": NAN, "probability_low": NAN, "probability_high": NAN}
    if n == 1:
        found |= {"low": NAN, "high": NAN}
    if draw(st.integers(0, 9)) == 0:
        found |= {"delta_mean": NAN, "low": NAN, "high": NAN, "all_equal": draw(st.booleans())}
    elif draw(st.integers(0, 9)) == 0:
        found |= {"delta_mean": 0.0, "all_equal": True} | ({} if n == 1 else {"low": 0.0, "high": 0.0})
    return found


@given(contrasts())
@settings(max_examples=2000)
def test_an_unhedged_verb_appears_only_where_the_ladder_allows(found):
    """Without 'likely', a row falls, rises or worsens only when its Wilson bound reaches .95."""
    code, better = verdict(found), METRICS[found["metric"]].better
    if code not in MOVES:
        return
    if better == "neither":
        assert found["low"] > 0 or found["high"] < 0
        assert found["n_draws"] > 100  # at 100 draws the bound of a range clear of zero is .92
    elif code == "worsens":
        assert 1 - found["probability_high"] >= 0.95
    else:
        assert found["probability_low"] >= 0.95


@given(contrasts())
@settings(max_examples=2000)
def test_the_first_rung_that_fits_decides(found):
    """Nothing observed, equal pairs, no range, a range too small to matter: each comes before any direction."""
    code, metric = verdict(found), METRICS[found["metric"]]
    assert code in CODES
    if math.isnan(found["delta_mean"]):
        assert (code, reason(found)) == ("cannot_tell", "not_observed")
    elif found["all_equal"]:
        assert code == "unchanged"
    elif found["n_replications"] == 1:
        assert (code, reason(found)) == ("cannot_tell", "one_replication")
    elif -metric.matters < found["low"] and found["high"] < metric.matters:
        assert code == "practically_unchanged"
    elif metric.better != "neither":
        strength = max(found["probability_low"], 1 - found["probability_high"])
        hedges = {0.95: "", 0.85: "very_likely_", 0.6: "likely_"}
        hedge = next((h for rung, h in hedges.items() if strength >= rung), None)
        assert (code == "cannot_tell") == (hedge is None)
        if hedge is not None:
            assert code in {hedge + move for move in MOVES}


@given(contrasts(), st.sampled_from(["id", "en"]))
@settings(max_examples=2000)
def test_a_sentence_carries_number_range_n_and_unit(found, lang):
    """Every claim says n, and its number and range wherever there are any."""
    text = sentence(found, lang, unit_title="U")
    metric = METRICS[found["metric"]]
    assert text.startswith(metric.label.in_(lang))
    assert "{" not in text
    assert str(found["n_replications"]) in text
    if verdict(found) not in ("unchanged", "cannot_tell"):
        assert (" to " if lang == "en" else " sampai ") in text
        assert any(c.isdigit() for c in text.split("(")[-1])


@given(contrasts())
@settings(max_examples=1000)
def test_a_metric_without_a_better_side_never_improves_or_worsens(found):
    """Words about utilisation, training hours or reports carry no judgement."""
    if METRICS[found["metric"]].better == "neither":
        text = sentence(found, "en", unit_title="U") + sentence(found, "id", unit_title="U")
        assert not any(w in text for w in ("worse", "better", "improve", "memburuk", "membaik", "lebih baik"))


@given(contrasts())
@settings(max_examples=2000)
def test_verb_and_number_never_contradict_each_other(found):
    """A sentence with 'by' an amount has a mean on the side of its verb; a skewed one shows the signed mean."""
    code, text = verdict(found), sentence(found, "en", unit_title="U")
    if not code.endswith(MOVES) or " by " not in text:
        return
    lower = METRICS[found["metric"]].better == "lower"
    upward = code.endswith("rises") or (code.endswith("worsens") and lower)
    assert (found["delta_mean"] > 0) == upward


def test_the_example_of_the_experience_page_comes_out_word_for_word():
    """The sentence that the page on words prints is the sentence that is written."""
    found = row(probability_low=0.71, probability_high=0.88)
    expected = "Waktu tunggu P90 di loket KTP mungkin menurun 6 menit (−14 sampai +3)"
    assert sentence(found, "id", unit_title="loket KTP", show_n=False) == expected


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ((0.95, 1.0), "falls"), ((0.949, 1.0), "very_likely_falls"), ((0.85, 0.99), "very_likely_falls"),
        ((0.849, 0.99), "likely_falls"), ((0.60, 0.9), "likely_falls"), ((0.599, 0.9), "cannot_tell"),
        ((0.0, 0.05), "worsens"), ((0.0, 0.15), "very_likely_worsens"), ((0.1, 0.40), "likely_worsens"),
        ((0.1, 0.401), "cannot_tell"),
    ],
)  # fmt: skip
def test_each_rung_begins_where_the_ladder_says(bounds, code):
    """The rungs .95, .85 and .60 hold for improvement and, mirrored, for the opposite."""
    assert verdict(row(probability_low=bounds[0], probability_high=bounds[1])) == code


def test_a_change_of_exactly_the_size_that_matters_is_not_called_practically_none():
    """The smallest change that matters does matter."""
    matters = METRICS["wait_minutes_p90"].matters
    assert verdict(row(low=-matters, high=0.0)) == "cannot_tell"
    assert verdict(row(low=-matters * 0.999, high=0.0)) == "practically_unchanged"


def test_twenty_draws_cannot_sound_certain_about_a_metric_without_a_better_side():
    """A range clear of zero from 20 pairs is at most 'likely', whatever its distance from zero."""
    assert (
        verdict(row("utilisation", delta_mean=0.3, low=0.2, high=0.4, n_draws=20, n_replications=20)) == "likely_rises"
    )


def test_a_skewed_difference_shows_its_mean_with_its_sign():
    """Most pairs fall while the mean rises: the sentence says both and gives no bare amount."""
    text = sentence(row(delta_mean=0.4, probability_low=0.7, probability_high=0.9), "en", unit_title="U")
    assert text.endswith("at U: likely falls in most pairs, mean +0.4 minutes (−14.0 to +3.0; n = 100)")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"n_replications": 1, "n_draws": 1, "low": NAN, "high": NAN}, "from one replication, −6.0 minutes (n = 1)"),
        ({"delta_mean": NAN, "low": NAN, "high": NAN}, "it was not observed (n = 100)"),
        ({"low": NAN, "high": NAN}, "the range is missing"),
        ({"all_equal": True, "delta_mean": 0.0, "low": 0.0, "high": 0.0}, "all 100 pairs are exactly equal"),
        ({"all_equal": True, "delta_mean": 0.0, "n_replications": 1}, "n = 1; one replication"),
        ({"n_undefined": 7}, "n = 100, 7 of them undefined"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_says_why(changes, text):
    """One replication, nothing observed, no range, equality and undefined pairs are named in the sentence."""
    assert text in sentence(row(**changes), "en", unit_title="U")


def test_the_policy_opens_the_sentence_when_it_is_named():
    """A sentence about several policies says which one it is about."""
    assert sentence(row(), "en", unit_title="U", scenario_title="Speed only").startswith("Speed only: 90th percentile")


def test_a_share_is_told_in_percentage_points():
    """A change of .034 in a share is 3.4 percentage points."""
    found = row("on_time_share", delta_mean=0.034, low=-0.01, high=0.08, probability_low=0.7, probability_high=0.9)
    assert "rises by 3.4 percentage points (−1.0 to +8.0" in sentence(found, "en", unit_title="U")


@pytest.mark.parametrize(
    ("values", "places"), [((-6, -14, 3), 0), ((-0.5, -2.4, 3.9), 1), ((-0.3, -14, 3), 1), ((0.0, 0.0, 0.0), 0)]
)
def test_decimals_follow_the_size_of_the_range_and_keep_the_mean(values, places):
    """Two digits of the largest number, one more where the mean would vanish."""
    assert change_decimals(row(delta_mean=values[0], low=values[1], high=values[2])) == places


def test_a_narrow_range_far_from_zero_shows_its_width():
    """A range whose ends would look the same gets one more digit."""
    found = row(
        "service_rate_index", delta_mean=0.151, low=0.148, high=0.153, probability_low=0.7, probability_high=1.0
    )
    assert "rises by 0.151 index points (+0.148 to +0.153" in sentence(found, "en", unit_title="U")


def test_every_code_has_words_in_both_languages():
    """No rung of the ladder is speechless, and no two share their words."""
    for lang in ("id", "en"):
        assert len({verdict_word(code, lang) for code in CODES}) == len(CODES)


@pytest.mark.parametrize(("mean", "word", "is_told"), [(0.7, "rises (slightly)", True), (1.2, "rises", False)])
def test_a_move_of_less_than_what_matters_is_called_slight(mean, word, is_told):
    """In a table and in a sentence alike, where the range alone would let the word stand."""
    found = row("satisfaction_index", delta_mean=mean, low=0.09, high=2.1, probability_low=0.96, probability_high=1.0)

    assert shown_word(found, "en") == word
    said = "less than the smallest change that matters"
    assert sentence(found, "en", unit_title="the counter").endswith(said) == is_told
    assert said not in sentence(found | {"probability_low": 0.4, "probability_high": 0.6}, "en", unit_title="here")


def test_an_unknown_metric_is_refused():
    """A row of a metric that the schema does not know is a user's mistake."""
    with pytest.raises(InputError, match="`metric` must be a metric of the schema; got 'speed'"):
        verdict(row("speed"))


@given(contrasts())
@settings(max_examples=2000)
def test_no_end_of_a_range_on_one_side_reads_as_nothing(found):
    """Where the whole range lies above or below no change and is no trifle, neither end is printed as 0."""
    if math.isnan(found["low"]) or not (found["low"] > NOISE or found["high"] < -NOISE) or is_slight(found):
        return
    for end in range_text(found, "en").split(" to "):
        assert any(digit in end for digit in "123456789"), end


def test_a_range_that_ends_close_to_no_change_keeps_its_side():
    """The end nearest to no change gets as many digits as it takes; a range that holds 0 keeps its own."""
    near = row("turnaround_days_mean", delta_mean=-3.7, low=-35.2, high=-0.17)
    assert range_text(near, "en") == "−35 to −0.2"
    assert range_text(near | {"high": 0.17}, "en") == "−35 to 0"


def test_a_trifle_is_printed_without_digits_that_mean_nothing():
    """Where practically nothing changes, every number of the row keeps the metric's decimals; elsewhere its side."""
    slight = row("service_rate_index", delta_mean=0.00154, low=0.00004, high=0.00695, ci_low=0.0002, ci_high=0.003)
    said = sentence(slight, "en", unit_title="U")
    assert said.endswith("shows practically no change, +0.002 index points (0.000 to +0.007; n = 100)")
    assert precision_text(slight, "id") == "0,000 … +0,003"
    assert range_text(slight | {"high": 0.0695}, "en") == "+0.00004 to +0.070"


UNSTEADY = row("turnaround_days_mean", delta_mean=-3.7, low=-35.2, high=-0.17, median=-0.86, n_draws=40,
               n_replications=40, n_unstable=9, probability_better=1.0, probability_low=0.91,
               probability_high=1.0)  # fmt: skip


def test_a_mean_that_hopeless_draws_carry_gives_way_to_the_median():
    """The sentence leads with the median and says how many draws cannot cope; a cell shows both numbers."""
    said = sentence(UNSTEADY, "en", unit_title="complaints")
    assert said == (
        "Mean turnaround at complaints: very likely falls, median −0.9 working days (−35 to −0.2; n = 40); mean −4, "
        "for in 9 of 40 simulations the queue keeps growing"
    )
    assert effect_text(UNSTEADY, "id") == "−4 (median −0,9)"


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({"n_unstable": 0}, False),
        ({"n_unstable": 1, "median": -3.0}, False),
        ({"n_unstable": 1, "median": -0.9}, True),
        ({"n_unstable": 1, "median": 0.9}, True),
        ({"n_unstable": 2, "median": -3.0}, True),
        ({"n_unstable": float("nan")}, False),
        ({"metric": "resistance_z"}, False),
    ],
)
def test_few_hopeless_draws_are_told_only_where_they_move_the_mean(changes, is_told):
    """One draw in forty is told where the mean is twice the median or of another sign; two always are."""
    assert ("keeps growing" in sentence(UNSTEADY | changes, "en", unit_title="U")) == is_told
