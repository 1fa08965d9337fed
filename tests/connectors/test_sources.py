"""The requests of each source, against shapes from the vendors' published specs."""

from __future__ import annotations

import itertools
import json
from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.core import times
from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.ga4 import source as ga4
from connectors.registry import SOURCES
from connectors.shopify import source as shopify
from tests.connectors.vendor_stub import Answer, Request, Vendor

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
TOKEN = Answer({"access_token": "t", "expires_in": 3600})


def run(folder: Path, source: str, stream: str, connection: Connection, **how: Any) -> list[Any]:
    """Load one stream and return its payloads."""
    extract(SOURCES[source], connection, str(folder), JUNE, streams=[stream], **how)
    rows = pq.read_table(folder / source / stream).to_pylist()
    return [json.loads(row["_payload"]) for row in rows if row["_payload"]]


# Google Ads


def google_ads(vendor: Vendor, answer: Any) -> Connection:
    vendor.on("POST", "/token", TOKEN)
    customer = {"id": "12", "timeZone": "America/New_York", "currencyCode": "USD"}

    def search(request: Request) -> Any:
        if "time_zone" in request.json["query"]:
            return {"results": [{"customer": customer}], "totalResultsCount": "1"}
        return answer(request)

    vendor.on("POST", "/v26/customers/12/googleAds:search", search)
    extra = {
        "refresh_token": "r",
        "customer_id": "1-2",
        "login_customer_id": "99",
        "token_url": f"{vendor.url}/token",
    }
    return Connection(vendor.url, "id", "secret", extra)


def queries(vendor: Vendor) -> list[str]:
    found = [request.json["query"] for request in vendor.seen("/v26/customers/12/googleAds:search")]
    return [query for query in found if "time_zone" not in query]


def test_behaviour_4_google_clicks_are_asked_day_by_day_within_90_days(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = google_ads(vendor, lambda request: {"fieldMask": "x"})
    run(tmp_path, "google_ads", "click_views", connection)
    asked = queries(vendor)
    # Midnight UTC is still 31 May in New York.
    assert len(asked) == 90
    assert "segments.date = '2026-05-31'" in asked[-1]
    assert f"segments.date = '{JUNE.date() - timedelta(days=90)}'" in asked[0]
    request = vendor.requests[-1]
    assert request.headers["Authorization"] == "Bearer t"
    assert request.headers["login-customer-id"] == "99"


def test_behaviour_3_google_performance_reads_30_days_again(vendor: Vendor, tmp_path: Path) -> None:
    row = {
        "campaign": {"id": "7"},
        "segments": {"date": "2026-05-31"},
        "metrics": {"costMicros": "1230000", "conversions": 0.1},
    }
    connection = google_ads(vendor, lambda r: {"results": [row], "totalResultsCount": "1"})
    assert run(tmp_path, "google_ads", "campaign_performance", connection) == [row]
    run(tmp_path, "google_ads", "campaign_performance", connection)
    assert "BETWEEN '2026-05-01' AND '2026-05-31'" in queries(vendor)[1]


def test_behaviour_6_a_google_page_token_that_expired_restarts_the_query(
    vendor: Vendor, tmp_path: Path
) -> None:
    rows = [{"campaign": {"id": str(number)}} for number in range(4)]
    expired = {
        "error": {"details": [{"errors": [{"errorCode": {"requestError": "EXPIRED_PAGE_TOKEN"}}]}]}
    }
    answers = iter(
        [
            {"results": rows[:2], "nextPageToken": "x", "totalResultsCount": "4"},
            Answer(expired, 400),
            {"results": rows[:2], "nextPageToken": "y", "totalResultsCount": "4"},
            {"results": rows[2:], "totalResultsCount": "4"},
        ]
    )
    connection = google_ads(vendor, lambda request: next(answers))
    assert run(tmp_path, "google_ads", "campaigns", connection) == rows


def test_behaviour_2_google_reports_more_rows_than_it_sends(vendor: Vendor, tmp_path: Path) -> None:
    answer = {"results": [{"campaign": {"id": "1"}}], "totalResultsCount": "2"}
    connection = google_ads(vendor, lambda request: answer)
    with pytest.raises(ExtractFailed, match=r"google_ads\.campaigns: the vendor reports 2 rows"):
        run(tmp_path, "google_ads", "campaigns", connection)


# Shopify


class Shop:
    """A shop whose GraphQL endpoint answers searches over its orders."""

    def __init__(self, vendor: Vendor, seconds: list[int]) -> None:
        begin = JUNE - timedelta(days=1)
        self.orders = [
            {"id": f"o{number}", "updatedAt": times.text(begin + timedelta(seconds=second))}
            for number, second in enumerate(sorted(seconds))
        ]
        self.troubles: list[Any] = []
        self.asked: list[dict[str, Any]] = []
        vendor.on("POST", "/admin/oauth/access_token", TOKEN)
        vendor.on("POST", shopify.GRAPHQL, self.answer)
        self.connection = Connection(vendor.url, "id", "secret")

    def answer(self, request: Request) -> Any:
        variables = request.json["variables"]
        self.asked.append(variables)
        if self.troubles and (trouble := self.troubles.pop(0)):
            return trouble
        since = variables["query"].split("'")[1]
        found = [order for order in self.orders if order["updatedAt"] >= since]
        at = int(variables["after"] or 0)
        end = at + variables["first"]
        assert at < shopify.DEEPEST, "paged deeper than Shopify allows"
        info = {"hasNextPage": end < len(found), "endCursor": str(end)}
        return {"data": {"orders": {"nodes": found[at:end], "pageInfo": info}}}


def test_behaviour_4_shopify_deep_paging_is_split_by_update_time(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopify, "DEEPEST", 1000)
    shop = Shop(vendor, [number // 40 for number in range(2600)])
    found = run(tmp_path, "shopify", "orders", shop.connection)
    assert sorted(order["id"] for order in found) == sorted(o["id"] for o in shop.orders)
    assert len({variables["query"] for variables in shop.asked}) == 3


def graphql_error(code: str, **extensions: Any) -> dict[str, Any]:
    return {
        "errors": [{"message": code.title(), "extensions": {"code": code}}],
        "extensions": extensions,
    }


def test_behaviour_5_shopify_throttles_with_http_200(
    vendor: Vendor, tmp_path: Path, waits: list[float]
) -> None:
    shop = Shop(vendor, [1, 2])
    cost = {
        "requestedQueryCost": 300,
        "throttleStatus": {
            "maximumAvailable": 2000,
            "currentlyAvailable": 100,
            "restoreRate": 100,
        },
    }
    shop.troubles = [graphql_error("THROTTLED", cost=cost)]
    assert len(run(tmp_path, "shopify", "orders", shop.connection)) == 2
    assert waits == [2.0]


def test_a_shopify_query_that_costs_too_much_is_asked_in_smaller_pages(
    vendor: Vendor, tmp_path: Path
) -> None:
    shop = Shop(vendor, list(range(100)))
    shop.troubles = [graphql_error("MAX_COST_EXCEEDED")] * 3
    assert len(run(tmp_path, "shopify", "orders", shop.connection)) == 100
    assert [variables["first"] for variables in shop.asked] == [250, 125, 62, 31, 31, 31, 31]


def test_behaviour_6_a_shopify_cursor_that_expired_is_resumed(
    vendor: Vendor, tmp_path: Path
) -> None:
    shop = Shop(vendor, list(range(600)))
    shop.troubles = [None, graphql_error("INVALID_CURSOR")]
    assert len(run(tmp_path, "shopify", "orders", shop.connection)) == 600
    assert "00:04:09" in shop.asked[2]["query"]


def test_behaviour_4_an_order_with_many_lines_and_parcels_lands_all_of_them(
    vendor: Vendor, tmp_path: Path
) -> None:
    """What does not fit into an order's nested lists is asked for, and lands beside the order."""
    shop = Shop(vendor, [1, 2])
    info = {"hasNextPage": True, "endCursor": "99"}
    shop.orders[1]["lineItems"] = {"nodes": [{"id": "l0", "x": 1.10}], "pageInfo": info}
    shop.orders[1]["fulfillmentOrders"] = {"nodes": [{"id": "f0"}], "pageInfo": info}

    def rest(nodes: str, after: str | None) -> Answer:
        more = json.dumps({"hasNextPage": after is not None, "endCursor": after})
        return Answer(f'{{"nodes": {nodes}, "pageInfo": {more}}}'.encode())

    answers = {
        ("lineItems", "99"): rest('[{"id": "l1", "y": 1.10}]', "199"),
        ("lineItems", "199"): rest('[{"id": "l2"}]', None),
        ("fulfillmentOrders", "99"): rest('[{"id": "f1"}]', None),
    }

    def answer(request: Request) -> Any:
        variables = request.json["variables"]
        if "query" in variables:
            return shop.answer(request)
        assert variables["id"] == "o1"
        name = "lineItems" if "lineItems(" in request.json["query"] else "fulfillmentOrders"
        body = answers[name, variables["after"]].body.decode()
        return Answer(f'{{"data": {{"order": {{"{name}": {body}}}}}}}'.encode())

    vendor.on("POST", shopify.GRAPHQL, answer)
    found = run(tmp_path, "shopify", "orders", shop.connection)
    assert found[0] == shop.orders[0]
    assert found[1] == {
        **shop.orders[1],
        "moreLineItems": [{"id": "l1", "y": 1.10}, {"id": "l2"}],
        "moreFulfillmentOrders": [{"id": "f1"}],
    }
    payloads = pq.read_table(tmp_path / "shopify" / "orders")["_payload"].to_pylist()
    assert '"moreLineItems":[{"id": "l1", "y": 1.10},{"id": "l2"}]' in payloads[1]  # verbatim


def test_a_shopify_order_that_vanishes_while_it_is_read_commits_nothing(
    vendor: Vendor, tmp_path: Path
) -> None:
    shop = Shop(vendor, [1])
    info = {"hasNextPage": True, "endCursor": "99"}
    shop.orders[0]["lineItems"] = {"nodes": [], "pageInfo": info}

    def answer(request: Request) -> Any:
        is_list = "query" in request.json["variables"]
        return shop.answer(request) if is_list else {"data": {"order": None}}

    vendor.on("POST", shopify.GRAPHQL, answer)
    with pytest.raises(ExtractFailed, match="the order o0 vanished while it was read"):
        run(tmp_path, "shopify", "orders", shop.connection)
    assert not list((tmp_path / "shopify" / "orders").glob("2*.parquet"))


def test_a_shopify_query_that_is_refused_is_an_error(vendor: Vendor, tmp_path: Path) -> None:
    shop = Shop(vendor, [])
    shop.troubles = [graphql_error("undefinedField")]
    with pytest.raises(ExtractFailed, match=r"shopify\.orders: the GraphQL query was refused"):
        run(tmp_path, "shopify", "orders", shop.connection)


# HubSpot


def portal(vendor: Vendor, milliseconds: list[int], kind: str, modified: str) -> Connection:
    begin = JUNE - timedelta(days=1)
    records = [
        {
            "id": str(number),
            "properties": {modified: times.text(begin + timedelta(milliseconds=at))},
        }
        for number, at in enumerate(sorted(milliseconds))
    ]

    stamps = [times.milliseconds(begin) + at for at in sorted(milliseconds)]

    def search(request: Request) -> Any:
        body = request.json
        low, high = (int(f["value"]) for f in body["filterGroups"][0]["filters"])
        at = int(body.get("after", 0))
        if at + body["limit"] > 10_000:
            return Answer({"category": "VALIDATION_ERROR", "message": "too many results"}, 400)
        found = records[bisect_left(stamps, low) : bisect_right(stamps, high)]
        end = at + body["limit"]
        paging = {"paging": {"next": {"after": str(end)}}} if end < len(found) else {}
        return {"total": len(found), "results": found[at:end], **paging}

    vendor.on("POST", f"/crm/objects/2026-09/{kind}/search", search)
    return Connection(vendor.url, "", "token", {"searches_per_second": 10_000})


def test_behaviour_4_hubspot_search_goes_on_beyond_10_000(vendor: Vendor, tmp_path: Path) -> None:
    stamps = [number // 150 for number in range(10_450)]
    connection = portal(vendor, stamps, "contacts", "lastmodifieddate")
    found = run(tmp_path, "hubspot", "contacts", connection)
    assert len({contact["id"] for contact in found}) == 10_450


def test_behaviour_4_hubspot_rows_of_one_moment_beyond_the_cap_raise(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = portal(vendor, [5] * 10_300, "contacts", "lastmodifieddate")
    with pytest.raises(ExtractFailed, match="more than 10000 rows share the cursor"):
        run(tmp_path, "hubspot", "contacts", connection)
    assert not list((tmp_path / "hubspot" / "contacts").glob("2*.parquet"))


def test_hubspot_deals_get_their_contacts_from_a_second_call(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = portal(vendor, [1, 2], "deals", "hs_lastmodifieddate")
    linked = {"from": {"id": "0"}, "to": [{"toObjectId": "77"}]}
    path = "/crm/associations/2026-09/deals/contacts/batch/read"
    vendor.on("POST", path, Answer({"results": [linked], "numErrors": 1}, 207))
    found = run(tmp_path, "hubspot", "deals", connection)
    assert [deal["associations"] for deal in found] == [
        {"contacts": [{"toObjectId": "77"}]},
        {"contacts": []},
    ]
    assert vendor.seen(path)[0].json == {"inputs": [{"id": "0"}, {"id": "1"}]}


def test_behaviour_4_a_deal_with_very_many_contacts_gets_all_of_them(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = portal(vendor, [1, 2], "deals", "hs_lastmodifieddate")

    def to(number: int, *contacts: str) -> dict[str, Any]:
        return {"from": {"id": str(number)}, "to": [{"toObjectId": c} for c in contacts]}

    more = {"paging": {"next": {"after": "x"}}}
    path = "/crm/associations/2026-09/deals/contacts/batch/read"
    first = {"results": [{**to(0, "1", "2"), **more}, to(1, "9")]}
    vendor.on("POST", path, Answer(first), Answer({"results": [to(0, "3")]}))
    found = run(tmp_path, "hubspot", "deals", connection)
    linked = [[c["toObjectId"] for c in deal["associations"]["contacts"]] for deal in found]
    assert linked == [["1", "2", "3"], ["9"]]
    assert vendor.seen(path)[1].json == {"inputs": [{"id": "0", "after": "x"}]}


def test_behaviour_5_a_hubspot_batch_that_failed_in_part_is_asked_again(
    vendor: Vendor, tmp_path: Path, waits: list[float]
) -> None:
    connection = portal(vendor, [1], "deals", "hs_lastmodifieddate")
    path = "/crm/associations/2026-09/deals/contacts/batch/read"
    failed = {"category": "RATE_LIMITS", "message": "slow down"}
    none = {"category": "OBJECT_NOT_FOUND", "message": "no contact"}
    vendor.on(
        "POST",
        path,
        Answer({"results": [], "numErrors": 1, "errors": [failed]}, 207),
        Answer({"results": [], "numErrors": 1, "errors": [none]}, 207),
    )
    found = run(tmp_path, "hubspot", "deals", connection)
    assert [deal["associations"] for deal in found] == [{"contacts": []}]
    assert len(waits) == 1


def test_behaviour_7_archived_hubspot_contacts_are_read_and_only_new_ones_land(
    vendor: Vendor, tmp_path: Path
) -> None:
    def archived(number: int, days: int) -> dict[str, Any]:
        return {
            "id": str(number),
            "archived": True,
            "archivedAt": times.text(JUNE - timedelta(days)),
        }

    pages = {None: ([archived(1, 9), archived(2, 8)], "2"), "2": ([archived(3, 1)], None)}

    def listing(request: Request) -> Any:
        assert request.query["archived"] == "true"
        rows, after = pages[request.query.get("after")]
        return {"results": rows, **({"paging": {"next": {"after": after}}} if after else {})}

    vendor.on("GET", "/crm/objects/2026-09/contacts", listing)
    connection = Connection(vendor.url, "", "token")
    assert len(run(tmp_path, "hubspot", "archived_contacts", connection)) == 3
    assert len(run(tmp_path, "hubspot", "archived_contacts", connection)) == 4  # 3 again: overlap


def test_hubspot_with_a_refresh_token(vendor: Vendor, tmp_path: Path) -> None:
    connection = portal(vendor, [1], "contacts", "lastmodifieddate")
    vendor.on("POST", "/oauth/v1/token", TOKEN)
    oauth = Connection(vendor.url, "id", "secret", {"refresh_token": "r"})
    assert len(run(tmp_path, "hubspot", "contacts", oauth)) == 1
    form = vendor.seen("/oauth/v1/token")[0].form
    assert form["grant_type"] == "refresh_token"
    assert vendor.requests[-1].headers["Authorization"] == "Bearer t"
    assert connection.password == "token"


def test_a_hubspot_rate_that_is_no_number(tmp_path: Path) -> None:
    connection = Connection("", "", "token", {"searches_per_second": "fast"})
    with pytest.raises(Exception, match=r"hubspot: extra\.searches_per_second must be a number"):
        run(tmp_path, "hubspot", "contacts", connection)


# Square


def seller(vendor: Vendor, locations: int) -> Connection:
    vendor.on(
        "POST", "/oauth2/token", Answer({"access_token": "t", "expires_at": "2099-01-01T00:00:00Z"})
    )
    ids = [{"id": f"L{number}"} for number in range(locations)]
    vendor.on("GET", "/v2/locations", Answer({"locations": ids}))
    return Connection(vendor.url, "id", "secret", {"refresh_token": "r"})


def test_behaviour_4_square_orders_are_searched_for_ten_locations_at_a_time(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = seller(vendor, 23)

    def search(request: Request) -> Any:
        asked = request.json["location_ids"]
        assert len(asked) <= 10
        assert request.headers["Square-Version"] == "2026-09-16"
        assert request.json["query"]["sort"]["sort_field"] == "UPDATED_AT"
        return {"orders": [{"id": f"o-{at}", "updated_at": "2026-05-31T10:00:00Z"} for at in asked]}

    vendor.on("POST", "/v2/orders/search", search)
    assert len(run(tmp_path, "square", "orders", connection)) == 23
    assert len(vendor.seen("/v2/orders/search")) == 3


def test_square_payments_are_listed_for_each_location(vendor: Vendor, tmp_path: Path) -> None:
    connection = seller(vendor, 3)

    def listing(request: Request) -> Any:
        place = request.query["location_id"]
        more = {} if "cursor" in request.query else {"cursor": f"c-{place}"}
        payment = {"id": f"{place}-{len(more)}", "updated_at": "2026-05-31T10:00:00Z"}
        return {"payments": [payment], **more}

    vendor.on("GET", "/v2/payments", listing)
    assert len(run(tmp_path, "square", "payments", connection)) == 6
    assert vendor.requests[-1].query["begin_time"] < "2010"


def test_behaviour_6_a_square_cursor_that_expired_is_resumed(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = seller(vendor, 1)

    def order(number: int) -> dict[str, str]:
        return {"id": str(number), "updated_at": f"2026-05-31T10:00:0{number}Z"}

    invalid = Answer({"errors": [{"code": "INVALID_CURSOR"}]}, 400)
    vendor.on(
        "POST",
        "/v2/orders/search",
        Answer({"orders": [order(1), order(2)], "cursor": "c"}),
        invalid,
        Answer({"orders": [order(2), order(3)]}),
    )
    assert [o["id"] for o in run(tmp_path, "square", "orders", connection)] == ["1", "2", "3"]
    updated = vendor.requests[-1].json["query"]["filter"]["date_time_filter"]["updated_at"]
    assert updated["start_at"] == "2026-05-31T10:00:02.000Z"


def test_behaviour_2_square_counts_more_customers_than_it_sends(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = seller(vendor, 1)
    customers = [{"id": "1", "updated_at": "2026-05-31T10:00:00Z"}]
    vendor.on("POST", "/v2/customers/search", Answer({"customers": customers, "count": 2}))
    with pytest.raises(ExtractFailed, match="reports 2 rows and handed over 1"):
        run(tmp_path, "square", "customers", connection)


def test_square_bookings_are_read_by_start_31_days_at_a_time(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = seller(vendor, 1)
    booked = {
        "old": ("2026-05-10T09:00:00Z", "2026-06-20T09:00:00Z"),
        "moved": ("2026-05-31T10:00:00Z", "2026-06-20T10:00:00Z"),
        "no_show": ("2026-05-31T11:00:00Z", "2026-05-04T12:00:00Z"),
        "far": ("2026-05-31T12:00:00Z", "2027-05-20T12:00:00Z"),
    }

    def listing(request: Request) -> Any:
        first, last = request.query["start_at_min"], request.query["start_at_max"]
        assert times.parse(last) - times.parse(first) <= timedelta(days=31)
        bookings = [
            {"id": name, "updated_at": updated, "start_at": start}
            for name, (updated, start) in booked.items()
            if first <= start <= last
        ]
        return {"bookings": bookings} if bookings else {}

    vendor.on("GET", "/v2/bookings", listing)
    since = datetime(2026, 5, 30, tzinfo=UTC)
    found = run(tmp_path, "square", "bookings", connection, since=since)
    assert {booking["id"] for booking in found} == {"moved", "no_show", "far"}
    edges = [request.query for request in vendor.seen("/v2/bookings")]
    assert all(
        before["start_at_max"] == after["start_at_min"]
        for before, after in itertools.pairwise(edges)
    ), "no gap between two windows"


# GA4


FIELDS = [
    {"name": "event_date", "type": "STRING"},
    {"name": "event_timestamp", "type": "INTEGER"},
    {"name": "event_name", "type": "STRING"},
    {
        "name": "event_params",
        "type": "RECORD",
        "mode": "REPEATED",
        "fields": [
            {"name": "key", "type": "STRING"},
            {
                "name": "value",
                "type": "RECORD",
                "fields": [
                    {"name": "string_value", "type": "STRING"},
                    {"name": "double_value", "type": "FLOAT"},
                ],
            },
        ],
    },
    {"name": "is_active_user", "type": "BOOLEAN"},
]


def cells(*values: Any) -> dict[str, Any]:
    return {"f": [{"v": value} for value in values]}


def event(day: str, at: int) -> dict[str, Any]:
    param = {"v": cells("value", cells(None, "12.50"))}
    text = {"v": cells("page", cells('ü"\n', None))}
    return cells(day, str(at), "page_view", [param, text], "true")


def test_ga4_values_are_zipped_with_the_schema_digits_kept() -> None:
    write = ga4._record(FIELDS)
    assert write(event("20260531", 17)) == (
        '{"event_date":"20260531","event_timestamp":"17","event_name":"page_view",'
        '"event_params":[{"key":"value","value":{"double_value":12.50}},'
        '{"key":"page","value":{"string_value":"ü\\"\\n"}}],"is_active_user":true}'
    )
    assert write(cells(None, None, None, [], None)) == '{"event_params":[]}'


@pytest.mark.parametrize(
    ("sent", "written"),
    [("-1.50", "-1.50"), ("1e21", "1e21"), ("NaN", '"NaN"'), ("-Inf", '"-Inf"')],
)
def test_ga4_floats_are_json_numbers_where_json_has_them(sent: str, written: str) -> None:
    write = ga4._record([{"name": "value", "type": "FLOAT"}])
    assert write(cells(sent)) == f'{{"value":{written}}}'


def test_behaviour_3_ga4_prefers_the_final_table_and_reads_three_days_again(
    vendor: Vendor, tmp_path: Path
) -> None:
    base = "/bigquery/v2/projects/p/datasets/d/tables"
    days = ["20260527", "20260528", "20260529", "20260530", "20260531"]
    names = [f"events_{day}" for day in days] + [
        "events_intraday_20260531",
        "events_intraday_20260601",
        "pseudonymous_users_20260531",
    ]
    listed = [{"tableReference": {"tableId": name}} for name in names]
    first = Answer({"tables": listed[:3], "nextPageToken": "n"})
    vendor.on("GET", base, first, Answer({"tables": listed[3:]}))
    vendor.on("POST", "/token", TOKEN)
    for name in names[:7]:
        rows = [event(name[-8:], number) for number in range(2)]
        vendor.on("GET", f"{base}/{name}", Answer({"schema": {"fields": FIELDS}}))
        vendor.on("GET", f"{base}/{name}/data", Answer({"totalRows": "2", "rows": rows}))
    connection = Connection(vendor.url, extra=ga4_settings(vendor))
    assert len(run(tmp_path, "ga4", "events", connection)) == 12  # six days, intraday for one
    assert not vendor.seen(f"{base}/events_intraday_20260531/data")
    before = len(vendor.requests)
    vendor.on("GET", base, Answer({"tables": listed}))
    run(tmp_path, "ga4", "events", connection)
    read = [r.path for r in vendor.requests[before:] if r.path.endswith("/data")]
    assert [path.split("/")[-2][-8:] for path in read] == [*days[2:], "20260601"]


def ga4_settings(vendor: Vendor) -> dict[str, Any]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    account = {
        "client_email": "a@b.example",
        "private_key": key.decode(),
        "token_uri": f"{vendor.url}/token",
    }
    return {"project": "p", "dataset": "d", "service_account": json.dumps(account)}


def test_a_ga4_row_of_another_shape_is_quarantined(vendor: Vendor, tmp_path: Path) -> None:
    base = "/bigquery/v2/projects/p/datasets/d/tables"
    vendor.on("POST", "/token", TOKEN)
    vendor.on("GET", base, Answer({"tables": [{"tableReference": {"tableId": "events_20260531"}}]}))
    vendor.on("GET", f"{base}/events_20260531", Answer({"schema": {"fields": FIELDS}}))
    rows = [event("20260531", 1), {"f": [{"v": "20260531"}]}, {"f": [{}] * 5}, 17]
    vendor.on("GET", f"{base}/events_20260531/data", Answer({"totalRows": "4", "rows": rows}))
    connection = Connection(vendor.url, extra=ga4_settings(vendor))
    assert len(run(tmp_path, "ga4", "events", connection)) == 1
    found = pq.read_table(tmp_path / "_quarantine" / "ga4" / "events")["_raw"].to_pylist()
    assert [json.loads(raw) for raw in found] == rows[1:]


def test_behaviour_2_a_ga4_table_with_rows_missing(vendor: Vendor, tmp_path: Path) -> None:
    base = "/bigquery/v2/projects/p/datasets/d/tables"
    vendor.on("POST", "/token", TOKEN)
    vendor.on("GET", base, Answer({"tables": [{"tableReference": {"tableId": "events_20260531"}}]}))
    vendor.on("GET", f"{base}/events_20260531", Answer({"schema": {"fields": FIELDS}}))
    rows = [event("20260531", 1)]
    vendor.on("GET", f"{base}/events_20260531/data", Answer({"totalRows": "2", "rows": rows}))
    connection = Connection(vendor.url, extra=ga4_settings(vendor))
    with pytest.raises(ExtractFailed, match="reports 2 rows for events_20260531 and handed over 1"):
        run(tmp_path, "ga4", "events", connection)


# Store sensors


def test_door_counts_carry_their_counter_and_the_shops_own_day(
    vendor: Vendor, tmp_path: Path
) -> None:
    vendor.on("GET", "/counters", Answer([{"serial": "A1", "name": "Door"}]))
    interval = b'{"start": "2026-03-29T03:00:00+02:00", "in": 4, "out": 3 }'
    head = b'{"serial":"A1","name":"Door","resolution":"hour","data":['
    vendor.on("GET", "/counters/A1/export", Answer(head + interval + b"]}"))
    connection = Connection(vendor.url, password="k", extra={"start_date": "2026-03-01"})
    extract(SOURCES["store_sensors"], connection, str(tmp_path), JUNE, streams=["door_counts"])
    rows = pq.read_table(tmp_path / "store_sensors" / "door_counts").to_pylist()
    (row,) = [row for row in rows if row["_payload"]]
    assert row["_payload"] == (interval[:-1].decode().rstrip() + ',"serial":"A1","name":"Door"}')
    assert (row["_key"], row["_cursor"]) == ("A1|2026-03-29T03:00:00+02:00", "2026-03-29")
    covered = [r["_cursor"] for r in rows if not r["_payload"]]
    assert (covered[0], covered[-1]) == ("2026-03-01", "2026-06-01")


def test_pings_follow_the_cursor_in_meta(vendor: Vendor, tmp_path: Path) -> None:
    def page(request: Request) -> Any:
        last = request.query.get("cursor") == "c"
        name = f"{request.query['createdAfter']}-{last}"
        events = [{"_id": name, "createdAt": "2026-05-31T10:00:00.000Z"}]
        return {"meta": {"code": 200, "hasMore": not last, "cursor": "c"}, "events": events}

    vendor.on("GET", "/v1/events", page)
    connection = Connection(vendor.url, password="k", extra={"start_date": "2026-04-15"})
    assert len(run(tmp_path, "store_sensors", "pings", connection)) == 4  # two months, two pages
    assert vendor.requests[0].headers["Authorization"] == "k"
