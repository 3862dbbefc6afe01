"""Two policies or regions compared in plain language."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kinerja_sim as ks
from kinerja_sim.present.labels import POLICY
from kinerja_sim.present.plain import NAMING, differences, in_one_sentence, result_sentences
from kinerja_sim.study.contrasts import contrast

BASE = ks.load_policy("baseline")


def lines(a, b, lang="id"):
    """Return the differences as lines."""
    return [change.line(lang) for change in differences(a, b, lang)]


def test_the_example_of_the_design_reads_as_promised():
    """Citizens' weight from 10 to 30 per cent and a quarterly evaluation are told in these words."""
    a = BASE.replace(appraisal__weights={"results": 0.6, "citizens": 0.1, "supervisor": 0.3})
    b = a.replace(
        appraisal__weights={"results": 0.4, "citizens": 0.3, "supervisor": 0.3}, appraisal__period="quarterly"
    )
    told = lines(a, b)
    assert "bobot umpan balik masyarakat 10 % → 30 %" in told
    assert "evaluasi tahunan → triwulanan" in told
    assert len(told) == 3


def test_a_policy_does_not_differ_from_its_copy():
    """Another name is no difference, and that is said."""
    found = differences(BASE, ks.load_policy("null"), "en")
    assert found == []
    assert in_one_sentence(found, "en") == "no difference"
    assert in_one_sentence(found, "id") == "tidak ada perbedaan"


def test_a_new_block_is_told_in_one_piece():
    """A block that one side lacks comes with its settings; the other way round it goes to none."""
    coached = BASE.replace(coaching={"trigger": "everyone"})
    (line,) = lines(BASE, coached, "en")
    assert line.startswith("coaching none → [trigger of coaching everybody")
    assert lines(coached, BASE, "en")[0].endswith("→ none")


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("name", ks.list_policies())
def test_every_policy_can_be_told_in_words(name, lang):
    """Each library policy against today's practice: one line per top-level change, without a bare field name."""
    told = differences(BASE, ks.load_policy(name), lang)
    policy = ks.load_policy(name)
    changed = {
        key for key in type(policy).model_fields if key not in NAMING and getattr(policy, key) != getattr(BASE, key)
    }
    assert {change.path.split(".")[0] for change in told} == changed
    assert all("_" not in change.line(lang) and "{" not in change.line(lang) for change in told)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_any_two_regions_can_be_told_apart_in_words(lang):
    """Regions are compared the same way, unit by unit, with unit and grade beside each number."""
    names = ks.list_regions()
    for a, b in pairwise(names):
        assert differences(ks.load_region(a), ks.load_region(b), lang)
    region = ks.load_region("arcamanik")
    bigger = region.replace(population__value=90_000)
    assert lines(region, bigger, "id") == ["penduduk 80.000 jiwa (perkiraan) → 90.000 jiwa (perkiraan)"]
    units = {k: u.model_dump() for k, u in region.units.items()}
    units["sukamiskin"]["counter"]["officers"]["value"] += 1
    assert lines(region, region.replace(units=units), "en") == [
        "sukamiskin · officers at the counter 3 officers (estimate) → 4 officers (estimate)"
    ]


@given(dose=st.floats(0, 1), stakes=st.floats(0, 1), months=st.integers(0, 60))
def test_a_difference_is_told_exactly_where_there_is_one(dose, stakes, months):
    """Whatever numbers are set, the paths told are those that differ."""
    other = BASE.replace(dose=dose, appraisal__stakes=stakes, phase_in_months=months)
    expected = {path for path, same in (("dose", dose == BASE.dose), ("appraisal.stakes", stakes == 0.0),
                                        ("phase_in_months", months == 0)) if not same}  # fmt: skip
    assert {change.path for change in differences(BASE, other, "en")} == expected
    assert expected <= set(POLICY)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_result_is_the_ladders_sentence_with_its_range(saved, lang):
    """What the change did comes from the pair's own contrast, with n, for each region that ran both."""
    against = contrast(saved.results, "speed_only")
    told = dict(result_sentences(against, saved.manifest, "one_more_officer", lang))
    assert set(told) == set(saved.manifest["regions"])
    assert all("n = 20" in text for text in told.values())
