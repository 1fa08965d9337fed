"""The books of the demo world balance to the last minor unit, and its clocks make sense.

Each rule counts the rows that break it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import duckdb
import pytest

from demo.world import generate
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
        WHERE (event_name = 'purchase') <> (transaction_id IS NOT NULL)
            OR (transaction_id IS NOT NULL AND (value_minor IS DISTINCT FROM total_minor
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
                CASE channel_type WHEN 'SEARCH' THEN 'paid_search' ELSE lower(channel_type) END
                    AS channel
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
    assert _value(world, seen.format("count(DISTINCT seen.channel)", "NOT")) == 5


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
            ON i.system = 'square_customer' AND i.record_id = b.square_customer_id
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
    "bookings": "booking_id",
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
