"""The European Central Bank as the suite of behaviours sees it: a file, a column per record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request

FILE = "/stats/eurofxref/eurofxref-hist.zip"
RATES = {"as first told": "1.10", "as told later": "1.1200"}


def packed(head: str, lines: Iterable[str]) -> Answer:
    """The file as the ECB packs it, its oldest day far back."""
    columns = head.count(",")
    oldest = f"1999-01-04{',N/A' * columns}"
    text = "".join(f"{line},\n" for line in (head, *lines, oldest))
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("eurofxref-hist.csv", text)
    return Answer(file.getvalue())


class Ecb(Shape):
    """Each record is a currency that is quoted on one day."""

    source = "ecb"
    stream = "rates"
    counted = Impossible("the file does not say how many lines it has")
    expired = Impossible("one file, without page tokens")
    busy = Answer(b"", 429)
    error_in_200 = Answer(b"<html>We will be back soon.</html>")
    renews = Impossible("the file is public")
    late = timedelta(days=7)  # the days that are read again
    day_edges = Impossible("the file itself tells how far it reaches: test_source.py")
    beyond_the_cap = Impossible("one file has all days")
    take_back = Impossible("a rate stays; one that is corrected is behaviour 3")
    shifts = Impossible("one file")
    rows_at = Impossible("lines of text, not JSON: test_source.py")
    torn = Impossible("one file")
    more_fields = Impossible("a rate is one number: test_source.py")

    def serve(self) -> Connection:
        self.vendor.on("GET", FILE, self.answer)
        self.asked = 1  # one request is all there is: each trouble meets it
        return Connection(self.vendor.url, extra={"start_date": "2026-05-01"})

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        return {"day": at.date().isoformat(), "currency": tag, "rate": RATES[text]}

    def told(self, text: str) -> str:
        return f'"rate":{RATES[text]}'

    def tag(self, payload: Any) -> str:
        return payload["currency"]

    def page(self, request: Request) -> Any:
        rows = [row for _, row in self.records.values()]
        names = sorted({row["currency"] for row in rows})
        by_day: dict[str, dict[str, str]] = defaultdict(dict)
        for row in rows:
            by_day[row["day"]][row["currency"]] = row["rate"]
        lines = [
            ",".join([day, *(by_day[day].get(name, "N/A") for name in names)])
            for day in sorted(by_day, reverse=True)
        ]
        return packed(",".join(["Date", *names]), lines)


SHAPE = Ecb
