"""Why a survey has no index is told, in both languages."""

import pandas as pd

from kinerja_sim.present.survey import bias_table, index_lines, survey_tables
from tests.fakes import printed


def test_every_reason_for_no_index_has_its_own_words():
    """Each code becomes its own sentence with the unit and the bound; a unit with an index has none."""
    codes = ["few_answers", "few_to_a_question", "one_officer", "difference", "alike"]
    index = pd.DataFrame({"unit": [*codes, "fine"], "channel": "all", "why": [*codes, ""]})
    said = {lang: index_lines(index, 30, lang) for lang in ("id", "en")}

    assert said["en"][0] == "few_answers, all: fewer than 30 answered."
    assert said["id"][0] == "few_answers, semua: yang menjawab kurang dari 30."
    for lines in said.values():
        assert len({line.split(":", 1)[1] for line in lines}) == len(codes)
    assert not set(said["id"]) & set(said["en"])


def test_channels_are_named_in_the_readers_language():
    """Neither 'all' nor a channel's key stands in an Indonesian table."""
    row = {"unit": "ktp", "n": 40, "value": 80.0, "low": 78.0, "high": 82.0, "design_low": 78.0, "design_high": 82.0,
           "category": "B", "category_low": "B", "category_high": "B"}  # fmt: skip
    index = pd.DataFrame([row | {"channel": channel} for channel in ("all", "paper")])
    elements = pd.DataFrame([{"unit": "ktp", "element": "time", "n": 40, "mean": 3.1, "low": 3.0, "high": 3.2}])
    bias = pd.DataFrame([{"unit": "ktp", "channel": "kiosk", "n": 40, "n_census": 90, "bias": 2, "low": 1, "high": 3}])
    shown = printed(*survey_tables(index, elements, "id"), bias_table(bias, "id"), width=160)

    assert "semua" in shown
    assert "formulir kertas" in shown
    assert "mesin penilaian" in shown
    assert not {"all", "paper", "kiosk"} & set(shown.split())
