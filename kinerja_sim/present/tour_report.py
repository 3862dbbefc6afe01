"""What the tour says: one region, one question, one policy changed by hand, and where to go next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinerja_sim.know.fields import Text
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.answers import hypothesis_sentence
from kinerja_sim.present.i18n import LANGUAGES, Translator, translator
from kinerja_sim.present.markdown import limits
from kinerja_sim.present.page import bullets, markdown_table, paragraphs
from kinerja_sim.present.plain import differences, in_one_sentence
from kinerja_sim.present.questions import questions
from kinerja_sim.present.saved import Manifest
from kinerja_sim.present.tables import effect_tables

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Tour:
    """A ten-minute tour of one region; text methods return Markdown."""

    region: Region
    lang: str

    @property
    def t(self) -> Translator:
        """Texts in this language."""
        return translator(self.lang)

    def place(self) -> str:
        """Return the region, its services, its question and how well its numbers are known."""
        t, lang = self.t, self.lang
        heads = (t("Service"), t("New cases a working day"), t("Officers"), t("Promise to citizens"))
        lines = []
        for unit in self.region.units.values():
            stages = [stage for stage in (unit.counter, unit.processing) if stage is not None]
            n = sum(stage.officers.value for stage in stages)
            promise, level = unit.standard, float(unit.standard.value.value)
            said = (t.plural("a wait of {n} minute", "a wait of {n} minutes", level) if promise.quantity == "wait" else
                    t.plural("finished within {n} working day", "finished within {n} working days", level))  # fmt: skip
            lines.append((unit.title.in_(lang), t.number(unit.arrivals.per_day.value), t.number(n), said))
        h = self.region.primary
        asked = t("The question fixed before anything is run: {claim} ({metric}).", claim=h.claim.in_(lang),
                  metric=METRICS[str(h.metric)].label.in_(lang))  # fmt: skip
        return paragraphs("## " + self.region.title.in_(lang), markdown_table([heads, *lines]), asked)

    def change(self, before: Policy, after: Policy) -> str:
        """Return what a policy changes, setting by setting."""
        changes = differences(before, after, self.lang)
        said = bullets(in_one_sentence([change], self.lang) for change in changes)
        head = self.t("{policy} against {reference}", policy=after.title.in_(self.lang),
                      reference=before.title.in_(self.lang))  # fmt: skip
        return paragraphs(f"**{head}**", said)

    def answer(self, contrasts: pd.DataFrame, manifest: Manifest) -> str:
        """Return the region's question answered by a small comparison, run for the notebook."""
        text = hypothesis_sentence(contrasts, manifest, self.region.name, self.lang)
        return paragraphs("## " + self.t("The question and its answer"), f"**{text}**")

    def table(self, contrasts: pd.DataFrame, manifest: Manifest) -> str:
        """Return the effects on the primary metric."""
        return effect_tables(contrasts, manifest, self.region.name, self.lang)[0].markdown()

    def new_title(self) -> Text:
        """Return the title of the policy that the tour makes by hand."""
        said = {}
        for lang in LANGUAGES:
            t = translator(lang)
            said[lang] = t("The same, appraised every quarter")
        return Text(**said)

    def next(self) -> str:
        """Return which notebook answers which question."""
        listed = [f"`{name}`: {text}" for name, text in questions(self.lang).items() if name != "00_tour"]
        return paragraphs("## " + self.t("Where to go next"), bullets(listed))

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t, n = self.t, Counter(grade for grade in _grades(self.region))
        known = t("{estimates} of the {total} numbers in the region's file are estimates.",
                  estimates=t.number(n["estimate"]), total=t.number(sum(n.values())))  # fmt: skip
        few = t("A tour runs few replications: its words are more careful than those of `kinerja compare`.")
        return limits(self.lang, known, few)


def _grades(region: Region) -> list[str]:
    """Return the grade of every number in a region's file."""
    found: list[str] = []
    todo: list[Any] = [region.model_dump(mode="python")]
    while todo:
        thing = todo.pop()
        if isinstance(thing, dict):
            found += [thing["grade"]] if "grade" in thing else []
            todo += list(thing.values())
        elif isinstance(thing, list | tuple):
            todo += list(thing)
    return found
