import numpy as np
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.present.answers import caption, exploratory_note, hypotheses_list, hypothesis_sentence, null_proof
from kinerja_sim.present.saved import load_saved, one_contrast
from kinerja_sim.present.tables import effect_tables, headline_pairs, precision_text, region_page
from kinerja_sim.present.text import median_note
from tests.fakes import REGIONS, make_manifest, printed


@pytest.mark.parametrize("region", REGIONS)
def test_the_primary_hypothesis_comes_first_and_no_unit_floods_the_table(saved, region):
    """The first table is the primary hypothesis, and no other is; every unit has one to three."""
    pairs = [pair[:2] for pair in headline_pairs(saved.contrasts, saved.manifest, region)]
    titles = [table.title for table in effect_tables(saved.contrasts, saved.manifest, region, "en")]
    units = [unit for unit, _ in pairs]

    assert pairs[0] == REGIONS[region]["primary"]
    assert ["[primary]" in title for title in titles] == [True] + [False] * (len(pairs) - 1)
    assert {units.count(unit) for unit in REGIONS[region]["units"]} <= {1, 2, 3}
    assert len(set(pairs)) == len(pairs)


def test_the_table_shows_all_policies_but_the_baseline_and_its_copy(saved):
    """Every block has one row per policy that was run to be compared."""
    for table in effect_tables(saved.contrasts, saved.manifest, "tebing-tinggi", "en"):
        assert [row[0] for row in table.rows] == [
            "Own policy", "Speed only (beyond the regulation)", "One more officer", "No blank-card shortage",
            "Own policy + No blank-card shortage",
        ]  # fmt: skip


@pytest.mark.parametrize(("lang", "words"), [("en", "Plausible range"), ("id", "Rentang yang")])
@pytest.mark.parametrize("width", [80, 110, 160])
def test_the_terminal_table_fits_its_width(saved, lang, words, width):
    """No line is longer than the terminal, and effect, both intervals, n, seed and run id are there."""
    text = printed(region_page(saved.contrasts, saved.manifest, "tebing-tinggi", lang), width=width)
    assert max(len(line) for line in text.splitlines()) <= width
    null = (saved.contrasts["scenario"] == "null") & (saved.contrasts["region"] == "tebing-tinggi")
    for part in (words, "n = 20", "fa4e0001", str(null.sum())):
        assert part in text


def test_notebook_and_terminal_show_the_same_numbers(saved):
    """The notebook's table holds every effect of the terminal's table."""
    page = region_page(saved.contrasts, saved.manifest, "arcamanik", "id")
    shown = printed(page)
    for cell in (cell for table in page.tables for row in table.rows for cell in row[1:4]):
        assert f"| {cell} |" in page.markdown()
        assert cell in shown


def test_titles_cannot_break_the_table_of_a_notebook(saved):
    """A title with markup is shown, not obeyed."""
    manifest = dict(saved.manifest)
    manifest["policies"] = manifest["policies"] | {
        "speed_only": manifest["policies"]["speed_only"] | {"title": {"id": "<b>x|*", "en": "<b>x|*"}}
    }
    assert "| &lt;b>x\\|\\* " in region_page(saved.contrasts, manifest, "arcamanik", "en").markdown()


def test_a_skewed_row_is_starred(saved):
    """Where the words and the mean point different ways, the word carries the star that the caption explains."""
    contrasts = saved.contrasts.copy()
    at = (contrasts["scenario"] == "one_more_officer") & (contrasts["metric"] == "wait_minutes_p90")
    contrasts.loc[at, ["delta_mean", "low", "high"]] = [0.5, -9.0, 12.0]
    contrasts.loc[at, ["probability_low", "probability_high"]] = [0.7, 0.9]
    page = region_page(contrasts, saved.manifest, "arcamanik", "en")
    assert [row[5] for row in page.tables[0].rows if row[0] == "One more officer"] == ["likely falls *"]
    assert "a skewed difference" in page.notes[-1]
    assert "a skewed difference" not in region_page(saved.contrasts, saved.manifest, "arcamanik", "en").notes[-1]


def test_the_precision_keeps_its_own_digits():
    """A mean known to half a minute is shown with tenths beside a range of half an hour."""
    row = {
        "metric": "wait_minutes_p90", "delta_mean": -6.2, "low": -31.0, "high": 3.0, "ci_low": -6.7, "ci_high": -5.7,
    }  # fmt: skip
    assert precision_text(row, "en") == "−6.7 … −5.7"


def test_the_answer_is_one_sentence_with_the_claim(saved):
    """The region's answer names the claim, the policy and the verdict, in both languages."""
    for lang, words in (("en", "Services are faster"), ("id", "Layanan lebih cepat")):
        text = hypothesis_sentence(saved.contrasts, saved.manifest, "tebing-tinggi", lang)
        assert words in text
        assert text.count("n = 20") == 1


def test_a_region_whose_own_policy_was_not_run_is_not_answered(saved):
    """Without the region's preset the sentence says so instead of borrowing another policy."""
    contrasts = saved.contrasts[saved.contrasts["scenario"] != "arcamanik"]
    assert "Not answered" in hypothesis_sentence(contrasts, saved.manifest, "arcamanik", "en")


def test_hypotheses_that_are_not_modelled_are_listed_with_their_reason(saved):
    """A claim without a metric is named, and never answered."""
    answers = dict(hypotheses_list(saved.contrasts, saved.manifest, "arcamanik", "en"))
    assert answers["Public trust rises"] == "not modelled: there is no measure"
    assert "True satisfaction index" in answers["Satisfaction rises"]


def test_the_note_counts_the_contrasts_that_were_looked_at(saved):
    """Exploration is called exploration, with its size, and nobody is rated."""
    note = exploratory_note(saved.contrasts, saved.manifest, "arcamanik", 9, "en")
    assert "8 further contrasts" in note
    assert str((saved.contrasts["region"] == "arcamanik").sum()) in note
    assert "not for rating individuals" in note


def test_the_null_proof_counts_a_planted_difference(saved):
    """All null contrasts are exactly zero; one that is not is counted out."""
    equal, total = null_proof(saved.contrasts, saved.manifest)
    assert equal == total > 0
    contrasts = saved.contrasts.copy()
    contrasts.loc[contrasts.index[contrasts["scenario"] == "null"][0], ["delta_mean", "all_equal"]] = [1e-12, False]
    assert null_proof(contrasts, saved.manifest) == (equal - 1, total)


def test_a_table_with_fixed_parameters_says_so(saved):
    """Where knowledge is switched off, the caption no longer claims that the range holds it."""
    text = "\n".join(caption(saved.contrasts, saved.manifest | {"parameters": "point"}, "arcamanik", "en"))
    assert "knowledge is switched off" in text
    assert "parameters fixed at their points" in text


def test_nothing_about_one_officer_is_in_the_tables(saved):
    """No column names an officer."""
    assert not [c for c in saved.contrasts.columns if "officer_id" in c or c == "officer"]


def test_a_folder_without_tables_is_refused(tmp_path):
    """A folder that holds no comparison is a user's mistake that names what is missing."""
    with pytest.raises(InputError, match=r"none called manifest\.json, results\.parquet, contrasts\.parquet"):
        load_saved(tmp_path)


def test_a_missing_contrast_is_none(saved):
    """Asking for a contrast that was not made gives None, one that was made its row."""
    assert one_contrast(saved.contrasts, "arcamanik", "sukamiskin", "wait_minutes_mean", "absent") is None
    found = one_contrast(saved.contrasts, "arcamanik", "sukamiskin", "wait_minutes_mean", "null")
    assert np.isclose(found["delta_mean"], 0.0)


def test_every_hypothesis_has_its_table_and_a_lesson_has_no_turnaround(saved):
    """What the region's text claims of officers is shown however many metrics a unit has; lessons have no queue."""
    manifest = make_manifest()
    region = manifest["regions"]["arcamanik"]
    named = [(m, "sukamiskin", "after") for m in ("motivation_z", "resistance_z", "service_rate_index")]
    like = region["hypotheses"][1]
    region["hypotheses"] += [like | {"metric": m, "unit": u, "window": w} for m, u, w in named]
    pairs = headline_pairs(saved.contrasts, manifest, "arcamanik")
    assert {(u, m, w) for m, u, w in named} <= set(pairs)

    complaints = manifest["regions"]["tangerang-selatan"]["units"]["ktp"]
    shown = [pair[1] for pair in headline_pairs(saved.contrasts, manifest, "tangerang-selatan") if pair[0] == "ktp"]
    complaints["lessons"] = True
    left = [pair[1] for pair in headline_pairs(saved.contrasts, manifest, "tangerang-selatan") if pair[0] == "ktp"]
    assert "turnaround_days_mean" in shown
    assert "turnaround_days_mean" not in left


def test_a_table_says_how_many_draws_cannot_cope(saved):
    """Where such draws carry a mean its median stands beside it, and the heading counts them; elsewhere nothing."""
    contrasts = saved.contrasts.copy()
    at = (contrasts["region"] == "tangerang-selatan") & (contrasts["scenario"] == "speed_only")
    assert median_note("en") not in printed(region_page(contrasts, saved.manifest, "tangerang-selatan", "en"))
    contrasts.loc[at, "n_unstable"] = 3
    page = region_page(contrasts, saved.manifest, "tangerang-selatan", "en")
    first = page.tables[0]

    assert first.title.endswith("the queue keeps growing in up to 3 of 20 simulations")
    assert median_note("en") in page.notes
    assert ["median" in row[1] for row in first.rows] == [row[0].startswith("Speed only") for row in first.rows]
