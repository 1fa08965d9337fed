"""Who comes back and how much customers will buy, held against those who did.

The truth of what could be known is told by the most that shared identifiers can tell: who pays in
cash comes back unseen, and who shares no identifier with his own earlier purchase is another one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, datetime, timedelta

import duckdb

from analytics.ltv import Histories, Purchases
from demo.figures import Figure, Z, wilson
from demo.identity_score import components
from demo.revenue_score import sales, sells_by_invoice

TABLES = (
    "marts.fct_cohort_retention",
    "marts.fct_customer_ltv",
    "marts.rpt_ltv_models",
)
UNSEEN = "purchases without an identifier are nobody's, and some people are known by several"


def score_retention(connection: duckdb.DuckDBPyConnection) -> list[Figure]:
    """By months since the first sale, all cohorts whose such month is over together."""
    rows = connection.execute(_RETENTION).fetchall()
    return [
        Figure(
            f"Retention after {since} month{'s'[: since > 1]}",
            asked,
            *wilson(back, asked),
            knowable,
            everybody,
            UNSEEN,
        )
        for since, asked, back, knowable, everybody in rows
        if asked
    ]


def score_values(connection: duckdb.DuckDBPyConnection) -> list[Figure]:
    """What is expected of the customers in the days that the world still has after the newest sale.

    By the published model, whose horizon is a year, at these days. The intervals are the published
    ones, which tests of the model gave, and chance's (Poisson); without tests nothing is due. None
    of a trade that sells by invoice: nobody told what its invoices share.
    """
    if sells_by_invoice(connection):
        return []
    model = connection.execute(
        "SELECT until_date, tested_days, tested_expected_count, tested_actual_count,"
        " sum_low_factor, sum_high_factor, r, alpha_days, a, b"
        " FROM warehouse.marts.rpt_ltv_models WHERE r IS NOT NULL"
    ).fetchone()
    (end,) = connection.execute(
        "SELECT start_date + (days + extra_days)::INT FROM world_info"
    ).fetchone() or (None,)
    if not model or not end:
        return []
    until, days = model[0], (end - model[0]).days - 1
    if days < 1:  # the world ends there, too
        return []
    repeats, recency, age, amount = (
        connection.execute(
            """
            SELECT
                purchase_day_count - 1 AS repeats, last_order_date - first_order_date AS recency,
                until_date - first_order_date AS age,
                coalesce(predicted_purchase_amount::DOUBLE, 'nan') AS amount
            FROM warehouse.marts.fct_customer_ltv WHERE predicted_purchase_count IS NOT NULL
            """
        )
        .fetchnumpy()
        .values()
    )
    histories = Histories(repeats, recency, age, repeats * 0 + 1)
    low, high = (None if factor is None else float(factor) for factor in model[4:6])
    r, alpha, a, b = (float(number) for number in model[6:])
    expected = Purchases(r, alpha, a, b, log_likelihood=0).expected(histories, days)
    by_evidence, by_person = (
        list(values.values())
        for values in _purchases(connection, until, until + timedelta(days=days))
    )
    why = UNSEEN
    if model[1]:
        why += (
            f"; by the model's own test {model[2]:,.0f} were expected of the last {model[1]} days,"
            f" {model[3]:,} made"
        )

    def figure(
        name: str, sum_of: float, chance: float, knowable: float, everybody: float, unit: str
    ) -> Figure:
        down, up = (sum_of * (1 - (low or 1)), sum_of * ((high or 1) - 1))
        return Figure(
            f"{name} in the next {days} day{'s'[: days > 1]}",
            len(repeats),
            sum_of,
            max(sum_of - math.hypot(down, chance), 0),
            sum_of + math.hypot(up, chance),
            knowable,
            everybody,
            why,
            unit,
            is_due=low is not None,
        )

    count, worth = float(expected.sum()), float((expected * amount).sum())
    counts = len(by_evidence), len(by_person)
    chance = Z * math.sqrt(count)
    figures = [figure("Purchases of the customers", count, chance, *counts, "count")]
    if by_evidence and not math.isnan(worth):
        # Purchases differ in value, too.
        chance *= math.sqrt(sum(value**2 for value in by_evidence) / len(by_evidence))
        sums = sum(by_evidence), sum(by_person)
        figures.append(figure("Revenue of the customers", worth, chance, *sums, "EUR"))
    return figures


Bought = dict[tuple[str, date], float]


def _purchases(
    connection: duckdb.DuckDBPyConnection, until: date, last: date
) -> tuple[Bought, Bought]:
    """What those bought later who had bought until then: by the evidence that orders and accounts
    share, and by person."""
    end = datetime.combine(last + timedelta(days=2), datetime.min.time())
    rows = connection.execute(_SOLD.replace("{sales}", sales(connection, end))).fetchall()
    groups = components(connection.execute(_EVIDENCE).fetchall())
    known = [
        (groups[node], *row) for row in rows if (node := f"order {row[0]}") in groups
    ]  # who bought without a name is nobody
    return (
        _days([(group, day, eur) for group, _, _, day, eur in known], until, last),
        _days([(person, day, eur) for _, person, day, eur in rows], until, last),
    )


def _days(bought: list[tuple[str, date, float]], until: date, last: date) -> Bought:
    """By buyer and day after ``until``, all sales of a day being one purchase."""
    before = {buyer for buyer, day, _ in bought if day <= until}
    found: Bought = defaultdict(float)
    for buyer, day, eur in bought:
        if buyer in before and until < day <= last:
            found[buyer, day] += eur
    return found


# All of a month's cohorts together. The month of the newest sale is not over.
_RETENTION = """
WITH known AS (
    SELECT customer_id, known_as, person_id, date_trunc('month', order_date)::DATE AS month
    FROM sales
),
by_each AS (
    SELECT 'knowable' AS truth, known_as AS id, month FROM known WHERE customer_id IS NOT NULL
    UNION ALL SELECT 'everybody', person_id::VARCHAR, month FROM known WHERE person_id IS NOT NULL
),
members AS (
    SELECT truth, id, min(month) AS cohort, list(DISTINCT month) AS months
    FROM by_each GROUP BY truth, id
),
published AS (
    SELECT months_since, cohort_month, sum(cohort_customer_count)::BIGINT AS asked,
        sum(active_customer_count)::BIGINT AS back
    FROM warehouse.marts.fct_cohort_retention
    WHERE is_complete AND months_since > 0
    GROUP BY ALL
),
truths AS (
    SELECT
        p.months_since, m.truth,
        avg(list_contains(m.months, (cohort + to_months(p.months_since::INT))::DATE)::INT) AS rate
    FROM published AS p JOIN members AS m ON m.cohort = p.cohort_month
    GROUP BY ALL
)
SELECT
    months_since, sum(asked)::BIGINT, sum(back)::BIGINT,
    any_value((SELECT rate FROM truths AS t
        WHERE t.months_since = p.months_since AND truth = 'knowable')),
    any_value((SELECT rate FROM truths AS t
        WHERE t.months_since = p.months_since AND truth = 'everybody'))
FROM published AS p
GROUP BY months_since ORDER BY months_since
"""

_SOLD = """
SELECT s.id, c.person_id::VARCHAR, s.day, s.revenue * k.eur_per_unit / 10 ** k.exponent
FROM {sales} AS s
JOIN truth.conversions AS c ON c.record_id = s.id AND c.kind IN ('web_order', 'till_order')
JOIN currencies AS k ON k.currency_code = s.currency_code
WHERE s.is_kept
"""

# What an order shares with another, or with an account that shares it: as in identity_score, each
# identifier is split by its true owner. A walk-in profile and a gift card are nobody's.
_EVIDENCE = """
WITH buyers AS (
    SELECT kind, record_id, person_id FROM truth.conversions
    WHERE kind IN ('web_order', 'till_order')
),
owners AS (SELECT * FROM truth.identifiers WHERE person_id IS NOT NULL),
told AS (
    SELECT 'order ' || order_no AS node, person_id,
        unnest(['web ' || customer_no, 'email ' || lower(email)]) AS identifier
    FROM web_orders JOIN buyers ON kind = 'web_order' AND record_id = order_no::VARCHAR
    UNION ALL
    SELECT 'order ' || o.order_id, b.person_id, 'till ' || o.square_customer_id
    FROM till_orders AS o JOIN buyers AS b ON b.kind = 'till_order' AND b.record_id = o.order_id
    SEMI JOIN owners ON system = 'till_customer' AND owners.record_id = o.square_customer_id
    UNION ALL
    SELECT 'order ' || p.order_id, b.person_id, 'card ' || p.card_fingerprint
    FROM payments AS p JOIN buyers AS b ON b.kind = 'till_order' AND b.record_id = p.order_id
    SEMI JOIN owners ON system = 'card_fingerprint' AND owners.record_id = p.card_fingerprint
    UNION ALL
    SELECT 'web ' || customer_no || ' ' || person_id, person_id,
        unnest(['email ' || lower(email), 'phone ' || phone])
    FROM web_customers JOIN owners ON system = 'web_customer' AND record_id = customer_no::VARCHAR
    UNION ALL
    SELECT 'till ' || square_customer_id || ' ' || person_id, person_id,
        unnest(['email ' || lower(email), 'phone ' || phone])
    FROM till_customers JOIN owners ON system = 'till_customer' AND record_id = square_customer_id
)
SELECT node, identifier || ' ' || person_id FROM told WHERE identifier IS NOT NULL
"""
