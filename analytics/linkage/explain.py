"""Say in words why two records belong together, or do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from analytics.linkage.comparisons import Comparison

_RELATIVES = 0.05  # below it, nothing is said of them
_TENTHS = 100_000  # a weight in tenths is less than half of this


def weights(compared: Sequence[Comparison], pairs: pa.Table) -> dict[str, pa.Array]:
    """The part of each field in the pairs' weights (log2 of the odds), two decimals, null where the
    field says nothing. ``pairs`` is what ``Scorer.pairs`` gives; ``relatives`` is what speaks for
    two persons of one home."""
    parts = {
        item.field: pa.array(
            np.round(pairs[f"mw_{item.field}"].to_numpy(), 2),
            mask=pairs[f"gamma_{item.field}"].to_numpy() < 0,
        )
        for item in compared
    }
    return parts | {"relatives": pa.array(np.round(pairs["mw_relatives"].to_numpy(), 2))}


def words(compared: Sequence[Comparison], pairs: pa.Table) -> list[str]:
    """``given name similar (+3.1), date of birth equal (+8.9), …``: what speaks loudest first."""
    home = pairs["mw_relatives"].to_numpy()
    parts = [
        (
            [f"{item.field.replace('_', ' ')} {level.words}" for level in item.levels[::-1]],
            pairs[f"gamma_{item.field}"].to_numpy(),
            pairs[f"mw_{item.field}"].to_numpy(),
        )
        for item in compared
    ] + [(["may be relatives"], np.where(home > -_RELATIVES, -1, 0), home)]
    phrases: list[str | None] = []
    told = []
    for said, gamma, weight in parts:
        # Each distinct phrase is spelled once.
        codes = gamma.astype(np.int64) * _TENTHS + np.rint(weight * 10).astype(np.int64)
        distinct, at = np.unique(codes, return_inverse=True)
        told.append(at + len(phrases))
        for level, tenth in zip(*np.divmod(distinct + _TENTHS // 2, _TENTHS), strict=True):
            weighs = f"({(tenth - _TENTHS // 2) / 10:+.1f})"
            phrases.append(f"{said[level]} {weighs}" if level >= 0 else None)
    order = np.argsort([-np.abs(weight) for _, _, weight in parts], axis=0, kind="stable")
    loudest_first = np.take_along_axis(np.array(told), order, axis=0)
    spelled = np.array(phrases, dtype=object)[loudest_first.T].tolist()
    return [", ".join(filter(None, row)) for row in spelled]
