"""What the checks found, as a table of the published file: who reads a figure sees what is off,
by how much, since when, and whose it is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from expectations.runner import AuditResult
from o2o.company.currencies import exponents

_TABLE = """
create table audited (
    audited_at timestamp not null,
    check_name varchar not null,
    title varchar not null,
    owner varchar not null,
    severity varchar not null,
    status varchar not null,
    compared_count bigint not null,
    off_count bigint not null,
    unit varchar,
    gap decimal(38, 6),
    off_since timestamp
)"""
_COMMENTS = {
    None: "One row per audit, check and unit; of audits before the newest what was off only",
    "audited_at": "When the audit ended, UTC",
    "status": "passed, failed, or error: it could not be computed",
    "compared_count": "Things that the check compared",
    "off_count": "Thereof off by more than is allowed",
    "unit": "What the gap is counted in: a currency, orders, …",
    "gap": "What one side has more than the other, over all that was compared; money as an amount",
    "off_since": "First of the audits in a row that found it off, UTC; null where it passed",
}


def record(con: duckdb.DuckDBPyConnection, audit: AuditResult, before: Path) -> None:
    """Make the table in a file that is to be published in the place of ``before``, if that exists.

    An audit that was not published is in none: what it held back, nobody has read.
    """
    con.execute(_TABLE)
    for column, text in _COMMENTS.items():
        thing = f"column audited.{column}" if column else "table audited"
        con.execute(f"comment on {thing} is '{text}'")
    earlier = _earlier(before)
    newest = max((row[0] for row in earlier), default=None)
    since = {(row[1], row[8]): row[10] for row in earlier if row[0] == newest}
    rows = [row for row in earlier if row[5] != "passed"] + _rows(audit, since)
    if rows:
        con.executemany("insert into audited values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _earlier(file: Path) -> list[tuple[Any, ...]]:
    """The rows of what was published before; of a file from before there was the table, none."""
    if not file.exists():
        return []
    with duckdb.connect(str(file), read_only=True) as con:
        there = con.execute("select 1 from duckdb_tables() where table_name = 'audited'").fetchall()
        return con.execute("from audited order by all").fetchall() if there else []


def _rows(
    audit: AuditResult, since: dict[tuple[str, str | None], datetime | None]
) -> list[tuple[Any, ...]]:
    now = datetime.fromisoformat(audit.finished_at).astimezone(UTC).replace(tzinfo=None)
    digits = exponents()
    rows: list[tuple[Any, ...]] = []
    for check in audit.checks:
        gaps: list[tuple[str | None, Decimal | None]] = [(t.unit, t.gap) for t in check.totals]
        for unit, gap in gaps or [(None, None)]:
            amount = gap if gap is None else gap / 10 ** digits.get(unit or "", 0)
            began = None if check.status == "passed" else since.get((check.name, unit)) or now
            told = (check.name, check.title, check.owner, check.severity, check.status)
            rows.append((now, *told, check.compared, check.off, unit, amount, began))
    return rows
