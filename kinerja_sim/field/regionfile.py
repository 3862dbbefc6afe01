"""A region file made from measurements: how numbers are written, what is kept from a base region, and the header.

A number keeps its origin: measured ones name the data, n and interval; kept ones become estimates, because for this
office nobody measured them. Left out: comments inside the file; what a reader must know stands in the header.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from kinerja_sim.field.scores import Interval
from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.files import label_of
from kinerja_sim.know.library import load_region
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.regions import Region, ServiceUnit

LEDGER, REPORT, FILE = "ledger", "report", "region"
SPREADS = ("ratio", "log", "share")  # measures of estimates that chance alone may explain
TITLE_WORDS = {"-": " ", "_": " ", "+": " + "}
HEADER = "# Written by `kinerja calibrate`; what is not measured is kept from region "
LONGEST = 114  # characters a line


@dataclass
class Estimates:
    """Estimates as they are collected: one row each, in the columns of `Calibration.estimates`."""

    rows: list[dict[str, object]] = field(default_factory=list)

    def add(self, unit: str, name: str, found: Interval, n: int, method: str, goes_to: str, measure: str) -> None:
        """Add one estimate with its 90 % interval, what it rests on and where it goes.

        A share or spread whose interval ends at 0 has an empty Q-profile set: it is 0 without an interval.
        """
        if measure in SPREADS and found.high == 0.0:
            found = Interval(0.0, np.nan, np.nan)
        self.rows.append(
            {
                "unit": unit, "quantity": name, "value": found.value, "low": found.low, "high": found.high,
                "measure": measure, "n": n, "method": method, "goes_to": goes_to,
            }
        )  # fmt: skip


def slug_of(name: str) -> str:
    """Return the nearest name that a unit of a region file may have."""
    text = "".join(c if c.isalnum() and c.isascii() else "-" for c in name.lower()).strip("-0123456789")
    return text or "unit"


def lender_of(base: Region, unit: str, stage: str) -> tuple[ServiceUnit, bool]:
    """Return the base unit that lends what data lack: that of the same name, else the first with such a stage."""
    if unit in base.units:
        return base.units[unit], True
    able = [u for u in base.units.values() if getattr(u, stage) is not None]
    return (able or list(base.units.values()))[0], False


def measured(value: object, unit: str, source: str, n: int, found: Interval | None = None) -> dict[str, object]:
    """Return a number as a region file writes it, with n and interval in its source."""
    tail = "" if found is None or np.isnan(found.low) else f"; 90 % interval {found.low:.3g} to {found.high:.3g}"
    key = "values" if isinstance(value, list) else "value"
    return {key: value, "unit": unit, "grade": "measured", "source": f"{source}; n = {n}{tail}"}


def own_row(found: Interval, unit: str, source: str, n: int) -> dict[str, object] | None:
    """Return an estimate as a unit's own row of the ledger; None where there was nothing to find."""
    return measured(round(found.value, 4), unit, source, n, found) if found.value >= 0.001 else None


def held_over(quantity: Any) -> Any:
    """Return a base region's sourced number, regraded: for this office it is an estimate."""
    data = quantity.model_dump(mode="json") if hasattr(quantity, "model_dump") else dict(quantity)
    if "source" in data:
        data |= {"grade": "estimate", "source": f"kept from the base region, not in the data: {data['source']}"}
    return {k: (held_over(v) if isinstance(v, dict) else v) for k, v in data.items()}


def title_of(unit: str) -> dict[str, str]:
    """Return a title made from a unit's name, the same in both languages."""
    text = unit
    for old, new in TITLE_WORDS.items():
        text = text.replace(old, new)
    return {"id": text.capitalize(), "en": text.capitalize()}


def shared_fields(like: ServiceUnit, kept: list[str]) -> dict[str, Any]:
    """Return what no log identifies, from the unit that lends it, and add its paths to `kept`."""
    kept += ["standard", "restriction_days", "satisfaction_base"]
    return {
        "standard": {"quantity": like.standard.quantity, "value": held_over(like.standard.value)},
        "restriction_days": held_over(like.restriction_days), "satisfaction_base": held_over(like.satisfaction_base),
        "urban": like.urban,
    }  # fmt: skip


def region_doc(name: str, base: Region, units: dict[str, dict[str, Any]], kept: list[str]) -> dict[str, Any]:
    """Return the region as plain data: measured units, and the base region's people, preset and hypotheses."""
    kept += ["population", "resistance_cause", "preset"]
    hypotheses = [h.model_dump(mode="json") for h in base.hypotheses if h.unit in units]
    if not any(h["primary"] for h in hypotheses):
        unit = next(iter(units))
        metric = "wait_minutes_mean" if "counter" in units[unit] else "turnaround_days_mean"
        first = {
            "claim": {"id": "Belum ada dugaan yang ditulis; ini ukuran pertama dari data",
                      "en": "No hypothesis was written yet; this is the first metric of the data"},
            "phrase": "dari data", "unit": unit, "metric": metric, "direction": "falls", "primary": True,
        }  # fmt: skip
        hypotheses.insert(0, first)
    else:
        kept.append("hypotheses")
    return {
        "name": name, "title": title_of(name), "level": base.level, "population": held_over(base.population),
        "resistance_cause": base.resistance_cause, "preset": base.preset, "hypotheses": hypotheses, "units": units,
    }  # fmt: skip


def check_output(path: Path, name: str) -> Path:
    """Return `path` if a region file may be written there.

    Raises
    ------
    InputError
        If its name is not the region's, it is a folder, or it holds a file that `calibrate` did not write.
    """
    label = label_of(path)
    if path.suffix not in (".yaml", ".yml") or path.stem != name:
        remedy = f"Such as -o data/regions/{name}.yaml."
        raise InputError(sentence("-o", f"be a file called {name}.yaml", f"'{label}'", remedy=remedy))
    if path.is_dir():
        raise InputError(sentence("-o", "be a file", "a folder", f"at {label}"))
    if path.exists() and not path.read_text(encoding="utf-8", errors="replace").startswith(HEADER):
        got, remedy = "a file that somebody else wrote", "Name another file."
        raise InputError(sentence("-o", "be new or written by `kinerja calibrate`", got, f"at {label}", remedy))
    return path


def region_text(region: Region, base: str, kept: list[str]) -> str:
    """Return a region file as text: a header with everything that was kept from `base`, then the region."""
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.width = LONGEST
    stream = io.StringIO()
    yaml.dump(region.model_dump(mode="json", exclude_none=True, exclude_defaults=False), stream)
    lines = [f"{HEADER}'{base}':", *(f"#   {path}" for path in kept)]
    lines.append(
        "# Spread between officers is a row of the evidence ledger, not of a region file: see estimates.csv in the"
    )
    lines.append("# data folder's calibration/.")
    return "\n".join(lines) + "\n" + stream.getvalue()


def write_region(path: Path, text: str) -> Region:
    """Write a region file whole or not at all, after reading it back, and return the region.

    Raises
    ------
    InputError
        If it would not load.
    RunError
        If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".kinerja-") as made:
            trial = Path(made) / path.name
            trial.write_text(text, encoding="utf-8", newline="\n")
            region = load_region(trial)
            trial.replace(path)
    except OSError as error:
        raise RunError(f"could not write the region: {error.strerror or error} at {label_of(path)}") from None
    return region
