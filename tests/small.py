"""A comparison and a sweep by the package's own model, small enough for tests that run notebooks on them."""

from pathlib import Path

import kinerja_sim as ks
from kinerja_sim.know.designs import Design
from kinerja_sim.study.compare import usual_policies
from kinerja_sim.study.design import Study, load_bases
from kinerja_sim.study.sweep import sweep

REGIONS = ("arcamanik", "tebing-tinggi")


def save_comparison(folder: Path) -> Path:
    """Compare the usual policies in two regions and save the tables in `folder`."""
    regions = [ks.load_region(name) for name in REGIONS]
    policies = {region.name: usual_policies(region) for region in regions}
    return ks.compare(regions, policies, replications=3, months=3, pre_months=1).save(folder)


def save_sweep(folder: Path) -> Path:
    """Sweep the mixes of three appraisal weights and save the tables in `folder`."""
    design = Design.model_validate(
        {
            "regions": REGIONS[:1], "policies": ("own",), "method": "grid", "parameters": "ledger", "draws": 3,
            "factors": {"policy.appraisal.weights": {"simplex": ("results", "citizens", "supervisor"), "steps": 2}},
            "months": 2, "pre_months": 1, "metrics": ("turnaround_days_mean", "satisfaction_index", "cost_idr"),
        }
    )  # fmt: skip
    sweep(Study(design, load_bases(design)), folder)
    return folder
