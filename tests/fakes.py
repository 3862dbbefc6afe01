"""Plausible tables without a simulator: results, contrasts and a manifest that keep the table contract."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console

from kinerja_sim.know.pooling import metric_values
from kinerja_sim.know.schema import COUNTS, DOSE, KEYS, RESULT_COLUMNS, TURNAROUND_BINS, WAIT_BINS
from kinerja_sim.study.contrasts import contrast, with_unstable
from kinerja_sim.study.summary import series

REGIONS: dict[str, dict[str, Any]] = {
    "tangerang-selatan": {
        "title": ("Kota Tangerang Selatan", "South Tangerang City"),
        "units": {
            "outpatient": ("Loket rawat jalan RSU", "RSU outpatient counter"),
            "complaints": ("Penanganan pengaduan masyarakat", "Handling of citizens' complaints"),
            "ktp": ("KTP-el", "KTP-el"),
        },
        "primary": ("complaints", "turnaround_days_mean"),
    },
    "tebing-tinggi": {
        "title": ("Kota Tebing Tinggi", "Tebing Tinggi City"),
        "units": {"ktp": ("KTP-el", "KTP-el"), "civil_documents": ("Dokumen lain", "Other documents")},
        "primary": ("ktp", "turnaround_days_mean"),
    },
    "arcamanik": {
        "title": ("Kecamatan Arcamanik, Kota Bandung", "Arcamanik District, Bandung City"),
        "units": {
            "sukamiskin": ("Loket Kelurahan Cisaranten Bina Harapan", "Cisaranten Bina Harapan village office counter")
        },
        "primary": ("sukamiskin", "wait_minutes_p90"),
    },
}
POLICY_TITLES = {
    "baseline": ("Praktik saat ini", "Today's practice", "baseline"),
    "null": ("Kebijakan nol", "Null policy", "null"),
    "speed_only": ("Hanya kecepatan", "Speed only", "hr"),
    "one_more_officer": ("Satu petugas tambahan", "One more officer", "capacity"),
    "no_supply_outage": ("Blangko selalu tersedia", "No blank-card shortage", "capacity"),
}
SPEED = {"baseline": 0.0, "null": 0.0, "speed_only": 0.08, "one_more_officer": 0.25, "no_supply_outage": 0.0}


def printed(*things: object, width: int = 110) -> str:
    """Return what a terminal of `width` characters shows."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    for thing in things:
        console.print(thing)
    return console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO


def text(pair: tuple[str, ...]) -> dict[str, str]:
    """Return a bilingual text as the manifest writes it."""
    return {"id": pair[0], "en": pair[1]}


def scenarios_of(region: str) -> list[str]:
    """Return the scenarios run in `region`, in table order."""
    names = ["baseline", "null", region, "speed_only", "one_more_officer"]
    if region == "tebing-tinggi":
        names += ["no_supply_outage", f"{region}+no_supply_outage"]
    return names


def make_manifest(replications: int = 20, months: int = 6, pre_months: int = 2, **changes: Any) -> dict[str, Any]:
    """Return a manifest that describes the fake tables."""
    policies: dict[str, Any] = {}
    regions: dict[str, Any] = {}
    for name, entry in REGIONS.items():
        unit, metric = entry["primary"]
        own = "Rencana kerja tahunan dan evaluasi berkala (teks)", "Annual work plan and periodic review (text)"
        for scenario in scenarios_of(name):
            kind = "both" if "+" in scenario else "hr"
            default = (*own, kind) if scenario == name else (f"{own[0]} + blangko", f"{own[1]} + cards", kind)
            titles = POLICY_TITLES.get(scenario, default)
            policies[scenario] = {
                "title": text(titles), "description": text(titles), "kind": titles[2],
                "left_out": [], "beyond_regulation": scenario == "speed_only",
            }  # fmt: skip
        regions[name] = {
            "title": text(entry["title"]), "level": "city", "preset": name, "resistance_cause": "habit",
            "left_out": [text(("tenggat bertingkat", "tiered deadlines"))],
            "hypotheses": [
                {"claim": text(("Layanan lebih cepat", "Services are faster")), "phrase": "lebih cepat", "unit": unit,
                 "metric": metric, "window": "after", "direction": "falls", "primary": True, "not_modelled": None,
                 "target": 5.0 if name == "tebing-tinggi" else None},
                {"claim": text(("Kepuasan naik", "Satisfaction rises")), "phrase": "puas", "unit": unit,
                 "metric": "satisfaction_index", "window": "after", "direction": "rises", "primary": False,
                 "not_modelled": None},
                {"claim": text(("Kepercayaan publik naik", "Public trust rises")), "phrase": "percaya", "unit": None,
                 "metric": None, "window": "after", "direction": None, "primary": False,
                 "not_modelled": text(("tidak ada ukuran", "there is no measure"))},
            ],
            "units": {u: {"title": text(t), "service": u, "stages": ["counter", "processing"],
                          "shortage": (name, u) == ("tebing-tinggi", "ktp")} for u, t in entry["units"].items()},
            "grades": {"measured": 0, "published": 4, "derived": 3, "estimate": 21},
        }  # fmt: skip
    manifest: dict[str, Any] = {
        "format": 1, "run_id": "fa4e0001", "version": "0.1.0", "seed": 0, "replications": replications,
        "months": months, "pre_months": pre_months, "parameters": "ledger", "baseline": "baseline",
        "scenarios": {r: scenarios_of(r) for r in REGIONS}, "regions": regions, "policies": policies,
        "evidence": {
            "rows": 100, "grades": {"measured": 2, "published": 45, "derived": 13, "estimate": 40}, "unverified": 12,
            "sources": [
                {"name": "sdp_routine", "grade": "published", "source": "A. Author 83, R2=.319", "unverified": False},
                {"name": "effect_discount", "grade": "estimate", "source": "judgment", "unverified": True},
            ],
        },
        "failed": [], "warnings": [text(("Contoh peringatan.", "An example of a warning."))],
    }  # fmt: skip
    return manifest | changes


def make_results(replications: int = 20, months: int = 6, pre_months: int = 2, seed: int = 1) -> pd.DataFrame:
    """Return a results table of the fake regions; counts are drawn, metrics follow from them."""
    periods = np.arange(-pre_months, months)
    frames = []
    for region, entry in REGIONS.items():
        for unit in entry["units"]:
            rng = np.random.default_rng([seed, len(frames)])  # a fake draws outside the simulator
            shared = rng.gamma(4.0, 1.0, (replications, len(periods)))
            push = rng.normal(0.06, 0.06, replications)
            for scenario in scenarios_of(region):
                frames.append(_unit_rows(region, unit, scenario, shared, push, periods))
    return pd.concat(frames, ignore_index=True).sort_values(KEYS, kind="stable", ignore_index=True)


def _unit_rows(
    region: str, unit: str, scenario: str, shared: np.ndarray, push: np.ndarray, periods: np.ndarray
) -> pd.DataFrame:
    """Return one unit's rows under one scenario; `shared` is what all scenarios have in common."""
    parts = scenario.split("+")
    speed = sum((push if p == region else SPEED[p]) for p in parts) * np.ones(len(push))
    speed = speed[:, None] * np.clip((periods + 1) / 4, 0, 1)
    shortage = 1.0 if (region, unit) == ("tebing-tinggi", "ktp") and "no_supply_outage" not in parts else 0.0
    shortage = np.where(periods < 0, float((region, unit) == ("tebing-tinggi", "ktp")), shortage)[None, :]
    since = np.where(periods < 0, 0.0, 1.0)[None, :] * np.ones(shared.shape)
    extra, course = since * ("one_more_officer" in parts), since * (region in parts)
    rush = 0.25 * ("speed_only" in parts) * np.clip((periods + 1) / 4, 0, 1)[None, :]
    n = np.full(shared.shape, 1000.0)
    wait = 5 * shared / (1 + 3 * speed)
    days = 0.4 * shared * (1 - speed) * (1 + 3 * shortage)
    c = dict.fromkeys(COUNTS, np.zeros(shared.shape))
    c |= {
        "arrivals_cases": n, "visits": n, "wait_minutes_sum": n * wait, "reneged_visits": n * 0.001 * shared,
        "lost_demand_cases": shared, "throughput_cases": n * (0.98 + speed / 10), "backlog_cases": 100 * days,
        "turnaround_days_sum": n * days, "turnaround_cases": n, "on_time_cases": n * np.exp(-days / 8),
        "reported_on_time_cases": n * np.clip(np.exp(-days / 8) + rush, 0, 1), "attempts": n,
        "failed_attempts": n * (0.08 + rush / 4), "satisfaction_sum": n * (85 - days - 20 * rush),
        "satisfaction_cases": n, "measured_sum": 300 * (88 - days), "measured_ratings": np.full(shared.shape, 300.0),
        "busy_minutes": n * 8 * (1 - speed), "staffed_minutes": n * 10, "motivation_sum": 10 * speed,
        "resistance_sum": 3 - 10 * speed, "rate_sum": 10 * (1 + speed), "officer_months": np.full(shared.shape, 10.0),
        "appraisal_hours_sum": np.full(shared.shape, 2.0), "graded": np.full(shared.shape, 10.0),
        "misgraded": np.full(shared.shape, 6.0) - rush, "validity_sxy": 3 + speed, "validity_sxx": n / 100,
        "validity_syy": n / 100, "cost_staff_time_idr": np.full(shared.shape, 1e5), "cost_capacity_idr": 8e6 * extra,
        "cost_training_idr": 3e6 * course, "cost_idr": 1e5 + 8e6 * extra + 3e6 * course,
    }  # fmt: skip
    weights = np.exp(-0.5 * ((np.arange(40) - 12 - wait[..., None] / 3) / 4) ** 2)
    bins = {name: 1000 * weights[..., i] / weights.sum(-1) for i, name in enumerate(WAIT_BINS)}
    weights = np.exp(-0.5 * ((np.arange(40) - 12 - days[..., None]) / 4) ** 2)
    bins |= {name: 1000 * weights[..., i] / weights.sum(-1) for i, name in enumerate(TURNAROUND_BINS)}
    replication, period = np.meshgrid(np.arange(len(push)), periods, indexing="ij")
    data: dict[str, Any] = {"draw": replication, "replication": replication, "period": period, **c, **bins}
    histograms = {
        "wait": np.stack([bins[name] for name in WAIT_BINS], axis=-1),
        "turnaround": np.stack([bins[name] for name in TURNAROUND_BINS], axis=-1),
    }
    data |= {name: value for name, value in metric_values(c, histograms).items() if name not in COUNTS}
    data[DOSE] = np.broadcast_to((periods >= 0).astype(float), shared.shape)
    frame = pd.DataFrame({k: np.asarray(v).ravel() for k, v in data.items()})
    for key, value in (("scenario", scenario), ("region", region), ("unit", unit)):
        frame[key] = value
    return frame[RESULT_COLUMNS]


def save_fakes(folder: Path, **options: int) -> Path:
    """Write the fake tables and their manifest into `folder`, as `kinerja compare` does."""
    results = make_results(**options)
    folder.mkdir(parents=True, exist_ok=True)
    results.to_parquet(folder / "results.parquet", index=False)
    with_unstable(contrast(results), series(results)).to_parquet(folder / "contrasts.parquet", index=False)
    manifest = make_manifest(**options) | {"tables": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    return folder
