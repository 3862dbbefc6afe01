"""Two thousand traces before each peer: every wait equal."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.peers.agreement import CIW, SIMPY, Server, worst_difference
from tests.peers.ciw_counter import serve_in_ciw
from tests.peers.simpy_counter import serve_in_simpy
from tests.peers.traces import Features
from tests.prove.report import Proof

N_TRACES, N_CUSTOMERS = 2_000, 150
PEERS = {"Ciw": (serve_in_ciw, CIW), "SimPy": (serve_in_simpy, SIMPY)}


@pytest.mark.parametrize("peer", PEERS)
def test_every_wait_equals_the_peer_s(peer: str, proof: Proof) -> None:
    """Every wait, and everybody who leaves, is as in the peer; where nothing else matters `fcfs_waits` too."""
    server: Server
    kinds: Sequence[Features]
    server, kinds = PEERS[peer]
    worst, customers = worst_difference(kinds, range(10_000, 10_000 + N_TRACES), server, n_customers=N_CUSTOMERS)
    proof.amount = f"{N_TRACES:,} traces of {len(kinds)} kinds, {customers:,} customers"
    proof.worst = f"{worst:.1e} minutes" if worst else "none: equal to the bit"
