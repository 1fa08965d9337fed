"""What web analytics sees of the shop's app: who opens it looks, and buys elsewhere; near a shop it
shows offers, some of which are used there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.accounts import Accounts
from demo.world.behaviour import Visits
from demo.world.chunk import Chunk
from demo.world.events import ordinals
from demo.world.horizon import MINUTE, SECOND, WEB_WEEK, draw_days, draw_web_times
from demo.world.ids import Ints, Texts, scramble, texts
from demo.world.in_store import OFFERS
from demo.world.orders import WebSales
from demo.world.places import COUNTRY_CODES, CURRENCIES
from demo.world.sensors import Phones
from demo.world.tables import NEVER, pick

_OPENS = 2.5  # of a person with the app, in 120 days
EVENTS = [
    "session_start", "screen_view", "offer_shown", "offer_used", "order_ahead", "check_in",
    "ar_view", "virtual_try_on",
]  # fmt: skip
_START, _VIEW, _SHOWN, _USED, _AHEAD, _CHECK_IN, _AR, _TRY_ON = range(len(EVENTS))
_PLATFORMS = ["ANDROID", "IOS"]
_NEAR, _USES, _CHECKS_IN = 0.35, 0.2, 0.15  # of visits with the app; of those who then buy, enter
_AR_SHARE, _TRY_SHARE = 0.12, 0.08  # of opens elsewhere
_TELLS = 0.5  # of pick-ups of people with the app


@dataclass(frozen=True)
class _Opens:
    """Sessions of the app."""

    person: Ints
    at: Ints
    shop: Ints  # the shop that it is opened at or for, -1: none


@dataclass(frozen=True)
class _Happened:
    """Events of one kind, each in a session of its part."""

    kind: int
    session: Ints
    at: Ints
    item: Texts | None = None
    order: Ints | None = None  # of the web orders


def write_app_events(
    chunk: Chunk, accounts: Accounts, visits: Visits, phones: Phones, web: WebSales
) -> None:
    """Sessions of the app, under an id of its own that no browser has. Without consent the app
    tells nothing at all. Nothing in it causes anything: who does it would have bought anyway."""
    people, horizon = chunk.people, chunk.horizon
    owners = np.flatnonzero(people.uses_app)
    chunk.tables.add(
        "identifiers",
        system="ga_client",
        record_id=_instances(people.id[owners], chunk.seed),
        person_id=people.id[owners],
    )
    for opens, happened in (
        _anywhere(chunk, owners),
        _near_shops(chunk, visits, phones),
        _before_pick_ups(chunk, web),
    ):
        within = (opens.at >= horizon.start_us) & (opens.at < horizon.end_us)
        _write(chunk, accounts, opens, happened, within & people.consents(opens.person, opens.at),
               web)  # fmt: skip


def _anywhere(chunk: Chunk, owners: Ints) -> tuple[_Opens, list[_Happened]]:
    people, horizon, rng = chunk.people, chunk.horizon, chunk.rng("app")
    person = np.repeat(owners, rng.poisson(_OPENS * horizon.total / 120, owners.size))
    day = draw_days(rng, horizon.demand(WEB_WEEK), person.size)
    at = horizon.utc(people.zone[person], day, draw_web_times(rng, person.size))
    drawn = chunk.rng("app views").random((2, person.size))
    skus = np.array(chunk.products.skus, dtype=object)

    def looks(kind: int, drawn: np.ndarray, share: float) -> _Happened:
        rows = np.flatnonzero(drawn < share)
        sku = (drawn[rows] / share * skus.size).astype(np.int64)
        return _Happened(kind, rows, at[rows] + 20 * kind * SECOND, item=skus[sku])

    return _Opens(person, at, np.full(person.size, -1)), [
        looks(_AR, drawn[0], _AR_SHARE),
        looks(_TRY_ON, drawn[1], _TRY_SHARE),
    ]


def _near_shops(chunk: Chunk, visits: Visits, phones: Phones) -> tuple[_Opens, list[_Happened]]:
    """The app shows an offer to whoever comes by; some go in with it and use it."""
    rng = chunk.rng("app near shops")
    rows = np.flatnonzero(phones.device.astype(bool) & (rng.random(phones.device.size) < _NEAR))
    near, n = visits.take(rows), rows.size
    uses = np.flatnonzero(near.buys & (rng.random(n) < _USES))
    comes = np.flatnonzero(~near.is_pass_by & (rng.random(n) < _CHECKS_IN))
    offer = np.array(OFFERS, dtype=object)[rng.integers(0, len(OFFERS), n)]
    at = near.arrived - rng.integers(5, 60, n) * SECOND
    return _Opens(near.person, at, near.shop), [
        _Happened(_SHOWN, np.arange(n), at + 4 * SECOND, item=offer),
        _Happened(_CHECK_IN, comes, near.arrived[comes] + 40 * SECOND),
        _Happened(_USED, uses, near.left[uses] - MINUTE, item=offer[uses]),
    ]


def _before_pick_ups(chunk: Chunk, web: WebSales) -> tuple[_Opens, list[_Happened]]:
    """Who ordered for pick-up tells the shop by the app that they are about to come."""
    rng = chunk.rng("app before pick-ups")
    tells = (web.picked_up != NEVER) & chunk.people.uses_app[web.person]
    rows = np.flatnonzero(tells & (rng.random(web.at.size) < _TELLS))
    at = web.picked_up[rows] - rng.integers(10, 50, rows.size) * MINUTE
    person = web.person[rows]
    return _Opens(person, at, chunk.people.home[person]), [
        _Happened(_AHEAD, np.arange(rows.size), at + 30 * SECOND, order=rows)
    ]


def _write(
    chunk: Chunk, accounts: Accounts, opens: _Opens, happened: list[_Happened], seen: np.ndarray,
    web: WebSales,
) -> None:  # fmt: skip
    people, horizon = chunk.people, chunk.horizon
    every = np.arange(opens.at.size)
    parts = [
        _Happened(_START, every, opens.at),
        _Happened(_VIEW, every, opens.at + 3 * SECOND + 1),
        *happened,
    ]
    session = np.concatenate([part.session for part in parts])
    kept = seen[session]
    session = session[kept]
    kind = np.repeat([part.kind for part in parts], [part.session.size for part in parts])[kept]
    at = np.concatenate([part.at for part in parts])[kept]
    item = np.concatenate(
        [
            np.full(part.session.size, None, dtype=object) if part.item is None else part.item
            for part in parts
        ]
    )[kept]
    order = np.concatenate(
        [np.full(part.session.size, -1) if part.order is None else part.order for part in parts]
    )[kept]
    person, began = opens.person[session], opens.at[session]
    customer = accounts.web[person, 0]
    logged_in = (people.id[person] % 5 < 3) & (customer >= 0)
    logged_in &= accounts.web_created[person, 0] <= began
    user = texts("{}", customer)
    user[~logged_in] = None
    names_order = order >= 0
    transaction = np.full(session.size, None, dtype=object)
    transaction[names_order] = web.order_name[order[names_order]]
    value, currency = np.full(session.size, NEVER), np.full(session.size, -1)
    value[names_order] = web.total[order[names_order]]
    currency[names_order] = web.currency[order[names_order]]
    chunk.tables.add(
        "web_events",
        event_date=horizon.day(chunk.account_zone, at) + horizon.epoch_day,
        event_ts_us=at,
        event_name=pick([*EVENTS], kind),
        platform=pick([*_PLATFORMS], people.id[person] % 2),
        user_pseudo_id=_instances(people.id[person], chunk.seed),
        user_id=user,
        ga_session_id=began // SECOND,
        ga_session_number=ordinals(opens.person, opens.at)[session],
        page_location=None,
        source=None,
        medium=None,
        campaign_id=None,
        campaign_name=None,
        click_id=None,
        click_id_kind=None,
        traffic_type=None,
        device_category="mobile",
        browser=None,
        country=pick([*COUNTRY_CODES], people.country[person]),
        city=pick([*chunk.shops.cities], people.home[person]),
        transaction_id=transaction,
        item_id=item,
        store_code=pick([*chunk.shops.codes], np.where(kind > _VIEW, opens.shop[session], -1)),
        value_minor=value,
        currency_code=pick([code for code, _, _ in CURRENCIES], currency),
        consent_analytics=True,
        consent_ads=people.consent_ads[person],
        batch_event_index=kind + 1,
        visible_at=at + 60 * SECOND,
    )


def _instances(keys: Ints, seed: int) -> Texts:
    """App instance ids: 32 hexadecimal digits."""
    halves = (scramble(keys, f"app_instance_{half}", seed, 63).tolist() for half in (0, 1))
    return np.array([f"{a:016x}{b:016x}" for a, b in zip(*halves, strict=True)], dtype=object)
