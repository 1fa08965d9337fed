"""Which value holds, and where it comes from."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from connectors import connections
from connectors.core.errors import UnknownName
from connectors.core.settings import Connection
from connectors.registry import SOURCES
from expectations import catalogue
from o2o import company
from o2o.company import CompanyError
from o2o.pipeline import build, project
from o2o.pipeline.paths import Paths
from o2o.steps import experiment_plan, stages


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("O2O_COMPANY", "O2O_SOURCES", "O2O_EXPERIMENTS", "O2O_LINKAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("O2O_HOME", str(tmp_path / "var"))
    return tmp_path


def say(home: Path, text: str) -> None:
    (home / "company").mkdir(exist_ok=True)
    (home / "company" / "company.yml").write_text(text, encoding="utf-8")


def test_tables_that_are_contracts_need_no_source_of_ours(home: Path) -> None:
    say(
        home,
        "connections:\n  square:\n  erp__north:\n    via: table\n    tables: erp.{table}\n"
        "    contracts: [orders, refunds]\n    owner: sales-finance\n",
    )
    ours = company.load()
    erp = ours.connections["erp__north"]
    assert (erp.title, erp.owner) == ("erp__north", "sales-finance")
    assert (erp.streams, erp.settings) == ((), ())
    assert erp.provides == ("web_orders", "till_orders", "refunds")
    assert set(ours.landing) == {"square"}
    used = ours.connections.values()
    told = project.settings("duckdb", "w", "l", "k", used)
    table = {"erp__north": {"system": "erp", "tables": "erp.{table}"}}
    assert json.loads(told["O2O_TABLES"]) == {"orders": table, "refunds": table}
    assert json.loads(told["O2O_CONNECTIONS"]) == {"square": ["square"]}
    assert "path:models/staging/shopify" in project.unused(used)


def test_without_a_folder_what_ships_holds(home: Path) -> None:
    ours = company.load()
    assert (ours.connections, ours.variables(), ours.checks) == (connections.default(), {}, {})
    assert ours.origin("linkage") == "default"
    assert not stages.linkage_is_on()
    assert not experiment_plan.is_planned()


def test_the_folder_beside_the_run_folder_is_read(home: Path) -> None:
    say(home, "linkage: on\nexperiments: plan.csv\nconnections: [square, shopify]\n")
    ours = company.load()
    assert list(ours.connections) == ["square", "shopify"]
    assert ours.origin("connections").endswith("company.yml:3")
    assert stages.linkage_is_on()
    assert ours.experiments == str(home / "company" / "plan.csv")


def test_an_empty_folder_that_nobody_named_is_none(home: Path) -> None:
    (home / "company" / "..2026_11_28").mkdir(parents=True)
    assert company.load() == company.Company()


def test_a_folder_is_named_and_must_be_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(home, "linkage: on\n")
    (home / "company").rename(home / "ours")
    monkeypatch.setenv("O2O_COMPANY", str(home / "ours"))
    assert company.load().linkage
    monkeypatch.setenv("O2O_COMPANY", str(home / "theirs"))
    with pytest.raises(CompanyError, match=r"O2O_COMPANY: there is no folder .*theirs"):
        company.load()
    (home / "theirs").mkdir()
    with pytest.raises(CompanyError, match=r"theirs: there is no company\.yml in it"):
        company.load()


def test_a_variable_wins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(home, "linkage: on\nexperiments: plan.csv\nconnections: [square]\n")
    monkeypatch.setenv("O2O_SOURCES", "ga4")
    monkeypatch.setenv("O2O_LINKAGE", "off")
    monkeypatch.setenv("O2O_EXPERIMENTS", "https://sheets.example/plan")
    ours = company.load()
    assert (list(ours.connections), ours.linkage) == (["ga4"], False)
    assert ours.experiments == "https://sheets.example/plan"
    for key in ("connections", "linkage", "experiments"):
        assert ours.origin(key).startswith("O2O_")
    for name in ("O2O_SOURCES", "O2O_LINKAGE", "O2O_EXPERIMENTS"):
        monkeypatch.setenv(name, "")  # set to nothing, it says nothing
    assert list(company.load().connections) == ["square"]


def test_all_sources_are_in_use_unless_some_are_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(company.load().connections) == list(SOURCES)
    monkeypatch.setenv("O2O_SOURCES", " square, shopify,")
    assert list(company.load().connections) == ["square", "shopify"]


def test_a_source_that_does_not_exist_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("O2O_SOURCES", "square,shopfy__de")
    with pytest.raises(UnknownName, match=r"no source called 'shopfy' \(did you mean shopify\?\)"):
        company.load()


TWO_SHOPS = """
connections:
  shopify__de: {schedule: "5 * * * *", start_date: 2026-01-01, skip_streams: [customers]}
  shopify__uk: {title: British shop, owner: sales-finance}
  square:
"""


def test_a_vendor_has_as_many_connections_as_are_named(home: Path) -> None:
    say(home, TWO_SHOPS)
    ours = company.load()
    assert [(c.name, c.vendor, c.title, c.owner) for c in ours.connections.values()] == [
        ("shopify__de", "shopify", "Shopify (de)", "web-shop"),
        ("shopify__uk", "shopify", "British shop", "sales-finance"),
        ("square", "square", "Square", "store-operations"),
    ]
    german = ours.connection("shopify__de")
    assert german.schedule == "5 * * * *"
    assert german.configured(Connection(extra={"start_date": "2025-01-01", "shop": "de"})) == (
        Connection(extra={"start_date": "2026-01-01", "shop": "de", "skip_streams": "customers"})
    )
    assert ours.connection("square").configured(Connection()) == Connection()
    assert ours.origin("connections.shopify__de.schedule").endswith("company.yml:3")


def test_the_variable_names_connections_which_keep_their_settings(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(home, TWO_SHOPS)
    monkeypatch.setenv("O2O_SOURCES", "shopify__de,shopify__fr")
    ours = company.load()
    assert [c.schedule for c in ours.connections.values()] == [
        "5 * * * *",
        SOURCES["shopify"].schedule,
    ]


def test_a_connection_that_is_not_in_use_is_named(home: Path) -> None:
    say(home, TWO_SHOPS)
    with pytest.raises(UnknownName, match=r"'shopify__d' \(did you mean shopify__de\?\); in use"):
        company.load().connection("shopify__d")


def test_dbt_is_told_the_connections_and_nothing_of_other_vendors(home: Path) -> None:
    say(home, TWO_SHOPS)
    told = build._settings(Paths(home / "var", str(home / "landing")))
    assert json.loads(told["O2O_CONNECTIONS"]) == {
        "shopify": ["shopify__de", "shopify__uk"],
        "square": ["square"],
    }
    mapped = {name for names in json.loads(told["O2O_MAPPINGS"]).values() for name in names}
    assert mapped
    assert {name.partition("__")[0] for name in mapped} <= {"shopify", "square"}


def test_what_another_loader_keeps_is_read_and_not_landed(home: Path) -> None:
    say(home, "connections:\n  square:\n" + KEPT_ELSEWHERE)
    ours = company.load()
    assert list(ours.landing) == ["square"]
    assert ours.connections["shopify"].settings == ()
    assert [s.feed for s in ours.connections["shopify"].streams if s.feed]  # its freshness counts
    told = build._settings(Paths(home / "var", str(home / "landing")))
    assert json.loads(told["O2O_VIA"]) == {
        "google_ads": {"via": "airbyte", "tables": "raw.ads.{table}"},
        # Files lie beside company.yml.
        "shopify": {
            "via": "fivetran",
            "tables": str(home / "company" / "shop/{table}/*.parquet"),
        },
    }
    assert list(json.loads(told["O2O_CONNECTIONS"])) == ["google_ads", "shopify", "square"]


KEPT_ELSEWHERE = """\
  shopify:
    via: fivetran
    tables: shop/{table}/*.parquet
  google_ads:
    via: airbyte
    tables: raw.ads.{table}
"""


def test_linkage_is_on_or_off(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("O2O_LINKAGE", "yes")
    with pytest.raises(CompanyError, match="O2O_LINKAGE is 'yes'; allowed: on, off"):
        company.load()


@pytest.mark.parametrize(("currency", "exponent"), [("JPY", 0), ("EUR", 2), ("KWD", 3)])
def test_currency_and_zone_are_variables_of_dbt(home: Path, currency: str, exponent: int) -> None:
    said = f"reporting: {{currency: {currency}, time_zone: Asia/Tokyo}}\nconnections: [square]\n"
    say(home, said)
    assert company.load().variables() == {
        "reporting_currency": currency,
        "reporting_exponent": exponent,
        "reporting_time_zone": "Asia/Tokyo",
    }


def test_dbt_is_started_with_them(home: Path) -> None:
    say(home, "reporting: {currency: KWD, time_zone: Asia/Kuwait}\nconnections: [square]\n")
    started: list[list[str]] = []

    class Dbt:
        def invoke(self, arguments: list[str]) -> SimpleNamespace:
            started.append(arguments)
            return SimpleNamespace(exception=None)

    build._invoke(cast(Any, Dbt()), Paths(home / "var", str(home / "landing")), ["parse"])
    (arguments,) = started
    assert json.loads(arguments[arguments.index("--vars") + 1]) == {
        "reporting_currency": "KWD",
        "reporting_exponent": 3,
        "reporting_time_zone": "Asia/Kuwait",
    }


def test_severity_and_limits_reach_the_check(home: Path) -> None:
    say(home, "checks: {sources_equally_fresh: {severity: fail, limits: {hours: 7}}}\n")
    ours = company.load()
    changed, shipped = (
        {check.name: check for theme in suites.values() for check in theme}
        for suites in (
            catalogue.suites("marts", ours.connections, ours.checks),
            catalogue.suites("marts", ours.connections),
        )
    )
    fresh = changed.pop("sources_equally_fresh")
    assert (fresh.severity, fresh.limits) == ("fail", {"hours": 7})
    assert fresh.allowed.startswith("7 hours")
    before = shipped.pop("sources_equally_fresh")
    assert (before.severity, before.limits) == ("warn", {"hours": 48})
    assert before.allowed.startswith("48 hours")
    assert [c.allowed for c in changed.values()] == [c.allowed for c in shipped.values()]


def test_accepted_days_reach_the_load_by_name_and_until_they_expire(home: Path) -> None:
    def gaps(until: str) -> str:
        return f"""
accepted_gaps:
- {{check: landed_days_answered, place: ga4/events, first_day: 2026-03-02, last_day: 2026-03-03,
   until: {until}, reason: r, by: b}}
- {{check: landed_days_answered, place: "store_sensors/* · B2", first_day: 2026-03-02,
   until: {until}, reason: r, by: b}}
- {{check: landed_days_answered, place: "google_ads/*", until: {until}, reason: r, by: b}}
- {{check: landed_days_kept, place: "shopify/*", first_day: 2026-03-02, until: {until},
   reason: r, by: b}}
"""

    say(home, gaps("2099-01-01"))
    ours = company.load()
    days = [date(2026, 3, day) for day in range(1, 5)]
    assert [ours.accepts("ga4", "events", day) for day in days] == [False, True, True, False]
    assert not ours.accepts("ga4__uk", "events", days[1])
    assert ours.accepts("store_sensors", "door_counts", days[1], "B2")
    assert not ours.accepts("store_sensors", "door_counts", days[1], "A1")
    assert not ours.accepts("store_sensors", "door_counts", days[1])
    # Whatever day it is, and other checks: the warning is accepted, but no day is emptied.
    assert not ours.accepts("google_ads", "campaign_performance", days[1])
    assert not ours.accepts("shopify", "orders", days[1])
    say(home, gaps("2026-03-04"))
    assert not company.load().accepts("ga4", "events", days[1])
