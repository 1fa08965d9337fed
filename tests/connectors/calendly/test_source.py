"""The requests of Calendly, and what of its answers lands."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from connectors.core import times
from connectors.core.errors import ExtractFailed
from connectors.extract import extract
from connectors.registry import SOURCES
from tests.connectors.calendly.shape import API, Organization
from tests.connectors.shape import JUNE, run
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.errors import SettingError

DAY = timedelta(days=1)


def invitee(event: str, tag: str, at: str, **more: Any) -> dict[str, Any]:
    uri = f"{API}/scheduled_events/{event}/invitees/{tag}"
    return {"uri": uri, "updated_at": at, "created_at": at, "status": "active", **more}


@pytest.fixture
def organization(vendor: Vendor) -> Organization:
    return Organization(vendor, page_size=2)


def serve_invitees(organization: Organization, event: str, *invitees: dict[str, Any]) -> None:
    def page(request: Request) -> Any:
        found, token = organization.cut(list(invitees), request.query.get("page_token"))
        return {"collection": found, "pagination": {"count": len(found), "next_page_token": token}}

    organization.vendor.on("GET", f"/scheduled_events/{event}/invitees", page)


def load(organization: Organization, folder: Path, stream: str, until: datetime) -> None:
    source = SOURCES["calendly"]
    extract(source, organization.connection, str(folder), until, streams=[stream])


def test_events_are_asked_for_a_month_back_and_a_year_ahead(
    organization: Organization, tmp_path: Path
) -> None:
    run(tmp_path, "calendly", "scheduled_events", organization.connection)
    asked = [request.query for request in organization.vendor.seen("/scheduled_events")]
    assert asked[0]["min_start_time"] == "2026-04-19T00:00:00.000Z"
    assert asked[-1]["max_start_time"] >= times.text(JUNE + 360 * DAY)
    assert all(one["max_start_time"] == other["min_start_time"] for one, other in pairwise(asked))
    assert {one["organization"] for one in asked} == {f"{API}/organizations/O"}
    assert all("status" not in one for one in asked), "cancelled ones, too"
    assert organization.vendor.requests[0].headers["Authorization"] == "Bearer t"


def test_a_following_page_is_asked_for_with_the_same_filters(
    organization: Organization, tmp_path: Path
) -> None:
    for number in range(3):
        organization.add(str(number), JUNE - DAY + timedelta(minutes=number))
    run(tmp_path, "calendly", "scheduled_events", organization.connection)
    asked = [dict(request.query) for request in organization.vendor.seen("/scheduled_events")]
    (number,) = [number for number, each in enumerate(asked) if each.pop("page_token", "")]
    assert asked[number] == asked[number - 1]


def test_an_appointment_of_next_year_that_is_cancelled_is_found(
    organization: Organization, tmp_path: Path
) -> None:
    organization.add("a", JUNE - DAY, start_time="2026-05-31T10:00:00Z")
    first = run(tmp_path, "calendly", "scheduled_events", organization.connection)
    assert [each["status"] for each in first] == ["active"]
    organization.records["a"] = (
        JUNE + 300 * DAY,
        {
            **organization.row("a", JUNE, "cancelled"),
            "updated_at": times.text(JUNE - timedelta(hours=1)),
            "start_time": times.text(JUNE + 300 * DAY),
            "status": "canceled",
        },
    )
    found = run(tmp_path, "calendly", "scheduled_events", organization.connection)
    assert {each["status"] for each in found} == {"active", "canceled"}


def test_what_an_event_says_of_the_invited_stays_with_calendly(
    organization: Organization, tmp_path: Path
) -> None:
    said = {
        "event_guests": [{"email": "guest@example.com", "created_at": "2026-05-31T10:00:00Z"}],
        "cancellation": {"canceled_by": "Ada Byron", "reason": "flu", "canceler_type": "invitee"},
        "meeting_notes_plain": "met Ada",
        "event_memberships": [{"user_email": "host@example.com"}],
    }
    call = {"type": "outbound_call", "location": "+49 151 2345678"}
    shop = {"type": "physical", "location": "Shop S001, Main Street 1"}
    organization.add("call", JUNE - DAY, **said, location=call)
    organization.add("shop", JUNE - DAY, location=shop)
    found = run(tmp_path, "calendly", "scheduled_events", organization.connection)
    landed = {each["uri"].rpartition("/")[2]: each for each in found}
    assert landed["shop"]["location"] == shop
    assert landed["call"]["location"] == {**call, "location": None}
    assert landed["call"]["cancellation"]["canceler_type"] == "invitee"
    text = json.dumps(landed["call"])
    assert not any(word in text for word in ("guest@", "Ada", "flu", "2345678"))
    assert "host@example.com" in text


def test_invitees_come_page_by_page_after_all_events(
    organization: Organization, tmp_path: Path
) -> None:
    """A page token of events that waits for the invitees of a page is refused."""
    for number in range(5):
        organization.add(f"e{number}", JUNE - DAY + timedelta(minutes=number))
        at = times.text(JUNE - DAY)
        many = [invitee(f"e{number}", f"i{number}{each}", at) for each in range(3)]
        serve_invitees(organization, f"e{number}", *many)
    found = run(tmp_path, "calendly", "invitees", organization.connection)
    assert len(found) == 15
    paths = [request.path for request in organization.vendor.requests]
    first = next(number for number, path in enumerate(paths) if "invitees" in path)
    last = max(
        number for number, path in enumerate(paths[: first + 10]) if path == "/scheduled_events"
    )
    assert last < first


def test_who_did_not_come_is_found_though_neither_event_nor_invitee_was_updated(
    organization: Organization, tmp_path: Path
) -> None:
    organization.add("e", JUNE - 2 * DAY)
    at = times.text(JUNE - 3 * DAY)
    serve_invitees(organization, "e", invitee("e", "i", at, no_show=None))
    run(tmp_path, "calendly", "invitees", organization.connection)
    serve_invitees(
        organization,
        "e",
        invitee("e", "i", at, no_show={"uri": "x", "created_at": times.text(JUNE + DAY / 2)}),
    )
    load(organization, tmp_path, "invitees", JUNE + DAY)
    found = run(tmp_path, "calendly", "invitees", organization.connection)
    assert [bool(each["no_show"]) for each in found] == [False, True]


def test_invitees_of_events_that_are_long_over_and_unchanged_are_not_asked_for(
    organization: Organization, tmp_path: Path
) -> None:
    organization.add("old", JUNE - 5 * DAY)
    organization.add("new", JUNE - DAY)
    for event in ("old", "new"):
        serve_invitees(organization, event, invitee(event, "i", times.text(JUNE - DAY)))
    run(tmp_path, "calendly", "invitees", organization.connection)
    before = len(organization.vendor.requests)
    later = JUNE + 20 * DAY
    organization.add("later", later - DAY)
    serve_invitees(organization, "later", invitee("later", "i", times.text(later - DAY)))
    for until in (later, later + DAY):
        load(organization, tmp_path, "invitees", until)
    asked = {request.path for request in organization.vendor.requests[before:]}
    assert "/scheduled_events/later/invitees" in asked
    before = len(organization.vendor.requests)
    load(organization, tmp_path, "invitees", later + 2 * DAY)
    asked = {request.path for request in organization.vendor.requests[before:]}
    assert "/scheduled_events/old/invitees" not in asked
    assert "/scheduled_events/later/invitees" in asked


def test_a_429_is_waited_out_as_long_as_calendly_says(
    organization: Organization, tmp_path: Path, waits: list[float]
) -> None:
    """In a header of its own: there is no Retry-After."""
    organization.add("a", JUNE - DAY)
    organization.troubles[1] = organization.busy
    assert run(tmp_path, "calendly", "scheduled_events", organization.connection)
    assert waits == [20.0]


def test_a_page_without_its_pagination_is_no_last_page(
    organization: Organization, tmp_path: Path
) -> None:
    organization.troubles[0] = Answer({"collection": []})
    with pytest.raises(ExtractFailed, match="nobody can say whether there are more"):
        run(tmp_path, "calendly", "scheduled_events", organization.connection)


def test_who_is_no_admin_is_told_so(organization: Organization, tmp_path: Path) -> None:
    denied = {"title": "Permission Denied", "message": "You do not have permission"}
    organization.troubles[0] = Answer(denied, 403)
    with pytest.raises(ExtractFailed, match="denies access to /scheduled_events"):
        run(tmp_path, "calendly", "scheduled_events", organization.connection)


def test_no_minute_has_more_requests_than_the_plan_allows(organization: Organization) -> None:
    budget = SOURCES["calendly"].open(organization.connection).client.budget
    assert budget is not None
    assert budget.capacity + 60 * budget.per_second == pytest.approx(500)
    free = replace(organization.connection, extra={"requests_per_minute": "50"})
    budget = SOURCES["calendly"].open(free).client.budget
    assert budget is not None
    assert budget.capacity + 60 * budget.per_second == pytest.approx(50)
    with pytest.raises(SettingError, match="requests_per_minute must be a whole number above 0"):
        SOURCES["calendly"].open(replace(free, extra={"requests_per_minute": "many"}))
