"""The requests of Klaviyo, against shapes from its published spec."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.check import check
from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import LoadResult, extract
from connectors.klaviyo import source as klaviyo
from connectors.registry import SOURCES
from tests.connectors.klaviyo.shape import Account, metric, refused
from tests.connectors.shape import JUNE
from tests.connectors.vendor_stub import Answer, Vendor
from warehouse.landing.zone import Landing

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def load(account: Account, folder: Path, hours: int = 0, stream: str = "") -> LoadResult:
    until, streams = JUNE + hours * HOUR, [stream or account.kind.replace("-", "_")]
    (result,) = extract(SOURCES["klaviyo"], account.connection, str(folder), until, streams=streams)
    return result


def landed(folder: Path, stream: str) -> list[dict[str, Any]]:
    rows = pq.read_table(folder / "klaviyo" / stream).to_pylist()
    return [json.loads(row["_payload"]) for row in rows if row["_payload"]]


def asked(vendor: Vendor, kind: str) -> list[dict[str, str]]:
    return [request.query for request in vendor.seen(f"/api/{kind}")]


# Requests ----------------------------------------------------------------------------------------


def test_profiles_are_asked_for_with_their_consents_and_no_more_than_is_read(
    vendor: Vendor, tmp_path: Path
) -> None:
    account = Account(vendor)
    account.add("a", JUNE - HOUR)
    load(account, tmp_path)
    assert asked(vendor, "profiles")[0] == {
        "additional-fields[profile]": "subscriptions",
        "fields[profile]": "created,email,external_id,first_name,last_name,location.address1,"
        "location.city,location.country,location.zip,phone_number,subscriptions,updated",
        "filter": "greater-than(updated,2009-12-26T23:59:59Z),"
        "less-than(updated,2026-06-01T00:00:01Z)",
        "page[size]": "100",
        "sort": "updated",
    }
    sent = vendor.seen("/api/profiles")[0].headers
    assert sent["Authorization"] == "Klaviyo-API-Key pk_0123"
    assert sent["revision"] == "2026-10-15"
    assert sent["X-Klaviyo-Revision-Fall-Forward-Opt-Out"] == "1"


def test_profiles_of_the_edge_itself_are_read(vendor: Vendor, tmp_path: Path) -> None:
    """Klaviyo knows only "greater than" of their times."""
    account = Account(vendor, page_size=1)
    account.add("a", JUNE - 4 * HOUR)
    load(account, tmp_path)
    for tag in ("b", "c", "d"):
        account.add(tag, JUNE - 6 * HOUR)
    account.troubles = {account.asked + 1: account.expired}
    assert load(account, tmp_path, hours=1).rows == 4
    assert "greater-than(updated,2026-05-31T17:59:59Z)" in asked(vendor, "profiles")[-2]["filter"]


def test_only_the_token_of_the_next_address_is_used(vendor: Vendor, tmp_path: Path) -> None:
    elsewhere = Vendor()
    account = Account(vendor, page_size=1)
    account.fill([HOUR, 2 * HOUR])

    def led_away(number: int, body: bytes) -> bytes:
        return body.replace(vendor.url.encode(), elsewhere.url.encode())

    account.spoil = led_away
    try:
        assert load(account, tmp_path).rows == 2
        assert elsewhere.requests == []
    finally:
        elsewhere.close()


@pytest.mark.parametrize(
    ("stream", "kind", "time"),
    [("campaigns", "campaigns", "updated_at"), ("flows", "flows", "updated")],
)
def test_what_is_archived_is_read_too(
    vendor: Vendor, tmp_path: Path, stream: str, kind: str, time: str
) -> None:
    account = Account(vendor, stream=stream)
    load(account, tmp_path)
    assert [
        each["filter"].partition(f",greater-or-equal({time},")[0] for each in asked(vendor, kind)
    ] == [
        "equals(archived,false)",
        "equals(archived,true)",
    ]
    assert all(each["sort"] == time for each in asked(vendor, kind))


def test_messages_tell_their_campaign_and_variations(vendor: Vendor, tmp_path: Path) -> None:
    account = Account(vendor, stream="campaign_messages")
    account.add("m", JUNE - HOUR, relationships={"campaign": {"data": {"id": "c"}}})
    assert load(account, tmp_path).rows == 1
    (sent,) = asked(vendor, "campaign-messages")
    assert sent["include"] == "campaign,campaign-variations"
    assert (
        landed(tmp_path, "campaign_messages")[0]["relationships"]["campaign"]["data"]["id"] == "c"
    )


# Events ------------------------------------------------------------------------------------------


def test_events_are_asked_for_metric_by_metric_and_name_it(vendor: Vendor, tmp_path: Path) -> None:
    account = Account(vendor, stream="events")
    account.add("M1a", JUNE - HOUR)
    account.add("M2a", JUNE - HOUR)
    account.add("M3 of something else", JUNE - HOUR)
    load(account, tmp_path)
    named = {event["id"]: event["metric"] for event in landed(tmp_path, "events")}
    assert named == {"M1a": "Received Email", "M2a": "Opened Email"}
    assert asked(vendor, "events")[0] == {
        "filter": 'equals(metric_id,"M1"),greater-or-equal(datetime,2009-12-27T00:00:00Z),'
        "less-or-equal(datetime,2026-06-01T00:00:00Z)",
        "page[size]": "1000",
        "sort": "datetime",
    }


def test_only_what_klaviyo_itself_counts_of_messages_is_read(
    vendor: Vendor, tmp_path: Path
) -> None:
    """And no odd metric stops the others."""
    account = Account(vendor, stream="events")
    listed = [
        metric("M1", "Opened Email"),
        metric("M2", "Opened Email", "API"),
        metric("M3", "Placed Order", "Shopify"),
        {**metric("M4", "Clicked SMS"), "attributes": {"name": "Clicked SMS", "integration": None}},
        {"id": "M5", "attributes": {"name": None}},
        {"id": "M6", "attributes": None},
        None,
    ]
    vendor.on("GET", "/api/metrics", Answer({"data": listed, "links": {"next": None}}))
    load(account, tmp_path)
    assert [each["filter"][17:21] for each in asked(vendor, "events")] == ['"M1"', '"M4"']


def test_metrics_on_a_second_page_are_found(vendor: Vendor, tmp_path: Path) -> None:
    account = Account(vendor, stream="events")
    pages = [
        Answer({"data": [metric("M1", "Opened Email")], "links": {"next": "/?page%5Bcursor%5D=2"}}),
        Answer({"data": [metric("M2", "Clicked Email")], "links": {"next": None}}),
    ]
    vendor.on("GET", "/api/metrics", *pages)
    load(account, tmp_path)
    assert len(asked(vendor, "events")) == 2


def test_a_metric_that_is_new_is_read_from_its_beginning(vendor: Vendor, tmp_path: Path) -> None:
    account = Account(vendor, stream="events")
    first = [metric("M1", "Received Email")]
    both = [*first, metric("M2", "Clicked SMS")]
    vendor.on(
        "GET", "/api/metrics", *(Answer({"data": each, "links": {}}) for each in (first, both))
    )
    account.add("M1a", JUNE - HOUR)
    account.add("M2a", JUNE - 40 * DAY)
    load(account, tmp_path)
    load(account, tmp_path, hours=24)
    assert {event["id"] for event in landed(tmp_path, "events")} == {"M1a", "M2a"}


def test_a_metric_that_the_list_lacks_once_is_asked_for_all_the_same(
    vendor: Vendor, tmp_path: Path
) -> None:
    account = Account(vendor, stream="events")
    account.add("M1a", JUNE - HOUR)
    load(account, tmp_path)
    vendor.on("GET", "/api/metrics", Answer({"data": [], "links": {"next": None}}))
    for number, name in (("M1", "Received Email"), ("M2", "Opened Email")):
        vendor.on("GET", f"/api/metrics/{number}", Answer({"data": metric(number, name)}))
    account.add("M2b", JUNE)
    load(account, tmp_path, hours=1)
    assert {each["id"]: each["metric"] for each in landed(tmp_path, "events")} == {
        "M1a": "Received Email",
        "M2b": "Opened Email",
    }


def test_events_that_are_shown_hours_and_days_later_are_found(
    vendor: Vendor, tmp_path: Path
) -> None:
    account = Account(vendor, stream="events")
    account.add("M1a", JUNE - HOUR)
    load(account, tmp_path)
    account.add("M1hours", JUNE - 3 * HOUR)
    account.add("M1days", JUNE - 17 * DAY)
    assert load(account, tmp_path, hours=1).rows == 2
    assert load(account, tmp_path, hours=7 * 24).rows == 1
    assert {event["id"] for event in landed(tmp_path, "events")} == {"M1a", "M1hours", "M1days"}


def test_events_page_by_page_and_of_one_second_are_all_read(vendor: Vendor, tmp_path: Path) -> None:
    account = Account(vendor, page_size=2, stream="events")
    for number in range(7):
        account.add(f"M1{number}", JUNE - HOUR)
    account.troubles = {2: account.expired}
    assert load(account, tmp_path).rows == 7


def test_times_of_either_spelling_land_as_every_engine_reads_them(
    vendor: Vendor, tmp_path: Path
) -> None:
    """The spec writes a T; the answers of earlier revisions had a space."""
    account = Account(vendor, stream="events")
    account.add("M1a", JUNE - HOUR, attributes={"datetime": "2026-05-31 23:00:00+00:00"})
    load(account, tmp_path)
    cursors = pq.read_table(tmp_path / "klaviyo" / "events")["_cursor"].to_pylist()
    assert cursors == ["2026-05-31T23:00:00.000000Z"]


def test_an_event_of_the_future_moves_no_state(vendor: Vendor, tmp_path: Path) -> None:
    account = Account(vendor, stream="events")
    account.add("M1a", JUNE - HOUR)
    ahead = account.row("M1ahead", JUNE + 400 * DAY, "")
    account.strays = [json.dumps(ahead).encode()]
    assert load(account, tmp_path).quarantined == 1
    state = Landing(str(tmp_path)).stream("klaviyo", "events").state()
    assert state["cursor"] < "2026-06-01"


# Profiles that go or change in silence -----------------------------------------------------------


def test_a_profile_that_is_deleted_or_merged_is_found_by_the_days_sweep(
    vendor: Vendor, tmp_path: Path
) -> None:
    account = Account(vendor)
    account.add("stays", JUNE - HOUR)
    account.add("goes", JUNE - HOUR)
    load(account, tmp_path)
    del account.records["goes"]
    load(account, tmp_path, hours=25)
    gone = [row["id"] for row in landed(tmp_path, "profiles") if row.get("deleted")]
    assert gone == ["goes"]
    assert 'any(id,["goes"])' in [each.get("filter") for each in asked(vendor, "profiles")]


def test_a_consent_that_changes_without_a_new_time_lands_with_the_days_sweep(
    vendor: Vendor, tmp_path: Path
) -> None:
    account = Account(vendor)
    account.add("a", JUNE - 50 * HOUR, "SUBSCRIBED")
    account.add("b", JUNE - HOUR)
    load(account, tmp_path)
    account.add("a", JUNE - 50 * HOUR, "UNSUBSCRIBED")
    load(account, tmp_path, hours=25)
    told = [
        row["attributes"]["first_name"] for row in landed(tmp_path, "profiles") if row["id"] == "a"
    ]
    assert told == ["SUBSCRIBED", "UNSUBSCRIBED"]


# What Klaviyo refuses ----------------------------------------------------------------------------


def test_a_revision_that_has_ended_is_told(vendor: Vendor, tmp_path: Path) -> None:
    account = Account(vendor)
    account.troubles = {0: refused("gone", "This revision is retired.", 410)}
    with pytest.raises(ExtractFailed, match=r"2026-10-15 any more .*retired.*: upgrade"):
        load(account, tmp_path)


def test_another_refusal_is_no_dead_token(vendor: Vendor, tmp_path: Path) -> None:
    account = Account(vendor)
    account.troubles = {0: refused("invalid", "'updated' is not a valid filter field.", 400)}
    with pytest.raises(ExtractFailed, match="not a valid filter field"):
        load(account, tmp_path)


def test_too_many_requests_are_waited_out_as_long_as_klaviyo_says(
    vendor: Vendor, tmp_path: Path, waits: list[float]
) -> None:
    account = Account(vendor)
    account.add("a", JUNE - HOUR)
    account.troubles = {0: Answer(account.busy.body, 429, {"Retry-After": "27"})}
    assert load(account, tmp_path).rows == 1
    assert waits == [27.0]


def test_the_rates_of_a_minute_are_kept_too() -> None:
    for name, (burst, steady) in {
        "profiles": (75, 750),
        "events": (350, 3500),
        "flows": (3, 60),
    }.items():
        budget = klaviyo._connect(Connection("http://127.0.0.1", password="k")).budgets[name]
        assert budget.capacity + 60 * budget.per_second == pytest.approx(steady)
        assert budget.capacity == burst


def test_each_scope_that_a_key_lacks_is_told(vendor: Vendor) -> None:
    def list_of(kind: str) -> Any:
        if kind in ("events", "campaigns"):
            return refused("permission_denied", "You do not have permission.", 403)
        return Answer({"data": [], "links": {"next": None}})

    for kind in ("profiles", "campaigns", "campaign-messages", "flows", "metrics", "events"):
        vendor.on("GET", f"/api/{kind}", list_of(kind))
    found = check(SOURCES["klaviyo"], Connection(vendor.url, password="pk_0123"), JUNE)
    told = [each.text for each in found if each.about == "rights" and each.level == "error"]
    assert len(told) == 2
    assert told[0].startswith("campaigns:read is not granted")
    assert told[1].startswith("events:read is not granted")


def test_a_key_that_is_wrong_is_one_clear_error(vendor: Vendor, tmp_path: Path) -> None:
    account = Account(vendor)
    account.troubles = {0: refused("authentication_failed", "Incorrect authentication.", 401)}
    with pytest.raises(ExtractFailed, match="refused our credentials"):
        load(account, tmp_path)
