"""docs/benchmarks.md: targets met and missed first, then what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One target of a benchmark: what was measured, and between which bounds it should lie."""

    what: str
    measured: float
    low: float
    high: float

    @classmethod
    def below(cls, what: str, measured: float, high: float) -> Target:
        """Return a target that is met up to `high`."""
        return cls(what, measured, float("-inf"), high)

    @classmethod
    def above(cls, what: str, measured: float, low: float) -> Target:
        """Return a target that is met from `low`."""
        return cls(what, measured, low, float("inf"))

    @classmethod
    def between(cls, what: str, measured: float, low: float, high: float) -> Target:
        """Return a target that is met between two bounds."""
        return cls(what, measured, low, high)

    def row(self) -> str:
        """Return a line of the table."""
        if self.low == float("-inf"):
            rule = f"≤ {self.high:,g}"
        elif self.high == float("inf"):
            rule = f"≥ {self.low:,g}"
        else:
            rule = f"{self.low:g} to {self.high:g}"
        verdict = "met" if self.low <= self.measured <= self.high else "**missed**"
        if self.measured < self.low and self.high < float("inf"):
            verdict = "**outside**, grows more slowly: a part is shared"
        return f"| {self.what} | {rule} | {self.measured:,.3g} | {verdict} |"


def page(machine: Sequence[str], sections: Mapping[str, tuple[Sequence[str], Sequence[Target]]]) -> str:
    """Return the whole page."""
    targets = [target for _, found in sections.values() for target in found]
    met = sum(target.low <= target.measured <= target.high for target in targets)
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Everything is measured side by side in one run, in rounds, each round on its own",
        "traces; figures are medians over rounds, ratios medians of the ratios within a round. Ratios carry over to",
        "another machine, nanoseconds do not. Outcomes of all implementations are equal: it is checked before timing.",
        "",
        *machine,
        "",
        "## Targets",
        "",
        f"{met} of {len(targets)} met.",
        "",
        "| what | target | measured | |",
        "|---|---|---|---|",
        *(target.row() for target in targets),
    ]
    for name, (body, _) in sections.items():
        lines += ["", f"## {name}", "", *body]
    return "\n".join(lines) + "\n"
