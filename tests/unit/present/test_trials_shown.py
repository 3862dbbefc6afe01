"""The list and the page of published trials say every verdict, and none where there is none."""

import re

import pandas as pd
import pytest

from kinerja_sim.know.trials import load_trials
from kinerja_sim.present.trials import others_table, predictions_table, reasons_table, summary_sentence, trials_page
from tests.fakes import printed

TRIALS = load_trials()
COUNTS = {"predictions": 2, "hits": 1, "narrow_hits": 0, "misses": 1, "edges": 1}
SUMMARY = {"all": COUNTS, "experiments": COUNTS, "not_counted": {"reproduction": 3, "not_comparable": 4}}


def results(verdict: str) -> pd.DataFrame:
    """Return a table in which every prediction has one verdict."""
    empty = {"width": "", "verdict": "", "mean": float("nan"), "low": float("nan"), "high": float("nan")}
    full = {"width": "wide", "verdict": verdict, "mean": 0.25, "low": -0.1, "high": 0.5}
    rows = [{"id": t.id, "is_edge": False, **(full if t.prediction else empty)} for t in TRIALS.trials]
    return pd.DataFrame(rows)


def alternatives() -> pd.DataFrame:
    """Return one other assumption."""
    row = {"id": "asmus-2015", "label_id": "lain", "label_en": "other", "mean": 0.2, "low": 0.1, "high": 0.3}
    return pd.DataFrame([{**row, "verdict": "hit"}])


@pytest.mark.parametrize(("lang", "miss", "apart"), [("en", "miss", "not comparable"),
                                                     ("id", "meleset", "tidak dapat dibandingkan")])  # fmt: skip
def test_the_list_names_every_trial_once_with_its_verdict_or_its_reason(lang, miss, apart):
    """Predictions have a verdict; the others a reason; every trial is in exactly one of the two lists."""
    first = printed(predictions_table(results("miss"), TRIALS, lang), width=400)
    second = printed(others_table(TRIALS, lang), width=400)

    for trial in TRIALS.trials:
        here, there = (re.search(rf"^\s*{trial.id}\s", text, flags=re.MULTILINE) for text in (first, second))
        assert (here is not None) == (trial.prediction is not None)
        assert (there is not None) == (trial.prediction is None)
    assert first.count(miss) == sum(t.prediction is not None for t in TRIALS.trials)
    assert apart in second
    assert miss not in second


def test_an_explanation_of_another_verdict_is_marked():
    """Where this run's verdict is not the one explained, the explanation says so."""
    missed = TRIALS["asmus-2015"]
    assert missed.verdict_seen == "miss"
    as_hit, as_miss = (printed(reasons_table(results(v), TRIALS, "en"), width=400) for v in ("hit", "miss"))

    start = missed.explanation.en[:40]
    assert f"(Written when the verdict was: miss.) {start}" in as_hit
    assert f") {start}" not in as_miss
    assert start in as_miss


@pytest.mark.parametrize(("lang", "title"), [("en", "# Published trials"), ("id", "# Uji yang telah terbit")])
def test_the_page_has_its_date_and_every_trial(lang, title):
    """The page opens with title, date, draws and summary, and names each citation."""
    page = trials_page(
        results("hit"), alternatives(), SUMMARY, TRIALS, lang, date="2026-01-31", draws=40, seed=7
    )  # fmt: skip

    assert page.startswith(title)
    assert "2026-01-31" in page.splitlines()[2]
    assert summary_sentence(SUMMARY, lang) in page
    for trial in TRIALS.trials:
        assert trial.citation in page
    assert "- lain:" in page if lang == "id" else "- other:" in page
    assert {line.count(" | ") for line in page.splitlines() if line.startswith("| ")} == {3, 6}
