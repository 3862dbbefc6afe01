"""Shares become whole officers without bias, shifts take turns, and an office with staffing keeps every promise."""

import numpy as np
import pandas as pd
import pytest

from kinerja_sim import load_policy, load_region
from kinerja_sim.model.officers import draw_officers
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.plan import make_plan
from kinerja_sim.model.simulate import simulate_block
from kinerja_sim.model.staffing import at_posts, minutes_away
from kinerja_sim.study.check import conservation, proofs, with_dose_0

UNIT = "cisaranten-kulon"
PEAK = np.array([0.25, 0.5, 0.9, 1.0, 0.7, 0.4, 0.3])


def everybody(n_days, n_officers):
    """Return days on which everybody has come to work."""
    return np.ones((n_days, n_officers), bool)


def staffed(shares):
    """Return Arcamanik with one counter's staffing."""
    source = {"unit": "share of officers", "source": "a test", "grade": "estimate"}
    region = load_region("arcamanik")
    n = len(region.units[UNIT].arrivals.half_hour.values)
    row = source | {"values": tuple(np.resize(shares, n).tolist())}
    return region.replace(**{f"units__{UNIT}__counter__staffing": row})


def run(region, *policies, replications=3):
    """Return the results of a few short replications."""
    given = [load_policy(name) if isinstance(name, str) else name for name in policies or ("baseline",)]
    block = simulate_block(
        region, given, seed=5, replications=range(replications), months=4, pre_months=1, parameters="ledger"
    )
    return block.results


@pytest.mark.parametrize("n_officers", [1, 3, 7, 24])
def test_shares_are_kept_over_days(n_officers):
    """Over many days every half-hour has its share of officers, and never more or fewer than its neighbours in size."""
    found = at_posts(PEAK, everybody(1000, n_officers), 0)
    number = found.sum(axis=2)

    assert number.mean(axis=0) == pytest.approx(PEAK * n_officers, abs=0.01)
    assert (np.abs(number - PEAK * n_officers) < 1 + 1e-9).all()
    total = number.sum(axis=1)
    assert np.abs(total - PEAK.sum() * n_officers).max() < 1 + 1e-9


def test_turns_are_taken_by_all():
    """Over many days officers are at the counter equally long; in a day whoever came first goes first."""
    half_hours = at_posts(PEAK, everybody(700, 7), 3).sum(axis=(0, 1))
    one_day = at_posts(np.array([0.4, 0.8, 1.0, 0.6, 0.2]), everybody(1, 5), 0)[0].T.astype(int)

    assert half_hours.max() - half_hours.min() < 0.05 * half_hours.mean()
    assert one_day.tolist() == [
        [1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1],
    ]  # fmt: skip


def test_whoever_is_absent_is_missed():
    """The share is of those who came; who did not come is never at the counter."""
    is_there = everybody(200, 10)
    is_there[:, [0, 4, 9]] = False
    found = at_posts(PEAK, is_there, 0)

    assert not found[:, :, [0, 4, 9]].any()
    assert found.sum(axis=2).mean(axis=0) == pytest.approx(PEAK * 7, abs=0.05)
    assert not at_posts(PEAK, ~everybody(2, 3), 0).any()


def test_minutes_away_leave_out_those_not_yet_at_work():
    """An officer who comes after ten minutes is away from the counter for the rest of the half-hours without a post."""
    at_post = np.array([[[False, True], [True, True], [False, True]]])
    away = minutes_away(at_post, np.array([[10.0, 0.0]]), np.array([75.0]), np.array([22.5]))

    assert away.tolist() == [12.5 + (75.0 - 45.0), 0.0]


def test_staffing_of_one_changes_nothing():
    """With everybody at the post in every half-hour all numbers are those of a region without staffing."""
    pd.testing.assert_frame_equal(run(staffed([1.0])), run(load_region("arcamanik")), check_exact=True)


def test_fewer_at_the_peak_make_people_wait_longer():
    """With half the officers in the busiest half-hours waits grow, staffed minutes fall, and other units stay as is."""
    shares = np.asarray(load_region("arcamanik").units[UNIT].arrivals.half_hour.values)
    fewer = run(staffed(np.where(shares > shares.mean(), 0.5, 1.0)))
    base = run(load_region("arcamanik"))
    keys = ["draw", "period", "unit"]
    ours, theirs = fewer.set_index(keys), base.set_index(keys)
    here = ours.index.get_level_values("unit") == UNIT

    assert (ours.loc[here, "wait_minutes_mean"] > theirs.loc[here, "wait_minutes_mean"]).all()
    assert (ours.loc[here, "staffed_minutes"] < theirs.loc[here, "staffed_minutes"]).all()
    assert np.array_equal(ours.loc[~here, "visits"], theirs.loc[~here, "visits"])


def test_no_case_is_lost_and_no_dose_acts():
    """Cases are conserved where officers come and go, and an extra officer at dose 0 is nobody."""
    policies = list(with_dose_0([load_policy("baseline"), load_policy("one_more_officer")]))
    results = run(staffed(PEAK), *policies)
    findings = [*conservation(results[results["scenario"] == "baseline"]), *proofs(results, "arcamanik")]

    assert {f.check for f in findings} == {"conservation", "zero_dose", "pre_months", "acts"}
    assert {f.verdict for f in findings} == {"ok"}


def test_load_is_of_the_minutes_at_the_post():
    """Utilisation and the load that a region file implies count minutes at the counter, not hours of presence."""
    part, all_day = staffed([0.8]), load_region("arcamanik")
    loads = []
    for region in (part, all_day):
        plan, (params,) = make_plan(region), draw_parameters(5, [0], "point")
        first = next(u for u in plan.units if u.name == UNIT).first
        loads.append(draw_officers(plan, params, seed=5, replication=0, draw=0, is_point=True).load[first])
    staff = [r.loc[r["unit"] == UNIT, "staffed_minutes"].sum() for r in (run(part), run(all_day))]
    at_counter = all_day.units[UNIT].counter.officers.value
    n = at_counter + (all_day.units[UNIT].processing.officers.value if all_day.units[UNIT].processing else 0)

    assert loads[0] == pytest.approx(loads[1] / 0.8)
    assert staff[0] / staff[1] == pytest.approx(1 - 0.2 * at_counter / n, abs=0.01)
