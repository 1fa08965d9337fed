"""Revenue as published, held against what the simulated retailer really sold: cell by cell.

A cell is a definition of docs/definitions.md in one channel, shop, currency and month. The truth
comes from the world's own tables as of the clock, by SQL that knows nothing of the warehouse's.
Both are compared in minor units: equal, or differing. Sums in euros, at the world's rates, are for
reading.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from demo.served import ScoreError
from demo.world import ACCOUNT_TIME_ZONE

DEFINITIONS = (
    "Goods",
    "Discount",
    "Net sales by order date",
    "Revenue by order date",
    "Net sales as booked",
    "Revenue as booked",
    "Tips",
    "Gift cards sold",
)
CHANNELS = ("web", "bopis", "till")


@dataclass(frozen=True)
class Cell:
    """One figure, from both sides. ``shop`` is empty where none sold it; ``eur`` are cents."""

    definition: str
    channel: str
    shop: str
    currency: str
    month: date
    truth_minor: int
    warehouse_minor: int
    eur: float  # of one minor unit

    @property
    def differs(self) -> bool:
        return self.truth_minor != self.warehouse_minor

    def __str__(self) -> str:
        place = " · ".join(
            part for part in (self.channel, self.shop, f"{self.month:%B %Y}", self.currency) if part
        )
        return (
            f"{self.definition}, {place}: truth {self.truth_minor:,},"
            f" warehouse {self.warehouse_minor:,} minor units"
        )


@dataclass(frozen=True)
class Sum:
    """Cells of one definition and channel together, in euros."""

    definition: str
    channel: str
    truth: float
    warehouse: float
    cells: int
    differing: int


@dataclass(frozen=True)
class RevenueScore:
    cells: tuple[Cell, ...]

    @property
    def differing(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.differs]

    @property
    def shops(self) -> tuple[int, int]:
        """How many shops are right in every cell, of how many."""
        every = {cell.shop for cell in self.cells if cell.shop}
        return len(every - {cell.shop for cell in self.differing}), len(every)

    def sums(self) -> Iterable[Sum]:
        """By definition and channel, those that have any."""
        for definition in DEFINITIONS:
            for channel in CHANNELS:
                some = [
                    cell
                    for cell in self.cells
                    if (cell.definition, cell.channel) == (definition, channel)
                ]
                if some:
                    yield Sum(
                        definition,
                        channel,
                        sum(cell.truth_minor * cell.eur for cell in some),
                        sum(cell.warehouse_minor * cell.eur for cell in some),
                        len(some),
                        sum(cell.differs for cell in some),
                    )


def score_revenue(world: Path, warehouse: Path, clock: datetime) -> RevenueScore:
    """Compare a warehouse file with the world as it is at the clock, up to which it has landed.

    Raises ScoreError when a file or a table is missing, or another process writes to it.
    """
    for file in (world, warehouse):
        if not file.exists():
            raise ScoreError(f"no file at {file}")
    quoted = str(warehouse).replace("'", "''")
    try:
        with duckdb.connect(str(world), read_only=True) as connection:
            connection.execute(f"ATTACH '{quoted}' AS warehouse (READ_ONLY)")
            rows = connection.execute(_at(connection, _COMPARED, clock)).fetchall()
    except duckdb.Error as error:
        raise ScoreError(f"cannot compare {world} with {warehouse}: {error}") from error
    order = {name: place for place, name in enumerate((*DEFINITIONS, *CHANNELS))}
    cells = [Cell(*row) for row in rows]
    cells.sort(
        key=lambda cell: (
            order[cell.definition], order[cell.channel], cell.shop, cell.month, cell.currency
        )
    )  # fmt: skip
    return RevenueScore(tuple(cells))


def sales(connection: duckdb.DuckDBPyConnection, clock: datetime) -> str:
    """SQL: what is sold in the world until the clock, a row each; ``connection`` is the world's.

    Columns among others: id, channel, shop_no, day, currency_code, revenue (nothing is given back
    of it here), is_kept.
    """
    return f"({_at(connection, f'WITH {_TRUTH} SELECT * FROM sold', clock)})"  # noqa: S608


def sells_by_invoice(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the world is another trade's than a shop's: it has books of its own."""
    found = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE table_name = 'invoices' AND NOT internal"
        " AND database_name = current_database()"
    ).fetchall()
    return bool(found)


def _at(connection: duckdb.DuckDBPyConnection, query: str, clock: datetime) -> str:
    invoiced = _INVOICED if sells_by_invoice(connection) else _NONE_INVOICED
    filled = query.replace("{invoiced}", invoiced)
    return filled.replace("$now", f"TIMESTAMP '{clock.replace(tzinfo=None)}'")


# What was sold, and what was given back of it, each with its day on the clock of whoever sold or
# took it back: a shop's own, on the web the reporting zone. `is_kept`: neither cancelled nor void.
_TRUTH = """
web_lines AS (
    SELECT
        order_no, is_gift_card, line_no,
        line_no = max(line_no) OVER (PARTITION BY order_no) AS is_last,
        quantity * unit_price_minor AS goods, discount_minor AS discount, tax_minor AS tax
    FROM web_order_lines
),
web AS (
    SELECT
        o.order_no::VARCHAR AS id,
        CASE WHEN o.sold_shop_no IS NOT NULL THEN 'till' WHEN o.is_bopis THEN 'bopis' ELSE 'web' END
            AS channel,
        coalesce(o.sold_shop_no, o.pickup_shop_no) AS shop_no,
        o.sold_shop_no AS clock_shop_no,
        o.created_at AS happened_at,
        o.currency_code,
        any_value(o.cancelled_at) IS NULL AS is_kept,
        coalesce(sum(l.goods) FILTER (NOT l.is_gift_card), 0) AS goods,
        coalesce(sum(l.discount) FILTER (NOT l.is_gift_card), 0) AS discount,
        coalesce(sum(l.goods - l.discount + l.tax) FILTER (NOT l.is_gift_card), 0)
        + any_value(o.shipping_minor) AS revenue,
        0 AS tip,
        coalesce(sum(l.goods) FILTER (l.is_gift_card), 0) AS gift_card
    FROM web_orders_as_of($now) AS o
    JOIN web_lines AS l ON l.order_no = o.order_no AND NOT (o.edited_at IS NOT NULL AND l.is_last)
    WHERE o.voided_at IS NULL
    GROUP BY ALL
),
web_back AS (
    SELECT
        r.order_no::VARCHAR AS id, r.shop_no, r.shop_no AS clock_shop_no,
        r.created_at AS happened_at, o.currency_code,
        any_value(r.amount_minor) AS revenue, sum(l.goods - l.discount) AS goods
    FROM web_refunds_as_of($now) AS r
    JOIN web_orders AS o USING (order_no)
    JOIN web_lines AS l
        ON l.order_no = r.order_no AND (r.amount_minor = o.total_minor OR l.line_no = 1)
    GROUP BY ALL
),
till_goods AS (
    SELECT order_id,
        coalesce(sum(quantity * unit_price_minor) FILTER (NOT is_gift_card), 0) AS goods,
        coalesce(sum(quantity * unit_price_minor) FILTER (is_gift_card), 0) AS gift_card
    FROM till_order_lines GROUP BY order_id
),
till AS (
    SELECT
        o.order_id AS id, 'till' AS channel, o.shop_no, o.shop_no AS clock_shop_no,
        o.created_at AS happened_at, o.currency_code, true AS is_kept, g.goods,
        o.discount_minor AS discount, g.goods - o.discount_minor + o.tax_minor AS revenue,
        o.tip_minor AS tip, g.gift_card
    FROM till_orders_as_of($now) AS o JOIN till_goods AS g USING (order_id)
    WHERE NOT o.is_return AND o.state IN ('COMPLETED', 'OPEN') AND o.due_minor = 0
),
till_back AS (
    SELECT
        p.order_id AS id, r.shop_no, r.shop_no AS clock_shop_no, r.created_at AS happened_at,
        r.currency_code, r.amount_minor AS revenue,
        back.subtotal_minor - back.discount_minor AS goods
    FROM till_refunds_as_of($now) AS r
    JOIN till_orders AS back ON back.order_id = r.order_id
    LEFT JOIN payments AS p ON p.payment_id = r.payment_id
),
sold AS (
    SELECT *, {day} AS day
    FROM (FROM web UNION ALL BY NAME FROM till UNION ALL BY NAME ({invoiced}))
    LEFT JOIN (SELECT shop_no AS clock_shop_no, time_zone FROM shops) USING (clock_shop_no)
),
given_back AS (
    SELECT back.*, {day} AS day, sold.channel, sold.day AS sold_day, sold.shop_no AS sold_shop_no,
        coalesce(sold.is_kept, false) AS is_kept
    FROM (FROM web_back UNION ALL BY NAME FROM till_back) AS back
    LEFT JOIN (SELECT shop_no AS clock_shop_no, time_zone FROM shops) USING (clock_shop_no)
    LEFT JOIN (SELECT id, channel, day, shop_no, is_kept FROM sold) AS sold USING (id)
),
truth AS (
    SELECT channel, shop_no, currency_code, day, 'Goods' AS definition, goods AS minor
    FROM sold WHERE is_kept
    UNION ALL SELECT channel, shop_no, currency_code, day, 'Discount', discount
    FROM sold WHERE is_kept
    UNION ALL SELECT channel, shop_no, currency_code, day, 'Net sales by order date',
        goods - discount FROM sold WHERE is_kept
    UNION ALL SELECT channel, sold_shop_no, currency_code, sold_day, 'Net sales by order date',
        -goods FROM given_back WHERE is_kept
    UNION ALL SELECT channel, shop_no, currency_code, day, 'Revenue by order date', revenue
    FROM sold WHERE is_kept
    UNION ALL SELECT channel, sold_shop_no, currency_code, sold_day, 'Revenue by order date',
        -revenue FROM given_back WHERE is_kept
    UNION ALL SELECT channel, shop_no, currency_code, day, 'Net sales as booked',
        goods - discount FROM sold
    UNION ALL SELECT coalesce(channel, 'till'), coalesce(shop_no, sold_shop_no), currency_code, day,
        'Net sales as booked', -goods FROM given_back
    UNION ALL SELECT channel, shop_no, currency_code, day, 'Revenue as booked', revenue FROM sold
    UNION ALL SELECT coalesce(channel, 'till'), coalesce(shop_no, sold_shop_no), currency_code, day,
        'Revenue as booked', -revenue FROM given_back
    UNION ALL SELECT channel, shop_no, currency_code, day, 'Tips', tip FROM sold
    UNION ALL SELECT channel, shop_no, currency_code, day, 'Gift cards sold', gift_card FROM sold
)
""".replace(
    "{day}",
    f"timezone(coalesce(time_zone, '{ACCOUNT_TIME_ZONE}'), timezone('UTC', happened_at))::DATE",
)

# What the books of another trade than a shop's have (demo/world/verticals).
_INVOICED = """
    SELECT invoice_no::VARCHAR AS id, 'till' AS channel, shop_no, shop_no AS clock_shop_no,
        issued_at AS happened_at, currency_code, true AS is_kept, goods_minor AS goods,
        discount_minor AS discount, goods_minor - discount_minor + tax_minor AS revenue,
        0 AS tip, 0 AS gift_card
    FROM invoices WHERE issued_at <= $now
"""
_NONE_INVOICED = "FROM till LIMIT 0"

_PUBLISHED = """
sales AS (SELECT * FROM warehouse.marts.fct_orders WHERE is_sale),
entries AS (SELECT * FROM warehouse.marts.fct_sales_entries),
published AS (
    SELECT order_channel AS channel, store_id, currency_code, order_date AS day,
        'Goods' AS definition, goods_minor AS minor FROM sales
    UNION ALL SELECT order_channel, store_id, currency_code, order_date,
        'Discount', discount_minor FROM sales
    UNION ALL SELECT order_channel, store_id, currency_code, order_date,
        'Net sales by order date', net_sales_minor FROM sales
    UNION ALL SELECT order_channel, store_id, currency_code, order_date,
        'Revenue by order date', net_minor FROM sales
    UNION ALL SELECT order_channel, booked_store_id, currency_code, booked_date,
        'Net sales as booked', net_sales_minor FROM entries
    UNION ALL SELECT order_channel, booked_store_id, currency_code, booked_date,
        'Revenue as booked', revenue_minor FROM entries
    UNION ALL SELECT order_channel, booked_store_id, currency_code, booked_date,
        'Tips', tip_minor FROM entries WHERE entry_kind = 'sale'
    UNION ALL SELECT order_channel, booked_store_id, currency_code, booked_date,
        'Gift cards sold', gift_card_minor FROM entries WHERE entry_kind = 'sale'
)
"""

_COMPARED = f"""
WITH {_TRUTH}, {_PUBLISHED},
both_sides AS (
    SELECT definition, channel, coalesce(store_code, '') AS shop, truth.currency_code, day,
        minor AS truth_minor, 0 AS warehouse_minor
    FROM truth LEFT JOIN shops USING (shop_no)
    UNION ALL
    SELECT definition, channel, coalesce(store_id, ''), currency_code, day, 0, minor FROM published
)
SELECT definition, channel, shop, b.currency_code, date_trunc('month', day)::DATE AS month,
    sum(truth_minor)::BIGINT, sum(warehouse_minor)::BIGINT,
    any_value(eur_per_unit / 10 ** exponent)
FROM both_sides AS b LEFT JOIN currencies AS c ON b.currency_code = c.currency_code
GROUP BY ALL
HAVING sum(truth_minor) <> 0 OR sum(warehouse_minor) <> 0
"""  # noqa: S608 – the two texts above
