"""HubSpot CRM: contacts, deals, pipelines, archived contacts. How it is read stands in README.md.

A deal is landed with `"associations": {"contacts": […]}` at its end, which HubSpot tells only in a
second call; a deal with very many contacts has them on several pages, and all are read. A deal with
an amount that names no currency gets the portal's own as `"companyCurrency"`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote

from connectors.core import times
from connectors.core.auth import Auth, FixedHeader, Token, refresh_grant
from connectors.core.budget import Budget
from connectors.core.errors import AuthError, CursorExpired, Refused, Retry, VendorError
from connectors.core.http import Client, describe, token_request
from connectors.core.paging import Instant, Run, follow, member, promised
from connectors.core.reading import derived
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting, above_zero
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.sweeps import Sweep
from connectors.core.verbatim import Page, extend
from warehouse.landing.personal import Personal

HOST = "https://api.hubapi.com"
VERSION = "2026-09"
OBJECTS = f"/crm/objects/{VERSION}"
ACCOUNT = f"/account-info/{VERSION}/details"
PIPELINES = f"/crm/pipelines/{VERSION}/deals"
ASSOCIATIONS = f"/crm/associations/{VERSION}/deals/contacts/batch/read"
SEARCH_CAP = 10_000
PAGE = 200
ID = "hs_object_id"
CURRENCY = "deal_currency_code"
NOTHING = (None, "")
CONTACT = Personal(
    "drop",
    who={"properties.hs_merged_object_ids": "contact_id"},
    carries={
        "properties.email": "email",
        "properties.hs_additional_emails": "email",
        "properties.phone": "phone",
        "properties.mobilephone": "phone",
        "properties.loyalty_card_no": "loyalty_card",
    },
    record="contact_id",
    also=(
        "properties.firstname",
        "properties.lastname",
        "properties.date_of_birth",
        "properties.address",
        "properties.city",
        "properties.zip",
    ),
)
CONTACT_PROPERTIES = (
    "email",
    "hs_additional_emails",
    "phone",
    "mobilephone",
    "firstname",
    "lastname",
    "date_of_birth",
    "address",
    "city",
    "zip",
    "lifecyclestage",
    "hs_lifecyclestage_lead_date",
    "hs_v2_date_entered_lead",
    "hs_lifecyclestage_customer_date",
    "hs_v2_date_entered_customer",
    "hs_lead_status",
    "hs_analytics_source",
    "hs_email_optout",
    "loyalty_card_no",
    "createdate",
    "lastmodifieddate",
    "hs_merged_object_ids",
)
DEAL_PROPERTIES = (
    "dealname",
    "amount",
    CURRENCY,
    "dealstage",
    "pipeline",
    "hs_is_closed",
    "hs_is_closed_won",
    "hs_analytics_source",
    "closedate",
    "createdate",
    "hs_lastmodifieddate",
    "order_name",
)


@dataclass
class HubSpot(Api):
    """One portal."""

    searches: Budget

    def search(self, kind: str, properties: tuple[str, ...], modified: str, window: Window) -> Run:
        """Objects whose ``modified`` property lies in the window, oldest first."""

        def asked(filters: list[tuple[str, str, str]], sort: str) -> Iterator[Page]:
            told = [{"propertyName": n, "operator": o, "value": v} for n, o, v in filters]
            body: dict[str, Any] = {
                "filterGroups": [{"filters": told}],
                "sorts": [{"propertyName": sort, "direction": "ASCENDING"}],
                "properties": list(properties),
                "limit": PAGE,
            }

            def ask(after: str | None) -> Page:
                sent = {**body, "after": after} if after else body
                page = self.client.post(
                    f"{OBJECTS}/{kind}/search", sent, rows=("results",), budget=self.searches
                )
                page.total = page.envelope.get("total")
                return page

            return follow(ask, _after)

        def between(start: str, end: str) -> list[tuple[str, str, str]]:
            return [(modified, "GTE", start), (modified, "LTE", end)]

        def pages(start: str) -> Iterator[Page]:
            return asked(between(start, _milliseconds(window.until)), modified)

        def of_one_instant(start: str, key: str) -> Iterator[Page]:
            behind = [(ID, "GT", key)] if key else []
            return asked([*between(start, start), *behind], ID)

        return Run(
            pages,
            _milliseconds(window.since),
            _milliseconds,
            SEARCH_CAP,
            f"{kind} modified {modified}",
            shifts=True,  # the page token is an offset
            instant=Instant(of_one_instant, lambda start: str(int(start) + 1)),
        )

    def with_contacts(self, deals: Page) -> Page:
        """The deals with the contacts they belong to."""
        ids = _ids(deals)
        found: dict[str, list[str]] = {}
        inputs: list[dict[str, Any]] = [{"id": number} for number in ids if number]
        seen: set[tuple[str, str]] = set()
        is_odd = False
        while inputs:
            page = self.client.post(ASSOCIATIONS, {"inputs": inputs}, rows=("results",))
            inputs = []
            links = zip(_deals_of(page), *page.members("to", "paging"), strict=True)
            for number, text, paging in links:
                if number is None or text is None or text[:1] != "[":
                    is_odd = True
                    continue
                found.setdefault(number, []).append(text[1:-1].strip())
                if paging and (after := _after_in({"paging": json.loads(paging)})):
                    if (number, after) in seen:
                        raise VendorError(
                            f"the contacts of deal {number}: the vendor's next-page token leads"
                            " back to a page just read"
                        )
                    seen.add((number, after))
                    inputs.append({"id": number, "after": after})
        if is_odd:  # of one deal, and nobody tells which
            unknown = [at for at, number in enumerate(ids) if number and number not in found]
            deals.unread.update(dict.fromkeys(unknown, "its contacts cannot be read"))
        contacts = {number: ",".join(filter(None, texts)) for number, texts in found.items()}
        deals.add(
            [
                f'"associations":{{"contacts":[{contacts.get(number, "")}]}}' if number else ""
                for number in ids
            ],
            "associations",
        )
        return deals

    @cached_property
    def currency(self) -> str:
        """The portal's own currency: a deal that names none is in it."""
        if said := str(self.connection.get("extra.currency")):
            return said
        try:
            found = self.client.get(ACCOUNT).envelope.get("companyCurrency")
        except (AuthError, Refused) as refusal:
            raise VendorError(
                "deals name no currency, and the token may not ask for the portal's:"
                f" set extra.currency of the connection ({refusal})"
            ) from None
        if not isinstance(found, str) or not found:
            raise VendorError(
                "deals name no currency, and HubSpot does not tell the portal's:"
                " set extra.currency of the connection"
            )
        return found

    def with_currency(self, deals: Page) -> Page:
        """The deals, those with an amount in no currency of their own with the portal's."""
        paths = "properties.amount", f"properties.{CURRENCY}"
        told = deals.columns((), paths)
        for at, (amount, currency) in enumerate(
            zip(*told, strict=True) if told else _values(deals, paths)
        ):
            if amount not in NOTHING and currency in NOTHING:
                own = f'"companyCurrency":{json.dumps(self.currency)}'
                deals.raw[at] = extend(deals.raw[at], own)
        return deals

    def gone(self, ids: list[str]) -> set[str]:
        """Those of the deals that HubSpot says, by their ids, it does not have: archived, deleted,
        or merged into another."""
        body = {"inputs": [{"id": each} for each in ids], "properties": ["hs_object_id"]}
        answer = self.client.post(f"{OBJECTS}/deals/batch/read", body).envelope
        errors = answer.get("errors") or []
        return {str(each) for error in errors for each in (error.get("context") or {})["ids"]}


def _after(page: Page) -> Any:
    return _after_in(page.envelope)


def _after_in(answer: Any) -> Any:
    following = (answer.get("paging") or {}).get("next")
    return promised(following is not None, (following or {}).get("after"))


def _id(item: Any) -> str:
    """The id of an object; empty for what is none, which goes to the quarantine as it came."""
    number = item.get("id") if isinstance(item, dict) else None
    return str(number) if isinstance(number, str | int) else ""


def _values(page: Page, paths: Iterable[str]) -> Iterator[list[Any]]:
    """What each row has on the paths, whatever it is."""
    get = [member(path) for path in paths]
    return (
        [each(row) if isinstance(row, dict) else None for each in get] for row in page.pick(*paths)
    )


def _ids(page: Page) -> list[str]:
    found = page.columns(("id",))
    return list(map(str, found[0])) if found else list(map(_id, page.pick("id")))


def _deals_of(page: Page) -> list[str | None]:
    """The deal that each link begins at; None for what is no link."""
    if found := page.columns(("from.id",)):
        return list(map(str, found[0]))
    ids: list[str | None] = []
    for item in page.pick("from.id"):
        try:
            ids.append(str(item["from"]["id"]))
        except (LookupError, TypeError):
            ids.append(None)
    return ids


def _milliseconds(moment: datetime) -> str:
    return str(times.milliseconds(moment))


def _check(status: int, answer: Any) -> None:
    if status == 207 and isinstance(answer, dict):
        # Some inputs of a batch failed. That a deal has no contact is no failure.
        for error in answer.get("errors") or []:
            if error.get("category") != "OBJECT_NOT_FOUND":
                raise Retry(f"a part of the batch failed{describe(error)}")
    if status == 400 and isinstance(answer, dict):
        said = f"{answer.get('category', '')} {answer.get('message', '')}".lower()
        if "cursor" in said or "paging" in said:
            raise CursorExpired


def _connect(connection: Connection) -> HubSpot:
    host = connection.host or HOST
    auth: Auth
    if refresh_token := connection.get("extra.refresh_token"):
        tokens = Client(host, connection=connection)
        grant = refresh_grant(connection.login, connection.password, str(refresh_token))
        auth = Token(lambda: token_request(tokens, "/oauth/v1/token", data=grant))
    else:
        auth = FixedHeader("Authorization", f"Bearer {connection.password}")
    rate = above_zero(connection, "extra.searches_per_second", 5.0)
    client = Client(host, auth, connection=connection, budget=Budget(190, 19), check=_check)
    return HubSpot(client, connection, Budget(rate, rate))


def _contacts(api: HubSpot, window: Window) -> Iterator[Run]:
    yield api.search("contacts", CONTACT_PROPERTIES, "lastmodifieddate", window)


def _deals(api: HubSpot, window: Window) -> Iterator[Run]:
    run = api.search("deals", DEAL_PROPERTIES, "hs_lastmodifieddate", window)
    yield run.each(api.with_currency).each(api.with_contacts)


def _pipelines(api: HubSpot, window: Window) -> Iterator[Run]:
    def pages(_: str) -> Iterator[Page]:
        yield api.client.get(PIPELINES, rows=("results",))

    yield Run(pages)


def _archived_contacts(api: HubSpot, window: Window) -> Iterator[Run]:
    params = {"archived": "true", "limit": 100, "properties": ",".join(CONTACT_PROPERTIES)}

    def ask(after: str | None) -> Page:
        sent = {**params, "after": after} if after else params
        return api.client.get(f"{OBJECTS}/contacts", sent, rows=("results",))

    yield Run(lambda start: follow(ask, _after))


def _all_deals(api: HubSpot, window: Window) -> Iterator[Run]:
    """All deals that exist, with nothing but their id."""
    params = {"limit": 100, "properties": "hs_object_id"}

    def ask(after: str | None) -> Page:
        sent = {**params, "after": after} if after else params
        return api.client.get(f"{OBJECTS}/deals", sent, rows=("results",))

    yield Run(lambda start: follow(ask, _after), label="all deals")


def _deal_contacts(api: HubSpot, window: Window) -> Iterator[Run]:
    for run in _all_deals(api, window):
        yield run.each(api.with_contacts)


@derived("archivedAt", "updatedAt")
def archived_at(archived: Any, updated: Any) -> str | None:
    """When a contact was archived; older archives only have the time of their last update."""
    moment = archived or updated
    return str(moment) if moment else None


def _granted(api: HubSpot) -> set[str]:
    """The scopes of the token: an OAuth app's, or a private app's."""
    token = api.client.auth.headers()["Authorization"].partition(" ")[2] if api.client.auth else ""
    if api.connection.get("extra.refresh_token"):
        try:
            answer = api.client.get(f"/oauth/v1/access-tokens/{quote(token, safe='')}").envelope
        except Refused:
            # Its message has the address, which has the token.
            raise Refused("HubSpot did not tell what the token may do") from None
    else:
        asked = {"tokenKey": token}
        answer = api.client.post("/oauth/v2/private-apps/get/access-token-info", asked).envelope
    return set(answer["scopes"])


SOURCE = Source(
    name="hubspot",
    title="HubSpot",
    owner="crm-operations",
    schedule="20 * * * *",
    provides=("deals", "leads"),
    settings=(
        Setting("password", "token of the private app, or the OAuth client secret"),
        Setting("login", "OAuth client id", False),
        Setting("extra.refresh_token", "OAuth refresh token", False),
        Setting("extra.currency", "currency of the portal; default: asked for", False),
        Setting("extra.searches_per_second", "search rate of the contract, default 5", False),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "contacts",
            "Contacts",
            _contacts,
            key="id",
            cursor="properties.lastmodifieddate",
            overlap=timedelta(hours=2),
            personal=CONTACT,
            required=("id", "properties", "updatedAt"),
        ),
        Stream(
            "archived_contacts",
            "Contacts that were deleted or merged away",
            _archived_contacts,
            key="id",
            cursor=archived_at,
            overlap=timedelta(hours=2),
            is_filtered_by_vendor=False,
            personal=CONTACT,
            required=("id",),
        ),
        Stream(
            "deals",
            "Deals, one per web order, with their contacts",
            _deals,
            key="id",
            cursor="properties.hs_lastmodifieddate",
            overlap=timedelta(hours=2),
            personal=Personal(
                "blank",
                who={"associations.contacts.toObjectId": "contact_id"},
                also=("properties.dealname",),
            ),
            required=("id",),
            usual=("properties.amount",),
            feed=Feed("HubSpot deals", "created_at"),
            sweep=Sweep(timedelta(days=1), _all_deals, HubSpot.gone),
        ),
        Stream(
            "deal_contacts",
            "The contacts of all deals, also of those that did not change",
            _deal_contacts,
            key="id",
            every=timedelta(days=1),
            personal=Personal("blank", who={"associations.contacts.toObjectId": "contact_id"}),
            required=("id",),
        ),
        Stream(
            "pipelines",
            "Pipelines of deals with their stages, which say what is won and lost",
            _pipelines,
            key="id",
            required=("id", "stages"),
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "crm.objects.contacts.read",
            ("contacts", "archived_contacts", "deals", "deal_contacts"),
            "no contacts; no deals either, because their contacts are asked for with them"
            " (HTTP 403)",
        ),
        Right(
            "crm.objects.deals.read",
            ("deals", "deal_contacts", "pipelines"),
            "no deals and pipelines (HTTP 403)",
        ),
        Right(
            "the sensitive-data read scope of contacts, where the portal marks a property that we"
            " read as sensitive",
            ("contacts",),
            "that property stays empty, in silence",
            is_told=False,
        ),
    ),
    granted=_granted,
    versions=(
        Version(VERSION, date(2028, 3, 1)),
        Version("v1", date(2027, 9, 1), use="tokens of OAuth apps", setting="extra.refresh_token"),
    ),
)
