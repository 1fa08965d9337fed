"""Makes a world, one chunk of people after the other: memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from demo.world import (
    accounts,
    app,
    behaviour,
    beside,
    bookings,
    campaigns,
    coupons,
    enquiries,
    events,
    in_store,
    messages,
    nobody,
    orders,
    registers,
    sensors,
    staff,
    stock,
    surveys,
    tills,
)
from demo.world.chunk import Chunk
from demo.world.constants import (
    ACCOUNT_TIME_ZONE,
    DEFAULT_DAYS,
    DEFAULT_EXTRA_DAYS,
    DEFAULT_PERSONS,
    DEFAULT_SEED,
    DEFAULT_SHOPS,
    DEFAULT_START,
)
from demo.world.experiments import Holdouts, write_experiments
from demo.world.horizon import SHOP_WEEK, WEB_WEEK, Horizon
from demo.world.ids import Ints, stream, texts
from demo.world.noise import DEFAULT_NOISE, LEVELS, Noise, NoiseLevel
from demo.world.people import client_ids, make_people, write_devices, write_people
from demo.world.places import (
    Products,
    Shops,
    make_products,
    make_shops,
    write_products,
    write_shops,
)
from demo.world.tables import NEVER, Tables
from demo.world.verticals import SCHEMA_FILE, VERTICALS, Outcome

CHUNK = 50_000  # people; part of the world's definition: another size draws other numbers
_GLOBAL = -1  # the chunk number of what belongs to no chunk


@dataclass
class _World:
    """What all chunks share, and what they add up to."""

    tables: Tables
    seed: int
    noise: Noise
    shops: Shops
    shop_zone: Ints
    products: Products
    horizon: Horizon
    account_zone: int
    platforms: tuple[str, ...]
    has_web_shop_tills: bool
    vertical: str
    campaign_zone: Ints
    holdouts: Holdouts
    ledger: campaigns.Ledger
    doors: Ints
    effects: Ints  # [campaign, 0: orders, 1: EUR minor, 2: visits]

    def account_day(self, exposures: campaigns.Exposures) -> Ints:
        """The day of each ad on its account's clock."""
        return self.horizon.day(self.campaign_zone[exposures.campaign], exposures.at)

    def claim(
        self, exposures: campaigns.Exposures, person: Ints, at: Ints, value_eur: Ints
    ) -> None:
        """The platforms count what they take for their own."""
        self.ledger.claim(exposures, self.account_day(exposures), person, at, value_eur)


def generate(
    out_dir: Path,
    persons: int = DEFAULT_PERSONS,
    days: int = DEFAULT_DAYS,
    extra_days: int = DEFAULT_EXTRA_DAYS,
    seed: int = DEFAULT_SEED,
    start: date = DEFAULT_START,
    shops: int = DEFAULT_SHOPS,
    noise: NoiseLevel = DEFAULT_NOISE,
    platforms: Iterable[str] = tuple(campaigns.PLATFORMS),
    has_web_shop_tills: bool = True,
    vertical: str = "",
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write ``world.duckdb`` and ``truth.duckdb`` into ``out_dir``; the same arguments, same rows.

    ``platforms``: where the company advertises. ``has_web_shop_tills``: its web shop's system runs
    tills, too, which also take back what was sent. ``vertical``: one of ``VERTICALS`` in place of
    shops. ``on_progress(done, total)`` counts persons. Raises ValueError for sizes out of range and
    for a platform or a vertical that nobody knows.
    """
    for name, value, most in (
        ("persons", persons, 1 << 24),
        ("days", days, 1500),
        ("shops", shops, 500),
    ):
        if not 1 <= value <= most:
            raise ValueError(f"{name} must be between 1 and {most:,}, not {value}")
    if extra_days < 0:
        raise ValueError(f"extra_days must not be negative, not {extra_days}")
    if seed < 0:
        raise ValueError(f"seed must not be negative, not {seed}")
    asked = {*platforms}
    if unknown := asked - {*campaigns.PLATFORMS}:
        raise ValueError(
            f"no platform is called {', '.join(sorted(unknown))};"
            f" there are {', '.join(campaigns.PLATFORMS)}"
        )
    platforms = tuple(name for name in campaigns.PLATFORMS if name in asked)
    if vertical and vertical not in VERTICALS:
        raise ValueError(f"no vertical is called {vertical!r}; there are {', '.join(VERTICALS)}")
    with Tables(out_dir, SCHEMA_FILE if vertical else None) as tables:
        world = _prepare(
            tables,
            seed,
            LEVELS[noise],
            start,
            days + extra_days,
            shops,
            platforms,
            has_web_shop_tills,
            vertical,
        )
        tables.add(
            "world_info",
            start_date=start,
            days=days,
            extra_days=extra_days,
            population=persons,
            shop_count=shops,
            seed=seed,
            noise=noise,
            platforms=";".join(platforms),
        )
        for chunk, first in enumerate(range(0, persons, CHUNK)):
            count = min(CHUNK, persons - first)
            _add_chunk(world, chunk, first, count)
            if on_progress:
                on_progress(first + count, persons)
        _finish(world)


def _prepare(
    tables: Tables,
    seed: int,
    rates: Noise,
    start: date,
    total: int,
    shop_count: int,
    platforms: tuple[str, ...],
    has_web_shop_tills: bool,
    vertical: str,
) -> _World:
    shops = make_shops(shop_count)
    accounts_at = {platform.time_zone for platform in campaigns.PLATFORMS.values()}
    zones = sorted({*shops.zones, *accounts_at, ACCOUNT_TIME_ZONE})
    horizon = Horizon(start, total, zones)
    products = make_products(stream(seed, _GLOBAL, "products"), horizon)
    used = campaigns.in_use(platforms)
    channels = [*dict.fromkeys(campaigns.CHANNELS[index] for index in used), "email"]
    holdouts = Holdouts(shops, horizon, channels, stream(seed, _GLOBAL, "holdouts"))
    write_shops(tables, shops, horizon, seed)
    write_products(tables, products)
    coupons.write_coupons(tables, horizon)
    enquiries.write_campaigns(tables, horizon)
    surveys.write_surveys(tables, horizon)
    messages.write_campaigns(tables, horizon, zones.index(ACCOUNT_TIME_ZONE))
    registers.write_devices(tables, shops, horizon)
    registers.write_staff(tables, shops, horizon, seed)
    campaigns.write_campaigns(tables, horizon, platforms, seed)
    write_experiments(tables, holdouts, horizon)
    sensors.tablets(tables, client_ids(np.arange(shops.count), "tablet", seed))
    staff.write_log_ins(tables, shops, horizon, rates, seed)
    staff.write_walk_ins(tables, shops, horizon, rates, seed)
    shop_zone = np.array([zones.index(zone) for zone in shops.zones])
    doors = sensors.empty_doors(shops, horizon)
    at_work = sensors.write_staff(
        tables, stream(seed, _GLOBAL, "staff"), shops, shop_zone, horizon, seed
    )
    sensors.count_doors(doors, at_work, horizon)
    return _World(
        tables=tables,
        seed=seed,
        noise=rates,
        shops=shops,
        shop_zone=shop_zone,
        products=products,
        horizon=horizon,
        account_zone=zones.index(ACCOUNT_TIME_ZONE),
        platforms=platforms,
        has_web_shop_tills=has_web_shop_tills,
        vertical=vertical,
        campaign_zone=np.array(
            [
                zones.index(campaigns.PLATFORMS[campaign.platform].time_zone)
                for campaign in campaigns.CAMPAIGNS
            ]
        ),
        holdouts=holdouts,
        ledger=campaigns.Ledger.empty(horizon),
        doors=doors,
        effects=np.zeros((len(campaigns.CAMPAIGNS), 3), dtype=np.int64),
    )


def _add_chunk(world: _World, number: int, first_id: int, count: int) -> None:
    tables, seed, shops, horizon = world.tables, world.seed, world.shops, world.horizon
    people = make_people(number, first_id, count, shops, horizon, world.noise, seed)
    write_people(tables, people, shops)
    write_devices(tables, people, seed)
    chunk = Chunk(
        number=number,
        seed=seed,
        noise=world.noise,
        people=people,
        shops=shops,
        shop_zone=world.shop_zone,
        products=world.products,
        horizon=horizon,
        account_zone=world.account_zone,
        platforms=world.platforms,
        has_web_shop_tills=world.has_web_shop_tills,
        campaign_zone=world.campaign_zone,
        holdouts=world.holdouts,
        tables=tables,
    )

    web_demand, shop_demand = horizon.demand(WEB_WEEK), horizon.demand(SHOP_WEEK)
    exposures = campaigns.make_exposures(chunk, web_demand)
    effects = campaigns.make_effects(chunk, exposures)
    sessions = behaviour.make_sessions(chunk, exposures, effects, web_demand)
    effects = effects.with_visits(*messages.visits_caused(chunk, sessions))
    visits = behaviour.make_visits(chunk, effects, shop_demand)

    order_at = orders.order_times(chunk, sessions)
    known = accounts.make_accounts(chunk, sessions, order_at, visits)
    if world.vertical:
        _add_vertical(world, chunk, known, sessions, order_at, visits, exposures)
        return
    web, pick_ups = orders.write_orders(chunk, known, sessions, order_at)
    offline = tills.offline_hours(stream(seed, _GLOBAL, "offline"), shops.count, horizon.total)
    till, returns = tills.write_sales(chunk, known, visits, offline)
    enquiries.write_enquiries(chunk, known, sessions, web)
    messages.write_messages(chunk, known, sessions)
    beside.write_gift_cards(chunk, known, web)
    along = beside.write_bought_along(chunk, known, web)
    beside.write_tickets(chunk, till)
    booked = bookings.write_bookings(chunk, known, visits)
    visits = behaviour.join_visits([visits, pick_ups, returns])
    visit_id, phones = sensors.write_visits(chunk, known, visits)
    sensors.count_doors(world.doors, visits, horizon)
    _write_online(world, chunk, known, sessions, web, exposures)
    app.write_app_events(chunk, known, visits, phones, web)
    in_store.write_store_events(chunk, known, visits, phones, till, booked, web)
    in_store.write_calls(chunk, sessions, booked)
    surveys.write_answers(chunk, known, web, till, visits)
    world.claim(exposures, web.person, web.at, web.total_eur)

    entered = ~visits.is_pass_by
    for kind, record, person, cause, at, value in (
        ("web_order", texts("{}", web.order_no), web.person, web.cause, web.at, web.total_eur),
        ("till_order", till.order_id, till.person, till.cause, till.at, till.total_eur),
        ("till_order", along[0], along[1], np.full(along[1].size, behaviour.ORGANIC), *along[2:]),
        ("store_visit", texts("{}", visit_id[entered]), visits.person[entered],
         visits.cause[entered], visits.arrived[entered], np.zeros(int(entered.sum()), np.int64)),
        ("booking", booked.booking_id, booked.person, np.full(booked.at.size, behaviour.ORGANIC),
         booked.at, np.zeros(booked.at.size, np.int64)),
    ):  # fmt: skip
        _write_outcome(world, chunk, Outcome(kind, record, person, cause, at, value))


def _add_vertical(
    world: _World,
    chunk: Chunk,
    known: accounts.Accounts,
    sessions: behaviour.Sessions,
    order_at: Ints,
    visits: behaviour.Visits,
    exposures: campaigns.Exposures,
) -> None:
    """What a chunk does where there is another trade than a shop's."""
    traded = VERTICALS[world.vertical](chunk, known, sessions, order_at, visits)
    if traded.visits:
        sensors.count_doors(world.doors, traded.visits, world.horizon)
    _write_online(world, chunk, known, sessions, traded.sales, exposures, traded.is_shop)
    claimed = traded.claimed
    world.claim(exposures, claimed.person, claimed.at, claimed.value_eur)
    for outcome in traded.outcomes:
        _write_outcome(world, chunk, outcome)


def _write_online(
    world: _World,
    chunk: Chunk,
    known: accounts.Accounts,
    sessions: behaviour.Sessions,
    sales: orders.WebSales,
    exposures: campaigns.Exposures,
    is_shop: bool = True,
) -> None:
    """What web analytics and the ad platforms see of a chunk."""
    events.write_events(chunk, known, sessions, sales, is_shop)
    nobody.write_nobodys_sessions(chunk, sessions.at.size)
    campaigns.write_clicks(chunk, exposures)
    world.ledger.count(exposures, world.account_day(exposures))


# What an outcome adds to of a campaign's effects, if anything.
_ORDERS, _VISITS = 0, 2
_EFFECT = {
    "web_order": _ORDERS, "till_order": _ORDERS, "invoice": _ORDERS,
    "store_visit": _VISITS, "stay": _VISITS, "repeat_stay": _VISITS,
}  # fmt: skip


def _write_outcome(world: _World, chunk: Chunk, outcome: Outcome) -> None:
    cause = outcome.cause
    caused = cause >= 0
    names = np.array([*campaigns.CHANNELS, "sms", "email", "organic"], dtype=object)
    causes = np.array(
        ["campaign"] * len(campaigns.CHANNELS) + ["sms", "email", "organic"], dtype=object
    )
    world.tables.add(
        "conversions",
        kind=outcome.kind,
        record_id=outcome.record_id,
        person_id=chunk.people.id[outcome.person],
        cause=causes[cause],
        cause_campaign_no=np.where(caused, campaigns.campaign_nos(world.seed)[cause], NEVER),
        cause_channel=names[cause],
        occurred_at=outcome.at,
        value_eur_minor=outcome.value_eur,
    )
    if outcome.kind in _EFFECT:
        np.add.at(world.effects[:, _EFFECT[outcome.kind]], cause[caused], 1)
    np.add.at(world.effects[:, 1], cause[caused], outcome.value_eur[caused])


def _finish(world: _World) -> None:
    rng = stream(world.seed, _GLOBAL, "reports")
    campaigns.write_ad_daily(
        world.tables, world.ledger, world.horizon, world.platforms, rng, world.seed
    )
    sensors.write_doors(world.tables, rng, world.shops, world.shop_zone, world.horizon, world.doors)
    stock.write_stock(world.tables, world.products, world.shops, world.shop_zone, world.horizon)
    used = campaigns.in_use(world.platforms)
    world.tables.add(
        "campaign_effects",
        campaign_no=campaigns.campaign_nos(world.seed)[used],
        incremental_conversions=world.effects[used, 0],
        incremental_value_eur_minor=world.effects[used, 1],
        incremental_visits=world.effects[used, 2],
    )
