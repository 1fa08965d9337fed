"""Small pieces of DuckDB SQL that the vendors share: literals, timestamps, money, JSON cells."""

from __future__ import annotations

from datetime import date, datetime


def literal(value: str | int | float | date | datetime | None) -> str:
    """A Python value as a SQL literal; text is quoted, so it may come from a client."""
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + value.replace("'", "''") + "'"


def iso_ms(column: str) -> str:
    """RFC 3339 with milliseconds, as Square, HubSpot and Radar write times."""
    return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%gZ')"


def iso_s(column: str) -> str:
    """RFC 3339 with whole seconds, as Shopify writes times."""
    return f"strftime({column}, '%Y-%m-%dT%H:%M:%SZ')"


def decimal_text(minor: str, exponent: str) -> str:
    """Minor units as an exact decimal string: 1234 with exponent 2 is '12.34'."""
    return (
        f"CASE {exponent} WHEN 0 THEN ({minor})::VARCHAR"
        f" WHEN 3 THEN (({minor})::BIGINT * 0.001::DECIMAL(4,3))::VARCHAR"
        f" ELSE (({minor})::BIGINT * 0.01::DECIMAL(3,2))::VARCHAR END"
    )


def without_nulls(json: str) -> str:
    """The object without null members: some vendors leave an absent field out."""
    return f"json_merge_patch('{{}}', {json})"
