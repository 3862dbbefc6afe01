"""One replication of one policy in one region: the smallest thing that can be run."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pandas as pd

from kinerja_sim.know.library import load_policy, load_region
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.schema import KEYS
from kinerja_sim.study.compare import check_options, whole_number
from kinerja_sim.study.execute import Parameters
from kinerja_sim.study.summary import sort_table


@dataclass(frozen=True, eq=False)
class Run:
    """The tables of one run.

    Attributes
    ----------
    results : DataFrame
        One row per service unit and month (`know.schema.RESULT_COLUMNS`), units in the order of
        their names, as in a comparison.
    appraisals : DataFrame
        Counts of grades per service unit and appraisal.
    cases : DataFrame or None
        One row per case, when asked for.
    """

    results: pd.DataFrame
    appraisals: pd.DataFrame
    cases: pd.DataFrame | None = None


def simulate(
    region: str | os.PathLike[str] | Region,
    policy: str | os.PathLike[str] | Policy,
    *,
    seed: int = 0,
    replication: int = 0,
    months: int = 24,
    pre_months: int = 6,
    parameters: Parameters = "ledger",
    cases: bool = False,
) -> Run:
    """Run one replication of one policy in one region.

    Parameters
    ----------
    region, policy : name, path or object
    seed, replication : int, >= 0
        Together they name the citizens that arrive; the same pair meets every policy.
    months, pre_months : int, >= 1 and >= 0
        Months since, and before, the policy starts.
    parameters : {'ledger', 'point'}
        Draw the model's parameters from the evidence ledger, or fix them at their points.
    cases : bool
        Keep one row per case as well.

    Raises
    ------
    InputError
        If any argument, file or name breaks a rule.

    Examples
    --------
    >>> import kinerja_sim as ks
    >>> run = ks.simulate("arcamanik", "baseline", months=2, pre_months=1)
    >>> sorted(set(run.results["period"]))
    [-1, 0, 1]
    """
    options = check_options(seed=seed, months=months, pre_months=pre_months, parameters=parameters)
    replication = whole_number("replication", replication, 0)
    region = region if isinstance(region, Region) else load_region(region)
    policy = policy if isinstance(policy, Policy) else load_policy(policy)

    from kinerja_sim.model.simulate import simulate_block

    block = simulate_block(region, [policy], replications=[replication], cases=cases, **vars(options))
    keys = [key for key in KEYS if key in block.appraisals]
    return Run(sort_table(block.results), sort_table(block.appraisals, keys), block.cases)
