"""The European Central Bank's reference rates of the euro. How they are read stands in README.md.

They come as one file with all days. Each rate of a day is landed as an object with the day, the
currency and the digits as they stand in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from json.encoder import encode_basestring
from zoneinfo import ZoneInfo

from connectors.core.archives import only_file
from connectors.core.budget import Budget
from connectors.core.days import Report
from connectors.core.errors import VendorError
from connectors.core.http import Client
from connectors.core.paging import Run
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Source, Stream, Window
from connectors.core.verbatim import Page

VERSION = "eurofxref-hist"
HOST = "https://www.ecb.europa.eu"
LARGEST = 50_000_000  # bytes; the file has two million
ZONE = ZoneInfo("Europe/Berlin")  # Frankfurt's
# With the euro itself. Others had a rate once, and the file has their columns still.
QUOTES = (
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS",
    "INR", "ISK", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SEK", "SGD",
    "THB", "TRY", "USD", "ZAR",
)  # fmt: skip
NOT_QUOTED = ("", "N/A")
ABOVE_ZERO = re.compile(r"(?=.*[1-9])(0|[1-9]\d{0,8})(\.\d+)?").fullmatch


@dataclass
class Ecb(Api):
    """The file, read once a load."""

    @cached_property
    def file(self) -> Page:
        return self.client.get(f"/stats/eurofxref/{VERSION}.zip")

    @cached_property
    def reach(self) -> tuple[date, date]:
        """The oldest and the newest day of the file."""
        days = [day for line in self.file.raw if (day := _day(line))]
        if not days:
            raise VendorError("the file has no line of a day")
        return min(days), max(days)

    def answers(self, day: date) -> bool | None:
        """Beyond the file's reach nothing is said. In it, a day without rates may be a weekend,
        or a line that the file has lost."""
        oldest, newest = self.reach
        return None if oldest <= day <= newest else False


def _unpacked(body: bytes, rows: tuple[str, ...] | None) -> Page:
    """The lines of the file as rows, its head as envelope."""
    text = only_file(body, LARGEST).decode()
    head, *lines = text.splitlines() or [""]
    if not head.startswith("Date,") or not lines:
        raise ValueError("not a table of rates")
    return Page(lines, head)


def _connect(connection: Connection) -> Ecb:
    client = Client(
        connection.host or HOST,
        connection=connection,
        headers={"Accept": "application/zip"},
        budget=Budget(1, 1),
        read=_unpacked,
    )
    return Ecb(client, connection)


def _rates(api: Ecb, window: Window) -> Iterator[Run]:
    def pages(start: str) -> Iterator[Page]:
        # A day that the file has lost would be taken for one without rates.
        if (oldest := api.reach[0]) > window.first_day:
            raise VendorError(f"the file begins on {oldest}, after {window.first_day}")
        page, days = Page(made=[]), set(window.days)
        names = _cells(api.file.envelope)[1:]
        for line in api.file.raw:
            day = _day(line)
            # What is no day is taken along, to be set aside.
            if day is None or day in days:
                _add(page, names, line)
        yield page

    yield Run(pages, label=VERSION)


def _add(page: Page, names: list[str], line: str) -> None:
    """The rates of a line; what is none goes to the quarantine, as sent."""
    page.made = page.made or []
    day, *cells = _cells(line)
    if len(cells) != len(names):
        page.made.append(None)
        page.raw.append(line)
        return
    for name, cell in zip(names, cells, strict=True):
        if cell in NOT_QUOTED:
            continue
        is_rate = ABOVE_ZERO(cell)
        page.made.append({"date": day, "currency": name} if is_rate else None)
        words = f'"date":{encode_basestring(day)},"currency":{encode_basestring(name)}'
        page.raw.append(f'{{{words},"rate":{cell if is_rate else encode_basestring(cell)}}}')


def _cells(line: str) -> list[str]:
    """Each line ends in a comma."""
    return [cell.strip() for cell in line.rstrip().removesuffix(",").split(",")]


def _day(line: str) -> date | None:
    day = line.partition(",")[0].strip()
    try:
        return date.fromisoformat(day) if len(day) == 10 else None
    except ValueError:
        return None


SOURCE = Source(
    name="ecb",
    title="European Central Bank",
    owner="sales-finance",
    schedule="30 16 * * *",
    provides=("exchange_rates",),
    settings=(
        Setting("host", "where the file is, if not at the European Central Bank", False),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "rates",
            "Units of a currency per euro, by the day",
            _rates,
            key="date|currency",
            cursor="date",
            report=Report(
                look_back_days=7,
                history_days=3653,
                zone=lambda api: ZONE,
                answers=Ecb.answers,
                wait_days=14,
            ),
            required=("date", "currency", "rate"),
            rests=timedelta(days=4),  # over Easter
        ),
    ),
    connect=_connect,
    quotes=QUOTES,
    rights=(Right("none, the file is public", ("rates",), "–", is_told=False),),
    versions=(Version(VERSION),),
)
