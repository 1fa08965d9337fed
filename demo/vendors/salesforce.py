"""Salesforce REST API v68.0: SOQL over contacts, leads, opportunities, campaigns.

The org has several currencies and person accounts: every second contact is one, and what such a
person buys names their account; of others it has a contact role. A locator leads into the list as
it was found, and belongs to the session that got it. What is deleted is in the recycle bin for 15
days and nowhere after.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from demo.vendors.core.faults import View
from demo.vendors.core.listing import Stream, cut_page, digest, with_new_field
from demo.vendors.core.sql import literal
from demo.vendors.core.vendor import Record, Vendor
from demo.vendors.core.wire import Call, Problem, Reply, parse_time, reply_json, rows_json

if TYPE_CHECKING:
    from demo.vendors.core.state import Simulation

NAME = "salesforce"
VERSION = "v68.0"
DATA = f"/services/data/{VERSION}"
# Made up, and good for nothing but this simulator.
CLIENT_ID = "3MVG9demo-salesforce-consumer-key"
CLIENT_SECRET = "demo-salesforce-consumer-secret"  # noqa: S105
IDENTITY = "https://login.salesforce.com/id/00D000000000001AAA/005000000000001AAA"
TOKEN_SECONDS = 7_200
LARGEST_BATCH, SMALLEST_BATCH = 2_000, 200
IN_THE_BIN = timedelta(days=15)
ORDER_FIELD = "Order_Name__c"
LOYALTY_FIELD = "Loyalty_Card__c"
LOCATOR = "01g"

TEXT, TIME, DATE, FLAG, NUMBER = "string", "datetime", "date", "boolean", "currency"


def record_id(prefix: str, number: str) -> str:
    """An id of 18 characters: kind, number, and which of the characters are capitals."""
    return _id(prefix, f"printf('%012x', ({number})::BIGINT)")


def opportunity_id(prefix: str, kind: str, number: str) -> str:
    """The same of a number of one of two kinds."""
    return _id(prefix, f"{kind} || printf('%011x', ({number})::BIGINT)")


def _id(prefix: str, digits: str) -> str:
    suffix = "EAA" if prefix[2].isupper() else "AAA"
    return f"{literal(prefix)} || {digits} || {literal(suffix)}"


CONTACT_ID = record_id("003", "t.contact_no")
LEAD_ID = record_id("00Q", "t.lead_no")
ACCOUNT_ID = record_id("001", "t.contact_no")
# Two kinds of opportunities: those of web orders (1) and those that sales people work on (2).
OPPORTUNITY_ID = opportunity_id("006", "t.kind", "t.opportunity_no")
IS_PERSON_ACCOUNT = "t.contact_no % 2 = 0"
NO_TEXT = "NULL::VARCHAR"


@dataclass(frozen=True)
class Entity:
    """An object: what stands for its rows, and of each field the SQL and the type.

    ``guard`` is the object by which it is decided who sees it.
    """

    guard: str
    relation: str  # with {table} in place of each of the world's tables
    tables: tuple[str, ...]
    fields: dict[str, tuple[str, str]]

    def of(self, view: View) -> str:
        tables = {name: view.table(name) for name in self.tables}
        relinked = [f["relinked"] for f in view.faults if f.name == "later_links"]
        return self.relation.format(
            **tables,
            now=literal(view.now),
            purged=literal(view.now - IN_THE_BIN),
            relinked=", ".join(map(str, relinked[0])) if relinked and relinked[0] else "-1",
        )


def always(key: str, deleted: str = "false") -> dict[str, tuple[str, str]]:
    return {
        "Id": (key, "id"),
        "IsDeleted": (deleted, FLAG),
        "CreatedDate": ("t.created_at", TIME),
        "SystemModstamp": ("t.updated_at", TIME),
    }


# An opportunity that became a web order is that order's deal; the other orders' deals stand alone.
OPPORTUNITIES = """
    WITH taken AS (
        SELECT o.opportunity_no, min(d.deal_no) AS deal_no
        FROM main.crm_opportunities AS o JOIN main.crm_deals AS d USING (order_name) GROUP BY ALL
    ),
    deals AS (
        SELECT d.*, taken.opportunity_no FROM {crm_deals} AS d LEFT JOIN taken USING (deal_no)
    )
    SELECT 1 AS kind, deal_no AS opportunity_no, contact_no, 'Web order ' || order_name AS name,
        amount_minor, currency_code, created_at, closed_at, stage = 'closedwon' AS is_won,
        order_name, updated_at, NULL::VARCHAR AS source
    FROM deals WHERE opportunity_no IS NULL
    UNION ALL BY NAME
    SELECT 2 AS kind, o.opportunity_no, o.contact_no, o.name,
        coalesce(d.amount_minor, o.amount_minor) AS amount_minor, o.currency_code, o.created_at,
        o.closed_at, o.is_won AND coalesce(d.stage = 'closedwon', true) AS is_won,
        CASE WHEN o.closed_at IS NOT NULL THEN d.order_name END AS order_name,
        greatest(o.updated_at, CASE WHEN o.closed_at IS NOT NULL THEN d.updated_at END)
            AS updated_at,
        l.source
    FROM {crm_opportunities} AS o
    LEFT JOIN deals AS d ON d.opportunity_no = o.opportunity_no AND o.closed_at IS NOT NULL
    LEFT JOIN {crm_leads} AS l ON l.lead_no = o.lead_no"""
SOURCES = {"web": "Web", "store": "Store", "phone": "Phone Inquiry", "event": "Event"}
LEAD_SOURCE = (
    "CASE t.source "
    + " ".join(f"WHEN {literal(name)} THEN {literal(said)}" for name, said in SOURCES.items())
    + " END"
)

ENTITIES = {
    "Contact": Entity(
        "Contact",
        "SELECT * FROM {crm_contacts} WHERE archived_at IS NULL OR archived_at > {purged}",
        ("crm_contacts",),
        {
            **always(CONTACT_ID, "t.archived_at IS NOT NULL"),
            "AccountId": (f"CASE WHEN {IS_PERSON_ACCOUNT} THEN {ACCOUNT_ID} END", "reference"),
            "IsPersonAccount": (IS_PERSON_ACCOUNT, FLAG),
            "MasterRecordId": (record_id("003", "t.merged_into_contact_no"), "reference"),
            "FirstName": ("t.first_name", TEXT),
            # No contact is without one.
            "LastName": ("coalesce(t.last_name, '[not provided]')", TEXT),
            "Birthdate": ("try_cast(t.birth_date AS DATE)", DATE),
            "Email": ("t.email", "email"),
            "Phone": ("t.phone", "phone"),
            "MobilePhone": (NO_TEXT, "phone"),
            "HomePhone": (NO_TEXT, "phone"),
            "MailingStreet": ("t.street", "textarea"),
            "MailingCity": ("t.city", TEXT),
            "MailingPostalCode": ("t.postal_code", TEXT),
            "MailingCountry": (NO_TEXT, TEXT),
            "LeadSource": (NO_TEXT, "picklist"),
            "HasOptedOutOfEmail": ("NOT t.email_opt_in", FLAG),
            "HasOptedOutOfFax": ("false", FLAG),
            "DoNotCall": ("false", FLAG),
            LOYALTY_FIELD: ("t.loyalty_card_no", TEXT),
        },
    ),
    "Lead": Entity(
        "Lead",
        """SELECT l.*, (
            SELECT min(o.opportunity_no) FROM {crm_opportunities} AS o WHERE o.lead_no = l.lead_no
        ) AS opportunity_no, 2 AS kind FROM {crm_leads} AS l""",
        ("crm_leads", "crm_opportunities"),
        {
            **always(LEAD_ID),
            "MasterRecordId": (NO_TEXT, "reference"),
            "FirstName": ("t.first_name", TEXT),
            "LastName": ("coalesce(t.last_name, '[not provided]')", TEXT),
            "Email": ("t.email", "email"),
            "Phone": ("t.phone", "phone"),
            "MobilePhone": (NO_TEXT, "phone"),
            "Street": (NO_TEXT, "textarea"),
            "City": (NO_TEXT, TEXT),
            "PostalCode": (NO_TEXT, TEXT),
            "Country": (NO_TEXT, TEXT),
            "LeadSource": (LEAD_SOURCE, "picklist"),
            "Status": (
                "CASE WHEN t.converted_at IS NOT NULL THEN 'Closed - Converted'"
                " WHEN t.lost_at IS NOT NULL THEN 'Closed - Not Converted'"
                " WHEN t.qualified_at IS NOT NULL THEN 'Working - Contacted'"
                " ELSE 'Open - Not Contacted' END",
                "picklist",
            ),
            "IsConverted": ("t.converted_at IS NOT NULL", FLAG),
            "ConvertedDate": ("t.converted_at::DATE", DATE),
            "ConvertedContactId": (CONTACT_ID, "reference"),
            "ConvertedOpportunityId": (
                f"CASE WHEN t.converted_at IS NOT NULL THEN {OPPORTUNITY_ID} END",
                "reference",
            ),
            "HasOptedOutOfEmail": ("false", FLAG),
            "HasOptedOutOfFax": ("false", FLAG),
            "DoNotCall": ("false", FLAG),
        },
    ),
    "Opportunity": Entity(
        "Opportunity",
        f"SELECT o.*, c.exponent FROM ({OPPORTUNITIES}) AS o JOIN currencies AS c"
        " USING (currency_code)",
        ("crm_deals", "crm_opportunities", "crm_leads"),
        {
            **always(OPPORTUNITY_ID),
            "Name": ("t.name", TEXT),
            "AccountId": (f"CASE WHEN {IS_PERSON_ACCOUNT} THEN {ACCOUNT_ID} END", "reference"),
            "ContactId": (NO_TEXT, "reference"),
            "Amount": ("t.amount_minor / power(10, t.exponent)", NUMBER),
            "CurrencyIsoCode": ("t.currency_code", "picklist"),
            "StageName": (
                "CASE WHEN t.closed_at IS NULL THEN 'Proposal/Price Quote'"
                " WHEN t.is_won THEN 'Closed Won' ELSE 'Closed Lost' END",
                "picklist",
            ),
            "IsClosed": ("t.closed_at IS NOT NULL", FLAG),
            "IsWon": ("coalesce(t.is_won, false)", FLAG),
            "CloseDate": ("coalesce(t.closed_at, t.created_at + INTERVAL 30 DAY)::DATE", DATE),
            "LastStageChangeDate": ("t.closed_at", TIME),
            "LeadSource": (LEAD_SOURCE, "picklist"),
            "CampaignId": (NO_TEXT, "reference"),
            ORDER_FIELD: ("t.order_name", TEXT),
        },
    ),
    "OpportunityContactRole": Entity(
        "Opportunity",
        f"SELECT * REPLACE (CASE WHEN kind = 1 AND opportunity_no IN ({{relinked}}) THEN {{now}}"
        f" ELSE created_at END AS updated_at) FROM ({OPPORTUNITIES}) AS t"
        f" WHERE contact_no IS NOT NULL AND NOT {IS_PERSON_ACCOUNT}",
        ("crm_deals", "crm_opportunities", "crm_leads"),
        {
            **always(opportunity_id("00K", "t.kind", "t.opportunity_no")),
            "OpportunityId": (OPPORTUNITY_ID, "reference"),
            "ContactId": (CONTACT_ID, "reference"),
            "IsPrimary": ("true", FLAG),
            "Role": ("'Business User'", "picklist"),
        },
    ),
    "Campaign": Entity(
        "Campaign",
        """SELECT *, start_date::TIMESTAMP AS created_at, end_date < {now}::DATE AS is_over,
            CASE WHEN is_over THEN end_date + INTERVAL 1 DAY ELSE start_date END AS updated_at
        FROM {crm_campaigns} WHERE start_date <= {now}""",
        ("crm_campaigns",),
        {
            **always(record_id("701", "t.campaign_no")),
            "Name": ("t.name", TEXT),
            "Type": (
                "CASE t.kind WHEN 'email' THEN 'Email' WHEN 'event' THEN 'Event'"
                " WHEN 'phone' THEN 'Telemarketing' END",
                "picklist",
            ),
            "Status": ("CASE WHEN t.is_over THEN 'Completed' ELSE 'In Progress' END", "picklist"),
            "StartDate": ("t.start_date", DATE),
            "EndDate": ("t.end_date", DATE),
        },
    ),
    "CampaignMember": Entity(
        "Campaign",
        "SELECT *, added_at AS created_at, md5_number_lower(concat_ws('|', campaign_no,"
        " contact_no, lead_no)) % 1000000000000 AS member_no FROM {crm_campaign_members}",
        ("crm_campaign_members",),
        {
            **always(record_id("00v", "t.member_no")),
            "CampaignId": (record_id("701", "t.campaign_no"), "reference"),
            "ContactId": (CONTACT_ID, "reference"),
            "LeadId": (LEAD_ID, "reference"),
            "Status": ("upper(t.status[1]) || t.status[2:]", "picklist"),
            "HasResponded": ("t.responded_at IS NOT NULL", FLAG),
            "FirstRespondedDate": ("t.responded_at::DATE", DATE),
        },
    ),
}
GUARDS = tuple(dict.fromkeys(entity.guard for entity in ENTITIES.values()))


def read_right(guard: str) -> str:
    return f"{guard}: Read"


def whole_right(guard: str) -> str:
    return f"{guard}: View All Records"


# SOQL ------------------------------------------------------------------------------------------

QUERY = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<entity>\w+)(?: WHERE (?P<where>.+?))?"
    r"(?: ORDER BY (?P<order>[\w, ]+?))?(?: LIMIT (?P<limit>\d+))?\s*",
    re.IGNORECASE,
)
CONDITION = re.compile(
    r"(?P<field>\w+)\s*(?:(?P<operator>>=|<=|!=|=|<|>)\s*(?P<value>'(?:[^'\\]|\\.)*'|\S+)"
    r"|IN\s*\((?P<list>[^)]*)\))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Soql:
    """A query, understood: `entity`, its fields, and the rest as SQL. Hashable by its text."""

    entity: str
    fields: tuple[str, ...]
    where: str
    order: str
    limit: str


def understood(text: str) -> Soql:
    match = QUERY.fullmatch(text.strip())
    if not match:
        raise Problem("invalid_request", "unexpected token", code="MALFORMED_QUERY")
    entity = match["entity"]
    if entity not in ENTITIES:
        message = f"sObject type '{entity}' is not supported."
        raise Problem("invalid_request", message, code="INVALID_TYPE")
    fields = tuple(name.strip() for name in match["fields"].split(","))
    where = " AND ".join(
        condition(entity, each) for each in re.split(r"\s+AND\s+", match["where"] or "") if each
    )
    order = [_column(entity, name.strip()) for name in (match["order"] or "Id").split(",")]
    for name in fields:
        _column(entity, name)
    return Soql(entity, fields, where or "true", ", ".join(order), match["limit"] or "")


def condition(entity: str, text: str) -> str:
    match = CONDITION.fullmatch(text.strip())
    if not match:
        raise Problem("invalid_request", f"unexpected token: {text}", code="MALFORMED_QUERY")
    column = _column(entity, match["field"])
    if match["list"] is not None:
        values = [_value(each.strip()) for each in match["list"].split(",")]
        return f"{column} IN ({', '.join(values)})"
    return f"{column} {match['operator']} {_value(match['value'])}"


def _value(text: str) -> str:
    if text.startswith("'"):
        return literal(re.sub(r"\\(.)", r"\1", text[1:-1]))
    if text.lower() in ("true", "false", "null") or re.fullmatch(r"-?\d+(\.\d+)?", text):
        return text
    return literal(parse_time(text, "a time"))


def _column(entity: str, name: str) -> str:
    known = ENTITIES[entity].fields
    if name not in known:
        message = f"No such column '{name}' on entity '{entity}'."
        raise Problem("invalid_request", message, code="INVALID_FIELD")
    sql, kind = known[name]
    return f"date_trunc('second', {sql})" if kind == TIME else f"({sql})"


def _index(view: View, soql: Soql, is_all: bool) -> str:
    entity = ENTITIES[soql.entity]
    alive = "true" if is_all else f"NOT ({entity.fields['IsDeleted'][0]})"
    limit = f"LIMIT {soql.limit}" if soql.limit else ""
    return f"""
    SELECT {entity.fields["Id"][0]} AS id FROM ({entity.of(view)}) AS t
    WHERE {soql.where} AND {alive} ORDER BY {soql.order}, id {limit}"""


def _render(view: View, soql: Soql, **_: Any) -> str:
    entity = ENTITIES[soql.entity]
    key = entity.fields["Id"][0]
    address = f"'{DATA}/sobjects/{soql.entity}/' || {key}"
    attributes = f"'attributes': {{'type': {literal(soql.entity)}, 'url': {address}}}"
    members = [attributes]
    for name in soql.fields:
        sql, kind = entity.fields[name]
        if kind == TIME:
            sql = f"strftime({sql}, '%Y-%m-%dT%H:%M:%S.000+0000')"
        elif kind == DATE:
            sql = f"({sql})::VARCHAR"
        members.append(f"'{name}': {sql}")
    return f"""
    SELECT {key}, to_json({{{", ".join(members)}}})::VARCHAR
    FROM ({entity.of(view)}) AS t WHERE {key} IN (SELECT unnest($keys))"""


ROWS = Stream("salesforce.query", _index, _render)


# Endpoints -------------------------------------------------------------------------------------


def _authorise(sim: Simulation, call: Call, entity: str = "") -> None:
    sim.tokens.check(NAME, call.bearer)
    if entity and not sim.granted([read_right(ENTITIES[entity].guard)]):
        message = f"sObject type '{entity}' is not supported."
        raise Problem("invalid_request", message, code="INVALID_TYPE")


def token(sim: Simulation, call: Call) -> Reply:
    form = call.form
    if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
        return reply_json(
            {"error": "invalid_client", "error_description": "invalid client credentials"}, 400
        )
    if form.get("grant_type") != "client_credentials":
        return reply_json(
            {"error": "unsupported_grant_type", "error_description": "grant type not supported"},
            400,
        )
    return reply_json(
        {
            "access_token": sim.tokens.issue(NAME, TOKEN_SECONDS, "00D!"),
            "signature": "ZGVtbw==",
            "scope": "api",
            "instance_url": "https://demo.my.salesforce.com",
            "id": IDENTITY,
            "token_type": "Bearer",
            "issued_at": "1775001600000",
        }
    )


def resources(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    return _said({"sobjects": f"{DATA}/sobjects", "query": f"{DATA}/query", "identity": IDENTITY})


def organization(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    return _said(
        {"name": "Demo", "orgId": "00D000000000001AAA", "features": {"multiCurrency": True}}
    )


def describe(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    name = call.path_params["entity"]
    if name not in ENTITIES or not sim.granted([read_right(ENTITIES[name].guard)]):
        raise Problem("not_found", "The requested resource does not exist")
    fields = [
        {
            "name": field,
            "type": kind,
            "custom": field.endswith("__c"),
            "nillable": field not in ("Id", "IsDeleted", "CreatedDate", "SystemModstamp"),
        }
        for field, (_, kind) in ENTITIES[name].fields.items()
    ]
    return _said({"name": name, "queryable": True, "fields": fields})


def permissions(sim: Simulation, entity: str) -> Reply:
    """What the user may see, whoever owns it."""
    whole = [guard for guard in GUARDS if sim.granted([whole_right(guard)])]
    rows: list[Any] = [{"PermissionsViewAllData": whole == list(GUARDS)}]
    if entity == "ObjectPermissions":
        rows = [{"SobjectType": guard} for guard in whole]
    return _said({"totalSize": len(rows), "done": True, "records": rows})


def query(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    text = call.query.get("q", "")
    of_rights = re.search(r"FROM (UserPermissionAccess|ObjectPermissions)\b", text)
    if of_rights:
        return permissions(sim, of_rights[1])
    return _page(sim, call, text, call.path.endswith("/queryAll"), sim.view, 0)


def more(sim: Simulation, call: Call) -> Reply:
    """The page that a locator leads to."""
    _authorise(sim, call)
    locator, _, offset = call.path_params["locator"].rpartition("-")
    try:
        said = base64.urlsafe_b64decode(locator.removeprefix(LOCATOR) + "==")
        text, is_all, moment, session = json.loads(said)
        view, at = View(parse_time(moment, "locator"), sim.view.faults), int(offset)
    except (ValueError, TypeError) as error:
        raise Problem("invalid_cursor", "invalid query locator") from error
    if session != digest(call.bearer):
        raise Problem("token_expired", "Session expired or invalid")
    if call.whims.expire_cursor and sim.chaos.may_lose_cursor(digest(text, moment)):
        raise Problem("cursor_expired", "invalid query locator")
    return _page(sim, call, text, is_all, view, at)


def _page(sim: Simulation, call: Call, text: str, is_all: bool, view: View, offset: int) -> Reply:
    soql = understood(text)
    _authorise(sim, call, soql.entity)
    asked = re.search(r"batchSize=(\d+)", call.headers.get("sforce-query-options", ""))
    batch = min(LARGEST_BATCH, max(SMALLEST_BATCH, int(asked[1]) if asked else LARGEST_BATCH))
    listing = sim.listings.get(ROWS, view, {"soql": soql, "is_all": is_all})
    page = cut_page(listing, offset, batch, call.whims)
    rows = with_new_field(page.rows, call.whims, "AccountPreview")
    following = ""
    if page.next_offset:
        told = json.dumps([text, is_all, view.now.isoformat() + "Z", digest(call.bearer)])
        locator = LOCATOR + base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")
        following = f',"nextRecordsUrl":"{DATA}/query/{locator}-{page.next_offset}"'
    done = "false" if page.next_offset else "true"
    return Reply(
        f'{{"totalSize":{page.total},"done":{done}{following},"records":{rows_json(rows)}}}',
        headers=USAGE,
    )


USAGE = {"Sforce-Limit-Info": "api-usage=18/100000"}


def _said(body: Any) -> Reply:
    return reply_json(body, headers=dict(USAGE))


PROBLEMS = {
    "bad_credentials": (400, "invalid_client"),
    "unauthenticated": (401, "INVALID_SESSION_ID"),
    "token_expired": (401, "INVALID_SESSION_ID"),
    "rate_limited": (403, "REQUEST_LIMIT_EXCEEDED"),
    "server_error": (500, "UNKNOWN_EXCEPTION"),
    "invalid_request": (400, "MALFORMED_QUERY"),
    "invalid_cursor": (400, "INVALID_QUERY_LOCATOR"),
    "cursor_expired": (400, "INVALID_QUERY_LOCATOR"),
    "not_found": (404, "NOT_FOUND"),
    "forbidden": (403, "INSUFFICIENT_ACCESS"),
}


def refuse(problem: Problem) -> Reply:
    status, code = PROBLEMS[problem.kind]
    if problem.kind == "server_error":
        status = problem.status
    message = problem.message
    if problem.kind == "rate_limited":
        message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    headers = problem.headers()
    return reply_json([{"message": message, "errorCode": problem.code or code}], status, headers)


def credentials(host: str) -> dict[str, Any]:
    extra = {"order_field": ORDER_FIELD, "loyalty_field": LOYALTY_FIELD}
    return {"login": CLIENT_ID, "password": CLIENT_SECRET, "extra": extra}


VENDOR = Vendor(
    NAME,
    (
        ("POST", "/services/oauth2/token", token),
        ("GET", f"{DATA}/", resources),
        ("GET", f"{DATA}/connect/organization", organization),
        ("GET", f"{DATA}/sobjects/{{entity}}/describe", describe),
        ("GET", f"{DATA}/query", query),
        ("GET", f"{DATA}/queryAll", query),
        ("GET", f"{DATA}/query/{{locator}}", more),
    ),
    refuse,
    credentials,
    records={
        "contact": Record("crm_contact", record_id("003", "record_id")),
        "lead": Record("crm_lead", record_id("00Q", "record_id")),
        "sale": Record("crm_opportunity", opportunity_id("006", "2", "record_id")),
    },
)
