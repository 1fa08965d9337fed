"""The company's own tables: what they may say, and how a fault is told."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from o2o.company import tables
from o2o.company.currencies import PROJECT
from o2o.company.reading import CompanyError

USED = ("acme", "acme__uk")


def table(folder: Path, name: str, text: str) -> Path:
    file = folder / f"{name}.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_each_table_has_the_columns_of_its_seed() -> None:
    declared = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    for name in set(tables.TABLES) - {"stores", "survey_questions"}:
        seed = f"default_{name}" if name == "exchange_rates" else name
        with (PROJECT / "seeds" / f"{seed}.csv").open(encoding="utf-8") as file:
            header = next(csv.reader(file))
        assert list(tables.TABLES[name].columns) == header, name
        assert list(declared["seeds"]["o2o"][seed]["+column_types"]) == header, name


def test_every_column_is_staged() -> None:
    staged = (PROJECT / "models/staging/o2o/stg_o2o__company_rows.sql").read_text(encoding="utf-8")
    for one in tables.TABLES.values():
        for column in one.columns:
            assert f"'{column}'" in staged, column


def test_rows_have_a_key_and_no_empty_cells(tmp_path: Path) -> None:
    file = table(
        tmp_path,
        "stores",
        "connection,location_id,store_id,valid_from\nacme,L1,A,\nacme,L1,B,2026-03-01\n",
    )
    assert tables.files(tmp_path) == {"stores": file}
    assert tables.rows(file, USED) == [
        (
            "stores|acme|L1|",
            {
                "table_name": "stores", "connection": "acme", "location_id": "L1",
                "store_id": "A", "valid_from": None, "valid_before": None,
            },
        ),
        (
            "stores|acme|L1|2026-03-01",
            {
                "table_name": "stores", "connection": "acme", "location_id": "L1",
                "store_id": "B", "valid_from": "2026-03-01", "valid_before": None,
            },
        ),
    ]  # fmt: skip


STORES = "connection,location_id,store_id\n"
RATES = "currency_code,valid_from,rate_to_reporting\n"
LINKS = "record_key_a,record_key_b,reason,decided_by,decided_on\n"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("store", "a\n1\n", "there is no table 'store'.*stores"),
        ("stores", "connection,store_id\n", "stores.csv: has no column location_id; allowed:"),
        ("must_links", "x\n", "has no column record_key_a"),
        ("stores", f"{STORES}acm,L1,A\n", ":2: connection: 'acm' is not a connection.*acme"),
        ("stores", f"{STORES}acme,,A\n", ":2: location_id is empty"),
        ("stores", f"{STORES}acme,L1,A\nacme,L1,B\n", ":3: the same .*location_id.* as in line 2"),
        ("exchange_rates", f"{RATES}EUR,2026-3-1,1\n", ":2: valid_from: '2026-3-1' is not a day"),
        (
            "exchange_rates",
            f"{RATES}EUR,2026-03-01,0\n",
            ":2: rate_to_reporting: '0' is not a rate",
        ),
        ("exchange_rates", f"{RATES}eur,2026-03-01,1\n", "'eur' is not a currency"),
        (
            "blocked_identifiers",
            "identifier_type,pattern,reason\nemail,(,x\n",
            r"'\(' is not a regular expression",
        ),
        (
            "must_links",
            f"{LINKS}acme:customer:1,shop:customer:2,x,me,2026-03-01\n",
            "record_key_b: 'shop:customer:2' is not a record",
        ),
    ],
)
def test_a_fault_names_file_line_and_column(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    table(tmp_path, name, text)
    with pytest.raises(CompanyError, match=told):
        _ = [tables.rows(file, USED) for file in tables.files(tmp_path).values()]
