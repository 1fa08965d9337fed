"""Runs the checks of one boundary and writes the verdict.

Each check's query runs once, on the engine that holds the data; its few rows go into a small DuckDB
file of evidence (table ``cells``). Great Expectations judges those rows, and the owners' totals are
summed from the very same rows, so the two can never tell different stories.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Literal

import duckdb
from filelock import FileLock

from expectations import catalogue, context, landed, publication, scan
from expectations.check import CELL_COLUMNS, Acceptance, Check, Severity
from expectations.check import Boundary as Boundary  # known to callers by this module
from expectations.sources import Sources
from warehouse.engines import duckdb as duckdb_engine
from warehouse.engines.dialect import Dialect, DuckDBDialect
from warehouse.engines.warehouse import Reader, Warehouse, WarehouseError
from warehouse.files import private, write_atomically

SHOWN_PLACES = 200  # per check in the JSON
SHOWN_CULPRITS = 20  # per check in the JSON and on the page; the evidence file holds all of them

_CELLS = """
create table cells (
    suite_name varchar, check_name varchar, place varchar, day date, unit varchar,
    left_total decimal(38, 6), right_total decimal(38, 6), gap decimal(38, 6),
    tolerance decimal(38, 6), ids varchar, is_off boolean
)"""
_NONE_BEFORE = "There is no publication before this one: nothing was compared with it."


Ask = Callable[[str], Any]  # runs a query and returns its rows as a pyarrow.Table


class AuditError(Exception):
    """The audit could not run at all; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Total:
    """Both totals of a check in one unit; money in minor units. Exact, never floats."""

    unit: str
    left: Decimal | None
    right: Decimal | None
    gap: Decimal | None


@dataclass(frozen=True)
class Culprit:
    """One compared thing whose gap exceeds the tolerance."""

    place: str
    day: str | None
    unit: str
    left: Decimal | None
    right: Decimal | None
    gap: Decimal | None
    tolerance: Decimal | None
    ids: str | None


@dataclass(frozen=True)
class CheckResult:
    """What one check found. ``status`` is passed, failed, or error (it could not be computed).

    ``accepted``: what the owner accepts of it, or did until lately, in words.
    """

    name: str
    suite: str
    severity: str
    owner: str
    status: Literal["passed", "failed", "error"]
    title: str
    means: str
    action: str
    left_label: str
    right_label: str
    allowed: str
    compared: int
    off: int
    totals: list[Total]
    culprits: list[Culprit]
    note: str | None = None
    places: list[str] = field(default_factory=list)  # where it is off, SHOWN_PLACES at most
    accepted: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class AuditResult:
    """Verdict on one boundary.

    ``subject`` fingerprints the state that was judged; ``facts`` is what the caller wanted to know
    of the same state; ``not_compared`` says what could not be judged, and why.
    """

    audit_id: str
    boundary: Boundary
    finished_at: str
    subject: str
    checks: list[CheckResult]
    landed: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    not_compared: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[CheckResult]:
        """Checks that hold the publication back."""
        return [c for c in self.checks if c.status != "passed" and c.severity == Severity.FAIL]

    @property
    def warned(self) -> list[CheckResult]:
        """Checks that mark the publication with a warning."""
        return [c for c in self.checks if c.status != "passed" and c.severity == Severity.WARN]

    @property
    def verdict(self) -> Literal["passed", "warned", "failed"]:
        """The worst that any check says."""
        return "failed" if self.failed else "warned" if self.warned else "passed"


def audit_path(reports: Path, boundary: Boundary) -> Path:
    """Where the verdict on a boundary lies."""
    return reports / f"audit-{boundary}.json"


def run_landing(
    zone: scan.Zone,
    reports: Path,
    sources: Sources,
    overrides: catalogue.Overrides = catalogue.NONE,
    accepted: Sequence[Acceptance] = (),
    left_out: landed.LeftOut = landed.NOTHING,
) -> AuditResult:
    """Judge what the connectors landed, before anything is built from it.

    ``sources``: connections in use; nothing is expected of others, nor are they looked at.
    ``overrides``: what the company wants otherwise of checks; ``accepted``: where it accepts them
    off. ``left_out``: how many quarantined elements may be, by source and stream.
    Raises AuditError when there is no landed load of them at all, or one that cannot be read.
    """

    with _audits(reports), duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        # For the queries that go over all sources.
        con.execute("set variable sources_in_use = ?", [sorted(sources)])
        try:
            streams = landed.prepare(con, zone, sources, reports / "landed.duckdb", left_out)
        except duckdb.Error as error:
            raise AuditError(f"The landing zone {zone.url} cannot be read: {error}") from error
        if sources and not streams:
            raise AuditError(
                f"Nothing has landed under {zone.url}: run the extracts first (o2o extract)."
            )
        subject = _digest(con.sql("select file, rows from files order by all").fetchall())
        judged = _judged("landing", sources, overrides, partial(duckdb_engine.query, con))
        return _run(
            "landing", reports, judged, accepted, subject, landed=landed.summary(con, sources)
        )


def run_marts(
    warehouse: Warehouse,
    reports: Path,
    sources: Sources,
    facts: Callable[[Reader], dict[str, Any]] | None = None,
    overrides: catalogue.Overrides = catalogue.NONE,
    accepted: Sequence[Acceptance] = (),
    before: Path | None = None,
) -> AuditResult:
    """Judge the warehouse before its marts are published; it is only read.

    ``sources``: connections in use; checks that need another vendor are left out.
    ``facts`` reads what is to be kept beside the verdict, from the state that is judged.
    ``overrides``: what the company wants otherwise of checks; ``accepted``: where it accepts them
    off. ``before``: the file that is published now, with which the marts are compared.
    Raises AuditError when the warehouse is missing or being written.
    """
    try:
        with _audits(reports), warehouse.reading() as reader, duckdb.connect() as con:
            subject = reader.fingerprint()
            told = facts(reader) if facts else {}
            judged = _judged("marts", sources, overrides, reader.query, warehouse.dialect)
            not_compared = [_NONE_BEFORE]
            if before and before.exists():
                not_compared = publication.prepare(con, reader, before)
                ask = partial(duckdb_engine.query, con)
                judged += _judged("publication", sources, overrides, ask)
            return _run(
                "marts", reports, judged, accepted, subject, facts=told, not_compared=not_compared
            )
    except WarehouseError as error:
        raise AuditError(str(error)) from error


def save(result: AuditResult, reports: Path) -> Path:
    """Write a verdict as JSON, atomically. Amounts become decimal strings: nothing is rounded."""
    path = audit_path(reports, result.boundary)
    document = {**asdict(result), "verdict": result.verdict}
    write_atomically(path, json.dumps(document, indent=1, default=_plain, ensure_ascii=False))
    return path


def load(reports: Path, boundary: Boundary) -> AuditResult | None:
    """The last verdict on a boundary, or None when it was never judged."""
    path = audit_path(reports, boundary)
    if not path.exists():
        return None
    document = json.loads(path.read_text(encoding="utf-8"))
    document.pop("verdict")

    def exact(row: dict[str, Any]) -> dict[str, Any]:
        amounts = ("left", "right", "gap", "tolerance")
        return {
            key: Decimal(value) if key in amounts and value is not None else value
            for key, value in row.items()
        }

    checks = [
        CheckResult(
            **{
                **check,
                "totals": [Total(**exact(row)) for row in check["totals"]],
                "culprits": [Culprit(**exact(row)) for row in check["culprits"]],
            }
        )
        for check in document.pop("checks")
    ]
    return AuditResult(checks=checks, **document)


@contextmanager
def _audits(reports: Path) -> Iterator[None]:
    """One audit at a time: both boundaries share the store and the Data Docs."""
    (reports / "gx").mkdir(parents=True, exist_ok=True)
    with FileLock(reports / "gx" / ".lock"):
        yield


@dataclass(frozen=True)
class _Judged:
    """A check of a suite, and where its query runs."""

    suite: str
    check: Check
    dialect: Dialect
    ask: Ask


def _judged(
    subject: catalogue.Subject,
    sources: Sources,
    overrides: catalogue.Overrides,
    ask: Ask,
    dialect: Dialect | None = None,
) -> list[_Judged]:
    return [
        _Judged(suite, check, dialect or DuckDBDialect(), ask)
        for suite, checks in catalogue.suites(subject, sources, overrides).items()
        for check in checks
    ]


def _run(
    boundary: Boundary,
    reports: Path,
    judged: Sequence[_Judged],
    accepted: Sequence[Acceptance],
    subject: str,
    **told: Any,
) -> AuditResult:
    """``told``: what else the result tells."""
    folder = reports / "gx"
    evidence = folder / f"evidence-{boundary}.duckdb"
    evidence.unlink(missing_ok=True)
    Path(f"{evidence}.wal").unlink(missing_ok=True)
    with private(), duckdb.connect(str(evidence)) as con:  # it names records
        con.execute(_CELLS)
        troubles = {each.check.name: _collect(con, each) for each in judged}
        said = {each.check.name: _accept(con, each.check, accepted) for each in judged}
    suites: dict[str, list[Check]] = {}
    for each in judged:
        suites.setdefault(each.suite, []).append(each.check)
    verdicts = context.validate(folder, boundary, evidence, suites)
    with duckdb.connect(str(evidence), read_only=True) as con:
        checks = [
            _result(
                con, each.suite, each.check, verdicts[name], troubles[name], accepted=said[name]
            )
            for each in judged
            for name in [each.check.name]
        ]
    result = AuditResult(
        audit_id=uuid.uuid4().hex,
        boundary=boundary,
        finished_at=datetime.now(UTC).isoformat(timespec="seconds"),
        subject=subject,
        checks=checks,
        **told,
    )
    save(result, reports)
    return result


def _collect(
    con: duckdb.DuckDBPyConnection, judged: _Judged
) -> tuple[Literal["error", "failed"], str] | None:
    """Run one check's query into the evidence; returns status and reason if it has no answer."""
    suite, check = judged.suite, judged.check
    trouble: tuple[Literal["error", "failed"], str]
    over = "left_total - right_total" if check.one_sided else "abs(left_total - right_total)"
    try:
        con.register("answer", judged.ask(check.query(judged.dialect)))
        con.execute(
            f"""
            insert into cells
            select ?, ?, place, day, unit, left_total, right_total, left_total - right_total,
                tolerance, ids, coalesce({over} > tolerance, true)
            from answer""",
            [suite, check.name],
        )
    except (WarehouseError, duckdb.Error) as error:
        trouble = ("error", f"The check could not be computed: {str(error).splitlines()[0]}")
    else:
        if check.may_be_empty or _has_something(con, check):
            return None
        trouble = ("failed", "There was nothing to compare: both sides are empty.")
    con.execute(
        "insert into cells (suite_name, check_name, place, ids, is_off)"
        " values (?, ?, '(nothing compared)', ?, true)",
        [suite, check.name, trouble[1]],
    )
    return trouble


def _accept(
    con: duckdb.DuckDBPyConnection, check: Check, accepted: Sequence[Acceptance]
) -> list[str]:
    """Take what the owner accepts out of what is off; returns each acceptance in words."""
    said, today = [], datetime.now(UTC).date()
    for each in accepted:
        if each.check != check.name:
            continue
        cells = 0
        if today <= each.until:
            # What could not be computed has no unit, and is nobody's to accept.
            first, last = each.first_day, each.last_day or each.first_day
            found = con.execute(
                """
                update cells set is_off = false
                where check_name = ? and is_off and unit is not null
                    and regexp_full_match(place, ?) and (?::date is null or day between ? and ?)
                returning place""",
                [check.name, each.pattern, first, first, last],
            ).fetchall()
            cells = len(found)
        said.append(each.words(cells, today))
    return said


def _has_something(con: duckdb.DuckDBPyConnection, check: Check) -> bool:
    row = con.execute(
        "select count(*) filter (where left_total <> 0 or right_total <> 0) "
        "from cells where check_name = ?",
        [check.name],
    ).fetchone()
    return bool(row and row[0])


def _result(
    con: duckdb.DuckDBPyConnection,
    suite: str,
    check: Check,
    verdict: Any,
    trouble: tuple[Literal["error", "failed"], str] | None,
    accepted: list[str],
) -> CheckResult:
    compared, off = con.execute(
        "select count(*), count(*) filter (where is_off) from cells where check_name = ?",
        [check.name],
    ).fetchone() or (0, 0)
    unevaluated = context.raised(verdict)
    if unevaluated is None and bool(verdict.success) != (off == 0):
        raise AuditError(
            f"Check {check.name}: Great Expectations says {verdict.success}, but {off} of the"
            f" {compared} compared cells are off. This is a bug in the audit; do not publish."
        )
    totals = con.execute(
        "select unit, sum(left_total), sum(right_total), sum(gap) from cells "
        "where check_name = ? and unit is not null group by unit order by unit",
        [check.name],
    ).fetchall()
    culprits = con.execute(
        f"select {', '.join(CELL_COLUMNS[:5])}, gap, tolerance, ids from cells "
        "where check_name = ? and is_off and unit is not null "
        f"order by abs(gap) desc nulls first, day, place, unit limit {SHOWN_CULPRITS}",
        [check.name],
    ).fetchall()
    places = con.execute(
        f"select distinct place from cells where check_name = ? and is_off and place is not null "
        f"order by place limit {SHOWN_PLACES}",
        [check.name],
    ).fetchall()
    if trouble is None and unevaluated is not None:
        trouble = ("error", f"Great Expectations could not evaluate it: {unevaluated}")
    return CheckResult(
        name=check.name,
        suite=suite,
        severity=check.severity,
        owner=check.owner,
        status=trouble[0] if trouble else "failed" if off else "passed",
        title=check.title,
        means=check.means,
        action=check.action,
        left_label=check.left,
        right_label=check.right,
        allowed=check.allowed,
        compared=compared,
        off=off,
        totals=[
            Total(unit, _trim(left), _trim(right), _trim(gap)) for unit, left, right, gap in totals
        ],
        culprits=[
            Culprit(
                place=place,
                day=None if day is None else day.isoformat(),
                unit=unit,
                left=_trim(left),
                right=_trim(right),
                gap=_trim(gap),
                tolerance=_trim(tolerance),
                ids=ids,
            )
            for place, day, unit, left, right, gap, tolerance, ids in culprits
        ],
        note=trouble[1] if trouble else None,
        places=[place for (place,) in places],
        accepted=accepted,
    )


def _trim(amount: Decimal | None) -> Decimal | None:
    """Drop the trailing zeros that the evidence's six decimal places add."""
    if amount is None:
        return None
    whole = amount.to_integral_value()
    return whole if whole == amount else amount.normalize()


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} does not belong into an audit document")


def _digest(parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
