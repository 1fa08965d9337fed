"""``o2o quarantine``: what was set aside is listed, shown, accepted, and read again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import Result
from typer.testing import CliRunner

from connectors.registry import SOURCES
from expectations import runner
from o2o import cli
from o2o.commands import terminal
from o2o.pipeline import quarantine
from warehouse.landing.compaction import merge
from warehouse.landing.zone import Landing

SECRET = "carol@example.com"
ORDER = json.dumps({"id": "O1", "updated_at": "2026-03-01T12:00:00Z", "note": SECRET})
LIST = f'["{SECRET}"]'


@pytest.fixture(autouse=True)
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Landing:
    """One order landed; two elements of its load did not, one of which could be read today."""
    monkeypatch.setenv("O2O_HOME", str(tmp_path))
    monkeypatch.delenv("O2O_LANDING_URL", raising=False)
    for console in (terminal.out, terminal.err):
        monkeypatch.setattr(console, "_width", 300)
    found = Landing(str(tmp_path / "landing"))
    place = found.stream("square", "orders")
    with place.lock(), place.begin({}) as load:
        load.add([("O2", "2026-03-02T00:00:00Z", '{"id": "O2", "total": "12,50"}')])
        load.quarantine([("no key (id)", ORDER), ("not an object", LIST)])
        load.commit({"cursor": "2026-03-02T00:00:00Z"})
    return found


@pytest.fixture
def built(tmp_path: Path, landing: Landing) -> None:
    """The one order that landed could not be read."""
    (load_id,) = landing.stream("square", "orders").load_ids()
    (tmp_path / "warehouse").mkdir()
    with duckdb.connect(str(tmp_path / "warehouse" / "warehouse.duckdb")) as con:
        con.execute("create schema intermediate")
        con.execute(
            """create table intermediate.int_records__faults as select 'square' as connection,
            'orders' as stream, 'O2' as record_key, $load as _load_id,
            timestamp '2026-03-03 04:05:06' as _extracted_at, 'total' as field,
            'amount' as wanted, '99,99' as found_form, true as is_set_aside""",
            {"load": load_id},
        )


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["quarantine", *arguments])


def told(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


@pytest.mark.usefixtures("built")
def test_list_counts_by_stream_and_reason_and_says_no_value() -> None:
    shown = told(run("list"))
    assert "square orders at landing no key (id) 1 0" in shown
    assert "square orders at landing not an object 1 0" in shown
    assert "square orders by staging total is no amount but '99,99' 1 0 2026-03-03 04:05" in shown
    assert SECRET not in shown
    assert "nothing is set aside" in told(run("list", "shopify"))


def test_without_a_warehouse_staging_is_not_told_of() -> None:
    result = run("list")
    assert "no key (id)" in told(result)
    assert "What staging set aside is not told: There is no warehouse" in result.stderr


@pytest.mark.usefixtures("built")
def test_show_prints_what_the_vendor_sent_only_if_it_is_asked_to() -> None:
    name = quarantine.digest(LIST)
    assert told(run("show", "square", "orders", name)).endswith("not an object")
    assert told(run("show", "square", "orders", name, "--payload")).endswith(LIST)
    assert "total is no amount" in told(run("show", "square", "orders", "O2"))
    assert '"12,50"' in told(run("show", "square", "orders", "O2", "--payload"))
    result = run("show", "square", "orders", "O3")
    assert result.exit_code == 2
    assert "O3 is not set aside" in result.stderr


@pytest.mark.usefixtures("built")
def test_accepted_is_a_record_with_its_fault_and_the_checks_pass(
    landing: Landing, tmp_path: Path
) -> None:
    assert run("accept", "square", "orders", "O2", "--reason", "a test").exit_code == 2  # by whom?
    assert run("accept", "square", "orders", "--reason", "r", "--by", "b").exit_code == 2
    said = ("--reason", "a test order", "--by", "Ada")
    assert "1 accepted" in told(run("accept", "square", "orders", "O2", *said))
    assert "2 accepted" in told(run("accept", "square", "orders", "--all", *said))
    accepted = quarantine.accepted_records(landing)
    assert {(one.reason, one.accepted_by) for one in accepted} == {("a test order", "Ada")}
    assert {one.fault for one in accepted} == {
        "total|amount|99,99", "no key (id)", "not an object",
    }  # fmt: skip

    def left() -> dict[str, str]:
        found = runner.run_landing(
            landing, tmp_path / "reports", {"square": SOURCES["square"]},
            left_out=quarantine.accepted_elements(landing),
        )  # fmt: skip
        names = ("landed_nothing_quarantined", "landed_quarantine_share")
        return {check.name: check.status for check in found.checks if check.name in names}

    assert set(left().values()) == {"passed"}
    place = landing.stream("square", "orders")
    with place.lock(), place.begin({}) as load:
        load.quarantine([("not an object", "2")])
        load.commit({})
    assert left()["landed_nothing_quarantined"] == "failed"


def test_retry_lands_what_reads_now_and_keeps_the_state(landing: Landing) -> None:
    place = landing.stream("square", "orders")
    state = place.state()
    shown = told(run("retry", "square"))
    assert "square.orders: 1 landed, 1 still set aside" in shown
    first, second = place.load_ids()
    assert place.rows(second)["_payload"].to_pylist() == [ORDER]
    assert place.rows(second)["_key"].to_pylist() == ["O1"]
    assert place.state() == state
    assert place.read(first).quarantined == 1
    assert place.refused(first)["_raw"].to_pylist() == [LIST]
    assert "0 landed, 1 still set aside" in told(run("retry", "square", "orders"))
    assert place.load_ids() == [first, second]


def test_a_report_is_fetched_again_by_whole_days(landing: Landing) -> None:
    place = landing.stream("ecb", "rates")
    with place.lock(), place.begin({}) as load:
        load.quarantine([("no key (currency)", "{}")])
        load.commit({})
    result = run("retry", "ecb", "rates")
    assert result.exit_code == 1
    assert "o2o extract ecb --stream rates --since" in result.stderr


def test_what_was_set_aside_of_merged_loads_is_found_and_counted(landing: Landing) -> None:
    place = landing.stream("square", "orders")
    (first,) = place.load_ids()
    for number in range(2):
        with place.lock(), place.begin({}) as load:
            load.add([("O2", "2026-03-04T00:00:00Z", '{"id": "O2"}')] * (number + 1))
            load.commit({})
    merge(place, datetime.now(UTC) + timedelta(days=1))
    assert first not in place.load_ids()
    one = quarantine.SetAside("square", "orders", "staging", "O2", first, datetime.now(UTC), "", "")
    assert quarantine.payload(landing, one) == '{"id": "O2", "total": "12,50"}'
    assert [each.name for each in quarantine.at_landing(landing)] == [
        quarantine.digest(ORDER),
        quarantine.digest(LIST),
    ]
