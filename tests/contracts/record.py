"""Record what the connectors ask and what the simulator answers, for the contract tests.

Every stream is loaded from a small world, calmly and then in the worst chaos, so that the vendors'
errors are recorded as well. ``traffic.jsonl`` has one JSON object per request: vendor, method,
path, query, body, status, answer. What came as a ZIP file lies unpacked in a folder of the vendor.
``served.json`` lists the fields that the simulator can serve.
Run by ``make contracts`` in the project's own environment; the tests then read the files in an
environment that holds the vendors' SDKs.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qsl, urlsplit
from zipfile import BadZipFile, ZipFile

import requests
import urllib3

from connectors.core.errors import CursorExpired
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from connectors.salesforce.source import DATA
from connectors.shopify import source as shopify
from demo.serving import running
from demo.vendors import connections, google_ads
from demo.vendors import salesforce as simulated_salesforce
from demo.vendors import shopify as simulated_shopify
from demo.world import generate
from warehouse.landing.errors import SourceError

START = date(2026, 3, 23)
NOW = datetime(2026, 4, 3, tzinfo=UTC)
CHAOS = 3
CLICKS = "SELECT click_view.gclid FROM click_view"
REFUSED: tuple[tuple[str, str, tuple[dict[str, Any], ...]], ...] = (
    (
        "google_ads",
        "/v26/customers/{customer}/googleAds:search",
        (
            {"query": "FROM campaign"},
            {"query": "SELECT campaign.id FROM nowhere"},
            {"query": "SELECT campaign.nothing FROM campaign"},
            {"query": "SELECT metrics.clicks FROM campaign"},
            {"query": "SELECT campaign.id FROM campaign WHERE campaign.id = 'x'"},
            {"query": CLICKS},
            {"query": f"{CLICKS} WHERE segments.date = '2020-01-01'"},
            {"query": f"{CLICKS} WHERE segments.date = '2026-99-99'"},
            {"query": "SELECT campaign.id FROM campaign", "pageToken": "x"},
            {"query": "SELECT campaign.id FROM campaign", "pageSize": 5},
        ),
    ),
    (
        "square",
        "/v2/orders/search",
        ({}, {"location_ids": ["x"] * 11}, {"location_ids": ["x"], "cursor": "x"}),
    ),
    ("square", "/v2/customers/search", ({"limit": 1000}, {"cursor": "x"})),
    ("meta_ads", "/v26.0/act_0/insights", ({},)),
    ("microsoft_ads", "/Reporting/v13/GenerateReport/Submit", ({}, {"ReportRequest": {}})),
    ("microsoft_ads", "/Reporting/v13/GenerateReport/Poll", ({"ReportRequestId": "x"},)),
)

# Queries that are wrong by themselves: whether chaos refuses one as well is chance.
WRONG = (("salesforce", f"{DATA}/queryAll", {"q": "SELECT Id FROM Nowhere"}),)


def record(target: Path) -> int:
    """Write both files to the folder ``target``; returns the number of requests."""
    target.mkdir(parents=True, exist_ok=True)
    simulated_salesforce.LARGEST_BATCH = 20  # a small world has few records, and several pages
    (target / "served.json").write_text(json.dumps(_served()))
    with tempfile.TemporaryDirectory() as folder:
        world, landing = Path(folder, "world"), Path(folder, "landing")
        generate(world, persons=500, days=11, seed=11, start=START)
        with (target / "traffic.jsonl").open("w") as file, _Recorder(file) as recorder:
            for chaos in (0, CHAOS):
                with running(world, chaos=chaos, now=NOW.replace(tzinfo=None)) as url:
                    _load_all(url, f"{landing}{chaos}")
                    if not chaos:
                        _be_refused(url)
    return recorder.count


def _served() -> dict[str, Any]:
    rows = (
        google_ads.CUSTOMER_FIELDS,
        google_ads.CAMPAIGN_FIELDS,
        google_ads.METRIC_FIELDS,
        google_ads.CLICK_FIELDS,
    )
    fields = sorted({name for row in rows for name in row})
    return {"shopify": simulated_shopify.SCHEMA, "google_ads": fields}


def _load_all(url: str, landing: str) -> None:
    # Orders have few lines: one line each comes along, so that the query for the rest is asked.
    first_line = shopify.orders(replace(shopify.LINES, first=1), shopify.FULFILLMENTS)
    orders = replace(shopify.SOURCE.streams[0], read=first_line)
    nested = replace(shopify.SOURCE, streams=(orders,))
    given = connections(url)
    for number, source in enumerate([*SOURCES.values(), nested]):
        extra = {"start_date": START.isoformat(), "searches_per_second": 1000}
        settings = given[source.name]
        connection = Connection(
            settings["host"],
            settings["login"],
            settings["password"],
            {**settings["extra"], **extra},
        )
        extract(source, connection, f"{landing}/{number}", NOW)


def _be_refused(url: str) -> None:
    """Ask for what cannot be had, to hear how it is refused."""
    for source, template, bodies in REFUSED:
        given = connections(url)[source]
        path = template.format(customer=given["extra"].get("customer_id", "").replace("-", ""))
        settings = {name: given[name] for name in ("host", "login", "extra")}
        for password, asked in ((given["password"], bodies), ("wrong", bodies[:1])):
            api = SOURCES[source].open(Connection(password=password, **settings))
            for body in asked:
                with suppress(SourceError, CursorExpired):
                    api.client.post(path, body)
            api.close()
    for source, path, query in WRONG:
        given = connections(url)[source]
        settings = {name: given[name] for name in ("host", "login", "password", "extra")}
        api = SOURCES[source].open(Connection(**settings))
        with suppress(SourceError):
            api.client.get(path, query)
        api.close()


class _Recorder:
    """While it is open, every answer that `requests` receives is written down."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.count = 0

    def __enter__(self) -> _Recorder:
        self._send = send = requests.Session.send

        def recording(session: Any, request: Any, **how: Any) -> requests.Response:
            response = send(session, request, **how)
            # The client reads the body as it arrives: it gets what was read here once more.
            response.raw = urllib3.HTTPResponse(BytesIO(response.content), preload_content=False)
            self._write(request, response)
            return response

        requests.Session.send = recording  # type: ignore[method-assign]
        return self

    def __exit__(self, *error: object) -> None:
        requests.Session.send = self._send  # type: ignore[method-assign]

    def _write(self, request: Any, response: requests.Response) -> None:
        address = urlsplit(request.url)
        vendor, _, path = address.path.strip("/").partition("/")
        try:
            answer = json.loads(response.content)
        except ValueError:
            self._unpack(vendor, response.content)
            return  # a file, or cut or truncated on purpose
        # A token request's body is a secret, even if only a made-up one.
        said = request.headers.get("Content-Type", "")
        is_json = bool(request.body) and "json" in said and "token" not in path
        line = {
            "vendor": vendor,
            "method": request.method,
            "path": f"/{path}",
            "query": dict(parse_qsl(address.query)),
            "body": json.loads(request.body) if is_json else None,
            "status": response.status_code,
            "answer": answer,
        }
        self._file.write(json.dumps(line) + "\n")
        self.count += 1

    def _unpack(self, vendor: str, body: bytes) -> None:
        """Keep what is in a whole file, for the vendor's own reader."""
        with suppress(BadZipFile), ZipFile(BytesIO(body)) as archive:
            folder = Path(self._file.name).parent / vendor
            for name in archive.namelist():
                archive.extract(name, folder)


if __name__ == "__main__":
    print(f"recorded {record(Path(sys.argv[1]))} requests")
