"""Messages, surveys, points, and what devices and the app note: each rule counts what breaks it."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from demo.world import generate

RULES = {
    "what becomes of a message follows its sending, to somebody who is there": """
        FROM message_events AS e
        LEFT JOIN message_events AS sent
            ON sent.event_kind = 'sent' AND sent.profile_no = e.profile_no
            AND sent.message_no = e.message_no AND sent.campaign_no = e.campaign_no
            AND sent.occurred_at <= e.occurred_at
        LEFT JOIN message_profiles AS p ON p.profile_no = e.profile_no
        WHERE sent.event_no IS NULL OR NOT p.created_at < e.occurred_at
            OR (e.event_kind <> 'bounced' AND p.unsubscribed_at < e.occurred_at)
            OR e.visible_at <= e.occurred_at OR (e.url IS NULL) = (e.event_kind = 'clicked')""",
    "a message arrives or bounces, and only what arrived is opened, clicked or left": """
        FROM (
            SELECT profile_no, message_no, list_distinct(list(event_kind)) AS kinds,
                min(occurred_at) FILTER (event_kind = 'opened' AND NOT is_machine) AS opened_at,
                max(occurred_at) FILTER (event_kind = 'clicked' AND NOT is_machine) AS clicked_at,
                any_value(campaign_no) AS campaign_no
            FROM message_events GROUP BY ALL
        ) JOIN message_campaigns USING (campaign_no)
        WHERE list_has_all(kinds, ['bounced', 'delivered'])
            OR (list_has_any(kinds, ['opened', 'clicked', 'unsubscribed'])
                AND NOT list_contains(kinds, 'delivered'))
            OR (kind = 'sms' AND list_contains(kinds, 'opened'))
            OR (kind = 'email' AND clicked_at IS NOT NULL AND opened_at IS NULL)
            OR clicked_at < opened_at""",
    "an SMS goes to a number, a message to its campaign's profile": """
        FROM message_events AS e JOIN message_campaigns USING (campaign_no)
        JOIN message_profiles AS p USING (profile_no) JOIN messages AS m USING (message_no)
        WHERE m.campaign_no <> e.campaign_no OR (kind = 'sms' AND phone IS NULL)
            OR p.email IS NULL OR NOT p.is_subscribed""",
    "a session by a message has somebody's click before it": """
        FROM web_events AS s WHERE event_name = 'session_start'
            AND regexp_matches(lower(medium), 'mail|sms') AND NOT EXISTS (
                FROM message_events AS c WHERE event_kind = 'clicked' AND NOT is_machine
                AND epoch_us(occurred_at) BETWEEN s.event_ts_us - 6000000 AND s.event_ts_us)""",
    "what a message caused came after a click, an order within the hour": """
        FROM truth.conversions AS c
        JOIN truth.persons AS who USING (person_id)
        WHERE cause IN ('email', 'sms') AND NOT EXISTS (
            FROM message_events AS e JOIN message_campaigns AS m USING (campaign_no)
            JOIN truth.identifiers AS i
                ON i.system = 'message_profile' AND i.record_id = e.profile_no::VARCHAR
            JOIN truth.persons AS reader ON reader.person_id = i.person_id
            WHERE e.event_kind = 'clicked' AND NOT e.is_machine AND m.kind = c.cause
                AND reader.household_id = who.household_id AND e.occurred_at < c.occurred_at
                AND (c.kind <> 'web_order' OR e.occurred_at > c.occurred_at - INTERVAL 1 HOUR))""",
    "an address has one profile": """
        FROM (SELECT email FROM message_profiles GROUP BY email HAVING count(*) > 1)""",
    "everybody asked has an opinion on the scale, and says that one or nothing": """
        FROM survey_invitations AS i
        FULL JOIN truth.satisfaction AS s USING (invitation_no)
        LEFT JOIN survey_answers AS a USING (invitation_no)
        LEFT JOIN surveys AS v ON v.survey_no = i.survey_no
        WHERE s.score IS NULL OR v.survey_no IS NULL
            OR s.is_answered <> (a.answer_no IS NOT NULL) OR a.survey_no <> i.survey_no
            OR a.score <> s.score OR (a.is_complete AND a.score IS NULL)
            OR (kind = 'nps' AND s.score NOT BETWEEN 0 AND 10)
            OR (kind = 'csat' AND s.score NOT BETWEEN 1 AND 5)
            OR a.started_at < i.sent_at OR a.submitted_at <= a.started_at
            OR (NOT i.is_delivered AND a.answer_no IS NOT NULL)""",
    "who is asked has bought it, and a screen at the door knows nobody": """
        FROM survey_invitations AS i JOIN surveys AS v USING (survey_no)
        LEFT JOIN till_orders AS t ON t.order_id = i.till_order_id
        LEFT JOIN web_orders AS w ON w.order_no = i.web_order_no
        LEFT JOIN truth.satisfaction AS s USING (invitation_no)
        LEFT JOIN truth.identifiers AS o
            ON o.system = if(w.order_no IS NULL, 'till_order', 'web_order')
            AND o.record_id = coalesce(t.order_id, w.order_no::VARCHAR)
        WHERE (v.channel = 'kiosk') <> (t.order_id IS NULL AND w.order_no IS NULL)
            OR (v.channel = 'email') <> (i.email IS NOT NULL)
            OR (v.channel = 'sms') <> (i.phone IS NOT NULL)
            OR (v.channel = 'kiosk' AND i.customer_no IS NOT NULL)
            OR coalesce(t.closed_at, w.created_at) >= i.sent_at OR t.shop_no <> i.shop_no
            OR o.person_id <> s.person_id""",
    "no balance of points is ever below zero": """
        FROM (
            SELECT opening_points + sum(points) OVER (
                PARTITION BY loyalty_account_id ORDER BY earned_at, kind) AS balance
            FROM loyalty_points JOIN loyalty_accounts USING (loyalty_account_id)
        ) WHERE balance < 0""",
    "points have a sign and an order by their kind": """
        FROM loyalty_points LEFT JOIN till_orders AS o USING (order_id)
        WHERE (kind = 'earn') <> (points >= 0) OR (kind = 'expire') <> (o.order_id IS NULL)
            OR earned_at < o.visible_at""",
    "a phone that a device noted was in the shop": """
        FROM store_events AS e WHERE device_id IS NOT NULL AND NOT EXISTS (
            FROM truth.visits AS v WHERE v.device_id = e.device_id AND v.shop_no = e.shop_no
                AND NOT is_pass_by AND e.started_at >= v.arrived_at
                AND coalesce(e.ended_at, e.started_at) <= v.left_at)""",
    "a kiosk's session is its order's, and an offer is used in one": """
        FROM store_events AS e LEFT JOIN till_orders AS o USING (order_id)
        WHERE (e.order_id IS NOT NULL AND (o.order_id IS NULL OR o.shop_no <> e.shop_no
                OR o.square_customer_id IS DISTINCT FROM e.square_customer_id
                OR o.source_name <> 'Square Kiosk'))
            OR (event_kind = 'offer_used' AND (e.order_id IS NULL OR e.subject IS NULL))
            OR ended_at <= started_at OR e.visible_at <= coalesce(ended_at, started_at)""",
    "all that a kiosk sold is a session of it": """
        FROM till_orders AS o
        JOIN payments USING (order_id)
        ANTI JOIN (FROM store_events WHERE event_kind = 'kiosk_session') AS e USING (order_id)
        WHERE source_name = 'Square Kiosk'""",
    "what was picked up was handed over then": """
        FROM (FROM store_events WHERE event_kind = 'pick_up') AS e
        FULL JOIN (FROM web_orders WHERE picked_up_at < (
            SELECT start_date + days + extra_days FROM world_info)) AS w ON order_no = web_order_no
        WHERE e.started_at IS DISTINCT FROM w.picked_up_at
            OR e.shop_no <> w.pickup_shop_no AND w.first_pickup_shop_no IS NULL""",
    "who checks in at the door had booked": """
        FROM store_events AS e WHERE event_kind = 'check_in' AND NOT EXISTS (
            FROM bookings AS b WHERE b.square_customer_id = e.square_customer_id
                AND b.shop_no = e.shop_no AND cancelled_at IS NULL AND no_show_at IS NULL
                AND e.started_at BETWEEN b.start_at - INTERVAL 15 MINUTE
                    AND b.start_at + INTERVAL 2 MINUTE)""",
    "the app uses an offer that it showed in that session": """
        FROM web_events AS used WHERE event_name = 'offer_used' AND NOT EXISTS (
            FROM web_events AS shown WHERE shown.event_name = 'offer_shown'
                AND shown.user_pseudo_id = used.user_pseudo_id
                AND shown.ga_session_id = used.ga_session_id AND shown.item_id = used.item_id
                AND shown.store_code = used.store_code AND shown.event_ts_us < used.event_ts_us)""",
    "order_ahead names an order for pick-up, of its value": """
        FROM web_events AS e LEFT JOIN web_orders AS o ON order_name = transaction_id
        WHERE event_name = 'order_ahead' AND NOT coalesce(is_bopis
            AND picked_up_at > make_timestamp(event_ts_us) AND total_minor = value_minor
            AND o.currency_code = e.currency_code AND e.store_code IS NOT NULL, false)""",
    "only the app has items and shops": """
        FROM web_events WHERE platform = 'WEB' AND (item_id IS NOT NULL OR store_code IS NOT NULL)
        """,
    "an unanswered call has no length": """
        FROM calls WHERE is_answered <> (duration_seconds > 0)
            OR visible_at <= started_at + to_seconds(duration_seconds)
            OR (campaign_name IS NOT NULL AND source IS NULL)""",
}


@pytest.fixture(scope="module", params=["usual", "worst"])
def world(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The world as the current database, the truth attached as ``truth``."""
    folder = tmp_path_factory.mktemp("world")
    generate(folder, persons=2_500, days=60, seed=17, noise=request.param)
    with duckdb.connect(str(folder / "world.duckdb"), read_only=True) as connection:
        connection.execute(f"ATTACH '{folder / 'truth.duckdb'}' AS truth (READ_ONLY)")
        yield connection


def _value(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    row = connection.execute(query).fetchone()
    assert row is not None
    return float(row[0])


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_holds(world: duckdb.DuckDBPyConnection, rule: str) -> None:
    assert world.execute(f"SELECT * {RULES[rule]} LIMIT 3").fetchall() == []


@pytest.mark.parametrize(
    "rows",
    [
        *(f"message_events WHERE event_kind = '{kind}'" for kind in (
            "sent", "delivered", "opened", "clicked", "bounced", "unsubscribed")),
        "message_events WHERE event_kind = 'opened' AND is_machine",
        "message_events WHERE event_kind = 'clicked' AND is_machine",
        "message_events WHERE visible_at > occurred_at + INTERVAL 1 HOUR",
        "message_events JOIN message_campaigns USING (campaign_no) WHERE is_flow",
        "message_profiles WHERE customer_no IS NULL",
        "message_profiles WHERE NOT is_subscribed",
        "truth.conversions WHERE cause = 'email' AND kind = 'store_visit'",
        "truth.conversions WHERE cause = 'sms' AND kind = 'web_order'",
        "survey_answers WHERE NOT is_complete AND score IS NULL",
        "survey_answers WHERE comment IS NOT NULL",
        "survey_invitations WHERE NOT is_delivered",
        *(f"store_events WHERE event_kind = '{kind}'" for kind in (
            "nfc_tap", "wifi_session", "kiosk_session", "check_in", "pick_up", "offer_shown",
            "offer_used")),
        "store_events WHERE event_kind = 'wifi_session' AND device_id IS NULL",
        *(f"web_events WHERE event_name = '{name}'" for name in (
            "offer_shown", "offer_used", "order_ahead", "check_in", "ar_view",
            "virtual_try_on")),
        "loyalty_points WHERE kind = 'redeem'",
        "loyalty_points WHERE kind = 'expire'",
        "calls WHERE phone IS NULL",
        "calls WHERE source IS NOT NULL",
    ],
)  # fmt: skip
def test_all_of_it_happens(world: duckdb.DuckDBPyConnection, rows: str) -> None:
    assert _value(world, f"SELECT count(*) FROM {rows}") > 0


def test_the_unhappy_and_the_delighted_answer_more_than_others(
    world: duckdb.DuckDBPyConnection,
) -> None:
    answered = """
        SELECT avg(is_answered::INT) FROM truth.satisfaction
        JOIN survey_invitations USING (invitation_no) JOIN surveys USING (survey_no)
        WHERE kind = 'csat' AND is_delivered AND score IN {}
    """
    unhappy, middling, delighted = (
        _value(world, answered.format(scores)) for scores in ("(1, 2)", "(3)", "(5)")
    )
    assert middling < 0.6 * min(unhappy, delighted)
    share = "SELECT avg(is_answered::INT) FROM truth.satisfaction"
    assert 0.1 < _value(world, share) < 0.4


def test_few_opens_and_clicks_are_by_machines_alone(world: duckdb.DuckDBPyConnection) -> None:
    by = "SELECT avg(is_machine::INT) FROM message_events WHERE event_kind = '{}'"
    assert 0.2 < _value(world, by.format("opened")) < 0.7
    assert 0.03 < _value(world, by.format("clicked")) < 0.3
