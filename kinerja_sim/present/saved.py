"""A folder of saved tables, opened for showing: results, contrasts and the manifest.

The manifest names what the tables hold (titles, hypotheses, options, warnings); the
tables hold the numbers. Both are read once and never changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.files import label_of
from kinerja_sim.know.library import list_policies
from kinerja_sim.present.i18n import translator

if TYPE_CHECKING:
    import pandas as pd

Manifest = Mapping[str, Any]
USUAL = ("speed_only", "one_more_officer", "no_supply_outage")  # what every region is compared with
MANY = 6  # a figure or table with more policies than this is no longer read


@dataclass(frozen=True)
class Saved:
    """The tables and the manifest of one comparison; with `region`, only that region's rows are read."""

    folder: Path
    manifest: Manifest
    region: str = ""

    @cached_property
    def contrasts(self) -> pd.DataFrame:
        """Paired contrasts, one row per scenario, region, unit, metric and window."""
        return self._read("contrasts")

    @cached_property
    def results(self) -> pd.DataFrame:
        """Results, one row per scenario, region, unit, draw, replication and period (month)."""
        return self._read("results")

    @cached_property
    def queues(self) -> pd.DataFrame | None:
        """Sanity of every queue (`study.queues`); None in a folder that an earlier version wrote."""
        import pandas as pd

        path = self.folder / "queues.csv"
        # A policy may be called 'null', which pandas would read as missing.
        return pd.read_csv(path, keep_default_na=False, na_values=[""]) if path.is_file() else None

    def _read(self, name: str) -> pd.DataFrame:
        from kinerja_sim.study.store import read_table

        # All regions of a full comparison are too much for several notebooks at once.
        rows = [("region", "==", self.region)] if self.region else None
        return read_table(self.folder, name, filters=rows)


def load_saved(folder: str | Path, region: str = "", *, is_checked: bool = True) -> Saved:
    """Return the comparison saved in `folder`; with `region`, the rows of that region only.

    `is_checked` is False only where changed tables are what is looked for.

    Raises
    ------
    InputError
        If the folder holds no comparison, a manifest or table that cannot be read, or a changed table.
    """
    path = Path(folder)
    missing = [n for n in ("manifest.json", "results.parquet", "contrasts.parquet") if not (path / n).is_file()]
    if missing:
        raise InputError(
            f"`folder` must hold the tables of a comparison; got none called {', '.join(missing)} in {label_of(path)}. "
            "Run `kinerja compare` first."
        )
    try:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"`manifest.json` must be valid JSON; got an error in {path}: {error}.") from None
    from kinerja_sim.study.store import check_tables, read_table

    read = ("results.parquet", "contrasts.parquet", "queues.csv") if is_checked else ()
    check_tables(path, manifest, read, "Run `kinerja compare` again.")
    for name in ("results", "contrasts"):
        read_table(path, name, columns=[])  # the footer only: a broken file is told before anything is made
    return Saved(path, manifest, region)


def title(entry: Mapping[str, str], lang: str) -> str:
    """Return a bilingual text of the manifest in `lang`."""
    return str(entry["id" if lang == "id" else "en"])


def region_title(manifest: Manifest, region: str, lang: str) -> str:
    """Return the region's title in `lang`, or raise `InputError` when the tables do not hold it."""
    if region not in manifest["regions"]:
        known = ", ".join(manifest["regions"])
        raise InputError(f"`region` must be one of {known}; got {region!r} in these tables.")
    return title(manifest["regions"][region]["title"], lang)


def unit_title(manifest: Manifest, region: str, unit: str, lang: str) -> str:
    """Return the service unit's title in `lang`."""
    return title(manifest["regions"][region]["units"][unit]["title"], lang)


def short_unit_title(manifest: Manifest, region: str, unit: str, lang: str) -> str:
    """Return the service unit's title without what follows a colon or a bracket, for slide titles."""
    return short(unit_title(manifest, region, unit, lang))


def short(text: str) -> str:
    """Return a title without what follows a colon or stands in brackets.

    Examples
    --------
    >>> short("KTP-el: loket dan pencetakan"), short("Layanan pendidikan (unit kota)")
    ('KTP-el', 'Layanan pendidikan')
    """
    return re.split(r":| \(", text)[0].strip()


def short_region_title(manifest: Manifest, region: str, lang: str) -> str:
    """Return the region's title without the city that a district belongs to."""
    return region_title(manifest, region, lang).split(",")[0]


def marked(name: str, is_beyond: bool, lang: str) -> str:
    """Return the name of a policy or mix, marked where its split results : behaviour is beyond the regulation.

    Examples
    --------
    >>> marked("Only speed counts", True, "en"), marked("60:40", False, "id")
    ('Only speed counts (beyond the regulation)', '60:40')
    """
    t = translator(lang)
    return t("{name} (beyond the regulation)", name=name) if is_beyond else name


def beyond_note(lang: str) -> str:
    """Return what the mark of `marked` means."""
    t = translator(lang)
    return t("Beyond the regulation: results : behaviour is neither 70:30 nor, with peers heard, 60:40 (PP 30/2019 "
             "article 41).")  # fmt: skip


def beyond_notes(manifest: Manifest, lang: str) -> list[str]:
    """Return what the mark means, where a policy of the comparison has it."""
    return [beyond_note(lang)] if any(p["beyond_regulation"] for p in manifest["policies"].values()) else []


def policy_title(manifest: Manifest, scenario: str, lang: str) -> str:
    """Return the policy's title in `lang`, marked where its mix is beyond the regulation."""
    entry = manifest["policies"][scenario]
    return marked(title(entry["title"], lang), entry["beyond_regulation"], lang)


def policy_label(manifest: Manifest, region: str, scenario: str, lang: str) -> str:
    """Return a policy's title short enough for an axis; the region's own policy is called just that."""
    t, preset = translator(lang), manifest["regions"][region]["preset"]
    if scenario == preset:
        return marked(t("Own policy"), manifest["policies"][scenario]["beyond_regulation"], lang)
    if scenario.startswith(f"{preset}+"):
        rest, entries = scenario.removeprefix(f"{preset}+"), manifest["policies"]
        if rest in entries:
            label = t("Own policy + {other}", other=title(entries[rest]["title"], lang))
            return marked(label, entries[scenario]["beyond_regulation"], lang)
    return policy_title(manifest, scenario, lang)


def primary_hypothesis(manifest: Manifest, region: str) -> Mapping[str, Any]:
    """Return the one hypothesis that the region file fixed as primary."""
    found: Mapping[str, Any] = next(h for h in manifest["regions"][region]["hypotheses"] if h["primary"])
    return found


def all_scenarios(manifest: Manifest, region: str) -> list[str]:
    """Return every scenario that can have an effect, in table order: not the baseline, its copies, or `is_void` ones.

    Where nothing else was run, what is void stays.
    """
    hidden = {"baseline", "null"}
    run = [s for s in manifest["scenarios"][region] if manifest["policies"][s]["kind"] not in hidden]
    return [s for s in run if not is_void(manifest, region, s)] or run


def usual_policies(manifest: Manifest, region: str) -> list[str]:
    """Return the policies that come first in every figure, run or not: the region's own, then the usual ones."""
    preset = manifest["regions"][region]["preset"]
    return [preset, *USUAL, f"{preset}+{USUAL[-1]}"]


def shown_scenarios(manifest: Manifest, region: str) -> list[str]:
    """Return the scenarios that are shown in detail, in table order.

    All of them, unless there are more than `MANY`: then presets of the library beside the usual
    comparators are left to one compact table (`present.tables`). A user's own policies never are.
    """
    run = all_scenarios(manifest, region)
    rest = set(list_policies()) - set(usual_policies(manifest, region)) if len(run) > MANY else set()
    return [s for s in run if s not in rest] or run[:MANY]


def ordered_scenarios(manifest: Manifest, region: str) -> list[str]:
    """Return the scenarios shown in detail as figures order them: the region's own, the usual ones, then others."""
    run, usual = shown_scenarios(manifest, region), usual_policies(manifest, region)
    return [*(s for s in usual if s in run), *(s for s in run if s not in usual)]


def library_scenarios(manifest: Manifest, region: str) -> list[str]:
    """Return the scenarios that are not shown in detail, in table order."""
    shown = shown_scenarios(manifest, region)
    return [s for s in all_scenarios(manifest, region) if s not in shown]


def is_void(manifest: Manifest, region: str, scenario: str) -> bool:
    """Return whether a policy only ends shortages, and none is modelled in the region: it says nothing there."""
    policy, units = manifest["policies"][scenario], manifest["regions"][region]["units"].values()
    added = {name for name, value in policy.get("capacity", {}).items() if value}
    return policy["kind"] == "capacity" and added == {"no_shortage"} and not any(u["shortage"] for u in units)


def is_idle(manifest: Manifest, region: str, unit: str, scenario: str) -> bool:
    """Return whether a policy is nothing but an online queue, and the unit has no counter to queue at."""
    policy, stages = manifest["policies"][scenario], manifest["regions"][region]["units"][unit]["stages"]
    is_queue = policy["kind"] == "capacity" and bool(policy.get("capacity", {}).get("online_queue"))
    return is_queue and "counter" not in stages


def one_contrast(
    contrasts: pd.DataFrame, region: str, unit: str, metric: str, scenario: str, window: str = "after"
) -> pd.Series | None:
    """Return one row of the contrasts table, or None when that contrast was not made."""
    rows = contrasts[
        (contrasts["region"] == region)
        & (contrasts["unit"] == unit)
        & (contrasts["metric"] == metric)
        & (contrasts["scenario"] == scenario)
        & (contrasts["window"] == window)
    ]
    return None if rows.empty else rows.iloc[0]
