"""Does the simulator keep its promises? Exact proofs first, then flags a reader should know.

Proofs (a breach is a failure): a policy at dose 0, run through its own code path, changes
nothing; no policy changes anything before it starts; cases are conserved month by month.
Flags (a breach is a warning): draws in which an office cannot cope, Little's law at the
close of day, drift of officers' states before any policy, a warm-up that is too short, too
few appraisals.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pandas as pd

from kinerja_sim.know.library import BASELINE, list_policies, list_regions
from kinerja_sim.know.policies import MONTHS_OF, Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.schema import DOSE, KEYS, METRICS, RESULT_COLUMNS
from kinerja_sim.study import queues
from kinerja_sim.study.compare import check_options, make_jobs, whole_number
from kinerja_sim.study.execute import Job, Parameters, Progress, execute
from kinerja_sim.study.manifest import kind_of
from kinerja_sim.study.notices import FEWEST_APPRAISALS
from kinerja_sim.study.precision import monthly
from kinerja_sim.study.statistics import mean_interval
from kinerja_sim.study.summary import series

Verdict = Literal["ok", "warning", "failed"]
CODES = (
    "replication", "zero_dose", "pre_months", "acts", "conservation", "stability", "littles_law", "drift", "warm_up",
    "appraisals",
)  # fmt: skip
"""What is checked, in the order in which it is shown; `replication` lists those that failed to run."""
HALF_YEAR = 6
_DOSE_0 = "-at-dose-0"
_NUMBERS = [c for c in RESULT_COLUMNS[len(KEYS) :] if c != DOSE]


@dataclass(frozen=True)
class Finding:
    """One line of a check.

    `value` is the number that decided: cells that differ (`zero_dose`, `pre_months`, `acts`),
    cases missing (`conservation`), draws that cannot cope (`stability`), days between
    snapshots and turnaround (`littles_law`), smallest changes that matter (`drift`, `warm_up`),
    policies with too few of them (`appraisals`). `detail` names where, in words of the tables.
    """

    check: str
    region: str
    unit: str
    scenario: str
    value: float
    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True)
class Check:
    """All findings, and whether every proof held."""

    findings: tuple[Finding, ...]

    @property
    def is_passed(self) -> bool:
        """Whether no proof failed; warnings do not count."""
        return all(f.verdict != "failed" for f in self.findings)

    @property
    def table(self) -> pd.DataFrame:
        """One row per finding."""
        return pd.DataFrame([asdict(f) for f in self.findings], columns=list(Finding.__annotations__))


def check(
    regions: Iterable[str | os.PathLike[str] | Region] | str = "all",
    policies: Iterable[str | os.PathLike[str] | Policy] | str = "all",
    *,
    seed: int = 0,
    replications: int = 2,
    months: int = 24,
    pre_months: int = 6,
    parameters: Parameters = "ledger",
    workers: int = 1,
    progress: Progress | None = None,
) -> Check:
    """Run every policy at dose 0 and at full dose in every region, and look at what must hold.

    Parameters
    ----------
    regions, policies : names, paths or objects, or 'all' of the library
    seed, replications, months, pre_months, parameters, workers, progress
        As for `compare`.

    Raises
    ------
    InputError
        If any argument, file or name breaks a rule; nothing has been run then.
    RunError
        If every replication failed.
    """
    options = check_options(seed=seed, months=months, pre_months=pre_months, parameters=parameters)
    replications, workers = whole_number("replications", replications, 1), whole_number("workers", workers, 1)
    given = list_policies() if isinstance(policies, str) and policies == "all" else policies
    chosen, reference = make_jobs(list_regions() if isinstance(regions, str) and regions == "all" else regions, given)
    jobs = [Job(job.region, tuple(with_dose_0(job.policies))) for job in chosen]
    done = execute(jobs, options, replications=replications, workers=workers, progress=progress)
    failed = [Finding("replication", f.region, "", "", f.replication, "failed", f.reason) for f in done.failures]
    findings = list(failed)
    for job in jobs:
        results = done.results[done.results["region"] == job.region.name]
        if len(results):
            nulls = {p.name for p in job.policies if kind_of(p, job.policies[0]) == "null"}
            findings += proofs(results, job.region.name, reference, nulls)
            baseline = results[results["scenario"] == reference]
            findings += [*conservation(baseline), *stability(baseline), *drift(baseline)]
            days = sum(month.n_days for month in queues.span_days(options.months, options.pre_months))
            findings += [*littles_law(baseline, days), *warm_up(baseline)]
    findings.append(appraisals(chosen[0].policies, months))
    return Check(tuple(sorted(findings, key=lambda f: CODES.index(f.check))))


def with_dose_0(policies: Sequence[Policy]) -> Iterator[Policy]:
    """Yield the baseline, then every policy as it is and again at dose 0 under another name."""
    baseline, *others = policies
    yield baseline
    for policy in others:
        yield policy
        yield policy.replace(name=f"{policy.name}{_DOSE_0}", dose=0.0)


def proofs(
    results: pd.DataFrame, region: str, reference: str = BASELINE, nulls: Collection[str] = ()
) -> Iterator[Finding]:
    """Yield, for each policy, how many cells differ from the baseline where none may, and where some should.

    Parameters
    ----------
    results : DataFrame
        One region's results, with policies at dose 0 named by `with_dose_0`. Every number of
        every month is compared, NaN equal to NaN, so every pooled metric is covered too.
    region, reference : str
    nulls : names
        Policies that differ from the baseline in name only, and must not act. Any other that
        does not act is worth a warning: a proof that nothing happens at dose 0 would be empty.
    """
    order = results.sort_values(KEYS, kind="stable")
    base = order[order["scenario"] == reference].reset_index(drop=True)
    before = (base["period"] < 0).to_numpy()
    for name, rows in order.groupby("scenario", sort=True):
        if name == reference:
            continue
        policy = rows.reset_index(drop=True)
        differs = _differs(policy, base)
        if str(name).endswith(_DOSE_0):
            yield _exact("zero_dose", region, str(name).removesuffix(_DOSE_0), differs, base)
        else:
            if before.any():
                yield _exact("pre_months", region, str(name), differs & before[:, None], base)
            if name in nulls:
                yield _exact("zero_dose", region, str(name), differs, base)
            else:
                n = int(differs.sum())
                yield Finding("acts", region, "", str(name), n, "ok" if n else "warning")


def conservation(baseline: pd.DataFrame) -> Iterator[Finding]:
    """Yield, per unit, the cases that a month's books do not account for: arrived, finished, given up, waiting."""
    for (region, unit), rows in baseline.sort_values(KEYS).groupby(["region", "unit"]):
        change = rows.groupby(["draw", "replication"])["backlog_cases"].diff()
        gone = rows["throughput_cases"] + rows["lost_demand_cases"] + rows["triaged_out_cases"]
        flow = rows["arrivals_cases"] - gone
        missing = float((change - flow).abs().max())
        if not np.isnan(missing):  # a single month has no change
            yield Finding("conservation", str(region), str(unit), "", missing, "ok" if missing < 1e-9 else "failed")


def stability(baseline: pd.DataFrame) -> Iterator[Finding]:
    """Yield, per unit, the number and names of the draws in which the office cannot cope (`queues.stability`)."""
    for row in queues.stability(series(baseline)).to_dict("records"):
        n = row["n_unstable"]
        detail = f"draw {row['unstable']} of {row['n_draws']}" if n else ""
        yield Finding("stability", row["region"], row["unit"], "", n, "warning" if n else "ok", detail)


def littles_law(baseline: pd.DataFrame, days: int) -> Iterator[Finding]:
    """Yield, per unit, by how many days Little's law fails; not judged with one replication (`queues.littles_law`)."""
    for row in queues.littles_law(series(baseline), days).to_dict("records"):
        gap, allowed = row["little_gap"], row["little_allowed"]
        if not np.isnan(allowed):
            verdict: Verdict = "ok" if abs(gap) <= allowed else "warning"
            yield Finding("littles_law", row["region"], row["unit"], "", gap, verdict, f"<= {allowed:.2f}")


def drift(baseline: pd.DataFrame) -> Iterator[Finding]:
    """Yield, per unit, how far officers drift under the baseline (`queues.drift`)."""
    for row in queues.drift(baseline).to_dict("records"):
        verdict: Verdict = "warning" if row["is_drifting"] else "ok"
        yield Finding("drift", row["region"], row["unit"], "", row["drift"], verdict, row["drift_state"])


def warm_up(baseline: pd.DataFrame) -> Iterator[Finding]:
    """Yield, per unit, how far turnaround in the first half-year is from the same months a year later.

    In smallest changes that matter, with a warning where it is more than one and its interval excludes nil: the
    warm-up is too short, or the office has no steady state. Not judged under a year and a half. MSER-5 and Welch's
    plot, which take a season for a start, are for a reader's eye: notebook 80 draws them.
    """
    for (region, unit), rows in baseline.groupby(["region", "unit"]):
        series = monthly(rows, "turnaround_days_mean") / METRICS["turnaround_days_mean"].matters
        if series.shape[1] < 12 + HALF_YEAR:
            continue
        gap = np.nanmean(series[:, :HALF_YEAR] - series[:, 12 : 12 + HALF_YEAR], axis=1)
        mean = mean_interval(gap, np.arange(len(gap)))
        if not np.isnan(mean.low):  # one replication has no interval
            value, is_sure = float(mean.value), bool(mean.low > 0 or mean.high < 0)
            verdict: Verdict = "warning" if is_sure and abs(value) > 1 else "ok"
            yield Finding("warm_up", str(region), str(unit), "", value, verdict)


def appraisals(policies: Sequence[Policy], months: int) -> Finding:
    """Return how many policies have too few appraisals in the horizon to show what follows from them."""
    short = [p.name for p in policies if months // MONTHS_OF[p.appraisal.period] < FEWEST_APPRAISALS]
    return Finding("appraisals", "", "", "", len(short), "warning" if short else "ok", ", ".join(short))


def _differs(policy: pd.DataFrame, base: pd.DataFrame) -> np.ndarray:
    """Return where the numbers of two tables with the same keys differ, bool [row, column]."""
    a, b = policy[_NUMBERS].to_numpy(dtype=float), base[_NUMBERS].to_numpy(dtype=float)
    return np.asarray((a != b) & ~(np.isnan(a) & np.isnan(b)))


def _exact(code: str, region: str, name: str, differs: np.ndarray, base: pd.DataFrame) -> Finding:
    """Return the finding of a proof: no cell may differ; the first that does is named."""
    n, detail, unit = int(differs.sum()), "", ""
    if n:
        row, column = np.argwhere(differs)[0]
        unit = str(base["unit"].iloc[row])
        detail = f"{_NUMBERS[column]}, replication {base['replication'].iloc[row]}, month {base['period'].iloc[row]}"
    return Finding(code, region, unit, name, n, "failed" if n else "ok", detail)
