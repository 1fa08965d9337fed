"""Rows of files as other programs write them."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from connectors.files import reading
from connectors.files.description import Description
from connectors.files.reading import FileFault

WANTED = {"Bon": True, "Betrag": True}


def read(path: Path, wanted: dict[str, bool] = WANTED, **said: Any) -> list[tuple[int, Any]]:
    """Of each row its line and what is in the wanted columns, or its fault."""
    found = reading.rows(fs.LocalFileSystem(), str(path), Description({}, {}, **said), wanted)
    return [(row.line, row.fault or tuple(map(row.get, wanted))) for row in found]


def csv_file(folder: Path, text: str | bytes, name: str = "a.csv") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Bon,Betrag\n1,5\n2,6\n", {}),
        ("Bon;Betrag\r\n1;5\r\n2;6", {}),
        ("Bon\tBetrag\n1\t5\n\n2\t6\n", {}),
        ("\ufeffBon|Betrag|Rest\n1|5|\n2|6|x\n", {}),
        ("sep=;\nBon;Betrag\n1;5\n2;6\n", {}),
        (" bon ,BETRAG\n1,5,\n2,6,\n", {}),
        ("Report of\nMarch\nBon,Betrag\n1,5\n2,6\n", {"skip_lines": 2}),
        ("1,5\n2,6\n", {"header": ("Bon", "Betrag")}),
        ("'Bon','Betrag'\n'1','5'\n'2','6'\n", {"quote": "'"}),
        ("Bon,Betrag\n1,5\n2,6\n".encode("utf-16"), {"encoding": "utf-16"}),
    ],
)
def test_dialects(tmp_path: Path, text: str | bytes, said: dict[str, Any]) -> None:
    rows = read(csv_file(tmp_path, text), **said)
    assert [row for _, row in rows] == [("1", "5"), ("2", "6")]


def test_the_line_is_that_of_the_file_also_behind_cells_of_several_lines(tmp_path: Path) -> None:
    file = csv_file(tmp_path, 'x\nBon,Betrag\n"1\na\nb",5\n\n2,6\n3\n')
    assert read(file, skip_lines=1) == [
        (3, ("1\na\nb", "5")),
        (7, ("2", "6")),
        (8, "it has 1 cells, and the line of column names has 2"),
    ]


def test_a_row_with_odd_quotes_or_signs_costs_that_row(tmp_path: Path) -> None:
    file = csv_file(tmp_path, b'Bon,Betrag\n1,5\n"2"x,6\nf\xfcr,7\nn\0,8\n3,9\n')
    rows = dict(read(file))
    assert [rows[2], rows[6]] == [("1", "5"), ("3", "9")]
    assert "quotes cannot be read" in rows[3]
    assert "windows-1252" in rows[4]
    assert "NUL" in rows[5]


def test_a_quote_that_closes_only_later_is_told_with_the_lines_that_it_joins(
    tmp_path: Path,
) -> None:
    (line, told), last = read(csv_file(tmp_path, 'Bon,Betrag\n1,"5\n2,6\n3",7\n4,8\n'))
    assert line == 2
    assert told.endswith("a quote that is not closed joins lines 2 to 4")
    assert last == (5, ("4", "8"))


@pytest.mark.parametrize(
    ("text", "said", "told"),
    [
        (b"", {}, "it is empty"),
        (b"Bon,Betrg\n1,2\n", {}, "there is no column 'Betrag' .did you mean Betrg"),
        (b"Bon;Betrag\n1;2\n", {"delimiter": ","}, "cut at ',' are 'Bon;Betrag'"),
        (b"Bon,Betrag,Bon\n1,2,3\n", {}, "2 columns called 'Bon'"),
        (b"B\xf6n,Betrag\n", {}, "windows-1252"),
        (b"\xff\xfeB\0\0\xd8a\0", {"encoding": "utf-16"}, "not all of it is utf-16"),
        (b'Bon,Betrag\n1,2\n"3,4\n5,6\n', {}, "line 3: a quote is opened and not closed"),
        (b"PK\x03\x04\x14", {}, "it is a workbook"),
    ],
)
def test_a_file_that_nobody_can_read(
    tmp_path: Path, text: bytes, said: dict[str, Any], told: str
) -> None:
    with pytest.raises(FileFault, match=told):
        read(csv_file(tmp_path, text), **said)


def test_a_column_that_not_every_file_has(tmp_path: Path) -> None:
    assert read(csv_file(tmp_path, "Bon\n1\n"), {"Bon": True, "Karte": False}) == [(2, ("1", None))]


def test_packed_files_and_those_that_are_cut_off(tmp_path: Path) -> None:
    packed = gzip.compress(b"Bon,Betrag\n" + b"1,5\n" * 50_000)
    file = csv_file(tmp_path, packed, "a.csv.gz")
    assert len(read(file)) == 50_000
    file.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(FileFault, match="cut off or damaged"):
        read(file)


def test_json_lines_keep_numbers_as_they_are_spelled(tmp_path: Path) -> None:
    wanted = {"id": True, "data.total": True, "data.lines.0.sku": False, "body.name": False}
    lines = (
        '\ufeff{"id": 12345678901234567890, "data": {"total": 12.10, "lines": [{"sku": "a"}]}}\n'
        '\n{"id": "x", "data": {"total": 1e3}, "body": "{\\"name\\": \\"n\\"}"}\n'
        '{"id": "half"\n["no object"]\n{"id": "\\ud83d"}\n{"id": NaN}\n'
    )
    rows = read(csv_file(tmp_path, lines, "a.jsonl"), wanted)
    assert rows[:2] == [
        (1, ("12345678901234567890", "12.10", "a", None)),
        (3, ("x", "1e3", None, "n")),
    ]
    assert [told for _, told in rows[2:]] == [
        "it is not one JSON document",
        "it is no JSON object",
        "it holds half of a surrogate pair",
        "it is not one JSON document",
    ]


def test_a_json_list_is_read_by_its_elements(tmp_path: Path) -> None:
    file = csv_file(tmp_path, '[{"Bon": 1, "Betrag": 5},\n {"Bon": 2, "Betrag": 6}]', "a.json")
    assert read(file) == [(1, ("1", "5")), (2, ("2", "6"))]
    file.write_text('[{"Bon": 1')
    with pytest.raises(FileFault, match="JSON list"):
        read(file)


def test_parquet_values_are_spelled_exactly(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    table = pa.table(
        {
            "a": [1, None],
            "b": pa.array([Decimal("12.10"), None]),
            "c": [0.1, float("nan")],
            "d": pa.array([moment, None], pa.timestamp("us", "UTC")),
            "e": [True, None],
            "f": [{"g": "x"}, None],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    names = ("a", "b", "c", "d", "e", "f.g")
    rows = reading.rows(
        fs.LocalFileSystem(),
        str(tmp_path / "a.parquet"),
        Description({}, {}),
        dict.fromkeys(names, True),
    )
    spelled = [[reading.spelled(row.get(name)) for name in names] for row in rows]
    assert spelled == [
        ["1", "12.10", "0.1", "2026-03-01T12:00:00+00:00", "true", "x"],
        [None] * 6,
    ]
    (tmp_path / "b.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-20])
    with pytest.raises(FileFault, match="not whole Parquet"):
        read(tmp_path / "b.parquet", {"a": True})
