"""The European Central Bank: its file of reference rates, units of each currency for one euro.

The world trades at one rate. It is quoted with more digits than the bank's, because a warehouse
turns it around and is held to the cent. Weekends are left out, and so is a day until its afternoon.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from demo.vendors.core.state import Simulation
from demo.vendors.core.vendor import Vendor
from demo.vendors.core.wire import Call, Problem, Reply

NAME = "ecb"
FIRST = date(1999, 1, 4)  # of the bank's file; the days from here to the world's are left out
BEFORE = timedelta(days=7)  # of the world's first day: that day may be a Sunday
OUT = time(15, tzinfo=UTC)
DIGITS = Decimal("1.0000000000")


def history(sim: Simulation, call: Call) -> Reply:
    rates = sim.query(
        "SELECT currency_code, eur_per_unit::VARCHAR FROM currencies"
        " WHERE currency_code <> 'EUR' ORDER BY currency_code"
    )
    ((start,),) = sim.query("SELECT start_date FROM world_info")
    cells = ",".join(str((1 / Decimal(rate)).quantize(DIGITS)) for _, rate in rates)
    days = [FIRST, *_working_days(start - BEFORE, sim.view.now)]
    head = ",".join(["Date", *(code for code, _ in rates)])
    lines = [head, *(f"{day},{cells}" for day in reversed(days))]
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", "".join(f"{line},\n" for line in lines))
    return Reply(file.getvalue())


def _working_days(first: date, clock: datetime) -> list[date]:
    now = clock.replace(tzinfo=UTC)  # which it is in, whether it says so or not
    days = (first + timedelta(number) for number in range((now.date() - first).days + 1))
    return [day for day in days if day.weekday() < 5 and datetime.combine(day, OUT) <= now]


def refuse(problem: Problem) -> Reply:
    status = {"rate_limited": 429, "server_error": problem.status}.get(problem.kind, 404)
    headers = problem.headers()
    return Reply(f"<html>{problem.message}</html>", status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {}


VENDOR = Vendor(
    NAME,
    (("GET", "/stats/eurofxref/eurofxref-hist.zip", history),),
    refuse,
    credentials,
    tokens_expire=False,
)
