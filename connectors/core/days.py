"""Which days of a report are asked for, and for which of them the vendor has answered.

No row of a day is no answer: the vendor may be late, the list it answers from may be short, or the
day may really be empty. So a day that held rows is emptied only on somebody's word: the vendor's
(`Report.answers`) or the owner's (an accepted gap). Until then it is *doubtful*: what landed of it
stays, and it is asked for again and told.

Days are tracked one by one, in the stream's state:

- ``day``: the newest day with rows;
- ``first``: the oldest day that was answered; earlier ones are not missed;
- ``open``: days that were answered and may still be restated, each with the day on which that ends;
- ``silent``: days that came without rows and never had any: asked for again for a while;
- ``missing``: days that the vendor has not answered for, and of which nothing landed;
- ``doubtful``: days that held rows and now come without any;
- ``left_out``: parts of days that did, in the newest load (``2026-06-01 A1``).

Silent, missing and doubtful ones as days and stretches of days, ``first/last``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta, tzinfo
from typing import Any

from connectors.core import times
from warehouse.landing.rows import Row

State = dict[str, Any]
ONE = timedelta(days=1)
Accepted = Callable[[date, str], bool]  # day; part of it, or empty for all of it
Standing = Callable[[Collection[str]], Mapping[str, list[Row]]]


@dataclass(frozen=True)
class Report:
    """How a report stream restates. ``zone`` tells in which time zone the vendor's days are.

    A day is read until ``look_back_days`` full days after its end have passed, or as long after it
    appeared, if it came late. ``wait_days``: how long a day without rows is asked for again.
    ``answers`` tells what the vendor says of a day without rows, in its own way: True, it has none;
    False, it has not answered for it; None, nothing. ``is_in_parts``: the first member of the key
    (a counter) answers for itself; what landed of one that is left out of a day stays.
    """

    look_back_days: int
    history_days: int
    zone: Callable[[Any], tzinfo] = lambda api: UTC
    answers: Callable[[Any, date], bool | None] = lambda api, day: None
    is_in_parts: bool = False
    wait_days: int = 30

    def asked(self, state: State, oldest: date, today: date) -> list[date]:
        """The days of the next load: those still open, and all since the last load. All of the
        history, if there was none."""
        if "day" not in state:
            return list(times.days(min(oldest, today), today))
        known = _Days.read(state, self)
        late = {day for day in known.missing if self._waits(day, known.last)}
        since = times.days(known.last + ONE, today)
        days = {*known.open, *known.silent, *known.doubtful, *late, *since}
        return sorted(day for day in days if oldest <= day <= today) or [today]

    def newest_asked(self, state: State) -> date:
        """The newest day that a load has asked for, of a state that is not the first."""
        return _Days.read(state, self).last

    def judge(
        self,
        api: Any,
        days: Collection[date],
        came: Came,
        standing: Standing,
        is_accepted: Accepted = lambda day, part: False,
    ) -> Answer:
        """Which of the days a load replaces, given what ``came``.

        ``standing`` looks up what landed of days, ``is_accepted`` whether the owner accepts that
        a day, or a part of it, has no rows any more.
        """
        bare = [day for day in days if day.isoformat() not in came.days]
        said = {day: is_accepted(day, "") or self.answers(api, day) for day in bare}
        mute = [day for day in bare if not said[day]]
        stands = standing([day.isoformat() for day in mute])
        doubtful = {day for day in mute if stands.get(day.isoformat())}
        missing = {day for day in mute if said[day] is False and day not in doubtful}
        kept = list(self._kept(came, standing, is_accepted))
        return Answer(
            answered=set(days).difference(mute),
            silent=set(mute) - doubtful - missing,
            missing=missing,
            doubtful=doubtful,
            kept=[row for _, row in kept],
            left_out=sorted({f"{row[1]} {part}" for part, row in kept}),
        )

    def _kept(
        self, came: Came, standing: Standing, is_accepted: Accepted
    ) -> Iterator[tuple[str, Row]]:
        """The rows that stand of parts that were left out of a day."""
        if self.is_in_parts:
            for day, rows in standing(sorted(came.days)).items():
                for row in rows:
                    part = _part(row)
                    is_there = (day, part) in came.parts
                    if not is_there and not is_accepted(date.fromisoformat(day), part):
                        yield part, row

    def next_state(self, state: State, days: Collection[date], oldest: date, told: Answer) -> State:
        """The days in the state after a regular load of ``days``, the newest of which is today."""
        is_first = "day" not in state
        today = max(days)
        known = _Days.read(state, self)
        after = known.without(days)
        for day in told.answered:
            # Before its first answer it was not there, or nobody asked: only of a first load's
            # days is it known that they are old.
            appeared = day + ONE if is_first else max(day + ONE, today)
            ends = known.open.get(day, appeared + self.look_back_days * ONE)
            if told.is_partial:
                ends = max(ends, today + ONE)
            if ends > today:
                after.open[day] = ends
        after.first = min([known.first, *told.answered])
        after.silent.update(day for day in told.silent if self._waits(day, today))
        after.missing.update(
            day for day in told.missing if day > after.first or self._waits(day, today)
        )
        after.doubtful.update(told.doubtful)
        left_out = {"left_out": told.left_out} if told.left_out else {}
        return after.as_state(oldest) | left_out

    def _waits(self, day: date, today: date) -> bool:
        """Whether a day without rows is asked for once more, after today."""
        return day + (1 + self.wait_days) * ONE > today


@dataclass
class Came:
    """The days, and their parts, of which a load brought rows."""

    days: set[str] = field(default_factory=set)
    parts: set[tuple[str, str]] = field(default_factory=set)

    def add(self, rows: Collection[Row], report: Report) -> None:
        self.days.update([row[1] for row in rows])
        if report.is_in_parts:
            self.parts.update([(row[1], row[0].partition("|")[0]) for row in rows])


@dataclass(frozen=True)
class Answer:
    """What a load tells of the days that it asked for.

    ``answered``: with rows, or somebody's word that there are none. ``kept`` are rows of an
    earlier load that go into this one, because the parts ``left_out`` (``2026-06-01 A1``) are not
    in what came. ``is_partial``: parts could not be read, and the days are to be asked for again.
    """

    answered: set[date] = field(default_factory=set)
    silent: set[date] = field(default_factory=set)
    missing: set[date] = field(default_factory=set)
    doubtful: set[date] = field(default_factory=set)
    kept: list[Row] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    is_partial: bool = False

    @property
    def covered(self) -> list[date]:
        """The days that the load replaces. Of a silent one nothing landed that could be lost."""
        return sorted(self.answered | self.silent)

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """Days and parts of days that held rows and came without any."""
        return (*_stretches(self.doubtful), *self.left_out)


@dataclass
class _Days:
    """The days in a state."""

    open: dict[date, date]
    silent: set[date]
    missing: set[date]
    doubtful: set[date]
    newest: date
    first: date

    @classmethod
    def read(cls, state: State, report: Report) -> _Days:
        """A state of an older release tells the newest day with rows and nothing else."""
        if "day" not in state:
            return cls({}, set(), set(), set(), date.min, date.max)
        newest, look_back = date.fromisoformat(state["day"]), report.look_back_days * ONE
        days = times.days(newest - look_back, newest)
        before = {str(day): str(day + ONE + look_back) for day in days}
        return cls(
            {
                date.fromisoformat(day): date.fromisoformat(ends)
                for day, ends in state.get("open", before).items()
            },
            _days(state, "silent"),
            _days(state, "missing"),
            _days(state, "doubtful"),
            newest,
            date.fromisoformat(state.get("first") or state["day"]),
        )

    @property
    def last(self) -> date:
        """The newest day that was asked for."""
        return max([self.newest, *self.open, *self.silent, *self.missing, *self.doubtful])

    def without(self, days: Collection[date]) -> _Days:
        return _Days(
            {day: ends for day, ends in self.open.items() if day not in days},
            self.silent.difference(days),
            self.missing.difference(days),
            self.doubtful.difference(days),
            self.newest,
            self.first,
        )

    def as_state(self, oldest: date) -> State:
        """Days that the vendor no longer serves are out of the question."""
        state: State = {
            "first": str(self.first),
            "open": {str(day): str(ends) for day, ends in sorted(self.open.items())},
        }
        for name in ("silent", "missing", "doubtful"):
            if told := _stretches(day for day in getattr(self, name) if day >= oldest):
                state[name] = told
        return state


def _part(row: Row) -> str:
    return row[0].partition("|")[0]


def _days(state: State, name: str) -> set[date]:
    ends = [stretch.partition("/") for stretch in state.get(name, ())]
    return {
        day
        for first, _, last in ends
        for day in times.days(date.fromisoformat(first), date.fromisoformat(last or first))
    }


def _stretches(days: Iterable[date]) -> list[str]:
    return [
        str(first) if first == last else f"{first}/{last}" for first, last in times.stretches(days)
    ]
