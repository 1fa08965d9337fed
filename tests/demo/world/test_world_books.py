"""The books of the demo world balance to the last minor unit, and its clocks make sense.

Each rule counts the rows that break it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from demo.world import generate
from demo.world.campaigns import CAMPAIGNS, Exposures, Ledger
from demo.world.horizon import DAY, HOUR, Horizon
from demo.world.ordinary import Rates

_ORDERS = {
    "web": ("web_orders", "web_order_lines", "order_no", "total_minor - shipping_minor"),
    "till": ("till_orders", "till_order_lines", "order_id", "total_minor - tip_minor"),
}

OFTEN = Rates(*(10 * rate if rate <= 0.05 else rate for rate in astuple(Rates())))

BALANCES = {
    **{
        f"{name} lines sum to their order": f"""
        FROM {orders} AS o LEFT JOIN (
            SELECT
                {key}, sum(quantity * unit_price_minor) AS goods,
                sum(discount_minor) AS discount, sum(tax_minor) AS tax,
                min(line_no) = 1 AND max(line_no) = count(*) AS numbered
            FROM {lines} GROUP BY {key}
        ) AS l USING ({key})
        WHERE goods IS DISTINCT FROM subtotal_minor OR discount IS DISTINCT FROM discount_minor
            OR tax IS DISTINCT FROM tax_minor OR NOT numbered
            OR {net} <> subtotal_minor - discount_minor + tax_minor OR total_minor <= 0
        """
        for name, (orders, lines, key, net) in _ORDERS.items()
    },
    "one payment per sale, of its total, the tip beside": """
        FROM till_orders AS o FULL JOIN payments AS p USING (order_id)
        WHERE (NOT is_return AND due_minor = 0) IS DISTINCT FROM (p.order_id IS NOT NULL)
            OR p.amount_minor + p.tip_minor <> o.total_minor OR p.tip_minor <> o.tip_minor
            OR p.currency_code <> o.currency_code
            OR p.shop_no <> o.shop_no OR p.visible_at <> o.visible_at""",
    "one refund per return, of its total, for the payment of its sale": """
        FROM till_orders AS back
        FULL JOIN till_refunds AS r USING (order_id)
        LEFT JOIN payments AS p USING (payment_id)
        WHERE (back.is_return OR r.order_id IS NOT NULL)
            AND (r.amount_minor IS DISTINCT FROM back.total_minor
                OR p.order_id IS DISTINCT FROM back.return_of_order_id
                OR r.amount_minor > p.amount_minor OR r.created_at <= p.visible_at)""",
    "as many deals as orders on the web": """
        FROM (SELECT count(*) AS orders FROM web_orders WHERE sold_shop_no IS NULL),
            (SELECT count(*) AS deals, count(DISTINCT deal_no) AS different FROM crm_deals)
        WHERE orders <> deals OR deals <> different""",
    "a deal that names its order has its amount, some minutes later": """
        FROM (FROM web_orders WHERE sold_shop_no IS NULL) AS o
        JOIN crm_deals AS d ON o.order_name = d.order_name AND o.created_at = d.closed_at
        WHERE o.total_minor IS DISTINCT FROM d.amount_minor
            OR d.amended_minor IS DISTINCT FROM
                CASE WHEN edited_at IS NOT NULL THEN o.total_minor - removed_minor END
            OR d.amended_at <= o.edited_at
            OR (d.lost_at IS NOT NULL) <> (coalesce(cancelled_at, voided_at) IS NOT NULL)
            OR o.currency_code IS DISTINCT FROM d.currency_code
            OR d.created_at NOT BETWEEN o.created_at + INTERVAL 1 MINUTE
                AND o.created_at + INTERVAL 30 MINUTE""",
    "a deal's contact is known by then": """
        FROM crm_deals AS d LEFT JOIN crm_contacts AS c USING (contact_no)
        WHERE d.contact_no IS NOT NULL AND (c.contact_no IS NULL OR c.created_at > d.created_at)""",
    "an order's customer is known by then": """
        FROM web_orders AS o LEFT JOIN web_customers AS c USING (customer_no)
        WHERE o.customer_no IS NOT NULL
            AND (c.customer_no IS NULL OR c.created_at > o.created_at)""",
    "a booking comes to one end, in its time, and its customer is known": """
        FROM bookings AS b LEFT JOIN till_customers AS c USING (square_customer_id)
        WHERE c.created_at IS NULL OR c.created_at > b.created_at
            OR NOT b.created_at <= accepted_at OR NOT accepted_at < start_at
            OR (cancelled_at IS NULL) <> (cancelled_status IS NULL)
            OR (cancelled_at IS NOT NULL AND no_show_at IS NOT NULL)
            OR cancelled_at NOT BETWEEN accepted_at AND start_at OR no_show_at <= start_at""",
    "refunds never exceed their order, and cancelled orders go back whole": """
        FROM web_orders AS o LEFT JOIN (
            SELECT order_no, sum(amount_minor) AS back, sum(shop_amount_minor) AS shop_back,
                min(created_at) AS first
            FROM web_refunds GROUP BY order_no
        ) AS r USING (order_no)
        WHERE back > total_minor OR shop_back > shop_total_minor OR first < o.created_at
            OR (cancelled_at IS NOT NULL AND (back IS DISTINCT FROM total_minor
                OR shop_back IS DISTINCT FROM shop_total_minor OR first <> cancelled_at))""",
    "the shop's currency is the fixed rate's": """
        FROM web_orders AS o JOIN currencies AS c USING (currency_code)
        WHERE abs(shop_total_minor - total_minor / 10 ** exponent * eur_per_unit * 100) > 0.5001""",
    "BOPIS names its shop and is no till sale; delivery names none": """
        FROM web_orders WHERE is_bopis <> (pickup_shop_no IS NOT NULL)
            OR (is_bopis AND (fulfilled_at IS NOT NULL OR shipping_minor <> 0))
            OR (NOT is_bopis AND (ready_at IS NOT NULL OR picked_up_at IS NOT NULL))
            OR picked_up_at <= ready_at OR ready_at <= created_at OR fulfilled_at < created_at
            OR (delivered_at IS NOT NULL AND (is_bopis OR delivered_at <= fulfilled_at))
            OR promised_at <= created_at
            OR (cancelled_at IS NOT NULL AND (fulfilled_at IS NOT NULL OR picked_up_at IS NOT NULL))
        """,
    "an edit takes off the last line, of an order that nothing else befell": """
        FROM web_orders AS o
        LEFT JOIN (
            SELECT order_no, count(*) AS lines,
                arg_max(quantity * unit_price_minor - discount_minor + tax_minor, line_no) AS last
            FROM web_order_lines GROUP BY order_no
        ) AS l USING (order_no)
        LEFT JOIN web_refunds AS r USING (order_no)
        WHERE removed_minor <> CASE WHEN edited_at IS NULL THEN 0 ELSE last END
            OR (edited_at IS NOT NULL AND (
                lines < 2 OR coalesce(cancelled_at, voided_at, r.created_at) IS NOT NULL))
            OR (voided_at IS NOT NULL AND (fulfilled_at IS NOT NULL OR r.order_no IS NOT NULL))""",
    "a shop takes goods back while it is open": """
        FROM web_refunds JOIN shops USING (shop_no)
        CROSS JOIN LATERAL (SELECT timezone(time_zone, timezone('UTC', created_at)) AS local)
        WHERE hour(local) * 60 + minute(local) NOT BETWEEN open_minute AND close_minute
            OR (dayofweek(local) = 0 AND NOT is_open_sunday)""",
    "what is due is of no sale, all of it": """
        FROM till_orders WHERE due_minor NOT IN (0, total_minor)
            OR (due_minor > 0) <> (NOT is_return AND square_customer_id IS NULL
                AND order_id NOT IN (SELECT order_id FROM payments))
            OR (state IN ('DRAFT', 'CANCELED') AND due_minor = 0)
            OR (state = 'COMPLETED' AND due_minor > 0)""",
    "a purchase event tells its order's value": """
        FROM web_events AS e LEFT JOIN web_orders AS o ON e.transaction_id = o.order_name
        WHERE (event_name IN ('purchase', 'order_ahead')) <> (transaction_id IS NOT NULL)
            OR (event_name = 'purchase' AND (value_minor IS DISTINCT FROM total_minor
                OR e.currency_code <> o.currency_code
                OR abs(event_ts_us - epoch_us(o.created_at)) > 60000000))""",
    "only consent leaves ids": """
        FROM web_events WHERE (NOT consent_analytics AND coalesce(
                user_pseudo_id, user_id, source, campaign_id, ga_session_id::VARCHAR) IS NOT NULL)
            OR (consent_analytics AND user_pseudo_id IS NULL)
            OR (NOT consent_ads AND click_id IS NOT NULL)""",
    "every click id that analytics saw and the platform lists is a click of that campaign": """
        FROM web_events AS e JOIN ad_clicks AS c USING (click_id)
        WHERE c.campaign_no::VARCHAR IS DISTINCT FROM e.campaign_id""",
    "reported clicks are the listed ones, and few others": """
        FROM ad_daily AS d FULL JOIN (
            SELECT campaign_no, date, count(*) AS listed FROM ad_clicks GROUP BY ALL
        ) AS c USING (campaign_no, date)
        WHERE date < (SELECT start_date + days + extra_days FROM world_info)
            AND (clicks IS NULL OR clicks - coalesce(listed, 0) NOT BETWEEN 0 AND 3 + clicks // 5
                OR clicks > impressions)""",
    "no tills while the shop is closed": """
        FROM till_orders JOIN shops USING (shop_no)
        CROSS JOIN LATERAL (SELECT timezone(time_zone, timezone('UTC', closed_at)) AS local)
        WHERE hour(local) * 60 + minute(local) NOT BETWEEN open_minute AND close_minute + 5
            OR (dayofweek(local) = 0 AND NOT is_open_sunday)""",
    "closed hours count nobody": """
        FROM door_counts JOIN shops USING (shop_no)
        CROSS JOIN LATERAL (SELECT timezone(time_zone, timezone('UTC', interval_start)) AS local)
        WHERE in_count + out_count > 0
            AND ((hour(local) * 60 + minute(local) + 60 <= open_minute - 30)
                OR hour(local) * 60 + minute(local) >= close_minute + 30
                OR (dayofweek(local) = 0 AND NOT is_open_sunday))""",
    "nothing is visible before it happened, tills 72 h later at most": """
        FROM (
            SELECT closed_at AS happened_at, visible_at FROM till_orders
            UNION ALL SELECT make_timestamp(event_ts_us), visible_at FROM web_events
            UNION ALL SELECT observed_at, received_at FROM pings WHERE year(observed_at) < 2030
            UNION ALL SELECT interval_end, updated_at FROM door_counts
        ) WHERE visible_at < happened_at OR visible_at > happened_at + INTERVAL 72 HOUR""",
    "a click id says its platform, and all but Google's stand in the link": """
        FROM (SELECT * EXCLUDE (platform) FROM web_events) AS e
        JOIN campaigns AS c ON e.campaign_id = c.campaign_no::VARCHAR
        JOIN (VALUES ('google_ads', 'gclid', 'google'), ('meta_ads', 'fbclid', 'facebook'),
            ('tiktok_ads', 'ttclid', 'tiktok'), ('microsoft_ads', 'msclkid', 'bing')
        ) AS p (platform, kind, source) USING (platform)
        WHERE (click_id IS NULL) <> (click_id_kind IS NULL) OR click_id_kind <> p.kind
            OR e.source <> p.source
            OR (event_name = 'session_start' AND kind = 'gclid' AND contains(page_location, '?'))
            OR (event_name = 'session_start' AND kind <> 'gclid'
                AND (NOT contains(page_location, 'utm_id=' || campaign_id)
                    OR contains(page_location, kind || '=') <> (click_id IS NOT NULL)
                    OR NOT contains(page_location, coalesce(click_id, 'utm_id'))))""",
    "views are part of the claims": """
        FROM ad_daily WHERE view_conversions_initial > conversions_initial
            OR view_conversions_final > conversions_final""",
    "a product is sold in its time, at its price there": """
        FROM (
            SELECT product_no, created_at AS sold_at, currency_code, unit_price_minor,
                true AS on_web
            FROM web_orders JOIN web_order_lines USING (order_no)
            UNION ALL
            SELECT product_no, created_at, currency_code, unit_price_minor, false
            FROM till_orders JOIN till_order_lines USING (order_id) WHERE NOT is_return
        ) AS sold
        JOIN products AS p USING (product_no) JOIN product_prices AS l USING (product_no)
        WHERE l.currency_code = sold.currency_code AND (
            sold_at < p.created_at OR sold_at >= p.retired_at OR unit_price_minor <>
                CASE WHEN on_web THEN price_minor ELSE till_price_minor END)""",
    "the stock ledger has all that was sold at tills and given back there": """
        FROM (
            SELECT product_no, shop_no, visible_at AS moved_at,
                sum(CASE WHEN is_return THEN quantity ELSE -quantity END) AS moved
            FROM till_orders JOIN till_order_lines USING (order_id)
            WHERE due_minor = 0 AND product_no > 0 GROUP BY ALL
        ) LEFT JOIN (
            SELECT product_no, shop_no, moved_at, sum(quantity) AS kept FROM stock_moves
            WHERE reason IN ('sale', 'return') GROUP BY ALL
        ) USING (product_no, shop_no, moved_at)
        WHERE moved IS DISTINCT FROM kept""",
    "what was sent or picked up has left a shop": """
        FROM (
            SELECT sum(quantity) AS sent FROM web_orders AS o JOIN web_order_lines USING (order_no)
            WHERE coalesce(fulfilled_at, picked_up_at) IS NOT NULL AND product_no > 0
                AND NOT (edited_at IS NOT NULL AND line_no = (SELECT max(line_no)
                    FROM web_order_lines AS l WHERE l.order_no = o.order_no))
        ), (
            SELECT sum(quantity) AS at_tills FROM till_orders JOIN till_order_lines USING (order_id)
            WHERE due_minor = 0 AND NOT is_return AND product_no > 0
        ), (SELECT -sum(quantity) AS sold FROM stock_moves WHERE reason = 'sale')
        WHERE sent + at_tills <> sold""",
    "nothing is sold that is not there": """
        FROM (
            SELECT sum(quantity) OVER (PARTITION BY product_no, shop_no ORDER BY moved_at) AS left_
            FROM stock_moves
        ) WHERE left_ < 0""",
    "the truth knows when nothing was left": """
        FROM truth.stock_outs AS t JOIN stock_moves AS m USING (product_no, shop_no)
        WHERE m.moved_at > t.since AND m.moved_at < t.until""",
    "a sold gift card is a card of its value": """
        FROM (
            SELECT order_no::VARCHAR AS id, currency_code, unit_price_minor
            FROM web_order_lines JOIN web_orders USING (order_no) WHERE is_gift_card
            UNION ALL SELECT order_id, currency_code, unit_price_minor
            FROM till_order_lines JOIN till_orders USING (order_id) WHERE is_gift_card
        ) AS sold
        FULL JOIN (
            SELECT coalesce(web_order_no::VARCHAR, till_order_id) AS id, currency_code AS currency,
                initial_minor
            FROM gift_cards WHERE coalesce(web_order_no::VARCHAR, till_order_id) IS NOT NULL
        ) AS card USING (id)
        WHERE unit_price_minor IS DISTINCT FROM initial_minor OR currency_code <> currency""",
    "gift cards pay what was paid by gift card, and no more than they hold": """
        FROM (SELECT * FROM payments WHERE card_brand = 'SQUARE_GIFT_CARD') AS p
        FULL JOIN gift_card_uses AS u ON u.till_order_id = p.order_id
        LEFT JOIN gift_cards AS g USING (gift_card_no)
        WHERE u.amount_minor IS DISTINCT FROM p.amount_minor + p.tip_minor
            OR g.currency_code <> p.currency_code OR g.issued_at >= u.used_at
            OR g.expires_on <= u.used_at::DATE OR g.code_last4 <> p.card_last4
            OR initial_minor < (SELECT sum(amount_minor) FROM gift_card_uses AS every
                WHERE every.gift_card_no = u.gift_card_no)""",
    "a code on an order is a coupon's in its time, or one's own": """
        FROM (
            SELECT discount_code AS code, customer_no, created_at AS used_at FROM web_orders
            UNION ALL SELECT coupon_code, NULL, created_at FROM till_orders
        ) AS used
        LEFT JOIN coupons AS c USING (code)
        LEFT JOIN coupon_codes AS own USING (code)
        WHERE used.code IS NOT NULL AND (
            (c.code IS NULL) = (own.code IS NULL)
            OR (own.code IS NOT NULL AND own.customer_no IS DISTINCT FROM used.customer_no)
            OR own.issued_at > used_at OR c.starts_at > used_at OR c.ends_at < used_at)""",
    "one's own code is good once": """
        FROM (SELECT discount_code FROM web_orders SEMI JOIN coupon_codes ON code = discount_code
            GROUP BY 1 HAVING count(*) > 1)""",
    "a code takes off its percentage": """
        FROM web_orders AS o JOIN web_order_lines AS l USING (order_no)
        JOIN (
            SELECT code, percent FROM coupons WHERE code IS NOT NULL
            UNION ALL SELECT o.code, percent FROM coupon_codes AS o JOIN coupons USING (coupon_no)
        ) AS c ON c.code = o.discount_code
        WHERE l.discount_minor <> quantity * unit_price_minor * percent // 100""",
    "who serves works at that shop then, and nobody serves at a kiosk": """
        FROM till_orders AS o
        LEFT JOIN staff AS s USING (staff_no)
        LEFT JOIN till_devices AS d USING (device_no)
        WHERE (s.staff_no IS NULL) IS DISTINCT FROM (d.kind = 'kiosk')
            OR s.shop_no <> o.shop_no OR d.shop_no <> o.shop_no OR d.name <> o.device_name
            OR s.hired_at > o.created_at OR s.left_at < o.closed_at""",
    "a lead goes one way, and becomes a contact that is there": """
        FROM crm_leads AS l LEFT JOIN crm_contacts AS c USING (contact_no)
        WHERE (l.converted_at IS NULL) <> (l.contact_no IS NULL)
            OR (l.converted_at IS NOT NULL AND (c.contact_no IS NULL OR lost_at IS NOT NULL
                OR c.created_at > converted_at OR converted_at < qualified_at))
            OR converted_at <= l.created_at
            OR qualified_at < l.created_at OR lost_at < l.created_at""",
    "an opportunity comes from its lead; a won one names an order of its amount": """
        FROM crm_opportunities AS o
        LEFT JOIN crm_leads AS l USING (lead_no)
        LEFT JOIN web_orders AS w USING (order_name)
        LEFT JOIN crm_contacts AS c ON c.contact_no = o.contact_no
        WHERE is_won <> (order_name IS NOT NULL) OR o.closed_at <= o.created_at
            OR c.created_at IS NULL OR c.created_at > o.created_at
            OR (o.lead_no IS NOT NULL AND (l.contact_no IS DISTINCT FROM o.contact_no
                OR l.converted_at <> o.created_at))
            OR (is_won AND (w.total_minor IS DISTINCT FROM o.amount_minor
                OR w.currency_code <> o.currency_code OR o.closed_at < w.created_at
                OR coalesce(cancelled_at, voided_at, edited_at) IS NOT NULL))""",
    "a campaign's member was there when it was added, and answers later": """
        FROM crm_campaign_members AS m
        LEFT JOIN crm_leads AS l USING (lead_no)
        LEFT JOIN crm_contacts AS c ON c.contact_no = m.contact_no
        WHERE coalesce(l.created_at, c.created_at) IS NULL
            OR coalesce(l.created_at, c.created_at) > added_at OR responded_at <= added_at
            OR (status = 'responded') <> (responded_at IS NOT NULL)""",
    "claims without settlement are never more than the settled ones": """
        FROM ad_daily WHERE conversions_initial > conversions_final OR settled_on <= date""",
}


@pytest.fixture(scope="module", params=["usual", "worst"])
def world(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The world as the current database, the truth attached as ``truth``; days with both DSTs.

    What is ordinary happens ten times as often, or a small world would hold nothing of it."""
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demo.world.ordinary.RATES", OFTEN)
        generate(folder, persons=3_000, days=70, seed=13, noise=request.param)
    with duckdb.connect(str(folder / "world.duckdb"), read_only=True) as connection:
        connection.execute(f"ATTACH '{folder / 'truth.duckdb'}' AS truth (READ_ONLY)")
        yield connection


def _value(connection: duckdb.DuckDBPyConnection, query: str) -> object:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("rule", BALANCES)
def test_the_books_balance(world: duckdb.DuckDBPyConnection, rule: str) -> None:
    broken = world.execute(f"SELECT * {BALANCES[rule]} LIMIT 3").fetchall()
    assert broken == []


@pytest.mark.parametrize(
    ("what", "rows"),
    [
        ("offline sales", "FROM till_orders WHERE visible_at > closed_at"),
        ("returns", "FROM till_orders WHERE return_of_order_id IS NOT NULL"),
        ("tips", "FROM payments WHERE tip_minor > 0"),
        ("gift cards at tills", "FROM till_order_lines WHERE is_gift_card"),
        ("gift cards alone", "FROM web_order_lines WHERE is_gift_card"),
        ("sales paid by gift card", "FROM payments WHERE card_brand = 'SQUARE_GIFT_CARD'"),
        ("paid tickets left open", "FROM till_orders WHERE state = 'OPEN' AND due_minor = 0"),
        ("saved carts", "FROM till_orders WHERE state = 'OPEN' AND due_minor > 0"),
        ("drafts", "FROM till_orders WHERE state = 'DRAFT'"),
        ("tickets given up", "FROM till_orders WHERE state = 'CANCELED'"),
        ("refunds without receipt", "FROM till_refunds WHERE payment_id IS NULL"),
        ("voided orders", "FROM web_orders WHERE voided_at IS NOT NULL"),
        ("edited orders", "FROM web_orders WHERE edited_at IS NOT NULL"),
        ("the web shop's tills", "FROM web_orders WHERE sold_shop_no IS NOT NULL"),
        ("web orders returned in shops", "FROM web_refunds WHERE shop_no IS NOT NULL"),
        ("pick-ups moved", "FROM web_orders WHERE first_pickup_shop_no <> pickup_shop_no"),
        ("pick-ups shipped after all", """FROM web_orders
            WHERE NOT is_bopis AND first_pickup_shop_no IS NOT NULL"""),
        ("anonymous sales", "FROM till_orders WHERE square_customer_id IS NULL"),
        ("coupons", "FROM till_orders WHERE coupon_code IS NOT NULL AND discount_minor > 0"),
        ("guests", "FROM web_orders WHERE customer_no IS NULL"),
        ("cancellations", "FROM web_orders WHERE cancelled_at IS NOT NULL"),
        ("yen", "FROM web_orders WHERE currency_code = 'JPY'"),
        ("merged contacts", "FROM crm_contacts WHERE merged_into_contact_no IS NOT NULL"),
        ("late events", "FROM web_events WHERE epoch_us(visible_at) > event_ts_us + 86400000000"),
        ("cookieless events", "FROM web_events WHERE user_pseudo_id IS NULL"),
        ("a removed campaign", "FROM campaigns WHERE removed_on IS NOT NULL"),
        ("restated spend", "FROM ad_daily WHERE cost_micros_initial <> cost_micros_final"),
        ("staff", "FROM truth.visits WHERE is_staff"),
        ("stock-outs", "FROM truth.stock_outs"),
        ("cheaper at tills", "FROM product_prices WHERE till_price_minor <> price_minor"),
        ("products replaced", "FROM products WHERE retired_at IS NOT NULL"),
        ("their successors sold", """FROM till_order_lines JOIN products USING (product_no)
            WHERE created_at > (SELECT start_date FROM world_info)"""),
        ("gift cards used up", """FROM gift_cards_as_of(TIMESTAMP '2030-01-01')
            WHERE balance_minor = 0"""),
        ("codes of one's own, used", "FROM web_orders JOIN coupon_codes ON code = discount_code"),
        ("staff who left", "FROM staff WHERE left_at IS NOT NULL"),
        ("lost leads", "FROM crm_leads WHERE lost_at IS NOT NULL"),
        ("won opportunities of leads", "FROM crm_opportunities WHERE is_won AND lead_no > 0"),
        ("lost opportunities", "FROM crm_opportunities WHERE NOT is_won AND lead_no > 0"),
        ("leads in campaigns", "FROM crm_campaign_members WHERE lead_no IS NOT NULL"),
        ("passers-by that ping", "FROM truth.visits WHERE is_pass_by AND device_id IS NOT NULL"),
        ("phones of several people", """FROM (
            SELECT phone FROM web_customers WHERE phone IS NOT NULL GROUP BY phone
            HAVING count(DISTINCT first_name) > 1)"""),
        ("the till's default number", """FROM (
            SELECT phone FROM till_customers WHERE phone IS NOT NULL GROUP BY phone
            HAVING count(*) > 4)"""),
    ],
)  # fmt: skip
def test_the_world_is_not_too_clean(world: duckdb.DuckDBPyConnection, what: str, rows: str) -> None:
    assert _value(world, f"SELECT count(*) {rows}"), what


@pytest.mark.parametrize(
    ("rate", "what", "of"),
    [
        ("tip", "tip_minor > 0", "till_orders WHERE NOT is_return AND due_minor = 0"),
        ("left_open", "state = 'OPEN'", "till_orders WHERE NOT is_return AND due_minor = 0"),
        ("paid_by_gift_card", "coalesce(card_brand = 'SQUARE_GIFT_CARD', false)", "payments"),
        ("gift_card_beside", "order_id IN (SELECT order_id FROM till_order_lines"
         " WHERE is_gift_card)", "payments"),
        ("voided", "voided_at IS NOT NULL", """web_orders ANTI JOIN web_refunds USING (order_no)
            WHERE NOT is_bopis AND recipient_first_name IS NOT NULL"""),
        ("edited", "edited_at IS NOT NULL", """web_orders ANTI JOIN web_refunds USING (order_no)
            SEMI JOIN (FROM web_order_lines WHERE line_no = 2) USING (order_no)
            WHERE voided_at IS NULL AND recipient_first_name IS NOT NULL"""),
        ("pick_up_cancelled", "first_pickup_shop_no IS NOT NULL", """web_orders
            ANTI JOIN web_refunds USING (order_no)
            WHERE NOT is_bopis AND voided_at IS NULL AND recipient_first_name IS NOT NULL"""),
        ("back_in_shop", "shop_no IS NOT NULL", """web_refunds AS r JOIN web_orders USING (order_no)
            WHERE cancelled_at IS NULL"""),
    ],
)  # fmt: skip
def test_what_is_ordinary_happens_at_its_rate(
    world: duckdb.DuckDBPyConnection, rate: str, what: str, of: str
) -> None:
    found = world.execute(f"SELECT count(*) FILTER ({what}), count(*) FROM {of}").fetchone()
    assert found is not None
    some, all_of_them = found
    expected = getattr(OFTEN, rate)
    deviation = (expected * (1 - expected) * all_of_them) ** 0.5
    assert some == pytest.approx(expected * all_of_them, abs=4 * deviation)


@pytest.mark.parametrize(
    ("rate", "what"),
    [
        ("draft", "FROM till_orders WHERE state = 'DRAFT'"),
        ("saved_cart", "FROM till_orders WHERE state = 'OPEN' AND due_minor > 0"),
        ("given_up", "FROM till_orders WHERE state = 'CANCELED'"),
        ("no_receipt", "FROM till_refunds WHERE payment_id IS NULL"),
        ("web_shop_till", "FROM web_orders WHERE sold_shop_no IS NOT NULL"),
    ],
)
def test_tickets_lie_beside_sales_at_their_rate(
    world: duckdb.DuckDBPyConnection, rate: str, what: str
) -> None:
    expected = getattr(OFTEN, rate) * _value(world, "SELECT count(*) FROM payments")
    assert _value(world, f"SELECT count(*) {what}") == pytest.approx(
        expected, abs=4 * expected**0.5
    )


def test_in_a_long_world_some_goods_come_back_months_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.world.ordinary.RATES", OFTEN)
    generate(tmp_path, persons=300, days=200, seed=13)
    with duckdb.connect(str(tmp_path / "world.duckdb"), read_only=True) as connection:
        late = """FROM web_refunds AS r JOIN web_orders AS o USING (order_no)
            WHERE r.created_at > o.created_at + INTERVAL 59 DAY"""
        assert _value(connection, f"SELECT count(*) {late}")


# --- Causes ---------------------------------------------------------------------------------------


def test_effects_are_the_sum_of_what_was_caused(world: duckdb.DuckDBPyConnection) -> None:
    difference = world.execute(
        """
        SELECT campaign_no, count(*) FILTER (kind <> 'store_visit')::BIGINT,
            sum(value_eur_minor)::BIGINT, count(*) FILTER (kind = 'store_visit')::BIGINT
        FROM truth.conversions JOIN campaigns ON cause_campaign_no = campaign_no
        GROUP BY campaign_no
        EXCEPT FROM truth.campaign_effects
        """
    ).fetchall()
    assert difference == []


def test_what_an_ad_caused_came_after_the_ad(world: duckdb.DuckDBPyConnection) -> None:
    too_early = """
        FROM truth.conversions AS c WHERE cause = 'campaign' AND NOT EXISTS (
            FROM truth.exposures AS e WHERE e.person_id = c.person_id
                AND e.campaign_no = c.cause_campaign_no AND e.exposed_at < c.occurred_at)
    """
    assert _value(world, f"SELECT count(*) {too_early}") == 0
    share = _value(world, "SELECT avg((cause = 'campaign')::INT) FROM truth.conversions")
    assert isinstance(share, float)
    assert 0.05 < share < 0.3


def test_two_platforms_may_claim_one_order() -> None:
    """A click of Google's and a view of Meta's: each takes the whole order, in its own window."""
    channels = [campaign.utm for campaign in CAMPAIGNS]
    google, meta = channels.index("generic"), channels.index("prospecting")
    exposures = Exposures(
        person=np.array([0, 0, 1]),
        campaign=np.array([google, meta, meta]),
        at=np.array([0, 20, 0]) * DAY,
        key=np.array([0, -1, -1]),
    )
    ledger = Ledger.empty(Horizon(date(2026, 2, 1), 40, ["UTC"]))
    # The first person buys within a day of the view, the second a day and more after theirs.
    at = np.array([20 * DAY + 12 * HOUR, 30 * HOUR])
    ledger.claim(
        exposures, exposures.at // DAY, np.array([0, 1]), at, value_eur=np.array([5_000, 7_000])
    )
    assert np.argwhere(ledger.claims).tolist() == [[google, 0], [meta, 20]]
    assert np.argwhere(ledger.view_claims).tolist() == [[meta, 20]]
    assert ledger.claimed_eur_minor[[google, meta], [0, 20]].tolist() == [5_000, 5_000]


def test_a_company_advertises_and_sells_where_it_does(tmp_path: Path) -> None:
    generate(
        tmp_path,
        persons=800,
        days=60,
        seed=13,
        platforms=["tiktok_ads", "meta_ads"],
        has_web_shop_tills=False,
    )
    with duckdb.connect(str(tmp_path / "world.duckdb"), read_only=True) as connection:
        connection.execute(f"ATTACH '{tmp_path / 'truth.duckdb'}' AS truth (READ_ONLY)")
        assert _value(connection, "SELECT platforms FROM world_info") == "meta_ads;tiktok_ads"
        for query in (
            "SELECT list_sort(list(DISTINCT platform)) FROM campaigns",
            "SELECT list_sort(list(DISTINCT platform)) FROM ad_clicks",
            "SELECT list_sort(list(platform)) FROM ad_accounts",
        ):
            assert _value(connection, query) == ["meta_ads", "tiktok_ads"]
        named = "SELECT list_sort(list(DISTINCT {})) FROM {}"
        rests = named.format("channel", "experiments")
        assert _value(connection, rests) == ["email", "paid_social"]
        causes = named.format("cause_channel", "truth.conversions")
        assert _value(connection, causes) == ["email", "organic", "paid_social", "sms"]
        for nothing in (
            "web_events WHERE medium = 'cpc'",
            "web_orders WHERE sold_shop_no > 0",
            "web_refunds WHERE shop_no > 0",
        ):
            assert _value(connection, f"SELECT count(*) FROM {nothing}") == 0
    with pytest.raises(ValueError, match="no platform is called myspace_ads; there are google_ads"):
        generate(tmp_path, persons=1, platforms=["myspace_ads"])


def test_an_account_reports_the_days_that_are_over_there(world: duckdb.DuckDBPyConnection) -> None:
    """At three in the morning UTC it is still yesterday in Los Angeles."""
    newest = world.execute(
        """
        SELECT platform, max(date)::VARCHAR
        FROM ad_daily_as_of(TIMESTAMP '2026-02-20 03:00') JOIN campaigns USING (campaign_no)
        GROUP BY platform ORDER BY platform
        """
    ).fetchall()
    assert newest == [
        ("google_ads", "2026-02-19"), ("meta_ads", "2026-02-18"),
        ("microsoft_ads", "2026-02-19"), ("tiktok_ads", "2026-02-19"),
    ]  # fmt: skip


def test_one_campaign_spends_for_nothing(world: duckdb.DuckDBPyConnection) -> None:
    barren = world.execute(
        """
        SELECT campaign_no FROM ad_daily JOIN truth.campaign_effects USING (campaign_no)
        WHERE incremental_conversions = 0 AND incremental_visits = 0 GROUP BY campaign_no
        HAVING sum(cost_micros_final) > 0 AND sum(conversions_final) = 0
        """
    ).fetchall()
    assert len(barren) == 1


def test_a_channel_that_rests_is_seen_elsewhere_only(world: duckdb.DuckDBPyConnection) -> None:
    """Ads by their exposures, newsletters by the orders that they caused."""
    seen = """
        WITH seen AS (
            SELECT e.person_id, e.exposed_at AS seen_at,
                CASE channel_type WHEN 'SEARCH' THEN 'paid_search' WHEN 'SOCIAL' THEN 'paid_social'
                    ELSE lower(channel_type) END AS channel
            FROM truth.exposures AS e JOIN campaigns USING (campaign_no)
            UNION ALL
            SELECT person_id, occurred_at, 'email' FROM truth.conversions
            WHERE cause = 'email' AND kind = 'web_order'
        )
        SELECT {} FROM seen JOIN truth.persons USING (person_id)
        JOIN experiments AS x ON seen.channel = x.channel AND {} persons.region_code = x.region_code
            AND seen_at BETWEEN start_date + INTERVAL 1 DAY AND end_date
    """
    assert _value(world, seen.format("count(*)", "")) == 0
    assert _value(world, seen.format("count(DISTINCT seen.channel)", "NOT")) == 6


def test_the_app_is_opened_by_those_who_have_it_and_consent(
    world: duckdb.DuckDBPyConnection,
) -> None:
    opened = """
        FROM web_events AS e
        JOIN truth.identifiers AS i ON i.system = 'ga_client' AND i.record_id = e.user_pseudo_id
        JOIN truth.persons AS p USING (person_id)
        WHERE e.platform <> 'WEB'
    """
    assert _value(world, f"SELECT count(DISTINCT user_pseudo_id) {opened}")
    told = _value(world, "SELECT count(*) FROM web_events WHERE platform <> 'WEB'")
    assert _value(world, f"SELECT count(*) {opened}") == told
    changed = "coalesce(p.consent_changed_at <= make_timestamp(e.event_ts_us), false)"
    assert _value(world, f"SELECT count(*) {opened} AND p.consent_analytics = {changed}") == 0
    # The same instance is no browser of anybody.
    also = "SELECT user_pseudo_id FROM web_events WHERE platform = 'WEB'"
    assert _value(world, f"SELECT count(*) {opened} AND user_pseudo_id IN ({also})") == 0


def test_who_keeps_an_appointment_comes(world: duckdb.DuckDBPyConnection) -> None:
    came = """
        SELECT avg((v.visit_id IS NOT NULL)::INT)
        FROM bookings AS b JOIN truth.identifiers AS i
            ON i.system = 'till_customer' AND i.record_id = b.square_customer_id
        LEFT JOIN truth.visits AS v ON v.person_id = i.person_id AND v.shop_no = b.shop_no
            AND v.arrived_at BETWEEN b.start_at - INTERVAL 15 MINUTE AND b.start_at
        WHERE (cancelled_at IS NULL AND no_show_at IS NULL) = {}"""
    assert _value(world, came.format("true")) == 1
    by_chance = _value(world, came.format("false"))
    assert isinstance(by_chance, float)
    assert by_chance < 0.05
    made = "SELECT count(DISTINCT record_id) FROM truth.conversions WHERE kind = 'booking'"
    assert _value(world, made) == _value(world, "SELECT count(*) FROM bookings")


# --- The state as of a clock ----------------------------------------------------------------------

_ENTITIES = {
    "web_orders": "order_no", "web_customers": "customer_no", "crm_contacts": "contact_no",
    "crm_deals": "deal_no", "till_customers": "square_customer_id", "till_orders": "order_id",
    "payments": "payment_id", "till_refunds": "refund_id", "loyalty_accounts": "loyalty_account_id",
    "bookings": "booking_id", "products": "product_no", "stock": "product_no, shop_no",
    "gift_cards": "gift_card_no", "coupons": "coupon_no", "staff": "staff_no",
    "crm_leads": "lead_no", "crm_opportunities": "opportunity_no",
    "crm_campaign_members": "campaign_no, added_at", "survey_invitations": "invitation_no",
    "survey_answers": "answer_no", "message_campaigns": "campaign_no", "messages": "message_no",
    "message_profiles": "profile_no",
}  # fmt: skip


@pytest.mark.parametrize("table", _ENTITIES)
def test_what_changed_between_two_clocks_was_updated_between_them(
    world: duckdb.DuckDBPyConnection, table: str
) -> None:
    """So an incremental reader that asks for updated_at since its last clock misses nothing."""
    early, late = "TIMESTAMP '2026-03-10 07:00'", "TIMESTAMP '2026-04-01 00:00'"
    changed = f"(FROM {table}_as_of({late}) EXCEPT FROM {table}_as_of({early}))"
    assert _value(world, f"SELECT count(*) FROM {changed}"), "nothing changed: no test"
    outside = f"SELECT count(*) FROM {changed} WHERE updated_at <= {early} OR updated_at > {late}"
    assert _value(world, outside) == 0
    gone = f"SELECT count(*) FROM {table}_as_of({early}) ANTI JOIN {table}_as_of({late})"
    assert _value(world, f"{gone} USING ({_ENTITIES[table]})") == 0
