"""What rows of files become in the words of a contract, and what is told of those that do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.files import words
from connectors.files.cells import Record
from connectors.files.description import Cell, Column, Contract, Description, Rows
from connectors.files.reading import Fault, Raw
from connectors.files.records import Reader, Refused
from connectors.files.survey import Surveys

EXPONENTS = {"EUR": 2, "JPY": 0, "KWD": 3}
ORDERS = Contract(
    "orders",
    "",
    "sales-finance",
    {
        "source_order_id": Column("source_order_id", "text", is_required=True),
        "order_status": Column("order_status", "text", True, values=("placed", "void")),
        "ordered_at": Column("ordered_at", "time"),
        "currency_code": Column("currency_code", "text"),
        "goods_minor": Column("goods_minor", "minor"),
        "tax_minor": Column("tax_minor", "minor"),
        "total_minor": Column("total_minor", "minor"),
        "item_count": Column("item_count", "whole"),
        "record_key": Column("record_key", "text"),
    },
    ("source_order_id",),
    {"total_minor": {"goods_minor": 1, "tax_minor": 1}},
)
LINES = Contract(
    "order_lines",
    "",
    "sales-finance",
    {
        "line_id": Column("line_id", "text"),
        "quantity": Column("quantity", "number", scale=5),
        "current_quantity": Column("current_quantity", "number", scale=5, default="quantity"),
        "line_kind": Column("line_kind", "text", default="goods"),
    },
    ("line_id",),
)
IDENTIFIERS = Contract(
    "person_identifiers",
    "",
    "customer-data",
    {
        name: Column(name, "text")
        for name in ("record_kind", "record_id", "identifier_type", "identifier_value")
    },
    ("record_kind", "record_id", "identifier_type", "identifier_value"),
)
PLACED = Cell(always="placed")
HEADS = {"source_order_id": Cell(("id",)), "order_status": PLACED, "total_minor": Cell(("sum",))}
SUMS = {**HEADS, "total_minor": Cell(("sum",), lines="sum")}


def read(
    rows: list[Mapping[str, Any]], *filled: Rows, contract: str = "", **said: Any
) -> tuple[list[dict[str, Any]], dict[int, str], Reader]:
    """The records of the first contract (or the named one), what is refused by line, the reader."""
    description = Description(
        {each.contract.name: each for each in filled}, EXPONENTS, **{"currency": "EUR", **said}
    )

    def opened() -> Iterator[Raw]:
        for number, row in enumerate(rows, start=2):
            yield Raw(number, row, text=repr(row))

    reader = Reader(description, description.rows[contract or filled[0].contract.name], opened)
    found = list(reader.read())
    records = [one.values for one in found if isinstance(one, Record)]
    return records, {one.line: one.reason for one in found if isinstance(one, Refused)}, reader


@pytest.mark.parametrize(
    ("text", "said", "found"),
    [
        ("12.50", {}, 1250),
        ("12,5", {"decimal": ","}, 1250),
        ("-1.234,5", {"decimal": ",", "thousands": "."}, -123450),
        ("1234,00-", {"decimal": ","}, -123400),
        ("(7)", {}, -700),
        ("\u22123", {}, -300),
        ("1\u202f234\u00a0567.8", {"thousands": " "}, 123456780),
        ("12.500", {}, 1250),
        ("1,234,567", {"thousands": ","}, 123456700),
        ("1000", {"currency": "JPY"}, 1000),
        ("0.001", {"currency": "KWD"}, 1),
    ],
)
def test_money_is_whole_minor_units(text: str, said: dict[str, str], found: int) -> None:
    records, refused, _ = read([{"id": "1", "sum": text}], Rows(ORDERS, HEADS), **said)
    assert not refused
    assert records[0]["total_minor"] == found


@pytest.mark.parametrize(
    ("text", "said", "told"),
    [
        ("12,50", {}, "must be a number with '.' before decimals"),
        ("1.234", {"decimal": ","}, "nothing between thousands"),
        ("12,34.5", {"thousands": ","}, "',' between thousands"),
        ("1234.567", {"currency": "EUR"}, "must have 2 decimals at most, not of the form"),
        ("1.5", {"currency": "JPY"}, "must have 0 decimals at most"),
        ("12.50 EUR", {}, "not of the form '99.99 aaa'"),
        ("1.2E+5", {}, "not of the form '9.9a+9'"),
        ("NaN", {}, "must be a number"),
        ("", {}, "is empty, and so is goods_minor"),
        ("99999999999999", {}, "must have 13 digits at most"),
        ("٣", {}, "must be a number"),
    ],
)
def test_what_is_no_amount_is_told_by_column_and_form(
    text: str, said: dict[str, str], told: str
) -> None:
    records, refused, _ = read([{"id": "1", "sum": text}], Rows(ORDERS, HEADS), **said)
    assert not records
    assert told in refused[2]
    assert "total_minor" in refused[2]
    assert "12.50 EUR" not in refused[2]


@pytest.mark.parametrize(
    ("text", "cell", "zone", "found"),
    [
        ("2026-03-01 12:30:00", {}, "Europe/Berlin", "2026-03-01T11:30:00.000000Z"),
        ("2026-03-01T12:30:00+05:30", {}, "Europe/Berlin", "2026-03-01T07:00:00.000000Z"),
        ("2026-03-01T12:30:00Z", {}, "", "2026-03-01T12:30:00.000000Z"),
        ("01.03.26 9:05", {"format": "%d.%m.%y %H:%M"}, "UTC", "2026-03-01T09:05:00.000000Z"),
        ("1772368200", {"format": "unix"}, "", "2026-03-01T12:30:00.000000Z"),
        ("1772368200123", {"format": "unix_ms"}, "", "2026-03-01T12:30:00.123000Z"),
        # Twice on the clock: the first; never on the clock: as much later.
        ("2026-10-25 02:30", {}, "Europe/Berlin", "2026-10-25T00:30:00.000000Z"),
        ("2026-03-29 02:30", {}, "Europe/Berlin", "2026-03-29T01:30:00.000000Z"),
        ("2026-03-01", {}, "America/New_York", "2026-03-01T05:00:00.000000Z"),
    ],
)
def test_times_become_utc(text: str, cell: dict[str, str], zone: str, found: str) -> None:
    assert words.moment(text, Cell(**cell), Description({}, {}, time_zone=zone)) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "cell", "told"),
    [
        ("2026-03-01 12:30", {}, "has no offset from UTC: say the files' time_zone"),
        ("03/04/2026", {}, "must be a time as 2026-03-01 12:30:00"),
        ("31.02.2026", {"format": "%d.%m.%Y"}, "must be a time as %d.%m.%Y"),
        ("0001-01-01T00:00:00Z", {}, "years 1900 to 2200"),
        ("9999-12-31T23:00:00-05:00", {}, "must be a time as"),
        ("46082.5", {}, "must be a time as"),
        ("99999999999999999999", {"format": "unix"}, "must be a time as unix"),
    ],
)
def test_what_is_no_time(text: str, cell: dict[str, str], told: str) -> None:
    with pytest.raises(Fault, match=told.split("(")[0]):
        words.moment(text, Cell(**cell), Description({}, {}))  # type: ignore[arg-type]


def test_words_are_mapped_and_held_to_the_contracts() -> None:
    cell = Cell(("status",), values={"V": "placed", "S": "void"})
    rows = Rows(ORDERS, {**HEADS, "order_status": cell})
    records, refused, _ = read(
        [{"id": str(n), "sum": "1", "status": s} for n, s in enumerate("VSX")], rows
    )
    assert [each["order_status"] for each in records] == ["placed", "void"]
    assert "column status (order_status): must be one of V, S" in refused[4]
    known = Rows(ORDERS, {**HEADS, "order_status": Cell(("status",))})
    _, refused, _ = read([{"id": "1", "sum": "1", "status": "plcaed"}], known)
    assert "must be one of placed, void (did you mean placed?)" in refused[2]


def test_lines_of_a_receipt_are_one_order() -> None:
    cells = {
        **SUMS,
        "tax_minor": Cell(("tax",), lines="sum"),
        "ordered_at": Cell(("at",), lines="least"),
    }
    at = "2026-03-01T12:0{}:00Z"
    records, refused, _ = read(
        [
            {"id": "1", "sum": "1.10", "tax": "0.10", "at": at.format(1)},
            {"id": "2", "sum": "5", "tax": "", "at": at.format(2)},
            {"id": "1", "sum": "2.20", "tax": "0.20", "at": at.format(0)},
        ],
        Rows(ORDERS, cells),
    )
    assert not refused
    first, second = records
    assert (first["total_minor"], first["tax_minor"], first["goods_minor"]) == (330, 30, 300)
    assert first["ordered_at"].startswith("2026-03-01T12:00")
    assert (second["total_minor"], second["goods_minor"]) == (500, 500)


def test_a_faulty_line_sets_aside_its_order_in_all_contracts() -> None:
    rows = [
        {"id": "1", "sum": "1", "n": "1"},
        {"id": "1", "sum": "2", "n": "x"},
        {"id": "2", "sum": "3", "n": "1"},
    ]
    lines = Rows(LINES, {"line_id": Cell(made_of=("row",)), "quantity": Cell(("n",))})
    for contract in ("orders", "order_lines"):
        records, refused, _ = read(rows, Rows(ORDERS, SUMS), lines, contract=contract)
        assert len(records) == 1
        assert "line 3 of the same record is set aside: column n (quantity)" in refused[2]
        assert refused[3].startswith("column n (quantity)")


def test_lines_that_disagree_are_no_order() -> None:
    cells = {**SUMS, "ordered_at": Cell(("at",))}
    rows = [{"id": "1", "sum": "1", "at": f"2026-03-0{day}T12:00:00Z"} for day in (1, 2)]
    records, refused, _ = read(rows, Rows(ORDERS, cells))
    assert not records
    assert "column at (ordered_at): line 3 says something else than line 2" in refused[2]
    assert refused.keys() == {2, 3}


def test_two_rows_of_one_key_count_once_or_are_told() -> None:
    same = {"id": "1", "sum": "1"}
    records, refused, reader = read([same, same], Rows(ORDERS, HEADS))
    assert (len(records), refused, reader.told.repeated) == (1, {}, 1)
    other = {"id": "1", "sum": "2"}
    records, refused, _ = read([same, other], Rows(ORDERS, HEADS))
    assert not records
    assert "newest_by" in refused[2]
    assert refused.keys() == {2, 3}
    records, refused, _ = read([same, other], Rows(ORDERS, HEADS), newest_by="line")
    assert [each["total_minor"] for each in records] == [200]
    assert not refused


def test_newest_by_is_a_time_that_has_come() -> None:
    soon = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    rows = [{"id": "1", "sum": "1", "at": at} for at in ("2026-03-01T00:00:00Z", soon, "")]
    records, refused, _ = read(rows, Rows(ORDERS, HEADS), newest_by="at")
    assert len(records) == 1
    assert refused == {
        3: "column at (newest_by): is in the future",
        4: "column at (newest_by): is empty, and must not be",
    }


def test_an_id_of_the_row_tells_equal_lines_apart_and_stays_the_same() -> None:
    rows: list[Mapping[str, Any]] = [{"n": "1"}, {"n": "1"}, {"n": "2"}]
    lines = Rows(LINES, {"line_id": Cell(made_of=("row",)), "quantity": Cell(("n",))})
    first, _, _ = read(rows, lines)
    again, _, _ = read([*reversed(rows)], lines)
    ids = {each["line_id"] for each in first}
    assert len(ids) == 3
    assert ids == {each["line_id"] for each in again}
    assert first[0]["current_quantity"] == first[0]["quantity"] == Decimal(1)
    assert first[0]["line_kind"] == "goods"


def test_parts_and_whole_must_agree() -> None:
    cells = {**HEADS, "goods_minor": Cell(("goods",)), "tax_minor": Cell(("tax",))}
    rows = [
        {"id": "1", "sum": "3", "goods": "2", "tax": "1"},
        {"id": "2", "sum": "3", "goods": "2", "tax": "1.05"},
        {"id": "3", "sum": "", "goods": "2", "tax": "1"},
    ]
    records, refused, _ = read(rows, Rows(ORDERS, cells))
    assert [each["total_minor"] for each in records] == [300, 300]
    assert refused == {3: "total_minor: differs by -5 minor units from goods_minor + tax_minor"}


def test_rows_of_other_contracts_and_of_none_are_counted() -> None:
    rows = [{"id": str(n), "sum": "1", "art": art} for n, art in enumerate(["V", "R", "Summe"])]
    orders = Rows(ORDERS, HEADS, where={"art": ("V",)})
    records, refused, reader = read(rows, orders, leave_out={"art": ("Summe",)})
    assert (len(records), refused) == (1, {})
    assert (reader.told.others, reader.told.left_out) == (1, 1)


def test_each_element_of_a_list_is_a_row() -> None:
    rows = [{"data": {"id": "7", "items": [{"n": "1"}, {"n": "x"}]}}, {"data": {"id": "8"}}]
    cells = {"line_id": Cell(("data.id", "each.n")), "quantity": Cell(("each.n",))}
    _, refused, _ = read(rows, Rows(LINES, cells, each="data.items"))
    assert "column each.n (quantity)" in refused[2]
    rows[0]["data"]["items"].pop()
    records, _, _ = read(rows, Rows(LINES, cells, each="data.items"))
    assert [each["line_id"] for each in records] == ["7-1"]


def test_who_it_is_stands_apart_so_that_an_erasure_finds_it() -> None:
    cells = {**HEADS, "record_key": Cell(("who",), record="customer")}
    rows = [{"id": "1", "sum": "1", "who": "c7"}, {"id": "2", "sum": "1", "who": ""}]
    records, _, _ = read(rows, Rows(ORDERS, cells))
    assert [each["_record"] for each in records] == [{"customer": "c7"}, {}]
    assert "record_key" not in records[0]


def test_every_identifier_of_a_row_is_a_record() -> None:
    cells = {"record_kind": Cell(always="order"), "record_id": Cell(("id",))}
    told = {"email": Cell(("mail",)), "phone": Cell(("tel",))}
    rows = [
        {"id": "1", "mail": "a@b.example", "tel": "+49 30 1"},
        {"id": "2", "mail": "", "tel": ""},
    ]
    records, _, _ = read(rows, Rows(IDENTIFIERS, cells, identifiers=told))
    assert [(each["identifier_type"], each["_carries"]) for each in records] == [
        ("email", {"email": "a@b.example"}),
        ("phone", {"phone": "+49 30 1"}),
    ]
    assert records[0]["_record"] == {"order": "1"}


def test_ids_stay_as_they_are_spelled() -> None:
    records, _, _ = read([{"id": " 007 ", "sum": "1"}], Rows(ORDERS, HEADS))
    assert records[0]["source_order_id"] == "007"


def test_taken_off_and_negated_amounts() -> None:
    cell = Cell(("sum",), less=("tax",), is_negated=True)
    rows = Rows(ORDERS, {**HEADS, "total_minor": cell})
    records, _, _ = read([{"id": "1", "sum": "-11.90", "tax": "-1.90"}], rows)
    assert records[0]["total_minor"] == 1000


def test_a_currency_of_the_row_tells_its_decimals() -> None:
    rows = Rows(ORDERS, {**HEADS, "currency_code": Cell(("cur",))})
    records, refused, _ = read(
        [{"id": str(n), "sum": "100", "cur": c} for n, c in enumerate(("JPY", "KWD", "EURO"))], rows
    )
    assert [each["total_minor"] for each in records] == [100, 100000]
    assert refused == {4: "column cur (currency_code): is no currency of ISO 4217"}


def test_rows_that_say_the_same_are_told_apart_by_their_number() -> None:
    """Also where the later of two rows of a key counts."""
    lines = Rows(LINES, {"line_id": Cell(made_of=("row",)), "quantity": Cell(("n",))})
    for said in ({}, {"newest_by": "line"}):
        records, refused, _ = read([{"n": "1"}] * 3, lines, **said)
        assert not refused
        assert len({each["line_id"] for each in records}) == 3


def several(count: int) -> tuple[Description, list[Raw]]:
    """Receipts of two lines, of which one cannot be read, and a description with their lines."""
    lines = Rows(LINES, {"line_id": Cell(made_of=("row",)), "quantity": Cell(("n",))})
    description = Description(
        {"orders": Rows(ORDERS, SUMS), "order_lines": lines}, EXPONENTS, currency="EUR"
    )
    cells = [{"id": str(at // 2), "sum": "1" if at else "1x", "n": str(at)} for at in range(count)]
    return description, [Raw(at, row, text=repr(row)) for at, row in enumerate(cells, start=2)]


@pytest.mark.parametrize("kept", [300_000, 0])
def test_a_file_is_surveyed_once_for_all_of_its_contracts(kept: int, monkeypatch) -> None:
    """And again for each, with the same outcome, where there are too many keys to be kept."""
    monkeypatch.setattr("connectors.files.survey.KEPT", kept)
    description, rows = several(6)
    opened = 0

    def open_file() -> Iterator[Raw]:
        nonlocal opened
        opened += 1
        return iter(rows)

    surveys = Surveys()
    found = {
        name: list(Reader(description, each, open_file, surveys, "a file").read())
        for name, each in description.rows.items()
    }
    assert opened == (3 if kept else 4)
    told = {name: [(one.line, type(one)) for one in each] for name, each in found.items()}
    assert told == {
        "orders": [(2, Refused), (3, Refused), (4, Record), (6, Record)],
        "order_lines": [(2, Refused), (3, Refused), *((at, Record) for at in (4, 5, 6, 7))],
    }
