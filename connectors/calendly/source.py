"""Calendly: appointments, who booked them, and the kinds of appointments. How it is read stands in
README.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

from connectors.core import times
from connectors.core.auth import FixedHeader
from connectors.core.budget import Budget
from connectors.core.errors import CursorExpired, VendorError
from connectors.core.http import Client
from connectors.core.paging import Run, follow
from connectors.core.reading import derived
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting, above_zero
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.verbatim import Page
from warehouse.landing.personal import Personal, blank

VERSION = "v2"
HOST = "https://api.calendly.com"
COUNT = 100  # the most on a page
STRETCH = timedelta(days=31)  # of one query, so that a page token is never old
LOOK_BACK = timedelta(days=31)  # so long after an appointment it may still be changed
BOOKED_AHEAD = 12 * STRETCH
# So long after an appointment its host may note that nobody came: that changes the invitee alone.
NOTED = timedelta(days=14)
PER_MINUTE, PAID_PLAN = "extra.requests_per_minute", 500
HOSTS_OWN = ("physical", "custom")  # places that the host wrote down; others the invitee did
OF_THE_INVITED = frozenset(
    (
        "meeting_notes_plain",
        "meeting_notes_html",
        "event_guests.email",
        "cancellation.canceled_by",
        "cancellation.reason",
        "location.join_url",
        "location.additional_info",
    )
)


@dataclass
class Calendly(Api):
    """One organization."""

    @cached_property
    def organization(self) -> str:
        answer = self.client.get("/users/me").envelope
        found = answer["resource"].get("current_organization")
        if not isinstance(found, str) or not found:
            raise VendorError("the token's user belongs to no organization")
        return found

    def list(self, path: str, params: dict[str, Any]) -> Iterator[Page]:
        def ask(token: str | None) -> Page:
            sent = {**params, "count": COUNT, **({"page_token": token} if token else {})}
            return self.client.get(path, sent, rows=("collection",))

        return follow(ask, _token)

    def events(self, start: datetime, end: datetime) -> Iterator[Page]:
        """Events that begin between two moments, of whatever status."""
        params = {
            "organization": self.organization,
            "min_start_time": times.text(start),
            "max_start_time": times.text(end),
            "sort": "start_time:asc",
        }
        return self.list("/scheduled_events", params)


def _token(page: Page) -> Any:
    around = page.envelope.get("pagination")
    if not isinstance(around, dict):
        raise VendorError("a page without `pagination`: nobody can say whether there are more")
    token = around.get("next_page_token")
    if around.get("next_page") and not token:
        raise VendorError(
            "the vendor says that there is a next page, and gives no token for it. Nothing was"
            " committed; run it again"
        )
    return token


def _check(status: int, answer: Any) -> None:
    if status == 400 and "page_token" in str(answer):
        raise CursorExpired


def _budget(connection: Connection) -> Budget:
    """Never more than the plan's requests in a minute: some at once, and the others over it."""
    most = above_zero(connection, PER_MINUTE, PAID_PLAN)
    return Budget(0.4 * most, 0.6 * most / 60)


def _connect(connection: Connection) -> Calendly:
    client = Client(
        connection.host or HOST,
        FixedHeader("Authorization", f"Bearer {connection.password}"),
        connection=connection,
        budget=_budget(connection),
        check=_check,
        reset="X-RateLimit-Reset",
    )
    return Calendly(client, connection)


def _stretches(window: Window) -> Iterator[tuple[datetime, datetime]]:
    """What is asked for: Calendly filters events by their start alone."""
    start = window.since - LOOK_BACK
    while start < window.until + BOOKED_AHEAD:
        yield start, start + STRETCH
        start += STRETCH


def _event_types(api: Calendly, window: Window) -> Iterator[Run]:
    yield Run(lambda start: api.list("/event_types", {"organization": api.organization}))


def _events(api: Calendly, window: Window) -> Iterator[Run]:
    for start, end in _stretches(window):

        def pages(_: str, start: datetime = start, end: datetime = end) -> Iterator[Page]:
            return api.events(start, end)

        run = Run(pages, label=f"events from {start.date()} to {end.date()}")
        yield run.each(_without_the_invited)


def _without_the_invited(page: Page) -> Page:
    """The events without what is said of those who were invited: the invitees have that."""
    for number, (event, raw) in enumerate(zip(page.pick("location.type"), page.raw, strict=True)):
        if event.__class__ is dict:
            place = event.get("location")
            is_hosts = isinstance(place, dict) and place.get("type") in HOSTS_OWN
            hidden = OF_THE_INVITED if is_hosts else OF_THE_INVITED | {"location.location"}
            page.raw[number] = blank(raw, partial(_is_among, hidden))
    return page


def _is_among(paths: frozenset[str], path: str, value: Any) -> bool:
    return path in paths


def _invitees(api: Calendly, window: Window) -> Iterator[Run]:
    for start, end in _stretches(window):

        def pages(_: str, start: datetime = start, end: datetime = end) -> Iterator[Page]:
            # All events first: a page token that waits for the invitees of a page dies.
            events = [_changed(page, window) for page in api.events(start, end)]
            for event in (name for page in events for name in page):
                for page in api.list(f"/scheduled_events/{event}/invitees", {}):
                    page.is_last = False  # of this event, not of the run
                    yield page
            yield Page(is_last=True)

        yield Run(pages, label=f"invitees from {start.date()} to {end.date()}")


def _changed(page: Page, window: Window) -> list[str]:
    """The events whose invitees may have changed since the last load: those that changed
    themselves, and those that have just been."""
    found: list[str] = []
    for event in page.pick("uri", "updated_at", "start_time"):
        uri = event.get("uri") if isinstance(event, dict) else None
        if not isinstance(uri, str):
            continue  # the stream of events sets it aside
        try:
            changed, starts = times.parse(event["updated_at"]), times.parse(event["start_time"])
            is_asked = changed >= window.since or window.since - NOTED <= starts <= window.until
        except (KeyError, TypeError, ValueError):
            is_asked = True
        if is_asked:
            found.append(uri.rpartition("/")[2])
    return found


@derived("updated_at", "no_show.created_at", "cancellation.created_at")
def changed_at(updated: Any, missed: Any, cancelled: Any) -> str | None:
    """When an invitee was changed the last time: who does not come changes no ``updated_at``."""
    if not missed and not cancelled:
        return updated or None
    return max(filter(None, (updated, missed, cancelled)), key=times.parse, default=None)


SOURCE = Source(
    name="calendly",
    title="Calendly",
    owner="store-operations",
    schedule="50 * * * *",
    provides=("bookings",),
    settings=(
        Setting("password", "personal access token of an owner or admin of the organization"),
        Setting(PER_MINUTE, "what the plan allows; default 500, the free one has 50", False),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "event_types",
            "Kinds of appointments that can be booked",
            _event_types,
            "uri",
            every=timedelta(days=1),
            required=("uri", "name"),
        ),
        Stream(
            "scheduled_events",
            "Appointments",
            _events,
            "uri",
            "updated_at",
            is_filtered_by_vendor=False,
            personal=Personal(
                "blank",
                carries={"event_memberships.user_email": "email"},
                also=("event_memberships.user_name",),
            ),
            required=("uri", "status", "start_time", "end_time", "created_at", "updated_at"),
            feed=Feed("Calendly appointments", "created_at"),
        ),
        Stream(
            "invitees",
            "Who booked an appointment, cancelled it, moved it, did not come",
            _invitees,
            "uri",
            changed_at,
            is_filtered_by_vendor=False,
            personal=Personal(
                "blank",
                carries={"email": "email", "text_reminder_number": "phone"},
                record="booking_id",
                also=(
                    "name",
                    "first_name",
                    "last_name",
                    "questions_and_answers.answer",
                    "cancellation.canceled_by",
                    "cancellation.reason",
                ),
            ),
            required=("uri", "event", "status", "email", "created_at", "updated_at"),
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "users:read",
            ("event_types", "scheduled_events", "invitees"),
            "none of them: the organization is not known",
            is_told=False,
        ),
        Right("event_types:read", ("event_types",), "appointments have no kind", is_told=False),
        Right(
            "scheduled_events:read",
            ("scheduled_events", "invitees"),
            "no appointments",
            is_told=False,
        ),
        Right(
            "the token's user is an owner or admin of the organization",
            ("event_types", "scheduled_events", "invitees"),
            "none of them: Calendly refuses to list an organization to its other members",
            is_told=False,
        ),
    ),
    versions=(Version(VERSION),),
)
