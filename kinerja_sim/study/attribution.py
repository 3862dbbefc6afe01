"""Which mechanism carried an effect: Shapley shares of a policy's groups of blocks, additive in every replication.

A share is what a group of blocks adds on average over all orders in which the groups
could be introduced, so it is neither what the group would do alone nor what would be
lost without it; the interaction says how far the groups are from simply adding up.
Names are checked here, runs are made by `study.subsets`, tables by `study.parts`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import Text
from kinerja_sim.know.messages import did_you_mean, sentence, show
from kinerja_sim.know.schema import METRICS
from kinerja_sim.study.compare import whole_number
from kinerja_sim.study.execute import Progress, SimulateBlock
from kinerja_sim.study.manifest import read_policy
from kinerja_sim.study.notices import changes_grade_only, nothing_follows
from kinerja_sim.study.parts import Game, Question, divide
from kinerja_sim.study.subsets import Notify, play, replications_used

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kinerja_sim.study.comparison import Comparison


@dataclass(frozen=True, eq=False)
class Attribution:
    """How the effect of one policy on one metric of one unit divides among its mechanisms.

    Attributes
    ----------
    table : DataFrame
        One row per part: 'share' and 'alone' of every group, 'interaction', 'total', with
        the columns of the contrasts table, in the unit of the metric; see `parts.divide`.
    pairwise : DataFrame
        One row per pair of groups: how much more the two do together than apart, over all
        orders (Grabisch and Roubens 1999).
    draws : DataFrame
        The change behind every part in every replication: part, group, draw, replication,
        change. Shares add up to the total in each.
    manifest : dict
        The comparison's, with the number of replications used here.
    region, unit, metric, scenario, window : str
    notes : tuple of Text
        What must be read beside the numbers, in Indonesian and English.
    """

    table: pd.DataFrame
    pairwise: pd.DataFrame
    draws: pd.DataFrame
    manifest: dict[str, Any]
    region: str
    unit: str
    metric: str
    scenario: str
    window: str
    notes: tuple[Text, ...]

    # Showing belongs to a floor above; it is imported when called, as in `comparison`.

    def sentences(self, lang: str | None = None) -> list[str]:
        """Return what may be said: the whole effect, its largest part, every part, the interaction.

        Parameters
        ----------
        lang : {'id', 'en'}, optional
            As `KINERJA_LANG` or the locale says, when left out.
        """
        from kinerja_sim.present.i18n import default_language
        from kinerja_sim.present.why import why_sentences

        return why_sentences(self.table, self.manifest, lang or default_language())

    def plot(self, lang: str | None = None) -> Figure:
        """Return a figure of the parts and the whole, with both intervals, n, seed and run id."""
        from kinerja_sim.present.i18n import default_language
        from kinerja_sim.present.why import why_figure

        return why_figure(self.table, self.manifest, lang or default_language())

    def __repr__(self) -> str:
        """Return the parts as plain text."""
        from rich.console import Console

        from kinerja_sim.present.i18n import default_language
        from kinerja_sim.present.why import why_page

        console = Console(file=io.StringIO(), width=120, color_system=None)
        console.print(why_page(self.table, self.manifest, self.notes, default_language()))
        return console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO

    def _repr_markdown_(self) -> str:
        """Return the parts as Jupyter shows them."""
        from kinerja_sim.present.i18n import default_language
        from kinerja_sim.present.why import why_page

        return why_page(self.table, self.manifest, self.notes, default_language()).markdown()


def attribute(
    comparison: Comparison,
    metric: str,
    unit: str,
    *,
    region: str | None = None,
    scenario: str | None = None,
    window: str = "after",
    replications: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    notify: Notify | None = None,
    simulate_block: SimulateBlock | None = None,
) -> Attribution:
    """Return how the effect of a policy divides among the mechanisms in which it differs from the reference.

    Parameters
    ----------
    comparison : Comparison
    metric, unit, region, scenario, window, replications, workers, progress
        As for `Comparison.why`.
    notify : callable, optional
        Called with a `Text` before work that will take more than a minute.
    simulate_block : callable, optional
        The model that the comparison was made with, where it was not this package's own.

    Raises
    ------
    InputError
        If a name is unknown, nothing was observed, or `replications` is not within the comparison.
    RunError
        If the comparison's own numbers do not come out again.
    """
    question = ask(comparison, metric, unit, region, scenario, window)
    workers = whole_number("workers", workers, 1)
    available = comparison.manifest["replications"]
    n = replications_used(replications, available)
    # Subsets are the same for every unit and metric: the second question about a policy costs nothing.
    key = (question.region, question.scenario, window, n, simulate_block)
    if key not in comparison.games:
        comparison.games[key] = play(
            comparison, question, n, workers=workers, progress=progress, notify=notify, simulate_block=simulate_block
        )
    game = comparison.games[key]
    parts = divide(game, question, comparison.manifest["baseline"])
    manifest = comparison.manifest | {"replications": len(game.draws)}
    return Attribution(
        parts.table, parts.pairwise, parts.draws, manifest, **vars(question),
        notes=(*_notes(game, available), *_idle_note(comparison, question.scenario)),
    )  # fmt: skip


def ask(
    comparison: Comparison, metric: str, unit: str, region: str | None, scenario: str | None, window: str
) -> Question:
    """Return a question about a comparison with every name checked and what was left out filled in.

    Raises
    ------
    InputError
        If a name is unknown ("did you mean ..."), or several would fit where one was left out.
    """
    manifest = comparison.manifest
    _known("metric", metric, METRICS)
    _known("window", window, ("after", "all"))
    units = {name: list(manifest["regions"][name]["units"]) for name in comparison.regions}
    if region is None:
        _known("unit", unit, list(dict.fromkeys(u for has in units.values() for u in has)))
        region = _the_only("region", [r for r, has in units.items() if unit in has], f"for unit '{unit}'")
    _known("region", region, comparison.regions)
    _known("unit", unit, units[region])
    reference, run = manifest["baseline"], manifest["scenarios"][region]
    others = [s for s in run if s != reference]
    if scenario is None:
        own = [s for s in others if s == manifest["regions"][region]["preset"]]
        acting = [s for s in others if manifest["policies"][s]["kind"] != "null"]
        scenario = _the_only("scenario", own or acting or others, f"in region '{region}'")
    if scenario == reference:
        rule, remedy = f"be another policy than the reference '{reference}'", f"Run here: {', '.join(others)}."
        raise InputError(sentence("scenario", rule, show(scenario), remedy=remedy))
    _known("scenario", scenario, others)
    return Question(region, unit, metric, scenario, window)


def _known(name: str, value: str, known: Sequence[str] | dict[str, Any]) -> None:
    if value not in known:
        listed = f"Known: {', '.join(known)}."
        remedy = f"{did_you_mean(value, known)} {listed}".strip()
        raise InputError(sentence(name, "be one of those in the comparison", show(value), remedy=remedy))


def _the_only(name: str, found: Sequence[str], where: str) -> str:
    if len(found) > 1:
        got, remedy = "none where several would do", f"Choose one of: {', '.join(found)}."
        raise InputError(sentence(name, "be named", got, where, remedy))
    return found[0]


def _idle_note(comparison: Comparison, scenario: str) -> tuple[Text, ...]:
    """Return why there may be nothing to divide: a policy that changes the grade alone, from which nothing follows."""
    policy, reference = (read_policy(comparison.manifest, name) for name in (scenario, comparison.manifest["baseline"]))
    told = nothing_follows([policy] if changes_grade_only(policy, reference) else [])
    return () if told is None else (told,)


def _notes(game: Game, available: int) -> tuple[Text, ...]:
    """Return what must be said beside the parts: replications left out, and blocks that cannot be told apart."""
    told = []
    asked = len(game.draws) + game.n_failed
    if asked < available:
        told.append(
            Text(
                id=f"Dihitung dari {asked} replikasi pertama di antara {available} replikasi perbandingan.",
                en=f"From the first {asked} of the comparison's {available} replications.",
            )
        )
    if game.n_failed:
        told.append(
            Text(
                id=f"{game.n_failed} replikasi gagal dan tidak dihitung.",
                en=f"{game.n_failed} replications failed and are left out.",
            )
        )
    if any("+" in group for group in game.groups):
        told.append(
            Text(
                id="Blok yang ditulis dengan tanda + hanya sah bersama-sama, sehingga bagiannya satu.",
                en="Blocks written with a + are valid only together, so they have one part.",
            )
        )
    return tuple(told)
