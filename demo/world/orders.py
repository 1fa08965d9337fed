"""Orders of the web shop with their refunds, and the CRM's deals about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.accounts import Accounts
from demo.world.baskets import Baskets, make_baskets
from demo.world.behaviour import (
    DIRECT,
    NEWSLETTER,
    PAID,
    REFERRAL,
    SEARCH,
    SOCIAL,
    TEXT,
    Sessions,
    Visits,
    visits_on,
)
from demo.world.campaigns import CAMPAIGNS, PLATFORMS
from demo.world.chunk import Chunk
from demo.world.constants import SHOP_CURRENCY
from demo.world.coupons import codes_used
from demo.world.emails import vary_email
from demo.world.horizon import DAY, HOUR, MINUTE, SECOND
from demo.world.ids import Bools, Floats, Ints, Texts, scramble, texts
from demo.world.names import written
from demo.world.ordinary import on_web, refunds
from demo.world.people import client_texts
from demo.world.places import COUNTRY_CODES, COUNTRY_CURRENCY, CURRENCIES, TAX_PER_MILLE, to_eur
from demo.world.staff import mistyped_orders, with_assistants, with_staff_login
from demo.world.tables import NEVER, pick

_CURRENCY_CODES: list[str] = [code for code, _, _ in CURRENCIES]
_SHIPPING = np.array([490, 450, 690, 600])  # per currency, below …
_FREE_FROM = np.array([6000, 5000, 7500, 9000])  # … this subtotal
SOURCES = {  # (source, medium) of a session's channel; PAID has the campaign's
    DIRECT: (None, None),
    SEARCH: ("google", "organic"),
    NEWSLETTER: ("newsletter", "email"),
    TEXT: ("newsletter", "sms"),
    SOCIAL: ("instagram", "social"),
    REFERRAL: ("styleblog.example", "referral"),
    PAID: (None, None),
}
WEEKLY_CAMPAIGN, TEXT_CAMPAIGN = "weekly-news", "text-to-members"


@dataclass(frozen=True)
class WebSales:
    """Orders of one chunk, one per buying session and in their order."""

    person: Ints
    at: Ints
    cause: Ints
    order_no: Ints
    order_name: Texts
    total: Ints
    total_eur: Ints
    currency: Ints
    logged_in: Bools
    slot: Ints  # the web account used, -1: guest
    customer_no: Ints
    email: Texts
    stands: Bools  # neither cancelled nor void, edited or sent back
    picked_up: Ints  # in the home shop, NEVER: not


def order_times(chunk: Chunk, sessions: Sessions) -> Ints:
    """When each buying session's order is placed: 4 to 35 minutes into it."""
    delay = chunk.rng("order times").integers(240, 2100, int(sessions.buys.sum()))
    return sessions.at[sessions.buys] + delay * SECOND


def traffic(sessions: Sessions) -> tuple[Ints, Ints, Ints]:
    """Indices into ``SOURCE_NAMES``, ``MEDIUM_NAMES`` and ``UTM_NAMES`` per session; -1: none."""
    channels = range(len(SOURCES))
    source = np.array([_index(SOURCE_NAMES, SOURCES[c][0]) for c in channels])[sessions.channel]
    medium = np.array([_index(MEDIUM_NAMES, SOURCES[c][1]) for c in channels])[sessions.channel]
    paid = sessions.campaign >= 0
    sources = [PLATFORMS[campaign.platform].source for campaign in CAMPAIGNS]
    paid_source = np.array([_index(SOURCE_NAMES, each) for each in sources])
    source = np.where(paid, paid_source[sessions.campaign], source)
    paid_medium = np.array([_index(MEDIUM_NAMES, campaign.medium) for campaign in CAMPAIGNS])
    medium = np.where(paid, paid_medium[sessions.campaign], medium)
    utm = np.where(sessions.channel == NEWSLETTER, len(CAMPAIGNS), sessions.campaign)
    utm = np.where(sessions.channel == TEXT, len(CAMPAIGNS) + 1, utm)
    return source, medium, utm


SOURCE_NAMES = [*dict.fromkeys([
    "google", "newsletter", "instagram", "styleblog.example",
    *(platform.source for platform in PLATFORMS.values()),
])]  # fmt: skip
MEDIUM_NAMES = [
    "organic", "email", "social", "referral", "cpc", "display", "video", "paid_social", "sms",
]  # fmt: skip
UTM_NAMES = [*(campaign.utm for campaign in CAMPAIGNS), WEEKLY_CAMPAIGN, TEXT_CAMPAIGN]


def _index(names: list[str], name: str | None) -> int:
    return -1 if name is None else names.index(name)


def write_orders(
    chunk: Chunk, accounts: Accounts, sessions: Sessions, at: Ints
) -> tuple[WebSales, Visits]:
    """One order per buying session. Also answers the visits on which BOPIS orders are picked up."""
    people, products, tables = chunk.people, chunk.products, chunk.tables
    seed, rng = chunk.seed, chunk.rng("orders")
    buys = sessions.buys
    person, slot = sessions.person[buys], accounts.order_slot
    n = person.size
    currency = COUNTRY_CURRENCY[people.country[person]]
    baskets = make_baskets(rng, products, at, currency, TAX_PER_MILLE[people.country[person]], 0.15)
    is_bopis = rng.random(n) < 0.14
    shipping = np.where(
        is_bopis | (baskets.subtotal >= _FREE_FROM[currency]), 0, _SHIPPING[currency]
    )
    total = baskets.total + shipping
    keys = chunk.keys(n)
    order_no = 5_000_000_000_000 + scramble(keys, "web_order", seed)
    order_name = texts("#W{:d}", scramble(keys, "web_order_name", seed) + 10**12)

    cancelled = np.where(rng.random(n) < 0.015, at + rng.integers(600, 7200, n) * SECOND, NEVER)
    live = cancelled == NEVER
    ready = np.where(is_bopis & live, at + rng.integers(7500, 5 * 3600, n) * SECOND, NEVER)
    shipped = np.where(~is_bopis & live, at + rng.integers(3 * 3600, 48 * 3600, n) * SECOND, NEVER)
    pickups, picked_up = _pick_ups(chunk, rng, person, at, is_bopis & live, sessions.cause[buys])

    customer = np.where(slot >= 0, accounts.web[person, np.maximum(slot, 0)], NEVER)
    customer = with_staff_login(chunk, sessions, customer)
    guest_email = vary_email(
        rng,
        people.email_at(person, at),
        chunk.noise.email_error_form,
        chunk.noise.email_alias_elsewhere,
    )
    email = np.where(slot < 0, guest_email, accounts.email_at(person, np.maximum(slot, 0), at))
    phone = people.phone_at(person, at)
    phone[rng.random(n) > 0.4] = None
    # Name and phone of whoever gets the parcel; on a gift that is somebody else.
    gift = rng.random(n) < chunk.noise.gift
    recipient = person.copy()
    recipient[gift] = rng.integers(0, people.count, int(gift.sum()))
    phone[gift] = people.phone.at(recipient[gift], at[gift])

    consents = people.consents(person, sessions.at[buys]) | (sessions.slot[buys] == 3)
    client = client_texts(people, person, sessions.slot[buys], seed)
    client[~consents] = None
    named = chunk.rng("order attributes").random(n) >= chunk.noise.no_browser_attribute
    client[~named] = None
    source, medium, utm = (np.where(consents, part[buys], -1) for part in traffic(sessions))
    shop_total = to_eur(total, currency)
    drawn = rng.random(n)
    goes_back = ~live | (drawn < 0.08)
    lines = np.bincount(baskets.order, minlength=n)
    turn = on_web(chunk, person, at, lines, is_bopis, ~goes_back)
    left = np.where(turn.voided == NEVER, shipped, NEVER)
    promised, delivered = _promises(chunk, at, is_bopis, left)
    last = baskets.line_no == lines[baskets.order]
    removed = np.where(turn.edited == NEVER, 0, baskets.line_total[last])
    since = accounts.web_created[person, np.maximum(slot, 0)]
    buyer_first, buyer_last = written(chunk, "bill", person, at)
    tables.add(
        "web_orders",
        order_no=order_no,
        order_name=order_name,
        customer_no=customer,
        email=email,
        phone=phone,
        buyer_first_name=buyer_first,
        buyer_last_name=buyer_last,
        recipient_first_name=people.first[recipient],
        recipient_last_name=people.last_at(recipient, at),
        country_code=pick([*COUNTRY_CODES], people.country[person]),
        region_code=chunk.region[person],
        created_at=at,
        cancelled_at=cancelled,
        fulfilled_at=left,
        voided_at=turn.voided,
        edited_at=turn.edited,
        removed_minor=removed,
        shop_removed_minor=to_eur(removed, currency),
        currency_code=pick([*_CURRENCY_CODES], currency),
        shop_currency_code=SHOP_CURRENCY,
        subtotal_minor=baskets.subtotal,
        discount_minor=baskets.order_discount,
        shipping_minor=shipping,
        tax_minor=baskets.order_tax,
        total_minor=total,
        shop_total_minor=shop_total,
        discount_code=codes_used(chunk, baskets.coupon, customer, since, at, slot >= 0),
        is_bopis=is_bopis,
        pickup_shop_no=np.where(is_bopis, people.home[person] + 1, NEVER),
        first_pickup_shop_no=np.where(turn.first_pickup < 0, NEVER, turn.first_pickup + 1),
        sold_shop_no=None,
        ready_at=ready,
        picked_up_at=picked_up,
        promised_at=promised,
        delivered_at=delivered,
        ga_client_id=client,
        utm_source=pick([*SOURCE_NAMES], source),
        utm_medium=pick([*MEDIUM_NAMES], medium),
        utm_campaign=pick([*UTM_NAMES], utm),
    )
    tables.add("web_order_lines", order_no=order_no[baskets.order], **baskets.columns(products))
    tables.add(
        "identifiers",
        system="web_order",
        record_id=texts("{}", order_no),
        person_id=people.id[person],
    )
    _write_refunds(
        chunk, rng, baskets, person, order_no, at, cancelled, total, shop_total, currency, drawn
    )
    synced = at + rng.integers(150, 1500, n) * SECOND
    lost = np.where(live, turn.voided, cancelled)
    tables.add(
        "crm_deals",
        deal_no=200_000_000_000 + scramble(keys, "deal", seed),
        contact_no=with_assistants(chunk, accounts, person, at, slot),
        order_name=mistyped_orders(chunk, order_name),
        amount_minor=total,
        currency_code=pick([*_CURRENCY_CODES], currency),
        closed_at=at,
        created_at=synced,
        amended_at=np.where(turn.edited == NEVER, NEVER, turn.edited + 5 * MINUTE),
        amended_minor=np.where(turn.edited == NEVER, NEVER, total - removed),
        lost_at=np.where(lost == NEVER, NEVER, np.maximum(lost, synced) + 5 * MINUTE),
    )
    sales = WebSales(
        person, at, sessions.cause[buys], order_no, order_name, total, shop_total, currency,
        (slot >= 0) & (rng.random(n) < 0.7), slot, customer, email,
        ~goes_back & (turn.voided == NEVER) & (turn.edited == NEVER), picked_up,
    )  # fmt: skip
    return sales, pickups


def _pick_ups(
    chunk: Chunk, rng: np.random.Generator, person: Ints, at: Ints, is_bopis: Bools, cause: Ints
) -> tuple[Visits, Ints]:
    """Collected at the home shop, mostly on one of the next days; some after the world's end."""
    waiting = np.flatnonzero(is_bopis)
    home = chunk.people.home[person[waiting]]
    day = chunk.horizon.day(chunk.shop_zone[home], at[waiting])
    day = day + 2 + rng.geometric(0.6, waiting.size)  # never before it is ready
    nothing = np.zeros(waiting.size, dtype=bool)
    visits = visits_on(
        chunk, rng, np.arange(waiting.size), day, nothing, cause[waiting], nothing, shop=home
    )
    picked_up = np.full(at.size, NEVER)
    waiting = waiting[visits.person]
    picked_up[waiting] = (visits.arrived + visits.left) // 2
    visits = Visits(
        person[waiting], visits.shop, visits.arrived, visits.left, visits.buys, cause[waiting],
        visits.is_pass_by,
    )  # fmt: skip
    return visits.take(visits.arrived < chunk.horizon.end_us), picked_up


def _promises(chunk: Chunk, at: Ints, is_bopis: Bools, left: Ints) -> tuple[Ints, Ints]:
    """By when an order is promised, one in ten by nothing, and when what was sent arrives. About a
    third of the pick-ups are ready too late, and a fifth of the parcels come too late."""
    rng = chunk.rng("promises")
    told = rng.random(at.size) >= 0.1
    promised = np.where(told, at + np.where(is_bopis, 4 * HOUR, 4 * DAY), NEVER)
    travels = rng.integers(24 * 3600, 72 * 3600, at.size) * SECOND
    return promised, np.where(left == NEVER, NEVER, left + travels)


def _write_refunds(
    chunk: Chunk,
    rng: np.random.Generator,
    baskets: Baskets,
    person: Ints,
    order_no: Ints,
    at: Ints,
    cancelled: Ints,
    total: Ints,
    shop_total: Ints,
    currency: Ints,
    drawn: Floats,
) -> None:
    """A cancelled order is refunded whole; others whole or by their first line, weeks later."""
    is_cancelled = cancelled != NEVER
    keys = chunk.keys(at.size)
    refunded = is_cancelled | (drawn < 0.08)
    line = baskets.line_total[baskets.line_no == 1]
    amount = np.where(is_cancelled | (drawn < 0.04), total, line)
    later = at + (4 * DAY + rng.exponential(8 * DAY, at.size)).astype(np.int64) // HOUR * HOUR
    later, shop = refunds(chunk, person, at, later)
    in_shop = ~is_cancelled & (shop != NEVER)
    notes = ["Cancelled by customer", "Returned in the shop", "Returned by post"]
    chunk.tables.add(
        "web_refunds",
        refund_no=900_000_000_000 + scramble(keys[refunded], "web_refund", chunk.seed),
        order_no=order_no[refunded],
        created_at=np.where(is_cancelled, cancelled, later)[refunded],
        amount_minor=amount[refunded],
        shop_amount_minor=np.where(amount == total, shop_total, to_eur(amount, currency))[refunded],
        shop_no=np.where(in_shop, shop + 1, NEVER)[refunded],
        note=pick([*notes], np.select([is_cancelled, in_shop], [0, 1], 2)[refunded]),
    )
