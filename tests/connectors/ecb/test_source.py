"""The file of the reference rates, as the European Central Bank writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyarrow.parquet as pq
import pytest

from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import LoadResult, extract
from connectors.registry import SOURCES
from tests.connectors.ecb.shape import FILE, packed
from tests.connectors.vendor_stub import Answer, Vendor
from warehouse.landing.zone import Landing

HEAD = "Date,USD,JPY,CYP"
# A Thursday, a Friday, and the Monday after it.
LINES = ["2026-06-01,1.0850,171.2,N/A", "2026-05-29,1.0800,170.15,", "2026-05-28,1.08,170,N/A"]


def load(vendor: Vendor, folder: Path, until: str, **how: Any) -> LoadResult:
    connection = Connection(vendor.url, extra={"start_date": "2026-05-28"})
    now = datetime.fromisoformat(until).astimezone(UTC)
    (result,) = extract(SOURCES["ecb"], connection, str(folder), now, **how)
    return result


def landed(folder: Path) -> tuple[dict[str, str], list[str]]:
    """The payloads by key, and the days that are covered."""
    rows = pq.read_table(folder / "ecb" / "rates").to_pylist()
    payloads = {row["_key"]: row["_payload"] for row in rows if row["_payload"]}
    return payloads, sorted({row["_cursor"] for row in rows if not row["_payload"]})


def test_a_rate_is_a_row_with_the_digits_of_the_file(vendor: Vendor, tmp_path: Path) -> None:
    vendor.on("GET", FILE, packed(HEAD, LINES))
    result = load(vendor, tmp_path, "2026-06-01T18:00:00Z")
    payloads, _ = landed(tmp_path)
    assert (result.rows, result.quarantined) == (6, 0)
    assert payloads["2026-05-29|USD"] == '{"date":"2026-05-29","currency":"USD","rate":1.0800}'
    assert not any("CYP" in key for key in payloads), "not quoted is no rate of zero or one"


def test_a_day_is_covered_where_the_file_reaches_to_it(vendor: Vendor, tmp_path: Path) -> None:
    """A weekend in it has no rates; today's are not out yet; a stale copy takes nothing back."""
    vendor.on("GET", FILE, packed(HEAD, LINES))
    load(vendor, tmp_path / "a", "2026-06-02T09:00:00Z")
    days = ["2026-05-28", "2026-05-29", "2026-05-30", "2026-05-31", "2026-06-01"]
    assert landed(tmp_path / "a")[1] == days
    vendor.on("GET", FILE, packed(HEAD, LINES[1:]))
    load(vendor, tmp_path / "b", "2026-06-02T09:00:00Z")
    assert landed(tmp_path / "b")[1] == days[:2]


def test_a_day_begins_in_frankfurt(vendor: Vendor, tmp_path: Path) -> None:
    vendor.on("GET", FILE, packed(HEAD, LINES))
    load(vendor, tmp_path, "2026-05-31T22:00:00Z")
    assert "2026-06-01|USD" in landed(tmp_path)[0]


def test_a_currency_comes_and_goes_with_its_column(vendor: Vendor, tmp_path: Path) -> None:
    """The file says which there are: no list of ours leaves one out, or misses one."""
    vendor.on("GET", FILE, packed(f"{HEAD},XTS", [f"{LINES[0]},7.25"]))
    load(vendor, tmp_path, "2026-06-01T18:00:00Z")
    assert "2026-06-01|XTS" in landed(tmp_path)[0]
    vendor.on("GET", FILE, packed("Date,USD", ["2026-06-02,1.09", "2026-06-01,1.0850"]))
    load(vendor, tmp_path, "2026-06-02T18:00:00Z")
    assert "2026-06-02|USD" in landed(tmp_path)[0]
    assert not any("2026-06-02" in key for key in landed(tmp_path)[0] if "USD" not in key)


def test_a_file_that_begins_too_late_is_refused(vendor: Vendor, tmp_path: Path) -> None:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("eurofxref-hist.csv", f"{HEAD},\n{LINES[0]},\n")
    vendor.on("GET", FILE, Answer(file.getvalue()))
    with pytest.raises(ExtractFailed, match="begins on 2026-06-01, after 2026-05-28"):
        load(vendor, tmp_path, "2026-06-01T18:00:00Z")


def test_what_is_no_rate_is_set_aside(vendor: Vendor, tmp_path: Path) -> None:
    lines = [
        "2026-06-01,0,-1,1e5",
        "2026-05-29,1.08",
        "29 May 2026,1.08,170,N/A",
        "2026-05-28,0.00,170,nan",
    ]
    vendor.on("GET", FILE, packed(HEAD, lines))
    result = load(vendor, tmp_path, "2026-06-01T18:00:00Z")
    assert (result.rows, result.quarantined) == (1, 8)
    assert list(landed(tmp_path)[0]) == ["2026-05-28|JPY"]


@pytest.mark.parametrize(
    "body", [b"", b"PK", b"Date,USD,\n2026-06-01,1.08,\n", b"<html>Are you a robot?</html>"]
)
def test_a_body_that_is_not_the_file_is_tried_again(
    vendor: Vendor, tmp_path: Path, waits: list[float], body: bytes
) -> None:
    vendor.on("GET", FILE, Answer(body), packed(HEAD, LINES))
    assert load(vendor, tmp_path, "2026-06-01T18:00:00Z").rows == 6
    assert len(waits) == 1


def test_a_line_that_the_file_has_lost_takes_no_rates_away(vendor: Vendor, tmp_path: Path) -> None:
    """A weekend has no line, either, but never had rates."""
    vendor.on("GET", FILE, packed(HEAD, LINES))
    load(vendor, tmp_path, "2026-06-01T18:00:00Z")
    vendor.on("GET", FILE, packed(HEAD, [LINES[0], LINES[2]]))
    result = load(vendor, tmp_path, "2026-06-01T19:00:00Z")
    assert result.unconfirmed == ("2026-05-29",)
    place = Landing(str(tmp_path)).stream("ecb", "rates")
    assert len(place.standing(["2026-05-29"])["2026-05-29"]) == 2
