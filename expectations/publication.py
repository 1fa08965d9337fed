"""The table that the checks of a publication read (theme ``publication``).

The main figures by day and place, as they are published and as the marts would have them now: table
``figures``. Both sides are summed by the same queries, each on the engine that holds it, so that
the comparison is the same whichever that is.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import duckdb

from warehouse.engines import duckdb as duckdb_engine
from warehouse.engines.warehouse import WarehouseError


class Reader(Protocol):
    """One state of the warehouse."""

    def query(self, sql: str) -> Any:
        """The rows of a query, as a ``pyarrow.Table``; raises WarehouseError."""


# What each figure sums: place, day, unit and amount of a row. Amounts are in their own currency, so
# that no rate moves them. A day that is published is the day the vendor gave it, not a load's.
FIGURES = {
    "sales": """
        select concat(order_channel, ' ', coalesce(store_id, 'without a store')) as place,
            order_date as day, currency_code as unit, revenue_minor as amount
        from marts.fct_sales_entries where entry_kind = 'sale'""",
    "spend": """
        select concat(platform, ' campaign ', platform_campaign_id) as place, spend_date as day,
            currency_code as unit, spend_minor as amount
        from marts.fct_ad_spend""",
    "visits": """
        select store_id as place, visit_date as day, 'visits' as unit, 1 as amount
        from marts.fct_store_visits""",
    "door counts": """
        select store_id as place, footfall_date as day, 'people' as unit,
            counted_entry_count as amount
        from marts.fct_store_footfall where counted_entry_count is not null""",
    "touches": """
        select connection as place, touch_date as day, 'touches' as unit, 1 as amount
        from marts.fct_touchpoints""",
}


def prepare(con: duckdb.DuckDBPyConnection, reader: Reader, before: Path) -> list[str]:
    """Make the table; returns in words what of the publication before could not be compared."""
    con.execute(
        "create table figures (figure varchar, place varchar, day date, unit varchar,"
        " published decimal(38, 6), draft decimal(38, 6))"
    )
    not_compared = []
    try:
        with duckdb.connect(str(before), read_only=True) as published:
            for figure, rows in FIGURES.items():
                query = _summed(rows)
                try:
                    con.register("published", duckdb_engine.query(published, query))
                except WarehouseError as error:
                    not_compared.append(
                        f"What is published has no {figure} of this form, so these were not"
                        f" compared with it: {str(error).splitlines()[0]}"
                    )
                    continue
                con.register("draft", reader.query(query))
                con.execute(
                    """
                    insert into figures
                    select ?, place, day, unit, coalesce(p.amount, 0), coalesce(d.amount, 0)
                    from published as p full join draft as d using (place, day, unit)""",
                    [figure],
                )
    except duckdb.Error as error:
        return [f"What is published cannot be read, so nothing was compared with it: {error}"]
    return not_compared


def _summed(rows: str) -> str:
    return f"""
        select cast(place as string) as place, cast(day as date) as day,
            cast(unit as string) as unit, cast(sum(amount) as decimal(38, 6)) as amount
        from ({rows}) as figures
        where place is not null and day is not null and unit is not null
        group by place, day, unit"""
