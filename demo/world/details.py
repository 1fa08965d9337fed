"""Birth dates and postal addresses: the person's own, and as a clerk or a form has them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from demo.world.horizon import DAY, Horizon
from demo.world.ids import Ints, Texts, scramble
from demo.world.tables import NEVER

_EPOCH = date(1970, 1, 1)
_MOVING_DAYS = 730  # a move lies in this time before the world's end
_HOUSES = 180
_NUMBER_LAST = (0, 4)  # Germany and Japan
_STREET_NAMES = [
    "Lindenstraße,Goethestraße,Bahnhofstraße,Gartenweg,Schillerstraße,Hauptstraße,Birkenweg,"
    "Mozartstraße,Am Markt,Bergstraße,Kirchgasse,Rosenweg",
    "Rue Victor Hugo,Avenue Jean Jaurès,Rue Pasteur,Rue de la Gare,Avenue Foch,Rue du Moulin,"
    "Rue des Écoles,Boulevard Voltaire,Rue de l'Église,Rue des Lilas,Allée des Tilleuls,Quai Nord",
    "High Street,Station Road,Church Lane,Victoria Road,Green Lane,Park Avenue,Mill Road,"
    "Queens Road,Albert Street,Kings Avenue,The Crescent,Manor Road",
    "Maple Street,Oak Avenue,Washington Street,Lake Road,Cedar Avenue,Elm Street,Sunset Boulevard,"
    "Lincoln Avenue,Pine Street,2nd Street,Hill Road,Jefferson Street",
    "Sakura-dori,Chuo,Midori-cho,Asahi,Minami,Honmachi,Kita-machi,Higashi,Nishi-dori,Hanazono,"
    "Aoba,Matsubara",
]
_STREETS = [names.split(",") for names in _STREET_NAMES]
_SHORT = [("straße", "str."), ("Street", "St"), ("Avenue", "Ave"), ("Road", "Rd"), ("Rue ", "R. ")]


def births(rng: np.random.Generator, house: Ints, horizon: Horizon) -> Ints:
    """Days since 1970-01-01. The second of a household is mostly a partner of like age, others are
    grown children; ``house`` numbers households and is sorted."""
    n = house.size
    head = np.searchsorted(house, house)
    order = np.arange(n) - head
    own = horizon.epoch_day - (rng.triangular(18, 38, 84, n) * 365.25).astype(np.int64)
    partner = own[head] + rng.integers(-7 * 365, 7 * 365, n)
    child = np.minimum(
        own[head] + rng.integers(22 * 365, 36 * 365, n),
        horizon.epoch_day - 15 * 365 - rng.integers(0, 900, n),
    )
    is_partner = (order == 1) & (rng.random(n) < 0.8)
    return np.where(order == 0, own, np.where(is_partner, partner, child))


def moves(rng: np.random.Generator, house: Ints, horizon: Horizon, share: float) -> Ints:
    """When each person's household moved, NEVER for most."""
    head = np.searchsorted(house, house)
    ago = rng.integers(0, _MOVING_DAYS, house.size)[head] * DAY
    return np.where((rng.random(house.size) < share)[head], horizon.end_us - ago, NEVER)


def streets(rng: np.random.Generator, home: Ints, country: Ints, seed: int) -> Texts:
    """Street and house number of homes, in the manner of the country, one in six abbreviated."""
    places = scramble(home, "address", seed, 26).tolist()
    short = rng.random(home.size) < 1 / 6
    out = np.empty(home.size, dtype=object)
    for i, (place, where) in enumerate(zip(places, country.tolist(), strict=True)):
        names = _STREETS[where]
        street, number = names[place % len(names)], place // len(names) % _HOUSES + 1
        if short[i]:
            for long, abbreviated in _SHORT:
                street = street.replace(long, abbreviated)
        out[i] = f"{street} {number}" if where in _NUMBER_LAST else f"{number} {street}"
    return out


def birth_dates(rng: np.random.Generator, birth: Ints, errors: float, is_checked: bool) -> Texts:
    """YYYY-MM-DD as recorded; a share of ``errors`` is wrong.

    A system that has the date checked takes only dates that exist; free text takes any.
    """
    drawn = rng.random(birth.size)
    shift = rng.integers(1, 10, birth.size)
    out = np.empty(birth.size, dtype=object)
    for i, days in enumerate(birth.tolist()):
        day = _EPOCH + timedelta(days=days)
        if drawn[i] >= errors:
            out[i] = day.isoformat()
        elif drawn[i] < errors / 2 and (day.day <= 12 or not is_checked):
            out[i] = f"{day.year}-{day.day:02d}-{day.month:02d}"
        else:  # a wrong digit: another year of the same decade
            year = day.year // 10 * 10 + (day.year + int(shift[i])) % 10
            out[i] = f"{year}-{day.month:02d}-{min(day.day, 28):02d}"
    return out
