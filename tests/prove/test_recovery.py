"""Calibration finds what made a log: 400 logs of the day kernel, and how often 90 % intervals cover the truth."""

from __future__ import annotations

import numpy as np

import kinerja_sim as ks
from kinerja_sim.field.calibrate import calibrate
from kinerja_sim.field.queuelog import make_log
from kinerja_sim.field.service import fit_service
from tests.made_logs import Truth, made_log
from tests.prove.report import Proof

REPETITIONS = 400
LEAST = 0.86
TRUTH = Truth()


def recover(repetitions: int, *, wrong: float = 1.0) -> dict[str, tuple[float, float]]:
    """Return coverage and median width of each parameter's interval; `wrong` multiplies the truths."""
    base = ks.load_region("arcamanik")
    truths = {
        "officer_log_sd": TRUTH.officer_log_sd, "arrivals_per_day": TRUTH.per_day, "arrival_day_cv": TRUTH.day_cv,
        "patience_median_min": TRUTH.patience_median, "patience_shape": TRUTH.patience_shape,
        "service_cv_within": float(np.sqrt(np.expm1(TRUTH.service_log_sd**2))),
    }  # fmt: skip
    ends: dict[str, list[tuple[float, float, float]]] = {name: [] for name in (*truths, "officers, pooled")}
    for repetition in range(repetitions):
        cases, effect = made_log(TRUTH, repetition)
        table = calibrate({"cases": cases}, "made", base, source="made log").estimates.set_index("quantity")
        for name, truth in truths.items():
            ends[name].append((wrong * truth, table.loc[name, "low"], table.loc[name, "high"]))
        service = fit_service(make_log(cases, ["counter"]))
        assert service is not None
        for who, found in service.effect_intervals():
            ends["officers, pooled"].append((effect[int(who[1:])] + np.log(wrong), found.low, found.high))
    out = {}
    for name, rows in ends.items():
        truth, low, high = np.array(rows, float).T
        out[name] = (float(((low <= truth) & (truth <= high)).mean()), float(np.median(high - low)))
    return out


def test_ninety_per_cent_intervals_cover_the_truth_of_made_logs(proof: Proof) -> None:
    """Intervals of officers, patience and arrivals cover the truth in at least 86 % of 400 calibrated logs."""
    found = recover(REPETITIONS)
    proof.amount = f"{REPETITIONS} logs of {TRUTH.n_days} days, {TRUTH.n_officers} officers"
    proof.worst = "; ".join(f"{name}: {cover:.1%}, width {width:.3g}" for name, (cover, width) in found.items())
    for name, (cover, _) in found.items():
        assert cover >= LEAST, f"coverage of {name} is {cover:.1%}"


def test_a_truth_moved_by_a_half_is_not_covered() -> None:
    """The same intervals miss parameters that are 1.5 times what made the logs, so coverage can fail."""
    found = recover(20, wrong=1.5)

    assert all(cover < LEAST for cover, _ in found.values())
