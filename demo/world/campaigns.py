"""Advertising: who saw and clicked what, and what that really caused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from demo.world.chunk import Chunk
from demo.world.horizon import DAY, HOUR, MINUTE, Horizon, draw_days, draw_web_times
from demo.world.ids import Bools, Floats, Ints, Texts, scramble, texts
from demo.world.tables import Tables


@dataclass(frozen=True)
class Campaign:
    """One campaign; probabilities are per click or per view, and are the world's causal truth."""

    name: str
    channel_type: str
    utm: str
    reach: float  # exposures of a person in 120 days
    click_rate: float
    order_per_click: float
    visit_per_click: float
    order_per_view: float
    visit_per_view: float
    impressions_per_exposure: int  # the platform also shows ads to people outside this world
    micros: int  # cost of a click (search, shopping) or of a thousand impressions (display, video)
    ends: float = 1.0  # share of the horizon after which it is removed

    @property
    def channel(self) -> str:
        return "paid_search" if self.channel_type == "SEARCH" else self.channel_type.lower()

    @property
    def medium(self) -> str:
        return "cpc" if self.channel_type in ("SEARCH", "SHOPPING") else self.channel_type.lower()


CAMPAIGNS = [
    Campaign("Search - Brand", "SEARCH", "brand", 0.8, 0.30, 0.03, 0.02, 0, 0, 3, 450_000),
    Campaign("Search - Generic", "SEARCH", "generic", 2.4, 0.12, 0.17, 0.16, 0, 0, 6, 1_600_000),
    Campaign("Shopping - All Products", "SHOPPING", "shopping", 4.0, 0.07, 0.20, 0.14, 0, 0, 20,
             900_000),
    Campaign("Display - Prospecting", "DISPLAY", "display-prospecting", 5.0, 0.008, 0.05, 0.05,
             0.006, 0.018, 60, 6_000_000),
    Campaign("Video - Visit Our Stores", "VIDEO", "video-stores", 4.0, 0.006, 0.03, 0.10,
             0.003, 0.06, 40, 14_000_000),
    Campaign("Search - Winter Sale", "SEARCH", "winter-sale", 1.8, 0.15, 0.18, 0.06, 0, 0, 5,
             1_600_000, ends=0.3),
    Campaign("Display - New Audiences (test)", "DISPLAY", "new-audiences", 1.6, 0.01, 0, 0, 0, 0,
             80, 5_000_000),
]  # fmt: skip
BRAND = 0
BARREN = 6  # spend, but no conversion, neither real nor claimed
CHANNELS = [campaign.channel for campaign in CAMPAIGNS]


@dataclass
class Exposures:
    """Ads seen; ``key`` names the click (-1: a view)."""

    person: Ints  # index into the chunk
    campaign: Ints
    at: Ints
    key: Ints

    def add(self, person: Ints, campaign: Ints, at: Ints, key: Ints) -> None:
        self.person = np.concatenate([self.person, person])
        self.campaign = np.concatenate([self.campaign, campaign])
        self.at = np.concatenate([self.at, at])
        self.key = np.concatenate([self.key, key])


@dataclass(frozen=True)
class Effects:
    """Orders and visits that would not have happened without an exposure."""

    order_person: Ints
    order_campaign: Ints
    order_at: Ints
    order_key: Ints  # the click whose very session buys, or -1: they come back later
    visit_person: Ints
    visit_campaign: Ints
    visit_day: Ints  # local day of the person


def campaign_nos(seed: int) -> Ints:
    return 21_000_000_000 + scramble(np.arange(len(CAMPAIGNS)), "campaign", seed, 30)


def active_days(index: int, horizon: Horizon) -> int:
    """A campaign runs on the days ``[0, active_days)``."""
    return max(1, int(horizon.total * CAMPAIGNS[index].ends))


def make_exposures(chunk: Chunk, demand: Floats) -> Exposures:
    """Planned advertising: in proportion to a person's attention and the day's demand."""
    people, horizon, rng = chunk.people, chunk.horizon, chunk.rng("ads")
    parts: list[tuple[Ints, Ints, Ints, Bools]] = []
    for index, campaign in enumerate(CAMPAIGNS):
        days = active_days(index, horizon)
        seen = rng.poisson(campaign.reach * people.attention * days / 120)
        person = np.repeat(np.arange(people.count), seen)
        day = draw_days(rng, demand[:days], person.size)
        shown = ~chunk.holdouts.rests(campaign.channel, chunk.region[person], day)
        person, day = person[shown], day[shown]
        at = horizon.utc(people.zone[person], day, draw_web_times(rng, person.size))
        is_click = rng.random(person.size) < campaign.click_rate
        # East of London the first day begins, and west of it the last day ends, outside the world;
        # and the account's days, not the person's, end a campaign.
        ends = int(horizon.utc(chunk.account_zone, np.array([days]), np.array([0]))[0])
        within = (at >= horizon.start_us) & (at < min(ends, horizon.end_us))
        parts.append(
            (person[within], np.full(person.size, index)[within], at[within], is_click[within])
        )
    person, index_, at, clicked = (np.concatenate(column) for column in zip(*parts, strict=True))
    key = np.where(clicked, np.cumsum(clicked) - 1, -1)
    return Exposures(person, index_, at, key)


def make_effects(chunk: Chunk, exposures: Exposures) -> Effects:
    """The causal step: each exposure may add an order, a visit to a shop, or both."""

    people, horizon, rng = chunk.people, chunk.horizon, chunk.rng("effects")

    def chance(per_click: str, per_view: str) -> Bools:
        click = np.array([getattr(campaign, per_click) for campaign in CAMPAIGNS])
        view = np.array([getattr(campaign, per_view) for campaign in CAMPAIGNS])
        probability = np.where(
            exposures.key >= 0, click[exposures.campaign], view[exposures.campaign]
        )
        return rng.random(exposures.at.size) < probability

    orders = np.flatnonzero(chance("order_per_click", "order_per_view"))
    at_once = (rng.random(orders.size) < 0.6) & (exposures.key[orders] >= 0)
    delay = (HOUR + rng.exponential(1.6 * DAY, orders.size)).astype(np.int64)
    order_at = exposures.at[orders] + np.where(at_once, 0, delay)
    visits = np.flatnonzero(chance("visit_per_click", "visit_per_view"))
    person = exposures.person[visits]
    day = horizon.day(people.zone[person], exposures.at[visits])
    day = day + 1 + rng.exponential(1.8, visits.size).astype(np.int64)
    inside, soon = order_at < horizon.end_us, day < horizon.total
    return Effects(
        order_person=exposures.person[orders][inside],
        order_campaign=exposures.campaign[orders][inside],
        order_at=order_at[inside],
        order_key=np.where(at_once, exposures.key[orders], -1)[inside],
        visit_person=person[soon],
        visit_campaign=exposures.campaign[visits][soon],
        visit_day=day[soon],
    )


def gclids(chunk: Chunk, keys: Ints) -> Texts:
    unique = (chunk.number << 28) + keys
    return texts("Cj0KCQjw{:014x}BwE", scramble(unique, "gclid", chunk.seed, 56))


@dataclass
class Ledger:
    """What the platform adds up over all chunks: arrays ``[campaign, account day]``."""

    exposures: Ints
    clicks: Ints
    claims: Floats
    claimed_eur_minor: Floats

    @classmethod
    def empty(cls, horizon: Horizon) -> Ledger:
        shape = (len(CAMPAIGNS), horizon.total)
        return cls(
            np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape)
        )

    def count(self, exposures: Exposures, account_day: Ints) -> None:
        inside = (account_day >= 0) & (account_day < self.clicks.shape[1])
        np.add.at(self.exposures, (exposures.campaign[inside], account_day[inside]), 1)
        inside &= exposures.key >= 0
        np.add.at(self.clicks, (exposures.campaign[inside], account_day[inside]), 1)

    def claim(
        self, exposures: Exposures, account_day: Ints, person: Ints, at: Ints, value_eur: Ints
    ) -> None:
        """The platform's own attribution: last click in 30 days, else a view in 3 days.

        It claims on the day of the click, knows no other channel and takes the whole order.
        """
        open_orders = np.ones(at.size, dtype=bool)
        for is_click, window in ((True, 30 * DAY), (False, 3 * DAY)):
            touches = np.flatnonzero(
                ((exposures.key >= 0) == is_click) & (exposures.campaign != BARREN)
            )
            order = np.lexsort((exposures.at[touches], exposures.person[touches]))
            touches = touches[order]
            # One sortable number per (person, minute): minutes since the epoch stay below 2**36.
            touch_key = exposures.person[touches] * (1 << 36) + exposures.at[touches] // MINUTE
            found = np.searchsorted(touch_key, person * (1 << 36) + at // MINUTE, side="right") - 1
            touch = touches[np.maximum(found, 0)] if touches.size else np.zeros(at.size, np.int64)
            if not touches.size:
                continue
            near = (found >= 0) & (exposures.person[touch] == person)
            near &= (at - exposures.at[touch] <= window) & open_orders
            day = account_day[touch]
            near &= (day >= 0) & (day < self.claims.shape[1])
            open_orders &= ~near
            where = (exposures.campaign[touch[near]], day[near])
            np.add.at(self.claims, where, 1.0)
            np.add.at(self.claimed_eur_minor, where, value_eur[near].astype(float))


def write_clicks(chunk: Chunk, exposures: Exposures) -> None:
    """The clicks as the account lists them, and all exposures as the truth."""
    tables, people, horizon = chunk.tables, chunk.people, chunk.horizon
    numbers = campaign_nos(chunk.seed)
    is_click = exposures.key >= 0
    gclid = np.full(exposures.at.size, None, dtype=object)
    gclid[is_click] = gclids(chunk, exposures.key[is_click])
    tables.add(
        "exposures",
        person_id=people.id[exposures.person],
        campaign_no=numbers[exposures.campaign],
        exposed_at=exposures.at,
        is_click=is_click,
        click_id=gclid,
    )
    clicks = np.flatnonzero(is_click)
    clicks = clicks[np.argsort(exposures.at[clicks], kind="stable")]
    listed = chunk.rng("click list").random(clicks.size) >= chunk.noise.unlisted_click
    clicks = clicks[listed]
    person, at = exposures.person[clicks], exposures.at[clicks]
    tables.add(
        "ad_clicks",
        click_id=gclid[clicks],
        platform="google_ads",
        campaign_no=numbers[exposures.campaign[clicks]],
        clicked_at=at,
        date=horizon.day(chunk.account_zone, at) + horizon.epoch_day,
        region_code=chunk.region[person],
        device=np.where(exposures.key[clicks] % 3 > 0, "MOBILE", "DESKTOP").astype(object),
    )


def write_campaigns(tables: Tables, horizon: Horizon, seed: int) -> None:
    tables.add(
        "ad_accounts",
        platform="google_ads",
        account_no=4_711_080_915,
        account_name="O2O Retail",
        currency_code="EUR",
        time_zone="Europe/Berlin",
    )
    numbers = campaign_nos(seed)
    for index, campaign in enumerate(CAMPAIGNS):
        days = active_days(index, horizon)
        removed = horizon.start + timedelta(days=days) if days < horizon.total else None
        tables.add(
            "campaigns",
            campaign_no=int(numbers[index]),
            platform="google_ads",
            account_no=4_711_080_915,
            name=campaign.name,
            channel_type=campaign.channel_type,
            status="ENABLED",
            start_date=horizon.start,
            end_date=removed - timedelta(days=1) if removed else None,
            removed_on=removed,
            daily_budget_micros=(150 + 75 * index) * 1_000_000,
            utm_campaign=campaign.utm,
        )


def write_ad_daily(
    tables: Tables, ledger: Ledger, horizon: Horizon, rng: np.random.Generator, seed: int
) -> None:
    """Daily reports, first as the platform guesses them and later as it settles them."""
    numbers = campaign_nos(seed)
    for index, campaign in enumerate(CAMPAIGNS):
        days = np.arange(active_days(index, horizon))
        exposures, clicks = ledger.exposures[index][days], ledger.clicks[index][days]
        impressions = np.maximum(
            rng.poisson(exposures * campaign.impressions_per_exposure), clicks
        ).astype(np.int64)
        pays_clicks = campaign.medium == "cpc"
        units = clicks if pays_clicks else impressions / 1000
        cost = np.rint(units * campaign.micros * rng.uniform(0.9, 1.1, days.size))
        # Invalid clicks are credited later; now and then a late click is charged.
        restated = np.where(rng.random(days.size) < 0.5, rng.uniform(0.96, 1.01, days.size), 1.0)
        claims = np.round(ledger.claims[index][days] * rng.uniform(1.05, 1.25, days.size), 2)
        value = np.round(ledger.claimed_eur_minor[index][days] * 1.1 / 100, 2)
        known = rng.uniform(0.55, 0.9, days.size)
        tables.add(
            "ad_daily",
            campaign_no=int(numbers[index]),
            date=days + horizon.epoch_day,
            impressions=impressions,
            clicks=clicks,
            cost_micros_initial=cost.astype(np.int64),
            cost_micros_final=np.rint(cost * restated).astype(np.int64),
            conversions_initial=np.round(claims * known, 2),
            conversions_final=claims,
            conversions_value_initial=np.round(value * known, 2),
            conversions_value_final=value,
            view_conversions_initial=0.0,
            view_conversions_final=0.0,
            settled_on=days + horizon.epoch_day + rng.integers(2, 29, days.size),
        )
