"""Does the queue agree with the mathematics of queues? Simulated mean waits beside Erlang's closed form.

The same first-come-first-served core that serves a simulated day is fed with the one
stream for which the answer is known exactly. Most open to dispute: a real day is no
steady state, so agreement here says that the arithmetic is right, not that the office is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kinerja_sim.know.parameters import PARAMETERS
from kinerja_sim.model.fcfs import fcfs_waits
from kinerja_sim.model.queueing import wait_mmc
from kinerja_sim.model.rng import stream
from kinerja_sim.study.compare import whole_number
from kinerja_sim.study.statistics import mean_interval

COUNTERS = ((1, 0.5), (1, 0.8), (3, 0.7), (3, 0.9), (8, 0.9))
"""Servers and load of the queues that are shown."""
CUSTOMERS, WARM_UP = 20_000, 5_000
SERVICE_MINUTES = 10.0


def queue_theory(*, n_replications: int = 20, seed: int = 0) -> pd.DataFrame:
    """Return simulated mean waits with their 95 % intervals beside the closed form of M/M/c.

    Parameters
    ----------
    n_replications : int, >= 2
        Of `CUSTOMERS` customers each, of which the first `WARM_UP` are left out.
    seed : int, >= 0

    Returns
    -------
    DataFrame
        One row a queue: n_servers, load, theory, simulated, ci_low, ci_high (minutes), n_replications.

    Raises
    ------
    InputError
        If an option breaks a rule.
    """
    n, root = whole_number("n_replications", n_replications, 2), PARAMETERS["seed"].check(seed)
    rows = []
    for servers, load in COUNTERS:
        rate = load * servers / SERVICE_MINUTES
        means = np.empty(n)
        for i in range(n):
            rng = stream(root, "queue-theory", servers, round(1000 * load), i)
            arrivals = np.cumsum(rng.exponential(1 / rate, CUSTOMERS))
            waits = fcfs_waits(arrivals, rng.exponential(SERVICE_MINUTES, CUSTOMERS), servers)
            means[i] = waits[WARM_UP:].mean()
        found = mean_interval(means, np.arange(n))
        rows.append(
            {"n_servers": servers, "load": load, "theory": wait_mmc(rate, 1 / SERVICE_MINUTES, servers),
             "simulated": float(found.value), "ci_low": float(found.low), "ci_high": float(found.high),
             "n_replications": n}
        )  # fmt: skip
    return pd.DataFrame(rows)
