"""Advertising: who saw and clicked what, and what that really caused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from demo.world.chunk import Chunk
from demo.world.horizon import DAY, HOUR, MINUTE, Horizon, draw_days, draw_web_times
from demo.world.ids import Bools, Floats, Ints, Texts, scramble
from demo.world.places import CURRENCIES
from demo.world.tables import Tables, pick


@dataclass(frozen=True)
class Platform:
    """Where the company advertises, under one account; what it claims goes by its own rules."""

    name: str
    account_no: int
    currency_code: str
    time_zone: str
    source: str  # utm_source of its links
    click_id_kind: str
    click_id: str  # template of a number below 2**56
    click_days: int  # it claims an order for a click of the last so many days …
    view_days: int  # … and else for a view
    settles: tuple[int, int]  # days after which its numbers are final, at the earliest and the last

    @property
    def eur_per_unit(self) -> float:
        return next(rate for code, _, rate in CURRENCIES if code == self.currency_code)


PLATFORMS = {
    platform.name: platform
    for platform in (
        Platform("google_ads", 4_711_080_915, "EUR", "Europe/Berlin", "google",
                 "gclid", "Cj0KCQjw{:014x}BwE", 30, 3, (2, 28)),
        Platform("meta_ads", 1_203_480_077_215, "USD", "America/Los_Angeles", "facebook",
                 "fbclid", "IwZXh0bgNhZW0{:014x}", 7, 1, (2, 28)),
        Platform("tiktok_ads", 7_180_402_216_033, "GBP", "Europe/London", "tiktok",
                 "ttclid", "E.C.P.{:014x}", 7, 1, (2, 14)),
        Platform("microsoft_ads", 142_008_673, "EUR", "Europe/Paris", "bing",
                 "msclkid", "{:032x}", 30, 0, (2, 30)),
    )
}  # fmt: skip


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
    micros: int  # cost of a click (search, shopping) or of a thousand impressions, in the account's
    ends: float = 1.0  # share of the horizon after which it is removed
    platform: str = "google_ads"

    @property
    def channel(self) -> str:
        """The warehouse's."""
        named = {"SEARCH": "paid_search", "SOCIAL": "paid_social"}
        return named.get(self.channel_type, self.channel_type.lower())

    @property
    def pays_clicks(self) -> bool:
        return self.channel_type in ("SEARCH", "SHOPPING")

    @property
    def medium(self) -> str:
        return "cpc" if self.pays_clicks else self.channel


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
    Campaign("Prospecting - Lookalikes", "SOCIAL", "prospecting", 4.0, 0.012, 0.08, 0.05,
             0.004, 0.012, 30, 9_500_000, platform="meta_ads"),
    Campaign("Retargeting - Cart", "SOCIAL", "retargeting", 2.2, 0.03, 0.04, 0.02,
             0.001, 0.003, 12, 14_000_000, platform="meta_ads"),
    Campaign("Video Views - Lookbook", "SOCIAL", "lookbook", 3.2, 0.006, 0.05, 0.06,
             0.002, 0.02, 45, 5_500_000, platform="tiktok_ads"),
    Campaign("Bing - Generic", "SEARCH", "bing-generic", 0.5, 0.13, 0.17, 0.12, 0, 0, 5,
             1_100_000, platform="microsoft_ads"),
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
    visit_cause: Ints
    visit_day: Ints  # local day of the person

    def with_visits(self, person: Ints, cause: Ints, day: Ints) -> Effects:
        """With visits that something else caused."""
        return replace(
            self,
            visit_person=np.r_[self.visit_person, person],
            visit_cause=np.r_[self.visit_cause, cause],
            visit_day=np.r_[self.visit_day, day],
        )


def in_use(platforms: Collection[str]) -> list[int]:
    """The campaigns on these platforms."""
    return [index for index, campaign in enumerate(CAMPAIGNS) if campaign.platform in platforms]


def campaign_nos(seed: int) -> Ints:
    return 21_000_000_000 + scramble(np.arange(len(CAMPAIGNS)), "campaign", seed, 30)


def active_days(index: int, horizon: Horizon) -> int:
    """A campaign runs on the days ``[0, active_days)``."""
    return max(1, int(horizon.total * CAMPAIGNS[index].ends))


def make_exposures(chunk: Chunk, demand: Floats) -> Exposures:
    """Planned advertising: in proportion to a person's attention and the day's demand."""
    people, horizon, rng = chunk.people, chunk.horizon, chunk.rng("ads")
    parts: list[tuple[Ints, Ints, Ints, Bools]] = []
    for index in in_use(chunk.platforms):
        campaign, zone = CAMPAIGNS[index], chunk.campaign_zone[index]
        days = active_days(index, horizon)
        seen = rng.poisson(campaign.reach * people.attention * days / 120)
        person = np.repeat(np.arange(people.count), seen)
        day = draw_days(rng, demand[:days], person.size)
        shown = ~chunk.holdouts.rests(campaign.channel, chunk.region[person], day)
        person, day = person[shown], day[shown]
        at = horizon.utc(people.zone[person], day, draw_web_times(rng, person.size))
        is_click = rng.random(person.size) < campaign.click_rate
        # East of London the first day begins, and west of it the last day ends, outside the world;
        # and the account's days, not the person's, begin and end a campaign.
        begins, ends = horizon.utc(zone, np.array([0, days]), np.zeros(2, np.int64)).tolist()
        within = (at >= max(begins, horizon.start_us)) & (at < min(ends, horizon.end_us))
        parts.append(
            (person[within], np.full(person.size, index)[within], at[within], is_click[within])
        )
    nothing = np.zeros(0, np.int64)
    parts.append((nothing, nothing, nothing, nothing.astype(bool)))
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
        visit_cause=exposures.campaign[visits][soon],
        visit_day=day[soon],
    )


def click_ids(chunk: Chunk, campaign: Ints, keys: Ints) -> Texts:
    """What the platforms add to the links that were clicked."""
    numbers = scramble((chunk.number << 28) + keys, "gclid", chunk.seed, 56).tolist()
    forms = [PLATFORMS[each.platform].click_id.format for each in CAMPAIGNS]
    ids = np.empty(keys.size, dtype=object)
    ids[:] = [forms[c](n) for c, n in zip(campaign.tolist(), numbers, strict=True)]
    return ids


@dataclass
class Ledger:
    """What the platforms add up over all chunks: arrays ``[campaign, account day]``."""

    exposures: Ints
    clicks: Ints
    claims: Floats
    view_claims: Floats  # of the claims, those for a view alone
    claimed_eur_minor: Floats

    @classmethod
    def empty(cls, horizon: Horizon) -> Ledger:
        shape = (len(CAMPAIGNS), horizon.total)
        exposures, clicks = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        return cls(exposures, clicks, *(np.zeros(shape) for _ in range(3)))

    def count(self, exposures: Exposures, account_day: Ints) -> None:
        inside = (account_day >= 0) & (account_day < self.clicks.shape[1])
        np.add.at(self.exposures, (exposures.campaign[inside], account_day[inside]), 1)
        inside &= exposures.key >= 0
        np.add.at(self.clicks, (exposures.campaign[inside], account_day[inside]), 1)

    def claim(
        self, exposures: Exposures, account_day: Ints, person: Ints, at: Ints, value_eur: Ints
    ) -> None:
        """Each platform's own attribution: its last click in so many days, else its last view.

        It claims on the day of the ad, knows no other platform and takes the whole order: two may
        claim one.
        """
        named = np.array([each.platform for each in CAMPAIGNS])[exposures.campaign]
        for platform in PLATFORMS.values():
            theirs = (named == platform.name) & (exposures.campaign != BARREN)
            unclaimed = np.ones(at.size, dtype=bool)
            for is_click, window in ((True, platform.click_days), (False, platform.view_days)):
                touches = np.flatnonzero(theirs & ((exposures.key >= 0) == is_click))
                touch = _last_touch(exposures, touches, person, at)
                near = (touch >= 0) & unclaimed & (at - exposures.at[touch] <= window * DAY)
                day = account_day[touch]
                near &= (day >= 0) & (day < self.claims.shape[1])
                unclaimed &= ~near
                where = (exposures.campaign[touch[near]], day[near])
                np.add.at(self.claims, where, 1.0)
                np.add.at(self.claimed_eur_minor, where, value_eur[near].astype(float))
                if not is_click:
                    np.add.at(self.view_claims, where, 1.0)


def _last_touch(exposures: Exposures, touches: Ints, person: Ints, at: Ints) -> Ints:
    """Of ``touches`` the person's last one by then, to the minute; -1: none."""
    if not touches.size:
        return np.full(at.size, -1)
    touches = touches[np.lexsort((exposures.at[touches], exposures.person[touches]))]
    # One sortable number per (person, minute): minutes since the epoch stay below 2**36.
    keys = exposures.person[touches] * (1 << 36) + exposures.at[touches] // MINUTE
    found = np.searchsorted(keys, person * (1 << 36) + at // MINUTE, side="right") - 1
    touch = touches[np.maximum(found, 0)]
    return np.where((found >= 0) & (exposures.person[touch] == person), touch, -1)


def write_clicks(chunk: Chunk, exposures: Exposures) -> None:
    """The clicks as the accounts list them, and all exposures as the truth."""
    tables, people, horizon = chunk.tables, chunk.people, chunk.horizon
    numbers = campaign_nos(chunk.seed)
    is_click = exposures.key >= 0
    click_id = np.full(exposures.at.size, None, dtype=object)
    click_id[is_click] = click_ids(chunk, exposures.campaign[is_click], exposures.key[is_click])
    tables.add(
        "exposures",
        person_id=people.id[exposures.person],
        campaign_no=numbers[exposures.campaign],
        exposed_at=exposures.at,
        is_click=is_click,
        click_id=click_id,
    )
    clicks = np.flatnonzero(is_click)
    clicks = clicks[np.argsort(exposures.at[clicks], kind="stable")]
    listed = chunk.rng("click list").random(clicks.size) >= chunk.noise.unlisted_click
    clicks = clicks[listed]
    person, at, campaign = (
        part[clicks] for part in (exposures.person, exposures.at, exposures.campaign)
    )
    tables.add(
        "ad_clicks",
        click_id=click_id[clicks],
        platform=pick([each.platform for each in CAMPAIGNS], campaign),
        campaign_no=numbers[campaign],
        clicked_at=at,
        date=horizon.day(chunk.campaign_zone[campaign], at) + horizon.epoch_day,
        region_code=chunk.region[person],
        device=np.where(exposures.key[clicks] % 3 > 0, "MOBILE", "DESKTOP").astype(object),
    )


def write_campaigns(
    tables: Tables, horizon: Horizon, platforms: Collection[str], seed: int
) -> None:
    for name in platforms:
        platform = PLATFORMS[name]
        tables.add(
            "ad_accounts",
            platform=name,
            account_no=platform.account_no,
            account_name="O2O Retail",
            currency_code=platform.currency_code,
            time_zone=platform.time_zone,
        )
    numbers = campaign_nos(seed)
    for index in in_use(platforms):
        campaign, days = CAMPAIGNS[index], active_days(index, horizon)
        removed = horizon.start + timedelta(days=days) if days < horizon.total else None
        tables.add(
            "campaigns",
            campaign_no=int(numbers[index]),
            platform=campaign.platform,
            account_no=PLATFORMS[campaign.platform].account_no,
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
    tables: Tables,
    ledger: Ledger,
    horizon: Horizon,
    platforms: Collection[str],
    rng: np.random.Generator,
    seed: int,
) -> None:
    """Daily reports, first as the platform guesses them and later as it settles them."""
    numbers = campaign_nos(seed)
    for index in in_use(platforms):
        campaign = CAMPAIGNS[index]
        platform = PLATFORMS[campaign.platform]
        days = np.arange(active_days(index, horizon))
        exposures, clicks = ledger.exposures[index][days], ledger.clicks[index][days]
        impressions = np.maximum(
            rng.poisson(exposures * campaign.impressions_per_exposure), clicks
        ).astype(np.int64)
        units = clicks if campaign.pays_clicks else impressions / 1000
        cost = np.rint(units * campaign.micros * rng.uniform(0.9, 1.1, days.size))
        # Invalid clicks are credited later; now and then a late click is charged.
        restated = np.where(rng.random(days.size) < 0.5, rng.uniform(0.96, 1.01, days.size), 1.0)
        estimated = rng.uniform(1.05, 1.25, days.size)
        claims = np.round(ledger.claims[index][days] * estimated, 2)
        views = np.round(ledger.view_claims[index][days] * estimated, 2)
        claimed = ledger.claimed_eur_minor[index][days] / platform.eur_per_unit
        value = np.round(claimed * 1.1 / 100, 2)
        known = rng.uniform(0.55, 0.9, days.size)
        first, last = platform.settles
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
            view_conversions_initial=np.round(views * known, 2),
            view_conversions_final=views,
            settled_on=days + horizon.epoch_day + rng.integers(first, last + 1, days.size),
        )
