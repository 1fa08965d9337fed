"""Acme API, version 1. README.md beside this file says what it can and cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.core import times
from connectors.core.auth import FixedHeader
from connectors.core.budget import Budget
from connectors.core.errors import CursorExpired
from connectors.core.http import Client
from connectors.core.paging import Run, follow
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.verbatim import Page
from warehouse.landing.personal import Personal

HOST = "https://api.acme.example"
VERSION = "v1"


def _check(status: int, answer: Any) -> None:
    if status == 410:
        raise CursorExpired


def _connect(connection: Connection) -> Api:
    client = Client(
        connection.host or HOST,
        FixedHeader("Authorization", f"Bearer {connection.password}"),
        connection=connection,
        budget=Budget(10, 5),
        check=_check,
    )
    return Api(client, connection)


def _sales(api: Api, window: Window) -> Iterator[Run]:
    def pages(start: str) -> Iterator[Page]:
        def ask(token: str | None) -> Page:
            edges = {"updated_since": start, "updated_until": times.text(window.until)}
            sent = {**edges, "page": token or ""}
            page = api.client.get(f"/{VERSION}/sales", sent, rows=("sales",))
            page.total = page.envelope.get("total")
            return page

        return follow(ask, lambda page: page.envelope.get("next"))

    yield Run(pages, times.text(window.since), resume=times.text)


SOURCE = Source(
    name="acme",
    title="Acme",
    owner="store-operations",
    schedule="20 * * * *",
    provides=("till_orders", "refunds"),
    settings=(Setting("password", "API key"), *COMMON_SETTINGS),
    streams=(
        Stream(
            "sales",
            "Till sales with their refunds",
            _sales,
            key="id",
            cursor="updated_at",
            personal=Personal(
                "blank",
                carries={"customer.email": "email"},
                record="order_id",
                also=("customer.name",),
            ),
            required=("id", "shop", "sold_at", "updated_at", "currency", "total"),
            feed=Feed("Acme sales", "sold_at"),
        ),
    ),
    connect=_connect,
    rights=(Right("read access to sales", ("sales",), "no sales", is_told=False),),
    versions=(Version(VERSION),),
)
