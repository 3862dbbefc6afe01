"""Why a survey has no index is told, in both languages."""

import pandas as pd

from kinerja_sim.present.survey import index_lines


def test_every_reason_for_no_index_has_its_own_words():
    """Each code becomes its own sentence with the unit and the bound; a unit with an index has none."""
    codes = ["few_answers", "few_to_a_question", "one_officer", "alike"]
    index = pd.DataFrame({"unit": [*codes, "fine"], "channel": "all", "why": [*codes, ""]})
    said = {lang: index_lines(index, 30, lang) for lang in ("id", "en")}

    assert said["en"][0] == "few_answers, all: fewer than 30 answered."
    assert said["id"][0] == "few_answers, all: yang menjawab kurang dari 30."
    for lines in said.values():
        assert len({line.split(":", 1)[1] for line in lines}) == len(codes)
    assert not set(said["id"]) & set(said["en"])
