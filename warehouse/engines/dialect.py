"""How the two engines write what they say differently, for queries that must run on both.

What they share needs no helper, and is more than it seems: ``cast(x as string)``, ``if``, ``filter
(where …)``, ``interval 1 hour``, ``substr``, ``min_by(x, y, k)``. Spark runs in ANSI mode with the
session in UTC (``warehouse.engines.spark.session``). Arguments and results are SQL expressions.
"""

from __future__ import annotations

from typing import Protocol


class Dialect(Protocol):
    """One engine's words for what the other says differently."""

    def local_date(self, timestamp: str, time_zone: str) -> str:
        """The day of a UTC timestamp where the clock on the wall shows ``time_zone``."""

    def days_between(self, earlier: str, later: str) -> str:
        """How many midnights lie between two dates; negative if they stand the other way round."""

    def hours_between(self, earlier: str, later: str) -> str:
        """How many full hours of the clock (10:00, 11:00, …) lie between two timestamps."""

    def first_five(self, text: str, condition: str = "true") -> str:
        """Aggregate: the five smallest of the texts that meet ``condition``, else NULL."""

    def joined(self, text: str, order: str) -> str:
        """Aggregate: all texts in that order, with semicolons between."""

    def is_like_whole(self, text: str, pattern: str) -> str:
        """The whole text matches the pattern (the subset that RE2 and Java share)."""

    def list_length(self, array: str) -> str:
        """The number of elements; NULL for no array."""


class DuckDBDialect:
    """DuckDB."""

    def local_date(self, timestamp: str, time_zone: str) -> str:
        return f"cast(timezone({time_zone}, timezone('UTC', {timestamp})) as date)"

    def days_between(self, earlier: str, later: str) -> str:
        return f"date_diff('day', {earlier}, {later})"

    def hours_between(self, earlier: str, later: str) -> str:
        return f"date_diff('hour', {earlier}, {later})"

    def first_five(self, text: str, condition: str = "true") -> str:
        return f"array_to_string(min_by({text}, {text}, 5) filter (where {condition}), ', ')"

    def joined(self, text: str, order: str) -> str:
        return f"listagg({text}, '; ' order by {order})"

    def is_like_whole(self, text: str, pattern: str) -> str:
        return f"regexp_full_match({text}, '{pattern}')"

    def list_length(self, array: str) -> str:
        return f"len({array})"


class SparkDialect:
    """Spark 4.2 and newer: ``min_by`` takes a count since then."""

    def local_date(self, timestamp: str, time_zone: str) -> str:
        return f"cast(from_utc_timestamp({timestamp}, {time_zone}) as date)"

    def days_between(self, earlier: str, later: str) -> str:
        return f"datediff({later}, {earlier})"

    def hours_between(self, earlier: str, later: str) -> str:
        # Spark counts by duration: cut to the hour, both count alike.
        return f"timestampdiff(hour, date_trunc('hour', {earlier}), date_trunc('hour', {later}))"

    def first_five(self, text: str, condition: str = "true") -> str:
        return f"array_join(min_by({text}, {text}, 5) filter (where {condition}), ', ')"

    def joined(self, text: str, order: str) -> str:
        return f"listagg({text}, '; ') within group (order by {order})"

    def is_like_whole(self, text: str, pattern: str) -> str:
        # $ would let a line feed follow; a raw literal keeps the backslash.
        return f"regexp_like({text}, r'^(?:{pattern})\\z')"

    def list_length(self, array: str) -> str:
        return f"array_size({array})"
