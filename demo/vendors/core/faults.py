"""Seeded faults: what a silo gets wrong, shown by the APIs only (the world itself stays intact).

Each fault rewrites the relations that the vendors read. Its choices (which shop, which day) are
made when it is set, are the same every time, and are told by ``GET /_sim/faults``.
"""

# Relations and literals are put together here from our own names and quoted values.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from demo.vendors.core.sql import literal
from demo.vendors.core.wire import Problem, parse_time

UNKNOWN_LOCATION_ID = "LPOPUP00000S99"
UNKNOWN_STORE_CODE = "S099"
DOUBLED_DEAL_OFFSET = 9_000_000_000
ACCOUNT_ZONE = ZoneInfo("Europe/Berlin")

Query = Callable[..., list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Fault:
    """One fault with everything it chose."""

    name: str
    choices: tuple[tuple[str, Any], ...]

    def __getitem__(self, key: str) -> Any:
        return dict(self.choices)[key]

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            **{
                key: value.isoformat() if isinstance(value, date) else value
                for key, value in self.choices
            },
        }


@dataclass(frozen=True)
class View:
    """What can be seen at one moment under the faults in force. Hashable: lists are kept by it."""

    now: datetime
    faults: tuple[Fault, ...] = ()

    @property
    def today(self) -> date:
        """The date in the ad account's and the web property's zone (Europe/Berlin)."""
        return self.account_now.date()

    @property
    def account_now(self) -> datetime:
        """The wall clock of the ad account and of the web property."""
        utc = self.now.replace(tzinfo=ZoneInfo("UTC"))
        return utc.astimezone(ACCOUNT_ZONE).replace(tzinfo=None)

    def table(self, name: str) -> str:
        """A relation (macro call or parenthesised query) of this table as of this view."""
        relation = _as_of(name, self)
        for fault in self.faults:
            rewrite = REWRITES.get((fault.name, name))
            if rewrite:
                relation = rewrite(fault, relation)
        return relation


FACTS = {
    "web_events": "visible_at",
    "ad_clicks": "clicked_at",
    "stock_moves": "moved_at",
    "gift_card_uses": "used_at",
    "pings": "received_at",
    "door_counts": "updated_at",
    "message_events": "visible_at",
    "store_events": "visible_at",
    "calls": "visible_at",
}
TIMELESS = {"ad_accounts", "crm_campaigns", "currencies", "till_order_lines", "web_order_lines"}


def _as_of(name: str, view: View) -> str:
    if name == "square_shops":  # Square's own list of shops: the unknown shop is only there
        return _as_of("shops", view)
    if name in TIMELESS:
        return name
    if name in FACTS:
        return f"(SELECT rowid, * FROM {name} WHERE {FACTS[name]} <= {literal(view.now)})"
    return f"{name}_as_of({literal(view.now)})"


def _missing_till_day(fault: Fault, till_orders: str) -> str:
    return f"""(
        SELECT * FROM {till_orders}
        WHERE NOT (
            shop_no = {literal(fault["shop_no"])}
            AND created_at >= {literal(fault["day_start"])}
            AND created_at < {literal(fault["day_end"])}
        )
    )"""


def _copied_orders(fault: Fault) -> str:
    return (
        f"shop_no = {literal(fault['copied_shop_no'])} AND visible_at >= {literal(fault['since'])}"
    )


def _unknown_shop_orders(fault: Fault, till_orders: str) -> str:
    return f"""(
        SELECT * FROM {till_orders}
        UNION ALL BY NAME
        SELECT * REPLACE (
            'U' || order_id AS order_id, 0 AS shop_no, NULL::VARCHAR AS square_customer_id
        )
        FROM {till_orders} WHERE {_copied_orders(fault)} AND NOT is_return
    )"""


def _unknown_shop_lines(fault: Fault, lines: str) -> str:
    return f"""(
        SELECT * FROM {lines}
        UNION ALL BY NAME
        SELECT * REPLACE ('U' || order_id AS order_id) FROM {lines}
        WHERE order_id IN (SELECT order_id FROM till_orders WHERE {_copied_orders(fault)})
    )"""


def _unknown_shop_payments(fault: Fault, payments: str) -> str:
    return f"""(
        SELECT * FROM {payments}
        UNION ALL BY NAME
        SELECT * REPLACE (
            'U' || payment_id AS payment_id, 'U' || order_id AS order_id, 0 AS shop_no,
            NULL::VARCHAR AS square_customer_id, 0::BIGINT AS refunded_minor,
            visible_at AS updated_at
        )
        FROM {payments} WHERE {_copied_orders(fault)}
    )"""


def _unknown_shop_location(fault: Fault, shops: str) -> str:
    return f"""(
        SELECT * FROM {shops}
        UNION ALL BY NAME
        SELECT * REPLACE (
            0 AS shop_no, {literal(UNKNOWN_STORE_CODE)} AS store_code,
            'Pop-up store' AS name, {literal(UNKNOWN_LOCATION_ID)} AS square_location_id
        )
        FROM {shops} WHERE shop_no = {literal(fault["copied_shop_no"])}
    )"""


def _doubled_deals(fault: Fault, deals: str) -> str:
    return f"""(
        SELECT * FROM {deals}
        UNION ALL BY NAME
        SELECT * REPLACE (deal_no + {DOUBLED_DEAL_OFFSET} AS deal_no) FROM {deals}
        WHERE created_at >= {literal(fault["since"])}
    )"""


def _inflated_claims(fault: Fault, ad_daily: str) -> str:
    factor = literal(fault["factor"])
    return f"""(
        SELECT * REPLACE (
            conversions * {factor} AS conversions,
            conversions_value * {factor} AS conversions_value
        )
        FROM {ad_daily}
    )"""


def _stopped(column: str) -> Callable[[Fault, str], str]:
    def rewrite(fault: Fault, relation: str) -> str:
        return f"(SELECT * FROM {relation} WHERE {column} <= {literal(fault['stopped_at'])})"

    return rewrite


def _without(key: str) -> Callable[[Fault, str], str]:
    """Without the records that were deleted, merged away, or archived."""

    def rewrite(fault: Fault, relation: str) -> str:
        gone = ", ".join(map(literal, fault["gone"]))
        return f"(SELECT * FROM {relation} WHERE NOT list_contains([{gone}], {key}))"

    return rewrite


def _later_links(fault: Fault, deals: str) -> str:
    """Deals that did not change, but belong to another contact now."""
    numbers = ", ".join(map(str, fault["relinked"])) or "-1"
    return f"""(
        SELECT * REPLACE (
            CASE WHEN deal_no IN ({numbers}) THEN {literal(fault["contact_no"])} ELSE contact_no END
                AS contact_no
        )
        FROM {deals}
    )"""


REWRITES: dict[tuple[str, str], Callable[[Fault, str], str]] = {
    ("missing_till_day", "till_orders"): _missing_till_day,
    ("unknown_shop", "till_orders"): _unknown_shop_orders,
    ("unknown_shop", "till_order_lines"): _unknown_shop_lines,
    ("unknown_shop", "payments"): _unknown_shop_payments,
    ("unknown_shop", "square_shops"): _unknown_shop_location,
    ("doubled_crm_deals", "crm_deals"): _doubled_deals,
    ("claimed_conversions_x3", "ad_daily"): _inflated_claims,
    ("deleted_web_orders", "web_orders"): _without("order_no"),
    ("deleted_till_customers", "till_customers"): _without("square_customer_id"),
    ("archived_deals", "crm_deals"): _without("deal_no"),
    ("later_links", "crm_deals"): _later_links,
    ("stale_feed", "pings"): _stopped("received_at"),
    ("stale_feed", "door_counts"): _stopped("updated_at"),
}


def choose(requested: list[Any], query: Query, now: datetime) -> tuple[Fault, ...]:
    """Faults by name, or as objects with a name and settings; unset choices are made here.

    Settings: missing_till_day(store_code, day), unknown_shop(store_code, days),
    doubled_crm_deals(days), claimed_conversions_x3(factor), stale_feed(days),
    deleted_web_orders(days), deleted_till_customers(days), archived_deals(days), later_links(days).
    Raises an invalid_request naming what is wrong.
    """
    faults = []
    for item in requested:
        settings: Mapping[str, Any] = {"name": item} if isinstance(item, str) else item
        if not isinstance(settings, Mapping) or settings.get("name") not in CHOICES:
            known = ", ".join(sorted(CHOICES))
            raise Problem("invalid_request", f"Unknown fault {item!r}. Known faults: {known}.")
        given = {key: value for key, value in settings.items() if key != "name"}
        make, allowed = CHOICES[settings["name"]]
        if unknown := set(given) - allowed:
            raise Problem(
                "invalid_request",
                f"Fault {settings['name']} has no setting {', '.join(sorted(unknown))};"
                f" it takes {', '.join(sorted(allowed))}.",
            )
        faults.append(Fault(settings["name"], tuple(make(given, query, now).items())))
    return tuple(faults)


def _shop(query: Query, store_code: str) -> tuple[Any, ...]:
    found = query(
        "SELECT shop_no, store_code, time_zone FROM shops WHERE store_code = $code",
        {"code": store_code},
    )
    if not found:
        raise Problem("invalid_request", f"No shop has the store code {store_code!r}.")
    return found[0]


def _busiest_shop(query: Query, start: datetime, end: datetime) -> str:
    """The shop with the most sales between the two moments; the first shop on a tie."""
    return str(
        query(
            """
            SELECT store_code FROM shops LEFT JOIN till_orders AS o
                ON o.shop_no = shops.shop_no AND o.created_at BETWEEN $start AND $end
            GROUP BY store_code ORDER BY count(o.order_id) DESC, store_code LIMIT 1
            """,
            {"start": start, "end": end},
        )[0][0]
    )


def _choose_till_day(given: dict[str, Any], query: Query, now: datetime) -> dict[str, Any]:
    # Four days back: every sale of that day has arrived, so its absence cannot be lateness.
    day = date.fromisoformat(given["day"]) if "day" in given else (now - timedelta(days=4)).date()
    noon = datetime.combine(day, time(12))
    code = given.get("store_code") or _busiest_shop(
        query, noon - timedelta(hours=12), noon + timedelta(hours=12)
    )
    shop_no, code, zone = _shop(query, code)

    def midnight(of: date) -> datetime:
        local = datetime(of.year, of.month, of.day, tzinfo=ZoneInfo(zone))
        return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)

    return {
        "store_code": code,
        "day": day,
        "shop_no": shop_no,
        "day_start": midnight(day),
        "day_end": midnight(day + timedelta(days=1)),
    }


def _choose_unknown_shop(given: dict[str, Any], query: Query, now: datetime) -> dict[str, Any]:
    since = now - timedelta(days=float(given.get("days", 3)))
    code = given.get("store_code") or _busiest_shop(query, since, now)
    shop_no, code, _ = _shop(query, code)
    return {
        "location_id": UNKNOWN_LOCATION_ID,
        "store_code": UNKNOWN_STORE_CODE,
        "copied_store_code": code,
        "copied_shop_no": shop_no,
        "since": since,
    }


def _choose_deals(given: dict[str, Any], query: Query, now: datetime) -> dict[str, Any]:
    return {"since": now - timedelta(days=float(given.get("days", 7)))}


def _choose_claims(given: dict[str, Any], query: Query, now: datetime) -> dict[str, Any]:
    return {"factor": float(given.get("factor", 3))}


def _choose_stale(given: dict[str, Any], query: Query, now: datetime) -> dict[str, Any]:
    if "stopped_at" in given:
        return {"stopped_at": parse_time(given["stopped_at"], "stopped_at")}
    return {"stopped_at": now - timedelta(days=float(given.get("days", 4)))}


def _some(
    query: Query, table: str, key: str, given: dict[str, Any], now: datetime
) -> tuple[Any, ...]:
    """Every third record made more than so many days ago, but for the oldest."""
    rows = query(
        f"SELECT {key} FROM {table} WHERE created_at < $before ORDER BY {key}",
        {"before": now - timedelta(days=float(given.get("days", 2)))},
    )
    return tuple(key for (key,) in rows)[1::3]


def _choose_orders(given: dict[str, Any], query: Query, now: datetime) -> dict[str, Any]:
    return {"gone": _some(query, "web_orders", "order_no", given, now)}


def _choose_customers(given: dict[str, Any], query: Query, now: datetime) -> dict[str, Any]:
    return {"gone": _some(query, "till_customers", "square_customer_id", given, now)}


def _choose_archived(given: dict[str, Any], query: Query, now: datetime) -> dict[str, Any]:
    return {"gone": _some(query, "crm_deals", "deal_no", given, now)}


def _choose_links(given: dict[str, Any], query: Query, now: datetime) -> dict[str, Any]:
    (contact,) = query("SELECT min(contact_no) FROM crm_contacts")[0]
    return {"relinked": _some(query, "crm_deals", "deal_no", given, now), "contact_no": contact}


Choose = Callable[[dict[str, Any], Query, datetime], dict[str, Any]]
CHOICES: dict[str, tuple[Choose, set[str]]] = {
    "missing_till_day": (_choose_till_day, {"store_code", "day"}),
    "unknown_shop": (_choose_unknown_shop, {"store_code", "days"}),
    "doubled_crm_deals": (_choose_deals, {"days"}),
    "claimed_conversions_x3": (_choose_claims, {"factor"}),
    "deleted_web_orders": (_choose_orders, {"days"}),
    "deleted_till_customers": (_choose_customers, {"days"}),
    "archived_deals": (_choose_archived, {"days"}),
    "later_links": (_choose_links, {"days"}),
    "stale_feed": (_choose_stale, {"days", "stopped_at"}),
}
