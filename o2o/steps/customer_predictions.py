"""How often customers will buy in the next twelve months, and for how much.

What lands is the prediction of a *history* (so many repeat purchases, the last so long ago), never
of a person: the warehouse looks up what each customer's history is worth. So nobody's data lies in
the landing zone because of it, and whoever is merged, split or erased has the right prediction at
once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import t as student

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
_LARGEST_FACTOR = 999.0  # beyond, an interval says nothing
_MOST = 10**12  # what decimal(18, 6) holds
# Of the tests: fewer tell no scatter, and one in which nobody bought has no ratio.
FEWEST_TESTS = 3
_QUARTER = 2  # eighths of the time: the test that is told by itself
_HISTORIES = """
    select repeat_count, recency_days, age_days, count(*) as customers,
        max(until_date) as until_date
    from intermediate.int_customers__histories
    group by repeat_count, recency_days, age_days
    order by repeat_count, recency_days, age_days
"""
_PAST = """
    select held_back_eighths, later_days, repeat_count, recency_days, age_days, customer_count,
        later_repeat_count
    from intermediate.int_customers__past_histories
    order by held_back_eighths, repeat_count, recency_days, age_days
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
    facts = _columns(reader.query(_HISTORIES))
    known = Histories(
        facts["repeat_count"], facts["recency_days"], facts["age_days"], facts["customers"]
    )
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


def _columns(table: Any) -> dict[str, Any]:
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}


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
    """What the first three quarters of the time would have expected of the last, and what came;
    and by how much such tests are off: what is expected of all customers together lies within."""
    past = _columns(reader.query(_PAST))
    found: dict[str, Any] = {"test_reason": "there is no time before and after"}
    errors = []
    for eighths in np.unique(past["held_back_eighths"]):
        at = past["held_back_eighths"] == eighths
        days = int(past["later_days"][at][0])
        names = ("repeat_count", "recency_days", "age_days", "customer_count")
        earlier = Histories(*(past[name][at] for name in names))
        purchases, why = _purchases(earlier)
        expected = earlier.customers @ purchases.expected(earlier, days) if purchases else 0
        actual = int(past["later_repeat_count"][at].sum())
        if expected > 0 and actual:
            errors.append(math.log(actual / expected))
        if eighths == _QUARTER:
            found = {"test_reason": why} if why else {
                "tested_days": days,
                "tested_expected": f"{expected:.1f}",
                "tested_actual": actual,
            }  # fmt: skip
    return found | _factors(errors)


def _factors(errors: list[float]) -> dict[str, Any]:
    """Errors are logarithms of what came over what was expected. They are taken around none, not
    around their mean: that a model was always too high makes its next prediction no surer."""
    if len(errors) < FEWEST_TESTS:
        return {}
    scatter = math.sqrt(sum(error**2 for error in errors) / len(errors))
    width = float(student.ppf(0.975, len(errors))) * scatter
    if width > math.log(_LARGEST_FACTOR):
        return {}
    return {
        "sum_low_factor": _decimal(math.exp(-width)),
        "sum_high_factor": _decimal(math.exp(width)),
    }


def _decimal(value: float) -> str | None:
    """None where there is no number, or one that no column of the warehouse holds."""
    return f"{value:.6f}" if abs(value) < _MOST else None
