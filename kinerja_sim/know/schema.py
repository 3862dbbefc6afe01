"""The one home of every column: name, unit, bounds, direction, label, how periods pool.

Results tables carry numerators, denominators and histogram counts (`COUNTS`); a
`Metric` says how its value comes from their sums, so that months pool exactly (a 90th
percentile of 24 months is not a mean of 90th percentiles). Most open to dispute: the
smallest changes that matter, which are this project's own estimates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from kinerja_sim.know.fields import Text

KEYS = ["scenario", "region", "unit", "draw", "replication", "period"]
CONTRAST_KEYS = ["scenario", "reference", "region", "unit", "metric", "window"]
CONTRAST_VALUES = [
    "reference_mean", "delta_mean", "low", "high", "ci_low", "ci_high",
    "delta_rel_mean", "delta_rel_low", "delta_rel_high", "probability_better",
    "n_draws", "n_replications", "n_failed",
]  # fmt: skip
CONTRAST_EXTRAS = ["probability_low", "probability_high", "low_se", "high_se", "all_equal", "n_undefined"]
CONTRAST_DRAWS = ["median", "n_unstable"]
"""Beside the mean of a contrast: its median, and in how many draws either policy cannot cope (`study.contrasts`)."""
WINDOWS = ("after", "all", "pre")

WAIT_EDGES = np.array(
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 22.5, 25, 28, 31, 35, 39, 44, 49, 55,
     61, 68, 76, 85, 95, 107, 120, 135, 152, 171, 192, 216, 243, 300, 400, np.inf]
)  # fmt: skip
"""Edges (minutes) of the 40 bins of counter waits."""
TURNAROUND_EDGES = np.array(
    [0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.6, 1.8,
     2, 2.3, 2.6, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 60, np.inf]
)  # fmt: skip
"""Edges (working days) of the 40 bins of turnaround."""
N_BINS = 40
WAIT_BINS = [f"wait_bin_{i:02d}" for i in range(N_BINS)]
TURNAROUND_BINS = [f"turnaround_bin_{i:02d}" for i in range(N_BINS)]

ELEMENTS = (
    "requirements", "procedure", "time", "cost", "product", "competence", "behaviour", "facilities", "complaints",
)  # fmt: skip
"""The nine elements of the satisfaction survey (PermenPANRB 14/2017): persyaratan; sistem, mekanisme dan prosedur;
waktu penyelesaian; biaya/tarif; produk; kompetensi pelaksana; perilaku pelaksana; sarana dan prasarana; penanganan
pengaduan, saran dan masukan. Names, not numbers, are the key: offices differ in which of the last two is U8."""

PRICE_YEAR = 2026
"""Year of every rupiah in the tables: nothing is inflated or discounted over a run."""
COST_ITEMS = (
    "cost_training_idr", "cost_staff_time_idr", "cost_reward_idr", "cost_channel_idr", "cost_socialisation_idr",
    "cost_capacity_idr",
)  # fmt: skip
"""What the cost of an appraisal system is made of; `cost_idr` is their sum."""

COUNTS: dict[str, str] = {
    "arrivals_cases": "new cases of the period (the entry cohort)",
    "visits": "visits that joined the counter queue, returns included",
    "wait_minutes_sum": "minutes waited at the counter, over all visits that joined",
    "baulked_visits": "visits turned away because the day's tickets were gone",
    "priority_visits": "visits of people with a right to the priority line",
    "priority_wait_minutes_sum": "minutes they waited",
    "triaged_out_cases": "complaints turned down on arrival; they belong to no cohort",
    "reneged_visits": "visits that left the queue before service",
    "lost_demand_cases": "cases that gave up for good in the period",
    "throughput_cases": "cases finished in the period",
    "backlog_cases": "cases unfinished at the end of the period",
    "turnaround_days_sum": "restricted turnaround (working days) of the entry cohort; lost or unfinished count in full",
    "turnaround_cases": "cases in the entry cohort that `turnaround_days_sum` is over",
    "on_time_cases": "cases of the entry cohort finished within the standard",
    "reported_on_time_cases": "the same as the office reports it, relabelled cases included",
    "clocked_cases": "cases of the entry cohort for which a first answer is promised",
    "answered_in_time_cases": "those answered within the promise",
    "attempts": "attempts finished in the period",
    "failed_attempts": "attempts that failed and came back as rework",
    "satisfaction_sum": "latent satisfaction (25-100) summed over cases that ended in the period",
    "satisfaction_cases": "cases that `satisfaction_sum` is over",
    "measured_sum": "satisfaction (25-100) summed over the ratings received",
    "measured_ratings": "ratings received",
    **{f"satisfaction_{e}_sum": f"latent satisfaction with element '{e}', summed" for e in ELEMENTS},
    **{f"measured_{e}_sum": f"answers on element '{e}' (25-100), summed over ratings" for e in ELEMENTS},
    "busy_minutes": "officers' minutes in service",
    "staffed_minutes": "officers' minutes at their post within the working day",
    "motivation_sum": "motivation (SD) summed over officers",
    "resistance_sum": "resistance (SD) summed over officers",
    "rate_sum": "speed relative to the baseline's mean officer, summed over officers",
    "officer_months": "officers that the three sums above are over",
    "appraisal_hours_sum": "staff hours spent on appraisal",
    "training_hours_sum": "staff hours spent in training",
    "cost_training_idr": "courses: training hours x participants x price (rupiah of 2026, as all costs)",
    "cost_staff_time_idr": "staff hours spent on appraisal, talks, training and coaching, valued",
    "cost_reward_idr": "awards, and allowances as far as they are new money",
    "cost_channel_idr": "running costs of the citizens' channels, and messages, calls, forms and interviews",
    "cost_socialisation_idr": "waves of socialisation",
    "cost_capacity_idr": "officers added",
    "cost_idr": "the six items above",
    "graded": "grades given",
    "misgraded": "grades that differ from what true performance would earn on the same scale",
    **{f"grade_{g}": f"grades '{g}' given" for g in ("excellent", "good", "needs_improvement", "poor", "very_poor")},
    "coaching_called": "officers called to coaching at an appraisal",
    "coaching_due": "officers whom true performance would have called",
    "coaching_false": "called although not due",
    "coaching_missed": "due but not called",
    "validity_sxy": "within-office cross-product of score and true performance",
    "validity_sxx": "within-office sum of squares of the score",
    "validity_syy": "within-office sum of squares of true performance",
}
"""Columns that simply add over periods (`backlog_cases` is averaged over periods)."""


@dataclass(frozen=True)
class Metric:
    """A metric: how it pools, how it reads and which way is better.

    `pool` is 'ratio' (sum of `parts[0]` over sum of `parts[1]`, times `scale`), 'quantile'
    (`quantile` of the histogram named by `parts[0]`), 'sum' (times `scale`), 'mean' (over periods),
    'correlation' (of sxy, sxx, syy), 'unexplained' (1 minus its square) or 'entropy' (bits, of counts).
    """

    name: str
    unit: Text
    label: Text
    better: Literal["lower", "higher", "neither"]
    bounds: tuple[float, float]
    matters: float  # smallest change that matters
    matters_source: str
    pool: Literal["ratio", "quantile", "sum", "mean", "correlation", "unexplained", "entropy"]
    parts: tuple[str, ...]
    scale: float = 1.0
    quantile: float = float("nan")
    decimals: int = 2
    is_share: bool = False


_OURS = "estimate: this project's judgement, no published threshold"
_MINUTES, _DAYS = Text(id="menit", en="minutes"), Text(id="hari kerja", en="working days")
_CASES, _POINTS = Text(id="permohonan", en="cases"), Text(id="poin (25–100)", en="points (25–100)")
_PERCENT, _SD = Text(id="%", en="%"), Text(id="SD", en="SD")
_HOURS, _NONE = Text(id="jam", en="hours"), Text(id="indeks", en="index")
_RUPIAH = Text(id="rupiah", en="rupiah")
_INF = float("inf")


def _ratio(name: str, num: str, den: str, unit: Text, label: Text, better: str, top: float, matters: float,
           source: str = _OURS, **more: object) -> Metric:  # fmt: skip
    return Metric(name, unit, label, better, (0.0, top), matters, source, "ratio", (num, den), **more)  # type: ignore[arg-type]


METRICS: dict[str, Metric] = {
    m.name: m
    for m in [
        _ratio("wait_minutes_mean", "wait_minutes_sum", "visits", _MINUTES,
               Text(id="Waktu tunggu rata-rata", en="Mean wait"), "lower", _INF, 2.0, decimals=1),
        Metric("wait_minutes_p90", _MINUTES, Text(id="Waktu tunggu P90", en="90th percentile of wait"), "lower",
               (0, _INF), 5.0, _OURS, "quantile", ("wait",), quantile=0.9, decimals=1),
        _ratio("turnaround_days_mean", "turnaround_days_sum", "turnaround_cases", _DAYS,
               Text(id="Waktu penyelesaian rata-rata", en="Mean turnaround"), "lower", _INF, 0.1),
        Metric("turnaround_days_p90", _DAYS, Text(id="Waktu penyelesaian P90", en="90th percentile of turnaround"),
               "lower", (0, _INF), 0.25, _OURS, "quantile", ("turnaround",), quantile=0.9),
        _ratio("on_time_share", "on_time_cases", "turnaround_cases", _PERCENT,
               Text(id="Selesai tepat waktu", en="Share on time"), "higher", 1.0, 0.02,
               scale=1.0, decimals=1, is_share=True),
        _ratio("reported_on_time_share", "reported_on_time_cases", "turnaround_cases", _PERCENT,
               Text(id="Selesai tepat waktu (dilaporkan)", en="Share on time as reported"), "neither", 1.0, 0.02,
               decimals=1, is_share=True),
        _ratio("answered_in_time_share", "answered_in_time_cases", "clocked_cases", _PERCENT,
               Text(id="Ditanggapi dalam tenggat", en="Share answered within the deadline"), "higher", 1.0, 0.02,
               decimals=1, is_share=True),
        _ratio("priority_wait_minutes_mean", "priority_wait_minutes_sum", "priority_visits", _MINUTES,
               Text(id="Waktu tunggu lajur prioritas", en="Mean wait in the priority line"), "lower", _INF, 2.0,
               decimals=1),
        Metric("backlog_cases", _CASES, Text(id="Tunggakan akhir bulan", en="Backlog at month end"), "lower",
               (0, _INF), 5.0, _OURS, "mean", ("backlog_cases",), decimals=1),
        _ratio("rework_share", "failed_attempts", "attempts", _PERCENT,
               Text(id="Perlu kerja ulang", en="Share needing rework"), "lower", 1.0, 0.005,
               decimals=1, is_share=True),
        _ratio("reneged_share", "reneged_visits", "visits", _PERCENT,
               Text(id="Batal menunggu", en="Share leaving the queue"), "lower", 1.0, 0.01,
               decimals=1, is_share=True),
        Metric("lost_demand_cases", _CASES, Text(id="Permohonan hilang", en="Lost demand"), "lower",
               (0, _INF), 5.0, _OURS, "sum", ("lost_demand_cases",), decimals=0),
        Metric("throughput_cases", _CASES, Text(id="Layanan selesai", en="Cases finished"), "higher",
               (0, _INF), 20.0, _OURS, "sum", ("throughput_cases",), decimals=0),
        _ratio("satisfaction_index", "satisfaction_sum", "satisfaction_cases", _POINTS,
               Text(id="Kepuasan sebenarnya", en="True satisfaction index"), "higher", 100.0, 1.0,
               "estimate: policy effects of 1-3 points are the realistic size (docs/sources.md section 9, point 5)"),
        _ratio("satisfaction_index_measured", "measured_sum", "measured_ratings", _POINTS,
               Text(id="Kepuasan terukur (IKM)", en="Measured satisfaction index"), "neither", 100.0, 1.0,
               "estimate: as for the true index"),
        _ratio("utilisation", "busy_minutes", "staffed_minutes", _PERCENT,
               Text(id="Tingkat utilisasi", en="Utilisation"), "neither", _INF, 0.02, decimals=1, is_share=True),
        Metric("grade_validity", _NONE, Text(id="Validitas nilai", en="Grade validity"), "higher", (-1, 1), 0.05,
               _OURS, "correlation", ("validity_sxy", "validity_sxx", "validity_syy")),
        _ratio("misgraded_share", "misgraded", "graded", _PERCENT,
               Text(id="Salah predikat", en="Share misgraded"), "lower", 1.0, 0.02, decimals=1, is_share=True),
        Metric("rater_variance_share", _PERCENT,
               Text(id="Ragam nilai bukan dari kinerja", en="Share of the score that is not performance"),
               "lower", (0, 1), 0.05, _OURS, "unexplained", ("validity_sxy", "validity_sxx", "validity_syy"),
               decimals=1, is_share=True),
        Metric("grade_entropy_bits", Text(id="bit", en="bits"), Text(id="Keragaman predikat", en="Spread of grades"),
               "neither", (0, 3), 0.1, _OURS, "entropy",
               tuple(f"grade_{g}" for g in ("excellent", "good", "needs_improvement", "poor", "very_poor"))),
        _ratio("false_coaching_share", "coaching_false", "coaching_called", _PERCENT,
               Text(id="Pembinaan salah sasaran", en="Share coached in error"), "lower", 1.0, 0.05,
               decimals=1, is_share=True),
        _ratio("missed_coaching_share", "coaching_missed", "coaching_due", _PERCENT,
               Text(id="Pembinaan terlewat", en="Share not coached though due"), "lower", 1.0, 0.05,
               decimals=1, is_share=True),
        Metric("motivation_z", _SD, Text(id="Motivasi", en="Motivation"), "higher", (-_INF, _INF), 0.05, _OURS,
               "ratio", ("motivation_sum", "officer_months")),
        Metric("resistance_z", _SD, Text(id="Resistensi", en="Resistance"), "lower", (-_INF, _INF), 0.05, _OURS,
               "ratio", ("resistance_sum", "officer_months")),
        _ratio("service_rate_index", "rate_sum", "officer_months", _NONE,
               Text(id="Indeks laju pelayanan", en="Service rate index"), "higher", _INF, 0.01, decimals=3),
        Metric("appraisal_hours", _HOURS, Text(id="Jam penilaian", en="Appraisal hours"), "lower",
               (0, _INF), 10.0, _OURS, "sum", ("appraisal_hours_sum",), decimals=0),
        Metric("training_hours", _HOURS, Text(id="Jam pelatihan", en="Training hours"), "neither",
               (0, _INF), 10.0, _OURS, "sum", ("training_hours_sum",), decimals=0),
        Metric("waiting_hours", _HOURS, Text(id="Jam menunggu di loket", en="Hours of waiting at the counter"), "lower",
               (0, _INF), 10.0, _OURS, "sum", ("wait_minutes_sum",), scale=1 / 60, decimals=0),
        Metric("cost_idr", _RUPIAH, Text(id="Biaya sistem penilaian", en="Cost of the appraisal system"), "lower",
               (0, _INF), 10e6, "estimate: a little more than an officer costs in a month", "sum", ("cost_idr",),
               decimals=0),
    ]
}  # fmt: skip
"""Every metric of this version, in the order in which tables show them."""

DOSE = "dose"
"""Column of results: the scenario's dose in that month, from which the window 'after' follows."""

RESULT_COLUMNS = [
    *KEYS,
    DOSE,
    *[m for m in METRICS if m not in COUNTS],
    *COUNTS,
    *WAIT_BINS,
    *TURNAROUND_BINS,
]
"""Columns of the results table, in order."""
