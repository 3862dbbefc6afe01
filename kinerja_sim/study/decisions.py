"""Choosing among options under uncertainty: regret, satisficing, dominance, cost, acceptability, worth of knowing more.

An option is a policy with its levers; a state is everything else that a design varies
(region, region values, structural alternatives, parameters, draws). Within a state chance
is averaged out over replications and told apart from what is not known. Reads tables only.
Most open to dispute: all states of a design count the same, because they were drawn so;
where they were listed by hand, a share of states is not a probability.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.files import label_of
from kinerja_sim.know.messages import sentence, show
from kinerja_sim.know.schema import METRICS
from kinerja_sim.study.discover import Clause, parse_where
from kinerja_sim.study.economics import VALUES, Pairs, check_value, stated_value
from kinerja_sim.study.selection import FIRST_RUNS, Selection, select_from_table
from kinerja_sim.study.states import COST_METRICS, States, join_states, read_states, varying
from kinerja_sim.study.statistics import Floats, Ints, central_range, mean_interval, share_interval
from kinerja_sim.study.sweep_tables import SweepTables, open_sweep
from kinerja_sim.study.voi import LEAST_DRAWS, Worth, evpi, evppi

SAME_COST = 1e-3
"""Difference of costs, as a share of their whole range, that counts as none: a few ratings more are no price."""
NET_BENEFIT = "net_benefit_idr"
"""What options are judged by when no metric is named: value of the hours saved less the extra cost."""


@dataclass(frozen=True, eq=False)
class Decision:
    """How the options of a sweep compare in one region, or over all of them (region 'all').

    Attributes
    ----------
    table : DataFrame
        One row an option. `mean` with its 95 % t-interval over states is in the unit of
        `metric`; `low, high` the central 95 % over states (what is not known, chance averaged
        out); `sd_knowledge, sd_chance` part the spread of the difference from the reference
        (NaN with one replication a state). Regret is against the best affordable option of
        each state. `probability_best` counts states, equal best ones in parts. An option is
        dominated where another is at least as good in every state and better in one.
    acceptability : DataFrame
        Chance that an option is worth its cost, over values of an hour; empty without cost.
    information : DataFrame
        Worth of knowing everything (EVPI) and each unknown alone (EVPPI), in the unit of the
        benefit; `value` errs downwards, `optimistic` upwards.
    selection : Selection or None
        Whether the runs suffice to name the best of the affordable options.
    """

    table: pd.DataFrame
    acceptability: pd.DataFrame
    information: pd.DataFrame
    selection: Selection | None
    selected: tuple[str, ...]
    metric: str
    unit: str
    region: str
    reference: str
    value_idr: float | None
    budget_idr: float | None
    where: tuple[Clause, ...]
    n_states: int
    n_replications: int
    n_dropped: int
    manifest: Mapping[str, Any]


def decide(
    folder: str | os.PathLike[str], metric: str | None = None, unit: str | None = None, *, region: str | None = None,
    budget_idr: float | None = None, where: str | None = None, value_idr: float | None = None,
) -> Decision:  # fmt: skip
    """Return how the options of a sweep compare.

    Parameters
    ----------
    folder : path
        A compacted sweep in which every option met the same states.
    metric : str, optional
        When left out, the net benefit in rupiah over all units of a region, or the design's
        first metric where hours of waiting and cost were not kept.
    unit : str, optional
        Service unit of the metric.
    region : str, optional
        Every region of the sweep together when left out: options that were run in all of them.
    budget_idr : float, optional
        Options whose extra cost over the reference is more on average are not affordable: they
        are shown, and neither chosen nor regretted.
    where : str, optional
        Condition that counts as good enough, such as ``"satisfaction_index >= 76.61"``.
    value_idr : float, optional
        Stated value of an hour of waiting; the ledger's point when left out.

    Raises
    ------
    InputError
        If a name is unknown, a number out of bounds, or options did not meet the same states.
    RunError
        If too many states lack an outcome.
    """
    sweep = open_sweep(folder)
    for name, given, weighed in (("value_idr", value_idr, COST_METRICS), ("budget_idr", budget_idr, ("cost_idr",))):
        lacking = [m for m in weighed if m not in sweep.metrics]
        if given is not None and lacking:
            remedy = "Add them to `metrics` of the design and sweep into a new folder."
            got, where = f"no {', '.join(lacking)}", f"in {label_of(sweep.folder)}"
            raise InputError(sentence(name, "weigh metrics that the sweep kept", got, where, remedy))
    if metric is not None and value_idr is not None:
        remedy = "An hour is valued in the net benefit, which is what counts when no metric is named."
        raise InputError(sentence("value_idr", "come without a metric", f"{show(metric)} beside it", remedy=remedy))
    if metric is None and not set(COST_METRICS) <= set(sweep.metrics):
        metric = next((m for m in sweep.design["metrics"] if METRICS[m].better != "neither"), None)
    value = None
    if metric is None:
        value = check_value("value_idr", stated_value() if value_idr is None else value_idr)
    elif METRICS[sweep.metric(metric).name].better == "neither":
        remedy = "Choose one of which more or less is better."
        raise InputError(sentence("metric", "have a better direction", show(metric), remedy=remedy))
    budget = None if budget_idr is None else check_value("budget_idr", budget_idr)
    clauses = () if where is None else parse_where(where)
    regions = list(dict.fromkeys(sweep.points["region"])) if region is None else [sweep.region(region)]
    parts = [read_states(sweep, name, metric, unit, value, clauses, needs_cost=budget is not None) for name in regions]
    states = parts[0] if len(parts) == 1 else join_states(parts)
    return _decide(states, sweep, metric, unit, value, budget, clauses)


def _decide(
    states: States, sweep: SweepTables, metric: str | None, unit: str | None, value: float | None,
    budget: float | None, clauses: Sequence[Clause],
) -> Decision:  # fmt: skip
    """Return the decision for some states."""
    n_options, n_states, n = states.benefit.shape
    if n_options < 2:
        rule, remedy = "hold at least two options", "Add policies, levers or a reference to the design."
        raise InputError(sentence("design", rule, "one", f"in {label_of(sweep.folder)}", remedy))
    has_cost = "cost_idr" in states.outcomes
    affordable = np.ones(n_options, bool)
    if budget is not None:
        extra = states.outcomes["cost_idr"] - states.outcomes["cost_idr"][:1]
        affordable = extra.mean(axis=(1, 2)) <= budget
    table = _table(states, metric, clauses, affordable, has_cost)
    delta = METRICS[metric or "cost_idr"].matters
    chosen = np.flatnonzero(affordable)
    selection = None
    # Replications of one draw are not independent: a state counts once, and only where there is one, replications do.
    runs = states.means if n_states > 1 else states.benefit[:, 0]
    if len(chosen) > 1 and runs.shape[1] >= FIRST_RUNS:
        selection = select_from_table(runs[chosen], delta)
    selected = () if selection is None else tuple(states.labels[chosen[i]] for i in selection.survivors)
    at = "" if metric is None else unit or (sweep.unit(unit, states.region) if states.region != "all" else "")
    return Decision(
        table, _curves(states) if has_cost and "waiting_hours" in states.outcomes else pd.DataFrame(),
        _information(states, sweep, affordable), selection, selected, metric or NET_BENEFIT, at, states.region,
        states.labels[0], value, budget, tuple(clauses), n_states, n, states.n_dropped, sweep.manifest,
    )  # fmt: skip


def _table(
    states: States, metric: str | None, clauses: Sequence[Clause], affordable: np.ndarray, has_cost: bool
) -> pd.DataFrame:
    """Return one row an option."""
    n_states = states.benefit.shape[1]
    each = np.arange(n_states)
    shown = states.benefit if metric is None else states.outcomes[metric]
    level, spread = mean_interval(shown.mean(axis=2), each), central_range(shown.mean(axis=2))
    means = states.means
    best = np.where(affordable[:, None], means, -np.inf).max(axis=0)
    regret = np.maximum(best - means, 0.0)
    is_best = (means >= best) & affordable[:, None]
    chance = share_interval((is_best / np.maximum(is_best.sum(axis=0), 1)).mean(axis=1), n_states)
    knowledge, luck = _parts(states.benefit - states.benefit[:1])
    columns: dict[str, Any] = {
        "option": states.labels, "policy": states.options["policy"], "is_reference": states.options["is_reference"],
        "beyond_regulation": states.options["beyond_regulation"],
        "is_affordable": affordable, "mean": level.value, "ci_low": level.low, "ci_high": level.high,
        "low": spread.low, "high": spread.high, "sd_knowledge": knowledge, "sd_chance": luck,
        "regret_mean": regret.mean(axis=1), "regret_max": regret.max(axis=1),
        "probability_best": chance.value, "best_low": chance.low, "best_high": chance.high,
        "dominated_by": _dominated(means, states.labels, affordable),
    }  # fmt: skip
    if clauses:
        met = np.all([c.holds(states.outcomes[c.metric].mean(axis=2)) for c in clauses], axis=0)
        good = share_interval(met.mean(axis=1), n_states)
        columns |= {"satisficing": good.value, "satisficing_low": good.low, "satisficing_high": good.high}
    if has_cost:
        cost = states.outcomes["cost_idr"].mean(axis=2)
        front = np.array([_front(cost[:, s], means[:, s]) for s in each]).mean(axis=0)
        on_front = share_interval(front, n_states)
        columns |= {
            "cost_idr_mean": cost.mean(axis=1), "extra_cost_idr_mean": (cost - cost[:1]).mean(axis=1),
            "is_pareto": _front(cost.mean(axis=1), means.mean(axis=1)),
            "pareto_share": front, "pareto_low": on_front.low, "pareto_high": on_front.high,
        }  # fmt: skip
    table = pd.DataFrame({**columns, "n_states": n_states, "n_replications": states.benefit.shape[2]})
    order = np.argsort(-means.mean(axis=1), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def _parts(difference: Floats) -> tuple[Floats, Floats]:
    """Return the standard deviations of knowledge and of chance in differences, [option, state, replication].

    Random-effects components by analysis of variance, never below 0.
    """
    n = difference.shape[2]
    if n < 2 or difference.shape[1] < 2:
        nothing = np.full(len(difference), np.nan)
        return nothing, nothing
    chance = difference.var(axis=2, ddof=1).mean(axis=1)
    between = difference.mean(axis=2).var(axis=1, ddof=1)
    return np.sqrt(np.maximum(between - chance / n, 0.0)), np.sqrt(chance)


def _dominated(means: Floats, labels: Sequence[str], affordable: np.ndarray) -> list[str]:
    """Return which affordable option dominates each option, the best of several; '' where none does."""
    found = []
    for row in means:
        rivals = [j for j, other in enumerate(means) if affordable[j] and (other >= row).all() and (other > row).any()]
        found.append(labels[max(rivals, key=lambda j: float(means[j].mean()))] if rivals else "")
    return found


def _front(cost: Floats, benefit: Floats) -> np.ndarray:
    """Return which options no other beats on cost and benefit at once; costs nearly equal count as equal."""
    cheaper = cost[:, None] - cost[None]  # [option, rival], above 0 where the rival costs less
    cheaper = np.where(np.abs(cheaper) <= SAME_COST * np.ptp(cost), 0.0, cheaper)
    better = benefit[None] - benefit[:, None]
    return np.asarray(~((cheaper >= 0) & (better >= 0) & ((cheaper > 0) | (better > 0))).any(axis=1))


def _curves(states: States) -> pd.DataFrame:
    """Return the acceptability curve of every option, by `study.economics`."""
    n_options, n_states, n = states.benefit.shape
    sums = [
        {"wait_minutes_sum": 60.0 * states.outcomes["waiting_hours"][i].ravel()}
        | {"cost_idr": states.outcomes["cost_idr"][i].ravel()}
        for i in range(n_options)
    ]
    draws: Ints = np.repeat(np.arange(n_states), n)
    rows = []
    for i in range(1, n_options):
        pairs = Pairs(states.region, states.labels[i], draws, sums[0], sums[i])
        for value in VALUES:
            chance = pairs.chance_positive(float(value))
            rows.append(
                {"option": states.labels[i], "value_idr": float(value), "probability_positive": float(chance.value)}
                | {"probability_low": float(chance.low), "probability_high": float(chance.high)}
            )
    return pd.DataFrame(rows)


def _information(states: States, sweep: SweepTables, affordable: np.ndarray) -> pd.DataFrame:
    """Return what knowing everything, and each unknown alone, is worth for the choice among affordable options."""
    benefit = states.benefit[affordable]
    n_states, n = benefit.shape[1:]
    if len(benefit) < 2 or n_states < LEAST_DRAWS:
        return pd.DataFrame(columns=["unknown", "grade", *Worth.__dataclass_fields__])
    whole = evpi(benefit.reshape(len(benefit), -1), np.repeat(np.arange(n_states), n))
    rows: list[dict[str, Any]] = [{"unknown": "", "grade": "", **vars(whole)}]
    known = load_ledger().rows
    worlds = states.worlds
    if sweep.draws is not None:
        worlds = worlds.merge(sweep.draws, on="draw", how="left")
    factors = {f.name: f.grade for f in sweep.factors}
    for name in varying(worlds, [str(c) for c in worlds if c not in ("world", "draw", "region")]):
        grade = factors.get(name) or (known[name].grade if name in known else "")
        values = worlds[name] if pd.api.types.is_numeric_dtype(worlds[name]) else pd.factorize(worlds[name])[0]
        found = evppi(benefit.mean(axis=2), np.asarray(values, float)[:, None])
        rows.append({"unknown": name, "grade": grade, **vars(found)})
    table = pd.DataFrame(rows)
    order = np.lexsort([-table["value"].fillna(-1).to_numpy(), (table["unknown"] != "").to_numpy()])
    return table.iloc[order].reset_index(drop=True)
