"""What web analytics sees of the sessions: events, under the visitor's consent."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlencode

import numpy as np

from demo.world.accounts import Accounts
from demo.world.behaviour import Sessions
from demo.world.campaigns import CAMPAIGNS, PLATFORMS, campaign_nos, click_ids
from demo.world.chunk import Chunk
from demo.world.horizon import DAY, SECOND
from demo.world.ids import Bools, Ints, texts
from demo.world.orders import MEDIUM_NAMES, SOURCE_NAMES, WebSales, traffic
from demo.world.people import client_texts
from demo.world.places import CATEGORIES, COUNTRY_CODES, CURRENCIES
from demo.world.staff import claim_user_ids
from demo.world.tables import NEVER, pick

# In the order in which they happen inside a session.
EVENTS = [
    "session_start", "page_view", "login", "view_item", "add_to_cart", "begin_checkout",
    "generate_lead", "purchase",
]  # fmt: skip
_START, _VIEW, _LOGIN, _ITEM, _CART, _CHECKOUT, _LEAD, _PURCHASE = range(len(EVENTS))
_SITE = "https://shop.northwind-vale.example"
_DEVICES = ["mobile", "desktop", "tablet", "tablet"]
_PAYMENT_PAGE = "paypal.com"
# The first as it should be; people write links by hand.
_SPELLINGS: list[Callable[[str], str]] = [
    str,
    str.upper,
    str.capitalize,
    "{} ".format,
    "{}%20".format,
]
_MEDIUMS = [spelling(name) for spelling in _SPELLINGS for name in MEDIUM_NAMES]


def write_events(
    chunk: Chunk,
    accounts: Accounts,
    sessions: Sessions,
    sales: WebSales,
    is_shop: bool = True,
) -> None:
    """Without consent a session leaves cookieless pings (no ids, few events) or nothing at all.

    Where there is no shop, what buys elsewhere sends a form: a lead, of which no order is told.
    """
    people, rng = chunk.people, chunk.rng("events")
    n = sessions.at.size
    consent = people.consents(sessions.person, sessions.at) | (sessions.slot == 3)
    seen = consent | people.pings_cookieless[sessions.person]
    order = np.full(n, -1)
    order[sessions.buys] = np.arange(sales.at.size)
    logs_in = np.zeros(n, dtype=bool)
    logs_in[sessions.buys] = sales.logged_in
    # A browsing visitor with an account is sometimes still logged in.
    has_account = (accounts.web[sessions.person, 0] >= 0) & (
        accounts.web_created[sessions.person, 0] <= sessions.at
    )
    logs_in |= ~sessions.buys & has_account & (rng.random(n) < 0.1)

    counts = np.zeros((n, len(EVENTS)), dtype=np.int64)
    counts[:, _START] = 1
    counts[:, _VIEW] = 1 + (rng.random(n) < 0.35)
    counts[:, _LOGIN] = logs_in & consent
    counts[:, _ITEM] = np.where(sessions.buys, 1, rng.random(n) < 0.45)
    counts[:, _CART] = np.where(sessions.buys, 1, rng.random(n) < 0.05)
    counts[:, _CHECKOUT] = sessions.buys
    counts[accounts.leads, _LEAD] = 1
    counts[:, _PURCHASE] = sessions.buys
    if not is_shop:
        counts[:, [_CART, _CHECKOUT]] = 0
    counts[~consent, 2:_PURCHASE] = 0
    counts[~seen] = 0

    per_session = counts.sum(axis=1)
    session = np.repeat(np.arange(n), per_session)
    name = np.repeat(np.tile(np.arange(len(EVENTS)), n), counts.ravel())
    if not is_shop:
        name[name == _PURCHASE] = _LEAD
    rank = np.arange(session.size) - (np.cumsum(per_session) - per_session)[session]
    # Events spread over the session; a purchase is logged seconds after its order.
    length = rng.integers(30, 600, n) * SECOND
    length[sessions.buys] = sales.at - sessions.at[sessions.buys] + 2 * SECOND
    share = rank / np.maximum(per_session[session] - 1, 1)
    at = sessions.at[session] + (share * length[session]).astype(np.int64) + rank

    returns = chunk.rng("payment pages").random(n) < chunk.noise.payment_referral
    from_payment = (name == _PURCHASE) & (returns & consent)[session]

    links, link = _landings(chunk, sessions, consent)
    arrives = (rank <= 1) & ((name == _START) | (name == _VIEW))
    chunk.tables.add(
        "web_events",
        platform="WEB",
        **_who(chunk, accounts, sessions, session, logs_in, from_payment),
        **_what(
            chunk, rng, name, session, sales, order, links, np.where(arrives, link[session], -1)
        ),
        event_date=chunk.horizon.day(chunk.account_zone, at) + chunk.horizon.epoch_day,
        event_ts_us=at,
        batch_event_index=rank + 1,
        visible_at=_arrival(rng, at),
    )


def ordinals(owner: Ints, at: Ints) -> Ints:
    """Each session's place among its owner's by time, from 1."""
    order = np.lexsort((at, owner))
    owners = owner[order]
    number = np.empty(owner.size, dtype=np.int64)
    number[order] = np.arange(owner.size) - np.searchsorted(owners, owners) + 1
    return number


def _arrival(rng: np.random.Generator, at: Ints) -> Ints:
    """Most events are exported within two minutes, one in fifty one to three days later."""
    late = rng.random(at.size) < 0.02
    return at + np.where(
        late,
        (rng.uniform(1, 2.9, at.size) * DAY).astype(np.int64),
        rng.integers(1, 120, at.size) * SECOND,
    )


def _who(
    chunk: Chunk,
    accounts: Accounts,
    sessions: Sessions,
    session: Ints,
    logs_in: Bools,
    from_payment: Bools,
) -> dict[str, object]:
    people, seed = chunk.people, chunk.seed
    n = sessions.at.size
    person = sessions.person
    on_tablet = sessions.slot == 3
    consent = people.consents(person, sessions.at) | on_tablet
    consent_ads = people.consent_ads[person] & consent & ~on_tablet
    client = client_texts(people, person, sessions.slot, seed)
    used = np.zeros(n, dtype=np.int64)
    used[sessions.buys] = np.maximum(accounts.order_slot, 0)
    account = accounts.web[person, used]
    user_id = texts("{}", account)
    named = logs_in & consent & (account >= 0)
    user_id[~named] = None
    claim_user_ids(chunk, sessions, user_id, consent & ~named)
    client[~consent] = None

    device = np.where(on_tablet, -2 - people.home[person], people.client[person, sessions.slot])
    number = ordinals(device, sessions.at)

    source, medium, _ = traffic(sessions)
    campaign = sessions.campaign
    click_id = np.full(n, None, dtype=object)
    clicked = (sessions.key >= 0) & consent_ads
    click_id[clicked] = click_ids(chunk, campaign[clicked], sessions.key[clicked])
    campaign_ids = [str(number) for number in campaign_nos(seed)]
    clicks = click_id[session]
    clicks[from_payment] = None
    kinds = [PLATFORMS[each.platform].click_id_kind for each in CAMPAIGNS]

    def told(index: Ints, paying: int = -1) -> Ints:
        """By event: what its session's link says; back from paying, that page's place."""
        return np.where(from_payment, paying, np.where(consent, index, -1)[session])

    return {
        "traffic_type": None,
        "browser": None,
        "user_pseudo_id": client[session],
        "user_id": user_id[session],
        "ga_session_id": np.where(consent, sessions.at // SECOND, NEVER)[session],
        "ga_session_number": np.where(consent, number, NEVER)[session],
        "source": pick([*SOURCE_NAMES, _PAYMENT_PAGE], told(source, len(SOURCE_NAMES))),
        "medium": pick([*_MEDIUMS, "referral"], told(_spelled(chunk, medium), len(_MEDIUMS))),
        "campaign_id": pick([*campaign_ids], told(campaign)),
        "campaign_name": pick([c.name for c in CAMPAIGNS], told(campaign)),
        "click_id": clicks,
        "click_id_kind": pick(kinds, told(np.where(clicked, campaign, -1))),
        "device_category": pick([*_DEVICES], sessions.slot[session]),
        "country": pick([*COUNTRY_CODES], people.country[person][session]),
        "city": pick([*chunk.shops.cities], np.where(consent, people.home[person], -1)[session]),
        "consent_analytics": consent[session],
        "consent_ads": consent_ads[session],
    }


def _landings(chunk: Chunk, sessions: Sessions, consent: Bools) -> tuple[list[str], Ints]:
    """The links of all platforms but Google, which spell out what they tell, and which of them
    each session came by; -1: none."""
    _, medium, _ = traffic(sessions)
    spelled = _spelled(chunk, medium)
    numbers = campaign_nos(chunk.seed).tolist()
    platforms = [PLATFORMS[campaign.platform] for campaign in CAMPAIGNS]
    spells = np.array([platform.click_id_kind != "gclid" for platform in platforms])
    came = np.flatnonzero((sessions.campaign >= 0) & consent & spells[sessions.campaign])
    ids = click_ids(chunk, sessions.campaign[came], sessions.key[came])
    ids[~chunk.people.consent_ads[sessions.person[came]]] = None
    links = []
    for row, click_id in zip(came.tolist(), ids.tolist(), strict=True):
        index = int(sessions.campaign[row])
        told = {
            "utm_source": platforms[index].source,
            "utm_medium": _MEDIUMS[spelled[row]],
            "utm_campaign": CAMPAIGNS[index].utm,
            "utm_id": numbers[index],
            platforms[index].click_id_kind: click_id,
        }
        said = {name: value for name, value in told.items() if value is not None}
        links.append(f"{_SITE}/?{urlencode(said, quote_via=quote)}")
    link = np.full(sessions.at.size, -1)
    link[came] = np.arange(came.size)
    return links, link


def _spelled(chunk: Chunk, medium: Ints) -> Ints:
    """Places among ``_MEDIUMS``, which has all names in one spelling after the other."""
    rng, names = chunk.rng("links"), len(MEDIUM_NAMES)
    spelling = rng.integers(1, len(_SPELLINGS), medium.size)
    spelling[rng.random(medium.size) >= chunk.noise.misspelt_link] = 0
    return np.where(medium < 0, -1, medium + names * spelling)


def _what(
    chunk: Chunk,
    rng: np.random.Generator,
    name: Ints,
    session: Ints,
    sales: WebSales,
    order: Ints,
    links: list[str],
    link: Ints,
) -> dict[str, object]:
    skus = chunk.products.skus
    pages = [f"{_SITE}/", f"{_SITE}/account", f"{_SITE}/cart", f"{_SITE}/checkout",
             f"{_SITE}/newsletter", f"{_SITE}/thank-you"]  # fmt: skip
    categories = len(pages)
    pages += [f"{_SITE}/collections/{category.lower()}" for category in CATEGORIES]
    items = len(pages)
    pages += [f"{_SITE}/products/{sku.lower()}" for sku in skus]
    page = np.where(rng.random(name.size) < 0.5, 0, categories + rng.integers(0, 8, name.size))
    page = np.where(
        (name == _ITEM) | (name == _CART),
        items + rng.integers(0, len(skus), name.size),
        page,
    )
    for event, at in ((_LOGIN, 1), (_CHECKOUT, 3), (_LEAD, 4), (_PURCHASE, 5)):
        page[name == event] = at
    page = np.where(link >= 0, len(pages) + link, page)
    pages += links
    bought = np.where(name == _PURCHASE, order[session], -1)
    is_purchase = bought >= 0
    transaction = np.full(name.size, None, dtype=object)
    transaction[is_purchase] = sales.order_name[bought[is_purchase]]
    value, currency = np.full(name.size, NEVER), np.full(name.size, -1)
    value[is_purchase] = sales.total[bought[is_purchase]]
    currency[is_purchase] = sales.currency[bought[is_purchase]]
    return {
        "event_name": pick([*EVENTS], name),
        "page_location": pick([*pages], page),
        "transaction_id": transaction,
        "item_id": None,
        "store_code": None,
        "value_minor": value,
        "currency_code": pick([code for code, _, _ in CURRENCIES], currency),
    }
