"""What may be said, and that every fault is told with file, line, key and what is allowed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from expectations import catalogue
from expectations.owners import Owner
from o2o.company.currencies import exponents, rated
from o2o.company.reading import CompanyError, Document, read
from o2o.company.schema import Schema, checked

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = [ROOT / "company.example", *sorted((ROOT / "demo" / "companies").glob("[a-z]*"))]
# What the rules want of every fault: file, line, key, what is wrong, what is allowed.
FAULT = re.compile(r"(?P<file>\S+):(?P<line>\d+): (?P<key>\S+): .+; allowed: \S.*")
WHOLE: dict[str, Any] = {
    "reporting": {"currency": "JPY", "time_zone": "Asia/Tokyo"},
    "connections": {
        "square": None,
        "shopify__de": {
            "title": "Shop",
            "owner": "web-shop",
            "schedule": "*/20 4-6 * * 1,3",
            "start_date": "2026-03-01",
            "skip_streams": ["customers"],
        },
        "shopify__uk": {"via": "fivetran", "tables": "raw_shopify.{table}"},
        "lightspeed": {"via": "table", "tables": "erp.{table}", "contracts": ["orders"]},
    },
    "owners": {"web-shop": {"name": "A", "email": "a@b.example", "phone": "+49 30 123"}},
    "experiments": "plan.csv",
    "linkage": True,
    "checks": {"sources_equally_fresh": {"severity": "fail", "limits": {"hours": 24}}},
    "accepted_gaps": [
        {
            "check": "landed_days_answered",
            "place": "google_ads/*",
            "first_day": "2026-03-02",
            "last_day": "2026-03-04",
            "until": "2026-06-30",
            "reason": "a paused account",
            "by": "Paula",
        }
    ],
}


def document(folder: Path, said: Any) -> Document:
    file = folder / "company.yml"
    file.write_text(said if isinstance(said, str) else yaml.safe_dump(said), encoding="utf-8")
    return read(file)


def paths(value: Any, key: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every key of a nested value."""
    inner = (
        value.items() if isinstance(value, dict)
        else enumerate(value) if isinstance(value, list) else ()
    )  # fmt: skip
    return [p for name, part in inner for p in [(*key, name), *paths(part, (*key, name))]]


def put(value: Any, key: tuple[Any, ...], new: Any) -> Any:
    if not key:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key[0]] = put(copy[key[0]], key[1:], new)
    return copy


def faults(document: Document) -> list[re.Match[str]]:
    with pytest.raises(CompanyError) as caught:
        checked(document)
    lines = str(caught.value).splitlines()
    found = [FAULT.fullmatch(line) for line in lines]
    assert all(found), lines
    return [each for each in found if each]


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_the_examples_are_right(folder: Path) -> None:
    checked(read(folder / "company.yml"))


def test_the_example_names_every_key_and_every_role() -> None:
    text = (EXAMPLES[0] / "company.yml").read_text(encoding="utf-8")
    for name in Schema.model_fields:
        assert re.search(rf"^(# )?{name}:", text, re.MULTILINE), name
    for role in Owner:
        assert role in text


def test_the_demo_has_somebody_for_every_role() -> None:
    assert set(checked(read(EXAMPLES[1] / "company.yml")).owners) == set(Owner)


def test_all_can_be_said(tmp_path: Path) -> None:
    said = checked(document(tmp_path, WHOLE))
    assert said.reporting.currency == "JPY"
    assert said.checks["sources_equally_fresh"].limits == {"hours": 24}
    assert {"JPY": 0, "EUR": 2, "KWD": 3}.items() <= exponents().items()
    assert rated() <= exponents().keys()


def test_rates_of_a_table_may_be_of_any_currency(tmp_path: Path) -> None:
    table = {"via": "table", "tables": "erp.{table}", "contracts": ["exchange_rates"]}
    said = {"reporting": {"currency": "TWD"}, "connections": {"square": {}, "erp": table}}
    assert checked(document(tmp_path, said)).reporting.currency == "TWD"


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("reporting:\n  currency: XXX\n", 2, "reporting.currency", "allowed: AUD, BRL, CAD, CHF"),
        ("reporting:\n  currency: XXX\nconnections: [square]\n", 2, "reporting.currency",
         "allowed: EUR, GBP, JPY, KWD, USD"),
        # Nobody quotes it any more, or ever did.
        ("reporting: {currency: BGN}\nconnections: [square, ecb__copy]\n", 1, "reporting.currency",
         "allowed: AUD, BRL, CAD, CHF"),
        ("reporting:\n  time_zone: Europe/Berln\n", 2, "reporting.time_zone", "Europe/Berlin?"),
        ("connections:\n- square\n- shopfy\n", 3, "connections.2", "did you mean shopify?"),
        ("connections: []\n", 1, "connections", "one at least"),
        ("connections: {}\n", 1, "connections", "one at least"),
        ("connections: square\n", 1, "connections", "a list of names"),
        ("connections: [1]\n", 1, "connections.1", "allowed: text"),
        ("connections: [square,\n square]\n", 2, "connections.2", "allowed: a name once"),
        ("connections: [shopify__DE]\n", 1, "connections.1", "__ and a label of a-z, 0-9 and _"),
        ("connections:\n  shopify__: {}\n", 2, "connections.shopify__", "and a label"),
        ("connections:\n  shopfy__de:\n", 2, "connections.shopfy__de", "did you mean shopify?"),
        ("connections:\n  square: on\n", 2, "connections.square", "title, owner, schedule"),
        ("connections:\n  square: {schedul: x}\n", 2, "connections.square.schedul",
         "did you mean schedule?"),
        ("connections:\n  square: {schedule: 60 * * * *}\n", 2, "connections.square.schedule",
         "a cron line in UTC"),
        ("connections:\n  square: {schedule: 5 4 * *}\n", 2, "connections.square.schedule",
         "a cron line in UTC"),
        ("connections:\n  square: {start_date: 20260101}\n", 2, "connections.square.start_date",
         "a day, 2026-03-01"),
        ("connections:\n  square: {owner: tills}\n", 2, "connections.square.owner",
         "allowed: crm-operations"),
        ("connections:\n  square:\n    skip_streams:\n    - order\n", 4,
         "connections.square.skip_streams.1", "did you mean orders?"),
        ("connections:\n  square:\n  square__b:\n    title: Square\n", 4,
         "connections.square__b.title", "a title that square has not"),
        ("connections:\n  shopify:\n    via: fivetran\n", 3, "connections.shopify.via",
         "via and tables, both"),
        ("connections:\n  shopify:\n    tables: 'raw.{table}'\n", 3, "connections.shopify.tables",
         "via and tables, both"),
        ("connections:\n  shopify:\n    via: fivetrn\n    tables: raw.{table}\n", 3,
         "connections.shopify.via", "did you mean fivetran?"),
        ("connections:\n  square:\n    via: fivetran\n    tables: raw.{table}\n", 3,
         "connections.square.via", "fivetran for google_ads, shopify"),
        ("connections:\n  shopify:\n    via: fivetran\n    tables: raw_shopify\n", 4,
         "connections.shopify.tables", "schema.{table}"),
        ("connections:\n  shopify:\n    via: fivetran\n    tables: raw.order\n", 4,
         "connections.shopify.tables", "schema.{table}"),
        ("connections:\n  shopify:\n    via: fivetran\n    tables: /data/it's/{table}/*\n", 4,
         "connections.shopify.tables", "Parquet files"),
        ("connections:\n  shopify:\n    via: airbyte\n    tables: raw.{table}\n"
         "    skip_streams: [orders]\n", 5, "connections.shopify.skip_streams",
         "what airbyte fetches, and when, is set there"),
        ("connections:\n  erp:\n    via: table\n    tables: erp.{table}\n", 3,
         "connections.erp.via", "tables and contracts, both"),
        ("connections:\n  erp:\n    via: table\n    tables: erp.{table}\n"
         "    contracts: [order]\n", 5,
         "connections.erp.contracts.1", "did you mean orders?"),
        ("connections:\n  ERP:\n    via: table\n    tables: erp.{table}\n"
         "    contracts: [orders]\n", 2, "connections.ERP", "a name of a-z, 0-9 and _"),
        ("connections:\n  erp:\n    via: table\n    tables: erp.{table}\n"
         "    contracts: [orders]\n    skip_streams: [orders]\n", 6,
         "connections.erp.skip_streams", "read by every build"),
        ("connections:\n  square:\n    contracts: [orders]\n", 3, "connections.square.contracts",
         "where via is table"),
        ("owners:\n  web-shp: {name: A}\n", 2, "owners.web-shp", "did you mean web-shop?"),
        ("owners:\n  web-shop:\n    mail: a\n", 3, "owners.web-shop.mail", "name, email, phone"),
        ("owners:\n  web-shop:\n    email: a\n", 3, "owners.web-shop.email", "e-mail address"),
        ("owners:\n  web-shop: {phone: 0301}\n", 2, "owners.web-shop.phone", "in quotes"),
        ("owners:\n  web-shop:\n", 2, "owners.web-shop", "keys with their values: name"),
        ("\nlinkage: maybe\n", 2, "linkage", "allowed: on, off"),
        ("linkge: on\n", 1, "linkge", "(did you mean linkage?); allowed: reporting"),
        ("checks:\n  deals_singl: {}\n", 2, "checks.deals_singl", "did you mean deals_single?"),
        ("checks:\n  deals_single: {severity: bad}\n", 2, "checks.deals_single.severity",
         "allowed: fail, warn"),
        ("checks:\n  deals_single:\n    limits: {few: 1}\n", 3, "checks.deals_single.limits.few",
         "allowed: none here"),
        ("checks:\n  sources_equally_fresh:\n    limits:\n      hour: 1\n", 4,
         "checks.sources_equally_fresh.limits.hour", "did you mean hours?"),
        ("checks:\n  sources_equally_fresh: {limits: {hours: -1}}\n", 2,
         "checks.sources_equally_fresh.limits.hours", "a number, 0 or more"),
        ("accepted_gaps: landed_days_kept\n", 1, "accepted_gaps", "a list of gaps"),
        ("accepted_gaps:\n- check: landed_day_kept\n  place: a\n  until: 2026-06-30\n"
         "  reason: b\n  by: c\n", 2, "accepted_gaps.1.check", "did you mean landed_days_kept?"),
        ("accepted_gaps:\n- check: landed_days_kept\n  place: a\n  reason: b\n  by: c\n", 2,
         "accepted_gaps.1.until", "it is missing; allowed: a day, 2026-03-01"),
        ("accepted_gaps:\n- check: landed_days_kept\n  place: a\n  until: soon\n"
         "  reason: b\n  by: c\n", 4, "accepted_gaps.1.until", "a day, 2026-03-01"),
        ("accepted_gaps:\n- check: landed_days_kept\n  place: a\n  until: 2026-06-30\n"
         "  last_day: 2026-05-01\n  reason: b\n  by: c\n", 5, "accepted_gaps.1.last_day",
         "first_day, or a later day"),
        ("accepted_gaps:\n- check: landed_days_kept\n  place: a\n  until: 2026-06-30\n"
         "  reason: b\n  who: c\n  by: c\n", 6, "accepted_gaps.1.who", "check, place, first_day"),
    ],
)  # fmt: skip
def test_a_fault_names_file_line_key_and_what_is_allowed(
    tmp_path: Path, text: str, line: int, key: str, words: str
) -> None:
    (fault,) = faults(document(tmp_path, text))
    assert Path(fault["file"]).name == "company.yml"
    assert (int(fault["line"]), fault["key"]) == (line, key)
    assert words in fault[0]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = "linkage: maybe\nconnections: [shopfy]\nchecks: {deals_singl: {}}\nx: 1\n"
    assert [int(fault["line"]) for fault in faults(document(tmp_path, text))] == [2, 1, 3, 4]


@given(
    key=st.sampled_from(paths(WHOLE)),
    wrong=st.sampled_from([None, {"no": {"such": "key"}}, [[1]], "\n", -1, 0.5, True]),
)
def test_whatever_is_wrong_the_fault_has_its_place(
    tmp_path_factory: pytest.TempPathFactory, key: tuple[Any, ...], wrong: Any
) -> None:
    read_in = document(tmp_path_factory.mktemp("company"), put(WHOLE, key, wrong))
    try:
        checked(read_in)
    except CompanyError:
        for fault in faults(read_in):
            assert f"{fault['file']}:{fault['line']}" in {read_in.place(k) for k in read_in.lines}


def test_every_limit_of_every_check_can_be_set(tmp_path: Path) -> None:
    wanted = {
        words.name: {"severity": "warn", "limits": dict.fromkeys(words.limits, 1)}
        for theme in catalogue.read(catalogue.FOLDER).values()
        for words in theme
    }
    assert checked(document(tmp_path, {"checks": wanted})).checks.keys() == wanted.keys()


@pytest.mark.parametrize("pattern", ["(", "it's lost", r"\blost", "Lost"])
def test_a_pattern_of_lost_leads_is_one_that_every_engine_reads(
    tmp_path: Path, pattern: str
) -> None:
    with pytest.raises(CompanyError) as told:
        checked(document(tmp_path, {"leads": {"lost_pattern": pattern}}))
    found = FAULT.search(str(told.value))
    assert found
    assert found["key"] == "leads.lost_pattern"


def test_a_pattern_of_lost_leads_is_taken_as_it_is_said(tmp_path: Path) -> None:
    said = checked(document(tmp_path, {"leads": {"lost_pattern": "verloren|storniert"}}))
    assert said.leads.lost_pattern == "verloren|storniert"
