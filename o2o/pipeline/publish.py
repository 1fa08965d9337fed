"""Write, audit, publish: what people read is a copy of the marts that passed their audit.

The copy is built beside the target and swapped in by one atomic rename, so at any moment there is
exactly one whole publication, old or new. What was published is written into the file itself (table
``publication``); ``manifest.json`` beside it is derived from that table, so the two cannot disagree
for longer than it takes to publish again. A reader that holds the old file open keeps it.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from filelock import FileLock

from expectations import runner
from o2o import company
from o2o.company.schema import shipped
from o2o.dictionary.marts import SCHEMA as SCHEMA  # known to callers by this module
from o2o.dictionary.marts import Mart, catalogue
from o2o.errors import O2OError
from o2o.pipeline import audited
from o2o.report import overview, page
from warehouse.engines.duckdb import comment
from warehouse.engines.warehouse import Reader, Warehouse, WarehouseError
from warehouse.files import write_atomically


class PublishRefused(O2OError):
    """Nothing was published, the last good publication stands; the message says why, in words."""


@dataclass(frozen=True)
class Publication:
    """What a published file holds. ``tables`` maps table name to row count, ``digests`` to a sum
    over its rows; ``changed`` are the tables that the publication before did not have so."""

    published_at: str
    verdict: str
    audit_id: str
    audited_at: str
    subject: str
    checks_passed: int
    checks_warned: int
    warnings: list[str]
    tables: dict[str, int]
    erasures: int = 0  # how often a person was taken out of it since
    digests: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)


def publish(warehouse: Warehouse, reports: Path, target: Path) -> Publication:
    """Publish the marts of ``warehouse`` to ``target`` if their audit in ``reports`` allows it.

    Safe to repeat: an unchanged state that is already published is left as it is, with its
    overview, and a run that was killed is repaired. The owners' page is refreshed either way.
    Raises PublishRefused when the audit is missing, is older than the warehouse, or failed, when
    somebody writes to the warehouse meanwhile, and when the disk does not take the files; and
    OverviewFailed when all is published but the overview.
    """
    ours = company.load()
    try:
        try:
            with one_publisher(target):
                publication = _publish(warehouse, reports, target)
                overview.write(reports, target, ours.currency or shipped()["reporting_currency"])
                return publication
        finally:
            page.write(reports, manifest_path(target), ours.owners, ours.endings())
    except WarehouseError as error:
        raise PublishRefused(str(error)) from error
    except (OSError, duckdb.Error) as error:
        raise PublishRefused(
            f"The publication could not be written: {error}. Is the disk full? Readers keep what"
            " was published; make room and publish again."
        ) from error


def manifest_path(target: Path) -> Path:
    """Where the manifest of a publication lies: beside the published file."""
    return target.parent / "manifest.json"


def current(target: Path) -> Publication | None:
    """What is published at ``target`` now, read from the file itself; None if nothing is."""
    if not target.exists():
        return None
    with duckdb.connect(str(target), read_only=True) as con:
        row = con.execute("select manifest from publication").fetchone()
    return Publication(**json.loads(row[0])) if row else None


def _publish(warehouse: Warehouse, reports: Path, target: Path) -> Publication:
    if (published := current(target)) is not None:
        _write_manifest(target, published)
    draft = target.with_name(f".{target.name}.tmp")
    with warehouse.reading() as reader, duckdb.connect(str(draft)) as con:
        subject = reader.fingerprint()
        audit = _approved(runner.load(reports, "marts"), subject, published)
        if published is not None and published.audit_id == audit.audit_id:
            return published
        tables = _copy(con, reader)
        # Not every engine keeps writers out while we read.
        if reader.fingerprint() != subject:
            raise PublishRefused(
                "The warehouse was written to while it was being copied, so the copy was thrown"
                f" away: audit and publish again when the build has ended.{_stands(published)}"
            )
        digests = {name: _digest(con, name) for name in tables}
        before = published.digests if published else {}
        publication = Publication(
            published_at=datetime.now(UTC).isoformat(timespec="seconds"),
            verdict=audit.verdict,
            audit_id=audit.audit_id,
            audited_at=audit.finished_at,
            subject=audit.subject,
            checks_passed=len(audit.checks) - len(audit.warned),
            checks_warned=len(audit.warned),
            warnings=[f"{check.title} ({check.name})" for check in audit.warned],
            tables=tables,
            digests=digests,
            changed=[name for name in digests if digests[name] != before.get(name)],
        )
        con.execute("create table publication (published_at timestamptz, manifest varchar)")
        con.execute(
            "insert into publication values (?, ?)",
            [publication.published_at, json.dumps(asdict(publication))],
        )
        audited.record(con, audit, target)
        con.execute("checkpoint")
    _check(draft, tables)
    swap_in(draft, target, publication)
    return publication


def swap_in(draft: Path, target: Path, publication: Publication) -> None:
    """Let a finished file take the place of what is published. The caller holds the lock."""
    draft.chmod(0o444)
    _sync(draft)
    os.replace(draft, target)
    _sync(target.parent)
    _write_manifest(target, publication)


@contextmanager
def one_publisher(target: Path) -> Iterator[None]:
    """Keep others from publishing; what a killed run left behind is removed before and after."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.parent / f".{target.name}.lock"):
        _sweep(target)
        try:
            yield
        finally:
            _sweep(target)


def _approved(
    audit: runner.AuditResult | None, subject: str, published: Publication | None
) -> runner.AuditResult:
    if audit is None:
        raise PublishRefused(
            "The marts have not been audited: run the audit first (o2o audit)." + _stands(published)
        )
    if audit.subject != subject:
        raise PublishRefused(
            f"The warehouse has been written to since the audit of {audit.finished_at}: run the"
            " audit again (o2o audit)." + _stands(published)
        )
    if audit.failed:
        names = "; ".join(f"{check.title} ({check.name})" for check in audit.failed)
        raise PublishRefused(
            f"The audit of {audit.finished_at} found {len(audit.failed)} fault(s) that must not be"
            f" published: {names}. The owners' report names the records." + _stands(published)
        )
    return audit


def _stands(published: Publication | None) -> str:
    if published is None:
        return " Nothing has been published yet."
    return f" The publication of {published.published_at} stays as it is."


def _copy(con: duckdb.DuckDBPyConnection, reader: Reader) -> dict[str, int]:
    """Copy every table of the marts, with its comments; returns the source's row counts."""
    names = reader.tables(SCHEMA)
    if not names:
        raise PublishRefused(
            f"The warehouse has no tables in schema {SCHEMA}: build it first (o2o build)."
        )
    con.execute(f"create schema {SCHEMA}")
    tables = {name: reader.copy_table(con, SCHEMA, name) for name in names}
    for mart in catalogue():
        if mart.name in tables:
            _keep_promises(con, mart)
    return tables


def _keep_promises(con: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    """What an engine did not keep of the contract: Spark's tables do not know what is never null.

    The key is told and not made: its index would take four times the room of the rows.
    """
    table = f'{SCHEMA}."{mart.name}"'
    nullable = con.execute(
        "select column_name from duckdb_columns()"
        " where schema_name = $1 and table_name = $2 and is_nullable",
        [SCHEMA, mart.name],
    ).fetchall()
    required = {column.name for column in mart.columns if column.is_required}
    for (column,) in nullable:
        if column in required:
            con.execute(f'alter table {table} alter column "{column}" set not null')
    text = f"{mart.description} Key: {', '.join(mart.key)}. Owner: {mart.owner}."
    comment(con, SCHEMA, mart.name, {None: text})


def _check(draft: Path, tables: dict[str, int]) -> None:
    """Read the finished file back before anybody else does."""
    with duckdb.connect(str(draft), read_only=True) as con:
        for name, rows in tables.items():
            copied = _count(con, f'{SCHEMA}."{name}"')
            if copied != rows:
                raise PublishRefused(
                    f"Table {name} has {rows} rows in the warehouse but {copied} in the copy: the"
                    " copy was thrown away. Is the disk full or failing?"
                )


def _digest(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """The same for the same columns and rows, in whatever order they lie."""
    columns = con.execute(f'describe {SCHEMA}."{table}"').fetchall()
    (rows,) = con.execute(
        f'select coalesce(sum(hash(rows)::hugeint), 0)::varchar from {SCHEMA}."{table}" as rows'
    ).fetchall()
    said = hashlib.sha256(repr([column[:2] for column in columns]).encode()).hexdigest()[:8]
    return f"{said}-{rows[0]}"


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    rows = con.execute(f"select count(*) from {table}").fetchall()
    return int(rows[0][0])


def _write_manifest(target: Path, publication: Publication) -> None:
    text = json.dumps({"file": target.name, **asdict(publication)}, indent=1, ensure_ascii=False)
    write_atomically(manifest_path(target), text + "\n")


def _sweep(target: Path) -> None:
    """Remove what a killed run left behind; the lock says that nobody else is at work."""
    for pattern in (f".{target.name}.tmp*", ".manifest.json.*.tmp"):
        for leftover in target.parent.glob(pattern):
            leftover.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
