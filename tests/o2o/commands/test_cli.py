"""The ``o2o`` tool as a user meets it, above all when something is wrong."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer.main
from click.testing import Result
from typer.testing import CliRunner

from connectors.registry import SOURCES
from o2o import cli
from o2o.commands import terminal
from o2o.pipeline.build import one_writer
from o2o.pipeline.identity_key import identity_key
from o2o.pipeline.paths import Paths
from warehouse.landing import suppression
from warehouse.landing.zone import Landing

VARIABLE = "AIRFLOW_CONN_O2O_STORE_SENSORS"
COMMANDS = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("O2O_HOME", str(tmp_path))
    monkeypatch.delenv("O2O_LANDING_URL", raising=False)
    for source in SOURCES:
        monkeypatch.delenv(f"AIRFLOW_CONN_O2O_{source.upper()}", raising=False)
    for console in (terminal.out, terminal.err):
        monkeypatch.setattr(console, "_width", 200)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, list(arguments))


def fails(result: Result, code: int, message: str) -> None:
    assert result.exit_code == code, result.output
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
    assert not result.exception or isinstance(result.exception, SystemExit)


def land(home: Path, rows: int, quarantined: int, cursor: str) -> None:
    place = Landing(str(home / "landing")).stream("square", "orders")
    with place.lock(), place.begin({}) as load:
        load.add([(str(number), cursor, "{}") for number in range(rows)])
        load.quarantine([("not an object", "1")] * quarantined)
        load.commit({"cursor": cursor})


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_says_in_a_phrase_what_it_is(name: str) -> None:
    command = COMMANDS[name]
    told = {name: command.help, **{each.name: each.help for each in command.params}}
    for what, text in told.items():
        assert re.match(r"[A-Z`].*\w.* .*[.…]$", text or "", re.DOTALL), f"{what}: {text!r}"


def test_sources_lists_streams_and_settings() -> None:
    result = run("sources")
    assert result.exit_code == 0
    for source in SOURCES.values():
        assert source.name in result.stdout
        assert all(stream.name in result.stdout for stream in source.streams)
        assert all(setting.name in result.stdout for setting in source.settings)


def test_an_unknown_connection_is_named() -> None:
    fails(
        run("extract", "sqare"),
        2,
        f"no connection called 'sqare' (did you mean square?); in use are {', '.join(SOURCES)}",
    )


def test_nothing_is_asked_for_a_vendor_that_is_not_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("O2O_SOURCES", "square__a,square__b")
    listed = run("sources").stdout
    assert "AIRFLOW_CONN_O2O_SQUARE__B" in listed
    assert "SHOPIFY" not in listed
    rest = sorted(name for name in SOURCES if name != "square")
    assert f"not in use: {', '.join(rest)}" in listed
    told = run("status").stdout
    assert told.count("never") == 2 * len(SOURCES["square"].streams)
    fails(run("extract", "square"), 2, "no connection called 'square'")
    fails(run("extract", "square__b"), 2, "environment variable AIRFLOW_CONN_O2O_SQUARE__B")


def test_a_folder_that_is_no_connections_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(home, 1, 0, "2026-06-01T10:00:00.000000Z")
    Landing(str(home / "landing")).ensure_stream("shopify", "orders")  # empty: nothing to tell
    for command in (["sources"], ["config", "check"]):
        assert run(*command).stderr == ""
    monkeypatch.setenv("O2O_SOURCES", "square__a")
    for command in (["sources"], ["config", "check"]):
        assert (
            run(*command).stderr
            == "! landing/square holds loads but no connection is called square\n"
        )


def test_a_connection_gets_another_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    land(home, 1200, 2, "2026-06-01T10:00:00.000000Z")
    fails(run("landing", "rename", "square", "shopify__a"), 2, "another connection to square")
    fails(run("landing", "rename", "square", "square"), 2, "another connection to square")
    fails(run("landing", "rename", "square__b", "square__a"), 2, "square__b holds no loads")
    landing = Landing(str(home / "landing"))
    suppression.write(landing, "e1", [("square_customer_id", "C1")])
    result = run("landing", "rename", "square", "square__a")
    assert result.exit_code == 0, result.output
    assert "square__a/orders: 1 loads" in result.stdout
    assert "o2o_square__a, then run o2o build --full-refresh" in result.stdout
    assert suppression.read(landing).is_erased("square__a_customer_id", "C1")
    monkeypatch.setenv("O2O_SOURCES", "square__a")
    assert "1,200" in run("status").stdout
    assert run("sources").stderr == ""
    land(home, 1, 0, "2026-06-01T10:00:00.000000Z")
    fails(run("landing", "rename", "square", "square__a"), 2, "square__a holds loads of its own")


def test_an_unknown_stream_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_O2O_SQUARE", json.dumps({"login": "a", "password": "b"}))
    fails(
        run("extract", "square", "--stream", "order"),
        2,
        "square: no stream called order; its streams are locations, orders",
    )


def test_a_missing_connection_is_named() -> None:
    fails(run("extract", "square"), 2, "Set the environment variable AIRFLOW_CONN_O2O_SQUARE")


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_O2O_SQUARE", json.dumps({"login": "a", "password": "b"}))
    fails(
        run("extract", "square"),
        2,
        "square: missing setting extra.refresh_token (OAuth refresh token of the seller).",
    )


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_time_that_is_none_is_named(option: str) -> None:
    fails(
        run("extract", "square", option, "yesterday"), 2, "'yesterday' is not a valid time, such as"
    )


def test_a_vendor_out_of_reach_is_an_error_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.core.http.ATTEMPTS", 1)
    connection = {"host": "http://127.0.0.1:9", "password": "s3cret"}
    monkeypatch.setenv(VARIABLE, json.dumps(connection))
    result = run("extract", "store_sensors", "--stream", "pings", "--until", "2026-06-01")
    fails(result, 1, "store_sensors.pings: GET /v1/events failed 1 times")
    assert "s3cret" not in result.output


def test_status_before_the_first_load(home: Path) -> None:
    result = run("status")
    assert result.exit_code == 0
    assert result.stdout.count("never") == sum(len(s.streams) for s in SOURCES.values())


def test_status_after_loads(home: Path) -> None:
    land(home, 1200, 0, "2026-06-01T10:00:00.000000Z")
    land(home, 34, 2, "2026-06-01T12:00:00.000000Z")
    result = run("status", "--now", "2026-06-01T15:30:00Z")
    assert result.exit_code == 0, result.output
    line = next(line for line in result.stdout.splitlines() if "1,234" in line)
    stream, last_load, *figures = re.split(r"\s{2,}", line.strip())
    assert (stream, figures) == ("orders", ["1,234", "2", "3 h"])
    assert last_load.startswith(f"{datetime.now(UTC):%Y-%m-%d}")


def test_status_tells_what_a_load_put_off(home: Path) -> None:
    place = Landing(str(home / "landing")).stream("surveymonkey", "responses")
    for left in ({"S1": "2026-06-01T10:00:00.000000Z", "S2": "2026-06-01T10:00:00.000000Z"}, {}):
        with place.lock(), place.begin({}) as load:
            load.commit(
                {"cursor": "2026-06-01T10:00:00.000000Z", **({"put_off": left} if left else {})}
            )
        told = " ".join(run("status").stderr.split())
        assert ("surveymonkey.responses: what the vendor allows" in told) == bool(left)
        assert ("the next load goes on with S1, S2" in told) == bool(left)


def test_a_damaged_landing_file_is_named(home: Path) -> None:
    land(home, 1, 0, "2026-06-01T10:00:00.000000Z")
    (home / "landing/square/orders/99990101T000000.000000Z.parquet").write_bytes(b"no")
    fails(run("status"), 1, "99990101T000000.000000Z.parquet is not a load file")


def test_an_unknown_boundary_is_named() -> None:
    fails(run("audit", "mart"), 2, "'mart' is neither landing nor marts")


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (("audit", "landing"), "run the extracts first (o2o extract)"),
        (("audit", "marts"), "build it first (o2o build)"),
        (("publish",), "build it first (o2o build)"),
    ],
)
def test_a_step_before_its_time_says_what_comes_first(
    home: Path, command: tuple[str, ...], missing: str
) -> None:
    fails(run(*command), 1, missing)


def test_a_second_writer_of_the_warehouse_is_turned_away(home: Path) -> None:
    with one_writer(Paths.from_env()):
        fails(run("build"), 1, "is being written by another process")


def test_the_identity_key_is_made_once_and_kept_secret(home: Path) -> None:
    paths = Paths.from_env()
    paths.warehouse.parent.mkdir(parents=True)
    key = identity_key(paths)
    assert len(key) == 64
    assert identity_key(paths) == key
    assert paths.warehouse.with_name("identity.key").stat().st_mode & 0o077 == 0
