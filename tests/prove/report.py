"""docs/proofs.md: what was proved, how often, with which largest error, where and when."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import machine_lines


@dataclass
class Proof:
    """One line of the report: a claim, how much stands behind it, and the largest error met."""

    claim: str
    case: str = ""
    amount: str = ""
    worst: str = ""
    seconds: float = 0.0
    failed: str = ""


@dataclass(frozen=True)
class Planted:
    """A bug put in on purpose, and what noticed it."""

    bug: str
    caught_by: str
    how: str


LONGEST_SIGN = 110  # characters
PROOFS: list[Proof] = []
PLANTED: list[Planted] = []


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return ["| " + " | ".join(row) + " |" for row in [list(heads), ["---"] * len(heads), *cells]]


def _claims(proofs: Sequence[Proof]) -> list[str]:
    """Return, under each claim, the table of its cases."""
    lines = []
    for claim in dict.fromkeys(proof.claim for proof in proofs):
        rows = [
            [p.case or "all", p.amount, p.worst, f"{p.seconds:.0f}", f"**no**: {p.failed}" if p.failed else "yes"]
            for p in proofs
            if p.claim == claim
        ]
        lines += [f"## {claim}", "", *_table(["case", "how much", "largest error", "seconds", "holds"], rows), ""]
    return lines


def write_report(path: Path, proofs: Sequence[Proof], planted: Sequence[Planted], minutes: float) -> None:
    """Write the report; how many proofs failed is said first."""
    failed = [proof for proof in proofs if proof.failed]
    verdict = f"**{len(failed)} of {len(proofs)} proofs failed**" if failed else f"All {len(proofs)} proofs hold"
    signs = [
        [p.bug, p.caught_by, p.how if len(p.how) <= LONGEST_SIGN else f"{p.how[:LONGEST_SIGN]} …"] for p in planted
    ]
    lines = [
        "# Proofs",
        "",
        "Written by `make prove`; the quick part of the same proofs is in every `make test`. Equal means: every wait,",
        "event, case carried over and sum, to 1e-9. *z* is a difference from theory in standard errors (below 4); the",
        "standard error must be at most 0.5 % of the value, so that a service rate wrong by 3 % cannot pass.",
        "",
        f"{verdict}, and {len(planted)} planted bugs were caught. {datetime.date.today().isoformat()}, "
        f"{minutes:.0f} minutes.",
        "",
        *machine_lines(["numpy", "numba", "scipy", "ciw", "simpy"]),
        "",
        *_claims(proofs),
        "## Bugs planted on purpose",
        "",
        "Each was put into a copy of the code or of its input, and caught; a proof that cannot fail proves nothing.",
        "",
        *_table(["planted", "caught by", "first sign"], signs),
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
