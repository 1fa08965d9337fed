"""Run a source's streams and land what they bring."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property, partial

from connectors.core import times
from connectors.core.days import Answer, Came, Report, State
from connectors.core.errors import ExtractFailed, QuotaSpent, UnknownName, VendorError
from connectors.core.kept import Kept
from connectors.core.late import LOOKED_BACK
from connectors.core.masking import mask, secrets_of
from connectors.core.paging import Batch, Run, complete
from connectors.core.seen import Seen
from connectors.core.settings import Connection
from connectors.core.source import SKIP_STREAMS, Api, Source, Stream, Window, limited
from connectors.core.sweeps import Sweep
from connectors.core.verbatim import Page
from warehouse.landing import suppression
from warehouse.landing.errors import SourceError
from warehouse.landing.rows import Row
from warehouse.landing.zone import Landing, Load, StreamLanding

log = logging.getLogger(__name__)
PUT_OFF = "put_off"  # in the state: the parts that were left, and where

OnProgress = Callable[[str, str, int], None]  # source, stream, rows so far
# Stream, day, and part of the day or an empty text: the owner accepts that it has no rows.
Accepted = Callable[[str, date, str], bool]


@dataclass(frozen=True)
class LoadResult:
    """What one stream's load brought. ``load_id`` is empty when there was nothing to land.

    ``unconfirmed``: days of a report, or parts of days (``2026-06-01 A1``), that held rows before
    and came without any; what landed of them stays.
    ``ahead``: rows that landed with a time behind the window's end, to which the state does not go.
    ``outside``: rows of days that were not asked for, which did not land.
    ``out_of_reach``: days since the last load that the vendor serves no more, ``first/last``.
    ``unseen``: fields that the vendor does not show to our credentials.
    ``put_off``: parts that were not read to their end, because what the vendor allows in a day is
    used up; the next load begins with them.
    """

    source: str
    stream: str
    load_id: str
    rows: int
    quarantined: int
    window: dict[str, str]
    seconds: float
    unconfirmed: tuple[str, ...] = ()
    ahead: int = 0
    outside: int = 0
    out_of_reach: str = ""
    unseen: tuple[str, ...] = ()
    put_off: tuple[str, ...] = ()


def extract(
    source: Source,
    connection: Connection,
    landing_url: str,
    until: datetime,
    since: datetime | None = None,
    streams: Sequence[str] | None = None,
    on_progress: OnProgress | None = None,
    accepted: Accepted = lambda stream, day, part: False,
) -> list[LoadResult]:
    """Load the streams of a source (all of them, or those named), one after the other.

    ``until`` and ``since`` are times with a zone; the connection's ``extra.until`` limits both.
    Without ``since`` each stream goes on from its own state; with it the window is read again and
    the state never moves backwards. ``accepted``: what of reports may lose its rows.
    A failed stream does not keep the others from being loaded: ExtractFailed comes at the end and
    lists each failure. A wrong setting or an unknown stream raises before anything is fetched.
    """
    if until.tzinfo is None or (since is not None and since.tzinfo is None):
        raise ValueError("since and until need a time zone")
    chosen = choose(source, streams, connection)
    landing = Landing(landing_url)
    results: list[LoadResult] = []
    errors: list[SourceError] = []
    try:
        until = limited(connection, until)
        if since is not None and since > until:
            raise SourceError(f"since is later than until ({until.isoformat()})")
        api = source.open(replace(connection, kept=Kept(landing, source.name)))
    except SourceError as error:
        raise error.at(source.name) from None
    try:
        for stream in chosen:
            place = landing.stream(source.name, stream.name)
            try:
                with landing.private():
                    results.append(
                        _load(source, stream, api, place, until, since, on_progress, accepted)
                    )
            except SourceError as error:
                errors.append(error.at(source.name, stream.name))
            except Exception as error:
                # A vendor that answers in another shape than it documents. One stream's surprise
                # must not cost the others their load; the trace is for whoever mends the source.
                log.debug("%s", place.name, exc_info=True)
                mask(error, secrets_of(connection))
                surprise = f"the answer has an unexpected shape ({type(error).__name__}: {error})"
                errors.append(VendorError(surprise).at(source.name, stream.name))
    finally:
        api.close()
    if errors:
        raise ExtractFailed(source.name, errors, landed=len(results))
    return results


def choose(source: Source, names: Sequence[str] | None, connection: Connection) -> list[Stream]:
    """The streams with these names, in the source's order; without names all but those that the
    connection skips. Raises UnknownName."""
    known = [stream.name for stream in source.streams]
    skipped = () if names else connection.listed(SKIP_STREAMS)
    unknown = [name for name in names or skipped if name not in known]
    if unknown:
        raise UnknownName(
            f"{'' if names else f'{SKIP_STREAMS}: '}no stream called {', '.join(unknown)};"
            f" its streams are {', '.join(known)}",
            source=source.name,
        )
    wanted = names or [name for name in known if name not in skipped]
    return [stream for stream in source.streams if stream.name in wanted]


def _with_parts(
    stream: Stream,
    listed: Collection[str],
    state: State,
    window: Window,
    accepted: Accepted,
) -> Window:
    """The window for all parts that are listed now or were before, but for those whose owner
    accepts that they are gone; and which of them no load has asked for yet."""
    before = state.get("parts", ())
    known = [part for part in before if not accepted(stream.name, window.last_day, part)]
    fresh = [part for part in listed if "parts" in state and part not in before]
    parts = tuple(dict.fromkeys([*listed, *known]))
    late = {p: times.parse(at) for p, at in state.get(PUT_OFF, {}).items() if p in parts}
    return replace(window, parts=parts, fresh=tuple(fresh), put_off=late)


def _asked(
    stream: Stream,
    api: Api,
    name: str,
    state: State,
    until: datetime,
    since: datetime | None,
    accepted: Accepted,
) -> tuple[State, Window]:
    """What a load asks for, and the state that it goes on from."""
    window = stream.window(api, state, until, since)
    if not stream.parts:
        return state, window
    listed = stream.parts(api)
    window = _with_parts(stream, listed, state, window, accepted)
    if since is not None:  # a backfill asks for what it was told
        window = replace(window, put_off={})
    if stream.report and window.fresh and since is None:
        # Its days before the others' newest would never be asked for.
        log.info("%s: %s is new: all days are read", name, ", ".join(window.fresh))
        state = {"parts": state["parts"]}
        window = stream.window(api, state, until)
        window = _with_parts(stream, listed, state, window, accepted)
    return state, window


@dataclass
class _Taking:
    """The rows of one load on their way from the vendor to the landing zone. ``guard`` keeps those
    of erased people out; of what ``landed`` before, nothing lands again as it was."""

    stream: Stream
    api: Api
    window: Window
    load: Load
    guard: suppression.Guard | None
    landed: Seen | None = None
    newest: str = ""
    ahead: int = 0
    outside: int = 0
    came: Came = field(default_factory=Came)
    unread: dict[str, SourceError] = field(default_factory=dict)  # by part of a report

    def take(self, on_progress: Callable[[int], None]) -> None:
        """Land what the vendor has, page by page. A part that cannot be read costs no other one its
        load; if none can be read, the first one's error is raised."""
        asked: set[str] = set()
        for run in self.stream.read(self.api, self.window):
            asked.add(run.part)
            if run.part in self.unread:
                continue
            try:
                self._take(run, on_progress)
            except SourceError as error:
                # The cursor of an entity stream is that of all parts: what one lacks would be lost.
                if not run.part or self.stream.kind == "entity":
                    raise
                self.unread[run.part] = error
        if asked and asked == self.unread.keys():
            raise next(iter(self.unread.values()))

    def _take(self, run: Run, on_progress: Callable[[int], None]) -> None:
        for batch in complete(run, self._reader):
            if self.stream.report:
                self.came.add(batch.rows, self.stream.report)
            self._land(self.landed.fresh(batch.rows) if self.landed is not None else batch.rows)
            self.load.quarantine(self.guard.bad(batch.bad) if self.guard else batch.bad)
            self.newest = max(self.newest, batch.newest)
            self.ahead += batch.ahead
            self.outside += batch.outside
            on_progress(self.load.rows)

    @cached_property
    def _reader(self) -> Callable[[Page], Batch]:
        return self.stream.reader(self.window)

    @property
    def trouble(self) -> SourceError | None:
        """What is to be told of the parts that could not be read."""
        if not self.unread:
            return None
        listed = "; ".join(f"{part}: {error.message}" for part, error in self.unread.items())
        return VendorError(
            f"what the others have has landed; {len(self.unread)} could not be read and will be"
            f" asked again: {listed}"
        )

    def judge(self, report: Report, place: StreamLanding, accepted: Accepted) -> Answer:
        """Cover the days that the vendor has answered for, with what stays of them."""
        is_accepted = partial(accepted, self.stream.name)
        told = report.judge(self.api, self.window.days, self.came, place.standing, is_accepted)
        told = replace(told, is_partial=bool(self.unread))
        self.load.add(told.kept)
        for day in told.covered:
            self.load.cover(day.isoformat())
        return told

    def sweep(
        self, sweep: Sweep, place: StreamLanding, after: State
    ) -> tuple[State, SourceError | None]:
        """Land what is gone. The state after it, and what is to be told of what could not be found
        out, which must not cost what changed its load."""
        read = self.stream.reader if sweep.is_whole else self.stream.key_reader
        try:
            self._land(sweep.rows(self.api, self.window, place, read(self.window)))
            unread = sweep.trouble(self.window)
        except SourceError as error:
            unread = error.message
        failed = VendorError(f"{sweep.failing}: {unread}") if unread else None
        return sweep.noted(after, self.window, failed is not None), failed

    def _land(self, rows: list[Row]) -> None:
        self.load.add(self.guard.rows(rows) if self.guard else rows)


def _load(
    source: Source,
    stream: Stream,
    api: Api,
    place: StreamLanding,
    until: datetime,
    since: datetime | None,
    on_progress: OnProgress | None,
    accepted: Accepted,
) -> LoadResult:
    began = time.monotonic()
    place.ensure()
    with place.lock():
        until = until.astimezone(UTC)
        said = place.state()
        state = stream.believed(said, until)
        if state != said:
            log.warning("%s: its state is in the future (%s): all is read again", place.name, said)
        if since is None and not stream.is_due(state, until):
            return LoadResult(source.name, stream.name, "", 0, 0, {}, 0.0)
        state, window = _asked(stream, api, place.name, state, until, since, accepted)
        # Read under the lock: an erasure waits for it before it looks at what has landed.
        erased = suppression.read(place.landing)
        guard = erased.guard(stream.personal, place.connection) if erased else None
        with place.begin(window.as_json()) as load:
            look_back = None if since is not None else stream.look_back
            look_back = look_back if look_back and look_back.is_due(state, window.until) else None
            landed = look_back.landed(place, window.since) if look_back else None
            taking = _Taking(stream, api, window, load, guard, landed)
            taking.take(
                partial(on_progress, source.name, stream.name) if on_progress else lambda rows: None
            )
            told = taking.judge(stream.report, place, accepted) if stream.report else Answer()
            after = stream.next_state(
                state, window, taking.newest, told, is_backfill=since is not None
            )
            put_off = api.put_off.get(stream.name, {})
            if put_off and since is not None:
                raise QuotaSpent(
                    "what the vendor allows in a day is used up, and"
                    f" {', '.join(put_off)} not read to the end: nothing was committed"
                )
            if look_back and not put_off:
                after = {**after, LOOKED_BACK: times.text(window.until)}
            trouble = taking.trouble
            sweep = None if put_off or since is not None else stream.sweep
            if sweep and sweep.is_due(state, window.until):
                after, failed = taking.sweep(sweep, place, after)
                trouble = failed or trouble
            # A backfill brings some of a new part: the next load still has to bring all.
            if window.parts and since is None:
                after = {**after, "parts": sorted(window.parts)}
                left = {part: times.exact(at) for part, at in sorted(put_off.items())}
                after = {name: value for name, value in after.items() if name != PUT_OFF}
                after |= {PUT_OFF: left} if left else {}
            # Nothing found and nothing to remember: a file would only slow the readers down. That a
            # list has become empty is news.
            is_emptied = stream.kind == "snapshot" and bool(place.load_ids())
            has_news = (
                load.rows or load.quarantined or stream.report or after != state or is_emptied
            )
            load.suppressed = guard.dropped + guard.blanked if guard else 0
            if has_news:
                load.commit(after)
    if trouble:
        raise trouble
    result = LoadResult(
        source.name,
        stream.name,
        load.load_id if has_news else "",
        load.rows,
        load.quarantined,
        window.as_json(),
        time.monotonic() - began,
        told.unconfirmed,
        taking.ahead,
        taking.outside,
        stream.out_of_reach(state, window) if since is None else "",
        api.unseen.get(stream.name, ()),
        tuple(put_off),
    )
    _tell(place.name, result, load.suppressed)
    return result


def _tell(name: str, result: LoadResult, suppressed: int) -> None:
    """Log what of a load is not as usual."""
    if suppressed:
        log.info("%s: %d rows of erased people dropped or blanked", name, suppressed)
    if result.quarantined:
        log.warning("%s: %d elements quarantined", name, result.quarantined)
    if result.unconfirmed:
        log.warning(
            "%s: no rows came of %s, nor a word that there are none; what landed before stays",
            name,
            ", ".join(result.unconfirmed),
        )
    if result.ahead:
        log.warning("%s: %d rows have a time behind the window's end", name, result.ahead)
    if result.outside:
        log.warning("%s: %d rows are of days that were not asked for", name, result.outside)
    if result.unseen:
        log.warning(
            "%s: the vendor does not show %s to our credentials", name, ", ".join(result.unseen)
        )
    if result.put_off:
        log.warning(
            "%s: what the vendor allows in a day is used up; the next load goes on with %s",
            name,
            ", ".join(result.put_off),
        )
    if result.out_of_reach:
        log.warning(
            "%s: the last load is longer ago than the vendor's history: what happened on %s cannot"
            " be had, and the load goes on after it",
            name,
            result.out_of_reach,
        )
