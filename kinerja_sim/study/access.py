"""Do people without digital access wait longer? From the log of cases, by who could have booked online.

The model keeps access in no table; a citizen's key says whether they have it, so the log
of cases can be split. Most open to dispute: access is drawn by the share of a region's
citizens who are online, whatever their age or distance, because no table says more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.schema import METRICS
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.records import ACCESS, SERVED
from kinerja_sim.model.rng import keyed_uniforms
from kinerja_sim.model.simulate import simulate_block
from kinerja_sim.study.compare import check_options, whole_number
from kinerja_sim.study.contrasts import contrast

GROUPS = ("with_access", "without_access")
_KEYS = ["scenario", "unit", "draw", "replication"]


def access_contrasts(
    region: Region, policies: Sequence[Policy], *, n_replications: int = 10, seed: int = 0, months: int = 12
) -> pd.DataFrame:
    """Return paired contrasts of the mean wait of citizens with and without digital access.

    Parameters
    ----------
    region : Region
    policies : sequence of Policy
        The first is the reference.
    n_replications : int, >= 2
    seed : int, >= 0
    months : int, >= 1
        Months under the policy.

    Returns
    -------
    DataFrame
        Columns of the contrasts table for `wait_minutes_mean` (of those who were served), and
        `group`: 'with_access' or 'without_access'. A replication in which a group has nobody is NaN.

    Raises
    ------
    InputError
        If an option breaks a rule.
    """
    n = whole_number("n_replications", n_replications, 2)
    options = check_options(seed=seed, months=months, pre_months=0, parameters="ledger")
    reach = {name: "internet_access_urban" if u.urban else "internet_access_rural" for name, u in region.units.items()}
    waits = []
    for replication in range(n):  # one at a time: a log of all of them would fill the memory
        block = simulate_block(region, policies, replications=[replication], cases=True, **vars(options))
        (params,) = draw_parameters(seed, [replication], "ledger")
        assert block.cases is not None
        log = block.cases[(block.cases["kind"] == SERVED) & (block.cases["period"] >= 0)]
        share = log["unit"].map({name: params[row] for name, row in reach.items()}).to_numpy(float)
        has_access = keyed_uniforms(log["key"].to_numpy(), ACCESS) < share
        split = log.assign(
            draw=replication, group=np.where(has_access, *GROUPS), wait_minutes_mean=log["begin"] - log["time"]
        )
        waits.append(split.groupby(["group", *_KEYS], as_index=False)["wait_minutes_mean"].mean())
    table = pd.concat(waits, ignore_index=True).assign(region=region.name)
    tables = [_contrast(table[table["group"] == group], policies[0].name).assign(group=group) for group in GROUPS]
    return pd.concat(tables, ignore_index=True)


def _contrast(waits: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Return contrasts of one group, with every other metric not observed."""
    whole = pd.MultiIndex.from_product([waits[key].unique() for key in _KEYS[:2]] + [waits["replication"].unique()])
    filled = waits.set_index(["scenario", "unit", "replication"])["wait_minutes_mean"].reindex(whole)
    table = filled.rename_axis(["scenario", "unit", "replication"]).reset_index()
    table = table.assign(region=waits["region"].iloc[0], draw=table["replication"])
    table = table.reindex(columns=["scenario", "region", "unit", "draw", "replication", *METRICS])
    table = table.sort_values(["scenario", "region", "unit", "draw", "replication"], ignore_index=True)
    made = contrast(table, reference, pooled={"after": table})
    return made[made["metric"] == "wait_minutes_mean"].reset_index(drop=True)
