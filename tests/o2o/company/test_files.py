"""Descriptions of files: what they mean, and that each fault is told where it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.core.settings import Connection
from connectors.files.description import Cell
from connectors.files.folder import Folder
from o2o import company
from o2o.company.contracts import contracts
from o2o.company.files import KEYS, described
from o2o.company.reading import CompanyError

FAULT = re.compile(r"(?P<file>\S+):(?P<line>\d+): (?P<key>\S+): .+; allowed: \S.*")
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "files.md"
CALLS: dict[str, Any] = {
    "contracts": {"calls": {"call_id": "Id", "record_key": {"column": "Nr", "record": "customer"}}}
}


def write(folder: Path, said: Any) -> Path:
    file = folder / "said.yml"
    file.write_text(said if isinstance(said, str) else yaml.safe_dump(said, sort_keys=False))
    return file


def faults(folder: Path, said: Any) -> list[str]:
    with pytest.raises(CompanyError) as caught:
        described(write(folder, said))
    told = str(caught.value).splitlines()
    assert all(map(FAULT.fullmatch, told)), told
    return told


def test_every_way_to_tell_a_column(tmp_path: Path) -> None:
    said = """
    time_zone: Europe/Berlin
    most_gone: 1
    leave_out: {Art: [Summe, 1]}
    contracts:
      calls:
        where: {Art: yes}
        call_id: {made_of: row}
        location_kind: {always: till}
        location_id: [Haus, Platz]
        is_answered: {column: Da, values: {yes: true, 0: false}, otherwise: false}
        started_at: {column: [Tag, Zeit], join: " ", format: "%d.%m.%Y %H:%M", optional: true}
        record_key: {column: Nr, record: customer}
    """
    found = described(write(tmp_path, said))
    calls = found.rows["calls"]
    assert found.leave_out == {"Art": ("Summe", "1")}
    assert calls.where == {"Art": ("true",)}
    assert calls.cells["call_id"] == Cell(made_of=("row",))
    assert calls.cells["location_id"].columns == ("Haus", "Platz")
    assert calls.cells["is_answered"].values == {"yes": "true", "0": "false"}
    assert calls.cells["started_at"].format == "%d.%m.%Y %H:%M"
    assert calls.read()["Zeit"] is False
    assert calls.read()["Haus"] is True


@pytest.mark.parametrize(
    ("said", "key", "told"),
    [
        ({}, "contracts", "it says of no contract"),
        ({**CALLS, "delimeter": ";"}, "delimeter", "did you mean delimiter"),
        ({**CALLS, "delimiter": ";;"}, "delimiter", "allowed: one sign"),
        ({**CALLS, "time_zone": "Berlin"}, "time_zone", "there is no time zone 'Berlin'"),
        ({**CALLS, "encoding": "cp12520"}, "encoding", "there is none called"),
        ({**CALLS, "currency": "Euro"}, "currency", "there is no currency 'Euro'"),
        ({**CALLS, "most_gone": 2}, "most_gone", "a number, 0 to 1"),
        ({**CALLS, "skip_lines": "two"}, "skip_lines", "a number, 0 or more"),
        ({**CALLS, "thousands": "."}, "thousands", "it is the decimal sign"),
        ({**CALLS, "each_file": "append"}, "each_file", "allowed: adds, corrects, replaces"),
        ({"contracts": {"receipts": {}}}, "contracts.receipts", "there is no contract"),
        ({"contracts": {"calls": ["call_id"]}}, "contracts.calls", "is not allowed"),
        ({"contracts": {"calls": {}}}, "contracts.calls.call_id", "it is missing"),
        (
            {"contracts": {"calls": {"call_id": "Id", "caller": "Nr"}}},
            "contracts.calls.caller",
            "there is no column of calls 'caller'",
        ),
        (
            {"contracts": {"calls": {"call_id": 7}}},
            "contracts.calls.call_id",
            "in quotes if it is a number",
        ),
        (
            {"contracts": {"calls": {"call_id": {"colum": "Id"}}}},
            "contracts.calls.call_id.colum",
            "did you mean column",
        ),
        (
            {"contracts": {"calls": {"call_id": {"column": "Id", "always": "1"}}}},
            "contracts.calls.call_id",
            "one of column, always, made_of",
        ),
        (
            {"contracts": {"calls": {"call_id": "Id", "record_key": "Nr"}}},
            "contracts.calls.record_key",
            "it does not tell whose id it is",
        ),
        (
            {"contracts": {"calls": {"call_id": "Id", "location_id": "Haus"}}},
            "contracts.calls.location_kind",
            "one of till, web_shop, counter, beacon",
        ),
        (
            {"contracts": {"payments": {"payment_id": "Id", "amount_minor": "Betrag"}}},
            "contracts.payments.amount_minor",
            "nobody tells the currency",
        ),
        (
            {"contracts": {"refunds": {"refund_id": "Id"}}},
            "contracts.refunds.refunded_minor",
            "a column, or one for goods_minor",
        ),
        (
            {"contracts": {"person_identifiers": {"record_kind": "A", "record_id": "B"}}},
            "contracts.person_identifiers.identifiers",
            "it is missing",
        ),
    ],
)
def test_faults_are_told_with_line_and_key(tmp_path: Path, said: Any, key: str, told: str) -> None:
    found = faults(tmp_path, said)
    assert any(f": {key}: " in one and told in one for one in found), found


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    assert len(faults(tmp_path, "a: 1\nb: 2\ncontracts: {calls: {}}\n")) == 3


def test_the_document_names_every_key() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert not [key for key in KEYS if f"`{key}`" not in text and f"{key}:" not in text]


def test_a_connection_is_made_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, CALLS)
    said = {"via": "files", "folder": "drop", "description": "said.yml", "schedule": "5 * * * *"}
    (tmp_path / "company.yml").write_text(yaml.safe_dump({"connections": {"hotline": said}}))
    monkeypatch.setenv("O2O_COMPANY", str(tmp_path))
    found = company.load()
    (hotline,) = found.landing.values()
    assert (hotline.name, hotline.schedule) == ("hotline", "5 * * * *")
    assert hotline.owner == "crm-operations"  # the contract's
    assert [stream.name for stream in hotline.streams] == ["calls"]
    folder = hotline.open(Connection())
    assert isinstance(folder, Folder)
    assert folder.url == str(tmp_path / "drop")


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        ("hotline", {"via": "files", "folder": "x"}, "folder and description, both"),
        ("shopify", {"via": "files", "folder": "x", "description": "y"}, "not a source's"),
        ("square", {"folder": "x"}, "where via is files"),
        (
            "hotline",
            {"via": "files", "folder": "x", "description": "y", "contracts": ["calls"]},
            "the description says what the files are",
        ),
        ("hotline", {"via": "files", "folder": "x", "description": "y.yml"}, "no such description"),
    ],
)
def test_connections_that_lack_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: Any, told: str
) -> None:
    (tmp_path / "company.yml").write_text(yaml.safe_dump({"connections": {name: said}}))
    monkeypatch.setenv("O2O_COMPANY", str(tmp_path))
    with pytest.raises(CompanyError, match=told):
        company.load()


def test_what_an_erasure_does_follows_from_the_contract() -> None:
    personal = {name: each.personal for name, each in contracts().items() if each.personal}
    assert "products" not in personal
    for name in ("person_records", "person_identifiers", "calls", "store_events"):
        assert personal[name].policy == "drop"
    for name in ("orders", "payments", "bookings", "loyalty_ledger"):
        assert personal[name].policy == "blank"
    records = personal["person_records"]
    assert records.carries.items() >= {("email", "email"), ("phone", "phone")}
    assert {"first_name", "last_name", "birth_date", "street"} <= {*records.also}
    identifiers = personal["person_identifiers"]
    assert identifiers.carries["_carries.loyalty_card"] == "loyalty_card"
