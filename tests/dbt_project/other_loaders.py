"""What Fivetran and Airbyte would keep of the same vendors: tables made from landed payloads.

The shapes are those of the documents that docs/existing-tables.md names. Nothing here knows how
they are read back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

Payload = dict[str, Any]
Rows = list[dict[str, Any]]
Tables = dict[str, Rows]
SYNCED = datetime(2026, 6, 1, tzinfo=UTC)
TOTALS = {
    "subtotal_price": "subtotalPriceSet",
    "total_discounts": "totalDiscountsSet",
    "total_shipping_price": "totalShippingPriceSet",
    "total_tax": "totalTaxSet",
    "total_price": "totalPriceSet",
    "original_total_additional_fees": "originalTotalAdditionalFeesSet",
    "current_total_price": "currentTotalPriceSet",
    "current_total_tax": "currentTotalTaxSet",
}
# What Fivetran calls these tables in connections made since November 2025.
RENAMED = {"tax_line": "order_line_tax_line", "order_line_refund": "refund_line_item"}


def newest(landing: Path, stream: str) -> list[Payload]:
    """The newest payload of each key: of a report, its rows in the newest load of their day."""
    files = f"{landing}/{stream}/*.parquet"
    rows = duckdb.sql(
        f"""select _payload from '{files}' where _key is not null
        qualify row_number() over (partition by _key order by _cursor desc, _load_id desc) = 1"""
    ).fetchall()
    return [json.loads(row[0]) for row in rows]


def write(folder: Path, tables: Tables) -> None:
    """Each table as a Parquet file in a folder of its name, without columns that are always empty:
    a loader makes none before it has something for it."""
    for name, rows in tables.items():
        if not rows:
            continue
        (folder / name).mkdir(parents=True, exist_ok=True)
        table = pa.Table.from_pylist(rows)
        kept = [c for c in table.column_names if not pa.types.is_null(table.schema.field(c).type)]
        pq.write_table(table.select(kept), folder / name / "1.parquet")


def number(gid: str | None) -> int | None:
    return int(gid.rpartition("/")[2]) if gid else None


def time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# Kind of consent, what is said of it, and where Shopify says it.
CONSENTS = (
    ("email", "state", "defaultEmailAddress.marketingState"),
    ("email", "opt_in_level", "defaultEmailAddress.marketingOptInLevel"),
    ("sms", "state", "defaultPhoneNumber.smsMarketingConsent.state"),
    ("sms", "opt_in_level", "defaultPhoneNumber.smsMarketingConsent.optInLevel"),
)
CONSENTED = "defaultEmailAddress.marketingUpdatedAt"


def at(item: Mapping[str, Any] | None, path: str) -> Any:
    """What stands at ``a.b.c``, None where a part is missing."""
    for part in path.split("."):
        item = (item or {}).get(part)  # type: ignore[assignment]
    return item


def _pres_shop(name: str, bag: Payload | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for short, side in (("pres", "presentmentMoney"), ("shop", "shopMoney")):
        amount = at(bag, f"{side}.amount")
        found[f"{name}_set_{short}_amount"] = None if amount is None else float(amount)
        found[f"{name}_set_{short}_currency_code"] = at(bag, f"{side}.currencyCode")
    return found


def _lines(order: Payload) -> list[Payload]:
    return [*order["lineItems"]["nodes"], *order.get("moreLineItems", ())]


def _line_like(order: Payload, refunded: Payload) -> int | None:
    """A line of the kind that came back: what has landed does not tell which."""
    kind = refunded["isGiftCard"]
    return next((number(line["id"]) for line in _lines(order) if line["isGiftCard"] == kind), None)


def _shipping(order: Payload) -> list[tuple[Payload, bool]]:
    """The shipping lines, and as many that were removed."""
    lines = at(order, "shippingLines.nodes") or []
    return [(line, removed) for removed in (False, True) for line in lines]


def fivetran_shopify(
    orders: list[Payload], customers: list[Payload], locations: list[Payload]
) -> Tables:
    """Tables of a connection made before November 2025."""
    names = (
        "order", "order_line", "tax_line", "discount_allocation", "order_shipping_line", "refund",
        "order_line_refund", "refund_shipping_line", "fulfillment_order", "order_discount_code",
        "fulfillment", "fulfillment_event",
        "customer_visit", "order_note_attribute", "customer", "customer_address", "location",
    )  # fmt: skip
    tables: Tables = {name: [] for name in names}
    synced: dict[str, Any] = {"_fivetran_synced": SYNCED}
    for order in orders:
        key = {"order_id": number(order["id"]), **synced}
        address = order.get("shippingAddress")
        tables["order"].append({
            "id": number(order["id"]), **synced,
            "_fivetran_deleted": order.get("deleted") == "true",
            "customer_id": number(at(order, "customer.id")),
            "currency_code": order["currencyCode"],
            "presentment_currency_code": order["presentmentCurrencyCode"],
            "display_financial_status": order.get("displayFinancialStatus"),
            "source_name": order.get("sourceName"), "test": order.get("test"),
            "taxes_included": order.get("taxesIncluded"),
            "location_id": number(at(order, "retailLocation.id")),
            "billing_address_first_name": at(order.get("billingAddress"), "firstName"),
            "billing_address_last_name": at(order.get("billingAddress"), "lastName"),
            "shipping_address_first_name": at(address, "firstName"),
            "shipping_address_last_name": at(address, "lastName"),
            "shipping_address_province_code": at(address, "provinceCode"),
            "shipping_address_country_code": at(address, "countryCodeV2"),
            **{name: order.get(name) for name in ("name", "email", "phone")},
            **{
                f"{name}_at": time(order.get(f"{name}At"))
                for name in ("created", "updated", "processed", "cancelled")
            },
            **_pres_shop("original_total_duties", order.get("originalTotalDutiesSet")),
            **_pres_shop("total_tip_received", order.get("totalTipReceivedSet")),
            **_pres_shop("total_outstanding", order.get("totalOutstandingSet")),
        })  # fmt: skip
        for name, theirs in TOTALS.items():
            tables["order"][-1] |= _pres_shop(name, order.get(theirs))
        for line in _lines(order):
            tables["order_line"].append({
                "id": number(line["id"]), **key, "sku": line.get("sku"),
                "title": line.get("title"), "quantity": line["quantity"],
                "current_quantity": line.get("currentQuantity"),
                "is_gift_card": line.get("isGiftCard"),
                **_pres_shop("original_unit_price", line.get("originalUnitPriceSet")),
                **_pres_shop("total_discount", line.get("totalDiscountSet")),
            })  # fmt: skip
            part = {"order_line_id": number(line["id"]), **synced}
            tables["tax_line"] += [
                {"index": index, **part, **_pres_shop("price", tax["priceSet"])}
                for index, tax in enumerate(line.get("taxLines") or ())
            ]
            tables["discount_allocation"] += [
                {
                    "index": index, **part,
                    **_pres_shop("allocated_amount", allocation["allocatedAmountSet"]),
                }
                for index, allocation in enumerate(line.get("discountAllocations") or ())
            ]  # fmt: skip
        for place, (line, removed) in enumerate(_shipping(order)):
            tables["order_shipping_line"].append({
                "id": 10 * (number(order["id"]) or 0) + place, **key, "is_removed": removed,
                **_pres_shop("original_price", line["originalPriceSet"]),
                **_pres_shop("discounted_price", line["discountedPriceSet"]),
            })  # fmt: skip
        for refund in order["refunds"]:
            part = {"refund_id": number(refund["id"]), **synced}
            tables["refund"].append({
                "id": number(refund["id"]), **key, "created_at": time(refund["createdAt"]),
                "note": refund.get("note"),
                **_pres_shop("total_refunded", refund["totalRefundedSet"]),
            })  # fmt: skip
            tables["order_line_refund"] += [
                {
                    "id": 100 * (number(refund["id"]) or 0) + place, **part,
                    "order_line_id": _line_like(order, line["lineItem"]),
                    "location_id": number(at(line, "location.id")),
                    **_pres_shop("subtotal", line["subtotalSet"]),
                    **_pres_shop("total_tax", line["totalTaxSet"]),
                }
                for place, line in enumerate(at(refund, "refundLineItems.nodes") or ())
            ]  # fmt: skip
            tables["refund_shipping_line"] += [
                {
                    "id": 100 * (number(refund["id"]) or 0) + place, **part,
                    **_pres_shop("subtotal_amount", line["subtotalAmountSet"]),
                    **_pres_shop("tax_amount", line["taxAmountSet"]),
                }
                for place, line in enumerate(at(refund, "refundShippingLines.nodes") or ())
            ]  # fmt: skip
        for parcel in order["fulfillmentOrders"]["nodes"]:
            tables["fulfillment_order"].append({
                "id": number(parcel["id"]), **key, "status": parcel.get("status"),
                "fulfill_at": time(parcel.get("fulfillAt")),
                "updated_at": time(parcel.get("updatedAt")),
                "assigned_location_id": number(at(parcel, "assignedLocation.location.id")),
                "delivery_method_method_type": at(parcel, "deliveryMethod.methodType"),
                "delivery_method_max_delivery_date_time": time(
                    at(parcel, "deliveryMethod.maxDeliveryDateTime")
                ),
                "fulfill_by": time(parcel.get("fulfillBy")),
            })  # fmt: skip
        for sent in order.get("fulfillments") or ():
            tables["fulfillment"].append({
                "id": number(sent["id"]), **key, "status": sent["status"],
                "display_status": sent["displayStatus"], "created_at": time(sent["createdAt"]),
                "delivered_at": time(sent["deliveredAt"]),
            })  # fmt: skip
            tables["fulfillment_event"] += [
                {
                    "id": 100 * (number(sent["id"]) or 0) + place, **synced,
                    "fulfillment_id": number(sent["id"]), "status": event["status"],
                    "happened_at": time(event["happenedAt"]),
                }
                for place, event in enumerate(sent["events"]["nodes"])
            ]  # fmt: skip
        for index, code in enumerate(order["discountCodes"]):
            tables["order_discount_code"].append({"index": index, "code": code, **key})
        for attribute in order["customAttributes"]:
            tables["order_note_attribute"].append(
                {"name": attribute["key"], "value": attribute["value"], **key}
            )
        created = time(order["createdAt"])
        assert created
        if utm := at(order, "customerJourneySummary.lastVisit.utmParameters"):
            visits = ({**utm, "source": "a first visit"}, utm)
            for place, visit in enumerate(visits):
                tables["customer_visit"].append({
                    "id": 2 * (number(order["id"]) or 0) + place, **key,
                    "occurred_at": created - timedelta(hours=2 - place),
                    **{
                        f"utm_parameters_{name}": visit[name]
                        for name in ("source", "medium", "campaign")
                    },
                })  # fmt: skip
    for customer in customers:
        address = customer.get("defaultAddress")
        key = {"customer_id": number(customer["id"]), **synced}
        tables["customer"].append({
            "id": number(customer["id"]), **synced, "first_name": customer.get("firstName"),
            "last_name": customer.get("lastName"),
            "email": at(customer, "defaultEmailAddress.emailAddress"),
            **{f"{kind}_marketing_consent_{name}": at(customer, path)
               for kind, name, path in CONSENTS},
            "email_marketing_consent_consent_updated_at": time(at(customer, CONSENTED)),
            "phone": at(customer, "defaultPhoneNumber.phoneNumber"),
            "created_at": time(customer["createdAt"]), "updated_at": time(customer["updatedAt"]),
        })  # fmt: skip
        if address:
            tables["customer_address"] += [
                {
                    "id": place, **key, "is_default": place == 1,
                    "address_1": address.get("address1") if place else "another street",
                    "city": address.get("city"), "zip": address.get("zip"),
                    "country_code": address.get("countryCodeV2"),
                }
                for place in (0, 1)
            ]  # fmt: skip
    for location in locations:
        tables["location"].append({
            "id": number(location["id"]), **synced, "_fivetran_deleted": False,
            "name": location["name"], "is_active": location.get("isActive"),
            "city": at(location, "address.city"), "zip": at(location, "address.zip"),
            "province_code": at(location, "address.provinceCode"),
            "country_code": at(location, "address.countryCode"),
        })  # fmt: skip
    return tables


def _bag(bag: Payload | None) -> Any:
    """A MoneyBag as the REST API writes it."""
    return bag and {
        rest: {
            "amount": f"{float(bag[side]['amount']):.4f}",
            "currency_code": bag[side]["currencyCode"],
        }
        for rest, side in (("presentment_money", "presentmentMoney"), ("shop_money", "shopMoney"))
    }


def _beyond(total: Payload, parts: list[Payload]) -> Payload:
    """What the parts come to beyond the total."""
    return {
        side: {
            **money,
            "amount": sum(float(part[side]["amount"]) for part in parts) - float(money["amount"]),
        }
        for side, money in total.items()
    }


def _rest_refund(refund: Payload, taxes_included: bool) -> Payload:
    """Paid back at once, after a first try; the lines and an adjustment make up the total."""
    total = refund["totalRefundedSet"]
    amount = total["presentmentMoney"]["amount"]
    lines = at(refund, "refundLineItems.nodes") or []
    shipping = at(refund, "refundShippingLines.nodes") or []
    parts = [line["subtotalSet"] for line in lines] + [
        line["subtotalAmountSet"] for line in shipping
    ]
    taxes = [line["totalTaxSet"] for line in lines] + [line["taxAmountSet"] for line in shipping]
    return {
        "id": number(refund["id"]), "created_at": refund["createdAt"], "note": refund.get("note"),
        "processed_at": refund.get("processedAt"),
        "transactions": [
            {"amount": amount, "kind": "refund", "status": "failure"},
            {"amount": amount, "kind": "refund", "status": "success"},
        ],
        "refund_line_items": [
            {
                "subtotal_set": _bag(line["subtotalSet"]),
                "total_tax_set": _bag(line["totalTaxSet"]),
                "location_id": number(at(line, "location.id")),
                "line_item": {"gift_card": line["lineItem"]["isGiftCard"]},
            }
            for line in lines
        ],
        "refund_shipping_lines": [
            {
                "subtotal_amount_set": _bag(line["subtotalAmountSet"]),
                "tax_amount_set": _bag(line["taxAmountSet"]),
            }
            for line in shipping
        ],
        "order_adjustments": [
            {
                "amount_set": _bag(_beyond(total, parts if taxes_included else parts + taxes)),
                "tax_amount_set": _bag(_beyond(total, [total])),
            }
        ],
    }  # fmt: skip


def airbyte_shopify(
    orders: list[Payload], customers: list[Payload], locations: list[Payload]
) -> Tables:
    """Objects of the REST API; what is nested is text."""
    names = ("orders", "fulfillment_orders", "customer_journey_summary", "customers", "locations")
    tables: Tables = {name: [] for name in names}
    synced: dict[str, Any] = {"_airbyte_extracted_at": SYNCED, "_airbyte_raw_id": "x"}
    for order in orders:
        address = order.get("shippingAddress")
        duties = _bag(order.get("originalTotalDutiesSet"))
        tables["orders"].append({
            "id": number(order["id"]), **synced,
            "customer": json.dumps({"id": number(at(order, "customer.id"))}),
            "currency": order["currencyCode"],
            "presentment_currency": order["presentmentCurrencyCode"],
            "financial_status": (order.get("displayFinancialStatus") or "").lower() or None,
            "source_name": order.get("sourceName"), "test": order.get("test"),
            "taxes_included": order.get("taxesIncluded"),
            "deleted_at": SYNCED if order.get("deleted") == "true" else None,
            "location_id": number(at(order, "retailLocation.id")),
            "total_tip_received": at(order, "totalTipReceivedSet.shopMoney.amount"),
            "total_outstanding": at(order, "totalOutstandingSet.shopMoney.amount"),
            # An object, where Airbyte expects a text.
            "original_total_duties_set": duties and str(duties),
            "billing_address": json.dumps({
                "first_name": at(order.get("billingAddress"), "firstName"),
                "last_name": at(order.get("billingAddress"), "lastName"),
            }),
            "shipping_address": address and json.dumps({
                "first_name": address["firstName"], "last_name": address["lastName"],
                "province_code": address["provinceCode"], "country_code": address["countryCodeV2"],
            }),
            **{name: order.get(name) for name in ("name", "email", "phone")},
            **{
                f"{name}_at": time(order.get(f"{name}At"))
                for name in ("created", "updated", "processed", "cancelled")
            },
            **{
                f"{name}_set": json.dumps(_bag(order.get(theirs)))
                for name, theirs in TOTALS.items()
            },
            "discount_codes": json.dumps([{"code": code} for code in order["discountCodes"]]),
            "note_attributes": json.dumps(
                [{"name": a["key"], "value": a["value"]} for a in order["customAttributes"]]
            ),
            "line_items": json.dumps([
                {
                    "id": number(line["id"]), "sku": line.get("sku"), "title": line.get("title"),
                    "quantity": line["quantity"], "current_quantity": line.get("currentQuantity"),
                    "gift_card": line.get("isGiftCard"),
                    "price_set": _bag(line.get("originalUnitPriceSet")),
                    "total_discount_set": _bag(line.get("totalDiscountSet")),
                    "discount_allocations": [
                        {"amount_set": _bag(allocation["allocatedAmountSet"])}
                        for allocation in line.get("discountAllocations") or ()
                    ],
                    "tax_lines": [
                        {"price_set": _bag(tax["priceSet"])} for tax in line.get("taxLines") or ()
                    ],
                }
                for line in _lines(order)
            ]),
            "shipping_lines": json.dumps([
                {
                    "is_removed": removed, "price_set": _bag(line["originalPriceSet"]),
                    "discounted_price_set": _bag(line["discountedPriceSet"]),
                }
                for line, removed in _shipping(order)
            ]),
            "refunds": json.dumps([
                _rest_refund(refund, order.get("taxesIncluded") or False)
                for refund in order["refunds"]
            ]),
        })  # fmt: skip
        for parcel in order["fulfillmentOrders"]["nodes"]:
            method = at(parcel, "deliveryMethod.methodType")
            tables["fulfillment_orders"].append({
                "id": number(parcel["id"]), "order_id": number(order["id"]), **synced,
                "status": (parcel.get("status") or "").lower() or None,
                "assigned_location_id": number(at(parcel, "assignedLocation.location.id")),
                "delivery_method": json.dumps({
                    "method_type": method and method.lower(),
                    "max_delivery_date_time": at(parcel, "deliveryMethod.maxDeliveryDateTime"),
                }),
                "fulfill_by": time(parcel.get("fulfillBy")),
            })  # fmt: skip
        if utm := at(order, "customerJourneySummary.lastVisit.utmParameters"):
            summary = {"last_visit": {"utm_parameters": utm}}
            tables["customer_journey_summary"].append({
                "order_id": number(order["id"]), **synced,
                "customer_journey_summary": json.dumps(summary),
            })  # fmt: skip
    for customer in customers:
        address = customer.get("defaultAddress")
        consents: dict[str, dict[str, Any]] = {
            "email": {"consent_updated_at": at(customer, CONSENTED)}, "sms": {},
        }  # fmt: skip
        for kind, name, path in CONSENTS:
            consents[kind][name] = (at(customer, path) or "").lower() or None
        tables["customers"].append({
            "id": number(customer["id"]), **synced, "first_name": customer.get("firstName"),
            "last_name": customer.get("lastName"),
            "email": at(customer, "defaultEmailAddress.emailAddress"),
            **{f"{kind}_marketing_consent": json.dumps(said) for kind, said in consents.items()},
            "phone": at(customer, "defaultPhoneNumber.phoneNumber"),
            "default_address": address and json.dumps({
                "address1": address.get("address1"), "city": address.get("city"),
                "zip": address.get("zip"), "country_code": address.get("countryCodeV2"),
            }),
            "created_at": time(customer["createdAt"]), "updated_at": time(customer["updatedAt"]),
        })  # fmt: skip
    for location in locations:
        tables["locations"].append({
            "id": number(location["id"]), **synced, "name": location["name"],
            "active": location.get("isActive"),
            "city": at(location, "address.city"), "zip": at(location, "address.zip"),
            "province_code": at(location, "address.provinceCode"),
            "country_code": at(location, "address.countryCode"),
        })  # fmt: skip
    return tables


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _account(resource_name: str) -> int:
    return int(resource_name.split("/")[1])


def _split(metrics: Payload) -> tuple[Payload, Payload]:
    """A day's figures on two devices."""
    whole = {
        "impressions": int(metrics.get("impressions", 0)),
        "clicks": int(metrics.get("clicks", 0)),
        "cost_micros": int(metrics.get("costMicros", 0)),
    }
    part = {name: value // 3 for name, value in whole.items()}
    rest = {name: value - part[name] for name, value in whole.items()}
    claimed = {
        "conversions": float(metrics.get("conversions", 0)),
        "conversions_value": float(metrics.get("conversionsValue", 0)),
    }
    return {**part, **claimed}, {**rest, "conversions": 0.0, "conversions_value": 0.0}


def fivetran_google_ads(
    accounts: list[Payload], campaigns: list[Payload], days: list[Payload], clicks: list[Payload]
) -> Tables:
    """Histories with a former version of each row, and reports by device."""
    synced = {"_fivetran_synced": SYNCED}
    former = SYNCED - timedelta(days=1)
    tables: Tables = {"campaign_budget_history": []}
    tables["account_history"] = [
        {
            "id": int(row["customer"]["id"]), **synced, "updated_at": updated,
            "descriptive_name": name, "currency_code": row["customer"]["currencyCode"],
            "time_zone": row["customer"]["timeZone"], "manager": False,
        }
        for row in accounts
        for updated, name in ((former, "before"), (SYNCED, row["customer"]["descriptiveName"]))
    ]  # fmt: skip
    manager = {**tables["account_history"][0], "id": 1, "manager": True}
    tables["account_history"].append(manager)
    tables["campaign_history"] = []
    for row in campaigns:
        campaign = row["campaign"]
        key = {"updated_at": SYNCED, **synced}
        tables["campaign_history"].append({
            "id": int(campaign["id"]), "customer_id": _account(campaign["resourceName"]), **key,
            "name": campaign["name"], "status": campaign["status"],
            "advertising_channel_type": campaign["advertisingChannelType"],
            "start_date": _day(campaign.get("startDateTime")),
            "end_date": _day(campaign.get("endDateTime")), "_fivetran_active": True,
        })  # fmt: skip
        if amount := at(row, "campaignBudget.amountMicros"):
            tables["campaign_budget_history"].append(
                {"id": 1, "campaign_id": int(campaign["id"]), **key, "amount_micros": int(amount)}
            )
    before = [
        {**row, "updated_at": former, "status": "UNKNOWN", "_fivetran_active": False}
        for row in tables["campaign_history"]
    ]
    tables["campaign_history"] += before
    tables["campaign_stats"] = [
        {
            "_fivetran_id": f"{place}", "date": _day(row["segments"]["date"]),
            # Rows of a day are not written all at once.
            "_fivetran_synced": SYNCED - timedelta(minutes=place),
            "customer_id": _account(row["campaign"]["resourceName"]),
            "id": int(row["campaign"]["id"]), "device": device, "ad_network_type": "SEARCH",
            **part,
        }
        for row in days
        for place, (device, part) in enumerate(
            zip(("MOBILE", "DESKTOP"), _split(row["metrics"]), strict=True)
        )
    ]  # fmt: skip
    tables["click_view"] = [
        {
            "date": _day(row["segments"]["date"]), **synced, "gclid": row["clickView"]["gclid"],
            "customer_id": _account(row["campaign"]["resourceName"]),
            "campaign_id": int(row["campaign"]["id"]), "device": row["segments"]["device"],
        }
        for row in clicks
    ]  # fmt: skip
    return tables


def airbyte_google_ads(
    accounts: list[Payload], campaigns: list[Payload], days: list[Payload], clicks: list[Payload]
) -> Tables:
    """A report of campaigns, by hour; a column is named as the field, with _ for a dot."""
    synced = {"_airbyte_extracted_at": SYNCED}
    known = {row["campaign"]["id"]: row for row in campaigns}
    tables: Tables = {"campaign": []}
    tables["customer"] = [
        {
            **synced, "customer_id": int(row["customer"]["id"]),
            "customer_descriptive_name": row["customer"]["descriptiveName"],
            "customer_currency_code": row["customer"]["currencyCode"],
            "customer_time_zone": row["customer"]["timeZone"], "customer_manager": False,
            "segments_date": day,
        }
        for row in accounts
        for day in (date(2026, 2, 1), date(2026, 2, 2))
    ]  # fmt: skip
    for row in days:
        of = known[row["campaign"]["id"]]
        campaign = of["campaign"]
        tables["campaign"] += [
            {
                **synced, "campaign_id": int(campaign["id"]), "campaign_name": campaign["name"],
                "campaign_resource_name": campaign["resourceName"],
                "campaign_status": campaign["status"],
                "campaign_advertising_channel_type": campaign["advertisingChannelType"],
                "campaign_start_date": (campaign.get("startDateTime") or "")[:10] or None,
                "campaign_end_date": (campaign.get("endDateTime") or "")[:10] or None,
                "campaign_budget_amount_micros": int(at(of, "campaignBudget.amountMicros")),
                "segments_date": _day(row["segments"]["date"]), "segments_hour": hour,
                "segments_ad_network_type": "SEARCH",
                **{f"metrics_{name}": value for name, value in part.items()},
            }
            for hour, part in enumerate(_split(row["metrics"]))
        ]  # fmt: skip
    tables["click_view"] = [
        {
            **synced, "segments_date": _day(row["segments"]["date"]),
            "click_view_gclid": row["clickView"]["gclid"],
            "customer_id": _account(row["campaign"]["resourceName"]),
            "campaign_id": int(row["campaign"]["id"]),
        }
        for row in clicks
    ]  # fmt: skip
    return tables
