"""``o2o files``: a description is tried on a file before anything lands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from connectors.connections import filed
from connectors.core.settings import Connection
from connectors.extract import extract
from o2o import cli
from o2o.commands import terminal
from o2o.company.contracts import contracts
from o2o.company.files import described
from o2o.people.erasure import landed
from tests.connectors.files.test_folder import Shop
from warehouse.landing import suppression
from warehouse.landing.zone import Landing

GUESTS = """
currency: EUR
contracts:
  bookings:
    where: {art: [stay]}
    booking_id: id
    booked_at: at
    starts_at: at
    amount_minor: price
    record_key: {column: guest, record: customer}
  person_records:
    record_kind: {always: customer}
    record_id: guest
    email: mail
    last_name: name
  person_identifiers:
    record_kind: {always: customer}
    record_id: guest
    observed_at: at
    identifiers: {email: mail}
"""
ROWS = """id,art,at,price,guest,mail,name,note
b1,stay,2026-03-01T12:00:00Z,99.90,g1,anna@hotel.example,Anna,x
b2,stay,2026-03-02T12:00:00Z,9.999,g2,berta@hotel.example,Berta,x
b3,other,2026-03-02T12:00:00Z,1,g2,berta@hotel.example,Berta,x
"""


@pytest.fixture(autouse=True)
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for console in (terminal.out, terminal.err):
        monkeypatch.setattr(console, "_width", 300)
    (tmp_path / "guests.csv").write_text(ROWS)
    file = tmp_path / "guests.yml"
    file.write_text(GUESTS)
    return file


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["files", *arguments])


def test_check_shows_records_and_what_is_wrong(said: Path) -> None:
    found = run("check", str(said), str(said.with_suffix(".csv")))
    assert found.exit_code == 1
    for told in (
        "bookings: 1 records, 1 rows of other contracts",
        "person_records: 2 records, 1 rows that say again",
        "customer g1",
        "9990",
        "guests.csv, line 3: column price (amount_minor): must have 2 decimals at most",
        "columns that nothing reads: note",
    ):
        assert told in found.output
    assert "9.999" not in found.output.replace("'9.999'", "")


def test_check_of_a_sound_file(said: Path) -> None:
    said.with_suffix(".csv").write_text(ROWS.replace("9.999", "9.99"))
    assert run("check", str(said), str(said.with_suffix(".csv"))).exit_code == 0


@pytest.mark.parametrize(
    ("description", "file", "told"),
    [
        ("none.yml", "guests.csv", "there is no such description"),
        ("guests.yml", "none.csv", "there is no file"),
        ("guests.yml", "guests.yml", "its name does not tell what it is"),
    ],
)
def test_check_of_what_is_not_there(said: Path, description: str, file: str, told: str) -> None:
    found = run("check", str(said.parent / description), str(said.parent / file))
    assert found.exit_code == 2
    assert told in found.output


def test_contracts_are_listed_with_what_they_need() -> None:
    assert "One row per telephone call" in run("contracts").output
    found = run("contracts", "orders").output
    assert "placed, open, cancelled, void, draft, deleted" in found
    assert "total_minor is goods_minor - discount_minor + shipping_minor" in found
    assert run("contracts", "receipts").exit_code == 2


def test_who_is_erased_does_not_come_back_with_a_file(said: Path, tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.put("guests.csv", ROWS.replace("9.999", "9.99").encode())
    landing = Landing(str(tmp_path / "landing"))
    declared = {place.stream: personal for place, personal in _landed(shop, said, landing)}
    assert declared == {name: contracts()[name].personal for name in declared}
    erased = [("guests_customer_id", "g1"), ("email", "anna@hotel.example")]
    suppression.write(landing, "e1", erased)
    shop.put("guests.csv", ROWS.replace("9.999", "9.98").encode())
    assert len(_landed(shop, said, landing)) == 3
    newest = {
        name: [
            json.loads(text)
            for text in landing.stream("guests", name)
            .rows(landing.stream("guests", name).load_ids()[-1])["_payload"]
            .to_pylist()
        ]
        for name in declared
    }
    assert [row["_record"] for row in newest["person_records"]] == [{"customer": "g2"}]
    assert [row["identifier_value"] for row in newest["person_identifiers"]] == [
        "berta@hotel.example"
    ]
    # A stay is money: it stays, and is nobody's.
    assert [(row["amount_minor"], row["_record"]) for row in newest["bookings"]] == [
        (9990, {"customer": None}),
        (998, {"customer": "g2"}),
    ]


def _landed(shop: Shop, said: Path, landing: Landing) -> list[tuple[object, object]]:
    """What an erasure finds after a load: each stream, and what it declares."""
    source = filed("guests", str(shop.home / "drop"), described(said))
    extract(source, Connection(), landing.url, shop.now())
    return list(landed.streams(landing))
