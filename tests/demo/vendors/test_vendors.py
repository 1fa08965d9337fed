"""Each vendor answers in its own published shape: names, types, units, error bodies.

The expected names and types are distilled from the vendors' specifications.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
import requests
from requests.auth import HTTPDigestAuth

from connectors.registry import SOURCES
from demo.serving import running
from demo.vendors import connections
from tests.demo.vendors.api_support import (
    BOOKED,
    GRAPHQL,
    NOW,
    SEARCH,
    TABLES,
    TOKEN_PATHS,
    Client,
    ask_world,
    flat,
    grant,
    world,
)

MONEY = {"amount": int, "currency": str}
AMOUNTS = dict.fromkeys(
    ("total_money", "tax_money", "discount_money", "tip_money", "service_charge_money"), MONEY
)
LINE = {
    "uid": str,
    "catalog_object_id": str,
    "quantity": str,
    "name": str,
    "variation_name": str,
    "item_type": str,
    "base_price_money": MONEY,
    "total_tax_money": MONEY,
    "total_discount_money": MONEY,
    "total_money": MONEY,
}
SQUARE_ORDER = {
    "id": str,
    "location_id": str,
    "source": {"name": str},
    "customer_id": str,
    "line_items": [
        {
            **LINE,
            "metadata": {"sku": str},
            "gross_sales_money": MONEY,
            "total_service_charge_money": MONEY,
        }
    ],
    "discounts": [
        {
            "uid": str,
            "name": str,
            "type": str,
            "amount_money": MONEY,
            "applied_money": MONEY,
            "scope": str,
        }
    ],
    "returns": [
        {
            "uid": str,
            "source_order_id": str,
            "return_line_items": [
                {**LINE, "source_line_item_uid": str, "gross_return_money": MONEY}
            ],
            "return_amounts": AMOUNTS,
        }
    ],
    "return_amounts": AMOUNTS,
    "net_amounts": AMOUNTS,
    "tenders": [
        {
            "id": str,
            "location_id": str,
            "transaction_id": str,
            "created_at": str,
            "amount_money": MONEY,
            "tip_money": MONEY,
            "type": str,
            "payment_id": str,
        }
    ],
    "metadata": {"device_name": str, "coupon_code": str},
    "created_at": str,
    "updated_at": str,
    "closed_at": str,
    "state": str,
    "version": int,
    "total_money": MONEY,
    "total_tax_money": MONEY,
    "total_discount_money": MONEY,
    "total_tip_money": MONEY,
    "total_service_charge_money": MONEY,
    "net_amount_due_money": MONEY,
}
SQUARE_PAYMENT = {
    "id": str,
    "created_at": str,
    "updated_at": str,
    "amount_money": MONEY,
    "tip_money": MONEY,
    "total_money": MONEY,
    "approved_money": MONEY,
    "refunded_money": MONEY,
    "status": str,
    "source_type": str,
    "card_details": {
        "status": str,
        "card": {"card_brand": str, "last_4": str, "fingerprint": str},
        "entry_method": str,
    },
    "cash_details": {"buyer_supplied_money": MONEY, "change_back_money": MONEY},
    "location_id": str,
    "order_id": str,
    "customer_id": str,
    "team_member_id": str,
    "device_details": {"device_id": str, "device_name": str},
    "receipt_number": str,
    "version_token": str,
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with running(world(), now=NOW) as url:
        yield Client(url)


def check_shape(value: Any, shape: Any, where: str = "$") -> None:
    """Every member is one the vendor documents, with the documented type."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), where
        for name, inner in value.items():
            assert name in shape, f"{where}.{name} is not in the vendor's specification"
            check_shape(inner, shape[name], f"{where}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), where
        for item in value:
            check_shape(item, shape[0], f"{where}[]")
    else:
        assert type(value) is shape, f"{where}: {value!r} is not {shape.__name__}"


# Signing in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", TOKEN_PATHS)
def test_tokens_are_issued_with_their_lifetime(client: Client, vendor: str) -> None:
    answer = requests.post(client.url + TOKEN_PATHS[vendor], data=grant(vendor, client.url))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["access_token"]
    lifetimes = {"google_ads": 3599, "shopify": 86399, "hubspot": 1800, "ga4": 3599}
    if vendor == "square":
        assert body["expires_at"].endswith("Z")
    elif vendor == "salesforce":
        assert "expires_in" not in body, "a session ends by the org's settings"
    else:
        assert body["expires_in"] == lifetimes[vendor]


@pytest.mark.parametrize("vendor", TOKEN_PATHS)
def test_wrong_credentials_get_no_token(client: Client, vendor: str) -> None:
    form = grant(vendor, client.url)
    wrong = {key: value for key, value in form.items() if key == "grant_type"}
    wrong |= {key: "wrong" for key in form if key != "grant_type"}
    answer = requests.post(client.url + TOKEN_PATHS[vendor], data=wrong)
    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.json()


def test_each_vendor_words_a_bad_token_its_own_way(client: Client) -> None:
    def refused(method: str, path: str, header: str = "Authorization") -> Any:
        answer = requests.request(method, client.url + path, headers={header: "Bearer x"}, json={})
        assert answer.status_code == 401
        return answer.json()

    google = refused("POST", f"/google_ads{SEARCH}")["error"]
    assert (google["code"], google["status"]) == (401, "UNAUTHENTICATED")
    assert google["details"][0]["@type"].endswith("GoogleAdsFailure")
    assert google["details"][0]["errors"][0]["errorCode"] == {
        "authenticationError": "OAUTH_TOKEN_INVALID"
    }
    assert isinstance(
        refused("POST", f"/shopify{GRAPHQL}", "X-Shopify-Access-Token")["errors"], str
    )
    hubspot = refused("POST", "/hubspot/crm/objects/2026-09/contacts/search")
    assert hubspot["category"] == "INVALID_AUTHENTICATION"
    assert {"status", "message", "correlationId", "category"} <= set(hubspot)
    square = refused("GET", "/square/v2/locations")["errors"][0]
    assert (square["category"], square["code"]) == ("AUTHENTICATION_ERROR", "UNAUTHORIZED")
    bigquery = refused("GET", f"/ga4{TABLES}")["error"]
    assert (bigquery["status"], bigquery["errors"][0]["reason"]) == ("UNAUTHENTICATED", "authError")
    assert refused("GET", "/store_sensors/v1/events")["meta"]["code"] == 401
    (salesforce,) = refused("GET", "/salesforce/services/data/v68.0/query?q=SELECT Id FROM Lead")
    assert salesforce["errorCode"] == "INVALID_SESSION_ID"


# Google Ads ------------------------------------------------------------------------------------


def test_google_ads_returns_only_what_is_selected(client: Client) -> None:
    rows = list(
        flat(
            client.google_ads(
                "SELECT campaign.id, campaign.status, segments.date, metrics.cost_micros,"
                " metrics.conversions FROM campaign"
                " WHERE segments.date BETWEEN '2026-02-03' AND '2026-02-05'"
                " ORDER BY segments.date, campaign.id"
            )
        )
    )
    expected = ask_world(
        "SELECT campaign_no::VARCHAR, date::VARCHAR, cost_micros::VARCHAR"
        " FROM ad_daily_as_of(TIMESTAMP '2026-02-19') JOIN campaigns USING (campaign_no)"
        " WHERE platform = 'google_ads' AND date BETWEEN '2026-02-03' AND '2026-02-05'"
        " ORDER BY date, campaign_no"
    )
    assert expected
    assert [
        (row["campaign"]["id"], row["segments"]["date"], row["metrics"]["costMicros"])
        for row in rows
    ] == expected
    assert set(rows[0]) == {"campaign", "segments", "metrics"}
    assert set(rows[0]["campaign"]) == {"resourceName", "id", "status"}
    assert set(rows[0]["metrics"]) == {"costMicros", "conversions"}
    assert isinstance(rows[0]["metrics"]["conversions"], int | float)


def test_google_ads_counts_and_lists_removed_campaigns(client: Client) -> None:
    body = {
        "query": "SELECT campaign.id, campaign.status FROM campaign",
        "searchSettings": {"returnTotalResultsCount": True},
    }
    answer = client.call("google_ads", "POST", SEARCH, json=body)
    assert answer["totalResultsCount"] == str(len(answer["results"]))
    assert answer["fieldMask"] == "campaign.id,campaign.status"
    assert {row["campaign"]["status"] for row in answer["results"]} == {"ENABLED", "REMOVED"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT campaign.start_date FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.id FROM ad_hoc", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        ("SELECT click_view.gclid FROM click_view", "EXPECTED_FILTERS_ON_DATE_RANGE"),
        (
            "SELECT click_view.gclid FROM click_view WHERE segments.date = '2025-11-01'",
            "DATE_RANGE_TOO_WIDE",
        ),
        (
            "SELECT campaign.id, segments.date FROM campaign WHERE segments.date = 'soon'",
            "INVALID_DATE_FORMAT",
        ),
        ("campaign.id", "UNEXPECTED_INPUT"),
    ],
)
def test_google_ads_refuses_bad_queries(client: Client, query: str, code: str) -> None:
    answer = client.raw("google_ads", "POST", SEARCH, json={"query": query})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["status"] == "INVALID_ARGUMENT"
    assert error["details"][0]["errors"][0]["errorCode"] == {"queryError": code}


def test_google_ads_refuses_a_page_size(client: Client) -> None:
    body = {"query": "SELECT customer.id FROM customer", "pageSize": 10}
    answer = client.raw("google_ads", "POST", SEARCH, json=body)
    code = answer.json()["error"]["details"][0]["errors"][0]["errorCode"]
    assert code == {"requestError": "PAGE_SIZE_NOT_SUPPORTED"}


def test_google_ads_clicks_of_a_day(client: Client) -> None:
    rows = flat(
        client.google_ads(
            "SELECT click_view.gclid, campaign.id, segments.date, segments.device"
            " FROM click_view WHERE segments.date = '2026-02-05'"
        )
    )
    expected = ask_world(
        "SELECT click_id FROM ad_clicks WHERE platform = 'google_ads' AND date = '2026-02-05'"
    )
    assert sorted(row["clickView"]["gclid"] for row in rows) == sorted(key for (key,) in expected)


# Shopify ---------------------------------------------------------------------------------------

BAG = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"


def test_shopify_money_is_exact_in_both_currencies(client: Client) -> None:
    orders = list(
        flat(
            client.shopify(
                "orders",
                f"id totalPriceSet {BAG} subtotalPriceSet {BAG} totalShippingPriceSet {BAG}"
                f" totalTaxSet {BAG} lineItems(first: 100) {{ nodes {{ quantity"
                f" originalUnitPriceSet {BAG} discountAllocations {{ allocatedAmountSet {BAG} }}"
                " } }",
            )
        )
    )
    expected = {
        f"gid://shopify/Order/{number}": (total, shop_total, code, exponent)
        for number, total, shop_total, code, exponent in ask_world(
            "SELECT order_no, total_minor, shop_total_minor, o.currency_code, exponent"
            " FROM web_orders_as_of(TIMESTAMP '2026-02-19') AS o JOIN currencies"
            " USING (currency_code)"
        )
    }
    assert len(orders) == len(expected) > 100
    assert any(exponent == 0 for *_, exponent in expected.values())
    for order in orders:
        total, shop_total, code, exponent = expected[order["id"]]
        paid = order["totalPriceSet"]["presentmentMoney"]
        assert paid["currencyCode"] == code
        assert Decimal(paid["amount"]) == Decimal(total).scaleb(-exponent)
        assert ("." in paid["amount"]) == (exponent > 0)
        assert Decimal(order["totalPriceSet"]["shopMoney"]["amount"]) == Decimal(shop_total) / 100
        parts = sum(
            Decimal(order[name]["presentmentMoney"]["amount"])
            for name in ("subtotalPriceSet", "totalShippingPriceSet", "totalTaxSet")
        )
        assert parts == Decimal(paid["amount"])
        lines = sum(
            item["quantity"] * Decimal(item["originalUnitPriceSet"]["presentmentMoney"]["amount"])
            - sum(
                Decimal(part["allocatedAmountSet"]["presentmentMoney"]["amount"])
                for part in item["discountAllocations"]
            )
            for item in order["lineItems"]["nodes"]
        )
        assert lines == Decimal(order["subtotalPriceSet"]["presentmentMoney"]["amount"])


def test_shopify_nested_lists_are_cut_and_go_on_by_cursor(client: Client) -> None:
    ((number, count),) = ask_world(
        "SELECT order_no, count(*) FROM web_order_lines SEMI JOIN"
        " web_orders_as_of(TIMESTAMP '2026-02-19') USING (order_no)"
        " GROUP BY order_no ORDER BY 2 DESC, 1 LIMIT 1"
    )
    assert count > 1
    query = """query One($id: ID!, $after: String) { order(id: $id) {
        id lineItems(first: 1, after: $after) {
            nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""

    def ask(number: int, after: str | None) -> Any:
        variables = {"id": f"gid://shopify/Order/{number}", "after": after}
        body = {"query": query, "variables": variables}
        return client.call("shopify", "POST", GRAPHQL, json=body)["data"]["order"]

    found, after = [], None
    while len(found) < count:
        lines = ask(number, after)["lineItems"]
        found += [node["id"] for node in lines["nodes"]]
        assert lines["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert lines["pageInfo"]["hasNextPage"] is (len(found) < count)
        after = lines["pageInfo"]["endCursor"]
    assert len(set(found)) == count
    assert ask(1, None) is None
    answer = client.call(
        "shopify",
        "POST",
        GRAPHQL,
        json={
            "query": "{ orders(first: 1) { nodes { lineItems { nodes { id } pageInfo"
            " { hasNextPage } } } } }"
        },
    )
    assert "one of first or last for lineItems" in answer["errors"][0]["message"]


def test_shopify_sends_what_was_asked_and_nothing_else(client: Client) -> None:
    fields = (
        "id customer { id } refunds { id } fulfillmentOrders(first: 10) {"
        " nodes { status deliveryMethod { methodType } assignedLocation { location { id } } } }"
    )
    orders = list(flat(client.shopify("orders", fields)))
    assert set(orders[0]) == {"id", "customer", "refunds", "fulfillmentOrders"}
    picked_up = [
        order
        for order in orders
        if order["fulfillmentOrders"]["nodes"][0]["deliveryMethod"]["methodType"] == "PICK_UP"
    ]
    assert picked_up
    for order in picked_up:
        place = order["fulfillmentOrders"]["nodes"][0]["assignedLocation"]["location"]["id"]
        assert place.startswith("gid://shopify/Location/")


def test_shopify_parcels_go_to_recipients_and_customers_live_somewhere(client: Client) -> None:
    address = "shippingAddress { firstName lastName }"
    sent = {
        order["id"]: order["shippingAddress"]
        for order in flat(client.shopify("orders", f"id {address}"))
    }
    for number, stays, first, last in ask_world(
        """SELECT order_no, is_bopis OR recipient_first_name IS NULL,
            recipient_first_name, recipient_last_name
        FROM web_orders_as_of(TIMESTAMP '2026-02-19')"""
    ):
        told = sent.pop(f"gid://shopify/Order/{number}")
        assert told == (None if stays else {"firstName": first, "lastName": last})
    assert not sent
    live = {
        item["id"]: item["defaultAddress"]
        for item in flat(client.shopify("customers", "id defaultAddress { address1 city zip }"))
    }
    for number, street, city, postal_code in ask_world(
        """SELECT customer_no, street, city, postal_code
        FROM web_customers_as_of(TIMESTAMP '2026-02-19')"""
    ):
        told = live.pop(f"gid://shopify/Customer/{number}")
        assert told == {"address1": street, "city": city, "zip": postal_code}
    assert not live


def test_shopify_errors_come_with_status_200(client: Client) -> None:
    def error(query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        answer = client.raw("shopify", "POST", GRAPHQL, json=body)
        assert answer.status_code == 200
        assert "data" not in answer.json()
        return answer.json()["errors"][0]

    unknown = error("{ customers(first: 1) { nodes { id shoeSize } } }")
    assert unknown["extensions"]["code"] == "undefinedField"
    assert "shoeSize" in unknown["message"]
    assert "first" in error("{ orders { nodes { id } } }")["message"]
    assert "250" in error("{ orders(first: 251) { nodes { id } } }")["message"]
    assert error("{ orders(first: 1 { nodes")["extensions"]["code"] == "parseError"
    assert error('{ orders(first: 1, after: "x") { nodes { id } } }')["extensions"]["code"]


def test_shopify_tells_its_cost_and_walks_edges(client: Client) -> None:
    body = {
        "query": "query Some($first: Int!) { locations(first: $first) {"
        " edges { cursor node { id name } } } }",
        "variables": {"first": 3},
    }
    answer = client.call("shopify", "POST", GRAPHQL, json=body)
    assert len(answer["data"]["locations"]["edges"]) == 3
    assert answer["data"]["locations"]["edges"][0]["node"]["name"][-4:].startswith("S0")
    cost = answer["extensions"]["cost"]
    assert set(cost) == {"requestedQueryCost", "actualQueryCost", "throttleStatus"}
    assert set(cost["throttleStatus"]) == {"maximumAvailable", "currentlyAvailable", "restoreRate"}


def test_shopify_filters_on_updated_at_with_both_ends(client: Client) -> None:
    window = "updated_at:>='2026-02-05T00:00:00Z' AND updated_at:<='2026-02-09T00:00:00Z'"
    found = [node["updatedAt"] for node in flat(client.shopify("orders", "updatedAt", window, 20))]
    assert found == sorted(found)
    assert found[0] >= "2026-02-05T00:00:00Z"
    assert found[-1] <= "2026-02-09T00:00:00Z"
    (count,) = ask_world(
        "SELECT count(*) FROM web_orders_as_of(TIMESTAMP '2026-02-19')"
        " WHERE date_trunc('second', updated_at) BETWEEN '2026-02-05' AND '2026-02-09'"
    )[0]
    assert len(found) == count > 0


# HubSpot ---------------------------------------------------------------------------------------


def test_hubspot_objects_hold_text_properties(client: Client) -> None:
    pages = client.hubspot(
        "deals",
        properties=["amount", "deal_currency_code", "order_name", "no_such_property"],
        sorts=[{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
    )
    deals = list(flat(pages))
    expected = ask_world("SELECT count(*) FROM crm_deals_as_of(TIMESTAMP '2026-02-19')")[0][0]
    assert len({deal["id"] for deal in deals}) == len(deals) == expected > 100
    for deal in deals:
        assert set(deal) == {"id", "properties", "createdAt", "updatedAt", "archived"}
        assert deal["properties"]["hs_object_id"] == deal["id"]
        assert deal["properties"]["no_such_property"] is None
        is_yen = deal["properties"]["deal_currency_code"] == "JPY"
        assert ("." in deal["properties"]["amount"]) != is_yen
    times = [deal["updatedAt"] for deal in deals]
    assert times == sorted(times)


def test_hubspot_searches_by_milliseconds_or_text(client: Client) -> None:
    def ids(value: str) -> list[str]:
        condition = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": value}
        pages = client.hubspot("contacts", filterGroups=[{"filters": [condition]}])
        return sorted(item["id"] for item in flat(pages))

    assert ids("1770681600000") == ids("2026-02-10T00:00:00Z") != []


def test_hubspot_hides_archived_and_merged_contacts_from_search(client: Client) -> None:
    merged, survivor = ask_world(
        "SELECT contact_no::VARCHAR, merged_into_contact_no::VARCHAR FROM crm_contacts"
        " WHERE merged_into_contact_no IS NOT NULL AND archived_at < TIMESTAMP '2026-02-19'"
    )[0]
    alive = {
        item["id"]: item
        for item in flat(client.hubspot("contacts", properties=["hs_merged_object_ids"]))
    }
    assert merged not in alive
    assert merged in alive[survivor]["properties"]["hs_merged_object_ids"].split(";")
    params = {"archived": "true", "limit": 100}
    archived = client.call("hubspot", "GET", "/crm/objects/2026-09/contacts", params=params)
    assert len(archived["results"]) >= 3
    for item in archived["results"]:
        assert item["archived"] is True
        assert item["archivedAt"] == item["updatedAt"]
        assert item["id"] not in alive


def test_hubspot_tells_birth_dates_and_addresses_to_who_asks(client: Client) -> None:
    asked = ["date_of_birth", "address", "city", "zip", "hs_additional_emails"]
    told = {
        int(item["id"]): tuple(item["properties"][name] for name in asked)
        for item in flat(client.hubspot("contacts", properties=asked))
    }
    listed = False
    for number, *written in ask_world(
        """SELECT contact_no, birth_date, street, city, postal_code, additional_emails
        FROM crm_contacts_as_of(TIMESTAMP '2026-02-19') WHERE archived_at IS NULL"""
    ):
        listed |= written[-1] is not None
        assert told.pop(number) == tuple(written)
    assert listed
    assert not told


def test_hubspot_associations_of_deals(client: Client) -> None:
    linked = ask_world("SELECT deal_no, contact_no FROM crm_deals WHERE contact_no IS NOT NULL")[0]
    guest = ask_world("SELECT deal_no FROM crm_deals WHERE contact_no IS NULL")[:1]
    body = {"inputs": [{"id": str(number)} for (number, *_) in [linked, *guest]]}
    path = "/crm/associations/2026-09/deals/contacts/batch/read"
    answer = client.raw("hubspot", "POST", path, json=body)
    assert answer.status_code == (207 if guest else 200)
    result = answer.json()["results"]
    assert [item["from"]["id"] for item in result] == [str(linked[0])]
    assert result[0]["to"][0]["toObjectId"] == str(linked[1])
    assert result[0]["to"][0]["associationTypes"][0]["category"] == "HUBSPOT_DEFINED"


def test_hubspot_search_ends_at_ten_thousand(client: Client) -> None:
    path = "/crm/objects/2026-09/contacts/search"
    answer = client.raw("hubspot", "POST", path, json={"limit": 200, "after": "9900"})
    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"


# Square ----------------------------------------------------------------------------------------


def test_square_orders_have_the_documented_shape_and_add_up(client: Client) -> None:
    orders = list(flat(client.square_orders()))
    returns = 0
    for order in orders:
        check_shape(order, SQUARE_ORDER)
        if "returns" in order:
            returns += 1
            assert order["total_money"]["amount"] == 0
            back = order["return_amounts"]["total_money"]["amount"]
            assert order["net_amounts"]["total_money"]["amount"] == -back < 0
            lines = order["returns"][0]["return_line_items"]
            assert sum(line["total_money"]["amount"] for line in lines) == back
        elif not order["id"].startswith("BUSY"):
            lines = order["line_items"]
            tip = order["total_tip_money"]["amount"]
            for name, more in (
                ("total_money", tip), ("total_tax_money", 0), ("total_discount_money", 0)
            ):  # fmt: skip
                total = sum(line[name]["amount"] for line in lines) + more
                assert total == order[name]["amount"]
            if order["net_amount_due_money"]["amount"]:
                assert order["net_amount_due_money"] == order["total_money"]
                assert "tenders" not in order
            else:
                assert order["tenders"][0]["amount_money"] == order["total_money"]
    assert returns > 0


def test_square_payments_refunds_customers_loyalty(client: Client) -> None:
    payments = list(flat(client.square("payments")))
    for payment in payments:
        check_shape(payment, SQUARE_PAYMENT)
        assert ("card_details" in payment) == (payment["source_type"] == "CARD")
    refunded = {item["id"]: item for item in payments if "refunded_money" in item}
    refunds = list(flat(client.square("refunds")))
    linked = [refund for refund in refunds if not refund.get("unlinked")]
    assert {refund["payment_id"] for refund in linked} == set(refunded)
    for refund in linked:
        payment = refunded[refund["payment_id"]]
        assert payment["refunded_money"]["amount"] >= refund["amount_money"]["amount"]
        assert payment["updated_at"] >= refund["updated_at"]
    customers = list(flat(client.square("customers")))
    created = [customer["created_at"] for customer in customers]
    assert created == sorted(created)
    assert any("reference_id" in customer for customer in customers)
    written = {
        customer["id"]: (
            customer.get("birthday"),
            customer.get("address", {}).get("address_line_1"),
        )
        for customer in customers
    }
    assert written == {
        number: (born, street)
        for number, born, street in ask_world(
            "SELECT square_customer_id, birth_date, street"
            " FROM till_customers_as_of(TIMESTAMP '2026-02-19')"
        )
    }
    assert all(customer.get("address", {"country": 1})["country"] for customer in customers)
    phones = [customer["phone_number"] for customer in customers if "phone_number" in customer]
    assert all(re.fullmatch(r"\+?[\d -]+", phone) for phone in phones)
    assert any(not phone.startswith("+") for phone in phones)
    known = set(written)
    for account in flat(client.square("loyalty_accounts")):
        assert account["customer_id"] in known
        assert isinstance(account["balance"], int)


def test_square_bookings_are_as_they_stand_now(client: Client) -> None:
    bookings = list(flat(client.square("bookings")))
    found = {booking["id"]: (booking["status"], booking["customer_id"]) for booking in bookings}
    asked = "SELECT booking_id, status, square_customer_id FROM bookings_as_of('2026-02-19'::DATE)"
    assert found == {key: (status, customer) for key, status, customer in ask_world(asked)}
    assert {status for status, _ in found.values()} > {"ACCEPTED", "CANCELLED_BY_CUSTOMER"}
    assert any(booking["start_at"] > NOW for booking in bookings)
    for booking in bookings:
        creator = booking["creator_details"]
        by_customer = booking["source"] == "FIRST_PARTY_BUYER"
        assert creator.get("customer_id") == (booking["customer_id"] if by_customer else None)
        assert ("team_member_id" in creator) != by_customer
    # Without edges: the next 31 days; and never more at once.
    coming = client.call("square", "GET", "/v2/bookings")["bookings"]
    assert {b["id"] for b in coming} <= {b["id"] for b in bookings if b["start_at"] >= NOW[:-1]}
    for edges in ({"start_at_max": "2026-03-22T00:00:01Z"}, {"start_at_max": NOW}):
        answer = client.raw("square", "GET", "/v2/bookings", params=edges)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "INVALID_VALUE")


def test_square_refuses_what_its_documents_refuse(client: Client) -> None:
    def code(**body: Any) -> Any:
        answer = client.raw("square", "POST", "/v2/orders/search", json=body)
        assert answer.status_code == 400
        return answer.json()["errors"][0]["code"]

    place = [row[0] for row in ask_world("SELECT square_location_id FROM shops")]
    assert code() == "MISSING_REQUIRED_PARAMETER"
    assert code(location_ids=place) == "ARRAY_LENGTH_TOO_LONG"
    by_update = {"date_time_filter": {"updated_at": {"start_at": "2026-02-01T00:00:00Z"}}}
    assert code(location_ids=place[:1], query={"filter": by_update}) == "CONFLICTING_PARAMETERS"
    assert code(location_ids=place[:1], limit=1001) == "BAD_REQUEST"
    assert code(location_ids=place[:1], cursor="x") == "INVALID_CURSOR"


# GA4 -------------------------------------------------------------------------------------------


def unpack(fields: list[Any], row: Any) -> dict[str, Any]:
    """BigQuery's positional cells as an object, by the table's schema."""
    found = {}
    for field, cell in zip(fields, row["f"], strict=True):
        value = cell["v"]
        if field["mode"] == "REPEATED":
            value = [unpack(field["fields"], item["v"]) for item in value]
        elif field["type"] == "RECORD":
            value = unpack(field["fields"], value)
        else:
            assert value is None or isinstance(value, str), field["name"]
        found[field["name"]] = value
    return found


def test_ga4_rows_follow_the_schema(client: Client) -> None:
    table = client.call("ga4", "GET", f"{TABLES}/events_20260205")
    rows = [unpack(table["schema"]["fields"], row) for row in flat(client.ga4("events_20260205"))]
    assert table["numRows"] == str(len(rows))
    expected = ask_world(
        "SELECT event_ts_us::VARCHAR, event_name, user_pseudo_id, transaction_id, value_minor,"
        " page_location, platform FROM web_events WHERE event_date = '2026-02-05'"
        " ORDER BY event_ts_us, user_pseudo_id, batch_event_index"
    )
    assert len(rows) == len(expected) > 50
    for row, (moment, name, client_id, order, value, location, platform) in zip(
        rows, expected, strict=True
    ):
        assert (row["event_timestamp"], row["event_name"]) == (moment, name)
        assert row["platform"] == platform
        assert row["user_pseudo_id"] == client_id
        assert row["ecommerce"]["transaction_id"] == order
        params = {item["key"]: item["value"] for item in row["event_params"]}
        assert params.get("page_location", {}).get("string_value") == location
        assert ("value" in params) == (value is not None)
        assert row["privacy_info"]["analytics_storage"] in ("Yes", "No")


def test_ga4_names_what_is_not_there(client: Client) -> None:
    answer = client.raw("ga4", "GET", f"{TABLES}/events_20300101/data")
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["errors"][0]["reason"]) == (404, "notFound")
    elsewhere = client.raw("ga4", "GET", "/bigquery/v2/projects/p/datasets/d/tables")
    assert elsewhere.status_code == 404


# Store sensors ---------------------------------------------------------------------------------


def test_beacon_events_carry_both_times(client: Client) -> None:
    pages = client.pages(
        lambda cursor: (
            client.call("store_sensors", "GET", "/v1/events", params={"limit": 50})["events"],
            None,
        )
    )
    for event in flat(pages):
        assert event["createdAt"] >= event["actualCreatedAt"]
        assert ("beacon" in event) != ("geofence" in event)
        assert (event.get("beacon") or event["geofence"])["description"][0] == "S"
        assert event["location"]["type"] == "Point"
        assert -180 <= event["location"]["coordinates"][0] <= 180
        assert event.get("metadata", {"rssi": -1})["rssi"] < 0


def test_events_tell_every_signal_apart(client: Client) -> None:
    events = list(flat(client.pings()))
    types = {event["beacon"]["type"] for event in events if "beacon" in event}
    assert types == {"ibeacon", "wifi", "nfc"}
    for event in events:
        has_strength = "beacon" in event and event["beacon"]["type"] != "nfc"
        assert has_strength == ("metadata" in event)
        assert event["type"].endswith("beacon" if "beacon" in event else "geofence")


def test_counters_export_local_hours_with_offset(client: Client) -> None:
    counters = client.call("store_sensors", "GET", "/counters")
    paris = next(item for item in counters if item["timeZone"] == "Europe/Paris")
    rows = client.counts(paris["serial"], start="2026-02-03", end="2026-02-04", resolution="hour")
    assert len(rows) == 24
    assert rows[0]["start"] == "2026-02-03T00:00:00+01:00"
    assert rows[-1]["end"] == "2026-02-04T00:00:00+01:00"
    expected = ask_world(
        "SELECT in_count, out_count FROM door_counts WHERE counter_serial ="
        f" '{paris['serial']}' AND interval_start >= '2026-02-02 23:00:00'"
        " AND interval_start < '2026-02-03 23:00:00' ORDER BY interval_start"
    )
    assert [(row["in"], row["out"]) for row in rows] == expected
    missing = client.raw("store_sensors", "GET", "/counters/NONE/export")
    assert (missing.status_code, missing.json()["meta"]["code"]) == (404, 404)


# Radar, AXIS, Calendly ---------------------------------------------------------------------------


def test_radar_lists_by_the_phones_time_the_newest_first(client: Client) -> None:
    def listed(**params: Any) -> list[Any]:
        headers = {"Authorization": connections(client.url)["radar"]["password"]}
        address = f"{client.url}/radar/v1/events"
        answer = requests.get(address, params={"limit": 50, **params}, headers=headers)
        assert answer.json()["meta"]["hasMore"]
        return answer.json()["events"]

    events = listed()
    times = [event["createdAt"] for event in events]
    assert times == sorted(times, reverse=True)
    assert {event["type"].rpartition("_")[2] for event in events} <= {"beacon", "geofence"}
    assert any(event["createdAt"] < event["actualCreatedAt"] for event in events)
    # Both edges are exclusive.
    assert listed(createdBefore=times[-1])[0]["createdAt"] < times[-1]
    after = listed(createdAfter="2026-02-02T00:00:00.000Z")[-1]["createdAt"]
    assert after > "2026-02-02T00:00:00.000Z"


def test_counters_of_axis_show_the_wall_clock_and_no_zone(client: Client) -> None:
    given = connections(client.url)["axis"]
    paris = [each for each in given["extra"]["counters"] if each["time_zone"] == "Europe/Paris"]
    auth = HTTPDigestAuth(given["login"], given["password"])
    span = "start=20260203&end=20260204&resolution=hour"
    asked = {
        "a3dpc": f"a3dpc/api/export/json?{span}",
        "tvpc": "local/tvpc/.api?export-json&date=20260203-20260203&res=1h",
    }
    for counter in paris:
        address = f"{counter['url']}/{asked[counter['api']]}"
        refused = requests.get(address)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Digest ")
        data = requests.get(address, auth=auth).json()["data"]
        assert len(data) == 24
        if counter["api"] == "a3dpc":
            assert (data[0]["start"], data[0]["end"]) == (
                "2026-02-03 00:00:00",
                "2026-02-03 01:00:00",
            )
        else:
            assert next(iter(data)) == "20260203000000"
            assert all(len(values) == 2 for values in data.values())


def test_calendly_lists_an_organization_to_its_admin_by_start(client: Client) -> None:
    headers = {"Authorization": f"Bearer {connections(client.url)['calendly']['password']}"}

    def ask(path: str, **params: Any) -> Any:
        return requests.get(f"{client.url}/calendly{path}", params=params, headers=headers).json()

    organization = ask("/users/me")["resource"]["current_organization"]
    span = {"min_start_time": BOOKED["start_at_min"], "max_start_time": BOOKED["start_at_max"]}
    assert ask("/scheduled_events", **span)["title"] == "Permission Denied"
    page = ask("/scheduled_events", organization=organization, count=5, **span)
    assert page["pagination"]["count"] == len(page["collection"]) == 5
    assert page["pagination"]["next_page_token"] in page["pagination"]["next_page"]
    starts = [event["start_time"] for event in page["collection"]]
    assert starts == sorted(starts)
    event = page["collection"][0]
    assert event["location"]["type"] == "physical"
    invitees = ask(f"/scheduled_events/{event['uri'].rpartition('/')[2]}/invitees")["collection"]
    assert [invitee["event"] for invitee in invitees] == [event["uri"]]
    assert "@" in invitees[0]["email"]
    dead = ask("/scheduled_events", organization=organization, page_token="x", **span)
    assert dead["details"] == [{"parameter": "page_token", "message": "is invalid"}]


# European Central Bank --------------------------------------------------------------------------


def test_rates_are_a_packed_table_of_working_days(client: Client) -> None:
    answer = requests.get(f"{client.url}/ecb/stats/eurofxref/eurofxref-hist.zip")
    with ZipFile(BytesIO(answer.content)) as archive:
        head, *lines = archive.read("eurofxref-hist.csv").decode().splitlines()
    assert head == "Date,GBP,JPY,USD,"
    days = [date.fromisoformat(line[:10]) for line in lines]
    assert days == sorted(days, reverse=True)
    assert {day.weekday() for day in days} == {0, 1, 2, 3, 4}
    assert days[-1] == date(1999, 1, 4)
    # Units per euro, so that the world's rate comes out when a warehouse turns them around.
    assert lines[0][11:] == "0.8620689655,163.9344262295,1.0869565217,"


def test_demo_connections_name_every_source() -> None:
    found = connections("http://127.0.0.1:1234/")
    assert set(found) == set(SOURCES)
    assert list(connections("http://127.0.0.1:1234", names=["square", "shopify__uk"])) == [
        "square",
        "shopify__uk",
    ]
    for source, connection in found.items():
        assert connection["conn_type"] == "http"
        assert connection["host"] == f"http://127.0.0.1:1234/{source}"
