"""How much of an effect's spread rests on which grade of evidence: a small sweep of the whole ledger for one effect.

Sobol' indices with the ledger's rows grouped by grade, over a folder that is thrown away;
`kinerja sweep what_matters` does the same at full size. Most open to dispute: with few
base samples the intervals are wide, and they are given.
"""

from __future__ import annotations

import tempfile

from kinerja_sim.know.designs import EVERY_PARAMETER, Design
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.study.design import Bases, Study
from kinerja_sim.study.sensitivity import Sensitivity, sensitivity
from kinerja_sim.study.sweep import sweep


def spread_by_grade(
    region: Region, policy: Policy, reference: Policy, metric: str, unit: str, *, n: int = 32, replications: int = 2,
    seed: int = 0, months: int = 12, window: str = "after",
) -> Sensitivity:  # fmt: skip
    """Return how the spread of a policy's effect divides among the grades of the evidence.

    Parameters
    ----------
    region : Region
    policy, reference : Policy
    metric, unit : str
    n : int
        Base samples of the Saltelli design, a power of two; points are n x (grades + 2).
    replications : int, >= 1
        Of each point, the same citizens in all.
    seed : int, >= 0
    months : int, >= 1
        Months under the policy.
    window : {'after', 'all'}

    Raises
    ------
    InputError
        If an option breaks a rule of designs.
    RunError
        If too many points failed.
    """
    design = Design.model_validate(
        {
            "regions": (region.name,), "policies": (policy.name,), "reference": reference.name, "method": "saltelli",
            "factors": {EVERY_PARAMETER: "prior"}, "groups": "grade", "n": n, "parameters": "point",
            "replications": replications, "months": months, "pre_months": 0, "window": window, "metrics": (metric,),
            "seed": seed,
        }
    )  # fmt: skip
    bases = Bases({region.name: region}, {region.name: (policy,)}, reference)
    with tempfile.TemporaryDirectory(prefix="kinerja-") as folder:
        sweep(Study(design, bases), folder)
        return sensitivity(folder, metric, unit)
