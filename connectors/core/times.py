"""Times as vendors write them, read into UTC, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import groupby

import numpy as np

MOST_DIGITS_OF_A_DATE = 8  # 20260601
ZERO = "+00:00"  # what Python writes behind a time in UTC
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_MILLISECONDS = 253_402_300_799_999  # the end of the year 9999


def parse(text: str) -> datetime:
    """Read an RFC 3339 or ISO 8601 timestamp, one without an offset as UTC; or milliseconds since
    1970, which have more digits than any date.

    Raises ValueError for anything else, also for a time that is none in UTC any more.
    """
    if len(text) > MOST_DIGITS_OF_A_DATE and text.isascii() and text.isdigit():
        return from_milliseconds(int(text))
    moment = datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is beyond the years 1 to 9999 in UTC") from None


def parse_all(texts: Sequence[str]) -> list[datetime]:
    """Read many of them; raises ValueError where one is none."""
    if are_milliseconds(texts):
        numbers = list(map(int, texts))
        if max(numbers) > MOST_MILLISECONDS:
            return list(map(from_milliseconds, numbers))
        after = np.array(numbers, np.int64).astype("timedelta64[ms]").tolist()
        return [EPOCH + each for each in after]
    try:
        found = list(map(datetime.fromisoformat, texts))
    except ValueError:
        found = []
    # A text without a zone may be digits alone, which say something else.
    if {moment.tzinfo for moment in found} == {UTC}:
        return found
    return list(map(parse, texts))


def are_milliseconds(texts: Sequence[str]) -> bool:
    """Whether all of them are milliseconds since 1970."""
    digits = "".join(texts)
    return digits.isascii() and digits.isdigit() and min(map(len, texts)) > MOST_DIGITS_OF_A_DATE


def exact_milliseconds(texts: Sequence[str]) -> list[str]:
    """Milliseconds since 1970, none beyond the year 9999, as :func:`exact` writes them."""
    moments = np.array(list(map(int, texts)), np.int64).astype("datetime64[ms]")
    found: list[str] = np.datetime_as_string(moments, unit="us", timezone="UTC").tolist()
    return found


def text(moment: datetime) -> str:
    """``2026-06-01T00:00:00.000Z``: the form that all the vendors here accept. Cut to the
    millisecond, so as a lower edge it includes a little more, never less."""
    wall = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{wall.isoformat(timespec='milliseconds')}Z"


def exact(moment: datetime) -> str:
    """A time to the microsecond in UTC; such texts sort like the times they stand for."""
    told = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{told[: -len(ZERO)]}Z"


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970, rounded down (exactly: no float on the way)."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_milliseconds(number: int) -> datetime:
    """The time so many milliseconds after 1970. Raises ValueError beyond the year 9999."""
    try:
        return EPOCH + timedelta(milliseconds=number)
    except OverflowError:
        raise ValueError(f"{number} ms after 1970 is beyond the year 9999") from None


def days(first: date, last: date) -> Iterator[date]:
    """Every day from first to last, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def stretches(found: Iterable[date]) -> Iterator[tuple[date, date]]:
    """First and last day of each stretch of days that follow one another, oldest first."""
    numbered = enumerate(sorted(found))
    for _, run in groupby(numbered, lambda each: each[1].toordinal() - each[0]):
        days = [day for _, day in run]
        yield days[0], days[-1]


class Foremost(tzinfo):
    """Of several zones always the one whose clock is ahead: the newest day has begun there, so that
    nobody's newest day is left out."""

    def __init__(self, zones: Iterable[tzinfo]) -> None:
        self._zones = tuple(zones) or (UTC,)

    def utcoffset(self, moment: datetime | None) -> timedelta:
        clock = (moment or datetime.now(UTC)).replace(tzinfo=UTC)
        return max(clock.astimezone(zone).utcoffset() or timedelta(0) for zone in self._zones)

    def dst(self, moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, moment: datetime | None) -> str:
        return "foremost"

    def fromutc(self, moment: datetime) -> datetime:
        return moment + self.utcoffset(moment)
