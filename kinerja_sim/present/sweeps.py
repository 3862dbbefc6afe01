"""What is said about a sweep: its size and time, how far it is, what precision costs; and the picture of a warm-up.

Reads plain numbers and tables. The seconds are an estimate from a pilot and are said to be
one. Most open to dispute: how coarsely a time is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from kinerja_sim.know.fields import Text
from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.errors import in_language
from kinerja_sim.present.i18n import translator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from rich.table import Table

NEVER = 1_000_000
"""Replications above this are shown as 'too many'."""
WELCH_MONTHS = 5
"""Half of Welch's moving window."""
_SIZE = Text(
    id="Titik rancangan dan acuan × penarikan × replikasi: ({points} + {references}) × {draws} × {replications} = "
    "{runs} jalan; tugas: {tasks}; kira-kira {time} dengan satu proses (dari percobaan kecil di mesin ini).",
    en="Design and reference points × draws × replications: ({points} + {references}) × {draws} × {replications} = "
    "{runs} runs; tasks: {tasks}; about {time} with one process (from a pilot on this machine).",
)
_STATUS = Text(
    id="{done} dari {total} tugas selesai, {failed} gagal, {missing} belum.",
    en="{done} of {total} tasks done, {failed} failed, {missing} missing.",
)
_COMPACT = {
    True: Text(id="Tabel sudah ditulis.", en="The tables are written."),
    False: Text(id="Tabel belum lengkap.", en="The tables are not complete."),
}
_AGAIN = Text(
    id="Jalankan `kinerja sweep` sekali lagi untuk yang gagal dan yang belum.",
    en="Run `kinerja sweep` again for what failed and what is missing.",
)
_REASON = Text(id="Tugas gagal: {n}: {reason}", en="Failed tasks: {n}: {reason}")
_OTHERS = Text(
    id="Berkas yang bukan milik sapuan ini dan tidak dibaca: {n}, mis. {first} (rancangan lain, atau model dan bukti "
    "versi lain).",
    en="Files that are not of this sweep and are not read: {n}, e.g. {first} (another design, or another version of "
    "model and evidence).",
)
_NAMED = Text(id="{name}: tidak dibaca, {reason}", en="{name}: not read, {reason}")
_DONE = Text(
    id="Tugas dijalankan sekarang: {run}. Penarikan × replikasi di tabel: {draws} × {replications}. Gagal: {failures}.",
    en="Tasks run now: {run}. Draws × replications in the tables: {draws} × {replications}. Failed: {failures}.",
)
_PLAN = {
    "region": Text(id="Wilayah", en="Region"),
    "policy": Text(id="Kebijakan", en="Policy"),
    "unit": Text(id="Unit", en="Unit"),
    "sd": Text(id="Simpangan baku selisih", en="SD of the difference"),
    "needed": Text(id="Perlu", en="Needed"),
    "safe": Text(id="Aman (90 %)", en="Safe (90%)"),
    "unpaired": Text(id="Tanpa pasangan", en="Unpaired"),
    "minutes": Text(id="Menit (aman)", en="Minutes (safe)"),
}
_PLAN_TITLE = Text(
    id="{what} agar selisih “{metric}” diketahui sampai ± {width} {unit} (selang 95 %), dari percobaan {n}",
    en="{what} for the difference in “{metric}” to be known to ± {width} {unit} (95% interval), from a pilot of {n}",
)
_WHAT = {True: Text(id="Penarikan", en="Draws"), False: Text(id="Replikasi", en="Replications")}
_TOO_MANY = Text(id="terlalu banyak", en="too many")
_TIME = {
    "seconds": Text(id="{n} detik", en="{n} s"),
    "minutes": Text(id="{n} menit", en="{n} min"),
    "hours": Text(id="{n} jam", en="{n} h"),
}
_WARM = {
    "title": Text(id="Periode pemanasan: {what}", en="Warm-up: {what}"),
    "x": Text(id="Bulan simulasi", en="Month of the simulation"),
    "line": Text(id="rata-rata {n}", en="mean of {n}"),
    "welch": Text(id="rata-rata bergerak Welch, ± {n} bulan", en="Welch's moving average, ± {n} months"),
    "cut": Text(id="MSER-5: buang {n} pertama", en="MSER-5: drop the first {n}"),
    "settled": Text(id="MSER-5: tidak ada bulan yang perlu dibuang", en="MSER-5: no month to drop"),
    "none": Text(id="MSER-5: jalannya terlalu pendek untuk dipastikan", en="MSER-5: the run is too short to tell"),
}


def time_text(seconds: float, lang: str) -> str:
    """Return a span of time, rounded as an estimate deserves.

    Examples
    --------
    >>> time_text(42.3, "en"), time_text(5400, "id")
    ('42 s', '1,5 jam')
    """
    t = translator(lang)
    if seconds < 100:
        return _TIME["seconds"].in_(lang).format(n=t.number(max(1, seconds)))
    if seconds < 5400:
        return _TIME["minutes"].in_(lang).format(n=t.number(seconds / 60))
    return _TIME["hours"].in_(lang).format(n=t.number(seconds / 3600, 1))


def size_text(size: Any, lang: str) -> str:
    """Return how large a sweep is and how long it takes, from a `study.sweep.Size`."""
    t = translator(lang)
    runs = (size.points + size.references) * size.draws * size.replications
    counts = {n: t.number(getattr(size, n)) for n in ("points", "references", "draws", "replications", "tasks")}
    return _SIZE.in_(lang).format(**counts, runs=t.number(runs), time=time_text(size.seconds, lang))


def done_text(swept: Any, lang: str) -> str:
    """Return what a finished sweep did, from a `study.sweep.Swept`."""
    t = translator(lang)
    values = {
        "run": swept.run_now,
        "draws": swept.draws,
        "replications": swept.replications,
        "failures": swept.failures,
    }
    return _DONE.in_(lang).format(**{name: t.number(value) for name, value in values.items()})


def status_lines(status: Any, lang: str) -> list[str]:
    """Return how far a sweep is, why tasks failed and which files are not sound, from a `study.sweep.Status`."""
    t = translator(lang)
    counts = {n: t.number(getattr(status, n)) for n in ("done", "total", "failed", "missing")}
    lines = [f"{_STATUS.in_(lang).format(**counts)} {_COMPACT[status.is_compacted].in_(lang)}"]
    lines += [_REASON.in_(lang).format(n=t.number(n), reason=reason) for reason, n in status.reasons.items()]
    lines += [_NAMED.in_(lang).format(name=name, reason=in_language(reason, lang)) for name, reason in status.named]
    if status.others:
        lines.append(_OTHERS.in_(lang).format(n=t.number(len(status.others)), first=status.others[0]))
    if status.missed:
        lines.append(status.missed.in_(lang))
    return [*lines, _AGAIN.in_(lang)] if status.failed or status.missing else lines


def _plainly(value: float, lang: str) -> str:
    """Return a number as the user gave it, with the language's decimal mark."""
    return f"{value:g}".replace(".", "," if lang == "id" else ".")


def plan_table(plan: pd.DataFrame, metric: str, half_width: float, pilot: int, is_drawn: bool, lang: str) -> Table:
    """Return the replications that differences need as a table for the terminal, from `planner.plan_precision`."""
    from rich.table import Table

    t, measured = translator(lang), METRICS[metric]
    title = _PLAN_TITLE.in_(lang).format(
        what=_WHAT[is_drawn].in_(lang), metric=measured.label.in_(lang), width=_plainly(half_width, lang),
        unit=measured.unit.in_(lang) if not measured.is_share else "", n=t.number(pilot),
    )  # fmt: skip
    table = Table(title=" ".join(title.split()), title_justify="left")
    for name in plan.columns:
        is_name = name in ("region", "policy", "unit")  # names are typed again: none is cut short
        table.add_column(_PLAN[name].in_(lang), justify="left" if is_name else "right", overflow="fold")
    for row in plan.to_dict("records"):
        counts = [t.number(row[n]) if row[n] < NEVER else _TOO_MANY.in_(lang) for n in ("needed", "safe", "unpaired")]
        minutes = t.number(row["minutes"], 1) if row["safe"] < NEVER else "–"
        table.add_row(row["region"], row["policy"], row["unit"], t.number(row["sd"], 4), *counts, minutes)
    return table


def warm_up_figure(series: np.ndarray, metric: str, manifest: Mapping[str, Any], lang: str) -> Figure:
    """Return Welch's plot of a metric from the start of the simulation, with MSER-5's cut.

    Parameters
    ----------
    series : array, shape (replications, months)
        NaN is left out of the mean.
    metric : str
    manifest : mapping
        Of the run, for the footer.
    """
    from kinerja_sim.present.figures import finish, number_axis
    from kinerja_sim.present.style import COLOURS, FAINT, INK, NOTEBOOK, in_house_style, new_figure, tidy
    from kinerja_sim.study.precision import mser5, welch_means

    measured, t, height = METRICS[metric], translator(lang), 330.0
    mean = np.nanmean(series, axis=0)  # a month in which nobody of a replication came has no value there
    cut, welch = mser5(mean), welch_means(mean[None], WELCH_MONTHS)

    def draw() -> Figure:
        figure = new_figure(NOTEBOOK.width, height)
        ax = figure.subplots()
        months = np.arange(series.shape[1])
        ax.plot(
            months,
            mean,
            color=FAINT,
            lw=1,
            label=_WARM["line"].in_(lang).format(n=t.replications(len(series))),
        )
        ax.plot(
            months[: len(welch)],
            welch,
            color=COLOURS[0],
            lw=2,
            label=_WARM["welch"].in_(lang).format(n=t.number(WELCH_MONTHS)),
        )
        told = _WARM["none" if cut is None else "cut" if cut else "settled"].in_(lang).format(n=t.months(cut or 0))
        if cut:
            ax.axvline(cut - 0.5, color=INK, ls=":", lw=1)
        ax.set_title(
            _WARM["title"].in_(lang).format(what=measured.label.in_(lang)), loc="left", fontsize=NOTEBOOK.base + 1
        )
        ax.set_xlabel(_WARM["x"].in_(lang), fontsize=NOTEBOOK.base)
        ax.set_ylabel(measured.unit.in_(lang), fontsize=NOTEBOOK.base)
        tidy(ax, NOTEBOOK)
        number_axis(ax.yaxis, t, is_signed=False)
        ax.legend(fontsize=NOTEBOOK.small, frameon=False)
        finish(figure, manifest, lang, NOTEBOOK, height, told)
        return figure

    return in_house_style(draw)()
