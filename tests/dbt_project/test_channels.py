"""Channels and campaigns on ordinary data: cases with their right answers, built once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from o2o.company import tables
from tests.dbt_project.hostile import LOAD, client, contact, event, ping, spend, web_order
from tests.dbt_project.warehouse import Row, Warehouse

pytestmark = pytest.mark.e2e
utc = datetime.fromisoformat
NOON = utc("2026-03-12T12:00")
SITE = "https://shop.example.com"
# Source, medium and campaign as links spell them, and the channel that GA4 publishes for them.
SPELLED: dict[tuple[str | None, str | None, str | None], str] = {
    ("google", "CPC ", None): "paid_search",
    ("google", "cpc%20", None): "paid_search",
    ("Google", "cpc%2520", None): "paid_search",
    ("bing", "retargeting", None): "paid_search",
    ("youtube", "cpc", None): "video",
    ("tiktok", "cpm", None): "paid_social",
    ("fb", "paid", None): "paid_social",
    ("meta", "paid_social", None): "paid_social",
    ("ig", "paid-social", None): "paid_social",
    ("FacebookAds", "paidsocial", None): "paid_social",
    ("an", "paid", None): "paid_social",
    ("msg", "cpc", None): "paid_social",
    ("TikTok", "paid_social", None): "paid_social",
    ("tiktok_ads", "cpc", None): "paid_social",
    ("tt", "ppc", None): "paid_social",
    ("metal-shop.example", "cpc", None): "paid_other",
    ("criteo", "retargeting", None): "paid_other",
    ("criteo", "cpm", None): "display",
    ("partner.example", "banner", None): "display",
    ("pmax", "cpc", "Spring | Cross-Network"): "cross_network",
    ("ebay", "cpc", None): "shopping",
    ("google", "cpc", "DE Shopping shoes"): "shopping",
    ("idealo.de", "referral", None): "organic_shopping",
    ("duckduckgo.com", "referral", None): "organic_search",
    ("ecosia.org", None, None): "organic_search",
    ("somebody", "organic", None): "organic_search",
    ("l.facebook.com", "referral", None): "organic_social",
    ("somebody", "Social Media", None): "organic_social",
    ("m.youtube.com", "referral", None): "organic_video",
    ("somebody", "video", None): "organic_video",
    ("news", "E-Mail", None): "email",
    ("klaviyo", None, None): "email",
    ("mail.google.com", "referral", None): "referral",
    ("awin", "affiliate", None): "affiliate",
    ("podcast", "audio", None): "audio",
    ("sms", None, None): "sms",
    ("attentive", "SMS", None): "sms",
    ("braze", "web_push", None): "push",
    ("braze", "mobile-notification", None): "push",
    ("blog.example", "referral", None): "referral",
    ("search.partner.example", "referral", None): "referral",
    ("3dprinting.example", "referral", None): "referral",
    ("(direct)", "(none)", None): "direct",
    ("(not set)", "(not set)", None): "direct",
    ("{{site_source_name}}", "{{placement}}", None): "direct",
    ("leaflet", "qr", None): "other",
    # docs/public-reports-channels.md
    ("somebody", "interstitial", None): "display",
    ("pmax", "cross-network", None): "other",
    ("com.google.android.googlequicksearchbox", "referral", None): "organic_search",
    ("search.google.com", "referral", None): "referral",
    ("search.yahoo.com", "referral", None): "organic_search",
    ("somebody", "referral", "autumn shopping"): "organic_shopping",
    # By a rule of the company's own, before all others.
    ("leaflet", "cpc", None): "print",
}


def landing(
    visitor: str,
    session: int,
    at: datetime = NOON,
    consent: str | None = "Yes",
    *,
    page: str = f"{SITE}/",
    gclid: str | None = None,
    ads: str | None = None,
    params: dict[str, str] | None = None,
    **more: Any,
) -> Row:
    """An event with its page; ``more``: traffic, as in ``event``, and fields of the export."""
    fields = {name: more.pop(name) for name in ("device", "ecommerce") if name in more}
    key, day, payload = event(visitor, session, at, consent, **more)
    assert payload is not None
    told = {"page_location": page, **(params or {})}
    parameters = [{"key": name, "value": {"string_value": text}} for name, text in told.items()]
    payload = {**payload, **fields, "event_params": [*payload["event_params"], *parameters]}
    if gclid:
        payload["collected_traffic_source"]["gclid"] = gclid
    if ads:
        payload["privacy_info"]["ads_storage"] = ads
    if consent == "No":
        del payload["user_pseudo_id"]
    return f"{key}|{page}|{more}", day, payload


def bought(name: str) -> dict[str, Any]:
    return {"ecommerce": {"transaction_id": name}, "page": f"{SITE}/thank-you"}


def served(row: Row) -> Row:
    """The same as a server sends it: without a session."""
    key, day, payload = row
    assert payload is not None
    kept = [one for one in payload["event_params"] if one["key"] != "ga_session_id"]
    return key, day, {**payload, "event_params": kept}


def later(**gone: float) -> datetime:
    return NOON + timedelta(**gone)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("channels"))
    warehouse.land_nothing()
    _links(warehouse)
    _ads(warehouse)
    _orders(warehouse)
    _phones(warehouse)
    _company(warehouse)
    warehouse.build("--exclude-resource-type", "unit_test")
    return warehouse


def _links(warehouse: Warehouse) -> None:
    events = [
        landing(f"spelled{number}", 1, **{
            name: text
            for name, text in zip(("source", "medium", "campaign_name"), words, strict=True)
            if text is not None
        })
        for number, words in enumerate(SPELLED)
    ]  # fmt: skip
    organic = {"source": "google", "medium": "organic"}
    paypal = {"source": "www.paypal.com", "medium": "referral"}
    events += [
        landing("unseen", 1, gclid="nobody-knows"),
        landing("unlinked", 1, gclid="nobody-knows", **organic),
        landing("named", 1, gclid="nobody-knows", campaign_name="Brand"),
        landing("refused", 1, gclid="known", ads="No"),
        landing("known", 1, gclid="known"),
        *(
            landing(f"by {parameter}", 1, page=f"{SITE}/?a=b&{parameter}=xyz#top")
            for parameter in (
                "gbraid", "wbraid", "dclid", "msclkid", "ttclid", "epik", "ScCid", "fbclid",
                "srsltid",
            )
        ),
        landing("paid by fbclid", 1, page=f"{SITE}/?fbclid=x", source="fb", medium="cpc"),
        # Back from paying: in the same session, in another, and from nowhere before.
        landing("payer", 1, **organic),
        landing("payer", 1, later(minutes=9), **paypal),
        landing("payer", 2, later(minutes=45), **paypal),
        landing("payer typed", 1),
        landing("payer typed", 1, later(minutes=9), **paypal),
        landing("payer twice", 1, **organic),
        landing("payer twice", 2, later(hours=2)),
        landing("payer twice", 2, later(hours=2, minutes=9), **paypal),
        landing("only paid", 1, **paypal),
        landing("late payer", 1, **organic),
        landing("late payer", 2, later(days=3), **paypal),
        landing("invoice", 1, source="paypal", medium="email"),
        # From one's own pages, and where analytics was told not to count a referrer.
        landing("own", 1, **organic),
        landing("own", 2, later(minutes=45), source="shop.example.com", medium="referral"),
        landing("bank", 1, **organic),
        landing("bank", 2, later(minutes=45), source="bank.example", medium="referral"),
        landing("unwanted", 1, source="crm.example", medium="referral",
                params={"ignore_referrer": "true"}),
        # Nobody's visits.
        landing("staff", 1, params={"traffic_type": "internal"}, **organic),
        landing("developer", 1, params={"traffic_type": "developer"}),
        landing("robot", 1, device={"web_info": {"browser": "HeadlessChrome"}}),
        landing("laptop", 1, page="http://localhost:3000/"),
        landing("spam", 1, source="news.grets.store", medium="referral"),
        landing("agency", 1, page="https://preview.example.com/"),
        landing("volunteer", 1, source="chat", medium="internal"),
        # As others report them.
        landing("mail app", 1, source="google"),
        landing("mail app", 1, later(seconds=1), source="adobe", medium="email"),
        landing("copied link", 1, gclid="nobody-knows", source="bing", medium="cpc"),
        landing("renamed", 1, gclid="nobody-knows", campaign_name="(organic)", **organic),
        landing("login", 1, **organic),
        landing("login", 2, later(minutes=45), source="accounts.google.com", medium="referral"),
    ]  # fmt: skip
    # Campaigns by name and by id.
    cpc = {"source": "google", "medium": "cpc"}
    events += [
        landing("name", 1, campaign_name="Brand", **cpc),
        landing("encoded", 1, campaign_name="B%C3%BCro+%26+Co", **cpc),
        landing("id as name", 1, campaign_name="70", **cpc),
        landing("id", 1, campaign_id="70", **cpc),
        landing("twice", 1, campaign_name="Twice", **cpc),
        landing("nowhere", 1, campaign_name="Nowhere", **cpc),
        landing("letter", 1, campaign_name="Brand", source="news", medium="email"),
        landing("numbered letter", 1, campaign_name="70", source="news", medium="email"),
    ]  # fmt: skip
    # Orders: a week before each a newsletter.
    email = {"source": "news", "medium": "email"}
    for visitor in ("attribute", "transaction", "hashless", "numbered", "served"):
        events.append(landing(visitor, 1, later(days=-7), **email))
    events += [
        landing("transaction", 2, **bought("#2")),
        landing("nobody", 1, consent="No", **bought("#3")),
        landing("hashless", 2, **bought("4")),
        landing("numbered", 2, **bought("5000005")),
        served(landing("served", 0, **bought("#7"))),
    ]
    days = [f"2026-03-{day:02d}" for day in range(1, 31)]
    warehouse.land_report("ga4", "events", LOAD, days, events)


def _ads(warehouse: Warehouse) -> None:
    warehouse.land("google_ads", "customers", LOAD, [
        (account, None, {
            "customer": {"id": account, "currencyCode": "EUR", "timeZone": "Europe/Berlin"}})
        for account in ("1", "2")
    ])  # fmt: skip
    names = {("1", "70"): "Brand", ("1", "71"): "Büro & Co", ("1", "72"): "Twice",
             ("2", "73"): "Twice"}  # fmt: skip
    warehouse.land("google_ads", "campaigns", LOAD, [
        (number, None, {"campaign": {
            "id": number, "resourceName": f"customers/{account}/campaigns/{number}",
            "name": name, "status": "ENABLED", "advertisingChannelType": "DISPLAY"}})
        for (account, number), name in names.items()
    ])  # fmt: skip
    spent = [spend("1", "70", "2026-03-12", "5000000"), spend("2", "73", "2026-03-31", "2500000")]
    days = ["2026-03-12", "2026-03-31"]
    warehouse.land_report("google_ads", "campaign_performance", LOAD, days, spent)
    warehouse.land_report("google_ads", "click_views", LOAD, ["2026-03-12"], [
        ("known", "2026-03-12", {
            "campaign": {"id": "71", "resourceName": "customers/1/campaigns/71"},
            "clickView": {"gclid": "known"}})
    ])  # fmt: skip


def _orders(warehouse: Warehouse) -> None:
    orders = [
        web_order(number, "10.00", email=f"buyer{number}@example.com",
                  **({"customAttributes": client("attribute")} if number == 1 else {}))
        for number in (1, 2, 3, 4, 6, 7)
    ]  # fmt: skip
    orders.append(web_order(5000005, "10.00", email="buyer5@example.com"))
    warehouse.land("shopify", "orders", LOAD, orders)
    warehouse.land("hubspot", "contacts", LOAD, [contact("1", "buyer6@example.com")])


def _phones(warehouse: Warehouse) -> None:
    warehouse.land("square", "locations", LOAD, [("L1", None, {
        "id": "L1", "name": "Shop S001", "timezone": "Europe/Berlin", "currency": "EUR"})
    ])  # fmt: skip
    pings = []
    for device, begin, received in (
        ("right", "2026-03-12T12:00", "2026-03-12T12:00"),
        ("waited", "2026-03-12T12:00", "2026-03-13T09:00"),  # without a network meanwhile
        ("ahead", "2031-03-12T12:00", "2026-03-12T12:00"),
        ("behind", "1970-01-01T00:00", "2026-03-12T12:00"),
    ):
        for minutes in range(0, 31, 10):
            key, _, payload = ping(device, "S001", utc(begin) + timedelta(minutes=minutes))
            assert payload is not None
            cursor = f"{(utc(received) + timedelta(minutes=minutes)).isoformat()}Z"
            pings.append((key, cursor, {**payload, "createdAt": cursor}))
    warehouse.land("store_sensors", "pings", LOAD, pings)


def _company(warehouse: Warehouse) -> None:
    texts = {
        "channel_rules": "priority,source_pattern,medium_pattern,channel,touch_type\n"
        "10,^leaflet$,^cpc$,print,paid_click\n",
        "referral_exclusions": "source_pattern,reason\n^bank[.]example$,payment_page\n",
        "excluded_traffic": "field,pattern,reason\nhost,^preview[.].*,agency\n",
    }
    rows = []
    for name, text in texts.items():
        file = warehouse.home / f"{name}.csv"
        file.write_text(text, encoding="utf-8")
        rows += tables.rows(file, ("ga4",))
    warehouse.land("o2o", "company_rows", LOAD, [(key, None, said) for key, said in rows])


def touches(built: Warehouse, visitors: str, columns: str) -> dict[str, Any]:
    """Of visitors by name: the columns of their touches, in the order of time."""
    found: dict[str, Any] = {}
    for visitor, *cells in built.rows(
        f"""select sessions.visitor_id, {columns}
        from intermediate.int_web__sessions as sessions
        inner join marts.fct_touchpoints as touches
            on touches.touchpoint_id = md5(concat_ws('|', 'session', sessions.session_id))
        where sessions.visitor_id in ({visitors}) order by touches.touched_at"""
    ):
        found.setdefault(visitor, []).append(cells[0] if len(cells) == 1 else tuple(cells))
    return found


def named(*visitors: str) -> str:
    return ", ".join(f"'{visitor}'" for visitor in visitors)


def test_links_are_grouped_as_published_however_they_are_spelled(built: Warehouse) -> None:
    visitors = {f"spelled{number}": words for number, words in enumerate(SPELLED)}
    found = touches(built, named(*visitors), "channel")
    assert {words: found[visitor] for visitor, words in visitors.items()} == {
        words: [channel] for words, channel in SPELLED.items()
    }


def test_a_click_that_no_click_row_knows_is_paid(built: Warehouse) -> None:
    visitors = ("unseen", "unlinked", "named", "refused", "known")
    columns = "channel, touch_type, platform, campaign_id, campaign_matched_by"
    assert touches(built, named(*visitors), columns) == {
        "unseen": [("paid_search", "paid_click", "google_ads", None, "unknown")],
        "unlinked": [("paid_search", "paid_click", "google_ads", None, "unknown")],
        "named": [("display", "paid_click", "google_ads", "google_ads:1:70", "name")],
        "refused": [("paid_search", "paid_click", "google_ads", None, "unknown")],
        "known": [("display", "paid_click", "google_ads", "google_ads:1:71", "click")],
    }


def test_a_click_tells_more_than_other_words(built: Warehouse) -> None:
    visitors = ("mail app", "copied link", "renamed")
    columns = "channel, platform, campaign_matched_by"
    assert touches(built, named(*visitors), columns) == {
        "mail app": [("email", None, None)],
        "copied link": [("paid_search", None, "unknown")],
        "renamed": [("paid_search", "google_ads", "unknown")],
    }


def test_click_ids_of_every_kind_are_read_from_the_address(built: Warehouse) -> None:
    expected = {
        "by gbraid": "paid_search", "by wbraid": "paid_search", "by dclid": "display",
        "by msclkid": "paid_search", "by ttclid": "paid_social", "by epik": "paid_social",
        "by ScCid": "paid_social",
        # These mark who comes from there, paid or not.
        "by fbclid": "organic_social", "by srsltid": "organic_search",
        "paid by fbclid": "paid_social",
    }  # fmt: skip
    found = touches(built, named(*expected), "channel")
    assert found == {visitor: [channel] for visitor, channel in expected.items()}


def test_payment_pages_and_own_pages_send_nobody(built: Warehouse) -> None:
    expected = {
        "payer": ["organic_search"],
        "payer typed": ["direct"],
        "payer twice": ["organic_search", "direct"],
        "only paid": ["direct"],
        "late payer": ["organic_search", "direct"],
        "invoice": ["email"],
        "own": ["organic_search"],
        "login": ["organic_search"],
        "bank": ["organic_search"],
        "unwanted": ["direct"],
    }
    assert touches(built, named(*expected), "channel") == expected


def test_what_is_nobodys_visit_is_no_touch(built: Warehouse) -> None:
    visitors = ("staff", "developer", "robot", "laptop", "spam", "agency", "volunteer")
    assert touches(built, named(*visitors), "channel") == {}
    assert dict(
        built.rows(
            f"""select visitor_id, excluded_reason from intermediate.int_web__sessions
            where visitor_id in ({named(*visitors)})"""
        )
    ) == {
        "staff": "internal", "developer": "developer", "robot": "bot", "laptop": "developer",
        "spam": "spam", "agency": "agency", "volunteer": "internal",
    }  # fmt: skip


def test_a_campaign_is_found_by_id_then_by_name(built: Warehouse) -> None:
    expected = {
        "name": [("display", "google_ads:1:70", "name")],
        "encoded": [("display", "google_ads:1:71", "name")],
        "id as name": [("display", "google_ads:1:70", "id")],
        "id": [("display", "google_ads:1:70", "id")],
        "twice": [("paid_search", None, "ambiguous")],
        "nowhere": [("paid_search", None, "unknown")],
        "letter": [("email", None, None)],
        "numbered letter": [("email", None, None)],
    }
    found = touches(built, named(*expected), "channel, campaign_id, campaign_matched_by")
    assert found == expected


def test_an_order_is_joined_by_its_attribute_or_by_its_transaction(built: Warehouse) -> None:
    assert built.rows(
        """select source_order_id, channel, unattributed_reason from marts.fct_attribution
        inner join marts.fct_orders on order_id = conversion_id
        where attribution_model = 'last_non_direct' and credit_share > 0 order by all"""
    ) == [
        ("1", "email", None),  # the shop names the browser
        ("2", "email", None),  # analytics saw it bought
        ("3", "unattributed", "no_consent"),  # and here that it was refused
        ("4", "email", None),  # told without the sign
        ("5000005", "email", None),  # told by its id
        ("6", "unattributed", "no_match"),  # nobody says: known to the shop, touched by nothing
        ("7", "email", None),  # told by a server, without a session
    ]


def test_a_phone_whose_clock_is_wrong_was_nowhere(built: Warehouse) -> None:
    assert built.rows("select visit_date::varchar from marts.fct_store_visits order by all") == [
        ("2026-03-12",),
        ("2026-03-12",),
    ]
    # Its owner was there when the server heard of it.
    assert built.rows(
        """select max(last_observed_at)::varchar, min(first_observed_at)::varchar
        from restricted.int_identity__observations where record_kind = 'app_device'"""
    ) == [("2026-03-12 12:30:00", "2026-03-12 12:00:00")]


def test_what_was_set_aside_is_counted(built: Warehouse) -> None:
    assert built.rows(
        """select report_date::varchar, connection, record_kind, reason, record_count
        from marts.rpt_set_aside order by all"""
    ) == [
        ("2026-03-12", "ga4", "web_session", "agency", 1),
        ("2026-03-12", "ga4", "web_session", "bot", 1),
        ("2026-03-12", "ga4", "web_session", "developer", 2),
        ("2026-03-12", "ga4", "web_session", "internal", 2),
        ("2026-03-12", "ga4", "web_session", "login_page", 1),
        ("2026-03-12", "ga4", "web_session", "own_page", 1),
        ("2026-03-12", "ga4", "web_session", "payment_page", 2),
        ("2026-03-12", "ga4", "web_session", "spam", 1),
        ("2026-03-12", "store_sensors", "ping", "clock_ahead", 4),
        ("2026-03-12", "store_sensors", "ping", "clock_behind", 4),
    ]


def test_the_report_to_open_first_may_be_summed(built: Warehouse) -> None:
    assert built.rows(
        """select sum(spend_amount)::varchar, sum(revenue_amount)::varchar,
            sum(calibrated_revenue_amount)::varchar, count(distinct attribution_model)
        from marts.rpt_marketing_performance"""
    ) == [("7.50", "70.00", "70.00", 1)]
