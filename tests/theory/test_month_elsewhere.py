"""The month of `docs/kernel.md` as others would program it, in SimPy and in C: the same sums as the kernel's."""

import pytest

from benchmarks.whole_month import KINDS, check_equal


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_servers", [1, 3, 10])
def test_the_month_of_the_benchmarks_is_the_kernels(kind, n_servers):
    """What is timed beside the kernel serves the same month: else its times would compare two models."""
    pytest.importorskip("simpy", reason="SimPy is not installed")
    assert check_equal(n_servers, kind, repetition=1) < 1e-9
