"""What ran out, held against what lay in the shops: a product, a shop and a day each.

A shop's count is the newest that was landed, so of days before the first load most that ran out and
came back is never told: what could be known are the days of which there is a level. Of what is sold
no more nothing says since when, and the mart calls none of its days a stock-out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

TABLES = ("marts.fct_inventory_daily",)


@dataclass(frozen=True)
class StockScore:
    """Product-days of shops: those that have a level, of them the true and the found stock-outs of
    what is still sold; ``every_out``: all true ones of the published days, with a level or not."""

    levels: int
    out: int
    found: int
    matched: int
    every_out: int

    @property
    def precision(self) -> float:
        return self.matched / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.matched / self.out if self.out else 1.0

    @property
    def is_held(self) -> bool:
        """Each stock-out is found, and nothing else."""
        return self.matched == self.found == self.out

    def __str__(self) -> str:
        return (
            f"Stock-outs: {self.found:,} product-days of shops published, {self.out:,} true ones of"
            f" the {self.levels:,} that have a level, {self.matched:,} the same; of all"
            f" {self.every_out:,} true ones {self.matched / max(self.every_out, 1):.0%}: what ran"
            " out and came back before the first load, or between two, has left no level"
        )


def score_stock(connection: duckdb.DuckDBPyConnection, clock: datetime) -> StockScore | None:
    """Of days that were over in the shop by the clock. None where no stock is published."""
    now = clock.replace(tzinfo=None)
    row = connection.execute(_STOCK, {"now": now}).fetchone()
    return StockScore(*row) if row and row[0] else None


# At the end of each shop's day, of what is on sale.
_STOCK = """
WITH levels AS (
    SELECT i.product_code, i.store_id, i.stock_date, i.is_stock_out
    FROM warehouse.marts.fct_inventory_daily AS i
    JOIN products AS p ON p.sku = i.product_code
    JOIN shops AS s ON s.store_code = i.store_id
),
spine AS (
    SELECT s.shop_no, s.store_code, p.product_no, p.sku, d.day,
        ((d.day + 1)::TIMESTAMP AT TIME ZONE s.time_zone AT TIME ZONE 'UTC') AS ends_at
    FROM shops AS s
    CROSS JOIN products AS p
    CROSS JOIN (SELECT DISTINCT stock_date AS day FROM levels) AS d
),
moments AS (
    SELECT product_no, shop_no, moved_at,
        sum(sum(quantity)) OVER (PARTITION BY product_no, shop_no ORDER BY moved_at) AS on_hand
    FROM stock_moves GROUP BY product_no, shop_no, moved_at
),
truth AS (
    SELECT spine.sku AS product_code, spine.store_code AS store_id, spine.day AS stock_date,
        m.on_hand <= 0 AND (p.retired_at IS NULL OR p.retired_at > spine.ends_at) AS is_out,
        coalesce(p.retired_at <= $now, false) AS is_retired
    FROM spine
    ASOF JOIN moments AS m
        ON m.product_no = spine.product_no AND m.shop_no = spine.shop_no
        AND m.moved_at < spine.ends_at
    JOIN products AS p ON p.product_no = spine.product_no
    WHERE spine.ends_at <= $now
)
SELECT
    count(l.stock_date),
    count(*) FILTER (is_out AND NOT is_retired AND l.stock_date IS NOT NULL),
    count(*) FILTER (is_stock_out),
    count(*) FILTER (is_out AND is_stock_out),
    count(*) FILTER (is_out)
FROM truth LEFT JOIN levels AS l USING (product_code, store_id, stock_date)
"""
