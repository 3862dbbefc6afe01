"""What a satisfaction survey says and how surely: IKM, elements, units, and whether officers can be told apart.

The index is the regulation's (`model.survey`); its intervals resample respondents. Most open to dispute: respondents
count as a random sample of those served. Nothing about a single officer is made here, only their spread and how
reliable a mean over their answers would be. Left out: who did not answer.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import bootstrap, norm, ttest_ind

from kinerja_sim.field.arrivals import q_profile
from kinerja_sim.field.privacy import K
from kinerja_sim.field.scores import LEVEL, Interval
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.schema import ELEMENTS
from kinerja_sim.model.rng import stream
from kinerja_sim.model.survey import satisfaction_category, satisfaction_index

Floats = NDArray[np.float64]
FEWEST_ANSWERS = 30  # to a question; below, no index of a unit is stated
MANY_ANSWERS = 5_000  # from here on the limit of the bootstrap stands for it
FEWEST_OFFICERS = K  # below, no spread between officers is stated
RELIABLE = 0.8  # reliability from which on a mean over answers may tell officers apart


@dataclass(frozen=True)
class OfficerSpread:
    """How far officers differ in their citizens' answers, without saying who.

    Attributes
    ----------
    n_officers, n_answers : int
        Officers with two answers or more, and their answers.
    sd : Interval
        Between officers, in index points (REML; Q-profile interval).
    icc : Interval
        Share of the variance of one answer that lies between officers.
    reliability : float
        Of an officer's mean at the median number of answers.
    answers_needed : float
        Answers per officer at which the reliability reaches `RELIABLE` (Spearman-Brown); infinite without a spread.
    can_rank : bool
        Whether half the officers or more have so many.
    shrunk_sd : float
        SD of the officers' means once shrunk by their reliability.
    """

    n_officers: int
    n_answers: int
    sd: Interval
    icc: Interval
    reliability: float
    answers_needed: float
    can_rank: bool
    shrunk_sd: float


@dataclass(frozen=True)
class Survey:
    """A survey read by the regulation.

    Attributes
    ----------
    index : DataFrame, one row a unit and channel ('all' for both together)
        `unit, channel, n, value, low, high, design_low, design_high, category, category_low, category_high, why`; NaN
        and '' where there is no index; `n` NaN where it would tell of fewer than `K` or of one officer, by itself or as
        a difference. `low, high`: bootstrap of respondents, NaN where all answer alike; `design_*`: normal with the
        finite-population correction, NaN where the number served is not known.
        `why` there is none: few_answers, few_to_a_question (below `FEWEST_ANSWERS`), one_officer (fewer than `K`
        answers of anybody else's work), difference (see `told_apart`), or no interval: alike.
    elements : DataFrame, one row a unit and element
        `unit, element, n, mean, low, high`, answers 1 to 4; kept back as in `index`.
    officers : dict of unit to OfficerSpread, or None where too few officers were rated
    """

    index: pd.DataFrame
    elements: pd.DataFrame
    officers: dict[str, OfficerSpread | None]


def read_survey(answers: pd.DataFrame, *, population: dict[str, int] | None = None) -> Survey:
    """Return indices, elements and the spread between officers.

    Parameters
    ----------
    answers : DataFrame
        The `survey` table of a data folder.
    population : dict of unit to the number of people served, optional
        Makes the design interval narrower where many of them answered.

    Raises
    ------
    InputError
        If no element was answered by anybody.
    """
    if answers[list(ELEMENTS)].notna().to_numpy().sum() == 0:
        raise InputError(sentence("survey", "hold answers", "none"))
    units = sorted(set(answers["unit"]))
    units = ["all", *units] if len(units) > 1 else units
    channels = sorted(c for c in set(answers["channel"]) if c)
    told = told_apart(answers)
    asked = {element: told_apart(answers[answers[element].notna()]) for element in ELEMENTS}
    rows, elements = [], []
    for unit in units:
        part = answers if unit == "all" else answers[answers["unit"] == unit]
        known = population or {}
        served = sum(known.values()) if unit == "all" and set(known) >= set(answers["unit"]) else known.get(unit)
        # the mean of nine elements gives away the one that is kept back
        hidden = [e for e in ELEMENTS if (unit, "all") not in told & asked[e] and part[e].notna().any()]
        rows.append(_index_row(unit, "all", part, served, is_told=(unit, "all") in told, is_whole=not hidden))
        if len(channels) > 1:
            for c in channels:
                mine = part[part["channel"] == c]
                is_whole = not any(_is_of_one_officer(mine[mine[e].notna()]) for e in ELEMENTS)
                rows.append(_index_row(unit, c, mine, None, is_told=(unit, c) in told, is_whole=is_whole))
        if (unit, "all") in told:
            elements += [_element_row(unit, e, part[e].dropna().to_numpy(float), e not in hidden) for e in ELEMENTS]
    spreads = {unit: officer_spread(part) for unit, part in answers.groupby("unit")}
    return Survey(
        pd.DataFrame(rows),
        pd.DataFrame(elements, columns=["unit", "element", "n", "mean", "low", "high"]),
        {str(unit): found for unit, found in spreads.items()},
    )


def _is_of_one_officer(part: pd.DataFrame) -> bool:
    """Return whether a table's index would be that of a single officer, but for fewer than `K` answers."""
    counts = part.loc[part["officer"] != "", "officer"].value_counts()
    return bool(len(counts)) and len(part) - int(counts.iloc[0]) < K


def told_apart(answers: pd.DataFrame) -> set[tuple[str, str]]:
    """Return the units and channels whose answers may be shown, so that no difference of them tells of one officer.

    A cell has `K` answers or more, as many of them about others than its most rated officer. So has what a total leaves
    when all its shown parts are taken off, if anything is left: within a unit the smallest channels are kept back until
    it does, over units the total is. A channel over all units is shown where each of its units' cells is: it says
    nothing new. So cells are nested or sums of others, and any other difference holds one of these remainders.
    """
    answers = answers.assign(is_given=answers[list(ELEMENTS)].notna().any(axis=1))

    def may(part: pd.DataFrame) -> bool:
        given = part[part["is_given"]]
        return len(part) >= K and (given.empty or (len(given) >= K and not _is_of_one_officer(given)))

    told = set()
    for unit, part in answers.groupby("unit"):
        if not may(part):
            continue
        named = [(c, cell) for c, cell in part.groupby("channel") if c]
        shown = [c for c, cell in sorted(named, key=lambda pair: len(pair[1])) if may(cell)]
        while shown and len(rest := part[~part["channel"].isin(shown)]) and not may(rest):
            shown.pop(0)
        told |= {(str(unit), str(c)) for c in ["all", *shown]}
    rest = answers[~answers["unit"].isin([unit for unit, _ in told])]
    total = {("all", "all")} if not len(rest) or may(rest) else set()
    cells = {c: set(part["unit"]) for c, part in answers.groupby("channel") if c}
    return told | total | {("all", str(c)) for c, found in cells.items() if all((u, c) in told for u in found)}


def _index_row(
    unit: str, channel: str, part: pd.DataFrame, served: int | None, *, is_told: bool, is_whole: bool
) -> dict[str, object]:
    empty: dict[str, object] = {"unit": unit, "channel": channel, "n": len(part) if is_told else float("nan")}
    empty |= dict.fromkeys(("value", "low", "high", "design_low", "design_high"), float("nan"))
    empty |= dict.fromkeys(("category", "category_low", "category_high", "why"), "")
    table = part[list(ELEMENTS)]
    if len(part) < FEWEST_ANSWERS:
        return empty | {"why": "few_answers"}
    if _is_of_one_officer(part):
        return empty | {"why": "one_officer"}
    if not is_told:
        return empty | {"why": "difference"}
    if (table.notna().sum() < FEWEST_ANSWERS).any():
        return empty | {"why": "few_to_a_question"}
    if not is_whole:
        return empty | {"why": "difference"}
    means = {element: float(table[element].mean()) for element in ELEMENTS}
    whole = bool((table.isin((1, 2, 3, 4)) | table.isna()).to_numpy().all())
    found = satisfaction_index(table if whole else means)
    values = table.to_numpy(float)
    low, high = (25.0 * end for end in _interval(values, unit, channel))
    row = empty | {"value": found.value, "category": found.category, "low": low, "high": high}
    if np.isnan(low):
        return row | {"why": "alike"}
    row |= {"category_low": satisfaction_category(low), "category_high": satisfaction_category(high)}
    if served is not None and served >= len(values):
        own = 25.0 * np.nanmean(values, axis=1)
        spread = float(np.nanstd(own, ddof=1)) * np.sqrt((1 - len(values) / served) / len(values))
        half = float(norm.ppf(0.5 + LEVEL / 2)) * spread
        row |= {"design_low": max(found.value - half, 25.0), "design_high": min(found.value + half, 100.0)}
    return row


def _element_row(unit: str, element: str, given: Floats, is_told: bool) -> dict[str, object]:
    row: dict[str, object] = {"unit": unit, "element": element, "n": len(given) if is_told else float("nan")}
    row |= dict.fromkeys(("mean", "low", "high"), float("nan"))
    if len(given) < FEWEST_ANSWERS or not is_told:
        return row
    low, high = _interval(given[:, None], unit, element)
    return row | {"mean": float(given.mean()), "low": low, "high": high}


def _interval(answers: Floats, *key: str) -> tuple[float, float]:
    """Return the interval of the mean of the elements' means, respondents resampled; NaN where nobody differs.

    Parameters
    ----------
    answers : [respondents, elements], 1 to 4, NaN where not given
    key : of the random stream
    """
    if (np.nanmax(answers, axis=0) == np.nanmin(answers, axis=0)).all():
        return float("nan"), float("nan")
    if len(answers) >= MANY_ANSWERS:
        given, means = ~np.isnan(answers), np.nanmean(answers, axis=0)
        pull = (np.where(given, answers - means, 0.0) / given.sum(axis=0)).mean(axis=1)  # of each on the mean of means
        half = float(norm.ppf(0.5 + LEVEL / 2) * np.sqrt((pull**2).sum()))
        return max(float(means.mean()) - half, 1.0), min(float(means.mean()) + half, 4.0)

    def mean(rows: NDArray[np.int64], axis: int = -1) -> Floats:
        taken = answers[rows]  # [..., respondents, elements], or respondents first where scipy hands the sample itself
        return np.asarray(np.nanmean(np.nanmean(taken, axis=-2), axis=-1))

    ends = bootstrap(
        (np.arange(len(answers)),), mean, n_resamples=1999, confidence_level=LEVEL, method="percentile", batch=100,
        rng=stream(0, "survey", *key),
    ).confidence_interval  # fmt: skip
    return float(ends.low), float(ends.high)


def officer_spread(part: pd.DataFrame) -> OfficerSpread | None:
    """Return how far officers of one unit differ, or None with fewer than `FEWEST_OFFICERS` rated twice or more."""
    from statsmodels.regression.mixed_linear_model import MixedLM  # ships no types

    own = 25.0 * part[list(ELEMENTS)].mean(axis=1)
    use = own.notna() & (part["officer"] != "")
    use &= part["officer"].groupby(part["officer"]).transform("size") >= 2
    y = own[use].to_numpy(float)
    names, o = np.unique(part["officer"][use].to_numpy(str), return_inverse=True)
    if len(names) < FEWEST_OFFICERS:
        return None
    count = np.bincount(o).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a spread of nearly zero is an answer here, not a failure
        fit = MixedLM(y, np.ones((len(y), 1)), groups=o).fit(reml=True)
    between, within = float(np.asarray(fit.cov_re).ravel()[0]), float(fit.scale)
    means = np.bincount(o, weights=y) / count
    ends = q_profile(means, within / count)
    reliability = count * between / np.maximum(count * between + within, 1e-12)
    needed = RELIABLE / (1 - RELIABLE) * within / between if between > 0 else float("inf")
    centre = float(fit.fe_params[0])
    return OfficerSpread(
        len(names), len(y), Interval(*(float(np.sqrt(v)) for v in (between, ends.low, ends.high))),
        Interval(*(v / max(v + within, 1e-12) for v in (between, ends.low, ends.high))),
        float(np.median(reliability)), needed,
        bool((reliability >= RELIABLE).mean() >= 0.5), float(np.std(reliability * (means - centre), ddof=1)),
    )  # fmt: skip


def channel_bias(answers: pd.DataFrame, census: str) -> pd.DataFrame:
    """Return how far each channel's index lies from that of a census of the same unit.

    Parameters
    ----------
    answers : DataFrame
        The `survey` table.
    census : str
        The channel by which everybody was asked.

    Returns
    -------
    DataFrame, one row a unit and channel
        `unit, channel, n, n_census, bias, low, high`, index points; channels and units below `FEWEST_ANSWERS`, or
        not in `told_apart`, are left out.

    Raises
    ------
    InputError
        If no answer came by `census`.
    """
    if census not in set(answers["channel"]):
        known = ", ".join(sorted(set(answers["channel"]) - {""})) or "none"
        raise InputError(sentence("--census", f"be a channel of the survey ({known})", f"'{census}'"))
    own = 25.0 * answers[list(ELEMENTS)].mean(axis=1)
    told, rows = told_apart(answers), []
    for (unit, channel), part in own.dropna().groupby([answers["unit"], answers["channel"]]):
        everybody = own[(answers["unit"] == unit) & (answers["channel"] == census)].dropna()
        if channel == census or min(len(part), len(everybody)) < FEWEST_ANSWERS:
            continue
        if not {(unit, channel), (unit, census)} <= told:
            continue
        ends = ttest_ind(part.to_numpy(float), everybody.to_numpy(float), equal_var=False).confidence_interval(LEVEL)
        rows.append(
            {"unit": unit, "channel": channel, "n": len(part), "n_census": len(everybody),
             "bias": float(part.mean() - everybody.mean()), "low": float(ends.low), "high": float(ends.high)}
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["unit", "channel", "n", "n_census", "bias", "low", "high"])
