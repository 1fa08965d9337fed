"""What a check is: a sentence, an owner, and one SQL query that holds two totals side by side.

Every query answers in the same seven columns, one row ("cell") per thing compared:

    place       VARCHAR   where: a store, a stream, a campaign, a system
    day         DATE      when, NULL where a day makes no sense
    unit        VARCHAR   what is counted: 'orders', 'hours', or a currency code (minor units)
    left_total  DECIMAL   what the first system says
    right_total DECIMAL   what the second system says
    tolerance   DECIMAL   how far apart the two may be
    ids         VARCHAR   the records behind a gap, as far as they can be named, else NULL

A cell is *off* when the gap (left - right) exceeds its tolerance, or when a total is missing.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from warehouse.engines.dialect import Dialect

CELL_COLUMNS = ("place", "day", "unit", "left_total", "right_total", "tolerance", "ids")


class Severity(StrEnum):
    """What a failed check does to the publication: ``fail`` holds it back, ``warn`` marks it."""

    FAIL = "fail"
    WARN = "warn"


@dataclass(frozen=True)
class Check:
    """One check, in words and in SQL.

    ``sql`` runs on every engine; what engines write differently comes from the dialect given to it.
    ``left`` and ``right`` label the two totals; ``allowed`` puts the tolerance into words.
    ``one_sided``: only a surplus on the left is wrong. ``may_be_empty``: having nothing to compare
    is normal; elsewhere it fails the check, because a check over an empty bag proves nothing.
    ``needs``: the sources it compares; where one of them is not in use, there is nothing to judge.
    """

    name: str
    severity: Severity
    owner: str
    title: str
    means: str
    action: str
    left: str
    right: str
    sql: str | Callable[[Dialect], str]
    allowed: str = "no difference"
    one_sided: bool = False
    may_be_empty: bool = False
    needs: tuple[str, ...] = ()

    def query(self, dialect: Dialect) -> str:
        """The cell query for one engine, each column cast to its type."""
        sql = self.sql if isinstance(self.sql, str) else self.sql(dialect)
        return f"""
            select cast(place as string) as place, cast(day as date) as day,
                cast(unit as string) as unit, cast(left_total as decimal(38, 6)) as left_total,
                cast(right_total as decimal(38, 6)) as right_total,
                cast(tolerance as decimal(38, 6)) as tolerance, cast(ids as string) as ids
            from ({sql}) as cells"""


def obeys(
    dialect: Dialect, place: str, table: str, condition: str, id_column: str, unit: str = "rows"
) -> str:
    """Cell query for a rule on rows: all rows of ``table`` against those that obey ``condition``.

    A condition that is NULL counts as broken. The five first offenders are named in ``ids``.
    """
    offenders = dialect.first_five(
        f"cast({id_column} as string)", f"not coalesce(({condition}), false)"
    )
    return f"""
        select '{place}' as place, cast(null as date) as day, '{unit}' as unit,
            count(*) as left_total, count(*) filter (where {condition}) as right_total,
            0 as tolerance, {offenders} as ids
        from {table}"""


def in_use(source: str) -> str:
    """Condition on an expression that names a source: this installation reads it."""
    return f"list_contains(getvariable('sources_in_use')::varchar[], {source})"


def union(queries: Sequence[str]) -> str:
    """Several cell queries as one."""
    return "\nunion all\n".join(queries)
