"""What the terminal lists beside paired effects: the library, the levels of one run, a check.

Each function returns a rich renderable in one language; nothing is printed here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kinerja_sim.know.fields import Text
from kinerja_sim.know.schema import METRICS
from kinerja_sim.present.changes import level_text
from kinerja_sim.present.i18n import translator

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from kinerja_sim.know.policies import Policy
    from kinerja_sim.know.regions import Region

CHECK_TITLES: dict[str, Text] = {
    "zero_dose": Text(id="Dosis 0 tidak mengubah apa pun", en="Dose 0 changes nothing"),
    "pre_months": Text(id="Bulan sebelum kebijakan sama persis", en="Months before the policy are equal"),
    "acts": Text(id="Dosis penuh mengubah sesuatu", en="Full dose changes something"),
    "conservation": Text(id="Permohonan tidak hilang dari pembukuan", en="No case is lost from the books"),
    "stability": Text(id="Kantor sanggup melayani", en="The office can cope"),
    "littles_law": Text(id="Hukum Little pada akhir hari", en="Little's law at the close of day"),
    "drift": Text(id="Petugas tidak bergeser tanpa kebijakan", en="Officers do not drift without a policy"),
    "warm_up": Text(id="Awal simulasi seperti setahun kemudian", en="The start is like a year later"),
    "appraisals": Text(id="Penilaian dalam cakrawala waktu", en="Appraisals within the horizon"),
    "replication": Text(id="Replikasi gagal", en="Replications failed"),
}
"""What each code of `study.check` claims."""


def regions_table(regions: Sequence[Region], lang: str) -> Table:
    """Return the library's regions: name, title, units, own policy and primary hypothesis."""
    heads = [("Nama", "Name"), ("Wilayah", "Region"), ("Unit", "Units"), ("Kebijakan", "Policy"), ("Utama", "Primary")]
    table = _table(heads, lang)
    for region in regions:
        primary = region.primary
        metric = METRICS[str(primary.metric)].label.in_(lang)
        units = "\n".join(f"{name}: {unit.title.in_(lang)}" for name, unit in region.units.items())
        claim = f"{primary.claim.in_(lang)} ({primary.unit}: {metric})"
        table.add_row(region.name, region.title.in_(lang), units, region.preset, claim)
    return table


def policies_table(policies: Sequence[Policy], lang: str) -> Table:
    """Return the library's policies: name, title, description and marks."""
    table = _table([("Nama", "Name"), ("Judul", "Title"), ("Isi", "What it does"), ("Catatan", "Notes")], lang)
    table.columns[0].min_width = max(
        (len(policy.name) for policy in policies), default=0
    )  # a name is typed: keep it whole
    beyond = Text(id="di luar peraturan", en="beyond the regulation").in_(lang)
    partly = Text(id="di luar model: ", en="outside the model: ").in_(lang)
    for policy in policies:
        notes = [beyond] if policy.appraisal.beyond_regulation else []
        if policy.left_out:
            notes.append(partly + "; ".join(part.in_(lang) for part in policy.left_out))
        table.add_row(policy.name, policy.title.in_(lang), policy.description.in_(lang), "\n".join(notes))
    return table


def levels_table(pooled: pd.DataFrame, region: Region, lang: str) -> Table:
    """Return the levels of one run, a column for each service unit.

    Parameters
    ----------
    pooled : DataFrame
        `study.summary.pool_metrics` of one scenario, region and replication.
    region : Region
    lang : {'id', 'en'}
    """
    units = {row.unit: row for row in pooled.itertuples()}
    titles = [(unit.title.id, unit.title.en) for unit in region.units.values()]
    table = _table([("Ukuran", "Metric"), ("Satuan", "Unit"), *titles], lang, right_from=2)
    for name, metric in METRICS.items():
        values = [level_text(getattr(units[unit], name), name, lang) for unit in region.units]
        # A share is written with its own per cent sign.
        measure = "" if metric.is_share else metric.unit.in_(lang)
        table.add_row(metric.label.in_(lang), measure, *values)
    return table


def check_table(findings: pd.DataFrame, lang: str) -> Table:
    """Return a check: one line for each claim that held, and one for every breach.

    Parameters
    ----------
    findings : DataFrame
        `study.check.Check.table`.
    lang : {'id', 'en'}
    """
    from rich.text import Text as Styled

    heads = [("Periksa", "Check"), ("Wilayah", "Region"), ("Hasil", "Result"), ("Rincian", "Detail")]
    table = _table(heads, lang)
    words = {
        "ok": Text(id="baik", en="ok"),
        "warning": Text(id="perhatian", en="warning"),
        "failed": Text(id="gagal", en="failed"),
    }
    styles = {"ok": "green", "warning": "yellow", "failed": "bold red"}
    for code in dict.fromkeys(findings["check"]):
        rows = findings[findings["check"] == code]
        held = Counter(rows.loc[rows["verdict"] == "ok", "region"])
        title = CHECK_TITLES[str(code)].in_(lang)
        for region, n in held.items():
            table.add_row(title, str(region), Styled(f"{words['ok'].in_(lang)} ({n})", styles["ok"]), "")
        for row in rows[rows["verdict"] != "ok"].itertuples():
            where = " · ".join(part for part in (row.unit, row.scenario) if part)
            value = translator(lang).number(row.value, 0 if float(row.value).is_integer() else 2)
            verdict = Styled(words[row.verdict].in_(lang), styles[row.verdict])
            table.add_row(title, row.region, verdict, "  ".join(filter(None, [where, value, row.detail])))
    return table


def _table(heads: Sequence[tuple[str, str]], lang: str, right_from: int = 99) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for i, (title_id, title_en) in enumerate(heads):
        table.add_column(title_id if lang == "id" else title_en, justify="right" if i >= right_from else "left")
    return table
