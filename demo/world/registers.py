"""What stands on a shop's counters and who stands behind them: devices and staff."""

from __future__ import annotations

import unicodedata

import numpy as np

from demo.world.horizon import DAY, Horizon
from demo.world.ids import Ints, Texts, stream, texts
from demo.world.people import draw_names
from demo.world.places import LONG_AGO, Shops
from demo.world.tables import NEVER, Tables

TILLS = 3  # of a shop; the last is carried about
STAFF = 3  # of a shop, two of whom work on each day
_LEAVES_EVERY = 4  # shops: in one of so many somebody leaves, and somebody else comes
_GLOBAL = -1


def device_no(shop: Ints, place: Ints) -> Ints:
    """``place`` counts a shop's tills from 0; behind them comes its kiosk."""
    return 1 + shop * (TILLS + 1) + place


def write_devices(tables: Tables, shops: Shops, horizon: Horizon) -> None:
    """Three tills and a kiosk per shop."""
    shop, place = (grid.ravel() for grid in np.indices((shops.count, TILLS + 1)))
    kinds = np.array(["register"] * (TILLS - 1) + ["handheld", "kiosk"], dtype=object)
    names = [f"Till {n + 1}" for n in range(TILLS)] + ["Kiosk"]
    tables.add(
        "till_devices",
        device_no=device_no(shop, place),
        shop_no=shop + 1,
        name=np.array([f"{code} {name}" for code in shops.codes for name in names], dtype=object),
        kind=kinds[place],
        added_at=np.full(shop.size, horizon.start_us - LONG_AGO),
    )


def works(who: Ints, day: Ints) -> np.ndarray:
    """Which of a shop's staff, counted from 0, work on a day of the world."""
    return (day + who) % STAFF > 0


def served_by(shop: Ints, day: Ints, key: Ints, horizon: Horizon) -> Ints:
    """The staff_no of one of those who work on that day; ``key`` says which."""
    who = (1 + key % 2 - day) % STAFF
    came = (who == STAFF - 1) & (shop % _LEAVES_EVERY == 0) & (day >= _change(horizon))
    return 1 + shop * (STAFF + 1) + np.where(came, STAFF, who)


def _change(horizon: Horizon) -> int:
    """The day on which one person's work is taken over by another."""
    return horizon.total // 2


def write_staff(tables: Tables, shops: Shops, horizon: Horizon, seed: int) -> None:
    """The first of each shop is its manager."""
    rng = stream(seed, _GLOBAL, "staff records")
    shop, who = (grid.ravel() for grid in np.indices((shops.count, STAFF + 1)))
    changes = shop % _LEAVES_EVERY == 0
    there = (who < STAFF) | changes
    shop, who, changes = shop[there], who[there], changes[there]
    given, family = draw_names(rng, shops.country[shop])
    change = horizon.start_us + _change(horizon) * DAY
    tables.add(
        "staff",
        staff_no=1 + shop * (STAFF + 1) + who,
        shop_no=shop + 1,
        given_name=given,
        family_name=family,
        email=_addresses(given, family, shop, who),
        role=np.where(who == 0, "manager", "assistant").astype(object),
        hired_at=np.where(
            who == STAFF, change - DAY, horizon.start_us - rng.integers(30, 400, who.size) * DAY
        ),
        left_at=np.where(changes & (who == STAFF - 1), change + DAY, NEVER),
    )


def _addresses(given: Texts, family: Texts, shop: Ints, who: Ints) -> Texts:
    number = texts("{:d}", shop * (STAFF + 1) + who + 1)
    names = [f"{first}.{last}" for first, last in zip(given, family, strict=True)]
    plain = [
        unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() for name in names
    ]
    mailboxes = [f"{name.lower()}{n}" for name, n in zip(plain, number, strict=True)]
    return np.array([f"{box}@northwind-vale.example" for box in mailboxes], dtype=object)
