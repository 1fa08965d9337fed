"""``o2o config``: what is wrong with a company's configuration, and what holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from o2o import cli
from o2o.commands import terminal


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("O2O_SOURCES", "O2O_EXPERIMENTS", "O2O_LINKAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("O2O_COMPANY", str(tmp_path))
    for console in (terminal.out, terminal.err):
        monkeypatch.setattr(console, "_width", 200)
    return tmp_path


def say(company: Path, text: str) -> None:
    (company / "company.yml").write_text(text, encoding="utf-8")


def test_check_names_every_fault(company: Path) -> None:
    say(company, "linkage: maybe\nconnections: [shopfy]\n")
    result = CliRunner().invoke(cli.app, ["config", "check"])
    assert result.exit_code == 2
    assert "company.yml:1: linkage: 'maybe' is not allowed; allowed: on, off" in result.stderr
    assert "company.yml:2: connections.1: there is no source 'shopfy'" in result.stderr


def test_check_says_what_was_read_from_where(
    company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(company, "linkage: on\n")
    monkeypatch.setenv("O2O_SOURCES", "ga4")
    result = CliRunner().invoke(cli.app, ["config", "check"])
    assert result.exit_code == 0
    assert str(company / "company.yml") in result.stdout
    assert "connections: set by O2O_SOURCES" in result.stdout


def test_show_says_what_holds_and_why_and_no_secret(company: Path) -> None:
    say(
        company,
        "reporting: {currency: JPY}\n"
        "experiments: https://user:secret@sheets.example/d/secret/pub?key=secret\n"
        "owners: {web-shop: {email: shop@company.example}}\n"
        "checks: {sources_equally_fresh: {limits: {hours: 24}}}\n",
    )
    result = CliRunner().invoke(cli.app, ["config", "show"])
    assert result.exit_code == 0
    rows = {
        cells[0]: cells[1:]
        for cells in (
            [cell.strip() for cell in line.strip("│").split("│")]
            for line in result.stdout.splitlines()
            if line.startswith("│")
        )
    }
    assert rows["reporting.currency"][0] == "JPY"
    assert rows["reporting.currency"][1].endswith("company.yml:1")
    assert rows["reporting.time_zone"] == ["Europe/Berlin", "default"]
    assert rows["experiments"][0] == "https://sheets.example/…"
    assert rows["owners.web-shop"][0] == "shop@company.example"
    assert rows["checks.sources_equally_fresh.limits.hours"][0] == "24"
    assert "secret" not in result.stdout


def test_show_says_what_is_set_of_a_connection(company: Path) -> None:
    say(company, "connections:\n  square:\n  square__b: {title: B, skip_streams: [orders]}\n")
    told = CliRunner().invoke(cli.app, ["config", "show"]).stdout
    assert "square, square__b" in told
    assert re.search(r"connections\.square__b\.title +│ B +│ .*company.yml:3", told)
    assert re.search(r"connections\.square__b\.skip_streams +│ orders ", told)
    assert "connections.square__b.owner" not in told
    assert "connections.square." not in told


def test_tables_are_counted_and_a_faulty_row_is_named(company: Path) -> None:
    say(company, "connections: [square]\n")
    stores = company / "stores.csv"
    stores.write_text("connection,location_id,store_id\nsquare,L1,A\nsquare,L2,B\n")
    result = CliRunner().invoke(cli.app, ["config", "check"])
    assert result.exit_code == 0
    assert f"{stores}: 2 rows" in result.stdout
    assert re.search(
        r"tables\.stores +│ stores\.csv", CliRunner().invoke(cli.app, ["config", "show"]).stdout
    )
    stores.write_text("connection,location_id,store_id\nsquar,L1,A\n")
    result = CliRunner().invoke(cli.app, ["config", "check"])
    assert result.exit_code == 2
    assert (
        f"{stores}:2: connection: 'squar' is not a connection (did you mean square?)"
        in result.stderr
    )


def test_a_currency_that_the_company_has_a_rate_for_can_be_reported_in(company: Path) -> None:
    said = "reporting: {currency: SEK}\nconnections: [square]\n"
    say(company, said)
    refused = CliRunner().invoke(cli.app, ["config", "check"])
    assert refused.exit_code == 2
    assert (
        "company.yml:1: reporting.currency: there is no currency with an exchange rate 'SEK'"
        in (refused.stderr)
    )
    say(company, said.replace("square", "square, ecb"))  # whose feed quotes it
    assert CliRunner().invoke(cli.app, ["config", "check"]).exit_code == 0
    say(company, said)
    rates = "currency_code,valid_from,rate_to_reporting\nSEK,1970-01-01,1\nEUR,1970-01-01,11.2\n"
    (company / "exchange_rates.csv").write_text(rates)
    assert CliRunner().invoke(cli.app, ["config", "check"]).exit_code == 0


def test_every_command_stops_at_a_fault(company: Path) -> None:
    say(company, "linkge: on\n")
    for command in (["build"], ["audit", "landing"], ["publish"], ["status"], ["experiments"]):
        result = CliRunner().invoke(cli.app, command)
        assert result.exit_code == 2, result.output
        assert "did you mean linkage?" in result.stderr
