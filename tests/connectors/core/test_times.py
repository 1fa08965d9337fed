"""Days of accounts in several zones, and settings that are lists."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.core.settings import Connection
from connectors.core.source import Window
from connectors.core.times import Foremost

SHOPS = tuple(map(ZoneInfo, ("America/Los_Angeles", "Europe/London", "Pacific/Auckland")))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-01-31T10:59:00", date(2026, 1, 31)),
        ("2026-01-31T11:00:00", date(2026, 2, 1)),  # midnight in Auckland, in summer
        ("2026-07-01T11:59:00", date(2026, 7, 1)),
        ("2026-07-01T12:00:00", date(2026, 7, 2)),  # and in winter
    ],
)
def test_the_newest_day_of_any_zone_is_the_foremost_ones(moment: str, day: date) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert at.astimezone(Foremost(SHOPS)).date() == day
    assert at.astimezone(Foremost(SHOPS)) == at
    assert day == max(at.astimezone(zone).date() for zone in SHOPS)


def test_which_zone_is_ahead_may_change_with_the_year() -> None:
    """London and Casablanca: by the summer, and by Ramadan."""
    zones = [ZoneInfo("Europe/London"), ZoneInfo("Africa/Casablanca")]
    for month in range(1, 13):
        at = datetime(2026, month, 1, 23, 30, tzinfo=UTC)
        assert at.astimezone(Foremost(zones)).date() == max(
            at.astimezone(zone).date() for zone in zones
        )


def test_no_zone_is_utc() -> None:
    at = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)
    assert at.astimezone(Foremost([])).date() == at.date()


def test_days_that_have_not_begun_in_a_zone_are_left_out() -> None:
    days = (date(2026, 5, 30), date(2026, 5, 31), date(2026, 6, 1))
    until = datetime(2026, 6, 1, 3, tzinfo=UTC)
    window = Window(until, until, days, days[0], ("12",))
    assert window.begun(ZoneInfo("America/Los_Angeles")).days == days[:2]
    assert window.begun(ZoneInfo("Europe/London")) == window
    late = Window(until, until, days[2:], days[0])
    assert list(late.begun(ZoneInfo("America/Los_Angeles")).stretches()) == []


@pytest.mark.parametrize(
    ("value", "members"),
    [
        ("", ()),
        (None, ()),
        ("12", ("12",)),
        (" 12, 13 ,,12", ("12", "13")),
        (["12", 13, ""], ("12", "13")),
        (12, ("12",)),
    ],
)
def test_a_setting_that_is_a_list_may_be_a_text(value: Any, members: tuple[str, ...]) -> None:
    assert Connection(extra={"ids": value}).listed("extra.ids") == members
