import numpy as np
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.model.fcfs import fcfs_waits
from kinerja_sim.model.rng import stream
from tests.reference import heap_waits

SERVER_COUNTS = [*range(1, 21), 24, 31, 32, 33, 50, 63, 64, 65, 100, 128, 200, 1000]


def draw_trace(trace: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Return one trace: whole or broken times, ties, zero services, idle spells, light to double load."""
    rng = stream(11, "fcfs", trace)
    n_servers = SERVER_COUNTS[trace % len(SERVER_COUNTS)]
    n_customers = int(rng.integers(0, 12 * n_servers + 40)) if n_servers <= 200 else int(rng.integers(2500, 3500))
    gaps = rng.exponential(1 / (rng.choice([0.3, 0.9, 1.0, 2.0]) * n_servers), n_customers)
    services = rng.exponential(1.0, n_customers) * rng.choice([1.0, 10.0], n_customers, p=[0.95, 0.05])
    gaps[rng.random(n_customers) < 0.2] = 0.0
    services[rng.random(n_customers) < 0.1] = 0.0
    gaps[rng.random(n_customers) < 0.02] *= 50
    if trace % 2:  # on a coarse grid, where free times tie with one another and with arrivals
        gaps, services = np.round(gaps * 4 * n_servers), np.round(services * 4 * n_servers)
    return np.cumsum(gaps), services, n_servers


@pytest.mark.parametrize("block", range(10))
def test_waits_equal_a_heap_on_a_thousand_traces(block: int) -> None:
    """Every wait equals that of a pure Python heap, to the bit, whatever the ties and the number of servers."""
    waited = 0
    for trace in range(block * 100, block * 100 + 100):
        arrivals, services, n_servers = draw_trace(trace)
        waits = fcfs_waits(arrivals, services, n_servers)
        assert waits.tolist() == heap_waits(arrivals.tolist(), services.tolist(), n_servers), f"trace {trace}"
        waited += int((waits > 0).sum())
    assert waited > 5000


def test_traces_contain_what_they_claim() -> None:
    """The thousand traces contain ties, zero services, idle spells and empty days for every number of servers."""
    seen: dict[str, set[int]] = {"tie": set(), "zero": set(), "idle": set(), "wait": set()}
    empty = 0
    for trace in range(1000):
        arrivals, services, n_servers = draw_trace(trace)
        waits = fcfs_waits(arrivals, services, n_servers)
        departures = np.maximum.accumulate(arrivals + waits + services) if arrivals.size else arrivals
        for name, happens in {
            "tie": (np.diff(arrivals) == 0).any(),
            "zero": (services == 0).any(),
            "idle": (departures[:-1] < arrivals[1:]).any(),
            "wait": (waits > 0).any(),
        }.items():
            if happens:
                seen[name].add(n_servers)
        empty += arrivals.size == 0
    few = {count for count in SERVER_COUNTS if count <= 20}
    assert empty
    assert seen["tie"] == seen["zero"] == seen["wait"] == set(SERVER_COUNTS)
    assert few <= seen["idle"]


@pytest.mark.parametrize("n_servers", [1, 3, 10, 50])
def test_inputs_of_any_layout_give_the_same_waits(n_servers: int) -> None:
    """Lists, integers, read-only and strided arrays give the same waits, and none is changed."""
    rng = stream(12, "layout", n_servers)
    arrivals, services = np.sort(rng.integers(0, 100, 300)), rng.integers(0, 40 * n_servers // 10 + 9, 300)
    expected = heap_waits(arrivals.tolist(), services.tolist(), n_servers)
    read_only = arrivals.astype(float)
    read_only.flags.writeable = False
    for given in (arrivals.tolist(), arrivals, read_only, np.repeat(arrivals, 2)[::2], arrivals.astype(np.float32)):
        before = np.array(given)
        assert fcfs_waits(given, services, np.int64(n_servers)).tolist() == expected
        assert np.array_equal(before, given)


def test_nobody_waits_when_nobody_comes() -> None:
    """An empty day has no waits."""
    assert fcfs_waits([], [], 3).shape == (0,)


def test_more_servers_than_customers_cost_nothing() -> None:
    """More servers than memory could hold are fine when customers are few."""
    assert fcfs_waits([0.0, 0.0], [9.0, 9.0], 10**15).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("arrivals", "services", "n_servers", "rule"),
    [
        ([0, 2, 1], [1, 1, 1], 1, "`arrivals` must be sorted; got 1.0 after 2.0 at index 2"),
        ([-1, 0, 1], [1, 1, 1], 1, "`arrivals` must be finite and >= 0; got -1.0 at index 0"),
        ([0, np.nan, 1], [1, 1, 1], 1, "`arrivals` must be finite and >= 0; got nan at index 1"),
        ([np.nan], [1], 1, "`arrivals` must be finite and >= 0; got nan at index 0"),
        ([0, 1, np.inf], [1, 1, 1], 1, "`arrivals` must be finite and >= 0; got inf at index 2"),
        ([0, 1, 2], [1, -0.5, 1], 1, "`services` must be finite and >= 0; got -0.5 at index 1"),
        ([0, 1, 2], [1, 1, np.nan], 1, "`services` must be finite and >= 0; got nan at index 2"),
        ([0, 1, 2], [np.inf, 1, 1], 1, "`services` must be finite and >= 0; got inf at index 0"),
        ([0, 1, 2], [1, 1], 1, "`services` must be as many as arrivals; got 2 for 3"),
        ([[0, 1]], [[1, 1]], 1, r"`arrivals` must be a row of numbers; got shape \(1, 2\)"),
        (0.0, 1.0, 1, r"`arrivals` must be a row of numbers; got shape \(\)"),
        (["a"], [1], 1, "`arrivals` must be a row of numbers; got list"),
        ([0], [[1, 2], [3]], 1, "`services` must be a row of numbers; got list"),
        ([0], [1], 0, "`n_servers` must be a whole number >= 1; got 0"),
        ([0], [1], -2, "`n_servers` must be a whole number >= 1; got -2"),
        ([0], [1], 2.0, "`n_servers` must be a whole number >= 1; got 2.0"),
        ([0], [1], "2", "`n_servers` must be a whole number >= 1; got '2'"),
        ([0], [1], True, "`n_servers` must be a whole number >= 1; got True"),
        ([0], [1], None, "`n_servers` must be a whole number >= 1; got None"),
    ],
)
def test_impossible_input_is_refused_by_name(arrivals: object, services: object, n_servers: object, rule: str) -> None:
    """Input that is no queue is refused with the name, the rule, the value and where it stands."""
    with pytest.raises(InputError, match=rule) as caught:
        fcfs_waits(arrivals, services, n_servers)  # type: ignore[arg-type]
    assert isinstance(caught.value, ValueError)
