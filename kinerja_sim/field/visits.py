"""A log counts visits, a region file new cases: which share of visits is first ones, and what work a first one is.

In the model some who leave come again, and failed attempts come back with a share of the work. A queue log shows them
as visits like any other, so that a file with as many *cases* as the log has visits would be crowded by visits that
nobody made. Most open to dispute: no log says who has been there before, so the shares that return are the ledger's.
"""

from __future__ import annotations

from dataclasses import dataclass

from kinerja_sim.know.evidence import load_ledger


@dataclass(frozen=True)
class FirstVisits:
    """What first visits are of all visits.

    Attributes
    ----------
    share : float
        First visits of all visits.
    work : float
        Work of a first visit over that of a mean one.
    """

    share: float
    work: float


def first_visits(left: float, fails: float | None) -> FirstVisits:
    """Return what first visits are of all visits, where a share `left` of visits ends without service.

    Parameters
    ----------
    left : float
        Share of visits whose visitor left the line.
    fails : float or None
        Share of attempts that fail; None takes the ledger's.

    Examples
    --------
    >>> first_visits(0.0, 0.0)
    FirstVisits(share=1.0, work=1.0)
    """
    ledger = load_ledger()
    fails = ledger["error_share_base"].point if fails is None else fails
    returns = left * ledger["patience_return_prob"].point
    lighter = fails * (1.0 - ledger["rework_work_share"].point)  # of services: those that repeat one, as many as fail
    return FirstVisits(1.0 - returns - fails * (1.0 - left), 1.0 / (1.0 - lighter))
