"""From names and files to a comparison: everything is checked before anything is run."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from kinerja_sim.know.arguments import CALLBACK, takes
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.library import list_policies, list_regions, load_policy, load_region
from kinerja_sim.know.messages import did_you_mean, sentence, show
from kinerja_sim.know.parameters import PARAMETERS
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.study.comparison import Comparison
from kinerja_sim.study.contrasts import contrast, with_unstable
from kinerja_sim.study.execute import Job, Options, Parameters, Progress, SimulateBlock, execute
from kinerja_sim.study.manifest import make_manifest
from kinerja_sim.study.notices import failure_notices, notices
from kinerja_sim.study.summary import pool_windows, series, summarise

T = TypeVar("T", Region, Policy)
MOST_REPLICATIONS = 1_000_000  # far beyond any precision asked for; the list of tasks of more would fill the memory
Named = str | os.PathLike[str]
Regions = Named | Region | Iterable[Named | Region]
Policies = Named | Policy | Iterable[Named | Policy]


@takes(progress=CALLBACK)
def compare(
    regions: Regions,
    policies: Policies | Mapping[str, Policies],
    *,
    baseline: Named | Policy = "baseline",
    replications: int = 100,
    seed: int = 0,
    months: int = 24,
    pre_months: int = 6,
    parameters: Parameters = "ledger",
    workers: int = 1,
    progress: Progress | None = None,
    simulate_block: SimulateBlock | None = None,
) -> Comparison:
    """Compare policies in one or more regions, paired on common random numbers.

    Parameters
    ----------
    regions : name, path, Region, or several of them
    policies : name, path, Policy, or several of them
        One list for all regions, or a mapping from region name to that region's list.
    baseline : name, path or Policy
        What the others are compared with; added to every list that lacks it.
    replications : int, >= 1
    seed : int, >= 0
    months, pre_months : int, >= 1 and >= 0
        Months simulated since, and before, the policies start.
    parameters : {'ledger', 'point'}
        Draw the model's parameters from the evidence ledger, one vector for each
        replication, or fix them at their point values.
    workers : int, >= 1
        Processes; the tables do not depend on it.
    progress : callable, optional
        Called as ``progress(done, total)`` now and then.
    simulate_block : callable, optional
        A model to study instead of this package's own.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If any argument, file or name breaks a rule; nothing has been run then.
    RunError
        If every replication failed.

    Examples
    --------
    >>> import kinerja_sim as ks
    >>> comparison = ks.compare("arcamanik", "speed_only", replications=2, months=3, pre_months=1)
    >>> comparison.contrasts["scenario"].unique().tolist()
    ['speed_only']
    """
    options = check_options(seed=seed, months=months, pre_months=pre_months, parameters=parameters)
    replications = whole_number("replications", replications, 1)
    workers = whole_number("workers", workers, 1)
    jobs, reference = make_jobs(regions, policies, baseline)
    done = execute(
        jobs, options, replications=replications, workers=workers, progress=progress, simulate_block=simulate_block
    )
    failed = {job.region.name: sum(f.region == job.region.name for f in done.failures) for job in jobs}
    pooled = pool_windows(done.results)
    told = (*notices(jobs, options), *failure_notices(done.failures, replications))
    manifest = make_manifest(jobs, options, replications=replications, reference=reference) | {
        "warnings": [text.model_dump() for text in told],
        "failed": [vars(failure) for failure in done.failures],
    }
    return Comparison(
        results=done.results,
        summary=summarise(done.results, failed, pooled=pooled),
        contrasts=with_unstable(
            contrast(done.results, reference, failed, pooled=pooled), series(done.results, pooled["all"])
        ),
        appraisals=done.appraisals,
        manifest=manifest,
    )


def check_options(*, seed: int, months: int, pre_months: int, parameters: str) -> Options:
    """Return the options of a run, or raise `InputError` naming the first that breaks a rule."""
    given = {"seed": seed, "months": months, "pre_months": pre_months, "parameters": parameters}
    return Options(**{name: PARAMETERS[name].check(value) for name, value in given.items()})


def whole_number(name: str, value: object, smallest: int, largest: int = MOST_REPLICATIONS) -> int:
    """Return `value` as an int, or raise `InputError` when it is none, below `smallest` or above `largest`."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # numpy integers pass, floats and text do not
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or number < smallest:
        raise InputError(sentence(name, f"be a whole number of at least {smallest}", show(value)))
    if number > largest:
        raise InputError(sentence(name, f"be at most {largest}", show(value)))
    return number


def make_jobs(
    regions: Regions, policies: Policies | Mapping[str, Policies], baseline: Named | Policy = "baseline"
) -> tuple[list[Job], str]:
    """Return what is to be run in each region, baseline first, and the baseline's name.

    Raises
    ------
    InputError
        If a name is unknown, a file broken, a name used twice, or nothing is left to compare.
    """
    found = _load_all("regions", regions, Region, load_region)
    per_region = _policies_by_region([r.name for r in found], policies)
    reference = _load_reference(baseline, per_region.values())
    jobs = []
    for region in found:
        others = [p for p in per_region[region.name] if p != reference]
        clash = next((p.name for p in others if p.name == reference.name), None)
        if clash is not None:
            raise _named_twice("policies", clash)
        if not others:
            got = f"only '{reference.name}'"
            rule = f"name at least one policy beside the baseline for '{region.name}'"
            raise InputError(sentence("policies", rule, got, remedy="`kinerja policies` lists them."))
        jobs.append(Job(region, (reference, *others)))
    contents: dict[str, Policy] = {}
    for policy in (p for job in jobs for p in job.policies):
        if contents.setdefault(policy.name, policy) != policy:
            raise _named_twice("policies", policy.name)
    return jobs, reference.name


def _policies_by_region(regions: Sequence[str], policies: Policies | Mapping[str, Policies]) -> dict[str, list[Policy]]:
    if not isinstance(policies, Mapping):
        loaded = _load_all("policies", policies, Policy, load_policy)
        return dict.fromkeys(regions, loaded)
    for name in policies:
        if name not in regions:
            remedy = did_you_mean(name, regions, instead=f"Regions here: {', '.join(regions)}.")
            raise InputError(sentence("policies", "be keyed by the regions compared", show(name), remedy=remedy))
    without = [region for region in regions if region not in policies]
    if without:
        raise InputError(sentence("policies", "have a list for every region", f"none for {', '.join(without)}"))
    return {region: _load_all("policies", policies[region], Policy, load_policy) for region in regions}


def _load_reference(baseline: Named | Policy, lists: Iterable[list[Policy]]) -> Policy:
    """Return the baseline; a policy in the lists that has its name wins over the library's file."""
    if isinstance(baseline, Policy):
        return baseline
    given = {p.name: p for policies in lists for p in policies}
    return given[str(baseline)] if str(baseline) in given else load_policy(baseline)


def usual_policies(region: Region) -> list[str]:
    """Return the names of the policies that are compared in `region` unless others are asked for.

    Beside the baseline: its copy `null` (the zero-dose proof), the region's own policy, the
    Goodhart case, the capacity comparators, where supplies run short the fourth cell of
    policy by end of the shortage, and then the rest of the library but for the own policies
    of its regions.
    """
    names = ["baseline", "null", region.preset, "speed_only", "one_more_officer", "no_supply_outage"]
    if any(unit.supply and unit.supply.shortage for unit in region.units.values()):
        names.append(f"{region.preset}+no_supply_outage")
    own = {load_region(name).preset for name in list_regions()}
    return list(dict.fromkeys([*names, *(name for name in list_policies() if name not in own)]))


def _load_all(what: str, given: Any, kind: type[T], load: Callable[[Named], T]) -> list[T]:
    is_one = isinstance(given, str | os.PathLike | kind) or not isinstance(given, Iterable)
    items = [given] if is_one else list(given)
    if not items:
        raise InputError(sentence(what, "hold at least one name", "none"))
    things: list[T] = []
    for item in items:
        if not isinstance(item, str | os.PathLike | kind):
            rule = f"hold names, paths or {kind.__name__} objects"
            raise InputError(sentence(what, rule, show(item)))
        thing = item if isinstance(item, kind) else load(cast(Named, item))
        if any(thing.name == other.name for other in things):
            raise _named_twice(what, thing.name)
        things.append(thing)
    return things


def _named_twice(what: str, name: str) -> InputError:
    remedy = f"Rename one of them with replace(name='{name}-2')." if what == "policies" else "Name it once."
    return InputError(sentence(what, "have different names", f"'{name}' twice", remedy=remedy))
