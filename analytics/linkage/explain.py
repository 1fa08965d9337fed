"""Say in words why two records belong together, or do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.linkage.comparisons import Comparison, Level


def weights(compared: Sequence[Comparison], pair: Mapping[str, Any]) -> dict[str, float]:
    """The part of each field in the pair's weight (log2 of the odds), two decimals.

    ``pair`` is a row of ``Scorer.pairs``. Fields that say nothing are left out; ``relatives`` is
    what speaks for two persons of one home.
    """
    fields = {
        item.field: round(pair[f"mw_{item.field}"], 2)
        for item in compared
        if pair[f"gamma_{item.field}"] >= 0
    }
    return fields | {"relatives": round(pair["mw_relatives"], 2)}


def level(item: Comparison, pair: Mapping[str, Any]) -> Level:
    """The level of a field that a pair has met; the field must say something."""
    return item.levels[len(item.levels) - 1 - int(pair[f"gamma_{item.field}"])]


def words(compared: Sequence[Comparison], pair: Mapping[str, Any]) -> str:
    """``given name similar (+3.1), date of birth equal (+8.9), …``: what speaks loudest first."""
    told = []
    for item in compared:
        if pair[f"gamma_{item.field}"] >= 0:
            said = f"{item.field.replace('_', ' ')} {level(item, pair).words}"
            told.append((pair[f"mw_{item.field}"], said))
    if pair["mw_relatives"] <= -0.05:
        told.append((pair["mw_relatives"], "may be relatives"))
    told.sort(key=lambda part: (-abs(part[0]), part[1]))
    return ", ".join(f"{said} ({weight:+.1f})" for weight, said in told)
