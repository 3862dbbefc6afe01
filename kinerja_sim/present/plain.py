"""Two policies or two regions compared in plain language: what was changed, from what to what.

Only what decides numbers is compared; names, titles and sources are not. A block that one
side lacks is told in one piece. What a change does is not said here, except by a contrast
that was really simulated (`result_sentences`), in the words of the ladder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinerja_sim.know.fields import Text
from kinerja_sim.know.policies import SOURCES, Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.labels import POLICY, REGION, UNITS, label, number_text, word
from kinerja_sim.present.saved import Manifest, one_contrast, primary_hypothesis, short_region_title, short_unit_title
from kinerja_sim.present.text import sentence

if TYPE_CHECKING:
    import pandas as pd

NAMING = {"name", "title", "description", "author", "sources", "left_out", "hypotheses"}
_ITEMS = {"training"}  # lists of blocks, each told as one piece


@dataclass(frozen=True)
class Change:
    """One setting that differs: its path in the file, what it is called, and both values in words."""

    path: str
    what: str
    before: str
    after: str

    def line(self, lang: str) -> str:
        """Return the change as one line: 'evaluation annual → quarterly'."""
        t = translator(lang)
        return t("{what} {before} → {after}", what=self.what, before=self.before, after=self.after)


def differences(a: Policy | Region, b: Policy | Region, lang: str) -> list[Change]:
    """Return every setting in which `b` differs from `a`, in the order of the file.

    Parameters
    ----------
    a, b : Policy or Region
        Two of one kind.
    lang : {'id', 'en'}

    Examples
    --------
    >>> from kinerja_sim import load_policy
    >>> base = load_policy("baseline")
    >>> quarterly = base.replace(appraisal__period="quarterly", appraisal__weights={"results": 0.6, "supervisor": 0.4})
    >>> [change.line("id") for change in differences(base, quarterly, "id")]
    ['evaluasi tahunan → triwulanan', 'bobot hasil kerja 70 % → 60 %', 'bobot penilaian atasan 30 % → 40 %']
    """
    names = POLICY if isinstance(a, Policy) else REGION
    found = _walk(a.model_dump(), b.model_dump(), (), names, translator(lang))
    return list(found)


def in_one_sentence(changes: list[Change], lang: str) -> str:
    """Return the changes in one line, or that there is none."""
    if not changes:
        t = translator(lang)
        return t("no difference")
    return "; ".join(change.line(lang) for change in changes)


def _walk(
    before: Mapping[str, Any], after: Mapping[str, Any], at: tuple[str, ...], names: dict[str, Text], t: Translator
) -> Iterator[Change]:
    """Yield the changes below the block at `at`."""
    for key in _keys(before, after, at):
        path = (*at, key)
        if len(path) == 1 and key in NAMING:
            continue
        absent = 0.0 if at[-1:] == ("weights",) else None  # a source that is not named has no weight
        old, new = before.get(key, absent), after.get(key, absent)
        if old == new or (path[0] == "units" and len(path) > 2 and key == "title"):
            continue
        if isinstance(old, dict) and isinstance(new, dict) and "grade" not in old:
            yield from _walk(old, new, path, names, t)
            continue
        yield Change(".".join(path), _what(path, names, t), _told(old, path, names, t), _told(new, path, names, t))


def _keys(before: Mapping[str, Any], after: Mapping[str, Any], at: tuple[str, ...]) -> list[str]:
    keys = list(dict.fromkeys([*before, *after]))
    return sorted(keys, key=SOURCES.index) if at == ("appraisal", "weights") else keys


def _pattern(path: tuple[str, ...]) -> str:
    """Return a path with the name of a service unit left open."""
    return ".".join("*" if i == 1 and path[0] == "units" else part for i, part in enumerate(path))


def _what(path: tuple[str, ...], names: dict[str, Text], t: Translator) -> str:
    what = label(_pattern(path), names, t.lang)
    if path[0] == "units" and len(path) > 2:
        return t("{unit} · {what}", unit=path[1], what=what)
    if path[0] == "units" and len(path) == 2:
        return t("{what} “{name}”", what=what, name=path[1])
    return what


def _told(value: Any, path: tuple[str, ...], names: dict[str, Text], t: Translator) -> str:
    """Return a value in words: a sourced number with unit and grade, a block as its settings."""
    if isinstance(value, dict) and "grade" in value:
        return _sourced(value, t)
    if isinstance(value, dict) and "id" in value and "en" in value:
        return str(value[t.lang])
    if isinstance(value, dict):
        if len(path) == 2 and path[0] == "units":
            return t("there")
        inner = {key: _told(item, (*path, key), names, t) for key, item in value.items() if item is not None}
        lines = [
            t("{what} {value}", what=label(_pattern((*path, k)), names, t.lang), value=v) for k, v in inner.items()
        ]
        return t("[{settings}]", settings="; ".join(lines))
    if path[-1] in _ITEMS and value:
        return " + ".join(_told(item, path, names, t) for item in value)
    return word(value, _pattern(path), t)


def _sourced(value: Mapping[str, Any], t: Translator) -> str:
    """Return a number (or a row of factors) with its unit and grade."""
    numbers = value["values"] if "values" in value else (value["value"],)
    share = value["unit"].startswith("share")
    shown = ", ".join(t.percent(v, 1) if share else number_text(v, t) for v in numbers)
    unit = UNITS[value["unit"]].in_(t.lang) if value["unit"] in UNITS else ""
    grade = word(value["grade"], "grade", t)
    if unit:
        return t("{number} {unit} ({grade})", number=shown, unit=unit, grade=grade)
    return t("{number} ({grade})", number=shown, grade=grade)


def result_sentences(contrasts: pd.DataFrame, manifest: Manifest, scenario: str, lang: str) -> list[tuple[str, str]]:
    """Return (region, sentence of the ladder) on the primary metric of every region that ran the scenario.

    Parameters
    ----------
    contrasts : DataFrame
        With the other policy as the reference.
    manifest : mapping
    scenario : str
    lang : {'id', 'en'}
    """
    found, t = [], translator(lang)
    for region in manifest["regions"]:
        h = primary_hypothesis(manifest, region)
        row = one_contrast(contrasts, region, h["unit"], h["metric"], scenario, h["window"])
        if row is not None:
            said = sentence(row, lang, unit_title=short_unit_title(manifest, region, h["unit"], lang))
            found.append(
                (region, t("{region}: {claim}", region=short_region_title(manifest, region, lang), claim=said))
            )
    return found
