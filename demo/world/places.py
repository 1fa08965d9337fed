"""Countries, currencies, shops and the products they sell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.horizon import DAY, Horizon
from demo.world.ids import Floats, Ints, Texts, scramble, texts
from demo.world.tables import NEVER, Tables

# code, exponent, EUR per unit
CURRENCIES = [("EUR", 2, 1.0), ("GBP", 2, 1.16), ("USD", 2, 0.92), ("JPY", 0, 0.0061)]
EXPONENTS = np.array([exponent for _, exponent, _ in CURRENCIES])
EUR_CENTS_PER_MINOR = np.array([100 * rate / 10**exponent for _, exponent, rate in CURRENCIES])

# code, currency index, tax rate in per mille, mobile phone prefix before eight digits
COUNTRIES = [
    ("DE", 0, 190, "+49151"),
    ("FR", 0, 200, "+336"),
    ("GB", 1, 200, "+4477"),
    ("US", 2, 80, "+131"),
    ("JP", 3, 100, "+8190"),
]
COUNTRY_CODES = [code for code, *_ in COUNTRIES]
COUNTRY_CURRENCY = np.array([currency for _, currency, _, _ in COUNTRIES])
TAX_PER_MILLE = np.array([tax for _, _, tax, _ in COUNTRIES])

# city, street, postal code, region, country index, zone, latitude, longitude
_SITES = [
    ("Berlin", "Friedrichstraße 82", "10117", "DE-BE", 0, "Europe/Berlin", 52.5170, 13.3889),
    ("Paris", "Rue de Rivoli 104", "75001", "FR-IDF", 1, "Europe/Paris", 48.8590, 2.3440),
    ("London", "Oxford Street 214", "W1C 1DA", "GB-LND", 2, "Europe/London", 51.5154, -0.1410),
    ("New York", "Broadway 560", "10012", "US-NY", 3, "America/New_York", 40.7240, -73.9980),
    ("Tokyo", "Jingumae 5-10", "150-0001", "JP-13", 4, "Asia/Tokyo", 35.6670, 139.7060),
    ("Munich", "Kaufingerstraße 9", "80331", "DE-BY", 0, "Europe/Berlin", 48.1380, 11.5720),
    ("Los Angeles", "Melrose Ave 8101", "90046", "US-CA", 3, "America/Los_Angeles", 34.0836,
     -118.3650),
    ("Hamburg", "Mönckebergstraße 7", "20095", "DE-HH", 0, "Europe/Berlin", 53.5510, 10.0010),
    ("Manchester", "Market Street 48", "M1 1PW", "GB-MAN", 2, "Europe/London", 53.4820,
     -2.2400),
    ("Lyon", "Rue de la République 31", "69002", "FR-ARA", 1, "Europe/Paris", 45.7620, 4.8360),
    ("Cologne", "Schildergasse 55", "50667", "DE-NW", 0, "Europe/Berlin", 50.9360, 6.9530),
    ("Osaka", "Shinsaibashisuji 1-8", "542-0085", "JP-27", 4, "Asia/Tokyo", 34.6730, 135.5010),
]  # fmt: skip
_HOURS = [(600, 1200), (600, 1170), (570, 1200), (600, 1260), (660, 1260), (570, 1200)]
LONG_AGO = 400 * DAY  # before the world's start
_RENAMED = 1  # index of the shop that gets another name

CATEGORIES = ["Coats", "Dresses", "Shirts", "Trousers", "Knitwear", "Shoes", "Bags", "Accessories"]
_SIZES = ["S–M", "L–XL"]  # of what is worn; bags and accessories have none
_WORN = 6  # categories
_REPLACED, _CHEAPER_AT_TILLS = 8, 10  # products
_ADJECTIVES = ["Classic", "Linen", "Merino", "Relaxed", "Slim", "Everyday", "Studio", "Harbour"]


@dataclass(frozen=True)
class Shops:
    """One entry per shop; ``no`` is 1-based, indices elsewhere are 0-based into these arrays."""

    no: Ints
    codes: list[str]
    cities: list[str]
    postal_codes: list[str]
    regions: list[str]
    country: Ints
    zones: list[str]
    latitude: Floats
    longitude: Floats
    open_minute: Ints
    close_minute: Ints
    open_sunday: Ints
    weight: Floats
    beacons: list[str]
    counters: list[str]

    @property
    def count(self) -> int:
        return len(self.codes)


def make_shops(count: int) -> Shops:
    """Shops spread over the countries; beyond twelve, cities get further branches."""
    sites = [_SITES[i % len(_SITES)] for i in range(count)]
    hours = [_HOURS[i % len(_HOURS)] for i in range(count)]
    index = np.arange(count)
    return Shops(
        no=index + 1,
        codes=[f"S{i + 1:03d}" for i in range(count)],
        cities=[site[0] for site in sites],
        postal_codes=[site[2] for site in sites],
        regions=[site[3] for site in sites],
        country=np.array([site[4] for site in sites]),
        zones=[site[5] for site in sites],
        latitude=np.array([site[6] for site in sites]),
        longitude=np.array([site[7] for site in sites]),
        open_minute=np.array([opens for opens, _ in hours]),
        close_minute=np.array([closes for _, closes in hours]),
        open_sunday=np.array([int(site[4] in (2, 3, 4)) for site in sites]),
        weight=1 / (1 + 0.12 * index),
        beacons=[f"beacon-{i * 37 + 411:05d}" for i in range(count)],
        counters=[f"ACCC8E{i * 7919 + 70001:06X}" for i in range(count)],
    )


def write_shops(tables: Tables, shops: Shops, horizon: Horizon, seed: int) -> None:
    """One is renamed in the days after the first clock; its code stays."""
    keys = np.arange(shops.count)
    locations = texts("L{:012X}", scramble(keys, "square_location", seed, 48))
    location_nos = 60_000_000_000 + scramble(keys, "shopify_location", seed, 33)
    for i in range(shops.count):
        branch = i // len(_SITES)
        name = f"Northwind & Vale {shops.cities[i]}" + (f" {branch + 1}" if branch else "")
        is_renamed = i == _RENAMED
        tables.add(
            "shops",
            shop_no=i + 1,
            store_code=shops.codes[i],
            name=name.replace("Northwind & Vale", "N&V Studio") if is_renamed else name,
            former_name=name if is_renamed else None,
            renamed_at=horizon.end_us - 3 * DAY if is_renamed else None,
            street=_SITES[i % len(_SITES)][1],
            city=shops.cities[i],
            postal_code=shops.postal_codes[i],
            region_code=shops.regions[i],
            country_code=COUNTRY_CODES[shops.country[i]],
            time_zone=shops.zones[i],
            currency_code=CURRENCIES[COUNTRY_CURRENCY[shops.country[i]]][0],
            latitude=float(shops.latitude[i]),
            longitude=float(shops.longitude[i]),
            open_minute=int(shops.open_minute[i]),
            close_minute=int(shops.close_minute[i]),
            is_open_sunday=bool(shops.open_sunday[i]),
            square_location_id=locations[i],
            shopify_location_no=int(location_nos[i]),
            counter_serial=shops.counters[i],
            beacon_id=shops.beacons[i],
        )
    for code, exponent, rate in CURRENCIES:
        tables.add("currencies", currency_code=code, exponent=exponent, eur_per_unit=rate)


@dataclass(frozen=True)
class Products:
    """``prices[product, currency]`` in minor units; ``popularity`` is that of the first range and
    sums to 1. Behind it stand the products that took the place of some of it."""

    skus: list[str]
    titles: list[str]
    variants: list[str | None]
    category: Ints
    prices: Ints  # on the web
    till_prices: Ints
    popularity: Floats
    successor: Ints  # index, -1: none
    created: Ints
    retired: Ints  # NEVER for most

    def on_sale(self, product: Ints, at: Ints) -> Ints:
        """What is sold for each of ``product``: itself, or after its time what took its place."""
        gone = (self.successor[product] >= 0) & (at >= self.retired[product])
        return np.where(gone, self.successor[product], product)


def make_products(rng: np.random.Generator, horizon: Horizon, count: int = 240) -> Products:
    """A range with a long tail; prices are round in each currency, so not exact conversions.

    A few are replaced in the world's time, and a few cost less at the tills.
    """
    eur = np.round(np.exp(rng.normal(3.5, 0.55, count)) + 4) * 100 - 10  # 24.90 and the like
    popularity = 1 / (rng.permutation(count) + 8.0)
    replaced = np.sort(rng.choice(count, _REPLACED, replace=False))
    number = np.concatenate([np.arange(count), replaced])  # the place in the range
    eur = np.concatenate([eur, eur[replaced] + 500])
    prices = np.empty((number.size, len(CURRENCIES)), dtype=np.int64)
    prices[:, 0] = eur
    prices[:, 1] = np.round(eur / 116) * 100 - 5
    prices[:, 2] = np.round(eur / 92) * 100 - 1
    prices[:, 3] = np.maximum(np.round(eur / 0.61 / 100) * 100, 100)
    till_prices = prices.copy()
    cheaper = rng.choice(number.size, _CHEAPER_AT_TILLS, replace=False)
    till_prices[cheaper] -= prices[cheaper] // 10
    successor = np.full(number.size, -1)
    successor[replaced] = count + np.arange(_REPLACED)
    ends = horizon.start_us + (rng.uniform(0.2, 0.8, _REPLACED) * horizon.total).astype(int) * DAY
    retired, created = (
        np.full(number.size, NEVER),
        np.full(number.size, horizon.start_us - LONG_AGO),
    )
    retired[replaced] = ends
    created[count:] = ends - np.minimum(10 * DAY, ends - horizon.start_us)
    category = number % len(CATEGORIES)
    return Products(
        skus=[f"{CATEGORIES[c][:2].upper()}-{i + 1:04d}" for i, c in enumerate(category)],
        titles=[_title(n, is_new=i >= count) for i, n in enumerate(number.tolist())],
        variants=[_SIZES[n // 8 % 2] if n % 8 < _WORN else None for n in number.tolist()],
        category=category,
        prices=prices,
        till_prices=till_prices,
        popularity=popularity / popularity.sum(),
        successor=successor,
        created=created,
        retired=retired,
    )


def _title(number: int, *, is_new: bool) -> str:
    category = number % 8
    style = number // (16 if category < _WORN else 8) + 1
    name = f"{_ADJECTIVES[number * 5 % 8]} {CATEGORIES[category]} {style}"
    return f"New {name}" if is_new else name


def _gtins(numbers: Ints) -> Texts:
    """GTIN-13 with their check digit, of a range that no real company has."""
    codes = texts("299{:09d}", numbers)
    for i, code in enumerate(codes.tolist()):
        weighted = sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(code))
        codes[i] = f"{code}{-weighted % 10}"
    return codes


def write_products(tables: Tables, products: Products) -> None:
    numbers = np.arange(len(products.skus)) + 1
    tables.add(
        "products",
        product_no=numbers,
        sku=np.array(products.skus, dtype=object),
        title=np.array(products.titles, dtype=object),
        variant_title=np.array(products.variants, dtype=object),
        category=np.array(CATEGORIES, dtype=object)[products.category],
        barcode=_gtins(numbers),
        price_minor_eur=products.prices[:, 0].copy(),
        created_at=products.created,
        retired_at=products.retired,
    )
    for i, (code, _, _) in enumerate(CURRENCIES):
        tables.add(
            "product_prices",
            product_no=numbers,
            currency_code=code,
            price_minor=products.prices[:, i].copy(),
            till_price_minor=products.till_prices[:, i].copy(),
            updated_at=products.created,
        )


def to_eur(minor: Ints, currency: Ints) -> Ints:
    """EUR cents of minor units at the fixed rates of ``currencies``."""
    cents: Ints = np.rint(minor * EUR_CENTS_PER_MINOR[currency]).astype(np.int64)
    return cents
