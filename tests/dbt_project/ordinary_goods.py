"""What shops sell, stock and price, as payloads, beside the ordinary sales: one teapot under two
codes, two cups under one, stock that two systems count, coupons in whatever spelling."""

from __future__ import annotations

from typing import Any

from tests.dbt_project.ordinary_sales import bag, line, parcel, refund, till_order, web_order
from tests.dbt_project.warehouse import Row, Warehouse

CREATED = "2026-01-01T00:00:00Z"
LOAD = "20260502T000000.000000Z"
GTIN, OTHER_GTIN, THIRD_GTIN = "4006381333931", "4006381333948", "4006381333955"
BERLIN = {"country": "DE", "address": {"administrative_district_level_1": "BE"}}


def variant(
    number: int, sku: str, price: str, barcode: str = "", title: str = ""
) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/ProductVariant/{number}", "title": title or "Default Title",
        "sku": sku, "barcode": barcode, "price": price, "createdAt": CREATED,
        "inventoryItem": {"id": f"gid://shopify/InventoryItem/{number}", "tracked": True},
    }  # fmt: skip


def web_product(number: int, title: str, *variants: dict[str, Any]) -> Row:
    gid = f"gid://shopify/Product/{number}"
    return gid, None, {
        "id": gid, "title": title, "status": "ACTIVE", "productType": "Kitchen",
        "isGiftCard": False, "createdAt": CREATED, "updatedAt": CREATED,
        "priceRangeV2": {"minVariantPrice": {"currencyCode": "EUR"}},
        "variants": {"nodes": list(variants)},
    }  # fmt: skip


def till_product(
    name: str,
    sku: str,
    upc: str,
    price: int,
    currency: str = "EUR",
    at: dict[str, int] | None = None,
) -> list[Row]:
    variation = {
        "item_id": f"I_{name}", "name": "Regular", "sku": sku, "upc": upc,
        "pricing_type": "FIXED_PRICING", "track_inventory": True,
        "price_money": {"amount": price, "currency": currency},
        "location_overrides": [
            {"location_id": location, "price_money": {"amount": other, "currency": currency}}
            for location, other in (at or {}).items()
        ],
    }  # fmt: skip
    return [
        (f"{kind}_{name}", None, {"id": f"{kind}_{name}", "updated_at": CREATED, **data})
        for kind, data in (
            ("I", {"type": "ITEM", "item_data": {"name": name, "product_type": "REGULAR"}}),
            ("V", {"type": "ITEM_VARIATION", "item_variation_data": variation}),
        )
    ]  # fmt: skip


def sold_line(uid: str, product: str, quantity: int, total: int) -> dict[str, Any]:
    return {
        "uid": uid, "name": product, "item_type": "ITEM", "catalog_object_id": f"V_{product}",
        "quantity": str(quantity), "total_money": {"amount": total, "currency": "EUR"},
    }  # fmt: skip


def counted(product: str, location: str, at: str, quantity: int) -> Row:
    return f"V_{product}|{location}|IN_STOCK", at, {
        "catalog_object_id": f"V_{product}", "catalog_object_type": "ITEM_VARIATION",
        "state": "IN_STOCK", "location_id": location, "quantity": str(quantity),
        "calculated_at": at,
    }  # fmt: skip


def discount(number: int, *codes: str) -> Row:
    gid = f"gid://shopify/DiscountNode/{number}"
    return gid, None, {"id": gid, "discount": {
        "__typename": "DiscountCodeBasic", "title": "Ten percent", "status": "ACTIVE",
        "createdAt": CREATED, "updatedAt": CREATED,
        "codes": {"nodes": [
            {"id": f"gid://shopify/DiscountRedeemCode/{number}{place}", "code": code}
            for place, code in enumerate(codes)
        ]},
        "customerGets": {"value": {"percentage": "0.1"}},
    }}  # fmt: skip


def off(name: str, *codes: str, **other: Any) -> Row:
    """Of 20.00, less 2.00."""
    tea = {**line("Teapot", "20.00", "0.00", off="2.00"), "sku": "tea-1"}
    return web_order(
        name,
        "18.00",
        discount="2.00",
        subtotal="18.00",
        lines=[tea],
        discountCodes=[*codes],
        **other,
    )


def web_orders() -> list[Row]:
    def goods(title: str, price: str, sku: str) -> dict[str, Any]:
        return {**line(title, price, "0.00"), "sku": sku}

    key, moment, twice = web_order(
        "TWICE", "23.00", lines=[goods("Teapot", "20.00", "TEA-1"), goods("Spoon", "3.00", "SP-9")]
    )
    assert isinstance(twice, dict)
    nodes = twice["lineItems"]["nodes"]
    nodes[1]["id"] = nodes[0]["id"]
    thirds = [
        {**goods("Tray", price, ""), "originalUnitPriceSet": bag(price, "SEK")}
        for price in ("36.67", "36.67", "36.66")
    ]
    return [
        (key, moment, twice),
        web_order("THIRDS", "110.00", currency="SEK", shop="10.00", lines=thirds),
        web_order("WHICH_CUP", "4.00", lines=[goods("Cup", "4.00", "CUP")]),
        off("COUPON", "welcome10"),
        off("COUPON_CAPITALS", "WELCOME10", "blogger", "Welcome10"),
        off("COUPON_LOST", "BLOGGER"),
        off(
            "COUPON_BACK", "Welcome10", currentTotalPriceSet=bag("0.00"),
            refunds=[refund("18.00", "2026-04-02T10:00:00Z", [("18.00", "0.00")])],
        ),
        web_order(
            "TO_BERLIN", "20.00", lines=[goods("Teapot", "20.00", "TEA-1")],
            createdAt="2026-03-12T09:00:00Z", processedAt="2026-03-12T09:00:00Z",
            shippingAddress={"countryCodeV2": "DE", "provinceCode": "BE"},
            fulfillmentOrders={"nodes": [parcel("SHIPPING")]},
        ),
    ]  # fmt: skip


def land(warehouse: Warehouse) -> None:
    """Beside what ordinary_sales.land has landed."""
    warehouse.land("shopify", "products", LOAD, [
        web_product(1, "Teapot", variant(501, "TEA-1", "20.00", GTIN)),
        web_product(2, "Cup", *(
            variant(number, "CUP", "4.00", title=title)
            for number, title in ((502, "Red"), (503, "Blue"))
        )),
        web_product(3, "Spoon", variant(504, "SP-9", "3.00", "036000291452")),
        web_product(4, "Tray", variant(505, "", "9.00")),
        web_product(5, "Kettle", variant(506, "KET", "50.00", OTHER_GTIN)),
        web_product(6, "Jug", variant(507, "JUG", "15.00")),
    ])  # fmt: skip
    warehouse.land("square", "catalog", LOAD, [
        *till_product("TEA", "T-77", "0" + GTIN, 1_800, at={"L2": 2_000}),
        *till_product("CUP", "cup", "", 400),
        *till_product("SPOON", "sp-9 ", "0036000291452", 300),
        *till_product("BLANK", "", "", 900),
        *till_product("KET", "KET", THIRD_GTIN, 5_000),
        *till_product("JUG", "jug", "000", 2_000, "JPY"),
        *till_product("CHEESE", "", "2012345000001", 700),
    ])  # fmt: skip
    warehouse.land("square", "locations", LOAD, [
        (name, None, {
            "id": name, "name": f"Berlin S00{name[1]}", "timezone": "Europe/Berlin",
            "currency": "EUR", "status": "ACTIVE", **BERLIN,
        })
        for name in ("L1", "L2")
    ])  # fmt: skip
    warehouse.land("shopify", "orders", LOAD, web_orders())
    warehouse.land("square", "orders", LOAD, [
        till_order(
            "TEA_SOLD", 3_600, line_items=[sold_line("1", "TEA", 2, 3_600)],
            created_at="2026-03-12T10:00:00Z", closed_at="2026-03-12T10:00:00Z",
        ),
    ])  # fmt: skip
    warehouse.land("square", "inventory", LOAD, [
        counted("TEA", "L1", "2026-03-05T20:00:00Z", 5),
        counted("TEA", "L2", "2026-03-05T20:00:00Z", 4),
    ])  # fmt: skip
    warehouse.land("square", "inventory", LOAD.replace("02T", "03T"), [
        counted("TEA", "L1", "2026-03-12T20:00:00Z", 3),
        counted("TEA", "L2", "2026-03-15T20:00:00Z", 4),
    ])  # fmt: skip
    warehouse.land("square", "inventory", LOAD.replace("02T", "04T"), [
        counted("TEA", "L1", "2026-03-13T08:00:00Z", 0),
        # A wrong clock: else all stock would go on until then.
        counted("SPOON", "L2", "2031-01-01T08:00:00Z", 7),
    ])  # fmt: skip
    warehouse.land("shopify", "inventory_levels", LOAD, [
        ("T1", None, {
            "id": "T1", "isActive": True, "updatedAt": "2026-03-05T10:00:00Z",
            "location": {"id": "gid://shopify/Location/1"},
            "item": {"id": "gid://shopify/InventoryItem/501", "sku": "TEA-1", "tracked": True},
            "quantities": [{"name": "on_hand", "quantity": 99}],
        }),
    ])  # fmt: skip
    warehouse.land("shopify", "discounts", LOAD, [
        discount(1, "Welcome10"), discount(2, "SUMMER"),
    ])  # fmt: skip
