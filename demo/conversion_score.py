"""Conversions without a price, one by one against what people really did: stays, test drives, …

A conversion's id ends with the connection and the source's own id, by which the truth knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from demo.identity_score import OBSERVATIONS
from demo.served import served


@dataclass(frozen=True)
class ConversionScore:
    """One type of conversion.

    ``known``: of those matched, how many have a customer. ``credited`` and ``caused`` are shares of
    those matched by channel, of the last touch and of the truth, each summing to 1.
    """

    conversion_type: str
    true_count: int
    found_count: int
    matched: int
    known: int
    credited: dict[str, float]
    caused: dict[str, float]

    @property
    def precision(self) -> float:
        return self.matched / self.found_count if self.found_count else 0.0

    @property
    def recall(self) -> float:
        return self.matched / self.true_count if self.true_count else 0.0


def score_conversions(
    connection: duckdb.DuckDBPyConnection, clock: datetime | None
) -> list[ConversionScore]:
    """By type, those that a system which the warehouse reads knows the truth of, up to ``clock``.

    ``connection`` has both files attached, as ``warehouse`` and ``truth``.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE true_conversions AS
        SELECT source_system, record_kind AS conversion_type, record_id, cause_channel
        FROM {served("truth.conversions", "kind")}
        WHERE occurred_at <= coalesce(?, TIMESTAMP 'infinity') AND record_kind <> 'order'
            AND source_system IN (SELECT source_system FROM warehouse.{OBSERVATIONS})
        """,  # noqa: S608 – constants
        [clock and clock.replace(tzinfo=None)],
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE found_conversions AS
        SELECT conversion_type, channel, customer_id, credit_share, conversion_id,
            split_part(split_part(conversion_id, ':', -2), '__', 1) AS source_system,
            split_part(conversion_id, ':', -1) AS record_id
        FROM warehouse.marts.fct_attribution
        WHERE attribution_model = 'last'
            AND conversion_type IN (SELECT conversion_type FROM true_conversions)
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE matched_conversions AS
        FROM found_conversions
        JOIN true_conversions USING (conversion_type, source_system, record_id)
        """
    )
    counts = connection.execute(
        """
        SELECT conversion_type, count(*),
            (SELECT count(DISTINCT conversion_id) FROM found_conversions AS f
                WHERE f.conversion_type = t.conversion_type),
            (SELECT count(DISTINCT conversion_id) FROM matched_conversions AS m
                WHERE m.conversion_type = t.conversion_type),
            (SELECT count(DISTINCT conversion_id) FROM matched_conversions AS m
                WHERE m.conversion_type = t.conversion_type AND m.customer_id IS NOT NULL)
        FROM true_conversions AS t GROUP BY conversion_type ORDER BY conversion_type
        """
    ).fetchall()
    return [
        ConversionScore(*row, *(_shares(connection, row[0], side) for side in _SIDES))
        for row in counts
    ]


_SIDES = ("channel", "cause_channel")


def _shares(
    connection: duckdb.DuckDBPyConnection, conversion_type: str, side: str
) -> dict[str, float]:
    rows = connection.execute(
        f"""
        SELECT {side}, sum(credit_share)::DOUBLE FROM matched_conversions
        WHERE conversion_type = ? GROUP BY 1 ORDER BY 1
        """,  # noqa: S608 – column names of this module
        [conversion_type],
    ).fetchall()
    total = sum(share for _, share in rows)
    return {name: share / total for name, share in rows} if total else {}
