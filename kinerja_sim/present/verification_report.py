"""What the notebook on verification says: exact proofs, queues beside theory, published trials hit and missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kinerja_sim.present.answers import null_proof, provenance
from kinerja_sim.present.listings import CHECK_TITLES
from kinerja_sim.present.markdown import Report, limits
from kinerja_sim.present.page import bullets, markdown_table, paragraphs
from kinerja_sim.present.queues import queue_line
from kinerja_sim.present.saved import (
    primary_hypothesis,
    region_title,
    short_region_title,
    unit_title,
)
from kinerja_sim.present.sweeps import warm_up_figure
from kinerja_sim.present.trials import predictions_table, reasons_table, summary_sentence
from kinerja_sim.study.precision import monthly

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from kinerja_sim.know.trials import Trials
    from kinerja_sim.study.check import Check
    from kinerja_sim.study.trials import TrialResults

PROOFS = ("zero_dose", "pre_months", "conservation", "replication")


class VerificationReport(Report):
    """What speaks for and against the simulation."""

    def opening(self) -> str:
        """Return what is looked at, and the comparison's own null proof."""
        t, manifest = self.t, self.manifest
        equal, total = null_proof(self.saved.contrasts, manifest)
        null = t("Null policy: {equal} of {total} contrasts exactly zero.", equal=t.number(equal),
                 total=t.number(total)) if total else t("The null policy was not run in this comparison.")  # fmt: skip
        order = t("First what must hold exactly, then what mathematics knows, then what was observed elsewhere. Only "
                  "the last can speak for the model itself; the first two speak for its arithmetic.")  # fmt: skip
        return paragraphs(order, f"**{null}**", provenance(manifest, self.lang))

    def proofs(self, found: Check) -> str:
        """Return the exact proofs and the flags of a check.

        Parameters
        ----------
        found : Check
            From `study.check.check`, run for the notebook.
        """
        t, table = self.t, found.table
        heads = (t("Claim"), t("Kind"), t("Held"), t("Flagged"), t("Failed"))
        lines = []
        for code in dict.fromkeys(table["check"]):
            n = Counter(table.loc[table["check"] == code, "verdict"])
            kind = t("proof") if code in PROOFS else t("flag")
            title = CHECK_TITLES[str(code)].in_(self.lang)
            lines.append((title, kind, *(t.number(n[v]) for v in ("ok", "warning", "failed"))))
        said = t("Every proof holds.") if found.is_passed else t("A proof fails: do not use these numbers.")
        note = t("A flag is no error: it names places where a reader should look twice.")
        return paragraphs("## " + t("What must hold exactly"), f"**{said}**", markdown_table([heads, *lines]), note)

    def queues(self) -> str:
        """Return whether the queues of today's practice are sane, region by region."""
        t, table, manifest = self.t, self.saved.queues, self.manifest
        if table is None:
            return ""
        said = [
            t("{region}: {claim}", region=short_region_title(manifest, r, self.lang),
              claim=queue_line(table, manifest, r, self.lang))
            for r in manifest["regions"]
        ]  # fmt: skip
        return paragraphs("## " + t("Are the queues of the regions sane?"), bullets(said))

    def warm_up(self) -> Iterator[tuple[str, Figure]]:
        """Yield, for each region, Welch's plot of today's practice where its primary hypothesis is tested."""
        t, manifest, heading = self.t, self.saved.manifest, "## " + self.t("Is the warm-up long enough?")
        note = t("Every run drops its first months before those shown here. A moving average that is level from the "
                 "start says that this was enough; seasons bend it too. A policy's effect is a difference between runs "
                 "that start alike: what is left of a start is in both.")  # fmt: skip
        for region in manifest["regions"]:
            primary = primary_hypothesis(manifest, region)
            unit, metric = str(primary["unit"]), str(primary["metric"])
            rows = self.saved.results.query("region == @region and unit == @unit")
            series = monthly(rows[rows["scenario"] == manifest["baseline"]], metric)
            name = t("{region}: {claim}", region=short_region_title(manifest, region, self.lang),
                     claim=unit_title(manifest, region, unit, self.lang))  # fmt: skip
            yield paragraphs(heading, note, "### " + name), warm_up_figure(series, metric, manifest, self.lang)
            heading = note = ""

    def theory(self, table: pd.DataFrame) -> str:
        """Return simulated waits beside the closed form.

        Parameters
        ----------
        table : DataFrame
            From `study.theory.queue_theory`, run for the notebook.
        """
        t = self.t
        heads = (t("Servers"), t("Load"), t("Theory, minutes"), t("Simulated, minutes"), t("95% interval"))
        lines, held = [], 0
        for row in table.to_dict("records"):
            held += row["ci_low"] <= row["theory"] <= row["ci_high"]
            low, high = t.number(row["ci_low"], 2), t.number(row["ci_high"], 2)
            lines.append((t.number(row["n_servers"]), t.percent(row["load"]), t.number(row["theory"], 2),
                          t.number(row["simulated"], 2), t("{low} … {high}", low=low, high=high)))  # fmt: skip
        said = t("{held} of {total} intervals hold the exact value; about 1 in 20 may miss by chance.",
                 held=t.number(held), total=t.number(len(table)))  # fmt: skip
        note = t("A queue with random arrivals and services, for which Erlang's formula is exact; a simulated office "
                 "has opening hours, leave and returns besides.")  # fmt: skip
        return paragraphs("## " + t("What mathematics knows"), f"**{said}**", markdown_table([heads, *lines]), note)

    def trials(self, found: TrialResults, published: Trials) -> str:
        """Return published trials, each predicted with its own ledger row removed.

        Parameters
        ----------
        found : TrialResults
            From `study.trials.run_trials`, run for the notebook.
        published : Trials
        """
        t = self.t
        note = t("Each trial is run with the ledger row that it feeds taken out; misses are shown with hits.")
        drawn = t("{n} draws of the evidence ledger.", n=t.number(found.draws))
        return paragraphs(
            "## " + t("What was observed elsewhere"), f"**{summary_sentence(found.summary, self.lang)}**", note,
            predictions_table(found.table, published, self.lang).markdown(),
            reasons_table(found.table, published, self.lang).markdown(), drawn,
        )  # fmt: skip

    def limits(self) -> str:
        """Return what this notebook does not show."""
        t, names = self.t, [region_title(self.manifest, r, self.lang) for r in self.manifest["regions"]]
        return limits(
            self.lang,
            t("No office of these regions has been measured before and after: {names}.", names="; ".join(names)),
            t("Correct arithmetic does not make an assumption true; the trials are few and from other places."),
        )
