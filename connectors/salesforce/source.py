"""Salesforce: contacts, leads, opportunities and campaigns. How they are read stands in README.md.

A record is landed as it came. What Salesforce tells elsewhere, or under a name of the company's
own, stands at its end: `"CurrencyIsoCode"` of an org with one currency, `"order_name"` of an
opportunity, `"loyalty_card_no"` of a contact.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import repeat
from typing import Any
from urllib.parse import urlsplit

import msgspec

from connectors.core import times
from connectors.core.auth import Token, client_credentials_grant, signed_grant
from connectors.core.budget import Budget
from connectors.core.errors import (
    AuthError,
    CursorExpired,
    QueryTooCostly,
    Refused,
    Retry,
    VendorError,
)
from connectors.core.http import Client, describe, token_request
from connectors.core.paging import Instant, Run, follow, promised
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting, above_zero
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.sweeps import Sweep
from connectors.core.verbatim import Page
from warehouse.landing.errors import SettingError
from warehouse.landing.personal import Personal

log = logging.getLogger(__name__)

VERSION = "v68.0"
DATA = f"/services/data/{VERSION}"
TOKENS = "/services/oauth2/token"
# Where everybody signs in, and no org's data is.
LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
JWT_SECONDS = 180
PERCENT = 90.0  # of the org's requests in 24 hours
SHORTEST = timedelta(seconds=1)  # that a window is split into
# A change is stamped when it is made and seen when its transaction ends, up to ten minutes later.
OVERLAP = timedelta(minutes=15)
HISTORY_DAYS = 10_000  # there is no older record: Salesforce began in 1999
_json = msgspec.json.Encoder()
_API_NAME = re.compile(r"[A-Za-z]\w*").fullmatch
_USAGE = re.compile(r"\bapi-usage=(\d+)/(\d+)")

ALWAYS = ("CreatedDate", "SystemModstamp", "IsDeleted")


@dataclass(frozen=True)
class Entity:
    """An object of Salesforce and what is read of it.

    ``optional`` fields are there in some orgs only. ``custom`` maps settings, which name a field of
    the company's own, to what it is called where it lands. ``within``: the object by which it is
    decided who sees it.
    """

    name: str
    fields: tuple[str, ...]
    optional: tuple[str, ...] = ()
    custom: tuple[tuple[str, str], ...] = ()
    within: str = ""

    @property
    def guard(self) -> str:
        return self.within or self.name


CONTACT = Entity(
    "Contact",
    (
        "AccountId",
        "MasterRecordId",
        "FirstName",
        "LastName",
        "Birthdate",
        "Email",
        "Phone",
        "MobilePhone",
        "HomePhone",
        "MailingStreet",
        "MailingCity",
        "MailingPostalCode",
        "MailingCountry",
        "LeadSource",
        "HasOptedOutOfEmail",
        "HasOptedOutOfFax",
        "DoNotCall",
    ),
    ("MailingCountryCode", "IsPersonAccount"),
    (("extra.loyalty_field", "loyalty_card_no"),),
)
LEAD = Entity(
    "Lead",
    (
        "MasterRecordId",
        "FirstName",
        "LastName",
        "Email",
        "Phone",
        "MobilePhone",
        "Street",
        "City",
        "PostalCode",
        "Country",
        "LeadSource",
        "Status",
        "IsConverted",
        "ConvertedDate",
        "ConvertedContactId",
        "ConvertedOpportunityId",
        "HasOptedOutOfEmail",
        "HasOptedOutOfFax",
        "DoNotCall",
    ),
    ("CountryCode",),
)
OPPORTUNITY = Entity(
    "Opportunity",
    # Not its name: that is often a person's, and nobody tells whose.
    (
        "AccountId",
        "ContactId",
        "Amount",
        "StageName",
        "IsClosed",
        "IsWon",
        "CloseDate",
        "LastStageChangeDate",
        "LeadSource",
        "CampaignId",
    ),
    ("CurrencyIsoCode",),
    (("extra.order_field", "order_name"),),
)
CONTACT_ROLE = Entity(
    "OpportunityContactRole",
    ("OpportunityId", "ContactId", "IsPrimary", "Role"),
    within="Opportunity",
)
CAMPAIGN = Entity("Campaign", ("Name", "Type", "Status", "StartDate", "EndDate"))
CAMPAIGN_MEMBER = Entity(
    "CampaignMember",
    ("CampaignId", "ContactId", "LeadId", "Status", "HasResponded", "FirstRespondedDate"),
    within="Campaign",
)
ENTITIES = (CONTACT, LEAD, OPPORTUNITY, CONTACT_ROLE, CAMPAIGN, CAMPAIGN_MEMBER)
GUARDS = tuple(dict.fromkeys(entity.guard for entity in ENTITIES))


@dataclass
class Salesforce(Api):
    """One org. Remembers what of its objects is shown to us."""

    percent: float = PERCENT
    shown: dict[str, dict[str, bool]] = field(default_factory=dict)

    def query(self, soql: str, resource: str = "queryAll") -> Iterator[Page]:
        """The pages of a query's answer; `queryAll` has what is in the recycle bin, too."""
        try:
            yield from self.answers(soql, resource)
        except QueryTooCostly as refusal:
            raise Refused(f"a query takes Salesforce too long{refusal}: {soql[:120]}…") from None

    def answers(self, soql: str, resource: str = "queryAll") -> Iterator[Page]:
        """The same; raises QueryTooCostly where Salesforce takes too long for it."""

        def ask(locator: str | None) -> Page:
            self.heed()
            path, asked = (locator, None) if locator else (f"{DATA}/{resource}", {"q": soql})
            # A locator belongs to the session that got it.
            page = self.client.get(path, asked, rows=("records",), of_session=bool(locator))
            page.total = page.envelope.get("totalSize")
            return page

        return follow(ask, _locator)

    def between(
        self, soql: Callable[[datetime, datetime], str], start: datetime, until: datetime
    ) -> Iterator[Page]:
        """The pages of a query over a stretch of time, in shorter stretches where Salesforce takes
        too long for it."""
        ends = [until]
        while ends:
            try:
                for page in self.answers(soql(start, ends[-1])):
                    page.is_last = page.is_last and len(ends) == 1
                    yield page
                start = ends.pop()
            except QueryTooCostly as refusal:
                if ends[-1] - start <= SHORTEST:
                    raise Refused(
                        f"even a query for one second takes Salesforce too long{refusal}"
                    ) from None
                ends.append(start + (ends[-1] - start) / 2)

    def heed(self) -> None:
        """Leave the org's last requests of the day to others."""
        told = _USAGE.search(self.client.answered.get("Sforce-Limit-Info", ""))
        if told and int(told[1]) * 100 >= int(told[2]) * self.percent:
            raise VendorError(
                f"the org has used {int(told[1]):,} of its {int(told[2]):,} requests of 24 hours;"
                f" what is beyond {self.percent:g}% is left to its other applications"
                " (extra.requests_percent). Nothing was committed; run it again later"
            )

    def described(self, name: str) -> dict[str, bool]:
        """The fields of an object that are shown to us, none if the object is not; each with
        whether it is a formula."""
        if name not in self.shown:
            try:
                answer = self.client.get(f"{DATA}/sobjects/{name}/describe").envelope
            except Refused:
                self.shown[name] = {}
            else:
                fields = answer["fields"]
                self.shown[name] = {each["name"]: each.get("calculated") is True for each in fields}
        return self.shown[name]

    def custom(self, entity: Entity) -> dict[str, str]:
        """The company's own fields of an object, each with what it is called where it lands."""
        found = {}
        for setting, alias in entity.custom:
            if name := str(self.connection.get(setting)):
                if not _API_NAME(name):
                    raise SettingError(
                        f"{setting} must be the API name of a field of {entity.name}, such as"
                        f" Order_Name__c, not {name!r}"
                    )
                found[name] = alias
        return found

    def asked(self, entity: Entity, stream: str) -> list[str]:
        """The fields to ask for: those that are shown. Whichever are not are noted as unseen."""
        there = self.described(entity.name)
        if not there:
            raise AuthError(
                f"Salesforce shows no object {entity.name} to these credentials. Give the user"
                f" Read on {entity.guard}, or leave the stream out: extra.skip_streams in the"
                " connection"
            )
        for name in self.custom(entity):
            if there.get(name):
                log.warning(
                    "salesforce.%s: %s is a formula: what it shows changes without its record, and"
                    " is not read again until that changes, too",
                    stream,
                    name,
                )
        wanted = ("Id", *ALWAYS, *entity.fields, *self.custom(entity))
        if unseen := tuple(name for name in wanted if name not in there):
            self.unseen[stream] = unseen
        optional = [name for name in entity.optional if name in there]
        return [name for name in dict.fromkeys((*wanted, *optional)) if name in there]

    @cached_property
    def currency(self) -> str:
        """The currency of an org that has one alone, whose records do not name it."""
        if said := str(self.connection.get("extra.currency")):
            return said
        features = self.client.get(f"{DATA}/connect/organization").envelope["features"]
        if features.get("multiCurrency") is True:
            raise VendorError(
                "the org has several currencies, and does not show the user which one an amount is"
                " in (CurrencyIsoCode): amounts mean nothing without"
            )
        found = features.get("defaultCurrencyIsoCode")
        if not isinstance(found, str) or not found:
            raise VendorError(
                "Salesforce does not tell the org's currency, and amounts mean nothing without:"
                " set extra.currency of the connection"
            )
        return found

    def told_in_full(self, page: Page, aliases: dict[str, str], currency: str) -> Page:
        """The records with what stands elsewhere, or under another name, at their end."""
        told: list[Iterable[str]] = []
        if currency:
            told.append(repeat(f'"CurrencyIsoCode":{_written(currency)}', len(page.raw)))
        own = page.members(*aliases) if aliases else []
        for alias, texts in zip(aliases.values(), own, strict=True):
            told.append([f'"{alias}":{text or "null"}' for text in texts])
        if told:
            named = ("CurrencyIsoCode",) if currency else ()
            page.add(list(map(",".join, zip(*told, strict=True))), *named, *aliases.values())
        return page

    @cached_property
    def seen_whole(self) -> frozenset[str]:
        """The objects of which all records are shown, whoever owns them."""
        rights = "SELECT PermissionsViewAllData FROM UserPermissionAccess"
        for page in self.query(rights, "query"):
            if any(item["PermissionsViewAllData"] for item in page.items):
                return frozenset(GUARDS)
        user = str(self.client.get(f"{DATA}/").envelope["identity"]).rpartition("/")[2]
        granted = (
            "SELECT SobjectType FROM ObjectPermissions"  # noqa: S608 - quoted
            " WHERE PermissionsViewAllRecords = true AND ParentId IN"
            " (SELECT PermissionSetId FROM PermissionSetAssignment"
            f" WHERE AssigneeId = {_quoted(user)})"
        )
        pages = self.query(granted, "query")
        return frozenset(item["SobjectType"] for page in pages for item in page.items)


def _locator(page: Page) -> str | None:
    """The address of the next page, on the host that was asked."""
    said = page.envelope
    address = promised(said.get("done") is not True, said.get("nextRecordsUrl"))
    if address and not address.startswith("/services/data/"):
        raise VendorError(
            f"the address of the next page leads to {urlsplit(address).hostname or address}, not"
            " to the data that was asked for. Nothing was committed"
        )
    return address


def _written(value: Any) -> str:
    return _json.encode(value).decode()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _check(status: int, answer: Any) -> None:
    """Errors come as a list of objects with an errorCode."""
    if status < 400 or not isinstance(answer, list):
        return
    codes = {each.get("errorCode") for each in answer if isinstance(each, dict)}
    said = describe(answer)
    if "REQUEST_LIMIT_EXCEEDED" in codes:
        if "TotalRequests" in said:
            raise VendorError(
                f"the org's requests of 24 hours are used up{said}. Nothing was committed; run it"
                " again later, or have the limit raised"
            )
        raise Retry(f"too many requests at a time{said}")
    if "INVALID_QUERY_LOCATOR" in codes:
        raise CursorExpired
    if codes & {"QUERY_TIMEOUT", "OPERATION_TOO_LARGE"}:
        raise QueryTooCostly(said)
    if codes & {"SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW"}:
        raise Retry(said)


def _connect(connection: Connection) -> Salesforce:
    host = connection.host.rstrip("/")
    name = urlsplit(host).hostname or host
    if name in LOGIN_HOSTS:
        raise SettingError(
            f"the host must be your org's My Domain, https://<name>.my.salesforce.com, not {name}"
        )
    tokens = Client(host, connection=connection)
    auth = Token(lambda: token_request(tokens, TOKENS, data=_grant(connection, name)))
    client = Client(
        host,
        auth,
        connection=connection,
        headers={"Sforce-Query-Options": "batchSize=2000"},
        budget=Budget(20, 10),
        check=_check,
    )
    percent = above_zero(connection, "extra.requests_percent", PERCENT, 100)
    return Salesforce(client, connection, percent)


def _grant(connection: Connection, host: str) -> dict[str, str]:
    """What is traded for a token: signed by the company's key, or the client's own secret."""
    if key := connection.get("extra.private_key"):
        user = str(connection.get("extra.username"))
        if not user:
            raise SettingError("extra.username must say which user extra.private_key signs in")
        is_sandbox = ".sandbox." in host or host.startswith("test.")
        audience = connection.get(
            "extra.audience", f"https://{'test' if is_sandbox else 'login'}.salesforce.com"
        )
        claims = {"iss": connection.login, "sub": user, "aud": str(audience)}
        wrong = "extra.private_key must be an RSA key in PEM form, whose certificate the app has"
        return signed_grant(claims, str(key), JWT_SECONDS, wrong)
    if not connection.password:
        raise SettingError(
            "password must be the client secret of the app, or extra.private_key its private key"
        )
    return client_credentials_grant(connection.login, connection.password)


def _changed(entity: Entity, stream: str) -> Callable[[Salesforce, Window], Iterator[Run]]:
    """The records of an object that changed, deleted ones too, in the order of their changes."""

    def read(api: Salesforce, window: Window) -> Iterator[Run]:
        fields = api.asked(entity, stream)
        select = f"SELECT {', '.join(fields)} FROM {entity.name} WHERE"  # noqa: S608 - API names

        def changed(start: datetime, end: datetime) -> str:
            return (
                f"{select} SystemModstamp >= {times.text(start)}"
                f" AND SystemModstamp <= {times.text(end)} ORDER BY SystemModstamp, Id"
            )

        def pages(start: str) -> Iterator[Page]:
            return api.between(changed, times.parse(start), window.until)

        def of_one_second(start: str, key: str) -> Iterator[Page]:
            behind = f" AND Id > {_quoted(key)}" if key else ""
            return api.query(
                f"{select} SystemModstamp >= {start} AND SystemModstamp < {_next_second(start)}"
                f"{behind} ORDER BY Id"
            )

        aliases = {name: alias for name, alias in api.custom(entity).items() if name in fields}
        is_of_money = "CurrencyIsoCode" in entity.optional
        currency = api.currency if is_of_money and "CurrencyIsoCode" not in fields else ""
        run = Run(
            pages,
            times.text(window.since),
            times.text,
            label=stream,
            instant=Instant(of_one_second, _next_second),
        )
        yield run.each(lambda page: api.told_in_full(page, aliases, currency))

    return read


def _next_second(start: str) -> str:
    return times.text(times.parse(start).replace(microsecond=0) + timedelta(seconds=1))


def _all_ids(entity: Entity) -> Callable[[Salesforce, Window], Iterator[Run]]:
    """All records that exist, in the recycle bin too, with nothing but their id."""

    def read(api: Salesforce, window: Window) -> Iterator[Run]:
        soql = f"SELECT Id FROM {entity.name} ORDER BY Id"  # noqa: S608 - our own names
        yield Run(lambda start: api.query(soql), label=f"all of {entity.name}")

    return read


def _gone(entity: Entity) -> Callable[[Salesforce, list[str]], set[str]]:
    """Those of the ids that Salesforce has no record of any more.

    Who may not see all records is told nothing of those that exist: then none counts as gone.
    """

    def gone(api: Salesforce, ids: list[str]) -> set[str]:
        try:
            is_seen_whole = entity.guard in api.seen_whole
        except (Refused, AuthError):
            is_seen_whole = False
        if not is_seen_whole:
            log.warning(
                "salesforce.%s: %d records are not shown, deleted or not: grant %s",
                entity.name,
                len(ids),
                _view_all(entity.guard),
            )
            return set()
        listed = ", ".join(map(_quoted, ids))
        soql = f"SELECT Id FROM {entity.name} WHERE Id IN ({listed})"  # noqa: S608 - quoted
        return {*ids} - {item["Id"] for page in api.query(soql) for item in page.items}

    return gone


def _sweep(entity: Entity) -> Sweep:
    return Sweep(timedelta(days=1), _all_ids(entity), _gone(entity))


def _read(guard: str) -> str:
    return f"{guard}: Read"


def _view_all(guard: str) -> str:
    return f"{guard}: View All Records"


def _granted(api: Salesforce) -> set[str]:
    """The rights on objects, as Setup calls them."""
    shown = {_read(guard) for guard in GUARDS if api.described(guard)}
    return shown | {_view_all(guard) for guard in api.seen_whole}


def _stream(
    name: str, description: str, entity: Entity, personal: Personal | None = None, **how: Any
) -> Stream:
    return Stream(
        name,
        description,
        _changed(entity, name),
        key="Id",
        cursor="SystemModstamp",
        overlap=OVERLAP,
        history_days=HISTORY_DAYS,
        personal=personal,
        required=("Id", "SystemModstamp"),
        sweep=_sweep(entity),
        **how,
    )


STREAMS_OF = {
    "Contact": ("contacts",),
    "Lead": ("leads",),
    "Opportunity": ("opportunities", "opportunity_contact_roles"),
    "Campaign": ("campaigns", "campaign_members"),
}

SOURCE = Source(
    name="salesforce",
    title="Salesforce",
    owner="crm-operations",
    schedule="40 * * * *",
    provides=("deals", "leads"),
    settings=(
        Setting("host", "https://<name>.my.salesforce.com"),
        Setting("login", "client id (consumer key) of the app"),
        Setting("password", "client secret of the app, for client credentials", False),
        Setting("extra.private_key", "private key (PEM), for JWT instead of a secret", False),
        Setting("extra.username", "user that the private key signs in", False),
        Setting("extra.audience", "whom the JWT is for; default by the host", False),
        Setting("extra.order_field", "field of opportunities with the order's name", False),
        Setting("extra.loyalty_field", "field of contacts with the loyalty card's number", False),
        Setting("extra.currency", "currency of an org that has one; default: asked for", False),
        Setting(
            "extra.requests_percent",
            "of the org's requests in 24 hours, how many are used at most; default 90",
            False,
        ),
        *COMMON_SETTINGS,
    ),
    streams=(
        _stream(
            "contacts",
            "Contacts, person accounts among them",
            CONTACT,
            Personal(
                "drop",
                who={"MasterRecordId": "contact_id"},
                carries={
                    "Email": "email",
                    "Phone": "phone",
                    "MobilePhone": "phone",
                    "HomePhone": "phone",
                    "loyalty_card_no": "loyalty_card",
                },
                record="contact_id",
                also=(
                    "FirstName",
                    "LastName",
                    "Birthdate",
                    "MailingStreet",
                    "MailingCity",
                    "MailingPostalCode",
                ),
            ),
        ),
        _stream(
            "leads",
            "Leads, open, converted or lost",
            LEAD,
            Personal(
                "drop",
                who={"MasterRecordId": "lead_id", "ConvertedContactId": "contact_id"},
                carries={"Email": "email", "Phone": "phone", "MobilePhone": "phone"},
                record="lead_id",
                also=("FirstName", "LastName", "Street", "City", "PostalCode"),
            ),
            is_expected=False,
        ),
        _stream(
            "opportunities",
            "Opportunities, open, won or lost",
            OPPORTUNITY,
            Personal("blank", who={"ContactId": "contact_id"}),
            usual=("Amount",),
            feed=Feed("Salesforce opportunities", "created_at"),
        ),
        _stream(
            "opportunity_contact_roles",
            "Which contacts an opportunity has",
            CONTACT_ROLE,
            Personal("drop", who={"ContactId": "contact_id"}),
            is_expected=False,
        ),
        _stream("campaigns", "Campaigns", CAMPAIGN, is_expected=False),
        _stream(
            "campaign_members",
            "Which contacts and leads a campaign has, and whether they responded",
            CAMPAIGN_MEMBER,
            Personal("drop", who={"ContactId": "contact_id", "LeadId": "lead_id"}),
            is_expected=False,
        ),
    ),
    connect=_connect,
    rights=(
        *(
            Right(_read(guard), streams, f"{' and '.join(streams).replace('_', ' ')} are not read")
            for guard, streams in STREAMS_OF.items()
        ),
        *(
            Right(
                _view_all(guard),
                streams,
                "records that are not shared with the user are missing, in silence; what was"
                " deleted for good stays",
                "or View All Data",
            )
            for guard, streams in STREAMS_OF.items()
        ),
        Right(
            "API Enabled, and the OAuth scope `api` of the app",
            tuple(name for streams in STREAMS_OF.values() for name in streams),
            "nothing is read (HTTP 403)",
            is_told=False,
        ),
        Right(
            "Read on each field that is listed under Fields (field-level security)",
            tuple(name for streams in STREAMS_OF.values() for name in streams),
            "that field stays empty; each load and the check name it",
            is_told=False,
        ),
    ),
    granted=_granted,
    versions=(Version(VERSION, date(2029, 10, 1)),),
)
