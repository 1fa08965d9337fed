"""What a connection will lack is told before it is missed, in seconds, by one sentence each."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors import check as checks
from connectors.check import Finding, check
from connectors.core.rights import Version
from connectors.core.settings import Connection
from connectors.registry import SOURCES
from demo.serving import running
from demo.vendors import connections
from demo.world import generate
from o2o import company
from o2o.cli import app
from tests.connectors.square.shape import Seller
from tests.connectors.vendor_stub import Answer, Request, Vendor

START, DAYS = date(2026, 3, 23), 4
NOW = datetime(2026, 3, 27, tzinfo=UTC)

Serve = Callable[..., Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    generate(folder, persons=60, days=DAYS, seed=11, start=START)
    return folder


def checked(world: Path, name: str, *withheld: str, **changed: Any) -> list[Finding]:
    with running(world, now=NOW.replace(tzinfo=None), withheld=withheld) as url:
        given = connections(url)[name]
        extra = {**given["extra"], **changed.pop("extra", {})}
        settings = {**{key: given[key] for key in ("host", "login", "password")}, **changed}
        return list(check(SOURCES[name], Connection(**settings, extra=extra), NOW))


def errors(found: list[Finding]) -> dict[str, str]:
    return {each.about: each.text for each in found if each.level == "error"}


@pytest.mark.parametrize("name", SOURCES)
def test_a_sound_connection_lacks_nothing(world: Path, name: str) -> None:
    found = checked(world, name)
    assert errors(found) == {}
    told = {each.about for each in found if each.level == "ok"}
    assert {*(stream.name for stream in SOURCES[name].streams), "version", "clock"} <= told
    assert ("rights" in told) == bool(SOURCES[name].granted)


@pytest.mark.parametrize(
    ("name", "right"),
    [(name, right) for name, source in SOURCES.items() for right in source.rights if right.is_told],
    ids=lambda value: getattr(value, "name", value),
)
def test_each_right_that_is_withheld_is_told_with_what_will_be_missing(
    world: Path, name: str, right: Any
) -> None:
    found = [each for each in checked(world, name, right.name) if each.level == "error"]
    (told,) = (each for each in found if each.about == "rights")
    assert told.text.startswith(f"{right.name} is not granted")
    assert right.without in told.text


def test_pick_ups_without_their_right_are_told_in_the_business_s_words(world: Path) -> None:
    told = errors(checked(world, "shopify", "read_assigned_fulfillment_orders"))
    assert "pick-ups will be counted as shipments" in told["rights"]


def test_a_stream_that_is_skipped_needs_no_right(world: Path) -> None:
    skipped = {"extra": {"skip_streams": "bookings"}}
    assert errors(checked(world, "square", "APPOINTMENTS_ALL_READ", **skipped)) == {}


def test_a_stream_of_several_parts_is_asked_for_the_first(world: Path) -> None:
    told = {each.about: each.text for each in checked(world, "meta_ads")}
    assert told["campaigns"].startswith("2 rows on the first page")


def test_a_stream_that_may_not_be_read_is_told_by_its_name(world: Path) -> None:
    told = errors(checked(world, "square", "LOYALTY_READ"))
    assert told.keys() == {"rights", "loyalty_accounts", "loyalty_events"}
    assert "denies access" in told["loyalty_accounts"]


@pytest.mark.parametrize("name", ["shopify", "square", "google_ads"])
def test_wrong_credentials_are_told_once(world: Path, name: str) -> None:
    found = checked(world, name, password="wrong-secret")
    assert [(each.level, each.about) for each in found] == [("error", "sign-in")]
    assert "wrong-secret" not in found[0].text


@pytest.fixture
def silent() -> Iterator[str]:
    """A host that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("name", ["shopify", "hubspot", "store_sensors"])
def test_a_dead_host_ends_it_in_time(
    name: str, silent: str, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what is declared, never by this machine's clock: one question may take so long, and the
    next one is not asked."""
    asked: list[float] = []
    monkeypatch.setattr(checks, "DEADLINE", 0.3)
    original = threading.Thread.join
    monkeypatch.setattr(
        threading.Thread,
        "join",
        lambda self, timeout=None: (asked.append(timeout), original(self, timeout))[1],
    )
    given = connections(silent)[name]
    settings = {key: given[key] for key in ("login", "password")}
    found = list(check(SOURCES[name], Connection(silent, **settings), NOW))
    assert [each.level for each in found if each.level != "note"] == ["error"]
    assert "no answer within" in next(each.text for each in found if each.level == "error")
    assert asked.count(0.3) == 1


def test_one_question_and_what_is_left_of_a_dead_host_end_within_20_seconds() -> None:
    attempts, (connecting, reading) = checks.HURRIED.attempts, checks.HURRIED.timeout
    assert checks.DEADLINE <= 15, "and the command has to start"
    assert attempts * connecting < checks.DEADLINE, "a host that is not there says so itself"
    assert reading < checks.DEADLINE


def test_a_host_that_refuses_is_told_at_once(world: Path) -> None:
    began = time.monotonic()
    given = connections("http://127.0.0.1:9")["hubspot"]
    found = list(check(SOURCES["hubspot"], Connection("http://127.0.0.1:9", "", given["password"])))
    assert errors(found) == {"connection": "the vendor has not answered once"}
    assert time.monotonic() - began < 20


def test_another_version_and_a_clock_that_is_wrong_are_told(vendor: Vendor) -> None:
    late = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    headers = {"X-Shopify-API-Version": "2027-01", "Date": late}

    def answer(request: Request) -> Answer:
        if "currentApp" in request.json["query"]:
            scopes = [{"handle": right.name} for right in SOURCES["shopify"].rights]
            data: Any = {"currentAppInstallation": {"accessScopes": scopes}}
        else:
            names = (
                "orders", "customers", "locations", "products", "inventoryItems", "giftCards",
                "discountNodes", "staffMembers",
            )  # fmt: skip
            root = next(name for name in names if f"{name}(" in request.json["query"])
            data = {root: {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}
        return Answer({"data": data}, headers=headers)

    vendor.on("POST", "/admin/oauth/access_token", Answer({"access_token": "t", "expires_in": 99}))
    vendor.on("POST", "/admin/api/2026-10/graphql.json", answer)
    found = list(check(SOURCES["shopify"], Connection(vendor.url, "i", "secret")))
    assert errors(found) == {
        "version": "2026-10 was asked for and 2027-01 answered: fields may be other ones. Upgrade"
    }
    (clock,) = (each for each in found if each.about == "clock")
    assert clock.level == "warning"
    assert "ahead of the vendor's: set it (NTP)" in clock.text


def test_a_version_is_warned_of_ninety_days_ahead() -> None:
    version = Version("v1", date(2027, 9, 1), use="tokens")
    assert version.ending(date(2027, 6, 2)) == ""
    assert version.ending(date(2027, 6, 3)) == (
        "version v1 (tokens) ends on 2027-09-01, in 90 days: upgrade before"
    )
    assert version.ending(date(2027, 9, 1)) == (
        "version v1 (tokens) may be gone since 2027-09-01: upgrade"
    )
    assert Version("v2").ending(date(2099, 1, 1)) == ""


def test_status_warns_of_a_version_that_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("O2O_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("O2O_SOURCES", "shopify,ecb")
    assert company.load().endings(date(2027, 8, 1)) == [
        "Shopify: version 2026-10 ends on 2027-10-01, in 61 days: upgrade before"
    ]
    shopify = SOURCES["shopify"]
    soon = replace(shopify, versions=(Version("old", datetime.now(UTC).date()),))
    monkeypatch.setitem(SOURCES, "shopify", soon)
    done = CliRunner().invoke(app, ["status"])
    assert done.exit_code == 0, done.output
    assert "Shopify: version old may be gone" in done.output


def test_the_command_prints_a_line_each_and_fails_if_something_will_be_missing(
    world: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("O2O_HOME", str(tmp_path / "var"))
    right = "crm.objects.deals.read"
    with running(world, now=NOW.replace(tzinfo=None), withheld=[right]) as url:
        for name, connection in connections(url, NOW).items():
            monkeypatch.setenv(f"AIRFLOW_CONN_O2O_{name.upper()}", json.dumps(connection))
        done = CliRunner().invoke(app, ["check", "square", "ecb"])
        assert done.exit_code == 0, done.output
        assert "✓ square orders: " in done.output
        done = CliRunner().invoke(app, ["check", "hubspot", "ecb"])
    assert done.exit_code == 1, done.output
    assert f"✗ hubspot rights: {right} is not granted" in done.output
    assert "✓ ecb rates: " in done.output
    assert "pat-eu1-demo-hubspot" not in done.output
    assert CliRunner().invoke(app, ["check", "nobody"]).exit_code == 2


def test_a_stream_that_is_read_part_by_part_is_asked_for_a_part(vendor: Vendor) -> None:
    """Without its locations it would be asked for nothing, and nothing is never missing."""
    found = list(check(SOURCES["square"], Seller(vendor, locations=3).connection, NOW))
    assert vendor.seen("/v2/orders/search")
    assert {each.level for each in found if each.about == "orders"} == {"ok"}
