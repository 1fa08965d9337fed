"""How often a visit leads to a sale on the other side, and a visitor to a receipt, held against who
really came: by web sessions, phones and doors."""

from __future__ import annotations

from datetime import datetime

import duckdb
from scipy.stats import t as student

from demo.figures import Figure, wilson
from demo.vendors import vendors

TABLES = (
    "intermediate.int_web__sessions",
    "marts.fct_customer_journeys",
    "marts.fct_store_daily",
)
UNTIED = "few phones are heard, few people let themselves be recognised, and cash has no name"
MISCOUNTED = "counters at doors count passers-by and prams, too"
FEWEST_DAYS = 7


def score_rates(connection: duckdb.DuckDBPyConnection, clock: datetime) -> list[Figure]:
    """Orders at tills after a session on the web, orders on the web after a visit to a shop, and
    receipts per visitor; those of which there are any. Intervals: Wilson's; of receipts, the
    scatter of shops' days."""
    return [
        *_crossing(
            connection,
            "Web to store: till orders after a session or message",
            _TO_STORE,
            {"messengers": _messengers()},
        ),
        *_crossing(connection, "Store to web: web orders after a visit to a shop", _TO_WEB, {}),
        *_receipts(connection, clock),
    ]


def _messengers() -> list[str]:
    """The systems whose messages people click in."""
    return [
        vendor.name
        for vendor in vendors()
        if any(record.truth == "message_profile" for record in vendor.records.values())
    ]


def _crossing(
    connection: duckdb.DuckDBPyConnection, name: str, query: str, given: dict[str, list[str]]
) -> list[Figure]:
    row = connection.execute(query, given).fetchone()
    if not row or not row[0]:
        return []
    orders, crossed, knowable, everybody = row
    return [Figure(name, orders, *wilson(crossed, orders), knowable, everybody, UNTIED)]


def _receipts(connection: duckdb.DuckDBPyConnection, clock: datetime) -> list[Figure]:
    """Of shops' days that were over, with published footfall: receipts over people."""
    days = connection.execute(_RECEIPTS, {"now": clock.replace(tzinfo=None)}).fetchall()
    receipts, people, counted, came = (sum(day[at] for day in days) for at in range(4))
    if len(days) < FEWEST_DAYS or not all((people, counted, came)):
        return []
    rate, n = receipts / people, len(days)
    squares = sum((day[0] - rate * day[1]) ** 2 for day in days)
    spread = float(student.ppf(0.975, n - 1)) * (n / (n - 1) * squares) ** 0.5 / people
    return [
        Figure(
            "Receipts per visitor",
            people,
            rate,
            rate - spread,
            rate + spread,
            receipts / counted,
            receipts / came,
            MISCOUNTED,
        )
    ]


# Whether a session of the last 30 days or a click in a message of the last 14 led to the order: the
# windows of attribution. A published journey's steps online, but what is an appointment or a call;
# of the truth, the sessions that landed and are not left out, and clicks, by the evidence that they
# share with the order; and all that browsers, apps and messages told, agreed to or not, by person.
_TO_STORE = """
WITH touches AS (
    SELECT
        s.started_at AS touched_at,
        CASE WHEN s.medium IN ('email', 'sms') THEN INTERVAL 14 DAYS ELSE INTERVAL 30 DAYS END
            AS lasts,
        o.person_id, ties.known_as,
        s.excluded_reason IS NULL AND s.has_analytics_consent AS is_told
    FROM warehouse.intermediate.int_web__sessions AS s
    LEFT JOIN ties USING (record_key)
    LEFT JOIN owners AS o
        ON s.record_key[len(s.connection) + 2:] = concat_ws(':', o.record_kind, o.record_id)
        AND s.source_system = o.source_system
    UNION ALL
    SELECT e.occurred_at, INTERVAL 14 DAYS, o.person_id, ties.known_as, true
    FROM message_events AS e
    JOIN owners AS o
        ON o.world_id = e.profile_no::VARCHAR AND list_contains($messengers, o.source_system)
    LEFT JOIN ties
        ON ties.record_key = concat_ws(':', o.source_system, o.record_kind, o.record_id)
    WHERE e.event_kind = 'clicked' AND NOT e.is_machine
),
told AS (
    SELECT
        s.customer_id IS NOT NULL AND EXISTS (
            FROM touches AS w WHERE w.known_as = s.known_as AND w.is_told
                AND w.touched_at BETWEEN s.ordered_at - w.lasts AND s.ordered_at
        ) AS is_knowable,
        EXISTS (
            FROM touches AS w WHERE w.person_id = s.person_id
                AND w.touched_at BETWEEN s.ordered_at - w.lasts AND s.ordered_at
        ) AS is_so
    FROM sales AS s WHERE s.order_channel = 'till'
),
published AS (
    SELECT count(*) AS orders, count(*) FILTER (len(list_filter(
        string_split(channel_path, ' > '), c -> c NOT IN ('store', 'booking', 'call')
    )) > 0) AS crossed
    FROM warehouse.marts.fct_customer_journeys WHERE conversion_type = 'till_order'
)
SELECT orders, crossed, avg(is_knowable::INT), avg(is_so::INT) FROM published, told GROUP BY ALL
"""

# Whether a visit of the last seven days led to the order: the visits of phones that are heard, by
# the evidence that phone and order share, and all visits, by person.
_TO_WEB = """
WITH heard AS (
    SELECT v.person_id, v.arrived_at, ties.known_as
    FROM truth.visits AS v
    LEFT JOIN owners AS o
        ON o.record_kind = 'app_device' AND o.record_id = v.device_id
        AND o.source_system IN (SELECT source_system FROM warehouse.marts.fct_store_visits)
    LEFT JOIN ties ON ties.record_key = concat_ws(':', o.source_system, 'app_device', o.record_id)
    WHERE NOT v.is_staff AND NOT v.is_pass_by
),
told AS (
    SELECT
        EXISTS (
            FROM heard AS v WHERE v.known_as = s.known_as
                AND v.arrived_at BETWEEN s.ordered_at - INTERVAL 7 DAYS AND s.ordered_at
        ) AS is_knowable,
        EXISTS (
            FROM heard AS v WHERE v.person_id = s.person_id
                AND v.arrived_at BETWEEN s.ordered_at - INTERVAL 7 DAYS AND s.ordered_at
        ) AS is_so
    FROM sales AS s WHERE s.order_channel IN ('web', 'bopis')
),
published AS (
    SELECT count(*) AS orders,
        count(*) FILTER (list_contains(string_split(channel_path, ' > '), 'store')) AS crossed
    FROM warehouse.marts.fct_customer_journeys WHERE conversion_type = 'web_order'
)
SELECT orders, crossed, avg(is_knowable::INT), avg(is_so::INT) FROM published, told GROUP BY ALL
"""

# A shop's days: receipts, published footfall, what the doors counted less the staff who really
# came, and who really came.
_RECEIPTS = """
WITH zoned AS (
    SELECT s.store_code AS store_id, s.time_zone, v.is_staff,
        (v.arrived_at AT TIME ZONE 'UTC' AT TIME ZONE s.time_zone)::DATE AS day
    FROM truth.visits AS v JOIN shops AS s USING (shop_no)
    WHERE NOT v.is_pass_by
),
came AS (
    SELECT store_id, day, count(*) FILTER (NOT is_staff) AS people,
        count(*) FILTER (is_staff) AS staff
    FROM zoned GROUP BY ALL
),
doors AS (
    SELECT s.store_code AS store_id,
        (d.interval_start AT TIME ZONE 'UTC' AT TIME ZONE s.time_zone)::DATE AS day,
        sum(d.in_count)::BIGINT AS entries
    FROM door_counts AS d JOIN shops AS s USING (shop_no)
    GROUP BY ALL
)
SELECT
    f.comparable_receipt_count, f.footfall_count,
    greatest(coalesce(doors.entries - coalesce(came.staff, 0), came.people, 0), 0),
    coalesce(came.people, 0)
FROM warehouse.marts.fct_store_daily AS f
JOIN shops AS s ON s.store_code = f.store_id
LEFT JOIN came ON came.store_id = f.store_id AND came.day = f.business_date
LEFT JOIN doors ON doors.store_id = f.store_id AND doors.day = f.business_date
WHERE f.footfall_count IS NOT NULL
    AND (f.business_date + 1)::TIMESTAMP AT TIME ZONE s.time_zone AT TIME ZONE 'UTC' <= $now
"""
