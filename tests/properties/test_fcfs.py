import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kinerja_sim.model.fcfs import fcfs_waits

# Times on a grid of 1/1024: every sum and difference is exact, so each claim can be checked exactly.
times = st.integers(0, 8 * 1024).map(lambda n: n / 1024) | st.integers(0, 3).map(float)
customers = st.lists(st.tuples(times, times), min_size=25, max_size=90)
counts = st.integers(1, 20)


def split(trace: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Return arrivals and services of a trace of (gap, service)."""
    gaps, services = np.array(trace).T
    return np.cumsum(gaps / 4), services * 4  # about 16 servers busy, so that both kernels see queues


@given(customers, counts, counts)
def test_more_servers_never_lengthen_a_wait(trace: list[tuple[float, float]], n_servers: int, more: int) -> None:
    """On the same customers, added servers lengthen nobody's wait."""
    arrivals, services = split(trace)
    assert (fcfs_waits(arrivals, services, n_servers + more) <= fcfs_waits(arrivals, services, n_servers)).all()


@given(customers, counts, st.data())
def test_shorter_work_never_lengthens_a_wait(
    trace: list[tuple[float, float]], n_servers: int, data: st.DataObject
) -> None:
    """Shortening any services, by any amounts, lengthens nobody's wait."""
    arrivals, services = split(trace)
    cut = np.array(data.draw(st.lists(times, min_size=services.size, max_size=services.size)))
    shorter = np.minimum(services, cut)
    assert (fcfs_waits(arrivals, shorter, n_servers) <= fcfs_waits(arrivals, services, n_servers)).all()


@given(customers, counts, st.data())
def test_a_customer_changes_nothing_before(
    trace: list[tuple[float, float]], n_servers: int, data: st.DataObject
) -> None:
    """Changing customer k alters no earlier wait; changing only the service leaves the own wait, too."""
    arrivals, services = split(trace)
    k = data.draw(st.integers(0, services.size - 1))
    waits = fcfs_waits(arrivals, services, n_servers)
    services[k] = data.draw(times)
    assert (fcfs_waits(arrivals, services, n_servers)[: k + 1] == waits[: k + 1]).all()
    arrivals[k:] += data.draw(times)
    assert (fcfs_waits(arrivals, services, n_servers)[:k] == waits[:k]).all()


@given(customers, counts)
def test_service_starts_in_order_of_arrival(trace: list[tuple[float, float]], n_servers: int) -> None:
    """Nobody starts before somebody who came earlier, and nobody before arriving."""
    arrivals, services = split(trace)
    waits = fcfs_waits(arrivals, services, n_servers)
    assert (waits >= 0).all()
    assert (np.diff(arrivals + waits) >= 0).all()


@given(customers, counts)
def test_servers_are_never_too_many_nor_idle_beside_a_queue(trace: list[tuple[float, float]], n_servers: int) -> None:
    """At each start fewer than c others are in service; whoever waited found all c busy until then."""
    arrivals, services = split(trace)
    starts = arrivals + fcfs_waits(arrivals, services, n_servers)
    ends = starts + services
    for k in range(starts.size):
        assert (ends[:k] > starts[k]).sum() < n_servers
        if starts[k] > arrivals[k]:
            assert (ends[:k] >= starts[k]).sum() >= n_servers


@given(customers, counts, st.integers(-3, 3))
def test_the_unit_of_time_does_not_matter(trace: list[tuple[float, float]], n_servers: int, power: int) -> None:
    """Times in another unit give the same waits in that unit."""
    arrivals, services = split(trace)
    scale = 2.0**power
    scaled = fcfs_waits(arrivals * scale, services * scale, n_servers)
    assert (scaled == fcfs_waits(arrivals, services, n_servers) * scale).all()
