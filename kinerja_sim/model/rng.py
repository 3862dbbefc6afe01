"""The only place where random generators and keyed uniforms are made.

A stream is named by what it is for, never by the policy under test: the same seed and
key give the same numbers in every scenario, on any number of workers, in any order.
Decisions about one case (does it fail, does this citizen answer?) use `keyed_uniform`,
a hash of (case, purpose, attempt), so that an event in one scenario cannot shift the
draws of another.
"""

from __future__ import annotations

import hashlib

import numba as nb
import numpy as np

_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_TO_UNIT = 1.0 / 9007199254740992.0  # 2**-53


def _digest(seed: int, key: tuple[object, ...]) -> bytes:
    text = "\x1f".join([str(int(seed)), *map(str, key)])
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def stream(seed: int, *key: object) -> np.random.Generator:
    """Return the generator for one source of randomness.

    Parameters
    ----------
    seed : int
        Root seed; 0 is a seed like any other.
    *key : object
        What the stream is for, e.g. region, unit, replication, purpose. Compared by `str`,
        so `1` and `np.int64(1)` name the same stream. Never a policy.

    Examples
    --------
    >>> bool(stream(0, "arcamanik", 1).random() == stream(0, "arcamanik", 1).random())
    True
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(int.from_bytes(_digest(seed, key), "little"))))


def base_key(seed: int, *key: object) -> np.uint64:
    """Return the 64-bit key from which the keys of a unit's cases are counted."""
    return np.uint64(int.from_bytes(_digest(seed, key)[:8], "little"))


def uniform_of(seed: int, *key: object) -> float:
    """Return one uniform in (0, 1) that belongs to `key` alone.

    Examples
    --------
    >>> 0 < uniform_of(3, 17, "effect_discount") < 1
    True
    """
    return ((int.from_bytes(_digest(seed, key)[:8], "little") >> 11) + 0.5) * _TO_UNIT


@nb.njit(cache=True, inline="always")
def mix(x: np.uint64) -> np.uint64:
    """Return the splitmix64 finaliser of `x` (Steele, Lea and Flood 2014, OOPSLA)."""
    x = (x ^ (x >> np.uint64(30))) * _MIX_1
    x = (x ^ (x >> np.uint64(27))) * _MIX_2
    return x ^ (x >> np.uint64(31))


@nb.njit(cache=True, inline="always")
def keyed_bits(key: np.uint64, purpose: int, attempt: int) -> np.uint64:
    """Return 64 random bits that belong to (`key`, `purpose`, `attempt`)."""
    return mix(mix(key + np.uint64(purpose) * _GOLDEN) + np.uint64(attempt) * _GOLDEN)


@nb.njit(cache=True, inline="always")
def keyed_uniform(key: np.uint64, purpose: int, attempt: int) -> float:
    """Return the uniform in (0, 1) that belongs to (`key`, `purpose`, `attempt`)."""
    return (np.float64(keyed_bits(key, purpose, attempt) >> np.uint64(11)) + 0.5) * _TO_UNIT


@nb.njit(cache=True)
def keyed_uniforms(keys: np.ndarray, purpose: int) -> np.ndarray:
    """Return `keyed_uniform` of every key, [N], for a first attempt."""
    out = np.empty(keys.size)
    for i in range(keys.size):
        out[i] = keyed_uniform(keys[i], purpose, 0)
    return out


@nb.njit(cache=True, inline="always")
def keyed_normal(key: np.uint64, purpose: int, attempt: int) -> float:
    """Return a near-normal deviate: the standardised sum of four 16-bit uniforms (mean 0, SD 1, within ±3.47)."""
    bits = keyed_bits(key, purpose, attempt)
    total = 0.0
    for _ in range(4):
        total += np.float64(bits & np.uint64(0xFFFF)) + 0.5
        bits = bits >> np.uint64(16)
    return (total / 65536.0 - 2.0) * 1.7320508075688772
