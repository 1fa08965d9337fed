"""What lies in the shops: what is sold leaves them, what is given back returns, and every week a
delivery brings what the next one needs, now and then no more than that."""

from __future__ import annotations

import numpy as np

from demo.world.horizon import DAY, HOUR, Horizon
from demo.world.ids import Ints
from demo.world.places import Products, Shops
from demo.world.tables import NEVER, Tables

_WEEK = 7 * DAY
_BEFORE = 2  # days before the world's start: the first count
_DELIVERED = 6 * HOUR  # local time

# All that leaves or returns, when the server knew. The lines of a refund: all, or the first one.
# What is sent leaves the first shop of the buyer's region, and what comes by post goes back there.
_FLOWS = """
CREATE TEMP TABLE stock_flows AS
WITH nearest AS (SELECT region_code, min(shop_no) AS shop_no FROM shops GROUP BY region_code),
web AS (
    SELECT
        o.order_no, o.total_minor,
        coalesce(o.sold_shop_no, o.pickup_shop_no, n.shop_no) AS shop_no,
        n.shop_no AS home_shop_no,
        CASE WHEN o.is_bopis THEN o.picked_up_at ELSE o.fulfilled_at END AS left_at,
        o.edited_at IS NOT NULL AS is_edited
    FROM web_orders AS o
    JOIN nearest AS n USING (region_code)
),
lines AS (
    SELECT *, line_no = max(line_no) OVER (PARTITION BY order_no) AS is_last
    FROM web_order_lines
)
SELECT product_no, shop_no, moved_at, quantity, reason
FROM (
    SELECT l.product_no, o.shop_no, o.visible_at AS moved_at,
        CASE WHEN o.is_return THEN l.quantity ELSE -l.quantity END AS quantity,
        CASE WHEN o.is_return THEN 'return' ELSE 'sale' END AS reason
    FROM till_orders AS o JOIN till_order_lines AS l USING (order_id)
    WHERE o.due_minor = 0
    UNION ALL
    SELECT l.product_no, w.shop_no, w.left_at, -l.quantity, 'sale'
    FROM web AS w JOIN lines AS l USING (order_no)
    WHERE w.left_at IS NOT NULL AND NOT (w.is_edited AND l.is_last)
    UNION ALL
    SELECT l.product_no, coalesce(r.shop_no, w.home_shop_no), r.created_at, l.quantity, 'return'
    FROM web_refunds AS r
    JOIN web AS w USING (order_no)
    JOIN lines AS l ON l.order_no = r.order_no AND (r.amount_minor = w.total_minor OR l.line_no = 1)
    WHERE r.created_at > w.left_at
)
WHERE product_no > 0 AND shop_no IS NOT NULL
"""
# By product, shop and week from its delivery on: what is left over, and how deep it falls.
_WEEKS = """
WITH timed AS (
    SELECT product_no - 1 AS product, shop_no - 1 AS shop, moved_at, quantity,
        (epoch_us(moved_at) - $first[shop_no]) // $week_us AS week
    FROM stock_flows
), running AS (
    SELECT product, shop, week, quantity,
        sum(quantity) OVER (PARTITION BY product, shop, week ORDER BY moved_at) AS run
    FROM timed
)
SELECT product, shop, week, sum(quantity)::BIGINT AS net, greatest(-min(run), 0)::BIGINT AS need
FROM running GROUP BY product, shop, week
"""
_OUT = """
WITH moments AS (
    SELECT product_no, shop_no, moved_at, sum(quantity) AS quantity
    FROM stock_moves GROUP BY ALL
), running AS (
    SELECT product_no, shop_no, moved_at AS since,
        sum(quantity) OVER (PARTITION BY product_no, shop_no ORDER BY moved_at) AS on_hand,
        lead(moved_at) OVER (PARTITION BY product_no, shop_no ORDER BY moved_at) AS until
    FROM moments
)
SELECT product_no, shop_no, epoch_us(since) AS since, epoch_us(until) AS until
FROM running JOIN products USING (product_no)
WHERE on_hand = 0 AND since >= created_at AND (retired_at IS NULL OR since < retired_at)
ORDER BY product_no, shop_no, since
"""


def write_stock(
    tables: Tables, products: Products, shops: Shops, shop_zone: Ints, horizon: Horizon
) -> None:
    """The ledger of all moves, and into the truth when nothing was left."""
    day = np.full(shops.count, -_BEFORE)
    first = horizon.utc(shop_zone, day, np.full(shops.count, _DELIVERED))
    tables.execute(_FLOWS)
    _write_deliveries(tables, products, shops, first, horizon)
    tables.execute(
        """
        INSERT INTO stock_moves
        SELECT product_no, shop_no, moved_at, sum(quantity)::BIGINT, reason FROM stock_flows
        GROUP BY ALL ORDER BY moved_at, product_no, shop_no, reason
        """
    )
    tables.add("stock_outs", **tables.fetch(_OUT))


def _write_deliveries(
    tables: Tables, products: Products, shops: Shops, first: Ints, horizon: Horizon
) -> None:
    """What is there after each week's delivery: what the week takes, and something to spare."""
    weeks = tables.fetch(_WEEKS, {"first": first.tolist(), "week_us": _WEEK})
    last = int(weeks["week"].max(initial=0)) + 1
    net, need = (np.zeros((last, len(products.skus), shops.count), np.int32) for _ in range(2))
    where = weeks["week"], weeks["product"], weeks["shop"]
    net[where], need[where] = weeks["net"], weeks["need"]
    product, shop = (grid.ravel() for grid in np.indices(net.shape[1:]))
    created = products.created[product]
    at_hand = np.zeros(product.size, np.int64)
    for week in range(last):
        at = first[shop] + week * _WEEK
        opens = (created < at + _WEEK) & ((week == 0) | (created >= at))
        sells = (created < at) | opens
        sells &= (products.retired[product] == NEVER) | (products.retired[product] > at)
        spare = np.where(sells, 1 + (product * 7 + shop * 5 + week * 3) % 4, 0)
        spare[(product * 11 + shop * 13 + week * 17) % 9 == 0] = 0  # too little was ordered
        wanted = need[week].ravel() + spare
        brought = np.maximum(wanted - at_hand, 0)
        rows = np.flatnonzero((brought > 0) | opens)
        tables.add(
            "stock_moves",
            product_no=product[rows] + 1,
            shop_no=shop[rows] + 1,
            moved_at=np.where(opens, np.maximum(at, created), at)[rows],
            quantity=brought[rows],
            reason=np.where(opens[rows], "opening", "delivery").astype(object),
        )
        at_hand += brought + net[week].ravel()
