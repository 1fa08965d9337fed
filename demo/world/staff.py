"""What the shops' own people leave in the records: log-ins that are nobody's, profiles that stand
for any walk-in, their own contact on other people's deals, order numbers with a slip."""

from __future__ import annotations

import numpy as np

from demo.world.accounts import Accounts
from demo.world.behaviour import Sessions
from demo.world.chunk import Chunk
from demo.world.horizon import DAY, Horizon
from demo.world.ids import Bools, Ints, Texts, scramble, stream, texts
from demo.world.noise import Noise
from demo.world.places import COUNTRIES, COUNTRY_CODES, Shops
from demo.world.tables import NEVER, Tables

_GLOBAL = -1
_SHOPS_OF_LOG_IN = 12
_ON_STAFF_ACCOUNT = 0.3  # of the guests' orders on a tablet that is logged in
_SINCE = 500 * DAY  # before the world's start
_NO_IDS = ["undefined", "0", "null"]
# Keys and numbers beyond those of people.
_LOG_IN, _WALK_IN, _PHONE = 1 << 30, 1 << 40, 90_000_000


def write_log_ins(tables: Tables, shops: Shops, horizon: Horizon, noise: Noise, seed: int) -> None:
    """Accounts of the web shop with a phone and no address, one for up to twelve shops."""
    where = np.flatnonzero(_stays_logged_in(shops, noise, seed))
    number = np.unique(where // _SHOPS_OF_LOG_IN)
    for no in number.tolist():
        customer_no = _log_in(np.array([no]), seed)
        country = shops.country[no * _SHOPS_OF_LOG_IN]
        tables.add(
            "web_customers",
            customer_no=customer_no,
            email=None,
            former_email=None,
            email_changed_at=None,
            phone=f"{COUNTRIES[country][3]}{_PHONE + no:08d}",
            first_name="Store",
            last_name=f"Team {no + 1}",
            country_code=COUNTRY_CODES[country],
            street=None,
            city=None,
            postal_code=None,
            email_marketing_state="NOT_SUBSCRIBED",
            created_at=np.array([horizon.start_us - _SINCE]),
            unsubscribed_at=None,
        )
        _nobodys(tables, "web_customer", texts("{}", customer_no))


def with_staff_login(chunk: Chunk, sessions: Sessions, customer: Ints) -> Ints:
    """The customer of each order: a guest's on a tablet may go to whoever is logged in there."""
    home = chunk.people.home[sessions.person[sessions.buys]]
    on = _on(chunk, sessions)[sessions.buys] & (customer == NEVER)
    on &= chunk.rng("staff accounts").random(customer.size) < _ON_STAFF_ACCOUNT
    return np.where(on, _log_in(home // _SHOPS_OF_LOG_IN, chunk.seed), customer)


def claim_user_ids(chunk: Chunk, sessions: Sessions, user_id: Texts, nobody: Bools) -> None:
    """What analytics has for an id where ``nobody`` is logged in: the staff's, or no id at all."""
    rng = chunk.rng("user ids that are none")
    on = nobody & _on(chunk, sessions)
    home = chunk.people.home[sessions.person[on]]
    user_id[on] = texts("{}", _log_in(home // _SHOPS_OF_LOG_IN, chunk.seed))
    none = nobody & ~on & (rng.random(nobody.size) < chunk.noise.no_user_id)
    user_id[none] = np.array(_NO_IDS, dtype=object)[rng.integers(0, 3, int(none.sum()))]


def _on(chunk: Chunk, sessions: Sessions) -> Bools:
    """Sessions on a store's tablet that the staff is logged in on."""
    logged_in = _stays_logged_in(chunk.shops, chunk.noise, chunk.seed)
    on: Bools = (sessions.slot == 3) & logged_in[chunk.people.home[sessions.person]]
    return on


def _stays_logged_in(shops: Shops, noise: Noise, seed: int) -> Bools:
    rank = stream(seed, _GLOBAL, "staff log-ins").permutation(shops.count)
    is_on: Bools = rank < round(noise.staff_login * shops.count)
    return is_on


def _log_in(number: Ints, seed: int) -> Ints:
    return 6_000_000_000_000 + scramble(_LOG_IN + number, "customer", seed)


def write_walk_ins(tables: Tables, shops: Shops, horizon: Horizon, noise: Noise, seed: int) -> None:
    """A profile per shop that stands for anybody."""
    if not noise.walk_in:
        return
    customer_id = _walk_ins(shops, seed)
    tables.add(
        "till_customers",
        square_customer_id=customer_id,
        email=None,
        phone=None,
        given_name="Walk-in",
        family_name="Customer",
        birth_date=None,
        street=None,
        city=None,
        postal_code=None,
        country_code=np.array(COUNTRY_CODES, dtype=object)[shops.country],
        created_at=np.full(shops.count, horizon.start_us - _SINCE),
        loyalty_card_no=None,
        card_linked_at=None,
    )
    _nobodys(tables, "till_customer", customer_id)


def book_on_walk_ins(chunk: Chunk, shop: Ints, customer: Texts) -> None:
    """A share of the sales without a customer gets the shop's walk-in profile."""
    drawn = chunk.rng("walk-ins").random(customer.size)
    booked = (customer == None) & (drawn < chunk.noise.walk_in)  # noqa: E711 – by element
    customer[booked] = _walk_ins(chunk.shops, chunk.seed)[shop[booked]]


def _walk_ins(shops: Shops, seed: int) -> Texts:
    keys = _WALK_IN + np.arange(shops.count)
    return texts("C{:012X}", scramble(keys, "till_customer", seed, 48))


def with_assistants(chunk: Chunk, accounts: Accounts, person: Ints, at: Ints, slot: Ints) -> Ints:
    """The contact of each deal. One person per shop, a customer, too, serves there."""
    people, rng = chunk.people, chunk.rng("assistants")
    contact = accounts.contact_at(person, slot, at)
    hired = (accounts.contact[:, 0] >= 0) & (
        accounts.contact_created[:, 0] < chunk.horizon.start_us
    )
    served_by = np.full(chunk.shops.count, NEVER)
    for who in np.flatnonzero(hired)[::-1]:  # the first of each shop
        served_by[people.home[who]] = accounts.contact[who, 0]
    assistant = served_by[people.home[person]]
    wrong = (rng.random(at.size) < chunk.noise.assistants_contact) & (assistant != NEVER)
    return np.where(wrong, assistant, contact)


def mistyped_orders(chunk: Chunk, name: Texts) -> Texts:
    """The order that each deal names: a share with a slip, which half the time is another order."""
    rng, typed = chunk.rng("mistyped orders"), name.copy()
    drawn = rng.random((name.size, 2))
    for i in np.flatnonzero(drawn[:, 0] < chunk.noise.mistyped_order):
        if drawn[i, 1] < 0.5:
            typed[i] = name[int(rng.integers(0, name.size))]
        else:
            at = 3 + int(drawn[i, 1] * 10)
            typed[i] = name[i][:at] + str((int(name[i][at]) + 1) % 10) + name[i][at + 1 :]
    return typed


def _nobodys(tables: Tables, system: str, record_id: Texts) -> None:
    tables.add("identifiers", system=system, record_id=record_id, person_id=None)
