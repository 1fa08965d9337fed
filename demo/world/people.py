"""Who lives in this world: households, names, addresses of every kind, devices, cards, habits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.changes import Changing, email_addresses, family_names, phone_numbers
from demo.world.details import births, moves
from demo.world.emails import make_emails
from demo.world.families import mail_readers, make_twins, name_after_parents, tell_apart
from demo.world.horizon import Horizon
from demo.world.ids import Bools, Floats, Ints, Texts, scramble, stream, texts
from demo.world.names import foreign_names, name_the_foreign
from demo.world.noise import Noise
from demo.world.places import COUNTRIES, COUNTRY_CODES, Shops
from demo.world.tables import NEVER, Tables

_FIRST = [
    "Anna Lukas Marie Felix Sophie Jonas Lea Paul Emma Leon Hannah Finn Mia Elias Clara Noah Ida "
    "Ben Greta Max Jana Tim Nele Moritz Frieda Jan Katrin Stefan Sabine Uwe",
    "Camille Hugo Léa Louis Manon Gabriel Chloé Arthur Inès Jules Jade Adam Louise Raphaël Alice "
    "Lucas Zoé Nathan Juliette Théo Margaux Antoine Claire Mathieu Élise Olivier Nadia Karim",
    "Olivia George Amelia Harry Isla Noah Ava Jack Emily Leo Grace Oscar Freya Arthur Lily Archie "
    "Sophia Henry Poppy Thomas Ella Priya Mohammed Fiona Callum Megan Rhys Aisha",
    "James Mary Robert Linda John Patricia Michael Jennifer David Susan Maria Daniel Ashley Jose "
    "Emily Tyler Madison Andre Keisha Wei Sofia Carlos Hannah Brandon Rachel Kevin Nicole Marcus",
    "Haruto Yui Sota Hina Yuto Aoi Ren Sakura Kaito Mei Daiki Akari Takumi Rin Kenta Yuna Hiroshi "
    "Keiko Naoki Emi Ryo Misaki Shota Nanami Yuki Ayaka Tatsuya Mika",
]
_LAST = [
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Richter Klein "
    "Wolf Schröder Neumann Schwarz Braun Zimmermann Krüger Hartmann Lange Werner Yılmaz Kaya Nowak",
    "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre "
    "Michel Garcia Bertrand Roux Vincent Fournier Morel Girard André Mercier Benali Diallo Nguyen",
    "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans "
    "Walker White Roberts Green Hall Wood Khan Lewis Clarke Hughes O'Brien Campbell Singh",
    "Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez "
    "Wilson Anderson Thomas Taylor Moore Jackson Lee Perez Thompson White Harris Sanchez Kim Chen",
    "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada "
    "Sasaki Yamaguchi Matsumoto Inoue Kimura Hayashi Shimizu Saito Mori Abe Ikeda Hashimoto Ishii",
]

DEVICE_SLOTS = 4  # phone, laptop, tablet; the fourth stands for the tablet of the home shop
CARD_BRANDS = ["VISA", "MASTERCARD", "AMERICAN_EXPRESS", "JCB"]


@dataclass(frozen=True)
class People:
    """The persons of one chunk, one entry each; ``id`` is global and never leaves the truth."""

    id: Ints
    household: Ints
    birth: Ints  # days since 1970-01-01
    home: Ints  # shop index
    moved_at: Ints  # when the household moved; NEVER: it did not
    country: Ints
    zone: Ints
    first: Texts
    last: Changing
    is_junior: Bools  # has both names of a parent
    own_script: Bools  # can write the name in other letters than Latin ones
    email: Changing
    mail_of: Ints  # whose address they use: their own, or their partner's
    work_email: Texts  # None for most
    phone: Changing
    phone_of: Ints  # whose number they give: their own, or the family's
    consent_analytics: Bools  # at the world's start
    consent_changed_at: Ints  # from then on the opposite; NEVER: it stays
    consent_ads: Bools  # only ever together with the consent to analytics
    pings_cookieless: Bools  # without consent: half the sites' pings carry no id, half are not sent
    uses_app: Bools
    is_member: Bools  # of the loyalty scheme
    web_rate: Floats  # web orders per 120 days without any advertising
    shop_rate: Floats  # shop visits per 120 days, likewise
    attention: Floats  # ads seen, relative to the mean
    client: Ints  # [person, slot]: key of the browser's client id, -1: no such device
    app: Ints  # [person, 0..1]: key of the phone, the second of few; -1: none
    card: Ints  # [person, 0..1]: key of the payment card
    tablet_clients: Texts  # by shop

    @property
    def count(self) -> int:
        return int(self.id.size)

    def last_at(self, person: Ints, at: Ints) -> Texts:
        return self.last.at(person, at)

    def email_at(self, person: Ints, at: Ints) -> Texts:
        """The address that each person uses at a time."""
        return self.email.at(self.mail_of[person], at)

    def phone_at(self, person: Ints, at: Ints) -> Texts:
        """The number that each person gives at a time."""
        return self.phone.at(self.phone_of[person], at)

    def lives_at(self, person: Ints, at: Ints) -> Ints:
        """A key of the home where each person lives at a time, shared by the household."""
        moved = (self.moved_at[person] != NEVER) & (at >= self.moved_at[person])
        home: Ints = self.household[person] * 2 + moved
        return home

    def consents(self, person: Ints, at: Ints) -> Bools:
        """Whether each person lets web analytics recognise them at a time."""
        changed = (self.consent_changed_at[person] != NEVER) & (
            at >= self.consent_changed_at[person]
        )
        consents: Bools = self.consent_analytics[person] ^ changed
        return consents


def make_people(
    chunk: int, first_id: int, count: int, shops: Shops, horizon: Horizon, noise: Noise, seed: int
) -> People:
    """``count`` persons from ``first_id`` on, in whole households where the chunk allows."""
    rng = stream(seed, chunk, "people")
    ids = np.arange(first_id, first_id + count)
    sizes = rng.choice([1, 2, 3, 4], count, p=[0.5, 0.27, 0.12, 0.11])
    house = np.repeat(np.arange(count), sizes)[:count]
    head = np.searchsorted(house, house)  # the first person of each household
    member = np.arange(count) != head

    home = rng.choice(shops.count, count, p=shops.weight / shops.weight.sum())[head]
    country = shops.country[home]
    first, last = _names(rng, country, _FIRST), _names(rng, country, _LAST)
    last = np.where(member & (rng.random(count) < 0.85), last[head], last)
    foreign = (stream(seed, chunk, "other scripts").random(count) < noise.other_script)[head]
    name_the_foreign(stream(seed, chunk, "foreign names"), foreign, head, country, first, last)
    pools = [pool.split() for pool in _FIRST]
    tell_apart(stream(seed, chunk, "names at home"), head, first, [*pools, *foreign_names()])
    birth = births(stream(seed, chunk, "births"), house, horizon)
    junior = name_after_parents(
        stream(seed, chunk, "namesakes"), head, birth, (first, last), noise.namesake
    )
    twins = make_twins(
        stream(seed, chunk, "twins"), head, birth, first, pools, country, noise.twins
    )
    email, work_email = make_emails(rng, ids, first, last, country, seed)

    shares_phone = (member & (rng.random(count) < noise.shared_phone)) | twins

    client = np.full((count, DEVICE_SLOTS), -1)
    for slot, share in enumerate((1.0, 0.55, 0.15)):
        owned = rng.random(count) < share
        client[owned, slot] = ids[owned] * DEVICE_SLOTS + slot
    shares_browser = member & (rng.random(count) < noise.shared_browser) & (client[head, 1] >= 0)
    client[shares_browser, 1] = client[head, 1][shares_browser]
    client[:, 3] = -2 - home

    uses_app = rng.random(count) < 0.2
    app = np.where(uses_app[:, None], ids[:, None] * 2 + np.arange(2), -1)
    app[rng.random(count) > 0.1, 1] = -1
    card = ids[:, None] * 2 + np.arange(2)
    card[rng.random(count) > 0.25, 1] = -1
    shares_card = member & (rng.random(count) < noise.shared_card)
    card[shares_card, 0] = card[head, 0][shares_card]
    _hand_on_cards(stream(seed, chunk, "cards handed on"), card, noise.handed_on_card)

    consent_analytics = rng.random(count) < 0.76
    return People(
        id=ids,
        household=first_id + head,
        birth=birth,
        home=home,
        moved_at=moves(stream(seed, chunk, "moves"), house, horizon, noise.move),
        country=country,
        zone=np.array([horizon.zones.index(zone) for zone in shops.zones])[home],
        first=first,
        last=family_names(
            stream(seed, chunk, "changed names"),
            last,
            _names(stream(seed, chunk, "former names"), country, _LAST),
            horizon,
            noise.changed_name,
        ),
        is_junior=junior,
        own_script=foreign,
        email=email_addresses(
            stream(seed, chunk, "changed addresses"),
            email,
            horizon,
            noise.changed_email,
            noise.reused_email,
        ),
        mail_of=mail_readers(
            stream(seed, chunk, "shared addresses"), head, birth, noise.shared_email
        ),
        work_email=work_email,
        phone=phone_numbers(
            stream(seed, chunk, "recycled phones"),
            _phones(ids, country, seed),
            _phones(ids + (1 << 24), country, seed),
            country,
            horizon,
            noise.recycled_phone,
        ),
        phone_of=np.where(shares_phone, head, np.arange(count)),
        consent_analytics=consent_analytics,
        consent_changed_at=_changes(
            stream(seed, chunk, "consent"), count, horizon, noise.consent_change
        ),
        consent_ads=consent_analytics & (rng.random(count) < 0.82),
        pings_cookieless=rng.random(count) < 0.5,
        uses_app=uses_app,
        is_member=rng.random(count) < 0.45,
        web_rate=rng.gamma(0.6, 0.34 / 0.6, count),
        shop_rate=rng.gamma(1.2, 1.9 / 1.2, count),
        attention=rng.gamma(1.5, 1 / 1.5, count),
        client=client,
        app=app,
        card=card,
        tablet_clients=client_ids(np.arange(shops.count), "tablet", seed),
    )


def _hand_on_cards(rng: np.random.Generator, card: Ints, share: float) -> None:
    """A share of the people also pays with the first card of somebody else."""
    takers = np.flatnonzero(rng.random(len(card)) < share)
    card[takers, 1] = card[rng.integers(0, len(card), takers.size), 0]


def _changes(rng: np.random.Generator, count: int, horizon: Horizon, share: float) -> Ints:
    at = rng.integers(horizon.start_us, horizon.end_us, count)
    return np.where(rng.random(count) < share, at, NEVER)


def draw_names(rng: np.random.Generator, country: Ints) -> tuple[Texts, Texts]:
    """Given and family names of people of these countries."""
    return _names(rng, country, _FIRST), _names(rng, country, _LAST)


def _names(rng: np.random.Generator, country: Ints, pools: list[str]) -> Texts:
    drawn = np.empty(country.size, dtype=object)
    for i, pool in enumerate(pools):
        names = np.array(pool.split(), dtype=object)
        here = country == i
        # Names are not equally common: squaring a uniform draw favours the front of the list.
        drawn[here] = names[(rng.random(int(here.sum())) ** 2 * names.size).astype(int)]
    return drawn


def _phones(keys: Ints, country: Ints, seed: int) -> Texts:
    numbers = scramble(keys, "phone", seed, 26) + 20_000_000
    prefixes = [prefix for *_, prefix in COUNTRIES]
    phones = np.empty(keys.size, dtype=object)
    phones[:] = [
        f"{prefixes[c]}{n:08d}" for c, n in zip(country.tolist(), numbers.tolist(), strict=True)
    ]
    return phones


def client_ids(keys: Ints, kind: str, seed: int) -> Texts:
    """Google Analytics client ids, ``<random>.<first seen>``, of device keys."""
    random = scramble(keys, f"ga_client_{kind}", seed, 31).tolist()
    seen = scramble(keys, f"ga_seen_{kind}", seed, 26).tolist()
    out = np.empty(keys.size, dtype=object)
    out[:] = [f"{r}.{1_700_000_000 + s}" for r, s in zip(random, seen, strict=True)]
    return out


def client_texts(people: People, person: Ints, slot: Ints, seed: int) -> Texts:
    """The client id of a person's device, as the browser's cookie has it."""
    keys = people.client[person, slot]
    out = client_ids(np.maximum(keys, 0), "browser", seed)
    tablet = keys <= -2
    out[tablet] = people.tablet_clients[-2 - keys[tablet]]
    return out


def app_devices(keys: Ints, seed: int) -> Texts:
    return texts("{:014X}", scramble(keys, "app_device", seed, 56))


def card_fingerprints(keys: Ints, seed: int) -> Texts:
    return texts("sq-1-{:014x}", scramble(keys, "card", seed, 56))


def write_people(tables: Tables, people: People, shops: Shops) -> None:
    region = np.array(shops.regions, dtype=object)
    tables.add(
        "persons",
        person_id=people.id,
        household_id=people.household,
        country_code=np.array(COUNTRY_CODES, dtype=object)[people.country],
        region_code=region[people.home],
        home_shop_no=people.home + 1,
        first_name=people.first,
        last_name=people.last.now,
        true_email=people.email.now[people.mail_of],
        true_phone=people.phone.now,
        consent_analytics=people.consent_analytics,
        consent_ads=people.consent_ads,
        consent_changed_at=people.consent_changed_at,
        birth_date=people.birth,
    )


def write_devices(tables: Tables, people: People, seed: int) -> None:
    """Truth of what a person carries. A shared browser or card appears once, under its owner."""
    for system, keys, of_owner, name in (
        ("ga_client", people.client[:, :3], DEVICE_SLOTS, client_ids),
        ("app_device", people.app, 2, app_devices),
        ("card_fingerprint", people.card, 2, card_fingerprints),
    ):
        row, slot = np.nonzero((keys >= 0) & (keys // of_owner == people.id[:, None]))
        mine = keys[row, slot]
        tables.add(
            "identifiers",
            system=system,
            record_id=name(mine, "browser", seed) if name is client_ids else name(mine, seed),  # type: ignore[call-arg, arg-type]
            person_id=people.id[row],
        )
