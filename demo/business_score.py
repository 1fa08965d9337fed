"""Figures that a company is run by, held against the truth: who comes back, what customers buy,
which visits lead to a sale, what ran out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from demo import customer_score, rate_score, stock_score
from demo.figures import Figure
from demo.identity_score import shared_evidence
from demo.served import all_three, served
from demo.stock_score import StockScore

TABLES = (
    "marts.fct_orders",
    "marts.fct_store_visits",
    *customer_score.TABLES,
    *rate_score.TABLES,
    *stock_score.TABLES,
)


@dataclass(frozen=True)
class BusinessScore:
    """``stock`` is None where no stock is published."""

    figures: tuple[Figure, ...] = ()
    stock: StockScore | None = None

    @property
    def wrong(self) -> list[Figure | StockScore]:
        """What must be right, and is not."""
        due: list[Figure | StockScore] = [figure for figure in self.figures if figure.is_due]
        return [one for one in (*due, self.stock) if one and not one.is_held]


def score_business(world: Path, truth: Path, warehouse: Path, clock: datetime) -> BusinessScore:
    """Compare a warehouse file with the world; nothing where it lacks such marts.

    Raises ScoreError when a file is missing, or another process writes to it.
    """
    with all_three(world, truth, warehouse, TABLES) as connection:
        if connection is None:
            return BusinessScore()
        _tie(connection)
        return BusinessScore(
            (
                *customer_score.score_retention(connection),
                *customer_score.score_values(connection),
                *rate_score.score_rates(connection, clock),
            ),
            stock_score.score_stock(connection, clock),
        )


def _tie(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables ``ties``, of records to what the shared evidence makes of them, and ``sales``."""
    groups = shared_evidence(connection)
    connection.register(
        "found_ties",
        pa.table({"record_key": list(groups.keys()), "known_as": list(groups.values())}),
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE ties AS FROM found_ties")
    connection.unregister("found_ties")
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE sales AS
        SELECT
            orders.order_id, orders.order_channel, orders.customer_id, orders.ordered_at,
            orders.order_date, cause.person_id, coalesce(ties.known_as, orders.order_id) AS known_as
        FROM warehouse.marts.fct_orders AS orders
        LEFT JOIN {served("truth.conversions", "kind")} AS cause
            ON orders.source_system = cause.source_system
            AND orders.source_order_id = cause.record_id AND cause.record_kind = 'order'
        LEFT JOIN ties
            ON ties.record_key = orders.connection || ':order:' || orders.source_order_id
        WHERE orders.is_sale
        """  # noqa: S608 – constants
    )
