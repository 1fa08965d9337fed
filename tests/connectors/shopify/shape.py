"""Shopify as the suite of behaviours sees it: GraphQL, whose errors come with HTTP 200."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.core import times
from connectors.core.settings import Connection
from connectors.shopify import source as shopify
from tests.connectors.shape import Impossible, Shape, number_of
from tests.connectors.vendor_stub import Answer, Request

SEARCH = re.compile(r"(updated_at:>='(.+?)' AND updated_at:<=?'(.+?)')(?: AND id:>(.*))?")


def graphql_error(code: str, **extensions: Any) -> dict[str, Any]:
    return {
        "errors": [{"message": code.title(), "extensions": {"code": code}}],
        "extensions": extensions,
    }


class Shop(Shape):
    """A shop that answers searches over its orders."""

    source = "shopify"
    stream = "orders"
    counted = Impossible("a connection of nodes does not tell how many there are")
    expired = Answer(graphql_error("INVALID_CURSOR"))
    busy = Answer(graphql_error("THROTTLED"))
    error_in_200 = Answer(graphql_error("INTERNAL_SERVER_ERROR"))
    renews = True
    shifts = Impossible("a cursor is the place of a node, not a number of nodes")
    rows_at = ("data", "orders", "nodes")
    torn: ClassVar = {
        "data": {"orders": {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}}
    }
    capped = True
    late = timedelta(minutes=4)
    day_edges = Impossible("no stream of days; times are UTC")

    def serve(self) -> Connection:
        self.variables: list[dict[str, Any]] = []
        self.vendor.on("POST", "/admin/oauth/access_token", self.token)
        self.vendor.on("POST", shopify.GRAPHQL, self.answer)
        return Connection(self.vendor.url, "id", "secret")

    @property
    def orders(self) -> list[dict[str, Any]]:
        return [order for _, order in self.records.values()]

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        return {"id": tag, "updatedAt": times.text(at), "name": text}

    def tag(self, payload: Any) -> str:
        return payload["id"]

    def answer(self, request: Request) -> Answer:
        self.variables.append(request.json["variables"])
        return super().answer(request)

    def page(self, request: Request) -> Any:
        variables = request.json["variables"]
        _, since, until, behind = SEARCH.fullmatch(variables["query"]).groups()
        if int(variables["after"] or 0) >= shopify.DEEPEST:
            return graphql_error("PAGED_DEEPER_THAN_ALLOWED")
        rows = self.between(since, until)
        if "updated_at:<'" in variables["query"]:
            rows = [row for row in rows if times.parse(row["updatedAt"]) < times.parse(until)]
        if "sortKey: ID" in request.json["query"]:
            rows = [row for row in rows if not behind or number_of(row["id"]) > number_of(behind)]
            rows.sort(key=lambda row: number_of(row["id"]))
        found, token = self.cut(rows, variables["after"], variables["first"])
        info = {"hasNextPage": token is not None, "endCursor": token}
        return {"data": {"orders": {"nodes": found, "pageInfo": info}}}

    def beyond_the_cap(self, patch: Any) -> str:
        patch.setattr(shopify, "DEEPEST", 10)
        self.fill([timedelta(seconds=number // 3) for number in range(25)])
        return "orders"

    def take_back(self, tag: str, at: datetime) -> tuple[str, str]:
        """A refund moves the order's update time, and comes with the order."""
        self.add(tag, at, refunds=[{"id": "refund-1"}])
        return "orders", "refund-1"


SHAPE = Shop
