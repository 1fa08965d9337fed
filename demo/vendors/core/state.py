"""The running simulation: the world, its clock, the faults and the chaos in force."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from demo.vendors.core.auth import Tokens
from demo.vendors.core.chaos import Chaos
from demo.vendors.core.faults import View, choose
from demo.vendors.core.listing import (
    Listing,
    Listings,
    Page,
    Stream,
    cut_page,
    digest,
    read_cursor,
    write_cursor,
)
from demo.vendors.core.wire import Call, Problem

DUCKDB_THREADS = 2


class Simulation:
    """What all vendors share. Safe to use from many threads: each query has its own cursor."""

    def __init__(
        self, world_dir: Path, now: datetime | None = None, chaos: int = 0, seed: int = 0
    ) -> None:
        """Open ``world_dir``/world.duckdb read-only; raises FileNotFoundError if it is absent.

        ``now`` is UTC, with or without its zone; by default it is the latest moment the world
        knows of.
        """
        path = world_dir / "world.duckdb"
        if not path.exists():
            raise FileNotFoundError(
                f"No demo world at {path}. Make one with"
                f" `python -m demo generate --out {world_dir}`."
            )
        # Set afterwards, not as configuration: others in this process may open the file as well.
        self._database = duckdb.connect(str(path), read_only=True)
        self._database.execute(f"SET threads = {DUCKDB_THREADS}")
        self._lock = threading.Lock()
        self.tokens = Tokens()
        self.chaos = Chaos(level=chaos, seed=seed)
        self.listings = Listings(self.query, self._fetch_keys)
        now = now.astimezone(UTC).replace(tzinfo=None) if now and now.tzinfo else now
        self.view = View(now or self._last_moment())
        self._caught_up: set[str] = set()
        self.withheld: frozenset[str] = frozenset()  # rights that the vendors do not grant

    def granted(self, rights: Iterable[str]) -> list[str]:
        """Those of a vendor's rights that it grants."""
        return [right for right in rights if right not in self.withheld]

    def need(self, *rights: str) -> None:
        """Refuse a call whose rights are withheld."""
        if lacking := self.withheld & {*rights}:
            raise Problem("forbidden", f"This needs the right {', '.join(sorted(lacking))}.")

    def close(self) -> None:
        self._database.close()

    def query(self, sql: str, params: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        with self._database.cursor() as cursor:
            return cursor.execute(sql, params or {}).fetchall()

    def _fetch_keys(self, sql: str) -> Any:
        with self._database.cursor() as cursor:
            return cursor.execute(sql).to_arrow_table().column(0)

    def _last_moment(self) -> datetime:
        moment = self.query("SELECT max(visible_at) FROM till_orders")[0][0]
        if moment is None:
            raise ValueError("The demo world is empty: state the clock with --now.")
        return moment  # type: ignore[no-any-return]

    def set_clock(self, now: datetime) -> None:
        with self._lock:
            self.view = View(now, self.view.faults)

    def set_faults(self, requested: list[Any]) -> None:
        with self._lock:
            self.view = View(self.view.now, choose(requested, self.query, self.view.now))

    def set_chaos(self, level: int, seed: int = 0, only: list[str] | None = None) -> None:
        """A fresh set of dice; what has already gone wrong is forgotten."""
        self.chaos = Chaos(level, seed, None if only is None else frozenset(only))
        with self._lock:
            self._caught_up.clear()

    def listing(self, stream: Stream, filters: dict[str, Any]) -> Listing:
        """The whole list as of now, for vendors that page by offset."""
        return self.listings.get(stream, self.view, filters)

    def page(
        self, call: Call, stream: Stream, filters: dict[str, Any], limit: int, cursor: str | None
    ) -> tuple[Page, str | None]:
        """One page and the cursor of the next; a page run stays at the moment it began."""
        query_digest = digest(stream.name, sorted(filters.items()))
        view, offset = self.view, 0
        if cursor:
            offset, moment = read_cursor(cursor, query_digest)
            if call.whims.expire_cursor and self.chaos.may_lose_cursor(
                digest(call.path, query_digest, moment)
            ):
                raise Problem("cursor_expired", "The cursor has expired; start again.")
            view = View(moment, view.faults)
        page = cut_page(self.listings.get(stream, view, filters), offset, limit, call.whims)
        following = (
            None
            if page.next_offset is None
            else write_cursor(page.next_offset, view.now, query_digest)
        )
        return page, following

    def index_is_behind(self, what: str) -> bool:
        """Whether a search of ``what`` still misses the newest rows at this clock."""
        key = f"{what}@{self.view.now.isoformat()}"
        return key not in self._caught_up and self.chaos.index_lags(key)

    def index_catches_up(self, what: str) -> None:
        with self._lock:
            self._caught_up.add(f"{what}@{self.view.now.isoformat()}")
