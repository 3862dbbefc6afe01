"""What of a log's visits are repeats, held against the simulator's own visits."""

import pytest

from kinerja_sim import load_policy, load_region
from kinerja_sim.field.visits import first_visits
from kinerja_sim.model.parameters import draw_parameters
from kinerja_sim.model.simulate import simulate_block

UNIT, MINUTES = "cisaranten-kulon", 16.0


def test_first_visits_of_a_simulated_counter_are_found():
    """At a counter where many leave and a tenth fails, new cases and their work are the shares that visits promise."""
    own = {"source": "a test", "grade": "estimate"}
    source = load_region("arcamanik")
    unit = source.units[UNIT]
    counter = unit.counter.model_dump() | {"minutes": own | {"value": MINUTES, "unit": "minutes per case"}}
    region = source.replace(
        **{f"units__{UNIT}__processing": None, f"units__{UNIT}__supply": None, f"units__{UNIT}__backlog": None,
           f"units__{UNIT}__counter": counter,
           f"units__{UNIT}__error_share": own | {"value": 0.1, "unit": "share of first attempts"}}
    )  # fmt: skip
    vector = draw_parameters(1, [0], "point")[0] | {"patience_median_min": 10.0}
    results = simulate_block(
        region, [load_policy("baseline")], seed=1, replications=range(4), months=12, pre_months=0, parameters="point",
        vectors=[vector] * 4,
    ).results  # fmt: skip
    here = results[results["unit"] == UNIT]
    visits, left = here["visits"].sum(), here["reneged_visits"].sum()
    found = first_visits(left / visits, here["failed_attempts"].sum() / here["attempts"].sum())
    work = here["busy_minutes"].sum() / (visits - left)

    assert 0.15 < left / visits < 0.5
    assert here["arrivals_cases"].sum() / visits == pytest.approx(found.share, rel=0.02)
    assert MINUTES / work == pytest.approx(found.work, rel=0.02)


def test_without_repeats_every_visit_is_a_first_one():
    """Where nobody leaves and nothing fails a visit is a case."""
    assert first_visits(0.0, 0.0) == first_visits(0.0, 0.0).__class__(1.0, 1.0)
    assert first_visits(0.2, None).share < first_visits(0.1, None).share < 1.0
