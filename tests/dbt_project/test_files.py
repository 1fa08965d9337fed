"""Files that a company describes itself reach the contracts, a mart, a check and the report."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from connectors.files.description import IDENTIFIERS, RECORD_KEY, Column, Contract
from o2o.company.contracts import contracts
from tests.end_to_end.installation import Installation

pytestmark = pytest.mark.e2e

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "files.md"
AT = "2026-03-01T12:30:00Z"
TEXTS = {"currency_code": "EUR", "book_currency_code": "EUR", "base_currency_code": "EUR"}
OF_A_KIND: dict[str, Any] = {
    "text": "x", "time": AT, "day": "2026-03-01", "whole": "7", "minor": "12.50", "micros": "1.5",
    "number": "1.5", "flag": "true", "zone": "Europe/Berlin",
}  # fmt: skip


def value(column: Column) -> str:
    """Some value that a column can have."""
    if column.values:
        return column.values[0]
    return str(TEXTS.get(column.name, OF_A_KIND[column.kind]))


def everything(contract: Contract) -> tuple[dict[str, Any], dict[str, Any]]:
    """A description that fills every column of a contract, and a row for it."""
    row = {name: value(column) for name, column in contract.columns.items()}
    for whole, parts in contract.sums.items():
        row |= dict.fromkeys(parts, "0")
        row[next(iter(parts))] = row[whole]
    said: dict[str, Any] = {
        name: {"column": f"{contract.name}.{name}"} for name in contract.columns
    }
    if RECORD_KEY in said:
        said[RECORD_KEY]["record"] = "customer"
    if contract.name == IDENTIFIERS:
        said["identifiers"] = {"email": said["identifier_value"]}
        del said["identifier_type"], said["identifier_value"]
        row["identifier_value"] = "a@b.example"
    return said, row


def written(folder: Path, name: str, text: str) -> Path:
    """A file that has been there for a while."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    past = time.time() - 3600
    os.utime(folder / name, (past, past))
    return folder / name


def blocks(kind: str) -> list[str]:
    """The snippets of the document in a language."""
    parts = DOCUMENT.read_text(encoding="utf-8").split(f"```{kind}\n")[1:]
    return [part.split("```")[0] for part in parts]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    home = tmp_path_factory.mktemp("files")
    made = {name: everything(contract) for name, contract in contracts().items()}
    written(
        home / "company", "all.yml", json.dumps({"contracts": {n: m[0] for n, m in made.items()}})
    )
    written(home / "all", "one.jsonl", json.dumps({name: m[1] for name, m in made.items()}))
    # The walk of the document, as it stands there.
    receipts = blocks("csv")[0]
    gone = "S001;19;01.03.2026 10:30;4711;1;1,00;0,16;K-0001234\n"
    written(home / "receipts", "2026-03-01.csv", receipts.replace("25,00", "26,00") + gone)
    description, configuration = blocks("yaml")[:2]
    written(home / "company", "receipts.yml", description)
    said = yaml.safe_load(configuration)
    said["connections"]["receipts"]["folder"] = str(home / "receipts")
    said["connections"]["all"] = {"via": "files", "folder": "../all", "description": "all.yml"}
    written(home / "company", "company.yml", yaml.safe_dump(said))
    settings = {"O2O_COMPANY": str(home / "company"), "O2O_EXPERIMENTS": ""}
    shop = Installation(home / "var", {}, datetime.now(UTC), "", settings)
    shop.o2o("extract", "receipts", "all")
    time.sleep(0.01)  # the file is another one, by its time
    written(home / "receipts", "2026-03-01.csv", receipts)
    shop.o2o("extract", "receipts")
    shop.o2o("build", "--select", "+fct_orders +fct_order_lines path:models/conformed")
    return shop


def rows(shop: Installation, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(shop.warehouse), read_only=True) as database:
        return database.sql(query).fetchall()


def test_receipts_are_sales_in_a_mart(shop: Installation) -> None:
    assert rows(
        shop,
        """select source_order_id, store_id, ordered_at::text, total_minor, tax_minor,
        net_sales_minor, item_count, customer_id is not null from marts.fct_orders
        where connection = 'receipts' order by all""",
    ) == [
        ("S001-17", "S001", "2026-03-01 09:15:00", 3500, 559, 2941, 3, False),
        ("S001-18", "S001", "2026-03-01 09:20:00", 1250, 200, 1050, 1, True),
        ("S002-3", "S002", "2026-03-01 10:00:00", 129900, 20740, 109160, 1, True),
    ]
    assert rows(
        shop,
        """select product_code, sum(quantity), sum(goods_minor) from marts.fct_order_lines
        where connection = 'receipts' group by all order by all""",
    ) == [
        ("4711", Decimal(3), Decimal(3151)),
        ("4712", Decimal(1), Decimal(840)),
        ("4713", Decimal(1), Decimal(109160)),
    ]


def test_every_column_of_every_contract_can_come_from_a_file(shop: Installation) -> None:
    for name, contract in contracts().items():
        schema = "restricted" if name.startswith("person_") else "conformed"
        columns = ", ".join(contract.columns)
        found = rows(shop, f"select {columns} from {schema}.{name} where connection = 'all'")
        assert len(found) == 1, name
        missing = [c for c, v in zip(contract.columns, found[0], strict=True) if v is None]
        assert not missing, f"{name}: {missing}"
    assert rows(
        shop,
        "select order_id, total_minor, started_at::text, record_key from conformed.orders"
        " join conformed.calls using (connection, source_system)",
    ) == [("all:x", 1250, "2026-03-01 12:30:00", "all:customer:x")]


def test_checks_and_report_know_it(shop: Installation) -> None:
    told = shop.o2o("audit", "landing", code=1)  # one row in five is more than a rarity
    assert "landed_quarantine_share" in told
    page = shop.report.read_text(encoding="utf-8")
    assert "Till receipts" in page
    audited = json.loads((shop.report.parent / "audit-landing.json").read_text())["checks"]
    (check,) = [check for check in audited if check["name"] == "landed_quarantine_share"]
    assert any(place.startswith("receipts/") for place in check["places"])
    assert "line 6" in shop.o2o("quarantine", "list", "receipts")
