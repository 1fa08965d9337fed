"""What people do: sessions on the web, purchases there, visits to shops – organic and caused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.campaigns import BRAND, CAMPAIGNS, Effects, Exposures, active_days
from demo.world.chunk import Chunk
from demo.world.horizon import DAY, HOUR, MINUTE, SECOND, draw_days, draw_web_times
from demo.world.ids import Bools, Floats, Ints

ORGANIC, EMAIL, SMS = -1, -2, -3  # causes other than a campaign's index

# Channels of a session; PAID carries a campaign.
DIRECT, SEARCH, NEWSLETTER, SOCIAL, REFERRAL, PAID = range(6)
TEXT = 6  # an SMS instead of the newsletter
_GETS_TEXTS, _BY_TEXT = 0.3, 0.5  # of people; of what else were their newsletters
_BROWSING = [0.26, 0.34, 0.18, 0.12, 0.06, 0.04]  # the paid ones are brand searches
_BUYING = [0.30, 0.26, 0.10, 0.07, 0.05, 0.22]
_RETURNING = [0.45, 0.25, 0.08, 0.02, 0.0, 0.20]


@dataclass
class Sessions:
    """Web sessions of a chunk; those with ``buys`` end in an order, in the order of ``Orders``."""

    person: Ints
    at: Ints
    channel: Ints
    campaign: Ints  # -1 unless PAID
    key: Ints  # the ad click, -1 unless PAID
    buys: Bools
    cause: Ints  # of the order
    slot: Ints  # device; 3 is the tablet in the home shop


@dataclass(frozen=True)
class Visits:
    """Visits to shops, ``person`` indexing the chunk; times UTC microseconds."""

    person: Ints
    shop: Ints
    arrived: Ints
    left: Ints
    buys: Bools
    cause: Ints
    is_pass_by: Bools

    def take(self, rows: Bools | Ints) -> Visits:
        return Visits(
            self.person[rows], self.shop[rows], self.arrived[rows], self.left[rows],
            self.buys[rows], self.cause[rows], self.is_pass_by[rows],
        )  # fmt: skip


def join_visits(parts: list[Visits]) -> Visits:
    fields = ("person", "shop", "arrived", "left", "buys", "cause", "is_pass_by")
    return Visits(*(np.concatenate([getattr(part, f) for part in parts]) for f in fields))


def make_sessions(chunk: Chunk, exposures: Exposures, effects: Effects, demand: Floats) -> Sessions:
    """All web sessions. Brand searches of people who come anyway are added to ``exposures``."""
    people, horizon, rng = chunk.people, chunk.horizon, chunk.rng("sessions")
    everyone = np.arange(people.count)
    scale = horizon.total / 120

    def at_any_time(person: Ints) -> Ints:
        day = draw_days(rng, demand, person.size)
        return horizon.utc(people.zone[person], day, draw_web_times(rng, person.size))

    # 1. Every planned click opens a session; some of them buy at once.
    clicks = np.flatnonzero(exposures.key >= 0)
    bought_now = np.full(clicks.size, ORGANIC)
    now = effects.order_key >= 0
    bought_now[effects.order_key[now]] = effects.order_campaign[now]
    # 2. Browsing without need of advertising; some newsletters cause an order.
    browser = np.repeat(everyone, rng.poisson(1.1 * scale, people.count))
    browser_channel = rng.choice(6, browser.size, p=_BROWSING)
    by_email = (browser_channel == NEWSLETTER) & (rng.random(browser.size) < 0.12)
    # 3. Organic orders, half of them researched in an earlier session.
    buyer = np.repeat(everyone, rng.poisson(people.web_rate * scale))
    buyer_at = at_any_time(buyer)
    researched = rng.random(buyer.size) < 0.5
    earlier = buyer_at[researched] - (HOUR + rng.exponential(2.2 * DAY, researched.sum())).astype(
        np.int64
    )
    # 4. Caused orders that come back after the click or view.
    later = ~now
    sources = [
        (exposures.person[clicks], exposures.at[clicks], np.full(clicks.size, PAID),
         bought_now >= 0, bought_now),
        (browser, at_any_time(browser), browser_channel, by_email,
         np.where(by_email, EMAIL, ORGANIC)),
        (buyer, buyer_at, rng.choice(6, buyer.size, p=_BUYING), np.ones(buyer.size, bool),
         np.full(buyer.size, ORGANIC)),
        (buyer[researched], earlier, rng.choice(6, earlier.size, p=_BROWSING),
         np.zeros(earlier.size, bool), np.full(earlier.size, ORGANIC)),
        (effects.order_person[later], effects.order_at[later],
         rng.choice(6, int(later.sum()), p=_RETURNING), np.ones(int(later.sum()), bool),
         effects.order_campaign[later]),
    ]  # fmt: skip
    person, at, channel, buys, cause = (np.concatenate(c) for c in zip(*sources, strict=True))
    texted = gets_texts(chunk)[person] & (channel == NEWSLETTER)
    texted &= chunk.rng("by text").random(person.size) < _BY_TEXT
    channel[texted] = TEXT
    cause[texted & (cause == EMAIL)] = SMS
    campaign, key = np.full(person.size, -1), np.full(person.size, -1)
    campaign[: clicks.size] = exposures.campaign[clicks]
    key[: clicks.size] = exposures.key[clicks]

    # In the shop, on its tablet: no channel, no click. Who follows a message does so at once.
    tablet = buys & (key < 0) & (rng.random(person.size) < chunk.noise.store_tablet)
    tablet &= cause >= ORGANIC
    channel[tablet] = DIRECT
    inside = (at >= horizon.start_us) & (at < horizon.end_us)
    # Where newsletters rest nobody comes for them; who would have bought anyway comes by himself.
    day, region = horizon.day(people.zone[person], at), chunk.region[person]
    unsent = chunk.holdouts.rests("email", region, day)
    channel[unsent & (channel == NEWSLETTER) & buys & (cause != EMAIL)] = DIRECT
    inside &= ~(unsent & ((channel == NEWSLETTER) | (cause == EMAIL)))
    # The brand campaign catches people who were coming anyway: clicks that cause nothing. Where
    # paid search rests, or there is none, they click the result below.
    unpaid = chunk.holdouts.rests("paid_search", region, day)
    unpaid |= CAMPAIGNS[BRAND].platform not in chunk.platforms
    channel[(channel == PAID) & (key < 0) & unpaid] = SEARCH
    brand = np.flatnonzero((channel == PAID) & (key < 0) & inside)
    brand_end = horizon.start_us + active_days(BRAND, horizon) * DAY
    channel[brand[at[brand] >= brand_end]] = SEARCH
    brand = brand[at[brand] < brand_end]
    key[brand] = clicks.size + np.arange(brand.size)
    campaign[brand] = BRAND
    exposures.add(person[brand], campaign[brand], at[brand] - 5 * SECOND, key[brand])

    owned = people.client[person, :3] >= 0
    liked = np.array([0.55, 0.38, 0.15]) * owned * rng.random((person.size, 3))
    slot = np.where(tablet, 3, liked.argmax(axis=1))
    order = np.flatnonzero(inside)
    order = order[np.argsort(at[order], kind="stable")]
    columns = (person, at, channel, campaign, key, buys, cause, slot)
    return Sessions(*(column[order] for column in columns))


def gets_texts(chunk: Chunk) -> Bools:
    """Who gave the shop a number for SMS; nobody whose mail somebody else reads."""
    people = chunk.people
    gets: Bools = chunk.rng("text subscribers").random(people.count) < _GETS_TEXTS
    gets &= people.mail_of == np.arange(people.count)
    return gets


def make_visits(chunk: Chunk, effects: Effects, demand: Floats) -> Visits:
    """Organic and caused visits, and people who only walk past the door."""
    people, horizon, rng = chunk.people, chunk.horizon, chunk.rng("visits")
    everyone = np.arange(people.count)
    scale = horizon.total / 120
    organic = np.repeat(everyone, rng.poisson(people.shop_rate * scale))
    passing = np.repeat(everyone, rng.poisson(0.25 * scale, people.count))
    person = np.concatenate([organic, effects.visit_person, passing])
    cause = np.full(person.size, ORGANIC)
    cause[organic.size : organic.size + effects.visit_person.size] = effects.visit_cause
    is_pass_by = np.arange(person.size) >= person.size - passing.size
    day = np.concatenate(
        [draw_days(rng, demand, organic.size), effects.visit_day,
         draw_days(rng, demand, passing.size)]
    )  # fmt: skip
    buys = ~is_pass_by & (rng.random(person.size) < 0.68)
    visits = visits_on(chunk, rng, person, day, buys, cause, is_pass_by)
    return visits.take(visits.arrived < horizon.end_us)


def visits_on(
    chunk: Chunk,
    rng: np.random.Generator,
    person: Ints,
    day: Ints,
    buys: Bools,
    cause: Ints,
    is_pass_by: Bools,
    shop: Ints | None = None,
) -> Visits:
    """Visits on given local days, at the home shop or (sometimes) another one of the country."""
    people, shops, horizon = chunk.people, chunk.shops, chunk.horizon
    if shop is None:
        shop = people.home[person].copy()
        away = rng.random(person.size) < 0.12
        for country in np.unique(shops.country):
            there = np.flatnonzero(shops.country == country)
            movers = np.flatnonzero(away & (people.country[person] == country))
            shop[movers] = rng.choice(there, movers.size)
    # Whoever planned a Sunday where shops are closed went the day before – or, when an ad or a
    # message of late sent them, the day after: a cause never follows its effect.
    closed = (horizon.weekday(day) == 6) & (shops.open_sunday[shop] == 0)
    day = np.where(closed, day + np.where(cause != ORGANIC, 1, -1), day)
    day = np.where(day < 0, 1, day)
    opens, closes = shops.open_minute[shop], shops.close_minute[shop]
    minute = opens + 3 + rng.triangular(0, 0.6, 1, person.size) * (closes - opens - 33)
    dwell = np.where(
        buys, rng.lognormal(2.75, 0.45, person.size), rng.lognormal(2.2, 0.5, person.size)
    )
    seconds = np.where(is_pass_by, rng.uniform(8, 70, person.size), np.clip(dwell, 4, 75) * 60)
    arrived = horizon.utc(chunk.shop_zone[shop], day, (minute * 60).astype(np.int64) * SECOND)
    closing = horizon.utc(chunk.shop_zone[shop], day, (closes + 5) * MINUTE)
    left = np.minimum(arrived + seconds.astype(np.int64) * SECOND, closing)
    order = np.argsort(arrived, kind="stable")
    return Visits(person, shop, arrived, left, buys, cause, is_pass_by).take(order)
