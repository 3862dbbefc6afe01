"""What `compare` gives back: tables, their record, and a few ways to look at them."""

from __future__ import annotations

import io
import os
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from kinerja_sim.know.arguments import CALLBACK, NUMBER, NUMBERS, PATH, TEXT, takes
from kinerja_sim.know.fields import Text
from kinerja_sim.study import economics
from kinerja_sim.study.contrasts import contrast, with_unstable
from kinerja_sim.study.execute import Failure
from kinerja_sim.study.store import read_manifest, read_table, write_tables
from kinerja_sim.study.summary import series

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kinerja_sim.present.page import Page
    from kinerja_sim.study.attribution import Attribution
    from kinerja_sim.study.execute import Progress
    from kinerja_sim.study.parts import Game

TABLES = ("results", "summary", "contrasts", "appraisals")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Policies compared on the same citizens: tables that travel with their manifest.

    Attributes
    ----------
    results : DataFrame
        One row per scenario, region, unit, draw, replication and month
        (`know.schema.RESULT_COLUMNS`).
    summary : DataFrame
        Mean and intervals per scenario, region, unit, metric and window.
    contrasts : DataFrame
        Paired differences from the baseline, same grain, one row per scenario.
    appraisals : DataFrame
        Counts of grades per scenario, unit, replication and month; never one officer.
    manifest : dict
        What went in (seed, options, regions, policies, versions, hashes, run id), the
        warnings, and the replications that failed.
    """

    results: pd.DataFrame
    summary: pd.DataFrame
    contrasts: pd.DataFrame
    appraisals: pd.DataFrame
    manifest: dict[str, Any]
    games: dict[Any, Game] = field(default_factory=dict, init=False, repr=False)  # what `why` has run so far

    @property
    def run_id(self) -> str:
        """Short hash of everything that decided the numbers."""
        return str(self.manifest["run_id"])

    @property
    def regions(self) -> list[str]:
        """Names of the regions, in the order asked for."""
        return list(self.manifest["scenarios"])

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What must be read beside the numbers, in Indonesian and English."""
        return tuple(Text(**text) for text in self.manifest["warnings"])

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Replications that failed, with their reasons; in no table, counted in `n_failed`."""
        return tuple(Failure(**failure) for failure in self.manifest["failed"])

    @takes(reference=TEXT)
    def against(self, reference: str) -> pd.DataFrame:
        """Return the contrasts table with another scenario as the reference.

        Two policies differ when their own paired contrast says so, not when one differs
        from the baseline and the other does not.
        """
        return with_unstable(contrast(self.results, reference, self._failed), series(self.results))

    @takes(value_idr=NUMBER, reference=TEXT)
    def net_benefit(self, value_idr: float | None = None, *, reference: str | None = None) -> pd.DataFrame:
        """Return extra cost, waiting hours saved and net benefit of every policy, region by region.

        Parameters
        ----------
        value_idr : float, >= 0, optional
            What an hour of a citizen's waiting is worth, rupiah of `know.schema.PRICE_YEAR`; the
            ledger's point when left out. `acceptability` shows all values.
        reference : str, optional
            Scenario to compare with; the baseline when left out.

        Returns
        -------
        DataFrame
            As `study.economics.net_benefits` says: a difference with its intervals, never a ratio.

        Raises
        ------
        InputError
            If the value is no amount, or the reference no scenario.
        """
        return economics.net_benefits(self.results, value_idr, reference or self.manifest["baseline"], self._failed)

    @takes(values_idr=NUMBERS, reference=TEXT)
    def acceptability(self, values_idr: Sequence[float] | None = None, *, reference: str | None = None) -> pd.DataFrame:
        """Return the chance that each policy is worth its cost, value by value (`study.economics.acceptability`)."""
        return economics.acceptability(self.results, values_idr, reference or self.manifest["baseline"], self._failed)

    @takes(reference=TEXT)
    def costs(self, *, reference: str | None = None) -> pd.DataFrame:
        """Return what every policy costs more, item by item (`study.economics.item_costs`)."""
        return economics.item_costs(self.results, reference or self.manifest["baseline"], self._failed)

    @cached_property
    def queues(self) -> pd.DataFrame:
        """Whether the queues are sane: load, draws that cannot cope, Little's law, theory (`study.queues`)."""
        from kinerja_sim.study.manifest import read_region
        from kinerja_sim.study.queues import queue_table

        regions = {name: read_region(self.manifest, name) for name in self.regions}
        span = {name: int(self.manifest[name]) for name in ("months", "pre_months")}
        extra = {name: int(entry["capacity"]["extra_officers"]) for name, entry in self.manifest["policies"].items()}
        return queue_table(self.results, regions, reference=self.manifest["baseline"], extra=extra, **span)

    @property
    def _failed(self) -> Counter[str]:
        return Counter(f.region for f in self.failures)

    @takes(metric=TEXT, unit=TEXT, region=TEXT, scenario=TEXT, window=TEXT, progress=CALLBACK)
    def why(
        self,
        metric: str,
        unit: str,
        *,
        region: str | None = None,
        scenario: str | None = None,
        window: str = "after",
        replications: int | None = None,
        workers: int = 1,
        progress: Progress | None = None,
    ) -> Attribution:
        """Return which mechanism carried a policy's effect: Shapley shares that add up in every replication.

        Every combination of the groups of blocks in which the policy differs from the
        reference is run, at most 256, on the same citizens. A second question about the same
        policy needs no further run.

        Parameters
        ----------
        metric, unit : str
            A metric of `know.schema.METRICS` and a service unit.
        region : str, optional
            May be left out where one region only has the unit.
        scenario : str, optional
            The region's own policy when left out, or the only one that was compared.
        window : {'after', 'all'}
        replications : int, optional
            The first so many of this comparison; at most 50 when left out.
        workers, progress
            As for `compare`.

        Raises
        ------
        InputError
            If a name is unknown ("did you mean ..."), or nothing was observed.
        RunError
            If this comparison's own numbers do not come out again, because it was made by
            another version of the package.

        Warns
        -----
        UserWarning
            Before work that will take more than a minute, with its expected time.

        Examples
        --------
        >>> import kinerja_sim as ks
        >>> both = ks.load_policy("training_only+one_more_officer")
        >>> comparison = ks.compare("arcamanik", both, replications=2, months=2, pre_months=1)
        >>> why = comparison.why("turnaround_days_mean", "sukamiskin")
        >>> why.table["group"][why.table["part"] == "share"].tolist()
        ['training', 'capacity']
        """
        from kinerja_sim.present.i18n import default_language
        from kinerja_sim.study.attribution import attribute

        def notify(text: Text) -> None:
            warnings.warn(text.in_(default_language()), UserWarning, stacklevel=7)

        return attribute(
            self, metric, unit, region=region, scenario=scenario, window=window, replications=replications,
            workers=workers, progress=progress, notify=notify,
        )  # fmt: skip

    @takes(folder=PATH)
    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write tables and manifest into `folder`, whole or not at all, and return its path.

        Raises
        ------
        InputError
            If `folder` is a file, cannot be written or holds something else.
        """
        files = {f"{name}.parquet": getattr(self, name) for name in TABLES}
        return write_tables(
            folder,
            files | {"summary.csv": self.summary, "contrasts.csv": self.contrasts, "queues.csv": self.queues},
            self.manifest,
        )

    # Showing belongs to a floor above. These methods import it when they are called, so that
    # nothing here depends on it; the import contract lists the exceptions by name.

    @takes(metric=TEXT, region=TEXT, unit=TEXT, window=TEXT, lang=TEXT)
    def plot(
        self,
        metric: str,
        *,
        region: str | None = None,
        unit: str | None = None,
        window: str = "after",
        lang: str | None = None,
    ) -> Figure:
        """Return a figure of every policy's effect on `metric`, with both intervals, n, seed and run id.

        Parameters
        ----------
        metric : str
            A metric of `know.schema.METRICS`.
        region : str, optional
            The first region in which the metric was observed, when left out.
        unit : str, optional
            One service unit; every unit in which the metric was observed, when left out.
        window : {'after', 'all', 'pre'}
        lang : {'id', 'en'}, optional
            As `KINERJA_LANG` or the locale says, when left out.

        Raises
        ------
        InputError
            If a name is unknown or the metric was observed nowhere.
        """
        from kinerja_sim.present.figures import effect_figure
        from kinerja_sim.present.i18n import default_language
        from kinerja_sim.present.saved import region_title

        lang = lang or default_language()
        if region is None:
            seen = self.contrasts[(self.contrasts["metric"] == metric) & self.contrasts["reference_mean"].notna()]
            region = next((name for name in self.regions if (seen["region"] == name).any()), self.regions[0])
        title = region_title(self.manifest, region, lang)
        figure = effect_figure(self.contrasts, self.manifest, region, metric, lang, unit=unit, window=window)
        if len(self.regions) > 1:
            figure.suptitle(title)
        return figure

    def __repr__(self) -> str:
        """Return the tables of all regions as plain text."""
        from rich.console import Console

        console = Console(file=io.StringIO(), width=120, color_system=None)
        console.print(*self._pages(), sep="")
        return console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO

    def _repr_markdown_(self) -> str:
        """Return the tables of all regions as Jupyter shows them."""
        return "\n\n".join(page.markdown() for page in self._pages())

    def _pages(self) -> list[Page]:
        from kinerja_sim.present.i18n import default_language
        from kinerja_sim.present.page import Page
        from kinerja_sim.present.tables import region_page

        lang = default_language()
        pages = [region_page(self.contrasts, self.manifest, region, lang) for region in self.regions]
        return [*pages, Page([], notes=[text.in_(lang) for text in self.warnings])]


@takes(folder=PATH)
def load_comparison(folder: str | os.PathLike[str]) -> Comparison:
    """Return the comparison that `Comparison.save` wrote into `folder`.

    Raises
    ------
    InputError
        If `folder` holds no saved comparison, or a table is missing.
    """
    manifest = read_manifest(folder)
    tables = {name: read_table(folder, name) for name in TABLES}
    return Comparison(**tables, manifest={key: value for key, value in manifest.items() if key != "tables"})
