"""Ask a vendor, in seconds, whether a connection will bring what it should.

Signing in, the rights granted, one page of each stream, the version that answered, the clocks. Each
finding is one sentence. Nothing lands and no state moves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from threading import Thread
from typing import Any, Literal

from connectors.core.auth import Token
from connectors.core.errors import AuthError, Unfinished
from connectors.core.http import PATIENCE, Patience
from connectors.core.paging import complete
from connectors.core.rights import Right
from connectors.core.settings import Connection
from connectors.core.source import Api, Source, Stream, limited
from connectors.extract import choose
from warehouse.landing.errors import SourceError

DEADLINE = 12.0  # seconds for one question; who does not answer in time is not asked another
HURRIED = Patience(attempts=2, timeout=(4.0, 8.0), order=3.0)
SAMPLE = timedelta(days=1)  # of the newest that a stream has
MOST_SKEW = timedelta(minutes=2)

Level = Literal["ok", "note", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """What one question found. ``about``: a stream, or what was asked for. A *note* is what the
    vendor does not tell; an *error* means that something will be missing."""

    level: Level
    about: str
    text: str


class NoAnswer(Exception):
    """There was none in time."""


def check(source: Source, connection: Connection, now: datetime | None = None) -> Iterator[Finding]:
    """Yield what is found, question by question. Raises SettingError for a wrong setting.

    ``now`` is the end of what the streams are asked for; the clocks are compared by the real one.
    """
    until = limited(connection, now or datetime.now(UTC))
    streams = choose(source, None, connection)
    api = source.open(connection)
    try:
        yield from _findings(source, api, streams, until)
    finally:
        api.close()


def _findings(
    source: Source, api: Api, streams: list[Stream], until: datetime
) -> Iterator[Finding]:
    if isinstance(auth := api.client.auth, Token):
        signed = _ask("sign-in", auth.headers, "the vendor takes our credentials")
        yield signed
        if signed.level == "error":
            return
    for found in _rights(source, api, streams):
        yield found
        if _is_dead(api, found):
            if found.level != "error":
                yield Finding("error", "connection", "the vendor has not answered once")
            return
    for stream in streams:
        found = _ask(stream.name, partial(_page, api, stream, until))
        yield found
        if _is_dead(api, found):
            return
        if fields := api.unseen.get(stream.name):
            yield Finding(
                "error",
                stream.name,
                f"the vendor does not show {', '.join(fields)} to our credentials: they stay empty."
                " Grant them, and read again what landed without them (o2o extract --since)",
            )
    yield from _version(source, api)
    yield from _clock(api)


def _is_dead(api: Api, found: Finding) -> bool:
    """Who has not answered in time, or not once, will not answer the next question, either."""
    return found.text.startswith(_NO_ANSWER) or (
        found.level in ("warning", "error") and not api.client.answered
    )


_NO_ANSWER = "no answer"


def _ask(about: str, question: Callable[[], Any], text: str = "") -> Finding:
    """The finding of one question, in time."""
    try:
        said = _in_time(question)
    except NoAnswer:
        return Finding(
            "error",
            about,
            f"{_NO_ANSWER} within {DEADLINE:.0f} s: check the host of the connection, the network"
            " and the proxy",
        )
    except SourceError as error:
        return Finding("error", about, error.message)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return Finding("error", about, f"the answer has another shape ({type(error).__name__})")
    return Finding("ok", about, text or str(said))


def _in_time(question: Callable[[], Any]) -> Any:
    """The answer, or NoAnswer: whatever holds a thread up (names that are not found, a server that
    trickles) does not hold us."""
    outcome: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        PATIENCE.set(HURRIED)
        try:
            outcome.append(question())
        except BaseException as error:  # noqa: BLE001  # raised where it was asked for
            errors.append(error)

    thread = Thread(target=copy_context().run, args=(run,), daemon=True)
    thread.start()
    thread.join(DEADLINE)
    if errors:
        raise errors[0]
    if not outcome:
        raise NoAnswer
    return outcome[0]


def _rights(source: Source, api: Api, streams: list[Stream]) -> Iterator[Finding]:
    read = {stream.name for stream in streams}
    needed = [right for right in source.rights if read & {*right.streams}]
    told = [right for right in needed if right.is_told]
    if source.granted and told:
        yield from _told_rights(told, partial(source.granted, api))
    for right in needed:
        if not right.is_told and right.without != "–":
            yield Finding("note", "rights", f"nobody tells, make sure: {right.name}")


def _told_rights(needed: list[Right], granted: Callable[[], Collection[str]]) -> Iterator[Finding]:
    names: set[str] = set()
    asked = _ask("rights", lambda: names.update(granted()), "told")
    if asked.level == "error":
        no_answer = asked.text.startswith(_NO_ANSWER)
        said = (
            asked.text if no_answer else f"the vendor does not tell what it granted: {asked.text}"
        )
        yield Finding("error" if no_answer else "warning", "rights", said)
        return
    missing = [right for right in needed if right.name not in names]
    for right in missing:
        yield Finding("error", "rights", _lacks(right))
    if not missing:
        yield Finding("ok", "rights", f"all {len(needed)} that are needed are granted")


def _lacks(right: Right) -> str:
    how = f" ({right.note})" if right.note else ""
    return f"{right.name} is not granted{how}. Without it: {right.without}"


def _page(api: Api, stream: Stream, until: datetime) -> str:
    """Read the first page of the newest day."""
    began = time.monotonic()
    window = stream.window(api, {}, until.astimezone(UTC), until - SAMPLE)
    if stream.parts:
        window = replace(window, parts=tuple(stream.parts(api)))
    read = stream.reader(window)
    rows = bad = 0
    for run in stream.read(api, window):
        batches = complete(run, read)
        try:
            batch = next(batches, None)
        except Unfinished:
            return "the vendor has taken the order of the last day, and works on it"
        batches.close()  # type: ignore[attr-defined]
        if batch:
            rows, bad = len(batch.rows), len(batch.bad)
            break
    seconds = time.monotonic() - began
    if bad and not rows:
        raise AuthError(f"none of the {bad} elements of a page can be read")
    return f"{rows:,} rows on the first page of the last day" + (
        f", {bad:,} that cannot be read" if bad else f" ({seconds:.1f} s)"
    )


def _version(source: Source, api: Api) -> Iterator[Finding]:
    today = datetime.now(UTC).date()
    for version in source.versions:
        if version.setting and not api.connection.get(version.setting):
            continue
        answered = api.client.answered.get(version.header, "") if version.header else ""
        if answered and answered != version.name:
            yield Finding(
                "error",
                "version",
                f"{version.name} was asked for and {answered} answered: fields may be other ones."
                " Upgrade",
            )
        if ending := version.ending(today):
            yield Finding("warning", "version", ending)
        elif not answered or answered == version.name:
            ends = f", ends on {version.ends} at the earliest" if version.ends else ""
            yield Finding("ok", "version", f"{version.name}{ends}")


def _clock(api: Api) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(api.client.answered["Date"])
    except (KeyError, TypeError, ValueError):
        return
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    skew = datetime.now(UTC) - theirs
    if abs(skew) <= MOST_SKEW:
        yield Finding("ok", "clock", "as the vendor's")
        return
    way = "ahead of" if skew > timedelta(0) else "behind"
    yield Finding(
        "warning",
        "clock",
        f"this machine's clock is {abs(skew) // timedelta(seconds=1):,} s {way} the vendor's: set"
        " it (NTP), or the newest records are missed or asked for too early",
    )
