"""Adobe Commerce as the suite of behaviours sees it: a search by update time, paged by number."""

from __future__ import annotations

import json
import operator
from datetime import datetime, timedelta
from typing import Any

from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape, number_of
from tests.connectors.vendor_stub import Answer, Request, Vendor

TESTS = {
    "gteq": operator.ge,
    "lteq": operator.le,
    "gt": operator.gt,
    "in": lambda value, asked: str(value) in asked.split(","),
}


def second(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def filters(query: dict[str, str]) -> list[tuple[str, str, str]]:
    """Field, condition and value of each filter of a request."""
    found = []
    while (
        name := query.get(place := f"searchCriteria[filterGroups][{len(found)}][filters][0][field]")
    ) is not None:
        place = place.removesuffix("[field]")
        found.append((name, query[f"{place}[conditionType]"], query[f"{place}[value]"]))
    return found


def sorting(query: dict[str, str]) -> list[str]:
    names: list[str] = []
    while (name := query.get(f"searchCriteria[sortOrders][{len(names)}][field]")) is not None:
        assert query[f"searchCriteria[sortOrders][{len(names)}][direction]"] == "ASC"
        names.append(name)
    return names


class Shop(Shape):
    """A shop of the SaaS edition, whose tokens end; or one of its own, with ``own``. Its lists are
    of records with an id and an update time; past the last page comes the last one again."""

    source = "adobe_commerce"
    stream = "orders"
    counted = "sources"  # of those by update time each page is a query of its own
    expired = Impossible("a page is asked for by its number")
    busy = Answer({"message": "Too many requests"}, 429)
    error_in_200 = Answer({"message": "Requested product doesn't exist"})
    renews = True
    shifts = True
    rows_at = ("items",)
    torn = Impossible("the total alone tells that there is more")
    capped = True
    late = timedelta(0)
    day_edges = Impossible("no stream of days; times are UTC")

    def __init__(self, vendor: Vendor, page_size: int = 100, key: str = "entity_id") -> None:
        self.key = key
        self.most = 300  # rows of a page that it allows
        super().__init__(vendor, page_size)

    def serve(self) -> Connection:
        self.vendor.on("POST", "/ims/token/v3", self.token)
        for root in ("/rest/all/V1", "/V1"):
            for path in (
                "orders",
                "customers/search",
                "products",
                "creditmemos",
                "inventory/sources",
            ):
                self.vendor.on("GET", f"{root}/{path}", self.answer)
        size = {"page_size": self.page_size, "requests_per_second": 10_000}
        self.own = Connection(self.vendor.url, password="token", extra=size)
        extra = {**size, "organization": "o@AdobeOrg", "token_host": self.vendor.url}
        return Connection(self.vendor.url, "id", "secret", extra)

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        return {
            self.key: number_of(tag),
            "updated_at": second(at),
            "increment_id": tag,
            "customer_note": text,
            "sku": tag,
            "source_code": tag,
        }

    def tag(self, payload: Any) -> str:
        return payload["increment_id"]

    def page(self, request: Request) -> Any:
        query = request.query
        size = int(query["searchCriteria[pageSize]"])
        if size > self.most:
            said = {"message": "Maximum SearchCriteria pageSize is %max"}
            return Answer({**said, "parameters": {"max": self.most}}, 400)

        def value(row: dict[str, Any], name: str) -> Any:
            return row["updated_at"] if name == "updated_at" else row[self.key]

        rows = [
            row
            for _, row in self.records.values()
            if all(
                TESTS[condition](
                    value(row, name),
                    asked if name == "updated_at" or condition == "in" else int(asked),
                )
                for name, condition, asked in filters(query)
            )
        ]
        rows.sort(key=lambda row: [value(row, name) for name in sorting(query)])
        last = max(1, -(-len(rows) // size))
        at = (min(int(query["searchCriteria[currentPage]"]), last) - 1) * size
        found = rows[at : at + size]
        if query.get("fields"):
            assert query["fields"] == f"items[{self.key}],total_count"
            found = [{self.key: row[self.key]} for row in found]
        return {
            "items": found,
            "search_criteria": {"filter_groups": []},
            "total_count": len(rows) + self.claimed,
        }

    def beyond_the_cap(self, patch: Any) -> str:
        self.fill([timedelta(seconds=number // 3) for number in range(25)])
        return "orders"

    def take_back(self, tag: str, at: datetime) -> tuple[str, str]:
        """What was paid is given back by a credit memo, which names its order."""
        order = number_of(tag)
        self.records.clear()
        self.add(f"memo of {tag}", at, order_id=order)
        return "creditmemos", json.dumps({"order_id": order})[1:-1]


SHAPE = Shop
