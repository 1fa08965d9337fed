"""docs/for-analysts.md: each query answers its question from what the contracts promise."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.runner import AuditResult, CheckResult, Total
from o2o.pipeline import audited
from tests.o2o.dictionary import answers_customers, answers_shops, answers_trades, tables

PAGE = Path(__file__).resolve().parents[3] / "docs" / "for-analysts.md"
SECTIONS = re.findall(
    r"^### (\d+)\. (.+)\n((?:(?!^#).*\n)+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE
)
QUERIES = {
    int(number): re.findall(r"```sql\n(.+?)```", text, re.DOTALL) for number, _, text in SECTIONS
}
CASES = {**answers_shops.CASES, **answers_customers.CASES, **answers_trades.CASES}


def plain(value: Any) -> Any:
    if isinstance(value, Decimal | float):
        return pytest.approx(float(value))
    return value.isoformat()[:10] if isinstance(value, date) else value


def test_the_page_has_thirty_questions_and_each_its_answer() -> None:
    assert [number for number, _, _ in SECTIONS] == [str(number) for number in range(1, 31)]
    assert all(question.endswith("?") for _, question, _ in SECTIONS)
    assert {*CASES, 20} == set(QUERIES)


def test_a_query_has_two_joins_at_most() -> None:
    assert {number for number, queries in QUERIES.items() if not queries} == set()
    assert {n for n, queries in QUERIES.items() if max(map(tables.joins, queries)) > 2} == set()


@pytest.mark.parametrize("number", CASES)
def test_a_query_answers_its_question(empty: duckdb.DuckDBPyConnection, number: int) -> None:
    rows, answers = CASES[number]
    read = {name for sql in QUERIES[number] for name in tables.marts_read(sql)}
    assert read == set(rows)
    with tables.filled(empty, rows):
        for sql, answer in zip(QUERIES[number], answers, strict=True):
            found = empty.execute(sql).fetchall()
            assert [tuple(map(plain, row)) for row in found] == answer


def test_the_twentieth_asks_what_checks_found(tmp_path: Path) -> None:
    for day, status in enumerate(("passed", "failed", "failed"), start=1):
        tills = check("tills_agree", status, "EUR", Decimal(day * 1000))
        ads = check("ads_agree", "passed", "orders", Decimal(0))
        file = tmp_path / f"{day}.duckdb"
        with duckdb.connect(str(file)) as con:
            at = datetime(2026, 6, day, 4, tzinfo=UTC).isoformat()
            audit = AuditResult(f"audit {day}", "marts", at, "a state", [tills, ads])
            audited.record(con, audit, tmp_path / f"{day - 1}.duckdb")
            found = con.execute(QUERIES[20][0]).fetchall()
    ((*told, since),) = found
    assert told == ["tills_agree holds", "sales-finance", "EUR", Decimal(30), 3]
    assert since.isoformat() == "2026-06-02T04:00:00"


def check(name: str, status: Any, unit: str, gap: Decimal) -> CheckResult:
    return CheckResult(
        name=name,
        suite="silos",
        severity="warn",
        owner="sales-finance",
        status=status,
        title=f"{name} holds",
        means="",
        action="",
        left_label="",
        right_label="",
        allowed="",
        compared=9,
        off=3,
        totals=[Total(unit, gap, Decimal(0), gap)],
        culprits=[],
    )
