"""Visits of the web shop that are nobody's: the company's own staff, and robots."""

from __future__ import annotations

import numpy as np

from demo.world.chunk import Chunk
from demo.world.horizon import SECOND, WEB_WEEK, draw_days, draw_web_times
from demo.world.ids import Ints, Texts, scramble, texts
from demo.world.tables import NEVER, pick

_SITE = "https://shop.northwind-vale.example/"
_EVENTS = ["session_start", "page_view"]
_ROBOT = "HeadlessChrome"
_STAFF = 4  # browsers of a chunk's


def write_nobodys_sessions(chunk: Chunk, sessions: int) -> None:
    """Some by ``sessions``, those of everybody; two of three are robots, each in a browser of its
    own. The truth knows these browsers, and nobody behind them."""
    horizon, rng = chunk.horizon, chunk.rng("nobody")
    n = int(rng.poisson(chunk.noise.nobodys_session * sessions))
    is_robot = rng.random(n) < 2 / 3
    browser = np.where(is_robot, _STAFF + np.arange(n), rng.integers(0, _STAFF, n))
    client = _clients(chunk.keys(_STAFF + n)[browser], chunk.seed)
    known = np.unique(client.astype(str)).astype(object)
    chunk.tables.add("identifiers", system="ga_client", record_id=known, person_id=None)
    day = draw_days(rng, horizon.demand(WEB_WEEK), n)
    zone = np.full(n, chunk.account_zone)
    at = horizon.utc(zone, day, draw_web_times(rng, n))
    for rank, name in enumerate(_EVENTS):
        moment = at + 2 * rank * SECOND
        chunk.tables.add(
            "web_events",
            event_date=horizon.day(chunk.account_zone, moment) + horizon.epoch_day,
            event_ts_us=moment,
            event_name=name,
            platform="WEB",
            user_pseudo_id=client,
            user_id=None,
            ga_session_id=at // SECOND,
            ga_session_number=np.ones(n, dtype=np.int64),
            page_location=_SITE,
            source=None,
            medium=None,
            campaign_id=None,
            campaign_name=None,
            click_id=None,
            click_id_kind=None,
            traffic_type=pick(["internal"], np.where(is_robot, -1, 0)),
            device_category="desktop",
            browser=pick([_ROBOT], np.where(is_robot, 0, -1)),
            country="DE",
            city=None,
            transaction_id=None,
            item_id=None,
            store_code=None,
            value_minor=np.full(n, NEVER),
            currency_code=None,
            consent_analytics=True,
            consent_ads=False,
            batch_event_index=np.full(n, rank + 1),
            visible_at=moment + 60 * SECOND,
        )


def _clients(keys: Ints, seed: int) -> Texts:
    return texts("{}.1770000000", scramble(keys, "nobodys_browser", seed))
