"""Klaviyo: profiles, campaigns, flows, and what became of each message. How they are read stands in
README.md.

A record is landed as it came, an event with the name of its metric at its end (`"metric"`), which
Klaviyo tells elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from connectors.core.auth import FixedHeader
from connectors.core.budget import Budget
from connectors.core.errors import AuthError, CursorExpired, VendorError
from connectors.core.http import Client, describe
from connectors.core.late import LookBack
from connectors.core.paging import Run, follow, member, promised
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.sweeps import Sweep
from connectors.core.verbatim import Page, extend
from warehouse.landing.personal import Personal

log = logging.getLogger(__name__)

HOST = "https://a.klaviyo.com"
VERSION = "2026-10-15"
ROWS = ("data",)
# What Klaviyo itself counts of messages, under the names that it gives and once gave to them; what
# each of them means, klaviyo__message_events says.
METRICS = (
    "Received Email",
    "Opened Email",
    "Clicked Email",
    "Bounced Email",
    "Dropped Email",
    "Marked Email as Spam",
    "Unsubscribed",
    "Unsubscribed from Email Marketing",
    "Unsubscribed from List",
    "Received SMS",
    "Clicked SMS",
    "Sent SMS",
    "Failed to Deliver SMS",
    "Received Automated Response SMS",
    "Failed to deliver Automated Response SMS",
    "Unsubscribed from SMS",
    "Unsubscribed from SMS Marketing",
    "Received Push",
    "Opened Push",
    "Bounced Push",
)
HISTORY_DAYS = 6_000  # there is no older record: Klaviyo began in 2012
SECOND = timedelta(seconds=1)
_json = msgspec.json.Encoder()


def _budget(burst: int, steady: int) -> Budget:
    """Within a limit of so many requests in a second and so many in a minute."""
    return Budget(burst, (steady - burst) / 60)


@dataclass
class Klaviyo(Api):
    """One account. Each kind of record has a limit of its own."""

    budgets: dict[str, Budget]

    def pages(self, kind: str, asked: Mapping[str, Any] | None = None) -> Iterator[Page]:
        """The pages of a list."""

        def ask(cursor: str | None) -> Page:
            sent = {**(asked or {}), **({"page[cursor]": cursor} if cursor else {})}
            return self.client.get(f"/api/{kind}", sent, rows=ROWS, budget=self.budgets[kind])

        return follow(ask, _cursor)

    @cached_property
    def metrics(self) -> dict[str, str]:
        """The name of each metric that is of messages, by its id."""
        of, named = member("attributes.integration.name"), member("attributes.name")
        found = {}
        for page in self.pages("metrics"):
            for metric in page.pick("id", "attributes.name", "attributes.integration.name"):
                # A shop may send events of its own under the same names.
                if (
                    metric.__class__ is dict
                    and named(metric) in METRICS
                    and (of(metric) or "Klaviyo") == "Klaviyo"
                ):
                    found[str(metric["id"])] = str(named(metric))
        return found

    def metric(self, number: str) -> str:
        """The name of a metric, also of one that is not listed any more."""
        if number not in self.metrics:
            answer = self.client.get(f"/api/metrics/{number}", budget=self.budgets["metrics"])
            self.metrics[number] = answer.envelope["data"]["attributes"]["name"]
        return self.metrics[number]


def _cursor(page: Page) -> str | None:
    """The token of the next page. Klaviyo tells an address, of which nothing else is needed: the
    key goes nowhere but to the host of the connection."""
    address = (page.envelope.get("links") or {}).get("next")
    token = parse_qs(urlsplit(str(address)).query).get("page[cursor]", [""])[0]
    return promised(address, token)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _before(moment: datetime) -> str:
    """An edge that is not included, so that the moment is."""
    return _time(moment - SECOND)


def _check(status: int, answer: Any) -> None:
    if status == 410:
        raise VendorError(
            f"Klaviyo does not answer as of {VERSION} any more{describe(answer)}: upgrade"
        )
    if status == 400 and "cursor" in describe(answer).lower():
        raise CursorExpired


def _connect(connection: Connection) -> Klaviyo:
    budgets = {
        "profiles": _budget(75, 750),
        "events": _budget(350, 3500),
        "metrics": _budget(10, 150),
        "campaigns": _budget(10, 150),
        "campaign-messages": _budget(10, 150),
        "flows": _budget(3, 60),
    }
    client = Client(
        connection.host or HOST,
        FixedHeader("Authorization", f"Klaviyo-API-Key {connection.password}"),
        connection=connection,
        headers={
            "Accept": "application/vnd.api+json",
            "revision": VERSION,
            # A revision that has ended is refused, instead of answered as another one.
            "X-Klaviyo-Revision-Fall-Forward-Opt-Out": "1",
        },
        budget=budgets["metrics"],
        check=_check,
    )
    return Klaviyo(client, connection, budgets)


# Without the company's own properties, which may be anything about anybody.
PROFILE: dict[str, Any] = {
    "additional-fields[profile]": "subscriptions",
    "fields[profile]": ",".join(
        (
            "created",
            "email",
            "external_id",
            "first_name",
            "last_name",
            "location.address1",
            "location.city",
            "location.country",
            "location.zip",
            "phone_number",
            "subscriptions",
            "updated",
        )
    ),
    "page[size]": 100,
}


def _profiles(api: Klaviyo, window: Window) -> Iterator[Run]:
    """Profiles that changed. Of their times Klaviyo knows no "or equal"."""

    def pages(start: str) -> Iterator[Page]:
        until = _time(window.until + SECOND)
        between = f"greater-than(updated,{start}),less-than(updated,{until})"
        return api.pages("profiles", {**PROFILE, "filter": between, "sort": "updated"})

    yield Run(pages, _before(window.since), _before, label="profiles")


def _all_profiles(api: Klaviyo, window: Window) -> Iterator[Run]:
    asked = {**PROFILE, "sort": "id"}
    yield Run(lambda start: api.pages("profiles", asked), label="all profiles")


def _gone(api: Klaviyo, ids: list[str]) -> set[str]:
    """Those of the profiles that Klaviyo, asked for them, does not have: deleted, or merged into
    another."""
    listed = ",".join(f'"{each}"' for each in ids)
    asked = {"fields[profile]": "updated", "filter": f"any(id,[{listed}])", "page[size]": 100}
    return set(ids) - {item["id"] for page in api.pages("profiles", asked) for item in page.items}


def _changed(
    kind: str, time: str, asked: Mapping[str, Any], only: Collection[str] = ("",)
) -> Callable[[Klaviyo, Window], Iterator[Run]]:
    """Records that changed; ``only``: a list for each of these conditions."""

    def read(api: Klaviyo, window: Window) -> Iterator[Run]:
        def run(condition: str) -> Run:
            def pages(start: str) -> Iterator[Page]:
                until = _time(window.until)
                between = f"greater-or-equal({time},{start}),less-or-equal({time},{until})"
                sent = {**asked, "filter": f"{condition}{between}", "sort": time}
                return api.pages(kind, sent)

            return Run(pages, _time(window.since), _time, label=f"{condition}{kind}")

        return map(run, only)

    return read


# A list has either what is archived or what is not.
WITH_ARCHIVED = ("equals(archived,false),", "equals(archived,true),")


def _events(api: Klaviyo, window: Window) -> Iterator[Run]:
    """What happened to messages: not what people did in the shop, which Klaviyo is told as well."""

    def run(number: str) -> Run:
        named = f'"metric":{_json.encode(api.metric(number)).decode()}'

        def pages(start: str) -> Iterator[Page]:
            asked = (
                f'equals(metric_id,"{number}"),greater-or-equal(datetime,{start}),'
                f"less-or-equal(datetime,{_time(window.until)})"
            )
            return api.pages("events", {"filter": asked, "page[size]": 1000, "sort": "datetime"})

        def told(page: Page) -> Page:
            for at, raw in enumerate(page.raw):
                if at not in page.unread and raw.lstrip().startswith("{"):
                    page.raw[at] = extend(raw, named)
            return page

        start = _time(window.since_of(number))
        return Run(pages, start, _time, label=f"events of {api.metric(number)}").each(told)

    for number in window.parts:
        yield run(number)


# What a key may read, and a list that tells whether it may.
SCOPES: dict[str, tuple[str, dict[str, Any]]] = {
    "profiles:read": ("profiles", {"page[size]": 1}),
    "campaigns:read": ("campaigns", {"page[size]": 1}),
    "flows:read": ("flows", {"page[size]": 1}),
    "metrics:read": ("metrics", {}),
    "events:read": ("events", {"page[size]": 1}),
}


def _granted(api: Klaviyo) -> set[str]:
    """The scopes of the key: Klaviyo keeps no list that it shows, so each is tried."""
    found, refusal = set(), None
    for name, (kind, asked) in SCOPES.items():
        try:
            next(api.pages(kind, asked))
            found.add(name)
        except AuthError as error:
            refusal = error
    if refusal and not found:
        raise refusal
    return found


HOUR, DAY = timedelta(hours=1), timedelta(days=1)

SOURCE = Source(
    name="klaviyo",
    title="Klaviyo",
    owner="crm-operations",
    schedule="50 * * * *",
    provides=("message_events",),
    settings=(Setting("password", "private API key"), *COMMON_SETTINGS),
    streams=(
        Stream(
            "profiles",
            "People, with what they consented to",
            _profiles,
            "id",
            "attributes.updated",
            overlap=2 * HOUR,
            history_days=HISTORY_DAYS,
            personal=Personal(
                "drop",
                carries={"attributes.email": "email", "attributes.phone_number": "phone"},
                refers={"attributes.external_id": "customer_id"},
                record="contact_id",
                also=(
                    "attributes.first_name",
                    "attributes.last_name",
                    "attributes.location.address1",
                    "attributes.location.zip",
                    "attributes.location.city",
                ),
            ),
            required=("id", "attributes.created", "attributes.updated"),
            usual=("attributes.email", "attributes.subscriptions"),
            sweep=Sweep(DAY, _all_profiles, _gone, is_whole=True),
            is_standing=True,
        ),
        Stream(
            "campaigns",
            "Campaigns",
            _changed("campaigns", "updated_at", {"page[size]": 100}, WITH_ARCHIVED),
            "id",
            "attributes.updated_at",
            overlap=2 * HOUR,
            history_days=HISTORY_DAYS,
            required=("id", "attributes.definition", "attributes.updated_at"),
            is_standing=True,
        ),
        Stream(
            "campaign_messages",
            "Messages of campaigns: which campaign, and in which variations",
            _changed(
                "campaign-messages",
                "updated",
                {
                    # For what is included a message names, and nothing else is wanted of it.
                    "fields[campaign]": "updated_at",
                    "include": "campaign,campaign-variations",
                    "page[size]": 100,
                },
            ),
            "id",
            "attributes.updated",
            overlap=2 * HOUR,
            history_days=HISTORY_DAYS,
            required=("id", "relationships.campaign", "attributes.updated"),
            is_standing=True,
        ),
        Stream(
            "flows",
            "Flows: messages that each gets when their time has come",
            _changed("flows", "updated", {"page[size]": 50}, WITH_ARCHIVED),
            "id",
            "attributes.updated",
            overlap=2 * HOUR,
            history_days=HISTORY_DAYS,
            required=("id", "attributes.updated"),
            is_expected=False,
            is_standing=True,
        ),
        Stream(
            "events",
            "What became of each message",
            _events,
            "id",
            "attributes.datetime",
            # Events are shown two hours after they happened at the latest, but for some that are
            # shown days later: seventeen have been seen.
            overlap=2 * HOUR,
            look_back=LookBack(7 * DAY, 28),
            history_days=HISTORY_DAYS,
            personal=Personal(
                "drop",
                who={"relationships.profile.data.id": "contact_id"},
                also=("attributes.event_properties",),
            ),
            required=("id", "metric", "attributes.datetime"),
            usual=("relationships.profile.data.id",),
            feed=Feed("Klaviyo message events", "occurred_at"),
            parts=lambda api: tuple(api.metrics),
            rests=timedelta(days=7),
        ),
    ),
    connect=_connect,
    rights=(
        Right("profiles:read", ("profiles",), "no people, and not who may be written to"),
        Right(
            "campaigns:read",
            ("campaigns", "campaign_messages"),
            "messages belong to no campaign but by its name",
        ),
        Right("flows:read", ("flows",), "messages belong to no flow but by its id"),
        Right("metrics:read", ("events",), "it is not known what happened to messages"),
        Right("events:read", ("events",), "it is not known what happened to messages"),
    ),
    granted=_granted,
    versions=(Version(VERSION, date(2028, 10, 15)),),
)
