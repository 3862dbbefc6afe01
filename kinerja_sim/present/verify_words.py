"""Words of an edited text that say more than its numbers do: a hedge dropped, a direction turned, another unit.

The text as it was written holds the ladder's own words (`present.text`), so it is what an
edit is held against: at the same number no stronger, no other word and no other unit. Most
open to dispute: a claim in words that are not the ladder's ("drops") is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.changes import change_unit
from kinerja_sim.present.claims import TOKEN, Number
from kinerja_sim.present.i18n import LANGUAGES, translator
from kinerja_sim.present.text import MOVES, comparison_word, verdict_word

SAYS = {"falls": ("better",), "rises": ("better",), "unchanged": ("practically_unchanged",)}
"""What may be said beside the word itself: a fall that is good is 'better', what is equal is practically so."""
NUMBER_OF_A_MOVE = ("delta_mean", "median")


class Word(NamedTuple):
    """A word of the ladder, or a unit: as shown, what it means, how sure it sounds (3: no hedge), at which number."""

    shown: str
    meaning: str
    strength: int
    number: str


def overclaims(shown: str, was: str, numbers: Sequence[Number], lang: str) -> Iterator[tuple[str, str]]:
    """Yield words of an edited text that what was written there does not bear, and the words that stood there.

    Examples
    --------
    >>> was = "Mean wait likely falls by 9 minutes (−26 to +10)"
    >>> list(overclaims("Mean wait rises by 9 hours (−26 to +10)", was, [], "en"))
    [('rises', 'likely falls'), ('9 hours', '9 minutes')]
    >>> list(overclaims("It is likely that it falls: 9 minutes, −26 to +10", was, [], "en"))
    []
    """
    claims = [n.claim for n in numbers if n.claim is not None]
    worse: set[str] = {METRICS[key].better for c in claims for key in c.keys if key in METRICS}
    own = list(_ladder_words(was, was))
    if own or any(c.column in NUMBER_OF_A_MOVE for c in claims):
        words = list(_ladder_words(shown, was))
        for i, word in enumerate(words):
            there = _beside(i, words, own)
            if not any(_bears(one, word, worse) for one in there):
                yield word.shown, there[0].shown if there else verdict_word("cannot_tell", lang)
    units = list(_units_of(was))
    for unit in _units_of(shown):
        there = [one for one in units if one.number == unit.number] or units
        if there and unit.meaning not in {one.meaning for one in there}:
            yield unit.shown, there[0].shown


def _beside(i: int, words: Sequence[Word], own: Sequence[Word]) -> Sequence[Word]:
    """Return the words that stood at the number of the i-th word: its own one where there are as many, else all."""
    there = [one for one in own if one.number == words[i].number]
    here = [k for k, word in enumerate(words) if word.number == words[i].number]
    return [there[here.index(i)]] if len(there) == len(here) else there or own


def _bears(own: Word, word: Word, worse: set[str]) -> bool:
    """Return whether what was said allows what is said; 'worse' names the direction in which a metric is worse."""
    says = {own.meaning, *SAYS.get(own.meaning, ())}
    if own.meaning == "worsens":
        says |= {move for better, move in (("lower", "rises"), ("higher", "falls")) if better in worse}
    return word.meaning in says and word.strength <= own.strength


def _plain(text: str) -> str:
    """Return words without the letter that a plural or a third person adds, in small letters."""
    return re.sub(r"s\b", "", " ".join(text.lower().split()))


@cache
def _ladder() -> tuple[dict[str, str], dict[str, int]]:
    """Return the ladder's words in every language with what they mean, and its hedges with how sure they sound."""
    words: dict[str, str] = {}
    hedges: dict[str, int] = {}
    for lang in LANGUAGES:
        t = translator(lang)
        words |= {verdict_word(code, lang): code for code in (*MOVES, "unchanged", "practically_unchanged")}
        words |= {comparison_word("falls", lang): "better", comparison_word("worsens", lang): "worsens"}
        words |= {t("worth its cost"): "worth", t("not worth its cost"): "not_worth"}
        for strength, hedge in enumerate(("likely_", "very_likely_"), start=1):
            hedges[verdict_word(f"{hedge}falls", lang).removesuffix(verdict_word("falls", lang)).strip()] = strength
    return {_plain(word): code for word, code in words.items()}, hedges


def _any_of(phrases: Sequence[str]) -> str:
    """Return a pattern that matches the longest of some phrases, with or without the letter that `_plain` drops."""
    longest = sorted(phrases, key=len, reverse=True)
    return "|".join(r"\s+".join(f"{re.escape(part)}s?" for part in phrase.split()) for phrase in longest)


def _ladder_words(text: str, was: str) -> Iterator[Word]:
    """Yield the ladder's words in a text, and those that a hedge stood before in what was written there."""
    known, hedges = _ladder()
    hedge = "|".join(sorted(hedges, key=len, reverse=True))
    hedged = [_plain(word) for word in re.findall(rf"\b(?:{hedge})\s+(\w{{4,}})", was, re.IGNORECASE)]
    first = {phrase.split()[0] for phrase in known}
    meanings = {word: word for word in hedged if word not in first} | known
    pattern = rf"\b(?:({hedge})(?:\s+\w+){{0,4}}?\s+)?\b({_any_of(list(meanings))})\b"
    numbers = list(TOKEN.finditer(text))
    for found in re.finditer(pattern, text, re.IGNORECASE):
        strength = hedges.get(" ".join((found[1] or "").lower().split()), 3)
        number = next((n.group() for n in numbers if n.start() >= found.end()), "")
        yield Word(found.group(), meanings[_plain(found[2])], strength, number)


@cache
def _units() -> dict[str, str]:
    """Return the units of changes in every language, with what they are called in English."""
    named = {_plain(change_unit(m, lang)): change_unit(m, "en") for m in METRICS.values() for lang in LANGUAGES}
    return named | {"%": "%"}


def _units_of(text: str) -> Iterator[Word]:
    """Yield the units that stand right behind a number."""
    for number in TOKEN.finditer(text):
        found = re.compile(rf"[^\w+−-]*?({_any_of(list(_units()))})(?!\w)", re.IGNORECASE).match(text, number.end())
        if found is not None:
            yield Word(text[number.start() : found.end()], _units()[_plain(found[1])], 3, number.group())
