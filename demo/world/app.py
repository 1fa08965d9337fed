"""What web analytics sees of the shop's app: who opens it looks, and buys elsewhere."""

from __future__ import annotations

import numpy as np

from demo.world.accounts import Accounts
from demo.world.chunk import Chunk
from demo.world.events import ordinals
from demo.world.horizon import SECOND, WEB_WEEK, draw_days, draw_web_times
from demo.world.ids import Ints, Texts, scramble, texts
from demo.world.places import COUNTRY_CODES
from demo.world.tables import NEVER, pick

_OPENS = 2.5  # of a person with the app, in 120 days
_EVENTS = ["session_start", "screen_view"]
_PLATFORMS = ["ANDROID", "IOS"]


def write_app_opens(chunk: Chunk, accounts: Accounts) -> None:
    """Sessions of the app, under an id of its own that no browser has. Without consent the app
    tells nothing at all. Opening it causes nothing: who does so would have bought anyway."""
    people, horizon, rng = chunk.people, chunk.horizon, chunk.rng("app")
    owners = np.flatnonzero(people.uses_app)
    chunk.tables.add(
        "identifiers",
        system="ga_client",
        record_id=_instances(people.id[owners], chunk.seed),
        person_id=people.id[owners],
    )
    person = np.repeat(owners, rng.poisson(_OPENS * horizon.total / 120, owners.size))
    day = draw_days(rng, horizon.demand(WEB_WEEK), person.size)
    at = horizon.utc(people.zone[person], day, draw_web_times(rng, person.size))
    within = (at >= horizon.start_us) & (at < horizon.end_us) & people.consents(person, at)
    person, at = person[within], at[within]
    customer = accounts.web[person, 0]
    logged_in = (people.id[person] % 5 < 3) & (customer >= 0)
    logged_in &= accounts.web_created[person, 0] <= at
    user = texts("{}", customer)
    user[~logged_in] = None
    n, instance, number = (
        person.size,
        _instances(people.id[person], chunk.seed),
        ordinals(person, at),
    )
    for rank, name in enumerate(_EVENTS):
        moment = at + 3 * rank * SECOND + rank
        chunk.tables.add(
            "web_events",
            event_date=horizon.day(chunk.account_zone, moment) + horizon.epoch_day,
            event_ts_us=moment,
            event_name=name,
            platform=pick([*_PLATFORMS], people.id[person] % 2),
            user_pseudo_id=instance,
            user_id=user,
            ga_session_id=at // SECOND,
            ga_session_number=number,
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
            transaction_id=None,
            item_id=None,
            store_code=None,
            value_minor=np.full(n, NEVER),
            currency_code=None,
            consent_analytics=True,
            consent_ads=people.consent_ads[person],
            batch_event_index=np.full(n, rank + 1),
            visible_at=moment + 60 * SECOND,
        )


def _instances(keys: Ints, seed: int) -> Texts:
    """App instance ids: 32 hexadecimal digits."""
    halves = (scramble(keys, f"app_instance_{half}", seed, 63).tolist() for half in (0, 1))
    return np.array([f"{a:016x}{b:016x}" for a, b in zip(*halves, strict=True)], dtype=object)
