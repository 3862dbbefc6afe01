"""The question that each shipped notebook answers; a test holds the notebooks' headings to it."""

from __future__ import annotations

from kinerja_sim.present.i18n import translator


def question(name: str, lang: str) -> str:
    """Return the question of a shipped notebook.

    Examples
    --------
    >>> question("60_rating", "id")
    'Seberapa baik penilaian pegawai itu sendiri?'
    """
    return questions(lang)[name]


def questions(lang: str) -> dict[str, str]:
    """Return notebook name to question, in the order in which they are read."""
    t = translator(lang)
    return {
        "00_tour": t("A ten-minute tour: what can be asked here, and how is it answered?"),
        "10_region": t("What does the way officers are appraised do to the services of this region?"),
        "20_scenarios": t("Which policy is better, when does it show, and for whom?"),
        "30_across": t("Is the answer the same in every region?"),
        "40_budget": t("Which policy is worth its cost within a budget?"),
        "50_drivers": t("What drives the result, and how much of it rests on estimates?"),
        "60_rating": t("How good is the rating of officers itself?"),
        "70_goodhart": t("What happens when only speed counts?"),
        "80_verification": t("Can the simulation be trusted?"),
        "90_sweep": t("What does a sweep over many designs say?"),
    }
