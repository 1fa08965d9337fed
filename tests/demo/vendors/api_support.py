"""A small demo world, and a client patient enough to read the simulated APIs through any chaos."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jwt
import requests

from demo.vendors import connections, ga4, google_ads, hubspot, store_sensors
from demo.world import generate

NOW = "2026-02-19T00:00:00Z"
DAYS = 20
# All appointments of the small world begin in here.
BOOKED = {"start_at_min": "2026-02-01T00:00:00Z", "start_at_max": "2026-03-04T00:00:00Z"}
BUSY_SECOND = "2026-02-10 12:00:00"
BUSY_ORDERS = 37


@cache
def world() -> Path:
    """Generated once per test run; a burst of sales in one second and deleted contacts added."""
    folder = Path(tempfile.mkdtemp(prefix="o2o-api-world-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    generate(folder, persons=2_000, days=DAYS, extra_days=2, seed=11, start=date(2026, 2, 1))
    with duckdb.connect(str(folder / "world.duckdb")) as connection:
        connection.execute(
            f"""
            INSERT INTO till_orders
            SELECT * EXCLUDE (i) REPLACE (
                'BUSY' || lpad(i::VARCHAR, 4, '0') AS order_id,
                TIMESTAMP '{BUSY_SECOND}' AS created_at, TIMESTAMP '{BUSY_SECOND}' AS closed_at,
                TIMESTAMP '{BUSY_SECOND}' AS visible_at
            )
            FROM (
                SELECT * FROM till_orders WHERE return_of_order_id IS NULL
                ORDER BY order_id LIMIT 1
            ), range({BUSY_ORDERS}) AS r(i)
            """
        )
        connection.execute(
            """
            UPDATE crm_contacts SET archived_at = TIMESTAMP '2026-02-12 08:00:00'
            WHERE contact_no IN (
                SELECT contact_no FROM crm_contacts
                WHERE archived_at IS NULL AND created_at < TIMESTAMP '2026-02-01'
                    AND contact_no NOT IN (
                        SELECT merged_into_contact_no FROM crm_contacts
                        WHERE merged_into_contact_no IS NOT NULL
                    )
                ORDER BY contact_no LIMIT 3
            )
            """
        )
    return folder


def ask_world(sql: str) -> list[tuple[Any, ...]]:
    """What the world really holds."""
    with duckdb.connect(str(world() / "world.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


class CursorExpired(Exception):
    """The vendor wants the page run to start again."""


class Client:
    """Reads all vendors. ``failures`` collects what had to be endured on the way."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.failures: list[str] = []
        self._tokens: dict[str, str] = {}

    def control(self, name: str, **body: Any) -> dict[str, Any]:
        answer = self.session.put(f"{self.url}/_sim/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def raw(self, vendor: str, method: str, path: str, **kwargs: Any) -> requests.Response:
        """One signed request, no patience."""
        headers = {**self._auth(vendor), **kwargs.pop("headers", {})}
        return self.session.request(method, f"{self.url}/{vendor}{path}", headers=headers, **kwargs)

    def call(self, vendor: str, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
        """One request, repeated as long as the vendor only asks for patience (8 times at most)."""
        return self._patiently(lambda: self.raw(vendor, method, path, **dict(kwargs)), vendor)

    def _patiently(self, send: Callable[[], requests.Response], vendor: str) -> Any:
        for _ in range(8):
            try:
                answer = send()
                body = answer.json()
            except requests.exceptions.JSONDecodeError:
                self.failures.append("truncated")
                continue
            except requests.RequestException:
                self.failures.append("cut")
                continue
            said = json.dumps(body)
            if answer.status_code == 429 or '"THROTTLED"' in said:
                waits = "Retry-After" in answer.headers
                self.failures.append("rate_limited_wait" if waits else "rate_limited")
                time.sleep(float(answer.headers.get("Retry-After", 0)))
            elif answer.status_code >= 500:
                self.failures.append("server_error")
            elif answer.status_code == 401:
                self.failures.append("token_expired")
                self._tokens.pop(vendor, None)
            elif any(word in said for word in EXPIRED_CURSORS):
                self.failures.append("cursor_expired")
                raise CursorExpired
            else:
                assert answer.status_code in (200, 207), f"{answer.status_code} {said[:500]}"
                return body
        raise AssertionError(f"{vendor}: still failing after 8 attempts")

    def pages(self, ask: Callable[[Any], tuple[list[Any], Any]]) -> list[list[Any]]:
        """All pages of one run; starts again when its cursor expires."""
        for _ in range(4):
            found: list[list[Any]] = []
            cursor = None
            try:
                while True:
                    rows, cursor = ask(cursor)
                    found.append(rows)
                    if not cursor:
                        return found
            except CursorExpired:
                continue
        raise AssertionError("the cursor keeps expiring")

    # Signing in ---------------------------------------------------------------------------------

    def salesforce_session(self) -> str:
        """A session of its own."""
        form = grant("salesforce", self.url)
        answer = self.session.post(self.url + TOKEN_PATHS["salesforce"], data=form)
        return str(answer.json()["access_token"])

    def _auth(self, vendor: str) -> dict[str, str]:
        if vendor == "hubspot":
            return {"Authorization": f"Bearer {hubspot.PRIVATE_APP_TOKEN}"}
        if vendor == "store_sensors":
            return {"Authorization": store_sensors.KEY}
        if vendor not in self._tokens:
            self._tokens[vendor] = self._patiently(
                lambda: self.session.post(
                    self.url + TOKEN_PATHS[vendor], data=grant(vendor, self.url)
                ),
                vendor,
            )["access_token"]
        token = self._tokens[vendor]
        if vendor == "shopify":
            return {"X-Shopify-Access-Token": token}
        return {"Authorization": f"Bearer {token}"}

    # Streams ------------------------------------------------------------------------------------

    def google_ads(self, query: str) -> list[list[Any]]:
        def ask(token: Any) -> tuple[list[Any], Any]:
            body = {"query": query, **({"pageToken": token} if token else {})}
            answer = self.call("google_ads", "POST", SEARCH, json=body)
            return answer.get("results", []), answer.get("nextPageToken")

        return self.pages(ask)

    def shopify(
        self, root: str, fields: str, query: str | None = None, first: int = 250
    ) -> list[list[Any]]:
        text = f"""query Any($first: Int!, $after: String, $query: String) {{
            {root}(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
                nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"""

        def ask(after: Any) -> tuple[list[Any], Any]:
            variables = {"first": first, "after": after, "query": query}
            body = {"query": text, "variables": variables}
            answer = self.call("shopify", "POST", GRAPHQL, json=body)
            assert "errors" not in answer, answer["errors"]
            found = answer["data"][root]
            info = found["pageInfo"]
            return found["nodes"], info["endCursor"] if info["hasNextPage"] else None

        return self.pages(ask)

    def hubspot(self, kind: str, limit: int = 200, **body: Any) -> list[list[Any]]:
        def ask(after: Any) -> tuple[list[Any], Any]:
            sent = {"limit": limit, **body, **({"after": after} if after else {})}
            answer = self.call("hubspot", "POST", f"/crm/objects/2026-09/{kind}/search", json=sent)
            return answer["results"], answer.get("paging", {}).get("next", {}).get("after")

        return self.pages(ask)

    def square_orders(
        self, limit: int = 500, start: str = "2020-01-01T00:00:00Z"
    ) -> list[list[Any]]:
        places = [item["id"] for item in self.call("square", "GET", "/v2/locations")["locations"]]
        found = []
        for at in range(0, len(places), 10):
            body = {
                "location_ids": places[at : at + 10],
                "limit": limit,
                "query": {
                    "filter": {"date_time_filter": {"updated_at": {"start_at": start}}},
                    "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
                },
            }
            found += self._square_post("/v2/orders/search", body, "orders")
        return found

    def _square_post(self, path: str, body: dict[str, Any], name: str) -> list[list[Any]]:
        def ask(cursor: Any) -> tuple[list[Any], Any]:
            sent = {**body, **({"cursor": cursor} if cursor else {})}
            answer = self.call("square", "POST", path, json=sent)
            return answer.get(name, []), answer.get("cursor")

        return self.pages(ask)

    def square(self, name: str) -> list[list[Any]]:
        """payments, refunds, customers, loyalty_accounts or bookings."""
        if name == "bookings":
            return self._square_get(name, {**BOOKED, "limit": 10})
        if name == "customers":
            return self._square_post("/v2/customers/search", {"limit": 100}, name)
        if name == "loyalty_accounts":
            return self._square_post("/v2/loyalty/accounts/search", {"limit": 200}, name)

        return self._square_get(
            name, {"sort_field": "UPDATED_AT", "sort_order": "ASC", "limit": 100}
        )

    def _square_get(self, name: str, params: dict[str, Any]) -> list[list[Any]]:
        def ask(cursor: Any) -> tuple[list[Any], Any]:
            sent = {**params, **({"cursor": cursor} if cursor else {})}
            answer = self.call("square", "GET", f"/v2/{name}", params=sent)
            return answer.get(name, []), answer.get("cursor")

        return self.pages(ask)

    def ga4_tables(self) -> list[str]:
        answer = self.call("ga4", "GET", TABLES, params={"maxResults": 1000})
        return [table["tableReference"]["tableId"] for table in answer.get("tables", [])]

    def ga4(self, table: str, limit: int = 10_000) -> list[list[Any]]:
        def ask(token: Any) -> tuple[list[Any], Any]:
            params = {"maxResults": limit, **({"pageToken": token} if token else {})}
            answer = self.call("ga4", "GET", f"{TABLES}/{table}/data", params=params)
            return answer.get("rows", []), answer.get("pageToken")

        return self.pages(ask)

    def pings(self, limit: int = 1000, **params: Any) -> list[list[Any]]:
        def ask(cursor: Any) -> tuple[list[Any], Any]:
            sent = {"limit": limit, **params, **({"cursor": cursor} if cursor else {})}
            answer = self.call("store_sensors", "GET", "/v1/events", params=sent)
            return answer["events"], answer["meta"].get("cursor")

        return self.pages(ask)

    def counts(self, serial: str, **params: Any) -> list[Any]:
        answer = self.call("store_sensors", "GET", f"/counters/{serial}/export", params=params)
        return answer["data"]


SEARCH = f"/v26/customers/{google_ads.CUSTOMER_ID}/googleAds:search"
GRAPHQL = "/admin/api/2026-10/graphql.json"
TABLES = f"/bigquery/v2/projects/{ga4.PROJECT}/datasets/{ga4.DATASET}/tables"
TOKEN_PATHS = {
    "google_ads": "/google_ads/token",
    "shopify": "/shopify/admin/oauth/access_token",
    "hubspot": "/hubspot/oauth/v1/token",
    "square": "/square/oauth2/token",
    "ga4": "/ga4/token",
    "salesforce": "/salesforce/services/oauth2/token",
}
EXPIRED_CURSORS = ("EXPIRED_PAGE_TOKEN", "INVALID_CURSOR", "Invalid page token", "has expired;")


def grant(vendor: str, url: str) -> dict[str, Any]:
    """The form of a token request, from the connection the demo hands out."""
    connection = connections(url)[vendor]
    if "service_account" in connection["extra"]:
        account, now = connection["extra"]["service_account"], int(time.time())
        claims = {
            "iss": account["client_email"],
            "scope": "https://www.googleapis.com/auth/bigquery.readonly",
            "aud": account["token_uri"],
            "iat": now,
            "exp": now + 3600,
        }
        return {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": jwt.encode(claims, account["private_key"], "RS256"),
        }
    form = {"client_id": connection["login"], "client_secret": connection["password"]}
    if vendor == "hubspot":
        form = {
            "client_id": hubspot.CLIENT_ID,
            "client_secret": hubspot.CLIENT_SECRET,
            "refresh_token": hubspot.REFRESH_TOKEN,
        }
    if vendor in ("shopify", "salesforce"):
        return {"grant_type": "client_credentials", **form}
    return {"grant_type": "refresh_token", **connection["extra"], **form}


def flat(pages: list[list[Any]]) -> Iterator[Any]:
    for page in pages:
        yield from page
