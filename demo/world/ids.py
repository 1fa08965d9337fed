"""Ids that mean nothing outside: bijections, so unique without a register and without a pattern."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Texts = NDArray[np.object_]


def scramble(keys: Ints, kind: str, seed: int, bits: int = 40) -> Ints:
    """A bijection of ``[0, 2**bits)`` onto itself, another one for each kind and seed.

    Every step is invertible modulo a power of two (add, odd multiplication, xor with a right
    shift), so distinct keys give distinct ids. Raises ValueError for a key outside the range.
    """
    if keys.size and (int(keys.min()) < 0 or int(keys.max()) >= 1 << bits):
        raise ValueError(f"a key of kind {kind!r} does not fit into {bits} bits")
    draw = np.random.default_rng([seed, zlib.crc32(kind.encode())])
    mask = np.uint64((1 << bits) - 1)
    value = keys.astype(np.uint64)
    for _ in range(3):
        add, multiply = draw.integers(0, 1 << 62, 2, dtype=np.uint64)
        value = ((value + add) * (multiply | np.uint64(1))) & mask
        value ^= value >> np.uint64(bits // 2)
    return value.astype(np.int64)


def texts(template: str, values: Ints) -> Texts:
    """``template.format(value)`` for each value, e.g. ``"#{:010d}"``."""
    form = template.format
    out = np.empty(values.size, dtype=object)
    out[:] = [form(value) for value in values.tolist()]
    return out


def stream(seed: int, chunk: int, domain: str) -> np.random.Generator:
    """The random numbers of one domain in one chunk: a change in one leaves the others alone."""
    return np.random.default_rng([seed, chunk + 1, zlib.crc32(domain.encode())])
