"""What the shops' beacons, networks, tags and door counters notice of whoever comes or passes."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from demo.world.accounts import Accounts
from demo.world.behaviour import ORGANIC, Visits
from demo.world.campaigns import campaign_nos
from demo.world.chunk import Chunk
from demo.world.horizon import DAY, HOUR, MINUTE, SECOND, Horizon
from demo.world.ids import Bools, Ints, Texts, scramble, texts
from demo.world.people import app_devices
from demo.world.places import Shops
from demo.world.registers import STAFF, works
from demo.world.tables import NEVER, Tables, pick

_TYPES: list[str] = [
    f"user.{did}_{place}"
    for place in ("beacon", "geofence")
    for did in ("entered", "dwelled_in", "exited")
]
SIGNALS = ["beacon", "wifi", "app_location", "nfc"]
_BEACON, _WIFI, _POSITION, _TAP = range(4)
# How often, of twenty visits, another signal than the beacon notices the phone.
_NOTICED_BY = np.array([_WIFI] * 3 + [_POSITION] * 2 + [_TAP] + [_BEACON] * 14)
_AHEAD = 5 * 365 * DAY


@dataclass(frozen=True)
class Phones:
    """Of each visit: the phone that carries the app and is heard, and who is logged in there."""

    device: Texts  # None: no such phone
    customer_no: Ints  # NEVER: nobody


def write_visits(chunk: Chunk, accounts: Accounts, visits: Visits) -> tuple[Ints, Phones]:
    """Truth of all visits, and the pings of phones that carry the shop's app. Answers visit ids and
    phones."""
    people, tables, seed = chunk.people, chunk.tables, chunk.seed
    rng, n = chunk.rng("sensors"), visits.person.size
    second = (people.app[visits.person, 1] >= 0) & (rng.random(n) < 0.4)
    phone = people.app[visits.person, second.astype(int)]
    pings = (phone >= 0) & (rng.random(n) < 0.92)  # Bluetooth may be off
    device = app_devices(np.maximum(phone, 0), seed)
    device[~pings] = None
    logged_in = pings & (people.id[visits.person] % 5 < 3)
    logged_in &= (accounts.web[visits.person, 0] >= 0) & (
        accounts.web_created[visits.person, 0] <= visits.arrived
    )
    user = texts("{}", accounts.web[visits.person, 0])
    user[~logged_in] = None
    ids = scramble(chunk.keys(n), "visit", seed, 52)
    campaign = campaign_nos(seed)[visits.cause]
    tables.add(
        "visits",
        visit_id=ids,
        person_id=people.id[visits.person],
        shop_no=visits.shop + 1,
        device_id=device,
        arrived_at=visits.arrived,
        left_at=visits.left,
        is_staff=False,
        is_pass_by=visits.is_pass_by,
        cause_campaign_no=np.where(visits.cause >= 0, campaign, NEVER),
    )
    _write_pings(
        tables,
        rng,
        visits.take(pings),
        device[pings],
        user[pings],
        chunk.shops,
        _noticed_by(visits.take(pings)),
        chunk.number << 28,
        4,
        seed,
        chunk.noise.wrong_clock,
    )
    return ids, Phones(device, np.where(logged_in, accounts.web[visits.person, 0], NEVER))


def _noticed_by(visits: Visits) -> Ints:
    """The signal of each visit; by arithmetic, so that no other random number moves."""
    signal = _NOTICED_BY[(visits.person * 7 + visits.arrived // MINUTE) % _NOTICED_BY.size]
    # Nobody holds a phone to a tag in passing.
    return np.where(visits.is_pass_by & (signal == _TAP), _BEACON, signal)


def _write_pings(
    tables: Tables,
    rng: np.random.Generator,
    visits: Visits,
    device: Texts,
    user: Texts,
    shops: Shops,
    signal: Ints,
    first_key: int,
    every_minutes: int,
    seed: int,
    wrong_clock: float = 0.0,
) -> None:
    """Enter, dwell every few minutes, exit; a few are missed, some reach the server late.

    A tap is the first of a visit's pings; the beacon has heard the others.
    """
    length = visits.left - visits.arrived
    count = 2 + length // (every_minutes * MINUTE)
    count = np.where(visits.is_pass_by, 1 + (length > 40 * SECOND), count)
    visit = np.repeat(np.arange(count.size), count)
    rank = np.arange(visit.size) - (np.cumsum(count) - count)[visit]
    last = rank == count[visit] - 1
    share = rank / np.maximum(count[visit] - 1, 1)
    at = visits.arrived[visit] + (share * length[visit]).astype(np.int64)
    at += rng.integers(0, 8, visit.size) * SECOND * (rank == 0)
    passing = visits.is_pass_by[visit]
    kind = np.where(rank == 0, 0, np.where(last & ~passing, 2, 1))
    kind = np.where(passing, np.where(rank == 0, 0, 2), kind)
    kept = (rng.random(visit.size) > 0.04) | (count[visit] < 3)
    order = np.flatnonzero(kept)
    order = order[np.argsort(at[order], kind="stable")]
    visit, at, kind, passing = visit[order], at[order], kind[order], passing[order]
    shop = visits.shop[visit]
    n = visit.size
    # A phone keeps its wrong clock.
    ahead = np.array([crc32(one.encode()) for one in device.tolist()]) < wrong_clock * 2**32
    late = rng.random(n) < 0.03
    delay = np.where(late, rng.integers(300, 86_000, n), rng.integers(1, 40, n))
    rssi = np.where(passing, rng.normal(-87, 4, n), rng.normal(-63, 7, n))
    noticed = np.where((signal[visit] == _TAP) & (kind > 0), _BEACON, signal[visit])
    has_strength = (noticed == _BEACON) | (noticed == _WIFI)
    tables.add(
        "pings",
        ping_id=texts("{:015x}", scramble(first_key + order, "ping", seed, 60)),
        device_id=device[visit],
        user_id=user[visit],
        shop_no=shop + 1,
        signal=pick([*SIGNALS], noticed),
        beacon_id=pick([*shops.beacons], shop),
        observed_at=at + ahead[visit] * _AHEAD,
        received_at=at + delay * SECOND,
        rssi=np.where(has_strength, np.clip(np.rint(rssi), -99, -35).astype(np.int64), NEVER),
        accuracy_m=np.round(np.where(passing, 18.0, 6.0) * rng.lognormal(0, 0.4, n), 1),
        latitude=np.round(shops.latitude[shop] + rng.normal(0, 0.00004, n), 6),
        longitude=np.round(shops.longitude[shop] + rng.normal(0, 0.00004, n), 6),
        event_type=pick([*_TYPES], kind + 3 * (noticed == _POSITION)),
    )


def write_staff(
    tables: Tables,
    rng: np.random.Generator,
    shops: Shops,
    shop_zone: Ints,
    horizon: Horizon,
    seed: int,
) -> Visits:
    """Staff carry the app too: two of three per shop work each open day, from open to close."""
    shop, day, who = (
        grid.ravel()
        for grid in np.meshgrid(
            np.arange(shops.count),
            np.arange(horizon.total),
            np.arange(STAFF),
            indexing="ij",
        )
    )
    at_work = works(who, day)
    at_work &= (horizon.weekday(day) != 6) | (shops.open_sunday[shop] == 1)
    shop, day, who = shop[at_work], day[at_work], who[at_work]
    early = rng.integers(5, 25, shop.size)
    arrived = horizon.utc(shop_zone[shop], day, (shops.open_minute[shop] - early) * MINUTE)
    left = horizon.utc(shop_zone[shop], day, (shops.close_minute[shop] + early) * MINUTE)
    nobody: Bools = np.zeros(shop.size, dtype=bool)
    key = shop * STAFF + who
    device = app_devices((1 << 50) + key, seed)
    visits = Visits(key, shop, arrived, left, nobody, np.full(shop.size, ORGANIC), nobody)
    tables.add(
        "visits",
        visit_id=scramble((1 << 50) + np.arange(shop.size), "visit", seed, 52),
        person_id=None,
        shop_no=shop + 1,
        device_id=device,
        arrived_at=arrived,
        left_at=left,
        is_staff=True,
        is_pass_by=False,
        cause_campaign_no=None,
    )
    everyone = np.unique(device.astype(str)).astype(object)
    tables.add("identifiers", system="app_device", record_id=everyone, person_id=None)
    no_user = np.full(shop.size, None, dtype=object)
    by_beacon = np.full(shop.size, _BEACON)
    _write_pings(tables, rng, visits, device, no_user, shops, by_beacon, 1 << 50, 60, seed)
    return visits


def count_doors(doors: Ints, visits: Visits, horizon: Horizon) -> None:
    """Add arrivals and departures to ``doors[shop, hour, in|out]``."""
    entered = visits.take(~visits.is_pass_by)
    for side, at in enumerate((entered.arrived, entered.left)):
        hour = (at - horizon.start_us) // HOUR + 24
        inside = (hour >= 0) & (hour < doors.shape[1])
        np.add.at(doors, (entered.shop[inside], hour[inside], side), 1)


def empty_doors(shops: Shops, horizon: Horizon) -> Ints:
    """From one day before the start, which is when day 0 begins in Asia."""
    return np.zeros((shops.count, (horizon.total + 2) * 24, 2), dtype=np.int64)


def write_doors(
    tables: Tables,
    rng: np.random.Generator,
    shops: Shops,
    shop_zone: Ints,
    horizon: Horizon,
    doors: Ints,
) -> None:
    """Hourly counts with a counter's noise: it misses some and counts passers-by and prams."""
    for shop in range(shops.count):
        start = horizon.start_us - DAY + np.arange(doors.shape[1]) * HOUR
        zone = np.full(start.size, shop_zone[shop])
        day = horizon.day(zone, start)
        minute = (horizon.local(zone, start) % DAY) // MINUTE
        is_open = (minute + 60 > shops.open_minute[shop] - 30) & (
            minute < shops.close_minute[shop] + 30
        )
        is_open &= (horizon.weekday(day) != 6) | bool(shops.open_sunday[shop])
        kept = (day >= 0) & (day < horizon.total)
        counted = []
        for side in (0, 1):
            true = doors[shop, :, side]
            noise = rng.binomial(true, 0.02) - rng.poisson(0.4 + 0.02 * true)
            counted.append(np.where(is_open, np.maximum(true - noise, 0), 0)[kept])
        late = np.where(rng.random(start.size) < 0.01, rng.integers(3, 40, start.size), 0)
        tables.add(
            "door_counts",
            counter_serial=shops.counters[shop],
            shop_no=shop + 1,
            interval_start=start[kept],
            interval_end=start[kept] + HOUR,
            in_count=counted[0],
            out_count=counted[1],
            updated_at=(start + HOUR + late * HOUR + 2 * MINUTE)[kept],
        )


def tablets(tables: Tables, people_clients: Texts) -> None:
    """The shops' tablets are browsers of nobody in particular."""
    tables.add("identifiers", system="ga_client", record_id=people_clients, person_id=None)
