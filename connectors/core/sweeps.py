"""Records that are gone, where the vendor tells of changes but not of deletions.

Now and then all keys that exist are listed (a *sweep*). A key that landed before and is not in the
list may have been deleted, or the list may have a hole. So the vendor is asked for each such key,
and only what it says by key is gone lands: the record's last version with ``"deleted":true`` at its
end, as a version of its own. Should the record come back, its next change is newer than that.

Where the list has the records whole, it also tells what no update time does: a record that changed
without one, as by a mass action, or came with an old one lands, too.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.core import times
from connectors.core.errors import ODD, VendorError
from connectors.core.paging import Run, complete
from connectors.core.verbatim import extend
from warehouse.landing.rows import Row

if TYPE_CHECKING:
    from connectors.core.paging import Batch
    from connectors.core.source import Window
    from connectors.core.verbatim import Page
    from warehouse.landing.zone import StreamLanding

log = logging.getLogger(__name__)
AT_ONCE = 100  # keys asked for in one request
SWEPT = "swept"  # in the state: the end of the window of the newest sweep


@dataclass(frozen=True)
class Sweep:
    """How a stream finds out what is gone.

    ``every``: how long after one sweep the next is due. ``present`` lists all records that exist,
    each at least with its key. ``gone`` tells which of the keys (100 at most) do not exist any
    more, by the vendor's word for each. ``order``, for vendors that serve only newer records to
    some credentials: a number that is greater the later a record was made; keys older than the
    oldest in the list are out of reach and not judged. ``is_whole``: the list has the records as
    they are read otherwise, so that those that differ from what landed of them land.
    """

    every: timedelta
    present: Callable[[Any, Window], Iterator[Run]]
    gone: Callable[[Any, list[str]], Collection[str]]
    order: Callable[[str], int] | None = None
    is_whole: bool = False

    # What is said of a sweep that failed, before the reason.
    failing = "what changed has landed; what is gone could not be found out"

    def is_due(self, state: dict[str, Any], until: datetime) -> bool:
        return SWEPT not in state or times.parse(state[SWEPT]) + self.every <= until

    def trouble(self, window: Window) -> str:
        """What could not be read, beside what is gone; empty if all could."""
        return ""

    def noted(self, state: dict[str, Any], window: Window, has_failed: bool) -> dict[str, Any]:
        """The state after a sweep."""
        return state if has_failed else {**state, SWEPT: times.text(window.until)}

    def rows(
        self,
        api: Any,
        window: Window,
        place: StreamLanding,
        read: Callable[[Page], Batch],
    ) -> list[Row]:
        """The last versions of what is gone, and what changed untold. ``read`` finds the keys of a
        page, or its rows where the list is whole. Raises SourceError, also where the vendor's
        answer has another shape than it documents."""
        try:
            return self._rows(api, window, place, read)
        except (*ODD, ValueError) as error:
            surprise = f"the answer has an unexpected shape ({type(error).__name__}: {error})"
            raise VendorError(surprise) from error

    def _rows(
        self,
        api: Any,
        window: Window,
        place: StreamLanding,
        read: Callable[[Page], Batch],
    ) -> list[Row]:
        known = place.keys()
        if not known:
            return []
        landed = _marks(place.every_row()) if self.is_whole else {}
        listed: set[str] = set()
        untold: list[Row] = []
        for run in self.present(api, window):
            for batch in complete(run, read):
                listed.update(key for key, _, _ in batch.rows)
                untold += _untold(batch.rows, landed, window) if self.is_whole else ()
        if not listed:
            log.warning("%s: the list of all records is empty: not believed", place.name)
            return []
        lost = known - listed
        if self.order:
            oldest = min(map(self.order, listed))
            lost = {key for key in lost if self.order(key) >= oldest}
        last = {key: row for key, row in _newest(place.versions(lost)).items() if _lives(row)}
        asked = sorted(last)
        gone: set[str] = set()
        for at in range(0, len(asked), AT_ONCE):
            gone.update(self.gone(api, asked[at : at + AT_ONCE]))
        if holes := len(last) - len(gone & last.keys()):
            log.warning("%s: the list of all records lacked %d that exist", place.name, holes)
        if untold:
            log.info("%s: %d records changed and no update time told", place.name, len(untold))
        position = times.text(window.until)
        return untold + [
            (key, position, extend(last[key][2], '"deleted":true')) for key in asked if key in gone
        ]


def _marks(rows: Iterator[Row]) -> dict[str, tuple[str, int]]:
    """Of each key the cursor of its newest version, and what its payload is recognised by."""
    found: dict[str, tuple[str, int]] = {}
    for key, cursor, payload in rows:
        last = found.get(key)
        if last is None or cursor == last[0] or times.parse(cursor) >= times.parse(last[0]):
            found[key] = cursor, hash(payload)
    return found


def _untold(rows: list[Row], landed: dict[str, tuple[str, int]], window: Window) -> Iterator[Row]:
    """Rows of the list that differ from what landed, and that no load by update time would read:
    at the place of the version that they replace."""
    for key, position, payload in rows:
        moment = times.parse(position)
        if moment >= window.since or (key not in landed and moment.date() < window.oldest):
            continue
        cursor, mark = landed.get(key, (position, 0))
        if mark != hash(payload):
            yield key, max(cursor, position, key=times.parse), payload


def _newest(versions: list[Row]) -> dict[str, Row]:
    """Of each key the version that staging takes: the newest by the vendor's clock, or else by the
    load."""
    found: dict[str, tuple[datetime, Row]] = {}
    for row in versions:
        moment = times.parse(row[1])
        if row[0] not in found or moment >= found[row[0]][0]:
            found[row[0]] = moment, row
    return {key: row for key, (_, row) in found.items()}


def _lives(row: Row) -> bool:
    return json.loads(row[2]).get("deleted") is not True
