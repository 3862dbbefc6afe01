"""Panel beside the results: can the queues be believed, and what do closed forms say of them.

Reads the table that `study.queues` made. Closed forms never judge the simulation: they say
which part of a wait a steady queue of these officers explains. Left out: policies other
than today's practice, whose queues are in the table but not in the panel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.i18n import Translator, translator
from kinerja_sim.present.page import Page, Table
from kinerja_sim.present.saved import Manifest, short_unit_title, unit_title

if TYPE_CHECKING:
    import pandas as pd

    from kinerja_sim.present.text import Row


def _today(queues: pd.DataFrame, manifest: Manifest, region: str) -> list[Row]:
    """Return the rows of today's practice, in the order of the region's file."""
    here = queues[(queues["region"] == region) & (queues["scenario"] == manifest["baseline"])]
    rows = {row["unit"]: row for row in here.to_dict("records")}
    return [rows[unit] for unit in manifest["regions"][region]["units"] if unit in rows]


def queue_page(queues: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> Page:
    """Return one line of finished cells for each service unit under today's practice, and how to read them.

    Parameters
    ----------
    queues : DataFrame
        From `study.queues.queue_table`.
    manifest : mapping
    region : str
    lang : {'id', 'en'}
    """
    t = translator(lang)
    heads = (
        t("Service unit"), t("Busier stage, load"), t("Queue keeps growing"), t("Little's law, days"),
        t("Wait, minutes"), t("M/M/c"), t("Allen–Cunneen"), t("Erlang A, by half-hour"),
        t("Turnaround, days"), t("Officers' queues alone, days"), t("Memory, days"),
    )  # fmt: skip
    table = Table(heads, [_cells(row, manifest, region, t) for row in _today(queues, manifest, region)])
    return Page([queue_line(queues, manifest, region, lang)], [table], _notes(t), t("Are the queues sane?"))


def _cells(row: Row, manifest: Manifest, region: str, t: Translator) -> tuple[str, ...]:
    memory = t.number(row["relaxation_days"], 1) if row["relaxation_days"] < 9999 else t("endless")
    return (
        unit_title(manifest, region, row["unit"], t.lang),
        t.percent(row["load"]),
        t("{part} of {whole}", part=t.number(row["n_unstable"]), whole=t.number(row["n_draws"])),
        t("{gap} (allowed {allowed})", gap=t.signed(row["little_gap"], 2), allowed=t.number(row["little_allowed"], 2)),
        _mean(row, "wait", 1, t),
        *(t.number(row[f"wait_{name}"], 1) for name in ("mmc", "allen_cunneen", "erlang_a")),
        _mean(row, "turnaround", 2, t),
        t.number(row["turnaround_theory"], 2),
        memory,
    )


def _mean(row: Row, name: str, places: int, t: Translator) -> str:
    """Return a simulated mean with the 95 % interval of that mean; an en dash where there is none."""
    mean, low, high = (t.number(row[f"{name}_{part}"], places) for part in ("simulated", "low", "high"))
    return mean if "–" in (mean, low, high) else t("{mean} ({low}–{high})", mean=mean, low=low, high=high)


def queue_warnings(queues: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> list[str]:
    """Return what is wrong with the queues of today's practice, one sentence each; nothing when they are sane."""
    t, found = translator(lang), []
    for row in _today(queues, manifest, region):
        unit = short_unit_title(manifest, region, row["unit"], lang)
        if row["n_unstable"]:
            share = {"part": t.number(row["n_unstable"]), "whole": t.number(row["n_draws"])}
            found.append(
                t("{unit}: in {part} of {whole} simulations more comes in than it can handle", unit=unit, **share)
            )
        if abs(row["little_gap"]) > row["little_allowed"]:
            found.append(t("{unit}: backlog and turnaround disagree (Little's law)", unit=unit))
        if row["is_drifting"] is True:
            state = METRICS[row["drift_state"]].label.in_(lang)
            found.append(t("{unit}: officers drift without a policy ({state})", unit=unit, state=state))
        if row["is_short"]:
            found.append(t("{unit}: the run is short against the queue's memory", unit=unit))
    return found


def queue_line(queues: pd.DataFrame, manifest: Manifest, region: str, lang: str) -> str:
    """Return the panel in one line: the heaviest load offered (visits that leave are in it), and every warning."""
    t, rows = translator(lang), _today(queues, manifest, region)
    busiest = max(rows, key=lambda row: row["load"])
    load = t(
        "Queues today: the busier stage is offered work for up to {load} of its officers' time ({unit})",
        load=t.percent(busiest["load"]), unit=short_unit_title(manifest, region, busiest["unit"], lang),
    )  # fmt: skip
    warnings = queue_warnings(queues, manifest, region, lang) or [t("nothing else to note")]
    return "; ".join([load, *warnings]) + "."


def _notes(t: Translator) -> list[str]:
    """Return how to read the panel."""
    return [
        t("Closed forms stand beside the simulation and prove nothing: they know one even pace a day, officers of "
          "one speed, and no closing time. M/M/c and Allen–Cunneen know no impatience; an en dash: no steady state, "
          "or officers who come and go."),
        t("Load is offered work, that of visitors who leave included: above 100%, they leave or work goes on after the "
          "doors close. What simulated turnaround has above officers' queues alone comes from shortages, carry-over "
          "between days, busy months and unlucky simulations."),
        t("A queue counts as growing in a simulation that finishes less than 97% of what arrives or keeps officers "
          "busy above 98% of their time; such simulations are kept. Memory: working days that a processing queue takes "
          "to forget a shock."),
    ]  # fmt: skip
