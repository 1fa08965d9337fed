"""How often customers will buy in the next twelve months, and for how much.

What lands is the prediction of a *history* (so many repeat purchases, the last so long ago), never
of a person: the warehouse looks up what each customer's history is worth. So nobody's data lies in
the landing zone because of it, and whoever is merged, split or erased has the right prediction at
once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics.ltv import (
    Histories,
    InputError,
    Purchases,
    Spend,
    fit_purchases,
    fit_spend,
)

if TYPE_CHECKING:
    from warehouse.engines.warehouse import Reader

HORIZON_DAYS = 365
_MOST = 10**12  # what decimal(18, 6) holds
_HISTORIES = """
    select {columns}, count(*) as customers, max(until_date) as until_date,
        max(later_days) as later_days, sum(later_repeat_count) as later_repeat_count
    from intermediate.int_customers__histories
    where {age} is not null
    group by {columns}
    order by {columns}
"""
_SPENT = """
    select valued_repeat_count, repeat_reporting_minor
    from intermediate.int_customers__histories
    where valued_repeat_count > 0
    order by valued_repeat_count, repeat_reporting_minor
"""
Row = tuple[str, dict[str, Any]]


def predictions(reader: Reader) -> Iterator[Row]:
    """A row per history, and one, under the key ``model``, of what they come from."""
    known, facts = _histories(reader, "")
    if not known.customers.size:
        return
    model: dict[str, Any] = {
        "until_date": str(facts["until_date"].max()),
        "horizon_days": HORIZON_DAYS,
        "customer_count": int(known.customers.sum()),
        "repeat_customer_count": int(known.customers[known.repeats > 0].sum()),
    }
    model |= _tested(reader)
    purchases, model["purchases_reason"] = _purchases(known)
    spend, model["spend_reason"] = _spend(reader)
    if spend:
        model |= {
            "p": _decimal(spend.p), "q": _decimal(spend.q), "v_minor": _decimal(spend.v),
            "spend_correlation": _decimal(spend.correlation), "mean_minor": round(spend.mean),
        }  # fmt: skip
    if purchases:
        model |= {
            "r": _decimal(purchases.r), "alpha_days": _decimal(purchases.alpha),
            "a": _decimal(purchases.a), "b": _decimal(purchases.b),
        }  # fmt: skip
        yield from _rows(known, purchases, spend)
    yield "model", model


def _rows(known: Histories, purchases: Purchases, spend: Spend | None) -> Iterator[Row]:
    alive, expected = purchases.probability_alive(known), purchases.expected(known, HORIZON_DAYS)
    own = spend.own_share(known.repeats) if spend else None
    whole = (column.astype(np.int64).tolist() for column in known.columns[:3])
    for place, (repeats, recency, age) in enumerate(zip(*whole, strict=True)):
        yield (
            f"{repeats}|{recency}|{age}",
            {
                "repeat_count": repeats,
                "recency_days": recency,
                "age_days": age,
                "probability_alive": _decimal(alive[place]),
                "expected_purchases": _decimal(expected[place]),
                "own_share": None if own is None else _decimal(own[place]),
                "mean_minor": None if spend is None else round(spend.mean),
            },
        )


def _histories(reader: Reader, prefix: str) -> tuple[Histories, dict[str, Any]]:
    names = [f"{prefix}{name}" for name in ("repeat_count", "recency_days", "age_days")]
    table = reader.query(_HISTORIES.format(columns=", ".join(names), age=names[-1]))
    columns = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    return Histories(*(columns[name] for name in names), columns["customers"]), columns  # type: ignore[call-arg]


def _purchases(known: Histories) -> tuple[Purchases | None, str | None]:
    try:
        return fit_purchases(known), None
    except InputError as error:
        return None, str(error)


def _spend(reader: Reader) -> tuple[Spend | None, str | None]:
    table = reader.query(_SPENT)
    repeats, minor = (column.to_numpy().astype(np.float64) for column in table.columns)
    try:
        return fit_spend(repeats, minor / np.maximum(repeats, 1)), None
    except InputError as error:
        return None, str(error)


def _tested(reader: Reader) -> dict[str, Any]:
    """What the first three quarters of the time would have expected of the last, and what came."""
    earlier, facts = _histories(reader, "earlier_")
    if not earlier.customers.size or not (days := int(facts["later_days"].max())):
        return {"test_reason": "there is no time before and after"}
    found, why = _purchases(earlier)
    if not found:
        return {"test_reason": why}
    return {
        "tested_days": days,
        "tested_expected": f"{earlier.customers @ found.expected(earlier, days):.1f}",
        "tested_actual": int(facts["later_repeat_count"].sum()),
    }


def _decimal(value: float) -> str | None:
    """None where there is no number, or one that no column of the warehouse holds."""
    return f"{value:.6f}" if abs(value) < _MOST else None
